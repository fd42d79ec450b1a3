"""Compare: when are two observations, two values, two arrays the same?"""

from __future__ import annotations

import numpy as np

from course.judging.observation import Failure, Observation, Value

# (asked for, given), where the numbers are the same
FORGIVEN_KINDS = {
    ("list", "array"), ("list", "Tensor"), ("list", "tuple"),
    ("tuple", "array"), ("tuple", "Tensor"), ("tuple", "list"), ("tuple", "list of tensors"),
    ("list of tensors", "list"), ("list of tensors", "tuple"),
}  # fmt: skip


def wrong_outputs(seen: Observation, want: Observation) -> bool:
    """True where the candidate ran to an end and something but a gradient came out otherwise, or where it refuses in
    another way than it must."""
    return not same_outputs(seen, want) and (not seen.failure or bool(want.failure))


def same_outputs(one: Observation, other: Observation) -> bool:
    """The same values, gradients apart; of an exception only the type counts, of kinds what the judge forgives."""
    return (
        same_failure(one.failure, other.failure)
        and same_value(one.output, other.output)
        and same_value(one.again, other.again)
        and same_values(one.inputs, other.inputs)
        and same_values(one.laws, other.laws)
    )


def same_observation(one: Observation, other: Observation) -> bool:
    """The same outputs, and the same gradients."""
    return (
        same_outputs(one, other)
        and one.asked == other.asked
        and one.called == other.called
        and all(one.starts.get(name) == start for name, start in other.starts.items())
        and same_failure(one.gradient_failure, other.gradient_failure)
        and same_gradients(one, other)
    )


def same_failure(one: Failure | None, other: Failure | None) -> bool:
    return (one and one.kind) == (other and other.kind)


def same_values(one: dict[str, Value], other: dict[str, Value]) -> bool:
    return one.keys() == other.keys() and all(same_value(one[name], other[name]) for name in one)


def same_value(one: Value | None, other: Value | None) -> bool:
    if one is None or other is None:
        return one is other
    return (
        one.kinds.keys() == other.kinds.keys()
        and one.arrays.keys() == other.arrays.keys()
        and all(same_kind(one.kinds[path], other.kinds[path], path) for path in one.kinds)
        and all(same_array(one, other, path) for path in one.arrays)
    )


def same_dtypes(one: Value | None, other: Value | None) -> bool:
    """The same number types, where they are fixed: in lists Python chooses them."""
    if one is None or other is None:
        return one is other
    fixed = [path for path, kind in other.kinds.items() if kind in ("Tensor", "array") and path in one.arrays]
    return all(one.dtype(path) == other.dtype(path) for path in fixed)


def similar_value(one: Value | None, other: Value | None) -> bool:
    """The same numbers up to rounding in float32, whatever kind of thing holds them."""
    if one is None or other is None or not one.arrays:
        return False
    return one.arrays.keys() == other.arrays.keys() and all(
        same(*in_single(one.arrays[path], other.arrays[path])) for path in one.arrays
    )


def mixed_of(mix: Value | None, one: Value | None, other: Value | None) -> bool:
    """Whether each number of the mix is that of the one or that of the other, up to rounding in float32."""
    values = (mix, one, other)
    if None in values or any(value.arrays.keys() != mix.arrays.keys() for value in values):
        return False
    return all(
        len({value.arrays[path].shape for value in values}) == 1
        and not np.logical_and(*(unequal(*in_single(array, value.arrays[path])) for value in (one, other))).any()
        for path, array in mix.arrays.items()
    )


def in_single(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both in float32, where both are numbers."""
    if {one.dtype.kind, other.dtype.kind} <= set("biuf"):
        return one.astype(np.float32), other.astype(np.float32)
    return one, other


def same_array(one: Value, other: Value, path: str) -> bool:
    """The same numbers at that path, as precise as their types are."""
    if one.arrays[path].shape != other.arrays[path].shape:
        return False
    return not unequal(one.arrays[path], other.arrays[path], coarse(one, path) or coarse(other, path)).any()


def coarse(value: Value, path: str) -> bool:
    """Whether the numbers at that path have two or three digits."""
    return f"{path} dtype" in value.kinds or value.arrays[path].dtype == np.float16


def same_kind(one: str, other: str, path: str = "") -> bool:
    return one == other or forgiven(one, other, path) or forgiven(other, one, path)


def forgiven(asked: str, given: str, path: str) -> bool:
    """Whether one kind may stand for the other; a list inside the output must be one, to be compared with others."""
    return (asked, given) in FORGIVEN_KINDS and not (path and given in ("Tensor", "array"))


def same_gradients(one: Observation, other: Observation) -> bool:
    return one.gradients.keys() == other.gradients.keys() and all(
        same_gradient(one.gradients[name], other.gradients[name]) for name in one.gradients
    )


def same_gradient(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    return one is other if one is None or other is None else same(one, other)


def same(seen: np.ndarray, want: np.ndarray) -> bool:
    """Equal shapes and values, up to rounding in the coarser of the two precisions."""
    return seen.shape == want.shape and not unequal(seen, want).any()


def unequal(seen: np.ndarray, want: np.ndarray, coarse: bool = False) -> np.ndarray:
    """Where two arrays of one shape differ; text differs from every number."""
    if seen is want or np.array_equal(seen, want):
        return np.zeros(want.shape, dtype=bool)
    kinds = {seen.dtype.kind, want.dtype.kind}
    if not kinds <= set("biufc"):
        return seen != want if kinds <= set("US") else np.ones(want.shape, dtype=bool)
    if not kinds & set("fc"):
        return seen != want
    wide = complex if "c" in kinds else float
    rtol, atol = (1e-4, 1e-5) if np.float32 in (seen.dtype, want.dtype) else (1e-7, 1e-10)
    if coarse:
        rtol, atol = 2e-2, 1e-2
    return ~np.isclose(seen.astype(wide), want.astype(wide), rtol=rtol, atol=atol, equal_nan=True)
