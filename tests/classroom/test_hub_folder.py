"""The folder of a class on a hub: who may enter what, what each server is told, what is refused?"""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from traitlets.config import Config, PyFileConfigLoader

from course.__main__ import main
from course.classroom import ROOT
from course.classroom.teacher import hub
from course.classroom.teacher.hub import Hub, create, settings

ROSTER = "id,first_name,last_name,email\nann,,,\nbob,,,\n"
ROOT_ALONE = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a hub of many accounts")


@pytest.fixture(autouse=True)
def proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy is named, whether there is one or not."""
    monkeypatch.setenv("CONFIGURABLE_HTTP_PROXY", "the-proxy")


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    (tmp_path / "roster.csv").write_text(ROSTER)
    return tmp_path / "roster.csv"


@pytest.fixture
def trial(tmp_path: Path, roster: Path) -> Hub:
    made = Hub(tmp_path / "class", "teacher", password="only-for-a-trial")
    assert create(made, roster) == []
    return made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def loaded(path: Path) -> Config:
    return PyFileConfigLoader(path.name, path=str(path.parent)).load_config()


def test_each_folder_is_open_to_those_whom_it_concerns(trial):
    exchanged = trial.exchange / "transformer"
    assert {path.relative_to(trial.folder).as_posix(): oct(mode(path)) for path in (
        trial.course, trial.folder / "state", trial.folder / "student", trial.folder / "jupyterhub_config.py",
        trial.exchange, exchanged / "outbound", exchanged / "inbound", exchanged / "feedback",
    )} == {
        "course": "0o700", "state": "0o700", "student": "0o755", "jupyterhub_config.py": "0o600",
        "exchange": "0o1777", "exchange/transformer/outbound": "0o755", "exchange/transformer/inbound": "0o3733",
        "exchange/transformer/feedback": "0o711",
    }  # fmt: skip


def test_the_teacher_has_the_solutions_and_nbgrader_is_told_where_all_lies(trial, monkeypatch):
    assert (trial.course / "solutions/04_self_attention/04_self_attention.ipynb").is_file()
    assert (trial.course / "roster.csv").read_text() == ROSTER
    monkeypatch.setenv("JUPYTERHUB_USER", "ann")
    monkeypatch.setenv("PATH", os.environ["PATH"])  # the configuration adds to it
    teacher, student = (loaded(trial.folder / place / "nbgrader_config.py") for place in ("course", "student"))
    for told in (teacher, student):
        assert told.Exchange.root == str(trial.exchange)
        assert told.CourseDirectory.root == str(trial.course)
        assert told.CourseDirectory.course_id == "transformer"
        assert told.Execute.timeout == 300
    assert ("student_id" in teacher.CourseDirectory, student.CourseDirectory.student_id) == (False, "ann")
    assert teacher.ExchangeCollect.check_owner is False


def test_the_hub_reads_its_file_and_the_roster_of_today(trial):
    with (trial.course / "roster.csv").open("a") as file:
        file.write("carl,,,\n")
    told = loaded(trial.folder / "jupyterhub_config.py")
    assert told == settings(trial) | {"Spawner": told.Spawner}
    assert told.Authenticator.allowed_users == {"teacher", "ann", "bob", "carl"}
    assert told.Authenticator.allow_existing_users is False
    assert told.JupyterHub.bind_url == "http://127.0.0.1:8000"
    assert told.ConfigurableHTTPProxy.command == ["the-proxy"]


def test_accounts_are_the_machines_own_where_it_is_no_trial(trial):
    told = settings(Hub(trial.folder, "teacher"))
    assert (told.JupyterHub.authenticator_class, told.JupyterHub.spawner_class) == ("pam", "localprocess")
    assert told.SharedPasswordAuthenticator.user_password is None
    assert "--allow-root" not in told.Spawner.args


def test_teacher_and_student_are_told_different_things(trial):
    seen = {}
    for name in ("teacher", "ann"):
        spawner = SimpleNamespace(user=SimpleNamespace(name=name), environment={"PATH": "x"}, notebook_dir="?")
        settings(trial).Spawner.pre_spawn_hook(spawner)
        folders = [Path(folder) for folder in spawner.environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)]
        assert all(folder.is_dir() for folder in folders)
        seen[name] = spawner.notebook_dir, [folder.name for folder in folders]
    assert seen == {
        "teacher": (str(trial.course), ["course", "everyone"]), "ann": ("", ["student", "hub", "everyone"])
    }  # fmt: skip


MISUSE = {  # what is typed -> what is said of it
    "teacher nowhere.csv --trial": "ROSTER must be a file that exists, not nowhere.csv",
    "ann roster.csv --trial": "an account that is no student's, not 'ann'",
    "Ms. roster.csv --trial": "an account that is no student's, not 'Ms.'",
    "teacher twice.csv --trial": "an account for each student, in small letters, not 'ann'",
    "teacher capital.csv --trial": "an account for each student, in small letters, not 'Ann'",
    "teacher empty.csv --trial": "in small letters, but there is none",
    "teacher other.csv --trial": "in small letters, not ''",
    "teacher roster.csv --trial --port 0": "--port must be from 1 to 65535, not 0",
    "teacher roster.csv --trial --port x": "--port: invalid int value: 'x'",
    "teacher": "the following arguments are required: ROSTER",
}


@pytest.mark.parametrize("line", MISUSE)
def test_misuse_is_named_and_nothing_is_made(line, roster, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "twice": ROSTER + "ann,,,\n",
        "capital": "id\nAnn\n",
        "empty": "id\n",
        "other": "a,b\n1,2\n",
    }.items():
        Path(f"{name}.csv").write_text(text)
    with pytest.raises(SystemExit) as stopped:
        main(["hub", "class", *line.split()])
    assert stopped.value.code == 2
    assert MISUSE[line] in " ".join(capsys.readouterr().err.split())
    assert not Path("class").exists()


def test_what_is_there_is_never_overwritten(trial, roster, capsys):
    before = (trial.folder / "jupyterhub_config.py").read_text()
    typed = ["hub", str(trial.folder), "other", str(roster), "--trial"]
    with pytest.raises(SystemExit):
        main(typed)
    assert "must be new or empty" in capsys.readouterr().err
    assert (trial.folder / "jupyterhub_config.py").read_text() == before


def test_what_is_not_installed_is_named(roster, tmp_path, monkeypatch):
    asked = Hub(tmp_path / "class", "teacher", password="only-for-a-trial")
    monkeypatch.delenv("CONFIGURABLE_HTTP_PROXY")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ValueError, match="npm install --global configurable-http-proxy"):
        create(asked, roster)
    monkeypatch.setattr(hub.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match="pip install jupyterhub"):
        create(asked, roster)
    assert not asked.folder.exists()


def test_a_hub_of_many_accounts_needs_root_and_a_teacher(roster, tmp_path, monkeypatch):
    asked = Hub(tmp_path / "class", "nobody-of-that-name")
    monkeypatch.setattr(hub.os, "geteuid", lambda: 1000)
    with pytest.raises(ValueError, match="must be made by root; without root there is --trial"):
        create(asked, roster)
    monkeypatch.setattr(hub.os, "geteuid", lambda: 0)
    with pytest.raises(ValueError, match="useradd --create-home --key HOME_MODE=0700 nobody-of-that-name"):
        create(asked, roster)


@ROOT_ALONE
def test_an_account_that_cannot_run_python_is_told_before_anything_is_made(roster, tmp_path, monkeypatch):
    asked = Hub(tmp_path / "class", "daemon")
    closed = tmp_path / "python"
    closed.write_text("#!/bin/sh\n")
    closed.chmod(0o700)
    monkeypatch.setattr(hub.sys, "executable", str(closed))
    with pytest.raises(ValueError, match=r"the account daemon cannot run .*/opt/course: .*Permission denied"):
        create(asked, roster)
    assert not asked.folder.exists()


@ROOT_ALONE
def test_what_stops_python_in_an_account_is_its_last_word(monkeypatch, tmp_path):
    program = Path("/tmp") / f"python-{os.getpid()}"  # pytest's own folders let nobody in
    program.write_text("#!/bin/sh\necho one >&2\necho no libpython >&2\nexit 127\n")
    program.chmod(0o755)
    monkeypatch.setattr(hub.sys, "executable", str(program))
    try:
        assert hub.cannot_run("daemon") == "no libpython"
        program.write_text("#!/bin/sh\nid -un\n")
        assert hub.cannot_run("daemon") == ""
    finally:
        program.unlink()


@pytest.mark.parametrize(("begins", "where"), [("home", "course"), ("home/further", "home/further")])
def test_a_teachers_terminal_begins_in_the_folder_of_the_course(tmp_path, begins, where):
    """The Launcher opens it at home; who opens one elsewhere has chosen that."""
    for place in ("course", "home/further"):
        (tmp_path / place).mkdir(parents=True)
    told = {"HOME": str(tmp_path / "home"), "COURSE_FOLDER": str(tmp_path / "course"), "PATH": os.defpath}
    done = subprocess.run(
        hub.SHELL, input="pwd\n", cwd=tmp_path / begins, env=told, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(tmp_path / where)
    told["COURSE_FOLDER"] = ""  # a student's
    home = tmp_path / "home"
    done = subprocess.run(hub.SHELL, input="pwd\n", cwd=home, env=told, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(home)


def test_it_says_how_to_go_on(roster, tmp_path, capsys):
    assert main(["hub", str(tmp_path / "class"), "teacher", str(roster), "--trial"]) == 0
    said = capsys.readouterr().out
    assert f"jupyterhub -f {tmp_path}/class/jupyterhub_config.py" in said
    password = loaded(tmp_path / "class" / "jupyterhub_config.py").SharedPasswordAuthenticator.user_password
    assert len(password) > 12
    assert said.endswith(f"Everybody's password in this trial: {password}\n")


LOOK = """
import os, sys
os.setgroups([]), os.setgid(65534), os.setuid(65534)
folder = sys.argv[1]
def may(action, *place):
    try:
        action(os.path.join(folder, *place))
        return True
    except PermissionError:
        return False
print(
    may(os.listdir, "course"), may(os.listdir, "exchange/transformer/inbound"),
    may(os.listdir, "exchange/transformer/feedback"), may(os.mkdir, "exchange/transformer/outbound/mine"),
    may(os.rmdir, "exchange/transformer/inbound/eve+1"), may(lambda p: open(p).read(), "jupyterhub_config.py"),
    may(lambda p: os.rename(p, p + "-"), "exchange/transformer"),
    may(os.mkdir, "exchange/transformer/inbound/mine"), may(os.listdir, "exchange/transformer/outbound"),
    may(lambda p: open(p).read(), "student/nbgrader_config.py"),
)
"""


@ROOT_ALONE
def test_another_account_can_hand_in_and_fetch_and_nothing_else(roster, monkeypatch):
    """The teacher is the account daemon, which every Linux has; ours becomes nobody."""
    monkeypatch.setattr(hub, "cannot_run", lambda _: "")  # another test's
    folder = Path("/tmp") / f"class-{os.getpid()}"  # pytest's own folders let nobody in
    made = Hub(folder, "daemon")
    try:
        assert create(made, roster) == ["ann", "bob"]
        assert (folder / "exchange/transformer").owner() == made.course.owner() == "daemon"
        (folder / "exchange/transformer/inbound/eve+1").mkdir()
        python = [sys.executable, "-I", "-c", LOOK, str(folder)]
        done = subprocess.run(python, capture_output=True, text=True, check=True, timeout=60)
        assert done.stdout.split() == ["False"] * 7 + ["True"] * 3
    finally:
        shutil.rmtree(folder)


def test_the_page_for_teachers_types_only_what_there_is():
    section = (ROOT / "TEACHING.md").read_text().partition("## JupyterHub")[2].partition("\n## ")[0]
    assert "python -m course hub" in section
    assert all(word in section for word in ("release_assignment", "collect", "course grade", "release_feedback"))
