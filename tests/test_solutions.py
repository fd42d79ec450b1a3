"""Solutions: every solved notebook was executed to its end, and gives the same outputs when it is run again.

nbval compares outputs, but passes notebooks that were never executed and knows pictures by nothing but their bytes."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from nbval.plugin import get_sanitize_patterns

from course.classroom import ROOT
from tests import PATIENCE
from tests.lessons import run_of, solutions
from tests.lessons.comparison import SANITIZE, differences
from tests.lessons.rules import stored_outputs

SOLUTIONS = solutions()
PICTURE = '<img alt="{alt}" width="512" src="data:image/png;base64,{pixels}">'


def sanitised(text: str) -> str:
    for pattern, replacement in get_sanitize_patterns(SANITIZE.read_text(encoding="utf-8")):
        text = re.sub(pattern, replacement, text)
    return text


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_solved_notebook_is_executed_and_clean(path):
    assert list(stored_outputs(nbformat.read(path, as_version=4))) == []


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.stem, marks=pytest.mark.lesson(path.stem[:2])) for path in SOLUTIONS]
)
def test_run_shows_what_is_stored(path, request):
    run = run_of(path.stem[:2])
    assert run.failure == ""
    assert list(stored_outputs(run.notebook)) == []
    if said := list(differences(request.session, path, run)):
        pytest.fail("\n\n".join(said), pytrace=False)  # whole, where an assert would be cut


def test_there_are_solutions():
    assert SOLUTIONS


def nbval(path: Path) -> subprocess.CompletedProcess:
    """What whoever prefers kernels types: pytest --nbval."""
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "no:cacheprovider", "--nbval", str(path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)


def test_nbval_passes_a_lesson_in_a_kernel_of_its_own():
    ended = nbval(SOLUTIONS[0])
    assert ended.returncode == 0, ended.stdout


def test_nbval_fails_where_a_stored_output_is_another(tmp_path):
    notebook = nbformat.read(SOLUTIONS[0], as_version=4)
    last = next(at for at, cell in enumerate(notebook.cells) if cell.get("outputs"))
    notebook.cells = notebook.cells[: last + 1]
    notebook.cells[last].outputs = [v4.new_output("stream", name="stdout", text="something else")]
    nbformat.write(notebook, tmp_path / "tampered.ipynb")
    ended = nbval(tmp_path / "tampered.ipynb")
    assert ended.returncode == 1
    assert "Missing output fields" in ended.stdout, ended.stdout


BAD = {
    "never executed": {"execution_count": None},
    "out of order": {"execution_count": 7},
    "error": {"outputs": [v4.new_output("error", ename="ZeroDivisionError")]},
    "stderr": {"outputs": [v4.new_output("stream", name="stderr", text="careful")]},
    "bare picture": {"outputs": [v4.new_output("display_data", data={"image/png": "iVBORw0KGgo="})]},
    "without alt": {"outputs": [v4.new_output("display_data", data={"text/html": '<img src="x">'})]},
    "empty alt": {
        "outputs": [v4.new_output("display_data", data={"text/html": PICTURE.format(alt="", pixels="iVBO")})]
    },
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_not_clean_is_found(what):
    cell = v4.new_code_cell("1", execution_count=1, outputs=[v4.new_output("stream", name="stdout", text="fine")])
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("prose"), cell])
    assert list(stored_outputs(notebook)) == []
    cell.update(BAD[what])
    assert len(list(stored_outputs(notebook))) == 1


def test_pixels_are_not_compared_but_the_alt_text_is():
    one, same, other = (
        sanitised(PICTURE.format(alt=alt, pixels=pixels))
        for alt, pixels in (
            ("two curves, 3.5 s", "iVBO+0x1a/w=="),
            ("two curves, 3.5 s", "iVBOR12s7h8="),
            ("one curve", "iVBO"),
        )
    )
    assert one == same
    assert one != other
    assert 'alt="two curves' in one
