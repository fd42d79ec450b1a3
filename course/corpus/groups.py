"""The verb group: which words the verb takes on in each language, by tense, modal, voice and person."""

from __future__ import annotations

from course.corpus.morphology import HABEN, HATTE, MODALS, SEIN, WAR, WIRD, WURDE
from course.corpus.tags import Word, tagged

Item = tuple[Word, int]  # a word and the number of its concept in the sentence
PERSONS = ("ich", "du", "er", "sie", "ihr")
AM = {"ich": "am", "du": "are", "er": "is", "sie": "are", "ihr": "are"}
WAS = {"ich": "was", "du": "were", "er": "was", "sie": "were", "ihr": "were"}

BE, BEEN, BEING = (tagged(form, "AUX") for form in ("be", "been", "being"))


class Numbers:
    """Hands out numbers for concepts, each once in a sentence, and notes which verb met which object."""

    __slots__ = ("mark", "met", "next")

    def __init__(self):
        self.next = 0
        self.mark = "."
        self.met: list[tuple[str, str]] = []

    def note(self, clause) -> None:
        """Note verb and object, in the passive and with the object left out too."""
        if clause.passive or clause.verb.name == "like":
            thing = clause.subject
        else:
            thing = clause.accusative or clause.dative
        noun = clause.meant or (thing and thing.noun)
        if noun:
            self.met.append((clause.verb.name, noun.name))
            self.met += [(clause.verb.name, other.name) for other in thing.also]

    def take(self, size: int) -> int:
        """The first of `size` fresh numbers."""
        first = self.next
        self.next += size
        return first


def german_group(clause, verb: int, modal: int) -> tuple[Item, list[Item], list[Item]]:
    """The finite verb for second place; all verbs as they stand at the end of a subordinate clause; the rest for a main
    clause.

    ruft ... an: (ruft), [anruft], [an]; hat ... gelesen: (hat), [gelesen hat], [gelesen]."""
    this, person = clause.verb, clause.subject.person
    if clause.modal:
        done = [(this.word(this.participle), verb), _auxiliary("werden", verb)]  # muss repariert werden
        tail = done if clause.passive else [(this.word(this.prefix + this.infinitive), verb)]
        finite = _auxiliary(MODALS[clause.modal][0][PERSONS.index(person)], modal)
    elif clause.passive:
        tail = [(this.word(this.participle), verb)]
        finite = _auxiliary((WURDE if clause.tense == "past" else WIRD)[person], verb)
    elif this.name == "be":
        tail, finite = [], _auxiliary((WAR if clause.tense == "past" else SEIN)[person], verb)
    elif clause.tense == "past" and (this.name == "have" or "past ich" in this.present):  # ich hatte, ich wusste
        tail, finite = [], (this.word(this.present.get(f"past {person}") or HATTE[person]), verb)
    elif clause.tense == "past":
        tail = [(this.word(this.participle), verb)]
        finite = _auxiliary((SEIN if this.auxiliary == "sein" else HABEN)[person], verb)
    else:
        form = this.present[person]
        prefix = [(tagged(this.prefix, "ADP"), verb)] if this.prefix else []
        return (this.word(form), verb), [(this.word(this.prefix + form), verb)], prefix
    return finite, [*tail, finite], tail


def _auxiliary(form: str, number: int) -> Item:
    return tagged(form, "AUX"), number


def english_group(clause, verb: int, modal: int, support: bool) -> tuple[list[Item], list[Item]]:
    """The auxiliary and the rest. support: a question or a negation, which need an auxiliary (do, does, did).
    Everyday English has two more tenses: "perfect", has slept, and "lasting", has been sleeping.

    reads: [], [reads]; with support: [does], [read]; wants to read: [does], [want, to, read]."""
    this = clause.verb
    person = (clause.dative if this.name == "like" else clause.subject).person
    if clause.modal:
        base = (BE, *this.english["participle"]) if clause.passive else this.english["base"]
        return _modal(clause.modal, person, base, support, verb, modal)
    if clause.tense in ("perfect", "lasting"):
        have = _auxiliary("has" if person == "er" else "have", verb)
        return [have], [(word, verb) for word in _until_now(clause, this)]
    if this.name == "be" or clause.passive or clause.tense == "progressive":
        be = (WAS if clause.tense == "past" else AM)[person]
        going_on = (BEING,) if clause.passive and clause.tense == "progressive" else ()
        words = () if this.name == "be" else (*going_on, *this.english["participle" if clause.passive else "ing"])
        return [_auxiliary(be, verb)], [(word, verb) for word in words]
    third = person == "er"
    if support:
        do = "did" if clause.tense == "past" else "does" if third else "do"
        return [_auxiliary(do, verb)], [(word, verb) for word in this.english["base"]]
    form = "past" if clause.tense == "past" else "s" if third else "base"
    return [], [(word, verb) for word in this.english[form]]


def _until_now(clause, this) -> tuple[Word, ...]:
    """What follows has: slept, been sleeping, been eaten."""
    if clause.tense == "lasting":
        return (BEEN, *this.english["ing"])
    return (BEEN, *this.english["participle"]) if clause.passive else this.english["participle"]


def _modal(
    name: str, person: str, base: tuple[Word, ...], support: bool, verb: int, modal: int
) -> tuple[list[Item], list[Item]]:
    _, (third, other), do = MODALS[name]
    main = [(word, verb) for word in base]
    word = third if person == "er" else other
    if not do:
        return [_auxiliary(word, modal)], main
    to = [(tagged("to", "PART"), modal)] if main else []  # "I want (to drink) coffee"
    if do == "would":
        return [_auxiliary(do, modal)], [(tagged(word, "VERB"), modal), *to, *main]
    if not support:
        return [], [(tagged(word, "VERB"), modal), *to, *main]
    plain = {"wanted": "want", "had": "have", "gern": "like"}.get(name, name)
    auxiliary = "did" if do == "did" else "does" if person == "er" else "do"
    return [_auxiliary(auxiliary, modal)], [(tagged(plain, "VERB"), modal), *to, *main]
