"""Files: is a folder written by save_pretrained read the same, and each torn or foreign one named?"""

import json
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from transformers import BertForPreTraining

from course.pretrained import Refused, load_bert, load_gpt2, load_llama, load_marian
from course.pretrained.folder import read_bin, read_json, read_parts, read_weights
from course.pretrained.tensor_file import DTYPES, check_entries, read_header, read_tensors
from tests.pretrained.models import bert, gpt2, llama, marian

MODELS = {
    "gpt2": (gpt2, load_gpt2, {}),
    "gpt2 untied": (gpt2, load_gpt2, {"tie_word_embeddings": False}),
    "bert": (bert, load_bert, {"kind": BertForPreTraining}),
    "llama": (llama, load_llama, {}),
    "llama tied": (llama, load_llama, {"tie_word_embeddings": True}),
    "marian": (marian, load_marian, {}),
    "marian, two vocabularies": (marian, load_marian, {"share_encoder_decoder_embeddings": False}),
}


def same(ours: torch.nn.Module, other: torch.nn.Module) -> bool:
    mine, theirs = ours.state_dict(), other.state_dict()
    return mine.keys() == theirs.keys() and all(torch.equal(mine[name], theirs[name]) for name in mine)


@pytest.mark.parametrize("size", ["5GB", "8KB"])
@pytest.mark.parametrize("name", MODELS)
def test_a_saved_folder_is_read_as_the_state_dict_whole_or_in_parts(tmp_path, name, size):
    make, load, choices = MODELS[name]
    theirs = make(torch.float64, **choices)
    theirs.save_pretrained(tmp_path, max_shard_size=size)
    assert (tmp_path / "model.safetensors.index.json").is_file() == (size == "8KB")
    ours = load(tmp_path)
    assert same(ours, load(theirs.state_dict(), theirs.config.to_dict()))
    assert same(ours, load(str(tmp_path)))
    assert next(ours.parameters()).dtype == torch.float64


def test_an_older_folder_with_a_bin_is_read_too(tmp_path):
    theirs = gpt2()
    theirs.config.save_pretrained(tmp_path)
    torch.save(theirs.state_dict(), tmp_path / "pytorch_model.bin")
    assert same(load_gpt2(tmp_path), load_gpt2(theirs.state_dict(), theirs.config.to_dict()))


def test_every_dtype_is_read_as_safetensors_itself_writes_it(tmp_path):
    tensors = {name: torch.tensor([[0, 1, 1], [1, 0, 1]]).to(dtype) for name, dtype in DTYPES.items()}
    tensors |= {"none": torch.empty(0, 4), "one": torch.tensor(7.5)}
    save_file(tensors, tmp_path / "all.safetensors", metadata={"format": "pt"})
    found = read_tensors(tmp_path / "all.safetensors")
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[name], one) and found[name].dtype == one.dtype for name, one in tensors.items())


@pytest.fixture
def whole(tmp_path) -> Path:
    gpt2().save_pretrained(tmp_path)
    return tmp_path


def refused(folder: Path) -> str:
    with pytest.raises(Refused) as error:
        load_gpt2(folder)
    return str(error.value)


def test_what_is_missing_is_named(whole):
    (whole / "model.safetensors").rename(whole / "adapter_model.safetensors")
    assert "there is no model.safetensors and no pytorch_model.bin, nor an index of parts, in" in refused(whole)
    assert "but adapter_model.safetensors, config.json, generation_config.json" in refused(whole)
    (whole / "config.json").unlink()
    assert f"there is no config.json in {whole}: no folder of a model" in refused(whole)


def test_a_config_that_is_none_is_named(whole):
    for text, said in {
        "": "is not JSON",
        "{": "is not JSON",
        "[1]": "holds a list, not names with values",
        '{"model_type": null}': "model_type",
    }.items():
        (whole / "config.json").write_text(text)
        assert said in refused(whole)
    assert read_json(whole / "generation_config.json")["eos_token_id"] == 2


def test_a_torn_file_is_named_wherever_it_is_torn(whole):
    path = whole / "model.safetensors"
    content = path.read_bytes()
    load_gpt2(whole)
    _, start = read_header(path)
    for size in (0, 3, 8, 9, 100, start - 1, start, start + 1, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:size])
        assert "model.safetensors" in refused(whole)
        assert "torn" in refused(whole) or "no safetensors file" in refused(whole)
    path.write_bytes(content + b"more")
    assert "but holds" in refused(whole)


def test_a_foreign_file_is_named(whole):
    path = whole / "model.safetensors"
    pointer = "version https:" + "//git-lfs.example/spec/v1\noid sha256:12\nsize 5\n"
    for content, said in {
        pointer: "fetch it with 'git lfs pull'",
        "GIF89a" * 400: "fewer than its first ones announce",
    }.items():
        path.write_text(content)
        assert said in refused(whole)
    for header, said in {b"[1, 2]": "begins with a list", b"not json": "does not begin with a table"}.items():
        path.write_bytes(struct.pack("<Q", len(header)) + header)
        assert said in refused(whole)


ENTRY = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dtype": "F8_E4M3"}, "a has dtype F8_E4M3; the course reads F64"),
        ({"shape": [2, 4]}, "a of shape [2, 4] needs 32 bytes, but has 24"),
        ({"shape": [2, -3]}, "is described by"),
        ({"shape": "6"}, "is described by"),
        ({"data_offsets": [0]}, "is described by"),
        ({"data_offsets": [4, 28]}, "its tensors overlap or leave gaps"),
        ({"dtype": None}, "is described by"),
    ],
)
def test_a_table_that_cannot_be_is_named(tmp_path, change, said):
    header = json.dumps({"a": ENTRY | change}).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(28 if "data_offsets" in change else 24))
    with pytest.raises(Refused) as error:
        read_tensors(path)
    assert said in str(error.value)


def test_tensors_that_share_their_bytes_are_named(tmp_path):
    with pytest.raises(Refused, match="overlap or leave gaps"):
        check_entries(tmp_path, {"a": ENTRY, "b": ENTRY}, 24)
    check_entries(tmp_path, {"a": ENTRY, "b": ENTRY | {"data_offsets": [24, 48]}}, 48)


@pytest.fixture
def in_parts(tmp_path) -> Path:
    gpt2().save_pretrained(tmp_path / "model", max_shard_size="8KB")
    return tmp_path / "model"


def test_a_part_that_is_not_there_is_named(in_parts):
    parts = sorted(in_parts.glob("model-*.safetensors"))
    assert len(parts) > 1
    parts[1].unlink()
    assert f"model.safetensors.index.json names {parts[1].name}, which is not in" in refused(in_parts)


def test_an_index_that_lies_is_named(in_parts):
    path = in_parts / "model.safetensors.index.json"
    index = json.loads(path.read_text())
    save_file({"transformer.more": torch.ones(1)}, in_parts.parent / "x.safetensors")
    for change, said in {
        "weight_map": ({}, "another kind of file"),
        "a": ({"weight_map": index["weight_map"] | {"transformer.more": "model-00001-of-00002.safetensors"}}, ""),
        "outside": ({"weight_map": index["weight_map"] | {"transformer.more": "../x.safetensors"}}, "../x.safetensors"),
    }.values():
        path.write_text(json.dumps(change))
        assert said in refused(in_parts)
    first = sorted(in_parts.glob("model-*.safetensors"))[0].name
    path.write_text(json.dumps({"weight_map": index["weight_map"] | {"transformer.more": first}}))
    assert "differ in transformer.more: the parts are of two models" in refused(in_parts)
    path.write_text(json.dumps(index))
    assert read_parts(path, read_tensors).keys() == read_weights(in_parts).keys()


def test_a_bin_that_holds_something_else_is_named(tmp_path):
    path = tmp_path / "pytorch_model.bin"
    torch.save({"a": [1]}, path)
    with pytest.raises(Refused, match="no weights by their names"):
        read_bin(path)
    for content in (b"", b"text", path.read_bytes()[:100]):
        path.write_bytes(content)
        with pytest.raises(Refused, match="cannot be read"):
            read_bin(path)
    torch.save({"a": Path}, path)
    with pytest.raises(Refused, match="cannot be read"):
        read_bin(path)
