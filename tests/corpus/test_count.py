"""More than a billion pairs: the grammar's own bound, counted again by making the sentences."""

from __future__ import annotations

from course.corpus import sample
from course.corpus.clauses import Clause
from course.corpus.count import at_least, definite, frames, member, told


def sentences(frame) -> set[tuple[str, ...]]:
    """All German sentences of the family that the frame makes, written out."""
    found = set()
    subjects = [phrase for noun in frame.subjects for phrase in definite(noun)]
    objects = [phrase for noun in frame.objects for phrase in definite(noun)]
    short = Clause(subjects[0], frame.verb, "past", accusative=objects[-1])
    for subject in subjects:
        for thing in objects:
            if subject.noun is not thing.noun:
                clause = Clause(subject, frame.verb, "past", accusative=thing)
                german, _ = member(clause, short)
                found.add(german[: german.index(",")])
    return found


def test_the_count_of_a_frame_is_the_number_of_sentences_it_makes():
    small = sorted(frames(), key=lambda frame: told(definite, frame))[:8]
    for frame in small:
        assert told(definite, frame) == len(sentences(frame))


def test_frames_make_different_sentences():
    small = sorted(frames(), key=lambda frame: told(definite, frame))[:10]
    made = [sentences(frame) for frame in small]
    assert len(set().union(*made)) == sum(map(len, made))


def test_more_than_a_billion():
    assert at_least() == sum(told(definite, frame) for frame in frames()) ** 2
    assert at_least() > 10**9


def test_the_grammar_makes_members_of_the_counted_family():
    """ "Two sentences" in the past with aber, definite nouns, no adverb: they do come."""
    found = [
        pair for pair in sample(20_000, seed=6, kinds=("two sentences",))
        if "aber" in pair.german and pair.german[0] in ("der", "die", "das") and len(pair.german) == 14
        and pair.english.count("the") == 4
    ]  # fmt: skip
    assert found
