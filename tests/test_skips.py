"""Skips against two oracles: rotation by the true positions, and gaps that are filled with padding."""

import itertools

import pytest
import torch
from torch import Tensor, nn

from course.fused import fused
from course.positions import RotaryAttention, rotate, sinusoidal_positions
from course.skips import added_on, draw_shifts, moved_on, skipping, turned_on
from course.training import Training, TrainingConfig, dealt_batches, train_step
from course.transformer import Transformer, TransformerConfig
from tests.copying import PAIRS, State, assert_same

SIZES = {"d_model": 16, "n_heads": 2, "d_ff": 24, "n_layers": 2, "source_vocab_size": 11, "target_vocab_size": 13}
SOURCE = torch.tensor([[4, 5, 6, 7, 8, 9], [9, 8, 7, 10, 3, 3], [5, 4, 3, 0, 0, 0]])
TARGET = torch.tensor([[1, 5, 12, 7], [1, 3, 8, 4], [1, 9, 0, 0]])
FAR = torch.tensor([[0, 0, 5, 5, 5, 5], [0, 0, 0, 0, 0, 0], [0, 14, 14, 14, 14, 14]])
FAR_TARGET = torch.tensor([[0, 0, 0, 3], [0, 11, 11, 11], [0, 0, 0, 0]])


def model(positions: str, **other) -> Transformer:
    torch.manual_seed(0)
    made = Transformer(TransformerConfig(**SIZES | other, positions=positions)).double()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) / 4)
    return made


def with_gap(tokens: Tensor, shifts: Tensor) -> tuple[Tensor, Tensor]:
    """One row of tokens, each put at its true position, padding between -> the row, the positions."""
    places = torch.arange(len(tokens)) + shifts
    row = torch.zeros(int(places.max()) + 1, dtype=torch.long)
    row[places] = tokens
    return row, places


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("positions", ["rotary", "sinusoidal"])
def test_a_skip_is_a_gap_filled_with_padding(positions, quick):
    """Padding is read by nobody, so that nothing of it is left but the distance."""
    made = fused(model(positions)) if quick else model(positions)
    with moved_on(made, FAR, FAR_TARGET):
        ours = made(SOURCE, TARGET)
        assert torch.equal(ours, made(SOURCE, TARGET)), "whoever asks twice hears the same"
    plain = model(positions)
    for row in range(len(SOURCE)):
        (source, _), (target, places) = with_gap(SOURCE[row], FAR[row]), with_gap(TARGET[row], FAR_TARGET[row])
        real = TARGET[row] != 0
        theirs = plain(source[None], target[None])[0, places]
        torch.testing.assert_close(ours[row][real], theirs[real], rtol=0, atol=1e-10)
    assert not torch.allclose(ours[0], made(SOURCE, TARGET)[0], atol=1e-3)
    assert torch.equal(made(SOURCE, TARGET), made(SOURCE, TARGET)), "and outside all is as before"


def test_turned_on_is_to_rotate_by_the_true_position():
    x = torch.randn(3, 6, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    turned = turned_on(FAR, 2)(nn.Identity(), (), x).unflatten(-1, (2, 8)).transpose(1, 2)  # (B, H, T, d_head)
    ours, heads = rotate(turned), x.unflatten(-1, (2, 8)).transpose(1, 2)
    for row, t in itertools.product(range(3), range(6)):
        theirs = rotate(heads[row, :, t : t + 1], start=t + int(FAR[row, t]))
        torch.testing.assert_close(ours[row, :, t : t + 1], theirs, rtol=0, atol=1e-12)
    in_rows = turned_on(FAR, 2)(nn.Identity(), (), x.flatten(0, 1))
    assert torch.equal(in_rows.view(x.shape), turned_on(FAR, 2)(nn.Identity(), (), x)), "as fused linear layers see it"


def test_added_on_is_the_row_of_the_true_position():
    shifts = torch.tensor([[0, 2, 2]])
    added = sinusoidal_positions(3, 8)[None]
    moved = added_on(iter([shifts]))(nn.Identity(), (), added)
    torch.testing.assert_close(moved[0], sinusoidal_positions(5, 8)[[0, 3, 4]])


def test_gradients_are_those_of_the_plain_model():
    found = []
    for made in (model("rotary"), fused(model("rotary"))):
        with moved_on(made, FAR, FAR_TARGET):
            (made(SOURCE, TARGET) * torch.linspace(-1, 1, 13, dtype=torch.float64)).sum().backward()
        found.append([parameter.grad for parameter in made.parameters()])
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)


def test_shifts_by_their_law():
    torch.manual_seed(0)
    shifts = draw_shifts(4_000, 6, 3)
    assert shifts.shape == (4_000, 6)
    assert (shifts[:, 0] == 0).all()
    assert (shifts.diff(dim=1) >= 0).all()
    assert all(len(set(row) - {0}) <= 1 for row in shifts.tolist())
    last = shifts[:, -1]
    assert (last == 0).double().mean().item() == pytest.approx(1 / 2, abs=0.03)
    for skip in (1, 2, 3):
        assert (last == skip).double().mean().item() == pytest.approx(1 / 6, abs=0.03)
    places = (shifts[last > 0] == 0).sum(dim=1)
    assert set(places.tolist()) == {1, 2, 3, 4, 5}
    assert draw_shifts(5, 1, 3).tolist() == [[0]] * 5, "one word has nothing behind it"


class OtherwiseWritten(RotaryAttention):
    """The same attention in one method, as somebody else would write it."""

    def forward(self, query, key, value, mask=None):
        shape = (*query.shape[:2], self.n_heads, -1)
        q, k, v = (w(x).view(shape).permute(0, 2, 1, 3) for w, x in
                   ((self.w_q, query), (self.w_k, key), (self.w_v, value)))  # fmt: skip
        mask = None if mask is None else mask.expand(len(query), 1, *mask.shape[-2:])
        out = nn.functional.scaled_dot_product_attention(rotate(q), rotate(k), v, mask)
        return self.w_o(out.transpose(1, 2).flatten(2))


class WeightsAlone(OtherwiseWritten):
    """One that never calls its linear layers."""

    def forward(self, query, key, value, mask=None):
        torch.nn.functional.linear(query, self.w_q.weight)
        return value


def exchanged(made: Transformer, kind: type) -> Transformer:
    for module in made.modules():
        module.__class__ = kind if type(module) is RotaryAttention else type(module)
    return made


def test_layers_of_ones_own_need_know_nothing_of_skips():
    with moved_on(ours := exchanged(model("rotary"), OtherwiseWritten), FAR[:2], FAR_TARGET[:2]):
        one = ours(SOURCE[:2], TARGET[:2])
    with moved_on(theirs := model("rotary"), FAR[:2], FAR_TARGET[:2]):
        torch.testing.assert_close(one, theirs(SOURCE[:2], TARGET[:2]), rtol=0, atol=1e-10)


def test_layers_that_would_not_move_are_named():
    made = exchanged(model("rotary"), WeightsAlone)
    with pytest.raises(ValueError, match=r"8 of 8 layers \(Linear\) were not called"), moved_on(made, FAR, FAR_TARGET):
        made(SOURCE, TARGET)
    with pytest.raises(KeyError), moved_on(made, FAR, FAR_TARGET):
        raise KeyError("what went wrong inside is said, and not that")


@pytest.mark.parametrize("positions", ["alibi", "learned", "none"])
def test_positions_that_cannot_move_are_refused(positions):
    with pytest.raises(ValueError, match=f"positions='{positions}' cannot be moved on"):
        train_with(model(positions).float(), 3)


def test_a_model_without_positions_is_refused():
    with pytest.raises(ValueError, match="positions=None cannot be moved on"):
        train_with(nn.Linear(3, 3), 3)


def train_with(made: nn.Module, max_skip: int) -> list[float]:
    training = Training(made, TrainingConfig(n_steps=2, max_skip=max_skip))
    source, target = next(dealt_batches(PAIRS, TrainingConfig(n_steps=1)))
    training.step(source, target)
    return training.losses


def test_training_without_skips_is_as_ever():
    made = model("rotary", source_vocab_size=13).float()
    source, target = next(dealt_batches(PAIRS, TrainingConfig(n_steps=1)))
    with torch.random.fork_rng():
        state = torch.get_rng_state()
        with skipping(made, source, target, 0):
            loss = made(source, target).sum()
        assert torch.equal(state, torch.get_rng_state()), "no number was drawn"
    assert torch.equal(loss, made(source, target).sum())
    rates = torch.optim.SGD(made.parameters(), lr=0.0)
    expected = train_step(made, rates, source, target)
    assert train_with(made, 0) == [expected]
    assert train_with(model("rotary", source_vocab_size=13).float(), 3) != train_with(
        model("rotary", source_vocab_size=13).float(), 0
    )


def test_a_training_with_skips_goes_on_to_the_very_same_result(tmp_path):
    config = TrainingConfig(n_steps=10, n_tokens=30, n_warmup=2, every=5, max_skip=4)
    whole, path = State(config=config), tmp_path / "model.pt"

    def stop(training, n_tokens):
        if len(training.losses) == 7:
            raise KeyboardInterrupt

    State(path, stop, config=config)
    assert_same(State(path, config=config), whole)
