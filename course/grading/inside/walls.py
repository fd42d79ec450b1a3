"""Walls: what stands around a submission: those of a sandbox, or, where the teacher wants none, its limits alone."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
from pathlib import Path

from course.grading.inside import confine
from course.grading.inside.confine import Limits

WORK = "/home/learner"
NO_WALLS = "no-walls"  # in the arguments of a zygote


class Walls:
    """Of a sandbox: each submission has processes, folders and, where the grader is root, a user of its own."""

    def __init__(self) -> None:
        self.namespace = os.open("/proc/self/ns/pid", os.O_RDONLY)

    def fork(self) -> int:
        """As os.fork; the child is the first of its processes, and sees no other."""
        confine.own_processes()
        child = os.fork()
        if child:
            confine.processes_as_before(self.namespace)
        return child

    def enter(self, limits: Limits) -> None:
        """The child: from here on within the walls."""
        user = confine.user_of(limits)
        tasks = confine.tasks_of(user) + (user != os.getuid())
        confine.own_folders(WORK, limits)
        confine.powerless(limits, tasks)
        os.chdir(WORK)

    def processes(self, child: int) -> list[int]:
        """Those of the child: all but this one, and the sandbox's first."""
        found = [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()]  # often: paths are slow
        return [process for process in found if process not in (1, os.getpid())]

    def end(self, child: int) -> None:
        """The child is the first of its processes: with it end all."""
        os.kill(child, signal.SIGKILL)

    def clear(self, child: int) -> None:
        """With the child all have ended."""


class NoWalls(Walls):
    """None: it is the grader's own user, with a folder to begin in, limited as far as that goes without a sandbox."""

    def __init__(self) -> None:
        pass

    def fork(self) -> int:
        return os.fork()

    def enter(self, limits: Limits) -> None:
        os.setsid()
        confine.limited(limits)
        confine.called("prctl", confine.DIES_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        os.chdir(tempfile.mkdtemp(dir=os.environ["HOME"]))

    def processes(self, child: int) -> list[int]:
        """Those of the child's session, as far as they have stayed in it."""
        return [int(process.name) for process in Path("/proc").glob("[0-9]*") if session_of(process) == child]

    def end(self, child: int) -> None:
        self.clear(child)
        os.kill(child, signal.SIGKILL)

    def clear(self, child: int) -> None:
        with contextlib.suppress(OSError):
            os.killpg(child, signal.SIGKILL)


def session_of(process: Path) -> int:
    """By its folder in /proc; 0 where it has gone."""
    try:
        return int((process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[3])
    except OSError:
        return 0
