"""Cases of lesson 03, embeddings: the calls on which an answer is tried."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import Case, Draw

ZEROS = "the vectors of zeros"


def tensor(*rows: object) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def one_hot_cases(draw: Draw) -> Iterator[Case]:
    B, T, V = draw.sizes(3, low=3)
    yield Case("tiny", {"indices": torch.tensor([2, 0]), "vocab_size": 3})
    yield Case("a sentence", {"indices": draw.integers(0, V, T), "vocab_size": V})
    yield Case("a batch of sentences", {"indices": draw.integers(0, V, B, T), "vocab_size": V})
    yield Case("a single index", {"indices": torch.tensor(V - 1), "vocab_size": V}, corner="the single index")
    yield Case("the last words never occur", {"indices": draw.integers(0, 2, T), "vocab_size": V})
    yield Case("a vocabulary of one word", {"indices": torch.tensor([0, 0]), "vocab_size": 1})


def embed_cases(draw: Draw) -> Iterator[Case]:
    B, T, V, d_model = draw.sizes(4, low=3)
    yield Case("tiny", {"indices": torch.tensor([2, 0, 2]), "table": tensor([1, 2], [3, 4], [5, 6])})
    yield Case("a sentence", {"indices": draw.integers(0, V, T), "table": draw.tensor(V, d_model)})
    yield Case("a batch of sentences", {"indices": draw.integers(0, V, B, T), "table": draw.tensor(V, d_model)})
    yield Case("as many features as words", {"indices": draw.integers(0, V, B, T), "table": draw.tensor(V, V)})
    single = {"indices": torch.tensor(V - 1), "table": draw.tensor(V, d_model)}
    yield Case("a single index", single, corner="the single index")
    yield Case("float32", {"indices": draw.integers(0, V, B, T), "table": draw.tensor(V, d_model, dtype=torch.float32)})


def cosine_cases(draw: Draw) -> Iterator[Case]:
    n, m, d = draw.sizes(3, low=3)
    yield Case("tiny", {"a": tensor(3, 4), "b": tensor(4, 3)})
    yield Case("pairs of rows", {"a": draw.tensor(n, d), "b": draw.tensor(n, d)})
    yield Case("one vector against many", {"a": draw.tensor(d), "b": draw.tensor(m, d)})
    yield Case("every row against every row", {"a": draw.tensor(n, 1, d), "b": draw.tensor(1, m, d)})
    yield Case("very different lengths", {"a": 1e4 * draw.tensor(n, d), "b": 1e-3 * draw.tensor(n, d)})
    yield Case("one feature", {"a": tensor([2], [2]), "b": tensor([3], [-0.5])})
    yield Case("float32", {"a": draw.tensor(n, d, dtype=torch.float32), "b": draw.tensor(n, d, dtype=torch.float32)})
    a, b = torch.tensor([[1.0, 2.0], [3.0, -1.0]]), torch.tensor([[2.0, 1.0], [1.0, 2.0]])
    yield Case("very short vectors, float32", {"a": 1e-3 * a, "b": 1e-3 * b}, corner="the very short vectors")
    # two laws make zeros of them; the case itself has none, since there the gradient is not settled
    for dtype in (torch.float64, torch.float32):
        vectors = {"a": draw.tensor(d, dtype=dtype), "b": draw.tensor(10 + m, d, dtype=dtype)}
        yield Case(f"vectors of zeros, {str(dtype).removeprefix('torch.')}", vectors, corner=ZEROS)
    a, b = draw.tensor(n, d), draw.tensor(n, d)
    a[1], b[1] = 0, 0  # where both are zeros the gradient is settled: it is 0
    yield Case("two zeros among the rows", {"a": a, "b": b}, corner="the two vectors of zeros among others")


def made_zero(case: Case, *names: str) -> Case | None:
    """The case with these vectors made zeros, where they are to be."""
    return case.changed(**{name: torch.zeros_like(case[name]) for name in names}) if case.corner == ZEROS else None


def nearest_cases(draw: Draw) -> Iterator[Case]:
    V, d = (size + 4 for size in draw.sizes(2))
    word, vectors = draw.integer(2, V - 1), draw.tensor(V, d)
    yield Case("tiny", {"word": 0, "vectors": tensor([1, 0], [0, 5], [-1, 0], [2, 1]), "k": 2})
    yield Case("random vectors", {"word": word, "vectors": vectors, "k": 3})
    yield Case("very different lengths", {"word": word, "vectors": vectors * (2 * draw.tensor(V, 1)).exp(), "k": 3})
    yield Case("the nearest alone", {"word": 0, "vectors": vectors, "k": 1})
    yield Case("all the others", {"word": V - 1, "vectors": vectors, "k": V - 1})
    away = -(vectors[word] + 0.3 * draw.tensor(V, d))
    away[word] = vectors[word]
    yield Case("all the others point away", {"word": word, "vectors": away, "k": 2})
    yield Case("float32", {"word": word, "vectors": vectors.float(), "k": 3})
    same, opposite = tensor([1, 0], [2, 0], [0, 1]), tensor([1, 0], [0, 1], [-1, 0])
    for name, word in (("first", 0), ("second", 1)):  # of two equals a search may put either in front
        case = {"word": word, "vectors": same, "k": 2}
        yield Case(f"two rows of one direction, the {name} of them", case, corner="the rows of one direction")
    yield Case("the opposite direction", {"word": 0, "vectors": opposite, "k": 2}, corner="the opposite direction")


def lookup_cases(draw: Draw) -> Iterator[Case]:
    T_q, T_k, d_k, d_v = draw.sizes(4)

    def drawn(temperature: float, dtype: torch.dtype = torch.float64, n_keys: int = T_k) -> dict:
        query, keys, values = ((T_q, d_k), (n_keys, d_k), (n_keys, d_v))
        tensors = {"query": query, "keys": keys, "values": values}
        return {name: draw.tensor(*shape, dtype=dtype) for name, shape in tensors.items()} | {
            "temperature": temperature
        }

    keys, values = tensor([2, 0], [2, 5], [-1000, 0]), tensor([10, 0, 6], [20, 4, 6], [70, 80, 90])
    yield Case("tiny", {"query": tensor([1, 0]), "keys": keys, "values": values, "temperature": 0.5})
    yield Case("cool", drawn(0.4))
    yield Case("warm", drawn(2.5))
    yield Case("very cold", drawn(1e-3), corner="the very low temperature")
    yield Case("very hot", drawn(1e3))
    yield Case("one key", drawn(0.7, n_keys=1))
    yield Case("float32", drawn(0.6, torch.float32))


def cooccurrence_cases(draw: Draw) -> Iterator[Case]:
    def case(name: str, sentences: list[list[int]], vocab_size: int, window: int, corner: str = "") -> Case:
        return Case(name, {"sentences": sentences, "vocab_size": vocab_size, "window": window}, corner=corner)

    V, *lengths = draw.sizes(5, low=4, high=9)
    many = [draw.integers(0, V, length).tolist() for length in lengths]
    yield case("tiny", [[0, 1, 2]], 3, 1)
    yield case("a window of 1", many, V, 1)
    yield case("a window of 2", many, V, 2)
    yield case("a window of 3", many, V, 3)
    yield case("two short sentences", [[0, 1], [2, 3]], 4, 2)
    yield case("the same word twice", [[1, 1, 0, 1]], 2, 2)
    yield case("a window wider than the sentences", many, V, 20)
    yield case("one word, an empty sentence, unused words", [[2], [], [0, 3]], 6, 2, corner="the empty sentence")
    yield case("no sentence", [], 3, 2, corner="the empty text")


def ppmi_cases(draw: Draw) -> Iterator[Case]:
    n, m = draw.sizes(2, low=4)
    counts = draw.integers(0, 7, n, m).double() + torch.eye(n, m, dtype=torch.float64)
    yield Case("tiny", {"counts": tensor([2, 0], [0, 2])})
    yield Case("another number of rows than of columns", {"counts": counts})
    yield Case("as many rows as columns", {"counts": draw.integers(1, 9, n, n).double()})
    yield Case("large counts", {"counts": 1e6 * draw.integers(0, 1000, n, m).double() + 1})
    yield Case("most pairs never met", {"counts": tensor([1, 0, 0, 2], [0, 1, 0, 0], [3, 0, 1, 0])})
    yield Case("a single cell", {"counts": tensor([5])})
    yield Case("float32", {"counts": counts.float()})
    empty = torch.nn.functional.pad(counts, (0, 1, 1, 0))
    yield Case("a row and a column without counts", {"counts": empty}, corner="the empty rows and columns")


def svd_cases(draw: Draw) -> Iterator[Case]:
    k, n, m = sorted(draw.sizes(3, low=2))
    yield Case("tiny", {"matrix": tensor([9, 0], [0, 4], [0, 0]), "n_features": 2})
    yield Case("more rows than columns", {"matrix": draw.tensor(m, n), "n_features": k})
    yield Case("more columns than rows", {"matrix": draw.tensor(n, m), "n_features": k})
    yield Case("as many rows as columns", {"matrix": draw.tensor(m, m), "n_features": k})
    yield Case("one feature", {"matrix": draw.tensor(n, m), "n_features": 1})
    yield Case("all features", {"matrix": draw.tensor(m, n), "n_features": n})
    symmetric = draw.tensor(m, m).abs()
    yield Case("a symmetric table", {"matrix": symmetric + symmetric.T, "n_features": k})
    centred = draw.tensor(m, n)
    yield Case("columns that sum to 0", {"matrix": centred - centred.mean(dim=0), "n_features": 2})
    yield Case("large numbers", {"matrix": 1e6 * draw.tensor(m, n), "n_features": k})
    yield Case("float32", {"matrix": draw.tensor(m, n, dtype=torch.float32), "n_features": 2})
