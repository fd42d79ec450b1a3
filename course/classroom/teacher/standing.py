"""Standing: what the gradebook knows of a student's work on a lesson, whoever graded it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader.api import Assignment, Grade, Gradebook, Student, SubmittedAssignment

from course.classroom.teacher.results import GRADED, HUMAN

BLANK, MISSING, LATE = "blank", "missing", "late"
NOT_READ = "it could not be read, or has not been graded yet"
Kept = Mapping[tuple[str, str], tuple[str, str]]  # (student, lesson) -> (outcome, reason)


@dataclass(frozen=True)
class Earned:
    """What one graded cell earned; open: a human has to look at it."""

    points: float
    most: float
    open: bool = False


@dataclass(frozen=True)
class Standing:
    """What became of one student's work on one lesson.

    outcome: graded, late (and graded), blank, missing, or needs a human, then for this reason; handed_in: in UTC;
    late: seconds; earned: by the grade_id of the graded cell; blank: the names of the answers with nothing in them;
    comments: what a human wrote, by the answer's grade_id; refused: `course grade` could make nothing of it, so that
    the points are at best those of an earlier submission."""

    student: str
    lesson: str
    names: tuple[str, str, str] = ("", "", "")  # first, last, e-mail
    outcome: str = MISSING
    reason: str = ""
    handed_in: datetime | None = None
    late: float = 0.0
    penalty: float = 0.0
    most: float = 0.0
    earned: Mapping[str, Earned] = field(default_factory=dict)
    blank: frozenset[str] = frozenset()
    comments: Mapping[str, str] = field(default_factory=dict)
    refused: bool = False

    @property
    def name(self) -> str:
        """As the gradebook has it, else the id."""
        return " ".join(part for part in self.names[:2] if part) or self.student

    @property
    def raw(self) -> float:
        """The points, before anything is taken off for being late."""
        return sum(one.points for one in self.earned.values())

    @property
    def points(self) -> float:
        return max(0.0, self.raw - self.penalty)

    @property
    def is_graded(self) -> bool:
        """Whether the points mean anything: somebody, or something, has decided some of them."""
        decided = self.outcome != HUMAN or any(not one.open for one in self.earned.values())
        return decided and not self.refused


def standing(gradebook: Gradebook, lesson: str, student: str) -> Standing:
    """Of one student in one lesson. nbgrader's MissingEntry where nothing was handed in."""
    submission = gradebook.find_submission(lesson, student)
    return of_submission(submission, kept(gradebook))


def standings(gradebook: Gradebook, assignment: Assignment) -> Iterator[Standing]:
    """Of every student in that lesson, also of those who handed nothing in."""
    written = kept(gradebook)
    handed_in = {one.student_id: one for one in gradebook.assignment_submissions(assignment.name)}
    for student in sorted(gradebook.students, key=lambda one: (one.last_name or "", one.first_name or "", one.id)):
        if student.id in handed_in:
            yield of_submission(handed_in[student.id], written)
        else:
            yield Standing(student.id, assignment.name, names_of(student), most=assignment.max_score)


def kept(gradebook: Gradebook) -> Kept:
    """What `course grade` has written down beside nbgrader's own tables; nothing where it never ran."""
    connection = gradebook.db.connection()
    if not connection.dialect.has_table(connection, "course_grade"):
        return {}
    rows = connection.exec_driver_sql("SELECT student, lesson, outcome, reason FROM course_grade")
    return {(student, lesson): (outcome or "", reason or "") for student, lesson, outcome, reason in rows}


def names_of(student: Student) -> tuple[str, str, str]:
    return student.first_name or "", student.last_name or "", student.email or ""


def of_submission(submission: SubmittedAssignment, written: Kept) -> Standing:
    """All that the gradebook knows of it."""
    lesson, grades = submission.assignment.name, [one for book in submission.notebooks for one in book.grades]
    comments = [one for book in submission.notebooks for one in book.comments]
    blank = frozenset(one.name for one in comments if one.auto_comment == "No response.")
    all_blank = bool(comments) and len(blank) == len(comments)
    late = float(submission.total_seconds_late)
    outcome, reason = written.get((submission.student_id, lesson), (GRADED, ""))
    by_hand = bool(grades) and all(one.manual_score is not None for one in grades)
    refused = outcome == HUMAN and not by_hand
    if not refused:
        reason = still_to_do(grades)
        outcome = HUMAN if reason else BLANK if all_blank else LATE if late else GRADED
    return Standing(
        submission.student_id, lesson, names_of(submission.student), outcome, reason, submission.timestamp, late,
        submission.late_submission_penalty or 0.0, submission.assignment.max_score,
        {one.name: Earned(one.score, one.max_score, bool(one.needs_manual_grade)) for one in grades},
        blank, {one.name: one.manual_comment for one in comments if one.manual_comment}, refused,
    )  # fmt: skip


def still_to_do(grades: list[Grade]) -> str:
    """What a human has to look at; '' where it is nothing."""
    names = [one.name for one in grades if one.needs_manual_grade]
    if names and all(one.auto_score is None and one.manual_score is None for one in grades):
        return NOT_READ
    return f"to be graded by hand: {', '.join(names)}" if names else ""
