"""Subwords: does a translator that saw words cut apart read forms of them that it never met?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from course.bench.material import Material
from course.bench.translator import quality_on, train_ours
from course.corpus import Pair
from course.tokenizer import Tokenizer

# Forms of words of which other forms stay: plurals and cases, endings of adjectives, persons of verbs.
FORMS = frozenset(
    """
    Hunden Kindern Königen Mäusen Pferden Tieren Vögeln Ärzten Männern Kindes
    kleines großes altes neuer schöner junges kluges roten kalter hungrigen
    singst trinkst kaufst malst suchst schreibst findest spielst wohnst jagen
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Read:
    """Sentences without an error, in percent: those with one of FORMS, and others that are unseen, too."""

    forms: float
    others: float


def forms_in(pair: Pair) -> int:
    """How many of its German words are among FORMS."""
    return sum(word in FORMS for word in pair.german)


def without_forms(material: Material, cut: bool, seed: int = 0) -> Material:
    """The material of which no training sentence has one of FORMS; cut: some German words in parts."""
    train = [pair for pair in material.splits.train if not forms_in(pair)]
    german = Tokenizer.train((pair.german for pair in train), parts=cut)
    english = Tokenizer.train(pair.english for pair in train)
    chance = Random(seed) if cut else None
    tokens = [(german.encode(pair.german, chance), english.encode(pair.english)) for pair in train]
    return Material(material.splits._replace(train=train), german, english, tokens)


def read(material: Material, seconds: float, seed: int, cut: bool, n_test: int, say: Callable) -> Read:
    """Train without the forms for so many CPU seconds, then ask for them."""
    with_form = [pair for pair in material.splits.train if forms_in(pair) == 1][:n_test]
    others = [pair for pair in material.splits.unseen_sentences if not forms_in(pair)]
    known = without_forms(material, cut, seed)
    trained = train_ours(known, seconds, seed, say=say)
    return Read(*(exact(trained.model, known, pairs) for pairs in (with_form, others)))


def exact(model, material: Material, pairs: Sequence[Pair]) -> float:
    """Sentences without an error, in percent."""
    return quality_on(model, material, pairs).exact
