"""Tokenizers: which of a folder's files say how text becomes numbers, and does the course read them?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from course.pretrained.byte_level import GPT2_WORDS, LLAMA3_WORDS, ByteLevel
from course.pretrained.folder import read_json
from course.pretrained.refused import Refused, listed
from course.pretrained.word_piece import INSIDE, SPECIAL, UNKNOWN, WordPiece

# The patterns as tokenizer.json has them, and the same for re.
PATTERNS = {
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+": LLAMA3_WORDS,
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+": GPT2_WORDS,
}
SENTENCEPIECE = ("tokenizer.model", "source.spm", "target.spm", "spiece.model", "sentencepiece.bpe.model")


def read_byte_level(folder: Path) -> ByteLevel:
    """The tokenizer of a GPT-2 or a Llama 3: from tokenizer.json, or from vocab.json and merges.txt.

    Refused where there is none, or one of sentencepiece: its file is not text, and the course has no reader."""
    if (folder / "tokenizer.json").is_file():
        return byte_level(read_json(folder / "tokenizer.json"))
    if (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file():
        numbers = read_json(folder / "vocab.json")
        lines = (folder / "merges.txt").read_text(encoding="utf-8").split("\n")
        merges = [pair(line) for line in lines if line and not line.startswith("#version")]
        special = {text: numbers[text] for text in ("<|endoftext|>",) if text in numbers}
        return checked(ByteLevel(numbers, merges, special))
    raise no_tokenizer(folder, "tokenizer.json, or vocab.json with merges.txt")


def byte_level(saved: dict[str, Any]) -> ByteLevel:
    """What tokenizer.json holds, where it is one of bytes."""
    model = saved.get("model") or {}
    off("normalizer", saved.get("normalizer"))
    for name in ("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback"):
        off(name, model.get(name))
    if model.get("type", "BPE") != "BPE" or not {"vocab", "merges"} <= model.keys():
        raise unread(f"a model of type {model.get('type')!r}")
    return checked(
        ByteLevel(
            model["vocab"],
            [pair(one) for one in model["merges"]],
            special_tokens(saved),
            words_of(saved.get("pre_tokenizer") or {}),
            bool(model.get("ignore_merges")),
            start_of(saved.get("post_processor") or {}),
        )
    )


def unread(what: str) -> Refused:
    """What to do where tokenizer.json has more than the course."""
    return Refused(
        f"tokenizer.json has {what}, which is not implemented; the course reads BPE of bytes, cut as by GPT-2 or "
        "Llama 3. Other tokenizers, sentencepiece's among them, it does not read: give token ids, with --ids"
    )


def off(name: str, value: Any) -> None:
    """A feature of tokenizer.json that the course does not have."""
    if value:
        raise unread(f"{name}={str(value)[:80]}")


def pair(merge: str | list[str]) -> tuple[str, str]:
    """'a b' or ['a', 'b'] -> ('a', 'b')"""
    parts = merge.split(" ") if isinstance(merge, str) else merge
    if len(parts) != 2:
        raise Refused(f"a merge is of two pieces, but {merge!r} is not: the file is torn, or another one")
    return parts[0], parts[1]


def checked(tokenizer: ByteLevel) -> ByteLevel:
    """Every piece that can come out has a number."""
    pieces = {"".join(merge) for merge in tokenizer.ranks}
    if lacking := pieces - tokenizer.numbers.keys():
        raise Refused(f"the vocabulary lacks {listed(lacking)}, which merges make: the two files are not of one model")
    return tokenizer


def special_tokens(saved: dict[str, Any]) -> dict[str, int]:
    """What is never cut; each stands for itself alone."""
    found = {}
    for one in saved.get("added_tokens") or []:
        off(f"added_tokens {one['content']!r}", [name for name in ("lstrip", "rstrip", "single_word") if one.get(name)])
        found[one["content"]] = one["id"]
    return found


def words_of(pre_tokenizer: dict[str, Any]) -> str:
    """The pattern that cuts a text into words."""
    steps = pre_tokenizer.get("pretokenizers", [pre_tokenizer])
    last = steps[-1]
    if last.get("type") != "ByteLevel" or last.get("add_prefix_space") or len(steps) > 2:
        raise unread(f"pre_tokenizer={str(pre_tokenizer)[:80]}")
    if len(steps) == 1 and last.get("use_regex", True):
        return GPT2_WORDS
    pattern = (steps[0].get("pattern") or {}).get("Regex")
    if len(steps) == 1 or last.get("use_regex", True) or pattern not in PATTERNS or steps[0].get("invert"):
        raise unread(f"a cut by {pattern!r}")
    return PATTERNS[pattern]


def start_of(post_processor: dict[str, Any]) -> list[int]:
    """The tokens that every text gets in front."""
    found: list[int] = []
    for step in post_processor.get("processors", [post_processor]):
        if step.get("type") == "TemplateProcessing":
            for part in step["single"]:
                if "Sequence" in part:
                    break
                found += step["special_tokens"][part["SpecialToken"]["id"]]["ids"]
    return found


def read_word_piece(folder: Path) -> WordPiece:
    """The tokenizer of a BERT: from tokenizer.json, or from vocab.txt with what tokenizer_config.json says of capitals.

    Refused where there is none, or it lacks one of its special pieces."""
    if (folder / "tokenizer.json").is_file():
        tokenizer = word_piece(read_json(folder / "tokenizer.json"))
    elif (folder / "vocab.txt").is_file():
        lines = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
        numbers = {piece.rstrip("\r"): number for number, piece in enumerate(lines) if piece.rstrip("\r")}
        said = folder / "tokenizer_config.json"
        options = read_json(said) if said.is_file() else {}
        lower, ideographs = options.get("do_lower_case", True), options.get("tokenize_chinese_chars", True)
        tokenizer = WordPiece(numbers, lower, options.get("strip_accents"), ideographs)
    else:
        raise no_tokenizer(folder, "tokenizer.json or vocab.txt")
    if lacking := set(SPECIAL) - tokenizer.numbers.keys():
        raise Refused(f"the vocabulary lacks {listed(lacking, 5)}: it is not BERT's, or torn")
    return tokenizer


def word_piece(saved: dict[str, Any]) -> WordPiece:
    """What tokenizer.json holds, where it is BERT's."""
    model, normalizer = saved.get("model") or {}, saved.get("normalizer") or {}
    if model.get("type", "WordPiece") != "WordPiece" or normalizer.get("type") != "BertNormalizer":
        raise Refused(
            f"tokenizer.json has a model of type {model.get('type')!r} after {normalizer.get('type')!r}; "
            "of a BERT the course reads WordPiece after BertNormalizer"
        )
    if (model.get("continuing_subword_prefix", INSIDE), model.get("unk_token", UNKNOWN)) != (INSIDE, UNKNOWN):
        raise Refused(f"tokenizer.json marks pieces otherwise than by {INSIDE} and {UNKNOWN}: it is not BERT's")
    lower, ideographs = normalizer.get("lowercase", True), normalizer.get("handle_chinese_chars", True)
    return WordPiece(model["vocab"], lower, normalizer.get("strip_accents"), ideographs)


def no_tokenizer(folder: Path, wanted: str) -> Refused:
    """What to do instead."""
    found = [name for name in SENTENCEPIECE if (folder / name).is_file()]
    why = f"{listed(found)} is of sentencepiece, which the course does not read" if found else "it was not downloaded"
    return Refused(f"there is no {wanted} in {folder}: {why}; give the prompt as token ids, with --ids")
