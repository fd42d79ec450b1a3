"""A tiny translator that learns to copy, and trainings of it that end too early; also run as a process, to be killed.

python -m tests.copying CHECKPOINT STEP: train with that checkpoint, say each step, from that on sleep after each."""

from __future__ import annotations

import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from course.training import Training, TrainingConfig, train
from course.transformer import Transformer, TransformerConfig

CONFIG = TrainingConfig(n_steps=24, n_tokens=30, learning_rate=0.01, n_warmup=4, every=5, seed=3)
Pairs = list[tuple[list[int], list[int]]]


def sentences(seed: int, count: int) -> Pairs:
    chance = random.Random(seed)
    words = [[chance.randrange(3, 13) for _ in range(chance.randint(1, 4))] for _ in range(count)]
    return [(one, one[::-1]) for one in words]


PAIRS, VALIDATION = sentences(0, 40), sentences(1, 10)


def small_model(seed: int = 0, dropout: float = 0.2, d_model: int = 16) -> Transformer:
    sizes = {
        "d_model": d_model,
        "n_heads": 2,
        "d_ff": 16,
        "n_layers": 1,
        "source_vocab_size": 13,
        "target_vocab_size": 13,
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Transformer(TransformerConfig(**sizes, shared=True, dropout=dropout))


class State:
    """What a training has come to: its losses, its optimizer, its last and its best weights,
    as they were at its end."""

    def __init__(
        self, checkpoint: Path | None = None, report: Callable[..., None] | None = None, **changes: object
    ) -> None:
        self.trainings: list[Training] = []

        def remember(training: Training, n_tokens: int) -> None:
            self.trainings.append(training)
            if report:
                report(training, n_tokens)
            self.last = copied(training.model.state_dict())

        asked = {"model": small_model(), "pairs": PAIRS, "config": CONFIG, "validation": VALIDATION} | changes
        self.model, self.last = asked["model"], {}
        self.losses = train(**asked, checkpoint=checkpoint, report=remember)
        self.weights = copied(self.model.state_dict())

    @property
    def optimizer(self) -> list[Tensor]:
        states = [part["state"] for part in self.trainings[-1].optimizer.state_dict().values()]
        return [value for state in states for name in sorted(state) for value in state[name].values()]


def copied(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: weight.clone() for name, weight in weights.items()}


def same_weights(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def assert_same(one: State, other: State) -> None:
    """To the last bit."""
    assert one.losses == other.losses
    assert same_weights(one.weights, other.weights)
    assert same_weights(one.last, other.last)
    assert all(map(torch.equal, one.optimizer, other.optimizer))
    assert one.trainings[-1].best_loss == other.trainings[-1].best_loss


def say_and_sleep(training: Training, n_tokens: int) -> None:
    say(len(training.losses))
    time.sleep(len(training.losses) >= int(sys.argv[2]))


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where whoever started this ignores Ctrl-C
    losses = train(small_model(), PAIRS, CONFIG, VALIDATION, Path(sys.argv[1]), say_and_sleep)
    say(f"ended after {len(losses)}")
