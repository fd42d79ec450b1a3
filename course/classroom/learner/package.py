"""Package: mine/, the accepted answers as modules that can be imported, and a page that says what is there."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from course.classroom.learner.answers import Sheet
from course.classroom.learner.pieces import Piece, at_home, is_import, kept, pieces_of, trimmed
from course.mine.record import FILE, Part, answer_in, fingerprint, is_same, write, written

MODULE = '"""What you wrote in lesson {number}: {names}."""\n\n'
INIT = '''"""What you wrote, as `python -m course mine` found it right; README.md says what is there."""

from course.mine import parts

__all__ = ["parts"]
'''
README = """# What is yours

`python -m course mine` makes this folder anew from your notebooks; what you change here it puts aside.
{count} are here as you wrote them. Each module has what they need: imports, and what you wrote beside them.
It is found in the course's folder, elsewhere after `import course.mine`.

| Module | Yours | Lesson |
|---|---|---|
{rows}

```python
from mine.{room} import {name}  # what you wrote
from course.mine import parts  # the whole course: your parts, and the course's where one is missing

print(parts)
```
"""


class NotOurs(Exception):
    """Where the package is to be, there is something else."""


def write_package(folder: Path, accepted: Mapping[str, Collection[str]], sheets: Sequence[Sheet]) -> list[str]:
    """Write these answers, lesson -> names, into the folder -> what else has to be said about it."""
    if folder.exists() and not (folder / FILE).exists() and any(folder.iterdir()):
        raise NotOurs(f"{folder} holds something that this command did not make: move it away")
    folder.mkdir(parents=True, exist_ok=True)
    files, parts = {"__init__.py": INIT}, {}
    for sheet in sheets:
        names = [name for name in sheet.rooms if name in accepted.get(sheet.lesson, ())]
        for room in dict.fromkeys(sheet.rooms[name] for name in names):
            inside = [name for name in names if sheet.rooms[name] == room]
            pieces = list(trimmed(kept(pieces_of(sheet.cells, sheet.rooms, inside))))
            files[f"{room}.py"] = module(sheet.lesson, pieces)
            parts |= {name: part(name, room, sheet, pieces, folder) for name in inside}
    files["README.md"] = page(parts, sheets)
    said = list(put_aside(folder, files))
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    write(folder, parts, {name: fingerprint(text) for name, text in files.items()})
    return said


def module(lesson: str, pieces: Sequence[Piece]) -> str:
    """The text of a module: the pieces in the order of the notebook, answers as they were written."""
    names = ", ".join(piece.answer for piece in pieces if piece.answer)
    text = MODULE.format(number=lesson[:2], names=names)
    for before, piece in zip([None, *pieces], pieces, strict=False):
        if before:
            text += "\n" if is_import(before) and is_import(piece) else "\n\n\n"
        text += at_home(piece)
    return text + "\n"


def part(name: str, room: str, sheet: Sheet, pieces: Sequence[Piece], folder: Path) -> Part:
    """What course.mine asks for: is the notebook's answer still this one?"""
    answer = answer_in(sheet.cells, name)
    notebook = Path(os.path.relpath(sheet.notebook, folder.parent)).as_posix()
    helpers = tuple(piece.text for piece in pieces if not piece.answer and not is_import(piece))
    return Part(room, notebook, fingerprint(answer.source), helpers)


def page(parts: Mapping[str, Part], sheets: Sequence[Sheet]) -> str:
    """README.md."""
    if not parts:
        return "# What is yours\n\nNothing yet: `python -m course mine` puts here what your checks find right.\n"
    lesson = {name: sheet.lesson for sheet in sheets for name in sheet.rooms}
    rows = []
    for room in dict.fromkeys(one.room for one in parts.values()):
        names = [name for name, one in parts.items() if one.room == room]
        rows.append(f"| [{room}.py]({room}.py) | {', '.join(f'`{name}`' for name in names)} | {lesson[names[0]]} |")
    name, one = next(iter(parts.items()))
    count = "1 of your answers" if len(parts) == 1 else f"{len(parts)} of your answers"
    return README.format(count=count, rows="\n".join(rows), room=one.room, name=name)


def put_aside(folder: Path, files: Mapping[str, str]) -> Iterator[str]:
    """Keep what somebody has changed by hand under another name; delete what is no longer made."""
    for name, mark in written(folder)[1].items():
        path = folder / name
        if path.is_file() and not is_same(path, mark) and path.read_text(encoding="utf-8") != files.get(name):
            path.replace(path.with_name(f"{name}.changed"))
            yield f"{path.name} was changed by hand: that is now in {name}.changed"
        elif name not in files:
            path.unlink(missing_ok=True)
