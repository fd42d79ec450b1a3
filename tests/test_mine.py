"""course.mine: is the course made of the learner's parts, where there are any, and is the course itself untouched?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import course.mine.blocks
import pytest
import torch

import course.blocks
import course.training
from course.classroom import ROOT
from course.classroom.learner.answers import sheets
from course.classroom.learner.package import write_package
from course.mine import kept, parts
from course.mine.here import is_written
from course.mine.record import DESK, VARIABLE
from course.mine.rooms import files, imports_of, reached
from course.mine.whose import exercises, made_of, room_of
from tests import PATIENCE
from tests.classroom.desk import notebook, solved
from tests.copying import CONFIG, PAIRS, VALIDATION, small_model

TRAINED = """
import pickle, sys, torch
from pathlib import Path
from tests.copying import CONFIG, PAIRS, VALIDATION, small_model
from course.mine import parts
from course.training import train
from course.transformer import TransformerConfig

torch.set_num_threads(1)
sizes = dict(d_model=16, n_heads=2, d_ff=16, n_layers=1, source_vocab_size=13, target_vocab_size=13)


def fresh():
    torch.manual_seed(0)
    return parts.Transformer(parts.TransformerConfig(**sizes, shared=True, dropout=0.2))


ours = train(small_model(), PAIRS, CONFIG, VALIDATION)
theirs = fresh()
assert parts.train(theirs, PAIRS, parts.TrainingConfig(**vars(CONFIG)), VALIDATION, Path("a.pt")) == ours
again = parts.fused(fresh())
assert parts.train(again, PAIRS, parts.TrainingConfig(**vars(CONFIG)), VALIDATION, Path("a.pt")) == ours
assert all(map(torch.equal, again.state_dict().values(), theirs.state_dict().values()))
copy = pickle.loads(pickle.dumps(theirs))
assert type(copy) is type(theirs)
assert all(map(torch.equal, copy.state_dict().values(), theirs.state_dict().values()))

source = torch.tensor([PAIRS[0][0]])
memory, begin = theirs.encode(source), torch.tensor([[1]])
quick = parts.CachedTransformer(theirs, source, 9)
assert parts.greedy(quick, begin, 8) == parts.greedy(lambda t: theirs.decode(t, memory, source)[:, -1], begin, 8)
print(type(theirs.encoder.layers[0].attention).__module__, type(theirs.decoder.layers[0]).__module__)
print(type(theirs).__module__, type(again.encoder.layers[0].norm_1).__name__, type(quick.caches[0]).__module__)
print(repr(parts.of("Transformer", "train")).partition(chr(10))[0])
"""
VOCABULARIES = {"source_vocab_size": 9, "target_vocab_size": 9}


SAVED = """
import torch
from dataclasses import replace
from tests.copying import CONFIG, PAIRS
from course.mine import parts
from course.own_translator import load_translator
from course.tokenizer import SPECIAL, Tokenizer
from course.training import train
from course.transformer import Transformer, TransformerConfig

torch.set_num_threads(1)
sizes = dict(d_model=16, n_heads=2, d_ff=16, source_vocab_size=13, target_vocab_size=13, positions="rotary")
settings = replace(CONFIG, max_skip=5)
torch.manual_seed(0)
ours = Transformer(TransformerConfig(**sizes))
torch.manual_seed(0)
theirs = parts.Transformer(parts.TransformerConfig(**sizes))
assert parts.train(theirs, PAIRS, parts.TrainingConfig(**vars(settings))) == train(ours, PAIRS, settings)
letters = Tokenizer((), (*SPECIAL, *"abcdefghi"), frozenset())
parts.save_translator("own.pt", theirs, letters, letters)
for load in (parts.load_translator, load_translator):
    back = load("own.pt").model
    assert all(map(torch.equal, back.state_dict().values(), theirs.state_dict().values()))
    print(type(back.encoder.layers[0].attention).__module__, type(back.decoder.layers[0]).__module__)
"""


@pytest.fixture
def package(tmp_path):
    """mine/ of answers that somebody has given: the course's own where no other is said."""

    def written(*names: str, **others: str) -> Path:
        for lesson in {lesson for lesson in LESSONS if set(solved(lesson)) & {*names, *others}}:
            notebook(tmp_path / "work", lesson, solved(lesson) | others)
        accepted = {lesson: {*names, *others} for lesson in LESSONS}
        write_package(tmp_path / "mine", accepted, sheets(tmp_path / "work"))
        return tmp_path

    return written


LESSONS = sorted(path.stem for path in (ROOT / "course" / "lessons").glob("[0-9]*.py"))


def python(code: str, place: Path, mine: str = "mine") -> str:
    environment = os.environ | {"COURSE_MINE": mine and str(place / mine), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=place, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_without_anything_of_yours_a_room_is_the_courses_module_itself():
    assert course.mine.blocks is course.blocks
    assert course.blocks.__spec__.name == "course.blocks"
    assert parts.Encoder is course.blocks.Encoder
    assert repr(parts.of("Encoder")) == "0 of 17 parts are yours"
    with pytest.raises(AttributeError, match="no part 'Transformator'"):
        parts.of("Transformator")


def test_every_part_has_one_room_and_the_graph_of_rooms_has_no_circle():
    assert len(exercises()) == 103
    assert all(room_of(name) == room for name, room in exercises().items())
    assert room_of("generate") == "sequences", "an exercise goes before another of its name"
    before: set[str] = set()
    while new := {room for room in files() if {one for one, _ in imports_of(room)} <= before} - before:
        before |= new
    assert before == set(files())


def test_what_a_part_is_made_of():
    assert made_of(["bpe_decode"]) == {"bpe_decode"}
    assert made_of(["scaled_dot_product_attention"]) == {
        "scaled_dot_product_attention", "attention_scores", "masked_softmax",
    }  # fmt: skip
    assert {"byte_pair_merges", "bpe_encode", "bpe_decode"} == made_of(["Tokenizer"])
    assert {"train_step", "label_smoothing_loss", "warmup_schedule", "batches_by_length"} <= made_of(["train"])
    assert {"blocks", "transformer", "fused", "gpt"} <= reached({"multi_head"})
    assert "tokenizer" not in reached({"multi_head"})


def test_a_translator_of_the_learners_parts_learns_what_the_courses_learns(package):
    """Weights, losses, a checkpoint that goes on, a pickle, the cache; fused leaves alone what is the learner's."""
    place = package(*made_of(["Transformer", "train", "CachedTransformer", "greedy"]))
    assert python(TRAINED, place).splitlines() == [
        "mine.multi_head mine.transformer",
        "mine.transformer LayerNorm mine.kv_cache",
        "33 of 33 parts are yours",
    ]


def test_a_translator_of_the_learners_parts_skips_positions_and_is_saved(package):
    """By parts.load_translator it is the learner's again, by the course's the course's: the weights are the same."""
    place = package(*made_of(["Transformer", "train"]))
    assert python(SAVED, place).splitlines() == [
        "mine.positions mine.transformer",
        "course.positions course.transformer",
    ]


def test_one_part_alone_is_in_the_model_and_nowhere_else(package):
    """An answer written otherwise, among the course's parts; these are made anew, and what is the course's stays."""
    answer = "class FeedForward(nn.Module):\n    def __init__(self, d_model, d_ff, activation='relu'):\n"
    answer += "        super().__init__()\n"
    code = """
import course.blocks, course.transformer
before = dict(vars(course.blocks)), dict(vars(course.transformer))
from course.mine import parts
config = dict(d_model=8, n_heads=2, d_ff=8, source_vocab_size=9, target_vocab_size=9)
model = parts.Transformer(parts.TransformerConfig(**config))
print(type(model.encoder.layers[0].feed_forward).__module__, type(model.encoder.layers[0].norm_1).__module__)
model = parts.fused(model)
print(type(model.encoder.layers[0].feed_forward).__name__, type(model.encoder.layers[0].norm_1).__name__)
ours = course.transformer.Transformer(course.transformer.TransformerConfig(**config))
print(type(ours.encoder.layers[0].feed_forward).__module__)
print(before == (dict(vars(course.blocks)), dict(vars(course.transformer))))
print(parts.attention_scores.__module__)
"""
    place = package(FeedForward=answer)
    assert python(code, place).splitlines() == [
        "mine.blocks course.mine.blocks",
        "FeedForward FusedLayerNorm",
        "course.blocks",
        "True",
        "course.attention",
    ]
    assert python("from course.mine import parts; print(parts.Encoder.__module__)", place, "") == "course.blocks"


@pytest.mark.parametrize("begin", ["mine", "mine.attention", "course.mine.attention", "course.mine.seq2seq, mine"])
def test_whatever_is_imported_first_there_is_one_of_each(package, begin):
    """Also in a folder from which Python alone would not find mine/."""
    place = package("causal_mask", "padding_mask")
    code = f"""
import course.mine, course.seq2seq as before
import {begin}
import mine.attention, course.mine.attention, course.mine.seq2seq
from course.mine import parts
print(mine.attention.causal_mask is course.mine.attention.causal_mask is parts.causal_mask)
print(before is course.seq2seq is course.mine.seq2seq)
"""
    assert python(code, place / "work", "../mine") == "True\nTrue"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("import nowhere\n\n\ndef gelu(x):\n    return nowhere.gelu(x)\n", "mine/blocks.py cannot be imported: Mod"),
        ("class gelu:\n    pass\n", "mine/blocks.py has no such class, or no such function"),
    ],
)
def test_part_that_cannot_stand_there_is_set_aside_and_said(package, answer, reason):
    code = "from course.mine import parts; print(parts.gelu.__module__); print(parts.of('gelu'))"
    module, said = python(code, package(gelu=answer)).split("\n", 1)
    assert module == "course.mine.blocks"
    assert said.startswith(f"0 of 1 parts are yours\n  gelu: the course's, since yours is set aside: {reason}")


def deal(order, lengths, n_tokens):
    return [[i] for i in order]


def called(name: str, function):
    """The function, under the name of an exercise."""
    function.__name__ = name
    return function


def not_written(model, optimizer, source, target, smoothing=0.1, clip=1.0):
    raise NotImplementedError()


def test_what_the_notebook_has_written_stands_in_all_that_uses_it_and_nowhere_else():
    taken = []

    def step(model, optimizer, source, target, smoothing=0.1, clip=1.0):
        taken.append(source.shape[0])
        return course.training.train_step(model, optimizer, source, target, smoothing, clip)

    here = parts.here(called("batches_by_length", deal), called("train_step", step))
    losses = here.train(small_model(), PAIRS, here.TrainingConfig(**vars(CONFIG)), VALIDATION)
    assert len(losses) == len(taken) == CONFIG.n_steps
    assert set(taken) == {1}, "batches of one pair each"
    assert here.translate.__globals__["batches_by_length"] is deal, "a room that needs it is made anew as well"
    assert here.Transformer is parts.Transformer, "a room that does not stays"
    course.training.train(small_model(), PAIRS, CONFIG, VALIDATION)
    assert len(taken) == CONFIG.n_steps, "the course's own is as it was"
    assert repr(here.of("train")).startswith("2 of 8 parts are yours")


def test_stub_leaves_its_place_and_a_later_answer_takes_it():
    stub = called("train_step", not_written)
    assert not is_written(stub)
    assert parts.here(stub).train_step is parts.train_step
    lent = parts.here(course.training.train_step)
    assert repr(lent.of("train_step")).startswith("0 of 3 parts"), "imported from the course, it is the course's"
    first = parts.here(stub, called("batches_by_length", deal))
    assert repr(first.of("train_step", "batches_by_length")).startswith("1 of 4 parts")

    def cut(words, merges):
        return [piece for word in words for piece in word]

    both = first.here(called("bpe_encode", cut))
    assert both.Tokenizer.train([["ab"]]).encode(["ab"]) == [4, 5]
    assert both.batches_by_length is deal
    with pytest.raises(ValueError, match=r"takes answers to exercises, but .*Tokenizer"):
        parts.here(both.Tokenizer)


class LayerNorm(course.blocks.LayerNorm):
    """A learner's, in the notebook."""

    def forward(self, x):
        return x


class Unwritten(torch.nn.Module):
    def forward(self, x):
        raise NotImplementedError()


def test_layer_of_the_notebook_is_in_the_model_and_no_faster_one_takes_its_place():
    here = parts.here(LayerNorm)
    model = here.fused(here.Transformer(here.TransformerConfig(d_model=8, n_heads=2, d_ff=8, **VOCABULARIES)))
    kinds = [type(module) for module in model.modules()]
    assert LayerNorm in kinds
    assert "FusedFeedForward" in [kind.__name__ for kind in kinds]
    assert "FusedLayerNorm" not in [kind.__name__ for kind in kinds]
    assert not is_written(Unwritten)


def test_answers_of_the_notebook_go_before_those_of_mine(package):
    code = """
from course.mine import parts
def bpe_decode(pieces):
    return ["here"]
tokenizer = parts.here(bpe_decode).Tokenizer.train([["ab"]])
print(tokenizer.decode([4]), parts.Tokenizer.train([["ab"]]).decode([7]))
print(parts.here(bpe_decode).of("Tokenizer").__repr__().partition(chr(10))[0])
print(parts.here(bpe_decode).bpe_encode.__module__, parts.of("Tokenizer").__repr__().partition(chr(10))[0])
"""
    assert python(code, package("bpe_encode", "byte_pair_merges")).splitlines() == [
        "['here'] ['ab']",
        "3 of 3 parts are yours",
        "mine.tokenizer 2 of 3 parts are yours",
    ]


def test_what_a_lesson_keeps_lies_on_the_desk_and_nowhere_where_nobody_learns(tmp_path, monkeypatch):
    monkeypatch.setenv(DESK, str(tmp_path / "desk"))
    assert kept("translator.pt") is None
    assert not (tmp_path / "desk").exists()
    monkeypatch.delenv(VARIABLE)
    assert kept("translator.pt") == tmp_path / "desk" / "translator.pt"
    assert (tmp_path / "desk").is_dir()
