"""Doubt: how sure was the translator of each word, and is it wrong where it was not sure?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from math import nan, prod
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course.seq2seq import decode_greedy
from course.tokenizer import START, UNKNOWN, Tokenizer
from course.training import Tokens
from course.translation import in_batches, stepper

LEAST = 0.5  # a word of a lower probability is doubtful


class Doubted(NamedTuple):
    """The tokens of a translation, and how probable each was when it was written."""

    tokens: list[int]
    probabilities: list[float]


def translate_with_doubt(
    model: nn.Module, sources: Sequence[Tokens], max_tokens: int = 50
) -> list[Doubted]:
    """The tokens of `translate`, each with its probability.

    Of an empty sentence it makes an empty one. It works in eval mode; afterwards the model is in
    the mode in which it was before."""
    written = in_batches(model, sources, lambda source: doubt_batch(model, source, max_tokens))
    return [written.get(i, Doubted([], [])) for i in range(len(sources))]


def doubt_batch(model: nn.Module, source: Tensor, max_tokens: int) -> list[Doubted]:
    """source (B, T_k) -> what is written of each row."""
    ask, likeliest = stepper(model, source), []

    def step(token: Tensor, written: Tensor) -> tuple[Tensor, Tensor]:
        logits, written = ask(token, written)
        likeliest.append(logits.softmax(dim=-1).amax(dim=-1))  # (B,)
        return logits, written

    rows = decode_greedy(step, source.new_zeros(len(source), 0), max_tokens)
    sure = torch.stack(likeliest, dim=1).tolist() if likeliest else [[]] * len(rows)  # (B, T)
    return [Doubted(row, some[: len(row)]) for row, some in zip(rows, sure, strict=True)]


def word_probabilities(tokenizer: Tokenizer, doubted: Doubted) -> list[tuple[str, float]]:
    """The words of a translation, each with the product of its tokens' probabilities."""
    begun: list[tuple[list[int], list[float]]] = []
    for token, probability in zip(*doubted, strict=True):
        begins = token == UNKNOWN or tokenizer.pieces[token].startswith(START)
        if begins or not begun:
            begun.append(([], []))
        begun[-1][0].append(token)
        begun[-1][1].append(probability)
    return [(word, prod(some)) for tokens, some in begun for word in tokenizer.decode(tokens)]


def doubtful(words: Sequence[tuple[str, float]], least: float = LEAST) -> list[bool]:
    """Which words to mark: those less probable than `least`, and one said twice running.

    words: each with its probability, as word_probabilities gives them"""
    before = [None, *(word for word, _ in words)]
    return [p < least or word == last for (word, p), last in zip(words, before, strict=False)]


class Found(NamedTuple):
    """How many were doubted, how many are wrong, and how many are both."""

    doubted: int
    wrong: int
    both: int

    @property
    def precision(self) -> float:
        """The share of the doubted that is wrong; nan where nothing was doubted."""
        return self.both / self.doubted if self.doubted else nan

    @property
    def recall(self) -> float:
        """The share of the wrong that was doubted; nan where nothing is wrong."""
        return self.both / self.wrong if self.wrong else nan


def doubt_figures(
    written: Sequence[Sequence[tuple[str, float]]],
    wanted: Sequence[Sequence[Sequence[str]]],
    least: float = LEAST,
) -> tuple[Found, Found]:
    """Whether doubt finds what is wrong -> counted in sentences, and in words.

    written: each sentence as word_probabilities gives it; wanted: for each all right translations.
    A sentence is doubted if a word of it is, and wrong if it is none of the right ones. A word is
    wrong if it has no place in the right translation that is most alike; words that are missing
    are nobody's to doubt, and count for nothing."""
    sentences, words = [], []
    for pairs, right in zip(written, wanted, strict=True):
        said = [word for word, _ in pairs]
        marked, amiss = doubtful(pairs, least), wrong_words(said, right)
        sentences.append((any(marked), said not in [list(one) for one in right]))
        words += zip(marked, amiss, strict=True)
    return counted(sentences), counted(words)


def wrong_words(said: Sequence[str], right: Iterable[Sequence[str]]) -> list[bool]:
    """Of each word whether it has no place in the right translation that is most alike."""
    compared = [SequenceMatcher(None, one, said, autojunk=False) for one in right]
    nearest = max(compared, key=SequenceMatcher.ratio)
    places = {block.b + i for block in nearest.get_matching_blocks() for i in range(block.size)}
    return [place not in places for place in range(len(said))]


def counted(answers: Sequence[tuple[bool, bool]]) -> Found:
    """answers: of each, whether it was doubted, and whether it is wrong."""
    doubted, wrong = (sum(answer[side] for answer in answers) for side in (0, 1))
    return Found(doubted, wrong, sum(d and w for d, w in answers))
