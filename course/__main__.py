"""The command line: python -m course COMMAND, each command a function of this file."""

from __future__ import annotations

import subprocess
import sys
import webbrowser
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from course.classroom.command_line import (
    argument,
    at_least_one,
    command,
    file_called,
    folder_called,
    misuse,
    new_page_called,
    run,
)

# What a command needs is imported inside it: nobody waits for the imports of another, or to be told of a slip.


def going_on(text: str) -> None:
    """What goes on, on stderr, in one line that the next call writes over."""
    print(f"{text:60}", end="\r", file=sys.stderr, flush=True)


def failed(error: Exception) -> int:
    """Say the error, which needs no traceback to be understood -> the exit code."""
    print(error, file=sys.stderr)
    return 1


@command(
    argument("--teacher", action="store_true", help="the whole repository, with Formgrader to grade by hand"),
    further="JUPYTERLAB_OPTION",
)
def lab(options: Namespace) -> int:
    """Open JupyterLab at the page that says how far you have come.

    Lessons are laid out in work/, where you write; COURSE_WORK names another folder. What is there stays.

    Options that are not listed here go to JupyterLab and win over the course's own, such as:

      python -m course lab --no-browser --port=8899
      python -m course lab --teacher --browser=firefox

    `python -m course lab --help-all` lists JupyterLab's options.
    """
    from course.classroom.learner.lab import lab

    return lab(options.further, lambda line: print(line, file=sys.stderr), teacher=options.teacher) or 0


@command(
    argument("lesson", metavar="LESSON", help="4, 04 or 04_self_attention"),
    argument("--keep", action="store_true", help="take your answers over into the new copy"),
)
def fresh(options: Namespace) -> int:
    """Begin a lesson again: your notebook is put aside, dated, and a new copy laid out."""
    from course.classroom.learner import desk, index

    with misuse():
        lesson = desk.lesson_called(options.lesson)
    try:
        aside, path = desk.fresh(lesson, options.keep)
        index.write()
        n_left = desk.left_aside(aside, path) if aside and options.keep else 0
    except (desk.DeskError, OSError) as error:
        return failed(error)
    print(f"{path} is new{', with your answers' if options.keep and aside else ''}")
    print(f"the old one is {aside}" if aside else "there was no old one")
    if n_left:
        print(f"{n_left} cell{'s' * (n_left > 1)} of your own stayed there: copy what you want to keep")
    return 0


@command()
def progress(_: Namespace) -> int:
    """Say which exercises are right, tried and open, and where to go on."""
    from course.classroom.learner import desk
    from course.classroom.learner.index import in_words
    from course.classroom.learner.states import survey

    try:
        print(in_words(survey()))
    except desk.DeskError as error:
        return failed(error)
    return 0


def tests_of(paths: Sequence[Path]) -> int:
    """Run these tests -> the exit code; what fails is said."""
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", *map(str, paths)]
    if not paths or subprocess.run(command).returncode == 0:
        return 0
    print("the notebooks are built, but what they have one write is not right: see above", file=sys.stderr)
    return 1


@command(
    argument("lessons", nargs="*", metavar="LESSON", help="4, 04 or 04_self_attention; all without"),
    argument("--check", action="store_true", help="change nothing; say what is stale and exit with 1"),
    argument("--force", action="store_true", help="also over notebooks in which somebody has worked"),
    argument("--run", action="store_true", help="run every cell, also where only prose has changed"),
)
def build(options: Namespace) -> int:
    """Make notebooks/ and solutions/ from the lesson files."""
    from course.classroom.author.lesson import LessonError, lessons_called

    with misuse():
        lessons_called(options.lessons)
    from course.classroom.author.build import build, oracles, stale

    try:
        if not options.check:
            build(options.lessons, force=options.force, run=options.run)
            return tests_of(oracles(options.lessons)) if options.lessons else 0
        lines = list(stale(options.lessons))
    except LessonError as error:
        return failed(error)
    print("\n".join(lines) or "notebooks/ and solutions/ are what the lesson files make")
    return 1 if lines else 0


@command(
    argument("names", nargs="*", metavar="NAME", help="an exercise, or a lesson as 4, 04 or 04_self_attention"),
    argument("--fresh", action="store_true", help="try everything again, also what has not changed"),
)
def exercises(options: Namespace) -> int:
    """Print the table of exercises: is each known mistake called by its name?"""
    from course.classroom.author.exercises import chosen, survey, table

    with misuse():
        some = chosen(options.names)
    rows = survey(some, going_on, options.fresh)
    going_on("")
    print(table(rows))
    return 0 if all(row.good for row in rows) else 1


@command(
    argument("notebook", metavar="NOTEBOOK", help="such as solutions/04_self_attention/04_self_attention.ipynb"),
    argument("picture", metavar="PICTURE", help="the file to be written, such as lesson.png"),
)
def picture(options: Namespace) -> int:
    """Draw a whole notebook with its stored outputs, as JupyterLab shows it, into one picture."""
    from course.classroom.author.browser import NoBrowser
    from course.classroom.author.picture import draw, paths

    with misuse():
        notebook, picture = paths(options.notebook, options.picture)
    try:
        draw(notebook, picture)
    except NoBrowser as error:
        return failed(error)
    return 0


@command(argument("folder", nargs="?", default="site", metavar="FOLDER", help="where to (site/)"))
def site(options: Namespace) -> int:
    """Make the reading edition: all solved lessons as pages that need neither server nor network."""
    from course.classroom.author.site.edition import ours, write
    from course.classroom.author.site.formulas import FormulaError

    with misuse():
        folder = ours(Path(options.folder))
    try:
        written = write(folder)
    except FormulaError as error:
        return failed(error)
    print(f"{written.pages} pages, {written.figures} figures, {written.total / 1e6:.1f} MB: {folder / 'index.html'}")
    return 0


@command(
    argument(
        "parts",
        nargs="*",
        metavar="PART",
        help="decoding, speed, translator, positions, recipe, tagging, addition or grading; all without",
    ),
    argument("--seconds", type=float, metavar="S", help="CPU seconds of each training (60)"),
    argument("--seeds", type=int, metavar="N", help="trainings of each translator (3)"),
    argument("--small", action="store_true", help="on few sentences, to see in seconds that every part runs"),
    argument(
        "--class",
        type=int,
        action="append",
        default=[],
        dest="classes",
        metavar="N",
        help="grading: watch a class of N as well, how it grows (may be said several times)",
    ),
)
def bench(options: Namespace) -> int:
    """Measure the figures that the course claims, and print them as a table."""
    from course.bench.command import SMALL, bench, chosen, parts_called
    from course.bench.figures import Effort

    with misuse():
        parts = parts_called(options.parts)
        effort = chosen(SMALL if options.small else Effort(), options.seconds, options.seeds, options.classes)
    return bench(parts, effort, lambda text: print(text, flush=True), going_on)


@command(argument("--write", action="store_true", help="put the times into the lessons' heads and into README.md"))
def times(options: Namespace) -> int:
    """Print how long each lesson takes, by the formula of CONTRIBUTING.md; 1 where a head says something else."""
    from course.classroom.author.lesson import LessonError
    from course.classroom.author.times import in_words, survey, table, write

    try:
        if options.write:
            print("\n".join(write()) or "nothing to change")
            return 0
        rows = survey()
    except LessonError as error:
        return failed(error)
    print(table(rows))
    return 0 if all(said == in_words(found.minutes) for found, said in rows.values()) else 1


@command(
    argument("path", metavar="PATH", help="the folder of a model: config.json, *.safetensors and a tokenizer's files"),
    argument("prompt", metavar="PROMPT", help="the text; for a BERT with [MASK] in it"),
    argument("--ids", action="store_true", help="PROMPT and answer are token ids, with spaces between"),
    argument("--max-tokens", type=int, default=40, metavar="N", help="at most so many tokens are written (40)"),
    argument("--beams", type=int, default=4, metavar="N", help="beams of a translator (4)"),
)
def pretrained(options: Namespace) -> int:
    """Ask a downloaded model: gpt2 and llama continue, marian translates, bert fills [MASK].

    PATH is a folder as Hugging Face's hub has it; of which kind it is says its config.json. Text is read where the
    tokenizer is GPT-2's, Llama 3's or BERT's; for those of sentencepiece (Marian, Llama 1 and 2) the prompt is ids.
    """
    with misuse():
        folder = folder_called(options.path)
        at_least_one("--max-tokens", options.max_tokens)
        at_least_one("--beams", options.beams)
    from course.pretrained.answer import Request, open_model
    from course.pretrained.refused import Refused

    with misuse():
        try:
            request = Request(options.prompt, options.ids, options.max_tokens, options.beams)
            print(open_model(folder, options.ids)(request))
        except Refused as error:
            return failed(error)
    return 0


@command(
    argument("lesson", metavar="LESSON", help="4, 04 or 04_self_attention, as it was released"),
    argument("--student", action="append", default=[], metavar="ID", help="only this one; may be said several times"),
    argument("--workers", type=int, default=0, metavar="N", help="so many at a time (as many as there are cores)"),
    argument("--scheduler", metavar="ADDRESS", help="let the workers of this Dask scheduler do it: tcp://HOST:8786"),
    argument("--submitted", metavar="DIR", help="where submissions lie: DIR/STUDENT/LESSON (submitted/)"),
    argument("--force", action="store_true", help="also what is graded already and has not changed"),
    argument("--json", metavar="FILE", help="write what became of each submission there"),
    argument("--page", metavar="FILE", help="write what became of the class there, as a page with plots"),
    argument("--unsandboxed", action="store_true", help="where no sandbox can be had: run strangers' code in the open"),
    argument("--seconds", type=int, default=600, metavar="N", help="that one submission may take (600)"),
    argument("--memory", type=int, default=2048, metavar="MB", help="that one submission may use (2048)"),
)
def grade(options: Namespace) -> int:
    """Grade what was handed in for a lesson, in a sandbox, into nbgrader's gradebook.

    In a folder with nbgrader_config.py, in which the lesson was released. What is graded already and has not changed
    stays as it is; points that somebody gave by hand are kept. 1 where something was left to be graded.
    """
    from course.classroom.teacher.command import grade

    with misuse():
        at_least_one("--workers", options.workers or 1)
        at_least_one("--seconds", options.seconds)
        at_least_one("--memory", options.memory)
        submitted = folder_called(options.submitted, "--submitted") if options.submitted else None
    return grade(options, submitted)


@command(
    argument("folder", metavar="FOLDER", help="a new one for this class, such as /srv/class"),
    argument("teacher", metavar="TEACHER", help="the account that releases, collects and grades"),
    argument("roster", metavar="ROSTER", help="a file roster.csv, whose column id has the students' accounts"),
    argument("--port", type=int, default=8000, metavar="N", help="where the hub listens, on this machine alone (8000)"),
    argument("--trial", action="store_true", help="everybody works in your own account, with one password"),
)
def hub(options: Namespace) -> int:
    """Make the folder of a class that works on a JupyterHub, on one Linux machine.

    Nothing is overwritten. TEACHING.md says how to go on, from releasing a lesson to returning feedback.
    """
    from course.classroom.teacher.hub import Hub, create, new_password, steps

    with misuse():
        roster = file_called(options.roster, "ROSTER")
        password = new_password() if options.trial else ""
        made = Hub(Path(options.folder).resolve(), options.teacher, options.port, password)
        without = create(made, roster)
    print(steps(made, without))
    return 0


@command(
    argument("translator", metavar="TRANSLATOR", help="what lesson 09 has saved, such as work/translator.pt"),
    argument("-o", "--output", metavar="FILE", help="the page (the translator's name, with .html, in this folder)"),
    argument("--lessons", metavar="FOLDER", help="lead to these lessons, which `python -m course site` has made"),
    argument("--open", action="store_true", help="show it in a browser"),
)
def page(options: Namespace) -> int:
    """Put your translator on a page, to translate with it and to look inside it.

    The page is one file, in which the model runs: it needs no server and no network, and can be sent to anybody.
    Its address may end with what is shown first: translator.html#sentence=Der Hund schläft.&parts=sentence,residual
    """
    with misuse():
        translator = file_called(options.translator, "TRANSLATOR")
        target = new_page_called(options.output or f"{translator.stem}.html", "FILE")
        site = folder_called(options.lessons, "--lessons") if options.lessons else None
    from course.classroom.learner.own_page import own_page

    try:
        found = own_page(translator, target, site)
    except (OSError, ValueError) as error:
        return failed(error)
    n_numbers = sum(weight.numel() for weight in found.model.parameters())
    print(f"{target}: {n_numbers:,} numbers, {target.stat().st_size / 1e6:.1f} MB; open it in any browser")
    if options.open:
        webbrowser.open(target.resolve().as_uri())
    return 0


@command(argument("--fresh", action="store_true", help="check everything again, also what has not changed"))
def mine(options: Namespace) -> int:
    """Check all your answers, and make a package of those that are right: mine/.

    What has not changed since is not checked again. `from mine.attention import causal_mask` is then what you wrote,
    `from course.mine import parts` the whole course, made of your parts, and of the course's where one is missing.
    """
    from course.classroom.learner.mine import NotOurs, mine

    try:
        for line in mine(say=going_on, fresh=options.fresh):
            print(line)
    except NotOurs as error:
        return failed(error)
    return 0


@command(
    argument("notebook", metavar="NOTEBOOK", help="such as work/04_self_attention/04_self_attention.ipynb"),
    argument("--json", action="store_true", help="for programs: JSON, line by line; it stops when stdin ends"),
)
def validate(options: Namespace) -> int:
    """Say of each exercise of a notebook whether it is right, and for how many points, as the Validate button does.

    It runs what a grade needs: answers, checks, your own cells, and of the lesson's cells those on which they depend.
    1 where an exercise is not right, or there is none.
    """
    path = Path(options.notebook).resolve()
    if options.json:
        from course.classroom.learner.validation_process import tell_in_json

        return tell_in_json(path)
    from course.classroom.learner.validation import NotValidated, in_words, validate

    try:
        report = validate(path, going_on)
    except NotValidated as error:
        return failed(error)
    going_on("")
    print(in_words(report))
    return 0 if report.all_right else 1


COMMANDS = (
    lab, progress, validate, mine, page, fresh, build, exercises, picture, times, site, bench, pretrained, grade, hub,
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    return run(COMMANDS, arguments)


if __name__ == "__main__":
    sys.exit(main())
