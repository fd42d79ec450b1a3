"""Isolation: an answer runs without a word, within its time, and leaves everything as it was."""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import random
import signal
import threading
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

MOST_SECONDS = 60  # whatever waits for longer waits for ever


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing that the candidate prints or warns of reaches the cell: text on stderr costs a graded cell its points."""
    silent = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
    with silent[0], silent[1], warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        yield


@contextlib.contextmanager
def kept_random_state() -> Iterator[None]:
    """The global random states are seeded inside and as before outside.

    Of torch the CPU's alone: torch.manual_seed would also seed a GPU, whose state is the learner's."""
    generator = torch.default_generator
    states = random.getstate(), np.random.get_state(), generator.get_state()
    random.seed(0), np.random.seed(0), generator.manual_seed(0)
    try:
        yield
    finally:
        random.setstate(states[0]), np.random.set_state(states[1]), generator.set_state(states[2])


@contextlib.contextmanager
def time_limit(cpu_seconds: float, seconds: float) -> Iterator[None]:
    """A TimeoutError inside, after so much computing or so long a wait, where the system has such alarms.

    A busy computer makes an answer slow, but does not make it compute more; the wait is for one that sleeps. There are
    no alarms on Windows, nor outside the main thread."""
    if not has_alarms():
        yield
        return
    with (
        alarm(signal.ITIMER_PROF, signal.SIGPROF, cpu_seconds),
        alarm(signal.ITIMER_REAL, signal.SIGALRM, seconds),
    ):
        yield


def has_alarms() -> bool:
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def in_time(cpu_seconds: float, function: Callable[..., Any], *args: Any) -> Any:
    """What the function gives within its time, None where it takes longer or nothing could stop it."""
    if not has_alarms():
        return None
    with contextlib.suppress(TimeoutError), time_limit(cpu_seconds, MOST_SECONDS):
        return function(*args)
    return None


@contextlib.contextmanager
def alarm(timer: int, number: int, seconds: float) -> Iterator[None]:
    """A TimeoutError when the timer has run so long, and each second from then on, since a loop may catch the first.

    Whoever had set this alarm before finds it set again afterwards."""

    def stop(*_: Any) -> None:
        raise TimeoutError(f"still running after {seconds:g} seconds")

    handler = signal.signal(number, stop)
    left, interval = signal.setitimer(timer, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, handler)
        signal.setitimer(timer, left, interval)


@contextlib.contextmanager
def swapped(candidate: Callable, replacements: dict[str, Callable]) -> Iterator[None]:
    """The candidate sees these functions under their names: an error in an earlier exercise is not counted twice.

    For as long as it is observed they stand in the globals in which it was written, also where nothing of that name
    stood there; a name that holds no function, such as a learner's own temperature = 0.7, keeps what it holds."""
    namespace = namespace_of(candidate)
    before = {name: namespace[name] for name in replacements if name in namespace}
    lent = {name: function for name, function in replacements.items() if callable(before.get(name, function))}
    namespace.update(lent)
    try:
        yield
    finally:
        for name in lent:
            namespace.pop(name, None)
        namespace.update(before)


def own_functions(candidate: Callable, earlier: Mapping[str, Callable]) -> dict[str, Callable]:
    """Of the earlier functions those that the candidate mentions, as its own globals have them."""
    functions = [member for member in members(candidate) if inspect.isfunction(member)]
    mentioned = {name for function in functions for name in names_in(function.__code__)}
    namespace = namespace_of(candidate)
    return {name: namespace[name] for name in earlier if name in mentioned and callable(namespace.get(name))}


def names_in(code: types.CodeType) -> Iterator[str]:
    """The names of globals and attributes in the code, and in the code of the functions inside."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from names_in(constant)


def namespace_of(candidate: Callable) -> dict[str, Any]:
    """The globals in which the candidate was written."""
    return next((member.__globals__ for member in members(candidate) if inspect.isfunction(member)), {})


def members(candidate: Callable) -> list[Any]:
    """The candidate itself; of a class also what is in it, of a partial or a wrapper what is inside."""
    while isinstance(candidate, functools.partial):
        candidate = candidate.func
    found = [candidate, inspect.unwrap(candidate)]
    if isinstance(candidate, type):
        bases = [base for base in candidate.__mro__ if base.__module__ == candidate.__module__]
        found += [member for base in bases for member in vars(base).values()]
    return found
