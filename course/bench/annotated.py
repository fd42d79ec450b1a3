"""Annotated: a Transformer in the code style of The Annotated Transformer, written anew.

(Rush 2018; Huang et al. 2022)"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from course.transformer import TransformerConfig


def clones(module: nn.Module, n: int) -> nn.ModuleList:
    return nn.ModuleList(copy.deepcopy(module) for _ in range(n))


class Norm(nn.Module):
    """Their layer norm: divides by the unbiased standard deviation + eps."""

    def __init__(self, features: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.gain, self.bias, self.eps = nn.Parameter(torch.ones(features)), nn.Parameter(torch.zeros(features)), eps

    def forward(self, x: Tensor) -> Tensor:
        mean, std = x.mean(-1, keepdim=True), x.std(-1, keepdim=True)
        return self.gain * (x - mean) / (std + self.eps) + self.bias


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor, dropout: nn.Module) -> tuple[Tensor, Tensor]:
    """Scores, -1e9 where the mask is 0, softmax, dropout, mean of the values; the weights are kept too."""
    scores = torch.matmul(query, key.transpose(-2, -1)) / math.sqrt(query.size(-1))
    weights = dropout(scores.masked_fill(mask == 0, -1e9).softmax(dim=-1))
    return torch.matmul(weights, value), weights


class Attention(nn.Module):
    """Four projections, heads by view and transpose."""

    def __init__(self, n_heads: int, d_model: int, dropout: float) -> None:
        super().__init__()
        self.n_heads, self.d_head = n_heads, d_model // n_heads
        self.linears = clones(nn.Linear(d_model, d_model), 4)
        self.dropout, self.weights = nn.Dropout(dropout), None

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
        mask, n = mask.unsqueeze(1), query.size(0)
        projected = [
            linear(x).view(n, -1, self.n_heads, self.d_head).transpose(1, 2)
            for linear, x in zip(self.linears, (query, key, value), strict=False)
        ]
        x, self.weights = attend(*projected, mask, self.dropout)
        x = x.transpose(1, 2).contiguous().view(n, -1, self.n_heads * self.d_head)
        return self.linears[-1](x)


class FeedForward(nn.Module):
    def __init__(self, d_model: int, d_ff: int, dropout: float) -> None:
        super().__init__()
        self.w_1, self.w_2, self.dropout = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model), nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.w_2(self.dropout(self.w_1(x).relu()))


class Connection(nn.Module):
    """x + dropout(sublayer(norm(x))): pre-norm, as their code has it."""

    def __init__(self, size: int, dropout: float) -> None:
        super().__init__()
        self.norm, self.dropout = Norm(size), nn.Dropout(dropout)

    def forward(self, x: Tensor, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
        return x + self.dropout(sublayer(self.norm(x)))


class Layer(nn.Module):
    """An encoder layer, or with cross_attention a decoder layer."""

    def __init__(self, config: TransformerConfig, writes: bool) -> None:
        super().__init__()
        sizes = config.n_heads, config.d_model, config.dropout
        self.attention = Attention(*sizes)
        self.cross_attention = Attention(*sizes) if writes else None
        self.feed_forward = FeedForward(config.d_model, config.d_ff, config.dropout)
        self.connections = clones(Connection(config.d_model, config.dropout), 3 if writes else 2)

    def forward(
        self, x: Tensor, mask: Tensor, memory: Tensor | None = None, memory_mask: Tensor | None = None
    ) -> Tensor:
        x = self.connections[0](x, lambda x: self.attention(x, x, x, mask))
        if self.cross_attention is not None:
            x = self.connections[1](x, lambda x: self.cross_attention(x, memory, memory, memory_mask))
        return self.connections[-1](x, self.feed_forward)


class Stack(nn.Module):
    def __init__(self, config: TransformerConfig, writes: bool) -> None:
        super().__init__()
        self.layers, self.norm = clones(Layer(config, writes), config.n_layers), Norm(config.d_model)

    def forward(self, x: Tensor, mask: Tensor, *memory: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x, mask, *memory)
        return self.norm(x)


class Embeddings(nn.Module):
    """A row for each token times sqrt(d_model), and the sines and cosines of a table made once."""

    def __init__(self, d_model: int, vocab_size: int, dropout: float, max_length: int = 5_000) -> None:
        super().__init__()
        self.table, self.d_model, self.dropout = nn.Embedding(vocab_size, d_model), d_model, nn.Dropout(dropout)
        angles = torch.arange(max_length)[:, None] * torch.exp(
            torch.arange(0, d_model, 2) * -(math.log(10_000.0) / d_model)
        )
        positions = torch.zeros(max_length, d_model)
        positions[:, 0::2], positions[:, 1::2] = torch.sin(angles), torch.cos(angles)
        self.register_buffer("positions", positions[None])

    def forward(self, tokens: Tensor) -> Tensor:
        return self.dropout(self.table(tokens) * math.sqrt(self.d_model) + self.positions[:, : tokens.size(1)])


def later_blocked(size: int) -> Tensor:
    return torch.triu(torch.ones(1, size, size), diagonal=1).type(torch.uint8) == 0


class AnnotatedTransformer(nn.Module):
    """Tokens in, log-probabilities out; three tables apart, all matrices Xavier-uniform at first."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.encoder, self.decoder = Stack(config, writes=False), Stack(config, writes=True)
        self.source_embedding = Embeddings(config.d_model, config.source_vocab_size, config.dropout)
        self.target_embedding = Embeddings(config.d_model, config.target_vocab_size, config.dropout)
        self.output = nn.Linear(config.d_model, config.target_vocab_size)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)

    def encode(self, source: Tensor) -> Tensor:
        return self.encoder(self.source_embedding(source), (source != 0).unsqueeze(-2))

    def decode(self, target: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        mask = (target != 0).unsqueeze(-2) & later_blocked(target.size(-1))
        x = self.decoder(self.target_embedding(target), mask, memory, (source != 0).unsqueeze(-2))
        return torch.log_softmax(self.output(x), dim=-1)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        return self.decode(target, self.encode(source), source)
