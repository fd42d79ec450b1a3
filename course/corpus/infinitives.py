"""Sentences with zu: versuchen, vergessen, hoffen; es ist schwierig, etwas zu tun; um etwas zu tun; helfen zu tun."""

from __future__ import annotations

from course.corpus.chance import Chance
from course.corpus.clauses import Clause, Pieces, Sides
from course.corpus.content import ANYBODY, FUTURE, adverb, noun_of, other_person, subject_of
from course.corpus.events import EVENTS, PEOPLE, event
from course.corpus.groups import Numbers
from course.corpus.lexicon import ADJECTIVES, nouns
from course.corpus.morphology import SEIN, WAR
from course.corpus.phrases import Phrase, pronoun
from course.corpus.simple import comma, joined, word
from course.corpus.tags import tagged
from course.corpus.verbs import VERBS, Frame

DONE = tuple(frame for frame in EVENTS if frame.subjects[0].kind == "ruler" and not frame.verb.lasting)
DONE_TO = tuple(frame for frame in DONE if frame.objects)
# what one can help with
SHARED = tuple(frame for frame in DONE_TO if frame.verb.name not in ("help", "eat", "drink", "wear", "call"))
TRIED = tuple(frame for frame in DONE_TO if frame.verb.name != "look for")  # looking for is trying already
TEXTS = nouns("text")
GOING = tuple(frame for frame in DONE if frame.verb.name in ("walk", "go", "come", "run"))


def to_do(chance: Chance, who: Phrase, frames: tuple[Frame, ...], alone: bool = True) -> Clause:
    """What somebody is to do: an event without tense."""
    return event(chance, chance.pick(frames), who, alone, tense="present", modal="", time=None)


def infinitive(chance: Chance, numbers: Numbers) -> Sides:
    """One of the five kinds."""
    return chance.pick((attempt, attempt, judgement, purpose, help_with, request))(chance, numbers)


def attempt(chance: Chance, numbers: Numbers) -> Sides:
    """Der Mann versucht, das Auto zu reparieren. / The man tries to repair the car."""
    who = subject_of(chance, PEOPLE)
    verb, tense = chance.pick((("try", "past"), ("try", "progressive"), ("forget", "past"), ("hope", "present")))
    time = adverb({"progressive": "gerade", "past": chance.pick((None, "yesterday"))}.get(tense))
    main = Clause(who, VERBS[verb], tense, time=time)
    inner = to_do(chance, who, DONE if verb == "hope" else TRIED)
    while inner.negated:
        inner = to_do(chance, who, TRIED)
    if verb == "hope":
        inner.time = adverb(chance.pick(FUTURE))
    pieces, fronted = Pieces(main, numbers), time is not None and time.fronts
    start = (pieces.inverted() if fronted else pieces.verb_second(), pieces.english(fronted=fronted))
    return joined(start, comma(numbers), Pieces(inner, numbers).infinitive())


def judgement(chance: Chance, numbers: Numbers) -> Sides:
    """Es ist schwierig, diesen Satz zu übersetzen. / It is difficult to translate this sentence."""
    name, past = chance.pick(("difficult", "easy", "important")), chance.happens(0.3)
    inner = to_do(chance, pronoun("you"), DONE_TO)
    while inner.negated or any(_addressed(thing) for thing in (inner.accusative, inner.dative)):
        inner = to_do(chance, pronoun("you"), DONE_TO)
    es = word("es", "it", numbers)
    be = word((WAR if past else SEIN)["er"], "was" if past else "is", numbers, "AUX")
    negation = word("nicht", "not", numbers) if chance.happens(0.3) else ([], [])
    adjective = word(ADJECTIVES[name], name, numbers, "ADJ")
    return joined(es, be, negation, adjective, comma(numbers), Pieces(inner, numbers).infinitive())


def _addressed(thing: Phrase | None) -> bool:
    """A pronoun, or yours: "it is easy to call him" asks who "he" is."""
    return thing is not None and (thing.pronoun or thing.determiner == "your")


def purpose(chance: Chance, numbers: Numbers) -> Sides:
    """Das Kind geht in den Garten, um den Hund zu füttern. / The child is walking into the garden to feed the dog."""
    who = subject_of(chance, PEOPLE)
    while who.determiner in ("no", "every"):
        who = subject_of(chance, PEOPLE)
    main = event(chance, chance.pick(GOING), who)
    while (
        main.negated
        or main.place is None
        or (main.time is not None and main.time.where == "end" and not main.time.fronts)
    ):
        main = event(chance, chance.pick(GOING), who)
    inner = to_do(chance, who, DONE_TO)
    while inner.negated or inner.verb.name in ("find",):
        inner = to_do(chance, who, DONE_TO)
    inner.place = None
    pieces, fronted = Pieces(main, numbers), main.time is not None and main.time.fronts
    start = (pieces.inverted() if fronted else pieces.verb_second(), pieces.english(fronted=fronted))
    german, english = Pieces(inner, numbers).infinitive()
    return joined(start, comma(numbers), ([(tagged("um", "SCONJ"), english[0][1]), *german], english))


def help_with(chance: Chance, numbers: Numbers) -> Sides:
    """Die Frau hat dem Mann geholfen, das Auto zu reparieren. / The woman helped the man to repair the car."""
    main = event(chance, Frame(VERBS["help"], PEOPLE, PEOPLE, "dat"))
    while main.negated or (main.time is not None and main.time.where == "end" and not main.time.fronts):
        main = event(chance, Frame(VERBS["help"], PEOPLE, PEOPLE, "dat"))
    inner = help_to_do(chance, main.dative, main.subject)
    pieces, fronted = Pieces(main, numbers), main.time is not None and main.time.fronts
    start = (pieces.inverted() if fronted else pieces.verb_second(), pieces.english(fronted=fronted))
    return joined(start, comma(numbers), Pieces(inner, numbers).infinitive())


def help_to_do(chance: Chance, whom: Phrase, who: Phrase) -> Clause:
    """What one person helps another to do: nothing that is done to the helper."""
    while True:
        inner = to_do(chance, whom, SHARED, alone=False)
        if not inner.negated and not _names(inner, who):
            return inner


def _names(inner: Clause, who: Phrase) -> bool:
    """The inner clause speaks of somebody who is already in the main clause."""
    things = [thing for thing in (inner.accusative, inner.dative) if thing is not None]
    return any(thing is who or (thing.noun is not None and thing.noun is who.noun) for thing in things)


def request(chance: Chance, numbers: Numbers) -> Sides:
    """Kannst du mir helfen, diesen Satz zu übersetzen? / Can you help me to translate this sentence?"""
    who = pronoun("you") if chance.happens(0.6) else subject_of(chance, PEOPLE)
    while who.determiner in ("no", "every"):
        who = subject_of(chance, PEOPLE)
    whom = other_person(chance, who, ("me", "me", *ANYBODY))
    if chance.happens(0.3):
        whom = noun_of(chance, chance.pick(PEOPLE), "known")
    while whom is None or whom.noun is who.noun is not None or whom.determiner in ("his", "her"):
        whom = other_person(chance, who, ANYBODY)
    main = Clause(who, VERBS["help"], modal=chance.pick(("can", "can", "want")), dative=whom)
    if chance.happens(0.3):
        inner = Clause(whom, VERBS["translate"], accusative=noun_of(chance, chance.pick(TEXTS), "pointed"))
    else:
        inner = help_to_do(chance, whom, who)
    return asked(main, inner, numbers)


def asked(main: Clause, inner: Clause, numbers: Numbers) -> Sides:
    """The main clause as a question, then what is to be done."""
    numbers.mark = "?"
    pieces = Pieces(main, numbers)
    start = (pieces.verb_first(), pieces.english(question=True))
    return joined(start, comma(numbers), Pieces(inner, numbers).infinitive())
