"""Right answers to the exercises of lesson 08, each written another way than the reference."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from course.attention import padding_mask
from course.blocks import Encoder, FeedForward, LayerNorm
from course.multi_head import MultiHeadAttention
from course.positions import sinusoidal_positions
from course.transformer import Decoder as ReferenceDecoder
from course.transformer import DecoderLayer as ReferenceLayer
from course.transformer import TokenEmbedding as ReferenceEmbedding
from course.transformer import Transformer as ReferenceTransformer
from course.transformer import make_positions


def cross_attend_by_name(attention, x, memory, memory_mask=None):
    return attention(query=x, key=memory, value=memory, mask=memory_mask)


def cross_attend_in_steps(attention, x, memory, memory_mask=None):
    label = content = memory
    more = [] if memory_mask is None else [memory_mask]
    return attention(x, label, content, *more)


def cross_attend_query_by_query(attention, x, memory, memory_mask=None):
    answers = [attention(x[:, t : t + 1], memory, memory, memory_mask) for t in range(x.shape[1])]
    return torch.cat(answers, dim=1)


class EmbeddingByNormal(nn.Module):
    def __init__(self, vocab_size, d_model):
        super().__init__()
        self.table = nn.Parameter(torch.empty(vocab_size, d_model))
        nn.init.normal_(self.table, std=d_model**-0.5)
        self.scale = d_model**0.5

    def forward(self, tokens):
        return F.embedding(tokens, self.table) * self.scale


class EmbeddingByOneHot(nn.Module):
    def __init__(self, vocab_size, d_model):
        super().__init__()
        self.table = nn.Parameter(torch.randn(vocab_size, d_model) * (1 / d_model) ** 0.5)

    def forward(self, tokens):
        vocab_size, d_model = self.table.shape
        return math.sqrt(d_model) * (F.one_hot(tokens, vocab_size).to(self.table.dtype) @ self.table)


class EmbeddingByIndexSelect(nn.Module):
    def __init__(self, vocab_size, d_model):
        super().__init__()
        self.d_model = d_model
        self.table = nn.Parameter(torch.normal(0.0, 1 / math.sqrt(d_model), (vocab_size, d_model)))

    def forward(self, tokens):
        rows = self.table.index_select(0, tokens.flatten()) * math.sqrt(self.d_model)
        return rows.unflatten(0, tokens.shape)


class PositionsByName(nn.Module):
    def forward(self, x):
        _, n_positions, d_model = x.shape
        return x + sinusoidal_positions(n_positions, d_model).to(x.dtype)[None]


class PositionsSentenceBySentence(nn.Module):
    def forward(self, x):
        return torch.stack([sentence + sinusoidal_positions(len(sentence), sentence.shape[1]).to(x) for sentence in x])


class PositionsAsInTheAnnotatedTransformer(nn.Module):
    """A table in float32, made for 5000 positions, of which the first rows are taken."""

    def forward(self, x):
        position = torch.arange(0, 5000).unsqueeze(1).float()
        factors = torch.exp(torch.arange(0, x.size(-1), 2).float() * -(math.log(10000.0) / x.size(-1)))
        table = torch.zeros(5000, x.size(-1))
        table[:, 0::2], table[:, 1::2] = torch.sin(position * factors), torch.cos(position * factors)
        return x + table.unsqueeze(0)[:, : x.size(1)].requires_grad_(False).to(x.dtype)


class PositionsByAddingInPlace(nn.Module):
    def forward(self, x):
        out = x.clone()
        out += sinusoidal_positions(x.size(1), x.size(2)).to(x).expand_as(x)
        return out


class DecoderLayerStepByStep(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.self_attention = config.self_attention()
        self.cross_attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.feed_forward = FeedForward(config.d_model, config.d_ff, config.activation)
        self.norm_1, self.norm_2 = LayerNorm(config.d_model), LayerNorm(config.d_model)
        self.norm_3 = LayerNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.config = config

    def forward(self, x, memory, mask=None, memory_mask=None):
        if self.config.norm_first:
            y = self.norm_1(x)
            x = x + self.dropout(self.self_attention(y, y, y, mask))
            x = x + self.dropout(self.cross_attention(self.norm_2(x), memory, memory, memory_mask))
            return x + self.dropout(self.feed_forward(self.norm_3(x)))
        x = self.norm_1(x + self.dropout(self.self_attention(x, x, x, mask)))
        x = self.norm_2(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)))
        return self.norm_3(x + self.dropout(self.feed_forward(x)))


class DecoderLayerInALoop(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm_1, self.norm_2, self.norm_3 = [LayerNorm(config.d_model) for _ in range(3)]
        self.feed_forward = FeedForward(config.d_model, config.d_ff, activation=config.activation)
        self.cross_attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.self_attention = config.self_attention()
        self.p, self.norm_first = config.dropout, config.norm_first

    def forward(self, x, memory, mask=None, memory_mask=None):
        steps = [
            (self.norm_1, lambda y: self.self_attention(y, y, y, mask=mask)),
            (self.norm_2, lambda y: self.cross_attention(y, memory, memory, mask=memory_mask)),
            (self.norm_3, self.feed_forward),
        ]
        for norm, sublayer in steps:
            said = F.dropout(sublayer(norm(x) if self.norm_first else x), self.p, self.training)
            x = x + said if self.norm_first else norm(x + said)
        return x


class DecoderLayerOnTheReference(ReferenceLayer):
    def forward(self, x, memory, mask=None, memory_mask=None):
        before = [norm if self.norm_first else nn.Identity() for norm in (self.norm_1, self.norm_2, self.norm_3)]
        after = [nn.Identity() if self.norm_first else norm for norm in (self.norm_1, self.norm_2, self.norm_3)]
        y = before[0](x)
        x = after[0](x + self.dropout(self.self_attention(y, y, y, mask)))
        x = after[1](x + self.dropout(self.cross_attention(before[1](x), memory, memory, memory_mask)))
        return after[2](self.dropout(self.feed_forward(before[2](x))) + x)


class DecoderByAppending(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([])
        self.layers.extend(ReferenceLayer(config) for _ in range(config.n_layers))
        self.norm = LayerNorm(config.d_model) if config.norm_first else None

    def forward(self, x, memory, mask=None, memory_mask=None):
        states = [x]
        for layer in self.layers:
            states.append(layer(states[-1], memory, mask=mask, memory_mask=memory_mask))
        return states[-1] if self.norm is None else self.norm(states[-1])


class DecoderByRecursion(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([ReferenceLayer(config) for _ in range(config.n_layers)])
        self.norm = LayerNorm(config.d_model) if config.norm_first else nn.Sequential()

    def run(self, x, others, left):
        return self.run(self.layers[-left](x, *others), others, left - 1) if left else x

    def forward(self, x, memory, mask=None, memory_mask=None):
        return self.norm(self.run(x, (memory, mask, memory_mask), len(self.layers)))


class DecoderByIndex(ReferenceDecoder):
    def forward(self, x, memory, mask=None, memory_mask=None):
        for index in range(len(self.layers)):
            x = self.layers[index](x, memory, mask, memory_mask)
        return self.norm(x)


class TransformerInOneForward(ReferenceTransformer):
    def forward(self, source, target):
        words = (source != 0)[:, None, None]
        memory = self.encoder(self.dropout(self.positions(self.source_embedding(source))), words)
        T = target.shape[1]
        not_later = torch.arange(T)[:, None] >= torch.arange(T)
        mask = not_later & (target != 0)[:, None, None]
        x = self.dropout(self.positions(self.target_embedding(target)))
        return self.output(self.decoder(x, memory, mask, words))


class TransformerWithItsOwnConstructor(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.source_embedding = ReferenceEmbedding(config.source_vocab_size, config.d_model)
        self.target_embedding = (
            self.source_embedding if config.shared else ReferenceEmbedding(config.target_vocab_size, config.d_model)
        )
        self.positions, self.dropout = make_positions(config), nn.Dropout(config.dropout)
        self.encoder = Encoder(config)
        self.decoder = ReferenceDecoder(config)
        self.output = nn.Linear(config.d_model, config.target_vocab_size, bias=False)
        if config.tied:
            self.target_embedding.table = self.output.weight

    def embedded(self, tokens, embedding):
        return self.dropout(self.positions(embedding(tokens)))

    def encode(self, source):
        return self.encoder(self.embedded(source, self.source_embedding), mask=padding_mask(source))

    def decode(self, target, memory, source):
        mask = torch.ones(target.shape[1], target.shape[1]).tril().bool() & padding_mask(target)
        words = padding_mask(source)
        x = self.decoder(self.embedded(target, self.target_embedding), memory, mask, memory_mask=words)
        return x @ self.output.weight.T

    def forward(self, source, target):
        return self.decode(memory=self.encode(source), source=source, target=target)


class TransformerWithMaskBySorting(ReferenceTransformer):
    def encode(self, source):
        x = self.dropout(self.positions(self.source_embedding(source)))
        return self.encoder(x, mask=source.ne(0).unsqueeze(1).unsqueeze(1))

    def decode(self, target, memory, source):
        T = target.shape[-1]
        future = torch.triu(torch.ones(T, T, dtype=torch.bool), diagonal=1)
        blocked = future | target.eq(0)[:, None, None, :]
        x = self.dropout(self.positions(self.target_embedding(target)))
        return F.linear(self.decoder(x, memory, ~blocked, source.ne(0)[:, None, None, :]), self.output.weight)


def parameters_by_layers(vocab_size=37_000, d_model=512, d_ff=2048, n_layers=6):
    encoder = decoder = 0
    for _ in range(n_layers):
        attention = 4 * d_model * (d_model + 1)
        feed_forward = d_ff * (d_model + 1) + d_model * (d_ff + 1)
        encoder += attention + feed_forward + 4 * d_model
        decoder += 2 * attention + feed_forward + 6 * d_model
    return {"embedding": vocab_size * d_model, "encoder": encoder, "decoder": decoder}


def parameters_by_looking(vocab_size=37_000, d_model=512, d_ff=2048, n_layers=6):
    def count(module):
        return sum(parameter.numel() for parameter in module.parameters())

    with torch.device("meta"):
        attention, norm = nn.MultiheadAttention(d_model, 1), nn.LayerNorm(d_model)
        feed_forward = nn.Sequential(nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model))
    layer = count(attention) + count(feed_forward) + 2 * count(norm)
    more = count(attention) + count(norm)
    return {"decoder": n_layers * (layer + more), "encoder": n_layers * layer, "embedding": vocab_size * d_model}


def parameters_by_torch(vocab_size=37_000, d_model=512, d_ff=2048, n_layers=6):
    layers = (nn.TransformerEncoderLayer, nn.TransformerDecoderLayer)
    with torch.device("meta"):
        counts = [sum(p.numel() for p in layer(d_model, 1, d_ff).parameters()) for layer in layers]
    return {"embedding": vocab_size * d_model, "encoder": n_layers * counts[0], "decoder": n_layers * counts[1]}


def flops_by_products(config, n_source, n_target):
    found = dict.fromkeys(("projections", "attention", "feed_forward", "output"), 0)

    def product(kind, n, m, p):
        found[kind] += 2 * n * m * p

    d = config.d_model
    for _ in range(config.n_layers):
        for queries, keys in ((n_source, n_source), (n_target, n_target), (n_target, n_source)):
            for rows in (queries, keys, keys, queries):
                product("projections", rows, d, d)
            product("attention", queries, d, keys)
            product("attention", queries, keys, d)
        for rows in (n_source, n_target):
            product("feed_forward", rows, d, config.d_ff)
            product("feed_forward", rows, config.d_ff, d)
    product("output", n_target, d, config.target_vocab_size)
    return found


def flops_by_sums(config, n_source, n_target):
    S, T, d, N = n_source, n_target, config.d_model, config.n_layers
    return {
        "output": 2 * d * T * config.target_vocab_size,
        "projections": 12 * N * d**2 * (S + T),
        "attention": 4 * N * d * (S**2 + T**2 + S * T),
        "feed_forward": 4 * N * d * config.d_ff * (S + T),
    }


def flops_by_heads(config, n_source, n_target):
    d_head = config.d_model // config.n_heads
    pairs, both = [(n_source, n_source), (n_target, n_target), (n_target, n_source)], n_source + n_target
    one_head = sum(2 * q * k * d_head + 2 * q * k * d_head for q, k in pairs)
    projections = sum(2 * (2 * q + 2 * k) * config.d_model * config.d_model for q, k in pairs)
    return {
        "projections": config.n_layers * projections,
        "attention": config.n_layers * config.n_heads * one_head,
        "feed_forward": config.n_layers * 2 * 2 * both * config.d_model * config.d_ff,
        "output": 2 * n_target * config.d_model * config.target_vocab_size,
    }


RIGHT = {
    "cross_attend": [cross_attend_by_name, cross_attend_in_steps, cross_attend_query_by_query],
    "TokenEmbedding": [EmbeddingByNormal, EmbeddingByOneHot, EmbeddingByIndexSelect],
    "SinusoidalPositions": [
        PositionsByName,
        PositionsSentenceBySentence,
        PositionsAsInTheAnnotatedTransformer,
        PositionsByAddingInPlace,
    ],
    "DecoderLayer": [DecoderLayerStepByStep, DecoderLayerInALoop, DecoderLayerOnTheReference],
    "Decoder": [DecoderByAppending, DecoderByRecursion, DecoderByIndex],
    "Transformer": [TransformerInOneForward, TransformerWithItsOwnConstructor, TransformerWithMaskBySorting],
    "n_parameters_of_base_model": [parameters_by_layers, parameters_by_looking, parameters_by_torch],
    "flops": [flops_by_products, flops_by_sums, flops_by_heads],
}
