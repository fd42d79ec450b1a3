"""Right answers to the exercises on BERT, each written another way than the reference."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from course.attention import padding_mask
from course.bert import activate
from course.blocks import BlockConfig, Encoder, LayerNorm
from course.gpt import UnscaledEmbedding
from course.positions import LearnedPositions


def refuse(share):
    if share <= 0.0 or share > 1.0:
        raise ValueError(f"share={share} is no probability of asking for a word")


def words_of(vocab_size, special, mask_token):
    return [word for word in range(vocab_size) if word not in special and word != mask_token]


def holes_by_bernoulli(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    """As in the collator of transformers."""
    refuse(share)
    inputs, labels = tokens.clone(), tokens.clone()
    chances = torch.full(labels.shape, share)
    for token in (*special, mask_token):
        chances.masked_fill_(labels == token, 0.0)
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels[~chosen] = 0
    replaced = torch.bernoulli(torch.full(labels.shape, 0.8), generator=generator).bool() & chosen
    inputs[replaced] = mask_token
    changed = torch.bernoulli(torch.full(labels.shape, 0.5), generator=generator).bool() & chosen & ~replaced
    some = torch.tensor(words_of(vocab_size, special, mask_token))
    drawn = some[torch.randint(0, len(some), labels.shape, generator=generator)]
    inputs[changed] = drawn[changed]
    return inputs, labels


def holes_word_by_word(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    if not (share > 0 and share <= 1):
        raise ValueError("share must lie above 0 and not above 1")
    some, untouched = words_of(vocab_size, special, mask_token), {*special, mask_token}
    inputs, answers = tokens.tolist(), torch.zeros_like(tokens).tolist()
    draws = iter(torch.rand(2 * tokens.numel(), generator=generator).tolist())
    for row, asked in zip(inputs, answers, strict=True):
        for t, word in enumerate(row):
            first, fate = next(draws), next(draws)
            if word in untouched or first >= share:
                continue
            asked[t] = word
            if fate < 0.8:
                row[t] = mask_token
            elif fate < 0.9:
                row[t] = some[int(torch.randint(len(some), (), generator=generator))]
    return torch.tensor(inputs), torch.tensor(answers)


def holes_by_one_draw(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    """One number for each place: below share it asks, and its part of share decides the rest."""
    refuse(share)
    u = torch.rand(tokens.shape, generator=generator, dtype=torch.float64)
    words = torch.ones(vocab_size, dtype=torch.bool)
    words[[*special, mask_token]] = False
    asked = words[tokens] & (u < share)
    fate = u / share
    candidates = words.nonzero()[:, 0]
    other = candidates[torch.randint(candidates.numel(), tokens.size(), generator=generator)]
    inputs = torch.where(asked & fate.lt(0.1), other, torch.where(asked & fate.ge(0.2), mask_token, tokens))
    return inputs, tokens * asked


def holes_by_multinomial(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    refuse(share)
    asked = torch.empty(tokens.shape).uniform_(generator=generator) < share
    for token in [*special, mask_token]:
        asked &= tokens != token
    inputs, n = tokens.clone(), int(asked.sum())
    if n:
        kinds = torch.multinomial(torch.tensor([0.8, 0.1, 0.1]), n, replacement=True, generator=generator)
        even = torch.ones(vocab_size).index_fill(0, torch.tensor([*special, mask_token]), 0.0)
        other = torch.multinomial(even, n, replacement=True, generator=generator)
        stood = tokens[asked]
        inputs[asked] = torch.stack([torch.full_like(stood, mask_token), other, stood])[kinds, torch.arange(n)]
    answers = torch.zeros_like(tokens)
    answers[asked] = tokens[asked]
    return inputs, answers


def holes_shared_out(tokens, vocab_size, mask_token, generator, special=(0, 1, 2, 3), share=0.15):
    """Of the holes exactly 80, 10 and 10 percent, in an order that is drawn; another word is never the same one."""
    refuse(share)
    some = torch.tensor(words_of(vocab_size, special, mask_token))
    asked = (torch.rand(tokens.shape, generator=generator) < share) & torch.isin(tokens, some)
    places = asked.flatten().nonzero()[:, 0]
    places = places[torch.randperm(len(places), generator=generator)]
    first, second = round(0.8 * len(places)), round(0.9 * len(places))
    inputs = tokens.flatten().clone()
    inputs[places[:first]] = mask_token
    changed = places[first:second]
    rank = torch.searchsorted(some, inputs[changed])
    step = torch.randint(1, max(2, len(some)), changed.shape, generator=generator)
    inputs[changed] = some[(rank + step) % len(some)]
    return inputs.reshape(tokens.shape), torch.where(asked, tokens, torch.zeros_like(tokens))


def loss_by_cross_entropy(logits, answers):
    if not answers.any():
        raise ValueError("no word is asked for")
    return F.cross_entropy(logits.flatten(0, 1), answers.flatten(), ignore_index=0)


def loss_of_chosen_places(logits, answers):
    asked = answers > 0
    if asked.sum() == 0:
        raise ValueError(f"of {asked.numel()} places none is asked for")
    return -logits[asked].log_softmax(-1)[torch.arange(asked.sum()), answers[asked]].mean()


def loss_by_nll(logits, answers):
    if torch.all(answers == 0):
        raise ValueError("nothing to guess")
    log_p = F.log_softmax(logits, dim=2).transpose(1, 2)
    each = F.nll_loss(log_p, answers, reduction="none", ignore_index=0)
    return each.sum() / (answers != 0).sum()


def loss_in_two_loops(logits, answers):
    surprises = []
    for row, asked in zip(logits, answers.tolist(), strict=True):
        surprises += [torch.logsumexp(one, 0) - one[word] for one, word in zip(row, asked, strict=True) if word]
    if not surprises:
        raise ValueError("all answers are 0")
    return sum(surprises) / len(surprises)


class BertStepByStep(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.encoder = config.encoder()
        self.norm = LayerNorm(config.d_model, eps=config.eps)
        self.words = UnscaledEmbedding(config.vocab_size, config.d_model)
        self.positions = LearnedPositions(config.max_length, config.d_model)
        self.segments = UnscaledEmbedding(config.n_segments, config.d_model)
        self.dropout = nn.Dropout(p=config.dropout)
        self.pooler = None
        if config.pooler:
            self.pooler = nn.Linear(config.d_model, config.d_model)
        self.pad = config.pad

    def forward(self, tokens, segments=None):
        if segments is None:
            segments = tokens * 0
        x = self.words(tokens)
        x = x + self.segments(segments)
        x = self.positions(x)
        x = self.norm(x)
        x = self.dropout(x)
        for layer in self.encoder.layers:
            x = layer(x, (tokens != self.pad)[:, None, None, :])
        return x


class BertByHand(nn.Module):
    """The tables read by hand, the encoder built from lesson 07's parts."""

    def __init__(self, config):
        super().__init__()
        sizes = {name: getattr(config, name) for name in ("d_model", "n_heads", "d_ff", "n_layers", "dropout")}
        self.encoder = Encoder(BlockConfig(norm_first=False, **sizes))
        activate(self.encoder, config.activation)
        for layer in self.encoder.layers:
            layer.norm_1.eps = layer.norm_2.eps = config.eps
        self.words, self.segments = (
            UnscaledEmbedding(n, config.d_model) for n in (config.vocab_size, config.n_segments)
        )
        self.positions = LearnedPositions(config.max_length, config.d_model)
        self.norm = LayerNorm(config.d_model, config.eps)
        self.pooler = nn.Linear(config.d_model, config.d_model) if config.pooler else None
        self.config = config

    def forward(self, tokens, segments=None):
        n_tokens, longest = tokens.shape[1], self.config.max_length
        if n_tokens > longest:
            raise ValueError(f"{n_tokens} tokens are more than max_length={longest}")
        x = F.embedding(tokens, self.words.table) + self.positions.table[torch.arange(n_tokens)]
        x = x + (self.segments.table[0] if segments is None else F.embedding(segments, self.segments.table))
        x = F.dropout(self.norm(x), self.config.dropout, self.training)
        return self.encoder(x, mask=padding_mask(tokens, pad=self.config.pad))


class BertByOneHot(nn.Module):
    """The three look-ups as products; the mask widened to (B, 1, T, T)."""

    def __init__(self, config):
        super().__init__()
        self.config, d_model = config, config.d_model
        self.words = UnscaledEmbedding(config.vocab_size, d_model)
        self.segments = UnscaledEmbedding(config.n_segments, d_model)
        self.positions, self.norm = LearnedPositions(config.max_length, d_model), LayerNorm(d_model, config.eps)
        self.dropout, self.encoder = nn.Dropout(config.dropout), config.encoder()
        self.pooler = nn.Linear(d_model, d_model) if config.pooler is True else None

    def forward(self, tokens, segments=None):
        B, T = tokens.shape
        kinds = torch.zeros(B, T, dtype=torch.long) if segments is None else segments
        table = torch.cat([self.words.table, self.segments.table])
        hot = F.one_hot(tokens, len(table)) + F.one_hot(kinds + self.config.vocab_size, len(table))
        x = self.dropout(self.norm(self.positions(hot.to(table.dtype) @ table)))
        return self.encoder(x, tokens.ne(self.config.pad).view(B, 1, 1, T).expand(B, 1, T, T))


def classify_step_by_step(states, pooler, head):
    first = states.select(1, 0)
    pooled = pooler(first).tanh()
    return head(pooled)


def classify_text_by_text(states, pooler, head):
    return torch.stack([head(torch.tanh(pooler(text[0]))) for text in states])


def classify_all_then_choose(states, pooler, head):
    return head(nn.Tanh()(pooler(states)))[:, 0, :]


def classify_by_exponentials(states, pooler, head):
    z = pooler(states[:, :1].squeeze(1))
    return head(2 * torch.sigmoid(2 * z) - 1)


RIGHT = {
    "mask_tokens": [
        holes_by_bernoulli,
        holes_word_by_word,
        holes_by_one_draw,
        holes_by_multinomial,
        holes_shared_out,
    ],
    "masked_lm_loss": [loss_by_cross_entropy, loss_of_chosen_places, loss_by_nll, loss_in_two_loops],
    "BERT": [BertStepByStep, BertByHand, BertByOneHot],
    "classify": [classify_step_by_step, classify_text_by_text, classify_all_then_choose, classify_by_exponentials],
}
