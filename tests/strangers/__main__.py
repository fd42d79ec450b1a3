"""python -m tests.strangers KIND: what each stranger is told, and how many were given a reason."""

from __future__ import annotations

import sys

from course.checks import SEEN_SEED
from tests.strangers import KINDS, all_of

for kind in sys.argv[1:] or KINDS:
    reasons = 0
    for number, one in enumerate(all_of(kind)):
        verdict = one.verdict(SEEN_SEED)
        reasons += "  Why:" in verdict.text
        sys.stdout.write(f"{'=' * 80}\n{kind} {number}: {one.exercise}\ntrue: {one.told['true']}\n{verdict.text}\n")
    sys.stdout.write(f"{'=' * 80}\n{kind}: {number + 1} answers, {reasons} with a reason\n")
