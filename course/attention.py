"""Attention: each query reads the values whose keys match it."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from course.moved import moved


def attention_for_one_query(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """One query's answer, term by term: score each key, turn scores into weights, average values.

    query (d_k,), keys (T_k, d_k), values (T_k, d_v) -> (d_v,)"""
    d_k = len(query)
    scores = [sum(query[i] * key[i] for i in range(d_k)) / math.sqrt(d_k) for key in keys]
    largest = max(scores)
    exps = [torch.exp(score - largest) for score in scores]
    total = sum(exps)
    return sum(exp / total * value for exp, value in zip(exps, values, strict=True))


def attention_scores(query: Tensor, key: Tensor) -> Tensor:
    """Each query against each key: query @ key^T / sqrt(d_k)  (Vaswani et al. 2017, section 3.2.1).

    query (..., T_q, d_k), key (..., T_k, d_k) -> (..., T_q, T_k)"""
    d_k = query.shape[-1]
    return query @ key.transpose(-2, -1) / math.sqrt(d_k)  # (..., T_q, T_k)


def masked_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Softmax over the last axis, where a blocked score counts for nothing.

    scores (..., T_q, T_k) -> weights (..., T_q, T_k); each row sums to one
    mask, boolean, True = may attend, broadcastable to scores;
    a row with nothing to attend to gives zeros."""
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    lowest = torch.finfo(scores.dtype).min
    # else -inf - -inf in an empty row
    largest = scores.detach().amax(dim=-1, keepdim=True).clamp(min=lowest)
    # by hand: torch's softmax takes three times as long on a CPU for fewer than 16 keys
    exps = torch.exp(scores - largest)
    # 1 or more where a key is open, since exp(0) = 1; else 0
    total = exps.sum(dim=-1, keepdim=True).clamp(min=1.0)
    return exps / total


def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> Tensor:
    """softmax(query @ key^T / sqrt(d_k)) @ value  (Vaswani et al. 2017, eq. 1).

    query (..., T_q, d_k), key (..., T_k, d_k), value (..., T_k, d_v) -> (..., T_q, d_v)
    mask, boolean, True = may attend, broadcastable to (..., T_q, T_k)."""
    weights = masked_softmax(attention_scores(query, key), mask)
    return weights @ value


def causal_mask(n_positions: int) -> Tensor:
    """Who may look where when no position may see a later one.

    -> boolean (n_positions, n_positions), True where column <= row."""
    return torch.ones(n_positions, n_positions, dtype=torch.bool).tril()


def padding_mask(tokens: Tensor, pad: int = 0) -> Tensor:
    """Which tokens are words and not padding.

    tokens (B, T) -> boolean (B, 1, 1, T), True where the token is not pad;
    broadcastable to (B, H, T_q, T)."""
    return (tokens != pad)[:, None, None, :]


class SelfAttention(nn.Module):
    """One head: queries, keys and values are three projections of the same sequence.

    w_q, w_k (d_model -> d_k) and w_v (d_model -> d_v) are nn.Linear without bias."""

    def __init__(self, d_model: int, d_k: int, d_v: int) -> None:
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """x (B, T, d_model) -> (B, T, d_v).

        mask, boolean, True = may attend, broadcastable to (B, T, T)."""
        return scaled_dot_product_attention(self.w_q(x), self.w_k(x), self.w_v(x), mask)


__getattr__ = moved(
    __name__,
    split_heads="multi_head",
    merge_heads="multi_head",
    MultiHeadAttention="multi_head",
    n_parameters="multi_head",
    heads_as_sum="multi_head",
)
