"""Trace: an answer works on zeros in place of the numbers, and what it does with them is written down, step by step.

The grader does these steps with numbers that the answer has never seen, and looks for itself at what comes of them, and
where it stands. A tensor is written down as a part of a storage: its number, dtype, offset, shape and strides."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

NAMES = (torch.dtype, torch.layout, torch.memory_format)
MOST_CONSTANT = 4096  # numbers


class Untold(Exception):
    """A value that cannot be written down; the text says what it is."""


class Trace(TorchDispatchMode):
    """While it is entered and listens: a list of the steps, each ["do", operation, args, kwargs, what came of it]."""

    def __init__(self) -> None:
        super().__init__()
        self.listens = False  # only while the answer is called
        self.steps: list[list] = []
        self.storages: dict[int, int] = {}
        self.kept: list[torch.UntypedStorage] = []  # else another could get the place of one that has gone

    def hears(self, operation: Any, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if operation._can_decompose():  # into what there are fewer of
            with self:
                return operation.decompose(*args, **kwargs)
        given = [one for one in parts((args, kwargs)) if isinstance(one, torch.Tensor)]
        if self.listens and operation._schema.is_mutable and any(map(self.knows, given)):
            for one in given:
                self.adopt(one)
        result = operation(*args, **kwargs)
        made = [one for one in parts(result) if isinstance(one, torch.Tensor)]
        counts = any(map(self.knows, given)) or (not given and any(one.is_floating_point() for one in made))
        if self.listens and counts and (operation._schema.is_mutable or not all(map(self.knows, made))):
            asked, named = self.told(args), self.told(kwargs)
            for one in made:
                self.number_of(one)
            self.steps.append(["do", str(operation), asked, named, self.told(result)])
        return result

    def knows(self, tensor: torch.Tensor) -> bool:
        return tensor.untyped_storage()._cdata in self.storages

    def number_of(self, tensor: torch.Tensor) -> int:
        """Of its storage; from here on it is known."""
        storage = tensor.untyped_storage()
        self.kept.append(storage)
        return self.storages.setdefault(storage._cdata, len(self.storages))

    def adopt(self, tensor: torch.Tensor) -> None:
        """A tensor with numbers of the answer's own, into which others are about to be written."""
        if tensor.is_floating_point() and not self.knows(tensor):
            whole = constant(torch.empty(0, dtype=tensor.dtype).set_(tensor.untyped_storage()))
            self.steps.append(["have", self.number_of(tensor), whole])

    def told(self, value: Any) -> Any:
        """The value as JSON has it. Untold where it has no words for it."""
        if isinstance(value, list | tuple):
            return {"list" if isinstance(value, list) else "tuple": [self.told(one) for one in value]}
        if isinstance(value, dict):
            return {"dict": {name: self.told(one) for name, one in value.items()}}
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, torch.device):
            return {"torch": "cpu"}
        if isinstance(value, NAMES):
            return {"torch": str(value).removeprefix("torch.")}
        if isinstance(value, torch.Tensor):
            return self.told_tensor(value) if self.knows(value) else constant(value)
        raise Untold(f"a {type(value).__name__}")

    def told_tensor(self, tensor: torch.Tensor) -> dict[str, list]:
        number, dtype = self.number_of(tensor), str(tensor.dtype).removeprefix("torch.")
        return {"tensor": [number, dtype, tensor.storage_offset(), list(tensor.shape), list(tensor.stride())]}


Trace.__torch_dispatch__ = Trace.hears  # written there, torch would wrap it, and import its compiler for that


class Watched:
    """The answer, between its caller and the trace: which of its methods is called with what, what it gives, and how
    its attributes of these names stand afterwards."""

    def __init__(self, answer: Any, looks: Sequence[str], trace: Trace) -> None:
        self.answer, self.looks, self.trace = answer, looks, trace
        self.look(None)

    def look(self, returned: Any) -> None:
        seen = {name: getattr(self.answer, name) for name in self.looks if hasattr(self.answer, name)}
        self.trace.steps.append(["look", self.trace.told(returned), self.trace.told(seen)])

    def __call__(self, *args: Any) -> Any:
        return self.called("", self.answer, args)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.answer, name)
        return found if name in self.looks else lambda *args: self.called(name, found, args)

    def called(self, name: str, method: Callable, args: tuple) -> Any:
        for one in parts(args):
            if isinstance(one, torch.Tensor) and one.is_floating_point():
                self.trace.number_of(one)
        self.trace.steps.append(["call", name, self.trace.told(args)])
        self.trace.listens = True
        try:
            returned = method(*args)
        except Exception as error:
            self.trace.steps.append(["raise", type(error).__name__, str(error)[:1000]])
            raise
        finally:
            self.trace.listens = False
        self.look(returned)
        return returned


class Tracing:
    """A trial in whose place the trace of the answer in it is written down."""

    def __init__(self, trial: Callable, looks: Sequence[str]) -> None:
        self.trial, self.looks = trial, looks

    def __call__(self, answer: Any, **inputs: Any) -> str:
        with torch.inference_mode(), Trace() as trace:
            try:
                self.trial(Watched(answer, self.looks, trace), **inputs)
            except Exception as error:
                trace.steps.append(["raise", type(error).__name__, str(error)[:1000]])
        return json.dumps(trace.steps)


def numberless(value: Any) -> Any:
    """The same, with zeros for all that is no whole number."""
    if isinstance(value, list | tuple):
        return type(value)(map(numberless, value))
    floating = isinstance(value, torch.Tensor) and value.is_floating_point()
    return torch.zeros_like(value) if floating else value


def parts(value: Any) -> Iterator[Any]:
    """What is in lists, tuples and dicts, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list | tuple):
        yield value
        return
    for one in value:
        yield from parts(one)


def constant(tensor: torch.Tensor) -> dict[str, list]:
    if tensor.numel() > MOST_CONSTANT:
        raise Untold(f"{tensor.numel()} numbers of its own")
    return {"constant": [str(tensor.dtype).removeprefix("torch."), list(tensor.shape), tensor.flatten().tolist()]}
