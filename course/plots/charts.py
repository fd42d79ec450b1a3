"""Charts: heatmaps, curves and bars that read without colour, each with its text for the blind."""

from __future__ import annotations

import base64
import functools
import html
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from IPython.display import HTML, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.plots.fonts import boxes_without_warning, use_chinese_font

DPI = 160  # twice what is shown: sharp on fine screens
COLOURS = ("#00224e", "#b8860b", "#1f77b4", "#7c7b78", "#35b779", "#440154")
MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))
CENTRED = {"ha": "center", "va": "center"}
use_chinese_font()


def show(figure: Figure, alt: str) -> None:
    """Display the figure in the notebook; `alt` says what is to be seen, or names such a text."""
    display(HTML(image(figure, alt)))


def image(figure: Figure, alt: str) -> str:
    """The figure as HTML, with all its data in it; `alt` as in show."""
    buffer = io.BytesIO()
    with boxes_without_warning():
        figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    width = round(figure.get_figwidth() * DPI / 2)
    text = html.escape(" ".join(alt_texts().get(alt, alt).split()))
    return f'<img alt="{text}" width="{width}" src="data:image/png;base64,{data}">'


@functools.cache
def alt_texts() -> dict[str, str]:
    """Name -> text, of the lessons' figures; none where they do not lie beside this file."""
    path = Path(__file__).with_name("alt_texts.json")
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def canvas(width: float = 6.4, height: float = 3.6, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """An empty figure, sizes in inches, and its axes from left to right."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, list(axes)


def heatmap(
    weights: Sequence,
    rows: Sequence[str],
    columns: Sequence[str],
    title: str = "",
    axis: Axes | None = None,
    decimals: int = 2,
    low: float | None = 0.0,
    high: float | None = None,
    by_row: bool = False,
) -> Figure:
    """Numbers as tiles, written in them where there is room; rows and columns carry their names.

    weights (rows, columns), array or tensor; where one is NaN, the tile stays empty.
    low, high: the values at the two ends of the colours (None: the data's);
    by_row: each row has all the colours, from its least number to its greatest."""
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (len(rows), len(columns)):
        names = f"{len(rows)} row and {len(columns)} column names"
        raise ValueError(f"weights has shape {weights.shape}, but there are {names}")
    if axis is None:
        _, (axis,) = canvas(1.6 + 0.52 * len(columns), 1.1 + 0.42 * len(rows))
    shades, ends = (row_shades(weights), (0.0, 1.0)) if by_row else (weights, (low, high))
    image = axis.imshow(shades, cmap="cividis", vmin=ends[0], vmax=ends[1], aspect="auto")
    name_tiles(axis, rows, columns)
    axis.set_title(title, fontsize=10)
    if weights.size <= 200:
        middle = sum(image.get_clim()) / 2
        for (row, column), weight in np.ndenumerate(weights):
            colour = "black" if shades[row, column] > middle else "white"
            written = "" if np.isnan(weight) else f"{weight:.{decimals}f}"
            axis.text(column, row, written, color=colour, fontsize=8, **CENTRED)
    return axis.figure


def row_shades(table: np.ndarray) -> np.ndarray:
    """Each row from 0, its least number, to 1, its greatest."""
    above = table - table.min(axis=1, keepdims=True)
    return above / np.maximum(above.max(axis=1, keepdims=True), 1e-12)


def name_tiles(axis: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Names beside the rows and above the columns; slanted, unless all are single letters."""
    slanted = {"rotation": 45, "ha": "left", "rotation_mode": "anchor"}
    style = slanted if any(len(name) > 1 for name in columns) else {}
    axis.set_xticks(range(len(columns)), columns, **style)
    axis.set_yticks(range(len(rows)), rows)
    axis.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    axis.spines[:].set_visible(False)


def lines(
    x: Sequence,
    curves: Mapping[str, Sequence],
    x_label: str,
    y_label: str,
    title: str = "",
    axis: Axes | None = None,
    log_x: bool = False,
    log_y: bool = False,
    markers: bool = True,
) -> Figure:
    """One curve for each name, told apart by marker and dash as well as by colour."""
    if axis is None:
        _, (axis,) = canvas()
    for index, (name, y) in enumerate(curves.items()):
        style = {
            "color": COLOURS[index % 6],
            "linestyle": DASHES[index % 6],
            "marker": MARKERS[index % 6] if markers else "",
        }
        axis.plot(x, np.asarray(y, dtype=float), label=name, markersize=4, **style)
    if log_x:
        axis.set_xscale("log", base=2)
        axis.xaxis.set_major_formatter("{x:g}")
    if log_y:
        axis.set_yscale("log")
        low, high = axis.get_ylim()
        if low > 1e-2 and high < 1e5:  # few powers of ten, each easily read as it is
            axis.yaxis.set_major_formatter("{x:g}")
    axis.set(xlabel=x_label, ylabel=y_label)
    axis.set_title(title, fontsize=10)
    if len(curves) > 1:
        axis.legend(frameon=False)
    return axis.figure


def bars(
    names: Sequence[str], heights: Sequence, y_label: str, title: str = "", axis: Axes | None = None
) -> Figure:
    """One bar for each name, its value written on top."""
    if axis is None:
        _, (axis,) = canvas(1.4 + 0.7 * len(names), 3.0)
    drawn = axis.bar(range(len(names)), np.asarray(heights, dtype=float), color=COLOURS[0])
    axis.bar_label(drawn, fmt="%.2f", fontsize=8)
    axis.set_xticks(range(len(names)), names)
    axis.set_ylabel(y_label)
    axis.set_title(title, fontsize=10)
    return axis.figure


def ranges(
    found: Mapping[str, Sequence[float]], y_label: str, axis: Axes | None = None
) -> Figure:
    """Side by side, for each name: the mean of its numbers, and a line from least to greatest."""
    if axis is None:
        _, (axis,) = canvas(2.0 + 0.6 * len(found), 3.6)
    for place, numbers in enumerate(found.values()):
        mean_and_range(axis, place, numbers)
    axis.set_xticks(range(len(found)), found, rotation=40, ha="right", rotation_mode="anchor")
    axis.set_ylabel(y_label)
    return axis.figure


def mean_and_range(axis: Axes, x: float, numbers: Sequence[float]) -> None:
    """A point at the mean, a line through it."""
    axis.plot([x, x], [min(numbers), max(numbers)], color=COLOURS[3], linewidth=4)
    axis.plot(x, np.mean(numbers), "o", color=COLOURS[0], markersize=6)


def named_points(
    x: Mapping[str, float],
    y: Mapping[str, Sequence[float]],
    x_label: str,
    y_label: str,
    axis: Axes | None = None,
) -> Figure:
    """One named point for each system, as in ranges, over a logarithmic x.

    x[name]: where it stands; y[name]: what it reached, one number or several."""
    if axis is None:
        _, (axis,) = canvas()
    for name, place in x.items():
        mean_and_range(axis, place, y[name])
    axis.set_xscale("log")
    axis.xaxis.set_major_formatter("{x:g}")
    axis.set(xlabel=x_label, ylabel=y_label)
    axis.margins(x=0.25, y=0.1)
    write_apart(axis, {name: (x[name], float(np.mean(y[name]))) for name in x})
    return axis.figure


def write_apart(axis: Axes, points: Mapping[str, tuple[float, float]]) -> None:
    """The name of each point beside it, at the nearest place where nothing is written yet."""
    axis.figure.draw_without_rendering()  # else nothing has its place yet
    corner, size = axis.transAxes.transform([(0, 0), (1, 1)])
    to_inches = (size - corner) / axis.figure.dpi
    as_drawn = axis.transData + axis.transAxes.inverted()
    places = {name: as_drawn.transform(point) * to_inches for name, point in points.items()}
    taken = [(x - 0.04, x + 0.04, y) for x, y in places.values()]
    for name, (x, y) in sorted(places.items(), key=lambda item: item[1][1]):
        width = 0.066 * len(name)
        tries = [
            (x + 0.09 if right else x - 0.09 - width, y + step)
            for step in (0, 0.13, -0.13, 0.26, -0.26, 0.39, -0.39) for right in (True, False)
        ]  # fmt: skip
        left, height = min(tries, key=lambda one: overlaps(one, width, taken))
        taken.append((left, left + width, height))
        shift = ((left - x) * 72, (height - y) * 72)
        axis.annotate(
            name, points[name], shift, textcoords="offset points", fontsize=8, va="center"
        )


def overlaps(place: tuple[float, float], width: float, taken: Sequence[tuple]) -> int:
    """How many of the spans (left, right, height) a text of that width, in inches, would cover."""
    left, height = place
    return sum(
        one < left + width and left < other and abs(at - height) < 0.12
        for one, other, at in taken
    )


def alignment(
    source: Sequence[str], target: Sequence[str], links: Sequence[tuple[int, int]]
) -> Figure:
    """Source above target, a line between two words that translate each other, thick if it crosses.

    links: (target index, source index), as in a Pair of the corpus"""
    lengths = [np.array([len(word) + 3 for word in words]) for words in (source, target)]
    middles = [np.cumsum(length) - length / 2 - length.sum() / 2 for length in lengths]
    _, (axis,) = canvas(0.105 * max(length.sum() for length in lengths) + 0.4, 2.0)
    axis.axis("off")
    for y, words, places in ((1, source, middles[0]), (0, target, middles[1])):
        for word, x in zip(words, places, strict=True):
            axis.text(x, y, word, fontsize=11, **CENTRED)
    for row, column in links:
        crossed = any(
            (row - other_row) * (column - other_column) < 0 for other_row, other_column in links
        )
        colour, width = (COLOURS[0], 2.2) if crossed else ("gray", 1.0)
        ends = [middles[0][column], middles[1][row]]
        axis.plot(ends, [0.86, 0.14], color=colour, linewidth=width)
    half = max(length.sum() for length in lengths) / 2
    axis.set(xlim=(-half, half), ylim=(-0.2, 1.2))
    return axis.figure


def marked(is_marked: bool, numbers: np.ndarray | None, place: tuple) -> tuple[str, str]:
    """What stands in a tile of a product, its look: the number, if any, where it is marked."""
    number = f"{numbers[place]:g}" if is_marked and numbers is not None else ""
    return number, "marked" if is_marked else "plain"


def product(
    left: Sequence,
    right: Sequence,
    names: Sequence[str] = ("a", "b", "a @ b"),
    tile: tuple[int, int] = (0, 0),
    matrices: Sequence[np.ndarray] | None = None,
) -> Figure:
    """A matrix product in tiles: a row meets a column and gives a tile, if the inner sizes agree.

    left, right: two axes each, (name, size), such as (("T_q", 2), ("T_k", 4)) and
    (("T_k", 4), ("d", 3)); sizes up to 12. tile: the row and the column that are marked.
    matrices: the two, whose numbers are written into the marked tiles."""
    a, b, ab = (*matrices, matrices[0] @ matrices[1]) if matrices else (None, None, None)
    (rows, inner), (other_inner, columns), (row, column) = left, right, tile
    fits = inner[1] == other_inner[1]
    # for the text left of the tiles
    room = [0.24 * len(f"{name} = {size}") for name, size in (rows, other_inner, rows)]
    steps = [room[0], inner[1] + room[1] + 1.4, columns[1] + (room[2] if fits else 0) + 1.4]
    starts, end = np.cumsum(steps), (columns[1] + 0.6 if fits else 4.2)
    axis = tile_canvas(starts[2] + end, max(rows[1], other_inner[1]))
    tiles(axis, starts[0], (rows, inner), names[0], lambda *at: marked(at[0] == row, a, at))
    shape = (other_inner, columns)
    tiles(axis, starts[1], shape, names[1], lambda *at: marked(at[1] == column, b, at))
    axis.text(starts[0] + inner[1] + 0.6, 0, "@", fontsize=14, **CENTRED)
    axis.text(starts[1] + columns[1] + 0.6, 0, "=", fontsize=14, **CENTRED)
    if fits:
        tiles(axis, starts[2], (rows, columns), names[2], lambda *at: marked(at == tile, ab, at))
    else:
        why = f"no product:\n{inner[1]} is not {other_inner[1]}"
        axis.text(starts[2], 0, why, va="center", fontsize=10, weight="bold")
    return axis.figure


def broadcast(
    left: Sequence, right: Sequence, result: Sequence, sign: str = "+", decimals: int = 1
) -> Figure:
    """left sign right = result, numbers in tiles; dotted tiles are the copies of broadcasting.

    result (rows, columns); left and right, two axes each, of that size or of size 1."""
    left, right, result = (np.asarray(array, dtype=float) for array in (left, right, result))
    (height, width), step = result.shape, result.shape[1] + 1.6
    axis = tile_canvas(2 * step + width, height)
    for number, array in enumerate((left, right, result)):
        full = np.broadcast_to(array, result.shape)

        def look(row: int, column: int, full=full, real=array.shape) -> tuple[str, str]:
            style = "plain" if row < real[0] and column < real[1] else "copy"
            return f"{full[row, column]:.{decimals}f}", style

        tiles(axis, number * step, (("", height), ("", width)), str(array.shape), look)
    axis.text(step - 0.8, 0, sign, fontsize=14, **CENTRED)
    axis.text(2 * step - 0.8, 0, "=", fontsize=14, **CENTRED)
    return axis.figure


LOOKS = {
    "plain": {"facecolor": "white", "edgecolor": "black"},
    "marked": {"facecolor": "#f3d789", "edgecolor": "black", "hatch": "//"},
    "copy": {"facecolor": "#eeeeee", "edgecolor": "#777777", "linestyle": ":"},
}


def tiles(
    axis: Axes, x: float, shape: Sequence, name: str, look: Callable[[int, int], tuple[str, str]]
) -> None:
    """A matrix as tiles from x on, half above and half below 0.

    look(row, column) -> what stands in a tile, its look."""
    (row_name, height), (column_name, width) = shape
    middle, half = x + width / 2, height / 2
    for row, column in np.ndindex(height, width):
        text, style = look(row, column)
        corner = x + column, half - row - 1
        axis.add_patch(Rectangle(corner, 1, 1, **LOOKS[style]))
        written = axis.text(corner[0] + 0.5, corner[1] + 0.5, text, fontsize=8, **CENTRED)
        if text and style == "marked":  # else the hatching would strike the number through
            behind = {"facecolor": LOOKS[style]["facecolor"], "edgecolor": "none", "pad": 1.2}
            written.set_bbox(behind)
    if row_name:
        text = f"{column_name} = {width}"
        axis.text(x - 0.2, 0, f"{row_name} = {height}", ha="right", va="center", fontsize=9)
        axis.text(middle, half + 0.2, text, ha="center", va="bottom", fontsize=9)
    axis.text(middle, -half - 0.25, name, ha="center", va="top", fontsize=9, family="monospace")


def tile_canvas(width: float, height: float) -> Axes:
    """Empty axes for `width` by `height` tiles of 0.36 inches and the names around them."""
    _, (axis,) = canvas(0.36 * (width + 0.8), 0.36 * (height + 2.4))
    axis.set(xlim=(-0.4, width + 0.4), ylim=(-height / 2 - 1.2, height / 2 + 1.2), aspect="equal")
    axis.axis("off")
    return axis
