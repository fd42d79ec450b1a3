"""Lesson 02: what its prose and its captions claim is what its cells compute."""

import itertools

import pytest
import torch

from course import plots

pytestmark = pytest.mark.lesson("02")


def test_the_running_sentence_has_five_crossings_and_the_comma_no_partner(lesson: dict) -> None:
    pair = lesson["pair"]
    assert lesson["crossings"] == 5
    assert (len(pair.german), len(pair.english)) == (10, 9)
    partnerless = set(range(10)) - {column for _, column in pair.alignment}
    assert [pair.german[column] for column in partnerless] == [","]
    assert (pair.english[5], pair.german[5]) == ("translate", "diesen")


def test_the_lines_of_the_figure_that_cross_are_thick(lesson: dict) -> None:
    pair = lesson["pair"]
    axis = plots.alignment(pair.german, pair.english, pair.alignment).axes[0]
    assert len(axis.lines) == len(pair.alignment) == 9
    assert sum(line.get_linewidth() > 2 for line in axis.lines) == 6
    assert [text.get_text() for text in axis.texts] == [*pair.german, *pair.english]


def test_padding_changes_a_state_and_packed_sentences_agree(lesson: dict) -> None:
    assert "[5, 7] -> [0.5, 0.4]\n[5, 7, 0, 0, 0] -> [0.5, -0.1]" in lesson["__printed__"]
    assert lesson["same_as_packed"]


def test_counting_padding_hides_a_third_of_the_loss(lesson: dict) -> None:
    assert lesson["with_padding"] / lesson["without"] == pytest.approx(2 / 3, abs=0.01)


def test_without_tanh_the_query_falls_out_and_with_it_the_query_chooses(lesson: dict) -> None:
    found = []
    for query in (1.0, -1.0):
        inside = torch.tensor([[query], [query]]) @ torch.tensor([[2.0, 2.0]]) + torch.tensor([[0.0], [1.0]]) @ (
            torch.tensor([[3.0, -2.0]])
        )
        found.append([(one @ torch.ones(2)).softmax(0) for one in (inside, inside.tanh())])
        without, bent = ([round(weight, 2) for weight in one.tolist()] for one in found[-1])
        assert f"without tanh {without}, with {bent}" in lesson["__printed__"]
    (one, bent_one), (other, bent_other) = found
    assert torch.allclose(one, other)
    assert (bent_one.argmax().item(), bent_other.argmax().item()) == (0, 1)


def test_one_state_is_a_bottleneck_and_attention_is_none(lesson: dict) -> None:
    plain, attention = lesson["curves"]["last state"], lesson["curves"]["attention"]
    assert all(longer < shorter + 2 for shorter, longer in itertools.pairwise(plain))
    assert plain[1] > 85
    assert 45 < plain[2] < 85
    assert plain[3] < 40
    assert max(plain[4:]) < 10
    assert min(attention[:5]) > 93
    assert attention[5] > 80
    assert 10 < attention[7] < attention[5] - 20


def test_two_networks_equally_good_at_short_sentences_are_not_at_long_ones(lesson: dict) -> None:
    plain, attention = lesson["exact"]["last state"], lesson["exact"]["attention"]
    assert min(plain[0], attention[0]) > 80
    assert abs(plain[0] - attention[0]) < 12
    assert plain[-1] < 35
    assert attention[-1] > plain[-1] + 40
    assert attention[-1] > 70


def test_the_percentages_rest_on_so_many_sentences(lesson: dict) -> None:
    sizes = [sum(len(pair.german) in some for pair in lesson["held_out"]) for some in lesson["groups"].values()]
    assert sizes == [116, 243, 147, 94]
    assert "11+  tokens: 94 sentences" in lesson["__printed__"]


def test_a_linear_layer_is_what_the_prose_says() -> None:
    layer, x = torch.nn.Linear(3, 2), torch.randn(4, 3)
    assert layer.weight.shape == (2, 3)
    assert torch.allclose(layer(x), x @ layer.weight.T + layer.bias)


def test_the_state_that_is_handed_over_is_the_last_of_ten(lesson: dict) -> None:
    assert lesson["states"].shape == (1, 10, 4)
    assert len(lesson["pair"].german) == 10


def test_one_wrong_word_costs_one_place_when_forced_and_the_rest_when_alone(lesson: dict) -> None:
    wrong = [said != right for said, right in zip(lesson["forced"], lesson["asked"], strict=True)]
    assert wrong == [False, True, False, False, False]
    assert lesson["alone"] == ["can", "I", "sleep", "<eos>"]


def test_the_attention_by_hand_is_that_of_the_formulas(lesson: dict) -> None:
    query, one = torch.tensor([[1.0, -1.0]]), torch.ones(2)
    keys = torch.tensor([[0.0, 1.0], [2.0, 1.0], [-1.0, 0.0]])
    summary, weights = lesson["additive_attention"](query, keys, keys, torch.eye(2), torch.eye(2), one)
    assert torch.allclose(weights, lesson["weights"])
    assert [round(weight, 2) for weight in weights[0].tolist()] == [0.40, 0.51, 0.09]
    assert torch.tanh(query + keys[0]).sum().item() == pytest.approx(0.76, abs=0.005)
    assert keys[0, 0] < summary[0, 0] < keys[1, 0]


def test_training_has_met_none_of_the_sentences_that_are_asked(lesson: dict) -> None:
    trained = {pair.german for some in lesson["by_length"].values() for pair in some}
    assert trained.isdisjoint(pair.german for pair in lesson["held_out"])
    assert lesson["pair"].german not in trained
    assert len(lesson["held_out"]) == 600
    assert len(lesson["german"]) == 200


def test_attention_finds_the_alignment_of_the_running_sentence(lesson: dict) -> None:
    assert lesson["found"] >= 6
    looks, pair = lesson["looks"], lesson["pair"]
    assert pair.german[looks[5].argmax()] in ("zu", "übersetzen")
    assert looks[5].max() > 0.8
    assert looks[4, 4] > 0.3, "much of the weight of to lies on the comma"
    assert (pair.english[1], pair.german[looks[1].argmax()]) == ("you", "kannst")
    assert torch.allclose(looks.sum(-1), torch.ones(9), atol=1e-5)
