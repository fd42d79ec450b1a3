"""Walls: without any, does a submission's process know its limits, and do all those that it starts end with it?"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time
from pathlib import Path

import pytest

from course.grading.inside.confine import Limits
from course.grading.inside.walls import NoWalls, session_of
from tests import PATIENCE

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="grading is for Linux")


def gone(processes: list[int]) -> bool:
    """Whether none of them goes on, after a while; the first is a child of ours."""
    until = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{process}").exists() for process in processes) and time.monotonic() < until:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(processes[0], os.WNOHANG)
        time.sleep(0.01)
    return not any(Path(f"/proc/{process}").exists() for process in processes)


def test_without_walls_a_submission_is_limited_and_all_its_processes_are_known_and_ended(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    walls, (ours, theirs) = NoWalls(), os.pipe()
    child = walls.fork()
    if child == 0:
        walls.enter(Limits(files=99, cpu_seconds=7))
        limits = [resource.getrlimit(one)[0] for one in (resource.RLIMIT_NOFILE, resource.RLIMIT_CPU)]
        os.fork()
        os.write(theirs, f"{[str(Path.cwd()), *limits]}\n".encode())
        signal.pause()
    said = b""
    while said.count(b"\n") < 2:
        said += os.read(ours, 1000)
    os.close(ours), os.close(theirs)
    [place] = tmp_path.iterdir()
    assert said.decode().splitlines() == [str([str(place), 99, 7])] * 2
    found = walls.processes(child)
    assert (len(found), child in found, os.getpid() in found) == (2, True, False)
    walls.end(child)
    assert gone([child, *(one for one in found if one != child)])
    walls.clear(child)
    assert session_of(Path(f"/proc/{child}")) == 0
