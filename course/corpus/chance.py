"""Chance from a seed: the same choices on every machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Chance:
    """Draws one after another from one NumPy generator (PCG64, whose stream is the same everywhere)."""

    def __init__(self, seed: int | Sequence[int]):
        self.draw = _stream(np.random.default_rng(seed)).__next__  # a number from 0 to 1 (without 1)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, all equally likely; an option listed twice is twice as likely."""
        return options[int(self.draw() * len(options))]

    def happens(self, probability: float) -> bool:
        """True as often as the probability says."""
        return self.draw() < probability


def _stream(generator: np.random.Generator) -> Iterator[float]:
    while True:
        yield from generator.random(4096).tolist()  # one call for many draws: single draws are slow
