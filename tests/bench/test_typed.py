"""Typed: several right translations, with and without the final sign, and doubt counted over them."""

import pytest

from course.bench import typed as bench_typed
from course.bench.typed import answered, kept
from course.corpus import tokenize
from course.corpus.typed import Typed, typed
from course.doubt import Doubted, Found

ASKED = [
    Typed("Der Hund schläft.", ("The dog sleeps.", "The dog is sleeping."), "statement", True),
    Typed("Die Katze schläft.", ("The cat sleeps.",), "statement", True),
    Typed("Wo ist der Hund?", ("Where is the dog?",), "place", False),
]


class Side:
    """Words that are their own tokens."""

    @staticmethod
    def encode(words):
        return list(words)


@pytest.fixture
def translating(monkeypatch):
    """answers: German sentence without its sign -> (English, the probability of each word)."""
    asked = []

    def ask(answers):
        def translate(model, sources):
            asked.extend(sources)
            found = [answers[" ".join(word for word in source if word not in ".?")] for source in sources]
            return [Doubted(list(tokenize(text)), [p] * len(tokenize(text))) for text, p in found]

        monkeypatch.setattr(bench_typed, "translate_with_doubt", translate)
        monkeypatch.setattr(bench_typed, "word_probabilities", lambda tokenizer, one: list(zip(*one, strict=True)))
        return asked

    return ask


class Two:
    german = english = Side()


def test_any_right_translation_counts_and_doubt_is_counted(translating):
    translating({
        "der Hund schläft": ("The dog is sleeping.", 0.9),
        "die Katze schläft": ("The dog sleeps.", 0.4),
        "wo ist der Hund": ("Where is the dog.", 0.9),
    })  # fmt: skip
    found = answered(None, Two, ASKED)
    assert found.exact == pytest.approx(100 / 3)
    assert found.sentences == Found(doubted=1, wrong=2, both=1)
    assert found.words == Found(doubted=4, wrong=2, both=1)


@pytest.mark.parametrize("sign", ["", ".", "?"])
def test_without_the_final_sign_none_is_given_and_none_is_asked_for(translating, sign):
    asked = translating({
        "der Hund schläft": (f"The dog sleeps{sign}", 0.9),
        "die Katze schläft": (f"The cat sleeps{sign}", 0.9),
        "wo ist der Hund": (f"Where is dog{sign}", 0.9),
    })  # fmt: skip
    found = answered(None, Two, ASKED, final_sign=False)
    assert found.exact == pytest.approx(200 / 3)
    assert asked == [["der", "Hund", "schläft"], ["die", "Katze", "schläft"], ["wo", "ist", "der", "Hund"]]


def test_only_the_final_sign_goes():
    assert kept(["yes", ".", "no", "."], False) == ["yes", ".", "no"]
    assert kept(["yes", ".", "no", "."], True) == ["yes", ".", "no", "."]
    assert kept(["no"], False) == ["no"]
    assert kept([], False) == []


def test_typed_sentences_are_taught_and_untaught_and_have_translations():
    sentences = typed()
    assert {one.taught for one in sentences} == {True, False}
    assert all(one.german and one.construction and all(one.english) for one in sentences)
