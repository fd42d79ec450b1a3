"""Container: where there is no bubblewrap, the grader runs again in a container that has it, by podman or docker."""

from __future__ import annotations

import os
import shutil
import subprocess
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from course.classroom import ROOT
from course.grading.sandbox import NoSandbox

ENGINES = ("podman", "docker")
RECIPE = ROOT / "Containerfile"
IMAGE = "transformer-course-grader"
INSIDE = "TRANSFORMER_COURSE_CONTAINER"  # a variable that is set in one
# A sandbox is made in it by a user without any power, as on a computer; what hinders that is taken away.
OPENED = {
    "podman": ("--userns=keep-id", "--security-opt=unmask=ALL"),
    "docker": ("--security-opt=systempaths=unconfined", "--security-opt=apparmor=unconfined"),
}


def engine_for(options: Namespace) -> str:
    """The engine to be used; '' where bubblewrap is here, somebody else does the work, or there is none."""
    elsewhere = options.unsandboxed or options.scheduler or INSIDE in os.environ
    if elsewhere or shutil.which("bwrap"):
        return ""
    return next(filter(None, map(shutil.which, ENGINES)), "")


def grade_there(engine: str, root: Path, lesson: str, options: Namespace) -> int:
    """Make the image, where it is not there yet, and grade in it -> the exit code."""
    made = subprocess.run([engine, "build", "--quiet", "--tag", IMAGE, "--file", RECIPE, ROOT], capture_output=True)
    if made.returncode:
        said = made.stderr.decode("utf-8", "replace").strip()[-500:]
        raise NoSandbox(f"There is no bubblewrap here, and {Path(engine).name} cannot make a container: {said}")
    return subprocess.run([*command(engine, root, options), *typed(lesson, options)]).returncode


def command(engine: str, root: Path, options: Namespace) -> list[str]:
    """What starts the container: no network, no power, nothing to be written but the folder of the course."""
    many = 1 + (options.workers or os.cpu_count() or 1)
    begin = [
        engine, "run", "--rm", "--init", "--network=none", "--cap-drop=ALL", "--read-only", "--tmpfs=/tmp",
        f"--memory={many * (options.memory + 1024)}m", f"--pids-limit={256 * many}", "--shm-size=512m",
        "--security-opt=seccomp=unconfined", "--security-opt=label=disable", *OPENED[Path(engine).name],
        f"--user={os.getuid()}:{os.getgid()}", f"--env={INSIDE}=1", "--env=HOME=/tmp", f"--env=PYTHONPATH={ROOT}",
    ]  # fmt: skip
    seen = [f"--volume={folder}:{folder}{rights}" for folder, rights in folders(root, options)]
    return [*begin, *seen, f"--workdir={root}", IMAGE]


def folders(root: Path, options: Namespace) -> Iterator[tuple[Path, str]]:
    """The folders that it sees, under their own names, and what it may do there."""
    if not root.is_relative_to(ROOT):
        yield ROOT, ":ro"
    else:
        yield ROOT / "course", ":ro"
    yield root, ""
    if options.submitted and not Path(options.submitted).absolute().is_relative_to(root):
        yield Path(options.submitted).absolute(), ":ro"
    written = {Path(name).absolute().parent for name in (options.json, options.page) if name}
    yield from ((folder, "") for folder in sorted(written) if not folder.is_relative_to(root))


def typed(lesson: str, options: Namespace) -> list[str]:
    """The same command again, as it is typed there."""
    words = ["python", "-m", "course", "grade", lesson, *(f"--student={one}" for one in options.student)]
    for name in ("workers", "submitted", "json", "page", "seconds", "memory"):
        words += [f"--{name}={value}"] if (value := getattr(options, name)) else []
    return words + (["--force"] if options.force else [])
