"""Conventions: what a learner gets without asking is the same in every module, and is what the course says it is."""

import importlib
import inspect
from collections.abc import Iterator

import pytest
import torch
from torch import nn

from course.blocks import BlockConfig, Encoder, EncoderLayer, LayerNorm, residual
from course.multi_head import MultiHeadAttention
from course.seq2seq import BOS, EOS, PAD
from course.tokenizer import SPECIAL, UNKNOWN
from tests.house_rules import REFERENCES

DEFAULTS = {  # a parameter's name -> its default, wherever a reference module has one of that name
    "norm_first": True,  # pre-norm; post-norm, as in 2017, by one argument
    "eps": 1e-5,  # inside the root of LayerNorm, as torch's
    "bias": True,
    "dropout": 0.0,  # what is random is asked for
    "activation": "relu",  # as in 2017
    "positions": "sinusoidal",  # as in 2017
    "base": 10_000.0,  # of the sines and of the turns
    "tied": True,  # the output layer is the target's embedding
    "shared": False,
    "pad": 0,
    "end": 2,
    "axis": -1,
    "smoothing": 0.1,  # of the labels, as in 2017
    "clip": 1.0,
    "tau": 1.0,  # these three change no probability
    "p": 1.0,
    "k": None,
    "mask": None,  # everybody may attend to everything
    "alpha": 1.0,  # of beams: the mean of ln p
    "seed": 0,
}
OTHER_THINGS = {
    ("ngram_probabilities", "smoothing"),  # added to each count: lesson 01 begins without
    # models that came later, as they were published
    ("GPTConfig.__init__", "activation"),
    ("BertConfig.__init__", "activation"),
    ("BertConfig.__init__", "eps"),
    ("MarianConfig.__init__", "activation"),
    ("MarianConfig.__init__", "norm_first"),
}


def defaults(name: str) -> Iterator[tuple[str, object]]:
    """Who has a parameter of that name with a default, and which."""
    for place, function in functions():
        parameter = inspect.signature(function).parameters.get(name)
        if parameter and parameter.default is not parameter.empty and (place, name) not in OTHER_THINGS:
            yield place, parameter.default


def functions() -> Iterator[tuple[str, object]]:
    """Every function and method of the reference modules, __init__ of the configurations among them."""
    for module in (importlib.import_module(f"course.{name}") for name in REFERENCES):
        for name, value in vars(module).items():
            if getattr(value, "__module__", None) == module.__name__ and inspect.isclass(value):
                methods = {part: method for part, method in vars(value).items() if inspect.isfunction(method)}
                yield from ((f"{name}.{part}", method) for part, method in methods.items())
            elif getattr(value, "__module__", None) == module.__name__ and callable(value):
                yield name, value


@pytest.mark.parametrize("name", DEFAULTS)
def test_default_is_the_conventions_wherever_there_is_one(name):
    found = dict(defaults(name))
    assert found, f"no reference module has a parameter called {name} with a default any more"
    assert {place: value for place, value in found.items() if value != DEFAULTS[name]} == {}


def test_special_tokens_are_the_first_four():
    assert SPECIAL == ("<pad>", "<bos>", "<eos>", "<unk>")
    assert (PAD, BOS, EOS, UNKNOWN) == (0, 1, 2, 3)


def test_eps_bias_and_the_place_of_norms_are_torchs():
    """Only the place of the norm is not: torch's layers are post-norm unless told otherwise."""
    assert LayerNorm(4).eps == nn.LayerNorm(4).eps
    theirs = nn.MultiheadAttention(4, 2)
    assert theirs.in_proj_bias is not None
    assert MultiHeadAttention(4, 2).w_q.bias is not None
    assert nn.TransformerEncoderLayer(4, 2).norm_first is False


def test_a_residual_without_further_words_is_pre_norm():
    x = torch.tensor([1.0, 3.0])
    assert residual(x, lambda y: 10 * y, lambda y: y - 2).tolist() == [-9.0, 13.0]
    assert residual(x, lambda y: 10 * y, lambda y: y - 2, norm_first=False).tolist() == [9.0, 31.0]


def test_a_stack_without_further_words_is_pre_norm_and_ends_with_a_norm():
    config = BlockConfig(d_model=4, n_heads=2, d_ff=8)
    assert EncoderLayer(config).norm_first
    assert isinstance(Encoder(config).norm, LayerNorm)
