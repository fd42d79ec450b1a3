"""Lesson 08: what its prose and its captions claim is what its cells compute."""

import math
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

pytestmark = pytest.mark.lesson("08")


def test_only_cross_attention_notices_another_source(lesson: dict) -> None:
    assert lesson["notices"] == {"cross_attend": True, "reads_itself": False}


def test_unscaled_words_are_drowned_by_positions(lesson: dict) -> None:
    assert round((lesson["position_size"] / lesson["row_size"]).item()) == 16
    assert lesson["row_size"].item() * math.sqrt(512) == pytest.approx(1, abs=0.01)
    assert lesson["position_size"].item() == pytest.approx(0.7, abs=0.01)


def test_the_trap_numbers_sentences_and_not_words(lesson: dict) -> None:
    numbered = lesson["numbered"]
    assert torch.equal(numbered[0, 0], numbered[0, 1])
    assert not torch.equal(numbered[0], numbered[1])


def test_the_dictionary_is_read_backwards_through_noise(lesson: dict) -> None:
    logits = lesson["logits"]
    assert logits.shape == (10_000,)
    assert logits.argmax() == 4711
    assert logits[4711] > 3 * logits.topk(2).values[1]
    assert (lesson["noisy"] - lesson["meaning"]).norm() == pytest.approx(lesson["meaning"].norm().item(), rel=0.1)


def test_the_decoder_layer_is_torchs(lesson: dict) -> None:
    assert lesson["same_as_torch"]


def test_the_picture_shows_what_the_model_did(lesson: dict) -> None:
    left, right, links = lesson["left"], lesson["right"], lesson["links"]
    assert [kind for _, _, kind, _ in left] == ["box"] * 3 + ["normed branch"] * 4 + ["box"]
    assert [kind for _, _, kind, _ in right] == ["box"] * 3 + ["normed branch"] * 6 + ["box"] * 2
    assert {text for name, text, *_ in right if name == "cross-attention"} == {"6 look at 4"}
    assert {text for name, text, *_ in right if name == "self-attention"} == {"6 look at 6"}
    triangle = torch.ones(6, 6).tril().int().tolist()
    assert all(mask == triangle for name, *_, mask in right if name == "self-attention")
    assert all(mask == [[1] * 4] for name, *_, mask in left + right if name in ("attention", "cross-attention"))
    assert (left[0][1], right[0][1], right[-1][1]) == ("(1, 4)", "(1, 6)", "(1, 6, 12)")
    assert {text for _, text, kind, _ in left[1:] if kind == "box"} == {"(1, 4, 16)"}
    assert [right[row][0] for _, (_, row) in links] == ["cross-attention"] * 2
    assert {left[row][0] for (_, row), _ in links} == {"encoder's last norm"}


def test_the_parameters_of_the_paper_part_by_part(lesson: dict) -> None:
    parts = lesson["parts"]
    assert sum(parts.values()) == sum(parameter.numel() for parameter in lesson["base"].parameters()) == 63_082_496
    assert max(parts, key=parts.get) == "decoder"
    assert 65e6 / sum(parts.values()) - 1 == pytest.approx(0.03, abs=0.005)
    assert sum(lesson["big"].values()) / 213e6 - 1 == pytest.approx(0.01, abs=0.005)
    assert sum(lesson["big"].values()) / (lesson["said_big"] * 1e6) - 1 == pytest.approx(0.0056, abs=0.0005)
    assert lesson["rows_base"] == pytest.approx(40_700, abs=50)
    assert lesson["rows_big"] == pytest.approx(35_800, abs=50)
    assert (
        lesson["rows_base"] - 0.5e6 / 512 > lesson["rows_big"] + 0.5e6 / 1024
    )  # rounding to millions does not explain it


def test_torch_counts_the_same_operations(lesson: dict) -> None:
    assert lesson["counted"] == lesson["formula"] > 0


def test_attention_is_cheap_for_sentences_and_dear_for_books(lesson: dict) -> None:
    assert lesson["share"]["attention"] < 1
    assert lesson["crossing"] == 2390
    costs = lesson["costs"]
    for kind, growth in {"projections": 2, "attention": 4, "feed_forward": 2, "output": 2}.items():
        assert costs[kind][-1] / costs[kind][-2] == pytest.approx(growth), kind
    assert costs["attention"][0] < min(costs[kind][0] for kind in costs if kind != "attention") / 50
    assert costs["attention"][-1] > max(costs[kind][-1] for kind in costs if kind != "attention")


def test_the_picture_of_the_layer_has_one_closed_card(lesson: dict) -> None:
    assert lesson["memory_mask"].tolist() == [True] * 4 + [False]
    assert (len(lesson["written"]), len(lesson["cards"])) == (3, 5)


def test_your_positions_are_in_your_model(lesson: dict) -> None:
    assert type(lesson["reverser"].positions) is lesson["SinusoidalPositions"]
    assert lesson["in_use"] is lesson["SinusoidalPositions"]
    assert type(lesson["reverser"].encoder).__module__ == "course.blocks"


def test_a_call_is_timed_right_by_a_clock_that_ticks_every_16_ms(lesson: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def takes(seconds: float) -> Callable:
        return lambda _: now.__setitem__(0, now[0] + seconds)

    monkeypatch.setattr(time, "process_time", lambda: now[0] // 0.015625 * 0.015625)
    for seconds in (0.0004, 0.003, 0.04):
        assert lesson["milliseconds"](takes(seconds), torch.ones(1)) == pytest.approx(1000 * seconds, rel=0.1)


def test_attention_and_the_gru_are_timed_at_five_lengths(lesson: dict) -> None:
    times = lesson["times"]
    assert {name: len(row) for name, row in times.items()} == {"GRU": 5, "attention": 5, "convolution": 5}
    growth = {name: row[-1] / row[0] for name, row in times.items()}
    assert growth["attention"] > growth["GRU"] > 4, growth
    assert times["attention"][0] < times["GRU"][0]
    assert lesson["waits"]["GRU"][-1] == 1024


def test_the_model_writes_backwards_and_looks_down_the_other_diagonal(lesson: dict) -> None:
    assert lesson["shares"]["yours"] > 0.97
    assert lesson["write"](lesson["reverser"], ["stressed", "live", "drawer"]) == ["desserts", "evil", "reward"]
    looks = lesson["looks"]
    assert looks[:8].argmax(dim=-1).tolist() == [7, 6, 5, 4, 3, 2, 1, 0]
    assert looks.sum(dim=-1).allclose(torch.ones(9))
    assert (looks[:8].max(dim=-1).values > 0.5).all()
    assert looks[2].tolist() == pytest.approx([0, 0, 0, 0, 0.02, 0.95, 0.02, 0], abs=0.03)  # the first s
    second_s, end = looks[3], looks[8]
    assert second_s.topk(2).indices.tolist() == [4, 3]
    assert second_s[3] > 0.2
    assert end[:2].min() > 0.25
    assert end[:2].sum() > 0.9


def test_the_broken_model_has_the_lower_loss_and_writes_nothing_right(lesson: dict) -> None:
    right, broken = lesson["smooth"]["yours"], lesson["smooth"]["no causal mask"]
    assert all(low < high for low, high in list(zip(broken, right, strict=True))[4:])
    assert 5 * lesson["early"]["broken"] < lesson["early"]["yours"]
    assert lesson["early"]["yours"] == pytest.approx(1.2, abs=0.3)
    assert lesson["shares"]["broken"] == 0
    assert lesson["write"](lesson["broken"], ["stressed", "live"]) == ["", ""]


@pytest.mark.parametrize(
    ("choices", "least", "most"),
    [({"shared": False}, 0.6, 1.4), ({"tied": False}, 0, 0.2), ({"shared": False, "tied": False}, 0, 0.2)],
)
def test_untied_it_learns_faster(lesson: dict, choices: dict, least: float, most: float) -> None:
    """As in train, but only up to the step of which the prose speaks; against the loss of the model as given."""
    torch.manual_seed(0)
    generator, losses = torch.Generator().manual_seed(0), []
    model = lesson["Transformer"](replace(lesson["SMALL"], **choices))
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / 50, 1 - step / 700))
    for _ in range(200):
        source, target, answers = lesson["practice"](lesson["random_words"](64, generator))
        scores = model(source, target).flatten(0, 1)
        loss = torch.nn.functional.cross_entropy(scores, answers, ignore_index=lesson["PAD"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    assert least < sum(losses[180:]) / 20 / lesson["early"]["yours"] < most


def test_of_the_new_words_31_were_met(lesson: dict) -> None:
    assert sum(word in lesson["met"] for word in lesson["new_words"]) == 31
    shortest = [len(word) for word in lesson["new_words"] if word in lesson["met"]]
    assert max(shortest) <= 4, "only of the shortest are there few"
