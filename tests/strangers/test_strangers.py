"""Strangers: is every right answer accepted, and every wrong one refused?"""

from __future__ import annotations

import pytest

from course.checks.registry import THEMES
from tests.checks.judged import trials
from tests.strangers import KINDS, all_of, is_right, strangers


@pytest.fixture(autouse=True)
def without_reasons(monkeypatch):
    """Whether it is right is asked here, not why it is wrong, which takes longer; the reference is asked once."""
    monkeypatch.setattr("course.checks.prepared", trials)
    monkeypatch.setattr("course.judging.judge.recognise", lambda *_: None)
    monkeypatch.setattr("course.judging.judge.reasons", lambda *_: ())


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", KINDS)
def test_strangers_are_judged_rightly(kind, theme):
    wrongly = [(one.place, one.told["true"]) for one in strangers(kind, theme) if is_right(one) != (kind == "rights")]
    assert wrongly == []


def test_there_are_many_of_each_kind():
    assert [sum(1 for _ in all_of(kind)) >= 90 for kind in KINDS] == [True] * len(KINDS)
