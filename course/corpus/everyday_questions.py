"""Everyday questions: yes or no; who, what, where, when, why, how, which, whose, with whom."""

from __future__ import annotations

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.clauses import Sides
from course.corpus.everyday_actions import WITH_OBJECT, act, at
from course.corpus.everyday_asked import WHO, from_whom, given_to, opinion_asked, since_when, way_asked, with_whom
from course.corpus.everyday_being import BE, IT, SPEECH, anything, presence, quality, state
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_mood import unopened, without_particle
from course.corpus.everyday_more import any_said, comparing, done_to
from course.corpus.everyday_naming import called, existing, naming, what_name
from course.corpus.everyday_nouns import NEAR, THINGS, definite_somebody, named, person_object, somebody, thing_of
from course.corpus.everyday_often import bare_object, has_done, knew
from course.corpus.everyday_phrases import phrase
from course.corpus.groups import Numbers
from course.corpus.phrases import noun_phrase, pronoun
from course.corpus.simple import joined, word


def asking(chance: Chance, numbers: Numbers) -> Sides:
    """Hast du einen Hund? Bist du nicht müde? Können Sie mir helfen?"""
    numbers.mark, draw = "?", chance.draw()
    if draw < 0.03:
        return naming(called(chance, True), named(chance), numbers, "question")
    if draw < 0.08:
        return existing(chance, numbers, "question")
    if draw < 0.09:
        return comparing(chance, numbers, question=True)
    you = pronoun(chance.pick(("you", "you", "you all", "you polite", "you polite")))
    said = bare_object(chance, subject=you) if draw < 0.17 else any_said(chance, polite=True)
    while said.subject.determiner in ("no", "every", "many") or said.particle in (say.UNFORTUNATELY, say.MAYBE):
        said = any_said(chance, polite=True)
    if said.modal and said.particle is None and said.subject.english[0][0] in ("you", "I", "we"):
        said.particle = say.PLEASE if chance.happens(0.45 if said.subject.english[0][0] == "you" else 0.3) else None
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
    if draw < 0.15:
        said = chance.pick((bare_object, bare_object, has_done, knew))(chance, subject=who)
    elif draw < 0.6:
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
    return unopened(said), "subject"


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
        name = noun_phrase(
            say.MORE_NOUNS["name"], chance.pick(("your", "your", "your P", "his", "her", "my", "your p"))
        )
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
        said.place = at(chance, chance.pick(["table", "bag", "room", "kitchen", "garden", "car", "house", "street"]))
    return said, "subject"


def whom_or_what(chance: Chance) -> tuple[Said, str]:
    """Was isst du? Wen hast du gesehen? Wem hilfst du?"""
    draw = chance.draw()
    if draw < 0.22:
        return doing(chance)
    said = plain_act(chance, who="person")
    while (said.accusative is None and said.dative is None) or (
        said.subject.determiner == "both" and chance.happens(0.5)
    ):
        said = plain_act(chance, who="person")
    language = said.accusative is not None and said.accusative.noun and said.accusative.noun.kind == "language"
    if language or said.verb.name in ("carry", "do", "make"):  # was trägt er: wears or carries? let it be wears
        return doing(chance)
    if said.dative is not None and (said.accusative is None or chance.happens(0.4)):
        said.dative = pronoun("who") if said.accusative is None else WHO
        return said, "dative"
    thing = said.accusative
    person = thing.noun.kind in ("ruler", "person") if thing.noun else thing.english_object[0][0] not in ("it", "that")
    whom = WHO if said.verb.name == "look for" else pronoun("who")  # who are you looking for
    said.accusative = whom if person else pronoun("what")
    if said.verb is say.NOTHING or said.particle is say.ONLY:
        without_particle(said)
    return said, "accusative"


def doing(chance: Chance) -> tuple[Said, str]:
    """Was machst du? / What are you doing? Was hast du gesagt? / What did you say?"""
    you = pronoun(chance.pick(("you", "you", "you all", "you polite")))
    who = you if chance.happens(0.4) else definite_somebody(chance, True)
    said = Said(who, SPEECH[chance.pick(("do", "do", "do", "say", "know that"))])
    said.accusative, draw, do = pronoun("what"), chance.draw(), said.verb.name == "do"
    if draw < 0.45:
        said.meaning = ("progressive", "") if do else None
        if do and chance.happens(0.35):
            said.time = chance.pick((*say.TIMES["today"], *say.TIMES["now"], *CASUAL))
            said.whereabouts = chance.pick((say.HERE, say.THERE, say.OVER_THERE)) if chance.happens(0.2) else None
    elif draw < 0.75:
        said.tense, said.time = "past", chance.pick((None, *say.TIMES["past"], *say.TIMES["today"]))
    elif draw < 0.9:
        said.modal = chance.pick(("can", "want", "have", "should", "would like"))
        if do and said.modal in ("want", "would like") and chance.happens(0.5):
            said.verb, said.elided = say.NOTHING, True
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
    said.place, said.whereabouts = None, say.HERE if said.verb.name in ("buy", "find", "eat", "drink", "play") and (
        chance.happens(0.2)) else None  # fmt: skip
    said.asked = say.WHERE
    return said, "asked"


def whose_place(chance: Chance):
    """Whatever one can look for."""
    draw = chance.draw()
    if draw < 0.35:
        who = definite_somebody(chance, True)
        return who
    return thing_of(chance, chance.pick((*THINGS, *NEAR, *say.every("animal money station school"))), "known")


def going(chance: Chance) -> tuple[Said, str]:
    """Wohin gehst du? / Where are you going? Woher kommst du? / Where do you come from?"""
    who = definite_somebody(chance, True)
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
        said.elided = said.verb.name in ("walk", "go") and said.modal in ("want", "have") and chance.happens(0.3)
    return said, "asked"


def when_why(chance: Chance) -> tuple[Said, str]:
    """Wann kommt der Bus? Warum bist du traurig? Wie lange bleibst du? Wie spielt er?"""
    ask = chance.pick(WHEN_WHY)
    said = {say.WHY: why_asked, say.HOW_LONG: how_long_asked, say.HOW: how_asked}.get(ask, when_asked)(chance)
    said.asked, said.gladly = ask, False
    if said.particle in (say.EITHER, say.YET):
        without_particle(said)
    return said, "asked"


WHEN_WHY = (say.WHEN,) * 3 + (say.WHY,) * 3 + (say.AT_WHAT_TIME, say.HOW_LONG, say.HOW_OFTEN, say.HOW)


def why_asked(chance: Chance) -> Said:
    """Anything has its reason."""
    said = any_said(chance, True)
    while vague(said) or said.particle in (say.UNFORTUNATELY, say.MAYBE):
        said = any_said(chance, True)
    return said


def when_asked(chance: Chance) -> Said:
    """What is done at some time, not said which."""
    said = chance.pick((why_asked, done_to))(chance) if chance.happens(0.2) else plain_act(chance)
    while said.negated or (said.accusative is not None and said.accusative.determiner == "no"):
        said = plain_act(chance)
    said.time = None
    going_on = said.passive and said.tense == "present" and not (said.verb.lasting or said.modal)
    said.meaning = ("progressive", "") if going_on else None
    return without_particle(said) if said.particle is say.ALREADY else unopened(said)


def how_long_asked(chance: Chance) -> Said:
    """What takes its time."""
    verb = chance.pick(("stay", "sleep", "work", "wait", "live", "learn", "play"))
    said = Said(definite_somebody(chance, True), SPEECH[verb], "past" if chance.happens(0.4) else "present")
    said.whereabouts = chance.pick((None, None, say.HERE, say.IN_BERLIN))
    return said


def how_asked(chance: Chance) -> Said:
    """Wie ist der Kaffee? Wie kommst du nach Hause? Wie war die Schule?"""
    if chance.happens(0.6):
        thing = thing_of(chance, chance.pick((*THINGS, *say.every("day evening week") * 3)), "known", decorate=0.1)
        thing = chance.pick(say.SPOTS_NAMED) if chance.happens(0.05) else thing
        return Said(
            pronoun("that") if chance.happens(0.15) else thing, BE, "past" if chance.happens(0.4) else "present"
        )
    said = Said(
        somebody(chance, True),
        SPEECH[chance.pick(("get", "get", "go"))],
        whereabouts=chance.pick((say.HOME, say.TO_BERLIN)),
    )
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
    while vague(Said(who, BE)) or (
        who.pronoun and who.english[0][0] in ("that", "it", "everything", "nothing") and name == "old"
    ):
        who, name = somebody(chance, True), chance.pick(("old", "old", "big"))
    return Said(who, BE, "past" if chance.happens(0.1) else "present", adjective=name, degree="how"), "predicate"


MEASURED = {
    "thing": ("expensive", "big", "old"), "vehicle": ("expensive", "old", "fast", "big"),
    "text": ("long", "difficult", "old"), "drink": ("hot", "cold", "expensive"),
    "place": ("big", "old", "beautiful"), "animal": ("old", "big", "fast"), "food": ("expensive",),
    "fruit": ("expensive", "big"), "person": ("old", "big"), "ruler": ("old",),
}  # fmt: skip


def which(chance: Chance) -> tuple[Said, str]:
    """Welches Buch liest du? Wie viele Kinder hast du? Wessen Hund ist das? Wie viel Geld brauchst du?"""
    draw = chance.draw()
    if draw < 0.15:
        noun = chance.pick(say.every("thing text animal vehicle house garden room money child friend"))
        return Said(pronoun("that"), BE, complement=noun_phrase(noun, "whose")), "complement"
    if draw < 0.3:
        return which_does(chance), "subject"
    return which_object(chance)


def which_object(chance: Chance) -> tuple[Said, str]:
    """To which, whose, how many of them somebody does something."""
    action = chance.pick(WITH_OBJECT)
    said = Said(definite_somebody(chance, True), action.verb, "past" if chance.happens(0.35) else "present")
    owning, noun = said.verb.name in ("have", "need"), chance.pick(action.objects)
    if said.tense == "present" and chance.happens(0.25) and not owning:
        said.modal = chance.pick(("want", "can", "have", "would like", "should"))
    many = ("how many",) if noun.german_plural else ()
    name = chance.pick(("how much",) if noun.mass else many if owning and many else ("which", "which", "whose", *many))
    role = "dative" if "dat" in action.flags else "accusative"
    if name.startswith("how") and role == "accusative":
        thing = say.much(noun, name)
    else:
        several = bool(noun.german_plural) and chance.happens(0.15)
        thing = noun_phrase(noun, name if name == "whose" else "which", "", several)
    setattr(said, role, thing)
    return said, role


def which_does(chance: Chance) -> Said:
    """Welcher Hund ist müde? Welcher Bus kommt?"""
    noun = chance.pick(tuple(noun for noun in (*THINGS, *NEAR) if not noun.mass))
    who = noun_phrase(noun, "which")
    if chance.happens(0.6) or noun.kind not in ("person", "vehicle"):
        return without_particle(quality(chance, subject=who))
    said = act(chance, noun.kind, subject=who)
    while vague(said) or said.verb.name == "cross":
        said = quality(chance, subject=who)
    return without_particle(said)


def how_are(chance: Chance) -> tuple[Said, str]:
    """Wie geht es dir? / How are you?"""
    who = person_object(chance, pronoun("that"), NEAR)
    while who.determiner in ("some", "both", "a", "'s", "no"):
        who = person_object(chance, pronoun("that"), NEAR)
    said = Said(IT, SPEECH["walk"], dative=who, asked=say.HOW, experiencer=True, english_verb=BE)
    if chance.happens(0.2):
        said.time = chance.pick((*say.TIMES["today"], say.TIMES["now"][0]))
    return said, "asked"


def what_time(numbers: Numbers, inside: bool = False) -> Sides:
    """Wie spät ist es? / What time is it? (ich weiß nicht,) wie spät es ist / what time it is"""
    hour = phrase("wie/ADV=what/DET spät/ADJ=time/NOUN", numbers)
    be, it = word("ist", "is", numbers, "AUX"), word("es", "it", numbers)
    return joined(hour, it, be) if inside else joined(hour, be, it)


QUESTIONS = (
    (doing, how_are)
    + (who_asks,) * 4 + (who_is,) * 2 + (what_is_there,) + (whom_or_what,) * 5 + (where_asks,) * 5 + (going,) * 3
    + (when_why,) * 6 + (how_much,) * 2 + (which,) * 3 + (how_are,) + (with_whom,) * 2
    + (from_whom, opinion_asked, since_when, way_asked, given_to)
)  # fmt: skip


def open_question(chance: Chance, numbers: Numbers) -> Sides:
    """Wo bist du? Was machst du? Wie heißt du?"""
    numbers.mark = "?"
    draw = chance.draw()
    if draw < 0.03:
        please = chance.happens(0.2)
        named_so = what_name(pronoun("you polite") if please else called(chance, True), numbers)
        return joined(named_so, phrase("bitte/INTJ=,/PUNCT+please/INTJ", numbers)) if please else named_so
    if draw < 0.04:
        return what_time(numbers)
    said, role = chance.pick(QUESTIONS)(chance)
    sides = said.pieces(numbers).asks(role)
    if len(sides[0]) < 7 and said.particle is None and chance.happens(0.06):  # wie heißen Sie bitte?
        sign = word(",", "", numbers) if chance.happens(0.3) else ([], [])
        return joined(sides, (sign[0], []), phrase("bitte/INTJ=,/PUNCT+please/INTJ", numbers))
    return sides
