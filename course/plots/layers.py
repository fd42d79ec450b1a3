"""Drawings of layers: where the norm stands, the stream that parts add to, arrows that turn."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Arc, Circle

from course.plots.sheet import GREY, NAVY, OCHRE, TILE, Place, Point, Sheet

STREAM = {"width": 4.0, "colour": NAVY}  # the line of what is kept
PARTS = ("attention", "feed-forward")


def two_orders(x: float, sublayer: Callable, norm: Callable, names: Sequence[str]) -> Figure:
    """One sub-layer in pre-norm beside post-norm, with the number at each place.

    sublayer and norm map a number to a number; names: what the boxes of the two say"""
    sheet = Sheet(10.9, 2.5)
    pre, post = Track(sheet, 0.4), Track(sheet, 6.0)
    called, normed = names
    pre.title("pre-norm:  x + F(norm(x))")
    copy = norm(x)
    pre.branch((1.3, normed, copy), (2.95, called, sublayer(copy)))
    pre.stream(x, 3.75)
    pre.add(3.75, x + sublayer(copy))
    post.title("post-norm:  norm(x + F(x))")
    post.branch((1.3, called, sublayer(x)))
    post.stream(x, 2.1)
    whole = post.add(2.1, x + sublayer(x))
    post.after(whole, normed, norm(x + sublayer(x)))
    return sheet.figure


@dataclass(frozen=True)
class Track:
    """Draws a stream from left to right and a branch below it; its x begin at `left`."""

    sheet: Sheet
    left: float
    high: float = 1.55
    low: float = 0.45

    def title(self, text: str) -> None:
        """What is drawn, above it."""
        self.sheet.text(self.left - 0.2, 2.25, text, 10.5, ha="left", weight="bold")

    def number(self, x: float, y: float, value: float, look: str = "plain") -> Place:
        """One number on its tile."""
        decimals = 0 if value == round(value) else 1
        return self.sheet.numbers(self.left + x, y, [value], decimals=decimals, look=look)

    def stream(self, value: float, until: float) -> None:
        """x, and the broad line from it to the sum."""
        place = self.number(0, self.high, value, "state")
        self.sheet.note(place.x, place.top[1] + 0.12, "x")
        self.sheet.arrow(place.right, (self.left + until - 0.15, self.high), **STREAM)

    def branch(self, *steps: tuple[float, str, float]) -> None:
        """From the stream down, through the boxes (x, name, the number it gives), up to the sum."""
        start = self.left + 0.45
        ends = [(start, self.high), (start, self.low)]
        for x, name, value in steps:
            box = self.sheet.box(self.left + x, self.low, name, 0.9, look="weights")
            number = self.number(x + 0.8, self.low, value)
            self.sheet.path(*ends, box.left)
            self.sheet.arrow(box.right, number.left)
            ends = [number.right]
        self.sheet.arrow(number.top, (number.x, self.high - 0.15))

    def add(self, x: float, value: float) -> Place:
        """The sum, and its number."""
        plus = self.sheet.circle(self.left + x, self.high, "+")
        number = self.number(x + 0.6, self.high, value, "state")
        self.sheet.arrow(plus.right, number.left, **STREAM)
        return number

    def after(self, whole: Place, name: str, value: float) -> None:
        """A norm that everything has to pass."""
        box = self.sheet.box(whole.x + 0.95, self.high, name, 0.95, look="weights")
        number = self.number(box.x + 0.85 - self.left, self.high, value, "state")
        self.sheet.arrow(whole.right, box.left, **STREAM)
        self.sheet.arrow(box.right, number.left, **STREAM)


def encoder_layers() -> Figure:
    """The encoder layer in both orders, side by side, from its input at the bottom upwards."""
    sheet = Sheet(8.4, 6.1)
    for x, name, more in (
        (1.3, "pre-norm (today)", "the stream runs straight through"),
        (5.6, "post-norm (2017)", "the stream passes through each norm"),
    ):
        sheet.text(x - 0.8, 5.9, name, 10.5, ha="left", weight="bold")
        sheet.note(x - 0.8, 5.67, more, ha="left")
    pre, post = Tower(sheet, 1.3), Tower(sheet, 5.6)
    for part, foot in zip(PARTS, (0.6, 2.95), strict=True):
        pre.sublayer(foot, ("norm", part, "dropout"))
        post.sublayer(foot, (part, "dropout"))
        post.norm(foot + 1.95)
    for tower in (pre, post):
        tower.ends(0.3, 5.4)
    return sheet.figure


@dataclass(frozen=True)
class Tower:
    """Draws a stream upwards at x, with sub-layers to the right of it."""

    sheet: Sheet
    x: float

    def sublayer(self, foot: float, boxes: Sequence[str]) -> None:
        """Off the stream, up through the boxes, back to it."""
        aside, step = self.x + 1.5, 0.55
        top = foot + 0.3 + step * len(boxes)
        middles = [foot + 0.35 + step * n for n in range(len(boxes))]
        looks = {"norm": "weights", "dropout": "faint"}
        places = [
            self.sheet.box(aside, y, name, look=looks.get(name, "lit"), height=0.36)
            for name, y in zip(boxes, middles, strict=True)
        ]
        self.sheet.path((self.x, foot), (aside, foot), places[0].bottom)
        for below, above in itertools.pairwise(places):
            self.sheet.arrow(below.top, above.bottom)
        plus = self.sheet.circle(self.x, top, "+")
        self.sheet.path(places[-1].top, (aside, top), plus.right)

    def norm(self, y: float) -> None:
        """A norm on the stream itself."""
        self.sheet.box(self.x, y, "norm", 0.9, 0.36, "weights")

    def ends(self, bottom: float, top: float) -> None:
        """The broad line from the words that come in to those that go out."""
        self.sheet.arrow((self.x, bottom), (self.x, top), **STREAM)
        self.sheet.text(self.x, bottom - 0.12, "words in", 9)
        self.sheet.note(self.x + 0.2, top, "to the next layer", ha="left")


def residual_stream(word: str, stages: Sequence, reads: Sequence, says: Sequence) -> Figure:
    """One word's way through a pre-norm layer, all its numbers: two parts read, compute and add.

    stages (3, d): the stream before, between and after; reads (2, d): the normalised copies;
    says (2, d): what attention and feed-forward say"""
    stages, reads, says = (np.asarray(part, dtype=float) for part in (stages, reads, says))
    if not np.allclose(stages[:-1] + says, stages[1:], atol=1e-4):
        raise ValueError("a stage is not the stage before it plus what was said")
    room, d_model = 4.55, stages.shape[1]  # inches for a part; numbers a word
    low = 0.45 + TILE * d_model / 2
    high = low + TILE * d_model + 0.45
    sheet = Sheet(2 * room + 1.2, high + TILE * d_model / 2 + 0.55)
    names = word, "after attention", "after the layer"
    middles = [(0.55 + room * n, high) for n in range(len(names))]
    place, *later = map(stage, [sheet] * len(names), middles, names, stages)
    for n, name in enumerate(PARTS):
        left = 0.55 + room * n
        plus = sheet.circle(left + room - 0.65, high, "+")
        sheet.arrow(place.right, plus.left, **STREAM)
        consult(sheet, (left + 0.45, low), (name, reads[n], says[n]), plus)
        place = later[n]
        sheet.arrow(plus.right, place.left, **STREAM)
    sheet.text(2.6, high + 0.2, "the residual stream", 9.5, NAVY)
    return sheet.figure


def stage(sheet: Sheet, middle: Point, name: str, values: Sequence) -> Place:
    """The stream's numbers at one place, its name above them."""
    place = sheet.numbers(*middle, values, upright=True, look="state")
    sheet.text(place.x, place.top[1] + 0.2, name, 9.5, weight="bold")
    return place


def consult(sheet: Sheet, foot: Point, part: tuple[str, Sequence, Sequence], plus: Place) -> None:
    """A part below the stream: it reads a normalised copy, computes, and its answer is added."""
    (x, low), (name, reads, says) = foot, part
    norm = sheet.box(x + 0.5, low, "norm", 0.62, look="weights")
    copy = sheet.numbers(x + 1.2, low, reads, "1 reads", upright=True)
    box = sheet.box(x + 2.2, low, name, 1.12, look="lit")
    sheet.note(box.x, copy.bottom[1] - 0.13, "2 computes")
    answer = sheet.numbers(plus.x, low, says, "3 adds", upright=True)
    sheet.path((x, plus.y), (x, low), norm.left)
    for start, end in ((norm, copy), (copy, box), (box, answer)):
        sheet.arrow(start.right, end.left)
    sheet.arrow(answer.top, plus.bottom)


def turning(places: Sequence[tuple[int, int]], queries: Sequence, keys: Sequence) -> Figure:
    """A dial for each pair of places (t, s): the turned query and key, and the angle between them.

    queries and keys (n, 2): the two arrows on each dial"""
    sheet = Sheet(2.65 * len(places) + 0.1, 3.3)
    for n, ((t, s), query, key) in enumerate(zip(places, queries, keys, strict=True)):
        x = 1.35 + 2.65 * n
        sheet.text(x, 3.12, f"query at {t}, key at {s}", 9.5, weight="bold")
        angle = dial(sheet, (x, 1.65), query, key)
        score = math.fsum(float(q) * float(k) for q, k in zip(query, key, strict=True))
        sheet.note(x, 0.2, f"angle {angle:.0f}°, score {score:.2f}".replace("-", "−"))
    return sheet.figure


def dial(sheet: Sheet, middle: Point, query: Sequence, key: Sequence) -> float:
    """Two arrows from the middle of a circle; returns the angle between them, in degrees."""
    radius = 0.95
    sheet.axis.add_patch(Circle(middle, radius, fill=False, edgecolor=GREY, linewidth=0.8))
    degrees = []
    for name, arrow, colour in (("query", query, NAVY), ("key", key, OCHRE)):
        across, up = (radius * float(number) for number in arrow)
        tip = middle[0] + across, middle[1] + up
        sheet.arrow(middle, tip, width=2.4, colour=colour, dashed=name == "key")
        sheet.text(middle[0] + 1.2 * across, middle[1] + 1.2 * up, name, 9)
        degrees.append(math.degrees(math.atan2(up, across)))
    first, second = degrees
    between = (second - first + 180) % 360 - 180
    ends = (first, second) if between > 0 else (second, first)
    sheet.axis.add_patch(Arc(middle, 0.7, 0.7, theta1=ends[0], theta2=ends[1], linewidth=1.6))
    return abs(between)


def norm_steps(steps: Mapping[str, Sequence]) -> Figure:
    """A vector on its way through a layer norm: name of the step -> the numbers after it (d,)."""
    sheet = Sheet(2.1 + 2.5 * (len(steps) - 1) + 0.1, 1.25)
    before = None
    for n, (name, values) in enumerate(steps.items()):
        values = np.asarray(values, dtype=float)
        decimals = 0 if np.allclose(values, values.round()) else 2
        place = sheet.numbers(1.0 + 2.5 * n, 0.6, values, decimals=decimals, look="state")
        if before:
            sheet.arrow(before.right, place.left)
        sheet.text(place.x, 1.02, name, 9)
        mean, variance = values.mean(), values.var()
        sheet.note(place.x, 0.22, f"mean {abs(mean):.0f}, variance {variance:.0f}")
        before = place
    return sheet.figure
