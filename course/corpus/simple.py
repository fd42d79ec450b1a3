"""Sentences of one clause: statements, questions, commands, passives, comparisons, what there is."""

from __future__ import annotations

from course.corpus.chance import Chance
from course.corpus.clauses import Clause, Pieces, Sides, placed
from course.corpus.content import PAST, adverb, at, noun_of, subject_of
from course.corpus.events import LIVING, THINGS, TRANSITIVE, any_clause, clear_event, event, qualities, state
from course.corpus.groups import AM, WAS, Numbers
from course.corpus.lexicon import ADJECTIVES, Noun, nouns
from course.corpus.morphology import SEIN, WAR
from course.corpus.phrases import Phrase, Place, pronoun
from course.corpus.tags import TAG_ALONE, tagged
from course.corpus.verbs import COMMANDED, FRAMES

# was trägt er: wears or carries? was kennt er: is acquainted with or knows?
ASKED = tuple(frame for frame in TRANSITIVE if frame.verb.name not in ("wear", "carry", "know", "rule", "cross"))
BY_PEOPLE = tuple(frame for frame in TRANSITIVE if frame.subjects[0].kind == "ruler")
COMMANDS = tuple(frame for frame in FRAMES if frame.verb.name in COMMANDED and frame.subjects[0].kind == "ruler")
SUFFERED = tuple(
    frame
    for frame in TRANSITIVE
    if frame.case == "acc"
    and not frame.recipients
    and frame.verb.name not in ("look for", "wear", "know", "see", "cross")
)
FOUND_IN = {
    "garden": "flower dog cat horse bird mouse apple ball child", "forest": "lion bird horse animal house street",
    "kitchen": "cake bread milk water apple plum banana soup window door cat mouse",
    "street": "car bus child dog cat tram",
    "school": "child student teacher book picture window", "city": "castle park station bridge school garden king",
    "park": "flower dog bird horse child animal bridge",
    "castle": "king queen prince princess garden picture crown kitchen",
    "station": "train bus student newspaper", "house": "dog cat child garden book picture kitchen",
    "country": "king queen castle city forest animal lion",
}  # fmt: skip


def word(german: str, english: str, numbers: Numbers, tag: str = "") -> Sides:
    """One concept of one word a side; without a tag it is one of those that stand alone (tags.py)."""
    number, tag = numbers.take(1), tag or TAG_ALONE[german]
    return [(tagged(german, tag), number)], [(tagged(english, tag), number)]


def joined(*sides: Sides) -> Sides:
    """One after another, on both sides."""
    return [item for german, _ in sides for item in german], [item for _, english in sides for item in english]


def comma(numbers: Numbers) -> Sides:
    """A comma that only German writes."""
    return [(tagged(",", "PUNCT"), numbers.take(1))], []


def main_clause(pieces: Pieces, chance: Chance | None = None) -> Sides:
    """Verb second; an adverb that can open the sentence sometimes does."""
    time = pieces.clause.time
    if chance is not None and time is not None and time.fronts and chance.happens(0.45):
        return pieces.inverted(), pieces.english(fronted=True)
    return pieces.verb_second(), pieces.english()


def askable(clause: Clause) -> bool:
    """A question denies nothing and asks about nobody in general."""
    if clause.time is not None and clause.time.english == ("never",):
        return False
    return not clause.negated and clause.subject.determiner not in ("every", "no")


def statement(chance: Chance, numbers: Numbers) -> Sides:
    """Heute liest der Mann das Buch. / Today the man is reading the book."""
    return main_clause(Pieces(any_clause(chance), numbers), chance)


def question(chance: Chance, numbers: Numbers) -> Sides:
    """Hat der Mann das Buch gelesen? / Did the man read the book?"""
    numbers.mark = "?"
    clause = state(chance) if chance.happens(0.12) else clear_event(chance)
    while not askable(clause):
        clause = clear_event(chance)
    pieces = Pieces(clause, numbers)
    return pieces.verb_first(), pieces.english(question=True)


def open_question(chance: Chance, numbers: Numbers) -> Sides:
    """Wer, wen, was, wo, wann, warum."""
    numbers.mark = "?"
    return chance.pick((who, whom_or_what, where_when_why))(chance, numbers)


def who(chance: Chance, numbers: Numbers) -> Sides:
    """Wer hat den Apfel gegessen? / Who ate the apple?"""
    clause = event(chance, chance.pick(BY_PEOPLE), pronoun("he"))
    while clause.negated or (clause.accusative or clause.dative).determiner == "his":
        clause = event(chance, chance.pick(BY_PEOPLE), pronoun("he"))
    pieces = Pieces(clause, numbers, gap="subject")
    start = word("wer", "who", numbers)
    return [*start[0], pieces.finite, *pieces.middle(), *pieces.tail], [*start[1], *pieces.english()]


def whom_or_what(chance: Chance, numbers: Numbers) -> Sides:
    """Was hat das Kind gegessen? / What did the child eat?"""
    while True:
        clause = clear_event(chance, frame=chance.pick(ASKED))
        thing = clause.accusative or clause.dative
        if askable(clause) and thing.noun is not None:
            break
    person, dative = thing.noun.kind in ("ruler", "person"), clause.accusative is None
    start = word("wem" if dative else "wen" if person else "was", "whom" if person else "what", numbers)
    pieces = Pieces(clause, numbers, gap="dative" if dative else "accusative")
    return [*start[0], *pieces.verb_first()], [*start[1], *pieces.english(question=True)]


def where_when_why(chance: Chance, numbers: Numbers) -> Sides:
    """Warum hat der König das Schloss gekauft? / Why did the king buy the castle?"""
    kind = chance.pick(("wo where", "wann when", "warum why", "warum why"))
    pieces = Pieces(asked_about(chance, kind), numbers)
    start = word(*kind.split(), numbers)
    return [*start[0], *pieces.verb_first()], [*start[1], *pieces.english(question=True)]


def asked_about(chance: Chance, kind: str, alone: bool = True) -> Clause:
    """An event without the place or the time that is asked for."""
    while True:
        clause = clear_event(chance, alone=alone)
        if not askable(clause) or (clause.verb.lasting and not kind.startswith("warum")):
            continue
        if kind.startswith("wo "):
            if clause.verb.auxiliary == "sein" or clause.means:
                continue
            clause.place = None
        if kind.startswith("wann"):
            if clause.tense == "progressive":
                continue
            clause.time = None
        if kind.startswith("warum") and clause.time is not None and clause.time.english[:1] == ("because",):
            continue
        return clause


def command(chance: Chance, numbers: Numbers) -> Sides:
    """Bitte mach die Tür zu! / Please close the door!"""
    numbers.mark = "!"
    clause = event(chance, chance.pick(COMMANDS), pronoun("you"), tense="present", modal="", time=None)
    if not clause.negated:
        bare = not (clause.accusative or clause.dative or clause.place)
        clause.time = adverb(chance.pick(("today", "tomorrow", "now") + (None,) * (0 if bare else 3)))
    sides = Pieces(clause, numbers).command()
    return joined(word("bitte", "please", numbers), sides) if chance.happens(0.3) else sides


def passive(chance: Chance, numbers: Numbers) -> Sides:
    """Der Apfel wird jeden Tag vom König gegessen. / The apple is eaten by the king every day."""
    return main_clause(Pieces(passive_clause(chance), numbers), chance)


def passive_clause(chance: Chance) -> Clause:
    """Something done to somebody or something, with or without the one who did it."""
    frame = chance.pick(SUFFERED)
    past = frame.verb.once or (chance.happens(0.6) and not frame.verb.lasting)
    thing = noun_of(
        chance, chance.pick(frame.objects), "subject" if past else "known" if frame.verb.lasting else "again"
    )
    clause = Clause(thing, frame.verb, "past" if past else "present", passive=True)
    if past:
        clause.time = adverb(chance.pick(PAST[:6] if thing.determiner == "no" else PAST))
    elif not frame.verb.lasting:
        clause.time = adverb(chance.pick(("every day", "often", "always", "sometimes")))
    if chance.happens(0.65) or frame.verb.lasting:
        doer = subject_of(chance, frame.subjects, ())
        if doer.noun is not thing.noun and doer.determiner not in ("no", "every"):
            clause.company = Place("von", "dat", "by", doer)
    return clause


def _group(noun: Noun) -> str:
    return {"ruler": "person", "food": "fruit"}.get(noun.kind, noun.kind)


ALIKE = {
    noun: tuple(other for other in (*LIVING, *THINGS) if _group(other) == _group(noun) and other is not noun)
    for noun in (*LIVING, *THINGS)
}


def _compared(phrase: Phrase) -> tuple[str, ...]:
    return (*phrase.noun.adjectives, "tired", "happy") if phrase.living else qualities(phrase)


def comparison(chance: Chance, numbers: Numbers) -> Sides:
    """Der Hund ist so groß wie das Pferd. / The dog is as big as the horse."""
    shared: list[str] = []
    while not shared:
        first = noun_of(chance, chance.pick(LIVING if chance.happens(0.6) else THINGS), "known", decorate=0)
        second = noun_of(chance, chance.pick(ALIKE[first.noun]), "known", decorate=0.1)
        shared = [name for name in _compared(first) if name in _compared(second)]
    name = chance.pick(shared)
    past = chance.happens(0.25)
    be = word((WAR if past else SEIN)[first.person], (WAS if past else AM)[first.person], numbers, "AUX")
    negation = word("nicht", "not", numbers) if chance.happens(0.25) else ([], [])
    adjective = word(ADJECTIVES[name], name, numbers, "ADJ")
    so, wie = word("so", "as", numbers), word("wie", "as", numbers)
    return joined(placed(first, "nom", numbers), be, negation, so, adjective, wie, placed(second, "nom", numbers))


def existence(chance: Chance, numbers: Numbers) -> Sides:
    """Im Garten gibt es viele Blumen. / There are many flowers in the garden."""
    name = chance.pick(tuple(FOUND_IN))
    where = at(chance, (name,))
    thing = noun_of(chance, chance.pick(nouns(FOUND_IN[name])), "there")
    place = Pieces.placed_at(where, numbers)
    past = chance.happens(0.3)
    es = word("es", "there", numbers)
    be = word("gab" if past else "gibt", (WAS if past else AM)[thing.person], numbers, "VERB")
    what = placed(thing, "acc", numbers)
    return [*place[0], *be[0], *es[0], *what[0]], [*es[1], *be[1], *what[1], *place[1]]
