"""Times: how long a lesson takes, worked out from its file by one formula, and written where it is said."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from course.classroom import ROOT
from course.classroom.author.lesson import Cell, Lesson, LessonError, lesson_paths, read_lesson

WORDS, CODE_LINES = 150, 10  # read in a minute
FORMULA, FIGURE, GUESS, TRAINING = 2.5, 0.5, 0.75, 2.0  # minutes for each
TENS_UP_TO = 105  # minutes; from here on in hours and quarters
TIME_ROW = re.compile(
    r"^(?P<row>\| *\*\*Time\*\* *\| *)(?P<figure>.*?)(?P<rest>(?: *[;:,.(]| for | with | without ).*)?(?P<end> *\|)$",
    re.MULTILINE,
)
ROWS = {  # the row of lesson {0} in each page that says the times: what stands before its time, the time, the rest
    "README.md": r"^(\| \[{0} .*?\]\(notebooks/.*?\) \|.*?\| )(.*?)( \| [^|]*\|)$",
    "TEACHING.md": r"^(\| [\d to]+ \| {0} [^|]*\|[^|]*\| )([^|]*?)( \|.*\|)$",
}


@dataclass(frozen=True)
class Effort:
    """What there is to read, to guess and to write in a lesson."""

    words: int  # of prose, without hints and other folds
    code_lines: int  # that are given, without blank ones and comments
    formulas: int  # that stand in a line of their own
    figures: int
    guesses: int
    trainings: int  # cells that train something, to be waited for
    exercises: int  # minutes

    @property
    def minutes(self) -> float:
        """For one who reads everything, guesses each time, and writes every exercise."""
        reading = self.words / WORDS + self.code_lines / CODE_LINES
        looking = FORMULA * self.formulas + FIGURE * self.figures
        return reading + looking + GUESS * self.guesses + TRAINING * self.trainings + self.exercises


def effort(lesson: Lesson) -> Effort:
    """Counted in the lesson's file."""
    prose = "\n\n".join(without_folds(cell.source) for cell in lesson.cells if cell.kind == "markdown")
    code = [cell for cell in lesson.cells if cell.kind == "code"]
    exercises = [cell for cell in lesson.cells if cell.kind == "exercise"]
    text, n_formulas = re.subn(r"\$\$.*?\$\$", " ", prose, flags=re.DOTALL)
    return Effort(
        words=len(re.findall(r"\w[^\s|]*", re.sub(r"\$[^$]*\$", " x ", text))),
        code_lines=sum(len(re.findall(r"^\s*[^\s#].*$", cell.source, re.MULTILINE)) for cell in code),
        formulas=n_formulas,
        figures=sum("plots.show" in cell.source for cell in code),
        guesses=sum(re.search(r"guess\w* = None", cell.source) is not None for cell in code),
        trainings=sum(any(map(trains, called(cell))) for cell in code),
        exercises=sum(cell.options["minutes"] for cell in exercises),
    )


def without_folds(prose: str) -> str:
    """What is read by everybody: no hints, no helps, no other folds, no fenced blocks."""
    unfolded = re.split(r"^(?:Hint|Help):", prose, maxsplit=1, flags=re.MULTILINE)[0]
    return re.sub(r"<details>.*?</details>|^```.*?^```", "", unfolded, flags=re.DOTALL | re.MULTILINE)


def called(cell: Cell) -> Iterator[str]:
    """The names of what a cell calls as it runs; what it only defines waits."""
    waiting = [node for node in ast.parse(cell.source).body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    for node in (node for statement in waiting for node in ast.walk(statement)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def trains(name: str) -> bool:
    return "train" in name.rpartition(".")[2] or name == "optimizer.step"


def in_words(minutes: float) -> str:
    """'about 80 minutes', 'about 2 hours 45 minutes'."""
    if minutes < TENS_UP_TO:
        return f"about {max(1, round(minutes / 10)) * 10} minutes"
    hours, quarters = divmod(round(minutes / 15), 4)
    rest = f" {15 * quarters} minutes" if quarters else ""
    return f"about {hours} hour{'s' if hours > 1 else ''}{rest}"


def stated(lesson: Lesson) -> str | None:
    """The time in the lesson's head; None where there is no row **Time**."""
    row = TIME_ROW.search(lesson.cells[0].source)
    return row["figure"].strip() if row else None


def stated_in(readme: str, number: str) -> str | None:
    """The time in README's table, of lesson '04'."""
    row = re.search(ROWS["README.md"].format(number), readme, re.MULTILINE)
    return row[2] if row else None


def survey() -> dict[str, tuple[Effort, str | None]]:
    """Each lesson's effort, and the time in its head."""
    lessons = [read_lesson(path) for path in lesson_paths()]
    return {lesson.name: (effort(lesson), stated(lesson)) for lesson in lessons}


def table(rows: dict[str, tuple[Effort, str | None]]) -> str:
    """One line a lesson: what was counted, the minutes that come of it, in words, and what is stated if it differs."""
    names = [field.name.replace("_", " ") for field in fields(Effort)]
    lines = [f"{'lesson':20}" + "".join(f"{name:>12}" for name in names) + "     minutes"]
    for name, (found, said) in rows.items():
        counts = "".join(f"{getattr(found, field.name):>12}" for field in fields(Effort))
        words = in_words(found.minutes)
        lines.append(f"{name:20}{counts}{found.minutes:>12.0f}  {words}" + (f" (stated: {said})" * (said != words)))
    return "\n".join(lines)


def write(root: Path = ROOT) -> Iterator[str]:
    """Put the times into the heads of the lessons and into the tables of ROWS; says each line that it changes."""
    pages = {root / name: row for name, row in ROWS.items() if (root / name).is_file()}
    texts = {page: page.read_text(encoding="utf-8") for page in pages}
    changed = dict(texts)
    for path in sorted((root / "course" / "lessons").glob("[0-9][0-9]_*.py")):
        lesson = read_lesson(path)
        if stated(lesson) is None:
            raise LessonError(f"{path.name}:1: its head has no row '| **Time** | about ... |'")
        time = in_words(effort(lesson).minutes)
        texts[path] = path.read_text(encoding="utf-8")
        changed[path] = TIME_ROW.sub(rf"\g<row>{time}\g<rest>\g<end>", texts[path], 1)
        if changed[path] != texts[path]:
            yield f"{path.name}: {stated(lesson)} -> {time}"
        for page, row in pages.items():
            changed[page] = re.sub(row.format(path.stem[:2]), rf"\g<1>{time}\g<3>", changed[page], flags=re.MULTILINE)
    for path, text in changed.items():
        if text != texts[path]:
            path.write_text(text, encoding="utf-8", newline="\n")
            if path in pages:
                yield path.name
