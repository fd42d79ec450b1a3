"""Training pairs and three tests that share nothing with them: unseen sentences, unseen pairs, longer sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from course.corpus.chance import Chance
from course.corpus.lexicon import AT, TO
from course.corpus.sentences import EVERYDAY_KINDS, KINDS, SIGNS, Pair, draw, needless, running_pair, weighted
from course.corpus.verbs import FRAMES, LIKED

LONGEST_TRAINED = 16  # words of the longer side, punctuation included
LONGEST = 30
DRAWN = weighted(KINDS) + 9 * ("two sentences",)  # else what is longer would nearly always be of a rare kind
EVERYDAY_WEIGHTED = weighted(EVERYDAY_KINDS)
EVERYDAY_DRAWN = 0.6  # the share of what is drawn that people type every day
GOES = {"walk": "go", "walks": "goes", "walked": "went", "walking": "going",
        "drive": "go", "drives": "goes", "drove": "went", "driving": "going"}  # fmt: skip
INTO, NAMED_PLACES = {"park", "city"}, {*AT, *TO}
HELD_OUT = 0.1  # the share of each verb's objects that training never shows with it


class Splits(NamedTuple):
    """Four lists of pairs; no German and no English sentence stands in two of them, and the running sentence in none.
    A sign more or less at the end of the German makes no other sentence; in training the same English may come twice.

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


class Seen:
    """What stands in some list already: German with and without the sign at its end, and English."""

    def __init__(self, running: Pair):
        self.german, self.english, self.exact = set(), set(), set()
        self.add(running)

    def add(self, pair: Pair) -> None:
        """Note both sentences."""
        self.exact.add(pair.german)
        self.german.add(unsigned(pair.german))
        self.english.add(pair.english)

    def trained(self, pair: Pair) -> bool:
        """Training has this German. Its English may come from several: hast du, habt ihr, haben Sie Zeit?"""
        return pair.german in self.exact

    def known(self, pair: Pair) -> bool:
        """Either sentence stands somewhere, whatever sign is at its end."""
        return unsigned(pair.german) in self.german or pair.english in self.english


def unsigned(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without the sign at the end."""
    return words[:-1] if words and words[-1] in SIGNS else words


def _collect(
    n: int, pairs: Iterable[Pair], keep: Callable[[Pair], bool], met: Callable[[Pair], bool], seen: Seen
) -> list[Pair]:
    """The first n pairs to be kept that nobody has met yet."""
    found: list[Pair] = []
    while len(found) < n:
        pair = next(pairs)
        if keep(pair) and not met(pair):
            seen.add(pair)
            found.append(pair)
    return found


def _stream(seed: list[int], everyday: bool):
    chance = Chance(seed)
    while True:
        if everyday and chance.happens(EVERYDAY_DRAWN):
            yield draw(chance, EVERYDAY_WEIGHTED)
        else:
            pair = draw(chance, DRAWN)
            yield spoken(pair) if everyday else pair


def spoken(pair: Pair) -> Pair:
    """As everyday sentences have it: goes, to the park, to school; the older kinds say walks, into, to the school."""
    words = pair.english
    if not GOES.keys().isdisjoint(words):
        pair = replace(pair, english=tuple([GOES.get(word, word) for word in words]))
    if "into" in words and not INTO.isdisjoint(words):
        pair = replace(pair, english=tuple([_to(pair.english, place) for place in range(len(words))]))
    if words[0] == "despite" or words[:2] == ("because", "of"):
        pair = with_comma(pair, words.index("rain" if "rain" in words[:4] else "snow") + 1)
    return without(pair, needless(pair.english)) if "school" in words else pair


def with_comma(pair: Pair, place: int) -> Pair:
    """Despite the rain, the man works: the comma stands at this place, one word with the cause."""
    (words, tags), links = (pair.english, pair.english_tags), pair.alignment
    first = [(place, column) for row, column in links if row == 0]
    later = [(row + 1, column) for row, column in links if row >= place]
    return replace(
        pair, english=(*words[:place], ",", *words[place:]), english_tags=(*tags[:place], "PUNCT", *tags[place:]),
        alignment=(*(link for link in links if link[0] < place), *first, *later),
    )  # fmt: skip


def _to(words: Sequence[str], place: int) -> str:
    """to, for into before a park or a city"""
    reached = next((word for word in words[place + 1 : place + 4] if word in NAMED_PLACES), "")
    return "to" if words[place] == "into" and reached in INTO else words[place]


def without(pair: Pair, places: list[int]) -> Pair:
    """The pair without the English words at these places."""
    if not places:
        return pair
    kept = [place for place in range(len(pair.english)) if place not in places]
    now = {old: new for new, old in enumerate(kept)}
    return replace(
        pair, english=tuple([pair.english[place] for place in kept]),
        english_tags=tuple([pair.english_tags[place] for place in kept]),
        alignment=tuple([(now[row], column) for row, column in pair.alignment if row in now]),
    )  # fmt: skip


def splits(n_train: int = 120_000, n_test: int = 1_000, seed: int = 0, everyday: bool = True) -> Splits:
    """Distinct pairs for training and three tests of n_test pairs each;
    the same seed gives the same lists everywhere. everyday: the short sentences that people type are among them."""
    if n_train < 0 or n_test < 0:
        raise ValueError(f"n_train={n_train} and n_test={n_test} must not be negative")
    secret, running = held_out(seed), running_pair()
    seen = Seen(running)  # kept for the lessons: no list holds it

    def known(pair: Pair) -> bool:
        return pair.length <= LONGEST_TRAINED and secret.isdisjoint(pair.met)

    def unknown(pair: Pair) -> bool:
        return pair.length <= LONGEST_TRAINED and not secret.isdisjoint(pair.met)

    def long(pair: Pair) -> bool:
        shorter = min(len(pair.german), len(pair.english))
        return shorter > LONGEST_TRAINED and pair.length <= LONGEST and secret.isdisjoint(pair.met)

    stream = _stream([seed, 2], everyday)
    train = _collect(n_train, stream, known, seen.trained, seen)
    unseen, pairs = (_collect(n_test, stream, keep, seen.known, seen) for keep in (known, unknown))
    return Splits(train, unseen, pairs, _collect(n_test, _stream([seed, 3], everyday), long, seen.known, seen))
