"""Crowd: many students at once hand in through the hub, and what that costs; python -m tests.classroom.crowd 30."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil

from tests.classroom import tiny
from tests.classroom.hubs import Class, Person, running
from tests.classroom.school import cell, read, with_answer

STEPS = ("log in", "start the server", "fetch", "save", "submit")
RIGHT = "def attention_scores(query, key):\n    return query @ key.transpose(-2, -1) / math.sqrt(key.shape[-1])"


@dataclass
class Costs:
    """seconds: of each step, one a student; memory: at its most, in bytes, of the hub and of all that it started."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    memory: int = 0

    def timed(self, step: str, action: Callable, *arguments: object) -> None:
        began = time.monotonic()
        action(*arguments)
        self.seconds[step].append(time.monotonic() - began)

    def __str__(self) -> str:
        lines = [f"{name:20}{median(some):10.1f}{max(some):10.1f}" for name, some in self.seconds.items() if some]
        head = f"{'seconds':20}{'median':>10}{'slowest':>10}"
        return "\n".join([head, *lines, f"memory {self.memory / 1e6:.0f} MB"])


def answer_of(name: str) -> str:
    """Right, and nobody else's."""
    return f"{RIGHT}  # by {name}"


def hand_in(made: Class, name: str, costs: Costs, together: threading.Barrier) -> None:
    """One student's way; all take each step at the same time."""
    student = Person(made, name)

    def work() -> None:
        student.save(with_answer(student.notebook(), "attention_scores", answer_of(name)))

    actions = (
        student.log_in, student.start_server, lambda: student.assignment("fetch"), work,
        lambda: student.assignment("submit"),
    )  # fmt: skip
    for step, action in zip(STEPS, actions, strict=True):
        together.wait()
        costs.timed(step, action)


def memory(process: int) -> int:
    """Of the process and its descendants, what they share counted once."""
    found = 0
    for one in [psutil.Process(process), *psutil.Process(process).children(recursive=True)]:
        try:
            found += one.memory_full_info().pss
        except psutil.Error:
            continue
    return found


def all_at_once(made: Class, names: list[str]) -> Costs:
    costs, together = Costs(), threading.Barrier(len(names))

    def one(name: str) -> None:
        try:
            hand_in(made, name, costs, together)
        except BaseException:
            together.abort()
            raise

    with ThreadPoolExecutor(len(names)) as pool:
        for done in [pool.submit(one, name) for name in names]:
            done.result()
    costs.memory = memory(made.process.pid)
    return costs


def collected(made: Class) -> dict[str, str]:
    """Student -> the answer that the teacher has of them."""
    made.teacher_types("nbgrader", "collect", tiny.NAME)
    found = {}
    for path in made.hub.course.glob(f"submitted/*/{tiny.NAME}/{tiny.NAME}.ipynb"):
        found[path.parts[-3]] = cell(read(path), "attention_scores").source
    return found


def graded(made: Class) -> dict[str, float]:
    """Student -> points."""
    made.teacher_types("course", "grade", tiny.NAME, "--json=rows.json")
    rows = json.loads((made.hub.course / "rows.json").read_text())
    return {row["student"]: sum(mark["points"] for mark in row["marks"]) for row in rows}


def main(number: int) -> None:
    names = [f"s{count:03}" for count in range(1, number + 1)]
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), names) as made:
        made.release()
        costs = all_at_once(made, names)
        costs.seconds |= {"collect": [], "grade": []}
        costs.timed("collect", collected, made)
        assert collected(made) == {name: answer_of(name) for name in names}, "something was lost"
        costs.timed("grade", graded, made)
        assert graded(made) == dict.fromkeys(names, 2.0), "somebody was not graded"
    sys.stdout.write(f"{costs}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
