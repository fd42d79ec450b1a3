"""A learner's desk: notebooks as they were handed out, in which somebody has written answers of his own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import v4

from course.classroom import ROOT
from course.mine.record import code_cells
from course.mine.whose import lessons


def notebook(work: Path, lesson: str, answers: Mapping[str, str], own: str = "", name: str = "") -> Path:
    """That lesson's notebook in work/, answered; own: a cell that the learner has put in behind the setup."""
    book = nbformat.read(ROOT / "notebooks" / lesson / f"{lesson}.ipynb", as_version=4)
    for cell in book.cells:
        if cell.get("metadata", {}).get("nbgrader", {}).get("solution") and cell.id in answers:
            cell.source = answers[cell.id]
    setup = next(place for place, cell in enumerate(book.cells) if cell.id == "setup")
    if own:
        book.cells.insert(setup + 1, v4.new_code_cell(own))
    path = work / lesson / f"{name or lesson}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, path)
    return path


def solved(lesson: str) -> dict[str, str]:
    """The course's own answers to a lesson."""
    cells = code_cells(ROOT / "solutions" / lesson / f"{lesson}.ipynb")
    return {cell.id: cell.source for cell in cells if cell.id in lessons()[lesson]}


def change(path: Path, name: str, old: str, new: str) -> None:
    """In one cell, as if somebody had gone on writing."""
    book = nbformat.read(path, as_version=4)
    (cell,) = [cell for cell in book.cells if name in (cell.id, cell.source.partition("\n")[0])]
    assert old in cell.source
    cell.source = cell.source.replace(old, new)
    nbformat.write(book, path)
