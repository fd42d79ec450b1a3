"""Cases of lesson 10, the key-value cache: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from course.checks.decoding.cases import floats
from course.judging.exercise import Case, Draw

WHICH = ("keys", "values")


def pieces(
    draw: Draw, lengths: list[int], d_k: int, d_v: int, orders: list, dtype: torch.dtype = torch.float64
) -> dict:
    """Keys and values of so many positions at a time, and the new order of the rows before each."""
    B, H = 2, 3
    keys, values, rows = [], [], B
    for length, order in zip(lengths, orders, strict=True):
        rows = rows if order is None else len(order)
        keys.append(draw.tensor(rows, H, length, d_k, dtype=dtype))
        values.append(draw.tensor(rows, H, length, d_v, dtype=dtype))
    return {
        "keys": keys,
        "values": values,
        "orders": [None if order is None else torch.tensor(order) for order in orders],
    }


def play(cache: Callable, keys: list[Tensor], values: list[Tensor], orders: list[Tensor | None]) -> dict[str, object]:
    """Give the cache piece after piece, reorder it before each by its rows unless they are None.

    What it gave each time, its length, how large its room is, what is in it, and whether that is still the one of the
    call before."""
    found: dict[str, object] = {f"room for {name} at first": size(getattr(cache, name, None)) for name in WHICH}
    before = None
    for call, (key, value, rows) in enumerate(zip(keys, values, orders, strict=True), 1):
        if rows is not None:
            cache.reorder(rows)
        given = cache(key, value)
        found |= {f"{which} given back by call {call}": one for which, one in two_of(given).items()}
        found[f"length after call {call}"] = getattr(cache, "length", "nothing")
        room = [getattr(cache, name, None) for name in WHICH]
        found |= {f"room for {name} after call {call}": size(one) for name, one in zip(WHICH, room, strict=True)}
        kept = [filled(one, cache) for one in room]
        found |= {f"{name} in the room after call {call}": one for name, one in zip(WHICH, kept, strict=True)}
        if before is not None and rows is None:
            same = [isinstance(one, Tensor) and one.data_ptr() == old for one, old in zip(room, before, strict=True)]
            found[f"room of call {call}"] = "the same as before" if all(same) else "a new one"
        before = [one.data_ptr() if isinstance(one, Tensor) else 0 for one in room]
    return found


def two_of(pair: object) -> dict[str, object]:
    """Keys and values, copied; anything else stands for both."""
    if isinstance(pair, tuple | list) and len(pair) == 2:
        return {name: one.clone() if isinstance(one, Tensor) else one for name, one in zip(WHICH, pair, strict=True)}
    return dict.fromkeys(WHICH, pair)


def filled(room: object, cache: Callable) -> object:
    """The part of the room that counts, copied; of what has none, what it is."""
    length = getattr(cache, "length", None)
    fits = isinstance(room, Tensor) and room.ndim == 4 and isinstance(length, int)
    return room[:, :, :length].clone() if fits else size(room)


def size(room: object) -> str:
    """Its shape, as a text; of anything but a tensor, what it is."""
    if room is None:
        return "None"
    return str(tuple(room.shape)) if isinstance(room, Tensor) else f"a {type(room).__name__}"


def cache_cases(draw: Draw) -> Iterator[Case]:
    key, value = ([floats([[[[n]]]]) for n in some] for some in ((1, 2), (10, 20)))
    yield Case("tiny", {"keys": key, "values": value, "orders": [None, None]}, init={"max_length": 3})
    yield Case("one at a time", pieces(draw, [1, 1, 1, 1], 4, 4, [None] * 4), init={"max_length": 9})
    yield Case("a prompt, then one at a time", pieces(draw, [5, 1, 1], 4, 4, [None] * 3), init={"max_length": 7})
    yield Case("keys and values of different widths", pieces(draw, [2, 1], 4, 6, [None] * 2), init={"max_length": 7})
    yield Case("pieces of all lengths", pieces(draw, [2, 3, 1, 4], 5, 5, [None] * 4), init={"max_length": 20})
    yield Case("rows exchanged", pieces(draw, [2, 1, 1], 4, 4, [None, [1, 0], None]), init={"max_length": 6})
    yield Case(
        "a row twice, another not at all", pieces(draw, [2, 1, 1], 4, 4, [None, [1, 1], None]), init={"max_length": 6}
    )
    yield Case("float32", pieces(draw, [3, 1], 4, 4, [None, [1, 0]], torch.float32), init={"max_length": 5})
    yield Case("full to the last place", pieces(draw, [3, 2], 4, 4, [None, None]), init={"max_length": 5})
    beams = pieces(draw, [1, 2, 1], 3, 4, [None, [0, 1, 1, 0], [3, 1, 2]])
    yield Case("more beams, then fewer", beams, init={"max_length": 5}, corner="a new number of rows")
    for name, lengths in {"longer than the room": [3, 2, 1], "a prompt longer than the room": [6]}.items():
        asked = pieces(draw, lengths, 4, 4, [None] * len(lengths))
        yield Case(name, asked, init={"max_length": 5}, corner="more positions than `max_length`")
