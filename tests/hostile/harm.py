"""Submissions that want to harm others: the gradebook, classmates, the checks on disk, the grader, the machine."""

from __future__ import annotations

import importlib.util
import sqlite3
import sysconfig
from pathlib import Path

from .kit import (
    ALL,
    LESSON,
    NONE,
    NOTEBOOK,
    Lesson,
    Probe,
    World,
    but,
    came_out,
    first_of,
    marker,
    no_process,
    root_of,
    shown,
    submission,
    unchanged,
)

SCRIPT = "<script>window.harmed_by_a_submission = 1</script>"


def filled_in(payload: str, folder: Path) -> str:
    """The payload, told where the teacher's course is and which file shows that it came out."""
    here = str(folder.resolve())
    return (
        payload.replace("__ROOT__", str(root_of(folder)))
        .replace("__MARKER__", str(marker(folder)))
        .replace("__FOLDER__", here)
        .replace("__LESSON__", LESSON)
    )


def attacked(folder: Path, lesson: Lesson, payload: str) -> None:
    """A solved notebook with the payload in a cell of one's own before the layer.

    All the answers are right: who attacks may still know the lesson, and gets what is due."""
    lesson.solved().insert_before("SelfAttention", filled_in(payload, folder)).write(folder)


@submission("harm", right=ALL)
def gradebook_written(folder: Path, lesson: Lesson) -> Probe:
    """Opens the teacher's gradebook and gives itself a student and full points."""
    payload = """
        import sqlite3
        from pathlib import Path

        for place in (Path("__ROOT__"), *Path.cwd().parents[:4]):
            if (place / "gradebook.db").exists() and not (place / ".git").exists():
                with sqlite3.connect(place / "gradebook.db", timeout=5) as book:
                    book.execute("create table planted_by_a_submission (points integer)")
                    book.execute("update grade set manual_score = 100")
    """
    attacked(folder, lesson, payload)
    return gradebook_clean


def gradebook_clean(world: World) -> str | None:
    """Whether the gradebook is whole and holds nothing that a submission planted."""
    path = world.root / "gradebook.db"
    if not path.exists():
        return None
    with sqlite3.connect(path) as book:
        if book.execute("pragma integrity_check").fetchone() != ("ok",):
            return "the gradebook is broken"
        names = [name for (name,) in book.execute("select name from sqlite_master")]
        tampered = (
            "grade" in names and book.execute("select count(*) from grade where manual_score = 100").fetchone()[0]
        )
    return "the gradebook was written to" if tampered or "planted_by_a_submission" in names else None


@submission("harm", right=ALL)
def gradebook_locked(folder: Path, lesson: Lesson) -> Probe:
    """Begins a transaction in the gradebook and keeps it open, so that nobody else can write."""
    payload = """
        import os
        import sqlite3
        import time
        from pathlib import Path

        if Path("__ROOT__/gradebook.db").exists() and os.fork() == 0:
            book = sqlite3.connect("__ROOT__/gradebook.db", isolation_level=None)
            book.execute("begin exclusive")
            Path("__MARKER__").touch()
            time.sleep(100)
            os._exit(0)
    """
    attacked(folder, lesson, payload)
    return first_of(gradebook_clean, came_out(folder))


@submission("harm", right=ALL)
def classmates_work_spoilt(folder: Path, lesson: Lesson) -> Probe:
    """Writes a file into every folder of a classmate, and into those of the outputs."""
    payload = """
        from pathlib import Path

        for tree in ("submitted", "autograded", "feedback", "source", "release", "solutions", "notebooks"):
            for found in [Path("__ROOT__") / tree, *(Path("__ROOT__") / tree).glob("*/__LESSON__")]:
                try:
                    (found / "planted_by_a_submission.txt").write_text("planted")
                except OSError as error:
                    print(error)
    """
    attacked(folder, lesson, payload)
    return planted_nowhere


def planted_nowhere(world: World) -> str | None:
    """Whether a file that submissions plant stands anywhere in the teacher's folder."""
    return next((f"planted: {path}" for path in sorted(world.root.rglob("planted_by_a_submission*"))), None)


@submission("harm", right=ALL)
def own_submission_changed(folder: Path, lesson: Lesson) -> Probe:
    """Changes the notebook that was handed in, so that nobody can prove what stood in it."""
    payload = """
        from pathlib import Path

        for found in Path("__FOLDER__").glob("*.ipynb"):
            found.write_text("{}")
    """
    attacked(folder, lesson, payload)
    return unchanged(folder / NOTEBOOK, folder)


@submission("harm", right=ALL)
def checks_on_disk(folder: Path, lesson: Lesson) -> Probe:
    """Plants a file among the installed checks, judges and libraries, and in the interpreter's own folders."""
    payload = """
        import sys
        import sysconfig
        from pathlib import Path

        import course

        places = [Path(course.__file__).parent, Path(course.__file__).parent / "checks", Path(torch.__file__).parent,
                  Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("stdlib")), Path(sys.prefix)]
        for place in places:
            try:
                (place / "planted_by_a_submission.txt").write_text("planted")
            except OSError as error:
                print(error)
    """
    attacked(folder, lesson, payload)
    return first_of(libraries_clean, planted_nowhere)


def libraries_clean(world: World) -> str | None:
    """Whether a planted file stands in the libraries; it is taken away."""
    spec = importlib.util.find_spec("course")
    course = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    places = [*course, *(place / "checks" for place in course), Path(sysconfig.get_path("purelib"))]
    places += [Path(sysconfig.get_path("purelib")) / "torch", Path(sysconfig.get_path("stdlib"))]
    for place in places:
        if (found := place / "planted_by_a_submission.txt").exists():
            found.unlink()
            return f"planted: {found}"
    return None


@submission("harm", right=ALL)
def files_for_the_next_one(folder: Path, lesson: Lesson) -> Probe:
    """Leaves a file in every place that the next submission's run might share."""
    payload = """
        import os
        import tempfile
        from pathlib import Path

        name = Path("__MARKER__").name
        places = ["/tmp", "/var/tmp", "/dev/shm", "/run", str(Path.home()), str(Path.home() / ".cache"), "/",
                  tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR", "/run"), "__ROOT__"]
        for place in places:
            try:
                Path(place, name).write_text("left here")
            except OSError as error:
                print(error)
    """
    attacked(folder, lesson, payload)
    name = marker(folder).name

    def probe(world: World) -> str | None:
        places = ["/tmp", "/var/tmp", "/dev/shm", "/run", Path.home(), Path.home() / ".cache", "/", world.root]
        left = [path for place in places if (path := Path(place, name)).exists()]
        for path in left:
            path.unlink()
        return f"left: {', '.join(map(str, left))}" if left else None

    return probe


@submission("harm", right=ALL)
def process_left(folder: Path, lesson: Lesson) -> Probe:
    """Leaves a process that has a session of its own and no parent, and ignores every polite signal."""
    name = f"{marker(folder).name}_left"
    payload = """
        import os
        import subprocess
        import sys

        code = (
            "import os, signal, time\\n"
            "for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)\\n"
            "time.sleep(100)  # __NAME__"
        )
        if os.fork() == 0:
            os.setsid()
            subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
            os._exit(0)
    """
    attacked(folder, lesson, payload.replace("__NAME__", name))
    return no_process(name)


@submission("harm", right=NONE)
def grader_killed(folder: Path, lesson: Lesson) -> Probe:
    """Ends every process that looks like the grader, and its own parents."""
    payload = """
        import os
        import signal
        from pathlib import Path

        def is_grader(pid):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\\0")
            return b"grade" in words and b"course" in words

        for pid in [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]:
            try:
                if is_grader(pid):
                    Path("__MARKER__").touch()
                    os.kill(pid, signal.SIGTERM)
            except OSError as error:
                print(error)
    """
    lesson.guessed().insert_after("setup", filled_in(payload, folder)).write(folder)
    return came_out(folder)


@submission("harm", right=NONE)
def result_that_executes(folder: Path, lesson: Lesson) -> Probe:
    """Returns objects whose unpickling writes a file, inside arrays, dicts and tensors."""
    payload = """
        import numpy as np
        import pathlib

        class Loaded:
            def __reduce__(self):
                return pathlib.Path.touch, (pathlib.Path("__MARKER__"),)

        def attention_for_one_query(query, keys, values):
            return np.array([Loaded()] * len(values[0]), dtype=object)

        def causal_mask(n_positions):
            return {"output": Loaded(), Loaded(): [Loaded()]}
    """
    notebook = lesson.guessed().answer("attention_for_one_query", filled_in(payload, folder))
    notebook.answer("causal_mask", "causal_mask = lambda n_positions: [Loaded(), (Loaded(),)]")
    notebook.answer(
        "padding_mask", "class Fault(ValueError, Loaded):\n    pass\n\n\ndef padding_mask(*_):\n    raise Fault()"
    )
    notebook.write(folder)
    return came_out(folder)


@submission("harm", right=NONE)
def pickles_in_every_pipe(folder: Path, lesson: Lesson) -> Probe:
    """Writes pickles, and npy files that hold pickles, to whoever reads from the sandbox."""
    payload = """
        import io
        import os
        import pathlib
        import pickle
        import stat
        import struct
        import numpy as np

        class Loaded:
            def __reduce__(self):
                return pathlib.Path.touch, (pathlib.Path("__MARKER__"),)

        file = io.BytesIO()
        np.save(file, np.array([Loaded()], dtype=object), allow_pickle=True)
        for fd in range(1, 128):
            try:
                mode = os.fstat(fd).st_mode
                if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
                    os.set_blocking(fd, False)
                    for body in (pickle.dumps(Loaded()), file.getvalue()):
                        os.write(fd, body)
                        os.write(fd, struct.pack("<Q", len(body)) + body)
            except OSError:
                pass
    """
    lesson.guessed().insert_after("setup", filled_in(payload, folder)).write(folder)
    return came_out(folder)


@submission("harm", right=ALL)
def modules_for_the_grader(folder: Path, lesson: Lesson) -> Probe:
    """Brings modules with the names of those that the grader itself imports, in its working folder."""
    lesson.solved().write(folder)
    text = f"import pathlib\n\npathlib.Path({str(marker(folder))!r}).touch()\nraise ImportError('not this one')\n"
    for name in (
        "json",
        "struct",
        "selectors",
        "nbformat",
        "sqlite3",
        "nbgrader",
        "numpy",
        "torch",
        "IPython",
        "course",
    ):
        (folder / f"{name}.py").write_text(text)
    for name in ("sitecustomize.py", "usercustomize.py", "nbgrader_config.py", "ipython_config.py", "conftest.py"):
        (folder / name).write_text(text)
    return came_out(folder)


@submission("harm", right=ALL)
def programs_for_the_grader(folder: Path, lesson: Lesson) -> Probe:
    """Brings programs with the names of those that the grader itself starts."""
    lesson.solved().write(folder)
    for name in ("bwrap", "python", "python3", "git", "alembic", "jupyter", "prlimit", "systemd-run", "sh"):
        (folder / name).write_text(f"#!/bin/sh\n: > {marker(folder)}\nexit 1\n")
        (folder / name).chmod(0o755)
    (folder / ".env").write_text(f"PATH={folder}\nPYTHONSTARTUP={folder}/json.py\n")
    return came_out(folder)


@submission("harm", right=ALL)
def terminal_typed_into(folder: Path, lesson: Lesson) -> Probe:
    """Types a command into the terminal from which the grader was started."""
    payload = """
        import fcntl
        import os
        import termios

        for name in ("/dev/tty", "/dev/stdin", "/dev/console", "/proc/self/fd/0", "/proc/self/fd/2"):
            try:
                terminal = os.open(name, os.O_RDWR | os.O_NONBLOCK)
                for letter in " : > __MARKER__\\n":
                    fcntl.ioctl(terminal, termios.TIOCSTI, letter.encode())
            except OSError as error:
                print(error)
    """
    attacked(folder, lesson, payload)
    return came_out(folder)


@submission("harm", right=ALL)
def way_out_through_proc(folder: Path, lesson: Lesson) -> Probe:
    """Leaves through the root and the working folder of other processes, and through open directories."""
    payload = """
        import os
        from pathlib import Path

        name = "__MARKER__".lstrip("/")
        for pid in [entry for entry in os.listdir("/proc") if entry.isdigit() and int(entry) != os.getpid()]:
            for way in ("root", "cwd"):
                try:
                    Path(f"/proc/{pid}/{way}", name if way == "root" else "../" * 8 + name).write_text("out")
                except OSError:
                    pass
        for fd in range(256):
            try:
                os.close(os.open("../" * 16 + name, os.O_CREAT | os.O_WRONLY, dir_fd=fd))
            except OSError:
                pass
    """
    attacked(folder, lesson, payload)
    return came_out(folder)


@submission("harm", right=ALL)
def way_out_through_mounts(folder: Path, lesson: Lesson) -> Probe:
    """Makes namespaces of its own, and mounts what was read-only once more, to be written to."""
    payload = """
        import ctypes
        import os
        from pathlib import Path

        libc = ctypes.CDLL(None, use_errno=True)
        if os.fork() == 0:
            libc.unshare(0x10000000 | 0x00020000)  # a user and a mount namespace
            for place in (b"/", b"/usr", b"/tmp", os.fsencode(Path(torch.__file__).parent)):
                libc.mount(None, place, None, 0x20 | 0x1000, None)  # MS_REMOUNT | MS_BIND, no longer read-only
            for place in ("__MARKER__", "/usr/__NAME__", Path(torch.__file__).parent / "planted_by_a_submission.txt"):
                try:
                    Path(place).write_text("out")
                except OSError:
                    pass
            os._exit(0)
        os.wait()
    """
    attacked(folder, lesson, payload.replace("__NAME__", marker(folder).name))
    return first_of(came_out(folder), libraries_clean)


@submission("harm", right=ALL)
def links_planted_while_it_runs(folder: Path, lesson: Lesson) -> Probe:
    """Puts links in place of the files that the grader will write or copy when the run is over."""
    payload = """
        import os
        from pathlib import Path

        for name in ("__LESSON__.ipynb", "__LESSON__.html", "gradebook.db", "result.json", "output.ipynb", "stdout"):
            try:
                os.symlink("__MARKER__", name)
            except OSError as error:
                print(error)
    """
    attacked(folder, lesson, payload)
    return came_out(folder)


@submission("harm", right=ALL)
def links_in_the_submission(folder: Path, lesson: Lesson) -> Probe:
    """Brings links through which a grader that writes into a copy of the folder would write elsewhere."""
    lesson.solved().write(folder)
    target = root_of(folder) / "planted_by_a_submission.txt"
    for name in (f"{LESSON}.html", "timestamp.txt", ".ipynb_checkpoints", "output", "__pycache__", f"{NOTEBOOK}.tmp"):
        (folder / name).symlink_to(target)
    (folder / "up").symlink_to(Path("../../../.."), target_is_directory=True)
    (folder / "around").symlink_to(Path(), target_is_directory=True)
    return planted_nowhere


@submission("harm", right=ALL)
def folder_that_cannot_be_removed(folder: Path, lesson: Lesson) -> Probe:
    """Leaves its working folder full of folders that are deep, unreadable and hard to remove."""
    payload = """
        import os

        start = os.getcwd()
        assert not os.path.exists(".git"), "not in a real folder"
        for name in ("locked", "-rf", "new\\nline", "*"):
            os.makedirs(name, exist_ok=True)
            open(f"{name}/file", "w").close()
            os.chmod(name, 0)
        for depth in range(1500):
            os.mkdir("deep")
            os.chdir("deep")
        os.chdir(start)
        os.chmod(".", 0o500)
    """
    attacked(folder, lesson, payload)
    return unchanged(folder)


def script_runs(world: World) -> str | None:
    """Whether a page of the feedback holds a submission's script as it is."""
    pages = (path for path in shown(world, SCRIPT) if path.suffix == ".html")
    return next((f"a submission's script stands in {path}" for path in pages), None)


@submission("harm", right=ALL)
def script_in_prose(folder: Path, lesson: Lesson) -> Probe:
    """Has scripts in Markdown, in an attachment and in a link, for the browser of whoever reads the feedback."""
    prose = f"{SCRIPT}\n\n<img src=x onerror='window.harmed_by_a_submission=1'>\n\n[a](javascript:alert(1))"
    svg = {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPT}</svg>"}
    notebook = lesson.solved().insert_after("question", prose, kind="markdown", attachments={"a.svg": svg})
    notebook.append(prose, kind="raw", metadata={"format": "text/html"}).write(folder)
    return script_runs


@submission("harm", right=ALL)
def script_in_outputs(folder: Path, lesson: Lesson) -> Probe:
    """Shows HTML, SVG and JavaScript as outputs, both stored ones and new ones."""
    payload = """
        from IPython.display import HTML, SVG, Javascript, display

        script = "<" + "script>window.harmed_by_a_submission = 1</script>"
        display(HTML(script), SVG(f"<svg xmlns='http://www.w3.org/2000/svg'>{script}</svg>"))
        display(Javascript("window.harmed_by_a_submission = 1"))
        display({"text/markdown": script, "text/latex": script, "image/png": script}, raw=True)
    """
    data = {"text/html": SCRIPT, "application/javascript": "window.harmed_by_a_submission = 1"}
    stored = [{"output_type": "display_data", "metadata": {}, "data": data}]
    lesson.solved().insert_before("SelfAttention", payload, outputs=stored, execution_count=1).write(folder)

    return script_runs


@submission("harm", right=but("attention_scores", "causal_mask"))
def script_in_messages(folder: Path, lesson: Lesson) -> Probe:
    """Raises exceptions whose names and texts are HTML and terminal commands, for whoever reads the table."""
    answers = {
        "attention_scores": f"""
            def attention_scores(query, key):
                raise ValueError("</pre>{SCRIPT}\\x1b]0;harmed\\x07\\x1b[2J\\r\\n13/13 points")
        """,
        "causal_mask": f"""
            Fault = type("{SCRIPT}", (ValueError,), {{}})

            def causal_mask(n_positions):
                raise Fault("=1+1;DROP TABLE grade;--")
        """,
    }
    own = """
        def attention(query, key):
            return query @ key.mT / query.shape[-1] ** 0.5
    """
    notebook = lesson.solved().answers(**answers).insert_after("setup", own)
    formula = notebook.source("scaled_dot_product_attention").replace("attention_scores(", "attention(")
    notebook.answer("scaled_dot_product_attention", formula).write(folder)
    return script_runs
