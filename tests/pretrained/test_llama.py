"""load_llama against transformers' LlamaForCausalLM: the same logits, the same text, with a cache and without."""

import pytest
import torch
from torch import nn
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from course.decoding import greedy
from course.gpt import generate, windowed
from course.llama import CachedLlama, Llama
from course.pretrained import Refused, load_llama
from tests.pretrained.models import (
    DTYPES,
    LLAMA3_ROPE,
    LLAMAS,
    TOLERANCE,
    V,
    frequencies,
    furthest,
    in_double,
    llama,
    tokens,
)


def read(theirs: nn.Module) -> Llama:
    return load_llama(theirs.state_dict(), theirs.config.to_dict())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LLAMAS)
def test_logits_are_those_of_transformers(name, dtype):
    """In float64 without transformers' detours through float32, which alone are 1e-7 and more."""
    theirs, prompt = llama(dtype, **LLAMAS[name]), tokens(3, 40)
    ours = read(theirs)
    with torch.no_grad():
        assert ours(prompt).dtype == dtype
        assert furthest(ours(prompt), theirs(prompt).logits) <= TOLERANCE[torch.float32]
        if dtype == torch.float64:
            assert furthest(ours(prompt), in_double(theirs, ours)(prompt).logits) <= TOLERANCE[dtype]


@pytest.mark.parametrize("name", LLAMAS)
def test_frequencies_are_those_of_transformers_up_to_float32(name):
    theirs = llama(**LLAMAS[name])
    mine = read(theirs).config
    expected = theirs.model.rotary_emb.inv_freq.double()
    torch.testing.assert_close(frequencies(mine.d_head, mine.base, mine.scaling), expected, rtol=1e-6, atol=0)


def test_scalings_reach_fast_slow_and_middling_hands():
    """Else the test above would not see a wrong formula: here all three cases come, and theirs agree."""
    config = llama(**LLAMAS["llama3 scaling"]).config
    theirs, _ = ROPE_INIT_FUNCTIONS["llama3"](config, "cpu")
    shares = theirs.double() / frequencies(16, LLAMA3_ROPE["rope_theta"], None)
    assert {"fast": (shares > 0.999).any(), "slow": (shares < 0.1251).any()} == {"fast": True, "slow": True}
    assert ((shares > 0.13) & (shares < 0.99)).any()


@pytest.mark.parametrize("name", LLAMAS)
def test_text_is_that_of_generate(name):
    texts = []
    for seed in range(3):
        theirs, prompt = llama(seed=seed, wide=6, **LLAMAS[name]), tokens(1, 4, seed=seed)
        other = theirs.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=20, do_sample=False)
        ours, said = read(theirs), other[0, 4:].tolist()
        said = said[: said.index(2)] if 2 in said else said
        assert generate(ours, prompt, 20) == [said]
        with torch.no_grad():
            assert greedy(windowed(ours), prompt, 20) == [said]
        texts.append(said)
    assert len(set(map(tuple, texts))) > 1, "else any model would do"


@pytest.mark.parametrize("name", LLAMAS)
def test_cache_gives_the_logits_of_the_whole_model_whatever_is_asked_in_which_order(name):
    ours, prompt = read(llama(torch.float64, **LLAMAS[name])), tokens(3, 12)
    cached = CachedLlama(ours, 16)
    with torch.no_grad():
        for length in (5, 6, 7, 9, 12, 4):
            assert furthest(cached(prompt[:, :length]), ours(prompt[:, :length])[:, -1]) <= 1e-9
        assert furthest(cached(prompt[[1, 1, 0], :6]), ours(prompt[[1, 1, 0], :6])[:, -1]) <= 1e-9
    assert cached.caches[0].keys.shape[1] == ours.config.n_kv_heads


def test_older_configs_say_the_scaling_in_other_words_and_files_hold_frequencies():
    theirs, prompt = llama(**LLAMAS["llama3 scaling"]), tokens(2, 9)
    config = theirs.config.to_dict()
    config = {key: value for key, value in config.items() if key != "rope_parameters"}
    config["rope_theta"] = LLAMA3_ROPE["rope_theta"]
    config["rope_scaling"] = {key: value for key, value in LLAMA3_ROPE.items() if key != "rope_theta"}
    name = "model.layers.1.self_attn.rotary_emb.inv_freq"
    weights = theirs.state_dict() | {name: theirs.model.rotary_emb.inv_freq}
    with torch.no_grad():
        assert torch.equal(load_llama(weights, config)(prompt), read(theirs)(prompt))
    load_llama(weights | {name: weights[name].half()}, config)
    with pytest.raises(Refused, match=r"inv_freq is not what the course computes"):
        load_llama(weights | {name: 2 * weights[name]}, config)
    oldest = llama(**LLAMAS["linear scaling"])
    said = {"rope_parameters": None, "rope_scaling": {"type": "linear", "factor": 4.0}}
    with torch.no_grad():
        again = load_llama(oldest.state_dict(), oldest.config.to_dict() | said)
        assert torch.equal(again(prompt), read(oldest)(prompt))


def test_weights_go_into_the_readers_own_class():
    class Mine(Llama):
        pass

    theirs = llama()
    assert type(load_llama(theirs.state_dict(), theirs.config.to_dict(), build=Mine)) is Mine


def test_a_model_without_its_head_is_read_where_the_output_is_the_table():
    theirs, prompt = llama(tie_word_embeddings=True), tokens(2, 5)
    with torch.no_grad():
        bare = load_llama(theirs.model.state_dict(), theirs.config.to_dict())
        assert torch.equal(bare(prompt), read(theirs)(prompt))
    untied = llama()
    with pytest.raises(Refused, match=r"lm_head\.weight"):
        load_llama(untied.model.state_dict(), untied.config.to_dict())


ROPE = {"rope_theta": 10_000.0}
REFUSED = {
    "attention_bias": (True, "attention_bias=True is not implemented"),
    "mlp_bias": (True, "mlp_bias=True is not implemented"),
    "sliding_window": (16, "sliding_window=16 is not implemented"),
    "pretraining_tp": (2, "pretraining_tp=2 is not implemented"),
    "partial_rotary_factor": (0.5, "partial_rotary_factor=0.5 is not implemented"),
    "quantization_config": (
        {"quant_method": "gptq"},
        "quantization_config={'quant_method': 'gptq'} is not implemented",
    ),
    "hidden_act": ("gelu", "hidden_act='gelu' is not implemented"),
    "architectures": (["LlamaForSequenceClassification"], "architectures=['LlamaForSequenceClassification'] is not"),
    "model_type": ("mistral", "model_type='mistral' must be 'llama'"),
    "num_key_value_heads": (4, "num_attention_heads=6 must be divisible by num_key_value_heads=4"),
    "head_dim": (5, "a head of 5 features must have an even number"),
    "hidden_size": (25, "hidden_size=25 must be divisible by num_attention_heads=6"),
    "rope_parameters": (ROPE | {"rope_type": "yarn", "factor": 2.0}, "rope_type='yarn' is not implemented"),
    "rope_parameters, dynamic": (
        ROPE | {"rope_type": "dynamic", "factor": 2.0},
        "rope_type='dynamic' is not implemented",
    ),
    "rope_parameters, longrope": (ROPE | {"rope_type": "longrope"}, "rope_type='longrope' is not implemented"),
    "rope_parameters, partial": (ROPE | {"partial_rotary_factor": 0.5}, "partial_rotary_factor=0.5 is not implemented"),
    "rope_parameters, without": (ROPE | {"rope_type": "linear"}, "config.json does not say factor"),
    "rope_parameters, three": (LLAMA3_ROPE | {"low_freq_factor": None}, "config.json does not say low_freq_factor"),
    "rope_parameters, factor": (ROPE | {"rope_type": "linear", "factor": 0.5}, "factor=0.5 must be 1 or above"),
    "rope_parameters, base": ({"rope_type": "default", "rope_theta": 0.5}, "rope_theta=0.5 must be above 1"),
    "rope_parameters, low": (LLAMA3_ROPE | {"low_freq_factor": 4.0}, "low_freq_factor=4.0 must be below"),
    "rope_interleaved": (True, "rope_interleaved=True is not implemented"),
    "rope_parameters, nested": ({"full_attention": ROPE}, "rope_parameters has full_attention, which is not"),
    "rope_parameters, list": ([1], "rope_parameters=[1] must be names with values"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_course_does_not_do_is_refused_by_name(name):
    theirs, (value, said) = llama(), REFUSED[name]
    change = {name.partition(",")[0]: value} | ({"head_dim": None} if name == "hidden_size" else {})
    with pytest.raises(Refused) as error:
        load_llama(theirs.state_dict(), theirs.config.to_dict() | change)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "name",
    [
        "hidden_size",
        "num_attention_heads",
        "intermediate_size",
        "num_hidden_layers",
        "vocab_size",
        "max_position_embeddings",
        "rms_norm_eps",
    ],
)
def test_what_the_config_must_say_is_named(name):
    theirs = llama()
    with pytest.raises(Refused, match=f"config.json does not say {name}"):
        load_llama(theirs.state_dict(), {key: value for key, value in theirs.config.to_dict().items() if key != name})


def test_each_missing_and_each_further_tensor_is_named():
    theirs = llama()
    weights, config = theirs.state_dict(), theirs.config.to_dict()
    for name in weights:
        with pytest.raises(Refused, match=rf"1 of {len(weights)} tensors are not there: {name};"):
            load_llama({key: one for key, one in weights.items() if key != name}, config)
    with pytest.raises(Refused, match=r"have no place in this model: model\.layers\.0\.self_attn\.q_proj\.bias;"):
        load_llama(weights | {"model.layers.0.self_attn.q_proj.bias": torch.ones(V)}, config)


def test_what_older_configs_leave_out_is_as_it_then_was():
    theirs, prompt = llama(num_key_value_heads=6), tokens(2, 5)
    config, kept = theirs.config.to_dict(), read(theirs)
    for name in (
        "num_key_value_heads",
        "head_dim",
        "tie_word_embeddings",
        "rope_parameters",
        "attention_bias",
        "mlp_bias",
    ):
        config.pop(name)
        with torch.no_grad():
            assert torch.equal(load_llama(theirs.state_dict(), config)(prompt), kept(prompt)), name
