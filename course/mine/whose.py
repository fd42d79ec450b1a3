"""Whose: each part of the course by its name, and who wrote the one that stands there."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from course.mine.here import Here, is_written
from course.mine.record import Own
from course.mine.rooms import COURSE, files, imports_of, tree_of

EXERCISE = re.compile(r"^# %% exercise\b.*\nfrom course\.(\w+) import (\w+)$", re.MULTILINE)


@functools.cache
def lessons() -> dict[str, dict[str, str]]:
    """Each lesson, and what it asks for in its order, with the room of each."""
    paths = sorted((COURSE / "lessons").glob("[0-9][0-9]_*.py"))
    asked = {path.stem: EXERCISE.findall(path.read_text(encoding="utf-8")) for path in paths}
    return {lesson: {name: room for room, name in found} for lesson, found in asked.items()}


def exercises() -> dict[str, str]:
    """What all lessons ask for, each with its room."""
    return {name: room for asked in lessons().values() for name, room in asked.items()}


@functools.cache
def definitions(room: str) -> dict[str, ast.stmt]:
    """The functions, classes and constants of a room."""
    found: dict[str, ast.stmt] = {}
    for node in tree_of(room).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            found |= {one.id: node for one in ast.walk(node) if isinstance(one, ast.Name) and is_bound(one)}
    return found


def is_bound(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def room_of(name: str) -> str:
    """The room in which that is; an exercise goes before anything else of its name. '' where there is none."""
    return exercises().get(name) or next((room for room in files() if name in definitions(room)), "")


def known(name: str) -> str:
    """The same; AttributeError where there is none."""
    if name.startswith("__") or not (room := room_of(name)):
        raise AttributeError(f"the course has no part {name!r}")
    return room


def needs(room: str, name: str) -> Iterator[tuple[str, str]]:
    """What a definition uses of the course, each with its room."""
    imported = [(other, alias) for other, node in imports_of(room) for alias in node.names]
    origins = {alias.asname or alias.name: (other, alias.name) for other, alias in imported}
    for node in ast.walk(definitions(room)[name]):
        if isinstance(node, ast.Name) and not is_bound(node):
            if node.id in origins:
                yield origins[node.id]
            elif node.id in definitions(room):
                yield room, node.id


def made_of(names: Collection[str]) -> set[str]:
    """The exercises among these and all that they use, however deep."""
    found: set[tuple[str, str]] = set()
    waiting = [(room_of(name), name) for name in names]
    while waiting:
        room, name = waiting.pop()
        if (room, name) not in found and room and name in definitions(room):
            found.add((room, name))
            waiting += needs(room, name)
    return {name for room, name in found if exercises().get(name) == room}


class Parts:
    """parts.Transformer, parts.train, parts.Tokenizer: made of your parts where they are accepted and unchanged.

    Its text says whose each part is; parts.of("Transformer", "train") says it of what these are made of."""

    def __init__(self, own: Own, names: Collection[str] = (), written: Mapping[str, tuple[str, Any]] = {}) -> None:
        """written: what a notebook has in their places."""
        self._own, self._names, self._written = own, tuple(names), written
        self._here = Here(written, {name: part.room for name, part in own.parts.items()})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._here.room(known(name)), name)

    def __dir__(self) -> list[str]:
        return sorted(exercises())

    def of(self, *names: str) -> Parts:
        """The same parts; its text speaks only of what these are made of."""
        return Parts(self._own, [name for name in names if known(name)], self._written)

    def here(self, *answers: Any) -> Parts:
        """parts.here(train_step).train: with these functions or classes of the notebook in the places of the course's.

        An exercise that is not written yet leaves its place as it was. ValueError for what is no exercise."""
        strange = [one for one in answers if getattr(one, "__name__", "") not in exercises()]
        if strange:
            raise ValueError(
                f"parts.here takes answers to exercises, but {strange[0]!r} is none: has its name been changed?"
            )
        written = {one.__name__: (exercises()[one.__name__], one) for one in answers if is_written(one)}
        return Parts(self._own, self._names, {**self._written, **written})

    def __repr__(self) -> str:
        asked = made_of(self._names) if self._names else set(exercises())
        mine = {*self._own.parts, *self._written} & asked
        aside = sorted(self._own.set_aside.keys() & asked - mine)
        lines = [f"{len(mine)} of {len(asked)} parts are yours"]
        for room in dict.fromkeys(exercises().values()):
            inside = [name for name, place in exercises().items() if place == room and name in asked]
            whose = {"yours": [one for one in inside if one in mine]}
            whose["the course's"] = [one for one in inside if one not in mine]
            said = [f"{', '.join(names)} ({who})" for who, names in whose.items() if names]
            lines += [f"  {room}: {'; '.join(said)}"] if inside and mine else []
        lines += [f"  {name}: the course's, since yours is set aside: {self._own.set_aside[name]}" for name in aside]
        return "\n".join(lines)
