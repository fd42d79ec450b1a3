"""Marian: a post-norm Transformer of ours as transformers' MarianMTModel, with the same weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from course.positions import sinusoidal_positions
from course.transformer import Transformer

if TYPE_CHECKING:
    from transformers import MarianMTModel


def marian(ours: Transformer, n_positions: int) -> MarianMTModel:
    """A post-norm relu Transformer with one table for all, as MarianMTModel: the same tokens in,
    the same logits out."""
    from transformers import MarianConfig, MarianMTModel

    sizes = ours.config
    theirs = MarianMTModel(MarianConfig(
        vocab_size=sizes.target_vocab_size, d_model=sizes.d_model, max_position_embeddings=n_positions,
        encoder_layers=sizes.n_layers, decoder_layers=sizes.n_layers, encoder_ffn_dim=sizes.d_ff,
        decoder_ffn_dim=sizes.d_ff,
        encoder_attention_heads=sizes.n_heads, decoder_attention_heads=sizes.n_heads, activation_function="relu",
        scale_embedding=True, dropout=0.0, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
        forced_eos_token_id=None,
    )).eval()  # fmt: skip
    missing, unexpected = theirs.load_state_dict(marian_weights(ours, n_positions), strict=False)
    if unexpected or set(missing) - {"final_logits_bias", "lm_head.weight", *tied_names(theirs)}:
        raise ValueError(
            f"transformers names its parameters in another way: missing {missing}, unexpected {unexpected}"
        )
    theirs.tie_weights()
    return theirs.to(ours.output.weight.dtype)


def tied_names(theirs: MarianMTModel) -> set[str]:
    """The other names of its one table."""
    return {f"model.{stack}.embed_tokens.weight" for stack in ("encoder", "decoder")}


def marian_weights(ours: Transformer, n_positions: int) -> dict[str, Tensor]:
    """Our parameters under Marian's names; its tables of positions hold our sines and cosines."""
    positions = sinusoidal_positions(n_positions, ours.config.d_model)
    weights = {"model.shared.weight": ours.source_embedding.table}
    for stack, layers in (("encoder", ours.encoder.layers), ("decoder", ours.decoder.layers)):
        weights[f"model.{stack}.embed_positions.weight"] = positions
        for index, layer in enumerate(layers):
            parts = {f"model.{stack}.layers.{index}.{name}": part for name, part in marian_parts(layer).items()}
            weights |= {
                f"{name}.weight": part.gain if hasattr(part, "gain") else part.weight for name, part in parts.items()
            }
            weights |= {f"{name}.bias": part.bias for name, part in parts.items()}
    return {name: weight.detach() for name, weight in weights.items()}


def marian_parts(layer: nn.Module) -> dict[str, nn.Module]:
    """Marian's names for the parts of one of our layers, encoder's or decoder's."""
    attentions = {"self_attn": layer.attention} if hasattr(layer, "attention") else {
        "self_attn": layer.self_attention, "encoder_attn": layer.cross_attention,
    }  # fmt: skip
    names = {"q_proj": "w_q", "k_proj": "w_k", "v_proj": "w_v", "out_proj": "w_o"}
    parts = {
        f"{name}.{theirs}": getattr(one, ours) for name, one in attentions.items() for theirs, ours in names.items()
    }
    norms = [f"{name}_layer_norm" for name in (*attentions, "final")]
    parts |= {name: getattr(layer, f"norm_{index}") for index, name in enumerate(norms, 1)}
    return parts | {"fc1": layer.feed_forward.w_1, "fc2": layer.feed_forward.w_2}
