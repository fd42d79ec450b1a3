"""Around the training: is every pair dealt out, measured and translated as if it were alone?"""

import itertools
import random

import pytest
import torch
from torch import Tensor, nn

from course.seq2seq import decode_greedy, shift_right, teacher_forcing_loss
from course.training import TrainingConfig, as_batch, dealt_batches, validation_loss
from course.translation import translate
from tests.oracles import translator


def sources(seed: int, lengths: list[int]) -> list[list[int]]:
    chance = random.Random(seed)
    return [[chance.randrange(3, 13) for _ in range(length)] for length in lengths]


def one_by_one(model: nn.Module, source: list[int], max_tokens: int) -> list[int]:
    """decode_greedy on one sentence, reading everything anew at each step."""

    def step(token: Tensor, state: list[int]) -> tuple[Tensor, list[int]]:
        written = [*state[0], token.item()]
        with torch.no_grad():
            return model(torch.tensor([source]), torch.tensor([written]))[:, -1], [written]

    return decode_greedy(step, [[]], max_tokens)[0]


def test_translations_are_those_of_each_sentence_alone():
    model = translator(1)
    some = sources(0, [3, 5, 3, 1, 8, 3, 5, 2, 12, 1])
    ours = translate(model, some, 9)
    assert ours == [one_by_one(model, source, 9) for source in some]
    assert len({len(one) for one in ours}) > 2, "some end early, some are cut off"
    assert ours == [translate(model, [source], 9)[0] for source in some]
    assert translate(model, some[::-1], 9) == ours[::-1]


def test_translations_of_nothing_and_of_an_empty_sentence():
    model = translator(1)
    assert translate(model, []) == []
    both = translate(model, [[], [5, 6]], 7)
    assert both[1] == translate(model, [[5, 6]], 7)[0]
    assert all(isinstance(token, int) for token in both[0])


def test_more_sources_than_fit_one_batch():
    model = translator(1)
    some = sources(3, [2] * 2_500)
    assert translate(model, some, 2)[2_400:] == translate(model, some[2_400:], 2)


@pytest.mark.parametrize("mode", [True, False])
def test_translating_and_validating_leave_the_mode_as_it_was_and_no_gradients(mode):
    model = translator(1, dropout=0.5)
    model.train(mode)
    pairs = [(source, source[:2]) for source in sources(0, [3, 5, 3])]
    twice = [(translate(model, [source for source, _ in pairs], 5), validation_loss(model, pairs)) for _ in range(2)]
    assert twice[0] == twice[1], "no dropout meanwhile"
    assert model.training is mode
    with pytest.raises(IndexError):
        translate(model, [[99]])
    assert model.training is mode
    model.eval()


def test_validation_loss_is_the_mean_over_all_tokens():
    model = translator(2)
    pairs = list(zip(sources(0, [3, 5, 3, 2]), sources(1, [4, 1, 4, 6]), strict=True))
    inputs, answers = shift_right(as_batch([target for _, target in pairs]))
    whole = teacher_forcing_loss(model(as_batch([source for source, _ in pairs]), inputs), answers)
    assert validation_loss(model, pairs) == pytest.approx(whole.item(), abs=1e-10)


def test_batch_is_padded_behind():
    assert as_batch([[5, 6], [7], []]).tolist() == [[5, 6], [7, 0], [0, 0]]
    assert as_batch([[]]).dtype == torch.long
    with pytest.raises(ValueError, match="at least one sentence"):
        as_batch([])


def test_every_round_deals_each_pair_once_and_no_two_rounds_alike():
    pairs = [([n, 3], [n]) if n % 3 else ([n], [n, 3]) for n in range(3, 30)]
    config = TrainingConfig(n_steps=1, n_tokens=9)
    batches = itertools.islice(dealt_batches(pairs, config), 60)
    seen = [source[:, 0].tolist() for source, _ in batches]
    per_round = next(n for n in range(1, 60) if sorted(itertools.chain(*seen[:n])) == list(range(3, 30)))
    assert sorted(itertools.chain(*seen[per_round : 2 * per_round])) == list(range(3, 30))
    assert seen[:per_round] != seen[per_round : 2 * per_round]


def test_the_batches_that_were_never_filled_do_not_always_come_last():
    pairs = [([3], [4])] * 20 + [([3, 3], [4])]
    batches = itertools.islice(dealt_batches(pairs, TrainingConfig(n_steps=1, n_tokens=8)), 60)
    assert len({at % 6 for at, (source, _) in enumerate(batches) if source.shape[1] == 2}) > 3


def test_dealing_without_pairs_ends_with_an_error():
    with pytest.raises(ValueError, match="the list of pairs is empty"):
        next(dealt_batches([], TrainingConfig(n_steps=1)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"n_steps": 0}, "n_steps=0 must be at least 1"), ({"n_tokens": 0}, "n_tokens=0"), ({"every": 0}, "every=0"),
        ({"n_warmup": -1}, "n_warmup=-1"), ({"learning_rate": -0.1}, "learning_rate=-0.1"),
        ({"smoothing": -0.1}, "smoothing=-0.1"), ({"smoothing": 10}, "smoothing=10 must be from 0 to 1"),
    ],
)  # fmt: skip
def test_configuration_that_makes_no_sense_is_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        TrainingConfig(**({"n_steps": 10} | wrong))
