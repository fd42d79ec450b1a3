"""Architecture: does every file keep the rules of the house, and would a file that does not be found?"""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

from course.checks.registry import EXERCISES, THEMES, exercises_of
from course.classroom import ROOT
from course.classroom.author.lesson import lesson_paths, read_lesson
from course.judging.mistakes import read_mistakes
from tests import house_rules
from tests.house_rules import GIVEN, GIVEN_FROM, HOUSE_FILES, REFERENCES, TEXT_RULES, TREE_RULES

PYTHON = sorted(path.relative_to(ROOT) for folder in ("course", "tests") for path in (ROOT / folder).rglob("*.py"))
LESSONS = [path for path in PYTHON if path.parent.name == "lessons" and path.parts[0] == "course"]
MODULES = [path for path in PYTHON if path.parts[0] == "course" and path not in LESSONS]
TEXTS = PYTHON + [Path(name) for name in HOUSE_FILES]


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


@pytest.mark.parametrize("rule", TREE_RULES, ids=lambda rule: rule.__name__)
def test_python_files_keep(rule):
    files = MODULES if rule is not house_rules.module_docstring else [path for path in PYTHON if path not in LESSONS]
    assert {str(path): found for path in files if (found := rule(path, tree_of(path)))} == {}


@pytest.mark.parametrize("rule", TEXT_RULES, ids=lambda rule: rule.__name__)
def test_texts_keep(rule):
    assert {str(path): found for path in TEXTS if (found := rule(path, (ROOT / path).read_text()))} == {}


TREES_THAT_BREAK = {
    "reference_imports": [
        ("course/attention.py", "import scipy"),
        ("course/attention.py", "from course.positions import rotate"),
        ("course/attention.py", "def f():\n    from course import plots"),
        ("course/blocks.py", "from course.checks import check"),
    ],
    "given_imports": [
        ("course/plots.py", "from course.attention import causal_mask"),
        ("course/corpus/chance.py", "from course import plots"),
    ],
    "check_imports": [
        ("course/checks/attention/cases.py", "from course import plots"),
        ("course/checks/registry.py", "import course.classroom.author.build"),
        ("course/judging/judge.py", "from course.lessons import x"),
        ("course/judging/judge.py", "from course.checks.registry import EXERCISES"),
        ("course/judging/observe.py", "from course import attention"),
    ],
    "top_imports": [
        ("course/plots.py", "import nbformat"),
        ("course/judging/judge.py", "from nbgrader.api import Gradebook"),
        ("course/attention.py", "from course.classroom.author import build"),
        ("course/classroom/author/build.py", "import course.lessons"),
        ("course/__main__.py", "from solutions import x"),
        ("course/classroom/author/exercises.py", "from tests.checks import x"),
    ],
    "bench_imports": [
        ("course/bench/speed.py", "from course.checks import check"),
        ("course/bench/speed.py", "from course import plots"),
        ("course/bench/speed.py", "import course.classroom.author.build"),
        ("course/bench/speed.py", "import matplotlib"),
        ("course/classroom/author/build.py", "from course.bench.table import Figure"),
        ("course/plots.py", "from course import bench"),
    ],
    "pretrained_imports": [
        ("course/pretrained/gpt2.py", "import transformers"),
        ("course/pretrained/tensor_file.py", "from safetensors.torch import load_file"),
        ("course/pretrained/answer.py", "from course import plots"),
        ("course/pretrained/answer.py", "from course.classroom.command_line import run"),
        ("course/gpt.py", "from course.pretrained import load_gpt2"),
        ("course/bench/marian.py", "from course import pretrained"),
    ],
    "page_imports": [
        ("course/page/bundle.py", "import numpy"),
        ("course/page/model_data.py", "from course.mine.record import read"),
        ("course/page/__init__.py", "from course import plots"),
        ("course/plots.py", "from course.page import script"),
        ("course/gpt.py", "import course.page.bundle"),
    ],
    "grading_imports": [
        ("course/grading/jobs.py", "from course import attention"),
        ("course/grading/verdicts.py", "from course.classroom.teacher.results import Mark"),
        ("course/grading/inside/shell.py", "from course.checks import check"),
        ("course/grading/inside/zygote.py", "from course.grading.jobs import job"),
        ("course/checks/registry.py", "from course.grading import verdicts"),
        ("course/judging/observe.py", "import course.grading.inside.wire"),
    ],
    "star_imports": [
        ("course/blocks.py", "from torch import *"),
        ("course/blocks.py", "from . import attention"),
        ("course/corpus/verbs.py", "from .. import plots"),
    ],
    "path_edits": [
        ("course/plots.py", "import sys\nsys.path.insert(0, '.')"),
        ("tests/x.py", "import sys\nsys.path += ['.']"),
    ],
    "prints": [("course/plots.py", "print(1)"), ("course/classroom/author/build.py", "def f():\n    print('built')")],
    "long_functions": [("course/plots.py", "def f():\n    '''Doc.'''\n" + "    x = 1\n" * 20)],
    "long_constructors": [("course/blocks.py", "class A:\n    def __init__(self, a, b, c, d, e, f, *, g): ...")],
    "module_docstring": [
        ("course/x.py", "x = 1"),
        ("course/x.py", '"""No full stop"""'),
        ("course/x.py", '"""One sentence. And another."""'),
    ],
    "public_docstrings": [
        ("course/blocks.py", "def f(): ..."),
        ("course/blocks.py", "class A:\n    '''Doc.'''\n    def forward(self): ..."),
    ],
}
TEXTS_THAT_BREAK = {
    "long_file": [("course/x.py", "x = 1\n" * 401)],
    "wide_for_learners": [("course/attention.py", "x = 1\n" + "y" * 101)],
    "unfinished": [("course/x.py", "# TO" + "DO: later")],
    "emoji": [("course/lessons/x.py", "well done \N{PARTY POPPER}"), ("README.md", "\N{WHITE HEAVY CHECK MARK}")],
    "addresses": [
        ("requirements.txt", "--index-url http" + "s://example.org/simple"),
        ("README.md", "http" + "://example.org"),
        ("README.md", "https" + "://aclanthology.org/P02-1040/"),
        ("course/lessons/bibliography.md", "[blog](https" + "://example.org/)"),
        ("course/lessons/bibliography.md", "[ACL](http" + "://aclanthology.org/P02-1040/)"),
    ],
}
FINE = {
    "reference_imports": [("course/attention.py", "import math\nimport torch.nn\nfrom course.arrays import softmax")],
    "given_imports": [
        ("course/corpus/chance.py", "from course.corpus.lexicon import x"),
        ("course/plots.py", "import numpy"),
    ],
    "check_imports": [
        ("course/checks/attention/cases.py", "from course import attention\nfrom course.judging.exercise import Case")
    ],
    "top_imports": [
        ("course/classroom/author/build.py", "import nbformat"),
        ("course/__main__.py", "from course.classroom.learner import lab"),
    ],
    "bench_imports": [
        (
            "course/bench/speed.py",
            "import torch\nfrom course.corpus import splits\nfrom course.bench.table import Figure",
        ),
        ("course/bench/marian.py", "from transformers import MarianConfig\nfrom course.transformer import Transformer"),
        ("course/__main__.py", "from course.bench.command import bench"),
        ("tests/bench/test_table.py", "from course.bench.table import table"),
    ],
    "pretrained_imports": [
        (
            "course/pretrained/bert.py",
            "import json\nfrom course.bert import BERT\nfrom course.pretrained.folder import x",
        ),
        ("course/__main__.py", "from course.pretrained.answer import open_model"),
        ("tests/pretrained/test_bert.py", "from course.pretrained import load_bert"),
    ],
    "page_imports": [
        ("course/page/model_data.py", "import torch\nfrom course.corpus import mend\nfrom course.page.bundle import x"),
        ("course/classroom/learner/own_page.py", "from course.page import write_page"),
    ],
    "grading_imports": [
        ("course/grading/jobs.py", "from course import checks\nfrom course.grading.inside import wire"),
        ("course/grading/inside/shell.py", "import torch\nfrom course.judging.observe import observe_all"),
        ("course/classroom/teacher/grading.py", "from course.grading.sandbox import Sandbox"),
        ("tests/grading/test_wire.py", "from course.grading.inside import wire"),
    ],
    "path_edits": [("course/grading/inside/shell.py", "import sys\nsys.path.append('.')")],
    "prints": [("course/checks/predict.py", "print(1)"), ("course/x.py", "def build(say=print): say(1)")],
    "long_functions": [("course/plots.py", "def f():\n    '''" + "Doc.\n" * 30 + "'''\n" + "    x = 1\n" * 19)],
    "long_constructors": [("course/blocks.py", "class A:\n    def __init__(self, a, b, c, d, e, f): ...")],
    "module_docstring": [
        ("course/x.py", '"""Command: python -m x."""'),
        ("course/x.py", '"""Is it?\n\nMore. Of it."""'),
    ],
    "long_file": [("course/x.py", "x = 1\n" * 400)],
    "wide_for_learners": [("course/attention.py", "y" * 100), ("course/bench/x.py", "y" * 101)],
    "addresses": [
        ("README.md", "https://arxiv.org/abs/1706.03762"),
        ("course/lessons/bibliography.md", "[ACL](https" + "://aclanthology.org/P02-1040/)"),
    ],
}


def pairs(table):
    rows = [(rule, number, *row) for rule, rows in table.items() for number, row in enumerate(rows)]
    return [pytest.param(rule, Path(path), text, id=f"{rule} {number}") for rule, number, path, text in rows]


def apply(rule, path, text):
    return getattr(house_rules, rule)(path, text if getattr(house_rules, rule) in TEXT_RULES else ast.parse(text))


@pytest.mark.parametrize(("rule", "path", "text"), pairs(TREES_THAT_BREAK | TEXTS_THAT_BREAK))
def test_rule_finds_a_file_that_breaks_it(rule, path, text):
    assert apply(rule, path, text)


@pytest.mark.parametrize(("rule", "path", "text"), pairs(FINE))
def test_rule_lets_a_good_file_pass(rule, path, text):
    assert apply(rule, path, text) == []


def test_every_rule_is_shown_to_fail():
    assert set(TREES_THAT_BREAK) == {rule.__name__ for rule in TREE_RULES}
    assert set(TEXTS_THAT_BREAK) == {rule.__name__ for rule in TEXT_RULES}


def lesson_imports(lesson: str, sources: list[str]) -> list[str]:
    """8. What a lesson takes from course that no earlier lesson has the learner build, and that is not given."""
    number, found = int(lesson[:2]), []
    for node in [node for source in sources for node in ast.walk(ast.parse(source))]:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course"):
            part = node.module.removeprefix("course").strip(".")
            if number >= GIVEN_FROM["mine"]:  # course.mine.attention is course.attention, or what took its place
                part = part.removeprefix("mine.")
            part = part.partition(".")[0]
            names = [alias.name for alias in node.names]
            found += [name for name in names if not (may_import(part, name, number) if part else name in GIVEN)]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.startswith("course")]
    return found


def may_import(module: str, name: str, lesson: int) -> bool:
    """An exercise of an earlier lesson, something else from its module (a configuration), or what is given."""
    if module in {*GIVEN, "checks"}:
        return True
    if module in GIVEN_FROM:
        return lesson >= GIVEN_FROM[module]
    built = [exercise.lesson for exercise in EXERCISES.values() if exercise.reference.__module__ == f"course.{module}"]
    if name in EXERCISES:
        return EXERCISES[name].lesson < lesson
    return module in REFERENCES and bool(built) and min(built) <= lesson


@pytest.mark.parametrize("path", lesson_paths(), ids=lambda path: path.stem)
def test_lesson_imports_only_what_earlier_lessons_build(path):
    lesson = read_lesson(path)
    assert lesson_imports(lesson.name, [cell.source for cell in lesson.cells if cell.kind == "code"]) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from course.attention import SelfAttention", ["SelfAttention"]),
        ("from course.attention import causal_mask, padding_mask", ["causal_mask", "padding_mask"]),
        ("from course.llama import Llama", ["Llama"]),
        ("from course.alignment import word_weights", ["word_weights"]),
        ("from course.mine.arrays import softmax", ["softmax"]),
        ("from course import attention", ["attention"]),
        ("from course import classroom", ["classroom"]),
        ("import course.attention", ["course.attention"]),
        ("from course.checks import check\nfrom course import plots\nfrom course.arrays import softmax", []),
    ],
)
def test_lesson_that_takes_what_it_teaches_is_found(source, found):
    assert lesson_imports("04_self_attention", [source]) == found


def modules_with_tests() -> set[str]:
    """What a test file imports or has the name of; of the corpus, whose face is tested, also the parts behind it."""
    trees = {path: tree_of(path) for path in PYTHON}
    tests = {path: tree for path, tree in trees.items() if path.parts[0] == "tests" and path.name.startswith("test_")}
    found = {name for tree in tests.values() for name in house_rules.named_modules(tree)}
    found |= {dotted(path) for path in MODULES if any(test.stem == f"test_{path.stem}" for test in tests)}
    inner = {dotted(path): trees[path] for path in MODULES if path.parts[1] == "corpus"}
    while (
        more := {name for one in found & set(inner) for name in house_rules.named_modules(inner[one])}
        & set(inner) - found
    ):
        found |= more
    return found


def dotted(path: Path) -> str:
    """course/checks/__init__.py -> course.checks"""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def test_every_module_has_a_test():
    with_code = [path for path in MODULES if len(tree_of(path).body) > 1]
    declared = {path for path in with_code if path.parts[1] == "checks" and path.parts[2] in THEMES}  # see tests/checks
    assert {dotted(path) for path in with_code if path not in declared} - modules_with_tests() == set()


def test_module_that_no_test_names_is_found(monkeypatch):
    assert "course.judging.judge" in modules_with_tests()
    assert "course.checks.nothing" not in modules_with_tests()
    monkeypatch.setattr("tests.test_architecture.PYTHON", [path for path in PYTHON if path.parts[0] == "course"])
    assert modules_with_tests() == set()


@pytest.mark.parametrize("theme", THEMES)
def test_theme_is_the_same_word_in_all_its_places(theme):
    """Its reference, its exercises, cases and mistakes, right and wrong answers, the tests of the reference."""
    checks, answers = ROOT / "course" / "checks" / theme, ROOT / "tests" / "checks" / theme
    places = [ROOT / "course" / f"{theme}.py", ROOT / "tests" / f"test_{theme}.py"]
    places += [checks / name for name in ("exercises.py", "cases.py", "mistakes.diff", "demands.txt")]
    places += [answers / name for name in ("right.py", "wrong.py")]
    assert [str(path.relative_to(ROOT)) for path in places if not path.is_file()] == []
    assert {exercise.reference.__module__ for exercise in exercises_of(theme)} == {f"course.{theme}"}
    assert set(read_mistakes((checks / "mistakes.diff").read_text(), theme)) == {
        one.name for one in exercises_of(theme)
    }


def test_every_folder_of_exercises_and_every_folder_of_answers_is_a_theme():
    for folder in (ROOT / "course" / "checks", ROOT / "tests" / "checks"):
        assert {path.name for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(THEMES)


def without_oracle(theme: str, test: str) -> list[str]:
    """9. The exercises whose reference no test of its own module calls: nothing outside then says that it is right.

    test: the text of tests/test_THEME.py; a name that is imported and not used does not count."""
    used = {node.id for node in ast.walk(ast.parse(test)) if isinstance(node, ast.Name)}
    return [exercise.name for exercise in exercises_of(theme) if exercise.name not in used]


@pytest.mark.parametrize("theme", THEMES)
def test_every_reference_has_a_test_in_the_file_of_its_module(theme):
    assert without_oracle(theme, (ROOT / "tests" / f"test_{theme}.py").read_text()) == []


def test_reference_without_a_test_is_found():
    test = (ROOT / "tests" / "test_bleu.py").read_text()
    assert without_oracle("bleu", test) == []
    assert without_oracle("bleu", re.sub(r"(?<!\.)corpus_bleu\(", "sacrebleu.corpus_bleu(", test)) == ["corpus_bleu"]
    assert without_oracle("bleu", "from course.bleu import corpus_bleu") == ["corpus_bleu"]
