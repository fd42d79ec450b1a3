"""Submissions that want the grader to wait, or to fill its memory, its disk or its table of processes."""

from __future__ import annotations

from pathlib import Path

from .kit import ALL, NONE, WRONG, Lesson, Notebook, Probe, but, marker, no_process, submission

WATCHED = """
import sys


def asked_by_the_grader():
    return sys._getframe(2).f_globals is not globals()
"""


def when_asked(lesson: Lesson, name: str, trap: str, imports: str = "import os") -> Notebook:
    """A solved notebook in which that answer falls into the trap when another than the notebook calls it.

    The notebook's own cells get the right answer, so that all else goes on."""
    right = lesson.solution(name)
    body = "\n".join(f"        {line}" for line in trap.strip("\n").splitlines())
    answer = f"{imports}\n\n{right}\n\n\nhonest = {name}\n\n\ndef {name}(*args, **kwargs):\n"
    answer += f"    if asked_by_the_grader():\n{body}\n    return honest(*args, **kwargs)"
    return lesson.solved().insert_after("setup", WATCHED).answer(name, answer)


@submission("hold", right=ALL)
def own_cell_never_ends(folder: Path, lesson: Lesson) -> None:
    """Computes for ever in a cell of one's own, behind everything that counts."""
    payload = """
        import time

        begun = time.time()
        while time.time() < begun + 180:
            pass
    """
    lesson.solved().append(payload).write(folder)


@submission("hold", right=but("causal_mask"))
def answer_never_ends(folder: Path, lesson: Lesson) -> None:
    """Sleeps in an answer whenever the grader calls it."""
    trap = "time.sleep(180)"
    when_asked(lesson, "causal_mask", trap, "import time").write(folder)


@submission("hold", right=but("causal_mask"))
def answer_catches_the_end(folder: Path, lesson: Lesson) -> None:
    """Computes for ever, catches every exception, and ignores every signal that it may."""
    trap = """
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
    signal.signal(number, signal.SIG_IGN)
begun = time.time()
while time.time() < begun + 180:
    try:
        while time.time() < begun + 180:
            pass
    except BaseException:
        continue
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
"""
    when_asked(lesson, "causal_mask", trap, "import signal\nimport time").write(folder)


@submission("hold", right=but("causal_mask"))
def answer_waits_in_c(folder: Path, lesson: Lesson) -> None:
    """Computes for minutes inside one call of C, where no exception can reach it."""
    trap = 're.match(r"(a+)+$", "a" * 31 + "b")'
    when_asked(lesson, "causal_mask", trap, "import re").write(folder)


@submission("hold", right=but("causal_mask"))
def answer_stops_itself(folder: Path, lesson: Lesson) -> None:
    """Stops its own process, which then neither ends nor uses any time."""
    trap = """
if os.fork() == 0:
    time.sleep(100)
    os.kill(os.getppid(), signal.SIGCONT)
    os._exit(0)
os.kill(os.getpid(), signal.SIGSTOP)
"""
    when_asked(lesson, "causal_mask", trap, "import os\nimport signal\nimport time").write(folder)


@submission("hold", right=but("causal_mask"))
def answer_waits_for_itself(folder: Path, lesson: Lesson) -> None:
    """Takes a lock twice, and reads from a pipe into which nobody writes."""
    trap = """
lock = threading.Lock()
lock.acquire()
lock.acquire(timeout=90)
select.select([os.pipe()[0]], [], [], 90)
"""
    when_asked(lesson, "causal_mask", trap, "import os\nimport select\nimport threading").write(folder)


@submission("hold", right=but("causal_mask"))
def answer_dies(folder: Path, lesson: Lesson) -> None:
    """Kills the interpreter by reading address 0 whenever the grader calls it."""
    when_asked(lesson, "causal_mask", "ctypes.string_at(0)", "import ctypes").write(folder)


@submission("hold", right=but("causal_mask"))
def answer_fills_the_memory(folder: Path, lesson: Lesson) -> None:
    """Asks for 6 GB of memory, and writes into all of it."""
    trap = """
kept = []
for _ in range(60):
    kept.append(b"x" * 10**8)
"""
    when_asked(lesson, "causal_mask", trap).write(folder)


@submission("hold", right=but("causal_mask"))
def result_of_any_size(folder: Path, lesson: Lesson) -> None:
    """Returns a tensor of 10**14 numbers that takes 1 byte, as long as nobody writes it down."""
    trap = "return torch.ones(1, 1, dtype=torch.bool).expand(10**7, 10**7)"
    when_asked(lesson, "causal_mask", trap).write(folder)


@submission("hold", right=but("causal_mask", "padding_mask"))
def result_without_a_bottom(folder: Path, lesson: Lesson) -> None:
    """Returns a list that holds itself, and one that is 100,000 lists deep."""
    deep = """
found = []
for _ in range(100_000):
    found = [found]
return found
"""
    notebook = when_asked(lesson, "causal_mask", deep)
    around = "def padding_mask(tokens, pad=0):\n    found = {}\n    found['again'] = [found, found]\n    return found"
    notebook.answer("padding_mask", around)
    notebook.write(folder)


@submission("hold", right=but("causal_mask"))
def result_that_talks(folder: Path, lesson: Lesson) -> None:
    """Returns and raises objects whose text and length take for ever."""
    trap = """
class Slow(Exception):
    def __repr__(self):
        time.sleep(100)
        return "x" * 10**9

    __str__ = __len__ = __iter__ = __float__ = __array__ = __repr__

raise Slow() if args[0] % 2 else Slow([Slow()])
"""
    when_asked(lesson, "causal_mask", trap, "import time").write(folder)


@submission("hold", right=NONE)
def endless_answers_in_every_pipe(folder: Path, lesson: Lesson) -> None:
    """Writes without an end, and without a line's end, into every pipe that leads out."""
    payload = """
        import os
        import stat
        import threading
        import time

        begun = time.time()

        def flood(fd):
            os.set_blocking(fd, True)
            while time.time() < begun + 180:
                os.write(fd, b"\\xff" * 65536)

        for fd in range(1, 128):
            try:
                mode = os.fstat(fd).st_mode
            except OSError:
                continue
            if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
                threading.Thread(target=flood, args=(fd,), daemon=True).start()
    """
    lesson.guessed().insert_before("SelfAttention", payload).write(folder)


@submission("hold", right=NONE)
def pipes_closed(folder: Path, lesson: Lesson) -> None:
    """Closes everything that leads out, and stays alive."""
    payload = """
        import os
        import time

        os.closerange(0, 1024)
        time.sleep(100)
    """
    lesson.guessed().insert_after("setup", payload).write(folder)


@submission("hold", right=NONE)
def header_that_promises_much(folder: Path, lesson: Lesson) -> None:
    """Answers with an array's header that promises 2**62 numbers, and with one that is nested 5,000 deep."""
    payload = """
        import io
        import numpy as np
        import os

        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904,), }\\n"
        deep = b"{'descr': " + b"[" * 5000 + b"]" * 5000 + b", 'fortran_order': False, 'shape': (), }\\n"
        bodies = [b"\\x93NUMPY\\x01\\x00" + len(text).to_bytes(2, "little") + text for text in (header, deep)]

        def save(file, *args, **kwargs):
            (file if hasattr(file, "write") else open(file, "wb")).write(bodies[0])

        np.save = np.savez = np.savez_compressed = np.lib.format.write_array = save
        torch.Tensor.numpy = lambda self, *args, **kwargs: np.broadcast_to(np.float64(1), (2**30, 2**30))
        for fd in range(3, 64):
            try:
                os.set_blocking(fd, False)
                for body in [*bodies, b"\\xff" * 8, b"\\x7f" + b"\\xff" * 7]:
                    os.write(fd, body)
            except OSError:
                pass
    """
    lesson.guessed().insert_after("setup", payload).write(folder)


@submission("hold", right=ALL)
def output_flood(folder: Path, lesson: Lesson) -> None:
    """Prints 2 GB in lines and in one line, to both streams, around Python and through it."""
    payload = """
        import os
        import sys

        for _ in range(1000):
            print("x" * 10**6)
        for _ in range(500):
            sys.stderr.write("y" * 10**6)
            os.write(1, b"z" * 10**6)
    """
    lesson.solved().append(payload).write(folder)


@submission("hold", right=ALL)
def pictures_flood(folder: Path, lesson: Lesson) -> None:
    """Displays 100,000 objects, and updates one of them as often."""
    payload = """
        from IPython.display import HTML, display

        handle = display("first", display_id=True)
        for number in range(100_000):
            display(HTML(f"<b>{number}</b>" * 100))
            handle.update(number)
    """
    lesson.solved().append(payload).write(folder)


@submission("hold", right=but("SelfAttention"))
def answers_that_print(folder: Path, lesson: Lesson) -> None:
    """Prints 100 MB in each call of an answer, until somebody stops it."""
    chatty = WRONG["SelfAttention"].replace("        return", "        print('talking ' * 12_500_000)\n        return")
    lesson.solved().answer("SelfAttention", chatty).write(folder)


@submission("hold", right=NONE)
def disk_flood(folder: Path, lesson: Lesson) -> None:
    """Writes 3 GB into its working folder and the folder for temporary files."""
    payload = """
        import os
        import tempfile

        assert not os.path.exists(".git"), "not in a real folder"
        for name in ("flood.bin", os.path.join(tempfile.mkdtemp(), "flood.bin")):
            with open(name, "wb") as file:
                for _ in range(1500):
                    file.write(b"x" * 2**20)
    """
    lesson.guessed().insert_after("setup", payload).write(folder)


@submission("hold", right=NONE)
def files_without_number(folder: Path, lesson: Lesson) -> None:
    """Makes 200,000 empty files and a file that claims a petabyte."""
    payload = """
        import os

        assert not os.path.exists(".git"), "not in a real folder"
        os.makedirs("many")
        for number in range(200_000):
            os.close(os.open(f"many/{number}", os.O_CREAT | os.O_WRONLY))
        with open("sparse.bin", "wb") as file:
            file.truncate(10**13)
    """
    lesson.guessed().insert_after("setup", payload).write(folder)


@submission("hold", right=NONE)
def processes_without_number(folder: Path, lesson: Lesson) -> Probe:
    """Starts 300 processes that wait, each of which would go on if it were alone."""
    name = f"{marker(folder).name}_many"
    payload = """
        import subprocess
        import sys

        kept = []
        for number in range(300):
            command = [sys.executable, "-S", "-c", "import time; time.sleep(60)  # __NAME__"]
            kept.append(subprocess.Popen(command, start_new_session=True))
    """
    lesson.guessed().insert_after("setup", payload.replace("__NAME__", name)).write(folder)
    return no_process(name)


@submission("hold", right=NONE)
def threads_without_number(folder: Path, lesson: Lesson) -> None:
    """Starts 2,000 threads, none of which lets the interpreter end."""
    payload = """
        import threading
        import time

        for _ in range(2000):
            threading.Thread(target=time.sleep, args=(100,), daemon=False).start()
    """
    lesson.guessed().answer("SelfAttention", payload).write(folder)


@submission("hold", right=ALL)
def end_delayed(folder: Path, lesson: Lesson) -> None:
    """Is right in everything, and lets its process end only after minutes."""
    payload = """
        import atexit
        import threading
        import time

        class Last:
            def __del__(self, sleep=time.sleep):
                sleep(100)

        atexit.register(time.sleep, 100)
        threading.Thread(target=time.sleep, args=(100,), daemon=False).start()
        last = Last()
    """
    lesson.solved().insert_before("SelfAttention", payload).write(folder)


@submission("hold", right=ALL)
def question_to_the_reader(folder: Path, lesson: Lesson) -> None:
    """Waits for somebody to type an answer, by every way there is."""
    payload = """
        import sys

        name = input("What is your name? ")
        name = sys.stdin.readline()
    """
    notebook = lesson.solved().insert_after("setup", "import pdb; pdb.set_trace()")
    notebook.insert_before("SelfAttention", payload).write(folder)
