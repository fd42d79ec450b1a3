"""Table: numbers beside their goals, judged as measured and not as written."""

import math

import pytest

from course.bench.table import Figure, Value, table

GOOD = Figure("exact match / BLEU", (Value(99.2, 99.0, "{:.1f} %"), Value(99.51, 99.5)), "three seeds")
BAD = Figure("error rate", (Value(0.12, 0.1, "{:.3f}", at_most=True),))


def test_the_table_by_hand():
    assert table([GOOD, BAD]).splitlines() == [
        "what               | measured       | to reach             | reached",
        "-------------------+----------------+----------------------+--------",
        "exact match / BLEU | 99.2 % / 99.51 | >= 99.0 % / >= 99.50 | yes",
        "error rate         | 0.120          | <= 0.100             | NO",
    ]


@pytest.mark.parametrize(
    ("value", "reached"),
    [
        (Value(1.1, 1.1), True),
        (Value(1.0999, 1.1), False),
        (Value(0.1, 0.1, at_most=True), True),
        (Value(0.1001, 0.1, at_most=True), False),
        (Value(math.nan, 1.0), False),
        (Value(math.nan, 1.0, at_most=True), False),
    ],
)
def test_a_goal_is_reached_by_the_number_as_measured(value, reached):
    assert value.reached is reached


def test_a_figure_is_reached_when_all_its_values_are():
    assert Figure("", (Value(2, 1), Value(2, 1))).reached
    assert not Figure("", (Value(2, 1), Value(0, 1))).reached


def test_a_figure_says_all_of_it_in_two_lines():
    assert (
        str(GOOD)
        == "exact match / BLEU: 99.2 % / 99.51 (to reach: >= 99.0 % / >= 99.50; reached: yes)\n    three seeds"
    )
    assert str(BAD) == "error rate: 0.120 (to reach: <= 0.100; reached: NO)"
