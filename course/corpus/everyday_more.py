"""What else is said of an evening, of which any clause can be made: passives, opinions, since when, how a day was."""

from __future__ import annotations

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.clauses import Sides
from course.corpus.everyday_actions import WITH_OBJECT, act
from course.corpus.everyday_being import (
    BE,
    SPEECH,
    adjectives,
    age,
    anything,
    feeling,
    identity,
    lonely,
    pleasing,
    presence,
    quality,
    state,
    weather,
)
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_mood import PERFECT, deny, lasting_until_now, particle
from course.corpus.everyday_nouns import (
    NEAR,
    definite_somebody,
    named,
    person_object,
    somebody,
    thing_of,
)
from course.corpus.everyday_often import often
from course.corpus.groups import AM, WAS, Numbers
from course.corpus.lexicon import BARE
from course.corpus.morphology import SEIN, WAR
from course.corpus.phrases import Phrase, Place, noun_phrase, pronoun
from course.corpus.simple import joined, word
from course.corpus.tags import tagged

DONE_TO = frozenset((
    "repair", "wash", "write", "eat", "drink", "buy", "find", "look for", "paint", "open", "close", "feed", "visit",
    "invite", "call", "make", "forget", "translate", "sing", "carry", "love", "bring", "take", "read", "need", "show",
))  # fmt: skip
SUFFERED = tuple(action for action in WITH_OBJECT if action.verb.name in DONE_TO and "dat" not in action.flags)


def done_to(chance: Chance, polite: bool = False) -> Said:
    """Das Auto wird repariert: the car is being repaired. Ich wurde eingeladen. Das muss gemacht werden."""
    action = chance.pick(SUFFERED)
    noun = chance.pick(action.objects)
    personal = noun.kind in ("person", "ruler")
    who = somebody(chance, polite) if personal and chance.happens(0.7) else thing_of(chance, noun, "subject")
    said = Said(who, action.verb, passive=True)
    when_done(chance, said)
    if chance.happens(0.25) and not said.modal:
        doer = person_object(chance, who, NEAR)
        said.company = Place("von", "dat", "by", doer) if doer.determiner not in ("some", "both", "'s") else None
    particle(chance, said, 0.06)
    deny(chance, said, 0.15)
    return said


def when_done(chance: Chance, said: Said) -> None:
    """wurde, wird, muss ... werden: was, is being, has to be"""
    draw = chance.draw()
    if draw < 0.5:
        said.tense = "past"
        said.time = chance.pick((*say.TIMES["past"], *say.TIMES["today"])) if chance.happens(0.35) else None
    elif draw < 0.75:
        said.time = chance.pick((None, None, *say.TIMES["now"][:1], *say.TIMES["today"]))
        said.meaning = None if said.verb.lasting else ("progressive", "")
    elif draw < 0.83 and not said.verb.lasting:
        said.time = chance.pick((*say.TIMES["habit"], *say.TIMES["rounds"]))
    elif draw < 0.9:
        said.time, said.meaning = chance.pick(say.TIMES["future"]), ("present", "will")
    else:
        said.modal = chance.pick(("have", "have", "can", "should", "may"))


LONG_DONE = ("wait", "wait", "live", "live", "learn", "work", "sleep", "play", "know", "sit", "stand")


def so_long(chance: Chance, polite: bool = False) -> Said:
    """Ich warte schon lange: I have been waiting for a long time. Er ist schon lange krank."""
    who = definite_somebody(chance, polite)
    said = Said(who, BE if chance.happens(0.3) else SPEECH[chance.pick(LONG_DONE)], time=chance.pick(say.SINCE))
    name = said.verb.name
    if name == "be":
        been_so(chance, said)
    elif name == "learn":
        said.accusative = say.language(chance.pick(("German", "English")))
    elif name == "know":
        you = person_object(chance, who, NEAR)
        pronoun_only = you.pronoun and you.determiner != "some" and you is not pronoun("they")
        said.accusative = you if pronoun_only else pronoun("he" if who is not pronoun("he") else "I")
    elif name == "wait" and chance.happens(0.4):
        whom = chance.pick((named(chance), person_object(chance, who, NEAR), noun_phrase(say.every("bus")[0], "the")))
        said.place = Place("auf", "acc", "for", pronoun("she") if whom is pronoun("they") else whom)
    elif name == "live" or (name not in ("wait", "sleep") and chance.happens(0.5)):
        said.whereabouts = chance.pick((say.HERE, say.HERE, say.THERE, say.IN_BERLIN, say.IN_GERMANY))
    said.meaning = lasting_until_now(said.verb)
    return said


def been_so(chance: Chance, said: Said) -> None:
    """krank, or here"""
    said.adjective = chance.pick(("sick", "tired", "sad", "ready")) if chance.happens(0.43) else ""
    here = (say.HERE, say.HERE, say.AT_HOME, say.IN_BERLIN, say.IN_GERMANY, say.OUTSIDE)
    said.whereabouts = None if said.adjective else chance.pick(here)


def been_to(chance: Chance, polite: bool = False) -> Said:
    """Ich war noch nie in Berlin: I have never been to Berlin."""
    said = Said(definite_somebody(chance, polite), BE, "past", time=say.NEVER_YET, meaning=PERFECT)
    said.whereabouts = chance.pick((*say.BEEN_TO, *say.BEEN_TO, say.HERE, say.THERE))
    return said


def opinion(chance: Chance, polite: bool = False) -> Said:
    """Ich finde das Buch gut: I find the book good."""
    thing = anything(chance, False)
    while thing.determiner in ("some", "no", "every", "both") or thing.noun is None or thing.noun.kind == "weather":
        thing = pronoun("that") if chance.happens(0.3) else anything(chance, False)
        if thing is pronoun("that"):
            break
    who = pronoun("I") if chance.happens(0.55) else somebody(chance, polite)
    said = Said(who, SPEECH["find"], accusative=thing, adjective=chance.pick(adjectives(thing)))
    said.tense = "past" if chance.happens(0.12) else "present"
    if chance.happens(0.4):
        said.degree = chance.pick(("very", "very", "too", "so"))
    elif chance.happens(0.3) and who.determiner not in ("no", "every", "some"):
        said.negated = thing.determiner not in ("a", "", "no", "not a", "many", "all", "two", "three")
    return said


def _as_adverb(german: str, english: str) -> Phrase:
    """gestern / yesterday as the subject: Gestern war ein schöner Tag."""
    words = {"nom": ((tagged(german, "ADV"), 0),)}
    name = ((tagged(english, "NOUN"), 0),)
    return Phrase(words, name, name, "er", False, 1, "n", None, "some")


YESTERDAY, TODAY = _as_adverb("gestern", "yesterday"), _as_adverb("heute", "today")


def day(chance: Chance, polite: bool = False) -> Said:
    """Gestern war ein schöner Tag. Der Abend war lang. Wir hatten eine gute Woche."""
    noun, draw = chance.pick(say.every("day day evening week")), chance.draw()
    adjective = chance.pick(noun.adjectives)
    thing = noun_phrase(noun, "a", adjective)
    if draw < 0.35:
        past = chance.happens(0.5)
        whole = noun_phrase(say.MORE_NOUNS["day"], "a", chance.pick(say.MORE_NOUNS["day"].adjectives))
        said = Said(YESTERDAY if past else TODAY, BE, "past" if past else "present", complement=whole)
    elif draw < 0.55:
        said = Said(pronoun("that"), BE, "past" if chance.happens(0.7) else "present", complement=thing)
    elif draw < 0.8:
        whole = noun_phrase(noun, chance.pick(("the", "the", "my", "this", "our")))
        said = Said(whole, BE, "past", adjective=adjective)
        said.tense = "past" if chance.happens(0.75) else "present"
        said.degree = chance.pick(("", "", "very", "too", "so"))
    else:
        said = Said(somebody(chance, polite), SPEECH["have"], "past", accusative=thing)
    if not said.degree:
        deny(chance, said, 0.15)
    return said


def belonging(chance: Chance, polite: bool = False) -> Said:
    """Das Buch gehört mir: the book belongs to me. Der Kuchen schmeckt gut: the cake tastes good."""
    if chance.happens(0.4):
        thing = thing_of(chance, chance.pick(say.every("food drink fruit")), "known", decorate=0.05)
        said = Said(pronoun("that") if chance.happens(0.2) else thing, SPEECH["taste"], manner=chance.pick(TASTES))
    else:
        thing = thing_of(chance, chance.pick(say.every("vehicle text thing house garden animal")), "known")
        while thing.determiner not in ("the", "this"):
            thing = thing_of(chance, chance.pick(say.every("vehicle text thing house garden animal")), "known")
        whom = person_object(chance, thing, NEAR)
        while whom.determiner in ("some", "both"):
            whom = person_object(chance, thing, NEAR)
        said = Said(pronoun("that") if chance.happens(0.2) else thing, SPEECH["belong to"], dative=whom)
    deny(chance, said, 0.2)
    return said


TASTES = tuple(
    say.small(f"{before[0]}{german}/ADJ", f"{before[1]}{english}/ADJ")
    for german, english in (("gut", "good"), ("schlecht", "bad"), ("gut", "good"))
    for before in (("", ""), ("sehr/ADV ", "very/ADV "), ("so/ADV ", "so/ADV "))
)  # fmt: skip


def comparing(chance: Chance, numbers: Numbers, question: bool = False) -> Sides:
    """Ich bin so alt wie du. / I am as old as you. Bist du so groß wie dein Bruder?"""
    first, second = definite_somebody(chance), definite_somebody(chance)
    while {first.determiner, second.determiner} & {"both", "'s", "many", "two", "three", "all"} or (
        first.plural or second.plural or first is second or first.noun is second.noun is not None
    ):
        first, second = definite_somebody(chance), definite_somebody(chance)
    tense = chance.happens(0.1)
    be = word((WAR if tense else SEIN)[first.person], (WAS if tense else AM)[first.person], numbers, "AUX")
    name = chance.pick(("old", "old", "big", "small", "young", "tired", "clever", "beautiful", "fast", "sad", "nice"))
    one, other = _both_sides(first, numbers, False), _both_sides(second, numbers, True)
    negation = word("nicht", "not", numbers) if not question and chance.happens(0.3) else ([], [])
    alike = joined(word("so", "as", numbers), word(BARE[name], name, numbers, "ADJ"), word("wie", "as", numbers), other)
    return joined(be, one, alike) if question else joined(one, be, negation, alike)


def _both_sides(phrase: Phrase, numbers: Numbers, compared: bool) -> Sides:
    """In the nominative; English has "as old as me"."""
    base, english = numbers.take(phrase.size), phrase.english_object if compared else phrase.english
    return [(one, base + at) for one, at in phrase.german["nom"]], [(one, base + at) for one, at in english]


MORE = (feeling, pleasing, pleasing, pleasing, weather, weather)
WIDER = (done_to, done_to, done_to, so_long, so_long, opinion, opinion, day, day, been_to, belonging)
COMMON = ((0.43, act), (0.5, often), (0.65, quality), (0.735, presence), (0.8, identity), (0.84, state), (0.86, age),
          (0.87, lonely))  # fmt: skip


def wider(chance: Chance, polite: bool = False) -> Said:
    """One of the rarer clauses."""
    return chance.pick(WIDER)(chance, polite)


def any_said(chance: Chance, polite: bool = False) -> Said:
    """Any everyday clause: mostly somebody does something or is somehow."""
    draw = chance.draw()
    for limit, make in COMMON:
        if draw < limit:
            return make(chance, polite=polite)
    return chance.pick(MORE)(chance) if draw < 0.93 else chance.pick(WIDER)(chance, polite)
