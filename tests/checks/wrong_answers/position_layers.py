"""Wrong answers to the layers of lesson 06, RotaryAttention and AlibiAttention, written without the reference at hand."""

from __future__ import annotations

import math

import torch

from course.attention import masked_softmax
from course.multi_head import MultiHeadAttention


def turned(x, sense=1):
    """RoPE in complex numbers; sense -1 turns clockwise."""
    n_positions, d = x.shape[-2:]
    angles = torch.arange(n_positions)[:, None] / 10_000 ** (torch.arange(0, d, 2) / d)
    pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
    return torch.view_as_real(pairs * torch.exp(sense * 1j * angles)).flatten(-2)


def clockwise(x):
    return turned(x, sense=-1)


def penalties(n_heads, n_queries, n_keys):
    distances = (torch.arange(n_queries)[:, None] - torch.arange(n_keys)).abs()
    return torch.stack([-(2 ** (-8 * h / n_heads)) * distances for h in range(1, n_heads + 1)])


class WrittenOut(MultiHeadAttention):
    """The whole layer; turn_q, turn_k, turn_v and bias say how it treats positions."""

    turn_q = turn_k = turn_v = staticmethod(lambda x: x)

    def bias(self, T_q, T_k):
        return 0.0

    def forward(self, query, key, value, mask=None):
        q, k, v = self.project(query, key, value)
        q, k, v = self.turn_q(q), self.turn_k(k), self.turn_v(v)
        weights = self.read(q @ k.mT / math.sqrt(q.shape[-1]), self.bias(q.shape[2], k.shape[2]), mask)
        return self.w_o((weights @ v).transpose(1, 2).flatten(2))

    def read(self, scores, bias, mask):
        return masked_softmax(scores + bias, mask)


class ValuesToo(WrittenOut):
    turn_q = turn_k = turn_v = staticmethod(turned)


class QueriesAlone(WrittenOut):
    turn_q = staticmethod(turned)


class OppositeWays(WrittenOut):
    turn_q, turn_k = staticmethod(clockwise), staticmethod(turned)


class HeadByHead(WrittenOut):
    """Turned along the heads' axis: query and key together, which changes nothing."""

    @staticmethod
    def turn_q(x):
        return turned(x.transpose(1, 2)).transpose(1, 2)

    turn_k = turn_q


class AllColumnsAtOnce(WrittenOut):
    """Turned while the heads still lie side by side."""

    def project(self, query, key, value):
        q, k, v = turned(self.w_q(query)), turned(self.w_k(key)), self.w_v(value)
        return tuple(x.view(*x.shape[:2], self.n_heads, -1).transpose(1, 2) for x in (q, k, v))


class NoBias(WrittenOut):
    pass


class WithBias(WrittenOut):
    def bias(self, T_q, T_k):
        return penalties(self.n_heads, T_q, T_k)


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
        return penalties(self.n_heads, T_q, T_k)[:1]


WRONG = {
    "RotaryAttention": {
        "values turned too": ValuesToo,
        "queries alone": QueriesAlone,
        "opposite ways": OppositeWays,
        "nothing turned": HeadByHead,
        "before the heads are split": AllColumnsAtOnce,
    },
    "AlibiAttention": {
        "no bias": NoBias,
        "after the softmax": AfterTheSoftmax,
        "scaled with the scores": ScaledToo,
        "mask forgotten": Unmasked,
        "one slope for all heads": EqualSlopes,
    },
}
