"""A guess, then the truth: what a learner predicted is remembered better than what was told."""

from __future__ import annotations


def reveal(guess: object, truth: object) -> None:
    """Print the truth beside the learner's guess; nothing is graded."""
    shown = f"{truth:.4g}" if isinstance(truth, float) else truth
    if guess is None:
        print(f"It is {shown}. (No guess was made.)")
    else:
        print(f"You guessed {guess}; it is {shown}.")
