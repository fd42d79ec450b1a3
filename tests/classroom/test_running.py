"""Running: a cell that never ends, or ends the kernel, costs its author what follows, and the class a limited time."""

import copy
import time

import pytest
from nbformat import NotebookNode, v4
from nbgrader.preprocessors import Execute
from nbgrader.validator import Validator
from traitlets.config import PyFileConfigLoader

from course.classroom.author.lesson import read_lesson
from course.classroom.author.notebook import make_notebook
from course.classroom.teacher.running import LimitSize, Run
from tests.classroom import tiny
from tests.classroom.school import REPOSITORY, School

STUBBORN = "import time\nwhile True:\n    try:\n        time.sleep(60)\n    except:\n        pass"


def run(*sources: str, **settings: float) -> list[NotebookNode]:
    """The code cells after Run, in the kernel called python3."""
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources], metadata=metadata)
    return Run(**settings).preprocess(notebook, {})[0].cells


def error(cell: NotebookNode) -> str:
    return "".join(output.get("ename", "") for output in cell.outputs)


@pytest.fixture(autouse=True)
def _warm(school: School) -> None:
    """Kernels are forked from a warm process."""


def test_cell_that_never_ends_is_interrupted_and_the_rest_runs():
    endless, after = run("import time\nwhile True: time.sleep(1)", "print('after')", timeout=6)
    assert error(endless)
    assert after.outputs[0].text == "after\n"


def test_cell_that_cannot_be_interrupted_ends_the_notebook_not_the_grading():
    before, endless, after = run("print('before')", STUBBORN, "1", timeout=6, iopub_timeout=6)
    assert before.outputs[0].text == "before\n"
    assert error(endless) == error(after) == "NotRun"


def test_whole_notebook_has_a_time_limit():
    started = time.monotonic()
    cells = run(*["import time\ntime.sleep(3000)"] * 4, timeout=600, total_timeout=4)
    assert time.monotonic() - started < 600
    assert all(error(cell) for cell in cells)


def test_cell_without_points_has_less_time_and_very_little_once_one_took_too_long():
    endless = "import time\nwhile True: time.sleep(1)"
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    cells = [v4.new_code_cell(source) for source in (endless, endless, "print('after')", "1")]
    cells[-1].metadata["nbgrader"] = {"grade": True}
    given = Run(timeout=600, ungraded_timeout=6, late_timeout=2)
    done = given.preprocess(v4.new_notebook(cells=cells, metadata=metadata), {})[0].cells
    assert [bool(error(cell)) for cell in done] == [True, True, False, False]
    assert [given.seconds_for(cell) for cell in done] == [2, 2, 2, 600]
    done[0].metadata["check_of"] = "check-softmax"
    assert given.seconds_for(done[0]) == 600, "a second check of an exercise is a check"


def test_time_of_a_cell_without_points_before_any_took_too_long():
    given = Run(timeout=600, ungraded_timeout=60)
    given.preprocess(v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}), {})
    assert given.seconds_for(v4.new_code_cell("1")) == 60


def test_cells_after_the_kernels_death_count_as_not_run():
    before, dies, after = run("1", "import os\nos._exit(1)", "2")
    assert before.outputs[0].data["text/plain"] == "1"
    assert error(dies) == error(after) == "NotRun"


def test_what_stands_after_the_last_graded_cell_is_not_run():
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    cells = [
        v4.new_code_cell(source) for source in ("x = 1", "print(x)", "print('graded')", "print('an hour of training')")
    ]
    for cell in cells[1:3]:
        cell.metadata["nbgrader"] = {"grade": True}
    done = Run().preprocess(v4.new_notebook(cells=cells, metadata=metadata), {})[0].cells
    assert ["".join(output.text for output in cell.outputs) for cell in done] == ["", "1\n", "graded\n", ""]


def test_kernels_have_one_thread():
    (cell,) = run("import os\nos.environ['OMP_NUM_THREADS'], os.environ['MKL_NUM_THREADS']")
    assert cell.outputs[0].data["text/plain"] == "('1', '1')"


def test_output_is_cut_by_characters_not_by_lines():
    stream = v4.new_output("stream", name="stdout", text="x" * 1000)
    picture = v4.new_output("display_data", data={"text/html": "y" * 1000})
    failed = v4.new_output("error", ename="E", evalue="z" * 1000, traceback=["z" * 1000])
    cell = v4.new_code_cell(outputs=[stream, stream.copy(), picture, failed])
    LimitSize(max_characters=100, max_picture=500).preprocess_cell(cell, {}, 0)
    assert cell.outputs[0].text.startswith("x" * 100 + "\n... cut here")
    assert max(len(str(output)) for output in cell.outputs) < 500


def test_output_of_just_the_size_that_is_allowed_stays_whole():
    text = "x" * 100
    cell = v4.new_code_cell(
        outputs=[v4.new_output("stream", text=text), v4.new_output("error", evalue=text, traceback=[text])]
    )
    assert LimitSize(max_characters=100).preprocess_cell(copy.deepcopy(cell), {}, 0)[0] == cell
    picture = v4.new_output("display_data", data={"a/b": "c"})
    cell = v4.new_code_cell(outputs=[picture])
    assert LimitSize(max_picture=len(str(picture.data))).preprocess_cell(cell, {}, 0)[0].outputs[0].data == {"a/b": "c"}


def test_output_within_the_limits_stays_as_it_is():
    cell = v4.new_code_cell(
        outputs=[v4.new_output("stream", text="fine"), v4.new_output("display_data", data={"a/b": "c"})]
    )
    assert LimitSize().preprocess_cell(copy.deepcopy(cell), {}, 0)[0] == cell


def test_validator_passes_the_solved_and_names_what_is_wrong_in_the_released(school, tmp_path):
    path = tmp_path / f"{tiny.NAME}.py"
    path.write_text(tiny.TEXT, encoding="utf-8")
    solved = make_notebook(read_lesson(path))
    released = school.teach(tiny.NAME, solved)
    school.submit("right", tiny.NAME, solved)
    school.submit("blank", tiny.NAME, released)
    validator = Validator(config=PyFileConfigLoader("nbgrader_config.py", path=str(REPOSITORY)).load_config())
    assert validator.validate(str(school.path("submitted", "right", tiny.NAME))) == {}
    failed = validator.validate(str(school.path("submitted", "blank", tiny.NAME)))["failed"]
    assert [cell["source"] for cell in failed] == ["check(attention_scores)", "check(causal_mask)"]
    assert all("is not written yet" in cell["raw_error"] and "Traceback" not in cell["raw_error"] for cell in failed)


def test_another_course_folder_has_a_gradebook_of_its_own(school, tmp_path):
    elsewhere = School(tmp_path)
    path = tmp_path / f"{tiny.NAME}.py"
    path.write_text(tiny.TEXT, encoding="utf-8")
    elsewhere.write("solutions", ".", tiny.NAME, make_notebook(read_lesson(path)))
    before = {path: path.stat().st_mtime for path in school.root.glob("gradebook.db")}
    ended = school.command("generate_assignment", tiny.NAME, f"--course-dir={tmp_path}")
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "gradebook.db").exists()
    assert elsewhere.path("notebooks", ".", tiny.NAME).exists()
    assert {path: path.stat().st_mtime for path in school.root.glob("gradebook.db")} == before


def test_configuration_sets_what_exists():
    config = PyFileConfigLoader("nbgrader_config.py", path=str(REPOSITORY)).load_config()
    assert config.CourseDirectory.root == str(REPOSITORY.resolve())
    assert set(config.Execute) | set(config.Run) <= set(Run.class_traits(config=True))
    run = Run(config=config)
    assert (run.timeout, run.ungraded_timeout, run.late_timeout) == (300, 60, 5)
    assert Execute(parent=Validator(config=config)).timeout == 60
