"""Everyday sentences: how much and how, who is called, two things said of one subject, several sentences in a row."""

from __future__ import annotations

import pytest

from course.corpus import EVERYDAY_KINDS, sample
from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.everyday_being import STATES
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_nouns import WHOLES
from course.corpus.everyday_rows import apology, calling, three
from course.corpus.everyday_shared import introduced, same_subject
from course.corpus.everyday_simple import lying
from course.corpus.groups import Numbers
from course.corpus.phrases import Place, pronoun
from course.corpus.splits import spoken
from tests.corpus.test_everyday import SPEECH, en, said, told

STATEMENTS = [
    (said("he", "work", manner=say.TOO_MUCH), "", "Er arbeitet zu viel.", "He works too much."),
    (said("she", "sing", manner=say.degree(say.BEAUTIFULLY, "so")), "", "Sie singt so schön.",
     "She sings so beautifully."),
    (said("we", "have", state=STATES[1], degree="very", english_verb=SPEECH["be"]), "", "Wir haben großen Durst.",
     "We are very thirsty."),
    (said("I", "need", say.much(say.every("money")[0], "some")), "", "Ich brauche etwas Geld.", "I need some money."),
    (said("I", "eat", say.another(say.every("apple")[0])), "", "Ich esse noch einen Apfel.", "I eat another apple."),
    (said(say.part_of(WHOLES[2], say.every("window")[0]), "be", adjective="small"), "",
     "Das Fenster der Küche ist klein.", "The window of the kitchen is small."),
    (said("we", "stay", whereabouts=say.HERE, time=say.REASONS[0]), "time", "Wegen des Regens bleiben wir hier.",
     "Because of the rain, we stay here."),
    (Said(pronoun("I"), say.NOTHING, modal="would like", accusative=en("ball", "a"), elided=True,
          particle=say.PLEASE_LAST), "", "Ich möchte bitte einen Ball.", "I would like a ball, please."),
    (said("he", "walk", place=Place("in", "acc", "to", en("park")), company=Place("mit", "dat", "with", en("dog"))), "",
     "Er geht mit dem Hund in den Park.", "He goes to the park with the dog."),
    (said("I", "drink", en("milk", ""), place=Place("in", "dat", "in", en("kitchen")), early=True), "",
     "Ich trinke in der Küche Milch.", "I drink milk in the kitchen."),
    (said("he", "come", manner=say.QUICKLY, whereabouts=say.HOME), "", "Er kommt schnell nach Hause.",
     "He comes home quickly."),
    (said("I", "tell", pronoun("everything"), modal="can", dative=pronoun("you")), "dative",
     "Dir kann ich alles sagen.", "I can tell you everything."),
    (said("he", "buy", en("book", "the", "next")), "", "Er kauft das nächste Buch.", "He buys the next book."),
]  # fmt: skip


@pytest.mark.parametrize(("clause", "front", "german", "english"), STATEMENTS, ids=[row[2] for row in STATEMENTS])
def test_how_much_and_how(clause, front, german, english):
    assert told(clause.pieces(Numbers()).statement(front)) == (german, english)


def made(rule, *more) -> set[tuple[str, str]]:
    """What a rule makes in many draws."""
    chance = Chance(8)
    return {told(rule(chance, Numbers(), *more)) for _ in range(3_000)}


def test_two_things_are_said_of_one_subject():
    assert made(introduced) >= {
        ("Ich heiße Maria und bin zehn Jahre alt.", "My name is Maria and I am ten years old."),
        ("Er heißt Tom und wohnt in Berlin.", "His name is Tom and he lives in Berlin."),
    }
    shared = {german for german, _ in made(same_subject)}
    assert any(", aber" in german for german in shared)
    assert any(german.startswith("Am Morgen") for german in shared)


def test_somebody_is_called_and_sentences_follow_each_other():
    assert made(apology) >= {("Es tut mir leid.", "I am sorry.")}
    names = {german.split(",")[0] for german, _ in made(calling)}
    assert names >= {"Anna", "Kinder"}
    assert any(german.endswith("Und du.") and german.count(".") + german.count("!") == 3 for german, _ in made(three))
    greetings = {pair.german[:4] for pair in sample(4_000, seed=3, kinds=("sentences in a row", "phrase"))}
    assert any(words[:2] == ("hallo", "Anna") for words in greetings)


def test_snow_lies_where_english_says_there_is():
    assert made(lying, "place") >= {("Im Garten liegt Schnee.", "There is snow in the garden.")}


def test_one_goes_to_school_and_to_the_park():
    pairs = (*sample(12_000, seed=9, kinds=EVERYDAY_KINDS), *map(spoken, sample(8_000, seed=10)))
    english = [" " + " ".join(pair.english) for pair in pairs]
    assert sum(" to school " in text or " at school " in text for text in english) > 50
    assert not any(" to the school " in text or " at the school " in text for text in english)
    assert not any(" into the park" in text or " into the city" in text for text in english)
    assert all(max(row for row, _ in pair.alignment) < len(pair.english) == len(pair.english_tags) for pair in pairs)
