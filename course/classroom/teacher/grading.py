"""Grading: one submission becomes a Result: read, mended, run in a sandbox, judged here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, v4

from course.classroom.teacher import inbox
from course.classroom.teacher.feedback import HIDDEN
from course.classroom.teacher.paper import Lesson, Step, is_blank, steps
from course.classroom.teacher.results import BLANK, HUMAN, RIGHT, WRONG, Mark, Result, characters
from course.classroom.teacher.running import cut
from course.classroom.teacher.suspicion import suspicions
from course.grading.inside.confine import Limits
from course.grading.inside.wire import WireError
from course.grading.sandbox import Ended, Room, Sandbox
from course.grading.verdicts import Absent, Died, Examiner
from course.judging.judge import Verdict

# of computing: for a graded cell of a teacher's own; for any other cell; for that after the first loop
GRADED_SECONDS, CELL_SECONDS, LATER_SECONDS = 300, 60, 5
MOST_ROOMS = 4  # how often a submission that kills its process may begin again
MOST_TEXT, MOST_SHOWN = 20_000, 200


@dataclass(frozen=True)
class Hall:
    """Where a whole class is examined, one submission after the other, each within the limits."""

    lesson: Lesson
    sandbox: Sandbox
    examiner: Examiner
    limits: Limits


def graded(submitted: Path, student: str, hall: Hall) -> Result:
    """What became of the student's submission; whatever it is, there is a result."""
    began, lesson = time.monotonic(), hall.lesson
    result = Result(student, lesson.name, seed=hall.examiner.seed)
    try:
        handed = inbox.handed_in(submitted, student, lesson.name)
        result.fingerprint, result.timestamp, result.secret = handed.fingerprint, handed.timestamp, handed.secret
        result.suspicions += [f"handed in: {oddity}" for oddity in handed.oddities[:20]]
        paper = steps(inbox.notebook_of(handed, lesson.name), lesson)
        Sitting(hall, result, paper, beside(handed)).hold()
        result.notebook = v4.new_notebook(cells=[step.cell for step in paper])
    except inbox.Unreadable as error:
        result.outcome, result.reason = HUMAN, str(error)
        result.fingerprint = result.fingerprint or str(error)
        result.suspicions += [str(error)] if isinstance(error, inbox.Planted) else []
    result.seconds = time.monotonic() - began
    return result


def beside(handed: inbox.Handed) -> dict[str, bytes]:
    """The files that came along with the notebook."""
    return {name: content for name, content in handed.files.items() if not name.endswith(".ipynb")}


class Sitting:
    """One submission in its room, cell by cell; where its process ends, in a new one, without what ended it."""

    def __init__(self, hall: Hall, result: Result, paper: list[Step], files: dict[str, bytes]) -> None:
        self.hall, self.lesson, self.result, self.paper, self.files = hall, hall.lesson, result, paper, files
        self.until = time.monotonic() + hall.limits.seconds
        self.right: set[str] = set()
        self.marks: dict[str, Mark] = {}
        self.done: list[Step] = []
        self.rooms, self.late = 0, False
        self.room: Room | None = None

    def hold(self) -> None:
        """Run what is to be run, ask what is to be asked; the marks and what was shown are then in the result."""
        try:
            for step in self.paper:
                self.take(step)
        finally:
            if self.room:
                self.room.leave()
        self.result.marks = [self.marks.get(name) or self.not_asked(name) for name in self.lesson.checks()]
        texts = [step.cell.source for step in self.paper if step.kind in ("answer", "own")]
        self.result.suspicions += [f"a cell {what}" for what in suspicions(texts)]

    def take(self, step: Step) -> None:
        step.cell.pop("outputs", None)
        if step.kind != "text":
            step.cell.outputs, step.cell.execution_count = [], None
        if step.kind == "check":
            step.cell.source = HIDDEN.sub("", step.cell.source)  # which was not run, and may be shown to anybody
            self.ask(step)
        elif step.ran:
            self.run(step)

    def inside(self, asked: str = "") -> Room | None:
        """The room; a new one where there is none: what ran before runs again, but for what ended the last.

        So also for an answer to be asked for of which the course's own was lent there: it may have been kept."""
        if self.room and asked in self.room.lent:
            self.room.leave()
            self.room, self.rooms = None, self.rooms - 1
        left = int(self.until - time.monotonic())
        if self.room or self.rooms >= MOST_ROOMS or left < 1:
            return self.room
        self.rooms += 1
        self.room = self.hall.sandbox.enter(replace(self.hall.limits, seconds=left))
        try:
            for name, content in self.files.items():
                self.room.file(name, content)
            for step in self.done:
                self.room.run(step.cell.source, LATER_SECONDS)
        except (Ended, WireError) as error:
            self.lost(error)
        return self.room

    def lost(self, error: Exception) -> str:
        """The room is no more; why."""
        if self.room:
            self.room.leave()
        self.room = None
        why = f"the process ended: {error}"
        self.result.suspicions.append(why)
        return why

    def run(self, step: Step) -> None:
        """Run a cell, and note down what it shows."""
        room = self.inside()
        if room is None:
            step.cell.outputs = [failure("NotRun", "no time was left, or the process had ended too often")]
            return
        seconds = GRADED_SECONDS if step.kind == "test" else LATER_SECONDS if self.late else CELL_SECONDS
        try:
            shown = list(safe_outputs(room.run(step.cell.source, seconds)))
            if room.crowded():
                raise Ended("a cell left threads or processes behind")
            self.done.append(step)
        except (Ended, WireError) as error:
            shown = [failure("Ended", self.lost(error))]
        self.late = self.late or any(one.get("ename") == "TimeoutError" for one in shown)
        step.cell.outputs = shown
        if step.kind == "test":
            self.mark_test(step, shown)

    def mark_test(self, step: Step, shown: list[NotebookNode]) -> None:
        """A graded cell of a teacher's own: it passes where it raises nothing, as in nbgrader."""
        most = self.lesson.known[step.check_of].metadata["points"]
        failed = next((one for one in shown if one.output_type == "error"), None)
        mark = Mark(step.check_of, step.check_of, 0.0 if failed else most, most, WRONG if failed else RIGHT)
        self.keep(replace(mark, text=f"{failed.ename}: {failed.evalue}" if failed else ""))

    def ask(self, step: Step) -> None:
        """Have the exercise judged, and note down the verdict; of several answers the best counts."""
        name, most = step.exercise, self.lesson.known[step.check_of].metadata["points"]
        state, points, verdict = WRONG, 0.0, None
        try:
            verdict = self.verdict(name)
            text = verdict.text
            if verdict.right:
                state, points = RIGHT, most
                self.right.add(name)
        except Absent as absent:
            text = f"There is no function {name}" + (f", but a {absent}." if str(absent) else ".")
        except Died as error:
            text = f"{name} ended its process, or took too long: {error}"
        if state == WRONG and self.blank(step):
            state, text = BLANK, "Nothing was written here."
        shown = short(text)
        step.cell.outputs = [v4.new_output("stream", text=shown + "\n") if points else failure("CheckFailed", shown)]
        known = tuple(mistake.name for mistake in verdict.mistakes) if verdict else ()
        self.keep(Mark(name, step.check_of, points, most, state, shown, known))

    def verdict(self, name: str) -> Verdict:
        room = self.inside(name)
        if room is None:
            raise Died("no time was left")
        texts = [step.cell.source for step in self.paper if step.kind in ("answer", "own")]
        try:
            verdict = self.hall.examiner.examine(room, name, self.right, texts)
        except (Ended, WireError) as error:
            raise Died(self.lost(error)) from None
        if verdict.fits_seen_alone:
            self.result.suspicions.append(f"{name} is right on the inputs of check alone")
        if verdict.unclear:
            self.result.suspicions.append(f"{name} may be right: the grader cannot follow its tensors, read it")
        return verdict

    def blank(self, check: Step) -> bool:
        name = check.check_of.removeprefix("check-")
        answers = [step for step in self.paper if step.grade_id == name]
        return bool(answers) and all(is_blank(step.cell, self.lesson.known[name]) for step in answers)

    def keep(self, mark: Mark) -> None:
        """The best of several."""
        before = self.marks.get(mark.check)
        if before is None or mark.points > before.points:
            self.marks[mark.check] = mark

    def not_asked(self, check: str) -> Mark:
        most = self.lesson.known[check].metadata["points"]
        return Mark(self.lesson.exercise_of(check) or check, check, 0.0, most, WRONG, "It could not be asked.")


def failure(kind: str, text: str) -> NotebookNode:
    return v4.new_output("error", ename=kind, evalue=text, traceback=[text])


def short(text: str) -> str:
    """As it may stand in a notebook."""
    return cut(characters(text), MOST_TEXT)


def safe_outputs(outputs: list[Any]) -> Iterator[NotebookNode]:
    """Of what a sandbox says that a cell showed: texts and pictures, none too long."""
    for output in outputs[:MOST_SHOWN]:
        match output:
            case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
                yield v4.new_output("stream", name=name, text=short(text))
            case {"output_type": "error", "ename": str(kind), "evalue": str(text), "traceback": [str(lines)]}:
                kind, text, lines = short(kind[:100]), short(text), short(lines)
                yield v4.new_output("error", ename=kind, evalue=text, traceback=[lines])
            case {"data": {"image/png": str(picture)}} if picture.isascii() and len(picture) < 3_000_000:
                yield v4.new_output("display_data", data={"image/png": picture})
            case {"data": {"text/plain": str(text)}}:
                yield v4.new_output("display_data", data={"text/plain": short(text)})
