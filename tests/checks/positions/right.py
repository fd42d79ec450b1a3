"""Right answers to the exercises of lesson 06, each written another way than the reference."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

from course.attention import masked_softmax
from course.multi_head import MultiHeadAttention
from course.positions import AlibiAttention


def equivariant_by_numpy(layer, x, order):
    before = layer(x[:, order]).detach().numpy()
    after = layer(x).detach().numpy()[:, order.numpy()]
    return before.shape == after.shape and bool(np.allclose(before, after, rtol=0, atol=1e-6))


def equivariant_row_by_row(layer, x, order):
    moved, plain = layer(x[:, order]), layer(x)
    largest = 0.0
    for new, old in enumerate(order.tolist()):
        largest = max(largest, (moved[:, new] - plain[:, old]).abs().max().item())
    return largest <= 1e-6


def equivariant_by_matrix(layer, x, order):
    permutation = torch.eye(len(order), dtype=x.dtype)[order]
    difference = layer(permutation @ x) - permutation @ layer(x)
    return difference.abs().max() <= 1e-6


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


def shift_by_solving(k, d_model, base=10_000.0):
    """The same, from the table in float32 that the lesson has, a few thousand rows of it."""
    n = 5_000
    table = torch.stack([torch.arange(n).double() / base ** (i / d_model) for i in range(0, d_model, 2)], dim=1)
    table = torch.stack([table.sin(), table.cos()], dim=-1).flatten(1)
    here, there = (table[: n - k], table[k:]) if k >= 0 else (table[-k:], table[: n + k])
    return torch.linalg.solve(here.T @ here, here.T @ there).T.float()


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
            raise ValueError(f"Cannot forward sequence of length {length}, block size is only {self.max_length}")
        return self.table(torch.arange(length)).unsqueeze(0) + x


class LearnedOneByOne(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(torch.empty(max_length, d_model).uniform_(-0.1, 0.1))

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
            raise ValueError(f"longer ({n_positions}) than the table ({n_rows})")
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


def rotate_as_llama(x, start=0, base=10_000.0):
    """Llama's code once more, in float32 whatever x is, and back again."""
    T, d = x.shape[-2:]
    frequencies = 1.0 / (base ** (torch.arange(0, d, 2)[: (d // 2)].float() / d))
    turns = torch.outer(torch.arange(start, start + T), frequencies)
    turns = torch.polar(torch.ones_like(turns), turns)
    pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * turns).flatten(-2).type_as(x)


def rotate_as_gpt_fast(x, start=0, base=10_000.0):
    """As gpt-fast does it, where the table of cosines and sines is made once."""
    T, d = x.shape[-2:]
    frequencies = 1.0 / (base ** (torch.arange(0, d, 2).float() / d))
    turns = torch.outer(torch.arange(start, start + T).float(), frequencies)
    table = torch.stack([turns.cos(), turns.sin()], dim=-1)
    pairs = x.float().reshape(*x.shape[:-1], -1, 2)
    out = torch.stack(
        [
            pairs[..., 0] * table[..., 0] - pairs[..., 1] * table[..., 1],
            pairs[..., 1] * table[..., 0] + pairs[..., 0] * table[..., 1],
        ],
        -1,
    )
    return out.flatten(-2).type_as(x)


class RotaryWrittenOut(MultiHeadAttention):
    """Nothing is asked of the layer that it inherits from."""

    def heads_of(self, x, layer):
        B, T, d_model = x.shape
        return layer(x).view(B, T, self.n_heads, d_model // self.n_heads).transpose(1, 2)

    def project(self, query, key, value):
        q, k = rotate_by_loops(self.heads_of(query, self.w_q)), rotate_by_loops(self.heads_of(key, self.w_k))
        return [q, k, self.heads_of(value, self.w_v)]


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

    def project(self, query, key, value):
        heads = [slice(h * self.d_head, (h + 1) * self.d_head) for h in range(self.n_heads)]
        q, k, v = self.w_q(query), self.w_k(key), self.w_v(value)
        q, k = (torch.stack([rotate_by_loops(x[..., columns]) for columns in heads], 1) for x in (q, k))
        return q, k, torch.stack([v[..., columns] for columns in heads], 1)

    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        outs = []
        for h in range(self.n_heads):
            scores = q[:, h] @ k[:, h].transpose(1, 2) / math.sqrt(self.d_head)
            if mask is not None:
                seen = mask[:, h] if mask.ndim == 4 else mask
                scores = scores.masked_fill(~seen, -math.inf)
            outs.append(scores.softmax(-1) @ v[:, h])
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


class AlibiThroughProject(AlibiAttention):
    """The projections of the whole layer, of which the values are thrown away."""

    def weights(self, query, key, mask=None):
        q, k, _ = self.project(query, key, key)
        bias = alibi_by_loops(self.n_heads, query.shape[1], key.shape[1])
        return masked_softmax(q @ k.mT / math.sqrt(q.shape[-1]) + bias, mask)


class AlibiThroughTorch(AlibiAttention):
    """torch's own softmax, over a bias that holds the mask, and zeros where that gives NaN."""

    def weights(self, query, key, mask=None):
        q, k, _ = self.project(query, key, key)
        bias = alibi_by_loops(self.n_heads, query.shape[1], key.shape[1]).to(q).expand(len(query), -1, -1, -1)
        scores = torch.einsum("bhqd,bhkd->bhqk", q, k) / math.sqrt(q.shape[-1]) + bias
        if mask is None:
            return scores.softmax(-1)
        return scores.masked_fill(mask.logical_not(), -math.inf).softmax(-1).nan_to_num(0.0)


class AlibiOneQueryAtATime(MultiHeadAttention):
    """With a forward of its own, too."""

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
    "shift_matrix": [shift_by_loops, shift_by_least_squares, shift_by_solving, shift_by_matrix_exponential],
    "LearnedPositions": [LearnedByEmbedding, LearnedOneByOne, LearnedByOneHot],
    "rotate": [rotate_by_loops, rotate_by_complex_numbers, rotate_every_two, rotate_as_llama, rotate_as_gpt_fast],
    "RotaryAttention": [RotaryWrittenOut, RotaryByProjections, RotaryFromNothing],
    "alibi_bias": [alibi_by_loops, alibi_by_ratio, alibi_by_einsum],
    "AlibiAttention": [AlibiThroughProject, AlibiThroughTorch, AlibiOneQueryAtATime],
}
