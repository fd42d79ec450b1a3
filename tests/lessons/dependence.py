"""Which cells of a lesson an answer reaches, and which others these need: told from the names in their code."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

BUILT_IN = frozenset(dir(builtins))


@dataclass
class Names:
    """What one cell has to do with the lesson's variables.

    It `reads` what others have bound, `binds` some itself, and may change in place what it `touches`. What it defines
    reads nothing until somebody runs it: `inside` says what that reads then."""

    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    touches: set[str] = field(default_factory=set)
    inside: dict[str, set[str]] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)


def names_of(source: str) -> Names:
    """Statement by statement: what the cell has bound before it reads it comes from no other."""
    found = Names()
    for statement in one_by_one(ast.parse(source).body):
        read, bound = read_and_bound(statement)
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found.inside[statement.name] = read - {statement.name}
        else:
            found.reads |= reached(read, found.inside) - found.binds
            found.touches |= touched(statement) - found.binds
        if isinstance(statement, ast.Import | ast.ImportFrom):
            found.imports |= bound
        found.binds |= bound
    return found


def one_by_one(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """In the order in which they are run; a loop, a branch, a context is taken apart into its head and its body."""
    for statement in statements:
        match statement:
            case ast.For(target=target, iter=head):
                yield ast.Assign([target], head)
            case ast.If(test=head) | ast.While(test=head):
                yield ast.Expr(head)
            case ast.With(items=items):
                for item in items:
                    head = item.context_expr
                    yield ast.Assign([item.optional_vars], head) if item.optional_vars else ast.Expr(head)
            case ast.Try():
                pass
            case _:
                yield statement
                continue
        for block in ("body", "handlers", "orelse", "finalbody"):
            for one in getattr(statement, block, ()):
                if isinstance(one, ast.ExceptHandler) and one.name:
                    yield ast.Assign([ast.Name(one.name, ast.Store())], ast.Constant(None))
                yield from one_by_one(one.body if isinstance(one, ast.ExceptHandler) else [one])


def read_and_bound(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """The lesson's names that a statement reads, also inside a function, and those to which it gives a value."""
    module = symtable.symtable(ast.unparse(ast.fix_missing_locations(statement)), "cell", "exec")
    bound = {one.get_name() for one in module.get_symbols() if one.is_assigned() or one.is_imported()}
    read = {one.get_name() for one in module.get_symbols() if one.is_referenced()}
    tables = module.get_children()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        outside = [one for one in table.get_symbols() if one.is_global()]
        read |= {one.get_name() for one in outside if one.is_referenced()}
        bound |= {one.get_name() for one in outside if one.is_assigned()}
    return read - BUILT_IN, bound


def touched(statement: ast.stmt) -> set[str]:
    """The names whose values it changes in place: x += 1, x[0] = 1, x.add(1). What a function does to x, none sees."""
    found = set()
    alone = [*getattr(statement.value, "elts", ()), statement.value] if isinstance(statement, ast.Expr) else []
    for node in ast.walk(statement):
        if isinstance(node, ast.AugAssign):
            found.add(root(node.target))
        elif isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            found.add(root(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node in alone:
            found.add(root(node.func))
    return found - {""}


def root(node: ast.expr) -> str:
    """x of x, of x.y and of x[0].y; '' of anything else."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def reached(names: Iterable[str], inside: Mapping[str, set[str]]) -> set[str]:
    """The names, and all that is read by running what is defined under them."""
    found, left = set(), set(names)
    while left:
        name = left.pop()
        found.add(name)
        left |= inside.get(name, set()) - found
    return found


class Dependence:
    """Of cells, as {id: code} in the order in which they run."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.names = {cell: names_of(source) for cell, source in cells.items()}
        self.reads: dict[str, set[str]] = {}
        fixed = set().union(*(names.imports for names in self.names.values()))
        inside: dict[str, set[str]] = {}
        for cell, names in self.names.items():
            self.reads[cell] = reached(names.reads, inside)
            inside = {name: read for name, read in inside.items() if name not in names.binds} | names.inside
            names.touches -= fixed | inside.keys()

    def reached_from(self, sources: Collection[str]) -> list[str]:
        """The cells that read what one of these cells binds, or what others have made of it, without these."""
        marked: set[str] = set()
        found = []
        for cell, names in self.names.items():
            if cell in sources:
                marked |= names.binds
            elif self.reads[cell] & marked:
                marked |= names.binds - names.inside.keys() - names.imports | names.touches
                found.append(cell)
            else:
                marked -= names.binds
        return found

    def needed_by(self, cells: Collection[str], lent: Collection[str] = ()) -> dict[str, set[str]]:
        """These cells, and those before them without which they cannot run, in order: {cell: its names that are
        wanted afterwards}. Of a lent cell the names come from elsewhere, and nothing is needed for it."""
        wanted: set[str] = set()
        found = {}
        for cell, names in reversed(self.names.items()):
            if cell in cells or wanted & (names.binds | names.touches):
                found[cell] = wanted & (names.binds | names.touches)
                wanted = wanted - names.binds | (set() if cell in lent else self.reads[cell])
        return dict(reversed(found.items()))

    def is_last(self, cell: str, name: str) -> bool:
        """Is it this cell from which the name has its value at the end?"""
        return [one for one, names in self.names.items() if name in names.binds][-1:] == [cell]
