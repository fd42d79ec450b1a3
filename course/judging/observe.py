"""Run a candidate on a case and write down what it did; compare nothing."""

from __future__ import annotations

import contextlib
import io
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch.autograd import grad  # as it is now, whatever an answer puts in its place

from course.judging.exercise import Asked, Case, Exercise
from course.judging.isolation import kept_random_state, quiet, time_limit
from course.judging.observation import Failure, Observation, Value, as_array, record
from course.judging.source import Source, source_of
from course.judging.watch import Watch
from course.judging.weights import READINGS, Place, build

COURSE = str(Path(__file__).parents[1])
OUTPUT, LAWS, ALL = range(3)  # how much of what it does is looked at
MOST_PRINTED = 5000  # characters
CPU_SECONDS, SECONDS = 10, 120  # for all the cases of one exercise; a right answer computes for well under one second


class Subject:
    """The candidate as it is called: itself or, of a class, a layer with the weights of a case,
    built when they change."""

    def __init__(self, exercise: Exercise, candidate: Callable, reading: str) -> None:
        self.exercise, self.candidate, self.reading = exercise, candidate, reading
        self.built_for: Case | None = None
        self.layer: Callable = candidate
        self.places: dict[str, Place] = {}
        self.starts: dict[str, float] = {}

    def on(self, case: Case) -> Callable:
        """What is to be called on this case."""
        if not self.exercise.is_class:
            return self.layer
        last = self.built_for
        same = last is not None and last.init is case.init and last.weights is case.weights
        if not same or self.exercise.trial:  # a trial may change its layer
            self.layer, self.places, self.starts = build(self.candidate, case, self.reading)
            self.built_for = case
        layer = self.layer.train(case.training)
        return layer if case.method == "forward" else getattr(layer, case.method)

    def call(self, case: Case, inputs: dict[str, Any]) -> Any:
        """The candidate's answer, or what the exercise's trial of it gives."""
        if self.exercise.trial:
            return self.exercise.trial(self.on(case), **inputs)
        bound = self.exercise.signature(case.method).bind(**inputs)
        return self.on(case)(*bound.args, **bound.kwargs)

    def source(self) -> Source | None:
        """The candidate as it is written, where that can be read."""
        return source_of(self.candidate, self.exercise.name)


def observe_all(
    exercise: Exercise, candidate: Callable, cases: list[Case], reading: str = READINGS[0], depth: int = ALL
) -> list[Observation]:
    """What the candidate does on each case; the last one is that on which its time was over."""
    with quiet(), torch.enable_grad(), time_limit(CPU_SECONDS, SECONDS):
        return list(observations(exercise, candidate, cases, reading, depth))


def observations(
    exercise: Exercise, candidate: Callable, cases: list[Case], reading: str = READINGS[0], depth: int = ALL
) -> Iterator[Observation]:
    """What the candidate does on one case after the other, loud and without a limit of its time."""
    for case in cases:
        with kept_random_state():  # anew for each case: the same random mistake then draws the same numbers
            found = observe(Subject(exercise, candidate, reading), case, depth)
        yield found
        if found.failure and found.failure.kind == "TimeoutError":
            return


def observe(subject: Subject, case: Case, depth: int = ALL) -> Observation:
    """What the candidate does on one case; an exception ends it and is written down.

    depth: OUTPUT is the first call alone, LAWS goes on to the calls that the laws change, ALL to the same call again
    and the gradients."""
    found = Observation()
    try:
        inputs = case.fresh()
        with heard(found):
            found.output = watched(subject, case, inputs, found)
        found.inputs = {name: after(value) for name, value in inputs.items() if not callable(value)}
        found.asked = {name: value.times for name, value in inputs.items() if isinstance(value, Asked)}
        if depth == ALL:
            found.again = record(subject.call(case, case.fresh()))
        if depth >= LAWS:
            observe_laws(subject, case, found)
        if depth == ALL and subject.exercise.gradients:
            observe_gradients(subject, case, found)
    except (Exception, SystemExit) as error:
        found.failure = described(error)
    found.starts = subject.starts
    found.guessed = any(place.guessed for place in subject.places.values())
    return found


@contextlib.contextmanager
def heard(found: Observation) -> Iterator[None]:
    """What is printed inside, where it is kept from the cell."""
    kept = sys.stdout if isinstance(sys.stdout, io.StringIO) else io.StringIO()
    begin = kept.tell()
    try:
        yield
    finally:
        found.printed = kept.getvalue()[begin:][-MOST_PRINTED:]


def watched(subject: Subject, case: Case, inputs: dict[str, Any], found: Observation) -> Value:
    """The output of a call; a forbidden function that it has called is written down."""
    if not subject.exercise.forbidden:
        return record(subject.call(case, inputs))
    watch = Watch(subject.exercise.forbidden)
    try:
        with watch:
            return record(subject.call(case, inputs))
    finally:
        found.called = watch.seen


def observe_laws(subject: Subject, case: Case, found: Observation) -> None:
    """The calls that the laws change."""
    for law in subject.exercise.laws:
        changed = law.change(case) if law.change else None
        if changed is not None:
            found.laws[law.name] = record(subject.call(changed, changed.fresh()))


def after(value: Any) -> Value:
    """An input after the call; a tensor that now asks for its gradient is another kind of thing."""
    if isinstance(value, torch.Tensor) and value.requires_grad:
        return Value({"": "Tensor that asks for its gradient"})
    return record(value)


def observe_gradients(subject: Subject, case: Case, found: Observation) -> None:
    """The gradients of a fixed weighted sum of the output, for every floating input and every weight."""
    inputs = {name: leaf(value) for name, value in case.fresh().items()}
    leaves = {name: value for name, value in inputs.items() if isinstance(value, torch.Tensor) and value.requires_grad}
    found.gradients = dict.fromkeys([*leaves, *case.weights])
    try:
        subject.on(case)
        leaves |= {name: place.parameter for name, place in subject.places.items()}
        gradients = differentiate(weighted_sum(subject.call(case, inputs)), leaves)
    except TimeoutError:
        raise
    except Exception as error:
        found.gradient_failure = described(error)
        return
    for name, gradient in gradients.items():
        turned = name in subject.places and subject.places[name].turned
        found.gradients[name] = as_array(gradient.T if turned else gradient)


def differentiate(total: torch.Tensor, leaves: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The gradient of total with respect to every leaf that it depends on."""
    if not total.requires_grad:
        return {}
    gradients = grad(total, list(leaves.values()), allow_unused=True)
    return {name: gradient for name, gradient in zip(leaves, gradients, strict=True) if gradient is not None}


def leaf(value: Any) -> Any:
    """A floating tensor asks for its gradient; anything else stays as it is."""
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        return value.requires_grad_()
    return value


def weighted_sum(output: Any) -> torch.Tensor:
    """One number that depends on every entry of the output, each with another weight."""
    parts = (
        list(output.values()) if isinstance(output, dict) else output if isinstance(output, tuple | list) else [output]
    )
    total = torch.zeros((), dtype=torch.float64)
    for part in parts:
        if isinstance(part, torch.Tensor) and part.is_floating_point():
            weights = torch.cos(torch.arange(part.numel(), dtype=part.dtype)).reshape(part.shape)
            total = total + (part * weights).sum()
        elif isinstance(part, tuple | list | dict):
            total = total + weighted_sum(part)
    return total


def described(error: BaseException) -> Failure:
    """The exception's type, what it says, the candidate's own line."""
    return Failure(type(error).__name__, str(error).strip() or type(error).__name__, own_line(error))


def own_line(error: BaseException) -> str:
    """The last line of the traceback that belongs neither to the course nor to a library."""
    for frame, lineno in reversed(list(traceback.walk_tb(error.__traceback__))):
        filename = frame.f_code.co_filename
        if "site-packages" not in filename and "/lib/python" not in filename and not filename.startswith(COURSE):
            return linecache.getline(filename, lineno).strip()
    return ""
