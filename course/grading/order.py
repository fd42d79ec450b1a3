"""Order: which names a cell reads while it runs, and has not bound itself before; nothing of it is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# Who uses up a generator at once; any other may keep it, and ask it later.
USE_UP = {"sum", "any", "all", "min", "max", "sorted", "list", "tuple", "set", "dict", "join", "mean", "next", "print"}


def later_names(tree: ast.Module) -> set[str]:
    """The names in functions, and in generators that somebody keeps: they may be read at any later time."""
    found, waiting = set(), [(node, False) for node in tree.body]
    while waiting:
        node, later = waiting.pop()
        used_up = set(map(id, node.args)) if isinstance(node, ast.Call) and last_name(node.func) in USE_UP else set()
        if later and isinstance(node, ast.Name):
            found.add(node.id)
        for child in ast.iter_child_nodes(node):
            kept = isinstance(child, ast.GeneratorExp) and id(child) not in used_up
            waiting.append((child, later or isinstance(node, LATER) or kept))
    return found


def last_name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def unbound_reads(body: list[ast.stmt], bound: set[str]) -> set[str]:
    """The names read in these statements before they are surely bound; `bound` gets those bound after the last one."""
    found: set[str] = set()
    for statement in body:
        first = reads_first(statement)
        found |= first - bound
        if isinstance(statement, ast.With) and "suppress" not in first:
            bound |= set().union(*map(stores, statement.items))
            found |= unbound_reads(statement.body, bound)
            continue
        for block, own in blocks(statement):
            found |= unbound_reads(block, bound | own)
        bound |= surely_bound(statement)
    return found


def reads_first(statement: ast.stmt) -> set[str]:
    """What a statement reads before its blocks; of one without blocks, all."""
    match statement:
        case ast.For(target=target, iter=value):
            return loads(value) | loads(target)
        case ast.If(test=value) | ast.While(test=value):
            return loads(value)
        case ast.With(items=items):
            return set().union(*map(loads, items))
        case ast.Try(handlers=handlers):
            return set().union(*(loads(handler.type) for handler in handlers if handler.type))
    return loads(statement) | set(used_again(statement))


def blocks(statement: ast.stmt) -> list[tuple[list[ast.stmt], set[str]]]:
    """The blocks of a statement that may be run, or not, each with the names bound for it."""
    match statement:
        case ast.For(target=target, body=inner, orelse=otherwise):
            return [(inner, stores(target)), (otherwise, set())]
        case ast.If(body=inner, orelse=otherwise) | ast.While(body=inner, orelse=otherwise):
            return [(inner, set()), (otherwise, set())]
        case ast.With(items=items, body=inner):
            return [(inner, set().union(*map(stores, items)))]
        case ast.Try(body=inner, handlers=handlers, orelse=otherwise, finalbody=last):
            caught = [(handler.body, {handler.name or ""}) for handler in handlers]
            return [([*inner, *otherwise], set()), (last, set()), *caught]
    return []


def surely_bound(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.Assign(targets=targets):
            return set().union(*map(stores, targets))
        case ast.AnnAssign(target=target, value=ast.expr()) | ast.AugAssign(target=target):
            return stores(target)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {alias.asname or alias.name.partition(".")[0] for alias in aliases}
    return set()


def stores(target: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def used_again(node: ast.AST) -> Iterator[str]:
    """Names that have to be there before: x of x += 1 and of del x."""
    targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets if isinstance(node, ast.Delete) else []
    yield from (target.id for target in targets if isinstance(target, ast.Name))


def loads(tree: ast.AST) -> set[str]:
    """The names read in it, but for those that its comprehensions bind themselves."""
    found, waiting = set(), [(tree, frozenset())]
    while waiting:
        node, own = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in own:
            found.add(node.id)
        first = node.generators[0].iter if isinstance(node, COMPREHENSIONS) else None
        inner = own.union(*(stores(one.target) for one in node.generators)) if first else own
        for child in ast.iter_child_nodes(node):
            # What the first `for` walks through is found outside: [x for x in x].
            waiting += [(part, own if part is first else inner) for part in parts(child)]
    return found


def parts(node: ast.AST) -> Iterator[ast.AST]:
    return ast.iter_child_nodes(node) if isinstance(node, ast.comprehension) else iter([node])
