"""Doubt: the same tokens as without, the probabilities of teacher forcing, words and figures by hand."""

import math
import random

import pytest
import torch

from course.doubt import (
    Doubted,
    Found,
    doubt_figures,
    doubtful,
    translate_with_doubt,
    word_probabilities,
    wrong_words,
)
from course.seq2seq import EOS
from course.tokenizer import SPECIAL, START, Tokenizer
from course.translation import translate
from tests.oracles import translator

SOURCES = [[random.Random(row).randrange(3, 13) for _ in range(1 + row % 7)] for row in range(40)]


@pytest.mark.parametrize("max_tokens", [0, 1, 4, 12])
def test_the_tokens_are_those_without_doubt(max_tokens):
    model = translator(1)
    found = translate_with_doubt(model, SOURCES, max_tokens)
    assert [one.tokens for one in found] == translate(model, SOURCES, max_tokens)
    assert [len(one.tokens) for one in found] == [len(one.probabilities) for one in found]


def test_probabilities_are_those_that_teacher_forcing_gives():
    model = translator(1)
    for source, (tokens, probabilities) in zip(SOURCES, translate_with_doubt(model, SOURCES, 9), strict=True):
        with torch.no_grad():
            logits = model(torch.tensor([source]), torch.tensor([[1, *tokens]]))[0]
        theirs = logits.softmax(dim=-1)[torch.arange(len(tokens)), tokens].tolist()
        assert probabilities == pytest.approx(theirs, abs=1e-12)
        assert len(tokens) == 9 or logits[-1].argmax() == EOS
    assert {p < 0.5 for one in translate_with_doubt(model, SOURCES, 9) for p in one.probabilities} == {True, False}


def test_nothing_an_empty_sentence_and_the_mode():
    model = translator(2, dropout=0.5)
    model.train()
    assert translate_with_doubt(model, []) == []
    one, two = (translate_with_doubt(model, [[], [5, 6]], 5) for _ in range(2))
    assert one == two
    assert one[0] == Doubted([], [])
    assert model.training
    model.eval()


def tokenizer() -> Tokenizer:
    return Tokenizer((), (*SPECIAL, START, START + "go", "ing", START + "he"), frozenset(["going", "he"]))


def test_a_word_is_as_probable_as_its_tokens_together():
    both = Doubted([7, 5, 6], [0.9, 0.8, 0.5])
    assert word_probabilities(tokenizer(), both) == [("he", 0.9), ("going", pytest.approx(0.4))]
    assert word_probabilities(tokenizer(), Doubted([6, 5], [0.3, 0.5])) == [("ing", 0.3), ("go", 0.5)]
    lone = Doubted([4, 4, 6, 3, 6, 3], [0.1, 0.5, 0.5, 0.5, 0.5, 0.7])
    found = word_probabilities(tokenizer(), lone)
    assert found == [("ing", 0.25), ("<unk>ing", 0.25), ("<unk>", 0.7)], "a start mark alone is no word"
    for some in (both, lone):
        assert [word for word, _ in word_probabilities(tokenizer(), some)] == tokenizer().decode(some.tokens)


def test_what_is_marked():
    words = [("the", 0.9), ("cat", 0.49), ("cat", 0.9), ("sat", 0.5), ("the", 0.9)]
    assert doubtful(words) == [False, True, True, False, False]
    assert doubtful(words, 0.4) == [False, False, True, False, False]
    assert doubtful([]) == []


def test_figures_by_hand():
    wanted = [[["a", "b"], ["b"]], [["a", "b", "c"]], [["a"]], [["a", "b"]]]
    written = [
        [("a", 0.9), ("b", 0.9)],  # right and sure
        [("a", 0.9), ("x", 0.4), ("c", 0.4)],  # wrong and doubted, once in vain
        [("a", 0.2)],  # right, doubted
        [("a", 0.9), ("x", 0.9)],  # wrong and sure
    ]
    sentences, words = doubt_figures(written, wanted)
    assert sentences == Found(doubted=2, wrong=2, both=1)
    assert (sentences.precision, sentences.recall) == (0.5, 0.5)
    assert words == Found(doubted=3, wrong=2, both=1)
    assert words.precision == pytest.approx(1 / 3)
    assert doubt_figures(written, wanted, 0.1)[0] == Found(0, 2, 0)
    assert math.isnan(Found(0, 2, 0).precision)
    assert math.isnan(Found(2, 0, 0).recall)
    assert doubt_figures([], []) == (Found(0, 0, 0), Found(0, 0, 0))


def test_wrong_words_are_seen_beside_the_nearest_right_translation():
    assert wrong_words(["he", "is", "not", "here"], [["he", "is", "n't", "there"], ["he", "is", "here"]]) == [
        False, False, True, False,
    ]  # fmt: skip
    assert wrong_words(["b", "a"], [["a", "b"]]).count(True) == 1, "an order of words can be wrong, too"
    assert wrong_words([], [["a"]]) == []
