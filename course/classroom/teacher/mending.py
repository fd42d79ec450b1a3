"""Mending: what happens to a notebook by accident must cost its author no points, nor stop the grading of others.

Who decides a grade, one after the other, as nbgrader_config.py lists them:

1. adopt_renamed finds the lesson's notebook, whatever its name.
2. MendSubmission gives the cells their released text and metadata back (restored), puts a check behind each answer
   (add_checks), and leaves to one cell of each name what nbgrader knows it by (keep_one).
3. OverwriteCells, nbgrader's own, puts the gradebook's text and points over whatever is locked.
4. Run executes the cells; a check that does not pass raises, which leaves an error among the outputs of its cell.
5. IgnorePattern takes away what was written to stderr: for nbgrader that is as bad as an error.
6. TakeBest lets the first check of an exercise that passed stand for all of them.
7. SaveAutoGrades gives it all its points where there is no error, else none, and writes them into the gradebook.

nbgrader puts the notebook on disk between 3 and 4. So what MendSubmission has to tell TakeBest stands in the cells'
metadata: CHECK_OF, on every cell that checks an exercise where there is more than one."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode, v4
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum, has_failed

CHECK_OF = "check_of"  # metadata of the cells that check one exercise: keep_one writes it, TakeBest reads it


@dataclass(frozen=True)
class Original:
    """A cell as it was released, hidden tests included, and nbgrader's metadata for it."""

    source: str
    cell_type: str
    metadata: dict

    @property
    def is_check(self) -> bool:
        return self.metadata["grade"] and not self.metadata["solution"]


def originals(gradebook: Gradebook, notebook: str, assignment: str) -> dict[str, Original]:
    """Every cell of the notebook that nbgrader knows, by grade_id."""
    released = gradebook.find_notebook(notebook, assignment)
    points = {cell.name: cell.max_score for cell in released.grade_cells}
    solutions = {cell.name for cell in released.solution_cells}
    return {
        cell.name: Original(
            cell.source,
            cell.cell_type,
            {
                "schema_version": 3, "grade_id": cell.name, "grade": cell.name in points,
                "solution": cell.name in solutions, "locked": cell.locked, "task": False,
                "checksum": cell.checksum, "cell_type": cell.cell_type,
            } | ({"points": points[cell.name]} if cell.name in points else {}),
        )
        for cell in released.source_cells
    }  # fmt: skip


class MendSubmission(NbGraderPreprocessor):
    """Give every graded cell its text, type and metadata back, and add those that are missing.

    Of the submission counts what the learner wrote. Where a cell was copied, each answer is followed by a check,
    and TakeBest decides."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        submission = resources["nbgrader"]
        with Gradebook(submission["db_url"]) as gradebook:
            known = originals(gradebook, submission["notebook"], submission["assignment"])
        mend(nb, known)
        return nb, resources


def mend(nb: NotebookNode, known: dict[str, Original]) -> None:
    """The notebook, with all its cells that nbgrader knows as it knows them."""
    v4.upgrade(nb)  # before 4.5 cells had no ids
    nb.cells = [restored(cell, known) for cell in nb.cells]
    for name in [name for name, original in known.items() if original.is_check]:
        add_checks(nb, name, known[name])
    for name, original in known.items():
        keep_one(copies(nb, name), original)


def restored(cell: NotebookNode, known: dict[str, Original]) -> NotebookNode:
    """The cell with its released metadata; one that nbgrader does not know has none, nor a claim to be a check."""
    cell.metadata.pop(CHECK_OF, None)
    found = cell.metadata.pop("nbgrader", None)
    claimed = found.get("grade_id") if isinstance(found, dict) else None
    name = claimed if claimed in known else cell.get("id")
    if name not in known:
        return cell
    return as_released(known[name], cell.source, cell.get("id"))


def as_released(original: Original, answer: str | None = None, cell_id: str | None = None) -> NotebookNode:
    """A fresh cell: the released text where it is locked, else the answer.
    A learner's tags ('skip-execution') are gone."""
    source = original.source if original.metadata["locked"] or answer is None else answer
    make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}[original.cell_type]
    cell = make(source, metadata={"nbgrader": dict(original.metadata)})
    if cell_id:
        cell.id = cell_id
    return cell


def copies(nb: NotebookNode, name: str) -> list[NotebookNode]:
    """The cells that are this cell of nbgrader's, in their order."""
    return [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name]


def add_checks(nb: NotebookNode, name: str, original: Original) -> None:
    """See that a check stands between each answer and the next, and one after the last: each answer is then tried.

    The answer to check-NAME is NAME; without such a cell the check comes last, when all is defined. A test that a
    teacher calls otherwise has no answer of its own."""
    answers = copies(nb, name.removeprefix("check-")) if name.startswith("check-") else []
    checks = {id(cell) for cell in copies(nb, name)}
    if not answers and not checks:
        nb.cells.append(as_released(original))
    for answer, following in itertools.pairwise([*answers, None]):
        place = position(nb, answer) + 1
        until = position(nb, following) if following else len(nb.cells)
        if not any(id(cell) in checks for cell in nb.cells[place:until]):
            nb.cells.insert(place, as_released(original))


def position(nb: NotebookNode, cell: NotebookNode) -> int:
    return next(index for index, other in enumerate(nb.cells) if other is cell)


def keep_one(cells: list[NotebookNode], original: Original) -> None:
    """nbgrader knows one cell by one name: of several the last, of several answers the last that is not as released.

    The others become cells of the learner's own, which run like any; of checks all are noted down for TakeBest."""
    if len(cells) < 2:
        return
    written = [cell for cell in cells if compute_checksum(cell) != original.metadata["checksum"]]
    kept = (written if written and not original.is_check else cells)[-1]
    for cell in cells:
        if original.is_check:
            cell.metadata[CHECK_OF] = original.metadata["grade_id"]
        if cell is not kept:
            del cell.metadata["nbgrader"]


class TakeBest(NbGraderPreprocessor):
    """Where several cells check one exercise, the first that passed is the one that nbgrader grades; the others go."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        for name in {cell.metadata[CHECK_OF] for cell in nb.cells if CHECK_OF in cell.metadata}:
            checks = [cell for cell in nb.cells if cell.metadata.get(CHECK_OF) == name]
            graded = next(cell for cell in checks if "nbgrader" in cell.metadata)
            best = next((cell for cell in checks if not has_failed(cell)), graded)
            best.metadata = {"nbgrader": graded.metadata["nbgrader"]}
            nb.cells = [cell for cell in nb.cells if cell is best or cell.metadata.get(CHECK_OF) != name]
        return nb, resources


def adopt_renamed(assignment: str, student: str, notebooks: list[str]) -> None:
    """A notebook handed in alone under another name ('... (1).ipynb') is the lesson's: a copy gets the right name."""
    right = Path(notebooks[0]).with_name(f"{assignment}.ipynb")
    if len(notebooks) == 1 and Path(notebooks[0]) != right:
        shutil.copyfile(notebooks[0], right)
        notebooks[:] = [str(right)]
