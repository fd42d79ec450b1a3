"""Typed: how many sentences are right that a person typed, and is doubt where they are wrong?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from course.bench.material import Material
from course.corpus import tokenize
from course.corpus.typed import Typed
from course.doubt import Found, doubt_figures, translate_with_doubt, word_probabilities

FINAL = frozenset(".?!")


@dataclass(frozen=True)
class Answered:
    """Right sentences in percent, and what doubt found of the wrong ones and of the wrong words."""

    exact: float
    sentences: Found
    words: Found


def answered(model: nn.Module, material: Material, sentences: Sequence[Typed], final_sign: bool = True) -> Answered:
    """How the model translates them; where the final sign is left out, what it writes may end with one or not."""

    def words_of(text: str) -> list[str]:
        return kept(list(tokenize(text)), final_sign)

    found = translate_with_doubt(model, [material.german.encode(words_of(one.german)) for one in sentences])
    written = [word_probabilities(material.english, one) for one in found]
    written = [pairs[: len(kept([word for word, _ in pairs], final_sign))] for pairs in written]
    wanted = [[words_of(english) for english in one.english] for one in sentences]
    of_sentences, of_words = doubt_figures(written, wanted)
    n_right = len(sentences) - of_sentences.wrong
    return Answered(100 * n_right / len(sentences), of_sentences, of_words)


def kept(words: list[str], final_sign: bool) -> list[str]:
    """The words, without their final sign if there is to be none."""
    return words if final_sign or words[-1:] == [] or words[-1] not in FINAL else words[:-1]
