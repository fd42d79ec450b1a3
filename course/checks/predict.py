"""A guess, then the truth: what a learner predicted is remembered better than what was told."""

from __future__ import annotations

import math
from numbers import Number

NEARLY = 0.1  # of the truth


def reveal(guess: object, truth: object, *also: object) -> None:
    """Print whether the guess was right, and the truth; nothing is graded.

    also: what is right too, where two are tied."""
    answer = " and ".join(map(shown, (truth, *also)))
    if guess is None:
        print(f"It is {answer}. (No guess was made.)")
    elif any(same(guess, one) for one in (truth, *also)):
        print(f"You guessed {shown(guess)}, and that is right{f': it is {answer}' if also else ''}.")
    elif nearly(guess, truth):
        print(f"You guessed {shown(guess)}, and that is near: it is {answer}.")
    else:
        print(f"You guessed {shown(guess)}. It is {answer}.")


def same(guess: object, truth: object) -> bool:
    """Equal, or equal as they are written: "(2, 3)" is (2, 3), and a number may be rounded as it is shown."""
    if isinstance(guess, Number) and isinstance(truth, Number):
        return shown(float(guess)) == shown(float(truth))
    return plain(shown(guess)) == plain(shown(truth))


def nearly(guess: object, truth: object) -> bool:
    """Two fractions, or large numbers, of which the one is at most a tenth away from the other."""
    if isinstance(guess, bool | str) or not isinstance(guess, Number) or not isinstance(truth, Number):
        return False
    return math.isclose(float(guess), float(truth), rel_tol=NEARLY)


def shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def plain(text: str) -> str:
    """Without what a hurried hand leaves out or adds."""
    return "".join(sign for sign in text.casefold() if not sign.isspace() and sign not in "\"'()[]").rstrip(",.")
