"""Far: a function that stays with the grader; each call goes there over the line, and is counted there."""

from __future__ import annotations

import builtins
import random
import socket
from typing import Any

import numpy as np
import torch
from torch import nn

from course.grading.inside import wire

MOST_TEXT = 1000  # characters of an error


class Far:
    """In place of the function that is the input of that name, on the case with that number."""

    line: socket.socket | None = None  # to the grader, while a question is answered

    def __init__(self, case: int, name: str) -> None:
        self.place = [case, name]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return asked(self.place, args, kwargs, training=False)


class FarModule(nn.Module):
    """The same in place of a model, which has a configuration, a mode, and weights that say nothing."""

    def __init__(self, case: int, name: str, config: Any, training: bool) -> None:
        super().__init__()
        self.place, self.config = [case, name], config
        self.weight = nn.Parameter(torch.zeros(()))
        self.train(training)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return asked(self.place, args, kwargs, training=self.training)


def asked(place: list, args: tuple, kwargs: dict[str, Any], training: bool) -> Any:
    """What the grader's function gives, or the error that it raises."""
    tree, body = written((args, tuple(kwargs), tuple(kwargs.values())))
    wire.send(Far.line, {"call": place, "training": training, "args": tree}, body)
    header, body = wire.receive(Far.line)
    if "raised" in header:
        raise error(*header["raised"])
    return read(header["value"], body)


def error(kind: str, text: str) -> Exception:
    """An exception of that kind, where it is one of Python's own."""
    found = getattr(builtins, kind, None)
    known = isinstance(found, type) and issubclass(found, Exception)
    return found(text) if known else RuntimeError(text)


def called_from_afar(answer: Any, at: int) -> None:
    """In place of a trial: call the answer as the grader, who does the trial of that case, asks; until it asks no
    more."""
    call = asked([at, ""], (), {}, training=False)
    while call is not None:
        seed, args, names, values = call
        torch.default_generator.manual_seed(seed), random.seed(seed), np.random.seed(seed % 2**32)
        value = answer(*args, **dict(zip(names, values, strict=True)))
        call = asked([at, ""], (value, args), {}, training=False)


def written(value: Any) -> tuple[dict[str, Any], bytes]:
    """Numbers, texts, tensors, generators as they begin, and lists and tuples of them, as JSON and bytes. TypeError of
    anything else."""
    arrays: dict[str, np.ndarray] = {}
    tree = branch(value, arrays)
    described, body = wire.packed(arrays)
    return {"tree": tree, "arrays": described}, body


def branch(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, list | tuple):
        return {"list" if isinstance(value, list) else "tuple": [branch(one, arrays) for one in value]}
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, torch.Generator):
        return {"generator": value.initial_seed()}
    kind = "tensor" if isinstance(value, torch.Tensor) else "array"
    array = value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else value
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biufc":
        raise TypeError(f"called with a {type(value).__name__}")
    name = str(len(arrays))
    arrays[name] = array
    return {kind: name}


def read(message: Any, body: bytes) -> Any:
    """What was written. WireError where it is something else."""
    if not isinstance(message, dict):
        raise wire.WireError("no value")
    return grown(message.get("tree"), wire.unpacked(message.get("arrays"), body))


def grown(tree: Any, arrays: dict[str, np.ndarray]) -> Any:
    match tree:
        case None | bool() | int() | float() | str():
            return tree
        case {"list": list(parts)}:
            return [grown(part, arrays) for part in parts]
        case {"tuple": list(parts)}:
            return tuple(grown(part, arrays) for part in parts)
        case {"tensor": str(name)} if name in arrays and arrays[name].dtype.kind in "biufc":
            return torch.from_numpy(arrays[name].copy())
        case {"generator": int(seed)} if 0 <= seed < 1 << 63:
            return torch.Generator().manual_seed(seed)
        case {"array": str(name)} if name in arrays:
            return arrays[name].copy()
    raise wire.WireError("no value")
