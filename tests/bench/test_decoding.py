"""Decoding: with cache, without, and by transformers the same tokens are written, or nothing is measured."""

import pytest
import torch

from course.bench import decoding
from course.bench.decoding import (
    DifferentTokens,
    a_source,
    by_transformers,
    cache_alone,
    decoding_model,
    decoding_times,
    with_cache,
    without_cache,
)
from course.bench.marian import marian
from course.decoding import greedy
from course.transformer import Transformer, TransformerConfig
from tests.parity import randomise

N = 40


def test_four_ways_write_the_same_tokens_and_many_different_ones():
    model, source = decoding_model(), a_source()
    texts = [way(model, source)(N) for way in (with_cache, cache_alone, without_cache, by_transformers)]
    assert texts[0] == texts[1] == texts[2] == texts[3]
    assert len(texts[0]) == N
    assert len(set(texts[0])) > 10
    assert 0 not in texts[0], "ours never reads <pad>, transformers' model does"


@torch.no_grad()
def test_that_is_what_the_model_itself_says():
    model, source = decoding_model(), a_source()
    said = greedy(lambda tokens: model(source, tokens)[:, -1], torch.tensor([[1]]), N, end=-1)[0]
    assert said == with_cache(model, source)(N)


@torch.no_grad()
def test_no_two_logits_are_so_near_that_rounding_could_choose():
    model, source = decoding_model(), a_source()
    tokens = torch.tensor([[1, *with_cache(model, source)(512)]])
    best = model(source, tokens)[0, :-1].topk(2).values
    assert (best[:, 0] - best[:, 1]).min() > 5e-3


@torch.no_grad()
def test_marian_with_our_weights_gives_our_logits():
    sizes = {"source_vocab_size": 13, "target_vocab_size": 13, "shared": True, "norm_first": False}
    ours = randomise(Transformer(TransformerConfig(d_model=16, n_heads=4, d_ff=24, n_layers=2, **sizes))).eval()
    source, target = torch.tensor([[3, 4, 5, 6]]), torch.tensor([[1, 7, 8]])
    theirs = marian(ours, 32)
    torch.testing.assert_close(
        theirs(input_ids=source, decoder_input_ids=target).logits, ours(source, target), rtol=0, atol=1e-6
    )


def test_different_tokens_are_an_error(monkeypatch):
    def wrong(model, source):
        write = without_cache(model, source)
        return lambda n: [*write(n)[:-1], 3]

    with pytest.raises(DifferentTokens, match="of 5 tokens number 5 is the first"):
        decoding_times(5, 1, wrong)


def test_a_text_that_ends_early_is_an_error():
    with pytest.raises(DifferentTokens, match="number 5"):
        decoding_times(5, 1, lambda model, source: lambda n: with_cache(model, source)(n - 1))


def test_times_come_round_by_round(monkeypatch):
    monkeypatch.setattr(
        decoding, "race", lambda runners, n_rounds, n_warm: [[len(run(0)) for run in runners]] * n_rounds
    )
    assert decoding_times(6, 2, without_cache, cache_alone) == [[6, 6]] * 2
