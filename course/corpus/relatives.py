"""Sentences with a relative clause: der Mann, der liest; der Apfel, den das Kind isst; das Haus, in dem sie wohnt."""

from __future__ import annotations

from dataclasses import replace

from course.corpus.chance import Chance
from course.corpus.clauses import Clause, Pieces, Relative, Sides, relative
from course.corpus.content import noun_of
from course.corpus.events import EVENTS, clear, event, state
from course.corpus.groups import Numbers
from course.corpus.lexicon import AT, NOUNS, Noun
from course.corpus.phrases import Phrase, Place, noun_phrase
from course.corpus.simple import BY_PEOPLE, main_clause
from course.corpus.verbs import Frame

BY_SUBJECT = {noun: tuple(frame for frame in EVENTS if noun in frame.subjects) for noun in NOUNS.values()}
BY_OBJECT = {noun: tuple(frame for frame in BY_PEOPLE if noun in frame.objects) for noun in NOUNS.values()}
HEADS = tuple(noun for noun in NOUNS.values() if BY_OBJECT[noun] and not noun.mass)
LIVED_IN = tuple(frame for frame in EVENTS if frame.verb.name in ("live", "sleep", "work", "play", "read"))


def with_relative(chance: Chance, numbers: Numbers) -> Sides:
    """The relative clause belongs to the subject or to the object."""
    return (at_subject if chance.happens(0.5) else at_object)(chance, numbers)


def at_subject(chance: Chance, numbers: Numbers) -> Sides:
    """Der Apfel, den das Kind isst, ist rot. / The apple that the child eats is red."""
    head = noun_of(chance, chance.pick(HEADS), "subject", decorate=0.15)
    frames = BY_SUBJECT[head.noun]
    full = replace(head, relative=relative_for(chance, head))
    if head.determiner in ("no", "every") or not frames or chance.happens(0.4):
        main = state(chance, head)
        main.time = None
    else:
        main = event(chance, chance.pick(frames), head, alone=False)
    main.subject = full
    return main_clause(Pieces(main, numbers), chance)


def at_object(chance: Chance, numbers: Numbers) -> Sides:
    """Die Frau hat das Buch gelesen, das der Mann geschrieben hat. / The woman read the book that the man wrote."""
    while True:
        main = event(chance, chance.pick(BY_PEOPLE))
        head = main.accusative or main.dative
        if head.noun is not None and head.determiner not in ("his", "her", "their", "'s") and not main.place:
            break
    bare = noun_phrase(head.noun, head.determiner, "", head.plural)
    pieces = Pieces(main, numbers)
    fronted = main.time is not None and main.time.fronts and main.time.where == "end"
    german = pieces.inverted() if fronted else pieces.verb_second()
    more = relative(bare, relative_for(chance, bare, main.subject.noun), numbers)
    return [*german, *more[0]], [*pieces.english(fronted=fronted), *more[1]]


def relative_for(chance: Chance, head: Phrase, other: Noun | None = None) -> Relative:
    """A relative clause about the head that reads one way only and speaks of nobody twice."""
    while True:
        gap, inner = _draw(chance, head)
        if inner is None or not clear(inner) or inner.time is not None or inner.subject.determiner in ("no", "every"):
            continue
        phrases = (inner.subject, inner.accusative, inner.dative, inner.place and inner.place.phrase)
        named = [
            phrase.noun for phrase in phrases if phrase is not None and phrase is not head and phrase.noun is not None
        ]
        if head.noun not in named and (other is None or other not in named):
            return Relative(inner, gap)


def _draw(chance: Chance, head: Phrase) -> tuple[str, Clause | None]:
    draw, frames = chance.draw(), BY_SUBJECT[head.noun]
    if frames and draw < 0.5:
        return "subject", event(chance, chance.pick(frames), head, alone=False)
    if head.noun.kind == "place" and draw < 0.7:
        return "place", _inhabited(chance, head)
    return _undergone(chance, head)


def _undergone(chance: Chance, head: Phrase) -> tuple[str, Clause | None]:
    if not BY_OBJECT[head.noun]:
        return "", None
    frame = chance.pick(BY_OBJECT[head.noun])
    others = tuple(noun for noun in frame.subjects if noun is not head.noun)
    inner = event(
        chance, Frame(frame.verb, others, (head.noun,), frame.case, frame.recipients, frame.places), alone=False
    )
    if inner.negated or (inner.accusative or inner.dative).noun is not head.noun:
        return "", None
    if frame.case == "dat":
        inner.dative = head
        return "dative", inner
    inner.accusative = head
    return "accusative", inner


def _inhabited(chance: Chance, head: Phrase) -> Clause | None:
    name = head.noun.name
    frames = [frame for frame in LIVED_IN if name in frame.places]
    if not frames or name not in AT:
        return None
    inner = event(chance, chance.pick(frames), alone=False)
    inner.place = Place(AT[name][0], "dat", AT[name][1], head)
    return inner
