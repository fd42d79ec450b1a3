"""Glossary: the words of the corpus by kind, each with its English, for those who know no German."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache

from course.corpus.lexicon import ADJECTIVES, ADVERBS, NOUNS
from course.corpus.sentences import Pair, sample
from course.corpus.verbs import VERBS

ARTICLES = {"m": "der", "f": "die", "n": "das"}
OWN_KINDS = ("NOUN", "VERB", "ADJ", "PUNCT")  # the tags of words that have a list of their own, or none
N_PAIRS = 6_000
OFTEN = 0.25  # the share of its sentences from which on a second translation is named
JUST_NOW = "just now"  # gerade, which has no English word of its own
Glosses = dict[str, list[tuple[str, str]]]


def glossary() -> Glosses:
    """Kind -> (German, English), in the order of the alphabet: nouns with articles, verbs, adjectives, small words.

    The first three are the tables of the grammar; the small words, and names, are found in sentences that it makes:
    of each the English that translates it most often. So a new word of the grammar is here, too."""
    nouns = {(f"{ARTICLES[noun.gender]} {noun.german}", noun.name) for noun in NOUNS.values()}
    verbs = {(verb.prefix + verb.infinitive, _base(verb.name)) for verb in VERBS.values()}
    adjectives = {(german, english) for english, german in ADJECTIVES.items()}
    listed = {"nouns": nouns, "verbs": verbs, "adjectives": adjectives, "small words": set(small_words())}
    return {kind: sorted(words, key=lambda pair: pair[0].split()[-1].lower()) for kind, words in listed.items()}


def _base(name: str) -> str:
    return name.removesuffix(" that")  # "know that" is told from "know" by its name alone


@cache
def small_words() -> tuple[tuple[str, str], ...]:
    """(German, English) of pronouns, articles, prepositions, adverbials ..., as N_PAIRS sentences translate them."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for pair in sample(N_PAIRS):
        for word, english in glosses_of(pair):
            counts[word][english] += 1
    adverbials = {" ".join(each.german): " ".join(each.english) or JUST_NOW for each in ADVERBS.values()}
    return tuple(({word: usual(found) for word, found in counts.items()} | adverbials).items())


def usual(found: Counter[str]) -> str:
    """The most frequent English, and the next where it is not rare: "they, she"."""
    first, *others = found.most_common(2)
    return ", ".join([first[0], *(english for english, n in others if n >= OFTEN * found.total())])


def glosses_of(pair: Pair) -> list[tuple[str, str]]:
    """Each small word of a pair with the English words that are linked to small words alone: ("zum", "to the").

    Where there is none, the small English ones: mit of mit dem Auto - by car. An auxiliary has none: hat gefunden -
    found."""
    tags, own = pair.german_tags, set(OWN_KINDS)
    content = {row for row, column in pair.alignment if tags[column] in own}
    found: dict[int, str] = {}
    for column, tag in enumerate(tags):
        rows = [row for row, other in sorted(pair.alignment) if other == column and pair.english[row] != "'s"]
        pure = [row for row in rows if row not in content]
        small = pure or [row for row in rows if pair.english_tags[row] not in own and tag != "AUX"]
        if small and tag not in own:
            found[column] = " ".join(pair.english[row] for row in small)
    return [(str(pair.german[column]), english) for column, english in found.items()]


@cache
def german_of() -> dict[str, tuple[str, ...]]:
    """English -> the German words that it can stand for: "dog" -> ("Hund",)."""
    found: dict[str, list[str]] = defaultdict(list)
    for words in glossary().values():
        for german, english in words:
            for meaning in english.split(", "):
                found[meaning].append(german.split()[-1])
    return {english: tuple(dict.fromkeys(words)) for english, words in found.items()}


@cache
def english_words() -> frozenset[str]:
    """The words of the English side."""
    return frozenset(str(word) for pair in sample(N_PAIRS) for word in pair.english)
