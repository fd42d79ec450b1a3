"""Subwords: are the forms really kept from training, and is the rest as ever?"""

import pytest

from course.bench import subwords
from course.bench.subwords import FORMS, forms_in, read, without_forms
from course.bench.translator import Quality, Trained


@pytest.mark.parametrize("cut", [False, True])
def test_no_training_sentence_has_a_form(material, cut):
    known = without_forms(material, cut)
    assert not FORMS & known.german.words
    assert FORMS & material.german.words, "though the corpus has them"
    kept = [pair for pair in material.splits.train if not FORMS & set(pair.german)]
    assert known.splits.train == kept
    assert len(known.train) == len(kept) < len(material.train)
    for pair, (source, target) in zip(kept, known.train, strict=True):
        assert known.german.decode(source) == list(pair.german)
        assert known.english.decode(target) == list(pair.english)
        assert target == known.english.encode(pair.english)
    whole = [source == known.german.encode(pair.german) for pair, (source, _) in zip(kept, known.train, strict=True)]
    assert all(whole) is not cut
    assert any(whole)


def test_forms_are_read_from_known_pieces_alone_where_words_were_cut(material):
    """Of all the forms in a text of 600 sentences nearly half, and without cutting none or next to none."""
    known_by_cut = {}
    for cut in (True, False):
        known = without_forms(material, cut)
        met = {token for source, _ in known.train for token in source}
        forms = [known.german.encode([form]) for form in sorted(FORMS & material.german.words)]
        known_by_cut[cut] = sum(set(tokens) <= met for tokens in forms) / len(forms)
    assert known_by_cut[True] > known_by_cut[False] + 0.3


def test_it_is_trained_without_and_asked_with_them(material, monkeypatch):
    seen = []

    def train(known, seconds, seed, say):
        seen.append((known, seconds, seed))
        return Trained("model", seconds, 1)

    def judge(model, known, pairs):
        seen.append((model, known, pairs))
        return Quality(10.0 * len(seen), 0.0)

    monkeypatch.setattr(subwords, "train_ours", train)
    monkeypatch.setattr(subwords, "quality_on", judge)
    found = read(material, 3.0, 5, True, 7, say=None)
    assert (found.forms, found.others) == (20.0, 30.0)
    (known, *how), (model, asked_of, forms), (_, _, others) = seen
    assert how == [3.0, 5]
    assert (model, asked_of) == ("model", known)
    assert len(forms) == 7
    assert {forms_in(pair) for pair in forms} == {1}
    assert {forms_in(pair) for pair in others} == {0}
