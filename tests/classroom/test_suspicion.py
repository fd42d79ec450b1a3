"""Suspicion: is what tricks are made of pointed out, and nothing that the course's own answers do?"""

from pathlib import Path

import nbformat
import pytest

from course.classroom.teacher.suspicion import suspicions
from tests.classroom.school import REPOSITORY

LESSONS = sorted((REPOSITORY / "solutions").glob("[0-9]*/*.ipynb"))
ODD = {  # a line -> what is said of it
    "import ctypes": "imports ctypes",
    "import os.path, inspect as i": "imports inspect",
    "from multiprocessing.pool import Pool": "imports from multiprocessing.pool",
    "from course.checks.registry import EXERCISES": "imports from course.checks.registry",
    "import course.judging.judge": "imports course.judging.judge",
    "from course.checks import check, registry": "imports course.checks.registry",
    "from course import judging": "imports course.judging",
    "f.__globals__": "uses .__globals__",
    "os._exit(0)": "uses ._exit",
    "().__class__.__base__.__subclasses__()": "uses .__subclasses__",
    "eval('1')": "uses eval",
    "get_ipython().run_cell": "uses get_ipython",
    "open('/proc/self/maps')": "speaks of '/proc/self/maps'",
    "path = 'solutions/04'": "speaks of 'solutions/04'",
    "check = print": "gives check another meaning",
    "def reveal(): pass": "gives reveal another meaning",
    "torch.allclose = print": "replaces torch.allclose",
    "import torch as t\nt.allclose = print": "replaces t.allclose",
    "setattr(torch, 'allclose', print)": "replaces parts of torch",
    "del np.testing": "replaces np.testing",
}
PLAIN = [
    "from course.checks import check, reveal",
    "from course.attention import attention_scores",
    "import math, torch\nfrom torch import nn",
    "self.weight = nn.Parameter(x)",
    "x.grad = None",
    "evaluate(x)\nmodel.eval()",
    "checked = True",
    "def f(:",
    "\0",
    "(" * 100_000,
]


@pytest.mark.parametrize("source", ODD)
def test_what_is_odd_is_said(source):
    assert ODD[source] in suspicions([source])


@pytest.mark.parametrize("source", PLAIN)
def test_what_is_plain_is_not(source):
    assert suspicions([source]) == []


def test_each_is_said_once_and_no_more_than_anybody_reads():
    assert suspicions(["import gc", "import gc"]) == ["imports gc"]
    assert len(suspicions([f"open('../{number}')" for number in range(100)])) == 20


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_right_answer_is_suspicious(path: Path):
    cells = nbformat.read(path, as_version=4).cells
    answers = [cell.source for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")]
    assert answers
    assert suspicions(answers) == []
