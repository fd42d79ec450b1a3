"""Wrong answers to the exercises of lesson 08, written without the reference at hand."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from course.blocks import Encoder, FeedForward, LayerNorm
from course.multi_head import MultiHeadAttention
from course.positions import sinusoidal_positions
from course.transformer import Decoder as ReferenceDecoder
from course.transformer import DecoderLayer as ReferenceLayer
from course.transformer import TokenEmbedding as ReferenceEmbedding
from course.transformer import make_positions


def asks_itself(attention, x, memory, memory_mask=None):
    return attention(query=x, key=x, value=x)


def asks_the_other_way_round(attention, x, memory, memory_mask=None):
    return attention(key=x, value=x, query=memory)


def forgets_the_padding(attention, x, memory, memory_mask=None):
    return attention(query=x, key=memory, value=memory, mask=None)


def adds_at_once(attention, x, memory, memory_mask=None):
    read = attention(x, memory, memory, mask=memory_mask)
    return read + x


class EmbeddingBase(nn.Module):
    def __init__(self, vocab_size, d_model):
        super().__init__()
        self.d_model = d_model
        self.table = nn.Parameter(torch.empty(vocab_size, d_model))
        self.draw()

    def draw(self):
        nn.init.normal_(self.table, std=self.d_model**-0.5)


class BareRows(EmbeddingBase):
    def forward(self, tokens):
        return F.embedding(tokens, self.table)


class TimesWidth(EmbeddingBase):
    def forward(self, tokens):
        return F.embedding(tokens, self.table) * self.d_model


class StandardNormal(EmbeddingBase):
    def draw(self):
        nn.init.normal_(self.table)

    def forward(self, tokens):
        return F.embedding(tokens, self.table) * self.d_model**0.5


class EmptyPadding(EmbeddingBase):
    def forward(self, tokens):
        return (math.sqrt(self.d_model) * F.embedding(tokens, self.table)).masked_fill(tokens.eq(0).unsqueeze(-1), 0)


class PositionsForTimeFirst(nn.Module):
    def forward(self, x):
        table = sinusoidal_positions(x.size(0), x.size(2)).to(x.dtype).unsqueeze(1)
        return table + x


class CountsFromOne(nn.Module):
    def forward(self, x):
        T, d_model = x.shape[1:]
        return x + torch.stack([sinusoidal_positions(T + 2, d_model)[t + 1] for t in range(T)]).to(x)


class OnlyPositions(nn.Module):
    def forward(self, x):
        return torch.zeros_like(x) + sinusoidal_positions(x.shape[1], x.shape[2]).to(x)


class LayerBase(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.self_attention = config.self_attention()
        self.cross_attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.feed_forward = FeedForward(config.d_model, config.d_ff, config.activation)
        self.norm_1, self.norm_2, self.norm_3 = (LayerNorm(config.d_model) for _ in range(3))
        self.first = config.norm_first

    def step(self, x, sublayer, norm):
        return x + sublayer(norm(x)) if self.first else norm(x + sublayer(x))


class ReadsItself(LayerBase):
    def forward(self, x, memory, mask=None, memory_mask=None):
        x = self.step(x, lambda y: self.self_attention(y, y, y, mask), self.norm_1)
        x = self.step(x, lambda y: self.cross_attention(y, y, y, mask), self.norm_2)
        return self.step(x, self.feed_forward, self.norm_3)


class NoMemoryMask(LayerBase):
    def forward(self, x, memory, mask=None, memory_mask=None):
        x = self.step(x, lambda y: self.self_attention(y, y, y, mask), self.norm_1)
        x = self.step(x, lambda y: self.cross_attention(y, memory, memory), self.norm_2)
        return self.step(x, self.feed_forward, self.norm_3)


class SourceFirst(LayerBase):
    def forward(self, x, memory, mask=None, memory_mask=None):
        x = self.step(x, lambda y: self.cross_attention(y, memory, memory, memory_mask), self.norm_2)
        x = self.step(x, lambda y: self.self_attention(y, y, y, mask), self.norm_1)
        return self.step(x, self.feed_forward, self.norm_3)


class OneNormForAll(LayerBase):
    def forward(self, x, memory, mask=None, memory_mask=None):
        x = self.step(x, lambda y: self.self_attention(y, y, y, mask), self.norm_1)
        x = self.step(x, lambda y: self.cross_attention(y, memory, memory, memory_mask), self.norm_1)
        return self.step(x, self.feed_forward, self.norm_1)


class DecoderBase(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList(ReferenceLayer(config) for _ in range(config.n_layers))
        self.norm = LayerNorm(config.d_model) if config.norm_first else nn.Identity()


class NeverCloses(DecoderBase):
    def forward(self, x, memory, mask=None, memory_mask=None):
        for layer in self.layers:
            x = layer(x, memory, mask, memory_mask)
        return x


class ForgetsTheFuture(DecoderBase):
    def forward(self, x, memory, mask=None, memory_mask=None):
        for layer in self.layers:
            x = layer(x, memory, memory_mask=memory_mask)
        return self.norm(x)


class ReadsTheSourceOnce(DecoderBase):
    def forward(self, x, memory, mask=None, memory_mask=None):
        first, *others = self.layers
        x = first(x, memory, mask, memory_mask)
        for layer in others:
            x = layer(x, x, mask, memory_mask)
        return self.norm(x)


class ModelBase(nn.Module):
    tied = True

    def __init__(self, config):
        super().__init__()
        self.source_embedding = ReferenceEmbedding(config.source_vocab_size, config.d_model)
        self.target_embedding = ReferenceEmbedding(config.target_vocab_size, config.d_model)
        if config.shared:
            self.target_embedding = self.source_embedding
        self.positions = make_positions(config)
        self.encoder, self.decoder = Encoder(config), ReferenceDecoder(config)
        self.output = nn.Linear(config.d_model, config.target_vocab_size, bias=False)
        if config.tied and self.tied:
            self.output.weight = self.target_embedding.table

    def not_later(self, T):
        return torch.arange(T)[:, None] >= torch.arange(T)

    def masks(self, source, target):
        words = source.ne(0)[:, None, None]
        return words, self.not_later(target.shape[1]) & target.ne(0)[:, None, None], words

    def forward(self, source, target):
        source_mask, target_mask, memory_mask = self.masks(source, target)
        memory = self.encoder(self.positions(self.source_embedding(source)), source_mask)
        x = self.decoder(self.positions(self.target_embedding(target)), memory, target_mask, memory_mask)
        return self.output(x)


class SeesTheFuture(ModelBase):
    def not_later(self, T):
        return torch.ones(T, T, dtype=torch.bool)


class SeesTheNext(ModelBase):
    def not_later(self, T):
        return torch.arange(T)[:, None] >= torch.arange(T) - 1


class ReadsPadding(ModelBase):
    def masks(self, source, target):
        return *super().masks(source, target)[:2], None


class TwoTables(ModelBase):
    tied = False


class GivesProbabilities(ModelBase):
    def forward(self, source, target):
        return F.softmax(super().forward(source, target), dim=-1)


def counts_two_tables(vocab_size=37_000, d_model=512, d_ff=2048, n_layers=6):
    attention, feed_forward = 4 * d_model * (d_model + 1), d_ff * (2 * d_model + 1) + d_model
    return {
        "embedding": vocab_size * d_model + vocab_size * d_model,
        "encoder": (attention + feed_forward + 4 * d_model) * n_layers,
        "decoder": (2 * attention + feed_forward + 6 * d_model) * n_layers,
    }


def counts_one_attention(vocab_size=37_000, d_model=512, d_ff=2048, n_layers=6):
    attention, feed_forward = 4 * d_model * (d_model + 1), d_ff * (2 * d_model + 1) + d_model
    encoder = (attention + feed_forward + 4 * d_model) * n_layers
    return {"embedding": vocab_size * d_model, "encoder": encoder, "decoder": encoder + 2 * d_model * n_layers}


def counts_multiplications(config, n_source, n_target):
    both, d, n_layers = n_source + n_target, config.d_model, config.n_layers
    return {
        "projections": 6 * n_layers * d * d * both,
        "attention": 2 * n_layers * d * (n_source**2 + n_target**2 + n_source * n_target),
        "feed_forward": 2 * n_layers * d * config.d_ff * both,
        "output": n_target * d * config.target_vocab_size,
    }


def takes_t_q_for_t_k(config, n_source, n_target):
    both, d, n_layers = n_source + n_target, config.d_model, config.n_layers
    return {
        "projections": 8 * n_layers * d * d * (both + n_target),
        "attention": 4 * n_layers * d * (n_source**2 + n_target**2 + n_source * n_target),
        "feed_forward": 4 * n_layers * d * config.d_ff * both,
        "output": 2 * n_target * d * config.target_vocab_size,
    }


WRONG = {
    "cross_attend": {
        "K and V from the decoder": asks_itself,
        "decoder and encoder swapped": asks_the_other_way_round,
        "mask not passed on": forgets_the_padding,
        "residual inside": adds_at_once,
    },
    "TokenEmbedding": {
        "not scaled": BareRows,
        "scaled by d_model": TimesWidth,
        "drawn from N(0, 1)": StandardNormal,
        "padding emptied": EmptyPadding,
    },
    "SinusoidalPositions": {
        "along the batch": PositionsForTimeFirst,
        "first position is 1": CountsFromOne,
        "nothing added": OnlyPositions,
    },
    "DecoderLayer": {
        "K and V from the decoder": ReadsItself,
        "memory mask not passed on": NoMemoryMask,
        "cross-attention first": SourceFirst,
        "one norm for all": OneNormForAll,
    },
    "Decoder": {
        "no last norm": NeverCloses,
        "target mask not passed on": ForgetsTheFuture,
        "memory read once": ReadsTheSourceOnce,
    },
    "Transformer": {
        "no causal mask": SeesTheFuture,
        "causal mask shifted": SeesTheNext,
        "memory mask not passed on": ReadsPadding,
        "weights not tied": TwoTables,
        "logits through softmax": GivesProbabilities,
    },
    "n_parameters_of_base_model": {"two tables": counts_two_tables, "no cross-attention": counts_one_attention},
    "flops": {
        "a multiplication counted, its addition not": counts_multiplications,
        "keys and values from the target": takes_t_q_for_t_k,
    },
}
