"""Recognise: which known mistake, or which two at once, did what was observed?"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from course.judging.comparison import (
    same_dtypes,
    same_failure,
    same_observation,
    same_outputs,
    same_value,
    similar_value,
    wrong_outputs,
)
from course.judging.exercise import Case, Exercise, Mistake
from course.judging.isolation import in_time
from course.judging.mistakes import answer_with_both, wrong_answers
from course.judging.observation import Observation
from course.judging.observe import ALL, LAWS, OUTPUT, observations
from course.judging.questions import unsaid

CPU_SECONDS = 3  # for two mistakes at once
FIRST_CASES = (0, 1, 2, 3)  # on these it is asked first whether two mistakes may have been made at once


@dataclass(frozen=True)
class Found:
    """The mistakes that were made; the corners at which something else was observed, each with the number of its case;
    and whether there is a further mistake that nobody knows."""

    mistakes: tuple[Mistake, ...]
    apart_from: tuple[tuple[str, int], ...] = ()
    and_another: bool = False

    @property
    def says(self) -> str:
        """What the learner hears."""
        first, *second = (mistake.says for mistake in self.mistakes)
        if second:
            together = "two mistakes together give exactly this, or one that does as much as both; are they yours?"
            return f"{together} (1) {first} (2) {second[0]}"
        return first

    @property
    def corners(self) -> int:
        """At how many corners something else was observed."""
        return len({corner for corner, _ in self.apart_from})


class Trials:
    """What the reference and the known mistakes do on an exercise's cases, each tried when it is first asked for."""

    def __init__(self, exercise: Exercise, cases: list[Case]) -> None:
        self.exercise, self.cases = exercise, cases
        self.done: dict[tuple[Callable, int], tuple[int, Observation]] = {}

    def apart(self) -> Trials:
        """For what is compiled anew each time, such as two mistakes at once: what it does is not kept."""
        return Trials(self.exercise, self.cases)

    def on(self, known: Callable, at: int, depth: int = ALL) -> Observation:
        """What it does on the case with that number, looked at so deep. TimeoutError where its time is over."""
        reached, found = self.done.get((known, at), (-1, None))
        if found is None or reached < depth:
            found = next(observations(self.exercise, known, [self.cases[at]], depth=depth))
            if found.failure and found.failure.kind == "TimeoutError":
                raise TimeoutError
            self.done[known, at] = depth, found
        return found

    def of(self, known: Callable) -> list[Observation]:
        """What it does on all of them."""
        return [self.on(known, at) for at in range(len(self.cases))]

    def begins_as(self, seen: Observation, known: Callable, at: int, alike: Callable = similar_value) -> bool:
        """Whether its first call on that case gives what was seen, or fails as was seen."""
        first = self.on(known, at, OUTPUT)
        if first.failure:
            return same_failure(first.failure, seen.failure)
        return alike(seen.output, first.output)

    def does(self, seen: Observation, known: Callable, at: int) -> bool:
        """Whether it does on that case what was seen, up to rounding; its first call mostly decides."""
        return self.begins_as(seen, known, at) and similar(seen, self.on(known, at, LAWS))


def recognise(trials: Trials, observed: list[Observation], expected: list[Observation]) -> Found | None:
    """The known mistakes that did this; exceptions on all cases prove nothing.

    First comes one that did the same on every case; then one that did so apart from corners and rounding; then two at
    once. Where several fit as well, nothing is said: a wrong name is worse than none."""
    if len(observed) < len(trials.cases) or all(seen.failure for seen in observed):
        return None
    exact = exactly(trials, observed, expected)
    if exact:
        return Found((exact,))
    known = wrong_answers(trials.exercise)
    return only_one(
        near for mistake, answer in known.items() if (near := nearly(trials, answer, (mistake,), observed, expected))
    ) or in_time(CPU_SECONDS, two_at_once, trials, observed, expected)


def two_at_once(trials: Trials, observed: list[Observation], expected: list[Observation]) -> Found | None:
    """Two known mistakes that together give the same numbers; what makes both may never end."""
    known = wrong_answers(trials.exercise)
    corners = [corner_of(case, want) for case, want in zip(trials.cases, expected, strict=True)]
    first = [at for at in FIRST_CASES if at < len(corners) and not corners[at]]

    @functools.cache
    def alone(mistake: Mistake, at: int) -> Alone:
        shows = not trials.does(expected[at], known[mistake], at)
        found = form(trials.on(known[mistake], at, OUTPUT))
        return Alone(shows, shows and trials.does(observed[at], known[mistake], at), found)

    return only_one(
        near
        for pair in itertools.combinations(known, 2)
        if all(may_be([alone(one, at) for one in pair], observed[at], expected[at]) for at in first)
        and (answer := answer_with_both(trials.exercise.reference, *pair))
        and (near := nearly(trials.apart(), answer, pair, observed, expected))
    )


def exactly(trials: Trials, observed: list[Observation], expected: list[Observation]) -> Mistake | None:
    """The mistake that is the same in everything, gradients included.

    Where already the outputs are wrong, one with the same outputs is the next best: at a corner, or where everything is
    equal, code written in another way may have another gradient."""
    second_best = None
    for mistake, answer in wrong_answers(trials.exercise).items():
        found = same_outputs_throughout(trials, answer, observed, expected)
        if found and all(map(same_observation, observed, found)):
            return mistake
        if found and second_best is None:
            second_best = mistake
    return second_best if any(map(wrong_outputs, observed, expected)) else None


def same_outputs_throughout(
    trials: Trials, answer: Callable, observed: list[Observation], expected: list[Observation]
) -> list[Observation]:
    """What the answer does on the cases, where that is what was observed, gradients apart; nothing where it is not.

    The first case that differs ends it: most mistakes are ruled out by the tiny one."""
    found = []
    for at, (case, seen, want) in enumerate(zip(trials.cases, observed, expected, strict=True)):
        if not trials.begins_as(seen, answer, at, same_value):
            return []
        found.append(trials.on(answer, at))
        as_typed = same_dtypes(seen.output, want.output) == same_dtypes(found[-1].output, want.output)
        as_said = left_unsaid(case, seen, want) == left_unsaid(case, found[-1], want)
        if not (same_outputs(seen, found[-1]) and as_said and as_typed):
            return []
    return found


def left_unsaid(case: Case, seen: Observation, want: Observation) -> list[str]:
    """What an error that is right but for its text does not show, and must."""
    refused = seen.failure is not None and want.failure is not None and same_failure(seen.failure, want.failure)
    return unsaid(case, seen.failure) if refused else []


def nearly(
    trials: Trials, answer: Callable, mistakes: tuple[Mistake, ...], observed: list[Observation],
    expected: list[Observation],
) -> Found | None:  # fmt: skip
    """These mistakes, where they give the same numbers, up to rounding, on every case that is no corner.

    On one of these cases at least the numbers must be wrong, or nothing was seen of the mistake."""
    seen_wrong, apart_from = False, []
    corners = [corner_of(case, want) for case, want in zip(trials.cases, expected, strict=True)]
    in_order = sorted(range(len(corners)), key=lambda at: bool(corners[at]))
    if not all(corners[at] or trials.begins_as(observed[at], answer, at) for at in reversed(in_order)):
        return None  # before any law is looked at; the later cases are the richer ones
    for at in in_order:
        corner = corners[at]
        alike = trials.does(observed[at], answer, at)
        if not alike and not corner:
            return None
        if not alike:
            apart_from.append((corner, at))
        seen_wrong |= alike and not observed[at].failure and not similar(observed[at], expected[at])
    return Found(mistakes, tuple(apart_from)) if seen_wrong else None


def corner_of(case: Case, want: Observation) -> str:
    """The words for a case apart; a call that must be refused is one."""
    return case.corner or (f"the case {case.name!r}, which must be refused" if want.failure else "")


def similar(one: Observation, other: Observation) -> bool:
    """The same numbers up to rounding in float32, in the output and in what the laws look at; or the same failure."""
    if one.failure or other.failure:
        return same_failure(one.failure, other.failure)
    return similar_value(one.output, other.output) and (
        one.laws.keys() == other.laws.keys()
        and all(similar_value(one.laws[name], other.laws[name]) for name in one.laws)
    )


@dataclass(frozen=True)
class Alone:
    """What a mistake by itself does on a case: whether it shows, whether as was observed, and its output's form."""

    shows: bool
    as_observed: bool
    form: object


def may_be(pair: Sequence[Alone], seen: Observation, want: Observation) -> bool:
    """Whether two mistakes may have done together what was observed on that case, by what each does alone.

    Where only one of them shows, it shows as it does alone; where none does, nothing is wrong. Where both do, the
    output has at least the form that one of them gives it."""
    shown = [one for one in pair if one.shows]
    if len(shown) == 2:
        return form(seen) in (form(want), *(one.form for one in shown))
    return shown[0].as_observed if shown else similar(seen, want)


def form(seen: Observation) -> object:
    """The shapes of an output's parts, of a list only how deep it is, or the type of the exception."""
    if seen.failure or not seen.output:
        return seen.failure and seen.failure.kind
    kinds, arrays = seen.output.kinds, seen.output.arrays
    return {path: array.ndim if kinds.get(path) == "list" else array.shape for path, array in arrays.items()}


def only_one(found: Iterable[Found]) -> Found | None:
    """What was found; of several that which differs at the fewest corners. None where two are as good."""
    in_order = sorted(found, key=lambda one: one.corners)
    best = [one for one in in_order if one.corners == in_order[0].corners]
    return best[0] if len({one.says for one in best}) == 1 else shared(best)


def shared(found: Sequence[Found]) -> Found | None:
    """The mistake that is in all of them; it was made, whatever the other one is."""
    common = [one for one in found[0].mistakes if all(one in other.mistakes for other in found)] if found else []
    return replace(found[0], mistakes=(common[0],), and_another=True) if len(common) == 1 else None
