"""Lab: JupyterLab as a learner needs it, or, with --teacher, as a teacher does."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from course.classroom import ROOT
from course.classroom.learner import desk, index

SETTINGS = Path(__file__).with_name("jupyter")
PAGE_PROGRAMS = SETTINGS / "labextensions"
FOR_TEACHERS = ("formgrader", "assignment_list", "course_list")


def lab(further: list[str], say: Callable[[str], None], teacher: bool = False) -> None:
    """Run JupyterLab until it is stopped; what `further` says overrides what the course says."""
    try:
        from jupyterlab.labapp import LabApp
    except ModuleNotFoundError as error:
        raise SystemExit(f"JupyterLab must be installed, but {error}: run `make lab`, or see README.md") from error
    os.chdir(ROOT)  # nbgrader reads nbgrader_config.py from here
    os.environ.update(environment(teacher))
    chosen = options(further, teacher)
    if f"--ServerApp.root_dir={desk.desk()}" in chosen:
        make_ready(say)
    LabApp.launch_instance(argv=chosen)


def make_ready(say: Callable[[str], None]) -> None:
    """Lay the lessons out, write the page that says how far one has come; say what is to be said."""
    try:
        for line in desk.prepare():
            say(line)
        index.write()
    except desk.DeskError as error:
        raise SystemExit(str(error)) from None


def environment(teacher: bool = False) -> dict[str, str]:
    """PATH begins with this Python's programs; Jupyter reads the course's settings for its page, server and kernel."""
    audiences = ["everyone"] if teacher else ["learner", "everyone"]
    settings = [str(SETTINGS / name) for name in audiences]
    first = {"PATH": [str(Path(sys.executable).parent)], "JUPYTER_CONFIG_PATH": settings, "JUPYTER_PATH": settings}
    return {name: os.pathsep.join([*own, *filter(None, [os.environ.get(name)])]) for name, own in first.items()}


def options(further: list[str], teacher: bool = False) -> list[str]:
    """The command line of `jupyter lab`, without `jupyter lab`."""
    ours = quiet() + with_validate() + (for_teacher() if teacher else for_learner())
    said = {option.partition("=")[0] for option in further}
    return [option for option in ours if option.partition("=")[0] not in said] + further


def quiet() -> list[str]:
    """No look for updates, no log but errors and the address: warnings are of trust, lost pages and the like."""
    return ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--Application.log_level=ERROR"]


def with_validate() -> list[str]:
    """The course's own Validate button, in JupyterLab and in Notebook 7."""
    return [f"--LabServerApp.extra_labextensions_path={PAGE_PROGRAMS}"]


def for_learner() -> list[str]:
    """The desk alone, with nothing of nbgrader's but the answer to the Validate button."""
    off = [f"--ServerApp.jpserver_extensions=nbgrader.server_extensions.{name}=False" for name in FOR_TEACHERS]
    return [f"--ServerApp.root_dir={desk.desk()}", f"--LabApp.default_url=/lab/tree/{index.PAGE}", *off]


def for_teacher() -> list[str]:
    """The whole repository, which Formgrader needs, with all of nbgrader."""
    return ["--ServerApp.root_dir=.", "--LabApp.default_url=/lab"]
