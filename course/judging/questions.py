"""Questions: each function asks of one case whether a certain thing is wrong, and answers what to say, or None."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from course.judging import messages
from course.judging.comparison import coarse, forgiven, same, same_array, same_failure, same_value, unequal
from course.judging.exercise import Case, Exercise
from course.judging.observation import LISTS, Failure, Observation, Value


def raised(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    if not seen.failure:
        return None
    if not want.failure:
        return messages.error(exercise, case, seen)
    if not same_failure(seen.failure, want.failure):
        return messages.other_error(case, seen.failure, want.failure)
    left_out = unsaid(case, seen.failure)
    return messages.unsaid(case, seen.failure, left_out) if left_out else None


def forbidden(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    return messages.forbidden(exercise, case, seen.called) if seen.called in exercise.forbidden else None


def unsaid(case: Case, failure: Failure) -> list[str]:
    """What the error's text must show, and does not."""
    return [text for text in case.says if not re.search(rf"(?<!\w){re.escape(text)}(?!\w)", failure.text)]


def not_refused(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    return messages.no_error(case, want.failure) if want.failure and not seen.failure else None


def wrong_kind(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    """The first part that is another kind of thing, or that is missing, or one too many."""
    given, right = output_of(seen), output_of(want)
    for path, asked in right.kinds.items():
        if path.endswith(" dtype"):
            continue
        nested = given.kinds.get(path) in LISTS and (path in given.arrays) != (path in right.arrays)
        if path not in given.kinds or (asked in LISTS and nested) or other_keys(given, right, path):
            return messages.other_parts(exercise, case, given, right)
        if text := other_kind(exercise, case, path, seen, want):
            return text
    return None


def other_keys(given: Value, right: Value, path: str) -> bool:
    """Whether both are dicts, with other keys."""
    keys = f"{path} keys"
    return keys in given.arrays and keys in right.arrays and not same(given.arrays[keys], right.arrays[keys])


def wrong_kind_of_whole(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    return other_kind(exercise, case, "", seen, want) if want.output else None


def other_kind(exercise: Exercise, case: Case, path: str, seen: Observation, want: Observation) -> str | None:
    """What to say where the output, or a part of it, is another kind of thing."""
    asked, given = output_of(want).kinds[path], output_of(seen).kinds.get(path, "nothing")
    if asked == given or forgiven(asked, given, path):
        return None
    if given in LISTS and given != "list of tensors":  # what is in it tells more than that it is one
        return messages.other_parts(exercise, case, output_of(seen), output_of(want))
    truth = asked == "number" and output_of(want).arrays[path].dtype == bool
    return messages.kind(exercise, case, path, given, "bool" if truth else asked)


def wrong_dtype(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    given, right = output_of(seen), output_of(want)
    for path in right.arrays:
        fixed = right.kinds.get(path) in ("Tensor", "array")
        if fixed and path in given.arrays and given.dtype(path) != right.dtype(path):
            return messages.dtype(exercise, case, path, given.dtype(path), right.dtype(path))
    return None


def wrong_shape(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for path, asked, given in arrays_of(seen, want):
        if given is None:
            return messages.other_parts(exercise, case, output_of(seen), output_of(want))
        if given.shape != asked.shape:
            is_list = output_of(want).kinds.get(path) in LISTS
            say = messages.length if is_list else messages.shape
            return say(exercise, case, path, given, asked)
    return None


def changed_input(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for name, value in want.inputs.items():
        if name not in seen.inputs or not same_value(seen.inputs[name], value):
            leaf = name in seen.inputs and "asks for its gradient" in seen.inputs[name].kinds.get("", "")
            return messages.asks_for_gradient(case, name) if leaf else messages.changed_input(exercise, case, name)
    return None


def asked_too_often(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for name, times in want.asked.items():
        if seen.asked.get(name, 0) > times:
            return messages.asked_too_often(case, name, seen.asked[name], times)
    return None


def wrong_start(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for name, start in want.starts.items():
        if seen.starts.get(name) != start:
            return messages.start(name, seen.starts.get(name), start)
    return None


def random_answer(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    again = seen.again or Value()
    for path, array in output_of(seen).arrays.items():
        other = again.arrays.get(path)
        if other is None or other.shape != array.shape or unequal(other, array, coarse(output_of(seen), path)).any():
            return messages.random(exercise, case)
    return None


def different_value(exercise: Exercise, case: Case, seen: Observation, want: Observation) -> str | None:
    for path, asked, given in arrays_of(seen, want):
        comparable = given is not None and given.shape == asked.shape  # else other questions have found it
        if comparable and not same_array(output_of(seen), output_of(want), path):
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
    forbidden, raised, wrong_kind, wrong_shape, wrong_dtype, changed_input, random_answer, different_value, not_refused,
    broken_law, asked_too_often, wrong_start, wrong_gradient,
)  # fmt: skip
WHERE_MANY_ARE_RIGHT: tuple[Question, ...] = (
    forbidden, raised, wrong_kind_of_whole, wrong_dtype, changed_input, random_answer, not_refused, broken_law,
    asked_too_often, wrong_start, wrong_gradient,
)  # fmt: skip
OF_ONE_OUTPUT = {
    forbidden,
    raised,
    wrong_kind,
    wrong_kind_of_whole,
    wrong_shape,
    wrong_dtype,
    changed_input,
    random_answer,
    different_value,
}


@dataclass(frozen=True)
class Problem:
    """What a question found wrong on the case with that number."""

    question: Question
    at: int
    text: str


def problems(
    exercise: Exercise, cases: list[Case], observed: list[Observation], expected: list[Observation]
) -> Iterator[Problem]:
    """What is wrong: question after question, each asked of all the cases.

    The tiny case, which comes first, is asked about its output before any other: its numbers can be followed."""
    observed = [*observed, *(Observation() for _ in cases[len(observed) :])]  # what was not observed is not right
    tried = list(enumerate(zip(cases, observed, expected, strict=True)))
    in_order = WHERE_ONE_IS_RIGHT if exercise.unique else WHERE_MANY_ARE_RIGHT
    at_first = [question for question in in_order if question in OF_ONE_OUTPUT]
    for questions, some in ((at_first, tried[:1]), (in_order, tried)):
        for question in questions:
            for at, (case, seen, want) in some:
                stopped = seen.failure and question not in (forbidden, raised)  # there is no more to ask
                if not stopped and (text := question(exercise, case, seen, want)):
                    of_values = question is different_value and not beyond_numbers(seen, want)  # no NaN obeys a law
                    laws = broken_laws(exercise, case, seen, want) if of_values else []
                    yield Problem(question, at, text + messages.laws_too(laws))


def beyond_numbers(seen: Observation, want: Observation) -> bool:
    """Whether the output is NaN or infinite where a number is asked for."""
    return any(
        (np.isfinite(asked) & ~np.isfinite(given)).any()
        for _, asked, given in arrays_of(seen, want)
        if given is not None and asked.shape == given.shape and {asked.dtype.kind, given.dtype.kind} <= set("fc")
    )


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
