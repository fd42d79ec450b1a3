"""Record: which answers were accepted into mine/, and whether the notebook still says the same."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

VARIABLE = "COURSE_MINE"  # another folder than mine/; empty: none, all is the course's
DESK = "COURSE_WORK"  # another folder than work/, the learner's desk
FILE = "parts.json"


@dataclass(frozen=True)
class Cell:
    """A code cell of a notebook; graded: a check, which is no answer."""

    id: str
    grade_id: str
    graded: bool
    source: str


@dataclass(frozen=True)
class Part:
    """An accepted answer: the room where it belongs, its notebook, what it was, and what else it read there."""

    room: str
    notebook: str  # seen from the folder in which mine/ lies
    answer: str  # the fingerprint of its cell
    helpers: tuple[str, ...] = ()


@dataclass
class Own:
    """What lies in mine/: parts that stand, and why others do not."""

    parts: dict[str, Part] = field(default_factory=dict)
    set_aside: dict[str, str] = field(default_factory=dict)  # part -> the reason

    @property
    def rooms(self) -> set[str]:
        return {part.room for part in self.parts.values()}

    def drop(self, names: Sequence[str], reason: str) -> None:
        """From here on the course's stand in for these."""
        for name in names:
            del self.parts[name]
            self.set_aside[name] = reason


def folder() -> Path | None:
    """Where mine/ is to be: beside course/, or where the variable says."""
    said = os.environ.get(VARIABLE)
    if said is None:
        return Path(__file__).resolve().parents[2] / "mine"
    return Path(said).resolve() if said else None


def kept(name: str) -> Path | None:
    """Where a lesson leaves a file for a later one: on the learner's desk, which is made if it is not there.

    None where nobody's own is to be seen: tests, builds and graders leave nothing behind."""
    if folder() is None:
        return None
    desk = Path(os.environ.get(DESK) or Path(__file__).resolve().parents[2] / "work").resolve()
    desk.mkdir(parents=True, exist_ok=True)
    return desk / name


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def code_cells(path: Path) -> list[Cell]:
    """The code cells of a notebook, none of a file that is no notebook."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [as_cell(cell) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def as_cell(cell: dict[str, Any]) -> Cell:
    grading = cell.get("metadata", {}).get("nbgrader", {})
    return Cell(
        str(cell.get("id", "")),
        str(grading.get("grade_id", "")),
        bool(grading.get("grade")),
        "".join(cell["source"]),  # one text, or its lines
    )


def answer_in(cells: Sequence[Cell], name: str) -> Cell | None:
    """The cell in which the exercise of this name is answered: the one that was handed out for it."""
    candidates = [cell for cell in cells if not cell.graded and name in (cell.grade_id, cell.id)]
    return candidates[0] if candidates else None


def write(path: Path, parts: dict[str, Part], files: dict[str, str]) -> None:
    """parts: what was accepted; files: the name of each file that was made, and its fingerprint."""
    said = {"parts": {name: asdict(part) for name, part in parts.items()}, "files": files}
    (path / FILE).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def written(path: Path) -> tuple[dict[str, Part], dict[str, str]]:
    """What write() wrote there; nothing where it did not."""
    try:
        said = json.loads((path / FILE).read_text(encoding="utf-8"))
        parts = {name: Part(**part | {"helpers": tuple(part["helpers"])}) for name, part in said["parts"].items()}
        return parts, dict(said["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}, {}


def read(path: Path | None) -> Own:
    """The parts in that folder; set aside what is no longer what was accepted."""
    parts, files = written(path) if path else ({}, {})
    own = Own(parts)
    for file in {f"{part.room}.py" for part in parts.values()}:
        if not path or not is_same(path / file, files.get(file, "")):
            inside = [name for name, part in own.parts.items() if f"{part.room}.py" == file]
            own.drop(inside, f"mine/{file} was changed by hand")
    notebooks = {part.notebook for part in own.parts.values()}
    for notebook in notebooks if path else ():
        there = {name: part for name, part in own.parts.items() if part.notebook == notebook}
        cells = cells_of(path.parent / notebook, there)
        changed = [name for name, part in there.items() if cells and not says_the_same(name, part, cells)]
        own.drop(changed, "changed since it was accepted")
    return own


def cells_of(notebook: Path, names: Collection[str]) -> list[Cell]:
    """Its code cells; where it was renamed, those of the newest beside it that answers one of these."""
    if notebook.exists():
        return code_cells(notebook)
    beside = sorted(notebook.parent.glob("*.ipynb"), key=lambda path: path.stat().st_mtime, reverse=True)
    found = map(code_cells, beside)
    return next((cells for cells in found if any(answer_in(cells, name) for name in names)), [])


def is_same(path: Path, mark: str) -> bool:
    return path.is_file() and fingerprint(path.read_text(encoding="utf-8")) == mark


def says_the_same(name: str, part: Part, cells: Sequence[Cell]) -> bool:
    """Whether the answer, and all that it reads of its notebook, is there as it was."""
    answer = answer_in(cells, name)
    here = answer is not None and fingerprint(answer.source) == part.answer
    return here and all(any(helper in cell.source for cell in cells) for helper in part.helpers)
