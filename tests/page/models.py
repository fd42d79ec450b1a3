"""Models: small translators of every kind, and a page of Chromium in which the engine stands."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import torch

from course.classroom.author.browser import new_page
from course.own_translator import Translator
from course.page import in_script, script
from course.page.model_data import model_data
from course.tokenizer import Tokenizer
from course.transformer import Transformer, TransformerConfig

GERMAN = Tokenizer.train([["der", "alte", "Hund", "schläft"], ["ein", "Hund", "singt", ",", "."]], parts=True)
ENGLISH = Tokenizer.train([["the", "old", "dog", "sleeps"], ["a", "dog", "sings", "."]])
SIZES = {"d_model": 16, "n_heads": 2, "d_ff": 24, "n_layers": 2, "max_length": 30}
# numbers of a tensor as a list; a number that JSON does not have as its name
TOLD = """value => JSON.stringify(value, (name, one) =>
    one instanceof Float64Array ? Array.from(one, number => Number.isFinite(number) ? number : String(number)) : one)"""


def translator(seed: int = 0, **choices: Any) -> Translator:
    """One of chance, in which every weight does something; with shared tables both languages are one."""
    english = GERMAN if choices.get("shared") else ENGLISH
    sizes = {"source_vocab_size": len(GERMAN), "target_vocab_size": len(english)}
    torch.manual_seed(seed)
    model = Transformer(TransformerConfig(**SIZES | sizes | choices))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) / 4)
    return Translator(model.eval(), GERMAN, english)


class Engine:
    """The engine in a page; `model` is what it reads of the translator that was opened last."""

    def __init__(self, page: Any) -> None:
        self.page = page
        page.add_script_tag(content=f"{script('engine.js')}\nconst engine = modules['engine.js'], told = {TOLD};")

    def open(self, translator: Translator) -> Engine:
        self.page.evaluate(
            "data => { window.model = engine.readModel(JSON.parse(data)); }", in_script(model_data(translator))
        )
        return self

    def refusal(self, expression: str, **values: Any) -> str:
        """What the expression says when it raises an error."""
        return self(f"(() => {{ try {{ {expression} }} catch (error) {{ return String(error); }} }})()", **values)

    def __call__(self, expression: str, **values: Any) -> Any:
        """What an expression of JavaScript gives, in which engine, model and these values are known."""
        names = ", ".join(values)
        return json.loads(self.page.evaluate(f"({{ {names} }}) => told({expression}) ?? 'null'", values))


@contextlib.contextmanager
def engine_in_a_page() -> Iterator[Engine]:
    with new_page() as page:
        yield Engine(page)
