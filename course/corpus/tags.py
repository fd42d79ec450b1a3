"""Tags: the part of speech of every word, by the names of Universal Dependencies."""

from __future__ import annotations

from functools import cache

# One word, one tag. Melted words count as what comes first: im and am (in dem, an dem) as ADP, cannot as AUX.
# A possessive before a noun is DET, as the universal guideline has it and German treebanks do; English ones say PRON.
TAGS = ("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PUNCT", "SCONJ", "VERB")

# What a word is that the grammar puts down alone, by its German; the English word beside it is the same.
ALONE = {
    "ADP": "wie", "ADV": "so wo wann warum", "CCONJ": "und aber", "INTJ": "bitte", "PART": "nicht",
    "PRON": "es wer was wen wem", "PUNCT": ", . ? !", "SCONJ": "weil obwohl wenn dass ob um",
}  # fmt: skip
# What a word of an adverbial is: letzte Woche, last week, because of the snow.
IN_ADVERBIALS = {
    "ADJ": "letzte nächste last next",
    "ADP": "am trotz wegen mit in despite because of by",
    "ADV": "gestern heute morgen bald jetzt gerade oft immer nie manchmal soon now often always never sometimes",
    "DET": "jeden des dem der every the",
    "NOUN": "Woche Tag Abend Morgen Regens Schnees Bus Auto Zug Straßenbahn yesterday today tomorrow week day evening "
    "morning rain snow bus car train tram",
}


class Word(str):
    """A word as the grammar handles it: text like any other, that knows its tag, and itself without one (plain)."""

    __slots__ = ("plain", "tag")


@cache
def tagged(text: str, tag: str) -> Word:
    """The word with its tag; the same two give the same object."""
    if tag not in TAGS:
        raise ValueError(f"tag={tag!r} of {text!r} must be one of {', '.join(TAGS)}")
    word = Word(text)
    word.plain, word.tag = str(text), tag
    return word


def _by_word(table: dict[str, str]) -> dict[str, str]:
    return {word: tag for tag, words in table.items() for word in words.split()}


TAG_ALONE, TAG_IN_ADVERBIAL = _by_word(ALONE), _by_word(IN_ADVERBIALS)


def adverbial(text: str) -> tuple[Word, ...]:
    """The words of an adverbial: "last week" -> last (ADJ), week (NOUN)."""
    return tuple(tagged(word, TAG_IN_ADVERBIAL[word]) for word in text.split())
