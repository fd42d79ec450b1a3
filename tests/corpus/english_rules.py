"""English agreement: a or an, -s in the third person, do-support, forms after auxiliaries."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from tests.corpus import words as listed

BASE = listed("""
    eat drink read write translate buy find look see love know visit open close call invite rule wear carry feed chase
    cross paint sing wash repair help like give show bring sleep work play run walk fly drive go come arrive live try
    hope forget say think speak understand need learn ask tell answer wait stay sit stand lie take laugh do have make
    believe thank belong taste get
""")
PAST = listed("""
    ate drank read wrote translated bought found looked saw loved knew visited opened closed called invited ruled wore
    carried fed chased crossed painted sang washed repaired helped liked gave showed brought slept worked played ran
    walked flew drove went came arrived lived tried hoped forgot said thought rained snowed
    spoke understood needed learned asked told answered waited stayed sat stood lay took laughed did had went made
    believed thanked belonged tasted got
""")
PARTICIPLE = listed("""
    eaten drunk read written translated bought found seen loved visited opened closed called invited ruled carried fed
    chased painted sung washed repaired
    gone come slept spoken run flown driven given shown taken known lain worn drawn forgotten understood stood sat
    stayed waited worked played laughed lived learned asked answered told said made done had helped brought needed
    looked rained snowed believed thanked belonged tasted got arrived walked liked thought hoped crossed tried
""")
ES = {
    "do": "does", "have": "has", "go": "goes", "carry": "carries", "fly": "flies", "try": "tries", "wash": "washes",
    "cross": "crosses",
}  # fmt: skip
THIRD = {ES.get(word, word + "s") for word in BASE} | {"rains", "snows"}
MODALS = set(
    listed("""
    can cannot could will should may would
""")
)
BE = {"am", "is", "are", "was", "were"}
DO = {"do", "does", "did"}
AUXILIARIES = MODALS | BE | DO | {"has", "have"}
NOT_VERBS_AFTER_NOUN = {"works"}
OPENING = {",", *listed("because although when that whether where why but and or whom what how")}
SINGULAR_SUBJECT, PLURAL_SUBJECT = {"he", "she", "it"}, {"I", "you", "we", "they"}
ASKING = {"who", "whom", "what", "where", "when", "why", "how", "which", "whose"}
QUESTIONED = {"hello", "me", "yes", "no", "you", "fine", "goodbye", "tomorrow", "soon"}  # greetings end so
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
    for index, word in enumerate(words):
        if word == "not" and not supported(words[:index]):
            wrong.append(f"{words[index - 1]} not")
    questioned = words[-1] == "?" and words[0] in DO | BE | MODALS
    perfect = words[0] in ("has", "have") and {"been", *PARTICIPLE} & {*words}
    if words[-1] == "?" and words[0] in (set(BASE) | THIRD) - DO and words[1] != "you" and not perfect:
        wrong.append("a question without an auxiliary")
    inside = (ASKING | {"or", "that", "whether", "because"}) & set(words)
    if questioned and words[0] in DO and not inside and any(word in THIRD - DO for word in words):
        wrong.append("does ... -s")
    return wrong


def supported(before: Sequence[str]) -> bool:
    """ "not" stands after an auxiliary: right after it, or in a question after its subject."""
    if not before or before[-1] in AUXILIARIES | {"why", "unfortunately", ",", "hope"}:
        return True  # not yet; why not; unfortunately not; no, not today; I hope not
    start = max((index for index, word in enumerate(before) if word in AUXILIARIES), default=-1)
    asked = start == 0 or (start > 0 and before[start - 1] in ASKING | {",", "or", "and", *QUESTIONED})
    return start >= 0 and (asked or before[0] in ASKING | {"for", "with", "at"} or before[1:2] == [","])


def check_sentence(words: Sequence[str]) -> list[str]:
    """Everything that is wrong with one English sentence."""
    twice = {"you", "that", "her"}  # that that is so; ask her her name
    doubled = [f"{a} {b}" for a, b in itertools.pairwise(words) if a == b and a not in twice and not a[0].isupper()]
    return check_articles(words) + check_pronoun_subjects(words) + check_auxiliaries(words) + doubled
