"""Train: the same twice, bit for bit; interrupted, killed and resumed, as if nothing had happened."""

import itertools
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from course import checkpoint as checkpoints
from course import training as module
from course.classroom import ROOT
from course.seq2seq import shift_right
from course.training import TrainingConfig, train, validation_loss, warmup_schedule
from course.translation import translate
from tests import PATIENCE
from tests.copying import CONFIG, PAIRS, VALIDATION, State, assert_same, copied, same_weights, small_model


@pytest.fixture(autouse=True)
def one_thread():
    """Bit for bit is promised for one number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def whole() -> State:
    return State()


def torchs_optimizers(model: torch.nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    matrices = [
        layer.weight for layer in model.modules() if isinstance(layer, torch.nn.Linear) and layer is not model.output
    ]
    others = [one for one in model.parameters() if all(one is not matrix for matrix in matrices)]
    muon = torch.optim.Muon(matrices, lr=2 * rate, weight_decay=0.01, momentum=0.95, ns_steps=3)
    return [muon, torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.01)]


def test_the_loop_equals_torchs_own_parts(monkeypatch):
    """No dropout: batch by batch, the two optimizers, the schedule, clipping and the smoothed loss of torch."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", lambda x: x)  # torch's Muon works in float64 here, too
    ours, theirs = small_model(dropout=0.0).double(), small_model(dropout=0.0).double()
    config = replace(CONFIG, n_steps=12)
    losses, expected = train(ours, PAIRS, config), []
    optimizers = torchs_optimizers(theirs, config.learning_rate)
    share = partial(warmup_schedule, n_steps=12, n_warmup=config.n_warmup)
    schedules = [torch.optim.lr_scheduler.LambdaLR(one, lambda at: share(at + 1)) for one in optimizers]
    for source, target in itertools.islice(module.dealt_batches(PAIRS, config), 12):
        inputs, answers = shift_right(target)
        loss = F.cross_entropy(
            theirs(source, inputs).transpose(1, 2), answers, ignore_index=0, label_smoothing=config.smoothing
        )
        theirs.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 1.0)
        for one in (*optimizers, *schedules):
            one.step()
        expected.append(loss.item())
    assert losses == pytest.approx(expected, abs=1e-10)
    for one, two in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_same_seed_same_result_to_the_last_bit(dropout):
    first = State(model=small_model(dropout=dropout))
    torch.rand(7)  # whatever the learner has drawn meanwhile
    assert_same(first, State(model=small_model(dropout=dropout)))


def test_another_seed_is_another_training(whole):
    other = State(config=replace(CONFIG, seed=4))
    assert other.losses != whole.losses
    assert not same_weights(other.weights, whole.weights)


def test_dropout_is_at_work_and_differs_from_step_to_step():
    pairs, config = [([5, 6], [6, 5])], replace(CONFIG, learning_rate=0.0, n_steps=6)
    assert len(set(train(small_model(dropout=0.0), pairs, config))) == 1
    assert len(set(train(small_model(dropout=0.3), pairs, config))) == 6


def test_a_model_in_eval_mode_is_trained_in_train_mode(whole):
    assert_same(State(model=small_model().eval()), whole)


def test_training_learns():
    model, config = small_model(dropout=0.0), TrainingConfig(n_steps=200, n_tokens=60, learning_rate=0.02, n_warmup=15)
    train(model, PAIRS, config)
    assert sum(translate(model, [source]) == [target] for source, target in PAIRS) > 30


def test_random_numbers_of_the_learner_are_left_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    train(small_model(), PAIRS, replace(CONFIG, n_steps=2), VALIDATION)
    assert torch.equal(torch.rand(3), expected)


def test_report_tells_every_step_and_its_tokens():
    told = []
    train(small_model(), PAIRS, CONFIG, report=lambda training, n_tokens: told.append((len(training.losses), n_tokens)))
    tokens = [
        source.numel() + target.numel() for source, target in itertools.islice(module.dealt_batches(PAIRS, CONFIG), 24)
    ]
    assert told == list(enumerate(tokens, 1))


def test_the_model_ends_with_its_best_validation_weights_in_eval_mode():
    """A training that goes wrong after its third validation."""
    told = {}

    def spoil(training, _):
        if len(training.losses) == 15:
            told["best"] = copied(training.model.state_dict())
            with torch.no_grad():
                training.model.output.weight *= 30

    state = State(report=spoil)
    assert same_weights(state.weights, told["best"])
    assert validation_loss(state.model, VALIDATION) == state.trainings[-1].best_loss
    assert not state.model.training


def test_without_validation_the_model_ends_with_its_last_weights():
    state = State(validation=())
    assert same_weights(state.weights, state.last)
    assert not state.model.training


class Interrupt:
    """Ctrl-C after so many steps."""

    def __init__(self, after: int) -> None:
        self.after = after

    def __call__(self, training, n_tokens):
        if len(training.losses) == self.after:
            raise KeyboardInterrupt


@pytest.mark.parametrize("after", [1, 4, 5, 6, 13, 20, 23, 24])
def test_interrupted_and_resumed_is_as_if_nothing_had_happened(after, whole, tmp_path):
    path = tmp_path / "model.pt"
    broken = State(path, Interrupt(after))
    assert broken.losses == whole.losses[:after]
    assert path.exists() == (after >= 5)
    assert_same(resumed := State(path), whole) if after < 24 else None
    if after == 24:
        assert train(small_model(), PAIRS, CONFIG, VALIDATION, path) == whole.losses
    else:
        n_steps = len(resumed.trainings)
        assert n_steps == 24 - after // 5 * 5, "only what came after the last checkpoint is done again"


def test_interrupted_again_and_again(whole, tmp_path):
    path = tmp_path / "model.pt"
    for after in (3, 7, 8, 12, 16, 21):
        State(path, Interrupt(after))
    assert_same(State(path, model=small_model(seed=9)), whole)


def test_the_best_weights_are_remembered_across_an_interruption(tmp_path):
    """Validation on words that no translation has: the better the model learns, the worse it gets there."""
    strange = [([3, 4], [12, 12, 12, 12]), ([5], [12, 12, 12])]
    changes = {"pairs": [(source, target) for source, target in PAIRS if 12 not in target], "validation": strange}
    straight, path = State(**changes), tmp_path / "model.pt"
    assert not same_weights(straight.weights, straight.last), "the best were not the last"
    State(path, Interrupt(18), **changes)
    assert_same(State(path, **changes), straight)


def test_a_report_that_draws_random_numbers_changes_nothing(whole, tmp_path):
    """Such as one that lets the model write a sample."""
    path = tmp_path / "model.pt"

    def draw(training, n_tokens):
        torch.rand(len(training.losses))
        translate(training.model, [[5, 6]], 3)
        if len(training.losses) == 12 and not path.with_suffix(".seen").exists():
            path.with_suffix(".seen").touch()
            raise KeyboardInterrupt

    State(path, draw)
    assert_same(State(path, draw), whole)


@pytest.mark.parametrize("after", [3, 13, 19])
def test_interrupted_the_model_has_the_best_validation_weights(after, tmp_path):
    path = tmp_path / "model.pt"
    state = State(path, Interrupt(after))
    if after < 5:
        assert state.trainings[-1].best_weights is None, "nothing is measured yet: the last weights stay"
    else:
        assert same_weights(state.weights, checkpoints.read_checkpoint(path, EVERYTHING)["best"])
        assert validation_loss(state.model, VALIDATION) == state.trainings[-1].best_loss
    assert not state.model.training


EVERYTHING = {"config", "data", "losses", "best_loss", "best", "model", "optimizer"}


def test_interrupted_in_the_middle_of_a_step(whole, tmp_path, monkeypatch):
    """The weights are then half moved; the checkpoint knows nothing of it."""
    path, step = tmp_path / "model.pt", torch.optim.AdamW.step
    calls = itertools.count(1)

    def breaks(self, *arguments, **named):
        step(self, *arguments, **named)
        if next(calls) == 8:
            raise KeyboardInterrupt

    monkeypatch.setattr(torch.optim.AdamW, "step", breaks)
    State(path)
    assert_same(State(path), whole)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_a_write_that_fails_half_way_leaves_the_old_checkpoint(error, whole, tmp_path, monkeypatch):
    path, save = tmp_path / "model.pt", torch.save
    calls = itertools.count(1)

    def half(everything, file):
        if next(calls) < 3:
            return save(everything, file)
        file.write(b"half of it")
        raise error("no space left")

    monkeypatch.setattr(torch, "save", half)
    if error is OSError:
        with pytest.raises(OSError, match="no space left"):
            State(path)
    else:
        State(path)
    monkeypatch.setattr(torch, "save", save)
    assert len(checkpoints.read_checkpoint(path, EVERYTHING)["losses"]) == 10
    assert_same(State(path), whole)
    assert [one.name for one in tmp_path.iterdir()] == ["model.pt"]


def started(path: Path, step: int) -> subprocess.Popen:
    """A training in a process of its own that has just done that step, and now takes its time."""
    command = [sys.executable, "-m", "tests.copying", str(path), str(step)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    while process.stdout.readline().strip() != str(step):
        assert process.poll() is None, "it has ended by itself"
    return process


no_signals = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@no_signals
def test_a_process_that_is_interrupted_ends_in_peace_and_can_be_resumed(whole, tmp_path):
    process = started(tmp_path / "model.pt", 12)
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=PATIENCE)[0].split()
    assert process.returncode == 0
    assert rest[-3:-1] == ["ended", "after"]
    assert 12 <= int(rest[-1]) < 24
    assert_same(State(tmp_path / "model.pt"), whole)


@no_signals
def test_a_process_that_is_killed_can_be_resumed(whole, tmp_path):
    process = started(tmp_path / "model.pt", 13)
    process.kill()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL
    resumed = State(tmp_path / "model.pt")
    assert_same(resumed, whole)
    assert len(resumed.trainings) == 14, "the checkpoint of step 10 was the last"


def test_a_finished_checkpoint_trains_no_further(whole, tmp_path):
    path = tmp_path / "model.pt"
    State(path)
    written = path.read_bytes()
    model = small_model(seed=5)
    reports = []
    losses = train(model, PAIRS, CONFIG, VALIDATION, path, lambda *told: reports.append(told))
    assert losses == whole.losses
    assert reports == []
    assert same_weights(model.state_dict(), whole.weights)
    assert path.read_bytes() == written


def test_an_interrupt_in_the_middle_of_a_step_leaves_the_learners_random_numbers_alone(monkeypatch):
    def interrupted(*given):
        torch.rand(3)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "train_step", interrupted)
    model = small_model(dropout=0.3)
    before = torch.get_rng_state()
    train(model, PAIRS, CONFIG)
    assert torch.equal(torch.get_rng_state(), before)


def test_every_step_is_taken_at_the_rate_of_its_moment():
    """The schedule is one for all; each group of parameters (Muon's, AdamW's) goes by its own highest rate."""
    training = module.Training(small_model(), CONFIG)
    highest = [group["lr"] for group in training.optimizer.param_groups]
    assert len(set(highest)) > 1
    for number, (source, target) in enumerate(itertools.islice(module.dealt_batches(PAIRS, CONFIG), 8), 1):
        training.step(source, target)
        share = warmup_schedule(number, CONFIG.n_steps, CONFIG.n_warmup)
        assert [group["lr"] for group in training.optimizer.param_groups] == [share * rate for rate in highest]


@pytest.mark.parametrize(("seed", "n_done", "same"), [(CONFIG.seed, 0, True), (4, 0, False), (CONFIG.seed, 1, False)])
def test_what_dropout_leaves_out_hangs_on_the_seed_and_the_step_alone(seed, n_done, same):
    """Not on what was drawn before: a training that is resumed must drop what one without a pause drops."""
    (batch,) = itertools.islice(module.dealt_batches(PAIRS, CONFIG), 1)
    losses = []
    for config, done in ((CONFIG, []), (replace(CONFIG, seed=seed), [0.0] * n_done)):
        training = module.Training(small_model(dropout=0.5), config)
        training.losses.extend(done)
        torch.rand(5)  # somebody draws in between
        training.step(*batch)
        losses.append(training.losses[-1])
    assert (losses[0] == losses[1]) is same
