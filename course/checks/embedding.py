"""The exercises of lesson 03: what must hold, and the mistakes that people make."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from course import embedding
from course.checks import embedding_cases as cases
from course.checks.exercise import Case, Exercise, Law, Mistake


def close(one: Any, other: Any) -> bool:
    """Equal up to rounding in float32."""
    return np.shape(one) == np.shape(other) and np.allclose(one, other, rtol=1e-4, atol=1e-5)


ROW = "indices[..., None] == torch.arange(vocab_size)"
SEE_ROWS = "lesson 03, 'A word is a row'"

one_hot = Exercise(
    reference=embedding.one_hot,
    see=SEE_ROWS,
    cases=cases.one_hot_cases,
    laws=(
        Law("every row holds a single 1 and otherwise zeros",
            holds=lambda case, out, _: close(np.sort(out, axis=-1)[..., -1], np.ones(case["indices"].shape)) and close(out.sum(axis=-1), np.ones(case["indices"].shape))),
    ),
    mistakes=(
        Mistake("not float32", ((".float()", ".long()"),), "zeros and ones are right, but their type is not: what is to be multiplied with a table of decimals must be decimals itself, float32 as most tables are."),
        Mistake("counted from 1", (("arange(vocab_size)", "arange(1, vocab_size + 1)"),), "every 1 stands one place too far to the left, and index 0 has none: places are counted from 0."),
        Mistake("one place too far", (("indices[..., None]", "(indices[..., None] + 1)"), ("arange(vocab_size)", "arange(vocab_size + 1)")), "every 1 stands one place too far to the right, and there is a place too many: places are counted from 0."),
        Mistake("a place too many", (("arange(vocab_size)", "arange(vocab_size + 1)"),), "there is one place too many: counted from 0, the last one is vocab_size - 1."),
        Mistake("as wide as the largest index", (("arange(vocab_size)", "arange(int(indices.max()) + 1)"),), "the number of places is taken from the largest index that happens to occur; it is vocab_size, else two sentences get rows of different lengths."),
        Mistake("words in the first axis", ((ROW, "indices == torch.arange(vocab_size).reshape(-1, *[1] * indices.ndim)"),), "rows and columns are swapped: the places of the vocabulary belong on the last axis, one row for each index."),
        Mistake("inverted", ((" == ", " != "),), "zeros and ones are swapped: a single 1 is called for, at the word's own place."),
        Mistake("all places up to it", ((" == ", " >= "),), "there are ones at all places up to the index; only its own place has one, for an index is a name and not an amount."),
        Mistake("one row for all words", ((".float()", ".reshape(-1, vocab_size).any(dim=0).float()"),), "all words are marked in one and the same row; each index needs a row of its own."),
    ),
)  # fmt: skip


embed = Exercise(
    reference=embedding.embed,
    see="lesson 03, 'One-hot times table is a lookup'",
    cases=cases.embed_cases,
    gradients=True,
    laws=(
        Law("a word's vector does not depend on the words beside it",
            change=lambda case: case.changed(indices=case["indices"].flatten()[:1]),
            holds=lambda case, out, first: close(out.reshape(-1, out.shape[-1])[:1], first)),
    ),
    mistakes=(
        Mistake("columns", (("table[indices]", "table[:, indices]"),), "it takes columns of the table; a word is a row."),
        Mistake("columns turned upright", (("table[indices]", "table.T[indices]"),), "the table is transposed, so a word gets one feature of all the words; it needs all features of one word."),
        Mistake("counted from 1", (("table[indices]", "table[indices - 1]"),), "every word gets the row above its own, and word 0 the last one: rows are counted from 0."),
        Mistake("detached", (("table[indices]", "table[indices].detach()"),), "the rows are copied out of torch's sight, so the table could never learn."),
        Mistake("summed", (("table[indices]", "table[indices].reshape(-1, table.shape[-1]).sum(dim=0)"),), "the words' vectors are added up into one; every word keeps its own."),
        Mistake("averaged", (("table[indices]", "table[indices].reshape(-1, table.shape[-1]).mean(dim=0)"),), "the words' vectors are averaged into one; every word keeps its own."),
        Mistake("sentences run together", (("table[indices]", "table[indices.flatten()]"),), "all sentences are written into one long one; the shape of the indices has to stay, with the features as a last axis."),
        Mistake("scaled", (("table[indices]", "table[indices] * table.shape[-1] ** 0.5"),), "the rows are multiplied by the root of the number of features; the Transformer will do that one day, but a lookup gives the rows as they are."),
        Mistake("made length 1", (("table[indices]", "torch.nn.functional.normalize(table, dim=-1)[indices]"),), "every row is divided by its length; a lookup gives the rows as they are."),
        Mistake("float32", (("table[indices]", "table[indices].float()"),), "the result is always float32; it should have the type of the table."),
    ),
)  # fmt: skip


A_LENGTH, B_LENGTH = "a.norm(dim=-1)", "b.norm(dim=-1)"
LENGTHS = f"{A_LENGTH} * {B_LENGTH}"
SAFE = "lengths.masked_fill(lengths == 0, 1.0)"
WRONG_AXIS = "it sums along the first axis, over different vectors; the features of one vector stand on the last."

cosine_similarity = Exercise(
    reference=embedding.cosine_similarity,
    see="lesson 03, 'The angle between two vectors'",
    cases=cases.cosine_cases,
    gradients=True,
    laws=(
        Law("a vector of zeros has similarity 0 with every vector",
            change=lambda case: case.changed(a=torch.zeros_like(case["a"])), holds=lambda case, out, zero: close(zero, np.zeros_like(out))),
        Law("a vector ten times as long is as similar as before",
            change=lambda case: case.changed(a=10 * case["a"]), holds=lambda case, out, longer: close(out, longer)),
        Law("a is as similar to b as b is to a",
            change=lambda case: case.changed(a=case["b"], b=case["a"]), holds=lambda case, out, swapped: close(out, swapped)),
    ),
    mistakes=(
        Mistake("no lengths", ((f"dots / {SAFE}", "dots"),), "this is the dot product alone: without division by both lengths, long vectors look similar to everything."),
        Mistake("lengths squared", ((LENGTHS, "(a**2).sum(dim=-1) * (b**2).sum(dim=-1)"),), "it divides by the squares of the lengths; a length is the root of the sum of squares."),
        Mistake("one root for both", ((LENGTHS, f"({LENGTHS}).sqrt()"),), "one root too many has been taken of the lengths."),
        Mistake("only the length of a", ((LENGTHS, f"{A_LENGTH} + 0 * {B_LENGTH}"),), "only the length of a is divided out; the length of b still counts."),
        Mistake("only the length of b", ((LENGTHS, f"0 * {A_LENGTH} + {B_LENGTH}"),), "only the length of b is divided out; the length of a still counts."),
        Mistake("lengths added", ((LENGTHS, f"{A_LENGTH} + {B_LENGTH}"),), "it divides by the sum of the two lengths; it has to be their product."),
        Mistake("sums for lengths", ((LENGTHS, "a.abs().sum(dim=-1) * b.abs().sum(dim=-1)"),), "the lengths are sums of absolute values; the cosine needs the straight length, the root of the sum of squares."),
        Mistake("NaN for zeros", ((SAFE, "lengths"),), "a vector of zeros has length 0, and 0 / 0 is NaN, which spreads through everything computed after it."),
        *(Mistake(f"{small} added", ((SAFE, f"(lengths + {small})"),), "a small number is added to the denominator because of the zeros, but it changes every other result as well, most for short vectors.") for small in ("1e-6", "1e-8", "1e-9")),
        Mistake("over the wrong axis", (("(a * b).sum(dim=-1)", "(a * b).sum(dim=0)"), (LENGTHS, "a.norm(dim=0) * b.norm(dim=0)")), WRONG_AXIS),
        Mistake("over the wrong axis, broadcast first", (("    dots", "    a, b = torch.broadcast_tensors(a, b)\n    dots"), ("(a * b).sum(dim=-1)", "(a * b).sum(dim=0)"), (LENGTHS, "a.norm(dim=0) * b.norm(dim=0)")), WRONG_AXIS),
        Mistake("everything summed", (("(a * b).sum(dim=-1)", "(a * b).sum()"), (LENGTHS, "a.norm() * b.norm()")), "all vectors are summed into one number; without a dim, torch takes everything."),
        Mistake("the angle", ((f"return dots / {SAFE}", f"return (dots / {SAFE}).clamp(-1, 1).acos()"),), "this is the angle itself; its cosine is asked for, which is large where the angle is small."),
        Mistake("distance", ((f"return dots / {SAFE}", "return (a - b).norm(dim=-1)"),), "this is the distance between the two points: small for similar vectors, and it depends on their lengths."),
        Mistake("one minus the cosine", ((f"return dots / {SAFE}", f"return 1 - dots / {SAFE}"),), "this is 1 minus the cosine, a distance: 0 for the same direction, where 1 is asked for."),
        Mistake("sign lost", ((f"return dots / {SAFE}", f"return (dots / {SAFE}).abs()"),), "opposite directions come out as similar: the sign is lost."),
        Mistake("correlation", (("    dots", "    a, b = a - a.mean(dim=-1, keepdim=True), b - b.mean(dim=-1, keepdim=True)\n    dots"),), "the mean of each vector is subtracted first; that is the correlation, and it changes the angle."),
        Mistake("lengths detached", ((SAFE, SAFE + ".detach()"),), "the lengths are detached, so the gradient ignores that they change with the vectors."),
    ),
)  # fmt: skip


MARK = "similarities[word] = -math.inf"
TOP = "similarities.topk(k).indices"
COSINES = "cosine_similarity(vectors[word], vectors)"


def longer_word(case: Case) -> Case:
    factors = torch.where(torch.arange(len(case["vectors"])) == case["word"], 10, 1)
    return case.changed(vectors=case["vectors"] * factors[:, None])



nearest = Exercise(
    reference=embedding.nearest,
    see="lesson 03, 'Nearest neighbours'",
    cases=cases.nearest_cases,
    laws=(
        Law("the word itself is not among them", holds=lambda case, out, _: case["word"] not in out.tolist()),
        Law("a word ten times as long has the same neighbours",
            change=longer_word, holds=lambda case, out, longer: out.tolist() == longer.tolist()),
    ),
    mistakes=(
        Mistake("itself", ((MARK, "pass"),), "the word itself comes out as its own nearest neighbour: every vector has similarity 1 with itself."),
        Mistake("the farthest", ((MARK, "similarities[word] = math.inf"), ("topk(k)", "topk(k, largest=False)")), "these are the least similar words: a large cosine means near."),
        Mistake("worst first", ((TOP, TOP + ".flip(0)"),), "the right words in the wrong order: the most similar comes first."),
        Mistake("in the order of the table", ((TOP, TOP + ".sort().values"),), "the right words, but sorted by their index; the most similar comes first."),
        Mistake("similarities for words", ((".indices", ".values"),), "these are the similarities; asked for are the words that have them, their row numbers."),
        Mistake("dot product", ((COSINES, "vectors @ vectors[word]"),), "the dot product favours long vectors; the cosine compares directions alone."),
        Mistake("shortest distance", ((COSINES, "-(vectors - vectors[word]).norm(dim=-1)"),), "these are the nearest by distance, where a long vector is far from everything; the cosine compares directions alone."),
        Mistake("longest distance", ((COSINES, "(vectors - vectors[word]).norm(dim=-1)"),), "distances are sorted as if they were similarities, so the farthest come out first; and the cosine is asked for."),
        Mistake("one too many", (("topk(k)", "topk(k + 1)"),), "it returns k + 1 words: once the word itself is out, k of them are enough."),
        Mistake("one too few", (("topk(k)", "topk(k - 1)"),), "it returns k - 1 words: when the word itself is out already, none of the k may be dropped."),
        Mistake("one always", (("topk(k)", "topk(1)"),), "it returns a single word and never looks at k."),
        Mistake("itself has 0", ((MARK, "similarities[word] = 0"),), "the word itself is given the similarity 0, and where all others point away, 0 is the largest."),
        Mistake("taken out of the table", ((MARK, "similarities = torch.cat([similarities[:word], similarities[word + 1 :]])"),), "the word is cut out before the search, so every row behind it moves up by one and its number no longer fits."),
    ),
)  # fmt: skip


SCORES = "query @ keys.T / temperature"
WEIGHTS = "scores.softmax(dim=-1)"
SEE_SOFT = "lesson 03, 'Soft lookup'"

soft_lookup = Exercise(
    reference=embedding.soft_lookup,
    see=SEE_SOFT,
    cases=cases.lookup_cases,
    gradients=True,
    laws=(
        Law("where all values are equal, the answer is that value",
            change=lambda case: case.changed(values=torch.full_like(case["values"], 3.0)), holds=lambda case, out, equal: close(equal, np.full_like(out, 3.0))),
        Law("the order of the entries does not matter",
            change=lambda case: case.changed(keys=case["keys"].flip(0), values=case["values"].flip(0)), holds=lambda case, out, turned: close(out, turned)),
    ),
    mistakes=(
        Mistake("times the temperature", ((SCORES, "query @ keys.T * temperature"),), "it multiplies by the temperature, so cold and hot are swapped: a low temperature must make differences large."),
        Mistake("no temperature", ((SCORES, "query @ keys.T"),), "the temperature is never used."),
        Mistake("root of the temperature", ((SCORES, "query @ keys.T / temperature**0.5"),), "it divides by the root of the temperature; the temperature itself is asked for."),
        Mistake("temperature after the softmax", ((SCORES, "query @ keys.T"), (WEIGHTS, f"{WEIGHTS} / temperature")), "the weights are divided by the temperature, and then no longer sum to 1; it belongs inside, with the scores."),
        Mistake("queries share the weights", (("dim=-1", "dim=0"),), "the softmax runs over the queries, so they compete for each entry; each query shares out its own weight over the keys."),
        Mistake("keys for values", (("weights @ values", "weights @ keys"),), "the keys are averaged; they are for comparing only, and what is handed out is the values."),
        Mistake("the best alone", ((WEIGHTS, "torch.nn.functional.one_hot(scores.argmax(dim=-1), len(keys)).to(values.dtype)"),), "the best key takes all, which is a hard lookup; softmax leaves every entry a share."),
        Mistake("unstable", ((WEIGHTS, "scores.exp() / scores.exp().sum(dim=-1, keepdim=True)"),), "exp of a large score is infinite, and infinity divided by infinity is NaN: torch's softmax, or the largest score subtracted first, prevents it."),
        Mistake("not divided", ((WEIGHTS, "(scores - scores.amax(dim=-1, keepdim=True)).exp()"),), "the weights do not sum to 1: after exp, divide by the sum over the keys."),
        Mistake("without exp", ((WEIGHTS, "scores / scores.sum(dim=-1, keepdim=True)"),), "the scores themselves are divided by their sum; without exp, negative scores give negative weights."),
        Mistake("scores for weights", ((WEIGHTS, "scores"),), "the scores are used as weights; softmax is missing, and so nothing sums to 1."),
        Mistake("sigmoid", ((WEIGHTS, "scores.sigmoid()"),), "a sigmoid looks at each entry alone; in a lookup the entries share one weight of 1."),
        Mistake("divided by the root of d_k too", ((SCORES, "query @ keys.T / (temperature * keys.shape[-1] ** 0.5)"),), "the scores are also divided by the root of the number of features; that is lesson 04, here the temperature is all."),
        Mistake("cosine", ((SCORES, "torch.nn.functional.normalize(query, dim=-1) @ torch.nn.functional.normalize(keys, dim=-1).T / temperature"),), "the scores are cosines; here the plain dot product is asked for, and whoever wants cosines hands in vectors of length 1."),
        Mistake("weights detached", ((WEIGHTS, f"{WEIGHTS}.detach()"),), "the weights are detached, so no query and no key could ever learn."),
    ),
)  # fmt: skip


START, END = "max(0, place - window)", "min(len(sentence), place + window + 1)"
ADD = "counts[word][sentence[other]] += 1"

cooccurrence = Exercise(
    reference=embedding.cooccurrence,
    see="lesson 03, 'A word and its company'",
    cases=cases.cooccurrence_cases,
    laws=(
        Law("the table is its own transpose: whoever stands near you has you near by", holds=lambda case, out, _: close(out, out.T)),
        Law("the order of the sentences does not matter",
            change=lambda case: case.changed(sentences=case["sentences"][::-1]), holds=lambda case, out, turned: close(out, turned)),
    ),
    mistakes=(
        Mistake("itself", (("other != place", "True"),), "every place is counted as its own neighbour; only the other places in the window are."),
        Mistake("left side only", ((END, "place"),), "only the words to the left are counted; a window reaches to both sides."),
        Mistake("right side only", ((START, "place + 1"),), "only the words to the right are counted; a window reaches to both sides."),
        Mistake("across sentences", (("in sentences:", "in [[word for sentence in sentences for word in sentence]]:"),), "the window reaches over the end of a sentence into the next one; neighbours stand in the same sentence."),
        Mistake("window one too small", ((START, "max(0, place - window + 1)"), (END, "min(len(sentence), place + window)")), "the window is one place too small on both sides: a window of 1 has one neighbour on each side."),
        Mistake("right side one too small", ((END, "min(len(sentence), place + window)"),), "the right side is one place short: range ends before its second number."),
        Mistake("window one too large", ((START, "max(0, place - window - 1)"), (END, "min(len(sentence), place + window + 2)")), "the window is one place too large on both sides: a window of 1 has one neighbour on each side."),
        Mistake("whole sentences", ((START, "0"), (END, "len(sentence)")), "all words of a sentence are counted as neighbours; the window is never used."),
        Mistake("around the corner", ((START, "place - window"),), "at the beginning of a sentence the window comes out at its end: a negative index counts from the back."),
        Mistake("the same word left out", (("other != place", "sentence[other] != word"),), "a second occurrence of the same word is left out; it is another place, so it is a neighbour like any other."),
        Mistake("whether, not how often", (("] += 1", "] = 1"),), "it notes whether two words ever met; asked for is how often."),
        Mistake("counted twice", (("] += 1", "] += 1\n                    counts[sentence[other]][word] += 1"),), "each pair is counted from both ends and entered at both, so every count is doubled."),
        Mistake("near ones count more", (("] += 1", "] += 1 / abs(other - place)"),), "near neighbours are given more weight than far ones, as GloVe does it; here each counts 1."),
        Mistake("one row shared", (("[[0.0] * vocab_size for _ in range(vocab_size)]", "[[0.0] * vocab_size] * vocab_size"),), "[[0.0] * n] * n holds the very same row n times, so writing to one word's row writes to all."),
        Mistake("whole numbers", (("[[0.0]", "[[0]"), ("torch.tensor(counts)", "torch.tensor(counts, dtype=torch.long)")), "the counts are whole numbers in the table's type; what follows divides them and needs decimals, float32."),
    ),
)  # fmt: skip


BY_CHANCE = "counts.sum(dim=1, keepdim=True) * counts.sum(dim=0, keepdim=True) / counts.sum()"
RATIOS = "torch.where(counts > 0, counts / by_chance, 1.0)"
LOGS = "ratios.log().clamp(min=0)"


ppmi = Exercise(
    reference=embedding.ppmi,
    see="lesson 03, 'More often than by chance'",
    cases=cases.ppmi_cases,
    laws=(
        Law("no value is negative", holds=lambda case, out, _: bool((out >= 0).all())),
        Law("twice as much text with the same habits changes nothing",
            change=lambda case: case.changed(counts=2 * case["counts"]), holds=lambda case, out, twice: close(out, twice)),
        Law("rows and columns play the same part: a transposed table gives the transposed result",
            change=lambda case: case.changed(counts=case["counts"].T), holds=lambda case, out, turned: close(out.T, turned)),
    ),
    mistakes=(
        Mistake("negative values kept", ((LOGS, "ratios.log()"),), "pairs that meet less often than by chance come out negative; the positive part is asked for, so they become 0."),
        Mistake("minus infinity", ((RATIOS, "counts / by_chance"), (LOGS, "ratios.log()")), "the log of 0 is minus infinity, and 0 / 0 is NaN; two that never met get 0, and so does whatever is negative."),
        Mistake("NaN in empty rows", ((RATIOS, "counts / by_chance"),), "a word without any neighbour gives 0 / 0, which is NaN; where the count is 0 the result is 0."),
        Mistake("base 2", ((".log()", ".log2()"),), "this is the logarithm to base 2; the natural one is asked for."),
        Mistake("base 10", ((".log()", ".log10()"),), "this is the logarithm to base 10; the natural one is asked for."),
        Mistake("no logarithm", ((LOGS, "torch.where(counts > 0, ratios, 0.0)"),), "this is how many times as often as by chance; its logarithm is asked for."),
        Mistake("the total forgotten", ((" / counts.sum()", ""),), "everything comes out as 0, because each count is divided by something far larger than chance would give: row sum times column sum is no count yet, it has to be divided by the sum of all counts."),
        Mistake("row sums twice", (("counts.sum(dim=0, keepdim=True)", "counts.sum(dim=1, keepdim=True)"),), "the row sum is used twice; one factor is how frequent the word is, the other how frequent the neighbour is."),
        Mistake("rows and columns swapped", (("counts.sum(dim=1, keepdim=True)", "counts.sum(dim=1)"), ("counts.sum(dim=0, keepdim=True)", "counts.sum(dim=0)[:, None]")), "the sums of the rows lie along the columns and those of the columns along the rows: each count needs the sum of its own row and of its own column."),
        Mistake("means for sums", ((BY_CHANCE, "counts.mean(dim=1, keepdim=True) * counts.mean(dim=0, keepdim=True) / counts.sum()"),), "the row and the column are averaged where they have to be summed."),
        Mistake("sign lost", (("clamp(min=0)", "abs()"),), "what is rarer than by chance comes out as positive: the sign is lost, where the value should be 0."),
        Mistake("one added", ((RATIOS, "torch.where(counts > 0, counts / by_chance + 1, 1.0)"),), "1 is added inside the logarithm, so that nothing gets negative; but what is as frequent as by chance must come out as 0."),
        Mistake("one added to every count", (("    by_chance", "    counts = counts + 1\n    by_chance"),), "1 is added to every count, so even pairs that never met count as having met."),
        Mistake("weighted by the count", ((LOGS, f"{LOGS} * counts / counts.sum()"),), "each value is multiplied by its share of all counts; those are the terms of the mutual information of the whole table."),
    ),
)  # fmt: skip


SVD = "left, sizes, _ = torch.linalg.svd(matrix, full_matrices=False)"
ROOTS = "sizes[:n_features].sqrt()"
SIGNED = "vectors * farthest.sign()"

svd_embedding = Exercise(
    reference=embedding.svd_embedding,
    see="lesson 03, 'Four hundred numbers become thirty-two'",
    cases=cases.svd_cases,
    laws=(
        Law("the columns are at right angles to each other",
            holds=lambda case, out, _: close(gram := out.T @ out / np.square(out).sum(), np.diag(np.diag(gram)))),
        Law("in each column, the number farthest from 0 is positive",
            holds=lambda case, out, _: bool((out.max(axis=0) >= -out.min(axis=0) - 1e-5).all())),
    ),
    mistakes=(
        Mistake("singular values in full", ((ROOTS, "sizes[:n_features]"),), "the singular values are multiplied in full; their roots are asked for, else the few largest drown the rest."),
        Mistake("no singular values", ((f" * {ROOTS}", ""),), "the singular values are missing, so the last feature counts as much as the first."),
        Mistake("singular values squared", ((ROOTS, "sizes[:n_features] ** 2"),), "the singular values are squared; their roots are asked for."),
        Mistake("divided by the singular values", ((f" * {ROOTS}", f" / {ROOTS}"),), "it divides by the roots of the singular values, so the features that matter least become the largest."),
        Mistake("right side", ((SVD, "_, sizes, right = torch.linalg.svd(matrix, full_matrices=False)\n    left = right.T"),), "these are the right singular vectors: they describe the columns of the matrix, and the words are its rows."),
        Mistake("right side as torch returns it", ((SVD, "_, sizes, left = torch.linalg.svd(matrix, full_matrices=False)"),), "the third thing that torch returns is taken; it describes the columns of the matrix, transposed besides."),
        Mistake("the smallest", ((SVD, f"{SVD}\n    left, sizes = left.flip(1), sizes.flip(0)"),), "the smallest singular values are kept, which hold the least of the matrix; the largest ones come first."),
        Mistake("all features", (("left[:, :n_features]", "left"), (ROOTS, "sizes.sqrt()")), "all features are returned and n_features is never used."),
        Mistake("one feature too few", ((SVD, f"{SVD}\n    n_features = max(1, n_features - 1)"),), "there is one feature too few."),
        Mistake("rows cut off", (("left[:, :n_features]", "left[:n_features, :n_features]"),), "words have been cut off: every row of the matrix gets a vector, only the features become fewer."),
        Mistake("signs left as they came", ((SIGNED, "vectors"),), "the values are right up to sign, but the signs are left as the SVD gave them; the rule is that in each column the number farthest from 0 is positive."),
        Mistake("signs the other way", ((SIGNED, "-vectors * farthest.sign()"),), "the signs follow the rule the wrong way round: in each column the number farthest from 0 is to be positive."),
        Mistake("all signs removed", ((SIGNED, "vectors.abs()"),), "every number is made positive one by one; a column is turned as a whole or not at all."),
        Mistake("signs from the largest number", ((".abs().argmax", ".argmax"),), "the sign is taken from the largest number of each column, which is nearly always positive already; the one farthest from 0 decides."),
        Mistake("signs row by row", (("vectors.gather(0, vectors.abs().argmax(dim=0, keepdim=True))", "vectors.gather(1, vectors.abs().argmax(dim=1, keepdim=True))"),), "whole rows are turned; the free signs belong to the columns, and turning a row changes the word."),
        Mistake("centred", (("svd(matrix,", "svd(matrix - matrix.mean(dim=0),"),), "the mean of each column is subtracted first; that is a principal component analysis, and the matrix itself is asked for."),
    ),
)  # fmt: skip
