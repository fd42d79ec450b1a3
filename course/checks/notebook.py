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
from course.judging.exercise import Exercise
from course.judging.isolation import members

GREEN, PLAIN = "\x1b[1;32m", "\x1b[0m"
STOPPED: list[str] = []  # cells that came to no end, as they were typed


def shell() -> Any:
    """IPython's, where this runs in a notebook; None elsewhere."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


def praised(text: str) -> str:
    """As success looks in a notebook."""
    return f"{GREEN}{text}{PLAIN}" if shell() else text


def not_the_last(name: str, candidate: Callable) -> str:
    """What to say where the last cell that was run to define it did not come to its end; '' where it did."""
    source = last_source(name)
    own = next(filter(None, map(source_of, members(candidate))), "")
    if not source or not own or own.strip() in textwrap.dedent(source):
        return ""
    try:
        ast.parse(source)
    except SyntaxError as error:
        return older(name, f"SyntaxError: {error.msg}, line {error.lineno} of the cell")
    return older(name, "")


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
        shell().events.register("post_run_cell", remember)


def remember(result: Any) -> None:
    """IPython's word after each cell."""
    if not result.success:
        STOPPED.append(result.info.raw_cell)


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
        return list(skipped(EXERCISES[name])) if name else []
    name = getattr(error, "name", None) or ""
    return list(not_run(EXERCISES[name]) if name in EXERCISES else stopped(name))


def stubs(trace: TracebackType | None) -> Iterator[str]:
    """The function, and the class, in which the error was raised."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is not None:
        yield from trace.tb_frame.f_code.co_qualname.split(".")


def ours(exercise: Exercise) -> str:
    return (
        f"{exercise.name}: this is the course's own. It is fine for going on; points are for one of yours (then take "
        "the import away)."
    )


def older(name: str, why: str) -> str:
    """The last text of the answer is not what is checked."""
    because = f" ({why})" if why else ""
    return f"  Note:  your last version of {name} did not run{because}: this is about the one before."


def skipped(exercise: Exercise) -> Iterator[str]:
    """An exercise that is not written, met by a cell that needs it."""
    yield f"{exercise.name} is not written yet, and this cell needs it (section '{exercise.section}')."
    yield f"Write it there; or go on without it: {go_on(exercise)}"


def go_on(exercise: Exercise) -> str:
    """How to go on with the course's own."""
    return f"run `from {exercise.reference.__module__} import {exercise.name}` in a cell of your own, then this one."


def not_run(exercise: Exercise) -> Iterator[str]:
    """An exercise whose cell was not run since the kernel started."""
    yield f"{exercise.name} is not there yet: run its cell first (section '{exercise.section}', Shift+Enter)."
    yield f"Or go on without it: {go_on(exercise)}"


def stopped(name: str) -> Iterator[str]:
    """A name that a cell should have made which was run, and did not come to its end."""
    made = next(filter(None, (line_that_makes(name, cell) for cell in reversed(STOPPED))), "")
    if made:
        yield f"{name} is not there: the cell that makes it stopped with an error. This line is in it:"
        yield f"    {made}"
        yield "What stands below that cell says why. When that is mended run it again, then this one."


def line_that_makes(name: str, cell: str) -> str:
    """The line of a cell in which this name becomes something; '' where there is none."""
    try:
        statements = ast.parse(cell).body
    except SyntaxError:
        return ""
    own = (ast.FunctionDef, ast.ClassDef)  # what stands in these is their own
    makes = [one for one in statements if name in ([one.name] if isinstance(one, own) else bound(one))]
    return cell.splitlines()[makes[-1].lineno - 1].strip() if makes else ""


def bound(statement: ast.stmt) -> set[str]:
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def untried(name: str) -> str:
    return (
        f"First a try of your own: write something, however wrong, and run check({name}). Then this shows the course's."
    )
