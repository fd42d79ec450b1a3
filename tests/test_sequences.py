"""Sequences against torch's recurrent networks, torch's cross-entropy and numbers worked by hand."""

import math
from fractions import Fraction

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course.sequences import (
    collision,
    generate,
    gru_step,
    lstm_step,
    next_token_table,
    ngram_probabilities,
    perplexity,
    rnn_step,
    running_sum_states,
    state_jacobian_norms,
    unroll,
)
from tests.parity import assert_same_outputs, draw, randomise, weighted

T, B, D_X, D_H = 6, 3, 4, 5
CELLS = {
    "rnn": (nn.RNNCell, nn.RNN, rnn_step),
    "gru": (nn.GRUCell, nn.GRU, gru_step),
    "lstm": (nn.LSTMCell, nn.LSTM, lstm_step),
}


# the sentence, the loop


def test_table_of_the_running_sentence():
    table = next_token_table(list("今天天气很好，我们去散步吧"), "END", prompt_length=7)
    assert ["".join(context) for context, _ in table] == [
        "今天天气很好，",
        "今天天气很好，我",
        "今天天气很好，我们",
        "今天天气很好，我们去",
        "今天天气很好，我们去散",
        "今天天气很好，我们去散步",
        "今天天气很好，我们去散步吧",
    ]
    assert [token for _, token in table] == ["我", "们", "去", "散", "步", "吧", "END"]


def test_table_without_prompt_begins_with_nothing():
    assert next_token_table(["a"], "END") == [([], "a"), (["a"], "END")]
    assert next_token_table([], "END") == [([], "END")]


def test_rows_of_the_table_share_nothing():
    tokens = ["a", "b"]
    table = next_token_table(tokens, "END")
    table[1][0].append("changed")
    assert [context for context, _ in table] == [[], ["a", "changed"], ["a", "b"]]
    assert tokens == ["a", "b"]


def test_generate_asks_for_whole_contexts_and_no_more_than_it_must():
    asked = []

    def model(context: list) -> int:
        asked.append(list(context))
        return len(context)

    assert generate(model, [7, 7], end=4, max_tokens=10) == [2, 3]
    assert asked == [[7, 7], [7, 7, 2], [7, 7, 2, 3]]
    asked.clear()
    assert generate(model, [7, 7], end=4, max_tokens=1) == [2]
    assert asked == [[7, 7]]


@pytest.mark.parametrize(
    ("end", "max_tokens", "said"), [(2, 5, []), (9, 0, []), (9, 3, [2, 3, 4]), (4, 2, [2, 3]), (7, 5, [2, 3, 4, 5, 6])]
)
def test_generate_stops(end, max_tokens, said):
    prompt = [7, 7]
    assert generate(len, prompt, end, max_tokens) == said
    assert prompt == [7, 7]


# counting


def test_ngrams_by_hand():
    assert ngram_probabilities([list("abac")], 2, list("abc")) == {
        ("a",): {"a": 0, "b": 1 / 2, "c": 1 / 2},
        ("b",): {"a": 1, "b": 0, "c": 0},
    }
    assert ngram_probabilities([list("ab"), list("b")], 1, list("ab"), smoothing=1) == {(): {"a": 2 / 5, "b": 3 / 5}}


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("smoothing", [0, 0.25, 2])
def test_ngrams_by_looking_everything_up_in_one_string(n, smoothing):
    """Contexts and their successors counted in the sentences as strings, in exact fractions."""
    sentences = ["abbabaac", "cab", "c", "bbbb"]
    table = ngram_probabilities([list(sentence) for sentence in sentences], n, list("abcd"), smoothing)
    for context, row in table.items():
        total = sum(counted(sentences, "".join(context) + token) for token in "abcd")
        for token, probability in row.items():
            exact = (counted(sentences, "".join(context) + token) + Fraction(smoothing)) / (
                total + 4 * Fraction(smoothing)
            )
            assert probability == pytest.approx(float(exact), rel=1e-12)
    assert len(table) == len({sentence[t - n + 1 : t] for sentence in sentences for t in range(n - 1, len(sentence))})


def counted(sentences: list[str], run: str) -> int:
    return sum(sentence.startswith(run, start) for sentence in sentences for start in range(len(sentence)))


def test_perplexity_by_hand():
    assert perplexity([1 / 2, 1 / 8]) == pytest.approx(4)
    assert perplexity([1 / 6] * 10) == pytest.approx(6)
    assert perplexity([1.0]) == 1
    assert perplexity([0.5, 0.0]) == math.inf
    assert perplexity([1e-3] * 10_000) == pytest.approx(1000)


def test_perplexity_is_e_to_the_power_of_torchs_cross_entropy():
    logits, tokens = draw(20, 7), torch.arange(20) % 7
    probabilities = logits.softmax(dim=-1)[torch.arange(20), tokens].tolist()
    assert perplexity(probabilities) == pytest.approx(F.cross_entropy(logits, tokens).exp().item(), rel=1e-12)


# states


def test_unroll_by_hand():
    assert unroll(lambda x, h: (x * (h + x), h + x), [1, 2, 3], 0) == ([1, 6, 18], [1, 3, 6])
    assert unroll(lambda x, h: (h, h + x), "abc", ">") == ([">", ">a", ">ab"], [">a", ">ab", ">abc"])
    assert unroll(lambda x, h: (x, h), [], 5) == ([], [])


def test_running_sum_of_the_source_text():
    assert running_sum_states([0, 3, 4, 2, 1]) == [0, 3, 7, 9, 10]
    assert running_sum_states([]) == []


@pytest.mark.parametrize("xs", [[0, 3, 4, 2, 1], [1, 2, 1], [2, 2], [0, 0, 0], [-1, 5, 10**30]])
def test_collision_is_another_sequence_with_the_same_sum(xs):
    other = collision(xs)
    assert other != xs
    assert len(other) == len(xs)
    assert running_sum_states(other)[-1] == running_sum_states(xs)[-1]


# recurrent networks


def states_of(name: str, *lead: int, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    return [draw(*lead, D_H, dtype=dtype, seed=seed).requires_grad_() for seed in ((1, 2) if name == "lstm" else (1,))]


def assert_same_step_and_gradients(name: str, lead: tuple[int, ...], dtype: torch.dtype) -> None:
    cell, _, step = CELLS[name]
    theirs = randomise(cell(D_X, D_H), dtype)
    ours = [parameter.detach().clone().requires_grad_() for parameter in theirs.parameters()]
    x, other_x = (draw(*lead, D_X, dtype=dtype).requires_grad_() for _ in range(2))
    states, other_states = states_of(name, *lead, dtype=dtype), states_of(name, *lead, dtype=dtype)
    mine = step(x, *states, *ours)
    other = theirs(other_x, tuple(other_states) if name == "lstm" else other_states[0])
    mine, other = (torch.cat(out, dim=-1) if name == "lstm" else out for out in (mine, other))
    assert_same_outputs(mine, other)
    weighted(mine).backward()
    weighted(other).backward()
    for one, two in zip([x, *states, *ours], [other_x, *other_states, *theirs.parameters()], strict=True):
        assert_same_outputs(one.grad, two.grad)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("lead", [(B,), ()])
@pytest.mark.parametrize("name", CELLS)
def test_step_and_gradients_equal_torchs_cell(name, lead, dtype):
    assert_same_step_and_gradients(name, lead, dtype)


@pytest.mark.parametrize("name", CELLS)
def test_unrolled_steps_equal_torchs_network(name):
    _, network, step = CELLS[name]
    theirs = randomise(network(D_X, D_H))
    xs, states = draw(T, B, D_X), states_of(name, B)

    def walk(x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        new = step(x, *state, *theirs.parameters())
        new = new if name == "lstm" else (new,)
        return new[0], new

    ys, hs = unroll(walk, xs, tuple(states))
    starts = [state[None] for state in states]
    outputs, last = theirs(xs, tuple(starts) if name == "lstm" else starts[0])
    assert_same_outputs(torch.stack(ys), outputs)
    assert_same_outputs(torch.stack(hs[-1]), torch.cat(last) if name == "lstm" else last)


def test_gru_of_the_published_paper_is_another_function():
    """Reset before the matrix (arXiv:1406.1078v3) and after it (version 1, torch) differ with the same weights."""
    w_x, w_h, b_x, b_h = randomise(nn.GRUCell(D_X, D_H)).parameters()
    x, h = draw(B, D_X), draw(B, D_H, seed=1)
    r, z = torch.sigmoid(F.linear(x, w_x, b_x) + F.linear(h, w_h, b_h))[..., : 2 * D_H].chunk(2, dim=-1)
    last = slice(2 * D_H, None)
    new = torch.tanh(F.linear(x, w_x[last], b_x[last]) + F.linear(r * h, w_h[last], b_h[last]))
    assert ((1 - z) * new + z * h - gru_step(x, h, w_x, w_h, b_x, b_h)).abs().max() > 0.01


# how far it reaches


def test_jacobian_norms_of_a_linear_step_are_norms_of_powers():
    w = draw(D_H, D_H) / D_H**0.5
    norms = state_jacobian_norms(lambda x, h: (h, x + w @ h), draw(T, D_H, seed=1), draw(D_H, seed=2))
    powers = [torch.linalg.svdvals(torch.linalg.matrix_power(w, T - t))[0].item() for t in range(T + 1)]
    assert norms == pytest.approx(powers, rel=1e-10)


@pytest.mark.parametrize("name", ["rnn", "gru"])
def test_jacobian_norms_equal_products_of_torchs_jacobians(name):
    cell, _, step = CELLS[name]
    weights = [weight.detach() for weight in randomise(cell(D_X, D_H)).parameters()]
    xs, h = draw(T, D_X), draw(D_H, seed=1)
    norms = state_jacobian_norms(lambda x, h: (h, step(x, h, *weights)), xs, h)
    singles = []
    for x in xs:
        singles.append(torch.autograd.functional.jacobian(lambda h, x=x: step(x, h, *weights), h))
        h = step(x, h, *weights)
    product = torch.eye(D_H, dtype=torch.float64)
    for norm, single in zip(norms[:0:-1], singles[::-1], strict=True):
        assert norm == pytest.approx(torch.linalg.svdvals(product)[0].item(), rel=1e-10)
        product = product @ single
    assert norms[0] == pytest.approx(torch.linalg.svdvals(product)[0].item(), rel=1e-10)


def test_jacobian_norms_of_nothing_and_of_a_step_that_forgets():
    h0 = draw(D_H)
    assert state_jacobian_norms(lambda x, h: (h, h), torch.zeros(0, D_H), h0) == pytest.approx([1])
    assert state_jacobian_norms(lambda x, h: (h, x + 0 * h), draw(2, D_H), h0) == pytest.approx([0, 0, 1])
    assert not h0.requires_grad
