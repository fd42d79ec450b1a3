"""Models of transformers', built from a config, and given our weights: whose texts ours must write too."""

from __future__ import annotations

import functools

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from course.bench.marian import marian as bench_marian
from course.seq2seq import shift_right, teacher_forcing_loss
from course.transformer import Transformer, TransformerConfig
from tests.parity import randomise

N_POSITIONS = 600
marian = functools.partial(bench_marian, n_positions=N_POSITIONS)


@functools.cache
@torch.enable_grad()
def translator(seed: int, dtype: torch.dtype = torch.float64, **choices: object) -> Transformer:
    """A small Transformer half-way to writing backwards what it reads: unsure, various, and never saying <pad>."""
    sizes = {"d_model": 16, "n_heads": 4, "d_ff": 24, "n_layers": 2, "source_vocab_size": 13, "target_vocab_size": 13}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Transformer(TransformerConfig(**(sizes | {"shared": True, "norm_first": False} | choices)))
    generator, optimizer = torch.Generator().manual_seed(seed), torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(60):
        source = torch.randint(3, 13, (24, 2 + step % 5), generator=generator)
        inputs, answers = shift_right(source.flip(1))
        optimizer.zero_grad()
        teacher_forcing_loss(model(source, inputs), answers).backward()
        optimizer.step()
    return model.to(dtype).eval()


def gpt2(seed: int, vocab_size: int = 13) -> GPT2LMHeadModel:
    """A small GPT-2 with random weights."""
    config = GPT2Config(
        vocab_size=vocab_size, n_positions=64, n_embd=16, n_layer=2, n_head=4, eos_token_id=2, pad_token_id=0
    )
    return randomise(GPT2LMHeadModel(config), torch.float32, seed).eval()
