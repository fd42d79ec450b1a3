"""The drawings of recurrent networks: do they show the numbers they are given, and do their arrows meet their parts?"""

import numpy as np
import pytest
import torch
from matplotlib.patches import FancyArrowPatch

from course import plots
from course.plots import recurrent
from tests.drawn import assert_arrows_meet_parts, assert_readable

GRU = {"h": 3.0, "r": 1.0, "z": 0.25, "n": 1.0, "new h": 1.5}
LSTM = {"c": -1.0, "f": 0.5, "i": 0.75, "g": 1.0, "o": 0.25, "new c": 0.25, "new h": 0.06}
RNN = {"x": [1.0], "h": [1.0], "from x": [3.5], "from h": [-3.5], "sum": [0.0], "new h": [0.0]}
WORDS = ["the", "dogs", "in"]
DRAWN = {
    "unrolled words": lambda: plots.unrolled(WORDS, ["?", "?", "many", "many"], ["", "are", "are"]),
    "unrolled vectors": lambda: plots.unrolled(WORDS, torch.tensor([[0.1, -0.2, 0.3, 0.4]] * 4).tolist()),
    "gates": lambda: plots.gates([3.0] * 3, [1.0] * 3, [1.0, 0.5, 0.0], [3.0, 2.0, 1.0], ["keep", "half", "take"]),
    "RNN": lambda: plots.rnn_cell(RNN),
    "GRU": lambda: plots.gru_cell(GRU),
    "LSTM": lambda: plots.lstm_cell(LSTM),
}


def written(figure) -> dict[str, tuple[float, float]]:
    return {text.get_text(): text.get_position() for text in figure.axes[0].texts if text.get_text()}


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_is_cut_off_and_no_two_texts_overlap(name):
    assert_readable(DRAWN[name]())


def test_the_row_reads_from_left_to_right_and_hands_its_states_on():
    figure = plots.unrolled(["0", "3", "4"], [0, np.float64(0.5), torch.tensor(3.5), 7.5])
    places = written(figure)
    assert places["0.5"] < places["3.5"] < places["7.5"]
    assert [text for text in places if text.startswith("$h")] == ["$h_{0}$", "$h_{1}$", "$h_{2}$", "$h_{3}$"]
    assert len([text for text in figure.axes[0].texts if text.get_text() == "step"]) == 3


def test_an_output_stands_above_its_state_alone():
    places = written(plots.unrolled(WORDS, ["?", "?", "many", "one"], ["", "are", "is"]))
    assert places["are"][0] == pytest.approx(places["many"][0])
    assert places["is"][0] == pytest.approx(places["one"][0])
    assert places["are"][1] > places["many"][1] > places["dogs"][1]


def test_a_row_without_its_first_state_is_refused():
    with pytest.raises(ValueError, match="3 inputs and 3 states: there is to be one state more"):
        plots.unrolled(WORDS, [0, 0, 0])


def test_a_gate_is_as_thick_as_what_comes_through():
    figure = plots.gates([3.0], [1.0], [0.75], [2.5], ["mostly kept"])
    assert {"3", "1", "2.50", "z = 0.75", "1 − z = 0.25", "mostly kept"} <= written(figure).keys()
    widths = {patch.get_linewidth() for patch in figure.axes[0].patches}
    assert {1.0 + 4 * 0.75, 1.0 + 4 * 0.25} <= widths
    for keep, n_shut in ((0.75, 0), (1.0, 1), (0.0, 1)):
        lines = plots.gates([3.0], [1.0], [keep], [2.0], ["a gate"]).axes[0].lines
        assert [line.get_linestyle() for line in lines].count(":") == n_shut


def test_cells_carry_their_numbers():
    assert {"3", "1.50", "n = 1", "1 − z = 0.75"} <= written(plots.gru_cell(GRU)).keys()
    assert any("r = " in text and text.endswith("= 1") for text in written(plots.gru_cell(GRU)))
    lstm = written(plots.lstm_cell(LSTM))
    assert {"−1", "0.25", "0.06"} <= lstm.keys()
    for letter, value in (("f", "0.5"), ("i", "0.75"), ("o", "0.25")):
        assert any(f"${letter} = " in text and text.endswith(f"= {value}") for text in lstm)
    assert {"−3.50", "3.50"} <= written(plots.rnn_cell(RNN)).keys()


@pytest.mark.parametrize(("name", "n_gates", "n_ways"), [("GRU", 2, 3), ("LSTM", 3, 3)])
def test_what_a_gate_says_goes_by_dashed_arrows_and_nothing_else_does(name, n_gates, n_ways):
    axis = DRAWN[name]().axes[0]
    arrows = [patch for patch in axis.patches if isinstance(patch, FancyArrowPatch)]
    assert sum("\\sigma" in text.get_text() for text in axis.texts) == n_gates
    assert sum(arrow.get_linestyle() == "--" for arrow in arrows) == n_ways
    assert [line.get_linestyle() for line in axis.lines].count("--") == 1, "the way with a corner"


@pytest.mark.parametrize("name", ["unrolled words", "RNN", "GRU", "LSTM"])
def test_arrows_end_at_what_is_drawn(name, monkeypatch):
    assert_arrows_meet_parts(recurrent, DRAWN[name], monkeypatch)
