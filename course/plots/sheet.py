"""Sheet: an empty sheet on which words, boxes of numbers, operations and arrows are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Rectangle

from course.plots.charts import CENTRED, COLOURS

Point = tuple[float, float]
NAVY, OCHRE, GREY = COLOURS[0], COLOURS[1], COLOURS[3]
TILE = 0.38  # side of a number's tile
LETTER = 0.085  # the width of a letter of the usual size, about
LOOKS = {
    "plain": {"facecolor": "white", "edgecolor": "black", "linewidth": 1.0},
    "lit": {"facecolor": "#f3d789", "edgecolor": "black", "linewidth": 2.2},
    "state": {"facecolor": "#dbe5f1", "edgecolor": NAVY, "linewidth": 1.4},
    "weights": {"facecolor": "#fbeec8", "edgecolor": OCHRE, "linewidth": 1.4},
    "faint": {"facecolor": "#f4f4f4", "edgecolor": "#9a9a9a", "linewidth": 0.8},
    "lit frame": {"facecolor": "none", "edgecolor": "#b8860b", "linewidth": 3.0},
    "frame": {"facecolor": "none", "edgecolor": "#777777", "linewidth": 1.0, "linestyle": "--"},
}


@dataclass(frozen=True)
class Place:
    """What was drawn: its middle and its size, in inches."""

    x: float
    y: float
    width: float
    height: float

    @property
    def top(self) -> Point:
        """The middle of its upper side."""
        return self.x, self.y + self.height / 2

    @property
    def bottom(self) -> Point:
        """The middle of its lower side."""
        return self.x, self.y - self.height / 2

    @property
    def left(self) -> Point:
        """The middle of its left side."""
        return self.x - self.width / 2, self.y

    @property
    def right(self) -> Point:
        """The middle of its right side."""
        return self.x + self.width / 2, self.y


class Sheet:
    """A figure of that many inches, on which every (x, y) is in inches too, from the lower left.

    What draws a thing takes its middle, and returns its Place, from which arrows can start."""

    def __init__(self, width: float, height: float) -> None:
        self.figure = Figure(figsize=(width, height))
        self.axis = self.figure.add_axes((0, 0, 1, 1))
        self.axis.set(xlim=(0, width), ylim=(0, height))
        self.axis.axis("off")

    def text(
        self, x: float, y: float, text: str, size: float = 10, colour: str = "black", **style
    ) -> Place:
        """Words alone, such as those of a sentence."""
        self.axis.text(x, y, text, fontsize=size, color=colour, **{"zorder": 4, **CENTRED, **style})
        lines = text.split("\n")
        return Place(x, y, LETTER * max(map(len, lines)) * size / 10, 0.2 * len(lines) * size / 10)

    def note(self, x: float, y: float, text: str, **style) -> Place:
        """Small grey words beside a thing: its shape, its name, what it is for."""
        return self.text(x, y, text, 8.5, "#444444", **style)

    def box(
        self, x: float, y: float, text: str, width: float = 1.3, height: float = 0.42,
        look: str = "plain", size: float = 9.5,
    ) -> Place:  # fmt: skip
        """A part that computes something; its look is one of LOOKS."""
        corner, rounded = (x - width / 2, y - height / 2), "round,pad=0,rounding_size=0.07"
        style = {"zorder": 0 if look.endswith("frame") else 2, **LOOKS[look]}
        self.axis.add_patch(FancyBboxPatch(corner, width, height, boxstyle=rounded, **style))
        self.text(x, y, text, size)
        return Place(x, y, width, height)

    def circle(self, x: float, y: float, sign: str, radius: float = 0.15) -> Place:
        """An operation on numbers of one shape, place by place: +, ×, tanh."""
        self.axis.add_patch(Circle((x, y), radius, zorder=3, **LOOKS["plain"]))
        self.text(x, y, sign, 10 if len(sign) == 1 else 7.5)
        return Place(x, y, 2 * radius, 2 * radius)

    def numbers(
        self, x: float, y: float, values: Sequence, name: str = "", decimals: int = 1,
        upright: bool = False, heat: tuple[float, float] | None = None, look: str = "plain",
    ) -> Place:  # fmt: skip
        """A vector or a matrix, a tile for each number; its name stands below it.

        values (n,) or (rows, columns), array or tensor; upright: a vector from top to bottom;
        heat: the values at the dark and at the bright end of the colours, where tiles have one."""
        table = np.asarray(values, dtype=float)
        if table.ndim == 1:
            table = table[:, None] if upright else table[None]
        if table.ndim != 2:
            raise ValueError(f"values has shape {table.shape}, but only one or two axes are drawn")
        height, width = (TILE * n for n in table.shape)
        for (row, column), value in np.ndenumerate(table):
            corner = x - width / 2 + TILE * column, y + height / 2 - TILE * (row + 1)
            self.tile(corner, value, decimals, heat, look)
        if name:
            self.note(x, y - height / 2 - 0.13, name)
        return Place(x, y, width, height)

    def tile(
        self, corner: Point, value: float, decimals: int, heat: tuple[float, float] | None,
        look: str,
    ) -> None:  # fmt: skip
        """One number on its tile."""
        style, ink = dict(LOOKS[look]), "black"
        if heat:
            low, high = heat
            share = (max(value, low) - low) / (high - low)  # minus infinity is as dark as the least
            style["facecolor"] = colormaps["cividis"](share)
            ink = "black" if share > 0.5 else "white"
        self.axis.add_patch(Rectangle(corner, TILE, TILE, zorder=2, **style))
        value = round(value, decimals) + 0.0  # no minus before a zero
        written = "−∞" if value == -np.inf else f"{value:.{decimals}f}".replace("-", "−")
        size = 7.5 if len(written) < 5 else 6.5
        self.text(corner[0] + TILE / 2, corner[1] + TILE / 2, written, size, ink)

    def arrow(
        self, start: Point, end: Point, text: str = "", bend: float = 0.0, width: float = 1.1,
        colour: str = "black", dashed: bool = False, head: bool = True,
    ) -> None:  # fmt: skip
        """From point to point; bend makes it an arc, text stands beside its middle."""
        style = {"linewidth": width, "color": colour, "linestyle": "--" if dashed else "-"}
        shape = f"arc3,rad={bend}"
        arrowstyle = "-|>,head_length=4,head_width=2.2" if head else "-"
        arrow = FancyArrowPatch(
            start, end, arrowstyle=arrowstyle, connectionstyle=shape, shrinkA=1, shrinkB=1,
            zorder=1, **style,
        )  # fmt: skip
        self.axis.add_patch(arrow)
        if text:
            (x0, y0), (x1, y1) = start, end
            middle = (x0 + x1) / 2 + bend * (y1 - y0) / 2, (y0 + y1) / 2 - bend * (x1 - x0) / 2
            backing = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
            self.note(*middle, text, bbox=backing)

    def path(
        self, *points: Point, width: float = 1.1, colour: str = "black", dashed: bool = False
    ) -> None:
        """An arrow with corners, through all these points."""
        x, y = zip(*points[:-1], strict=True)
        style = "--" if dashed else "-"
        self.axis.plot(x, y, color=colour, linewidth=width, linestyle=style, zorder=1)
        self.arrow(points[-2], points[-1], width=width, colour=colour, dashed=dashed)
