"""A lesson's run: does it run once and quietly, keep what each cell shows, and leave everything as it was?"""

import builtins
import random
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from IPython import get_ipython
from nbformat import NotebookNode, v4

from tests import lessons
from tests.lessons import run_lesson, run_of
from tests.lessons.comparison import differences
from tests.lessons.shell import run_notebook

LESSON = """\
import random, torch
from pathlib import Path
from course import plots
Path("runs").open("a").write("x")
print("threads:", torch.get_num_threads())
drawn = random.random(), torch.rand(1).item()
plots.show(plots.canvas()[0], alt="An empty figure with two axes")
n_runs = Path("runs").stat().st_size
n_runs"""


def notebook_of(*sources: str, tags: tuple[str, ...] = ()) -> NotebookNode:
    """Code cells called a, b, c, ...; the first of them with these tags."""
    cells = [v4.new_code_cell(source, id=name) for name, source in zip("abcdefgh", sources, strict=False)]
    cells[0].metadata["tags"] = list(tags)
    return v4.new_notebook(cells=cells)


def outputs(*sources: str, tags: tuple[str, ...] = ()) -> list[NotebookNode]:
    """Those of the last cell."""
    return run_notebook(notebook_of(*sources, tags=tags)).notebook.cells[-1].outputs


@pytest.fixture
def lesson(monkeypatch, tmp_path):
    """A lesson 99 of one cell; the folder in which it stands."""
    nbformat.write(notebook_of(LESSON), tmp_path / "99_trial.ipynb")
    monkeypatch.setattr(lessons, "solutions", lambda: [tmp_path / "99_trial.ipynb"])
    run_of.cache_clear()
    yield tmp_path
    run_of.cache_clear()


def test_lesson_runs_once_on_one_thread_and_shows_nothing(lesson, capfd):
    threads = torch.get_num_threads()
    assert run_of("99") is run_of("99")
    assert run_lesson("99")["n_runs"] == 1
    assert run_lesson("99")["__printed__"] == "threads: 1\n"
    assert capfd.readouterr() == ("", "")
    assert torch.get_num_threads() == threads


def test_global_random_states_are_as_before(lesson):
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    assert len(run_lesson("99")["drawn"]) == 2
    assert states == (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())


def test_nothing_is_left_of_ipython_nor_in_the_folder(lesson):
    def surroundings() -> tuple:
        hooks = sys.stdout, sys.stderr, sys.excepthook, sys.displayhook
        return sys.modules["__main__"], hooks, set(vars(sys)), set(vars(builtins)), Path.cwd()

    before = surroundings()
    run_of("99")
    assert surroundings() == before
    assert get_ipython() is None
    assert sorted(path.name for path in lesson.iterdir()) == ["99_trial.ipynb"]


def test_lesson_that_does_not_exist_is_an_error(lesson):
    with pytest.raises(ValueError, match="unpack"):
        run_lesson("98")


def test_cell_keeps_what_it_prints_displays_and_returns(lesson):
    shown, result, printed = run_of("99").notebook.cells[0].outputs
    assert 'alt="An empty figure with two axes"' in shown.data["text/html"]
    assert (result.output_type, result.data["text/plain"]) == ("execute_result", "1")
    assert (printed.name, printed.text) == ("stdout", "threads: 1\n")


def test_display_that_is_updated_is_one_output():
    source = "one = display('first', display_id=True)\ndisplay('other')\none.update('second')"
    assert [output.data["text/plain"] for output in outputs(source)] == ["'second'", "'other'"]


def test_a_semicolon_hides_the_result_and_source_is_found():
    assert outputs("1 + 1;") == []
    (said,) = outputs("def f():\n    return 'this line'", "import inspect\nprint(inspect.getsource(f))")
    assert "this line" in said.text


@pytest.mark.parametrize("line", ["sys.stderr.write('careful');", "warnings.warn('careful')"])
def test_what_goes_to_stderr_is_told_apart(line):
    (said,) = outputs(f"import sys, warnings\n{line}")
    assert said.name == "stderr"
    assert "careful" in said.text


def test_error_ends_the_run_and_is_told_each_time(lesson):
    nbformat.write(notebook_of("x = 1", "x / 0", "print('after')"), lesson / "99_trial.ipynb")
    for _ in range(2):
        with pytest.raises(AssertionError, match="lesson 99: cell 'b' fails: ZeroDivisionError: division by zero"):
            run_lesson("99")
    assert run_of("99").notebook.cells[2].outputs == []


def test_tags_allow_an_error_and_skip_a_cell():
    run = run_notebook(notebook_of("1 / 0", "x = 2", tags=("raises-exception",)))
    assert (run.failure, run.variables["x"]) == ("", 2)
    assert run.notebook.cells[0].outputs[0].ename == "ZeroDivisionError"
    skipped = run_notebook(notebook_of("1 / 0", "x = 2", tags=("nbval-skip",)))
    assert (skipped.failure, skipped.notebook.cells[0].outputs) == ("", [])


def test_an_interrupt_is_no_failure_of_a_cell():
    with pytest.raises(KeyboardInterrupt):
        run_notebook(notebook_of("raise KeyboardInterrupt"))
    assert get_ipython() is None


@pytest.fixture
def compared(request, tmp_path):
    """The differences between a run of one cell and the stored run of another."""

    def compare(source: str, stored: str, *tags: str) -> list[str]:
        notebook = run_notebook(notebook_of(stored)).notebook
        notebook.cells[0].metadata["tags"] = list(tags)
        nbformat.write(notebook, tmp_path / "trial.ipynb")
        run = run_notebook(notebook_of(source, tags=tags))
        return list(differences(request.session, tmp_path / "trial.ipynb", run))

    return compare


@pytest.mark.parametrize(
    ("source", "stored", "now", "before"),
    [
        ("print('one')", "print('other')", "one", "other"),
        ("print('one')", "'other'", "one", "other"),
        ("print('one')", "x = 'nothing at all'", "one", "(nothing)"),
        ("x = 'nothing at all'", "print('other')", "(nothing)", "other"),
        ("print('the same')\n1", "print('the same')\n2", "'1'", "'2'"),
        ("int('one')", "int('other')", "base 10: 'one'", "base 10: 'other'"),
    ],
)
def test_cell_that_shows_something_else_is_named_with_both_texts(compared, source, stored, now, before):
    (said,) = compared(source, stored)
    title, texts = said.partition("nbval: ")[0].split("\nstored:\n")
    stored_text, run_text = texts.split("\nnow:\n")
    assert title == "cell 'a' shows something else than what is stored."
    assert before in stored_text
    assert now in run_text


@pytest.mark.parametrize(
    ("source", "stored", "tags"),
    [
        ("print('the same')", "print('the ', end='')\nprint('same')", ()),
        ("print('it took 3.5 s')", "print('it took 4 s')", ()),
        ("print('one')", "print('other')", ("nbval-ignore-output",)),
        ("1 / 0", "1 / 0", ("raises-exception",)),
        ("print('one')", "print('other')", ("nbval-skip",)),
    ],
)
def test_what_may_differ_is_not_told(compared, source, stored, tags):
    assert compared(source, stored, *tags) == []
