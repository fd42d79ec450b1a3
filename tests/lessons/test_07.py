"""Lesson 07: what its prose and its captions claim is what its cells compute."""

import math
import re
from unittest import mock

import pytest
import torch

pytestmark = pytest.mark.lesson("07")


def test_gelu_has_a_slope_below_zero_where_relu_has_none(lesson: dict) -> None:
    below = (lesson["x_axis"] < -0.1) & (lesson["x_axis"] > -1.5)
    assert (lesson["relu_slope"][below] == 0).all()
    assert (lesson["gelu_slope"][below] != 0).any()
    assert lesson["gelu_slope"].min() < 0
    assert lesson["gelu_slope"].max() > 1
    slopes = dict(zip((round(x, 2) for x in lesson["x_axis"].tolist()), lesson["gelu_slope"].tolist(), strict=True))
    assert slopes[-0.5] > 0.1
    assert slopes[-0.7] > 0 > slopes[-0.8]


def test_feed_forward_without_activation_is_one_matrix(lesson: dict) -> None:
    assert torch.allclose(lesson["two_layers"], lesson["one_layer"], atol=1e-5)


def test_only_the_changed_position_notices(lesson: dict) -> None:
    assert lesson["differs"].nonzero().flatten().tolist() == [2]


def test_layer_norm_makes_three_of_the_four_vectors_equal(lesson: dict) -> None:
    normalised = lesson["normalised"]
    assert torch.allclose(normalised[:3], torch.tensor([-1.0, 1.0, -1.0, 1.0]), atol=1e-4)
    assert torch.allclose(normalised[3], torch.tensor([-0.577, -0.577, -0.577, 1.732]), atol=1e-3)


def test_the_last_vector_step_by_step(lesson: dict) -> None:
    steps = {name: torch.as_tensor(numbers) for name, numbers in lesson["steps_of_the_norm"].items()}
    assert steps["minus the mean"].tolist() == [-2, -2, -2, 6]
    assert [round(vector.var(correction=0).item(), 3) for vector in steps.values()] == [12, 12, 1]


def test_dropout_silences_some_and_doubles_the_rest(lesson: dict) -> None:
    torch.manual_seed(0)
    dropped = torch.nn.Dropout(0.5)(torch.ones(8))
    assert set(dropped.tolist()) == {0.0, 2.0}
    assert not lesson["dropout"].training


def test_the_stream_is_what_the_layer_computes(lesson: dict) -> None:
    stages, says = lesson["stages"], lesson["says"]
    torch.testing.assert_close(stages[:-1] + says, stages[1:])
    torch.testing.assert_close(stages[-1], lesson["after"][0, 1])
    drawn, added = stages.double().round(decimals=1), says.double().round(decimals=1)
    torch.testing.assert_close(drawn[:-1] + added, drawn[1:], msg="the drawn numbers add up as they stand")


def test_gradients_vanish_explode_or_stay(lesson: dict) -> None:
    gradients = lesson["gradients"]
    assert gradients["plain"][-1] < 1e-3 * gradients["plain"][0]
    assert gradients["residual, no norm"][-1] > 1e10 * gradients["residual, no norm"][0]
    for kind in ("post-norm", "pre-norm"):
        assert all(0.1 < norm < 0.5 for norm in gradients[kind])
    assert lesson["healthy"] == ["pre-norm", "post-norm", "norm, no residual"]
    assert 0.5 < math.log10(gradients["norm, no residual"][0] / gradients["norm, no residual"][-1]) < 1.5


def test_the_falls_and_rises_of_the_figure_in_powers_of_ten(lesson: dict) -> None:
    gradients = lesson["gradients"]
    assert round(math.log10(gradients["plain"][0] / gradients["plain"][-1])) == 4
    assert round(math.log10(gradients["residual, no norm"][-1] / gradients["residual, no norm"][0])) == 14


def test_depth_ruins_the_plain_stack_and_helps_the_pre_norm_one(lesson: dict) -> None:
    plain, pre_norm = lesson["sorted_losses"]["plain"], lesson["sorted_losses"]["pre-norm"]
    assert plain[0] < 0.5
    assert plain[1] > 2.0
    assert plain[2] == pytest.approx(math.log(10), abs=0.02)
    assert pre_norm[0] > 3 * pre_norm[1] > 3 * pre_norm[2]
    assert plain[0] < pre_norm[0]  # the caption says so


def test_a_norm_alone_does_not_learn_in_depth_though_its_gradient_is_healthy(lesson: dict) -> None:
    norm_alone = lesson["sorted_losses"]["norm, no residual"]
    assert norm_alone[1] > 1.5
    assert norm_alone[2] == pytest.approx(math.log(10), abs=0.1)


def test_the_bug_of_try_this_does_no_harm_with_a_small_rate_and_all_harm_with_a_large_one(lesson: dict) -> None:
    """The norm of x is added in place of x itself."""

    def with_bug(n_layers: int, learning_rate: float) -> float:
        torch.manual_seed(0)
        stack = lesson["make_stack"]("pre-norm", n_layers)
        wrong = {"residual": lambda x, sublayer, norm, norm_first=True: norm(x) + sublayer(norm(x))}
        with mock.patch.dict(lesson["EncoderLayer"].forward.__globals__, wrong):
            return lesson["final_loss"](lesson["train_sorter"](stack, learning_rate=learning_rate))

    assert with_bug(8, 1e-3) < 0.15
    assert with_bug(12, 1e-2) > 2.0


def test_post_norm_needs_warm_up_and_pre_norm_does_not(lesson: dict) -> None:
    final = {name: sum(losses[-20:]) / 20 for name, losses in lesson["curves"].items()}
    assert final["post-norm"] == pytest.approx(math.log(10), abs=0.05)
    assert final["post-norm, warm-up"] < 0.5
    assert final["pre-norm"] < final["post-norm, warm-up"]


def test_the_curve_without_warm_up_falls_a_little_and_the_others_have_humps(lesson: dict) -> None:
    smooth = lesson["smooth"]
    assert 1.9 < min(smooth["post-norm"]) < 2.2 < smooth["post-norm"][-1]
    for name in ("pre-norm", "post-norm, warm-up"):
        lowest = torch.tensor(smooth[name]).cummin(dim=0).values
        assert (torch.tensor(smooth[name]) > 1.3 * lowest).any(), "a hump"
        assert smooth[name][-1] < 1.3 * lowest[-1], "and it recovers"


def test_with_a_small_rate_either_order_learns(lesson: dict) -> None:
    found = re.findall(r"rate 0.001: loss (\d\.\d\d)", lesson["__printed__"])
    assert [float(loss) for loss in found] == pytest.approx([0.05, 0.05], abs=0.05)
