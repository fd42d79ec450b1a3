"""Material: the corpus as numbers, and the sentences to translate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from course.corpus import Pair, Splits, splits
from course.tokenizer import Tokenizer


@dataclass(frozen=True)
class Material:
    """Splits of the corpus, a tokenizer for each side, and the training pairs as (source tokens, target tokens)."""

    splits: Splits
    german: Tokenizer
    english: Tokenizer
    train: list[tuple[list[int], list[int]]]

    @classmethod
    def make(cls, n_train: int = 120_000, n_test: int = 1_000, seed: int = 0) -> Material:
        """Seed 0 is the lesson's; decisions are taken on other seeds."""
        parts = splits(n_train, n_test, seed)
        german = Tokenizer.train((pair.german for pair in parts.train), parts=True)
        english = Tokenizer.train(pair.english for pair in parts.train)
        return cls(parts, german, english, encoded(parts.train, german, english, Random(seed)))

    def pairs(self, name: str) -> list[Pair]:
        """The test of that name: unseen_sentences, unseen_pairs, longer."""
        return getattr(self.splits, name)

    @property
    def n_tokens(self) -> int:
        """Of all training pairs, both sides."""
        return sum(len(source) + len(target) for source, target in self.train)


def encoded(
    pairs: Sequence[Pair], german: Tokenizer, english: Tokenizer, chance: Random | None = None
) -> list[tuple[list[int], list[int]]]:
    """Each pair as tokens; with chance, some German words in parts, as lesson 09 trains."""
    return [(german.encode(pair.german, chance), english.encode(pair.english)) for pair in pairs]
