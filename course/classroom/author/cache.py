"""Cache: what took long to find out is kept for as long as nothing that it depends on changes."""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import json
import platform
from collections.abc import Callable, Iterable
from importlib import metadata
from importlib.util import resolve_name
from pathlib import Path
from typing import Any

from course.classroom import ROOT

FOLDER = ROOT / ".cache"  # git ignores it; delete it at any time
PACKAGES = ("numpy", "torch")


def remembered(name: str, key: str, find: Callable[[], Any], fresh: bool = False) -> Any:
    """What find() returned when it was last called with this key, plain data as JSON knows it; fresh calls it anew."""
    found = None if fresh else recalled(name, key)
    if found is None:
        found = find()
        keep(name, key, found)
    return found


def recalled(name: str, key: str) -> Any:
    """What was kept under that name with that key, None where there is no such."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # not there, or half of it
        stored = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        if stored["key"] == key:
            return stored["found"]
    return None


def keep(name: str, key: str, found: Any) -> None:
    path = FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"key": key, "found": found}), encoding="utf-8")


def fingerprint(modules: Iterable[str], *further: str) -> str:
    """Changes with Python, the packages, the further texts, and with these modules or what they import here."""
    versions = [platform.python_version(), *(metadata.version(name) for name in PACKAGES)]
    texts = [f"{name}\n{text}" for name, text in sorted(sources(modules).items())]
    return hashlib.sha256("\0".join([*versions, *texts, *further]).encode()).hexdigest()


def sources(modules: Iterable[str]) -> dict[str, str]:
    """Module -> its text: these, the packages they are in, and what they import of this repository, however deep."""
    found: dict[str, str] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        path = file_of(module)
        if path and module not in found:
            found[module] = path.read_text(encoding="utf-8")
            package = module.rpartition(".")[0]
            waiting += [package, *imports(module if path.name == "__init__.py" else package, found[module])]
    return found


def file_of(module: str) -> Path | None:
    """Where a module of this repository stands; None for what is another's, or no module."""
    place = module.replace(".", "/")
    return next((path for path in (ROOT / f"{place}.py", ROOT / place / "__init__.py") if path.is_file()), None)


@functools.cache
def imports(package: str, text: str) -> list[str]:
    """What a module of that package may import: of `from a import b`, b may be a module too."""
    names = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = resolve_name("." * node.level + (node.module or ""), package)
            names += [origin, *(f"{origin}.{alias.name}" for alias in node.names)]
    return names
