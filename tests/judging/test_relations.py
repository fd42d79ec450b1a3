"""Relations: is it found how a wrong output comes out of the right one?"""

from __future__ import annotations

import numpy as np
import pytest

from course.judging.exercise import Case
from course.judging.relations import Pair, named_number, telling
from tests.judging.reasons import SPREAD, spread, why


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda out: np.swapaxes(out, -1, -2), "the right numbers with the last two axes exchanged, T and d"),
        (lambda out: out[..., ::-1, :], "in reverse order along axis -2"),
        (lambda out: np.roll(out, 1, axis=-1), "one place too late along axis -1"),
        (lambda out: out * 2.5, "is the right one times 2.5, on every case"),
        (lambda out: -out, "times -1: the sign is the other one"),
        (lambda out: out * np.sqrt(out.shape[-1]), "is the right one times the root of d (times 1.732 on"),
        (lambda out: out / out.shape[-2], "is the right one times 1 / T (times 0.5 on"),
        (lambda out: out + 0.25, "is the right one plus 0.25, everywhere"),
        (lambda out: np.exp(out), "is one step too far: it is an exponential of the right numbers"),
        (lambda out: out.sum(-2), "is the sum over axis -2 of the right one"),
        (lambda out: out[..., None], "with an axis of size 1 too many"),
        (lambda out: out.reshape(-1), "in the right order, cut into another shape"),
        (lambda out: np.sort(out, axis=-1), "the right numbers, but at other places"),
        (lambda out: out + 1e-6, "is nearly right, but each number is a little too large"),
        (lambda out: (out.astype(np.float32) * np.float32(1 + 1e-6)).astype(np.float64), "about seven digits only"),
    ],
)
def test_relations_to_the_right_output_are_found(change, said):
    assert said in why(SPREAD, lambda x, eps=1e-5: change(spread(x, eps)))


def test_few_numbers_prove_nothing():
    case = Case("tiny", {})
    assert not telling([Pair(case, np.array([0.0]), np.array([1.0]))])
    assert not telling([Pair(case, np.zeros(9), np.ones(9))])
    assert telling([Pair(case, np.array([2.0]), np.array([1.0])), Pair(case, np.array([6.0]), np.array([3.0]))])
    assert telling([Pair(case, np.arange(4.0), np.arange(1, 5.0))])


def test_well_known_numbers_are_called_by_their_name():
    assert named_number(np.log(2)).startswith("ln 2")
    assert named_number(0.5) == "0.5"
