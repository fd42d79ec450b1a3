"""Wrong answers to the exercises of kv_cache, written without the reference at hand."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from course.positions import rotate


class Room(nn.Module):
    """A cache with one part exchanged by those below."""

    def __init__(self, max_length):
        super().__init__()
        self.max_length, self.length, self.keys, self.values = max_length, 0, None, None

    def forward(self, key, value):
        n = key.shape[2]
        if self.length + n > self.max_length:
            raise ValueError("no room")
        if self.keys is None:
            self.keys = torch.zeros(*key.shape[:2], self.max_length, key.shape[3], dtype=key.dtype)
            self.values = torch.zeros(*value.shape[:2], self.max_length, value.shape[3], dtype=value.dtype)
        self.keys[:, :, self.length : self.length + n] = key
        self.values[:, :, self.length : self.length + n] = value
        self.length += n
        return self.all(n)

    def all(self, n):
        return self.keys[:, :, : self.length], self.values[:, :, : self.length]

    def reorder(self, rows):
        self.keys, self.values = self.keys[rows], self.values[rows]


class NewestAlone(Room):
    def all(self, n):
        return tuple(one[:, :, -n:] for one in super().all(n))


class Exchanged(Room):
    def all(self, n):
        return super().all(n)[::-1]


class NewestInFront(Room):
    def forward(self, key, value):
        given = super().forward(key, value)
        n = key.shape[2]
        for room, one in zip((self.keys, self.values), (key, value), strict=True):
            old = room[:, :, : self.length - n].clone()
            room[:, :, :n], room[:, :, n : self.length] = one, old
        return given


class Growing(nn.Module):
    """The keys and values as one tensor each, which grows by torch.cat."""

    def __init__(self, max_length):
        super().__init__()
        self.max_length, self.keys, self.values = max_length, None, None

    @property
    def length(self):
        return 0 if self.keys is None else self.keys.shape[2]

    def forward(self, key, value):
        if self.length + key.shape[2] > self.max_length:
            raise ValueError("too long")
        self.keys = key if self.keys is None else torch.cat((self.keys, key), dim=-2)
        self.values = value if self.values is None else torch.cat((self.values, value), dim=-2)
        return self.keys, self.values

    def reorder(self, rows):
        self.keys, self.values = self.keys[rows], self.values[rows]


class NeverReordered(Room):
    def reorder(self, rows):
        self.keys.index_select(0, rows)
        self.values.index_select(0, rows)


class ReorderedInPart(Room):
    def reorder(self, rows):
        self.values = self.values.index_select(0, rows)


class TwiceTheKeys(Room):
    def all(self, n):
        return (super().all(n)[0],) * 2


def attending(sees="tril", start_at="cache.length", of_all=True, last=None, turn_values=False):
    """attend_to_cache with one thing done otherwise."""

    def attend(attention, x, cache, rotary=False):
        B, n, d_model = x.shape
        H, before = attention.n_heads, cache.length
        q, k, v = (
            w(x).view(B, n, H, d_model // H).transpose(1, 2) for w in (attention.w_q, attention.w_k, attention.w_v)
        )
        if rotary:
            place = before if start_at == "cache.length" else 0
            q, k = rotate(q, place), rotate(k, place)
            v = rotate(v, place) if turn_values else v
        keys, values = cache(k, v)
        if not of_all:
            keys, values, before = k, v, 0
        allowed = torch.arange(keys.shape[2]) <= torch.arange(before, before + n)[:, None]
        if sees == "all":
            allowed = torch.ones_like(allowed)
        weights = (q @ keys.mT / math.sqrt(d_model // H)).masked_fill(~allowed, -math.inf).softmax(-1)
        out = (weights @ values).transpose(1, 2).reshape(B, n, d_model)
        return out if last == "no w_o" else attention.w_o(out)

    return attend


def stepping(cache_of=lambda i: i, memory_of=lambda i: i, norm_first=None, last=True, cross=True, turns=True):
    """decoder_step with one thing done otherwise."""

    def step(decoder, x, caches, memories, rotary=False):
        look_back = attending()
        for i, layer in enumerate(decoder.layers):
            (keys, values), own = memories[memory_of(i)], caches[cache_of(i)]
            first = layer.norm_first if norm_first is None else norm_first

            def back(y, layer=layer, cache=own):
                return look_back(layer.self_attention, y, cache, rotary and turns)

            def across(y, asks=layer.cross_attention, keys=keys, values=values):
                B, n, d_model = y.shape
                query = asks.w_q(y).view(B, n, asks.n_heads, -1).transpose(1, 2)
                rows = (B, *keys.shape[1:])
                heads = F.scaled_dot_product_attention(query, keys.expand(rows), values.expand(rows))
                return asks.w_o(heads.transpose(1, 2).reshape(B, n, d_model))

            parts = [(back, layer.norm_1), (across, layer.norm_2), (layer.feed_forward, layer.norm_3)]
            for part, norm in parts if cross else parts[::2]:
                x = x + part(norm(x)) if first else norm(x + part(x))
        return decoder.norm(x) if last else x

    return step


WRONG = {
    "KVCache": {
        "the newest alone": NewestAlone,
        "keys and values exchanged": Exchanged,
        "newest in front": NewestInFront,
        "put behind by torch.cat": Growing,
        "not reordered": NeverReordered,
        "keys not reordered": ReorderedInPart,
        "keys given back twice": TwiceTheKeys,
    },
    "attend_to_cache": {
        "the newest alone": attending(of_all=False),
        "the prompt looks ahead": attending(sees="all"),
        "rotary begins again at 0": attending(start_at="0"),
        "values turned": attending(turn_values=True),
        "w_o left out": attending(last="no w_o"),
    },
    "decoder_step": {
        "one cache for all layers": stepping(cache_of=lambda i: 0),
        "one memory for all layers": stepping(memory_of=lambda i: 0),
        "always pre-norm": stepping(norm_first=True),
        "always post-norm": stepping(norm_first=False),
        "last norm left out": stepping(last=False),
        "cross-attention left out": stepping(cross=False),
        "rotary not passed on": stepping(turns=False),
    },
}  # fmt: skip
