"""Faults: which of an answer's problems is the one that its reason is about, and which one is another?"""

from __future__ import annotations

from collections.abc import Sequence

from course.judging.comparison import mixed_of, same_outputs
from course.judging.exercise import Mistake
from course.judging.mistakes import answer_with_both, wrong_answers
from course.judging.observation import Observation
from course.judging.questions import (
    Problem,
    asked_too_often,
    broken_law,
    changed_input,
    forbidden,
    problems,
    wrong_gradient,
    wrong_start,
)
from course.judging.recognise import Found, Trials

FURTHER = "something else is wrong as well."
PERHAPS = " It may have the same reason."
AFTER_VALUES = {asked_too_often, wrong_start, wrong_gradient}
FOLLOWS = {broken_law, asked_too_often, wrong_gradient}  # what may be wrong because the values are


def of_mistakes(
    trials: Trials, found: Found, wrong: Sequence[Problem], observed: Sequence[Observation],
    expected: list[Observation],
) -> tuple[str, str | None]:  # fmt: skip
    """The first problem that the mistakes have too; and, if there is one, the first that they do not explain."""
    made = made_by(trials, found.mistakes)
    theirs = {(one.question, one.at) for one in problems(trials.exercise, trials.cases, made, expected)}
    otherwise = {at for _, at in found.apart_from}
    mixed = {at for at in otherwise if mixed_of(observed[at].output, expected[at].output, made[at].output)}
    what = next((one for one in wrong if (one.question, one.at) in theirs and one.at not in otherwise), wrong[0])
    for one in (one for one in wrong if one is not what):
        if one.at in otherwise - mixed:
            return what.text, one.text + ("" if expected[one.at].failure else PERHAPS)
        if one.at not in otherwise and (one.question, one.at) not in theirs and one.question not in FOLLOWS:
            return what.text, one.text
    return what.text, FURTHER if found.and_another else None


def made_by(trials: Trials, mistakes: Sequence[Mistake]) -> list[Observation]:
    """What an answer does that makes these mistakes, one or two."""
    if len(mistakes) == 2:
        return trials.apart().of(answer_with_both(trials.exercise.reference, *mistakes))
    return trials.of(wrong_answers(trials.exercise)[mistakes[0]])


def of_outputs(
    wrong: Sequence[Problem], observed: Sequence[Observation], expected: Sequence[Observation]
) -> tuple[str, str | None]:
    """The first problem with what comes out, of which a reason that was found by computing speaks, or, where that is
    right, with a gradient; and, where it is another, the first of all."""
    values = any(not same_outputs(seen, want) for seen, want in zip(observed, expected, strict=False))

    def meant(one: Problem) -> bool:
        if not values:
            return one.question is wrong_gradient
        return one.question not in {forbidden, changed_input, *AFTER_VALUES} and not expected[one.at].failure

    what = next(filter(meant, wrong), wrong[0])
    return what.text, None if what is wrong[0] else wrong[0].text
