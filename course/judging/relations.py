"""Relations: how the wrong output comes out of the right one; each is computed, and holds on every case but corners."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from course.judging import messages
from course.judging.axes import aligned, output_axes, sizes
from course.judging.comparison import same, unequal
from course.judging.exercise import Case, Exercise
from course.judging.observation import Observation, Value

MOST_AXES, FEWEST_ERRORS = 4, 6


@dataclass(frozen=True)
class Pair:
    """On one case, the array that was given, and the one asked for."""

    case: Case
    seen: np.ndarray
    want: np.ndarray

    @property
    def wrong(self) -> bool:
        return not same(self.seen, self.want)


def relation(
    exercise: Exercise, cases: list[Case], observed: list[Observation], expected: list[Observation]
) -> str | None:
    """What the wrong output is, said by the right one: "the right numbers, with the last two axes exchanged"."""
    compared = [
        (case, seen.output, want.output)
        for case, seen, want in zip(cases, observed, expected, strict=False)
        if seen.output and want.output and not case.corner
    ]
    if text := parts_exchanged(compared):
        return text
    path = first_wrong(compared)
    if path is None:
        return None
    pairs = [
        Pair(case, seen.arrays[path], want.arrays[path])
        for case, seen, want in compared
        if numeric(seen, path) and numeric(want, path)
    ]
    if len(pairs) < len(compared) or not telling(pairs):
        return None
    found = next((text for rule in RULES if (text := rule(exercise, pairs))), None)
    return f"{messages.called(path)} {found}" if found else None


def parts_exchanged(compared: Sequence[tuple[Case, Value, Value]]) -> str | None:
    """Where the output has two parts, and each is the other one."""
    paths = ("[0]", "[1]")
    both = compared and all(numeric(value, path) for _, *values in compared for value in values for path in paths)
    if not both or all(same(seen.arrays["[0]"], want.arrays["[0]"]) for _, seen, want in compared):
        return None
    crossed = all(
        same(seen.arrays[path], want.arrays[other])
        for _, seen, want in compared
        for path, other in zip(paths, reversed(paths), strict=True)
    )
    return "both parts of the output are right, but they stand in the other order." if crossed else None


def numeric(value: Value, path: str) -> bool:
    """Whether there are numbers at that path."""
    return path in value.arrays and value.arrays[path].dtype.kind in "biuf"


def first_wrong(compared: Sequence[tuple[Case, Value, Value]]) -> str | None:
    """The first part that is not right on some case."""
    for _, seen, want in compared:
        for path, asked in want.arrays.items():
            if path not in seen.arrays or not same(seen.arrays[path], asked):
                return path
    return None


def telling(pairs: Sequence[Pair]) -> bool:
    """Whether there are enough wrong numbers for a relation to be no accident."""
    wrong = [pair for pair in pairs if pair.wrong]
    different = {number for pair in wrong for number in np.round(pair.seen.astype(float), 9).ravel().tolist()[:50]}
    return len(different) >= 4 or (len(wrong) > 1 and len(different) > 1)


def holds(pairs: Sequence[Pair], change: Callable[[np.ndarray], np.ndarray]) -> bool:
    """Whether the change makes the output out of the right one on every case."""
    try:
        return all(alike(pair.seen, change(pair.want)) for pair in pairs)
    except (ValueError, IndexError, np.exceptions.AxisError):
        return False


def alike(seen: np.ndarray, made: np.ndarray) -> bool:
    """The same shape and numbers, up to rounding in float32."""
    return seen.shape == made.shape and not unequal(seen.astype(np.float32), made.astype(np.float32)).any()


# Rules: what to say after "the output", or None. The first that fits is said.


def rounded(exercise: Exercise, pairs: Sequence[Pair]) -> str | None:
    wide = all(pair.want.dtype == np.float64 for pair in pairs if pair.wrong)
    if not wide or not holds(pairs, lambda want: want):
        return None
    errors = np.concatenate([(pair.seen - pair.want).ravel() for pair in pairs if pair.wrong])
    errors = errors[errors != 0]
    if len(errors) >= FEWEST_ERRORS and len(set(np.sign(errors))) == 1:  # rounding goes up and down
        word = "large" if errors[0] > 0 else "small"
        return (
            f"is nearly right, but each number is a little too {word}: is something small added to it, or to what it "
            "is divided by, or is a constant not exact?"
        )
    return (
        "is right to about seven digits only: somewhere the numbers become float32 (.float(), torch.zeros(...) or "
        "torch.tensor(...) without a dtype, .item()), and what comes in is float64."
    )


def exchanged_axes(exercise: Exercise, pairs: Sequence[Pair]) -> str | None:
    for one, other in itertools.combinations(range(-1, -MOST_AXES - 1, -1), 2):

        def exchange(want: np.ndarray, one: int = one, other: int = other) -> np.ndarray:
            return np.swapaxes(want, one, other) if want.ndim >= max(-one, -other) else want

        if holds(pairs, exchange):
            names = symbols(exercise, pairs)
            if (one, other) == (-1, -2):
                return f"holds the right numbers with the last two axes exchanged{between(names, one, other)}."
            return f"holds the right numbers with the axes {one} and {other} exchanged{between(names, one, other)}."
    if holds(pairs, lambda want: want.T):
        return "holds the right numbers with all axes turned round: .T does that to more than two axes."
    return None


def symbols(exercise: Exercise, pairs: Sequence[Pair]) -> list[str]:
    """The symbols of the output's axes, for the largest output."""
    ndim = max(pair.want.ndim for pair in pairs)
    return aligned(output_axes(exercise, pairs[0].case), ndim)


def between(names: Sequence[str], one: int, other: int) -> str:
    named = len(names) >= max(-one, -other) and names[one] and names[other]
    return f", {names[other]} and {names[one]}" if named else ""


def turned_round(exercise: Exercise, pairs: Sequence[Pair]) -> str | None:
    for axis in range(-1, -MOST_AXES, -1):

        def turn(want: np.ndarray, axis: int = axis) -> np.ndarray:
            return np.flip(want, axis) if want.ndim >= -axis else want

        if holds(pairs, turn):
            return f"holds the right numbers in reverse order along axis {axis}: what comes first should come last."
    return None


def shifted(exercise: Exercise, pairs: Sequence[Pair]) -> str | None:
    """Moved by one place; what stands at the open end does not count."""
    wrong = [pair for pair in pairs if pair.wrong]
    if any(pair.seen.shape != pair.want.shape or not pair.want.ndim for pair in wrong):
        return None
    for axis in range(-1, -MOST_AXES, -1):
        if any(pair.want.ndim < -axis or pair.want.shape[axis] < 3 for pair in wrong):
            continue
        moved = [(np.moveaxis(pair.seen, axis, 0), np.moveaxis(pair.want, axis, 0)) for pair in wrong]
        if all(alike(seen[1:], want[:-1]) for seen, want in moved):
            return f"holds the right numbers one place too late along axis {axis}."
        if all(alike(seen[:-1], want[1:]) for seen, want in moved):
            return f"holds the right numbers one place too early along axis {axis}."
    return None


def factor(exercise: Exercise, pairs: Sequence[Pair]) -> str | None:
    """The right numbers times one number, which may be another one on each case."""
    factors = [ratio(pair) for pair in pairs]
    if any(one is None for one in factors):
        return None
    told = [(pair.case, one) for pair, one in zip(pairs, factors, strict=True) if one and not math.isnan(one)]
    if not told or all(math.isclose(one, 1, rel_tol=1e-5) for _, one in told):
        return None
    wrong = [one for _, one in told if not math.isclose(one, 1, rel_tol=1e-5)]
    if len({round(one, 5) for _, one in told}) == 1:
        return f"is the right one times {named_number(wrong[0])}, on every case."
    name = explained(exercise, told)
    if name is None:
        return None
    case, one = next((case, one) for case, one in told if not math.isclose(one, 1, rel_tol=1e-5))
    return f"is the right one times {name} (times {one:.4g} on the case {case.name!r})."


def ratio(pair: Pair) -> float | None:
    """The one factor between the two arrays; NaN where all is zero, None where there is none."""
    if pair.seen.shape != pair.want.shape:
        return None
    seen, want = pair.seen.astype(float), pair.want.astype(float)
    used = np.isfinite(want) & (abs(want) > 1e-9)
    if not used.any():
        return math.nan if same(seen, want) else None
    one = float(np.median(seen[used] / want[used]))
    return one if math.isfinite(one) and alike(seen, want * one if one else seen * 0) else None


NUMBERS = {
    -1.0: "-1: the sign is the other one",
    math.log(2): "ln 2, as between logarithms to base 2 and natural ones",
    1 / math.log(2): "1 / ln 2, as between natural logarithms and those to base 2",
    math.log(10): "ln 10, as between logarithms to base 10 and natural ones",
    1 / math.log(10): "1 / ln 10, as between natural logarithms and those to base 10",
}


def named_number(number: float) -> str:
    return next((name for known, name in NUMBERS.items() if math.isclose(number, known, rel_tol=1e-5)), f"{number:.4g}")


FORMS: dict[str, Callable[[float], float]] = {
    "{}": lambda size: size,
    "1 / {}": lambda size: 1 / size,
    "the root of {}": math.sqrt,
    "1 / the root of {}": lambda size: 1 / math.sqrt(size),
    "{} squared": lambda size: size**2,
    "1 / ({} squared)": lambda size: 1 / size**2,
    "{0} / ({0} - 1)": lambda size: size / (size - 1),
    "({0} - 1) / {0}": lambda size: (size - 1) / size,
    "the root of {0} / ({0} - 1)": lambda size: math.sqrt(size / (size - 1)),
    "the root of ({0} - 1) / {0}": lambda size: math.sqrt((size - 1) / size),
}


def explained(exercise: Exercise, told: Sequence[tuple[Case, float]]) -> str | None:
    """The size, or what is made of it, that is the factor on every case: "the root of d_k"."""
    for form, of in FORMS.items():
        for name in sizes(exercise, told[0][0]):
            if all(is_made_of(sizes(exercise, case).get(name), of, one) for case, one in told):
                return form.format(name)
    return None


def is_made_of(size: float | None, of: Callable[[float], float], one: float) -> bool:
    try:
        return size is not None and math.isclose(of(size), one, rel_tol=1e-4)
    except (ValueError, ZeroDivisionError, OverflowError):
        return False


def plus_a_number(exercise: Exercise, pairs: Sequence[Pair]) -> str | None:
    if any(pair.seen.shape != pair.want.shape or not pair.want.size for pair in pairs):
        return None
    shifts = [float(np.median(pair.seen.astype(float) - pair.want.astype(float))) for pair in pairs]
    if len({round(shift, 5) for shift in shifts}) > 1 or not math.isfinite(shifts[0]) or abs(shifts[0]) < 1e-6:
        return None
    if not all(alike(pair.seen, pair.want + shifts[0]) for pair in pairs):
        return None
    return f"is the right one {'plus' if shifts[0] > 0 else 'minus'} {abs(shifts[0]):.4g}, everywhere."


def probabilities(scores: np.ndarray) -> np.ndarray:
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# The right output comes out of this one by a step that is missing; or this one out of the right one, by one too many.
STEPS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "a softmax over the last axis": probabilities,
    "an exponential": np.exp,
    "a logarithm": np.log,
    "a square root": np.sqrt,
    "a square": np.square,
    "1 minus it": lambda x: 1 - x,
    "1 divided by it": lambda x: 1 / x,
    "a tanh": np.tanh,
    "a sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "a running sum along the last axis": lambda x: np.cumsum(x, axis=-1),
}


def one_step_off(exercise: Exercise, pairs: Sequence[Pair]) -> str | None:
    wrong = [(pair.seen.astype(float), pair.want.astype(float)) for pair in pairs if pair.wrong]
    if any(seen.shape != want.shape or not want.ndim for seen, want in wrong):
        return None
    for name, step in STEPS.items():
        if all(alike(step(seen), want) for seen, want in wrong):
            return f"is one step short: {name} would make the right numbers of it."
        if all(alike(seen, step(want)) for seen, want in wrong):
            return f"is one step too far: it is {name} of the right numbers."
    return None


def summed(exercise: Exercise, pairs: Sequence[Pair]) -> str | None:
    """One of them is the other one, summed or averaged over an axis."""
    for name, over in (("sum", np.sum), ("mean", np.mean)):
        for axis in [*range(-1, -MOST_AXES, -1), None]:
            where = "all of it" if axis is None else f"axis {axis}"

            def reduce(one: np.ndarray, over: Callable = over, axis: int | None = axis) -> np.ndarray:
                return over(one.astype(float), axis=axis)

            if holds(pairs, reduce):
                return f"is the {name} over {where} of the right one: that is one step too many."
            if all(pair.seen.ndim > pair.want.ndim for pair in pairs) and holds(turned_over(pairs), reduce):
                return f"still has an axis too many: its {name} over {where} is the right one."
    return None


def turned_over(pairs: Sequence[Pair]) -> list[Pair]:
    return [Pair(pair.case, pair.want, pair.seen) for pair in pairs]


def other_shape(exercise: Exercise, pairs: Sequence[Pair]) -> str | None:
    wrong = [pair for pair in pairs if pair.wrong]
    shapes = [(pair.seen.shape, pair.want.shape) for pair in wrong]
    if not all(alike(pair.seen.ravel(), pair.want.ravel()) for pair in wrong):
        return None
    if all(tuple(n for n in seen if n > 1) == tuple(n for n in want if n > 1) for seen, want in shapes):
        more = "too many" if len(shapes[0][0]) > len(shapes[0][1]) else "too few"
        return f"holds the right numbers, with an axis of size 1 {more} or in another place."
    return "holds the right numbers in the right order, cut into another shape."


def other_order(exercise: Exercise, pairs: Sequence[Pair]) -> str | None:
    wrong = [pair for pair in pairs if pair.wrong]
    if any(pair.seen.size != pair.want.size or pair.want.size < 3 for pair in wrong):
        return None
    if all(alike(np.sort(pair.seen, axis=None), np.sort(pair.want, axis=None)) for pair in wrong):
        shape = " and in another shape" if wrong[0].seen.shape != wrong[0].want.shape else ""
        return f"holds the right numbers, but at other places{shape}."
    return None


RULES: tuple[Callable[[Exercise, Sequence[Pair]], str | None], ...] = (
    rounded, exchanged_axes, turned_round, shifted, factor, plus_a_number, one_step_off, other_shape, summed,
    other_order,
)  # fmt: skip
