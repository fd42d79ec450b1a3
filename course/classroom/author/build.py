"""Build notebooks/ and solutions/ from the lesson files, or say which of them are stale."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import compute_checksum
from traitlets.config import Config, PyFileConfigLoader

from course.classroom import ROOT
from course.classroom.author import alt_texts
from course.classroom.author.bibliography import PAGE, page
from course.classroom.author.cache import fingerprint, imports
from course.classroom.author.glossary import GLOSSARY_PAGE, glossary_page
from course.classroom.author.lesson import Lesson, LessonError, lessons_called, read_lesson
from course.classroom.author.notebook import METADATA, make_notebook
from course.mine.record import VARIABLE

CELL_TIMEOUT = 600  # seconds
WIDGET = "application/vnd.jupyter.widget-view+json"


def build(
    names: list[str], root: Path = ROOT, say: Callable[[str], None] = print, force: bool = False, run: bool = False
) -> None:
    """Execute and release the lessons, writing solutions/ and notebooks/ with their pages; says each step.

    A lesson in which only prose has changed keeps its outputs (unless run).

    LessonError, before anything is written, where somebody has worked in a learner's notebook (unless forced)."""
    began = time.perf_counter()
    lessons = [read_lesson(path) for path in lessons_called(names)]
    for lesson in [] if force else lessons:
        refuse_to_overwrite(root / "notebooks" / lesson.name / f"{lesson.name}.ipynb")
    for path, text in pages(root):
        write_text(text, path)
    for number, lesson in enumerate(lessons, 1):
        say(f"[{number}/{len(lessons)}] {lesson.name}: {len(lesson.cells)} cells")
        started = time.perf_counter()
        build_one(lesson, root, say, run)
        say(f"      executed and released in {time.perf_counter() - started:.0f} s")
    say(f"total: {time.perf_counter() - began:.0f} s")


def oracles(names: list[str]) -> list[Path]:
    """The tests that hold what the lessons have one write to somebody else's: a broken one agrees with itself."""
    lessons = [read_lesson(path) for path in lessons_called(names)]
    modules = {cell.module.rpartition(".")[2] for lesson in lessons for cell in lesson.cells if cell.kind == "exercise"}
    return [path for name in sorted(modules) if (path := ROOT / "tests" / f"test_{name}.py").exists()]


def pages(root: Path) -> Iterator[tuple[Path, str]]:
    """What lies beside the lessons, twice: bibliography and glossary; and the figures' texts, where they are read."""
    for folder in ("notebooks", "solutions"):
        yield root / folder / PAGE, page()
        yield root / folder / GLOSSARY_PAGE, glossary_page()
    yield root / alt_texts.PLACE, alt_texts.page()


def build_one(lesson: Lesson, root: Path, say: Callable[[str], None], run: bool = False) -> None:
    """Write its two notebooks, neither where a cell fails."""
    notebook = make_notebook(lesson)
    folder, last = root / "solutions" / lesson.name, root / ".cache" / f"run-{lesson.name}"
    path, key = folder / f"{lesson.name}.ipynb", run_key(lesson, notebook)
    folder.mkdir(parents=True, exist_ok=True)
    if not run and last.exists() and last.read_text(encoding="utf-8") == key and has_run(path, notebook):
        say("      nothing that runs has changed: the outputs stay")
    else:
        try:
            execute(notebook, folder, say)
        except CellExecutionError as error:
            raise failed_cell(lesson, notebook, error) from None
    write(notebook, path)
    write_text(key, last)
    released = release(notebook, lesson.name)
    write(released, root / "notebooks" / lesson.name / f"{lesson.name}.ipynb")


def run_key(lesson: Lesson, notebook: NotebookNode) -> str:
    """Changes with all that its outputs come from: its code, what that imports of the course, its checks, the pins."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    imported = {name for source in code for name in imports("", re.sub(r"^[%!].*$", "", source, flags=re.MULTILINE))}
    themes = {cell.module.rpartition(".")[2] for cell in lesson.cells if cell.kind == "exercise"}
    imported |= {name for theme in themes for name in (f"course.{theme}", f"course.checks.{theme}.exercises")}
    return fingerprint(imported, (ROOT / "requirements.txt").read_text(encoding="utf-8"), *code) + "\n"


def has_run(path: Path, notebook: NotebookNode) -> bool:
    """Give the notebook the outputs that are stored for the same code; whether there are any."""
    stored = nbformat.read(path, as_version=4).cells if path.exists() else []
    before = {cell.id: cell for cell in stored if cell.cell_type == "code"}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if any(cell.id not in before or before[cell.id].source != cell.source for cell in code):
        return False
    for cell in code:
        cell.outputs, cell.execution_count = before[cell.id].outputs, before[cell.id].execution_count
    return True


def refuse_to_overwrite(path: Path) -> None:
    """LessonError where a cell was run, or an answer changed, since the release: the notebook holds somebody's work."""
    cells = nbformat.read(path, as_version=4).cells if path.exists() else []
    for cell in cells:
        released = cell.metadata.get("nbgrader", {}).get("checksum")
        if cell.get("outputs") or cell.get("execution_count") or (released and compute_checksum(cell) != released):
            raise LessonError(
                f"{path}: somebody has worked in this notebook (see cell {cell.id!r}), and a build would overwrite it. "
                "Copy it to another folder first; then build with --force"
            )


def execute(notebook: NotebookNode, folder: Path, say: Callable[[str], None]) -> None:
    """Run every cell on one thread, outputs into the notebook. An error in a cell ends the build."""
    total = len(notebook.cells)

    def progress(cell: NotebookNode, cell_index: int) -> None:
        if cell_index and cell_index % 10 == 0:
            say(f"      cell {cell_index} of {total}")

    NotebookClient(
        notebook, timeout=CELL_TIMEOUT, record_timing=False, coalesce_streams=True, on_cell_start=progress,
        extra_arguments=["--log-level=ERROR"], resources={"metadata": {"path": str(folder)}},
    ).execute(env=environment())  # fmt: skip
    notebook.metadata = nbformat.from_dict(METADATA)
    keep_stills(notebook)


def keep_stills(notebook: NotebookNode) -> None:
    """A widget goes with its kernel. Where it has a still in HTML, the still alone is stored, and so is shown."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    for data in [output.data for output in outputs if "text/html" in output.get("data", {})]:
        data.pop(WIDGET, None)


def environment() -> dict[str, str]:
    """The kernel's: one thread, nobody's own parts, and `course` is the one of this tree, whichever is installed."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    ours = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(paths), VARIABLE: ""}
    return os.environ | ours


def failed_cell(lesson: Lesson, notebook: NotebookNode, error: CellExecutionError) -> LessonError:
    """Where in the lesson file the failing cell begins, and its error."""
    reached = max(cell.execution_count or 0 for cell in notebook.cells if cell.cell_type == "code")
    code = [cell for cell in lesson.cells if cell.kind != "markdown"]
    cell = code[reached - 1]
    return lesson.error(cell.line, f"cell {cell.id!r} fails: {error.ename}: {error.evalue}")


def release(notebook: NotebookNode, name: str) -> NotebookNode:
    """The learner's version, made by nbgrader's own generate_assignment under the house's configuration."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(notebook, root / "solutions" / name / f"{name}.ipynb")
        config = Config()
        if (ROOT / "nbgrader_config.py").exists():
            config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
        config.CourseDirectory.update(
            root=str(root), source_directory="solutions", release_directory="notebooks", assignment_id=name,
            db_url=f"sqlite:///{root}/gradebook.db",
        )  # fmt: skip
        converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config, no_database=True)
        converter.preprocessors = [
            step for step in converter.preprocessors if step is not SaveCells
        ]  # no gradebook here
        converter.start()
        return nbformat.read(root / "notebooks" / name / f"{name}.ipynb", as_version=4)


def write(notebook: NotebookNode, path: Path) -> None:
    """As JSON."""
    write_text(nbformat.writes(notebook, version=4), path)


def write_text(text: str, path: Path) -> None:
    """With a final newline, line feeds alone, also on Windows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8", newline="\n")


def stale(names: list[str], root: Path = ROOT) -> Iterator[str]:
    """One line for each notebook that a build would change, outputs apart."""
    lessons = [read_lesson(path) for path in lessons_called(names)]
    for lesson in lessons:
        built = make_notebook(lesson)
        for folder, fresh in (("solutions", built), ("notebooks", release(built, lesson.name))):
            path = root / folder / lesson.name / f"{lesson.name}.ipynb"
            reason = difference(path, fresh)
            if reason:
                yield f"{path.relative_to(root)}: {reason}"
    known = {lesson.name for lesson in lessons}
    for copy, text in pages(root):
        if not copy.exists() or copy.read_text(encoding="utf-8").rstrip("\n") != text.rstrip("\n"):
            yield f"{copy.relative_to(root)}: not what course/lessons has; build any lesson"
    for folder in ("solutions", "notebooks"):
        for path in sorted((root / folder).glob("*/*.ipynb")) if not names else []:
            if path.stem not in known:
                yield f"{path.relative_to(root)}: no lesson file makes it"


def difference(path: Path, fresh: NotebookNode) -> str:
    """How the stored notebook differs from the fresh one, outputs apart; '' where it does not."""
    if not path.exists():
        return "not built yet"
    stored = without_outputs(nbformat.read(path, as_version=4))
    fresh = without_outputs(fresh)
    if stored == fresh:
        return ""
    for one, other in zip(stored.cells, fresh.cells, strict=False):
        if one != other:
            return f"stale from cell {other.id!r} on"
    return f"stale: {len(stored.cells)} cells, now {len(fresh.cells)}"


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    """A copy whose code cells have never run."""
    copy = nbformat.from_dict(notebook)
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return copy
