"""BLEU: a number for the quality of a corpus of translations."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence


def corpus_bleu(
    translations: Sequence[Sequence[str]], references: Sequence[Sequence[str]]
) -> float:
    """BLEU, 0 ... 100: how many runs of 1 to 4 words the reference has too  (Papineni et al. 2002).

    Two lists of sentences of words, sentence i of one against sentence i of the other. Matches and
    n-grams are counted over the whole corpus; of an n-gram no more match than the reference has;
    the geometric mean of the four shares, times exp(1 - reference length / translation length)
    where the translations are the shorter; 0 where nothing matches for one of the four. ValueError
    where one list is longer than the other."""
    if len(translations) != len(references):
        raise ValueError(
            f"{len(translations)} translations, {len(references)} references: each needs the other"
        )
    matches, totals = [0] * 4, [0] * 4
    for translation, reference in zip(translations, references, strict=True):
        for n in range(1, 5):
            found, wanted = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
                for words in (translation, reference)
            )
            matches[n - 1] += (found & wanted).total()
            totals[n - 1] += found.total()
    if min(matches) == 0:
        return 0.0
    log_precision = sum(math.log(match / total)
                        for match, total in zip(matches, totals, strict=True)) / 4
    n_written, n_wanted = sum(map(len, translations)), sum(map(len, references))
    return 100.0 * math.exp(log_precision + min(0.0, 1.0 - n_wanted / n_written))
