"""Source: are slips read in the answer's own text, and nothing where there is none?"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

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


def failure_of(line: str, x: np.ndarray | torch.Tensor) -> Failure:
    """How that line fails, in the words of the library that x is of."""
    with pytest.raises(Exception) as raised:  # noqa: PT011
        eval(line, {"x": x, "math": math})
    return Failure(raised.type.__name__, str(raised.value))


@pytest.mark.parametrize(
    ("line", "in_numpy", "in_torch"),
    [
        ("x / x.sum(1)", "which keepdims=True would keep", "which keepdim=True would keep"),
        ("math.exp(x)", "np.exp for example, take a whole array", "torch's own functions take a whole tensor"),
        ("max(x)", "there are np.where, `&`, `|`, `~` and x.max(...)", "there are torch.where, `&`"),
        ("1 if x > 0 else 2", "there are np.where, `&`", "there are torch.where, `&`"),
    ],
)
def test_advice_is_that_of_the_answers_own_library(line, in_numpy, in_torch):
    assert in_numpy in cause(failure_of(line, np.ones((2, 3))))
    assert in_torch in cause(failure_of(line, torch.ones(2, 3)))


@pytest.mark.parametrize(
    ("line", "kept"),
    [("x + np.ones((2, 9))[:, None]", False), ("x / x[:, 0]", False), ("x / x.sum(1)", True), ("x - x.max(-1)", True)],
)
def test_keepdims_is_spoken_of_only_where_something_is_summed_or_averaged(line, kept):
    said = why(SPREAD, written(f"def spread(x, eps=1e-5):\n    return {line}\n", "spread", np=np))
    assert "two shapes do not fit" in said
    assert ("keepdims=True" in said) == kept
    assert "is one in another place?" in said


@pytest.mark.parametrize("line", ["1 / x.prod().item()", "x.prod().item() ** -0.5", "1 // 0"])
def test_a_product_that_has_become_0_is_among_the_causes_of_a_division_by_it(line):
    assert "a product of many small numbers" in cause(failure_of(line, np.full(2000, 0.1)))


def test_item_of_many_numbers_is_known():
    assert "torch's own functions" in cause(failure_of("x.item()", torch.ones(3)))
