"""load_marian against transformers' MarianMTModel: the same logits, the same translations, greedy and by beams."""

import pytest
import torch
from torch import Tensor

from course.decoding import beam_search, greedy
from course.kv_cache import CachedTransformer
from course.marian import HalvedPositions, Marian
from course.pretrained import Refused, load_marian
from course.seq2seq import BOS
from course.translation import translate
from tests.pretrained.models import DTYPES, MARIANS, TOLERANCE, V, furthest, marian, tokens, translator

START = torch.tensor([[BOS]])


def read(theirs) -> Marian:
    return load_marian(theirs.state_dict(), theirs.config.to_dict())


def sources(config) -> Tensor:
    """Three sentences, each with its end and padding behind it."""
    found = tokens(3, 8, low=8, high=16)
    for token in (config.pad_token_id, config.eos_token_id):
        found[found == token] = 5
    found[:, -1] = config.eos_token_id
    found[1, 4], found[1, 5:] = config.eos_token_id, config.pad_token_id
    return found


def targets(config) -> Tensor:
    found = tokens(3, 6, high=config.decoder_vocab_size, seed=2)
    found[found == config.pad_token_id] = 5
    found[:, 0] = config.decoder_start_token_id
    return found


def in_ours(model: Marian, target: Tensor) -> Tensor:
    """The same beginnings of translations in the course's numbers."""
    return torch.cat([START.expand(len(target), 1), model.target_numbers.ours[target[:, 1:]]], dim=1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", MARIANS)
def test_logits_are_those_of_transformers(name, dtype):
    theirs = marian(dtype, **MARIANS[name])
    ours, source, target = read(theirs), sources(theirs.config), targets(theirs.config)
    mask = (source != theirs.config.pad_token_id).long()
    order = ours.target_numbers.theirs
    with torch.no_grad():
        mine = ours(ours.source_numbers.ours[source], in_ours(ours, target))
        other = theirs(input_ids=source, attention_mask=mask, decoder_input_ids=target).logits
    assert mine.dtype == dtype
    assert furthest(mine[..., 2:], other[..., order[2:]]) <= TOLERANCE[dtype]
    assert mine[..., :2].isneginf().all(), "padding and the beginning are never written"
    assert sorted(order[2:].tolist()) == sorted(set(range(other.shape[-1])) - {theirs.config.pad_token_id})


def translated(theirs, source: Tensor, **settings) -> list[list[int]]:
    """What transformers' generate writes, without padding, which is forbidden, start and end."""
    config = theirs.config
    mask = (source != config.pad_token_id).long()
    rows = theirs.generate(
        source,
        attention_mask=mask,
        max_new_tokens=12,
        do_sample=False,
        bad_words_ids=[[config.pad_token_id]],
        renormalize_logits=True,
        **settings,
    )
    said = [row[1:] for row in rows.tolist()]
    ends = {config.eos_token_id, config.pad_token_id}
    return [row[: next((i for i, token in enumerate(row) if token in ends), len(row))] for row in said]


@pytest.mark.parametrize("name", MARIANS)
def test_greedy_text_is_that_of_generate(name):
    texts = []
    for seed in range(2):
        theirs = translator(name, seed)
        ours, source = read(theirs), sources(theirs.config)
        expected, numbers = translated(theirs, source, num_beams=1), ours.target_numbers.theirs
        given = [[t for t in row if t] for row in ours.source_numbers.ours[source].tolist()]
        mine = translate(ours, given, 12)
        assert [numbers[row].tolist() for row in mine] == expected
        with torch.no_grad():
            cached = CachedTransformer(ours, ours.source_numbers.ours[source], 20)
            assert greedy(cached, START.expand(3, 1), 12) == mine
        texts += expected
    assert len(set(map(tuple, texts))) > 3, "else any model would do"


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("name", MARIANS)
def test_text_by_beams_is_that_of_generate(name, alpha):
    theirs = translator(name, 0)
    ours = read(theirs)
    for n_beams in (2, 5):
        source = sources(theirs.config)
        expected = translated(theirs, source, num_beams=n_beams, length_penalty=alpha, early_stopping="never")
        for row, said in zip(source, expected, strict=True):
            read_by_ours = ours.source_numbers.ours[row[row != theirs.config.pad_token_id]][None]
            cached = CachedTransformer(ours, read_by_ours, 20)
            mine, _ = beam_search(cached, START, n_beams, 12, alpha)
            assert ours.target_numbers.theirs[mine].tolist() == said
            with torch.no_grad():
                memory = ours.encode(read_by_ours)
                plain = beam_search(lambda t: ours.decode(t, memory, read_by_ours)[:, -1], START, n_beams, 12, alpha)  # noqa: B023
            assert plain[0] == mine


@pytest.mark.parametrize("d_model", [4, 12, 64])
def test_positions_are_those_of_transformers_and_not_those_of_marian(d_model):
    theirs = marian(d_model=d_model, encoder_attention_heads=2, decoder_attention_heads=2).model.encoder.embed_positions
    mine = HalvedPositions()(torch.zeros(1, 40, d_model))[0]
    assert furthest(mine, theirs.weight) < 1e-6
    hands = torch.arange(40)[:, None] * 10_000.0 ** (-torch.arange(d_model // 2) / (d_model // 2 - 1))
    of_marian = torch.cat([hands.sin(), hands.cos()], dim=1)
    assert furthest(mine[:, [0, d_model // 2]], of_marian[:, [0, d_model // 2]]) < 1e-5, "the first hand is the same"
    assert furthest(mine, of_marian) > 0.1


def test_tables_of_sines_in_the_file_are_looked_at():
    theirs = marian()
    name = "model.encoder.embed_positions.weight"
    assert name in theirs.state_dict()
    hands = torch.arange(40)[:, None] * 10_000.0 ** (-torch.arange(6) / 5)
    weights = theirs.state_dict() | {name: torch.cat([hands.sin(), hands.cos()], dim=1)}
    with pytest.raises(Refused, match=r"embed_positions\.weight is not what the course computes"):
        load_marian(weights, theirs.config.to_dict())


REFUSED = {
    "normalize_before": (True, "normalize_before=True is not implemented"),
    "normalize_embedding": (True, "normalize_embedding=True is not implemented"),
    "add_final_layer_norm": (True, "add_final_layer_norm=True is not implemented"),
    "add_bias_logits": (True, "add_bias_logits=True is not implemented"),
    "static_position_embeddings": (False, "static_position_embeddings=False is not implemented"),
    "quantization_config": ({"bits": 8}, "quantization_config={'bits': 8} is not implemented"),
    "activation_function": ("tanh", "activation_function='tanh' is not implemented"),
    "architectures": (["MarianForCausalLM"], "architectures=['MarianForCausalLM'] is not implemented"),
    "model_type": ("bart", "model_type='bart' must be 'marian'"),
    "tie_word_embeddings": (False, "tie_word_embeddings=False is not implemented"),
    "decoder_attention_heads": (5, "d_model=12 must be divisible by decoder_attention_heads=5"),
    "d_model": (15, "d_model=15 must be even"),
    "pad_token_id": (V, f"pad_token_id={V} must be below the vocabulary's size, {V}"),
    "eos_token_id": (V - 1, "must not be eos_token_id"),
    "vocab_size": (V + 1, f"final_logits_bias has shape (1, {V}), but the config asks for (1, {V + 1})"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_course_does_not_do_is_refused_by_name(name):
    theirs, (value, said) = marian(), REFUSED[name]
    weights = {key: one for key, one in theirs.state_dict().items() if name != "vocab_size" or "shared" not in key}
    if name == "vocab_size":
        weights["model.shared.weight"] = torch.ones(V + 1, 12)
    with pytest.raises(Refused) as error:
        load_marian(weights, theirs.config.to_dict() | {name: value})
    assert said in str(error.value)


@pytest.mark.parametrize(
    "name",
    [
        "d_model",
        "encoder_layers",
        "decoder_ffn_dim",
        "encoder_attention_heads",
        "vocab_size",
        "activation_function",
        "pad_token_id",
        "eos_token_id",
        "decoder_start_token_id",
        "max_position_embeddings",
    ],
)
def test_what_the_config_must_say_is_named(name):
    theirs = marian()
    with pytest.raises(Refused, match=f"config.json does not say {name}"):
        load_marian(theirs.state_dict(), {key: value for key, value in theirs.config.to_dict().items() if key != name})


def test_each_missing_tensor_is_named():
    theirs = marian()
    config = theirs.config.to_dict()
    copies = ("lm_head", "embed_tokens", "embed_positions")
    weights = {name: one for name, one in theirs.state_dict().items() if not any(one in name for one in copies)}
    for name in weights:
        with pytest.raises(Refused, match=rf"1 of {len(weights)} tensors are not there: {name};"):
            load_marian({key: one for key, one in weights.items() if key != name}, config)
    with pytest.raises(Refused, match=r"lm_head\.weight must be model\.shared\.weight"):
        load_marian(weights | {"lm_head.weight": torch.ones(V, 12)}, config)


def test_what_older_configs_leave_out_is_as_it_then_was():
    theirs = marian(scale_embedding=False)
    config, kept = theirs.config.to_dict(), read(theirs)
    source, target = kept.source_numbers.ours[sources(theirs.config)], in_ours(kept, targets(theirs.config))
    for name in ("scale_embedding", "share_encoder_decoder_embeddings", "decoder_vocab_size", "tie_word_embeddings"):
        config.pop(name)
        with torch.no_grad():
            assert torch.equal(load_marian(theirs.state_dict(), config)(source, target), kept(source, target)), name
