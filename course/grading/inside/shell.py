"""Shell: a stranger's cells run one after the other, and their functions are called on what the grader sends."""

from __future__ import annotations

import base64
import contextlib
import importlib
import io
import os
import pickle
import socket
import sys
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from resource import RLIMIT_CPU, setrlimit
from types import ModuleType
from typing import Any

from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList

from course.grading.inside import far, wire
from course.judging.isolation import swapped, time_limit
from course.judging.observation import flatten
from course.judging.observe import CPU_SECONDS, observe_all
from course.judging.source import is_data

MOST_TEXT, MOST_OUTPUTS, MOST_FIGURES, MOST_PICTURE = 100_000, 200, 20, 2_000_000
MOST_CPU = 2 * CPU_SECONDS  # for one question; an answer that lets no alarm through is ended
NOT_THEIRS = tuple({sys.prefix, sys.base_prefix, "/usr", "/tree"})
KINDS = ("text/plain", "image/png")  # markup could hold a script


class Printed(io.TextIOBase):
    """What a cell prints, as far as anybody will read."""

    def __init__(self, outputs: list[dict], name: str) -> None:
        self.outputs, self.name = outputs, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        last = self.outputs[-1] if self.outputs else {}
        if last.get("name") == self.name:
            last["text"] += text[: max(0, MOST_TEXT - len(last["text"]))]
        elif len(self.outputs) < MOST_OUTPUTS:
            self.outputs.append({"output_type": "stream", "name": self.name, "text": text[:MOST_TEXT]})
        return len(text)


class NoReloading(ModuleType):
    """In place of an extension that many notebooks load, and that would look at a thousand modules before each cell."""

    @staticmethod
    def load_ipython_extension(shell: InteractiveShell) -> None:
        for name in ("autoreload", "aimport"):
            shell.register_magic_function(lambda _: None, magic_name=name)


def prepared() -> InteractiveShell:
    """IPython as a notebook has it, but for its history, its start-up files and its words about errors."""
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    shell.system = shell.system_raw = shell.system_piped = no_command
    shell.getoutput = no_command
    sys.modules["IPython.extensions.autoreload"] = NoReloading("autoreload")
    shell.enable_gui = lambda *_: None  # which %matplotlib asks for
    shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None  # told by the result of a cell
    return shell


def no_command(*_: object, **__: object) -> SList:
    """What stands behind a '!' is left out while grading."""
    return SList([])


def serve(line: socket.socket, shell: InteractiveShell) -> None:
    """Do what the grader asks for, until it asks no more."""
    sys.path.append(str(Path.cwd()))  # after everything else: a numpy.py of one's own is not numpy
    while True:
        try:
            header, body = wire.receive(line)
        except EOFError:
            return
        match header:
            case {"do": "file", "name": str(name)}:
                put(name, body)
                wire.send(line, {})
            case {"do": "cell", "seconds": seconds}:
                wire.send(line, {"outputs": outputs_of(shell, body.decode("utf-8"), seconds)})
            case {"do": "ask"}:
                in_a_child(line, shell.user_ns, header, body)


def put(name: str, content: bytes) -> None:
    """A file that was handed in along with the notebook."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def outputs_of(shell: InteractiveShell, source: str, seconds: float) -> list[dict[str, Any]]:
    """What the cell shows, as a notebook keeps it."""
    outputs: list[dict[str, Any]] = []
    before = dict(shell.user_ns)
    shell.display_pub = shown = CapturingDisplayPublisher()
    shell.display_trap.hook = CapturingDisplayHook(shell, shown.outputs)
    with redirect_stdout(Printed(outputs, "stdout")), redirect_stderr(Printed(outputs, "stderr")):
        try:
            with time_limit(seconds, 2 * seconds):
                result = shell.run_cell(source)
            error = result.error_before_exec or result.error_in_exec
        except TimeoutError as late:
            error = late
    keep_own(shell.user_ns, before)
    outputs += [displayed(one["data"]) for one in shown.outputs[:MOST_OUTPUTS]]
    outputs += [displayed(data) for data in figures()]
    return outputs + ([failed(error)] if error else [])


def keep_own(names: dict[str, Any], before: dict[str, Any]) -> None:
    """An answer stays where the course's own, which is not here, was imported behind it: who went on without it first,
    and wrote it later, may have left that line."""
    for name, value in before.items():
        if is_absent(names.get(name)) and callable(value):
            names[name] = value


def is_absent(value: object) -> bool:
    return type(value).__name__ == "_Absent"


def displayed(data: dict[str, Any]) -> dict[str, Any]:
    """A text or a picture; of what else a cell can show, nothing is kept."""
    kept = {kind: str(data[kind]) for kind in KINDS if kind in data and len(str(data[kind])) < MOST_PICTURE}
    return {"output_type": "display_data", "data": kept or {"text/plain": "(too large to be kept)"}, "metadata": {}}


def figures() -> Iterator[dict[str, str]]:
    """The figures that are open, as pictures; then they are closed."""
    plots = sys.modules.get("matplotlib.pyplot")
    for number in plots.get_fignums()[:MOST_FIGURES] if plots else []:
        picture = io.BytesIO()
        plots.figure(number).savefig(picture, format="png", dpi=60)
        yield {"image/png": base64.b64encode(picture.getvalue()).decode("ascii")}
    if plots:
        plots.close("all")


def failed(error: BaseException) -> dict[str, Any]:
    """An exception, without the lines that are not the learner's."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(NOT_THEIRS)]
    lines = [*traceback.format_list(own), *traceback.format_exception_only(error)]
    text = "".join(lines)[-MOST_TEXT:]
    said = str(error)[:MOST_TEXT]
    return {"output_type": "error", "ename": type(error).__name__, "evalue": said, "traceback": [text]}


def in_a_child(line: socket.socket, names: dict[str, Any], question: dict[str, Any], job: bytes) -> None:
    """Answer a question in a copy of this process: what happens there leaves nothing here. At its end that it is over,
    which says no less where the copy was ended without an answer."""
    child = os.fork()
    if child == 0:
        try:
            setrlimit(RLIMIT_CPU, (MOST_CPU, MOST_CPU))
            far.Far.line = line
            wire.send(line, *answered(names, question, job))
        except BaseException as error:
            with contextlib.suppress(BaseException):
                wire.send(line, {"died": f"{type(error).__name__}: {error}"[:MOST_TEXT]})
        os._exit(0)
    _, status = os.waitpid(child, 0)
    wire.send(line, {"over": status})


def answered(names: dict[str, Any], question: dict[str, Any], job: bytes) -> tuple[dict[str, Any], bytes]:
    """What the function of that name does on the cases of the job, beside the functions lent for it."""
    name = question["name"]
    candidate = names.get(name)
    if not callable(candidate):
        return {"absent": "" if name not in names else type(candidate).__name__}, b""
    lent = dict(borrowed(*one) for one in question["lend"])
    exercise, cases, reading = pickle.loads(job)
    with swapped(candidate, {name: lent[name] for name in question["beside"]}):
        observed = observe_all(exercise, candidate, cases, reading, question["depth"])
    parts, body = [], b""
    for observation in observed:
        described, content = wire.packed(flatten(observation))
        parts.append(described)
        body += content
    return {"observed": parts, "data": [name for name, value in names.items() if is_data(value)]}, body


def borrowed(module: str, name: str, source: str) -> tuple[str, Any]:
    """One of the course's own functions, written again where it was taken out."""
    place = vars(importlib.import_module(module))
    exec(source, place)
    return name, place[name]
