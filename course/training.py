"""Training: batches without waste, a loss that forgives a little, a rate that rises and falls."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course.checkpoint import difference, fingerprint, read_checkpoint, write_checkpoint
from course.moved import moved
from course.muon import muon_and_adamw
from course.seq2seq import PAD, shift_right, teacher_forcing_loss
from course.skips import skipping

Tokens = Sequence[int]


def batches_by_length(
    order: Sequence[int], lengths: Sequence[tuple[int, int]], n_tokens: int
) -> list[list[int]]:
    """Pairs of equally long sources and of equally long targets: no place of a batch is padding.

    order: numbers of pairs, in the order in which they are dealt out;
    lengths[i]: tokens of source and of target of pair i
    -> batches of numbers: each batch when it is full (with one more pair it would hold over
    n_tokens tokens, source and target together), at the end the unfilled ones, in the order of
    their lengths. A pair that is longer is a batch alone."""
    full: list[list[int]] = []
    filling: dict[tuple[int, int], list[int]] = {}
    for i in order:
        batch = filling.setdefault(lengths[i], [])
        batch.append(i)
        if (len(batch) + 1) * sum(lengths[i]) > n_tokens:
            full.append(filling.pop(lengths[i]))
    return full + [filling[length] for length in sorted(filling)]


def label_smoothing_loss(logits: Tensor, answers: Tensor, smoothing: float = 0.1) -> Tensor:
    """Cross-entropy against targets that give `smoothing` of their weight to all V tokens alike.

    logits (B, T, V), answers (B, T), 0 = padding
    -> one number, the mean over all tokens that are not padding  (Szegedy et al. 2016)"""
    log_p = logits.log_softmax(dim=-1)  # (B, T, V)
    right = log_p.gather(-1, answers[..., None])[..., 0]  # (B, T)
    surprise = -((1 - smoothing) * right + smoothing * log_p.mean(dim=-1))  # (B, T)
    real = answers != PAD
    return (surprise * real).sum() / real.sum()


def inverse_sqrt_schedule(step: int, d_model: int, n_warmup: int) -> float:
    """The paper's learning rate at a step: d_model^-0.5 * min(step^-0.5, step * n_warmup^-1.5).

    step from 1 on; n_warmup, at least 1: where it is largest  (Vaswani et al. 2017, eq. 3)"""
    return d_model**-0.5 * min(step**-0.5, step * n_warmup**-1.5)


def warmup_schedule(step: int, n_steps: int, n_warmup: int) -> float:
    """Share of the learning rate: a straight line up to 1 at n_warmup, then down to 0 at n_steps.

    step from 1 to n_steps; n_warmup from 0 to below n_steps; with 0 there is only the way down"""
    if step <= n_warmup:
        return step / n_warmup
    return (n_steps - step) / (n_steps - n_warmup)


def train_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    source: Tensor,
    target: Tensor,
    smoothing: float = 0.1,
    clip: float = 1.0,
) -> float:
    """One step downhill: loss, gradients cut to the norm `clip`, weights moved.

    model(source, inputs) -> logits (B, T + 1, V);
    source (B, T_k), target (B, T), both padded behind with 0 -> the loss"""
    inputs, answers = shift_right(target)
    loss = label_smoothing_loss(model(source, inputs), answers, smoothing)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip, foreach=True)
    optimizer.step()
    return loss.item()


def as_batch(sentences: Sequence[Tokens]) -> Tensor:
    """Sentences of tokens as one tensor (B, T) of integers, the shorter padded behind with 0.

    ValueError without a sentence."""
    if not sentences:
        raise ValueError("a batch needs at least one sentence, but the list is empty")
    longest = max(map(len, sentences))
    rows = [[*tokens, *[PAD] * (longest - len(tokens))] for tokens in sentences]
    return torch.tensor(rows, dtype=torch.long)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Inside, the model is in eval mode without gradients; afterwards it is in its former mode."""
    before = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(before)


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How a translator learns: n_steps batches of up to n_tokens tokens, Muon and AdamW, one seed.

    n_tokens counts source and target; every: after how many steps the loss on the validation pairs
    is measured and a checkpoint saved; max_skip: how far positions skip at most, so that far ones
    are met in short sentences, too, 0 for not at all  (Zhu et al. 2023).
    ValueError where a number makes no sense."""

    n_steps: int
    n_tokens: int = 1_000
    learning_rate: float = 1e-2
    n_warmup: int = 200
    smoothing: float = 0.1
    every: int = 250
    seed: int = 0
    max_skip: int = 0

    def __post_init__(self) -> None:
        at_least = {
            "n_steps": 1,
            "n_tokens": 1,
            "every": 1,
            "n_warmup": 0,
            "learning_rate": 0,
            "smoothing": 0,
            "max_skip": 0,
        }
        for name, least in at_least.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name}={getattr(self, name)} must be at least {least}")
        if self.smoothing > 1:
            raise ValueError(
                f"smoothing={self.smoothing} must be from 0 to 1: "
                "it is a share of a target's weight"
            )


def dealt_batches(
    pairs: Sequence[tuple[Tokens, Tokens]], config: TrainingConfig
) -> Iterator[tuple[Tensor, Tensor]]:
    """Source and target (B, T), batch after batch, for ever: all seen, the pairs are dealt anew.

    ValueError without a pair."""
    if not pairs:
        raise ValueError("there is nothing to learn from: the list of pairs is empty")
    order, chance = list(range(len(pairs))), random.Random(config.seed)
    lengths = [(len(source), len(target)) for source, target in pairs]
    while True:
        chance.shuffle(order)
        batches = batches_by_length(order, lengths, config.n_tokens)
        chance.shuffle(batches)  # else the unfilled ones would always come last
        for rows in batches:
            yield as_batch([pairs[i][0] for i in rows]), as_batch([pairs[i][1] for i in rows])


def validation_loss(model: nn.Module, pairs: Sequence[tuple[Tokens, Tokens]]) -> float:
    """The mean surprise -ln p about the right tokens of all pairs, without smoothing or dropout."""
    total, n_answers = 0.0, 0
    lengths = [(len(source), len(target)) for source, target in pairs]
    with evaluating(model):
        for rows in batches_by_length(range(len(pairs)), lengths, 8_000):
            inputs, answers = shift_right(as_batch([pairs[i][1] for i in rows]))
            logits = model(as_batch([pairs[i][0] for i in rows]), inputs)
            total += teacher_forcing_loss(logits, answers).item() * answers.numel()
            n_answers += answers.numel()  # of one length: nothing is padding
    return total / n_answers


class Training:
    """A training under way, and all that it needs to go on later as if nothing had happened."""

    def __init__(self, model: nn.Module, config: TrainingConfig) -> None:
        self.model, self.config = model, config
        self.optimizer = muon_and_adamw(model, config.learning_rate)
        self.highest = [group["lr"] for group in self.optimizer.param_groups]
        self.losses: list[float] = []
        self.best_loss: float = math.inf
        self.best_weights: dict[str, Tensor] | None = None

    def step(self, source: Tensor, target: Tensor) -> None:
        """One batch, at the learning rate of this moment.

        What dropout leaves out and positions skip hangs on the seed and the step alone."""
        share = warmup_schedule(len(self.losses) + 1, self.config.n_steps, self.config.n_warmup)
        for group, highest in zip(self.optimizer.param_groups, self.highest, strict=True):
            group["lr"] = share * highest
        # else the numbers that the learner draws next would change
        learners_own = torch.default_generator.get_state()
        torch.default_generator.manual_seed(1_000_003 * self.config.seed + len(self.losses))
        try:
            self.model.train()
            with skipping(self.model, source, target, self.config.max_skip):
                loss = train_step(self.model, self.optimizer, source, target, self.config.smoothing)
            self.losses.append(loss)
        finally:
            torch.default_generator.set_state(learners_own)

    def remember_best(self, loss: float) -> None:
        """Keep a copy of the weights if this is the lowest loss so far."""
        if loss < self.best_loss:
            self.best_loss, self.best_weights = loss, deepcopy(self.model.state_dict())

    def everything(self, data: int) -> dict[str, Any]:
        """What a checkpoint holds; data: the fingerprint of the pairs."""
        return {
            "config": asdict(self.config),
            "data": data,
            "losses": self.losses,
            "best_loss": self.best_loss,
            "best": self.best_weights,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def save(self, path: Path, data: int = 0) -> None:
        """Write everything down; the old checkpoint stays whole until the new one is."""
        write_checkpoint(path, self.everything(data))

    def load(self, path: Path, data: int = 0) -> None:
        """Go on from a checkpoint; ValueError where the file is none, or another training's."""
        mine = self.everything(data)
        saved = read_checkpoint(path, set(mine))
        # an older file knows fewer names, and meant what is meant without them
        saved["config"] = asdict(TrainingConfig(n_steps=1)) | saved["config"]
        if said := difference(saved, mine):
            raise ValueError(
                f"{path} was saved by a training with {', '.join(said)}: "
                "delete the file or name another"
            )
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.losses = saved["losses"]
        self.best_loss, self.best_weights = saved["best_loss"], saved["best"]


def train(
    model: nn.Module,
    pairs: Sequence[tuple[Tokens, Tokens]],
    config: TrainingConfig,
    validation: Sequence[tuple[Tokens, Tokens]] = (),
    checkpoint: Path | None = None,
    report: Callable[[Training, int], None] | None = None,
) -> list[float]:
    """Train a Transformer on pairs of (source tokens, target tokens) -> the loss of every step.

    At the end, or when it is interrupted (Ctrl-C, the stop button), the model is in eval mode and
    has the weights with the lowest loss on the validation pairs, or its last ones without any. With
    a checkpoint file that exists it goes on where the file was saved.
    report(training, number of tokens of the batch) is called after every step."""
    training, data = Training(model, config), fingerprint(pairs, validation) if checkpoint else 0
    if checkpoint and checkpoint.exists():
        training.load(checkpoint, data)
    # interrupted, the learner has seen enough; a checkpoint stays where it was last saved
    with suppress(KeyboardInterrupt):
        batches = dealt_batches(pairs, config)
        for source, target in itertools.islice(batches, len(training.losses), config.n_steps):
            training.step(source, target)
            if len(training.losses) % config.every == 0 or len(training.losses) == config.n_steps:
                if validation:
                    training.remember_best(validation_loss(model, validation))
                if checkpoint:
                    training.save(checkpoint, data)
            if report:
                report(training, source.numel() + target.numel())
    if training.best_weights:
        model.load_state_dict(training.best_weights)
    model.eval()
    return training.losses


__getattr__ = moved(
    __name__,
    corpus_bleu="bleu",
    translate="translation",
    translate_batch="translation",
)
