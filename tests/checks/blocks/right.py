"""Right answers to the exercises of lesson 07, each written another way than the reference."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from course.blocks import EncoderLayer as ReferenceLayer
from course.blocks import FeedForward as ReferenceFeedForward
from course.blocks import LayerNorm as ReferenceNorm


def gelu_of_torch(x):
    return F.gelu(x)


def gelu_by_erfc(x):
    return x * torch.erfc(-x / 2**0.5) / 2


def gelu_by_normal_distribution(x):
    return x * torch.special.ndtr(x)


class OneLineFeedForward(nn.Module):
    def __init__(self, d_model, d_ff, activation="relu"):
        super().__init__()
        self.w_1, self.w_2 = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)
        try:
            self.act = {"relu": F.relu, "gelu": F.gelu}[activation]
        except KeyError:
            raise ValueError(f"no activation {activation}: take relu or gelu") from None

    def forward(self, x):
        hidden = self.act(self.w_1(x))
        return self.w_2(hidden)


class FeedForwardByPosition(nn.Module):
    def __init__(self, d_model, d_ff, activation="relu"):
        super().__init__()
        self.w_1 = nn.Linear(d_model, d_ff)
        self.w_2 = nn.Linear(d_ff, d_model)
        if activation not in ("relu", "gelu"):
            raise ValueError("activation is " + activation + ", not 'relu' or 'gelu'")
        self.name = activation

    def forward(self, x):
        rows = []
        for row in x.reshape(-1, x.shape[-1]):
            hidden = self.w_1.weight @ row + self.w_1.bias
            hidden = hidden.clamp(min=0) if self.name == "relu" else F.gelu(hidden)
            rows.append(self.w_2.weight @ hidden + self.w_2.bias)
        return torch.stack(rows).reshape(x.shape)


class FeedForwardByEinsum(nn.Module):
    def __init__(self, d_model, d_ff, activation="relu"):
        super().__init__()
        self.w_1 = nn.Linear(d_model, d_ff)
        self.w_2 = nn.Linear(d_ff, d_model)
        if activation == "relu":
            self.activation = nn.ReLU()
        elif activation == "gelu":
            self.activation = nn.GELU()
        else:
            raise ValueError(f"unknown {activation!r}; known: 'relu', 'gelu'")

    def forward(self, x):
        hidden = torch.einsum("...d,fd->...f", x, self.w_1.weight) + self.w_1.bias
        return torch.einsum("...f,df->...d", self.activation(hidden), self.w_2.weight) + self.w_2.bias


class LayerNormByVar(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.gain, self.bias, self.eps = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model)), eps

    def forward(self, x):
        variance, mean = torch.var_mean(x, dim=-1, unbiased=False, keepdim=True)
        return (x - mean) * torch.rsqrt(variance + self.eps) * self.gain + self.bias


class LayerNormOfTorch(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(d_model))
        self.gain = nn.Parameter(torch.ones(d_model))
        self.eps = eps

    def forward(self, x):
        return F.layer_norm(x, x.shape[-1:], self.gain, self.bias, self.eps)


class LayerNormByMeans(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))
        self.eps = eps

    def forward(self, x):
        centred = x - x.mean(dim=-1, keepdim=True)
        variance = (centred**2).mean(dim=-1, keepdim=True)
        return self.gain * centred / torch.sqrt(variance + self.eps) + self.bias


class LayerNormByStd(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.gain = nn.Parameter(torch.full((d_model,), 1.0))
        self.bias = nn.Parameter(torch.zeros(1, d_model)[0])
        self.eps = eps

    def forward(self, x):
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, correction=0, keepdim=True)
        return torch.addcmul(self.bias, self.gain, (x - mean).div((variance + self.eps).sqrt()))


class LayerNormBySquares(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))
        self.eps, self.d_model = eps, d_model

    def forward(self, x):
        mean = x.sum(-1, keepdim=True) / self.d_model
        variance = ((x - mean) * (x - mean)).sum(-1, keepdim=True) / self.d_model
        return self.gain * ((x - mean) / (variance + self.eps) ** 0.5) + self.bias


def residual_in_one_line(x, sublayer, norm, norm_first=True):
    return x + sublayer(norm(x)) if norm_first else norm(x + sublayer(x))


def residual_by_steps(x, sublayer, norm, norm_first=True):
    said = sublayer(norm(x) if norm_first else x)
    total = torch.add(x, said)
    if not norm_first:
        total = norm(total)
    return total


def residual_with_swapped_sum(x, sublayer, norm, norm_first=True):
    out = x.clone()
    out += sublayer(norm(x)) if norm_first else sublayer(x)
    return out if norm_first else norm(out)


class LayerWithoutResidualFunction(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention = config.self_attention()
        self.norm_1 = ReferenceNorm(config.d_model)
        self.norm_2 = ReferenceNorm(config.d_model)
        self.feed_forward = ReferenceFeedForward(config.d_model, config.d_ff, activation=config.activation)
        self.dropout = nn.Dropout(config.dropout)
        self.config = config

    def forward(self, x, mask=None):
        if self.config.norm_first:
            y = self.norm_1(x)
            x = x + self.dropout(self.attention(y, y, y, mask))
            return x + self.dropout(self.feed_forward(self.norm_2(x)))
        x = self.norm_1(x + self.dropout(self.attention(x, x, x, mask)))
        return self.norm_2(x + self.dropout(self.feed_forward(x)))


class LayerWithMethods(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.feed_forward = ReferenceFeedForward(config.d_model, config.d_ff, config.activation)
        self.attention = config.self_attention()
        self.norm_1, self.norm_2 = ReferenceNorm(config.d_model), ReferenceNorm(config.d_model)
        self.p, self.first = config.dropout, config.norm_first

    def step(self, x, sublayer, norm):
        said = F.dropout(sublayer(norm(x) if self.first else x), self.p, self.training)
        return x + said if self.first else norm(x + said)

    def attend(self, x):
        return self.attention(x, x, x, mask=self.mask)

    def forward(self, x, mask=None):
        self.mask = mask
        return self.step(self.step(x, self.attend, self.norm_1), self.feed_forward, self.norm_2)


class LayerWithTwoDropouts(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention = config.self_attention()
        self.feed_forward = ReferenceFeedForward(config.d_model, config.d_ff, config.activation)
        self.norm_1, self.norm_2 = ReferenceNorm(config.d_model), ReferenceNorm(config.d_model)
        self.dropout_1, self.dropout_2 = nn.Dropout(config.dropout), nn.Dropout(config.dropout)
        self.norm_first = config.norm_first

    def forward(self, x, mask=None):
        before = self.norm_1 if self.norm_first else nn.Identity()
        after = nn.Identity() if self.norm_first else self.norm_1
        y = before(x)
        x = after(x + self.dropout_1(self.attention(y, y, y, mask)))
        before = self.norm_2 if self.norm_first else nn.Identity()
        after = nn.Identity() if self.norm_first else self.norm_2
        return after(x + self.dropout_2(self.feed_forward(before(x))))


class EncoderWithAList(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([ReferenceLayer(config) for _ in range(config.n_layers)])
        if config.norm_first:
            self.norm = ReferenceNorm(config.d_model)

    def forward(self, x, mask=None):
        for layer in self.layers:
            x = layer(x, mask=mask)
        return self.norm(x) if hasattr(self, "norm") else x


class EncoderByAppending(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList()
        for _ in range(config.n_layers):
            self.layers.append(ReferenceLayer(config))
        self.norm = ReferenceNorm(config.d_model) if config.norm_first else None

    def forward(self, x, mask=None):
        states = [x]
        for index in range(len(self.layers)):
            states.append(self.layers[index](states[-1], mask))
        return states[-1] if self.norm is None else self.norm(states[-1])


class EncoderByRecursion(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList(ReferenceLayer(config) for _ in range(config.n_layers))
        self.norm = ReferenceNorm(config.d_model) if config.norm_first else nn.Sequential()

    def run(self, x, mask, layers):
        return x if not layers else self.run(layers[0](x, mask), mask, layers[1:])

    def forward(self, x, mask=None):
        return self.norm(self.run(x, mask, list(self.layers)))


def gelu_by_math(x):
    shares = torch.stack([0.5 * torch.erfc(-number / math.sqrt(2)) for number in x.flatten()])
    return x * shares.reshape(x.shape)


RIGHT = {
    "gelu": [gelu_of_torch, gelu_by_erfc, gelu_by_normal_distribution, gelu_by_math],
    "FeedForward": [OneLineFeedForward, FeedForwardByPosition, FeedForwardByEinsum],
    "LayerNorm": [LayerNormByVar, LayerNormOfTorch, LayerNormByMeans, LayerNormByStd, LayerNormBySquares],
    "residual": [residual_in_one_line, residual_by_steps, residual_with_swapped_sum],
    "EncoderLayer": [LayerWithoutResidualFunction, LayerWithMethods, LayerWithTwoDropouts],
    "Encoder": [EncoderWithAList, EncoderByAppending, EncoderByRecursion],
}
