"""Right answers to the exercises of lesson 05, each written another way than the reference."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from course.attention import scaled_dot_product_attention
from course.multi_head import merge_heads, split_heads


def refuse(d_model, n_heads):
    if d_model % n_heads != 0:
        raise ValueError(f"{n_heads} heads do not divide {d_model} features")


def split_by_view(x, n_heads):
    B, T, d_model = x.shape
    refuse(d_model, n_heads)
    return x.view(B, T, n_heads, d_model // n_heads).permute(0, 2, 1, 3)


def split_by_chunks(x, n_heads):
    refuse(x.shape[-1], n_heads)
    return torch.stack(x.chunk(n_heads, dim=-1), dim=1)


def split_by_slices(x, n_heads):
    refuse(x.shape[2], n_heads)
    d_head = x.shape[2] // n_heads
    return torch.stack([x[:, :, h * d_head : (h + 1) * d_head] for h in range(n_heads)], dim=-3)


def merge_by_reshape(x):
    B, H, T, d_head = x.shape
    return x.transpose(1, 2).contiguous().view(B, T, H * d_head)


def merge_by_cat(x):
    return torch.cat([x[:, h] for h in range(x.shape[1])], dim=-1)


def merge_by_loops(x):
    B, H, T, _ = x.shape
    rows = [torch.stack([torch.cat([x[b, h, t] for h in range(H)]) for t in range(T)]) for b in range(B)]
    return torch.stack(rows)


class AttentionBase(nn.Module):
    def __init__(self, d_model, n_heads, bias=True):
        super().__init__()
        self.n_heads, self.d_head = n_heads, d_model // n_heads
        for name in ("w_q", "w_k", "w_v", "w_o"):
            setattr(self, name, nn.Linear(d_model, d_model, bias=bias))

    def project(self, query, key, value):
        layers = (self.w_q, self.w_k, self.w_v)
        return [split_heads(w(x), self.n_heads) for w, x in zip(layers, (query, key, value), strict=True)]


class AttentionByLoop(AttentionBase):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.w_q(query), self.w_k(key), self.w_v(value)
        heads = []
        for h in range(self.n_heads):
            part = slice(h * self.d_head, (h + 1) * self.d_head)
            own = mask
            if mask is not None and mask.ndim == 4:
                own = mask[:, h] if mask.shape[1] > 1 else mask[:, 0]
            heads.append(scaled_dot_product_attention(q[..., part], k[..., part], v[..., part], own))
        return self.w_o(torch.cat(heads, dim=-1))


class AttentionByEinsum(AttentionBase):
    def project(self, query, key, value):
        def cut(x):
            return torch.stack(x.split(self.d_head, dim=-1), dim=1)

        return cut(self.w_q(query)), cut(self.w_k(key)), cut(self.w_v(value))

    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        scores = torch.einsum("bhqd,bhkd->bhqk", q, k) / self.d_head**0.5
        if mask is not None:
            scores = scores.masked_fill(mask.logical_not(), torch.finfo(scores.dtype).min)
        weights = F.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights * mask
        return self.w_o(torch.einsum("bhqk,bhkd->bqhd", weights, v).flatten(2))


class AttentionOfTorch(AttentionBase):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        if mask is not None:
            out = torch.where(mask.any(dim=-1, keepdim=True), out, 0.0)
        return self.w_o(merge_heads(out))


def count_by_layers(d_model, bias=True):
    layers = [nn.Linear(d_model, d_model, bias=bias) for _ in range(4)]
    return sum(parameter.numel() for layer in layers for parameter in layer.parameters())


def count_by_formula(d_model, bias=True):
    return 4 * d_model * (d_model + bias)


def count_by_addition(d_model, bias=True):
    total = 0
    for _ in "qkvo":
        total += d_model**2
        if bias:
            total += d_model
    return total


def sum_by_slices(heads, w_o):
    H, d_head = heads.shape[1], heads.shape[3]
    out = 0
    for h in range(H):
        out = out + heads[:, h] @ w_o[:, h * d_head : (h + 1) * d_head].transpose(0, 1)
    return out


def sum_by_einsum(heads, w_o):
    H, d_head = heads.shape[1], heads.shape[3]
    return torch.einsum("bhtd,ohd->bto", heads, w_o.reshape(-1, H, d_head))


def sum_by_zeroing(heads, w_o):
    shares = []
    for h in range(heads.shape[1]):
        alone = torch.zeros_like(heads)
        alone[:, h] = heads[:, h]
        shares.append(F.linear(merge_heads(alone), w_o))
    return torch.stack(shares).sum(dim=0)


RIGHT = {
    "split_heads": [split_by_view, split_by_chunks, split_by_slices],
    "merge_heads": [merge_by_reshape, merge_by_cat, merge_by_loops],
    "MultiHeadAttention": [AttentionByLoop, AttentionByEinsum, AttentionOfTorch],
    "n_parameters": [count_by_layers, count_by_formula, count_by_addition],
    "heads_as_sum": [sum_by_slices, sum_by_einsum, sum_by_zeroing],
}
