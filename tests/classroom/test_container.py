"""Container: what is asked of podman or docker where there is no bubblewrap, and what without a sandbox at all."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from course.__main__ import main
from course.classroom.teacher import container
from course.classroom.teacher.container import IMAGE, INSIDE, OPENED, RECIPE, command, engine_for
from tests import PATIENCE
from tests.classroom import tiny
from tests.classroom.kills import hand_in
from tests.classroom.school import REPOSITORY
from tests.classroom.test_grade_command import RIGHT, WRONG

PLAIN = {"student": [], "workers": 0, "submitted": None, "json": None, "page": None, "seconds": 600, "memory": 2048}
PLAIN |= {"force": False, "unsandboxed": False, "scheduler": None}
TELLS = f"""#!{sys.executable}
import pathlib, sys
with pathlib.Path(__file__).with_name("told").open("a") as file:
    file.write("\\n".join(sys.argv[1:]) + "\\n--\\n")
sys.exit(CODE)
"""


def program(place: Path, name: str, code: int = 0) -> None:
    """In place of an engine: it writes down what it is asked for."""
    place.mkdir(exist_ok=True)
    (place / name).write_text(TELLS.replace("CODE", str(code)))
    (place / name).chmod(0o755)


def told(place: Path) -> list[list[str]]:
    return [one.splitlines() for one in (place / "told").read_text().split("\n--\n")[:-1]]


def test_podman_comes_before_docker_and_bubblewrap_before_both(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    options = Namespace(**PLAIN)
    assert engine_for(options) == ""
    program(tmp_path, "docker")
    assert engine_for(options) == str(tmp_path / "docker")
    program(tmp_path, "podman")
    assert engine_for(options) == str(tmp_path / "podman")
    for other in ({"unsandboxed": True}, {"scheduler": "tcp://there"}):
        assert engine_for(Namespace(**PLAIN | other)) == ""
    with monkeypatch.context() as patch:
        patch.setenv(INSIDE, "1")
        assert engine_for(options) == "", "in a container no other is started"
    program(tmp_path, "bwrap")
    assert engine_for(options) == ""


def test_the_same_command_is_typed_in_a_container_without_network_or_power(course, tmp_path, monkeypatch):
    hand_in(course, {"ann": RIGHT})
    program(tmp_path / "bin", "podman")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.chdir(course.root)
    assert main(["grade", "90", "--student=ann", "--force", "--workers=2", f"--json={tmp_path}/out.json"]) == 0
    built, ran = told(tmp_path / "bin")
    assert built == ["build", "--quiet", "--tag", IMAGE, "--file", str(RECIPE), str(REPOSITORY)]
    place = ran.index(IMAGE)
    assert ran[place + 1 :] == [
        "python", "-m", "course", "grade", tiny.NAME, "--student=ann", "--workers=2", f"--json={tmp_path}/out.json",
        "--seconds=600", "--memory=2048", "--force",
    ]  # fmt: skip
    given = {"--network=none", "--cap-drop=ALL", "--read-only", "--tmpfs=/tmp", "--pids-limit=768", "--memory=9216m"}
    assert given <= set(ran[:place])
    seen = [word.removeprefix("--volume=") for word in ran if word.startswith("--volume=")]
    assert seen == [f"{REPOSITORY}:{REPOSITORY}:ro", f"{course.root}:{course.root}", f"{tmp_path}:{tmp_path}"]
    assert f"--workdir={course.root}" in ran
    assert f"--user={os.getuid()}:{os.getgid()}" in ran
    assert not (course.root / "autograded").exists()


@pytest.mark.parametrize("engine", OPENED)
def test_submissions_elsewhere_can_only_be_read(tmp_path, engine):
    words = command(engine, tmp_path / "course", Namespace(**PLAIN | {"submitted": str(tmp_path / "inbox")}))
    assert f"--volume={tmp_path}/inbox:{tmp_path}/inbox:ro" in words
    assert set(OPENED[engine]) <= set(words)


def test_in_the_repository_itself_the_grader_cannot_be_written_to():
    seen = [word for word in command("podman", REPOSITORY, Namespace(**PLAIN)) if word.startswith("--volume=")]
    assert seen == [f"--volume={REPOSITORY}/course:{REPOSITORY}/course:ro", f"--volume={REPOSITORY}:{REPOSITORY}"]


def test_an_image_that_cannot_be_made_is_said(course, tmp_path, monkeypatch, capsys):
    program(tmp_path / "bin", "docker", 3)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.chdir(course.root)
    assert main(["grade", "90"]) == 1
    assert "There is no bubblewrap here, and docker cannot make a container" in capsys.readouterr().err


def test_the_recipe_installs_what_is_pinned():
    text = RECIPE.read_text(encoding="utf-8")
    assert "bubblewrap" in text
    assert "requirements.txt" in text
    assert container.ROOT == REPOSITORY


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="grading is for Linux")
def test_without_a_sandbox_on_the_teachers_word_alone(course, tmp_path):
    """It is said, and stands with each result; who leaves a process behind is found out, and it is ended."""
    forever = RIGHT + "\nimport os\nif not os.fork():\n    import time\n    while True:\n        time.sleep(1)"
    hand_in(course, {"ann": RIGHT, "bob": WRONG, "carl": forever, "eve": ""})
    (tmp_path / "tmp").mkdir()
    variables = {"PYTHONPATH": str(REPOSITORY), "PATH": "", "TMPDIR": str(tmp_path / "tmp"), "OMP_NUM_THREADS": "1"}
    typed = [sys.executable, "-m", "course", "grade", tiny.NAME, "--workers=1", "--unsandboxed"]
    found = subprocess.run(
        typed, cwd=course.root, env=variables, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert found.stderr.startswith("Without a sandbox: what learners wrote runs in your account, can read your files")
    assert found.returncode == 0
    lines = re.findall(r"\] (\w+): (.*?)   .*suspicious: graded without a sandbox", found.stdout)
    assert sorted(lines)[:3] == [("ann", "5 of 5"), ("bob", "3 of 5"), ("carl", "3 of 5")]
    assert "4 suspicious" in found.stdout
    assert list((tmp_path / "tmp").iterdir()) == []
    homes = [path for path in Path("/proc").glob("[0-9]*/cwd") if str(tmp_path) in os.path.realpath(path)]
    assert homes == [], "the process left behind was ended"
    assert shutil.which("bwrap", path="") is None
