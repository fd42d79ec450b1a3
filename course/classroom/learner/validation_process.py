"""Validation in a process of its own: a line of JSON as it goes on, one at its end, and an end when nobody listens."""

from __future__ import annotations

import _thread
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import IO

from course.classroom import ROOT

PATIENCE = 5  # seconds in which a validation that is interrupted ends its kernel
# The terminal's Ctrl-C is for the server, which asks whether it is meant.
OUT_OF_CTRL_C = (
    {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if sys.platform == "win32" else {"start_new_session": True}
)
STOPPED = "Validate was stopped."


def tell_in_json(path: Path) -> int:
    """In the process: {"said": ...} at each cell, then the report or {"problem": ...} -> the exit code.

    It stops when stdin ends: whoever started it has stopped it, or is no more."""

    def say(**what: object) -> None:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()

    if hasattr(os, "nice"):
        os.nice(5)  # the computer is for who sits at it
    with contextlib.suppress(KeyboardInterrupt):
        threading.Thread(target=end_with, args=[sys.stdin], daemon=True).start()
        from course.classroom.learner.validation import NotValidated, validate  # the server needs neither it nor torch

        try:
            report = validate(path, lambda text: say(said=text))
            say(title=report.title, **asdict(report))
        except NotValidated as error:
            say(problem=str(error))
    return 0


def end_with(stdin: IO[str]) -> None:
    """A kernel whose process ends without ending it ends a second later, unless it is deep in a library."""
    stdin.read()
    _thread.interrupt_main()
    time.sleep(PATIENCE)
    os._exit(1)


class ValidationProcess:
    """The other end: started at once; said is what it told last."""

    def __init__(self, path: Path) -> None:
        self.said, self.stopped = "starting", False
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115  (wait closes it)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "course", "validate", "--json", str(path)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True, **OUT_OF_CTRL_C,
        )  # fmt: skip

    async def result(self) -> dict:
        """What it comes to. The thread that waits for it keeps no server from ending."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def wait() -> None:
            found = self.wait()
            with contextlib.suppress(RuntimeError):  # the loop has ended before
                loop.call_soon_threadsafe(done.set_result, found)

        threading.Thread(target=wait, daemon=True).start()
        return await done

    def wait(self) -> dict:
        found: dict = {}
        for line in self.process.stdout:
            with contextlib.suppress(json.JSONDecodeError):
                found = json.loads(line)
                self.said = found.get("said", self.said)
        self.process.wait()
        self.process.stdout.close()
        self.process.stdin.close()
        with self.errors:
            if self.stopped:
                return {"problem": STOPPED}
            return found if {"title", "problem"} & set(found) else {"problem": self.complaint()}

    def complaint(self) -> str:
        """The last line of a traceback, where there is one."""
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").split("\n")
        said = [line.strip() for line in lines if line.strip()] or ["it said nothing"]
        return f"Validate ended with an error, which is not of your making: {said[-1]:.300}"

    def stop(self) -> None:
        """Let it end, and its kernel with it, within seconds."""
        self.stopped = True
        with contextlib.suppress(OSError):
            self.process.stdin.close()
