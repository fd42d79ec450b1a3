"""Marian: the Transformer of lesson 08 with other parts, and all of lessons 09 and 10 works on it."""

import pytest
import torch
from torch.nn import functional as F

from course.blocks import BlockConfig
from course.decoding import greedy
from course.fused import fused
from course.gpt import ActivatedFeedForward, UnscaledEmbedding
from course.kv_cache import CachedTransformer
from course.marian import HalvedPositions, Marian, MarianConfig, Numbering
from course.positions import sinusoidal_positions
from course.seq2seq import BOS, PAD
from course.training import as_batch
from course.transformer import Transformer
from course.translation import translate
from tests.parity import assert_same_outputs, randomise

SIZES = {"d_model": 12, "n_heads": 3, "d_ff": 20, "n_layers": 2, "source_vocab_size": 10, "target_vocab_size": 10}
NUMBERS = Numbering(9, pad=8, start=8, end=0)
SOURCES = [[4, 5, 6, 2], [7, 2], [3, 9, 9, 4, 5, 2]]


def model(**choices) -> Marian:
    ours = randomise(Marian(MarianConfig(**SIZES, shared=True, **choices), NUMBERS, NUMBERS)).eval()
    with torch.no_grad():
        ours.output.bias[[PAD, BOS]] = -torch.inf
    return ours


def test_positions_are_lesson_06s_with_the_columns_in_another_order():
    zeros = torch.zeros(1, 30, 12)
    order = [*range(0, 12, 2), *range(1, 12, 2)]
    assert torch.equal(HalvedPositions()(zeros)[0], sinusoidal_positions(30, 12)[:, order])
    x = torch.randn(2, 5, 12, dtype=torch.float64)
    assert_same_outputs(HalvedPositions()(x) - x, sinusoidal_positions(5, 12)[:, order].double().expand(2, 5, 12))


def test_it_is_a_transformer_with_these_parts():
    ours = model()
    assert isinstance(ours, Transformer)
    layers = [*ours.encoder.layers, *ours.decoder.layers]
    assert all(isinstance(layer.feed_forward, ActivatedFeedForward) for layer in layers)
    assert {layer.feed_forward.activation for layer in layers} == {F.silu}
    assert {layer.norm_first for layer in layers} == {False}
    assert ours.output.weight is ours.target_embedding.table is ours.source_embedding.table
    unscaled = model(scaled=False)
    assert isinstance(unscaled.source_embedding, UnscaledEmbedding)
    assert unscaled.output.weight is unscaled.source_embedding.table
    small = BlockConfig(d_model=12, n_heads=2, d_ff=8, n_layers=1, norm_first=False, activation="gelu")
    other = model(encoder=small)
    assert [len(other.encoder.layers), len(other.decoder.layers)] == [1, 2]
    assert other.encoder.layers[0].feed_forward.activation is not F.silu


def test_padding_and_the_beginning_are_never_written():
    ours = Marian(MarianConfig(**SIZES, shared=True), NUMBERS, NUMBERS)
    logits = ours(as_batch(SOURCES), torch.tensor([[1, 4, 5]] * 3))
    assert logits[..., :2].isneginf().all()
    assert logits[..., 2:].isfinite().all()
    assert ours.output.bias[2:].eq(0).all()


def test_the_tools_of_lessons_09_and_10_work_on_it():
    ours = model()
    texts = translate(ours, SOURCES, 8)
    for source, said in zip(SOURCES, texts, strict=True):
        cached = CachedTransformer(ours, torch.tensor([source]), 10)
        assert greedy(cached, torch.tensor([[BOS]]), 8) == [said]
    assert len(texts) == 3
    source, target = as_batch(SOURCES), torch.tensor([[1, 4, 5, 7]] * 3)
    before = ours(source, target)
    faster = fused(ours)(source, target)
    assert_same_outputs(faster[..., 2:], before[..., 2:])


def test_what_is_padding_and_what_comes_after_changes_nothing():
    ours, target = model(), torch.tensor([[1, 4, 5, 7]])
    alone, padded = ours(torch.tensor([SOURCES[1]]), target), ours(torch.tensor([[7, 2, 0, 0]]), target)
    assert_same_outputs(alone[..., 2:], padded[..., 2:])
    assert_same_outputs(ours(torch.tensor([SOURCES[1]]), target[:, :2])[..., 2:], alone[:, :2, 2:])


def test_numbers_lead_there_and_back_and_the_end_is_lesson_02s():
    assert NUMBERS.theirs.tolist() == [8, 8, 0, 1, 2, 3, 4, 5, 6, 7]
    assert NUMBERS.ours.tolist() == [2, 3, 4, 5, 6, 7, 8, 9, 0]
    for start in (8, 3):
        numbers = Numbering(9, pad=5, start=start, end=1)
        assert numbers.theirs[numbers.ours].tolist() == list(range(9))
        assert numbers.theirs[:3].tolist() == [5, start, 1]
    for wrong in ({"pad": 9}, {"start": -1}, {"end": 12}):
        with pytest.raises(ValueError, match="must be from 0 to 8, a token"):
            Numbering(**({"vocab_size": 9, "pad": 8, "start": 8, "end": 0} | wrong))
    with pytest.raises(ValueError, match="pad=0 must not be end=0"):
        Numbering(9, pad=0, start=1, end=0)
