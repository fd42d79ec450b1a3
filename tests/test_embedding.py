"""The functions of lesson 03 against torch, SciPy, and numbers worked out by hand."""

import math

import numpy as np
import pytest
import scipy.sparse.linalg
import torch
from torch import nn
from torch.nn import functional as F

from course.embedding import cooccurrence, cosine_similarity, embed, nearest, one_hot, ppmi, soft_lookup, svd_embedding
from tests.parity import draw

DTYPES = pytest.mark.parametrize("dtype", [torch.float64, torch.float32])


def indices(*shape: int, high: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(high, shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(), (5,), (3, 5), (2, 3, 4), (0,)])
def test_one_hot_equals_torchs(shape: tuple[int, ...]) -> None:
    given = indices(*shape, high=7)
    ours, theirs = one_hot(given, 7), F.one_hot(given, 7)
    assert ours.dtype == torch.float32
    assert torch.equal(ours, theirs.float())


@DTYPES
@pytest.mark.parametrize("shape", [(), (5,), (3, 5)])
def test_embed_equals_torchs_layer_forward_and_backward(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    given, table = indices(*shape, high=7), draw(7, 4, dtype=dtype)
    mine, layer = table.clone().requires_grad_(), nn.Embedding.from_pretrained(table, freeze=False)
    ours, theirs = embed(given, mine), layer(given)
    assert torch.equal(ours, theirs)
    weights = draw(*ours.shape, seed=1, dtype=dtype)
    (ours * weights).sum().backward(), (theirs * weights).sum().backward()
    assert torch.equal(mine.grad, layer.weight.grad)


def test_embed_is_one_hot_times_table_with_the_same_gradient() -> None:
    given, table = indices(3, 5, high=7), draw(7, 4).requires_grad_()
    ours, theirs = embed(given, table), one_hot(given, 7).double() @ table
    assert torch.equal(ours, theirs)
    weights = draw(3, 5, 4, seed=1)
    one, other = (torch.autograd.grad((out * weights).sum(), table)[0] for out in (ours, theirs))
    assert torch.allclose(one, other, rtol=1e-12, atol=1e-14)


@DTYPES
@pytest.mark.parametrize("shapes", [((5,), (5,)), ((5,), (6, 5)), ((4, 1, 5), (1, 6, 5)), ((3, 4, 5), (4, 5))])
def test_cosine_equals_torchs_forward_and_backward(shapes: tuple, dtype: torch.dtype) -> None:
    a, b = (draw(*shape, seed=seed, dtype=dtype).requires_grad_() for seed, shape in enumerate(shapes))
    ours, theirs = cosine_similarity(a, b), F.cosine_similarity(a, b, dim=-1)
    rtol = 1e-12 if dtype == torch.float64 else 1e-5
    assert torch.allclose(ours, theirs, rtol=rtol, atol=rtol)
    weights = draw(*ours.shape, seed=2, dtype=dtype)
    for mine, other in zip(
        *(torch.autograd.grad((out * weights).sum(), (a, b)) for out in (ours, theirs)), strict=True
    ):
        assert torch.allclose(mine, other, rtol=rtol, atol=rtol)


def test_cosine_with_zeros_is_zero_and_its_gradient_finite() -> None:
    a = torch.zeros(2, 3, requires_grad=True)
    out = cosine_similarity(a, torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]))
    out.sum().backward()
    assert out.tolist() == [0, 0]
    assert a.grad.isfinite().all()


def test_cosine_by_hand() -> None:
    a = torch.tensor([[3.0, 4.0], [1.0, 0.0], [2.0, 2.0], [1.0, 1.0]])
    b = torch.tensor([[4.0, 3.0], [0.0, 5.0], [-3.0, -3.0], [1.0, 0.0]])
    assert torch.allclose(cosine_similarity(a, b), torch.tensor([0.96, 0.0, -1.0, math.sqrt(0.5)]))


@pytest.mark.parametrize("k", [1, 3, 11])
def test_nearest_is_the_sorted_list_without_the_word(k: int) -> None:
    vectors = draw(12, 5)
    for word in range(12):
        similarities = F.cosine_similarity(vectors[word], vectors, dim=-1).numpy()
        theirs = [one for one in np.argsort(-similarities) if one != word][:k]
        assert nearest(word, vectors, k).tolist() == theirs


def test_nearest_leaves_the_vectors_as_they_are() -> None:
    vectors = draw(6, 3)
    kept = vectors.clone()
    nearest(2, vectors, 2)
    assert torch.equal(vectors, kept)


@DTYPES
@pytest.mark.parametrize("temperature", [0.05, 1.0, 30.0])
def test_soft_lookup_equals_torchs_attention_forward_and_backward(temperature: float, dtype: torch.dtype) -> None:
    query, keys, values = draw(3, 4, dtype=dtype), draw(5, 4, seed=1, dtype=dtype), draw(5, 6, seed=2, dtype=dtype)
    leaves = [one.requires_grad_() for one in (query, keys, values)]
    ours = soft_lookup(query, keys, values, temperature)
    theirs = F.scaled_dot_product_attention(query[None], keys[None], values[None], scale=1 / temperature)[0]
    tolerance = {"rtol": 1e-9, "atol": 1e-10} if dtype == torch.float64 else {"rtol": 1e-3, "atol": 1e-4}
    assert torch.allclose(ours, theirs, **tolerance)
    weights = draw(3, 6, seed=3, dtype=dtype)
    for mine, other in zip(
        *(torch.autograd.grad((out * weights).sum(), leaves) for out in (ours, theirs)), strict=True
    ):
        assert torch.allclose(mine, other, **tolerance)


def test_soft_lookup_ends_in_the_dictionary_and_in_the_mean() -> None:
    query, keys, values = draw(3, 4), draw(5, 4, seed=1), draw(5, 6, seed=2)
    assert torch.equal(soft_lookup(query, keys, values, 1e-6), values[(query @ keys.T).argmax(dim=-1)])
    assert torch.allclose(soft_lookup(query, keys, values, 1e9), values.mean(dim=0).expand(3, -1))


def test_cooccurrence_by_hand() -> None:
    sentences = [[0, 1, 2, 1], [2], [], [0, 3]]
    assert cooccurrence(sentences, 4, window=1).tolist() == [[0, 1, 0, 1], [1, 0, 2, 0], [0, 2, 0, 0], [1, 0, 0, 0]]
    assert cooccurrence(sentences, 4, window=2)[1].tolist() == [1, 2, 2, 0]
    assert cooccurrence([], 3, window=2).tolist() == [[0, 0, 0]] * 3


@pytest.mark.parametrize("window", [1, 2, 3, 100])
def test_cooccurrence_equals_one_hot_rows_times_a_band(window: int) -> None:
    sentences = [indices(length, high=6, seed=length).tolist() for length in (1, 4, 9, 12)]
    theirs = torch.zeros(6, 6)
    for sentence in sentences:
        rows, places = F.one_hot(torch.tensor(sentence), 6).float(), torch.arange(len(sentence))
        apart = (places[:, None] - places).abs()
        theirs += rows.T @ ((apart > 0) & (apart <= window)).float() @ rows
    assert torch.equal(cooccurrence(sentences, 6, window), theirs)


def test_ppmi_by_hand() -> None:
    counts = torch.tensor([[2.0, 0.0], [0.0, 2.0]])
    assert torch.allclose(ppmi(counts), math.log(2) * torch.eye(2))
    assert torch.equal(ppmi(torch.outer(torch.tensor([1.0, 2.0]), torch.tensor([4.0, 8.0]))), torch.zeros(2, 2))


def test_ppmi_sums_up_to_the_mutual_information_where_nothing_is_cut_off() -> None:
    """Weighted by the joint probabilities, PMI is the mutual information, which SciPy's entropies give as well."""
    counts = indices(5, 7, high=20).double() + 30 * torch.eye(5, 7, dtype=torch.float64) + 1
    joint = counts / counts.sum()
    entropy = [scipy.stats.entropy(one.flatten().numpy()) for one in (joint.sum(0), joint.sum(1), joint)]
    by_chance = torch.outer(joint.sum(1), joint.sum(0))
    cut_off = (joint * (joint / by_chance).log()).clamp(max=0).sum()
    assert (joint * ppmi(counts)).sum() + cut_off == pytest.approx(entropy[0] + entropy[1] - entropy[2], rel=1e-12)


def test_ppmi_has_no_nan_for_empty_rows_and_no_negative_value() -> None:
    counts = F.pad(indices(4, 6, high=3).double(), (1, 0, 0, 1))
    out = ppmi(counts)
    assert out.isfinite().all()
    assert (out >= 0).all()
    assert (out[counts == 0] == 0).all()
    assert ppmi(torch.zeros(2, 3)).tolist() == [[0, 0, 0]] * 2


@pytest.mark.parametrize(("n", "m", "k"), [(9, 6, 3), (6, 9, 3), (8, 8, 1), (8, 8, 6)])
def test_svd_embedding_equals_scipys_sparse_one_up_to_sign(n: int, m: int, k: int) -> None:
    matrix = draw(n, m)
    left, sizes, _ = scipy.sparse.linalg.svds(matrix.numpy(), k=k, random_state=np.random.default_rng(0))
    order = np.argsort(-sizes)
    ours, theirs = svd_embedding(matrix, k).numpy(), left[:, order] * np.sqrt(sizes[order])
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(ours @ ours.T, theirs @ theirs.T, rtol=1e-8, atol=1e-10)


def test_svd_embedding_keeps_its_rule_for_signs() -> None:
    for seed in range(20):
        out = svd_embedding(draw(7, 5, seed=seed), 4)
        assert (out.max(dim=0).values == out.abs().max(dim=0).values).all()
        assert torch.allclose(svd_embedding(-draw(7, 5, seed=seed), 4), out), (
            "the matrix turned round has the same left side"
        )


def test_svd_embeddings_of_both_sides_give_the_best_matrix_of_their_rank() -> None:
    matrix = draw(8, 6)
    left, sizes, right = torch.linalg.svd(matrix, full_matrices=False)
    words, neighbours = svd_embedding(matrix, 2), svd_embedding(matrix.T, 2)
    signs = (words * left[:, :2]).sum(dim=0).sign() * (neighbours * right[:2].T).sum(dim=0).sign()
    best = (left[:, :2] * sizes[:2]) @ right[:2]
    assert torch.allclose(words * signs @ neighbours.T, best, atol=1e-10)
