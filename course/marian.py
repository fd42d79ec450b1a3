"""Marian: the translator that the opus-mt models are, made of the Transformer of lesson 08."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from course.bert import activate
from course.blocks import BlockConfig, Encoder
from course.gpt import UnscaledEmbedding
from course.positions import sinusoidal_positions
from course.seq2seq import BOS, EOS, PAD
from course.transformer import Transformer, TransformerConfig


class HalvedPositions(nn.Module):
    """The sines of lesson 06 in the first half of the columns, the cosines in the second.

    So transformers computes them for Marian's models: hand i turns by 10000^(-i / (d_model / 2)).
    The program that trained these models (Marian: Junczys-Dowmunt et al. 2018) divides by
    d_model / 2 - 1, as Tensor2Tensor does, whose order of the columns this is too. To agree with
    transformers to the last digit is therefore not to be right."""

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, d_model) -> (B, T, d_model)."""
        pairs = sinusoidal_positions(*x.shape[-2:])  # (T, d_model)
        return x + torch.cat([pairs[:, 0::2], pairs[:, 1::2]], dim=-1).to(x)


@dataclass(frozen=True, kw_only=True)
class MarianConfig(TransformerConfig):
    """A post-norm Transformer with Marian's activation; encoder: its layers, where others than
    the decoder's; scaled: whether embeddings are multiplied by sqrt(d_model)."""

    norm_first: bool = False
    activation: str = "swish"
    encoder: BlockConfig | None = None
    scaled: bool = True


class Numbering:
    """Their numbers of tokens and the course's: PAD, BOS, EOS, then all others in their order.

    pad, start, end: their tokens for padding, the decoder's beginning and the end. The beginning
    gets a number of its own, also where they begin with padding, as Marian does: the vocabulary
    grows by one. ValueError where one of them is outside the vocabulary, or pad is end."""

    def __init__(self, vocab_size: int, pad: int, start: int, end: int) -> None:
        for name, token in {"pad": pad, "start": start, "end": end}.items():
            if not 0 <= token < vocab_size:
                raise ValueError(f"{name}={token} must be from 0 to {vocab_size - 1}, a token")
        if pad == end:
            raise ValueError(f"pad={pad} must not be end={end}: padding is never read, an end is")
        rest = [token for token in range(vocab_size) if token not in (pad, end)]
        self.theirs = torch.tensor([pad, start, end, *rest])  # (vocab_size + 1,)
        self.ours = torch.empty(vocab_size, dtype=torch.long)
        self.ours[self.theirs[EOS:]] = torch.arange(EOS, vocab_size + 1)
        self.ours[pad] = PAD


class Marian(Transformer):
    """The Transformer of lesson 08 with four differences, each a part put in another's place.

    positions: HalvedPositions; each feed_forward: ActivatedFeedForward; output: nn.Linear with a
    bias, minus infinity for PAD and BOS, which are never written; embeddings without the
    root where not config.scaled. Its tokens are the course's, so that all of lessons 09 and 10
    works: translate, greedy, beam_search, CachedTransformer; source_numbers and target_numbers
    say which of Marian's own tokens they are."""

    def __init__(
        self, config: MarianConfig, source_numbers: Numbering, target_numbers: Numbering
    ) -> None:
        super().__init__(replace(config, activation="relu"))
        self.config = config
        self.source_numbers, self.target_numbers = source_numbers, target_numbers
        self.encoder = Encoder(replace(config.encoder or config, activation="relu"))
        activate(self.encoder, (config.encoder or config).activation)
        activate(self.decoder, config.activation)
        self.positions = HalvedPositions()
        self.output = nn.Linear(config.d_model, config.target_vocab_size)
        with torch.no_grad():
            self.output.bias.zero_()[[PAD, BOS]] = -torch.inf
        if not config.scaled:
            self.source_embedding = UnscaledEmbedding(config.source_vocab_size, config.d_model)
            self.target_embedding = UnscaledEmbedding(config.target_vocab_size, config.d_model)
        self.share_tables()
