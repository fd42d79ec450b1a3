"""Desk: the folder work/, in which a learner writes; what was released stays in notebooks/ as it was."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from course.classroom import ROOT
from course.mine.record import DESK as FOLDER

RELEASED = ROOT / "notebooks"
ASIDE = "put_aside"
RELEASE = "course_release"  # in a notebook's metadata: which release it is a copy of
LAID_OUT = "course_laid_out"  # and what stood in its cells when it was copied
STUB = "raise NotImplementedError()"


class DeskError(Exception):
    """The desk cannot be made ready; the text says why, and what to do."""


def desk() -> Path:
    """Where the learner writes: work/ in the repository, or where COURSE_WORK says."""
    return Path(os.environ.get(FOLDER) or ROOT / "work").resolve()


def lessons() -> list[str]:
    """The lessons that were released, in their order."""
    return sorted(path.parent.name for path in RELEASED.glob("[0-9][0-9]_*/*.ipynb"))


def lesson_called(name: str) -> str:
    """'4', '04' or '04_self_attention' -> the lesson; ValueError where there is none."""
    found = [one for one in lessons() if name in (one, one[:2], one[:2].lstrip("0") or "0")]
    if not found:
        raise ValueError(f"there is no lesson {name!r}; there are {', '.join(lessons())}")
    return found[0]


def released(lesson: str) -> Path:
    return RELEASED / lesson / f"{lesson}.ipynb"


def own(lesson: str) -> Path | None:
    """The learner's notebook of that lesson, in its folder; one that was renamed, where there is no other."""
    return one_of(lesson, (desk() / lesson).glob("*.ipynb"))


def one_of(lesson: str, paths: Iterable[Path]) -> Path | None:
    """Of several notebooks of a lesson the one in its place, with its name; else the newest."""
    place = (lesson, f"{lesson}.ipynb")
    return max(paths, key=lambda path: (path.parts[-2:] == place, path.stat().st_mtime), default=None)


def most_alike(names: Iterable[str], lessons: Mapping[str, Iterable[str]], called: str) -> str:
    """The lesson that has most of these names in it, of several the one that the file is called; '' where none has any.

    A file may be called anything: what a notebook is about, its cells tell."""
    there = set(names)
    shared = {lesson: len(there.intersection(known)) for lesson, known in lessons.items()}
    best = max(shared, key=lambda lesson: (shared[lesson], lesson == called), default="")
    return best if shared.get(best) else ""


def read(path: Path) -> dict[str, Any]:
    """A notebook as JSON; DeskError where it is none."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(notebook["cells"], list):
            raise TypeError("its cells are no list")
    except (ValueError, KeyError, TypeError) as error:
        raise DeskError(f"{path} cannot be read as a notebook: {error}") from None
    return notebook


def write(notebook: dict[str, Any], path: Path) -> None:
    """At once: who stops in the middle keeps what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    part.replace(path)


def source_of(cell: dict[str, Any]) -> str:
    """A cell's text, which a file may hold as a list of lines."""
    return "".join(cell.get("source", ""))


def is_answer(cell: dict[str, Any]) -> bool:
    return bool(cell.get("metadata", {}).get("nbgrader", {}).get("solution"))


def is_written(answer: str) -> bool:
    """Whether the line that holds the place of an answer is gone, of whatever release it was."""
    return STUB not in answer


def as_released(answer: str, released: str) -> bool:
    """Whether nobody wrote anything: it says the same, but for spaces."""
    return answer.split() == released.split()


def is_worked_in(notebook: dict[str, Any]) -> bool:
    """Whether a cell was run, an answer written, or, on the desk, anything at all: half an answer, a note."""
    now = fingerprint(notebook["cells"])
    return notebook.get("metadata", {}).get(LAID_OUT, now) != now or any(
        cell.get("outputs") or cell.get("execution_count") or (is_answer(cell) and is_written(source_of(cell)))
        for cell in notebook["cells"]
    )


def release_of(lesson: str) -> str:
    """What tells one release of a lesson from another: its cells, whoever may have run them in the meantime."""
    return fingerprint([cell for cell in read(released(lesson))["cells"] if not is_answer(cell)])


def fingerprint(cells: Sequence[dict[str, Any]]) -> str:
    """Changes with what stands in the cells."""
    texts = [(cell.get("id"), source_of(cell)) for cell in cells]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16]


def is_older(lesson: str, notebook: dict[str, Any]) -> bool:
    """Whether the course has a newer release than the one of which this is a copy."""
    return notebook.get("metadata", {}).get(RELEASE, release_of(lesson)) != release_of(lesson)


def prepare() -> list[str]:
    """Put every lesson that is not there onto the desk; what is to be said about it, a line each.

    Work that was done in notebooks/ comes along. A copy in which nothing has been done yet gives way to a newer
    release; any other stays."""
    try:
        desk().mkdir(parents=True, exist_ok=True)
        said = [line for lesson in lessons() for line in laid_out(lesson)]
        for page in RELEASED.glob("*.md"):
            shutil.copyfile(page, desk() / page.name)
    except OSError as error:
        raise DeskError(f"{desk()} must be a folder that can be written to: {error}. {FOLDER} names another.") from None
    return said


def laid_out(lesson: str) -> Iterator[str]:
    """Put that lesson there, if it is not; what is to be said about it."""
    there = own(lesson)
    if there is None:
        copied(lesson)
        if is_worked_in(read(released(lesson))):
            yield (
                f"{lesson}: your work in {released(lesson).relative_to(ROOT)} was copied to {desk()}; go on there. "
                f"`git checkout notebooks/{lesson}` makes the released lesson clean again."
            )
        return
    with contextlib.suppress(DeskError):  # what cannot be read stays for its owner
        notebook = read(there)
        if is_older(lesson, notebook) and not is_worked_in(notebook):
            copied(lesson)
        elif is_older(lesson, notebook):
            yield f"{lesson}: there is a newer one; `python -m course fresh {lesson[:2]} --keep` keeps your answers."


def copied(lesson: str) -> Path:
    notebook = read(released(lesson))
    notebook["metadata"] |= {RELEASE: release_of(lesson), LAID_OUT: fingerprint(notebook["cells"])}
    path = desk() / lesson / f"{lesson}.ipynb"
    write(notebook, path)
    return path


def fresh(lesson: str, keep: bool = False) -> tuple[Path | None, Path]:
    """Put the learner's notebook aside, dated, and a new copy in its place -> where the old one is, and the new one.

    keep: the answers are taken over into the new copy."""
    old, aside = own(lesson), None
    answers = dict(answers_in(read(old))) if old and keep else {}
    if old:
        aside = unused(desk() / ASIDE / f"{lesson}-{date.today()}.ipynb")
        aside.parent.mkdir(parents=True, exist_ok=True)
        old.replace(aside)
    path = copied(lesson)
    notebook = read(path)
    for cell in notebook["cells"] if answers else []:
        if is_answer(cell):
            cell["source"] = answers.get(cell["metadata"]["nbgrader"]["grade_id"], cell["source"])
    write(notebook, path)
    return aside, path


def answers_in(notebook: dict[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    """Exercise and source; of several answers to one, the last."""
    for cell in notebook["cells"]:
        if is_answer(cell):
            yield cell["metadata"]["nbgrader"]["grade_id"], cell.get("source", "")


def unused(path: Path) -> Path:
    """That path, or with the first number behind it that no file has."""
    names = [path, *(path.with_stem(f"{path.stem}-{number}") for number in range(2, 1000))]
    return next(name for name in names if not name.exists())
