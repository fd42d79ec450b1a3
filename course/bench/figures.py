"""Figures: each number that the course claims, what it is to reach, and how it is measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean, median

from course.bench.addition import Learned, learn_ours, learn_theirs
from course.bench.clock import middle_half, times_faster
from course.bench.decoding import by_transformers, cache_alone, decoding_times, with_cache, without_cache
from course.bench.grading import LESSON, each_costs, growth, race
from course.bench.growth import EARLY, LATE
from course.bench.history import compare
from course.bench.material import Material
from course.bench.speed import Speeds, against_annotated, against_annotated_as_it_ships, against_torch
from course.bench.subwords import FORMS, read
from course.bench.table import Figure, Value
from course.bench.translator import (
    BEST_POSITIONS,
    MAX_SKIP,
    Trained,
    alignment,
    lesson_recipe,
    lesson_skip,
    quality,
    train_ours,
    train_theirs,
)
from course.bench.typed import answered
from course.corpus import tagged_splits
from course.corpus.typed import Typed, typed
from course.doubt import Found

PERCENT, BLEU, TIMES, SHARE = "{:.2f} %", "{:.2f}", "{:.2f}x", "{:.3f}"


@dataclass(frozen=True)
class Effort:
    """How much is done: CPU seconds of each training, seeds, sentence pairs, rounds of each race,
    typed sentences, lengths of decoded texts, submissions of the class that is graded, and of those whose growth is
    watched."""

    seconds: float = 60.0
    n_seeds: int = 3
    n_train: int = 120_000
    n_test: int = 1_000
    n_typed: int | None = None  # all
    n_rounds: int = 300
    lengths: tuple[int, int, int] = (64, 256, 512)
    decoding_rounds: tuple[int, int, int] = (30, 10, 4)
    n_class: int = 50
    classes: tuple[int, ...] = ()


@dataclass
class Bench:
    """What several figures share: the material, and the translators, each trained once.
    progress(text) says what goes on."""

    effort: Effort
    progress: Callable[[str], object]
    trained: dict[tuple, Trained] = field(default_factory=dict)

    @cached_property
    def material(self) -> Material:
        self.progress("the corpus as tokens")
        return Material.make(self.effort.n_train, self.effort.n_test)

    def typed(self, taught: bool) -> list[Typed]:
        """Typed sentences, in constructions that are taught or not."""
        return [one for one in typed() if one.taught is taught][: self.effort.n_typed]

    def trained_by(self, train: Callable[..., Trained], seconds: float, seed: int, *choices: str | int) -> Trained:
        """Trained when it is asked for first."""
        key = train, seconds, seed, *choices
        if key not in self.trained:
            self.trained[key] = train(self.material, seconds, seed, *choices, say=self.progress)
        return self.trained[key]

    def translators(self, train: Callable[..., Trained], *choices: str | int) -> list[Trained]:
        """One for each seed."""
        return [self.trained_by(train, self.effort.seconds, seed, *choices) for seed in range(self.effort.n_seeds)]

    def ours(self, positions: str = "rotary", max_skip: int | None = None) -> list[Trained]:
        """The lesson's translators, or those with other positions, or with other skips."""
        return self.translators(train_ours, positions, lesson_skip(positions) if max_skip is None else max_skip)

    def measure(self, translators: Sequence[Trained], test: str, how: Callable = quality) -> list:
        """What `how` says of each of them."""
        self.progress(f"translating: {test}")
        return [how(one.model, self.material, test) for one in translators]


def each(numbers: Sequence[float], form: str) -> str:
    return ", ".join(form.format(number) for number in numbers)


def cost(translators: Sequence[Trained]) -> str:
    """What the trainings took in fact."""
    return "CPU seconds and steps of training: " + ", ".join(
        f"{one.seconds:.1f} ({one.n_steps})" for one in translators
    )


def translation(bench: Bench, what: str, test: str, exact: float, bleu: float) -> Figure:
    """Exact match and BLEU on one test, means over the seeds."""
    found = bench.measure(bench.ours(), test)
    exacts, bleus = [one.exact for one in found], [one.bleu for one in found]
    note = f"by seed {each(exacts, PERCENT)} / {each(bleus, BLEU)}; {cost(bench.ours())}"
    return Figure(what, (Value(fmean(exacts), exact, PERCENT), Value(fmean(bleus), bleu, BLEU)), note)


def longer(bench: Bench, what: str, positions: str, goal: float) -> Figure:
    """Exact match on sentences longer than any in training, the mean over the seeds."""
    exacts = [one.exact for one in bench.measure(bench.ours(positions), "longer")]
    note = f"by seed {each(exacts, PERCENT)}; {cost(bench.ours(positions))}"
    return Figure(what, (Value(fmean(exacts), goal, PERCENT),), note)


def translator(bench: Bench) -> Iterator[Figure]:
    """The lesson's translator after its training."""
    after = f"translator after {bench.effort.seconds:g} CPU-s"
    yield translation(bench, f"{after}, unseen sentences: exact match / BLEU", "unseen_sentences", 99.0, 99.5)
    yield translation(bench, f"{after}, unseen verb-object pairs: exact match / BLEU", "unseen_pairs", 98.5, 99.3)
    yield longer(bench, f"{after}, longer sentences: exact match, the lesson's positions", "rotary", 88.0)
    yield from in_typed(bench)
    found = bench.measure(bench.ours(), "unseen_sentences", alignment)
    accuracies, errors = [one.accuracy for one in found], [one.error_rate for one in found]
    note = (
        f"by seed {each(accuracies, SHARE)} / {each(errors, SHARE)}; {found[0].n_sentences} unseen sentences, "
        f"last decoder layer, mean of heads, one link a target word: "
        f"no error rate below {SHARE.format(found[0].lowest)} is possible"
    )
    values = Value(fmean(accuracies), 0.92, SHARE), Value(fmean(errors), 0.10, SHARE, at_most=True)
    yield Figure("word alignment by cross-attention: accuracy / error rate", values, note)


TESTS = {"unseen_sentences": 99.0, "unseen_pairs": 98.5, "longer": 88.0}  # each with what is to be reached


def exact_on_all(bench: Bench, translators: Sequence[Trained]) -> dict[str, list[float]]:
    """Exact match on each of TESTS, by seed."""
    return {name: [one.exact for one in bench.measure(translators, name)] for name in TESTS}


def in_typed(bench: Bench) -> Iterator[Figure]:
    """Sentences as people type them, and whether doubt is where the translator is wrong."""
    translators = bench.ours()
    what = f"translator after {bench.effort.seconds:g} CPU-s, typed sentences"
    for taught, goal in ((True, 95.0), (False, 0.0)):  # of what was never taught nothing is asked, only shown
        some = bench.typed(taught)
        bench.progress(f"translating: typed, {'taught' if taught else 'never taught'}")
        exacts = [
            [answered(one.model, bench.material, some, sign).exact for one in translators] for sign in (True, False)
        ]
        kind = f"{what} in {'taught' if taught else 'never taught'} constructions: exact match / without final sign"
        note = f"{len(some)} sentences; by seed {' / '.join(each(some, PERCENT) for some in exacts)}"
        yield Figure(kind, tuple(Value(fmean(some), goal, PERCENT) for some in exacts), note)
    both = bench.typed(True) + bench.typed(False)
    found = [answered(one.model, bench.material, both) for one in translators]
    wrong, words = (together(some) for some in ([one.sentences for one in found], [one.words for one in found]))
    values = tuple(Value(share, 0.8, SHARE) for share in (wrong.precision, wrong.recall))
    note = (
        f"of {wrong.wrong} wrong sentences of all seeds {wrong.both} were doubted, and {wrong.doubted - wrong.both} "
        f"right ones; of single words precision {words.precision:.3f}, recall {words.recall:.3f}"
    )
    yield Figure("doubt, typed sentences: precision / recall of a wrong one", values, note)


def together(found: Sequence[Found]) -> Found:
    """What was found in all of them."""
    return Found(*map(sum, zip(*found, strict=True)))


def skips(bench: Bench) -> Iterator[Figure]:
    """Positions that skip in training, with all else as ever."""
    jumping = bench.ours()
    found, before = exact_on_all(bench, jumping), exact_on_all(bench, bench.ours(max_skip=0))
    note = (
        f"without skips {' / '.join(PERCENT.format(fmean(some)) for some in before.values())}; with, by seed "
        f"{' / '.join(each(some, PERCENT) for some in found.values())}; {cost(jumping)}"
    )
    what = f"translator after {bench.effort.seconds:g} CPU-s, positions that skip up to {MAX_SKIP}: exact match, "
    values = tuple(Value(fmean(some), TESTS[name], PERCENT) for name, some in found.items())
    yield Figure(what + "unseen sentences / pairs / longer", values, note)


CURVE = {0.5: (95.0, 90.0, 50.0), 1.0: tuple(TESTS.values()), 2.0: (99.0, 98.5, 95.0), 3.0: (99.0, 98.5, 95.0)}


def curve(bench: Bench) -> Iterator[Figure]:
    """What more time brings: one translator with skips for each share of the time, each with its own schedule."""
    for share, goals in CURVE.items():
        seconds = share * bench.effort.seconds
        one = [bench.trained_by(train_ours, seconds, 0, "rotary", MAX_SKIP)]
        exacts = [some[0] for some in exact_on_all(bench, one).values()]
        right = [answered(one[0].model, bench.material, bench.typed(taught=True), sign).exact for sign in (True, False)]
        what = f"one translator with skips after {seconds:g} CPU-s: unseen sentences / pairs / longer"
        values = tuple(Value(some, goal, PERCENT) for some, goal in zip(exacts, goals, strict=True))
        yield Figure(what, values, f"typed, taught, with / without final sign {each(right, PERCENT)}; {cost(one)}")


def subwords(bench: Bench) -> Iterator[Figure]:
    """Forms of words that no training sentence has, with German words cut in parts and without."""
    effort, by_kind = bench.effort, {}
    for cut in (True, False):
        bench.progress(f"without {len(FORMS)} forms, words {'cut' if cut else 'whole'}")
        by_kind[cut] = read(bench.material, effort.seconds, 0, cut, effort.n_test, bench.progress)
    cut, whole = by_kind[True], by_kind[False]
    what = f"{len(FORMS)} forms never met after {effort.seconds:g} CPU-s, words cut in training: exact match"
    values = Value(cut.forms, 50.0, PERCENT), Value(cut.forms - whole.forms, 30.0, "{:+.2f}")
    note = (
        f"one form a sentence; without cutting {whole.forms:.2f} %; other unseen sentences "
        f"{cut.others:.2f} %, without cutting {whole.others:.2f} %"
    )
    yield Figure(f"{what} / points above training on whole words", values, note)


def positions(bench: Bench) -> Iterator[Figure]:
    """The scheme of lesson 06 that carries over best to longer sentences."""
    what = f"translator after {bench.effort.seconds:g} CPU-s, longer sentences: exact match, {BEST_POSITIONS} positions"
    yield longer(bench, what, BEST_POSITIONS, 70.0)


def recipe(bench: Bench) -> Iterator[Figure]:
    """The lesson's code and recipe against The Annotated Transformer's."""
    theirs = bench.translators(train_theirs)
    mine, other = ([one.exact for one in bench.measure(some, "unseen_sentences")] for some in (bench.ours(), theirs))
    note = f"by seed {each(mine, PERCENT)} against {each(other, PERCENT)}; {cost(bench.ours())}; theirs {cost(theirs)}"
    what = f"exact match, points above The Annotated Transformer's code and recipe, {bench.effort.seconds:g} CPU-s each"
    yield Figure(what, (Value(fmean(mine) - fmean(other), 8.0, "{:+.2f}"),), note)


def speed(bench: Bench) -> Iterator[Figure]:
    """Training tokens per CPU second, in batches as the lesson's and in larger ones."""
    sizes = lesson_recipe(1).n_tokens, 2_000

    def figure(what: str, goal: float, run: Callable[[Material, int, int], Speeds]) -> Figure:
        bench.progress(what)
        found = [run(bench.material, bench.effort.n_rounds, n_tokens) for n_tokens in sizes]
        speeds = "; ".join(
            f"{one.ours:,.0f} against {one.theirs:,.0f} tokens per CPU second, {one.spread}" for one in found
        )
        name = f"training tokens per CPU-s {what}, batches of {' / '.join(map(str, sizes))} tokens"
        return Figure(name, tuple(Value(one.ratio, goal, TIMES) for one in found), f"sinusoidal positions; {speeds}")

    yield figure("against nn.Transformer, like for like", 1.1, against_torch)
    yield figure("against the annotated style, equal batches", 1.4, against_annotated)
    yield figure("against the annotated style, padded as it ships", 2.2, against_annotated_as_it_ships)


def decoding(bench: Bench) -> Iterator[Figure]:
    """Greedy decoding with the KV cache; the tokens are the same or DifferentTokens is raised."""
    lengths, rounds = bench.effort.lengths, bench.effort.decoding_rounds
    forms, written = [TIMES] * len(lengths), " / ".join(map(str, lengths))

    def figure(what: str, goals: Sequence[float], other: Callable, ours: Callable = with_cache) -> Figure:
        bench.progress(what)
        times = [decoding_times(n, n_rounds, other, ours) for n, n_rounds in zip(lengths, rounds, strict=True)]
        values = [Value(times_faster(*some), goal, form) for some, goal, form in zip(times, goals, forms, strict=True)]
        seconds = "; ".join(f"{median(a):.3f} against {median(b):.3f} CPU-s, {middle_half(a, b)}" for a, b in times)
        return Figure(f"{what}, {written} tokens", tuple(values), f"the same tokens; {seconds}")

    yield figure(
        "greedy decoding with the KV cache alone against without", (1.4, 4.0, 10.0), without_cache, cache_alone
    )
    yield figure("the same with fused operations besides", (3.5, 12.0, 20.0), without_cache)
    yield figure("the KV cache, fused, against transformers' generate", (2.0, 2.0, 2.0), by_transformers)


# no aims but floors, a little below a first measurement of the same sentences: below them something has broken
TAGGING = {
    "unseen_sentences": (98.5, 99.0, 99.8, 99.8, 99.8, 99.5),
    "unseen_words": (92.0, 96.0, 98.5, 99.0, 98.0, 93.5),
    "unseen_constructions": (99.0, 98.5, 99.0, 98.5, 99.5, 99.5),
}
IN_ORDER = ("most frequent tag", "hidden Markov model", "maximum entropy", "CRF", "GRU", "encoder")
IN_SHORT = "most frequent / HMM / MaxEnt / CRF / GRU / encoder"


def tagging(bench: Bench) -> Iterator[Figure]:
    """The systems before the Transformer, and its encoder: parts of speech in English, means over the seeds."""
    effort = bench.effort
    seconds = effort.seconds / 12  # enough: what is left to learn is little
    bench.progress("tagging")
    parts = tagged_splits(min(effort.n_train, 2_000), min(effort.n_test, 500))
    found = [{one.name: one for one in compare(parts, seconds, seed=seed)} for seed in range(effort.n_seeds)]
    took = "; ".join(f"{name} {each([some[name].seconds for some in found], '{:.2f}')}" for name in IN_ORDER)
    for test, goals in TAGGING.items():
        shares = [100 * fmean(getattr(some[name], test) for some in found) for name in IN_ORDER]
        values = tuple(Value(share, goal, PERCENT) for share, goal in zip(shares, goals, strict=True))
        what = f"right tags after {seconds:.2g} CPU-s, {test.replace('_', ' ')}: {IN_SHORT}"
        yield Figure(what, values, f"CPU seconds of training: {took}")


FASTER = 3.0  # than minGPT's recipe, at least
AIMS = {3: 12.0, 5: 45.0}  # digits -> CPU seconds


def addition(bench: Bench) -> Iterator[Figure]:
    """CPU seconds until a GPT adds: ours, the median over the seeds, and minGPT's recipe on one seed."""

    def note(found: Sequence[Learned]) -> str:
        return "; ".join(
            f"{one.seconds:.1f} CPU-s, {one.n_steps} steps, {'' if one.reached else 'NOT '}reached, "
            f"then {100 * one.exact:.2f} % of other unseen sums"
            for one in found
        )

    most = 2 * bench.effort.seconds
    ours = {}
    for n_digits, aim in AIMS.items():
        bench.progress(f"sums of {n_digits} digits")
        ours[n_digits] = [learn_ours(n_digits, seed, most) for seed in range(bench.effort.n_seeds)]
        seconds = median(one.seconds if one.reached else math.inf for one in ours[n_digits])
        what = f"CPU-s until 99.9 % of unseen sums of {n_digits} digits are right"
        yield Figure(what, (Value(seconds, aim, "{:.1f}", at_most=True),), note(ours[n_digits]))
    bench.progress("sums of 3 digits by minGPT's recipe")
    mine = median(one.seconds for one in ours[3])
    theirs = learn_theirs(3, 0, min(most, 2 * FASTER * mine))
    more = "" if theirs.reached else "more than, as minGPT's was ended: "
    times = Value(theirs.seconds / mine, FASTER, "{:.1f}x")
    yield Figure("times sooner than minGPT's recipe, 3 digits", (times,), more + note([theirs]))


def grading(bench: Bench) -> Iterator[Figure]:
    """What a submission costs, by stock nbgrader and by ours; how that grows with the class, where it is asked for."""
    costs = race(bench.effort.n_class, LESSON, bench.progress)
    stock, ours, unexplained = map(each_costs, (costs.stock, costs.ours, costs.unexplained))
    note = (
        f"{stock:.2f} against {ours:.2f} / {unexplained:.2f} CPU-s a submission of a class of {bench.effort.n_class}, "
        f"what it takes to begin included; the same points in all {costs.compared} answers"
    )
    what = f"grading {LESSON}, CPU-s of nbgrader autograde to those of course grade, with reasons / without"
    yield Figure(what, (Value(stock / ours, 10.0, "{:.1f}x"), Value(stock / unexplained, 10.0, "{:.1f}x")), note)
    yield from growing(bench)


def growing(bench: Bench) -> Iterator[Figure]:
    """Classes of the sizes that were asked for: what a submission costs beside the first of them, and what is held and
    written at the end of a class beside its beginning."""
    first = 0.0
    for n_class in bench.effort.classes:
        took, seen = growth(n_class, LESSON, bench.progress)
        cost = took.cpu / n_class
        first = first or cost
        held, written = ([part(share) for share in (EARLY, LATE)] for part in (seen.megabytes, seen.writing))
        note = (
            f"{cost:.2f} CPU-s and {took.seconds / n_class:.2f} s a submission; the largest process {held[0]:.0f} MB, "
            f"then {held[1]:.0f}; the gradebook {1000 * written[0]:.0f} CPU-ms, then {1000 * written[1]:.0f}"
        )
        values = cost / first, held[1] / held[0], written[1] / written[0]
        what = f"grading a class of {n_class}: cost of each / memory at the end / gradebook at the end, to before"
        yield Figure(what, tuple(Value(one, 1.15, TIMES, at_most=True) for one in values), note)


PARTS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "decoding": decoding, "speed": speed, "translator": translator, "positions": positions, "skips": skips,
    "curve": curve, "subwords": subwords, "recipe": recipe, "tagging": tagging, "addition": addition,
    "grading": grading,
}  # fmt: skip
