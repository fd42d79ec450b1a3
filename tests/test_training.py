"""Training's parts against torch's own, sacrebleu, the paper's formula and numbers worked by hand."""

import itertools
import math
import random
from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course.seq2seq import shift_right, teacher_forcing_loss
from course.training import batches_by_length, inverse_sqrt_schedule, label_smoothing_loss, train_step, warmup_schedule
from tests.oracles import translator
from tests.parity import assert_same_outputs, draw

B, T, V = 4, 6, 7
LENGTHS = torch.tensor([6, 1, 4, 3])


def drawn_lengths(seed: int, count: int = 200, longest: int = 9) -> list[tuple[int, int]]:
    chance = random.Random(seed)
    return [(chance.randint(1, longest), chance.randint(1, longest)) for _ in range(count)]


@pytest.mark.parametrize("n_tokens", [1, 7, 18, 40, 100_000])
@pytest.mark.parametrize("seed", [0, 1])
def test_batches(n_tokens, seed):
    lengths = drawn_lengths(seed)
    order = random.Random(seed).sample(range(200), 150)
    batches = batches_by_length(order, lengths, n_tokens)
    assert sorted(itertools.chain(*batches)) == sorted(order), "each once"
    assert all(len({lengths[i] for i in batch}) == 1 for batch in batches), "no padding"
    assert all(len(batch) * sum(lengths[batch[0]]) <= n_tokens or len(batch) == 1 for batch in batches)
    unfilled = [lengths[batch[0]] for batch in batches if (len(batch) + 1) * sum(lengths[batch[0]]) <= n_tokens]
    assert len(unfilled) == len(set(unfilled)), "at most one with room for each length"
    for length in set(lengths):
        dealt = [i for batch in batches for i in batch if lengths[i] == length]
        assert dealt == [i for i in order if lengths[i] == length], "order kept"


def test_batches_by_hand():
    lengths = [(2, 3), (4, 4), (2, 3), (2, 3), (9, 9)]
    assert batches_by_length(range(5), lengths, 10) == [[1], [0, 2], [4], [3]]
    assert batches_by_length([3, 0, 2], lengths, 14) == [[3, 0], [2]]
    assert batches_by_length([], lengths, 10) == []


def leaf(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return draw(*shape, dtype=dtype, seed=seed).requires_grad_()


def some_answers() -> Tensor:
    return torch.randint(1, V, (B, T), generator=torch.Generator().manual_seed(1)) * (
        torch.arange(T) < LENGTHS[:, None]
    )


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("scale", [1, 1e4])
def test_smoothed_loss_and_gradient_equal_torchs(smoothing, scale, dtype):
    logits, other, answers = leaf(B, T, V, dtype=dtype), leaf(B, T, V, dtype=dtype), some_answers()
    mine = label_smoothing_loss(scale * logits, answers, smoothing)
    theirs = F.cross_entropy(
        (scale * other).flatten(0, 1), answers.flatten(), ignore_index=0, label_smoothing=smoothing
    )
    assert_same_outputs(mine, theirs)
    mine.backward(), theirs.backward()
    assert_same_outputs(logits.grad / scale, other.grad / scale)


def test_loss_without_smoothing_is_lesson_02s():
    logits, answers = leaf(B, T, V), some_answers()
    assert_same_outputs(label_smoothing_loss(logits, answers, 0.0), teacher_forcing_loss(logits, answers))


def test_smoothed_loss_by_hand():
    logits = torch.tensor([[[0.5, 0.125, 0.125, 0.25], [0.25] * 4]], dtype=torch.float64).log()
    loss = label_smoothing_loss(logits, torch.tensor([[3, 0]]), 0.2)
    assert loss.item() == pytest.approx(0.8 * 2 * math.log(2) + 0.2 * (1 + 3 + 3 + 2) * math.log(2) / 4)


def test_smoothed_loss_is_least_at_the_smoothed_target():
    """With smoothing s the best a model can do is to give the right token 1 - s + s / V."""
    target = torch.full((V,), 0.1 / V, dtype=torch.float64)
    target[3] += 0.9
    best = target.log().requires_grad_()
    label_smoothing_loss(best[None, None], torch.tensor([[3]]), 0.1).backward()
    assert best.grad.abs().max() < 1e-12


@pytest.mark.parametrize(
    ("step", "d_model", "n_warmup", "rate"),
    [
        (1, 1, 1, 1.0), (4, 1, 1, 0.5), (1, 4, 1, 0.5), (4, 16, 4, 0.125), (2, 16, 4, 0.0625), (16, 16, 4, 0.0625),
        (4000, 512, 4000, 1 / math.sqrt(512 * 4000)), (1, 512, 4000, 1 / (math.sqrt(512) * 4000 * math.sqrt(4000))),
    ],
)  # fmt: skip
def test_the_papers_schedule_by_hand(step, d_model, n_warmup, rate):
    assert inverse_sqrt_schedule(step, d_model, n_warmup) == pytest.approx(rate, rel=1e-12)


def test_the_papers_schedule_has_its_peak_at_the_end_of_the_warmup_and_no_jump():
    rates = [inverse_sqrt_schedule(step, 512, 400) for step in range(1, 5_000)]
    assert rates.index(max(rates)) == 400 - 1
    assert max(rates) == pytest.approx(7e-4 * math.sqrt(10), rel=0.01), "7e-4 at 4,000 steps of warm-up"
    steps = [abs(two - one) for one, two in itertools.pairwise(rates)]
    assert max(steps) == pytest.approx(rates[0]), "no step is larger than those of the way up"


@pytest.mark.parametrize(("n_steps", "n_warmup"), [(20, 5), (31, 1), (50, 49), (12, 0)])
def test_straight_schedule_equals_torchs(n_steps, n_warmup):
    """Torch counts from 0 and cannot begin with a factor of 0: its warm-up begins at the first step's share."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    parts = [torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, n_steps - n_warmup)]
    if n_warmup > 1:
        up = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / n_warmup, 1.0, n_warmup - 1)
        parts = [torch.optim.lr_scheduler.SequentialLR(optimizer, [up, parts[0]], [n_warmup - 1])]
    theirs = []
    for _ in range(n_steps + 1):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        parts[0].step()
    ours = [warmup_schedule(step, n_steps, n_warmup) for step in range(1, n_steps + 1)]
    first = 0 if n_warmup else 1  # without warm-up torch's step 0 is the share 1 that never comes
    assert ours == pytest.approx(theirs[first : first + n_steps], abs=1e-9)


@pytest.mark.parametrize(("n_steps", "n_warmup"), [(20, 5), (31, 1), (50, 49), (12, 0), (7, 7), (5, 9)])
def test_straight_schedule_equals_the_usual_lambda(n_steps, n_warmup):
    def share(at: int) -> float:
        if at + 1 <= n_warmup:
            return (at + 1) / n_warmup
        return max(0.0, (n_steps - at - 1) / max(1, n_steps - n_warmup))

    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, share)
    for step in range(1, n_steps + 1):
        assert warmup_schedule(step, n_steps, n_warmup) == pytest.approx(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()


def test_straight_schedule_has_its_corners():
    assert [warmup_schedule(step, 10, 4) for step in (1, 2, 4, 7, 10)] == [0.25, 0.5, 1.0, 0.5, 0.0]


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
@pytest.mark.parametrize("clip", [0.05, 1.0, 100.0])
def test_step_equals_torchs_own_parts(name, clip):
    """Three steps of a whole Transformer; 0.05 cuts every gradient, 100 none."""
    ours, theirs = deepcopy(translator(0)), deepcopy(translator(0))
    mine, other = (getattr(torch.optim, name)(model.parameters(), lr=0.01) for model in (ours, theirs))
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        source, target = (torch.randint(3, 13, (5, n), generator=generator) for n in (6, 4 + seed))
        target[1, 2:] = 0
        inputs, answers = shift_right(target)
        logits = theirs(source, inputs).transpose(1, 2)
        loss = F.cross_entropy(logits, answers, ignore_index=0, label_smoothing=0.2)
        other.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(theirs.parameters(), clip)
        assert norm > 0.05
        other.step()
        assert train_step(ours, mine, source, target, 0.2, clip) == pytest.approx(loss.item(), abs=1e-12)
        for one, two in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert_same_outputs(one, two)
