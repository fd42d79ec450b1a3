"""Cases of lesson 09's train_step: a model of two tables takes two steps downhill, and is looked at after each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course.checks.training.cases import sentences
from course.judging.exercise import Case, Draw

OPTIMIZERS = {
    "SGD": lambda weights: torch.optim.SGD(weights, lr=0.5),
    "SGD with momentum": lambda weights: torch.optim.SGD(weights, lr=0.2, momentum=0.9),
    "AdamW": lambda weights: torch.optim.AdamW(weights, lr=0.05),
}


class TwoTables(nn.Module):
    """A translator of the simplest kind: each word said so far and all words of the source vote for the next one."""

    def __init__(self, said: Tensor, read: Tensor) -> None:
        super().__init__()
        self.said, self.read = nn.Parameter(said.clone()), nn.Parameter(read.clone())
        self.asked: list[bool] = []  # whether it was in training mode, each time

    def forward(self, source: Tensor, inputs: Tensor) -> Tensor:
        """source (B, T_k), inputs (B, T_q) -> logits (B, T_q, V)."""
        self.asked.append(self.training)
        return self.said[inputs] + self.read[source].sum(dim=1, keepdim=True)


def two_steps(
    step: Callable[..., float], said: Tensor, read: Tensor, optimizer: str, batches: list[tuple[Tensor, Tensor]],
    settings: tuple[float, ...],
) -> dict[str, Any]:  # fmt: skip
    """A step on each batch: what it returns, the weights after it, whether their gradients are still there, how often
    the optimizer has moved them, how often the model was asked, and in which mode."""
    model, found, moved = TwoTables(said, read), {}, []
    moving = OPTIMIZERS[optimizer](model.parameters())
    moving.register_step_post_hook(lambda *_: moved.append(1))
    for number, (source, target) in enumerate(batches, 1):
        found |= returned(number, step(model, moving, source, target, *settings))
        found[f"number of steps of the optimizer after call {number}"] = len(moved)
        found[f"number of times the model was asked after call {number}"] = len(model.asked)
        found[f"mode of the model in call {number}"] = "training" if all(model.asked) else "evaluation"
        kept = all(weight.grad is not None and weight.grad.any() for weight in model.parameters())
        found[f"gradients after call {number}"] = "there" if kept else "gone"
        found |= {
            f"weights of the words {name} after call {number}": weight.detach().clone()
            for name, weight in model.named_parameters()
        }
    return found


def returned(number: int, loss: Any) -> Mapping[str, Any]:
    """The loss as float32, the precision in which it was computed; of anything but a number, the thing itself."""
    name, graph = f"loss of call {number}", f"graph behind the loss of call {number}"
    if isinstance(loss, Tensor) and loss.ndim == 0:
        # not a plain number; in few digits, since what counts is that it is a tensor
        return {name: [loss.detach().bfloat16()], graph: loss.requires_grad}
    plain = torch.tensor(loss, dtype=torch.float32) if isinstance(loss, float | int | np.generic) else loss
    return {name: plain, graph: False}


def batch(draw: Draw, rows: int, T_k: int, T: int) -> tuple[Tensor, Tensor]:
    """Source tokens below 9 and target tokens below 11, of all lengths up to T_k and T."""
    lengths = [[longest, 1, *draw.integers(1, longest + 1, rows).tolist()] for longest in (T_k, T)]
    return sentences(draw, lengths[0], 9, 3), sentences(draw, lengths[1], 11, 3)


def step_cases(draw: Draw) -> Iterator[Case]:
    torch.optim.SGD([torch.zeros(1)])  # the first optimizer imports 800 modules, which is not the answer's time
    B, T_k, T = draw.sizes(3, low=2, high=6)

    def case(name: str, optimizer: str, *settings: float, scale: float = 1.0) -> Case:
        tables = {"said": scale * draw.tensor(11, 11).float(), "read": scale * draw.tensor(9, 11).float()}
        batches = [batch(draw, rows, T_k, T) for rows in (B, B + 1)]
        return Case(name, {**tables, "optimizer": optimizer, "batches": batches, "settings": settings})

    one = torch.tensor([[3]]), torch.tensor([[3]])
    blank = {"said": torch.zeros(4, 4), "read": torch.zeros(4, 4)}
    yield Case("tiny", {**blank, "optimizer": "SGD", "batches": [one, one], "settings": (0.0, 100.0)})
    yield case("smoothing and clip not given", "SGD", scale=3.0)
    yield case("steep, cut to a small norm", "SGD", 0.1, 0.01, scale=3.0)
    steep = case("very steep, cut to 2", "SGD", 0.1, 2.0, scale=3.0)
    yield steep.changed(batches=[(torch.full((len(target), 12), 4), target) for _, target in steep["batches"]])
    yield case("gentle, nothing to cut", "SGD", 0.1, 50.0)
    yield case("no smoothing", "SGD", 0.0, 1.0, scale=2.0)
    yield case("much smoothing", "SGD", 0.6, 0.5, scale=2.0)
    yield case("momentum", "SGD with momentum", 0.2, 0.7)
    yield case("AdamW", "AdamW", 0.1, 1.0)
