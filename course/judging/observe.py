"""Run a candidate on a case and write down what it did, as plain named arrays; compare nothing."""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import linecache
import random
import signal
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from course.judging.exercise import Case, Exercise

Observation = dict[str, np.ndarray]
COURSE = str(Path(__file__).parents[1])
TIME_LIMIT = 10  # seconds for all the cases of one exercise; a right answer needs well under one


def observe_all(exercise: Exercise, candidate: Callable, cases: list[Case]) -> list[Observation]:
    """What the candidate does on each case.

    Names: out, again (the second, equal call), input:NAME (after the call), law:NAME, grad:NAME; KIND:x tells what kind
    of object x was; error holds the exception's type, its text and the candidate's own line."""
    with quiet(), torch.enable_grad(), time_limit(TIME_LIMIT):
        observations = []
        for case in cases:
            with kept_random_state():  # anew for each case: the same random mistake then draws the same numbers
                observations.append(observe(exercise, candidate, case))
            if observations[-1].get("error", [""])[0] == "TimeoutError":
                break
        return observations


def observe(exercise: Exercise, candidate: Callable, case: Case) -> Observation:
    """What the candidate does on one case; an exception ends it and is written down."""
    found: Observation = {}
    try:
        inputs = case.fresh()
        found |= record("out", call(exercise, candidate, case, inputs))
        for name, value in inputs.items():
            if not callable(value):
                found |= record(f"input:{name}", value)
        found |= record("again", call(exercise, candidate, case, case.fresh()))
        for law in exercise.laws:
            changed = law.change(case) if law.change else None
            if changed is not None:
                found |= record(f"law:{law.name}", call(exercise, candidate, changed, changed.fresh()))
        if exercise.gradients:
            found |= observe_gradients(exercise, candidate, case)
    except (Exception, SystemExit) as error:
        found["error"] = describe(error)
    return found


def call(exercise: Exercise, candidate: Callable, case: Case, inputs: dict[str, Any]) -> Any:
    """The candidate's answer, or what the exercise's trial of it gives; a class is built and given the case's weights first."""
    function = build(candidate, case) if exercise.is_class else candidate
    if exercise.trial:
        return exercise.trial(function, **inputs)
    bound = exercise.signature.bind(**inputs)
    return function(*bound.args, **bound.kwargs)


def build(candidate: type, case: Case) -> torch.nn.Module:
    """The candidate's layer, in the weights' precision, holding the weights of the case."""
    module = candidate(**case.init)
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"it must be a class that is a torch.nn.Module, but calling it gives a {type(module).__name__}")
    dtype = next((weight.dtype for weight in case.weights.values()), torch.float64)
    module = module.to(dtype).eval()
    for name, (parameter, turned) in matched(module, case.weights).items():
        with torch.no_grad():
            parameter.copy_(case.weights[name].T if turned else case.weights[name])
    return module


def matched(module: torch.nn.Module, weights: Mapping[str, torch.Tensor]) -> dict[str, tuple[torch.nn.Parameter, bool]]:
    """The module's parameter for each weight, and whether it holds the weight transposed, as a bare x @ w_q does."""
    own = dict(module.named_parameters())
    names = {name: own_name(name, own) for name in weights}
    missing, further = sorted(set(names.values()) - set(own)), sorted(set(own) - set(names.values()))
    if weights and (missing or further):
        texts = ([f"missing are {missing}"] if missing else []) + ([f"not asked for are {further}"] if further else [])
        raise LookupError(f"of its parameters, {' and '.join(texts)}")
    bare = [name for name in weights if name.removesuffix(".weight") == names[name] != name]
    straight = any(own[names[name]].shape == weights[name].shape != weights[name].mT.shape for name in bare)
    return {
        name: (own[names[name]], is_turned(names[name], own[names[name]], weight, name in bare and not straight))
        for name, weight in weights.items()
    }


def own_name(name: str, own: Mapping[str, torch.nn.Parameter]) -> str:
    """How the module calls that weight: nn.Linear's w.weight may be a bare w, a bare table may be nn.Embedding's."""
    return next((other for other in (name, name.removesuffix(".weight"), f"{name}.weight") if other in own), name)


def is_turned(name: str, parameter: torch.nn.Parameter, weight: torch.Tensor, if_square: bool) -> bool:
    """Whether the parameter is the weight transposed; of a square one, the shape does not tell."""
    given, asked = tuple(parameter.shape), tuple(weight.shape)
    if given != asked and (len(asked) != 2 or given != asked[::-1]):
        raise LookupError(f"its parameter {name} has shape {given}, but {asked} is asked for")
    return given != asked or (if_square and len(asked) == 2 and given[0] == given[1])


def observe_gradients(exercise: Exercise, candidate: Callable, case: Case) -> Observation:
    """grad:NAME for every floating input and parameter, of a fixed weighted sum of the output."""
    inputs = {name: leaf(value) for name, value in case.fresh().items()}
    leaves = {name: value for name, value in inputs.items() if isinstance(value, torch.Tensor) and value.requires_grad}
    found = {f"grad:{name}": np.array("none") for name in [*leaves, *case.weights]}
    try:
        function = build(candidate, case) if exercise.is_class else candidate
        parameters = matched(function, case.weights) if exercise.is_class else {}
        leaves |= {name: parameter for name, (parameter, _) in parameters.items()}
        bound = exercise.signature.bind(**inputs)
        gradients = differentiate(weighted_sum(function(*bound.args, **bound.kwargs)), leaves)
    except TimeoutError:
        raise
    except Exception as error:
        return found | {"gradient error": describe(error)}
    for name, gradient in gradients.items():
        turned = name in parameters and parameters[name][1]
        found[f"grad:{name}"] = (gradient.T if turned else gradient).numpy()
    return found


def differentiate(total: torch.Tensor, leaves: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The gradient of total with respect to every leaf that it depends on."""
    if not total.requires_grad:
        return {}
    gradients = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
    return {name: gradient for name, gradient in zip(leaves, gradients, strict=True) if gradient is not None}


def leaf(value: Any) -> Any:
    """A floating tensor asks for its gradient; anything else stays as it is."""
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        return value.requires_grad_()
    return value


def weighted_sum(output: Any) -> torch.Tensor:
    """One number that depends on every entry of the output, each with another weight."""
    parts = list(output.values()) if isinstance(output, dict) else output if isinstance(output, tuple | list) else [output]
    total = torch.zeros((), dtype=torch.float64)
    for part in parts:
        if isinstance(part, torch.Tensor) and part.is_floating_point():
            weights = torch.cos(torch.arange(part.numel(), dtype=part.dtype)).reshape(part.shape)
            total = total + (part * weights).sum()
        elif isinstance(part, tuple | list | dict):
            total = total + weighted_sum(part)
    return total


def record(name: str, value: Any) -> Observation:
    """A value as named arrays: itself, or its parts; KIND:name says what it was."""
    kind = kind_of(value)
    found = {f"KIND:{name}": np.array(kind)}
    if isinstance(value, torch.Tensor):
        found[name] = plain(value.detach().cpu().numpy())
    elif kind in ("array", "array of objects", "number", "text"):
        found[name] = plain(value)
    elif kind == "dict":
        for key in sorted(value, key=repr):
            found |= record(f"{name}[{key!r}]", value[key])
        found[f"{name} keys"] = np.array(sorted(map(repr, value)), dtype=str)
    elif kind == "list":
        found |= record_list(name, list(value))
    return found


def record_list(name: str, items: list) -> Observation:
    """Numbers or words become one array; anything else is written down part by part."""
    kinds = {kind_of(item) for item in items}
    if kinds <= {"number"} or kinds == {"text"}:
        return {name: plain([item.item() if hasattr(item, "item") else item for item in items])}
    found = {f"{name} length": np.array(len(items))}
    for index, item in enumerate(items):
        found |= record(f"{name}[{index}]", item)
    return found


def plain(value: Any) -> np.ndarray:
    """An array of numbers or text, which can be stored; objects become their text, numbers too large for int64 floats."""
    array = np.asarray(value)
    if array.dtype.kind in "biufcUS":
        return array
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        return array.astype(float)
    return np.array(list(map(repr, array.ravel().tolist())), dtype=str).reshape(array.shape)


def kind_of(value: Any) -> str:
    """Tensor, array (of objects), number, text, list, dict, None, or the name of the type."""
    if isinstance(value, torch.Tensor):
        return "Tensor" if value.ndim else "number"
    if isinstance(value, np.ndarray):
        return ("array" if value.dtype.kind != "O" else "array of objects") if value.ndim else "number"
    for types, kind in (((bool, int, float, np.generic), "number"), (str, "text"), ((list, tuple), "list"), (dict, "dict")):
        if isinstance(value, types):
            return kind
    return type(value).__name__ if value is not None else "None"


def describe(error: BaseException) -> np.ndarray:
    """An exception as three texts: its type, what it says, the candidate's own line."""
    return np.array([type(error).__name__, str(error).strip() or type(error).__name__, own_line(error)])


def own_line(error: BaseException) -> str:
    """The last line of the traceback that belongs neither to the course nor to a library."""
    for frame, lineno in reversed(list(traceback.walk_tb(error.__traceback__))):
        filename = frame.f_code.co_filename
        if "site-packages" not in filename and "/lib/python" not in filename and not filename.startswith(COURSE):
            return linecache.getline(filename, lineno).strip()
    return ""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing that the candidate prints or warns of reaches the cell: text on stderr costs a graded cell its points."""
    silent = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
    with silent[0], silent[1], warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        yield


@contextlib.contextmanager
def kept_random_state() -> Iterator[None]:
    """The global random states are seeded inside and as before outside."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    random.seed(0), np.random.seed(0), torch.manual_seed(0)
    try:
        yield
    finally:
        random.setstate(states[0]), np.random.set_state(states[1]), torch.set_rng_state(states[2])


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """A TimeoutError inside after `seconds`, where the system has alarms (not on Windows, not outside the main thread).

    It comes back each second, since a loop may catch it; the alarm of whoever set one before goes on afterwards."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        raise TimeoutError(f"still running after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    outer = signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *outer)


@contextlib.contextmanager
def swapped(candidate: Callable, replacements: dict[str, Callable]) -> Iterator[None]:
    """The candidate sees these functions under their names: an error in an earlier exercise is not counted twice."""
    namespace = namespace_of(candidate)
    before = {name: namespace[name] for name in replacements if name in namespace}
    data = {name: value for name, value in before.items() if not callable(value)}  # a temperature of the learner's own
    namespace.update(replacements | data)
    try:
        yield
    finally:
        for name in replacements:
            namespace.pop(name, None)
        namespace.update(before)


def namespace_of(candidate: Callable) -> dict[str, Any]:
    """The globals in which the candidate (a class: its methods; a partial: what is inside) was written."""
    while isinstance(candidate, functools.partial):
        candidate = candidate.func
    members = [candidate, inspect.unwrap(candidate)]
    if isinstance(candidate, type):
        bases = [base for base in candidate.__mro__ if base.__module__ == candidate.__module__]
        members += [member for base in bases for member in vars(base).values()]
    return next((member.__globals__ for member in members if inspect.isfunction(member)), {})
