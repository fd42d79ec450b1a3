"""Drawings of attention: its steps in numbers, its weights as lines over words, its heads."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.plots.sheet import LOOKS, NAVY, TILE, Place, Point, Sheet

LIGHTEST = 0.01  # a weight below this is not drawn
BROADEST = 8.0  # the line of a weight of 1, in points
SHARES = (0.0, 1.0)  # the darkest and the brightest weight
PLATE = {"bbox": {"facecolor": "white", "edgecolor": "none", "pad": 3}}
HEADS = ("state", "weights")  # how the numbers of the first and of the second head look


def attention_flow(
    words: Sequence[str], inputs: Mapping[str, Sequence], steps: Mapping[str, Sequence], row: int
) -> Figure:
    """One attention in five steps, with all its numbers; the row of words[row] is framed.

    inputs: "query" (T, d_k), "key" (T, d_k) and "value" (T, d_v);
    steps: "products", "scores", "masked" and "weights", all (T, T), and "output" (T, d_v)"""
    flow = Flow(Sheet(9.2, 5.2), words, row)
    turned = np.asarray(inputs["key"]).T
    high, low = 3.72, 1.12
    query = flow.matrix((1.65, high), inputs["query"], "query", rows=True)
    key = flow.matrix((3.65, high), turned, "keyᵀ", columns=True, framed=False)
    products = flow.matrix((5.55, high), steps["products"], "query @ keyᵀ", columns=True)
    scores = flow.matrix((8.1, high), steps["scores"], "scores", columns=True)
    masked = flow.matrix((1.65, low), steps["masked"], "masked scores", rows=True, columns=True)
    weights = flow.matrix((4.15, low), steps["weights"], "weights", columns=True, heat=SHARES)
    value = flow.matrix((6.2, low), inputs["value"], "value", rows=True, framed=False)
    output = flow.matrix((8.25, low), steps["output"], "output", rows=True)
    flow.signs((query, "@", key, "=", products), (weights, "@", value, "=", output))
    flow.step(products, scores, "2  divide\nby √d_k")
    flow.step(masked, weights, "4  softmax\nof each\nrow")
    flow.turn(scores, masked, "3  mask: a blocked score becomes −∞")
    flow.sheet.text(key.x, 4.98, "1  each query with each key: dot products", 9)
    flow.sheet.text(7.1, 2.08, "5  average the values", 9)
    return flow.sheet.figure


class Flow:
    """Draws matrices whose rows and columns carry words, with a frame around one row."""

    def __init__(self, sheet: Sheet, words: Sequence[str], row: int) -> None:
        self.sheet, self.words, self.row = sheet, words, row

    def matrix(
        self, middle: Point, values: Sequence, name: str, rows: bool = False,
        columns: bool = False, framed: bool = True, heat: tuple[float, float] | None = None,
    ) -> Place:  # fmt: skip
        """A matrix; its name and shape stand below it, the words beside or above it."""
        values = np.asarray(values, dtype=float)
        decimals = next((n for n in (0, 1) if (values == values.round(n)).all()), 2)
        label = f"{name} {values.shape}"
        place = self.sheet.numbers(*middle, values, label, decimals, heat=heat)
        for n, word in enumerate(self.words):
            along = TILE * (n + 0.5)
            if rows:
                beside, height = place.left[0] - 0.07, place.top[1] - along
                self.sheet.text(beside, height, word, 8, ha="right")
            if columns:
                x = place.left[0] + along
                self.sheet.text(x, place.top[1] + 0.06, word, 8, va="bottom")
        if framed:
            corner = place.left[0], place.top[1] - TILE * (self.row + 1)
            style = {"zorder": 5, **LOOKS["lit frame"]}
            self.sheet.axis.add_patch(Rectangle(corner, place.width, TILE, **style))
        return place

    def signs(self, *products: Sequence) -> None:
        """Between matrices, the signs of a product: left, "@", right, "=", result."""
        for parts in products:
            for left, sign, right in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
                self.sheet.text((left.right[0] + right.left[0]) / 2, left.y, sign, 13)

    def step(self, before: Place, after: Place, text: str) -> None:
        """An arrow to the right, with what is done above it."""
        start, end = (before.right[0] + 0.08, before.y), (after.left[0] - 0.08, after.y)
        self.sheet.arrow(start, end, width=1.6)
        self.sheet.text((start[0] + end[0]) / 2, before.y + 0.12, text, 9, va="bottom")

    def turn(self, before: Place, after: Place, text: str) -> None:
        """An arrow from the end of one line of matrices to the beginning of the next."""
        start, end = before.bottom[1] - 0.26, after.top[1] + 0.3
        corners = (before.x, 2.55), (after.x, 2.55)
        self.sheet.path((before.x, start), *corners, (after.x, end), width=1.6)
        self.sheet.text((before.x + after.x) / 2, 2.55, text, 9, **PLATE)


def attention_arrows(
    sentences: Sequence[Sequence[str]], weights: Sequence, asking: int, names: Sequence[str] = ()
) -> Figure:
    """Sentences below one another, a line from the asking word to each word: its width the weight.

    weights (sentences, T): in each sentence the row of the word number `asking`"""
    weights = np.asarray(weights, dtype=float)
    widths = [max(0.13 * max(map(len, column)), 0.4) for column in zip(*sentences, strict=True)]
    ends = list(itertools.accumulate(width + 0.12 for width in widths))
    reach = max(abs(ends[asking] - end) for end in ends)
    step = 0.95 + 0.16 * reach
    sheet = Sheet(ends[-1] + 0.4, step * len(sentences) + 0.1)
    for n, (words, row) in enumerate(zip(sentences, weights, strict=True)):
        y = step * (len(sentences) - n - 1) + 0.5
        middles = [0.2 + end - 0.12 - width / 2 for end, width in zip(ends, widths, strict=True)]
        looks(sheet, list(zip(words, middles, row, strict=True)), y, asking)
        if names:
            sheet.note(0.15, y + step - 0.8, names[n], ha="left", weight="bold")
    return sheet.figure


def looks(sheet: Sheet, words: list[tuple[str, float, float]], y: float, asking: int) -> None:
    """One sentence, (word, its x, its weight), and the lines of the word that asks."""
    start = words[asking][1]
    for n, (word, x, weight) in enumerate(words):
        if n == asking:
            sheet.box(x, y, word, 0.13 * len(word) + 0.2, 0.32, "lit", 10.5)
        else:
            sheet.text(x, y, word, 10.5)
        sheet.note(x, y - 0.28, f"{weight:.2f}", weight="bold" if weight >= 0.1 else "normal")
        if weight >= LIGHTEST and n != asking:
            bend = -0.3 if x > start else 0.3
            line = {"width": BROADEST * weight, "colour": NAVY, "head": False}
            sheet.arrow((start, y + 0.18), (x, y + 0.16), bend=bend, **line)


def head_arrows(
    question: str,
    words: Sequence[str],
    weights: Sequence,
    names: Sequence[str],
) -> Figure:
    """Heads side by side: in each, lines from the question to the words, as wide as its weights.

    weights (H, T): a row of each head; names: one a head, what follows its first line in grey"""
    weights = np.asarray(weights, dtype=float)
    pitch = max(0.1 * max(map(len, words)) + 0.16, 0.5)
    room = pitch * len(words) + 0.2
    sheet = Sheet(room * len(weights) + 0.1, 2.4)
    for n, (name, row) in enumerate(zip(names, weights, strict=True)):
        left = 0.15 + room * n
        top = sheet.box(left + (room - 0.2) / 2, 1.55, question, 0.95, 0.34, "lit")
        first, _, more = name.partition("\n")
        sheet.text(top.x, 2.2, first, 10, weight="bold")
        sheet.note(top.x, 1.95, more)
        for place, (word, weight) in enumerate(zip(words, row, strict=True)):
            x = left + pitch * (place + 0.5)
            sheet.text(x, 0.45, word, 9)
            sheet.note(x, 0.2, f"{weight:.2f}", weight="bold" if weight >= 0.1 else "normal")
            if weight >= LIGHTEST:
                line = {"width": BROADEST * weight, "colour": NAVY, "head": False}
                sheet.arrow((top.x, 1.38), (x, 0.6), **line)
    return sheet.figure


def multi_head(words: Sequence[str], inside: Mapping[str, Sequence]) -> Figure:
    """A layer of two heads with all its numbers: project, cut, attend, lay side by side, project.

    inside: "x" (T, d_model); "query", "key" and "value" (H, T, d_head), the projections, cut;
    "weights" (H, T, T); "answers" (H, T, d_head); "merged" and "output" (T, d_model);
    "w_o" (d_model, d_model), in before out"""
    arrays = {name: np.asarray(array, dtype=float) for name, array in inside.items()}
    if len(arrays["query"]) != len(HEADS):
        raise ValueError(f"query has {len(arrays['query'])} heads, but two are drawn")
    layer, middle = Layer(Sheet(11.4, 5.2), words), 2.45
    x = layer.matrix((1.5, middle), arrays["x"], "x")
    layer.name_rows(x)
    cut = [layer.blocks((3.85, middle + y), arrays[name], name) for name, y in
           (("query", 1.6), ("key", 0.0), ("value", -1.6))]  # fmt: skip
    for name, place in zip(("w_q", "w_k", "w_v"), cut, strict=True):
        layer.sheet.arrow(x.right, place.left, name)
    layer.gather(cut)
    halves = np.split(arrays["merged"], len(HEADS), axis=-1)
    merged = layer.blocks((8.45, middle), halves, "merged")
    output = layer.matrix((10.55, middle), arrays["output"], "output")
    layer.sheet.arrow(merged.right, output.left, "w_o")
    layer.turned((output.x, 4.02), arrays["w_o"])
    for head, y in ((0, middle + 0.95), (1, middle - 0.95)):
        layer.sheet.arrow(layer.head(head, y, arrays).right, merged.left)
    layer.headings()
    return layer.sheet.figure


class Layer:
    """Draws the matrices of a layer of heads; each head's numbers have the look of that head."""

    def __init__(self, sheet: Sheet, words: Sequence[str]) -> None:
        self.sheet, self.words = sheet, words

    def headings(self) -> None:
        """The steps, above what they make."""
        for x, text in (
            (1.5, "words"), (3.85, "1  project and cut"), (6.35, "2  each head attends"),
            (8.6, "3  merge"), (10.55, "4  project"),
        ):  # fmt: skip
            self.sheet.text(x, 4.98, text, 10, weight="bold")

    def matrix(self, middle: Point, values: np.ndarray, name: str, look: str = "plain") -> Place:
        """Numbers; their name and shape stand below."""
        label = f"{name} {values.shape}"
        return self.sheet.numbers(*middle, values, label, look=look)

    def name_rows(self, place: Place) -> None:
        """The words on the left of a matrix."""
        for n, word in enumerate(self.words):
            y = place.top[1] - TILE * (n + 0.5)
            self.sheet.text(place.left[0] - 0.07, y, word, 8, ha="right")

    def blocks(self, middle: Point, heads: Sequence, name: str) -> Place:
        """The numbers (T, d_model) that belong to the heads, a block of columns each."""
        (x, y), (n_positions, d_head) = middle, np.shape(heads[0])
        width = TILE * d_head
        for n, values in enumerate(heads):
            left = x + width * (n - (len(heads) - 1) / 2)
            place = self.sheet.numbers(left, y, values, look=HEADS[n])
            self.sheet.text(left, place.top[1] + 0.1, f"head {n}", 7)
        shape = n_positions, d_head * len(heads)
        self.sheet.note(x, place.bottom[1] - 0.13, f"{name} {shape}")
        return Place(x, y, width * len(heads), place.height)

    def turned(self, middle: Point, w_o: np.ndarray) -> None:
        """The last matrix, in before out: a block of rows for each head."""
        (x, y), blocks = middle, np.split(w_o, len(HEADS))
        height = TILE * len(blocks[0])
        for n, block in enumerate(blocks):
            above = y - height * (n - (len(HEADS) - 1) / 2)
            self.sheet.numbers(x, above, block, decimals=2, look=HEADS[n])
        self.sheet.note(x, y - height * len(HEADS) / 2 - 0.12, f"w_o, turned {w_o.shape}")

    def gather(self, places: Sequence[Place]) -> None:
        """A bracket: what stands left of it goes on together."""
        x, (first, *_, last) = places[0].right[0] + 0.14, places
        top, bottom, inner = first.y, last.y, x - 0.08
        self.sheet.axis.plot([inner, x, x, inner], [top, top, bottom, bottom], "black", lw=1.1)

    def head(self, head: int, y: float, arrays: Mapping[str, np.ndarray]) -> Place:
        """One attention, weights @ value: its answer."""
        weights = arrays["weights"][head]
        table = self.sheet.numbers(5.95, y, weights, f"weights {weights.shape}", 2, heat=SHARES)
        self.sheet.text(table.x, table.top[1] + 0.13, f"head {head}", 9, weight="bold")
        self.sheet.arrow((4.77, y), table.left)
        answer = self.matrix((7.1, y), arrays["answers"][head], "answer", HEADS[head])
        self.sheet.arrow(table.right, answer.left)
        return answer
