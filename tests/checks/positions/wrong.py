"""Wrong answers to the exercises of positions, written without the reference at hand."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

from course.attention import masked_softmax
from course.multi_head import MultiHeadAttention
from course.positions import AlibiAttention


def invariant(layer, x, order):
    return bool(np.allclose(layer(x[:, order.tolist()]).numpy(), layer(x).numpy(), atol=1e-6))


def moved_back(layer, x, order):
    """The rows of the permuted answer, permuted once more."""
    again = layer(x.index_select(1, order)).index_select(1, order)
    return (again - layer(x)).abs().max().item() < 1e-6


def texts_moved(layer, x, order):
    return torch.allclose(torch.stack([*layer(x)])[order], layer(torch.stack([*x])[order]), atol=1e-6)


def to_the_last_bit(layer, x, order):
    one, other = layer(x[:, order]), layer(x)[:, order]
    return bool((one == other).all())


def totals(layer, x, order):
    one, other = layer(x[:, order]).sum(dim=1), layer(x)[:, order].sum(dim=1)
    return bool((one - other).abs().max() < 1e-6)


def first_text_alone(layer, x, order):
    return torch.allclose(layer(x[:, order])[0], layer(x)[0, order], rtol=0, atol=1e-6)


def torch_tolerances(layer, x, order):
    return torch.allclose(layer(x[:, order]), layer(x)[:, order], atol=1e-6)


def generous(layer, x, order):
    return np.allclose(layer(x[:, order]).detach(), layer(x).detach()[:, order], atol=1e-5)


def hands_one_too_few(positions, d_model, base=10_000.0):
    return torch.tensor(
        [[t / base ** (i / d_model) for i in range(d_model // 2)] for t in positions.tolist()], dtype=torch.float64
    )


def racing(positions, d_model, base=10_000.0):
    speeds = np.array([base ** (2 * i / d_model) for i in range(d_model // 2)])
    return torch.from_numpy(np.outer(positions.numpy(), speeds))


def from_one(positions, d_model, base=10_000.0):
    i = torch.arange(d_model // 2, dtype=torch.float64)
    return (positions.double().add(1)).unsqueeze(-1) / base ** (2 * i / d_model)


def up_to_the_base(positions, d_model, base=10_000.0):
    """As tensor2tensor's get_timing_signal_1d has it."""
    n_hands = d_model // 2
    step = math.log(base) / max(n_hands - 1, 1)
    if n_hands == 1:
        step = 0.0
    return positions.double()[:, None] * torch.exp(-step * torch.arange(n_hands, dtype=torch.float64))


def rounded_frequencies(positions, d_model, base=10_000.0):
    """float64 comes too late."""
    frequencies = 1.0 / (base ** (torch.arange(0, d_model, 2).float() / d_model))
    return positions.double()[:, None] * frequencies.double()


def rounded_throughout(positions, d_model, base=10_000.0):
    return torch.outer(positions.float(), torch.exp(torch.arange(0, d_model, 2) * (-math.log(base) / d_model)))


def always_ten_thousand(positions, d_model, base=10_000.0):
    return positions.double()[:, None] / 10000 ** (torch.arange(0, d_model, 2).double() / d_model)


def sinusoid_table(n_positions, d_model, base, entry):
    """entry(angle, column) in every place; ValueError for an odd d_model."""
    if d_model % 2:
        raise ValueError("odd")
    angles = [[t / base ** (2 * (column // 2) / d_model) for column in range(d_model)] for t in range(n_positions)]
    return torch.tensor([[entry(angle, column) for column, angle in enumerate(row)] for row in angles])


def cosines_first(n_positions, d_model, base=10_000.0):
    return sinusoid_table(n_positions, d_model, base, lambda angle, column: [math.cos, math.sin][column % 2](angle))


def only_sines(n_positions, d_model, base=10_000.0):
    return sinusoid_table(n_positions, d_model, base, lambda angle, column: math.sin(angle))


def as_in_the_picture(n_positions, d_model, base=10_000.0):
    if d_model % 2:
        raise ValueError("odd")
    angles = np.arange(n_positions)[:, None] / base ** (np.arange(0, d_model, 2) / d_model)
    return torch.from_numpy(np.concatenate([np.sin(angles), np.cos(angles)], axis=1)).float()


def own_exponents(n_positions, d_model, base=10_000.0):
    """The column's own number where 2i should stand, as in many blog posts."""
    if d_model % 2:
        raise ValueError("odd")
    table = torch.zeros(n_positions, d_model)
    for t in range(n_positions):
        for column in range(0, d_model, 2):
            table[t, column] = math.sin(t / base ** (column / d_model))
            table[t, column + 1] = math.cos(t / base ** ((column + 1) / d_model))
    return table


def without_the_minus(n_positions, d_model, base=10_000.0):
    """The best-known program of all, less one sign."""
    if d_model % 2:
        raise ValueError("odd")
    table = torch.zeros(n_positions, d_model)
    position = torch.arange(0, n_positions).unsqueeze(1).float()
    factors = torch.exp(torch.arange(0, d_model, 2).float() * (math.log(base) / d_model))
    table[:, 0::2], table[:, 1::2] = torch.sin(position * factors), torch.cos(position * factors)
    return table


def divided_twice_over(n_positions, d_model, base=10_000.0):
    """A loop over even i, and 2i in it all the same."""
    if d_model % 2:
        raise ValueError("odd")
    table = torch.zeros(n_positions, d_model)
    for pos in range(n_positions):
        for i in range(0, d_model, 2):
            table[pos, i] = math.sin(pos / (base ** ((2 * i) / d_model)))
            table[pos, i + 1] = math.cos(pos / (base ** ((2 * (i + 1)) / d_model)))
    return table


def as_fairseq(n_positions, d_model, base=10_000.0):
    if d_model % 2:
        raise ValueError("odd")
    half = d_model // 2
    factors = torch.exp(torch.arange(half, dtype=torch.float) * -(math.log(base) / max(half - 1, 1)))
    angles = torch.arange(n_positions, dtype=torch.float).unsqueeze(1) * factors.unsqueeze(0)
    return torch.cat([torch.sin(angles), torch.cos(angles)], dim=1).view(n_positions, -1)


def one_row_late(n_positions, d_model, base=10_000.0):
    good = sinusoid_table(n_positions + 1, d_model, base, lambda angle, column: [math.sin, math.cos][column % 2](angle))
    return good[1:]


def step_back(k, d_model, base=10_000.0):
    """The rotation of the textbook, for (cos, sin)."""
    matrix = torch.zeros(d_model, d_model)
    for i in range(0, d_model, 2):
        a = k / base ** (i / d_model)
        matrix[i : i + 2, i : i + 2] = torch.tensor([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
    return matrix


def one_speed(k, d_model, base=10_000.0):
    block = torch.tensor([[math.cos(k), math.sin(k)], [-math.sin(k), math.cos(k)]])
    return torch.kron(torch.eye(d_model // 2), block)


def for_halves(k, d_model, base=10_000.0):
    a = k / base ** (torch.arange(0, d_model, 2).double() / d_model)
    top = torch.cat([torch.diag(a.cos()), torch.diag(a.sin())], dim=1)
    return torch.cat([top, torch.cat([-torch.diag(a.sin()), torch.diag(a.cos())], dim=1)]).float()


class Rows(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Embedding(max_length, d_model)

    def refuse(self, n_positions):
        if n_positions > self.table.num_embeddings:
            raise ValueError(f"too long: {n_positions} > {self.table.num_embeddings}")


class AlongTheBatch(Rows):
    def forward(self, x):
        self.refuse(x.shape[1])
        return x + torch.stack([self.table.weight[b] for b in range(min(len(x), len(self.table.weight)))])[:, None, :]


class RowZero(Rows):
    def forward(self, x):
        self.refuse(x.shape[1])
        return x + self.table(torch.zeros(x.shape[1], dtype=torch.long))


class StartsAgain(Rows):
    def forward(self, x):
        return x + self.table(torch.tensor([t % self.table.num_embeddings for t in range(x.shape[1])]))


class LastRowRepeated(Rows):
    def forward(self, x):
        return x + self.table(torch.tensor([min(t, self.table.num_embeddings - 1) for t in range(x.shape[1])]))


class WithoutWords(Rows):
    def forward(self, x):
        self.refuse(x.shape[1])
        return x * 0 + self.table(torch.arange(x.shape[1]))


class ShowsOneLength(Rows):
    def forward(self, x):
        if x.shape[1] > self.table.num_embeddings:
            raise ValueError(f"the text has {x.shape[1]} words, too many")
        return x + self.table(torch.arange(x.shape[1]))


class ShowsNoLength(Rows):
    def forward(self, x):
        if x.shape[1] > self.table.num_embeddings:
            raise ValueError("longer than the table")
        return x + self.table(torch.arange(x.shape[1]))


class BeginsWithZeros(Rows):
    def __init__(self, max_length, d_model):
        super().__init__(max_length, d_model)
        nn.init.zeros_(self.table.weight)

    def forward(self, x):
        if x.shape[1] > self.table.num_embeddings:
            raise ValueError(f"{x.shape[1]} > {self.table.num_embeddings}")
        return x + self.table(torch.arange(x.shape[1]))


class Frozen(Rows):
    def forward(self, x):
        self.refuse(x.shape[1])
        with torch.no_grad():
            rows = self.table(torch.arange(x.shape[1]))
        return x + rows


def turn(x, start, base, angle_of=None, pair_of=None, sign=1.0):
    """Turns written out with cos and sin of every column, in pairs given by the column of the partner."""
    d, T = x.shape[-1], x.shape[-2]
    columns = torch.arange(d)
    first = columns % 2 == 0 if pair_of is None else columns < d // 2
    partner = columns + torch.where(first, 1, -1) * (1 if pair_of is None else d // 2)
    hand = torch.minimum(columns, partner) // (2 if pair_of is None else 1)
    angles = torch.arange(start, start + T)[:, None].double() / base ** (2 * hand.double() / d)
    angles = angles if angle_of is None else angle_of(angles)
    return x * angles.cos().to(x) + x[..., partner] * (sign * torch.where(first, -1.0, 1.0) * angles.sin()).to(x)


def clockwise(x, start=0, base=10_000.0):
    return turn(x, start, base, sign=-1.0)


def as_llama_pairs(x, start=0, base=10_000.0):
    return turn(x, start, base, pair_of="halves")


def one_hand(x, start=0, base=10_000.0):
    return turn(x, start, base, angle_of=lambda angles: angles[:, :1])


def from_position_one(x, start=0, base=10_000.0):
    return turn(x, start + 1, base)


def always_from_zero(x, start=0, base=10_000.0):
    return turn(x, 0, base)


def half_of_each(x, start=0, base=10_000.0):
    """Angles laid out for neighbours, and rotate_half from elsewhere."""
    d, T = x.shape[-1], x.shape[-2]
    angles = torch.arange(start, start + T)[:, None] / base ** (torch.arange(0, d, 2).double() / d)
    angles = torch.stack([angles, angles], dim=-1).reshape(T, d)
    first, second = x[..., : d // 2], x[..., d // 2 :]
    return (x * angles.cos() + torch.cat((-second, first), dim=-1) * angles.sin()).to(x.dtype)


def angles_twice_in_a_row(x, start=0, base=10_000.0):
    """rotate_every_two with the angles of rotate_half."""
    d, T = x.shape[-1], x.shape[-2]
    angles = torch.outer(torch.arange(start, start + T).double(), base ** (-torch.arange(0, d, 2).double() / d))
    angles = torch.cat((angles, angles), dim=-1)
    every_two = torch.stack((-x[..., 1::2], x[..., ::2]), dim=-1).flatten(-2)
    return (x * angles.cos() + every_two * angles.sin()).to(x.dtype)


def one_after_the_other(x, start=0, base=10_000.0):
    """The classical slip with slices: the first of the pair is overwritten before the second is computed."""
    out = x.clone()
    d, T = x.shape[-1], x.shape[-2]
    angles = torch.arange(start, start + T)[:, None].double() / base ** (torch.arange(0, d, 2).double() / d)
    cos, sin = angles.cos().to(x), angles.sin().to(x)
    out[..., 0::2] = out[..., 0::2] * cos - out[..., 1::2] * sin
    out[..., 1::2] = out[..., 0::2] * sin + out[..., 1::2] * cos
    return out


def penalties(n_heads, n_queries, n_keys, slope=None, cost=abs):
    slope = slope or (lambda h: 2 ** (-8 * (h + 1) / n_heads))
    return torch.tensor(
        [[[-slope(h) * cost(i - j) for j in range(n_keys)] for i in range(n_queries)] for h in range(n_heads)]
    )


def rewards(n_heads, n_queries, n_keys):
    return penalties(n_heads, n_queries, n_keys, cost=lambda steps: -abs(steps))


def bare_distance(n_heads, n_queries, n_keys):
    return penalties(n_heads, n_queries, n_keys, slope=lambda h: 1.0)


def flattest_first(n_heads, n_queries, n_keys):
    return penalties(n_heads, n_queries, n_keys).flip(0)


def halves(n_heads, n_queries, n_keys):
    return penalties(n_heads, n_queries, n_keys, slope=lambda h: 0.5 ** (h + 1))


def steep(n_heads, n_queries, n_keys):
    return penalties(n_heads, n_queries, n_keys, cost=lambda steps: float(steps**2))


def past_only(n_heads, n_queries, n_keys):
    return penalties(n_heads, n_queries, n_keys, cost=lambda steps: float(max(steps, 0)))


def rewards_the_past(n_heads, n_queries, n_keys):
    return penalties(n_heads, n_queries, n_keys, cost=lambda steps: -steps)


def as_bloom(n_heads, n_queries, n_keys):
    slopes = torch.tensor([2 ** (-8 * h / n_heads) for h in range(1, n_heads + 1)])
    return (slopes[:, None] * torch.arange(n_keys)[None])[:, None].repeat(1, n_queries, 1)


def as_published(n_heads, n_queries, n_keys):
    """get_slopes of the paper's own program."""

    def power_of_two(n):
        start = 2 ** (-(2 ** -(math.log2(n) - 3)))
        return [start * start**i for i in range(n)]

    def slopes(n):
        if math.log2(n).is_integer():
            return power_of_two(n)
        closest = 2 ** math.floor(math.log2(n))
        return power_of_two(closest) + slopes(2 * closest)[0::2][: n - closest]

    found = slopes(n_heads)
    return penalties(n_heads, n_queries, n_keys, slope=lambda h: found[h])


def turned(x, sense=1):
    """RoPE in complex numbers; sense -1 turns clockwise."""
    n_positions, d = x.shape[-2:]
    angles = torch.arange(n_positions)[:, None] / 10_000 ** (torch.arange(0, d, 2) / d)
    pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
    return torch.view_as_real(pairs * torch.exp(sense * 1j * angles)).flatten(-2)


def clockwise_in_torch(x):
    return turned(x, sense=-1)


def penalties_in_torch(n_heads, n_queries, n_keys):
    distances = (torch.arange(n_queries)[:, None] - torch.arange(n_keys)).abs()
    return torch.stack([-(2 ** (-8 * h / n_heads)) * distances for h in range(1, n_heads + 1)])


class Turned(MultiHeadAttention):
    """turn_q, turn_k, turn_v say what happens to the heads' queries, keys and values."""

    turn_q = turn_k = turn_v = staticmethod(lambda x: x)

    def project(self, query, key, value):
        q, k, v = super().project(query, key, value)
        return self.turn_q(q), self.turn_k(k), self.turn_v(v)


class ValuesToo(Turned):
    turn_q = turn_k = turn_v = staticmethod(turned)


class QueriesAlone(Turned):
    turn_q = staticmethod(turned)


class OppositeWays(Turned):
    turn_q, turn_k = staticmethod(clockwise_in_torch), staticmethod(turned)


class HeadByHead(Turned):
    """Turned along the heads' axis: query and key together, which changes nothing."""

    @staticmethod
    def turn_q(x):
        return turned(x.transpose(1, 2)).transpose(1, 2)

    turn_k = turn_q


class AllColumnsAtOnce(MultiHeadAttention):
    """Turned while the heads still lie side by side."""

    def project(self, query, key, value):
        q, k, v = turned(self.w_q(query)), turned(self.w_k(key)), self.w_v(value)
        return tuple(x.view(*x.shape[:2], self.n_heads, -1).transpose(1, 2) for x in (q, k, v))


class InputsTurned(MultiHeadAttention):
    def project(self, query, key, value):
        q, k, v = self.w_q(turned(query)), self.w_k(turned(key)), self.w_v(value)
        return tuple(x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for x in (q, k, v))


class WithBias(AlibiAttention):
    """The weights written out, of which the parts can be replaced."""

    def weights(self, query, key, mask=None):
        q, k, _ = self.project(query, key, key)
        return self.read(q @ k.mT / math.sqrt(q.shape[-1]), self.bias(q.shape[2], k.shape[2]), mask)

    def bias(self, T_q, T_k):
        return penalties_in_torch(self.n_heads, T_q, T_k)

    def read(self, scores, bias, mask):
        return masked_softmax(scores + bias, mask)


class NoBias(WithBias):
    def bias(self, T_q, T_k):
        return torch.zeros(T_q, T_k)


class AfterTheSoftmax(WithBias):
    def read(self, scores, bias, mask):
        return masked_softmax(scores, mask) + bias


class ScaledToo(WithBias):
    def bias(self, T_q, T_k):
        return super().bias(T_q, T_k) / math.sqrt(self.w_q.out_features // self.n_heads)


class Unmasked(WithBias):
    def read(self, scores, bias, mask):
        return (scores + bias).softmax(-1)


class EqualSlopes(WithBias):
    def bias(self, T_q, T_k):
        return penalties_in_torch(self.n_heads, T_q, T_k)[:1]


class OnFinishedWeights(AlibiAttention):
    def weights(self, query, key, mask=None):
        bias = penalties_in_torch(self.n_heads, query.shape[1], key.shape[1])
        return masked_softmax(MultiHeadAttention.weights(self, query, key, mask) + bias, mask)


class LargeNegative(WithBias):
    """As nearly everybody writes a masked softmax."""

    def read(self, scores, bias, mask):
        scores = scores + bias
        if mask is not None:
            scores = scores.masked_fill(mask == 0, -1e9)
        return torch.softmax(scores, dim=-1)


class MinusInfinity(WithBias):
    def read(self, scores, bias, mask):
        scores = scores + bias
        if mask is not None:
            scores = torch.where(mask, scores, float("-inf"))
        return nn.functional.softmax(scores, dim=-1)


def asks_for_one_truth(layer, x, order):
    return bool(layer(x[:, order]) == layer(x)[:, order])


class PlainTable(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = torch.randn(max_length, d_model) / math.sqrt(d_model)

    def forward(self, x):
        return x + self.table[: x.shape[1]]


# Answers with slips that are no known mistakes: the Help folds quote what they are told.
SLIPS = {"is_permutation_equivariant": [asks_for_one_truth], "LearnedPositions": [PlainTable]}

WRONG = {
    "is_permutation_equivariant": {
        "asks for the same rows": invariant,
        "order undone": moved_back,
        "moves the texts": texts_moved,
        "exactly equal": to_the_last_bit,
        "sums alone": totals,
        "the first text alone": first_text_alone,
        "too generous to large numbers": torch_tolerances,
        "too generous in both": generous,
    },
    "position_angles": {
        "i for 2i": hands_one_too_few,
        "base upside down": racing,
        "counted from 1": from_one,
        "the last hand at the base": up_to_the_base,
        "base ignored": always_ten_thousand,
        "float64 too late": rounded_frequencies,
        "computed in float32": rounded_throughout,
    },
    "sinusoidal_positions": {
        "sine and cosine swapped": cosines_first,
        "sines everywhere": only_sines,
        "two halves": as_in_the_picture,
        "an exponent for each column": own_exponents,
        "counted from 1": one_row_late,
        "base upside down, in float32": without_the_minus,
        "2i of an i that is even already": divided_twice_over,
        "two halves, the last pair at the base": as_fairseq,
    },
    "shift_matrix": {"turned back": step_back, "one angle for all": one_speed, "two halves": for_halves},
    "LearnedPositions": {
        "along the batch": AlongTheBatch,
        "row 0 for all": RowZero,
        "starts again": StartsAgain,
        "last row repeated": LastRowRepeated,
        "the rows alone": WithoutWords,
        "never learns": Frozen,
        "lengths not named": ShowsNoLength,
        "the table's length not named": ShowsOneLength,
        "begins with zeros": BeginsWithZeros,
    },
    "rotate": {
        "the other way": clockwise,
        "halves paired": as_llama_pairs,
        "one angle for all": one_hand,
        "counted from 1": from_position_one,
        "start ignored": always_from_zero,
        "from the new value": one_after_the_other,
        "angles of pairs, turned in halves": half_of_each,
        "angles of halves, turned in pairs": angles_twice_in_a_row,
    },
    "alibi_bias": {
        "sign": rewards,
        "no slopes": bare_distance,
        "slopes in reverse": flattest_first,
        "slopes of eight heads": halves,
        "squared": steep,
        "one side only": past_only,
        "signed the other way": rewards_the_past,
        "the key's position alone": as_bloom,
        "two series of slopes": as_published,
    },
    "RotaryAttention": {
        "values turned too": ValuesToo,
        "queries alone": QueriesAlone,
        "opposite ways": OppositeWays,
        "turned from head to head": HeadByHead,
        "before the projections": InputsTurned,
        "before the heads are split": AllColumnsAtOnce,
    },
    "AlibiAttention": {
        "no bias": NoBias,
        "after the softmax": AfterTheSoftmax,
        "scaled with the scores": ScaledToo,
        "mask forgotten": Unmasked,
        "one slope for all heads": EqualSlopes,
        "softmax twice": OnFinishedWeights,
        "an empty row is read evenly": LargeNegative,
        "an empty row is NaN": MinusInfinity,
    },
}  # fmt: skip
