"""Cases of lesson 09, the tokenizer: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Iterator

from course.judging.exercise import Case, Draw

START = "\N{LOWER ONE EIGHTH BLOCK}"
WORDS = ("banana", "bandana", "cabana", "abba", "caba", "anna", "nab", "dab", "bad", "ban")


def drawn_words(draw: Draw, count: int, letters: str, longest: int) -> list[str]:
    """Words of few letters, in which pairs come again and again; no word twice."""
    lengths = draw.integers(2, longest + 1, count).tolist()
    words = ["".join(letters[i] for i in draw.integers(0, len(letters), length).tolist()) for length in lengths]
    return list(dict.fromkeys(words))


def drawn_counts(draw: Draw, count: int, letters: str, longest: int, most: int) -> dict[str, int]:
    """Each word with how often it occurs; where `most` is small, ties abound."""
    return {word: draw.integer(1, most) for word in drawn_words(draw, count, letters, longest)}


ONE_PIECE = "the words that have become one piece"  # a corner: nothing is left to join


def merge_cases(draw: Draw) -> Iterator[Case]:
    def case(name: str, counts: dict[str, int], n_merges: int, corner: str = "") -> Case:
        return Case(name, {"counts": counts, "n_merges": n_merges}, corner=corner)

    yield case("tiny", {"hut": 3, "hund": 1, "gut": 2}, 2)
    yield case("one frequent word against many rare ones", {"xyz": 9, "abc": 1, "abd": 1, "abe": 1, "cab": 1}, 2)
    yield case("a pair twice in a word", {"anan": 2, "nord": 3}, 1)
    yield case("three equal letters", {"aaa": 3, "aab": 2, "baa": 1}, 3)
    yield case("ties among letters", {"dc": 2, "ba": 2, "ab": 2, "bd": 2}, 3)
    yield case("a tie between a letter and a joined piece", {"abe": 2, "abc": 2, "ce": 2, "ab": 1}, 3)
    yield case("a piece that ends like another", {"ban": 4, "an": 1, "bac": 3}, 3)
    yield case("every word once", dict.fromkeys(WORDS, 1), 12)
    yield case("two letters, many ties", drawn_counts(draw, 14, "ab", 9, 2), 12)
    yield case("three letters", drawn_counts(draw, 25, "acb", 7, 9), 20)
    yield case(
        "with the start mark", {START + word: n for word, n in drawn_counts(draw, 25, "abcde", 6, 40).items()}, 30
    )
    yield case("Chinese and umlauts", {"苹果": 2, "苹果树": 1, "grün": 2, "grüner": draw.integer(1, 9)}, 5)
    yield case("more merges than there are pairs", {"ab": 2, "cd": 1, "e": 4}, 9, ONE_PIECE)
    yield case("words of one letter", {"a": 3, "b": 1}, 2, ONE_PIECE)
    yield case("no merges", {"abc": 2}, 0, "`n_merges` of 0")
    yield case("no words", {}, 3, ONE_PIECE)


def reversed_order(case: Case) -> Case:
    """The same words, given in the opposite order."""
    return case.changed(counts=dict(reversed(case["counts"].items())))


def learned_merges(draw: Draw, n_merges: int, letters: str = "abn") -> list[tuple[str, str]]:
    """Merges such as a text might give, each piece made in one way alone: a chain of pieces, each with an older one."""
    pieces, merges = [START, *letters], []
    for first, second in draw.integers(0, 10**6, 40 * n_merges, 2).tolist():
        pair = pieces[first % len(pieces)], pieces[1 + second % (len(pieces) - 1)]
        joined = "".join(pair)
        if len(merges) < n_merges and len(joined) <= 5 and START not in pair[1] and joined not in pieces:
            merges.append(pair)
            pieces.append(joined)
    return merges


def encode_cases(draw: Draw) -> Iterator[Case]:
    def case(name: str, words: list[str], merges: list[tuple[str, str]], corner: str = "") -> Case:
        return Case(name, {"words": words, "merges": merges}, corner=corner)

    yield case("tiny", ["low", "lower"], [("l", "o"), ("lo", "w")])
    yield case("the whole word one piece", ["ab"], [("a", "b"), (START, "ab")])
    yield case("the mark joined first", ["ab", "b"], [(START, "a"), (START, "b"), (START + "a", "b")])
    yield case("an earlier merge takes the letter", ["abc"], [("b", "c"), ("a", "b"), ("ab", "c")])
    yield case("two merges want one letter", ["abc", "abcd", "bcd"], [("a", "b"), ("b", "c"), ("c", "d")])
    yield case("a longer piece that cannot be reached", ["abcd"], [("b", "c"), ("a", "b"), ("ab", "c"), ("c", "d")])
    yield case("a pair several times", ["banana", "nana"], [("a", "n"), ("an", "a")])
    yield case("equal letters", ["aaa", "aaaa", "aaaaa"], [("a", "a"), ("aa", "a")])
    yield case("letters that no merge knows", ["xyz", "苹果", "grün"], [("ü", "n"), ("苹", "果")])
    for letters, n_merges in (("abn", 12), ("ab", 8), ("abcde", 25)):
        words = drawn_words(draw, 12, letters, 8)
        yield case(f"{len(letters)} letters", words, learned_merges(draw, n_merges, letters))
    yield case("no merges", ["low", "er"], [], "a sentence without merges")
    yield case("no words", [], [("l", "o")], "a sentence without words")


def glued(text: str) -> str:
    return text.replace(START, "")


def decode_cases(draw: Draw) -> Iterator[Case]:
    def case(name: str, text: str, corner: str = "") -> Case:
        return Case(name, {"pieces": [piece.replace("_", START) for piece in text.split()]}, corner=corner)

    yield case("tiny", "_ low _low er")
    yield case("every word one piece", "_das _haus _ist _alt")
    yield case("every letter a piece", "_ d a s _ h a u s")
    yield case("one word", "_ganz")
    yield case("Chinese, umlauts and signs", "_苹 果 _für _ , _ .")
    words = drawn_words(draw, 9, "aeblst", 9)
    cuts = [draw.integer(1, len(word)) for word in words]
    yield case("drawn words", " ".join(f"_{word[:cut]} {word[cut:]}" for word, cut in zip(words, cuts, strict=True)))
    yield case("drawn letters", " ".join(" ".join("_" + word) for word in words))
    yield case("no pieces", "", "a list without pieces")
