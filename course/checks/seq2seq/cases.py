"""Cases of lesson 02, encoder and decoder: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from course.judging.exercise import Asked, Case, Draw


def floats(numbers: object) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def sentences(draw: Draw, lengths: list[int], low: int = 3, high: int = 12) -> Tensor:
    """Drawn tokens, a row for each length, padded behind with 0."""
    rows = [draw.integers(low, high, length) for length in lengths]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


def shift_cases(draw: Draw) -> Iterator[Case]:
    B, T = draw.sizes(2, low=3)
    yield Case("tiny", {"target": torch.tensor([[7, 8, 9], [5, 0, 0]])})
    yield Case("no padding", {"target": draw.integers(3, 12, B, T)})
    yield Case("drawn lengths", {"target": sentences(draw, [T, 1, *draw.integers(1, T, B).tolist()])})
    yield Case("one token each", {"target": draw.integers(3, 12, B, 1)})
    yield Case("every row padded", {"target": torch.nn.functional.pad(draw.integers(3, 12, 2, 3), (0, 2))})
    yield Case("an empty sentence", {"target": torch.tensor([[6, 4], [0, 0]])}, corner="the empty sentence")


def halve_and_add(x: Tensor, h: Tensor) -> Tensor:
    """h' = h / 2 + x."""
    return h / 2 + x


@dataclass(frozen=True)
class TanhReader:
    """h' = tanh(x w_x + h w_h + b): also an x of zeros changes the state."""

    w_x: Tensor
    w_h: Tensor
    b: Tensor

    def __call__(self, x: Tensor, h: Tensor) -> Tensor:
        return torch.tanh(x @ self.w_x + h @ self.w_h + self.b)


def words_of(lengths: list[int], n_words: int) -> Tensor:
    """Mask (B, T): True for so many words in front."""
    return torch.arange(n_words) < torch.tensor(lengths)[:, None]


def encode_cases(draw: Draw) -> Iterator[Case]:
    B, T, d_x, d_h = draw.sizes(4, low=3)
    reader = TanhReader(draw.tensor(d_x, d_h), draw.tensor(d_h, d_h), draw.tensor(d_h))

    def case(name: str, lengths: list[int], T: int = T, corner: str = "") -> Case:
        xs, h0 = draw.tensor(len(lengths), T, d_x), draw.tensor(len(lengths), d_h)
        return Case(name, {"step": reader, "xs": xs, "mask": words_of(lengths, T), "h0": h0}, corner=corner)

    tiny = {"xs": floats([[[8], [2]], [[6], [4]]]), "mask": words_of([2, 1], 2), "h0": floats([[0], [0]])}
    yield Case("tiny", {"step": halve_and_add, **tiny})
    yield case("no padding", [T] * B)
    yield case("drawn lengths", [T, 1, *draw.integers(1, T, B).tolist()])
    yield case("all of them shorter", [T - 1, T - 2])
    yield case("one word each", [1] * B, T=1)
    yield case("as many words as sentences", [T, *draw.integers(1, T, T - 1).tolist()])
    yield case("an empty sentence", [2, 0], corner="the empty sentence")


def loss_cases(draw: Draw) -> Iterator[Case]:
    B, T, V = draw.sizes(3, low=3)

    def case(name: str, answers: Tensor, scale: float = 1.0) -> Case:
        return Case(name, {"logits": scale * draw.tensor(*answers.shape, V + 5), "answers": answers})

    logits = floats(
        [[[0.5, 0.125, 0.125, 0.25], [0.25, 0.25, 0.25, 0.25]], [[0.125, 0.125, 0.5, 0.25], [0.125, 0.5, 0.25, 0.125]]]
    )
    yield Case("tiny", {"logits": logits.log(), "answers": torch.tensor([[3, 2], [2, 0]])})
    yield case("no padding", draw.integers(2, V + 5, B, T))
    yield case("drawn lengths", sentences(draw, [T, 1, *draw.integers(1, T, B).tolist()], 2, V + 5))
    yield case("all <eos>", torch.full((B, 1), 2))
    yield case("as long as the batch is large", sentences(draw, [B, *draw.integers(1, B, B - 1).tolist()], 2, V + 5))
    large = case("very large logits", draw.integers(2, V + 5, B, T), 1e4)
    yield replace(large, corner="the very large logits")
    single = case("float32", sentences(draw, [T, 2, 1], 2, V + 5))
    yield replace(single.changed(logits=single["logits"].float()), corner="the float32 numbers")


@dataclass(frozen=True)
class Script:
    """A writer that has a text for each row by heart: state (B, 2) holds the row's number and how many it has said.

    Out of step, or without its own last word as input, it says 3."""

    texts: tuple[tuple[int, ...], ...]
    n_tokens: int = 12

    def __call__(self, token: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        logits = torch.zeros(len(state), self.n_tokens, dtype=torch.float64)
        for at, (row, said) in enumerate(state.tolist()):
            text = (1, *self.texts[int(row)])
            knows = said + 1 < len(text) and token[at] == text[int(said)]
            logits[at, text[int(said) + 1] if knows else 3] = 1.0
            logits[at, 0] = -1.0
        return logits, state + torch.tensor([0, 1])


@dataclass(frozen=True)
class TanhWriter:
    """h' = tanh(table[token] + h w), logits = h' w_out: whatever it is given, it goes on writing."""

    table: Tensor
    w: Tensor
    w_out: Tensor

    def __call__(self, token: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        state = torch.tanh(self.table[token] + state @ self.w)
        return state @ self.w_out, state


def decode_cases(draw: Draw) -> Iterator[Case]:
    def case(name: str, texts: list[list[int]], max_tokens: int, corner: str = "") -> Case:
        state = torch.stack([torch.arange(len(texts)), torch.zeros(len(texts), dtype=torch.long)], dim=1)
        step = Asked(Script(tuple(map(tuple, texts))))
        return Case(name, {"step": step, "state": state, "max_tokens": max_tokens}, corner=corner)

    words = [draw.integers(4, 12, length).tolist() for length in (6, 3, 8)]
    yield case("tiny", [[7, 8, 2], [9, 2]], 10)
    yield case("one sentence", [[*words[0], 2]], 20)
    yield case(
        "three sentences, the longest last", [[*text, 2] for text in words[1:]] + [[*words[0], *words[2], 2]], 30
    )
    yield case("the limit comes first", [[*words[0], 2], [*words[2], 2]], 4)
    yield case("the limit and the end together", [[5, 6, 2], [7, 2]], 3)
    yield case("words after the end", [[5, 2, 6, 7, 2], [8, 9, 10, 11, 2]], 10)
    yield case("ended at once", [[2], [5, 2]], 10)
    d, V = 6, 11
    writer = TanhWriter(draw.tensor(V, d), draw.tensor(d, d), draw.tensor(d, V))
    yield Case("a small network", {"step": writer, "state": draw.tensor(4, d), "max_tokens": 9})
    yield case("a limit of 0", [[5, 2]], 0, "the limit of 0")


def attention_inputs(draw: Draw, lead: tuple[int, ...], sizes: list[int]) -> dict[str, Tensor]:
    T_q, T_k, d_q, d_k, d_v, d = sizes
    shapes = {"query": (*lead, T_q, d_q), "key": (*lead, T_k, d_k), "value": (*lead, T_k, d_v)}
    shapes |= {"w_q": (d, d_q), "w_k": (d, d_k), "v": (d,)}
    return {name: draw.tensor(*shape) for name, shape in shapes.items()}


def attention_cases(draw: Draw) -> Iterator[Case]:
    B, H, *sizes = draw.sizes(8, low=2, high=9)
    T_q, T_k = sizes[:2]
    still = {"query": floats([[5]]), "key": floats([[1], [2]]), "value": floats([[10, 0], [0, 10]])}
    deaf, loud = ({"w_q": floats([[0]]), "w_k": floats([[by]]), "v": floats([1])} for by in (0, 20))
    opposite = {**still, "key": floats([[1], [-1], [-1], [-1]]), "value": floats([[10, 0], [0, 10], [0, 10], [0, 10]])}
    yield Case("tiny", {**still, **deaf, "mask": torch.tensor([[True, True]])})
    yield Case("very loud keys", {**opposite, **loud}, corner="the very large scores")
    yield Case("no batch", attention_inputs(draw, (), sizes))
    yield Case("a batch", attention_inputs(draw, (B,), sizes))
    yield Case("a batch, all sizes equal", attention_inputs(draw, (T_k,), [T_k] * 6))
    masked = attention_inputs(draw, (B,), sizes)
    yield Case("padding", {**masked, "mask": words_of([T_k, *draw.integers(1, T_k, B - 1).tolist()], T_k)[:, None]})
    yield Case("a mask for each query", {**masked, "mask": draw.mask(B, T_q, T_k)})
    flat = words_of([T_k - 1], T_k)[0]
    yield Case("one mask for all", {**masked, "mask": flat}, corner="the mask without axes in front")
    yield Case("two batch axes", attention_inputs(draw, (H, B), sizes))
    yield Case("one word", attention_inputs(draw, (B,), [T_q, 1, *sizes[2:]]))
    single = {name: value.float() for name, value in masked.items()}
    yield Case("float32", {**single, "mask": draw.mask(B, T_q, T_k)}, corner="the float32 numbers")
