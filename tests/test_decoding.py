"""Decoding against transformers' warpers and generate, brute force over all sentences, and the laws of chance."""

import itertools
import math

import pytest
import torch
from scipy import stats
from torch import Tensor
from transformers import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)  # fmt: skip

from course.decoding import (
    beam_search,
    before,
    greedy,
    next_probabilities,
    penalised,
    repetition_penalty,
    sample,
    sampled,
    temperature,
    top_k,
    top_p,
)  # fmt: skip
from course.transformer import Transformer
from tests.oracles import gpt2, marian, translator
from tests.parity import draw

B, T, V = 3, 6, 50
DTYPES = [torch.float64, torch.float32]
N_DRAWS, RARE = 30_000, 1e-4  # a test of chance fails by chance once in 10 000 seeds; the seeds are fixed


def logits_of(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return 3 * draw(*shape, dtype=dtype, seed=seed)


def tokens(*shape: int, high: int = V, seed: int = 1) -> Tensor:
    return torch.randint(3, high, shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("tau", [0.1, 0.7, 1.0, 3.0])
def test_temperature_equals_the_warpers(tau, dtype):
    logits = logits_of(B, V, dtype=dtype)
    torch.testing.assert_close(temperature(logits, tau), TemperatureLogitsWarper(tau)(None, logits), rtol=0, atol=0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("k", [1, 2, 7, V, V + 5])
def test_top_k_equals_the_warpers_also_with_ties(k, dtype):
    logits = logits_of(B, V, dtype=dtype)
    for some in (logits, logits.round(), torch.zeros_like(logits)):
        torch.testing.assert_close(top_k(some, k), TopKLogitsWarper(k)(None, some), rtol=0, atol=0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("p", [1e-6, 0.1, 0.5, 0.9, 0.999, 1.0])
def test_top_p_equals_the_warpers(p, dtype):
    logits = logits_of(B, V, dtype=dtype)
    ours, theirs = top_p(logits.softmax(-1), p), TopPLogitsWarper(p)(None, logits).softmax(-1)
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-12)
    assert ((ours > 0) == (theirs > 0)).all()


@pytest.mark.parametrize("penalty", [0.5, 1.0, 1.3, 10.0])
@pytest.mark.parametrize("dtype", DTYPES)
def test_repetition_penalty_equals_the_processors(penalty, dtype):
    logits, said = logits_of(B, V, dtype=dtype), tokens(B, T, high=9)
    theirs = RepetitionPenaltyLogitsProcessor(penalty)(said, logits.clone())
    torch.testing.assert_close(repetition_penalty(logits, said, penalty), theirs, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("tau", "k", "p"), [(1.0, None, 1.0), (0.7, 20, 0.9), (2.0, 5, 0.5), (1.5, None, 0.8), (0.3, 2, 1.0)]
)
def test_the_chain_equals_generates_own_warpers_one_after_the_other(tau, k, p):
    warpers = [TemperatureLogitsWarper(tau), *([TopKLogitsWarper(k)] if k else []), TopPLogitsWarper(p)]
    logits = logits_of(B, V)
    theirs = LogitsProcessorList(warpers)(None, logits).softmax(-1)
    torch.testing.assert_close(next_probabilities(logits, tau, k, p), theirs, rtol=1e-7, atol=1e-12)


def test_top_k_may_come_before_the_softmax_but_temperature_must_come_before_top_p():
    logits = logits_of(V)
    after = logits.softmax(-1).where(logits >= logits.topk(7).values[-1], torch.zeros(()))
    torch.testing.assert_close(top_k(logits, 7).softmax(-1), after / after.sum())
    late = (top_p(logits.softmax(-1), 0.8).log() / 2).softmax(-1)
    assert not torch.allclose(late, next_probabilities(logits, tau=2.0, p=0.8))


@pytest.mark.parametrize("call", [
    lambda: temperature(torch.zeros(3), 0), lambda: temperature(torch.zeros(3), -1.0), lambda: top_k(torch.zeros(3), 0),
    lambda: top_p(torch.full((2,), 0.5), 0.0), lambda: top_p(torch.full((2,), 0.5), 1.1),
])  # fmt: skip
def test_what_means_nothing_is_refused(call):
    with pytest.raises(ValueError, match="must be"):
        call()


def test_a_low_temperature_is_greedy():
    logits = logits_of(B, V)
    assert next_probabilities(logits, tau=1e-3).argmax(-1).equal(logits.argmax(-1))
    assert next_probabilities(logits, tau=1e-3).max(-1).values.min() > 0.999


def test_sample_by_hand_and_at_the_ends():
    probabilities = torch.tensor([0.0, 0.5, 0.0, 0.25, 0.25, 0.0])
    for u, token in ((0.0, 1), (0.49, 1), (0.5, 3), (0.74, 3), (0.75, 4), (0.999999, 4)):
        assert sample(probabilities, torch.tensor(u)) == token


@pytest.mark.parametrize("dtype", DTYPES)
def test_sample_never_takes_what_has_no_probability_whatever_the_rounding(dtype):
    probabilities = next_probabilities(logits_of(200, 2000, dtype=dtype), k=40)
    highest = torch.nextafter(torch.ones(200, dtype=dtype), torch.zeros(200, dtype=dtype))
    for u in (torch.zeros(200, dtype=dtype), highest):
        chosen = sample(probabilities, u)
        assert (probabilities.gather(-1, chosen[:, None]) > 0).all()


def p_value(counts: Tensor, probabilities: Tensor) -> float:
    """Of the chi-square test; what has no probability must not have come at all."""
    possible = probabilities > 0
    assert counts[~possible].sum() == 0
    exact = probabilities[possible].double()
    return stats.chisquare(counts[possible].numpy(), (exact / exact.sum() * counts.sum()).numpy()).pvalue


@pytest.mark.parametrize("shape", [{}, {"tau": 0.7, "k": 8}, {"tau": 1.5, "p": 0.8}, {"tau": 1.2, "k": 10, "p": 0.9}])
def test_draws_follow_the_probabilities_and_those_of_generate(shape):
    model, prompt = gpt2(seed=3), torch.tensor([[1, 5, 7]])
    with torch.no_grad():
        logits = model(prompt).logits[:, -1]
    exact = next_probabilities(logits, **shape)[0]
    generator = torch.Generator().manual_seed(0)
    mine = sampled(lambda rows: logits.expand(len(rows), -1), generator, **shape)(prompt.expand(N_DRAWS, -1)).argmax(-1)
    torch.manual_seed(1)
    names = {"tau": "temperature", "k": "top_k", "p": "top_p"}
    chosen = {"top_k": 0} | {names[name]: value for name, value in shape.items()}
    theirs = model.generate(prompt.expand(N_DRAWS, -1), do_sample=True, max_new_tokens=1, **chosen)[:, -1]
    ours, other = (torch.bincount(drawn, minlength=len(exact)) for drawn in (mine, theirs))
    assert p_value(ours, exact) > RARE
    assert p_value(other, exact) > RARE
    came = (ours + other) > 0
    assert stats.chi2_contingency(torch.stack([ours, other])[:, came].numpy()).pvalue > RARE


def test_the_chi_square_test_would_find_a_wrong_sampler():
    exact = next_probabilities(logits_of(13), tau=1.5)
    late = sample(
        (exact + 0.01) / (exact + 0.01).sum(), torch.rand(N_DRAWS, generator=torch.Generator().manual_seed(0))
    )
    assert p_value(torch.bincount(late, minlength=13), exact) < RARE


SOURCE = torch.tensor([[3, 4, 5, 6, 7], [8, 9, 3, 0, 0], [10, 11, 12, 5, 0]])  # padded behind with 0
START = torch.ones(3, 1, dtype=torch.long)


def reads(model: Transformer, source: Tensor):
    """next_logits of a translator that has read `source`."""
    memory = model.encode(source)
    return lambda rows: model.decode(rows, memory, source)[:, -1]


def written(row: Tensor, prompt_length: int) -> list[int]:
    return before(2, row[prompt_length:].tolist())


@pytest.mark.parametrize("seed", range(6))
def test_greedy_writes_what_generate_writes_from_the_same_weights(seed):
    ours = translator(seed)
    theirs = marian(ours).generate(
        SOURCE, attention_mask=(SOURCE != 0).long(), max_new_tokens=20, num_beams=1, do_sample=False
    )
    with torch.no_grad():
        mine = greedy(reads(ours, SOURCE), START, 20)
    assert mine == [written(row, 1) for row in theirs]


def test_the_translators_of_these_tests_say_different_things_and_end_at_different_places():
    with torch.no_grad():
        rows = [greedy(reads(translator(seed), SOURCE), START, 20) for seed in range(6)]
    lengths = {len(row) for some in rows for row in some}
    assert len(lengths) > 5
    assert {0 in row for some in rows for row in some} == {False}, (
        "<pad> is masked by ours and read by Marian's decoder"
    )


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0, 2.0])
@pytest.mark.parametrize("n_beams", [2, 4, 6])
def test_beam_search_writes_what_generate_writes_from_the_same_weights(n_beams, alpha):
    """transformers' early_stopping="never": stop when no running beam can win any more."""
    for seed in range(6):
        ours, source = translator(seed), SOURCE[:1]
        theirs = marian(ours).generate(
            source, attention_mask=torch.ones_like(source), max_new_tokens=12, num_beams=n_beams, length_penalty=alpha,
            early_stopping="never", do_sample=False, return_dict_in_generate=True, output_scores=True,
        )  # fmt: skip
        with torch.no_grad():
            mine, score = beam_search(reads(ours, source), START[:1], n_beams, 12, alpha)
        assert mine == written(theirs.sequences[0], 1), seed
        assert score == pytest.approx(theirs.sequences_scores.item(), abs=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_gpt2_through_next_logits_writes_what_its_own_generate_writes(seed):
    model, prompt = gpt2(seed), tokens(1, 4, high=13, seed=seed)

    def next_logits(rows: Tensor) -> Tensor:
        return model(rows).logits[:, -1]

    with torch.no_grad():
        mask = torch.ones_like(prompt)
        one = model.generate(prompt, attention_mask=mask, max_new_tokens=15, do_sample=False)
        penalty = model.generate(
            prompt, attention_mask=mask, max_new_tokens=15, do_sample=False, repetition_penalty=1.3
        )
        many = model.generate(prompt, attention_mask=mask, max_new_tokens=15, num_beams=4, early_stopping="never")
        assert greedy(next_logits, prompt, 15) == [written(one[0], 4)]
        assert greedy(penalised(next_logits, 1.3), prompt, 15) == [written(penalty[0], 4)]
        assert beam_search(next_logits, prompt, 4, 15)[0] == written(many[0], 4)


def table_model(seed: int, n_words: int, sharp: float = 2.0):
    """next_logits from a random table: a row for each pair of the last two tokens."""
    table = sharp * torch.randn(
        n_words, n_words, n_words, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    return lambda rows: table[rows[:, -2] if rows.shape[1] > 1 else rows[:, -1] * 0, rows[:, -1]]


def brute_force(next_logits, max_tokens: int, alpha: float, n_words: int) -> tuple[list[int], float]:
    """The best of all sentences there are: each that ends with 2, and each of max_tokens that has not ended."""
    found = []
    for length in range(1, max_tokens + 1):
        for said in itertools.product(range(n_words), repeat=length):
            whole = 2 not in said[:-1] and (said[-1] == 2 or length == max_tokens)
            if whole:
                rows = torch.tensor([[1, *said]])
                log_p = [next_logits(rows[:, :t]).log_softmax(-1)[0, rows[0, t]].item() for t in range(1, length + 1)]
                found.append((before(2, list(said)), sum(log_p) / length**alpha))
    return max(found, key=lambda one: one[1])


@pytest.mark.parametrize("seed", range(25))
def test_a_beam_that_is_wide_enough_finds_the_best_of_all_sentences(seed):
    n_words, max_tokens, alpha = 3 + seed % 2, 3 + seed % 3 % 2, (0.0, 0.5, 1.0, 1.5)[seed % 4]
    next_logits = table_model(seed, n_words)
    best, score = brute_force(next_logits, max_tokens, alpha, n_words)
    mine, my_score = beam_search(next_logits, torch.tensor([[1]]), n_words**max_tokens, max_tokens, alpha)
    assert (mine, my_score) == (best, pytest.approx(score))


@pytest.mark.parametrize("seed", range(10))
def test_one_beam_without_a_bonus_for_length_is_greedy(seed):
    next_logits, start = table_model(seed, 7), torch.tensor([[1]])
    assert [beam_search(next_logits, start, 1, 9, alpha=0.0)[0]] == greedy(next_logits, start, 9)


def chances(table: dict[tuple[int, ...], dict[int, float]]):
    """next_logits of a model that after those tokens gives these probabilities; `asked` notes what it was asked."""
    asked: list[list[list[int]]] = []

    def next_logits(rows: Tensor) -> Tensor:
        asked.append(rows[:, 1:].tolist())
        return torch.tensor([[table[tuple(row)].get(token, 0.0) for token in range(5)] for row in asked[-1]]).log()

    next_logits.asked = asked
    return next_logits


HALF = {(): {2: 0.5, 3: 0.3, 4: 0.2}, (3,): {2: 0.9, 4: 0.1}, (4,): {2: 1.0}}  # 2 ends


@pytest.mark.parametrize(
    ("n_beams", "max_tokens", "alpha", "sentence", "score", "asked"),
    [
        (1, 1, 0.0, [], math.log(0.5), [[[]]]),
        (1, 2, 0.0, [], math.log(0.5), [[[]]]),  # 0.3 can only shrink: nobody asks how it goes on
        (1, 2, 1.0, [3], math.log(0.3 * 0.9) / 2, [[[]], [[3]]]),  # ln 0.3 / 2 could still win, and does
        (2, 2, 1.0, [3], math.log(0.3 * 0.9) / 2, [[[]], [[3], [4]]]),  # two go on, though one of the best has ended
    ],
)
def test_beams_by_hand(n_beams, max_tokens, alpha, sentence, score, asked):
    """Of 2 n candidates at most n have ended, so n can go on;
    it is over when the best that runs could not win any more."""
    next_logits = chances(HALF)
    said = beam_search(next_logits, torch.tensor([[1]]), n_beams, max_tokens, alpha)
    assert said == (sentence, pytest.approx(score))
    assert next_logits.asked == asked


def test_an_end_that_is_not_among_the_best_is_no_sentence():
    """With one beam, 'end' at 0.4 loses its place to 0.6, although 0.6 * 0.5 is less in the end;
    with two it is kept."""
    table = {(): {3: 0.6, 2: 0.4}, (3,): {2: 0.5, 4: 0.5}, (3, 4): {2: 1.0}}
    one, two = (beam_search(chances(table), torch.tensor([[1]]), n, 2, 0.0) for n in (1, 2))
    assert one == ([3], pytest.approx(math.log(0.3)))
    assert two == ([], pytest.approx(math.log(0.4)))


def test_a_narrow_beam_can_miss_what_a_wide_one_finds():
    start, models = torch.tensor([[1]]), [table_model(seed, 5) for seed in range(40)]
    scores = {n: [beam_search(model, start, n, 4, 0.0)[1] for model in models] for n in (1, 2, 625)}
    assert all(few <= many + 1e-9 for few, many in zip(scores[1], scores[625], strict=True))
    assert sum(scores[1]) < sum(scores[2]) < sum(scores[625])


def test_impossible_tokens_do_no_harm():
    table = torch.full((4, 4), -math.inf)
    table[1, 3], table[3, 3], table[3, 2] = 0.0, 0.1, 0.0
    sentence, score = beam_search(lambda rows: table[rows[:, -1]], torch.tensor([[1]]), 5, 3, 0.0)
    stay = 1 / (1 + math.exp(-0.1))
    assert sentence == [3, 3, 3] if stay**2 > 1 - stay else [3]
    assert score == pytest.approx(math.log(max(stay**2, 1 - stay)))


def test_greedy_stops_and_cuts():
    def countdown(rows: Tensor) -> Tensor:  # says 9 so often as its first token tells, then 2, then 8
        left = rows[:, 0] - (rows.shape[1] - 1)
        return torch.nn.functional.one_hot(torch.where(left > 0, 9, torch.where(left == 0, 2, 8)), 10)

    assert greedy(countdown, torch.tensor([[3], [1]]), 10) == [[9, 9, 9], [9]]
    assert greedy(countdown, torch.tensor([[3], [1]]), 2) == [[9, 9], [9]]
    assert greedy(countdown, torch.tensor([[3], [1]]), 0) == [[], []]
    assert greedy(countdown, torch.tensor([[2], [1]]), 4, end=8) == [[9, 9, 2], [9, 2]]
