"""Wrong answers to the exercises of lesson 05, written without the reference at hand."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from course.multi_head import merge_heads, split_heads


def split_by_view_alone(x, n_heads):
    B, T, d_model = x.shape
    if d_model % n_heads:
        raise ValueError("no")
    return x.view(B, n_heads, T, d_model // n_heads)


def split_without_transpose(x, n_heads):
    if x.shape[-1] % n_heads:
        raise ValueError("no")
    return torch.stack(x.chunk(n_heads, dim=-1), dim=2)


def split_by_stride(x, n_heads):
    if x.shape[-1] % n_heads:
        raise ValueError("no")
    return torch.stack([x[..., h::n_heads] for h in range(n_heads)], dim=1)


def merge_by_view_alone(x):
    B, H, T, d_head = x.shape
    return x.contiguous().view(B, T, H * d_head)


def merge_by_sum(x):
    return torch.einsum("bhtd->btd", x)


class AttentionBase(nn.Module):
    def __init__(self, d_model, n_heads, bias=True):
        super().__init__()
        self.n_heads, self.d_head = n_heads, d_model // n_heads
        for name in ("w_q", "w_k", "w_v", "w_o"):
            setattr(self, name, nn.Linear(d_model, d_model, bias=bias))

    def heads(self, query, key, value):
        return (split_heads(w(x), self.n_heads) for w, x in ((self.w_q, query), (self.w_k, key), (self.w_v, value)))

    def attend(self, scores, v, mask):
        if mask is None:
            return scores.softmax(-1) @ v
        weights = scores.masked_fill(~mask, -1e30).softmax(-1)
        return (weights * mask) @ v


class ScaledByTheWholeWidth(AttentionBase):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.heads(query, key, value)
        scores = q @ k.mT / query.shape[-1] ** 0.5
        return self.w_o(merge_heads(self.attend(scores, v, mask)))


class WithoutLastProjection(AttentionBase):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.heads(query, key, value)
        return self.attend(q @ k.mT / self.d_head**0.5, v, mask).transpose(1, 2).flatten(2)


class MergedByView(AttentionBase):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.heads(query, key, value)
        out = self.attend(torch.einsum("bhqd,bhkd->bhqk", q, k) / self.d_head**0.5, v, mask)
        B, H, T, d_head = out.shape
        return self.w_o(out.contiguous().view(B, T, H * d_head))


class SplitByView(AttentionBase):
    def heads(self, query, key, value):
        for w, x in ((self.w_q, query), (self.w_k, key), (self.w_v, value)):
            yield w(x).view(x.shape[0], self.n_heads, x.shape[1], self.d_head)

    def forward(self, query, key, value, mask=None):
        q, k, v = self.heads(query, key, value)
        out = self.attend(q @ k.mT / self.d_head**0.5, v, mask)
        return self.w_o(torch.cat([out[:, h] for h in range(self.n_heads)], dim=-1))


class ShapedLikeTheKeys(AttentionBase):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.heads(query, key, value)
        out = self.attend(q @ k.mT / self.d_head**0.5, v, mask)
        B, T, d_model = key.shape
        return self.w_o(out.transpose(1, 2).contiguous().view(B, T, d_model))


class ValuesFromKeys(AttentionBase):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.heads(query, key, key)
        return self.w_o(merge_heads(self.attend(q @ k.mT / self.d_head**0.5, v, mask)))


def count_three(d_model, bias=True):
    return sum(p.numel() for _ in "qkv" for p in nn.Linear(d_model, d_model, bias=bias).parameters())


def count_without_bias(d_model, bias=True):
    return 4 * d_model**2


def sum_of_transposed(heads, w_o):
    H, d_head = heads.shape[1], heads.shape[3]
    return sum(heads[:, h] @ w_o[: H * d_head].T[:, h * d_head : (h + 1) * d_head].T for h in range(H))


def mean_over_heads(heads, w_o):
    return F.linear(heads.transpose(1, 2).flatten(2), w_o) / heads.shape[1]


WRONG = {
    "split_heads": {
        "scrambled": split_by_view_alone, "heads not moved to the front": split_without_transpose,
        "features dealt out like cards": split_by_stride,
    },
    "merge_heads": {"scrambled": merge_by_view_alone, "heads added": merge_by_sum},
    "MultiHeadAttention": {
        "scaled by d_model": ScaledByTheWholeWidth, "W_o forgotten": WithoutLastProjection,
        "heads scrambled at the merge": MergedByView, "heads scrambled at the split": SplitByView,
        "T_q taken for T_k": ShapedLikeTheKeys, "keys for values": ValuesFromKeys,
    },
    "n_parameters": {"three matrices": count_three, "bias never": count_without_bias},
    "heads_as_sum": {"rows of w_o": sum_of_transposed, "averaged": mean_over_heads},
}  # fmt: skip
