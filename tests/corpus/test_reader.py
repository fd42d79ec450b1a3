"""A learner's own text: what is right is read, what is wrong is named with file and line."""

from __future__ import annotations

import pytest

from course.corpus import read_parallel

PAIRS = [("Guten Tag.", "Hello."), ("Wie geht es dir?", "How are you?")]


def write(path, content: str | bytes):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_two_columns(tmp_path, start, end, last):
    text = start + end.join(f"{german}\t{english}" for german, english in PAIRS) + (end if last else "")
    assert read_parallel(write(tmp_path / "own.tsv", text)) == PAIRS


def test_two_files(tmp_path):
    german = write(tmp_path / "own.de", "Guten Tag.\nWie geht es dir?\n")
    english = write(tmp_path / "own.en", "Hello.\nHow are you?")
    assert read_parallel(german, english) == PAIRS
    assert read_parallel(str(german), str(english)) == PAIRS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Guten Tag.\tHello.\nNur Deutsch\n", r"own\.tsv:2: .*one tab.*1 column.*'Nur Deutsch'.*blanks"),
        ("a\tb\tc\n", r"own\.tsv:1: .*3 column.*third column"),
        ("a\tb\n\nc\td\n", r"own\.tsv:2: .*empty.*delete"),
        ("a\t \n", r"own\.tsv:1: .*English column is empty"),
        ("\tb\n", r"own\.tsv:1: .*German column is empty"),
        (b"a\tb\n" + "schön\tnice".encode("latin-1"), r"own\.tsv:2: .*UTF-8.*0xf6.*Latin-1"),
        ("a\tb\n".encode("utf-16"), r"own\.tsv:1: .*UTF-8.*0xff.*UTF-16"),
        ("", r"own\.tsv: .*empty"),
    ],
)
def test_mistakes_in_two_columns(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read_parallel(write(tmp_path / "own.tsv", content))


def test_mistakes_in_two_files(tmp_path):
    german, english = write(tmp_path / "own.de", "eins\nzwei\n"), write(tmp_path / "own.en", "one\n")
    with pytest.raises(ValueError, match=r"own\.en:1: .*same number of lines.*own\.de has 2.*own\.en has 1"):
        read_parallel(german, english)
    with pytest.raises(ValueError, match=r"own\.en:2: .*line is empty"):
        read_parallel(german, write(english, "one\n\n"))
    with pytest.raises(ValueError, match=r"line 2 is empty"):
        read_parallel(german, write(english, "one\n\ntwo\n"))
    with pytest.raises(ValueError, match=r"missing\.tsv: no such file"):
        read_parallel(tmp_path / "missing.tsv")
