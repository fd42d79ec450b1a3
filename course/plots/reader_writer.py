"""Reader and writer: what one hands to the other, what a writer is given, and where it looks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from course.plots.sheet import GREY, NAVY, OCHRE, Place, Sheet

START, END = "<bos>", "<eos>"
STEP, FIRST = 0.98, 0.98  # from word to word, and where the first one stands
NARROW, MARGIN = 0.88, 0.85  # the same where two rows stand side by side
FEWEST = 6  # words for which a row has room at least
LEAST_SHOWN = 0.05  # a smaller weight is drawn, but not written


def reader_state_writer(
    source: Sequence[str], target: Sequence[str], states: Sequence | None = None
) -> Figure:
    """The reader above, the writer below, and between them all that is handed over: one state.

    states (T_source, d), array or tensor: the reader's, drawn as numbers where they are given."""
    values = None if states is None else np.asarray(states, dtype=float)
    if values is not None and len(values) != len(source):
        raise ValueError(f"{len(values)} states, but {len(source)} words: one state for each word")
    tall = 0.0 if values is None else 0.38 * values.shape[1] - 0.42
    columns = max(len(source), len(target) + 1, FEWEST)
    sheet = Sheet(FIRST + STEP * (columns - 1) + 0.75, 3.95 + tall)
    read = reading(sheet, 3.25 + tall / 2, source, values)
    written = writing(sheet, 0.75, [START, *target], [*target, END])
    hand_over(sheet, read[-1], written[0], values)
    return sheet.figure


def reading(
    sheet: Sheet, y: float, source: Sequence[str], states: np.ndarray | None
) -> list[Place]:
    """A row of states, each with its word below it, each handed on to the next."""
    places, last = [], len(source) - 1
    for t, word in enumerate(source):
        x, look = FIRST + STEP * t, "lit" if t == last else "state"
        if states is None:
            place = sheet.box(x, y, f"$h_{{{t + 1}}}$", 0.6, look=look)
        else:
            place = sheet.numbers(x, y, states[t], upright=True, look=look)
        below = sheet.text(x, place.bottom[1] - 0.42, word)
        sheet.arrow(below.top, place.bottom)
        places.append(place)
    chain(sheet, places)
    sheet.text(FIRST - 0.3, places[0].top[1] + 0.28, "the reader", 11, weight="bold", ha="left")
    return places


def writing(sheet: Sheet, y: float, inputs: Sequence[str], said: Sequence[str]) -> list[Place]:
    """A row of the writer's states: below each what it is given, above it what it says."""
    places = []
    for t, (word, next_word) in enumerate(zip(inputs, said, strict=True)):
        place = sheet.box(FIRST + STEP * t, y, f"$s_{{{t + 1}}}$", 0.6, look="weights")
        sheet.arrow(sheet.text(place.x, place.bottom[1] - 0.36, word).top, place.bottom)
        sheet.arrow(place.top, sheet.text(place.x, place.top[1] + 0.4, next_word).bottom)
        places.append(place)
    chain(sheet, places)
    sheet.text(FIRST - 0.3, y + 0.95, "the writer", 11, weight="bold", ha="left")
    return places


def chain(sheet: Sheet, places: Sequence[Place]) -> None:
    """Each place hands its state to the next."""
    for place, after in itertools.pairwise(places):
        sheet.arrow(place.right, after.left)


def hand_over(sheet: Sheet, last: Place, first: Place, states: np.ndarray | None) -> None:
    """The way from the reader's last state to the writer's first, through the bottleneck."""
    y, right, left = first.y + 1.35, last.x + 0.52, first.x - 0.7
    middle = sheet.figure.get_figwidth() / 2
    if states is None:
        state = sheet.box(middle, y, "one state, $s_0 = h_T$", 2.2, look="lit")
    else:
        state = sheet.numbers(middle, y, states[-1], look="lit")
    style = {"width": 2.6, "colour": OCHRE}
    sheet.path(last.right, (right, last.y), (right, y), state.right, **style)
    sheet.path(state.left, (left, y), (left, first.y), first.left, **style)
    sheet.note(middle, y - 0.34, "all that the writer will know of the sentence")


def forced_and_free(
    answers: Sequence[str], forced: Sequence[str], free: Sequence[str]
) -> Figure:
    """The same writer twice: given the right beginning (training), and hearing only itself.

    answers: what is asked for; forced: what it says where the right words before are given;
    free: what it writes by itself, to the end. What is wrong stands in a thick frame."""
    columns = max(len(answers), len(free))
    second = MARGIN + NARROW * len(answers) + 0.35
    sheet = Sheet(second + NARROW * columns + 0.1, 3.1)
    speaking(sheet, MARGIN, [START, *answers[:-1]], forced, answers)
    steps = speaking(sheet, second, [START, *free[:-1]], free, answers)
    for place, after in itertools.pairwise(steps):
        # crosses the arrow between two boxes well before its head
        start, end = (place.x + 0.26, 1.61), (after.x - 0.3, 0.34)
        sheet.arrow(start, end, colour=OCHRE, width=1.8, dashed=True)
    for left, title in ((MARGIN, "training: given the right words"), (second, "writing: alone")):
        sheet.text(left, 2.88, title, 11, weight="bold", ha="left")
    for y, name in ((2.35, "asked for"), (1.78, "said"), (0.3, "given")):
        sheet.note(MARGIN - 0.15, y, name, ha="right")
    return sheet.figure


def speaking(
    sheet: Sheet, left: float, heard: Sequence[str], said: Sequence[str], asked: Sequence[str]
) -> list[Place]:
    """A writer's steps: below what it is given, above what it says, framed where it is wrong."""
    places = []
    for t, word in enumerate(asked):
        sheet.text(left + NARROW * (t + 0.5), 2.35, word)
    for t, (word, spoken) in enumerate(zip(heard, said, strict=True)):
        x, right = left + NARROW * (t + 0.5), t < len(asked) and asked[t] == spoken
        place = sheet.box(x, 0.98, f"$s_{{{t + 1}}}$", 0.6, look="weights")
        sheet.arrow(sheet.text(x, 0.3, word).top, place.bottom)
        tile = sheet.box(x, 1.78, spoken, 0.74, 0.34, "faint" if right else "lit", 10)
        sheet.arrow(place.top, tile.bottom)
        places.append(place)
    chain(sheet, places)
    return places


def additive_flow(
    query: Sequence, keys: Sequence, scores: Sequence, weights: Sequence, values: Sequence
) -> Figure:
    """One query of additive attention, from left to right: score, softmax, weighted average.

    query (d,), keys (T, d), scores (T,), weights (T,), values (T, d_v): arrays or tensors"""
    keys, values = np.asarray(keys, dtype=float), np.asarray(values, dtype=float)
    weights = np.asarray(weights, dtype=float)
    sheet = Sheet(10.2, 1.0 + 0.72 * len(keys))
    rows = [0.45 + 0.72 * (len(keys) - 1 - j) for j in range(len(keys))]
    middle, top = sum(rows) / len(rows), rows[0] + 0.6
    asked = sheet.numbers(2.35, top, query, look="weights")
    sheet.text(2.35, top + 0.32, "query")
    sheet.arrow(asked.bottom, (2.35, rows[-1] + 0.16), colour=OCHRE, width=1.6)
    soft = sheet.box(5.6, middle, "softmax", 0.85, rows[0] - rows[-1] + 0.42, "lit")
    total = sheet.circle(8.75, middle, "+")
    for j, y in enumerate(rows):
        score_row(sheet, y, keys[j], float(np.asarray(scores)[j]), soft)
        value_row(sheet, y, float(weights[j]), values[j], total)
    summary = sheet.numbers(9.55, middle, weights @ values, "summary", 2, look="lit")
    sheet.arrow(total.right, summary.left)
    for x, title in ((0.75, "keys"), (4.6, "scores"), (6.6, "weights"), (7.75, "values")):
        sheet.text(x, rows[0] + 0.4, title)
    return sheet.figure


def score_row(sheet: Sheet, y: float, key: np.ndarray, score: float, soft: Place) -> None:
    """A key meets the query, and a small network makes a score of the two."""
    place = sheet.numbers(0.75, y, key, look="state")
    meeting = sheet.circle(2.35, y, "+")
    sheet.arrow(place.right, meeting.left)
    network = sheet.box(3.5, y, "$v$ · tanh", 0.95, 0.36)
    sheet.arrow(meeting.right, network.left)
    tile = sheet.numbers(4.6, y, [score], decimals=2)
    sheet.arrow(network.right, tile.left)
    sheet.arrow(tile.right, (soft.left[0], y))


def value_row(sheet: Sheet, y: float, weight: float, value: np.ndarray, total: Place) -> None:
    """A weight and its value, which goes into the sum, the thicker the greater the weight."""
    tile = sheet.numbers(6.6, y, [weight], decimals=2, look="weights")
    sheet.arrow((6.03, y), tile.left)
    sheet.text(7.05, y, "×")
    place = sheet.numbers(7.75, y, value, look="state")
    sheet.arrow(place.right, total.left, head=False, width=thickness(weight), colour=NAVY)


def looks_back(
    weights: Sequence, source: Sequence[str], target: Sequence[str], word: str
) -> Figure:
    """Where the writer looks when it is about to write that word: lines as thick as the weights.

    weights (T_target, T_source), array or tensor; word: one of target"""
    weights, at = np.asarray(weights, dtype=float), list(target).index(word)
    columns = max(len(source), len(target), FEWEST)
    sheet = Sheet(FIRST + STEP * (columns - 1) + 0.75, 3.5)
    inner = FIRST + STEP * (columns - len(target)) / 2
    for i, other in enumerate(target):
        style = {"weight": "bold"} if i == at else {"colour": "#777777"}
        sheet.text(inner + STEP * i, 0.25, other, **style)
    asking = sheet.box(inner + STEP * at, 0.82, f"$s_{{{at + 1}}}$", 0.6, look="lit")
    sheet.arrow(asking.bottom, (asking.x, 0.38))
    for j, weight in enumerate(weights[at]):
        x = FIRST + STEP * (columns - len(source)) / 2 + STEP * j
        state = sheet.box(x, 2.85, f"$h_{{{j + 1}}}$", 0.6, look="state")
        sheet.text(x, 3.27, source[j])
        style = {"width": thickness(weight), "colour": NAVY if weight >= LEAST_SHOWN else GREY}
        sheet.arrow(state.bottom, asking.top, head=False, **style)
        if weight >= LEAST_SHOWN:
            share = 0.3 if j % 2 else 0.18
            sheet.note(x + share * (asking.x - x), 2.64 - share * 1.61, f"{weight:.2f}",
                       bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # fmt: skip
    return sheet.figure


def thickness(weight: float) -> float:
    """Of the line that stands for a weight."""
    return 0.5 + 9 * weight
