"""Witness: what an answer could claim of itself is seen here: how often it calls a function, where its tensors stand.

One more question is asked for that. The functions whose calls count stay here (`served`), or the answer is given zeros,
and what it does with them is done here with the numbers (`replay`), or it is asked call by call by a trial that is done
here (`tried`); what then comes out has to be right as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from course.grading import jobs
from course.grading.inside.trace import Tracing, numberless
from course.grading.replay import replayed
from course.grading.served import Served, counted, kept_here
from course.grading.tried import Tried, asked_for, numbered
from course.judging.exercise import Case, Exercise
from course.judging.observation import Observation


@dataclass(frozen=True)
class Witness:
    """The question, and the cases about which it is, by their numbers."""

    exercise: Exercise
    cases: dict[int, Case]
    job: bytes

    def serves(self) -> Served | Tried | None:
        """Whoever answers the calls that come, for one asking."""
        cases = list(self.cases.values())
        if self.exercise.tried_apart:
            return Tried(self.exercise.trial, cases)
        return None if self.exercise.watched else Served(cases)

    def seen(self, told: Sequence[Observation], served: Served | Tried | None) -> dict[int, Observation]:
        """What was seen here on each case; what was not told is not right."""
        found = [*told, *(Observation() for _ in list(self.cases)[len(told) :])]
        if isinstance(served, Tried):
            tried = zip(found, served.seen, strict=True)
            found = [replace(seen, failure=seen.failure or one.failure) for one, seen in tried]
        elif served is None:
            tried = zip(self.cases.values(), found, strict=True)
            found = [one if one.failure else replayed(self.exercise, case, one.output) for case, one in tried]
        else:
            for at, one in enumerate(found):
                one.asked = served.times(at)
        return dict(zip(self.cases, found, strict=True))


def witness(exercise: Exercise, cases: Sequence[Case], reading: str) -> Witness | None:
    """The further question about these cases; None where an answer has nothing to claim."""
    only = replace(exercise, laws=(), gradients=False)
    if exercise.watched:
        only = replace(only, trial=Tracing(exercise.trial, exercise.watched))
        sent = [case.changed(**{name: numberless(value) for name, value in case.inputs.items()}) for case in cases]
        return Witness(exercise, dict(enumerate(cases)), jobs.job(only, sent, reading))
    if exercise.tried_apart:
        sent = [numbered(at, case) for at, case in enumerate(cases)]
        return Witness(exercise, dict(enumerate(cases)), jobs.job(asked_for(only), sent, reading))
    doubted = {at: case for at, case in enumerate(cases) if counted(case)}
    if not doubted:
        return None
    sent = [kept_here(at, case) for at, case in enumerate(doubted.values())]
    return Witness(exercise, doubted, jobs.job(only, sent, reading))


def put_right(found: list[Observation], seen: dict[int, Observation]) -> list[Observation]:
    """What was observed, with what was seen here in place of what was claimed."""
    return [
        replace(one, output=seen[at].output, failure=seen[at].failure or one.failure, asked=seen[at].asked)
        if at in seen
        else one
        for at, one in enumerate(found)
    ]
