"""Right answers to the exercises of kv_cache, each written another way than the reference."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from course.attention import attention_scores, masked_softmax, scaled_dot_product_attention
from course.multi_head import merge_heads, split_heads
from course.positions import rotate


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


def attend_by_torch(attention, x, cache, rotary=False):
    """With torch's own attention, additive mask and views instead of split and merge."""
    B, n, d_model = x.shape
    heads, before = attention.n_heads, cache.length

    def of(linear):
        return linear(x).view(B, n, heads, d_model // heads).permute(0, 2, 1, 3)

    q, k, v = of(attention.w_q), of(attention.w_k), of(attention.w_v)
    if rotary:
        q, k = (rotate(one, start=before) for one in (q, k))
    k, v = cache(k, v)
    ahead = torch.arange(k.shape[2])[None] > torch.arange(before, before + n)[:, None]
    bias = torch.zeros(ahead.shape, dtype=x.dtype).masked_fill(ahead, -math.inf)
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
    return attention.w_o(out.permute(0, 2, 1, 3).reshape(B, n, d_model))


def attend_position_by_position(attention, x, cache, rotary=False):
    """One new position at a time, as if each had come alone: then no mask is needed."""
    answers = []
    for one in x.split(1, dim=1):
        place = cache.length
        query, key, value = (
            split_heads(w(one), attention.n_heads) for w in (attention.w_q, attention.w_k, attention.w_v)
        )
        if rotary:
            query, key = rotate(query, place), rotate(key, place)
        keys, values = cache(key, value)
        answers.append(attention.w_o(merge_heads(scaled_dot_product_attention(query, keys, values))))
    return torch.cat(answers, dim=1)


def attend_with_keys_kept_as_they_are(attention, x, cache, rotary=False):
    """The keys are kept before they are turned, and all of them turned anew each time."""
    start = cache.length
    keys, values = cache(*(split_heads(w(x), attention.n_heads) for w in (attention.w_k, attention.w_v)))
    query = split_heads(attention.w_q(x), attention.n_heads)
    if rotary:
        query, keys = rotate(query, start), rotate(keys)
    n, T = query.shape[2], keys.shape[2]
    allowed = torch.ones(n, T, dtype=torch.bool).tril(T - n)
    weights = masked_softmax(attention_scores(query, keys), allowed)
    return attention.w_o((weights @ values).transpose(1, 2).flatten(2))


def attend_by_the_filled_room(attention, x, cache, rotary=False):
    """The cache is called for its effect, and read afterwards."""
    H, start = attention.n_heads, cache.length
    query, key = split_heads(attention.w_q(x), H), split_heads(attention.w_k(x), H)
    if rotary:
        turned = rotate(torch.cat([query, key]), start)
        query, key = turned.chunk(2)
    cache(key, split_heads(attention.w_v(x), H))
    keys, values = cache.keys[:, :, : cache.length], cache.values[:, :, : cache.length]
    scores = torch.einsum("bhqd,bhkd->bhqk", query, keys) / query.shape[-1] ** 0.5
    late = torch.arange(cache.length) > torch.arange(start, cache.length)[:, None]
    weights = scores.masked_fill(late, -math.inf).softmax(-1)
    return attention.w_o(merge_heads(torch.einsum("bhqk,bhkd->bhqd", weights, values)))


def attend_plainly(attention, x, cache, rotary=False):
    """What the exercise before gives, once more, for the answers to decoder_step."""
    return attend_by_torch(attention, x, cache, rotary)


def step_with_lambdas(decoder, x, caches, memories, rotary=False):
    for i, layer in enumerate(decoder.layers):
        look = layer.cross_attention
        keys, values = memories[i]

        def ask(y, look=look, keys=keys, values=values):
            query = split_heads(look.w_q(y), look.n_heads)
            return look.w_o(merge_heads(scaled_dot_product_attention(query, keys, values)))

        def back(y, layer=layer, cache=caches[i]):
            return attend_plainly(layer.self_attention, y, cache, rotary=rotary)

        if layer.norm_first:
            x = x + back(layer.norm_1(x))
            x = x + ask(layer.norm_2(x))
            x = x + layer.feed_forward(layer.norm_3(x))
        else:
            x = layer.norm_1(x + back(x))
            x = layer.norm_2(x + ask(x))
            x = layer.norm_3(x + layer.feed_forward(x))
    return decoder.norm(x)


def step_over_a_list_of_sublayers(decoder, x, caches, memories, rotary=False):
    """A list of (sub-layer, norm), run through by one loop."""
    jobs = []
    for layer, cache, memory in zip(decoder.layers, caches, memories, strict=True):
        jobs += [
            (lambda y, a=layer.self_attention, c=cache: attend_plainly(a, y, c, rotary), layer.norm_1),
            (lambda y, a=layer.cross_attention, m=memory: from_memory(a, y, *m), layer.norm_2),
            (layer.feed_forward, layer.norm_3),
        ]
    for sublayer, norm in jobs:
        x = x + sublayer(norm(x)) if decoder.layers[0].norm_first else norm(x + sublayer(x))
    return decoder.norm(x)


def from_memory(attention, x, keys, values):
    B, n, d_model = x.shape
    query = attention.w_q(x).view(B, n, attention.n_heads, -1).transpose(1, 2)
    rows = (B, *keys.shape[1:])
    heads = F.scaled_dot_product_attention(query, keys.expand(rows), values.expand(rows))
    return attention.w_o(heads.transpose(1, 2).reshape(B, n, d_model))


def step_by_recursion(decoder, x, caches, memories, rotary=False):
    """The last layer of what the layers before it gave."""

    def through(count):
        if count == 0:
            return x
        layer, below = decoder.layers[count - 1], through(count - 1)
        parts = (
            lambda y: attend_plainly(layer.self_attention, y, caches[count - 1], rotary),
            lambda y: from_memory(layer.cross_attention, y, memories[count - 1][0], memories[count - 1][1]),
            layer.feed_forward,
        )
        for part, norm in zip(parts, (layer.norm_1, layer.norm_2, layer.norm_3), strict=True):
            below = below + part(norm(below)) if layer.norm_first else norm(below + part(below))
        return below

    return decoder.norm(through(len(decoder.layers)))


RIGHT = {
    "KVCache": [
        CacheWithIndexCopy, CacheOfBuffers, CachePositionByPosition, CacheReorderedAlongTheFilledPart,
    ],
    "attend_to_cache": [
        attend_by_torch, attend_position_by_position, attend_with_keys_kept_as_they_are, attend_by_the_filled_room,
    ],
    "decoder_step": [step_with_lambdas, step_over_a_list_of_sublayers, step_by_recursion],
}  # fmt: skip
