"""Every exercise: is each sentence of its text a demand with a mistake that breaks it, or one that asks for nothing?"""

from __future__ import annotations

import importlib

import pytest

from course.checks.registry import EXERCISES, THEMES
from course.classroom.author.exercises import declaring_module, demands_of, text_of
from course.judging.demands import Demand, demands_beside, plain, read_demands, sentences

every_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)


def written(exercise) -> tuple[Demand, ...]:
    """All lines about the exercise, also those of sentences that ask for nothing."""
    return demands_beside(importlib.import_module(declaring_module(exercise)).__file__).get(exercise.name, ())


@every_exercise
def test_each_sentence_is_a_demand_or_asks_for_nothing(exercise):
    quotes = [demand.quote for demand in written(exercise)]
    uncovered = [one for one in sentences(text_of(exercise)) if not any(quote in one for quote in quotes)]
    assert uncovered == [], "demands.txt quotes none of these sentences"


@every_exercise
def test_each_quote_stands_in_the_text(exercise):
    said = sentences(text_of(exercise))
    for demand in written(exercise):
        assert any(demand.quote in sentence for sentence in said), f"{demand.place}: the text does not say this"


@every_exercise
def test_each_demand_has_a_mistake_that_breaks_it(exercise):
    known = {mistake.name for mistake in exercise.mistakes}
    for demand in written(exercise):
        assert set(demand.mistakes) <= known, demand.place
    assert demands_of(exercise), "what does this exercise ask for?"


def test_demands_speak_of_exercises_that_exist():
    for theme in THEMES:
        found = demands_beside(importlib.import_module(f"course.checks.{theme}.exercises").__file__)
        assert set(found) <= set(EXERCISES), theme


def test_a_line_is_a_quote_and_mistakes():
    text = "# f\n\nzeros > there > the row is NaN; the row is even\nYou may > -\n"
    assert read_demands(text, "x.txt") == {
        "f": (
            Demand("zeros > there", ("the row is NaN", "the row is even"), "x.txt:3"),
            Demand("You may", (), "x.txt:4"),
        )
    }


@pytest.mark.parametrize("text", ["a > b", "# f\na", "# f\n > b", "# f\na > "])
def test_a_line_that_is_none_is_told_with_its_place(text):
    with pytest.raises(ValueError, match=rf"x.txt:{len(text.splitlines())}: a demand is"):
        read_demands(text, "x.txt")


def test_sentences_end_with_their_sign_or_their_paragraph():
    text = "One (a, b) is\ntwo. Three:\n\n    x = 1.5\n\nFour"
    assert sentences(text) == ["One (a, b) is two.", "Three:", "x = 1.5", "Four"]
    assert plain(" a\n  b ") == "a b"
