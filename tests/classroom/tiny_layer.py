"""The reference of a tiny exercise that has, in a few lines, all that the learner's view treats in its own way."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Gate(nn.Module):
    """x (B, T, d_model) -> (B, T, d_model), each feature let through by its gate.

    w (d_model -> d_model) is an nn.Linear."""

    open_at = 0.5

    def __init__(self, d_model: int) -> None:
        """d_model: the number of features."""
        super().__init__()
        # one gate for each feature
        self.w = nn.Linear(d_model, d_model)

    @property
    def width(self) -> int:
        return self.w.in_features

    def gates(  # given
        self, x: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """How far each gate is open, from 0 to 1; closed where the mask is False."""
        gates = torch.sigmoid(self.w(x))  # (B, T, d_model)
        return gates if mask is None else gates * mask

    def is_open(
        self,
        x: Tensor,
        mask: Tensor | None = None,
    ) -> Tensor:  # given
        return self.gates(x, mask) > self.open_at

    def forward(
        self,
        x: Tensor,
        mask: Tensor | None = None,
    ) -> Tensor:
        """x (B, T, d_model) -> (B, T, d_model)."""

        def closed(gates: Tensor) -> Tensor:
            return 1 - gates

        return x - x * closed(self.gates(x, mask))
