"""Transformer: its decoder layer, what a decoder sees at each step, how a vector names a word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from course.plots.layers import STREAM as KEPT
from course.plots.sheet import GREY, NAVY, OCHRE, TILE, Place, Point, Sheet

STREAM = 2.5  # where the residual stream runs
HEIGHTS = (1.3, 3.4, 5.1)  # the three sub-layers, from bottom to top
NORM, SUB = STREAM + 0.85, STREAM + 2.5
QUESTIONS = (
    ("1  self-attention", "What is written so far?\nThe written words\nask each other."),
    ("2  cross-attention", "What do the cards say?\nThe written words ask,\nthe cards answer."),
    ("3  feed-forward", "What follows from both?\nEach position thinks\nfor itself."),
)
PASSED = {"self-attention": "query,\nkey,\nvalue", "cross-attention": "query"}  # from the stream
COLUMN, ROW = 1.06, 0.56  # from word to word, and from step to step


def decoder_layer(
    written: Sequence[str], cards: Sequence[str], mask: Sequence, memory_mask: Sequence
) -> Figure:
    """One decoder layer from bottom to top: its three sub-layers, who asks whom, and both masks.

    written, cards: the target's and the source's words; mask (T_q, T_q) and memory_mask (T_k,)"""
    sheet = Sheet(10.4, 6.55)
    low = sheet.text(STREAM, 0.25, "  ".join(written), 10)
    sheet.arrow(low.top, (STREAM, 6.2), **KEPT)
    sheet.note(STREAM, 6.38, "to the next layer: as many vectors as before")
    for y, (name, question) in zip(HEIGHTS, QUESTIONS, strict=True):
        sheet.text(0.15, y + 0.32, name, 10.5, ha="left", weight="bold")
        sheet.text(0.15, y - 0.18, question, 9, ha="left")
    names = ("self-attention", "cross-attention", "feed-forward")
    places = [sub_layer(sheet, *one) for one in zip(HEIGHTS, names, strict=True)]
    causal_rows(sheet, places[0], written, np.asarray(mask))
    card_box(sheet, places[1], cards, np.asarray(memory_mask))
    return sheet.figure


def sub_layer(sheet: Sheet, y: float, name: str) -> Place:
    """From the stream through a norm into the part, and back: what it says is added."""
    norm = sheet.box(NORM, y, "norm", 0.62, 0.34, "weights", 8.5)
    place = sheet.box(SUB, y, name, 1.5, 0.6, "lit", 10)
    plus = sheet.circle(STREAM, y + 0.68, "+")
    sheet.arrow((STREAM, y), norm.left)
    sheet.arrow(norm.right, place.left)
    middle = (norm.right[0] + place.left[0]) / 2
    sheet.note(middle, y + 0.04, PASSED.get(name, ""), va="bottom")
    sheet.path(place.top, (place.x, plus.y), plus.right)
    sheet.note((plus.x + place.x) / 2 + 0.2, plus.y + 0.13, "dropout, then added")
    return place


def causal_rows(sheet: Sheet, place: Place, written: Sequence[str], mask: np.ndarray) -> None:
    """Beside the self-attention its mask: a row for each word that looks."""
    x = 8.05
    tiles = sheet.numbers(x, place.y, mask, decimals=0, heat=(0, 1))
    for n, word in enumerate(written):
        along = TILE * (n + 0.5)
        sheet.text(tiles.left[0] - 0.07, tiles.top[1] - along, word, 8, ha="right")
        sheet.text(tiles.left[0] + along, tiles.top[1] + 0.12, word, 7)
    sheet.text(x, tiles.top[1] + 0.34, "mask: no later word", 9.5)
    sheet.note(x, tiles.bottom[1] - 0.16, "row: who asks; column: who is read; 1: may be")
    start = tiles.left[0] - 0.1 - 0.09 * max(map(len, written))
    sheet.arrow((start, place.y), place.right, dashed=True, colour=GREY)


def card_box(sheet: Sheet, place: Place, cards: Sequence[str], mask: np.ndarray) -> None:
    """Beside the cross-attention the memory: a card for each source word, and its mask below."""
    left, width = place.right[0] + 0.85, 0.64
    for n, (word, open_) in enumerate(zip(cards, mask, strict=True)):
        x = left + (width + 0.04) * (n + 0.5)
        sheet.box(x, place.y, word, width, 0.62, "weights" if open_ else "faint", 9)
        style = {"decimals": 0, "heat": (0, 1)}
        sheet.numbers(x, place.y - 0.58, [open_], **style)
    middle = left + (width + 0.04) * len(cards) / 2
    sheet.text(middle, place.y + 0.52, "memory: a card for each source word", 9.5)
    sheet.note(middle, place.y - 0.92, "memory_mask: no padding, the same row for all who ask")
    sheet.arrow((left - 0.02, place.y), place.right, colour=OCHRE, width=2.2)
    sheet.note((left + place.right[0]) / 2, place.y + 0.2, "key,\nvalue")


def decoding_steps(source: Sequence[str], target: Sequence[str]) -> Figure:
    """The decoder's steps below each other: what it sees, and what it writes next.

    source: what the encoder has read, once; target: from <bos> to <eos>"""
    n_steps = len(target) - 1
    left, top = 2.95, ROW * n_steps + 0.1
    sheet = Sheet(left + COLUMN * len(target) + 0.1, top + 0.7)
    x = memory_line(sheet, source, top)
    sheet.text(left, top + 0.5, "what the decoder sees", 10.5, ha="left", weight="bold")
    sheet.note(left, top + 0.23, "dark frame: the word that it writes", ha="left")
    for step in range(1, n_steps + 1):
        y = top - ROW * (step - 0.5)
        sheet.arrow((x, y), (left - 0.75, y), colour=OCHRE, width=1.6)
        sheet.text(left - 0.42, y, f"step {step}", 9)
        written_row(sheet, left, y, target[: step + 1])
    return sheet.figure


def memory_line(sheet: Sheet, source: Sequence[str], top: float) -> float:
    """The cards in their frame, and the line from which each step takes them; its x."""
    line, style = 1.75, {"head": False, "colour": OCHRE, "width": 1.6}
    highest = (top + 0.1 + ROW * len(source)) / 2
    sheet.text(0.8, top + 0.5, "memory", 10.5, weight="bold")
    sheet.note(0.8, top + 0.23, "read once")
    for n, word in enumerate(source):
        sheet.box(0.8, highest - ROW * (n + 0.5), word, 1.1, 0.42, "weights")
    size = 1.36, ROW * len(source) + 0.12
    frame = sheet.box(0.8, (top + 0.1) / 2, "", *size, look="frame")
    sheet.arrow(frame.right, (line, frame.y), **style)
    sheet.arrow((line, top - ROW / 2), (line, ROW / 2 + 0.1), **style)
    return line


def written_row(sheet: Sheet, left: float, y: float, words: Sequence[str]) -> None:
    """One step: the words that are there, and in a dark frame the one that comes of them."""
    *seen, new = words
    for n, word in enumerate(seen):
        sheet.box(left + COLUMN * (n + 0.5), y, word, 0.95, 0.4, "state")
    x = left + COLUMN * (len(seen) + 0.5)
    place = sheet.box(x, y, new, 0.86, 0.4, "lit")
    sheet.arrow((left + COLUMN * len(seen) - 0.06, y), place.left, colour=NAVY, width=1.6)
    if new != "<eos>":
        sheet.arrow(place.bottom, (x, y - ROW + 0.2), dashed=True, colour=GREY)


def vector_to_word(
    vector: Sequence, logits: Sequence, probabilities: Sequence, n_shown: int = 4
) -> Figure:
    """From a vector to its word: compared with each row of a table, softmax, and the likeliest.

    vector (d,); logits and probabilities (V,), of which the n_shown best are drawn"""
    vector, logits, probabilities = (np.asarray(one) for one in (vector, logits, probabilities))
    best = np.argsort(-logits, kind="stable")[:n_shown]
    sheet, y = Sheet(9.3, TILE * n_shown + 1.15), TILE * n_shown / 2 + 0.5
    numbers = column(sheet, (0.9, y), "vector", vector[:n_shown], 1)
    scores = column(sheet, (4.3, y), "logits", logits[best], 0)
    shares = column(sheet, (6.9, y), "probabilities", probabilities[best], 2)
    for place, all_of, name in ((numbers, vector, "numbers"), (scores, logits, "words")):
        rest = f"and {len(all_of) - n_shown:,} {name} more"
        sheet.note(place.x, place.bottom[1] - 0.32, rest)
    table = sheet.box(2.2, y, "times each row\nof the table", 1.15, 0.6, "lit")
    softmax = sheet.box(5.6, y, "softmax", 0.95, look="weights")
    word = sheet.box(8.4, y, f"word {best[0]}", 1.3, look="state")
    around = (numbers, table), (scores, softmax), (softmax, shares), (shares, word)
    for one, next_one in around:
        sheet.arrow(one.right, next_one.left)
    sheet.arrow(table.right, (row_names(sheet, scores, best) - 0.03, y))
    return sheet.figure


def column(sheet: Sheet, middle: Point, name: str, numbers: Sequence, decimals: int) -> Place:
    """Numbers upright under their name, and dots below them: there are more."""
    place = sheet.numbers(*middle, numbers, decimals=decimals, upright=True, look="state")
    sheet.text(place.x, place.top[1] + 0.18, name, 9.5, weight="bold")
    sheet.text(place.x, place.bottom[1] - 0.12, "⋮", 9)
    return place


def row_names(sheet: Sheet, place: Place, words: Sequence[int]) -> float:
    """The number of its word left of each tile; where the widest of them begins."""
    x, heights = place.left[0] - 0.42, [place.top[1] - TILE * (n + 0.5) for n in range(len(words))]
    names = [sheet.text(x, y, f"word {n}", 8.5) for n, y in zip(words, heights, strict=True)]
    return min(name.left[0] for name in names)
