"""Words are known by their company: counts, PPMI and SVD on the English side put king next to queen."""

from __future__ import annotations

import numpy as np
import pytest

from course.corpus import sample
from course.corpus.lexicon import NOUNS


@pytest.fixture(scope="module")
def nearness():
    sentences = [pair.english for pair in sample(30_000, seed=0)]
    words = sorted({word for sentence in sentences for word in sentence})
    number = {word: index for index, word in enumerate(words)}
    counts = np.zeros((len(words), len(words)))
    for sentence in sentences:
        ids = [number[word] for word in sentence]
        for distance in (1, 2, 3):
            for left, right in zip(ids, ids[distance:], strict=False):
                counts[left, right] += 1
                counts[right, left] += 1
    total = counts.sum()
    with np.errstate(divide="ignore"):
        ppmi = np.maximum(np.log(counts * total / np.outer(counts.sum(1), counts.sum(0))), 0)
    left, strength, _ = np.linalg.svd(ppmi)
    vectors = left[:, :40] * np.sqrt(strength[:40])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return lambda one, other: float(vectors[number[one]] @ vectors[number[other]])


@pytest.mark.parametrize(
    ("word", "near", "far"),
    [
        ("king", "queen", "car"), ("queen", "princess", "bus"), ("car", "bus", "king"), ("prince", "king", "apple"),
        ("apple", "banana", "man"),
        ("dog", "cat", "street"), ("woman", "man", "bread"), ("boy", "girl", "train"), ("milk", "water", "child"),
        ("book", "letter", "horse"),
        ("garden", "park", "queen"), ("eat", "drink", "rule"),
    ],
)  # fmt: skip
def test_near_words_are_nearer(nearness, word, near, far):
    assert nearness(word, near) > nearness(word, far) + 0.1


def test_the_nearest_noun_is_mostly_of_the_same_kind(nearness):
    people = ("ruler", "person")
    nouns = [noun for noun in NOUNS.values() if noun.kind not in ("weather", "food")]
    same = 0
    for noun in nouns:
        other = max((other for other in nouns if other is not noun), key=lambda other: nearness(noun.name, other.name))
        same += other.kind == noun.kind or (other.kind in people and noun.kind in people)
    assert same / len(nouns) > 0.8
