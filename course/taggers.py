"""Taggers: maximum entropy, CRF and four networks, which read the same features and learn alike."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course.attention import padding_mask
from course.blocks import BlockConfig, Encoder
from course.max_entropy import feature_sum
from course.tagging import crf_log_likelihood, viterbi
from course.training import evaluating
from course.transformer import SinusoidalPositions

Tagged = tuple[Sequence[str], Sequence[str]]  # words, tags
N_OWN = 6  # how many features a word has of its own


def word_features(words: Sequence[str], t: int, window: int = 0) -> list[str]:
    """What a tagger is told of word t: itself, its last letters, its first letter's size;
    with a window also the words up to so many places before and behind.

    -> N_OWN + 2 * window texts, the word itself first  (Ratnaparkhi 1996, table 1)"""
    word = words[t]
    own = [f"word={word}", *(f"{n} last={word[-n:]}" for n in (1, 2, 3))]
    own += [f"capital={word[:1].isupper()}", f"first={t == 0}"]
    places = [t + step for size in range(1, window + 1) for step in (-size, size)]
    near = [words[place] if 0 <= place < len(words) else "" for place in places]
    return own + [f"at {place - t}={word}" for place, word in zip(places, near, strict=True)]


@dataclass(frozen=True)
class FeatureTable:
    """The number of every feature of the training sentences, from 1 on, and of every tag, from 0.

    window: how many neighbours on each side are features of a word."""

    features: dict[str, int]
    tags: tuple[str, ...]
    window: int = 0

    @classmethod
    def of(cls, sentences: Sequence[Tagged], window: int = 0) -> FeatureTable:
        """The table of all features and tags that occur in the sentences."""
        found: dict[str, None] = {}
        for words, _ in sentences:
            for t in range(len(words)):
                found.update(dict.fromkeys(word_features(words, t, window)))
        numbers = {feature: number for number, feature in enumerate(found, 1)}
        return cls(numbers, tuple(sorted({tag for _, tags in sentences for tag in tags})), window)

    @property
    def n_features(self) -> int:
        """One more than there are features: 0 is none."""
        return len(self.features) + 1

    def encode(self, words: Sequence[str]) -> list[list[int]]:
        """The numbers of each word's features, 0 for one that the training never showed."""
        rows = [word_features(words, t, self.window) for t in range(len(words))]
        return [[self.features.get(feature, 0) for feature in row] for row in rows]

    def batch(self, sentences: Sequence[Tagged]) -> tuple[Tensor, Tensor, Tensor]:
        """Features (B, T, F), tags (B, T), mask (B, T) True = a word; padded behind with 0."""
        longest = max(len(words) for words, _ in sentences)
        features = torch.zeros(len(sentences), longest, N_OWN + 2 * self.window, dtype=torch.long)
        tags = torch.zeros(len(sentences), longest, dtype=torch.long)
        for i, (words, named) in enumerate(sentences):
            features[i, : len(words)] = torch.tensor(self.encode(words))
            tags[i, : len(named)] = torch.tensor([self.tags.index(tag) for tag in named])
        lengths = torch.tensor([len(words) for words, _ in sentences])
        return features, tags, torch.arange(longest) < lengths[:, None]


class Tagger(nn.Module):
    """What scores each tag of each word; every word's tag is then chosen alone.

    forward: features (B, T, F), mask (B, T) True = a word -> scores (B, T, n_tags)"""

    def loss(self, features: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """The mean surprise -ln p about a tag, over all words that are not padding."""
        log_p = self(features, mask).log_softmax(dim=-1)  # (B, T, n_tags)
        right = log_p.gather(-1, tags[..., None])[..., 0]  # (B, T)
        return -(right * mask).sum() / mask.sum()

    def decode(self, features: Tensor, mask: Tensor) -> list[list[int]]:
        """The tags of each sentence, of as many words as it has."""
        best = self(features, mask).argmax(dim=-1)
        return [row[real].tolist() for row, real in zip(best, mask, strict=True)]


class MaximumEntropyTagger(Tagger):
    """Each word by its own features and its neighbours', without a look at other tags.

    It is maximum_entropy of lesson 12, whose sum is taken over the features that are there
    (Ratnaparkhi 1996, among whose features are also the tags before);
    weights is an nn.Parameter (n_features, n_tags), zeros at first."""

    def __init__(self, n_features: int, n_tags: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(n_features, n_tags))

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """features (B, T, F), mask (B, T) -> ln p of each tag (B, T, n_tags)."""
        return feature_sum(features, self.weights).log_softmax(dim=-1)


class CrfTagger(Tagger):
    """The same features, and a score for every tag after every tag: the best sentence of tags wins.

    weights (n_features, n_tags), transition (n_tags, n_tags) and start (n_tags,) are nn.Parameter,
    zeros at first; likelihood, best: what learns and what decides  (Lafferty et al. 2001)."""

    def __init__(
        self,
        n_features: int,
        n_tags: int,
        likelihood: Callable[..., Tensor] = crf_log_likelihood,
        best: Callable[..., tuple[list[int], float]] = viterbi,
    ) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(n_features, n_tags))
        self.transition = nn.Parameter(torch.zeros(n_tags, n_tags))
        self.start = nn.Parameter(torch.zeros(n_tags))
        self.likelihood, self.best = likelihood, best

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """features (B, T, F), mask (B, T) -> emission scores (B, T, n_tags)."""
        return feature_sum(features, self.weights)

    def loss(self, features: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """The surprise about the tags of whole sentences, over the number of words."""
        emissions = self(features, mask)
        found = self.likelihood(emissions, tags, mask, self.transition, self.start)
        return -found.sum() / mask.sum()

    def decode(self, features: Tensor, mask: Tensor) -> list[list[int]]:
        """The best tags of each sentence."""
        sentences = zip(self(features, mask), mask, strict=True)
        return [self.best(row[real], self.transition, self.start)[0] for row, real in sentences]


class NetworkTagger(Tagger):
    """A vector for every feature; those of a word are added up, and a linear layer names the tag.

    table is an nn.Parameter (n_features, d_model). A subclass writes `states`: what happens between
    the two, so that a word hears of the others."""

    def __init__(self, n_features: int, n_tags: int, d_model: int, d_states: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(n_features, d_model) / d_model**0.5)
        self.output = nn.Linear(d_states, n_tags)

    def states(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (B, T, d_model), mask (B, T) -> (B, T, d_states)."""
        raise NotImplementedError

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """features (B, T, F), mask (B, T) -> scores (B, T, n_tags)."""
        return self.output(self.states(feature_sum(features, self.table), mask))


class RecurrentTagger(NetworkTagger):
    """One network reads the sentence from the left, one from the right; their two states decide.

    cell: nn.RNN, nn.GRU or nn.LSTM, which are the steps of lesson 01 in one call
    (Elman 1990; Hochreiter & Schmidhuber 1997; Cho et al. 2014; both ways:
    Schuster & Paliwal 1997)."""

    def __init__(
        self, n_features: int, n_tags: int, cell: type[nn.RNNBase] = nn.GRU, d_model: int = 32
    ) -> None:
        super().__init__(n_features, n_tags, d_model, 2 * d_model)
        self.reader = cell(d_model, d_model, batch_first=True, bidirectional=True)

    def states(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (B, T, d_model), mask (B, T) -> (B, T, 2 d_model)."""
        # packed: the network from the right begins at the last word, not at padding
        packed = pack_padded_sequence(x, mask.sum(dim=1), batch_first=True, enforce_sorted=False)
        read, _ = self.reader(packed)
        return pad_packed_sequence(read, batch_first=True, total_length=mask.shape[1])[0]


class ConvolutionTagger(NetworkTagger):
    """Filters slide over the sentence; each word's tag is named by what they say around it.

    width, odd: how many words a filter sees  (Collobert et al. 2011)"""

    def __init__(self, n_features: int, n_tags: int, d_model: int = 32, width: int = 5) -> None:
        super().__init__(n_features, n_tags, d_model, 2 * d_model)
        self.filters = nn.Conv1d(d_model, 2 * d_model, width, padding=width // 2)

    def states(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (B, T, d_model), mask (B, T) -> (B, T, 2 d_model)."""
        return torch.relu(self.filters((x * mask[..., None]).mT).mT)


class EncoderTagger(NetworkTagger):
    """The Transformer's encoder over the same vectors, and a linear layer on each place.

    config.positions: sinusoidal, or those that live in the attention
    (Vaswani et al. 2017; as a tagger: Devlin et al. 2019, section 5.3)"""

    def __init__(self, n_features: int, n_tags: int, config: BlockConfig) -> None:
        super().__init__(n_features, n_tags, config.d_model, config.d_model)
        added = config.positions == "sinusoidal"
        self.positions = SinusoidalPositions() if added else nn.Identity()
        self.encoder = Encoder(config)

    def states(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (B, T, d_model), mask (B, T) -> (B, T, d_model)."""
        x = self.positions(x * x.shape[-1] ** 0.5)
        return self.encoder(x, padding_mask(mask.long()))


def pretrain(
    tagger: NetworkTagger,
    table: FeatureTable,
    plain: Sequence[Sequence[str]],
    n_steps: int,
    learning_rate: float = 1e-2,
    seed: int = 0,
) -> list[float]:
    """Plain text first: one word in five is hidden, and the tagger learns to say which it was.

    table: with the features of the plain text; in each of n_steps batches of 64 sentences all that
    is told of a hidden word is one learned vector -> the loss of each step
    (Devlin et al. 2019, simplified: what is hidden is always a blank)"""
    features, _, mask = table.batch([(words, ()) for words in plain])
    numbers, d_model = {}, tagger.table.shape[1]
    ids = [[numbers.setdefault(word, len(numbers)) for word in words] for words in plain]
    words = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in ids], batch_first=True)
    blank = nn.Parameter(torch.randn(d_model) / d_model**0.5)
    guess = nn.Linear(tagger.output.in_features, len(numbers))
    learned = [*tagger.parameters(), *guess.parameters(), blank]
    generator = torch.Generator().manual_seed(seed)

    batches = of_like_length(mask.sum(dim=1), 64, generator)

    def loss_of_batch() -> Tensor:
        rows = next(batches)
        longest = int(mask[rows].sum(dim=1).max())
        real, asked = mask[rows, :longest], words[rows, :longest]
        hidden = (torch.rand(real.shape, generator=generator) < 0.2) & real
        x = feature_sum(features[rows, :longest], tagger.table)
        states = tagger.states(torch.where(hidden[..., None], blank, x), real)
        return F.cross_entropy(guess(states[hidden]), asked[hidden])

    return minimise(learned, loss_of_batch, n_steps, learning_rate, n_warm_up=50)


def of_like_length(lengths: Tensor, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Batches of `size` rows, for ever: of ten drawn together, each has rows of like length.

    So little is computed for padding."""
    while True:
        drawn = torch.randint(len(lengths), (10 * size,), generator=generator)
        batches = drawn[lengths[drawn].argsort()].split(size)
        yield from (batches[i] for i in torch.randperm(10, generator=generator).tolist())


def minimise(
    parameters: Sequence[nn.Parameter],
    loss_of_batch: Callable[[], Tensor],
    n_steps: int,
    learning_rate: float,
    n_warm_up: int = 1,
    report: Callable[[], object] = lambda: None,
) -> list[float]:
    """n_steps with Adam, whose rate rises over n_warm_up of them and then falls in a straight line
    to 0 -> the loss of each; report() is called after every step."""
    optimizer = torch.optim.Adam(parameters, lr=learning_rate, fused=True)  # same numbers, sooner
    losses: list[float] = []
    for step in range(n_steps):
        rising = min(1.0, (step + 1) / n_warm_up)
        optimizer.param_groups[0]["lr"] = learning_rate * rising * (1 - step / n_steps)
        loss = loss_of_batch()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        report()
    return losses


def tagged_batches(
    table: FeatureTable, sentences: Sequence[Tagged], size: int, seed: int = 0
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Batches of `size` sentences, dealt anew when all were seen, for ever: features, tags, mask.

    Of one word in ten its own number is hidden: its letters then speak for it, as for a word that
    the training never showed."""
    whole, chance = table.batch(sentences), random.Random(seed)
    order, generator = list(range(len(sentences))), torch.Generator().manual_seed(seed)
    while True:
        chance.shuffle(order)
        for first in range(0, len(order), size):
            rows = torch.tensor(order[first : first + size])
            features, tags, mask = (part[rows] for part in whole)
            longest = int(mask.sum(dim=1).max())
            features, tags, mask = (part[:, :longest] for part in (features, tags, mask))
            hidden = torch.rand(mask.shape, generator=generator) < 0.1
            features[..., 0] = features[..., 0].masked_fill(hidden, 0)  # rows made a copy
            yield features, tags, mask


def train_tagger(
    tagger: Tagger,
    batches: Iterator[tuple[Tensor, Tensor, Tensor]],
    n_steps: int,
    learning_rate: float = 1e-2,
    report: Callable[[], object] = lambda: None,
) -> list[float]:
    """n_steps batches with Adam, whose rate falls in a straight line to 0 -> the loss of each.

    report() is called after every step; at the end the tagger is in eval mode."""
    tagger.train()
    parameters = list(tagger.parameters())
    losses = minimise(
        parameters, lambda: tagger.loss(*next(batches)), n_steps, learning_rate, 1, report
    )
    tagger.eval()
    return losses


def tag(tagger: Tagger, table: FeatureTable, sentences: Sequence[Tagged]) -> list[list[str]]:
    """The tags that the tagger gives to the words of each sentence; those it has are not read."""
    named: list[list[str]] = []
    with evaluating(tagger):
        for first in range(0, len(sentences), 100):
            some = [(words, ()) for words, _ in sentences[first : first + 100]]
            features, _, mask = table.batch(some)
            named += [[table.tags[i] for i in row] for row in tagger.decode(features, mask)]
    return named


def tagging_accuracy(named: Sequence[Sequence[str]], sentences: Sequence[Tagged]) -> float:
    """The share of words that have been given their right tag."""
    pairs = [
        pair
        for found, (_, tags) in zip(named, sentences, strict=True)
        for pair in zip(found, tags, strict=True)
    ]
    return sum(found == right for found, right in pairs) / len(pairs)
