"""Command: what `python -m course grade` says while a class is graded, and at its end."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from dataclasses import asdict
from functools import partial
from pathlib import Path

from course.classroom.command_line import Misuse
from course.classroom.teacher import container
from course.classroom.teacher.book import BookError
from course.classroom.teacher.marking import Order, Run, Workers, mark, results_of
from course.classroom.teacher.report import in_words, report
from course.classroom.teacher.results import HUMAN, Result
from course.grading.inside.confine import Limits
from course.grading.sandbox import NoSandbox

IN_THE_OPEN = (
    "Without a sandbox: what learners wrote runs in your account, can read your files and change the gradebook. "
    "Go on only with people whom you trust."
)


def grade(options: Namespace, submitted: Path | None) -> int:
    """Grade, and say what became of it -> the exit code."""
    root = Path.cwd()
    if not (root / "nbgrader_config.py").exists():
        raise Misuse(f"here is no nbgrader_config.py: go to the folder of the course first ({root} is none)")
    limits = Limits(seconds=options.seconds, cpu_seconds=options.seconds, memory=options.memory)
    workers = options.workers or os.cpu_count() or 1
    places_of_files(options)
    try:
        lesson = lesson_called(root, options.lesson)
        if engine := container.engine_for(options):
            return container.grade_there(engine, root, lesson, options)
        if options.unsandboxed:
            print(IN_THE_OPEN, file=sys.stderr)
        order = Order(lesson, options.student, options.force, submitted, workers, limits, walls=not options.unsandboxed)
        run = mark(root, order, said, provider(options))
    except (NoSandbox, BookError) as error:
        print(error, file=sys.stderr)
        return 1
    conclude(run, lesson, options.json, options.page)
    return 1 if run.left else 0


def places_of_files(options: Namespace) -> None:
    """Misuse where a file is to be written into no folder, which would be known only after all the work."""
    for name in ("json", "page"):
        file = getattr(options, name)
        if file and not Path(file).parent.is_dir():
            raise Misuse(f"--{name} must be a file in a folder that exists, not {file}")


def provider(options: Namespace) -> Workers:
    """Who does the work: this machine, or those of a cluster."""
    if not options.scheduler:
        return results_of
    try:
        from course.classroom.teacher.cluster import results_on
    except ImportError as error:
        raise Misuse(f'--scheduler needs what `pip install -e ".[dask]"` installs ({error})') from None
    return partial(results_on, options.scheduler)


def conclude(run: Run, lesson: str, rows: str | None, page: str | None) -> None:
    """Say what the run came to, and write it where it was asked for."""
    print(f"{len(run.results)} graded now, {run.unchanged} unchanged.\n{in_words(run.all)}")
    if run.left:
        print(printable(f"left to be graded: {', '.join(map(ascii, run.left))}"))
    if rows:
        found = [
            {name: value for name, value in asdict(one).items() if name not in ("notebook", "secret")}
            for one in run.all
        ]
        Path(rows).write_text(json.dumps(found, indent=1), encoding="utf-8")
    if page:
        Path(page).write_text(report(run.all, lesson), encoding="utf-8")


def lesson_called(root: Path, name: str) -> str:
    """'4' or '04' is the lesson of that number that lies in notebooks/; any other name is itself."""
    found = sorted(path.name for path in (root / "notebooks").glob(f"{name.zfill(2)}_*")) if name.isdigit() else [name]
    if len(found) != 1:
        raise Misuse(f"LESSON must be a lesson that was released, not {name}")
    return found[0]


def said(result: Result, count: int, of: int) -> None:
    """One line a student."""
    most = sum(mark.most for mark in result.marks)
    what = f"{result.points:g} of {most:g}" if result.outcome != HUMAN else f"needs a human: {result.reason}"
    odd = f"   suspicious: {'; '.join(result.suspicions[:3])}" if result.suspicions else ""
    print(printable(f"[{count}/{of}] {result.student}: {what}   {result.seconds:.1f} s{odd}"[:300]), flush=True)


def printable(text: str) -> str:
    """In one line, without what a terminal would take for orders, in characters that it has."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    plain = "".join(one if one.isprintable() else " " for one in text)
    return plain.encode(encoding, "replace").decode(encoding)
