"""What people say most often: constructions by examples, and what must never have two readings."""

from __future__ import annotations

import pytest

from course.corpus import EVERYDAY_KINDS, sample
from course.corpus import everyday_words as say
from course.corpus.everyday_answers import question_and_answer
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_nouns import of_mine
from course.corpus.everyday_often import KNEW, bare, has_done, in_general, more_of, new_one, no_still, spoken_there
from course.corpus.everyday_shared import three_verbs
from course.corpus.groups import Numbers
from course.corpus.phrases import pronoun
from course.corpus.splits import spoken
from tests.corpus.test_everyday import en, said, told
from tests.corpus.test_everyday_wider import made

SOUP, CAKE, MILK = (say.every(name)[0] for name in ("soup", "cake", "milk"))
WISH = {"modal": "would like", "elided": True}
STATEMENTS = [
    (said(en("child", "", "", True), "eat", bare(CAKE), gladly=True), "", "Kinder essen gern Kuchen.",
     "Children like to eat cake."),
    (said("we", "have", en("milk", "no"), particle=say.UNFORTUNATELY), "", "Wir haben leider keine Milch.",
     "Unfortunately we have no milk."),
    (Said(pronoun("I"), KNEW, "past", accusative=pronoun("that"), negated=True), "accusative",
     "Das wusste ich nicht.", "I did not know that."),
    (said("that", "be", complement=of_mine(say.every("friend")[0], "I")), "", "Das ist ein Freund von mir.",
     "That is a friend of mine."),
    (said("I", "need", new_one(say.every("car")[0], "new")), "", "Ich brauche ein neues.", "I need a new one."),
    (said(en("cake"), "be", adjective="big", degree="much too"), "", "Der Kuchen ist viel zu groß.",
     "The cake is much too big."),
    (said("we", "laugh", tense="past", manner=say.MUCH_TOGETHER), "", "Wir haben zusammen viel gelacht.",
     "We laughed a lot together."),
]  # fmt: skip
QUESTIONS = [
    (Said(pronoun("you"), say.NOTHING, accusative=bare(CAKE), particle=say.ALSO, **WISH), "",
     "Möchtest du auch Kuchen?", "Would you like cake too?"),
    (Said(pronoun("who"), say.NOTHING, accusative=more_of(SOUP), **WISH), "subject", "Wer möchte noch Suppe?",
     "Who would like more soup?"),
    (Said(pronoun("you polite"), say.NOTHING, accusative=say.one_of(say.every("coffee")[0]), **WISH), "",
     "Möchten Sie einen Kaffee?", "Would you like a coffee?"),
    (said("you all", "wait", whereabouts=say.OUT_HERE, asked=say.WHY), "asked", "Warum wartet ihr hier draußen?",
     "Why do you wait out here?"),
]  # fmt: skip


@pytest.mark.parametrize(("clause", "front", "german", "english"), STATEMENTS, ids=[row[2] for row in STATEMENTS])
def test_statements(clause, front, german, english):
    assert told(clause.pieces(Numbers()).statement(front)) == (german, english)


@pytest.mark.parametrize(("clause", "role", "german", "english"), QUESTIONS, ids=[row[2] for row in QUESTIONS])
def test_questions(clause, role, german, english):
    parts = clause.pieces(Numbers())
    assert told(parts.asks(role) if role else parts.question(), "?") == (german, english)


def test_a_question_has_its_answer():
    pairs = made(question_and_answer)
    assert any(pair[0].endswith("? Ja, sehr.") and pair[1].endswith("? Yes, very.") for pair in pairs)
    assert any(pair[0].endswith("? Ich bin es.") and pair[1].endswith("? It is me.") for pair in pairs)
    assert any(german.startswith("Ist das dein Bruder? Nein, das ist mein Freund") for german, _ in pairs)
    assert all(german.count("?") == 1 for german, _ in pairs if "Ich brauche" not in german and "?" in german)


def test_three_things_are_done_by_one():
    assert all(german.count(",") == english.count(",") >= 1 for german, english in made(three_verbs))


def one(make) -> set[str]:
    """The English of what a maker of clauses says."""
    return {english for _, english in made(lambda chance, numbers: make(chance).pieces(numbers).statement())}


def test_what_has_been_done_is_in_the_perfect():
    done = one(has_done)
    assert any("have already gone" in english for english in done)
    assert not any("already went" in english for english in done)
    assert "German is spoken here." in one(spoken_there)


def test_noch_before_a_bare_noun_is_more():
    eating = said("he", "eat", bare(MILK), particle=say.STILL)
    no_still(eating)
    assert told(eating.pieces(Numbers()).statement()) == ("Er isst noch Milch.", "He eats more milk.")
    liking = said("I", "read", en("book", "a"), gladly=True)
    assert told(Said(pronoun("I"), liking.verb, accusative=in_general(liking, True)).pieces(Numbers()).statement()) == (
        "Ich lese Bücher.", "I read books.")  # fmt: skip


def test_a_cause_in_front_has_its_comma():
    for pair in (*sample(8_000, seed=2, kinds=EVERYDAY_KINDS), *map(spoken, sample(4_000, seed=3))):
        assert max(row for row, _ in pair.alignment) < len(pair.english) == len(pair.english_tags)
        if pair.english[0] == "despite":
            assert "," in pair.english[:6]
