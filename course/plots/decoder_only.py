"""Drawings of the decoder alone: what is left of the layers of 2017 where there is no source."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from course.plots.layers import STREAM
from course.plots.sheet import Sheet

COLUMN, ROWS = 3.75, (0.95, 2.15, 3.35)  # inches from layer to layer; where its parts stand
Layer = tuple[str, Sequence[str], Sequence]  # title, its parts from below, its mask


def layers_beside(layers: Sequence[Layer], parts: Sequence[str]) -> Figure:
    """Layers side by side, each a stream with its parts; of a part that one lacks the empty place.

    layers: (title, the parts it has, the mask of its self-attention (T, T)); parts: all that there
    are, from below, the first of them self-attention"""
    sheet = Sheet(COLUMN * len(layers) + 0.1, 4.6)
    for number, (title, present, mask) in enumerate(layers):
        left = COLUMN * number + 0.35
        sheet.text(left - 0.2, 4.4, title, 10.5, ha="left", weight="bold")
        sheet.arrow((left, 0.2), (left, 4.15), **STREAM)
        for y, name in zip(ROWS, parts, strict=True):
            part(sheet, left, y, name, name in present)
        tiles = sheet.numbers(left + 2.62, ROWS[0], np.asarray(mask), decimals=0, heat=(0, 1))
        sheet.note(tiles.x, tiles.top[1] + 0.13, "mask")
    return sheet.figure


def part(sheet: Sheet, x: float, y: float, name: str, present: bool) -> None:
    """A part beside the stream at x, and the sum to which it goes; its place if it is not there."""
    place = sheet.box(x + 1.1, y, name, 1.3, 0.56, "lit" if present else "frame", 9.5)
    if not present:
        sheet.note(place.x, place.bottom[1] - 0.13, "not here")
        return
    sheet.arrow((x, y), place.left)
    plus = sheet.circle(x, y + 0.58, "+")
    sheet.path(place.top, (place.x, plus.y), plus.right)
