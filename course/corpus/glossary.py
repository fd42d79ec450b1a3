"""Glossary: the words of the corpus by kind, each with its English, for those who know no German."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache

from course.corpus.everyday_nouns import DOG, WHOLES
from course.corpus.everyday_words import MORE_NOUNS, SPEECH, adverbials
from course.corpus.lexicon import BARE, NOUNS, Noun
from course.corpus.morphology import CASES, noun_form
from course.corpus.sentences import EVERYDAY_KINDS, KINDS, Pair, sample

ARTICLES = {"m": "der", "f": "die", "n": "das"}
OWN_KINDS = ("NOUN", "VERB", "ADJ", "PUNCT")  # the tags of words that have a list of their own, or none
N_PAIRS = 12_000  # so many that a rare small word is among them
OFTEN = 0.25  # the share of its sentences from which on a second translation is named
JUST_NOW = "just now"  # gerade, which has no English word of its own
Glosses = dict[str, list[tuple[str, str]]]


def glossary() -> Glosses:
    """Kind -> (German, English), in the order of the alphabet: nouns with articles, verbs, adjectives, small words.

    Nouns, verbs and adjectives are the tables of the grammar; small words, and nouns that no table has (names, times),
    are found in sentences that it makes. So a new word of the grammar is here, too."""
    tables = {
        "nouns": {(f"{ARTICLES[noun.gender]} {noun.german}", noun.name) for noun in all_nouns()},
        "verbs": {(verb.prefix + verb.infinitive, _base(verb.name)) for verb in SPEECH.values()},
        "adjectives": {(german, english) for english, german in BARE.items()},
    }
    found = {"small words": set(small_words())}
    found["nouns"] = {pair for pair in found["small words"] if pair[0] in other_nouns()}
    found["small words"] -= found["nouns"]
    kinds = {kind: tables.get(kind, set()) | found.get(kind, set()) for kind in (*tables, "small words")}
    return {kind: sorted(words, key=lambda pair: pair[0].split()[-1].lower()) for kind, words in kinds.items()}


def all_nouns() -> tuple[Noun, ...]:
    """Those of the tables."""
    return (*NOUNS.values(), *MORE_NOUNS.values(), DOG, *WHOLES)


@cache
def other_nouns() -> frozenset[str]:
    """Nouns in sentences that are no form of one in the tables."""
    listed = {
        noun_form(noun, plural, case)
        for noun in all_nouns()
        for plural in (False, *([True] if noun.german_plural else []))
        for case in CASES
    }
    return frozenset(
        str(word)
        for pair in sentences()
        for word, tag in zip(pair.german, pair.german_tags, strict=True)
        if tag == "NOUN" and word not in listed
    )


@cache
def sentences() -> tuple[Pair, ...]:
    """N_PAIRS sentences of all constructions."""
    return tuple(sample(N_PAIRS, kinds=KINDS + EVERYDAY_KINDS))


def _base(name: str) -> str:
    return name.removesuffix(" that")  # "know that" is told from "know" by its name alone


@cache
def small_words() -> tuple[tuple[str, str], ...]:
    """(German, English) of pronouns, articles, prepositions, adverbials ..., as N_PAIRS sentences translate them."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for pair in sentences():
        for word, english in glosses_of(pair):
            counts[word][english] += 1
    whole = {" ".join(each.german): " ".join(each.english) or JUST_NOW for each in adverbials()}
    usually = {word: usual(found) for word, found in counts.items()}
    return tuple((whole | usually | {"gerade": JUST_NOW}).items())


def usual(found: Counter[str]) -> str:
    """The most frequent English, and the next where it is not rare: "they, she"."""
    first, *others = found.most_common(2)
    return ", ".join([first[0], *(english for english, n in others if n >= OFTEN * found.total())])


def glosses_of(pair: Pair) -> list[tuple[str, str]]:
    """Each small word of a pair with the English words that are linked to it alone: zum - to the.

    Of hat gefunden - found no word is linked to hat alone, of jeden Tag - every day none to either."""
    links = Counter(row for row, _ in pair.alignment)
    found: dict[int, list[str]] = defaultdict(list)
    for row, column in sorted(pair.alignment):
        if links[row] == 1 and pair.english[row] != "'s":
            found[column].append(str(pair.english[row]))
    return [
        (str(pair.german[column]), " ".join(english))
        for column, english in found.items()
        if pair.german_tags[column] not in OWN_KINDS or pair.german[column] in other_nouns()
    ]


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
    return frozenset(str(word) for pair in sentences() for word in pair.english)
