"""The drawing of a flow: does it show what ran, its norms and its masks?"""

import pytest
import torch
from matplotlib import colormaps
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from course import plots
from course.attention import causal_mask
from course.plots import flow
from tests.drawn import assert_arrows_meet_parts, assert_readable, patches, texts

FLOW = [
    [("words", "(1, 4)", "box", []), ("attention", "4 look at 4", "normed branch", [[1, 1, 1, 0]]),
     ("last norm", "(1, 4, 16)", "box", [])],
    [("words so far", "(1, 6)", "box", []), ("cross-attention", "6 look at 4", "branch", [])],
]  # fmt: skip
LINKS = [((0, 2), (1, 1))]
STEPS = [
    ("source_embedding", (1, 4, 16), []), ("positions", (1, 4, 16), []),
    ("encoder.layers.0.norm_1", (1, 4, 16), []),
    ("encoder.layers.0.self_attention.w_q", (1, 4, 16), []), ("encoder.layers.0.self_attention.w_k", (1, 4, 16), []),
    ("encoder.layers.0.self_attention", (1, 4, 16), [causal_mask(2)[None, None]]),
    ("encoder.layers.0.norm_2", (1, 4, 16), []),
    ("encoder.layers.0.feed_forward.w_1", (1, 4, 64), []), ("encoder.layers.0.feed_forward", (1, 4, 16), []),
    ("encoder.norm", (1, 4, 16), []), ("", (1, 6, 12), []),
]  # fmt: skip


def drawn():
    return plots.data_flow(FLOW, LINKS)


def test_rows_of_the_flow_are_taken_from_what_ran():
    assert plots.flow_of(STEPS, ("words", "(1, 4)"), "source_embedding", "encoder") == [
        ("words", "(1, 4)", "box", []), ("source embedding", "(1, 4, 16)", "box", []),
        ("positions", "(1, 4, 16)", "box", []),
        ("self-attention", "4 look at 4", "normed branch", [[1, 0], [1, 1]]),
        ("feed-forward", "(1, 4, 64) inside", "normed branch", []),
        ("encoder's last norm", "(1, 4, 16)", "box", []),
    ]  # fmt: skip
    last = plots.flow_of(STEPS, ("words", ""), "target_embedding", "decoder")[-1]
    assert last == ("output", "(1, 6, 12)", "box", [])


def test_a_norm_that_runs_after_its_part_stands_on_the_stream():
    post_norm = [*STEPS[:2], *STEPS[3:6], STEPS[2], *STEPS[7:9], STEPS[6]]
    rows = plots.flow_of(post_norm, ("words", ""), "source_embedding", "encoder")
    assert [(name, kind) for name, _, kind, _ in rows[3:]] == [
        ("self-attention", "branch"), ("norm", "box"), ("feed-forward", "branch"), ("norm", "box"),
    ]  # fmt: skip


def test_a_part_that_was_given_no_mask_has_none():
    steps = [(name, shape, []) for name, shape, _ in STEPS]
    assert {str(mask) for *_, mask in plots.flow_of(steps, ("words", ""), "source_embedding", "encoder")} == {"[]"}


def test_a_flow_has_a_box_for_each_step_a_norm_where_there_is_one_and_an_arrow_for_each_link():
    figure = drawn()
    written = texts(figure)
    assert {f"{name}\n{text}" for rows in FLOW for name, text, _, _ in rows} <= set(written)
    assert written.count("+") == 2
    assert written.count("norm") == 1
    assert len(patches(figure, FancyBboxPatch)) == 5 + 1
    links = [arrow for arrow in patches(figure, FancyArrowPatch) if arrow.get_linewidth() == 1.8]
    assert len(links) == 1


def test_the_tiles_are_those_of_the_mask():
    tiles = patches(drawn(), Rectangle)
    bright, dark = (colormaps["cividis"](share) for share in (1.0, 0.0))
    assert [tile.get_facecolor() for tile in tiles] == [bright, bright, bright, dark]
    large = plots.data_flow([[("attention", "", "branch", torch.ones(40, 40).tolist())]])
    heights = [tile.get_y() for tile in patches(large, Rectangle)]
    assert max(heights) - min(heights) < flow.HIGH


@pytest.mark.parametrize("figure", [drawn(), plots.data_flow(FLOW[:1])])
def test_nothing_is_cut_off_and_nothing_overlaps(figure):
    assert_readable(figure)


def test_arrows_end_at_what_is_drawn(monkeypatch):
    assert_arrows_meet_parts(flow, drawn, monkeypatch)
