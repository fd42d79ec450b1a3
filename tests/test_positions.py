"""Positions, ours and theirs: XLM, Marian, Llama, GPT-J, Bloom and MPT in transformers, and values by hand."""

import math

import pytest
import torch
from transformers import GPTJConfig, LlamaConfig
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.gptj import modeling_gptj
from transformers.models.llama.modeling_llama import LlamaAttention, LlamaRotaryEmbedding, apply_rotary_pos_emb
from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding
from transformers.models.mpt.modeling_mpt import build_mpt_alibi_tensor
from transformers.models.xlm.modeling_xlm import create_sinusoidal_embeddings

from course.attention import attention_scores, causal_mask
from course.multi_head import MultiHeadAttention
from course.positions import (
    AlibiAttention,
    LearnedPositions,
    RotaryAttention,
    alibi_bias,
    is_permutation_equivariant,
    position_angles,
    rotate,
    shift_matrix,
    sinusoidal_positions,
)
from tests.parity import draw

B, T, D_MODEL, H = 3, 7, 24, 2
D_HEAD = D_MODEL // H


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
    x = draw(B, T, D_MODEL, seed=seed)
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
    assert is_permutation_equivariant(lambda x: 2 * x, draw(1, 2, 3), torch.tensor([1, 0])) is True


@pytest.mark.parametrize(("step", "is_seen"), [(1e-7, False), (1e-5, True), (1e-3, True)])
def test_the_size_of_the_numbers_does_not_hide_a_trace_of_the_position(step, is_seen):
    order = torch.tensor([1, 2, 0])
    for loud in (0.0, 1000.0):
        places = loud + step * torch.arange(3.0, dtype=torch.float64)[:, None]
        assert is_permutation_equivariant(places.__add__, draw(2, 3, 4).double(), order) is not is_seen


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
    x = draw(B, 4, D_MODEL)
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


# RoPE.


def llama_rotary(x, start=0):
    """x (B, H, T, d), columns in halves, turned by transformers' own code."""
    n_positions, d_head = x.shape[-2:]
    config = LlamaConfig(hidden_size=d_head, num_attention_heads=1, num_key_value_heads=1)
    cos, sin = LlamaRotaryEmbedding(config)(x, torch.arange(start, start + n_positions)[None])
    return apply_rotary_pos_emb(x, x, cos, sin)[0]


@pytest.mark.parametrize("start", [0, 11])
def test_rotate_is_llamas_in_another_order_of_columns_forward_and_backward(start):
    x = draw(B, H, T, D_HEAD, dtype=torch.float32).requires_grad_()
    y = x.detach()[..., halves(D_HEAD)].clone().requires_grad_()
    weight = draw(B, H, T, D_HEAD, dtype=torch.float32, seed=2)
    ours, theirs = rotate(x, start), llama_rotary(y, start)
    (ours * weight).sum().backward()
    (theirs * weight[..., halves(D_HEAD)]).sum().backward()
    close(ours[..., halves(D_HEAD)], theirs, 1e-5)
    close(x.grad[..., halves(D_HEAD)], y.grad, 1e-5)


def test_rotate_is_gpt_js_column_by_column():
    x = draw(B, H, T, D_HEAD, dtype=torch.float32)
    sin, cos = modeling_gptj.create_sinusoidal_positions(T, D_HEAD).chunk(2, dim=-1)
    theirs = modeling_gptj.apply_rotary_pos_emb(x.transpose(1, 2), sin[None], cos[None]).transpose(1, 2)
    close(rotate(x), theirs, 1e-5)


def test_rotate_in_float64_is_llamas_turn_by_the_same_angles():
    x = draw(B, H, T, D_HEAD)
    angles = position_angles(torch.arange(T), D_HEAD).repeat(1, 2)[None]  # both halves
    theirs = apply_rotary_pos_emb(x[..., halves(D_HEAD)], x, angles.cos(), angles.sin())[0]
    close(rotate(x)[..., halves(D_HEAD)], theirs, 1e-12)


def test_rotated_scores_depend_on_content_and_distance_alone():
    query, key = draw(D_HEAD), draw(D_HEAD, seed=3)
    scores = rotate(query.expand(50, -1)) @ rotate(key.expand(50, -1)).T
    for distance in (-20, -1, 0, 5, 30):
        close(scores.diagonal(distance), scores.diagonal(distance)[:1].expand(50 - abs(distance)), 1e-10)
    assert abs(scores.diagonal(5)[0] - scores.diagonal(-5)[0]) > 0.1


def test_rotation_is_the_shift_of_the_sinusoids_with_the_pair_the_other_way_round():
    x = draw(4, D_HEAD)
    ours = rotate(x, start=6)[0]
    close(ours, (shift_matrix(-6, D_HEAD).double() @ x[0]), 1e-6)


def test_rotate_by_hand_and_its_start():
    close(rotate(torch.tensor([[1.0, 0.0]]), start=1), torch.tensor([[math.cos(1), math.sin(1)]]), 1e-7)
    x = draw(B, T, D_HEAD)
    close(rotate(x)[:, 3:], rotate(x[:, 3:], start=3), 1e-15)
    assert rotate(x.float()).dtype == torch.float32


def test_rotary_attention_is_llama_attention_with_copied_weights_forward_and_backward():
    config = LlamaConfig(
        hidden_size=D_MODEL,
        num_attention_heads=H,
        num_key_value_heads=H,
        attention_bias=True,
        attn_implementation="eager",
    )
    theirs, ours = LlamaAttention(config, layer_idx=0).eval(), with_random_weights(RotaryAttention(D_MODEL, H))
    rows = torch.cat([halves(D_HEAD) + h * D_HEAD for h in range(H)])
    pairs = {
        "q_proj": (ours.w_q, rows),
        "k_proj": (ours.w_k, rows),
        "v_proj": (ours.w_v, slice(None)),
        "o_proj": (ours.w_o, slice(None)),
    }
    with torch.no_grad():
        for name, (linear, order) in pairs.items():
            getattr(theirs, name).weight.copy_(linear.weight[order])
            getattr(theirs, name).bias.copy_(linear.bias[order])
    x = draw(B, T, D_MODEL, dtype=torch.float32)
    blocked = torch.zeros(T, T).masked_fill(~causal_mask(T), -math.inf)[None, None]
    embeddings = LlamaRotaryEmbedding(config)(x, torch.arange(T)[None])
    expected = theirs(x, position_embeddings=embeddings, attention_mask=blocked)[0]
    out = ours(x, x, x, causal_mask(T))
    close(out, expected, 1e-5)
    out.square().sum().backward()
    expected.square().sum().backward()
    for name, (linear, order) in pairs.items():
        close(linear.weight.grad[order], getattr(theirs, name).weight.grad, 1e-4)


def test_rotary_attention_is_gpt_js_attention_with_copied_weights():
    config = GPTJConfig(n_embd=D_MODEL, n_head=H, rotary_dim=D_HEAD, n_positions=32, attn_pdrop=0.0, resid_pdrop=0.0)
    config._attn_implementation = "eager"
    theirs, ours = (
        modeling_gptj.GPTJAttention(config, layer_idx=0).eval(),
        with_random_weights(RotaryAttention(D_MODEL, H, bias=False)),
    )
    with torch.no_grad():
        for name, linear in {"q_proj": ours.w_q, "k_proj": ours.w_k, "v_proj": ours.w_v, "out_proj": ours.w_o}.items():
            getattr(theirs, name).weight.copy_(linear.weight)
    x = draw(B, T, D_MODEL, dtype=torch.float32)
    blocked = torch.zeros(T, T).masked_fill(~causal_mask(T), torch.finfo(torch.float32).min)[None, None]
    expected = theirs(x, attention_mask=blocked, position_ids=torch.arange(T)[None].expand(B, -1))[0]
    close(ours(x, x, x, causal_mask(T)), expected, 1e-5)


# ALiBi.


def test_alibi_by_hand():
    bias = alibi_bias(2, 2, 3)
    slopes = torch.tensor([1 / 16, 1 / 256])[:, None, None]
    close(bias, -slopes * torch.tensor([[0.0, 1.0, 2.0], [1.0, 0.0, 1.0]]), 0)
    close(-alibi_bias(8, 1, 2)[:, 0, 1], 0.5 ** torch.arange(1, 9), 0)


@pytest.mark.parametrize("n_heads", [1, 2, 8, 16])
def test_alibi_gives_the_weights_of_bloom_and_mpt(n_heads):
    """Both add slope times the key's place, which under a causal mask is ours plus a number for each row."""
    scores = draw(n_heads, T, T, dtype=torch.float32)
    blocked = ~causal_mask(T)
    bloom = build_alibi_tensor(torch.ones(1, T, dtype=torch.long), n_heads, torch.float32)  # (H, 1, T)
    mpt = build_mpt_alibi_tensor(n_heads, T)
    ours, *theirs = [
        (scores + bias).masked_fill(blocked, -math.inf).softmax(-1) for bias in (alibi_bias(n_heads, T, T), bloom, mpt)
    ]
    for weights in theirs:
        close(ours, weights, 1e-6)


@pytest.mark.parametrize("mask", [None, causal_mask(T)])
def test_alibi_attention_is_torchs_attention_with_that_bias_forward_and_backward(mask):
    layer = with_random_weights(AlibiAttention(D_MODEL, H).double())
    x = draw(B, T, D_MODEL).requires_grad_()
    bias = alibi_bias(H, T, T).double()
    if mask is not None:
        bias = bias.masked_fill(~mask, -math.inf)
    heads = torch.nn.functional.scaled_dot_product_attention(*layer.project(x, x, x), attn_mask=bias)
    theirs = layer.w_o(heads.transpose(1, 2).flatten(2))
    ours = layer(x, x, x, mask)
    close(ours, theirs, 1e-12)
    close(torch.autograd.grad(ours.square().sum(), x)[0], torch.autograd.grad(theirs.square().sum(), x)[0], 1e-10)


def test_alibi_without_a_mask_cannot_tell_a_text_from_its_mirror_image():
    layer = with_random_weights(AlibiAttention(D_MODEL, H).double())
    x = draw(B, T, D_MODEL)
    close(layer(*[x.flip(1)] * 3), layer(x, x, x).flip(1), 1e-12)


# What both layers owe to MultiHeadAttention.


@pytest.mark.parametrize("kind", [RotaryAttention, AlibiAttention])
def test_weights_are_those_that_forward_reads_with(kind):
    layer = with_random_weights(kind(D_MODEL, H).double())
    query, key = draw(B, 5, D_MODEL), draw(B, T, D_MODEL, seed=2)
    mask = torch.rand(B, 1, 5, T, generator=torch.Generator().manual_seed(3)) > 0.4
    mask[0, 0, 2] = False
    weights = layer.weights(query, key, mask)
    values = layer.w_v(key).unflatten(-1, (H, D_HEAD)).transpose(1, 2)
    close(layer(query, key, key, mask), layer.w_o((weights @ values).transpose(1, 2).flatten(2)), 1e-12)
    assert (weights[0, :, 2] == 0).all()
    close(weights.sum(-1), mask.any(-1).double().expand(B, H, 5), 1e-12)


@pytest.mark.parametrize("kind", [RotaryAttention, AlibiAttention])
def test_no_future_leaks_and_an_empty_row_has_a_finite_gradient(kind):
    layer = with_random_weights(kind(D_MODEL, H).double())
    x = draw(B, T, D_MODEL)
    changed = x.clone()
    changed[:, 4:] += 1
    assert torch.equal(layer(x, x, x, causal_mask(T))[:, :4], layer(*[changed] * 3, causal_mask(T))[:, :4])
    mask = causal_mask(T).clone()
    mask[3] = False
    x.requires_grad_()
    layer(x, x, x, mask).sum().backward()
    assert x.grad.isfinite().all()


def test_rotary_scores_are_those_of_turned_projections():
    layer = with_random_weights(RotaryAttention(D_MODEL, H).double())
    x = draw(B, T, D_MODEL)
    query, key, value = MultiHeadAttention.project(layer, x, x, x)
    ours = layer.project(x, x, x)
    close(attention_scores(*ours[:2]), attention_scores(rotate(query), rotate(key)), 1e-15)
    assert torch.equal(ours[2], value)
