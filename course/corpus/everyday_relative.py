"""Everyday relative clauses: der Mann, der hier wohnt; das Buch, das ich lese; die Frau, mit der ich spreche."""

from __future__ import annotations

from dataclasses import replace

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.clauses import Relative, Sides, placed
from course.corpus.everyday_actions import act, manner
from course.corpus.everyday_being import BE, SPEECH, presence, quality, state
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_mood import unopened, without_particle
from course.corpus.everyday_nouns import NEAR, PEOPLE, THINGS, definite_somebody, named, thing_of
from course.corpus.everyday_questions import vague
from course.corpus.everyday_shared import lonely_act
from course.corpus.groups import Numbers
from course.corpus.phrases import Phrase, Place, pronoun
from course.corpus.tags import tagged


def relative_to(chance: Chance, head: Phrase) -> Phrase | None:
    """The noun with a relative clause: der Mann, der hier wohnt; das Buch, das ich lese."""
    person, animal = head.noun.kind in ("person", "ruler"), head.noun.kind == "animal"
    if (person or animal) and chance.happens(0.12):
        return with_whom_one_does(chance, head)
    if (person or animal) and chance.happens(0.6):
        said = _of(chance, head, person)
        return None if said is None else replace(head, relative=Relative(said, "subject"))
    for _ in range(6):
        said = act(chance, "person", polite=True)
        if not could_be_done_to(said, head, person):
            continue
        said.accusative, said.meant = head, head.noun
        said.gladly = said.negated = False
        without_particle(said)
        return replace(head, relative=Relative(said, "accusative"))
    return None


def could_be_done_to(said: Said, head: Phrase, person: bool) -> bool:
    """Its object could be the head, and nobody would take that for the subject."""
    thing = said.accusative
    if thing is None or vague(said) or thing.pronoun or said.elided or said.subject.determiner == "both":
        return False
    if said.dative is not None and len(said.dative.also) > 1:
        return False
    if person != (thing.noun.kind in ("person", "ruler")) or not (
        said.subject.shows_case or head.shows_case or said.subject.pronoun
    ):
        return False
    suits = said.verb.name not in FOR or head.noun.kind in FOR[said.verb.name]
    return thing.noun.kind != "language" and said.subject.noun is not head.noun and suits


def with_whom_one_does(chance: Chance, head: Phrase) -> Phrase | None:
    """der Freund, dem ich helfe; die Frau, mit der ich spreche"""
    who = definite_somebody(chance)
    if who.noun is head.noun is not None or who.determiner == "both" or head.noun.kind not in ("person", "ruler"):
        return None
    draw, tense = chance.draw(), "past" if chance.happens(0.4) else "present"
    if draw < 0.6:
        verb = SPEECH[chance.pick(("help", "help", "believe", "answer", "thank"))]
        return replace(head, relative=Relative(Said(who, verb, tense, dative=head, meant=head.noun), "dative"))
    verb = SPEECH[chance.pick(("speak", "play", "live", "work", "go", "learn"))]
    said = Said(who, verb, tense, place=Place("mit", "dat", "with", head))
    return replace(head, relative=Relative(said, "place"))


FOR = {
    "eat": ("fruit", "food"), "drink": ("drink",), "feed": ("animal",),
    **dict.fromkeys(("read", "write", "translate", "sing", "learn"), ("text",)),
    **dict.fromkeys(("wear", "open", "close"), ("thing",)),
}  # fmt: skip


def _of(chance: Chance, head: Phrase, person: bool) -> Said | None:
    said = chance.pick((act, act, quality, presence, state))
    said = (
        act(chance, "person" if person else "animal", subject=head) if said is act
        else state(chance) if said is state else said(chance, subject=head)
    )  # fmt: skip
    if person and chance.happens(0.3):  # der sehr gut malt
        said = lonely_act(chance)
        manner(chance, said)
    said.subject = head
    if any(thing is not None and len(thing.also) > 1 for thing in (said.accusative, said.dative)):
        return None  # no commas within commas
    if said.particle in (say.UNFORTUNATELY, say.MAYBE) or said.manner is say.TOGETHER or vague(said):
        return None
    return said


def relative(chance: Chance, numbers: Numbers) -> Sides:
    """Das ist der Mann, der hier wohnt. Kennst du die Frau, die dort steht? Der Kaffee, den ich trinke, ist kalt."""
    head, whole, draw = None, None, chance.draw()
    while whole is None:
        head = thing_of(chance, chance.pick(HEADS), "pointed", decorate=0.1)
        if head.determiner not in ("'s", "", "name") and (draw < 0.75 or head.determiner in ("the", "my")):
            whole = relative_to(chance, head)
    if draw < 0.35:
        said = Said(pronoun("those" if head.plural else "that"), BE, complement=whole)
        said.negated = head.determiner != "a" and chance.happens(0.1)
    elif draw < 0.75:
        said = known(chance, head, whole)
        if chance.happens(0.35) or said.subject is pronoun("you polite"):
            numbers.mark = "?"
            return said.pieces(numbers).question()
    else:
        return told_of(chance, numbers, head, whole)
    return said.pieces(numbers).statement()


def told_of(chance: Chance, numbers: Numbers, head: Phrase, whole: Phrase) -> Sides:
    """Die Frau, die ich kenne, heißt Lena. Der Mann, der dort steht, ist mein Vater. Wo ist der Hund, der ...?"""
    draw, personal = chance.draw(), head.noun.kind in ("person", "ruler")
    if personal and draw < 0.35 and not head.plural:
        return being_called(chance, numbers, whole)
    if draw < 0.45:
        said = Said(whole, BE, "past" if chance.happens(0.2) else "present", asked=say.WHERE)
        numbers.mark = "?"
        return said.pieces(numbers).asks()
    if personal and draw < 0.65:
        other = thing_of(chance, chance.pick(NEAR), "pointed", decorate=0.1)
        if not other.plural and not head.plural and other.noun is not head.noun:
            said = Said(whole, BE, complement=other if chance.happens(0.75) else named(chance))
            return said.pieces(numbers).statement()
    make = chance.pick((quality, presence, act) if personal else (quality, presence))
    said = act(chance, "person", subject=head) if make is act else make(chance, subject=head)
    things = (said.accusative, said.dative, said.place and said.place.phrase)
    if any(thing is not None and thing.noun is head.noun for thing in things):
        said = quality(chance, subject=head)
    said.subject = whole
    return unopened(said).pieces(numbers).statement()


def being_called(chance: Chance, numbers: Numbers, whole: Phrase) -> Sides:
    """Die Frau, die hier wohnt, heißt Lena. / ... is called Lena. Wie heißt die Frau, die hier wohnt?"""
    verb, who = numbers.take(1), placed(whole, "nom", numbers)
    finite = (tagged("heißt", "VERB"), verb)
    if chance.happens(0.4):
        numbers.mark = "?"
        how = numbers.take(1)
        name = [(tagged("the", "DET"), verb), (tagged("name", "NOUN"), verb), (tagged("of", "ADP"), verb)]
        english = [(tagged("what", "PRON"), how), (tagged("is", "AUX"), verb), *name, *who[1]]
        return [(tagged("wie", "ADV"), how), finite, *who[0]], english
    name = placed(named(chance), "nom", numbers)
    called = [(tagged("is", "AUX"), verb), (tagged("called", "VERB"), verb)]
    return [*who[0], finite, *name[0]], [*who[1], *called, *name[1]]


HEADS = (*PEOPLE, *NEAR, *say.every("animal"), *THINGS)


def known(chance: Chance, head: Phrase, whole: Phrase) -> Said:
    """Somebody knows or sees the one that is told of."""
    who = definite_somebody(chance, True)
    while who.noun is head.noun:
        who = definite_somebody(chance, True)
    if head.determiner == "a" and chance.happens(0.5):
        return Said(who, SPEECH[chance.pick(("have", "have", "look for", "know"))], accusative=whole, meant=head.noun)
    alive, lifeless = ("know", "see", "love", "look for", "visit"), ("see", "buy", "find", "know")
    verb = SPEECH[chance.pick(alive if head.living else lifeless)]
    if head.noun.kind in ("person", "ruler") and chance.happens(0.1):
        return Said(who, SPEECH["help"], dative=whole, meant=head.noun)
    tense = "past" if verb.name not in ("know", "love") and chance.happens(0.3) else "present"
    return Said(who, verb, tense, accusative=whole, meant=head.noun)
