"""Models of transformers' built from a config, their weights drawn: the oracle that ours must agree with."""

from __future__ import annotations

import functools
import types
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForPreTraining,
    BertForSequenceClassification,
    BertModel,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MarianConfig,
    MarianMTModel,
)
from transformers.models.llama.modeling_llama import LlamaRMSNorm, LlamaRotaryEmbedding

from course.llama import Llama, RopeScaling
from course.positions import position_angles

TOLERANCE = {torch.float32: 1e-4, torch.float64: 1e-9}
DTYPES = [torch.float32, torch.float64]
V = 29  # tokens

GPT2 = {"n_embd": 12, "n_layer": 2, "n_head": 3, "vocab_size": V, "n_positions": 16, "eos_token_id": 2,
        "bos_token_id": 2}  # fmt: skip
GPT2S = {
    "plain": {},
    "one head, one layer": {"n_head": 1, "n_layer": 1},
    "many heads, deep": {"n_embd": 24, "n_head": 12, "n_layer": 4},
    "untied": {"tie_word_embeddings": False},
    "narrow inside, relu": {"n_inner": 7, "activation_function": "relu"},
    "erf gelu, another eps": {"activation_function": "gelu", "layer_norm_epsilon": 1e-3},
}
BERT = {"vocab_size": V, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 20,
        "max_position_embeddings": 16}  # fmt: skip
BERTS = {
    "plain": {},
    "one head, one layer": {"num_attention_heads": 1, "num_hidden_layers": 1},
    "many heads, deep": {"hidden_size": 24, "num_attention_heads": 12, "num_hidden_layers": 4},
    "untied": {"tie_word_embeddings": False},
    "tanh gelu, three segments, another eps": {
        "hidden_act": "gelu_new", "type_vocab_size": 3, "layer_norm_eps": 1e-2,
    },
    "relu, padding is 5": {"hidden_act": "relu", "pad_token_id": 5},
}  # fmt: skip
LLAMA = {"vocab_size": V, "hidden_size": 24, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 6,
         "num_key_value_heads": 2, "max_position_embeddings": 64}  # fmt: skip
LLAMA3_ROPE = {"rope_type": "llama3", "rope_theta": 500_000.0, "factor": 8.0, "low_freq_factor": 1.0,
               "high_freq_factor": 4.0, "original_max_position_embeddings": 64}  # fmt: skip
LLAMAS = {
    "grouped": {},
    "every head its own": {"num_key_value_heads": 6},
    "one for all heads, tied": {"num_key_value_heads": 1, "tie_word_embeddings": True},
    "heads wider than d_model / n_heads": {"head_dim": 10, "num_hidden_layers": 1},
    "another base and eps": {"rope_parameters": {"rope_type": "default", "rope_theta": 77.0}, "rms_norm_eps": 1e-3},
    "linear scaling": {"rope_parameters": {"rope_type": "linear", "rope_theta": 10_000.0, "factor": 4.0}},
    "llama3 scaling": {"rope_parameters": LLAMA3_ROPE, "head_dim": 16, "tie_word_embeddings": True},
}
MARIAN = {"vocab_size": V, "d_model": 12, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 3,
          "decoder_attention_heads": 3, "encoder_ffn_dim": 20, "decoder_ffn_dim": 20, "pad_token_id": V - 1,
          "eos_token_id": 0, "decoder_start_token_id": V - 1, "scale_embedding": True, "activation_function": "swish",
          "max_position_embeddings": 40, "forced_eos_token_id": None}  # fmt: skip
MARIANS = {
    "as opus-mt": {},
    "one head, one layer": {"encoder_attention_heads": 1, "decoder_attention_heads": 1, "encoder_layers": 1,
                            "decoder_layers": 1},
    "two stacks of different sizes": {"encoder_layers": 3, "decoder_layers": 1, "encoder_attention_heads": 6,
                                      "decoder_ffn_dim": 9},
    "unscaled, gelu": {"scale_embedding": False, "activation_function": "gelu"},
    "two vocabularies": {"share_encoder_decoder_embeddings": False, "decoder_vocab_size": V + 4},
    "two vocabularies, untied, relu": {"share_encoder_decoder_embeddings": False, "decoder_vocab_size": V + 4,
                                       "tie_word_embeddings": False, "activation_function": "relu"},
    "another start, padding first": {"pad_token_id": 0, "eos_token_id": 2, "decoder_start_token_id": 7},
}  # fmt: skip


def drawn(model: nn.Module, dtype: torch.dtype, seed: int = 0, wide: float = 1.0) -> nn.Module:
    """The model with random weights in every bit: gains and biases too, of 1 and 0 nothing is seen.

    wide: how large layers are beside tables; at 1 a model of random weights says the same token again and again, and
    the text of any is that of all; at 6 it does not, but rounding grows as from a wild start."""
    generator = torch.Generator().manual_seed(seed)
    model = model.to(dtype).eval()
    numbers = dict(model.named_parameters()) | {name: one for name, one in model.named_buffers() if "bias" in name}
    with torch.no_grad():
        for name, number in numbers.items():
            if "embed_positions" not in name:
                one = torch.randn(number.shape, generator=generator, dtype=torch.float64)
                gain = number.dim() == 1 and name.endswith("weight")
                number.copy_(1 + 0.5 * one if gain else scale_of(name, number, wide) * one)
    return model


def scale_of(name: str, number: Tensor, wide: float) -> float:
    """The size of a tensor's numbers: of a token table, of a bias, of a layer."""
    if any(part in name for part in ("emb", "wte", "wpe", "shared", "lm_head")):
        return 0.3
    return 0.2 if max(number.shape) == number.numel() else wide * len(number) ** -0.5


def gpt2(dtype: torch.dtype = torch.float32, seed: int = 0, wide: float = 1.0, **choices: Any) -> GPT2LMHeadModel:
    return drawn(GPT2LMHeadModel(GPT2Config(**(GPT2 | choices))), dtype, seed, wide)


def bert(
    dtype: torch.dtype = torch.float32,
    seed: int = 0,
    kind: type[BertModel | BertForMaskedLM | BertForPreTraining | BertForSequenceClassification] = BertForMaskedLM,
    **choices: Any,
) -> nn.Module:
    return drawn(kind(BertConfig(**(BERT | choices))), dtype, seed)


def llama(dtype: torch.dtype = torch.float32, seed: int = 0, wide: float = 1.0, **choices: Any) -> LlamaForCausalLM:
    return drawn(LlamaForCausalLM(LlamaConfig(**(LLAMA | choices))), dtype, seed, wide)


def marian(dtype: torch.dtype = torch.float32, seed: int = 0, **choices: Any) -> MarianMTModel:
    return drawn(MarianMTModel(MarianConfig(**(MARIAN | choices))), dtype, seed)


@functools.cache
def translator(name: str, seed: int) -> MarianMTModel:
    """The Marian of that name half-way to writing backwards what it reads: unsure, various, at times at its end."""
    model = marian(seed=seed, **MARIANS[name])
    config, generator = model.config, torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(70):
        source = torch.randint(8, 16, (16, 2 + step % 5), generator=generator)
        end, start = (torch.full((16, 1), token) for token in (config.eos_token_id, config.decoder_start_token_id))
        source, answers = torch.cat([source, end], dim=1), torch.cat([source.flip(1), end], dim=1)
        logits = model(input_ids=source, decoder_input_ids=torch.cat([start, answers[:, :-1]], dim=1)).logits
        optimizer.zero_grad()
        F.cross_entropy(logits.flatten(0, 1), answers.flatten()).backward()
        optimizer.step()
    return model


def in_double(model: LlamaForCausalLM, ours: Llama) -> LlamaForCausalLM:
    """transformers' Llama without its two detours through float32, RMSNorm and the angles; those are then ours.

    That the angles are right is another test's: up to float32."""

    def norm(self: LlamaRMSNorm, x: Tensor) -> Tensor:
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon))

    def turns(self: LlamaRotaryEmbedding, x: Tensor, position_ids: Tensor) -> tuple[Tensor, Tensor]:
        angles = position_ids[..., None] * frequencies(ours.config.d_head, ours.config.base, ours.config.scaling)
        return angles.repeat(1, 1, 2).cos(), angles.repeat(1, 1, 2).sin()

    for part in model.modules():
        if isinstance(part, LlamaRMSNorm | LlamaRotaryEmbedding):
            part.forward = types.MethodType(norm if isinstance(part, LlamaRMSNorm) else turns, part)
    return model


def frequencies(d_head: int, base: float, scaling: RopeScaling | None) -> Tensor:
    """How far each pair of features turns at each position: (d_head / 2,), float64."""
    plain = position_angles(torch.ones(1), d_head, base)[0]
    return plain if scaling is None else scaling(plain)


def tokens(*shape: int, low: int = 0, high: int = V, seed: int = 1) -> Tensor:
    return torch.randint(low, high, shape, generator=torch.Generator().manual_seed(seed))


def furthest(a: Tensor, b: Tensor) -> float:
    """The largest difference."""
    return (a - b).abs().max().item()
