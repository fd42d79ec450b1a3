"""Trials and lists of lists: is what an answer does to a model judged, and what is wrong with a list said plainly?"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course.judging import messages
from course.judging.exercise import Case, Draw, Exercise, Hunk, Law, Mistake
from course.judging.judge import judge
from course.judging.observation import Value
from course.judging.observe import observe_all
from course.judging.recognise import Trials


def halve(weights: torch.Tensor, by: float = 2.0) -> float:
    """Divides the weights where they stand -> their sum before."""
    total = weights.sum().item()
    weights /= by
    return total


def twice(answer, weights, settings=()):
    """What two calls return, and what they leave."""
    own = weights.clone()
    return {
        "sum of call 1": answer(own, *settings),
        "sum of call 2": answer(own, *settings),
        "weights after both calls": own,
    }


def weight_cases(draw: Draw):
    yield Case("tiny", {"weights": torch.tensor([4.0, 8.0])})
    yield Case("drawn", {"weights": draw.tensor(draw.integer(3, 9)), "settings": (3.0,)})


HALVE = Exercise(
    reference=halve,
    lesson=0,
    section="Nowhere",
    cases=weight_cases,
    trial=twice,
    mistakes=(
        Mistake(
            "not in place",
            (Hunk(("    weights /= by",), ("    weights = weights / by",)),),
            "the weights stay as they are.",
        ),
    ),
)


def pairs_of(count: int) -> list[list[int]]:
    """[[0, 1], [1, 2], ...], count of them."""
    return [[at, at + 1] for at in range(count)]


PAIRS = Exercise(
    reference=pairs_of,
    lesson=0,
    section="Nowhere",
    cases=lambda draw: [Case("tiny", {"count": 2}), Case("many", {"count": 20})],
)
ANY_PAIRS = Exercise(
    reference=pairs_of, lesson=0, section="Nowhere", cases=PAIRS.cases, unique=False,
    laws=(Law("as many as asked for", lambda case, out, _: int(out[" length"]) == case["count"]),),
)  # fmt: skip


def verdict(exercise: Exercise, answer):
    cases = list(exercise.cases(Draw(1)))
    return judge(Trials(exercise, cases), observe_all(exercise, answer, cases))


def test_trial_judges_what_the_calls_leave_behind():
    assert verdict(HALVE, halve).right
    wrong = verdict(HALVE, lambda weights, by=2.0: weights.sum().item())
    assert wrong.mistake.name == "not in place"
    assert "the case 'tiny' gives 12 as the sum of call 2, expected 6." in wrong.text


def test_trial_judges_what_has_no_name_too():
    def quarters(weights, by=2.0):
        return halve(weights, 2 * by)

    left = verdict(HALVE, quarters)
    assert "the sum of call 2" in left.text
    assert left.mistake is None


def test_trial_names_the_call_and_the_line_that_fail():
    def without_settings(weights):
        return halve(weights)

    def careless(weights, by=2.0):
        return weights[99].item()

    assert "The exercise asks for halve(weights, by=2.0)." in verdict(HALVE, without_settings).text
    assert "IndexError" in verdict(HALVE, careless).text
    assert "in your line `return weights[99].item()`" in verdict(HALVE, careless).text


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda count: pairs_of(count)[:1], "pairs_of(count=2) gives [[0, 1]], expected [[0, 1], [1, 2]]."),
        (lambda count: [], "pairs_of(count=2) gives [], expected [[0, 1], [1, 2]]."),
        (lambda count: ["a", "b"], "pairs_of(count=2) gives ['a', 'b'], expected [[0, 1], [1, 2]]."),
        (
            lambda count: pairs_of(count)[:19],
            "a list of 19 that begins with [0, 1] on the case 'many', but a list of 20",
        ),
        (
            lambda count: pairs_of(count) if count < 9 else [],
            "the output is an empty list on the case 'many', but a list of 20",
        ),
        (lambda count: None, "it returns None on the case 'tiny'"),
        (lambda count: 5, "the output is a number on the case 'tiny', but a list is asked for."),
    ],
)
def test_list_of_lists_is_shown_where_it_is_not_as_long_as_it_must_be(answer, said):
    assert said in verdict(PAIRS, answer).text


def test_broken_law_shows_a_small_list_of_lists():
    said = verdict(ANY_PAIRS, lambda count: pairs_of(count + 1)).text
    assert "as many as asked for; pairs_of(count=2) gives [[0, 1], [1, 2], [2, 3]]." in said
    assert "gives" not in verdict(ANY_PAIRS, lambda count: pairs_of(count + (count > 2))).text


def test_strange_observations_are_no_list():
    for found in (Value(), Value({}, {"[1]": np.ones(2)})):
        assert messages.rebuilt(found) == "a nothing"
    assert messages.rebuilt(Value({"": "list"})) == []
    assert messages.rebuilt(Value({"": "tuple", "[0]": "dict", "[1]": "None"})) == ({}, None)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", "the output"), ("[1]", "part [1] of the output"), ("['a']", "part ['a'] of the output"),
        ("['loss of call 1']", "the loss of call 1"), (" length", "the length of the output"),
    ],
)  # fmt: skip
def test_parts_of_an_output_have_names(path, said):
    assert messages.called(path) == said
