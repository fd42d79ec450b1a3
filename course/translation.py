"""Translation: what a trained Transformer makes of sentences, many at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from course.seq2seq import decode_greedy
from course.training import Tokens, as_batch, batches_by_length, evaluating

Written = TypeVar("Written")


def translate(model: nn.Module, sources: Sequence[Tokens], max_tokens: int = 50) -> list[list[int]]:
    """The target tokens that a Transformer makes of each source sentence, each time the likeliest.

    Of an empty sentence it makes an empty one. It works in eval mode, without dropout;
    afterwards the model is in the mode in which it was before."""
    written = in_batches(
        model, sources, lambda source: translate_batch(model, source, max_tokens)
    )
    return [written.get(i, []) for i in range(len(sources))]


def in_batches(
    model: nn.Module, sources: Sequence[Tokens], write: Callable[[Tensor], Sequence[Written]]
) -> dict[int, Written]:
    """What `write` makes of each source that is not empty, under its number, in eval mode.

    write: source (B, T_k), of one length -> B answers"""
    written: dict[int, Written] = {}
    lengths = [(len(source), 0) for source in sources]
    filled = [i for i, source in enumerate(sources) if len(source)]
    with evaluating(model):
        for rows in batches_by_length(filled, lengths, 4_000):
            source = as_batch([sources[i] for i in rows])
            written |= zip(rows, write(source), strict=True)
    return written


def translate_batch(model: nn.Module, source: Tensor, max_tokens: int) -> list[list[int]]:
    """source (B, T_k) -> the target tokens of each row."""
    return decode_greedy(stepper(model, source), source.new_zeros(len(source), 0), max_tokens)


def stepper(
    model: nn.Module, source: Tensor
) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """The step that decode_greedy asks for; its state is all that was written (B, T).

    source (B, T_k), read once -> tokens (B,), written (B, T) -> logits (B, V), (B, T + 1)"""
    memory = model.encode(source)

    def step(token: Tensor, written: Tensor) -> tuple[Tensor, Tensor]:
        written = torch.cat([written, token[:, None]], dim=1)  # (B, T + 1)
        return model.decode(written, memory, source)[:, -1], written

    return step
