"""Drawings of word vectors: a lookup as a product with a table, a table as a sum of patterns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from course.plots.sheet import TILE, Place, Point, Sheet

LIGHTEST = 0.005  # a weight below this is written as 0.00
GAP = 0.09  # between a pattern and its two lists


def lookup(
    names: Sequence[str], weights: Sequence, table: Sequence, features: Sequence[str] = (),
    called: str = "weights",
) -> Figure:
    """Weights times a table, in numbers: how much of each row of the table is in the result.

    weights (V,), one for each name; table (V, d), its columns are called features;
    called: what stands below the weights"""
    weights, table = np.asarray(weights, dtype=float), np.asarray(table, dtype=float)
    decimals = 0 if (weights == weights.round()).all() else 2
    many, wide = (TILE * size for size in table.shape)
    sheet, y = Sheet(many + 2 * wide + 2.45, many + 0.75), many / 2 + 0.35
    row = sheet.numbers(0.15 + many / 2, y, weights, f"{called} ({len(weights)},)", decimals,
                        heat=(0, 1))  # fmt: skip
    head(sheet, row, names, 30)
    x = row.right[0] + 1.5 + wide / 2
    for number in np.argsort(weights):  # the frame of what counts most lies over the others
        height, weight = y + many / 2 - TILE * (number + 0.5), weights[number]
        place = sheet.numbers(x, height, table[number], look=look_of(weight))
        share = f"{weight:.{decimals}f} × {names[number]}"
        sheet.text(place.left[0] - 0.08, height, share, 8.5, ha="right")
    sheet.note(x, y - many / 2 - 0.13, f"table {table.shape}")
    head(sheet, Place(x, y, wide, many), features)
    result = sheet.numbers(x + wide + 0.55, y, weights @ table, f"result ({table.shape[1]},)",
                           decimals or 1, look="state")  # fmt: skip
    head(sheet, result, features)
    for sign, place in {"@": row.right[0] + 0.25, "=": x + wide / 2 + 0.28}.items():
        sheet.text(place, y, sign, 13)
    return sheet.figure


def look_of(weight: float) -> str:
    """How a row is drawn, by its share: most of the result, a part of it, none."""
    return "lit" if weight >= 0.5 else "weights" if weight >= LIGHTEST else "faint"


def head(sheet: Sheet, place: Place, names: Sequence[str], rotation: float = 0) -> None:
    """Names above the columns of what is drawn at a place."""
    for number, name in enumerate(names):
        x = place.left[0] + TILE * (number + 0.5)
        style = {"rotation": rotation, "ha": "left" if rotation else "center", "va": "bottom"}
        sheet.text(x - 0.06 * bool(rotation), place.top[1] + 0.05, name, 8.5, **style)


def patterns(
    words: Sequence[str], neighbours: Sequence[str], table: Sequence, parts: Sequence[Sequence]
) -> Figure:
    """A table as the sum of its two strongest patterns and a rest, with the lists that make them.

    table (n, m); parts: left (n, n), sizes and right (m, m), as torch.linalg.svd returns them;
    in each pattern both lists are turned so that the sum of the left one is positive"""
    table = np.asarray(table, dtype=float)
    left, sizes, right = (np.asarray(part, dtype=float) for part in parts)
    drawn = Patterns(table.shape, table.max())
    whole = drawn.matrix(table, "table")
    for word, height in zip(words, drawn.heights, strict=True):
        drawn.sheet.text(whole.left[0] - 0.08, height, word, 9, ha="right")
    head(drawn.sheet, whole, neighbours)
    for k, sign in enumerate("=+"):
        drawn.sign(sign)
        turn = 1 if left[:, k].sum() > 0 else -1
        table = table - drawn.pattern(k, sizes[k], turn * left[:, k], turn * right[k])
    drawn.sign("+")
    drawn.matrix(table, "rest")
    return drawn.sheet.figure


class Patterns:
    """Draws tables of one shape from left to right, all with the same colours."""

    def __init__(self, shape: tuple[int, int], brightest: float) -> None:
        self.height, self.width = (TILE * size for size in shape)
        self.sheet = Sheet(4 * self.width + 2.9, self.height + 1.2)
        self.x, self.y, self.heat = 0.6, self.height / 2 + 0.4, (0.0, brightest)

    @property
    def heights(self) -> list[float]:
        """Where the rows are, from the first to the last."""
        top = self.y + self.height / 2
        return [top - TILE * (n + 0.5) for n in range(round(self.height / TILE))]

    def matrix(self, values: np.ndarray, name: str) -> Place:
        """The next table, with its name below it."""
        middle = self.x + self.width / 2, self.y
        self.x += self.width
        return self.sheet.numbers(*middle, positive_zeros(values), name, 2, heat=self.heat)

    def sign(self, sign: str) -> None:
        """A sign between two tables."""
        self.sheet.text(self.x + 0.19, self.y, sign, 14)
        self.x += 0.38

    def pattern(self, k: int, size: float, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """The next table, one pattern: beside it its list for the rows, above that for columns."""
        pattern = size * np.outer(left, right)
        self.column((self.x + TILE / 2, self.y), left, f"u{'₁₂'[k]}")
        self.x += TILE + GAP
        place = self.matrix(pattern, f"pattern {k + 1}")
        above = place.x, place.top[1] + GAP + TILE / 2
        self.sheet.numbers(*above, positive_zeros(right), "", 2, look="weights")
        self.sheet.note(place.right[0] + 0.12, above[1], f"v{'₁₂'[k]}")
        self.sheet.text(place.left[0] - GAP - TILE / 2, above[1], f"{size:.2f} ×", 8.5)
        return pattern

    def column(self, middle: Point, values: np.ndarray, name: str) -> None:
        """A list from top to bottom."""
        values = positive_zeros(values)
        self.sheet.numbers(*middle, values, name, 2, upright=True, look="state")


def positive_zeros(values: np.ndarray) -> np.ndarray:
    """Rounded to two places, and never -0.00."""
    return np.round(values, 2) + 0.0
