"""The course's German-English corpus: a grammar makes both sides of a sentence, and so knows which word is which."""

from .reader import read_parallel
from .sentences import KINDS, Pair, running_pair, sample
from .splits import LONGEST, LONGEST_TRAINED, Splits, held_out, splits
from .text import detokenize, tokenize

__all__ = [
    "KINDS", "LONGEST", "LONGEST_TRAINED", "Pair", "Splits", "detokenize", "held_out", "read_parallel",
    "running_pair", "sample",
    "splits", "tokenize",
]  # fmt: skip
