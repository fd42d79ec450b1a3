"""Faults: do What and Why speak of one fault, and Also of another one?"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course.judging.comparison import mixed_of
from course.judging.exercise import Case, Draw, Exercise
from course.judging.faults import FURTHER, PERHAPS, of_mistakes
from course.judging.mistakes import read_mistakes
from course.judging.observation import record
from course.judging.observe import observe_all
from course.judging.questions import problems
from course.judging.recognise import Found, Trials
from tests.judging.reasons import lines_said, written


def ratios(x, least=1e-5):
    """x (T, d) -> (T, d)"""
    if least < 0:
        raise ValueError(f"least={least} must not be negative")
    sums = x.sum(-1, keepdims=True)
    return x / (sums + least)


MISTAKES = read_mistakes(
    """\
# ratios

the columns
-     sums = x.sum(-1, keepdims=True)
+     sums = x.sum(0, keepdims=True)
> The columns are summed.
""",
    "here",
)


def cases(draw):
    yield Case("tiny", {"x": np.array([[1.0, 3.0], [0.0, 2.0]])})
    yield Case("many", {"x": draw.array(5, 3) ** 2})
    yield Case("a row of zeros", {"x": np.array([[0.0, 0.0], [4.0, 1.0]])}, corner="the rows of zeros")
    yield Case("a negative least", {"x": np.array([[1.0, 3.0]]), "least": -0.1})


RATIOS = Exercise(ratios, 7, "Ratios", cases, mistakes=MISTAKES["ratios"])


def of_columns(x, least=1e-5, refusal=ValueError):
    if least < 0 and refusal:
        raise refusal("least")
    return x / (x.sum(0, keepdims=True) + least)


def in_place(x, least=1e-5):
    x[...] = of_columns(x, least)
    return x


def doubled_in_place(x, least=1e-5):
    x[...] = 2 * ratios(x, least)
    return x


def in_single_precision(x, least=1e-5):
    return of_columns(x, least).astype(np.float32)


def or_nan(x, least=1e-5):
    return np.where((x == 0).all(-1, keepdims=True), np.nan, of_columns(x, least))


def right_where_a_row_is_zero(x, least=1e-5):
    return np.where((x == 0).all(-1).any(), ratios(x, least), of_columns(x, least))


def half_right_where_a_row_is_zero(x, least=1e-5):
    half = np.where(np.arange(x.shape[-1]) == 0, ratios(x, least), of_columns(x, least))
    return np.where((x == 0).all(-1).any(), half, of_columns(x, least))


COLUMNS, SUMMED = "gives [[1, 0.6], [0, 0.4]]", "The columns are summed."
ACCEPTS = "it accepts the case 'a negative least', which it must refuse"
NAN = "the output contains NaN on the case 'a row of zeros', at [0, 0]; there should be none."
CHANGES = "it changes its input `x` in place on the case 'tiny'"


@pytest.mark.parametrize(
    ("answer", "what", "why", "also"),
    [
        (of_columns, COLUMNS, SUMMED, None),
        (in_place, COLUMNS, SUMMED, CHANGES),
        (in_single_precision, COLUMNS, SUMMED, "the output is float32 on the case 'tiny'"),
        (lambda x, least=1e-5: of_columns(x, least, None), COLUMNS, SUMMED, ACCEPTS),
        (lambda x, least=1e-5: of_columns(x, least, TypeError), COLUMNS, SUMMED, "it raises TypeError (least)"),
        (or_nan, COLUMNS, SUMMED, NAN + PERHAPS),
        (right_where_a_row_is_zero, COLUMNS, SUMMED, None),
        (half_right_where_a_row_is_zero, COLUMNS, SUMMED, None),
        (doubled_in_place, "gives [[0.5, 1.5], [0, 2]]", "the right one times 2", CHANGES),
    ],
)  # fmt: skip
def test_what_and_why_speak_of_one_fault_and_also_of_another(answer, what, why, also):
    said = lines_said(RATIOS, answer)
    assert what in said["What"]
    assert why in said["Why"]
    assert also in said["Also"] if also else "Also" not in said


def test_what_nobody_knows_is_told_as_well():
    tried = Trials(RATIOS, list(RATIOS.cases(Draw(1))))
    observed, expected = observe_all(RATIOS, of_columns, tried.cases), tried.of(ratios)
    wrong = list(problems(RATIOS, tried.cases, observed, expected))
    what, also = of_mistakes(tried, Found(RATIOS.mistakes, and_another=True), wrong, observed, expected)
    assert (COLUMNS in what, also) == (True, FURTHER)


def leaky(x, gain):
    """x (T, d), gain (d,) -> (T, d)"""
    return x * gain


def leaky_cases(draw):
    yield Case("tiny", {"x": draw.tensor(2, 3), "gain": draw.tensor(3)})
    yield Case("long", {"x": draw.tensor(5, 3), "gain": draw.tensor(3)})


LEAKY = Exercise(leaky, 7, "Leaks", leaky_cases, gradients=True, forbidden=("relu",))


@pytest.mark.parametrize(
    ("body", "what", "why", "also"),
    [
        ("x * gain.detach()", "no gradient reaches gain", "`gain.detach()` leaves torch", None),
        ("torch.relu(x).detach() * 0 + x * gain", "it calls torch's own `relu`", None, None),
        ("torch.relu(x) * 0 + x * gain.detach()", "no gradient reaches gain", "leaves torch", "torch's own `relu`"),
    ],
)
def test_what_cuts_a_gradient_off_is_told_where_a_gradient_is_wrong(body, what, why, also):
    said = lines_said(LEAKY, written(f"def leaky(x, gain):\n    return {body}\n", "leaky"))
    assert what in said["What"]
    assert why in said["Why"] if why else "Why" not in said
    assert also in said["Also"] if also else "Also" not in said


def test_a_mix_has_each_number_from_one_of_two():
    one, other = record(np.array([1.0, 2.0, 3.0])), record(np.array([5.0, 6.0, 7.0]))
    assert mixed_of(record(np.array([1.0, 6.0, 3.0])), one, other)
    assert not mixed_of(record(np.array([1.0, 4.0, 3.0])), one, other)
    assert not mixed_of(record(np.array([1.0, 6.0])), one, other)
    assert not mixed_of(record([1.0, torch.ones(2)]), one, other)
    assert not mixed_of(None, one, other)
