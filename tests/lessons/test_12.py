"""Lesson 12: what its prose and its captions claim is what its cells compute."""

import pytest
import torch

pytestmark = pytest.mark.lesson("12")


def test_the_word_in_the_gap_is_known_from_the_right_side(lesson: dict) -> None:
    assert lesson["share"]["both sides"] == 100
    assert lesson["share"]["only the left side"] == pytest.approx(50, abs=4)


def test_order_alone_decides_the_reviews(lesson: dict) -> None:
    assert 100 * lesson["last"] / len(lesson["opposed"]) == pytest.approx(50, abs=2)
    assert len(lesson["twins"]) > 1_000
    for one, other in lesson["twins"][:50]:
        assert sorted(one.english) == sorted(other.english)
        assert one.praise != other.praise


def test_the_bag_stays_below_seventy_and_the_encoder_above_ninety_seven(lesson: dict) -> None:
    assert all(value < 70 for value in lesson["bag_right"].values())
    assert lesson["bag_right"].keys() == {"unseen", "combinations", "trained on"}
    assert all(value >= 97 for value in lesson["encoder_right"].values())


def test_twins_it_has_not_seen_are_told_apart(lesson: dict) -> None:
    assert len(lesson["new_twins"]) >= 3
    seen = {one.english for one in lesson["data"].train}
    assert not seen & {one.english for pair in lesson["new_twins"] for one in pair}
    assert lesson["told_apart"] == len(lesson["new_twins"])
    for pairs, said in ((lesson["with_but"], -1), (lesson["others"], 0)):
        assert len(pairs) >= 2, "by one word of judgement, the first or the last, two pairs are told apart"
        assert all((one.judgements[said].adjective in lesson["GOOD"]) == one.praise for pair in pairs for one in pair)


def test_one_word_of_judgement_is_no_better_than_a_coin(lesson: dict) -> None:
    for place in (0, -1):
        praised = [one.judgements[place].adjective in lesson["GOOD"] for one in lesson["data"].unseen]
        right = [said == one.praise for said, one in zip(praised, lesson["data"].unseen, strict=True)]
        assert 0.4 < sum(right) / len(right) <= 0.5
    assert lesson["encoder_right"]["unseen"] > 98


def test_a_hundred_words_have_13_and_a_half_changes(lesson: dict) -> None:
    tokens = torch.randint(5, len(lesson["WORDS"]), (400, 100), generator=torch.Generator().manual_seed(0))
    generator = torch.Generator().manual_seed(1)
    inputs, _ = lesson["mask_tokens"](tokens, len(lesson["WORDS"]), 4, generator, special=range(4))
    assert (inputs != tokens).float().sum(dim=1).mean().item() == pytest.approx(13.5, abs=0.6)


def test_both_sides_have_a_say(lesson: dict) -> None:
    assert lesson["moved"].all()


def test_the_two_berts_of_the_paper(lesson: dict) -> None:
    totals = {name: sum(parts.values()) for name, parts in lesson["counted"].items()}
    assert totals == pytest.approx({"base": 109.482, "large": 335.142}, abs=0.001)
    assert 100 < 175_000 / totals["large"] < 1_000


def test_the_model_is_sure_where_people_disagree(lesson: dict) -> None:
    assert lesson["sure"].float().mean() > 0.75
    assert lesson["by_the_end"].float().mean() < 0.5


def test_reviews_that_begin_like_the_disputed_ones_have_their_verdict_first(lesson: dict) -> None:
    alike = [one for one in lesson["opposed"] if " ".join(one.english).partition(" is ")[0].removeprefix("the ")
             in ("film", "novel", "play", "series") and "but" in one.english]  # fmt: skip
    assert len(alike) > 1_000
    assert {tuple(said.about for said in one.judgements) for one in alike} == {("work", "part")}
    disputed = lesson["data"].disputed
    assert all(one.english[0] == "the" and one.english[2] == "is" and "but" in one.english for one in disputed)


def test_heads_that_look_at_not_more_than_at_really(lesson: dict) -> None:
    to_not, to_really = lesson["shares"]["to not"], lesson["shares"]["to really or particularly"]
    assert (to_not[[0, 2, 7]] > 2 * to_really[[0, 2, 7]]).all()
    others = [1, 3, 4, 5, 6]
    assert (to_not - to_really)[[0, 2, 7]].min() > (to_not - to_really)[others].max()
    assert to_really[1] > 3 * to_not[1]
    assert to_not.max() == pytest.approx(1 / 8, abs=0.02)


def test_the_head_that_looks_most_is_not_the_one_that_matters_most(lesson: dict) -> None:
    negated, others = lesson["left"]["negated"], lesson["left"]["not negated"]
    assert (lesson["looks_most"], lesson["matters_most"]) == (0, 7)
    assert min(lesson["whole"].values()) > 98
    assert sorted(range(8), key=negated.__getitem__)[:2] == [7, 2]
    assert negated[0] > 95
    assert others[0] > 95
    assert negated[7] < 80
    assert negated[7] < others[7] < 90


def test_a_head_that_was_silenced_speaks_again(lesson: dict) -> None:
    critic, tests = lesson["critic"], lesson["tests"]
    assert lesson["right"](critic, tests["unseen"]) == pytest.approx(lesson["encoder_right"]["unseen"])


def test_the_pre_trained_model_needs_fewer_labels(lesson: dict) -> None:
    means = lesson["means"]
    read, scratch, bag = (means[name] for name in ("pre-trained", "from scratch", "bag of words"))
    assert all(one > other + 4 for one, other in zip(read, scratch, strict=True))
    assert read[0] > scratch[1]
    assert read[2] - scratch[2] < read[0] - scratch[0]
    assert all(40 < value < 60 for value in bag)
    assert lesson["late"] < 0.2 * lesson["early"]
    thirty = lesson["short"].train[:30]
    words = {said.adjective for one in lesson["short"].train for said in one.judgements}
    assert not words <= {said.adjective for one in thirty for said in one.judgements}


def test_filled_holes_fit_the_other_side(lesson: dict) -> None:
    def chances(text: str) -> dict[str, float]:
        likeliest = (one.split() for one in lesson["fill"](text).split(", "))
        return {word: float(chance) for word, chance in likeliest}

    assert lesson["GOOD"].keys() >= chances("the film is [MASK] , not boring .").keys()
    assert lesson["BAD"].keys() >= chances("the film is [MASK] , not witty .").keys()
    verbs = chances("the play is not boring . I [MASK] it .")
    assert 1.5 < (verbs["enjoyed"] + verbs["recommend"]) / (verbs["hated"] + verbs["regret"]) < 2.5
    assert next(iter(chances("the play is boring . I [MASK] it ."))) in ("hated", "regret")


def test_three_models_disagree_about_the_disputed_review(lesson: dict) -> None:
    tokens = lesson["as_tokens"]([lesson["seed_review"]()])
    with torch.no_grad():
        says = torch.cat([one.eval()(tokens).softmax(dim=-1)[:, 1] for one in lesson["tuned"]])
    assert set((says > 0.5).tolist()) == {False, True}
    assert (says - 0.5).abs().min() > 0.4, "none of them says that it is a close call"


def test_your_class_with_the_loaded_weights_is_torchs(lesson: dict) -> None:
    assert lesson["apart"] < 1e-5
    assert type(lesson["mine"]) is lesson["BERT"]
