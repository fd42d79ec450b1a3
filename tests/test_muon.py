"""Muon: the steps of torch's own, all matrices of one shape at once."""

import pytest
import torch
from torch import nn

from course.muon import Muon, Together, muon_and_adamw, orthogonalized
from course.transformer import Transformer, TransformerConfig

SIZES = {"d_model": 8, "n_heads": 2, "d_ff": 12, "source_vocab_size": 7, "target_vocab_size": 9}


@pytest.mark.parametrize("shape", [(3, 6, 6), (1, 4, 9), (5, 9, 4)])
def test_directions_stay_and_lengths_become_about_one(shape):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    u, lengths, v = torch.linalg.svd(orthogonalized(x), full_matrices=False)
    before_u, before, before_v = torch.linalg.svd(x, full_matrices=False)
    torch.testing.assert_close((u @ v)[before.amin(-1) > 0.3], (before_u @ before_v)[before.amin(-1) > 0.3])
    assert lengths[:, 0].max() < 1.3
    assert lengths[before > before.amax() / 10].min() > 0.6


def test_nothing_and_numbers_of_any_size():
    assert (orthogonalized(torch.zeros(2, 3, 3)) == 0).all()
    x = torch.randn(1, 4, 4, dtype=torch.float64)
    torch.testing.assert_close(orthogonalized(x), orthogonalized(1e6 * x))


@pytest.mark.parametrize("n_iterations", [1, 3, 5])
def test_steps_equal_torchs(n_iterations, monkeypatch):
    monkeypatch.setattr(torch.Tensor, "bfloat16", lambda x: x)  # torch's works in float64 here, too
    generator = torch.Generator().manual_seed(0)
    shapes = [(4, 4), (6, 4), (4, 6), (4, 4), (1, 3)]
    mine, other = ([nn.Parameter(torch.ones(shape).double()) for shape in shapes] for _ in range(2))
    ours = Muon(mine, 0.1, weight_decay=0.2, n_iterations=n_iterations)
    theirs = torch.optim.Muon(other, 0.1, weight_decay=0.2, ns_steps=n_iterations)
    for _ in range(4):
        for one, two in zip(mine, other, strict=True):
            one.grad = torch.randn(one.shape, generator=generator).double()
            two.grad = one.grad.clone()
        ours.step(), theirs.step()
    for one, two in zip(mine, other, strict=True):
        torch.testing.assert_close(one, two, rtol=1e-10, atol=1e-10)


def test_what_has_no_gradient_stays_and_what_is_no_matrix_is_refused():
    still, moved = nn.Parameter(torch.ones(2, 2)), nn.Parameter(torch.ones(2, 2))
    moved.grad = torch.eye(2)
    Muon([still, moved]).step()
    assert (still == 1).all()
    assert (moved != 1).any()
    with pytest.raises(ValueError, match=r"Muon moves matrices, but one of the parameters has shape \(3,\)"):
        Muon([nn.Parameter(torch.ones(3))])


@pytest.mark.parametrize("tied", [True, False])
def test_each_parameter_has_one_optimizer_and_tables_have_adamw(tied):
    model = Transformer(TransformerConfig(**SIZES, tied=tied))
    adamw, muon = muon_and_adamw(model).optimizers
    of_muon, of_adamw = ({id(one) for one in some.param_groups[0]["params"]} for some in (muon, adamw))
    assert isinstance(muon, Muon)
    assert not of_muon & of_adamw
    assert of_muon | of_adamw == {id(one) for one in model.parameters()}
    layers = (*model.encoder.modules(), *model.decoder.modules())
    assert of_muon == {id(layer.weight) for layer in layers if isinstance(layer, nn.Linear)}


def test_the_matrices_of_recurrent_layers_too():
    layer = nn.GRU(3, 2)
    muon = muon_and_adamw(layer).optimizers[1]
    assert [tuple(one.shape) for one in muon.param_groups[0]["params"]] == [(6, 3), (6, 2)]


@pytest.mark.parametrize("model", [nn.Linear(3, 2), nn.Linear(3, 2, bias=False), nn.LayerNorm(3)])
def test_a_model_of_one_kind_of_parameter(model):
    optimizer = muon_and_adamw(model)
    before = [one.detach().clone() for one in model.parameters()]
    model(torch.randn(4, 3)).square().sum().backward()
    optimizer.step()
    assert all((one != two).any() for one, two in zip(before, model.parameters(), strict=True))


def test_two_as_one_forget_and_go_on():
    model = nn.Linear(3, 2)
    one = muon_and_adamw(model)
    assert isinstance(one, Together)
    assert len(one.param_groups) == 2
    model(torch.ones(1, 3)).sum().backward()
    one.step()
    saved = one.state_dict()
    one.zero_grad(set_to_none=False)
    assert all((parameter.grad == 0).all() for parameter in model.parameters())
    one.zero_grad()
    assert all(parameter.grad is None for parameter in model.parameters())
    other = muon_and_adamw(model)
    other.load_state_dict(saved)
    for part, wanted in zip(other.state_dict().values(), saved.values(), strict=True):
        for key, state in wanted["state"].items():
            assert all(torch.equal(part["state"][key][name], value) for name, value in state.items())
