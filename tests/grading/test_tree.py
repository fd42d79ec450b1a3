"""Tree: does a sandbox find all that a lesson imports, and nothing of what it asks for?"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from course.checks.registry import EXERCISES
from course.classroom.teacher.marking import asked_from, modules_for
from course.grading import tree
from tests.grading import lesson

every_lesson = pytest.mark.parametrize("number", range(14))
ONE = {number: [name for name, one in EXERCISES.items() if one.lesson == number] for number in range(14)}

# Per tree: what its own modules say when each of them is imported, and what its lesson's cells import.
IMPORTS = """
import importlib, json, multiprocessing, sys
def tried(folder, modules, asked):
    sys.path.insert(0, folder)
    told = {}
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:
            told[name] = repr(error)
    for module, name in asked:
        there = importlib.import_module(module)
        exec(f"from {module} import {name} as got")
        try:
            locals()["got"]()
            told[name] = "answers"
        except NotImplementedError as error:
            told[name] = "" if name in str(error) else str(error)
    return told
if __name__ == "__main__":
    import torch, numpy, matplotlib
    matplotlib.use("agg")
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        print(json.dumps(pool.starmap(tried, json.load(sys.stdin), chunksize=1)))
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> list[Path]:
    """The trees of all lessons."""
    folders = [tmp_path_factory.mktemp(f"tree-{number:02}") for number in range(14)]
    for number, folder in enumerate(folders):
        tree.plant(folder, asked_from(lesson(number)), modules_for(lesson(number)))
    return folders


@cache
def definitions(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)}


@every_lesson
def test_no_exercise_of_the_lesson_or_a_later_one_is_defined(planted, number):
    files = list((planted[number] / "course").rglob("*.py"))
    references = [path for path in files if path.parent.name == "course"]
    found = {name for path in references for name in definitions(path)} & asked_from(lesson(number))
    assert found == set()
    assert len(ONE[number]) > 1
    assert all((planted[number] / f"{name.replace('.', '/')}.py").is_file() for name in modules_of(number))


def modules_of(number: int) -> set[str]:
    return {EXERCISES[name].reference.__module__ for name in ONE[number]}


@every_lesson
def test_nothing_that_judges_or_teaches_is_there(planted, number):
    course = planted[number] / "course"
    assert {path.name for path in course.iterdir() if path.is_dir()} <= {
        "checks", "corpus", "grading", "judging", "mine", "plots", "pretrained", "progress"
    }  # fmt: skip
    assert [path.name for path in (course / "checks").iterdir()] == ["__init__.py"]
    assert sorted(path.name for path in (course / "grading").iterdir()) == ["__init__.py", "inside"]
    assert not list(course.rglob("*.diff")) + list(course.rglob("*.pyc")) + list(course.rglob("*.ipynb"))


def test_earlier_lessons_exercises_are_there():
    source = (tree.COURSE / "attention.py").read_text()
    assert tree.without(source, asked_from(lesson(5))) == source
    assert "def attention_scores" not in tree.without(source, asked_from(lesson(4)))


@pytest.fixture(scope="module")
def imported(planted) -> list[dict[str, str]]:
    """For each lesson: module that cannot be imported -> why; exercise -> what is wrong with it, called."""
    tasks = []
    for number, folder in enumerate(planted):
        parts = [path.relative_to(folder).with_suffix("").parts for path in sorted((folder / "course").rglob("*.py"))]
        modules = [".".join(one).removesuffix(".__init__") for one in parts]
        tasks.append((str(folder), modules, [(EXERCISES[name].reference.__module__, name) for name in ONE[number]]))
    command = [sys.executable, "-I", "-c", IMPORTS]
    done = subprocess.run(command, input=json.dumps(tasks), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@every_lesson
def test_all_modules_import_and_what_is_absent_says_so_when_it_is_called(imported, number):
    assert imported[number] == dict.fromkeys(ONE[number], "")


SOURCE = '''"""Module."""
import math
from functools import cache
LIMIT = 3
TABLE = {"f": len}


@cache
def asked(x): return helper(x)


def helper(x):
    return asked(x) + LIMIT


class Part(asked):
    size = LIMIT


def default(x=asked): ...
def later(x: int) -> "asked": return asked
NAMES = [asked]
PAIRS = [Part]
WIDE = math.pi
noted: asked = 4
'''


def test_what_needs_an_absent_function_to_be_imported_is_absent_too():
    text = tree.without(SOURCE, {"asked", "elsewhere"})
    found = {"__name__": "module"}
    exec(text, found)
    assert {"LIMIT", "TABLE", "helper", "later", "WIDE", "math", "noted"} <= found.keys()
    assert not {"asked", "Part", "default", "NAMES", "PAIRS"} & found.keys()
    assert found["__getattr__"]("Part").__name__ == "Part"
    with pytest.raises(NotImplementedError, match="PAIRS"):
        found["__getattr__"]("PAIRS")()
    with pytest.raises(AttributeError):
        found["__getattr__"]("elsewhere")
    assert tree.without(SOURCE, {"elsewhere"}) == SOURCE
    assert "asked(x): return" not in text


def test_further_names_of_a_module_are_found_as_before():
    found = {"__name__": "module"}
    source = "def asked(): ...\ndef __getattr__(name):\n    if name == 'old': return 7\n    raise AttributeError(name)"
    exec(tree.without(source, {"asked"}), found)
    assert found["__getattr__"]("old") == 7
    assert found["__getattr__"]("asked").__name__ == "asked"
    with pytest.raises(AttributeError):
        found["__getattr__"]("new")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from course.attention import a, b", ["attention", "attention.a", "attention.b"]),
        ("from course import plots", ["plots"]),
        ("from course.mine.arrays import a", ["mine.arrays", "arrays", "mine.arrays.a"]),
        ("import course.corpus.splits as s, numpy", ["corpus.splits"]),
        ("def f():\n    from course.arrays import softmax", ["arrays", "arrays.softmax"]),
        ("from courses import x\nimport coursework", []),
        ("%matplotlib inline", []),
        ("\0", []),
    ],
)
def test_imports_of_a_cell(source, found):
    assert tree.imports_of(source) == found


def test_what_is_never_shipped_is_not_followed():
    found = {path.relative_to(tree.COURSE).as_posix() for path in tree.needed(["checks.registry", "attention"])}
    assert "attention.py" in found
    assert not any(name.startswith("checks") for name in found)
