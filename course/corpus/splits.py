"""Training pairs and three tests that share nothing with them: unseen sentences, unseen pairs, longer sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from course.corpus.chance import Chance
from course.corpus.sentences import KINDS, Pair, draw, running_pair, weighted
from course.corpus.verbs import FRAMES, LIKED

LONGEST_TRAINED = 16  # words of the longer side, punctuation included
LONGEST = 30
DRAWN = weighted(KINDS) + 9 * ("two sentences",)  # else what is longer would nearly always be of a rare kind
HELD_OUT = 0.1  # the share of each verb's objects that training never shows with it


class Splits(NamedTuple):
    """Four lists of pairs; no German and no English sentence stands in two of them, and the running sentence in none.

    unseen_sentences: like train. unseen_pairs: in each, a verb meets an object that it never meets in train (though
    both occur there). longer: drawn like the others, but each side has more words than any side in train."""

    train: list[Pair]
    unseen_sentences: list[Pair]
    unseen_pairs: list[Pair]
    longer: list[Pair]


def objects_of_verbs() -> dict[str, list[str]]:
    """Every verb with the nouns that can be its object, in the order of the tables."""
    found: dict[str, dict[str, None]] = {"like": {noun.name: None for noun in LIKED}}
    for frame in FRAMES:
        if frame.objects:
            found.setdefault(frame.verb.name, {}).update({noun.name: None for noun in frame.objects})
    return {verb: list(names) for verb, names in found.items()}


def held_out(seed: int = 0) -> frozenset[tuple[str, str]]:
    """The verb-object pairs kept from training: a tenth of each verb's objects,
    at least one of every verb with six or more."""
    chance, chosen = Chance([seed, 1]), []
    for verb, names in objects_of_verbs().items():
        for _ in range(max(1, round(len(names) * HELD_OUT)) if len(names) >= 6 else 0):
            chosen.append((verb, chance.pick(names)))
    return frozenset(chosen) - set(running_pair().met)


def _collect(n: int, pairs: Iterable[Pair], keep: Callable[[Pair], bool], seen: set) -> list[Pair]:
    """The first n pairs to be kept whose German and English nobody has seen yet."""
    found: list[Pair] = []
    while len(found) < n:
        pair = next(pairs)
        if keep(pair) and pair.german not in seen and pair.english not in seen:
            seen.add(pair.german)
            seen.add(pair.english)
            found.append(pair)
    return found


def _stream(seed: list[int]):
    chance = Chance(seed)
    while True:
        yield draw(chance, DRAWN)


def splits(n_train: int = 120_000, n_test: int = 1_000, seed: int = 0) -> Splits:
    """Distinct pairs for training and three tests of n_test pairs each;
    the same seed gives the same lists everywhere."""
    if n_train < 0 or n_test < 0:
        raise ValueError(f"n_train={n_train} and n_test={n_test} must not be negative")
    secret, running = held_out(seed), running_pair()
    seen = {running.german, running.english}  # kept for the lessons: no list holds it

    def known(pair: Pair) -> bool:
        return pair.length <= LONGEST_TRAINED and secret.isdisjoint(pair.met)

    def unknown(pair: Pair) -> bool:
        return pair.length <= LONGEST_TRAINED and not secret.isdisjoint(pair.met)

    def long(pair: Pair) -> bool:
        shorter = min(len(pair.german), len(pair.english))
        return shorter > LONGEST_TRAINED and pair.length <= LONGEST and secret.isdisjoint(pair.met)

    stream = _stream([seed, 2])
    train, unseen, pairs = (
        _collect(n, stream, keep, seen) for n, keep in ((n_train, known), (n_test, known), (n_test, unknown))
    )
    return Splits(train, unseen, pairs, _collect(n_test, _stream([seed, 3]), long, seen))
