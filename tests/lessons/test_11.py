"""Lesson 11: what its prose and its captions claim is what its cells compute."""

import itertools
import math

import pytest
import torch

pytestmark = pytest.mark.lesson("11")


def test_a_parrot_is_perfect_only_with_the_bug(lesson: dict) -> None:
    tokens = lesson["some_tokens"]
    assert lesson["teacher_forcing_loss"](lesson["parrot"], tokens) < 1e-3
    assert lesson["language_model_loss"](lesson["parrot"], tokens) > 15


def test_the_block_is_the_encoder_layer(lesson: dict) -> None:
    assert lesson["difference"] == 0


def test_the_counts_of_the_published_models(lesson: dict) -> None:
    counted = lesson["counted"]
    assert counted["GPT-1"] - 1536 == 116_534_784
    assert counted["GPT-2, smallest"] == 124_439_808
    assert counted["GPT-2, largest"] == 1_557_611_200
    assert round(counted["GPT-3"] / 1e9) == 175
    assert 4 * counted["GPT-3"] / 1e9 == pytest.approx(700, abs=5), "gigabytes in float32"
    assert 300e9 / (365.25 * 24 * 3600) > 9_000, "years, at one token a second"


def test_what_left_the_window_changes_nothing(lesson: dict) -> None:
    assert lesson["changes"][:4] == [0, 0, 0, 0]
    assert sum(n > 0 for n in lesson["changes"][4:]) > 3, "most that it sees make a difference"
    assert len(lesson["texts"][0]) == 5


def test_it_adds_what_it_never_saw(lesson: dict) -> None:
    assert lesson["shares"][-1] >= 0.999
    assert lesson["addition"].exact(lesson["model"], lesson["kept"]) > 0.995
    assert lesson["ask"](457, 543) == "1000"
    assert 128 * int(lesson["steps"][-1]) < 1e6 / 20, "less than one in twenty of all sums"


def test_thousands_are_right_at_once_and_the_rest_waits(lesson: dict) -> None:
    by_digit = lesson["by_digit"]
    assert min(by_digit["thousands"]) > 0.99
    learned_at = [lesson["learned_at"][name] for name in ("units", "tens", "hundreds")]
    for name in ("units", "tens", "hundreds"):
        assert max(by_digit[name][:3]) < 0.2, "for 60 steps nothing"
    assert 60 < min(learned_at) < max(learned_at) - 60, "each in its own time"


def test_forwards_starts_sooner_and_stumbles_at_nine(lesson: dict) -> None:
    curves, by_column = lesson["curves"], lesson["right_by_column"]
    assert curves["forwards"][4] > curves["backwards"][4] + 0.2
    assert curves["forwards"][-1] < curves["backwards"][-1] - 0.005
    assert min(by_column["backwards"]) > 0.98
    assert by_column["forwards"][9] == pytest.approx(0.8, abs=0.03)
    assert min(share for total, share in enumerate(by_column["forwards"]) if total != 9) > 0.95
    carried = (lesson["units"][lesson["column"] == 9] > 9).double().mean().item()
    assert min(carried, 1 - carried) == pytest.approx(0.43, abs=0.01), "wrong, who always says the likelier"


def test_what_it_writes_is_new_and_mostly_goes_on_as_the_texts_do(lesson: dict) -> None:
    beginning = lesson["beginning"].removesuffix(" it was too")
    assert not any(" ".join(words[1:]).startswith(beginning) for words in lesson["read"])
    assert lesson["shared"] == 5
    assert sum(lesson["p"][lesson["NUMBER"][word]] for word in lesson["after_too"]) > 0.8
    assert lesson["copies"] < 0.1 * len(lesson["written"])
    pairs = {pair for words in lesson["read"] for pair in itertools.pairwise(words)}
    met = [pair in pairs for words in lesson["written"] for pair in itertools.pairwise(words)]
    assert sum(met) > 0.9 * len(met), "words beside each other that stood so in what it has read"


def test_two_layers_copy_and_one_does_not(lesson: dict) -> None:
    assert lesson["found"][2] > 0.99
    assert 0.1 < lesson["found"][1] < 0.45


def test_the_heads_that_copy_have_the_score(lesson: dict) -> None:
    scores, left = lesson["scores"], lesson["left"]
    assert scores[0].max() < 0.1
    assert (scores[1] > 0.8).sum() == 2
    assert left["the best head"] > 0.85
    assert left["the best two"] < 0.3
    assert left["the best two"] - left["the best three"] < 0.1
    assert left["the other two"] > 0.99
    assert left["all of layer 0"] < 0.15


def test_the_drawn_head_rests_and_then_follows(lesson: dict) -> None:
    weights = lesson["weights"]
    assert weights[:7, 0].min() > 0.8
    follows = [weights[place, place - 6].item() for place in range(7, 14)]
    assert min(follows[:5]) > 0.9
    assert min(follows[5:]) > 0.4
    assert 0.3 < weights[12:, 0].min() < weights[12:, 0].max() < 0.55


def test_two_heads_of_the_first_layer_read_the_token_before(lesson: dict) -> None:
    back = torch.stack([lesson["first"].diagonal(-n, 2, 3).mean(dim=(0, 2)) for n in range(32)], dim=1)
    assert torch.equal(back[:, :5], lesson["back"])
    assert back.argmax(dim=1).tolist() == [0, 1, 0, 1]


def test_surprise_falls_with_the_second_round(lesson: dict) -> None:
    one, two = lesson["surprise"].values()
    assert (lesson["twelve"][:, 12:] == lesson["twelve"][:, :-12]).all()
    assert len(lesson["twelve"]) > 30
    assert min(*one[:11], *two[:11]) > math.log(32) - 0.1
    assert two[12:].max() < 0.1, "from place 14 on; the first one is place 2"
    assert min(*one[5:11], *two[5:11]) > math.log(32), "from place 7 to 12"
    assert one[10] - one[4] > two[10] - two[4] > 0.1, "surprise grows until the piece begins again"
    assert 3 < one[12:22].mean().exp() < 4, "guesses among so many"
    assert 2 < one[23:].mean().exp() < 3, "from place 25 on"
    assert 1 < two[11] < 2.5, "place 13"


def test_it_is_sure_of_what_it_never_read(lesson: dict) -> None:
    answers, asked = lesson["answers"], lesson["asked"]
    right = {
        kind: sum(name == fact.name for name, fact in zip(names, asked[kind], strict=True))
        for kind, (names, _) in answers.items()
    }
    assert right == {"stated": 150, "never stated": 0, "no such land": 0}
    assert answers["stated"][1].min() > 0.95
    assert lesson["medians"]["never stated"] > 0.5
    for kind in ("never stated", "no such land"):
        sure = answers[kind][1]
        assert (sure > 0.8).sum() >= 10
        assert sure.max() > 0.98
        assert sure.min() < 0.3
    sure, is_right = lesson["sure"], lesson["is_right"]
    between = (sure > 0.5) & (sure <= 0.9)
    assert sure[between].mean() == pytest.approx(0.7, abs=0.05)
    assert not is_right[sure <= 0.99].any()
    assert sure[(sure > 0.9) & (sure <= 0.99)].mean() == pytest.approx(19 / 20, abs=0.02)


def test_only_what_it_does_not_know_changes_when_asked_again(lesson: dict) -> None:
    stated, never = lesson["several"]
    assert (len(set(stated)), len(stated)) == (1, 8)
    assert len(set(never)) > 1


def test_gpt2_enters_the_learners_model(lesson: dict) -> None:
    assert lesson["apart"] < 1e-5
    assert lesson["bugs"][3] < 0.01 < 0.1 < min(lesson["bugs"][1], lesson["bugs"][2])
    tokens = lesson["tokens"]
    with torch.no_grad():
        assert torch.equal(lesson["loaded"](tokens), lesson["mine"](tokens))
