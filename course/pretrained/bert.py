"""BERT: its weights into the BERT of lesson 12, with the head that they come with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from course.bert import BERT, BertConfig, Classifier, MaskedLanguageModel
from course.pretrained.folder import Source
from course.pretrained.gpt2 import ACTIVATIONS
from course.pretrained.settings import Settings, opened
from course.pretrained.weights import Place, Places, fill, linear, norm, widest

OLDER = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}
NEXT_SENTENCE = ("cls.seq_relationship.weight", "cls.seq_relationship.bias")
GUESSES, CLASSES = "cls.predictions.bias", "classifier.weight"


def load_bert(
    source: Source, config: Mapping[str, Any] | None = None, build: Callable[[BertConfig], nn.Module] = BERT
) -> nn.Module:
    """A BERT with BERT's weights, in eval mode: a MaskedLanguageModel where they are those of BertForMaskedLM or
    BertForPreTraining, a Classifier of BertForSequenceClassification, of BertModel the BERT alone (Devlin et al. 2019).

    source: a folder with config.json and weights, or a state dict of transformers' with its config as a dict;
    build: course.bert.BERT, or your own class with parts of the same names. float64 where the weights are, else
    float32; Refused (a ValueError) where something is not as it must be. The head that tells whether two texts
    follow each other is left aside. transformers masks padding where it is told to, the course always."""
    settings, tensors = opened(source, config, "bert")
    tensors = {newer(name): tensor for name, tensor in tensors.items()}
    prefix = "bert." if any(name.startswith("bert.") for name in tensors) else ""
    pooler = CLASSES in tensors or f"{prefix}pooler.dense.weight" in tensors
    sizes = bert_config(settings, pooler)
    bert = build(sizes)
    places = {f"{prefix}{name}": place for name, place in bert_places(bert).items()}
    model, copies, unused = bert, {}, set(NEXT_SENTENCE)
    if GUESSES in tensors:
        model = MaskedLanguageModel(bert, sizes)
        more, copies, further = guessing(model, f"{prefix}embeddings.word_embeddings.weight")
        places, unused = places | more, unused | further
    elif CLASSES in tensors:
        model = Classifier(bert, sizes, settings.whole("num_labels", len(settings.get("id2label", "01"))))
        places |= linear("classifier", model.head)
    positions = {f"{prefix}embeddings.position_ids": lambda: torch.arange(sizes.max_length)[None]}
    model.to(widest(tensors))
    fill(tensors, places, copies, positions, unused)
    return model.eval()


def newer(name: str) -> str:
    """A LayerNorm's gain and bias were once called gamma and beta."""
    for before, now in OLDER.items():
        name = name.replace(before, now)
    return name


def bert_config(settings: Settings, pooler: bool) -> BertConfig:
    """What config.json says, in the course's words."""
    settings.architectures("BertModel", "BertForMaskedLM", "BertForPreTraining", "BertForSequenceClassification")
    settings.off("is_decoder", "add_cross_attention")
    settings.only("position_embedding_type", ["absolute"], "it adds a vector for each position")
    settings.divisible("hidden_size", "num_attention_heads")
    return BertConfig(
        d_model=settings.whole("hidden_size"),
        n_heads=settings.whole("num_attention_heads"),
        d_ff=settings.whole("intermediate_size"),
        n_layers=settings.whole("num_hidden_layers"),
        vocab_size=settings.whole("vocab_size"),
        max_length=settings.whole("max_position_embeddings"),
        n_segments=settings.whole("type_vocab_size"),
        dropout=settings.number("hidden_dropout_prob", 0.0),
        activation=settings.choice("hidden_act", ACTIVATIONS),
        eps=settings.number("layer_norm_eps"),
        pad=settings.whole("pad_token_id", 0, least=0),
        pooler=pooler,
        tied=settings.flag("tie_word_embeddings", True),
    )


def bert_places(bert: nn.Module) -> Places:
    """Their names for our parts, without what a head adds."""
    tables = {"word": bert.words, "position": bert.positions, "token_type": bert.segments}
    places = {f"embeddings.{name}_embeddings.weight": Place(ours=(part.table,)) for name, part in tables.items()}
    places |= norm("embeddings.LayerNorm", bert.norm)
    for index, layer in enumerate(bert.encoder.layers):
        attention, at = layer.attention, f"encoder.layer.{index}."
        names = {"query": attention.w_q, "key": attention.w_k, "value": attention.w_v}
        for name, part in names.items():
            places |= linear(f"{at}attention.self.{name}", part)
        places |= linear(f"{at}attention.output.dense", attention.w_o)
        places |= norm(f"{at}attention.output.LayerNorm", layer.norm_1)
        places |= linear(f"{at}intermediate.dense", layer.feed_forward.w_1)
        places |= linear(f"{at}output.dense", layer.feed_forward.w_2)
        places |= norm(f"{at}output.LayerNorm", layer.norm_2)
    return places if bert.pooler is None else places | linear("pooler.dense", bert.pooler)


def guessing(model: MaskedLanguageModel, table: str) -> tuple[Places, dict[str, str], set[str]]:
    """The places of the head that guesses words, further names of its tied tensors, and what of it is not used."""
    places = linear("cls.predictions.transform.dense", model.dense)
    places |= norm("cls.predictions.transform.LayerNorm", model.norm)
    decoder = "cls.predictions.decoder"
    if model.config.tied:
        places[GUESSES] = Place(ours=(model.output.bias,))
        return places, {f"{decoder}.weight": table, f"{decoder}.bias": GUESSES}, set()
    return places | linear(decoder, model.output), {}, {GUESSES}
