"""Source: slips that can be read in the answer's own text, where it can be read."""

from __future__ import annotations

import ast
import builtins
import contextlib
import inspect
import linecache
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import torch

from course.judging.exercise import Exercise
from course.judging.isolation import members
from course.judging.observation import Failure

Reader = Callable[[Exercise, "Source"], str | None]

# What torch and NumPy complain of alike, each in its own words: an answer is told what its own library has for it.
ONE_TRUTH = (
    "`if`, `and`, `or`, `not` and Python's max() and min() ask for one truth; for every entry at once there are "
    "{}.where, `&`, `|`, `~` and x.max(...)."
)
MISFIT = (
    "two shapes do not fit. They are laid over each other from the last axis on, and two sizes must be equal, or one "
    "of them 1. Is an axis lost{}, or is one in another place?"
)
MISFIT_IN_TORCH, MISFIT_IN_NUMPY = r"must match the size of tensor", r"could not be broadcast|operands could not"
REDUCING = {
    "sum", "mean", "average", "median", "prod", "max", "min", "amax", "amin", "argmax", "argmin", "var", "std", "norm",
    "logsumexp", "any", "all",
}  # fmt: skip

# What an exception's text says of its cause: pattern -> what to do about it.
CAUSES = {
    r"before Module\.__init__\(\) call": "`super().__init__()` must be the first line of the constructor.",
    r"return_types": "with a dim, torch's max, min, sort, topk and mode give values and indices: take one of them, "
    "`.values` or `.indices`.",
    r"Boolean value of Tensor with more than one value": ONE_TRUTH.format("torch"),
    r"truth value of an array": ONE_TRUTH.format("np"),
    r"too many values to unpack": "there are more things on the right of the `=` than names on its left. Where it is a "
    "shape, there are further axes in front: counted from the end, x.shape[-1] works for all.",
    r"not enough values to unpack": "there are fewer things on the right of the `=` than names on its left: a shape "
    "with fewer axes, or a split into fewer parts.",
    r"len\(\) of a 0-d tensor|iteration over a 0-d|len\(\) of unsized": "a single number has no axis, so no length and "
    "nothing to walk through; the exercise's shapes allow it.",
    r"requires grad.*numpy|Can't call numpy\(\)": "a tensor that learns cannot become a NumPy array: stay with torch.",
    r"object is not callable": "something that is a value, not a function, is called with (): is a name used twice, or "
    "a sign missing between two brackets?",
    r"cannot assign .* as parameter": "in the place of a weight only a weight can stand, an nn.Parameter: of a layer "
    "that is its `.weight`, of a tensor nn.Parameter(...) makes one.",
    r"a leaf Variable that requires grad|modified by an inplace operation": "what a gradient still needs cannot be "
    "changed in place: make a new tensor instead.",
    r"mat1 and mat2 shapes|mismatch in its core dimension|size mismatch, got": "in `a @ b` the last axis of a meets "
    "the last but one of b; here the two have different sizes. Is one of them turned, or is the order the other one?",
    MISFIT_IN_TORCH: MISFIT.format(""),
    MISFIT_IN_NUMPY: MISFIT.format(""),
    r"view size is not compatible|\.contiguous\(\)": "after a transpose the numbers do not lie one after the other in "
    "memory, as view needs it; reshape copies them where it must.",
    r"shape '.*' is invalid for input": "view and reshape keep all numbers: the sizes multiplied must give as many as "
    "there are. Is a size one of an example, or a division not exact?",
    r"expected (?:m1 and m2|scalar type)|same dtype": "two number types meet: a tensor was made without `dtype=`, and "
    "is float32 where the input is float64.",
    r"tensors used as indices must be|Expected tensor for argument .*Long|only integers, slices": "what picks an entry "
    "must be whole numbers; these are fractions: .long() makes them whole.",
    r"'?NoneType'?": "something here is None: is it an input that was not given, or what a function without `return` "
    "gives?",
    r"unhashable type: '(?:list|Tensor|dict|set)'|unhashable type": "only what cannot change can be a key of a dict or "
    "stand in a set: a tuple, not a list.",
    r"referenced before assignment|cannot access local variable": "a name is read before anything was put into it: a "
    "branch not taken, or a loop that is never entered.",
    r"Cannot interpret '\d+' as a data type": "NumPy takes a shape as one thing: np.zeros((n, p)), with two pairs of "
    "parentheses.",
    r"\bby zero|cannot be raised to a negative|zero to a negative power": "something is divided by what is 0 here. Is "
    "it a count of nothing, a setting that may be 0, or a product of many small numbers, which is rounded to 0?",
    r"index out of range|pop from empty|is out of bounds|Dimension out of range": "an index asks for a place, or an "
    "axis, that is not there (of n, the last is n - 1). Is it off by one, is something empty, is a size another's?",
    r"is not defined": "this name is not known inside the answer: is it spelled otherwise, or made in another cell?",
    r"arrays can be converted to Python scalars": "float, int and math take a single number; NumPy's own functions, "
    "np.exp for example, take a whole array.",
    r"can(?:not)? be converted to (?:Python scalars|Scalar)": "float, int, math and .item() take a single number; "
    "torch's own functions take a whole tensor.",
    r"can only concatenate|unsupported operand type|must be Tensor, not": "two kinds of things meet here, and only one "
    "of them is what the line expects.",
    r"has no attribute": "this thing is of another kind than the line expects.",
}  # fmt: skip

# The same where the answer has, or may have, a sum or a maximum, which loses an axis.
CAUSES_WHERE_REDUCED = CAUSES | {
    MISFIT_IN_TORCH: MISFIT.format(", which keepdim=True would keep"),
    MISFIT_IN_NUMPY: MISFIT.format(", which keepdims=True would keep"),
}


@dataclass(frozen=True)
class Source:
    """The answer as it is written: its tree, and the names that stand around it."""

    tree: ast.FunctionDef | ast.ClassDef
    namespace: Mapping[str, Any]

    def functions(self) -> list[ast.FunctionDef]:
        """The function, or the methods of the class."""
        if isinstance(self.tree, ast.FunctionDef):
            return [self.tree]
        return [node for node in self.tree.body if isinstance(node, ast.FunctionDef)]


def source_of(candidate: Callable, name: str) -> Source | None:
    """The last definition of that name in the cell, or the file, in which the candidate was written."""
    functions = [one for one in map(inspect.unwrap, members(candidate)) if inspect.isfunction(one)]
    for function in functions:
        text = "".join(linecache.getlines(function.__code__.co_filename))
        with contextlib.suppress(SyntaxError, ValueError):
            found = definitions(ast.parse(text), {name, getattr(candidate, "__name__", name)})
            if found:
                return Source(found[-1], function.__globals__)
    return None


def definitions(tree: ast.AST, names: set[str]) -> list[ast.FunctionDef | ast.ClassDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names]


def slip(readers: Sequence[Reader], exercise: Exercise, source: Source | None) -> str | None:
    """The first slip that one of the readers finds in the answer."""
    if source is None:
        return None
    return next((text for reader in readers if (text := reader(exercise, source))), None)


def cut_off(exercise: Exercise, source: Source | None) -> str | None:
    """Where the values are right and a gradient is asked for: what cuts its way."""
    if source is None or not exercise.gradients:
        return None
    for node in walk(source.tree, ast.Call):
        if called(node) in ("item", "detach", "numpy", "tolist") or ast.unparse(node.func) in ("float", "torch.tensor"):
            return f"`{ast.unparse(node)}` leaves torch: no gradient finds its way back through it."
    return None


def cause(failure: Failure | None, source: Source | None = None) -> str | None:
    """What an exception's text says of its cause, where that is known."""
    if failure is None:
        return None
    reduced = source is None or any(called(call) in REDUCING for call in walk(source.tree, ast.Call))
    causes = CAUSES_WHERE_REDUCED if reduced else CAUSES
    return next((text for pattern, text in causes.items() if re.search(pattern, failure.text)), None)


# Readers: each looks for one slip.


def returns_inside_a_loop(exercise: Exercise, source: Source) -> str | None:
    for function in source.functions():
        for loop in walk(function, ast.For | ast.While):
            if any(isinstance(node, ast.Return) for node in loop.body):
                return (
                    f"`return` stands inside the loop `{head(loop)}`, so that the function ends in its first round. "
                    "Move it below the loop, as far to the left as the word `for` or `while`."
                )
    return None


def never_returns(exercise: Exercise, source: Source) -> str | None:
    for function in source.functions():
        asked = function.name == exercise.name or function.name == "forward"
        if asked and not any(node.value for node in own_nodes(function, ast.Return)) and not yields(function):
            printed = any(called(node) == "print" for node in walk(function, ast.Call))
            how = "prints what it found, but does not return it; a print is for the eye only" if printed else ""
            return f"`{function.name}` {how or 'has no `return` with a value'}."
    return None


def yields(function: ast.FunctionDef) -> bool:
    return any(True for _ in walk(function, ast.Yield | ast.YieldFrom | ast.Raise))


def a_name_of_the_notebook(exercise: Exercise, source: Source) -> str | None:
    """Data of the notebook that the answer reads, while it never looks at one of its own parameters."""
    for function in source.functions():
        unread = parameters_unread(function)
        for name in read_from_outside(function):
            if unread and is_data(source.namespace.get(name)):
                return (
                    f"it reads `{name}` of the notebook, and never its own parameter `{unread[0]}`: then it gives the "
                    f"same answer whatever it is called with. Use `{unread[0]}`."
                )
    return None


def overwritten(exercise: Exercise, source: Source) -> str | None:
    for function in source.functions():
        for name in parameters_of(function):
            first = first_use(function, name)
            if first is not None and isinstance(first.ctx, ast.Store) and not is_default(function, name, first):
                return f"`{name} = ...` throws away what was handed in as `{name}` before anything has read it."
    return None


def parameter_unread(exercise: Exercise, source: Source) -> str | None:
    asked = exercise.signature().parameters
    for function in source.functions():
        if function.name in (exercise.name, "forward"):
            for name in parameters_unread(function):
                if name in asked:
                    return f"its parameter `{name}` does not appear in the code below its line `def`."
    return None


def layers_repeated(exercise: Exercise, source: Source) -> str | None:
    for node in walk(source.tree, ast.BinOp):
        sides = (node.left, node.right)
        if isinstance(node.op, ast.Mult) and any(isinstance(side, ast.List) and holds_a_call(side) for side in sides):
            return (
                f"`{ast.unparse(node)}` is a list in which one and the same object stands several times; a list "
                "comprehension makes a new one for each place: [... for _ in range(n)]."
            )
    return None


def lists_repeated(exercise: Exercise, source: Source) -> str | None:
    for node in walk(source.tree, ast.BinOp):
        for side in (node.left, node.right):
            inner = side.elts[0] if isinstance(side, ast.List) and len(side.elts) == 1 else None
            if isinstance(node.op, ast.Mult) and isinstance(inner, ast.List | ast.Dict | ast.Set):
                return (
                    f"`{ast.unparse(node)}` holds one and the same list several times: what is added to one is added "
                    "to all. [[] for _ in range(n)] makes one for each place."
                )
    return None


def one_list_again_and_again(exercise: Exercise, source: Source) -> str | None:
    """A list that grows in a loop, and is itself put into another one in each round."""
    for loop in walk(source.tree, ast.For | ast.While):
        appends = [call for call in walk(loop, ast.Call) if called(call) == "append" and call.args]
        growing = {ast.unparse(call.func.value) for call in appends if isinstance(call.func, ast.Attribute)}
        growing -= {node.id for node in walk(loop, ast.Name) if isinstance(node.ctx, ast.Store)}  # another each time
        for call in appends:
            kept = call.args[0].elts if isinstance(call.args[0], ast.Tuple) else call.args
            for item in kept:
                if isinstance(item, ast.Name) and item.id in growing and ast.unparse(call.func.value) != item.id:
                    return (
                        f"`{ast.unparse(call)}` puts the list `{item.id}` itself there, which goes on growing, in each "
                        f"round the same one. Put a copy there: list({item.id})."
                    )
    return None


def default_that_remembers(exercise: Exercise, source: Source) -> str | None:
    for function in source.functions():
        for default in function.args.defaults:
            if isinstance(default, ast.List | ast.Dict | ast.Set):
                return (
                    f"the default `{ast.unparse(default)}` in `def {function.name}` is made once, and keeps what an "
                    "earlier call put into it. Make it inside the function."
                )
    return None


def size_of_an_example(exercise: Exercise, source: Source) -> str | None:
    """A whole number in a shape or a range that the reference does not have there."""
    known = {node.value for node in walk(reference_tree(exercise), ast.Constant) if type(node.value) is int}
    written = [function for function in source.functions() if function.name != "__init__"]  # there it counts layers
    for call in (call for function in written for call in walk(function, ast.Call)):
        if called(call) in SHAPED:
            for node in shape_constants(call):
                if node.value not in known:
                    return (
                        f"`{ast.unparse(call)}` has the number {node.value} in it. Is it a size of one example? A size "
                        "must come from what is handed in: len(x), x.shape[-1]."
                    )
    return None


SHAPED = {"range", "zeros", "ones", "empty", "full", "arange", "reshape", "view", "randn", "rand", "eye", "expand"}


def shape_constants(call: ast.Call) -> Iterator[ast.Constant]:
    """The whole numbers above 1 among the arguments, also in a tuple of them."""
    for argument in call.args:
        for node in argument.elts if isinstance(argument, ast.Tuple | ast.List) else [argument]:
            if isinstance(node, ast.Constant) and type(node.value) is int and node.value > 1:
                yield node


# Words of the readers.


def walk(tree: ast.AST, kind: Any) -> Iterator[Any]:
    return (node for node in ast.walk(tree) if isinstance(node, kind))


def own_nodes(function: ast.FunctionDef, kind: Any) -> list[Any]:
    """Nodes of the function, those of functions inside apart."""
    functions = [one for one in walk(function, ast.FunctionDef | ast.Lambda) if one is not function]
    inner = {id(node) for one in functions for node in ast.walk(one)}
    return [node for node in walk(function, kind) if id(node) not in inner]


def head(loop: ast.For | ast.While) -> str:
    if isinstance(loop, ast.For):
        return f"for {ast.unparse(loop.target)} in {ast.unparse(loop.iter)}"
    return f"while {ast.unparse(loop.test)}"


def called(call: ast.Call) -> str:
    """zeros of torch.zeros(...), view of x.view(...)."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def holds_a_call(node: ast.List) -> bool:
    return any(isinstance(item, ast.Call) for item in node.elts)


def parameters_of(function: ast.FunctionDef) -> list[str]:
    arguments = function.args
    return [one.arg for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs] if one.arg != "self"]


def names_in(function: ast.FunctionDef) -> list[ast.Name]:
    """The names below the signature, in the order in which they stand there."""
    found = [node for statement in function.body for node in walk(statement, ast.Name)]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def parameters_unread(function: ast.FunctionDef) -> list[str]:
    read = {node.id for node in names_in(function) if isinstance(node.ctx, ast.Load)}
    return [] if "locals" in read else [name for name in parameters_of(function) if name not in read]


def first_use(function: ast.FunctionDef, name: str) -> ast.Name | None:
    """Where the name is first read or, on a line that does not read it, written."""
    uses = [node for node in names_in(function) if node.id == name]
    if not uses:
        return None
    same_statement = [node for node in uses if node.lineno <= statement_end(function, uses[0])]
    read = [node for node in same_statement if isinstance(node.ctx, ast.Load)]
    return read[0] if read else uses[0]


def statement_end(function: ast.FunctionDef, node: ast.Name) -> int:
    """The last line of the smallest statement around that name."""
    statements = [one for one in walk(function, ast.stmt) if one is not function]
    around = [one for one in statements if one.lineno <= node.lineno <= one.end_lineno]
    return min(around, key=lambda one: one.end_lineno - one.lineno).end_lineno


def is_default(function: ast.FunctionDef, name: str, use: ast.Name) -> bool:
    """Whether the assignment stands in a branch, as in `if mask is None: mask = ...`, and so keeps what was given."""
    top = [node for statement in function.body if isinstance(statement, ast.Assign) for node in ast.walk(statement)]
    return use not in top


def read_from_outside(function: ast.FunctionDef) -> list[str]:
    own = {node.id for node in names_in(function) if isinstance(node.ctx, ast.Store)} | set(parameters_of(function))
    read = [node.id for node in names_in(function) if isinstance(node.ctx, ast.Load)]
    return [name for name in dict.fromkeys(read) if name not in own and not hasattr(builtins, name)]


def is_data(value: object) -> bool:
    kinds = torch.Tensor | np.ndarray | list | tuple | dict | str | int | float
    return isinstance(value, kinds) and not isinstance(value, ModuleType | type)


def reference_tree(exercise: Exercise) -> ast.AST:
    found = source_of(exercise.reference, exercise.name)
    return found.tree if found else ast.Module([], [])


# Wrong wherever they stand; and what may have a good reason.
SURE: tuple[Reader, ...] = (
    never_returns, returns_inside_a_loop, a_name_of_the_notebook, overwritten, layers_repeated, lists_repeated,
    one_list_again_and_again, default_that_remembers,
)  # fmt: skip
LIKELY: tuple[Reader, ...] = (parameter_unread, size_of_an_example)
