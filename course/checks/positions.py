"""The exercises of lesson 06: the laws they obey, and the mistakes that people make."""

from __future__ import annotations

import numpy as np
import torch

from course import positions
from course.checks import position_cases as cases
from course.checks.exercise import Case, Exercise, Law, Mistake


def close(one: np.ndarray, other: np.ndarray) -> bool:
    """Equal up to rounding in their precision; NaN is equal to nothing."""
    return bool(np.all(abs(one - other) <= (1e-9 if one.dtype == np.float64 else 1e-4)))


def angles_by_hand(case: Case) -> np.ndarray:
    """The angles, one after the other, as Python computes them."""
    d_model, base = case["d_model"], case.inputs.get("base", 10_000.0)
    return np.array([[t * base ** (-2 * i / d_model) for i in range(d_model // 2)] for t in case["positions"].tolist()])


def depends_on_distance(products: np.ndarray) -> bool:
    """Every diagonal of (..., T, T) holds one number."""
    return close(products[..., 1:, 1:], products[..., :-1, :-1])


def moves_every_row(case: Case, shift: np.ndarray) -> bool:
    """shift @ PE[t] is PE[t + k], at the first positions for which both exist."""
    k, first = case["k"], max(0, -case["k"])
    table = positions.sinusoidal_positions(first + abs(k) + 5, case["d_model"], case.inputs.get("base", 10_000.0)).numpy()
    return close(table[first : first + 5] @ shift.T, table[first + k : first + k + 5])


def lengths_of_pairs(x: np.ndarray) -> np.ndarray:
    return np.hypot(x[..., 0::2], x[..., 1::2])


def products(x: np.ndarray) -> np.ndarray:
    """Every row with every row."""
    return x @ np.swapaxes(x, -1, -2)


def otherwise(out: np.ndarray, moved: np.ndarray) -> bool:
    """More than rounding lies between the two."""
    return out.shape == moved.shape and abs(out - moved).max() > 1e-6


is_permutation_equivariant = Exercise(
    reference=positions.is_permutation_equivariant,
    see="lesson 06, 'A law, and a test for it'",
    cases=cases.order_cases,
    laws=(
        Law(
            "in their old order, the positions of any layer pass the test",
            holds=lambda case, out, unmoved: bool(unmoved),
            change=lambda case: case.changed(order=torch.arange(case["x"].shape[1])),
        ),
    ),
    mistakes=(
        Mistake("asks for the same rows", (("layer(x)[:, order]", "layer(x)"),), "the output is compared with the rows in their old order: that asks whether the layer ignores the order, but here the rows are to move along."),
        Mistake("order undone", (("layer(x)[:, order]", "layer(x)[:, order.argsort()]"),), "the rows are moved back where they must be moved along: for a swap the two are the same, for a longer round they are not."),
        Mistake("moves the texts", (("layer(x[:, order])", "layer(x[order])"), ("layer(x)[:, order]", "layer(x)[order]")), "the first axis is permuted, so whole texts change places, but it is the positions inside each text that are to move."),
        Mistake("moves the columns", (("layer(x[:, order])", "layer(x[..., order])"), ("layer(x)[:, order]", "layer(x)[..., order]")), "the last axis is permuted, so the numbers inside each vector change places, but it is the positions that are to move."),
        Mistake("exactly equal", (("torch.allclose(rows_moved_before, rows_moved_after, atol=1e-6)", "torch.equal(rows_moved_before, rows_moved_after)"),), "the two outputs are asked to be equal to the last bit, but adding in another order rounds otherwise: allow for rounding."),
        Mistake("too generous", (("atol=1e-6", "atol=0.5"),), "the tolerance is so large that a small trace of the position goes through unseen."),
        Mistake("sums alone", (("torch.allclose(rows_moved_before, rows_moved_after,", "torch.allclose(rows_moved_before.sum(1), rows_moved_after.sum(1),"),), "only the sums over the positions are compared, so a layer that puts the rows in a wrong place passes."),
        Mistake("one is enough", (("torch.allclose(rows_moved_before, rows_moved_after, atol=1e-6)", "torch.isclose(rows_moved_before, rows_moved_after, atol=1e-6).any().item()"),), "a single number that agrees is taken for a yes, but all of them must agree."),
        Mistake("the answer for each number", (("torch.allclose(", "torch.isclose("),), "there is an answer for every single number, but one answer for the layer is asked for: do all of them agree?"),
    ),
)  # fmt: skip

position_angles = Exercise(
    reference=positions.position_angles,
    see="lesson 06, 'Clock hands'",
    cases=cases.angle_cases,
    laws=(
        Law(
            "the angles are right to twelve digits, so they are float64 from the first step on",
            holds=lambda case, out, _: np.allclose(out, angles_by_hand(case), rtol=1e-12, atol=0.0),
        ),
        Law(
            "twice the position gives twice the angle",
            holds=lambda case, out, doubled: np.allclose(2 * out, doubled),
            change=lambda case: case.changed(positions=2 * case["positions"]),
        ),
    ),
    mistakes=(
        Mistake("i for 2i", (("torch.arange(0, d_model, 2, dtype=torch.float64)", "torch.arange(d_model // 2, dtype=torch.float64)"),), "the exponent of hand i is i / d_model, but the paper's is 2i / d_model: the slow half of the hands is missing."),
        Mistake("2i over the number of hands", ((") / d_model", ") / (d_model // 2)"),), "the exponent is 2i over the number of hands, twice what it should be: 2i goes with d_model, i with the number of hands."),
        Mistake("base upside down", (("= -torch", "= torch"),), "the position is multiplied by the power of the base where it must be divided, so the later hands race instead of creeping."),
        Mistake("counted from 1", (("positions[:, None]", "(positions[:, None] + 1)"),), "one is added to the positions: counting begins at 0, where no hand has turned yet."),
        Mistake("whole turns", (("positions[:, None] * frequencies", "2 * math.pi * positions[:, None] * frequencies"),), "the angles are multiplied by 2 pi, as if the first hand made a whole turn with each position; it turns by 1 radian."),
        Mistake("degrees", (("positions[:, None] * frequencies", "(positions[:, None] * frequencies).rad2deg()"),), "the angles are in degrees, but sin and cos of torch want radians."),
        Mistake("the rows for the positions", (("positions[:, None]", "torch.arange(len(positions))[:, None]"),), "the number of the row is taken for the position: use the positions that are given, which need not begin at 0."),
        Mistake("the last hand at the base", ((") / d_model", ") / max(d_model - 2, 1)"),), "the exponents run up to 1, as in the authors' own program, but the formula in their paper divides 2i by d_model."),
        Mistake("one column for every dimension", (("torch.arange(0, d_model, 2, dtype=torch.float64)", "torch.arange(d_model, dtype=torch.float64)"),), "there are d_model angles for each position, but a hand serves two columns, a sine and a cosine: half as many."),
        Mistake("turned on its side", (("positions[:, None] * frequencies", "frequencies[:, None] * positions"),), "rows and columns have changed places: a row for each position, a column for each hand."),
    ),
)  # fmt: skip

sinusoidal_positions = Exercise(
    reference=positions.sinusoidal_positions,
    see="lesson 06, 'The table of sines and cosines'",
    cases=cases.table_cases,
    laws=(
        Law(
            "the squares of a row add up to d_model / 2, one for each pair",
            holds=lambda case, out, _: close((out**2).sum(-1), np.full(case["n_positions"], case["d_model"] / 2, np.float32)),
        ),
        Law(
            "the dot product of two rows depends on their distance alone",
            holds=lambda case, out, _: depends_on_distance(products(out)),
        ),
    ),
    mistakes=(
        Mistake("sine and cosine swapped", (("[angles.sin(), angles.cos()]", "[angles.cos(), angles.sin()]"),), "sine and cosine have changed places: the even columns are sines, the odd ones cosines."),
        Mistake("two halves", (("torch.stack([angles.sin(), angles.cos()], dim=-1)", "torch.cat([angles.sin(), angles.cos()], dim=-1)"), ("pairs.flatten(-2)", "pairs")), "all sines stand before all cosines, as in the well-known picture, but the paper's formula puts each cosine right beside its sine."),
        Mistake("counted from 1", (("torch.arange(n_positions)", "torch.arange(1, n_positions + 1)"),), "the table begins at position 1, but the first word stands at position 0, where every sine is 0."),
        Mistake("sines everywhere", (("angles.cos()", "angles.sin()"),), "the odd columns hold the sine a second time: without the cosine, two positions on either side of a hand's turning point look alike."),
        Mistake("i for 2i", (("d_model, base)", "d_model, base**0.5)"),), "the exponent of pair i is i / d_model, but the paper's is 2i / d_model: the slow half of the hands is missing."),
        Mistake("2i over the number of pairs", (("d_model, base)", "d_model, base**2)"),), "the exponent is 2i over the number of pairs, twice what it should be: 2i goes with d_model."),
        Mistake("base upside down", (("d_model, base)", "d_model, 1 / base)"),), "the position is multiplied by the power of the base where it must be divided, so the later columns race instead of creeping."),
        Mistake("an exponent for each column", (("angles.cos()", "(angles / base ** (1 / d_model)).cos()"),), "the cosine has an exponent of its own, but sine and cosine of a pair must have the same angle: together they are one point on the circle."),
        Mistake("base ignored", (("d_model, base)", "d_model, 10_000.0)"),), "the base is always 10 000, whatever the argument says."),
        Mistake("turned on its side", (("pairs.flatten(-2).float()", "pairs.flatten(-2).float().T"),), "rows and columns have changed places: a row for each position."),
        Mistake("odd accepted", (("if d_model % 2:", "if False:"),), "an odd d_model leaves a sine without its cosine, and a table of the wrong width; say so with a ValueError."),
    ),
)  # fmt: skip

shift_matrix = Exercise(
    reference=positions.shift_matrix,
    see="lesson 06, 'k steps further is always the same turn'",
    cases=cases.shift_cases,
    laws=(
        Law("the matrix times row t of the sinusoids is row t + k, for every t", holds=lambda case, out, _: moves_every_row(case, out)),
        Law(
            "it turns and never stretches: the matrix times its transpose is the identity",
            holds=lambda case, out, _: close(out @ out.T, np.eye(len(out), dtype=out.dtype)),
        ),
        Law(
            "k steps and k steps more are 2k steps",
            holds=lambda case, out, doubled: close(out @ out, doubled),
            change=lambda case: case.changed(k=2 * case["k"]),
        ),
    ),
    mistakes=(
        Mistake("turned back", (("[cos, sin, -sin, cos]", "[cos, -sin, sin, cos]"),), "it turns the other way, to position t - k: in each pair the sine comes first, so the signs are not those of the textbook's rotation of (cos, sin)."),
        Mistake("two minus signs missing", (("[cos, sin, -sin, cos]", "[cos, sin, sin, cos]"),), "no sine has a minus sign, so the block is no rotation: look again at cos(a + b)."),
        Mistake("sine for cosine", (("[cos, sin, -sin, cos]", "[sin, cos, -cos, sin]"),), "sine and cosine have changed places: for no step, k = 0, the matrix must leave every row as it is."),
        Mistake("one angle for all", (("[cos, sin, -sin, cos]", "[cos[:1], sin[:1], -sin[:1], cos[:1]]"), ("turns = torch.stack", "turns = torch.ones(d_model // 2, 1, 1) * torch.stack")), "all pairs are turned by the angle of the first, but each has its own speed."),
        Mistake("always one step", (("torch.tensor([k])", "torch.tensor([1])"),), "k is not used: the matrix always takes one step."),
        Mistake("two halves", (("return torch.block_diag(*turns)", "return torch.block_diag(*turns).unflatten(0, (-1, 2)).unflatten(2, (-1, 2)).permute(1, 0, 3, 2).reshape(d_model, d_model)"),), "the matrix is right for a table with all sines before all cosines, but in ours sine and cosine of a pair stand side by side."),
        Mistake("i for 2i", (("d_model, base)", "d_model, base**0.5)"),), "the exponent of pair i is i / d_model, but the table that is to be moved was made with 2i / d_model."),
        Mistake("base upside down", (("d_model, base)", "d_model, 1 / base)"),), "the step is multiplied by the power of the base where it must be divided, so the later pairs turn far too much."),
        Mistake("base ignored", (("d_model, base)", "d_model, 10_000.0)"),), "the base is always 10 000, whatever the argument says."),
        Mistake("only the diagonal", (("[cos, sin, -sin, cos]", "[cos, 0 * sin, 0 * sin, cos]"),), "only the diagonal is filled, so each column is scaled alone, but a turn mixes the two columns of a pair."),
    ),
)  # fmt: skip

learned_positions = Exercise(
    reference=positions.LearnedPositions,
    see="lesson 06, 'A table that is learned'",
    cases=cases.learned_cases,
    gradients=True,
    laws=(
        Law(
            "the same is added whatever the words are",
            holds=lambda case, out, raised: close(out + 3, raised),
            change=lambda case: case.changed(x=case["x"] + 3) if case["x"].shape[1] <= case.init["max_length"] else None,
        ),
    ),
    mistakes=(
        Mistake("along the batch", (("self.table[:n_positions]", "self.table[: len(x), None]"),), "row b of the table is added to the whole of text b: the positions have been laid along the batch, and every word of a text gets the same."),
        Mistake("as many rows as texts", (("n_positions, max_length = x.shape[-2]", "n_positions, max_length = x.shape[0]"),), "the number of rows is taken from the batch, x.shape[0], but positions run along the axis before the last."),
        Mistake("row 0 for all", (("self.table[:n_positions]", "self.table[0]"),), "every position gets row 0, so that the words still cannot tell where they stand."),
        Mistake("begins at row 1", (("self.table[:n_positions]", "self.table.roll(-1, 0)[:n_positions]"),), "the first word gets row 1 of the table, but positions begin at 0."),
        Mistake("the last rows", (("self.table[:n_positions]", "self.table[-n_positions:]"),), "the last rows of the table are taken, so a word's position changes with the length of its text."),
        Mistake("starts again", (("if n_positions > max_length:", "if False:"), ("self.table[:n_positions]", "self.table[torch.arange(n_positions) % max_length]")), "past the end it begins again with row 0, so two words of a long text get one position, and nobody is told; raise a ValueError."),
        Mistake("last row repeated", (("if n_positions > max_length:", "if False:"), ("self.table[:n_positions]", "self.table[torch.arange(n_positions).clamp(max=max_length - 1)]")), "past the end the last row is given to all the rest, so these words get one position, and nobody is told; raise a ValueError."),
        Mistake("length not checked", (("if n_positions > max_length:", "if False:"),), "the length is not checked: a table of one row is then spread over every position, and nobody is told; raise a ValueError."),
        Mistake("cut short", (("return x + self.table[:n_positions]", "return x[:, :max_length] + self.table[:n_positions]"), ("if n_positions > max_length:", "if False:")), "what does not fit is cut off, so the end of a long text is lost, and nobody is told; raise a ValueError."),
        Mistake("the rows alone", (("return x + self.table[:n_positions]", "return torch.zeros_like(x) + self.table[:n_positions]"),), "what comes out is the positions without the words; add them to x."),
        Mistake("multiplied", (("return x + ", "return x * "),), "the words are multiplied by the rows, where they are to be added."),
        Mistake("never learns", (("self.table[:n_positions]", "self.table[:n_positions].detach()"),), "the table is cut out of the graph, so it keeps its first random numbers for ever."),
    ),
)  # fmt: skip

rotate = Exercise(
    reference=positions.rotate,
    see="lesson 06, 'Turn queries and keys'",
    cases=cases.rotate_cases,
    gradients=True,
    laws=(
        Law("a turn keeps the length of every pair", holds=lambda case, out, _: close(lengths_of_pairs(out), lengths_of_pairs(case["x"].numpy()))),
        Law(
            "moved three positions further, all rows together, every dot product stays as it is",
            holds=lambda case, out, later: close(products(out), products(later)),
            change=lambda case: case.changed(start=case.inputs.get("start", 0) + 3) if case["x"].dtype == torch.float32 else None,
        ),
    ),
    mistakes=(
        Mistake("the other way", (("even * cos - odd * sin", "even * cos + odd * sin"), ("even * sin + odd * cos", "odd * cos - even * sin")), "it turns clockwise: the scores still depend on the distance alone, so nothing seems wrong, but with the weights of a published model every score would be another."),
        Mistake("halves paired", (("x[..., 0::2], x[..., 1::2]", "x.chunk(2, dim=-1)"), ("return turned.flatten(-2)", "return turned.mT.flatten(-2)")), "column i is paired with column i + d/2, as Llama's published weights want it, but here a pair is two columns side by side."),
        Mistake("put together in halves", (("return turned.flatten(-2)", "return turned.mT.flatten(-2)"),), "the pairs are turned rightly but put back as two halves: each number must return to the column it came from."),
        Mistake("one angle for all", (("cos, sin = angles.cos().to(x), angles.sin().to(x)", "cos, sin = angles[:, :1].cos().to(x), angles[:, :1].sin().to(x)"),), "all pairs are turned by the angle of the first, but each has its own speed: the slow ones tell far from near."),
        Mistake("counted from 1", (("torch.arange(start, start + n_positions)", "torch.arange(start + 1, start + n_positions + 1)"),), "the first row is turned already, as if it stood at position start + 1."),
        Mistake("start ignored", (("torch.arange(start, start + n_positions)", "torch.arange(n_positions)"),), "start is not used: the first row stands at position start, not always at 0."),
        Mistake("along the first axis", (("n_positions, d = x.shape[-2:]", "n_positions, d = len(x), x.shape[-1]"), ("d, base)", "d, base).unflatten(0, (-1, *[1] * (x.ndim - 2)))")), "the angle grows along the first axis, from text to text, but positions run along the axis before the last."),
        Mistake("a mirror", (("even * sin + odd * cos", "even * sin - odd * cos"),), "one sign is wrong, so the pair is mirrored and not turned: at position 0, nothing may change."),
        Mistake("sine for cosine", (("cos, sin = angles.cos().to(x), angles.sin().to(x)", "sin, cos = angles.cos().to(x), angles.sin().to(x)"),), "sine and cosine have changed places: at position 0, nothing may change."),
        Mistake("from the new value", (("    turned =", "    even = even * cos - odd * sin\n    turned ="), ("[even * cos - odd * sin,", "[even,")), "the second number of the pair is computed from the first after its turn; both must be computed from the old ones."),
        Mistake("added", (("[even * cos - odd * sin, even * sin + odd * cos]", "[even + sin, odd + cos]"),), "sine and cosine are added, as with the table of sinusoids, but here each pair is to be turned."),
        Mistake("i for 2i", (("d, base)", "d, base**0.5)"),), "the exponent of pair i is i / d, but it should be 2i / d: the slow half of the pairs is missing."),
        Mistake("base upside down", (("d, base)", "d, 1 / base)"),), "the position is multiplied by the power of the base where it must be divided, so the later pairs spin."),
        Mistake("base ignored", (("d, base)", "d, 10_000.0)"),), "the base is always 10 000, whatever the argument says."),
        Mistake("cut out of the graph", (("turned.flatten(-2)", "turned.flatten(-2).detach()"),), "the values are right, but no gradient comes back, so that queries and keys could never learn."),
    ),
)  # fmt: skip

ANOTHER_ORDER = "the words in another order give more than their rows in another order"

rotary_attention = Exercise(
    reference=positions.RotaryAttention,
    see="lesson 06, 'Into the layer'",
    cases=cases.layer_cases,
    gradients=True,
    laws=(
        Law(
            ANOTHER_ORDER,
            holds=lambda case, out, moved: otherwise(np.flip(out, 1), moved),
            change=lambda case: cases.in_another_order(case, "mirrored"),
        ),
    ),
    mistakes=(
        Mistake("values turned too", (("rotate(key), value", "rotate(key), rotate(value)"),), "the values are turned too, but position belongs in the scores: what is read must not depend on where it stood."),
        Mistake("queries alone", (("rotate(key), value", "key, value"),), "only the queries are turned, so a score depends on the query's own position and not on the distance to the key."),
        Mistake("keys alone", (("return rotate(query)", "return query"),), "only the keys are turned, so a score depends on the key's own position and not on the distance to the query."),
        Mistake("nothing turned", (("return rotate(query), rotate(key), value", "return query, key, value"),), "nothing is turned, or each head as a whole, so that query and key turn together and the score stays: this is attention without positions."),
        Mistake("opposite ways", (("return rotate(query)", "signs = torch.tensor([1.0, -1.0]).to(query).repeat(query.shape[-1] // 2)\n        return rotate(query * signs) * signs"),), "queries and keys are turned in opposite directions, so a score depends on the sum of the two positions and not on their distance."),
        Mistake("before the heads are split", (("query, key, value = super().project(query, key, value)", "query, key, value = super().project(query, key, value)\n        whole = [rotate(x.transpose(1, 2).flatten(-2)).unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for x in (query, key)]"), ("return rotate(query), rotate(key), value", "return *whole, value")), "the whole d_model is turned before it is split, so the first head gets all the fast hands and the last all the slow ones; each head needs all speeds."),
        Mistake("turned twice", (("return rotate(query), rotate(key), value", "return rotate(rotate(query)), rotate(rotate(key)), value"),), "queries and keys are turned twice, as if every word stood twice as far away."),
    ),
)  # fmt: skip

alibi_bias = Exercise(
    reference=positions.alibi_bias,
    see="lesson 06, 'Say it to the scores'",
    cases=cases.bias_cases,
    laws=(
        Law("nothing is taken away at distance 0, and nothing is ever added", holds=lambda case, out, _: bool((out <= 0).all() and (out[:, 0, 0] == 0).all())),
        Law("the bias depends on the distance alone", holds=lambda case, out, _: depends_on_distance(out)),
    ),
    mistakes=(
        Mistake("sign", (("* -distances", "* distances"),), "the bias is positive, so that far words are favoured; it should cost something to look far."),
        Mistake("no slopes", (("slopes[:, None, None] * -distances", "torch.ones(n_heads, 1, 1) * -distances"),), "every head gets the bare distance: the slopes are missing, and every head is as short-sighted as can be."),
        Mistake("slopes in reverse", (("torch.arange(1, n_heads + 1)", "torch.arange(n_heads, 0, -1)"),), "the slopes stand in reverse order: the first head is the steepest, the last the flattest."),
        Mistake("slopes from head 0", (("torch.arange(1, n_heads + 1)", "torch.arange(n_heads)"),), "the heads are counted from 0, so the first slope is 1; with h = 1 for the first head it is 2^(-8 / n_heads)."),
        Mistake("slopes of eight heads", (("(-8.0 * torch.arange(1, n_heads + 1) / n_heads)", "(-1.0 * torch.arange(1, n_heads + 1))"),), "the slopes are 1/2, 1/4, 1/8 ..., which is right for eight heads only: for n_heads the exponent is -8h / n_heads."),
        Mistake("slopes evenly spaced", (("2.0 ** (-8.0 * torch.arange(1, n_heads + 1) / n_heads)", "torch.arange(1, n_heads + 1) / n_heads"),), "the slopes are evenly spaced, but each should be the same fraction of the one before."),
        Mistake("squared", ((".abs()", ".square()"),), "the distance is squared, so that the penalty grows far too fast; it should grow in a straight line."),
        Mistake("one side only", ((".abs()", ".clamp(min=0)"),), "a key after the query costs nothing: under a causal mask nobody notices, but without one the farthest future looks as near as can be."),
        Mistake("signed distance", ((".abs()", ""),), "the distance is negative for keys after the query, so there the bias becomes a reward."),
        Mistake("from the end", (("torch.arange(n_queries)[:, None] - torch.arange(n_keys)", "(torch.arange(n_queries)[:, None] + n_keys - n_queries) - torch.arange(n_keys)"),), "the last query is laid upon the last key, but here both sequences begin at position 0."),
        Mistake("queries and keys swapped", (("* -distances", "* -distances.T"),), "queries and keys have changed places: a row for each query, a column for each key."),
    ),
)  # fmt: skip

alibi_attention = Exercise(
    reference=positions.AlibiAttention,
    see="lesson 06, 'The bias in the layer'",
    cases=cases.layer_cases,
    gradients=True,
    laws=(
        Law(
            ANOTHER_ORDER,
            holds=lambda case, out, moved: otherwise(np.roll(out, -1, 1), moved),
            change=lambda case: cases.in_another_order(case, "first word last"),
        ),
    ),
    mistakes=(
        Mistake("no bias", (("scores + bias.to(scores)", "scores"),), "the bias is not added: this is attention without positions."),
        Mistake("after the softmax", (("masked_softmax(scores + bias.to(scores), mask)", "masked_softmax(scores, mask) + bias.to(scores)"),), "the bias is added to the weights, after the softmax, so that they no longer sum to one and blocked keys are read; it belongs to the scores."),
        Mistake("taken away", (("scores + bias", "scores - bias"),), "the bias is negative already: taking it away favours the far words."),
        Mistake("multiplied", (("scores + bias", "scores * bias"),), "scores and bias are multiplied, where the bias is to be added."),
        Mistake("scaled with the scores", (("scores + bias.to(scores)", "scores + bias.to(scores) / math.sqrt(queries.shape[-1])"),), "the bias is divided by sqrt(d_head) along with the scores; it is added after the scaling, as it is."),
        Mistake("mask forgotten", (("bias.to(scores), mask)", "bias.to(scores))"),), "the mask does not reach the softmax, so that padding and the future are read."),
        Mistake("one slope for all heads", (("scores + bias.to(scores)", "scores + bias[:1].to(scores)"),), "all heads get the slope of the first: then no head can see far."),
    ),
)  # fmt: skip
