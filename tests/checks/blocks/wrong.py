"""Wrong answers to the exercises of lesson 07, written without the reference at hand."""

from __future__ import annotations

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
        self.activation = F.relu if activation == "relu" else F.gelu


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


class LayerBase(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.feed_forward = ReferenceFeedForward(config.d_model, config.d_ff, config.activation)
        self.norm_1, self.norm_2 = ReferenceNorm(config.d_model), ReferenceNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.norm_first = config.norm_first


class ForgetsTheMask(LayerBase):
    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm_1(x)
            x = x + self.attention(y, y, y)
            return x + self.feed_forward(self.norm_2(x))
        x = self.norm_1(x + self.attention(x, x, x))
        return self.norm_2(x + self.feed_forward(x))


class OneNorm(LayerBase):
    def forward(self, x, mask=None):
        norm = self.norm_1
        if self.norm_first:
            y = norm(x)
            x = x + self.attention(y, y, y, mask)
            return x + self.feed_forward(norm(x))
        x = norm(x + self.attention(x, x, x, mask))
        return norm(x + self.feed_forward(x))


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


class AllReadTheInput(EncoderBase):
    def forward(self, x, mask=None):
        for layer in self.layers:
            out = layer(x, mask)
        return self.norm(out)


WRONG = {
    "gelu": {"tanh approximation": gelu_by_tanh, "sigmoid": silu, "ReLU": relu},
    "FeedForward": {
        "no activation": TwoLinear,
        "activation last": ActivationAfterBoth,
        "residual inside": WithResidual,
    },
    "LayerNorm": {
        "unbiased variance": StdOfTorchAndEpsInside,
        "eps outside the root": EpsOutside,
        "gain on top of bias": GainOverAll,
        "sum of squares": DividedByItsLength,
    },
    "residual": {
        "adds the normalised x": adds_the_normalised,
        "nothing added": nothing_kept,
        "always post-norm": always_post,
    },
    "EncoderLayer": {"mask not passed on": ForgetsTheMask, "one norm for both": OneNorm},
    "Encoder": {
        "no last norm": NeverCloses,
        "mask not passed on": DropsTheMask,
        "layers side by side": AllReadTheInput,
    },
}
