"""Right answers to the exercises of bleu, each written another way than the reference."""

import math
from collections import defaultdict

import numpy as np


def bleu_without_counter(translations, references):
    if len(translations) != len(references):
        raise ValueError("unequal")
    shares = []
    for n in (1, 2, 3, 4):
        matches = total = 0
        for translation, reference in zip(translations, references, strict=True):
            grams = [tuple(reference[at : at + n]) for at in range(len(reference) - n + 1)]
            for at in range(len(translation) - n + 1):
                total += 1
                gram = tuple(translation[at : at + n])
                if gram in grams:
                    grams.remove(gram)
                    matches += 1
        if not matches:
            return 0.0
        shares.append(matches / total)
    written, wanted = sum(map(len, translations)), sum(map(len, references))
    penalty = 1.0 if written > wanted else math.exp(1 - wanted / written)
    return 100 * penalty * math.prod(shares) ** 0.25


def bleu_by_numpy(translations, references):
    counts = np.zeros((2, 4))
    for translation, reference in zip(translations, references, strict=True):
        for n in range(4):
            ours, theirs = defaultdict(int), defaultdict(int)
            for found, words in ((ours, translation), (theirs, reference)):
                for gram in zip(*(words[k:] for k in range(n + 1)), strict=False):
                    found[gram] += 1
            counts[:, n] += sum(min(count, theirs[gram]) for gram, count in ours.items()), sum(ours.values())
    if not counts[0].all():
        return 0.0
    ratio = sum(map(len, references)) / sum(map(len, translations))
    return 100 * np.exp(np.log(counts[0] / counts[1]).mean() + min(0, 1 - ratio))


def bleu_by_text(translations, references):
    if len(translations) != len(references):
        raise ValueError(f"{len(translations)} against {len(references)}")
    log, written, wanted = 0.0, sum(len(one) for one in translations), sum(len(one) for one in references)
    for n in range(1, 5):
        right = everything = 0
        for one, other in zip(translations, references, strict=True):
            mine = [" ".join(one[at : at + n]) for at in range(len(one) - n + 1)]
            theirs = [" ".join(other[at : at + n]) for at in range(len(other) - n + 1)]
            right += sum(min(mine.count(gram), theirs.count(gram)) for gram in set(mine))
            everything += len(mine)
        if right == 0:
            return 0
        log += math.log(right) - math.log(everything)
    short = 1 - wanted / written if written < wanted else 0
    return math.exp(log / 4 + short) * 100


RIGHT = {
    "corpus_bleu": [bleu_without_counter, bleu_by_numpy, bleu_by_text],
}  # fmt: skip
