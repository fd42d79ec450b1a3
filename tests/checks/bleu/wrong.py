"""Wrong answers to the exercises of bleu, written without the reference at hand."""

import math
from collections import Counter


def bleu(translations, references, longest=4, clipped=True, mean=None, penalty=None):
    if len(translations) != len(references):
        raise ValueError("unequal")
    shares = []
    for n in range(1, longest + 1):
        right = total = 0
        for one, other in zip(translations, references, strict=True):
            mine, theirs = (Counter(zip(*(words[k:] for k in range(n)), strict=False)) for words in (one, other))
            right += sum(
                min(count, theirs[gram]) if clipped else count * (gram in theirs) for gram, count in mine.items()
            )
            total += sum(mine.values())
        shares.append(right / total if total else 0)
    if 0 in shares:
        return 0.0
    written, wanted = sum(map(len, translations)), sum(map(len, references))
    factor = penalty(written, wanted) if penalty else math.exp(min(0, 1 - wanted / written))
    return 100 * factor * (mean(shares) if mean else math.prod(shares) ** (1 / longest))


def bleu_of_sentences(translations, references):
    if len(translations) != len(references):
        raise ValueError("unequal")
    scores = [bleu([one], [other]) for one, other in zip(translations, references, strict=True)]
    return sum(scores) / len(scores) if scores else 0.0


def bleu_unclipped(translations, references):
    return bleu(translations, references, clipped=False)


def bleu_without_penalty(translations, references):
    return bleu(translations, references, penalty=lambda written, wanted: 1.0)


def bleu_turned_round(translations, references):
    return bleu(
        translations, references, penalty=lambda mine, wanted: 1 if mine <= wanted else math.exp(1 - mine / wanted)
    )


def bleu_of_three(translations, references):
    return bleu(translations, references, longest=3)


def bleu_arithmetic(translations, references):
    return bleu(translations, references, mean=lambda shares: sum(shares) / 4)


WRONG = {
    "corpus_bleu": {
        "mean over the sentences": bleu_of_sentences,
        "repeated words all match": bleu_unclipped,
        "no penalty": bleu_without_penalty,
        "penalty turned round": bleu_turned_round,
        "only up to three words": bleu_of_three,
        "arithmetic mean": bleu_arithmetic,
    },
}  # fmt: skip
