"""The four lists of pairs share nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from course.corpus import LONGEST, LONGEST_TRAINED, held_out, running_pair, splits
from course.corpus.splits import objects_of_verbs


@pytest.fixture(scope="module")
def parts():
    return splits(10_000, 200, seed=4)


def test_sizes(parts):
    assert [len(part) for part in parts] == [10_000, 200, 200, 200]
    assert [len(part) for part in splits(0, 2)] == [0, 2, 2, 2]


def test_no_sentence_stands_in_two_places(parts):
    """In training alone an English sentence may come twice: hast du Zeit, habt ihr Zeit."""
    assert max(Counter(pair.german for part in parts for pair in part).values()) == 1
    english = Counter(words for part in parts for words in {pair.english for pair in part})
    assert max(english.values()) == 1
    assert all(len({pair.english for pair in part}) == len(part) for part in parts[1:])


def test_the_running_sentence_is_kept_for_the_lessons(parts):
    assert running_pair().german not in {pair.german for part in parts for pair in part}
    assert ("translate", "sentence") not in held_out(4)


def test_unseen_pairs_hold_a_verb_with_an_object_that_training_never_shows_with_it(parts):
    trained = {met for pair in parts.train for met in pair.met}
    assert all(set(pair.met) - trained for pair in parts.unseen_pairs)
    assert trained.isdisjoint(held_out(4))
    assert all(held_out(4).isdisjoint(pair.met) for pair in (*parts.unseen_sentences, *parts.longer))


# German words of a verb and of a noun: what the notes (pair.met) may have missed is sought in the sentences themselves
VERB_WORDS = {
    "eat": "isst esse essen gegessen iss",
    "read": "liest lese lesen gelesen lies",
    "paint": "malt male malst malen gemalt",
    "wash": "wäscht wasche waschen wäschst gewaschen wasch",
    "feed": "füttert füttere füttern fütterst gefüttert",
    "love": "liebt liebe lieben liebst geliebt",
    "sing": "singt singe singen singst gesungen sing",
}
NOUN_WORDS = {
    "apple": "Apfel Äpfel", "banana": "Banane Bananen", "plum": "Pflaume Pflaumen", "bread": "Brot", "cake": "Kuchen",
    "soup": "Suppe",
    "book": "Buch Bücher", "letter": "Brief Briefe", "newspaper": "Zeitung Zeitungen", "sentence": "Satz Sätze",
    "story": "Geschichte Geschichten",
    "dog": "Hund Hunde Hunden", "cat": "Katze Katzen", "horse": "Pferd Pferde Pferden", "bird": "Vogel Vögel Vögeln",
    "car": "Auto Autos",
    "dress": "Kleid", "window": "Fenster", "picture": "Bild Bilder", "flower": "Blume Blumen",
}  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1])
def test_a_held_out_pair_does_not_leak_through_passives_relatives_or_pronouns(seed):
    """Sentences with one verb only that hold verb and noun in any form: the noun must not be the verb's object."""
    secret = held_out(seed)
    watched = [(verb, noun) for verb, noun in secret if verb in VERB_WORDS and noun in NOUN_WORDS]
    simple = [pair for pair in splits(10_000, 0, seed).train if pair.kind in ("passive", "command", "antecedent")]
    leaks = []
    for verb, noun in watched:
        verbs, nouns = set(VERB_WORDS[verb].split()), set(NOUN_WORDS[noun].split())
        leaks += [" ".join(pair.german) for pair in simple if verbs & set(pair.german) and nouns & set(pair.german)]
    # the noun may still be the agent or the place of a passive, or the object of the other verb
    elsewhere = (" von ", " vom ", " und ")
    assert [text for text in leaks if not any(word in text for word in elsewhere)] == []


def test_every_held_out_verb_and_noun_occurs_in_training(parts):
    verbs = {verb for pair in parts.train for verb, _ in pair.met}
    nouns = {noun for pair in parts.train for _, noun in pair.met}
    assert all(verb in verbs and noun in nouns for verb, noun in held_out(4))
    assert 20 <= len(held_out(4)) <= 80


def test_each_verb_keeps_most_of_its_objects():
    for verb, names in objects_of_verbs().items():
        kept = [name for name in names if (verb, name) not in held_out(4)]
        assert len(kept) >= min(len(names), 5)


def test_lengths(parts):
    assert all(pair.length <= LONGEST_TRAINED for part in parts[:3] for pair in part)
    for side in ("german", "english"):
        longest = max(len(getattr(pair, side)) for pair in parts.train)
        assert all(longest < len(getattr(pair, side)) <= LONGEST for pair in parts.longer)


def test_the_same_seed_gives_the_same_lists():
    assert splits(300, 20, seed=9) == splits(300, 20, seed=9)
    assert splits(300, 20, seed=9).train != splits(300, 20, seed=10).train


def test_negative_sizes_are_refused():
    with pytest.raises(ValueError, match="n_train=-1"):
        splits(-1, 5)
