"""Lesson 05: what its prose and its captions claim is what its cells compute."""

import pytest
import torch

pytestmark = pytest.mark.lesson("05")


def test_each_hand_made_head_answers_its_own_question(lesson: dict) -> None:
    taste, person = lesson["by_hand"].values()
    apple = lesson["words"].index("apple")
    assert lesson["words"][taste[apple].argmax()] == "very sweet"
    assert lesson["words"][person[apple].argmax()] == "Jobs"
    assert taste[apple].max() > 0.9
    assert torch.allclose(taste[0], torch.full((7,), 1 / 7))


def test_the_scrambled_split_sees_the_future_and_yours_does_not(lesson: dict) -> None:
    assert lesson["seen_by"]["yours"] == [5]
    assert min(lesson["seen_by"]["scrambled"]) < 5


def test_the_layer_equals_torchs(lesson: dict) -> None:
    x = lesson["layer"](torch.ones(2, 3, 8), torch.ones(2, 3, 8), torch.ones(2, 3, 8))
    y, _ = lesson["theirs"](torch.ones(2, 3, 8), torch.ones(2, 3, 8), torch.ones(2, 3, 8))
    assert torch.allclose(x, y, atol=1e-6)


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


def test_one_head_loses_three_quarters_and_all_four_lose_nothing(lesson: dict) -> None:
    assert lesson["lost"] == pytest.approx([0.75, 0.5, 0.25, 0.0], abs=0.02)
    assert lesson["lost"][-1] < 1e-20
