"""BLEU against sacrebleu, and counted by hand."""

import math

import pytest
import sacrebleu

from course.bleu import corpus_bleu
from course.checks.bleu.cases import drawn_corpus
from course.judging.exercise import Draw


def sacre(translations: list[list[str]], references: list[list[str]]) -> float:
    texts = [" ".join(one) for one in translations], [[" ".join(one) for one in references]]
    return sacrebleu.corpus_bleu(*texts, tokenize="none", smooth_method="none", force=True).score


@pytest.mark.parametrize("longest", [3, 5, 8, 13])
@pytest.mark.parametrize("change", [0.0, 0.1, 0.4, 0.9])
def test_bleu_equals_sacrebleus(longest, change):
    """Cut short the penalty is on; written twice over it is off."""
    scores = []
    for seed in range(25):
        translations, references = drawn_corpus(Draw(seed), 1 + seed % 9, change, longest)
        for some in (translations, [one + one for one in translations], translations[::-1]):
            scores.append(corpus_bleu(some, references))
            assert scores[-1] == pytest.approx(sacre(some, references), abs=1e-9)
    assert 0 <= min(scores) <= max(scores) <= 100
    assert max(scores) > 0


@pytest.mark.parametrize(
    ("translation", "reference", "score"),
    [
        ("a b c d e", "a b c d e", 100),
        ("a b c d e", "a b c d f", 100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25),
        ("a b c d", "a b c d e f", 100 * math.exp(1 - 6 / 4)),
        ("a b c d e f g h", "a b c d e f", 100 * (6 / 8 * 5 / 7 * 4 / 6 * 3 / 5) ** 0.25),
        ("v w x y z", "a b c d e", 0), ("a b c", "a b c", 0), ("", "a b c d", 0), ("a b c d", "", 0),
    ],
)  # fmt: skip
def test_bleu_by_hand(translation, reference, score):
    translations, references = [translation.split()], [reference.split()]
    assert corpus_bleu(translations, references) == pytest.approx(score)
    assert sacre(translations, references) == pytest.approx(score)


def test_bleu_of_nothing_and_of_unequal_lists():
    assert corpus_bleu([], []) == 0
    with pytest.raises(ValueError, match="1 translations, 2 references"):
        corpus_bleu([["a"]], [["a"], ["b"]])
