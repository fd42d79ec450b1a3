"""Lesson 09: what its prose and its captions claim is what its cells compute."""

import math

import pytest

from course import corpus
from tests.lessons import run_lesson


@pytest.fixture(scope="module")
def lesson() -> dict:
    return run_lesson("09")


def test_four_words_and_the_tie(lesson: dict) -> None:
    assert lesson["neighbours"]["es"] == lesson["neighbours"]["st"] == max(lesson["neighbours"].values())
    merges = lesson["byte_pair_merges"](lesson["toy_counts"], 3)
    assert merges == [("e", "s"), ("es", "t"), ("l", "o")]


def test_more_merges_make_sentences_shorter_and_the_table_longer(lesson: dict) -> None:
    assert lesson["per_word"] == sorted(lesson["per_word"], reverse=True)
    assert lesson["kinds"] == sorted(lesson["kinds"])
    assert lesson["per_word"][0] > 5
    assert lesson["per_word"][-1] == 1
    assert lesson["kinds"][-1] == len(lesson["german_counts"])


def test_the_hamster_falls_to_pieces(lesson: dict) -> None:
    assert lesson["german"].unknown(["der", "Hamster", "schläft"]) == ["Hamster"]
    assert len(lesson["german"].encode(["Hamster"])) > 2


def test_random_batches_are_a_third_padding(lesson: dict) -> None:
    assert 1 / 3 < lesson["padded"] < 1 / 2


def test_the_best_sureness_with_smoothing(lesson: dict) -> None:
    assert lesson["best_sureness"]["smoothing 0.1"] == pytest.approx(1 - 0.1 + 0.1 / 4, abs=0.01)
    assert lesson["best_sureness"]["smoothing 0.0"] == pytest.approx(0.999)  # the end of the curve


def test_schedules(lesson: dict) -> None:
    assert lesson["paper"][-1] / max(lesson["paper"]) == pytest.approx(1 / 3, abs=0.02)
    assert lesson["ours"][-1] == 0
    assert lesson["ours"][99] == 1
    assert lesson["ours"].index(max(lesson["ours"])) == 99


def test_one_batch_is_learned_by_heart(lesson: dict) -> None:
    assert lesson["by_heart_right"] == 16


def test_bleu_by_hand(lesson: dict) -> None:
    assert lesson["matching"].total() == 6
    assert lesson["corpus_bleu"](["abcde"], ["abcdf"]) == pytest.approx(66.9, abs=0.05)


def test_the_translator_translates(lesson: dict) -> None:
    exact = {name: right for name, (_, right, _) in lesson["results"].items()}
    bleu = {name: score for name, (_, _, score) in lesson["results"].items()}
    assert exact["unseen_sentences"] > 0.95
    assert exact["unseen_pairs"] > 0.93
    assert 0.35 < exact["longer"] < 0.8
    assert bleu["longer"] > 100 * exact["longer"] + 10
    assert " ".join(lesson["running_translation"]) == "can you help me to translate this sentence ?"
    assert lesson["running_translation"] == list(corpus.running_pair().english)
    assert corpus.running_pair().german not in {pair.german for pair in lesson["splits"].train}


def test_an_unknown_word_is_named_and_nothing_crashes(lesson: dict, capsys) -> None:
    assert "Not in the text that the translator has read: Hamster" in lesson["__printed__"]
    assert lesson["show_translation"]("") == []


def test_it_looks_where_the_truth_is(lesson: dict) -> None:
    assert lesson["accuracy"] > 0.85
    assert lesson["error_rate"] < 0.2
    assert lesson["shifted_accuracy"] < 0.4
    assert lesson["by_head"].max() <= 1
    assert lesson["by_head"][1].mean() > 0.85
    assert lesson["by_head"][0].mean() < 0.85


def test_attention_beats_one_state_at_every_length(lesson: dict) -> None:
    pupils = lesson["pupils"]
    assert all(one < two for one, two in zip(pupils["GRU"], pupils["Transformer"], strict=True))
    assert pupils["GRU"][2] < 20
    assert pupils["GRU + attention"][2] < pupils["Transformer"][2]
    assert all(curve[3] < curve[2] for curve in pupils.values())


def test_the_sick_have_lower_losses_and_cannot_translate(lesson: dict) -> None:
    loss = {name: row[0] for name, row in lesson["ward"].items()}
    right = {name: row[1] for name, row in lesson["ward"].items()}
    assert right["healthy"] > 60
    assert set(sorted(loss, key=loss.get)[:2]) == {"target_not_shifted", "sees_the_future"}
    assert loss["scrambled_heads"] < loss["healthy"] + 0.4
    for name in ("sees_the_future", "target_not_shifted", "scrambled_heads"):
        assert right[name] < 5, name
    assert loss["source_never_read"] > loss["healthy"] + 0.5
    assert right["source_never_read"] < 5
    assert right["scale_forgotten"] < right["healthy"]
    assert math.isfinite(sum(loss.values()))


