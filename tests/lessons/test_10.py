"""Lesson 10: what its prose and its captions claim is what its cells compute."""

import itertools

import pytest
import torch

from course.decoding import next_probabilities

pytestmark = pytest.mark.lesson("10")


def test_the_model_hesitates_after_because(lesson: dict) -> None:
    likeliest = lesson["because"].argsort(descending=True)[:3]
    assert [lesson["words"][token] for token in likeliest] == ["it", "of", "they"]
    assert lesson["halved"][1.0] == pytest.approx(0.217, abs=5e-4)
    assert (lesson["log_p"] < 0).all(), "all logits of the bigram are negative"
    assert list(lesson["choices"].values()) == sorted(lesson["choices"].values())
    assert 390 < lesson["choices"][10.0] < 401


def test_no_k_is_right_for_both(lesson: dict) -> None:
    assert lesson["kept"] == {"because": 95, "the": 28}
    assert lesson["nuclei"] == {"because": 8, "that": 11, "the": 72}


def test_heating_afterwards_leaves_the_nucleus_as_it_was(lesson: dict) -> None:
    assert lesson["nucleus"]["heated after"] == lesson["nuclei"]["because"]
    assert lesson["nucleus"]["heated first"] > 20 * lesson["nucleus"]["heated after"]


def test_the_nine_pictures_show_the_chain(lesson: dict) -> None:
    likeliest = lesson["because"].argsort(descending=True)[:12]
    for row, tau in zip(lesson["grid"], (0.5, 1.0, 2.0), strict=True):
        for axis, (k, p) in zip(row, ((None, 1.0), (4, 1.0), (None, 0.75)), strict=True):
            bars = torch.tensor([bar.get_height() for bar in axis.patches[12:]], dtype=torch.float64)
            assert torch.allclose(bars, next_probabilities(lesson["because"], tau, k, p)[likeliest])
        assert int((torch.tensor([bar.get_height() for bar in row[1].patches[12:]]) > 0).sum()) == 4
    assert lesson["left"] == {0.5: 3, 1.0: 5, 2.0: 97}


def test_two_settings_leave_exactly_the_three_words_asked_for(lesson: dict) -> None:
    for shape in ({"tau": 1.0, "k": 3, "p": 1.0}, {"tau": 1.0, "k": 40, "p": 0.55}):
        left = next_probabilities(lesson["because"], **shape) > 0
        assert {lesson["words"][token] for token in left.nonzero().flatten()} == {"it", "of", "they"}, shape


def test_the_sliders_stand_where_the_text_says(lesson: dict) -> None:
    at_first = {"tau": 1.0, "k": 20, "p": 0.9, "dice": 0}
    assert {name: slider.value for name, slider in lesson["sliders"].items()} == at_first


def test_no_place_of_the_sliders_leaves_more_words_than_top_k_says(lesson: dict) -> None:
    for k, tau in itertools.product((1, 19, 20, 40), (0.1, 1.0, 3.0)):
        assert int((next_probabilities(lesson["because"], tau, k) > 0).sum()) <= k


def test_the_draw_is_fair(lesson: dict) -> None:
    assert lesson["chi_square"] < 493


def test_the_speaker_is_a_distribution_and_remembers_five_words(lesson: dict) -> None:
    text, words = lesson["text"], lesson["words"]
    assert lesson["MEMORY"] == 5
    for length in (0, 1, 5):
        assert lesson["spoken"](tuple(text[:length])).sum().item() == pytest.approx(1)
    tokens = torch.tensor([[lesson["number"][word] for word in text[:7]]])
    assert lesson["speaker"](tokens).argmax(dim=-1).item() == lesson["spoken"](tuple(text[2:7])).argmax().item()
    met = lesson["counts"][tuple(text[:5])]
    beyond = [at for at in range(len(words)) if at not in met]
    assert lesson["spoken"](tuple(text[:5]))[beyond].sum() <= 0.05 + 1e-9


def slips_of(lesson: dict, **shape: float) -> int:
    """How many of ninety sentences hold a pair of words that the text never has."""
    numbers, seen = lesson["number"], lesson["seen"]
    sentences = [one.split() for dice in range(30) for one in lesson["three_sentences"](dice, **shape)]
    pairs = [itertools.pairwise(numbers[word] for word in sentence) for sentence in sentences]
    return sum(any(not seen[one, other] for one, other in some) for some in pairs)


def test_cold_and_cut_it_speaks_and_hot_it_does_not(lesson: dict) -> None:
    assert slips_of(lesson, tau=2.0) > 30
    for shape in ({"tau": 0.5}, {"tau": 2.0, "k": 3}, {"tau": 2.0, "p": 0.5}):
        assert slips_of(lesson, **shape) < 5
        assert len({one for dice in range(10) for one in lesson["three_sentences"](dice, **shape)}) > 20


def test_the_sliders_write_the_sentences_that_are_stored(lesson: dict, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(lesson["said"]) == 6
    lesson["turn"](2.0, 3, 1.0, 3)
    assert capsys.readouterr().out.splitlines()[-3:] == lesson["said"]["{'tau': 2.0, 'k': 3}"]


def test_the_same_dice_give_the_same_answer(lesson: dict) -> None:
    assert lesson["twice"][0] == lesson["twice"][1] != lesson["three_sentences"](8)
    assert lesson["cold"][0] == lesson["cold"][1]


def test_the_tail_comes_at_every_turn(lesson: dict) -> None:
    slips = [some for some, _ in lesson["measured"]]
    assert all(low <= high for low, high in itertools.pairwise(slips))
    assert max(slips[:4]) < 1
    assert slips[4] == pytest.approx(2.0)
    assert slips[-1] == 23.0
    different = dict(zip(lesson["shares"], (n for _, n in lesson["measured"]), strict=True))
    assert (different[0.5], different[0.9]) == (352, 390)
    assert len(lesson["unseen"]) == 382
    assert lesson["unseen"].max() < 2e-5


def test_greedy_walks_in_a_circle_and_the_papers_formula_in_a_smaller_one(lesson: dict) -> None:
    said = lesson["text_of"](lesson["looped"]).split()
    assert said == ["the", "old", "friend", "."] * 6
    assert len(set(lesson["worse"])) < len(set(lesson["looped"]))


def test_the_penalty_opens_the_circle_and_then_breaks_the_language(lesson: dict) -> None:
    freed = lesson["freed"]
    assert [len(set(row)) for row in freed.values()] == sorted(len(set(row)) for row in freed.values())
    assert freed[1.1][-12:] == (freed[1.0][:4] * 10)[-12:], "the circle has closed again"
    assert len(set(freed[10.0])) == len(freed[10.0]) == 40
    assert len(set(lesson["raised"])) > len(set(freed[1.5])), "a constant on all logits changes what the penalty does"


def test_greedy_misses_the_best_sentence_and_two_beams_find_it(lesson: dict) -> None:
    assert lesson["first"] != lesson["best"]
    assert lesson["probability"](lesson["first"]) == pytest.approx(0.120)
    assert lesson["probability"](lesson["best"]) == pytest.approx(0.288)
    assert [lesson["trees"][n][2] for n in (1, 2)] == [lesson["first"], lesson["best"]]
    followers = lesson["followers"].sum(dim=1)
    assert torch.allclose(followers, torch.ones_like(followers))


def test_the_trees_show_what_lived_on(lesson: dict) -> None:
    names = lesson["names"]
    one, two = ({" ".join(names[token] for token in path) for path in lesson["trees"][n][1]} for n in (1, 2))
    assert one == {"", "a", "a dog", "a dog barks"}
    assert {"a", "the", "a dog", "the sun"} < two
    assert "a cat" not in two
    texts = [text.get_text() for text in lesson["axes"][1].texts]
    assert {"the 0.40", "sun 0.36", "shines 0.29"} < set(texts)


def test_a_wider_beam_scores_better_and_says_less(lesson: dict) -> None:
    wider = lesson["wider"]
    for alpha in (0.0, 1.0):
        scores = [wider[alpha, n][1] for n in (1, 10, 100)]
        assert scores == sorted(scores)
    assert lesson["text_of"](wider[0.0, 100][0]) == "yesterday"
    said = lesson["text_of"](wider[1.0, 100][0])
    assert said.count("was too tired") == 2


def test_drawing_is_a_bad_translator_and_four_beams_are_about_equal_to_greedy(lesson: dict) -> None:
    exact = lesson["exact"]
    assert exact["greedy"] > 20
    assert abs(exact["beam 4"] - exact["greedy"]) < 8
    assert exact["as it is"] < exact["p 0.9"] + 3 < exact["tau 0.5"] < exact["greedy"] + 3
    assert exact["as it is"] < exact["greedy"] / 2
    right = {
        name: [mine == want for mine, want in zip(lesson["written"][name], lesson["wanted"], strict=True)]
        for name in exact
    }
    both = list(zip(right["greedy"], right["beam 4"], strict=True))
    differ = [one != two for one, two in zip(lesson["written"]["greedy"], lesson["written"]["beam 4"], strict=True)]
    assert both.count((False, True)) + both.count((True, False)) < sum(differ) / 2, "mostly neither is right"


def test_hot_one_sentence_has_many_translations(lesson: dict) -> None:
    def ways(tau: float) -> int:
        dice = torch.Generator().manual_seed(1)
        model = lesson["sampled"](lesson["reads"](lesson["asked"][lesson["shown"]]), dice, tau=tau)
        with torch.inference_mode():
            return len(set(map(tuple, lesson["greedy"](model, lesson["begin"].expand(20, -1), 30))))

    assert ways(0.1) < ways(1.5)


def test_the_translator_is_the_small_one_where_nobodys_own_is_seen(lesson: dict) -> None:
    assert lesson["own"] is None
    assert not lesson["translator"].training
    assert lesson["translator"].config.positions == "rotary", "the step that turns is used"


def test_the_past_never_changes_in_a_decoder(lesson: dict) -> None:
    assert torch.allclose(lesson["shorter"], lesson["longer"], atol=1e-5)
    assert not torch.allclose(lesson["few"], lesson["more"], atol=1e-2)


def test_the_cache_changes_no_sentence_and_forgetting_to_reorder_makes_scores_wrong(lesson: dict) -> None:
    assert min(lesson["same"].values()) >= 149, "a tie may fall otherwise in float32"
    assert lesson["largest"] < 1e-4
    assert lesson["wrong"]["your cache"] == 0
    assert lesson["wrong"]["without reorder"] > 5


def test_a_bigram_makes_what_was_never_said_of_pairs_that_were(lesson: dict) -> None:
    text = lesson["text"]
    assert {("is", "not"), ("not", "know")} <= set(itertools.pairwise(text))
    assert ("is", "not", "know") not in set(zip(text, text[1:], text[2:], strict=False))
    written = lesson["text_of"](lesson["freed"][1.5])
    assert "is not know" in written


def test_the_cache_is_several_times_as_fast_and_fused_operations_come_on_top(lesson: dict) -> None:
    plain, stepped, fused = lesson["models"]
    assert (plain, stepped, fused) == ("without a cache", "your cache and step", "cache, fused operations")
    assert lesson["texts"][plain] == lesson["texts"][stepped] == lesson["texts"][fused]
    total = lesson["total"]
    assert total[plain] > 2 * total[stepped] > 3 * total[fused]
    slow = lesson["per_token"][plain]
    assert min(slow[-3:]) > 2 * min(slow[:3]), "the least of three: what else the computer does comes on top"


def test_memory_of_gpt3(lesson: dict) -> None:
    assert lesson["n_bytes"] / 1e9 == pytest.approx(9.66, abs=0.01)


def test_the_tail_weighs_more_than_after_because_and_is_met_eleven_times(lesson: dict) -> None:
    mean, n_draws = lesson["tails"].mean().item(), len(lesson["befores"]) / len(lesson["told"])
    assert mean == pytest.approx(0.024, abs=0.0005)
    assert round(n_draws) == 11
    assert mean > 3 * lesson["unseen"].sum()
    assert 1 - (1 - mean) ** n_draws == pytest.approx(0.23, abs=0.01)
    assert len(lesson["follow"]) + len(lesson["unseen"]) == len(lesson["words"])
