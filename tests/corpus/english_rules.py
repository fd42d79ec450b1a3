"""English agreement: a or an, -s in the third person, do-support, forms after auxiliaries."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from tests.corpus import words as listed

BASE = listed("""
    eat drink read write translate buy find look see love know visit open close call invite rule wear carry feed chase
    cross paint sing wash repair help like give show bring sleep work play run walk fly drive go come arrive live try
    hope forget say think
""")
PAST = listed("""
    ate drank read wrote translated bought found looked saw loved knew visited opened closed called invited ruled wore
    carried fed chased crossed painted sang washed repaired helped liked gave showed brought slept worked played ran
    walked flew drove went came arrived lived tried hoped forgot said thought rained snowed
""")
PARTICIPLE = listed("""
    eaten drunk read written translated bought found seen loved visited opened closed called invited ruled carried fed
    chased painted sung washed repaired
""")
ES = {"go": "goes", "carry": "carries", "fly": "flies", "try": "tries", "wash": "washes", "cross": "crosses"}
THIRD = {ES.get(word, word + "s") for word in BASE} | {"rains", "snows"}
MODALS = set(
    listed("""
    can cannot could will should may
""")
)
BE = {"am", "is", "are", "was", "were"}
DO = {"do", "does", "did"}
NOT_VERBS_AFTER_NOUN = {"works"}
OPENING = {",", *listed("because although when that whether where why but and whom")}
SINGULAR_SUBJECT, PLURAL_SUBJECT = {"he", "she", "it"}, {"I", "you", "we", "they"}
IRREGULAR_PLURALS = {"men", "women", "children", "mice"}


def check_articles(words: Sequence[str]) -> list[str]:
    """an before a vowel, a before anything else; no plural after them."""
    wrong = []
    for word, after in itertools.pairwise(words):
        if word in ("a", "an") and (after[0] in "aeiou") != (word == "an"):
            wrong.append(f"{word} {after}")
    return wrong


def check_pronoun_subjects(words: Sequence[str]) -> list[str]:
    """He reads, they read, I am, we were."""
    wrong = []
    for index, word in enumerate(words[:-1]):
        after = words[index + 1]
        asked = index and words[index - 1] in DO | BE | MODALS
        if asked or word not in SINGULAR_SUBJECT | PLURAL_SUBJECT:
            continue
        third = word in SINGULAR_SUBJECT
        plain = (set(BASE) - set(PAST)) | {"have", "want", "are", "were", "am", "do"}
        if third and after in plain and subject_here(words, index):
            wrong.append(f"{word} {after}")
        if not third and subject_here(words, index) and after in THIRD | {"has", "wants", "is", "does"}:
            wrong.append(f"{word} {after}")
    return wrong


def subject_here(words: Sequence[str], index: int) -> bool:
    """The pronoun is a subject: "it" after a verb, a preposition or "help" is not."""
    return index == 0 or words[index - 1] in OPENING


def check_auxiliaries(words: Sequence[str]) -> list[str]:
    """did read, not did ate; is reading; cannot see; no "not" without an auxiliary before it."""
    wrong = []
    plain = [word for word in words if word != "not"]
    wrong += [f"{a} {b}" for a, b in itertools.pairwise(plain) if a in DO and b in set(PAST) - set(BASE)]
    for word, after in itertools.pairwise(words):
        if word in MODALS | DO | {"to"} and after in (set(PAST) - set(BASE)) | THIRD:
            wrong.append(f"{word} {after}")
        if after == "not" and word not in MODALS | DO | BE:
            wrong.append(f"{word} not")
    questioned = words[-1] == "?" and words[0] in DO | BE | MODALS
    if words[-1] == "?" and words[0] in set(BASE) | THIRD:
        wrong.append("a question without an auxiliary")
    inside = {"who", "that", "when", "whether", "because", "whom", "where", "why"} & set(words)
    if questioned and words[0] in DO and not inside and any(word in THIRD for word in words):
        wrong.append("does ... -s")
    return wrong


def check_sentence(words: Sequence[str]) -> list[str]:
    """Everything that is wrong with one English sentence."""
    doubled = [f"{a} {b}" for a, b in itertools.pairwise(words) if a == b and a != "you"]
    return check_articles(words) + check_pronoun_subjects(words) + check_auxiliaries(words) + doubled
