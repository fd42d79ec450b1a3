"""The desk: is a learner's work kept whatever happens to the course, and does the page say how far it has come?"""

import copy
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from course.__main__ import main
from course.classroom.learner import desk, index, states
from course.classroom.learner.states import OPEN, RIGHT, TRIED

LESSON, OTHER = "04_self_attention", "05_multi_head"
SOLUTIONS = desk.ROOT / "solutions"


@pytest.fixture(autouse=True)
def released(tmp_path, monkeypatch):
    """A course of two lessons, and a desk that is not there yet."""
    folder = tmp_path / "course" / "notebooks"
    for lesson in (LESSON, OTHER):
        shutil.copytree(desk.ROOT / "notebooks" / lesson, folder / lesson)
    (folder / "glossary.md").write_text("terms", encoding="utf-8")
    monkeypatch.setattr(desk, "ROOT", tmp_path / "course")
    monkeypatch.setattr(desk, "RELEASED", folder)
    monkeypatch.setenv(desk.FOLDER, str(tmp_path / "work"))
    return folder


def solved(*names: str) -> dict:
    """The released lesson with the solutions of these exercises, checked."""
    notebook = desk.read(desk.released(LESSON))
    worked = {cell["id"]: cell for cell in desk.read(SOLUTIONS / LESSON / f"{LESSON}.ipynb")["cells"]}
    done = {*names, *(f"check-{name}" for name in names)}
    notebook["cells"] = [
        copy.deepcopy(worked[cell["id"]]) if cell["id"] in done else cell for cell in notebook["cells"]
    ]
    return notebook


def cell(notebook: dict, name: str) -> dict:
    return next(one for one in notebook["cells"] if one["id"] == name)


def mine() -> Path:
    return desk.desk() / LESSON / f"{LESSON}.ipynb"


def test_every_lesson_is_laid_out_once_and_stays():
    assert desk.prepare() == []
    assert sorted(path.name for path in desk.desk().iterdir()) == [LESSON, OTHER, "glossary.md"]
    desk.write(solved("causal_mask"), mine())
    before = mine().read_bytes()
    assert desk.prepare() == []
    assert mine().read_bytes() == before


def test_a_renamed_notebook_is_still_the_lessons_and_a_deleted_one_comes_back():
    desk.prepare()
    mine().rename(mine().with_name("mine.ipynb"))
    (desk.desk() / OTHER / f"{OTHER}.ipynb").unlink()
    desk.prepare()
    assert not mine().exists()
    assert desk.own(LESSON).name == "mine.ipynb"
    assert desk.own(OTHER).exists()


def test_work_done_in_the_released_notebooks_comes_along():
    desk.write(solved("causal_mask"), desk.released(LESSON))
    [said] = desk.prepare()
    assert f"git checkout notebooks/{LESSON}" in said
    assert dict(states.states_in(desk.read(mine()), desk.read(mine())))["causal_mask"] == RIGHT


def newer(released: Path) -> None:
    notebook = desk.read(desk.released(LESSON))
    notebook["cells"][0]["source"] = "# 04 · Attention, told anew"
    desk.write(notebook, desk.released(LESSON))


def test_a_newer_release_replaces_a_copy_in_which_nothing_was_done(released):
    desk.prepare()
    newer(released)
    assert desk.prepare() == []
    assert desk.source_of(desk.read(mine())["cells"][0]) == "# 04 · Attention, told anew"


def half_written(notebook: dict) -> None:
    layer = cell(notebook, "SelfAttention")
    layer["source"] = desk.source_of(layer).replace(desk.STUB, "self.query = nn.Linear(d_model, d_k)", 1)
    assert desk.STUB in layer["source"]


LITTLE = [
    half_written,
    lambda notebook: notebook["cells"].append({"cell_type": "markdown", "id": "own", "metadata": {}, "source": "why?"}),
    lambda notebook: cell(notebook, "library-shares").update(source="shares = 'mine'"),
]


@pytest.mark.parametrize("work", LITTLE)
def test_what_was_written_and_never_run_is_work_too(work):
    desk.prepare()
    notebook = desk.read(mine())
    work(notebook)
    desk.write(notebook, mine())
    newer(released)
    [said] = desk.prepare()
    assert "--keep" in said
    assert desk.read(mine()) == notebook
    assert states.progress(LESSON).begun
    assert dict(states.states_in(notebook, desk.read(desk.released(LESSON))))["SelfAttention"] == (
        TRIED if work is half_written else OPEN
    )


def test_a_newer_release_leaves_work_alone_and_fresh_takes_the_answers_over(released):
    desk.prepare()
    worked = solved("causal_mask")
    worked["metadata"] = desk.read(mine())["metadata"]
    desk.write(worked, mine())
    newer(released)
    [said] = desk.prepare()
    assert "python -m course fresh 04 --keep" in said
    index.write()
    assert "--keep" in (desk.desk() / index.PAGE).read_text(encoding="utf-8")
    aside, path = desk.fresh(LESSON, keep=True)
    assert desk.read(aside) == worked
    made = desk.read(path)
    assert desk.source_of(made["cells"][0]) == "# 04 · Attention, told anew"
    assert desk.source_of(cell(made, "causal_mask")) == desk.source_of(cell(worked, "causal_mask"))
    assert desk.STUB in desk.source_of(cell(made, "padding_mask"))
    assert desk.prepare() == []


def test_fresh_says_that_cells_of_ones_own_stay_in_the_old_one(capsys):
    desk.prepare()
    worked = solved("causal_mask")
    for name, source in {"a1b2c3d4": "x = 3", "b1b2c3d4": "my note", "c1b2c3d4": ""}.items():
        worked["cells"].append({"cell_type": "code", "id": name, "metadata": {}, "source": source, "outputs": []})
    desk.write(worked, mine())
    assert main(["fresh", "4", "--keep"]) == 0
    assert "2 cells of your own stayed there" in capsys.readouterr().out
    assert main(["fresh", "4", "--keep"]) == 0
    assert "of your own" not in capsys.readouterr().out


def test_fresh_puts_each_old_one_aside():
    desk.prepare()
    assert [desk.fresh(LESSON)[0] for _ in range(2)] != [None, None]
    assert len(list((desk.desk() / desk.ASIDE).iterdir())) == 2
    assert desk.lessons() == [LESSON, OTHER]


def test_commands(capsys):
    assert main(["fresh", "4"]) == 0
    assert "there was no old one" in capsys.readouterr().out
    assert main(["progress"]) == 0
    assert re.search(r"04 · Self-attention +0 of 7 right +0 of  13 points   about 3 hours\n", capsys.readouterr().out)
    with pytest.raises(SystemExit) as ended:
        main(["fresh", "99"])
    assert ended.value.code == 2
    assert "there is no lesson '99'; there are 04_self_attention, 05_multi_head" in capsys.readouterr().err


FAILED = [{"output_type": "error", "text": "- right"}]
STATES = [
    ("as released", lambda notebook: None, OPEN),
    ("checked with all others", lambda notebook: cell(notebook, "check-causal_mask").update(outputs=FAILED), OPEN),
    ("answered, not checked", lambda notebook: cell(notebook, "causal_mask").update(source="def causal_mask"), TRIED),
    ("checked, right", lambda notebook: None, RIGHT),
    ("right, then run again", lambda notebook: cell(notebook, "causal_mask").update(execution_count=999), TRIED),
    ("right, then failed", lambda notebook: cell(notebook, "check-causal_mask").update(outputs=FAILED), TRIED),
]


@pytest.mark.parametrize(("what", "change", "state"), STATES, ids=[one[0] for one in STATES])
def test_state_is_read_from_what_the_check_has_said(what, change, state):
    notebook = solved("causal_mask") if state == RIGHT or "right" in what else desk.read(desk.released(LESSON))
    change(notebook)
    assert dict(states.states_in(notebook, desk.read(desk.released(LESSON))))["causal_mask"] == state


def test_the_page_says_what_is_done_and_where_to_go_on():
    desk.prepare()
    desk.write(solved("attention_for_one_query", "causal_mask"), mine())
    index.write()
    page = (desk.desk() / index.PAGE).read_text(encoding="utf-8")
    assert f"**Go on here:** [04 · Self-attention]({LESSON}/{LESSON}.ipynb), " in page
    assert f"[attention_scores]({LESSON}/{LESSON}.ipynb#cell-id=scores-exercise)" in page
    assert "| 2 of 7 right | 3 of 13 |" in page
    assert "| **All** | **2 of 12 right** | **3 of 23** | |" in page


def test_each_link_of_the_page_leads_to_a_cell_with_a_heading():
    desk.prepare()
    desk.write(solved("causal_mask"), mine())
    index.write()
    page = (desk.desk() / index.PAGE).read_text(encoding="utf-8")
    links = re.findall(r"\[([^]]+)\]\(([^)#]+)(?:#cell-id=([^)]+))?\)", page)
    assert len(links) > 15
    sources = {one["id"]: desk.source_of(one) for one in desk.read(mine())["cells"]}
    for text, place, name in links:
        assert (desk.desk() / place).exists() or place == "bibliography.md"
        found = [heading.replace("`", "") for _, heading in states.HEADING.findall(sources[name])] if name else []
        assert not name or {text, f"Exercise: {text}"} & set(found), (text, name, found)


def test_all_done_is_said():
    every = tuple(states.Exercise(name, 1, 5, "s", "look", "asked", RIGHT) for name in "ab")
    done = states.Progress("00_a", "00 · A", "an hour", None, every, True)
    assert "Every exercise of every lesson is right" in index.page([done])
    assert index.current([done]) is None


def test_a_notebook_that_cannot_be_read_stays_and_is_said():
    desk.prepare()
    mine().write_text('{"cells": 3', encoding="utf-8")
    assert desk.prepare() == []
    index.write()
    page = (desk.desk() / index.PAGE).read_text(encoding="utf-8")
    assert "cannot be read as a notebook" in page
    assert "python -m course fresh 04" in page
    assert mine().read_text(encoding="utf-8") == '{"cells": 3'
    aside, path = desk.fresh(LESSON)
    assert aside.read_text(encoding="utf-8") == '{"cells": 3'
    assert desk.read(path)["cells"]


def test_saving_never_fails_for_the_page(monkeypatch):
    def fail() -> None:
        raise OSError("disk full")

    monkeypatch.setattr(index, "write", fail)
    index.after_saving(os_path="x", model={"type": "notebook"}, contents_manager=None)


def test_git_knows_nothing_of_the_desk():
    ignored = subprocess.run(["git", "check-ignore", "work/04/x.ipynb"], cwd=SOLUTIONS.parent, capture_output=True)
    assert ignored.returncode == 0
