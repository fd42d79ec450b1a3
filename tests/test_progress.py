"""The progress bar: what it says, how often, and that stderr stays silent."""

from types import SimpleNamespace

import pytest

from course import progress
from course.progress import ProgressBar, steps


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is told to go on."""
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(progress, "perf_counter", lambda: now.seconds)
    return now


def after(step: int, n_steps: int, loss: float = 2.0) -> SimpleNamespace:
    """A training that has made so many steps."""
    return SimpleNamespace(losses=[loss] * step, config=SimpleNamespace(n_steps=n_steps))


def test_the_line_says_how_far_how_fast_and_how_long(clock, capsys):
    bar = ProgressBar("translator", width=10)
    for step in range(1, 6):
        clock.seconds += 2
        bar(after(step, 20), n_tokens=1_000)
    out, err = capsys.readouterr()
    assert out.split("\r")[-1] == "translator [##........] 5 of 20 steps, loss 2.00, 500 tokens a second, 30 s to go"
    assert err == ""


def test_the_loss_is_the_mean_of_the_last_fifty_steps(clock, capsys):
    bar, training = ProgressBar(), after(60, 60)
    training.losses[:10] = [1e9] * 10
    clock.seconds += 1
    bar(training, 10)
    assert "loss 2.00" in capsys.readouterr().out


def test_between_two_pictures_it_pauses_but_the_end_is_always_shown(clock, capsys):
    bar = ProgressBar(pause=0.5)
    for step in range(1, 101):
        clock.seconds += 0.1
        bar(after(step, 100), 10)
    out = capsys.readouterr().out
    assert 15 <= out.count("\r") <= 25
    assert out.endswith("0 s to go\n")
    assert "100 of 100" in out


def test_a_training_that_was_resumed_counts_from_where_it_went_on(clock, capsys):
    bar = ProgressBar()
    for step in range(51, 61):
        clock.seconds += 1
        bar(after(step, 100), 100)
    assert "60 of 100 steps, loss 2.00, 100 tokens a second, 40 s to go" in capsys.readouterr().out


def test_in_a_notebook_one_output_is_written_over(clock, monkeypatch, capsys):
    shown = []
    handle = SimpleNamespace(update=lambda content, raw: shown.append(("update", content["text/plain"])))

    def display(content, raw, display_id):
        shown.append(("display", content["text/plain"]))
        return handle

    monkeypatch.setattr("IPython.get_ipython", lambda: object())
    monkeypatch.setattr("IPython.display.display", display)
    bar = ProgressBar()
    for step in (1, 2, 3):
        clock.seconds += 1
        bar(after(step, 3), 10)
    assert [kind for kind, _ in shown] == ["display", "update", "update"]
    assert "3 of 3" in shown[-1][1]
    assert capsys.readouterr().out == ""


def test_items_come_one_after_the_other_and_the_line_counts_them(clock, capsys):
    for item, begins in zip(steps("abcd", "ward", width=8), (0, 1, 2, 3), strict=True):
        assert item == "abcd"[begins]
        line = capsys.readouterr().out.split("\r")[-1]
        left = f", {3 * (4 - begins)} s to go" if begins else ""
        assert line == f"ward [{'##' * begins:.<8}] {begins} of 4{left}"
        clock.seconds += 3
    assert capsys.readouterr().out == "\rward [########] 4 of 4, 12 s\n"
    assert list(steps([])) == []
