"""Alt texts: what a figure shows, in words, kept out of the code of its cell, where it would tell a guess's answer."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import PurePosixPath

from course.classroom.author.lesson import Cell, Lesson, lesson_paths, read_lesson

PLACE = PurePosixPath("course/plots/alt_texts.json")


def page() -> str:
    """The file in which plots.show looks them up: name -> text, of all lessons."""
    lessons = [read_lesson(path) for path in lesson_paths()]
    found = {name: text for lesson in lessons for cell in lesson.cells for name, text, _ in named(lesson, cell)}
    return json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)


def without(lesson: Lesson, cell: Cell) -> str:
    """The cell's source with names in the place of its alt texts: plots.show(figure, alt="04/scale-variance")."""
    lines = cell.source.splitlines()
    for name, _, node in reversed(list(named(lesson, cell))):
        first, last = lines[node.lineno - 1].encode(), lines[node.end_lineno - 1].encode()
        line = first[: node.col_offset] + json.dumps(name).encode() + last[node.end_col_offset :]
        lines[node.lineno - 1 : node.end_lineno] = [line.decode()]
    return "\n".join(lines)


def named(lesson: Lesson, cell: Cell) -> Iterator[tuple[str, str, ast.Constant]]:
    """Name, text and place of each alt text in the cell that is written there as it is."""
    if cell.kind != "code" or "plots.show(" not in cell.source:
        return
    calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
    shown = [call for call in calls if ast.unparse(call.func) == "plots.show"]
    texts = [text for call in shown for text in (*call.args[1:], *(word.value for word in call.keywords))]
    written = sorted((text for text in texts if isinstance(text, ast.Constant)), key=lambda text: text.lineno)
    for number, text in enumerate(written, 1):
        name = f"{lesson.name[:2]}/{cell.id}" + (f"-{number}" if number > 1 else "")
        yield name, " ".join(text.value.split()), text
