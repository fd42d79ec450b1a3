"""The course's pictures: do tiles say what a product or a broadcast does?"""

import itertools

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from course.plots import charts


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def tiles(figure, hatch: str | None = None, linestyle: str | None = None) -> int:
    """How many tiles there are of that look."""
    patches = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    return sum(
        (hatch is None or patch.get_hatch() == hatch) and (linestyle is None or patch.get_linestyle() == linestyle)
        for patch in patches
    )


def test_a_product_that_fits_is_drawn_with_its_result():
    figure = charts.product((("T_q", 2), ("T_k", 4)), (("T_k", 4), ("d", 3)), ("weights", "values", "output"))
    assert {"T_q = 2", "T_k = 4", "d = 3", "weights", "values", "output", "@", "="} == set(texts(figure))
    assert tiles(figure) == 2 * 4 + 4 * 3 + 2 * 3
    assert tiles(figure, hatch="//") == 4 + 4 + 1, "a row, a column, and what they give"
    figure = charts.product((("n", 2), ("m", 4)), (("m", 4), ("p", 3)), tile=(1, 2))
    assert [patch.get_hatch() for patch in figure.axes[0].patches][-6:] == [None] * 5 + ["//"], "the tile asked for"
    assert tiles(figure, hatch="//") == 4 + 4 + 1


def test_the_marked_tiles_of_a_product_hold_its_numbers():
    left, right = np.arange(8).reshape(2, 4), np.arange(10, 22).reshape(4, 3)
    figure = charts.product((("n", 2), ("m", 4)), (("m", 4), ("p", 3)), tile=(1, 2), matrices=(left, right))
    numbers = [text for text in texts(figure) if text.isdigit()]
    assert numbers == ["4", "5", "6", "7", "12", "15", "18", "21", str(4 * 12 + 5 * 15 + 6 * 18 + 7 * 21)]


def test_a_product_that_does_not_fit_says_so():
    figure = charts.product((("n", 2), ("m", 4)), (("m", 3), ("p", 5)))
    assert "no product:\n4 is not 3" in texts(figure)
    assert tiles(figure) == 2 * 4 + 3 * 5


@pytest.mark.parametrize(
    ("left", "right", "copies"), [((4, 1), (1, 3), 8 + 9), ((4, 3), (1, 3), 9), ((4, 3), (4, 3), 0)]
)
def test_a_broadcast_shows_its_copies_and_all_numbers(left, right, copies):
    a, b = np.arange(np.prod(left)).reshape(left), np.arange(np.prod(right)).reshape(right)
    figure = charts.broadcast(a, b, a + b, decimals=0)
    assert tiles(figure) == 3 * 12
    assert tiles(figure, linestyle=":") == copies
    assert {str(left), str(right), "(4, 3)", "+", "="} <= set(texts(figure))
    assert texts(figure).count(str((a + b).max())) >= 1


def test_nothing_is_cut_off():
    for figure in (
        charts.product(
            (("salads", 2), ("fruits", 4)), (("fruits", 4), ("colours", 3)), ("one", "two", "recipes @ colours")
        ),
        charts.product((("n", 2), ("m", 4)), (("m", 3), ("p", 5))),
        charts.product((("T_q", 5), ("d_k", 2)), (("d_k", 2), ("T_k", 7)), ("query", "key^T", "scores")),
        charts.alignment(["a", "very_long_word_at_the_end"], ["the", "first", "one_is_long_too"], [(0, 1), (2, 0)]),
    ):
        figure.canvas.draw()
        page = figure.bbox
        for text in figure.axes[0].texts:
            box = text.get_window_extent()
            assert page.x0 <= box.x0, text
            assert box.x1 <= page.x1, text
            assert page.y0 <= box.y0, text
            assert box.y1 <= page.y1, text


@pytest.mark.parametrize("n_bars", [1, 4, 12])
def test_bars_have_their_names_and_heights_and_room_for_both(n_bars):
    names, heights = [f"run {number}" for number in range(n_bars)], [0.5 + number for number in range(n_bars)]
    figure = charts.bars(names, heights, "loss", "Who learns")
    axis = figure.axes[0]
    assert [label.get_text() for label in axis.get_xticklabels()] == names
    assert [patch.get_height() for patch in axis.patches] == heights
    assert texts(figure) == [f"{height:.2f}" for height in heights]
    figure.canvas.draw()
    boxes = [label.get_window_extent() for label in axis.get_xticklabels()]
    assert not any(one.overlaps(two) for one, two in itertools.pairwise(boxes))
    assert figure.bbox.x0 <= boxes[0].x0
    assert boxes[-1].x1 <= figure.bbox.x1
    more = charts.bars([*names, "more"], [*heights, 1.0], "loss")
    assert more.get_figwidth() == pytest.approx(figure.get_figwidth() + 0.7), "each further bar has as much room"


def test_by_row_each_row_has_all_the_colours():
    table = [[1.0, 3.0], [101.0, 103.0], [8.0, 0.0]]
    figure = charts.heatmap(table, ["x", "x + 100", "other"], ["1", "2"], by_row=True)
    (image,) = figure.axes[0].images
    assert image.get_array().tolist() == [[0, 1], [0, 1], [1, 0]]
    assert image.get_clim() == (0, 1)
    assert [text for text in texts(figure) if "." in text] == ["1.00", "3.00", "101.00", "103.00", "8.00", "0.00"]


@pytest.mark.parametrize(("names", "degrees"), [(["s", "t"], 0), (["cat", "s"], 45)])
def test_single_letters_stand_upright(names, degrees):
    figure = charts.heatmap([[0.0, 1.0]], ["row"], names)
    assert {label.get_rotation() for label in figure.axes[0].get_xticklabels()} == {degrees}


def test_a_logarithmic_axis_says_its_numbers_as_the_prose_does():
    few = charts.lines([64, 256, 1024], {"time": [0.5, 2.0, 40.0]}, "words", "ms", log_x=True, log_y=True)
    many = charts.lines([1, 2], {"norm": [1e-5, 1e9]}, "layers", "norm", log_y=True)
    assert few.axes[0].xaxis.get_major_formatter()(256) == "256"
    assert few.axes[0].yaxis.get_major_formatter()(10) == "10"
    assert "10^{9}" in many.axes[0].yaxis.get_major_formatter()(1e9)


def test_ranges_show_mean_least_and_greatest():
    figure = charts.ranges({"1990 RNN": [1.0, 2.0, 6.0], "HMM": [4.0]}, "% right")
    (axis,) = figure.axes
    assert [label.get_text() for label in axis.get_xticklabels()] == ["1990 RNN", "HMM"]
    drawn = [line.get_ydata().tolist() for line in axis.lines]
    assert drawn == [[1.0, 6.0], [3.0], [4.0, 4.0], [4.0]]


def test_names_of_near_points_are_not_written_over_each_other():
    places = {"maximum entropy": 1.0, "conditional random field": 1.1, "RNN": 1.0, "far away": 100.0}
    heights = {"maximum entropy": [3.0], "conditional random field": [3.02, 3.04], "RNN": [3.01], "far away": [9.0]}
    figure = charts.named_points(places, heights, "seconds", "% right")
    figure.draw_without_rendering()
    boxes = {text.get_text(): text.get_window_extent() for text in figure.axes[0].texts}
    assert boxes.keys() == places.keys()
    for (one, box), (other, beside) in itertools.combinations(boxes.items(), 2):
        assert not box.overlaps(beside), (one, other)
