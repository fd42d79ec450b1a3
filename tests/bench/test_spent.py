"""Spent: all the CPU time that comes of a command is counted, wherever it was computed, and nothing else."""

import re
import sys
from pathlib import Path

import pytest

from course.bench.spent import CommandFailed, spent
from course.classroom import ROOT
from tests.grading import needs_sandbox

BURN = """
import os, time
def burn(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until: pass
"""
ORPHAN = f"""{BURN}
if os.fork() == 0:  # whose parent is gone before it begins
    if os.fork() == 0:
        time.sleep(0.2)
        burn(0.3)
    os._exit(0)
os.wait()
burn(0.1)
print('first'); print('second')
"""
IN_A_SANDBOX = f"""
import resource
from course.grading.inside.confine import Limits
from course.grading.sandbox import Sandbox
with Sandbox([], []) as sandbox:
    with sandbox.enter(Limits(user=159_999)) as room:
        room.run({BURN!r}, 20)
        room.run("burn(1)", 20)  # is killed as it leaves
used = resource.getrusage(resource.RUSAGE_SELF)
print("here", used.ru_utime + used.ru_stime)
"""


def test_children_count_and_orphans_too(tmp_path):
    heard = []
    took = spent([sys.executable, "-c", ORPHAN], tmp_path, lambda line, process: heard.append(line))
    assert 0.4 <= took.cpu < 0.6
    assert took.seconds > took.cpu - 0.1
    assert heard[:2] == ["first", "second"]


def test_what_waits_costs_nothing(tmp_path):
    assert spent(["sleep", "0.3"], tmp_path).cpu < 0.1


def test_what_fails_is_an_error_that_says_what_was_said(tmp_path):
    with pytest.raises(CommandFailed, match="no figure of mine"):
        spent([sys.executable, "-c", "raise SystemExit('no figure of mine')"], tmp_path)


@needs_sandbox
def test_what_is_computed_in_a_sandbox_counts(tmp_path: Path):
    """A second in a room, and what the sandbox itself took to begin. Some 5 CPU seconds."""
    heard = []
    took = spent(
        [sys.executable, "-c", IN_A_SANDBOX],
        tmp_path,
        lambda line, process: heard.append(line),
        {"PYTHONPATH": str(ROOT)},
    )
    here = float(re.search(r"here ([\d.]+)", "\n".join(heard)).group(1))
    assert took.cpu > here + 1.5
