"""Recognise: two mistakes at once, those apart from corners, those in another precision; and none that is not sure."""

from __future__ import annotations

import numpy as np
import pytest

from course.judging.exercise import Draw
from course.judging.judge import judge
from course.judging.mistakes import Mistake, with_both
from course.judging.observe import observe_all
from course.judging.recognise import Found, Trials, only_one
from tests.judging.reasons import MISTAKES, SPREAD, spread, why

BOTH = (
    "two mistakes together give exactly this, or one that does as much as both; are they yours? "
    "(1) The mean stays in. (2) The squares are added, not averaged."
)


def uncentred_sum(x, eps=1e-5):
    return x / np.sqrt((x * x).sum(axis=-1)[..., None] + eps)


def not_centred_and_nan(x, eps=1e-5):
    out = x / np.sqrt((x**2).mean(-1, keepdims=True) + eps)
    return np.where(x == 1, np.nan, out) if x.shape == (2, 3) and (x == 1).all() else out


def in_single_precision(x, eps=1e-5):
    x = x.astype(np.float32)
    centred = x - x.mean(-1, keepdims=True)
    return (centred / (np.mean(centred**2, -1, keepdims=True) + eps)).astype(np.float64)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (uncentred_sum, BOTH),
        (not_centred_and_nan, "The mean stays in."),
        (in_single_precision, "The root is forgotten."),
    ],
)
def test_known_mistakes_are_known_two_at_once_apart_from_corners_and_up_to_rounding(answer, said):
    assert why(SPREAD, answer) == said


def test_a_judge_of_many_keeps_no_more_of_the_second_than_of_the_first():
    """What pairs of mistakes do is forgotten, or a grader would grow with its class."""
    cases = list(SPREAD.cases(Draw(1)))
    trials, kept = Trials(SPREAD, cases), []
    for _ in range(3):
        assert len(judge(trials, observe_all(SPREAD, uncentred_sum, cases)).mistakes) == 2
        kept.append(len(trials.done))
    assert kept[0] == kept[1] == kept[2]


def test_where_several_fit_as_well_only_what_they_share_is_said():
    first, second, third = MISTAKES["spread"]
    assert only_one([]) is None
    assert only_one([Found((first,))]) == Found((first,))
    assert only_one([Found((first,)), Found((second,))]) is None
    assert only_one([Found((first,), (("the empty rows", 3),)), Found((second,))]) == Found((second,))
    assert only_one([Found((first, second)), Found((first, third))]) == Found((first,), and_another=True)


def test_two_mistakes_are_made_at_once_word_by_word():
    centred, summed, root = MISTAKES["spread"]
    assert "centred = x\n" in with_both(spread, centred, summed)
    assert ".sum(-1" in with_both(spread, centred, summed)
    same_words = Mistake("other words there", root.hunks, "", "")
    assert with_both(spread, root, same_words) is None


def test_where_nothing_is_sure_nothing_is_said():
    assert why(SPREAD, lambda x, eps=1e-5: spread(x, eps) ** 3 + 0.1 * x**2 - eps * np.cos(x)) == ""
