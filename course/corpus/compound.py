"""Sentences of two clauses whose second has its verb last: weil, obwohl, wenn, dass, ob, wo, wann, warum."""

from __future__ import annotations

from course.corpus.chance import Chance
from course.corpus.clauses import Clause, Pieces, Sides
from course.corpus.content import HERE, PERSONS, subject_of
from course.corpus.events import EVENTS, PEOPLE, any_clause, clear, clear_event, event, qualities, state
from course.corpus.groups import Item, Numbers
from course.corpus.lexicon import NOUNS
from course.corpus.phrases import Phrase, pronoun, pronoun_for
from course.corpus.simple import asked_about, comma, joined, word
from course.corpus.tags import tagged
from course.corpus.verbs import VERBS

WHY = (("weil", "because"),) * 3 + (("obwohl", "although"),) * 2
UNREASONED = ("know", "love", "see", "rule")
PAST_MODALS = ("could", "wanted", "had")
TRIED = tuple(frame for frame in EVENTS if frame.subjects[0].kind == "ruler" and not frame.verb.lasting)
RAIN = (("regnet", "geregnet", "raining", "rained", "rains"), ("schneit", "geschneit", "snowing", "snowed", "snows"))
BY_SUBJECT = {noun: tuple(frame for frame in EVENTS if noun in frame.subjects) for noun in NOUNS.values()}


def past(clause: Clause) -> bool:
    """It tells of the past."""
    return clause.tense == "past" or clause.modal in PAST_MODALS


def can_mean(phrase: Phrase, clause: Clause) -> Phrase | None:
    """The pronoun for a phrase of the clause, if it can mean nothing else there; None otherwise."""
    found = pronoun_for(phrase)
    if found is None or phrase.determiner == "no":
        return None
    others = [clause.subject, clause.accusative, clause.dative, clause.place and clause.place.phrase]
    clash = [other for other in others if other is not None and other is not phrase and other.gender == found.gender]
    return None if found.gender and clash else found


def subordinate(
    conjunction: tuple[str, str], main: Clause, inner: Clause | Sides, first: bool, numbers: Numbers
) -> Sides:
    """The main clause with the subordinate one after it, or before it: Weil es regnet, schläft der Hund."""
    pieces = Pieces(main, numbers)
    if isinstance(inner, Clause):
        side = Pieces(inner, numbers)
        inner = (side.verb_last(), side.english())
    inner = joined(word(*conjunction, numbers), inner)
    if not first:
        return joined((pieces.verb_second(), pieces.english()), comma(numbers), inner)
    return joined(inner, word(",", ",", numbers), (pieces.verb_first(), pieces.english()))


REASONS = (("despite",), ("because",))


def third(clause: Clause) -> bool:
    """It speaks of him, her or them without a noun before, who must not be taken for somebody in another clause."""
    phrases = (clause.subject, clause.accusative, clause.dative)
    return any(phrase is not None and phrase.pronoun and phrase.gender for phrase in phrases)


def weather(chance: Chance, how: str, numbers: Numbers) -> Sides:
    """es regnet / it is raining, it rained, it rains (how: now, past, ever)."""
    now, before, raining, rained, rains = chance.pick(RAIN)
    es, verb = word("es", "it", numbers), numbers.take(1)
    german = {"past": [before, "hat"], "now": [now], "ever": [now]}[how]
    english = {"past": [rained], "now": ["is", raining], "ever": [rains]}[how]

    def said(forms: list[str]) -> list[Item]:
        return [(tagged(form, "AUX" if form in ("hat", "is") else "VERB"), verb) for form in forms]

    return joined(es, (said(german), said(english)))


def because(chance: Chance, numbers: Numbers, alone: bool = True) -> Sides:
    """Der König schläft, weil er müde ist. / The king is sleeping because he is tired."""
    main, random = clear_event(chance, alone=alone), chance.happens(0.15)
    while not explicable(main) or (can_mean(main.subject, main) is None and not random):
        main = clear_event(chance, alone=alone)
    conjunction = chance.pick(WHY)
    if chance.happens(0.12) and not third(main):
        rain = weather(chance, "past" if past(main) else "now", numbers)
        return subordinate(conjunction, main, rain, chance.happens(0.4), numbers)
    inner = reason(chance, main, conjunction[1] == "although")
    first = chance.happens(0.35)
    if first and inner.subject is not main.subject and inner.subject.pronoun and inner.subject.gender:
        main.subject, inner.subject = inner.subject, main.subject  # the noun comes before its pronoun
        first = can_mean(inner.subject, inner) is not None
        if not first:
            main.subject, inner.subject = inner.subject, main.subject
    return subordinate(conjunction, main, inner, first, numbers)


def explicable(main: Clause) -> bool:
    """It happens once, and its reason is not yet said."""
    habitual = main.tense == "present" and not main.modal
    return not (main.verb.lasting or habitual or (main.time and main.time.english[:1] in REASONS))


def reason(chance: Chance, main: Clause, against: bool) -> Clause:
    """Why, or (against) in spite of what: how the one who acts feels, what he wants, or what else happened."""
    he = can_mean(main.subject, main)
    if he is None or (chance.happens(0.12) and not third(main)):
        return matching(chance, main)
    if chance.happens(0.7) or not main.subject.living:
        return feeling(chance, main, he, against)
    animal = main.subject.noun is not None and main.subject.noun.kind == "animal"
    modal = chance.pick(("want",) if animal else ("want", "have"))
    if past(main):
        modal = {"want": "wanted", "have": "had"}[modal]
    frames = BY_SUBJECT[main.subject.noun] if main.subject.noun else TRIED
    frame = chance.pick([frame for frame in frames if not frame.verb.lasting])
    inner = event(chance, frame, main.subject, alone=False, tense="present", modal=modal, time=None)
    inner.subject = he
    return inner if clear(inner) else feeling(chance, main, he, against)


def feeling(chance: Chance, main: Clause, he: Phrase, against: bool) -> Clause:
    """Who is tired or sad does nothing; who is happy or hungry does something; against: the other way round."""
    if main.subject.living:
        idle = main.negated or (main.time is not None and main.time.english == ("never",))
        sleepy = main.verb.name == "sleep" and not idle
        fed = main.verb.name == "eat" and not idle
        options = ("tired", "sick") if sleepy else ("hungry", "happy") if fed else ("happy",)
        if idle != against and not sleepy:
            options = ("tired", "sick", "sad")
        name = chance.pick(options if not (sleepy and against) else ("hungry", "happy"))
    else:
        name = chance.pick(qualities(main.subject))
    inner = Clause(he, VERBS["be"], "past" if past(main) else "present", adjective=name)
    inner.degree = "very" if name != "red" and chance.happens(0.3) else ""
    return inner


def matching(chance: Chance, main: Clause) -> Clause:
    """Another clause of the same time as the main one."""
    while True:
        inner = event(chance, alone=False)
        fits = past(inner) == past(main) and not inner.time and inner.verb.name not in UNREASONED
        if fits and clear(inner) and not shares(inner, main):
            return inner


def shares(one: Clause, other: Clause) -> bool:
    """Both name the same noun, or have the same pronoun as the subject."""
    named, others = (
        {
            phrase.noun
            for phrase in (clause.subject, clause.accusative, clause.dative)
            if phrase is not None and phrase.noun
        }
        for clause in (one, other)
    )
    return one.subject is other.subject or not named.isdisjoint(others)


def conditional(main: Clause) -> bool:
    """It can happen again and again: it always, often, never happens, or somebody can or may do it."""
    timed = main.time is not None and main.time.where != "middle"
    return main.tense == "present" and not (
        main.verb.lasting or past(main) or main.modal == "will" or third(main) or timed
    )


def when(chance: Chance, numbers: Numbers) -> Sides:
    """Wenn es regnet, bleibt ... / When it rains, ..."""
    main = clear_event(chance)
    while not conditional(main):
        main = clear_event(chance)
    conjunction, first = ("wenn", "when"), chance.happens(0.5)
    if chance.happens(0.25):
        return subordinate(conjunction, main, weather(chance, "ever", numbers), first, numbers)
    he = can_mean(main.subject, main)
    if he is None or chance.happens(0.45):
        inner = clear_event(chance, alone=False, tense="present", modal="", time=None)
        while inner.verb.lasting or shares(inner, main):
            inner = clear_event(chance, alone=False, tense="present", modal="", time=None)
        return subordinate(conjunction, main, inner, first, numbers)
    inner = state(chance, main.subject)
    inner.subject, inner.tense, inner.time = he, "present", None
    if first:
        main.subject, inner.subject = inner.subject, main.subject
    return subordinate(conjunction, main, inner, first, numbers)


def reported(chance: Chance, numbers: Numbers, alone: bool = True) -> Sides:
    """Die Frau sagt, dass das Kind schläft. / The woman says that the child sleeps."""
    if alone and chance.happens(0.3):
        return indirect(chance, numbers)
    who = subject_of(chance, PEOPLE, PERSONS if alone else HERE)
    verb = VERBS[chance.pick(("say", "think", "know that", "hope"))]
    main = Clause(
        who, verb, negated=verb.name != "hope" and who.determiner not in ("no", "every") and chance.happens(0.15)
    )
    inner = clear_event(chance, alone=False) if chance.happens(0.7) else any_clause(chance, alone=False)
    while shares(inner, main) or not clear(inner) or (verb.name == "hope" and unhoped(inner)):
        inner = any_clause(chance, alone=False)
    return subordinate(("dass", "that"), main, inner, False, numbers)


def unhoped(clause: Clause) -> bool:
    """One hopes that something happened or will happen, not that it must."""
    return clause.modal in ("have", "should", "may", "want", "wanted", "had")


def indirect(chance: Chance, numbers: Numbers) -> Sides:
    """Weißt du, wo der Hund schläft? / Do you know where the dog sleeps? Ich weiß nicht, ob ..."""
    kind = chance.pick(("ob whether", "ob whether", "wo where", "wann when", "warum why"))
    ask = chance.happens(0.4)
    who = pronoun("you") if ask else subject_of(chance, PEOPLE)
    while who.determiner in ("no", "every"):
        who = subject_of(chance, PEOPLE)
    main = Clause(who, VERBS["know that"], negated=not ask)
    inner = asked_about(chance, kind, alone=False)
    while inner.subject.noun is who.noun or inner.subject is who:
        inner = asked_about(chance, kind, alone=False)
    if not ask:
        return subordinate(tuple(kind.split()), main, inner, False, numbers)
    numbers.mark = "?"
    outer, inside = Pieces(main, numbers), Pieces(inner, numbers)
    clause = joined(word(*kind.split(), numbers), (inside.verb_last(), inside.english()))
    return joined((outer.verb_first(), outer.english(question=True)), comma(numbers), clause)
