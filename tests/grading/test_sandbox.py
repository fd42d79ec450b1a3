"""Sandbox: does whoever runs in it find nothing, reach nobody, leave nothing, and end where its limits are?"""

from __future__ import annotations

import ast
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from course.checks.registry import EXERCISES
from course.classroom import ROOT
from course.classroom.teacher.marking import FOR_TESTS
from course.grading import jobs, sandbox
from course.grading.inside import confine, shell, zygote
from course.grading.inside.wire import WireError
from course.grading.sandbox import Ended, NoSandbox, Room
from course.judging.exercise import Draw
from tests.grading import LIMITS, needs_sandbox

pytestmark = needs_sandbox
LONG = 60  # seconds of computing that no cell here comes near
CASES = list(EXERCISES["row_means"].cases(Draw(3)))
JOB = jobs.job(EXERCISES["row_means"], CASES, "")


def shown(room: Room, source: str) -> Any:
    """What the cell prints, read as Python; AssertionError where it fails."""
    outputs = room.run(source, LONG)
    assert [one.get("ename") for one in outputs] == [None], outputs
    return ast.literal_eval(outputs[0]["text"])


def asked(room: Room, source: str) -> dict[str, Any]:
    """What is told of an answer that does this."""
    room.run(source, LONG)
    return room.ask("row_means", JOB, LONG)[0]


NOBODY = """
import os, pathlib, socket
def tried(act):
    try:
        return act() or "done"
    except OSError as error:
        return type(error).__name__
status = dict(line.split(":\\t", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
powers = {status[name].strip("0\\n") for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")}
"""


def test_it_is_nobody_and_may_nothing(room):
    room.run(NOBODY, LONG)
    assert 0 not in shown(room, "print([*os.getresuid(), *os.getresgid(), *os.getgroups()])")
    assert shown(room, "print([*powers, status['NoNewPrivs'].strip()])") == ["", "1"]
    for attempt in ("os.setuid(0)", "os.setgid(0)"):  # OSError where the number is not even known
        assert shown(room, f"print([tried(lambda: {attempt})])")[0] in ("PermissionError", "OSError")
    attempts = ["os.chroot('/')", "os.mknod('/tmp/x', 0o60666, 2049)", "os.sethostname(b'x')"]
    for attempt in attempts:
        if hasattr(os, attempt[3:].partition("(")[0]):
            assert shown(room, f"print([tried(lambda: {attempt})])") == ["PermissionError"]


def test_it_sees_no_file_of_anybody(room):
    room.run(NOBODY, LONG)
    known = {*sandbox.pythons(), "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/proc", "/sys", "/dev", "/tree"}
    known |= {"/etc/fonts", "/etc/alternatives", "/etc/ld.so.cache"}
    walk = f"""
known, found, waiting = {known}, [], ["/"]
while waiting:
    for entry in os.scandir(waiting.pop()):
        if entry.path not in known:
            (waiting if entry.is_dir(follow_symlinks=False) else found).append(entry.path)
print(found)
"""
    assert shown(room, walk) == []
    assert shown(room, "print(os.path.isdir('/etc/fonts'))") is Path("/etc/fonts").is_dir()
    assert shown(room, "print([os.listdir('/home'), os.listdir()])") == [["learner"], []]
    inside = [str(ROOT / name) for name in ("course/attention.py", "solutions", "tests", "README.md")]
    assert shown(room, f"print([os.path.exists(name) for name in {inside}])") == [False] * 4


def test_what_a_question_needs_is_there_before_anybody_enters(room):
    """Else each question would import it anew: a quarter of what a submission takes."""
    room.run("import os, sys", LONG)
    assert shown(room, f"print([name for name in {sandbox.ALWAYS} if name not in sys.modules])") == []
    assert shown(room, "print(len(os.listdir('/proc/self/task')))") == 1, "what was used once has left no thread"


def test_it_can_write_only_into_its_own_folders(room):
    room.run(NOBODY, LONG)
    room.run("def wrote(name):\n    return tried(lambda: 0 * pathlib.Path(name).write_text('x'))", LONG)
    others = ["/tree/course/x", "/usr/x", "/x", f"{sys.prefix}/x", "/etc/x", "/home/x", "/dev/x"]
    others += ["/proc/sys/kernel/hostname"]
    assert "done" not in shown(room, f"print(list(map(wrote, {others})))")
    own = [f"{zygote.WORK}/x", "/tmp/x", "/dev/shm/x", "x"]
    assert shown(room, f"print(list(map(wrote, {own})))") == ["done"] * 4


def test_it_sees_no_variable_and_no_other_process(room, monkeypatch):
    room.run(NOBODY, LONG)
    variables = shown(room, "print(dict(os.environ))")
    assert variables.keys() <= zygote.ENVIRONMENT.keys() | {"PWD"}
    assert shown(room, "print([n for n in os.listdir('/proc') if n.isdigit()])") == ["1"]
    assert shown(room, "print([os.getpid(), os.getppid()])") == [1, 0]
    assert shown(room, "print([n for n in range(2, 300) if tried(lambda: os.kill(n, 0)) == 'done'])") == []


def test_it_has_no_open_file_but_its_line(room):
    room.run(NOBODY, LONG)
    kinds = "{n: stat.filemode(os.fstat(n).st_mode)[0] for n in range(4096) if tried(lambda: os.fstat(n)) != 'OSError'}"
    found = shown(room, f"import stat; print({kinds})")
    assert [found.pop(number) for number in (0, 1, 2)] == ["c"] * 3
    assert list(found.values()) == ["s"]


def test_it_reaches_nobody(room):
    room.run(NOBODY, LONG)
    assert shown(room, "print([name for _, name in socket.if_nameindex()])") == ["lo"]
    for address in (("192.0.2.1", 80), ("8.8.8.8", 53)):
        assert shown(room, f"print([tried(lambda: socket.create_connection({address}, 3))])") == ["OSError"]
    assert shown(room, "print([tried(lambda: socket.getaddrinfo('pypi.org', 443))])") == ["gaierror"]
    raw = "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)"
    assert shown(room, f"print([tried(lambda: {raw})])") == ["PermissionError"]


def test_hidden_packages_are_not_there(room):
    for name in (*FOR_TESTS, "course.classroom", "course.checks.registry"):
        [output] = room.run(f"import {name}\nif {name}.__file__ is None: raise ModuleNotFoundError", LONG)
        assert output["ename"] == "ModuleNotFoundError"


def test_packages_of_the_python_below_an_environment_are_hidden_too(monkeypatch, tmp_path):
    below = tmp_path / "below" / "site-packages"
    (below / "scipy").mkdir(parents=True)
    monkeypatch.setattr("site.getsitepackages", lambda: [str(below), str(tmp_path)])
    assert str(below / "scipy") in set(sandbox.covered(["scipy", "elsewhere"]))


PLURAL = """
import os, threading, subprocess, multiprocessing, time, torch
def row_means(table):
    raise ValueError("; ".join(name for name, act in ACTS.items() if done(act)))
def done(act):
    try:
        act()
        return True
    except (OSError, RuntimeError):
        return False
def forked():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
ACTS = {
    "a thread": lambda: threading.Thread(target=print).start(),
    "a process": forked,
    "a program": lambda: subprocess.run(["true"]),
}
"""


def test_while_an_answer_is_asked_nothing_else_can_begin(room):
    header = asked(room, PLURAL)
    texts = {repr(part) for described in header["observed"] for part in described}
    assert any("failure" in text for text in texts)
    _, body = room.ask("row_means", JOB, LONG)
    said = body.decode("utf-32-le", "ignore")
    assert "ValueError" in said
    assert not [act for act in ("a thread", "a process", "a program") if act in said]
    room.run(NOBODY + "ACTS['nothing'] = lambda: None", LONG)  # what can be done would be told
    assert "nothing" in room.ask("row_means", JOB, LONG)[1].decode("utf-32-le", "ignore")


def test_more_threads_of_torch_are_not_begun(room):
    room.run("import torch; torch.set_num_threads(4)", LONG)
    assert room.run("x = torch.ones(700, 700) @ torch.ones(700, 700)", LONG) == []
    assert not room.crowded()


LEFTOVERS = {
    "a thread": "import threading, time; threading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
    "a process": "import os, time\nif os.fork() == 0: time.sleep(600)",
    "a program": "import subprocess; left = subprocess.Popen(['sleep', '600'], start_new_session=True)",
    "a zombie": "import os, time\nif os.fork() == 0: os._exit(0)\ntime.sleep(0.1)",
}


@pytest.mark.parametrize("what", LEFTOVERS)
def test_what_a_cell_leaves_behind_is_told(room, what):
    room.run("x = 1", LONG)
    assert not room.crowded()
    room.run(LEFTOVERS[what], LONG)
    assert room.crowded()


def test_process_that_has_ended_is_not_crowded_and_says_why(room):
    with pytest.raises(Ended):
        room.run("import os; os._exit(3)", LONG)
    assert not room.crowded()
    assert room.leave() == "died 768"


GREEDY = {
    "memory, at once": ("x = bytearray(3 << 30)", "MemoryError"),
    "memory, of torch": ("import torch; x = torch.ones(3 << 30)", "RuntimeError"),
    "files": ("open('/tmp/x', 'wb').write(bytes(17 << 20))", "OSError"),
    "a full folder": ("for i in range(9): open(f'/tmp/{i}', 'wb').write(bytes(4 << 20))", "OSError"),
    "many files": ("for i in range(9000): open(f'/tmp/{i}', 'w').close()", "OSError"),
    "open files": ("x = [open('/dev/null') for _ in range(2000)]", "OSError"),
    "processes": ("import os, time\nfor _ in range(9):\n    os.fork() or time.sleep(600)", "BlockingIOError"),
    "locked memory": ("import mmap; m = mmap.mmap(-1, 1 << 20); import ctypes; a = (ctypes.c_char * 9).from_buffer(m)\n"
                      "if ctypes.CDLL(None).mlock(a, 1 << 20): raise PermissionError", "PermissionError"),
}  # fmt: skip


@pytest.mark.parametrize("what", GREEDY)
def test_more_than_the_limits_is_not_to_be_had_and_its_room_goes_on(room, what):
    source, error = GREEDY[what]
    assert [one["ename"] for one in room.run(source, LONG)] == [error]
    assert shown(room, "print(1)") == 1


ENDING = {
    "computing": ("while True: pass", replace(LIMITS, cpu_seconds=2), "died 9"),
    "sleeping": ("import time; time.sleep(60)", replace(LIMITS, seconds=2), "time"),
    "memory of two": (
        "import os, time\nos.fork()\nx = b'x' * (150 << 20)\ntime.sleep(60)", replace(LIMITS, memory=200), "memory"
    ),
    "aborting": ("import os; os.kill(os.getpid(), 9); os.abort()", LIMITS, "died"),
    "a fault": ("import ctypes; ctypes.string_at(8)", LIMITS, "died 11"),
    "leaving": ("import os; os._exit(0)", LIMITS, "ended"),
    "leaving with a number": ("import os; os._exit(3)", LIMITS, "died 768"),
    "silence": ("import os, time; os.closerange(3, 64); time.sleep(60)", LIMITS, "killed"),
}  # fmt: skip


@pytest.mark.parametrize("what", ENDING)
def test_who_ends_is_told_and_a_second_room_is_as_good_as_the_first(place, what):
    source, limits, why = ENDING[what]
    with place.enter(limits) as room, pytest.raises(Ended, match=f"^{why}"):
        room.run(source, LONG)
    with place.enter(LIMITS) as room:
        assert shown(room, "print(6 * 7)") == 42


def test_cell_that_never_ends_is_stopped_and_its_room_goes_on(room):
    [output] = room.run("x = 3\nwhile True: pass", 0.3)
    assert output["ename"] == "TimeoutError"
    assert shown(room, "print(x)") == 3


FLOODS = {
    "lines": "for i in range(50_000): print('x' * 100)",
    "a line": "print('x' * 30_000_000)",
    "two streams": "import sys\nfor i in range(5000): print('out' * 9); print('err' * 9, file=sys.stderr)",
    "results": "from IPython.display import display\nfor i in range(3000): display('x' * 1000)",
    "past Python": "import os\nfor i in range(3000): os.write(1, b'x' * 10_000)",
    "an error": "raise ValueError('x' * 30_000_000)",
    "a name": "raise type('x' * 30_000, (Exception,), {})('x')",
    "figures": "import matplotlib.pyplot as plt\nfor i in range(30): plt.figure(figsize=(1, 1))",
    "markup": "from IPython.display import HTML, display\ndisplay(HTML('<script>' * 1000))",
}


@pytest.mark.parametrize("what", FLOODS)
def test_flood_of_outputs_is_cut(room, what):
    outputs = room.run(FLOODS[what], LONG)
    assert len(outputs) <= 2 * shell.MOST_OUTPUTS
    assert sum(len(repr(one)) for one in outputs) < 5 * shell.MOST_TEXT + 400_000
    assert "text/html" not in repr(outputs)
    assert "script" not in repr(outputs) or what != "markup"
    assert shown(room, "print(1)") == 1


def test_killed_child_is_told_and_its_parent_goes_on(room):
    assert asked(room, "import os\ndef row_means(table): os.kill(os.getpid(), 9)") == {"died": "status 9"}
    assert asked(room, "def row_means(table): os._exit(4)") == {"died": "status 1024"}
    assert asked(room, "def row_means(table): os._exit(0)") == {"died": "status 0"}, "at once"
    assert len(asked(room, "def row_means(table): return table.mean(1)")["observed"]) == len(CASES)


SPEAKS_FIRST = """
def row_means(table):
    import gc, socket
    from course.grading.inside import wire
    line = next(one for one in gc.get_objects() if isinstance(one, socket.socket))
    wire.send(line, {"observed": []})
    return table.mean(1)
"""


def test_answer_that_speaks_for_itself_is_refused(room):
    """Else what it says now would stand as the reply to a later question."""
    with pytest.raises(WireError, match="twice"):
        asked(room, SPEAKS_FIRST)


def test_what_an_answer_does_to_names_is_gone_with_it(room):
    room.run("seen = []\ndef row_means(table):\n    seen.append(1)\n    global row_means\n    row_means = 3", LONG)
    room.ask("row_means", JOB, LONG)
    assert shown(room, "print([len(seen), callable(row_means)])") == [0, True]


def test_what_is_no_function_is_absent(room):
    assert room.ask("row_means", JOB, LONG)[0] == {"absent": ""}
    assert asked(room, "row_means = 3") == {"absent": "int"}


def test_nothing_of_the_first_room_is_left_for_the_second(place):
    with place.enter(LIMITS) as room:
        room.file("beside/data.txt", b"text")
        assert shown(room, "print([open('beside/data.txt').read()])") == ["text"]
        room.run("import numpy, builtins, os; numpy.left = builtins.left = left = 1; os.environ['left'] = '1'", LONG)
        room.run("for name in ('/tmp/left', '/dev/shm/left', 'left'): open(name, 'w').write('left')", LONG)
        room.run("import torch; torch.manual_seed(5); torch.set_default_dtype(torch.float64)", LONG)
        room.run("import ctypes; c = ctypes.CDLL(None); c.shmget(7, 4096, 0o1666); c.msgget(7, 0o1666)", LONG)
        assert shown(room, "print(c.shmget(7, 4096, 0) >= 0)") is True
    with place.enter(LIMITS) as room:
        assert shown(room, "import os; print(sum(map(os.listdir, ('/tmp', '/dev/shm', '.')), []))") == []
        assert shown(room, "import numpy; print([hasattr(numpy, 'left'), 'left' in globals()])") == [False, False]
        assert shown(room, "import torch; print(['left' in os.environ, str(torch.get_default_dtype())])") == [
            False, "torch.float32"
        ]  # fmt: skip
        assert shown(room, "import ctypes; print(ctypes.CDLL(None).shmget(7, 4096, 0))") == -1


def test_files_are_put_nowhere_else(room):
    with pytest.raises(Ended, match="died"):
        room.file("/tree/course/x.py", b"x")


def test_shell_commands_and_reloading_do_nothing(room):
    assert room.run("%load_ext autoreload\n%autoreload 2\n!touch /tmp/x\nfound = !ls /", LONG) == []
    assert shown(room, "import os; print([list(found), os.path.exists('/tmp/x')])") == [[], False]


def test_computer_without_bubblewrap_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(NoSandbox, match="apt-get install bubblewrap"):
        sandbox.Sandbox([], [])


def test_bubblewrap_that_fails_is_told_and_leaves_nothing(monkeypatch, tmp_path):
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'no namespaces for you' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda _: str(program))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(NoSandbox, match="no namespaces for you"):
        sandbox.Sandbox(["softmax"], ["arrays"])
    assert list(tmp_path.iterdir()) == [program]


def test_account_that_cannot_run_python_is_told_where_python_must_lie(monkeypatch):
    monkeypatch.setattr(sandbox, "BEGIN", ("/nowhere/python",))
    with pytest.raises(NoSandbox) as refused:
        sandbox.Sandbox([], [])
    told = str(refused.value)
    assert "execvp /nowhere/python: No such file" in told
    assert f"This account ({os.getuid()}) cannot run the course's Python there." in told
    assert sys.executable in told
    assert "bubblewrap (apt-get" not in told


def test_who_is_not_root_stays_who_it_is(monkeypatch):
    monkeypatch.setattr("os.getuid", lambda: 1234)
    assert confine.user_of(LIMITS) == 1234
    assert sandbox.alone() == ["--unshare-all"]
    monkeypatch.setattr("os.getuid", lambda: 0)
    assert confine.user_of(LIMITS) == LIMITS.user
    assert "--unshare-net" in sandbox.alone()


def test_tasks_and_memory_are_counted():
    assert confine.tasks_of(os.getuid()) >= 1
    assert confine.memory_of(os.getpid())["VmRSS"] > 10
    assert confine.memory_of(2**22 + 1) == {}
    with pytest.raises(OSError, match="setns"):
        confine.called("setns", -1, 0)
