"""Everyday sentences of several clauses: weil, dass, wenn, ob; relative clauses; und, aber, denn; two in a row."""

from __future__ import annotations

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.clauses import Sides
from course.corpus.everyday_actions import act
from course.corpus.everyday_being import BE, IT, SPEECH, identity, pleasing, presence, quality, state, weather
from course.corpus.everyday_clauses import SOME, Said
from course.corpus.everyday_mood import unopened
from course.corpus.everyday_more import wider
from course.corpus.everyday_naming import called, naming, what_name
from course.corpus.everyday_nouns import NEAR, definite_somebody, named, somebody, thing_of
from course.corpus.everyday_often import KNEW, THOUGHT
from course.corpus.everyday_questions import (
    QUESTIONS,
    vague,
    what_time,
)
from course.corpus.everyday_shared import lonely_act, same_subject, three_verbs, two_verbs
from course.corpus.everyday_simple import commanded
from course.corpus.groups import Numbers
from course.corpus.phrases import Phrase, noun_phrase, pronoun
from course.corpus.simple import comma, joined, word
from course.corpus.verbs import VERBS

INNER = (act,) * 6 + (quality,) * 4 + (presence, state, identity) * 2 + (wider,) * 3


def clause(chance: Chance, polite: bool = True) -> Said:
    """A clause that can stand inside another, with no small word that opens the sentence."""
    draw = chance.draw()
    said = (
        weather(chance)
        if draw < 0.05
        else pleasing(chance)
        if draw < 0.1
        else chance.pick(INNER)(chance, polite=polite)
    )
    return unopened(said)


def inner_sides(chance: Chance, numbers: Numbers, subject: Phrase | None = None, before: Phrase | None = None) -> Sides:
    """(weil) ich keine Zeit habe / I have no time. subject: of it, where it can be; before: of the clause before."""
    if chance.happens(0.03):
        return naming(called(chance, True), named(chance), numbers, "inside")
    said = clause(chance)
    if (
        subject is not None
        and said.subject.living
        and said.subject is not IT
        and not said.experiencer
        and said.subject.determiner != "both"
    ):
        said.subject = subject
        if said.manner is say.TOGETHER:
            said.manner = None
    if before is not None:
        meaning_it(said, before)
    parts = said.pieces(numbers)
    return parts.verb_last(), parts.english()


def meaning_it(said: Said, before: Phrase) -> None:
    """er after an animal or a thing is it."""
    if before.noun is None or before.plural or before.noun.kind in ("person", "ruler"):
        return
    if said.subject is pronoun({"m": "he", "f": "she"}.get(before.gender, "it n")):
        said.subject = pronoun(f"it {before.gender}")


WHY = (("weil", "because"),) * 4 + (("obwohl", "although"),)


def reason(chance: Chance, numbers: Numbers) -> Sides:
    """Ich bleibe zu Hause, weil ich krank bin. / I stay at home because I am sick."""
    if chance.happens(0.3):
        return reason_first(chance, numbers)
    main = clause(chance, polite=False)
    he = _again(main.subject) if chance.happens(0.6) else None
    start = main.pieces(numbers).statement()
    link = word(*chance.pick(WHY), numbers)
    return joined(start, comma(numbers), link, inner_sides(chance, numbers, he, main.subject))


def acting(said: Said) -> bool:
    """Any one person could be its subject."""
    living = said.subject.living and said.subject is not IT and said.subject.determiner != "some"
    return living and not said.experiencer and said.manner is not say.TOGETHER


def reason_first(chance: Chance, numbers: Numbers) -> Sides:
    """Weil es regnet, bleiben wir zu Hause. / Because it is raining, we stay at home."""
    main, inner = clause(chance), clause(chance) if chance.happens(0.65) else weather(chance)
    he = _again(inner.subject) if chance.happens(0.5) else None
    if he is not None and acting(main):
        main.subject = he
    inside, parts = unopened(inner).pieces(numbers), main.pieces(numbers)
    within = joined(word(*chance.pick(WHY[2:]), numbers), (inside.verb_last(), inside.english()))
    return joined(within, word(",", ",", numbers), (parts.verb_first(), parts.english()))


def _again(who: Phrase) -> Phrase | None:
    """The same person in the next clause: Anna ... sie."""
    if who.pronoun:
        free = who.determiner != "some" and who.english[0][0] not in ("that", "it", "who")
        return who if free and not _sie(who) else None
    if who.plural or who.determiner in ("no", "every"):
        return None
    if who.noun.kind not in ("person", "ruler"):
        return pronoun(f"it {who.gender}")
    return {"m": pronoun("he"), "f": pronoun("she")}.get(who.gender)


def _sie(who: Phrase) -> bool:
    """Its German is sie, small or not."""
    return who.german["nom"][0][0].lower() == "sie" and who.plural


def condition(chance: Chance, numbers: Numbers) -> Sides:
    """Wenn es regnet, bleiben wir zu Hause. Ich lache, wenn ich glücklich bin."""
    if chance.happens(0.3):
        return on_condition(chance, numbers)
    link, first = word("wenn", "when", numbers), chance.happens(0.6)
    main, inner = at_any_time(clause(chance)), at_any_time(clause(chance))
    if chance.happens(0.25) and inner.time is None and not inner.negated and inner.subject.determiner != SOME:
        inner.time = chance.pick((*say.TIMES["future"], *say.TIMES["today"]))  # when you have time tomorrow
        doing = main.verb.name not in ("be", "rain", "snow", "like") and main.state is None and not main.passive
        if doing and not main.gladly and not main.elided and not main.modal:
            main.modal = chance.pick(("can", "will", "have", "want"))
    if chance.happens(0.35):
        inner = Said(IT, SPEECH[chance.pick(("rain", "rain", "snow"))], negated=chance.happens(0.15))
    if main.subject is pronoun("you polite") and not first:
        main.subject = pronoun("you")
    parts, inside = main.pieces(numbers), inner.pieces(numbers)
    within = joined(link, (inside.verb_last(), inside.english()))
    if first:
        return joined(within, word(",", ",", numbers), (parts.verb_first(), parts.english()))
    return joined(parts.statement(), comma(numbers), within)


def on_condition(chance: Chance, numbers: Numbers) -> Sides:
    """Ruf mich an, wenn du Zeit hast! Was machst du, wenn es regnet? Wenn du müde bist, geh nach Hause!"""
    person, name = chance.pick((("du", "you"), ("du", "you"), ("ihr", "you all"), ("sie", "you polite")))
    inner, you, link = at_any_time(clause(chance)), pronoun(name), word("wenn", "when", numbers)
    if acting(inner) and chance.happens(0.6):
        inner.subject = you
    inside = inner.pieces(numbers)
    within = joined(link, (inside.verb_last(), inside.english()))
    if chance.happens(0.5):
        numbers.mark = "!"
        said = commanded(chance, you)
        said.particle = say.PLEASE if chance.happens(0.2) else None
        sides = said.pieces(numbers).commanded(person)
        first = chance.happens(0.3)
        return joined(within, word(",", ",", numbers), sides) if first else joined(sides, comma(numbers), within)
    numbers.mark = "?"
    said, role = chance.pick(QUESTIONS)(chance) if chance.happens(0.5) else (clause(chance), "")
    parts = at_any_time(said).pieces(numbers)
    return joined(parts.asks(role) if role else parts.question(), comma(numbers), within)


def at_any_time(said: Said) -> Said:
    """The same in the present, at no time of its own."""
    if said.tense == "past" or said.meaning is not None:
        said.modal = "" if said.tense == "past" else said.modal
        said.tense, said.meaning, said.time = "present", None, None
        if said.verb is say.NOTHING and not said.modal:
            said.modal = "want"
        said.elided = said.elided and bool(said.modal)
    return said


PAST = {"know that": KNEW, "think": THOUGHT}


def teller(chance: Chance) -> Said:
    """Ich weiß, ich glaube, er sagt, wir hoffen."""
    who = pronoun("I") if chance.happens(0.5) else somebody(chance)
    said = Said(who, SPEECH[chance.pick(("know that", "know that", "think", "think", "say", "hope"))])
    if said.verb.name != "hope" and not vague(said) and chance.happens(0.15):
        said.negated = True
    elif said.verb.name == "say" and chance.happens(0.4):
        said.tense = "past"
    if said.verb.name in PAST and chance.happens(0.2):
        said.verb, said.tense = PAST[said.verb.name], "past"
    return said


def reported(chance: Chance, numbers: Numbers) -> Sides:
    """Ich glaube, dass er krank ist. Weißt du, dass ich hier wohne? Ich glaube, er ist krank."""
    if chance.happens(0.25):
        start = judging(chance).pieces(numbers).statement()
        if chance.happens(0.12):  # es ist schön, dass du da bist: that you are here
            who = pronoun(chance.pick(("you", "you", "you all", "you polite", "he", "she", "we", "they")))
            parts = Said(who, BE, whereabouts=DA).pieces(numbers)
            return joined(start, comma(numbers), word("dass", "that", numbers), (parts.verb_last(), parts.english()))
        return joined(start, comma(numbers), word("dass", "that", numbers), inner_sides(chance, numbers))
    main = teller(chance)
    if chance.happens(0.15) and main.verb.name != "hope" and not vague(main):
        numbers.mark, main.subject = "?", pronoun(chance.pick(("you", "you all", "you polite")))
        start = main.pieces(numbers).question()
    else:
        start = main.pieces(numbers).statement()
        if main.verb.name in ("think", "say", "hope") and not main.negated and chance.happens(0.3):
            return joined(start, comma(numbers), clause(chance).pieces(numbers).statement())
    return joined(start, comma(numbers), word("dass", "that", numbers), inner_sides(chance, numbers))


DA = say.small("da/ADV", "here/ADV")


def judging(chance: Chance) -> Said:
    """Es ist schön, dass; ich bin glücklich, dass"""
    if chance.happens(0.25):
        who = pronoun(chance.pick(("I", "I", "we", "he", "she")))
        return Said(who, BE, adjective=chance.pick(("happy", "happy", "sad")))
    said = Said(IT, BE, "past" if chance.happens(0.08) else "present", negated=chance.happens(0.12))
    said.adjective = chance.pick(("good", "good", "important", "bad", "right", "funny", "sad", "nice", ""))
    said.manner = None if said.adjective else say.NICE
    if not said.negated and chance.happens(0.2):
        said.degree, said.manner = chance.pick(("very", "so")), None
        said.adjective = said.adjective or "good"
    elif not said.adjective and chance.happens(0.6):
        said.negated = False
    return said


def indirect(chance: Chance, numbers: Numbers) -> Sides:
    """Ich weiß nicht, wo er ist. Weißt du, wer das ist? Können Sie mir sagen, wann der Zug kommt?"""
    start = knowing(chance, numbers)
    draw = chance.draw()
    if draw < 0.2:
        return joined(start, comma(numbers), word("ob", "whether", numbers), inner_sides(chance, numbers))
    if draw < 0.22:
        return joined(start, comma(numbers), what_time(numbers, inside=True))
    if draw < 0.25:
        return joined(start, comma(numbers), what_name(called(chance, True), numbers, inside=True))
    said, role = chance.pick(QUESTIONS)(chance)
    return joined(start, comma(numbers), said.pieces(numbers).asks_inside(role))


def knowing(chance: Chance, numbers: Numbers) -> Sides:
    """Ich weiß nicht, Weißt du, Sag mir, Kannst du mir sagen."""
    draw = chance.draw()
    if draw < 0.38:
        who = pronoun("I") if chance.happens(0.7) else somebody(chance)
        denied = chance.happens(0.8) and who is not pronoun("nobody") and who.determiner not in ("no", "every")
        verb, tense = (KNEW, "past") if chance.happens(0.12) else (SPEECH["know that"], "present")
        return Said(who, verb, tense, negated=denied).pieces(numbers).statement()
    if draw < 0.82:
        return told(chance, numbers, draw)
    if draw < 0.88:
        person, name = chance.pick((("du", "you"), ("du", "you"), ("ihr", "you all"), ("sie", "you polite")))
        whom = thing_of(chance, chance.pick(NEAR), "known", decorate=0) if chance.happens(0.6) else named(chance)
        numbers.mark = "!"
        return Said(pronoun(name), SPEECH["ask"], accusative=whom).pieces(numbers).commanded(person)
    who = definite_somebody(chance)
    if chance.happens(0.55):
        who = pronoun("I") if chance.happens(0.6) else who
        return Said(who, SPEECH["understand"], negated=chance.happens(0.8)).pieces(numbers).statement()
    verb, tense = chance.pick((("ask", "present"), ("ask", "past"), ("forget", "past"), ("know that", "present")))
    return Said(who, SPEECH[verb], tense).pieces(numbers).statement()


def told(chance: Chance, numbers: Numbers, draw: float) -> Sides:
    """Weißt du, Können Sie mir bitte sagen, Sagt mir bitte."""
    person, name = chance.pick((("du", "you"), ("du", "you"), ("ihr", "you all"), ("sie", "you polite")))
    numbers.mark, you = "!" if draw > 0.8 else "?", pronoun(name)
    if draw < 0.65:
        return Said(you, SPEECH["know that"]).pieces(numbers).question()
    said = Said(you, SPEECH["tell"], dative=pronoun(chance.pick(("I", "I", "we"))))
    said.particle = say.PLEASE if chance.happens(0.25) else None
    if draw > 0.8:
        return said.pieces(numbers).commanded(person)
    said.modal = "can"
    return said.pieces(numbers).question()


# und, aber, oder, denn -------------------------------------------------------------------------------------------

LINKS = (("und", "and"),) * 4 + (("aber", "but"),) * 3 + (("oder", "or"), ("denn", "because"))


def link_of(chance: Chance, numbers: Numbers) -> Sides:
    """und / and; , aber / , but; , denn / because"""
    german, english = chance.pick(LINKS)
    if german in ("und", "oder"):
        return word(german, english, numbers, "CCONJ")
    start = word(",", ",", numbers) if german == "aber" else comma(numbers)
    return joined(start, word(german, english, numbers, "CCONJ"))


def coordination(chance: Chance, numbers: Numbers) -> Sides:
    """Ich bin müde, aber ich muss arbeiten. Er singt und lacht. Lena ist nett und klug."""
    draw = chance.draw()
    for limit, make in ((0.25, same_subject), (0.33, two_verbs), (0.39, three_verbs), (0.5, two_qualities)):
        if draw < limit:
            return make(chance, numbers)
    if draw > 0.93:
        first, second = lonely_act(chance), lonely_act(chance)
    else:
        first, second = clause(chance, polite=False), clause(chance)
    if draw < 0.55 and not (vague(first) or vague(second)):
        numbers.mark = "?"
        link = word("oder", "or", numbers, "CCONJ")
        return joined(first.pieces(numbers).question(), link, second.pieces(numbers).question())
    if chance.happens(0.45):
        he = _again(first.subject)
        if he is not None and second.subject.living and second.subject is not IT and not second.experiencer:
            second.subject, second.manner = he, None if second.manner is say.TOGETHER else second.manner
    meaning_it(second, first.subject)
    start = first.pieces(numbers).statement()
    return joined(start, link_of(chance, numbers), second.pieces(numbers).statement())


def two_qualities(chance: Chance, numbers: Numbers) -> Sides:
    """Lena ist klein und nett. Das Wasser ist kalt, aber gut."""
    said = quality(chance)
    while said.negated or said.particle or (said.time and said.time.where == "end"):
        said = quality(chance)
    other = quality(chance, subject=said.subject)
    while other.adjective == said.adjective:
        other = quality(chance, subject=said.subject)
    degree = other.degree or (chance.pick(("very", "too")) if chance.happens(0.3) else "")
    more = Said(said.subject, BE, adjective=other.adjective, degree=degree).pieces(numbers).predicate
    but = chance.happens(0.25)
    link = joined(word(",", ",", numbers), word("aber", "but", numbers)) if but else word("und", "and", numbers)
    if but and chance.happens(0.5):
        small = chance.pick((("leider", "unfortunately"), ("auch", "also"), ("leider", "unfortunately")))
        link = joined(link, word(*small, numbers, "ADV"))
    if not but and chance.happens(0.15):
        numbers.mark = "?"
        link = word("oder", "or", numbers, "CCONJ") if chance.happens(0.6) else link
        return joined(said.pieces(numbers).question(), link, more)
    return joined(said.pieces(numbers).statement(), link, more)


def trying(chance: Chance, numbers: Numbers) -> Sides:
    """Ich versuche, Deutsch zu lernen. Es ist schön, dich zu sehen. Vergiss nicht, die Tür zuzumachen!"""
    inner = act(chance, "person", subject=pronoun("I"))
    while inner.negated or inner.verb.lasting or inner.accusative is pronoun("nobody"):
        inner = act(chance, "person", subject=pronoun("I"))
    inner.modal, inner.gladly, inner.particle, inner.meaning, inner.elided = "", False, None, None, False
    inner.time = None
    return joined(before_trying(chance, numbers), comma(numbers), inner.pieces(numbers).infinitive())


def before_trying(chance: Chance, numbers: Numbers) -> Sides:
    """Es ist schön, Hast du Zeit, Vergiss nicht, Ich versuche"""
    draw = chance.draw()
    if draw < 0.25:
        name = chance.pick(("difficult", "easy", "important", "good", "nice", ""))
        said = Said(IT, BE, adjective=name, negated=chance.happens(0.2), manner=None if name else say.NICE)
        return said.pieces(numbers).statement()
    if draw < 0.33:
        numbers.mark = "!"
        return Said(pronoun("you"), VERBS["forget"], negated=True).pieces(numbers).commanded("du")
    main = Said(somebody(chance, True), VERBS[chance.pick(("try", "try", "forget", "hope"))])
    past = main.verb.name == "forget" or (main.verb.name == "try" and chance.happens(0.4))
    main.tense = "past" if past else "present"
    if draw < 0.5:  # ich habe keine Zeit, dir zu helfen
        thing = noun_phrase(say.MORE_NOUNS["time"], chance.pick(("", "no")))
        main = Said(somebody(chance, True), SPEECH["have"], accusative=thing)
    if chance.happens(0.3) and not vague(main):
        numbers.mark = "?"
        return main.pieces(numbers).question()
    main.subject = pronoun("I") if main.subject is pronoun("you polite") else main.subject
    return main.pieces(numbers).statement()
