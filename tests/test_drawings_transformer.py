"""The drawings of the Transformer: do words, masks and steps say what the arrays and sentences say?"""

import numpy as np
import pytest
import torch
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from course import plots
from course.attention import causal_mask, padding_mask
from course.plots import transformer
from tests.drawn import assert_arrows_meet_parts, assert_readable, texts

SOURCE = ["J'aime", "le", "beau", "jardin"]
TARGET = ["<bos>", "I", "love", "the", "beautiful", "garden", "<eos>"]
CARDS = [*SOURCE, "<pad>"]
MASKS = causal_mask(3), padding_mask(torch.tensor([[3, 4, 5, 6, 0]]))[0, 0, 0]
DRAWN = {
    "layer": lambda: plots.decoder_layer(TARGET[:3], CARDS, *MASKS),
    "steps": lambda: plots.decoding_steps(SOURCE, TARGET),
    "word": lambda: words_drawn(),
    "short steps": lambda: plots.decoding_steps(["oui"], ["<bos>", "yes", "<eos>"]),
}


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_is_cut_off_and_no_two_texts_overlap(name):
    assert_readable(DRAWN[name]())


def test_the_masks_of_the_layer_are_those_of_the_arrays():
    figure = DRAWN["layer"]()
    tiles = [text for text in texts(figure) if text in "01"]
    mask, memory_mask = (np.asarray(one).astype(int) for one in MASKS)
    assert tiles == [str(number) for number in (*mask.flatten(), *memory_mask)]
    assert len([patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]) == len(tiles)


def test_the_layer_has_three_parts_each_with_a_norm_and_a_sum():
    written = texts(DRAWN["layer"]())
    for part, times in (("norm", 3), ("+", 3), ("self-attention", 1), ("cross-attention", 1), ("feed-forward", 1)):
        assert written.count(part) == times, part
    assert written.count("query") == written.count("key,\nvalue") == 1
    for card in CARDS:
        assert written.count(card) == 1


@pytest.mark.parametrize("name", ["layer", "steps", "word"])
def test_arrows_end_at_what_is_drawn(name, monkeypatch):
    assert_arrows_meet_parts(transformer, DRAWN[name], monkeypatch)


def test_each_step_sees_what_is_written_and_writes_one_word_in_a_thick_frame():
    figure = DRAWN["steps"]()
    written = texts(figure)
    assert [written.count(word) for word in TARGET] == [6, 6, 5, 4, 3, 2, 1]
    assert [text for text in written if text.startswith("step")] == [f"step {n}" for n in range(1, 7)]
    boxes = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]
    assert len([box for box in boxes if box.get_linewidth() == 2.2]) == 6
    dashed = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyArrowPatch)]
    assert len([arrow for arrow in dashed if arrow.get_linestyle() == "--"]) == 5, "eos is not read again"


def words_drawn():
    logits = np.array([0.0, 5.0, 1.0, 9.0, 2.0, 3.0])
    return plots.vector_to_word([0.5, -1.0, 2.0, 0.1, 0.7], logits, np.exp(logits) / np.exp(logits).sum())


def test_the_best_words_come_first_and_the_likeliest_is_the_answer():
    written = texts(words_drawn())
    assert [text for text in written if text.startswith("word ")] == [
        "word 3", *[f"word {n}" for n in (3, 1, 5, 4)],
    ]  # fmt: skip
    assert [text for text in written if text in "9532"] == ["9", "5", "3", "2"]
    assert {"0.98", "0.5", "−1.0", "and 1 numbers more", "and 2 words more"} <= set(written)
