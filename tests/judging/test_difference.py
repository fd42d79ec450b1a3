"""Difference: is it found what the wrong cases have in common, and which places are wrong?"""

from __future__ import annotations

import numpy as np

from course.judging.difference import apart, features_of, slab
from course.judging.exercise import Case
from course.judging.observation import Observation, Value
from tests.judging.reasons import SPREAD, spread, why


def number(value: float) -> Observation:
    return Observation(output=Value({"": "array"}, {"": np.array([value])}))


def test_what_sets_the_wrong_cases_apart_is_told():
    def answer(x, eps=1e-5):
        return spread(x, eps) if x.ndim < 3 else spread(x, eps) ** 3 * np.arange(1, 4)

    assert why(SPREAD, answer) == "it is wrong on each case in which `x` has 3 axes, and right on all the others."


def test_that_the_tiny_case_alone_is_right_says_nothing_of_its_sizes():
    cases = [Case(name, {"x": np.zeros((n, 2))}) for name, n in {"tiny": 1, "three": 3, "four": 4}.items()]
    seen, want = [number(0.0), number(1.0), number(1.0)], [number(0.0)] * 3
    assert apart(cases, seen, want) is None
    assert "first axis of `x`" in apart([*cases[:1] * 2, *cases[1:]], [seen[0], *seen], [want[0], *want])


def test_the_size_of_a_single_wrong_case_says_nothing():
    def told(*tried: tuple[int, float]) -> str | None:
        cases = [Case("", {"x": np.zeros((n, 2))}) for n, _ in tried]
        return apart(cases, [number(value) for _, value in tried], [number(0.0)] * len(tried))

    assert told((1, 0.0), (1, 0.0), (3, 1.0)) is None
    assert "first axis of `x`" in told((1, 0.0), (1, 0.0), (3, 1.0), (3, 1.0))
    assert told((1, 0.0), (3, 0.0), (3, 1.0), (3, 1.0)) is None


def test_places_that_alone_are_wrong_are_told():
    def answer(x, eps=1e-5):
        out = spread(x, eps)
        out[..., -1] = out[..., -1] ** 2 * 3 + x[..., -1]
        return out

    assert why(SPREAD, answer) == "only the last feature is wrong; all others are right."


def test_one_wrong_row_of_three_is_told_and_half_of_them_are_not():
    case = Case("", {"x": np.zeros((3, 4))})
    wrong = np.zeros((3, 4), dtype=bool)
    wrong[0] = True
    assert slab(SPREAD, case, wrong) == "only the first position is wrong; all others are right."
    assert slab(SPREAD, case, np.tile([[True, False], [False, True]], (2, 2))) is None


def test_features_say_what_is_given():
    assert dict(features_of(Case("", {"mask": None, "turned": True})))["`turned` is True"]
    assert not dict(features_of(Case("", {"mask": None})))["`mask` is given"]
