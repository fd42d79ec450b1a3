"""Text CNN: filters slide over a sentence, and of each only its strongest answer is kept."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def text_cnn(x: Tensor, filters: list[tuple[Tensor, Tensor]], mask: Tensor) -> Tensor:
    """max over time of relu(filter . window + bias), for filters of several widths  (Kim 2014).

    x (B, T, d), mask (B, T) True = a word, padding behind;
    filters: for each width its weights (n_filters, width, d) and biases (n_filters,)
    -> (B, n_filters of all widths together), in the order of the widths
    A window begins at every word; where the sentence ends inside it, zeros follow. All windows of a
    sentence can be computed at once, one after another is not needed."""
    words = x * mask[..., None]
    found = []
    for weight, bias in filters:
        width = weight.shape[1]
        padded = F.pad(words, (0, 0, 0, width - 1))  # (B, T + width - 1, d)
        windows = padded.unfold(1, width, 1)  # (B, T, d, width)
        answers = torch.relu(torch.einsum("btdw,fwd->btf", windows, weight) + bias)
        # relu gives at least 0, so that 0 is as good as not there
        found.append((answers * mask[..., None]).amax(dim=1))  # (B, n_filters)
    return torch.cat(found, dim=-1)


class TextCNN(nn.Module):
    """A classifier of sentences: embedding, text_cnn, dropout, one linear layer  (Kim 2014).

    table (vocab_size, d_model), and the weights and biases of each width, are nn.Parameter."""

    def __init__(
        self,
        vocab_size: int,
        n_classes: int,
        d_model: int = 32,
        widths: tuple[int, ...] = (2, 3, 4),
        n_filters: int = 16,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(vocab_size, d_model) / d_model**0.5)
        self.weights = nn.ParameterList(
            torch.randn(n_filters, width, d_model) / (width * d_model) ** 0.5 for width in widths
        )
        self.biases = nn.ParameterList(torch.zeros(n_filters) for _ in widths)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(n_filters * len(widths), n_classes)

    def forward(self, tokens: Tensor) -> Tensor:
        """tokens (B, T), padded behind with 0 -> scores of the classes (B, n_classes)."""
        filters = list(zip(self.weights, self.biases, strict=True))
        found = text_cnn(self.table[tokens], filters, tokens != 0)
        return self.output(self.dropout(found))
