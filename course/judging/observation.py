"""Observation: what an answer did on one case, written down as plain arrays and texts, so that it can be compared."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

Flat = dict[str, np.ndarray]
LISTS = ("list", "tuple", "list of tensors")


@dataclass(frozen=True)
class Value:
    """An object: the kind and the array of it, and of each of its parts.

    The path of the object itself is "", of its parts "[1]" or "['a']"; " length" and " keys" tell of a list and a dict
    of others how many they are, " dtype" of a number type that NumPy does not have. What is neither number nor text has
    a kind alone."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def content(self) -> Any:
        """As a law gets it: the array, {path: array} where there are parts, None where there is nothing."""
        return self.arrays.get("", dict(self.arrays) or None)

    def dtype(self, path: str) -> str:
        """The number type of the array at that path."""
        return self.kinds.get(f"{path} dtype", str(self.arrays[path].dtype))


@dataclass(frozen=True)
class Failure:
    """An exception: its type, what it says, the answer's own line."""

    kind: str
    text: str = ""
    line: str = ""

    @property
    def nothing_written(self) -> bool:
        """Whether it is that of the exercise's stub."""
        return self.kind == self.text == "NotImplementedError"


@dataclass
class Observation:
    """What an answer did on one case, as far as it came.

    output, of one call, and again, of a second, equal one; inputs, as they are after the first call; asked, how often
    that call asked each input that counts; laws, the output of each law's changed call; gradients, None where none
    arrives; starts, the number that a weight holds before training, where it holds one alone. guessed: a weight was
    copied in one of two ways that its shape allows. called: the forbidden function that the first call has called.
    printed: what that call printed, which does not go to another process."""

    output: Value | None = None
    again: Value | None = None
    inputs: dict[str, Value] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    starts: dict[str, float] = field(default_factory=dict)
    laws: dict[str, Value] = field(default_factory=dict)
    gradients: dict[str, np.ndarray | None] = field(default_factory=dict)
    failure: Failure | None = None
    gradient_failure: Failure | None = None
    guessed: bool = False
    called: str = ""
    printed: str = ""


def record(value: Any, path: str = "") -> Value:
    """An object written down; what is already, stays as it is."""
    if isinstance(value, Value):
        return value
    kinds, arrays = {}, {}
    for kind_or_array, at, found in recorded(value, path):
        (kinds if kind_or_array == "kind" else arrays)[at] = found
    return Value(kinds, arrays)


def recorded(value: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    """("kind", path, its kind) and ("array", path, its numbers) of the object and of its parts."""
    kind = kind_of(value)
    yield "kind", path, kind
    if isinstance(value, torch.Tensor):
        if value.dtype == torch.bfloat16:  # NumPy has no such numbers
            yield "kind", f"{path} dtype", "bfloat16"
        yield "array", path, plain(as_array(value))
    elif kind in ("array", "array of objects", "number", "text"):
        yield "array", path, plain(value)
    elif kind == "dict":
        for key in sorted(value, key=repr):
            yield from recorded(value[key], f"{path}[{key!r}]")
        yield "array", f"{path} keys", np.array(sorted(map(repr, value)), dtype=str)
    elif kind in LISTS:
        yield from recorded_list(list(value), path)


def as_array(tensor: torch.Tensor) -> np.ndarray:
    """The tensor's numbers, which NumPy can hold."""
    tensor = tensor.detach().cpu().resolve_conj().resolve_neg()
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()


def recorded_list(items: list, path: str) -> Iterator[tuple[str, str, Any]]:
    """Numbers or words become one array; anything else is written down part by part."""
    kinds = {kind_of(item) for item in items}
    if kinds <= {"number"} or kinds == {"text"}:
        yield "array", path, plain([item.item() if hasattr(item, "item") else item for item in items])
        return
    yield "array", f"{path} length", np.array(len(items))
    for index, item in enumerate(items):
        yield from recorded(item, f"{path}[{index}]")


def plain(value: Any) -> np.ndarray:
    """An array of numbers or text, which can be stored; objects become their text,
    numbers too large for int64 floats."""
    array = np.asarray(value)
    if array.dtype.kind in "biufcUS":
        return array
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        return array.astype(float)
    return np.array(list(map(repr, array.ravel().tolist())), dtype=str).reshape(array.shape)


def kind_of(value: Any) -> str:
    """Tensor, array (of objects), number, text, list, tuple, list of tensors (each a single number), dict, None, or the
    name of the type."""
    if isinstance(value, torch.Tensor):
        return "Tensor" if value.ndim else "number"
    if isinstance(value, np.ndarray):
        return ("array" if value.dtype.kind != "O" else "array of objects") if value.ndim else "number"
    for types, kind in (
        ((bool, int, float, np.generic), "number"),
        (str, "text"),
        (tuple, "tuple"),
        (dict, "dict"),
    ):
        if isinstance(value, types):
            return kind
    if isinstance(value, list):
        single = any(isinstance(item, torch.Tensor) and not item.ndim for item in value)
        return "list of tensors" if single else "list"
    return type(value).__name__ if value is not None else "None"


def flatten(observation: Observation) -> Flat:
    """The observation as named arrays, to cross from one process to another (np.savez); unflatten reads it again."""
    named = [("output", "", observation.output), ("again", "", observation.again)]
    named += [("inputs", name, value) for name, value in observation.inputs.items()]
    named += [("laws", name, value) for name, value in observation.laws.items()]
    flat = {"guessed": np.array(observation.guessed), "called": np.array(observation.called)}
    flat |= {key("asked", name, "array", ""): np.array(times) for name, times in observation.asked.items()}
    flat |= {key("starts", name, "array", ""): np.array(start) for name, start in observation.starts.items()}
    for part, name, value in named:
        if value is not None:
            flat |= {key(part, name, "kind", path): np.array(kind) for path, kind in value.kinds.items()}
            flat |= {key(part, name, "array", path): array for path, array in value.arrays.items()}
    for name, gradient in observation.gradients.items():
        flat[key("gradients", name, "kind" if gradient is None else "array", "")] = (
            np.array("") if gradient is None else gradient
        )
    for part, failure in (("failure", observation.failure), ("gradient_failure", observation.gradient_failure)):
        if failure is not None:
            flat[part] = np.array([failure.kind, failure.text, failure.line])
    return flat


def key(*parts: str) -> str:
    """Part of the observation, its name there, kind or array, path: as one text."""
    return json.dumps(parts)


def unflatten(flat: Mapping[str, np.ndarray]) -> Observation:
    """The observation again. What another process wrote in any other form is left out, and so will be missed."""
    kinds: dict[tuple[str, str], dict[str, str]] = {}
    arrays: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    for text, array in flat.items():
        match parsed(text):
            case [str(part), str(name), "kind", str(path)]:
                kinds.setdefault((part, name), {})[path] = str(array)
            case [str(part), str(name), "array", str(path)]:
                arrays.setdefault((part, name), {})[path] = array
    values = {at: Value(kinds.get(at, {}), arrays.get(at, {})) for at in [*kinds, *arrays]}
    named = {
        part: {name: value for (of, name), value in values.items() if of == part}
        for part in ("inputs", "asked", "starts", "laws", "gradients")
    }
    return Observation(
        output=values.get(("output", "")),
        again=values.get(("again", "")),
        inputs=named["inputs"],
        asked={name: int(number) for name, number in singles(named["asked"])},
        starts=dict(singles(named["starts"])),
        laws=named["laws"],
        gradients={name: numbers(value.arrays.get("")) for name, value in named["gradients"].items()},
        failure=failure(flat.get("failure")),
        gradient_failure=failure(flat.get("gradient_failure")),
        guessed=bool(np.any(flat.get("guessed", np.array(False)) == np.array(True))),
        called=str(flat.get("called", "")),
    )


def parsed(text: str) -> Any:
    """What key wrote; None of anything else."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def numbers(array: np.ndarray | None) -> np.ndarray | None:
    """A gradient is made of numbers, or is none."""
    return array if array is not None and array.dtype.kind in "fc" else None


def singles(values: dict[str, Value]) -> Iterator[tuple[str, float]]:
    """Those that are one number; a count that is none is as good as none."""
    for name, value in values.items():
        array = value.arrays.get("")
        if array is not None and array.shape == () and array.dtype.kind in "iuf" and np.isfinite(array):
            yield name, float(array)


def failure(texts: np.ndarray | None) -> Failure | None:
    """The failure of these texts, however many they are."""
    return None if texts is None else Failure(*[*map(str, texts.ravel()[:3]), "", "", ""][:3])
