"""What is said: subjects, objects, tenses and adverbs that go together, drawn by chance."""

from __future__ import annotations

from functools import cache

from course.corpus.chance import Chance
from course.corpus.clauses import Clause
from course.corpus.lexicon import ADVERBS, AT, NOUNS, THROUGH, TO, Adverb, Noun
from course.corpus.phrases import Phrase, Place, noun_phrase, owned, pronoun
from course.corpus.verbs import Frame, Verb

# What a noun can be said with; + the plural; "bound" his, her ... the subject's own; *n: n times as likely
OPTIONS = {
    "subject": "the*11 a this my*2 our your every no the+*3 my+ this+ two+ many+",
    "object": "the*8 a*5 this*2 my our your the+*2 +*2 two+ three+ many+ this+ bound*2",
    "never": "the*8 a*4 this*2 my our your the+*2 +*2 this+ bound*2",  # nobody "never visits three boys"
    "known": "the*8 this*2 my our your the+*2 this+ bound*2",
    "fresh": "a*6 +*3 two+ three+ many+",
    "place": "the*8 a this our my",
    "there": "a*4 + two+ three+ many+*2",
    "owner": "the*2 this my",
    "refused": "the*4 this my the+",
    "pointed": "this*4 the*2 my*2",
    "state": "the*6 this*2 my our your no every the+*2 my+ this+ two+ many+",
    "again": "the my+ the+ this",
}
PERSONS = ("I", "you", "he", "she", "we", "they")
OWN = {
    ("ich", ""): "my",
    ("du", ""): "your",
    ("sie", ""): "our",
    ("er", "m"): "his",
    ("er", "f"): "her",
    ("sie", "p"): "their",
}

PAST = (
    None,
    None,
    "yesterday",
    "yesterday",
    "last week",
    "today",
    "never",
    "often",
    "despite the rain",
    "because of the snow",
)
READ = (None, None, None, "yesterday", "last week", "today", "despite the rain")
HABIT = ("every day", "every evening", "in the morning", "often", "always", "never", "sometimes")
NOW = ("gerade", "gerade", "gerade", "now", "now", "today")
FUTURE = (None, "tomorrow", "tomorrow", "soon", "next week", "today")
WISH = (None, None, None, "tomorrow", "today", "now", "next week")
WISHED = (None, None, "yesterday", "last week", "despite the rain")
# tense, modal or "" or "?" (a present modal) or "??" (a past one), adverbs
MOODS = tuple(
    [("past", "", PAST)] * 7 + [("present", "", HABIT)] * 3 + [("progressive", "", NOW)] * 4 + [("present",
    "will", FUTURE)] * 2
    + [("present", "?", WISH)] * 5 + [("past", "??", WISHED)] * 2
)  # fmt: skip
LASTING = (("present", "", (None,)),) * 7 + (("past", "", (None,)),)
FINDING = tuple(
    [("past", "", (None, "yesterday", "last week", "today", "despite the rain"))] * 4
    + [("present", "will", FUTURE), ("present", "want", (None, "today")), ("present", "can", (None,)), ("past",
    "could", (None,))]
)  # fmt: skip
SEEING = (*LASTING, ("present", "can", (None, "now")), ("past", "could", (None,)))
MODAL_OF = {
    "people": (("can", "want", "have", "should", "may"), ("could", "wanted", "had")),
    "animal": (("can", "want"), ("could", "wanted")),
}


def adverb(name: str | None) -> Adverb | None:
    """The adverb of that English name, or none."""
    return ADVERBS[name] if name else None


def fits(noun: Noun, determiner: str, plural: bool) -> bool:
    """Whether the noun can be said with this determiner."""
    if plural and not noun.german_plural:
        return False
    if noun.mass and determiner not in ("the", "this", ""):
        return False
    if determiner in ("my", "our", "your", "bound"):
        return noun.owned
    return determiner != "every" or noun.kind == "person"


@cache
def allowed(noun: Noun, name: str, bound: bool) -> tuple[tuple[str, bool], ...]:
    """The determiners of that list that suit the noun, each with whether it is the plural, as often as listed."""
    found = []
    for entry in OPTIONS[name].split():
        text, _, times = entry.partition("*")
        plural, determiner = text.endswith("+"), text.rstrip("+")
        if determiner == "a" and noun.mass:
            determiner = ""
        if fits(noun, determiner, plural) and (determiner != "bound" or bound):
            found += [(determiner, plural)] * int(times or 1)
    return tuple(found)


def noun_of(chance: Chance, noun: Noun, name: str, bound: str = "", decorate: float = 0.28) -> Phrase:
    """The noun with a determiner of the list of that name, perhaps with an adjective. bound: the subject's own (his
    ...)."""
    determiner, plural = chance.pick(allowed(noun, name, bound != ""))
    adjective = chance.pick(noun.adjectives) if noun.adjectives and chance.happens(decorate) else ""
    return noun_phrase(noun, bound if determiner == "bound" else determiner, adjective, plural)


def subject_of(
    chance: Chance, nouns: tuple[Noun, ...], pronouns: tuple[str, ...] = PERSONS, name: str = "subject"
) -> Phrase:
    """Who does it: a noun of those given, or one of the pronouns when persons can do it."""
    noun = chance.pick(nouns)
    if pronouns and noun.kind in ("person", "ruler") and chance.happens(0.05 * len(pronouns)):
        return pronoun(chance.pick(pronouns))
    return noun_of(chance, noun, name)


def own(subject: Phrase) -> str:
    """The possessive that points back to the subject; "" for a thing, an animal, a girl or child."""
    if subject.noun is not None and subject.noun.kind not in ("ruler", "person"):
        return ""
    return OWN.get((subject.person, subject.gender), "")


def object_of(chance: Chance, frame: Frame, clause: Clause, alone: bool = True) -> Phrase:
    """To whom or what it is done. alone: no other clause has somebody whom "him" could mean."""
    subject = clause.subject
    if frame.objects[0].kind == "ruler" and chance.happens(0.15):
        named = ("me", "you", "him", "us") if frame.case == "acc" else ANYBODY  # the accusative sie: her or them?
        names = named if alone else ME_OR_YOU
        found = other_person(chance, subject, names)
        if found:
            return found
    noun = chance.pick(frame.objects)
    while noun is subject.noun:
        noun = chance.pick(frame.objects)
    name = _determiners(frame, clause, noun)
    mine = own(subject) if alone else ""
    if noun.owned and name != "fresh" and noun.kind not in ("person", "ruler") and chance.happens(0.06):
        return genitive(chance, noun, subject.noun)
    return noun_of(chance, noun, name, mine)


def _determiners(frame: Frame, clause: Clause, noun: Noun) -> str:
    """The list of determiners that suits: one eats an apple every day, not the apple; one loves the apple,
    not an apple."""
    habitual = clause.tense == "present" and not clause.modal and clause.time is not None
    if frame.verb.once and habitual and (noun.mass or noun.german_plural):
        return "fresh"
    if frame.verb.lasting and frame.verb.name != "see":
        return "known"
    return "never" if clause.time is not None and clause.time.english == ("never",) else "object"


OWNERS = tuple(noun for noun in NOUNS.values() if noun.kind in ("ruler", "person"))


def genitive(chance: Chance, noun: Noun, other: Noun | None) -> Phrase:
    """A person's thing: the king's old car; not the other's, who is spoken of already."""
    person = chance.pick([person for person in OWNERS if person is not other])
    owner = noun_of(chance, person, "owner", decorate=0.2)
    return owned(owner, noun, chance.pick(noun.adjectives) if chance.happens(0.15) else "")


ANYBODY, ME_OR_YOU = ("me", "you", "him", "her", "us", "them"), ("me", "you", "us")
HERE = ("I", "you", "we")  # those who need no noun before them
ME = {"me": "I", "him": "he", "her": "she", "us": "we", "them": "they", "you": "you"}
CLASH = {"I": ("I", "we"), "we": ("I", "we"), "you": ("you",), "he": ("he",), "she": ("she",), "they": ("they",)}


def other_person(chance: Chance, subject: Phrase, names: tuple[str, ...]) -> Phrase | None:
    """A personal pronoun as the object, unless it would be the subject itself."""
    name = ME[chance.pick(names)]
    clash = [pronoun(other) for other in CLASH[name]]
    return None if subject in clash else pronoun(name)


def at(chance: Chance, names: tuple[str, ...]) -> Place:
    """Where it happens: im alten Schloss / in the old castle."""
    name = chance.pick(names)
    german, english = AT[name]
    return Place(german, "dat", english, noun_of(chance, NOUNS[name], "place", decorate=0.2))


def to(chance: Chance, names: tuple[str, ...]) -> Place:
    """Where it goes: zum Bahnhof / to the station, durch die Stadt / through the city, über die Brücke."""
    name = chance.pick(names)
    if name == "bridge":
        german, case, english = "über", "acc", "over"
    elif name in THROUGH and (name not in TO or chance.happens(0.3)):
        german, case, english = "durch", "acc", "through"
    else:
        german, case, english = TO[name]
    return Place(german, case, english, noun_of(chance, NOUNS[name], "place", decorate=0.2))


def mood(chance: Chance, verb: Verb, subject: Phrase) -> tuple[str, str, Adverb | None]:
    """Tense, modal and an adverb that goes with them."""
    if verb.lasting:
        moods = SEEING if verb.name == "see" and subject.living else LASTING
    else:
        moods = FINDING if verb.name == "find" else MOODS
    tense, modal, adverbs = chance.pick(moods)
    if "?" in modal:
        if not subject.living:  # a bus wants nothing
            return "past", "", adverb(chance.pick(PAST))
        animal = subject.noun is not None and subject.noun.kind == "animal"
        modal = chance.pick(MODAL_OF["animal" if animal else "people"][len(modal) - 1])
    name = chance.pick(adverbs)
    doubtful = name in ("never", "often") and tense == "past" and verb.name == "read"  # "they often read": now or then?
    if doubtful or (name == "never" and subject.determiner in ("no", "every")):
        name = "today"
    return tense, modal, adverb(name)
