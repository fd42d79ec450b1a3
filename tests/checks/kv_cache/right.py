"""Right answers to the exercises of kv_cache, each written another way than the reference."""

import torch
from torch import nn
from torch.nn import functional as F


class CacheWithIndexCopy(nn.Module):
    def __init__(self, max_length):
        super().__init__()
        self.max_length, self.length = max_length, 0

    def forward(self, key, value):
        B, H, n, d_head = key.shape
        places = torch.arange(self.length, self.length + n)
        if self.length + n > self.max_length:
            raise ValueError("max_length")
        if self.length == 0:
            self.keys = torch.zeros(B, H, self.max_length, d_head, dtype=key.dtype)
            self.values = torch.zeros(B, H, self.max_length, value.shape[3], dtype=value.dtype)
        self.keys.index_copy_(2, places, key)
        self.values.index_copy_(2, places, value)
        self.length += n
        return self.keys.narrow(2, 0, self.length), self.values.narrow(2, 0, self.length)

    def reorder(self, rows):
        self.keys = torch.stack([self.keys[row] for row in rows])
        self.values = torch.stack([self.values[row] for row in rows])


class CacheOfBuffers(nn.Module):
    """Room as buffers, made by padding the first piece."""

    def __init__(self, max_length):
        super().__init__()
        self.max_length = max_length
        self.length = 0
        self.register_buffer("keys", None)
        self.register_buffer("values", None)

    def forward(self, key, value):
        n = key.size(2)
        if n > self.max_length - self.length:
            raise ValueError(f"no room for {n} more")
        if self.keys is None:
            self.keys = F.pad(key, (0, 0, 0, self.max_length - n))
            self.values = F.pad(value, (0, 0, 0, self.max_length - n))
        else:
            self.keys.narrow(2, self.length, n).copy_(key)
            self.values.narrow(2, self.length, n).copy_(value)
        self.length += n
        return [room[:, :, : self.length].clone() for room in (self.keys, self.values)]

    def reorder(self, rows):
        self.keys = self.keys.index_select(0, rows)
        self.values = torch.index_select(self.values, 0, rows)


class CachePositionByPosition(nn.Module):
    def __init__(self, max_length):
        super().__init__()
        self.max_length = max_length
        self.keys = self.values = None
        self.filled = 0

    @property
    def length(self):
        return self.filled

    def forward(self, key, value):
        if self.filled + key.shape[-2] > self.max_length:
            raise ValueError("too long")
        if self.keys is None:
            self.keys, self.values = (
                torch.full((*x.shape[:2], self.max_length, x.shape[3]), torch.nan).to(x) for x in (key, value)
            )
        for one_key, one_value in zip(key.unbind(2), value.unbind(2), strict=True):
            self.keys[:, :, self.filled], self.values[:, :, self.filled] = one_key, one_value
            self.filled += 1
        return self.keys[..., : self.filled, :], self.values[..., : self.filled, :]

    def reorder(self, rows):
        self.keys, self.values = (room[rows.tolist()] for room in (self.keys, self.values))


class CacheReorderedAlongTheFilledPart(nn.Module):
    def __init__(self, max_length):
        super().__init__()
        self.room, self.length, self.keys, self.values = max_length, 0, None, None

    def made(self, x, rows):
        return torch.zeros(rows, x.shape[1], self.room, x.shape[3], dtype=x.dtype)

    def forward(self, key, value):
        end = self.length + key.shape[2]
        if end > self.room:
            raise ValueError(f"{end} > {self.room}")
        if self.keys is None:
            self.keys, self.values = self.made(key, len(key)), self.made(value, len(value))
        self.keys[:, :, self.length : end], self.values[:, :, self.length : end] = key, value
        self.length = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def reorder(self, rows):
        keys, values = self.keys[rows, :, : self.length], self.values[rows, :, : self.length]
        self.keys, self.values = self.made(keys, len(rows)), self.made(values, len(rows))
        self.keys[:, :, : self.length], self.values[:, :, : self.length] = keys, values


RIGHT = {
    "KVCache": [
        CacheWithIndexCopy, CacheOfBuffers, CachePositionByPosition, CacheReorderedAlongTheFilledPart,
    ],
}  # fmt: skip
