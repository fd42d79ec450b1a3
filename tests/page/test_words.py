"""The page's words: is what anybody types mended, cut and numbered as the course does it, and written as it writes?"""

import random
import re

import pytest

from course.classroom.author.browser import chromium
from course.corpus import LONGEST, detokenize, mend, sample, tokenize, typed
from course.own_translator import Translator
from course.tokenizer import Tokenizer
from course.transformer import Transformer, TransformerConfig
from tests.page.models import engine_in_a_page

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")]
ODD = (
    "", " ", "\n\t", "...", "?!", "\U0001f600", "Der Hund \U0001f600 schläft.", "12", "\u2461", "3,5 2.000,5 1,2,3",
    "der hund schläft", "DER HUND SCHLÄFT!!!", "Der Hund schlaeft", "der hund schlaft\u2026",
    "strasse Strasse STRASSE", "wo ist mein hund", "ich weiß nicht wo er ist", "der hund der schläft ist müde",
    "ich sehe den hund der schläft", "wenn es regnet schläft die katze",
    "kannst du mir helfen den satz zu übersetzen", "bitte hilf mir", "Bitte", "bitte",
    "ich schlafe weil ich müde bin aber er schläft nicht denn er ist krank", "guten morgen", "der morgen",
    "morgen früh", "der junge schläft", "die jungen sehen den jungen hund", "eine junge frau", "gehts dir gut",
    "wie gehts", "hab nix", "Der Hnud bellt", "Ktze", "Katez und Huond", "xqzv", "x", "Hund Hund Hund",
    "The dog sleeps.", "dog", "I see the dog", "Привет", "\u03b1\u03b2\u03b3 \u0430\u0431", "\u6211\u7231\u4f60",
    "\u3042\u30a2", "\uff21\uff22", "\U0001d400\U0001d401", "Der Hund\nDie Katze", "der hund\ndie katze",
    "Der Hund schläft.\n\nDie Katze?  Das Kind!", "a. b. c. d. e.",
    "„Der Hund“, sagt er: „schläft“; nicht – doch – (ja).", "l'amour d'un chat's", "it's the dog's",
    "Haus-Tür-Schlüssel", "Der\u00a0Hund\u200bschläft\u00ad.", "Der Hu\u0308nd", "co\u0308co\u0308", "stra\u1e9ee",
    "\u0130stanbul", "\ufb01nden", "constructor __proto__ toString", "</script><script>alert(1)</script>", "a_b_c",
    "C++ & C#", "100 %", "\u00bd Apfel", "\u216b", "´s geht", "der hund , der katze", ", der hund", "der hund,",
    "Ich liebe dich\x1fsehr\x85nun", "Sie sie SIE", "ihr Ihr", " ".join(["Hund"] * 200),
    " ".join(["der Hund sieht die Katze."] * 40), "und " * (LONGEST - 1), "Der " * 29 + "Hund",
)  # fmt: skip


@pytest.fixture(scope="module")
def german():
    known = [tokenize(sentence.german) for sentence in typed()[::2]] + [pair.german for pair in sample(100)]
    return Tokenizer.train(known, n_merges=100, parts=True)


@pytest.fixture(scope="module")
def english():
    return Tokenizer.train([pair.english for pair in sample(100)], n_merges=60)


@pytest.fixture(scope="module")
def browser():
    with engine_in_a_page() as engine:
        yield engine


@pytest.fixture
def engine(browser, german, english):
    return browser.open(translator_of(german, english))


def translator_of(german: Tokenizer, english: Tokenizer, **choices) -> Translator:
    """A tiny one, which nobody asks for a translation."""
    sizes = {"source_vocab_size": len(german), "target_vocab_size": len(english), "max_length": 40}
    model = Transformer(TransformerConfig(d_model=4, n_heads=1, d_ff=4, **sizes, **choices))
    return Translator(model.eval(), german, english)


def misspelt(text: str, chance: random.Random) -> str:
    """As a hurried person types it."""
    letters = list(text)
    place = chance.randrange(len(letters) - 1)
    slips = [
        lambda: letters.pop(place),
        lambda: letters.insert(place, chance.choice("aeinrst ,.")),
        lambda: letters.__setitem__(slice(place, place + 2), letters[place : place + 2][::-1]),
        lambda: letters.__setitem__(place, chance.choice("aeinrstß\u00e4-'")),
    ]
    for _ in range(chance.randrange(3)):
        chance.choice(slips)()
    said = "".join(letters)
    return chance.choice([str, str.lower, str.upper, lambda one: one.rstrip(".?!"), lambda one: one.replace(",", "")])(
        said
    )


def as_the_course(text: str, german: Tokenizer) -> dict:
    mended = mend(text, german.words)
    tokens = [german.encode(words) for words in mended.sentences]
    sentences = [
        {"text": detokenize(words), "words": list(words), "ids": ids, "pieces": [german.pieces[one] for one in ids]}
        for words, ids in zip(mended.sentences, tokens, strict=True)
    ]
    unknown = {word: list(meant) for word, meant in mended.unknown.items()}
    return {"sentences": sentences, "changes": list(mended.changes), "unknown": unknown, "note": mended.note}


def compare(engine, texts: list[str], german: Tokenizer) -> list[dict]:
    ours = engine("texts.map(text => engine.encodeText(model, text))", texts=texts)
    theirs = [as_the_course(text, german) for text in texts]
    assert [(text, one, two) for text, one, two in zip(texts, ours, theirs, strict=True) if one != two] == []
    return theirs


def test_odd_input(engine, german):
    answers = compare(engine, list(ODD), german)
    assert sum(bool(one["note"]) for one in answers) > 10
    assert all(one["note"] or one["sentences"] for one in answers)


def test_typed_sentences(engine, german):
    answers = compare(engine, [one.german for one in typed()], german)
    assert sum(bool(one["unknown"]) for one in answers) > 20


def test_sentences_typed_in_a_hurry(engine, german):
    chance = random.Random(1)
    texts = [misspelt(one.german, chance) for one in typed()]
    texts += [one.german.replace(",", "") for one in typed()]
    answers = compare(engine, texts, german)
    assert sum(any("a comma put" in said for said in one["changes"]) for one in answers) > 10
    assert sum(any(one["unknown"].values()) for one in answers) > 50


def test_what_is_written(engine, english):
    chance = random.Random(2)
    rows = [[chance.randrange(len(english)) for _ in range(chance.randrange(14))] for _ in range(200)]
    rows += [english.encode(pair.english) for pair in sample(50)]
    assert engine("rows.map(ids => engine.wordsOf(model, ids))", rows=rows) == [english.decode(ids) for ids in rows]
    assert engine("rows.map(ids => engine.decode(model, ids))", rows=rows) == [
        detokenize(english.decode(ids)) for ids in rows
    ]


@pytest.mark.parametrize(("positions", "most"), [("learned", 40), ("rotary", 256)])
def test_a_word_without_end_is_refused(browser, german, english, positions, most):
    engine = browser.open(translator_of(german, english, positions=positions))
    answer = engine("engine.encodeText(model, text)", text="Der Hund schläft. " + "Q" * 300)
    assert [one["text"] for one in answer["sentences"]] == ["Der Hund schläft."]
    assert re.search(rf"A sentence of 30\d pieces is too long: here at most {most} are read\.$", answer["note"])
