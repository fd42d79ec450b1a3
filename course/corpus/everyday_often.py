"""What people say most often: bare nouns as objects with small words, what one knew, what has been done, two in one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_mood import PERFECT, PRESENT_MODALS
from course.corpus.everyday_nouns import definite_somebody, other_person, somebody
from course.corpus.lexicon import Noun
from course.corpus.phrases import Phrase, noun_phrase, pronoun
from course.corpus.tags import tagged
from course.corpus.verbs import Verb

SPEECH = say.SPEECH
NEVER = say.TIMES["habit"][7]
# The verb and what it can have without an article
BARE_OBJECTS = tuple(
    (name, say.every(nouns))
    for name, nouns in (
        ("eat", "food fruit food"), ("drink", "drink"), ("buy", "food drink fruit flower book newspaper"),
        ("have", "food drink fruit money time question child dog cat friend book"), ("make", "cake soup coffee tea"),
        ("need", "food drink money time money time apple flower friend book"), ("read", "book letter newspaper story"),
        ("take", "food drink fruit"), ("write", "letter story song"), ("sing", "song"), ("love", "cake coffee animal"),
    )
)  # fmt: skip
WANTED = say.every("food drink food drink fruit money time flower")
GLAD = frozenset(("eat", "drink", "buy", "read", "write", "sing", "make"))
SMALL = (say.ALSO, say.ALSO, say.ALSO, say.ONLY, say.UNFORTUNATELY, say.MAYBE)


@cache
def more_of(noun: Noun) -> Phrase:
    """noch Suppe / more soup, noch Äpfel / more apples"""
    base = noun_phrase(noun, "", "", bool(noun.german_plural))
    german = {case: ((tagged("noch", "ADV"), 0), *base.german[case]) for case in ("nom", "acc", "dat")}
    english = ((tagged("more", "ADJ"), 0), *base.english)
    return replace(base, german=german, english=english, english_object=english, determiner="another")


def bare(noun: Noun) -> Phrase:
    """Suppe / soup, Äpfel / apples"""
    return noun_phrase(noun, "", "", bool(noun.german_plural))


def many_of_them(chance: Chance) -> Phrase:
    """Kinder, Hunde: all of a kind"""
    nouns = [noun for noun in say.every("people animal child child dog cat horse") if noun.german_plural]
    return noun_phrase(chance.pick(nouns), "", "", True)


def bare_object(chance: Chance, polite: bool = False, subject: Phrase | None = None) -> Said:
    """Kinder essen gern Kuchen. Möchtest du auch Kuchen? Wer möchte noch Suppe? Wir haben leider keine Milch."""
    name, nouns = chance.pick(BARE_OBJECTS)
    draw, who = chance.draw(), subject or somebody(chance, polite)
    if subject is None and name in ("eat", "drink", "love") and chance.happens(0.3):
        who = many_of_them(chance)
    said = Said(who, SPEECH[name], accusative=bare(chance.pick(nouns)))
    if draw < 0.34:
        wanting(chance, said)
    elif draw < 0.56 and name in GLAD:
        said.gladly = True
        said.negated = chance.happens(0.2) and undenied(who)
    elif draw < 0.66:
        said.time = chance.pick(say.TIMES["habit"][:9]) if not said.verb.lasting else NEVER if name != "love" else None
    elif draw < 0.84 and undenied(who):
        lacking(chance, said)
    else:
        beside_it(chance, said)
    return said


def undenied(who: Phrase) -> bool:
    """Nothing in the subject denies, or counts."""
    return who.determiner not in ("no", "every", "some", "all", "many", "two", "three")


def wanting(chance: Chance, said: Said) -> None:
    """Möchten Sie einen Kaffee? Ich will auch Kuchen. Möchtest du noch Suppe?"""
    noun, draw = chance.pick(WANTED), chance.draw()
    said.modal, said.verb, said.elided = chance.pick(("would like",) * 3 + ("want",)), say.NOTHING, True
    said.accusative = bare(noun)
    if draw < 0.25:
        said.accusative = more_of(noun)
    elif draw < 0.4 and noun.name in ("coffee", "tea", "apple", "banana"):
        said.accusative = say.one_of(noun) if noun.mass else noun_phrase(noun, "a")
    elif draw < 0.7 and said.subject.determiner not in ("no", "every", "some"):
        said.particle = chance.pick(SMALL[:4])
    elif draw < 0.85 and undenied(said.subject):
        said.accusative, said.negated = noun_phrase(noun, "not a", "", bool(noun.german_plural)), True
    if said.particle is say.ONLY and said.modal == "would like":
        said.particle = say.ALSO


def lacking(chance: Chance, said: Said) -> None:
    """kein: Wir haben leider keine Milch. Er trinkt nie Kaffee. Ich esse auch keinen Kuchen."""
    owning, noun = said.verb.name in ("have", "need"), said.accusative.noun
    said.accusative = noun_phrase(noun, "no" if owning else "not a", "", bool(noun.german_plural))
    said.negated = not owning
    if owning and chance.happens(0.15):
        said.tense = "past" if said.verb.name == "have" else "present"
    elif chance.happens(0.6):
        said.particle = chance.pick((say.UNFORTUNATELY, say.UNFORTUNATELY, say.EITHER, say.YET))
        said.particle = say.EITHER if said.particle is say.YET and said.verb.name != "have" else said.particle


def beside_it(chance: Chance, said: Said) -> None:
    """Ich habe nur Milch. Wir müssen noch Brot kaufen. Hast du auch Kinder?"""
    noun, name = said.accusative.noun, said.verb.name
    if name not in ("have", "love") and chance.happens(0.4):
        said.accusative = more_of(noun)
    elif noun.mass and chance.happens(0.3):
        said.accusative = say.much(noun, chance.pick(("a lot of", "some", "too much")))
    elif said.subject.determiner not in ("no", "every", "some"):
        said.particle = chance.pick(SMALL)
    if name in GLAD and chance.happens(0.4) and said.particle is not say.ONLY:
        said.modal = chance.pick(PRESENT_MODALS)


def no_still(said: Said) -> None:
    """noch before a bare noun or "ein" is more or another, unless one has it; never both readings."""
    thing = said.accusative
    if said.particle is not say.STILL or said.negated or thing is None or thing.noun is None:
        return
    if thing.determiner not in ("a", "", "both") or thing.noun.kind == "language":
        return
    if said.verb.name == "have" and thing.determiner == "":
        return
    said.particle = None
    said.meaning = None if said.time is None else said.meaning
    if thing.determiner != "both" and len(thing.also) == 0:
        said.accusative = say.another(thing.noun) if thing.determiner == "a" else more_of(thing.noun)


def in_general(said: Said, possible: bool) -> Phrase | None:
    """The object; where one likes to do it, all of its kind: ich esse gern Kuchen, ich lese gern Bücher."""
    thing = said.accusative
    if not (said.gladly and possible) or thing is None or thing.noun is None:
        return thing
    several = bool(thing.noun.german_plural)
    if thing.determiner not in ("both", "name", "spot") and (several or thing.noun.mass):
        said.accusative = bare(thing.noun)
    return said.accusative


def _with_past(verb: Verb, forms: str) -> Verb:
    """With its simple past: ich wusste, beside ich habe gewusst."""
    persons = ("ich", "du", "er", "sie", "ihr")
    past = {f"past {person}": form for person, form in zip(persons, forms.split(), strict=True)}
    return replace(verb, present={**verb.present, **past})


KNEW = _with_past(SPEECH["know that"], "wusste wusstest wusste wussten wusstet")
KNEW_HIM = _with_past(SPEECH["know"], "kannte kanntest kannte kannten kanntet")
THOUGHT = _with_past(SPEECH["think"], "dachte dachtest dachte dachten dachtet")
THOUGHT_SO = _with_past(SPEECH["believe"], "glaubte glaubtest glaubte glaubten glaubtet")


def knew(chance: Chance, polite: bool = False, subject: Phrase | None = None) -> Said:
    """Das wusste ich nicht. Kanntest du ihn?"""
    who, draw = subject or somebody(chance, polite), chance.draw()
    said = Said(who, KNEW, "past")
    if draw < 0.7:
        said.accusative = pronoun(chance.pick(("that", "that", "that", "it n", "everything", "nothing")))
    elif draw < 0.9:
        him = other_person(chance, who)
        said.verb, said.accusative = KNEW_HIM, pronoun("he") if him is pronoun("they") else him
    else:
        said.verb, said.accusative = THOUGHT_SO, pronoun(chance.pick(("that", "it n")))
    vague = who.determiner in ("no", "every", "some", "all", "many", "two", "three")
    said.negated = said.accusative.determiner != "some" and not vague and chance.happens(0.45)
    if not said.negated and not vague and said.accusative.determiner != "some" and chance.happens(0.2):
        said.particle = say.ALSO
    return said


GONE = ("walk", "walk", "come", "come", "go", "go", "arrive", "fly", "run")
FINISHED = ("eat", "eat", "drink", "sleep", "work", "read", "learn", "play", "call", "answer", "wash", "ask", "sing")


def has_done(chance: Chance, polite: bool = False, subject: Phrase | None = None) -> Said:
    """Meine Freunde sind schon gegangen. Ich habe schon gegessen. Der Zug ist noch nicht angekommen."""
    who = subject or definite_somebody(chance, polite)
    moved = chance.happens(0.55)
    said = Said(who, SPEECH[chance.pick(GONE if moved else FINISHED)], "past", meaning=PERFECT)
    if chance.happens(0.7) or not undenied(who):
        said.particle = say.ALREADY
    else:
        said.particle, said.negated = say.YET, True
    if moved and chance.happens(0.35) and said.verb.name != "arrive":
        said.whereabouts = chance.pick((say.HOME, say.HOME, say.TO_BERLIN))
    elif chance.happens(0.2) and said.particle is say.ALREADY:
        said.time = chance.pick(say.TIMES["today"][:1])
    return said


def spoken_there(chance: Chance, polite: bool = False) -> Said:
    """Hier wird Deutsch gesprochen. / German is spoken here."""
    said = Said(say.language(chance.pick(("German", "German", "English"))), SPEECH["speak"], passive=True)
    if chance.happens(0.2):
        said.verb = SPEECH["learn"]
    said.whereabouts = chance.pick((say.HERE, say.HERE, say.HERE, say.THERE, say.IN_GERMANY, say.IN_BERLIN))
    said.particle = say.ALSO if chance.happens(0.15) else None
    said.negated = said.particle is None and chance.happens(0.1)
    return said


@cache
def new_one(noun: Noun, adjective: str) -> Phrase:
    """ein neues (Auto) / a new one"""
    base = noun_phrase(noun, "a", adjective)
    german = {case: base.german[case][:-1] for case in ("nom", "acc", "dat")}
    english = (*base.english[:-1], (tagged("one", "NUM"), 1))
    return replace(base, german=german, english=english, english_object=english, size=3, determiner="another")


OFTEN = (bare_object,) * 7 + (has_done,) * 2 + (knew, knew, spoken_there)


def often(chance: Chance, polite: bool = False) -> Said:
    """One of these."""
    return chance.pick(OFTEN)(chance, polite)
