"""Tokenizers against the library tokenizers: the same numbers for any text, from either of the kinds of file."""

import functools
import json
import random

import pytest
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from course.pretrained import Refused
from course.pretrained.byte_level import BYTES, CHARACTERS, ByteLevel, shadow
from course.pretrained.tokenizers import PATTERNS, read_byte_level, read_word_piece
from course.pretrained.word_piece import WordPiece
from course.tokenizer import bpe_encode

TEXTS = [
    "The animal didn't cross the street, because it was too tired; they'll say we've 1234 reasons.",
    "这部电影不坏，但也不算特别好。 今天天气很好，我们去散步吧！",
    "Kannst du mir helfen, diesen Satz zu übersetzen? Straße ÄÖÜ, naïve café, ŒUVRE, ΣΟΦΟΣ, İstanbul",
    "  two  spaces \t tabs\n\n\nlines \r\n x\u00a0y\u2003z\u3000w \u0085 end   ",
    "½ ² Ⅷ ٣٤ 一二 1\ufe0f\u20e3 e\u0301 \u200d \ufeff 'S 'LL I'M don'T 'x x's_y __init__ a_b $5.00% #tag",
    "family \U0001f468\u200d\U0001f469 flag \U0001f1e9 \x00\x1c\x1f control \ufffd <|endoftext|> [MASK] <|endoftext|>x",
    "",
    " ",
    "\n",
    "'",
    "12345678901",
    "a" * 120,
]


def texts() -> list[str]:
    """Those above, and characters of all kinds thrown together."""
    chance = random.Random(0)
    kinds = ["aZé好न", "0٣½Ⅷ", "  \t\n\r\u00a0\u2003\x1c", ".,'\"_$€-#", "\u0301\u200d\u0000\ufffd\ue000", "'s't're"]
    mixed = ["".join(chance.choice(chance.choice(kinds)) for _ in range(chance.randint(1, 14))) for _ in range(400)]
    return TEXTS + mixed


@functools.cache
def byte_level(llama3: bool = False, **choices) -> Tokenizer:
    """A small one, trained on the texts; once, since a second might number its pieces otherwise."""
    tokenizer = Tokenizer(models.BPE(**choices))
    steps = pre_tokenizers.ByteLevel(add_prefix_space=False)
    if llama3:
        split = pre_tokenizers.Split(Regex(next(iter(PATTERNS))), "isolated")
        steps = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.pre_tokenizer, tokenizer.decoder = steps, decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=["<|endoftext|>"],
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(TEXTS * 3, trainer)
    if llama3:
        template = processors.TemplateProcessing(single="<|endoftext|> $A", special_tokens=[("<|endoftext|>", 0)])
        tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    return tokenizer


@functools.cache
def word_piece(lower: bool = True, accents: bool | None = None, ideographs: bool = True) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(True, ideographs, accents, lower)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(
        TEXTS[:4] * 3, trainers.WordPieceTrainer(vocab_size=260, special_tokens=special, show_progress=False)
    )
    template = {"single": "[CLS] $A [SEP]", "special_tokens": [("[CLS]", 2), ("[SEP]", 3)]}
    tokenizer.post_processor = processors.TemplateProcessing(**template)
    tokenizer.add_special_tokens([AddedToken(piece, special=True) for piece in special])
    return tokenizer


@pytest.mark.parametrize("llama3", [False, True])
def test_byte_level_is_the_librarys(tmp_path, llama3):
    theirs = byte_level(llama3)
    theirs.save(str(tmp_path / "tokenizer.json"))
    ours = read_byte_level(tmp_path)
    for text in texts():
        assert ours.encode(text) == theirs.encode(text).ids, repr(text)
        assert ours.decode(ours.encode(text)).removeprefix("<|endoftext|>" * llama3) == text
    assert ours.decode([]) == ""
    assert ours.decode(ours.encode("好")[1:]) == theirs.decode(ours.encode("好")[1:])


@pytest.mark.parametrize("llama3", [False, True])
def test_words_are_cut_where_the_library_cuts_them(tmp_path, llama3):
    theirs = byte_level(llama3)
    theirs.save(str(tmp_path / "tokenizer.json"))
    ours = read_byte_level(tmp_path)
    spaces = [chr(n) for n in range(0x3100) if chr(n).isspace()]
    for text in [*texts(), *(f"x{one}{one}.y{one} z" for one in spaces)]:
        pieces = theirs.pre_tokenizer.pre_tokenize_str(text)
        assert ours.cut(text) == [text[start:stop] for _, (start, stop) in pieces], repr(text)


def test_a_word_that_is_a_piece_is_not_cut_where_merges_are_ignored(tmp_path):
    theirs = byte_level(llama3=True, ignore_merges=True)
    saved = json.loads(theirs.to_str())
    saved["model"]["vocab"]["xyz"] = 420
    (tmp_path / "tokenizer.json").write_text(json.dumps(saved))
    theirs = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert read_byte_level(tmp_path).encode("xyz") == theirs.encode("xyz").ids == [0, 420]
    saved["model"]["ignore_merges"] = False
    (tmp_path / "tokenizer.json").write_text(json.dumps(saved))
    assert len(read_byte_level(tmp_path).encode("xyz")) > 2


def test_gpt2s_two_files_hold_the_same(tmp_path):
    theirs = byte_level()
    theirs.model.save(str(tmp_path))
    ours = read_byte_level(tmp_path)
    for text in texts():
        assert ours.encode(text) == theirs.encode(text).ids, repr(text)


def test_pieces_are_those_of_lesson_09():
    merges = [("l", "o"), ("lo", "w"), ("e", "r"), ("\N{LOWER ONE EIGHTH BLOCK}", "low")]
    ours = ByteLevel({}, merges, {})
    for word in ("low", "lower", "slowly", "looser", "x"):
        assert ours.pieces("\N{LOWER ONE EIGHTH BLOCK}" + word) == bpe_encode([word], merges)


def test_every_byte_has_a_character_that_prints():
    assert sorted(BYTES.values()) == list(range(256))
    assert all(character.isprintable() and not character.isspace() for character in CHARACTERS.values())
    assert (CHARACTERS[ord(" ")], CHARACTERS[ord("\n")], CHARACTERS[ord("a")]) == ("Ġ", "Ċ", "a")
    assert shadow("é½ €\u00a0x") == "z0 #\tx"


@pytest.mark.parametrize(
    "choices", [{}, {"lower": False}, {"lower": False, "accents": True}, {"accents": False}, {"ideographs": False}]
)
def test_word_piece_is_the_librarys(tmp_path, choices):
    theirs = word_piece(**choices)
    theirs.save(str(tmp_path / "tokenizer.json"))
    ours = read_word_piece(tmp_path)
    for text in texts():
        assert ours.encode(text) == theirs.encode(text).ids, repr(text)
    assert ours.decode(ours.encode("the animal")[1:-1]) == "the animal"


def test_a_vocab_txt_holds_the_same(tmp_path):
    theirs = word_piece(lower=False)
    theirs.model.save(str(tmp_path))
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    ours = read_word_piece(tmp_path)
    assert [ours.encode(text) for text in TEXTS[:4]] == [theirs.encode(text).ids for text in TEXTS[:4]]
    assert isinstance(ours, WordPiece)


def test_a_folder_without_a_tokenizer_says_what_to_do(tmp_path):
    with pytest.raises(Refused, match="it was not downloaded; give the prompt as token ids, with --ids"):
        read_byte_level(tmp_path)
    (tmp_path / "tokenizer.model").write_bytes(b"")
    with pytest.raises(Refused, match=r"tokenizer\.model is of sentencepiece, which the course does not read"):
        read_byte_level(tmp_path)
    with pytest.raises(Refused, match=r"there is no tokenizer\.json or vocab\.txt"):
        read_word_piece(tmp_path)


BYTE_LEVEL = {
    "model": ({"type": "Unigram", "vocab": []}, "a model of type 'Unigram'"),
    "normalizer": ({"type": "Prepend"}, "normalizer={'type': 'Prepend'}"),
    "pre_tokenizer": ({"type": "Metaspace"}, "pre_tokenizer={'type': 'Metaspace'}"),
    "pre_tokenizer, none": (None, "pre_tokenizer={}"),
    "pre_tokenizer, uncut": ({"type": "ByteLevel", "use_regex": False}, "a cut by None"),
    "pre_tokenizer, prefix": ({"type": "ByteLevel", "add_prefix_space": True}, "pre_tokenizer="),
    "pre_tokenizer, pattern": (
        {
            "type": "Sequence",
            "pretokenizers": [{"type": "Split", "pattern": {"Regex": "x"}}, {"type": "ByteLevel", "use_regex": False}],
        },
        "a cut by 'x'",
    ),
    "added_tokens": ([{"content": "<x>", "id": 1, "lstrip": True}], "added_tokens '<x>'=['lstrip']"),
}


@pytest.mark.parametrize("name", BYTE_LEVEL)
def test_another_tokenizer_of_bytes_is_named(tmp_path, name):
    saved, (value, said) = json.loads(byte_level().to_str()), BYTE_LEVEL[name]
    (tmp_path / "tokenizer.json").write_text(json.dumps(saved | {name.partition(",")[0]: value}))
    with pytest.raises(Refused) as error:
        read_byte_level(tmp_path)
    assert said in str(error.value)
    assert "give token ids, with --ids" in str(error.value)


def test_merges_that_do_not_fit_are_named(tmp_path):
    saved = json.loads(byte_level().to_str())
    for merges, said in {"torn": [["a"]], "lacks ax": [["a", "x"]], "two pieces, but": ["abc"]}.items():
        (tmp_path / "tokenizer.json").write_text(json.dumps(saved | {"model": saved["model"] | {"merges": said}}))
        with pytest.raises(Refused, match=merges):
            read_byte_level(tmp_path)
    (tmp_path / "tokenizer.json").write_text(json.dumps(saved | {"model": saved["model"] | {"byte_fallback": True}}))
    with pytest.raises(Refused, match="byte_fallback=True"):
        read_byte_level(tmp_path)


def test_another_tokenizer_of_words_is_named(tmp_path):
    path = tmp_path / "tokenizer.json"
    for change, said in [
        ({"model": {"type": "BPE"}}, "type 'BPE' after"),
        ({"normalizer": None}, "'WordPiece' after None"),
    ]:
        path.write_text(json.dumps(json.loads(word_piece().to_str()) | change))
        with pytest.raises(Refused, match=said):
            read_word_piece(tmp_path)
    saved = json.loads(word_piece().to_str())
    path.write_text(json.dumps(saved | {"model": saved["model"] | {"continuing_subword_prefix": "@@"}}))
    with pytest.raises(Refused, match="marks pieces otherwise than by ## and"):
        read_word_piece(tmp_path)
    path.unlink()
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\na\n")
    with pytest.raises(Refused, match=r"the vocabulary lacks \[MASK\], \[SEP\]"):
        read_word_piece(tmp_path)
