"""The table of exercises: does each check accept its reference, and call every known mistake by its name?"""

from __future__ import annotations

import ast
import difflib
import functools
import inspect
import itertools
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import torch

from course.checks import HIDDEN_SEED, SEEN_SEED, examine, prepared
from course.checks.registry import EXERCISES
from course.classroom.author.cache import fingerprint, remembered
from course.classroom.author.lesson import is_called, lesson_paths, read_lesson
from course.judging.demands import Demand, demands_beside
from course.judging.exercise import Exercise
from course.judging.isolation import kept_random_state, quiet
from course.judging.judge import judge
from course.judging.mistakes import wrong_answers

SEEDS = (SEEN_SEED, HIDDEN_SEED)


@dataclass(frozen=True)
class Row:
    """What one exercise has, and what its check gets wrong."""

    exercise: Exercise
    cases: int
    accepted: bool  # its own reference
    unrecognised: Sequence[str]  # mistakes that pass, or that are not called by their name

    @property
    def good(self) -> bool:
        return self.accepted and not self.unrecognised


# Head of a column -> its text in the line of one row, [row], and in the last line, of all of them.
COLUMNS: dict[str, Callable[[Sequence[Row]], str]] = {
    "cases": lambda rows: str(sum(row.cases for row in rows)),
    "laws": lambda rows: str(sum(len(row.exercise.laws) for row in rows)),
    "mistakes": lambda rows: str(sum(len(row.exercise.mistakes) for row in rows)),
    "recognised": lambda rows: str(sum(len(row.exercise.mistakes) - len(row.unrecognised) for row in rows)),
    "demands": lambda rows: str(sum(len(demands_of(row.exercise)) for row in rows)),
}


def demands_of(exercise: Exercise) -> list[Demand]:
    """What the exercise's text asks for, each with mistakes that break it; a sentence that asks nothing is none."""
    written = demands_beside(str(import_module(declaring_module(exercise)).__file__))
    return [demand for demand in written.get(exercise.name, ()) if demand.mistakes]


def text_of(exercise: Exercise) -> str:
    """The exercise's text, as the learner reads it before any hint, and the docstrings in its stub."""
    prose = next(text for name, text in prose_of_exercises() if name == exercise.name)
    _, _, asked = re.split(r"\n\n(?=(?:Hint|Help):)", prose)[0].partition("\n")
    return f"{asked}\n\n{stub_docstrings(exercise.reference)}"


@functools.cache
def prose_of_exercises() -> list[tuple[str, str]]:
    """Each exercise's name, and the markdown cell before it."""
    lessons = [read_lesson(path) for path in lesson_paths()]
    return [
        (cell.names, before.source)
        for lesson in lessons
        for before, cell in itertools.pairwise(lesson.cells)
        if cell.kind == "exercise"
    ]


def stub_docstrings(reference: Callable) -> str:
    """The docstrings of what the learner is to write: of the function; of the class and its methods."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(reference)))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return "\n\n".join(text for node in nodes if (text := ast.get_docstring(node)))


def chosen(names: Sequence[str]) -> list[Exercise]:
    """The exercises of these names and of these lessons, all without, in course order. ValueError for another name."""
    lessons = {int(path.stem[:2]) for path in lesson_paths() for name in names if is_called(path, name)}
    for name in names:
        if name not in EXERCISES and not any(is_called(path, name) for path in lesson_paths()):
            raise ValueError(f"there is no lesson or exercise {name!r}; {nearest(name)}")
    return [one for one in EXERCISES.values() if not names or one.name in names or one.lesson in lessons]


def nearest(name: str) -> str:
    """What may have been meant."""
    lessons = [path.stem for path in lesson_paths()]
    close = difflib.get_close_matches(name, [*EXERCISES, *lessons])
    return f"close to it: {', '.join(close)}" if close else f"the lessons are {', '.join(lessons)}"


def survey(exercises: Sequence[Exercise], say: Callable[[str], Any] = str, fresh: bool = False) -> list[Row]:
    """One row for each exercise, from the cache where nothing has changed (unless fresh).

    Otherwise it takes a second or two an exercise; `say` is told which one is being tried."""
    rows = []
    for number, exercise in enumerate(exercises, 1):
        say(f"[{number}/{len(exercises)}] {exercise.name}")
        rows.append(row_of(exercise, fresh))
    return rows


def row_of(exercise: Exercise, fresh: bool = False) -> Row:
    """The exercise's row, from the cache where nothing has changed (unless fresh)."""
    found = remembered(f"exercises/{exercise.name}", key(exercise), lambda: examined(exercise), fresh)
    return Row(exercise, **found)


def key(exercise: Exercise) -> str:
    """What the exercise's row depends on; of its file of mistakes, only its own, wherever they stand in it."""
    mistakes = [replace(mistake, place="") for mistake in exercise.mistakes]
    return fingerprint([declaring_module(exercise), __name__], exercise.name, repr(mistakes))


def declaring_module(exercise: Exercise) -> str:
    """Where the exercise is declared: in the theme that has the name of the reference's module."""
    theme = exercise.reference.__module__.rpartition(".")[2]
    return f"course.checks.{theme}.exercises"


def examined(exercise: Exercise) -> dict[str, Any]:
    """What the exercise's row says; mistakes are to be called by their name on the cases that the learner sees."""
    with quiet(), kept_random_state(), torch.enable_grad():
        trials = prepared(exercise, SEEN_SEED)  # what each mistake does, tried once
        unrecognised = [
            mistake.name
            for mistake, answer in wrong_answers(exercise).items()
            if judge(trials, trials.of(answer)).mistake is not mistake
        ]
    return {
        "cases": len(trials.cases),
        "accepted": all(examine(exercise, exercise.reference, seed).right for seed in SEEDS),
        "unrecognised": unrecognised,
    }


def table(rows: Sequence[Row]) -> str:
    """The rows as aligned text, their total, and a line for whatever a check gets wrong."""
    lines = [("lesson", "exercise", *COLUMNS), line("total", f"{len(rows)} exercises", rows)]
    lines[1:1] = [line(f"{row.exercise.lesson:02}", row.exercise.name, [row]) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    head, *body, total = ["  ".join(aligned(texts, widths)).rstrip() for texts in lines]
    rule = "-" * (sum(widths) + 2 * len(widths) - 2)
    below = [rule, total] if len(rows) > 1 else []
    return "\n".join([head, rule, *body, *below, *(text for row in rows for text in complaints(row))])


def line(lesson: str, exercise: str, rows: Sequence[Row]) -> tuple[str, ...]:
    """One line's texts."""
    return (lesson, exercise, *(text(rows) for text in COLUMNS.values()))


def complaints(row: Row) -> list[str]:
    """One line if the reference is refused, and one for each mistake that is not recognised."""
    name = row.exercise.name
    refused = [] if row.accepted else [f"WRONG {name}: its own reference is not accepted"]
    return refused + [f"WRONG {name}: the mistake {one!r} is not recognised by its name" for one in row.unrecognised]


def aligned(texts: tuple[str, ...], widths: list[int]) -> list[str]:
    """Names to the left, numbers to the right."""
    padded = zip(texts, widths, strict=True)
    return [text.ljust(width) if column < 2 else text.rjust(width) for column, (text, width) in enumerate(padded)]
