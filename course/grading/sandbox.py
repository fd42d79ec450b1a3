"""Sandbox: a folder in which nothing is worth stealing, and the process in it that serves one submission at a time."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import platform
import re
import select
import shutil
import site
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from course.grading import tree
from course.grading.folder import Folder
from course.grading.inside import wire
from course.grading.inside.confine import Limits
from course.grading.inside.walls import NO_WALLS
from course.grading.inside.zygote import ENVIRONMENT, WITHOUT, WORK
from course.judging.observe import ALL

BEGINS_WITHIN = 180  # seconds, to import torch on a busy computer
GRACE = 5  # seconds beyond its own limit, in which a cell may still end by itself
Serve = Callable[[dict[str, Any], bytes], tuple[dict[str, Any], bytes]]


class NoSandbox(Exception):
    """Strangers' code cannot be shut in here; the text says what to install."""


class Ended(Exception):
    """The submission's process is no more; the text says why."""


class Sandbox:
    """The place for the submissions of one lesson, one after the other; `enter` gives each a room of its own."""

    def __init__(
        self, asked: Collection[str], modules: Sequence[str], hidden: Collection[str] = (),
        refused: Collection[str] = (), walls: bool = True,
    ) -> None:  # fmt: skip
        """walls: without them it is no sandbox, but a process beside this one, within some limits."""
        self.folder = Folder()
        place = Path(self.folder.name) / "tree"
        tree.plant(place, asked, modules)
        try:
            self.control, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except (OSError, AttributeError):
            raise NoSandbox(f"{platform.system()} lacks what a grader needs. {ADVICE}") from None
        preload = [f"course.{name}" for name in modules] + [f"{WITHOUT}{name}" for name in refused]
        command = [*(bubblewrap(place, hidden) if walls else ()), *BEGIN, *ALWAYS, *preload]
        command += [] if walls else [NO_WALLS]
        self.process = subprocess.Popen(
            command, stdin=inside, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=None if walls else bare(place)
        )
        inside.close()
        self.control.settimeout(BEGINS_WITHIN)
        if self.control.recv(1) != b"r":
            said = self.process.communicate()[1].decode("utf-8", "replace")[-2000:]
            self.close()
            raise NoSandbox(f"The sandbox does not start: {said.strip()}\n{advice_on(said)}")

    def enter(self, limits: Limits) -> Room:
        """A room for one submission; leave it before the next one enters."""
        ours, theirs = socket.socketpair()
        text = json.dumps(dataclasses.asdict(limits)).encode()
        socket.send_fds(self.control, [text], [theirs.fileno()])
        theirs.close()
        return Room(ours, self.control, time.monotonic() + limits.seconds)

    def close(self) -> None:
        """End it, and all that is in it."""
        self.control.close()  # at which it ends by itself, and what it has computed is counted
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE)
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        self.folder.cleanup()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Room:
    """Where one submission runs: cells, then questions about what they defined. Ended where it is no more.

    lent: what of the course's own was in it with a question; somebody in it may have kept that."""

    def __init__(self, line: socket.socket, control: socket.socket, until: float) -> None:
        self.line, self.control, self.until = line, control, until
        self.left = ""
        self.lent: set[str] = set()

    def file(self, name: str, content: bytes) -> None:
        """Put a file that was handed in beside the notebook into the folder in which it runs."""
        self.say({"do": "file", "name": name}, content, GRACE)

    def run(self, source: str, seconds: float) -> list[Any]:
        """The outputs of a cell, which may compute for so long. What is in them is the stranger's."""
        header, _ = self.say({"do": "cell", "seconds": seconds}, source.encode("utf-8", "replace"), 2 * seconds + GRACE)
        outputs = header.get("outputs")
        return outputs if isinstance(outputs, list) else []

    def ask(
        self, name: str, job: bytes, seconds: float, lend: Sequence[tuple[str, str, str]] = (),
        beside: Sequence[str] = (), depth: int = ALL, serve: Serve | None = None,
    ) -> tuple[dict[str, Any], bytes]:  # fmt: skip
        """What the function of that name does on the cases of the job, looked at so deep (`observe`).

        lend: module, name and source of functions that the course's modules get back for this question; the answer
        finds them also among its own globals where `beside` names them. serve: the reply to each call of a function
        that stays here."""
        self.lent |= {function for _, function, _ in lend}
        until = time.monotonic() + seconds + GRACE
        question = {"do": "ask", "name": name, "lend": lend, "beside": beside, "depth": depth}
        reply = self.say(question, job, seconds + GRACE)
        while serve and "call" in reply[0]:
            reply = self.say(*serve(*reply), until - time.monotonic())
        if "over" in reply[0]:
            return {"died": f"status {reply[0]['over']}"}, b""
        over, _ = self.hear(GRACE)
        if "over" not in over:
            raise wire.WireError("it answers twice")
        return reply

    def say(self, header: Mapping[str, Any], body: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
        """What it replies."""
        with contextlib.suppress(OSError):  # why it cannot be told is heard
            wire.send(self.line, header, body)
        return self.hear(seconds)

    def hear(self, seconds: float) -> tuple[dict[str, Any], bytes]:
        """What it says next."""
        try:
            return wire.receive(self.line, min(self.until, time.monotonic() + seconds))
        except (EOFError, OSError) as error:  # a TimeoutError is an OSError
            if isinstance(error, TimeoutError):
                raise Ended(f"time {self.leave()}") from None
            raise Ended(self.ended()) from None

    def crowded(self) -> bool:
        """Whether a cell has left threads or processes behind, which could do the work of an answer unseen."""
        if self.left:
            return False
        try:
            self.control.send(b"t")
            told = self.heard()
        except OSError:
            return False
        if not told.lstrip("-").isdigit():  # it has ended in the meantime, and this says why
            self.left = told or "gone"
            return False
        return int(told) > 0

    def ended(self) -> str:
        """Why it ended by itself, which is told a moment after; of one that only says no more, that it was killed."""
        if not self.left and select.select([self.control], [], [], GRACE)[0]:
            self.line.close()
            self.left = self.heard() or "gone"
        return self.leave()

    def heard(self) -> str:
        return self.control.recv(16).decode("ascii", "replace").strip()

    def leave(self) -> str:
        """End the process, if it has not; why it ended: 'memory', 'time', 'died 9', 'killed' ..."""
        if not self.left:
            self.line.close()
            self.control.send(b"k")
            self.left = self.heard() or "gone"
        return self.left

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()


ADVICE = (
    "Strangers' code is run in a sandbox only (or, on your word alone, without: --unsandboxed). On Linux install "
    "bubblewrap (apt-get install bubblewrap, or dnf install bubblewrap); where user namespaces are forbidden, the "
    "administrator has to allow them (on Ubuntu 24.04: sysctl kernel.apparmor_restrict_unprivileged_userns=0). "
    "Elsewhere install podman or docker."
)
CLOSED = ("execvp", "shared libraries", "source path", "bind mount", "encodings", "No module named")  # no Python there


def advice_on(said: str) -> str:
    """What to do about a sandbox that ended with these words."""
    if not any(sign in said for sign in CLOSED):
        return ADVICE
    places = ", ".join(sorted({sys.executable, *pythons()}))
    return (
        f"This account ({os.getuid()}) cannot run the course's Python there. It must be able to read {places} and all "
        "folders above them: what lies in somebody's home, such as /root, is closed to others. Install Python and the "
        "course where every account can read them, such as /opt/course."
    )


OWN_COUNT = (5, 14)  # from this Linux on a user's processes are counted in each namespace alone
FDS = "/proc/self/fd"
BEGIN = (sys.executable, "-s", "-P", "-m", "course.grading.inside.zygote")
ALWAYS = ("matplotlib.pyplot", "numpy.random", "cloudpickle", "torch.utils.serialization")  # else each question would


def bubblewrap(place: Path, hidden: Collection[str]) -> list[str]:
    """The command that shuts in what stands behind it: no network, nobody else's process, of the files only programs,
    libraries and the tree. NoSandbox where there is none.

    hidden: packages that are installed, and shall not be seen."""
    program = shutil.which("bwrap")
    if not program:
        raise NoSandbox(f"There is no bubblewrap here. {ADVICE}")
    command = [program, *alone(), "--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox"]
    for power in ("SYS_ADMIN", "SETUID", "SETGID", "KILL", "SYS_PTRACE"):
        command += ["--cap-add", f"CAP_{power}"]
    command += system()
    for folder in covered(hidden):
        command += ["--tmpfs", folder]
    command += ["--proc", "/proc", *devices(), "--perms", "1777", "--tmpfs", "/tmp"]
    command += ["--perms", "0755", "--dir", "/home", "--perms", "0755", "--dir", WORK]
    command += [word for name, value in ENVIRONMENT.items() for word in ("--setenv", name, value)]
    command += ["--ro-bind", str(place), "/tree", "--chdir", "/"]
    return [*command, "--remount-ro", "/", "--remount-ro", "/dev"]  # a note left there would be read by the next


def bare(place: Path) -> dict[str, str]:
    """The variables of a zygote without walls, whose home is beside the tree."""
    own = {"HOME": str(place.parent), "PYTHONPATH": str(place), "MPLCONFIGDIR": str(place.parent / "matplotlib")}
    return ENVIRONMENT | own


def alone() -> list[str]:
    """What is not shared with the computer; who is root becomes nobody, in which a namespace of users would hinder."""
    if os.getuid() != 0:
        if version_of(platform.release()) < OWN_COUNT:
            raise NoSandbox(
                f"Linux {platform.release()} is too old: who is not root needs {OWN_COUNT[0]}.{OWN_COUNT[1]}."
            )
        return ["--unshare-all"]
    return ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]


def version_of(release: str) -> tuple[int, ...]:
    """(5, 14) of '5.14.0-362.el9'."""
    return tuple(map(int, re.findall(r"\d+", release)[:2]))


def system() -> Iterator[str]:
    """Programs and libraries, to be read."""
    yield from ("--perms", "0755", "--dir", "/etc")
    for folder in ("/usr", "/etc/ld.so.cache", "/etc/fonts", "/etc/alternatives"):
        yield from ("--ro-bind-try", folder, folder)
    for folder in ("bin", "sbin", "lib", "lib32", "lib64"):
        yield from linked(folder)
    for folder in sorted(pythons()):
        for parent in reversed(Path(folder).parents[:-1]):
            yield from ("--perms", "0755", "--dir", str(parent))
        yield from ("--ro-bind", folder, folder)


def devices() -> Iterator[str]:
    """The harmless ones. --dev would add terminals, and for these another namespace of users, in which who is not root
    could not give each submission processes of its own."""
    yield from (
        "--perms",
        "0755",
        "--tmpfs",
        "/dev",
        "--perms",
        "0755",
        "--dir",
        "/dev/shm",
        "--symlink",
        FDS,
        "/dev/fd",
    )
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        yield from ("--symlink", f"{FDS}/{number}", f"/dev/{name}")
    for name in ("null", "zero", "full", "random", "urandom"):
        yield from ("--dev-bind", f"/dev/{name}", f"/dev/{name}")


def linked(folder: str) -> list[str]:
    """/bin and its like, as the system has them: a link into /usr, or a folder."""
    path = Path("/", folder)
    if path.is_symlink():
        return ["--symlink", str(path.readlink()), str(path)]
    return ["--ro-bind-try", str(path), str(path)]


def pythons() -> Iterator[str]:
    """The folders of this Python and of its environment, outside of /usr."""
    found = {os.path.realpath(sys.base_prefix), sys.base_prefix, sys.prefix}
    return (folder for folder in found if not Path(folder).is_relative_to("/usr"))


def covered(hidden: Iterable[str]) -> Iterator[str]:
    """The folders of packages that a submission must not see: those named, and an installed copy of this course.

    An environment may see those of the Python that it was made of, too."""
    installed = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    installed |= set(site.getsitepackages())
    for packages in sorted(installed):
        for name in ("course", *hidden):
            if (folder := Path(packages, name)).is_dir():
                yield str(folder)
