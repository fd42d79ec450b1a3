"""Scheduling: does one worker get what shares a lesson's run, the longest work first, on as many workers as fit?"""

import os
import re

import pytest

from course.classroom import ROOT
from tests import scheduling, stamps
from tests.scheduling import LONGEST_FIRST, group_of, n_workers, rank

pytest_plugins = ["pytester"]

CONFTEST = """
from tests.conftest import pytest_addoption, pytest_collection_modifyitems, pytest_xdist_make_scheduler
"""
LESSON_TEST = "import pytest\n\n@pytest.mark.parametrize('n', ['09_x', '09_y', '09_z'])\ndef test_it(n): pass\n"
OTHER_TEST = LESSON_TEST.replace("['09_x', '09_y', '09_z']", "range(9)")


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/lessons/test_09.py::test_schedules", "lesson 09"),
        ("tests/test_solutions.py::test_run_shows_what_is_stored[09_translator]", "lesson 09"),
        ("tests/test_lessons.py::test_registered_number_is_what_the_prose_says[09-0.25]", "lesson 09"),
        ("tests/test_lessons.py::test_good_lesson_passes", "tests/test_lessons.py"),
        ("tests/lessons/test_accepted_answers.py::test_given_cells_live_with_every_accepted_answer[09]", "lesson 09"),
        ("tests/lessons/test_run_lesson.py::test_it", "tests/lessons/test_run_lesson.py"),
        ("tests/checks/test_exercises.py::test_check_is_quick[LayerNorm]", "exercise LayerNorm"),
        ("tests/checks/test_exercises.py::test_silly_answer_is_wrong[softmax-a word]", "exercise softmax"),
        ("tests/checks/test_exercises.py::test_mistakes_are_rejected_and_named[softmax]", "exercise softmax"),
        ("tests/checks/test_exercises.py::test_right_answer_passes[softmax 0]", "exercise softmax"),
        ("tests/test_house.py::test_make_installs_first[lab]", "tests/test_house.py"),
    ],
)  # fmt: skip
def test_group(nodeid, group):
    assert group_of(nodeid) == group


def test_all_that_needs_a_lessons_run_is_in_its_group(request):
    """Of the tests that this run has collected; the whole suite collects all."""
    for item in request.session.items:
        lesson = stamps.lesson_of(item)
        assert not lesson or group_of(item.nodeid) == f"lesson {lesson}", item.nodeid
        if item.nodeid.startswith("tests/checks/test_exercises.py") and hasattr(item, "callspec"):
            exercise = item.callspec.params.get("exercise")
            assert group_of(item.nodeid) == f"exercise {exercise.name if exercise else item.callspec.params['name']}"


def test_one_worker_runs_a_group_and_the_longest_is_begun_first(pytester, monkeypatch):
    """In two workers: file by file, but what two files have of one lesson together, and first of all."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest(CONFTEST)
    pytester.makeini("[pytest]")
    sources = {"test_a": OTHER_TEST, "test_b": OTHER_TEST, "test_lessons": LESSON_TEST, "test_solutions": LESSON_TEST}
    folder = pytester.mkdir("tests")
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    ended = pytester.runpytest_subprocess("-p", "xdist", "-v", "-n2", "--dist=loadgroup", "-p", "no:cacheprovider")
    assert ended.parseoutcomes() == {"passed": 24}
    found = [re.fullmatch(r"\[(gw\d)\].* PASSED tests/(\w+)\.py\S+ *", line) for line in ended.outlines]
    ran = [(one[1], one[2]) for one in found if one]
    workers = {name: {worker for worker, test in ran if test == name} for name in sources}
    assert {name: len(some) for name, some in workers.items()} == dict.fromkeys(sources, 1)
    assert workers["test_lessons"] == workers["test_solutions"] != workers["test_a"]
    assert next(test for worker, test in ran if {worker} == workers["test_lessons"]) == "test_lessons"


def test_longest_first_and_else_as_collected():
    order = ["test_b.py::test", "lessons/test_02.py::test", "lessons/test_09.py::test", "test_a.py::test"]
    ranked = sorted((f"tests/{nodeid}" for nodeid in order), key=rank)
    assert ranked == [f"tests/{order[at]}" for at in (2, 1, 0, 3)]


def test_what_is_begun_first_exists(request):
    lessons = {f"lesson {path.name[:2]}" for path in (request.config.rootpath / "course" / "lessons").glob("*.py")}
    files = set(LONGEST_FIRST) - lessons
    assert lessons
    assert [name for name in files if not (request.config.rootpath / name).is_file()] == []


@pytest.mark.parametrize(
    ("cores", "gigabytes", "workers"), [(1, 64, 1), (2, 64, 2), (2, 3, 1), (2, 0.5, 1), (64, 256, 8), (6, 9, 4)]
)
def test_workers_fit_on_cores_and_in_memory(monkeypatch, cores, gigabytes, workers):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: range(cores), raising=False)
    monkeypatch.setattr(scheduling, "memory", lambda: gigabytes * 1e9)
    assert n_workers() == workers


def test_memory_is_known_or_enough(monkeypatch):
    assert scheduling.memory() > 1e8
    monkeypatch.delattr(os, "sysconf", raising=False)
    assert scheduling.memory() / scheduling.WORKER_MEMORY >= scheduling.MOST_WORKERS
