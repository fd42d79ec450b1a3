"""load_bert against transformers' BERT, alone, with the head that guesses words, and with one that tells classes."""

import pytest
import torch
from torch import nn
from transformers import BertForMaskedLM, BertForPreTraining, BertForSequenceClassification, BertForTokenClassification
from transformers import BertModel as BertAlone

from course.bert import BERT, Classifier, MaskedLanguageModel
from course.pretrained import Refused, load_bert
from tests.pretrained.models import BERTS, DTYPES, TOLERANCE, V, bert, furthest, tokens


def read(theirs: nn.Module) -> nn.Module:
    return load_bert(theirs.state_dict(), theirs.config.to_dict())


def padded(pad: int) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Three texts, two of them filled up behind; and what transformers is to be told of it."""
    texts = tokens(3, 16)
    texts[texts == pad] = pad + 1
    texts[0, 9:] = texts[2, 3:] = pad
    segments = (torch.arange(16) > 1).long().expand(3, 16)
    return texts, {"attention_mask": (texts != pad).long(), "token_type_ids": segments}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BERTS)
def test_guesses_are_those_of_transformers(name, dtype):
    theirs = bert(dtype, **BERTS[name])
    ours, (texts, told) = read(theirs), padded(theirs.config.pad_token_id)
    assert isinstance(ours, MaskedLanguageModel)
    with torch.no_grad():
        mine = ours(texts, told["token_type_ids"])
        assert mine.dtype == dtype
        assert furthest(mine, theirs(texts, **told).logits) <= TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BERTS)
def test_states_and_classes_are_those_of_transformers(name, dtype):
    choices = BERTS[name]
    alone, judge = (
        bert(dtype, kind=BertAlone, **choices),
        bert(dtype, 3, BertForSequenceClassification, num_labels=5, **choices),
    )
    texts, told = padded(alone.config.pad_token_id)
    ours = read(alone)
    assert isinstance(ours, BERT)
    with torch.no_grad():
        states = ours(texts, told["token_type_ids"])
        expected = alone(texts, **told)
        assert furthest(states, expected.last_hidden_state) <= TOLERANCE[dtype]
        assert furthest(torch.tanh(ours.pooler(states[:, 0])), expected.pooler_output) <= TOLERANCE[dtype]
        classes = read(judge)
        assert isinstance(classes, Classifier)
        assert furthest(classes(texts, told["token_type_ids"]), judge(texts, **told).logits) <= TOLERANCE[dtype]


def test_a_bert_that_was_pretrained_on_pairs_guesses_too():
    theirs = bert(torch.float64, kind=BertForPreTraining)
    texts, told = padded(0)
    with torch.no_grad():
        mine = read(theirs)(texts, told["token_type_ids"])
        assert furthest(mine, theirs(texts, **told).prediction_logits) <= 1e-9


def test_gains_were_once_gammas_and_positions_were_in_the_file():
    theirs = bert()
    older = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): one
        for name, one in theirs.state_dict().items()
    }
    older["bert.embeddings.position_ids"] = torch.arange(16)[None]
    assert any("gamma" in name for name in older)
    texts = tokens(2, 7)
    with torch.no_grad():
        assert torch.equal(load_bert(older, theirs.config.to_dict())(texts), read(theirs)(texts))
    with pytest.raises(Refused, match="position_ids is not what the course computes"):
        load_bert(older | {"bert.embeddings.position_ids": torch.arange(16)[None] + 2}, theirs.config.to_dict())


def test_weights_go_into_the_readers_own_class():
    class Mine(BERT):
        """It does not keep its config: the exercise of lesson 12 does not ask for that."""

        def __init__(self, config):
            super().__init__(config)
            del self.config

    theirs = bert()
    assert type(load_bert(theirs.state_dict(), theirs.config.to_dict(), build=Mine).bert) is Mine


REFUSED = {
    "position_embedding_type": ("relative_key", "position_embedding_type='relative_key' is not implemented"),
    "is_decoder": (True, "is_decoder=True is not implemented"),
    "add_cross_attention": (True, "add_cross_attention=True is not implemented"),
    "hidden_act": ("quick_gelu", "hidden_act='quick_gelu' is not implemented"),
    "architectures": (
        ["BertForTokenClassification"],
        "architectures=['BertForTokenClassification'] is not implemented",
    ),
    "model_type": ("roberta", "model_type='roberta' must be 'bert'"),
    "num_attention_heads": (5, "hidden_size=12 must be divisible by num_attention_heads=5"),
    "quantization_config": ({"bits": 8}, "quantization_config={'bits': 8} is not implemented"),
    "type_vocab_size": (1, "bert.embeddings.token_type_embeddings.weight has shape (2, 12), but"),
    "tie_word_embeddings": (False, "cls.predictions.decoder.weight"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_course_does_not_do_is_refused_by_name(name):
    theirs, (value, said) = bert(), REFUSED[name]
    weights = {key: one for key, one in theirs.state_dict().items() if not key.startswith("cls.predictions.decoder")}
    with pytest.raises(Refused) as error:
        load_bert(weights, theirs.config.to_dict() | {name: value})
    assert said in str(error.value)


@pytest.mark.parametrize(
    "name",
    [
        "hidden_size",
        "num_attention_heads",
        "intermediate_size",
        "num_hidden_layers",
        "hidden_act",
        "vocab_size",
        "max_position_embeddings",
        "type_vocab_size",
        "layer_norm_eps",
    ],
)
def test_what_the_config_must_say_is_named(name):
    theirs = bert()
    with pytest.raises(Refused, match=f"config.json does not say {name}"):
        load_bert(theirs.state_dict(), {key: value for key, value in theirs.config.to_dict().items() if key != name})


def test_each_missing_tensor_is_named():
    theirs = bert(kind=BertForSequenceClassification)
    weights, config = theirs.state_dict(), theirs.config.to_dict()
    for name in weights.keys() - {"classifier.weight"}:
        with pytest.raises(Refused, match=rf"1 of {len(weights)} tensors are not there: {name};"):
            load_bert({key: one for key, one in weights.items() if key != name}, config)
    with pytest.raises(Refused, match=r"1 tensors have no place in this model: classifier\.bias"):
        load_bert({key: one for key, one in weights.items() if key != "classifier.weight"}, config)


def test_a_head_for_each_token_is_another_thing():
    theirs = bert(kind=BertForTokenClassification)
    weights, config = theirs.state_dict(), theirs.config.to_dict()
    with pytest.raises(Refused, match="pooler"):
        load_bert(weights, config | {"architectures": None})
    assert isinstance(read(bert(kind=BertForMaskedLM)), MaskedLanguageModel)


def test_other_classes_than_the_config_says_are_seen():
    theirs = bert(kind=BertForSequenceClassification, num_labels=3)
    config = theirs.config.to_dict() | {"id2label": {"0": "a", "1": "b"}, "num_labels": None}
    with pytest.raises(Refused, match=r"classifier\.weight has shape \(3, 12\), but the config asks for \(2, 12\)"):
        load_bert(theirs.state_dict(), config)
    assert theirs.config.vocab_size == V


def test_what_older_configs_leave_out_is_as_it_then_was():
    theirs, texts = bert(kind=BertForSequenceClassification), tokens(2, 5)
    config, kept = theirs.config.to_dict(), read(theirs)
    for name in ("pad_token_id", "tie_word_embeddings", "id2label", "num_labels", "is_decoder", "hidden_dropout_prob"):
        config.pop(name, None)
        with torch.no_grad():
            assert torch.equal(load_bert(theirs.state_dict(), config)(texts), kept(texts)), name
