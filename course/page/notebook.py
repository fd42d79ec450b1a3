"""Notebook: parts of the page under a notebook's cell, around the model that was just made."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course.alignment import word_weights
from course.attention import attention_scores, masked_softmax
from course.corpus import detokenize, tokenize
from course.doubt import translate_with_doubt
from course.own_translator import Translator
from course.page.bundle import bundle
from course.page.model_data import asked_weights, model_data
from course.tokenizer import SPECIAL, START, Tokenizer
from course.transformer import Transformer, TransformerConfig

try:
    from anywidget import AnyWidget
except ModuleNotFoundError:  # as in Colab: then it is a still, and says so
    AnyWidget = object

HERE = Path(__file__).parent
WHOLE = ("sentence", "map")
FULL = (230, 184, 69)  # the colour of the weight 1
STILL = "A still: run this cell, then type, and look inside."
WITHOUT = "<p>It stays a still, for anywidget is not installed here: <code>%pip install anywidget</code>, " \
          "then restart the kernel.</p>"  # fmt: skip


class LookInside(AnyWidget):
    """Parts of the page. The browser asks for model and script when it shows them: a notebook stores neither."""

    _esm = (HERE / "cell.js").read_text(encoding="utf-8")

    def __init__(self, still: str, data: Mapping[str, Any], options: Mapping[str, Any]) -> None:
        super().__init__()
        self.still, self.data, self.options = still, data, options
        if AnyWidget is not object:
            self.on_msg(lambda _widget, asked, _buffers: self.answer(asked))

    def answer(self, asked: Any) -> None:
        """Send what cell.js asks for."""
        if asked == {"ask": "parts"}:
            css = "".join((HERE / name).read_text(encoding="utf-8") for name in ("page.css", "cell.css"))
            self.send({"script": bundle(HERE, "shown.js"), "css": css, "data": self.data, "options": self.options})

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The living parts, and beside them a still for what cannot show them."""
        if AnyWidget is object:
            return {"text/html": self.still + WITHOUT}, {}
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/plain": "LookInside()", "text/html": self.still}, metadata


def look_inside(
    model: nn.Module | Translator,
    german: Tokenizer | None = None,
    english: Tokenizer | None = None,
    sentence: str = "Der Hund schläft.",
    parts: Sequence[str] = WHOLE,
) -> LookInside:
    """Look inside a translator, to be shown by a notebook; without a kernel, a still is shown.

    model: a Transformer, with the tokenizers of what it reads and writes, or a Translator, which has them. It is shown
    as it is now: what it learns afterwards is not seen. sentence: what is typed at first. parts: "sentence", a field
    for another; "map", the whole, each part of which opens; or the ids of single parts, such as "decoder.1.cross",
    "residual", "next" or "beam". ValueError as of model_data, and where a tokenizer is missing."""
    shown = model if isinstance(model, Translator) else with_tokenizers(model, german, english)
    return inside(shown, tokenize(sentence), sentence, parts)


def with_tokenizers(model: nn.Module, german: Tokenizer | None, english: Tokenizer | None) -> Translator:
    if german is None or english is None:
        raise ValueError("look_inside(model, german, english) needs both tokenizers, or a Translator, which has them")
    return Translator(model, german, english)


def look_inside_letters(
    model: nn.Module, config: TransformerConfig, letters: str, word: str, parts: Sequence[str] = WHOLE
) -> LookInside:
    """The same of a Transformer that reads and writes words letter by letter; its token 4 is the first letter.

    config: what the model was made of; its vocabularies hold <pad>, <bos>, <eos>, <unk> and the letters."""
    tokens = [len(SPECIAL) + len(letters), config.source_vocab_size, config.target_vocab_size]
    if len(set(tokens)) > 1:
        raise ValueError(f"{len(SPECIAL)} + {len(letters)} tokens must be source_vocab_size and target_vocab_size, "
                         f"but they are {tokens[1]} and {tokens[2]}")  # fmt: skip
    merges = tuple((START, letter) for letter in letters)
    spelling = Tokenizer(merges, SPECIAL + tuple(map("".join, merges)), frozenset(letters))
    known = Translator(of_the_course(model, config), spelling, spelling)
    return inside(known, list(word), word, parts, letters=True)


def inside(
    translator: Translator, words: Sequence[str], sentence: str, parts: Sequence[str], letters: bool = False
) -> LookInside:
    """The parts, and their still."""
    data = model_data(translator) | {"letters": letters}
    still = still_of(translator, words, "".join if letters else detokenize)
    return LookInside(still, data, {"sentence": sentence, "parts": list(parts)})


def of_the_course(model: nn.Module, config: TransformerConfig) -> Transformer:
    """The course's Transformer with the model's weights, in eval mode; ValueError where one is missing."""
    weights, made = model.state_dict(), Transformer(config)
    if missing := [name for name in asked_weights(config) if name not in weights]:
        raise ValueError(f"the model has no weight {missing[0]}: is it another than lesson 08's?")
    made.load_state_dict({name: weights[name] for name in asked_weights(config)})
    return made.eval()


def still_of(translator: Translator, words: Sequence[str], join: Callable[[Sequence[str]], str]) -> str:
    """The sentence, its translation, and what each piece of it was written from, as HTML that needs no kernel."""
    model, german, english = translator
    source = german.encode(words)
    (doubted,) = translate_with_doubt(model, [source])
    said = f"{join(words)} \N{RIGHTWARDS ARROW} {join(english.decode(doubted.tokens)) or 'no word'}"
    if not doubted.tokens:
        return framed(said)
    (weights,) = word_weights(model, [(source, doubted.tokens)])
    written, read = ([side.pieces[token].strip(START) for token in tokens]
                     for side, tokens in ((english, doubted.tokens), (german, source)))  # fmt: skip
    rows = [f"{piece}, {p:.2f}" for piece, p in zip(written, doubted.probabilities, strict=False)]
    caption = "A row for each piece written, and how probable it was: what the last decoder layer read for it, " \
              "the mean of its heads."  # fmt: skip
    return framed(said, tiles(weights, rows, read, caption))


def framed(said: str, shown: str = "") -> str:
    return (f'<div style="border-left:3px solid #888;padding-left:10px"><p>{STILL}</p>'
            f"<p><b>{html.escape(said)}</b></p>{shown}</div>")  # fmt: skip


def tiles(weights: Tensor, rows: Sequence[str], columns: Sequence[str], caption: str) -> str:
    """Weights as a table, the darker the larger."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    lines = [f"<tr><th>{html.escape(name)}</th>{''.join(map(tile, line))}</tr>"
             for name, line in zip(rows, weights.tolist(), strict=True)]  # fmt: skip
    return f"<p>{caption}</p><table><tr><td></td>{head}</tr>{''.join(lines)}</table>"


def tile(weight: float) -> str:
    shades = [round(255 + weight * (full - 255)) for full in FULL]
    return f'<td style="background-color:#{bytes(shades).hex()};color:#000">{weight:.2f}</td>'


def look_inside_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, words: Sequence[str] = ()
) -> LookInside:
    """Look inside one attention, stage by stage; without a kernel, a still of its weights is shown.

    query (T, d_k), key (T, d_k), value (T, d_v), mask as in masked_softmax, words: a label for each of the T.
    ValueError where these do not fit together."""
    if not query.shape == key.shape == (len(words), query.shape[-1]) or value.shape[:-1] != (len(words),):
        raise ValueError(f"query, key and value must have a row for each of the {len(words)} words, but their shapes "
                         f"are {[tuple(one.shape) for one in (query, key, value)]}: is a batch axis left?")  # fmt: skip
    with torch.no_grad():
        scores = attention_scores(query, key)  # (T, T)
        is_open = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask.expand(scores.shape)
        weights = masked_softmax(scores, is_open)
    rows = {"query": query, "key": key, "value": value, "mask": is_open}
    data = {"attention": {name: one.tolist() for name, one in rows.items()} | {"words": list(words)}}
    caption = "A row for each word that asks, a column for each that it reads."
    return LookInside(framed("The weights of one attention", tiles(weights, words, words, caption)), data, {})
