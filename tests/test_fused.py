"""Fused: the same outputs and the same gradients as the model that the lessons build, only sooner."""

import pytest
import torch

from course.attention import scaled_dot_product_attention
from course.blocks import LayerNorm
from course.fused import FUSED, Attend, FusedLayerNorm, as_bias, fused, kept_bias, kept_positions, turns
from course.transformer import Transformer, TransformerConfig

SIZES = {"d_model": 16, "n_heads": 2, "d_ff": 24, "n_layers": 2, "source_vocab_size": 11, "target_vocab_size": 13}
SOURCE = torch.tensor([[4, 5, 6, 7, 8, 9], [9, 8, 7, 0, 0, 0]])
TARGET = torch.tensor([[1, 5, 12, 7, 8], [1, 3, 0, 0, 0]])


def model(positions: str, norm_first: bool = True, activation: str = "relu") -> Transformer:
    torch.manual_seed(0)
    made = Transformer(TransformerConfig(**SIZES, positions=positions, norm_first=norm_first, activation=activation)).double()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) / 4)  # biases of 0 and gains of 1 would hide mistakes
    return made


def outputs_and_gradients(made: Transformer, source, target) -> list[torch.Tensor]:
    logits = made(source, target)
    (logits * torch.linspace(-1, 1, logits.numel(), dtype=logits.dtype).view_as(logits)).sum().backward()
    return [logits, *(parameter.grad for parameter in made.parameters())]


@pytest.mark.parametrize("rows", [slice(0, 1), slice(0, 2)], ids=["nothing is padding", "padding"])
@pytest.mark.parametrize(("norm_first", "activation"), [(True, "relu"), (False, "relu"), (True, "gelu")])
@pytest.mark.parametrize("positions", ["sinusoidal", "rotary", "alibi", "learned", "none"])
def test_the_same_numbers(positions, norm_first, activation, rows):
    plain, quick = model(positions, norm_first, activation), fused(model(positions, norm_first, activation))
    ours = outputs_and_gradients(plain, SOURCE[rows], TARGET[rows])
    theirs = outputs_and_gradients(quick, SOURCE[rows], TARGET[rows])
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("masked", [False, True])
def test_the_gradient_by_hand_is_the_slope(masked):
    """Against differences of outputs; T_q is not T_k, and a query may have nothing to read."""
    generator = torch.Generator().manual_seed(0)
    query, key, value = (torch.randn(2, 3, n, 4, generator=generator, dtype=torch.float64, requires_grad=True) for n in (3, 5, 5))
    mask = torch.rand(2, 1, 3, 5, generator=generator) < 0.6
    mask[1, :, 2] = False
    bias = as_bias(mask, torch.float64) if masked else None
    assert torch.autograd.gradcheck(lambda *heads: Attend.apply(*heads, bias), (query, key, value))
    given = scaled_dot_product_attention(query, key, value, mask if masked else None)
    torch.testing.assert_close(Attend.apply(query, key, value, bias), given, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("positions", ["sinusoidal", "rotary", "alibi"])
def test_one_memory_for_many_beams(positions):
    plain, quick = model(positions), fused(model(positions))
    source = SOURCE[:1]
    ours, theirs = (made.decode(TARGET, made.encode(source), source) for made in (plain, quick))
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)


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
