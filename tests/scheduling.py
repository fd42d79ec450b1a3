"""Which tests go to one worker, which work begins first, and how many workers there are."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Tests that share work go to one worker: a lesson's run, what is known of an exercise, else what their file shares.
GROUPS = (
    (r"tests/lessons/test_(\d\d)\.py", "lesson {}"),
    (r"tests/(?:test_lessons|test_solutions|lessons/test_accepted_answers)\.py::\w+\[(\d\d)[]_-]", "lesson {}"),
    (r"tests/checks/test_(?:exercises|help)\.py::\w+\[(\w+)", "exercise {}"),
)
# What takes a worker longest, in this order; begun last, it would be waited for by all the others.
LONGEST_FIRST = (
    "lesson 09", "tests/hostile/test_hostile.py", "tests/grading/test_lessons.py", "lesson 10", "lesson 02",
    "tests/classroom/test_hub.py", "lesson 07",
    "lesson 13", "lesson 12", "tests/classroom/test_nbgrader_commands.py", "tests/classroom/test_week.py", "lesson 11",
    "tests/classroom/test_grade_command.py", "lesson 06", "tests/test_decoding.py", "lesson 08",
    "tests/classroom/test_grading.py", "tests/test_install.py", "tests/test_browser.py", "tests/test_lab.py",
    "tests/classroom/test_running.py",
)  # fmt: skip
WORKER_MEMORY = 2e9  # bytes; a worker comes to 1.6e9, and the kernels of its tests stand beside it
MOST_WORKERS = 8  # lesson 09 takes nearly a quarter of the CPU time of all: most of the others would wait for it


class Scheduling(LoadScopeScheduling):
    """Group by group, in the order of collection. (Marks are no help: pytest 9.2 hides xdist's groups from it.)"""

    def __init__(self, config: pytest.Config, log: Any):
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """What a test must share a worker with."""
    for pattern, name in GROUPS:
        if found := re.match(pattern, nodeid):
            return name.format(found[1])
    return nodeid.partition("::")[0]


def rank(nodeid: str) -> int:
    """The smaller, the earlier."""
    group = group_of(nodeid)
    return LONGEST_FIRST.index(group) if group in LONGEST_FIRST else len(LONGEST_FIRST)


def n_workers() -> int:
    """One for each core that this process may use, as far as the memory goes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, int(memory() / WORKER_MEMORY), MOST_WORKERS))


def memory() -> float:
    """The computer's memory in bytes; enough for all workers where the system does not say."""
    if not hasattr(os, "sysconf"):
        return MOST_WORKERS * WORKER_MEMORY
    return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
