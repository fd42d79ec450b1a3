"""What the judge says to a learner: what is wrong, the likely cause, where to look; never the answer."""

from __future__ import annotations

import inspect
import itertools
import re
from typing import Any

import numpy as np

from course.judging.axes import in_words, output_axes
from course.judging.exercise import Case, Exercise
from course.judging.observation import LISTS, Failure, Observation, Value

LONGEST = 400  # characters of an exception's text
MOST_PRINTED = 10  # lines


def right(exercise: Exercise, n_cases: int) -> str:
    tried = [f"{n_cases} cases"]
    tried += [f"{len(exercise.laws)} law{'s' if len(exercise.laws) > 1 else ''}"] if exercise.laws else []
    tried += ["gradients"] if exercise.gradients else []
    return f"{exercise.name}: {', '.join(tried)} - right"


def wrong(exercise: Exercise, problem: str, why: str | None = None, also: str | None = None, printed: str = "") -> str:
    lines = [f"{exercise.name} is not right yet.", f"  What:  {problem}"]
    lines += [f"  Why:   {why}"] if why else []
    lines += [f"  Also:  {also}"] if also else []
    lines += [f"  Look:  lesson {exercise.lesson:02}, '{exercise.section}'"]
    return "\n".join([*lines, *said(printed)])


def error(exercise: Exercise, case: Case, seen: Observation) -> str:
    given = seen.failure
    if given.nothing_written:
        return "it is not written yet: replace the line `raise NotImplementedError()` by your answer."
    if given.kind == "TimeoutError":
        return f"it was {given.text}{on(case)}: does a loop never end?"
    if given.kind == "LookupError":
        return f"the weights cannot be copied in: {given.text} The docstring names the layers."
    where = f", in your line `{given.line}`" if given.line else ""
    short = given.text.rstrip(".") if len(given.text) <= LONGEST else given.text[:LONGEST] + " ..."
    hint = ""
    if given.kind == "TypeError" and any(sign in given.text for sign in ("() takes", "() got", "() missing")):
        hint = f" The exercise asks for {asked_call(exercise)}."
    return f"{on(case).strip()}{called_later(seen)}, {given.kind}: {short}{where}.{hint}"


def forbidden(exercise: Exercise, case: Case, called: str) -> str:
    return f"it calls torch's own `{called.strip('_')}`, whose work this exercise asks you to write yourself{on(case)}."


def no_error(case: Case, asked: Failure) -> str:
    return f"it accepts the case {case.name!r}, which it must refuse: raise a {asked.kind} that says what is wrong."


def other_error(case: Case, given: Failure, asked: Failure) -> str:
    return f"it raises {given.kind} ({given.text}){on(case)}, but must raise a {asked.kind} that says what is wrong."


def unsaid(case: Case, given: Failure, texts: list[str]) -> str:
    return (
        f"the {given.kind} that it raises{on(case)} says {given.text!r}; whoever reads it must also see "
        f"{' and '.join(texts)} there."
    )


def kind(exercise: Exercise, case: Case, path: str, given: str, asked: str) -> str:
    if given == "None" and not path:
        return f"it returns None{on(case)}: is a `return` missing?"
    if given == "nothing":
        return f"{called(path)} is missing{on(case)}; {article(asked)} is asked for."
    if given == "list of tensors":
        numbers = "plain numbers are asked for, which .item() gives"
        wanted = numbers if asked in (*LISTS, "number") else f"{article(asked)} is asked for"
        return f"{called(path)} holds tensors of one number each{on(case)}; {wanted}."
    return f"{called(path)} is {article(given)}{on(case)}, but {article(asked)} is asked for."


def other_parts(exercise: Exercise, case: Case, output: Value, right: Value) -> str:
    """The answer holds other parts than it should: both are shown, or described where they are long."""
    given, asked, called_so = rebuilt(output), rebuilt(right), call_text(exercise, case)
    short = max(n_items(given), n_items(asked)) <= 12 and called_so != name_of(case)
    nested = {output.kinds.get(""), right.kinds.get("")} <= {*LISTS, "dict"}
    if short and nested and show(given) != show(asked):
        return f"{called_so} gives {show(given)}, expected {show(asked)}."
    if nested and isinstance(given, list) and isinstance(asked, list):
        return f"the output is {begin_of(given)}{on(case)}, but {begin_of(asked)} is asked for."
    if isinstance(given, dict) and isinstance(asked, dict) and given.keys() != asked.keys():
        return f"the dict that comes out{on(case)} {other_names(given, asked)}."
    return f"the output is {described(output)}{on(case)}, but {described(right)} is asked for."


def other_names(given: dict[str, Any], asked: dict[str, Any]) -> str:
    """Which keys a dict lacks, and which are too many."""
    missing, further = ([key for key in one if key not in other] for one, other in ((asked, given), (given, asked)))
    lacks = [f"has no {enumerated(missing)}"] if missing else []
    return ", and ".join(lacks + ([f"has {enumerated(further)} besides, not asked for"] if further else []))


def begin_of(items: list) -> str:
    """How long a list is and how it begins."""
    return f"a list of {len(items)} that begins with {show(items[0])[:LONGEST]}" if items else "an empty list"


def described(value: Value, path: str = "") -> str:
    """What an output is, without its numbers: a tuple of a list of 3 and a torch.Tensor of shape (2, 3)."""
    kind = value.kinds.get(path, "nothing")
    if kind in ("Tensor", "array") and path in value.arrays:
        return f"{article(kind)} of shape {value.arrays[path].shape}"
    if kind == "dict":
        return f"a dict with the keys {enumerated(keys_of(value, path))}"
    if kind not in LISTS:
        return article(kind)
    if path in value.arrays:
        return f"a {kind.split()[0]} of {value.arrays[path].size}"
    inside = [described(value, part) for part in parts_of(value, path)]
    if len(inside) > 2 and len(set(inside)) == 1:
        return f"a {kind} of {len(inside)}, each {inside[0]}"
    all_of_it = ", ".join(inside[:-1]) + (" and " if inside[1:] else "") + inside[-1] if inside else ""
    return f"a {kind} of {all_of_it}" if inside else f"an empty {kind}"


def dtype(exercise: Exercise, case: Case, path: str, given: str, asked: str) -> str:
    if asked == "bool":
        return f"{called(path)} holds {given}{on(case)}; it must be boolean: True and False."
    return f"{called(path)} is {given}{on(case)}, but {asked} is asked for: was a number type fixed on the way?"


def shape(exercise: Exercise, case: Case, path: str, given: np.ndarray, asked: np.ndarray) -> str:
    shapes = f"shape {given.shape}{on(case)}, but {asked.shape} is asked for{input_shapes(case)}"
    if max(given.size, asked.size) > 12:
        return f"{called(path)} has {shapes}."
    return f"{call_text(exercise, case)} gives {show(given)}{part_of(path)}, expected {show(asked)}: {shapes}."


def length(exercise: Exercise, case: Case, path: str, given: np.ndarray, asked: np.ndarray) -> str:
    if max(given.size, asked.size) > 12:
        return f"{called(path)} has {given.size} items{on(case)}, but {asked.size} are asked for."
    return f"{call_text(exercise, case)} gives {show(given)}{part_of(path)}, expected {show(asked)}."


def changed_input(exercise: Exercise, case: Case, name: str) -> str:
    return f"it changes its input `{name}` in place{on(case)}. Work on a copy; the caller still needs the old one."


def asks_for_gradient(case: Case, name: str) -> str:
    return (
        f"it calls requires_grad_() on its input `{name}` itself{on(case)}: from then on the caller's own tensor asks "
        f"for its gradient. Take a copy first: `{name}.clone().requires_grad_()`."
    )


def asked_too_often(case: Case, name: str, given: int, asked: int) -> str:
    return (
        f"the values are right, but it calls `{name}` {counted(given)}{on(case)}, where {counted(asked)} "
        f"{'is' if asked == 1 else 'are'} enough. Keep what a call gives; and when nothing more can change, stop."
    )


def counted(times: int) -> str:
    return {1: "once", 2: "twice"}.get(times, f"{times} times")


def start(name: str, given: float | None, asked: float) -> str:
    begins = "with several numbers" if given is None else f"as {given:g}"
    return f"before any training its weight {name} starts {begins}; it must start as {asked:g}."


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
    words = "" if path else in_words(first, output_axes(exercise, case))
    at = f"[{', '.join(map(str, first))}]" + (f" ({words})" if words else "")
    return (
        f"{called(path)} differs{on(case)} in {unequal.sum()} of {asked.size} values, first at {at}: yours {yours}, "
        f"expected {expected}{input_shapes(case)}."
    )


def law(exercise: Exercise, case: Case, name: str, output: Value) -> str:
    given = rebuilt(output)
    answer = f"; {call_text(exercise, case)} gives {show(given)}" if output.arrays and n_items(given) <= 12 else ""
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
    wrong = f"the gradient that reaches {name} is wrong{on(case)}"
    return f"the values are right, but {wrong}: is a part of the way detached?"


def said(printed: str) -> list[str]:
    """What the answer printed where it went wrong, its last lines."""
    lines = printed.rstrip().splitlines()[-MOST_PRINTED:]
    return ["  It printed:", *(f"    {line[:LONGEST]}" for line in lines)] if lines else []


def beside(own: list[str], lent: list[str]) -> str:
    """Whose earlier functions it was judged with."""
    texts = [f"your own {' and '.join(own)}; with the course's it is not right either"] if own else []
    texts += [f"the course's own {' and '.join(lent)}; yours has not passed its check in this notebook"] if lent else []
    return f"\n  With:  {'; '.join(texts)}."


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


def rebuilt(output: Value, path: str = "") -> Any:
    """The output, or that part of it, as it was: numbers, lists, tuples, dicts; of anything else its kind."""
    kind = output.kinds.get(path, "nothing")
    if path in output.arrays:
        plain = output.arrays[path].tolist()
        return tuple(plain) if kind == "tuple" else plain
    if kind == "dict":
        return {key: rebuilt(output, f"{path}[{key}]") for key in keys_of(output, path)}
    if kind in LISTS:
        items = [rebuilt(output, part) for part in parts_of(output, path)]
        return tuple(items) if kind == "tuple" else items
    return None if kind == "None" else Word(article(kind))


def parts_of(value: Value, path: str) -> list[str]:
    """The paths of a list's items, as far as they are there: an observation may come from anywhere."""
    paths = (f"{path}[{at}]" for at in itertools.count())
    return list(itertools.takewhile(lambda part: part in value.kinds, paths))


def keys_of(value: Value, path: str) -> list[str]:
    """A dict's keys, as Python writes them."""
    return [str(key) for key in value.arrays.get(f"{path} keys", np.array([])).ravel()]


class Word(str):
    """A text that stands for a thing, and is shown without quotes."""


def n_items(value: Any) -> int:
    """The numbers or words in a list of lists."""
    if isinstance(value, dict):
        return sum(map(n_items, value.values()))
    return sum(map(n_items, value)) if isinstance(value, list | tuple) else 1


def on(case: Case) -> str:
    return f" on the case {case.name!r}"


def called_later(seen: Observation) -> str:
    """Which call it is that failed, where it is not the first."""
    if seen.output is None:
        return ""
    return ", called a second time" if seen.again is None else ", called with changed inputs"


def called(path: str) -> str:
    """ "" -> the output; [1] -> part [1] of the output; ['loss of call 1'] -> the loss of call 1."""
    if described := re.fullmatch(r"\['(\w+ [\w ]+)'\]", path):
        return f"the {described[1]}"
    if path.endswith(" length"):
        return f"the length of {called(path.removesuffix(' length'))}"
    return f"part {path} of the output" if path else "the output"


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
    called_with = f"({parameters(exercise.signature())})"
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
    return f"{exercise.name}({text})" if short else name_of(case)


def name_of(case: Case) -> str:
    return f"the case {case.name!r}"


def input_shapes(case: Case) -> str:
    """The inputs' shapes, for tracing a shape back to its axes."""
    shapes = [f"{name} {tuple(value.shape)}" for name, value in case.inputs.items() if hasattr(value, "shape")]
    return f" (with {', '.join(shapes)})" if shapes else ""


def show(value: object, digits: int = 4) -> str:
    """A value in one line, rounded to that many digits."""
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return f"{value + 0.0:.{digits}g}"  # no -0
    if isinstance(value, tuple):
        return "(" + ", ".join(show(item, digits) for item in value) + (",)" if len(value) == 1 else ")")
    if isinstance(value, list):
        return "[" + ", ".join(show(item, digits) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {show(item, digits)}" for key, item in value.items()) + "}"
    return repr(value) if isinstance(value, str) and not isinstance(value, Word) else str(value)


def enumerated(names: list[str], most: int = 4) -> str:
    """The first few names."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} others" if len(names) > most else "")


def show_apart(given: object, asked: object) -> tuple[str, str]:
    """Both values, with as many digits as it takes to see that they differ."""
    for digits in (4, 7, 11, 17):
        yours, expected = show(given, digits), show(asked, digits)
        if yours != expected:
            break
    return yours, expected


def place(where: np.ndarray) -> str:
    return f"[{', '.join(map(str, np.argwhere(where)[0]))}]" if where.ndim else "its only value"
