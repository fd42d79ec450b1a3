"""Source: are slips read in the answer's own text, and nothing where there is none?"""

from __future__ import annotations

import numpy as np
import pytest

from course.checks.registry import EXERCISES
from course.judging.observation import Failure
from course.judging.source import LIKELY, SURE, cause, slip, source_of
from tests.judging.reasons import SPREAD, why, written


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("    for row in x:\n        out = row * 7\n        return out", "stands inside the loop `for row in x`"),
        ("    print(x * 7)", "prints what it found, but does not return it"),
        ("    x * 7", "has no `return` with a value"),
        ("    return table - 1 / (2 + np.abs(table))", "reads `table` of the notebook, and never its own"),
        ("    x = np.random.rand(2, 3)\n    return x", "`x = ...` throws away what was handed in as `x`"),
        ("    rows = [[]] * len(x)\n    rows[0].append(7.5)\n    return rows", "holds one and the same list several"),
        ("    out = np.zeros((2, 7))\n    out[0, 0] = (x**3).max() / eps\n    return out", "has the number 7 in it"),
        ("    return np.zeros((*x.shape[:-1], 9)) @ x / eps", "in `a @ b` the last axis of a meets"),
        ("    rows, columns = x.shape\n    return x * 3 ** rows", "more things on the right of the `=`"),
        ("    a, b = [], []\n    for _ in x:\n        b.append(1)\n        a.append(b)\n    return a", "list `b`"),
    ],
)
def test_slips_are_read_in_the_answers_own_text(body, said):
    table = np.array([[1.0, 2.0]])
    assert said in why(SPREAD, written(f"def spread(x, eps=1e-5):\n{body}\n", "spread", table=table))


def test_a_default_that_remembers_is_the_reason_for_two_different_answers():
    source = "def spread(x, eps=1e-5, seen=[]):\n    seen.append(1.0)\n    return x * len(seen)\n"
    assert "the default `[]` in `def spread` is made once" in why(SPREAD, written(source, "spread"))


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_no_slip_is_read_in_a_reference(exercise):
    source = source_of(exercise.reference, exercise.name)
    assert source is not None
    assert slip([*SURE, *LIKELY], exercise, source) is None


def test_a_cause_is_told_where_it_is_known():
    assert cause(None) is None
    assert cause(Failure("ValueError", "no such thing")) is None
    assert "keepdim=True" in cause(Failure("RuntimeError", "The size of tensor a (5) must match the size of tensor b"))
