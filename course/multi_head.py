"""Multi-head attention: several relations at once, each head in its own slice of the vectors."""

from __future__ import annotations

from torch import Tensor, nn

from course.attention import attention_scores, masked_softmax, scaled_dot_product_attention


def split_heads(x: Tensor, n_heads: int) -> Tensor:
    """Cut each position's vector into n_heads pieces, one for each head.

    x (B, T, d_model) -> (B, H, T, d_head); d_head = d_model / n_heads"""
    d_model = x.shape[-1]
    if d_model % n_heads:
        raise ValueError(f"d_model={d_model} must be divisible by n_heads={n_heads}")
    return x.unflatten(-1, (n_heads, d_model // n_heads)).transpose(-3, -2)  # (B, H, T, d_head)


def merge_heads(x: Tensor) -> Tensor:
    """Lay the heads' vectors of each position side by side again: split_heads undone.

    x (B, H, T, d_head) -> (B, T, H * d_head)"""
    return x.transpose(-3, -2).flatten(-2)  # (B, T, d_model)


class MultiHeadAttention(nn.Module):
    """n_heads attentions side by side, each on its own slice of the projections.

    w_q, w_k, w_v, w_o (d_model -> d_model) are nn.Linear  (Vaswani et al. 2017, section 3.2.2)."""

    def __init__(self, d_model: int, n_heads: int, bias: bool = True) -> None:
        super().__init__()
        if d_model % n_heads:
            raise ValueError(f"d_model={d_model} must be divisible by n_heads={n_heads}")
        self.n_heads = n_heads
        self.w_q = nn.Linear(d_model, d_model, bias=bias)
        self.w_k = nn.Linear(d_model, d_model, bias=bias)
        self.w_v = nn.Linear(d_model, d_model, bias=bias)
        self.w_o = nn.Linear(d_model, d_model, bias=bias)

    def project(self, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values of every head.

        query (B, T_q, d_model), key and value (B, T_k, d_model) -> three of (B, H, T, d_head)"""
        projected = (self.w_q(query), self.w_k(key), self.w_v(value))
        return tuple(split_heads(x, self.n_heads) for x in projected)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """query (B, T_q, d_model), key and value (B, T_k, d_model) -> (B, T_q, d_model).

        mask, boolean, True = may attend, broadcastable to (B, H, T_q, T_k)."""
        # (B, H, T_q, d_head)
        heads = scaled_dot_product_attention(*self.project(query, key, value), mask)
        return self.w_o(merge_heads(heads))

    def weights(self, query: Tensor, key: Tensor, mask: Tensor | None = None) -> Tensor:  # given
        """Who reads whom, for pictures.

        query (B, T_q, d_model), key (B, T_k, d_model) -> (B, H, T_q, T_k)"""
        query, key, _ = self.project(query, key, key)
        return masked_softmax(attention_scores(query, key), mask)


def n_parameters(d_model: int, bias: bool = True) -> int:
    """How many numbers a MultiHeadAttention of that width learns, whatever its number of heads."""
    per_projection = d_model * d_model + (d_model if bias else 0)
    return 4 * per_projection


def heads_as_sum(heads: Tensor, w_o: Tensor) -> Tensor:
    """Merging the heads and projecting by w_o: each head through its own columns of w_o, added up.

    heads (B, H, T, d_head), w_o (d_model, H * d_head), as nn.Linear holds it -> (B, T, d_model)"""
    pieces = w_o.chunk(heads.shape[1], dim=-1)  # H of (d_model, d_head)
    return sum(heads[:, h] @ piece.T for h, piece in enumerate(pieces))
