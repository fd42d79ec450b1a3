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


def bleu_of_letters(translations, references):
    if len(translations) != len(references):
        raise ValueError("unequal")
    return bleu(["".join(one) for one in translations], ["".join(one) for one in references],
                penalty=lambda *_: penalty_of(translations, references))  # fmt: skip


def penalty_of(translations, references):
    written, wanted = sum(map(len, translations)), sum(map(len, references))
    return math.exp(min(0, 1 - wanted / written))


def bleu_with_the_ratio_upside_down(translations, references):
    return bleu(
        translations, references, penalty=lambda mine, wanted: 1 if mine >= wanted else math.exp(1 - mine / wanted)
    )


def bleu_with_short_runs(translations, references):
    if len(translations) != len(references):
        raise ValueError(f"{len(translations)} != {len(references)}")
    right, total = [0] * 4, [0] * 4
    for one, other in zip(translations, references, strict=True):
        for n in range(4):
            mine = Counter(" ".join(one[at : at + n + 1]) for at in range(len(one)))
            theirs = Counter(" ".join(other[at : at + n + 1]) for at in range(len(other)))
            right[n] += sum((mine & theirs).values())
            total[n] += sum(mine.values())
    if 0 in right:
        return 0.0
    mean = sum(math.log(a / b) for a, b in zip(right, total, strict=True)) / 4
    return 100 * penalty_of(translations, references) * math.exp(mean)


WRONG = {
    "corpus_bleu": {
        "mean over the sentences": bleu_of_sentences,
        "repeated words all match": bleu_unclipped,
        "no penalty": bleu_without_penalty,
        "penalty turned round": bleu_turned_round,
        "only up to three words": bleu_of_three,
        "arithmetic mean": bleu_arithmetic,
        "letters for words": bleu_of_letters,
        "the ratio upside down": bleu_with_the_ratio_upside_down,
        "shorter runs at the end": bleu_with_short_runs,
    },
}  # fmt: skip
