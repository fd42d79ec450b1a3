"""Glossary: has every word of the corpus its English, and is it right?"""

from course.corpus import EVERYDAY_KINDS, KINDS, glossary, sample
from course.corpus.glossary import english_words, german_of


def test_words_of_each_kind() -> None:
    words = glossary()
    assert list(words) == ["nouns", "verbs", "adjectives", "small words"]
    found = {kind: dict(pairs) for kind, pairs in words.items()}
    assert found["nouns"]["der Hund"] == "dog"
    assert found["nouns"]["die Schwester"] == "sister"
    assert found["nouns"]["Anna"] == "Anna", "which no table of nouns has"
    assert found["verbs"]["aufmachen"] == "open"
    assert found["adjectives"]["müde"] == "tired"
    small = {
        "zum": "to the",
        "weil": "because",
        "wo": "where",
        "trotz des Regens": "despite the rain",
    }
    assert {word: found["small words"][word] for word in small} == small
    assert set(found["small words"]["sie"].split(", ")) == {"she", "they"}, "whichever comes oftener"
    assert all(english and german for pairs in words.values() for german, english in pairs)


def test_every_small_word_of_a_sentence_is_listed() -> None:
    """Alone or within its adverbial; but the auxiliary of a past, whose English is the verb's."""
    listed = {part for german, _ in glossary()["small words"] for part in german.split()}
    pairs = sample(1_000, seed=9, kinds=KINDS + EVERYDAY_KINDS)
    used = {
        word for pair in pairs for word, tag in zip(pair.german, pair.german_tags, strict=True)
        if tag not in ("NOUN", "VERB", "ADJ", "PUNCT", "AUX")
    }  # fmt: skip
    assert used - listed == set()


def test_from_english_to_german() -> None:
    assert german_of()["dog"] == ("Hund",)
    assert set(german_of()["the"]) >= {"der", "die", "das"}
    assert {"dog", "sleeping", "the"} <= english_words()
    assert "Hund" not in english_words()
