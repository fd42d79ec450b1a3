"""Inbox: what students handed in is read without trust: no link is followed, no pipe opened, nothing is too large.

What comes out is a notebook of our own making, with their sources in it and nothing else of theirs, or Unreadable."""

from __future__ import annotations

import codecs
import hashlib
import json
import math
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.corpus.words import generate_corpus_id

from course.classroom.teacher.results import characters

SECRET = "submission_secret.txt"  # by which nbgrader's exchange names a page of feedback: its student alone finds it
MEGABYTE = 1 << 20
MOST_NOTEBOOKS, MOST_OTHERS, MOST_NAMES, MOST_DEPTH = 100 * MEGABYTE, 20 * MEGABYTE, 400, 5
MOST_CELLS, MOST_SOURCE = 2000, 1_000_000
MOST_NAME = 128  # characters; more nbgrader's tables do not hold, where a database counts them
PICTURES = ("image/png", "image/jpeg")
READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
TAG = re.compile(r"<(?=[a-zA-Z/!?])")
SCRIPT = re.compile(r"(?:java|vb)script\s*:|data\s*:\s*text/html", re.IGNORECASE)


class Unreadable(Exception):
    """Nobody can grade this but a human; the text says why."""


class Planted(Unreadable):
    """What lies there is no accident: a link, a pipe, a device."""


@dataclass
class Handed:
    """What one student handed in for a lesson: the files by their paths, and what is odd about it.

    fingerprint: of all that was read; another one is another submission."""

    student: str
    files: dict[str, bytes] = field(default_factory=dict)
    oddities: list[str] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        seen = hashlib.sha256()
        for name in sorted(self.files):
            for part in (name.encode("utf-8", "surrogateescape"), self.files[name]):
                seen.update(len(part).to_bytes(8, "big") + part)
        return seen.hexdigest()

    @property
    def timestamp(self) -> str:
        """What stands in timestamp.txt, as nbgrader's exchange leaves it."""
        return self.files.get("timestamp.txt", b"")[:100].decode("ascii", "ignore").strip()

    @property
    def secret(self) -> bytes:
        """What nbgrader's exchange left for its return of feedback; its own has 128 characters."""
        return self.files.get(SECRET, b"")[:1000]


@dataclass
class Left:
    """What may still be read of a submission: bytes of notebooks and of other files, names of whatever kind."""

    notebooks: int = MOST_NOTEBOOKS
    others: int = MOST_OTHERS
    names: int = MOST_NAMES

    def for_file(self, name: str) -> int:
        return self.notebooks if name.endswith(".ipynb") else self.others

    def used(self, name: str, count: int) -> None:
        if name.endswith(".ipynb"):
            self.notebooks -= count
        else:
            self.others -= count


def students(submitted: Path, lesson: str) -> list[str]:
    """Who has a folder there in which something is handed in for this lesson."""
    found = []
    for entry in sorted(os.scandir(submitted), key=lambda one: one.name) if submitted.is_dir() else []:
        if not entry.name.startswith(".") and os.path.lexists(Path(entry.path, lesson)):
            found.append(entry.name)
    return found


def is_name(student: str) -> bool:
    """Whether a gradebook can keep it, and a terminal show it."""
    return student.isprintable() and len(student) <= MOST_NAME


def handed_in(submitted: Path, student: str, lesson: str) -> Handed:
    """All that the student's folder holds, as far as it may. Unreadable where it is no folder, or a link."""
    if not is_name(student):
        raise Unreadable(f"{student!r} is no name of a student")
    found = Handed(student)
    place = opened(str(submitted), student, None)
    try:
        inside = opened(student, lesson, place)
        try:
            collect(found, inside, "", Left(), f"{lesson}.ipynb")
        finally:
            os.close(inside)
    finally:
        os.close(place)
    return found


def opened(above: str, name: str, place: int | None) -> int:
    """The file descriptor of a folder that is no link."""
    path = Path(name) if place is not None else Path(above, name)
    try:
        return os.open(path, READ | os.O_DIRECTORY, dir_fd=place)
    except OSError:
        if is_link(path, place):
            raise Planted(f"{name!r} is a link, which is not followed") from None
        raise Unreadable(f"{name!r} is no folder that can be read") from None


def is_link(path: Path, place: int | None) -> bool:
    try:
        return stat.S_ISLNK(os.stat(path, dir_fd=place, follow_symlinks=False).st_mode)
    except OSError:
        return False


def collect(found: Handed, place: int, prefix: str, left: Left, first: str = "") -> None:
    """Read the files of this folder and of those below, as far as there is room left.

    first: the name of the file that has the room before all others."""
    for name in sorted(os.listdir(place), key=lambda name: (name != first, name)):
        path = prefix + name
        left.names -= 1
        if left.names < 0:
            if left.names == -1:
                found.oddities.append(f"more than the {MOST_NAMES} files that are read")
            return
        try:
            found.files[path] = content = read(place, name, left.for_file(name))
            left.used(name, len(content))
        except IsADirectoryError:
            below(found, place, name, path, left)
        except (OSError, Unreadable) as error:
            found.oddities.append(f"{path!r}: {getattr(error, 'strerror', None) or error}")


def below(found: Handed, place: int, name: str, path: str, left: Left) -> None:
    if name == ".ipynb_checkpoints":
        return
    if path.count("/") >= MOST_DEPTH:
        found.oddities.append(f"{path!r}: deeper than is read")
        return
    try:
        inside = os.open(name, READ | os.O_DIRECTORY, dir_fd=place)
    except OSError as error:
        found.oddities.append(f"{path!r}: {error.strerror}")
        return
    try:
        collect(found, inside, f"{path}/", left)
    finally:
        os.close(inside)


def read(place: int, name: str, most: int) -> bytes:
    """The content of a plain file. Unreadable where it is none, or of more than most bytes; IsADirectoryError of a
    folder."""
    kind = os.stat(name, dir_fd=place, follow_symlinks=False)
    if stat.S_ISDIR(kind.st_mode):
        raise IsADirectoryError(name)
    if stat.S_ISLNK(kind.st_mode):
        raise Planted("a link, which is not followed")
    if not stat.S_ISREG(kind.st_mode):
        raise Planted("no file but a pipe, a socket or a device")
    if kind.st_nlink > 1 and not name.endswith(".ipynb"):  # a notebook can show nothing but itself
        raise Planted("a second name of some other file")
    if kind.st_size > most:
        raise Unreadable(f"{kind.st_size / MEGABYTE:.1f} MB are too many")
    with os.fdopen(os.open(name, READ, dir_fd=place), "rb") as file:
        now = os.fstat(file.fileno())
        if not stat.S_ISREG(now.st_mode) or now.st_ino != kind.st_ino:
            raise Unreadable("it was replaced while it was read")
        return file.read(kind.st_size)


def notebook_of(handed: Handed, lesson: str) -> NotebookNode:
    """The lesson's notebook: that of its name, else the only one that there is. Unreadable where there is none."""
    names = [name for name in handed.files if name.endswith(".ipynb") and "/" not in name]
    right = f"{lesson}.ipynb"
    if right not in names and len(names) != 1:
        odd = "; ".join(handed.oddities[:5])
        some = f"{len(names)} notebooks, none of them {right}" if names else f"no notebook {right}"
        raise Unreadable(f"{some}{f' ({odd})' if odd else ''}")
    return cleaned(parsed(handed.files[right if right in names else names[0]]))


def parsed(content: bytes) -> dict[str, Any]:
    """The JSON of a notebook, an older one brought up to date."""
    if not content.strip():
        raise Unreadable("the file is empty")
    try:
        found = json.loads(text_of(content), parse_int=whole)
    except json.JSONDecodeError as error:
        raise Unreadable(f"the file is no notebook: line {error.lineno}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(f"the file is no notebook: {type(error).__name__}") from None
    if isinstance(found, dict) and "cells" not in found and isinstance(found.get("worksheets"), list):
        try:
            found = nbformat.convert(nbformat.from_dict(found | {"nbformat": 3}), 4)
        except Exception as error:
            raise Unreadable(f"a notebook of the old format 3, which is broken: {error!s:.200}") from None
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
        raise Unreadable("the file is JSON, but no notebook: it has no list of cells")
    version = found.get("nbformat", 4)
    if not isinstance(version, int) or not 1 <= version <= 4:
        raise Unreadable(f"a notebook of format {version!r:.20}, which is not known yet")
    return found


def text_of(content: bytes) -> str:
    """As text, whatever encoding its first bytes tell of; what is no character becomes a mark."""
    marks = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    encoding = next((name for mark, name in marks.items() if content.startswith(mark)), "utf-8-sig")
    return content.decode(encoding, "replace")


def whole(digits: str) -> int | float:
    return int(digits) if len(digits) < 20 else math.copysign(math.inf, -1 if digits[0] == "-" else 1)


def cleaned(found: dict[str, Any]) -> NotebookNode:
    """A new notebook with the cells' kinds, names and sources; no output, script or metadata comes along."""
    if len(found["cells"]) > MOST_CELLS:
        raise Unreadable(f"{len(found['cells'])} cells are too many")
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode(), cells=list(clean_cells(found["cells"])))


def clean_cells(cells: list[Any]) -> Iterator[NotebookNode]:
    for cell in cells:
        if not isinstance(cell, dict):
            raise Unreadable(f"among its cells is a {type(cell).__name__}, which is no cell")
        source = source_of(cell.get("source"))
        kind = "code" if cell.get("cell_type") == "code" else "markdown"
        new = blank_cell(kind)
        new.source = source if kind == "code" else harmless(source)
        if isinstance(cell.get("id"), str) and re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"]):
            new.id = cell["id"]
        claimed = grade_id_of(cell.get("metadata"))
        if claimed:
            new.metadata["nbgrader"] = {"grade_id": claimed}
        pictures = dict(attached(cell.get("attachments")))
        if pictures and kind == "markdown":
            new.attachments = pictures
        yield new


def blank_cell(kind: str) -> NotebookNode:
    """As nbformat makes one; it would look each time whether that is valid, which it is."""
    shows = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return nbformat.from_dict({"id": generate_corpus_id(), "cell_type": kind, "metadata": {}, "source": "", **shows})


def source_of(source: Any) -> str:
    """A cell's text, which may be a list of lines; half characters become marks."""
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    if len(text) > MOST_SOURCE:
        raise Unreadable(f"a cell of {len(text)} characters is too long")
    return characters(text)


def grade_id_of(metadata: Any) -> str:
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    claimed = found.get("grade_id") if isinstance(found, dict) else None
    return claimed if isinstance(claimed, str) else ""


def attached(attachments: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """The pictures that were put into a text."""
    for name, kinds in attachments.items() if isinstance(attachments, dict) else ():
        for kind, data in kinds.items() if isinstance(kinds, dict) else ():
            if kind in PICTURES and isinstance(data, str) and re.fullmatch(r"[A-Za-z0-9+/=\s]*", data):
                yield characters(str(name)[:200]), {kind: data}


def harmless(text: str) -> str:
    """A Markdown text in which nothing is markup of HTML, nor a link that would be run."""
    return SCRIPT.sub("(removed)", TAG.sub("&lt;", text))
