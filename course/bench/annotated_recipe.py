"""Annotated recipe: how The Annotated Transformer trains, written anew.

(Rush 2018; Huang et al. 2022)"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from course.seq2seq import PAD, shift_right
from course.training import Tokens, as_batch, inverse_sqrt_schedule


class SmoothedLoss(nn.Module):
    """KL divergence to targets with `smoothing` spread over all tokens but the right one and padding,
    per right token."""

    def __init__(self, vocab_size: int, smoothing: float = 0.1) -> None:
        super().__init__()
        self.criterion = nn.KLDivLoss(reduction="sum")
        self.vocab_size, self.smoothing = vocab_size, smoothing

    def forward(self, log_p: Tensor, answers: Tensor) -> Tensor:
        """log_p (B, T, V), answers (B, T) -> one number."""
        log_p, answers = log_p.contiguous().view(-1, log_p.size(-1)), answers.contiguous().view(-1)
        wanted = log_p.detach().clone().fill_(self.smoothing / (self.vocab_size - 2))
        wanted.scatter_(1, answers.unsqueeze(1), 1.0 - self.smoothing)
        wanted[:, PAD] = 0
        padding = torch.nonzero(answers == PAD)
        wanted.index_fill_(0, padding.squeeze(1), 0.0)
        return self.criterion(log_p, wanted) / (answers != PAD).sum()


def padded_batches(pairs: Sequence[tuple[Tokens, Tokens]], n_tokens: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Sentences in random order, each batch padded to its longest;
    one more and it would hold over n_tokens with its padding."""
    order, chance = list(range(len(pairs))), random.Random(seed)
    rows: list[int] = []
    longest = 0, 0
    while True:
        chance.shuffle(order)
        for i in order:
            sizes = tuple(max(length, len(side)) for length, side in zip(longest, pairs[i], strict=True))
            if rows and sum(sizes) * (len(rows) + 1) > n_tokens:
                yield as_batch([pairs[row][0] for row in rows]), as_batch([pairs[row][1] for row in rows])
                rows, sizes = [], tuple(map(len, pairs[i]))
            rows.append(i)
            longest = sizes


class AnnotatedTraining:
    """Adam at the paper's schedule, factor * d_model^-0.5 * min(step^-0.5, step * n_warmup^-1.5), no clipping."""

    def __init__(self, model: nn.Module, vocab_size: int, n_warmup: int, factor: float = 1.0) -> None:
        self.model, self.loss = model, SmoothedLoss(vocab_size)
        d_model = model.output.in_features
        self.optimizer = torch.optim.Adam(model.parameters(), lr=factor, betas=(0.9, 0.98), eps=1e-9)
        self.schedule = LambdaLR(self.optimizer, lambda step: inverse_sqrt_schedule(max(1, step), d_model, n_warmup))

    def step(self, source: Tensor, target: Tensor) -> None:
        """One batch."""
        inputs, answers = shift_right(target)
        loss = self.loss(self.model(source, inputs), answers)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.schedule.step()
        loss.item()


def train_annotated(
    training: AnnotatedTraining, batches: Iterator[tuple[Tensor, Tensor]], n_steps: int, report: Callable[[int], None]
) -> None:
    """n_steps batches; report(step) after each, 1 after the first."""
    training.model.train()
    for step in range(1, n_steps + 1):
        training.step(*next(batches))
        report(step)
