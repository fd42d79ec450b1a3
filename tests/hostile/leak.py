"""Submissions that want something secret to come out in what they get back."""

from __future__ import annotations

from pathlib import Path

from .kit import (
    ALL,
    LESSON,
    NONE,
    NOTEBOOK,
    Lesson,
    Probe,
    first_of,
    root_of,
    secret_shown,
    submission,
    text_shown,
)

REFERENCE = "by hand: torch's softmax takes three times as long"  # a comment that only the reference has


def searched(folder: Path, lesson: Lesson, payload: str) -> None:
    """Unsolved, with a cell that shows what it finds behind the imports, and before the last check."""
    payload = payload.replace("__ROOT__", str(root_of(folder))).replace("__LESSON__", LESSON)
    lesson.released().insert_after("setup", payload).write(folder)


@submission("leak", right=NONE)
def environment_printed(folder: Path, lesson: Lesson) -> Probe:
    """Prints the environment of every process that it sees, plain and as base64."""
    payload = """
        import base64
        import os
        import sys

        print(dict(os.environ), sys.argv, sys.path, sep="\\n")
        for pid in [entry for entry in os.listdir("/proc") if entry.isdigit()]:
            for name in ("environ", "cmdline"):
                try:
                    with open(f"/proc/{pid}/{name}", "rb") as file:
                        data = file.read()
                    print(pid, name, data, base64.b64encode(data).decode(), file=sys.stderr)
                except OSError as error:
                    print(error)
    """
    searched(folder, lesson, payload)
    return secret_shown


@submission("leak", right=NONE)
def home_printed(folder: Path, lesson: Lesson) -> Probe:
    """Prints the beginnings of the files of the home folder, of the teacher's folder and of what lies above."""
    payload = """
        import os
        from pathlib import Path

        homes = [Path.home(), Path("__ROOT__"), Path.cwd().parent]
        for home in dict.fromkeys(homes):
            for place, folders, files in os.walk(home):
                folders[:] = [name for name in folders if name[0] != "." and place.count("/") < 4][:30]
                for name in [name for name in files if name[0] != "."][:30]:
                    try:
                        text = Path(place, name).read_bytes()[:500]
                        print(place, name, text, text.hex())
                    except OSError as error:
                        print(error)
    """
    searched(folder, lesson, payload)
    return secret_shown


@submission("leak", right=NONE)
def classmates_printed(folder: Path, lesson: Lesson) -> Probe:
    """Prints what the others handed in, what they were given back, and what lies beside its own folder."""
    payload = """
        import glob

        for pattern in ("__ROOT__/*/*/__LESSON__/*", "../*/*", "../../*/*", "../../../*/*/__LESSON__/*"):
            for name in sorted(glob.glob(pattern))[:50]:
                try:
                    with open(name, errors="replace") as file:
                        text = file.read()
                    print(name, text[-1500:], text[-1500:][::-1])
                except OSError as error:
                    print(error)
    """
    searched(folder, lesson, payload)
    return secret_shown


@submission("leak", right=NONE)
def gradebook_printed(folder: Path, lesson: Lesson) -> Probe:
    """Prints the hidden tests and everybody's grades from the gradebook."""
    payload = """
        import sqlite3
        from pathlib import Path

        for place in (Path("__ROOT__"), Path.cwd(), *Path.cwd().parents):
            if (place / "gradebook.db").exists():
                book = sqlite3.connect(f"file:{place}/gradebook.db?mode=ro", uri=True)
                for table in ("student", "source_cell", "submitted_assignment", "grade"):
                    print("GRADES " + table, book.execute(f"select * from {table}").fetchall())
    """
    searched(folder, lesson, payload)
    return first_of(secret_shown, text_shown("BEGIN HIDDEN TESTS", "GRADES student ["))


@submission("leak", right=NONE)
def references_printed(folder: Path, lesson: Lesson) -> Probe:
    """Prints the reference's source, from its module, from the disk and from the known mistakes."""
    payload = """
        import glob
        import inspect
        import sys

        try:
            from course.attention import masked_softmax as found
            print(inspect.getsource(found))
        except Exception as error:
            print(error)
        for place in [*sys.path, "__ROOT__"]:
            for pattern in ("course/attention.py", "course/checks/attention/*", "solutions/__LESSON__/*.ipynb"):
                for name in glob.glob(f"{place}/{pattern}"):
                    with open(name, errors="replace") as file:
                        lines = file.read().split("\\n")
                    print(*[line for line in lines if "by hand: torch" in line or "HIDDEN" in line], sep="\\n")
    """
    searched(folder, lesson, payload)
    return text_shown(REFERENCE, "BEGIN HIDDEN TESTS")


@submission("leak", right=NONE)
def fresh_inputs_printed(folder: Path, lesson: Lesson) -> Probe:
    """Has an answer print, store and remember the inputs with which the grader tries it, and shows them at the end."""
    answer = """
        import atexit
        import sys

        SEEN = []

        def padding_mask(tokens, pad=0):
            if sys._getframe(1).f_globals is not globals():
                SEEN.append("ASKED " + "WITH " + str((tokens.tolist(), pad)))
                print(SEEN[-1], flush=True)
                print(SEEN[-1], file=sys.stderr, flush=True)
                with open("seen.txt", "a") as file:
                    print(SEEN[-1], file=file)
            return (tokens > pad)[:, None, None, :]

        atexit.register(lambda: print(SEEN, file=sys.__stdout__, flush=True))
    """
    lesson.released().answer("padding_mask", answer).append("print(SEEN)").write(folder)
    return text_shown("ASKED WITH")


@submission("leak", right=NONE)
def secret_in_an_exception(folder: Path, lesson: Lesson) -> Probe:
    """Raises an exception whose name, text and line hold what it found."""
    answer = """
        import os
        import pathlib

        def attention_scores(query, key):
            found = [str(dict(os.environ))]
            for pid in (1, os.getppid()):
                try:
                    found.append(pathlib.Path(f"/proc/{pid}/environ").read_bytes().hex())
                except OSError as error:
                    found.append(str(error))
            raise type(found[0].encode().hex(), (ValueError,), {})(found)
    """
    lesson.released().answer("attention_scores", answer).write(folder)
    return secret_shown


@submission("leak", right=NONE)
def secret_in_a_picture(folder: Path, lesson: Lesson) -> Probe:
    """Hides what it found in an output that looks like a picture, and in metadata."""
    payload = """
        import base64
        import os
        from pathlib import Path
        from IPython.display import display

        found = str(dict(os.environ)).encode()
        for name in ("/proc/1/environ", "/proc/self/environ", "/proc/self/mountinfo", "/proc/self/cmdline"):
            try:
                found += Path(name).read_bytes()
            except OSError as error:
                found += str(error).encode()
        png = base64.b64encode(b"\\x89PNG\\r\\n\\x1a\\n" + found).decode()
        display({"image/png": png, "text/plain": "a picture"}, metadata={"found": found.hex()}, raw=True)
    """
    searched(folder, lesson, payload)
    return secret_shown


@submission("leak", right=NONE)
def secret_in_an_output_file(folder: Path, lesson: Lesson) -> Probe:
    """Leaves links and copies of secret files in its working folder, for whoever copies that folder back."""
    payload = """
        import os
        import shutil

        for number, name in enumerate(["/proc/1/environ", "/proc/self/environ", "__ROOT__/gradebook.db",
                                       "__ROOT__/submitted", os.path.expanduser("~")]):
            try:
                os.symlink(name, f"link_{number}")
                shutil.copy(name, f"copy_{number}.txt")
            except OSError as error:
                print(error)
    """
    searched(folder, lesson, payload)
    return first_of(secret_shown, text_shown("SQLite format 3"))


@submission("leak", right=NONE)
def links_to_secrets(folder: Path, lesson: Lesson) -> Probe:
    """Brings links to the teacher's files and to the classmates, for a grader that copies what a link leads to."""
    lesson.released().write(folder)
    for name, target in {
        "notes.txt": "../../../gradebook.db", "others": "../..", "home": str(Path.home()),
        "environ.txt": "/proc/self/environ", "data.csv": "../../../nbgrader_config.py",
    }.items():  # fmt: skip
        (folder / name).symlink_to(target)
    return first_of(secret_shown, text_shown("SQLite format 3", "c.CourseDirectory.course_id"))


@submission("leak", right=NONE, ends="human", suspicious=True)
def link_to_a_classmate(folder: Path, lesson: Lesson) -> Probe:
    """Hands in a link to a classmate's notebook, to get it back with its feedback."""
    folder.mkdir(parents=True, exist_ok=True)
    others = sorted(path for path in folder.parent.parent.glob(f"*/{LESSON}/{NOTEBOOK}") if path.parent != folder)
    target = others[0] if others else root_of(folder) / "submitted" / "classmate" / LESSON / NOTEBOOK
    (folder / NOTEBOOK).symlink_to(target)
    return secret_shown


@submission("leak", right=NONE)
def files_shown_by_prose(folder: Path, lesson: Lesson) -> Probe:
    """Has Markdown and HTML that ask whoever makes the feedback to put local files into it."""
    root = root_of(folder)
    prose = f"""
        ![a]({root}/gradebook.db) ![b](../../../gradebook.db) ![c](/proc/self/environ)

        <img src="file://{root}/gradebook.db"><iframe src="/proc/self/environ"></iframe>

        {{% include '/proc/self/environ' %}} {{{{ resources }}}} {{{{ environ }}}} [[toc]]
        <!--#include file="/proc/self/environ"-->
    """
    notebook = lesson.released().insert_after("question", prose, kind="markdown")
    notebook.append(prose, kind="raw", metadata={"raw_mimetype": "text/html"}).write(folder)
    return first_of(secret_shown, text_shown("SQLite format 3", "U1FMaXRlIGZvcm1hdCAz"))


@submission("leak", right=NONE)
def memory_of_the_grader(folder: Path, lesson: Lesson) -> Probe:
    """Searches the memory of its parents, and its own, for what looks like an environment."""
    payload = """
        import os
        import re

        def printed(pid):
            with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
                for line in maps:
                    if "[stack]" in line or "[heap]" in line:
                        start, end = [int(number, 16) for number in line.split()[0].split("-")]
                        memory.seek(start)
                        text = memory.read(min(end - start, 2**26))
                        print(pid, *re.findall(rb"[A-Z_]{4,30}=[!-~]{8,80}", text)[:500])

        for pid in dict.fromkeys([os.getppid(), 1, *range(2, 12), os.getpid()]):
            try:
                printed(pid)
            except OSError as error:
                print(pid, error)
    """
    searched(folder, lesson, payload)
    return secret_shown


@submission("leak", right=ALL)
def shell_commands(folder: Path, lesson: Lesson) -> Probe:
    """Asks the shell for everything, by magics and by system calls, in a notebook that is right."""
    payload = """
        import subprocess

        command = "env; cat ~/* /proc/*/environ; ls -la / /home /root; ps axeww; git log -p -3; mount"
        found = subprocess.run(["sh", "-c", command], capture_output=True, timeout=60)
        print(found.stdout[-20000:], found.stderr[-2000:])
        !env
        %env
        %cat ~/*
    """
    lesson.solved().insert_before("SelfAttention", payload).write(folder)
    return secret_shown
