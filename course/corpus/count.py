"""How many pairs there are at least: one small family of sentences, counted by its parts."""

from __future__ import annotations

from course.corpus.clauses import Clause, Pieces
from course.corpus.groups import Numbers
from course.corpus.lexicon import Noun
from course.corpus.phrases import Phrase, noun_phrase
from course.corpus.simple import TRANSITIVE, joined, main_clause, word
from course.corpus.verbs import Frame


def told(phrase_of_noun, frame: Frame) -> int:
    """How many sentences "the ... has ...n the ..." the frame makes: its subjects times its objects, nobody twice."""
    subjects = {noun: len(phrase_of_noun(noun)) for noun in frame.subjects}
    objects = {noun: len(phrase_of_noun(noun)) for noun in frame.objects}
    same = sum(subjects[noun] * objects[noun] for noun in subjects if noun in objects)
    return sum(subjects.values()) * sum(objects.values()) - same


def definite(noun: Noun) -> list[Phrase]:
    """The noun with the and this, bare or with one of its adjectives."""
    return [noun_phrase(noun, determiner, name) for determiner in ("the", "this") for name in ("", *noun.adjectives)]


def frames() -> list[Frame]:
    """The frames with one object, each once."""
    return [frame for frame in dict.fromkeys(TRANSITIVE) if frame.case == "acc" and not frame.recipients]


def at_least() -> int:
    """A lower bound: pairs "A, aber B" of two clauses in the past ("der Mann hat das Buch gelesen") with definite
    nouns.

    A and B are chosen freely from all such clauses, so there are as many pairs as clauses squared."""
    return sum(told(definite, frame) for frame in frames()) ** 2


def member(first: Clause, second: Clause) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The German and English words of one pair of that family."""
    numbers = Numbers()
    link = joined(word(",", ",", numbers), word("aber", "but", numbers))
    sides = joined(
        main_clause(Pieces(first, numbers)), link, main_clause(Pieces(second, numbers)), word(".", ".", numbers)
    )
    return tuple(text for text, _ in sides[0]), tuple(text for text, _ in sides[1])
