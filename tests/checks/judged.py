"""What an answer to an exercise is told, where what the reference and the known mistakes do is worked out only once."""

from __future__ import annotations

import functools
from collections.abc import Callable

from course.checks import prepared
from course.checks.registry import earlier_references
from course.judging.exercise import Case, Exercise
from course.judging.isolation import kept_random_state, quiet, swapped
from course.judging.judge import Verdict, judge
from course.judging.observe import observe_all

trials = functools.cache(prepared.__wrapped__)  # for all exercises, not only for the last


def cases(exercise: Exercise, seed: int) -> list[Case]:
    return trials(exercise, seed).cases


def examine(exercise: Exercise, answer: Callable, seed: int) -> Verdict:
    """As course.checks.examine, where what the reference and the mistakes do is looked up."""
    with swapped(answer, earlier_references(exercise.name)):
        observed = observe_all(exercise, answer, cases(exercise, seed))
    return judge(trials(exercise, seed), observed)


def examine_mistake(exercise: Exercise, answer: Callable, seed: int) -> Verdict:
    """The verdict on a known mistake, which is tried once for all the tests."""
    tried = trials(exercise, seed)
    with quiet(), kept_random_state():
        return judge(tried, tried.of(answer))
