"""Two everyday sentences in a row: a greeting, ja or nein, somebody called, and then what one says."""

from __future__ import annotations

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.clauses import Sides
from course.corpus.everyday_answers import question_and_answer
from course.corpus.everyday_being import BE, IT, SORROW, SPEECH, state, weather
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_naming import called, naming, what_name
from course.corpus.everyday_nouns import named
from course.corpus.everyday_phrases import ASKED_BACK, CALLING, GREETINGS, PHRASES, REPLIES, phrase
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
from course.corpus.everyday_simple import command, saying, whom_called
from course.corpus.groups import Numbers
from course.corpus.phrases import pronoun
from course.corpus.simple import joined, word
from course.corpus.tags import tagged


def in_a_row(chance: Chance, numbers: Numbers) -> Sides:
    """Ich bin müde. Ich schlafe jetzt. Hallo, wie geht es dir? Ja, ich komme. Anna, wo bist du?"""
    if chance.happens(0.28):
        return question_and_answer(chance, numbers)
    draw = chance.draw()
    if draw < 0.3:
        return greeted(chance, numbers)
    if draw < 0.55:
        yes = chance.pick((("ja", "yes"), ("nein", "no")))
        if draw < 0.36:
            return joined(word(*yes, numbers, "INTJ"), word(",", ",", numbers), phrase(chance.pick(REPLIES), numbers))
        sign = chance.pick((",", ",", ",", ".", "!"))
        return joined(word(*yes, numbers, "INTJ"), word(sign, sign, numbers), saying(chance, numbers))
    if draw < 0.69:
        return (calling if draw < 0.65 else three)(chance, numbers)
    first = sentence(chance, numbers)
    sign = "," if numbers.mark == "!" and chance.happens(0.3) else numbers.mark
    numbers.mark = "."
    stop = word(sign, sign, numbers)
    return joined(first, stop, (saying if sign == "," else sentence)(chance, numbers))


def greeted(chance: Chance, numbers: Numbers) -> Sides:
    """Hallo, wie geht es dir? Guten Morgen, Anna! Hast du gut geschlafen?"""
    if chance.happens(0.12):
        start = joined(phrase(GREETINGS[4], numbers), word(",", ",", numbers))
        return joined(start, chance.pick((asking, asking, open_question))(chance, numbers))
    start, sign = phrase(chance.pick(OPENERS), numbers), chance.pick((",", ",", "!", "."))
    if chance.happens(0.12):
        start = apology(chance, numbers)
    elif chance.happens(0.4):
        name = named(chance).german["nom"][0][0]
        apart = str(start[1][0][0]) not in CALLING or chance.happens(0.4)
        comma = word(",", ",", numbers) if apart else ([], [])
        start = joined(start, comma, word(name, name, numbers, "NOUN"))
        sign = chance.pick((",", "!", "!", "."))
    return joined(start, word(sign, sign, numbers), sentence(chance, numbers))


SAYING = ("weiß", "verstehe", "glaube", "hoffe")  # what follows a comma after them belongs to them
OPENERS = (*(one for one in PHRASES if not any(verb in one for verb in SAYING)), *GREETINGS, *GREETINGS)


def apology(chance: Chance, numbers: Numbers) -> Sides:
    """Es tut mir leid / I am sorry"""
    who = pronoun(chance.pick(("I", "I", "I", "we")))
    said = Said(IT, say.BE_SORRY, dative=who, manner=chance.pick(SORROW), experiencer=True, english_verb=BE)
    return said.pieces(numbers).statement(chance.pick(("subject", "subject", "dative")))


def calling(chance: Chance, numbers: Numbers) -> Sides:
    """Anna, wo bist du? Kinder, kommt nach Hause! Wo bist du, Paul?"""
    name = whom_called(chance, numbers, chance.pick(("du", "du", "ihr")))
    rest = chance.pick((asking, open_question, command, saying, common))(chance, numbers)
    first = chance.happens(0.7)
    if first:  # a capital at the beginning tells nothing
        small = {one: tagged(one.lower(), "NOUN") for one in ("Mother", "Father")}
        name = name[0], [(small.get(one, one), at) for one, at in name[1]]
    return joined(*((name, word(",", ",", numbers), rest) if first else (rest, word(",", ",", numbers), name)))


def three(chance: Chance, numbers: Numbers) -> Sides:
    """Hallo! Ich heiße Tom. Und du? Ich bin müde. Es ist spät. Gute Nacht!"""
    first, sign = phrase(chance.pick(PHRASES), numbers), chance.pick(("!", "!", "."))
    if chance.happens(0.3):
        first, sign = saying(chance, numbers), "."
    named_first = chance.happens(0.35)
    who = pronoun("I")
    middle = naming(who, named(chance), numbers, "statement") if named_first else saying(chance, numbers)
    asked = phrase(chance.pick(ASKED_BACK[:4]), numbers) if chance.happens(0.5) else None
    numbers.mark = "?" if asked else "."
    last = asked or sentence(chance, numbers)
    return joined(first, word(sign, sign, numbers), middle, word(".", ".", numbers), last)


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
    if draw < 0.65:
        you = pronoun(chance.pick(("you", "you", "you all", "you polite")))
        said = Said(you, SPEECH["do"], accusative=pronoun("what"), meaning=("progressive", ""))
        return said.pieces(numbers).asks("accusative")
    said, role = chance.pick((doing, how_are, who_is, where_asks, going))(chance)
    return said.pieces(numbers).asks(role)
