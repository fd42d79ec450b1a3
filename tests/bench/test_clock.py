"""Clock: who runs when, what counts, and how many steps fit."""

from time import process_time

import pytest

from course.bench import clock
from course.bench.clock import cpu_seconds, middle_half, n_steps_within, race, times_faster


def burn(seconds: float) -> None:
    stop = process_time() + seconds
    while process_time() < stop:
        pass


def test_cpu_seconds_counts_work_and_not_sleep():
    assert 0.02 <= cpu_seconds(lambda: burn(0.02)) < 0.04


def test_in_a_race_all_run_in_every_round_and_another_one_begins_each_time():
    calls = []
    seconds = race([lambda i: calls.append(("a", i)), lambda i: calls.append(("b", i))], n_rounds=3, n_warm=1)
    assert sorted(calls[2:]) == [(name, i) for name in "ab" for i in range(3)]
    assert [calls[at][0] for at in (2, 4, 6)] == ["a", "b", "a"]
    assert {i for _, i in calls[:2]} == {2}, "warm-up runs are rounds of the race too"
    assert [len(one) for one in seconds] == [3, 3]


def test_the_warm_up_does_not_count():
    slow = iter([0.03, 0.03, 0.0, 0.0, 0.0])
    ((*seconds,),) = race([lambda i: burn(next(slow))], n_rounds=3, n_warm=2)
    assert max(seconds) < 0.01


def test_a_race_finds_the_slower_one():
    ours, theirs = race([lambda i: burn(0.004), lambda i: burn(0.012)], n_rounds=4)
    assert times_faster(ours, theirs) == pytest.approx(3, rel=0.15)


def test_ratio_of_medians_and_quartiles_by_hand():
    assert times_faster([1.0, 90.0, 2.0], [3.0, 1.0, 5.0]) == 3 / 2
    assert middle_half([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) == "middle half of the rounds 1.00 ... 3.00"


@pytest.mark.parametrize(("seconds", "n_steps"), [(60.0, 512), (1.0, 5), (3.5, 30)])
def test_steps_within_a_budget_by_hand(monkeypatch, seconds, n_steps):
    """A deal takes 0.5 s and 30 steps of 0.1 s follow it, so 3.5 s a deal; the first five steps take much longer."""
    now = [0.0]

    def wait(some: float) -> None:
        now[0] += some

    def run(n_steps: int, tick) -> None:
        wait(0.5)
        for step in range(n_steps):
            wait(7.0 if step < 5 else 0.1)
            tick()

    monkeypatch.setattr(clock, "process_time", lambda: now[0])
    assert n_steps_within(seconds, run, lambda: wait(0.5), n_per_deal=30) == pytest.approx(n_steps, abs=2)


def test_at_least_one_step_is_taken():
    assert (
        n_steps_within(1e-6, lambda n_steps, tick: [tick() for _ in range(n_steps)], lambda: None, n_per_deal=10) == 1
    )
