"""Plan: does all run that a grade needs, and is what nobody reads left out?"""

from __future__ import annotations

import ast
import builtins
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest

from course.grading import effects, order, plan
from course.grading.names import names_of
from course.grading.plan import Cell, needed

HERE = Path(__file__).resolve().parents[2]
LESSONS = sorted((HERE / "solutions").glob("[0-9]*/*.ipynb"))
ANSWER = "def f(x):\n    return x + weights"
KINDS = {"?": "answer", "!": "check", "+": "own"}


def cells_of(*sources: str) -> list[Cell]:
    """'? ...' is an answer, '! ...' a check, '+ ...' an own cell, all else is given; a first cell comes before."""
    marked = [(KINDS.get(source[:2].strip(), "given"), source) for source in ("import torch", *sources)]
    texts = [source if kind == "given" else source[2:] for kind, source in marked]
    return [Cell(f"cell-{i}", kind, text) for i, ((kind, _), text) in enumerate(zip(marked, texts, strict=True))]


def runs(*sources: str) -> list[bool]:
    return needed(cells_of(*sources))[1:]


BOUND = [
    "weights = 3",
    "weights: int = 3",
    "first, (weights, *rest) = 1, (2, 3)",
    "for weights in range(3): pass",
    "with open('x') as weights: pass",
    "try:\n    1 / 0\nexcept ZeroDivisionError as weights:\n    pass",
    "match 3:\n    case weights: pass",
    "print(weights := 3)",
    "import math as weights",
    "from math import pi as weights",
    "def weights(): pass",
    "class weights: pass",
    "def bind():\n    global weights\n    weights = 3",
    "del weights",
    "if torch: weights = 3",
]


@pytest.mark.parametrize("source", BOUND)
def test_what_binds_a_name_that_an_answer_reads_runs(source):
    assert runs(source, "? " + ANSWER, "! check(f)") == [True, True, False]
    assert runs(source, "? def f(x):\n    return x", "! check(f)") == ["open" in source, True, False]


READING = [
    "def f(x):\n    return lambda y: weights",
    "def f(x):\n    def g():\n        return weights\n    return g()",
    "def f(x):\n    return [weights for _ in x]",
    "def f(x):\n    return f'{x} {weights}'",
    "def f(x=weights): pass",
    "@weights\ndef f(x): pass",
    "class f:\n    def call(self):\n        return weights",
    "class f:\n    weights = weights",
    "class f(weights): pass",
    "def f(x):\n    global weights\n    weights += 1",
    "weights += 1",
    "def f(x: weights): pass",
    "def f(x):\n    with weights: pass",
]


@pytest.mark.parametrize("source", READING)
def test_an_answer_reads_wherever_it_reads(source):
    assert runs("weights = 3", "? " + source, "! check(f)") == [True, True, False]


LOCAL = [
    "def f(weights):\n    return weights",
    "def f(x):\n    weights = x\n    return [weights for _ in x]",
    "def f(x):\n    return [weights for weights in x], (lambda weights: weights)",
    "def f(x):\n    return x.weights, x(weights=1)",
]


@pytest.mark.parametrize("source", LOCAL)
def test_a_name_of_its_own_is_not_the_notebooks(source):
    assert runs("weights = 3", "? " + source, "! check(f)") == [False, True, False]


CHANGES = [
    "weights.append(1)",
    "weights[0] = 1",
    "weights.part = 1",
    "del weights[0]",
    "weights += 1",
    "weights.parts[0].fill_(1)",
    "last = weights.pop()",
    "fill(weights)",
    "ready = weights.train()",
    "torch.add(1, 2, out=weights)",
    "for part in weights: part += 1",
    "with torch.no_grad():\n    for part in weights.parts(): part.zero_()",
    "optimizer = Optimizer(weights)\noptimizer.step()",
    "[fill(part) for part in weights]",
    "setattr(weights, 'part', 1)",
]


@pytest.mark.parametrize("source", CHANGES)
def test_what_may_change_an_object_that_is_read_runs(source):
    assert runs("weights = [1]", source, "? " + ANSWER, "! check(f)") == [True, True, True, False]
    assert runs("weights = [1]", source, "? def f(x):\n    return x", "! check(f)")[:2] == [False, False]


def test_what_a_function_changes_is_changed_where_it_is_called():
    log = ("weights = []", "def write(x):\n    weights.append(x)", "def twice(x):\n    write(x)", "y = twice(3)")
    assert runs(*log, "? " + ANSWER, "! check(f)") == [True] * 5 + [False]
    counted = ("weights = 0", "def count():\n    global weights\n    weights += 1", "y = count()")
    assert runs(*counted, "? " + ANSWER, "! check(f)") == [True] * 4 + [False]


def test_another_cell_may_step_what_a_cell_has_made():
    made = ("weights = [1]", "optimizer = Optimizer(weights)", "optimizer.step()")
    assert runs(*made, "? " + ANSWER, "! check(f)") == [True] * 4 + [False]


NO_CHANGES = [
    "losses = train(weights)",
    "print(weights)",
    "plots.show(plots.heatmap(weights))",
    "plt.plot(weights)",
    "reveal(guess, weights.mean())",
    "check(weights)",
    "total = len(weights)\ntotal += 1",
]


@pytest.mark.parametrize("source", NO_CHANGES)
def test_what_only_shows_or_reads_does_not_run(source):
    assert runs("weights = [1]", source, "? " + ANSWER, "! check(f)") == [True, False, True, False]


BEYOND = [
    "torch.manual_seed(0)",
    "np.random.seed(0)",
    "import random\nrandom.seed(0)",
    "torch.set_default_dtype(torch.float64)",
    "import os\nos.environ['A'] = 'b'",
    "import sys\nsys.path.append('.')",
    "from math import *",
    "%matplotlib inline",
    "%%time\nx = 1",
    "!ls",
    "exec('x = 1')",
    "torch.save(1, 'file')",
    "def prepare():\n    torch.set_default_dtype(torch.float64)",
]


@pytest.mark.parametrize("source", BEYOND)
def test_what_has_effect_without_a_name_runs(source):
    assert runs(source, "? def f(x):\n    return x", "! check(f)")[0]


def test_a_seed_that_a_training_sets_for_itself_does_not_make_it_run():
    training = "torch.manual_seed(0)\nmodel = make()\nlosses = train(model)"
    assert runs(training, "? def f(x):\n    return x", "! check(f)") == [False, True, False]
    assert runs("generator = torch.Generator().manual_seed(0)", "? def f(x):\n    return x", "! check(f)")[0] is False


def test_an_import_runs_where_its_name_is_read():
    assert runs("import math", "import zlib", "? def f(x):\n    return math.pi", "! check(f)")[:2] == [True, False]


def test_the_first_given_cell_and_the_one_named_setup_always_run():
    cells = [Cell("a", "own", "1"), Cell("b", "given", "x = 1"), Cell("setup", "given", "y = 1")]
    assert needed([*cells, Cell("c", "given", "z = 1"), Cell("f", "check", "check(f)")])[1:4] == [True, True, False]


def test_an_own_cell_has_what_it_reads():
    cells = ("weights = train()", "print(weights)", "+ print(weights)", "? def f(x):\n    return x", "! check(f)")
    assert runs(*cells) == [True, False, True, True, False]
    magic = (*cells[:2], "+ %time print(weights)", *cells[3:])
    assert runs(*magic) == [True, False, True, True, False]


def test_a_given_cell_that_runs_has_what_it_reads_itself():
    chain = ("size = 3", "weights = make(size)", "def make(n):\n    return [n * factor]", "factor = 2", "unread = 1")
    assert runs(*chain, "? " + ANSWER, "! check(f)") == [True, True, False, False, False, True, False]
    earlier = (chain[2], chain[3], chain[0], chain[1])
    assert runs(*earlier, "? " + ANSWER, "! check(f)") == [True] * 5 + [False]


def test_what_a_cell_binds_first_and_then_reads_is_its_own():
    cells = ("row = train()", "for row in range(3):\n    print(row)\nweights = 1", "? " + ANSWER, "! check(f)")
    assert runs(*cells) == [False, True, True, False]
    assert runs("row = train()", "row = 1\nweights = row", *cells[2:])[0] is False
    assert runs("row = train()", "if torch:\n    row = 1\nweights = row", *cells[2:])[0]
    assert runs("row = 1", "weights = lambda: row\nrow = 2", "row = 3", *cells[2:]) == [True, True, True, True, False]


def test_a_function_may_read_what_is_bound_behind_it():
    assert runs("? " + ANSWER, "weights = 3", "! check(f)") == [True, True, False]
    assert runs("? weights\ndef f(x):\n    return x", "weights = 3", "! check(f)") == [True, False, False]


def test_who_may_read_everything_has_everything_before():
    rest = ("unread = 1", "+ exec('print(unread)')", "later = 1", "? def f(x):\n    return x", "! check(f)")
    assert runs(*rest) == [True, True, False, True, False]
    ways = ("%run other.py", "globals()", "get_ipython()", "import __main__", "import sys\nsys.modules", "print(_)")
    for source in ways:
        assert runs(rest[0], "+ " + source, *rest[2:]) == [True, True, False, True, False]
    assert runs(rest[0], "+ for _ in range(3): print(_)", *rest[2:])[0] is False


def test_nothing_behind_the_last_check_runs():
    assert runs("? def f(x):\n    return x", "! check(f)", "+ print(f)", "torch.manual_seed(0)") == [True] + [False] * 3
    assert runs("? def f(x):\n    return x", "+ print(f)") == [True, True]
    assert needed([]) == []


def test_a_text_that_nobody_can_run_reads_nothing():
    assert runs("weights = 1", "? def f(x:\n    return weights", "! check(f)") == [False, True, False]


HOSTILE = {
    "brackets": "(" * 100_000,
    "signs": "-" * 100_000 + "1",
    "a sum": "a" + "+a" * 90_000,
    "attributes": "a" + ".b" * 90_000,
    "calls": "a" + ".b_()" * 30_000,
    "blocks": "if a:pass\n" + "elif a:pass\n" * 10_000,
    "comprehensions": "[a for a in " * 45 + "b" + "]" * 45,
    "spaces": " " * 199_999,
    "questions": "?" * 199_999,
    "no character": "\0",
    "half a character": "\ud800",
    "too long": "x = 1\n" * 40_000,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_does_no_harm(source):
    assert runs("weights = 1", "+ " + source, "? " + ANSWER, "! check(f)") == [True, True, True, False]


def test_of_what_a_learner_has_written_no_more_is_parsed_than_anybody_reads():
    long = "+ " + "'" + "a" * 150_000 + "'"
    assert runs("secret = 1", long, long, "+ 'secret'", "! check(f)")[0]


def test_a_given_cell_is_looked_at_once_and_a_learners_is_not_kept():
    given, own = "only_here = 1", "+ print(only_here)"
    assert runs(given, own, "! check(f)") == [True, True, False]
    kept = [one.cache_info().currsize for one in (plan.names_of_given, plan.effects_of_given, plan.changeable_given)]
    assert runs(given, own + "  # other words", "! check(f)") == [True, True, False]
    assert runs(given, "! check(f)") == [False, False]
    again = [one.cache_info().currsize for one in (plan.names_of_given, plan.effects_of_given, plan.changeable_given)]
    assert again == kept


@cache
def lesson(path: Path) -> tuple[list[Cell], list[bool]]:
    cells = []
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code":
            marks = cell.metadata.get("nbgrader", {})
            kind = "answer" if marks.get("solution") else "check" if marks.get("grade") else "given"
            cells.append(Cell(marks.get("grade_id") or cell.id, kind, cell.source))
    return cells, needed(cells)


NEEDED_BESIDE_SETUP = {
    "00_start_here": ["hello", "wrong-on-purpose"],
    "08_transformer": ["whole-config", "whose"],
    "10_decoding": ["attend-parts", "step-parts"],
    "11_gpt": ["loading-parts"],
    "12_bert": ["sides-reviews", "sides-guess", "sides-count", "task-twins", "task-tokens", "alone-both"],
    "13_since_2017": ["hmm-tiny", "crf-naive", "since-parts", "llama-block"],
}


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_of_a_lesson_no_training_and_no_picture_is_needed(path):
    cells, run = lesson(path)
    given = [cell.name for cell, runs in zip(cells, run, strict=True) if runs and cell.kind == "given"]
    assert sorted(given) == sorted(["setup", *NEEDED_BESIDE_SETUP.get(path.stem, [])])


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_each_name_that_a_needed_cell_reads_is_bound_by_one(path):
    cells, run = lesson(path)
    names = [names_of(cell.source) for cell, runs in zip(cells, run, strict=True) if runs]
    bound = set(dir(builtins)).union(*(one.binds for one in names))
    assert set().union(*(one.reads for one in names)) <= bound | {"__class__"}


GLOBALS_READ = """
import builtins, dis, json, sys, types
def codes(code):
    yield code
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            yield from codes(one)
def missing(sources, asked):
    space = {"__name__": "__main__"}
    for source in sources:
        exec(compile(source, "<cell>", "exec"), space)
    for name in asked:
        thing = space[name]
        for part in [thing, *vars(thing).values()] if isinstance(thing, type) else [thing]:
            part = getattr(part, "__wrapped__", part)
            if isinstance(part, types.FunctionType) and part.__globals__ is space:
                for code in codes(part.__code__):
                    for one in dis.get_instructions(code):
                        if one.opname == "LOAD_GLOBAL" and one.argval not in space | vars(builtins):
                            yield f"{name} reads {one.argval}"
found = {lesson: list(missing(*given)) for lesson, given in json.load(sys.stdin).items()}
wrong = {lesson: names for lesson, names in found.items() if names}
sys.exit(str(wrong) if wrong else 0)
"""


def test_the_needed_cells_leave_each_exercise_with_all_that_it_reads():
    lessons = {}
    for path in LESSONS:
        cells, run = lesson(path)
        sources = [cell.source for cell, runs in zip(cells, run, strict=True) if runs]
        lessons[path.stem] = sources, [name for cell in cells if cell.kind == "check" for name in asked_by(cell)]
    assert len(lessons) == 14
    assert all(asked for _, asked in lessons.values())
    script = [sys.executable, "-c", "import matplotlib; matplotlib.use('agg')\n" + GLOBALS_READ]
    done = subprocess.run(script, input=json.dumps(lessons), cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def asked_by(check: Cell) -> list[str]:
    """The names in its calls of check."""
    calls = [node for node in ast.walk(ast.parse(check.source)) if isinstance(node, ast.Call)]
    return [call.args[0].id for call in calls if isinstance(call.func, ast.Name) and call.func.id == "check"]


def test_a_name_that_a_cell_has_surely_bound_is_not_read_from_before():
    assert order.reads_first(ast.parse("total = total + 1").body[0]) == {"total"}
    assert order.surely_bound(ast.parse("total = 1").body[0]) == {"total"}
    assert not order.surely_bound(ast.parse("for total in []: pass").body[0])


def test_a_method_whose_result_is_dropped_may_change_its_object():
    assert effects.effects_of(names_of("weights.append(1)")).changes == {"weights"}
    assert not effects.effects_of(names_of("longest = max(weights)")).changes
