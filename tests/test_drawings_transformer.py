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


@pytest.mark.parametrize("name", ["layer", "steps"])
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


def test_rows_of_the_flow_are_taken_from_what_ran():
    steps = [
        ("source_embedding", (1, 4, 16)), ("positions", (1, 4, 16)),
        ("encoder.layers.0.self_attention.w_q", (1, 4, 16)),
        ("encoder.layers.0.self_attention.w_k", (1, 4, 16)), ("encoder.layers.0.self_attention", (1, 4, 16)),
        ("encoder.layers.0.feed_forward.w_1", (1, 4, 64)), ("encoder.layers.0.feed_forward", (1, 4, 16)),
        ("encoder.norm", (1, 4, 16)), ("", (1, 6, 12)),
    ]  # fmt: skip
    assert plots.flow_of(steps, ("words", "(1, 4)"), "source_embedding", "encoder") == [
        ("words", "(1, 4)", "box"), ("source-embedding", "(1, 4, 16)", "box"), ("positions", "(1, 4, 16)", "box"),
        ("self-attention", "4 look at 4", "branch"), ("feed-forward", "(1, 4, 64) inside", "branch"),
        ("encoder's last norm", "(1, 4, 16)", "box"),
    ]  # fmt: skip
    assert plots.flow_of(steps, ("words", ""), "target_embedding", "decoder")[-1] == ("output", "(1, 6, 12)", "box")
