"""Lesson 04: what its prose and its captions claim is what its cells compute."""

import math

import pytest
import torch
from scipy.optimize import linprog

pytestmark = pytest.mark.lesson("04")


def test_shares_of_the_books(lesson):
    assert lesson["shares"].tolist() == pytest.approx([2 / 3, 1 / 3, 0])


def test_numbers_worked_by_hand(lesson):
    assert (lesson["q1"] @ lesson["k1"], lesson["q1"] @ lesson["k2"]) == (112, 96)
    assert lesson["two_scores"] == [14, 12]
    assert (round(lesson["w1"], 2), round(lesson["w2"], 2)) == (0.88, 0.12)
    assert lesson["w1"] == pytest.approx(1 / (1 + math.exp(-2)))
    assert lesson["w1"] / lesson["w2"] == pytest.approx(math.exp(2))
    assert lesson["z1"].tolist() == pytest.approx([8.81, 1.19, 5.0], abs=0.005)


def test_variance_of_a_dot_product_is_d_k(lesson):
    assert lesson["sizes"][0] == 1
    assert lesson["sizes"][-1] == 1024
    assert lesson["variances"] == pytest.approx(lesson["sizes"], rel=0.1)
    assert lesson["scaled_variances"] == pytest.approx([1.0] * 11, rel=0.1)


def test_softmax_stops_reacting_without_the_scale(lesson):
    plain, scaled = lesson["plain_slopes"], lesson["scaled_slopes"]
    assert plain[0] == pytest.approx(scaled[0])
    assert scaled[-1] / plain[-1] > 5000
    assert max(scaled) / min(scaled) < 1.2
    big = [slope for d_k, slope in zip(lesson["sizes"], plain, strict=True) if d_k >= 16]
    assert big == sorted(big, reverse=True)
    keys_make_up = math.sqrt(1024)
    assert plain[-1] * keys_make_up < scaled[-1] / 100


def test_slope_by_hand_is_a_tenth_and_a_ten_millionth():
    def slope(difference: float) -> float:
        p = 1 / (1 + math.exp(-difference))
        return p * (1 - p)

    assert round(slope(2), 1) == 0.1
    assert -math.log10(slope(16)) == pytest.approx(7, abs=0.1)


def test_queries_with_scale_find_their_key_and_without_it_only_while_d_k_is_small(lesson):
    found = {name: curve[-1] for name, curve in lesson["found"].items()}
    assert found.pop("d_k = 512, not scaled") == pytest.approx(0.25, abs=0.03)
    assert min(found.values()) > 0.94
    assert found["d_k = 4, scaled"] == pytest.approx(found["d_k = 4, not scaled"], abs=0.03)
    stuck = lesson["found"]["d_k = 512, not scaled"]
    assert max(stuck[50:]) - min(stuck[50:]) < 0.05


def test_most_queries_without_scale_stay_on_their_first_key_and_the_rest_move_to_a_wrong_one(lesson):
    looked, told = lesson["most_attended"](512, False), lesson["told"]
    wrong = looked[-1] != told
    unmoved = wrong & (looked[-1] == looked[0])
    assert 0.7 < unmoved.sum() / wrong.sum() < 0.95
    assert unmoved.double().mean().item() == pytest.approx(0.63, abs=0.005)


def test_one_query_in_seven_stands_on_its_key_from_the_beginning_and_stays(lesson):
    looked, told = lesson["most_attended"](512, False), lesson["told"]
    stayed = (looked[0] == told) & (looked[-1] == told)
    assert stayed.double().mean() == pytest.approx(1 / 7, abs=0.01)
    assert (looked[-1] == told).double().mean() < 0.25


def test_no_query_of_four_numbers_can_prefer_some_of_the_keys(lesson):
    """By linear programming: is there a query whose product with its key is larger than with all the others?"""
    key = torch.randn(200, 8, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    told = lesson["told"]
    lead = [key[n, told[n]] - key[n, torch.arange(8) != told[n]] for n in range(200)]  # (7, 4) each
    possible = torch.tensor([linprog([0] * 4, -one.numpy(), [-1] * 7, bounds=(None, None)).success for one in lead])
    assert 1 <= (~possible).sum() <= 10
    for scaled in (True, False):
        assert not (lesson["most_attended"](4, scaled)[-1] == told)[~possible].any()


def test_scores_move_equally_far_with_and_without_the_scale():
    """With the scale 1 / sqrt(d_k) in the score and in the gradient, a step of 1 moves a score by its slope."""
    d_k = 512
    key = torch.randn(d_k, generator=torch.Generator().manual_seed(0))
    assert key @ key / d_k == pytest.approx(1, abs=0.2)


def test_numbers_of_the_flow(lesson):
    steps, row = lesson["steps"], 2
    assert steps["products"].tolist() == [[1, 5, 4], [4, 2, 0], [4, 0, 2]]
    assert steps["scores"][row].tolist() == [2, 0, 1]
    assert steps["weights"][row].tolist() == pytest.approx([0.67, 0.09, 0.24], abs=0.005)
    assert steps["weights"][0].tolist() == [1, 0, 0]
    assert steps["output"][row].tolist() == pytest.approx([6.65, 2.45], abs=0.005)
    torch.testing.assert_close(steps["output"], steps["weights"] @ lesson["inputs"]["value"])


def test_one_matrix_for_queries_and_keys_cannot_go_round_in_a_circle(lesson):
    one, two = lesson["circle"].values()
    torch.testing.assert_close(one, torch.full((3, 3), 1 / 3), atol=0.005, rtol=0)
    assert two[range(3), lesson["beats"]].min() > 0.995


def test_equal_weights_are_the_best_that_one_matrix_reaches(lesson):
    generator = torch.Generator().manual_seed(0)
    matrices = torch.randn(500, 3, 4, generator=generator, dtype=torch.float64)
    scores = matrices @ matrices.mT  # queries are keys
    squares = scores.diagonal(dim1=1, dim2=2)
    means = (squares[:, :, None] + squares[:, None]) / 2
    assert (scores <= means + 1e-12).all(), "q . k is never above the mean of q . q and k . k"
    losses = -scores.log_softmax(dim=-1)[:, range(3), lesson["beats"]].mean(dim=-1)
    assert losses.min() >= math.log(3)


def test_mask_after_the_softmax_leaks_and_does_not_sum_to_one(lesson):
    late = [torch.tensor([1.0, 1.0, blocked]).softmax(dim=-1)[0].item() for blocked in (5.0, 0.0)]
    assert [round(weight, 2) for weight in late] == [0.02, 0.42]
    assert "sum 0.04" in lesson["__printed__"]
    assert "sum 0.84" in lesson["__printed__"]


def test_versions_agree_and_matrices_are_faster(lesson):
    assert "loops and matrices agree:  True" in lesson["__printed__"]
    assert "PyTorch and yours agree:   True" in lesson["__printed__"]
    assert torch.allclose(lesson["by_loops"], lesson["by_matrices"], atol=1e-5)


def test_only_the_causal_mask_before_the_softmax_keeps_the_past(lesson):
    moves = dict(lesson["moves"])
    assert moves.pop("causal") == 0
    assert min(moves.values()) > 0.01
    assert set(moves) == {"no mask", "next allowed", "after softmax"}


def test_padding_changes_nothing_with_the_mask(lesson):
    filled, outputs = lesson["filled"], lesson["outputs"]
    short = outputs(lesson["short"])
    assert (outputs(filled, lesson["padding_mask"](filled))[:, :, :2] - short).abs().max() < 1e-6
    assert (outputs(filled)[:, :, :2] - short).abs().max() > 0.1
    assert tuple(lesson["both"].shape) == (2, 1, 4, 4)


def test_shuffled_words_give_shuffled_rows(lesson):
    assert lesson["same_rows"]


def test_equal_words_have_equal_rows_and_columns_and_rows_sum_to_one(lesson):
    words, weights = lesson["own_words"], lesson["own_weights"]
    first = [words.index(word) for word in words]
    torch.testing.assert_close(weights, weights[first][:, first])
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(len(words)))


def test_a_quarter_of_the_sentences_is_held_back_and_the_two_nouns_never_meet_in_training(lesson):
    assert (len(lesson["known"]), len(lesson["new"])) == (576, 192)
    assert not any("animal" in words and "street" in words for words, _ in lesson["known"])
    assert all(example in lesson["new"] for example in lesson["pair"])


def test_bare_words_cannot_move_the_ratio(lesson):
    tired, wide = lesson["bare_ratios"]
    assert tired == pytest.approx(wide, rel=1e-12)
    assert lesson["bare_rows"].max() < 0.2
    assert (lesson["bare_rows"][0] - lesson["bare_rows"][1]).abs().max() < 0.05


def test_one_word_moves_the_attention_of_it(lesson):
    animal, street = 1, 5
    tired, wide = lesson["rows"]
    assert lesson["pair"][0][0][animal] == "animal"
    assert lesson["pair"][0][0][street] == "street"
    assert tired[animal] > 0.95
    assert wide[street] > 0.95
    assert max(tired[street], wide[animal]) < 0.02
    assert [words[lesson["IT"]] for words in lesson["sentences"]] == ["it", "it"]


def test_the_bare_layer_is_right_nine_times_in_ten_but_only_through_the_last_word(lesson):
    assert lesson["right"]["mixed"] == (1, 1)
    open_words, last_blocked = lesson["right"]["bare"]
    assert open_words == pytest.approx(0.9, abs=0.05)
    assert last_blocked == 0.5


def test_the_chinese_sentence(lesson):
    assert [meant for _, meant in lesson["asked"]] == ["苹果", "苹果", "小猫"]
    assert not any(example in lesson["apple_known"] for example in lesson["asked"])
    eater, eat, fruit = 0, 2, 3
    mine, red, good = lesson["apple_rows"]
    assert min(mine[fruit], red[fruit], good[eater]) > 0.9
    assert max(row[eat] for row in lesson["apple_rows"]) < 0.01
    assert max(row.topk(2).values[1] for row in lesson["apple_rows"]) < 0.06
    assert [len(words) for words in lesson["glosses"]] == [len(words) for words, _ in lesson["asked"]]
