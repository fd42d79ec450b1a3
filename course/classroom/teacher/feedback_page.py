"""Feedback page: what a student reads about one lesson: points, what was lost and why, answers, comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import compute_checksum

from course.checks.registry import EXERCISES
from course.classroom.pages import Pages, plain, shortened
from course.classroom.teacher.feedback import HIDDEN
from course.classroom.teacher.results import BLANK, RIGHT, WRONG
from course.classroom.teacher.standing import Standing, standing

OPEN, PART = "not graded yet", "partly right"
NOTHING = "Nothing was written here."
PARTS = re.compile(r"^[ \t]*(What|Why|Look):[ \t]*(.*)$", re.MULTILINE)
MOST_LINE = 200


@dataclass(frozen=True)
class Item:
    """One exercise, or written answer, as the page shows it.

    line: what was lost and why, in few words; said: all that check said; comments: of the teacher."""

    name: str
    place: str
    section: str
    points: float
    most: float
    state: str
    answer: str
    is_code: bool
    said: str
    comments: tuple[str, ...]

    @property
    def line(self) -> str:
        told = {BLANK: NOTHING, OPEN: "Your teacher has not graded this yet.", RIGHT: "Right."}
        return told.get(self.state) or in_a_line(self.said) or "See below."


def in_a_line(said: str) -> str:
    """The first line of Why, else of What, else of the whole; a longer one is cut."""
    parts = {name: text for name, text in reversed(PARTS.findall(said)) if text.strip()}
    first = next((line.strip() for line in said.splitlines() if line.strip()), "")
    line = parts.get("Why") or parts.get("What") or first
    line = line if len(line) <= MOST_LINE else line[:MOST_LINE].rsplit(" ", 1)[0] + " ..."
    return line[:1].upper() + line[1:]


class FeedbackPage(Pages):
    """nbgrader's GenerateFeedback writes this page instead of the whole notebook."""

    output_mimetype = "text/html"
    file_extension = ".html"

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> tuple[str, Any]:
        nb, resources = Exporter.from_notebook_node(self, nb, resources, **kw)
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            found = standing(gradebook, about["assignment"], about["student"])
        return self.of(found, nb), resources

    def of(self, found: Standing, nb: NotebookNode) -> str:
        """The page about that standing, with the answers and messages of the graded notebook."""
        items = [] if found.refused else list(items_of(nb, found))
        ours = found.reason.startswith("the grader")  # of a failure of ours a learner has no use
        return self.page(
            "feedback.html.j2", standing=found, items=items, title=title_of(nb) or found.lesson,
            reason="" if ours or not found.refused else found.reason.partition("\n")[0], ours=ours,
            late=how_late(found.late), all_blank=bool(items) and all(item.state == BLANK for item in items),
        )  # fmt: skip


def items_of(nb: NotebookNode, found: Standing) -> Iterator[Item]:
    """The exercises in the order of the notebook, then what else a teacher has commented on."""
    cells = {about(cell)["grade_id"]: cell for cell in nb.cells if about(cell)}
    graded = [name for name in cells if name in found.earned]
    for number, name in enumerate(graded, 1):
        yield item(nb, cells, name, found, f"exercise-{number}")
    shown = {name.removeprefix("check-") for name in graded}
    for number, name in enumerate(found.comments.keys() & cells.keys() - shown, 1):
        cell = cells[name]
        text, is_code = shortened(cell.source), cell.cell_type == "code"
        yield Item(name, f"comment-{number}", "", 0, 0, RIGHT, text, is_code, "", (found.comments[name],))


def about(cell: NotebookNode) -> dict[str, Any]:
    """What nbgrader says of a cell that it knows; of another nothing."""
    told = cell.metadata.get("nbgrader")
    return told if isinstance(told, dict) and isinstance(told.get("grade_id"), str) else {}


def item(nb: NotebookNode, cells: dict[str, NotebookNode], grade_id: str, found: Standing, place: str) -> Item:
    name, earned, check = grade_id.removeprefix("check-"), found.earned[grade_id], cells[grade_id]
    by_itself = about(check).get("solution") or about(check).get("task")  # a written answer, which a human grades
    answer = check if by_itself else cells.get(name) or defining(nb, name)
    said = "" if by_itself and check.cell_type != "code" else said_by(check)
    blank = answer is None or name in found.blank or grade_id in found.blank or is_as_released(answer)
    state = OPEN if earned.open else RIGHT if earned.points >= earned.most else BLANK if blank else WRONG
    state = PART if state == WRONG and earned.points > 0 else state
    comments = tuple(found.comments[key] for key in dict.fromkeys((name, grade_id)) if key in found.comments)
    return Item(
        name, place, EXERCISES[name].section if name in EXERCISES else "", earned.points, earned.most, state,
        "" if blank else shortened(answer.source), answer is not None and answer.cell_type == "code", said, comments,
    )  # fmt: skip


def defining(nb: NotebookNode, name: str) -> NotebookNode | None:
    """The last cell that defines the name, where the answer's own cell is gone."""
    starts = re.compile(rf"^(?:def|class)\s+{re.escape(name)}\b", re.MULTILINE)
    found = [cell for cell in nb.cells if cell.cell_type == "code" and starts.search(cell.source)]
    return found[-1] if found else None


def is_as_released(cell: NotebookNode) -> bool:
    """Whether it is still what nbgrader handed out."""
    told = about(cell)
    return "checksum" in told and told["checksum"] == compute_checksum(cell)


def said_by(cell: NotebookNode) -> str:
    """The texts that a check showed: of an error, its name and text; hidden tests are in none of them."""
    texts = []
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            texts.append(output.evalue if output.ename == "CheckFailed" else f"{output.ename}: {output.evalue}")
        elif output.output_type == "stream":
            texts.append(output.text)
    return HIDDEN.sub("", shortened(plain("\n".join(texts)))).strip()


def title_of(nb: NotebookNode) -> str:
    """The lesson's, as its first heading has it."""
    texts = (cell.source for cell in nb.cells if cell.cell_type == "markdown")
    found = re.search(r"^# (.{1,100})$", next(texts, ""), re.MULTILINE)
    return found[1].strip() if found else ""


def how_late(seconds: float) -> str:
    """'3 days', '1 hour', or '' where it was in time."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return ""
