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
    made = Transformer(
        TransformerConfig(**SIZES, positions=positions, norm_first=norm_first, activation=activation)
    ).double()
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
    query, key, value = (
        torch.randn(2, 3, n, 4, generator=generator, dtype=torch.float64, requires_grad=True) for n in (3, 5, 5)
    )
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


def drawn_heads() -> list[torch.Tensor]:
    """query (2, 3, 4, 5), key (2, 3, 6, 5), value (2, 3, 6, 7): no two sizes that could be confused are equal."""
    generator = torch.Generator().manual_seed(1)
    shapes = ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 7))
    return [torch.randn(shape, generator=generator, dtype=torch.float64, requires_grad=True) for shape in shapes]


def test_the_gradient_by_hand_is_that_of_the_formula():
    """d_scores = A * (dA - sum over the keys of dA * A), where A are the weights and dA = grad @ value^T."""
    query, key, value = drawn_heads()
    output = Attend.apply(query, key, value, None)
    grad = torch.linspace(-1, 1, output.numel(), dtype=torch.float64).view_as(output)
    output.backward(grad)
    weights = (query @ key.mT / 5**0.5).softmax(dim=-1).detach()
    of_weights = grad @ value.detach().mT
    of_scores = weights * (of_weights - (of_weights * weights).sum(dim=-1, keepdim=True))
    torch.testing.assert_close(value.grad, weights.mT @ grad)
    torch.testing.assert_close(query.grad, of_scores @ key.detach() / 5**0.5)
    torch.testing.assert_close(key.grad, of_scores.mT @ query.detach() / 5**0.5)


def test_what_works_in_place_works_on_its_own_tensors():
    """Neither the inputs nor the gradient that comes in are written to, and going back a second time gives the same."""
    heads = drawn_heads()
    before = [x.detach().clone() for x in heads]
    output = Attend.apply(*heads, None)
    grad = torch.ones_like(output)
    first, second = (torch.autograd.grad(output, heads, grad, retain_graph=True) for _ in range(2))
    assert all(map(torch.equal, first, second))
    assert all(map(torch.equal, heads, before))
    assert torch.equal(grad, torch.ones_like(grad))


def test_a_gradient_of_the_gradient_is_refused_not_wrong():
    heads = drawn_heads()
    gradients = torch.autograd.grad(Attend.apply(*heads, None).square().sum(), heads, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradients[0].sum().backward()


@pytest.mark.parametrize(("plain", "quick"), FUSED.items())
def test_a_class_may_be_exchanged_because_nothing_but_the_way_to_compute_differs(plain, quick):
    """A fused class is a plain one that makes and keeps nothing more, so an object of the one is whole as the other."""
    between = quick.__mro__[: quick.__mro__.index(plain)]
    assert issubclass(quick, plain)
    assert not any({"__init__", "__new__", "__slots__", "__setstate__"} & set(vars(one)) for one in between)


def test_fusing_changes_no_attribute_and_a_second_time_nothing_at_all():
    made = model("rotary")
    before = [dict(vars(module)) for module in made.modules()]
    once = [type(module) for module in fused(made).modules()]
    assert [dict(vars(module)) for module in made.modules()] == before
    assert [type(module) for module in fused(made).modules()] == once
