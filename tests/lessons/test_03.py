"""Lesson 03: do its prose, its figures and their alt texts say what its code computes?"""

import math
import re

import pytest
import torch

from course.corpus.lexicon import nouns
from course.embedding import cooccurrence, cosine_similarity, nearest, ppmi, soft_lookup, svd_embedding

pytestmark = pytest.mark.lesson("03")


def cosine(lesson: dict, one: str, other: str, vectors: torch.Tensor) -> float:
    return cosine_similarity(vectors[lesson["index"][one]], vectors[lesson["index"][other]]).item()


def neighbours(lesson: dict, word: str, vectors: torch.Tensor, k: int = 5) -> list[str]:
    return [lesson["vocabulary"][one] for one in nearest(lesson["index"][word], vectors, k)]


def test_every_check_passes(lesson: dict) -> None:
    """On the cases that the learner sees, and on the hidden ones."""
    names = ["one_hot", "embed", "cosine_similarity", "nearest", "soft_lookup", "cooccurrence", "ppmi", "svd_embedding"]
    right = re.findall(r"^(\w+): \d+ cases, .* - right$", lesson["__printed__"], re.MULTILINE)
    assert right == [name for name in names for _ in range(2)]


def test_one_hot_rows_of_the_sentence(lesson: dict) -> None:
    rows = lesson["rows"]
    assert torch.equal(rows[0], rows[3]), "both `the` have the same row"
    assert (rows[:, 3] == 0).all(), "the sentence has no car"
    every_word = lesson["every_word"]
    assert torch.equal(every_word @ every_word.T, torch.eye(5)), "all words are equally foreign"


def test_lookup_and_its_gradient(lesson: dict) -> None:
    assert lesson["by_loops"] == lesson["table"][0].tolist()
    assert lesson["learned"].grad[:, 0].tolist() == [2, 1, 1, 0, 1]
    assert "same vectors:  True" in lesson["__printed__"]
    assert "same gradient: True" in lesson["__printed__"]
    assert lesson["by_product"] == 50_257 * 768


def test_colour_drowns_taste_until_the_columns_are_scaled(lesson: dict) -> None:
    names, before, after = lesson["fruit_names"], *lesson["fruit_cosines"].values()
    assert names[lesson["alike"].argmax()] == "banana"
    assert 0.9999 < lesson["alike"][1] < 1
    assert torch.allclose(before[1], before[4], atol=1e-3), "the rows of banana and lemon are the same"
    assert names[after[4, :4].argmax()] == "kiwi"
    assert [round(after[4, other].item(), 2) for other in (2, 1)] == [0.71, 0.67]
    assert lesson["fruit_vectors"][:, 3].argmax() == 1, "the banana is the sweetest"
    assert lesson["fruit_vectors"][:, 4].argmax() == 4, "the lemon is the sourest"


def test_being_a_neighbour_is_not_mutual(lesson: dict) -> None:
    scaled, names = lesson["scaled"], lesson["fruit_names"]
    plum, lemon = names.index("plum"), names.index("lemon")
    assert nearest(plum, scaled, 1).item() == lemon
    assert plum not in nearest(lemon, scaled, 2)


def test_red_is_in_four_fruits_until_the_keys_have_length_one(lesson: dict) -> None:
    scores = (lesson["red"] @ lesson["colours"].T)[0]
    assert scores.tolist() == [1, 1, 0, 1, 1]
    assert lesson["best"] == [0, 1, 3, 4]
    assert "It is apple, banana, lemon, plum." in lesson["__printed__"]
    lengths = lesson["colours"].norm(dim=-1)
    assert (lengths[[1, 3, 4]] > lengths[0]).all()
    assert (lesson["red"] @ lesson["keys"].T)[0].argmax() == 0


def test_shares_that_do_not_sum_to_one_leave_the_range(lesson: dict) -> None:
    assert lesson["sweetness"] == pytest.approx(1.3)
    assert lesson["sweetness"] > lesson["tastes"][:, 0].max()
    repaired = lesson["repaired"]
    assert repaired.sum().item() == pytest.approx(1)
    assert repaired[0, 0] == 2 * repaired[0, 1]
    assert (repaired @ lesson["tastes"])[0, 0].item() == pytest.approx(0.87, abs=0.005)


def test_from_hot_to_cold(lesson: dict) -> None:
    weights = lesson["weights"]
    assert torch.allclose(weights.sum(dim=-1), torch.ones(13))
    assert torch.allclose(weights[0], torch.full((5,), 0.2), atol=0.02), "at 10 everybody has about a fifth"
    assert torch.allclose(weights[-1], torch.tensor([1.0, 0, 0, 0, 0])), "at 0.01 the apple has it all"
    assert (weights[:-1, 0] <= weights[1:, 0]).all()
    assert torch.allclose(weights[:, [3, 4]], weights[:, [1, 1]]), "plum and lemon run along with the banana"
    assert [round(weight, 2) for weight in lesson["cool"].tolist()] == [0.59, 0.14, 0.0, 0.14, 0.14]
    assert torch.equal(lesson["coldest"], lesson["tastes"][0])
    assert torch.allclose(lesson["hottest"], lesson["tastes"].mean(dim=0), atol=1e-3)


def test_neighbours_in_a_window_of_two(lesson: dict) -> None:
    counted = cooccurrence([lesson["sentence"].tolist()], 5, window=2)
    assert counted[4].sum() == 4, "sees"
    assert cooccurrence([lesson["sentence"][:3].tolist()], 5, window=2)[0].sum() == 2, "the first `the`"


def test_the_wug_takes_the_place_of_every_second_cat_and_never_meets_one(lesson: dict) -> None:
    counts, index = lesson["counts"], lesson["index"]
    assert counts[index["wug"], index["cat"]] == 0
    assert counts[index["wug"]].sum() > 1000
    assert torch.equal(counts, counts.T)
    assert (lesson["information"] == 0).double().mean() > 0.6, "most of the numbers are 0"


def test_counts_hold_everything_alike_and_ppmi_does_not(lesson: dict) -> None:
    limits = {"counts": (0.98, 0.85, 0.95), "information": (0.5, 0, 0.3), "vectors": (0.85, -0.1, 0.3)}
    for table, (least_queen, least_car, most_car) in limits.items():
        assert cosine(lesson, "king", "queen", lesson[table]) > least_queen
        assert least_car < cosine(lesson, "king", "car", lesson[table]) < most_car


def test_the_figures_of_counts_and_of_ppmi(lesson: dict) -> None:
    counts, information, company = lesson["some_counts"], lesson["some_information"], lesson["some_company"]
    the = company.index("the")
    assert (counts.argmax(dim=1) == the).all()
    others = torch.arange(len(company)) != the
    assert [round(number.item(), 2) for number in (counts[:, the].min(), counts[:, the].max())] == [0.7, 0.89]
    telling = [company.index(word) for word in ("drive", "repair", "fresh", "eat", "wear")]
    assert round(counts[:, telling].max().item(), 2) == 0.22
    assert counts[:, others].max() < counts[:, the].min() / 2, "by far the largest"
    vehicles, fruits = information[2:4], information[4:6]
    for rows, telling in ((vehicles, ["drive", "repair"]), (fruits, ["fresh", "eat"])):
        columns = [company.index(word) for word in telling]
        assert rows[:, columns].min() > 1.2
        assert rows[:, columns].min() > 2 * information[:, the].max()
    assert information[:2].max() < 1.2, "king and queen have small values only"


def test_hand_worked_pmi(lesson: dict) -> None:
    said = [float(number) for number in re.findall(r"PMI +(-?\d+\.\d+|-inf)", lesson["__printed__"])[:4]]
    assert said == [0.0, round(math.log(5), 2), round(math.log(1 / 4), 2), -math.inf]


def test_svd_brings_the_people_nearer_and_keeps_the_rest_away(lesson: dict) -> None:
    cosines, others = lesson["king_cosines"], lesson["others"]
    by_ppmi, by_svd = cosines["PPMI"], cosines["SVD of PPMI"]
    assert others[:3] == ["queen", "prince", "woman"]
    assert min(cosines["counts"]) > 0.85
    assert min(by_ppmi[:3]) > max(by_ppmi[3:]) + 0.2
    assert min(by_svd[:3]) > max(by_svd[3:]) + 0.5
    assert all(one < other for one, other in zip(by_ppmi[:3], by_svd[:3], strict=True))
    assert lesson["vectors"].shape == (len(lesson["vocabulary"]), 32)
    assert 380 <= len(lesson["vocabulary"]) <= 420, "four hundred"
    assert cosine(lesson, "drives", "drove", lesson["vectors"]) > cosine(
        lesson, "drives", "drove", lesson["information"]
    )


def test_the_strongest_patterns_leave_accidents_out(lesson: dict) -> None:
    """The king sings once and never finds, the queen the other way round."""
    index, counts, information = lesson["index"], lesson["counts"], lesson["information"]
    people, doings = [index["king"], index["queen"]], [index["sings"], index["finds"]]
    assert counts[people][:, doings].tolist() == [[1, 0], [0, 1]]
    left, sizes, right = torch.linalg.svd(information)
    patterns = (left[:, :32] * sizes[:32]) @ right[:32]
    king, queen = information[people][:, doings]
    assert (king - queen).abs().min() > 1.9
    king, queen = patterns[people][:, doings]
    assert (king - queen).abs().max() < 0.2


def test_without_its_subtraction_the_first_pattern_is_what_all_share(lesson: dict) -> None:
    first = torch.linalg.svd(lesson["directions"])[2][0]
    mean = lesson["directions"].mean(dim=0)
    assert cosine_similarity(first, mean).abs() > 0.9


def test_two_patterns_are_nearly_the_small_table(lesson: dict) -> None:
    small, (left, sizes, right) = lesson["small"], (lesson[name] for name in ("left", "sizes", "right"))
    one, two = (sizes[k] * torch.outer(left[:, k], right[k]) for k in range(2))
    assert (small - one - two).abs().max() < 0.1, "in the rest nothing is larger than 0.1"
    assert one[2:].abs().max() < 1e-6, "pattern 1 is that of car and bus"
    assert two[:2].abs().max() < 1e-6, "pattern 2 is that of apple and plum"
    said = [round(number.abs().item(), 2) for number in (sizes[0], left[0, 0], right[0, 0])]
    assert said == [5.76, 0.58, 0.71]
    assert [round(number.abs().item(), 2) for number in left[:, 0]] == [0.58, 0.81, 0, 0]
    assert left[0, 1].abs() < 1e-6, "the car has 0 in the second pattern"
    assert round(one[0, 0].item(), 1) == 2.4
    assert 32 * (2 * lesson["n_words"] + 1) / lesson["n_words"] ** 2 == pytest.approx(1 / 6, abs=0.01), "a sixth"
    rule = svd_embedding(torch.tensor([[0.2, 0.8], [-0.9, -0.5], [0.4, 0.1]]), 2)
    assert (rule.gather(0, rule.abs().argmax(dim=0, keepdim=True)) > 0).all()


def test_more_numbers_do_not_make_the_meaning_more_exact(lesson: dict) -> None:
    everything = lesson["all_patterns"]
    likeness = {size: cosine(lesson, "king", "queen", everything[:, :size]) for size in (32, 128, 402)}
    assert everything.shape == (402, 402)
    assert likeness[32] > likeness[128] + 0.3 > likeness[402] + 0.5
    assert likeness[402] == pytest.approx(0.20, abs=0.005)
    assert likeness[402] < cosine(lesson, "king", "queen", lesson["information"]), "worse than without any SVD"
    left, sizes, _ = torch.linalg.svd(lesson["information"])
    with_all_strength = cosine(lesson, "king", "queen", left * sizes)
    assert with_all_strength == pytest.approx(cosine(lesson, "king", "queen", lesson["information"])), "it is the root"
    people = {noun.name for noun in nouns("people")}
    assert not people & set(neighbours(lesson, "king", everything[:, :2], 3)), "2 numbers: nonsense"
    for size in (8, 32, 128, 402):
        assert neighbours(lesson, "wug", everything[:, :size], 1) == ["cat"]
    few = [size for size in range(2, 9) if neighbours(lesson, "wug", everything[:, :size], 1) == ["cat"]]
    assert few[0] > 2


def test_king_and_car_stand_near_the_words_that_stand_everywhere(lesson: dict) -> None:
    """Not `the` alone: without its column they are still alike, without the six most frequent columns less so."""
    counts, king, car = lesson["counts"], lesson["index"]["king"], lesson["index"]["car"]
    by_frequency = counts.sum(dim=0).argsort(descending=True)
    with_all, without_one, without_six = (
        cosine_similarity(counts[king, by_frequency[n:]], counts[car, by_frequency[n:]]).item() for n in (0, 1, 6)
    )
    assert with_all > without_one > 0.75 > 0.65 > without_six
    information, company = lesson["some_information"], lesson["some_company"]
    assert information[0, company.index("the")] < information[0, company.index("wear")]


def test_a_temperature_is_a_factor_of_the_scores(lesson: dict) -> None:
    """Lesson 00 multiplied the scores by 0.25 and by 4: the temperatures 4 and 0.25."""
    red, keys, tastes = lesson["red"], lesson["keys"], lesson["tastes"]
    for factor, temperature in ((0.25, 4), (4, 0.25)):
        assert torch.allclose(soft_lookup(red, keys, tastes, temperature), soft_lookup(factor * red, keys, tastes, 1))


def test_neighbours_are_of_a_kind(lesson: dict) -> None:
    found = lesson["neighbours"]
    people = {noun.name for noun in nouns("people")}
    assert set(found["king"]) <= people
    assert set(found["car"]) <= {"tram", "trams", "bus", "buses", "train", "trains", "cars"}
    assert "cat" in lesson["wug"][:2]
    assert set(lesson["wug"]) <= {"cat", "dog", "horse", "lion", "mouse", "bird", "animal", "cats", "dogs"}


def test_the_plane_shows_four_groups_and_the_wug_among_the_animals(lesson: dict) -> None:
    points_of = lesson["points_of"]
    middles = torch.stack([points.mean(dim=0) for points in points_of.values()])
    spread = max((points - points.mean(dim=0)).norm(dim=1).max() for points in points_of.values())
    assert torch.pdist(middles).min() > 1.5 * spread
    wug = points_of["animals"][-1]
    assert list(points_of)[(middles - wug).norm(dim=1).argmin()] == "animals"


def test_the_famous_sum_does_not_come_out_and_the_plural_does(lesson: dict) -> None:
    assert lesson["king_sum"][0] in ("king", "man", "woman")
    assert set(lesson["dogs_sum"]) <= {"apples", "plums", "bananas"}


def test_word2vec_finds_the_shifted_pmi(lesson: dict) -> None:
    assert lesson["correlation"] == pytest.approx(0.99, abs=0.005)
    assert (lesson["dots"] - lesson["shifted_pmi"]).abs().mean() < 0.15
    slope = ((lesson["dots"] * lesson["shifted_pmi"]).sum() / lesson["shifted_pmi"].square().sum()).item()
    assert slope == pytest.approx(1, abs=0.05), "the points lie on the line, not only along one"
    errors = lesson["dots"] - lesson["shifted_pmi"]
    far, next_far = errors.abs().topk(2).values
    assert far > 1.5 * next_far
    row, column = (lesson["counts"] >= 20).nonzero()[errors.argmin()]
    assert lesson["vocabulary"][row] == lesson["vocabulary"][column] == "she", "the one point far below the line"
    assert errors.argmin() % 4 == 0, "and it is drawn"
    words = lesson["word_vectors"]
    assert cosine(lesson, "king", "queen", words) > cosine(lesson, "king", "car", words) + 0.4
    assert "cat" in neighbours(lesson, "wug", words, 2)


def test_experiments_to_try_come_out_as_they_hint(lesson: dict) -> None:
    keys, tastes, yellow = lesson["keys"], lesson["tastes"], torch.tensor([[1.0, 1.0, 0.0]])
    assert soft_lookup(yellow, keys, tastes, 1e-4)[0].tolist() == [0.5, 0.5], "banana and lemon share it"
    assert soft_lookup(yellow, keys, tastes, 0.0).isnan().all()
    size = len(lesson["vocabulary"])
    narrow, wide = (
        svd_embedding(ppmi(cooccurrence(lesson["numbered"], size, window).double()), 32) for window in (1, 10)
    )
    forms = {"eats", "eating", "ate", "eaten"}
    assert len(forms & set(neighbours(lesson, "eat", narrow))) < len(forms & set(neighbours(lesson, "eat", wide)))
    vehicles = {"tram", "trams", "bus", "buses", "train", "trains", "cars"}
    assert not set(neighbours(lesson, "car", svd_embedding(lesson["counts"], 32))) <= vehicles
    assert "cat" not in neighbours(lesson, "wug", svd_embedding(lesson["information"], 2), 2)


def test_the_loss_begins_as_a_guessers_and_ends_near_the_least_there_is(lesson: dict) -> None:
    assert 6 * math.log(2) == pytest.approx(4.16, abs=0.005)
    assert lesson["ideal"].item() < lesson["loss"].item() < lesson["ideal"].item() + 0.03
