"""Hub: a class on a JupyterHub of one machine, its folder made once, its settings read from there at each start.

jupyterhub_config.py says who teaches and where it listens, and what is added there wins; course/ is the teacher's own:
solutions, roster.csv, gradebook, submissions; exchange/ is what nbgrader hands to and fro; student/ tells nbgrader on a
student's server where that is; state/ is the hub's own memory."""

from __future__ import annotations

import csv
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traitlets.config import Config, PyFileConfigLoader

from course.classroom import ROOT
from course.classroom.learner.lab import SETTINGS, quiet, with_validate

NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")  # of an account; JupyterHub knows no capitals, nbgrader no plus
HUB = '''"""JupyterHub for one class: start it with `jupyterhub -f {folder}/jupyterhub_config.py`{who}."""

from pathlib import Path

from course.classroom.teacher.hub import Hub, settings

c = get_config()
c.merge(settings(Hub(Path({folder!r}), teacher={teacher!r}, port={port}, password={password!r})))
'''
NBGRADER = '''"""nbgrader for this class: as the course sets it up, but for where things lie."""

c = get_config()
load_subconfig("nbgrader_config.py", path={root!r})
c.CourseDirectory.root = {course!r}
c.Exchange.root = {exchange!r}
'''
# No login shell, which would set PATH anew; the teacher's begins in the folder of the course, where all commands work.
SHELL = ["bash", "-c", 'test "$PWD" != ~ || cd "$COURSE_FOLDER"; exec bash']
IN_ONE_ACCOUNT = {  # where owners tell nobody from another
    "course": "c.ExchangeCollect.check_owner = False\n",
    "student": 'import os\n\nc.CourseDirectory.student_id = os.environ["JUPYTERHUB_USER"]\n',
}


@dataclass(frozen=True)
class Hub:
    """password: of a trial, in which everybody works in one account and logs in with it; '' where accounts are real."""

    folder: Path
    teacher: str
    port: int = 8000
    password: str = ""

    @property
    def course(self) -> Path:
        return self.folder / "course"

    @property
    def exchange(self) -> Path:
        return self.folder / "exchange"


def create(hub: Hub, roster: Path) -> list[str]:
    """Make the folder of a class -> the students who have no account yet. ValueError where that cannot be."""
    names = check(hub, roster)
    course_id = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config().CourseDirectory.course_id
    hub.folder.mkdir(parents=True, exist_ok=True)
    hub.folder.chmod(0o755)
    shutil.copytree(ROOT / "solutions", hub.course / "solutions")
    shutil.copy(roster, hub.course / "roster.csv")
    exchanged = hub.exchange / course_id
    for place, mode in {
        hub.course: 0o700, hub.folder / "student": 0o755, hub.folder / "state": 0o700,
        hub.exchange: 0o1777, exchanged: 0o755, exchanged / "outbound": 0o755,
        exchanged / "inbound": 0o3733, exchanged / "feedback": 0o711,  # sticky: nobody takes away what is another's
    }.items():  # fmt: skip
        place.mkdir(exist_ok=True)
        place.chmod(mode)
    write(hub)
    if not hub.password:
        give(hub.teacher, hub.course, exchanged)
    return [] if hub.password else [name for name in names if not has_account(name)]


def check(hub: Hub, roster: Path) -> list[str]:
    """The students' names. ValueError where something is missing that no later step would name as clearly."""
    if hub.folder.exists() and (not hub.folder.is_dir() or any(hub.folder.iterdir())):
        raise ValueError(f"FOLDER must be new or empty, which {hub.folder} is not; nothing was changed")
    names = students(roster)
    if not 0 < hub.port < 1 << 16:
        raise ValueError(f"--port must be from 1 to 65535, not {hub.port}")
    if not NAME.fullmatch(hub.teacher) or hub.teacher in names:
        raise ValueError(f"TEACHER must be the name of an account that is no student's, not {hub.teacher!r}")
    if not hub.password and os.geteuid() != 0:
        raise ValueError("a hub of many accounts must be made by root; without root there is --trial")
    if not hub.password and not has_account(hub.teacher):
        how = f"useradd --create-home --key HOME_MODE=0700 {hub.teacher}"
        raise ValueError(f"TEACHER must have an account on this machine: {how}")
    proxy()
    if not hub.password and (said := cannot_run(hub.teacher)):
        where = f"put Python and the course where every account can read them, such as /opt/course: {said}"
        raise ValueError(f"the account {hub.teacher} cannot run {sys.executable} with this course; {where}")
    return names


def cannot_run(name: str) -> str:
    """What stops the course's Python in that account, '' where nothing does."""
    account, variables = pwd.getpwnam(name), {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOME": "/"}
    command = [sys.executable, "-B", "-c", "import course.classroom.teacher.hub, torch, nbgrader"]
    try:
        done = subprocess.run(
            command, user=account.pw_uid, group=account.pw_gid, extra_groups=[], cwd="/", env=variables,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except OSError as error:
        return str(error)
    return done.stderr.strip().rpartition("\n")[2] if done.returncode else ""


def students(roster: Path) -> list[str]:
    """The column id of a roster for `nbgrader db student import`. ValueError where it holds what is no account."""
    with roster.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [(row.get("id") or "").strip() for row in rows]
    wrong = [name for name in names if not NAME.fullmatch(name) or names.count(name) > 1]
    if wrong or not names:
        what = f"not {wrong[0]!r}" if wrong else "but there is none"
        raise ValueError(f"{roster} must have a column id with an account for each student, in small letters, {what}")
    return names


def proxy() -> str:
    """The program of configurable-http-proxy. ValueError where it, or JupyterHub, is missing."""
    if importlib.util.find_spec("jupyterhub") is None:
        raise ValueError("JupyterHub is not installed: pip install jupyterhub")
    program = os.environ.get("CONFIGURABLE_HTTP_PROXY") or shutil.which("configurable-http-proxy")
    if not program:
        raise ValueError("JupyterHub needs its proxy on PATH: npm install --global configurable-http-proxy")
    return program


def has_account(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def write(hub: Hub) -> None:
    """The configurations, for those alone whom they concern."""
    for place in ("course", "student"):
        text = NBGRADER.format(root=str(ROOT), course=str(hub.course), exchange=str(hub.exchange))
        (hub.folder / place / "nbgrader_config.py").write_text(text + (IN_ONE_ACCOUNT[place] if hub.password else ""))
    config, values = hub.folder / "jupyterhub_config.py", vars(hub) | {"folder": str(hub.folder)}
    config.touch(mode=0o600)
    config.write_text(HUB.format(who="" if hub.password else ", as root", **values))


def give(owner: str, *places: Path) -> None:
    for place in places:
        for path in (place, *place.rglob("*")):
            shutil.chown(path, owner, pwd.getpwnam(owner).pw_gid)


def settings(hub: Hub) -> Config:
    """What JupyterHub is told."""
    c, state = Config(), hub.folder / "state"
    names = {hub.teacher, *students(hub.course / "roster.csv")}
    c.JupyterHub.bind_url = f"http://127.0.0.1:{hub.port}"
    c.JupyterHub.db_url = f"sqlite:///{state}/jupyterhub.sqlite"
    c.JupyterHub.cookie_secret_file = f"{state}/cookie_secret"
    c.JupyterHub.load_roles = [
        {"name": "teacher", "scopes": ["admin-ui", "list:users", "admin:servers"], "users": [hub.teacher]}
    ]
    c.ConfigurableHTTPProxy.command = [proxy()]
    c.ConfigurableHTTPProxy.pid_file = f"{state}/proxy.pid"
    c.Authenticator.allowed_users = names
    c.Authenticator.allow_existing_users = False  # who has left the roster has left the hub
    c.JupyterHub.authenticator_class = "shared-password" if hub.password else "pam"
    c.SharedPasswordAuthenticator.user_password = hub.password or None
    c.JupyterHub.spawner_class = "simple" if hub.password else "localprocess"
    c.SimpleLocalProcessSpawner.home_dir_template = f"{hub.folder}/homes/{{username}}"
    c.Spawner.merge(servers(hub))
    return c


def servers(hub: Hub) -> Config:
    """What each user's server is told; where many start at once, the last waits for all the others."""
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    root = ["--allow-root"] if hub.password and os.geteuid() == 0 else []

    def prepare(spawner: Any) -> None:
        teaches = spawner.user.name == hub.teacher
        told = [hub.course] if teaches else [hub.folder / "student", SETTINGS / "hub"]
        spawner.notebook_dir = str(hub.course) if teaches else ""
        spawner.environment = spawner.environment | {
            "COURSE_FOLDER": spawner.notebook_dir,
            "JUPYTER_CONFIG_PATH": os.pathsep.join(map(str, [*told, SETTINGS / "everyone"])),
        }

    return Config(
        cmd=[sys.executable, "-m", "jupyterhub.singleuser"],
        args=[
            *quiet(),
            *with_validate(),
            "--KernelManager.transport_encryption=auto",  # else every account here can hear what a kernel says
            f"--ServerApp.terminado_settings=shell_command={SHELL}",
            *root,
        ],
        default_url="/lab",
        environment={"PATH": programs, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
        start_timeout=300,
        http_timeout=300,
        pre_spawn_hook=prepare,
    )


def new_password() -> str:
    return secrets.token_urlsafe(12)


def steps(hub: Hub, without: list[str]) -> str:
    """What is left to be done."""
    lacking = f"\nWithout an account on this machine are still: {', '.join(without)}" if without else ""
    trial = f"\nEverybody's password in this trial: {hub.password}" if hub.password else ""
    return (
        f"{hub.folder} is ready.{lacking}\nStart the hub: jupyterhub -f {hub.folder}/jupyterhub_config.py\n"
        f"Then log in at http://127.0.0.1:{hub.port} as {hub.teacher}, or as a student.{trial}"
    )
