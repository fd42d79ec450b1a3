"""What an exercise is: a reference, the cases it is tried on, the laws it obeys, the mistakes people make."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True)
class Case:
    """One call: the inputs by name, in the order of the reference's parameters.

    A class under test is first built with `init` and given `weights` (parameter name -> tensor), then called itself, or
    its `method`, while `training` or not. Where the call must be refused, the error's text shows what `says` lists. A
    `corner` is a case apart, in words ("the empty rows"): a known mistake is known also where only corners differ."""

    name: str
    inputs: Mapping[str, Any]
    init: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, torch.Tensor] = field(default_factory=dict)
    method: str = "forward"
    training: bool = False
    says: tuple[str, ...] = ()
    corner: str = ""

    def __getitem__(self, name: str) -> Any:
        return self.inputs[name]

    def fresh(self) -> dict[str, Any]:
        """The inputs, copied, so that one call cannot change the next."""
        return {name: copied(value) for name, value in self.inputs.items()}

    def changed(self, **inputs: Any) -> Case:
        """The same case with some of its inputs replaced."""
        return replace(self, inputs={**self.inputs, **inputs})


def copied(value: Any) -> Any:
    """A copy that shares nothing with the value."""
    if type(value) is torch.Tensor and value.is_leaf and not value.requires_grad:
        return value.clone()  # deepcopy takes ten times as long
    return copy.deepcopy(value)


class Asked:
    """A function among the inputs that counts how often it is asked; all else about it is as it was."""

    def __init__(self, function: Callable) -> None:
        self.function, self.times = function, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.times += 1
        return self.function(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name in ("function", "times"):  # not there yet, while it is copied
            raise AttributeError(name)
        return getattr(self.function, name)


@dataclass(frozen=True)
class Law:
    """What every right answer obeys, whatever its numbers.

    `change` maps a case to a second call (None: the law says nothing about this case). `holds` gets the case, the first
    output and the second output (None without `change`); outputs are arrays, or {part:
    array} where there are several."""

    name: str
    holds: Callable[[Case, Any, Any], bool]
    change: Callable[[Case], Case | None] | None = None


@dataclass(frozen=True)
class Hunk:
    """Neighbouring lines of the reference, and those that stand there instead."""

    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Mistake:
    """A wrong answer people really give: hunks of the reference's source, and what a teacher would say.

    place: where it is written down, 'arrays/mistakes.diff:12'."""

    name: str
    hunks: tuple[Hunk, ...]
    says: str
    place: str = ""


@dataclass(frozen=True)
class Exercise:
    """One function or class for the learner to write.

    `cases` draws the calls; `section` of `lesson` is the part to read again. With `gradients`, those of the inputs and
    parameters must be right too. With `unique=False` many answers are right, and the laws alone decide. `trial(answer,
    **inputs)` makes the calls of a case where one call with its inputs would not show what the answer does, such as a
    change of a model's weights; what it returns is then judged as the output. `forbidden` are torch's own functions
    that the answer may not call, since it has to do their work itself. `watched` are attributes on which it depends
    where the answer's tensors stand: a grader then does the steps of the answer itself, to see for itself. With
    `tried_apart` the trial says what is the same for every right answer, and calls it with plain values alone: a grader
    does such a trial itself."""

    reference: Callable
    lesson: int
    section: str
    cases: Callable[[Draw], Iterable[Case]]
    mistakes: tuple[Mistake, ...] = ()
    laws: tuple[Law, ...] = ()
    gradients: bool = False
    unique: bool = True
    trial: Callable[..., Any] | None = None
    forbidden: frozenset[str] = frozenset()
    watched: tuple[str, ...] = ()
    tried_apart: bool = False

    @property
    def name(self) -> str:
        return self.reference.__name__

    @property
    def is_class(self) -> bool:
        return inspect.isclass(self.reference)

    def signature(self, method: str = "forward") -> inspect.Signature:
        """The parameters that a case's inputs fill: the function's own, or those of the class's method."""
        return signature_of(self.reference, method)


@functools.cache
def signature_of(reference: Callable, method: str) -> inspect.Signature:
    """The parameters of a function, or of a class's method without its self."""
    if not inspect.isclass(reference):
        return inspect.signature(reference)
    asked = inspect.signature(getattr(reference, method))
    return asked.replace(parameters=list(asked.parameters.values())[1:])


class Draw:
    """Seeded sizes and numbers for the cases of an exercise."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def sizes(self, count: int, low: int = 2, high: int = 8) -> list[int]:
        """`count` sizes of which no two are equal: a swapped axis then always shows."""
        return [int(size) for size in self.rng.permutation(np.arange(low, high + 1))[:count]]

    def integer(self, low: int, high: int) -> int:
        """One integer in [low, high]."""
        return int(self.rng.integers(low, high + 1))

    def array(self, *shape: int, dtype: Any = np.float64) -> np.ndarray:
        """Standard normal numbers."""
        return self.rng.standard_normal(shape).astype(dtype)

    def tensor(self, *shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
        """Standard normal numbers; float64, so that small mistakes still show."""
        return torch.from_numpy(self.rng.standard_normal(shape)).to(dtype)

    def mask(self, *shape: int) -> torch.Tensor:
        """Booleans, about a third of them False, with at least one True in every row."""
        keep = self.rng.random(shape) > 1 / 3
        np.put_along_axis(keep, self.rng.integers(0, shape[-1], (*shape[:-1], 1)), True, axis=-1)
        return torch.from_numpy(keep)

    def integers(self, low: int, high: int, *shape: int) -> torch.Tensor:
        """Integers in [low, high)."""
        return torch.from_numpy(self.rng.integers(low, high, shape))

    def weights(self, module: torch.nn.Module) -> dict[str, torch.Tensor]:
        """Random values for every parameter of `module`: defaults of 0 and 1 would hide a forgotten bias or gain."""
        return {
            name: self.tensor(*parameter.shape) / max(parameter.shape[-1], 1) ** 0.5
            for name, parameter in module.named_parameters()
        }
