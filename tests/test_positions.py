"""Positions, ours and theirs: XLM's and Marian's sinusoids in transformers, torch's embedding, values worked out by hand."""

import math

import pytest
import torch
from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding
from transformers.models.xlm.modeling_xlm import create_sinusoidal_embeddings

from course.attention import causal_mask
from course.multi_head import MultiHeadAttention
from course.positions import (
    AlibiAttention,
    LearnedPositions,
    RotaryAttention,
    is_permutation_equivariant,
    position_angles,
    shift_matrix,
    sinusoidal_positions,
)

B, T, D_MODEL, H = 3, 7, 24, 2
D_HEAD = D_MODEL // H


def numbers(*shape, dtype=torch.float64, seed=0):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def with_random_weights(layer, seed=1):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) / math.sqrt(weight.shape[-1]))
    return layer


def halves(d):
    """Which of our columns, where pairs stand side by side, is column j of Llama's and Marian's two halves."""
    return torch.cat([torch.arange(0, d, 2), torch.arange(1, d, 2)])


def close(ours, theirs, tolerance):
    torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance)


# Attention without positions is permutation-equivariant; with them it is not.


@pytest.mark.parametrize("seed", range(5))
def test_attention_without_positions_is_permutation_equivariant_and_with_them_it_is_not(seed):
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(T, generator=generator)
    x = numbers(B, T, D_MODEL, seed=seed)
    answers = {}
    for kind in (MultiHeadAttention, RotaryAttention, AlibiAttention):
        layer = with_random_weights(kind(D_MODEL, H).double())
        answers[kind.__name__] = is_permutation_equivariant(lambda x, layer=layer: layer(x, x, x), x, order)
    plain = with_random_weights(MultiHeadAttention(D_MODEL, H).double())
    table = sinusoidal_positions(T, D_MODEL).double()
    learned = with_random_weights(LearnedPositions(T, D_MODEL).double())
    assert answers == {"MultiHeadAttention": True, "RotaryAttention": False, "AlibiAttention": False}
    assert is_permutation_equivariant(lambda x: plain(x, x, x, None), x, order)
    assert not is_permutation_equivariant(lambda x: plain(x, x, x, causal_mask(T)), x, order)
    assert not is_permutation_equivariant(lambda x: plain(*[x + table] * 3), x, order)
    assert not is_permutation_equivariant(lambda x: plain(*[learned(x)] * 3), x, order)


def test_the_answer_is_a_plain_bool():
    assert is_permutation_equivariant(lambda x: 2 * x, numbers(1, 2, 3), torch.tensor([1, 0])) is True


# Angles and sinusoids.


def test_angles_by_hand():
    angles = position_angles(torch.tensor([0, 1, 50]), 4, base=100.0)
    close(angles, torch.tensor([[0.0, 0.0], [1.0, 0.1], [50.0, 5.0]], dtype=torch.float64), 1e-15)


def test_sinusoids_by_hand():
    table = sinusoidal_positions(2, 4, base=100.0)
    close(table, torch.tensor([[0, 1, 0, 1], [math.sin(1), math.cos(1), math.sin(0.1), math.cos(0.1)]]), 1e-7)
    assert table.dtype == torch.float32


@pytest.mark.parametrize(("n_positions", "d_model"), [(1, 2), (20, 512), (512, 64)])
def test_sinusoids_are_those_of_xlm_column_by_column_and_those_of_marian_in_another_order(n_positions, d_model):
    ours = sinusoidal_positions(n_positions, d_model)
    xlm = torch.empty(n_positions, d_model)
    create_sinusoidal_embeddings(n_positions, d_model, xlm)
    marian = MarianSinusoidalPositionalEmbedding(n_positions, d_model).create_weight()
    close(ours, xlm, 1e-6)
    close(ours[:, halves(d_model)], marian, 1e-6)


@pytest.mark.parametrize("call", [lambda: sinusoidal_positions(3, 5), lambda: sinusoidal_positions(1, 1)])
def test_an_odd_number_of_columns_is_refused(call):
    with pytest.raises(ValueError, match="must be even"):
        call()


def test_the_dot_product_of_two_sinusoids_depends_on_their_distance_alone():
    table = sinusoidal_positions(40, 32).double()
    products = table @ table.T
    for distance in range(40):
        expected = sum(math.cos(distance / 10_000 ** (2 * i / 32)) for i in range(16))
        close(products.diagonal(distance), torch.full((40 - distance,), expected, dtype=torch.float64), 1e-5)


@pytest.mark.parametrize("k", [0, 1, 9, 100, -4])
@pytest.mark.parametrize("base", [10_000.0, 10.0])
def test_one_matrix_moves_every_row_k_positions_on(k, base):
    matrix = shift_matrix(k, D_MODEL, base)
    first = max(0, -k)
    table = sinusoidal_positions(first + 60 + max(k, 0), D_MODEL, base)
    close(table[first : first + 60] @ matrix.T, table[first + k : first + k + 60], 1e-5)
    close(matrix @ matrix.T, torch.eye(D_MODEL), 1e-6)
    close(matrix.T, shift_matrix(-k, D_MODEL, base), 1e-6)


# Learned positions.


def test_learned_positions_by_hand_and_as_torch_embedding():
    layer = LearnedPositions(5, D_MODEL).double()
    theirs = torch.nn.Embedding.from_pretrained(layer.table.detach().clone(), freeze=False)
    x = numbers(B, 4, D_MODEL)
    ours = layer(x)
    expected = x + theirs(torch.arange(4))
    close(ours, expected, 1e-15)
    ours.square().sum().backward()
    expected.square().sum().backward()
    close(layer.table.grad, theirs.weight.grad, 1e-12)
    assert (layer.table.grad[4] == 0).all()


def test_learned_positions_end_with_their_table():
    layer = LearnedPositions(4, 6)
    assert layer(torch.zeros(2, 4, 6)).shape == (2, 4, 6)
    with pytest.raises(ValueError, match=r"5 positions.*max_length=4"):
        layer(torch.zeros(2, 5, 6))


def test_a_table_of_one_row_is_not_spread_over_the_positions():
    with pytest.raises(ValueError, match="max_length=1"):
        LearnedPositions(1, 6)(torch.zeros(2, 3, 6))
