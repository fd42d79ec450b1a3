"""Answer: what does a model in a folder make of a prompt?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course.bert import MaskedLanguageModel
from course.decoding import NextLogits, beam_search
from course.gpt import generate
from course.kv_cache import CachedTransformer
from course.pretrained.bert import load_bert
from course.pretrained.folder import read_json
from course.pretrained.gpt2 import load_gpt2
from course.pretrained.llama import load_llama
from course.pretrained.marian import load_marian
from course.pretrained.refused import Refused
from course.pretrained.tokenizers import no_tokenizer, read_byte_level, read_word_piece
from course.seq2seq import BOS, EOS
from course.training import evaluating

N_GUESSES = 5


@dataclass(frozen=True)
class Request:
    """What is asked: the prompt, as text or as token ids; how much may be written; how many beams search."""

    prompt: str
    ids: bool = False
    max_tokens: int = 40
    n_beams: int = 4

    def tokens(self, vocab_size: int) -> list[int]:
        """The prompt's token ids; ValueError where it is something else."""
        words = self.prompt.split()
        if not words or not all(word.isascii() and word.isdigit() and int(word) < vocab_size for word in words):
            raise ValueError(
                f"a prompt of ids is whole numbers below {vocab_size}, with spaces between, not {self.prompt!r}"
            )
        return [int(word) for word in words]


Answer = Callable[[Request], str]


def open_model(folder: Path, ids: bool = False) -> Answer:
    """The model of a folder, of the kind that its config.json names, and its tokenizer unless prompts are ids.

    -> a function from a Request to a text: of gpt2 and llama what follows, of marian the translation, of bert a line
    of guesses for each [MASK]. Refused where something in the folder is not as it must be; the function raises
    ValueError where the prompt is not."""
    config = read_json(folder / "config.json")
    kind = config.get("model_type")
    if kind not in KINDS:
        raise Refused(f"config.json: model_type={kind!r} is none that the course reads; they are {', '.join(KINDS)}")
    return KINDS[kind](folder, config, ids)


def writer(load: Callable[[Path], nn.Module]) -> Callable[[Path, dict[str, Any], bool], Answer]:
    """gpt2 and llama continue."""

    def opened(folder: Path, config: dict[str, Any], ids: bool) -> Answer:
        tokenizer, model = None if ids else read_byte_level(folder), load(folder)
        size = model.config.vocab_size
        if tokenizer:
            check_numbers(tokenizer.texts, size)
        ends = [end for end in ends_of(folder, config) if end < size]

        def answer(request: Request) -> str:
            tokens = tokenizer.encode(request.prompt) if tokenizer else request.tokens(size)
            if not tokens:
                raise ValueError("the prompt is empty: there is nothing to be continued")
            wrap = one_end(ends) if ends else None
            (row,) = generate(model, torch.tensor([tokens]), request.max_tokens, ends[0] if ends else -1, wrap)
            return tokenizer.decode(row) if tokenizer else spaced(row)

        return answer

    return opened


def check_numbers(texts: dict[int, str], vocab_size: int) -> None:
    """The model knows every token of the tokenizer."""
    if (last := max(texts)) >= vocab_size:
        raise Refused(f"the tokenizer has a token {last}, the model only {vocab_size} of them: they are of two models")


def ends_of(folder: Path, config: dict[str, Any]) -> list[int]:
    """The tokens that end a text, one, several or none: of generation_config.json, or else of the config."""
    path = folder / "generation_config.json"
    said = config | (read_json(path) if path.is_file() else {})
    found = said.get("eos_token_id")
    return [end for end in (found if isinstance(found, list) else [found]) if type(end) is int]


def one_end(ends: Sequence[int]) -> Callable[[NextLogits], NextLogits]:
    """Where a model has several tokens for the end, the first of them speaks for all; others are not written."""

    def wrap(next_logits: NextLogits) -> NextLogits:
        def logits(tokens: Tensor) -> Tensor:
            found = next_logits(tokens).clone()
            best = found[:, list(ends)].amax(dim=-1)
            found[:, list(ends)] = -torch.inf
            found[:, ends[0]] = best
            return found

        return logits

    return wrap


def translator(folder: Path, config: dict[str, Any], ids: bool) -> Answer:
    """marian translates, from ids to ids: its tokenizers are sentencepiece's."""
    if not ids:
        raise no_tokenizer(folder, "tokenizer that the course reads for marian")
    model = load_marian(folder)

    def answer(request: Request) -> str:
        read, written = model.source_numbers, model.target_numbers
        tokens = read.ours[request.tokens(len(read.ours))]
        # the end of the sentence is among what the encoder reads
        tokens = tokens if tokens[-1] == EOS else torch.cat([tokens, torch.tensor([EOS])])
        with evaluating(model):
            next_logits = CachedTransformer(model, tokens[None], request.max_tokens + 1)
            row, _ = beam_search(next_logits, torch.tensor([[BOS]]), request.n_beams, request.max_tokens)
        return spaced(written.theirs[row].tolist())

    return answer


def guesser(folder: Path, config: dict[str, Any], ids: bool) -> Answer:
    """bert fills holes."""
    if ids:
        raise ValueError("a BERT's vocab.txt is text, which the course reads: give the prompt as text, without --ids")
    tokenizer, model = read_word_piece(folder), load_bert(folder)
    if not isinstance(model, MaskedLanguageModel):
        raise Refused(f"{folder} holds a BERT without the head that guesses words, cls.predictions: it has no answer")
    check_numbers(tokenizer.texts, model.config.vocab_size)
    hole = tokenizer.numbers["[MASK]"]

    def answer(request: Request) -> str:
        tokens = torch.tensor([tokenizer.encode(request.prompt)])
        if hole not in tokens:
            raise ValueError(f"a BERT is asked which word stands at [MASK], but there is none in {request.prompt!r}")
        with evaluating(model):
            probabilities = model(tokens)[tokens == hole].softmax(dim=-1)  # (n holes, V)
        return "\n".join(guesses(row, tokenizer.texts) for row in probabilities)

    return answer


def guesses(probabilities: Tensor, texts: dict[int, str]) -> str:
    """The likeliest words of one hole: 'river 41.2 %, bank 20.1 %'."""
    best = probabilities.topk(min(N_GUESSES, len(probabilities)))
    pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return ", ".join(f"{texts.get(token, token)} {100 * p:.1f} %" for token, p in pairs)


def spaced(tokens: Sequence[int]) -> str:
    """Token ids as text."""
    return " ".join(map(str, tokens))


KINDS = {"gpt2": writer(load_gpt2), "llama": writer(load_llama), "bert": guesser, "marian": translator}
