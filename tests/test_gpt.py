"""GPT against torch's layers and functions, and the laws of a model that never looks ahead."""

import functools
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from transformers import GPT2Config, GPT2LMHeadModel

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
    continue_text,
    fresh,
    gelu_tanh,
    generate,
    gpt2_state,
    induction_score,
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


@pytest.mark.parametrize("tied", [True, False])
def test_a_gpt2_under_our_names_says_what_transformers_says(tied):
    """Other configurations and older files: tests/pretrained/test_gpt2.py."""
    sizes = {"n_embd": 12, "n_head": 3, "n_inner": 20, "n_layer": 2, "vocab_size": 11, "n_positions": 9}
    config = GPT2Config(**sizes, tie_word_embeddings=tied, bos_token_id=1, eos_token_id=2)
    theirs = randomise(GPT2LMHeadModel(config)).eval()
    ours = GPT(replace(CONFIG, tied=tied)).double().eval()
    ours.load_state_dict(gpt2_state(theirs.state_dict()))
    text = tokens(3, 9)
    assert_same_outputs(ours(text), theirs(text).logits)
    assert generate(ours, text[:, :4], 5) == continue_text(ours, text[:, :4], 5)


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
    assert short == continue_text(ours, prompts, 5, end=-1) == by_hand(ours.eval(), prompts, 5)
    long = generate(ours, prompts, 12, end=-1)
    assert long == continue_text(ours, prompts, 12, end=-1) == by_hand(ours, prompts, 12)
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


@pytest.mark.parametrize(("n_rows", "length", "max_tokens"), [(1, 1, 20), (4, 9, 3), (3, 14, 5), (2, 3, 0)])
def test_the_fast_writer_and_the_slow_one_write_the_same(n_rows, length, max_tokens):
    for end in range(3, 11):
        ours, prompts = wordy(), tokens(n_rows, length, seed=end)
        assert generate(ours, prompts, max_tokens, end) == continue_text(ours, prompts, max_tokens, end)
        assert not ours.training


def test_who_continues_is_in_eval_mode_meanwhile():
    ours, prompts = wordy(), tokens(2, 4)
    noisy = model(seed=5, tied=False, dropout=0.9).train()
    noisy.load_state_dict(ours.state_dict())
    assert continue_text(noisy, prompts, 9, end=-1) == continue_text(ours, prompts, 9, end=-1)
    assert noisy.training


def causal_weights(*shape: int) -> torch.Tensor:
    return draw(*shape).masked_fill(~causal_mask(shape[-1]), -torch.inf).softmax(dim=-1)


def test_induction_score_by_hand():
    """In 5 6 5 6 6 place 2 is to look at 1, place 3 at 2, and place 4 at 2 and, after its neighbour, at itself."""
    weights = causal_weights(1, 3, 5, 5)
    one = weights[0]
    by_hand = (one[:, 2, 1] + one[:, 3, 2] + one[:, 4, 2] + one[:, 4, 4]) / 3
    assert_same_outputs(induction_score(weights, torch.tensor([[5, 6, 5, 6, 6]])), by_hand)


def test_induction_score_is_that_of_a_pattern_of_zeros_and_ones():
    """The duplicate-token pattern, moved by one place, as tools that look for such heads build it."""
    text = tokens(4, 12, seed=3)
    same = (text[:, :, None] == text[:, None, :]).numpy()
    pattern = np.roll(np.tril(same, -1), 1, axis=2)  # nothing stands in the last column
    weights = causal_weights(4, 2, 12, 12)
    read = np.einsum("bhij,bij->h", weights.numpy(), pattern)
    assert_same_outputs(induction_score(weights, text), torch.from_numpy(read / pattern.any(axis=2).sum()))


def test_induction_score_of_heads_that_only_copy_and_never_do():
    """A segment said twice: a perfect head reads one place further than its length back."""
    segment = torch.arange(1, 7).repeat(1, 2)
    perfect = torch.zeros(1, 2, 12, 12)
    for place in range(12):
        perfect[0, 0, place, max(0, place - 5)] = 1.0  # six back is the same token, five back the one after it
        perfect[0, 1, place, place] = 1.0
    assert induction_score(perfect, segment).tolist() == [1.0, 0.0]


def test_a_score_of_nothing_is_refused():
    with pytest.raises(ValueError, match=r"no token of these \(2, 4\) comes twice in its row"):
        induction_score(causal_weights(2, 3, 4, 4), torch.stack([torch.arange(4), torch.arange(2, 6)]))


def test_scores_of_two_batches_are_weighed_by_their_places():
    text, weights = tokens(5, 9, seed=8), causal_weights(5, 2, 9, 9)
    counts = [sum(text[b, :i].eq(text[b, i]).any().item() for i in range(9)) for b in range(5)]
    assert len(set(counts)) > 1
    rows = [n * induction_score(weights[b : b + 1], text[b : b + 1]) for b, n in enumerate(counts) if n]
    assert_same_outputs(induction_score(weights, text), functools.reduce(torch.add, rows) / sum(counts))


class OutputFirst(GPT):
    """Its parts are made in another order, and it keeps its mask."""

    def __init__(self, config: GPTConfig) -> None:
        nn.Module.__init__(self)
        self.config = config
        self.output = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.register_buffer("mask", causal_mask(config.context_length))
        parts = GPT(config)
        self.norm, self.blocks, self.positions = parts.norm, parts.blocks, parts.positions
        self.embedding, self.dropout = parts.embedding, parts.dropout
        if config.tied:
            self.embedding.table = self.output.weight


@pytest.mark.parametrize("tied", [True, False])
def test_fresh_starts_alike_whatever_the_order_of_the_parts(tied):
    config, text = replace(CONFIG, tied=tied), tokens(2, 5)
    torch.manual_seed(3)
    plain = GPT(config)
    for build in (GPT, OutputFirst):
        started = fresh(build, config, seed=3)
        assert type(started) is build
        assert torch.equal(started(text), plain(text))
    assert not torch.equal(fresh(GPT, config, seed=4)(text), plain(text))
