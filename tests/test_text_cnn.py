"""Text CNN: torch's conv1d, a loop by hand, and what may not change the answer."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from course.text_cnn import TextCNN, text_cnn
from tests.parity import draw

WIDTHS = (1, 2, 3, 5)
FILTERS = [(draw(4 + w, w, 6, seed=w), draw(4 + w, seed=10 + w)) for w in WIDTHS]


@pytest.mark.parametrize("n_words", [1, 2, 4, 9])
def test_equals_torchs_conv1d(n_words):
    x = draw(3, n_words, 6)
    parts = []
    for weight, bias in FILTERS:
        padded = F.pad(x.transpose(1, 2), (0, weight.shape[1] - 1))  # (B, d, T + width - 1)
        parts.append(F.conv1d(padded, weight.transpose(1, 2), bias).relu().amax(-1))
    found = text_cnn(x, FILTERS, torch.ones(3, n_words, dtype=torch.bool))
    torch.testing.assert_close(found, torch.cat(parts, dim=-1))


def test_one_filter_by_hand():
    x = torch.tensor([[[1.0], [2.0], [-1.0]]])
    weight, bias = torch.tensor([[[1.0], [3.0]]]), torch.tensor([0.5])
    # windows (1, 2), (2, -1), (-1, nothing): 7, -1, -1, each + 0.5
    assert text_cnn(x, [(weight, bias)], torch.ones(1, 3, dtype=torch.bool)).item() == 7.5
    assert text_cnn(-x, [(weight, bias)], torch.ones(1, 3, dtype=torch.bool)).item() == 1.5


def test_padding_changes_nothing_whatever_stands_there():
    x = draw(2, 7, 6)
    mask = torch.arange(7) < torch.tensor([[7], [3]])
    found = text_cnn(x, FILTERS, mask)
    torch.testing.assert_close(found[1:], text_cnn(x[1:, :3], FILTERS, mask[1:, :3]))
    torch.testing.assert_close(found, text_cnn(x.masked_fill(~mask[..., None], 1e6), FILTERS, mask))


def test_a_filter_finds_its_words_wherever_they_stand():
    phrase, other = draw(2, 6, seed=1), torch.zeros(5, 6, dtype=torch.float64)
    filters, mask = [(phrase[None], torch.zeros(1, dtype=torch.float64))], torch.ones(1, 7, dtype=torch.bool)
    answers = [
        text_cnn(torch.cat([other[:n], phrase, other[n:]])[None], filters, mask).item() for n in range(6)
    ]  # "not good" at the start, in the middle, at the end
    assert answers == pytest.approx([(phrase * phrase).sum().item()] * 6)


def test_gradients_by_differences():
    (weight, bias), mask = FILTERS[1], torch.tensor([[True, True, True], [True, True, False]])
    given = [draw(2, 3, 6, seed=30), weight.clone(), bias.clone()]
    for one in given:
        one.requires_grad_()
    assert torch.autograd.gradcheck(lambda x, w, b: text_cnn(x, [(w, b)], mask), given)


def test_the_module_is_the_function_and_learns_which_two_words_stand_side_by_side():
    """ "3 4" somewhere among others against "3 ... 4": a bag of words sees no difference."""
    torch.manual_seed(0)
    model = TextCNN(vocab_size=12, n_classes=2, d_model=8, n_filters=8)
    chance = torch.Generator().manual_seed(1)
    tokens = torch.randint(5, 12, (200, 6), generator=chance)
    labels = torch.arange(200) % 2
    for row, label in zip(tokens, labels, strict=True):
        place = int(torch.randint(0, 4, (1,), generator=chance))
        row[place], row[place + 1 if label else place + 2] = 3, 4
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        F.cross_entropy(model(tokens[:150]), labels[:150]).backward()
        optimizer.step()
    assert (model(tokens[150:]).argmax(-1) == labels[150:]).float().mean() > 0.9
    filters = list(zip(model.weights, model.biases, strict=True))
    found = model.output(text_cnn(model.table[tokens], filters, tokens != 0))
    torch.testing.assert_close(found, model(tokens))
    padded = F.pad(tokens[:4], (0, 3))
    torch.testing.assert_close(model(padded), model(tokens[:4]))
