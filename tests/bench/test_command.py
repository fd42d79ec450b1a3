"""Command: every part from end to end, and what it says when something is wrong."""

import math
import re

import pytest
import torch

from course.__main__ import main
from course.bench import command, figures
from course.bench.command import SMALL, bench, chosen, machine, parts_called
from course.bench.decoding import DifferentTokens
from course.bench.figures import PARTS, Bench, Effort
from course.bench.material import Material
from course.bench.table import Figure, Value
from course.bench.translator import BEST_POSITIONS, Trained, lesson_config
from tests.grading import needs_sandbox

ROWS = 18 + 3 + 1 + 4 + 1  # typed sentences, skips, curve, subwords


def test_all_parts_but_grading_run_from_the_command_line_to_the_table(capsys):
    """Some 50 CPU seconds."""
    parts = [name for name in PARTS if name != "grading"]
    assert main(["bench", *parts, "--small", "--seconds", "1", "--seeds", "1"]) == 0
    out, err = capsys.readouterr()
    lines = out.split("\n\n")[1].splitlines()
    assert len(lines) == 2 + ROWS
    assert all(line.count("|") == 3 for line in [lines[0], *lines[2:]])
    assert all(re.search(r"\| (yes|NO)$", line) for line in lines[2:])
    assert len(re.findall(r"to reach: .*; reached: (?:yes|NO)\)\n    \S", out)) == ROWS, (
        "a line as soon as it is measured"
    )
    assert f"torch {torch.__version__}" in out
    assert re.search(rf"total: \d+ CPU-s in \d+ s; \d+ of {ROWS} figures reached, by", out)
    assert "step" in err or "translating" in err


def test_one_part_alone(capsys):
    assert main(["bench", "decoding", "--small"]) == 0
    assert len(capsys.readouterr().out.split("\n\n")[1].splitlines()) == 2 + 3


@needs_sandbox
def test_grading_runs_from_the_command_line_to_the_table(capsys):
    """A class of one, by both; some 25 CPU seconds."""
    assert main(["bench", "grading", "--small"]) == 0
    out, _ = capsys.readouterr()
    assert len(out.split("\n\n")[1].splitlines()) == 2 + 1
    assert re.search(r"CPU-s a submission of a class of 1, .*; the same points in all 7 answers", out)


def test_a_figure_that_is_missed_is_no_error(monkeypatch):
    monkeypatch.setattr(command, "PARTS", {"one": lambda shared: iter([Figure("speed", (Value(0.5, 1.0),))])})
    said = []
    assert bench(["one"], SMALL, said.append, lambda text: None) == 0
    assert "NO" in "".join(said)


def test_different_tokens_are_an_error(monkeypatch):
    def part(shared):
        raise DifferentTokens("of 5 tokens number 3")
        yield

    monkeypatch.setattr(command, "PARTS", {"decoding": part})
    said = []
    assert bench(["decoding"], SMALL, said.append, lambda text: None) == 1
    assert said == ["decoding is wrong: of 5 tokens number 3"]


def test_it_measures_on_one_thread_and_leaves_the_number_as_it_was(monkeypatch):
    seen = []
    monkeypatch.setattr(command, "PARTS", {"one": lambda shared: seen.append(torch.get_num_threads()) or iter([])})
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        bench(["one"], SMALL, lambda text: None, lambda text: None)
        assert (seen, torch.get_num_threads()) == ([1], 2)
    finally:
        torch.set_num_threads(before)


def test_what_is_asked_for_is_chosen():
    assert chosen(Effort(), 5.0, None) == Effort(seconds=5.0)
    assert chosen(Effort(), None, 1) == Effort(n_seeds=1)
    assert chosen(Effort(), None, None) == Effort()
    assert chosen(SMALL, None, None, [20, 100]).classes == (20, 100)
    assert parts_called([]) == list(PARTS)
    assert parts_called(["speed", "decoding"]) == ["speed", "decoding"]


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(ValueError, match=r"^--seeds must be at least 1, not -1$"):
        chosen(Effort(), None, -1)
    for seconds in (0.0, -0.5, math.nan, math.inf):
        with pytest.raises(ValueError, match=f"^--seconds must be a number above 0, not {seconds:g}$"):
            chosen(Effort(), seconds, None)
    with pytest.raises(ValueError, match=r"^--class must be at least 20, not 19$"):
        chosen(Effort(), None, None, [100, 19])
    with pytest.raises(ValueError, match=r"^there is no part sped; there are decoding, speed, "):
        parts_called(["speed", "sped"])


def test_the_whole_effort_is_what_the_course_claims():
    assert (Effort().seconds, Effort().n_seeds, Effort().n_train, Effort().n_test) == (60.0, 3, 120_000, 1_000)
    assert Effort().lengths == (64, 256, 512)
    assert (Effort().n_class, Effort().classes) == (50, ())


def test_each_translator_is_trained_once_for_every_seed(material, monkeypatch):
    asked = []

    def train(material: Material, seconds: float, seed: int, positions: str, max_skip: int, say) -> Trained:
        asked.append((seed, positions, max_skip))
        return Trained(None, seconds, 1)

    monkeypatch.setattr(figures, "train_ours", train)
    shared = Bench(Effort(n_seeds=2), lambda text: None)
    shared.__dict__["material"] = material
    rotary = lesson_config(material).positions
    for choices in ((), (rotary,), ("alibi",), (BEST_POSITIONS,), (rotary, 0), (rotary, 14)):
        shared.ours(*choices)
    kinds = dict.fromkeys([(rotary, 14), ("alibi", 0), (BEST_POSITIONS, 0), (rotary, 0)])
    assert asked == [(seed, *kind) for kind in kinds for seed in (0, 1)]


def test_the_machine_is_named():
    assert re.match(r"\d+ CPUs \(\w+\).*one thread; Python 3\.\d+\.\d+, torch 2", machine())
    assert list(PARTS) == [
        "decoding", "speed", "translator", "positions", "skips", "curve", "subwords", "recipe", "tagging", "addition",
        "grading",
    ]  # fmt: skip
