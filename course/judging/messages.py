"""What the judge says to a learner: what is wrong, the likely cause, where to look; never the answer."""

from __future__ import annotations

import inspect
import itertools
import re
from typing import Any

import numpy as np

from course.judging.exercise import Case, Exercise, Mistake
from course.judging.observation import Failure, Value

LONGEST = 400  # characters of an exception's text


def right(exercise: Exercise, n_cases: int) -> str:
    tried = [f"{n_cases} cases"]
    tried += [f"{len(exercise.laws)} law{'s' if len(exercise.laws) > 1 else ''}"] if exercise.laws else []
    tried += ["gradients"] if exercise.gradients else []
    return f"{exercise.name}: {', '.join(tried)} - right"


def wrong(exercise: Exercise, problem: str, mistake: Mistake | None) -> str:
    lines = [f"{exercise.name} is not right yet.", f"  What:  {problem}"]
    lines += [f"  Why:   {mistake.says}"] if mistake else []
    lines += [f"  Look:  lesson {exercise.lesson:02}, '{exercise.section}'"]
    return "\n".join(lines)


def error(exercise: Exercise, case: Case, given: Failure) -> str:
    if given.kind == given.text == "NotImplementedError":
        return "it is not written yet: replace the line `raise NotImplementedError()` by your answer."
    if given.kind == "TimeoutError":
        return f"it was {given.text}{on(case)}: does a loop never end?"
    if given.kind == "LookupError":
        return f"the weights cannot be copied in: {given.text}. The docstring names the layers."
    where = f", in your line `{given.line}`" if given.line else ""
    short = given.text.rstrip(".") if len(given.text) <= LONGEST else given.text[:LONGEST] + " ..."
    hint = ""
    if given.kind == "TypeError" and any(sign in given.text for sign in ("() takes", "() got", "() missing")):
        hint = f" The exercise asks for {asked_call(exercise)}."
    return f"{on(case).strip()}, {given.kind}: {short}{where}.{hint}"


def no_error(case: Case, asked: Failure) -> str:
    return f"it accepts the case {case.name!r}, which it must refuse: raise a {asked.kind} that says what is wrong."


def other_error(case: Case, given: Failure, asked: Failure) -> str:
    return f"it raises {given.kind} ({given.text}){on(case)}, but must raise a {asked.kind} that says what is wrong."


def kind(exercise: Exercise, case: Case, path: str, given: str, asked: str) -> str:
    if given == "None" and not path:
        return f"it returns None{on(case)}: is a `return` missing?"
    if given == "nothing":
        return f"{called(path)} is missing{on(case)}; {article(asked)} is asked for."
    return f"{called(path)} is {article(given)}{on(case)}, but {article(asked)} is asked for."


def other_lists(exercise: Exercise, case: Case, output: Value, right: Value) -> str:
    given, asked = lists(output), lists(right)
    if n_items(given) <= 12 and n_items(asked) <= 12:
        return f"{call_text(exercise, case)} gives {show(given)}, expected {show(asked)}."
    return f"the output is {begin_of(given)}{on(case)}, but {begin_of(asked)} is asked for."


def dtype(exercise: Exercise, case: Case, path: str, given: np.dtype, asked: np.dtype) -> str:
    if asked.kind == "b":
        return f"{called(path)} holds {given}{on(case)}; it must be boolean: True and False."
    return f"{called(path)} is {given}{on(case)}, but {asked} is asked for: was a number type fixed on the way?"


def shape(exercise: Exercise, case: Case, path: str, given: np.ndarray | None, asked: np.ndarray) -> str:
    if given is None:
        return f"{called(path)} is missing{on(case)}."
    shapes = f"shape {given.shape}{on(case)}, but {asked.shape} is asked for ({input_shapes(case)})"
    if max(given.size, asked.size) > 12:
        return f"{called(path)} has {shapes}."
    return f"{call_text(exercise, case)} gives {show(given)}{part_of(path)}, expected {show(asked)}: {shapes}."


def length(exercise: Exercise, case: Case, path: str, given: np.ndarray, asked: np.ndarray) -> str:
    if max(given.size, asked.size) > 12:
        return f"{called(path)} has {given.size} items{on(case)}, but {asked.size} are asked for."
    return f"{call_text(exercise, case)} gives {show(given)}{part_of(path)}, expected {show(asked)}."


def changed_input(exercise: Exercise, case: Case, name: str) -> str:
    return f"it changes its input `{name}` in place{on(case)}. Work on a copy; the caller still needs the old one."


def random(exercise: Exercise, case: Case) -> str:
    return f"two equal calls give two different answers{on(case)}; nothing here is random."


def value(exercise: Exercise, case: Case, path: str, given: np.ndarray, asked: np.ndarray, unequal: np.ndarray) -> str:
    if asked.dtype.kind == "f" and given.dtype.kind == "f" and np.isnan(given).any() and not np.isnan(asked).any():
        return f"{called(path)} contains NaN{on(case)}, at {place(np.isnan(given))}; there should be none."
    if asked.size <= 12:
        yours, expected = show_apart(given, asked)
        return f"{call_text(exercise, case)} gives {yours}{part_of(path)}, expected {expected}."
    first = tuple(np.argwhere(unequal)[0])
    yours, expected = show_apart(given[first], asked[first])
    return (
        f"{called(path)} differs{on(case)} in {unequal.sum()} of {asked.size} values, first at "
        f"[{', '.join(map(str, first))}]: yours {yours}, expected {expected} ({input_shapes(case)})."
    )


def law(exercise: Exercise, case: Case, name: str, output: Value) -> str:
    given = lists(output)
    answer = f"; {call_text(exercise, case)} gives {show(given)}" if given is not None and n_items(given) <= 12 else ""
    return f"a law is broken{on(case)}: {name}{answer}."


def laws_too(broken: list[str]) -> str:
    return f" It also breaks a law: {'; '.join(broken)}." if broken else ""


def no_gradient(exercise: Exercise, case: Case, name: str, failure: Failure | None) -> str:
    because = f" ({failure.kind}: {failure.text})" if failure else ""
    return (
        f"the values are right, but no gradient reaches {name}{because}: it could never learn. Is {name} used at all? "
        "Does the way from it to the output leave torch (.detach(), .item(), .numpy(), torch.tensor(...))?"
    )


def gradient(exercise: Exercise, case: Case, name: str, given: np.ndarray, asked: np.ndarray | None) -> str:
    if asked is None:
        return f"the values are right, but a gradient reaches {name}{on(case)}; none should."
    if np.isnan(given).any() and not np.isnan(asked).any():
        return f"the values are right, but the gradient of {name} contains NaN{on(case)}."
    return f"the values are right, but the gradient of {name} is not{on(case)}: is a part of the way detached?"


def unknown_name(name: str, close: list[str]) -> str:
    guess = f" Did you mean {' or '.join(close)}?" if close else ""
    return f"There is no exercise called {name!r}.{guess} Keep the name that the exercise gives."


def two_names(names: list[str]) -> str:
    return f"{' and '.join(names)} are one and the same function here; each exercise asks for its own."


def no_name(value: object) -> str:
    return (
        f"check was given {article(type(value).__name__)} without a name. Give it the name that the exercise gives "
        "(a class itself, not an object made from it): check(softmax)."
    )


def not_a_function(value: object) -> str:
    return (
        f"check was given {article(type(value).__name__)}. Give it the function itself, without parentheses: "
        "check(softmax), not check(softmax(x))."
    )


def lists(output: Value) -> Any:
    """The output again, where it was an array, a list of lists or a plain list; None for anything else."""
    if "" in output.arrays:
        return output.arrays[""].tolist()
    paths = itertools.takewhile(lambda path: path in output.kinds, (f"[{at}]" for at in itertools.count()))
    return [output.arrays[path].tolist() if path in output.arrays else None for path in paths] or None


def n_items(value: Any) -> int:
    """The numbers or words in a list of lists."""
    return sum(map(n_items, value)) if isinstance(value, list) else 1


def begin_of(value: Any) -> str:
    """How long a list is and how it begins."""
    if not isinstance(value, list) or not value:
        return "an empty list" if value == [] else "no list"
    return f"a list of {len(value)} that begins with {show(value[0])[:LONGEST]}"


def on(case: Case) -> str:
    return f" on the case {case.name!r}"


def called(path: str) -> str:
    """ "" -> the output; [1] -> part [1] of the output; ['loss of call 1'] -> the loss of call 1."""
    if described := re.fullmatch(r"\['(\w+ [\w ]+)'\]", path):
        return f"the {described[1]}"
    return f"part {path.strip()} of the output" if path else "the output"


def part_of(path: str) -> str:
    return f" as {called(path)}" if path else ""


def article(kind: str) -> str:
    names = {
        "Tensor": "a torch.Tensor",
        "array": "a NumPy array",
        "text": "a string",
        "None": "None",
        "bool": "True or False",
    }
    return names.get(kind, f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}")


def asked_call(exercise: Exercise) -> str:
    """Name and parameters without annotations; of a class, how it is made and then called."""
    called_with = f"({parameters(exercise.signature)})"
    if not exercise.is_class:
        return exercise.name + called_with
    return f"{exercise.name}({parameters(inspect.signature(exercise.reference))}), then called with {called_with}"


def parameters(signature: inspect.Signature) -> str:
    return ", ".join(str(p.replace(annotation=p.empty)) for p in signature.parameters.values())


def call_text(exercise: Exercise, case: Case) -> str:
    """The call written out, where it is one and short enough to read; else the case's name."""
    shown = [
        f"{name}={show(value)}" for name, value in [*case.init.items(), *case.weights.items(), *case.inputs.items()]
    ]
    text = ", ".join(shown)
    short = len(text) <= 160 and "\n" not in text and not exercise.trial
    return f"{exercise.name}({text})" if short else f"the case {case.name!r}"


def input_shapes(case: Case) -> str:
    """The inputs' shapes, for tracing a shape back to its axes."""
    shapes = [f"{name} {tuple(value.shape)}" for name, value in case.inputs.items() if hasattr(value, "shape")]
    return "with " + ", ".join(shapes) if shapes else "no input has a shape"


def show(value: object, digits: int = 4) -> str:
    """A value in one line, rounded to that many digits."""
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(show(item, digits) for item in value) + "]"
    return str(value) if not isinstance(value, str) else repr(value)


def show_apart(given: object, asked: object) -> tuple[str, str]:
    """Both values, with as many digits as it takes to see that they differ."""
    for digits in (4, 7, 11, 17):
        yours, expected = show(given, digits), show(asked, digits)
        if yours != expected:
            break
    return yours, expected


def place(where: np.ndarray) -> str:
    return f"[{', '.join(map(str, np.argwhere(where)[0]))}]" if where.ndim else "its only value"
