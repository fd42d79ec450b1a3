"""One everyday clause in both languages: any part of it in front, small words, what one language says otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from course.corpus.clauses import EMPTY, Clause, Pieces, Sides, placed
from course.corpus.everyday_words import ANYMORE, EARLY, REASONS
from course.corpus.groups import Item, Numbers, english_group
from course.corpus.lexicon import Adverb
from course.corpus.phrases import Phrase, Place
from course.corpus.tags import Word, tagged
from course.corpus.verbs import VERBS, Verb

SOME = "some"  # the determiner of somebody, nothing ...: they stand where a noun would
GOING = ("walk", "go", "drive", "come", "run", "fly")  # where to comes first in English
SEI = {"du": "sei", "ihr": "seid", "sie": "seien"}


@dataclass(slots=True)
class Said(Clause):
    """What one says of an evening: a clause with small words, or one that English says with another verb."""

    complement: Phrase | None = None  # after to be: Sie ist meine Schwester
    measure: Phrase | None = None  # before the adjective: zehn Jahre alt
    particle: Adverb | None = None  # auch, schon, noch, nur, wieder, leider, vielleicht, bitte
    manner: Adverb | None = None  # gut, allein
    whereabouts: Adverb | None = None  # hier, zu Hause, nach Hause
    way: Place | None = None  # über die Brücke
    asked: Adverb | None = None  # wo, wann, warum: always in front
    gladly: bool = False  # gern: to like to do it
    state: tuple[Word, Word] | None = None  # Hunger haben: to be hungry
    early: bool = False  # where stands before what: trinkt in der Küche einen Kaffee
    elided: bool = False  # German leaves the infinitive out: ich muss nach Hause
    experiencer: bool = False  # the English subject is the dative: mir ist kalt
    meaning: tuple[str, str] | None = None  # tense and modal in English, where they differ
    english_verb: Verb | None = None  # where it differs

    def pieces(self, numbers: Numbers, gap: str = "") -> Parts:
        """Its parts in both languages."""
        return Parts(self, numbers, gap)


class Meaning:
    """What English makes its verb group of."""

    __slots__ = ("dative", "modal", "passive", "subject", "tense", "verb")

    def __init__(self, clause: Said):
        self.verb, self.passive = clause.english_verb or clause.verb, clause.passive
        self.tense, self.modal = clause.meaning or (clause.tense, "gern" if clause.gladly else clause.modal)
        self.dative = clause.dative
        self.subject = clause.dative if clause.experiencer else clause.subject


class Parts(Pieces):
    """The parts of an everyday clause. front: the role that stands first, in German and (where it can) in English."""

    def __init__(self, clause: Said, numbers: Numbers, gap: str = ""):
        super().__init__(clause, numbers, gap)
        self.front = "asked" if clause.asked else ""
        self.complement = self._object(clause.complement, "nom", numbers, gap == "complement")
        self.negation = self._denied(numbers)
        self.particle, self.manner, self.whereabouts = (
            small(adverb, numbers, self.verb) for adverb in (clause.particle, clause.manner, clause.whereabouts)
        )
        self.asked = small(clause.asked, numbers, self.verb)
        self.way = self.placed_at(clause.way, numbers)
        self.gern = [(tagged("gern", "ADV"), self.modal)] if clause.gladly else []
        self.state = self._state(numbers)
        if clause.experiencer and clause.verb is VERBS["be"]:
            self.subject = EMPTY  # mir ist kalt: nobody does it
        if clause.elided:
            self.tail, self.last = [], [self.finite]
        if clause.measure is not None:
            more = placed(clause.measure, "acc", numbers)
            self.predicate = more[0] + self.predicate[0], more[1] + self.predicate[1]

    def _denied(self, numbers: Numbers) -> Sides:
        """kein before what "is" links, too: das ist kein Hund, that is not a dog."""
        thing = self.clause.complement
        if self.clause.negated and self.clause.state is not None and self.clause.state[0] != "Recht":
            return [], []
        if self.clause.negated and thing is not None and thing.determiner == "not a" and self.complement[0]:
            return [], [(tagged("not", "PART"), self.complement[0][0][1])]
        return self.negation

    def _state(self, numbers: Numbers) -> Sides:
        """Hunger / hungry; keinen Hunger / not ... hungry."""
        if self.clause.state is None:
            return EMPTY
        (noun, adjective), base = self.clause.state, numbers.take(2)
        german = [(noun, base)]
        if self.clause.degree:  # großen Hunger haben: to be very hungry
            great = "große" if noun == "Angst" else "großen"
            return [(tagged(great, "ADJ"), base + 1), *german], [(tagged("very", "ADV"), base + 1), (adjective, base)]
        if self.clause.negated and noun != "Recht":
            german = [(tagged("keine" if noun == "Angst" else "keinen", "DET"), base + 1), *german]
            self.negation = [], [(tagged("not", "PART"), base + 1)]
        return german, [(adjective, base)]

    # German ------------------------------------------------------------------------------------------------------

    def middle(self, with_time: bool = True) -> list[Item]:
        """Pronouns, small words, time, objects, nicht, how, where, what "is" links; without what stands in front."""
        clause, front = self.clause, self.front
        light, heavy = self._light_and_heavy()
        time = self.time[0] if with_time and front != "time" else []
        particle = [] if front == "particle" else self.particle[0]
        early = particle if clause.particle in EARLY else []
        late = [] if early else particle
        denied = self.negation[0]
        if clause.particle is ANYMORE:  # nicht mehr
            late, denied = [], [*denied, *particle]
        before = self.gern or (clause.accusative is not None and clause.accusative.determiner == "much")
        objects = [*time, *late, *denied, *self.gern, *heavy] if before else (
            [*heavy, *time, *late, *denied] if denied else [*time, *late, *heavy]
        )  # fmt: skip
        if clause.early and heavy and not denied and front != "place":
            return [*light, *early, *time, *late, *self.gern, *self.place[0], *heavy, *self._end("place")]
        return [*light, *early, *objects, *self._end()]

    def _light_and_heavy(self) -> Sides:
        """The objects: pronouns, and the others."""
        light, heavy = [], []
        for role in ("accusative", "dative"):
            phrase, items = getattr(self.clause, role), getattr(self, role)[0]
            if phrase is None or role == self.front:
                continue
            if phrase.pronoun and phrase.determiner != SOME:
                light += items
            else:
                heavy = items + heavy  # the dative noun before the accusative noun
        return light, heavy

    def _end(self, said: str = "") -> list[Item]:
        """What stands last: how, with whom, by what, where, what "is" links."""
        roles = ("manner", "company", "means", "way", "place", "whereabouts", "complement", "predicate", "state")
        return [item for role in roles if role not in (self.front, said) for item in getattr(self, role)[0]]

    def subject_here(self) -> list[Item]:
        """The subject, unless it stands in front."""
        return [] if self.front == "subject" else self.subject[0]

    def verb_first(self) -> list[Item]:
        """Liest der Mann heute das Buch?"""
        return [self.finite, *self.subject_and_middle(), *self.tail]

    def subject_and_middle(self) -> list[Item]:
        """The subject, then the rest; but gefällt dir das Bild: a pronoun before what pleases."""
        clause, subject = self.clause, self.subject_here()
        middle = self.middle()
        first = clause.verb.name == "like" and not clause.subject.pronoun and clause.dative.pronoun
        if first and subject and self.front != "dative" and clause.dative.determiner != SOME:
            return [*middle[:1], *subject, *middle[1:]]
        return [*subject, *middle]

    def verb_second(self) -> list[Item]:
        """Any one role, then the verb: heute liest der Mann das Buch; das Buch liest der Mann."""
        self.front = self.front or "subject"
        return [*getattr(self, self.front)[0], *self.verb_first()]

    def verb_last(self) -> list[Item]:
        """(weil) der Mann heute das Buch liest; wo der Mann das Buch liest"""
        start = getattr(self, self.front)[0] if self.front else []
        return [*start, *self.subject_and_middle(), *self.last]

    def commanded(self, person: str) -> Sides:
        """Mach die Tür zu! Macht die Tür zu! Machen Sie die Tür zu! / Close the door!"""
        verb = self.clause.verb
        plain = (
            verb.imperative if person == "du" else verb.present.get("ihr", "") if person == "ihr" else verb.infinitive
        )
        form = SEI[person] if verb.name == "be" else plain
        polite = self.subject[0] if person == "sie" else []
        prefix = [(tagged(verb.prefix, "ADP"), self.verb)] if verb.prefix else []
        base = [(word, self.verb) for word in (self.clause.english_verb or verb).english["base"]]
        do = [(tagged("do", "AUX"), self.verb), *self.negation[1]] if self.clause.negated else []
        please = self.particle[1] if self.clause.particle in EARLY else []
        german = [(verb.word(form), self.verb), *polite, *self.middle(), *prefix]
        return german, [*please, *do, *base, *self.english_end()]

    # English -----------------------------------------------------------------------------------------------------

    def english_subject(self) -> list[Item]:
        """Who is the subject in English: mir ist kalt, I am cold."""
        return self.dative_as_subject() if self.clause.experiencer else super().english_subject()

    def english_end(self, with_time: bool = True) -> list[Item]:
        """Objects, what "is" links, how, with whom, where, when."""
        clause = self.clause
        given, receiver = ([] if self.leads(role) else getattr(self, role)[1] for role in ("accusative", "dative"))
        if clause.experiencer:
            given, receiver = [], []
        if clause.verb.name == "like":
            given, receiver = self.subject[1], []
        if given and self.leads("dative"):  # who do you give it to?
            objects = [*given, (tagged("to", "ADP"), self.dative[1][0][1])]
        elif given and receiver and clause.accusative.pronoun and clause.accusative.determiner != SOME:
            objects = [*given, (tagged("to", "ADP"), receiver[0][1]), *receiver]
        else:
            objects = receiver + given
        how, where = ("manner", "company"), ("way", "place", "whereabouts")
        order = (*where, *how) if clause.verb.name in GOING else (*how, *where)  # comes home quickly
        roles = ("complement", "predicate", "state", *order, "means")
        kept = [self.stranded(role) if self.leads(role) else getattr(self, role)[1] for role in roles]
        rest = [item for items in kept for item in items]
        ends = [
            item for adverb, role in ((clause.time, "time"), (clause.particle, "particle"))
            if adverb is not None and adverb.where == "end" and not self.leads(role) for item in getattr(self, role)[1]
        ]  # fmt: skip
        return [*objects, *rest, *ends, *self.asked[1][1:]]

    def stranded(self, role: str) -> list[Item]:
        """The preposition that stays behind: who are you waiting for?"""
        return getattr(self, role)[1][:1] if role in ("company", "place") else []

    def leads(self, role: str) -> bool:
        """English has it in front as well: a question word, a time."""
        return role == self.front and (role == "time" or self.asking)

    asking = False  # the role in front is asked for

    def english(self, question: bool = False, fronted: bool = False) -> list[Item]:
        """Front, subject, auxiliary, not, adverbs, verb, the rest; a question puts the auxiliary first."""
        negation, subject = self.negation[1], self.english_subject()
        auxiliary, rest = english_group(Meaning(self.clause), self.verb, self.modal, question or bool(negation))
        if negation and auxiliary[-1][0] == "can" and not question:
            auxiliary, negation = [(tagged("cannot", "AUX"), auxiliary[-1][1])], []
        start = [*auxiliary, *subject] if question else [*subject, *auxiliary]
        return [*self._english_front(), *start, *negation, *self._english_middle(), *rest, *self.english_end()]

    def _english_front(self) -> list[Item]:
        if self.clause.asked is not None:
            return self.asked[1][:1] if self.clause.asked.english[-1].tag == "ADP" else self._whole_question()
        particle = self.clause.particle
        front = self.particle[1] if particle is not None and particle.where == "front" else []
        if self.front == "subject" or not self.leads(self.front):
            return front
        whole = getattr(self, self.front)[1]
        comma = [(tagged(",", "PUNCT"), whole[0][1])] if self.clause.time in REASONS and self.front == "time" else []
        return [*front, *whole[len(self.stranded(self.front)) :], *comma]

    def _whole_question(self) -> list[Item]:
        """how long: no part stays behind."""
        whole, self.asked = self.asked[1], (self.asked[0], [])
        return whole

    def _english_middle(self) -> list[Item]:
        clause, found = self.clause, []
        for adverb, role in ((clause.particle, "particle"), (clause.time, "time")):
            if adverb is not None and adverb.where == "middle" and not self.leads(role):
                found += getattr(self, role)[1]
        return found

    # Whole sentences ---------------------------------------------------------------------------------------------

    def statement(self, front: str = "") -> Sides:
        """Dem Mann helfe ich heute. / I help the man today."""
        self.front = front
        return self.verb_second(), self.english()

    def question(self) -> Sides:
        """Hilfst du dem Mann? / Do you help the man?"""
        return self.verb_first(), self.english(question=True)

    def asks(self, role: str = "asked") -> Sides:
        """Wem hilfst du? / Whom do you help? Wer hilft dir? / Who helps you?"""
        self.front, self.asking = role, True
        return self.verb_second(), self.english(question=role != "subject")

    def asks_inside(self, role: str = "asked") -> Sides:
        """(ich weiß,) wem du hilfst / whom you help"""
        self.front, self.asking = role, True
        return self.verb_last(), self.english()


def small(adverb: Adverb | None, numbers: Numbers, verb: int) -> Sides:
    """The words of an adverbial, one concept."""
    if adverb is None:
        return EMPTY
    number = numbers.take(1) if adverb.english else verb
    return [(word, number) for word in adverb.german], [(word, number) for word in adverb.english]
