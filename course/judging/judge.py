"""Compare what a candidate did with what the reference does, and say what is wrong, why, and where to look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course.judging import messages
from course.judging.exercise import Case, Exercise, Mistake
from course.judging.mistakes import wrong_answers
from course.judging.observe import Observation, observe_all, quiet

FORGIVEN_KINDS = {("list", "array"), ("list", "Tensor")}  # (asked for, given), where the numbers are the same


@dataclass(frozen=True)
class Verdict:
    """Right or wrong, the text for the learner, and the mistake where it has a name."""

    right: bool
    text: str
    mistake: Mistake | None = None


def judge(exercise: Exercise, cases: list[Case], observed: list[Observation]) -> Verdict:
    """The verdict on observations, which may come from another process; it runs only the reference and its mistakes."""
    expected = observe_all(exercise, exercise.reference, cases)
    with quiet():  # a law may divide by zero on a wrong answer
        problem = first_problem(exercise, cases, observed, expected)
        mistake = recognise(exercise, cases, observed, expected) if problem else None
    if problem is None:
        return Verdict(True, messages.right(exercise, len(cases)))
    return Verdict(False, messages.wrong(exercise, problem, mistake), mistake)


def recognise(
    exercise: Exercise, cases: list[Case], observed: list[Observation], expected: list[Observation]
) -> Mistake | None:
    """The known mistake whose observations equal these on every case; exceptions on all of them prove nothing.

    Where already the outputs are wrong, a mistake with the same outputs is the second choice: at a corner, or where
    everything is equal, code written in another way may have another gradient."""
    if len(observed) < len(cases) or all("error" in seen for seen in observed):
        return None
    outputs = [without_gradients(seen) for seen in observed]
    wrong_outputs = any(differs(seen, without_gradients(want)) for seen, want in zip(outputs, expected, strict=True))
    second_choice = None
    for mistake, answer in wrong_answers(exercise).items():
        behaviour = []
        for case, seen in zip(cases, outputs, strict=True):
            behaviour += observe_all(exercise, answer, [case])
            if not same_observation(seen, without_gradients(behaviour[-1])):
                break
        else:
            if all(map(same_observation, observed, behaviour)):
                return mistake
            second_choice = second_choice or (mistake if wrong_outputs else None)
    return second_choice


def without_gradients(observation: Observation) -> Observation:
    """What was observed of the values alone."""
    return {name: value for name, value in observation.items() if not name.startswith("grad")}


def differs(seen: Observation, want: Observation) -> bool:
    """True where the candidate ran to an end and something came out otherwise."""
    return "error" not in seen and not same_observation(seen, want)


def same_observation(one: Observation, other: Observation) -> bool:
    """The same names with the same values; of an exception, only the type counts, and of kinds what the judge forgives."""
    return one.keys() == other.keys() and all(same_entry(name, one[name], other[name]) for name in one)


def same_entry(name: str, one: np.ndarray, other: np.ndarray) -> bool:
    if name.endswith("error"):
        return error_texts(one)[0] == error_texts(other)[0]
    if name.startswith("KIND:"):
        return same(one, other) or not FORGIVEN_KINDS.isdisjoint({(str(one), str(other)), (str(other), str(one))})
    return same(one, other)


def same(seen: np.ndarray, want: np.ndarray) -> bool:
    """Equal shapes and values, up to rounding in the coarser of the two precisions."""
    return seen.shape == want.shape and not unequal(seen, want).any()


def unequal(seen: np.ndarray, want: np.ndarray) -> np.ndarray:
    """Where two arrays of one shape differ; text differs from every number."""
    kinds = {seen.dtype.kind, want.dtype.kind}
    if not kinds <= set("biufc"):
        return seen != want if kinds <= set("US") else np.ones(want.shape, dtype=bool)
    if not kinds & set("fc"):
        return seen != want
    wide = complex if "c" in kinds else float
    rtol, atol = (1e-4, 1e-5) if np.float32 in (seen.dtype, want.dtype) else (1e-7, 1e-10)
    return ~np.isclose(seen.astype(wide), want.astype(wide), rtol=rtol, atol=atol, equal_nan=True)


def first_problem(
    exercise: Exercise, cases: list[Case], observed: list[Observation], expected: list[Observation]
) -> str | None:
    """The first thing that is wrong, in the order in which a learner wants to hear of it.

    The tiny case, which comes first, is judged up to its values before any other: its numbers can be followed."""
    observed = [*observed, *({} for _ in cases[len(observed) :])]  # what was not observed is not right
    tried = list(zip(cases, observed, expected, strict=True))
    up_to_values = PROBLEMS[: PROBLEMS.index(different_value) + 1]
    for finders, some in ((up_to_values, tried[:1]), (PROBLEMS, tried)):
        for find in finders:
            for case, seen, want in some:
                text = find(exercise, case, seen, want) if exercise.unique or find is not different_value else None
                if text:
                    broken = broken_laws(exercise, case, seen, want) if find is different_value else []
                    return text + messages.laws_too(broken)
    return None


def raised(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    if "error" not in seen:
        return None
    kind, text, line = error_texts(seen["error"])
    asked = error_texts(want["error"])[0] if "error" in want else ""
    if not asked:
        return messages.error(exercise, case, kind, text, line)
    return messages.other_error(case, kind, text, asked) if kind != asked else None


def not_refused(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    return messages.no_error(case, error_texts(want["error"])[0]) if "error" in want and "error" not in seen else None


def error_texts(error: np.ndarray) -> list[str]:
    """An exception's type, its text, the line; also where another process wrote something else."""
    return [*map(str, error.ravel()[:3]), "", "", ""][:3]


def wrong_kind(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for name in parts(want, "KIND:out") if exercise.unique else parts(want, "KIND:out")[:1]:
        asked, given = str(want[name]), str(seen.get(name, "nothing"))
        if given == "nothing" and asked == "list":
            return messages.other_lists(exercise, case, seen, want)
        if asked != given and (asked, given) not in FORGIVEN_KINDS:
            truth = asked == "number" and want[name.removeprefix("KIND:")].dtype == bool
            asked = "bool" if truth else asked
            return messages.kind(exercise, case, name.removeprefix("KIND:"), given, asked)
    return None


def wrong_dtype(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for name in parts(want, "out"):
        checked = name in seen and str(want.get(f"KIND:{name}")) in ("Tensor", "array")
        if checked and seen[name].dtype != want[name].dtype:
            return messages.dtype(exercise, case, name, seen[name].dtype, want[name].dtype)
    return None


def wrong_shape(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    if not exercise.unique:
        return None
    for name in parts(want, "out"):
        if name not in seen or seen[name].shape != want[name].shape:
            is_list = name in seen and str(want.get(f"KIND:{name}")) == "list"
            say = messages.length if is_list else messages.shape
            return say(exercise, case, name, seen.get(name), want[name])
    return None


def changed_input(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for name in parts(want, "input:"):
        if name not in seen or not same(seen[name], want[name]):
            return messages.changed_input(exercise, case, name.removeprefix("input:"))
    return None


def random_answer(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for name in parts(seen, "out"):
        if not same(seen.get("again" + name.removeprefix("out"), np.array("")), seen[name]):
            return messages.random(exercise, case)
    return None


def different_value(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for name in parts(want, "out"):
        if not same(seen[name], want[name]):
            return messages.value(exercise, case, name, seen[name], want[name], unequal(seen[name], want[name]))
    return None


def broken_law(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    broken = broken_laws(exercise, case, seen, want)
    return messages.law(exercise, case, broken[0], messages.lists(seen) or value_of(seen, "out")) if broken else None


def wrong_gradient(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for name in parts(want, "grad:"):
        label, given, asked = name.removeprefix("grad:"), seen.get(name, np.array("none")), want[name]
        none_given, none_asked = given.dtype.kind == "U", asked.dtype.kind == "U"
        if none_given and not none_asked and asked.any():  # no gradient is as good as one of zeros
            return messages.no_gradient(exercise, case, label, seen.get("gradient error"))
        if not none_given and (given.any() if none_asked else not same(given, asked)):
            return messages.gradient(exercise, case, label, given, asked)
    return None


PROBLEMS: tuple[Callable[..., str | None], ...] = (
    raised, wrong_kind, wrong_shape, wrong_dtype, changed_input, random_answer, different_value, not_refused, broken_law,
    wrong_gradient,
)  # fmt: skip


def parts(observation: Observation, start: str) -> list[str]:
    """The names that begin so: the thing itself and its parts."""
    return [name for name in observation if name.startswith(start)]


def broken_laws(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> list[str]:
    """The laws that these outputs do not obey; `want` tells which laws say something about this case."""
    broken = []
    for law in exercise.laws:
        second = f"law:{law.name}"
        applies = "KIND:out" in want and (law.change is None or f"KIND:{second}" in want)
        if applies and not obeys(law.holds, case, value_of(seen, "out"), value_of(seen, second)):
            broken.append(law.name)
    return broken


def obeys(holds: Callable[..., bool], case: Case, out: object, second: object) -> bool:
    """False also for an output so strange that the law cannot be computed on it."""
    try:
        return bool(holds(case, out, second))
    except Exception:
        return False


def value_of(observation: Observation, name: str) -> object:
    """The array of that name, or {part: array} where it has several parts, or None."""
    if name in observation:
        return observation[name]
    found = {part.removeprefix(name): observation[part] for part in parts(observation, name)}
    return found or None
