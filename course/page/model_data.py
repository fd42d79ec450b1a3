"""Model data: a translator as numbers and texts that a page can hold, with all that its words need."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from itertools import groupby
from typing import Any

import torch
from torch import Tensor

from course.corpus import clause_signs, mending, spelling
from course.corpus.everyday_words import SPEECH
from course.corpus.glossary import english_words, german_of
from course.corpus.splits import LONGEST
from course.corpus.text import known_words
from course.own_translator import Translator, known_config, told
from course.transformer import Transformer, TransformerConfig

KIND, EDITION = "translator of the course on a page", 1  # engine.js reads these
LARGEST = 2**23 - 1  # a whole number of three bytes, one bit of which is the sign
TABLES = ("source_embedding.table", "target_embedding.table", "output.weight")  # which may be one and the same


def model_data(translator: Translator) -> dict[str, Any]:
    """What engine.js reads: config, weights, both tokenizers, and what mending needs, for json.dumps.

    ValueError where the model has no TransformerConfig, lacks a weight of the course's Transformer, or has one that is
    no number, as after a training that went astray."""
    config = known_config(asdict(translator.model.config))
    return {
        "kind": KIND,
        "edition": EDITION,
        "config": asdict(config),
        "weights": weights_data(asked_weights(config), translator.model.state_dict()),
        "german": told(translator.german),
        "english": told(translator.english),
        "mending": mending_data(translator.german.words),
    }


def asked_weights(config: TransformerConfig) -> dict[str, tuple[int, ...]]:
    """The weights of the course's Transformer, each with its shape; no numbers are made."""
    with torch.device("meta"):
        return {name: tuple(weight.shape) for name, weight in Transformer(config).state_dict().items()}


def weights_data(asked: Mapping[str, tuple[int, ...]], weights: Mapping[str, Tensor]) -> dict[str, dict[str, Any]]:
    """Each weight as its shape and numbers, or as the name of an earlier table that is the same; no others."""
    found: dict[str, dict[str, Any]] = {}
    for name, shape in asked.items():
        if name not in weights or tuple(weights[name].shape) != shape:
            raise ValueError(f"the model has no weight {name} of shape {shape}: is it another than lesson 08's?")
        tables = [one for one in TABLES if one in found and name in TABLES and is_same(weights[one], weights[name])]
        found[name] = {"same": tables[0]} if tables else numbers_data(name, weights[name])
    return found


def is_same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.equal(one, other)


def numbers_data(name: str, weight: Tensor) -> dict[str, Any]:
    """Three bytes a number: a whole number, the lowest byte first, that counts steps; the largest is LARGEST steps.

    So a number is off by half a step at most, which is 6e-8 of the largest."""
    if not weight.isfinite().all():
        raise ValueError(f"the weight {name} holds what is no number: has its training gone astray?")
    numbers = weight.detach().cpu().double()
    step = numbers.abs().max().item() / LARGEST or 1.0
    whole = (numbers / step).round().int().numpy().astype("<i4")
    three = whole.reshape(-1, 1).view("u1")[:, :3].tobytes()
    return {"shape": list(weight.shape), "step": step, "numbers": base64.b64encode(three).decode()}


def mending_data(known: Iterable[str]) -> dict[str, Any]:
    """The constants and lists of course.corpus.mend; of what English words mean, the words that are known."""
    known = set(known)
    meanings = {word: [one for one in some if one in known] for word, some in german_of().items()}
    return {
        "example": mending.EXAMPLE,
        "longest": LONGEST,
        "mostSentences": mending.MOST_SENTENCES,
        "names": mending.NAMES,
        "scripts": scripts(),
        "small": sorted(known_words()),
        "spoken": spelling.SPOKEN,
        "germanOf": {word: some for word, some in meanings.items() if some},
        "english": sorted(english_words()),
        "lists": {name: sorted(words) for name, words in word_lists().items()},
    }


def word_lists() -> dict[str, Iterable[str]]:
    """The lists by which signs, and two capitals, are set."""
    return {
        "adverbsAlone": clause_signs.ADVERBS_ALONE,
        "asking": clause_signs.ASKING,
        "auxiliaries": clause_signs.auxiliaries(),
        "beforeInfinitives": clause_signs.before_infinitives(),
        "beforeJunge": mending.BEFORE_JUNGE,
        "beforeMorgen": mending.BEFORE_MORGEN,
        "between": clause_signs.BETWEEN,
        "clingingBefore": clause_signs.CLINGING_BEFORE,
        "finite": clause_signs.finite_verbs(),
        "imperatives": {verb.imperative for verb in SPEECH.values()},
        "knowing": clause_signs.KNOWING,
        "leading": clause_signs.LEADING,
        "opening": clause_signs.OPENING,
        "prepositions": clause_signs.PREPOSITIONS,
        "relative": clause_signs.RELATIVE,
        "subjects": clause_signs.SUBJECTS,
        "surelyFinite": clause_signs.surely_finite(),
        "withZu": {" ".join(words) for words in clause_signs.with_zu()},
    }


@cache
def scripts() -> tuple[tuple[int, str], ...]:
    """Where in Unicode the letters of each script begin: (first code, script), in order."""
    letters = (code for code in range(0x110000) if chr(code).isalpha())
    runs = groupby(letters, lambda code: unicodedata.name(chr(code), "unknown").split()[0])
    return tuple((next(codes), script) for script, codes in runs)
