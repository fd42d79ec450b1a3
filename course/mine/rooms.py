"""Rooms: course.mine.attention is course.attention, with what you wrote in place of what the course wrote."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location, spec_from_loader
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from course.mine.record import FILE, Own, folder, read

COURSE = Path(__file__).resolve().parents[1]
THEIRS, OURS = "mine", "course.mine"


@functools.cache
def files() -> dict[str, Path]:
    """The rooms, each a module of course."""
    return {path.stem: path for path in sorted(COURSE.glob("*.py")) if not path.stem.startswith("__")}


@functools.cache
def tree_of(room: str) -> ast.Module:
    """What the course wrote there. All callers share it: do not change it."""
    return ast.parse(files()[room].read_text(encoding="utf-8"))


def room_named(module: str | None) -> str:
    """'attention' of course.attention, '' of what is no room."""
    package, _, room = (module or "").rpartition(".")
    return room if package == "course" and room in files() else ""


def imports_of(room: str) -> list[tuple[str, ast.ImportFrom]]:
    """The rooms that a room imports from, each with its import."""
    froms = [node for node in ast.walk(tree_of(room)) if isinstance(node, ast.ImportFrom)]
    return [(room_named(node.module), node) for node in froms if room_named(node.module)]


def reached(rooms: set[str]) -> set[str]:
    """These rooms, and all that import from them, however deep."""
    while new := {room for room in files() if {one for one, _ in imports_of(room)} & rooms} - rooms:
        rooms = rooms | new
    return rooms


class Rooms(MetaPathFinder, Loader):
    """Finds course.mine.<room>, and mine.

    A room in which nothing is yours, and which needs none that has, is the course's module itself. Any other is made
    from the course's text anew, beside the course's module, which stays as it is; it imports from such rooms, and at
    its end your parts take the places of the course's."""

    def __init__(self) -> None:
        self.own, self.anew, self.is_open = Own(), set(), False

    def open(self) -> None:
        """Read what is yours and import every room that has something of it, before anybody sees any of them."""
        if not self.is_open:
            self.is_open, self.own = True, read(folder())
            self.anew = reached(self.own.rooms)
            for room in sorted(self.own.rooms):
                import_module(f"{OURS}.{room}")

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        package, _, room = name.rpartition(".")
        if package == OURS and room in files():
            return spec_from_loader(name, self, origin=str(files()[room]))
        if name == THEIRS and (place := folder()) and (place / FILE).exists():  # its __init__.py opens the rooms
            return spec_from_file_location(name, place / "__init__.py", submodule_search_locations=[str(place)])
        return None

    def exec_module(self, module: ModuleType) -> None:
        name, room = module.__name__, module.__name__.rpartition(".")[2]
        if not self.is_open:
            del sys.modules[name]  # others import it while the rooms are opened
            self.open()
            if name in sys.modules:
                return
        if room not in self.anew:
            sys.modules[name] = import_module(f"course.{room}")
            return
        sys.modules[name] = module
        module.__file__ = str(files()[room])
        exec(compile(self.redirected(room), module.__file__, "exec"), vars(module))
        theirs = self.parts_of(room, vars(module))
        change_defaults(module, {id(vars(module)[one]): part for one, part in theirs.items()})
        vars(module).update(theirs)
        if room == "fused":
            leave_alone(module.FUSED)

    def redirected(self, room: str) -> ast.Module:
        """The room's text, which imports from rooms made anew where there are such."""
        tree = ast.parse(files()[room].read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (other := room_named(node.module)) in self.anew:
                node.module = f"{OURS}.{other}"
        return tree

    def parts_of(self, room: str, ours: dict[str, Any]) -> dict[str, Any]:
        """Your parts that belong there; those that cannot be imported are set aside."""
        names = [name for name, part in self.own.parts.items() if part.room == room]
        if not names:
            return {}
        try:
            theirs = vars(import_module(f"{THEIRS}.{room}"))
        except Exception as error:
            self.own.drop(names, f"mine/{room}.py cannot be imported: {type(error).__name__}: {error}")
            return {}
        # others inherit from a class
        unlike = [name for name in names if isinstance(theirs.get(name), type) != isinstance(ours[name], type)]
        self.own.drop(unlike, f"mine/{room}.py has no such class, or no such function")
        return {name: theirs[name] for name in names if name not in unlike}


def change_defaults(module: ModuleType, places: dict[int, Any]) -> None:
    """Where an argument would be a part of the course's if nobody said another, it is now yours."""
    classes = [one for one in vars(module).values() if isinstance(one, type)]
    members = [member for owner in [module, *classes] for member in vars(owner).values()]
    for function in [one for one in members if isinstance(one, FunctionType) and one.__module__ == module.__name__]:
        function.__defaults__ = tuple(places.get(id(one), one) for one in function.__defaults__ or ()) or None


def leave_alone(fused: dict[type, type]) -> None:
    """No layer of yours, nor what inherits from one, is made faster by a layer of the course's."""
    for layer in [one for one in fused if any(base.__module__.startswith(f"{THEIRS}.") for base in one.__mro__)]:
        del fused[layer]
