"""Suspicion: what in a learner's cells a teacher should look at; it takes no points, the judge alone gives them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

NOT_NEEDED = frozenset(
    """atexit builtins cloudpickle ctypes dill faulthandler gc importlib inspect ipykernel linecache marshal mmap
    multiprocessing nbclient nbformat nbgrader pickle pty resource signal socket sqlalchemy sqlite3 subprocess threading
    tracemalloc zmq""".split()  # noqa: SIM905
)
INSIDE = ("course.checks.", "course.judging", "course.grading", "course.classroom", "course.lessons")
ODD_NAMES = frozenset(
    """__builtins__ __closure__ __code__ __globals__ __subclasses__ _exit _getframe ast_transformers execv execve
    f_back f_globals f_locals fork get_objects get_referrers gi_frame input_transformers_cleanup
    input_transformers_post kill memmap meta_path modules path_hooks run_cell setprofile settrace tb_frame
    user_ns""".split()  # noqa: SIM905
)
ODD_CALLS = frozenset("__import__ breakpoint compile eval exec get_ipython globals locals vars".split())  # noqa: SIM905
ODD_TEXTS = ("/proc/", "gradebook", "solutions/", "../", "/etc/", ".ssh", "site-packages", "__pycache__", "/tree")
KEPT = frozenset({"check", "reveal"})


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
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"imports {one}" for one in parts(module, names) if is_odd_module(one))
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


def parts(module: str, names: Sequence[ast.alias]) -> list[str]:
    """What is taken out of a module, each under its full name, but for what every lesson takes."""
    return [f"{module}.{one.name}" for one in names if one.name not in KEPT]


def bound_modules(node: ast.AST) -> Iterator[str]:
    """The names that an import gives to modules."""
    if isinstance(node, ast.Import):
        yield from (one.asname or one.name.split(".")[0] for one in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (one.asname or one.name for one in node.names if one.name[:1].islower())
    yield from ("np", "torch", "nn", "F", "plt", "builtins", "sys", "os") if isinstance(node, ast.Module) else ()


def is_odd_module(name: str) -> bool:
    return name.split(".")[0] in NOT_NEEDED or name.startswith(INSIDE)
