"""Wrong answers to the exercises of kv_cache, written without the reference at hand."""

import torch
from torch import nn


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
}  # fmt: skip
