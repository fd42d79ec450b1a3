"""run_lesson: does a lesson run once, quietly, and leave everything as it was?"""

import random

import numpy as np
import pytest
import torch

from tests import lessons
from tests.lessons import run_lesson

LESSON = """
import random, torch
from course import plots
from course.checks import check
print("threads:", torch.get_num_threads())
drawn = random.random(), torch.rand(1).item()
plots.show(plots.canvas()[0], alt="An empty figure with two axes")
with open(__file__ + ".runs", "a") as runs:
    runs.write("x")
"""


@pytest.fixture
def lesson(monkeypatch, tmp_path):
    path = tmp_path / "99_trial.py"
    path.write_text(LESSON)
    monkeypatch.setattr(lessons, "lesson_paths", lambda: [path])
    run_lesson.cache_clear()
    yield path
    run_lesson.cache_clear()


def test_lesson_runs_once_on_one_thread_and_shows_nothing(lesson, capfd):
    threads = torch.get_num_threads()
    assert run_lesson("99") is run_lesson("99")
    assert lesson.with_suffix(".py.runs").read_text() == "x"
    assert run_lesson("99_trial")["__printed__"] == "threads: 1\n"
    assert capfd.readouterr() == ("", "")
    assert torch.get_num_threads() == threads


def test_global_random_states_are_as_before(lesson):
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    assert len(run_lesson("99")["drawn"]) == 2
    assert states == (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())


def test_lesson_that_does_not_exist_is_an_error(lesson):
    with pytest.raises(ValueError, match="unpack"):
        run_lesson("98")
