"""Fused: the same model, the same numbers, from fewer and larger operations of torch's."""

from __future__ import annotations

import functools
import math

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from course.attention import causal_mask, padding_mask
from course.blocks import FeedForward, LayerNorm
from course.multi_head import MultiHeadAttention
from course.positions import (
    AlibiAttention,
    RotaryAttention,
    alibi_bias,
    position_angles,
    sinusoidal_positions,
)
from course.seq2seq import PAD
from course.transformer import SinusoidalPositions, TokenEmbedding, Transformer


class FusedLayerNorm(LayerNorm):
    """One kernel, not eleven operations, each of which would read and write the whole tensor."""

    def forward(self, x: Tensor) -> Tensor:
        """x (..., d_model) -> (..., d_model)."""
        return F.layer_norm(x, self.gain.shape, self.gain, self.bias, self.eps)


class FusedFeedForward(FeedForward):
    """The activation in place, or in one operation."""

    def forward(self, x: Tensor) -> Tensor:
        """x (..., d_model) -> (..., d_model)."""
        # all rows: else each linear layer would flatten and unflatten
        hidden = self.w_1(x.reshape(-1, x.shape[-1]))
        rows = self.w_2(hidden.relu_() if self.activation is torch.relu else F.gelu(hidden))
        return rows.view(x.shape)


class FusedEmbedding(TokenEmbedding):
    """torch's row lookup, whose gradient is made without sorting the rows."""

    def forward(self, tokens: Tensor) -> Tensor:
        """tokens (B, T), integers below vocab_size -> (B, T, d_model)."""
        return F.embedding(tokens, self.table) * math.sqrt(self.table.shape[-1])


@functools.lru_cache(maxsize=256)
@torch.inference_mode(False)  # a tensor of inference mode could not be trained with later
def kept_positions(n_positions: int, d_model: int, dtype: torch.dtype) -> Tensor:
    """sinusoidal_positions (T, d_model), computed once for each length."""
    return sinusoidal_positions(n_positions, d_model).to(dtype)


class FusedPositions(SinusoidalPositions):
    """The same sines and cosines, remembered."""

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, d_model) -> (B, T, d_model)."""
        return x + kept_positions(*x.shape[-2:], x.dtype)


class Attend(torch.autograd.Function):
    """scaled_dot_product_attention in place, with its gradient written by hand.

    torch would note down each of nine operations, and keep what each of them gave. What the
    gradient needs is the queries, keys, values and weights, and the derivative of the softmax:
    dS = A * (dA - sum(dA * A)), the sum over the keys."""

    @staticmethod
    def forward(ctx, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> Tensor:
        """query (B, H, T_q, d), key, value (B, H, T_k, d) -> (B, H, T_q, d).

        bias, to be added to (B, H, T_q, T_k), the scores."""
        heads = query.shape[:2]
        query, key, value = (x.flatten(0, 1) for x in (query, key, value))
        # (B H, T_q, T_k): the scores, soon the weights
        weights = product(query, key.mT, 1 / math.sqrt(query.shape[-1]))
        if bias is not None:
            weights.unflatten(0, heads).add_(bias)
        largest = weights.amax(dim=-1, keepdim=True).clamp_(min=torch.finfo(weights.dtype).min)
        weights.sub_(largest).exp_()
        weights.div_(weights.sum(dim=-1, keepdim=True).clamp_(min=1.0))  # as in masked_softmax
        ctx.save_for_backward(query, key, value, weights)
        return (weights @ value).unflatten(0, heads)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, ...]:
        """grad (B, H, T_q, d) -> the gradients of query, key, value; the bias learns nothing."""
        query, key, value, weights = ctx.saved_tensors
        heads, grad = grad.shape[:2], grad.flatten(0, 1)
        of_scores = grad @ value.mT  # of the weights, soon of the scores
        of_scores.sub_((of_scores * weights).sum(dim=-1, keepdim=True)).mul_(weights)
        scale = 1 / math.sqrt(query.shape[-1])
        of_query, of_key = product(of_scores, key, scale), product(of_scores.mT, query, scale)
        of_value = weights.mT @ grad
        return *(x.unflatten(0, heads) for x in (of_query, of_key, of_value)), None


def product(a: Tensor, b: Tensor, factor: float) -> Tensor:
    """a @ b * factor in one operation: a (N, m, n), b (N, n, p) -> (N, m, p)."""
    # beta=0: what is in the first is not looked at
    return torch.baddbmm(a.new_empty(1, 1, 1), a, b, beta=0, alpha=factor)


def as_bias(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """A mask, True = may attend, as what is added to the scores: 0 or minus infinity."""
    return mask.new_zeros(mask.shape, dtype=dtype).masked_fill_(~mask, -math.inf)


class FusedAttention(MultiHeadAttention):
    """Attention by Attend, between linear layers that work on the rows of all sentences."""

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """query (B, T_q, d_model), key and value (B, T_k, d_model) -> (B, T_q, d_model).

        mask as in MultiHeadAttention."""
        if len(query) != len(key):  # one memory for many beams
            return super().forward(query, key, value, mask)
        bias = self.bias(query, key, mask)
        heads = Attend.apply(*self.project(query, key, value), bias)  # (B, H, T_q, d_head)
        return self.w_o(heads.transpose(1, 2).reshape(-1, query.shape[-1])).view(query.shape)

    def project(self, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """query (B, T_q, d_model), key, value (B, T_k, d_model) -> three of (B, H, T, d_head)."""
        inputs, layers = (query, key, value), (self.w_q, self.w_k, self.w_v)
        rows = {id(x): x.flatten(0, 1) for x in inputs}  # of each tensor once
        projected = [w(rows[id(x)]) for w, x in zip(layers, inputs, strict=True)]
        query, key, value = (
            y.view(*x.shape[:2], self.n_heads, -1) for y, x in zip(projected, inputs, strict=True)
        )
        return query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)

    def bias(self, query: Tensor, key: Tensor, mask: Tensor | None) -> Tensor | None:
        """What is added to the scores (B, H, T_q, T_k), broadcastable to them."""
        return None if mask is None else as_bias(mask, query.dtype)


@functools.lru_cache(maxsize=256)
@torch.inference_mode(False)  # a tensor of inference mode could not be trained with later
def turns(n_positions: int, d_head: int, dtype: torch.dtype) -> Tensor:
    """e^(i angle) of each position and pair of features: complex (T, d_head / 2)."""
    angles = position_angles(torch.arange(n_positions), d_head)
    return torch.polar(torch.ones_like(angles), angles).to(dtype.to_complex())


class FusedRotaryAttention(FusedAttention, RotaryAttention):
    """A pair of features is a complex number, to turn it is one multiplication."""

    def project(self, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As in FusedAttention, queries and keys turned.

        query (B, T_q, d_model), key and value (B, T_k, d_model) -> three of (B, H, T, d_head)"""
        query, key, value = FusedAttention.project(self, query, key, value)
        return self.turned(query), self.turned(key), value

    def turned(self, x: Tensor) -> Tensor:
        """rotate(x) of lesson 06: x (B, H, T, d_head) -> the same shape."""
        pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)))  # (B, H, T, d_head / 2)
        return torch.view_as_real(pairs * turns(*x.shape[-2:], x.dtype)).flatten(-2)


@functools.lru_cache(maxsize=1024)
@torch.inference_mode(False)  # a tensor of inference mode could not be trained with later
def kept_bias(n_heads: int, n_queries: int, n_keys: int, dtype: torch.dtype) -> Tensor:
    """alibi_bias (H, T_q, T_k), computed once for each two lengths."""
    return alibi_bias(n_heads, n_queries, n_keys).to(dtype)


class FusedAlibiAttention(FusedAttention, AlibiAttention):
    """The bias is remembered."""

    def bias(self, query: Tensor, key: Tensor, mask: Tensor | None) -> Tensor:
        """Distances, minus infinity where the mask is False: (H, T_q, T_k) or (B, H, T_q, T_k)."""
        distances = kept_bias(self.n_heads, query.shape[1], key.shape[1], query.dtype)
        return distances if mask is None else distances.masked_fill(~mask, -math.inf)


class FusedTransformer(Transformer):
    """No mask where there is nothing to be masked."""

    def encode(self, source: Tensor) -> Tensor:
        """source (B, T_k) tokens -> memory (B, T_k, d_model)."""
        x = self.dropout(self.positions(self.source_embedding(source)))
        return self.encoder(x, needed_mask(source))

    def decode(self, target: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        """target (B, T_q) tokens so far, memory and source of the encoder
        -> logits (B, T_q, target_vocab_size)."""
        x = self.dropout(self.positions(self.target_embedding(target)))
        mask, words = causal_mask(target.shape[-1]), needed_mask(target)
        mask = mask if words is None else mask & words
        return self.output(self.decoder(x, memory, mask, needed_mask(source)))


def needed_mask(tokens: Tensor) -> Tensor | None:
    """padding_mask, or None where nothing is padding."""
    return padding_mask(tokens) if (tokens == PAD).any() else None


FUSED = {
    LayerNorm: FusedLayerNorm,
    FeedForward: FusedFeedForward,
    TokenEmbedding: FusedEmbedding,
    SinusoidalPositions: FusedPositions,
    MultiHeadAttention: FusedAttention,
    RotaryAttention: FusedRotaryAttention,
    AlibiAttention: FusedAlibiAttention,
    Transformer: FusedTransformer,
}


def fused(model: nn.Module) -> nn.Module:
    """The same model, in place: its parts keep their parameters and compute the same, faster.

    Parts of other classes, such as your own, stay as they are."""
    for module in model.modules():
        module.__class__ = FUSED.get(type(module), type(module))
    return model
