"""Lesson 05: what its prose and its captions claim is what its cells compute."""

import math

import pytest
import torch

pytestmark = pytest.mark.lesson("05")


def test_each_hand_made_head_answers_its_own_question(lesson: dict) -> None:
    taste, person = lesson["by_hand"].values()
    apple = lesson["words"].index("apple")
    assert lesson["words"][taste[apple].argmax()] == "very sweet"
    assert lesson["words"][person[apple].argmax()] == "Jobs"
    assert taste[apple].max() > 0.9
    assert [round(weight, 2) for weight in lesson["both"][apple].tolist()] == [0.01, 0.01, 0.47, 0.01, 0.47, 0.01, 0.01]
    assert torch.allclose(taste[0], torch.full((7,), 1 / 7))


def test_the_scrambled_split_sees_the_future_and_yours_does_not(lesson: dict) -> None:
    assert lesson["seen_by"]["yours"] == [5]
    assert min(lesson["seen_by"]["scrambled"]) < 5


def test_the_layer_equals_torchs(lesson: dict) -> None:
    x = lesson["layer"](torch.ones(2, 3, 8), torch.ones(2, 3, 8), torch.ones(2, 3, 8))
    y, _ = lesson["theirs"](torch.ones(2, 3, 8), torch.ones(2, 3, 8), torch.ones(2, 3, 8))
    assert torch.allclose(x, y, atol=1e-6)


def test_the_weights_in_the_drawing_come_from_queries_and_keys_by_hand(lesson: dict) -> None:
    inside = lesson["inside"]
    scores = inside["query"] @ inside["key"].mT / math.sqrt(2)
    torch.testing.assert_close(scores.softmax(dim=-1), inside["weights"])


def test_heads_cost_nothing(lesson: dict) -> None:
    assert len(set(lesson["counts"].values())) == 1
    sizes = {sum(p.numel() for p in models[0].parameters()) for models in lesson["models"].values()}
    assert sizes == {1452}


def test_one_head_guesses_one_name_two_can_find_both_and_four_always_do(lesson: dict) -> None:
    one, two, four = lesson["both_right"].values()
    assert all(0.15 < share < 0.25 for share in one)
    assert sum(share > 0.99 for share in two) >= 4
    assert min(four) > 0.99


def test_the_two_heads_of_the_picture_share_the_work(lesson: dict) -> None:
    single, first, second = (row.index(max(row)) for row in lesson["table"])
    marked = {lesson["columns"].index(role) for role in ("giver", "taker")}
    assert single in marked
    assert {first, second} == marked
    assert lesson["columns"][single] == "taker"


def test_of_the_one_head_models_four_look_at_the_giver(lesson: dict) -> None:
    seen = [
        model.attention.weights(model.question, model.role(lesson["roles"]))[0, 0, 0].argmax().item()
        for model in lesson["models"][1]
    ]
    assert [lesson["columns"][place] for place in seen].count("giver") == 4


def test_the_scrambled_model_is_better_than_possible_and_yours_is_not(lesson: dict) -> None:
    loss = lesson["loss_with"]
    assert loss["scrambled"] == pytest.approx(math.log(8) / 2, abs=0.2)
    assert loss["yours"] == pytest.approx(math.log(8), abs=0.02)


def test_the_scrambled_model_guesses_where_the_next_token_is_in_no_row_that_it_may_read(lesson: dict) -> None:
    words = lesson["scrambled"](lesson["words_of"], 4)[0, :, :, 0]  # (head, row) -> word
    read = [set(words[:, : position + 1].flatten().tolist()) for position in range(6)]
    guessed = [position for position in range(6) if position + 1 not in read[position]]
    assert guessed == [1, 5]
    assert words[3].tolist() == [4, 4, 5, 5, 5, 5]
    torch.manual_seed(0)
    model = lesson["NextToken"](lesson["scrambled"])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(200):
        tokens = torch.randint(8, (32, 7))
        losses = torch.nn.functional.cross_entropy(model(tokens[:, :-1]).mT, tokens[:, 1:], reduction="none")
        optimizer.zero_grad()
        losses.mean().backward()
        optimizer.step()
    by_position = losses.mean(dim=0)
    assert by_position[guessed].min() > math.log(8) - 0.2
    assert by_position[[0, 2, 3, 4]].max() < 1.2


def test_the_drawing_of_the_layer_shows_what_the_layer_does(lesson: dict) -> None:
    inside = lesson["inside"]
    torch.testing.assert_close(inside["weights"] @ inside["value"], inside["answers"])
    torch.testing.assert_close(torch.cat(tuple(inside["answers"]), dim=-1), inside["merged"])
    torch.testing.assert_close(lesson["small"].w_o(inside["merged"]), inside["output"])
    by_pencil = inside["merged"].round(decimals=1) @ inside["w_o"].round(decimals=2)
    torch.testing.assert_close(by_pencil.round(decimals=1), inside["output"].round(decimals=1))
    assert (inside["output"].amax(dim=0) - inside["output"].amin(dim=0)).min() > 0.3, "no column of equal numbers"


def test_of_two_heads_each_does_one_half_of_the_work(lesson: dict) -> None:
    (without_first, without_second), *_ = lesson["without"][2]
    assert without_first == pytest.approx([0.2, 1.0], abs=0.05)
    assert without_second == pytest.approx([1.0, 0.2], abs=0.05)


def test_of_four_heads_about_half_can_be_cut_out(lesson: dict) -> None:
    assert lesson["spare"] == 11
    kept = [min(shares) for run in lesson["without"][4] for shares in run if min(shares) > 0.99]
    assert kept == [1.0] * 11, "every answer stays right"
    first, second, third, fourth = lesson["without"][4][0]
    assert min(first + third) > 0.99
    assert (second[0] < 0.9, second[1] > 0.99) == (True, True)
    assert (fourth[0] > 0.99, fourth[1] < 0.9) == (True, True)
    giver, taker = (lesson["columns"].index(role) for role in ("giver", "taker"))
    assert 0.01 < lesson["seen"][0, taker] < 0.1
    assert lesson["seen"].argmax(dim=-1).tolist() == [giver, giver, taker, taker]


def test_in_two_runs_both_heads_look_at_the_same_role(lesson: dict) -> None:
    same = []
    for model, share in zip(lesson["models"][2], lesson["both_right"][2], strict=True):
        weights = model.attention.weights(model.question, model.role(lesson["roles"]))[0, :, 0]
        same.append(len(set(weights.argmax(dim=-1).tolist())) == 1)
        assert same[-1] == (share < 0.5)
    assert sum(same) == 2
    assert same[2], "models[2][2] is the one of Try this"
    assert lesson["without"][2][2][0][1] < 0.75, "of two that look at the same word neither can go"
