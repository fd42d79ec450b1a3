"""Building: solved notebooks are executed and complete, released ones nbgrader's own, what is stale is named."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.nbgraderformat import MetadataValidator

import course.__main__
from course.classroom.author import build as building
from course.classroom.author import lesson as reading
from course.classroom.author.bibliography import BIBLIOGRAPHY
from course.classroom.author.build import build, execute, release, stale, without_outputs
from course.classroom.author.lesson import LessonError
from tests.classroom import tiny
from tests.classroom.school import REPOSITORY, School, cell, read

SOLVED = f"solutions/{tiny.NAME}/{tiny.NAME}.ipynb"
RELEASED = f"notebooks/{tiny.NAME}/{tiny.NAME}.ipynb"
FULL = {"schema_version", "grade_id", "grade", "solution", "locked", "task"}


def quietly(line: str) -> None:
    pass


@pytest.fixture(scope="module")
def lessons(school: School) -> Iterator[Path]:
    """A folder of lesson files with the tiny lesson in it; the build reads no other."""
    folder = school.root / "lessons"
    folder.mkdir()
    (folder / f"{tiny.NAME}.py").write_text(tiny.TEXT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "LESSONS", folder)
        yield folder


@pytest.fixture(scope="module")
def built(school: School, lessons: Path) -> Path:
    """The course folder after a build. Tests leave it as they found it."""
    build([], school.root, quietly)
    return school.root


@pytest.fixture
def edited(lessons: Path) -> Iterator[Path]:
    """The tiny lesson's file, to be changed for one test."""
    path = lessons / f"{tiny.NAME}.py"
    yield path
    path.write_text(tiny.TEXT, encoding="utf-8")


def test_solved_notebook_is_executed_without_a_word_on_stderr(built):
    code = [cell for cell in read(built / SOLVED).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert {output.get("name", output.output_type) for cell in code for output in cell.outputs} == {
        "stdout",
        "execute_result",
    }
    assert "causal_mask" in code[-1].outputs[0].text


def test_solved_notebook_keeps_complete_metadata(built):
    solved = read(built / SOLVED)
    MetadataValidator().validate_nb(solved)
    assert cell(solved, "attention_scores").metadata.nbgrader.keys() == FULL
    assert cell(solved, "check-attention_scores").metadata.nbgrader.keys() == FULL | {"points"}
    assert cell(solved, "check-attention_scores").metadata.nbgrader.points == 2
    assert "nbgrader" not in cell(solved, "try-it").metadata


def test_ids_are_the_lesson_files(built):
    ids = [
        "question", "setup", "scores", "attention_scores", "check-attention_scores", "try-it", "mask", "causal_mask",
        "check-causal_mask",
    ]  # fmt: skip
    assert [cell.id for cell in read(built / SOLVED).cells] == ids
    assert [cell.id for cell in read(built / RELEASED).cells] == ids


def test_second_build_is_identical_apart_from_outputs(built, school):
    first = [(built / name).read_bytes() for name in (SOLVED, RELEASED)]
    build(["90"], school.root, quietly)
    second = [(built / name).read_bytes() for name in (SOLVED, RELEASED)]
    assert first[1] == second[1]
    apart = [
        nbformat.writes(without_outputs(nbformat.reads(text.decode(), as_version=4))) for text in (first[0], second[0])
    ]
    assert apart[0] == apart[1]


def test_a_widget_that_has_a_still_is_stored_as_the_still_and_any_other_as_it_is():
    of_both = "import ipywidgets\nclass Box(ipywidgets.VBox):\n    def _repr_mimebundle_(self, **kwargs):\n"
    of_both += "        return {**super()._repr_mimebundle_(**kwargs), 'text/html': '<p>still</p>'}\nBox()"
    notebook = new_notebook(cells=[new_code_cell(of_both), new_code_cell("ipywidgets.IntSlider()")])
    execute(notebook, REPOSITORY, quietly)
    box, slider = (cell.outputs[0].data for cell in notebook.cells)
    assert box["text/html"] == "<p>still</p>"
    assert building.WIDGET not in box
    assert building.WIDGET in slider


def test_a_changed_word_of_prose_runs_no_code_and_a_changed_letter_of_code_does(built, school, edited):
    said = []
    edited.write_text(tiny.TEXT.replace("How alike are", "How near are"), encoding="utf-8")
    before = read(built / SOLVED)
    build(["90"], school.root, said.append)
    after = read(built / SOLVED)
    assert any("the outputs stay" in line for line in said)
    assert "How near are" in after.cells[0].source
    assert [cell.get("outputs") for cell in after.cells] == [cell.get("outputs") for cell in before.cells]
    said.clear()
    edited.write_text(tiny.TEXT.replace("torch.eye(2)).shape", "torch.eye(3)[:2, :2]).shape"), encoding="utf-8")
    build(["90"], school.root, said.append)
    assert not any("the outputs stay" in line for line in said)
    edited.write_text(tiny.TEXT, encoding="utf-8")
    build(["90"], school.root, said.append, run=True)
    assert not any("the outputs stay" in line for line in said)


@pytest.mark.parametrize("changed", ["attention.py", "judge.py", "requirements.txt"])
def test_outputs_stay_only_where_what_the_code_depends_on_is_the_same(built, lessons, monkeypatch, changed):
    lesson, notebook = reading.read_lesson(lessons / f"{tiny.NAME}.py"), read(built / SOLVED)
    key = building.run_key(lesson, notebook)
    assert key == building.run_key(lesson, notebook)
    real, more = Path.read_text, {changed: "# more"}
    monkeypatch.setattr(Path, "read_text", lambda path, *how, **kw: real(path, *how, **kw) + more.get(path.name, ""))
    assert building.run_key(lesson, notebook) != key


def test_released_notebook_is_what_nbgrader_generates(built, tmp_path):
    stock = School.open(tmp_path)
    stock.write("solutions", ".", tiny.NAME, read(built / SOLVED))
    ended = stock.command("generate_assignment", tiny.NAME)
    assert ended.returncode == 0, ended.stderr
    assert json.loads((stock.root / RELEASED).read_text()) == json.loads((built / RELEASED).read_text())


def test_released_notebook_holds_no_answer_and_no_output(built):
    text = (built / RELEASED).read_text()
    assert "HIDDEN" not in text
    assert "SOLUTION" not in text
    assert "key.transpose(-2, -1)" not in text
    released = read(built / RELEASED)
    assert cell(released, "attention_scores").source.rstrip().endswith("raise NotImplementedError()")
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in released.cells)


def test_files_end_with_one_newline_and_know_no_carriage_return(built):
    for name in (SOLVED, RELEASED):
        content = (built / name).read_bytes()
        assert content.endswith(b"}\n")
        assert b"\r" not in content


def test_nothing_is_stale_after_a_build(built):
    assert list(stale([], built)) == []


@pytest.mark.parametrize("folder", ["notebooks", "solutions"])
def test_bibliography_stands_beside_the_lessons_as_it_is_written(built, folder):
    copy = built / folder / "bibliography.md"
    text = copy.read_text(encoding="utf-8")
    assert text == BIBLIOGRAPHY.read_text(encoding="utf-8")
    copy.write_text(text + "- more\n", encoding="utf-8")
    try:
        assert list(stale([], built)) == [f"{folder}/bibliography.md: not what course/lessons has; build any lesson"]
    finally:
        copy.write_text(text, encoding="utf-8")


def test_changed_lesson_makes_both_notebooks_stale(built, edited):
    edited.write_text(tiny.TEXT.replace("torch.eye(2)).shape", "torch.eye(2))"), encoding="utf-8")
    assert list(stale([], built)) == [
        f"{SOLVED}: stale from cell 'try-it' on",
        f"{RELEASED}: stale from cell 'try-it' on",
    ]


def test_added_cell_makes_both_notebooks_stale(built, edited):
    edited.write_text(tiny.TEXT + "\n# %% last\n1\n", encoding="utf-8")
    assert list(stale(["90"], built)) == [f"{SOLVED}: stale: 9 cells, now 10", f"{RELEASED}: stale: 9 cells, now 10"]


def test_missing_notebook_is_named(built):
    content = (built / RELEASED).read_bytes()
    (built / RELEASED).unlink()
    try:
        assert list(stale([], built)) == [f"{RELEASED}: not built yet"]
    finally:
        (built / RELEASED).write_bytes(content)


def test_orphan_is_named(built):
    orphan = built / "notebooks" / "91_gone" / "91_gone.ipynb"
    orphan.parent.mkdir()
    orphan.write_text("{}")
    try:
        assert list(stale([], built)) == ["notebooks/91_gone/91_gone.ipynb: no lesson file makes it"]
    finally:
        orphan.unlink()
        orphan.parent.rmdir()


def test_hand_edit_of_a_generated_notebook_is_found(built):
    before = (built / SOLVED).read_text()
    (built / SOLVED).write_text(before.replace("How alike are two", "How near are two"))
    try:
        assert list(stale([], built)) == [f"{SOLVED}: stale from cell 'question' on"]
    finally:
        (built / SOLVED).write_text(before)


def test_failing_cell_is_reported_with_file_and_line(built, edited):
    text = tiny.TEXT.replace("attention_scores(torch.eye(2), torch.eye(2)).shape", "1 / 0")
    edited.write_text(text, encoding="utf-8")
    line = text[: text.index("# %% try-it")].count("\n") + 1
    before = (built / SOLVED).read_bytes()
    with pytest.raises(LessonError) as found:
        build([], built, quietly)
    assert str(found.value) == f"{tiny.NAME}.py:{line}: cell 'try-it' fails: ZeroDivisionError: division by zero"
    assert (built / SOLVED).read_bytes() == before


@pytest.fixture(params=["ran a cell", "typed an answer"])
def worked_in(request: pytest.FixtureRequest, built: Path) -> Iterator[Path]:
    """The released notebook after a learner has worked in it; as released again afterwards."""
    path = built / RELEASED
    released = path.read_bytes()
    notebook = read(path)
    if request.param == "ran a cell":
        cell(notebook, "try-it").execution_count = 1
    else:
        cell(notebook, "causal_mask").source += "\n    return None"
    nbformat.write(notebook, path)
    yield path
    path.write_bytes(released)


def test_build_does_not_overwrite_a_learners_work(built, worked_in):
    before = worked_in.read_bytes(), (built / SOLVED).read_bytes()
    with pytest.raises(LessonError, match="somebody has worked in this notebook"):
        build([], built, quietly)
    assert (worked_in.read_bytes(), (built / SOLVED).read_bytes()) == before


def test_forced_build_does(built, worked_in):
    build([], built, quietly, force=True)
    assert not any(cell.get("execution_count") for cell in read(worked_in).cells)


def test_the_kernel_imports_the_tree_in_which_the_build_stands(tmp_path, monkeypatch):
    """Not a course that is installed, nor one that PYTHONPATH named before."""
    other = tmp_path / "other" / "course" / "__init__.py"
    other.parent.mkdir(parents=True)
    other.touch()
    monkeypatch.setenv("PYTHONPATH", str(other.parents[1]))
    monkeypatch.delenv("JUPYTER_PATH", raising=False)  # a warm kernel has its paths already
    notebook = new_notebook(cells=[new_code_cell("import course\nprint(course.__file__)")])
    execute(notebook, tmp_path, quietly)
    assert notebook.cells[0].outputs[0].text == f"{REPOSITORY / 'course' / '__init__.py'}\n"


def test_unknown_lesson_is_named_with_those_there_are(built):
    for build_or_check in (build, lambda *arguments: list(stale(*arguments))):
        with pytest.raises(ValueError, match=f"no lesson '07'; there are {tiny.NAME}"):
            build_or_check(["07"], built)


def test_build_says_each_step(built):
    said: list[str] = []
    build([], built, said.append)
    assert said[0] == f"[1/1] {tiny.NAME}: 9 cells"
    assert re.fullmatch(r" +executed and released in \d+ s", said[-2])
    assert re.fullmatch(r"total: \d+ s", said[-1])


def test_release_leaves_the_solved_notebook_alone(built):
    solved = read(built / SOLVED)
    before = nbformat.writes(solved)
    release(solved, tiny.NAME)
    assert nbformat.writes(solved) == before


@pytest.mark.parametrize("names", [[], ["notebooks/x.ipynb: stale"]])
def test_check_exits_with_1_when_something_is_stale(monkeypatch, capsys, names):
    monkeypatch.setattr(building, "stale", lambda lessons: iter(names))
    assert course.__main__.main(["build", "--check"]) == len(names)
    assert (
        capsys.readouterr().out
        == (names[0] if names else "notebooks/ and solutions/ are what the lesson files make") + "\n"
    )


def test_error_in_a_lesson_exits_with_1(monkeypatch, capsys):
    def wrong(lessons: list[str], force: bool, run: bool) -> None:
        raise LessonError("90_tiny.py:3: wrong")

    monkeypatch.setattr(building, "build", wrong)
    assert course.__main__.main(["build"]) == 1
    assert capsys.readouterr().err == "90_tiny.py:3: wrong\n"


def test_tests_of_the_build_leave_the_repository_alone(built):
    assert not list(REPOSITORY.glob(f"*/{tiny.NAME}"))
