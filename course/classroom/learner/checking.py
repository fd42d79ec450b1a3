"""Checking: each answer by its check, in a process of its own, once for as long as nothing that it reads changes."""

from __future__ import annotations

import functools
import hashlib
import linecache
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any

from course.classroom.author.cache import fingerprint, keep, recalled, remembered
from course.classroom.learner.answers import Sheet
from course.classroom.learner.pieces import Piece, kept, pieces_of
from course.mine.record import VARIABLE, answer_in

PATIENCE = 300  # seconds; where the system has alarms, an answer that loops is stopped after ten of computing
RIGHT, WRONG, THE_COURSES = "yours", "wrong", "the course's"
ENDED = "its check came to no end, or ended Python"


@dataclass(frozen=True)
class Task:
    """An answer, and all that it needs, as a module. reads: the other exercises of its lesson that it uses."""

    name: str
    text: str
    reads: tuple[str, ...]
    key: str  # another one where the answer, what it reads, or its check is another


@dataclass(frozen=True)
class Found:
    """What became of an answer: RIGHT, WRONG or THE_COURSES; why, in the words of its check."""

    state: str
    text: str = ""


def tasks(sheet: Sheet) -> list[Task]:
    """The answers that somebody has begun, in their order."""
    begun = list(sheet.begun())
    key = digest(of_modules(__name__), *begun, *(cell.source for cell in sheet.cells))
    texts = remembered(f"mine/{sheet.lesson}", key, lambda: {name: text_and_reads(sheet, name) for name in begun})
    made: dict[str, Task] = {}
    for name, (text, reads) in texts.items():
        room = sheet.rooms[name]
        decides = of_modules("course.checks", f"course.checks.{room}.exercises", f"course.{room}", __name__)
        others = [made[one].key for one in reads if one in made]
        made[name] = Task(name, text, tuple(reads), digest(decides, text, *others))
    return list(made.values())


@functools.cache
def of_modules(*names: str) -> str:
    """Changes with these modules."""
    return fingerprint(names)


def digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def text_and_reads(sheet: Sheet, name: str) -> tuple[str, list[str]]:
    pieces = kept(pieces_of(sheet.cells, sheet.rooms, {name}))
    return module_text(pieces, name, sheet), [piece.lent for piece in pieces if piece.lent]


def module_text(pieces: Sequence[Piece], name: str, sheet: Sheet) -> str:
    """The pieces; where the answer is not among them, its cell, which is no Python or does not define it."""
    if any(piece.answer for piece in pieces):
        return "\n\n".join(piece.text for piece in pieces)
    answer = answer_in(sheet.cells, name)
    return answer.source if answer else ""


def examined(tasks: Sequence[Task], fresh: bool = False) -> dict[str, Found]:
    """What became of each; those of which it is known are not checked again, unless fresh."""
    known: dict[str, Found] = {}
    for task in tasks if not fresh else ():
        if said := recalled(f"mine/{task.name}", task.key):
            known[task.name] = Found(*said)
    while unknown := [task for task in tasks if task.name not in known]:
        new = dict(asked(tasks, known))
        if not new:  # the process is gone
            new = {unknown[0].name: Found(WRONG, ENDED)}
        for task in unknown:
            if task.name in new:
                keep(f"mine/{task.name}", task.key, [new[task.name].state, new[task.name].text])
        known |= new
    return {task.name: known[task.name] for task in tasks}


def asked(tasks: Sequence[Task], known: Mapping[str, Found]) -> Iterator[tuple[str, Found]]:
    """What another process finds out, answer by answer, for as long as it lives."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=examine_all, args=(tasks, known, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        while ours.poll(PATIENCE):
            yield ours.recv()
    except EOFError:
        pass
    finally:
        process.kill()
        process.join()


def examine_all(tasks: Sequence[Task], known: Mapping[str, Found], pipe: Connection) -> None:
    """In that process: say what becomes of each of which it is not known, beside those that are right."""
    os.environ[VARIABLE] = ""
    import torch

    torch.set_num_threads(1)
    passed: dict[str, Any] = {}
    for task in tasks:
        found = known.get(task.name)
        if found and found.state != RIGHT:
            continue
        now, answer = examined_one(task, passed, found)
        if now.state == RIGHT:
            passed[task.name] = answer
        if not found:
            pipe.send((task.name, now))


def examined_one(task: Task, passed: Mapping[str, Any], known: Found | None) -> tuple[Found, Any]:
    from course.checks import HIDDEN_SEED, SEEN_SEED, examine
    from course.checks.registry import EXERCISES

    exercise, found = EXERCISES[task.name], known or Found(RIGHT)
    try:
        answer = built(task, {name: passed[name] for name in task.reads if name in passed})
        if answer is exercise.reference:
            return Found(THE_COURSES), answer
        for seed in (SEEN_SEED, HIDDEN_SEED) if not known else ():
            verdict = examine(exercise, answer, seed, passed)
            if not verdict.right:
                return Found(WRONG, verdict.text), answer
    except Exception as error:
        return Found(WRONG, f"{type(error).__name__}: {error}"), None
    return found, answer


def built(task: Task, beside: Mapping[str, Any]) -> Any:
    """What the answer's module has under its name; in its place stand the learner's own others."""
    from course.judging.isolation import quiet, time_limit

    module, file = ModuleType(f"answer_{task.name}"), f"<your {task.name}>"
    sys.modules[module.__name__] = module
    linecache.cache[file] = (len(task.text), None, task.text.splitlines(keepends=True), file)  # for whoever reads it
    with quiet(), time_limit(10, PATIENCE):
        exec(compile(task.text, file, "exec"), vars(module))
    vars(module).update(beside)
    if task.name not in vars(module):
        raise NameError(f"its cell defines no {task.name}")
    return vars(module)[task.name]
