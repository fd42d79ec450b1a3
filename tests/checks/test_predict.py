"""Predict: does a guess get its answer?"""

import pytest

from course.checks import reveal


@pytest.mark.parametrize(
    ("guess", "truth", "said"),
    [
        (3, 4, "You guessed 3. It is 4.\n"),
        ("(2, 3)", (2, 3), "You guessed (2, 3), and that is right.\n"),
        ((2,), (2, 3), "You guessed (2,). It is (2, 3).\n"),
        (0.3, 0.123456, "You guessed 0.3. It is 0.1235.\n"),
        (0.12, 0.123456, "You guessed 0.12, and that is near: it is 0.1235.\n"),
        (0.1235, 0.123456, "You guessed 0.1235, and that is right.\n"),
        (90, 88, "You guessed 90, and that is near: it is 88.\n"),
        (3, 3.0, "You guessed 3, and that is right.\n"),
        ("Error", "error", "You guessed Error, and that is right.\n"),
        ("no", "yes", "You guessed no. It is yes.\n"),
        (None, 4, "It is 4. (No guess was made.)\n"),
        (0, 0.0, "You guessed 0, and that is right.\n"),
        (True, 1.05, "You guessed True. It is 1.05.\n"),
    ],
)
def test_the_guess_is_judged_and_the_truth_shown(capsys, guess, truth, said):
    reveal(guess, truth)
    assert capsys.readouterr() == (said, "")


def test_where_two_are_tied_both_are_right(capsys):
    for guess in ("es", "st", "he", None):
        reveal(guess, "es", "st")
    assert capsys.readouterr().out.splitlines() == [
        "You guessed es, and that is right: it is es and st.",
        "You guessed st, and that is right: it is es and st.",
        "You guessed he. It is es and st.",
        "It is es and st. (No guess was made.)",
    ]
