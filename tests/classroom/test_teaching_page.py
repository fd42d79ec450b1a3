"""The teacher's page: its commands, taken from TEACHING.md, bring a class from its roster to its grades."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from course.bench import pupils
from course.classroom import ROOT
from tests import PATIENCE
from tests.grading import needs_sandbox

HEADING, LESSON = "## A class, from roster to grades", "04_self_attention"
PROGRAMS = ("nbgrader ", "python -m course ")
LEFT_OUT = {  # another test tries these, or there is nothing to be typed
    "see who needs you", "give points by hand", "take off for being late", "change points", "ask for a text",
    "grade what came later",
}  # fmt: skip


def rows() -> dict[str, str]:
    """To -> Do, of the table of that section."""
    section = (ROOT / "TEACHING.md").read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
    found = dict(re.findall(r"^\| ([^|]+) \| (.+) \|$", section, re.MULTILINE))
    return {to: do for to, do in found.items() if to not in ("To", "---")}


def code(to: str) -> list[str]:
    """What is set as code in that row."""
    return re.findall(r"`([^`]+)`", rows()[to])


def commands(to: str) -> list[str]:
    return [one for one in code(to) if one.startswith(PROGRAMS)]


@dataclass
class Teacher:
    """Sits in the folder of a course, and types what the page says."""

    root: Path

    def types(self, command: str) -> str:
        """What the command says; it must go well."""
        programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.root, env=os.environ | {"PYTHONPATH": str(ROOT), "PATH": programs},
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert done.returncode == 0, f"{command}: {said}"
        return said

    def does(self, to: str) -> str:
        """All the commands of that row, one after the other."""
        return "".join(map(self.types, commands(to)))

    def grades(self) -> dict[str, dict[str, str]]:
        """Student -> the row of grades.csv."""
        with (self.root / "grades.csv").open(encoding="utf-8", newline="") as file:
            return {row["student_id"]: row for row in csv.DictReader(file)}


def folder_of_a_course(root: Path) -> Teacher:
    """With the lesson as it is in the repository: built, and handed out before, by somebody else."""
    shutil.copy(ROOT / "nbgrader_config.py", root)
    for place in ("solutions", "notebooks"):
        shutil.copytree(ROOT / place / LESSON, root / place / LESSON)
    return Teacher(root)


def hand_in(teacher: Teacher, work: dict[str, dict]) -> None:
    """As the page says: the last by an LMS's zip, the first too late, all others into their folders."""
    *names, by_zip = work
    place = code("collect")[0]
    for name in names:
        folder = teacher.root / place.replace("STUDENT", name)
        folder.mkdir(parents=True)
        (folder / f"{LESSON}.ipynb").write_text(json.dumps(work[name]), encoding="utf-8")
    came, when = code("say when it came")
    (teacher.root / place.replace("STUDENT", names[0]) / came).write_text(when, encoding="utf-8")
    archive, file = code("collect an LMS's zip")[:2]
    (teacher.root / archive).mkdir(parents=True)
    with zipfile.ZipFile(teacher.root / archive / "lms.zip", "w") as packed:
        packed.writestr(file.replace("STUDENT", by_zip), json.dumps(work[by_zip]))
    teacher.does("collect an LMS's zip")


def follow(teacher: Teacher, count: int) -> dict[str, str]:
    """All of the page, with a class of so many -> student -> what happened. One more stands in the roster alone."""
    course = pupils.Course(teacher.root, LESSON)
    columns = code("enter a class")[1]
    work = dict(pupils.notebooks(course, count))
    lines = [columns, *(f"{name},First,Last,{name}@example.org" for name in [*work, "nobody"])]
    (teacher.root / "roster.csv").write_text("\n".join(lines), encoding="utf-8")
    for to in ("enter a class", "set a date", "hand out"):
        teacher.does(to)
    hand_in(teacher, work)
    grade, workers, _, page = code("grade")
    assert f"{count} graded now, 0 unchanged" in teacher.types(f"{grade} {workers} {page}")
    assert (teacher.root / page.split()[1]).exists()
    assert f"0 graded now, {count} unchanged" in teacher.types(grade)
    for to in ("return feedback", "get the grades"):
        teacher.does(to)
    assert len(list((teacher.root / "feedback").glob(f"*/{LESSON}/*.html"))) == count
    return {name: row["what_happened"] for name, row in teacher.grades().items()}


def test_every_row_is_followed_or_known():
    followed = {
        "enter a class", "set a date", "hand out", "collect", "collect an LMS's zip", "say when it came", "grade",
        "return feedback", "get the grades", "regrade after a mended check",
    }  # fmt: skip
    assert rows().keys() == followed | LEFT_OUT
    assert [to for to in followed if to not in ("collect", "say when it came") and not commands(to)] == []
    assert code("grade")[1:] == ["--workers 2", "--student ID", "--page class.html"]


@needs_sandbox
def test_the_page_brings_a_class_from_roster_to_grades(tmp_path):
    teacher = folder_of_a_course(tmp_path)
    assert follow(teacher, 3) == {"s0000": "late", "s0001": "graded", "s0002": "graded", "nobody": "missing"}
    before = teacher.grades()
    assert float(before["s0000"]["late_seconds"]) == 8 * 3600 + 60
    said = teacher.types(f"{commands('regrade after a mended check')[0]} {code('grade')[2].replace('ID', 's0001')}")
    assert "1 graded now, 0 unchanged" in said
    teacher.does("hand out")  # again: "nothing here is undone"
    teacher.does("get the grades")
    assert teacher.grades() == before

