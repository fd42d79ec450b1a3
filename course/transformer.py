"""The Transformer: an encoder reads a source, a decoder looks back at it and writes a target."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course.attention import causal_mask, padding_mask
from course.blocks import BlockConfig, Encoder, FeedForward, LayerNorm, residual
from course.multi_head import MultiHeadAttention, n_parameters
from course.positions import LearnedPositions, sinusoidal_positions


@dataclass(frozen=True, kw_only=True)
class TransformerConfig(BlockConfig):
    """A whole Transformer: its layers, its vocabularies, and which tables are one and the same.

    tied: the output layer is the target embedding; shared: source and target have one embedding."""

    source_vocab_size: int
    target_vocab_size: int
    max_length: int = 512
    tied: bool = True
    shared: bool = False

    def __post_init__(self) -> None:
        sizes = self.source_vocab_size, self.target_vocab_size
        if self.shared and sizes[0] != sizes[1]:
            raise ValueError(
                f"shared=True needs one vocabulary, but its two sizes are {sizes[0]} and {sizes[1]}"
            )


def cross_attend(
    attention: Callable[..., Tensor], x: Tensor, memory: Tensor, memory_mask: Tensor | None = None
) -> Tensor:
    """The decoder asks, the encoder's output answers  (Vaswani et al. 2017, section 3.2.3).

    attention(query, key, value, mask), such as a MultiHeadAttention;
    x (B, T_q, d_model), memory (B, T_k, d_model) -> (B, T_q, d_model);
    memory_mask, boolean, True = may attend, broadcastable to (B, H, T_q, T_k)."""
    return attention(x, memory, memory, memory_mask)


class TokenEmbedding(nn.Module):
    """A row for each token, drawn from N(0, 1/d_model) and scaled by sqrt(d_model).

    table is an nn.Parameter (vocab_size, d_model)  (Vaswani et al. 2017, section 3.4)."""

    def __init__(self, vocab_size: int, d_model: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(vocab_size, d_model) / math.sqrt(d_model))

    def forward(self, tokens: Tensor) -> Tensor:
        """tokens (B, T), integers below vocab_size -> (B, T, d_model)."""
        return self.table[tokens] * math.sqrt(self.table.shape[-1])


class SinusoidalPositions(nn.Module):
    """The sines and cosines of lesson 06, added to all embeddings; any length, nothing learned."""

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, d_model) -> (B, T, d_model)."""
        return x + sinusoidal_positions(*x.shape[-2:]).to(x)


class DecoderLayer(nn.Module):
    """Self-attention, cross-attention, feed-forward, each in a residual.

    self_attention, cross_attention: MultiHeadAttention; feed_forward: FeedForward;
    norm_1, norm_2, norm_3: LayerNorm  (Vaswani et al. 2017, figure 1 right)."""

    def __init__(self, config: BlockConfig) -> None:
        super().__init__()
        self.self_attention = config.self_attention()
        self.cross_attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.feed_forward = FeedForward(config.d_model, config.d_ff, config.activation)
        self.norm_1, self.norm_2, self.norm_3 = (LayerNorm(config.d_model) for _ in range(3))
        self.dropout = nn.Dropout(config.dropout)
        self.norm_first = config.norm_first

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
    ) -> Tensor:
        """x (B, T_q, d_model), memory (B, T_k, d_model), the encoder's output -> (B, T_q, d_model).

        mask, broadcastable to (B, H, T_q, T_q), and memory_mask, to (B, H, T_q, T_k):
        boolean, True = may attend."""
        x = residual(
            x,
            lambda y: self.dropout(self.self_attention(y, y, y, mask)),
            self.norm_1,
            self.norm_first,
        )
        x = residual(
            x,
            lambda y: self.dropout(cross_attend(self.cross_attention, y, memory, memory_mask)),
            self.norm_2,
            self.norm_first,
        )
        return residual(
            x,
            lambda y: self.dropout(self.feed_forward(y)),
            self.norm_3,
            self.norm_first,
        )


class Decoder(nn.Module):
    """n_layers decoder layers, one after the other; after pre-norm layers one last norm.

    layers: nn.ModuleList of DecoderLayer; norm: LayerNorm, or nn.Identity for post-norm layers."""

    def __init__(self, config: BlockConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.n_layers))
        self.norm = LayerNorm(config.d_model) if config.norm_first else nn.Identity()

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
    ) -> Tensor:
        """x (B, T_q, d_model), memory (B, T_k, d_model) -> (B, T_q, d_model).

        mask and memory_mask as in DecoderLayer."""
        for layer in self.layers:
            x = layer(x, memory, mask, memory_mask)
        return self.norm(x)


class Transformer(nn.Module):
    """Source and target tokens in, a score for each possible next target token out.

    Token 0 is padding and never read.
    source_embedding, target_embedding: TokenEmbedding; encoder: Encoder; decoder: Decoder;
    output: nn.Linear (d_model -> target_vocab_size) without bias  (Vaswani et al. 2017)."""

    def __init__(self, config: TransformerConfig) -> None:  # given
        super().__init__()
        self.config = config
        self.source_embedding = TokenEmbedding(config.source_vocab_size, config.d_model)
        self.target_embedding = TokenEmbedding(config.target_vocab_size, config.d_model)
        self.positions, self.dropout = make_positions(config), nn.Dropout(config.dropout)
        self.encoder, self.decoder = Encoder(config), Decoder(config)
        self.output = nn.Linear(config.d_model, config.target_vocab_size, bias=False)
        self.share_tables()

    def share_tables(self) -> None:
        """config.shared: the target's embedding is the source's;
        config.tied: output.weight is the target's table."""
        if self.config.shared:
            self.target_embedding = self.source_embedding
        if self.config.tied:
            self.output.weight = self.target_embedding.table

    def encode(self, source: Tensor) -> Tensor:
        """source (B, T_k) tokens -> memory (B, T_k, d_model)."""
        x = self.dropout(self.positions(self.source_embedding(source)))
        return self.encoder(x, padding_mask(source))

    def decode(self, target: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        """target (B, T_q) tokens so far, memory and source of the encoder
        -> logits (B, T_q, target_vocab_size)."""
        x = self.dropout(self.positions(self.target_embedding(target)))
        mask = causal_mask(target.shape[-1]) & padding_mask(target)  # (B, 1, T_q, T_q)
        return self.output(self.decoder(x, memory, mask, padding_mask(source)))

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """source (B, T_k), target (B, T_q), beginning with <bos>
        -> logits (B, T_q, target_vocab_size)."""
        return self.decode(target, self.encode(source), source)


def make_positions(config: TransformerConfig) -> nn.Module:
    """What is added to the embeddings: sines and cosines, a learned table, or nothing."""
    kinds = {
        "sinusoidal": SinusoidalPositions,
        "learned": lambda: LearnedPositions(config.max_length, config.d_model),
    } | dict.fromkeys(("none", "rotary", "alibi"), nn.Identity)
    if config.positions not in kinds:
        raise ValueError(f"positions={config.positions!r} must be one of {sorted(kinds)}")
    return kinds[config.positions]()


def n_parameters_of_base_model(
    vocab_size: int = 37_000, d_model: int = 512, d_ff: int = 2048, n_layers: int = 6
) -> dict[str, int]:
    """How many numbers each part of the paper's base model learns  (Vaswani et al. 2017, table 3).

    -> {"embedding": ..., "encoder": ..., "decoder": ...}; source, target and output share one
    table, every linear layer but the output has a bias, and the layers are post-norm, so that no
    norm follows the stacks."""
    attention = n_parameters(d_model)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    norm = 2 * d_model
    return {
        "embedding": vocab_size * d_model,
        "encoder": n_layers * (attention + feed_forward + 2 * norm),
        "decoder": n_layers * (2 * attention + feed_forward + 3 * norm),
    }


def flops(config: TransformerConfig, n_source: int, n_target: int) -> dict[str, int]:
    """Floating-point operations of one forward pass over one pair of sentences, by kind of product.

    -> {"projections": ..., "attention": ..., "feed_forward": ..., "output": ...};
    a product (n, m) @ (m, p) costs 2 n m p, everything else (norms, softmax, looking up rows) is
    left out; attention: the scores, and weights @ values."""
    S, T, d_model, n_layers = n_source, n_target, config.d_model, config.n_layers
    # self-attention of both stacks, then cross-attention: w_q, w_o; w_k, w_v
    rows = 4 * S + 4 * T + (2 * T + 2 * S)
    pairs = S * S + T * T + T * S
    return {
        "projections": n_layers * 2 * rows * d_model * d_model,
        "attention": n_layers * 2 * (2 * pairs * d_model),
        "feed_forward": n_layers * 2 * (2 * (S + T) * d_model * config.d_ff),
        "output": 2 * T * d_model * config.target_vocab_size,
    }
