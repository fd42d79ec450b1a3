"""Taggers: what padding may not change, torch's own GRU, and how much of a language each has learnt."""

from __future__ import annotations

import itertools
from dataclasses import replace
from time import process_time

import pytest
import torch
from torch import nn

from course.bench.history import TAGGERS, compare
from course.blocks import BlockConfig
from course.corpus import tagged_splits
from course.sequences import gru_step, lstm_step, rnn_step
from course.taggers import (
    N_OWN,
    ConvolutionTagger,
    CrfTagger,
    EncoderTagger,
    FeatureTable,
    MaximumEntropyTagger,
    RecurrentTagger,
    Tagger,
    of_like_length,
    pretrain,
    tag,
    tagged_batches,
    tagging_accuracy,
    train_tagger,
    word_features,
)
from course.tagging import crf_log_likelihood
from tests.parity import randomise

SENTENCES = [
    (("she", "saw", "Her", "old", "dog", "."), ("PRON", "VERB", "DET", "ADJ", "NOUN", "PUNCT")),
    (("dogs", "sleep"), ("NOUN", "VERB")),
]
CONFIG = BlockConfig(d_model=8, n_heads=2, d_ff=12, n_layers=2)
MAKERS = {
    "maximum entropy": MaximumEntropyTagger,
    "CRF": CrfTagger,
    "RNN": lambda n_features, n_tags: RecurrentTagger(n_features, n_tags, nn.RNN, 8),
    "GRU": lambda n_features, n_tags: RecurrentTagger(n_features, n_tags, nn.GRU, 8),
    "LSTM": lambda n_features, n_tags: RecurrentTagger(n_features, n_tags, nn.LSTM, 8),
    "convolution": lambda n_features, n_tags: ConvolutionTagger(n_features, n_tags, 8, 3),
    "encoder": lambda n_features, n_tags: EncoderTagger(n_features, n_tags, CONFIG),
}


@pytest.fixture(scope="module")
def table():
    return FeatureTable.of(SENTENCES, window=1)


@pytest.fixture(params=MAKERS)
def tagger(request, table) -> Tagger:
    return randomise(MAKERS[request.param](table.n_features, len(table.tags))).eval()


def test_features_of_a_word_by_hand():
    words = SENTENCES[0][0]
    own = ["word=Her", "1 last=r", "2 last=er", "3 last=Her", "capital=True", "first=False"]
    assert word_features(words, 2) == own
    assert len(own) == N_OWN
    assert word_features(words, 2, 2)[N_OWN:] == ["at -1=saw", "at 1=old", "at -2=she", "at 2=dog"]
    assert word_features(words, 0, 1)[N_OWN:] == ["at -1=", "at 1=saw"], "nothing stands before the first"


def test_batch_is_padded_behind_and_unknown_features_are_0(table):
    features, tags, mask = table.batch(SENTENCES)
    assert features.shape == (2, 6, N_OWN + 2)
    assert mask.tolist() == [[True] * 6, [True, True] + [False] * 4]
    assert (features[mask] > 0).all()
    assert (features[~mask] == 0).all()
    assert [table.tags[i] for i in tags[1][mask[1]]] == ["NOUN", "VERB"]
    assert features.max().item() == len(table.features) == table.n_features - 1
    assert table.encode(["xylophones"])[0][:4] == [0, table.features["1 last=s"], 0, 0]
    assert list(table.features.values()) == list(range(1, table.n_features))


def test_padding_changes_no_score(tagger, table):
    features, tags, mask = table.batch(SENTENCES)
    both = tagger(features, mask)
    assert both.shape == (2, 6, len(table.tags))
    short = features[1:, :2], mask[1:, :2]
    torch.testing.assert_close(both[1:, :2], tagger(*short))
    assert tagger.decode(features, mask)[1] == tagger.decode(*short)[0]
    losses = [tagger.loss(*table.batch([one])).item() for one in SENTENCES]
    assert tagger.loss(features, tags, mask).item() == pytest.approx((6 * losses[0] + 2 * losses[1]) / 8)


def by_our_step(name: str, reader: nn.RNNBase, suffix: str, xs: torch.Tensor) -> torch.Tensor:
    """The states (T, d) of lesson 01's step over xs (T, d), with torch's weights."""
    step = {"RNN": rnn_step, "GRU": gru_step, "LSTM": lstm_step}[name]
    places = {"w_x": "weight_ih", "w_h": "weight_hh", "b_x": "bias_ih", "b_h": "bias_hh"}
    weights = {ours: getattr(reader, f"{theirs}_l0{suffix}") for ours, theirs in places.items()}
    state, states = [xs.new_zeros(xs.shape[1])] * (2 if name == "LSTM" else 1), []
    for x in xs:
        state = step(x, *state, **weights)
        state = state if name == "LSTM" else [state]
        states.append(state[0])
    return torch.stack(states)


@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
def test_recurrent_taggers_read_by_the_steps_of_lesson_01(name, table):
    tagger = randomise(MAKERS[name](table.n_features, len(table.tags)))
    features, _, mask = table.batch(SENTENCES)
    for row, n in ((0, 6), (1, 2)):
        xs = tagger.table[features[row, :n]].sum(-2)
        there = by_our_step(name, tagger.reader, "", xs)
        back = by_our_step(name, tagger.reader, "_reverse", xs.flip(0)).flip(0)
        torch.testing.assert_close(tagger(features, mask)[row, :n], tagger.output(torch.cat([there, back], -1)))


def test_convolution_sees_its_width_and_no_farther():
    table = FeatureTable.of(SENTENCES)
    tagger = randomise(MAKERS["convolution"](table.n_features, len(table.tags)))
    words = list(SENTENCES[0][0])
    changed = [(words, ()), ([*words[:2], "dogs", *words[3:]], ())]
    one, other = tagger(*(table.batch(changed)[place] for place in (0, 2)))
    assert (one != other).any(dim=-1).tolist() == [False, True, True, True, False, False]


def test_batches_of_like_length_leave_no_length_out_and_pad_little():
    lengths = torch.tensor([2, 30] * 50)
    batches = list(itertools.islice(of_like_length(lengths, 8, torch.Generator().manual_seed(0)), 10))
    assert [len(rows) for rows in batches] == [8] * 10
    found = [set(lengths[rows].tolist()) for rows in batches]
    assert set.union(*found) == {2, 30}
    assert sum(len(one) > 1 for one in found) <= 1
    assert found != sorted(found, key=max), "not always from short to long"


def test_pretraining_learns_which_word_was_hidden(table):
    torch.manual_seed(0)
    plain = [("she", "saw", "Her", "old", "dog", "."), ("dogs", "sleep")]
    tagger = EncoderTagger(table.n_features, len(table.tags), replace(CONFIG, positions="rotary"))
    before = tagger.output.weight.clone()
    losses = pretrain(tagger, table, plain, 150)
    assert losses[0] > 1.5
    assert sum(losses[-10:]) / 10 < 0.5
    assert torch.equal(tagger.output.weight, before), "tags are learned later"


@pytest.mark.parametrize("seed", range(4))
def test_crf_finds_the_likeliest_of_all_sequences(table, seed):
    tagger = randomise(CrfTagger(table.n_features, len(table.tags)), seed=seed)
    tagger.transition.data *= 3  # else what stands beside a tag seldom decides
    features, _, mask = table.batch([(("dogs", "saw", "dogs"), ())])
    rows = torch.tensor(list(itertools.product(range(len(table.tags)), repeat=3)))
    given = tagger(features, mask).expand(len(rows), -1, -1), rows, mask.expand(len(rows), -1)
    found = crf_log_likelihood(*given, tagger.transition, tagger.start)
    assert tagger.decode(features, mask) == [rows[found.argmax()].tolist()]


def test_encoder_and_recurrent_ones_see_the_whole_sentence_and_others_only_their_window(table):
    changed = [(("she", "saw", "Her", "old", "dog", "sleep"), ()), (("she", "saw", "Her", "old", "dog", "."), ())]
    features, _, mask = table.batch(changed)
    for name, make in MAKERS.items():
        scores = randomise(make(table.n_features, len(table.tags))).eval()(features, mask)
        assert torch.equal(scores[0, 0], scores[1, 0]) == (name in ("maximum entropy", "CRF", "convolution")), name
        assert not torch.equal(scores[0, 4], scores[1, 4]), name


def test_batches_hold_every_sentence_once_a_round_and_hide_a_tenth_of_the_words(table):
    sentences = [(("dogs",) * n, ("NOUN",) * n) for n in range(1, 41)]
    batches = tagged_batches(FeatureTable.of(sentences), sentences, 16)
    rounds = [[next(batches) for _ in range(3)] for _ in range(2)]
    lengths = [[n for _, _, mask in some for n in mask.sum(1).tolist()] for some in rounds]
    assert sorted(lengths[0]) == sorted(lengths[1]) == list(range(1, 41))
    assert lengths[0] != lengths[1]
    hidden = [(features[..., 0] == 0)[mask] for some in rounds for features, _, mask in some]
    assert 0.07 < torch.cat(hidden).float().mean() < 0.13
    assert all((features[..., 1][mask] > 0).all() for some in rounds for features, _, mask in some)


def test_training_is_the_same_for_the_same_seed_and_reports_each_step(table):
    made = []
    for _ in range(2):
        torch.manual_seed(0)
        tagger, ticks = MAKERS["GRU"](table.n_features, len(table.tags)), itertools.count()
        made.append(train_tagger(tagger, tagged_batches(table, SENTENCES, 2), 30, report=ticks.__next__))
        assert next(ticks) == 30
        assert not tagger.training
    assert made[0] == made[1]
    assert made[0][-1] < 0.5 * made[0][0]
    assert tagging_accuracy(tag(tagger, table, SENTENCES), SENTENCES) == 1


def test_accuracy_by_hand():
    assert tagging_accuracy([["PRON", "VERB", "DET", "ADJ", "NOUN", "NOUN"], ["NOUN", "NOUN"]], SENTENCES) == 6 / 8
    with pytest.raises(ValueError, match="zip"):
        tagging_accuracy([["PRON"], ["NOUN"]], SENTENCES)


@pytest.fixture(scope="module")
def results():
    began = process_time()
    found = {one.name: one for one in compare(tagged_splits(400, 150), n_steps=60)}
    assert process_time() - began < 60
    return found


def test_history_on_one_task(results):
    """Orders that stay far from chance; how far apart, the bench says."""
    assert list(results) == list(TAGGERS)
    frequent = results["most frequent tag"]
    for name in ("hidden Markov model", "maximum entropy", "CRF", "GRU"):
        assert results[name].ambiguous > frequent.ambiguous, name
        assert results[name].unseen_words > frequent.unseen_words + 0.02, name
    assert all(0.9 < one.unseen_sentences <= 1 for one in results.values())
    assert results["CRF"].unseen_sentences > results["hidden Markov model"].unseen_sentences - 0.005
    assert min(one.seconds for one in results.values() if one.n_steps) > frequent.seconds
