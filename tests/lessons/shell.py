"""Run the code of a notebook in this process, cell by cell, and keep what each cell shows.

A kernel's process has the same IPython around the cells, but keeps their variables to itself."""

from __future__ import annotations

import atexit
import builtins
import contextlib
import io
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from unittest import mock

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbval.plugin import find_comment_markers, find_metadata_tags
from traitlets import Type
from traitlets.config import Config

from course.classroom.author.build import without_outputs

UNSEEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
LEFT_BEHIND = ((sys, "ps1"), (sys, "ps2"), (sys, "ps3"), (builtins, "display"), (builtins, "__IPYTHON__"))


@dataclass(frozen=True)
class Run:
    """The notebook as executed, the variables at its end, and which cell ended it too early ('': none did)."""

    notebook: NotebookNode
    variables: dict[str, Any]
    failure: str

    @property
    def printed(self) -> str:
        outputs = (output for cell in self.notebook.cells for output in cell.get("outputs", ()))
        return "".join(output.text for output in outputs if output.get("name") == "stdout")


def run_notebook(notebook: NotebookNode, variables: Mapping[str, Any] | None = None) -> Run:
    """Run a copy of the notebook, in a folder of its own, up to the first error that its cell does not announce.

    variables: what stands there before its first cell."""
    executed, failure = without_outputs(notebook), ""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), fresh_shell(folder) as shell:
        shell.push(dict(variables or {}), interactive=False)
        code = [cell for cell in executed.cells if cell.cell_type == "code" and not nbval_options(cell).get("skip")]
        for number, cell in enumerate(code, 1):
            error = shell.run(cell)
            cell.execution_count = number
            if error and not nbval_options(cell).get("check_exception"):
                failure = f"cell {cell.id!r} fails: {type(error).__name__}: {error}"
                break
        return Run(executed, dict(shell.user_ns), failure)


def nbval_options(cell: NotebookNode) -> dict[str, bool]:
    """What a cell's tags and comments ask of nbval: skip, check (its outputs), check_exception (it may raise)."""
    return dict(find_metadata_tags(cell.metadata)) | dict(find_comment_markers(cell.source))


class Results(DisplayHook):
    """The value of a cell's last line becomes an output."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        self.shell.outputs.append(new_output("execute_result", data=format_dict, metadata=md_dict or {}))


class Displays(DisplayPublisher):
    """What a cell displays becomes an output, which a later display under its id replaces."""

    def publish(self, data: dict, metadata: dict | None = None, *, transient=None, update=False, **_: Any) -> None:
        name = (transient or {}).get("display_id")
        if update and name in self.shell.named:
            self.shell.named[name].update(data=data, metadata=metadata or {})
        elif not update:
            self.shell.outputs.append(new_output("display_data", data=data, metadata=metadata or {}))
            self.shell.named[name] = self.shell.outputs[-1]

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear()


class Shell(InteractiveShell):
    """IPython that writes nothing: a cell's outputs go where a notebook keeps them."""

    displayhook_class = Type(Results)
    display_pub_class = Type(Displays)

    def run(self, cell: NotebookNode) -> BaseException | None:
        """Run the cell, its outputs into it; the error that ended it."""
        self.outputs = cell.outputs
        with streams_into(cell), warnings_on_stderr():
            error = error_of(self.run_cell(cell.source, store_history=True))
        if error and not isinstance(error, Exception | SystemExit):
            raise error  # a keyboard's interrupt, or the end of pytest's patience
        return error

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.outputs.append(new_output("error", ename=etype.__name__, evalue=str(evalue), traceback=stb))


def error_of(result: ExecutionResult) -> BaseException | None:
    return result.error_before_exec or result.error_in_exec


@contextlib.contextmanager
def streams_into(cell: NotebookNode) -> Iterator[None]:
    """What is printed inside becomes two outputs of the cell, stdout and stderr."""
    streams = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    with contextlib.redirect_stdout(streams["stdout"]), contextlib.redirect_stderr(streams["stderr"]):
        yield
    for name, stream in streams.items():
        if stream.getvalue():
            cell.outputs.append(new_output("stream", name=name, text=stream.getvalue()))


@contextlib.contextmanager
def warnings_on_stderr() -> Iterator[None]:
    """Warnings as a kernel shows them, where pytest would keep them to itself."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        for category in UNSEEN:
            warnings.simplefilter("ignore", category)
        warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")
        yield
    for one in caught:
        sys.stderr.write(warnings.formatwarning(one.message, one.category, one.filename, one.lineno))


@contextlib.contextmanager
def fresh_shell(folder: str) -> Iterator[Shell]:
    """The process's IPython, with its files in that folder; afterwards there is none, and nothing is left of it."""
    with contextlib.ExitStack() as stack:
        for place, name in LEFT_BEHIND:
            stack.enter_context(mock.patch.object(place, name, None, create=True))
        shell = Shell.instance(ipython_dir=folder, config=Config(HistoryManager={"enabled": False}))
        stack.callback(shell.restore_sys_module_state)
        stack.callback(Shell.clear_instance)
        atexit.unregister(shell.atexit_operations)  # it would empty the variables
        shell.named = {}
        yield shell
