"""Growth: how the processes of a grader fare while a class goes by: what they compute, what memory they hold."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

TICKS, MEGABYTE = os.sysconf("SC_CLK_TCK"), 1 << 20
LINE = re.compile(r"\[(\d+)/(\d+)\] ")
N_LOOKS = 100  # at the processes, over the whole class
N_LEAST = 20  # submissions, of which parts can be compared
EARLY, LATE = (0.1, 0.3), (0.8, 1.0)  # the parts of the class that are compared


@dataclass(frozen=True)
class Process:
    """A process as it is now: CPU seconds of its own, megabytes that it holds."""

    number: int
    parent: int
    name: str
    cpu: float
    megabytes: float


@dataclass(frozen=True)
class Look:
    """After so many submissions: CPU seconds of the process that writes the gradebook, megabytes of it and of each of
    the others, worker or sandbox."""

    done: int
    cpu: float
    megabytes: float
    others: tuple[float, ...]


@dataclass
class Growth:
    """What was seen of a grader, look by look; it is told each line that the grader prints."""

    looks: list[Look] = field(default_factory=list)
    of: int = 0

    def __call__(self, line: str, counter: int) -> None:
        if found := LINE.match(line):
            done, self.of = map(int, found.groups())
            if done % max(1, self.of // N_LOOKS) == 0:
                self.looks.append(look(done, counter))

    def part(self, share: tuple[float, float]) -> list[Look]:
        """The looks of that part of the class."""
        return [one for one in self.looks if share[0] * self.of <= one.done <= share[1] * self.of]

    def writing(self, share: tuple[float, float]) -> float:
        """CPU seconds a submission of the process that writes, in that part of the class."""
        first, *_, last = self.part(share)
        return (last.cpu - first.cpu) / (last.done - first.done)

    def megabytes(self, share: tuple[float, float]) -> float:
        """Of the largest of the other processes, on average."""
        return fmean(max(one.others) for one in self.part(share) if one.others)


def look(done: int, counter: int) -> Look:
    """The grader's processes, below the one with that number; the learners' own are left out."""
    everybody = {one.number: one for one in processes()}
    [writer] = [one for one in everybody.values() if one.parent == counter]
    workers = [one for one in everybody.values() if one.parent == writer.number]
    shells = [one for one in everybody.values() if one.name == "bwrap"]
    ours = [one for one in shells if stands_below(one, writer.number, everybody)]
    sandboxes = [one for one in everybody.values() if one.parent in {shell.number for shell in ours}]
    others = [one.megabytes for one in [*workers, *sandboxes] if one.name != "bwrap"]
    return Look(done, writer.cpu, writer.megabytes, tuple(others))


def stands_below(one: Process, above: int, everybody: dict[int, Process]) -> bool:
    while one.parent != above and one.parent in everybody:
        one = everybody[one.parent]
    return one.parent == above


def processes() -> Iterator[Process]:
    """All that there are."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        name, _, rest = text.partition("(")[2].rpartition(")")
        words = rest.split()
        cpu, pages = (int(words[11]) + int(words[12])) / TICKS, int(words[21])
        yield Process(int(path.parent.name), int(words[1]), name, cpu, pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE)
