"""One clause, said in both languages: the same content, put into each language's own order."""

from __future__ import annotations

from dataclasses import dataclass

from course.corpus.groups import Item, Numbers, english_group, german_group
from course.corpus.lexicon import BARE, Adverb, Noun
from course.corpus.morphology import RELATIVE, case_index
from course.corpus.phrases import Phrase, Place
from course.corpus.tags import tagged
from course.corpus.verbs import Verb

Sides = tuple[list[Item], list[Item]]  # German and English
DEGREES = {"too": "zu", "very": "sehr", "so": "so", "how": "wie", "much too": "viel zu"}


@dataclass(slots=True)
class Clause:
    """What is said: who does what to whom, when, where, and whether at all."""

    subject: Phrase
    verb: Verb
    tense: str = "present"  # present, progressive, past
    modal: str = ""
    accusative: Phrase | None = None
    dative: Phrase | None = None
    time: Adverb | None = None
    place: Place | None = None
    company: Place | None = None  # mit dem Hund; in a passive the one who does it: vom König
    means: Adverb | None = None  # mit dem Bus, by bus
    adjective: str = ""  # after to be
    degree: str = ""
    negated: bool = False
    passive: bool = False
    meant: Noun | None = None  # what an object pronoun stands for

    def pieces(self, numbers: Numbers, gap: str = "") -> Pieces:
        """Its parts in both languages."""
        return Pieces(self, numbers, gap)


@dataclass(frozen=True, slots=True, eq=False)
class Relative:
    """A relative clause; gap names the role that the noun before it plays in it: subject, accusative,
    dative or place."""

    clause: Clause
    gap: str


def placed(phrase: Phrase, case: str, numbers: Numbers) -> Sides:
    """The words of a phrase, its relative clause after it."""
    base = numbers.take(phrase.size)
    german = [(word, base + number) for word, number in phrase.german[case]]
    english = [(word, base + number) for word, number in (phrase.english if case == "nom" else phrase.english_object)]
    if phrase.relative is not None:
        more = relative(phrase, phrase.relative, numbers)
        german += more[0]
        english += more[1]
    return german, english


def _shifted(words: tuple, numbers: Numbers, size: int) -> Sides:
    base = numbers.take(size)
    return [(word, base + number) for word, number in words[0]], [(word, base + number) for word, number in words[1]]


def _adverb(adverb: Adverb, numbers: Numbers, verb: int) -> Sides:
    """An adverbial is one concept; gerade belongs to the verb, whose -ing it calls for."""
    number = numbers.take(1) if adverb.english else verb
    return [(word, number) for word in adverb.german], [(word, number) for word in adverb.english]


EMPTY: Sides = ([], [])


class Pieces:
    """The parts of one clause in both languages, before they are put in order. gap: a role that is left out."""

    def __init__(self, clause: Clause, numbers: Numbers, gap: str = ""):
        self.clause = clause
        numbers.note(clause)
        self.verb, self.modal = numbers.take(1), numbers.take(1)
        self.subject = EMPTY if gap == "subject" else placed(clause.subject, "nom", numbers)
        self.dative = self._object(clause.dative, "dat", numbers, gap == "dative")
        self.accusative = self._object(clause.accusative, "acc", numbers, gap == "accusative")
        self.time = _adverb(clause.time, numbers, self.verb) if clause.time else EMPTY
        self.means = _adverb(clause.means, numbers, self.verb) if clause.means else EMPTY
        self.company = self.placed_at(clause.company, numbers)
        self.place = EMPTY if gap == "place" else self.placed_at(clause.place, numbers)
        self.predicate = self._predicate(numbers)
        self.negation = self._negation(numbers)
        self.finite, self.last, self.tail = german_group(clause, self.verb, self.modal)

    @staticmethod
    def _object(phrase: Phrase | None, case: str, numbers: Numbers, left_out: bool) -> Sides:
        return EMPTY if phrase is None or left_out else placed(phrase, case, numbers)

    @staticmethod
    def placed_at(place: Place | None, numbers: Numbers) -> Sides:
        if place is None:
            return EMPTY
        german, english = _shifted(place.words(), numbers, place.phrase.size + 1)
        if place.phrase.relative is not None:
            more = relative(place.phrase, place.phrase.relative, numbers)
            german, english = german + more[0], english + more[1]
        return german, english

    def _predicate(self, numbers: Numbers) -> Sides:
        clause = self.clause
        if not clause.adjective:
            return EMPTY
        base = numbers.take(2)
        german = [(tagged(BARE[clause.adjective], "ADJ"), base)]
        english = [(tagged(clause.adjective, "ADJ"), base)]
        if clause.degree:
            names = DEGREES[clause.degree], clause.degree
            zu, too = ([(tagged(word, "ADV"), base + 1) for word in name.split()] for name in names)
            return [*zu, *german], [*too, *english]
        return german, english

    def _negation(self, numbers: Numbers) -> Sides:
        """nicht / not. kein is "not a", so it brings no nicht; "cannot" is one word."""
        clause = self.clause
        if not clause.negated:
            return EMPTY
        if clause.accusative is not None and clause.accusative.determiner == "not a":
            return [], [(tagged("not", "PART"), self.accusative[0][0][1] if self.accusative[0] else self.verb)]
        number = self.modal if clause.modal == "can" else numbers.take(1)
        return [(tagged("nicht", "PART"), number)], [(tagged("not", "PART"), number)]

    # German ------------------------------------------------------------------------------------------------------

    def middle(self, with_time: bool = True) -> list[Item]:
        """What stands between the finite verb and the end: pronouns, time, objects, nicht, place."""
        clause = self.clause
        pronouns, objects = [], []
        for phrase, (german, _) in ((clause.accusative, self.accusative), (clause.dative, self.dative)):
            if phrase is not None and phrase.pronoun:
                pronouns += german
            else:
                objects = german + objects  # the dative noun before the accusative noun
        time = self.time[0] if with_time else []
        late = bool(self.negation[0])  # liest das Buch heute nicht
        return [
            *pronouns, *([] if late else time), *objects, *(time if late else []), *self.negation[0],
            *self.company[0], *self.means[0], *self.place[0], *self.predicate[0],
        ]  # fmt: skip

    def verb_second(self) -> list[Item]:
        """Der Mann liest heute das Buch."""
        return [*self.subject[0], self.finite, *self.middle(), *self.tail]

    def inverted(self) -> list[Item]:
        """Heute liest der Mann das Buch."""
        return [*self.time[0], self.finite, *self.subject[0], *self.middle(with_time=False), *self.tail]

    def verb_first(self) -> list[Item]:
        """Liest der Mann heute das Buch? Also what follows a question word or a clause in first place."""
        return [self.finite, *self.subject[0], *self.middle(), *self.tail]

    def verb_last(self) -> list[Item]:
        """(weil) der Mann heute das Buch liest"""
        return [*self.subject[0], *self.middle(), *self.last]

    def infinitive(self) -> Sides:
        """das Buch heute zu lesen / to read the book today"""
        verb = self.clause.verb
        zu = [(word, self.modal if word == "zu" else self.verb) for word in verb.zu]
        base = [(word, self.verb) for word in verb.english["base"]]
        to = (tagged("to", "PART"), self.verb if verb.prefix else self.modal)
        return [*self.middle(), *zu], [*self.negation[1], to, *base, *self.english_end()]

    def command(self) -> Sides:
        """Mach die Tür nicht zu! / Do not close the door!"""
        verb = self.clause.verb
        prefix = [(tagged(verb.prefix, "ADP"), self.verb)] if verb.prefix else []
        base = [(word, self.verb) for word in verb.english["base"]]
        do = [(tagged("do", "AUX"), self.verb), *self.negation[1]] if self.clause.negated else []
        return [(verb.word(verb.imperative), self.verb), *self.middle(), *prefix], [*do, *base, *self.english_end()]

    # English -----------------------------------------------------------------------------------------------------

    def english_end(self, with_time: bool = True) -> list[Item]:
        """What follows the verb: objects, company, place, means, time."""
        clause, given, receiver = self.clause, self.accusative[1], self.dative[1]
        if clause.verb.name == "like":
            objects = self.subject[1]
        elif given and receiver and clause.accusative.pronoun:
            objects = [*given, (tagged("to", "ADP"), receiver[0][1]), *receiver]
        else:
            objects = receiver + given
        adverb = clause.time
        time = self.time[1] if with_time and adverb is not None and adverb.where == "end" else []
        return [*objects, *self.company[1], *self.place[1], *self.means[1], *self.predicate[1], *time]

    def english_subject(self) -> list[Item]:
        """Who is the subject in English: with to like, whom it pleases in German."""
        return self.dative_as_subject() if self.clause.verb.name == "like" else self.subject[1]

    def dative_as_subject(self) -> list[Item]:
        """The English subject form of the dative: mir -> I."""
        phrase = self.clause.dative
        base = self.dative[0][0][1] - phrase.german["dat"][0][1]
        return [(word, base + number) for word, number in phrase.english]

    def english(self, question: bool = False, fronted: bool = False) -> list[Item]:
        """Subject, auxiliary, not, adverb, verb, the rest; a question puts the auxiliary first."""
        clause = self.clause
        middle = self.time[1] if clause.time is not None and clause.time.where == "middle" and not fronted else []
        support = question or bool(self.negation[1])
        auxiliary, rest = english_group(clause, self.verb, self.modal, support)
        negation = self.negation[1]
        if negation and auxiliary[-1][0] == "can" and not question:
            auxiliary, negation = [(tagged("cannot", "AUX"), auxiliary[-1][1])], []
        subject = self.english_subject()
        start = [*auxiliary, *subject] if question else [*subject, *auxiliary]
        front = self.time[1] if fronted else []
        return [*front, *start, *negation, *middle, *rest, *self.english_end(with_time=not fronted)]


def relative(head: Phrase, this: Relative, numbers: Numbers) -> Sides:
    """, der das Buch liest, / who reads the book"""
    pieces, number = this.clause.pieces(numbers, this.gap), numbers.take(2)
    case = {"subject": "nom", "accusative": "acc"}.get(this.gap, "dat")
    german = [(tagged(RELATIVE[head.gender][case_index(case)], "PRON"), number)]
    person = head.noun.kind in ("ruler", "person")
    if this.gap == "place":
        place = this.clause.place
        german = [(tagged(place.german, "ADP"), number + 1), *german]
        english = [(tagged(place.english, "ADP"), number + 1), (tagged("which", "PRON"), number)]
    else:
        link = ("who" if this.gap == "subject" else "whom") if person else "that"
        english = [(tagged(link, "PRON"), number)]
    comma = (tagged(",", "PUNCT"), numbers.take(1))
    return [comma, *german, *pieces.verb_last(), comma], [*english, *pieces.english()]
