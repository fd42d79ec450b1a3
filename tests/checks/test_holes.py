"""Holes: does the count of mask_tokens' holes forgive what chance does, and nothing else?"""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import torch

from course.bert import mask_tokens
from course.checks import HIDDEN_SEED, SEEN_SEED
from course.checks.bert.holes import TO_BE_REFUSED, counted, hole_cases, near, neighbours
from course.judging.exercise import Draw

RIGHT = runpy.run_path(str(Path(__file__).parent / "bert" / "right.py"))["RIGHT"]["mask_tokens"]
COLLATOR = runpy.run_path(str(Path(__file__).parent / "bert" / "wrong.py"))["collator"]
N_DRAWS = 12
CASES = {
    f"{case.name} {seed}": case
    for seed in (SEEN_SEED, HIDDEN_SEED)
    for case in hole_cases(Draw(seed))
    if case.corner != TO_BE_REFUSED
}


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(
        torch.equal(one[name], other[name]) if isinstance(one[name], torch.Tensor) else one[name] == other[name]
        for name in one
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_whatever_is_drawn_a_right_answer_gives_the_same_numbers(case):
    want = counted(mask_tokens, **case.fresh())
    for number in range(N_DRAWS):
        drawn = counted(RIGHT[number % len(RIGHT)], **(case.fresh() | {"seed": str(number)}))
        assert same(drawn, want)


def test_numbers_are_the_papers():
    found = counted(mask_tokens, **CASES[f"all asked for {SEEN_SEED}"].fresh())
    percents = {what.removeprefix("percent of the "): n for what, n in found.items() if what.startswith("percent")}
    assert percents == {
        "words that are asked for": 100,
        "holes that are MASK now": 80,
        "holes that are another word now": 10,
        "holes that are what they were": 10,
    }
    usual = counted(mask_tokens, **CASES[f"`share` not given {SEEN_SEED}"].fresh())
    assert usual["percent of the words that are asked for"] == 15


def test_near_forgives_five_standard_deviations():
    """Of 10,000 draws with probability 0.8 the standard deviation is 0.4 percent."""
    assert [near(some, 10_000, 0.8) for some in (8000, 8190, 7810)] == [80, 80, 80]
    assert [near(some, 10_000, 0.8) for some in (8300, 7700, 9000)] == [84.5, 78, 91]
    assert near(99, 100, 1.0) == 99
    assert [near(some, 100_000, 0.1, above=0.3) for some in (10_700, 9_400)] == [10, 9]
    assert [near(some, 100_000, 0.1, below=0.3) for some in (10_600, 9_300)] == [11, 10]


@pytest.mark.parametrize(("masked", "other"), [(0.81, 0.09), (0.79, 0.11), (0.8, 0.09), (0.8, 0.11), (0.79, 0.1)])
def test_one_percent_too_many_is_told_whatever_is_drawn(masked, other):
    case, nearly = CASES[f"all asked for {SEEN_SEED}"], COLLATOR(p_replaced=masked, p_random=other / (1 - masked))
    want = counted(mask_tokens, **case.fresh())
    for number in range(3):
        assert not same(counted(nearly, **(case.fresh() | {"seed": str(number)})), want)


def test_neighbours_that_are_drawn_together_are_told():
    generator = torch.Generator().manual_seed(0)
    everywhere = torch.ones(6, 2000, dtype=torch.bool)
    alone = torch.rand(6, 2000, generator=generator) < 0.3
    columns = (torch.rand(1, 2000, generator=generator) < 0.3).expand(6, -1)
    pairs = (torch.rand(6, 1000, generator=generator) < 0.3).repeat_interleave(2, dim=1)
    assert set(neighbours(alone, everywhere, "hole").values()) == {"as often as others"}
    assert neighbours(columns, everywhere, "hole") == {"places below a hole that have one too": "all of them"}
    assert neighbours(pairs, everywhere, "hole")["places behind a hole that have one too"] == "oftener than others"


def test_what_is_not_two_tensors_of_that_shape_is_told():
    case = CASES[f"tiny {SEEN_SEED}"]
    for returned, told in (
        (None, "it returns NoneType"),
        (torch.zeros(1, 4), "it returns a tensor"),
        ((torch.zeros(1, 4), torch.zeros(4)), r"it returns a tensor \(1, 4\) and a tensor \(4,\)"),
    ):
        with pytest.raises(TypeError, match=told):
            counted(lambda *_, returned=returned, **__: returned, **case.fresh())
