"""BERT: the laws of its masks, its losses against torch's, and its parts against torch's layers."""

import pytest
import torch
from scipy import stats
from torch import nn
from torch.nn import functional as F

from course.bert import (
    BERT,
    BertConfig,
    Classifier,
    MaskedLanguageModel,
    activate,
    classify,
    fresh,
    mask_tokens,
    masked_lm_loss,
)
from course.blocks import BlockConfig, Encoder, LayerNorm
from tests.parity import assert_same_outputs, copy_weights, draw, layer_pairs, randomise

SIZES = {"d_model": 12, "n_heads": 3, "d_ff": 20, "n_layers": 2, "vocab_size": 11, "max_length": 9}
MASK, V = 4, 40
SPECIAL = (0, 1, 2, 3)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def text(n: int = 200_000) -> torch.Tensor:
    return torch.randint(0, V, (4, n // 4), generator=generator(1))


def test_words_are_asked_for_with_their_share_and_meet_their_three_fates():
    before = text()
    for share in (0.15, 0.5):
        inputs, answers = mask_tokens(before, V, MASK, generator(), share=share)
        asked, words = answers != 0, before > MASK
        n, n_words = int(asked.sum()), int(words.sum())
        assert not (asked & ~words).any(), "special tokens are never asked for"
        assert stats.binomtest(n, n_words, share).pvalue > 1e-4
        masked = asked & (inputs == MASK)
        assert stats.binomtest(int(masked.sum()), n, 0.8).pvalue > 1e-4
        # one in 35 of the words put in another's place is that word itself
        other = asked & ~masked & (inputs != before)
        assert stats.binomtest(int(other.sum()), n, 0.1 * 34 / 35).pvalue > 1e-4
        counts = torch.bincount(inputs[other], minlength=V)[MASK + 1 :]
        assert stats.chisquare(counts.numpy()).pvalue > 1e-4, "any word comes, none oftener"


def test_what_is_not_asked_for_stays_and_answers_are_what_stood_there():
    before = text(4000)
    kept = before.clone()
    inputs, answers = mask_tokens(before, V, MASK, generator())
    assert torch.equal(before, kept)
    assert torch.equal(inputs[answers == 0], before[answers == 0])
    assert torch.equal(answers[answers != 0], before[answers != 0])
    assert set(inputs[answers != 0].tolist()) & set(SPECIAL) == set()


def test_the_same_generator_gives_the_same_holes_and_another_others():
    before = text(400)
    one, again, other = (mask_tokens(before, V, MASK, generator(seed)) for seed in (3, 3, 4))
    assert torch.equal(one[0], again[0])
    assert torch.equal(one[1], again[1])
    assert not torch.equal(one[1], other[1])


def test_special_ones_are_those_that_are_said():
    inputs, answers = mask_tokens(text(4000), V, 39, generator(), special=(0, 7), share=1.0)
    assert set(answers.tolist()[0]) == set(range(V)) - {7, 39}
    assert (inputs == 39).any()
    for share in (0.0, 1.5, -0.1):
        with pytest.raises(ValueError, match=f"share={share} must be above 0 and at most 1"):
            mask_tokens(text(40), V, MASK, generator(), share=share)


def test_loss_is_torchs_cross_entropy_where_something_is_asked():
    logits, answers = draw(3, 6, 11), torch.randint(1, 11, (3, 6), generator=generator())
    answers[:, ::2] = 0
    theirs = F.cross_entropy(logits.flatten(0, 1), answers.flatten(), ignore_index=0)
    assert_same_outputs(masked_lm_loss(logits, answers), theirs)
    with pytest.raises(ValueError, match="nothing is asked"):
        masked_lm_loss(logits, torch.zeros_like(answers))


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_encoder_is_torchs_with_berts_eps(activation):
    ours = randomise(BertConfig(**SIZES, activation=activation, eps=1e-3).encoder())
    theirs = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(12, 3, 20, 0.0, activation, 1e-3, batch_first=True, dtype=torch.float64),
        2,
        enable_nested_tensor=False,
    ).eval()
    for layer, other in zip(ours.layers, theirs.layers, strict=True):
        copy_weights(layer_pairs(layer, other))
    x = draw(2, 7, 12)
    assert_same_outputs(ours(x), theirs(x))


def test_activate_gives_every_layer_another_activation():
    stack = randomise(Encoder(BlockConfig(d_model=12, n_heads=3, d_ff=20, n_layers=2)))
    activate(stack, "swish")
    layer, x = randomise(stack).layers[1].feed_forward, draw(2, 3, 12)
    assert_same_outputs(layer(x), layer.w_2(F.silu(layer.w_1(x))))
    assert [part.feed_forward.activation for part in stack.layers] == [F.silu, F.silu]


def test_both_sides_have_a_say_and_padding_has_none():
    ours = randomise(BERT(BertConfig(**SIZES))).eval()
    words = torch.randint(1, 11, (1, 9), generator=generator())
    words[0, 7:] = 0
    before = ours(words)
    for place in range(7):
        other = words.clone()
        other[0, place] = words[0, place] % 10 + 1
        assert ((ours(other) - before).abs().amax(dim=-1)[0, :7] > 1e-9).all()
    assert_same_outputs(ours(words[:, :7]), before[:, :7])
    with pytest.raises(ValueError, match="max_length=9 only"):
        ours(torch.ones(1, 10, dtype=torch.long))


def test_three_embeddings_are_added_and_normalised():
    ours = randomise(BERT(BertConfig(**(SIZES | {"n_layers": 1})))).eval()
    ours.encoder = nn.Identity()
    ours.encoder.forward = lambda x, mask: x
    words, segments = torch.tensor([[3, 5, 5]]), torch.tensor([[0, 0, 1]])
    added = ours.words.table[words] + ours.positions.table[:3] + ours.segments.table[segments]
    theirs = F.layer_norm(added, (12,), ours.norm.gain, ours.norm.bias, 1e-12)
    assert_same_outputs(ours(words, segments), theirs)
    assert_same_outputs(ours(words), ours(words, torch.zeros_like(segments)))


def test_every_norm_has_berts_eps():
    config = BertConfig(**SIZES)
    model = MaskedLanguageModel(BERT(config), config)
    norms = [part for part in model.modules() if isinstance(part, LayerNorm)]
    assert [norm.eps for norm in norms] == [1e-12] * (1 + 2 * 2 + 1)


class PositionsFirst(BERT):
    """Its parts are made in another order."""

    def __init__(self, config: BertConfig) -> None:
        nn.Module.__init__(self)
        self.pooler = nn.Linear(config.d_model, config.d_model)
        self.config, parts = config, BERT(config)
        self.positions, self.encoder, self.norm = parts.positions, parts.encoder, parts.norm
        self.words, self.segments, self.dropout = parts.words, parts.segments, parts.dropout


def test_fresh_starts_alike_whatever_the_order_of_the_parts():
    config, words = BertConfig(**SIZES), torch.randint(1, 11, (3, 5), generator=generator())
    torch.manual_seed(3)
    plain = BERT(config).eval()
    for build in (BERT, PositionsFirst):
        started = fresh(build, config, seed=3).eval()
        assert type(started) is build
        assert torch.equal(started(words), plain(words))
        assert torch.equal(started.pooler.weight, plain.pooler.weight)
    assert not torch.equal(fresh(BERT, config, seed=4).eval()(words), plain(words))


def test_bert_base_and_large_count_as_transformers_counts():
    """110 M and 340 M in Devlin et al. (2019); counted with the pooler 109,482,240 and 335,141,888."""
    base = {"d_model": 768, "n_heads": 12, "d_ff": 3072, "n_layers": 12, "vocab_size": 30_522}
    large = {"d_model": 1024, "n_heads": 16, "d_ff": 4096, "n_layers": 24, "vocab_size": 30_522}
    with torch.device("meta"):
        counted = [sum(one.numel() for one in BERT(BertConfig(**sizes)).parameters()) for sizes in (base, large)]
    assert counted == [109_482_240, 335_141_888]


def test_classify_reads_the_first_state_alone():
    states, pooler, head = draw(3, 5, 12), randomise(nn.Linear(12, 12)), randomise(nn.Linear(12, 4))
    expected = F.linear(torch.tanh(F.linear(states[:, 0], pooler.weight, pooler.bias)), head.weight, head.bias)
    assert_same_outputs(classify(states, pooler, head), expected)
    other = states.clone()
    other[:, 1:] = 0
    assert torch.equal(classify(other, pooler, head), classify(states, pooler, head))


def test_classifier_needs_a_pooler_and_guesses_may_be_tied():
    config, without = BertConfig(**SIZES), BertConfig(**SIZES, pooler=False)
    with pytest.raises(ValueError, match="this BERT has pooler=False"):
        Classifier(BERT(without), without, 2)
    assert Classifier(BERT(config), config, 3)(torch.ones(2, 4, dtype=torch.long)).shape == (2, 3)
    both = [BertConfig(**SIZES, tied=tied) for tied in (True, False)]
    tied, untied = (MaskedLanguageModel(BERT(config), config) for config in both)
    assert tied.output.weight is tied.bert.words.table
    assert untied.output.weight is not untied.bert.words.table
