"""Opponents: the same model made of torch's own Transformer, as fast as torch lets it be."""

from __future__ import annotations

import math
import warnings

import torch
from torch import Tensor, nn

from course.positions import sinusoidal_positions
from course.transformer import TransformerConfig


class TorchTransformer(nn.Module):
    """nn.Transformer between nn.Embedding and nn.Linear, with sinusoidal positions: the same function as our
    Transformer.

    The table of positions is made once, and no mask is made twice in a step. masks_always: padding masks also for
    batches without padding, as our Transformer has it;
    to be False in a race against a model that leaves them out there."""

    def __init__(self, config: TransformerConfig, masks_always: bool = True) -> None:
        super().__init__()
        self.masks_always = masks_always
        self.source_embedding = nn.Embedding(config.source_vocab_size, config.d_model)
        self.target_embedding = nn.Embedding(config.target_vocab_size, config.d_model)
        for embedding in (self.source_embedding, self.target_embedding):
            nn.init.normal_(embedding.weight, std=config.d_model**-0.5)
        self.register_buffer("positions", sinusoidal_positions(config.max_length, config.d_model))
        self.dropout = nn.Dropout(config.dropout)
        self.stacks = torch_stacks(config)
        self.output = nn.Linear(config.d_model, config.target_vocab_size, bias=False)
        if config.tied:
            self.output.weight = self.target_embedding.weight

    def embed(self, embedding: nn.Embedding, tokens: Tensor) -> Tensor:
        """tokens (B, T) -> (B, T, d_model)."""
        x = embedding(tokens) * math.sqrt(embedding.embedding_dim) + self.positions[: tokens.shape[1]]
        return self.dropout(x)

    def padding(self, tokens: Tensor) -> Tensor | None:
        """tokens (B, T) -> (B, T), to be added to the scores, or None where nothing is to be masked."""
        blocked = tokens == 0
        return as_added(blocked) if self.masks_always or blocked.any() else None

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """source (B, T_k), target (B, T_q) -> logits (B, T_q, target_vocab_size); 0 is padding and never read."""
        n_positions = target.shape[1]
        ahead = torch.ones(n_positions, n_positions, dtype=torch.bool).triu(1)  # True = may NOT attend, as torch has it
        source_padding, target_padding = self.padding(source), self.padding(target)
        written = self.stacks(
            self.embed(self.source_embedding, source), self.embed(self.target_embedding, target),
            tgt_mask=as_added(ahead), tgt_is_causal=target_padding is None,
            src_key_padding_mask=source_padding, tgt_key_padding_mask=target_padding,
            memory_key_padding_mask=source_padding,
        )  # fmt: skip
        return self.output(written)


def as_added(blocked: Tensor) -> Tensor:
    """A mask as torch's layers use it inside, to be added to scores: given as booleans,
    each layer would convert it again."""
    return torch.zeros(blocked.shape).masked_fill_(blocked, -math.inf)


def torch_stacks(config: TransformerConfig) -> nn.Transformer:
    """Encoder and decoder of the same sizes and choices."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "enable_nested_tensor")  # of evaluation only
        return nn.Transformer(
            config.d_model, config.n_heads, config.n_layers, config.n_layers, config.d_ff, config.dropout,
            config.activation,
            batch_first=True, norm_first=config.norm_first,
        )  # fmt: skip
