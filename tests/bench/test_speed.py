"""Speed: both are given the same work, and real tokens are counted."""

import pytest
import torch

from course.bench import speed
from course.bench.annotated import AnnotatedTransformer
from course.bench.speed import (
    AnnotatedStep,
    OurTraining,
    against_annotated,
    against_annotated_as_it_ships,
    against_torch,
    compare,
    first_batches,
    n_real,
)
from course.bench.translator import lesson_config
from course.transformer import Transformer


def test_tokens_are_counted_without_padding():
    assert n_real((torch.tensor([[3, 0], [4, 5]]), torch.tensor([[6, 0, 0], [7, 8, 0]]))) == 6


def test_compare_by_hand(monkeypatch):
    """Ours takes 1 s and 3 s for 4 tokens each, theirs 2 s and 2 s for 2 each: 2 against 1 tokens a second."""
    batches = [(torch.tensor([[3, 4]]), torch.tensor([[5, 6]]))] * 2
    padded = [(torch.tensor([[3, 0]]), torch.tensor([[5, 0]]))] * 2
    monkeypatch.setattr(speed, "race", lambda runners, n_rounds, n_warm: [[1.0, 3.0], [2.0, 2.0]])
    found = compare(None, None, batches, padded)
    assert (found.ours, found.theirs, found.ratio) == (2.0, 1.0, 2.0)


def test_each_step_is_given_its_own_batches():
    seen, batches = {"a": [], "b": []}, [(torch.tensor([[i]]), torch.tensor([[i]])) for i in range(3, 6)]
    compare(
        lambda s, t: seen["a"].append(s.item()), lambda s, t: seen["b"].append(s.item() + t.item()), batches, batches
    )
    assert sorted(seen["a"][-3:]) == [3, 4, 5]
    assert sorted(seen["b"][-3:]) == [6, 8, 10]


def test_the_batches_are_the_lessons_without_padding(material):
    batches = first_batches(material, 5, 300)
    assert all((tokens != 0).all() for batch in batches for tokens in batch)
    assert all(source.numel() + target.numel() <= 300 for source, target in batches)


@pytest.mark.parametrize("how", [against_torch, against_annotated, against_annotated_as_it_ships])
def test_every_comparison_runs(material, how):
    found = how(material, 3, 500)
    assert found.ratio == pytest.approx(found.ours / found.theirs)
    assert 0.2 < found.ratio < 8
    assert "middle half" in found.spread


def test_both_train(material):
    """A step that did nothing would be the fastest."""
    config = lesson_config(material, "sinusoidal")
    batch = first_batches(material, 1, 500)[0]
    for training in (OurTraining(Transformer(config)), AnnotatedStep(AnnotatedTransformer(config))):
        assert training.model.training
        before = [weights.detach().clone() for weights in training.model.parameters()]
        for group in training.optimizer.param_groups:
            group["lr"] = 1e-2
        for _ in range(5):
            training.step(*batch)
        after = list(training.model.parameters())
        moved = [not old.equal(new) for old, new in zip(before, after, strict=True)]
        assert all(moved), f"{moved.count(False)} parameters never moved"
