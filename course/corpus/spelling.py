"""Spelling: a typed word as the corpus writes it, or the words that its writer may have meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache

TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})  # as on a keyboard without umlauts
NO_DOTS = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})
SHORT = 5  # letters: a word up to this length has one slip at most, and not in its first letter
N_SUGGESTIONS = 3

# What is said or written shorter, and how the corpus writes it
SPOKEN = {
    "gehts": "geht es", "gibts": "gibt es", "ists": "ist es", "wars": "war es", "hab": "habe", "hatt": "hatte",
    "is": "ist", "nich": "nicht", "nix": "nichts", "ne": "eine", "nen": "einen", "nem": "einem", "okay": "gut",
    "1": "ein", "2": "zwei", "3": "drei", "4": "vier", "5": "fünf", "6": "sechs", "7": "sieben", "8": "acht",
    "9": "neun", "10": "zehn", "11": "elf", "12": "zwölf",
}  # fmt: skip
Index = dict[str, tuple[str, ...]]


def spelt(word: str, known: Collection[str]) -> tuple[str, ...]:
    """The known words that differ from the typed one in capitals alone; failing such, also in ae, oe, ue, ss for
    ä, ö, ü, ß; failing such, in dots that were not typed. Of two that differ in the capital the small one.

    "DU" -> ("du",), "strasse" -> ("Straße",), "mude" -> ("müde",), "hnud" -> ()"""
    by_letters, by_two, by_bare = spellings(frozenset(known))
    small = word.lower()
    found = by_letters.get(small) or by_two.get(small.translate(TWO_LETTERS))
    if not found and small == small.translate(NO_DOTS):
        found = by_bare.get(small)
    return without_capital_twins(found or ())


def without_capital_twins(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once: "sie" where there is "Sie", too."""
    return tuple({word.lower(): word for word in sorted(words)}.values())


@lru_cache(maxsize=4)
def spellings(known: frozenset[str]) -> tuple[Index, Index, Index]:
    """The words by their letters without capitals, by these in two letters an umlaut, and by these without dots."""
    indices: tuple[defaultdict[str, list[str]], ...] = tuple(defaultdict(list) for _ in range(3))
    for word in known:
        for index, table in zip(indices, ({}, TWO_LETTERS, NO_DOTS), strict=True):
            index[word.lower().translate(table)].append(word)
    first, second, third = ({key: tuple(words) for key, words in index.items()} for index in indices)
    return first, second, third


def spoken(word: str, known: Collection[str]) -> tuple[str, ...] | None:
    """The words that a short form stands for: "gehts" -> ("geht", "es"); None where it is none, or they are unknown."""
    written = SPOKEN.get(word.lower())
    if written is None or any(part not in known for part in written.split()):
        return None
    return tuple(written.split())


def meant(word: str, known: Collection[str]) -> tuple[str, ...]:
    """The known words that a slip or two away from the typed one, the nearest first: "Hnud" -> ("Hund",).

    A slip: a letter more, less, another, or two that have changed places."""
    bare = _bare(word)
    most = 1 if len(bare) <= SHORT else 2
    found = []
    for other in known:
        candidate = _bare(other)
        if not bare.isalpha() or not candidate.isalpha() or abs(len(candidate) - len(bare)) > most:
            continue
        if (len(bare) <= SHORT and candidate[0] != bare[0]) or len(bare) == 1:
            continue
        if (slips := distance(bare, candidate)) <= most:
            found.append((slips, -_same_start(bare, candidate), candidate, other))
    return tuple(dict.fromkeys(other for *_, other in sorted(found)))[:N_SUGGESTIONS]


def _bare(word: str) -> str:
    return word.lower().translate(NO_DOTS)


def _same_start(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def distance(one: str, other: str) -> int:
    """How many slips lead from one word to the other; no letter is touched twice."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        above, row = rows[-1], [i]
        for j, to in enumerate(other, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != to)))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == to:
                row[j] = min(row[j], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]
