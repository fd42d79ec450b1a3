"""Words, endings and content: forms known by hand, tenses and adverbs that agree, nothing that reads two ways."""

from __future__ import annotations

import pytest

from course.corpus import sample
from course.corpus.antecedents import but_not, too
from course.corpus.chance import Chance
from course.corpus.clauses import Clause
from course.corpus.compound import because, can_mean
from course.corpus.content import mood, own
from course.corpus.events import clear, event, qualities
from course.corpus.groups import Numbers, english_group, german_group
from course.corpus.infinitives import attempt, judgement
from course.corpus.lexicon import NOUNS, nouns
from course.corpus.morphology import adjective, determiner, noun_form
from course.corpus.phrases import Place, noun, pronoun, pronoun_for
from course.corpus.relatives import at_subject
from course.corpus.sentences import draw
from course.corpus.simple import passive_clause
from course.corpus.verbs import VERBS
from tests.corpus import words as listed

NOUN_FORMS = [
    ("king", "König König König Königs Könige Könige Königen"),
    ("woman", "Frau Frau Frau Frau Frauen Frauen Frauen"),
    ("boy", "Junge Jungen Jungen Jungen Jungen Jungen Jungen"),
    ("student", "Student Studenten Studenten Studenten Studenten Studenten Studenten"),
    ("child", "Kind Kind Kind Kindes Kinder Kinder Kindern"),
    ("man", "Mann Mann Mann Mannes Männer Männer Männern"),
]


@pytest.mark.parametrize(("name", "forms"), NOUN_FORMS)
def test_noun_forms(name, forms):
    this = NOUNS[name]
    made = [noun_form(this, False, case) for case in ("nom", "acc", "dat", "gen")]
    made += [noun_form(this, True, case) for case in ("nom", "acc", "dat")]
    assert made == forms.split()


@pytest.mark.parametrize(
    ("name", "kind", "gender", "case", "words"),
    [
        ("the", "old", "m", "nom", "der alte"),
        ("the", "old", "m", "acc", "den alten"),
        ("a", "old", "m", "nom", "ein alter"),
        ("a", "old", "n", "acc", "ein altes"),
        ("a", "old", "f", "dat", "einer alten"),
        ("my", "new", "p", "nom", "meine neuen"),
        ("many", "new", "p", "acc", "viele neue"),
        ("many", "new", "p", "dat", "vielen neuen"),
        ("this", "red", "n", "nom", "dieses rote"),
        ("no", "red", "m", "acc", "keinen roten"),
        ("our", "big", "f", "nom", "unsere große"),
        ("the", "big", "n", "gen", "des großen"),
        ("", "cold", "m", "acc", " kalten"),
        ("", "cold", "n", "nom", " kaltes"),
        ("", "fresh", "f", "dat", " frischer"),
    ],
)
def test_determiner_and_adjective(name, kind, gender, case, words):
    assert f"{determiner(name, gender, case)} {adjective(kind, name, gender, case)}" == words


def test_no_noun_is_its_own_plural_and_every_group_is_known():
    assert [this.name for this in NOUNS.values() if this.german == this.german_plural] == []
    assert {
        "king",
        "queen",
        "car",
        "prince",
        "princess",
        "bus",
        "woman",
        "man",
        "boy",
        "girl",
        "child",
        "apple",
        "banana",
        "plum",
        "garden",
        "animal",
        "street",
    } <= set(NOUNS)
    assert [this.name for this in nouns("ruler dog king")] == ["king", "queen", "prince", "princess", "dog"]


def test_verb_groups():
    call = Clause(noun("king"), VERBS["call"])
    assert german_group(call, 1, 2) == (("ruft", 1), [("anruft", 1)], [("an", 1)])
    assert english_group(call, 1, 2, support=True) == ([("does", 1)], [("call", 1)])
    go = Clause(pronoun("we"), VERBS["go"], "past")
    assert german_group(go, 1, 2) == (("sind", 1), [("gefahren", 1), ("sind", 1)], [("gefahren", 1)])
    want = Clause(pronoun("he"), VERBS["sing"], modal="want")
    assert english_group(want, 1, 2, support=False) == ([], [("wants", 2), ("to", 2), ("sing", 1)])


PAST_ADVERBS, FUTURE_ADVERBS = {"gestern", "letzte"}, {"morgen", "bald", "nächste"}
HAS_BEEN = set(
    listed("""
    hat habe hast haben ist bin bist sind war waren warst wollte wollten wolltest konnte konnten konntest musste mussten
    musstest wurde wurden
""")
)


def test_tense_and_adverb_agree():
    """Yesterday goes with the past, tomorrow with will or a modal, gerade with -ing."""
    for pair in sample(6000, seed=21, kinds=("statement", "question", "open question")):
        german, english = set(pair.german), set(pair.english)
        if german & PAST_ADVERBS:
            assert german & HAS_BEEN, pair
            assert not english & {"will", "can", "cannot", "may", "should"}, pair
        if german & FUTURE_ADVERBS and "am" not in german:
            assert english & {"will", "can", "cannot", "may", "should", "want", "wants", "has", "have"}, pair
        if "gerade" in german:
            assert any(word.endswith("ing") for word in english), pair


def test_moods_fit_the_subject():
    chance, bus, lion = Chance(1), noun("bus"), noun("lion")
    assert {mood(chance, VERBS["arrive"], bus)[1] for _ in range(400)} == {"", "will"}
    assert {mood(chance, VERBS["sleep"], lion)[1] for _ in range(600)} == {"", "will", "can", "want", "could", "wanted"}
    assert {mood(chance, VERBS["love"], noun("king"))[0] for _ in range(200)} == {"present", "past"}


def test_things_do_not_act():
    acting = {"vehicle": {"cross", "drive", "come", "arrive"}}
    for seed in range(4):
        chance = Chance(seed)
        for _ in range(800):
            clause = event(chance)
            this = clause.subject.noun
            if this is not None and this.kind not in ("ruler", "person", "animal"):
                assert clause.verb.name in acting[this.kind]


def test_qualities_do_not_contradict_what_is_said_already():
    assert "old" not in qualities(noun("car", "the", "new"))
    assert "hot" not in qualities(noun("water", "the", "cold"))
    assert "wide" in qualities(noun("street"))


def test_clear():
    love = VERBS["love"]
    assert clear(Clause(noun("man"), love, accusative=noun("woman")))
    assert clear(Clause(noun("woman"), love, accusative=noun("man")))
    assert not clear(Clause(noun("woman"), love, accusative=noun("child")))
    assert not clear(Clause(pronoun("she"), VERBS["call"], accusative=noun("woman", "a")))
    assert clear(Clause(noun("woman"), love, accusative=noun("child", plural=True)))
    assert clear(Clause(noun("woman"), love, accusative=noun("book")))


def test_pronouns_and_possessives_by_what_they_stand_for():
    assert pronoun_for(noun("apple")) is pronoun("it m")
    assert pronoun_for(noun("queen")) is pronoun("she")
    assert pronoun_for(noun("street")) is pronoun("it f")
    assert pronoun_for(noun("mouse", plural=True)) is pronoun("they")
    assert pronoun_for(noun("girl")) is None
    assert [own(noun("king")), own(noun("queen")), own(noun("king", plural=True)), own(noun("dog"))] == [
        "his",
        "her",
        "their",
        "",
    ]
    assert [own(pronoun(name)) for name in ("I", "you", "we", "he", "she", "they")] == [
        "my",
        "your",
        "our",
        "his",
        "her",
        "their",
    ]


def test_a_pronoun_never_has_two_nouns_to_stand_for():
    feed = Clause(noun("man"), VERBS["feed"], accusative=noun("dog"))
    assert can_mean(feed.subject, feed) is None
    assert can_mean(feed.subject, Clause(feed.subject, VERBS["feed"], accusative=noun("cat"))) is pronoun("he")


def test_place_melts_only_with_the_bare_article():
    assert [word for word, _ in Place("in", "dat", "in", noun("garden")).words()[0]] == ["im", "Garten"]
    assert [word for word, _ in Place("in", "dat", "in", noun("garden", "this")).words()[0]] == [
        "in",
        "diesem",
        "Garten",
    ]
    assert [word for word, _ in Place("zu", "dat", "to", noun("school", "the", "old")).words()[0]] == [
        "zur",
        "alten",
        "Schule",
    ]


@pytest.mark.parametrize("construction", [too, but_not, because, attempt, judgement, at_subject])
def test_each_construction_brings_what_it_is_named_for(construction):
    sign = {
        "too": "zu",
        "but_not": "aber",
        "because": "weil obwohl",
        "attempt": ",",
        "judgement": "es",
        "at_subject": ",",
    }[construction.__name__]
    for seed in range(60):
        german, english = construction(Chance(seed), Numbers())
        assert set(sign.split()) & {word for word, _ in german}
        assert english


def test_a_passive_notes_the_object_it_makes_its_subject():
    chance = Chance(5)
    for _ in range(200):
        clause, numbers = passive_clause(chance), Numbers()
        numbers.note(clause)
        assert numbers.met == [(clause.verb.name, clause.subject.noun.name)]
    assert draw(Chance(0), ("passive",)).kind == "passive"
