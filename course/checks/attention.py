"""The exercises of lesson 04: the laws they obey, and the mistakes that people make."""

from __future__ import annotations

import numpy as np
import torch

from course import attention
from course.checks.attention_cases import (
    attention_cases,
    causal_cases,
    close,
    keys_reversed,
    layer_cases,
    one_query_cases,
    other_future,
    other_padding,
    padding_cases,
    past_unchanged,
    permuted,
    positions_reversed,
    row_sums,
    score_cases,
    softmax_cases,
)
from course.checks.exercise import Exercise, Law, Mistake

attention_for_one_query = Exercise(
    reference=attention.attention_for_one_query,
    see="lesson 04, 'One query, worked by hand'",
    cases=one_query_cases,
    gradients=True,
    laws=(
        Law(
            "the weights sum to one, so that values raised by 3 give an answer raised by 3",
            holds=lambda case, out, raised: close(out + 3, raised),
            change=lambda case: case.changed(values=case["values"] + 3),
        ),
        Law(
            "keys and values put in another order, together, give the same answer",
            holds=lambda case, out, other: close(out, other),
            change=lambda case: permuted(case, "keys", "values", axis=0),
        ),
    ),
    mistakes=(
        Mistake("not scaled", ((" / math.sqrt(d_k)", ""),), "the scores are not divided by the square root of d_k, so the weights are sharper than they should be."),
        Mistake("divided by d_k", (("math.sqrt(d_k)", "d_k"),), "the scores are divided by d_k itself, not by its square root, so the weights are too even."),
        Mistake("multiplied", (("/ math.sqrt(d_k)", "* math.sqrt(d_k)"),), "the scores are multiplied by the square root of d_k where they must be divided by it."),
        Mistake("scaled by the number of keys", (("math.sqrt(d_k)", "math.sqrt(len(keys))"),), "the scale is taken from the number of keys, but it belongs to the length of the query."),
        Mistake("scaled by d_v", (("math.sqrt(d_k)", "math.sqrt(values.shape[-1])"),), "the scale is taken from the length of the values, but a score is a sum over the d_k numbers of query and key."),
        Mistake("not normalised", (("exp / total * value", "exp * value"),), "the exponentials are not divided by their sum, so the weights do not sum to one."),
        Mistake("without exp", (("torch.exp(score - largest)", "score"),), "the scores are divided by their sum without exp first, so a weight can be negative or far above one."),
        Mistake("best key only", (("torch.exp(score - largest)", "(score == largest).to(score.dtype)"),), "only the best key is read, as in a dictionary; attention reads every value, each with its weight."),
        Mistake("overflow", (("score - largest", "score"),), "exp of a large score is infinite, and infinity over infinity is NaN: subtract the same number from all scores first."),
        Mistake("keys for values", (("exp / total * value for exp, value in zip(exps, values", "exp / total * key for exp, key in zip(exps, keys"),), "the average is taken over the keys, but what is read is the values."),
        Mistake("leaves torch", (("torch.exp(score - largest)", "math.exp(score - largest)"),), "a score becomes a plain Python number on the way (math.exp, float, .item(), torch.tensor), and there the gradient is lost: query and keys could never learn."),
    ),
)  # fmt: skip


PRODUCT = "query @ key.transpose(-2, -1)"

attention_scores = Exercise(
    reference=attention.attention_scores,
    see="lesson 04, 'All queries at once'",
    cases=score_cases,
    gradients=True,
    laws=(
        Law(
            "twice the query gives twice the scores",
            holds=lambda case, out, doubled: close(2 * out, doubled),
            change=lambda case: case.changed(query=2 * case["query"]),
        ),
        Law(
            "keys in another order give columns in that order",
            holds=lambda case, out, other: close(out[..., ::-1], other),
            change=lambda case: permuted(case, "key", axis=-2),
        ),
    ),
    mistakes=(
        Mistake("not scaled", ((" / math.sqrt(d_k)", ""),), "the scores are not divided by the square root of d_k: they grow with d_k and saturate the softmax."),
        Mistake("divided by d_k", (("math.sqrt(d_k)", "d_k"),), "the scores are divided by d_k itself, not by its square root: all weights come out nearly equal."),
        Mistake("multiplied", (("/ math.sqrt(d_k)", "* math.sqrt(d_k)"),), "the scores are multiplied by the square root of d_k where they must be divided by it."),
        Mistake("scaled by T_k", (("math.sqrt(d_k)", "math.sqrt(key.shape[-2])"),), "the scale is taken from the number of keys; a score is a sum over d_k products, and it is d_k that makes it grow."),
        Mistake("scaled by T_q", (("math.sqrt(d_k)", "math.sqrt(query.shape[-2])"),), "the scale is taken from the number of queries; a score is a sum over d_k products, and it is d_k that makes it grow."),
        Mistake("rows and columns exchanged", ((PRODUCT, "key @ query.transpose(-2, -1)"),), "rows and columns are exchanged: each row must belong to a query, each column to a key."),
        Mistake("queries against queries", ((PRODUCT, "query @ query.transpose(-2, -1)"),), "the queries are compared with themselves; the keys are never used."),
        Mistake("key not transposed", ((PRODUCT, "query @ key"),), "the key is not transposed: it fits by luck where T_k = d_k, but then numbers are paired that do not belong together."),
        Mistake("all axes reversed", ((PRODUCT, "query @ key.permute(*reversed(range(key.ndim)))"),), "`.T` reverses all the axes, batch and heads too: only the last two are to be exchanged."),
        Mistake("cosine", ((PRODUCT, "nn.functional.normalize(query, dim=-1) @ nn.functional.normalize(key, dim=-1).transpose(-2, -1)"),), "this is the cosine, in which lengths do not count; attention takes the plain dot product, so that a query can ask loudly or softly."),
        Mistake("softmax already", (("return query @ key.transpose(-2, -1) / math.sqrt(d_k)", "return (query @ key.transpose(-2, -1) / math.sqrt(d_k)).softmax(dim=-1)"),), "these are weights already: the softmax is the next exercise, after the mask has had its turn."),
    ),
)  # fmt: skip


BLOCK = "scores.masked_fill(~mask, -math.inf)"
BLOCKED = f"scores = {BLOCK}"
TORCHS = "scores.softmax(dim=-1)"
CAREFUL_ON_AXIS_1 = """empty = (scores == -math.inf).all(dim=-1, keepdim=True)
    return scores.masked_fill(empty, 0.0).softmax(dim=1).masked_fill(empty, 0.0)"""
WHOLE_LARGEST = (".amax(dim=-1, keepdim=True)", ".amax()")
NO_CARE = ((".clamp(min=lowest)", ""), (".clamp(min=1.0)", ""))


def then(answer: str) -> tuple[str, str]:
    """The patch that goes on with torch's softmax once the scores are masked, as most learners do."""
    return "    lowest =", f"    {answer}\n    lowest ="


AXIS = "the softmax runs over the queries: each row, the weights of one query, must sum to one, not each column."
INVERTED = "the mask is read the wrong way round: True means that this key may be attended to."
AFTER = "the weights are cut after the softmax, so the blocked scores still stand in its denominator: the rows no longer sum to one, and what is blocked leaks out."
AGAIN = "the mask comes too late (after the softmax, with the rows normalised again, or after the row's largest score was taken): where a blocked score was by far the largest, nothing is left but 0 / 0."
FROM_THE_FRONT = "axis 1 is the keys only for a single matrix; with batch and heads in front, count the axis from the end."
WHOLE = "one largest score is taken from the whole tensor: in a row that lies far below it every exponential is 0, and no weight is left; each row needs its own."

masked_softmax = Exercise(
    reference=attention.masked_softmax,
    see="lesson 04, 'Blocked keys'",
    cases=softmax_cases,
    gradients=True,
    laws=(
        Law("a row of weights sums to one, an empty row to zero", holds=lambda case, out, _: close(out.sum(-1), row_sums(case).astype(out.dtype))),
        Law(
            "the same number added to all scores changes nothing",
            holds=lambda case, out, shifted: close(out, shifted),
            change=lambda case: case.changed(scores=case["scores"] + 5),
        ),
        Law(
            "a blocked score has no influence, whatever it is",
            holds=lambda case, out, other: close(out, other),
            change=lambda case: case.changed(scores=torch.where(case["mask"], case["scores"], 7.0)) if "mask" in case.inputs else None,
        ),
    ),
    mistakes=(
        Mistake("softmax over the queries", (then("return scores.softmax(dim=-2)"),), AXIS),
        Mistake("softmax over the queries, NaN removed", (then("return scores.softmax(dim=-2).nan_to_num(0.0)"),), AXIS),
        Mistake("axis counted from the front", (then(CAREFUL_ON_AXIS_1),), FROM_THE_FRONT),
        Mistake("axis counted from the front, NaN removed", ((".amax(dim=-1", ".amax(dim=1"), (".sum(dim=-1", ".sum(dim=1")), FROM_THE_FRONT),
        Mistake("mask ignored", (("if mask is not None:", "if False:"),), "the mask changes nothing: either it is never used, or the new tensor that masked_fill returns is thrown away."),
        Mistake("mask inverted", (("~mask", "mask"),), INVERTED),
        Mistake("mask inverted, NaN left", (("~mask", "mask"), then(f"return {TORCHS}")), INVERTED),
        Mistake("empty row gives NaN", (then(f"return {TORCHS}"),), "a row of -inf alone gives 0 / 0 = NaN, as -inf minus -inf does; one NaN poisons every number that it meets, so such a row must be zero."),
        Mistake("empty row gives equal weights", (("-math.inf", "-1e9"),), "a row without a single open key gets equal weights for all the blocked ones: a large negative number is not minus infinity."),
        Mistake("large number subtracted", ((BLOCK, "scores - 1e9 * ~mask"),), "in a row without an open key all scores are lowered alike, and a common shift changes nothing: it attends as if there were no mask."),
        Mistake("mask after the softmax", ((BLOCKED, f"return {TORCHS}.masked_fill(~mask, 0.0)"),), AFTER),
        Mistake("normalised again", ((BLOCKED, f"weights = {TORCHS} * mask\n        return weights / weights.sum(dim=-1, keepdim=True)"),), AGAIN),
        Mistake("normalised again, NaN avoided", ((BLOCKED, f"weights = {TORCHS} * mask\n        return weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-9)"),), AGAIN),
        Mistake("scores multiplied by the mask", ((BLOCK, "scores * mask"),), "a blocked score becomes 0, and exp(0) = 1 is a weight like any other: 0 is not minus infinity."),
        Mistake("mask added as 0 and 1", ((BLOCK, "scores + mask"),), "adding the mask raises the open scores by 1; the blocked ones are lowered a little, not removed."),
        Mistake("gradient of an empty row is NaN", ((BLOCK, "scores + torch.zeros_like(scores).masked_fill(~mask, -math.inf)"), then(f"return {TORCHS}.nan_to_num(0.0)")), "the NaN of an empty row is painted over in the result, but the gradient runs back through it and is NaN: the first training step would ruin every weight."),
        Mistake("overflow", (("scores - largest", "scores"), ("clamp(min=1.0)", "clamp(min=torch.finfo(scores.dtype).tiny)")), "exp of a large score is infinite, and infinity over infinity is NaN: subtract the row's largest score first, or let torch's softmax do so."),
        Mistake("largest of the blocked keys too", (("if mask is not None:", "everything = scores\n    if mask is not None:"), ("scores.detach()", "everything.detach()")), "the largest score is taken from the blocked keys too: where one of them has it, no open key contributes exp(0) = 1, and the row no longer sums to one."),
        Mistake("one largest for all rows", (WHOLE_LARGEST,), WHOLE),
        Mistake("one largest for all rows, NaN left", (WHOLE_LARGEST, *NO_CARE), WHOLE),
    ),
)  # fmt: skip


SCORES, ROW_SUM = "attention_scores(query, key)", "masked_softmax(attention_scores(query, key), mask)"
MASKED_BY_HAND = "({scores} if mask is None else {scores}.masked_fill(~mask, {low})).softmax(dim={axis})"
by_hand = {"scores": SCORES, "low": "-math.inf", "axis": -1}

scaled_dot_product_attention = Exercise(
    reference=attention.scaled_dot_product_attention,
    see="lesson 04, 'The whole formula'",
    cases=attention_cases,
    gradients=True,
    laws=(
        Law(
            "keys and values (and the mask's columns) put in another order, together, give the same output",
            holds=lambda case, out, other: close(out, other),
            change=keys_reversed,
        ),
        Law(
            "a key that no query may attend to has no influence, nor has its value",
            holds=lambda case, out, other: close(out, other),
            change=other_padding,
        ),
        Law(
            "no output depends on a later position when the mask is causal",
            holds=past_unchanged,
            change=lambda case: other_future(case, "key", "value"),
        ),
    ),
    mistakes=(
        Mistake("not scaled", ((SCORES, PRODUCT),), "the scores are not divided by the square root of d_k: the softmax saturates and the gradient dies as d_k grows."),
        Mistake("divided by d_k", ((SCORES, f"{PRODUCT} / query.shape[-1]"),), "the scores are divided by d_k, not by its square root: directly, or by scaling once more what attention_scores has scaled already."),
        Mistake("multiplied", ((SCORES, f"{PRODUCT} * math.sqrt(query.shape[-1])"),), "the scores are multiplied by the square root of d_k where they must be divided by it."),
        Mistake("scaled by d_v", ((SCORES, f"{PRODUCT} / math.sqrt(value.shape[-1])"),), "the scale is taken from the values; a score is a sum over the d_k numbers of query and key."),
        Mistake("scaled by T_k", ((SCORES, f"{PRODUCT} / math.sqrt(key.shape[-2])"),), "the scale is taken from the number of keys; a score is a sum over the d_k numbers of query and key."),
        Mistake("softmax over the queries", ((ROW_SUM, MASKED_BY_HAND.format(**by_hand | {"axis": -2})),), AXIS),
        Mistake("mask ignored", (("key), mask)", "key))"),), "the mask is never used: padding and the future are read like everything else."),
        Mistake("mask inverted", (("key), mask)", "key), None if mask is None else ~mask)"),), INVERTED),
        Mistake("mask after the softmax", ((ROW_SUM, f"masked_softmax({SCORES}) * (1.0 if mask is None else mask)"),), AFTER),
        Mistake("empty row gives NaN", ((ROW_SUM, MASKED_BY_HAND.format(**by_hand)),), "a query that may attend to nothing gives 0 / 0 = NaN; its output must be zero."),
        Mistake("empty row gives the mean", ((ROW_SUM, MASKED_BY_HAND.format(**by_hand | {"low": "-1e9"})),), "a query that may attend to nothing reads the mean of all blocked values: a large negative number is not minus infinity."),
        Mistake("mask added as 0 and 1", ((ROW_SUM, f"masked_softmax({SCORES} + (0 if mask is None else mask))"),), "adding the mask raises the open scores by 1; the blocked ones are lowered a little, not removed."),
        Mistake("keys for values", (("weights @ value", "weights @ key"),), "the average is taken over the keys, but what is read is the values."),
        Mistake("queries against queries", ((SCORES, "attention_scores(query, query)"),), "the queries are compared with themselves; the keys are never used."),
        Mistake("query and key exchanged", ((SCORES, "attention_scores(key, query)"),), "query and key are exchanged: each row of weights must belong to a query."),
        Mistake("weights returned", (("return weights @ value", "return weights"),), "these are the weights; the output is the values averaged with them."),
        Mistake("values returned", (("return weights @ value", "return value"),), "the values come out as they went in: the weights are never used."),
        Mistake("weights detached", (("weights @ value", "weights.detach() @ value"),), "the weights are cut off from the gradient, so query and key can never learn."),
    ),
)  # fmt: skip


causal_mask = Exercise(
    reference=attention.causal_mask,
    see="lesson 04, 'Not into the future'",
    cases=causal_cases,
    laws=(
        Law("row t has t + 1 open keys, when rows are counted from 0", holds=lambda case, out, _: (out.sum(-1) == np.arange(1, len(out) + 1)).all()),
        Law("every position may attend to itself", holds=lambda case, out, _: out.diagonal().all()),
    ),
    mistakes=(
        Mistake("itself forbidden", ((".tril()", ".tril(-1)"),), "no position may attend to itself, and the first may attend to nothing at all; only later positions are to be blocked."),
        Mistake("next allowed", ((".tril()", ".tril(1)"),), "every position sees the next one: this mask hands a language model the very token it is to predict."),
        Mistake("turned round", ((".tril()", ".triu()"),), "this is the mirror image: each position sees itself and the future, and never the past."),
        Mistake("True for blocked", ((".tril()", ".triu(1)"),), "True stands where the future is; in this course True means may attend, in some libraries it means blocked."),
        Mistake("everything allowed", ((".tril()", ""),), "nothing is blocked: every position sees the whole future."),
        Mistake("only itself", (("torch.ones(n_positions, n_positions, dtype=torch.bool).tril()", "torch.eye(n_positions, dtype=torch.bool)"),), "each position sees itself alone; all earlier ones are to be open too."),
        Mistake("to be added", (("torch.ones(n_positions, n_positions, dtype=torch.bool).tril()", "torch.full((n_positions, n_positions), -math.inf).triu(1)"),), "this is a mask to be added to the scores, 0 and -inf, as some libraries want it; here a mask is boolean, True = may attend."),
    ),
)  # fmt: skip


WORDS = "(tokens != pad)"

padding_mask = Exercise(
    reference=attention.padding_mask,
    see="lesson 04, 'Not into the padding'",
    cases=padding_cases,
    laws=(
        Law("as many are open as there are words", holds=lambda case, out, _: out.sum() == (case["tokens"] != case.inputs.get("pad", 0)).sum().item()),
        Law(
            "which word it is makes no difference",
            holds=lambda case, out, other: (out == other).all(),
            change=lambda case: case.changed(tokens=torch.where(case["tokens"] == case.inputs.get("pad", 0), case["tokens"], 99)),
        ),
    ),
    mistakes=(
        Mistake("inverted", (("!=", "=="),), "True stands at the padding; in this course True means may attend, in some libraries it means padding."),
        Mistake("queries blocked", (("[:, None, None, :]", "[:, None, :, None]"),), "the last axis must be the keys, but here it is the queries that are blocked: every word still reads the padding."),
        Mistake("queries and keys blocked", ((f"return {WORDS}[:, None, None, :]", f"words = {WORDS}\n    return words[:, None, None, :] & words[:, None, :, None]"),), "the rows of padding queries are blocked too: nobody reads their outputs, and the mask is asked to have one row for all queries."),
        Mistake("no axes for heads and queries", (("[:, None, None, :]", ""),), "(B, T) lines up its B with the queries, since broadcasting counts axes from the right: put axes for heads and queries in between."),
        Mistake("one axis too few", (("[:, None, None, :]", "[:, None, :]"),), "with (B, 1, T) broadcasting lines up B with the heads: one more axis is needed, for the queries."),
        Mistake("pad id fixed", (("!= pad", "!= 0"),), "the argument pad is not used: not every vocabulary keeps its padding at 0."),
        Mistake("tokens above pad", (("!=", ">"),), "only larger numbers count as words: that fits while pad is 0 and drops words as soon as it is not."),
        Mistake("padding taken to be at the end", ((WORDS, f"(torch.arange(tokens.shape[1]) < {WORDS}.sum(dim=1, keepdim=True))"),), "the words are counted and taken to stand in front; some models pad on the left, so look at each token."),
    ),
)  # fmt: skip


PROJECTED = "self.w_q(x), self.w_k(x), self.w_v(x), mask"

self_attention = Exercise(
    reference=attention.SelfAttention,
    see="lesson 04, 'Self: one sequence in three roles'",
    cases=layer_cases,
    gradients=True,
    laws=(
        Law(
            "positions in another order give the same rows in that order",
            holds=lambda case, out, other: close(out[..., ::-1, :], other),
            change=positions_reversed,
        ),
        Law("no output depends on a later position when the mask is causal", holds=past_unchanged, change=lambda case: other_future(case, "x")),
        Law(
            "sentences of one batch do not see each other",
            holds=lambda case, out, other: close(out[:1], other[:1]),
            change=lambda case: case.changed(x=torch.cat([case["x"][:1], case["x"][1:] + 1])),
        ),
    ),
    mistakes=(
        Mistake("W_k makes the queries", ((PROJECTED, "self.w_k(x), self.w_k(x), self.w_v(x), mask"),), "the queries are made by W_k, so W_q never learns, and what a word asks is what it offers."),
        Mistake("W_q makes the keys", ((PROJECTED, "self.w_q(x), self.w_q(x), self.w_v(x), mask"),), "the keys are made by W_q, so W_k never learns, and what a word offers is what it asks."),
        Mistake("queries and keys exchanged", ((PROJECTED, "self.w_k(x), self.w_q(x), self.w_v(x), mask"),), "W_q and W_k have changed places: with trained weights loaded, every word would ask with its answer."),
        Mistake("W_v skipped", ((PROJECTED, "self.w_q(x), self.w_k(x), x, mask"),), "the values are x itself: W_v is never used, so the layer cannot choose what to pass on."),
        Mistake("keys for values", ((PROJECTED, "self.w_q(x), self.w_k(x), self.w_k(x), mask"),), "the keys are handed on as values: W_v is never used."),
        Mistake("W_q and W_k skipped", ((PROJECTED, "x, x, self.w_v(x), mask"),), "x is compared with itself: without W_q and W_k each word looks for words like itself, and learns nothing else."),
        Mistake("mask not passed on", ((PROJECTED, "self.w_q(x), self.w_k(x), self.w_v(x)"),), "the mask arrives in forward and is not handed on."),
        Mistake("mask inverted", ((PROJECTED, "self.w_q(x), self.w_k(x), self.w_v(x), None if mask is None else ~mask"),), INVERTED),
        Mistake("not scaled", ((PROJECTED, "self.w_q(x) * math.sqrt(self.w_q(x).shape[-1]), self.w_k(x), self.w_v(x), mask"),), "the scores are not divided by the square root of d_k."),
        Mistake("scaled by d_model", ((PROJECTED, "self.w_q(x) * math.sqrt(self.w_q(x).shape[-1] / x.shape[-1]), self.w_k(x), self.w_v(x), mask"),), "the scale is taken from d_model; the scores are sums over the d_k numbers of query and key."),
        Mistake("attention across the batch", ((f"return scaled_dot_product_attention({PROJECTED})", "x = x.transpose(0, 1)\n        return scaled_dot_product_attention(self.w_q(x), self.w_k(x), self.w_v(x), mask).transpose(0, 1)"),), "batch and time are exchanged: words attend to the words of other sentences, at the same place."),
    ),
)  # fmt: skip
