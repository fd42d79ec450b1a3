"""Influence: is an input found that changes nothing, or that changes what it must not?"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course.checks.registry import EXERCISES
from course.judging.influence import changed, entries_changed, first_numbers_changed
from course.judging.observation import record
from tests.judging.reasons import WEIGHTED, weighted, why


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda query, key, *rest: weighted(query, key, *rest) + query.sum() / 7, "`query` changes for query 0"),
        (lambda query, key, *rest: key[:, 0] * 0 + query.sum(-1, keepdim=True) ** 3, "another `key` changes nothing"),
    ],
)
def test_an_input_without_influence_or_with_too_much_is_told(answer, said):
    assert said in why(WEIGHTED, lambda query, key, mask=None, turned=False: answer(query, key, mask, turned))


@pytest.mark.parametrize(("before", "changes"), [([np.nan, 1.0], [False, True]), ([np.inf, 2.0], [True, False])])
def test_what_changes_is_told_number_by_number(before, changes):
    after = record(np.array([before[0] if np.isnan(before[0]) else 3.0, 2.0]))
    assert first_numbers_changed(record(np.array(before)), after).tolist() == changes


def test_what_is_all_nan_says_nothing_of_influence():
    spoiled = record(np.full(3, np.nan))
    assert first_numbers_changed(spoiled, spoiled) is None
    softmax = EXERCISES["softmax"]
    assert "changes nothing" not in (why(softmax, lambda scores, axis=-1: scores * np.nan) or "")


def test_other_values_are_of_the_same_kind():
    assert changed(True) == [False]
    assert all(other.dtype == torch.float64 for other in changed(torch.ones(2, dtype=torch.float64)))
    assert changed("a word") == changed(3) == changed(None) == changed(len) == []


def test_single_entries_are_changed_at_the_ends_of_each_axis():
    assert {where for where, _ in entries_changed(torch.zeros(3, 5))} == {(0, 2), (2, 2), (1, 0), (1, 4)}
    assert list(entries_changed(torch.zeros(3, dtype=torch.int64))) == []


def test_where_another_kind_comes_out_nothing_is_said_of_influence():
    def parts(query, key, mask=None, turned=False):
        return list(weighted(query, key, mask, turned))

    assert "changes" not in (why(WEIGHTED, parts) or "")
