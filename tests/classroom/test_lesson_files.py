"""Lesson files: what breaks a rule of the house is reported with file and line, before anything is built."""

from pathlib import Path

import pytest

from course.classroom.author.build import oracles
from course.classroom.author.lesson import LESSONS, Lesson, LessonError, lesson_paths, lessons_called, read_lesson
from course.classroom.author.notebook import make_notebook
from tests.classroom import tiny

PROSE = "# %% scores [markdown]"
EXERCISE = "# %% exercise points=2 difficulty=2 minutes=5"
IMPORT = "from course.attention import attention_scores"
CHECK = "check(attention_scores)\n"
TRY = "# %% try-it"

BROKEN = {  # what is broken: (text to replace, by what, the line to blame, what the message says)
    "text before the first cell": (
        tiny.TEXT[:20],
        "import math\n\n" + tiny.TEXT[:20],
        "import math",
        "text before the first",
    ),
    "text without an end": (
        'the transpose.\n"""',
        "the transpose.",
        'r"""\n### Exercise: `attention',
        '(""") has no end',
    ),
    "cell without a name": (TRY, "# %%", "# %%\n", "needs a name"),
    "name with a dot": (TRY, "# %% try.it", "# %% try.it", "needs a name"),
    "two cells of one name": (TRY, "# %% setup", "# %% setup\nattention", "two cells are called 'setup'"),
    "unknown option": (TRY, "# %% try-it colour=1", "# %% try-it", "no option ['colour']"),
    "option of another kind": (TRY, "# %% try-it points=1", "# %% try-it", "no option ['points']"),
    "two imports": (IMPORT, IMPORT + ", causal_mask", EXERCISE, "names one thing"),
    "no import": (IMPORT, "attention_scores = 1", EXERCISE, "names one thing"),
    "import and more": (IMPORT, IMPORT + "\nprint(1)", EXERCISE, "names one thing"),
    "import misspelt": (IMPORT, "form course.attention import attention_scores", EXERCISE, "names one thing"),
    "empty exercise": (IMPORT, "", EXERCISE, "names one thing"),
    "check of two": (CHECK, "check(attention_scores, causal_mask)\n", "# %% check", "one line 'check(name)'"),
    "check and more": (CHECK, CHECK + "print(1)\n", "# %% check", "one line 'check(name)'"),
    "no points": (
        EXERCISE,
        "# %% exercise difficulty=2 minutes=5",
        "# %% exercise d",
        "points must be 1 to 10, not None",
    ),
    "no points left": (
        EXERCISE,
        EXERCISE.replace("points=2", "points=0"),
        "# %% exercise",
        "points must be 1 to 10, not 0",
    ),
    "half a point": (EXERCISE, EXERCISE.replace("points=2", "points=1.5"), "# %% exercise", "points must be"),
    "too difficult": (
        EXERCISE,
        EXERCISE.replace("difficulty=2", "difficulty=6"),
        "# %% exercise",
        "difficulty must be 1 to 5",
    ),
    "too long": (EXERCISE, EXERCISE.replace("minutes=5", "minutes=90"), "# %% exercise", "minutes must be 1 to 60"),
    "never checked": ("# %% check\n" + CHECK, "", EXERCISE, "attention_scores has no check cell"),
    "checks what is no exercise": (
        TRY,
        "# %% check\ncheck(softmax)\n\n" + TRY,
        "# %% check\ncheck(softmax)",
        "no exercise",
    ),
    "exercise twice": (
        TRY,
        f"{EXERCISE}\n{IMPORT}\n\n{TRY}",
        f"{EXERCISE}\n{IMPORT}\n\n{TRY}",
        "two exercises are called",
    ),
    "not compared, no reason": (TRY, TRY + ' tags=["nbval-ignore-output"]', TRY, "gives the reason"),
    "a reason for nothing": (TRY, TRY + ' why="noise"', TRY, "gives the reason"),
    "prose does not name it": ("### Exercise: `attention_scores`", "### Exercise", PROSE, "a heading naming it"),
    "prose without heading": ("### Exercise: `attention_scores`", "`attention_scores`", PROSE, "a heading naming it"),
    "no prose": (EXERCISE, "# %% in-between\n1\n\n" + EXERCISE, EXERCISE, "a heading naming it"),
    "no such reference": (
        IMPORT,
        "from course.plots import attention_scores",
        EXERCISE,
        "nothing called 'attention_scores'",
    ),
    "no such module": (IMPORT, "from course.intention import attention_scores", EXERCISE, "course.intention"),
}


def check_first(text: str) -> str:
    """The tiny lesson with a check above its exercise."""
    check = "# %% check\n" + CHECK
    return text.replace(check, "").replace(PROSE, f"{check}\n{PROSE}")


def parsed(folder: Path, text: str) -> Lesson:
    path = folder / f"{tiny.NAME}.py"
    path.write_text(text, encoding="utf-8")
    return read_lesson(path)


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(LessonError) as found:
        make_notebook(parsed(folder, text))
    return str(found.value)


@pytest.mark.parametrize("what", BROKEN)
def test_broken_rule_is_reported_with_file_and_line(tmp_path, what):
    old, new, blamed, message = BROKEN[what]
    assert old in tiny.TEXT
    text = tiny.TEXT.replace(old, new, 1)
    line = text[: text.index(blamed)].count("\n") + 1
    said = complaint(tmp_path, text)
    assert said.startswith(f"{tiny.NAME}.py:{line}: ")
    assert message in said


def test_check_above_its_exercise_is_reported(tmp_path):
    assert "has no check cell" in complaint(tmp_path, check_first(tiny.TEXT))


def test_a_good_lesson_has_its_cells(tmp_path):
    lesson = parsed(tmp_path, tiny.TEXT)
    assert [(cell.kind, cell.id) for cell in lesson.cells] == [
        ("markdown", "question"),
        ("code", "setup"),
        ("markdown", "scores"),
        ("exercise", "attention_scores"),
        ("check", "check-attention_scores"),
        ("code", "try-it"),
        ("markdown", "mask"),
        ("exercise", "causal_mask"),
        ("check", "check-causal_mask"),
    ]
    assert lesson.cells[3].options == {"points": 2, "difficulty": 2, "minutes": 5}
    assert tiny.TEXT.splitlines()[lesson.cells[3].line - 1] == EXERCISE


def test_ids_do_not_depend_on_other_cells(tmp_path):
    extra = tiny.TEXT.replace(TRY, "# %% one-more\n1\n\n" + TRY)
    before, after = ([cell.id for cell in make_notebook(parsed(tmp_path, text)).cells] for text in (tiny.TEXT, extra))
    assert [name for name in after if name != "one-more"] == before


def test_lessons_are_found_in_course_order():
    paths = lesson_paths()
    assert paths == sorted(LESSONS.glob("[0-9][0-9]_*.py"))
    assert paths


def called(*names: str) -> list[str]:
    return [path.stem for path in lessons_called(names)]


def test_a_lesson_is_called_by_its_number_or_its_name_and_each_comes_once_in_course_order():
    assert called("1") == called("01") == called("01_hidden_states") == ["01_hidden_states"]
    assert called("0") == called("00") == ["00_start_here"]
    assert called("10") == ["10_decoding"]
    assert called("10", "4", "04") == ["04_self_attention", "10_decoding"]
    assert called() == [path.stem for path in lesson_paths()]


@pytest.mark.parametrize("name", ["99", "", "004", "04_", "04_self", "self_attention", "04_self_attention.py", "4.0"])
def test_what_calls_no_lesson_is_refused_with_those_that_there_are(name):
    with pytest.raises(ValueError, match=f"^there is no lesson {name!r}; there are 00_start_here, 01_hidden_states, "):
        called("04", name)


def test_each_lesson_has_tests_that_hold_its_exercises_to_somebody_elses():
    assert [path.name for path in oracles(["4"])] == ["test_attention.py"]
    assert all(oracles([path.stem]) for path in lesson_paths())
