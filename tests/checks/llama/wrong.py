"""Wrong answers to the exercises of llama, written without the reference at hand."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from course.gpt import UnscaledEmbedding
from course.llama import CachedLlama, LlamaBlock
from course.llama import RMSNorm as ReferenceNorm
from course.positions import rotate


class Norm(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps, self.gain = eps, nn.Parameter(torch.ones(d_model))


class LayerNormed(Norm):
    def forward(self, x):
        return F.layer_norm(x, x.shape[-1:], self.gain, None, self.eps)


class ByStd(Norm):
    def forward(self, x):
        return x / torch.sqrt(x.var(-1, unbiased=False, keepdim=True) + self.eps) * self.gain


class UnitLength(Norm):
    def forward(self, x):
        return x / torch.sqrt((x**2).sum(-1, keepdim=True) + self.eps) * self.gain


class NoRoot(Norm):
    def forward(self, x):
        return self.gain * x / (x.square().mean(-1, True) + self.eps)


class NoGain(Norm):
    def forward(self, x):
        return F.rms_norm(x, x.shape[-1:], None, self.eps)


class Gemma(Norm):
    def forward(self, x):
        return F.rms_norm(x, x.shape[-1:], 1 + self.gain, self.eps)


class PlainGain(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps, self.gain = eps, torch.ones(d_model)

    def forward(self, x):
        return x / (x.pow(2).mean(-1, keepdim=True) + self.eps).sqrt() * self.gain


class Three(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.w_gate = nn.Linear(d_model, d_ff, bias=False)
        self.w_up = nn.Linear(d_model, d_ff, bias=False)
        self.w_down = nn.Linear(d_ff, d_model, bias=False)


class Glu(Three):
    def forward(self, x):
        return self.w_down(self.w_up(x) * self.w_gate(x).sigmoid())


class GeGlu(Three):
    def forward(self, x):
        return self.w_down(self.w_up(x) * F.gelu(self.w_gate(x)))


class GateOfTheOther(Three):
    def forward(self, x):
        return self.w_down(self.w_gate(x) * nn.SiLU()(self.w_up(x)))


class AroundAll(Three):
    def forward(self, x):
        hidden = self.w_gate(x) * self.w_up(x)
        return self.w_down(hidden * torch.sigmoid(hidden))


class Sum(Three):
    def forward(self, x):
        return self.w_down(self.w_up(x) + F.silu(self.w_gate(x)))


class Square(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.w_gate = nn.Linear(d_model, d_ff, bias=False)
        self.w_up = nn.Linear(d_model, d_ff, bias=False)
        self.w_down = nn.Linear(d_model, d_ff, bias=False)

    def forward(self, x):
        return self.w_down(F.silu(self.w_gate(x)) * self.w_up(x))


class Grouped(nn.Module):
    """Right in all parts; those below exchange one."""

    def __init__(self, d_model, n_heads, n_kv_heads, d_head=None, turn=rotate):
        super().__init__()
        self.refuse(d_model, n_heads, n_kv_heads, d_head)
        self.n_heads, self.n_kv_heads, self.turn = n_heads, n_kv_heads, turn
        self.d_head = d_head or d_model // n_heads
        self.w_q = nn.Linear(d_model, n_heads * self.d_head, bias=False)
        self.w_k = nn.Linear(d_model, n_kv_heads * self.d_head, bias=False)
        self.w_v = nn.Linear(d_model, n_kv_heads * self.d_head, bias=False)
        self.w_o = nn.Linear(n_heads * self.d_head, d_model, bias=False)

    def refuse(self, d_model, n_heads, n_kv_heads, d_head):
        if n_heads % n_kv_heads or (d_head is None and d_model % n_heads):
            raise ValueError(f"cannot divide: {d_model=}, {n_heads=}, {n_kv_heads=}")

    def cut(self, x):
        return x.unflatten(-1, (-1, self.d_head)).movedim(-2, 1)

    def project(self, x, start=0):
        query, key, value = self.cut(self.w_q(x)), self.cut(self.w_k(x)), self.cut(self.w_v(x))
        return self.turn(query, start), self.turn(key, start), value

    def share(self, x):
        return x.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)

    def attend(self, query, key, value, mask=None):
        heads = F.scaled_dot_product_attention(query, self.share(key), self.share(value), mask)
        return self.w_o(heads.movedim(1, 2).flatten(2))

    def forward(self, x, mask=None):
        return self.attend(*self.project(x), mask)


class Tiled(Grouped):
    def share(self, x):
        return torch.cat([x] * (self.n_heads // self.n_kv_heads), dim=1)


class OneForAll(Grouped):
    def share(self, x):
        return x[:, [0] * self.n_heads]


class NotShared(Grouped):
    def share(self, x):
        return x


class AlwaysFromZero(Grouped):
    def project(self, x, start=0):
        return super().project(x)


class TurnsAll(Grouped):
    def project(self, x, start=0):
        query, key, value = super().project(x, start)
        return query, key, self.turn(value, start)


class TurnsNothing(Grouped):
    def project(self, x, start=0):
        return self.cut(self.w_q(x)), self.cut(self.w_k(x)), self.cut(self.w_v(x))


class KnowsOneTurn(Grouped):
    def project(self, x, start=0):
        return rotate(self.cut(self.w_q(x)), start), rotate(self.cut(self.w_k(x)), start), self.cut(self.w_v(x))


class TurnsBeforeTheCut(Grouped):
    def project(self, x, start=0):
        query, key = self.turn(self.w_q(x), start), self.turn(self.w_k(x), start)
        return self.cut(query), self.cut(key), self.cut(self.w_v(x))


class ForgetsTheMask(Grouped):
    def attend(self, query, key, value, mask=None):
        return super().attend(query, key, value)


class Scrambles(Grouped):
    def attend(self, query, key, value, mask=None):
        heads = F.scaled_dot_product_attention(query, self.share(key), self.share(value), mask)
        return self.w_o(heads.reshape(len(query), query.shape[2], -1))


class TakesAll(Grouped):
    def refuse(self, d_model, n_heads, n_kv_heads, d_head):
        pass


class RefusesTooMuch(Grouped):
    def refuse(self, d_model, n_heads, n_kv_heads, d_head):
        super().refuse(d_model, n_heads, n_kv_heads, None)


class Model(nn.Module):
    """Right in all parts; those below exchange one."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = UnscaledEmbedding(config.vocab_size, config.d_model)
        self.blocks = self.make_blocks(config)
        self.norm = ReferenceNorm(config.d_model, config.eps)
        self.output = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.tie()

    def make_blocks(self, config):
        return nn.ModuleList([LlamaBlock(config) for _ in range(config.n_layers)])

    def tie(self):
        if self.config.tied:
            self.output.weight = self.embedding.table

    def mask(self, tokens):
        return torch.ones(tokens.shape[1], tokens.shape[1]).tril().bool()

    def begin(self, tokens):
        return self.embedding(tokens)

    def close(self, x):
        return self.output(self.norm(x))

    def forward(self, tokens):
        x, mask = self.begin(tokens), self.mask(tokens)
        for block in self.blocks:
            x = block(x, mask)
        return self.close(x)

    def cached(self, max_length):
        return CachedLlama(self, max_length)


class SeesAll(Model):
    def mask(self, tokens):
        return None


class SeesTheFuture(Model):
    def mask(self, tokens):
        return torch.ones(tokens.shape[1], tokens.shape[1]).triu().bool()


class NeverCloses(Model):
    def close(self, x):
        return self.output(x)


class Scales(Model):
    def begin(self, tokens):
        return self.embedding(tokens) * math.sqrt(self.config.d_model)


class OneBlock(Model):
    def make_blocks(self, config):
        return nn.ModuleList([LlamaBlock(config)] * config.n_layers)


class HidesZero(Model):
    def mask(self, tokens):
        return super().mask(tokens) & tokens.ne(0)[:, None, None, :]


class NeverTies(Model):
    def tie(self):
        pass


class Probabilities(Model):
    def close(self, x):
        return super().close(x).softmax(-1)


class TiesData(Model):
    def tie(self):
        if self.config.tied:
            self.output.weight = self.embedding.table.data


def as_published(weight, n_heads):
    rows = len(weight)
    return weight.view(n_heads, rows // n_heads // 2, 2, *weight.shape[1:]).transpose(1, 2).reshape(weight.shape)


def one_head(weight, n_heads):
    half = len(weight) // 2
    return torch.stack([weight[:half], weight[half:]], 1).flatten(0, 1)


def unmoved(weight, n_heads):
    return weight.reshape(n_heads, 2, -1).reshape(weight.shape)


def second_first(weight, n_heads):
    first, second = weight.unflatten(0, (n_heads, -1)).chunk(2, 1)
    return torch.stack([second, first], 2).reshape(weight.shape)


def three_axes(weight, n_heads):
    return weight.unflatten(0, (n_heads, 2, -1)).transpose(1, 2)


def three_axes_for_four(weight, n_heads):
    return weight.view(n_heads, 2, -1).permute(0, 2, 1).reshape(*weight.shape)


def sizes_that_do_not_fit(weight, n_heads):
    return weight.unflatten(0, (n_heads + 1, 2, -1)).transpose(1, 2).flatten(0, 2)


# Answers with slips that are no known mistakes: the Help folds quote what they are told.
SLIPS = {"RMSNorm": [PlainGain], "SwiGLU": [Square], "Llama": [TiesData], "halves_to_pairs": [sizes_that_do_not_fit]}

WRONG = {
    "RMSNorm": {
        "layer norm": LayerNormed,
        "standard deviation": ByStd,
        "sum of squares": UnitLength,
        "the square for the root": NoRoot,
        "no gain": NoGain,
        "gain plus 1": Gemma,
    },
    "SwiGLU": {
        "sigmoid": Glu,
        "GELU": GeGlu,
        "gate and proposal exchanged": GateOfTheOther,
        "swish of the product": AroundAll,
        "added": Sum,
    },
    "GroupedQueryAttention": {
        "heads dealt out like cards": Tiled,
        "the first head for all": OneForAll,
        "not repeated": NotShared,
        "start ignored": AlwaysFromZero,
        "values turned too": TurnsAll,
        "nothing turned": TurnsNothing,
        "always rotate": KnowsOneTurn,
        "all heads turned as one": TurnsBeforeTheCut,
        "mask not passed on": ForgetsTheMask,
        "heads not merged": Scrambles,
        "nothing refused": TakesAll,
        "the width refused in every case": RefusesTooMuch,
    },
    "Llama": {
        "no causal mask": SeesAll,
        "causal mask transposed": SeesTheFuture,
        "no last norm": NeverCloses,
        "embedding scaled": Scales,
        "one block for all": OneBlock,
        "a mask of padding": HidesZero,
        "not tied": NeverTies,
        "logits through softmax": Probabilities,
    },
    "halves_to_pairs": {
        "the other direction": as_published,
        "the heads not kept apart": one_head,
        "nothing moved": unmoved,
        "the second half first": second_first,
        "the axes left apart": three_axes,
        "the features with the half": three_axes_for_four,
    },
}
