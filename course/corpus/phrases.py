"""Noun phrases and pronouns: both languages at once, in all four cases, each word tied to its concept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from course.corpus.lexicon import CONTRACTIONS, NOUNS, Noun
from course.corpus.morphology import CASES, DETERMINERS, PRONOUNS, adjective, article, determiner, noun_form
from course.corpus.tags import Word, tagged

Words = tuple[tuple[Word, int], ...]  # each word with the number of its concept inside the phrase


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """Something one can talk about. Words with equal numbers, in german and in english, translate each other."""

    german: dict[str, Words]  # by case
    english: Words  # as the subject
    english_object: Words
    person: str  # of its verb: ich, du, er, sie
    plural: bool
    size: int  # how many concepts it has
    gender: str = ""  # m, f, n, p
    noun: Noun | None = None
    determiner: str = ""
    relative: object = None  # a relative clause (see clauses.py)
    also: tuple[Noun, ...] = ()  # the others of several that are one object

    @property
    def pronoun(self) -> bool:
        """It is a personal pronoun."""
        return self.noun is None

    @property
    def shows_case(self) -> bool:
        """Its nominative and its accusative differ."""
        return self.german["nom"] != self.german["acc"]

    @property
    def living(self) -> bool:
        """It can act."""
        return self.noun is None or self.noun.kind in ("ruler", "person", "animal")


def noun(name: str, determiner_name: str = "the", adjective_name: str = "", plural: bool = False) -> Phrase:
    """noun("king", "the", "old"): der alte König, den alten König ... / the old king."""
    return noun_phrase(NOUNS[name], determiner_name, adjective_name, plural)


@cache
def noun_phrase(noun: Noun, determiner_name: str, adjective_name: str = "", plural: bool = False) -> Phrase:
    """A noun with its determiner and adjective. Concepts: 0 determiner, 1 adjective, 2 noun."""
    gender = "p" if plural else noun.gender
    german = {}
    for case in CASES:
        if case == "gen" and (plural or not noun.genitive):
            continue  # the grammar has no genitive plural
        decoration = adjective_name and adjective(adjective_name, determiner_name, gender, case)
        words = determiner(determiner_name, gender, case), decoration, noun_form(noun, plural, case)
        german[case] = _numbered(determiner_name, *words)
    english = _english(noun, determiner_name, adjective_name, plural)
    return Phrase(german, english, english, "sie" if plural else "er", plural, 3, gender, noun, determiner_name)


NUMERALS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
TAGS_OF_DETERMINERS = {**dict.fromkeys(NUMERALS, "NUM"), "many": "ADJ"}  # every other is DET


def _numbered(determiner_name: str, *words: str) -> Words:
    tags = TAGS_OF_DETERMINERS.get(determiner_name, "DET"), "ADJ", "NOUN"
    return tuple((tagged(word, tags[number]), number) for number, word in enumerate(words) if word)


def _english(noun: Noun, determiner_name: str, adjective_name: str, plural: bool) -> Words:
    head = noun.english_plural if plural else noun.name
    word = DETERMINERS[determiner_name][4 if plural else 3]
    if word == "a":
        word = "any" if noun.mass else article(adjective_name or head)
    return _numbered(determiner_name, word, adjective_name, head)


@cache
def pronoun(name: str) -> Phrase:
    """pronoun("he"): er, ihn, ihm / he, him. "it m", "it f", "it n" are the it that stands for a masculine ... noun."""
    forms, (subject, other), person, plural = PRONOUNS[name]
    german = {case: ((tagged(form, "PRON"), 0),) for case, form in zip(CASES, forms, strict=False)}
    gender = {"he": "m", "she": "f", "they": "p", "it m": "m", "it f": "f", "it n": "n"}.get(name, "")
    subjects, others = (((tagged(form, "PRON"), 0),) for form in (subject, other))
    vague = "some" if name in ("somebody", "nobody", "everything", "something", "nothing") else ""
    return Phrase(german, subjects, others, person, plural, 1, gender, None, vague)


def pronoun_for(phrase: Phrase) -> Phrase | None:
    """The pronoun that stands for the phrase: der Tisch -> er, it. None for a girl or child,
    where German wavers (es, sie)."""
    if phrase.pronoun:
        return phrase
    if phrase.plural:
        return pronoun("they")
    if phrase.noun.kind in ("ruler", "person"):
        return {"m": pronoun("he"), "f": pronoun("she"), "n": None}[phrase.gender]
    return pronoun(f"it {phrase.gender}")


def owned(owner: Phrase, thing: Noun, adjective_name: str = "") -> Phrase:
    """The genitive: das alte Auto des Königs / the king's old car. Concepts 0-2: the owner's; 3-5: the thing's."""
    base = noun_phrase(thing, "the", adjective_name)
    shifted = {case: tuple((word, number + 3) for word, number in words) for case, words in base.german.items()}
    german = {case: shifted[case] + owner.german["gen"] for case in ("nom", "acc", "dat")}
    rest = tuple((word, number + 3) for word, number in base.english[1:])
    english = (*owner.english, (tagged("'s", "PART"), 0), *rest)
    return replace(base, german=german, english=english, english_object=english, size=6, determiner="'s")


def both(first: Phrase, second: Phrase) -> Phrase:
    """Two persons as one subject: der Mann und die Frau / the man and the woman."""
    und, link = (tagged("und", "CCONJ"), 3), (tagged("and", "CCONJ"), 3)
    german = {case: (*first.german[case], und, *_shift(second.german[case])) for case in ("nom", "acc", "dat")}
    english = (*first.english, link, *_shift(second.english))
    return replace(
        first, german=german, english=english, english_object=english, person="sie", plural=True, size=7, gender="p"
    )


def _shift(words: Words) -> Words:
    return tuple((word, number + 4) for word, number in words)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A preposition with its phrase."""

    german: str
    case: str
    english: str
    phrase: Phrase

    def words(self) -> tuple[Words, Words]:
        """Both sides; concept 0 is the preposition, the phrase's follow. in + dem melt into im."""
        inner = [(word, number + 1) for word, number in self.phrase.german[self.case]]
        english = tuple((word, number + 1) for word, number in self.phrase.english_object)
        before = tagged(self.german, "ADP")
        after = tuple((tagged(word, "ADP"), 0) for word in self.english.split())
        melted = CONTRACTIONS.get((self.german, inner[0][0])) if self.phrase.determiner == "the" else None
        if melted is None:
            return ((before, 0), *inner), (*after, *english)
        # the English article then translates the same word as the preposition
        return ((tagged(melted, "ADP"), 0), *inner[1:]), (*after, (english[0][0], 0), *english[1:])
