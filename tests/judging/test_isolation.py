"""Isolation: does an answer leave the learner's names, random numbers and alarms as they were?"""

import functools
import random
import signal
import time

import numpy as np
import pytest
import torch
from torch import nn

from course.judging.isolation import kept_random_state, swapped, time_limit


def compute():
    while True:
        pass


def test_loop_that_catches_the_alarm_once_is_stopped_by_the_next():
    caught = 0
    with time_limit(9, 0.05):
        try:
            time.sleep(1e6)
        except TimeoutError:
            caught += 1
        with pytest.raises(TimeoutError):
            time.sleep(1e6)
    assert caught == 1


def test_computing_is_limited_apart_from_waiting():
    with time_limit(0.1, 1e6), pytest.raises(TimeoutError, match=r"0\.1 seconds"):
        compute()
    with time_limit(0.1, 1e6):
        time.sleep(0.3)  # no computing at all


@pytest.mark.parametrize(
    ("timer", "number"), [(signal.ITIMER_REAL, signal.SIGALRM), (signal.ITIMER_PROF, signal.SIGPROF)]
)
def test_alarm_of_another_goes_on_after_the_time_limit(timer, number):
    rung = []
    before = signal.signal(number, lambda *_: rung.append(1))
    outer = signal.setitimer(timer, 0.1)
    try:
        with time_limit(10, 10):
            pass
        began = time.process_time()
        while not rung and time.process_time() - began < 20:
            pass
    finally:
        signal.setitimer(timer, *outer)
        signal.signal(number, before)
    assert rung == [1]


def test_random_states_are_seeded_inside_and_as_before_outside(monkeypatch):
    monkeypatch.setattr(torch, "manual_seed", lambda seed: pytest.fail("it would seed the learner's GPU too"))
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    drawn = []
    for _ in range(2):
        with kept_random_state():
            drawn.append((random.random(), np.random.rand(), torch.rand(1).item()))
    assert drawn[0] == drawn[1]
    assert states == (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())


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
