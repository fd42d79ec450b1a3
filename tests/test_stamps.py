"""Stamps: is a lesson skipped if nothing has changed since it passed, and in no other case?"""

import pytest

from tests import conftest, stamps

pytest_plugins = ["pytester"]

TESTS = """
import pytest
pytestmark = pytest.mark.lesson("04")

@pytest.fixture
def fixture():
    yield
    {after}

def test_one(fixture): assert {one}
def test_two(): {two}
"""
READ = [
    "course/attention.py", "course/lessons/04_x.py", "solutions/04_x/04_x.ipynb", "tests/lessons/rules.py",
    "tests/checks/arrays/right.py", "tests/nbval_sanitize.cfg", "requirements.txt",
]  # fmt: skip
NOT_READ = ["course/lessons/05_y.py", "course/bench/clock.py", "README.md"]
GOOD = {"after": "pass", "one": "True", "two": "pass"}


@pytest.fixture
def tree(pytester, monkeypatch):
    """A course of one lesson, with two tests that pass."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(stamps, "packages", lambda: ["torch 2"])
    pytester.makeini("[pytest]\nmarkers = lesson(number): needs a run")
    for name in [*READ, *NOT_READ]:
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    pytester.makepyfile(test_04=TESTS.format(**GOOD))
    return pytester


def outcomes(tree: pytest.Pytester, *options: str) -> dict[str, int]:
    return tree.runpytest_inprocess("-p", "no:xdist", *options, plugins=[conftest]).parseoutcomes()


def test_unchanged_lesson_is_skipped_and_the_summary_says_why(tree):
    assert outcomes(tree, "--lessons=changed") == {"passed": 2}
    again = tree.runpytest_inprocess("-p", "no:xdist", "-ra", "--lessons=changed", plugins=[conftest])
    assert again.parseoutcomes() == {"skipped": 2}
    again.stdout.fnmatch_lines("SKIPPED [[]2[]] *lesson 04 is unchanged *make test ARGS=--lessons=all *")


@pytest.mark.parametrize("name", [*READ, "test_04.py", "course/a_new_one.diff"])
def test_lesson_runs_again_when_a_file_changes(tree, name):
    assert outcomes(tree, "--lessons=changed") == {"passed": 2}
    with (tree.path / name).open("a") as file:
        file.write("# changed\n")
    assert outcomes(tree, "--lessons=changed") == {"passed": 2}


def test_lesson_runs_again_when_a_package_changes(tree, monkeypatch):
    assert outcomes(tree, "--lessons=changed") == {"passed": 2}
    monkeypatch.setattr(stamps, "packages", lambda: ["torch 3"])
    assert outcomes(tree, "--lessons=changed") == {"passed": 2}


@pytest.mark.parametrize("name", NOT_READ)
def test_what_no_run_reads_makes_no_lesson_run(tree, name):
    assert outcomes(tree, "--lessons=changed") == {"passed": 2}
    (tree.path / name).write_text("changed")
    assert outcomes(tree, "--lessons=changed") == {"skipped": 2}


@pytest.mark.parametrize(
    ("bad", "found"),
    [
        ({"one": "False"}, {"passed": 1, "failed": 1}),
        ({"after": "1 / 0"}, {"passed": 2, "errors": 1}),
        ({"two": "pytest.skip('for another reason')"}, {"passed": 1, "skipped": 1}),
    ],
)
def test_only_what_passed_whole_is_stamped(tree, bad, found):
    tree.makepyfile(test_04=TESTS.format(**GOOD | bad))
    for _ in range(2):
        assert outcomes(tree, "--lessons=changed") == found


def test_a_part_of_the_tests_is_no_stamp_for_the_others(tree):
    assert outcomes(tree, "--lessons=changed", "-k", "one") == {"passed": 1, "deselected": 1}
    assert outcomes(tree, "--lessons=changed") == {"passed": 2}


def test_who_asks_for_all_gets_all(tree, monkeypatch):
    assert outcomes(tree, "--lessons=changed") == {"passed": 2}
    assert outcomes(tree, "--lessons=changed", "--lessons=all") == {"passed": 2}
    assert outcomes(tree) == {"passed": 2}
    monkeypatch.setenv("CI", "true")
    assert outcomes(tree, "--lessons=changed") == {"passed": 2}


def test_a_run_that_asks_for_nothing_leaves_no_stamp(tree):
    assert outcomes(tree) == {"passed": 2}
    assert outcomes(tree, "--lessons=changed") == {"passed": 2}
