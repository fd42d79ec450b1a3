"""Compare what a candidate did with what the reference does, and say what is wrong, why, and where to look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from course.judging import messages
from course.judging.exercise import Case, Exercise, Mistake
from course.judging.isolation import quiet
from course.judging.mistakes import wrong_answers
from course.judging.observation import Failure, Observation, Value
from course.judging.observe import observations

FORGIVEN_KINDS = {("list", "array"), ("list", "Tensor")}  # (asked for, given), where the numbers are the same


@dataclass(frozen=True)
class Verdict:
    """Right or wrong, the text for the learner, and the mistake where it has a name."""

    right: bool
    text: str
    mistake: Mistake | None = None


def judge(exercise: Exercise, cases: list[Case], observed: list[Observation]) -> Verdict:
    """The verdict on observations, which may come from another process; it runs only the reference and its mistakes."""
    with quiet(), torch.enable_grad():  # a law may divide by zero on a wrong answer
        expected = behaviour(exercise, exercise.reference, cases)
        problem = first_problem(exercise, cases, observed, expected)
        mistake = recognise(exercise, cases, observed, expected) if problem else None
    if problem is None:
        return Verdict(True, messages.right(exercise, len(cases)))
    return Verdict(False, messages.wrong(exercise, problem, mistake), mistake)


def behaviour(exercise: Exercise, known: Callable, cases: list[Case]) -> list[Observation]:
    """What the reference, or a known mistake, does on these cases; it ends by itself."""
    return list(observations(exercise, known, cases))


# Which mistake is it? One that did the same on every case.


def recognise(
    exercise: Exercise, cases: list[Case], observed: list[Observation], expected: list[Observation]
) -> Mistake | None:
    """The known mistake that does the same on every case; exceptions on all of them prove nothing.

    First comes a mistake that is the same in everything, gradients included. Where already the outputs are wrong, one
    with the same outputs is the next best: at a corner, or where everything is equal, code written in another way may
    have another gradient."""
    if len(observed) < len(cases) or all(seen.failure for seen in observed):
        return None
    second_best = None
    for mistake, answer in wrong_answers(exercise).items():
        found = same_outputs_throughout(exercise, answer, cases, observed)
        if found and all(map(same_observation, observed, found)):
            return mistake
        if found and second_best is None:
            second_best = mistake
    return second_best if any(map(wrong_outputs, observed, expected)) else None


def same_outputs_throughout(
    exercise: Exercise, answer: Callable, cases: list[Case], observed: list[Observation]
) -> list[Observation]:
    """What the answer does on the cases, where that is what was observed, gradients apart; nothing where it is not.

    The first case that differs ends it: most mistakes are ruled out by the tiny one."""
    found = []
    for case, seen in zip(cases, observed, strict=True):
        found += behaviour(exercise, answer, [case])
        if not same_outputs(seen, found[-1]):
            return []
    return found


def wrong_outputs(seen: Observation, want: Observation) -> bool:
    """True where the candidate ran to an end and something but a gradient came out otherwise."""
    return not seen.failure and not same_outputs(seen, want)


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
        and same_failure(one.gradient_failure, other.gradient_failure)
        and one.gradients.keys() == other.gradients.keys()
        and all(same_gradient(one.gradients[name], other.gradients[name]) for name in one.gradients)
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
        and all(same_kind(one.kinds[path], other.kinds[path]) for path in one.kinds)
        and all(same(one.arrays[path], other.arrays[path]) for path in one.arrays)
    )


def same_kind(one: str, other: str) -> bool:
    return one == other or not FORGIVEN_KINDS.isdisjoint({(one, other), (other, one)})


def same_gradient(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    return one is other if one is None or other is None else same(one, other)


def same(seen: np.ndarray, want: np.ndarray) -> bool:
    """Equal shapes and values, up to rounding in the coarser of the two precisions."""
    return seen.shape == want.shape and (np.array_equal(seen, want) or not unequal(seen, want).any())


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


# What is wrong? Each function asks one question of one case, and answers None or what to say.


def raised(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    if not seen.failure:
        return None
    if not want.failure:
        return messages.error(exercise, case, seen.failure)
    return (
        messages.other_error(case, seen.failure, want.failure) if not same_failure(seen.failure, want.failure) else None
    )


def not_refused(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    return messages.no_error(case, want.failure) if want.failure and not seen.failure else None


def wrong_kind(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    given, right = output_of(seen), output_of(want)
    for path, asked in right.kinds.items():
        missing = path not in given.kinds
        nested = given.kinds.get(path) == "list" and (path in given.arrays) != (path in right.arrays)
        if asked == "list" and (missing or nested):
            return messages.other_lists(exercise, case, given, right)
        if text := other_kind(exercise, case, path, seen, want):
            return text
    return None


def wrong_kind_of_whole(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    return other_kind(exercise, case, "", seen, want) if want.output else None


def other_kind(exercise: Exercise, case: Case, path: str, seen: Observation, want: Observation) -> str | None:
    """What to say where the output, or a part of it, is another kind of thing."""
    asked, given = output_of(want).kinds[path], output_of(seen).kinds.get(path, "nothing")
    if asked == given or (asked, given) in FORGIVEN_KINDS:
        return None
    truth = asked == "number" and output_of(want).arrays[path].dtype == bool
    return messages.kind(exercise, case, path, given, "bool" if truth else asked)


def wrong_dtype(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for path, asked, given in arrays_of(seen, want):
        fixed = output_of(want).kinds.get(path) in ("Tensor", "array")
        if fixed and given is not None and given.dtype != asked.dtype:
            return messages.dtype(exercise, case, path, given.dtype, asked.dtype)
    return None


def wrong_shape(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for path, asked, given in arrays_of(seen, want):
        if given is None or given.shape != asked.shape:
            is_list = given is not None and output_of(want).kinds.get(path) == "list"
            say = messages.length if is_list else messages.shape
            return say(exercise, case, path, given, asked)
    return None


def changed_input(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for name, value in want.inputs.items():
        if name not in seen.inputs or not same_value(seen.inputs[name], value):
            return messages.changed_input(exercise, case, name)
    return None


def random_answer(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    again = seen.again or Value()
    for path, array in output_of(seen).arrays.items():
        if not same(again.arrays.get(path, np.array("")), array):
            return messages.random(exercise, case)
    return None


def different_value(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for path, asked, given in arrays_of(seen, want):
        if not same(given, asked):
            return messages.value(exercise, case, path, given, asked, unequal(given, asked))
    return None


def broken_law(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    broken = broken_laws(exercise, case, seen, want)
    return messages.law(exercise, case, broken[0], output_of(seen)) if broken else None


def wrong_gradient(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for name, asked in want.gradients.items():
        given = seen.gradients.get(name)
        if given is None and asked is not None and asked.any():  # no gradient is as good as one of zeros
            return messages.no_gradient(exercise, case, name, seen.gradient_failure)
        if given is not None and (given.any() if asked is None else not same(given, asked)):
            return messages.gradient(exercise, case, name, given, asked)
    return None


Question = Callable[[Exercise, Case, Observation, Observation], str | None]

# In the order in which a learner wants to hear of it.
WHERE_ONE_IS_RIGHT: tuple[Question, ...] = (
    raised, wrong_kind, wrong_shape, wrong_dtype, changed_input, random_answer, different_value, not_refused,
    broken_law,
    wrong_gradient,
)  # fmt: skip
WHERE_MANY_ARE_RIGHT: tuple[Question, ...] = (
    raised, wrong_kind_of_whole, wrong_dtype, changed_input, random_answer, not_refused, broken_law, wrong_gradient,
)  # fmt: skip
OF_ONE_OUTPUT = {
    raised,
    wrong_kind,
    wrong_kind_of_whole,
    wrong_shape,
    wrong_dtype,
    changed_input,
    random_answer,
    different_value,
}


def first_problem(
    exercise: Exercise, cases: list[Case], observed: list[Observation], expected: list[Observation]
) -> str | None:
    """The first thing that is wrong: question after question, each asked of all the cases.

    The tiny case, which comes first, is asked about its output before any other: its numbers can be followed."""
    observed = [*observed, *(Observation() for _ in cases[len(observed) :])]  # what was not observed is not right
    tried = list(zip(cases, observed, expected, strict=True))
    in_order = WHERE_ONE_IS_RIGHT if exercise.unique else WHERE_MANY_ARE_RIGHT
    at_first = [question for question in in_order if question in OF_ONE_OUTPUT]
    for questions, some in ((at_first, tried[:1]), (in_order, tried)):
        for question in questions:
            for case, seen, want in some:
                if text := question(exercise, case, seen, want):
                    broken = broken_laws(exercise, case, seen, want) if question is different_value else []
                    return text + messages.laws_too(broken)
    return None


def output_of(observation: Observation) -> Value:
    return observation.output or Value()


def arrays_of(seen: Observation, want: Observation) -> Iterator[tuple[str, np.ndarray, np.ndarray | None]]:
    """Path, the array asked for, the array given, of the output and its parts."""
    given = output_of(seen).arrays
    for path, asked in output_of(want).arrays.items():
        yield path, asked, given.get(path)


def broken_laws(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> list[str]:
    """The laws that these outputs do not obey; `want` tells which laws say something about this case."""
    broken = []
    for law in exercise.laws:
        applies = want.output is not None and (law.change is None or law.name in want.laws)
        second = seen.laws.get(law.name, Value())
        if applies and not obeys(law.holds, case, output_of(seen).content, second.content):
            broken.append(law.name)
    return broken


def obeys(holds: Callable[..., bool], case: Case, out: object, second: object) -> bool:
    """False also for an output so strange that the law cannot be computed on it."""
    try:
        return bool(holds(case, out, second))
    except Exception:
        return False
