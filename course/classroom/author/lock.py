"""Lock: uv gives every package that the .in files need, however indirectly, one version for all systems.

Run as a script by `make lock`; options go to uv. Versions stay as they are unless one asks: --upgrade, or
--upgrade-package numpy."""

import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]  # it runs before course can be imported
LEARNER, MAINTAINER = ROOT / "requirements.txt", ROOT / "requirements-test.txt"
LEARNER_HEAD = "# Every package of a learner's, written by `make lock` from requirements.in.\n-e .\n"
MAINTAINER_HEAD = (
    "# What a maintainer's has beyond requirements.txt, written by `make lock` from requirements-test.in.\n"
)


def lock(options: list[str]) -> None:
    """Resolve both parts together, so that they agree; then the learner's part of that, then what is left."""
    before = LEARNER.read_text() + MAINTAINER.read_text()
    with tempfile.TemporaryDirectory() as folder:
        uv = install_uv(Path(folder) / "venv")
        pins = Path(folder) / "pins.txt"
        both = resolve(uv, pins, before, ["requirements.in", "requirements-test.in", *options])
        learner = resolve(uv, pins, both, ["requirements.in"])
    write(LEARNER, LEARNER_HEAD + learner)
    write(MAINTAINER, MAINTAINER_HEAD + beyond(learner, both))


def install_uv(folder: Path) -> Path:
    """The program, in a virtual environment of its own."""
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", "uv"], check=True)
    return programs / "uv"


def resolve(uv: Path, pins: Path, before: str, arguments: list[str]) -> str:
    """One line for each package, with who asks for it; the versions of `before` where they still fit."""
    write(pins, before)
    oldest = re.search(r'^requires-python = ">=(3\.\d+)', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    form = ["--no-header", "--annotation-style", "line", "--quiet", "--output-file", str(pins)]
    command = [uv, "pip", "compile", "--universal", "--python-version", oldest.group(1), *form, *arguments]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return pins.read_text()


def beyond(learner: str, both: str) -> str:
    """The lines of `both` whose pin the learner's part lacks."""
    known = {pin(line) for line in learner.splitlines()}
    return "".join(f"{line}\n" for line in both.splitlines() if pin(line) not in known)


def pin(line: str) -> str:
    """The line without who asks for it."""
    return line.partition("#")[0].strip()


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    try:
        lock(sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(
            f"Both locks stay as they were: {' '.join(map(str, error.cmd[:4]))} ended with code {error.returncode}"
        )
