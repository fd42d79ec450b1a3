"""Pairs of sentences: a construction by chance, its words in both languages, and the links between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from course.corpus.antecedents import and_it, antecedent, too
from course.corpus.chance import Chance
from course.corpus.clauses import Clause, Pieces, Sides
from course.corpus.compound import because, reported, when
from course.corpus.events import any_clause
from course.corpus.everyday import EVERYDAY, signs
from course.corpus.groups import Item, Numbers
from course.corpus.infinitives import asked, infinitive
from course.corpus.phrases import noun, pronoun
from course.corpus.relatives import at_subject, with_relative
from course.corpus.simple import (
    command,
    comparison,
    existence,
    joined,
    main_clause,
    open_question,
    passive,
    question,
    statement,
    word,
)
from course.corpus.tags import Word, tagged
from course.corpus.text import known_words
from course.corpus.verbs import VERBS

SIGNS = (",", ".", "?", "!")
STOP: Item = (tagged(".", "PUNCT"), 0)
Construction = Callable[[Chance, Numbers], Sides]


@dataclass(frozen=True, slots=True)
class Pair:
    """A German sentence and its English translation, in words.

    alignment: (English index, German index) of each two words that translate each other.
    kind: the construction; met: the verbs with their objects, e.g. ("eat", "apple");
    german_tags, english_tags: the part of speech of each word (tags.py)."""

    german: tuple[str, ...]
    english: tuple[str, ...]
    alignment: tuple[tuple[int, int], ...]
    kind: str
    met: tuple[tuple[str, str], ...] = ()
    german_tags: tuple[str, ...] = field(default=(), repr=False, compare=False)
    english_tags: tuple[str, ...] = field(default=(), repr=False, compare=False)

    @property
    def length(self) -> int:
        """The number of words of the longer side, punctuation included."""
        return max(len(self.german), len(self.english))

    def alignment_matrix(self) -> np.ndarray:
        """(T_english, T_german), boolean: True where the two words translate each other."""
        matrix = np.zeros((len(self.english), len(self.german)), dtype=bool)
        for row, column in self.alignment:
            matrix[row, column] = True
        return matrix


def two_sentences(chance: Chance, numbers: Numbers) -> Sides:
    """Der Mann schläft, aber die Frau arbeitet. / The man is sleeping, but the woman is working."""
    if chance.happens(0.5):
        link = joined(word(",", ",", numbers), word("aber", "but", numbers))
    else:
        link = word("und", "and", numbers)
    first, second = any_clause(chance), any_clause(chance, alone=False)
    return joined(main_clause(Pieces(first, numbers), chance), link, main_clause(Pieces(second, numbers), chance))


def _plain(chance: Chance, numbers: Numbers, alone: bool = False) -> Sides:
    return main_clause(Pieces(any_clause(chance, alone), numbers), chance)


FIRST_PARTS = (because, reported, when, with_relative, too, and_it, statement)
SECOND_PARTS = (because, reported, at_subject, _plain)


def chain(chance: Chance, numbers: Numbers) -> Sides:
    """Two sentences, one of them of several clauses; the second speaks of nobody by a mere he or she."""
    first = chance.pick(FIRST_PARTS)(chance, numbers)
    link = joined(word(",", ",", numbers), word("aber", "but", numbers))
    part = chance.pick(SECOND_PARTS)
    second = part(chance, numbers) if part is at_subject else part(chance, numbers, alone=False)
    numbers.mark = "."
    return joined(first, link, second)


# Construction and how many of a hundred sentences it makes
WEIGHTS: dict[str, tuple[Construction, int]] = {
    "statement": (statement, 28), "question": (question, 10), "open question": (open_question, 8),
    "command": (command, 6),
    "passive": (passive, 5), "comparison": (comparison, 2), "existence": (existence, 3), "reason": (because, 8),
    "condition": (when, 4), "report": (reported, 7), "relative": (with_relative, 7), "infinitive": (infinitive, 8),
    "antecedent": (antecedent, 8), "two sentences": (two_sentences, 3), "chain": (chain, 1),
}  # fmt: skip
KINDS = tuple(WEIGHTS)
EVERYDAY_KINDS = tuple(EVERYDAY)
CONSTRUCTIONS = WEIGHTS | EVERYDAY
LINKS = [[(row, column) for column in range(64)] for row in range(64)]  # one tuple for each link, shared by all pairs


def draw(chance: Chance, kinds: tuple[str, ...]) -> Pair:
    """One pair of one of the kinds (a kind listed twice is drawn twice as often)."""
    kind, numbers = chance.pick(kinds), Numbers()
    german, english = CONSTRUCTIONS[kind][0](chance, numbers)
    if kind not in EVERYDAY:
        return _pair(kind, german, english, numbers)
    if opens_unclearly(german):
        return draw(chance, (kind,))
    for place in reversed(needless([item[0] for item in english])):
        del english[place]
    polite = numbers.mark == "!" and [word for word, _ in german[1:2]] == ["Sie"]
    unclear = polite or (kind in ("phrase", "answer") and numbers.mark != ".")
    return _pair(kind, german, english, numbers, signs(chance, numbers, unclear))


def needless(words: Sequence[str]) -> list[int]:
    """The places of "the" that nobody says: to school, at school."""
    threes = zip(words, words[1:], words[2:], strict=False)
    return [place + 1 for place, (before, the, after) in enumerate(threes)
            if after == "school" and the == "the" and before in ("to", "at")]  # fmt: skip


def opens_unclearly(german: list[Item]) -> bool:
    """A sentence begins with Sie, Ihnen, Ihr, or Fragen: with a capital all sentences begin, so nobody could tell."""
    return any(
        word[0].isupper() and word.lower() in known_words() and (index == 0 or german[index - 1][0] in SIGNS[1:])
        for index, (word, _) in enumerate(german)
    )


def running_pair() -> Pair:
    """The course's running sentence: Kannst du mir helfen, diesen Satz zu übersetzen?"""
    numbers, me = Numbers(), pronoun("I")
    main = Clause(pronoun("you"), VERBS["help"], modal="can", dative=me)
    inner = Clause(me, VERBS["translate"], accusative=noun("sentence", "this"))
    return _pair("infinitive", *asked(main, inner, numbers), numbers)


def _pair(
    kind: str, german: list[Item], english: list[Item], numbers: Numbers, marks: tuple[str, str] | None = None
) -> Pair:
    last = numbers.take(1)
    here, there = ((tagged(mark, "PUNCT"), last) if mark else None for mark in marks or (numbers.mark,) * 2)
    german_words, german_numbers = zip(*_punctuated(german, here), strict=True)
    english_words, english_numbers = zip(*_punctuated(english, there), strict=True)
    links = _links(german_numbers, english_numbers)
    plain, tags = zip(_told_apart(german_words), _told_apart(english_words), strict=True)
    return Pair(*plain, links, kind, tuple(numbers.met), *tags)


def _told_apart(words: Sequence[Word]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words as plain text, and their tags."""
    return tuple([word.plain for word in words]), tuple([word.tag for word in words])


def _punctuated(items: list[Item], mark: Item | None) -> list[Item]:
    """The sign at the end, if any; a comma before another sign or at the end goes."""
    items = [*items, mark or STOP]
    found = [item for index, item in enumerate(items) if item[0] != "," or items[index + 1][0] not in SIGNS]
    return found if mark else found[:-1]


def _links(german: Sequence[int], english: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """The indices (English, German) of the words that share a concept."""
    where: dict[int, list[int]] = {}
    for index, number in enumerate(german):
        if number in where:
            where[number].append(index)
        else:
            where[number] = [index]
    return tuple(
        [LINKS[row][column] for row, number in enumerate(english) if number in where for column in where[number]]
    )


def weighted(names: tuple[str, ...] = KINDS) -> tuple[str, ...]:
    """The kinds, each listed as often as it is to come."""
    unknown = [name for name in names if name not in CONSTRUCTIONS]
    if unknown:
        raise ValueError(f"unknown kinds {unknown}; there are {', '.join(CONSTRUCTIONS)}")
    return tuple(name for name in names for _ in range(CONSTRUCTIONS[name][1]))


def sample(n: int, seed: int = 0, kinds: tuple[str, ...] = KINDS) -> list[Pair]:
    """n independent pairs of the given kinds; the same seed gives the same pairs on every machine. Pairs may repeat."""
    chance, names = Chance(seed), weighted(tuple(kinds))
    return [draw(chance, names) for _ in range(n)]
