"""GPT: a stack of decoders without a source reads a text and says at each place what comes next."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course.attention import causal_mask
from course.blocks import FeedForward, LayerNorm, gelu, residual
from course.decoding import NextLogits, greedy
from course.embedding import embed
from course.kv_cache import Cached, CachedAttention, KVCache
from course.multi_head import MultiHeadAttention
from course.positions import LearnedPositions
from course.seq2seq import EOS, teacher_forcing_loss
from course.training import evaluating
from course.transformer import TokenEmbedding


def gelu_tanh(x: Tensor) -> Tensor:
    """GELU with a tanh for the normal distribution, at most 0.0005 away from it; GPT-2's own.

    Any shape -> the same shape  (Hendrycks & Gimpel 2016, section 2)."""
    return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))


ACTIVATIONS = {"relu": torch.relu, "gelu": gelu, "gelu_tanh": gelu_tanh, "swish": F.silu}


class ActivatedFeedForward(FeedForward):
    """FeedForward of lesson 07 with any of ACTIVATIONS between its two layers."""

    def __init__(self, d_model: int, d_ff: int, activation: str = "relu") -> None:
        super().__init__(d_model, d_ff)
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation={activation!r} must be one of {sorted(ACTIVATIONS)}")
        self.activation = ACTIVATIONS[activation]


class UnscaledEmbedding(TokenEmbedding):
    """The table's rows as they are, as GPT and BERT take them: not multiplied by sqrt(d_model)."""

    def forward(self, tokens: Tensor) -> Tensor:
        """tokens (B, T), integers below vocab_size -> (B, T, d_model)."""
        return embed(tokens, self.table)


@dataclass(frozen=True, kw_only=True)
class GPTConfig:
    """The sizes and choices of a GPT; context_length: the most tokens that it can look at.

    tied: the output layer is the token table; activation: one of ACTIVATIONS."""

    d_model: int
    n_heads: int
    d_ff: int
    n_layers: int
    vocab_size: int
    context_length: int
    dropout: float = 0.0
    tied: bool = True
    activation: str = "gelu_tanh"
    eps: float = 1e-5


def language_model_loss(logits: Tensor, tokens: Tensor) -> Tensor:
    """The mean surprise -ln p about each token but the first, given all before it.

    logits (B, T, V) of the same tokens (B, T), in which 0 is padding and not asked for
    -> one number"""
    guesses, answers = logits[:, :-1], tokens[:, 1:]  # (B, T - 1, V), (B, T - 1)
    return teacher_forcing_loss(guesses, answers)


class GPTBlock(nn.Module):
    """Self-attention, then feed-forward, each in a pre-norm residual; nobody to look across at.

    attention: MultiHeadAttention; feed_forward: ActivatedFeedForward; norm_1, norm_2: LayerNorm
    (Radford et al. 2019, section 2.3)."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.feed_forward = ActivatedFeedForward(config.d_model, config.d_ff, config.activation)
        self.norm_1 = LayerNorm(config.d_model, config.eps)
        self.norm_2 = LayerNorm(config.d_model, config.eps)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """x (B, T, d_model) -> (B, T, d_model).

        mask, boolean, True = may attend, broadcastable to (B, H, T, T): GPT's is causal."""
        x = residual(x, lambda y: self.dropout(self.attention(y, y, y, mask)), self.norm_1)
        return residual(x, lambda y: self.dropout(self.feed_forward(y)), self.norm_2)


class GPT(nn.Module):
    """Tokens in, at each place a score for each possible next token out.

    embedding: UnscaledEmbedding; positions: LearnedPositions; blocks: nn.ModuleList of GPTBlock;
    norm: LayerNorm; output: nn.Linear (d_model -> vocab_size) without bias
    (Radford et al. 2018; Radford et al. 2019)."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = UnscaledEmbedding(config.vocab_size, config.d_model)
        self.positions = LearnedPositions(config.context_length, config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(GPTBlock(config) for _ in range(config.n_layers))
        self.norm = LayerNorm(config.d_model, config.eps)
        self.output = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tied:
            self.output.weight = self.embedding.table

    def forward(self, tokens: Tensor) -> Tensor:
        """tokens (B, T) -> logits (B, T, vocab_size) of what follows each of them.

        ValueError where T > context_length. No token is padding: what comes after a place
        changes nothing there, so shorter texts may be filled up at the end with anything."""
        x = self.dropout(self.positions(self.embedding(tokens)))
        mask = causal_mask(tokens.shape[1])
        for block in self.blocks:
            x = block(x, mask)
        return self.output(self.norm(x))

    def cached(self, max_length: int) -> NextLogits:  # given
        """next_logits of this model with a cache for max_length positions."""
        return CachedGPT(self, max_length)


def started_as(reference: Callable, build: Callable, config: object, seed: int) -> nn.Module:
    """build(config), with the weights that reference(config) draws from this seed.

    The parts of both have the same names, made in whatever order."""
    model = build(config)
    torch.manual_seed(seed)
    # a mask that your class keeps is no weight, and stays
    model.load_state_dict(model.state_dict() | reference(config).state_dict())
    return model


def fresh(build: Callable[[GPTConfig], nn.Module], config: GPTConfig, seed: int) -> nn.Module:
    """A GPT of this class with start weights that depend on the seed alone.

    build: the class, GPT or your own with parts of the same names, made in whatever order"""
    return started_as(GPT, build, config, seed)


def continue_text(
    model: nn.Module, tokens: Tensor, max_tokens: int, end: int = EOS
) -> list[list[int]]:
    """Continue each prompt by its likeliest tokens, seen through a window of context_length tokens.

    model: tokens (B, T) -> logits (B, T, V), with config.context_length, such as a GPT;
    tokens (B, T), the prompts, T >= 1 -> B lists of at most max_tokens new tokens, without end
    and what follows it"""
    window = model.config.context_length

    def next_logits(text: Tensor) -> Tensor:
        seen = text[:, -window:]  # (B, T), T at most context_length
        return model(seen)[:, -1]  # (B, V), what is said at the last place

    with evaluating(model):
        return greedy(next_logits, tokens, max_tokens, end)


def induction_score(weights: Tensor, tokens: Tensor) -> Tensor:
    """How much each head reads what came after its token's earlier occurrences.

    weights (B, H, T, T), row i: what place i reads; tokens (B, T) -> (H,): the mean over the places
    whose token has come before in its row, of the sum over its earlier occurrences;
    ValueError where there is no such place  (Olsson et al. 2022)"""
    earlier = (tokens[:, :, None] == tokens[:, None, :]).tril(-1)  # (B, T, T), j < i
    repeated = earlier.any(dim=-1)  # (B, T)
    if not repeated.any():
        raise ValueError(f"no token of these {tuple(tokens.shape)} comes twice in its row")
    after = F.pad(earlier[..., :-1], (1, 0))  # (B, T, T), one place to the right
    read = (weights * after[:, None]).sum(dim=-1)  # (B, H, T)
    return read.sum(dim=(0, 2)) / repeated.sum()


# What GPT-2 calls a part of its block, and what we do; its c_attn is three of ours, side by side.
GPT2_PARTS = {
    "ln_1": ("norm_1",),
    "attn.c_attn": ("attention.w_q", "attention.w_k", "attention.w_v"),
    "attn.c_proj": ("attention.w_o",),
    "ln_2": ("norm_2",),
    "mlp.c_fc": ("feed_forward.w_1",),
    "mlp.c_proj": ("feed_forward.w_2",),
}


def gpt2_state(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state dict of a GPT with the weights of a GPT-2.

    tensors: the state dict of transformers' GPT2LMHeadModel or GPT2Model  (Radford et al. 2019)"""
    theirs = {name.removeprefix("transformer."): one for name, one in tensors.items()}
    ours = {"embedding.table": theirs["wte.weight"], "positions.table": theirs["wpe.weight"]}
    ours |= {"norm.gain": theirs["ln_f.weight"], "norm.bias": theirs["ln_f.bias"]}
    ours["output.weight"] = theirs.get("lm_head.weight", theirs["wte.weight"])
    layers = {name.split(".")[1] for name in theirs if name.startswith("h.")}
    for layer, (part, names) in itertools.product(layers, GPT2_PARTS.items()):
        weight, bias = (theirs[f"h.{layer}.{part}.{kind}"] for kind in ("weight", "bias"))
        is_norm = part.startswith("ln")
        weights = [weight] if is_norm else weight.T.chunk(len(names))  # rows for columns
        for name, rows, numbers in zip(names, weights, bias.chunk(len(names)), strict=True):
            ours[f"blocks.{layer}.{name}.{'gain' if is_norm else 'weight'}"] = rows
            ours[f"blocks.{layer}.{name}.bias"] = numbers
    return ours


class CachedGPT(Cached):
    """The next token's logits of a GPT, as in eval mode, that computes each position once.

    ValueError where max_length, the room for prompt and answer, is above context_length."""

    def __init__(
        self, model: GPT, max_length: int, new_cache: Callable[[int], KVCache] = KVCache
    ) -> None:
        longest = model.config.context_length
        if max_length > longest:
            raise ValueError(f"max_length={max_length} is above context_length={longest}")
        super().__init__(len(model.blocks), max_length, new_cache)
        self.model = model
        self.attentions = [CachedAttention(block.attention) for block in model.blocks]

    def read(self, tokens: Tensor, start: int) -> Tensor:
        """tokens (B, T), the first `start` columns cached -> logits of the next token (B, V)."""
        model, stop = self.model, tokens.shape[1]
        x = model.embedding(tokens[:, start:]) + model.positions.table[start:stop]  # (B, n, d)
        mask = mask_of_new_rows(start, stop)
        for block, attention, cache in zip(model.blocks, self.attentions, self.caches, strict=True):
            x = residual(x, functools.partial(attention, cache=cache, mask=mask), block.norm_1)
            x = residual(x, block.feed_forward, block.norm_2)
        return model.output(model.norm(x[:, -1]))  # of the last position alone


def mask_of_new_rows(start: int, stop: int) -> Tensor | None:
    """The rows of causal_mask(stop) from `start` on; None where a single one may see all.

    -> boolean (stop - start, stop)"""
    return None if stop - start == 1 else causal_mask(stop)[start:]


def windowed(model: nn.Module) -> NextLogits:
    """next_logits of a model that looks at the last context_length tokens, each time anew."""
    length = model.config.context_length
    return lambda tokens: model(tokens[:, -length:])[:, -1]


def generate(
    model: nn.Module,
    tokens: Tensor,
    max_tokens: int,
    end: int = EOS,
    wrap: Callable[[NextLogits], NextLogits] | None = None,
) -> list[list[int]]:
    """Continue each prompt, each time by the likeliest token, until it says end or is long enough.

    model: a GPT, or another with config.context_length and cached(max_length);
    tokens (B, T), the prompts -> B lists of at most max_tokens new tokens, without end
    wrap: what changes the scores, such as functools.partial(sampled, generator=g, tau=0.8).
    The same text as continue_text; a cache saves the work twice done, until the text outgrows what
    the model can look at."""
    length = tokens.shape[1] + max_tokens
    with evaluating(model):
        fits = length <= model.config.context_length
        next_logits = model.cached(length) if fits else windowed(model)
        return greedy(wrap(next_logits) if wrap else next_logits, tokens, max_tokens, end)
