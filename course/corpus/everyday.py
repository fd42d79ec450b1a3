"""The everyday kinds of sentences, how often each comes, and the sign at the end that people leave out."""

from __future__ import annotations

from course.corpus.chance import Chance
from course.corpus.everyday_compound import (
    condition,
    coordination,
    indirect,
    reason,
    reported,
    trying,
)
from course.corpus.everyday_phrases import answer, clock, greeting
from course.corpus.everyday_questions import asking, open_question
from course.corpus.everyday_relative import relative
from course.corpus.everyday_rows import in_a_row
from course.corpus.everyday_simple import command, fronted, saying
from course.corpus.groups import Numbers

# Kind: the construction and how many of a hundred everyday sentences it makes
EVERYDAY = {
    "everyday statement": (saying, 22), "everyday front": (fronted, 8), "everyday question": (asking, 13),
    "everyday open question": (open_question, 16), "everyday command": (command, 8), "everyday reason": (reason, 3),
    "everyday condition": (condition, 2), "everyday report": (reported, 3), "indirect question": (indirect, 4),
    "everyday relative": (relative, 3), "coordination": (coordination, 7), "everyday infinitive": (trying, 1),
    "sentences in a row": (in_a_row, 10), "phrase": (greeting, 2), "answer": (answer, 2), "clock": (clock, 1),
}  # fmt: skip
UNSIGNED = 0.25  # the share of everyday sentences without the sign at the end, as people type
OTHER_SIGN = {".": "!", "!": "."}


def signs(chance: Chance, numbers: Numbers, unclear: bool) -> tuple[str, str]:
    """The signs at the end of the German and of the English: the same; in German sometimes none.

    unclear: without it nobody would know it: "Kommen Sie" is a question as well, "ein Hund" or "danke" anything."""
    draw, mark = chance.draw(), numbers.mark
    if draw < UNSIGNED and not unclear:
        return "", mark
    if draw > 0.96 and mark in OTHER_SIGN:
        return OTHER_SIGN[mark], OTHER_SIGN[mark]
    return mark, mark
