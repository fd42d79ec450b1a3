"""The grader holds out: who attacks gets what is honest in the notebook, and nobody else notices.

Every third submission is graded in each run, `--hostile=all` grades them all. Honest students stand between them."""

import importlib
import json
import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbgrader.converters import GenerateAssignment, GenerateFeedback

from course.classroom import ROOT
from course.classroom.teacher.book import Book
from course.classroom.teacher.marking import Order, mark
from course.classroom.teacher.results import GRADED, HUMAN, Result
from course.grading.inside.confine import Limits
from tests.classroom.school import School
from tests.grading import needs_sandbox
from tests.hostile import kit

for module in ("accident", "broken", "harm", "hold", "leak", "steal_answers", "steal_machine"):
    importlib.import_module(f"tests.hostile.{module}")

pytestmark = [needs_sandbox, pytest.mark.timeout(3600)]
NAMES = sorted(kit.SUBMISSIONS)
EVERY = 3
HONEST_RIGHT = ("causal_mask",)
LIMITS = Limits(cpu_seconds=100, seconds=200, memory=1024)


@dataclass(frozen=True)
class World:
    """What a probe sees after grading."""

    root: Path
    feedback: Path
    autograded: Path
    secret: str

    def processes(self) -> list[str]:
        return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout.splitlines()


@dataclass(frozen=True)
class Class:
    """A class after it was graded: results by student, the probes, the secret."""

    root: Path
    secret: str
    results: dict[str, Result]
    probes: dict[str, kit.Probe | None]

    def world(self, student: str) -> World:
        return World(self.root, self.root / "feedback" / student, self.root / "autograded" / student, self.secret)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "name" in metafunc.fixturenames:
        every = 1 if metafunc.config.getoption("hostile", "some") == "all" else EVERY
        metafunc.parametrize("name", NAMES[::every])


@pytest.fixture(scope="module")
def graded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Class:
    """The class, graded in one run, with a secret in the teacher's home, environment and in a classmate's work."""
    every = 1 if request.config.getoption("hostile", "some") == "all" else EVERY
    root, secret = tmp_path_factory.mktemp("class"), "S" + secrets.token_hex(12)
    home = tmp_path_factory.mktemp("home")
    (home / "key").write_text(secret, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("COURSE_SECRET", secret)
        school = School.open(root)
        shutil.copytree(ROOT / "solutions" / kit.LESSON, root / "solutions" / kit.LESSON)
        school.run(GenerateAssignment, kit.LESSON)
        probes = handed_in(root, NAMES[::every], secret)
        order = Order(kit.LESSON, workers=os.cpu_count() or 1, limits=LIMITS, explains=False)
        run = mark(root, order, lambda *_: None)
        leaks = [name for name in NAMES[::every] if kit.SUBMISSIONS[name].category == "leak"]
        feedback(school, leaks)
    return Class(root, secret, {result.student: result for result in run.results}, probes)


def handed_in(root: Path, names: list[str], secret: str) -> dict[str, kit.Probe | None]:
    """Fill all the folders; between two of them stands an honest one."""
    lesson = kit.Lesson(root)
    probes = {}
    for name in names:
        honest = root / "submitted" / f"{name}_z" / kit.LESSON
        lesson.solving(*HONEST_RIGHT).insert_after("setup", secret, kind="markdown").write(honest)
    for name in names:
        folder = root / "submitted" / name / kit.LESSON
        folder.parent.mkdir(parents=True, exist_ok=True)
        probes[name] = kit.SUBMISSIONS[name].fill(folder, lesson)
    return probes


def feedback(school: School, students: list[str]) -> None:
    for student in students:
        school.run(GenerateFeedback, kit.LESSON, student)


def won(result: Result) -> set[str]:
    return {mark.name for mark in result.marks if mark.points}


def test_who_attacks_gets_what_is_honest(graded: Class, name: str):
    """Exactly those points, one row; what cannot be read is for a human."""
    submission, result = kit.SUBMISSIONS[name], graded.results[name]
    ends = {"graded": {GRADED}, "human": {HUMAN}, "either": {GRADED, HUMAN}}[submission.ends]
    assert result.outcome in ends, result.reason
    if result.outcome == GRADED:
        assert won(result) == set(submission.right), [mark.text for mark in result.marks]
    if submission.suspicious:
        assert result.suspicions or result.outcome == HUMAN


def test_nothing_else_has_happened(graded: Class, name: str):
    """The probe of the attack finds no harm, and no secret."""
    probe = graded.probes[name]
    if callable(probe):
        assert probe(graded.world(name)) is None


def test_who_stands_beside_loses_nothing(graded: Class, name: str):
    """The honest student after this one has the points of honest work."""
    assert won(graded.results[f"{name}_z"]) == set(HONEST_RIGHT)


def test_every_submission_has_one_row(graded: Class):
    with Book(graded.root) as book:
        rows = [result.student for result in book.results(kit.LESSON)]
    assert sorted(rows) == sorted(graded.results)
    assert sorted(path.name for path in (graded.root / "submitted").iterdir()) == sorted(rows)


def test_the_secret_would_be_found(graded: Class, tmp_path: Path):
    """The probe for the secret is no idle one."""
    place = tmp_path / "feedback"
    place.mkdir()
    (place / "page.html").write_text(json.dumps({"key": graded.secret}), encoding="utf-8")
    assert kit.secret_shown(World(tmp_path, place, tmp_path / "autograded", graded.secret))
