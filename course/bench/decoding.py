"""Decoding: how much CPU time does the KV cache save, alone and with fused operations, and against transformers'?"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course.attention import causal_mask
from course.bench.clock import race
from course.bench.marian import marian
from course.decoding import greedy
from course.kv_cache import CachedTransformer, SteppingTransformer
from course.seq2seq import BOS
from course.transformer import Transformer, TransformerConfig

VOCAB_SIZE = 1_000
VARIED = 18  # a seed with 70 different tokens among 512, and never two logits within 0.009 of each other at the top
N_POSITIONS = 1_024  # of the table that transformers' model looks up
NEVER = -1  # no token ends a text: exactly so many are written as are asked for
Writer = Callable[[int], list[int]]  # how many tokens -> the tokens


class DifferentTokens(Exception):
    """Two ways of decoding that must write the same have not."""


def decoding_model(seed: int = VARIED) -> Transformer:
    """d_model 128, 4 layers, post-norm as in 2017, one table for all, and random weights that make it write various
    tokens.

    Quiet sub-layers and a last norm that turns half of the signs: else a random model says one token for ever. The row
    of <pad> is zero, its logit 0, and so never the highest."""
    generator = torch.Generator().manual_seed(seed)
    sizes = {"source_vocab_size": VOCAB_SIZE, "target_vocab_size": VOCAB_SIZE}
    config = TransformerConfig(d_model=128, n_heads=4, d_ff=512, n_layers=4, norm_first=False, shared=True, **sizes)
    model = Transformer(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1:
                quiet = 0.3 if name.endswith(("w_o.weight", "w_2.weight")) else 1.0
                parameter.copy_(
                    quiet * torch.randn(parameter.shape, generator=generator) / math.sqrt(parameter.shape[-1])
                )
            elif not name.endswith("gain"):
                parameter.zero_()
        model.decoder.layers[-1].norm_3.gain.copy_(torch.randn(config.d_model, generator=generator).sign())
        model.source_embedding.table[0] = 0.0
    return model.eval()


def a_source(seed: int = 0) -> Tensor:
    """One source sentence of 16 tokens."""
    return torch.randint(3, VOCAB_SIZE, (1, 16), generator=torch.Generator().manual_seed(seed))


def cache_alone(model: Transformer, source: Tensor) -> Writer:
    """The course's KV cache in the model's own plain parts: what it saves is the cache's."""
    return lambda n: greedy(SteppingTransformer(model, source, n + 1), torch.tensor([[BOS]]), n, end=NEVER)[0]


def with_cache(model: Transformer, source: Tensor) -> Writer:
    """The course's KV cache, and fused operations besides."""
    return lambda n: greedy(CachedTransformer(model, source, n + 1), torch.tensor([[BOS]]), n, end=NEVER)[0]


def without_cache(model: Transformer, source: Tensor) -> Writer:
    """The whole sentence again for each token, but no more than that.

    The source is read once, positions and masks are looked up,
    and only the last position goes through the output layer."""

    @torch.inference_mode()
    def write(n: int) -> list[int]:
        memory = model.encode(source)
        positions, mask = model.positions(memory.new_zeros(1, n + 1, memory.shape[-1])), causal_mask(n + 1)

        def next_logits(tokens: Tensor) -> Tensor:
            length = tokens.shape[1]
            x = model.target_embedding(tokens) + positions[:, :length]
            return model.output(model.decoder(x, memory, mask[:length, :length])[:, -1])

        return greedy(next_logits, torch.tensor([[BOS]]), n, end=NEVER)[0]

    return write


def by_transformers(model: Transformer, source: Tensor) -> Writer:
    """transformers' generate, with its cache, on the same weights."""
    theirs, mask = marian(model, N_POSITIONS), torch.ones_like(source)
    theirs.generation_config.eos_token_id = None

    @torch.inference_mode()
    def write(n: int) -> list[int]:
        rows = theirs.generate(
            source, attention_mask=mask, max_new_tokens=n, num_beams=1, do_sample=False, use_cache=True
        )
        return rows[0, 1:].tolist()

    return write


def decoding_times(
    n_tokens: int,
    n_rounds: int,
    others: Callable[[Transformer, Tensor], Writer],
    ours: Callable[[Transformer, Tensor], Writer] = with_cache,
) -> list[list[float]]:
    """CPU seconds of [our way, the other way] round by round; DifferentTokens where they do not write the same."""
    model, source = decoding_model(), a_source()
    ways = [ours(model, source), others(model, source)]
    mine, theirs = (way(n_tokens) for way in ways)
    if mine != theirs or len(mine) != n_tokens:
        first = next(
            (i for i, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs))
        )
        raise DifferentTokens(f"of {n_tokens} tokens number {first + 1} is the first that the two do not write alike")
    return race([lambda turn, way=way: way(n_tokens) for way in ways], n_rounds, n_warm=0)
