"""Jobs: what a sandbox is asked about an exercise, as bytes, and what it answers, as observations."""

from __future__ import annotations

import importlib
import inspect
import io
import pkgutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import cloudpickle
import torch

from course import checks
from course.grading.inside import wire
from course.judging.exercise import Case, Exercise, Law
from course.judging.observation import Observation, Value, unflatten

MOST_ENTRIES = 4096  # of an array that a law will look at, beside four times what the right answer has


@cache
def by_value() -> None:
    """The toys and trials of the checks travel whole: a sandbox has no such modules."""
    for module in pkgutil.walk_packages(checks.__path__, "course.checks."):
        cloudpickle.register_pickle_by_value(importlib.import_module(module.name))
    cloudpickle.register_pickle_by_value(sys.modules[__name__])


def job(exercise: Exercise, cases: list[Case], reading: str) -> bytes:
    """The calls to be made, in which nothing tells what is right."""
    by_value()
    written = io.BytesIO()
    Writer(written).dump((stand_in(exercise, cases), cases, reading))
    return written.getvalue()


class Writer(cloudpickle.Pickler):
    """Plain tensors travel as arrays: torch's own way takes fifteen times as long to be read."""

    def reducer_override(self, value: Any) -> Any:
        if type(value) is torch.Tensor and is_plain(value):
            return torch.from_numpy, (value.numpy(),)
        return super().reducer_override(value)


def is_plain(tensor: torch.Tensor) -> bool:
    """Whether an array says all that there is to say about it."""
    return (
        tensor.layout == torch.strided and tensor.device.type == "cpu" and tensor.dtype != torch.bfloat16
        and tensor.is_contiguous() and not (tensor.requires_grad or tensor.is_conj() or tensor.is_neg())
    )  # fmt: skip


def stand_in(exercise: Exercise, cases: list[Case]) -> Exercise:
    """The exercise without its answer: what is called, how, and which further calls its laws make."""
    return replace(
        exercise,
        reference=shape_of(exercise, cases),
        cases=no_cases,
        mistakes=(),
        laws=tuple(Law(law.name, no_verdict, Changed(law, cases)) for law in exercise.laws if law.change),
    )


def shape_of(exercise: Exercise, cases: Sequence[Case]) -> Callable:
    """A function or a class of that name with the reference's parameters, which does nothing."""
    if not exercise.is_class:
        return with_signature(exercise.name, exercise.signature())
    changed = [law.change(case) for law in exercise.laws if law.change for case in cases]
    methods = {case.method for case in [*cases, *filter(None, changed)]}
    used = {method: inspect.signature(getattr(exercise.reference, method)) for method in methods}
    return type(exercise.name, (), {name: with_signature(name, signature) for name, signature in used.items()})


def with_signature(name: str, signature: inspect.Signature) -> Callable:
    def nothing(*_: Any, **__: Any) -> None:
        raise NotImplementedError

    nothing.__name__ = nothing.__qualname__ = name
    plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    nothing.__signature__ = inspect.Signature(plain)
    return nothing


def no_cases(_: Any) -> list[Case]:
    return []


def no_verdict(*_: Any) -> bool:
    return True


class Changed:
    """The second call that a law makes of each case, made beforehand."""

    def __init__(self, law: Law, cases: list[Case]) -> None:
        self.names, self.second = [case.name for case in cases], [law.change(case) for case in cases]

    def __call__(self, case: Case) -> Case | None:
        return self.second[self.names.index(case.name)]


def answered(header: Mapping[str, Any], body: bytes, expected: Sequence[Observation]) -> list[Observation]:
    """What the sandbox says that the answer did on each case. WireError where it says something else."""
    parts = header.get("observed")
    if not isinstance(parts, list) or len(parts) > len(expected):
        raise wire.WireError("no observations")
    found, start = [], 0
    for described, want in zip(parts, expected, strict=False):
        arrays = wire.unpacked(described, body[start:])
        start += sum(array.nbytes for array in arrays.values())
        found.append(within(unflatten(arrays), want))
    return found


def within(seen: Observation, want: Observation) -> Observation:
    """The same, but arrays that are much larger than any right one are left out: a law could need days for them."""
    values = [want.output, want.again, *want.inputs.values(), *want.laws.values()]
    largest = max((array.size for value in values if value for array in value.arrays.values()), default=0)
    most = 4 * largest + MOST_ENTRIES
    return replace(
        seen,
        output=cut(seen.output, most),
        again=cut(seen.again, most),
        inputs={name: cut(value, most) for name, value in seen.inputs.items()},
        laws={name: cut(value, most) for name, value in seen.laws.items()},
        gradients={name: None if one is not None and one.size > most else one for name, one in seen.gradients.items()},
    )


def cut(value: Value | None, most: int) -> Value | None:
    if value is None or all(array.size <= most for array in value.arrays.values()):
        return value
    arrays = {path: array for path, array in value.arrays.items() if array.size <= most}
    large = value.arrays.keys() - arrays.keys()
    return Value({path: f"{kind}, very large" if path in large else kind for path, kind in value.kinds.items()}, arrays)
