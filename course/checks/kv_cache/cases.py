"""Cases of lesson 10, the key-value cache: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from course.checks.decoding.cases import floats
from course.judging.exercise import Case, Draw


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


def play(cache: Callable, keys: list[Tensor], values: list[Tensor], orders: list[Tensor | None]) -> list:
    """Give the cache piece after piece, reorder it before each by its rows unless they are None -> what it gave each
    time."""
    given = []
    for key, value, rows in zip(keys, values, orders, strict=True):
        if rows is not None:
            cache.reorder(rows)
        stored = cache(key, value)
        given.append(tuple(one.clone() for one in stored) if isinstance(stored, tuple | list) else stored)
    return given


def cache_cases(draw: Draw) -> Iterator[Case]:
    key, value = ([floats([[[[n]]]]) for n in some] for some in ((1, 2), (10, 20)))
    yield Case("tiny", {"keys": key, "values": value, "orders": [None, None]}, init={"max_length": 3})
    yield Case("one at a time", pieces(draw, [1, 1, 1, 1], 4, 4, [None] * 4), init={"max_length": 9})
    yield Case("a prompt, then one at a time", pieces(draw, [5, 1, 1], 4, 6, [None] * 3), init={"max_length": 7})
    yield Case("pieces of all lengths", pieces(draw, [2, 3, 1, 4], 5, 5, [None] * 4), init={"max_length": 20})
    yield Case("rows exchanged", pieces(draw, [2, 1, 1], 4, 4, [None, [1, 0], None]), init={"max_length": 6})
    yield Case(
        "a row twice, another not at all", pieces(draw, [2, 1, 1], 4, 4, [None, [1, 1], None]), init={"max_length": 6}
    )
    yield Case(
        "more beams, then fewer", pieces(draw, [1, 2, 1], 3, 4, [None, [0, 1, 1, 0], [3, 1, 2]]), init={"max_length": 5}
    )
    yield Case("float32", pieces(draw, [3, 1], 4, 4, [None, [1, 0]], torch.float32), init={"max_length": 5})
    yield Case("full to the last place", pieces(draw, [3, 2], 4, 4, [None, None]), init={"max_length": 5})
    yield Case("longer than the room", pieces(draw, [3, 2, 1], 4, 4, [None] * 3), init={"max_length": 5})
