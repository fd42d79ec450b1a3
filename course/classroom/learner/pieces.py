"""Pieces: what of a notebook an answer needs, so that it stands in a module by itself; nothing of it is run."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from course.grading.effects import LIBRARIES, WORLD, effects_of
from course.grading.names import Names
from course.grading.names import names_of as found_names
from course.grading.plan import Cell as Planned
from course.grading.plan import needed
from course.mine.record import Cell, answer_in
from course.mine.rooms import room_named

MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)  # what IPython alone understands


@functools.lru_cache(maxsize=10_000)
def names_of(text: str) -> Names:
    """As in the grader; the same statements are asked about for one answer after the other."""
    return found_names(text)


@dataclass(frozen=True)
class Piece:
    """One statement of a notebook, with the comments above it.

    answer: the exercise that it answers; lent: the exercise that it imports from the course instead of an answer."""

    text: str
    answer: str = ""
    lent: str = ""


@functools.lru_cache(maxsize=1000)
def statements(source: str) -> list[str]:
    """The statements of a cell as they are written; none where it is not Python."""
    source = MAGIC.sub("", source)
    try:
        ends = [node.end_lineno for node in ast.parse(source).body]
    except (SyntaxError, ValueError, RecursionError):
        return []
    lines, begin, found = source.splitlines(), 0, []
    for end in sorted(set(ends)):  # two in one line stay together
        while end < len(lines) and lines[end].startswith((" ", "\t")):  # a comment at the end of a body
            end += 1
        found.append("\n".join(lines[begin:end]).strip("\n"))
        begin = end
    return [text for text in found if text]


def pieces_of(cells: Sequence[Cell], rooms: Mapping[str, str], wanted: Collection[str]) -> list[Piece]:
    """The notebook's statements: of its exercises, each with its room, the answers wanted, else an import.

    The course's own stands in from where the answer would; a second answer elsewhere is none."""
    answers = {id(cell): name for name in rooms if (cell := answer_in(cells, name))}
    found = [Piece(lent(name, rooms), lent=name) for name in rooms if name not in answers.values()]
    for cell in cells:
        name = answers.get(id(cell), "")
        if cell.graded:
            continue
        if name and name not in wanted:
            found.append(Piece(lent(name, rooms), lent=name))
        for text in statements(cell.source):
            binds = names_of(text).binds
            if name in binds and name in wanted:
                found.append(Piece(text, answer=name))
            elif not (binds and binds <= rooms.keys()) and is_of_use(text):
                found.append(Piece(text))
    return found


def lent(name: str, rooms: Mapping[str, str]) -> str:
    return f"from course.{rooms[name]} import {name}"


@functools.lru_cache(maxsize=10_000)
def is_of_use(text: str) -> bool:
    """Whether it binds a name, or changes what a name holds; in a module, a seed that it sets is of no use."""
    names = names_of(text)
    effects = effects_of(names)
    return bool(names.binds or (effects.changes | effects.patches) - {WORLD, *LIBRARIES})


def kept(pieces: Sequence[Piece]) -> list[Piece]:
    """The answers among them, and what they need: imports, what others define, the values of names that they read."""
    cells = [Planned("", "given", "")]  # the first that is given always runs
    cells += [Planned(f"piece {n}", "answer" if one.answer else "given", one.text) for n, one in enumerate(pieces)]
    return [one for one, runs in zip(pieces, needed(cells)[1:], strict=True) if runs]


def is_import(piece: Piece) -> bool:
    tree = names_of(piece.text).tree
    return tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], ast.Import | ast.ImportFrom)


def trimmed(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces, imports without the names that none of the others reads."""
    read = frozenset().union(*(names_of(one.text).reads for one in pieces))
    for one in pieces:
        if not is_import(one):
            yield one
            continue
        (node,) = ast.parse(one.text).body
        aliases = [alias for alias in node.names if (alias.asname or alias.name.partition(".")[0]) in read]
        if aliases == node.names:
            yield one
        elif aliases:
            node.names = aliases
            yield replace(one, text=ast.unparse(node))


def at_home(piece: Piece) -> str:
    """The text as it stands in mine/: what comes from a room of the course comes from where your parts are."""
    tree = names_of(piece.text).tree
    for node in tree.body if tree else ():
        if isinstance(node, ast.ImportFrom) and (room := room_named(node.module)):
            return piece.text.replace(f"from course.{room} ", f"from course.mine.{room} ", 1)
    return piece.text
