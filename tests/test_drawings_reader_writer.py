"""The drawings of reader and writer: do words, numbers and thicknesses say what the arrays say?"""

import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch

from course import corpus, plots
from course.plots.reader_writer import thickness
from tests import drawn

PAIR = corpus.running_pair()
STATES = np.linspace(-0.96, 0.92, 30).reshape(10, 3)
WEIGHTS = np.full((9, 10), 0.01)
WEIGHTS[5, 8] = 0.91
QUERY, KEYS = np.array([1.0, -1.0]), np.array([[0.0, 1.0], [2.0, 1.0], [-1.0, 0.0]])
SCORES = np.tanh(QUERY + KEYS).sum(axis=1)
SHARES = np.exp(SCORES) / np.exp(SCORES).sum()
ASKED, FORCED, FREE = (line.split() for line in ("can you help me <eos>", "can I help me <eos>", "can I sleep <eos>"))
DRAWN = {
    "words alone": plots.reader_state_writer(PAIR.german, PAIR.english),
    "with numbers": plots.reader_state_writer(PAIR.german, PAIR.english, STATES),
    "one word": plots.reader_state_writer(["ja"], ["yes"]),
    "forced": plots.forced_and_free(ASKED, FORCED, FREE),
    "flow": plots.additive_flow(QUERY, KEYS, SCORES, SHARES, KEYS),
    "arrows": plots.looks_back(WEIGHTS, PAIR.german, PAIR.english, "translate"),
}


def texts(name: str) -> list[str]:
    return drawn.texts(DRAWN[name])


def arrows(name: str) -> list[FancyArrowPatch]:
    return drawn.patches(DRAWN[name], FancyArrowPatch)


def tile_texts(values) -> list[str]:
    return [f"{value:.1f}".replace("-", "−") for value in values]


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_is_cut_off_and_no_two_words_overlap(name):
    drawn.assert_readable(DRAWN[name])


@pytest.mark.parametrize("name", ["words alone", "with numbers"])
def test_reader_and_writer_have_all_their_words(name):
    german, english = list(PAIR.german), list(PAIR.english)
    words = texts(name)
    for word in german:
        assert words.count(word) == (3 if word == "?" else 1), "a question mark is read, given and said"
    for word in set(english) - {"?"}:
        assert words.count(word) == 2, "said once, and given to the next step"
    assert (words.count("<bos>"), words.count("<eos>")) == (1, 1)


def test_the_numbers_are_those_of_the_states_and_the_last_ones_are_handed_over():
    tiles = [text for text in texts("with numbers") if text[-1].isdigit()]
    assert tiles == [*tile_texts(STATES.flatten()), *tile_texts(STATES[-1])]


def test_a_small_negative_number_is_no_minus_zero():
    figure = plots.reader_state_writer(["ja"], ["yes"], [[-0.01, 0.5]])
    assert "−0.0" not in [text.get_text() for text in figure.axes[0].texts]


def test_each_word_needs_a_state():
    with pytest.raises(ValueError, match="10 states, but 2 words: one state for each word"):
        plots.reader_state_writer(["ja", "."], ["yes", "."], STATES)


def test_what_is_wrong_stands_in_a_thick_frame():
    thick = [patch for patch in DRAWN["forced"].axes[0].patches if patch.get_linewidth() == 2.2]
    assert len(thick) == 1 + 3, "you became I; then all that comes after it is wrong"
    all_right = plots.forced_and_free(ASKED, ASKED, ASKED)
    assert not [patch for patch in all_right.axes[0].patches if patch.get_linewidth() == 2.2]


def test_only_the_one_that_writes_alone_hears_its_own_words():
    dashed = [arrow for arrow in arrows("forced") if arrow.get_linestyle() == "--"]
    assert len(dashed) == len(FREE) - 1
    words = texts("forced")
    assert words.count("sleep") == 2, "said, then given"
    assert words.count("<bos>") == 2


def test_what_is_heard_crosses_no_head_of_an_arrow_between_two_states():
    boxes = [(arrow.get_linestyle() == "--", arrow.get_path().get_extents()) for arrow in arrows("forced")]
    between = [box for dashed, box in boxes if not dashed and box.width > box.height]
    for heard in (box for dashed, box in boxes if dashed):
        (crossed,) = (box for box in between if heard.x0 < box.x1 and box.x0 < heard.x1)
        share = (heard.y1 - crossed.y0) / heard.height  # of its way, down from its upper left
        assert crossed.x1 - (heard.x0 + share * heard.width) > 0.1


def test_the_flow_shows_each_number_once():
    words = texts("flow")
    for value in (*SCORES, *SHARES, *(SHARES @ KEYS)):
        assert f"{value:.2f}".replace("-", "−") in words
    assert [words.count(text) for text in ("softmax", "v · tanh", "$v$ · tanh", "×")] == [1, 0, 3, 3]
    assert [text for text in words if text in ("keys", "query", "scores", "weights", "values", "summary")] == [
        "query", "summary", "keys", "scores", "weights", "values",
    ]  # fmt: skip


def test_lines_are_as_thick_as_their_weights():
    lines = [arrow for arrow in arrows("arrows") if arrow.get_arrowstyle().__class__.__name__ == "Curve"]
    assert [line.get_linewidth() for line in lines] == [thickness(weight) for weight in WEIGHTS[5]]
    widest = max(lines, key=lambda line: line.get_linewidth()).get_path().get_extents()
    narrow = lines[0].get_path().get_extents()
    assert widest.x1 > narrow.x1, "it comes from the ninth word"
    assert "0.91" in texts("arrows")
    assert "0.01" not in texts("arrows")
    bold = [text.get_text() for text in DRAWN["arrows"].axes[0].texts if text.get_weight() == "bold"]
    assert bold == ["translate"]
