"""WordPiece: BERT's tokenizer cuts each word into the longest pieces that its vocabulary has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

INSIDE = "##"  # marks a piece that does not begin a word
LONGEST = 100  # characters; a longer word is unknown
# Ideographs, each of which is a word: the blocks that BERT's own program lists.
IDEOGRAPHS = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip
ASCII_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
UNKNOWN = "[UNK]"
SPECIAL = ("[PAD]", UNKNOWN, "[CLS]", "[SEP]", "[MASK]")


class WordPiece:
    """Text to numbers and back  (Devlin et al. 2019; Wu et al. 2016).

    numbers: of each piece, SPECIAL among them; lower: capitals become small letters;
    accents: they are taken off; ideographs: each Chinese character is a word."""

    def __init__(
        self, numbers: Mapping[str, int], lower: bool = True, accents: bool | None = None, ideographs: bool = True
    ) -> None:
        self.numbers, self.lower, self.ideographs = dict(numbers), lower, ideographs
        self.strip = lower if accents is None else accents
        self.texts = {number: piece for piece, number in self.numbers.items()}
        self.cuts = re.compile(f"({'|'.join(map(re.escape, SPECIAL))})")

    def encode(self, text: str) -> list[int]:
        """[CLS], the numbers of a text's pieces, [SEP]; special ones stand for themselves."""
        pieces = ["[CLS]"]
        for part in self.cuts.split(text):
            pieces += [part] if part in SPECIAL else [piece for word in self.cut(part) for piece in self.pieces(word)]
        return [self.numbers[piece] for piece in [*pieces, "[SEP]"]]

    def decode(self, tokens: Sequence[int]) -> str:
        """Words with a space between them; what the vocabulary never had (capitals, spaces) does not come back."""
        return " ".join(self.texts[token] for token in tokens).replace(f" {INSIDE}", "")

    def cut(self, text: str) -> Iterator[str]:
        """Words and marks of punctuation."""
        for word in self.clean(text).split():
            spaced = "".join(f" {one} " if is_punctuation(one) else one for one in word)
            yield from spaced.split()

    def clean(self, text: str) -> str:
        """Without control characters, accents and capitals, where they are to go."""
        text = "".join(" " if is_space(one) else one for one in text if is_space(one) or not is_control(one))
        if self.ideographs:
            text = "".join(f" {one} " if is_ideograph(one) else one for one in text)
        if self.strip:
            decomposed = unicodedata.normalize("NFD", text)
            text = "".join(one for one in decomposed if unicodedata.category(one) != "Mn")
        # one by one: the whole would give a sigma at a word's end its other form
        return "".join(one.lower() for one in text) if self.lower else text

    def pieces(self, word: str) -> list[str]:
        """From the left, each time the longest piece that there is; [UNK] where at some point there is none."""
        found, start = [], 0
        while start < len(word):
            mark = INSIDE if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if mark + word[start:end] in self.numbers), None)
            if end is None or len(word) > LONGEST:
                return [UNKNOWN]
            found.append(mark + word[start:end])
            start = end
        return found


def is_space(character: str) -> bool:
    return character in "\t\n\r" or (character.isspace() and not "\x1c" <= character <= "\x1f")


def is_control(character: str) -> bool:
    return character in "\0\ufffd" or unicodedata.category(character)[0] == "C"


def is_ideograph(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in IDEOGRAPHS)


def is_punctuation(character: str) -> bool:
    return character in ASCII_PUNCTUATION or unicodedata.category(character)[0] == "P"
