"""Lesson 13: what its prose and its captions claim is what its cells compute, and transformers says what it is said to.
"""

from __future__ import annotations

from statistics import mean

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, MarianConfig, MarianMTModel

pytestmark = pytest.mark.lesson("13")


def test_no_sentence_is_in_two_parts_and_the_new_words_are_about_one_in_seven(lesson: dict) -> None:
    data = lesson["data"]
    words = [words for part in data[:4] for words, _ in part] + data.plain
    assert len(set(words)) == len(words)
    assert len(data.labelled) == 100
    assert 0.1 < lesson["unknown_share"] < 0.2


def test_each_system_on_the_way_is_better_than_the_one_before(lesson: dict) -> None:
    scores = lesson["scores"]
    assert scores["rules"] < scores["1-gram"] < scores["HMM"]
    assert abs(scores["3-gram"] - scores["1-gram"]) < 1


def test_viterbi_wins_where_one_by_one_errs(lesson: dict) -> None:
    assert lesson["viterbi"](lesson["emissions"], lesson["transition"], lesson["start"])[0] == [0, 1]
    assert lesson["one_by_one"] == [2, 1]


def test_on_a_hundred_sentences_the_newest_is_not_the_best(lesson: dict) -> None:
    found = {name: mean(shares) for name, shares in lesson["on_test"].items()}
    best_counted = found["HMM"]
    assert found["rules"] < found["1-gram"] < best_counted < found["maximum entropy"] < found["CRF"]
    assert max(found, key=lambda name: found[name] if name in lesson["learning"] else 0) == "CRF"
    near = [found[name] for name in ("RNN", "LSTM", "GRU", "maximum entropy")]
    assert max(near) - min(near) < 1.5
    assert max(found["encoder"], found["CNN"]) < min(near)
    seconds = lesson["seconds"]
    assert seconds["CRF"] < min(seconds[name] for name in ("LSTM", "GRU", "encoder"))


def test_with_more_labels_all_meet(lesson: dict) -> None:
    by_amount = lesson["by_amount"]
    first, _, last = zip(*by_amount.values(), strict=True)
    assert max(last) - min(last) < 0.5 < 3 < max(first) - min(first)
    assert min(last) > 99


def test_the_model_that_counts_is_soon_level_with_the_encoder(lesson: dict) -> None:
    """Measured once: from seeds 0 to 2 the encoder reaches 97.1, 96.9 and 97.1 with 300 sentences, the HMM 96.9; with
    1100 it reaches 99.7 and 99.6 from seeds 1 and 2."""
    counts, encoder = lesson["by_amount"]["HMM"], lesson["by_amount"]["encoder"]
    assert encoder[0] > counts[0] + 1
    assert max(abs(one - other) for one, other in zip(counts[1:], encoder[1:], strict=True)) < 0.5


def test_plain_text_lifts_the_networks_and_the_encoder_most(lesson: dict) -> None:
    """Measured once, pretrain(..., seed=0), 1 and 2 after torch.manual_seed(0), 1 and 2: 94.9, 94.7 and 93.6."""
    found = {name: mean(shares) for name, shares in lesson["on_test"].items()}
    assert found["CNN, word vectors"] > found["CNN"] + 1
    assert found["encoder, word vectors"] > found["encoder"] + 0.5
    assert found["encoder, pre-trained"] > found["encoder, word vectors"] + 0.5
    assert abs(found["CRF"] - found["encoder, pre-trained"]) < 1, "nearly up to the CRF, as the prose says"


def test_no_part_of_llama_changes_the_loss_by_more_than_chance(lesson: dict) -> None:
    """Measured once, [learns(new, seed) for seed in range(6)]: the GPT 4.755 (4.669 to 4.802), norm 4.754, gate 4.767,
    rotary 4.747, shared 4.713, Llama 4.750."""
    gains, chance, lost = lesson["gains"], lesson["apart_by_chance"], lesson["lost"]
    assert max(map(abs, gains.values())) < chance
    assert min(gains, key=gains.get) == "shared", "two runs make shared keys look worse"
    assert mean(lost["GPT"][:2]) < mean(lost["shared"]) < max(lost["GPT"])
    others = [loss for name, found in lost.items() if name != "GPT" for loss in found]
    inside = [min(lost["GPT"]) <= loss <= max(lost["GPT"]) for loss in others]
    assert sum(inside) >= len(others) - 2, "nearly all lie in the band"


def test_the_crf_asks_for_fewer_neighbours_than_maximum_entropy(lesson: dict) -> None:
    scores = lesson["scores"]
    alone, beside = (scores[f"CRF, {n} neighbours on each side"] for n in (0, 1))
    assert abs(alone - beside) < 0.5
    unaided, aided, crowded = (scores[f"maximum entropy, {n} neighbours on each side"] for n in (0, 1, 2))
    assert aided > max(unaided + 1, crowded)
    assert abs(scores["CRF, broken"] - unaided) < 0.5
    assert 3.5 < alone - scores["CRF, broken"] < 4.5


def test_filters_of_width_3_are_best(lesson: dict) -> None:
    """Measured once from seeds 0 to 4: width 1 reaches 88.9 to 89.8, width 3 90.3 to 90.6, width 5 87.5 to 88.4."""
    one, three, five = (lesson["scores"][f"filters of width {width}"] for width in (1, 3, 5))
    assert five < one < three


def test_a_mark_at_the_beginning_lets_the_filters_find_questions(lesson: dict) -> None:
    assert lesson["questions"]["with"] > lesson["questions"]["without"] + 2


def test_chains_grow_with_the_words_or_not_at_all(lesson: dict) -> None:
    chains = lesson["chains"]
    for name in ("CRF", "GRU"):
        short, middle, long = chains[name]
        assert (long - middle) / (middle - short) == pytest.approx(96 / 24)
    assert len(set(chains["encoder"])) == len(set(chains["CNN"])) == 1
    assert {name: len(row) for name, row in lesson["took"].items()} == dict.fromkeys(chains, 4)


def test_llama_3_has_as_many_parameters_as_it_is_named_after(lesson: dict) -> None:
    assert sum(p.numel() for p in lesson["giant"].parameters()) / 1e9 == pytest.approx(405, rel=0.005)
    assert lesson["cache_bytes"](126, 8, 128, 131_072) == pytest.approx(67.6e9, rel=0.01)


def test_transformers_says_what_the_lesson_wrote_down(lesson: dict) -> None:
    def config(kind: type, found: dict) -> object:
        return kind(**{name: value for name, value in found.items() if name != "model_type"})

    llama = LlamaForCausalLM(config(LlamaConfig, lesson["their_config"])).eval()
    llama.load_state_dict(lesson["their_state"])
    marian = MarianMTModel(config(MarianConfig, lesson["marian_config"])).eval()
    assert not marian.load_state_dict(lesson["marian_state"], strict=False).unexpected_keys
    marian.tie_weights()
    with torch.no_grad():
        continued = llama(torch.tensor([[3, 1, 4, 1, 5]])).logits[0, -1]
        source, target = torch.tensor([[5, 7, 2, 0]]), torch.tensor([[13, 4, 9]])
        translated = marian(input_ids=source, decoder_input_ids=target).logits[0, -1]
    torch.testing.assert_close(lesson["llama_said"], continued, rtol=0, atol=1e-4)
    torch.testing.assert_close(lesson["marian_said"], translated, rtol=0, atol=1e-4)
    torch.testing.assert_close(lesson["scores_now"], continued, rtol=0, atol=1e-5)
    torch.testing.assert_close(lesson["ours"][:13], translated[:13], rtol=0, atol=1e-5)
    assert lesson["difference"] > 0.002
