"""Fused: the same outputs and the same gradients as the model that the lessons build, only sooner."""

import pytest
import torch

from course.blocks import LayerNorm
from course.fused import FUSED, FusedLayerNorm, fused, kept_bias, kept_positions, turns
from course.transformer import Transformer, TransformerConfig

SIZES = {"d_model": 16, "n_heads": 2, "d_ff": 24, "n_layers": 2, "source_vocab_size": 11, "target_vocab_size": 13}
SOURCE = torch.tensor([[4, 5, 6, 7, 8, 9], [9, 8, 7, 0, 0, 0]])
TARGET = torch.tensor([[1, 5, 12, 7, 8], [1, 3, 0, 0, 0]])


def model(positions: str, norm_first: bool = True) -> Transformer:
    torch.manual_seed(0)
    made = Transformer(TransformerConfig(**SIZES, positions=positions, norm_first=norm_first)).double()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) / 4)  # biases of 0 and gains of 1 would hide mistakes
    return made


def outputs_and_gradients(made: Transformer, source, target) -> list[torch.Tensor]:
    logits = made(source, target)
    (logits * torch.linspace(-1, 1, logits.numel(), dtype=logits.dtype).view_as(logits)).sum().backward()
    return [logits, *(parameter.grad for parameter in made.parameters())]


@pytest.mark.parametrize("rows", [slice(0, 1), slice(0, 2)], ids=["nothing is padding", "padding"])
@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("positions", ["sinusoidal", "rotary", "alibi", "learned", "none"])
def test_the_same_numbers(positions, norm_first, rows):
    plain, quick = model(positions, norm_first), fused(model(positions, norm_first))
    ours = outputs_and_gradients(plain, SOURCE[rows], TARGET[rows])
    theirs = outputs_and_gradients(quick, SOURCE[rows], TARGET[rows])
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


def test_parameters_keep_their_names_and_are_shared():
    made = model("rotary")
    before = {name: id(parameter) for name, parameter in made.named_parameters()}
    assert fused(made) is made
    assert {name: id(parameter) for name, parameter in made.named_parameters()} == before
    assert made.output.weight is made.target_embedding.table


def test_every_part_that_can_be_fused_is():
    for positions in ("sinusoidal", "rotary", "alibi"):
        kinds = {type(module) for module in fused(model(positions)).modules()}
        assert not kinds & set(FUSED)


def test_a_layer_of_the_learners_own_stays_as_it_is():
    class Mine(LayerNorm):
        """Of a learner."""

    layer = torch.nn.Sequential(Mine(4), LayerNorm(4))
    assert [type(part) for part in fused(layer)] == [Mine, FusedLayerNorm]


def test_float32_too():
    plain, quick = model("rotary").float(), fused(model("rotary")).float()
    ours, theirs = (outputs_and_gradients(made, SOURCE, TARGET) for made in (plain, quick))
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("positions", ["sinusoidal", "rotary", "alibi"])
def test_what_was_remembered_while_decoding_can_be_trained_with(positions):
    """A tensor made in inference mode cannot take part in a gradient, so none such may be kept."""
    for kept in (kept_positions, turns, kept_bias):
        kept.cache_clear()
    quick = fused(model(positions))
    with torch.inference_mode():
        quick(SOURCE, TARGET)
    ours, theirs = (outputs_and_gradients(made, SOURCE, TARGET) for made in (model(positions), quick))
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)
