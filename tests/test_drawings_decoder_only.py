"""The drawing of layers side by side: which parts each of them has, and its mask."""

import torch
from matplotlib.patches import Rectangle

from course.plots.decoder_only import layers_beside
from tests.drawn import assert_readable, patches, texts
from tests.test_drawings_layers import boxes


def test_a_part_that_a_layer_lacks_is_an_empty_place_without_a_sum():
    parts = ("self-attention", "cross-attention", "feed-forward")
    mask = torch.ones(3, 3).tril()
    figure = layers_beside([("all", parts, mask), ("two", (parts[0], parts[2]), mask)], parts)
    assert_readable(figure)
    look = [box.get_linestyle() for box in boxes(figure, "cross-attention")]
    assert look == ["solid", "--"]
    assert [box.get_linestyle() for box in boxes(figure, "self-attention")] == ["solid", "solid"]
    assert texts(figure).count("not here") == 1
    assert texts(figure).count("0") == 2 * 3
    assert texts(figure).count("+") == 5
    tiles = patches(figure, Rectangle)
    left = [box.get_x() + box.get_width() for box in boxes(figure, "self-attention")]
    assert left[0] < min(tile.get_x() for tile in tiles)
