"""Words and text, there and back."""

from __future__ import annotations

import pytest

from course.corpus import detokenize, sample, tokenize, words_of
from course.corpus.text import known_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Kannst du mir helfen, diesen Satz zu übersetzen?", "kannst du mir helfen , diesen Satz zu übersetzen ?"),
        ("The king's car is red.", "the king 's car is red ."),
        ("I don't know.", "I don't know ."),
        ("Don’t go!", "Don't go !"),
        ("Hunde schlafen.", "Hunde schlafen ."),
        ("Er zahlt 3,50 Euro (bar).", "er zahlt 3,50 Euro ( bar ) ."),
        ("Die U-Bahn kommt …", "die U-Bahn kommt …"),
        ("", ""),
    ],
)
def test_tokenize(text, words):
    assert list(tokenize(text)) == words.split()


def test_detokenize_undoes_tokenize():
    assert (
        detokenize(["der", "Hund", ",", "der", "schläft", ",", "ist", "müde", "."])
        == "Der Hund, der schläft, ist müde."
    )
    assert detokenize(["this", "is", "the", "boy", "'s", "dog", "."]) == "This is the boy's dog."
    assert detokenize([]) == ""


def test_every_pair_survives_the_round_trip():
    for pair in sample(10_000, seed=8):
        assert tokenize(detokenize(pair.german)) == pair.german
        assert tokenize(detokenize(pair.english)) == pair.english


def test_known_words_hold_every_small_word_that_begins_a_sentence():
    """They are put together from the lexicon's forms; tokenize asks for them at the first word alone."""
    first = {words[0] for pair in sample(10_000, seed=8) for words in (pair.german, pair.english)}
    small = {word for word in first if word == word.lower()}
    assert len(small) > 100
    assert small - known_words() == set()


@pytest.mark.parametrize(
    "words", ["schläft sleeps slept", "kann could", "er she", "cars", "rote red", "eine these", "heute today"]
)
def test_known_words_come_from_every_part_of_the_lexicon(words):
    """Verbs, modals, pronouns, English nouns, adjectives with their endings, determiners, adverbs."""
    assert set(words.split()) <= known_words()


def test_known_words_hold_no_german_noun():
    assert not any(word[0].isupper() for word in known_words())


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("the cat chased the dog.", ["the", "cat", "chased", "the", "dog."]),
        ("它又红又甜。", ["它", "又", "红", "又", "甜", "。"]),
        ("它 又 红 又 甜 ， 苹果", ["它", "又", "红", "又", "甜", "，", "苹果"]),
        ("今天天气很好， 走吧", ["今", "天", "天", "气", "很", "好", "，", "走", "吧"]),
        ("我用Python写", ["我", "用", "Python", "写"]),
        ("りんご", ["り", "ん", "ご"]),
        ("그는 갔다", ["그는", "갔다"]),
        ("  ", []),
    ],
)
def test_anybodys_sentence_has_words_also_where_its_language_writes_no_blanks(sentence, words):
    assert words_of(sentence) == words


def test_chinese_goes_there_and_back():
    assert tokenize("我爱吃苹果！") == ("我", "爱", "吃", "苹", "果", "！")
    assert detokenize(tokenize("我爱吃苹果！")) == "我爱吃苹果！"
    assert detokenize(["我", "爱", "Leo", "."]) == "我爱 Leo."
