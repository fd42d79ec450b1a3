"""A lens: random numbers, seen as no more than what a check asks of them."""

from __future__ import annotations

import numpy as np
from torch import Tensor


class Lens(Tensor):
    """An input through which an output is seen, in every place, as what `look` says of all its numbers together.

    What a layer draws at its start differs from answer to answer; that it is drawn well does not. So a check can ask
    for this, and still know a mistake in the rest of the answer by what it does."""

    @staticmethod
    def look(numbers: np.ndarray) -> float:
        """What is seen instead of these numbers; 1 where they are good."""
        raise NotImplementedError

    @classmethod
    def sees_good(cls, output: np.ndarray) -> bool:
        """Whether the output is good, seen through the lens or, where the answer lost it, with bare eyes."""
        return bool((output == 1).all()) or cls.look(output) == 1

    def __deepcopy__(self, memo: dict) -> Tensor:
        return self.clone()

    def numpy(self) -> np.ndarray:
        numbers = self.as_subclass(Tensor).numpy()
        return np.full(numbers.shape, self.look(numbers))
