"""Flow: what ran in a model, upwards along its residual stream, with its norms and its masks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.plots.layers import STREAM
from course.plots.sheet import OCHRE, Place, Point, Sheet

Row = tuple[str, str, str, Sequence]  # name, text such as a shape, kind, mask
TALL = {"box": 0.64, "branch": 0.92, "normed branch": 0.92}  # inches for a row of each kind
WIDTH, ALONG = 4.9, 3.8  # of a column, and where its stream runs
PART, NORM = 2.75, 0.7  # how far left of the stream their middles stand
DOT, HIGH = 0.12, 0.4  # the side of a mask's tile, and the height of a large mask


def flow_of(
    steps: Sequence[tuple[str, tuple[int, ...], Sequence]],
    first: tuple[str, str],
    embedding: str,
    stack: str,
) -> list[Row]:
    """The rows of one column of data_flow, from bottom to top, of all modules that ran.

    steps: a module's name, the shape of what it gave, and its boolean inputs, which are masks, in
    the order in which the modules ran; first: the row at the bottom, its name and text;
    embedding, stack: this side's modules"""
    shape_of = {name: shape for name, shape, _ in steps}
    rows, before, n_norms, n_parts = [(*first, "box", [])], "", 0, 0
    for name, shape, masks in steps:
        said = part_text(name, shape_of) if name.startswith(stack) else ""
        if said:
            kind = "normed branch" if n_norms > n_parts else "branch"
            rows.append((plain_name(name), said, kind, plain_mask(masks)))
            n_parts += 1
        elif name.startswith(stack) and ".norm_" in name:
            n_norms += 1
            if n_norms == n_parts:  # post-norm: it comes after its part, on the stream
                rows.append(("norm", str(shape), "box", []))
        elif name == embedding or (name == "positions" and before == embedding):
            rows.append((plain_name(name).replace("-", " "), str(shape), "box", []))
        elif name == f"{stack}.norm" or (name, stack) == ("", "decoder"):  # "": the whole model
            rows.append((name.replace(".", "'s last ") or "output", str(shape), "box", []))
        before = name
    return rows


def part_text(name: str, shape_of: Mapping[str, tuple[int, ...]]) -> str:
    """The most telling of a sub-layer: who looks at how many, or how wide it is inside."""
    if name.endswith("attention"):
        return f"{shape_of[name + '.w_q'][1]} look at {shape_of[name + '.w_k'][1]}"
    return f"{shape_of[name + '.w_1']} inside" if name.endswith("feed_forward") else ""


def plain_name(name: str) -> str:
    """encoder.layers.0.feed_forward -> feed-forward."""
    return name.split(".")[-1].replace("_", "-")


def plain_mask(masks: Sequence) -> list[list[int]]:
    """The first mask, for the first text and head: rows of 1 (may be read) and 0; none gives []."""
    tables = [np.asarray(mask).astype(int) for mask in masks]
    return tables[0].reshape(-1, *tables[0].shape[-2:])[0].tolist() if tables else []


def data_flow(columns: Sequence[Sequence[Row]], links: Sequence = ()) -> Figure:
    """What flows through a model, upwards: in each column a stream, boxes on it, parts beside it.

    columns: rows (name, text such as a shape, kind, mask), kind "box" (the stream passes through
    it), "branch" (it reads the stream and adds to it) or "normed branch" (it reads through a norm);
    links: ((column, row), (column, row)), from a box to a branch of a later column."""
    tall = [[TALL[kind] for _, _, kind, _ in rows] for rows in columns]
    sheet = Sheet(WIDTH * len(columns), height := max(map(sum, tall)) + 0.35)
    legend = "small tiles: the mask.\nRow: who asks;\nbright: may be read"
    sheet.text(0.15, height - 0.4, legend, 9.5, "#444444", ha="left")
    places = []
    for n, rows in enumerate(columns):
        x, feet = WIDTH * n + ALONG, itertools.accumulate(tall[n], initial=0.15)
        middles = [foot + TALL[kind] / 2 for foot, (_, _, kind, _) in zip(feet, rows, strict=False)]
        sheet.arrow((x, middles[0]), (x, middles[-1]), head=False, **STREAM)
        places.append([row_of(sheet, (x, y), row) for y, row in zip(middles, rows, strict=True)])
    for (column, row), (other, branch) in links:
        start, end = places[column][row], places[other][branch]
        gap = end.left[0] - 0.35
        way = start.right, (gap, start.y), (gap, end.y), end.left
        sheet.path(*way, width=1.8, colour=OCHRE)
    return sheet.figure


def row_of(sheet: Sheet, middle: Point, row: Row) -> Place:
    """A box on the stream, or a part beside it with its norm and its mask."""
    (stream, y), (name, text, kind, mask) = middle, row
    if kind == "box":
        look = "weights" if name.endswith("norm") else "plain"
        return sheet.box(stream, y, f"{name}\n{text}", 1.9, 0.46, look, 9)
    y -= 0.15
    part = sheet.box(stream - PART, y, f"{name}\n{text}", 1.5, 0.48, "lit", 9)
    end = part.right
    if kind == "normed branch":
        norm = sheet.box(stream - NORM, y, "norm", 0.6, 0.28, "weights", 8.5)
        sheet.arrow(norm.left, part.right)
        end = norm.right
    sheet.arrow((stream, y), end)
    plus = sheet.circle(stream, y + 0.46, "+", 0.12)
    sheet.path(part.top, (part.x, plus.y), plus.left)
    mask_tiles(sheet, (part.right[0] + 0.2, y + 0.04), np.asarray(mask))
    return part


def mask_tiles(sheet: Sheet, corner: Point, mask: np.ndarray) -> None:
    """A mask as small tiles from its lower left corner on, bright where one may read."""
    side = min(DOT, HIGH / max(len(mask), 1))
    for (row, column), may in np.ndenumerate(mask):
        x, y = corner[0] + side * column, corner[1] + side * (len(mask) - 1 - row)
        look = {"facecolor": colormaps["cividis"](float(may)), "edgecolor": "#777777"}
        sheet.axis.add_patch(Rectangle((x, y), side, side, zorder=2, linewidth=0.4, **look))
