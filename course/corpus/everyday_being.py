"""Everyday clauses with to be and to have: how, who, what and where one is; what one is called; how one feels."""

from __future__ import annotations

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.everyday_actions import SPOTS, at
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_mood import deny, modal
from course.corpus.everyday_nouns import (
    BEING,
    EXTRA,
    NEAR,
    THINGS,
    doer,
    named,
    person_object,
    somebody,
    suiting,
    thing_of,
)
from course.corpus.phrases import Phrase, noun_phrase, pronoun
from course.corpus.tags import tagged
from course.corpus.verbs import VERBS, Verb

BE = VERBS["be"]
MASCULINE, FEMININE = ("doctor", "student", "king", "prince"), ("teacher", "queen", "princess")
FAMILIAR = ("friend", "Freundin", "brother", "sister", "mother", "father", "child", "neighbour", "teacher", "doctor")
AGED = tuple(noun_phrase(say.MORE_NOUNS["year"], name, "", True) for name in (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"))  # fmt: skip
STATES = tuple((tagged(german, "NOUN"), tagged(english, "ADJ")) for german, english in (
    ("Hunger", "hungry"), ("Durst", "thirsty"), ("Angst", "afraid"), ("Recht", "right"), ("Hunger", "hungry"),
    ("Durst", "thirsty")))  # fmt: skip
COLD = ("cold", "warm", "hot")
SPEECH = say.SPEECH
GO_WELL = SPEECH["walk"]
IT = pronoun("it n")
WELLNESS = (say.small("gut/ADV", "well/ADJ"),) * 3 + (say.small("schlecht/ADV", "not/PART well/ADJ"),)
SORRY = say.small("leid/ADJ", "sorry/ADJ")
SORROW = (
    SORRY,
    SORRY,
    say.small("sehr/ADV leid/ADJ", "very/ADV sorry/ADJ"),
    say.small("so/ADV leid/ADJ", "so/ADV sorry/ADJ"),
)


def when_being(chance: Chance, said: Said) -> None:
    """Now or then, and when."""
    draw = chance.draw()
    if draw < 0.24:
        said.tense = "past"
        said.time = chance.pick((*say.TIMES["past"], *say.TIMES["today"])) if chance.happens(0.3) else None
    elif draw < 0.38:
        said.time = chance.pick((*say.TIMES["today"] * 2, say.TIMES["now"][0], *say.TIMES["habit"][5:]))
    elif draw < 0.42:
        hours = (chance.pick(say.CLOCK), chance.pick(say.CLOCK_DAYS[1::2])) if said.adjective in ("", "ready") else ()
        said.time, said.meaning = chance.pick((*say.TIMES["future"], *hours)), ("present", "will")
    elif draw < 0.475:
        modal(chance, said)
        if said.modal == "may":
            said.modal = "want"


def small_word(chance: Chance, said: Said) -> None:
    """Perhaps auch, schon, noch, wieder, leider, vielleicht."""
    if (
        chance.happens(0.16)
        and said.subject.determiner not in ("no", "every")
        and said.subject is not pronoun("nobody")
    ):
        said.particle = chance.pick(
            (say.ALSO, say.ALSO, say.STILL, say.ALREADY, say.AGAIN, say.ONCE_MORE, say.UNFORTUNATELY, say.MAYBE)
        )


def quality(chance: Chance, polite: bool = False, subject: Phrase | None = None) -> Said:
    """Ich bin müde. Das Wasser ist sehr kalt. Das ist nicht richtig."""
    who = subject or anything(chance, polite)
    said = Said(who, BE, adjective=chance.pick(adjectives(who)))
    when_being(chance, said)
    draw = chance.draw()
    if draw < 0.3 and said.adjective not in ("right", "wrong", "ready"):
        said.degree = chance.pick(("very",) * 6 + ("too",) * 4 + ("so", "so", "much too"))
        if chance.happens(0.1):
            said.negated = who.determiner != "no" and who not in (pronoun("nobody"), pronoun("nothing"))
    else:
        small_word(chance, said)
        deny(chance, said, 0.24)
    if who is IT and said.adjective in BEING["weather"] and chance.happens(0.6):
        outside(chance, said)
    return said


def outside(chance: Chance, said: Said) -> None:
    """Where it is cold, or rains."""
    if chance.happens(0.7):
        said.whereabouts = chance.pick((say.OUTSIDE, say.OUTSIDE, say.HERE, say.HERE, say.THERE, *SPOTS[-2:]))
    else:
        said.place = at(chance, chance.pick(("kitchen", "room", "garden", "city", "park", "house", "street", "school")))


def anything(chance: Chance, polite: bool) -> Phrase:
    """A person, animal, thing, das, es, alles."""
    draw = chance.draw()
    if draw < 0.5:
        return somebody(chance, polite)
    if draw < 0.58:
        return doer(chance, "animal")
    if draw < 0.74:
        return pronoun(chance.pick(("that",) * 4 + ("it n",) * 4 + ("everything", "nothing")))
    if draw > 0.965:
        if draw < 0.98:
            return chance.pick((*say.SPOTS_NAMED, say.language("German"), say.language("English")))
        return thing_of(
            chance, chance.pick(say.every("rain snow")), "subject")  # fmt: skip
    return thing_of(chance, chance.pick(THINGS), "subject", decorate=0.12)


def adjectives(who: Phrase) -> tuple[str, ...]:
    """What it can be said to be."""
    if who.noun is None:
        name = who.english[0][0]
        return BEING["it" if name == "it" else "that" if name in ("that", "everything", "nothing") else "person"]
    kind = {"ruler": "person"}.get(who.noun.kind, who.noun.kind)
    used = {word for word, _ in who.english}
    if who.noun.kind == "language":
        return ("difficult", "easy", "important", "beautiful", "good")
    if who.determiner == "spot":
        return ("beautiful", "big", "expensive", "old", "important", "cold", "warm")
    found = BEING.get(kind) or (*suiting(who.noun), *EXTRA.get(kind, "").replace("far", "").split())
    return tuple(name for name in found if name not in used) or ("beautiful",)


def identity(chance: Chance, polite: bool = False) -> Said:
    """Das ist mein Haus. Paul ist mein Freund. Ich bin Lehrerin. Sie ist keine Königin."""
    draw = chance.draw()
    if draw < 0.55:
        said = pointed(chance)
    elif draw < 0.75:
        said = profession(chance, polite)
    else:
        who = chance.pick((pronoun("he"), pronoun("she"), pronoun("that"), named(chance), named(chance)))
        names = tuple(name for name in FAMILIAR if who.gender in ("", say.every(name)[0].gender, "n"))
        said = Said(who, BE, complement=thing_of(chance, say.every(chance.pick(names))[0], "pointed", decorate=0.1))
        if said.complement.plural:
            said.complement = noun_phrase(said.complement.noun, "my")
    if chance.happens(0.12):
        said.tense = "past"
    elif chance.happens(0.1):
        said.particle = chance.pick((say.ALSO, say.MAYBE, say.UNFORTUNATELY))
    deny(chance, said, 0.22)
    return said


def pointed(chance: Chance) -> Said:
    """Das ist ein Hund. Das sind meine Kinder. Das ist Anna."""
    if chance.happens(0.08):
        if chance.happens(0.5):
            return Said(
                noun_phrase(say.MORE_NOUNS["name"], chance.pick(("my", "his", "her"))), BE, complement=named(chance)
            )
        return Said(pronoun("that"), BE, complement=named(chance))
    nouns = THINGS if chance.happens(0.4) else say.every("people animal thing text money question name place vehicle")
    thing = thing_of(chance, chance.pick(nouns), "pointed")
    if not thing.plural and chance.happens(0.08):
        other = thing_of(chance, chance.pick(nouns), "pointed", decorate=0)
        if not other.plural and other.noun is not thing.noun:
            both = say.together(thing, other, chance.pick(("oder", "oder", "und")))
            return Said(pronoun("that"), BE, complement=both)
    return Said(pronoun("those" if thing.plural else "that"), BE, complement=thing)


def profession(chance: Chance, polite: bool = False, subject: Phrase | None = None) -> Said:
    """Mein Vater ist Arzt. Du bist ein guter Student."""
    who = subject or somebody(chance, polite)
    while subject is None and (
        who.plural
        or who.determiner in ("no", "every", "some")
        or (who.noun and who.noun.name in (*MASCULINE, *FEMININE))
    ):
        who = somebody(chance, polite)
    names = FEMININE if who.gender == "f" else MASCULINE if who.gender == "m" else (*MASCULINE, *FEMININE)
    bare = chance.happens(0.5)
    what = say.every(chance.pick(names[:2] if bare and who.gender == "m" else names[:1] if bare else names))[0]
    adjective = chance.pick(suiting(what)) if not bare and chance.happens(0.5) else ""
    return Said(who, BE, complement=noun_phrase(what, "profession" if bare else "a", adjective))


def presence(chance: Chance, polite: bool = False, subject: Phrase | None = None) -> Said:
    """Wir sind zu Hause. Das Buch ist auf dem Tisch. Bist du allein?"""
    draw = chance.draw()
    living = draw < 0.7
    who = subject or (doer(chance, "person" if draw < 0.58 else "animal", polite) if living else
                      thing_of(chance, chance.pick(THINGS), "subject"))  # fmt: skip
    said = Said(who, BE)
    when_being(chance, said)
    if chance.happens(0.5):
        said.whereabouts = chance.pick((*SPOTS, say.HERE, say.FROM_BERLIN, say.FROM_GERMANY) if living else SPOTS[:5])
        if living and chance.happens(0.12) and who is not pronoun("nobody"):
            said.manner = say.TOGETHER if who.plural else say.ALONE
    else:
        names = (
            "garden park house room kitchen school city station castle bus train car street forest country"
            if living
            else ("table room bag kitchen car garden house door window street city")
        )
        said.place = at(chance, chance.pick(names.split()))
        if said.place.phrase.noun is who.noun:
            said.place, said.whereabouts = None, say.HERE
    small_word(chance, said)
    deny(chance, said, 0.2)
    return said


def lonely(chance: Chance, polite: bool = False) -> Said:
    """Ich bin allein. Wir sind zusammen."""
    who = somebody(chance, polite)
    said = Said(who, BE, manner=say.TOGETHER if who.plural and chance.happens(0.5) else say.ALONE)
    when_being(chance, said)
    small_word(chance, said)
    deny(chance, said, 0.2)
    return said


def age(chance: Chance, polite: bool = False) -> Said:
    """Ich bin zehn Jahre alt. / I am ten years old."""
    who = somebody(chance, polite)
    while who.determiner in ("no", "some"):
        who = somebody(chance, polite)
    said = Said(
        who, BE, adjective="old", measure=chance.pick(AGED), tense="past" if chance.happens(0.08) else "present"
    )
    if chance.happens(0.2):
        said.particle = chance.pick((say.ALREADY, say.ALSO, say.ONLY))
    said.negated = said.particle is None and chance.happens(0.08)
    return said


def state(chance: Chance, polite: bool = False) -> Said:
    """Ich habe Hunger: I am hungry. Du hast Recht: you are right."""
    who = doer(chance, "animal") if chance.happens(0.12) else somebody(chance, polite)
    said = Said(who, SPEECH["have"], state=chance.pick(STATES), english_verb=BE)
    if who.noun is not None and who.noun.kind == "animal" and said.state[1] == "right":
        said.state = STATES[0]
    if chance.happens(0.2):
        said.tense = "past"
    elif chance.happens(0.15):
        said.time = chance.pick((say.TIMES["now"][0], *say.TIMES["habit"][5:7], *say.TIMES["today"]))
    if said.state[1] != "right" and chance.happens(0.2):
        said.degree = "very"
    else:
        small_word(chance, said)
    if said.state[1] == "right" and said.particle in (say.STILL, say.ALREADY):
        said.particle = None
    deny(chance, said, 0.25)
    return said


def feeling(chance: Chance) -> Said:
    """Mir ist kalt: I am cold. Mir geht es gut: I am well. Es tut mir leid: I am sorry."""
    who, draw = person_object(chance, pronoun("that"), NEAR), chance.draw()
    while who.determiner in ("some", "both", "a", "'s"):
        who = person_object(chance, pronoun("that"), NEAR)
    if draw < 0.4:
        said = Said(IT, BE, dative=who, adjective=chance.pick(COLD), experiencer=True)
        if chance.happens(0.3):
            said.degree = chance.pick(("very", "too", "so"))
    elif draw < 0.8:
        said = Said(IT, GO_WELL, dative=who, manner=chance.pick(WELLNESS), experiencer=True, english_verb=BE)
    else:
        return Said(IT, say.BE_SORRY, dative=who, manner=chance.pick(SORROW), experiencer=True, english_verb=BE)
    if chance.happens(0.2):
        said.time = chance.pick((*say.TIMES["today"], say.TIMES["now"][0]))
    elif said.verb is BE and chance.happens(0.12):
        said.tense = "past"
    elif chance.happens(0.15) and not said.degree and said.manner is not WELLNESS[-1]:
        said.particle = chance.pick((say.ALSO, say.AGAIN))
    if said.manner is not WELLNESS[-1] and not said.degree:
        deny(chance, said, 0.2)
    return said


def pleasing(chance: Chance) -> Said:
    """Das Buch gefällt mir: I like the book."""
    thing, verb = liked(chance)
    who = person_object(chance, thing if thing.noun else pronoun("that"), NEAR)
    while (
        who.determiner in ("both", "a", "'s")
        or who is pronoun("somebody")
        or who.noun is thing.noun is not None
        or ("name" == thing.determiner == who.determiner)
    ):
        who = person_object(chance, pronoun("that"), NEAR)
    said = Said(thing, verb, "past" if chance.happens(0.2) else "present", dative=who)
    if chance.happens(0.1):
        said.particle = say.ALSO
    elif chance.happens(0.4) and who is not pronoun("nobody"):
        said.manner = chance.pick(VERY_WELL)
    if who is not pronoun("nobody"):
        deny(chance, said, 0.2)
    return said


def liked(chance: Chance) -> tuple[Phrase, Verb]:
    """What pleases, or tastes good."""
    draw = chance.draw()
    if draw < 0.15:
        return pronoun("that"), VERBS["like"]
    if draw < 0.25:
        return named(chance) if draw < 0.19 else chance.pick(say.SPOTS_NAMED), VERBS["like"]
    if draw < 0.35:
        return thing_of(chance, chance.pick(say.every("food drink fruit")), "known", decorate=0.05), say.TASTE_GOOD
    return thing_of(chance, chance.pick(LIKED), "known"), VERBS["like"]


VERY_WELL = (say.VERY_MUCH, say.small("sehr/ADV gut/ADV", "very/ADV much/ADV"))
LIKED = say.every("rain snow people animal vehicle text place picture flower hat dress bag table garden house city")


def weather(chance: Chance) -> Said:
    """Es regnet. / It is raining."""
    said, draw = Said(IT, SPEECH[chance.pick(("rain", "rain", "snow"))], meaning=("progressive", "")), chance.draw()
    if draw < 0.3:
        said.tense, said.meaning = "past", None
        said.time = chance.pick((*say.TIMES["past"], *say.TIMES["today"])) if chance.happens(0.6) else None
    elif draw < 0.55:
        said.time = chance.pick((*say.TIMES["now"], *say.TIMES["today"]))
    elif draw < 0.75:
        said.time, said.meaning = chance.pick(say.TIMES["habit"]), None
    elif draw < 0.85:
        said.time, said.meaning = chance.pick(say.TIMES["future"]), ("present", "will")
    elif draw < 0.92:
        said.modal, said.meaning = "will", None
    if chance.happens(0.25) and said.time is None:
        said.particle = chance.pick(
            (say.STILL, say.AGAIN, say.ONCE_MORE, say.ALREADY, say.UNFORTUNATELY, say.MAYBE, say.ALSO)
        )
    if chance.happens(0.25):
        outside(chance, said)
    deny(chance, said, 0.2)
    return said
