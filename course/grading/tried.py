"""Tried: a trial that is done here, while the answer in its sandbox is asked call by call; nothing of it runs here.

What a trial says of an answer ("unchanged", 80 percent) is the same for every right one, and so could be claimed where
the answer runs. It is done here once more with each value that came, from its beginning: there are few."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch

from course.grading.inside import far, wire
from course.judging.exercise import Case, Exercise
from course.judging.isolation import kept_random_state, quiet
from course.judging.observation import Observation, record
from course.judging.observe import described

MOST_CALLS, MOST_BYTES = 200, 1 << 26  # of one case; that come for one question


class Call(Exception):
    """What the answer has to be called with next, and the seed of all random numbers that are not handed to it."""

    def __init__(self, args: tuple, kwargs: dict[str, Any]) -> None:
        super().__init__()
        seed = torch.initial_seed()
        self.message = far.written((seed, args, tuple(kwargs), tuple(kwargs.values())))


class Tried:
    """The trials of these cases: called with what comes from the sandbox, it says what is to be asked next."""

    def __init__(self, trial: Callable[..., Any], cases: Sequence[Case]) -> None:
        self.trial, self.cases = trial, cases
        self.came: list[list[tuple]] = [[] for _ in cases]
        self.bytes = 0
        self.seen = [Observation() for _ in cases]

    def __call__(self, header: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """The next call of the answer, or that there is none. WireError of what is no value."""
        match header:
            case {"call": [int(at), ""], "args": args} if 0 <= at < len(self.cases):
                given = self.value(args, body)
            case _:
                raise wire.WireError("no value of a trial")
        self.came[at] += given
        self.bytes += len(body)
        if len(self.came[at]) > MOST_CALLS or self.bytes > MOST_BYTES:
            raise wire.WireError("it answers without end")
        call = self.next_call(at)
        tree, body = call.message if call else far.written(None)
        return {"value": tree}, body

    @staticmethod
    def value(args: Any, body: bytes) -> list[tuple]:
        """What the answer gave, and what it was given as it is then; nothing at the beginning."""
        try:
            match far.read(args, body):
                case (), (), ():
                    return []
                case (value, tuple(after)), (), ():
                    return [(value, after)]
        except RecursionError:
            pass
        raise wire.WireError("no value of a trial")

    def next_call(self, at: int) -> Call | None:
        """The first call for which no value has come yet; None at the end, when the trial says what it found."""
        came = iter(self.came[at])

        def answer(*args: Any, **kwargs: Any) -> Any:
            for value, after in came:
                change(args, after)
                return value
            raise Call(args, kwargs)

        try:
            with quiet(), kept_random_state():
                self.seen[at] = Observation(record(self.trial(answer, **self.cases[at].fresh())))
        except Call as call:
            return call
        except Exception as error:
            self.seen[at] = Observation(failure=described(error))
        return None


def change(given: Sequence[Any], after: Sequence[Any]) -> None:
    """The tensors that were given, as they are after the call."""
    for one, other in zip(given, after, strict=False):
        if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor) and one.shape == other.shape:
            one.copy_(other)


def asked_for(exercise: Exercise) -> Exercise:
    """In place of its trial, the answer called as the grader wants."""
    return replace(exercise, trial=far.called_from_afar)


def numbered(at: int, case: Case) -> Case:
    """The case of which the sandbox knows nothing but its number."""
    return replace(case, inputs={"at": at})
