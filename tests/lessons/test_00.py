"""Lesson 00: do its prose, its figures and their alt texts say what its code computes?"""

import ast
import math
import re

import numpy as np
import pytest

from course.arrays import softmax, weighted_average
from course.checks.registry import EXERCISES
from course.classroom.author.lesson import lesson_paths

pytestmark = pytest.mark.lesson("00")

(PATH,) = [path for path in lesson_paths() if path.stem == "00_start_here"]


@pytest.fixture(scope="module")
def alts():
    """The alt texts of the figures, in order, in one line each."""
    calls = [node for node in ast.walk(ast.parse(PATH.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    found = {call.lineno: word.value.value for call in calls for word in call.keywords if word.arg == "alt"}
    return [" ".join(text.split()) for _, text in sorted(found.items())]


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]


def test_nothing_is_fetched_before_the_first_cell_runs():
    first = PATH.read_text(encoding="utf-8").partition("# %% hello\n")[2].partition("# %%")[0]
    assert eval(first) == 5
    assert "import" not in PATH.read_text(encoding="utf-8").partition("# %% tools")[0]


def test_every_figure_has_alt_text(alts):
    assert len(alts) == 8
    assert all(len(alt) > 60 for alt in alts)


def test_stars_and_their_means(lesson, alts):
    stars = lesson["stars"]
    np.testing.assert_array_equal(numbers(alts[0].partition("Apple")[2]), stars.ravel())
    np.testing.assert_array_equal(lesson["taster_means"], [2.5, 3, 2])
    assert lesson["by_loops"] == lesson["taster_means"].tolist()
    np.testing.assert_array_equal(lesson["fruit_means"], [4, 2, 3, 1])
    assert stars.mean() == 2.5
    assert np.ptp(stars, axis=1).argmax() == lesson["fruits"].index("kiwi"), "the tasters disagree most about the kiwi"
    assert stars[2].tolist() == [0, 5, 4]
    off = np.abs(stars - lesson["guessed_stars"])
    assert off.max(axis=1).tolist() == [1, 1, 3, 1]
    assert set(off[[0, 1, 3]].ravel().tolist()) == {0.5, 1}


def test_whole_numbers_cut_decimals_off(lesson):
    assert lesson["stars"].dtype == np.int64
    assert lesson["whole"][0, 0] == 4
    assert lesson["decimal"][0, 0] == 4.9
    assert np.finfo(np.float32).eps > np.finfo(np.float64).eps
    assert 2 * np.dtype(np.float32).itemsize == np.dtype(np.float64).itemsize


def test_the_check_that_fails_on_purpose_says_what_why_and_where(lesson):
    said = lesson["__printed__"].partition("row_means is not right yet.")[2]
    assert re.findall(r"^  (\w+):", said, re.MULTILINE)[:3] == ["What", "Why", "Look"]
    assert "shape (2,)" in said.splitlines()[1]


def test_every_check_passes(lesson):
    """On the cases that the learner sees, and on the hidden ones."""
    names = ["row_means", "matmul", "weighted_average", "softmax"]
    right = re.findall(r"^(\w+): \d+ cases, .* - right$", lesson["__printed__"], re.MULTILINE)
    assert right == [name for name in names for _ in range(2)]


def test_the_fold_names_the_file_of_every_exercise():
    """Whoever goes on without an answer borrows the course's own from there."""
    fold = PATH.read_text(encoding="utf-8").partition("stands in place of `arrays`")[2].partition('"""')[0]
    said = {int(part[:2]): re.findall(r"`(\w+)`", part) for part in re.split(r"(?=\b\d\d\b)", fold)[1:]}
    files = {(one.lesson, one.reference.__module__.partition(".")[2]) for one in EXERCISES.values()}
    assert {(number, name) for number, names in said.items() for name in names} == files - {(0, "arrays")}


def test_broadcasting(lesson):
    assert lesson["outcome"] == "error"
    assert (lesson["upright"].shape, lesson["flat"].shape, lesson["guessed_stars"].shape) == ((4, 1), (1, 3), (4, 3))
    far_off = np.abs(lesson["guessed_stars"] - lesson["stars"]).max(axis=1)
    assert (far_off > 1).tolist() == [False, False, True, False], "only the kiwi's row is far off"


def test_the_square_trap(lesson):
    assert lesson["mistaken"].shape == lesson["correct"].shape
    np.testing.assert_array_equal(lesson["correct"].mean(axis=1), 0)
    np.testing.assert_array_equal(lesson["mistaken"].mean(axis=1), [1, -1, 0])


def test_light_of_the_salads(lesson):
    recipes, colours, light = lesson["recipes"], lesson["colours"], lesson["light"]
    assert lesson["green"] == light[1, 1] == 7
    np.testing.assert_array_equal(light, recipes @ colours)
    assert recipes.sum(axis=1).tolist() == [4, 8]
    assert light[1].sum() > light[0].sum()
    with pytest.raises(ValueError, match="size 2 is different from 3"):
        colours @ recipes


def test_einsum_table(lesson):
    recipes, colours, kitchens = lesson["recipes"], lesson["colours"], lesson["kitchens"]
    np.testing.assert_array_equal(np.einsum("sf->s", recipes), recipes.sum(axis=1))
    np.testing.assert_array_equal(np.einsum("sf->fs", recipes), recipes.T)
    np.testing.assert_array_equal(np.einsum("sf,fc->sc", recipes, colours), recipes @ colours)
    np.testing.assert_array_equal(np.einsum("bsf,fc->bsc", kitchens, colours), kitchens @ colours)
    assert (lesson["turned"].shape, lesson["unsummed"].shape) == ((3, 2), (2, 4, 3))


def test_salad_colours_and_extremes(lesson, alts):
    salads, colours = lesson["salad_colours"], lesson["colours"]
    np.testing.assert_array_equal(lesson["mixture"] / 4, salads[0])
    said = [number for number in numbers(alts[4]) if number not in (0, 1)]
    assert said == [float(f"{number:.2f}") for number in salads.ravel() if number]
    assert salads[0].tolist() == [0.75, 0.25, 0.25], "three parts red to one of green and one of blue"
    assert salads[1].argmax() == 1, "mostly green"
    np.testing.assert_array_equal(weighted_average(colours, lesson["everything"])[0], colours.mean(axis=0))
    np.testing.assert_array_equal(weighted_average(colours, lesson["kiwi_alone"])[0], colours[2])


def test_scores_become_weights(lesson):
    scores = lesson["some_scores"]
    assert (scores / scores.sum()).tolist() == [6, -2, -3]
    assert [round(math.exp(score), 2) for score in lesson["tiny_scores"]] == [1, 2, 5]
    shares = softmax(np.array([4.0, 2.0, 3.0, 1.0]))
    assert round(shares[0], 3) == 0.644
    assert lesson["__printed__"].count("It is 0.644.") == 2
    assert round(shares[0] / shares[2], 3) == 2.718, "one star more"


def test_overflow(lesson):
    assert "weights:      [nan nan nan nan]" in lesson["__printed__"]
    assert "exp(709): 8.2e+307   exp(710): inf" in lesson["__printed__"]
    assert f"{np.finfo(np.float64).max:.1e}" == "1.8e+308"
    assert np.isfinite(softmax(lesson["large"])).all()


def test_sharpness(lesson, alts):
    shares = lesson["shares"]
    said = numbers(re.sub(r"times (0.25|1|4):", "", alts[5]))
    assert said == [float(f"{share:.2f}") for share in shares.ravel()]
    assert shares[0].max() - shares[0].min() < 0.2, "almost a plain mean"
    assert shares[2].max() > 0.98, "almost a lookup"
    assert (shares.argsort(axis=1) == shares[0].argsort()).all(), "the order is always the same"


def test_the_division_is_said_once(lesson):
    colours, scores = lesson["colours"], lesson["scores"]
    np.testing.assert_allclose(weighted_average(colours, softmax(scores)), weighted_average(colours, np.exp(scores)))


def test_first_attention(lesson, alts):
    weights, answers = lesson["wish_weights"], lesson["answers"]
    assert lesson["fruits"][weights[0].argmax()] == "banana"
    assert lesson["fruits"][weights[1].argmax()] == "plum"
    assert numbers(alts[6]) == [float(f"{weight:.2f}") for weight in weights.ravel()]
    said = PATH.read_text(encoding="utf-8").partition("The tastes, as (sweet, sour)")[2].partition(".\n")[0]
    assert numbers(said) == lesson["tastes"].ravel().tolist()
    assert lesson["wish_scores"][0].tolist() == [4, 5, 2.5, 1]
    assert weights[0, 1] == pytest.approx(2 / 3, abs=0.02)
    assert weights[0, 0] == pytest.approx(1 / 4, abs=0.02)
    assert answers[0, :2].min() > 0.7, "much red and green"
    assert answers[0, 2] < 0.02, "hardly any blue"
    assert answers[0, 0] > answers[0, 1], "with a touch of orange"
    assert answers[1, [0, 2]].min() > 0.7 > 0.2 > answers[1, 1], "a pinkish purple"


def test_experiments_to_try_come_out_as_they_hint(lesson):
    colours, tastes, wishes = lesson["colours"], lesson["tastes"], lesson["wishes"]
    both = weighted_average(colours, softmax(np.array([[5.0, 5.0]]) @ tastes.T))
    np.testing.assert_allclose(both[0], colours.mean(axis=0))
    assert softmax(10 * wishes @ tastes.T).max(axis=1).min() > 0.99
    assert np.ptp(softmax(0.1 * wishes @ tastes.T), axis=1).max() < 0.15
    exps = np.exp(np.random.default_rng(0).standard_normal((4, 4)))
    assert not np.allclose((exps / exps.sum(axis=-1)).sum(axis=-1), 1, atol=0.05)
