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


FLOW = [
    [("words", "(1, 4)", "box"), ("attention", "4 look at 4", "branch"), ("norm", "(1, 4, 16)", "box")],
    [("words so far", "(1, 6)", "box"), ("cross-attention", "6 look at 4", "branch")],
]


def test_a_data_flow_has_a_box_for_each_step_a_plus_for_each_branch_and_an_arrow_for_each_link():
    figure = charts.data_flow(FLOW, [((0, 2), (1, 1))])
    assert [text for text in texts(figure) if text != "+"] == [
        f"{name}\n{shape}" for rows in FLOW for name, shape, _ in rows
    ]
    assert texts(figure).count("+") == 2
    assert tiles(figure) == 5
    gold = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle) and patch.get_linewidth() == 2]
    assert len(gold) == 1, "the box that a link leads to stands out"
    assert len(charts.data_flow(FLOW).axes[0].lines) == len(figure.axes[0].lines) - 1


def test_the_boxes_of_a_data_flow_do_not_overlap_and_lie_on_the_page():
    figure = charts.data_flow(FLOW, [((0, 2), (1, 1))])
    figure.canvas.draw()
    boxes = [patch.get_window_extent() for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    for index, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[index + 1 :])
        assert figure.axes[0].bbox.x0 <= box.x0
        assert box.x1 <= figure.axes[0].bbox.x1


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


def test_a_link_goes_from_the_edge_of_its_box_to_the_edge_of_the_branch():
    figure = charts.data_flow(FLOW, [((0, 2), (1, 1))])
    axis = figure.axes[0]
    source, target = (axis.patches[number] for number in (2, 4))  # norm, cross-attention
    link, (arrow,) = axis.lines[-1], [note for note in axis.texts if note.get_text() == "" and note.xyann[1] == 1.0]
    middle = source.get_y() + source.get_height() / 2
    assert (link.get_xdata()[0], link.get_ydata()[0]) == pytest.approx((source.get_x() + source.get_width(), middle))
    assert arrow.xy == pytest.approx((target.get_x(), target.get_y() + target.get_height() / 2))
    assert arrow.xyann == pytest.approx((link.get_xdata()[-1], link.get_ydata()[-1])), "begun where the line ends"
    assert source.get_x() + source.get_width() < link.get_xdata()[-1] < target.get_x(), "it turns in the gap"
