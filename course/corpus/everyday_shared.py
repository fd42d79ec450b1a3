"""Two things said of the same subject: ich heiße Maria und bin zehn Jahre alt; er arbeitet viel, aber schläft gut."""

from __future__ import annotations

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.clauses import Sides
from course.corpus.everyday_actions import HOW, act, manner
from course.corpus.everyday_being import SPEECH, age, presence, profession, quality, state
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_mood import without_particle
from course.corpus.everyday_naming import naming
from course.corpus.everyday_nouns import NEAR, named, somebody, spouse
from course.corpus.groups import Numbers
from course.corpus.phrases import Phrase, noun_phrase, pronoun
from course.corpus.simple import joined, word

SAID = (act, act, act, act, act, quality, quality, presence, state, age, profession)
SHORT = (say.UNFORTUNATELY, say.MAYBE, say.ALSO)


def said_of(chance: Chance, who: Phrase) -> Said:
    """Anything that can be said of somebody."""
    make = chance.pick(SAID)
    if make is profession and (who.plural or who.determiner not in ("", "name", "my", "your", "his", "her", "our")):
        make = quality
    if make is act:
        said = act(chance, "person", subject=who)
    elif make in (quality, presence, profession):
        said = make(chance, subject=who)
    else:
        said = make(chance)
        said.subject = who
    if said.particle in SHORT:
        without_particle(said)
    return said


def plainly(said: Said) -> None:
    """Without a modal that would reach into the second half, or a time that is only the first's."""
    said.modal = "" if said.modal not in ("want",) or said.tense == "past" else said.modal
    said.meaning, said.gladly, said.elided = None, False, False
    said.time = None if said.time in (say.NEVER_YET, say.JUST) else said.time
    said.verb = SPEECH["have"] if said.verb is say.NOTHING else said.verb
    if said.time in (*say.TIMES["future"], *say.TIMES["now"], *say.TIMES["today"]):
        said.time = None


def same_subject(chance: Chance, numbers: Numbers) -> Sides:
    """Ich esse Brot und trinke Milch. Am Morgen trinkt er Kaffee und liest die Zeitung."""
    who = somebody(chance)
    if chance.happens(0.15):
        return introduced(chance, numbers)
    first, second = said_of(chance, who), said_of(chance, who)
    second.tense, second.time = first.tense, None
    if first.modal or second.modal or first.gladly or first.meaning != second.meaning or first.tense == "past":
        plainly(first)
        plainly(second)
    start, end = first.pieces(numbers), second.pieces(numbers, gap="subject")
    opens = first.time is not None and first.time.fronts and chance.happens(0.6)
    opening = start.statement("time" if opens else "")
    end.front = "subject"
    return joined(opening, between(chance, numbers, not opens), (end.verb_first(), end.english()))


def two_verbs(chance: Chance, numbers: Numbers) -> Sides:
    """Wir haben gegessen und viel gelacht. Ich will essen und schlafen."""
    who, modal = somebody(chance), chance.pick(("", "", "want", "can", "have", "would like", "should", "could"))
    first, second = _plain_act(chance, who, modal), _plain_act(chance, who, modal)
    while first.verb.auxiliary != second.verb.auxiliary and not modal:
        first, second = _plain_act(chance, who, modal), _plain_act(chance, who, modal)
    if chance.happens(0.4) and not modal:
        first.time = chance.pick((*say.TIMES["past"], *say.TIMES["today"]))
    start, end = first.pieces(numbers), second.pieces(numbers, gap="subject")
    opens = first.time is not None and chance.happens(0.5)
    end.subject, end.front = ([], []), "subject"
    english = [(one, end.verb) for one in second.verb.english["base"]] if modal else []
    english = [*english, *end.english_end()] if modal else end.english()
    opening = start.statement("time" if opens else "")
    return joined(opening, word("und", "and", numbers), ([*end.middle(), *end.tail], english))


SINGLE = ("sing", "laugh", "paint", "read", "sleep", "eat", "drink", "work", "play", "learn", "write")


def three_verbs(chance: Chance, numbers: Numbers) -> Sides:
    """Er singt, lacht und malt. / He sings, laughs and paints."""
    who, names = somebody(chance), []
    while len(names) < 3:
        names += [name for name in (chance.pick(SINGLE),) if name not in names]
    first, *others = (Said(who, SPEECH[name]) for name in names)
    start, more = first.pieces(numbers).statement(), []
    for other in others:
        parts = other.pieces(numbers, gap="subject")
        parts.front = "subject"
        more.append((parts.verb_first(), parts.english()))
    return joined(start, word(",", ",", numbers), more[0], word("und", "and", numbers), more[1])


def lonely_act(chance: Chance) -> Said:
    """Anna liest. Tom schläft gut."""
    who = named(chance) if chance.happens(0.5) else somebody(chance)
    said = Said(who, SPEECH[chance.pick(SINGLE)])
    if said.verb.name in HOW and chance.happens(0.4):
        manner(chance, said)
    return said


def _plain_act(chance: Chance, who: Phrase, modal: str) -> Said:
    """Done in the past or with that modal, and nothing else about it."""
    while True:
        said = act(chance, "person", subject=who)
        if not (said.negated or said.verb.lasting or said.verb is say.NOTHING or said.accusative is pronoun("nobody")):
            break
    said.tense, said.modal = ("past", "") if not modal or modal == "could" else ("present", modal)
    said.modal = modal
    said.meaning, said.time, said.gladly, said.elided, said.particle = None, None, False, False, None
    said.english_verb = None
    return said


def between(chance: Chance, numbers: Numbers, may_oppose: bool = True) -> Sides:
    """und / and; , aber / , but; oder / or"""
    draw = chance.draw()
    if draw < 0.2 and may_oppose:
        return joined(word(",", ",", numbers), word("aber", "but", numbers))
    return word("oder", "or", numbers, "CCONJ") if draw > 0.95 else word("und", "and", numbers)


def introduced(chance: Chance, numbers: Numbers) -> Sides:
    """Ich heiße Maria und bin zehn Jahre alt. / My name is Maria and I am ten years old."""
    who = pronoun(chance.pick(("I", "I", "I", "he", "she")))
    if chance.happens(0.3):  # mein Bruder heißt Tom und ist zehn Jahre alt
        noun = chance.pick([noun for noun in NEAR if noun.gender != "n"])
        who = noun_phrase(spouse(noun), chance.pick(("my", "my", "your", "our")))
    start = naming(who, named(chance), numbers, "statement")
    who = who if who.pronoun else pronoun("she" if who.gender == "f" else "he")
    draw = chance.draw()
    if draw < 0.4:
        said = age(chance)
        said.subject, said.tense = who, "present"
    elif draw < 0.7:
        verb, where = chance.pick((("live", say.IN_BERLIN), ("live", say.IN_GERMANY), ("come", say.FROM_BERLIN),
                                   ("come", say.FROM_GERMANY), ("live", say.HERE)))  # fmt: skip
        said = Said(who, SPEECH[verb], whereabouts=where)
    else:
        said = said_of(chance, who)
    end = said.pieces(numbers)
    end.subject, end.front = ([], end.subject[1]), "subject"  # German says it once
    return joined(start, word("und", "and", numbers), (end.verb_first(), end.english()))
