"""Muon: for matrices a step of the same length in every direction, for everything else AdamW.

(Jordan et al. 2024)"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

# Jordan's: they lift small singular values fastest, and let them end anywhere near 1
A, B, C = 3.4445, -4.7750, 2.0315


def orthogonalized(x: Tensor, n_iterations: int = 5) -> Tensor:
    """The same directions, all about equally long: x = U S V^T becomes about U V^T.

    x (n, rows, columns), many matrices at once -> the same shape, without computing U or V; after
    five iterations what was not too near 0 lies between 0.6 and 1.3. Each one turns every singular
    value s into A s + B s^3 + C s^5  (a Newton-Schulz iteration); wide matrices cost less than
    tall ones."""
    # else a singular value above 1 could grow without end
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp(min=1e-7)
    for _ in range(n_iterations):
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=B, alpha=C), x, beta=A)
    return x


class Muon(torch.optim.Optimizer):
    """Momentum with orthogonalized steps: what few sentences need is learned as fast as the rest.

    torch.optim.Muon computes the same in bfloat16 and one matrix after the other, which takes many
    times as long on a CPU without instructions for bfloat16. Here all matrices of one shape go
    through the iterations together, in their own type.

    matrices: parameters of two axes, else ValueError; lr is the length of a step,
    momentum the share of the mean that stays."""

    def __init__(
        self,
        matrices: Iterable[Tensor],
        lr: float = 2e-2,
        momentum: float = 0.95,
        weight_decay: float = 0.01,
        n_iterations: int = 3,
    ) -> None:
        settings = {
            "lr": lr,
            "momentum": momentum,
            "weight_decay": weight_decay,
            "n_iterations": n_iterations,
        }
        super().__init__(matrices, settings)
        for matrix in (one for group in self.param_groups for one in group["params"]):
            if matrix.ndim != 2:
                raise ValueError(
                    "Muon moves matrices, "
                    f"but one of the parameters has shape {tuple(matrix.shape)}"
                )

    @torch.no_grad()
    def step(self) -> None:
        """Move every matrix that has a gradient."""
        for group in self.param_groups:
            alike = defaultdict(list)
            for matrix in group["params"]:
                if matrix.grad is not None:
                    alike[tuple(matrix.shape)].append(matrix)
            for matrices in alike.values():
                self.move(matrices, group)

    def move(self, matrices: list[Tensor], group: Mapping[str, Any]) -> None:
        """One step of matrices of one shape."""
        momentum, (rows, columns) = group["momentum"], matrices[0].shape
        gradients, means = [one.grad for one in matrices], [self.mean(one) for one in matrices]
        torch._foreach_lerp_(means, gradients, 1 - momentum)
        # (n, rows, columns), Nesterov's look ahead
        ahead = torch.stack(torch._foreach_lerp(gradients, means, momentum))
        wide = ahead if rows <= columns else ahead.mT
        steps = orthogonalized(wide, group["n_iterations"])
        steps = steps if rows <= columns else steps.mT
        torch._foreach_mul_(matrices, 1 - group["lr"] * group["weight_decay"])
        length = group["lr"] * math.sqrt(max(1.0, rows / columns))
        torch._foreach_add_(matrices, list(steps.unbind()), alpha=-length)

    def mean(self, matrix: Tensor) -> Tensor:
        """The running mean of its gradients."""
        state = self.state[matrix]
        if "mean" not in state:
            state["mean"] = torch.zeros_like(matrix)
        return state["mean"]


class Together:
    """Several optimizers as one: each moves its own parameters."""

    def __init__(self, *optimizers: torch.optim.Optimizer) -> None:
        self.optimizers = optimizers

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """Of all of them, to set learning rates."""
        return [group for optimizer in self.optimizers for group in optimizer.param_groups]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, as every optimizer of torch does."""
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=set_to_none)

    def step(self) -> None:
        """Move all parameters."""
        for optimizer in self.optimizers:
            optimizer.step()

    def state_dict(self) -> dict[str, Any]:
        """What each of them remembers."""
        return {str(i): optimizer.state_dict() for i, optimizer in enumerate(self.optimizers)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what state_dict gave."""
        for i, optimizer in enumerate(self.optimizers):
            optimizer.load_state_dict(state[str(i)])


def muon_and_adamw(
    model: nn.Module, learning_rate: float = 1e-2, weight_decay: float = 0.01
) -> Together:
    """Muon, at twice the learning rate, for the matrices of the layers; AdamW for all the rest.

    The rest: embeddings, output, gains and biases. (A row of a table stands for one token: it is no
    direction of a matrix.)"""
    output = getattr(model, "output", None)
    layers = [
        layer
        for layer in model.modules()
        if isinstance(layer, nn.Linear | nn.RNNBase) and layer is not output
    ]
    matrices = [one for layer in layers for one in layer.parameters(recurse=False) if one.ndim == 2]
    inside = {id(matrix) for matrix in matrices}
    others = [parameter for parameter in model.parameters() if id(parameter) not in inside]
    both: list[torch.optim.Optimizer] = []
    if others:
        adamw = torch.optim.AdamW(
            others, learning_rate, betas=(0.9, 0.98), weight_decay=weight_decay, fused=True
        )
        both.append(adamw)
    if matrices:
        both.append(Muon(matrices, 2 * learning_rate, weight_decay=weight_decay))
    return Together(*both)
