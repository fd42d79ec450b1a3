"""Words as pieces against the byte-pair encoding of the `tokenizers` library, there and back on words of any kind."""

import functools
import json
import os
import random
import subprocess
import sys
from collections import Counter

import pytest
import tokenizers
from tokenizers import models, pre_tokenizers, trainers

from course.corpus import sample
from course.tokenizer import SPECIAL, START, UNKNOWN, Tokenizer, bpe_decode, bpe_encode, byte_pair_merges, merge_pair

SEEDS = range(300)


def library(words: list[str], n_merges: int = 100_000) -> tokenizers.Tokenizer:
    """Trained on the words; each is a word of its own, a start mark in front is a letter like others."""
    theirs = tokenizers.Tokenizer(models.BPE())
    theirs.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    size = len(set("".join(words))) + n_merges
    theirs.train_from_iterator([" ".join(words)], trainers.BpeTrainer(vocab_size=size, show_progress=False))
    return theirs


def merges_of(theirs: tokenizers.Tokenizer) -> list[tuple[str, str]]:
    return [tuple(pair) for pair in json.loads(theirs.to_str())["model"]["merges"]]


def small_text(seed: int) -> list[str]:
    """Few letters and short words: ties and repeated letters everywhere."""
    chance = random.Random(seed)
    letters = "abcde"[: chance.randint(2, 5)]
    words = ["".join(chance.choices(letters, k=chance.randint(1, 9))) for _ in range(chance.randint(1, 60))]
    return [START + word for word in words] if seed % 2 else words


@functools.cache
def corpus_words(side: str) -> tuple[list[str], list[str]]:
    """All words of 3,000 sentences, and those of 500 others."""
    seen, unseen = (
        [word for pair in sample(n, seed=seed) for word in getattr(pair, side)] for n, seed in ((3_000, 1), (500, 2))
    )
    return seen, unseen


@functools.cache
def corpus_merges(side: str, n_merges: int) -> tuple[list[tuple[str, str]], tokenizers.Tokenizer]:
    marked = [START + word for word in corpus_words(side)[0]]
    return byte_pair_merges(Counter(marked), n_merges), library(marked, n_merges)


@pytest.mark.parametrize("seeds", [SEEDS[i::4] for i in range(4)])
def test_merges_of_small_texts_equal_the_librarys_to_the_last(seeds):
    for seed in seeds:
        words = small_text(seed)
        assert byte_pair_merges(Counter(words), 100_000) == merges_of(library(words)), words


@pytest.mark.parametrize("n_merges", [0, 1, 7])
def test_so_many_merges_as_asked_for_equal_the_librarys(n_merges):
    for seed in SEEDS[:40]:
        words = small_text(seed)
        assert byte_pair_merges(Counter(words), n_merges) == merges_of(library(words, n_merges)), words


@pytest.mark.parametrize("side", ["german", "english"])
def test_merges_of_the_corpus_equal_the_librarys(side):
    ours, theirs = corpus_merges(side, 400)
    assert len(ours) == 400
    assert ours == merges_of(theirs)


@pytest.mark.parametrize("side", ["german", "english"])
def test_pieces_of_unseen_sentences_equal_the_librarys(side):
    merges, theirs = corpus_merges(side, 400)
    letters = {letter for word in corpus_words(side)[0] for letter in word}
    words = [word for word in dict.fromkeys(corpus_words(side)[1]) if set(word) <= letters]
    turned = [word[::-1] for word in words]  # words that no text has
    assert len(words) > 100
    for word in [*words, *turned]:
        assert bpe_encode([word], merges) == theirs.encode(START + word).tokens


def test_pieces_of_words_of_few_letters_equal_the_librarys():
    n_words = 0
    for seed in SEEDS[1::2]:
        words = small_text(seed)
        merges, theirs = byte_pair_merges(Counter(words), 100_000), library(words)
        chance, letters = random.Random(seed), sorted(set("".join(words)) - {START})
        for _ in range(10):
            word = "".join(chance.choices(letters, k=chance.randint(1, 12)))
            assert bpe_encode([word], merges) == theirs.encode(START + word).tokens, (words, word)
            n_words += 1
    assert n_words == 1_500


def test_merge_pair_by_hand():
    assert merge_pair(list("banana"), ("a", "n")) == ["b", "an", "an", "a"]
    assert merge_pair(list("aaaaa"), ("a", "a")) == ["aa", "aa", "a"]
    assert merge_pair(["ba", "n"], ("a", "n")) == ["ba", "n"]
    assert merge_pair([], ("a", "n")) == []


def test_merges_by_hand():
    """The words of Sennrich et al. 2016, algorithm 1: e-s stands there 9 times, es-t 9 times, l-o and o-w 7 times."""
    counts = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
    assert byte_pair_merges(counts, 3) == [("e", "s"), ("es", "t"), ("l", "o")]
    assert byte_pair_merges({"aaa": 1}, 5) == [("a", "a"), ("aa", "a")]
    assert byte_pair_merges({}, 5) == byte_pair_merges({"a": 3}, 5) == []


def test_more_merges_begin_with_the_fewer():
    words = Counter(corpus_words("german")[0])
    assert byte_pair_merges(words, 60)[:25] == byte_pair_merges(words, 25)


UNICODE = [
    "Übergrößenträger",
    "naïve",
    "苹果树",
    "我爱吃苹果",
    "Привет",
    "שלום",
    "e\u0301te\u0301",
    "x",
    "\U0001d54f",
    "co-op",
    "...",
    "a\u00a0b",
    "a b",
]


@pytest.mark.parametrize("n_merges", [0, 5, 1_000])
def test_there_and_back_is_the_word_whatever_its_letters(n_merges):
    merges = byte_pair_merges({START + word: n for n, word in enumerate(UNICODE, 1)}, n_merges)
    assert bpe_decode(bpe_encode(UNICODE, merges)) == UNICODE
    chance = random.Random(0)
    for _ in range(300):
        code_points = [chance.choice([chance.randrange(33, 0x2FF), chance.randrange(0x4E00, 0x9FFF)]) for _ in range(9)]
        words = ["".join(map(chr, code_points[: chance.randint(1, 9)])) for _ in range(3)]
        assert bpe_decode(bpe_encode(words, merges)) == words


def test_decode_by_hand():
    assert bpe_decode([START, "low", START + "low", "er"]) == ["low", "lower"]
    assert bpe_decode(["er", START + "war"]) == ["er", "war"], "a model may forget the first mark"
    assert bpe_decode([START, START, START + "a", START]) == ["a"]
    assert bpe_decode([]) == []


SENTENCES = [
    ["der", "alte", "Mann", "grüßt"],
    ["der", "Mann", "isst", "苹果"],
    ["alte", "Äpfel", "isst", "der", "Mann"],
]


def test_special_tokens_have_their_numbers():
    tokenizer = Tokenizer.train(SENTENCES)
    assert tokenizer.pieces[:4] == SPECIAL == ("<pad>", "<bos>", "<eos>", "<unk>")
    assert UNKNOWN == 3
    assert len(tokenizer) == len(tokenizer.pieces) == len(set(tokenizer.pieces))


@pytest.mark.parametrize("n_merges", [0, 3, 5_000])
def test_tokenizer_there_and_back(n_merges):
    tokenizer = Tokenizer.train(SENTENCES, n_merges)
    for sentence in [*SENTENCES, ["Mann"], [], ["der"] * 3]:
        tokens = tokenizer.encode(sentence)
        assert all(3 < token < len(tokenizer) for token in tokens)
        assert tokenizer.decode(tokens) == sentence
        assert tokenizer.decode([1, *tokens, 2, 0, 0]) == sentence
        assert tokenizer.unknown(sentence) == []


def test_every_frequent_word_becomes_one_piece():
    tokenizer = Tokenizer.train([list(pair.german) for pair in sample(300, seed=3)])
    words = sorted(tokenizer.words)
    assert tokenizer.encode(words) == [tokenizer.pieces.index(START + word) for word in words]


def test_every_sentence_of_the_corpus_comes_back():
    for side in ("german", "english"):
        tokenizer = Tokenizer.train([getattr(pair, side) for pair in sample(1_000, seed=1)], 300)
        for pair in sample(300, seed=4):
            words = list(getattr(pair, side))
            tokens = tokenizer.encode(words)
            assert tokenizer.decode(tokens) == words or UNKNOWN in tokens


def test_new_words_of_known_letters_are_cut_into_pieces_and_named():
    tokenizer = Tokenizer.train(SENTENCES)
    assert tokenizer.unknown(["der", "Herr", "Mann", "Herr", "tanzt"]) == ["Herr", "tanzt"]
    tokens = tokenizer.encode(["Manni"])
    assert UNKNOWN not in tokens
    assert len(tokens) > 1
    assert tokenizer.decode(tokens) == ["Manni"]


@pytest.mark.parametrize("parts", [False, True])
@pytest.mark.parametrize("side", ["german", "english"])
def test_any_word_of_known_letters_is_cut_into_known_pieces(side, parts):
    """Also where merging makes a piece that has no number."""
    words = set(corpus_words(side)[0])
    tokenizer = Tokenizer.train([sorted(words)], parts=parts)
    letters, chance = sorted({letter for word in words for letter in word}), random.Random(0)
    some = sorted(words)
    new = [
        chance.choice(some)[: chance.randint(1, 9)] + chance.choice(some)[chance.randint(0, 5) :] for _ in range(300)
    ]
    new += ["".join(chance.choices(letters, k=chance.randint(1, 12))) for _ in range(300)]
    without_number = 0
    for word in new:
        tokens = tokenizer.encode([word])
        assert UNKNOWN not in tokens, word
        assert tokenizer.decode(tokens) == [word]
        without_number += any(piece not in tokenizer.pieces for piece in bpe_encode([word], tokenizer.merges))
    assert without_number == 0 if parts else without_number > 100


def test_parts_by_hand():
    merges = (("l", "o"), ("lo", "w"), (START, "low"), ("e", "r"), (START + "low", "er"))
    pieces = (*SPECIAL, START, START + "lower", "e", "l", "lo", "o", "r", "w")
    tokenizer = Tokenizer(merges, pieces, frozenset(["lower"]))

    def named(*words: str, **how) -> list[str]:
        return [tokenizer.pieces[token] for token in tokenizer.encode(words, **how)]

    assert named("lower") == [START + "lower"]
    assert named("low") == [START, "lo", "w"], "two pieces on the way have no number, a third has one"
    assert named("slow") == [START, "<unk>", "lo", "w"]
    assert named("loller") == [START, "lo", "l", "l", "e", "r"]
    cuts = {tuple(named("lower", chance=random.Random(seed), share=1.0)) for seed in range(200)}
    fewest, most = (START, "lo", "w", "e", "r"), (START, "l", "o", "w", "e", "r")
    assert cuts == {fewest, most}


def test_all_pieces_on_the_way_are_kept_with_parts():
    words = [sorted(set(corpus_words("german")[0]))]
    without, with_parts = Tokenizer.train(words), Tokenizer.train(words, parts=True)
    assert without.merges == with_parts.merges
    assert set(with_parts.pieces) == set(without.pieces) | {a + b for a, b in without.merges}
    assert with_parts.encode(words[0]) == [with_parts.pieces.index(START + word) for word in words[0]]


def test_about_so_many_words_are_cut_as_asked_for_and_into_pieces_that_make_them_again():
    sentences = [pair.german for pair in sample(400, seed=2)]
    tokenizer, chance = Tokenizer.train(sentences, parts=True), random.Random(1)
    words = [word for sentence in sentences for word in sentence]
    cut = [tokenizer.encode([word], chance, share=0.2) for word in words]
    assert [tokenizer.decode(one) for one in cut] == [[word] for word in words]
    n_cut = sum(one != tokenizer.encode([word]) for one, word in zip(cut, words, strict=True))
    assert n_cut / len(words) == pytest.approx(0.2, abs=0.03)
    for word in tokenizer.words:
        assert len(tokenizer.encode([word], chance, share=1.0)) > len(tokenizer.encode([word]))
    by_seed = [tokenizer.encode(words[:30], random.Random(seed)) for seed in (1, 1, 2, 3)]
    assert by_seed[0] == by_seed[1]
    assert len(set(map(tuple, by_seed))) == 3
    assert tokenizer.encode(words[:30], random.Random(1), 0.0) == tokenizer.encode(words[:30])


def test_unknown_letters_become_unk_and_are_named():
    tokenizer = Tokenizer.train(SENTENCES)
    assert tokenizer.encode(["香", "Mann"]).count(UNKNOWN) == 1
    assert tokenizer.decode(tokenizer.encode(["香", "Mann"])) == ["<unk>", "Mann"]
    assert tokenizer.unknown(["香", "Mann", "Wye"]) == ["香", "Wye"]
    assert tokenizer.encode(["苹果"]) == [tokenizer.pieces.index(START + "苹果")]


def test_sentences_before_do_not_matter():
    """What was met once is remembered; that must change nothing."""
    first, second = Tokenizer.train(SENTENCES, 4), Tokenizer.train(SENTENCES, 4)
    first.encode(["Manni", "香"])
    assert first.encode(SENTENCES[1]) == second.encode(SENTENCES[1])
    assert first == second


def test_tokenizer_learns_from_a_generator_too_and_from_tuples():
    assert Tokenizer.train(tuple(sentence) for sentence in SENTENCES) == Tokenizer.train(SENTENCES)


def test_merges_do_not_hang_on_the_order_of_the_sentences():
    assert Tokenizer.train(SENTENCES[::-1], 9) == Tokenizer.train(SENTENCES, 9)


def test_tokenizer_is_the_same_in_another_process():
    """The order of a set hangs on the process; the pieces must not."""
    code = f"from course.tokenizer import Tokenizer; print(ascii(Tokenizer.train({SENTENCES!r}, 9).pieces))"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
        assert said.stdout.decode().strip() == ascii(Tokenizer.train(SENTENCES, 9).pieces)


@pytest.mark.parametrize("use", ["train", "encode", "unknown"])
def test_a_sentence_that_is_one_string_is_refused(use):
    tokenizer = Tokenizer.train(SENTENCES)
    with pytest.raises(ValueError, match="list of words, but 'der Mann' is one string"):
        getattr(tokenizer, use)(["der Mann"] if use == "train" else "der Mann")


@pytest.mark.parametrize("nothing", [[], [[], []]])
def test_a_text_without_words_is_refused(nothing):
    with pytest.raises(ValueError, match="the sentences hold none"):
        Tokenizer.train(nothing)
