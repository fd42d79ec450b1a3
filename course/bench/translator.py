"""Translator: how well does it translate after so many CPU seconds of training?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from time import process_time

import torch
from torch import nn

from course.alignment import alignment_accuracy, alignment_error_rate, heaviest_links, word_weights
from course.bench.annotated import AnnotatedTransformer
from course.bench.annotated_recipe import AnnotatedTraining, padded_batches, train_annotated
from course.bench.clock import n_steps_within
from course.bench.material import Material, encoded
from course.bleu import corpus_bleu
from course.corpus import Pair
from course.corpus.splits import LONGEST, LONGEST_TRAINED
from course.fused import fused
from course.training import TrainingConfig, dealt_batches, train
from course.transformer import Transformer, TransformerConfig
from course.translation import translate

MAX_SKIP = LONGEST - LONGEST_TRAINED  # so that every position of the longest test sentence is met in training
BEST_POSITIONS = "alibi"  # of lesson 06's schemes the best on longer sentences, chosen on the splits of another seed
# What suits The Annotated Transformer's recipe best at 60 CPU seconds, chosen on the splits of another seed: its own
# 3,000 steps of warm-up would not end in that time.
N_WARMUP, FACTOR, N_TOKENS = 400, 1.0, 2_000
Train = Callable[[nn.Module, int, Callable[[], None]], object]  # model, n_steps, what to call after each step


def lesson_config(material: Material, positions: str = "rotary") -> TransformerConfig:
    """The translator of lesson 09."""
    sizes = {"source_vocab_size": len(material.german), "target_vocab_size": len(material.english)}
    return TransformerConfig(d_model=96, n_heads=4, d_ff=192, n_layers=2, tied=True, positions=positions, **sizes)


def lesson_model(config: TransformerConfig) -> nn.Module:
    """What lesson 09 trains, and what is raced against others."""
    return fused(Transformer(config))


def lesson_recipe(n_steps: int, seed: int = 0, max_skip: int = 0) -> TrainingConfig:
    """How lesson 09 trains it, but for max_skip: lesson_skip says how far its positions skip."""
    return TrainingConfig(n_steps=n_steps, learning_rate=6e-3, seed=seed, max_skip=max_skip)


def lesson_skip(positions: str) -> int:
    """How far positions skip in lesson 09: rotary ones do."""
    return MAX_SKIP if positions == "rotary" else 0


@dataclass(frozen=True)
class Trained:
    """A translator, and what its training cost."""

    model: nn.Module
    seconds: float
    n_steps: int


def train_within(
    seconds: float, model: nn.Module, run: Train, batches: Callable[[], Iterator], n_per_deal: float
) -> Trained:
    """Train for about so many CPU seconds: how many steps that are is measured on a copy, and the schedule made for
    them.

    batches() begins to deal them, n_per_deal at a time."""

    def rehearse(n_steps: int, tick: Callable[[], None]) -> None:
        run(deepcopy(model), n_steps, tick)

    n_steps = n_steps_within(seconds, rehearse, lambda: next(batches()), n_per_deal)
    began = process_time()
    run(model, n_steps, lambda: None)
    return Trained(model, process_time() - began, n_steps)


def train_ours(
    material: Material,
    seconds: float,
    seed: int,
    positions: str = "rotary",
    max_skip: int | None = None,
    say: Callable = print,
) -> Trained:
    """The lesson's translator by the lesson's recipe; with other positions, or skips, if they are named."""
    torch.manual_seed(seed)
    config = lesson_config(material, positions)
    recipe = lesson_recipe(1, seed, lesson_skip(positions) if max_skip is None else max_skip)

    def run(model: nn.Module, n_steps: int, tick: Callable[[], None]) -> None:
        def report(training, n_tokens: int) -> None:
            tick()
            if len(training.losses) % 100 == 0:
                say(f"{config.positions}, seed {seed}: step {len(training.losses)} of {n_steps}")

        train(model, material.train, replace(recipe, n_steps=n_steps), report=report)

    n_per_deal = material.n_tokens / recipe.n_tokens
    return train_within(seconds, lesson_model(config), run, lambda: dealt_batches(material.train, recipe), n_per_deal)


def annotated_as_it_ships(material: Material) -> AnnotatedTransformer:
    """The annotated style in the lesson's sizes, with its own dropout."""
    return AnnotatedTransformer(replace(lesson_config(material, "sinusoidal"), dropout=0.1))


def train_theirs(material: Material, seconds: float, seed: int, say: Callable = print) -> Trained:
    """The Annotated Transformer's code by its own recipe, on its own batches."""
    torch.manual_seed(seed)
    vocab_size = len(material.english)

    def batches() -> Iterator:
        return padded_batches(material.train, N_TOKENS, seed)

    def run(model: nn.Module, n_steps: int, tick: Callable[[], None]) -> None:
        def report(step: int) -> None:
            tick()
            if step % 100 == 0:
                say(f"annotated, seed {seed}: step {step} of {n_steps}")

        torch.manual_seed(seed)
        training = AnnotatedTraining(model, vocab_size, N_WARMUP, FACTOR)
        train_annotated(training, batches(), n_steps, report)

    return train_within(seconds, annotated_as_it_ships(material), run, batches, material.n_tokens / N_TOKENS)


@dataclass(frozen=True)
class Quality:
    """Exact match in percent and BLEU, of translations word by word."""

    exact: float
    bleu: float


def quality(model: nn.Module, material: Material, name: str) -> Quality:
    """On the test of that name."""
    return quality_on(model, material, material.pairs(name))


def quality_on(model: nn.Module, material: Material, pairs: Sequence[Pair]) -> Quality:
    """On these pairs."""
    tokens = translate(model, [material.german.encode(pair.german) for pair in pairs])
    written = [material.english.decode(row) for row in tokens]
    wanted = [list(pair.english) for pair in pairs]
    n_right = sum(a == b for a, b in zip(written, wanted, strict=True))
    return Quality(100 * n_right / len(pairs), corpus_bleu(written, wanted))


@dataclass(frozen=True)
class Aligned:
    """Accuracy and error rate of alignments, the lowest error rate that one link a target word can have, sentences."""

    accuracy: float
    error_rate: float
    lowest: float
    n_sentences: int


def alignment(model: nn.Module, material: Material, name: str) -> Aligned:
    """The links that cross-attention draws between the words of the test of that name, against the grammar's.

    Sentences with a word that is not one token are left out: a row of weights belongs to a token.
    All gold links are sure."""
    sides = material.german, material.english
    pairs = [
        pair for pair in material.pairs(name) if is_whole(pair.german, sides[0]) and is_whole(pair.english, sides[1])
    ]
    weights = word_weights(model, encoded(pairs, *sides))
    links, gold = [heaviest_links(one) for one in weights], [torch.as_tensor(pair.alignment_matrix()) for pair in pairs]
    first = [heaviest_links(one.float()) & one for one in gold]  # one right link of each word that has any
    rates = [alignment_error_rate(some, gold) for some in (links, first)]
    return Aligned(alignment_accuracy(links, gold), *rates, len(pairs))


def is_whole(words: tuple[str, ...], tokenizer) -> bool:
    """Whether each word is one token."""
    return len(tokenizer.encode(words)) == len(words)
