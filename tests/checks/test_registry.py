"""The registry: does a check swap in the earlier answers of its own lesson, and nobody else's?"""

from torch.nn.functional import softmax

from course import arrays, attention
from course.checks import check
from course.checks.registry import earlier_references


def masked_softmax(scores, mask=None):
    """Lesson 04's exercise with torch's softmax, which has the name of an exercise of lesson 00."""
    if mask is None:
        return softmax(scores, dim=-1)
    empty = ~mask.expand_as(scores).any(dim=-1, keepdim=True)
    blocked = scores.masked_fill(~mask, float("-inf")).masked_fill(empty, 0.0)
    return softmax(blocked, dim=-1).masked_fill(empty, 0.0)


def test_torchs_softmax_is_not_taken_for_the_exercise_of_lesson_00(capsys):
    check(masked_softmax)
    assert "right" in capsys.readouterr().out


def test_earlier_references_are_those_of_the_same_module_in_order():
    assert earlier_references("row_means") == {}
    assert earlier_references("softmax") == {
        name: getattr(arrays, name) for name in ("row_means", "matmul", "weighted_average")
    }
    assert earlier_references("masked_softmax")["attention_scores"] is attention.attention_scores
    assert "softmax" not in earlier_references("masked_softmax")
