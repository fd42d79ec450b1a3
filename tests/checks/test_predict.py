"""Predict: does a guess get its answer?"""

import pytest

from course.checks import reveal


@pytest.mark.parametrize(
    ("guess", "truth", "said"),
    [
        (3, 4, "You guessed 3; it is 4.\n"),
        ("(2, 3)", (2, 3), "You guessed (2, 3); it is (2, 3).\n"),
        (0.3, 0.123456, "You guessed 0.3; it is 0.1235.\n"),
        (None, 4, "It is 4. (No guess was made.)\n"),
        (0, 0.0, "You guessed 0; it is 0.\n"),
    ],
)
def test_truth_is_shown_beside_the_guess(capsys, guess, truth, said):
    reveal(guess, truth)
    assert capsys.readouterr() == (said, "")
