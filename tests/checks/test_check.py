"""check(f) as a learner meets it: one line when right, help without a traceback when not, and nothing left behind."""

import functools
import random
import subprocess
import sys
import types
from types import ModuleType

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from course.checks import EXERCISES, PASSED, TRIED, CheckFailed, check, examine
from course.checks.notebook import GREEN, PLAIN
from course.judging.exercise import Exercise
from tests.judging import samples
from tests.judging.samples import ALL, SCORES, scores

SETUP = "import math\nimport functools\nimport torch\nfrom course.checks import check"
SAID = "scores: 3 cases, 1 law, gradients - right"
RIGHT = "def scores(query, key):\n    return query @ key.T / math.sqrt(query.shape[-1])"


@pytest.fixture(autouse=True)
def only_the_samples():
    """check knows the sample exercises alone, in the order of ALL; afterwards the course's own, in theirs."""
    before = dict(EXERCISES)
    EXERCISES.clear()
    EXERCISES.update(ALL)
    PASSED.clear()
    TRIED.clear()
    yield
    EXERCISES.clear()
    EXERCISES.update(before)


@pytest.fixture
def cell(tmp_path):
    """Run source as a notebook cell; what it wrote to stdout and stderr, and the exception that ended it."""
    InteractiveShell.clear_instance()
    config = Config(HistoryManager={"hist_file": ":memory:"})
    shell = InteractiveShell.instance(ipython_dir=str(tmp_path), user_module=ModuleType("notebook"), config=config)

    def run(source):
        with capture_output() as captured:
            result = shell.run_cell(source, store_history=True)
        return captured.stdout, captured.stderr, result.error_in_exec

    run(SETUP)
    yield run
    InteractiveShell.clear_instance()


@pytest.fixture
def mine():
    """The right answer, written by somebody else than the course."""
    return types.FunctionType(scores.__code__, scores.__globals__, "scores")


def failure(candidate):
    """What check says to this candidate, called where it has no name."""
    with pytest.raises(CheckFailed) as raised:
        check(candidate)
    return str(raised.value)


def test_right_answer_gets_one_line_and_nothing_on_stderr(capfd, mine):
    assert check(mine) is None
    assert check(mine, hidden=True) is None
    assert capfd.readouterr() == (f"{SAID}\n" * 2, "")


def test_the_courses_own_is_fine_for_going_on_and_earns_no_points(capfd):
    check(scores)
    assert capfd.readouterr().out.startswith("scores: this is the course's own. It is fine for going on")
    with pytest.raises(CheckFailed, match="points are for one of yours"):
        check(scores, hidden=True)


def test_hidden_check_has_other_cases(mine):
    seen = []
    exercise = Exercise(
        scores, 4, SCORES.section, lambda draw: seen.append(draw.integer(0, 10**9)) or SCORES.cases(draw)
    )
    EXERCISES["scores"] = exercise
    check(mine)
    check(mine, hidden=True)
    assert len(set(seen)) == 2


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        (3, "check was given an int. Give it the function itself, without parentheses"),
        (torch.ones(2), "check was given a torch.Tensor. Give it"),
        (None, "check was given a NoneType"),
        (samples.Affine(2, 3), "check was given an Affine without a name"),
        (
            functools.partial(scores),
            "check was given a partial without a name. Give it the name that the exercise gives",
        ),
    ],
)
def test_what_is_no_function_is_told_so(candidate, said):
    assert failure(candidate).startswith(said)


def test_wrong_name_is_told_with_those_that_are_near():
    def score(query, key):
        return scores(query, key)

    assert (
        failure(score)
        == "There is no exercise called 'score'. Did you mean scores? Keep the name that the exercise gives."
    )
    score.__name__ = "zzz"
    assert "Did you mean" not in failure(score)


def test_function_of_another_name_is_known_by_the_name_it_is_given(cell):
    for source in (
        "scores = lambda query, key: query @ key.T / math.sqrt(query.shape[-1])",
        "def mine(query, key): return query @ key.T / math.sqrt(query.shape[-1])\nscores = mine",
        "def mine(scale, q, k): return q @ k.T / q.shape[-1] ** scale\nscores = functools.partial(mine, 0.5)",
        "scores = functools.cache(lambda q, k: q @ k.T / q.shape[-1] ** 0.5)",
        "class Scores:\n  def __call__(self, q, k): return q @ k.T / q.shape[-1] ** 0.5\nscores = Scores()",
    ):
        assert cell(source + "\ncheck(scores)") == (f"{GREEN}{SAID}{PLAIN}\n", "", None), source


def test_one_function_under_the_names_of_two_exercises_is_refused(cell):
    cell(RIGHT + "\ncentred = scores")
    assert "scores and centred are one and the same function" in cell("check(centred)")[0]
    cell(RIGHT + "\ncentred = scores\ndel scores")
    assert "centred is not right yet." in cell("check(centred)")[0]


def test_in_a_notebook_the_failure_is_the_text_alone(cell):
    cell("def scores(query, key):\n    raise NotImplementedError()")
    out, err, error = cell("check(scores)")
    assert isinstance(error, CheckFailed)
    assert err == ""
    assert out.rstrip("\n") == (
        "scores is not right yet.\n"
        "  What:  it is not written yet: replace the line `raise NotImplementedError()` by your answer.\n"
        "  Look:  lesson 04, 'All queries at once'"
    )


def test_in_a_notebook_an_exception_is_told_with_the_learners_line(cell):
    cell(
        "def helper(x):\n    return x @ torch.zeros(99, 99)  # here\n\n"
        "def scores(query, key):\n    return helper(query)"
    )
    assert "in your line `return x @ torch.zeros(99, 99)  # here`." in cell("check(scores)")[0]


def test_prints_and_warnings_of_the_answer_are_not_shown(cell):
    loud = "    print(1); warnings.warn('x'); sys.stderr.write('y')\n    return"
    cell("import sys, warnings\n" + RIGHT.replace("    return", loud))
    assert cell("check(scores)") == (f"{GREEN}{SAID}{PLAIN}\n", "", None)


def test_endless_loop_is_stopped(cell, monkeypatch):
    monkeypatch.setattr("course.judging.observe.CPU_SECONDS", 0.1)
    cell("def scores(query, key):\n    while True: pass")
    assert "still running after 0.1 seconds on the case 'tiny': does a loop never end?" in cell("check(scores)")[0]


def test_errors_of_earlier_exercises_are_not_counted_twice(cell):
    cell(
        "def scores(query, key): return query * 0\n"
        "def centred(values, axis=-1):\n    scores(torch.ones(1, 3), torch.ones(1, 3)).item()\n"
        "    return values - values.mean(axis, keepdims=True)"
    )
    assert cell("scores(torch.ones(1, 3), torch.ones(1, 3)).shape")[2] is None
    assert "- right" in cell("check(centred)")[0]
    assert cell("assert scores(torch.ones(1, 3), 1).sum() == 0")[2] is None, "the learner's own function is back"


FIRST_OPTIMIZER = """
import course.judging.observe as observe
observe.CPU_SECONDS = 0.8
from course.checks import check
from course import training
theirs = training.train_step
train_step = type(check)(theirs.__code__, vars(training), "train_step", theirs.__defaults__)
check(train_step)
"""


def test_what_torch_imports_for_its_first_optimizer_is_not_counted_as_the_answers_time():
    """It takes over a CPU second, more on a slow computer; the answer itself a tenth of one."""
    run = subprocess.run([sys.executable, "-c", FIRST_OPTIMIZER], capture_output=True, text=True)
    assert "- right" in run.stdout, run.stderr


MY_SCORES = (
    "def scores(query, key, scale=None):\n"
    "    return query @ key.T * (query.shape[-1] ** -0.5 if scale is None else scale)\n"
)
WITH_A_SCALE = (
    "def centred(values, axis=-1):\n    scores(torch.ones(1, 3), torch.ones(1, 3), scale=2)\n"
    "    return values - values.mean(axis, keepdims=True)"
)


def test_an_earlier_answer_that_passed_stays_in_place(cell):
    """One with a further argument, which a later answer uses; another's cannot be called so."""
    cell(MY_SCORES + WITH_A_SCALE)
    said = cell("check(centred)")[0]
    assert "unexpected keyword argument 'scale'" in said
    assert "With:  the course's own scores; yours has not passed its check in this notebook." in said
    assert "- right" in cell("check(scores)\ncheck(centred)\ncheck(centred, hidden=True)")[0]
    cell("def scores(query, key): return query * 0")
    assert "unexpected keyword argument 'scale'" in cell("check(centred)")[0], "this one has passed no check"


def test_an_answer_that_is_wrong_beside_ones_own_may_be_right_beside_the_courses(cell):
    cell("def scores(query, key): return mine(query, key)\nmine = lambda q, k: q @ k.T / math.sqrt(q.shape[-1])")
    cell("check(scores)\nmine = None")
    uses = WITH_A_SCALE.replace(", scale=2", "")
    assert "- right" in cell(uses + "\ncheck(centred)")[0], "the course's scores need no name that was taken away"


def test_it_is_said_beside_whose_functions_a_wrong_answer_was_judged(cell):
    cell(MY_SCORES + WITH_A_SCALE.replace("values -", "values * 2 -"))
    assert "the course's own scores" in cell("check(centred)")[0]
    said = cell("check(scores)\ncheck(centred)")[0]
    assert "With:  your own scores; with the course's it is not right either." in said
    assert cell("scores(torch.ones(1, 3), torch.ones(1, 3), scale=2)")[2] is None, "it is the learner's own again"


def test_earlier_answers_come_back_after_an_exception(cell):
    cell("def scores(query, key): return 'mine'\ndef centred(values, axis=-1): raise KeyboardInterrupt")
    cell("check(centred)")
    assert cell("assert scores(1, 2) == 'mine'")[2] is None
    assert cell("Affine")[2] is not None, "no reference stays behind"


def test_global_random_states_are_as_before():
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    check(scores)
    check(samples.Affine)  # its cases build layers, whose weights torch draws
    with pytest.raises(CheckFailed):
        exec("scores = lambda query, key: torch.rand(1)\ncheck(scores)", {"check": check, "torch": torch})
    assert states == (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())


def test_grad_mode_threads_and_default_type_are_as_before():
    before = torch.is_grad_enabled(), torch.get_num_threads(), torch.get_default_dtype()
    check(scores)
    assert before == (torch.is_grad_enabled(), torch.get_num_threads(), torch.get_default_dtype())


def test_gradients_and_warnings_are_looked_at_whatever_the_notebook_has_switched_off(cell):
    cell("torch.set_grad_enabled(False)\ndef scores(q, k): return q.detach() @ k.detach().T / q.shape[-1] ** 0.5")
    assert "no gradient reaches query" in cell("check(scores)")[0]
    assert cell("assert not torch.is_grad_enabled()\ntorch.set_grad_enabled(True)")[2] is None
    cell(
        "import numpy as np\nnp.seterr(all='raise')\n"
        "def centred(values, axis=-1):\n    np.exp(1000.0)\n    return values * 0"
    )
    assert "[0, 0], expected [-1, 1]" in cell("check(centred)")[0]
    assert cell("assert np.seterr(all='warn', under='ignore')['over'] == 'raise'")[2] is None


@pytest.mark.parametrize("name", ALL)
def test_check_gives_the_same_verdict_every_time(name):
    assert len({examine(ALL[name], ALL[name].reference, 7).text for _ in range(3)}) == 1


def test_a_try_that_overwrites_its_inputs_spoils_nothing_for_the_next():
    """The cases are kept from one try to the next, and so is what the reference does on them."""

    def overwrites(query, key):
        query.zero_(), key.zero_()
        return query @ key.T

    said = examine(SCORES, overwrites, 1).text
    assert examine(SCORES, scores, 1).right
    assert examine(SCORES, overwrites, 1).text == said


PRINTS = """
def scores(query, key):
    for row in range(12): print("row", row)
    return query @ key.T
"""


def test_what_a_wrong_answer_prints_is_shown(cell):
    said = cell(PRINTS + "check(scores)")[0]
    assert "  It printed:\n    row 2\n" in said, "the last ten lines, of the first case that goes wrong"
    assert "row 1\n" not in said
    assert "It printed" not in cell("def scores(query, key): return query @ key.T\ncheck(scores)")[0]


def test_a_version_that_did_not_run_is_noticed(cell):
    """Else check speaks of the one before, and the learner looks for the fault in the new one."""
    cell("def scores(query, key): return query @ key.T")
    assert "Note:" not in cell("check(scores)")[0]
    cell("def scores(query, key):\n    return (query @ key.T")
    said = cell("check(scores)")[0]
    assert "your last version of scores did not run (SyntaxError: '(' was never closed, line 2" in said
    cell("def scores(query, key, scale=1 / 0): return query @ key.T")
    assert "your last version of scores did not run: this is about the one before" in cell("check(scores)")[0]
    cell("scores = lambda query, key: query")
    assert "Note:" not in cell("check(scores)")[0]


def test_the_solution_is_shown_after_a_try(cell):
    cell(RIGHT + "\nfrom course.checks import solution")
    said = cell("solution(centred)")[2]
    assert isinstance(said, NameError)
    cell("def centred(values, axis=-1): return values")
    assert "First a try of your own" in cell("solution(centred)")[0]
    cell("check(centred)")
    assert "def centred(" in cell("solution(centred)")[0]
