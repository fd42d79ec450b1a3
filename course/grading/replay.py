"""Replay: the steps of an answer that worked without numbers, done here with numbers; nothing of it runs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from course.grading.inside.far import error
from course.judging.exercise import Case, Exercise
from course.judging.isolation import kept_random_state, quiet
from course.judging.observation import Failure, Observation, Value, record

MOST_NUMBERS, MOST_STEPS = 1 << 16, 5000
TYPES = (torch.dtype, torch.layout, torch.memory_format)
OPERATIONS = """
    empty.memory_format empty_strided.default empty_like.default new_empty.default new_empty_strided.default
    zeros.default zeros_like.default new_zeros.default ones.default ones_like.default new_ones.default
    full.default full_like.default new_full.default fill.Scalar fill_.Scalar fill_.Tensor zero_.default
    clone.default copy_.default copy.default _to_copy.default _unsafe_view.default lift_fresh_copy.default
    cat.default stack.default constant_pad_nd.default repeat.default roll.default flip.default
    index.Tensor index_put.default index_put_.default index_select.default gather.default
    index_copy.default index_copy_.default index_add.default index_add_.default index_fill_.int_Scalar
    scatter.src scatter.value scatter_.src scatter_.value scatter_add.default scatter_add_.default
    slice_scatter.default select_scatter.default masked_fill.Scalar masked_fill_.Scalar masked_scatter_.default
    masked_scatter.default where.self where.ScalarOther where.ScalarSelf take.default
    add.Tensor add_.Tensor sub.Tensor sub_.Tensor mul.Tensor mul_.Tensor mul.Scalar add.Scalar mm.default bmm.default
"""
HARMLESS = frozenset(f"aten.{name}" for name in OPERATIONS.split())


UNCLEAR = "what it does with its tensors cannot be followed"


class Unclear(Exception):
    """Steps that cannot be done here; the text says which."""


class Replay:
    """In place of the answer: its methods do what it did when they were called, its attributes are as they were."""

    def __init__(self, steps: list, looks: Sequence[str]) -> None:
        self.looks = looks
        self.steps = iter(steps[:MOST_STEPS])
        self.storages: dict[int, Tensor] = {}
        self.seen: dict[str, Any] = {}
        self.look(next(self.steps, None))

    def __getattr__(self, name: str) -> Any:
        if name in self.looks and name not in self.seen:
            raise AttributeError(name)
        return self.seen[name] if name in self.looks else lambda *args: self.called(name, args)

    def __call__(self, *args: Any) -> Any:
        return self.called("", args)

    def called(self, method: str, args: tuple) -> Any:
        """What that call gives. Unclear where another one was made."""
        match next(self.steps, None):
            case ["call", name, {"tuple": list(places)}] if name == method and len(places) == len(args):
                for place, value in zip(places, args, strict=True):
                    self.given(place, value)
            case _:
                raise Unclear("it does not follow its calls")
        for step in self.steps:
            match step:
                case ["do", str(name), args, kwargs, result]:
                    self.do(name, args, kwargs, result)
                case ["have", int(number), whole] if number not in self.storages:
                    self.storages[number] = self.read(whole)
                case ["raise", str(kind), str(text)]:
                    raise error(kind, text)
                case _:
                    return self.look(step)
        raise Unclear("it ends in the middle of a call")

    def look(self, step: Any) -> Any:
        match step:
            case ["look", returned, {"dict": dict(seen)}]:
                self.seen = {name: self.read(value) for name, value in seen.items()}
                return self.read(returned)
        raise Unclear("it is no list of steps")

    def given(self, place: Any, value: Any) -> None:
        """A tensor that it was called with is the storage of that number."""
        match place:
            case {"tensor": [int(number), *_]} if isinstance(value, Tensor) and number not in self.storages:
                self.storages[number] = value.clone()

    def do(self, name: str, args: Any, kwargs: Any, result: Any) -> None:
        """One step. Its shapes are tried first without numbers, so that nothing large is made."""
        if name not in HARMLESS:
            raise Unclear(f"it uses {name[:60]}")
        operation = operation_of(name)
        given, named = self.read(args), self.read(kwargs)
        named = {key: value for key, value in named.items() if key != "pin_memory"}
        places = any(one.name == "device" for one in operation._schema.arguments)
        nowhere = operation(*moved(given), **moved(named) | ({"device": "meta"} if places else {}))
        if sum(one.untyped_storage().nbytes() for one in tensors(nowhere)) > 8 * MOST_NUMBERS:
            raise Unclear("it makes too much")
        made = operation(*given, **named)
        for tensor, place in zip(tensors(made), places_of(result), strict=True):
            self.storages.setdefault(place, tensor)

    def read(self, value: Any) -> Any:
        """A value that was written down, with its numbers."""
        match value:
            case None | bool() | int() | float() | str():
                return value
            case {"list": list(some)}:
                return [self.read(one) for one in some]
            case {"tuple": list(some)}:
                return tuple(self.read(one) for one in some)
            case {"dict": dict(some)}:
                return {name: self.read(one) for name, one in some.items()}
            case {"torch": "cpu"}:
                return torch.device("cpu")
            case {"torch": str(name)} if isinstance(getattr(torch, name, None), TYPES):
                return getattr(torch, name)
            case {"constant": [str(dtype), list(shape), list(numbers)]}:
                return torch.tensor(numbers, dtype=number_type(dtype)).reshape(sizes(shape))
            case {"tensor": [int(number), str(dtype), int(offset), list(shape), list(strides)]}:
                return self.part(number, dtype, offset, sizes(shape), sizes(strides))
        raise Unclear("it names something that is no value")

    def part(self, number: int, dtype: str, offset: int, shape: list[int], strides: list[int]) -> Tensor:
        storage = self.storages.get(number)
        if storage is None or storage.dtype != number_type(dtype) or math.prod(shape) > MOST_NUMBERS:
            raise Unclear("it names numbers that are not there")
        return storage.as_strided(shape, strides, offset)  # which sees to it that they lie within


def moved(value: Any) -> Any:
    """The same on the device that has shapes and no numbers; masks stay."""
    if isinstance(value, list | tuple):
        return type(value)(moved(one) for one in value)
    if isinstance(value, dict):
        return {name: moved(one) for name, one in value.items()}
    return value.to("meta") if isinstance(value, Tensor) and value.dtype != torch.bool else value


def tensors(value: Any) -> list[Tensor]:
    return [value] if isinstance(value, Tensor) else [one for one in value or () if isinstance(one, Tensor)]


def places_of(result: Any) -> list[int]:
    """The numbers of the storages of what came of a step."""
    match result:
        case {"tensor": [int(number), *_]}:
            return [number]
        case {"list": list(some)} | {"tuple": list(some)}:
            return [number for one in some for number in places_of(one)]
    return []


def sizes(found: list) -> list[int]:
    if len(found) > 32 or not all(type(one) is int and 0 <= one <= MOST_NUMBERS for one in found):
        raise Unclear("a shape that is none")
    return found


def number_type(name: str) -> torch.dtype:
    found = getattr(torch, name, None)
    if not isinstance(found, torch.dtype):
        raise Unclear("a dtype that is none")
    return found


def operation_of(name: str) -> Callable:
    _, base, overload = name.split(".")
    return getattr(getattr(torch.ops.aten, base), overload)


def replayed(exercise: Exercise, case: Case, told: Value | None) -> Observation:
    """What the trial of the exercise sees of an answer whose trace is that text."""
    found = Observation()
    try:
        with quiet(), kept_random_state(), torch.inference_mode():
            found.output = record(exercise.trial(Replay(steps_of(told), exercise.watched), **case.fresh()))
    except Unclear as unclear:
        found.failure = Failure("RuntimeError", f"{UNCLEAR}: {unclear}")
    except Exception as stopped:
        found.failure = Failure(type(stopped).__name__, str(stopped)[:1000])
    return found


def steps_of(told: Value | None) -> list:
    text: Mapping[str, Any] = told.arrays if told else {}
    try:
        steps = json.loads(str(text.get("", "")))
    except (ValueError, RecursionError):
        raise Unclear("it is no list of steps") from None
    if not isinstance(steps, list):
        raise Unclear("it is no list of steps")
    return steps
