"""Here: rooms in which what a notebook has just written stands in its place; all others are as they were."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

from course.mine.rooms import OURS, change_defaults, files, reached, room_named, tree_of

STUB = "NotImplementedError"


def is_written(part: Any) -> bool:
    """Whether somebody has put an answer where the stub was, right or wrong."""
    members = vars(part).values() if isinstance(part, type) else [part]
    return not any(STUB in one.__code__.co_names for one in members if isinstance(one, FunctionType))


class Here:
    """The rooms of course.mine; those that hold one of these parts, or need one that does, made anew for this notebook.

    written: part -> its room, and what the notebook has of that name. Neither course nor course.mine changes by it."""

    def __init__(self, written: Mapping[str, tuple[str, Any]], theirs: Mapping[str, str]) -> None:
        """theirs: the parts in mine/, each with its room."""
        self.written, self.theirs = dict(written), theirs
        self.anew = reached({room for room, _ in written.values()}) if written else set()
        self.made: dict[str, ModuleType] = {}

    def room(self, name: str) -> ModuleType:
        """The room, which is made when it is asked for."""
        below = import_module(f"{OURS}.{name}")
        if name not in self.anew:
            return below
        if name not in self.made:
            self.made[name] = self.furnished(name, below)
        return self.made[name]

    def furnished(self, name: str, below: ModuleType) -> ModuleType:
        """The course's text, run among these rooms; then the parts of mine/ and of the notebook take their places."""
        module = ModuleType(below.__name__, below.__doc__)
        module.__file__ = str(files()[name])
        exec(compile(self.redirected(name, module), module.__file__, "exec"), vars(module))
        own = {part: getattr(below, part) for part, room in self.theirs.items() if room == name}
        own |= {part: one for part, (room, one) in self.written.items() if room == name}
        change_defaults(module, {id(vars(module)[part]): one for part, one in own.items()})
        vars(module).update(own)
        if name == "fused":
            self.leave_alone(module.FUSED)
        return module

    def redirected(self, name: str, module: ModuleType) -> ast.Module:
        """The text without its imports from rooms: their names are put into the module."""
        tree = ast.Module(list(tree_of(name).body), [])
        for node in [one for one in tree.body if isinstance(one, ast.ImportFrom) and room_named(one.module)]:
            other = self.room(room_named(node.module))
            vars(module).update({alias.asname or alias.name: getattr(other, alias.name) for alias in node.names})
            tree.body.remove(node)
        return tree

    def leave_alone(self, fused: dict[type, type]) -> None:
        """As in course.mine: no layer of the notebook's, nor what inherits from one, is made faster."""
        own = {one for _, one in self.written.values()}
        for layer in [one for one in fused if own.intersection(one.__mro__)]:
            del fused[layer]
