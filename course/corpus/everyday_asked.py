"""Everyday questions that English asks in its own way: to whom, with whom, how long already, how one gets there."""

from __future__ import annotations

from dataclasses import replace

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.everyday_actions import ACTIONS, goal
from course.corpus.everyday_being import BE, SPEECH, pleasing
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_mood import lasting_until_now
from course.corpus.everyday_nouns import THINGS, definite_somebody, named, noun_object, thing_of
from course.corpus.phrases import Phrase, Place, pronoun

WHO = replace(pronoun("who"), english_object=pronoun("who").english)  # who ... to, who ... with
LIKE = replace(SPEECH["like"], name="find")  # how do you like it?
SHARED = ("play", "speak", "speak", "speak", "come", "wait", "wait", "wait", "live", "work", "learn", "go", "walk",
          "eat", "write")  # fmt: skip
TOWARDS = {"wait": ("auf", "acc", "for"), "write": ("an", "acc", "to")}


def with_whom(chance: Chance) -> tuple[Said, str]:
    """Mit wem spielst du? / Who are you playing with? Auf wen hast du gewartet? / Who did you wait for?"""
    said = Said(definite_somebody(chance, True), SPEECH[chance.pick(SHARED)])
    draw, verb = chance.draw(), said.verb
    if draw < 0.3:
        said.tense = "past"
    elif draw < 0.45:
        said.modal = chance.pick(("want", "can", "have", "would like", "should"))
    elif not verb.lasting:
        said.meaning = ("progressive", "")
    if not said.modal and not verb.lasting and chance.happens(0.2):
        times = say.TIMES["past"] if said.tense == "past" else (*say.TIMES["now"], *say.TIMES["today"])
        said.time = chance.pick(times)
    if verb.name in TOWARDS or (verb.name == "walk" and chance.happens(0.5)):
        said.place = Place(*TOWARDS.get(verb.name, ("zu", "dat", "to")), WHO)
        return said, "place"
    said.company = Place("mit", "dat", "with", WHO)
    return said, "company"


def from_whom(chance: Chance) -> tuple[Said, str]:
    """Von wem ist der Brief? / Who is the letter from?"""
    thing = thing_of(chance, chance.pick(say.every("text thing picture letter")), "known")
    while thing.determiner == "'s":
        thing = thing_of(chance, chance.pick(say.every("text thing picture letter")), "known")
    place = Place("von", "dat", "from", WHO)
    return Said(thing, BE, "past" if chance.happens(0.2) else "present", place=place), "place"


GIVING = tuple(action for action in ACTIONS if action.recipients and action.verb.name in ("give", "show", "bring"))


def giving(chance: Chance, who: Phrase) -> Said:
    """Somebody gives, shows, brings or writes something; to whom is left open."""
    action = chance.pick(GIVING)
    said = Said(who, action.verb, accusative=noun_object(chance, who, action.objects, "object"))
    while said.accusative.determiner in ("both", "no", "many", "all"):
        said.accusative = noun_object(chance, who, action.objects, "object")
    draw = chance.draw()
    if draw < 0.35:
        said.tense = "past"
    elif draw < 0.55:
        said.modal = chance.pick(("want", "can", "have", "would like", "should"))
    return said


def given_to(chance: Chance) -> tuple[Said, str]:
    """Wem gibst du die Blumen? / Who do you give the flowers to?"""
    said = giving(chance, definite_somebody(chance, True))
    said.dative = WHO
    return said, "dative"


def opinion_asked(chance: Chance) -> tuple[Said, str]:
    """Wie findest du den Hut? / How do you like the hat?"""
    if chance.happens(0.35):
        said = pleasing(chance)
        said.asked, said.manner, said.particle, said.negated = say.HOW, None, None, False
        said.dative = pronoun(chance.pick(("you", "you", "you all", "you polite", "he", "she")))
        return said, "asked"
    thing = thing_of(chance, chance.pick(THINGS), "known") if chance.happens(0.7) else pronoun("that")
    if chance.happens(0.1):
        thing = named(chance)
    you = pronoun(chance.pick(("you", "you", "you", "you all", "you polite")))
    who = you if chance.happens(0.75) else definite_somebody(chance, True)
    return Said(who, SPEECH["find"], accusative=thing, asked=say.HOW, english_verb=LIKE), "asked"


LONG_DONE = ("wait", "live", "live", "learn", "work", "play", "sleep", "sit", "stand")


def since_when(chance: Chance) -> tuple[Said, str]:
    """Wie lange wartest du schon? / How long have you been waiting? Wie lange bist du schon hier?"""
    who, draw = definite_somebody(chance, True), chance.draw()
    said = Said(who, BE if draw < 0.3 else SPEECH[chance.pick(LONG_DONE)], asked=say.HOW_LONG, particle=say.UNTIL_NOW)
    if said.verb is BE:
        if draw < 0.12:
            said.adjective = chance.pick(("sick", "tired", "sad", "ready"))
        else:
            said.whereabouts = chance.pick((say.HERE, say.HERE, say.AT_HOME, say.IN_BERLIN, say.IN_GERMANY))
    elif said.verb.name == "learn":
        said.accusative = say.language(chance.pick(("German", "English")))
    elif said.verb.name == "wait" and draw > 0.8:
        said.place = Place("auf", "acc", "for", pronoun("I") if who.pronoun and who.person != "ich" else named(chance))
    elif said.verb.name not in ("wait", "sleep") and (said.verb.name == "live" or draw > 0.6):
        said.whereabouts = chance.pick((say.HERE, say.HERE, say.THERE, say.IN_BERLIN, say.IN_GERMANY))
    said.meaning = lasting_until_now(said.verb)
    return said, "asked"


GOALS = ("station", "station", "park", "school", "city", "castle", "doctor", "bridge", "house", "forest", "mother")


def way_asked(chance: Chance) -> tuple[Said, str]:
    """Wie komme ich zum Bahnhof? / How do I get to the station?"""
    who = pronoun(chance.pick(("I", "I", "I", "we", "we", "you", "you polite", "he", "you all")))
    said = Said(who, SPEECH["get"], asked=say.HOW)
    if chance.happens(0.3):
        said.whereabouts = chance.pick((say.HOME, say.HOME, say.TO_BERLIN, say.TO_GERMANY))
    else:
        said.place = goal(chance, chance.pick(GOALS), who)
    if chance.happens(0.15):
        said.tense = "past" if chance.happens(0.6) else "present"
    return said, "asked"
