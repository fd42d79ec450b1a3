"""Everyday sentences of one clause: statements with anything in front, commands."""

from __future__ import annotations

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.clauses import Sides, placed
from course.corpus.everyday_actions import GRADED, HOW, act, at, manner
from course.corpus.everyday_being import BE, IT, SPEECH, feeling, pleasing
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_mood import without_particle
from course.corpus.everyday_more import any_said, comparing
from course.corpus.everyday_naming import called, existing, naming
from course.corpus.everyday_nouns import THINGS, named, suiting, thing_of
from course.corpus.everyday_phrases import phrase
from course.corpus.groups import AM, WAS, Numbers
from course.corpus.morphology import SEIN
from course.corpus.phrases import noun_phrase, pronoun
from course.corpus.simple import joined, word
from course.corpus.tags import tagged


def saying(chance: Chance, numbers: Numbers) -> Sides:
    """Ich habe einen Hund. Wir sind zu Hause. Mein Bruder heißt Paul."""
    draw = chance.draw()
    if draw < 0.03:
        return naming(called(chance), named(chance), numbers, "statement", chance.happens(0.1))
    if draw < 0.07:
        return existing(chance, numbers, "statement")
    if draw < 0.08:
        return comparing(chance, numbers)
    said = any_said(chance)
    if said.experiencer and (said.verb is BE or chance.happens(0.5)):
        return said.pieces(numbers).statement("dative")
    return said.pieces(numbers).statement()


FRONTED_PLACES = (say.HERE, say.THERE, say.OVER_THERE, say.IN_BERLIN, say.OUTSIDE)


def fronts(said: Said) -> list[str]:
    """The roles that can stand in front without another reading."""
    found = []
    if said.time is not None and said.time.fronts:
        found += ["time"] * 3
    if said.particle in (say.UNFORTUNATELY, say.MAYBE):
        found += ["particle"] * 3
    if said.dative is not None:
        found += ["dative"] * 3
    if object_fronts(said):
        found += ["accusative"] * 3
    shown = said.verb is BE and not said.subject.pronoun  # hier ist das Haus: here is the house
    if said.whereabouts in FRONTED_PLACES and said.tense == "present" and not shown:
        found.append("whereabouts")
    if said.place is not None and said.place.german in ("in", "auf", "an") and said.place.case == "dat":
        found.append("place")
    found += [role for role in ("company", "means") if getattr(said, role) is not None and not said.passive]
    return found


def object_fronts(said: Said) -> bool:
    """Den Hund sehe ich; das Brot kauft meine Mutter: nobody takes it for the subject."""
    thing, who = said.accusative, said.subject
    if thing is None or thing.determiner in ("no", "not a"):
        return False
    lifeless = thing.noun is not None and not thing.living and who.living
    apart = who.shows_case or thing.shows_case or who.plural != thing.plural or lifeless
    return apart and not (thing.pronoun and thing.english_object[0][0] in ("it", "nobody", "her", "them"))


def fronted(chance: Chance, numbers: Numbers) -> Sides:
    """Den Hund sehe ich. Hier wohne ich. Leider habe ich keine Zeit. Mir gefällt das Buch."""
    draw = chance.draw()
    if draw < 0.03:
        return lying(chance, numbers, "place")
    if draw < 0.09:
        return showing(chance, numbers)
    if draw < 0.13:
        return existing(chance, numbers, "place")
    if draw < 0.25:
        said = chance.pick((pleasing, feeling))(chance)
        if said.dative is not None:
            return said.pieces(numbers).statement("dative")
    while True:
        said = any_said(chance, polite=True)
        found = fronts(said)
        if found:
            return said.pieces(numbers).statement(chance.pick(found))


def lying(chance: Chance, numbers: Numbers, order: str) -> Sides:
    """Im Garten liegt Schnee. Liegt noch Schnee? / There is snow in the garden. Is there still snow?"""
    lies, snow = numbers.take(1), numbers.take(1)
    amount = chance.pick(AMOUNTS)
    place = at(chance, chance.pick(("garden", "garden", "street", "park", "bridge", "table", "city", "country")))
    where = Said(IT, BE).pieces(numbers).placed_at(place, numbers)
    if place.phrase.noun.name == "table":
        thing = placed(noun_phrase(chance.pick(say.every("text thing")), "a"), "nom", numbers)
    else:
        thing = joined(phrase(amount, numbers), word("Schnee", "snow", numbers, "NOUN")) if amount else (
            [(tagged("Schnee", "NOUN"), snow)], [(tagged("snow", "NOUN"), snow)])  # fmt: skip
    finite, be, there = (tagged("liegt", "VERB"), lies), (tagged("is", "VERB"), lies), (tagged("there", "PRON"), lies)
    if order == "question":
        numbers.mark = "?"
        return [finite, *where[0], *thing[0]], [be, there, *thing[1], *where[1]]
    return [*where[0], finite, *thing[0]], [there, be, *thing[1], *where[1]]


AMOUNTS = ("", "", "viel/ADJ=a/DET+lot/NOUN+of/ADP", "kein/DET=no/DET")


def showing(chance: Chance, numbers: Numbers) -> Sides:
    """Hier ist dein Buch. / Here is your book. Im Garten ist eine Katze. / There is a cat in the garden."""
    if chance.happens(0.5):
        thing = thing_of(
            chance, chance.pick(say.every("people animal vehicle text thing place money drink")), "pointed"
        )
        while thing.determiner in ("a", ""):
            thing = thing_of(chance, chance.pick(THINGS), "pointed")
        where = word(
            *chance.pick((("hier", "here"), ("hier", "here"), ("dort", "there"), ("da", "there"))), numbers, "ADV"
        )
        be = word(SEIN[thing.person], AM[thing.person], numbers, "AUX")
        return joined(where, be, placed(thing, "nom", numbers))
    place = at(
        chance,
        chance.pick(["garden", "park", "kitchen", "room", "house", "street", "car", "table", "bag", "bus", "school"]),
    )
    noun = chance.pick(
        say.every("people animal") if place.phrase.noun.kind == "place" else say.every("thing text animal")
    )
    plural = bool(noun.german_plural) and chance.happens(0.3)
    thing = noun_phrase(noun, chance.pick(("two", "many", "three")) if plural else "a",
                        chance.pick(suiting(noun)) if chance.happens(0.2) else "", plural)  # fmt: skip
    past = chance.happens(0.15)
    base = Said(thing, BE, "past" if past else "present", place=place).pieces(numbers)
    base.front = "place"
    there = (tagged("there", "PRON"), base.verb)
    be = (tagged((WAS if past else AM)[thing.person], "VERB"), base.verb)
    return base.verb_second(), [there, be, *base.subject[1], *base.place[1]]


ASKED_FOR = frozenset((
    "eat", "drink", "read", "write", "translate", "buy", "look for", "visit", "open", "close", "call", "invite", "feed",
    "paint", "wash", "repair", "help", "give", "show", "bring", "sing", "come", "walk", "go", "work", "learn", "ask",
    "say", "believe", "answer", "wait", "stay", "take", "do", "forget", "speak", "run", "sleep", "laugh", "play",
    "sit", "stand",
))  # fmt: skip


def command(chance: Chance, numbers: Numbers) -> Sides:
    """Hilf mir! Kommt bitte! Warten Sie hier! Sei nicht traurig! Vergiss das nicht!"""
    numbers.mark = "!"
    person = chance.pick(("du", "du", "du", "ihr", "sie", "sie", "sie"))
    you = pronoun({"du": "you", "ihr": "you all", "sie": "you polite"}[person])
    said = commanded(chance, you)
    draw = chance.draw()
    if chance.happens(0.06):  # geh nach Hause und schlaf!
        more = commanded(chance, you)
        start = said.pieces(numbers).commanded(person)
        return joined(start, word("und", "and", numbers), more.pieces(numbers).commanded(person))
    if draw < 0.2:
        said.particle = say.PLEASE
    sides = said.pieces(numbers).commanded(person)
    if 0.2 < draw < 0.35:
        return joined(word("bitte", "please", numbers), sides)
    if 0.35 < draw < 0.39:
        return joined(sides, word(",", ",", numbers), word("bitte", "please", numbers))
    if draw > 0.9:
        return joined(sides, word(",", ",", numbers), whom_called(chance, numbers, person))
    return sides


def whom_called(chance: Chance, numbers: Numbers, person: str = "du") -> Sides:
    """Anna; Kinder: whoever is called."""
    if person == "ihr":
        noun = chance.pick(say.every("child child friend boy student"))
        return placed(noun_phrase(noun, "", "", True), "nom", numbers)
    if chance.happens(0.15):
        return word(*chance.pick((("Mutter", "Mother"), ("Vater", "Father"))), numbers, "NOUN")
    name = named(chance).german["nom"][0][0]
    return word(name, name, numbers, "NOUN")


def commanded(chance: Chance, you) -> Said:
    """What one can be told to do, or to be."""
    draw = chance.draw()
    if draw < 0.1:
        said = Said(you, BE, adjective=chance.pick(("nice", "friendly", "happy", "ready", "funny", "clever")))
        if chance.happens(0.5):
            said.adjective, said.negated = chance.pick(("sad", "late", "funny", "nice")), True
        return said
    if draw < 0.14:
        return Said(you, SPEECH["have"], state=STATE_OF_FEAR, negated=True, english_verb=BE)
    while True:
        said = act(chance, "person", subject=you)
        if said.verb.name in ASKED_FOR:
            break
    said.tense, said.modal, said.meaning, said.gladly, said.elided = "present", "", None, False, False
    without_particle(said)
    said.time = (
        chance.pick((*say.TIMES["now"][:1], *say.TIMES["today"], *say.TIMES["future"][:1]))
        if chance.happens(0.12)
        else None
    )
    commanded_manner(chance, said)
    return said


def commanded_manner(chance: Chance, said: Said) -> None:
    """Komm schnell! Sprich nicht so schnell!"""
    if said.manner is None and said.verb.name in HOW and chance.happens(0.3):
        manner(chance, said)
    if said.manner in UNCOMMANDED or (said.manner is say.TOGETHER and said.subject.person == "du"):
        said.manner = None
    if said.manner is not None and said.manner.english[0] in ("too", "so"):
        if said.accusative is None:
            said.negated = True  # sprich nicht so schnell
        else:
            said.manner = None


UNCOMMANDED = (say.MUCH, say.VERY_MUCH, *(say.degree(how, "very") for how in GRADED))
STATE_OF_FEAR = (tagged("Angst", "NOUN"), tagged("afraid", "ADJ"))
