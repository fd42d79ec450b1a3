"""Spent: the CPU time of a command and of all that comes of it, also of what a sandbox kills and nobody waits for."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ADOPTS_ORPHANS = 36  # sys/prctl.h: PR_SET_CHILD_SUBREAPER
LAST_LINE = "spent: "


class CommandFailed(Exception):
    """The command did not do what was to be measured; the text is what it said last."""


@dataclass(frozen=True)
class Spent:
    """CPU seconds and seconds that a command took."""

    cpu: float
    seconds: float


def spent(
    command: Sequence[str], folder: Path, heard: Callable[[str, int], object] = lambda line, process: None,
    environment: Mapping[str, str] = os.environ,
) -> Spent:  # fmt: skip
    """What the command takes in that folder, all its processes counted. CommandFailed where it fails.

    heard(line, process): is told each line that it prints, while it waits behind it; process: the number of the one
    from which all others come."""
    began = time.monotonic()
    program = [sys.executable, "-I", "-S", __file__, *command]
    counter = subprocess.Popen(
        program, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: list[str] = []
    for line in counter.stdout:
        lines.append(line.rstrip("\n"))
        heard(lines[-1], counter.pid)
    counter.stdout.close()
    if counter.wait() or not lines[-1].startswith(LAST_LINE):
        raise CommandFailed(f"{' '.join(command)}\n" + "\n".join(lines[-20:]))
    return Spent(json.loads(lines[-1].removeprefix(LAST_LINE)), time.monotonic() - began)


def main(command: Sequence[str]) -> int:
    """Run the command, adopt whom it leaves behind, wait for all of them, and print what they took."""
    if ctypes.CDLL(None).prctl(ADOPTS_ORPHANS, 1, 0, 0, 0) != 0:
        return 1
    code = os.waitstatus_to_exitcode(wait_for_all(subprocess.Popen(command).pid))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    sys.stdout.write(f"\n{LAST_LINE}{used.ru_utime + used.ru_stime}")
    return code


def wait_for_all(first: int) -> int:
    """Wait until no child is left -> how the first of them ended."""
    status = 0
    while True:
        try:
            process, ended = os.wait()
        except ChildProcessError:
            return status
        status = ended if process == first else status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
