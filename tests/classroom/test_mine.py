"""`python -m course mine`: is what a learner has answered found, checked once, and made a package that holds?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course.classroom import ROOT
from course.classroom.author import cache
from course.classroom.learner import checking
from course.classroom.learner.answers import sheets
from course.classroom.learner.checking import RIGHT, THE_COURSES, WRONG, examined, tasks
from course.classroom.learner.mine import mine
from course.classroom.learner.package import NotOurs, write_package
from course.mine.record import FILE, read, written
from tests import PATIENCE
from tests.classroom.desk import change, notebook, solved

FOUR, TWO = "04_self_attention", "02_encoder_decoder"
HELPER = """# what two answers share
def over_root(scores, vector):
    return scores / math.sqrt(vector.shape[-1])
"""
ANSWERS = {
    "attention_for_one_query": """
def attention_for_one_query(query, keys, values):
    weights = over_root(keys @ query, query).softmax(-1)  # a helper's help

    return weights @ values
    # the end
print("never in a module")
""",
    "attention_scores": """
def attention_scores(query, key):
    return over_root(torch.einsum("...qd,...kd->...qk", query, key), key)
""",
    "masked_softmax": "def masked_softmax(scores, mask=None):\n    return scores.softmax(-1)\n",
    "scaled_dot_product_attention": """
def scaled_dot_product_attention(query, key, value, mask=None):
    return masked_softmax(attention_scores(query, key), mask) @ value
""",
    "causal_mask": "import os\n\n\ndef causal_mask(n_positions):\n    os._exit(0)\n",
    "padding_mask": "def padding_mask(tokens, pad=0)\n    return tokens != pad\n",
}
SHIFTED = """
def shift_right(target):
    begin = torch.full_like(target[:, :1], BOS)
    end = torch.cat([target, torch.full_like(begin, PAD)], dim=1)
    end[torch.arange(len(target)), (target != PAD).sum(dim=1)] = EOS
    return torch.cat([begin, target], dim=1), end
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with work/ and mine/ in it, and what the command has said."""
    place = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "FOLDER", place / "cache")
        book = notebook(place / "work", FOUR, ANSWERS, HELPER)
        answers = {"shift_right": SHIFTED, "encode_source": "from course.seq2seq import encode_source"}
        notebook(place / "work", TWO, answers, name="my translator")
        said = list(mine(place / "work", place=place / "mine"))
        yield place, book, said


def python(code: str, place: Path) -> str:
    """What that prints in a process of its own, in which that folder's mine/ is the learner's."""
    environment = os.environ | {"COURSE_MINE": str(place / "mine"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=place, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_says_lesson_by_lesson_what_is_done_open_and_wrong(desk):
    said = desk[2]
    four = said.index(next(line for line in said if line.startswith(FOUR)))
    assert said[four].split(maxsplit=1)[1] == (
        "3 of 7 yours; wrong: masked_softmax, causal_mask, padding_mask; open: SelfAttention"
    )
    assert said[four + 1].startswith("    masked_softmax: ")
    assert said[four + 2] == f"    causal_mask: {checking.ENDED}"
    assert said[four + 3].startswith("    padding_mask: SyntaxError: expected ':'")
    (two,) = [line for line in said if line.startswith(TWO)]
    assert two.split(maxsplit=1)[1].startswith("1 of 5 yours; the course's: encode_source; open: teacher_forcing_loss")
    assert sum("not begun" in line for line in said) == 12
    assert said[-1] == "mine/: 4 of 103 parts are yours; of what a translator is made of, 3 of 39 parts are yours"


def test_modules_hold_the_answers_as_written_and_what_they_need(desk):
    place = desk[0]
    text = (place / "mine" / "attention.py").read_text()
    for name in ("attention_for_one_query", "attention_scores", "scaled_dot_product_attention"):
        assert ANSWERS[name].split("print(")[0].strip() in text
    assert HELPER.strip() in text
    assert "from course.mine.attention import masked_softmax\n" in text, "which is wrong, and stays the course's"
    assert "print(" not in text
    assert "manual_seed" not in text
    assert "PAD, BOS, EOS = 0, 1, 2" in (place / "mine" / "seq2seq.py").read_text()
    assert "attention_scores" in (place / "mine" / "README.md").read_text()


def test_modules_can_be_imported_alone_in_any_order(desk):
    assert python("from mine.attention import attention_scores as f; print(f.__module__)", desk[0]) == "mine.attention"
    code = "from mine.seq2seq import shift_right; import torch; print(shift_right(torch.tensor([[5, 6]]))[1].tolist())"
    assert python(code, desk[0]) == "[[5, 6, 2]]"


def test_what_has_not_changed_is_not_checked_again(desk, monkeypatch):
    place, book, said = desk
    asked = []
    process = checking.asked
    monkeypatch.setattr(checking, "asked", lambda tasks, known: asked.append({**known}) or process(tasks, known))
    assert list(mine(place / "work", place=place / "mine")) == said
    assert asked == []
    change(book, "masked_softmax", "scores.softmax(-1)", "scores.softmax(-1) * 1")
    assert list(mine(place / "work", place=place / "mine"))[4:8] == said[4:8]
    unknown = {"masked_softmax", "scaled_dot_product_attention"}  # the second uses the first
    assert [ANSWERS.keys() - known for known in asked] == [unknown]


@pytest.mark.parametrize(
    ("cell", "old", "new"),
    [("attention_scores", "key)\n", "key) * 1\n"), ("# what two answers share", "-1]", "-1] * 1")],
)
def test_part_that_was_accepted_and_then_changed_is_the_courses_again(desk, cell, old, new):
    place, book, _ = desk
    assert "attention_scores" in read(place / "mine").parts
    change(book, cell, old, new)
    own = read(place / "mine")
    assert own.set_aside["attention_scores"] == "changed since it was accepted"
    assert "shift_right" in own.parts
    code = "from course.mine import parts; print(parts.attention_scores.__module__); print(parts)"
    said = python(code, place)
    assert said.startswith("course.")
    assert "attention_scores: the course's, since yours is set aside: changed since it was accepted" in said
    change(book, cell, new, old)
    assert "attention_scores" in read(place / "mine").parts


def test_part_that_was_changed_in_a_renamed_notebook_is_noticed_too(desk):
    place, book, _ = desk
    renamed = book.rename(book.with_name("attention.ipynb"))
    shutil.copy(ROOT / "notebooks" / TWO / f"{TWO}.ipynb", book.with_name("newer.ipynb"))
    assert "attention_scores" in read(place / "mine").parts
    change(renamed, "attention_scores", "key)\n", "key) * 1\n")
    assert read(place / "mine").set_aside["attention_scores"] == "changed since it was accepted"
    change(renamed, "attention_scores", "key) * 1\n", "key)\n")
    renamed.rename(book)
    book.with_name("newer.ipynb").unlink()


def test_module_that_was_changed_by_hand_is_set_aside_and_kept(desk):
    place, _, said = desk
    module = place / "mine" / "seq2seq.py"
    text = module.read_text()
    module.write_text(text + "# mine\n")
    assert read(place / "mine").set_aside == {"shift_right": "mine/seq2seq.py was changed by hand"}
    assert "seq2seq.py was changed by hand: that is now in seq2seq.py.changed" in list(
        mine(place / "work", place=place / "mine")
    )
    assert module.read_text() == text
    assert (place / "mine" / "seq2seq.py.changed").read_text() == text + "# mine\n"
    assert list(mine(place / "work", place=place / "mine")) == said


def test_of_two_notebooks_the_one_with_the_lessons_name_counts_and_a_torn_one_is_said(tmp_path):
    right = notebook(tmp_path, "00_start_here", {"row_means": "def row_means(table):\n    return table.mean(1)\n"})
    copy = notebook(tmp_path, "00_start_here", {}, name="00_start_here-Copy1")
    os.utime(copy, (2e9, 2e9))
    (tmp_path / FOUR).mkdir()
    (tmp_path / FOUR / f"{FOUR}.ipynb").write_text('{"cells": [')
    found = {sheet.lesson: sheet for sheet in sheets(tmp_path)}
    first = found["00_start_here"]
    assert (first.notebook, list(first.others), list(first.begun())) == (right, [copy], ["row_means"])
    right.rename(right.with_name("mean.ipynb"))
    assert {sheet.lesson: sheet for sheet in sheets(tmp_path)}["00_start_here"].notebook == copy, "the newer one"
    assert found[FOUR].notebook is not None
    assert list(found[FOUR].begun()) == []


def test_a_loop_without_end_costs_seconds_and_only_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "cache")
    answers = {
        "row_means": "def row_means(table):\n    while True: pass\n",
        "matmul": "def matmul(a, b):\n    return np.einsum('ij,jk->ik', a, b)\n",
        "softmax": "%%time\nsoftmax = lambda x, axis=-1: np.exp(x - np.logaddexp.reduce(x, axis, keepdims=True))",
        "weighted_average": "from course.arrays import weighted_average",
    }
    notebook(tmp_path / "work", "00_start_here", answers)
    found = examined(tasks(sheets(tmp_path / "work")[0]))
    states = {name: one.state for name, one in found.items()}
    assert states == {"row_means": WRONG, "matmul": RIGHT, "weighted_average": THE_COURSES, "softmax": RIGHT}
    assert "10 seconds" in found["row_means"].text


def test_what_is_no_package_of_ours_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "poem.txt").write_text("mine")
    with pytest.raises(NotOurs, match="did not make"):
        list(mine(tmp_path / "work", place=tmp_path / "mine"))
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["poem.txt"]


def test_module_of_which_nothing_is_accepted_any_more_goes(tmp_path):
    notebook(tmp_path / "work", FOUR, solved(FOUR))
    desks = sheets(tmp_path / "work")
    write_package(tmp_path / "mine", {FOUR: ["causal_mask"]}, desks)
    assert {path.name for path in (tmp_path / "mine").iterdir()} == {"__init__.py", "attention.py", "README.md", FILE}
    write_package(tmp_path / "mine", {}, desks)
    assert {path.name for path in (tmp_path / "mine").iterdir()} == {"__init__.py", "README.md", FILE}
    assert written(tmp_path / "mine")[0] == {}
