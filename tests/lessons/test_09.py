"""Lesson 09: what its prose and its captions claim is what its cells compute."""

import math
import pkgutil

import pytest

from course import corpus

pytestmark = pytest.mark.lesson("09")


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


def test_random_batches_are_a_third_padding_and_ours_are_none(lesson: dict) -> None:
    assert lesson["empty_places"] == 0
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
    assert all(curve[3] <= curve[2] for curve in pupils.values())
    assert max(curve[3] for curve in pupils.values()) < 20


LEAKS = {
    "target not shifted", "no causal mask", "mask inverted", "K and V from the decoder", "mask after the softmax",
    "softmax over the queries",
}  # fmt: skip
HARMLESS = {"no padding mask", "no activation", "normalised x added", "unbiased variance"}


def test_low_losses_and_not_one_sentence_right(lesson: dict) -> None:
    loss, right = ({name: row[i] for name, row in lesson["ward"].items()} for i in (0, 1))
    assert len(loss) == 16
    assert math.isfinite(sum(loss.values()))
    assert right["healthy"] > 60
    assert all(loss[name] < loss["healthy"] + 0.15 and right[name] < 5 for name in LEAKS)
    assert set(lesson["by_loss"][:3]) < LEAKS
    assert loss["healthy"] + 0.05 < loss["heads scrambled"] < loss["healthy"] + 0.8
    assert loss["source never read"] > loss["healthy"] + 0.5
    assert loss["no residual"] > loss["healthy"] + 0.5
    assert all(right[name] < 10 for name in ("heads scrambled", "source never read", "no residual"))


def test_some_bugs_show_in_neither_number(lesson: dict) -> None:
    loss, right = ({name: row[i] for name, row in lesson["ward"].items()} for i in (0, 1))
    for name in HARMLESS:
        assert abs(loss[name] - loss["healthy"]) < 0.15, name
        assert abs(right[name] - right["healthy"]) < 25, name
    for name in ("scores not scaled", "no positions"):
        assert 0 < right[name] < right["healthy"] + 5, name
        assert loss["healthy"] - 0.03 < loss[name] < loss["healthy"] + 0.2, name


def test_every_bug_is_taken_back(lesson: dict) -> None:
    for bug in lesson["bugs"].values():
        for place, wrong in bug.items():
            assert pkgutil.resolve_name(place) is not wrong


def test_other_positions_want_other_weights_and_alibi_carries_further(lesson: dict) -> None:
    rotary, alibi = ({name: right for name, (_, right, _) in lesson[of].items()} for of in ("results", "alibi_results"))
    assert lesson["right_when_swapped"] < 0.5
    assert alibi["longer"] > 0.5
    assert 0.93 < alibi["unseen_sentences"] < rotary["unseen_sentences"]
    assert 0.91 < alibi["unseen_pairs"] < rotary["unseen_pairs"]
    curves = lesson["by_length"]
    assert sum(curves["ALiBi"][2:4]) > sum(curves["rotary"][2:4])
    assert all(curve[0] > 70 and curve[4] < 25 and curve[2] > curve[3] > curve[4] - 5 for curve in curves.values())


def test_a_gradient_has_few_strong_directions_and_muons_step_many(lesson: dict) -> None:
    pulls, steps = (x / x[0] for x in (lesson["pulls"], lesson["steps"]))
    assert (pulls > 0.5).sum() < 16
    assert (steps > 0.5).sum() > 40
