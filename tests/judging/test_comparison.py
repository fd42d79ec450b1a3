"""Compare: when are values the same, to the judge and to somebody who looks for a mistake?"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course.judging.comparison import same_value, similar_value, unequal
from course.judging.exercise import Case
from course.judging.observation import Failure, record
from course.judging.questions import unsaid


@pytest.mark.parametrize(
    ("one", "other", "same", "similar"),
    [
        (torch.ones(2), torch.ones(2), True, True),
        (torch.ones(2), torch.ones(2).double(), True, True),
        (torch.ones(2).bfloat16(), torch.ones(2), False, True),
        (torch.ones(2).bfloat16(), torch.ones(2).bfloat16() * 1.01, True, False),
        (torch.ones(2).double(), torch.ones(2).double() * (1 + 1e-6), False, True),
        ([1, 2], (1, 2), True, True),
        ([1.0, 2.0], torch.tensor([1.0, 2.0]), True, True),
        ([[1], [2, 3]], [torch.tensor([1]), [2, 3]], False, True),
        ([1, 2], [1, 3], False, False),
        ("a", "b", False, False),
        (None, None, True, False),
        (None, 1, False, False),
    ],
)
def test_same_and_similar(one, other, same, similar):
    assert same_value(record(one), record(other)) is same
    assert bool(similar_value(record(one), record(other))) is similar


def test_text_differs_from_every_number():
    assert unequal(np.array(["1"]), np.array([1])).all()


def test_what_an_error_leaves_out_is_found_as_whole_words():
    assert unsaid(Case("", {}, says=("3", "n")), Failure("ValueError", "n=13")) == ["3"]
