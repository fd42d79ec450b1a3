"""Whole clauses by chance: an event, a state, the weather; and which of them read two ways."""

from __future__ import annotations

from course.corpus.chance import Chance
from course.corpus.clauses import Clause
from course.corpus.content import (
    ANYBODY,
    HERE,
    ME_OR_YOU,
    PERSONS,
    adverb,
    at,
    mood,
    noun_of,
    object_of,
    other_person,
    own,
    subject_of,
    to,
)  # fmt: skip
from course.corpus.lexicon import Adverb, nouns
from course.corpus.phrases import Phrase, noun_phrase
from course.corpus.tags import adverbial
from course.corpus.verbs import FRAMES, LIKED, VERBS, Frame

PEOPLE, LIVING = nouns("people"), nouns("living")
MEANS = (
    Adverb(adverbial("mit dem Bus"), adverbial("by bus")),
    Adverb(adverbial("mit dem Auto"), adverbial("by car")),
    Adverb(adverbial("mit dem Zug"), adverbial("by train")),
    Adverb(adverbial("mit der Straßenbahn"), adverbial("by tram")),
)
MOODS_OF_LIVING = ("tired", "sick", "happy", "sad", "hungry")
THINGS = nouns("vehicle apple banana plum cake text ball door window bag flower crown picture hat dress place")
EXTRA = {
    "vehicle": ("expensive",), "fruit": ("sweet",), "food": ("sweet",), "text": ("difficult", "easy"),
    "thing": ("expensive",), "drink": ("hot",),
}  # fmt: skip
WIDE = ("street", "bridge")
OPPOSITE = {
    "small": ("big",), "big": ("small",), "new": ("old",), "old": ("new", "young", "fresh"), "young": ("old",),
    "fresh": ("old",),
    "cold": ("hot",), "tired": (), "hungry": (),
}  # fmt: skip
# every frame once for each object it can have, at most eight times, so that rich verbs are met more often
EVENTS = tuple(frame for frame in FRAMES for _ in range(min(8, 2 + len(frame.objects) // 2)))
TRANSITIVE = tuple(frame for frame in EVENTS if frame.objects)


def event(
    chance: Chance, frame: Frame | None = None, subject: Phrase | None = None, alone: bool = True, **fixed
) -> Clause:
    """A clause with a verb that does something: who, what, when, where. fixed: fields to be set as given.

    alone: it is the only clause, so that a bare "he" cannot be taken for somebody in another one."""
    frame = frame or chance.pick(EVENTS)
    subject = subject or subject_of(chance, frame.subjects, _who(frame, alone))
    clause = Clause(subject, frame.verb)
    clause.tense, clause.modal, clause.time = mood(chance, frame.verb, subject)
    for name, value in fixed.items():
        setattr(clause, name, value)
    _objects(chance, frame, clause, alone)
    _surroundings(chance, frame, clause)
    if not frame.verb.lasting or frame.objects:
        negate(chance, clause)
    return clause


def _who(frame: Frame, alone: bool) -> tuple[str, ...]:
    """The pronouns that can do it: you and I do not rule."""
    if frame.subjects[-1].kind == "ruler":
        return ("he", "she", "they") if alone else ()
    if all(noun.gender == "f" or noun.name == "girl" for noun in frame.subjects):
        return ("I", "she", "they") if alone else ("I",)
    return PERSONS if alone else HERE


def _objects(chance: Chance, frame: Frame, clause: Clause, alone: bool) -> None:
    if not frame.objects:
        return
    thing = object_of(chance, frame, clause, alone)
    if frame.case == "dat":
        clause.dative = thing
        return
    clause.accusative = thing
    if frame.recipients:
        clause.dative = recipient(chance, frame, clause.subject, alone)


def recipient(chance: Chance, frame: Frame, subject: Phrase, alone: bool) -> Phrase:
    """Who is given, shown or brought something."""
    if frame.recipients[0].kind == "ruler" and chance.happens(0.3):
        found = other_person(chance, subject, ANYBODY if alone else ME_OR_YOU)
        if found:
            return found
    noun = chance.pick(frame.recipients)
    while noun is subject.noun:
        noun = chance.pick(frame.recipients)
    return noun_of(chance, noun, "known", own(subject) if alone else "", decorate=0.15)


def _surroundings(chance: Chance, frame: Frame, clause: Clause) -> None:
    """Where, with whom, by what."""
    if frame.verb.name == "go":
        clause.means = chance.pick(MEANS)
    if frame.goals and (frame.verb.name not in ("come", "run") or chance.happens(0.7)):
        clause.place = to(chance, frame.goals)
    elif frame.places and (frame.verb.name in ("live", "arrive") or chance.happens(0.3 if frame.objects else 0.5)):
        clause.place = at(chance, frame.places)


def negate(chance: Chance, clause: Clause, probability: float = 0.17) -> None:
    """Perhaps say that it is not so: kein for "a", nicht for "the"; never with "often", "two", "every" or "no"."""
    time, thing, receiver = clause.time, clause.accusative, clause.dative
    if not chance.happens(probability) or clause.subject.determiner in ("no", "every"):
        return
    if receiver is not None and not receiver.pronoun and receiver.determiner in ("a", "", "two", "three", "many"):
        return
    if time is not None and (
        time.where == "middle" or time.english[:1] in (("every",), ("in",), ("despite",), ("because",))
    ):
        return
    if thing is not None and thing.noun is not None:
        if thing.determiner in ("two", "three", "many"):
            return
        if thing.determiner in ("a", ""):
            adjective = next((word for word, number in thing.english if number == 1), "")
            clause.accusative = noun_phrase(thing.noun, "not a", adjective, thing.plural)
        else:
            clause.place = None  # "does not read the book in the park" denies the park, not the reading
    clause.negated = True


def state(chance: Chance, subject: Phrase | None = None, alone: bool = True) -> Clause:
    """The king is tired. The car was very expensive."""
    if subject is None:
        subject = subject_of(chance, LIVING if chance.happens(0.6) else THINGS, PERSONS if alone else HERE, "state")
    past = chance.happens(0.4)
    clause = Clause(subject, VERBS["be"], "past" if past else "present", adjective=chance.pick(qualities(subject)))
    if subject.determiner not in ("no", "every") and clause.adjective != "red" and chance.happens(0.25):
        clause.degree = "very"
    if subject.living and chance.happens(0.25):
        clause.time = adverb(chance.pick(("yesterday", "often") if past else ("today", "often", "always")))
    if not clause.degree:
        negate(chance, clause)
    return clause


def qualities(subject: Phrase) -> tuple[str, ...]:
    """The adjectives that suit it after "is"."""
    noun = subject.noun
    used = {word for word, number in subject.english if number == 1}
    if subject.living:
        return tuple(word for word in MOODS_OF_LIVING if word not in used)
    extra = ("wide",) if noun.name in WIDE else EXTRA.get(noun.kind, ())
    used |= {other for word in used for other in OPPOSITE.get(word, ())}
    return tuple(word for word in (*noun.adjectives, *extra, *extra) if word not in used) or ("beautiful",)


def liking(chance: Chance, alone: bool = True) -> Clause:
    """Das Buch gefällt dem Mann: the man likes the book; what is liked is the subject in German."""
    thing = noun_of(chance, chance.pick(LIKED), "known")
    who = None
    if chance.happens(0.5):
        who = other_person(chance, thing, ANYBODY if alone else ME_OR_YOU)
    while who is None or who.noun is thing.noun:
        who = noun_of(chance, chance.pick(PEOPLE), "known")
    clause = Clause(thing, VERBS["like"], chance.pick(("present", "present", "past")), dative=who)
    clause.negated = chance.happens(0.2)
    return clause


def any_clause(chance: Chance, alone: bool = True) -> Clause:
    """An event, or sometimes a state or a liking."""
    draw = chance.draw()
    return (
        state(chance, alone=alone)
        if draw < 0.12
        else liking(chance, alone)
        if draw < 0.2
        else event(chance, alone=alone)
    )


def clear(clause: Clause) -> bool:
    """Nobody can take the object for the subject: case, number or meaning tells them apart.

    Not clear: (die Frau,) die das Kind liebt; hat sie eine Frau angerufen?"""
    subject, thing = clause.subject, clause.accusative
    if thing is None or subject.shows_case or thing.shows_case:
        return True
    if subject.plural != thing.plural:
        return True
    return subject.living and not thing.living


def clear_event(chance: Chance, **fixed) -> Clause:
    """An event that reads one way only, wherever its verb stands."""
    while True:
        clause = event(chance, **fixed)
        if clear(clause):
            return clause
