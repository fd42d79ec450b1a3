"""Opponents: torch's Transformer computes what ours computes, so that only the code is compared."""

from dataclasses import replace

import pytest
import torch

from course.bench.opponents import TorchTransformer, as_added
from course.bench.translator import lesson_config
from course.seq2seq import shift_right
from course.training import label_smoothing_loss
from course.transformer import Transformer, TransformerConfig
from tests.parity import assert_same_gradients, assert_same_outputs, copy_weights, randomise, stack_pairs

CONFIG = TransformerConfig(d_model=16, n_heads=4, d_ff=24, n_layers=2, source_vocab_size=13, target_vocab_size=11)
SOURCE = torch.tensor([[3, 4, 5, 0], [6, 7, 8, 9], [12, 3, 0, 0]])
TARGET = torch.tensor([[4, 5, 6, 7], [3, 0, 0, 0], [10, 9, 8, 0]])


def both(config: TransformerConfig, dtype: torch.dtype, masks_always: bool = True):
    ours, theirs = randomise(Transformer(config), dtype), TorchTransformer(config, masks_always).to(dtype)
    pairs = stack_pairs(ours.encoder, theirs.stacks.encoder) + stack_pairs(ours.decoder, theirs.stacks.decoder)
    pairs += [(ours.source_embedding.table, theirs.source_embedding.weight)]
    pairs += [(ours.target_embedding.table, theirs.target_embedding.weight)]
    copy_weights(pairs)
    return ours, theirs, pairs


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_with_our_weights_it_gives_our_logits_and_gradients(dtype, activation):
    ours, theirs, pairs = both(replace(CONFIG, activation=activation), dtype)
    inputs, answers = shift_right(TARGET)
    mine, other = ours(SOURCE, inputs), theirs(SOURCE, inputs)
    real = answers != 0  # what a decoder says at padding is read by nobody
    assert_same_outputs(mine[real], other[real])
    for logits in (mine, other):
        label_smoothing_loss(logits, answers).backward()
    assert_same_gradients(pairs)


@pytest.mark.parametrize("source", [SOURCE, SOURCE[1:2]], ids=["padding", "no padding"])
@torch.no_grad()
def test_leaving_out_masks_that_forbid_nothing_changes_nothing(source):
    ours, theirs, _ = both(CONFIG, torch.float64, masks_always=False)
    inputs = torch.tensor([[1, 4, 5, 6, 7]]).expand(len(source), -1)
    assert_same_outputs(ours(source, inputs), theirs(source, inputs))


def test_it_has_as_many_parameters_as_ours_and_the_same_dropout(material):
    config = replace(lesson_config(material, "sinusoidal"), dropout=0.3)
    ours, theirs = Transformer(config), TorchTransformer(config)
    assert sum(p.numel() for p in ours.parameters()) == sum(p.numel() for p in theirs.parameters())
    rates = {module.p for module in theirs.modules() if isinstance(module, torch.nn.Dropout)}
    assert rates == {0.3}


def test_masks_are_used():
    _, theirs, _ = both(CONFIG, torch.float64)
    inputs, _ = shift_right(TARGET)
    before = theirs(SOURCE, inputs)
    later = inputs.clone()
    later[0, 3] = 8
    assert theirs(SOURCE, later)[0, :3].equal(before[0, :3]), "it sees the future"
    wider = theirs(torch.nn.functional.pad(SOURCE, (0, 2)), inputs)
    torch.testing.assert_close(wider, before)


def test_a_mask_to_be_added():
    assert as_added(torch.tensor([True, False])).tolist() == [-torch.inf, 0]
