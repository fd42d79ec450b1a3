"""Fused: the same model, the same numbers, from fewer and larger operations of torch's."""

from __future__ import annotations

import functools
import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course.attention import MultiHeadAttention, attention_scores, causal_mask, masked_softmax, merge_heads, padding_mask
from course.blocks import LayerNorm
from course.positions import AlibiAttention, RotaryAttention, alibi_bias, position_angles, sinusoidal_positions
from course.seq2seq import PAD
from course.transformer import SinusoidalPositions, TokenEmbedding, Transformer


class FusedLayerNorm(LayerNorm):
    """One kernel instead of eleven operations, each of which would read and write the whole tensor."""

    def forward(self, x: Tensor) -> Tensor:
        """x (..., d_model) -> (..., d_model)."""
        return F.layer_norm(x, self.gain.shape, self.gain, self.bias, self.eps)


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


class FusedAttention(MultiHeadAttention):
    """Queries, keys and values in one matrix product where they are made of the same vectors."""

    def project(self, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """query (B, T_q, d_model), key and value (B, T_k, d_model) -> three of (B, H, T, d_head)"""
        if query is key is value:
            return self.together(query, self.w_q, self.w_k, self.w_v)
        if key is value:
            return self.together(query, self.w_q) + self.together(key, self.w_k, self.w_v)
        return super().project(query, key, value)

    def together(self, x: Tensor, *linears: nn.Linear) -> tuple[Tensor, ...]:
        """x (B, T, d_model) through several layers at once -> of each (B, H, T, d_head)."""
        weight = torch.cat([linear.weight for linear in linears])
        bias = None if linears[0].bias is None else torch.cat([linear.bias for linear in linears])
        heads = F.linear(x, weight, bias).unflatten(-1, (len(linears), self.n_heads, -1))  # (B, T, n, H, d_head)
        return heads.permute(2, 0, 3, 1, 4).unbind(0)


@functools.lru_cache(maxsize=256)
@torch.inference_mode(False)  # a tensor of inference mode could not be trained with later
def turns(n_positions: int, d_head: int, dtype: torch.dtype) -> Tensor:
    """e^(i angle) of each position and pair of features: complex (T, d_head / 2)."""
    angles = position_angles(torch.arange(n_positions), d_head)
    return torch.polar(torch.ones_like(angles), angles).to(dtype.to_complex())


class FusedRotaryAttention(FusedAttention, RotaryAttention):
    """A pair of features is a complex number, to turn it is one multiplication."""

    def project(self, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """query (B, T_q, d_model), key and value (B, T_k, d_model) -> three of (B, H, T, d_head), the first two turned"""
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

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        """query (B, T_q, d_model), key and value (B, T_k, d_model) -> (B, T_q, d_model); mask as in MultiHeadAttention."""
        query, key, value = self.project(query, key, value)
        scores = attention_scores(query, key)  # (B, H, T_q, T_k)
        biased = scores + kept_bias(*scores.shape[-3:], scores.dtype)
        return self.w_o(merge_heads(masked_softmax(biased, mask) @ value))


class FusedTransformer(Transformer):
    """No mask where there is nothing to be masked."""

    def encode(self, source: Tensor) -> Tensor:
        """source (B, T_k) tokens -> memory (B, T_k, d_model)."""
        x = self.dropout(self.positions(self.source_embedding(source)))
        return self.encoder(x, needed_mask(source))

    def decode(self, target: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        """target (B, T_q) tokens so far, memory and source of the encoder -> logits (B, T_q, target_vocab_size)."""
        x = self.dropout(self.positions(self.target_embedding(target)))
        mask, words = causal_mask(target.shape[-1]), needed_mask(target)
        return self.output(self.decoder(x, memory, mask if words is None else mask & words, needed_mask(source)))


def needed_mask(tokens: Tensor) -> Tensor | None:
    """padding_mask, or None where nothing is padding."""
    return padding_mask(tokens) if (tokens == PAD).any() else None


FUSED = {
    LayerNorm: FusedLayerNorm, TokenEmbedding: FusedEmbedding, SinusoidalPositions: FusedPositions,
    MultiHeadAttention: FusedAttention, RotaryAttention: FusedRotaryAttention, AlibiAttention: FusedAlibiAttention,
    Transformer: FusedTransformer,
}  # fmt: skip


def fused(model: nn.Module) -> nn.Module:
    """The same model, in place: its parts keep their parameters and get the faster way to compute the same.

    Parts of other classes, such as your own, stay as they are."""
    for module in model.modules():
        module.__class__ = FUSED.get(type(module), type(module))
    return model
