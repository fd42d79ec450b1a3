"""Observe: is what a candidate does written down as plain arrays, and everything else left as it was?"""

import random
import sys
import time
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from course.attention import attention_scores
from course.judging import observe
from course.judging.exercise import Draw, Law
from course.judging.observe import observe_all, own_line
from tests.judging.samples import AFFINE, CENTRED, SCORES, SQUARE, Affine, OneProjection, scores


def observed(exercise, candidate):
    return observe_all(exercise, candidate, list(exercise.cases(Draw(1))))


def test_outputs_inputs_laws_and_gradients_are_written_down():
    tiny = observed(SCORES, scores)[0]
    assert tiny.output.arrays[""].tolist() == [[3.0]]
    assert tiny.again.arrays[""].tolist() == [[3.0]]
    assert list(tiny.inputs) == ["query", "key"]
    assert tiny.laws["twice the query gives twice the scores"].content.tolist() == [[6.0]]
    assert list(tiny.gradients) == ["query", "key"]
    assert tiny.gradients["query"].tolist() == [[1.5, 0, 0, 0]]
    assert (tiny.failure, tiny.gradient_failure, tiny.guessed) == (None, None, False)


def test_law_that_says_nothing_about_a_case_is_not_tried_on_it():
    assert observed(SCORES, scores)[2].laws == {}


def test_gradients_are_those_of_a_sum_that_weighs_every_entry():
    second = observed(SCORES, scores)[1]
    case = list(SCORES.cases(Draw(1)))[1]
    query, key = case["query"].requires_grad_(), case["key"].requires_grad_()
    out = query @ key.T / query.shape[1] ** 0.5
    weights = torch.tensor([np.cos(i) for i in range(out.numel())], dtype=torch.float64).reshape(out.shape)
    (out * weights).sum().backward()
    np.testing.assert_allclose(second.gradients["query"], query.grad)
    np.testing.assert_allclose(second.gradients["key"], key.grad)


class Bare(nn.Module):
    """Affine with parameters of its own, used as x @ w."""

    def __init__(self, d_in, d_out):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(d_in, d_out))
        self.gain = nn.Parameter(torch.zeros(d_out))

    def forward(self, x, times=1):
        return x @ self.w * self.gain * times


class BareSquare(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(d, d))

    def forward(self, x):
        return x @ self.w


@pytest.mark.parametrize(
    ("exercise", "reference", "bare"), [(AFFINE, Affine, Bare), (SQUARE, OneProjection, BareSquare)]
)
def test_bare_parameter_holds_the_weight_transposed_and_gives_the_same_gradients(exercise, reference, bare):
    for one, other in zip(observed(exercise, reference), observed(exercise, bare), strict=True):
        assert one.failure is None
        np.testing.assert_allclose(one.output.content, other.output.content, atol=1e-12)
        for name, gradient in one.gradients.items():
            np.testing.assert_allclose(gradient, other.gradients[name], atol=1e-12, err_msg=name)


def test_layer_is_built_once_a_case_and_anew_for_other_weights():
    built = []

    class Counted(Affine):
        def __init__(self, d_in, d_out):
            super().__init__(d_in, d_out)
            built.append(1)

    case = next(iter(AFFINE.cases(Draw(1))))
    other = replace(case, weights={name: 2 * weight for name, weight in case.weights.items()})
    law = Law("another layer", lambda case, out, changed: True, change=lambda case: other)
    observe_all(AFFINE, Counted, [case])
    assert len(built) == 1
    observe_all(replace(AFFINE, laws=(law,)), Counted, [case])
    assert len(built) == 1 + 3, "for the case, for the law's weights, and for the gradients of the case again"


def test_what_the_candidate_prints_and_warns_of_stays_inside(capfd):
    def loud(query, key):
        sys.stdout.write("printed")
        sys.stderr.write("complained")
        warnings.warn("warned", stacklevel=1)
        return scores(query, key)

    assert observed(SCORES, loud)[0].failure is None
    assert capfd.readouterr() == ("", "")


def test_global_random_states_are_as_before_and_the_same_for_every_case():
    drawn = []

    def drawing(query, key):
        drawn.append((random.random(), np.random.rand(), torch.rand(1).item()))
        raise KeyError("stop")

    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    observed(SCORES, drawing)
    assert len(drawn) == 3
    assert len(set(drawn)) == 1
    assert states == (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())


def endless(query, key):
    while True:
        pass


def endless_backwards(query, key):
    while query.requires_grad:
        pass
    return scores(query, key)


@pytest.mark.parametrize("candidate", [endless, endless_backwards])
def test_endless_loop_is_stopped_and_ends_the_observation(monkeypatch, candidate):
    monkeypatch.setattr(observe, "CPU_SECONDS", 0.1)
    found = observed(SCORES, candidate)
    assert len(found) == 1
    assert (found[0].failure.kind, found[0].failure.text) == ("TimeoutError", "still running after 0.1 seconds")


def test_candidate_that_waits_for_ever_is_stopped_too(monkeypatch):
    monkeypatch.setattr(observe, "SECONDS", 0.1)
    assert observed(SCORES, lambda query, key: time.sleep(1e6))[0].failure.kind == "TimeoutError"


def test_exception_is_written_down_with_the_candidates_own_line():
    def fails(query, key):
        wide = torch.zeros(99, 99)
        return query @ wide

    failure = observed(SCORES, fails)[0].failure
    assert failure.kind == "RuntimeError"
    assert "99" in failure.text
    assert failure.line == "return query @ wide"


def test_own_line_is_not_one_of_a_library_or_of_the_course():
    with pytest.raises(AttributeError) as raised:
        nn.functional.softmax([1.0], dim=-1)
    assert own_line(raised.value) == "nn.functional.softmax([1.0], dim=-1)"


def test_own_line_is_the_call_where_a_function_of_the_course_gets_what_it_cannot_use():
    def calls_the_course(query, key):
        return attention_scores(query, torch.zeros(99, 99))

    assert observed(SCORES, calls_the_course)[0].failure.line == "return attention_scores(query, torch.zeros(99, 99))"


def test_candidate_that_ends_the_program_is_an_exception_like_others():
    assert observed(CENTRED, lambda values, axis=-1: exit("end"))[0].failure.kind == "SystemExit"
