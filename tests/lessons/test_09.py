"""Lesson 09: what its prose and its captions claim is what its cells compute."""

import math
import pkgutil

import pytest
import torch

from course import corpus
from course.own_translator import load_translator
from course.tokenizer import UNKNOWN
from course.translation import translate

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
    german = lesson["german"]
    assert german.unknown(["der", "Hamster", "schläft"]) == ["Hamster"]
    tokens = german.encode(["Hamster"])
    assert len(tokens) > 2
    assert UNKNOWN not in tokens
    assert german.decode(tokens) == ["Hamster"]


def test_one_word_in_ten_is_read_in_parts_and_the_tests_are_whole(lesson: dict) -> None:
    whole, cut = ([source for source, _ in lesson[pairs]] for pairs in ("whole", "to_train"))
    assert all(lesson["german"].decode(a) == lesson["german"].decode(b) for a, b in zip(whole[:300], cut, strict=False))
    assert 1.1 < sum(map(len, cut)) / sum(map(len, whole)) < 1.5
    longest = max(len(pair.german) for pair in lesson["splits"].unseen_sentences)
    assert max(len(source) for source, _ in lesson["encoded"]["unseen_sentences"]) == longest


def test_what_runs_is_made_of_what_stands_in_the_notebook(lesson: dict) -> None:
    """The solved notebook has all nine answers, and eight of them run in the translator."""
    names = [
        "byte_pair_merges", "bpe_encode", "bpe_decode", "batches_by_length", "label_smoothing_loss",
        "warmup_schedule", "train_step",
    ]  # fmt: skip
    made = lesson["made"]
    assert all(getattr(made, name) is lesson[name] for name in names)
    assert lesson["train"].__globals__["batches_by_length"] is lesson["batches_by_length"]
    assert all(f"{name}" in repr(made.of(name)).partition("(yours)")[0] for name in names)
    assert f"{len(names)} of " in repr(made.of("Transformer", "Tokenizer", "train", "translate"))


def test_muon_wins_the_race(lesson: dict) -> None:
    exact = lesson["exact"]
    assert exact["Muon"] > exact["AdamW"] + 15
    assert sum(lesson["losses_of"]["Muon"][-50:]) < sum(lesson["losses_of"]["AdamW"][-50:])


def test_fused_computes_the_same(lesson: dict) -> None:
    built, quick = lesson["fresh"](64), lesson["fused"](lesson["fresh"](64))
    assert type(built) is not type(quick)
    source, target = (lesson["as_batch"]([tokens]) for tokens in lesson["to_train"][0])
    assert torch.allclose(built(source, target), quick(source, target), atol=1e-5)


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
    assert lesson["by_heart_right"] == 100


def test_bleu_by_hand(lesson: dict) -> None:
    assert lesson["matching"].total() == 6
    assert lesson["corpus_bleu"](["abcde"], ["abcdf"]) == pytest.approx(66.9, abs=0.05)


def test_the_translator_translates(lesson: dict) -> None:
    exact = {name: right for name, (_, right, _) in lesson["results"].items()}
    bleu = {name: score for name, (_, _, score) in lesson["results"].items()}
    assert exact["unseen_sentences"] > 0.95
    assert exact["unseen_pairs"] > 0.93
    assert 0.35 < exact["longer"] < exact["unseen_sentences"]
    assert bleu["longer"] > 100 * exact["longer"]
    shares = list(lesson["exact_at"].values())
    assert shares[-1] > 90 > shares[0]
    assert " ".join(lesson["running_translation"]) == "can you help me to translate this sentence ?"
    assert lesson["running_translation"] == list(corpus.running_pair().english)
    assert corpus.running_pair().german not in {pair.german for pair in lesson["splits"].train}


def test_what_was_taught_is_translated_and_what_was_never_met_is_not(lesson: dict) -> None:
    right = lesson["typed_right"]
    assert right["taught", True] > 85
    assert right["taught", False] > 75
    assert right["never met", True] < right["taught", True] - 20
    assert right["never met", False] < right["taught", False] - 20


def test_doubt_finds_most_of_what_is_wrong(lesson: dict) -> None:
    found = lesson["by_sentence"]
    assert found.precision > 0.5
    assert found.recall > 0.5
    wrong = sum((1 - lesson["typed_right"][name, True] / 100) * len(some) for name, some in lesson["typed"].items())
    assert found.wrong == round(wrong)


def test_the_box_translates_and_names_what_nobody_has_read(lesson: dict) -> None:
    made = lesson["translated"](corpus.running_pair().german)
    assert list(made.words) == list(corpus.running_pair().english)
    assert len(made.doubtful) == len(made.words)
    assert tuple(made.weights.shape) == (len(made.rows), len(made.columns))
    assert not lesson["translated"](()).words
    assert "Hamster" in corpus.mend("Der Hamster schläft.", lesson["german"].words).unknown


def test_a_hamster_is_learned_by_heart_and_little_is_forgotten(lesson: dict) -> None:
    assert lesson["by_heart_too"] >= 80
    assert lesson["exactly"](lesson["keeper"], lesson["watched"]) > lesson["before"] - 10


def test_a_translator_that_is_kept_comes_back(lesson: dict, tmp_path) -> None:
    lesson["save_translator"](tmp_path / "translator.pt", lesson["translator"], lesson["german"], lesson["english"])
    model, german, english = load_translator(tmp_path / "translator.pt")
    source = german.encode(corpus.running_pair().german)
    assert tuple(english.decode(translate(model, [source])[0])) == corpus.running_pair().english
    assert lesson["kept"]("translator.pt") is None, "the course's own run leaves nothing behind"


def test_it_looks_where_the_truth_is(lesson: dict) -> None:
    assert lesson["accuracy"] > 0.85
    assert lesson["error_rate"] < 0.2
    assert lesson["shifted_accuracy"] < 0.4
    assert lesson["by_head"].max() <= 1
    assert lesson["by_head"][1].mean() > 0.85
    assert lesson["by_head"][0].mean() < 0.85


def test_attention_beats_one_state_at_every_length(lesson: dict) -> None:
    pupils = lesson["pupils"]
    assert all(one < two for one, two in zip(pupils["GRU"][:3], pupils["Transformer"][:3], strict=True))
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
    assert right["healthy"] > 70
    assert all(loss[name] < loss["healthy"] + 0.15 and right[name] < 10 for name in LEAKS)
    assert set(lesson["by_loss"][:3]) < LEAKS
    assert loss["healthy"] + 0.05 < loss["heads scrambled"] < loss["healthy"] + 0.8
    assert loss["source never read"] > loss["healthy"] + 0.5
    assert loss["no residual"] > loss["healthy"] + 0.3
    assert all(right[name] < 10 for name in ("heads scrambled", "source never read"))
    assert right["no residual"] < right["healthy"] - 30


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


def test_other_positions_want_other_weights_and_carry_further(lesson: dict) -> None:
    assert lesson["right_when_swapped"] < 50
    far = {name: sum(curve[-3:]) for name, curve in lesson["curves"].items()}
    assert far["rotary"] > far["ALiBi"]
    assert far["rotary"] > 1.05 * far["rotary, skips"]
    near = [of["unseen_sentences"] for of in lesson["surprise"].values()]
    assert max(near) - min(near) < 0.2
    assert all(of["longer"] > of["unseen_sentences"] for of in lesson["surprise"].values())
    assert min(lesson["by_length"][:3]) > 85
    assert lesson["by_length"][-1] < lesson["by_length"][2]


def test_a_gradient_has_few_strong_directions_and_muons_step_many(lesson: dict) -> None:
    pulls, steps = (x / x[0] for x in (lesson["pulls"], lesson["steps"]))
    assert (pulls > 0.5).sum() < 16
    assert (steps > 0.5).sum() > 40
