"""Observe: is what a candidate does written down as plain arrays, and everything else left as it was?"""

import functools
import io
import random
import signal
import sys
import time
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from course.attention import attention_scores
from course.judging import observe
from course.judging.exercise import Draw
from course.judging.observe import observe_all, own_line, record, swapped
from tests.judging.samples import AFFINE, CENTRED, SCORES, SQUARE, Affine, OneProjection, scores


def observed(exercise, candidate):
    return observe_all(exercise, candidate, list(exercise.cases(Draw(1))))


class Liar(torch.Tensor):
    """A tensor that claims to equal everything."""

    def __eq__(self, other):
        return True

    __hash__ = torch.Tensor.__hash__


class LyingArray(np.ndarray):
    def __eq__(self, other):
        return np.True_

    __hash__ = None


@pytest.mark.parametrize(
    ("value", "kind", "names"),
    [
        (torch.ones(2), "Tensor", ["out"]),
        (torch.ones(2).as_subclass(Liar), "Tensor", ["out"]),
        (np.ones(2).view(LyingArray), "array", ["out"]),
        (torch.tensor(1.0), "number", ["out"]),
        (np.float32(1), "number", ["out"]),
        (True, "number", ["out"]),
        (10**30, "number", ["out"]),
        ("word", "text", ["out"]),
        ([1, 2.5], "list", ["out"]),
        ((), "list", ["out"]),
        (["a", "b"], "list", ["out"]),
        (np.array([None, "a"]), "array of objects", ["out"]),
        ((torch.ones(2), None), "list", ["out length", "out[0]"]),
        ({"b": 1, "a": [1, "x"]}, "dict", ["out['a'] length", "out['a'][0]", "out['a'][1]", "out['b']", "out keys"]),
        (None, "None", []),
        (object(), "object", []),
    ],
)
def test_every_value_becomes_plain_arrays_that_can_be_stored(value, kind, names):
    found = record("out", value)
    assert str(found["KIND:out"]) == kind
    assert [name for name in found if not name.startswith("KIND:")] == names
    assert {type(array) for array in found.values()} == {np.ndarray}
    stored = io.BytesIO()
    np.savez(stored, **found)
    stored.seek(0)
    loaded = np.load(stored, allow_pickle=False)
    assert all(np.array_equal(loaded[name], array) for name, array in found.items())


def test_outputs_inputs_laws_and_gradients_have_names():
    tiny = observed(SCORES, scores)[0]
    assert [name for name in tiny if not name.startswith("KIND:")] == [
        "out", "input:query", "input:key", "again", "law:twice the query gives twice the scores", "grad:query", "grad:key",
    ]  # fmt: skip
    assert tiny["out"].tolist() == [[3.0]]
    assert tiny["law:twice the query gives twice the scores"].tolist() == [[6.0]]
    assert tiny["grad:query"].tolist() == [[1.5, 0, 0, 0]]


def test_law_that_says_nothing_about_a_case_is_not_tried_on_it():
    assert not [name for name in observed(SCORES, scores)[2] if "law:" in name]


def test_gradients_are_those_of_a_sum_that_weighs_every_entry():
    second = observed(SCORES, scores)[1]
    case = list(SCORES.cases(Draw(1)))[1]
    query, key = case["query"].requires_grad_(), case["key"].requires_grad_()
    out = query @ key.T / query.shape[1] ** 0.5
    weights = torch.tensor([np.cos(i) for i in range(out.numel())], dtype=torch.float64).reshape(out.shape)
    (out * weights).sum().backward()
    np.testing.assert_allclose(second["grad:query"], query.grad)
    np.testing.assert_allclose(second["grad:key"], key.grad)


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
        assert one.keys() == other.keys()
        for name, value in one.items():
            assert "error" not in name, value
            if value.dtype.kind == "f":
                np.testing.assert_allclose(value, other[name], atol=1e-12, err_msg=name)


class Both(nn.Module):
    """Two bare weights, both laid out like those of nn.Linear; one is square."""

    def __init__(self, d_in, d_out):
        super().__init__()
        self.first = nn.Parameter(torch.zeros(d_out, d_in))
        self.second = nn.Parameter(torch.zeros(d_out, d_out))


def test_square_bare_parameter_follows_the_others():
    weights = {"first.weight": torch.ones(3, 2), "second.weight": torch.ones(3, 3)}
    assert [turned for _, turned in observe.matched(Both(2, 3), weights).values()] == [False, False]
    weights = {"first.weight": torch.ones(2, 3), "second.weight": torch.ones(3, 3)}
    assert [turned for _, turned in observe.matched(Both(2, 3), weights).values()] == [True, True]


def test_what_the_candidate_prints_and_warns_of_stays_inside(capfd):
    def loud(query, key):
        sys.stdout.write("printed")
        sys.stderr.write("complained")
        warnings.warn("warned", stacklevel=1)
        return scores(query, key)

    assert "error" not in observed(SCORES, loud)[0]
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
    monkeypatch.setattr(observe, "TIME_LIMIT", 0.1)
    found = observed(SCORES, candidate)
    assert len(found) == 1
    assert found[0]["error"].tolist()[:2] == ["TimeoutError", "still running after 0.1 seconds"]


def test_loop_that_catches_the_alarm_once_is_stopped_by_the_next():
    began = time.monotonic()
    with observe.time_limit(0.05):
        try:
            time.sleep(5)
        except TimeoutError:
            began_again = time.monotonic()
        with pytest.raises(TimeoutError):
            time.sleep(5)
    assert began_again - began < 4
    assert time.monotonic() - began < 4


def test_alarm_of_another_goes_on_after_the_time_limit():
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    outer = signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with observe.time_limit(10):
            pass
        time.sleep(0.4)
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *outer)
    assert rung == [1]


def test_exception_is_written_down_with_the_candidates_own_line():
    def fails(query, key):
        wide = torch.zeros(99, 99)
        return query @ wide

    kind, text, line = observed(SCORES, fails)[0]["error"].tolist()
    assert kind == "RuntimeError"
    assert "99" in text
    assert line == "return query @ wide"


def test_own_line_is_not_one_of_a_library_or_of_the_course():
    with pytest.raises(AttributeError) as raised:
        nn.functional.softmax([1.0], dim=-1)
    assert own_line(raised.value) == "nn.functional.softmax([1.0], dim=-1)"


def test_own_line_is_the_call_where_a_function_of_the_course_gets_what_it_cannot_use():
    def calls_the_course(query, key):
        return attention_scores(query, torch.zeros(99, 99))

    assert observed(SCORES, calls_the_course)[0]["error"].tolist()[2] == "return attention_scores(query, torch.zeros(99, 99))"


def test_candidate_that_ends_the_program_is_an_exception_like_others():
    assert observed(CENTRED, lambda values, axis=-1: exit("end"))[0]["error"].tolist()[0] == "SystemExit"


def test_earlier_names_are_swapped_and_come_back():
    namespace = {"earlier": len, "temperature": 0.7}
    exec("def later(x): return earlier(x), temperature, missing(x)", namespace)
    later, before = namespace["later"], dict(namespace)
    for error in (None, KeyError):
        try:
            with swapped(later, {"earlier": sum, "missing": max, "temperature": min}):
                assert later([1, 2]) == (3, 0.7, 2)
                if error:
                    raise error
        except KeyError:
            pass
        assert namespace == before


def test_names_are_swapped_where_the_candidate_was_written():
    namespace = {"nn": nn, "functools": functools}
    exec(
        "def plain(x): return helper(x)\n"
        "part = functools.partial(functools.partial(plain))\n"
        "wrapped = functools.lru_cache(plain)\n"
        "class Base(nn.Module):\n    def forward(self, x): return helper(x)\n"
        "class Layer(Base): pass\n",
        namespace,
    )
    for name in ("plain", "part", "wrapped", "Layer"):
        with swapped(namespace[name], {"helper": abs}):
            assert namespace["helper"] is abs, name
        assert "helper" not in namespace
