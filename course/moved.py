"""Moved: what earlier notebooks import from a module is found there, wherever it lives now."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


def moved(module: str, **homes: str) -> Callable[[str], Any]:
    """A module's __getattr__ (PEP 562): name -> the same name in the module where it lives now."""

    def found(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"course.{homes[name]}"), name)

    return found
