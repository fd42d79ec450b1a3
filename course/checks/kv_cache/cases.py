"""Cases of lesson 10, the key-value cache: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from course.blocks import BlockConfig
from course.checks.decoding.cases import floats
from course.judging.exercise import Case, Draw
from course.multi_head import MultiHeadAttention
from course.positions import RotaryAttention
from course.transformer import Decoder

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


class Room(nn.Module):
    """A cache that does what is asked of KVCache, for those who only use one."""

    def __init__(self, max_length: int) -> None:
        super().__init__()
        self.max_length, self.length, self.keys, self.values = max_length, 0, None, None

    def forward(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        stop = self.length + key.shape[2]
        if stop > self.max_length:
            raise ValueError(f"the cache was given {stop} positions, but only {self.max_length} are read in all")
        if self.keys is None:
            self.keys, self.values = (x.new_zeros(*x.shape[:2], self.max_length, x.shape[3]) for x in (key, value))
        self.keys[:, :, self.length : stop], self.values[:, :, self.length : stop] = key, value
        self.length = stop
        return self.keys[:, :, :stop], self.values[:, :, :stop]

    def reorder(self, rows: Tensor) -> None:
        self.keys, self.values = self.keys[rows], self.values[rows]


def room_for(pieces: list[Tensor]) -> Room:
    """An empty cache, so large that whoever stores everything several times gets wrong numbers, not an error."""
    return Room(4 * sum(piece.shape[1] for piece in pieces))


def at_rest(layer: nn.Module, weights: dict[str, Tensor]) -> nn.Module:
    """The layer with these weights, which ask for no gradient."""
    layer = layer.to(next(iter(weights.values())).dtype).eval()
    layer.load_state_dict(weights)
    return layer.requires_grad_(False)


def attended(answer: Callable, attention: nn.Module, pieces: list[Tensor], rotary: bool = False) -> dict[str, object]:
    """Piece after piece of one text, over one cache: what came out, and how much the cache has read."""
    cache, options = room_for(pieces), {"rotary": True} if rotary else {}
    found: dict[str, object] = {}
    for call, x in enumerate(pieces, 1):
        found[f"output of call {call}"] = answer(attention, x, cache, **options)
        found[f"positions in the cache after call {call}"] = cache.length
    return found


def stepped(
    answer: Callable, decoder: nn.Module, pieces: list[Tensor], memory: Tensor, rotary: bool = False
) -> dict[str, object]:
    """The same of a whole decoder, with a cache for each layer and the keys and values of the memory."""
    caches, options = [room_for(pieces) for _ in decoder.layers], {"rotary": True} if rotary else {}
    memories = [layer.cross_attention.project(memory, memory, memory)[1:] for layer in decoder.layers]
    found: dict[str, object] = {}
    for call, x in enumerate(pieces, 1):
        found[f"output of call {call}"] = answer(decoder, x, caches, memories, **options)
        found[f"positions in the caches after call {call}"] = [cache.length for cache in caches]
    return found


def attention_cases(draw: Draw) -> Iterator[Case]:
    yield tiny_attention_case()
    B, n_heads = draw.sizes(2, low=2, high=4)
    d_model = 4 * n_heads

    def case(name: str, lengths: list[int], rotary: bool = False, dtype: torch.dtype = torch.float64) -> Case:
        layer = (RotaryAttention if rotary else MultiHeadAttention)(d_model, n_heads)
        weights = {name: weight.to(dtype) for name, weight in draw.weights(layer).items()}
        pieces = [draw.tensor(B, length, d_model, dtype=dtype) for length in lengths]
        given = {"attention": at_rest(layer, weights), "pieces": pieces}
        return Case(name, given | ({"rotary": True} if rotary else {}))

    yield case("one at a time", [1, 1, 1])
    yield case("a prompt, then one at a time", [5, 1, 1])
    yield case("rotary, one at a time", [1, 1, 1], rotary=True)
    yield case("rotary, a prompt, then pieces", [3, 1, 2], rotary=True)
    yield case("pieces of several positions", [2, 3, 1])
    yield case("float32", [2, 1], dtype=torch.float32)


def tiny_attention_case() -> Case:
    """Without queries every position is worth the same: the mean of all values so far."""
    layer = MultiHeadAttention(2, 1, bias=False)
    eye = torch.eye(2, dtype=torch.float64)
    weights = {"w_q.weight": 0 * eye, "w_k.weight": eye, "w_v.weight": eye, "w_o.weight": 10 * eye}
    return Case("tiny", {"attention": at_rest(layer, weights), "pieces": [floats([[[4, 0]]]), floats([[[8, 2]]])]})


def step_cases(draw: Draw) -> Iterator[Case]:
    yield tiny_step_case()
    B, T_k = draw.sizes(2, low=3, high=6)
    n_heads, d_ff = draw.integer(2, 3), draw.integer(16, 20)

    def case(name: str, lengths: list[int], n_memories: int = B, **options: Any) -> Case:
        config = BlockConfig(d_model=12, n_heads=n_heads, d_ff=d_ff, **{"n_layers": 2} | options)
        decoder = Decoder(config)
        pieces, memory = [draw.tensor(B, length, 12) for length in lengths], draw.tensor(n_memories, T_k, 12)
        given = {"decoder": at_rest(decoder, draw.weights(decoder)), "pieces": pieces, "memory": memory}
        return Case(name, given | ({"rotary": True} if config.positions == "rotary" else {}))

    yield case("one at a time", [1, 1, 1])
    yield case("post-norm", [1, 1], norm_first=False)
    yield case("rotary, a prompt, then pieces", [3, 1, 2], positions="rotary")
    yield case("a prompt, then one at a time", [3, 1, 1], activation="gelu")
    yield case("three layers", [2, 1], n_layers=3)
    yield case("one source, several beams", [1, 1], n_memories=1)


def tiny_step_case() -> Case:
    """One layer, whose parts say the same whatever they hear; all together is (1, 7, -7, -1), which is normed."""
    decoder = Decoder(BlockConfig(d_model=4, n_heads=1, d_ff=2))
    weights = {
        name: torch.full(parameter.shape, float(name.endswith("gain")), dtype=torch.float64)
        for name, parameter in decoder.named_parameters()
    }
    weights["layers.0.self_attention.w_o.bias"] = floats([1, 4, -4, -1])
    weights["layers.0.cross_attention.w_o.bias"] = floats([0, 1, -1, 0])
    weights["layers.0.feed_forward.w_2.bias"] = floats([0, 1, -1, 0])
    x, memory = floats([[[0, 1, -1, 0]]]), floats([[[1, 2, 3, 4]]])
    return Case("tiny", {"decoder": at_rest(decoder, weights), "pieces": [x], "memory": memory})
