"""Wrong answers to the exercises of lesson 07, written without the reference at hand."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from course.blocks import EncoderLayer as ReferenceLayer
from course.blocks import FeedForward as ReferenceFeedForward
from course.blocks import LayerNorm as ReferenceNorm
from course.multi_head import MultiHeadAttention


def gelu_by_tanh(x):
    return F.gelu(x, approximate="tanh")


def silu(x):
    return F.silu(x)


def relu(x):
    return x.clamp(min=0)


class FeedForwardBase(nn.Module):
    def __init__(self, d_model, d_ff, activation="relu"):
        super().__init__()
        self.w_1, self.w_2 = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)
        self.choose(activation)

    def choose(self, activation):
        if activation not in ("relu", "gelu"):
            raise ValueError(f"{activation}: neither relu nor gelu")
        self.activation = F.relu if activation == "relu" else F.gelu

    def forward(self, x):
        return self.w_2(self.activation(self.w_1(x)))


class TwoLinear(FeedForwardBase):
    def forward(self, x):
        hidden = self.w_1(x)
        return self.w_2(hidden)


class ActivationAfterBoth(FeedForwardBase):
    def forward(self, x):
        hidden = self.w_2(self.w_1(x))
        return self.activation(hidden)


class WithResidual(FeedForwardBase):
    def forward(self, x):
        hidden = self.activation(self.w_1(x))
        return self.w_2(hidden) + x


class SwishIsReLU(FeedForwardBase):
    def choose(self, activation):
        self.activation = F.gelu if activation == "gelu" else F.relu


class NotReLUIsGELU(FeedForwardBase):
    def choose(self, activation):
        self.activation = nn.ReLU() if activation == "relu" else nn.GELU()


class FromADictionary(FeedForwardBase):
    def choose(self, activation):
        self.activation = {"relu": torch.relu, "gelu": F.gelu}[activation]


class SaysTooLittle(FeedForwardBase):
    def choose(self, activation):
        if activation not in ("relu", "gelu"):
            raise ValueError("bad")
        super().choose(activation)


class SaysWhatWasGiven(FeedForwardBase):
    def choose(self, activation):
        if activation not in ("relu", "gelu"):
            raise ValueError(f"Unknown activation: {activation}")
        super().choose(activation)


def gelu_of_half_x(x):
    return 0.5 * x * (1 + torch.erf(x / 2))


def gelu_by_sigmoid(x):
    return torch.sigmoid(1.702 * x) * x


class NormBase(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.gain, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))
        self.eps = eps


class StdOfTorchAndEpsInside(NormBase):
    def forward(self, x):
        variance, mean = torch.var_mean(x, dim=-1, keepdim=True)
        return (x - mean) / (variance + self.eps).sqrt() * self.gain + self.bias


class EpsOutside(NormBase):
    def forward(self, x):
        std = x.std(dim=-1, unbiased=False, keepdim=True)
        return self.gain * (x - x.mean(-1, keepdim=True)) / (std + self.eps) + self.bias


class OfTheInternet(NormBase):
    """The most copied layer norm there is."""

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        std = x.std(-1, keepdim=True)
        return self.gain * (x - mean) / (std + self.eps) + self.bias


class OfAllNumbers(NormBase):
    def forward(self, x):
        return (x - torch.mean(x)) / torch.sqrt(torch.var(x, unbiased=False) + self.eps) * self.gain + self.bias


class OfTheSentence(NormBase):
    def forward(self, x):
        return F.layer_norm(x, x.shape[-2:], None, None, self.eps) * self.gain + self.bias


class SilentAtFirst(NormBase):
    def __init__(self, d_model, eps=1e-5):
        super().__init__(d_model, eps)
        nn.init.zeros_(self.gain)

    def forward(self, x):
        return F.layer_norm(x, x.shape[-1:], self.gain, self.bias, self.eps)


class AnyGain(NormBase):
    def __init__(self, d_model, eps=1e-5):
        super().__init__(d_model, eps)
        self.gain = nn.Parameter(torch.rand(d_model))

    def forward(self, x):
        return F.layer_norm(x, x.shape[-1:], self.gain, self.bias, self.eps)


class DividedByItsLength(NormBase):
    def forward(self, x):
        distances = x - x.mean(-1, keepdim=True)
        length = torch.sqrt(torch.einsum("...d,...d->...", distances, distances) + self.eps).unsqueeze(-1)
        return self.gain * distances / length + self.bias


class GainOverAll(NormBase):
    def forward(self, x):
        return self.gain * F.layer_norm(x, x.shape[-1:], None, None, self.eps) + self.gain * self.bias


def adds_the_normalised(x, sublayer, norm, norm_first=True):
    if norm_first:
        x = norm(x)
        return x + sublayer(x)
    return norm(x + sublayer(x))


def nothing_kept(x, sublayer, norm, norm_first=True):
    return sublayer(norm(x)) if norm_first else norm(sublayer(x))


def always_post(x, sublayer, norm, norm_first=True):
    total = x + sublayer(x)
    return norm(total)


def doubled(x, sublayer, norm, norm_first=True):
    if norm_first:
        x = sublayer(norm(x))
        return x + x
    x = sublayer(x)
    return norm(x + x)


def asks_twice(x, sublayer, norm, norm_first=True):
    return torch.where(torch.tensor(norm_first), x + sublayer(norm(x)), norm(x + sublayer(x)))


class LayerBase(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention = config.self_attention()
        self.feed_forward = ReferenceFeedForward(config.d_model, config.d_ff, config.activation)
        self.norm_1, self.norm_2 = ReferenceNorm(config.d_model), ReferenceNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.norm_first = config.norm_first


class ForgetsTheMask(LayerBase):
    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm_1(x)
            x = x + self.dropout(self.attention(y, y, y))
            return x + self.dropout(self.feed_forward(self.norm_2(x)))
        x = self.norm_1(x + self.dropout(self.attention(x, x, x)))
        return self.norm_2(x + self.dropout(self.feed_forward(x)))


class OneNorm(LayerBase):
    def forward(self, x, mask=None):
        norm = self.norm_1
        if self.norm_first:
            y = norm(x)
            x = x + self.dropout(self.attention(y, y, y, mask))
            return x + self.dropout(self.feed_forward(norm(x)))
        x = norm(x + self.dropout(self.attention(x, x, x, mask)))
        return norm(x + self.dropout(self.feed_forward(x)))


class InSteps(LayerBase):
    """The layer in two steps that can be replaced: what is said to z, and what becomes of x and of what was said."""

    def forward(self, x, mask=None):
        first = self.step(x, lambda z: self.attention(z, z, z, mask), self.norm_1)
        return self.step(first, self.feed_forward, self.norm_2)

    def step(self, x, sublayer, norm):
        if self.norm_first:
            return x + self.dropout(sublayer(norm(x)))
        return norm(x + self.dropout(sublayer(x)))


class AlwaysPostNorm(InSteps):
    """As in two well-known repositories that call themselves after the paper."""

    def step(self, x, sublayer, norm):
        kept = x
        x = self.dropout(sublayer(x))
        return norm(x + kept)


class KeepsTheNormalised(InSteps):
    def step(self, x, sublayer, norm):
        if self.norm_first:
            x = norm(x)
            return x + self.dropout(sublayer(x))
        return norm(x + self.dropout(sublayer(x)))


class OverwritesX(InSteps):
    def step(self, x, sublayer, norm):
        if self.norm_first:
            x = self.dropout(sublayer(norm(x)))
            return x + x
        x = self.dropout(sublayer(x))
        return norm(x + x)


class KeepsTheInput(LayerBase):
    """One name for what is kept, and it is set once."""

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm_1(x)
            z = x + self.dropout(self.attention(y, y, y, mask))
            return x + self.dropout(self.feed_forward(self.norm_2(z)))
        z = self.norm_1(x + self.dropout(self.attention(x, x, x, mask)))
        return self.norm_2(x + self.dropout(self.feed_forward(z)))


class NeverDrops(InSteps):
    def step(self, x, sublayer, norm):
        return x + sublayer(norm(x)) if self.norm_first else norm(x + sublayer(x))


class DropsTheSum(InSteps):
    def step(self, x, sublayer, norm):
        return self.dropout(x + sublayer(norm(x)) if self.norm_first else norm(x + sublayer(x)))


class DropsATenth(InSteps):
    def __init__(self, config):
        super().__init__(config)
        self.dropout = nn.Dropout(p=0.1)


class PlainAttention(InSteps):
    def __init__(self, config):
        super().__init__(config)
        self.attention = MultiHeadAttention(config.d_model, config.n_heads)


class EncoderBase(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList(ReferenceLayer(config) for _ in range(config.n_layers))
        self.norm = ReferenceNorm(config.d_model) if config.norm_first else nn.Identity()


class NeverCloses(EncoderBase):
    def forward(self, x, mask=None):
        for layer in self.layers:
            x = layer(x, mask)
        return x


class DropsTheMask(EncoderBase):
    def forward(self, x, mask=None):
        return self.norm(nn.Sequential(*self.layers)(x))


class OneLayer(EncoderBase):
    def __init__(self, config):
        super().__init__(config)
        self.layers = nn.ModuleList([ReferenceLayer(config)] * config.n_layers)

    def forward(self, x, mask=None):
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x)


class ClosesAlways(EncoderBase):
    def __init__(self, config):
        super().__init__(config)
        self.norm = ReferenceNorm(config.d_model)

    def forward(self, x, mask=None):
        for layer in self.layers:
            x = layer(x, mask=mask)
        return self.norm(x)


class AllReadTheInput(EncoderBase):
    def forward(self, x, mask=None):
        for layer in self.layers:
            out = layer(x, mask)
        return self.norm(out)


def erf_of_one_number(x):
    return 0.5 * x * (1 + math.erf(x / math.sqrt(2)))


class NotBack(FeedForwardBase):
    def __init__(self, d_model, d_ff, activation="relu"):
        super().__init__(d_model, d_ff, activation)
        self.w_2 = nn.Linear(d_ff, d_ff)


class AxisLost(NormBase):
    def forward(self, x):
        return (x - x.mean(-1)) / torch.sqrt(x.var(-1, unbiased=False) + self.eps) * self.gain + self.bias


class PlainTensors(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.gain, self.bias, self.eps = torch.ones(d_model), torch.zeros(d_model), eps

    def forward(self, x):
        return F.layer_norm(x, x.shape[-1:], self.gain, self.bias, self.eps)


# Answers with slips that are no known mistakes: the Help folds quote what they are told.
SLIPS = {"gelu": [erf_of_one_number], "FeedForward": [NotBack], "LayerNorm": [AxisLost, PlainTensors]}

WRONG = {
    "gelu": {
        "tanh approximation": gelu_by_tanh,
        "sigmoid": silu,
        "sigmoid approximation": gelu_by_sigmoid,
        "ReLU": relu,
        "divided by two": gelu_of_half_x,
    },
    "FeedForward": {
        "no activation": TwoLinear,
        "activation last": ActivationAfterBoth,
        "residual inside": WithResidual,
        "any other name accepted": SwishIsReLU,
        "any other name taken for GELU": NotReLUIsGELU,
        "a KeyError for any other name": FromADictionary,
        "name and choice not shown": SaysTooLittle,
        "choice not shown": SaysWhatWasGiven,
    },
    "LayerNorm": {
        "unbiased variance": StdOfTorchAndEpsInside,
        "eps outside the root": EpsOutside,
        "gain on top of bias": GainOverAll,
        "sum of squares": DividedByItsLength,
        "unbiased deviation, eps outside the root": OfTheInternet,
        "over everything": OfAllNumbers,
        "over the whole sentence": OfTheSentence,
        "gain starts at 0": SilentAtFirst,
        "starts at random": AnyGain,
    },
    "residual": {
        "adds the normalised x": adds_the_normalised,
        "nothing added": nothing_kept,
        "always post-norm": always_post,
        "the answer added to itself": doubled,
        "both orders computed": asks_twice,
    },
    "EncoderLayer": {
        "mask not passed on": ForgetsTheMask,
        "one norm for both": OneNorm,
        "always post-norm": AlwaysPostNorm,
        "adds the normalised x": KeepsTheNormalised,
        "adds the layer's input twice": KeepsTheInput,
        "the answers added to themselves": OverwritesX,
        "no dropout": NeverDrops,
        "dropout on the sum": DropsTheSum,
        "dropout fixed": DropsATenth,
        "plain attention": PlainAttention,
    },
    "Encoder": {
        "no last norm": NeverCloses,
        "mask not passed on": DropsTheMask,
        "layers side by side": AllReadTheInput,
        "one layer many times": OneLayer,
        "a last norm after post-norm layers": ClosesAlways,
    },
}
