"""Command: python -m course bench measures every figure, says each as soon as it is known, and ends with the table."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from course.bench.decoding import DifferentTokens
from course.bench.figures import PARTS, Bench, Effort
from course.bench.grading import DifferentPoints
from course.bench.growth import N_LEAST
from course.bench.table import Figure, table

SMALL = Effort(
    seconds=1.0,
    n_seeds=1,
    n_train=1_000,
    n_test=10,
    n_typed=10,
    n_rounds=5,
    lengths=(4, 8, 16),
    decoding_rounds=(2, 2, 2),
    n_class=1,
)


def bench(names: Sequence[str], effort: Effort, say: Callable[[str], object], progress: Callable[[str], object]) -> int:
    """The parts of those names on one thread -> the exit code: 0 however the figures came out.

    1 where decoding with and without a cache do not write the same tokens, or two graders do not give the same points:
    then no figure of it is worth anything."""
    threads, began, cpu = torch.get_num_threads(), time.perf_counter(), time.process_time()
    torch.set_num_threads(1)
    try:
        figures = measured(names, Bench(effort, progress), say)
    except DifferentTokens as error:
        say(f"decoding is wrong: {error}")
        return 1
    except DifferentPoints as error:
        say(f"the graders do not agree: {error}")
        return 1
    finally:
        torch.set_num_threads(threads)
    n_reached = sum(figure.reached for figure in figures)
    say(f"\n{table(figures)}\n\n{machine()}")
    took = f"{time.process_time() - cpu:.0f} CPU-s in {time.perf_counter() - began:.0f} s"
    say(f"total: {took}; {n_reached} of {len(figures)} figures reached, by the numbers before they are rounded")
    return 0


def parts_called(names: Sequence[str]) -> list[str]:
    """The parts of those names, all without; ValueError where there is no such part."""
    if unknown := [name for name in names if name not in PARTS]:
        raise ValueError(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return list(names or PARTS)


def chosen(effort: Effort, seconds: float | None, n_seeds: int | None, classes: Sequence[int] = ()) -> Effort:
    """The effort with what --seconds, --seeds and --class asked for; ValueError where nothing could be measured with
    it."""
    if seconds is not None and not 0 < seconds < math.inf:
        raise ValueError(f"--seconds must be a number above 0, not {seconds:g}")
    if n_seeds is not None and n_seeds < 1:
        raise ValueError(f"--seeds must be at least 1, not {n_seeds}")
    if any(n_class < N_LEAST for n_class in classes):
        raise ValueError(f"--class must be at least {N_LEAST}, not {min(classes)}")
    asked = {"seconds": seconds, "n_seeds": n_seeds, "classes": tuple(classes) or None}
    return replace(effort, **{name: number for name, number in asked.items() if number is not None})


def measured(names: Sequence[str], shared: Bench, say: Callable[[str], object]) -> list[Figure]:
    """The figures of these parts, each said when it is known."""
    figures = []
    for name in names:
        for figure in PARTS[name](shared):
            shared.progress("")  # clears the line
            say(str(figure))
            figures.append(figure)
    return figures


def machine() -> str:
    """Where it was measured."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    versions = f"Python {platform.python_version()}, torch {torch.__version__}"
    return f"{os.cpu_count()} CPUs ({platform.machine()}){load}, one thread; {versions}"
