"""Answers: which notebook of a lesson is the learner's, and which of its exercises somebody has begun."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from course.classroom.learner import desk
from course.mine.record import Cell, answer_in, code_cells
from course.mine.whose import lessons

NOT_LOOKED_AT = {".ipynb_checkpoints", desk.ASIDE}


@dataclass(frozen=True)
class Sheet:
    """What the learner has of a lesson: rooms has its exercises, each with its room; others are not looked at."""

    lesson: str
    rooms: Mapping[str, str]
    notebook: Path | None = None
    cells: Sequence[Cell] = ()
    others: Sequence[Path] = ()

    def begun(self) -> Iterator[str]:
        """The exercises whose cell is no longer as it was handed out."""
        released = code_cells(desk.released(self.lesson))
        for name in self.rooms:
            answer, blank = answer_in(self.cells, name), answer_in(released, name)
            if answer and answer.source.strip() and not (blank and desk.as_released(answer.source, blank.source)):
                yield name


def sheets(work: Path) -> list[Sheet]:
    """One of each lesson, in course order, wherever in the folder it lies."""
    paths = [path for path in sorted(work.rglob("*.ipynb")) if not NOT_LOOKED_AT & set(path.parts)]
    cells = {path: code_cells(path) for path in paths}
    found = defaultdict(list)
    for path in paths:
        found[lesson_of(path, cells[path])].append(path)
    return [sheet(lesson, rooms, found[lesson], cells) for lesson, rooms in lessons().items()]


def lesson_of(path: Path, cells: Sequence[Cell]) -> str:
    """The lesson most of whose exercises are in these cells; of a notebook without any the one that it is called."""
    answered = [name for rooms in lessons().values() for name in rooms if answer_in(cells, name)]
    return desk.most_alike(answered, lessons(), path.stem) or path.stem


def sheet(lesson: str, rooms: Mapping[str, str], paths: Sequence[Path], cells: Mapping[Path, Sequence[Cell]]) -> Sheet:
    best = desk.one_of(lesson, paths)
    if best is None:
        return Sheet(lesson, rooms)
    return Sheet(lesson, rooms, best, cells[best], [path for path in paths if path != best])
