"""Wrong answers to the exercises on BERT, written without the reference at hand."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from course.attention import padding_mask
from course.blocks import BlockConfig, Encoder, LayerNorm
from course.gpt import UnscaledEmbedding
from course.positions import LearnedPositions
from course.transformer import SinusoidalPositions, TokenEmbedding


def collator(p_replaced=0.8, p_random=0.5, from_all=False, special_too=False, nothing=0, own=None, seed=None):
    """The collator that the world copies from transformers, with what its copies get wrong."""

    def mask_tokens(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
        if not 0 < share <= 1:
            raise ValueError(f"no share of a text: {share}")
        generator = torch.Generator().manual_seed(seed) if seed is not None else generator
        special = special if own is None else own
        inputs, labels = tokens.clone(), tokens.clone()
        chances = torch.full(labels.shape, share)
        for token in () if special_too else (*special, mask_token):
            chances[tokens == token] = 0.0
        chosen = torch.bernoulli(chances, generator=generator).bool()
        labels[~chosen] = nothing
        replaced = torch.bernoulli(torch.full(labels.shape, p_replaced), generator=generator).bool() & chosen
        inputs[replaced] = mask_token
        changed = torch.bernoulli(torch.full(labels.shape, p_random), generator=generator).bool() & chosen & ~replaced
        some = torch.tensor([w for w in range(vocab_size) if from_all or w not in (*special, mask_token)])
        drawn = some[torch.randint(len(some), labels.shape, generator=generator)]
        inputs[changed] = drawn[changed]
        return inputs, labels

    return mask_tokens


def chosen_places(tokens, vocab_size, mask_token, generator, special, share):
    if share <= 0 or share > 1:
        raise ValueError(f"share {share}")
    fixed = torch.isin(tokens, torch.tensor([*special, mask_token]))
    words = torch.tensor([w for w in range(vocab_size) if w not in (*special, mask_token)])
    asked = (torch.rand(tokens.shape, generator=generator) < share) & ~fixed
    other = words[torch.randint(len(words), tokens.shape, generator=generator)]
    return asked, other


def masks_over_words(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    """The order of an issue at lucidrains/mlm-pytorch."""
    asked, other = chosen_places(tokens, vocab_size, mask_token, generator, special, share)
    random = asked & (torch.rand(tokens.shape, generator=generator) < 0.1)
    inputs = torch.where(random, other, tokens)
    replace = asked & (torch.rand(tokens.shape, generator=generator) < 0.9)
    return inputs.masked_fill(replace, mask_token), tokens.masked_fill(~asked, 0)


def probability_not_divided(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    """One number for both questions, as in BERT-pytorch, whose `prob /= 0.15` was lost."""
    _, other = chosen_places(tokens, vocab_size, mask_token, generator, special, share)
    u = torch.rand(tokens.shape, generator=generator)
    for token in (*special, mask_token):
        u = u.masked_fill(tokens == token, 2.0)
    asked = u < share
    inputs = tokens.masked_fill(asked & (u < 0.8), mask_token)
    return torch.where(asked & (u >= 0.8) & (u < 0.9), other, inputs), tokens * asked


def kept_words_not_asked(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    inputs, labels = collator()(tokens, vocab_size, mask_token, generator, special, share)
    return inputs, labels.masked_fill(inputs == tokens, 0)


def written_into_the_text(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    inputs, labels = collator()(tokens, vocab_size, mask_token, generator, special, share)
    tokens[:] = inputs
    return tokens, labels


def a_number_for_each_text(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    """As Google's own program counts."""
    asked, other = chosen_places(tokens, vocab_size, mask_token, generator, special, share)
    asked, fixed = torch.zeros_like(asked), (*special, mask_token)
    for row, places in zip(tokens.tolist(), asked, strict=True):
        candidates = torch.tensor([t for t, word in enumerate(row) if word not in fixed], dtype=torch.long)
        order = torch.randperm(len(candidates), generator=generator)
        places[candidates[order[: max(1, round(share * len(row)))]]] = True
    fate = torch.rand(tokens.shape, generator=generator)
    inputs = torch.where(asked & (fate > 0.9), other, tokens.masked_fill(asked & (fate < 0.8), mask_token))
    return inputs, tokens * asked


def one_fate(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    asked, other = chosen_places(tokens, vocab_size, mask_token, generator, special, share)
    u = float(torch.rand((), generator=generator))
    inputs = tokens.clone()
    if u < 0.8:
        inputs[asked] = mask_token
    elif u < 0.9:
        inputs[asked] = other[asked]
    return inputs, tokens * asked


def one_word(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    asked, other = chosen_places(tokens, vocab_size, mask_token, generator, special, share)
    u = torch.rand(tokens.shape, generator=generator)
    inputs = tokens.clone()
    inputs[asked & (u < 0.8)] = mask_token
    inputs[asked & (u > 0.9)] = other[0, 0]
    return inputs, tokens * asked


def from_five_on(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    asked, _ = chosen_places(tokens, vocab_size, mask_token, generator, special, share)
    u = torch.rand(tokens.shape, generator=generator)
    some = torch.randint(5, vocab_size, tokens.shape, generator=generator)
    inputs = torch.where(asked & (u < 0.8), torch.tensor(mask_token), tokens)
    return torch.where(asked & (u >= 0.8) & (u < 0.9), some, inputs), tokens * asked


def same_places_in_all_rows(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    asked, other = chosen_places(tokens, vocab_size, mask_token, generator, special, 1.0)
    if not 0 < share <= 1:
        raise ValueError("share")
    asked = asked & (torch.rand(tokens.shape[1], generator=generator) < share)
    u = torch.rand(tokens.shape, generator=generator)
    inputs = torch.where(asked & (u < 0.8), mask_token, tokens)
    return torch.where(asked & (u > 0.9), other, inputs), tokens * asked


def answers_after_the_holes(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    inputs, labels = collator()(tokens, vocab_size, mask_token, generator, special, share)
    return inputs, torch.where(labels != 0, inputs, 0)


def needs_an_answer(answers):
    if bool((answers == 0).all()):
        raise ValueError("nothing is asked")


def torchs_own_ignored(logits, answers):
    needs_an_answer(answers)
    return F.cross_entropy(logits.transpose(1, 2), answers)


def mean_of_masked(logits, answers):
    needs_an_answer(answers)
    return (F.cross_entropy(logits.mT, answers, reduction="none") * (answers != 0)).mean()


def added_up(logits, answers):
    needs_an_answer(answers)
    return F.cross_entropy(logits.mT, answers, reduction="sum", ignore_index=0)


def nll_of_logits(logits, answers):
    needs_an_answer(answers)
    return F.nll_loss(logits.mT, answers, ignore_index=0)


def softmax_twice(logits, answers):
    needs_an_answer(answers)
    return F.cross_entropy(torch.softmax(logits, -1).mT, answers, ignore_index=0)


def row_by_row(logits, answers):
    needs_an_answer(answers)
    each = F.cross_entropy(logits.mT, answers, reduction="none", ignore_index=0)
    return (each.sum(1) / (answers != 0).sum(1).clamp(min=1)).mean()


def with_an_epsilon(logits, answers):
    needs_an_answer(answers)
    asked = (answers != 0).to(logits.dtype)
    return (F.cross_entropy(logits.mT, answers, reduction="none") * asked).sum() / (asked.sum() + 1e-5)


def nothing_said(logits, answers):
    return F.cross_entropy(logits.flatten(0, 1), answers.flatten(), ignore_index=0)


def nothing_is_zero(logits, answers):
    return nothing_said(logits, answers) if answers.any() else 0.0 * logits.sum()


def next_words(logits, answers):
    needs_an_answer(answers)
    return F.cross_entropy(logits[:, :-1].mT, answers[:, 1:], ignore_index=0)


class Parts(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.words = UnscaledEmbedding(config.vocab_size, config.d_model)
        self.segments = UnscaledEmbedding(config.n_segments, config.d_model)
        self.positions = LearnedPositions(config.max_length, config.d_model)
        self.norm, self.dropout = LayerNorm(config.d_model, config.eps), nn.Dropout(config.dropout)
        self.encoder = config.encoder()
        if config.pooler:
            self.pooler = nn.Linear(config.d_model, config.d_model)
        else:
            self.pooler = None

    def kinds(self, tokens, segments):
        return torch.zeros_like(tokens) if segments is None else segments

    def total(self, tokens, segments):
        return self.positions(self.words(tokens) + self.segments(self.kinds(tokens, segments)))

    def mask(self, tokens):
        return padding_mask(tokens, self.config.pad)

    def forward(self, tokens, segments=None):
        return self.encoder(self.dropout(self.norm(self.total(tokens, segments))), self.mask(tokens))


class NormAndDropoutMissing(Parts):
    """As in a well-known book."""

    def forward(self, tokens, segments=None):
        return self.encoder(self.total(tokens, segments), self.mask(tokens))


class DropoutThenNorm(Parts):
    def forward(self, tokens, segments=None):
        return self.encoder(self.norm(self.dropout(self.total(tokens, segments))), self.mask(tokens))


class TorchsMask(Parts):
    def mask(self, tokens):
        return (tokens == self.config.pad)[:, None, None]


class NoMask(Parts):
    def mask(self, tokens):
        return None


class PadIsZero(Parts):
    def mask(self, tokens):
        return (tokens != 0)[:, None, None]


class Causal(Parts):
    def mask(self, tokens):
        T = tokens.shape[1]
        return super().mask(tokens) & ~torch.triu(torch.ones(T, T, dtype=torch.bool), diagonal=1)


class ScaledRows(Parts):
    def __init__(self, config):
        super().__init__(config)
        self.words = TokenEmbedding(config.vocab_size, config.d_model)


class Sines(Parts):
    def total(self, tokens, segments):
        return SinusoidalPositions()(self.words(tokens) + self.segments(self.kinds(tokens, segments)))


class OwnEncoder(Parts):
    def __init__(self, config):
        super().__init__(config)
        names = ("d_model", "n_heads", "d_ff", "n_layers", "dropout")
        self.encoder = Encoder(BlockConfig(**{name: getattr(config, name) for name in names}, norm_first=False))


class SegmentsForgotten(Parts):
    def total(self, tokens, segments):
        return self.positions(self.words(tokens))


class SegmentsIfAny(Parts):
    def total(self, tokens, segments):
        x = self.words(tokens)
        return self.positions(x if segments is None else x + self.segments(segments))


class UsualEps(Parts):
    def __init__(self, config):
        super().__init__(config)
        self.norm = LayerNorm(config.d_model)


class Pooled(Parts):
    def forward(self, tokens, segments=None):
        states = super().forward(tokens, segments)
        return states if self.pooler is None else self.pooler(states).tanh()


class SegmentsFromOne(Parts):
    def kinds(self, tokens, segments):
        return (super().kinds(tokens, segments) + 1) % self.config.n_segments


class PoolerInAnyCase(Parts):
    def __init__(self, config):
        super().__init__(config)
        self.pooler = nn.Linear(config.d_model, config.d_model)


class NeverAPooler(Parts):
    def __init__(self, config):
        super().__init__(config)
        self.pooler = None


class FirstState(Parts):
    def forward(self, tokens, segments=None):
        return super().forward(tokens, segments)[:, 0]


class EmbeddingLayers(Parts):
    """Tables that are layers of torch's: their weights have other names."""

    def __init__(self, config):
        super().__init__(config)
        self.words = nn.Embedding(config.vocab_size, config.d_model, padding_idx=0)
        self.segments = nn.Embedding(config.n_segments, config.d_model)


def mean_state(states, pooler, head):
    return head(torch.tanh(pooler(states.mean(dim=1))))


def last_state(states, pooler, head):
    return head(torch.tanh(pooler(states[:, -1, :])))


def first_of_the_batch(states, pooler, head):
    return head(torch.tanh(pooler(states[0])))


def no_activation(states, pooler, head):
    return head(pooler(states[:, 0]))


def with_gelu(states, pooler, head):
    return head(F.gelu(pooler(states[:, 0])))


def with_softmax(states, pooler, head):
    return F.softmax(head(torch.tanh(pooler(states[:, 0]))), dim=-1)


def head_alone(states, pooler, head):
    return head(states[:, 0])


def each_word(states, pooler, head):
    return head(torch.tanh(pooler(states)))


def largest(states, pooler, head):
    return head(torch.tanh(pooler(states.max(dim=1)[0])))


def tanh_too_early(states, pooler, head):
    return head(pooler(states[:, 0].tanh()))


def one_axis_more(states, pooler, head):
    return head(torch.tanh(pooler(states[:, 0:1])))


WRONG = {
    "mask_tokens": {
        "minus 100 for 0": collator(nothing=-100),
        "special tokens and mask_token asked for": collator(special_too=True),
        "special tokens put in": collator(from_all=True),
        "a tenth of the rest": collator(p_random=0.1),
        "always MASK": collator(p_replaced=1.0),
        "no other words": collator(p_random=0.0),
        "no word stays": collator(p_random=1.0),
        "nine tenths masked": collator(p_replaced=0.9, p_random=1.0),
        "halves of the rest of 90": collator(p_replaced=0.9),
        "the usual special tokens": collator(own=(0, 1, 2, 3)),
        "a generator of its own": collator(seed=42),
        "mask over other words": masks_over_words,
        "one draw for both": probability_not_divided,
        "words that stay not asked for": kept_words_not_asked,
        "tokens changed in place": written_into_the_text,
        "a fixed number in each text": a_number_for_each_text,
        "one fate for all": one_fate,
        "one other word for all": one_word,
        "other words from 5 on": from_five_on,
        "holes drawn once for all rows": same_places_in_all_rows,
        "answers from the inputs": answers_after_the_holes,
    },
    "masked_lm_loss": {
        "all places counted": torchs_own_ignored,
        "divided by all places": mean_of_masked,
        "the sum": added_up,
        "logits for logarithms": nll_of_logits,
        "softmax before the loss": softmax_twice,
        "mean of the rows' means": row_by_row,
        "a small number in the divisor": with_an_epsilon,
        "NaN where nothing is asked": nothing_said,
        "0 where nothing is asked": nothing_is_zero,
        "shifted by one": next_words,
    },
    "BERT": {
        "neither norm nor dropout": NormAndDropoutMissing,
        "norm after dropout": DropoutThenNorm,
        "mask inverted": TorchsMask,
        "padding not masked": NoMask,
        "token 0 for padding": PadIsZero,
        "causal mask": Causal,
        "words times the root of d_model": ScaledRows,
        "sines and cosines": Sines,
        "an encoder with its own settings": OwnEncoder,
        "no segments": SegmentsForgotten,
        "segments only where given": SegmentsIfAny,
        "norm with another eps": UsualEps,
        "pooled": Pooled,
        "segments numbered from 1": SegmentsFromOne,
        "the first state alone": FirstState,
        "a pooler whatever config says": PoolerInAnyCase,
        "no pooler": NeverAPooler,
    },
    "classify": {
        "the mean state": mean_state,
        "the last state": last_state,
        "the first text": first_of_the_batch,
        "no tanh": no_activation,
        "gelu for tanh": with_gelu,
        "probabilities": with_softmax,
        "head alone": head_alone,
        "an answer for each word": each_word,
        "the largest of each feature": largest,
        "tanh before the pooler": tanh_too_early,
        "an axis too many": one_axis_more,
    },
}

SLIPS = {"BERT": [EmbeddingLayers]}
