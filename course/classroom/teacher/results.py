"""Results: what became of one submission, exercise by exercise, and of the whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbformat import NotebookNode

GRADED, HUMAN = "graded", "needs a human"
RIGHT, WRONG, BLANK = "right", "wrong", "blank"


@dataclass(frozen=True)
class Mark:
    """What became of one exercise.

    name: of the exercise; check: the grade_id of its graded cell; state: right, wrong or blank; text: what check would
    have said; mistakes: the names of the known mistakes."""

    name: str
    check: str
    points: float
    most: float
    state: str
    text: str = ""
    mistakes: tuple[str, ...] = ()


@dataclass
class Result:
    """What became of one submission: graded, or for a human, and why.

    seed: from which its inputs were drawn; suspicions: what the teacher should read; notebook: as it was graded, with
    what its cells showed."""

    student: str
    lesson: str
    outcome: str = GRADED
    reason: str = ""
    marks: list[Mark] = field(default_factory=list)
    suspicions: list[str] = field(default_factory=list)
    seed: int = 0
    seconds: float = 0.0
    fingerprint: str = ""
    timestamp: str = ""
    secret: bytes = b""
    notebook: NotebookNode | None = None

    @property
    def points(self) -> float:
        return sum(mark.points for mark in self.marks)


def characters(text: str) -> str:
    """The text as every file and database takes it: half characters become marks, NUL goes."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
