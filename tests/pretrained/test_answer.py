"""Answer and the command: text in, text out, as transformers writes it; misuse and bad files are named."""

import json
import re
from pathlib import Path

import pytest
import torch

from course.__main__ import main
from course.pretrained import Refused
from course.pretrained.answer import Request, check_numbers, ends_of, guesses, one_end, open_model
from tests.pretrained.models import bert, gpt2, llama, tokens, translator
from tests.pretrained.test_marian import sources, translated
from tests.pretrained.test_tokenizers import byte_level, word_piece

PROMPT = "The animal didn't cross the street, because"


@pytest.fixture(scope="session")
def gpt2_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("gpt2")
    gpt2(wide=6, vocab_size=420, n_positions=64).save_pretrained(folder)
    byte_level().save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory) -> Path:
    folder, tokenizer = tmp_path_factory.mktemp("bert"), word_piece()
    bert(vocab_size=tokenizer.get_vocab_size()).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def said(capsys: pytest.CaptureFixture, *typed: object) -> str:
    capsys.readouterr()
    assert main(["pretrained", *map(str, typed)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out.removesuffix("\n")


def refused(capsys: pytest.CaptureFixture, code: int, *typed: object) -> str:
    """What stands on stderr in its last line."""
    capsys.readouterr()
    if code == 2:
        with pytest.raises(SystemExit) as stopped:
            main(["pretrained", *map(str, typed)])
        assert stopped.value.code == 2
    else:
        assert main(["pretrained", *map(str, typed)]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err.splitlines()[-1]


def test_gpt2_continues_a_text_as_transformers_does(capsys, gpt2_folder):
    tokenizer = byte_level()
    prompt = torch.tensor([tokenizer.encode(PROMPT).ids])
    theirs = gpt2(wide=6, vocab_size=420, n_positions=64).generate(
        prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=10, do_sample=False
    )
    expected = tokenizer.decode(theirs[0, prompt.shape[1] :].tolist())
    assert said(capsys, gpt2_folder, PROMPT, "--max-tokens", 10) == expected
    given = " ".join(map(str, prompt[0].tolist()))
    ids = said(capsys, gpt2_folder, given, "--ids", "--max-tokens", 10)
    assert tokenizer.decode(list(map(int, ids.split()))) == expected


def test_llama_continues_a_text_and_ends_where_any_of_its_ends_comes(capsys, tmp_path):
    theirs = llama(wide=6, vocab_size=420)
    theirs.save_pretrained(tmp_path)
    byte_level(llama3=True).save(str(tmp_path / "tokenizer.json"))
    prompt = torch.tensor([byte_level(llama3=True).encode(PROMPT).ids])
    rows = theirs.generate(
        prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=10, do_sample=False, eos_token_id=None
    )
    new = rows[0, prompt.shape[1] :].tolist()
    config = json.loads((tmp_path / "config.json").read_text())
    for ends, count in ((None, 10), (new[4], new.index(new[4])), ([419, new[4]], new.index(new[4])), ([9999], 10)):
        (tmp_path / "config.json").write_text(json.dumps(config | {"eos_token_id": 5}))
        (tmp_path / "generation_config.json").write_text(json.dumps({"eos_token_id": ends}))
        expected = byte_level(llama3=True).decode(new[:count])
        assert said(capsys, tmp_path, PROMPT, "--max-tokens", 10) == expected
    (tmp_path / "generation_config.json").unlink()
    assert [ends_of(tmp_path, {"eos_token_id": ends}) for ends in (None, 3, [3, 4], "3")] == [[], [3], [3, 4], []]


def test_several_ends_are_one():
    logits = torch.tensor([[0.0, 5.0, 1.0, 7.0]])
    assert one_end([1, 3])(lambda _: logits)(tokens(1, 1)).tolist() == [[0.0, 7.0, 1.0, -torch.inf]]
    assert logits[0, 3] == 7.0


def test_marian_translates_ids_as_transformers_does(capsys, tmp_path):
    theirs = translator("as opus-mt", 0)
    theirs.save_pretrained(tmp_path)
    for row in sources(theirs.config):
        expected = translated(theirs, row[None], num_beams=3, early_stopping="never")[0]
        read = [token for token in row.tolist() if token != theirs.config.pad_token_id]
        for given in (read, read[:-1]):  # with and without the end
            typed = (tmp_path, " ".join(map(str, given)), "--ids", "--beams", 3, "--max-tokens", 12)
            assert said(capsys, *typed) == " ".join(map(str, expected))
    assert "give the prompt as token ids, with --ids" in refused(capsys, 1, tmp_path, "text")
    (tmp_path / "source.spm").write_bytes(b"")
    assert "source.spm is of sentencepiece" in refused(capsys, 1, tmp_path, "text")


def test_bert_fills_each_hole(capsys, bert_folder):
    tokenizer, theirs = word_piece(), bert(vocab_size=word_piece().get_vocab_size())
    prompt = "the [MASK] was too [MASK]"
    read = torch.tensor([tokenizer.encode(prompt).ids])
    with torch.no_grad():
        logits = theirs(read).logits[read == 4]
    lines = said(capsys, bert_folder, prompt).splitlines()
    assert len(lines) == len(logits) == 2
    for line, row in zip(lines, logits, strict=True):
        best = row.softmax(dim=-1).topk(5)
        expected = [
            f"{tokenizer.id_to_token(int(t))} {100 * p:.1f} %" for t, p in zip(best.indices, best.values, strict=True)
        ]
        assert line == ", ".join(expected)
    assert guesses(torch.tensor([0.25, 0.75]), {0: "a", 1: "b"}) == "b 75.0 %, a 25.0 %"


def test_misuse_is_told(capsys, gpt2_folder, bert_folder):
    assert "PATH must be a folder that exists, not nowhere" in refused(capsys, 2, "nowhere", "x")
    assert "--max-tokens must be at least 1, not 0" in refused(capsys, 2, gpt2_folder, "x", "--max-tokens", 0)
    assert "--beams must be at least 1, not -1" in refused(capsys, 2, gpt2_folder, "x", "--beams", -1)
    assert "the prompt is empty" in refused(capsys, 2, gpt2_folder, "")
    for prompt in ("word", "420", "", "1 -2", "1.5", "²"):
        assert "whole numbers below 420" in refused(capsys, 2, gpt2_folder, "--ids", "--", prompt)
    assert "which word stands at [MASK], but there is none in 'hello'" in refused(capsys, 2, bert_folder, "hello")
    assert "without --ids" in refused(capsys, 2, bert_folder, "4", "--ids")
    long = refused(capsys, 2, bert_folder, "[MASK] " * 40)
    assert "42 positions, but the table has rows for max_length=16 only" in long


def test_a_folder_that_is_no_models_is_told(capsys, tmp_path, gpt2_folder, bert_folder):
    assert "there is no config.json" in refused(capsys, 1, tmp_path, "x")
    (tmp_path / "config.json").write_text('{"model_type": "t5"}')
    assert "model_type='t5' is none that the course reads; they are gpt2, llama, bert, marian" in refused(
        capsys, 1, tmp_path, "x"
    )
    for file in (*gpt2_folder.iterdir(),):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.safetensors").write_bytes((gpt2_folder / "model.safetensors").read_bytes()[:-1])
    assert "it is torn" in refused(capsys, 1, tmp_path, "x")
    (tmp_path / "model.safetensors").write_bytes((bert_folder / "model.safetensors").read_bytes())
    assert "tensors are not there" in refused(capsys, 1, tmp_path, "x")


def test_a_bert_without_its_head_and_a_tokenizer_of_another_model_are_told(capsys, tmp_path, bert_folder):
    from transformers import BertModel

    bert(kind=BertModel, vocab_size=word_piece().get_vocab_size()).save_pretrained(tmp_path)
    word_piece().save(str(tmp_path / "tokenizer.json"))
    assert "without the head that guesses words" in refused(capsys, 1, tmp_path, "[MASK]")
    small = {bert: (word_piece(), 30), gpt2: (byte_level(), 300)}
    for make, (tokenizer, vocab_size) in small.items():
        folder = tmp_path / make.__name__
        make(vocab_size=vocab_size).save_pretrained(folder)
        tokenizer.save(str(folder / "tokenizer.json"))
        assert f"the model only {vocab_size} of them: they are of two models" in refused(capsys, 1, folder, "[MASK]")
    with pytest.raises(Refused, match="the tokenizer has a token 9, the model only 9"):
        check_numbers({9: "x"}, 9)
    answer = open_model(bert_folder)
    assert re.fullmatch(r"(\S+ \d+\.\d %,? ?){5}", answer(Request("[MASK]")))
