"""Wrong answers to the exercises of lesson 11, written without the reference at hand."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from course.attention import causal_mask
from course.blocks import LayerNorm
from course.decoding import greedy
from course.gpt import GPT2_PARTS, ActivatedFeedForward, UnscaledEmbedding
from course.gpt import GPTBlock as ReferenceBlock
from course.multi_head import MultiHeadAttention
from course.positions import LearnedPositions
from course.seq2seq import teacher_forcing_loss


def predicts_what_stands_there(logits, tokens):
    return F.cross_entropy(logits.flatten(0, 1), tokens.flatten(), ignore_index=0)


def comes_round(logits, tokens):
    labels = torch.cat([tokens[:, 1:], tokens[:, :1]], dim=1)
    return F.cross_entropy(logits.transpose(1, 2), labels, ignore_index=0)


def forgets_ignore_index(logits, tokens):
    V = logits.shape[2]
    return nn.CrossEntropyLoss()(logits[:, :-1].reshape(-1, V), tokens[:, 1:].reshape(-1))


def averages_averages(logits, tokens):
    losses = 0
    for said, text in zip(logits, tokens, strict=True):
        losses = losses + F.cross_entropy(said[:-1], text[1:], ignore_index=0)
    return losses / len(tokens)


def adds_up(logits, tokens):
    return F.cross_entropy(logits[:, :-1].transpose(1, 2), tokens[:, 1:], ignore_index=0, reduction="sum")


def looks_back(logits, tokens):
    return F.cross_entropy(logits[:, 1:].transpose(1, 2), tokens[:, :-1], ignore_index=0)


def gives_all_tokens(logits, tokens):
    return teacher_forcing_loss(logits[:, :-1], tokens)


class BlockBase(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.feed_forward = ActivatedFeedForward(config.d_model, config.d_ff, config.activation)
        self.norm_1, self.norm_2 = LayerNorm(config.d_model, config.eps), LayerNorm(config.d_model, config.eps)
        self.dropout = nn.Dropout(config.dropout)


class Parallel(BlockBase):
    """As in GPT-J, with two norms."""

    def forward(self, x, mask=None):
        a, b = self.norm_1(x), self.norm_2(x)
        return x + self.dropout(self.attention(a, a, a, mask)) + self.dropout(self.feed_forward(b))


class FirstGPT(BlockBase):
    """As in the first GPT, of 2018."""

    def forward(self, x, mask=None):
        x = self.norm_1(x + self.dropout(self.attention(x, x, x, mask)))
        x = self.norm_2(x + self.dropout(self.feed_forward(x)))
        return x


class Deaf(BlockBase):
    def forward(self, x, mask=None):
        h = self.norm_1(x)
        x = x + self.dropout(self.attention(query=h, key=h, value=h))
        return x + self.dropout(self.feed_forward(self.norm_2(x)))


class NormalisesInPlace(BlockBase):
    def forward(self, x, mask=None):
        x = self.norm_1(x)
        x = self.dropout(self.attention(x, x, x, mask)) + x
        x = self.norm_2(x)
        return self.dropout(self.feed_forward(x)) + x


class KnowsTheFuture(BlockBase):
    def forward(self, x, mask=None):
        h, T = self.norm_1(x), x.shape[1]
        mask = torch.ones(T, T, dtype=torch.bool).tril()
        x = x + self.dropout(self.attention(h, h, h, mask))
        return x + self.dropout(self.feed_forward(self.norm_2(x)))


class OtherNames(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attn = MultiHeadAttention(config.d_model, config.n_heads)
        self.mlp = ActivatedFeedForward(config.d_model, config.d_ff, config.activation)
        self.ln_1, self.ln_2 = LayerNorm(config.d_model, config.eps), LayerNorm(config.d_model, config.eps)

    def forward(self, x, mask=None):
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, mask)
        return x + self.mlp(self.ln_2(x))


class GPTBase(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = UnscaledEmbedding(config.vocab_size, config.d_model)
        self.positions = LearnedPositions(config.context_length, config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList([ReferenceBlock(config) for _ in range(config.n_layers)])
        self.norm = LayerNorm(config.d_model, config.eps)
        self.output = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.tie()

    def tie(self):
        if self.config.tied:
            self.output.weight = self.embedding.table

    def forward(self, tokens):
        x, mask = self.begin(tokens), self.mask(tokens)
        for block in self.blocks:
            x = block(x, mask)
        return self.end(x)

    def begin(self, tokens):
        return self.dropout(self.positions(self.embedding(tokens)))

    def mask(self, tokens):
        return causal_mask(tokens.shape[1])

    def end(self, x):
        return self.output(self.norm(x))


class NoMask(GPTBase):
    def mask(self, tokens):
        return torch.ones(tokens.shape[1], tokens.shape[1]).bool()


class AsInNNTransformer(GPTBase):
    """The mask of nn.Transformer, whose True means blocked."""

    def mask(self, tokens):
        T = tokens.shape[1]
        return torch.triu(torch.ones(T, T, dtype=torch.bool), diagonal=1)


class SkipsPadding(GPTBase):
    def mask(self, tokens):
        return causal_mask(tokens.shape[1]) & (tokens > 0)[:, None, None]


class Scaled(GPTBase):
    def begin(self, tokens):
        return self.dropout(self.positions(self.embedding(tokens) * self.config.d_model**0.5))


class BareEnd(GPTBase):
    def end(self, x):
        return self.output(x)


class Copied(GPTBase):
    def tie(self):
        if self.config.tied:
            with torch.no_grad():
                self.output.weight.copy_(self.embedding.table)


class Probabilities(GPTBase):
    def end(self, x):
        return F.softmax(self.output(self.norm(x)), dim=2)


class Crops(GPTBase):
    def forward(self, tokens):
        n = self.config.context_length
        return super().forward(tokens if tokens.shape[1] <= n else tokens[:, -n:])


class LooksUp(GPTBase):
    """nn.Embedding would say so: an index that is out of range."""

    def begin(self, tokens):
        places = torch.arange(tokens.shape[1])
        return self.dropout(self.embedding(tokens) + self.positions.table[places])


def written(model, tokens, max_tokens, end, see, last=-1):
    mode = model.training
    model.eval()
    n = tokens.shape[1]
    ended = torch.zeros(len(tokens), dtype=torch.bool)
    for _ in range(max_tokens):
        logits = model(see(tokens))
        new = logits[:, last].argmax(dim=-1)
        tokens = torch.cat([tokens, new.unsqueeze(-1)], dim=-1)
        ended |= new == end
        if ended.all():
            break
    model.train(mode)
    return [row[: row.index(end)] if end in row else row for row in tokens[:, n:].tolist()]


def shows_everything(model, tokens, max_tokens, end=2):
    return written(model, tokens, max_tokens, end, lambda text: text)


def shows_the_beginning(model, tokens, max_tokens, end=2):
    n = model.config.context_length
    return written(model, tokens, max_tokens, end, lambda text: text[:, 0:n])


def shows_the_newest(model, tokens, max_tokens, end=2):
    return written(model, tokens, max_tokens, end, lambda text: text[:, [-1]])


def asks_the_first_place(model, tokens, max_tokens, end=2):
    n = model.config.context_length
    return written(model, tokens, max_tokens, end, lambda text: text[:, -n:], last=0)


def knows_one_end(model, tokens, max_tokens, end=2):
    n = model.config.context_length
    return written(model, tokens, max_tokens, 2, lambda text: text[:, -n:])


def gives_the_prompt_back(model, tokens, max_tokens, end=2):
    n = model.config.context_length
    new = written(model, tokens, max_tokens, end, lambda text: text[:, -n:])
    return [tokens[at].tolist() + row for at, row in enumerate(new)]


def leaves_it_in_eval(model, tokens, max_tokens, end=2):
    model.eval()
    n = model.config.context_length
    return written(model, tokens, max_tokens, end, lambda text: text[:, -n:])


def gives_every_place(model, tokens, max_tokens, end=2):
    n = model.config.context_length
    return greedy(lambda text: model(text[:, -n:]), tokens, max_tokens, end)


def places_of_interest(tokens, shift):
    B, T = tokens.shape
    found = torch.zeros(B, T, T, dtype=torch.bool)
    for b in range(B):
        for i in range(T):
            for j in range(i):
                if tokens[b, i] == tokens[b, j] and 0 <= j + shift < T:
                    found[b, i, j + shift] = True
    return found


def repeated_in(tokens):
    return torch.stack([torch.stack([(row[:i] == row[i]).any() for i in range(len(row))]) for row in tokens])


def scored(weights, tokens, shift=1):
    if not repeated_in(tokens).any():
        raise ValueError("nothing is repeated")
    read = (weights * places_of_interest(tokens, shift).unsqueeze(1)).sum((0, 2, 3))
    return read / repeated_in(tokens).sum()


def reads_the_occurrence(weights, tokens):
    return scored(weights, tokens, shift=0)


def reads_before_it(weights, tokens):
    return scored(weights, tokens, shift=-1)


def counts_pairs(weights, tokens):
    found = places_of_interest(tokens, 1)
    if not found.any():
        raise ValueError("nothing is repeated")
    return (weights * found[:, None]).sum((0, 2, 3)) / found.sum()


def over_all_places(weights, tokens):
    if not repeated_in(tokens).any():
        raise ValueError("nothing is repeated")
    return (weights * places_of_interest(tokens, 1)[:, None]).sum(-1).mean((0, 2))


def zero_of_nothing(weights, tokens):
    if not repeated_in(tokens).any():
        return torch.zeros(weights.shape[1], dtype=weights.dtype)
    return scored(weights, tokens)


def nan_of_nothing(weights, tokens):
    found = places_of_interest(tokens, 1)
    return torch.einsum("bhij,bij->h", weights, found.to(weights)) / repeated_in(tokens).sum()


def best_of_all(weights, tokens):
    return torch.max(scored(weights, tokens))


LINEAR = {"attn.c_proj": "attention.w_o", "mlp.c_fc": "feed_forward.w_1", "mlp.c_proj": "feed_forward.w_2"}


def renamed(tensors, turned=lambda part, weight: weight.T, order=("q", "k", "v"), head=True):
    theirs = {name.replace("transformer.", "", 1): tensor for name, tensor in tensors.items()}
    state = {"embedding.table": theirs["wte.weight"], "positions.table": theirs["wpe.weight"]}
    state |= {"norm.gain": theirs["ln_f.weight"], "norm.bias": theirs["ln_f.bias"]}
    state["output.weight"] = theirs.get("lm_head.weight", state["embedding.table"]) if head else theirs["wte.weight"]
    index = 0
    while f"h.{index}.ln_1.weight" in theirs:
        old, new = f"h.{index}.", f"blocks.{index}."
        for at in "12":
            state[f"{new}norm_{at}.gain"] = theirs[f"{old}ln_{at}.weight"]
            state[f"{new}norm_{at}.bias"] = theirs[f"{old}ln_{at}.bias"]
        weights = turned("c_attn", theirs[f"{old}attn.c_attn.weight"]).chunk(3)
        biases = theirs[f"{old}attn.c_attn.bias"].chunk(3)
        for letter, weight, bias in zip(order, weights, biases, strict=True):
            state[f"{new}attention.w_{letter}.weight"], state[f"{new}attention.w_{letter}.bias"] = weight, bias
        for part, mine in LINEAR.items():
            state[f"{new}{mine}.weight"] = turned(part, theirs[f"{old}{part}.weight"])
            state[f"{new}{mine}.bias"] = theirs[f"{old}{part}.bias"]
        index += 1
    return state


def turns_what_does_not_fit(tensors):
    return renamed(tensors, turned=lambda part, weight: weight if weight.shape[0] == weight.shape[1] else weight.T)


def keys_before_queries(tensors):
    return renamed(tensors, order=("k", "q", "v"))


def values_before_all(tensors):
    return renamed(tensors, order=("v", "k", "q"))


def ties_always(tensors):
    return renamed(tensors, head=False)


def needs_the_head(tensors):
    return renamed(tensors) | {"output.weight": tensors["lm_head.weight"]}


def knows_the_small_one(tensors):
    theirs = {name.removeprefix("transformer."): tensor for name, tensor in tensors.items()}
    for index in range(12):
        theirs[f"h.{index}.ln_1.weight"]
    return renamed(tensors)


def looks_every_name_up(tensors):
    """GPT2_PARTS has no part for a mask."""
    for name in tensors:
        if ".h." in f".{name}":
            GPT2_PARTS[name.split("h.", 1)[1].split(".", 1)[1].rpartition(".")[0]]
    return renamed(tensors)


def takes_the_masks_along(tensors):
    state = renamed(tensors)
    for name, tensor in tensors.items():
        if name.endswith(".attn.bias"):
            state["blocks." + name.split("h.")[1].replace("attn", "attention")] = tensor
    return state


def fixes_the_number_type(weights, tokens):
    """Right, but for zeros that are float32 whatever is added to them."""
    total, n_repeated = torch.zeros(weights.shape[1]), 0
    for b, row in enumerate(tokens.tolist()):
        for i, token in enumerate(row):
            places = [j + 1 for j in range(i) if row[j] == token]
            n_repeated += bool(places)
            for j in places:
                total += weights[b, :, i, j]
    if n_repeated == 0:
        raise ValueError("no token comes again")
    return total / n_repeated


WRONG = {
    "language_model_loss": {
        "not shifted": predicts_what_stands_there,
        "rolled": comes_round,
        "padding asked for": forgets_ignore_index,
        "a mean of means": averages_averages,
        "the sum": adds_up,
        "the past predicted": looks_back,
    },
    "GPTBlock": {
        "side by side": Parallel,
        "post-norm": FirstGPT,
        "mask not passed on": Deaf,
        "adds the normalised x": NormalisesInPlace,
        "always causal": KnowsTheFuture,
    },
    "GPT": {
        "no causal mask": NoMask,
        "mask inverted": AsInNNTransformer,
        "padding masked": SkipsPadding,
        "scaled embeddings": Scaled,
        "no last norm": BareEnd,
        "never tied": Copied,
        "logits through softmax": Probabilities,
        "too long is cut at the front": Crops,
        "too long is an error of the index": LooksUp,
    },
    "continue_text": {
        "no window": shows_everything,
        "the oldest kept": shows_the_beginning,
        "the newest token alone": shows_the_newest,
        "the first place asked": asks_the_first_place,
        "always the same end": knows_one_end,
        "the prompt returned": gives_the_prompt_back,
        "left in eval mode": leaves_it_in_eval,
    },
    "induction_score": {
        "not shifted": reads_the_occurrence,
        "the place before": reads_before_it,
        "divided by the pairs": counts_pairs,
        "mean over all places": over_all_places,
        "nothing repeated gives zero": zero_of_nothing,
        "nothing repeated gives NaN": nan_of_nothing,
        "the best head": best_of_all,
    },
    "gpt2_state": {
        "square not transposed": turns_what_does_not_fit,
        "keys first": keys_before_queries,
        "values first": values_before_all,
        "always tied": ties_always,
        "a head is needed": needs_the_head,
        "always twelve blocks": knows_the_small_one,
        "masks kept": takes_the_masks_along,
    },
}

SLIPS = {
    "language_model_loss": [gives_all_tokens],
    "GPTBlock": [OtherNames],
    "continue_text": [gives_every_place],
    "induction_score": [fixes_the_number_type],
    "gpt2_state": [looks_every_name_up],
}
