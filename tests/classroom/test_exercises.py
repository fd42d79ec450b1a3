"""The table of exercises: are its counts those of the checks, and does it say what a check gets wrong?"""

from dataclasses import replace

import pytest

from course.__main__ import main
from course.checks import registry
from course.classroom.author import exercises
from course.judging.exercise import Mistake
from tests.judging.samples import SCORES, SHARES


@pytest.fixture
def survey(monkeypatch, tmp_path):
    """The table's rows for these exercises, with these right answers."""

    def of(*some, answers="RIGHT = {}"):
        (tmp_path / "answers.py").write_text(answers)
        known = {exercise.name: exercise for exercise in some}
        for module in (exercises, registry):
            monkeypatch.setattr(module, "EXERCISES", known)
        monkeypatch.setattr(exercises, "RIGHT_ANSWERS", tmp_path)
        return exercises.survey()

    return of


ANSWERS = """
from tests.judging.samples import shares
RIGHT = {'shares': [lambda total, parts: shares(total, parts), lambda total, parts: tuple(shares(total, parts))]}
"""


def test_counts_are_those_of_the_exercises(survey):
    rows = survey(SCORES, SHARES, answers=ANSWERS)
    assert all(row.good for row in rows)
    lines = [line.split() for line in exercises.table(rows).splitlines()]
    assert lines[0][:6] == ["lesson", "exercise", "cases", "laws", "mistakes", "recognised"]
    assert lines[2] == ["04", "scores", "3", "1", "3", "3", "of", "3", "-"]
    assert lines[3] == ["05", "shares", "3", "0", "2", "2", "of", "2", "3", "of", "3"]
    assert lines[5] == ["total", "2", "exercises", "6", "1", "5", "5", "of", "5", "3", "of", "3"]
    assert len({len(line) for line in exercises.table(rows).splitlines()[1::3]}) == 1


def test_refused_right_answer_is_told(survey):
    rows = survey(SHARES, answers="def bad(total, parts): return []\nRIGHT = {'shares': [bad]}")
    assert not rows[0].good
    assert "1 of 2" in exercises.table(rows)
    assert exercises.table(rows).endswith("\nWRONG shares: the right answer bad is not accepted")


def test_mistake_that_is_no_mistake_is_told(survey):
    harmless = Mistake("harmless", (("* parts", "* parts * 1"),), "Nothing is wrong here at all.")
    table = exercises.table(survey(replace(SHARES, mistakes=(harmless,))))
    assert "0 of 1" in table
    assert table.endswith("\nWRONG shares: the mistake 'harmless' is not recognised by its name")


def test_mistake_that_is_taken_for_another_is_told(survey):
    twin = replace(SHARES.mistakes[1], name="its twin")
    table = exercises.table(survey(replace(SHARES, mistakes=(*SHARES.mistakes, twin))))
    assert table.endswith("\nWRONG shares: the mistake 'its twin' is not recognised by its name")


def test_command_prints_the_table_and_fails_where_a_check_does(survey, capsys):
    survey(SCORES)
    assert main(["exercises"]) == 0
    assert "3 of 3" in capsys.readouterr().out
    survey(SHARES, answers="RIGHT = {'shares': [len]}")
    assert main(["exercises"]) == 1


def test_without_a_repository_no_right_answers_are_claimed(survey, monkeypatch, tmp_path):
    survey(SCORES)
    monkeypatch.setattr(exercises, "RIGHT_ANSWERS", tmp_path / "missing")
    assert exercises.survey()[0].right is None
