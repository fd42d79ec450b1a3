"""The command line: python -m course lab | build | exercises | bench."""

from __future__ import annotations

import argparse
import sys


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m course", description="Build the Transformer step by step.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("lab", help="open JupyterLab at the first lesson; further options go to JupyterLab")
    build = commands.add_parser("build", help="make notebooks/ and solutions/ from the lesson files")
    build.add_argument("lessons", nargs="*", help="such as 04 or 04_self_attention; all without")
    build.add_argument("--check", action="store_true", help="change nothing; say what is stale and exit 1")
    build.add_argument("--force", action="store_true", help="also over notebooks in which somebody has worked")
    commands.add_parser("exercises", help="print the table of exercises and how well each is checked")
    bench = commands.add_parser("bench", help="measure the figures that the course claims, and print them as a table")
    bench.add_argument("parts", nargs="*", help="decoding, speed, translator, positions or recipe; all without")
    bench.add_argument("--seconds", type=float, help="CPU seconds of each training (60)")
    bench.add_argument("--seeds", type=int, help="trainings of each translator (3)")
    bench.add_argument("--small", action="store_true", help="on few sentences, to see in seconds that every part runs")
    known, further = parser.parse_known_args(arguments)
    if further and known.command != "lab":
        parser.error(f"unrecognized arguments: {' '.join(further)}")
    return {"lab": run_lab, "build": run_build, "exercises": run_exercises, "bench": run_bench}[known.command](known, further)


def run_lab(options: argparse.Namespace, further: list[str]) -> int:
    from course.classroom.learner.lab import lab

    return lab(further) or 0


def run_build(options: argparse.Namespace, further: list[str]) -> int:
    from course.classroom.author.build import build, stale
    from course.classroom.author.lesson import LessonError

    try:
        if not options.check:
            build(options.lessons, force=options.force)
            return 0
        lines = list(stale(options.lessons))
    except LessonError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(lines) or "notebooks/ and solutions/ are what the lesson files make")
    return 1 if lines else 0


def run_exercises(options: argparse.Namespace, further: list[str]) -> int:
    from course.classroom.author.exercises import survey, table

    rows = survey(lambda text: print(f"{text:60}", end="\r", file=sys.stderr, flush=True))
    print(table(rows))
    return 0 if all(row.good for row in rows) else 1


def run_bench(options: argparse.Namespace, further: list[str]) -> int:
    from course.bench.command import SMALL, bench, chosen
    from course.bench.figures import Effort

    def progress(text: str) -> None:
        print(f"{text:60}", end="\r", file=sys.stderr, flush=True)

    try:
        effort = chosen(SMALL if options.small else Effort(), options.seconds, options.seeds)
        return bench(options.parts, effort, lambda text: print(text, flush=True), progress)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
