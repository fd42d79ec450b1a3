"""Whom and what everyday clauses speak of: pronouns, names, nouns with all that can stand before them, two of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.content import OWN
from course.corpus.lexicon import Noun
from course.corpus.phrases import Phrase, Place, noun_phrase, owned, pronoun
from course.corpus.tags import tagged

# Determiners, as in content.OPTIONS; ~ stands for a blank, "your~P" is the polite Ihr
OPTIONS = {
    "subject": "the*9 my*6 your*4 his*2 her*2 our*4 your~p this*3 a every no the+*3 my+*2 your+ his+ our+*2 this+ two+ "
    "three+ many+ all+ +*2",
    "object": "the*6 a*7 my*5 your*3 his her our your~p your~P this*2 the+*2 +*3 my+ your+ your~p+ his+ her+ our+ two+ "
    "three+ four+ many+*2 all+ this+ bound*3",
    "known": "the*8 my*6 your*3 his her our*2 your~p your~P this*2 the+ my+ a bound*2",
    "had": "a*10 +*3 two+*2 three+*2 four+ five+ six+ seven+ eight+ nine+ ten+ eleven+ twelve+ many+*3 the*2 my your "
    "his",
    "pointed": "a*6 my*6 your*4 his*2 her*2 our*2 your~p*2 your~P*2 the*4 my+*2 your+*2 our+ the+ +",
}  # fmt: skip
BARE_OR_THE = ("the", "this", "", "my", "your", "no", "our", "his", "her")
SUITS = {
    "ruler": "nice good", "person": "nice funny good sick tired happy sad",
    "animal": "funny black nice fast", "text": "good bad funny",
    "vehicle": "black green blue fast slow expensive", "fruit": "green good sweet", "food": "good warm fresh",
    "drink": "warm hot good", "thing": "black green blue red new", "place": "nice beautiful",
}  # fmt: skip
FEELINGS = ("tired", "sick", "happy", "sad", "hungry", "ready")
BEING = {
    "person": (*FEELINGS, *FEELINGS, "nice", "funny", "old", "young", "big", "small", "clever", "friendly", "beautiful",
               "important", "late", "slow", "fast"),
    "animal": ("tired", "sick", "hungry", "old", "young", "big", "small", "beautiful", "funny", "black", "fast",
               "sweet", "nice"),
    "that": ("good", "bad", "right", "wrong", "expensive", "beautiful", "difficult", "easy", "important", "funny",
             "new", "nice"),
    "weather": ("cold", "warm", "beautiful", "bad"),
    "it": ("cold", "warm", "hot", "late", "good", "easy", "difficult", "important", "wrong", "beautiful"),
}  # fmt: skip
EXTRA = {
    "day": "nice",
    "vehicle": "expensive", "fruit": "sweet", "food": "sweet hot", "text": "difficult easy important right wrong",
    "thing": "expensive", "place": "wide far", "drink": "hot", "money": "important", "time": "important",
}  # fmt: skip
SPEAKERS = ("I",) * 8 + ("you",) * 7 + ("he", "she", "we") * 3 + ("they", "you all") * 2
POLITE = (*SPEAKERS, *("you polite",) * 4)
PERSONS = ("me", "you", "him", "her", "us", "them", "you all", "you polite")
ALIKE = ({"I", "we"}, {"you", "you all", "you polite"})
OBJECTS = {"me": "I", "you": "you", "him": "he", "her": "she", "us": "we", "them": "they"}
VAGUE = ("that",) * 4 + ("it n",) * 2 + ("something", "nothing", "everything") * 2
PEOPLE, ANIMALS = say.every("people"), say.every("animal")
NEAR = say.every(
    f"{say.FAMILY} {say.FAMILY} friend friend child child man woman boy girl neighbour doctor teacher student"
)
THINGS = say.every("vehicle fruit food drink text thing place")


@cache
def options(noun: Noun, name: str, bound: str) -> tuple[tuple[str, bool], ...]:
    """The determiners of that list that suit the noun, each with whether it is the plural, as often as listed."""
    found = []
    for entry in OPTIONS[name].split():
        text, _, times = entry.replace("~", " ").partition("*")
        plural, determiner = text.endswith("+"), text.rstrip("+")
        if noun.mass and determiner == "a":
            determiner = ""
        if determiner == "bound":
            determiner = bound or "my"
        if (plural and not noun.german_plural) or (noun.mass and (plural or determiner not in BARE_OR_THE)):
            continue
        if (determiner == "every" and noun.kind != "person") or (determiner == "her" and bound == "their"):
            continue  # ihr Hund after "they": theirs
        found += [(determiner, plural)] * int(times or 1)
    return tuple(found)


@cache
def suiting(noun: Noun) -> tuple[str, ...]:
    """The adjectives before the noun."""
    return (*noun.adjectives, *SUITS.get(noun.kind, "").split())


@cache
def beside(noun: Noun, where: str) -> Phrase:
    """der Mann da / the man there"""
    base = noun_phrase(noun, "the")
    german = {case: (*base.german[case], (tagged(where, "ADV"), 3)) for case in ("nom", "acc", "dat")}
    english = (*base.english, (tagged("there", "ADV"), 3))
    return Phrase(german, english, english, "er", False, 4, noun.gender, noun, "'s")


@cache
def of_whom(owner: Phrase, thing: Noun) -> Phrase:
    """das Auto von Anna / Anna's car, der Hund von meinem Vater / my father's dog"""
    base = noun_phrase(thing, "the")
    after = ((tagged("von", "ADP"), 3), *owner.german["dat"])
    german = {
        case: (*((word, number + 3) for word, number in base.german[case]), *after) for case in ("nom", "acc", "dat")
    }
    english = (*owner.english, (tagged("'s", "PART"), 3), (tagged(thing.name, "NOUN"), 5))
    return Phrase(german, english, english, "er", False, 6, thing.gender, thing, "'s")


MINE = {"I": "mine", "you": "yours", "we": "ours"}


@cache
def of_mine(noun: Noun, whose: str) -> Phrase:
    """ein Freund von mir / a friend of mine"""
    base, owner = noun_phrase(noun, "a"), pronoun(whose).german["dat"][0][0]
    after = (tagged("von", "ADP"), 3), (owner, 4)
    german = {case: (*base.german[case], *after) for case in ("nom", "acc", "dat")}
    english = (*base.english, (tagged("of", "ADP"), 3), (tagged(MINE[whose], "PRON"), 4))
    return replace(base, german=german, english=english, english_object=english, size=5, determiner="another")


@cache
def no_more(noun: Noun, plural: bool) -> Phrase:
    """kein Geld mehr / no more money"""
    base = noun_phrase(noun, "no", "", plural)
    german = {case: (*base.german[case], (tagged("mehr", "ADV"), 1)) for case in ("nom", "acc")}
    english = (base.english[0], (tagged("more", "ADJ"), 1), base.english[-1])
    return Phrase(german, english, english, base.person, plural, 3, base.gender, noun, "no")


@cache
def introduced(noun: Noun, determiner: str, name: str) -> Phrase:
    """mein Freund Peter / my friend Peter"""
    base = noun_phrase(noun, determiner)
    word = (tagged(name, "NOUN"), 3)
    german = {case: (*base.german[case], word) for case in ("nom", "acc", "dat")}
    english = (*base.english, word)
    return Phrase(german, english, english, "er", False, 4, noun.gender, noun, "name")


def named(chance: Chance) -> Phrase:
    """Somebody by name."""
    return say.CALLED[chance.pick(tuple(say.CALLED))]


def thing_of(chance: Chance, noun: Noun, name: str, bound: str = "", decorate: float = 0.2) -> Phrase:
    """The noun with a determiner of the list of that name, perhaps with an adjective or with whose it is."""
    if (
        chance.happens(0.09 if name == "pointed" else 0.055)
        and name != "had"
        and not noun.mass
        and noun.kind not in ("name", "time")
    ):
        return whose(chance, noun)
    if chance.happens(0.02) and name in ("object", "had") and noun.kind not in ("time", "money", "name", "place"):
        return say.another(noun)
    determiner, plural = chance.pick(options(noun, name, bound))
    adjectives = suiting(noun) if chance.happens(decorate) else ()
    if determiner == "the" and not plural and {noun.kind, noun.name} & set(IN_ROWS) and chance.happens(0.12):
        adjectives = ("next", "last")
    if name != "had" and not plural and noun.name in HAVE_PARTS and chance.happens(0.12):
        return say.part_of(chance.pick([whole for whole in WHOLES if noun.name in PARTS[whole.name].split()]), noun)
    if determiner == "a" and noun.name in FRIENDLY and chance.happens(0.12):
        return of_mine(noun, chance.pick(("I", "I", "I", "you", "we")))
    if determiner == "the" and not plural and noun.kind == "person" and chance.happens(0.05):
        return beside(noun, chance.pick(("da", "dort")))
    if name == "had" and determiner in ("a", "") and chance.happens(0.02) and noun.kind != "time":
        return no_more(noun, plural or bool(noun.german_plural))
    return noun_phrase(spouse(noun, determiner), determiner, chance.pick(adjectives) if adjectives else "", plural)


FRIENDLY = ("friend", "neighbour", "child", "student")
FRIENDLY = ("friend", "neighbour", "child", "student")
MARRIED = {"man": say.MORE_NOUNS["husband"], "woman": say.MORE_NOUNS["wife"]}
OWNING = ("my", "your", "his", "her", "our", "their", "your p", "your P")


def spouse(noun: Noun, determiner: str = "my") -> Noun:
    """mein Mann: my husband"""
    return MARRIED.get(noun.name, noun) if determiner in OWNING else noun


OWNERS = tuple(noun for noun in NEAR if noun.genitive)
DOG = replace(say.every("dog")[0], genitive="Hundes")
# of which things are parts, with their genitive
WHOLES = tuple(
    replace(say.every(name)[0], genitive=genitive)
    for name, genitive in (("house", "Hauses"), ("car", "Autos"), ("kitchen", "Küche"), ("school", "Schule"),
                           ("room", "Zimmers"), ("castle", "Schlosses"), ("city", "Stadt"), ("story", "Geschichte"))
)  # fmt: skip
PARTS = {"house": "window door garden", "car": "window door", "kitchen": "window door table", "school": "window door",
         "room": "window door", "castle": "window garden", "city": "park school street bridge station",
         "story": "name"}  # fmt: skip
HAVE_PARTS = frozenset(name for names in PARTS.values() for name in names.split()) - {"name"}
IN_ROWS = ("vehicle", "text", "street", "question", "station", "house", "door", "bridge")  # der nächste Bus


def whose(chance: Chance, noun: Noun) -> Phrase:
    """Annas Hund / Anna's dog; der Hund meines Vaters / my father's dog; der Hund von Anna."""
    noun, draw = spouse(noun), chance.draw()
    if noun.kind == "person" and draw < 0.1:
        mine = chance.pick(("my", "my", "my", "your", "his", "our"))
        return introduced(noun, mine, named_for(chance, noun.gender))
    adjective = chance.pick(suiting(noun)) if suiting(noun) and chance.happens(0.15) else ""
    if chance.happens(0.5):
        whole = chance.pick(WHOLES)
        if noun.name in PARTS[whole.name].split():
            return say.part_of(whole, noun, adjective)
    if draw < 0.5:
        return say.of_name(named(chance), noun_phrase(noun, "", adjective))
    if draw < 0.6:
        mine = noun_phrase(chance.pick(OWNERS), chance.pick(("my", "my", "your", "our")))
        return of_whom(named(chance) if draw < 0.57 or mine.noun is noun else mine, noun)
    owner = DOG if noun.kind == "thing" and chance.happens(0.1) else chance.pick(OWNERS)
    while owner is noun:
        owner = chance.pick(OWNERS)
    return owned(noun_phrase(owner, chance.pick(("the", "my", "my", "your", "his", "our"))), noun, adjective)


def named_for(chance: Chance, gender: str) -> str:
    """A name that suits: mein Bruder Tom."""
    return chance.pick([name for name, one in say.NAMES.items() if one == gender or gender == "n"])


def somebody(chance: Chance, polite: bool = False) -> Phrase:
    """A person as the subject: mostly a pronoun. polite: it may be Sie, which is told from sie within a sentence."""
    draw = chance.draw()
    if draw < 0.58:
        return pronoun(chance.pick(POLITE if polite else SPEAKERS))
    if draw < 0.7:
        return named(chance)
    if draw < 0.74:
        return pronoun(chance.pick(("somebody", "nobody")))
    if draw < 0.79:
        return two_persons(chance)
    return thing_of(chance, chance.pick(NEAR if chance.happens(0.6) else PEOPLE), "subject")


def bare(who: Phrase) -> bool:
    """Children, dogs: nobody in particular."""
    return who.noun is not None and who.determiner == ""


def definite_somebody(chance: Chance, polite: bool = False) -> Phrase:
    """A person of whom one can ask: not nobody, somebody, every boy."""
    who = somebody(chance, polite)
    while who.determiner in ("some", "no", "every", "a") or bare(who):
        who = somebody(chance, polite)
    return who


def two_persons(chance: Chance) -> Phrase:
    """Anna und Paul, mein Bruder und ich, der Mann und die Frau."""
    draw = chance.draw()
    if draw < 0.35:
        first, second = named(chance), named(chance)
    elif draw < 0.6:
        first = named(chance) if chance.happens(0.5) else thing_of(chance, chance.pick(NEAR), "subject", decorate=0)
        second = pronoun(chance.pick(("I", "I", "you")))
    elif draw < 0.7:
        first, second = pronoun(chance.pick(("you", "he", "she"))), pronoun("I")
    else:
        first, second = (thing_of(chance, chance.pick(NEAR), "subject", decorate=0.1) for _ in range(2))
    same = first is second or (first.noun is not None and first.noun is second.noun)
    odd = {"every", "no", "all", "many"} & {first.determiner, second.determiner} or bare(first) or bare(second)
    if same or odd:
        return two_persons(chance)
    third = named(chance)
    plain = first.determiner not in ("", "the", "this") and third not in (first, second)
    return three_at_once(third, first, second) if plain and chance.happens(0.1) else say.together(first, second)


def three_at_once(third: Phrase, first: Phrase, second: Phrase) -> Phrase:
    """Tom, Anna und ich"""
    return say.listed(third, say.together(first, second))


def doer(chance: Chance, who: str, polite: bool = False) -> Phrase:
    """A person, an animal, a vehicle or a thing as the subject."""
    if who == "person":
        return somebody(chance, polite)
    if who == "animal":
        first = thing_of(chance, chance.pick(ANIMALS), "subject")
        if chance.happens(0.1) and first.determiner not in ("no", "every", "all", "many"):
            second = thing_of(chance, chance.pick(ANIMALS), "subject", decorate=0)
            if second.noun is not first.noun and second.determiner not in ("no", "every", "all", "many"):
                return say.together(first, second)
        return first
    return thing_of(chance, chance.pick(say.every({"thing": "thing text"}.get(who, who))), "subject")


def own(subject: Phrase) -> str:
    """The possessive that points back to the subject; "" where there is none."""
    if subject.determiner == "both":
        return {"ihr": "your p"}.get(subject.person, "their" if subject.english[-1][0] not in ("I", "you") else "our")
    if subject.pronoun:
        special = {"ihr": "your p"}.get(subject.person) or {"Sie": "your P"}.get(subject.german["nom"][0][0])
        return special or OWN.get((subject.person, subject.gender), "")
    if subject.noun.kind not in ("person", "ruler"):
        return ""
    return OWN.get((subject.person, subject.gender), "")


def other_person(chance: Chance, subject: Phrase) -> Phrase:
    """A pronoun for somebody who is not the subject."""
    while True:
        name = chance.pick(PERSONS)
        found = pronoun(OBJECTS.get(name, name))
        mine = (
            {subject.english[0][0], subject.english[-1][0]}
            if subject.pronoun or subject.determiner == "both"
            else set()
        )
        who = {found.english[0][0].plain}
        if not any(group & who and group & {str(word) for word in mine} for group in ({"I", "we"}, {"you"})):
            return found


def person_object(chance: Chance, subject: Phrase, nouns: tuple[Noun, ...]) -> Phrase:
    """Somebody else as the object: a pronoun, a name, a noun."""
    draw = chance.draw()
    if draw < 0.45:
        return other_person(chance, subject)
    if draw < 0.65:
        found = named(chance)
        return found if found is not subject else pronoun("it n" if subject.determiner == "both" else "he")
    if draw < 0.7:
        return pronoun("nobody" if chance.happens(0.4) else "somebody")
    return noun_object(chance, subject, nouns, "known")


def noun_object(chance: Chance, subject: Phrase, nouns: tuple[Noun, ...], name: str) -> Phrase:
    """A noun that is not the subject's; sometimes two."""
    noun = chance.pick(nouns)
    while noun is subject.noun:
        noun = chance.pick(nouns)
    found = thing_of(chance, noun, name, own(subject))
    if chance.happens(0.08) and len(nouns) > 3:
        other = chance.pick(nouns)
        second = thing_of(chance, other, name, own(subject), 0)
        if other not in (noun, subject.noun) and {"no", "many", "all", "another"}.isdisjoint(
            {found.determiner, second.determiner}
        ):
            both = say.together(found, second, "oder" if chance.happens(0.2) else "und")
            third = thing_of(chance, chance.pick(nouns), name, own(subject), 0)
            apart = (
                found.determiner not in ("the", "this")
                and third.noun not in (noun, other, subject.noun)
                and third.determiner not in ("no", "many", "all", "another")
            )
            return say.listed(third, both) if apart and chance.happens(0.4) else both
    return found


def across(chance: Chance, goal_there: Place | None) -> Place:
    """über die Brücke / over the bridge, durch den Park / through the park: on the way to somewhere else"""
    if goal_there is None and chance.happens(0.3):  # aus dem Fenster
        out = say.every("window house garden room kitchen school bus train car forest castle")
        return Place("aus", "dat", "out of", noun_phrase(chance.pick(out), "the"))
    over = chance.happens(0.5)
    noun = chance.pick(say.every("bridge street") if over else say.every("garden park city forest"))
    while goal_there is not None and noun is goal_there.phrase.noun:
        noun = chance.pick(say.every("garden park city forest"))
        over = False
    return Place("über" if over else "durch", "acc", "over" if over else "through", noun_phrase(noun, "the"))
