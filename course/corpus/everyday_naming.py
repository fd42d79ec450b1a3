"""What one is called, and what there is: English says both in its own way."""

from __future__ import annotations

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.clauses import Sides, placed
from course.corpus.everyday_actions import at
from course.corpus.everyday_being import BE, IT
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_nouns import (
    doer,
    somebody,
    suiting,
)
from course.corpus.groups import Numbers
from course.corpus.phrases import Phrase, noun_phrase
from course.corpus.simple import joined, word
from course.corpus.tags import tagged

POSSESSIVES = {"I": "my", "you": "your", "he": "his", "she": "her", "we": "our", "they": "their"}


def called(chance: Chance, polite: bool = False) -> Phrase:
    """Whose name is told or asked for."""
    while True:
        who = somebody(chance, polite) if chance.happens(0.7) else doer(chance, "animal")
        if not who.plural and who.determiner not in ("name", "some", "no", "every", "a"):
            return who
        if who.pronoun and who.determiner not in ("some", "both"):
            return who


def names_of(who: Phrase, numbers: Numbers) -> tuple[Sides, int]:
    """The subject in German with my or the king's in English, and the number of the verb."""
    verb = numbers.take(1)
    german, english = placed(who, "nom", numbers)
    if who.pronoun:
        return (german, [(tagged(POSSESSIVES[who.english[0][0].plain], "DET"), german[0][1])]), verb
    return (german, [*english, (tagged("'s", "PART"), german[-1][1])]), verb


def form_of_heissen(who: Phrase) -> str:
    """heiße, heißt, heißen."""
    return {"ich": "heiße", "sie": "heißen"}.get(who.person, "heißt")


def naming(who: Phrase, name: Phrase, numbers: Numbers, order: str, denied: bool = False) -> Sides:
    """Ich heiße Anna (statement); heißt du Anna? (question); dass er Anna heißt (inside)."""
    subject, verb = names_of(who, numbers)
    german, english = placed(name, "nom", numbers)
    number = numbers.take(1)
    no = [(tagged("nicht", "PART"), number)] if denied else []
    finite = [(tagged(form_of_heissen(who), "VERB"), verb)]
    noun, be = (tagged("name", "NOUN"), verb), (tagged("is", "AUX"), verb)
    nots = [(tagged("not", "PART"), number)] if denied else []
    if order == "question":
        return [*finite, *subject[0], *no, *german], [be, *subject[1], noun, *nots, *english]
    start = [*subject[0], *finite, *no, *german] if order == "statement" else [*subject[0], *no, *german, *finite]
    return start, [*subject[1], noun, be, *nots, *english]


def what_name(who: Phrase, numbers: Numbers, inside: bool = False) -> Sides:
    """Wie heißt du? / What is your name? (ich weiß,) wie er heißt / what his name is"""
    subject, verb = names_of(who, numbers)
    number = numbers.take(1)
    how, what = (tagged("wie", "ADV"), number), (tagged("what", "PRON"), number)
    finite = (tagged(form_of_heissen(who), "VERB"), verb)
    noun, be = (tagged("name", "NOUN"), verb), (tagged("is", "AUX"), verb)
    if inside:
        return [how, *subject[0], finite], [what, *subject[1], noun, be]
    return [how, finite, *subject[0]], [what, be, *subject[1], noun]


FOUND = say.every(
    "people animal vehicle text thing fruit food drink city park school station street bridge castle money question"
)


def existing(chance: Chance, numbers: Numbers, order: str) -> Sides:
    """Es gibt kein Brot. / There is no bread. Gibt es hier einen Park? / Is there a park here?"""
    noun = chance.pick(FOUND)
    denied, plural = chance.happens(0.25), bool(noun.german_plural) and chance.happens(0.35)
    name = "no" if denied else chance.pick(("", "many", "two")) if plural else "" if noun.mass else "a"
    thing = noun_phrase(
        noun, name, chance.pick(suiting(noun)) if suiting(noun) and chance.happens(0.15) else "", plural
    )
    if noun.mass and not denied and chance.happens(0.3):
        thing = say.much(noun, "much" if order == "question" else "a lot of")
    es, verb, past = numbers.take(1), numbers.take(1), chance.happens(0.15)
    bare = name == "" and len(thing.english) < 3 and not past
    german, english = joined(still(chance, numbers, bare), placed(thing, "acc", numbers))
    where, number = existing_where(chance, noun, numbers), "sie" if thing.plural else "er"
    finite = (tagged("gab" if past else "gibt", "VERB"), verb)
    be = (tagged({"er": "was", "sie": "were"}[number] if past else {"er": "is", "sie": "are"}[number], "VERB"), verb)
    it, there = (tagged("es", "PRON"), es), (tagged("there", "PRON"), es)
    if order == "question":
        return [finite, it, *where[0], *german], [be, there, *english, *where[1]]
    if order == "place" and where[0]:
        return [*where[0], finite, it, *german], [there, be, *english, *where[1]]
    return [it, finite, *where[0], *german], [there, be, *english, *where[1]]


def still(chance: Chance, numbers: Numbers, bare: bool) -> Sides:
    """Gibt es noch Kuchen? / Is there still cake?"""
    return word("noch", "still", numbers, "ADV") if bare and chance.happens(0.25) else ([], [])


def existing_where(chance: Chance, noun, numbers: Numbers) -> Sides:
    """hier, dort, im Garten; or nothing."""
    draw = chance.draw()
    if draw < 0.35:
        return [], []
    if draw < 0.7:
        adverb, number = (
            chance.pick((say.HERE, say.HERE, say.THERE, say.IN_BERLIN, say.TIMES["today"][0])),
            numbers.take(1),
        )
        return [(word, number) for word in adverb.german], [(word, number) for word in adverb.english]
    name = chance.pick(("garden", "kitchen", "park", "city", "house", "room", "school", "street"))
    return ([], []) if say.every(name)[0] is noun else Said(IT, BE).pieces(numbers).placed_at(at(chance, name), numbers)
