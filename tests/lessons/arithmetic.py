"""The calculations that stand in a lesson's prose: is what is left of each = what is right of it?"""

from __future__ import annotations

import ast
import itertools
import math
import operator
import re
from collections.abc import Iterator

from course.classroom.author.lesson import Lesson
from tests.lessons.rules import without_code

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}
FUNCTIONS = {
    "sqrt": math.sqrt, "log": math.log, "exp": math.exp, "tanh": math.tanh, "sigma": lambda x: 1 / (1 + math.exp(-x)),
    "factorial": lambda n: float(math.factorial(int(n))),
}  # fmt: skip
NAMES = "|".join(FUNCTIONS)
LATEX = (
    (r"\\(left|right|big|Big|bigl|bigr)(?![A-Za-z])|\\[!;: ]", " "),
    (r"(?<=\d)(\\,|\{,\})(?=\d{3})", ""),
    (r"\\(cdot|times)(?![A-Za-z])|[·×]", "*"),
    (r"\\div(?![A-Za-z])|÷", "/"),
    (r"\\(approx|simeq)(?![A-Za-z])|≈", "="),
    (r"\\(quad|qquad|\\)|\\,|&|;", ","),
    (r"\\ln(?![A-Za-z])|\bln\b", "log"),
    (rf"\\({NAMES})(?![A-Za-z])", r"\1"),
    (r"σ(?=\()", "sigma"),
    (r"(\d+)!(?=\s*=)", r"factorial(\1)"),
    (r"√(\d+(?:\.\d+)?)", r"sqrt(\1)"),
    (r"\\%|%", "*0.01"),
    ("−", "-"),
)
GROUP = r"\{([^{}]*)\}"
NUMERIC = rf"(?:[\d.+\-*/() ]|{NAMES})+"


def calculations(lesson: Lesson) -> Iterator[tuple[str, str, str]]:
    """Cell, left side, right side of each equality whose two sides are numbers, and one of them a calculation."""
    for cell in lesson.cells:
        if cell.kind == "markdown":
            for piece in pieces(without_code(cell.source)):
                sides = piece.split("=")
                for left, right in itertools.pairwise(sides):
                    one, other = last_calculation(left), first_calculation(right)
                    if one and other and re.search(r"[\d)] *[-+*/]|[a-z]\(", one + " " + other):
                        yield cell.id, one, other


def pieces(text: str) -> Iterator[str]:
    """Formulas and the text between them, as far as Python's signs for calculating can write them."""
    for formula, words in re.findall(r"\$\$?([^$]+)\$\$?|([^$]+)", text):
        python = formula or re.sub(r"[*_]{1,2}(?=\S)|(?<=[^\s*])\*{1,2}(?=[\s,.;:])", " ", words)
        for pattern, replacement in LATEX:
            python = re.sub(pattern, replacement, python)
        while (changed := plain_groups(python)) != python:
            python = changed
        yield from re.split(r",(?!\d)|\n\s*\n|[:?!]|\.(?!\d)", python)


def plain_groups(python: str) -> str:
    """One innermost brace or power turned into Python's parentheses and **."""
    python = re.sub(rf"\\[td]?frac *{GROUP} *{GROUP}", r"((\1)/(\2))", python)
    python = re.sub(rf"sqrt *{GROUP}", r"sqrt(\1)", python)
    python = re.sub(rf"(?<![A-Za-z\\])e *\^ *(?:{GROUP}|(-?\d))", r"exp(\1\2)", python)
    return re.sub(rf"(?<=[\d)]) *\^ *(?:{GROUP}|(\d))", r"**(\1\2)", python)


def last_calculation(side: str) -> str:
    """The numbers at the end of what stands left of a =; '' where a name belongs to them."""
    found = re.search(rf"(?:^|(?<=\s))(?P<whole>{NUMERIC})$", side.rstrip())
    if not found:
        return ""
    before = side[: found.start()].rstrip()
    text = found["whole"].strip()
    return "" if before and (before[-1] in "+-*/^(_\\}|" or text[:1] in "+-*/)") else text


def first_calculation(side: str) -> str:
    """The numbers at the beginning of what stands right of a =; '' where a name belongs to them."""
    found = re.match(rf"\s*({NUMERIC})", side)
    if not found:
        return ""
    text, after = found[1].rstrip(), side[found.end() :].strip()
    joined = side[found.end() : found.end() + 1].isalpha() and not found[1].endswith(" ")
    return (
        ""
        if joined or after[:1] in ("^", "_", "\\", "{", "|") or text[-1:] in ("+", "-", "*", "/", "(")
        else text.rstrip(".")
    )


def false_calculations(lesson: Lesson) -> list[str]:
    """The equalities that are not, up to the digits that they are written with."""
    return [
        f"cell {cell!r}: {left} = {right}, but it is {value(left):.6g}"
        for cell, left, right in calculations(lesson)
        if not agrees(left, right)
    ]


def agrees(left: str, right: str) -> bool:
    """Equal up to half a unit of the last digit of the rounder side; True of what is no calculation after all."""
    try:
        one, other = value(left), value(right)
    except (SyntaxError, ValueError, TypeError, KeyError, ZeroDivisionError, OverflowError):
        return True
    return abs(one - other) <= max(last_digit(left), last_digit(right), 1e-9 * abs(one)) / 2 * (1 + 1e-9)


def last_digit(side: str) -> float:
    """0.88 -> 0.01, 6 * 10**(-8) -> 1e-8; 0 of any other calculation, which is exact."""
    percent = 0.01 if "*0.01" in side else 1.0
    number = re.fullmatch(r"-?\d+(?:\.(\d+))?(?: ?\* ?10\*\*\((-?\d+)\))?", side.replace("*0.01", "").strip())
    return percent * 10.0 ** (int(number[2] or 0) - len(number[1] or "")) if number else 0.0


def value(side: str) -> float:
    """The value of a calculation. KeyError or TypeError where it is something else."""

    def walk(node: ast.AST) -> float:
        if isinstance(node, ast.Constant):
            return float(node.value)
        if isinstance(node, ast.UnaryOp):
            return OPERATORS[type(node.op)](walk(node.operand))
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](walk(node.left), walk(node.right))
        if isinstance(node, ast.Call):
            return FUNCTIONS[node.func.id](*map(walk, node.args))
        raise TypeError(ast.dump(node))

    return walk(ast.parse(side.strip(), mode="eval").body)
