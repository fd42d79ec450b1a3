"""Marian: the weights of an opus-mt translator into the Transformer of lesson 08."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from course.blocks import BlockConfig
from course.marian import HalvedPositions, Marian, MarianConfig, Numbering
from course.pretrained.folder import Source
from course.pretrained.gpt2 import ACTIVATIONS
from course.pretrained.refused import Refused
from course.pretrained.settings import Settings, opened
from course.pretrained.weights import Place, Places, fill, linear, norm, widest

ATTENTION = {"q_proj": "w_q", "k_proj": "w_k", "v_proj": "w_v", "out_proj": "w_o"}
OUTPUT = "lm_head.weight"


def load_marian(source: Source, config: Mapping[str, Any] | None = None) -> Marian:
    """A translator with the weights of a MarianMTModel, in eval mode  (Junczys-Dowmunt et al. 2018).

    source: a folder with config.json and weights, or a state dict of transformers' MarianMTModel with its config as a
    dict. float64 where the weights are, else float32; Refused (a ValueError) where something is not as it must be.

    Its tokens are the course's: model.source_numbers.ours[t] is the course's number of Marian's token t,
    model.target_numbers.theirs[t] leads back. The logits are transformers', in that order, but for padding, which
    is never written (Marian has none; transformers' files forbid it by bad_words_ids).

    beam_search is transformers' with early_stopping="never" and length_penalty=alpha, renormalize_logits=True where
    words are forbidden, and no forced_eos_token_id. By default transformers stops earlier: by early_stopping=False
    as soon as the best running beam, at its length of now, is below the worst of n_beams finished ones; and a
    sentence that is too long is ended by forced_eos_token_id at no cost. Both divide by the number of new tokens,
    the end's among them, to the power of the penalty.

    The sines are those of transformers, not of the program that trained the weights: see HalvedPositions."""
    settings, tensors = opened(source, config, "marian")
    chosen = marian_config(settings)
    model = Marian(chosen, *numberings(settings, chosen)).to(widest(tensors))
    places, copies = marian_tables(model)
    bias = model.output.bias.detach()
    never_written = bias.isneginf()
    rows, n_rows = model.target_numbers.theirs, len(model.target_numbers.ours)
    places["final_logits_bias"] = Place(ours=(bias[:, None],), transposed=True, rows=rows, n_rows=n_rows)
    for stack in ("encoder", "decoder"):
        for index, layer in enumerate(getattr(model, stack).layers):
            places |= layer_places(f"model.{stack}.layers.{index}.", layer)
    fill(tensors, places, copies, positions(settings, chosen.d_model))
    bias.masked_fill_(never_written, -torch.inf)
    return model.eval()


def marian_config(settings: Settings) -> MarianConfig:
    """What config.json says, in the course's words."""
    settings.architectures("MarianMTModel")
    settings.off("normalize_before", "normalize_embedding", "add_final_layer_norm", "add_bias_logits", "is_decoder")
    settings.only("static_position_embeddings", [True], "its positions are sines")
    shared, vocab_size = settings.flag("share_encoder_decoder_embeddings", True), settings.whole("vocab_size")
    tied = settings.flag("tie_word_embeddings", True)
    if shared and not tied:
        raise Refused(
            "tie_word_embeddings=False is not implemented by the course where "
            "share_encoder_decoder_embeddings=True: transformers' versions read it differently"
        )
    encoder, decoder = stack(settings, "encoder"), stack(settings, "decoder")
    return MarianConfig(
        **vars(decoder),
        encoder=encoder if encoder != decoder else None,
        source_vocab_size=1 + vocab_size,
        target_vocab_size=1 + (vocab_size if shared else settings.whole("decoder_vocab_size", vocab_size)),
        max_length=settings.whole("max_position_embeddings"),
        tied=tied,
        shared=shared,
        scaled=settings.flag("scale_embedding", False),
    )


def stack(settings: Settings, name: str) -> BlockConfig:
    """The sizes of the encoder or the decoder."""
    d_model, n_heads = settings.whole("d_model"), settings.whole(f"{name}_attention_heads")
    settings.divisible("d_model", f"{name}_attention_heads")
    if d_model % 2:
        raise Refused(f"d_model={d_model} must be even: sines and cosines come in pairs")
    return BlockConfig(
        d_model=d_model,
        n_heads=n_heads,
        d_ff=settings.whole(f"{name}_ffn_dim"),
        n_layers=settings.whole(f"{name}_layers"),
        dropout=settings.number("dropout", 0.0),
        norm_first=False,
        activation=settings.choice("activation_function", ACTIVATIONS),
    )


def numberings(settings: Settings, config: MarianConfig) -> tuple[Numbering, Numbering]:
    """The course's numbers for the tokens of the source and of the target."""
    names = ("pad_token_id", "decoder_start_token_id", "eos_token_id")
    tokens = [settings.whole(name, least=0) for name in names]
    for size in (config.source_vocab_size - 1, config.target_vocab_size - 1):
        for name, token in zip(names, tokens, strict=True):
            if token >= size:
                raise Refused(f"{name}={token} must be below the vocabulary's size, {size}: one of them is wrong")
    if tokens[0] == tokens[2]:
        raise Refused(f"pad_token_id={tokens[0]} must not be eos_token_id: padding is never read, an end is")
    return Numbering(config.source_vocab_size - 1, *tokens), Numbering(config.target_vocab_size - 1, *tokens)


def marian_tables(model: Marian) -> tuple[Places, dict[str, str]]:
    """The places of the token tables and the output, and further names of those that are one."""

    def place(table: Tensor, numbers: Numbering) -> Place:
        return Place(ours=(table,), rows=numbers.theirs, n_rows=len(numbers.ours))

    encoder, decoder = (f"model.{stack}.embed_tokens.weight" for stack in ("encoder", "decoder"))
    source = place(model.source_embedding.table, model.source_numbers)
    if model.config.shared:
        return {"model.shared.weight": source}, dict.fromkeys((encoder, decoder, OUTPUT), "model.shared.weight")
    places = {encoder: source, decoder: place(model.target_embedding.table, model.target_numbers)}
    if model.config.tied:
        return places, {OUTPUT: decoder}
    return places | {OUTPUT: place(model.output.weight, model.target_numbers)}, {}


def layer_places(at: str, layer: nn.Module) -> Places:
    """Their names for the parts of one of our layers, the encoder's or the decoder's."""
    names = {"self_attn": "self_attention", "encoder_attn": "cross_attention"}
    if hasattr(layer, "attention"):
        names = {"self_attn": "attention"}
    places = linear(f"{at}fc1", layer.feed_forward.w_1) | linear(f"{at}fc2", layer.feed_forward.w_2)
    for theirs, ours in names.items():
        for name, part in ATTENTION.items():
            places |= linear(f"{at}{theirs}.{name}", getattr(getattr(layer, ours), part))
    for index, name in enumerate([*names, "final"], 1):
        places |= norm(f"{at}{name}_layer_norm", getattr(layer, f"norm_{index}"))
    return places


def positions(settings: Settings, d_model: int) -> dict[str, Callable[[], Tensor]]:
    """Some files hold the table of sines, too."""
    length = settings.whole("max_position_embeddings")
    names = [f"model.{stack}.embed_positions.weight" for stack in ("encoder", "decoder")]
    return dict.fromkeys(names, lambda: HalvedPositions()(torch.zeros(1, length, d_model))[0])
