"""Addition: how much CPU time until a GPT gets 99.9 % of unseen sums right, by our recipe and by minGPT's?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import process_time

import torch
from torch import Tensor, nn

from course.addition import FIRST, VOCAB_SIZE, Addition
from course.bench.mingpt import BATCH, NanoGPT, train_nano
from course.fused import fused
from course.gpt import GPT, GPTConfig, language_model_loss
from course.pretraining import pretrain
from course.training import evaluating

TARGET = 0.999
N_WATCHED, N_KEPT = 1_000, 5_000  # unseen sums: those that end the training, those that had no part in it
RECIPES = {3: (400, 3e-2), 5: (800, 2e-2)}  # digits -> steps until the learning rate is 0, its highest


@dataclass(frozen=True)
class Learned:
    """CPU seconds of training, measuring aside, and steps; was the target reached, and the share of kept sums right."""

    seconds: float
    n_steps: int
    reached: bool
    exact: float


class Stopwatch:
    """Counts CPU seconds, and stands still while something is measured."""

    def __init__(self) -> None:
        self.began, self.still = process_time(), 0.0

    @property
    def seconds(self) -> float:
        return process_time() - self.began - self.still

    def measure(self, share: Callable[[], float]) -> float:
        """The share, the clock standing."""
        stopped = process_time()
        found = share()
        self.still += process_time() - stopped
        return found


def task_and_tests(n_digits: int, seed: int) -> tuple[Addition, Tensor, Tensor]:
    """The sums to be learned, those watched and those kept."""
    task = Addition(n_digits, n_unseen=N_WATCHED + N_KEPT, seed=seed)
    return task, *task.unseen().split([N_WATCHED, N_KEPT])


def our_adder(task: Addition, seed: int) -> GPT:
    """The lesson's model: two blocks of width 64, fused."""
    torch.manual_seed(seed)
    sizes = {"d_model": 64, "n_heads": 8, "d_ff": 256, "n_layers": 2}
    config = GPTConfig(
        **sizes, vocab_size=VOCAB_SIZE, context_length=task.length, tied=False, activation="relu"
    )  # fmt: skip
    return fused(GPT(config))


def learn_ours(n_digits: int, seed: int, seconds: float = 120.0) -> Learned:
    """Our recipe until the target is reached, or for so many CPU seconds."""
    task, watched, kept = task_and_tests(n_digits, seed)
    model, (n_steps, rate) = our_adder(task, seed), RECIPES[n_digits]
    watch, shares = Stopwatch(), []

    def enough() -> bool:
        shares.append(watch.measure(lambda: task.exact(model, watched)))
        return shares[-1] >= TARGET or watch.seconds >= seconds

    def loss(logits: Tensor, tokens: Tensor) -> Tensor:
        return language_model_loss(logits, task.answers(tokens))

    losses = pretrain(model, task.batches(128), loss, n_steps, rate, enough)
    return Learned(watch.seconds, len(losses), shares[-1] >= TARGET, task.exact(model, kept))


def learn_theirs(n_digits: int, seed: int, seconds: float, every: int = 100) -> Learned:
    """minGPT's recipe until the target is reached, or for so many CPU seconds."""
    task, watched, kept = task_and_tests(n_digits, seed)
    torch.manual_seed(seed)
    model, n_asked = NanoGPT(3 * n_digits), 2 * n_digits
    tests, watch, shares = in_digits(task, watched), Stopwatch(), [0.0]

    def go_on(n_steps: int) -> bool:
        if n_steps and n_steps % every == 0:
            shares.append(watch.measure(lambda: exact(model, tests, n_asked)))
        return shares[-1] < TARGET and watch.seconds < seconds

    n_steps = train_nano(model, bare(task), n_asked, go_on)
    taken = watch.seconds
    return Learned(taken, n_steps, shares[-1] >= TARGET, exact(model, in_digits(task, kept), n_asked))


def bare(task: Addition) -> Iterator[Tensor]:
    """The task's batches as minGPT writes them."""
    for texts in task.batches(BATCH):
        yield in_digits(task, texts)


def in_digits(task: Addition, texts: Tensor) -> Tensor:
    """The same sums without + and =, each digit its own token."""
    n = task.n_digits
    return torch.cat([texts[:, :n], texts[:, n + 1 : 2 * n + 1], texts[:, 2 * n + 2 :]], dim=1) - FIRST


def exact(model: nn.Module, texts: Tensor, n_asked: int) -> float:
    """The share of sums that are right in every digit, written greedily."""
    with evaluating(model):
        guesses = model(texts[:, :-1])[:, n_asked - 1 :].argmax(dim=-1)
    return (guesses == texts[:, n_asked:]).all(dim=1).double().mean().item()
