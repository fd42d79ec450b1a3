"""Right answers to the exercises of lesson 06, each written another way than the reference."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

from course.attention import masked_softmax
from course.multi_head import MultiHeadAttention


def equivariant_by_numpy(layer, x, order):
    before = layer(x[:, order]).detach().numpy()
    after = layer(x).detach().numpy()[:, order.numpy()]
    return before.shape == after.shape and bool(np.allclose(before, after, rtol=1e-4, atol=1e-5))


def equivariant_row_by_row(layer, x, order):
    moved, plain = layer(x[:, order]), layer(x)
    largest = 0.0
    for new, old in enumerate(order.tolist()):
        largest = max(largest, (moved[:, new] - plain[:, old]).abs().max().item())
    return largest < 1e-5


def equivariant_by_matrix(layer, x, order):
    permutation = torch.eye(len(order), dtype=x.dtype)[order]
    difference = layer(permutation @ x) - permutation @ layer(x)
    return difference.norm() < 1e-6 * (1 + layer(x).norm())


def angles_by_loops(positions, d_model, base=10_000.0):
    rows = [[t / base ** (2 * i / d_model) for i in range(d_model // 2)] for t in positions.tolist()]
    return torch.tensor(rows, dtype=torch.float64)


def angles_by_logarithms(positions, d_model, base=10_000.0):
    i = torch.arange(d_model // 2).double()
    return torch.outer(positions.double(), torch.exp(-math.log(base) * 2 * i / d_model))


def angles_by_division(positions, d_model, base=10_000.0):
    return positions.to(torch.float64).unsqueeze(1) / torch.pow(
        base, torch.linspace(0, 1, d_model // 2 + 1, dtype=torch.float64)[:-1]
    )


def sinusoids_by_loops(n_positions, d_model, base=10_000.0):
    if d_model % 2 == 1:
        raise ValueError("odd")
    table = torch.zeros(n_positions, d_model)
    for t in range(n_positions):
        for column in range(d_model):
            angle = t / base ** ((column - column % 2) / d_model)
            table[t, column] = math.cos(angle) if column % 2 else math.sin(angle)
    return table


def sinusoids_by_slices(n_positions, d_model, base=10_000.0):
    """As The Annotated Transformer does it, all in float32."""
    if d_model % 2:
        raise ValueError("d_model must be even")
    table = torch.empty(n_positions, d_model)
    position = torch.arange(0, n_positions).unsqueeze(1)
    factor = torch.exp(torch.arange(0, d_model, 2) * -(math.log(base) / d_model))
    table[:, 0::2] = torch.sin(position * factor)
    table[:, 1::2] = torch.cos(position * factor)
    return table


def sinusoids_by_phase(n_positions, d_model, base=10_000.0):
    """A cosine is a sine a quarter turn ahead."""
    if d_model != 2 * (d_model // 2):
        raise ValueError("sines and cosines come in pairs")
    column = np.arange(d_model)
    angles = np.arange(n_positions)[:, None] / base ** (2 * (column // 2) / d_model)
    return torch.tensor(np.sin(angles + np.pi / 2 * (column % 2)), dtype=torch.float32)


def shift_by_loops(k, d_model, base=10_000.0):
    matrix = torch.zeros(d_model, d_model)
    for i in range(d_model // 2):
        angle = k / base ** (2 * i / d_model)
        matrix[2 * i, 2 * i] = matrix[2 * i + 1, 2 * i + 1] = math.cos(angle)
        matrix[2 * i, 2 * i + 1] = math.sin(angle)
        matrix[2 * i + 1, 2 * i] = -math.sin(angle)
    return matrix


def shift_by_least_squares(k, d_model, base=10_000.0):
    """The matrix that takes each of many rows of the table to the row k further on."""
    t = torch.arange(-400, 400)
    here, there = (sinusoids_of(t + step, d_model, base) for step in (0, k))
    return torch.linalg.lstsq(here, there).solution.T.float()


def sinusoids_of(t, d_model, base):
    angles = angles_by_loops(t, d_model, base)
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)


def shift_by_matrix_exponential(k, d_model, base=10_000.0):
    generator = torch.zeros(d_model, d_model, dtype=torch.float64)
    speeds = angles_by_loops(torch.tensor([1]), d_model, base)[0]
    even = torch.arange(0, d_model, 2)
    generator[even, even + 1], generator[even + 1, even] = speeds, -speeds
    return torch.matrix_exp(k * generator).to(torch.float32)


class LearnedByEmbedding(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.max_length = max_length
        self.table = nn.Embedding(max_length, d_model)

    def forward(self, x):
        length = x.size(1)
        if length > self.max_length:
            raise ValueError("too long")
        return self.table(torch.arange(length)).unsqueeze(0) + x


class LearnedOneByOne(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(max_length, d_model))

    def forward(self, x):
        if x.shape[1] > self.table.shape[0]:
            raise ValueError(f"{x.shape[1]} > {self.table.shape[0]}")
        return torch.stack([word + self.table[t] for t, word in enumerate(x.unbind(1))], dim=1)


class LearnedByOneHot(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x):
        n_rows, n_positions = self.table.shape[0], x.shape[1]
        if not n_positions <= n_rows:
            raise ValueError("longer than the table")
        return torch.add(x, torch.eye(n_positions, n_rows, dtype=x.dtype) @ self.table)


def rotate_by_loops(x, start=0, base=10_000.0):
    d = x.shape[-1]
    rows = []
    for t, row in enumerate(x.unbind(-2), start):
        numbers = []
        for i in range(d // 2):
            angle = t / base ** (2 * i / d)
            a, b = row[..., 2 * i], row[..., 2 * i + 1]
            numbers += [a * math.cos(angle) - b * math.sin(angle), a * math.sin(angle) + b * math.cos(angle)]
        rows.append(torch.stack(numbers, -1))
    return torch.stack(rows, -2)


def rotate_by_complex_numbers(x, start=0, base=10_000.0):
    """As Llama's first published code does it."""
    n_positions, d = x.shape[-2:]
    frequencies = 1.0 / base ** (torch.arange(0, d, 2).float() / d)
    angles = torch.outer(torch.arange(start, start + n_positions).float(), frequencies).to(x.dtype)
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], d // 2, 2))
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)


def rotate_every_two(x, start=0, base=10_000.0):
    """As GPT-J's published code does it."""
    d, T = x.shape[-1], x.shape[-2]
    turned = torch.stack((-x[..., 1::2], x[..., ::2]), dim=-1).flatten(-2)
    t = torch.arange(T)[:, None] + start
    angles = (t / base ** (torch.arange(0, d, 2)[None] / d)).repeat_interleave(2, dim=-1).to(x.dtype)
    return x * torch.cos(angles) + turned * torch.sin(angles)


class RotaryByForward(MultiHeadAttention):
    """The whole layer written out."""

    def heads_of(self, x, layer):
        B, T, d_model = x.shape
        return layer(x).view(B, T, self.n_heads, d_model // self.n_heads).transpose(1, 2)

    def forward(self, query, key, value, mask=None):
        q, k = rotate_by_loops(self.heads_of(query, self.w_q)), rotate_by_loops(self.heads_of(key, self.w_k))
        weights = masked_softmax(q @ k.mT / q.shape[-1] ** 0.5, mask)
        heads = torch.einsum("bhqk,bhkd->bqhd", weights, self.heads_of(value, self.w_v))
        return self.w_o(heads.reshape(*query.shape[:2], -1))


class RotaryByProjections(MultiHeadAttention):
    def project(self, query, key, value):
        q, k, v = MultiHeadAttention.project(self, query, key, value)
        return rotate_every_two(q), rotate_every_two(k), v


class RotaryFromNothing(nn.Module):
    """Not even a MultiHeadAttention, head by head."""

    def __init__(self, d_model, n_heads):
        super().__init__()
        self.n_heads, self.d_head = n_heads, d_model // n_heads
        self.w_q, self.w_k, self.w_v, self.w_o = (nn.Linear(d_model, d_model) for _ in range(4))

    def forward(self, query, key, value, mask=None):
        outs = []
        for h in range(self.n_heads):
            columns = slice(h * self.d_head, (h + 1) * self.d_head)
            q, k = rotate_by_loops(self.w_q(query)[..., columns]), rotate_by_loops(self.w_k(key)[..., columns])
            scores = q @ k.transpose(1, 2) / math.sqrt(self.d_head)
            if mask is not None:
                seen = mask[:, h] if mask.ndim == 4 else mask
                scores = scores.masked_fill(~seen, -math.inf)
            outs.append(scores.softmax(-1) @ self.w_v(value)[..., columns])
        return self.w_o(torch.cat(outs, -1))


def alibi_by_loops(n_heads, n_queries, n_keys):
    bias = torch.zeros(n_heads, n_queries, n_keys)
    for h in range(n_heads):
        for i in range(n_queries):
            for j in range(n_keys):
                bias[h, i, j] = -abs(i - j) * 2 ** (-8 * (h + 1) / n_heads)
    return bias


def alibi_by_ratio(n_heads, n_queries, n_keys):
    """As the published code makes its slopes: a start, and the same number as ratio."""
    start = 2 ** (-(2 ** -(math.log2(n_heads) - 3)))
    slopes = torch.tensor([start * start**h for h in range(n_heads)])
    distance = torch.abs(torch.arange(n_keys)[None, :] - torch.arange(n_queries)[:, None]) * -1
    return slopes.unsqueeze(1).unsqueeze(1) * distance.unsqueeze(0).expand(n_heads, -1, -1)


def alibi_by_einsum(n_heads, n_queries, n_keys):
    slopes = np.logspace(-8 / n_heads, -8, n_heads, base=2)
    i, j = np.ogrid[:n_queries, :n_keys]
    distances = np.maximum(i, j) - np.minimum(i, j)
    return torch.from_numpy(-np.einsum("h,qk->hqk", slopes, distances)).float()


class AlibiByForward(MultiHeadAttention):
    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        bias = alibi_by_loops(self.n_heads, query.shape[1], key.shape[1])
        weights = masked_softmax(q @ k.mT / math.sqrt(q.shape[-1]) + bias, mask)
        return self.w_o((weights @ v).transpose(1, 2).flatten(2))


class AlibiThroughTorch(MultiHeadAttention):
    """torch's own attention takes a bias where it takes a mask."""

    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        bias = alibi_by_loops(self.n_heads, query.shape[1], key.shape[1]).to(q).expand(len(query), -1, -1, -1)
        if mask is not None:
            bias = bias.masked_fill(~mask, -math.inf)
        heads = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return self.w_o(heads.transpose(1, 2).reshape(query.shape))


class AlibiOneQueryAtATime(MultiHeadAttention):
    def weights(self, query, key, mask=None):
        q, k, _ = self.project(query, key, key)
        slopes = 0.5 ** (8 * torch.arange(1, self.n_heads + 1).to(q) / self.n_heads)
        positions = torch.arange(key.shape[1])
        rows = []
        for t in range(query.shape[1]):
            score = (q[:, :, t, None] * k).sum(-1) / math.sqrt(q.shape[-1])  # (B, H, T_k)
            rows.append(score - slopes[:, None] * (positions - t).abs())
        return masked_softmax(torch.stack(rows, 2), mask)

    def forward(self, query, key, value, mask=None):
        _, _, v = self.project(query, key, value)
        return self.w_o((self.weights(query, key, mask) @ v).transpose(1, 2).flatten(2))


RIGHT = {
    "is_permutation_equivariant": [
        equivariant_by_numpy,
        equivariant_row_by_row,
        equivariant_by_matrix,
    ],
    "position_angles": [angles_by_loops, angles_by_logarithms, angles_by_division],
    "sinusoidal_positions": [sinusoids_by_loops, sinusoids_by_slices, sinusoids_by_phase],
    "shift_matrix": [shift_by_loops, shift_by_least_squares, shift_by_matrix_exponential],
    "LearnedPositions": [LearnedByEmbedding, LearnedOneByOne, LearnedByOneHot],
    "rotate": [rotate_by_loops, rotate_by_complex_numbers, rotate_every_two],
    "RotaryAttention": [RotaryByForward, RotaryByProjections, RotaryFromNothing],
    "alibi_bias": [alibi_by_loops, alibi_by_ratio, alibi_by_einsum],
    "AlibiAttention": [AlibiByForward, AlibiThroughTorch, AlibiOneQueryAtATime],
}
