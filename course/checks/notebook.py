"""Notebook: what only the running notebook knows: which cells ran, and which exercise an error comes from."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from course.checks.registry import EXERCISES
from course.judging import messages
from course.judging.isolation import members

GREEN, PLAIN = "\x1b[1;32m", "\x1b[0m"


def shell() -> Any:
    """IPython's, where this runs in a notebook; None elsewhere."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


def praised(text: str) -> str:
    """As success looks in a notebook."""
    return f"{GREEN}{text}{PLAIN}" if hasattr(shell(), "kernel") else text


def not_the_last(name: str, candidate: Callable) -> str:
    """What to say where the last cell that was run to define it did not come to its end; '' where it did."""
    source = last_source(name)
    own = next(filter(None, map(source_of, members(candidate))), "")
    if not source or not own or own.strip() in textwrap.dedent(source):
        return ""
    try:
        ast.parse(source)
    except SyntaxError as error:
        return messages.older(name, f"SyntaxError: {error.msg}, line {error.lineno} of the cell")
    return messages.older(name, "")


def last_source(name: str) -> str:
    """The last cell that was run to give that name something, as it was typed, if it was a function or class."""
    cells = shell().user_ns.get("In", []) if shell() else []
    defined = re.compile(rf"^(?:(def|class) +{name}\b|{name} *[:=]|from .* import .*\b{name}\b)", re.MULTILINE)
    for cell in reversed(cells):
        if found := defined.search(cell):
            return cell if found[1] else ""
    return ""


def source_of(member: Any) -> str:
    """The text of a function; '' where there is none to be read."""
    try:
        return inspect.getsource(member) if inspect.isfunction(member) else ""
    except (OSError, TypeError):
        return ""


def explain_errors() -> None:
    """From now on an error that comes from an exercise that was skipped says which, and what to do."""
    if hasattr(shell(), "kernel"):
        shell().set_custom_exc((NotImplementedError, NameError), explained)


def explained(ipython: Any, kind: type, error: BaseException, trace: TracebackType, tb_offset: Any = None) -> Any:
    """IPython's handler: the sentence where there is one, else the traceback as always."""
    said = cause(kind, error, trace)
    if not said:
        return ipython.showtraceback((kind, error, trace), tb_offset=tb_offset)
    lines = [f"\x1b[1;31m{kind.__name__}{PLAIN}: {line}" if not at else line for at, line in enumerate(said)]
    ipython._showtraceback(kind, error, lines)
    return lines


def cause(kind: type, error: BaseException, trace: TracebackType) -> list[str]:
    """Why it came to this, and what to do; nothing where it is not about an exercise."""
    if issubclass(kind, NotImplementedError):
        name = next(filter(EXERCISES.__contains__, stubs(trace)), "")
        return list(messages.skipped(EXERCISES[name])) if name else []
    name = getattr(error, "name", None) or ""
    return list(messages.not_run(EXERCISES[name])) if name in EXERCISES else []


def stubs(trace: TracebackType | None) -> Iterator[str]:
    """The function, and the class, in which the error was raised."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is not None:
        yield from trace.tb_frame.f_code.co_qualname.split(".")
