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
            if answer and answer.source.strip() and (not blank or answer.source.split() != blank.source.split()):
                yield name


def sheets(work: Path) -> list[Sheet]:
    """One of each lesson, in course order. Of several notebooks the one with the lesson's name counts, else the newest;
    what a notebook is about its cells tell, whatever its name."""
    paths = [path for path in sorted(work.rglob("*.ipynb")) if not NOT_LOOKED_AT & set(path.parts)]
    cells = {path: code_cells(path) for path in paths}
    found = defaultdict(list)
    for path in paths:
        found[lesson_of(path, cells[path])].append(path)
    return [sheet(lesson, rooms, found[lesson], cells) for lesson, rooms in lessons().items()]


def lesson_of(path: Path, cells: Sequence[Cell]) -> str:
    """The lesson most of whose exercises are in these cells; of a notebook without any the one that it is called."""
    counts = {lesson: sum(answer_in(cells, name) is not None for name in rooms) for lesson, rooms in lessons().items()}
    most = max(counts, key=lambda lesson: counts[lesson])
    return most if counts[most] else path.stem


def sheet(lesson: str, rooms: Mapping[str, str], paths: Sequence[Path], cells: Mapping[Path, Sequence[Cell]]) -> Sheet:
    if not paths:
        return Sheet(lesson, rooms)
    best = max(paths, key=lambda path: (path.parts[-2:] == (lesson, f"{lesson}.ipynb"), path.stat().st_mtime))
    return Sheet(lesson, rooms, best, cells[best], [path for path in paths if path != best])
