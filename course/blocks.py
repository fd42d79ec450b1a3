"""Blocks: attention and a feed-forward network, each added to what came in, and normalised."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course.multi_head import MultiHeadAttention
from course.positions import AlibiAttention, RotaryAttention


def gelu(x: Tensor) -> Tensor:
    """x times the probability that a standard normal number is below x  (Hendrycks & Gimpel 2016).

    Any shape -> the same shape."""
    return x * 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0)))


class FeedForward(nn.Module):
    """Two linear layers with an activation between them, on each position alone.

    w_1 (d_model -> d_ff) and w_2 (d_ff -> d_model) are nn.Linear; activation is "relu" or "gelu"
    (Vaswani et al. 2017, section 3.3)."""

    def __init__(self, d_model: int, d_ff: int, activation: str = "relu") -> None:
        super().__init__()
        activations = {"relu": torch.relu, "gelu": gelu}
        if activation not in activations:
            raise ValueError(f"activation={activation!r} must be one of {sorted(activations)}")
        self.w_1 = nn.Linear(d_model, d_ff)
        self.w_2 = nn.Linear(d_ff, d_model)
        self.activation = activations[activation]

    def forward(self, x: Tensor) -> Tensor:
        """x (..., d_model) -> (..., d_model)."""
        return self.w_2(self.activation(self.w_1(x)))


class LayerNorm(nn.Module):
    """Each position's vector at mean 0 and variance 1, times a gain, plus a bias  (Ba et al. 2016).

    gain and bias are nn.Parameter (d_model,), 1 and 0 at first;
    the variance is the biased one, eps inside the root."""

    def __init__(self, d_model: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x: Tensor) -> Tensor:
        """x (..., d_model) -> (..., d_model)."""
        d_model = x.shape[-1]
        # x.mean() is the same, but its gradient takes longer
        centred = x - x.sum(dim=-1, keepdim=True) / d_model
        variance = (centred * centred).sum(dim=-1, keepdim=True) / d_model
        return centred * torch.rsqrt(variance + self.eps) * self.gain + self.bias


def residual(
    x: Tensor,
    sublayer: Callable[[Tensor], Tensor],
    norm: Callable[[Tensor], Tensor],
    norm_first: bool = True,
) -> Tensor:
    """Keep x and add what the sub-layer has to say: pre-norm, or post-norm as in 2017.

    x (..., d) -> (..., d); sublayer and norm map (..., d) to (..., d)."""
    if norm_first:
        return x + sublayer(norm(x))
    return norm(x + sublayer(x))


@dataclass(frozen=True, kw_only=True)
class BlockConfig:
    """The sizes and choices that every layer of a stack shares.

    positions: rotary and alibi live in the self-attention;
    none, sinusoidal and learned leave it as it is."""

    d_model: int
    n_heads: int
    d_ff: int
    n_layers: int = 1
    dropout: float = 0.0
    norm_first: bool = True
    activation: str = "relu"
    positions: str = "sinusoidal"

    def self_attention(self) -> MultiHeadAttention:
        """A fresh attention layer that treats positions as the configuration says."""
        kinds = {"rotary": RotaryAttention, "alibi": AlibiAttention}
        return kinds.get(self.positions, MultiHeadAttention)(self.d_model, self.n_heads)


class EncoderLayer(nn.Module):
    """Self-attention, then feed-forward, each in a residual  (Vaswani et al. 2017, figure 1 left).

    attention: MultiHeadAttention; feed_forward: FeedForward; norm_1, norm_2: LayerNorm."""

    def __init__(self, config: BlockConfig) -> None:
        super().__init__()
        self.attention = config.self_attention()
        self.feed_forward = FeedForward(config.d_model, config.d_ff, config.activation)
        self.norm_1, self.norm_2 = LayerNorm(config.d_model), LayerNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.norm_first = config.norm_first

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """x (B, T, d_model) -> (B, T, d_model).

        mask, boolean, True = may attend, broadcastable to (B, H, T, T)."""
        x = residual(
            x, lambda y: self.dropout(self.attention(y, y, y, mask)), self.norm_1, self.norm_first
        )
        return residual(
            x, lambda y: self.dropout(self.feed_forward(y)), self.norm_2, self.norm_first
        )


class Encoder(nn.Module):
    """n_layers encoder layers, one after the other; after pre-norm layers one last norm.

    layers: nn.ModuleList of EncoderLayer; norm: LayerNorm, or nn.Identity for post-norm layers."""

    def __init__(self, config: BlockConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(config.n_layers))
        self.norm = LayerNorm(config.d_model) if config.norm_first else nn.Identity()

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """x (B, T, d_model) -> (B, T, d_model).

        mask, boolean, True = may attend, broadcastable to (B, H, T, T)."""
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x)
