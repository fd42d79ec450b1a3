"""Two everyday sentences in a row: a greeting, ja or nein, somebody called, and then what one says."""

from __future__ import annotations

from course.corpus.chance import Chance
from course.corpus.clauses import Sides
from course.corpus.everyday_being import state, weather
from course.corpus.everyday_naming import called, what_name
from course.corpus.everyday_nouns import named
from course.corpus.everyday_phrases import PHRASES, phrase
from course.corpus.everyday_questions import (
    asking,
    doing,
    going,
    how_are,
    open_question,
    what_time,
    where_asks,
    who_is,
)
from course.corpus.everyday_simple import command, saying
from course.corpus.groups import Numbers
from course.corpus.simple import joined, word


def in_a_row(chance: Chance, numbers: Numbers) -> Sides:
    """Ich bin müde. Ich schlafe jetzt. Hallo, wie geht es dir? Ja, ich komme. Anna, wo bist du?"""
    draw = chance.draw()
    if draw < 0.3:
        return greeted(chance, numbers)
    if draw < 0.55:
        yes = chance.pick((("ja", "yes"), ("nein", "no")))
        sign = chance.pick((",", ",", ",", ".", "!"))
        return joined(word(*yes, numbers, "INTJ"), word(sign, sign, numbers), saying(chance, numbers))
    if draw < 0.65:
        name = named(chance).german["nom"][0][0]
        start = word(name, name, numbers, "NOUN")
        return joined(start, word(",", ",", numbers), chance.pick((asking, open_question, command))(chance, numbers))
    first = sentence(chance, numbers)
    sign = numbers.mark
    numbers.mark = "."
    stop = word(sign, sign, numbers)
    return joined(first, stop, sentence(chance, numbers))


def greeted(chance: Chance, numbers: Numbers) -> Sides:
    """Hallo, wie geht es dir? Guten Morgen, Anna! Hast du gut geschlafen?"""
    start, sign = phrase(chance.pick(PHRASES), numbers), chance.pick((",", ",", "!", "."))
    if chance.happens(0.3):
        name = named(chance).german["nom"][0][0]
        start = joined(start, word(",", ",", numbers), word(name, name, numbers, "NOUN"))
        sign = chance.pick((",", "!", "!", "."))
    return joined(start, word(sign, sign, numbers), sentence(chance, numbers))


def sentence(chance: Chance, numbers: Numbers) -> Sides:
    """One of any kind; what is said most often comes most often."""
    return chance.pick((saying, saying, saying, asking, open_question, command, common, common))(chance, numbers)


def common(chance: Chance, numbers: Numbers) -> Sides:
    """Was machst du? Wie geht es dir? Wer ist das? Wie spät ist es? Es regnet. Ich habe Hunger."""
    draw = chance.draw()
    if draw < 0.4:
        said = chance.pick((weather, state))(chance)
        return said.pieces(numbers).statement()
    numbers.mark = "?"
    if draw < 0.5:
        return what_time(numbers)
    if draw < 0.6:
        return what_name(called(chance, True), numbers)
    said, role = chance.pick((doing, doing, how_are, who_is, where_asks, going))(chance)
    return said.pieces(numbers).asks(role)
