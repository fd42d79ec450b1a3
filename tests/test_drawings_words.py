"""The drawings of word vectors: do they show the arrays that they are given, and nothing cut off?"""

import pytest
import torch
from matplotlib.colors import to_hex

from course import plots
from course.plots.sheet import LOOKS
from tests.drawn import assert_readable, texts

WORDS, COMPANY = ["car", "bus", "plum"], ["drive", "drove", "eat", "ate"]
TABLE = torch.tensor([[2.5, 2.25, 0, 0], [3.25, 3.5, 0, 0], [0, 0, 2.5, 2.75]], dtype=torch.float64)
FRUITS, TASTES = ["apple", "kiwi", "plum"], torch.tensor([[0.8, 0.2], [0.5, 0.5], [0.2, 0.8]])


def tiles(figure) -> list[float]:
    """All the numbers on tiles, in the order of drawing."""
    written = [text.replace("−", "-") for text in texts(figure)]
    return [float(text) for text in written if text.strip("-.0123456789") == ""]


def parts(turn: int = 1) -> tuple:
    left, sizes, right = torch.linalg.svd(TABLE)
    return turn * left, sizes, turn * right


def test_a_hard_lookup_lights_one_row_and_returns_it():
    figure = plots.lookup(FRUITS, torch.tensor([0.0, 0.0, 1.0]), TASTES, called="one-hot row")
    written = {"one-hot row (3,)", "0 × apple", "0 × kiwi", "1 × plum", "table (3, 2)", "result (2,)"}
    assert written <= set(texts(figure))
    assert tiles(figure)[-2:] == [0.2, 0.8]
    lit = [patch for patch in figure.axes[0].patches if to_hex(patch.get_facecolor()) == LOOKS["lit"]["facecolor"]]
    assert len(lit) == 2, "the two numbers of one row"


def test_a_soft_lookup_returns_the_weighted_sum():
    weights = torch.tensor([0.75, 0.0, 0.25])
    figure = plots.lookup(FRUITS, weights, TASTES, ["sweet", "sour"])
    assert {"weights (3,)", "0.75 × apple", "0.00 × kiwi", "0.25 × plum"} <= set(texts(figure))
    assert texts(figure).count("sweet") == 2, "above the table and above the result"
    assert tiles(figure)[-2:] == pytest.approx((weights @ TASTES).tolist(), abs=0.005)


def test_the_patterns_and_the_rest_sum_to_the_table():
    numbers = torch.tensor(tiles(plots.patterns(WORDS, COMPANY, TABLE, parts())))
    table, (first, second), rest = numbers[:12], (numbers[15:27], numbers[34:46]), numbers[50:]
    assert torch.allclose(table, TABLE.float().flatten(), atol=0.005)
    assert torch.allclose(first + second + rest, table, atol=0.016), "each is rounded to two places"
    assert (first[8:] == 0).all(), "the plum has no part in the pattern of the vehicles"


def test_the_signs_of_the_svd_do_not_change_the_drawing():
    one, other = (plots.patterns(WORDS, COMPANY, TABLE, parts(turn)) for turn in (1, -1))
    assert texts(one) == texts(other)
    assert not any(text.startswith("−0.00") for text in texts(one))


@pytest.mark.parametrize("figure", [
    plots.lookup(FRUITS, [0, 1, 0], TASTES),
    plots.lookup(FRUITS, [0.5, 0.25, 0.25], TASTES, ["sweet", "sour"]),
    plots.patterns(WORDS, COMPANY, TABLE, parts()),
], ids=["hard lookup", "soft lookup", "patterns"])  # fmt: skip
def test_nothing_is_cut_off_and_no_two_texts_overlap(figure):
    assert_readable(figure)
