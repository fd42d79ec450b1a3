"""Spelling: is a word found by its letters, and are slips counted as in the literature?"""

import pytest

from course.corpus.spelling import distance, meant, spelt, spoken
from tests.corpus.as_typed import KNOWN


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("kitten", "sitting", 3), ("hnud", "hund", 1), ("ca", "abc", 3), ("ab", "ba", 1), ("", "ab", 2), ("abc", "abc", 0),
     ("a cat", "an act", 2), ("haus", "maus", 1)],
)  # fmt: skip
def test_slips_are_counted(one: str, other: str, slips: int) -> None:
    """Of optimal string alignment: ca -> abc takes three, since no letter is touched twice."""
    assert distance(one, other) == distance(other, one) == slips


def test_letters_decide_before_dots() -> None:
    assert spelt("STRASSE", KNOWN) == spelt("strasse", KNOWN) == ("Straße",)
    assert spelt("Vogel", frozenset(["Vogel", "Vögel"])) == ("Vogel",)
    assert spelt("fallen", frozenset(["fällen", "gefallen"])) == ("fällen",)
    assert spelt("könnte", frozenset(["konnte"])) == (), "dots that were typed are meant"
    assert spelt("SIE", frozenset(["sie", "Sie"])) == ("sie",)


def test_a_short_form_is_written_out_where_its_words_are_known() -> None:
    assert spoken("Gehts", KNOWN) == ("geht", "es")
    assert spoken("hab", frozenset(["hat"])) is None
    assert spoken("Hund", KNOWN) is None


def test_nearest_words_come_first_and_are_few() -> None:
    assert meant("Katz", KNOWN)[0] == "Katze"
    assert meant("besuchtet", KNOWN) == ("besucht", "besuche", "besuchen")
    assert meant("x", KNOWN) == ()
    assert meant("12", frozenset(["13"])) == (), "a number is no slip"
