"""Effects: what running a given cell may change, in objects that names hold and beyond, as far as its text tells."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from course.grading.names import Names
from course.grading.order import last_name

WORLD = "<world>"  # in place of a name, for what has none: the seed, the default dtype, files, sys.path
QUIET = {"print", "display", "reveal", "check", "plots", "plt"}  # who shows something, and changes nothing
CONTAINERS = {
    "append", "appendleft", "extend", "insert", "add", "update", "setdefault", "remove", "discard", "clear", "sort",
    "reverse", "pop", "popleft", "popitem",
}  # fmt: skip
METHODS = {"pop", "popleft", "popitem", "setdefault", "train", "eval"}  # they change even where the result is kept
PATCH = {"setattr", "delattr"}
LIBRARIES = {"torch", "np", "numpy", "random", "os", "sys"}
SEEDS = {"seed", "manual_seed", "manual_seed_all"}
WRITE = {"open", "save", "savez", "savetxt", "write_text", "write_bytes", "mkdir", "chdir"}
FRESH = {"len", "int", "float", "str", "bool", "round", "range", "item", "tolist", "clone", "deepcopy"}  # new objects
BLIND = {"exec", "eval"}  # they bind what no text shows
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Effects:
    """What a cell may do to objects.

    changes: names of the objects that it may change. patches: those of which it assigns a part itself. later: those
    that the functions defined here may change when they are called; defines: their names, and those of classes.
    holds: name -> names of the objects of which it may hold a part."""

    changes: frozenset[str] = frozenset()
    patches: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    defines: frozenset[str] = frozenset()
    holds: Mapping[str, set[str]] = field(default_factory=dict)


def effects_of(names: Names) -> Effects:
    """The effects of a cell that has these names; of one that is not Python, any."""
    if names.tree is None:
        return Effects(names.known | {WORLD}, names.known)
    nodes = list(ast.walk(names.tree))
    holds = holdings(nodes)
    inner = {id(one): one for node in nodes if isinstance(node, FUNCTIONS) for one in ast.walk(node)}.values()
    known = names.known | {WORLD}
    return Effects(
        changes=frozenset(reached(gathered(changed_by, nodes), holds) & known),
        patches=frozenset(gathered(patched_by, nodes) & known),
        later=frozenset(reached(gathered(changed_by, inner), holds) & (names.inside | {WORLD}) | names.bound_inside),
        defines=names.binds & gathered(defined_by, nodes),
        holds={name: held & known for name, held in holds.items() if name in known},
    )


def changeable(names: Names) -> frozenset[str]:
    """The names that the cell binds to what a call may change: to no function, class, module or constant."""
    if names.tree is None:
        return names.binds
    nodes = list(ast.walk(names.tree))
    return names.binds - gathered(defined_by, nodes) - gathered(imported_by, nodes) - constants(nodes)


def gathered(names_by: Callable[[Any], Iterable[str]], nodes: Iterable[ast.AST]) -> set[str]:
    return {name for node in nodes for name in names_by(node)}


def defined_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name


def imported_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)


def patched_by(node: ast.AST) -> Iterator[str]:
    """The names of whose objects a part is assigned or deleted: table of table[key] = 1."""
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        yield from owners(node)
    elif isinstance(node, ast.Call) and last_name(node.func) in PATCH:
        yield from names_in(node)


def changed_by(node: ast.AST) -> Iterator[str]:
    """The names whose objects this one node may change, WORLD for what has no name."""
    yield from patched_by(node)
    if beyond_names(node) or leaves_a_seed(node):
        yield WORLD
    if isinstance(node, ast.AugAssign):
        yield from owners(node.target)
    elif isinstance(node, ast.Expr):
        yield from gathered(handed_to, dropped(node.value))
    elif isinstance(node, ast.Lambda):
        yield from gathered(handed_to, dropped(node.body))
    elif isinstance(node, ast.Call):
        called = last_name(node.func)
        method = called in METHODS and isinstance(node.func, ast.Attribute)
        if method or called == "next" or (called.endswith("_") and not called.endswith("__")):
            yield from handed_to(node)
        yield from gathered(names_in, [one.value for one in node.keywords if one.arg == "out"])


def dropped(value: ast.expr) -> Iterator[ast.Call]:
    """The calls of an expression whose result nobody keeps, but for those that only show something."""
    waiting: list[ast.AST] = [value]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.Call):
            waiting += ast.iter_child_nodes(node)
        elif not is_quiet(node):
            yield node


def handed_to(call: ast.Call) -> set[str]:
    """The names whose objects a call gets hold of; of what is put into a container, holdings knows."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in CONTAINERS:
        return owners(call.func)
    return names_in(call)


def owners(part: ast.expr) -> set[str]:
    """The name whose object has that part: x of x.y[key].z; every name in it where a call is between."""
    while isinstance(part, ast.Attribute | ast.Subscript | ast.Starred):
        part = part.value
    return names_in(part)


def names_in(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def is_quiet(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func).partition(".")[0] in QUIET


def dotted(node: ast.expr) -> str:
    """'torch.random.seed' of such a chain of names, '' of anything else."""
    attributes = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(attributes)]) if isinstance(node, ast.Name) else ""


def holdings(nodes: list[ast.AST]) -> dict[str, set[str]]:
    """Name -> names whose objects, or parts of them, it may hold: after y = f(x), y[0] = 1 may change x."""
    holds: dict[str, set[str]] = defaultdict(set)
    for target, value in (pair for node in nodes for pair in bindings(node)):
        for name in names_in(target):
            holds[name] |= kept_in(value)
    return holds


def kept_in(value: ast.AST) -> set[str]:
    """The names in a value, but for those of which only a picture, a number or a copy goes into it."""
    found, waiting = set(), [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            found.add(node.id)
        if not is_quiet(node) and not (isinstance(node, ast.Call) and last_name(node.func) in FRESH):
            waiting += ast.iter_child_nodes(node)
    return found


def constants(nodes: list[ast.AST]) -> set[str]:
    """The names bound to numbers, texts and tuples of them, and to nothing else."""
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for target, value in (pair for node in nodes for pair in bindings(node)):
        names[is_constant(value)] |= names_in(target)
    return names[True] - names[False]


def is_constant(value: ast.AST) -> bool:
    return all(isinstance(part, ast.Constant) for part in (value.elts if isinstance(value, ast.Tuple) else [value]))


def bindings(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Target and value of what this one node binds, or puts into a container."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value):
            yield target, value
        case ast.NamedExpr(target=target, value=value):
            yield target, value
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            yield target, value
        case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
            yield target, value
        case ast.Match(subject=value, cases=cases):
            captures = [one.name for case in cases for one in ast.walk(case.pattern) if getattr(one, "name", None)]
            yield from ((ast.Name(name, ast.Store()), value) for name in captures)
        case ast.Call(func=ast.Attribute(attr=attr, value=target), args=values) if attr in CONTAINERS:
            yield from ((target, value) for value in values)


def reached(names: set[str] | frozenset[str], holds: Mapping[str, set[str]]) -> set[str]:
    """These names, those whose objects they may hold, and so on."""
    found, waiting = set(names), list(names)
    while waiting:
        new = holds.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def beyond_names(node: ast.AST) -> bool:
    """Whether that has an effect that no name shows; of seeds leaves_a_seed knows."""
    match node:
        case ast.ImportFrom(names=aliases):
            return any(alias.name == "*" for alias in aliases)
        case ast.Attribute():
            return dotted(node) in ("sys.path", "os.environ")
        case ast.Call(func=called):
            first, last = dotted(called).partition(".")[0], last_name(called)
            sets = last.startswith("set_") and (first in LIBRARIES or isinstance(called, ast.Name))
            return sets or last in WRITE or (isinstance(called, ast.Name) and last in BLIND)
        case ast.Expr(value=ast.Call(func=called) as call):  # torch.use_deterministic_algorithms(True)
            plain = not any(map(names_in, [*call.args, *call.keywords]))
            return plain and dotted(called).partition(".")[0] in LIBRARIES and not is_seed(call)
    return False


def is_seed(call: ast.Call) -> bool:
    """torch.manual_seed(0) is one, torch.Generator().manual_seed(0) is not."""
    first, _, rest = dotted(call.func).partition(".")
    return last_name(call.func) in SEEDS and (first in LIBRARIES or (bool(first) and not rest))


def leaves_a_seed(scope: ast.AST) -> bool:
    """Whether a cell, or the body of a function, sets a seed for what comes after it.

    One with calls behind it, in the same body, is set for these: a training that begins so is still but a training."""
    if not isinstance(scope, (ast.Module, *FUNCTIONS)):
        return False
    calls = [one for one in of_one_body(scope) if isinstance(one, ast.Call) and not is_quiet(one)]
    calls = [call for call in calls if not beyond_names(call)]
    return bool(calls) and is_seed(max(calls, key=lambda call: (call.lineno, call.col_offset)))


def of_one_body(scope: ast.AST) -> Iterator[ast.AST]:
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, FUNCTIONS):
            waiting += ast.iter_child_nodes(node)
