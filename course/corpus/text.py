"""Sentences as text and as words: tokenize takes apart what detokenize puts together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from course.corpus.everyday_words import MORE_NOUNS, SPEECH, adverbials
from course.corpus.lexicon import BARE, NOUNS, STEMS
from course.corpus.morphology import DETERMINERS, MODALS, PRONOUNS
from course.corpus.verbs import VERBS

# Chinese and Japanese, with their signs: they write no blanks, so each character stands alone
CHARACTER = "\u2e80-\u2fff\u3001-\u9fff\uf900-\ufaff\uff00-\uffef"
CHINESE = re.compile(f"[{CHARACTER}]")
LONGEST_CHINESE_WORD = 4  # characters: what is longer has lost its blanks
# a word with its inner hyphens and apostrophes; the English 's apart; a number; any other sign alone
LETTERS = rf"(?:(?![{CHARACTER}])[^\W\d_])+"
WORD = re.compile(rf"[{CHARACTER}]|'s\b|{LETTERS}(?:[-'](?!s\b){LETTERS})*|\d+(?:[.,]\d+)*|[^\w\s]|_")
ENDS = (".", "?", "!")
CLINGING = frozenset([".", ",", "?", "!", ":", ";", ")", "'s"])
SMALL = """
    wer was wen wem wo wann warum weil obwohl wenn dass ob aber und bitte es ich kein keine keinen wegen trotz
    nach auf durch über
    mit von who what whom where when why because although that whether but and please it there do does did is are was
    were am has have
    can could will should may an any these every in into to at on over through by with
    ist sind war waren bin bist warst hat haben habe hast wird werden werde wirst wurde wurden im am vom zum
    zur ins jeden jetzt
    seid wart habt werdet wurdet hatte hattest hatten hattet sei seien hab gab in an zu bis gern tut gefällt
    heißt heiße heißen sehr doch wurdest
    wusste wusstest wussten wusstet kannte kanntest kannten kanntet dachte dachtest dachten dachtet
    glaubte glaubtest glaubten glaubtet
    hallo danke ja nein tschüss vielen guten gute gut alles auch noch leider vielleicht schade oder denn
    hello goodbye thank thanks excuse see all fine yes no maybe unfortunately good too not a me or had must would
    nicht so over through neither gladly
    for like most some someone anyone another nobody everyone everybody very much what's let how whose which
"""


def tokenize(text: str) -> tuple[str, ...]:
    """The words and signs of a text. The capital goes from its first word, and from any after a full stop, question or
    exclamation mark, when the corpus knows the word without it.

    "Kannst du mir helfen?" -> ("kannst", "du", "mir", "helfen", "?"). Polite Sie, Ihnen, Ihr keep their capital within
    a sentence alone: at its beginning nobody can see which is meant. Works for words the corpus does not know, too,
    and for languages without blanks, of which each character is a word: "\u6211\u7231" -> ("\u6211", "\u7231")."""
    words = WORD.findall(text.replace("’", "'"))
    for place, word in enumerate(words):
        begins = place == 0 or words[place - 1] in ENDS
        if begins and word != "I" and word.lower() in known_words():
            words[place] = word.lower()
    return tuple(words)


def detokenize(words: Sequence[str]) -> str:
    """The words as a sentence: no blank before a sign or between Chinese characters, a capital at the start and
    after a full stop, question or exclamation mark."""
    after = [False, *(word in ENDS for word in words)]
    shown = [word[:1].upper() + word[1:] if ended else word for word, ended in zip(words, after, strict=False)]
    text = "".join(word if word in CLINGING else " " + word for word in shown).strip()
    text = re.sub(rf"(?<=[{CHARACTER}]) (?=[{CHARACTER}])", "", text)
    return text[:1].upper() + text[1:]


def words_of(sentence: str) -> list[str]:
    """The words of anybody's sentence as they are, cut at its blanks; of Chinese without blanks, its characters.

    "it slept." -> ["it", "slept."], "\u4ed6\u5403\u82f9\u679c" -> ["\u4ed6", "\u5403", "\u82f9", "\u679c"],
    "\u4ed6 \u5403 \u82f9\u679c" -> ["\u4ed6", "\u5403", "\u82f9\u679c"]"""
    pieces = sentence.split()
    are_words = all(len(CHINESE.findall(piece)) <= LONGEST_CHINESE_WORD for piece in pieces)
    if len(pieces) > 1 and are_words:
        return pieces
    return [word for piece in pieces for word in re.findall(rf"{CHINESE.pattern}|[^{CHARACTER}]+", piece)]


@cache
def known_words() -> frozenset[str]:
    """Words that both languages write small, among them all with which a sentence of the corpus can begin."""
    words = set(SMALL.split()) | {word for adverb in adverbials() for word in (*adverb.german, *adverb.english)}
    for verb in (*VERBS.values(), *SPEECH.values()):
        words |= {*verb.present.values(), verb.infinitive, verb.imperative, verb.participle}
        words |= {word for form in verb.english.values() for word in form}
    for forms, english, _ in MODALS.values():
        words |= {*forms, *english}
    for forms, english, *_ in PRONOUNS.values():
        words |= {*forms, *english}
    for noun in (*NOUNS.values(), *MORE_NOUNS.values()):
        words |= {noun.name, noun.english_plural}
    words |= {stem + ending for stem in STEMS.values() for ending in ("", "e", "en", "er", "es", "em")}
    words |= {*BARE, *BARE.values()}
    for stem, endings, _, singular, plural in DETERMINERS.values():
        words |= {stem, singular, plural} | {stem + form for row in (endings or {}).values() for form in row}
    return frozenset(str(word) for word in words if word and word == word.lower())
