"""Axes: the sizes of a case and the places in an output, in words, as the reference's docstring writes its shapes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence

from course.judging.exercise import Case, Exercise

# Symbol of an axis -> what one entry along it is.
WORDS = {
    "B": "sentence", "T": "position", "T_q": "query", "T_k": "key", "H": "head", "V": "word", "vocab_size": "word",
    "rows": "row", "columns": "column", "n": "row", "m": "column", "p": "column", "d": "feature", "d_k": "feature",
    "d_v": "feature", "d_h": "feature", "d_model": "feature", "d_head": "feature", "n_positions": "position",
}  # fmt: skip


SYMBOL = r"(?:\.\.\.|[A-Za-z]\w*'?(?: [/*+] \w+)?)"


def shapes_in(text: str) -> dict[str, tuple[str, ...]]:
    """Name -> the symbols of its axes, from "query (..., T_q, d_k), keys and values (..., T_k, d_k)"."""
    found: dict[str, tuple[str, ...]] = {}
    for names, symbols in re.findall(rf"(\w+(?:(?:, | and )\w+)*) \(({SYMBOL}(?:, {SYMBOL})*,?)\)", text):
        axes = tuple(symbol.strip() for symbol in symbols.split(",") if symbol.strip())
        for name in re.split(r", | and ", names):
            found.setdefault(name, axes)
    return found


def docstring(exercise: Exercise, method: str) -> str:
    """Where the shapes are written: of a class in its method, or in its own docstring."""
    asked = getattr(exercise.reference, method, None) if exercise.is_class else exercise.reference
    return inspect.getdoc(asked) if getattr(asked, "__doc__", None) else inspect.getdoc(exercise.reference) or ""


def output_axes(exercise: Exercise, case: Case) -> tuple[str, ...]:
    """The symbols of the output's axes; () where the docstring does not write them in one way."""
    text = docstring(exercise, case.method)
    if re.search(r"-> the same shape", text):
        return next(iter(shapes_in(text).values()), ())
    found = re.search(r"->[\w ]*\(([^()]*)\)", text)
    return tuple(symbol.strip() for symbol in found[1].split(",") if symbol.strip()) if found else ()


def input_axes(exercise: Exercise, case: Case) -> Mapping[str, tuple[str, ...]]:
    """Input -> the symbols of its axes, where the docstring writes them."""
    return shapes_in(docstring(exercise, case.method).partition("->")[0])


def aligned(symbols: Sequence[str], ndim: int) -> list[str]:
    """A symbol for each axis, counted from the last one; '' where there is none, as for those of the three dots."""
    after_dots = [symbol for symbol in symbols if symbol != "..."]
    if len(after_dots) > ndim or (len(after_dots) < ndim and "..." not in symbols):
        return [""] * ndim
    return [""] * (ndim - len(after_dots)) + after_dots


def in_words(index: Sequence[int], symbols: Sequence[str]) -> str:
    """(0, 2) of (T_q, T_k) -> "query 0, key 2"; "" where an axis has no word of its own."""
    words = [WORDS.get(symbol, "") for symbol in aligned(symbols, len(index))]
    if not all(words) or len(set(words)) < len(words):
        return ""
    return ", ".join(f"{word} {at}" for word, at in zip(words, index, strict=True))


def axis_name(axis: int, symbols: Sequence[str], ndim: int) -> str:
    """ "axis 1 (T_k)", counted from the front."""
    symbol = aligned(symbols, ndim)[axis]
    return f"axis {axis} ({symbol})" if symbol else f"axis {axis}"


def sizes(exercise: Exercise, case: Case) -> dict[str, float]:
    """Every size and whole number of the case, with what it is: "d_k", "the last axis of x", "n_heads"."""
    named = input_axes(exercise, case)
    found: dict[str, float] = {}
    for name, value in case.inputs.items():
        if type(value) in (int, float):
            found[f"`{name}`"] = value
        shape = getattr(value, "shape", (len(value),) if isinstance(value, list | tuple | str) else ())
        symbols = aligned(named.get(name, ()), len(shape))
        for axis, (size, symbol) in enumerate(zip(shape, symbols, strict=True)):
            found[symbol or f"the size of axis {axis - len(shape)} of `{name}`"] = size
    settings = [case.init, *(vars(value) for value in case.init.values() if hasattr(value, "__dataclass_fields__"))]
    for setting in settings:
        found |= {name: value for name, value in setting.items() if type(value) is int}
    if "d_model" in found and "n_heads" in found:
        found["d_head"] = found["d_model"] / found["n_heads"]
    return found
