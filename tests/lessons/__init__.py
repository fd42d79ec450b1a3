"""Run a lesson file as a script, once, for all the tests that ask what its prose and its figures claim."""

from __future__ import annotations

import contextlib
import functools
import io
import runpy
from typing import Any
from unittest import mock

import matplotlib
import torch

from course import plots
from course.classroom.author.lesson import lesson_paths
from course.judging.observe import kept_random_state


@functools.cache
def run_lesson(name: str) -> dict[str, Any]:
    """The variables that the lesson ('04' or '04_self_attention') leaves behind; what it printed is in '__printed__'.

    One torch thread, nothing displayed, the global random states as before. All callers share one result: do not
    change it."""
    (path,) = [path for path in lesson_paths() if path.stem == name or path.stem.startswith(f"{name}_")]
    printed = io.StringIO()
    matplotlib.use("Agg")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with contextlib.redirect_stdout(printed), mock.patch.object(plots, "display"), kept_random_state():
            variables = runpy.run_path(str(path), run_name=f"lesson_{path.stem}")
    finally:
        torch.set_num_threads(threads)
    return variables | {"__printed__": printed.getvalue()}
