"""The table of exercises: is it of those asked for, are its counts right, and does it say what a check gets wrong?"""

from dataclasses import replace

import pytest

from course.__main__ import main
from course.checks import registry
from course.checks.registry import EXERCISES
from course.classroom.author import cache, exercises
from course.judging.exercise import Hunk, Mistake
from course.judging.mistakes import read_mistakes
from tests.judging.samples import SCORES, SHARES

LINE = ("    return [total // parts] * parts",)
HARMLESS = Mistake("harmless", (Hunk(LINE, ("    return parts * [total // parts]",)),), "Nothing is wrong here at all.")


@pytest.fixture
def declared(monkeypatch, tmp_path):
    """Let these exercises be all there are, nothing known of them yet; returned as a list."""
    monkeypatch.setattr(cache, "FOLDER", tmp_path)
    monkeypatch.setattr(exercises, "declaring_module", lambda exercise: "tests.judging.samples")

    def declare(*some):
        for module in (exercises, registry):
            monkeypatch.setattr(module, "EXERCISES", {exercise.name: exercise for exercise in some})
        return list(some)

    return declare


@pytest.fixture
def examined(monkeypatch):
    """The names of the exercises that are really examined, in their order."""
    names = []
    really = exercises.examined
    monkeypatch.setattr(exercises, "examined", lambda exercise: names.append(exercise.name) or really(exercise))
    return names


def table(some):
    return exercises.table(exercises.survey(some))


def test_counts_are_those_of_the_exercises(declared):
    lines = table(declared(SCORES, SHARES)).splitlines()
    assert lines[0].split() == ["lesson", "exercise", "cases", "laws", "mistakes", "recognised", "demands"]
    assert lines[2].split() == ["04", "scores", "3", "1", "3", "3", "0"]
    assert lines[3].split() == ["05", "shares", "3", "0", "2", "2", "0"]
    assert lines[5].split() == ["total", "2", "exercises", "6", "1", "5", "5", "0"]
    assert lines[1] == lines[4] == "-" * len(lines[0])
    assert len({len(line) for line in lines}) == 1


def test_one_exercise_needs_no_total(declared):
    assert "total" not in table(declared(SCORES))


def test_mistake_that_is_no_mistake_is_told(declared):
    shown = table(declared(replace(SHARES, mistakes=(*SHARES.mistakes, HARMLESS))))
    assert shown.splitlines()[2].split()[-3:] == ["3", "2", "0"]
    assert shown.endswith("\nWRONG shares: the mistake 'harmless' is not recognised by its name")


def test_mistake_that_is_taken_for_another_is_told(declared):
    twin = replace(SHARES.mistakes[1], name="its twin")
    shown = table(declared(replace(SHARES, mistakes=(*SHARES.mistakes, twin))))
    assert shown.endswith("\nWRONG shares: the mistake 'its twin' is not recognised by its name")


def test_reference_that_its_own_law_refuses_is_told(declared):
    never = replace(SCORES.laws[0], holds=lambda case, out, doubled: False)
    rows = exercises.survey(declared(replace(SCORES, laws=(never,))))
    assert not rows[0].good
    assert "\nWRONG scores: its own reference is not accepted" in exercises.table(rows)


def test_command_prints_the_table_says_what_goes_on_and_fails_where_a_check_does(declared, capsys):
    declared(SCORES, SHARES)
    assert main(["exercises", "scores"]) == 0
    out, err = capsys.readouterr()
    assert [line.split()[1] for line in out.splitlines()[2:]] == ["scores"]
    assert err.startswith("[1/1] scores ")
    assert err.split("\r")[-2].isspace(), "the last line on stderr is cleared"
    declared(replace(SHARES, mistakes=(HARMLESS,)))
    assert main(["exercises"]) == 1


def test_what_has_not_changed_is_not_examined_again(declared, examined):
    some = declared(SCORES, SHARES)
    first = exercises.survey(some)
    assert exercises.survey(some) == first
    assert examined == ["scores", "shares"]


def test_fresh_examines_all_the_same(declared, examined):
    declared(SCORES)
    assert [main(["exercises", *further]) for further in ([], [], ["--fresh"], [])] == [0, 0, 0, 0]
    assert examined == ["scores", "scores"]


def test_other_mistakes_are_examined_and_those_of_another_exercise_or_place_are_not(declared, examined):
    table(declared(SCORES, SHARES))
    moved = [replace(mistake, place="elsewhere.diff:99") for mistake in SHARES.mistakes]
    table(declared(SCORES, replace(SHARES, mistakes=tuple(moved))))
    assert examined == ["scores", "shares"]
    table(declared(SCORES, replace(SHARES, mistakes=tuple(moved[:1]))))
    assert examined == ["scores", "shares", "shares"]


def test_a_row_depends_on_the_engine_its_reference_its_cases_and_the_table_itself(monkeypatch):
    asked = []
    monkeypatch.setattr(exercises, "fingerprint", lambda modules, *further: asked.extend(cache.sources(modules)) or "")
    exercises.key(EXERCISES["MultiHeadAttention"])
    assert {f"course.judging.{name}" for name in ("exercise", "judge", "messages", "mistakes", "observe")} <= {*asked}
    assert {f"course.checks.multi_head.{name}" for name in ("exercises", "cases")} <= {*asked}
    assert {"course.multi_head", "course.attention", "course.checks", "course.checks.registry"} <= {*asked}
    assert exercises.__name__ in asked
    assert "course.tokenizer" not in asked, "else every edit would empty the whole cache"


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_every_exercise_is_declared_where_its_key_looks(exercise):
    path = cache.file_of(exercises.declaring_module(exercise))
    assert path
    assert exercise.name in read_mistakes(path.with_name("mistakes.diff").read_text(), str(path))


def names(*asked):
    return [exercise.name for exercise in exercises.chosen(asked)]


def test_exercises_are_chosen_by_lesson_and_by_name_in_course_order():
    of_lesson_four = [exercise.name for exercise in EXERCISES.values() if exercise.lesson == 4]
    assert of_lesson_four
    assert names("4") == names("04") == names("04_self_attention") == of_lesson_four
    assert names("softmax") == ["softmax"]
    assert names("4", "causal_mask", "softmax") == ["softmax", *of_lesson_four]
    assert names() == [*EXERCISES]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sofmax", "'sofmax'; close to it: softmax, masked_softmax"),
        ("04_self_atention", "'04_self_atention'; close to it: 04_self_attention"),
        ("99", "'99'; the lessons are 00_start_here, 01_hidden_states"),
    ],
)
def test_unknown_name_is_said_with_those_that_are_close(name, said):
    with pytest.raises(ValueError, match=f"^there is no lesson or exercise {said}"):
        exercises.chosen(["softmax", name])


def test_demands_are_those_that_a_mistake_breaks():
    softmax = EXERCISES["softmax"]
    demands = exercises.demands_of(softmax)
    assert demands
    assert all(demand.mistakes for demand in demands)
    assert table([softmax]).split()[-1] == str(len(demands))


def test_text_of_an_exercise_ends_before_the_hints_and_holds_the_docstring():
    text = exercises.text_of(EXERCISES["softmax"])
    assert "Hint" not in text
    assert "scores, any shape, any size of number" in text
