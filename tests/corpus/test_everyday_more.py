"""Everyday sentences: passives, until now, opinions, lists, what is asked otherwise, short answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course.corpus import EVERYDAY_KINDS, sample
from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.clauses import Relative
from course.corpus.everyday_actions import EACH, doing_now
from course.corpus.everyday_asked import GIVING, WHO, given_to, giving, opinion_asked, since_when, way_asked, with_whom
from course.corpus.everyday_being import liked
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_compound import judging, on_condition, reason_first
from course.corpus.everyday_mood import PERFECT, lasting_until_now, not_yet
from course.corpus.everyday_more import been_to, belonging, comparing, day, done_to, opinion, so_long
from course.corpus.everyday_nouns import across, introduced, no_more, of_whom, spouse
from course.corpus.everyday_phrases import REPLIES, described, phrase
from course.corpus.everyday_relative import being_called
from course.corpus.everyday_shared import two_verbs
from course.corpus.groups import Numbers
from course.corpus.phrases import Place, noun_phrase, owned, pronoun
from course.corpus.splits import spoken
from tests.corpus.test_everyday import SPEECH, en, said, told

A_LONG_TIME, CAR, BREAD = say.SINCE[0], en("car"), en("bread", "")
THREE = say.listed(BREAD, say.together(en("milk", ""), en("apple", "", "", True)))
STATEMENTS = [
    (said(CAR, "repair", passive=True, time=say.TIMES["today"][0], meaning=("progressive", "")), "",
     "Das Auto wird heute repariert.", "The car is being repaired today."),
    (said(CAR, "repair", passive=True, modal="have"), "", "Das Auto muss repariert werden.",
     "The car has to be repaired."),
    (said(CAR, "repair", passive=True, tense="past", particle=say.YET, negated=True, meaning=PERFECT), "",
     "Das Auto wurde noch nicht repariert.", "The car has not been repaired yet."),
    (said("I", "wait", time=A_LONG_TIME, meaning=lasting_until_now(SPEECH["wait"])), "", "Ich warte schon lange.",
     "I have been waiting for a long time."),
    (said("he", "be", adjective="sick", time=A_LONG_TIME, meaning=lasting_until_now(SPEECH["be"])), "",
     "Er ist schon lange krank.", "He has been sick for a long time."),
    (said("he", "wait", manner=say.FOR_LONG, tense="past"), "", "Er hat lange gewartet.", "He waited for a long time."),
    (said("I", "fly", tense="past", time=say.NEVER_YET, meaning=PERFECT), "", "Ich bin noch nie geflogen.",
     "I have never flown."),
    (said("we", "eat", tense="past", time=say.JUST, meaning=PERFECT), "", "Wir haben gerade gegessen.",
     "We have just eaten."),
    (said("she", "live", particle=say.ANYMORE, negated=True, whereabouts=say.HERE), "", "Sie wohnt nicht mehr hier.",
     "She does not live here anymore."),
    (said("I", "have", no_more(say.every("money")[0], False)), "", "Ich habe kein Geld mehr.",
     "I have no more money."),
    (said("I", "believe", dative=pronoun("he"), negated=True), "dative", "Ihm glaube ich nicht.",
     "I do not believe him."),
    (said("she", "buy", THREE), "", "Sie kauft Brot, Milch und Äpfel.", "She buys bread, milk and apples."),
    (said("I", "come", particle=say.ALSO), "", "Ich komme auch.", "I come too."),
    (said("I", "find", en("book"), adjective="good", degree="very"), "", "Ich finde das Buch sehr gut.",
     "I find the book very good."),
    (said(say.SPOTS_NAMED[1], "like", dative=pronoun("we"), manner=say.VERY_MUCH), "", "Deutschland gefällt uns sehr.",
     "We like Germany very much."),
    (said("we", "walk", way=Place("über", "acc", "over", en("bridge")), place=Place("in", "acc", "to", en("city"))), "",
     "Wir gehen über die Brücke in die Stadt.", "We go over the bridge to the city."),
    (said(owned(noun_phrase(say.MORE_NOUNS["sister"], "my"), spouse(say.every("man")[0])), "be",
          complement=en("doctor", "profession")), "", "Der Mann meiner Schwester ist Arzt.",
     "My sister's husband is a doctor."),
    (said("that", "be", complement=of_whom(say.CALLED["Anna"], say.every("car")[0])), "",
     "Das ist das Auto von Anna.", "That is Anna's car."),
    (said("that", "be", complement=introduced(say.MORE_NOUNS["brother"], "my", "Tom")), "",
     "Das ist mein Bruder Tom.", "That is my brother Tom."),
    (said(en("tram"), "drive", negated=True, english_verb=SPEECH["run"], meaning=("progressive", "")), "",
     "Die Straßenbahn fährt nicht.", "The tram is not running."),
]  # fmt: skip


@pytest.mark.parametrize(("clause", "front", "german", "english"), STATEMENTS, ids=[row[2] for row in STATEMENTS])
def test_what_else_is_said(clause, front, german, english):
    assert told(clause.pieces(Numbers()).statement(front)) == (german, english)


QUESTIONS = [
    (said("you", "give", en("flower", "the", "", True), dative=WHO), "dative", "Wem gibst du die Blumen?",
     "Who do you give the flowers to?"),
    (said("you all", "wait", place=Place("auf", "acc", "for", WHO), meaning=("progressive", "")), "place",
     "Auf wen wartet ihr?", "Who are you waiting for?"),
    (said("you", "wait", asked=say.HOW_LONG, particle=say.UNTIL_NOW, meaning=("lasting", "")), "asked",
     "Wie lange wartest du schon?", "How long have you been waiting?"),
    (said("I", "get", asked=say.HOW, place=Place("zu", "dat", "to", en("station"))), "asked",
     "Wie komme ich zum Bahnhof?", "How do I get to the station?"),
    (said(en("train", "the", "next"), "drive", asked=say.WHEN), "asked", "Wann fährt der nächste Zug?",
     "When does the next train go?"),
    (said("you", "believe", dative=pronoun("I"), negated=True), "", "Glaubst du mir nicht?", "Do you not believe me?"),
    (said("I", "take", CAR, modal="can", particle=say.PLEASE), "", "Kann ich bitte das Auto nehmen?",
     "Can I please take the car?"),
]  # fmt: skip


@pytest.mark.parametrize(("clause", "role", "german", "english"), QUESTIONS, ids=[row[2] for row in QUESTIONS])
def test_what_else_is_asked(clause, role, german, english):
    parts = clause.pieces(Numbers())
    assert told(parts.asks(role) if role else parts.question(), "?") == (german, english)


def clauses(rule, *more, n=1_500) -> set[tuple[str, str]]:
    """The statements that a rule makes in many draws."""
    chance = Chance(12)
    return {told(rule(chance, *more).pieces(Numbers()).statement()) for _ in range(n)}


@pytest.mark.parametrize(
    ("rule", "some"),
    [
        (done_to, ("Ich wurde eingeladen.", "I was invited.")),
        (so_long, ("Ich bin schon lange hier.", "I have been here for a long time.")),
        (been_to, ("Ich war noch nie in Berlin.", "I have never been to Berlin.")),
        (opinion, ("Ich finde das gut.", "I find that good.")),
        (day, ("Gestern war ein schlechter Tag.", "Yesterday was a bad day.")),
        (belonging, ("Das gehört mir.", "That belongs to me.")),
        (judging, ("Es ist schön.", "It is nice.")),
    ],
)  # fmt: skip
def test_a_rule_makes_what_is_said(rule, some):
    assert some in clauses(rule)


@pytest.mark.parametrize(
    ("rule", "some"),
    [
        (with_whom, ("Mit wem sprichst du?", "Who are you speaking with?")),
        (since_when, ("Wie lange bist du schon hier?", "How long have you been here?")),
        (opinion_asked, ("Wie findest du das?", "How do you like that?")),
        (way_asked, ("Wie komme ich nach Hause?", "How do I get home?")),
    ],
)  # fmt: skip
def test_a_rule_makes_what_is_asked(rule, some):
    chance, found = Chance(13), set()
    for _ in range(3_000):
        clause, role = rule(chance)
        found.add(told(clause.pieces(Numbers()).asks(role), "?"))
    assert some in found


def sides(rule, n=3_000, *more) -> set[tuple[str, str]]:
    """What a rule of both sides makes in many draws, each with its sign."""
    chance, found = Chance(14), set()
    for _ in range(n):
        numbers = Numbers()
        both = rule(chance, numbers, *more)
        found.add(told(both, numbers.mark))
    return found


def test_somebody_is_compared_and_two_things_are_done():
    assert ("Ich bin so alt wie du.", "I am as old as you.") in sides(comparing, 12_000)
    both = sides(two_verbs)
    assert any(german.startswith("Ich will ") and english.startswith("I want to ") for german, english in both)
    assert not any(" and want " in english for _, english in both)


def test_conditions_command_and_ask_and_reasons_come_first():
    found = sides(on_condition)
    assert any(german.endswith("!") and ", wenn du " in german for german, _ in found)
    assert any(german.endswith("?") and ", wenn " in german for german, _ in found)
    assert any(german.startswith("Weil es regnet,") for german, _ in sides(reason_first))


def test_a_name_after_a_relative_clause():
    woman = en("woman")
    known = Said(pronoun("I"), SPEECH["know"], accusative=woman, meant=woman.noun)
    whole = replace(woman, relative=Relative(known, "accusative"))
    found = {(german.replace(",?", "?"), english) for german, english in sides(being_called, 200, whole)}
    assert ("Die Frau, die ich kenne, heißt Lena.", "The woman whom I know is called Lena.") in found
    assert ("Wie heißt die Frau, die ich kenne?", "What is the name of the woman whom I know?") in found


def test_short_answers():
    replies = {told(phrase(text, Numbers())) for text in REPLIES}
    assert replies >= {
        ("Heute nicht.", "Not today."),
        ("Noch nicht.", "Not yet."),
        ("Ich weiß nicht.", "I do not know."),
    }
    assert sides(described) >= {("Sehr gut.", "Very good."), ("Zu teuer.", "Too expensive.")}


def test_every_verb_is_said_in_the_present_with_every_pronoun():
    chance, found = Chance(15), {}
    for _ in range(8_000):
        clause = doing_now(chance, False)
        assert clause.tense == "present"
        found.setdefault(clause.verb.name, set()).add(clause.subject.german["nom"][0][0])
    assert found.keys() >= {action.verb.name for action in EACH if action.verb.name not in ("have", "go")}
    assert all({"ich", "du", "ihr", "wir"} <= who for name, who in found.items() if name not in ("want",))


def test_words_that_suit():
    assert spouse(say.every("man")[0]).name == "husband"
    assert spouse(say.every("man")[0], "the").name == "man"
    chance = Chance(16)
    assert {liked(chance)[1] for _ in range(200)} == {SPEECH["like"], say.TASTE_GOOD}
    assert all(given_to(chance)[0].verb.name in {action.verb.name for action in GIVING} for _ in range(20))
    assert giving(chance, pronoun("I")).accusative is not None
    city = Place("in", "acc", "to", en("city"))
    assert "city" not in {across(chance, city).phrase.noun.name for _ in range(60)}
    late = said("I", "sleep", tense="past", negated=True)
    for _ in range(40):
        not_yet(chance, late)
    assert (late.particle, late.meaning) == (say.STILL, PERFECT)


def test_every_noun_of_a_list_counts_as_met():
    numbers = Numbers()
    said("she", "buy", THREE).pieces(numbers)
    assert numbers.met == [("buy", "bread"), ("buy", "milk"), ("buy", "apple")]


def test_buses_go():
    pairs = (*sample(10_000, seed=9, kinds=EVERYDAY_KINDS), *map(spoken, sample(8_000, seed=10)))
    assert not any({"drive", "drives", "drove", "driving"} & {*pair.english} for pair in pairs)
