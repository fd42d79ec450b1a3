"""Speed: how many tokens does a CPU second of training take in, ours against others', step by step in turn?"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from course.bench.annotated import AnnotatedTransformer
from course.bench.annotated_recipe import AnnotatedTraining, SmoothedLoss, padded_batches
from course.bench.clock import middle_half, race
from course.bench.material import Material
from course.bench.opponents import TorchTransformer
from course.bench.translator import N_WARMUP, annotated_as_it_ships, lesson_config, lesson_model, lesson_recipe
from course.seq2seq import shift_right
from course.training import Training, dealt_batches

Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Speeds:
    """Real tokens (source and target, without padding) per CPU second of both, and how far the rounds are apart."""

    ours: float
    theirs: float
    spread: str

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def n_real(batch: Batch) -> int:
    return sum((tokens != 0).sum().item() for tokens in batch)


def compare(ours: Callable, theirs: Callable, our_batches: Sequence[Batch], their_batches: Sequence[Batch]) -> Speeds:
    """Step i of ours on our batch i, then of theirs on theirs, every other time the other way round."""
    ours_took, theirs_took = race(
        [lambda i: ours(*our_batches[i]), lambda i: theirs(*their_batches[i])], n_rounds=len(our_batches), n_warm=10
    )
    n_ours, n_theirs = (list(map(n_real, batches)) for batches in (our_batches, their_batches))
    a, b = (
        [t / n for t, n in zip(took, tokens, strict=True)]
        for took, tokens in ((ours_took, n_ours), (theirs_took, n_theirs))
    )
    return Speeds(sum(n_ours) / sum(ours_took), sum(n_theirs) / sum(theirs_took), middle_half(a, b))


def first_batches(material: Material, n: int, n_tokens: int) -> list[Batch]:
    """Batches dealt as the lesson deals them, equal lengths in each, at most n_tokens tokens."""
    return list(itertools.islice(dealt_batches(material.train, replace(lesson_recipe(n), n_tokens=n_tokens)), n))


class OurTraining(Training):
    """The lesson's training of any model that gives logits, but with AdamW alone: Muon's time hangs on how many of a
    model's matrices are nn.Linear, and that is not what is compared."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__(model.train(), lesson_recipe(10**6))
        self.optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=0.01, fused=True)
        self.highest = [self.config.learning_rate]


def against_torch(material: Material, n_rounds: int, n_tokens: int) -> Speeds:
    """nn.Transformer: same sizes, dropout, norms, batches, loss, clipping, optimizer;
    no mask where nothing is padding."""
    config, batches = lesson_config(material, "sinusoidal"), first_batches(material, n_rounds, n_tokens)
    ours, theirs = OurTraining(lesson_model(config)), OurTraining(TorchTransformer(config, masks_always=False))
    return compare(ours.step, theirs.step, batches, batches)


class AnnotatedStep(OurTraining):
    """Our optimizer and clipping with the annotated style's model and loss: only the code of the two is compared."""

    def __init__(self, model: AnnotatedTransformer) -> None:
        super().__init__(model)
        self.loss = SmoothedLoss(model.output.out_features)

    def step(self, source: Tensor, target: Tensor) -> None:
        inputs, answers = shift_right(target)
        loss = self.loss(self.model(source, inputs), answers)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0, foreach=True)
        self.optimizer.step()
        self.losses.append(loss.item())


def against_annotated(material: Material, n_rounds: int, n_tokens: int, dropout: float = 0.0) -> Speeds:
    """The annotated style: same sizes and dropout, same batches, clipping and optimizer."""
    config = replace(lesson_config(material, "sinusoidal"), dropout=dropout)
    batches = first_batches(material, n_rounds, n_tokens)
    return compare(
        OurTraining(lesson_model(config)).step, AnnotatedStep(AnnotatedTransformer(config)).step, batches, batches
    )


def against_annotated_as_it_ships(material: Material, n_rounds: int, n_tokens: int) -> Speeds:
    """The annotated style with its own batches, dropout and optimizer, ours with the lesson's batches and AdamW; the
    same sizes and positions."""
    config = lesson_config(material, "sinusoidal")
    theirs = AnnotatedTraining(annotated_as_it_ships(material).train(), config.target_vocab_size, N_WARMUP)
    padded = list(itertools.islice(padded_batches(material.train, n_tokens, seed=0), n_rounds))
    return compare(
        OurTraining(lesson_model(config)).step, theirs.step, first_batches(material, n_rounds, n_tokens), padded
    )
