"""Exercises of lesson 09, the tokenizer: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

from course import tokenizer
from course.checks.tokenizer import cases
from course.judging.exercise import Exercise, Law
from course.judging.mistakes import mistakes_beside

MISTAKES = mistakes_beside(__file__)


byte_pair_merges = Exercise(
    reference=tokenizer.byte_pair_merges,
    lesson=9,
    section="Words as pieces",
    cases=cases.merge_cases,
    laws=(
        Law(
            "the order in which the words are given does not matter",
            lambda case, out, other: (
                out.keys() == other.keys() and all((out[part] == other[part]).all() for part in out)
                if isinstance(out, dict)
                else len(out) == len(other) == 0
            ),
            cases.reversed_order,
        ),
    ),
    mistakes=MISTAKES["byte_pair_merges"],
)


def put_together(case: cases.Case, out: object, _: object) -> bool:
    return cases.glued("".join(out)) == "".join(case["words"])


bpe_encode = Exercise(
    reference=tokenizer.bpe_encode,
    lesson=9,
    section="There and back",
    cases=cases.encode_cases,
    laws=(Law("the pieces put together are the words", put_together),),
    mistakes=MISTAKES["bpe_encode"],
)


bpe_decode = Exercise(
    reference=tokenizer.bpe_decode,
    lesson=9,
    section="There and back",
    cases=cases.decode_cases,
    mistakes=MISTAKES["bpe_decode"],
)
