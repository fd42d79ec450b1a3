"""Wrong answers to the exercises of lesson 05, written without the reference at hand."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from course.multi_head import merge_heads, split_heads


def split_by_view_alone(x, n_heads):
    B, T, d_model = x.shape
    if d_model % n_heads:
        raise ValueError(f"{d_model} / {n_heads}")
    return x.view(B, n_heads, T, d_model // n_heads)


def split_without_looking(x, n_heads):
    B, T, d_model = x.shape
    return x.view(B, T, n_heads, d_model // n_heads).transpose(1, 2)


def split_by_assert(x, n_heads):
    assert x.shape[-1] % n_heads == 0
    return torch.stack(x.chunk(n_heads, -1), 1)


def split_with_a_short_error(x, n_heads):
    if x.shape[-1] % n_heads:
        raise ValueError("bad heads")
    return torch.stack(x.chunk(n_heads, -1), 1)


def split_into_whole_pieces(x, n_heads):
    d_head = x.shape[-1] // n_heads
    return torch.stack([x[..., h * d_head : (h + 1) * d_head] for h in range(n_heads)], dim=1)


def split_as_d2l_does(x, n_heads):
    B, T, d_model = x.shape
    if d_model % n_heads:
        raise ValueError(f"{d_model} / {n_heads}")
    return x.reshape(B, T, n_heads, -1).permute(0, 2, 1, 3).reshape(B * n_heads, T, -1)


def split_without_transpose(x, n_heads):
    if x.shape[-1] % n_heads:
        raise ValueError(f"{x.shape[-1]} / {n_heads}")
    return torch.stack(x.chunk(n_heads, dim=-1), dim=2)


def split_by_stride(x, n_heads):
    if x.shape[-1] % n_heads:
        raise ValueError(f"{x.shape[-1]} / {n_heads}")
    return torch.stack([x[..., h::n_heads] for h in range(n_heads)], dim=1)


def merge_by_view_alone(x):
    B, H, T, d_head = x.shape
    return x.contiguous().view(B, T, H * d_head)


def merge_without_flatten(x):
    return torch.einsum("bhtd->bthd", x)


def merge_by_sum(x):
    return torch.einsum("bhtd->btd", x)


class AttentionBase(nn.Module):
    def __init__(self, d_model, n_heads, bias=True):
        super().__init__()
        self.n_heads, self.d_head = n_heads, d_model // n_heads
        for name in ("w_q", "w_k", "w_v", "w_o"):
            setattr(self, name, nn.Linear(d_model, d_model, bias=bias))

    def project(self, query, key, value):
        pairs = ((self.w_q, query), (self.w_k, key), (self.w_v, value))
        return tuple(split_heads(w(x), self.n_heads) for w, x in pairs)

    def attend(self, scores, v, mask):
        if mask is None:
            return scores.softmax(-1) @ v
        weights = scores.masked_fill(~mask, -1e30).softmax(-1)
        return (weights * mask) @ v


class ScaledByTheWholeWidth(AttentionBase):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        scores = q @ k.mT / query.shape[-1] ** 0.5
        return self.w_o(merge_heads(self.attend(scores, v, mask)))


class WithoutLastProjection(AttentionBase):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        return self.attend(q @ k.mT / self.d_head**0.5, v, mask).transpose(1, 2).flatten(2)


class MergedByView(AttentionBase):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        out = self.attend(torch.einsum("bhqd,bhkd->bhqk", q, k) / self.d_head**0.5, v, mask)
        B, H, T, d_head = out.shape
        return self.w_o(out.contiguous().view(B, T, H * d_head))


class SplitByView(AttentionBase):
    def project(self, query, key, value):
        projected = self.w_q(query), self.w_k(key), self.w_v(value)
        return tuple(x.view(x.shape[0], self.n_heads, x.shape[1], self.d_head) for x in projected)

    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        out = self.attend(q @ k.mT / self.d_head**0.5, v, mask)
        return self.w_o(torch.cat([out[:, h] for h in range(self.n_heads)], dim=-1))


class ShapedLikeTheKeys(AttentionBase):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        out = self.attend(q @ k.mT / self.d_head**0.5, v, mask)
        B, T, d_model = key.shape
        return self.w_o(out.transpose(1, 2).contiguous().view(B, T, d_model))


class ValuesFromKeys(AttentionBase):
    def project(self, query, key, value):
        return super().project(query, key, key)

    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        return self.w_o(merge_heads(self.attend(q @ k.mT / self.d_head**0.5, v, mask)))


class SplitAndMergedByView(SplitByView):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        out = self.attend(q @ k.mT / self.d_head**0.5, v, mask)
        return self.w_o(out.contiguous().view(query.shape))


class NaNForEmptyRows(AttentionBase):
    def attend(self, scores, v, mask):
        return (scores if mask is None else torch.where(mask, scores, -torch.inf)).softmax(-1) @ v

    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        return self.w_o(merge_heads(self.attend(q @ k.mT / self.d_head**0.5, v, mask)))


class MeanForEmptyRows(NaNForEmptyRows):
    def attend(self, scores, v, mask):
        return (scores if mask is None else torch.where(mask, scores, -1e9)).softmax(-1) @ v


class LateMask(NaNForEmptyRows):
    def attend(self, scores, v, mask):
        weights = F.softmax(scores, -1)
        return (weights if mask is None else weights * mask) @ v


class OverTheHeads(NaNForEmptyRows):
    def attend(self, scores, v, mask):
        return F.softmax(scores if mask is None else torch.where(mask, scores, -1e9), 1) @ v


class WithResidual(AttentionBase):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        return query + self.w_o(merge_heads(self.attend(q @ k.mT / self.d_head**0.5, v, mask)))


class WithoutProject(AttentionBase):
    """Whole vectors from project, and the right cut in forward."""

    def project(self, query, key, value):
        return self.w_q(query), self.w_k(key), self.w_v(value)

    def forward(self, query, key, value, mask=None):
        q, k, v = (split_heads(x, self.n_heads) for x in self.project(query, key, value))
        return self.w_o(merge_heads(self.attend(q @ k.mT / self.d_head**0.5, v, mask)))


class ValuesFirst(AttentionBase):
    def project(self, query, key, value):
        return super().project(query, key, value)[::-1]

    def forward(self, query, key, value, mask=None):
        v, k, q = self.project(query, key, value)
        return self.w_o(merge_heads(self.attend(q @ k.mT / self.d_head**0.5, v, mask)))


class BiasAlways(AttentionBase):
    def __init__(self, d_model, n_heads, bias=True):
        super().__init__(d_model, n_heads)

    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        return self.w_o(merge_heads(self.attend(q @ k.mT / self.d_head**0.5, v, mask)))


class OneForAllThree(AttentionBase):
    """The projections in one matrix, as GPT-2 has them."""

    def __init__(self, d_model, n_heads, bias=True):
        super().__init__(d_model, n_heads, bias)
        del self.w_q, self.w_k, self.w_v
        self.c_attn = nn.Linear(d_model, 3 * d_model, bias=bias)

    def project(self, query, key, value):
        rows = zip((query, key, value), range(3), strict=True)
        return [split_heads(self.c_attn(x).chunk(3, -1)[n], self.n_heads) for x, n in rows]

    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        return self.w_o(merge_heads(self.attend(q @ k.mT / self.d_head**0.5, v, mask)))


def count_three(d_model, bias=True):
    return sum(p.numel() for _ in "qkv" for p in nn.Linear(d_model, d_model, bias=bias).parameters())


def count_without_bias(d_model, bias=True):
    return 4 * d_model**2


def sum_of_transposed(heads, w_o):
    H, d_head = heads.shape[1], heads.shape[3]
    return sum(heads[:, h] @ w_o[: H * d_head].T[:, h * d_head : (h + 1) * d_head].T for h in range(H))


def sum_of_row_blocks(heads, w_o):
    blocks = torch.chunk(w_o, heads.size(1))
    return sum(torch.matmul(heads[:, h], block) for h, block in enumerate(blocks))


def sum_without_turning(heads, w_o):
    d_head = heads.shape[3]
    return sum(heads[:, h] @ w_o[:, h * d_head : (h + 1) * d_head] for h in range(heads.shape[1]))


def mean_over_heads(heads, w_o):
    return F.linear(heads.transpose(1, 2).flatten(2), w_o) / heads.shape[1]


WRONG = {
    "split_heads": {
        "scrambled": split_by_view_alone, "heads not moved to the front": split_without_transpose,
        "features dealt out like cards": split_by_stride, "no refusal": split_without_looking,
        "assert": split_by_assert, "refused without the numbers": split_with_a_short_error,
        "features cut off": split_into_whole_pieces, "heads melted into the batch": split_as_d2l_does,
    },
    "merge_heads": {"scrambled": merge_by_view_alone, "heads added": merge_by_sum, "not melted": merge_without_flatten},
    "MultiHeadAttention": {
        "scaled by d_model": ScaledByTheWholeWidth, "W_o forgotten": WithoutLastProjection,
        "heads scrambled at the merge": MergedByView, "heads scrambled at the split": SplitByView,
        "T_q taken for T_k": ShapedLikeTheKeys, "keys for values": ValuesFromKeys,
        "heads scrambled at the split and at the merge": SplitAndMergedByView, "empty row gives NaN": NaNForEmptyRows,
        "empty row gives the mean": MeanForEmptyRows, "mask after the softmax": LateMask,
        "softmax over the heads, -1e9": OverTheHeads, "residual inside": WithResidual,
        "project does not split": WithoutProject, "project in another order": ValuesFirst,
        "bias not handed on": BiasAlways, "other layers": OneForAllThree,
    },
    "n_parameters": {"three matrices": count_three, "bias never": count_without_bias},
    "heads_as_sum": {
        "rows of w_o": sum_of_transposed, "averaged": mean_over_heads, "rows of w_o, by chunk": sum_of_row_blocks,
        "not transposed": sum_without_turning,
    },
}  # fmt: skip

# exercise -> slips whose message a Help fold quotes, and which no known mistake is: they raise everywhere
SLIPS = {"merge_heads": [lambda x: x.transpose(1, 2).view(x.shape[0], x.shape[2], -1)]}
