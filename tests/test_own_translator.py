"""Own translator: what is saved comes back and translates the same; anything else is refused in a sentence."""

import os
from dataclasses import replace

import pytest
import torch
from torch import nn

from course.fused import fused
from course.own_translator import EDITION, KIND, Translator, load_translator, save_translator
from course.tokenizer import Tokenizer
from course.transformer import Transformer, TransformerConfig
from course.translation import translate

GERMAN = Tokenizer.train([["der", "alte", "Hund", "schläft"], ["ein", "Hund", "singt"]], parts=True)
ENGLISH = Tokenizer.train([["the", "old", "dog", "sleeps"], ["a", "dog", "sings"]])
SENTENCES = [["der", "Hund"], ["ein", "alter", "Hund", "singt"], ["Zebra"]]
SIZES = {"d_model": 16, "n_heads": 2, "d_ff": 24, "n_layers": 2, "max_length": 60}


def model(**choices) -> Transformer:
    sizes = {"source_vocab_size": len(GERMAN), "target_vocab_size": len(ENGLISH)}
    torch.manual_seed(0)
    made = Transformer(TransformerConfig(**SIZES | sizes | choices))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) / 4)
    return made


def logits(made: nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return made.eval()(torch.tensor([[4, 5, 6], [7, 5, 0]]), torch.tensor([[1, 6, 7], [1, 5, 4]]))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "translator.pt"


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("positions", ["rotary", "alibi", "sinusoidal", "learned", "none"])
def test_there_and_back(path, positions, tied):
    before = model(positions=positions, tied=tied, dropout=0.3, norm_first=tied)
    save_translator(path, before, GERMAN, ENGLISH)
    after = load_translator(path)
    assert isinstance(after, Translator)
    assert after[1:] == (GERMAN, ENGLISH)
    assert after.model.config == before.config
    assert not after.model.training
    assert torch.equal(logits(after.model), logits(before))
    assert (after.model.output.weight is after.model.target_embedding.table) is tied
    sources = [GERMAN.encode(words) for words in SENTENCES]
    assert sources == [after.german.encode(words) for words in SENTENCES]
    assert translate(after.model, sources) == translate(before, sources)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_one_table_for_all(path):
    before = model(source_vocab_size=len(GERMAN), target_vocab_size=len(GERMAN), shared=True)
    save_translator(str(path), before, GERMAN, GERMAN)
    after = load_translator(str(path)).model
    assert torch.equal(logits(after), logits(before))
    assert after.source_embedding is after.target_embedding
    assert sum(one.numel() for one in after.parameters()) == sum(one.numel() for one in before.parameters())


def test_a_fused_one_comes_back_and_can_be_fused_again(path):
    before = fused(model(positions="rotary"))
    save_translator(path, before, GERMAN, ENGLISH)
    assert torch.equal(logits(fused(load_translator(path).model)), logits(before))


def test_double_precision_stays(path):
    before = model().double()
    save_translator(path, before, GERMAN, ENGLISH)
    assert torch.equal(logits(load_translator(path).model), logits(before))


class Mine(Transformer):
    """A learner's own, with one weight more."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__(config)
        self.louder = nn.Parameter(torch.tensor(1.5))

    def decode(self, *given):
        return self.louder * super().decode(*given)


def test_a_model_of_ones_own_class(path):
    torch.manual_seed(3)
    before = Mine(model().config)
    save_translator(path, before, GERMAN, ENGLISH)
    after = load_translator(path, model=Mine).model
    assert type(after) is Mine
    assert torch.equal(logits(after), logits(before))
    with pytest.raises(ValueError, match=r"1 of its weights, such as louder, do not fit into a Transformer: .*model="):
        load_translator(path)


class Masked(Transformer):
    """A learner's own that keeps a mask among its weights, and before them."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__(config)
        self.register_buffer("mask", torch.ones(3, 3, dtype=torch.bool).tril())


def test_what_is_no_weight_keeps_its_kind(path):
    before = Masked(model().config).double()
    save_translator(path, before, GERMAN, ENGLISH)
    after = load_translator(path, Masked).model
    assert torch.equal(logits(after), logits(before))
    assert torch.equal(after.mask, before.mask)
    whole = {name: weight.long() for name, weight in model().state_dict().items()}
    rounded = load_translator(spoilt(path, weights=whole)).model
    assert all(torch.equal(weight, whole[name].float()) for name, weight in rounded.state_dict().items())


def test_a_new_one_replaces_the_old(path):
    save_translator(path, model(), GERMAN, ENGLISH)
    newer = model(n_layers=1)
    save_translator(path, newer, GERMAN, ENGLISH)
    assert torch.equal(logits(load_translator(path).model), logits(newer))


def test_loading_draws_no_random_numbers(path):
    save_translator(path, model(), GERMAN, ENGLISH)
    before = torch.get_rng_state()
    load_translator(path)
    assert torch.equal(before, torch.get_rng_state())


def test_what_does_not_belong_together_is_not_saved(path):
    with pytest.raises(
        ValueError, match=r"reads \d+ tokens and writes \d+, but its tokenizers have \d+ and \d+: it was"
    ):
        save_translator(path, model(), ENGLISH, GERMAN)
    with pytest.raises(ValueError, match="a GRU has no config: only a Transformer"):
        save_translator(path, nn.GRU(3, 3), GERMAN, ENGLISH)
    assert not path.exists()


def test_a_missing_file_is_named(path):
    with pytest.raises(FileNotFoundError, match=f"there is no file .*{path.name}: train the translator in lesson 09"):
        load_translator(path)


@pytest.mark.parametrize("kind", ["empty", "text", "half", "one byte short", "zeros"])
def test_a_file_that_is_none_or_torn_is_refused(path, kind):
    save_translator(path, model(), GERMAN, ENGLISH)
    whole = path.read_bytes()
    contents = {
        "empty": b"", "text": b"Liebes Tagebuch\n" * 9, "half": whole[: len(whole) // 2],
        "one byte short": whole[:-1], "zeros": bytes(900),
    }  # fmt: skip
    path.write_bytes(contents[kind])
    with pytest.raises(ValueError, match="cannot be read: it is torn, or no saved translator at all; train") as error:
        load_translator(path)
    assert str(path) in str(error.value)


class Harm:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (self.mark,)


def test_nothing_in_the_file_is_run(path):
    path.parent.mkdir()
    mark = path.parent / "harmed"
    torch.save({"kind": KIND, "edition": EDITION, "config": Harm(str(mark))}, path)
    with pytest.raises(ValueError, match="cannot be read"):
        load_translator(path)
    assert not mark.exists()


def spoilt(path, **changes):
    save_translator(path, model(), GERMAN, ENGLISH)
    saved = torch.load(path, weights_only=True)
    for name, value in changes.items():
        place, _, inner = name.partition("__")
        if inner:
            saved[place][inner] = value
        else:
            saved[place] = value
    torch.save(saved, path)
    return path


WHAT = {
    "another kind": ({"kind": "checkpoint"}, "holds something of torch's, but no translator"),
    "older": ({"edition": 0}, "is of edition 0, but 1 can be read: train the translator in lesson 09"),
    "newer": ({"edition": 2}, "is of edition 2, but 1 can be read"),
    "no config": ({"config": None}, "cannot be used: its configuration must say d_model, n_heads"),
    "unknown choice": ({"config__wings": 2}, "its configuration must say d_model, n_heads"),
    "a text for a size": ({"config__d_model": "16"}, "d_model='16' must be of type int"),
    "true for a size": ({"config__n_heads": True}, "n_heads=True must be of type int"),
    "negative": ({"config__d_ff": -24}, "d_ff=-24 must be at least 1"),
    "huge": ({"config__d_model": 10**12}, r"asks for more than its [\d,]+ numbers"),
    "deep": ({"config__n_layers": 10**9}, r"asks for more than its [\d,]+ numbers"),
    "heads": ({"config__n_heads": 5}, "d_model=16 must be divisible by n_heads=5"),
    "scheme": ({"config__positions": "by heart"}, "positions='by heart' must be one of"),
    "narrower": ({"config__d_ff": 12}, r"of its weights, such as \S*feed_forward\S*, do not fit into a Transformer"),
    "no weights": ({"weights": None}, "its weights must be tensors under their names"),
    "text among weights": ({"weights__output.weight": "heavy"}, "its weights must be tensors under their names"),
    "a weight more": ({"weights__more": torch.zeros(2)}, "1 of its weights, such as more, do not fit"),
    "no tokenizer": ({"german": None}, "a tokenizer must be saved as lists: merges, pieces, words"),
    "merges of three": ({"german__merges": [["a", "b", "c"]]}, "must be pairs of texts, none of them empty"),
    "an empty half": ({"german__merges": [["", "b"]]}, "must be pairs of texts, none of them empty"),
    "numbers for words": ({"english__words": [1]}, "must be texts, none of them empty"),
    "another tokenizer": ({"english__pieces": ["<pad>", "<bos>", "<eos>", "<unk>"]}, "it was trained with others"),
    "special ones gone": ({"english__pieces": ["a", "b"]}, "must begin with <pad>, <bos>, <eos>, <unk>, each once"),
}


@pytest.mark.parametrize("what", WHAT)
def test_what_is_foreign_is_refused_and_said_why(path, what):
    changes, said = WHAT[what]
    with pytest.raises(ValueError, match=said) as error:
        load_translator(spoilt(path, **changes))
    assert str(path) in str(error.value)


def test_a_table_of_other_things_is_refused(path):
    path.parent.mkdir()
    torch.save([1, 2], path)
    with pytest.raises(ValueError, match="no translator: name another file"):
        load_translator(path)


def test_what_is_spoilt_here_was_whole(path):
    assert load_translator(spoilt(path)).model.config == replace(model().config)
