"""Cases of lesson 09, BLEU: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Iterator

from course.judging.exercise import Case, Draw


def text(line: str) -> list[list[str]]:
    """Sentences set apart by |, words by blanks."""
    return [sentence.split() for sentence in line.split("|")]


# name -> translations, references; each can be followed by counting
BY_HAND = {
    "tiny": ("the little cat sleeps today", "the little cat sleeps here"),
    "nothing wrong": (
        "the old man reads a letter | she helps him to write",
        "the old man reads a letter | she helps him to write",
    ),
    "a short translation": ("a b c d", "a b c d e f"),
    "a very short translation, its longest word first": ("children a b c d", "children a b c d e f g h i j k"),
    "a long translation": ("a b c d e f g h", "a b c d e f"),
    "one word again and again": ("a b c d a b c d a b c d", "a b c d x y z a"),
    "more in the reference": ("a b c d x", "a b c d a b c d"),
    "one short, one long sentence": ("a b c d e f g h | a b c d e", "a b c d e | a b c d e f g"),
    "words that match across two sentences": ("x a b | c d y p q r s", "a b c d | x y p q r s"),
    "no four words in a row": ("a b c x d e f", "a b c y d e f"),
    "sentences of three words": ("a b c | d e f", "a b c | d e f"),
    "a short sentence among others": ("a b | a b c d e", "a b | a b c d e"),
    "a short reference among others": ("a b c d | a b c d e", "a b | a b c d e"),
    "a reference of three words among others": ("a b c d e | a b c d e f", "a b c | a b c d e f"),
    "equal letters in other words": ("ab c d e f g", "a bc d e f g"),
    "words that match another reference": ("a b c d e | p q r s t", "p q r s t e | a b c d e t"),
    "a translation too few": ("a b c d", "a b c d | e f g h"),
    "a translation too many": ("a b c d | e f g h", "a b c d"),
}
# name -> translations, references, and the corner that it is
EMPTY = {
    "an empty translation": (" | a b c d e", "a b c | a b c d e", "the empty translations"),
    "nothing written": (" | ", "a b c d | e f g h", "the empty translations"),
}


def drawn_corpus(draw: Draw, count: int, change: float, longest: int) -> tuple[list[list[str]], list[list[str]]]:
    """Translations and references of few words; in the translations some words are others, and some are cut off."""
    references = [[f"w{i}" for i in draw.integers(0, 6, draw.integer(4, 12)).tolist()] for _ in range(count)]
    kept = [[word if draw.rng.random() > change else f"w{draw.integer(0, 6)}" for word in one] for one in references]
    return [one[: draw.integer(2, longest)] for one in kept], references


def bleu_cases(draw: Draw) -> Iterator[Case]:
    def case(name: str, translations: list[list[str]], references: list[list[str]], corner: str = "") -> Case:
        return Case(name, {"translations": translations, "references": references}, corner=corner)

    for name, lines in BY_HAND.items():
        yield case(name, *map(text, lines))
    yield case("drawn, as long as wanted", *drawn_corpus(draw, 30, 0.2, 13))
    yield case("drawn, often cut short", *drawn_corpus(draw, 30, 0.1, 8))
    translations, references = drawn_corpus(draw, 20, 0.2, 13)
    yield case("drawn, often too long", [[*one, "w1", "w2", "w1", "w2"] for one in translations], references)
    for name, (written, wanted, corner) in EMPTY.items():
        yield case(name, text(written), text(wanted), corner)
    yield case("no sentences", [], [], "the empty lists")


def nothing_wrong(case: Case) -> Case | None:
    """The references themselves as translations, where one has four words in a row."""
    if not any(len(one) >= 4 for one in case["references"]):
        return None
    return case.changed(translations=case["references"])


def backwards(case: Case) -> Case:
    """The same sentences, the last pair first."""
    return case.changed(translations=case["translations"][::-1], references=case["references"][::-1])
