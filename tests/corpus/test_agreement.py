"""Thousands of pairs against rules that know nothing of the grammar; and the rules against sentences that are wrong."""

from __future__ import annotations

import pytest

from course.corpus import sample, tokenize
from tests.corpus import english_rules, german_order
from tests.corpus.german_rules import check_noun_phrases


@pytest.fixture(scope="module")
def pairs():
    return sample(6_000, seed=321)


def test_determiner_adjective_and_noun_agree_and_prepositions_take_their_case(pairs):
    wrong = [(fault, " ".join(pair.german)) for pair in pairs for fault in check_noun_phrases(pair.german)]
    assert wrong[:5] == []


def test_german_verbs_stand_where_they_must_and_agree(pairs):
    simple = [pair.german for pair in pairs if pair.kind != "chain"]
    wrong = [(fault, " ".join(german)) for german in simple for fault in german_order.check_sentence(german)]
    assert wrong[:5] == []


def test_english_agrees(pairs):
    wrong = [(fault, " ".join(pair.english)) for pair in pairs for fault in english_rules.check_sentence(pair.english)]
    assert wrong[:5] == []


DENIALS = frozenset(
    ["nicht", "nie", "kein", "keine", "keinen", "keinem", "keiner", "keines", "not", "no", "never", "cannot"]
)


def n_denials(words) -> int:
    return sum(word in DENIALS for word in words)


def test_what_one_side_denies_the_other_denies_too(pairs):
    assert sum(n_denials(pair.german) > 0 for pair in pairs) > 600
    wrong = [
        " ".join(pair.german + pair.english) for pair in pairs if n_denials(pair.german) != n_denials(pair.english)
    ]
    assert wrong[:5] == []


@pytest.mark.parametrize(
    "text",
    [
        "der Frau liebt den Mann .",
        "ich sehe den Junge .",
        "ein kleine Kind schläft .",
        "der alter König schläft .",
        "mit den Hund .",
        "die Männer helfen den Kinder .",
        "wir trinken kalte Wasser .",
        "das Auto des König ist rot .",
        "durch dem Park .",
    ],
)
def test_the_rules_see_wrong_noun_phrases(text):
    words = text.split()
    nominative = {"der Frau liebt den Mann ."}
    assert check_noun_phrases(words) or (text in nominative and german_order.check_sentence(words))


@pytest.mark.parametrize(
    "text",
    [
        "heute der Mann liest das Buch .",
        "der Mann hat gelesen das Buch , weil er ist müde .",
        "ich hat geschlafen .",
        "der Mann hat gegangen .",
        "der Hund ist geschlafen .",
        "die Frau ruft den Arzt .",
        "die Kinder liest das Buch .",
        "der Mann kauft nicht ein Auto .",
        "der Junge will das Buch liest .",
    ],
)
def test_the_rules_see_wrong_verbs(text):
    assert german_order.check_sentence(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "He eat an apple.", "They reads a book.", "She is a old woman.", "The man did not ate the bread.",
        "Does he reads every day?",
        "The woman reads not the book.", "Eats he the apple?",
    ],
)  # fmt: skip
def test_the_rules_see_wrong_english(text):
    assert english_rules.check_sentence(tokenize(text))
