"""Clock: how much CPU time does something take, and how do two compare on a machine that does other things too?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median, quantiles
from time import process_time


def cpu_seconds(run: Callable[[], object]) -> float:
    """CPU seconds of this process while it runs."""
    began = process_time()
    run()
    return process_time() - began


def race(runners: Sequence[Callable[[int], object]], n_rounds: int, n_warm: int = 2) -> list[list[float]]:
    """CPU seconds of each runner in each round; in every round all of them run, each time another one first.

    A runner gets the number of the round; before the first that counts it runs n_warm times unmeasured."""
    seconds: list[list[float]] = [[] for _ in runners]
    for turn in range(-n_warm, n_rounds):
        order = [(turn + place) % len(runners) for place in range(len(runners))]
        for number in order:
            taken = cpu_seconds(lambda run=runners[number], turn=turn: run(turn % n_rounds))
            if turn >= 0:
                seconds[number].append(taken)
    return seconds


def times_faster(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The ratio of the medians: how many times the CPU time of ours theirs takes;
    for rounds that all do the same work."""
    return median(theirs) / median(ours)


def middle_half(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """The quartiles of the ratio round by round: how far apart the rounds are."""
    lower, _, upper = quantiles([b / a for a, b in zip(ours, theirs, strict=True)], n=4)
    return f"middle half of the rounds {lower:.2f} ... {upper:.2f}"


def n_steps_within(
    seconds: float, run: Callable[[int, Callable[[], None]], object], deal: Callable[[], object], n_per_deal: float
) -> int:
    """How many training steps fit into so many CPU seconds.

    run(n_steps, tick) trains a throwaway copy and calls tick() after each step; the first steps are slower and do not
    count. deal() is what comes before the first step, and again after every n_per_deal steps: shuffling,
    making batches."""
    n_tried, n_slow = 10 + int(3 * seconds), 5
    ticks: list[float] = []
    run(n_tried, lambda: ticks.append(process_time()))
    step = (ticks[-1] - ticks[n_slow - 1]) / (n_tried - n_slow)
    dealing = cpu_seconds(deal)
    n_deals = max(1.0, seconds / (step * n_per_deal + dealing))
    return max(1, int((seconds - n_deals * dealing) / step))
