"""Our layers and torch's, given the same weights: the same outputs, the same gradients."""

from __future__ import annotations

import torch
from torch import Tensor, nn

TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-5}


def draw(*shape: int, dtype: torch.dtype = torch.float64, seed: int = 0) -> Tensor:
    """Standard normal numbers, the same for the same seed."""
    return torch.randn(shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def randomise(module: nn.Module, dtype: torch.dtype = torch.float64, seed: int = 0) -> nn.Module:
    """Random weights everywhere: torch's defaults of 0 and 1 would hide a forgotten bias or gain."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) / parameter.shape[-1] ** 0.5)
    return module.to(dtype)


def attention_pairs(ours: nn.Module, theirs: nn.MultiheadAttention) -> list[tuple[Tensor, Tensor]]:
    """Our parameters beside the parts of torch's that mean the same."""
    pairs = [(ours.w_o.weight, theirs.out_proj.weight), (ours.w_o.bias, theirs.out_proj.bias)]
    for index, linear in enumerate((ours.w_q, ours.w_k, ours.w_v)):
        rows = slice(index * len(linear.weight), (index + 1) * len(linear.weight))
        pairs += [(linear.weight, (theirs.in_proj_weight, rows)), (linear.bias, (theirs.in_proj_bias, rows))]
    return pairs


def layer_pairs(ours: nn.Module, theirs: nn.Module) -> list[tuple[Tensor, Tensor]]:
    """The pairs of an encoder or decoder layer."""
    if hasattr(ours, "cross_attention"):
        pairs = attention_pairs(ours.self_attention, theirs.self_attn)
        pairs += attention_pairs(ours.cross_attention, theirs.multihead_attn) + norm_pairs(ours.norm_3, theirs.norm3)
    else:
        pairs = attention_pairs(ours.attention, theirs.self_attn)
    pairs += norm_pairs(ours.norm_1, theirs.norm1) + norm_pairs(ours.norm_2, theirs.norm2)
    for linear, other in ((ours.feed_forward.w_1, theirs.linear1), (ours.feed_forward.w_2, theirs.linear2)):
        pairs += [(linear.weight, other.weight), (linear.bias, other.bias)]
    return pairs


def norm_pairs(ours: nn.Module, theirs: nn.Module | None) -> list[tuple[Tensor, Tensor]]:
    """The pair of a norm; none where there is no norm (post-norm stacks end without one)."""
    return [] if theirs is None else [(ours.gain, theirs.weight), (ours.bias, theirs.bias)]


def stack_pairs(ours: nn.Module, theirs: nn.Module) -> list[tuple[Tensor, Tensor]]:
    """The pairs of an encoder or decoder."""
    pairs = norm_pairs(ours.norm, theirs.norm)
    for layer, other in zip(ours.layers, theirs.layers, strict=True):
        pairs += layer_pairs(layer, other)
    return pairs


def part(theirs: Tensor | tuple[Tensor, slice], gradient: bool = False) -> Tensor:
    """Their parameter, or the rows of it that count; or its gradient."""
    parameter, rows = theirs if isinstance(theirs, tuple) else (theirs, slice(None))
    return (parameter.grad if gradient else parameter)[rows]


def copy_weights(pairs: list[tuple[Tensor, Tensor]]) -> None:
    """Give their layer our weights."""
    with torch.no_grad():
        for ours, theirs in pairs:
            part(theirs).copy_(ours)


def assert_same_gradients(pairs: list[tuple[Tensor, Tensor]]) -> None:
    """After backward through both."""
    for ours, theirs in pairs:
        tolerance = TOLERANCE[ours.dtype]
        torch.testing.assert_close(ours.grad, part(theirs, gradient=True), rtol=tolerance, atol=tolerance)


def assert_same_outputs(ours: Tensor, theirs: Tensor) -> None:
    tolerance = TOLERANCE[ours.dtype]
    torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance)


def weighted(output: Tensor) -> Tensor:
    """A number that every entry of the output changes differently, to run backward from."""
    return (output * torch.cos(torch.arange(output.numel(), dtype=output.dtype)).reshape(output.shape)).sum()
