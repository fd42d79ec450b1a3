"""Translation: what a trained Transformer makes of sentences, many at a time."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course.seq2seq import decode_greedy
from course.training import Tokens, as_batch, batches_by_length, evaluating


def translate(model: nn.Module, sources: Sequence[Tokens], max_tokens: int = 50) -> list[list[int]]:
    """The target tokens that a Transformer makes of each source sentence, each time the likeliest.

    Of an empty sentence it makes an empty one. It works in eval mode, without dropout;
    afterwards the model is in the mode in which it was before."""
    translations: list[list[int]] = [[] for _ in sources]
    lengths = [(len(source), 0) for source in sources]
    filled = [i for i, source in enumerate(sources) if len(source)]
    with evaluating(model):
        for rows in batches_by_length(filled, lengths, 4_000):
            source = as_batch([sources[i] for i in rows])
            for i, tokens in zip(rows, translate_batch(model, source, max_tokens), strict=True):
                translations[i] = tokens
    return translations


def translate_batch(model: nn.Module, source: Tensor, max_tokens: int) -> list[list[int]]:
    """source (B, T_k) -> the target tokens of each row."""
    memory = model.encode(source)

    def step(token: Tensor, written: Tensor) -> tuple[Tensor, Tensor]:
        # (B, T + 1): the state is all that was written
        written = torch.cat([written, token[:, None]], dim=1)
        return model.decode(written, memory, source)[:, -1], written

    return decode_greedy(step, source.new_zeros(len(source), 0), max_tokens)
