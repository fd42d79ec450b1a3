"""The exercise of lesson 09 about BLEU: laws, and the mistakes that people make."""

from __future__ import annotations

from course import bleu
from course.checks import training_cases as given
from course.checks.exercise import Exercise, Law, Mistake

MATCH, LENGTHS = "(found & wanted).total()", "n_written, n_wanted = sum(map(len, translations)), sum(map(len, references))"
SHORT, RETURN = "min(0.0, 1.0 - n_wanted / n_written)", "    return 100.0 * math.exp(log_precision + min(0.0, 1.0 - n_wanted / n_written))"
LOG_MEAN = "log_precision = sum(math.log(match / total) for match, total in zip(matches, totals, strict=True)) / 4"
ZERO = "    if min(matches) == 0:\n        return 0.0\n"
BEGIN = "    matches, totals = [0] * 4, [0] * 4\n"
EACH_ALONE = """    if len(translations) > 1:
        return sum(corpus_bleu([one], [other]) for one, other in zip(translations, references)) / len(translations)
"""
ONE_TEXT = "    translations, references = [sum(map(list, translations), [])], [sum(map(list, references), [])]\n"
PENALTIES = "sum(min(0.0, 1.0 - len(r) / max(len(t), 1)) for t, r in zip(translations, references)) / len(translations)"

corpus_bleu = Exercise(
    reference=bleu.corpus_bleu,
    see="lesson 09, 'A number for quality'",
    cases=given.bleu_cases,
    laws=(
        Law("the references themselves score 100", lambda case, out, other: abs(other - 100) < 1e-6, given.nothing_wrong),
        Law("the order of the sentences does not matter", lambda case, out, other: abs(out - other) < 1e-6, given.backwards),
    ),
    mistakes=(
        Mistake("mean over the sentences", ((BEGIN, EACH_ALONE + BEGIN),), "each sentence gets its own score and these are averaged; BLEU counts over the whole corpus first, since one sentence often has no four words in a row that match."),
        Mistake("repeated words all match", ((MATCH, "sum(count for gram, count in found.items() if gram in wanted)"),),
                "a word said three times matches three times, though the reference has it once; no more may match than the reference has."),
        Mistake("each n-gram once", ((MATCH, "len(found & wanted)"), ("found.total()", "len(found)")), "every n-gram counts once however often it occurs; it is occurrences that are counted."),
        Mistake("no penalty", ((SHORT, "0.0"),), "nothing is taken off for translations that are too short: a single safe phrase would then score high."),
        Mistake("penalty turned round", ((SHORT, "min(0.0, 1.0 - n_written / n_wanted)"),), "the long translations are punished and the short ones go free; long ones already have lower shares."),
        Mistake("reward for length", ((SHORT, "1.0 - n_wanted / n_written"),), "a translation that is too long gets a factor above 1; the penalty is never a reward."),
        Mistake("penalty without e", ((RETURN, "    return 100.0 * math.exp(log_precision) * min(1.0, n_written / n_wanted)"),), "the penalty is the plain ratio of the lengths; it is exp(1 - wanted / written)."),
        Mistake("penalty by sentence", ((SHORT, PENALTIES),), "the lengths are compared sentence by sentence; a long one may make up for a short one, only the whole corpus counts."),
        Mistake("out of the reference's n-grams", (("totals[n - 1] += found.total()", "totals[n - 1] += wanted.total()"),),
                "the matches are divided by the number of n-grams in the reference, which is recall; BLEU asks how much of what was written is right."),
        Mistake("arithmetic mean", ((LOG_MEAN, "log_precision = math.log(sum(match / total for match, total in zip(matches, totals)) / 4)"),), "the four shares are averaged by adding; the mean is geometric, so that a single low share pulls the score down."),
        Mistake("product without a root", ((LOG_MEAN, LOG_MEAN.removesuffix(" / 4")),), "the four shares are multiplied, but the fourth root is missing."),
        Mistake("only up to three words", ((BEGIN, "    matches, totals = [0] * 3, [0] * 3\n"), ("range(1, 5)", "range(1, 4)"), (LOG_MEAN, LOG_MEAN.replace("/ 4", "/ 3"))),
                "only one, two and three words in a row are counted; four belong to it too."),
        Mistake("only single words", ((BEGIN, "    matches, totals = [0], [0]\n"), ("range(1, 5)", "range(1, 2)"), (LOG_MEAN, LOG_MEAN.replace("/ 4", "/ 1"))),
                "only single words are counted, so their order would not matter at all."),
        Mistake("across sentences", ((BEGIN, BEGIN + ONE_TEXT),), "all sentences are one long text, so n-grams reach from one sentence into the next, and words match in sentences where they do not belong."),
        Mistake("0 to 1", (("return 100.0 * ", "return "),), "the score goes from 0 to 1; it is given in percent, 0 to 100."),
        Mistake("1 added to every count", ((BEGIN, "    matches, totals = [1] * 4, [1] * 4\n"), (ZERO, "    if not translations or not any(translations):\n        return 0.0\n")),
                "1 is added to every count to avoid zeros; that is smoothed BLEU, which flatters bad translations."),
        Mistake("logarithm of 0", ((ZERO, ""),), "where nothing matches the logarithm of 0 is taken; the score is then 0."),
        Mistake("unequal lists accepted", (("    if len(translations) != len(references):\n        raise ValueError(f\"{len(translations)} translations, {len(references)} references: each needs the other\")\n", ""), ("zip(translations, references, strict=True)", "zip(translations, references)")),
                "lists of unequal length are accepted: somewhere a sentence was lost, and from there on each is compared with the wrong one."),
    ),
)  # fmt: skip
