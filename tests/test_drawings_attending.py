"""The drawings of attention: do they show the arrays that they are given, all of them, and nothing cut off?"""

import math

import pytest
import torch
from matplotlib.patches import FancyArrowPatch, Rectangle

from course import plots
from course.attention import attention_scores, masked_softmax, scaled_dot_product_attention
from course.multi_head import MultiHeadAttention, merge_heads
from course.plots.attending import BROADEST
from course.plots.sheet import TILE
from tests.drawn import assert_readable, patches, texts


def flow():
    generator = torch.Generator().manual_seed(0)
    inputs = {
        name: torch.randint(0, 4, (3, size), generator=generator).double()
        for name, size in (("query", 4), ("key", 4), ("value", 2))
    }
    mask = torch.ones(3, 3, dtype=torch.bool).tril()
    scores = attention_scores(inputs["query"], inputs["key"])
    steps = {
        "products": inputs["query"] @ inputs["key"].T,
        "scores": scores,
        "masked": scores.masked_fill(~mask, -math.inf),
        "weights": masked_softmax(scores, mask),
        "output": scaled_dot_product_attention(*inputs.values(), mask),
    }
    return inputs, steps, plots.attention_flow(["dogs", "were", "tired"], inputs, steps, row=1)


def test_flow_writes_the_numbers_of_each_step():
    inputs, steps, figure = flow()
    written = texts(figure)
    for number in steps["weights"].flatten().tolist():
        assert f"{number:.2f}" in written
    assert written.count("−∞") == 3
    n_numbers = sum(array.numel() for array in (*inputs.values(), *steps.values()))
    tiles = [patch for patch in patches(figure, Rectangle) if patch.get_zorder() == 2]
    assert len(tiles) == n_numbers
    for name in ("query (3, 4)", "keyᵀ (4, 3)", "masked scores (3, 3)", "weights (3, 3)", "output (3, 2)"):
        assert name in written


def test_flow_frames_the_row_in_each_step_that_has_it():
    _, _, figure = flow()
    frames = [patch for patch in patches(figure, Rectangle) if patch.get_zorder() == 5]
    assert len(frames) == 6, "query, products, scores, masked, weights, output"
    assert {round(frame.get_height(), 6) for frame in frames} == {TILE}
    upper, lower = (3.72, 1.12)
    assert {round(frame.get_y() + TILE / 2, 6) for frame in frames} == {upper, lower}, "the middle one of three rows"


def test_flow_is_readable():
    assert_readable(flow()[2])


def arrows_of(words, weights, asking=1):
    figure = plots.attention_arrows([words], [weights], asking=asking)
    places = {text.get_text(): text.get_position() for text in figure.axes[0].texts}
    return figure, places, patches(figure, FancyArrowPatch)


def test_lines_go_from_the_word_that_asks_to_the_words_it_reads_as_wide_as_the_weights():
    figure, places, arrows = arrows_of(["cats", "it", "street", "slept"], [0.7, 0.1, 0.2, 0.0])
    assert [arrow.get_linewidth() for arrow in arrows] == [pytest.approx(BROADEST * 0.7), pytest.approx(BROADEST * 0.2)]
    for arrow, word in zip(arrows, ("cats", "street"), strict=True):
        start, end = arrow.get_path().vertices[0], arrow.get_path().vertices[-1]
        assert start[0] == pytest.approx(places["it"][0], abs=0.05)
        assert end[0] == pytest.approx(places[word][0], abs=0.05)
        assert arrow.get_path().vertices[:, 1].max() > end[1], "above the words"
    assert {"0.70", "0.10", "0.20", "0.00"} <= set(texts(figure))


def test_sentences_stand_below_one_another_and_nothing_is_cut():
    sentence = ["The", "animal", "didn't", "cross", "the", "street", "because", "it", "was", "too", "tired"]
    row = torch.zeros(11)
    row[0] = 1.0
    figure = plots.attention_arrows([sentence, sentence], torch.stack([row, row.flip(0)]), asking=7)
    assert_readable(figure)
    heights = [text.get_position()[1] for text in figure.axes[0].texts if text.get_text() == "animal"]
    assert heights[0] > heights[1]
    top = max(arrow.get_path().get_extents().y1 for arrow in patches(figure, FancyArrowPatch))
    assert top < figure.get_size_inches()[1]


def test_each_head_has_its_lines():
    weights = [[0.0, 1.0, 0.0], [0.25, 0.0, 0.75]]
    figure = plots.head_arrows("question", ["-", "giver", "taker"], weights, ["head 0\ngiver lost", "head 1"])
    assert_readable(figure)
    widths = [arrow.get_linewidth() for arrow in patches(figure, FancyArrowPatch)]
    assert widths == [pytest.approx(BROADEST * weight) for weight in (1.0, 0.25, 0.75)]
    assert texts(figure).count("question") == 2


def inside_of_a_layer():
    torch.manual_seed(0)
    layer, x = MultiHeadAttention(4, 2), torch.randn(1, 3, 4)
    with torch.no_grad():
        parts = dict(zip(("query", "key", "value"), layer.project(x, x, x), strict=True))
        answers = scaled_dot_product_attention(*parts.values())
        parts |= {"x": x, "weights": layer.weights(x, x), "answers": answers}
        parts |= {"merged": merge_heads(answers), "output": layer(x, x, x)}
    inside = {name: part[0] for name, part in parts.items()}
    return inside | {"w_o": layer.w_o.weight.detach().T}


def test_layer_of_heads_shows_all_its_numbers():
    inside = inside_of_a_layer()
    figure = plots.multi_head(["apple", "is", "sweet"], inside)
    tiles = [patch for patch in patches(figure, Rectangle) if patch.get_zorder() == 2]
    assert len(tiles) == sum(part.numel() for part in inside.values())
    written = texts(figure)
    for name, decimals in (("output", 1), ("w_o", 2)):
        for number in inside[name].flatten().tolist():
            assert f"{round(number, decimals) + 0.0:.{decimals}f}".replace("-", "−") in written
    assert {"w_q", "w_k", "w_v", "w_o", "x (3, 4)", "answer (3, 2)", "merged (3, 4)", "output (3, 4)"} <= set(written)
    assert "w_o, turned (4, 4)" in written
    assert_readable(figure)


def test_layer_of_heads_gives_each_head_its_look_from_the_projections_to_the_merging():
    figure = plots.multi_head(["apple", "is", "sweet"], inside_of_a_layer())
    edges = [patch.get_edgecolor() for patch in patches(figure, Rectangle) if patch.get_zorder() == 2]
    looks = {edge: edges.count(edge) for edge in set(edges)}
    black = looks.pop((0.0, 0.0, 0.0, 1.0))
    assert black == 3 * 4 * 2 + 2 * 3 * 3, "x, output, and the weights of both heads"
    assert sorted(looks.values()) == [5 * 3 * 2 + 2 * 4] * 2, "query to merged, and w_o, half of them each"


def test_each_output_stands_below_its_column_of_w_o():
    inside = inside_of_a_layer()
    written = plots.multi_head(["apple", "is", "sweet"], inside).axes[0].texts

    def places(name, column, decimals):
        number = f"{inside[name][0, column]:.{decimals}f}".replace("-", "−")
        return [text.get_position() for text in written if text.get_text() == number]

    for column in range(4):
        above, below = places("w_o", column, 2), places("output", column, 1)
        assert any(x == pytest.approx(other) and low < y for x, y in above for other, low in below)


def test_more_or_fewer_than_two_heads_are_refused():
    inside = inside_of_a_layer()
    inside["query"] = torch.cat([inside["query"]] * 2)
    with pytest.raises(ValueError, match="4 heads"):
        plots.multi_head(["apple", "is", "sweet"], inside)
