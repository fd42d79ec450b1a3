"""Inbox: is every broken thing that can be handed in named, and does nothing but sources come out of the rest?"""

import json
import os
import socket
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode, v3

from course.classroom.teacher import inbox
from course.classroom.teacher.inbox import Handed, Unreadable, cleaned, handed_in, notebook_of, parsed, students

LESSON = "90_tiny"
PICTURE = "iVBORw0KGgo="


def code(source: object, **further: object) -> dict:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None} | further


def notebook(*cells: object) -> dict:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}


def written(*cells: object) -> bytes:
    return json.dumps(notebook(*cells)).encode()


def read(content: bytes) -> NotebookNode:
    return notebook_of(Handed("ann", {f"{LESSON}.ipynb": content}), LESSON)


def sources(content: bytes) -> list[str]:
    return [cell.source for cell in read(content).cells]


BROKEN = {  # what the file holds -> what is said of it
    "empty": (b"", "the file is empty"),
    "white": (b" \n\t\n", "the file is empty"),
    "cut short": (b'{"cells": [\n {"a": 1},\n', "line 3: Expecting value"),
    "no JSON": (b"{\n'cells': []}", "line 2: Expecting property name"),
    "Python": (b"\n\n\ndef f(): pass\n", "line 4: Expecting value"),
    "a page": (b"<!DOCTYPE html><html></html>", "line 1: Expecting value"),
    "a zip": (b"PK\x03\x04" + bytes(100), "line 1: Expecting value"),
    "zeros": (bytes(1000), "no notebook"),
    "UTF-32": (json.dumps(notebook()).encode("utf-32"), "no notebook"),
    "a list": (b"[]", "it has no list of cells"),
    "a number": (b"3", "it has no list of cells"),
    "null": (b"null", "it has no list of cells"),
    "no cells": (b'{"nbformat": 4, "metadata": {}}', "it has no list of cells"),
    "cells are no list": (b'{"cells": {"a": 1}}', "it has no list of cells"),
    "deep": (b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "RecursionError"),
    "too many cells": (b'{"cells": [' + b"1," * inbox.MOST_CELLS + b"1]}", "2001 cells are too many"),
    "a long cell": (written(code("x" * (inbox.MOST_SOURCE + 1))), "a cell of 1000001 characters is too long"),
    "broken format 3": (b'{"worksheets": [{"cells": [{"cell_type": "\\ud83d"}]}, 3]}', "the old format 3, which is"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_notebook_is_for_a_human_who_is_told_why(broken):
    content, said = BROKEN[broken]
    with pytest.raises(Unreadable, match=said) as refused:
        read(content)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_notebook_in_some_encoding_with_its_mark_is_read(encoding):
    text = json.dumps(notebook(code("x = 'é 字'")), ensure_ascii=False)
    assert sources(text.encode(encoding)) == ["x = 'é 字'"]


def test_characters_of_no_known_encoding_become_marks_and_cost_nothing_else():
    text = json.dumps(notebook(code("x = 'é'"), code("y")), ensure_ascii=False)
    assert sources(text.encode("latin-1")) == ["x = '\ufffd'", "y"]


def test_half_an_emoji_and_nul_harm_no_file(tmp_path):
    cells = [code("x = '\ud83d'"), code("a\0b"), code("", cell_type="markdown", attachments={"\ud83d": {}})]
    cells[2]["attachments"] = {"\ud83d\0": {"image/png": PICTURE}}
    made = read(written(*cells))
    assert [cell.source for cell in made.cells] == ["x = '?'", "ab", ""]
    assert list(made.cells[2].attachments) == ["?"]
    nbformat.write(made, tmp_path / "made.ipynb")


def test_huge_numbers_are_read_at_once():
    content = b'{"cells": [], "a": ' + b"9" * 1_000_000 + b', "b": -' + b"9" * 5000 + b', "c": 12}'
    found = parsed(content)
    assert (found["a"], found["b"], found["c"]) == (float("inf"), -float("inf"), 12)


def test_old_format_3_is_brought_up_to_date():
    sheet = v3.new_worksheet(cells=[v3.new_code_cell("x = 1"), v3.new_text_cell("markdown", "words")])
    old = v3.new_notebook(worksheets=[sheet])
    unmarked = {name: old[name] for name in ("worksheets", "metadata")}
    for version in (old, unmarked):
        made = read(json.dumps(version).encode())
        assert [(cell.cell_type, cell.source) for cell in made.cells] == [("code", "x = 1"), ("markdown", "words")]


@pytest.mark.parametrize("odd", [1, None, [], "x"])
def test_a_cell_that_is_none_is_for_a_human(odd):
    with pytest.raises(Unreadable, match="no cell"):
        sources(written(odd, code("x")))


def test_cells_of_unknown_kinds_are_text():
    odd = ({}, {"cell_type": "heading", "source": "x"}, {"cell_type": ["code"]})
    found = cleaned(parsed(written(*odd, code("y")))).cells
    assert [cell.cell_type for cell in found] == ["markdown", "markdown", "markdown", "code"]


@pytest.mark.parametrize(
    ("source", "text"),
    [(["a\n", "b"], "a\nb"), (None, ""), (3, ""), ({"a": 1}, ""), (["a", 3, ["b"], "c"], "ac")],
)
def test_source_may_be_a_list_or_nothing(source, text):
    assert sources(written(code(source))) == [text]


def test_of_a_cell_only_source_kind_name_and_claim_are_kept():
    marks = {"nbgrader": {"grade_id": "f", "points": 100, "locked": False}, "tags": ["skip-execution"], "check_of": "f"}
    outputs = [{"output_type": "display_data", "data": {"text/html": "<script>"}, "metadata": {}}]
    given = code("x", id="my-cell", metadata=marks, outputs=outputs, execution_count=3, worse="<script>")
    made = read(json.dumps(notebook(given) | {"metadata": {"kernelspec": {"name": "evil"}}, "worse": 1}).encode())
    wanted = code("x", id="my-cell", metadata={"nbgrader": {"grade_id": "f"}})
    assert made == notebook(wanted)


@pytest.mark.parametrize("name", ["", "a b", "<script>", "x" * 65, "é", 3, None, ["a"], "a\n"])
def test_name_that_no_cell_may_have_is_replaced(name):
    made = read(written(code("x", id=name)))
    assert made.cells[0].id != name
    nbformat.validate(made)


@pytest.mark.parametrize(
    "claim", [{"nbgrader": "f"}, {"nbgrader": {"grade_id": 3}}, {"nbgrader": {}}, [], "nbgrader", 3]
)
def test_broken_metadata_claims_nothing(claim):
    assert read(written(code("x", metadata=claim))).cells[0].metadata == {}


MARKUP = {
    "a <script>alert(1)</script> b": "a &lt;script>alert(1)&lt;/script> b",
    "<img src=x onerror=y>": "&lt;img src=x onerror=y>",
    "<!-- x -->": "&lt;!-- x -->",
    "<?xml ?>": "&lt;?xml ?>",
    "[a](javascript:alert(1))": "[a]((removed)alert(1))",
    "[a](JavaScript :x)": "[a]((removed)x)",
    "[a](data:text/html;base64,x)": "[a]((removed);base64,x)",
    "2 < 3, $a<b$, x <- y, `i<10`": "2 < 3, $a&lt;b$, x <- y, `i<10`",
    "**bold** and [a link](other.md)": "**bold** and [a link](other.md)",
}


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("text", MARKUP)
def test_text_is_no_markup(text, kind):
    [cell] = read(written(code(text, cell_type=kind))).cells
    assert (cell.cell_type, cell.source) == ("markdown", MARKUP[text])


def test_code_is_kept_to_the_letter():
    assert sources(written(code("x = '<script>'  # javascript:"))) == ["x = '<script>'  # javascript:"]


def test_of_attachments_only_pictures_in_texts_are_kept():
    files = {
        "a.png": {"image/png": PICTURE},
        "b.svg": {"image/svg+xml": "<svg/>"},
        "c.png": {"image/png": "<script>"},
        "d": {"text/html": "x", "image/jpeg": PICTURE},
        "e": "x",
    }
    text, own = read(written(code("x", cell_type="markdown", attachments=files), code("y", attachments=files))).cells
    assert text.attachments == {"a.png": {"image/png": PICTURE}, "d": {"image/jpeg": PICTURE}}
    assert "attachments" not in own
    assert "attachments" not in read(written(code("x", cell_type="markdown", attachments=[1]))).cells[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where Ann's files lie."""
    place = tmp_path / "submitted" / "ann" / LESSON
    place.mkdir(parents=True)
    return place


def handed(folder: Path) -> Handed:
    return handed_in(folder.parents[1], folder.parent.name, LESSON)


def test_files_come_with_their_paths_and_the_time(folder):
    (folder / "data" / ".ipynb_checkpoints").mkdir(parents=True)
    for name in (f"{LESSON}.ipynb", "data/a.csv", "data/.ipynb_checkpoints/old.ipynb"):
        (folder / name).write_bytes(name.encode())
    (folder / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC\n")
    found = handed(folder)
    assert found.files.keys() == {f"{LESSON}.ipynb", "data/a.csv", "timestamp.txt"}
    assert found.files["data/a.csv"] == b"data/a.csv"
    assert (found.timestamp, found.oddities) == ("2026-01-02 03:04:05 UTC", [])


def make_pipe(path: Path, _: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path, _: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path has a hundred characters
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


def make_device(path: Path, _: Path) -> None:
    try:
        os.mknod(path, 0o20666, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        pytest.skip("only root makes devices")


def make_folder(path: Path, _: Path) -> None:
    path.mkdir()


ODD_FILES = {
    "pipe": (make_pipe, "a pipe, a socket or a device"),
    "socket": (make_socket, "a pipe, a socket or a device"),
    "device": (make_device, "a pipe, a socket or a device"),
    "link": (lambda path, other: path.symlink_to(other), "a link, which is not followed"),
    "link to nothing": (lambda path, other: path.symlink_to("nothing"), "a link, which is not followed"),
    "link to itself": (lambda path, other: path.symlink_to(path.name), "a link, which is not followed"),
    "too large": (lambda path, other: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 101 << 20), "101.0 MB are"),
    "folder": (make_folder, ""),
}


def test_a_second_name_of_another_file_is_read_as_a_notebook_alone(folder, tmp_path):
    """As a notebook it shows nothing but itself; beside one, a cell could print it."""
    other = tmp_path / "other"
    other.write_bytes(written(code("x")))
    (folder / f"{LESSON}.ipynb").hardlink_to(other)
    (folder / "beside.txt").hardlink_to(other)
    found = handed_in(folder.parents[1], folder.parent.name, LESSON)
    assert list(found.files) == [f"{LESSON}.ipynb"]
    assert "a second name of some other file" in found.oddities[0]


@pytest.mark.parametrize("kind", ODD_FILES)
def test_what_is_no_plain_file_is_not_read(folder, tmp_path, kind):
    make, said = ODD_FILES[kind]
    secret = tmp_path / "secret"
    secret.write_bytes(written(code("the secret")))
    make(folder / f"{LESSON}.ipynb", secret)
    (folder / "beside.txt").write_text("x")
    found = handed(folder)
    assert found.files == {"beside.txt": b"x"}
    assert said in "".join(found.oddities)
    with pytest.raises(Unreadable, match=f"no notebook {LESSON}.ipynb") as refused:
        notebook_of(found, LESSON)
    assert said in str(refused.value)


def test_no_link_of_a_folder_is_followed(folder, tmp_path):
    other = tmp_path / "bob" / LESSON
    other.mkdir(parents=True)
    (other / f"{LESSON}.ipynb").write_bytes(written(code("the secret")))
    (folder / "data").symlink_to(other)
    found = handed(folder)
    assert (found.files, found.oddities) == ({}, ["'data': a link, which is not followed"])
    folder.parent.with_name("carl").symlink_to(other.parent)
    folder.parent.with_name("dora").mkdir()
    folder.parents[1].joinpath("dora", LESSON).symlink_to(other)
    folder.parents[1].joinpath("eve").mkdir()
    folder.parents[1].joinpath("eve", LESSON).write_text("no folder")
    for name, said in {"carl": "'carl' is a link", "dora": f"'{LESSON}' is a link", "eve": "is no folder"}.items():
        with pytest.raises(Unreadable, match=said):
            handed_in(folder.parents[1], name, LESSON)


def test_more_than_there_is_room_for_is_left_out_and_said(folder, monkeypatch):
    monkeypatch.setattr(inbox.Left.__init__, "__defaults__", (100, 50, 6))
    (folder / "deep").mkdir()
    for name, size in {"a.ipynb": 60, "b.txt": 40, "c.txt": 20, "d.txt": 10, f"{LESSON}.ipynb": 70}.items():
        (folder / name).write_bytes(b"x" * size)
    found = handed(folder)
    assert found.files.keys() == {f"{LESSON}.ipynb", "b.txt", "d.txt"}
    assert found.oddities == ["'a.ipynb': 0.0 MB are too many", "'c.txt': 0.0 MB are too many"]
    for number in range(20):
        (folder / "deep" / str(number)).symlink_to("nowhere")
        (folder / f"more-{number}").mkdir()
    oddities = handed(folder).oddities
    assert oddities[-1] == f"more than the {inbox.MOST_NAMES} files that are read"
    assert len(oddities) < 6


def test_deep_folders_are_left_out(folder):
    inner = folder.joinpath(*"abcdefgh")
    inner.mkdir(parents=True)
    (inner / "low").write_text("x")
    (inner.parents[2] / "high").write_text("x")
    found = handed(folder)
    assert list(found.files) == ["a/b/c/d/e/high"]
    assert found.oddities == ["'a/b/c/d/e/f': deeper than is read"]


@pytest.mark.parametrize("name", [b"a\nb", b"a\xff.txt", "字".encode(), b"-rf", b"a\x1b[2J", b"~", b"%s{0}"])
def test_odd_names_of_files_are_kept(folder, name):
    with open(os.path.join(os.fsencode(folder), name), "wb") as file:  # noqa: PTH118, PTH123 (pathlib has no bytes)
        file.write(b"x")
    found = handed(folder)
    assert found.files == {os.fsdecode(name): b"x"}
    assert len(found.fingerprint) == 64


def test_another_submission_has_another_fingerprint(folder):
    seen = set()
    for name, content in [("a", b"bc"), ("ab", b"c"), ("a", b"bd"), ("a", b"")]:
        (folder / name).write_bytes(content)
        assert handed(folder).fingerprint == handed(folder).fingerprint
        seen.add(handed(folder).fingerprint)
        (folder / name).unlink()
    assert len(seen | {handed(folder).fingerprint}) == 5


def test_the_lessons_notebook_is_that_of_its_name_or_the_only_one():
    mine, other = written(code("mine")), written(code("other"))
    for files in ({f"{LESSON}.ipynb": mine, "a.ipynb": other}, {f"{LESSON} (1).ipynb": mine, "deep/a.ipynb": other}):
        assert notebook_of(Handed("ann", files), LESSON).cells[0].source == "mine"
    with pytest.raises(Unreadable, match=f"2 notebooks, none of them {LESSON}.ipynb"):
        notebook_of(Handed("ann", {"a.ipynb": mine, "b.ipynb": mine}), LESSON)
    with pytest.raises(Unreadable, match=f"no notebook {LESSON}.ipynb") as refused:
        notebook_of(Handed("ann", {}, [f"odd {number}" for number in range(1000)]), LESSON)
    assert len(str(refused.value)) < 100


def test_students_are_those_who_have_a_folder_for_the_lesson(tmp_path):
    assert students(tmp_path / "nowhere", LESSON) == []
    for name in ("bob", "ann", ".hidden", "Zoë"):
        (tmp_path / name / LESSON).mkdir(parents=True)
    (tmp_path / "late" / "other").mkdir(parents=True)
    (tmp_path / "file").write_text("x")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / LESSON).symlink_to("nowhere")
    assert students(tmp_path, LESSON) == ["Zoë", "ann", "bob", "linked"]


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2J", os.fsdecode(b"a\xff"), "x" * 129])
def test_who_has_no_name_that_a_gradebook_takes_is_not_read(tmp_path, name):
    assert not inbox.is_name(name)
    with pytest.raises(Unreadable, match="is no name of a student"):
        handed_in(tmp_path, name, LESSON)


def test_a_notebook_of_our_own_making_is_valid():
    cells = [code("x", id="a"), code("y", cell_type="markdown"), code("z", cell_type="raw", attachments={})]
    nbformat.validate(cleaned(notebook(*cells)), relax_add_props=False)
