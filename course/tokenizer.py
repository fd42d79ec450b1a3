"""The tokenizer: words as pieces that often stand together, and pieces as numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from random import Random

SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")  # tokens 0, 1, 2, 3
UNKNOWN = SPECIAL.index("<unk>")
START = "\N{LOWER ONE EIGHTH BLOCK}"  # marks where a word begins (Kudo & Richardson 2018)


def merge_pair(pieces: Sequence[str], pair: tuple[str, str]) -> list[str]:
    """The pieces, from left to right every two that are the pair joined to one.

    ["b", "a", "n", "a", "n", "a"] with ("a", "n") -> ["b", "an", "an", "a"]"""
    merged, i, pair = [], 0, tuple(pair)  # of two pieces, also where it comes as a list
    while i < len(pieces):
        size = 2 if tuple(pieces[i : i + 2]) == pair else 1
        merged.append("".join(pieces[i : i + size]))
        i += size
    return merged


def byte_pair_merges(counts: Mapping[str, int], n_merges: int) -> list[tuple[str, str]]:
    """Which pieces to join, in order: each time the two that stand side by side most often.

    counts: how often each word occurs; every word begins as its characters
    -> at most n_merges pairs of pieces.
    Of equally frequent pairs the one with the older first piece wins, then the older second piece;
    the characters are the oldest, in alphabetical order, then every joined piece in the order in
    which it was made  (Sennrich et al. 2016)."""
    words = {word: list(word) for word in counts}
    age = {character: i for i, character in enumerate(sorted(set("".join(counts))))}
    merges: list[tuple[str, str]] = []
    while len(merges) < n_merges:
        frequency: Counter[tuple[str, str]] = Counter()
        for word, pieces in words.items():
            for pair in pairwise(pieces):
                frequency[pair] += counts[word]
        if not frequency:
            break  # every word is one piece
        best = min(frequency, key=lambda pair: (-frequency[pair], age[pair[0]], age[pair[1]]))
        words = {word: merge_pair(pieces, best) for word, pieces in words.items()}
        age.setdefault("".join(best), len(age))
        merges.append(best)
    return merges


def bpe_encode(words: Sequence[str], merges: Sequence[tuple[str, str]]) -> list[str]:
    """The pieces of a sentence: each word's start mark and characters, then the merges in order.

    ["low", "lower"] with merges ("l", "o"), ("lo", "w") -> ["▁", "low", "▁", "low", "e", "r"];
    no word holds the mark itself"""
    pieces: list[str] = []
    for word in words:
        parts = list(START + word)
        for pair in merges:
            parts = merge_pair(parts, pair)
        pieces += parts
    return pieces


def bpe_decode(pieces: Sequence[str]) -> list[str]:
    """The words again: pieces joined, cut where a word begins.

    ["▁", "low", "▁", "low", "e", "r"] -> ["low", "lower"]"""
    return [word for word in "".join(pieces).split(START) if word]


def as_words(sentence: Iterable[str]) -> Iterable[str]:
    """The sentence itself; ValueError where it is one string, and not yet cut into words."""
    if isinstance(sentence, str):
        raise ValueError(
            f"a sentence is a list of words, but {sentence!r} is one string: "
            "cut it with course.corpus.tokenize"
        )
    return sentence


@dataclass(frozen=True)
class Tokenizer:
    """Words to numbers and back: 0 ... 3 are SPECIAL, then every piece that the text is made of.

    merges as byte_pair_merges gives them; pieces: the piece of each number;
    words: all words of the text."""

    merges: tuple[tuple[str, str], ...]
    pieces: tuple[str, ...]
    words: frozenset[str]

    @classmethod
    def train(
        cls, sentences: Iterable[Sequence[str]], n_merges: int = 5_000, parts: bool = False
    ) -> Tokenizer:
        """The tokenizer of sentences of words; many merges make every frequent word one piece.

        parts: pieces that have all grown into longer ones get a number, too, so that a new word
        can be cut into more than letters.
        ValueError where a sentence is one string, whose "words" would be its letters,
        or where there is no word at all."""
        counts = Counter(word for sentence in sentences for word in as_words(sentence))
        if not counts:
            raise ValueError("a tokenizer learns from words, but the sentences hold none")
        merges = byte_pair_merges({START + word: count for word, count in counts.items()}, n_merges)
        used = {piece for word in counts for piece in bpe_encode([word], merges)}
        used |= {character for word in counts for character in START + word}
        used |= {"".join(pair) for pair in merges if parts}
        return cls(tuple(merges), SPECIAL + tuple(sorted(used)), frozenset(counts))

    @cached_property
    def _number(self) -> dict[str, int]:
        return {piece: number for number, piece in enumerate(self.pieces)}

    @cached_property
    def _tokens(self) -> dict[str, list[int]]:
        return {}  # of every word met so far: the same few hundred come again and again

    @cached_property
    def _halves(self) -> dict[str, tuple[str, str]]:
        return {"".join(pair): pair for pair in reversed(self.merges)}  # as it was made first

    def __len__(self) -> int:
        return len(self.pieces)

    def encode(
        self, words: Sequence[str], chance: Random | None = None, share: float = 0.05
    ) -> list[int]:
        """The numbers of a sentence's pieces; a letter that the text does not have is <unk>.

        With chance, about so large a share of the words is cut into parts: a network that learns
        from them can read a new word by its parts  (after Provilkov et al. 2020)."""
        for word in set(as_words(words)) - self._tokens.keys():
            self._tokens[word] = self._numbers(bpe_encode([word], self.merges))
        tokens: list[int] = []
        for word in words:
            cut = chance is not None and chance.random() < share
            tokens += self._cut(self._tokens[word], chance) if cut else self._tokens[word]
        return tokens

    def _numbers(self, pieces: Iterable[str]) -> list[int]:
        """Of each piece its number, or those of the parts that merging made it of."""
        numbers: list[int] = []
        for piece in pieces:
            halves = () if piece in self._number else self._halves.get(piece, ())
            numbers += self._numbers(halves) if halves else [self._number.get(piece, UNKNOWN)]
        return numbers

    def _cut(self, tokens: Iterable[int], chance: Random) -> list[int]:
        """Each token as the two halves that it was made of, and every half again by chance."""
        parts: list[int] = []
        for token in tokens:
            halves = self._numbers(self._halves.get(self.pieces[token], ()))
            parts += [] if halves else [token]  # a letter
            for half in halves:
                parts += self._cut([half], chance) if chance.random() < 0.5 else [half]
        return parts

    def decode(self, tokens: Iterable[int]) -> list[str]:
        """The words of a sentence; <pad>, <bos> and <eos> are left out."""
        written = [token for token in tokens if token >= UNKNOWN]  # the three below are no words
        unknown = START + SPECIAL[UNKNOWN]
        pieces = [unknown if token == UNKNOWN else self.pieces[token] for token in written]
        return bpe_decode(pieces)

    def unknown(self, words: Iterable[str]) -> list[str]:
        """The words that the text does not have, in order, each once."""
        return [word for word in dict.fromkeys(as_words(words)) if word not in self.words]
