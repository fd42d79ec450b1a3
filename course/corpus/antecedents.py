"""Sentences in which er, sie, es stand for something said before: it, he or she by what that is."""

from __future__ import annotations

from course.corpus.chance import Chance
from course.corpus.clauses import Clause, Pieces, Sides
from course.corpus.compound import subordinate
from course.corpus.content import noun_of, subject_of
from course.corpus.events import EVENTS, event, qualities
from course.corpus.groups import Numbers
from course.corpus.phrases import Phrase, pronoun_for
from course.corpus.simple import BY_PEOPLE, joined, word
from course.corpus.verbs import VERBS

# what one does not do because it (the thing) is too ...; nothing that could also be said of a person or an animal
TOO = {
    "eat": ("sweet",), "drink": ("hot", "cold"), "read": ("long", "difficult"), "translate": ("long", "difficult"),
    "buy": ("expensive",), "cross": ("wide", "long"), "wear": ("expensive",), "repair": ("expensive",),
}  # fmt: skip
STATES = ("tired", "sick")
CROSSING = tuple(frame for frame in EVENTS if frame.verb.name == "cross")
REFUSED = tuple(frame for frame in EVENTS if frame.verb.name in TOO) + CROSSING * 3
# what one does to a thing first, and what one may do to it next
THEN = {
    "buy": "eat drink read wash give show wear bring paint repair open feed",
    "find": "bring give show wash open carry feed",
    "look for": "find invite call", "see": "buy paint chase visit invite",
    "write": "give show bring read sing translate",
    "read": "translate show give", "wash": "eat feed paint repair show", "invite": "visit call", "call": "invite visit",
    "open": "close read paint repair", "visit": "invite call", "paint": "show give", "repair": "wash paint open",
    "carry": "wash open show", "translate": "show read sing",
}  # fmt: skip
FIRST = tuple(frame for frame in BY_PEOPLE if frame.verb.name in THEN)
NEXT = {
    name: tuple(frame for frame in BY_PEOPLE if frame.verb.name in names.split() and frame.case == "acc")
    for name, names in THEN.items()
}


def antecedent(chance: Chance, numbers: Numbers) -> Sides:
    """One of the three kinds."""
    return chance.pick((too, and_it, but_not))(chance, numbers)


def too(chance: Chance, numbers: Numbers) -> Sides:
    """Das Tier hat die Straße nicht überquert, weil es zu müde war (weil sie zu breit war):
    it is the animal (the street)."""
    while True:
        frame = chance.pick(REFUSED)
        who = subject_of(chance, tuple(noun for noun in frame.subjects if noun.kind != "vehicle"))
        thing = noun_of(chance, chance.pick(frame.objects), "refused")
        other = chance.happens(0.5)
        he = pronoun_for(thing if other else who)
        options = [name for name in TOO[frame.verb.name] if name in qualities(thing)]
        if he is not None and who.determiner not in ("no", "every") and options:
            break
    clause = Clause(
        who, frame.verb, "past", accusative=thing, negated=True, modal=chance.pick(("", "", "could", "wanted"))
    )
    inner = Clause(he, VERBS["be"], "past", adjective=chance.pick(options if other else STATES), degree="too")
    return subordinate(("weil", "because"), clause, inner, False, numbers)


def _first(chance: Chance) -> tuple[Clause, Phrase]:
    """A clause in the past whose object a pronoun can stand for."""
    while True:
        clause = event(chance, chance.pick(FIRST), time=None, tense="past", modal="")
        thing, who = clause.accusative, clause.subject
        if (
            thing is None
            or thing.noun is None
            or thing.determiner in ("many", "no", "'s")
            or clause.negated
            or clause.place
        ):
            continue
        it = pronoun_for(thing)
        if it is not None and who.determiner not in ("no", "every", "many") and who.gender != it.gender:
            return clause, it


def _second(chance: Chance, first: Clause, who: Phrase, it: Phrase) -> Clause | None:
    """What is done to it next."""
    frames = [frame for frame in NEXT[first.verb.name] if first.accusative.noun in frame.objects]
    if not frames:
        return None
    frame = chance.pick(frames)
    clause = Clause(who, frame.verb, "past", accusative=it, meant=first.accusative.noun)
    if frame.recipients:
        people = [noun for noun in frame.recipients if noun is not first.subject.noun]
        clause.dative = noun_of(chance, chance.pick(people), "known", decorate=0.1)
    return clause


def and_it(chance: Chance, numbers: Numbers) -> Sides:
    """Die Frau hat einen Apfel gekauft und ihn gegessen. / The woman bought an apple and ate it."""
    second = None
    while second is None:
        first, it = _first(chance)
        second = _second(chance, first, first.subject, it)
    start, end = Pieces(first, numbers), Pieces(second, numbers, gap="subject")
    link = word("und", "and", numbers)
    return joined((start.verb_second(), start.english()), link, ([*end.middle(), *end.tail], end.english()))


def but_not(chance: Chance, numbers: Numbers) -> Sides:
    """Der Junge hat die Katze gesucht, aber er hat sie nicht gefunden. / The boy looked for the cat,
    but he did not find it."""
    second = None
    while second is None:
        first, it = _first(chance)
        he = pronoun_for(first.subject)
        if he is None or {he.gender, it.gender} == {"f", "p"}:
            continue
        second = _second(chance, first, he, it)
    second.negated = True
    if second.dative is not None and second.dative.determiner == "a":
        second.negated = False
    start, end = Pieces(first, numbers), Pieces(second, numbers)
    link = joined(word(",", ",", numbers), word("aber", "but", numbers))
    return joined((start.verb_second(), start.english()), link, (end.verb_second(), end.english()))
