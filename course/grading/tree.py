"""Tree: the course as a sandbox gets it: what a lesson may import, without the functions that it asks for."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

COURSE = Path(__file__).resolve().parents[1]
ALWAYS = ("grading/__init__.py", "grading/inside", "judging")  # which hold no answer
NOT_SHIPPED = ("checks", "lessons", "classroom", "bench", "grading", "page", "__main__.py")

CHECKS = '''"""Checks, as a sandbox has them: an answer is judged elsewhere."""


class CheckFailed(Exception):
    """Never raised here."""


def check(candidate, hidden=False):
    """The grader asks for itself."""


def reveal(*args, **kwargs):
    """A guess is not graded."""


def solution(asked):
    """There is none here."""
'''

ABSENT = '''

class _Absent:
    """In place of a function that this lesson asks for."""

    def __init__(self, name):
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args, **kwargs):
        raise NotImplementedError(f"{self.__name__} is the course's own; it earns no points, and is not here")


_ABSENT, _further = %s, globals().get("__getattr__")


def __getattr__(name):
    if name in _ABSENT:
        return _Absent(name)
    if _further:
        return _further(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
'''


def plant(folder: Path, asked: Collection[str], modules: Iterable[str]) -> None:
    """Write the package course into the folder: these modules ('attention', 'plots.charts') and what they import.

    asked: names of the functions and classes that are not to be there, nor what cannot be without them."""
    course = folder / "course"
    course.mkdir(parents=True)
    shutil.copyfile(COURSE / "__init__.py", course / "__init__.py")
    for name in ALWAYS:
        source, place = COURSE / name, course / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copyfile(source, place)
    (course / "checks").mkdir()
    (course / "checks" / "__init__.py").write_text(CHECKS, encoding="utf-8")
    for source in sorted(needed(modules)):
        place = course / source.relative_to(COURSE)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(without(source.read_text(encoding="utf-8"), asked), encoding="utf-8")


def needed(modules: Iterable[str]) -> set[Path]:
    """The files of these modules and of all that they import of the course."""
    found: set[Path] = set()
    waiting = [path for name in modules for path in files_of(name)]
    while waiting:
        path = waiting.pop()
        if path not in found and path.relative_to(COURSE).parts[0] not in NOT_SHIPPED:
            found.add(path)
            tree = ast.parse(path.read_text(encoding="utf-8"))
            waiting += [file for name in imported(tree) for file in files_of(name)]
    return found - {COURSE / "__init__.py"}


def files_of(name: str) -> list[Path]:
    """The file of 'plots.charts', and of the packages above it."""
    parts = name.split(".")
    places = [COURSE.joinpath(*parts[:count]) for count in range(1, len(parts) + 1)]
    files = [path for place in places for path in (place.with_suffix(".py"), place / "__init__.py")]
    return [path for path in files if path.is_file()]


def imports_of(source: str) -> list[str]:
    """The modules of course that a cell imports; none of one that is not Python."""
    try:
        return list(imported(ast.parse(source)))
    except (SyntaxError, ValueError):
        return []


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules of course that this code imports, without the word course."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("course.") for alias in node.names if alias.name.startswith("course."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "course":
            inside = node.module.partition(".")[2]
            yield from ([inside] if inside else [])
            yield from ([inside.removeprefix("mine.")] if inside.startswith("mine.") else [])  # as it is in a sandbox
            yield from (".".join(filter(None, (inside, alias.name))) for alias in node.names)


def without(source: str, asked: Collection[str]) -> str:
    """The module without these functions and classes, nor those of its statements that need one to be imported."""
    tree = ast.parse(source)
    gone = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in asked}
    if not gone:
        return source
    kept = list(tree.body)
    while True:
        left = [node for node in kept if not defines(node) & gone and not needs_at_once(node) & gone]
        if len(left) == len(kept):
            break
        gone |= set().union(*(defines(node) for node in kept if node not in left))
        kept = left
    lines = source.splitlines()
    for node in tree.body:
        if node not in kept:
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
            lines[first - 1 : node.end_lineno] = [""] * (node.end_lineno - first + 1)
    return "\n".join(lines) + ABSENT % repr(sorted(gone))


def defines(node: ast.stmt) -> set[str]:
    """The names that a statement of a module binds, those of imports apart."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return set()
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def needs_at_once(node: ast.stmt) -> set[str]:
    """The names that are read while the module is imported: all but those inside of functions."""
    found: set[str] = set()
    waiting: list[ast.AST] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Name):
            found.add(one.id)
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            arguments = one.args
            waiting += [*arguments.defaults, *filter(None, arguments.kw_defaults), *getattr(one, "decorator_list", [])]
        else:
            waiting += [child for child in ast.iter_child_nodes(one) if not is_annotation(one, child)]
    return found


def is_annotation(node: ast.AST, child: ast.AST) -> bool:
    """Whether that is but a type, which nobody evaluates."""
    return isinstance(node, ast.AnnAssign) and child is node.annotation
