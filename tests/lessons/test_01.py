"""Lesson 01: do its cells show what its prose and its captions say?"""

from __future__ import annotations

import itertools
import math
import random
import re

import pytest
import torch
from torch import nn

from course.sequences import generate, gru_step, ngram_probabilities, perplexity, rnn_step, state_jacobian_norms

pytestmark = pytest.mark.lesson("01")


def test_one_sentence_is_seven_questions_and_rereading_costs_seventy(lesson):
    assert len(lesson["PROMPT"]) == 7
    assert len(lesson["table"]) == 7
    assert lesson["table"][0] == (list("今天天气很好，"), "我")
    assert lesson["table"][-1][1] == "END"
    assert sum(len(context) for context, _ in lesson["table"]) == 70
    assert len(lesson["PROMPT"] + lesson["ANSWER"]) == 13


def test_the_newest_character_is_not_enough(lesson):
    assert "".join(lesson["said"]) == "今天气很好，我们去散步吧END"


def test_the_sketch_of_the_loop_fails(lesson):
    with pytest.raises(IndexError):
        lesson["sketch"](len, [7, 7], end=4)
    assert "IndexError: list index out of range" in lesson["__printed__"].splitlines()


def test_more_words_help_on_training_text_and_not_on_new_text(lesson):
    training, held_out, verb = (lesson["results"][name] for name in ("training", "held out", "right verb"))
    assert all(later < earlier for earlier, later in itertools.pairwise(training))
    assert min(held_out) == held_out[2]
    assert all(later > earlier for earlier, later in itertools.pairwise(held_out[2:6]))
    assert [round(x, 1) for x in (training[6], held_out[2], held_out[5])] == [2.0, 3.1, 7.5]
    assert verb[:5] == pytest.approx([0.5] * 5, abs=0.02)
    assert [round(x, 2) for x in verb[5:]] == [0.64, 0.64]
    assert lesson["known"] == 88
    assert sum(sentence in lesson["training"] for sentence in lesson["held_out"]) == 16


def test_without_smoothing_new_text_is_impossible(lesson):
    assert lesson["text_perplexity"](lesson["bare"], lesson["held_out"], 3) == math.inf


def test_a_short_context_tosses_a_coin_and_a_long_one_copies(lesson):
    for n, found in ((3, (300, 154, 64)), (6, (300, 300, 300))):
        padded = [lesson["padded"](sentence, n) for sentence in lesson["training"]]
        model = lesson["counter"](ngram_probabilities(padded, n, lesson["vocabulary"]), n, random.Random(1))
        written = [generate(model, ["START"] * (n - 1), lesson["END"], max_tokens=12) for _ in range(300)]
        assert lesson["judged"](written) == found
    assert lesson["judged"]([["the", "dog", "in", "the", "old", "park", "are"], ["the", "dog"]])[:2] == (1, 0)


def test_one_bit_gets_every_verb_right(lesson):
    assert lesson["right_verbs"] == len(lesson["held_out"]) == 300


def test_perplexity_by_hand():
    assert perplexity([1 / 2, 1 / 8]) == pytest.approx(4)
    assert 0.1**400 == 0


def test_the_sum_has_one_end_the_fading_sum_65_the_rnn_120(lesson):
    assert len(lesson["orders"]) == 120
    assert {states[-1] for states in lesson["sums"].values()} == {10}
    assert len({states[-1] for states in lesson["faded"].values()}) == 4
    assert len({lesson["fading_states"](list(order))[-1] for order in lesson["orders"]}) == 65
    assert "120 final states from 120 orders" in lesson["__printed__"]


def test_fading_weights(lesson):
    assert lesson["fading_states"]([1, 0, 0, 0, 0])[-1] == 1 / 16
    assert lesson["fading_states"]([1] + [0] * 99)[-1] == 2.0**-99


def test_rnn_by_hand():
    x, h, w_x, w_h, b_x, b_h = (torch.tensor(value) for value in ([1.0], [1.0], [[2.0]], [[-4.0]], [1.5], [0.5]))
    assert rnn_step(x, h, w_x, w_h, b_x, b_h).item() == 0


def test_the_gru_holds_the_flagged_values_and_the_rnn_does_not(lesson):
    stream, kept, mixed = lesson["stream"][:, 0].tanh(), lesson["kept"], lesson["mixed"]
    assert torch.sigmoid(torch.tensor(8.0)).item() == pytest.approx(0.9997, abs=5e-5)
    for t, following in ((1, 13), (13, 30)):
        assert torch.allclose(kept[t:following], stream[t], atol=0.02)
        assert (mixed[t + 10] - stream[t]).abs() > 0.5


def test_steps_equal_torchs(lesson):
    assert lesson["__printed__"].count("the same as torch's: True") == 3


def test_a_step_downhill():
    assert pytest.approx(4.4) == 5 - 0.1 * 2 * (5 - 2)
    assert pytest.approx(5.76) == (4.4 - 2) ** 2


def test_slopes_of_the_bent_curves():
    a = torch.tensor([0.0, 3.0], requires_grad=True)
    for bend, steepest in ((torch.tanh, 1.0), (torch.sigmoid, 0.25)):
        (slope,) = torch.autograd.grad(bend(a).sum(), a)
        assert slope[0].item() == steepest
    assert 1 - math.tanh(3) ** 2 == pytest.approx(0.01, abs=0.0005)


def test_the_gate_takes_at_the_flag_and_keeps_elsewhere(lesson):
    kept, taken = lesson["kept"], lesson["stream"][:, 0].tanh()
    assert lesson["flags"][[10, 13, 18]].tolist() == [0, 1, 0]
    assert kept[10].item() == pytest.approx(kept[9].item(), abs=0.01)
    assert kept[13].item() == pytest.approx(taken[13].item(), abs=0.01)
    assert abs(taken[10] - kept[9]) > 0.5  # else keeping and taking would look alike


def test_both_networks_find_the_bit_late_and_suddenly(lesson):
    for name, late in (("RNN", 20), ("GRU", 40)):
        uncertain, belief = lesson["uncertain"][name], lesson["belief"][name]
        assert max(belief[: late // 5]) < 0.56
        assert belief[late // 5 + 5] > 0.9
        assert belief[-1] > 0.97
        assert min(uncertain) < min(lesson["results"]["held out"]) - 0.4
        assert 40 <= 5 * uncertain.index(min(uncertain)) <= 60
        assert uncertain[-1] > min(uncertain) + 0.05, "it begins to learn the sentences by heart"
    assert lesson["least"] == pytest.approx(2.47, abs=0.005)
    assert min(map(min, lesson["uncertain"].values())) > lesson["least"]


@pytest.mark.parametrize("seed", [1])
def test_other_first_numbers_find_it_too(lesson, seed):
    for step, n_parts in lesson["steps"].values():
        assert lesson["train"](step, n_parts, seed)[1][-1][1] > 0.9


def test_the_two_readings_part_at_the_noun_and_stay_apart(lesson):
    distances = lesson["apart"].norm(dim=-1).tolist()
    assert distances[:2] == [0, 0]
    assert min(distances[2:]) > 2
    apart = lesson["apart"][2:] > 1
    assert apart[1:].all(dim=0).sum() == 1, "one unit holds it from the second word on"
    assert ((apart[1:] != apart[:-1]).sum(dim=1) >= 2).all(), "others join in and drop out with every word"


def test_the_bright_unit_is_the_bit_at_first_and_later_is_not(lesson):
    said = re.findall(r"exchanged after (\w+): is ([\d.]+), are ([\d.]+)", lesson["__printed__"])
    chances = [(word, float(one), float(many)) for word, one, many in said]
    assert [word for word, *_ in chances] == ["in", "the", "green", "yard"]
    assert all(many > 0.85 for _, _, many in chances[:2])
    assert all(one > many for _, one, many in chances[2:])


def test_the_network_writes_what_it_has_not_read(lesson):
    whole, right, copied = lesson["judged"](lesson["written"])
    assert whole == right == len(lesson["written"]) == 60
    assert copied < 30


def test_what_the_verb_feels_of_a_far_noun(lesson):
    share = {name: (felt[40] / felt[0]).item() for name, felt in lesson["felt"].items()}
    assert max(share["RNN"], share["GRU"]) < 1e-4
    assert share["GRU, open gate"] == pytest.approx(1 / 6, abs=0.02)
    assert {name: round(share[name] ** (1 / 40), 2) for name in ("RNN", "GRU")} == {"RNN": 0.77, "GRU": 0.73}
    assert torch.sigmoid(torch.tensor(3.0)).item() == pytest.approx(0.95, abs=0.005)


def test_only_the_open_gate_learns_over_41_words(lesson):
    shares = lesson["far_shares"]
    assert max(shares["RNN"], shares["GRU"]) < 0.6
    assert shares["GRU, open gate"] > 0.97
    numbers, _ = lesson["far_sentences"](10, 1, lesson["random"].Random(0))
    assert numbers.shape[1] - 1 == 41, "from the noun to the verb"


@pytest.mark.parametrize(("seed", "lucky"), [(0, {"RNN"}), (2, set()), (3, set())])
def test_the_draw_decides_who_learns_over_41_words(lesson, seed, lucky):
    shares = {name: lesson["learn_far"](name, 10, seed=seed)[0] for name in lesson["names"]}
    assert {name for name, share in shares.items() if share > 0.9} == {*lucky, "GRU, open gate"}
    assert all(share < 0.6 for name, share in shares.items() if name not in {*lucky, "GRU, open gate"})
    if lucky:
        assert shares["RNN"] == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("name", ["RNN", "GRU"])
def test_patience_does_not_help_over_41_words(lesson, name):
    assert lesson["learn_far"](name, 10, n_steps=300)[0] < 0.6


def verbs_of_16(lesson, states):
    """Which of the two verbs the network with the open gate says after each of 16 states."""
    network, place = lesson["far_networks"]["GRU, open gate"], lesson["place"]
    return (states @ network[5][[place["is"], place["are"]]].T).argmax(dim=-1)


def test_over_41_words_no_single_unit_holds_the_bit(lesson):
    """The unit that parts most, with the value it has for the other number, flips no verb; all the others do."""
    network, numbers = lesson["far_networks"]["GRU, open gate"], lesson["numbers"]
    assert lesson["parted"][1, lesson["unit"]].item() == pytest.approx(0.03, abs=0.005)
    assert lesson["parted"][-1, lesson["unit"]].item() == pytest.approx(1.8, abs=0.05)
    assert (lesson["parted"][-1] > 0.7).sum() == 31
    right = torch.tensor([0] * 8 + [1] * 8)
    for read in (3, 14, 27, 42):
        for unit in range(32):
            state = lesson["states"][read - 1].clone()
            state[:, unit] = state[:, unit].roll(8)
            for word in numbers.T[read:]:
                state = gru_step(network[0][word], state, *network[1:5])
            assert torch.equal(verbs_of_16(lesson, state), right)
    state = lesson["states"][-1].roll(8, dims=0)
    state[:, lesson["unit"]] = lesson["states"][-1, :, lesson["unit"]]
    assert torch.equal(verbs_of_16(lesson, state), 1 - right)


def test_the_unit_shown_parts_into_two_bands_and_stays_there(lesson):
    one, many = lesson["states"][-1, :8, lesson["unit"]], lesson["states"][-1, 8:, lesson["unit"]]
    assert one.max() < -0.8
    assert many.min() > 0.8
    begin = lesson["states"][1, :, lesson["unit"]]
    assert begin.abs().max() < 0.3
    assert (lesson["longer"].shape[1] - 1, (lesson["verbs"] == lesson["many"]).sum()) == (321, 200)


def test_a_far_share_is_small_beside_what_changes_from_text_to_text(lesson):
    share = 0.9**100 / sum(0.9**k for k in range(1, 100))
    assert share == pytest.approx(3e-6, rel=0.1)
    network, gradients = lesson["draw_network"](3, seed=0), []
    for half in lesson["study"].chunk(2):
        scores = lesson["scores_of"](gru_step, network, half[:, :-1])
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), half.T[1:].flatten())
        gradients.append(torch.cat([one.flatten() for one in torch.autograd.grad(loss, network)]))
    assert (gradients[0] - gradients[1]).norm() / gradients[0].norm() > 0.05
    assert pytest.approx(0.65, abs=0.005) == 2e-19**0.01


def test_powers():
    assert f"{0.9**100:.3e}" == "2.656e-05"
    assert round(1.1**100) == 13781


def test_without_tanh_the_norm_is_a_power_of_the_radius(lesson):
    for radius, norms in zip(lesson["radii"], lesson["reach"]["without tanh"].values(), strict=True):
        assert norms == pytest.approx([radius**k for k in range(0, 101, 10)], rel=1e-6)


def test_with_tanh_only_a_thin_band_is_near_1(lesson):
    last = {
        radius: norms[-1] for radius, norms in zip(lesson["radii"], lesson["reach"]["with tanh"].values(), strict=True)
    }
    assert last == pytest.approx({0.7: 7.5e-17, 0.9: 1.2e-6, 1.0: 3.1e-3, 1.1: 0.4, 1.5: 5.1e3}, rel=0.05)
    for radius in (0.7, 0.9, 1.0):
        norms = lesson["reach"]["with tanh"][f"radius {radius}"]
        assert all(later < earlier for earlier, later in itertools.pairwise(norms))


def test_large_inputs_make_even_a_radius_of_1_1_vanish(lesson):
    assert lesson["rnn_reach"](1.1, tanh=True, scale=1.0)[100] < 1e-16
    assert lesson["rnn_reach"](0.9, tanh=True, scale=1.0)[100] < 1e-22


def test_all_three_networks_vanish_as_torch_draws_them_and_gates_can_be_opened(lesson):
    drawn, opened = lesson["gated"].values()
    assert {name: f"{norms[-1]:.0e}" for name, norms in drawn.items()} == {
        "RNN": "2e-33",
        "GRU": "8e-21",
        "LSTM": "2e-19",
    }
    assert {name: f"{norms[-1]:.0e}" for name, norms in opened.items()} == {
        "RNN": "2e-33",
        "GRU": "3e-02",
        "LSTM": "5e+00",
    }
    assert 1 + 1e-19 == 1
    assert 1 / (1 + math.exp(-3)) == pytest.approx(0.95, abs=0.005)


@pytest.mark.parametrize("seed", [20, 21])
def test_other_draws_of_the_weights_give_the_same_orders_of_magnitude(lesson, seed):
    torch.manual_seed(seed)
    cells = [cell(lesson["d_x"], lesson["d_h"]) for cell in (nn.RNNCell, nn.GRUCell, nn.LSTMCell)]
    rnn, gru, lstm = (lesson["gated_reach"](cell, 0)[100] for cell in cells)
    assert rnn < 1e-25
    assert max(gru, lstm) < 1e-17
    assert 0.01 < lesson["gated_reach"](cells[1], 3)[100] < 0.1
    assert 1 < lesson["gated_reach"](cells[2], 3)[100] < 20
    assert lesson["gated_reach"](cells[2], 5)[100] > lesson["gated_reach"](cells[2], 3)[100]  # the last of "Try this"


def test_a_unit_that_holds_a_bit_has_no_gradient():
    """The third of "Try this": W_h = 2 keeps +1 or -1 for a hundred steps, and its Jacobian vanishes."""
    one, zero, two = torch.ones(1, 1).double(), torch.zeros(1).double(), torch.full((1, 1), 2.0).double()
    xs = torch.zeros(100, 1).double()
    for bit in (1.0, -1.0):
        xs[0] = bit
        h = zero
        for x in xs:
            h = rnn_step(x, h, one, two, zero, zero)
        assert h.item() == pytest.approx(0.9575 * bit, abs=1e-3)
        assert state_jacobian_norms(lambda x, h: (h, rnn_step(x, h, one, two, zero, zero)), xs, zero)[0] < 1e-50


def test_singular_values_bound_a_step_where_eigenvalues_do_not():
    """What the prose says in brackets: the spectral radius of another matrix can be far below its largest singular
    value."""
    shear = torch.tensor([[0.9, 5.0], [0.0, 0.9]])
    assert torch.linalg.eigvals(shear).abs().max() < 1 < torch.linalg.svdvals(shear).max()
