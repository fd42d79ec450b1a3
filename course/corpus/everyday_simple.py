"""Everyday sentences of one clause: statements with anything in front, questions of all kinds, commands."""

from __future__ import annotations

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.clauses import Sides, placed
from course.corpus.everyday_being import (
    BE,
    IT,
    SPEECH,
    act,
    any_said,
    anything,
    called,
    existing,
    feeling,
    identity,
    naming,
    pleasing,
    presence,
    quality,
    state,
    what_name,
)
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_content import (
    NEAR,
    THINGS,
    WITH_OBJECT,
    at,
    doer,
    named,
    noun_object,
    person_object,
    somebody,
    suiting,
    thing_of,
)
from course.corpus.groups import AM, WAS, Numbers
from course.corpus.lexicon import NOUNS
from course.corpus.morphology import SEIN, WAR
from course.corpus.phrases import Place, noun_phrase, pronoun
from course.corpus.simple import joined, word
from course.corpus.tags import tagged


def saying(chance: Chance, numbers: Numbers) -> Sides:
    """Ich habe einen Hund. Wir sind zu Hause. Mein Bruder heißt Paul."""
    draw = chance.draw()
    if draw < 0.03:
        return naming(called(chance), named(chance), numbers, "statement", chance.happens(0.1))
    if draw < 0.07:
        return existing(chance, numbers, "statement")
    said = any_said(chance)
    if said.experiencer and (said.verb is BE or chance.happens(0.5)):
        return said.pieces(numbers).statement("dative" if said.dative is not pronoun("nobody") else "dative")
    return said.pieces(numbers).statement()


def fronts(said: Said) -> list[str]:
    """The roles that can stand in front without another reading."""
    found = []
    if said.time is not None and said.time.fronts:
        found += ["time"] * 3
    if said.particle in (say.UNFORTUNATELY, say.MAYBE):
        found += ["particle"] * 3
    if said.dative is not None:
        found += ["dative"] * 2
    thing, who = said.accusative, said.subject
    if thing is not None and not said.negated * (thing.determiner in ("not a", "no")):
        apart = who.shows_case or thing.shows_case or who.plural != thing.plural
        easy = not (thing.pronoun and thing.english_object[0][0] in ("it", "nobody", "her", "them"))
        if apart and easy and thing.determiner not in ("no", "not a"):
            found += ["accusative"] * 3
    if said.whereabouts in (say.HERE, say.THERE, say.OVER_THERE, say.IN_BERLIN, say.OUTSIDE) and said.tense == "present":
        found.append("whereabouts")
    if said.place is not None and said.place.german in ("in", "auf", "an") and said.place.case == "dat":
        found.append("place")
    return found


def fronted(chance: Chance, numbers: Numbers) -> Sides:
    """Den Hund sehe ich. Hier wohne ich. Leider habe ich keine Zeit. Mir gefällt das Buch."""
    draw = chance.draw()
    if draw < 0.08:
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


def showing(chance: Chance, numbers: Numbers) -> Sides:
    """Hier ist dein Buch. / Here is your book. Im Garten ist eine Katze. / There is a cat in the garden."""
    if chance.happens(0.5):
        thing = thing_of(chance, chance.pick(say.every("people animal vehicle text thing place money drink")), "pointed")
        while thing.determiner in ("a", ""):
            thing = thing_of(chance, chance.pick(THINGS), "pointed")
        where = word(*chance.pick((("hier", "here"), ("hier", "here"), ("dort", "there"), ("da", "there"))), numbers, "ADV")
        be = word(SEIN[thing.person], AM[thing.person], numbers, "AUX")
        return joined(where, be, placed(thing, "nom", numbers))
    place = at(chance, chance.pick("garden park kitchen room house street car table bag bus school".split()))
    noun = chance.pick(say.every("people animal") if place.phrase.noun.kind == "place" else say.every("thing text animal"))
    plural = bool(noun.german_plural) and chance.happens(0.3)
    thing = noun_phrase(noun, chance.pick(("two", "many", "three")) if plural else "a",
                        chance.pick(suiting(noun)) if chance.happens(0.2) else "", plural)  # fmt: skip
    past = chance.happens(0.15)
    base = Said(thing, BE, "past" if past else "present", place=place).pieces(numbers)
    base.front = "place"
    there = (tagged("there", "PRON"), base.verb)
    be = (tagged((WAS if past else AM)[thing.person], "VERB"), base.verb)
    return base.verb_second(), [there, be, *base.subject[1], *base.place[1]]


# Questions ------------------------------------------------------------------------------------------------------


def asking(chance: Chance, numbers: Numbers) -> Sides:
    """Hast du einen Hund? Bist du nicht müde? Können Sie mir helfen?"""
    numbers.mark, draw = "?", chance.draw()
    if draw < 0.03:
        return naming(called(chance, True), named(chance), numbers, "question")
    if draw < 0.08:
        return existing(chance, numbers, "question")
    said = any_said(chance, polite=True)
    while said.subject.determiner in ("no", "every", "many") or said.particle in (say.UNFORTUNATELY, say.MAYBE):
        said = any_said(chance, polite=True)
    if said.modal and said.particle is None and said.subject.english[0][0] == "you" and chance.happens(0.35):
        said.particle = say.PLEASE
    return said.pieces(numbers).question()


def plain_act(chance: Chance, **fixed) -> Said:
    """Somebody does something that can be asked about: nothing vague, no small words."""
    while True:
        said = act(chance, polite=True, **fixed)
        if said.particle in (None, say.ALREADY, say.AGAIN, say.ALSO) and not vague(said):
            return said


def vague(said: Said) -> bool:
    """It speaks of nobody, everybody, nothing."""
    things = (said.subject, said.accusative, said.dative)
    return any(thing is not None and thing.determiner in ("some", "no", "every", "not a") for thing in things)


def who_asks(chance: Chance) -> tuple[Said, str]:
    """Wer kommt? Wer ist müde? Wer hat das Buch gelesen?"""
    who, draw = pronoun("who"), chance.draw()
    if draw < 0.6:
        said = act(chance, "person", subject=who)
        while vague(said) or said.particle in (say.UNFORTUNATELY, say.MAYBE) or said.manner is say.TOGETHER:
            said = act(chance, "person", subject=who)
    elif draw < 0.75:
        said = quality(chance, subject=who)
    elif draw < 0.88:
        said = presence(chance, subject=who)
    else:
        said = state(chance)
        said.subject = who
    if said.particle in (say.UNFORTUNATELY, say.MAYBE):
        said.particle = None
    return said, "subject"


def who_is(chance: Chance) -> tuple[Said, str]:
    """Wer ist das? Wer bist du? Was ist das? Wer ist dein Lehrer?"""
    draw = chance.draw()
    if draw < 0.3:
        who, ask = somebody(chance, True), "who"
    elif draw < 0.45:
        who, ask = pronoun("that"), chance.pick(("who", "what"))
    elif draw < 0.8:
        who, ask = thing_of(chance, chance.pick(NEAR), "pointed"), "who"
    elif draw < 0.88:
        name = noun_phrase(say.MORE_NOUNS["name"], chance.pick(("your", "your", "your P", "his", "her", "my", "your p")))
        return Said(name, BE, complement=say.WHAT_NAME), "complement"
    else:
        who, ask = thing_of(chance, chance.pick(say.every("question text")), "known"), "what"
    while who.determiner in ("a", "", "some", "no", "every", "many", "two", "three"):
        who = thing_of(chance, chance.pick(NEAR), "pointed")
    return Said(who, BE, "past" if chance.happens(0.15) else "present", complement=pronoun(ask)), "complement"


def what_is_there(chance: Chance) -> tuple[Said, str]:
    """Was ist in der Tasche? Was liegt auf dem Tisch?"""
    said = Said(pronoun("what"), chance.pick((BE, BE, SPEECH["lie"], SPEECH["stand"])))
    if chance.happens(0.2) and said.verb is BE:
        said.adjective = chance.pick(("important", "expensive", "wrong", "difficult", "good", "beautiful"))
        said.negated = chance.happens(0.15)
    elif chance.happens(0.2):
        said.whereabouts = chance.pick((say.HERE, say.THERE))
    else:
        said.place = at(chance, chance.pick("table bag room kitchen garden car house street".split()))
    return said, "subject"


def whom_or_what(chance: Chance) -> tuple[Said, str]:
    """Was isst du? Wen hast du gesehen? Wem hilfst du?"""
    draw = chance.draw()
    if draw < 0.22:
        return doing(chance)
    said = plain_act(chance, who="person")
    while (said.accusative is None and said.dative is None) or said.subject.determiner == "both" and chance.happens(0.5):
        said = plain_act(chance, who="person")
    if said.accusative is not None and said.accusative.noun is not None and said.accusative.noun.kind == "language":
        return doing(chance)
    if said.dative is not None and (said.accusative is None or chance.happens(0.4)):
        said.dative = pronoun("who")
        return said, "dative"
    thing = said.accusative
    person = thing.noun.kind in ("ruler", "person") if thing.noun else thing.english_object[0][0] not in ("it", "that")
    said.accusative = pronoun("who" if person else "what")
    if said.verb is say.NOTHING or said.particle is say.ONLY:
        said.particle = None
    return said, "accusative"


def doing(chance: Chance) -> tuple[Said, str]:
    """Was machst du? / What are you doing? Was hast du gesagt? / What did you say?"""
    said = Said(somebody(chance, True), SPEECH[chance.pick(("do", "do", "do", "say", "know that"))])
    while said.subject.determiner in ("some", "no", "every"):
        said.subject = somebody(chance, True)
    draw, do = chance.draw(), said.verb.name == "do"
    said.accusative = pronoun("what")
    if draw < 0.45:
        said.meaning = ("progressive", "") if do else None
        if do and chance.happens(0.5):
            said.time = chance.pick((*say.TIMES["today"], *say.TIMES["now"], *CASUAL))
            said.whereabouts = chance.pick((say.HERE, say.THERE, say.OVER_THERE)) if chance.happens(0.2) else None
    elif draw < 0.75:
        said.tense = "past"
        said.time = chance.pick((None, *say.TIMES["past"], *say.TIMES["today"]))
    elif draw < 0.9:
        said.modal = chance.pick(("can", "want", "have", "should", "would like"))
        said.elided = do and said.modal in ("want", "would like") and chance.happens(0.5)
        if said.elided:
            said.verb = say.NOTHING
    elif do:
        said.time, said.meaning = chance.pick(say.TIMES["future"]), ("present", "will")
    return said, "accusative"


CASUAL = (None, None)


def where_asks(chance: Chance) -> tuple[Said, str]:
    """Wo ist der Hund? Wo wohnst du? Wo warst du gestern?"""
    if chance.happens(0.55):
        said = Said(whose_place(chance), BE)
        if chance.happens(0.25):
            said.tense, said.time = "past", chance.pick((None, *say.TIMES["past"], *say.TIMES["today"]))
        elif chance.happens(0.1):
            said.time = say.TIMES["now"][0]
    else:
        said = plain_act(chance)
        while said.elided or said.company or said.verb.name in ("walk", "go", "run", "come", "fly") or said.negated:
            said = plain_act(chance)
        said.manner = None
    said.place = said.whereabouts = None
    said.asked = say.WHERE
    return said, "asked"


def whose_place(chance: Chance):
    """Whatever one can look for."""
    draw = chance.draw()
    if draw < 0.35:
        who = somebody(chance, True)
        while who.determiner in ("some", "no", "every"):
            who = somebody(chance, True)
        return who
    return thing_of(chance, chance.pick((*THINGS, *NEAR, *say.every("animal money station school"))), "known")


def going(chance: Chance) -> tuple[Said, str]:
    """Wohin gehst du? / Where are you going? Woher kommst du? / Where do you come from?"""
    who = somebody(chance, True)
    while who.determiner in ("some", "no"):
        who = somebody(chance, True)
    if chance.happens(0.4):
        return Said(who, SPEECH["come"], asked=say.WHERE_FROM), "asked"
    said = Said(who, SPEECH[chance.pick(("walk", "walk", "go", "go", "run", "fly"))], asked=say.WHERE_TO)
    draw = chance.draw()
    if draw < 0.5:
        said.meaning = ("progressive", "")
        said.time = chance.pick((None, None, *say.TIMES["now"], *say.TIMES["today"]))
    elif draw < 0.8:
        said.tense, said.time = "past", chance.pick((None, *say.TIMES["past"]))
    else:
        said.modal = chance.pick(("want", "have", "would like", "can"))
        said.elided = said.modal in ("want", "have") and chance.happens(0.3)
    return said, "asked"


def when_why(chance: Chance) -> tuple[Said, str]:
    """Wann kommt der Bus? Warum bist du traurig? Wie lange bleibst du? Wie spielt er?"""
    ask = chance.pick((say.WHEN, say.WHEN, say.AT_WHAT_TIME, say.WHEN, say.WHY, say.WHY, say.WHY, say.HOW_LONG, say.HOW_OFTEN, say.HOW))
    if ask is say.WHY or (ask is say.WHEN and chance.happens(0.15)):
        said = any_said(chance, True)
        while vague(said) or said.particle in (say.UNFORTUNATELY, say.MAYBE, say.EITHER, say.YET):
            said = any_said(chance, True)
    elif ask is say.HOW_LONG:
        said = Said(somebody(chance, True), SPEECH[chance.pick(("stay", "sleep", "work", "wait", "live", "learn", "play"))])
        said.tense = "past" if chance.happens(0.4) else "present"
        said.whereabouts = chance.pick((None, None, say.HERE, say.IN_BERLIN))
        while vague(said):
            said.subject = somebody(chance, True)
    else:
        said = plain_act(chance)
    if ask in (say.WHEN, say.AT_WHAT_TIME, say.HOW_OFTEN):
        said.time, said.negated = None, False
        if said.meaning == ("progressive", ""):
            said.meaning = None
        while said.accusative is not None and said.accusative.determiner in ("not a", "no"):
            said = plain_act(chance)
            said.time = said.meaning = None
            said.negated = False
    if ask is say.HOW:
        said = how_asked(chance)
    said.asked, said.gladly = ask, False
    if said.particle in (say.EITHER, say.YET):
        said.particle = None
    return said, "asked"


def how_asked(chance: Chance) -> Said:
    """Wie ist der Kaffee? Wie kommst du nach Hause? Wie war die Schule?"""
    if chance.happens(0.6):
        thing = thing_of(chance, chance.pick(THINGS), "known", decorate=0.1)
        return Said(pronoun("that") if chance.happens(0.15) else thing, BE, "past" if chance.happens(0.4) else "present")
    said = Said(somebody(chance, True), SPEECH[chance.pick(("come", "come", "go"))], whereabouts=chance.pick((say.HOME, say.TO_BERLIN)))
    while vague(said):
        said.subject = somebody(chance, True)
    return said


def how_much(chance: Chance) -> tuple[Said, str]:
    """Wie alt bist du? Wie teuer ist das Auto? Wie groß ist euer Haus?"""
    draw = chance.draw()
    if draw < 0.45:
        who, name = somebody(chance, True), "old"
    else:
        who = anything(chance, True)
        name = chance.pick(MEASURED.get(who.noun.kind if who.noun else "", ("old",)))
    while vague(Said(who, BE)) or (who.pronoun and who.english[0][0] in ("that", "it", "everything", "nothing") and name == "old"):
        who, name = somebody(chance, True), chance.pick(("old", "old", "big"))
    return Said(who, BE, "past" if chance.happens(0.1) else "present", adjective=name, degree="how"), "predicate"


MEASURED = {
    "thing": ("expensive", "big", "old"), "vehicle": ("expensive", "old", "fast", "big"), "text": ("long", "difficult", "old"),
    "place": ("big", "old", "beautiful"), "animal": ("old", "big", "fast"), "food": ("expensive",), "drink": ("hot", "cold", "expensive"),
    "fruit": ("expensive", "big"), "person": ("old", "big"), "ruler": ("old",),
}  # fmt: skip


def which(chance: Chance) -> tuple[Said, str]:
    """Welches Buch liest du? Wie viele Kinder hast du? Wessen Hund ist das? Wie viel Geld brauchst du?"""
    draw = chance.draw()
    if draw < 0.15:
        noun = chance.pick(say.every("thing text animal vehicle house garden room money child friend"))
        return Said(pronoun("that"), BE, complement=noun_phrase(noun, "whose")), "complement"
    if draw < 0.3:
        noun = chance.pick(tuple(noun for noun in (*THINGS, *NEAR) if not noun.mass))
        who = noun_phrase(noun, "which")
        said = quality(chance, subject=who) if chance.happens(0.6) or noun.kind in ("place", "thing", "text", "fruit") else act(chance, "person" if noun.kind == "person" else "vehicle", subject=who)
        while vague(said) or said.verb.name == "cross":
            said = quality(chance, subject=who)
        said.particle = None
        return said, "subject"
    action = chance.pick(WITH_OBJECT)
    said = Said(somebody(chance, True), action.verb)
    while vague(said):
        said.subject = somebody(chance, True)
    said.tense = "past" if chance.happens(0.35) else "present"
    if said.tense == "present" and chance.happens(0.25):
        said.modal = chance.pick(("want", "can", "have", "would like", "should"))
    noun = chance.pick(action.objects)
    kinds = [name for name in ("which", "which", "how many" if noun.german_plural else "", "how much" if noun.mass else "", "whose") if name]
    name = chance.pick(kinds if not noun.mass else ("how much",))
    if said.verb.name in ("have", "need"):
        name = "how many" if noun.german_plural and not noun.mass else "how much" if noun.mass else "which"
        said.modal = ""
    thing = say.much(noun, name) if name.startswith("how") else noun_phrase(noun, name, "", name == "which" and bool(noun.german_plural) and chance.happens(0.25))
    role = "dative" if "dat" in action.flags else "accusative"
    if role == "dative" and thing.determiner == "much":
        thing = noun_phrase(noun, "which")
    setattr(said, role, thing)
    return said, role


def how_are(chance: Chance) -> tuple[Said, str]:
    """Wie geht es dir? / How are you?"""
    who = person_object(chance, pronoun("that"), NEAR)
    while who.determiner in ("some", "both", "a", "'s", "no"):
        who = person_object(chance, pronoun("that"), NEAR)
    said = Said(IT, SPEECH["walk"], dative=who, asked=say.HOW, experiencer=True, english_verb=BE)
    if chance.happens(0.2):
        said.time = chance.pick((*say.TIMES["today"], say.TIMES["now"][0]))
    return said, "asked"


def with_whom(chance: Chance) -> tuple[Said, str]:
    """Mit wem spielst du? Auf wen wartest du?"""
    said = Said(somebody(chance, True), SPEECH[chance.pick(("play", "speak", "speak", "come", "wait", "wait", "live"))])
    while vague(said) or said.subject.determiner == "both":
        said.subject = somebody(chance, True)
    said.tense = "past" if chance.happens(0.35) else "present"
    if said.verb.name == "wait":
        said.place = Place("auf", "acc", "for", pronoun("who"))
        return said, "place"
    said.company = Place("mit", "dat", "with", pronoun("who"))
    return said, "company"


QUESTIONS = (
    (who_asks,) * 4 + (who_is,) * 2 + (what_is_there,) + (whom_or_what,) * 5 + (where_asks,) * 5 + (going,) * 3
    + (when_why,) * 6 + (how_much,) * 2 + (which,) * 3 + (how_are,) + (with_whom,)
)  # fmt: skip


def open_question(chance: Chance, numbers: Numbers) -> Sides:
    """Wo bist du? Was machst du? Wie heißt du?"""
    numbers.mark = "?"
    if chance.happens(0.03):
        return what_name(called(chance, True), numbers)
    said, role = chance.pick(QUESTIONS)(chance)
    return said.pieces(numbers).asks(role)


# Commands -------------------------------------------------------------------------------------------------------

ASKED_FOR = frozenset(name.replace("+", " ") for name in (
    "eat drink read write translate buy look+for visit open close call invite feed paint wash repair help give show bring "
    "sing come walk go work learn ask answer wait stay take do forget speak run sleep laugh play sit stand"
).split())  # fmt: skip


def command(chance: Chance, numbers: Numbers) -> Sides:
    """Hilf mir! Kommt bitte! Warten Sie hier! Sei nicht traurig! Vergiss das nicht!"""
    numbers.mark = "!"
    person = chance.pick(("du", "du", "du", "ihr", "sie", "sie"))
    you = pronoun({"du": "you", "ihr": "you all", "sie": "you polite"}[person])
    said = commanded(chance, you)
    draw = chance.draw()
    if draw < 0.2:
        said.particle = say.PLEASE
    sides = said.pieces(numbers).commanded(person)
    if 0.2 < draw < 0.35:
        return joined(word("bitte", "please", numbers), sides)
    if 0.35 < draw < 0.39:
        return joined(sides, word(",", ",", numbers), word("bitte", "please", numbers))
    return sides


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
    said.particle = None
    said.time = chance.pick((*say.TIMES["now"][:1], *say.TIMES["today"], *say.TIMES["future"][:1])) if chance.happens(0.12) else None
    if said.manner not in (None, say.FAST, say.SLOWLY, say.WELL):
        said.manner = None
    return said


STATE_OF_FEAR = (tagged("Angst", "NOUN"), tagged("afraid", "ADJ"))
