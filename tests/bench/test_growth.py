"""Growth: what is seen of a grader's processes, and which parts of a class are compared."""

import os
import subprocess
import sys

import pytest

from course.bench.growth import EARLY, LATE, Growth, Look, look, processes

WRITER = """
import subprocess, sys, time
worker = subprocess.Popen([sys.executable, "-c", "held = bytearray(200 << 20); print(1, flush=True); input()"])
until = time.process_time() + 0.3
while time.process_time() < until: pass
sys.stdin.readline()
"""
COUNTER = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WRITER!r}])"


def test_this_process_is_seen_with_its_memory_and_its_time():
    [this] = [one for one in processes() if one.number == os.getpid()]
    assert this.parent == os.getppid()
    assert this.megabytes > 20
    assert this.cpu == pytest.approx(sum(os.times()[:2]), abs=0.1)


def test_the_writer_and_its_workers_are_told_apart():
    counter = subprocess.Popen([sys.executable, "-c", COUNTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        counter.stdout.read(2)
        seen = look(7, counter.pid)
    finally:
        counter.communicate(b"\n\n")
    assert seen.done == 7
    assert len(seen.others) == 1
    assert seen.others[0] > 200 > seen.megabytes


def test_parts_of_a_class_by_hand(monkeypatch):
    """200 submissions; the writer takes a second each at first, two at the end; a worker grows from 300 to 500 MB."""
    monkeypatch.setattr("course.bench.growth.look", lambda done, counter: Look(done, cost(done), 50, (100, held(done))))

    def cost(done: int) -> float:
        return done + max(0, done - 100)

    def held(done: int) -> float:
        return 300 if done <= 100 else 500

    seen = Growth()
    for done in range(1, 201):
        seen(f"[{done}/200] s0001: 3 of 4   1.0 s", 1)
        seen("a line of something else", 1)
    assert len(seen.looks) == 100
    assert (seen.writing(EARLY), seen.writing(LATE)) == (1, 2)
    assert (seen.megabytes(EARLY), seen.megabytes(LATE)) == (300, 500)
