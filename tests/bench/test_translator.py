"""Translator: trained for a budget, measured on sentences, and what is counted is counted right."""

from dataclasses import replace

import pytest
import torch

from course.bench import translator as bench_translator
from course.bench.material import Material, encoded
from course.bench.translator import (
    alignment,
    lesson_config,
    lesson_recipe,
    lesson_skip,
    quality,
    train_ours,
    train_theirs,
    train_within,
)
from course.corpus import Pair
from course.training import Training
from course.transformer import Transformer


def quiet(text: str) -> None: ...


def test_material_is_the_splits_as_tokens(material):
    pair, (source, target) = material.splits.train[5], material.train[5]
    assert (material.german.decode(source), material.english.decode(target)) == (list(pair.german), list(pair.english))
    assert [len(material.pairs(name)) for name in ("unseen_sentences", "unseen_pairs", "longer")] == [12, 12, 12]
    assert material.n_tokens == sum(len(source) + len(target) for source, target in material.train)


def test_the_tokenizers_know_training_alone(material):
    for side, tokenizer in (("german", material.german), ("english", material.english)):
        assert tokenizer.words == {word for pair in material.splits.train for word in getattr(pair, side)}


@pytest.mark.parametrize("train", [train_ours, train_theirs])
def test_a_training_of_a_few_seconds_takes_about_as_long_and_learns_something(material, train):
    trained, said = train(material, 2.0, 0, say=quiet), []
    assert 1.0 < trained.seconds < 4.0
    assert trained.n_steps > 10
    again = train(material, 0.2, 0, say=said.append)
    assert again.n_steps < trained.n_steps
    losses = [loss(one.model, material) for one in (again, trained)]
    assert losses[1] < losses[0]


@torch.no_grad()
def loss(model: torch.nn.Module, material: Material) -> float:
    """Of one training pair; the annotated style gives log-probabilities, whose log-softmax they are themselves."""
    source, target = (torch.tensor([tokens]) for tokens in material.train[0])
    inputs = torch.nn.functional.pad(target, (1, 0), value=1)[:, :-1]
    return torch.nn.functional.cross_entropy(model.eval()(source, inputs)[0], target[0]).item()


def test_the_rehearsal_leaves_the_model_as_it_was(material, monkeypatch):
    model = Transformer(lesson_config(material))
    before = [weights.clone() for weights in model.parameters()]
    trained = []
    monkeypatch.setattr(bench_translator, "n_steps_within", lambda seconds, run, *deal: run(3, quiet_tick) or 7)

    def run(copy: torch.nn.Module, n_steps: int, tick) -> None:
        trained.append((copy is model, n_steps))
        with torch.no_grad():
            next(copy.parameters()).add_(1.0 if copy is model else 100.0)

    assert train_within(1.0, model, run, quiet_tick, 10).n_steps == 7
    assert trained == [(False, 3), (True, 7)]
    torch.testing.assert_close(next(model.parameters()).detach(), before[0] + 1)


def quiet_tick() -> None: ...


def test_seeds_and_positions_are_those_asked_for(material, monkeypatch):
    made = []
    monkeypatch.setattr(bench_translator, "train_within", lambda seconds, model, run, *deal: made.append(model))
    for seed, positions in ((0, "rotary"), (0, "rotary"), (1, "rotary"), (0, "alibi")):
        train_ours(material, 1.0, seed, positions, say=quiet)
    first, same, other = (next(model.parameters()) for model in made[:3])
    assert first.equal(same)
    assert not first.equal(other)
    assert [model.config.positions for model in made] == [*[lesson_config(material).positions] * 3, "alibi"]


def test_the_schedule_is_made_for_the_steps_of_the_budget(material, monkeypatch):
    seen = []
    step = Training.step
    monkeypatch.setattr(Training, "step", lambda self, *batch: (seen.append(self.config), step(self, *batch))[1])
    monkeypatch.setattr(bench_translator, "n_steps_within", lambda seconds, run, *deal: 6)
    train_ours(material, 1.0, 4, say=quiet)
    assert set(seen) == {lesson_recipe(6, 4, lesson_skip("rotary"))}
    assert len(seen) == 6


def test_quality_counts_whole_sentences_and_words(material, monkeypatch):
    """Ten sentences by heart, one of them without its last word."""
    known = replace(material, splits=material.splits._replace(unseen_sentences=material.splits.train[:10]))
    rows = {
        tuple(source): target
        for source, target in encoded(known.pairs("unseen_sentences"), known.german, known.english)
    }
    first = next(iter(rows))
    rows[first] = rows[first][:-1]
    monkeypatch.setattr(bench_translator, "translate", lambda model, sources: [model[tuple(one)] for one in sources])
    found = quality(rows, known, "unseen_sentences")
    assert found.exact == pytest.approx(90)
    assert 90 < found.bleu < 100


@pytest.fixture
def two_pairs(material) -> Material:
    """Two training sentences as a test."""
    return replace(material, splits=material.splits._replace(unseen_sentences=material.splits.train[:2]))


def test_alignment_reads_the_weights_of_the_words_own_rows(two_pairs, monkeypatch):
    pairs = two_pairs.pairs("unseen_sentences")
    perfect = [torch.tensor(pair.alignment_matrix()).float() for pair in pairs]
    monkeypatch.setattr(bench_translator, "word_weights", lambda model, tokens: perfect)
    found = alignment(None, two_pairs, "unseen_sentences")
    assert (found.accuracy, found.error_rate, found.n_sentences) == (1.0, found.lowest, 2)
    shifted = [weights.roll(1, dims=0) for weights in perfect]
    monkeypatch.setattr(bench_translator, "word_weights", lambda model, tokens: shifted)
    assert alignment(None, two_pairs, "unseen_sentences").accuracy < 0.6


def test_sentences_whose_words_are_cut_are_left_out_and_counted(two_pairs, monkeypatch):
    strange = Pair(("Xylophonquark", "."), ("xylophone", "."), ((0, 0), (1, 1)), "statement")
    three = replace(
        two_pairs, splits=two_pairs.splits._replace(unseen_sentences=[*two_pairs.splits.train[:2], strange])
    )
    assert alignment(Transformer(lesson_config(three)), three, "unseen_sentences").n_sentences == 2
