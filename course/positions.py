"""Positions: how a model that sees a set of words learns where each one stands."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from course.attention import attention_scores, masked_softmax
from course.multi_head import MultiHeadAttention, merge_heads, split_heads


def is_permutation_equivariant(layer: Callable[[Tensor], Tensor], x: Tensor, order: Tensor) -> bool:
    """Whether reordering x's positions reorders the rows of layer(x), and nothing else changes.

    layer (B, T, d) -> (B, T, d'), x (B, T, d), order (T,): a permutation of 0 ... T - 1;
    equal means up to 1e-6, however large the numbers are"""
    rows_moved_before = layer(x[:, order])  # (B, T, d')
    rows_moved_after = layer(x)[:, order]  # (B, T, d')
    return torch.allclose(rows_moved_before, rows_moved_after, rtol=0, atol=1e-6)


def position_angles(positions: Tensor, d_model: int, base: float = 10_000.0) -> Tensor:
    """How far each hand has turned: hand i of d_model / 2 turns by base^(-2i / d_model) a position.

    positions (T,) -> (T, d_model / 2), radians, float64:
    the error of a float32 angle grows with the position"""
    exponents = -torch.arange(0, d_model, 2, dtype=torch.float64) / d_model  # (d_model / 2,)
    frequencies = base**exponents
    return positions[:, None] * frequencies  # (T, d_model / 2)


def sinusoidal_positions(n_positions: int, d_model: int, base: float = 10_000.0) -> Tensor:
    """PE[t, 2i] = sin(t / base^(2i / d_model)), PE[t, 2i + 1] = cos of the same.

    -> (n_positions, d_model), float32; ValueError where d_model is odd
    (Vaswani et al. 2017, section 3.5)"""
    if d_model % 2:
        raise ValueError(f"d_model={d_model} must be even: sines and cosines come in pairs")
    angles = position_angles(torch.arange(n_positions), d_model, base)  # (T, d_model / 2)
    pairs = torch.stack([angles.sin(), angles.cos()], dim=-1)  # (T, d_model / 2, 2)
    return pairs.flatten(-2).float()  # (T, d_model)


def shift_matrix(k: int, d_model: int, base: float = 10_000.0) -> Tensor:
    """R with R @ PE[t] = PE[t + k] for every t: each pair of columns turned by its own angle.

    -> (d_model, d_model), float32; k may be negative"""
    angles = position_angles(torch.tensor([k]), d_model, base)[0]  # (d_model / 2,)
    cos, sin = angles.cos().float(), angles.sin().float()
    turns = torch.stack([cos, sin, -sin, cos], dim=-1).unflatten(-1, (2, 2))  # (d_model / 2, 2, 2)
    return torch.block_diag(*turns)  # (d_model, d_model)


class LearnedPositions(nn.Module):
    """A vector for each position, learned like a word's  (Gehring et al. 2017; GPT-2 and BERT).

    table is an nn.Parameter (max_length, d_model), small random numbers at first."""

    def __init__(self, max_length: int, d_model: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(max_length, d_model) / math.sqrt(d_model))

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, d_model) -> x plus the table's first T rows; ValueError where T > max_length."""
        n_positions, max_length = x.shape[-2], len(self.table)
        if n_positions > max_length:
            raise ValueError(
                f"{n_positions} positions, but the table has rows for max_length={max_length} only"
            )
        return x + self.table[:n_positions]


def rotate(x: Tensor, start: int = 0, base: float = 10_000.0) -> Tensor:
    """RoPE: turn each pair (x[2i], x[2i + 1]) at position t by t / base^(2i / d) counter-clockwise.

    x (..., T, d), queries or keys -> the same shape and dtype;
    the first row stands at position `start`  (Su et al. 2021)"""
    n_positions, d = x.shape[-2:]
    angles = position_angles(torch.arange(start, start + n_positions), d, base)  # (T, d / 2)
    cos, sin = angles.cos().to(x), angles.sin().to(x)
    even, odd = x[..., 0::2], x[..., 1::2]  # (..., T, d / 2)
    # (..., T, d / 2, 2)
    turned = torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1)
    return turned.flatten(-2)  # (..., T, d)


class RotaryAttention(MultiHeadAttention):
    """Multi-head attention whose queries and keys are turned by their positions, head by head.

    (Su et al. 2021)"""

    def project(self, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As in MultiHeadAttention, queries and keys turned.

        query (B, T_q, d_model), key and value (B, T_k, d_model) -> three of (B, H, T, d_head)"""
        query, key, value = super().project(query, key, value)
        return rotate(query), rotate(key), value


def alibi_bias(n_heads: int, n_queries: int, n_keys: int) -> Tensor:
    """ALiBi: minus the distance of query and key, times 2^(-8h / n_heads), heads h = 1 ... n_heads.

    -> (H, T_q, T_k), float32, to be added to the scores; both sequences begin at position 0
    (Press et al. 2022)"""
    slopes = 2.0 ** (-8.0 * torch.arange(1, n_heads + 1) / n_heads)  # (H,)
    distances = (torch.arange(n_queries)[:, None] - torch.arange(n_keys)).abs()  # (T_q, T_k)
    return slopes[:, None, None] * -distances  # (H, T_q, T_k)


class AlibiAttention(MultiHeadAttention):
    """Multi-head attention whose scores fall with the distance, in each head at its own rate.

    (Press et al. 2022)"""

    def weights(self, query: Tensor, key: Tensor, mask: Tensor | None = None) -> Tensor:
        """Who reads whom: the bias joins the scores.

        query (B, T_q, d_model), key (B, T_k, d_model) -> (B, H, T_q, T_k)"""
        queries, keys = (
            split_heads(self.w_q(query), self.n_heads),
            split_heads(self.w_k(key), self.n_heads),
        )
        scores = attention_scores(queries, keys)  # (B, H, T_q, T_k)
        bias = alibi_bias(self.n_heads, *scores.shape[-2:])  # (H, T_q, T_k)
        return masked_softmax(scores + bias.to(scores), mask)

    def forward(  # given
        self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """query (B, T_q, d_model), key and value (B, T_k, d_model) -> (B, T_q, d_model).

        The values are read with `weights`."""
        values = split_heads(self.w_v(value), self.n_heads)  # (B, H, T_k, d_head)
        return self.w_o(merge_heads(self.weights(query, key, mask) @ values))
