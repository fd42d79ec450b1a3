"""Grading: what is compared, and that two graders who differ are no figure."""

import pytest

from course.bench import command
from course.bench.command import SMALL, bench
from course.bench.grading import DifferentPoints, each_costs, same_points
from course.bench.spent import Spent


def test_costs_of_each_by_hand():
    assert each_costs([(10, Spent(30.0, 40.0)), (5, Spent(0.0, 1.0))]) == 2


def test_the_same_points_are_counted_and_others_are_an_error():
    theirs = {"ann": {"softmax": "2", "matmul": "0"}}
    assert same_points(theirs, {"ann": {"softmax": "2", "matmul": "0"}, "bob": {}}) == 2
    with pytest.raises(DifferentPoints, match=r"^ann, matmul: 0 by nbgrader, 1 by ours$"):
        same_points(theirs, {"ann": {"softmax": "2", "matmul": "1"}})


def test_graders_who_differ_end_the_bench(monkeypatch):
    def part(shared):
        raise DifferentPoints("ann, matmul: 0 by nbgrader, 1 by ours")
        yield

    monkeypatch.setattr(command, "PARTS", {"grading": part})
    said = []
    assert bench(["grading"], SMALL, said.append, lambda text: None) == 1
    assert said == ["the graders do not agree: ann, matmul: 0 by nbgrader, 1 by ours"]
