"""Toys of lesson 06: layers for an answer that examines layers, x (B, T, d) -> (B, T, d'), and a lens.

The layers are plain functions made of torch alone, so that they can be sent to another process, and use no
reference."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from course.checks.lens import Lens


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
    """A little of its position added to each row: twice what rounding is allowed, and more."""
    return x + 2e-6 * torch.arange(x.shape[1])[:, None]


def loudly_numbered(x: Tensor) -> Tensor:
    """Large numbers, which differ a little from position to position."""
    return x + 1000 + 0.002 * torch.arange(x.shape[1])[:, None]


def second_text_summed(x: Tensor) -> Tensor:
    """Each row as it is, in all texts but the second: there each becomes the sum of itself and those before it."""
    return torch.cat([x[:1], x[1:2].cumsum(dim=1), x[2:]])


def numbers_alone(x: Tensor) -> Tensor:
    """Each row's position, whatever stands there."""
    return torch.arange(x.shape[1], dtype=x.dtype)[None, :, None].expand_as(x)


def hardly_numbered(x: Tensor) -> Tensor:
    """Each row's position, made so small that it goes for rounding."""
    return 1e-7 * numbers_alone(x)


class SmallAtRandom(Lens):
    """Sees 1 where numbers have a standard deviation of 1 or less, 0 where all are equal."""

    @staticmethod
    def look(numbers: np.ndarray) -> float:
        return 0.0 if numbers.std() == 0 else 1.0 if numbers.std() < 1.25 else 2.0


def lowered_out_of_order(x: Tensor) -> Tensor:
    """Less everywhere in a text whose first word is larger than its last one: each difference has one sign."""
    return x - 5.0 * (x[:, :1, :1] > x[:, -1:, :1])


def raised_out_of_order(x: Tensor) -> Tensor:
    """More, likewise."""
    return x + 5.0 * (x[:, :1, :1] > x[:, -1:, :1])


def tilted_out_of_order(x: Tensor) -> Tensor:
    """More in the first column and as much less in the second, likewise: over all columns the differences sum to 0."""
    tilt = torch.zeros(x.shape[-1], dtype=x.dtype)
    tilt[:2] = torch.tensor([5.0, -5.0])
    return x + tilt * (x[:, :1, :1] > x[:, -1:, :1])
