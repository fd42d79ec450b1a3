"""Toy layers: what lesson 06 hands to an answer that examines layers, x (B, T, d) -> (B, T, d').

They are plain functions made of torch alone, so that they can be sent to another process, and use no reference."""

from __future__ import annotations

import torch
from torch import Tensor


def doubled(x: Tensor) -> Tensor:
    """Each row alone."""
    return 2 * x


def widened(x: Tensor) -> Tensor:
    """Each row alone, and twice as long."""
    return torch.cat([x, x**2], dim=-1)


def read_by_all(x: Tensor) -> Tensor:
    """Attention: every row reads every row."""
    return (x @ x.mT).softmax(dim=-1) @ x


def read_backwards_in_time(x: Tensor) -> Tensor:
    """Attention under a causal mask: every row reads itself and those before it."""
    n_positions = x.shape[1]
    later = torch.ones(n_positions, n_positions, dtype=torch.bool).triu(1)
    return (x @ x.mT).masked_fill(later, -torch.inf).softmax(dim=-1) @ x


def mean_for_all(x: Tensor) -> Tensor:
    """Every row becomes the mean of all rows."""
    return x.mean(dim=1, keepdim=True).expand_as(x)


def minus_sum(x: Tensor) -> Tensor:
    """Each row minus the sum of all, added up one after the other: another order rounds otherwise."""
    total = torch.zeros_like(x[:, 0])
    for row in x.unbind(dim=1):
        total = total + row
    return x - total[:, None]


def running_sum(x: Tensor) -> Tensor:
    """Every row becomes the sum of itself and those before it."""
    return x.cumsum(dim=1)


def mirrored(x: Tensor) -> Tensor:
    """The last row first."""
    return x.flip(1)


def faintly_numbered(x: Tensor) -> Tensor:
    """A little of its position added to each row."""
    return x + 0.01 * torch.arange(x.shape[1])[:, None]


def numbers_alone(x: Tensor) -> Tensor:
    """Each row's position, whatever stands there."""
    return torch.arange(x.shape[1], dtype=x.dtype)[None, :, None].expand_as(x)
