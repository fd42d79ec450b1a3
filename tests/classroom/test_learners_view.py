"""The learner's view: what of a lesson file and a reference stands in the notebooks, word for word."""

import re
import sys
from pathlib import Path

import pytest
from nbformat import NotebookNode

from course.classroom.author.build import release
from course.classroom.author.lesson import LessonError, read_lesson
from course.classroom.author.notebook import make_notebook
from course.classroom.author.solution import mark_solutions
from tests.classroom import tiny_layer
from tests.classroom.tiny_layer import Gate

NAME = "91_gates"
LESSON = '''\
# %% question [markdown]
r"""
# 91 · Gates

How much goes through?
"""

# %% setup
from course.checks import check

# %% gate [markdown]
r"""
### Exercise: `Gate`

Let each feature through by its own gate.

Hint: What is open, and what is closed?

Hint: A gate is a number from 0 to 1:

```python
gates = self.gates(x, mask)
```

Hint: What is closed is taken away:
`x - x * closed`.

Help: I see `RuntimeError: mat1` and `mat2`
You multiplied by $W$ from the left.

Look at the shapes.

Help: I see NaN
The mask is boolean.
"""

# %% exercise points=1 difficulty=3 minutes=12
from tests.classroom.tiny_layer import Gate

# %% check
check(Gate)
'''

PROSE = """\
### Exercise: `Gate`

<div style="border-left: 4px solid #1976d2; padding-left: 1em">

*Difficulty 3 of 5 · about 12 minutes · 1 point*

Let each feature through by its own gate.

</div>

<details><summary>Hint 1</summary>

What is open, and what is closed?

<details><summary>Hint 2</summary>

A gate is a number from 0 to 1:

```python
gates = self.gates(x, mask)
```

<details><summary>Hint 3</summary>

What is closed is taken away:
`x - x * closed`.

</details>

</details>

</details>

<details><summary>Help: I see <code>RuntimeError: mat1</code> and <code>mat2</code></summary>

You multiplied by $W$ from the left.

Look at the shapes.

</details>

<details><summary>Help: I see NaN</summary>

The mask is boolean.

</details>

<details><summary>I want to go on without it</summary>

Put this into a cell of your own below, run it, and go on: the cells that follow then use the course's.

```python
from tests.classroom.tiny_layer import Gate
```

Come back when you like; points are for an answer of your own. When you have tried one and run its check,
`from course.checks import solution` and `solution(Gate)` show how the course wrote it.

</details>"""

SOLVED = '''\
class Gate(nn.Module):
    """x (B, T, d_model) -> (B, T, d_model), each feature let through by its gate.

    w (d_model -> d_model) is an nn.Linear."""

    open_at = 0.5

    def __init__(self, d_model: int) -> None:
        """d_model: the number of features."""
        super().__init__()
        ### BEGIN SOLUTION
        # one gate for each feature
        self.w = nn.Linear(d_model, d_model)
        ### END SOLUTION

    @property
    def width(self) -> int:
        ### BEGIN SOLUTION
        return self.w.in_features
        ### END SOLUTION

    def gates(
        self, x: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """How far each gate is open, from 0 to 1; closed where the mask is False."""
        gates = torch.sigmoid(self.w(x))  # (B, T, d_model)
        return gates if mask is None else gates * mask

    def is_open(
        self,
        x: Tensor,
        mask: Tensor | None = None,
    ) -> Tensor:
        return self.gates(x, mask) > self.open_at

    def forward(
        self,
        x: Tensor,
        mask: Tensor | None = None,
    ) -> Tensor:
        """x (B, T, d_model) -> (B, T, d_model)."""
        ### BEGIN SOLUTION

        def closed(gates: Tensor) -> Tensor:
            return 1 - gates

        return x - x * closed(self.gates(x, mask))
        ### END SOLUTION'''

RELEASED = '''\
class Gate(nn.Module):
    """x (B, T, d_model) -> (B, T, d_model), each feature let through by its gate.

    w (d_model -> d_model) is an nn.Linear."""

    open_at = 0.5

    def __init__(self, d_model: int) -> None:
        """d_model: the number of features."""
        super().__init__()
        # YOUR CODE HERE
        raise NotImplementedError()

    @property
    def width(self) -> int:
        # YOUR CODE HERE
        raise NotImplementedError()

    def gates(
        self, x: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """How far each gate is open, from 0 to 1; closed where the mask is False."""
        gates = torch.sigmoid(self.w(x))  # (B, T, d_model)
        return gates if mask is None else gates * mask

    def is_open(
        self,
        x: Tensor,
        mask: Tensor | None = None,
    ) -> Tensor:
        return self.gates(x, mask) > self.open_at

    def forward(
        self,
        x: Tensor,
        mask: Tensor | None = None,
    ) -> Tensor:
        """x (B, T, d_model) -> (B, T, d_model)."""
        # YOUR CODE HERE
        raise NotImplementedError()'''

SOLVED_CELLS = {
    "question": "# 91 · Gates\n\nHow much goes through?",
    "setup": "from course.checks import check",
    "gate": PROSE,
    "Gate": SOLVED,
    "check-Gate": "check(Gate)\n### BEGIN HIDDEN TESTS\ncheck(Gate, hidden=True)\n### END HIDDEN TESTS",
}
RELEASED_CELLS = SOLVED_CELLS | {"Gate": RELEASED, "check-Gate": "check(Gate)"}


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    return notebook(tmp_path_factory.mktemp("lesson"))


def notebook(folder: Path, text: str = LESSON) -> NotebookNode:
    """The solved notebook of a lesson with that text."""
    path = folder / f"{NAME}.py"
    path.write_text(text, encoding="utf-8")
    return make_notebook(read_lesson(path))


def sources(made: NotebookNode) -> dict[str, str]:
    return {cell.id: cell.source for cell in made.cells}


def test_solved_notebook_word_for_word(solved):
    assert sources(solved) == SOLVED_CELLS


def test_released_notebook_word_for_word(solved):
    """Folds, badge, signature, docstring, super().__init__() and what is given are there; the answers are not."""
    assert sources(release(solved, NAME)) == RELEASED_CELLS


def test_exercise_is_the_learners_to_write_and_its_check_is_not(solved):
    kinds = {cell.id: cell.metadata.get("nbgrader") for cell in solved.cells}
    both = {"schema_version": 3, "task": False}
    assert kinds == {
        "question": None,
        "setup": None,
        "gate": None,
        "Gate": both | {"grade_id": "Gate", "grade": False, "solution": True, "locked": False},
        "check-Gate": both | {"grade_id": "check-Gate", "grade": True, "solution": False, "locked": True, "points": 1},
    }


def test_head_leads_to_what_a_lesson_needs_and_its_end_to_the_next(tmp_path):
    for name in ("04_early", "92_later"):
        (tmp_path / f"{name}.py").write_text(LESSON.replace("91 · Gates", f"{name[:2]} · After all"), encoding="utf-8")
    head = "# 91 · Gates\n\n| | |\n|---|---|\n| **It needs** | lessons 04 and 05, and 2 hands |"
    end = '\n# %% end [markdown]\nr"""\nThat was 04.\n"""\n'
    made = sources(notebook(tmp_path, LESSON.replace("# 91 · Gates", head) + end))
    assert "| **It needs** | lessons [04](../04_early/04_early.ipynb) and 05, and 2 hands |" in made["question"]
    assert made["end"].startswith("That was 04.\n\n**Next:** [92 · After all](../92_later/92_later.ipynb)")


def test_several_points_are_points(tmp_path):
    made = notebook(tmp_path, LESSON.replace("points=1", "points=2"))
    assert sources(made)["gate"] == PROSE.replace("· 1 point*", "· 2 points*")


def test_markers_aside_the_solution_is_the_reference():
    kept = [line for line in mark_solutions(Gate).splitlines() if "### " not in line]
    written = Path(tiny_layer.__file__).read_text(encoding="utf-8")
    assert "\n".join(kept) in written.replace("  # given", "")


GIVEN_METHODS = [
    "    def wide(self) -> int:  # given\n        return 1",
    "    def wide(  # given\n        self, times: int = 1\n    ) -> int:\n        return times",
    "    def wide(\n        self, times: int = 1\n    ) -> int:  # given\n        return times",
    "    def wide(\n        self,\n        times: int = 1,  # given\n    ) -> int:\n        return times",
    "    def wide(self, first=(lambda: {1: [2]})) -> 'dict[int, list]':  # given\n        return first()",
    "    @staticmethod\n    def wide() -> int:  #Given\n        return 1",
    "    def wide(self): return 1  # given",
]
TO_WRITE = "\n\n    def narrow(self):\n        return 0\n"
BEGUN = "def Thing(self, config):\n    super().__init__()\n    self.config = config\n"
STUB = "\n\n    def narrow(self):\n        ### BEGIN SOLUTION\n        return 0\n        ### END SOLUTION"


@pytest.fixture
def defined(tmp_path, monkeypatch):
    """The solution cell of a reference with that source, which is called Thing."""

    def of(source: str) -> str:
        (tmp_path / "made_up.py").write_text(source, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "made_up", raising=False)
        text = LESSON.replace("tests.classroom.tiny_layer", "made_up").replace("Gate", "Thing")
        return sources(notebook(tmp_path, text))["Thing"]

    return of


@pytest.mark.parametrize("method", GIVEN_METHODS)
def test_a_method_is_given_by_a_mark_on_any_line_of_its_signature(defined, method):
    given = re.sub(r"  #\s*given", "", method, flags=re.IGNORECASE)
    assert defined(f"class Thing:\n{method}{TO_WRITE}") == f"class Thing:\n{given}{STUB}"


@pytest.mark.parametrize(
    ("reference", "cell"),
    [
        ("def Thing(x):\n    # the sum\n\n    return x", "def Thing(x):\n{0}# the sum\n\n    return x\n{1}"),
        ('def Thing(x):\n    """# given"""\n    return x', 'def Thing(x):\n    """# given"""\n{0}return x\n{1}'),
        ("def Thing(x):\n    # given x\n    return x", "def Thing(x):\n{0}# given x\n    return x\n{1}"),
        ("def Thing(x):\n    x += 1\n    super().__init__()", "def Thing(x):\n{0}x += 1\n    super().__init__()\n{1}"),
        (BEGUN + "    self.x = 1", BEGUN + "{0}self.x = 1\n{1}"),
        (BEGUN + "    # why\n    self.config = 1", BEGUN + "{0}# why\n    self.config = 1\n{1}"),
        ("def Thing(x):\n    if x:\n        return [\n  x]", "def Thing(x):\n{0}if x:\n        return [\n  x]\n{1}"),
    ],
)
def test_a_function_is_to_be_written_from_its_first_comment_to_its_last_line(defined, reference, cell):
    assert defined(reference) == cell.format("    ### BEGIN SOLUTION\n    ", "    ### END SOLUTION")


CLASS = "class Thing:\n    def narrow(self):\n        return 0\n"
INNER = "        def f(self):\n            return 0"
LOUD = "def loud(f):\n    def inner(x):\n        return f(x)\n    return inner\n"
STRAY = "`# given` belongs on a line of a method's signature, and gives all of the method"
NESTED = "def f():  # given\n            return 0\n        return f()"
UNFIT = {  # what is no exercise: (its source, the line to blame, what the message says)
    "mark in a body": (CLASS.replace("return 0", "return 0  # given"), "return 0", STRAY),
    "mark on a decorator": (CLASS.replace("    def", "    @property  # given\n    def"), "@property", STRAY),
    "mark on a function in a method": (CLASS.replace("return 0", NESTED), "def f", STRAY),
    "mark on a field": (CLASS + "    size = 0  # given", "size", STRAY),
    "mark on the class": (CLASS.replace("Thing:", "Thing:  # given"), "class", STRAY),
    "all is given": (CLASS.replace("(self):", "(self):  # given"), "class", "all of Thing is given, and nothing"),
    "no method": ("import math\n\n\nclass Thing:\n    size = 0", "class", "nothing is left to write"),
    "asynchronous function": ("async def Thing():\n    return 0", "async", "not 'async def Thing():'"),
    "asynchronous method": (CLASS.replace("def", "async def"), "async", "not 'async def narrow(self):'"),
    "class in a class": (CLASS + "    class Inner:\n" + INNER, "class Inner", "not 'class Inner:'"),
    "methods for some": (CLASS + "    if True:\n" + INNER, "if True", "a class of methods, not 'if True:'"),
    "lambda": ("x = 0\nThing = lambda: 0", "Thing", "'<lambda>'"),
    "body beside the signature": ("def Thing(x): return x", "def", "the body of Thing must begin on a line of its own"),
    "body beside the docstring": ('def Thing(x):\n    """It."""; return x', '"""It', "must begin on a line of its own"),
    "docstring alone": (CLASS.replace("return 0", '"""Nothing."""'), "def narrow", "narrow has no body to write"),
}


@pytest.mark.parametrize("what", UNFIT)
def test_what_the_markers_cannot_stand_around_is_refused_with_both_places(defined, what):
    """Never a silently emptied cell: the lesson's file and line, then the reference's."""
    source, blamed, said = UNFIT[what]
    with pytest.raises(LessonError) as found:
        defined(source)
    exercise = LESSON[: LESSON.index("# %% exercise")].count("\n") + 1
    line = source[: source.index(blamed)].count("\n") + 1
    assert str(found.value).startswith(f"{NAME}.py:{exercise}: ")
    assert said in str(found.value)
    if what != "lambda":
        assert f": exercise Thing: made_up.py:{line}: " in str(found.value)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import functools\nThing = functools.partial(int, base=2)", "has no source"),
        ("def plain(x):\n    return x\nThing = plain", "made_up.Thing is 'plain' in its source"),
        (LOUD + "@loud\ndef Thing(x):\n    return x", "'inner'"),
        ("Thing = len", "made_up.Thing is 'len'"),
    ],
)
def test_what_is_not_written_out_under_its_name_is_refused(defined, source, said):
    with pytest.raises(LessonError) as found:
        defined(source)
    assert said in str(found.value)
