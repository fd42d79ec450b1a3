"""The KV cache: what must a decoder keep so that a token costs one step, not the whole sentence?"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course.attention import causal_mask, padding_mask, scaled_dot_product_attention
from course.blocks import LayerNorm, residual
from course.multi_head import MultiHeadAttention, merge_heads, split_heads
from course.positions import AlibiAttention, RotaryAttention, alibi_bias, rotate
from course.seq2seq import PAD
from course.transformer import Decoder, DecoderLayer, Transformer


class KVCache(nn.Module):
    """The keys and values of the positions read so far, in room that is made once.

    keys and values (B, H, max_length, d_head), of which the first `length` positions count;
    None before the first call."""

    def __init__(self, max_length: int) -> None:
        super().__init__()
        self.max_length, self.length = max_length, 0
        self.keys: Tensor | None = None
        self.values: Tensor | None = None

    def forward(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """key, value (B, H, n, d_head), the n newest -> all so far, two of (B, H, length, d_head).

        The first call makes the room, in the dtype of key and value;
        ValueError where there is too little of it."""
        start, stop = self.length, self.length + key.shape[2]
        if stop > self.max_length:
            raise ValueError(f"position {stop - 1} does not fit: max_length={self.max_length}")
        if self.keys is None:
            self.keys = key.new_empty(*key.shape[:2], self.max_length, key.shape[-1])
            self.values = value.new_empty(*value.shape[:2], self.max_length, value.shape[-1])
        self.keys[:, :, start:stop] = key
        self.values[:, :, start:stop] = value
        self.length = stop
        return self.keys[:, :, :stop], self.values[:, :, :stop]

    def reorder(self, rows: Tensor) -> None:
        """Row r goes on from what row rows[r] has read.

        rows (B',): integers below B, one may come twice or not at all."""
        self.keys, self.values = self.keys[rows], self.values[rows]


def attend_to_cache(
    attention: MultiHeadAttention, x: Tensor, cache: KVCache, rotary: bool = False
) -> Tensor:
    """Self-attention of the newest positions over all that were read; the cache keeps these.

    x (B, n, d_model), the n newest positions; cache.length were read before them, and
    cache(key, value) keeps the newest and gives all so far, as KVCache does -> (B, n, d_model).
    No position sees a later one; rotary: queries and keys are turned by their positions."""
    start, stop = cache.length, cache.length + x.shape[1]
    projections = (attention.w_q, attention.w_k, attention.w_v)
    query, key, value = (split_heads(w(x), attention.n_heads) for w in projections)
    if rotary:
        query, key = rotate(query, start), rotate(key, start)
    keys, values = cache(key, value)  # (B, H, T, d_head)
    mask = causal_mask(stop)[start:]  # (n, T)
    heads = scaled_dot_product_attention(query, keys, values, mask)  # (B, H, n, d_head)
    return attention.w_o(merge_heads(heads))


def decoder_step(
    decoder: Decoder,
    x: Tensor,
    caches: Sequence[KVCache],
    memories: Sequence[tuple[Tensor, Tensor]],
    rotary: bool = False,
) -> Tensor:
    """The decoder's output for the newest positions alone; caches and memories hold the rest.

    x (B, n, d_model), the n newest positions; for each layer a cache, as in attend_to_cache, and
    the keys and values that its cross-attention made of the memory, two of (B or 1, H, T_k, d_head)
    -> (B, n, d_model); dropout is left out."""
    for layer, cache, (keys, values) in zip(decoder.layers, caches, memories, strict=True):
        look_back, asks = layer.self_attention, layer.cross_attention
        seen = functools.partial(attend_to_cache, look_back, cache=cache, rotary=rotary)
        read = functools.partial(attend_to_memory, asks, keys=keys, values=values)
        x = residual(x, seen, layer.norm_1, layer.norm_first)
        x = residual(x, read, layer.norm_2, layer.norm_first)
        x = residual(x, layer.feed_forward, layer.norm_3, layer.norm_first)
    return decoder.norm(x)


def attend_to_memory(
    attention: MultiHeadAttention, x: Tensor, keys: Tensor, values: Tensor
) -> Tensor:
    """Cross-attention to keys and values that were made once.

    x (B, n, d_model), keys and values (B or 1, H, T_k, d_head) -> (B, n, d_model)"""
    query = split_heads(attention.w_q(x), attention.n_heads)  # (B, H, n, d_head)
    return attention.w_o(merge_heads(scaled_dot_product_attention(query, keys, values)))


def frozen_linear(*linears: nn.Linear) -> Callable[[Tensor], Tensor]:
    """nn.Linear layers with one input as one function, their outputs side by side.

    x (..., d) -> (..., sum of the d')
    Their weights are looked up and laid together now, not at every token."""
    weight = torch.cat([linear.weight for linear in linears])
    bias = None if linears[0].bias is None else torch.cat([linear.bias for linear in linears])
    return functools.partial(F.linear, weight=weight, bias=bias)


def frozen_norm(norm: LayerNorm) -> Callable[[Tensor], Tensor]:
    """The same LayerNorm as one call of torch's instead of nine."""
    return functools.partial(
        F.layer_norm,
        normalized_shape=norm.gain.shape,
        weight=norm.gain,
        bias=norm.bias,
        eps=norm.eps,
    )


class CachedAttention:
    """Self-attention of the newest positions over all so far; a cache keeps keys and values."""

    def __init__(self, attention: MultiHeadAttention) -> None:
        self.n_heads, self.turns = attention.n_heads, isinstance(attention, RotaryAttention)
        self.project = frozen_linear(attention.w_q, attention.w_k, attention.w_v)
        self.w_o = frozen_linear(attention.w_o)

    def __call__(self, x: Tensor, cache: KVCache, mask: Tensor | None = None) -> Tensor:
        """x (B, n, d_model), the newest n positions -> (B, n, d_model).

        mask, broadcastable to (B, H, n, T): boolean, True = may attend,
        or numbers to be added to the scores (ALiBi's bias)."""
        projected = split_heads(self.project(x), 3 * self.n_heads)  # (B, 3 H, n, d_head)
        query, key, value = projected.chunk(3, dim=1)  # (B, H, n, d_head) each
        if self.turns:  # both at once
            query, key = rotate(torch.cat([query, key], dim=1), cache.length).chunk(2, dim=1)
        keys, values = cache(key, value)  # (B, H, T, d_head)
        # ours of lesson 04, in one call
        heads = F.scaled_dot_product_attention(query, keys, values, mask)
        return self.w_o(merge_heads(heads))


class MemoryAttention:
    """Cross-attention to a memory that stays as it is: its keys and values are made once."""

    def __init__(self, attention: MultiHeadAttention, memory: Tensor, mask: Tensor | None) -> None:
        self.n_heads, self.mask = attention.n_heads, mask
        self.w_q, self.w_o = frozen_linear(attention.w_q), frozen_linear(attention.w_o)
        # (B or 1, H, T_k, d_head)
        _, self.keys, self.values = attention.project(memory, memory, memory)

    def __call__(self, x: Tensor) -> Tensor:
        """x (B, n, d_model) -> (B, n, d_model)."""
        query = split_heads(self.w_q(x), self.n_heads)  # (B, H, n, d_head)
        shape = (len(x), *self.keys.shape[1:])  # one memory serves all rows
        keys, values = self.keys.expand(shape), self.values.expand(shape)
        heads = F.scaled_dot_product_attention(query, keys, values, self.mask)
        return self.w_o(merge_heads(heads))


def mask_of_newest(tokens: Tensor, start: int) -> Tensor | None:
    """Who may look where, for the positions from `start` on: nobody ahead, nobody at padding.

    tokens (B, T) -> boolean (B, 1, T - start, T); None where that forbids nothing"""
    n_positions = tokens.shape[1]
    if n_positions - start == 1 and not (tokens == PAD).any():
        return None
    return causal_mask(n_positions)[start:] & padding_mask(tokens)


class Cached:
    """next_logits (B, T) -> (B, V) that computes only the positions it has not seen.

    It knows its rows by their tokens: a row that goes on from another row's beginning (a beam)
    takes over what that one has read, and a row with a new beginning is read from its start. A
    subclass writes `read`; `new_cache` makes a KVCache."""

    def __init__(
        self, n_layers: int, max_length: int, new_cache: Callable[[int], KVCache] = KVCache
    ) -> None:
        self.make_caches = lambda: [new_cache(max_length) for _ in range(n_layers)]
        self.caches, self.tokens = self.make_caches(), torch.empty(0, 0, dtype=torch.long)

    @torch.inference_mode()
    def __call__(self, tokens: Tensor) -> Tensor:
        """tokens (B, T) -> logits of the next token (B, V)."""
        self.align(tokens)
        logits = self.read(tokens, self.tokens.shape[1])
        self.tokens = tokens.clone()  # a caller may go on writing in its own
        return logits

    def read(self, tokens: Tensor, start: int) -> Tensor:
        """tokens (B, T), the first `start` columns cached -> logits of the next token (B, V)."""
        raise NotImplementedError

    def align(self, tokens: Tensor) -> None:
        """Let each row's caches hold its beginning: as they are, in another order, or empty."""
        n_seen = self.tokens.shape[1]
        begun = tokens[:, :n_seen]
        if n_seen < tokens.shape[1] and torch.equal(begun, self.tokens):
            return
        rows = self.rows_of(begun) if n_seen < tokens.shape[1] else None
        if rows is None:
            self.caches, self.tokens = self.make_caches(), tokens[:, :0]
            return
        for cache in self.caches:
            cache.reorder(rows)

    def rows_of(self, begun: Tensor) -> Tensor | None:
        """begun (B, n) -> for each row a cached one with its tokens, or None where one has none."""
        same = (begun[:, None] == self.tokens).all(dim=-1)  # (B, B of the caches)
        return same.int().argmax(dim=1) if same.shape[1] and same.any(dim=1).all() else None


class SteppingTransformer(Cached):
    """The next token's logits of a Transformer that has read `source` (1, T_k), of its plain parts.

    `step`, such as decoder_step, runs the newest positions through the decoder. Neither the source
    nor the tokens may be padded; ValueError for several sources, and for ALiBi's positions."""

    def __init__(
        self,
        model: Transformer,
        source: Tensor,
        max_length: int,
        new_cache: Callable[[int], KVCache] = KVCache,
        step: Callable[..., Tensor] = decoder_step,
    ) -> None:
        super().__init__(len(model.decoder.layers), max_length, new_cache)
        if len(source) != 1 or model.config.positions == "alibi":
            raise ValueError(
                f"{len(source)} sources, positions={model.config.positions!r}: one source serves "
                "all rows here, and no score gets a bias; CachedTransformer knows both"
            )
        self.model, self.step = model, step
        training = model.training
        with torch.inference_mode():
            memory = model.eval().encode(source)
            # keys and values (1, H, T_k, d_head) of each layer's cross-attention
            self.memories = [
                layer.cross_attention.project(memory, memory, memory)[1:]
                for layer in model.decoder.layers
            ]
            empty = memory.new_zeros(1, max_length, memory.shape[-1])
            self.positions = model.positions(empty)  # (1, max_length, d_model)
        model.train(training)

    def read(self, tokens: Tensor, start: int) -> Tensor:
        """tokens (B, T), the first `start` columns cached -> logits of the next token (B, V)."""
        x = self.model.target_embedding(tokens[:, start:])  # (B, n, d_model)
        x = x + self.positions[:, start : tokens.shape[1]]
        rotary = self.model.config.positions == "rotary"
        x = self.step(self.model.decoder, x, self.caches, self.memories, rotary)
        return self.model.output(x[:, -1])


class CachedLayer:
    """A decoder layer, and all of it that stays the same from token to token."""

    def __init__(self, layer: DecoderLayer, memory: Tensor, memory_mask: Tensor | None) -> None:
        self.norm_first = layer.norm_first
        self.norms = [frozen_norm(norm) for norm in (layer.norm_1, layer.norm_2, layer.norm_3)]
        self.self_attention = CachedAttention(layer.self_attention)
        self.cross_attention = MemoryAttention(layer.cross_attention, memory, memory_mask)
        feed_forward = layer.feed_forward
        self.w_1, self.w_2 = frozen_linear(feed_forward.w_1), frozen_linear(feed_forward.w_2)
        self.activation = feed_forward.activation

    def __call__(self, x: Tensor, cache: KVCache, mask: Tensor | None) -> Tensor:
        """x (B, n, d_model), the newest -> (B, n, d_model); mask as in CachedAttention."""
        norms, norm_first = self.norms, self.norm_first
        x = residual(x, lambda y: self.self_attention(y, cache, mask), norms[0], norm_first)
        x = residual(x, self.cross_attention, norms[1], norm_first)
        return residual(x, lambda y: self.w_2(self.activation(self.w_1(y))), norms[2], norm_first)


class CachedTransformer(Cached):
    """The next token's logits of a Transformer that has read `source` (B, T_k), as in eval mode.

    Self-attention keeps its keys and values; those of cross-attention are made once, since the
    memory stays as it is. One source sentence serves any number of rows (beams); of several,
    row r of the tokens belongs to source row r."""

    def __init__(
        self,
        model: Transformer,
        source: Tensor,
        max_length: int,
        new_cache: Callable[[int], KVCache] = KVCache,
    ) -> None:
        super().__init__(len(model.decoder.layers), max_length, new_cache)
        self.model, self.n_sources = model, len(source)
        training = model.training
        with torch.inference_mode():
            memory = model.eval().encode(source)
            mask = padding_mask(source) if (source == PAD).any() else None
            self.layers = [CachedLayer(layer, memory, mask) for layer in model.decoder.layers]
            empty = memory.new_zeros(1, max_length, memory.shape[-1])
            self.positions = model.positions(empty)  # (1, max_length, d_model)
            self.output = frozen_linear(model.output)
            alibi = isinstance(model.decoder.layers[0].self_attention, AlibiAttention)
            n_heads = model.config.n_heads
            self.bias = alibi_bias(n_heads, max_length, max_length).to(memory) if alibi else None
        model.train(training)

    def rows_of(self, begun: Tensor) -> Tensor | None:
        """As in Cached; the rows of several sources are never exchanged."""
        return super().rows_of(begun) if self.n_sources == 1 else None

    def read(self, tokens: Tensor, start: int) -> Tensor:
        """tokens (B, T), the first `start` columns cached -> logits of the next token (B, V)."""
        stop = tokens.shape[1]
        x = self.model.target_embedding(tokens[:, start:])  # (B, n, d_model)
        x = x + self.positions[:, start:stop]
        mask = mask_of_newest(tokens, start)
        if self.bias is not None:
            bias = self.bias[None, :, start:stop, :stop]
            mask = bias if mask is None else bias.masked_fill(~mask, -torch.inf)
        for layer, cache in zip(self.layers, self.caches, strict=True):
            x = layer(x, cache, mask)
        return self.output(self.model.decoder.norm(x[:, -1]))  # of the last position alone
