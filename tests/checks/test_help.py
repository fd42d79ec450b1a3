"""Help folds: each message that a "what I see" quotes is one that somebody gets."""

from __future__ import annotations

import functools
import re
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course.checks import SEEN_SEED, examine
from course.checks.registry import EXERCISES, THEMES
from course.classroom.author.exercises import prose_of_exercises
from course.judging.judge import Verdict
from course.judging.mistakes import wrong_answers
from tests.checks.judged import examine_mistake

# exercise -> answers with slips that are no known mistakes; exercise -> known mistake -> another answer that makes it
SLIPS: dict[str, list[Callable]] = {}
WRONG: dict[str, dict[str, Callable]] = {}
for theme in THEMES:
    told = runpy.run_path(str(Path(__file__).with_name(theme) / "wrong.py"))
    SLIPS |= told.get("SLIPS", {})
    WRONG |= told["WRONG"]

# What no check says: Jupyter or Python does, before there is an answer to check.
SAID_BY_OTHERS = {"IndentationError", "NotImplementedError"}


def quotes() -> Iterator[tuple[str, str]]:
    """Exercise, and a message that one of its Help folds quotes."""
    for name, prose in prose_of_exercises():
        for heading in re.findall(r"^Help:(.*)", prose, flags=re.MULTILINE):
            if " see " in heading or " told " in heading:
                quoted = re.findall(r"`([^`]+)`", heading)
                yield from ((name, quote) for quote in quoted if quote not in SAID_BY_OTHERS and quote not in EXERCISES)


def messages(name: str) -> Iterator[str]:
    """What people with wrong answers get to hear, each in one line; known mistakes, which cost least, come first."""
    exercise = EXERCISES[name]
    known = wrong_answers(exercise).values()
    yield from (in_one_line(examine_mistake(exercise, answer, SEEN_SEED)) for answer in known)
    yield from (said_to(name, answer) for answer in [*SLIPS.get(name, []), *WRONG.get(name, {}).values(), *known])


@functools.cache
def said_to(name: str, answer: Callable) -> str:
    """What the check says that sees the answer itself, and can read its source."""
    return in_one_line(examine(EXERCISES[name], answer, SEEN_SEED))


def in_one_line(verdict: Verdict) -> str:
    return " ".join(verdict.text.split())


@pytest.mark.parametrize(("name", "quote"), [pytest.param(*one, id=": ".join(one)) for one in quotes()])
def test_what_a_help_quotes_is_said(name, quote):
    """Three dots stand for anything."""
    pattern = ".*".join(map(re.escape, quote.split("...")))
    heard = any(re.search(pattern, message) for message in messages(name))
    assert heard, f"no known wrong answer to {name} is told {quote!r}"
