"""Names: which of a notebook's names a cell reads and binds, as Python itself sorts them; nothing of it is run."""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from course.grading.order import later_names, unbound_reads, used_again

MOST_CHARACTERS = 200_000
MOST_FOR_ORDER = 20_000  # of a longer cell every read counts as the first: the order takes time that grows faster
# What makes IPython run a text that is no Python: magics, shell lines, questions, prompts, indented cells, await.
IPYTHON = re.compile(r"^[ \t]*(?:[%!?,;/]|>>>|In \[)|\?[ \t]*$|=[ \t]*[%!]|\b(?:await|async)\b|\A\s", re.MULTILINE)
WORDS = re.compile(r"[^\W\d]\w*")
# Who reads these may read everything; what earlier cells showed is in _ and Out.
SEE_ALL = {"exec", "eval", "globals", "locals", "vars", "get_ipython", "__import__", "__main__", "Out"}
SHOWN = {"_", "__", "___"}
MAGICS_THAT_SEE_ALL = {"run", "store", "recall", "rerun"}
ATTRIBUTES_THAT_SEE_ALL = {"f_globals", "__globals__", "user_ns"}


@dataclass(frozen=True)
class Names:
    """The notebook's names in a cell.

    reads, binds: in functions that it defines too. first: those that it reads while it runs, before it binds them
    itself. later: those that it may read at any later time, when its functions are called. inside: those that stand in
    functions. bound_inside: those bound there, by `global`. reads_all: it may read every name. tree: None of what is
    not Python."""

    reads: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()
    bound_inside: frozenset[str] = frozenset()
    reads_all: bool = False
    tree: ast.Module | None = None

    @property
    def known(self) -> frozenset[str]:
        return self.reads | self.binds


def names_of(source: str) -> Names:
    """The names of a cell, however hostile its text; of a text that IPython alone may understand, all its words."""
    if len(source) <= MOST_CHARACTERS:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about a stranger's backslashes
                return names_of_python(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            if not IPYTHON.search(source):
                return Names()  # nobody can run that
    return names_of_words(source)


def names_of_words(source: str) -> Names:
    """Every word of it may be a name, and may be read and bound at any time."""
    words = frozenset(WORDS.findall(source))
    return Names(words, words, first=words, later=words, reads_all=bool(words & (SEE_ALL | MAGICS_THAT_SEE_ALL)))


def names_of_python(source: str) -> Names:
    tree, uses = ast.parse(source), list(uses_of(source))
    nodes = list(ast.walk(tree))
    binds = {use.name for use in uses if use.bound}
    reads = {use.name for use in uses if use.read}
    reads |= {name for node in nodes for name in used_again(node)} & (binds | reads)
    seen = {node.id for node in nodes if isinstance(node, ast.Name)}  # others are what __x of a class is turned into
    later = {use.name for use in uses if use.inside} & reads - (seen - later_names(tree))
    return Names(
        reads=frozenset(reads),
        binds=frozenset(binds),
        first=frozenset(reads & unbound_reads(tree.body, set()) if len(source) <= MOST_FOR_ORDER else reads),
        later=frozenset(later),
        inside=frozenset(use.name for use in uses if use.inside),
        bound_inside=frozenset(use.name for use in uses if use.bound and use.inside),
        reads_all=bool(reads & (SEE_ALL | SHOWN - binds)) or any(map(sees_all, nodes)),
        tree=tree,
    )


@dataclass(frozen=True)
class Use:
    name: str
    read: bool
    bound: bool
    inside: bool  # in a function, a class or a comprehension


def uses_of(source: str) -> Iterator[Use]:
    """What is done with the notebook's names, in the cell itself and in all that it defines."""
    waiting = [(symtable.symtable(source, "<cell>", "exec"), False)]
    while waiting:
        scope, inside = waiting.pop()
        for symbol in scope.get_symbols():
            of_notebook = not inside or symbol.is_global()
            bound = of_notebook and (symbol.is_assigned() or symbol.is_imported())
            looked_up_outside = scope.get_type() == "class"  # what a class body has not bound yet
            read = symbol.is_referenced() and (of_notebook or looked_up_outside)
            if bound or read:
                yield Use(symbol.get_name(), read, bound, inside)
        waiting += [(child, True) for child in scope.get_children()]


def sees_all(node: ast.AST) -> bool:
    """Whether that leads to the notebook's names without naming them."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return "__main__" in [getattr(node, "module", None), *(alias.name for alias in node.names)]
    if not isinstance(node, ast.Attribute):
        return False
    of_sys = node.attr == "modules" and isinstance(node.value, ast.Name) and node.value.id == "sys"
    return of_sys or node.attr in ATTRIBUTES_THAT_SEE_ALL
