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


def the_memory_asks(attention, x, memory, memory_mask=None):
    return attention(key=x, value=x, query=memory, mask=memory_mask)


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


class KeepsPaddingFromLearning(EmbeddingBase):
    def forward(self, tokens):
        return F.embedding(tokens, self.table, padding_idx=0) * self.d_model**0.5


class DrawnEvenly(EmbeddingBase):
    def draw(self):
        limit = (3 / self.d_model) ** 0.5
        nn.init.uniform_(self.table, -limit, limit)

    def forward(self, tokens):
        return F.embedding(tokens, self.table) * self.d_model**0.5


class AnnotatedEmbedding(nn.Module):
    """As in The Annotated Transformer."""

    def __init__(self, vocab_size, d_model):
        super().__init__()
        self.table = nn.Embedding(vocab_size, d_model)
        self.d_model = d_model

    def forward(self, tokens):
        return self.table(tokens) * math.sqrt(self.d_model)


class EmbeddingLayer(AnnotatedEmbedding):
    def __init__(self, vocab_size, d_model):
        super().__init__(vocab_size, d_model)
        nn.init.normal_(self.table.weight, mean=0, std=1 / math.sqrt(d_model))


class EmbeddingLayerWithPadding(AnnotatedEmbedding):
    def __init__(self, vocab_size, d_model):
        super().__init__(vocab_size, d_model)
        self.table = nn.Embedding(vocab_size, d_model, padding_idx=0)


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


class InFloat32(nn.Module):
    def forward(self, x):
        return sinusoidal_positions(x.shape[1], x.shape[2])[None] + x


class For512Words(nn.Module):
    def forward(self, x):
        return x + sinusoidal_positions(512, x.shape[-1])[: x.shape[1]].to(x.dtype)


class LayerBase(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.self_attention = config.self_attention()
        self.cross_attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.feed_forward = FeedForward(config.d_model, config.d_ff, config.activation)
        self.norm_1, self.norm_2, self.norm_3 = (LayerNorm(config.d_model) for _ in range(3))
        self.first, self.dropout = config.norm_first, nn.Dropout(config.dropout)

    def step(self, x, sublayer, norm):
        return x + self.dropout(sublayer(norm(x))) if self.first else norm(x + self.dropout(sublayer(x)))

    def forward(self, x, memory, mask=None, memory_mask=None):
        x = self.step(x, lambda y: self.self_attention(y, y, y, mask), self.norm_1)
        x = self.step(x, lambda y: self.cross_attention(y, memory, memory, memory_mask), self.norm_2)
        return self.step(x, self.feed_forward, self.norm_3)


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


class TargetMaskTwice(LayerBase):
    """mask where memory_mask belongs, and nowhere else."""

    def forward(self, x, memory, mask=None, memory_mask=None):
        x = self.step(x, lambda y: self.self_attention(y, y, y, mask), self.norm_1)
        x = self.step(x, lambda y: self.cross_attention(y, memory, memory, mask), self.norm_2)
        return self.step(x, self.feed_forward, self.norm_3)


class AsksWithX(LayerBase):
    """The lambda's own argument is forgotten."""

    def forward(self, x, memory, mask=None, memory_mask=None):
        x = self.step(x, lambda y: self.self_attention(y, y, y, mask), self.norm_1)
        z = x
        x = self.step(x, lambda y: self.cross_attention(z, memory, memory, memory_mask), self.norm_2)
        return self.step(x, self.feed_forward, self.norm_3)


class FirstNormTwice(LayerBase):
    def forward(self, x, memory, mask=None, memory_mask=None):
        x = self.step(x, lambda y: self.self_attention(y, y, y, mask), self.norm_1)
        x = self.step(x, lambda y: self.cross_attention(y, memory, memory, memory_mask), self.norm_1)
        return self.step(x, self.feed_forward, self.norm_3)


class AlwaysPostNorm(LayerBase):
    def step(self, x, sublayer, norm):
        return norm(x + self.dropout(sublayer(x)))


class KeepsTheNormalised(LayerBase):
    def step(self, x, sublayer, norm):
        x = norm(x) if self.first else x
        x = x + self.dropout(sublayer(x))
        return x if self.first else norm(x)


class NeverDrops(LayerBase):
    def step(self, x, sublayer, norm):
        return x + sublayer(norm(x)) if self.first else norm(x + sublayer(x))


class DropsTheSum(LayerBase):
    def step(self, x, sublayer, norm):
        return self.dropout(x + sublayer(norm(x)) if self.first else norm(x + sublayer(x)))


class DropsWhatIsRead(LayerBase):
    """Two of three sub-layers."""

    def forward(self, x, memory, mask=None, memory_mask=None):
        x = self.step(x, lambda y: self.self_attention(y, y, y, mask), self.norm_1)
        x = self.step(x, lambda y: self.cross_attention(y, memory, memory, memory_mask), self.norm_2)
        return x + self.feed_forward(self.norm_3(x)) if self.first else self.norm_3(x + self.feed_forward(x))


class PlainSelfAttention(LayerBase):
    def __init__(self, config):
        super().__init__(config)
        self.self_attention = MultiHeadAttention(config.d_model, config.n_heads)


class TwoOfAKind(LayerBase):
    def __init__(self, config):
        super().__init__(config)
        self.cross_attention = config.self_attention()


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


class OneLayer(DecoderBase):
    def __init__(self, config):
        super().__init__(config)
        layer = ReferenceLayer(config)
        self.layers = nn.ModuleList([layer for _ in range(config.n_layers)])

    def forward(self, x, memory, mask=None, memory_mask=None):
        for layer in self.layers:
            x = layer(x, memory, mask, memory_mask)
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
        self.positions, self.dropout = make_positions(config), nn.Dropout(config.dropout)
        self.encoder, self.decoder = Encoder(config), ReferenceDecoder(config)
        self.output = nn.Linear(config.d_model, config.target_vocab_size, bias=False)
        if config.tied and self.tied:
            self.output.weight = self.target_embedding.table

    def not_later(self, T):
        return torch.arange(T)[:, None] >= torch.arange(T)

    def masks(self, source, target):
        words = source.ne(0)[:, None, None]
        return words, self.not_later(target.shape[1]) & target.ne(0)[:, None, None], words

    def embedded(self, tokens, embedding):
        return self.dropout(self.positions(embedding(tokens)))

    def encode(self, source):
        return self.encoder(self.embedded(source, self.source_embedding), self.masks(source, source)[0])

    def decode(self, target, memory, source):
        _, target_mask, memory_mask = self.masks(source, target)
        x = self.decoder(self.embedded(target, self.target_embedding), memory, target_mask, memory_mask)
        return self.scores(self.output(x))

    def scores(self, logits):
        return logits

    def forward(self, source, target):
        return self.decode(target, self.encode(source), source)


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
    def scores(self, logits):
        return F.softmax(logits, dim=-1)


class GivesLogarithms(ModelBase):
    def scores(self, logits):
        return torch.log_softmax(logits, -1)


class PaddedRows(ModelBase):
    """As two well-known repositories mask the target's padding."""

    def masks(self, source, target):
        words = source.ne(0).unsqueeze(1).unsqueeze(2)
        target_words = target.ne(0).unsqueeze(1).unsqueeze(3)
        return words, target_words & self.not_later(target.shape[1]), words


class EitherMask(ModelBase):
    def masks(self, source, target):
        words = source.ne(0)[:, None, None]
        return words, target.ne(0)[:, None, None] | self.not_later(target.shape[1]), words


class NeverDropsWords(ModelBase):
    def embedded(self, tokens, embedding):
        return self.positions(embedding(tokens))


class DropsWordsAlone(ModelBase):
    def embedded(self, tokens, embedding):
        return self.positions(self.dropout(embedding(tokens)))


class ScaledAgain(ModelBase):
    def embedded(self, tokens, embedding):
        rows = embedding(tokens)
        return self.dropout(self.positions(rows * math.sqrt(rows.size(-1))))


class EncodesAgain(ModelBase):
    def decode(self, target, memory, source):
        return super().decode(target, self.encode(source), source)


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
        "the memory asks, with its mask": the_memory_asks,
    },
    "TokenEmbedding": {
        "not scaled": BareRows,
        "scaled by d_model": TimesWidth,
        "drawn from N(0, 1)": StandardNormal,
        "padding emptied": EmptyPadding,
        "padding_idx": KeepsPaddingFromLearning,
        "an nn.Embedding": EmbeddingLayer,
        "an nn.Embedding drawn from N(0, 1)": AnnotatedEmbedding,
        "an nn.Embedding with padding_idx": EmbeddingLayerWithPadding,
        "drawn evenly": DrawnEvenly,
    },
    "SinusoidalPositions": {
        "along the batch": PositionsForTimeFirst,
        "first position is 1": CountsFromOne,
        "nothing added": OnlyPositions,
        "another number type": InFloat32,
        "no more than 512 positions": For512Words,
    },
    "DecoderLayer": {
        "K and V from the decoder": ReadsItself,
        "memory mask not passed on": NoMemoryMask,
        "cross-attention first": SourceFirst,
        "one norm for all": OneNormForAll,
        "the target's mask for both": TargetMaskTwice,
        "cross-attention without its norm": AsksWithX,
        "norm_1 for the cross-attention too": FirstNormTwice,
        "always post-norm": AlwaysPostNorm,
        "adds the normalised x each time": KeepsTheNormalised,
        "no dropout": NeverDrops,
        "no dropout on the feed-forward network": DropsWhatIsRead,
        "dropout on the sum": DropsTheSum,
        "plain self-attention": PlainSelfAttention,
        "positions in the cross-attention": TwoOfAKind,
    },
    "Decoder": {
        "no last norm": NeverCloses,
        "target mask not passed on": ForgetsTheFuture,
        "memory read once": ReadsTheSourceOnce,
        "one layer many times": OneLayer,
    },
    "Transformer": {
        "no causal mask": SeesTheFuture,
        "causal mask shifted": SeesTheNext,
        "memory mask not passed on": ReadsPadding,
        "weights not tied": TwoTables,
        "logits through softmax": GivesProbabilities,
        "logits through log_softmax": GivesLogarithms,
        "padded rows for padded columns": PaddedRows,
        "either mask is enough": EitherMask,
        "no dropout": NeverDropsWords,
        "dropout before the positions": DropsWordsAlone,
        "scaled once more": ScaledAgain,
        "memory encoded again": EncodesAgain,
    },
    "n_parameters_of_base_model": {"two tables": counts_two_tables, "no cross-attention": counts_one_attention},
    "flops": {
        "a multiplication counted, its addition not": counts_multiplications,
        "keys and values from the target": takes_t_q_for_t_k,
    },
}
