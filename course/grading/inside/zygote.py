"""Zygote: a process that has imported everything once; for each submission it makes a confined child of itself.

It holds no secret and runs no stranger's line: its children do, each in folders, processes and a user of its own."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import select
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import torch
from IPython.core.interactiveshell import InteractiveShell

from course.grading.inside import confine, shell
from course.grading.inside.confine import Limits
from course.grading.inside.refuse import refused
from course.grading.inside.walls import NO_WALLS, WORK, NoWalls, Walls

TICK = 0.05  # seconds between two looks at a child
WITHOUT = "without:"  # before a function of torch's in the arguments
ENVIRONMENT = {
    "HOME": WORK, "USER": "learner", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1", "MPLBACKEND": "agg", "MPLCONFIGDIR": "/tmp/matplotlib", "PYTHONHASHSEED": "0",
    "PYTHONPATH": "/tree",
}  # fmt: skip


def serve(control: socket.socket, modules: Sequence[str], walls: Walls) -> None:
    """Import these, then give a child to each who sends the end of a line, until nobody asks any more."""
    ready = prepared(modules)
    control.sendall(b"r")
    while True:
        text, ends, _, _ = socket.recv_fds(control, 4096, 1)
        if not text:
            return
        if len(text) == 1:  # about a child that has ended already
            continue
        limits = Limits(**json.loads(text))
        child = born(ready, ends[0], limits, walls)
        why = watched(child, limits, control, walls)
        walls.clear(child)
        control.sendall(why.encode().ljust(16))


def prepared(modules: Sequence[str]) -> InteractiveShell:
    """What all children share, and shall not change: these modules, and a shell that has run nothing."""
    for name in modules:
        with contextlib.suppress(Exception):  # what is missing is missed by the cell that asks for it
            importlib.import_module(name)
    used_once()
    torch.set_num_threads = lambda _: None  # a second one could not start, which would end the process
    ready = shell.prepared()
    gc.collect()
    gc.freeze()
    return ready


def used_once() -> None:
    """What takes longer the first time, each child would do for the first time."""
    numbers = torch.ones(2, 2, requires_grad=True)
    torch.autograd.grad((numbers @ numbers).softmax(-1).sum(), numbers)


def born(ready: InteractiveShell, end: int, limits: Limits, walls: Walls) -> int:
    """A child in processes of its own, at the end of a line."""
    child = walls.fork()
    if child == 0:
        be_tried(ready, socket.socket(fileno=end), limits, walls)
    os.close(end)
    return child


def be_tried(ready: InteractiveShell, line: socket.socket, limits: Limits, walls: Walls) -> NoReturn:
    """The child: confined, then at the service of whoever is at the other end of the line."""
    try:
        walls.enter(limits)
        alone_with(line)
        shell.serve(line, ready)
    except BaseException as error:
        with contextlib.suppress(OSError):
            sys.__stderr__.write(f"{type(error).__name__}: {error}\n")
            sys.__stderr__.flush()
        os._exit(70)
    os._exit(0)


def alone_with(line: socket.socket) -> None:
    """No other open file than this one; what is printed past Python goes nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.closerange(3, line.fileno())
    os.closerange(line.fileno() + 1, 4096)


def watched(child: int, limits: Limits, control: socket.socket, walls: Walls) -> str:
    """Wait until the child has ended, or has to: too much memory, too long, or nobody wants it any more -> why."""
    began, why = time.monotonic(), ""
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return why or ("ended" if status == 0 else f"died {status}")
        asked = bool(select.select([control], [], [], TICK)[0])
        if asked and not control.recv(1, socket.MSG_PEEK):
            why = "nobody"
        elif asked and control.recv(1) == b"t":
            control.sendall(f"{tasks_of_all(walls.processes(child)) - 1}".encode().ljust(16))
        elif asked:
            why = "killed"
        elif time.monotonic() - began > limits.seconds:
            why = "time"
        elif memory_in_use(walls.processes(child)) > limits.memory:
            why = "memory"
        if why:
            walls.end(child)


def tasks_of_all(processes: Sequence[int]) -> int:
    """How many threads they have."""
    return sum(len(tasks(process)) for process in processes)


def tasks(process: int) -> list[str]:
    try:
        return [task.name for task in Path(f"/proc/{process}/task").iterdir()]
    except OSError:
        return []


def memory_in_use(processes: Sequence[int]) -> int:
    """Megabytes that they have for themselves."""
    shared = confine.memory_of(os.getpid()).get("RssAnon", 0)
    found = [confine.memory_of(process) for process in processes]
    return sum(max(0, one.get("RssAnon", 0) - shared) + one.get("RssShmem", 0) for one in found)


def main() -> None:
    """serve on the socket that is this process's standard input; the arguments are the modules to import, which of
    torch's functions are refused, and whether there are no walls."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    control = socket.socket(fileno=os.dup(0))
    forbidden = {name.removeprefix(WITHOUT) for name in sys.argv[1:] if name.startswith(WITHOUT)}
    if forbidden:
        refused(forbidden)
    modules = [name for name in sys.argv[1:] if not name.startswith(WITHOUT) and name != NO_WALLS]
    serve(control, modules, NoWalls() if NO_WALLS in sys.argv else Walls())
    os._exit(0)  # there is nothing to clear up


if __name__ == "__main__":
    main()
