"""Submissions that are no good notebook: what stands in the file, what the file is, and what it is called."""

from __future__ import annotations

import gzip
import json
import os
import socket
import zipfile
from pathlib import Path
from typing import Any

from .kit import ALL, LESSON, NOTEBOOK, Lesson, but, new_cell, submission


def handed_in(folder: Path, content: bytes | str, name: str = NOTEBOOK) -> Path:
    """These bytes as the file of that name."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# What stands in it


@submission("broken", ends="human")
def empty_file(folder: Path, lesson: Lesson) -> None:
    """Has no byte in it, as after a full disk."""
    handed_in(folder, b"")


@submission("broken", ends="human")
def half_a_file(folder: Path, lesson: Lesson) -> None:
    """Ends in the middle, as after a broken upload."""
    text = lesson.solved().text()
    handed_in(folder, text[: len(text) // 2])


@submission("broken", ends="human")
def another_kind_of_file(folder: Path, lesson: Lesson) -> None:
    """Is a picture with the notebook's name."""
    handed_in(folder, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 64)


@submission("broken", ends="human")
def page_of_an_error(folder: Path, lesson: Lesson) -> None:
    """Is the page that said that the login had expired, saved as a notebook."""
    handed_in(folder, "<!DOCTYPE html><html><body><h1>Please log in again</h1></body></html>")


@submission("broken", ends="human")
def merge_conflict(folder: Path, lesson: Lesson) -> None:
    """Has the marks of a merge that nobody finished."""
    text = lesson.solved().text()
    place = text.index('"source"')
    handed_in(folder, text[:place] + "<<<<<<< HEAD\n=======\n" + text[place:] + ">>>>>>> mine\n")


@submission("broken", ends="human")
def list_instead_of_a_notebook(folder: Path, lesson: Lesson) -> None:
    """Is good JSON, but a list of cells."""
    handed_in(folder, json.dumps(lesson.solved().cells))


@submission("broken", ends="human")
def other_values_than_a_notebook(folder: Path, lesson: Lesson) -> None:
    """Is good JSON whose cells are null, and whose format is a text."""
    handed_in(folder, json.dumps({"cells": None, "metadata": [], "nbformat": "four", "nbformat_minor": None}))


@submission("broken", ends="human")
def cells_are_no_list(folder: Path, lesson: Lesson) -> None:
    """Has its cells in a dict, by their ids."""
    content = lesson.solved().content
    handed_in(folder, json.dumps(content | {"cells": {cell["id"]: cell for cell in content["cells"]}}))


@submission("broken", ends="human")
def nested_too_deep(folder: Path, lesson: Lesson) -> None:
    """Has metadata that are 100,000 lists deep, at which JSON readers give up."""
    text = (
        lesson.solved().text().replace('"metadata": {}', '"metadata": {"deep": ' + "[" * 10**5 + "]" * 10**5 + "}", 1)
    )
    handed_in(folder, text)


@submission("broken", ends="either", right=ALL)
def number_too_long(folder: Path, lesson: Lesson) -> None:
    """Has a number of 10,000 digits as an execution count, which Python refuses to read."""
    text = lesson.solved().text().replace('"execution_count": null', f'"execution_count": {"9" * 10_000}', 1)
    handed_in(folder, text)


@submission("broken", ends="either", right=ALL)
def numbers_that_are_none(folder: Path, lesson: Lesson) -> None:
    """Has NaN and infinities where JSON has no such thing."""
    notebook = lesson.solved()
    notebook.cell("setup")["execution_count"] = float("nan")
    notebook.cell("check-causal_mask")["metadata"]["nbgrader"]["points"] = float("inf")
    notebook.content["nbformat_minor"] = float("5")
    notebook.content["metadata"]["score"] = float("-inf")
    notebook.write(folder)


@submission("broken", ends="either", right=ALL)
def keys_twice(folder: Path, lesson: Lesson) -> None:
    """Has keys twice in one object, with two values, of which readers take the first or the last."""
    text = lesson.solved().text()
    text = text.replace('"id": "causal_mask",', '"id": "another",\n   "id": "causal_mask",')
    handed_in(folder, text.replace('"nbformat": 4,', '"nbformat": 3,\n "nbformat": 4,'))


@submission("broken", ends="human")
def format_of_the_future(folder: Path, lesson: Lesson) -> None:
    """Says that it is of a format that will be invented."""
    content = lesson.solved().content
    handed_in(folder, json.dumps(content | {"nbformat": 99, "nbformat_minor": 10**9}))


@submission("broken", ends="either", right=ALL)
def format_of_the_past(folder: Path, lesson: Lesson) -> None:
    """Is of format 3, with worksheets, without ids, its code under another key."""
    cells = []
    for cell in lesson.solved().cells:
        old: dict[str, Any] = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        if cell["cell_type"] == "code":
            old |= {"input": cell["source"], "language": "python", "outputs": [], "collapsed": False}
        else:
            old |= {"source": cell["source"]}
        cells.append(old)
    content = {"metadata": {"name": LESSON}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells}]}
    handed_in(folder, json.dumps(content))


@submission("broken", ends="either", right=ALL)
def ids_that_are_no_texts(folder: Path, lesson: Lesson) -> None:
    """Has cells of its own whose ids are numbers, lists, null and a kilobyte long."""
    notebook = lesson.solved()
    for identity in (7, None, True, ["setup"], {"id": "setup"}, "", "x" * 1024, "../../x", "\u202esetup"):
        notebook.append("pass", id=identity)
    notebook.write(folder)


@submission("broken", ends="either", right=ALL)
def claims_that_are_no_claims(folder: Path, lesson: Lesson) -> None:
    """Has cells of its own whose metadata for the grader are of every wrong type."""
    notebook = lesson.solved()
    for claim in (
        None,
        1,
        "solution",
        [],
        {"grade_id": ["setup"]},
        {"grade_id": {}, "points": "many"},
        {"grade": "yes"},
    ):
        notebook.append("pass", metadata={"nbgrader": claim, "tags": 7, "check_of": ["SelfAttention"]})
    notebook.content["metadata"] |= {"kernelspec": 5, "language_info": ["python"]}
    notebook.write(folder)


@submission("broken", ends="either", right=ALL)
def cells_of_no_kind(folder: Path, lesson: Lesson) -> None:
    """Has cells of unknown kinds, without a source, and with sources and outputs of wrong types."""
    notebook = lesson.solved()
    others: list[Any] = [
        {"cell_type": "evil", "metadata": {}, "source": "pass"},
        {"cell_type": "code", "metadata": {}},
        {"cell_type": "code", "metadata": [], "source": 5, "outputs": {}, "execution_count": "last"},
        {"cell_type": "code", "metadata": {}, "source": [["pass"], None], "outputs": [None, {"output_type": 3}]},
        {"cell_type": "markdown", "metadata": {}, "source": "x", "attachments": ["a"]},
        new_cell("pass", outputs=[{"output_type": "stream", "text": {"a": 1}}, {"data": 7}, "text"]),
    ]
    notebook.cells.extend(others)
    notebook.write(folder)


@submission("broken", ends="human")
def cells_that_are_no_cells(folder: Path, lesson: Lesson) -> None:
    """Has numbers, texts and null among its cells."""
    content = lesson.solved().content
    handed_in(folder, json.dumps(content | {"cells": [None, 5, "setup", [], *content["cells"]]}))


@submission("broken", ends="either", right=ALL)
def answer_of_binary(folder: Path, lesson: Lesson) -> None:
    """Has a right answer with zero bytes, which no file keeps and the grader leaves out, and control characters."""
    notebook = lesson.solved()
    right = lesson.solution("padding_mask")
    notebook.answer("padding_mask", right + "\n# \x00\x01\x1b[31m\x85\u2028\ufffe").write(folder)


@submission("broken", right=but("causal_mask"))
def answer_too_deep_to_compile(folder: Path, lesson: Lesson) -> None:
    """Has an answer of 100,000 brackets, at which Python's compiler itself gives up."""
    source = "def causal_mask(n_positions):\n    return " + "(" * 10**5 + "1" + ")" * 10**5 + "\n" + "-" * 10**5 + "1"
    lesson.solved().answer("causal_mask", source).write(folder)


@submission("broken", ends="either", right=ALL)
def very_many_cells(folder: Path, lesson: Lesson) -> None:
    """Has 50,000 cells of one's own behind the lesson."""
    notebook = lesson.solved()
    notebook.cells.extend(new_cell("1") for _ in range(50_000))
    notebook.write(folder)


@submission("broken", ends="either", right=ALL)
def very_large_outputs(folder: Path, lesson: Lesson) -> None:
    """Is 150 MB large, since somebody printed a whole data set."""
    notebook = lesson.solved()
    notebook.cell("setup")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "0.123 " * 25_000_000}]
    notebook.write(folder)


@submission("broken", ends="either", right=ALL)
def other_encoding(folder: Path, lesson: Lesson) -> None:
    """Was saved by a text editor as UTF-16."""
    handed_in(folder, lesson.solved().text().encode("utf-16"))


@submission("broken", ends="either", right=ALL)
def bytes_of_no_encoding(folder: Path, lesson: Lesson) -> None:
    """Has bytes in a comment that are no UTF-8."""
    text = lesson.solved().insert_after("setup", "# caf__BYTE__").text()
    handed_in(folder, text.encode().replace(b"__BYTE__", b"\xe9\xff\xfe"))


# What the file is, and what it is called


@submission("broken", ends="human")
def nothing_at_all(folder: Path, lesson: Lesson) -> None:
    """Is an empty folder."""
    folder.mkdir(parents=True, exist_ok=True)


@submission("broken", ends="human")
def another_document(folder: Path, lesson: Lesson) -> None:
    """Is a PDF and a Python script of the notebook, but no notebook."""
    code = "\n\n".join(cell["source"] for cell in lesson.solved().cells if cell["cell_type"] == "code")
    handed_in(folder, b"%PDF-1.7\n%%EOF\n", f"{LESSON}.pdf")
    handed_in(folder, code, f"{LESSON}.py")


@submission("broken", ends="human")
def folder_with_the_notebooks_name(folder: Path, lesson: Lesson) -> None:
    """Has a folder where the notebook should be, and the notebook inside it."""
    lesson.solved().write(folder / NOTEBOOK)


@submission("broken", ends="human")
def pipe_with_the_notebooks_name(folder: Path, lesson: Lesson) -> None:
    """Is a named pipe, at which whoever opens it waits for ever."""
    folder.mkdir(parents=True, exist_ok=True)
    os.mkfifo(folder / NOTEBOOK)


@submission("broken", ends="human")
def socket_with_the_notebooks_name(folder: Path, lesson: Lesson) -> None:
    """Is a socket, which cannot be opened."""
    folder.mkdir(parents=True, exist_ok=True)
    before = Path.cwd()
    os.chdir(folder)  # a socket's whole path must be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(NOTEBOOK)
    finally:
        os.chdir(before)


@submission("broken", ends="human")
def link_to_endless_zeros(folder: Path, lesson: Lesson) -> None:
    """Is a link to a device that has no end."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTEBOOK).symlink_to("/dev/zero")


@submission("broken", ends="human")
def link_to_nothing(folder: Path, lesson: Lesson) -> None:
    """Is a link to a file that stayed on the learner's own computer."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTEBOOK).symlink_to("/Users/me/Desktop/04_self_attention.ipynb")


@submission("broken", ends="human")
def link_to_itself(folder: Path, lesson: Lesson) -> None:
    """Is a link that leads back to itself, beside a second one that leads to the first."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTEBOOK).symlink_to("around.ipynb")
    (folder / "around.ipynb").symlink_to(NOTEBOOK)


@submission("broken", ends="human")
def sparse_file(folder: Path, lesson: Lesson) -> None:
    """Is a file of 40 GB that takes no room on the disk, and all of the memory of whoever reads it."""
    with handed_in(folder, lesson.solved().text()).open("r+b") as file:
        file.truncate(40 * 2**30)


@submission("broken", ends="human")
def packed_in_an_archive(folder: Path, lesson: Lesson) -> None:
    """Is an archive that holds the notebook under a name that leads upwards, and 256 MB of zeros."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{LESSON}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"../../{NOTEBOOK}", lesson.solved().text())
        with archive.open("zeros.ipynb", "w", force_zip64=True) as file:
            for _ in range(16):
                file.write(bytes(2**24))


@submission("broken", ends="either", right=ALL)
def compressed_in_place(folder: Path, lesson: Lesson) -> None:
    """Is compressed, and has kept the notebook's name."""
    handed_in(folder, gzip.compress(lesson.solved().text().encode()))


@submission("broken", ends="either", right=ALL)
def two_notebooks(folder: Path, lesson: Lesson) -> None:
    """Is handed in twice under other names, and nobody knows which one is meant."""
    lesson.solved().write(folder, "final.ipynb")
    lesson.solved().write(folder, "final_really.ipynb")


@submission("broken", ends="either", right=ALL)
def names_that_differ_by_case(folder: Path, lesson: Lesson) -> None:
    """Has two notebooks whose names are one name on other computers: the second is as handed out."""
    lesson.solved().write(folder)
    lesson.released().write(folder, NOTEBOOK.upper().replace("IPYNB", "ipynb"))


@submission("broken", right=ALL)
def names_that_are_hard_to_print(folder: Path, lesson: Lesson) -> None:
    """Has files beside the notebook whose names hold line ends, no UTF-8, options, or are as long as can be."""
    lesson.solved().write(folder)
    for name in (
        "new\nline.txt",
        "-rf",
        "--config=x.py",
        "$(touch x)",
        "x" * 255,
        "\u202etxt.exe",
        " ",
        "a\x1b[2Jb",
        "CON",
    ):
        (folder / name).write_text("x")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.txt")).write_text("x")


@submission("broken", ends="either", right=ALL)
def notebook_whose_name_is_no_text(folder: Path, lesson: Lesson) -> None:
    """Has the only notebook under a name that is no UTF-8 and begins like an option."""
    lesson.solved().write(folder, os.fsdecode(b"--output=\xff\n.ipynb"))


@submission("broken", ends="either", right=ALL)
def unreadable_file(folder: Path, lesson: Lesson) -> None:
    """May not be read, nor may another file beside it."""
    path = lesson.solved().write(folder)
    other = handed_in(folder, "x", "notes.txt")
    for one in (path, other):
        one.chmod(0)


@submission("broken", ends="human")
def file_instead_of_the_folder(folder: Path, lesson: Lesson) -> None:
    """Is a file where the folder of the submission should be."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.is_dir():
        folder.rmdir()
    folder.write_text(lesson.solved().text(), encoding="utf-8")


@submission("broken", right=ALL)
def much_beside_the_notebook(folder: Path, lesson: Lesson) -> None:
    """Has 5,000 other files beside it, a pipe, a hard link and a sparse file of 20 GB."""
    path = lesson.solved().write(folder)
    for number in range(5000):
        (folder / f"{number}.txt").touch()
    os.mkfifo(folder / "pipe.txt")
    os.link(path, folder / "same.txt")
    with handed_in(folder, b"", "data.bin").open("r+b") as file:
        file.truncate(20 * 2**30)
