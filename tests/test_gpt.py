"""GPT against torch's layers and functions, and the laws of a model that never looks ahead."""

import functools
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course.attention import causal_mask
from course.decoding import sampled
from course.gpt import (
    ACTIVATIONS,
    GPT,
    ActivatedFeedForward,
    CachedGPT,
    GPTBlock,
    GPTConfig,
    UnscaledEmbedding,
    gelu_tanh,
    generate,
    language_model_loss,
    mask_of_new_rows,
    windowed,
)
from tests.parity import assert_same_outputs, copy_weights, draw, layer_pairs, randomise

CONFIG = GPTConfig(d_model=12, n_heads=3, d_ff=20, n_layers=2, vocab_size=11, context_length=9)
DTYPES = [torch.float64, torch.float32]


def model(dtype: torch.dtype = torch.float64, seed: int = 0, **choices) -> GPT:
    return randomise(GPT(replace(CONFIG, **choices)), dtype, seed).eval()


def wordy() -> GPT:
    """One that does not say the same token again and again: its layers outweigh its table."""
    ours = model(seed=5, tied=False)
    with torch.no_grad():
        ours.norm.bias.zero_()
        for block in ours.blocks:
            for linear in (block.attention.w_v, block.attention.w_o, block.feed_forward.w_1, block.feed_forward.w_2):
                linear.weight.mul_(6)
    return ours


def tokens(*shape: int, low: int = 1, seed: int = 1) -> torch.Tensor:
    return torch.randint(low, 11, shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("dtype", DTYPES)
def test_gelu_tanh_is_torchs_and_near_to_gelu(dtype):
    x = 3 * draw(1000, dtype=dtype)
    assert_same_outputs(gelu_tanh(x), F.gelu(x, approximate="tanh"))
    assert 4e-4 < (gelu_tanh(x) - F.gelu(x)).abs().max() < 5e-4


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("relu", F.relu),
        ("gelu", F.gelu),
        ("gelu_tanh", functools.partial(F.gelu, approximate="tanh")),
        ("swish", F.silu),
    ],
)
def test_feed_forward_has_any_of_the_activations(name, theirs):
    ours, x = randomise(ActivatedFeedForward(4, 7, name)), draw(3, 5, 4)
    w_1, w_2 = ours.w_1, ours.w_2
    assert_same_outputs(ours(x), F.linear(theirs(F.linear(x, w_1.weight, w_1.bias)), w_2.weight, w_2.bias))
    assert name in ACTIVATIONS
    with pytest.raises(ValueError, match="activation='tanh' must be one of"):
        ActivatedFeedForward(4, 7, "tanh")


@pytest.mark.parametrize("dtype", DTYPES)
def test_block_is_torchs_pre_norm_layer(dtype):
    ours = randomise(GPTBlock(CONFIG), dtype)
    theirs = nn.TransformerEncoderLayer(
        12, 3, 20, 0.0, functools.partial(F.gelu, approximate="tanh"), batch_first=True, norm_first=True, dtype=dtype
    )
    copy_weights(layer_pairs(ours, theirs))
    x = draw(2, 7, 12, dtype=dtype)
    assert_same_outputs(ours(x, causal_mask(7)), theirs(x, src_mask=~causal_mask(7)))
    assert_same_outputs(ours(x), theirs(x))


def test_embedding_is_torchs():
    ours = randomise(UnscaledEmbedding(11, 12))
    assert torch.equal(ours(tokens(2, 3)), F.embedding(tokens(2, 3), ours.table))


def test_no_place_sees_what_comes_after_and_each_sees_what_came_before():
    ours, text = model(), tokens(1, 9)
    before = ours(text)
    for place in range(9):
        other = text.clone()
        other[0, place] = text[0, place] % 10 + 1
        changed = (ours(other) - before).abs().amax(dim=-1)[0] > 1e-9
        assert changed.tolist() == [t >= place for t in range(9)]


def test_tied_is_one_table_and_untied_two():
    tied, untied = model(), model(tied=False)
    assert tied.output.weight is tied.embedding.table
    assert untied.output.weight is not untied.embedding.table
    counted = [sum(one.numel() for one in some.parameters()) for some in (tied, untied)]
    assert counted[1] - counted[0] == 11 * 12


def test_gpt2_has_124_million_parameters():
    """The smallest of Radford et al. (2019), as transformers counts it: 124,439,808."""
    sizes = GPTConfig(d_model=768, n_heads=12, d_ff=3072, n_layers=12, vocab_size=50_257, context_length=1024)
    with torch.device("meta"):
        assert sum(one.numel() for one in GPT(sizes).parameters()) == 124_439_808


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="10 positions, but the table has rows for max_length=9 only"):
        model()(tokens(1, 10))
    with pytest.raises(ValueError, match="max_length=10 is above context_length=9"):
        CachedGPT(model(), 10)


@pytest.mark.parametrize("dtype", DTYPES)
def test_loss_is_torchs_cross_entropy_of_the_next_token_without_padding(dtype):
    logits, text = draw(3, 6, 11, dtype=dtype), tokens(3, 6)
    text[0, 4:] = text[2, 2:] = 0
    theirs = F.cross_entropy(logits[:, :-1].flatten(0, 1), text[:, 1:].flatten(), ignore_index=0)
    assert_same_outputs(language_model_loss(logits, text), theirs)


def test_text_is_the_same_with_a_cache_without_one_and_beyond_the_context():
    ours, prompts = wordy(), tokens(3, 4, seed=3)
    assert ours.training is False
    ours.train()
    short = generate(ours, prompts, 5, end=-1)
    assert ours.training
    assert short == by_hand(ours.eval(), prompts, 5)
    long = generate(ours, prompts, 12, end=-1)
    assert long == by_hand(ours, prompts, 12)
    assert [row[:5] for row in long] == short
    assert len({tuple(row) for row in long}) > 1
    end = long[0][3]
    assert generate(ours, prompts[:1], 12, end)[0] == long[0][: long[0].index(end)]


@torch.no_grad()
def by_hand(ours: GPT, prompts: torch.Tensor, n: int) -> list[list[int]]:
    rows = prompts
    for _ in range(n):
        rows = torch.cat([rows, ours(rows[:, -9:])[:, -1].argmax(dim=-1, keepdim=True)], dim=1)
    return rows[:, prompts.shape[1] :].tolist()


def test_text_can_be_drawn_instead():
    ours, prompts = wordy(), tokens(1, 4).expand(50, 4)
    drawn = [
        generate(ours, prompts, 5, -1, functools.partial(sampled, generator=torch.Generator().manual_seed(seed)))
        for seed in (0, 0, 1)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len({tuple(row) for row in drawn[0]}) > 10
    cold = generate(ours, prompts, 5, -1, functools.partial(sampled, tau=1e-4))
    assert cold == generate(ours, prompts, 5, -1)


def test_mask_of_new_rows_are_the_last_rows_of_the_causal_mask():
    assert mask_of_new_rows(4, 5) is None
    assert torch.equal(mask_of_new_rows(0, 5), causal_mask(5))
    assert torch.equal(mask_of_new_rows(2, 5), causal_mask(5)[2:])


def test_windowed_sees_the_last_tokens_alone():
    ours, text = model(), tokens(2, 14)
    assert_same_outputs(windowed(ours)(text), ours(text[:, -9:])[:, -1])


def test_dropout_is_there_in_training_alone():
    ours, text = model(dropout=0.5), tokens(2, 5)
    assert torch.equal(ours(text), ours(text))
    ours.train()
    assert not torch.equal(ours(text), ours(text))
