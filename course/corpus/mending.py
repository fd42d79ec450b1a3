"""Mending: what anybody types, as sentences in the words that a translator knows, and what was changed on the way."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from course.corpus.clause_signs import final_sign, is_word, missing_commas, word_set
from course.corpus.glossary import english_words, german_of
from course.corpus.morphology import DETERMINERS, determiner
from course.corpus.spelling import meant, spelt, spoken
from course.corpus.splits import LONGEST
from course.corpus.text import tokenize

MOST_SENTENCES = 10
EXAMPLE = "Der Hund schläft."
APOSTROPHES = str.maketrans(dict.fromkeys("’‘´`‛", "'"))
SENTENCE = re.compile(r"(?:\d[.,]\d|[^.?!…])+[.?!…]*")
BREAK = re.compile(r"\s*\n\s*(?=[^\Wa-zäöüß])")  # a new line that begins with a capital begins a sentence
NAMES = {".": "a full stop", "?": "a question mark", "!": "an exclamation mark"}
AS_COMMA = frozenset(";:")
BEFORE_MORGEN = word_set("am guten jeden diesen einen schönen")  # then Morgen, not morgen
BEFORE_JUNGE = frozenset(
    determiner(name, gender, case) for name in DETERMINERS for gender in "mp" for case in ("nom", "acc", "dat")
)
MOST_FOREIGN = 0.5  # the share of unknown English words from which on the text is taken for English


@dataclass(frozen=True)
class Mended:
    """sentences: each in words, with its final sign; changes: what was changed, each in words; unknown: every word that
    is not known, with those that may have been meant, the likeliest first; note: what to say where something, or
    nothing, can be translated."""

    sentences: tuple[tuple[str, ...], ...] = ()
    changes: tuple[str, ...] = ()
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""


def mend(text: str, known: Collection[str]) -> Mended:
    """The sentences of a text, spelt and with signs as the corpus has them. known: the words of a translator, "?" and
    "," among them.

    Capitals, umlauts and signs are mended; a slip is asked about, not mended: it stands in unknown. Whatever is typed,
    there is an answer: where nothing can be translated, sentences is empty and note says why."""
    text = unicodedata.normalize("NFC", text.translate(APOSTROPHES))
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")  # zero-width, soft hyphens
    if refused := refusal(text):
        return Mended(note=refused)
    mending = _Mending(known)
    for sentence in cut(text):
        mending.add(sentence)
    return mending.done()


def refusal(text: str) -> str:
    """Why there is nothing German in the text, or ""."""
    letters = [sign for sign in text if sign.isalpha()]
    if not text.strip():
        return f"Type a German sentence, for instance: {EXAMPLE}"
    if not letters and not any(map(str.isdigit, text)):
        return f"There is no word in it. Type a German sentence, for instance: {EXAMPLE}"
    scripts = Counter(unicodedata.name(letter, "unknown").split()[0] for letter in letters)
    script, _ = scripts.most_common(1)[0] if scripts else ("LATIN", 0)
    if script != "LATIN":
        name = script if script == "CJK" else script.capitalize()
        return f"These are {name} letters: the translator reads German, which is written in Latin ones."
    return ""


def cut(text: str) -> Iterator[str]:
    """The sentences of a text, each with its signs; what has no word goes. A line may end one, too."""
    for line in BREAK.split(text):
        yield from (part.strip() for part in SENTENCE.findall(line) if is_word(part))


class _Mending:
    """Sentences mended one after the other, and what there is to say of them."""

    def __init__(self, known: Collection[str]) -> None:
        self.known = known
        self.sentences: list[tuple[str, ...]] = []
        self.changes: list[str] = []
        self.unknown: dict[str, tuple[str, ...]] = {}
        self.notes: list[str] = []

    def add(self, sentence: str) -> None:
        typed, ended = tokenize(sentence), self.sign_typed(sentence)
        words = self.spell([word for word in typed if word not in (".", "?", "!", "…")])
        if not any(map(is_word, words)):
            return
        words = self.with_commas(words)
        if len(words) >= LONGEST:
            self.notes.append(
                f"A sentence of {sum(map(is_word, words))} words is too long: "
                f"the longest that the translator was tried on have {LONGEST - 1}. Cut it with full stops."
            )
        elif len(self.sentences) < MOST_SENTENCES:
            self.sentences.append((*words, *self.ending(words, ended)))
        else:
            self.notes.append(f"Only the first {MOST_SENTENCES} sentences are translated.")

    def sign_typed(self, sentence: str) -> str:
        """The one sign for all that stand at the end; "" where there is none."""
        run = re.search(r"[.?!…]*$", sentence)[0]
        sign = next((sign for sign in "?!" if sign in run), "." if run else "")
        if run != sign:
            self.changes.append(f"{run} is written {sign}")
        return sign

    def ending(self, words: list[str], ended: str) -> tuple[str, ...]:
        """The sign at the end: as typed, else the one that the sentence needs."""
        sign = ended or final_sign(words)
        if not ended and sign in self.known:
            self.changes.append(f"{NAMES[sign]} put at the end")
        return (sign,) if sign in self.known else ()

    def spell(self, typed: Sequence[str]) -> list[str]:
        """The words as they are known; those that are not stay as they were typed, and are noted."""
        words: list[str] = []
        for word, after in zip(typed, (*typed[1:], ""), strict=True):
            if is_word(word):
                words += self.known_as(self.with_capital(word, words, after), words)
            else:
                words += self.sign(word, words)
        while words and not is_word(words[-1]):
            self.changes.append(f"{words.pop()} left out at the end")
        return words

    def sign(self, sign: str, before: Sequence[str]) -> tuple[str, ...]:
        """A sign within the sentence; what the translator does not know is left out."""
        wanted = "," if sign in AS_COMMA else sign
        if wanted in self.known and before and is_word(before[-1]):
            if wanted != sign:
                self.changes.append(f"{sign} is written {wanted}")
            return (wanted,)
        self.changes.append(f"{sign} left out")
        return ()

    def with_capital(self, word: str, before: Sequence[str], after: str) -> str:
        """Morgen and Junge, typed small, where they cannot be tomorrow or young."""
        last = before[-1] if before else ""
        noun = word == "morgen" and last in BEFORE_MORGEN
        if word in ("junge", "jungen") and BEFORE_JUNGE & set(before[-2:]) and not last.istitle():
            noun = not any(each.istitle() for each in spelt(after, self.known))
        if noun and word.capitalize() in self.known:
            self.changes.append(f"{word} is written {word.capitalize()}")
            return word.capitalize()
        return word

    def known_as(self, word: str, before: Sequence[str]) -> tuple[str, ...]:
        """The word, or the words, that the translator knows for a typed one."""
        if not before and word.istitle() and word.lower() in self.known:
            return (word.lower(),)  # the capital of a first word is no mistake
        found = self.mended(word, before)
        if found is None:
            meanings = [german for german in german_of().get(word.lower(), ()) if german in self.known]
            self.unknown[word] = tuple(dict.fromkeys((*meanings, *meant(word, self.known))))[:3]
            return (word,)
        if found != (word,):
            self.changes.append(f"{word} is written {' '.join(found)}" if found else f"{word} left out")
        return found

    def mended(self, word: str, before: Sequence[str]) -> tuple[str, ...] | None:
        """As it is spelt; None where no known word has its letters."""
        if word in self.known:
            return (word,)
        if word == "'s" and "es" in self.known:
            return ("es",)
        alike = spelt(word, self.known)
        return alike if len(alike) == 1 else spoken(word, self.known)

    def with_commas(self, words: list[str]) -> list[str]:
        """With the commas that its clauses need."""
        places = missing_commas(words) if "," in self.known else []
        self.changes += [f"a comma put before {words[place]}" for place in places]
        for place in reversed(places):
            words = [*words[:place], ",", *words[place:]]
        return words

    def done(self) -> Mended:
        """All of it; an English text is refused."""
        said = [word for sentence in self.sentences for word in sentence if is_word(word)]
        english = [word for word in said if word in self.unknown and word.lower() in english_words()]
        if len(said) > 1 and len(english) >= MOST_FOREIGN * len(said):
            return Mended(unknown=self.unknown, note="This looks like English: the translator reads German.")
        changes, notes = (tuple(dict.fromkeys(each)) for each in (self.changes, self.notes))
        return Mended(tuple(self.sentences), changes, self.unknown, " ".join(notes))
