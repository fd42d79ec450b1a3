"""Models of transformers', built from a config, and given our weights: whose texts ours must write too."""

from __future__ import annotations

import functools

import torch
from torch import Tensor, nn
from transformers import GPT2Config, GPT2LMHeadModel, MarianConfig, MarianMTModel

from course.positions import sinusoidal_positions
from course.seq2seq import shift_right, teacher_forcing_loss
from course.transformer import Transformer, TransformerConfig
from tests.parity import randomise

N_POSITIONS = 600


def marian(ours: Transformer) -> MarianMTModel:
    """A post-norm Transformer with one table for all, as transformers' MarianMTModel: the same weights, the same logits."""
    config = ours.config
    theirs = MarianMTModel(MarianConfig(
        vocab_size=config.target_vocab_size, d_model=config.d_model, max_position_embeddings=N_POSITIONS,
        encoder_layers=config.n_layers, decoder_layers=config.n_layers, encoder_ffn_dim=config.d_ff, decoder_ffn_dim=config.d_ff,
        encoder_attention_heads=config.n_heads, decoder_attention_heads=config.n_heads, activation_function="relu",
        scale_embedding=True, dropout=0.0, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
        forced_eos_token_id=None,
    )).eval()  # fmt: skip
    theirs.load_state_dict(marian_weights(ours), strict=False)
    theirs.tie_weights()
    return theirs.to(ours.output.weight.dtype)


def marian_weights(ours: Transformer) -> dict[str, Tensor]:
    """Our parameters under Marian's names."""
    positions = sinusoidal_positions(N_POSITIONS, ours.config.d_model)
    weights = {"model.shared.weight": ours.source_embedding.table}
    for stack, layers in (("encoder", ours.encoder.layers), ("decoder", ours.decoder.layers)):
        weights[f"model.{stack}.embed_positions.weight"] = positions
        for index, layer in enumerate(layers):
            parts = {f"model.{stack}.layers.{index}.{name}": part for name, part in marian_parts(layer).items()}
            weights |= {f"{name}.weight": part.gain if hasattr(part, "gain") else part.weight for name, part in parts.items()}
            weights |= {f"{name}.bias": part.bias for name, part in parts.items()}
    return {name: weight.detach() for name, weight in weights.items()}


def marian_parts(layer: nn.Module) -> dict[str, nn.Module]:
    """Marian's names for the parts of one of our layers, encoder's or decoder's."""
    attentions = {"self_attn": layer.attention} if hasattr(layer, "attention") else {
        "self_attn": layer.self_attention, "encoder_attn": layer.cross_attention,
    }  # fmt: skip
    names = {"q_proj": "w_q", "k_proj": "w_k", "v_proj": "w_v", "out_proj": "w_o"}
    parts = {f"{name}.{theirs}": getattr(one, ours) for name, one in attentions.items() for theirs, ours in names.items()}
    norms = [f"{name}_layer_norm" for name in (*attentions, "final")]
    parts |= {name: getattr(layer, f"norm_{index}") for index, name in enumerate(norms, 1)}
    return parts | {"fc1": layer.feed_forward.w_1, "fc2": layer.feed_forward.w_2}


@functools.cache
@torch.enable_grad()
def translator(seed: int, dtype: torch.dtype = torch.float64, **choices: object) -> Transformer:
    """A small Transformer half-way to writing backwards what it reads: unsure, various, and never saying <pad>."""
    sizes = {"d_model": 16, "n_heads": 4, "d_ff": 24, "n_layers": 2, "source_vocab_size": 13, "target_vocab_size": 13}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Transformer(TransformerConfig(**(sizes | {"shared": True, "norm_first": False} | choices)))
    generator, optimizer = torch.Generator().manual_seed(seed), torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(60):
        source = torch.randint(3, 13, (24, 2 + step % 5), generator=generator)
        inputs, answers = shift_right(source.flip(1))
        optimizer.zero_grad()
        teacher_forcing_loss(model(source, inputs), answers).backward()
        optimizer.step()
    return model.to(dtype).eval()


def gpt2(seed: int, vocab_size: int = 13) -> GPT2LMHeadModel:
    """A small GPT-2 with random weights."""
    config = GPT2Config(vocab_size=vocab_size, n_positions=64, n_embd=16, n_layer=2, n_head=4, eos_token_id=2, pad_token_id=0)
    return randomise(GPT2LMHeadModel(config), torch.float32, seed).eval()
