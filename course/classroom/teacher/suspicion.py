"""Suspicion: what in a learner's cells a teacher should look at; it takes no points, the judge alone gives them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

NOT_NEEDED = frozenset(
    "ctypes gc socket subprocess multiprocessing pickle cloudpickle dill marshal inspect importlib builtins atexit signal threading "
    "nbgrader sqlite3 sqlalchemy resource pty mmap faulthandler tracemalloc linecache zmq ipykernel nbformat nbclient".split()
)
INSIDE = ("course.checks.", "course.judging", "course.grading", "course.classroom", "course.lessons")
ODD_NAMES = frozenset(
    "_getframe settrace setprofile f_globals f_back f_locals tb_frame gi_frame __globals__ __closure__ __code__ "
    "__subclasses__ __builtins__ meta_path path_hooks modules get_objects get_referrers memmap user_ns "
    "input_transformers_post input_transformers_cleanup ast_transformers run_cell register kernel "
    "fork _exit kill execv execve".split()
)
ODD_CALLS = frozenset("exec eval compile __import__ globals locals vars get_ipython breakpoint".split())
ODD_TEXTS = ("/proc/", "gradebook", "solutions/", "../", "/etc/", ".ssh", "site-packages", "__pycache__", "/tree")
KEPT = frozenset("check reveal".split())


def suspicions(sources: Sequence[str]) -> list[str]:
    """What is odd in these cells, each thing once, in few words."""
    found: dict[str, None] = {}
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        found |= dict.fromkeys(odd(tree))
    return list(found)[:20]


def odd(tree: ast.AST) -> Iterator[str]:
    modules = {name for node in ast.walk(tree) for name in bound_modules(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                yield from (f"imports {one.name}" for one in names if is_odd_module(one.name))
            case ast.ImportFrom(module=str(module)) if is_odd_module(module):
                yield f"imports from {module}"
            case ast.Attribute(attr=name) if name in ODD_NAMES:
                yield f"uses .{name}"
            case ast.Name(id=name, ctx=ast.Load()) if name in ODD_CALLS:
                yield f"uses {name}"
            case ast.Constant(value=str(text)) if any(part in text for part in ODD_TEXTS) and len(text) < 300:
                yield f"speaks of {text[:60]!r}"
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if name in KEPT:
                yield f"gives {name} another meaning"
            case ast.FunctionDef(name=name) if name in KEPT:
                yield f"gives {name} another meaning"
            case ast.Attribute(value=ast.Name(id=owner), attr=name, ctx=ast.Store() | ast.Del()) if owner in modules:
                yield f"replaces {owner}.{name}"
            case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id=owner), *_]) if owner in modules:
                yield f"replaces parts of {owner}"


def bound_modules(node: ast.AST) -> Iterator[str]:
    """The names that an import gives to modules."""
    if isinstance(node, ast.Import):
        yield from (one.asname or one.name.split(".")[0] for one in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (one.asname or one.name for one in node.names if one.name[:1].islower())
    yield from ("np", "torch", "nn", "F", "plt", "builtins", "sys", "os") if isinstance(node, ast.Module) else ()


def is_odd_module(name: str) -> bool:
    return name.split(".")[0] in NOT_NEEDED or f"{name}.".startswith(INSIDE)
