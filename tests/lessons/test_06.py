"""Lesson 06: what its prose and its captions claim is what its cells compute."""

import math

import pytest
import torch

pytestmark = pytest.mark.lesson("06")

POSITIONED = ("sinusoidal", "learned", "rotary")


def shares(lesson: dict, task: str) -> dict[str, list[float]]:
    """Scheme -> the share of right answers where it was trained, up to twice as far, and up to four times."""
    return {scheme: found for (name, scheme), found in lesson["shares"].items() if name == task}


def test_no_word_notices_that_the_sentence_was_turned_round(lesson):
    forward, backward = (lesson["outputs"][sentence] for sentence in ("cat bites mouse", "mouse bites cat"))
    for word in forward:
        torch.testing.assert_close(forward[word], backward[word])
    assert not torch.allclose(forward["cat"], forward["mouse"], atol=0.1)
    one, other = (torch.stack([*rows.values()]).mean(dim=0) for rows in (forward, backward))
    torch.testing.assert_close(one, other)


def test_four_of_six_layers_are_blind_and_the_causal_mask_is_not(lesson):
    assert [name for name, obeys in lesson["blind"].items() if not obeys] == ["attention, causal mask", "running sum"]


def test_the_hands_need_these_many_positions_for_a_turn(lesson):
    assert [round(2 * math.pi / speed.item(), 1) for speed in lesson["dial_angles"][1]] == [6.3, 62.8, 628.3, 6283.2]


def test_halves_is_an_order_of_the_columns_and_gives_sines_before_cosines(lesson):
    halves = lesson["halves"]
    assert sorted(halves.tolist()) == list(range(512))
    angles = lesson["position_angles"](torch.arange(20), 512)
    table = lesson["sinusoidal_positions"](20, 512)
    torch.testing.assert_close(table[:, halves], torch.cat([angles.sin(), angles.cos()], dim=1).float())
    assert (table[:, 256::2].abs() < 0.2).all()  # the right half of the picture: sines near 0
    assert (table[:, 257::2] > 0.98).all()  # cosines near 1
    assert lesson["both_permuted"]
    assert not lesson["one_permuted"]


def test_with_marks_all_three_words_notice(lesson):
    assert min(lesson["moved_by"]) > 0.1


def test_products_of_marks_depend_on_the_distance_and_are_a_mirror_image(lesson):
    curves = list(lesson["products"].values())
    for curve in curves:
        torch.testing.assert_close(curve, curves[0], rtol=0, atol=1e-3)
        torch.testing.assert_close(curve, curve.flip(0), rtol=0, atol=1e-3)
        assert curve.argmax() == 30
        assert curve.max().item() == pytest.approx(32, abs=1e-3)
        assert curve[[0, 10, 20]].max() < curve[25]


def test_rotated_scores_peak_where_the_caption_says(lesson):
    curves = lesson["rope_scores"]
    assert lesson["peaks"]["query = key"] == 0
    assert lesson["peaks"]["query = key, turned 5 steps"] == 5
    torch.testing.assert_close(curves["query = key"], curves["query = key"].flip(0), rtol=0, atol=1e-3)
    assert curves["another query"].max() < curves["query = key"].min()
    assert curves["query = key"].max().item() == pytest.approx(66, abs=0.5)
    beside = lesson["distances"].abs() >= 3
    plateau, low = curves["query = key"][beside], curves["another query"][beside]
    assert [round(plateau.min().item()), round(plateau.max().item())] == [36, 51]
    assert curves["another query"].max() < 0
    assert low.max() - low.min() > plateau.max() - plateau.min()


def test_query_and_key_keep_their_angle_when_both_go_five_steps_on(lesson):
    query, key, turned = torch.tensor([1.0, 0.0]), torch.tensor([0.6, 0.8]), lesson["turned"]
    angles = {}
    for t, s in lesson["at"]:
        angles[t, s] = round(math.degrees(math.acos((turned(query, t) @ turned(key, s)).item())))
    assert angles == {(0, 0): 53, (2, 0): 61, (7, 5): 61, (0, 2): 168}


def test_clockwise_swaps_before_and_after(lesson):
    query, key = lesson["queries_at"], lesson["keys_at"]
    right = lesson["rotate"](query) @ lesson["rotate"](key).T
    wrong = lesson["clockwise"](query) @ lesson["clockwise"](key).T
    torch.testing.assert_close(wrong, right.T, rtol=0, atol=1e-3)
    assert abs(right[8, 5] - right[5, 8]) > 1


def test_only_alibi_is_fooled_by_a_mirror(lesson):
    assert lesson["fooled"] == {
        "none": [True, True], "sinusoidal": [False, False], "learned": [False, False], "rotary": [False, False],
        "alibi": [False, True],
    }  # fmt: skip


def test_tasks_ask_what_they_say(lesson):
    generator = torch.Generator().manual_seed(5)
    texts, answers = lesson["word_before"](3, 20, generator)
    assert torch.equal(answers[:, 1:], texts[:, :-1])
    assert (answers[:, 0] == lesson["SKIP"]).all()
    texts, answers = lesson["last_animal"](3, 20, generator)
    for text, answer in zip(texts.tolist(), answers.tolist(), strict=True):
        latest = lesson["SKIP"]
        for word, asked in zip(text, answer, strict=True):
            latest = word if word < len(lesson["ANIMALS"]) else latest
            assert asked == latest


@pytest.mark.parametrize("task", ["word before", "last animal"])
def test_left_of_the_line_sinusoids_learned_rows_and_rope_are_perfect(lesson, task):
    for scheme in POSITIONED:
        assert shares(lesson, task)[scheme][0] > 0.985
    assert shares(lesson, task)["none"][0] < 0.85


@pytest.mark.parametrize("task", ["word before", "last animal"])
def test_sinusoids_and_learned_rows_break_at_once(lesson, task):
    for scheme in ("sinusoidal", "learned"):
        at_twice, at_four_times = shares(lesson, task)[scheme][1:]
        assert at_twice < 0.7
        assert at_four_times < 0.5


def test_at_the_last_animal_they_fall_to_about_a_third(lesson):
    animal = shares(lesson, "last animal")
    for scheme in ("sinusoidal", "learned"):
        assert animal[scheme][2] == pytest.approx(1 / 3, abs=0.08)


def test_at_the_word_before_they_fall_to_chance_and_below_no_positions(lesson):
    before = shares(lesson, "word before")
    for scheme in ("sinusoidal", "learned"):
        assert before[scheme][2] == pytest.approx(1 / 12, abs=0.05)
        assert before[scheme][2] < before["none"][2]


def test_no_positions_begins_well_and_fades(lesson):
    for task, first, last in (("word before", 0.64, 0.23), ("last animal", 0.96, 0.62)):
        fours = lesson["right"][task, "none"].view(-1, 4).nanmean(dim=1)
        assert fours[0] == pytest.approx(first, abs=0.05)
        assert fours[3] == pytest.approx(last, abs=0.05)


@pytest.mark.parametrize("task", ["word before", "last animal"])
def test_rope_carries_on_to_twice_the_length_and_then_fails(lesson, task):
    assert shares(lesson, task)["rotary"][1] > 0.85
    assert lesson["right"][task, "rotary"][56:].mean() < 0.6


def test_alibi_never_collapses_but_cannot_say_exactly_one_back(lesson):
    animal, before = (shares(lesson, task)["alibi"] for task in ("last animal", "word before"))
    assert min(animal) > 0.9
    assert 0.75 < before[0] < 0.95
    assert 0.5 < before[2] < before[1] < before[0]


def test_best_schemes(lesson):
    assert lesson["best_before"] == "rotary"
    assert lesson["best_animal"] == "alibi"


def test_only_the_rows_that_were_used_were_trained(lesson):
    assert lesson["changed"].nonzero().flatten().tolist() == list(range(16))


def test_an_unseen_part_of_the_dial_outbids_the_word_before(lesson):
    for scores in lesson["by_distance"]:
        assert scores[:16].argmax() == 1
        assert scores[16:].max() > scores[1]
        assert scores[16:32].max() < scores[1] - 0.5, "the first unseen stretch does no harm"
        assert 43 <= scores.argmax() <= 53
        assert scores[11:16].mean() < scores[6:11].mean() < scores[:5].mean(), "in training the wave of hand 1 falls"
    assert lesson["turns"][0, 0] > 2, "in training hand 0 goes round more than twice"
    assert lesson["turns"][0, 1].item() == pytest.approx(0.24, abs=0.005)
    assert lesson["turns"][2, 1].item() == pytest.approx(1.0, abs=0.005)


def test_the_slow_hands_hardly_change_the_score(lesson):
    query, key = lesson["query"], lesson["key"]  # of the reader of the tail, (B, H, T, 8), turned
    pairs = (query[:, :, -1:] * key).unflatten(-1, (4, 2)).sum(-1).mean(0) / math.sqrt(8)  # (H, T, hand)
    torch.testing.assert_close(pairs.sum(-1).flip(1), lesson["by_distance"])
    changes = pairs.amax(1) - pairs.amin(1)  # (H, hand)
    assert changes[:, 1].min() > 3
    assert (changes[:, 2:].amax(1) < changes[:, 1] / 10).all()
    assert lesson["turns"][2, 2:].max() < 0.105
