"""Run a lesson once, for all the tests that ask what its outputs, its prose and its figures claim."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import torch
from nbconvert.filters import strip_ansi

from course.classroom import ROOT
from course.classroom.author.lesson import Lesson, read_lesson
from course.judging.isolation import kept_random_state
from tests.lessons.shell import Run, run_notebook


def solutions() -> list[Path]:
    """The solved notebooks, in course order."""
    return sorted((ROOT / "solutions").glob("*/*.ipynb"))


@functools.cache
def lesson_in(path: Path) -> Lesson:
    """The lesson in that file of the course, read once in a process. All callers share it: do not change it."""
    return read_lesson(path)


@functools.cache
def run_of(name: str) -> Run:
    """The run of the solved notebook that begins so ('04'), once in a process; also a run that failed."""
    (path,) = [path for path in solutions() if path.stem.startswith(name)]
    with one_torch_thread(), kept_random_state(), np.errstate(), np.printoptions(), torch.set_grad_enabled(True):
        return run_notebook(nbformat.read(path, as_version=4))


def run_lesson(name: str) -> dict[str, Any]:
    """The variables that the lesson leaves behind; what it printed, without its colours, is in '__printed__'.

    AssertionError where a cell failed. All callers share the variables: do not change them."""
    run = run_of(name)
    assert not run.failure, f"lesson {name}: {run.failure}"
    return run.variables | {"__printed__": strip_ansi(run.printed)}


@contextlib.contextmanager
def one_torch_thread() -> Iterator[None]:
    """Results then do not depend on the number of cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
