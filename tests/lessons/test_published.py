"""Published cell ids: are all of them still there, and every new one kept?"""

from course.classroom.author.lesson import lesson_paths, read_lesson
from tests.lessons.published import CUT, changed, ids, published


def test_every_published_id_is_still_there_and_every_new_one_is_kept():
    now = [one for path in lesson_paths() for one in ids(read_lesson(path))]
    assert list(changed(published(), now)) == []


def test_each_id_is_kept_once():
    names = [line.removesuffix(CUT) for line in published()]
    assert len(set(names)) == len(names)


def test_renamed_cell_is_found_twice(tmp_path):
    path = tmp_path / "04_a_lesson.py"
    path.write_text("# %% question [markdown]\n# # 04\n\n# %% setup\n1\n")
    before = ids(read_lesson(path))
    assert before == ["04_a_lesson/question", "04_a_lesson/setup"]
    path.write_text(path.read_text().replace("setup", "start"))
    gone, new = changed(before, ids(read_lesson(path)))
    assert gone.startswith("04_a_lesson/setup was published and is gone")
    assert new.startswith("04_a_lesson/start is new: add this line to tests/lessons/published_ids.txt")
    assert list(changed(before, [*before[1:], before[0]])) == [], "cells may change places"


def test_a_cut_cell_stays_away_and_holds_no_answer_and_no_points():
    kept, cut, again = "04_a_lesson/question", f"04_a_lesson/aside{CUT}", "04_a_lesson/aside"
    assert list(changed([kept, cut], [kept])) == []
    assert list(changed([kept, cut], [kept, again])) == [f"{again} was cut; what is new gets another name"]
    for graded in ("00_start_here/softmax", "00_start_here/check-softmax"):
        assert list(changed([graded + CUT], [])) == [f"{graded} is graded by its id, and cannot be cut"]
