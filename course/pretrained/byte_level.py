"""Byte level: the byte-pair encoding of GPT-2 and Llama 3, which has no unknown character."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise

from course.tokenizer import merge_pair

# A character that prints for each byte, since merges are written down as text: printing ones stand for themselves.
PRINTING = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
HIDDEN = [byte for byte in range(256) if byte not in PRINTING]
CHARACTERS = {byte: chr(byte) for byte in PRINTING} | {byte: chr(256 + place) for place, byte in enumerate(HIDDEN)}
BYTES = {character: byte for byte, character in CHARACTERS.items()}

# How a text is cut into words, before pieces are made: by GPT-2, and by Llama 3. re knows no \p{L}, so each is
# written for the text's shadow, in which every letter is ASCII, and so is every digit.
GPT2_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+"
LLAMA3_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\nA-Za-z0-9]?[A-Za-z]+|[0-9]{1,3}| ?[^\sA-Za-z0-9]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPACES = frozenset("\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {chr(n) for n in range(0x2000, 0x200B)}


class ByteLevel:
    """Text to numbers and back, by merges of bytes  (Radford et al. 2019, section 2.2; Sennrich et al. 2016).

    numbers: of each piece, its bytes as CHARACTERS; merges, the first to be made first; special: numbers of
    texts that are never cut; words: the pattern that cuts, GPT2_WORDS or LLAMA3_WORDS;
    whole_words: a word that is a piece is not cut, whatever the merges say; start: what each text begins with."""

    def __init__(
        self,
        numbers: Mapping[str, int],
        merges: Sequence[tuple[str, str]],
        special: Mapping[str, int],
        words: str = GPT2_WORDS,
        whole_words: bool = False,
        start: Sequence[int] = (),
    ) -> None:
        self.numbers, self.special = dict(numbers), dict(special)
        self.start, self.whole_words = list(start), whole_words
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.words = re.compile(words, re.ASCII)
        longest_first = sorted(self.special, key=len, reverse=True)
        self.cuts = re.compile(f"({'|'.join(map(re.escape, longest_first))})") if special else None
        self.texts = {number: text for text, number in (self.numbers | self.special).items()}

    def encode(self, text: str) -> list[int]:
        """The numbers of a text's pieces."""
        tokens = list(self.start)
        for part in self.cuts.split(text) if self.cuts else [text]:
            if part in self.special:
                tokens.append(self.special[part])
            else:
                tokens += [number for word in self.cut(part) for number in self.of_word(word)]
        return tokens

    def decode(self, tokens: Sequence[int]) -> str:
        """The text again, special ones as they are written; bytes that are no UTF-8 show as U+FFFD."""
        parts = [self.texts[token] for token in tokens]
        return b"".join(
            part.encode() if part in self.special else bytes(BYTES[one] for one in part) for part in parts
        ).decode(errors="replace")

    def cut(self, text: str) -> list[str]:
        """The words of a text; nothing is lost between them."""
        return [text[found.start() : found.end()] for found in self.words.finditer(shadow(text))]

    def of_word(self, word: str) -> list[int]:
        """The numbers of a word's pieces."""
        written = "".join(CHARACTERS[byte] for byte in word.encode())
        if self.whole_words and written in self.numbers:
            return [self.numbers[written]]
        return [self.numbers[piece] for piece in self.pieces(written)]

    def pieces(self, word: str) -> list[str]:
        """Of all pairs that may be merged the oldest, again and again: what bpe_encode of lesson 09 gives, sooner."""
        parts = list(word)
        while known := [pair for pair in pairwise(parts) if pair in self.ranks]:
            parts = merge_pair(parts, min(known, key=self.ranks.__getitem__))
        return parts


def shadow(text: str) -> str:
    """A text of equal length that a pattern for ASCII cuts in the same places."""
    return "".join(character if character.isascii() else stand_in(character) for character in text)


@functools.cache
def stand_in(character: str) -> str:
    """For a letter the z, which no pattern names; for a digit 0; for a space a tab; for anything else the #."""
    if character in SPACES:
        return "\t"
    return {"L": "z", "N": "0"}.get(unicodedata.category(character)[0], "#")
