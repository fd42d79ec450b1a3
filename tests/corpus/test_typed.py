"""Typed sentences: as many as promised, of known words where they are taught; what is wrong in a file is named."""

from __future__ import annotations

import pytest

from course.corpus import splits, tokenize
from course.corpus.typed import FILE, Typed, read_typed, typed


def test_there_are_enough_of_enough_constructions():
    found = typed()
    assert len(found) >= 200
    assert len({one.construction for one in found if one.taught}) >= 40
    assert sum(not one.taught for one in found) >= 10
    assert len({tokenize(one.german) for one in found}) == len(found)
    assert all(one.english for one in found)
    taught = {one.construction for one in found if one.taught}
    assert taught.isdisjoint(one.construction for one in found if not one.taught)


def test_training_has_every_word_of_a_taught_sentence():
    words = {word for pair in splits(n_test=0).train for word in pair.german}
    unknown = {word for one in typed() if one.taught for word in tokenize(one.german)} - words
    assert len(unknown) == 0, "words of typed.tsv that training never has"


def test_the_file_comes_with_the_package():
    assert FILE.name == "typed.tsv"
    assert FILE.is_file()


def test_a_line_becomes_a_sentence(tmp_path):
    path = tmp_path / "some.tsv"
    path.write_text(
        "copula\tyes\tDas ist gut.\tThat is good. | This is good.\nodd\tno\tWie schön!\tHow nice!\n", "utf-8"
    )
    assert read_typed(path) == [
        Typed("Das ist gut.", ("That is good.", "This is good."), "copula", True),
        Typed("Wie schön!", ("How nice!",), "odd", False),
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("copula yes Das ist gut. That is good.\n", r"some\.tsv:1: a line must be .* it has 1 columns"),
        ("copula\tja\tDas ist gut.\tThat is good.\n", r"some\.tsv:1: .* the second is 'ja'"),
        ("\tyes\tDas ist gut.\tThat is good.\n", r"some\.tsv:1: .* one of them is empty"),
        ("copula\tyes\tDas ist gut.\tThat is good. | \n", r"some\.tsv:1: every translation must say something"),
        ("a\tyes\tJa.\tYes.\nb\tno\tJa.\tYes.\n", r"some\.tsv:2: each German sentence must come once, but 'Ja\.'"),
        ("", r"some\.tsv: the file must hold at least one sentence"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path, text, fault):
    path = tmp_path / "some.tsv"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=fault):
        read_typed(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match="no such file; is the course installed whole"):
        read_typed(tmp_path / "none.tsv")
