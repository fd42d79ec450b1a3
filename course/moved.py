"""Moved: what notebooks handed out earlier import from a module is still found there, wherever it lives today."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


def moved(module: str, **homes: str) -> Callable[[str], Any]:
    """A module's __getattr__ (PEP 562): name -> the same name of the module of course in which it lives now."""

    def found(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"course.{homes[name]}"), name)

    return found
