"""The course's German-English corpus: a grammar makes both sides of a sentence, and so knows which word is which."""

from course.corpus.glossary import glossary
from course.corpus.mending import Mended, mend
from course.corpus.reader import read_parallel
from course.corpus.sentences import EVERYDAY_KINDS, KINDS, Pair, running_pair, sample
from course.corpus.splits import LONGEST, LONGEST_TRAINED, Splits, held_out, splits
from course.corpus.tagged import HeardSplits, TaggedSplits, ambiguous, heard, heard_splits, tagged_splits, with_tags
from course.corpus.tags import TAGS
from course.corpus.text import detokenize, tokenize, words_of
from course.corpus.typed import Typed, typed

__all__ = [
    "EVERYDAY_KINDS", "KINDS", "LONGEST", "LONGEST_TRAINED", "TAGS", "HeardSplits", "Mended", "Pair", "Splits",
    "TaggedSplits", "Typed", "ambiguous", "detokenize", "glossary", "heard", "heard_splits", "held_out", "mend",
    "read_parallel", "running_pair", "sample", "splits", "tagged_splits", "tokenize", "typed", "with_tags", "words_of",
]  # fmt: skip
