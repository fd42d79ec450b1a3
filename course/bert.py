"""BERT: an encoder alone, which guesses words from both sides and then learns to judge texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course.attention import padding_mask
from course.blocks import BlockConfig, Encoder, LayerNorm
from course.gpt import ACTIVATIONS, ActivatedFeedForward, UnscaledEmbedding, started_as
from course.positions import LearnedPositions
from course.seq2seq import PAD, teacher_forcing_loss


def mask_tokens(
    tokens: Tensor,
    vocab_size: int,
    mask_token: int,
    generator: torch.Generator,
    special: Sequence[int] = (0, 1, 2, 3),
    share: float = 0.15,
) -> tuple[Tensor, Tensor]:
    """A text with holes: each word is asked for with probability `share`.

    tokens (B, T), below vocab_size; mask_token, and those in `special`, are never asked for
    -> inputs (B, T), what the model sees, and answers (B, T), 0 where nothing is asked.
    What is asked for becomes mask_token (80 %), any word that is not special (10 %), or stays as
    it is (10 %)  (Devlin et al. 2019, section 3.1; there exactly 15 % of a text are drawn).
    ValueError unless 0 < share <= 1."""
    if not 0 < share <= 1:
        raise ValueError(f"share={share} must be above 0 and at most 1: it is a probability")
    fixed = torch.tensor([*special, mask_token])
    words = torch.arange(vocab_size)
    words = words[~torch.isin(words, fixed)]
    asked = torch.rand(tokens.shape, generator=generator) < share
    asked = asked & ~torch.isin(tokens, fixed)  # (B, T)
    fate = torch.rand(tokens.shape, generator=generator)
    other = words[torch.randint(len(words), tokens.shape, generator=generator)]
    inputs = torch.where(asked & (fate < 0.8), mask_token, tokens)
    inputs = torch.where(asked & (fate >= 0.9), other, inputs)
    return inputs, torch.where(asked, tokens, PAD)


@dataclass(frozen=True, kw_only=True)
class BertConfig:
    """The sizes and choices of a BERT; n_segments: how many kinds of segment it tells apart.

    pad: the token that is never read; pooler: whether the first state is made a text's own;
    tied: the output layer of the guesses is the token table; activation: one of ACTIVATIONS."""

    d_model: int
    n_heads: int
    d_ff: int
    n_layers: int
    vocab_size: int
    max_length: int = 512
    n_segments: int = 2
    dropout: float = 0.0
    activation: str = "gelu"
    eps: float = 1e-12
    pad: int = 0
    pooler: bool = True
    tied: bool = True

    def encoder(self) -> Encoder:
        """The encoder of lesson 07, post-norm, with this eps and this activation."""
        stack = Encoder(
            BlockConfig(
                d_model=self.d_model,
                n_heads=self.n_heads,
                d_ff=self.d_ff,
                n_layers=self.n_layers,
                dropout=self.dropout,
                norm_first=False,
            )
        )
        activate(stack, self.activation)
        for norm in (part for part in stack.modules() if isinstance(part, LayerNorm)):
            norm.eps = self.eps
        return stack


def activate(stack: nn.Module, activation: str) -> None:
    """Give each layer of an encoder or decoder a feed-forward network with that activation."""
    for layer in stack.layers:
        d_ff, d_model = layer.feed_forward.w_1.weight.shape
        layer.feed_forward = ActivatedFeedForward(d_model, d_ff, activation)


class BERT(nn.Module):
    """Tokens in, a state for each of them out, in which both sides of the text have a say.

    words, segments: UnscaledEmbedding; positions: LearnedPositions; norm: LayerNorm with
    config.eps; encoder: config.encoder(); pooler: nn.Linear (d_model -> d_model), None where there
    is none (Devlin et al. 2019)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.words = UnscaledEmbedding(config.vocab_size, config.d_model)
        self.segments = UnscaledEmbedding(config.n_segments, config.d_model)
        self.positions = LearnedPositions(config.max_length, config.d_model)
        self.norm = LayerNorm(config.d_model, config.eps)
        self.dropout = nn.Dropout(config.dropout)
        self.encoder = config.encoder()
        self.pooler = nn.Linear(config.d_model, config.d_model) if config.pooler else None

    def forward(self, tokens: Tensor, segments: Tensor | None = None) -> Tensor:
        """tokens (B, T), padded with config.pad -> states (B, T, d_model).

        segments (B, T), below n_segments: of the first text 0, of the second 1; all 0 where None;
        ValueError where T > max_length."""
        segments = torch.zeros_like(tokens) if segments is None else segments
        x = self.positions(self.words(tokens) + self.segments(segments))  # (B, T, d_model)
        return self.encoder(self.dropout(self.norm(x)), padding_mask(tokens, self.config.pad))


def fresh(build: Callable[[BertConfig], nn.Module], config: BertConfig, seed: int) -> nn.Module:
    """A BERT of this class with start weights that depend on the seed alone.

    build: the class, BERT or your own with parts of the same names, made in whatever order"""
    return started_as(BERT, build, config, seed)


class MaskedLanguageModel(nn.Module):
    """A BERT that says which word belongs at each place.

    bert: BERT, made with the same config; dense: nn.Linear (d_model -> d_model); norm: LayerNorm;
    output: nn.Linear (d_model -> vocab_size)  (Devlin et al. 2019, section 3.1)."""

    def __init__(self, bert: BERT, config: BertConfig) -> None:
        super().__init__()
        self.config = config  # not bert.config: a learner's class need not keep it
        self.bert, self.dense = bert, nn.Linear(config.d_model, config.d_model)
        self.norm = LayerNorm(config.d_model, config.eps)
        self.output = nn.Linear(config.d_model, config.vocab_size)
        if config.tied:
            self.output.weight = bert.words.table

    def forward(self, tokens: Tensor, segments: Tensor | None = None) -> Tensor:
        """tokens and segments as BERT takes them -> logits (B, T, vocab_size)."""
        states = self.bert(tokens, segments)  # (B, T, d_model)
        return self.output(self.norm(ACTIVATIONS[self.config.activation](self.dense(states))))


def masked_lm_loss(logits: Tensor, answers: Tensor) -> Tensor:
    """The mean surprise -ln p about the words that were asked for.

    logits (B, T, V), answers (B, T) as mask_tokens gives them, 0 where nothing is asked
    -> one number; ValueError where nothing is asked anywhere"""
    if not (answers != PAD).any():
        raise ValueError("answers are 0 everywhere: nothing is asked, so there is no mean")
    return teacher_forcing_loss(logits, answers)


def classify(states: Tensor, pooler: nn.Module, head: nn.Module) -> Tensor:
    """What kind of text it is, from the state of its first token, [CLS].

    states (B, T, d_model), pooler (d_model -> d_model), head (d_model -> n_classes)
    -> logits (B, n_classes)  (Devlin et al. 2019, section 3.2)"""
    return head(torch.tanh(pooler(states[:, 0])))


class Classifier(nn.Module):
    """A BERT that says of which class a text is; pre-trained first, its head is new.

    bert: BERT with a pooler, made with the same config; head: nn.Linear (d_model -> n_classes)."""

    def __init__(self, bert: BERT, config: BertConfig, n_classes: int) -> None:
        super().__init__()
        if bert.pooler is None:
            raise ValueError("a Classifier reads the pooled state, but this BERT has pooler=False")
        self.bert, self.dropout = bert, nn.Dropout(config.dropout)
        self.head = nn.Linear(config.d_model, n_classes)

    def forward(self, tokens: Tensor, segments: Tensor | None = None) -> Tensor:
        """tokens and segments as BERT takes them -> logits (B, n_classes)."""
        states = self.bert(tokens, segments)
        return classify(states, self.bert.pooler, lambda pooled: self.head(self.dropout(pooled)))
