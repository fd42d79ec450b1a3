"""Annotated: written in another style, it is a Transformer all the same, and learns."""

import itertools
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course.bench.annotated import AnnotatedTransformer, Layer, Norm, later_blocked
from course.bench.annotated_recipe import AnnotatedTraining, SmoothedLoss, padded_batches, train_annotated
from course.transformer import Transformer, TransformerConfig
from course.translation import translate
from tests.bench.test_opponents import CONFIG, SOURCE, TARGET
from tests.parity import copy_weights, randomise


def test_norm_is_theirs_unbiased_and_with_eps_outside_the_root():
    x = torch.randn(3, 8, dtype=torch.float64)
    norm = randomise(Norm(8))
    expected = torch.stack(
        [norm.gain * (row - row.mean()) / (row.var(correction=1).sqrt() + 1e-6) + norm.bias for row in x]
    )
    torch.testing.assert_close(norm(x), expected)


def with_common_norms(model: nn.Module) -> nn.Module:
    """The same model with everybody else's layer norm in the place of each of its own."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, Norm):
                setattr(module, name, nn.LayerNorm(len(child.gain)))
    return model


def attention_pairs(theirs: nn.Module, ours: nn.Module) -> list:
    both = zip(theirs.linears, (ours.w_q, ours.w_k, ours.w_v, ours.w_o), strict=True)
    return [pair for one, other in both for pair in zip(one.parameters(), other.parameters(), strict=True)]


def layer_pairs(theirs: Layer, ours: nn.Module) -> list:
    crossed = theirs.cross_attention is not None
    pairs = attention_pairs(theirs.attention, ours.self_attention if crossed else ours.attention)
    pairs += attention_pairs(theirs.cross_attention, ours.cross_attention) if crossed else []
    pairs += zip(theirs.feed_forward.parameters(), ours.feed_forward.parameters(), strict=True)
    norms = [ours.norm_1, ours.norm_2, *([ours.norm_3] if crossed else [])]
    return pairs + [
        pair for one, norm in zip(theirs.connections, norms, strict=True) for pair in norm_pairs(one.norm, norm)
    ]


def norm_pairs(theirs: nn.LayerNorm, ours: nn.Module) -> list:
    return [(theirs.weight, ours.gain), (theirs.bias, ours.bias)]


@torch.no_grad()
def test_but_for_the_norms_it_says_what_our_transformer_says():
    theirs = with_common_norms(AnnotatedTransformer(CONFIG)).double().eval()
    ours = randomise(Transformer(TransformerConfig(**(vars(CONFIG) | {"tied": False})))).eval()
    pairs = [
        (theirs.source_embedding.table.weight, ours.source_embedding.table),
        (theirs.output.weight, ours.output.weight),
    ]
    pairs += [(theirs.target_embedding.table.weight, ours.target_embedding.table)]
    for name in ("encoder", "decoder"):
        mine, other = getattr(ours, name), getattr(theirs, name)
        pairs += norm_pairs(other.norm, mine.norm)
        for one, layer in zip(other.layers, mine.layers, strict=True):
            pairs += layer_pairs(one, layer)
    copy_weights([(b, a) for a, b in pairs])
    theirs.output.bias.zero_()
    assert sum(p.numel() for p in theirs.parameters()) == sum(p.numel() for p in ours.parameters()) + len(
        theirs.output.bias
    )
    inputs = F.pad(TARGET, (1, 0), value=1)
    real = inputs != 0
    torch.testing.assert_close(
        theirs(SOURCE, inputs)[real], ours(SOURCE, inputs).log_softmax(-1)[real], rtol=0, atol=1e-6
    )


def test_masks_are_used():
    model = randomise(AnnotatedTransformer(CONFIG)).eval()
    inputs = F.pad(TARGET, (1, 0), value=1)
    before, later = model(SOURCE, inputs), inputs.clone()
    later[0, 3] = 8
    assert model(SOURCE, later)[0, :3].equal(before[0, :3]), "it sees the future"
    torch.testing.assert_close(model(F.pad(SOURCE, (0, 2)), inputs), before)
    assert later_blocked(3).tolist() == [[[True, False, False], [True, True, False], [True, True, True]]]


def test_its_loss_is_the_cross_entropy_to_smoothed_targets_less_their_entropy():
    logits, answers = torch.randn(2, 3, 7, dtype=torch.float64), torch.tensor([[3, 6, 2], [4, 0, 0]])
    wanted = torch.full((2, 3, 7), 0.1 / 5, dtype=torch.float64).scatter(-1, answers[..., None], 0.9)
    wanted[..., 0] = 0
    real = answers != 0
    log_p = logits.log_softmax(-1)
    expected = (torch.xlogy(wanted, wanted) - wanted * log_p)[real].sum() / real.sum()
    torch.testing.assert_close(SmoothedLoss(7)(log_p, answers), expected)


def test_padded_batches_hold_each_pair_once_in_random_order_and_no_more_than_is_allowed():
    pairs = [([i + 3] * (1 + i % 7), [i + 3] * (1 + i % 5)) for i in range(40)]
    lengths, seen = {i + 3: (1 + i % 7, 1 + i % 5) for i in range(40)}, []
    for source, target in padded_batches(pairs, n_tokens=60, seed=1):
        assert source.numel() + target.numel() <= 60
        for row, other in zip(source, target, strict=True):
            token = int(row[0])
            assert (int((row > 0).sum()), int((other > 0).sum())) == lengths[token]
            seen.append(token)
        assert (source > 0).any(0).all(), "a column of padding alone"
        if len(seen) >= 40:
            break
    assert sorted(seen[:40]) == sorted(lengths)
    assert seen[:40] != sorted(lengths)


def test_no_batch_could_take_the_next_pair_too():
    chance_pairs = [([3] * (1 + i * 7 % 11), [4] * (1 + i * 5 % 9)) for i in range(60)]
    batches = list(itertools.islice(padded_batches(chance_pairs, n_tokens=80, seed=0), 12))
    for (source, target), (next_source, next_target) in itertools.pairwise(batches):
        longest = max(source.shape[1], int((next_source[0] > 0).sum())) + max(
            target.shape[1], int((next_target[0] > 0).sum())
        )
        assert longest * (len(source) + 1) > 80


def backwards(generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        source = torch.randint(3, 11, (32, 4), generator=generator)
        yield source, source.flip(1)


def test_it_learns_to_write_backwards():
    torch.manual_seed(0)
    sizes = {"source_vocab_size": 11, "target_vocab_size": 11}
    model = AnnotatedTransformer(TransformerConfig(d_model=32, n_heads=4, d_ff=64, n_layers=1, **sizes))
    training, steps = AnnotatedTraining(model, 11, n_warmup=100), []
    train_annotated(training, backwards(torch.Generator().manual_seed(0)), 400, steps.append)
    assert steps == list(range(1, 401))
    sources = torch.randint(3, 11, (50, 4), generator=torch.Generator().manual_seed(9)).tolist()
    right = [a == b[::-1] for a, b in zip(translate(model, sources), sources, strict=True)]
    assert sum(right) >= 45


def test_its_learning_rate_is_the_papers():
    model = AnnotatedTransformer(CONFIG)
    training = AnnotatedTraining(model, 11, n_warmup=3, factor=2.0)
    rates = []
    for _ in range(5):
        rates.append(training.optimizer.param_groups[0]["lr"])
        training.step(SOURCE, TARGET)
    expected = [2.0 * 16**-0.5 * min(step**-0.5, step * 3**-1.5) for step in (1, 1, 2, 3, 4)]
    assert rates == pytest.approx(expected)
