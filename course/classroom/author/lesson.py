"""Read a lesson file: py:percent cells, each with a name, checked before anything is built from them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course.classroom import ROOT

LESSONS = ROOT / "course" / "lessons"
OPTIONS = {"exercise": {"points", "difficulty", "minutes"}, "check": set(), "code": {"tags", "why"}, "markdown": set()}


class LessonError(ValueError):
    """Something is wrong in a lesson file; the text begins with file and line."""


@dataclass(frozen=True)
class Cell:
    """One cell: its kind (markdown, code, exercise, check), its id, the line where it begins."""

    kind: str
    id: str
    source: str
    line: int
    options: dict[str, Any] = field(default_factory=dict)
    names: str = ""  # of an exercise or check: the function or class
    module: str = ""  # of an exercise: where the reference is


@dataclass(frozen=True)
class Lesson:
    """A lesson file and its cells."""

    path: Path
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        return self.path.stem

    def error(self, line: int, text: str) -> LessonError:
        return LessonError(f"{self.path.name}:{line}: {text}")


def lesson_paths() -> list[Path]:
    """The lesson files, in course order."""
    return sorted(LESSONS.glob("[0-9][0-9]_*.py"))


def is_called(path: Path, name: str) -> bool:
    """Whether that name is this lesson's: '4', '04' or '04_self_attention'. A part of a name is none."""
    number = path.stem[:2]
    return name in (str(int(number)), number, path.stem)


def lessons_called(names: Sequence[str]) -> list[Path]:
    """The lesson files of these names, all without, in course order. ValueError where there is no such lesson."""
    paths = lesson_paths()
    for name in names:
        if not any(is_called(path, name) for path in paths):
            raise ValueError(f"there is no lesson {name!r}; there are {', '.join(path.stem for path in paths)}")
    return [path for path in paths if not names or any(is_called(path, name) for name in names)]


def read_lesson(path: Path) -> Lesson:
    """The lesson in that file. LessonError where it breaks a rule of the house."""
    import jupytext  # takes longer than all that is asked of lesson files without reading them

    text = path.read_text(encoding="utf-8")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("# %%")]
    raw = [cell for cell in jupytext.reads(text, fmt="py:percent").cells if cell.cell_type != "raw"]
    lesson = Lesson(path, ())
    if unclosed := text_left_open(text):
        raise lesson.error(unclosed, 'the text that begins here (""") has no end')
    if len(raw) != len(lines):
        raise lesson.error(1, f"{len(lines)} cell markers '# %%' but {len(raw)} cells: is there text before the first?")
    cells = tuple(read_cell(lesson, cell, line) for cell, line in zip(raw, lines, strict=True))
    lesson = Lesson(path, cells)
    for problem in problems(lesson):
        raise problem
    return lesson


def text_left_open(text: str) -> int | None:
    """The line of a text in three quotes that goes on into the next cell: its own end is missing there."""
    opened, line_opened = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if opened and line.startswith("# %%"):
            return line_opened
        for quotes in re.findall(r"\"{3}|'{3}", line):
            if not opened:
                opened, line_opened = quotes, number
            elif quotes == opened:
                opened = ""
    return line_opened if opened else None


def read_cell(lesson: Lesson, raw: Any, line: int) -> Cell:
    """One cell of the file; of an exercise and a check also what they name."""
    options = {
        key: value for key, value in raw.metadata.items() if key not in ("title", "cell_marker", "lines_to_next_cell")
    }
    title = raw.metadata.get("title", "").strip()
    kind = title if title in ("exercise", "check") and raw.cell_type == "code" else raw.cell_type
    unknown = set(options) - OPTIONS[kind]
    if unknown:
        raise lesson.error(line, f"a {kind} cell has no option {sorted(unknown)}; it knows {sorted(OPTIONS[kind])}")
    names = module = ""
    if kind == "exercise":
        module, names = read_import(lesson, raw.source, line)
    elif kind == "check":
        names = read_check(lesson, raw.source, line)
    cell_id = {"exercise": names, "check": f"check-{names}"}.get(kind, re.sub(r"\s+", "-", title))
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", cell_id):
        raise lesson.error(line, f"a cell needs a name of letters, digits, - and _ ('# %% why-scale'), not {title!r}")
    return Cell(kind, cell_id, raw.source, line, options, names, module)


def read_import(lesson: Lesson, source: str, line: int) -> tuple[str, str]:
    """Module and name of an exercise, whose cell is one import."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        body = []
    if len(body) != 1 or not isinstance(body[0], ast.ImportFrom) or len(body[0].names) != 1:
        raise lesson.error(
            line, "an exercise names one thing: 'from course.attention import causal_mask', nothing else"
        )
    return str(body[0].module), body[0].names[0].name


def read_check(lesson: Lesson, source: str, line: int) -> str:
    """The name inside check(name)."""
    found = re.fullmatch(r"check\((\w+)\)", source.strip())
    if not found:
        raise lesson.error(line, f"a check cell is one line 'check(name)', not {source.strip()!r}")
    return found[1]


def problems(lesson: Lesson) -> Iterator[LessonError]:
    """Rules that concern more than one cell."""
    seen: dict[str, int] = {}
    for cell in lesson.cells:
        if cell.id in seen:
            what = "exercises" if cell.kind == "exercise" else "cells"
            yield lesson.error(cell.line, f"two {what} are called {cell.id!r}; the first is in line {seen[cell.id]}")
        seen[cell.id] = cell.line
    checked = {cell.names: cell.line for cell in lesson.cells if cell.kind == "check"}
    exercises = {cell.names for cell in lesson.cells if cell.kind == "exercise"}
    for cell in lesson.cells:
        if cell.kind == "exercise":
            yield from exercise_problems(lesson, cell, checked)
        elif cell.kind == "check" and cell.names not in exercises:
            yield lesson.error(cell.line, f"check({cell.names}) checks no exercise of this lesson")
        elif cell.kind == "code" and any(tag.startswith("nbval") for tag in cell.options.get("tags", ())) != (
            "why" in cell.options
        ):
            yield lesson.error(cell.line, 'a cell whose output nbval is not to compare gives the reason: why="..."')


def exercise_problems(lesson: Lesson, cell: Cell, checked: dict[str, int]) -> Iterator[LessonError]:
    """Rules of an exercise: prose before it, points, difficulty, minutes, and its check further down."""
    before = lesson.cells[max(0, lesson.cells.index(cell) - 1)]
    if before.kind != "markdown":
        yield lesson.error(
            cell.line, f"exercise {cell.names} has no prose before it, with a heading naming it in `...`"
        )
    for option, most in (("points", 10), ("difficulty", 5), ("minutes", 60)):
        value = cell.options.get(option)
        if type(value) is not int or not 1 <= value <= most:
            yield lesson.error(cell.line, f"exercise {cell.names}: {option} must be 1 to {most}, not {value!r}")
    if checked.get(cell.names, 0) < cell.line:
        yield lesson.error(
            cell.line, f"exercise {cell.names} has no check cell '# %% check' below it with check({cell.names})"
        )
