# %% question [markdown]
r"""
# 04 · Self-attention

**How can a few tables of numbers make one word look for another?** *The animal didn't cross the
street because it was too tired.* Who was tired? The animal, you say at once. Now change one word:
*... because it was too wide.* Now `it` is the street. In both sentences `it` must find a noun, and
a third word decides which one. The part that can do this is the heart of the Transformer (Vaswani
et al. 2017), and of this course.

| | |
|---|---|
| **At its end you have built** | `attention_for_one_query`, `attention_scores`, `masked_softmax`, `scaled_dot_product_attention`, `causal_mask`, `padding_mask` and the layer `SelfAttention`; and you have trained one that finds out what `it` means |
| **Time** | about 3 hours, with a pause in the middle |
| **It needs** | dot products, `@` and softmax (lesson 00), a decoder that looks at every input (lesson 02), soft lookup (lesson 03) |
"""

# %% setup
import math
import time
import zlib
from itertools import permutations

import torch
from torch import Tensor, nn

from course import corpus, plots
from course.checks import check, reveal

torch.manual_seed(0)
torch.set_num_threads(1)  # small matrices: a second thread would cost more than it brings

# %% map-caption [markdown]
r"""
**Figure.** Where you are on the map of the course. Words have become vectors (lesson 03), and in
lesson 02 a writer has looked back at what a reader had read. In this lesson the words of *one*
sentence look at each other. The lit part stands in the encoder and in the decoder; you build it
with one head here, and with several in lesson 05.
"""

# %% map
plots.show_map("04")

# %% library [markdown]
r"""
## Query, key, value

Why is the sea salty? That is your **query**. In front of you stands a box of cards. Each card has a
title, the **key**: *rivers wash salt out of the rocks*, *how water evaporates*, *bread without
yeast*. On its back stands a text, the **value**. You read every title and ask how well it fits your
question. Then you mix the texts: a large part from the cards that fit well, a small part from those
that fit a little, nothing from the rest. The mixture is your answer.

You know the three roles: in lessons 00 and 03 a wish about fruit was the query, in lesson 02 the
decoder's state. Keep the picture of the box, for the decoder of lesson 08 has one too. As in lesson
03, the shares of all cards sum to 1. If the first card fits twice as well as the second, and the
third does not fit at all, they are these:
"""

# %% library-shares
liked = torch.tensor([1.0, 0.5, 0.0])  # salt from rivers, evaporation, bread
shares = liked / liked.sum()
print("shares:", [round(share, 2) for share in shares.tolist()], " sum:", shares.sum().item())

# %% library-words [markdown]
r"""
Two words, and we keep them apart from now on. A **score** says how well a key fits; it may be any
number. A **weight** is a share: never negative, and the weights of one query sum to 1. (The numbers
that a network learns are called weights too; where both are near, we call those *parameters*.)
Softmax turns scores into weights. (Dividing by the sum was enough above, since nothing was
negative; scores can be.) A text that calls both of them "attention score" hides the most important
step.

In one way attention is *not* such a box: nobody writes the titles. Queries, keys and values are
lists of numbers, made by matrices that are learned. What a query asks for and what a key offers is
found out by training.
"""

# %% by-hand [markdown]
r"""
## One query, worked by hand

A sentence of two words. The first word's query $q_1$ meets the keys of both words, $k_1$ and $k_2$.
So there are $T_k = 2$ keys ($T$ counts the places in a sequence, called *positions* from here on).
Queries and keys have $d_k = 64$ numbers each. The dot products are $q_1 \cdot k_1 = 112$ and $q_1
\cdot k_2 = 96$ (the numbers of a well-known drawing, Alammar 2018). The values $v_1$ and $v_2$ are
shorter, they have $d_v = 3$ numbers: nothing forces values to be as long as keys.
"""

# %% by-hand-numbers
q1 = torch.ones(64)
k1, k2 = 1.75 * q1, 1.5 * q1
v1, v2 = torch.tensor([10.0, 0.0, 5.0]), torch.tensor([0.0, 10.0, 5.0])
print("q1 . k1 =", (q1 @ k1).item(), "   q1 . k2 =", (q1 @ k2).item())

# %% by-hand-predict [markdown]
r"""
The paper (Vaswani et al. 2017) divides both by $\sqrt{d_k} = \sqrt{64} = 8$; why, you will measure
below. That leaves the scores 14 and 12, and softmax turns them into two weights. **Predict** the
first one. 14 is not much more than 12: is it about a half? Or larger?
"""

# %% by-hand-guess
guess = None  # your guess: a number between 0 and 1

# %% by-hand-weights
two_scores = [112 / math.sqrt(64), 96 / math.sqrt(64)]
powers = [math.exp(score - two_scores[0]) for score in two_scores]  # e^0 and e^-2
w1, w2 = [power / sum(powers) for power in powers]
reveal(guess, w1)
print(f"scores {two_scores}, weights {w1:.2f} and {w2:.2f}, together {w1 + w2:.2f}")

# %% by-hand-difference [markdown]
r"""
Softmax looks at differences only (lesson 00): 14 and 12 give the same weights as 2 and 0. The
difference 2 makes the first weight $e^2$ times the second one, so it is
$1 / (1 + e^{-2}) \approx 0.88$.

Now the last step: the values, averaged with these weights. This is the first word's new vector,
$z_1 = 0.88\, v_1 + 0.12\, v_2$. Work it out before you run the cell.
"""

# %% by-hand-output
z1 = w1 * v1 + w2 * v2
print("z1 =", [round(number, 2) for number in z1.tolist()])

# %% by-hand-reading [markdown]
r"""
Mostly $v_1$, with a little of $v_2$ (8.81 and not 8.8, since the weight is 0.8808). Look at the
third number: it is 5 in both values, and it stays 5. Only weights that sum to 1 do that. If ever
your output is larger than all the values that went in, your weights do not sum to 1.

Whose vector is $z_1$? It belongs to word 1, the word that *asked*. Some texts say that it is a new
vector of the word with the largest weight. It is not: had word 2 the larger weight, $z_1$ would
still be the new vector of word 1, with much of word 2 in it.
"""

# %% one-query-exercise [markdown]
r"""
### Exercise: `attention_for_one_query`

Write these steps as a loop, for any number of keys: score each key against the query, turn the
scores into weights, average the values. `query` has shape $(d_k,)$, `keys` $(T_k, d_k)$, `values`
$(T_k, d_v)$, with any sizes; the answer, without the weights, has shape $(d_v,)$. However large the
scores are, there is no NaN, and gradients reach all three. Slow and plain is right here: this
version is the truth that the fast one must agree with. Torch's own attention may not be called.

Hint: Three stages, each a loop or a list: one score for each key, one weight for each score, one
sum over all values.

Hint: A score is the sum of `query[i] * key[i]` over all `i`, divided by the square root of
`len(query)`. For the weights take softmax as in lesson 00: subtract the largest score from all of
them, take the exponential, divide by the sum. Use `torch.exp` rather than `math.exp`, so that the
gradient finds its way.

Hint: For the answer, walk through weights and values side by side with `zip(...)`, and add up
weight times value. Python's `sum` can add tensors.

Help: I see `no gradient reaches query`
Somewhere a tensor became a plain Python number, through `math.exp`, `float(...)`, `.item()` or
`torch.tensor(...)`. Then torch no longer knows where the number came from, and cannot tell the
query how to change. Stay with torch's own functions.

Help: I see `The size of tensor a (4) must match the size of tensor b (3)`
The answer has $d_v$ numbers, as a value has, and not $d_k$, as the query. Begin the sum with
`torch.zeros(values.shape[-1])`, or use `sum`.

Help: I see `math range error`
`math.exp` of a number above 710 is too large for Python. Subtract the largest score first, and use
`torch.exp`, for the gradient's sake.

Help: I see `contains NaN on the case 'very large scores'`
The exponential of a large number is infinite, and infinity divided by infinity is NaN. Subtract the
largest score first: the weights do not notice, and no exponential is above 1.
"""

# %% exercise points=2 difficulty=2 minutes=15
from course.attention import attention_for_one_query

# %% check
check(attention_for_one_query)

# %% queries [markdown]
r"""
## All queries at once

Every word asks. With $T_q$ queries and $T_k$ keys there are $T_q \cdot T_k$ scores. Write the
queries as the rows of a matrix $Q$ and the keys as the rows of $K$. Then score $[i, j]$ is row $i$
of $Q$ times row $j$ of $K$, number by number, added up. A matrix product pairs rows with *columns*,
so $K$ is turned on its side first, and all the scores at once are

$$\frac{Q K^\top}{\sqrt{d_k}}$$

In lesson 02 a small network scored each pair. A dot product needs no network, and one matrix
product makes all of them: that is why the Transformer took it (Vaswani et al. 2017,
section 3.2.1). **Predict** the shape for 2 queries and 3 keys of 4 numbers each.
"""

# %% queries-guess
guess = None  # your guess, such as (4, 4)

# %% queries-shape
query, key = torch.randn(2, 4), torch.randn(3, 4)  # (T_q, d_k), (T_k, d_k)
products = query @ key.T
reveal(guess, tuple(products.shape))
names = ("query", "key^T", "scores")
figure = plots.product((("T_q", 2), ("d_k", 4)), (("d_k", 4), ("T_k", 3)), names)
plots.show(figure, alt="""A matrix of 2 rows and 4 columns, times one of 4 rows and 3 columns, gives
    one of 2 rows and 3 columns; the first row meets the first column.""")

# %% queries-caption [markdown]
r"""
**Figure.** Query 0 (hatched row) meets key 0 (hatched column) and gives score $[0, 0]$. The inner
size $d_k$ disappears. **A row belongs to a query, a column to a key**. Most mistakes in attention
are rows and columns taken for each other, and where $T_q = T_k$ no error message will say so.
"""

# %% scores-exercise [markdown]
r"""
### Exercise: `attention_scores`

Score every query against every key, all at once. `query` has shape $(..., T_q, d_k)$, `key`
$(..., T_k, d_k)$, and the scores, divided by the square root of $d_k$, have $(..., T_q, T_k)$. The
three dots stand for any axes in front, sentences of a batch for example: `@` treats each of them
alone.

Hint: Turn `key` so that its last two axes change places. Axes in front must stay where they are.

Hint: `key.transpose(-2, -1)` exchanges the last two axes; negative numbers count from the end.
`key.T` would reverse all axes.

Hint: One line: query, `@`, turned key, divided by the square root of the size of the query's last
axis, `query.shape[-1]`.

Help: I see `mat1 and mat2 shapes cannot be multiplied`
The inner sizes do not agree, because `key` still lies as it came, one key in a row. It has to be
turned.

Help: it works for one sentence and fails for a batch
With axes in front, count from the end: `-1` is $d_k$ in every case, while `1` is $d_k$ for a single
sentence and $T_k$ in a batch.
"""

# %% exercise points=1 difficulty=1 minutes=7
from course.attention import attention_scores

# %% check
check(attention_scores)

# %% scale [markdown]
r"""
## Why divide by the square root of d_k

Take a query and a key whose 64 numbers are drawn at random, independent, each with mean 0 and
variance 1 (**variance**: the mean of the squared distance from the mean). That is a simple model of
how they look before any training. Their dot product has mean 0. **Predict** its variance: 1, 8 or
64?
"""

# %% scale-guess
guess = None  # your guess: 1, 8 or 64

# %% scale-variance
generator = torch.Generator().manual_seed(4)
sizes = [2**power for power in range(11)]  # 1, 2, 4, ... 1024
variances, scaled_variances = [], []
for d_k in sizes:
    queries, keys = torch.randn(2, 4000, d_k, generator=generator)
    variances.append((queries * keys).sum(dim=-1).var().item())  # 4000 dot products
    scores = attention_scores(queries.unsqueeze(1), keys.unsqueeze(1))  # the same, by you
    scaled_variances.append(scores.var().item())
reveal(guess, 64)
for d_k in (1, 64, 1024):
    measured = variances[sizes.index(d_k)]
    print(f"d_k = {d_k:4}:  measured variance / d_k = {measured / d_k:.1f}")

# %% scale-reason [markdown]
r"""
A dot product adds $d_k$ products. Each product of two such numbers has variance 1, and variances of
independent numbers add up: the sum has variance $d_k$ and spreads over about $\pm\sqrt{d_k}$
(Vaswani et al. 2017, footnote 4). Divided by $\sqrt{d_k}$, its variance is 1 again, for every
$d_k$. Dividing by $d_k$ itself would go too far: scores near 0, weights all alike. (You know this
division: it is the temperature of lesson 03. The paper looks up softly at the temperature
$\sqrt{d_k}$.)

But why do large scores hurt? Softmax still sums to 1. Look at how the first weight $p$ *reacts*
when its score changes a little. For two keys that slope is $p\,(1 - p)$. Our numbers by hand, with
the scale and without it:
"""

# %% scale-two-keys
slopes = []
for first, second in ((14.0, 12.0), (112.0, 96.0)):
    p, rest = torch.tensor([first, second], dtype=torch.float64).softmax(dim=-1).tolist()
    print(f"scores {first:3.0f} and {second:2.0f}:  weights {p:.2f} and {rest:.2g},  "
          f"slope {p * rest:.2g}")
    slopes.append(p * rest)
print(f"the second slope is {slopes[1] / slopes[0]:.0e} of the first")

# %% scale-two-keys-meaning [markdown]
r"""
Without the scale the second key's weight is a ten-millionth, and the slope too: a millionth of the
slope with the scale (0.1). If the second key was the right one, the weights answer a small change
of the scores a million times less, and the query will never find out. Softmax is **saturated**. (In
attention the weights go on into an average, so the loss reaches the scores only through this slope.
In lesson 01 the loss was $-\ln p$, and the logarithm undid it.)

Two keys may be an unlucky case. So measure it: 2000 random queries, 16 random keys. Now every
weight $w_i$ reacts to every score $s_j$, and the slopes form a table of 16 by 16. Its size is the
root of the sum of its squares. (You can skip how the table is computed. For those who know partial
derivatives: $\partial w_i / \partial s_j = w_i (\delta_{ij} - w_j)$, where $\delta_{ij}$ is 1 for
$i = j$ and 0 otherwise.)
"""

# %% scale-slopes
def slope_size(scores: Tensor) -> float:
    """How much softmax reacts to its scores:
    the median (the middle one) over all rows of the size of its derivative."""
    weights = scores.softmax(dim=-1)
    outer = weights.unsqueeze(-1) * weights.unsqueeze(-2)  # (rows, 16, 16)
    slopes = torch.diag_embed(weights) - outer
    return slopes.flatten(1).norm(dim=-1).median().item()

plain_slopes, scaled_slopes = [], []
for d_k in sizes:
    queries = torch.randn(2000, d_k, generator=generator, dtype=torch.float64)
    keys = torch.randn(16, d_k, generator=generator, dtype=torch.float64)
    plain_slopes.append(slope_size(queries @ keys.T))
    scaled_slopes.append(slope_size(attention_scores(queries, keys)))
for d_k in (1, 64, 1024):
    plain, scaled = (slopes[sizes.index(d_k)] for slopes in (plain_slopes, scaled_slopes))
    print(f"d_k = {d_k:4}:  {plain:7.1g} without the scale, {scaled:.1f} with it")

# %% scale-both [markdown]
r"""
Both measurements in one picture. All axes are logarithmic, and from point to point $d_k$ doubles.
"""

# %% scale-picture
figure, (left, right) = plots.canvas(9.0, 3.4, columns=2)
for axis, plain, scaled, label in (
    (left, variances, scaled_variances, "variance of a score"),
    (right, plain_slopes, scaled_slopes, "how much softmax reacts"),
):
    curves = {"q . k": plain, "q . k / sqrt(d_k)": scaled}
    plots.lines(sizes, curves, "d_k", label, axis=axis, log_x=True, log_y=True)
plots.show(figure, alt="""Two panels against d_k from 1 to 1024. Left, variance of a score: rises
    with d_k without the scale, stays at 1 with it. Right, size of the softmax derivative: falls by
    thousands without the scale, stays level with it.""")

# %% scale-caption [markdown]
r"""
**Figure.** Left: the variance of $q \cdot k$ is $d_k$; your scores, with the scale, stay at 1.
Right: without the scale a typical query (the median) loses its gradient as $d_k$ grows, and at
$d_k = 1024$ almost nothing is left (a hundred-thousandth, where it began with 0.3); with it, $d_k$
makes no difference.
"""

# %% unscaled [markdown]
r"""
**Break it on purpose.** Does it matter in training? Here 200 queries learn by plain gradient
descent. Each has 8 random keys of its own and is told which of them to attend to. Before every step
we note the key that it attends to most, with the scale and without.

A fair comparison needs one more thought. A query that moves by a small step along a key $k$ changes
its score with that key by $k \cdot k \approx d_k$ times the step. With the scale (once in the
score, once in the gradient) it is $d_k / d_k = 1$ times. So the queries without the scale take
steps of $1 / d_k$. Then the scores move equally far on both sides, and only the softmax makes a
difference.
"""

# %% unscaled-training
told = torch.arange(200) % 8  # query 0 is told key 0, query 1 key 1, ...

def most_attended(d_k: int, scaled: bool, steps: int = 300) -> Tensor:
    """The key that each query attends to most, step by step: (steps, 200)."""
    generator = torch.Generator().manual_seed(1)
    key = torch.randn(200, 8, d_k, generator=generator, dtype=torch.float64)
    query = torch.randn(200, 1, d_k, generator=generator, dtype=torch.float64).requires_grad_()
    step, looked = (1.0 if scaled else 1 / d_k), []
    for _ in range(steps):
        scores = attention_scores(query, key)
        scores = scores if scaled else scores * math.sqrt(d_k)  # the scale undone
        weights = scores.softmax(dim=-1)[:, 0]  # (200, 8)
        looked.append(weights.argmax(dim=-1))
        loss = (weights - nn.functional.one_hot(told, 8)).square().sum()
        query = (query - step * torch.autograd.grad(loss, query)[0]).detach().requires_grad_()
    return torch.stack(looked)

# %% unscaled-sizes [markdown]
r"""
Now with many numbers in a query and with few, each without the scale and with it. Which queries
were right from the start, and which have found their key? And of those that end on a wrong one:
which never left the key that was the largest, by chance, at the start?
"""

# %% unscaled-picture
found = {}
for d_k in (512, 4):
    for scaled in (False, True):
        looked = most_attended(d_k, scaled)
        name = f"d_k = {d_k}, {'scaled' if scaled else 'not scaled'}"
        found[name] = (looked == told).double().mean(dim=-1).tolist()
        right, moved = looked[-1] == told, looked[-1] != looked[0]
        ends = {"right all along": right & ~moved, "found": right & moved,
                "stayed wrong": ~right & ~moved, "moved to a wrong one": ~right & moved}
        print(f"{name}, {found[name][-1]:.0%} right at the end")
        print("   ", ", ".join(f"{these.double().mean():.0%} {end}" for end, these in ends.items()))
figure = plots.lines(range(300), found, "step", "share of queries on their key", markers=False)
plots.show(figure, alt="""Four curves over 300 steps. With d_k = 4, scaled or not, and with d_k =
    512 scaled, nearly all queries find their key; with d_k = 512 not scaled, the solid curve stays
    near a quarter.""")

# %% unscaled-caption [markdown]
r"""
**Figure.** With $d_k = 4$ the queries find their keys with the scale and without it, only more
slowly without. (A few keys lie in the midst of the others, and no query of four numbers can prefer
them; the other queries that miss need more steps.) With $d_k = 512$ the scale decides: without it
(the solid line) less than a quarter of the queries end on their key (23 %), and 14 % of all stood
there from the beginning. Most of the others, 63 % of all, never leave the key that was the largest
by chance; the rest, 14 %, have moved to another wrong one. There is no error message.
"""

# %% blocked [markdown]
r"""
## Blocked keys

Some keys must not be read: words that fill up a short sentence, or words that have not been said
yet. Which ones, a **mask** tells. As in lesson 02, it is boolean and `True` means *may attend*.
(Not everywhere! Even PyTorch means both: its `scaled_dot_product_attention` takes `True` for open,
its `nn.MultiheadAttention` for blocked. Read the documentation each time.)

How do you block a key? Its weight must be 0, and the other weights must share the 1 among
themselves. So it has to disappear *before* the softmax: its score becomes $-\infty$, since
$e^{-\infty} = 0$. Two tools from lesson 02 do it: `~` turns every `True` into `False` and back, and
`masked_fill(where, number)` puts the number in every place where it finds `True`.

Three scores, 1, 1 and 5, and the third key is blocked. **Predict** the weights.
"""

# %% blocked-guess
guess = None  # your guess: three numbers, such as [0.3, 0.3, 0.4]

# %% blocked-numbers
three_scores = torch.tensor([1.0, 1.0, 5.0])
open_keys = torch.tensor([True, True, False])
reveal(guess, three_scores.masked_fill(~open_keys, -math.inf).softmax(dim=-1).tolist())
print("without the mask:", [round(weight, 2) for weight in three_scores.softmax(dim=-1).tolist()])

# %% empty-row [markdown]
r"""
Now the case that breaks most code. What if *all* keys of a query are blocked? It happens: in a
batch, one sentence can be nothing but filling.
"""

# %% empty-row-numbers
nothing_open = torch.tensor([-math.inf, -math.inf])
large_negative = torch.tensor([-1e9, -1e9])
print("-inf everywhere:", nothing_open.softmax(dim=-1).tolist())
print("-1e9 everywhere:", large_negative.softmax(dim=-1).tolist())
print("0 times NaN:    ", 0 * math.nan)

# %% empty-row-rule [markdown]
r"""
With $-\infty$ the softmax is 0/0, which is NaN, "not a number". A NaN does not stay where it is: 0
times NaN is NaN, so after one more layer it is everywhere in its sentence, and one training step is
enough to make all the learned numbers of a model NaN. With $-10^9$, which much published code uses
(Rush 2018, The Annotated Transformer, for one), there is no NaN. But the row reads all the blocked
keys in equal parts, silently.

Our rule: **a row with nothing to attend to gives zeros**, and its gradient is zero as well. The
second half is easily forgotten. Some code computes a NaN and replaces it afterwards; then the
outputs are clean, and the gradient may still be NaN. The safest rule: where a NaN could arise, keep
it from arising.
"""

# %% softmax-exercise [markdown]
r"""
### Exercise: `masked_softmax`

Softmax over the last axis (the keys), where blocked scores count for nothing. `scores` has shape
$(..., T_q, T_k)$, the weights too. `mask` is `None` or boolean, `True` = may attend, and may be
smaller, as long as it broadcasts to the scores. An empty row gives zeros, and finite gradients.
`scores` itself stays as it is. You may use torch's own `softmax`, and the hints do.

Hint: First the easy case: without a mask it is a softmax along the last axis, `dim=-1`.

Hint: With a mask, `scores.masked_fill(~mask, -math.inf)` gives new scores in which the blocked ones
are $-\infty$. Then find the empty rows: those in which not `any` key is open. `keepdim=True` keeps
the axis, so that the result broadcasts.

Hint: Give the empty rows some finite number *before* the softmax, 0 for example, so that it has
something to divide; and fill their weights with 0 *after* it. Both are one `masked_fill` with the
same condition.

Help: I see `the output contains NaN`
An empty row reached the softmax with nothing but $-\infty$ in it. Look at the third hint.

Help: I see `the gradient of scores contains NaN`
The NaN arose and was replaced afterwards (`nan_to_num`, `torch.where`), and the gradient runs back
through the place where it arose. A minus infinity that is *added* to the scores lets it through;
one that `masked_fill` puts in their place stops it. Safest is to give the row finite scores first.

Help: I am told that the weights of an empty row are equal, but I filled it with 0 as the hint says
That is the first half of the third hint: softmax makes equal weights of equal scores. The second
half comes after the softmax.

Help: I see `bad operand type for unary ~: 'NoneType'`
There is no mask in this case. Ask `if mask is None` first.
"""

# %% exercise points=3 difficulty=3 minutes=20
from course.attention import masked_softmax

# %% check
check(masked_softmax)

# %% after [markdown]
r"""
(The worked solution takes another way than the hints, faster on a CPU for short rows: it writes the
exponentials out, and its two `clamp` keep an empty row from NaN. The hints' way is just as right.)

**Break it on purpose.** A tempting shortcut: take the softmax of everything, *then* set the blocked
weights to zero. The blocked keys are gone, are they not? Let us change the score of the blocked key
and watch the weights of the others.
"""

# %% after-softmax
for blocked_score in (5.0, 0.0):
    some_scores = torch.tensor([1.0, 1.0, blocked_score])
    late = some_scores.softmax(dim=-1) * open_keys
    right = masked_softmax(some_scores, open_keys)
    print(f"the blocked score is {blocked_score:.0f}")
    print("  mask after the softmax: ", [round(w, 2) for w in late.tolist()],
          f" sum {late.sum():.2f}")
    print("  mask before the softmax:", [round(w, 2) for w in right.tolist()],
          f" sum {right.sum():.2f}")

# %% after-meaning [markdown]
r"""
With the mask after the softmax, the blocked key has weight 0, and yet it speaks: the weights of the
*other* two change with its score, because softmax divides by a sum in which it still stands. So the
blocked key can be noticed. You will see below what that does when the blocked key is the future.
"""

# %% formula [markdown]
r"""
## The whole formula

Scores, weights, average. The paper writes all of it in one line (Vaswani et al. 2017, eq. 1):

$$\text{Attention}(Q, K, V) = \text{softmax}\left(\frac{Q K^\top}{\sqrt{d_k}}\right) V$$

Read it from the inside: $Q K^\top$ is every query against every key; the root keeps softmax alive;
softmax makes each *row* sum to 1; and the product with $V$ averages the values, once for each row.
($V$ is the matrix of the values here. In a shape such as (B, T, V) it stays the size of the
vocabulary.) Shapes: $(T_q, T_k)$ times $(T_k, d_v)$ gives $(T_q, d_v)$, one answer for each query,
as long as a value.

Sometimes attention is called linear. It is so in the values alone: with $Q$ and $K$ fixed, twice
the values give twice the answer. In $Q$ and $K$ it is not, since softmax stands in between.
"""

# %% attention-exercise [markdown]
r"""
### Exercise: `scaled_dot_product_attention`

The most important function of the Transformer, from parts that you have. `query` $(..., T_q, d_k)$,
`key` $(..., T_k, d_k)$ and `value` $(..., T_k, d_v)$ give $(..., T_q, d_v)$; `mask` as before. The
answer is the output alone, without the weights. Torch has a function of this name, which you may
not call here.

Hint: Three stages, in the order of the formula: scores, weights, average. You have written a
function for the first and one for the second.

Hint: The scale is already inside your `attention_scores`. Once is enough.

Hint: The average of the values is a matrix product, weights `@` value: row $i$ of the weights
against every column of `value`.

Help: I see `The size of tensor a` ... `must match the size of tensor b`
Some axes do not fit. Print the shapes of the scores and of the mask. Shapes are lined up on the
right, so the mask's last axis must be the keys and the one before it the queries.

Help: I am told `the scores are divided by d_k, not by its square root`, but I wrote the root
You divided by the root, and so did `attention_scores` before: together that is $d_k$.
"""

# %% exercise points=2 difficulty=2 minutes=10
from course.attention import scaled_dot_product_attention

# %% check
check(scaled_dot_product_attention)

# %% flow-why [markdown]
r"""
Here is the whole formula in small numbers, for three words of our sentence: queries and keys of
four numbers, so the root is 2, and values of two numbers. The mask lets each word read itself and
the words before it. All results come from *your* functions.
"""

# %% flow-numbers
three_words = ["animal", "was", "tired"]
inputs = {
    "query": torch.tensor([[0.0, 1.0, 1.0, 2.0], [1.0, 2.0, 0.0, 0.0], [2.0, 0.0, 1.0, 0.0]]),
    "key": torch.tensor([[2.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 2.0], [0.0, 0.0, 2.0, 1.0]]),
    "value": torch.tensor([[10.0, 0.0], [0.0, 0.0], [0.0, 10.0]]),
}
may_read = torch.tensor([[1, 0, 0], [1, 1, 0], [1, 1, 1]]) == 1

# %% flow-picture
scores = attention_scores(inputs["query"], inputs["key"])
steps = {
    "products": inputs["query"] @ inputs["key"].T, "scores": scores,
    "masked": scores.masked_fill(~may_read, -math.inf),
    "weights": masked_softmax(scores, may_read),
    "output": scaled_dot_product_attention(*inputs.values(), may_read),
}
for name, table in steps.items():
    print(f"tired: {name:8}", [round(number, 2) for number in table[2].tolist()])
figure = plots.attention_flow(three_words, inputs, steps, row=2)
plots.show(figure, alt="""Five steps as tables of numbers, for the words animal, was, tired. Query
    times turned key gives the products; divided by 2 they are the scores; the mask puts minus
    infinity above the diagonal; softmax gives weights, each row of which sums to 1; weights times
    value is the output. The row of tired is framed: products 4, 0, 2; scores 2, 0, 1; weights 0.67,
    0.09, 0.24; output 6.65, 2.45.""")

# %% flow-caption [markdown]
r"""
**Figure.** Follow the framed row, that of *tired*, from 1 to 5. Its dot products 4, 0, 2 become the
scores 2, 0, 1; nothing is blocked for it; softmax makes the weights 0.67, 0.09, 0.24; and the
output is 0.665 times the value of *animal* plus 0.245 times its own (that of *was* is all zeros).
Then take the first row. Its
largest product, 5, belongs to *was*, a word that *animal* may not read. The mask takes it away
before the softmax, and all the weight is left for *animal* itself.
"""

# %% agree [markdown]
r"""
Now compare: with your own loop, and with PyTorch, which has this function built in, under the same
name and with the same meaning of the mask. And time your two versions. Is the one line of matrices
faster, and by how much?
"""

# %% agree-numbers
query, key, value = torch.randn(64, 32), torch.randn(64, 32), torch.randn(64, 16)
began = time.perf_counter()
by_loops = torch.stack([attention_for_one_query(one, key, value) for one in query])
between = time.perf_counter()
by_matrices = scaled_dot_product_attention(query, key, value)
ended = time.perf_counter()
by_torch = nn.functional.scaled_dot_product_attention(query, key, value)
print("loops and matrices agree: ", torch.allclose(by_loops, by_matrices, atol=1e-5))
print("PyTorch and yours agree:  ", torch.allclose(by_torch, by_matrices, atol=1e-5))
print(f"by loops {1000 * (between - began):.2f} ms, "
      f"by matrices {1000 * (ended - between):.2f} ms")

# %% agree-price [markdown]
r"""
(Most of the difference is that loops are slow in Python.) Every word meets every word in one step,
and all words do so at the same time. A recurrent network (lesson 01) needs as many steps as there
are words between them, one after the other. The price: there are $T_q \cdot T_k$ scores, so a
sentence twice as long needs four times as many. (Lesson 08 counts when that begins to hurt.)
"""

# %% pause [markdown]
r"""
### A pause

You have built the most important function. This is a good place to stop, for a cup of tea or until
tomorrow. When you come back, try to write the formula on paper from memory, with the shape of every
part; then go on. What follows: two masks, one layer, and the riddle of `it`.
"""

# %% causal [markdown]
r"""
## Not into the future

A model that writes says one word after the other. After 今天天气很好， (jīntiān tiānqì hěn hǎo,
"the weather is very good today") it says 我, then 们, then 去, the beginning of "let us go for a
walk" (lesson 01). Each word depends on the words that the model itself has written before: it is
autoregressive. When it says 我, the words to come are not there yet. But in training the whole
sentence is there, and all positions are computed at once. A model that may look at the next word
learns to copy it: its loss is very low, and it can write nothing.

So position $t$ may attend to the positions up to $t$: those before it, and itself. This is
the **causal mask**. **Predict**: for 4 positions, how many of the 16 pairs are open?
"""

# %% causal-guess
guess = None  # your guess: a number from 0 to 16

# %% causal-count
reveal(guess, sum(1 + t for t in range(4)))  # position t sees t + 1 positions

# %% causal-exercise [markdown]
r"""
### Exercise: `causal_mask`

Return the boolean matrix $(n, n)$ for `n_positions` = $n$, rows for queries, columns for keys:
`True` where the key is not later than the query.

Hint: Write it down for 3 positions. Row 0 has one `True`, row 1 has two, row 2 has three.

Hint: `True` where the column's number is at most the row's number. Which triangle of the matrix is
that? Does the diagonal belong to it?

Hint: `torch.ones(..., dtype=torch.bool)` is all `True`. `torch.tril` keeps the lower triangle with
the diagonal and clears the rest; `torch.triu` keeps the upper one.

Help: I see `the output holds float32`
`torch.ones` makes floating-point numbers unless told otherwise: give it `dtype=torch.bool`.
"""

# %% exercise points=1 difficulty=1 minutes=5
from course.attention import causal_mask

# %% check
check(causal_mask)

# %% causal-look [markdown]
r"""
Your mask as a picture, for a sentence of five words.
"""

# %% causal-picture
words = ["the", "weather", "is", "fine", "today"]
figure = plots.heatmap(causal_mask(5), words, words, decimals=0, high=1.0)
figure.axes[0].set(xlabel="key: who is read", ylabel="query: who reads")
plots.show(figure, alt="""Five words as rows and columns. Ones on the diagonal and below it, zeros
    above it: each word may read itself and all the words before it.""")

# %% causal-caption [markdown]
r"""
**Figure.** Row by row: *the* reads only itself, *today* reads everything. Above the diagonal lies
the future. No row is empty, since every position may read itself. Forbid the diagonal by mistake,
and the first word has nothing to read.

**Break it on purpose.** The test of a causal mask is not to look at it. Change the future, and see
whether the past notices. We change the last of five positions and measure how much the first four
outputs move, four times: without a mask; with a mask that is one number off, so that the next word
may be read; with yours; and with yours applied after the softmax. **Predict**: how many of the four
leak?
"""

# %% leak-guess
guess = None  # your guess: a number from 0 to 4

# %% leak
def past_moves(attend) -> float:
    """How far the outputs before the last position move when the last position changes."""
    x = torch.randn(5, 8, generator=torch.Generator().manual_seed(3))
    other = x.clone()
    other[-1] += 1.0
    return (attend(x) - attend(other))[:-1].abs().max().item()

next_allowed = torch.ones(5, 5, dtype=torch.bool).tril(1)
moves = {
    "no mask": past_moves(lambda x: scaled_dot_product_attention(x, x, x)),
    "next allowed": past_moves(lambda x: scaled_dot_product_attention(x, x, x, next_allowed)),
    "causal": past_moves(lambda x: scaled_dot_product_attention(x, x, x, causal_mask(5))),
    "after softmax": past_moves(lambda x: attention_scores(x, x).softmax(-1) * causal_mask(5) @ x),
}
reveal(guess, sum(moved > 0 for moved in moves.values()))
for name, moved in moves.items():
    print(f"{name:14}: the past moves by {'exactly 0' if moved == 0 else f'{moved:.3f}'}")

# %% leak-meaning [markdown]
r"""
Only the causal mask before the softmax gives 0, and exactly 0: not one bit of the past has changed.
With *next allowed*, one number off, every position sees the word that it is to predict. And the
mask after the softmax lets the future through too (here 0.059), by the sum that softmax divides by,
although every forbidden weight is 0. Training can make use of such a trace; lesson 05 shows a loss
that a leak has made lower than it honestly can be.
"""

# %% padding [markdown]
r"""
## Not into the padding

Short sentences of a batch are filled up with a special token, `<pad>`, number 0 (lesson 02). There
the reader's state and the loss passed over it; here nobody is to read it. Two sentences as token
numbers, one of them short:
"""

# %% padding-batch
tokens = torch.tensor([[5, 9, 4, 7], [6, 8, 0, 0]])  # (B, T): the second sentence has two words
print("words:", (tokens != 0).tolist())

# %% padding-axes [markdown]
r"""
That is already the mask, but its shape is $(B, T)$, and scores have $(B, H, T_q, T_k)$: $B$
sentences, $H$ heads (several attentions side by side, from lesson 05 on), queries, keys.
Broadcasting lines shapes up on the right, so $(B, T)$ would lay the *sentences* along the queries.
It must say which axis is which: $(B, 1, 1, T_k)$, the same for all heads and for all queries.

And who masks the queries at the padding? Nobody. They compute something, and nobody reads it.
"""

# %% padding-exercise [markdown]
r"""
### Exercise: `padding_mask`

From `tokens` $(B, T)$ make the boolean mask $(B, 1, 1, T)$ that is `True` where the token is not
`pad`.

Hint: Comparing a tensor with a number gives a boolean tensor of the same shape.

Hint: Indexing with `None` adds an axis of size 1: `tokens[:, None]` has shape $(B, 1, T)$.

Hint: You need two new axes between $B$ and $T$: `[:, None, None, :]`, or `unsqueeze` twice.

Help: I am told `the argument pad is not used`
Compare with `pad`, not with 0: another vocabulary may keep its padding elsewhere.
"""

# %% exercise points=1 difficulty=1 minutes=5
from course.attention import padding_mask

# %% check
check(padding_mask)

# %% padding-law [markdown]
r"""
The law of padding: filling up a sentence changes nothing for its words. Test it on a sentence of
two words, alone and with two tokens of padding, with your mask and without it. There is one head,
so $H = 1$.
"""

# %% padding-test
token_vectors = torch.randn(10, 8, generator=torch.Generator().manual_seed(5))
short, filled = tokens[1:, :2], tokens[1:]  # (1, 2), (1, 4)

def outputs(some: Tensor, mask: Tensor | None = None) -> Tensor:
    """Attention of each token to all of them, one head: tokens (B, T) -> (B, 1, T, 8)."""
    x = token_vectors[some][:, None]  # (B, 1, T, 8)
    return scaled_dot_product_attention(x, x, x, mask)

for name, mask in (("with the mask", padding_mask(filled)), ("without", None)):
    moved = (outputs(filled, mask)[:, :, :2] - outputs(short)).abs().max()
    print(f"{name:14}: the two words move by {moved:.3f}")

# %% padding-both [markdown]
r"""
Where both masks are needed, join them with `&`: open is what both allow.
`padding_mask(tokens) & causal_mask(4)` has shape $(2, 1, 4, 4)$, by broadcasting.
"""

# %% padding-joined
both = padding_mask(tokens) & causal_mask(4)
print(tuple(both.shape))
print(both[1, 0].int())  # the second sentence: rows are queries, columns are keys

# %% self [markdown]
r"""
## Self: one sequence in three roles

So far somebody handed you queries, keys and values. Where do they come from?

In lesson 02 they came from two places: the decoder asked, the encoder's states answered. Every
output looked at every input. That is **attention**. It is **self-attention** when queries, keys and
values all come from the *same* sequence, so that the words of a sentence read each other. Many
texts say "every output looks at every input" and call that self-attention; but that much is true of
both kinds.

Each word's vector $x$ plays three roles, through three learned matrices:

$$Q = X W^Q, \qquad K = X W^K, \qquad V = X W^V$$

What a word asks, what it offers, and what it hands over need not be the same thing. (A vector times
a learned matrix is called a **projection**; here each $x$ has three.)
"""

# %% self-why [markdown]
r"""
Why not use $x$ itself for all three? Between vectors of about the same length, $x \cdot x$ is the
largest score among vectors of the same length: no word could look at another one more than at
itself than at itself.

Then perhaps one matrix for both, $W^Q = W^K$? Try it on three words: *rock*, *paper*, *scissors*.
In the game, rock beats scissors, scissors beat paper, and paper beats rock. Each word is to attend
to the one that it beats. The next cell lets the matrices learn this, once with $W^Q = W^K$ and once
with two matrices. **Predict**: how much of its attention does *rock* give to *scissors* in the end,
if both matrices are the same?
"""

# %% circle-guess
guess = None  # your guess: a number between 0 and 1

# %% circle-learn
game = ["rock", "paper", "scissors"]
beats = torch.tensor([2, 0, 1])  # rock beats word 2, paper word 0, scissors word 1

def learned_weights(n_matrices: int) -> Tensor:
    """The weights after training one matrix for queries and keys, or two: (3, 3)."""
    torch.manual_seed(0)
    x, matrices = torch.eye(3), torch.randn(n_matrices, 3, 3, requires_grad=True)
    optimizer = torch.optim.Adam([matrices], lr=0.05)
    for _ in range(300):
        # queries, keys; with one matrix [0] and [-1] are the same
        scores = attention_scores(x @ matrices[0], x @ matrices[-1])
        loss = nn.functional.cross_entropy(scores, beats)  # low where the weight told is near 1
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return masked_softmax(scores).detach()

circle = {"one matrix": learned_weights(1), "two matrices": learned_weights(2)}
reveal(guess, round(circle["one matrix"][0, 2].item(), 2))

# %% circle-picture
figure, axes = plots.canvas(7.6, 2.3, columns=2)
for axis, (name, weights) in zip(axes, circle.items(), strict=True):
    plots.heatmap(weights, game, game, name, axis=axis, high=1.0)
plots.show(figure, alt="""Two tables of weights between rock, paper and scissors. With one matrix
    all nine weights are 0.33. With two matrices each word gives 1.00 to the word that it beats.""")

# %% circle-caption [markdown]
r"""
**Figure.** Left, $W^Q = W^K$: training reaches three equal weights in each row and gets no further.
Right, two matrices: every word looks at the one that it beats.

The left side has no way out. With one matrix the score of $i$ for $j$ equals that of $j$ for $i$.
So there are only three scores between different words: $a$ between rock and scissors, $b$ between
scissors and paper, $c$ between paper and rock. What is asked for is:

- rock looks at scissors rather than at paper: $a > c$;
- scissors at paper rather than at rock: $b > a$;
- paper at rock rather than at scissors: $c > b$.

No three numbers can do all of this. Nor can all words look away from themselves: a word's score for
itself is $q \cdot q$, and two words' score for each other is never above the mean of their two
$q \cdot q$, because $(q_1 - q_2) \cdot (q_1 - q_2)$ is never negative. Two of the three could be
had at the price of the third, but under this loss the third costs more than the two bring: averaged
over the three words nothing is better than equal weights, and there training ends. With two
matrices a word can ask for one thing and offer another: `it` can ask for a noun, and *animal* need
not ask for `it` in return.
"""

# %% self-sizes [markdown]
r"""
The sizes: $d_{model} = 512$ numbers go in and $d_k = d_v = 64$ come out of each matrix in the paper
(Vaswani et al. 2017, section 3.2.2). $d_k$ and $d_v$ may differ. One thing is often told wrongly:
the output of one head has $d_v$ numbers, *not* $d_{model}$. How the outputs of several heads
become $d_{model}$ numbers again is told in lesson 05.
"""

# %% layer-exercise [markdown]
r"""
### Exercise: `SelfAttention`

The layer. The constructor makes three `nn.Linear` without bias, named `w_q`, `w_k` and `w_v`, which
cells further down will call; `forward` takes `x` $(B, T, d_{model})$ and an optional `mask`,
broadcastable to $(B, T, T)$ (no axis for heads: of a padding mask `[:, 0]`), and gives
$(B, T, d_v)$. A word that may read nothing gets zeros, as before. Use your own attention, not
torch's.

Hint: `nn.Linear(a, b, bias=False)` holds a matrix that turns `a` numbers into `b` numbers. `w_q`
and `w_k` end in $d_k$, `w_v` in $d_v$.

Hint: In `forward`, call the three layers on `x`, then call the function that you wrote before. Do
not forget to hand on the mask.

Hint: The whole of `forward` fits in one line: attention of `self.w_q(x)` and its two sisters, in
the order query, key, value.

Help: I see `the weights cannot be copied in`
The check copies its own numbers into your layers, by name: there must be `w_q`, `w_k` and `w_v`,
without bias (`bias=False`), and nothing else with parameters.

Help: I see `is not an nn.Module`
You made the matrix an `nn.Parameter`. Let `nn.Linear` hold it: then `self.w_q(x)` can be called.

Help: my matrices have the shape (d_k, d_model), the paper's have (d_model, d_k)
Both are right. `nn.Linear` stores its matrix turned, and computes $x W^\top$.
"""

# %% exercise points=3 difficulty=3 minutes=18
from course.attention import SelfAttention

# %% check
check(SelfAttention)

# %% no-order [markdown]
r"""
**Predict.** Shuffle the words of a sentence and put it through the layer. What happens to the
outputs: nothing at all, the same rows in the shuffled order, or other numbers altogether?
"""

# %% no-order-guess
guess = None  # your guess: "nothing", "the same rows" or "other numbers"

# %% no-order-test
layer = SelfAttention(d_model=8, d_k=4, d_v=6)
x = torch.randn(1, 5, 8, generator=torch.Generator().manual_seed(6))
shuffled = [3, 0, 4, 1, 2]
same_rows = torch.allclose(layer(x[:, shuffled]), layer(x)[:, shuffled], atol=1e-6)
reveal(guess, "the same rows" if same_rows else "other numbers")

# %% no-order-meaning [markdown]
r"""
The same rows, in the new order. Without a mask, nothing in the formula knows where a word stands:
*cat bites mouse* and *mouse bites cat* give the same three vectors. Lesson 06 repairs that.
"""

# %% own [markdown]
r"""
**Your own sentence.** Type one below and look at its weights. Each word gets a random vector,
always the same for the same word, and the layer's matrices are random too. (Letters that your
computer has no picture font for, Chinese for example, may appear as boxes.)
"""

# %% own-sentence
sentence = "the cat chased the dog and the dog chased the cat"  # type your own sentence here

def word_vector(word: str, size: int = 16) -> Tensor:
    """Random numbers that depend on the word alone."""
    return torch.randn(size, generator=torch.Generator().manual_seed(zlib.crc32(word.encode())))

def attention_weights(layer: nn.Module, x: Tensor, mask: Tensor | None = None) -> Tensor:
    """The weights that the layer computes on its way and does not return: (..., T, T)."""
    with torch.no_grad():
        return masked_softmax(attention_scores(layer.w_q(x), layer.w_k(x)), mask)

# %% own-weights-why [markdown]
r"""
The layer gives outputs, not weights; `attention_weights` repeats its first two steps.
"""

# %% own-weights
own_words = corpus.words_of(sentence.lower())  # of Chinese, the characters
torch.manual_seed(2)
own_layer = SelfAttention(d_model=16, d_k=8, d_v=8)
# twice as long: larger scores, a livelier picture
own_vectors = 2 * torch.stack([word_vector(word) for word in own_words])
own_weights = attention_weights(own_layer, own_vectors)

# %% own-look [markdown]
r"""
Before you look: which rows of the picture must be equal?
"""

# %% own-picture
figure = plots.heatmap(own_weights, own_words, own_words)
figure.axes[0].set(xlabel="key: who is read", ylabel="query: who reads")
plots.show(figure, alt="""Attention weights of the learner's sentence, one row and one column for
    each word; equal words have equal rows and equal columns, and each row sums to one.""")

# %% own-caption [markdown]
r"""
**Figure.** (The colours end at the largest weight here, not at 1.) What you may read in it: each
row sums to 1; equal words have equal rows *and* equal columns, wherever they stand, since the layer
knows no order. What you may not read in it: meaning. Nothing has been learned. A bright tile says
that two random vectors happen to fit.

What does a layer learn when there is something to find out?
"""

# %% it [markdown]
r"""
## What does `it` mean?

Back to the first question. The example became famous when Google introduced the Transformer: in a
trained English-French model, one head's attention moved from *animal* to *street* as *tired*
became *wide* (Uszkoreit 2017). A translator needs to know, for French must choose between *il*
and *elle*.

We build it small. Eight animals, eight places, six reasons that fit an animal and six that fit a
place make 768 sentences. The layer is to give, **at the position of `it`, the vector of the word
that `it` stands for**. A quarter of the sentences is held back for the test, among them every one
with *animal* and *street*: the layer never sees these two together in training.
"""

# %% it-sentences
animals, places, tired, wide = [line.split() for line in (
    "animal dog cat horse chicken hedgehog fox cow",
    "street road river bridge highway field path square",
    "tired scared sleepy hungry lazy shy",
    "wide busy icy muddy flooded crowded",
)]
known, new = [], []  # (the words, what `it` means): for the training, for the test
for a, animal in enumerate(animals):
    for p, place in enumerate(places):
        for reason in tired + wide:
            text = f"The {animal} didn't cross the {place} because it was too {reason}"
            example = (text.split(), animal if reason in tired else place)
            (new if (a + p) % 4 == 0 else known).append(example)
print(f"{len(known + new)} sentences: {len(known)} to learn from, {len(new)} for the test")

# %% it-vectors-why [markdown]
r"""
Each word gets a fixed random vector of 64 numbers.
"""

# %% it-vectors
def vectors_of(sentences: list, d_model: int = 64) -> dict[str, Tensor]:
    """A random vector of length about 1 for each word, in double precision."""
    vocabulary = sorted({word for words, _ in sentences for word in words})
    generator = torch.Generator().manual_seed(0)
    table = torch.randn(len(vocabulary), d_model, generator=generator, dtype=torch.float64)
    return dict(zip(vocabulary, table / math.sqrt(d_model), strict=True))

def read(sentences: list, vectors: dict) -> Tensor:
    """The words of each sentence: (N, T, d_model)."""
    return torch.stack([torch.stack([vectors[word] for word in words]) for words, _ in sentences])

def meaning(sentences: list, vectors: dict) -> Tensor:
    """The vector of the word that `it` means in each sentence: (N, d_model)."""
    return torch.stack([vectors[meant] for _, meant in sentences])

# %% it-train-why [markdown]
r"""
All that learns is the three matrices of your `SelfAttention`. The loss is the squared distance
between the output at `it` and the vector of the word that is meant. It says nothing about where to
look: that is left to the layer.
"""

# %% it-train
def train(x: Tensor, meant: Tensor, position: int, steps: int = 600) -> nn.Module:
    """A layer whose output at `position` has learned to be the vector that is meant."""
    layer, generator = SelfAttention(d_model=64, d_k=16, d_v=64), torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    for linear in (layer.w_q, layer.w_k, layer.w_v):  # whichever of them your layer made first
        linear.reset_parameters()
    optimizer = torch.optim.Adam(layer.double().parameters(), lr=0.03)
    for step in range(1, steps + 1):
        some = torch.randint(len(x), (64,), generator=generator)
        loss = (layer(x[some])[:, position] - meant[some]).square().sum(dim=-1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 200 == 0:
            print(f"step {step}: loss {loss.item():.2f}")
    return layer

# %% it-predict [markdown]
r"""
Before you train it, think. The row of `it` comes from the query of `it` and from the keys of all
words. Take the weight on *animal* divided by the weight on *street*. **Predict**: after training,
is this ratio for *too wide* the same as for *too tired*, or another one?
"""

# %% it-guess
guess = None  # your guess: "the same" or "another"

# %% it-bare
vectors = vectors_of(known + new)
IT = 7  # the place of `it` in the sentence
bare = train(read(known, vectors), meaning(known, vectors), IT)

# %% it-pair-why [markdown]
r"""
Trained. Now the row of `it` in the two sentences from the beginning of this lesson, which were both
held back.
"""

# %% it-pair
def find(text: str, sentences: list) -> tuple:
    """The example with these words."""
    return next(example for example in sentences if example[0] == text.split())

street = "The animal didn't cross the street because it was too"
pair = [find(f"{street} tired", new), find(f"{street} wide", new)]
bare_rows = attention_weights(bare, read(pair, vectors))[:, IT]  # (2, T): the two rows of `it`
bare_ratios = (bare_rows[:, 1] / bare_rows[:, 5]).tolist()  # animal : street
reveal(guess, "another" if abs(bare_ratios[0] - bare_ratios[1]) > 1e-9 else "the same")
for (words, _), ratio in zip(pair, bare_ratios, strict=True):
    print(f"too {words[-1]:5}:  weight of animal / weight of street = {ratio:.2f}")

# %% it-bare-meaning [markdown]
r"""
The same, and no training could change that. The query of `it` is $W^Q$ times the vector of the word
`it`: the same question in every sentence. The keys of *animal* and *street* are the same in both
sentences too, so their scores are, and so is the ratio of their weights. Another last word can only
take weight away from both alike.

So one layer on bare words cannot look at one noun here and at the other there. In the published
picture, the attention was that of the *fifth to the sixth* layer (Uszkoreit 2017): by then, the
vector at `it` was no longer that of a bare word. The layers below had mixed the sentence into it.
"""

# %% it-mix [markdown]
r"""
We can have such a lower layer without any training: attention in which all scores are equal. Its
weights are all $1/T$, so it hands every word the *average* of the sentence; and we add that to the
word's own vector. (Adding a layer's output to its input has a name, *residual*: lesson 07.) Now the
query of `it` has a little of *tired* in it, or a little of *wide*. The same layer, the same
training:
"""

# %% it-mixed
def mixed(x: Tensor) -> Tensor:
    """Each word's vector plus the mean of its sentence,
    as attention with equal weights would bring it."""
    return x + x.mean(dim=-2, keepdim=True)

reader = train(mixed(read(known, vectors)), meaning(known, vectors), IT)
rows = attention_weights(reader, mixed(read(pair, vectors)))[:, IT]
for (words, _), row in zip(pair, rows, strict=True):
    print(f"too {words[-1]:5}:  weight of animal {row[1]:.2f}, of street {row[5]:.2f}")

# %% it-arrows
sentences = [words for words, _ in pair]
figure = plots.attention_arrows(sentences, rows, asking=IT)
plots.show(figure, alt="""The two sentences, one below the other, with lines from the word it to the
    words that it attends to. In the first, which ends in tired, one thick line goes to animal; in
    the second, which ends in wide, one thick line goes to street.""")

# %% it-look [markdown]
r"""
**Figure.** The word in the box asks; the width of a line is a weight, and the number below each
word is that weight. One word changes at the end of the sentence, and the line moves from *animal*
to *street*.

And now the bare layer beside it: the row of `it` in both layers, for *too tired* and for *too
wide*.
"""

# %% it-picture
columns = [*pair[0][0][:-1], "tired / wide"]
names = ["bare, too tired", "bare, too wide", "mixed, too tired", "mixed, too wide"]
figure = plots.heatmap(torch.cat([bare_rows, rows]), names, columns, high=1.0)
plots.show(figure, alt="""The weights of the row of it, for four cases. Bare words: spread over all
    words, nearly the same for tired and wide. Mixed words: nearly all on animal when the last word
    is tired, nearly all on street when it is wide.""")

# %% it-caption [markdown]
r"""
**Figure.** Where `it` looks. Upper two rows, bare words: spread over everything, and nearly the
same for both reasons (the ratio of the nouns is 0.71 in both; two digits are too few to see it).
Lower two rows, each word with the mean of its sentence added: nearly all weight is on one noun, and
it is the right one. The layer has never seen these two nouns in one sentence.
"""

# %% it-test [markdown]
r"""
Is it right beyond this pair? For every test sentence, take the output at `it` and find the word
whose vector lies nearest, among all words. **Predict**: how often is the bare layer right?

The cell asks once more with the *last* word blocked by a mask, so that nobody can read its value.
In the mixed layer every word carries a little of the last one, which a mask alone would not hide.
So in both tests the mixed vectors decide the *weights* only; the values are those of the bare
words.
"""

# %% it-test-guess
guess = None  # your guess: a number between 0 and 1

# %% it-test-numbers
def share_right(layer: nn.Module, x: Tensor, mask: Tensor | None = None) -> float:
    """How often the word nearest to the output at `it` is the word that is meant;
    the weights come from x, the values from the bare words."""
    weights = attention_weights(layer, x, mask)[:, IT : IT + 1]  # (N, 1, T)
    with torch.no_grad():
        found = weights @ layer.w_v(read(new, vectors))  # (N, 1, d_model)
        nearest = torch.cdist(found[:, 0], torch.stack(list(vectors.values()))).argmin(dim=-1)
    pairs = zip(nearest.tolist(), new, strict=True)
    return sum(list(vectors)[index] == meant for index, (_, meant) in pairs) / len(new)

not_the_last = torch.arange(11) < 10  # one row for all queries
right, x = {}, read(new, vectors)
for name, layer, seen in (("bare", bare, x), ("mixed", reader, mixed(x))):
    right[name] = share_right(layer, seen), share_right(layer, seen, not_the_last)
reveal(guess, round(right["bare"][0], 2))
for name, (all_open, blocked) in right.items():
    print(f"{name:5}:  {all_open:.0%} right;  with the last word blocked {blocked:.0%}")

# %% it-honest [markdown]
r"""
The mixed layer is always right, and does not need the last word's value: it finds the noun, and its
attention shows how. But look at the bare layer! The *ratio* of its weights for *animal* and
*street* cannot move, and still it is right nine times out of ten. How? It reads both nouns in fixed
parts, and the value of *tired* tips the balance towards the animals. Block that one word and it has
to guess: 50 %. The heatmap alone would not have told us.

So be careful with such pictures, as in lesson 02. This is a toy, with one solution that training
found, and there are others: attention weights are not by themselves an explanation, since very
different weights can give the same answer (Jain and Wallace 2019). Look at them for an idea, then
*intervene*, as we did with the mask, to see if it holds.
"""

# %% it-inside tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
from course.page import look_inside_attention

tired = mixed(read(pair, vectors))[0]  # (T, d_model)
look_inside_attention(reader.w_q(tired), reader.w_k(tired), reader.w_v(tired),
                      mask=not_the_last, words=pair[0][0])

# %% it-inside-caption [markdown]
r"""
**Figure.** Look inside: your mixed layer reads *... too tired*, and you can stop it at every stage.
The last word is blocked, as in the test (only that the values here are those of the mixed words).
Choose the row of `it`. **Predict** what the mask does to its other weights: do some of them fall?
The switch *without the mask* tells. And **find** what makes *animal* win: choose its cell, and look
for the largest products of query and key. (In a notebook that nobody has run, you see a still of
the weights.)
"""

# %% apple [markdown]
r"""
## The riddle in Chinese

You may skip this section; who reads it needs no Chinese. A sentence with the same riddle, *I love
to eat apples; they are both red and sweet*:

| 我 | 爱 | 吃 | 苹果 | ， | 它 | 又 | 红 | 又 | 甜 | 。 |
|---|---|---|---|---|---|---|---|---|---|---|
| wǒ | ài | chī | píngguǒ | , | tā | yòu | hóng | yòu | tián | . |
| I | love | eat | apple | , | it | both | red | and | sweet | . |

它 means `it`, of things and of animals, but never of me. If a kitten loves to eat apples, 它 can be
either one. Compare 小猫爱吃苹果，它又红又甜。 (xiǎomāo ài chī píngguǒ, tā yòu hóng yòu tián: "the
kitten loves to eat apples; they are both red and sweet") with 小猫爱吃苹果，它又乖又懒。 (... tā
yòu guāi yòu lǎn: "the kitten loves to eat apples; it is both good and lazy"). The functions above
serve as they are; only the sentences are new.
"""

# %% apple-sentences
people, pets, fruits, of_fruits, of_pets = [line.split() for line in (
    "我 妈妈 爷爷 老师",  # I, mum, grandpa, teacher
    "小猫 小狗 小兔 小马 小熊 小猪",  # kitten, puppy, bunny, pony, bear cub, piglet
    "苹果 草莓 樱桃 西瓜 桃子 番茄",  # apple, strawberry, cherry, watermelon, peach, tomato
    "红 甜 脆 香 酸 鲜",  # red, sweet, crisp, fragrant, sour, fresh
    "乖 饿 懒 胖 困 累",  # good, hungry, lazy, fat, sleepy, tired
)]
apple_known, apple_new = [], []
for e, eater in enumerate(people + pets):
    for f, fruit in enumerate(fruits):
        for meant, reasons in ((fruit, of_fruits), (eater, of_pets if eater in pets else [])):
            for one, two in permutations(reasons, 2):
                words = f"{eater} 爱 吃 {fruit} ， 它 又 {one} 又 {two} 。".split()
                (apple_new if (e + f) % 4 == 0 else apple_known).append((words, meant))
print(len(apple_known), "sentences to learn from,", len(apple_new), "for the test")

# %% apple-train-why [markdown]
r"""
Vectors, training, and the same mean of the sentence added to each word, as before. 它 stands at
place 5.
"""

# %% apple-train
apple_vectors = vectors_of(apple_known + apple_new)
TA = 5  # the place of 它
x, meant = read(apple_known, apple_vectors), meaning(apple_known, apple_vectors)
apple_reader = train(mixed(x), meant, TA)

# %% apple-ask [markdown]
r"""
Three sentences of the test. In the first *I* eat the apples, in the others the kitten does. Who is
它? Guess before you look.
"""

# %% apple-rows
asked = [find(text, apple_new) for text in (
    "我 爱 吃 苹果 ， 它 又 红 又 甜 。",
    "小猫 爱 吃 苹果 ， 它 又 红 又 甜 。",
    "小猫 爱 吃 苹果 ， 它 又 乖 又 懒 。",
)]
apple_rows = attention_weights(apple_reader, mixed(read(asked, apple_vectors)))[:, TA]
for (words, _), row in zip(asked, apple_rows, strict=True):
    print(f"{''.join(words)}  它 -> {words[0]} {row[0]:.2f}, 爱 {row[1]:.2f}, 苹果 {row[3]:.2f}")

# %% apple-look [markdown]
r"""
The whole rows as lines, with an English word in place of each Chinese one.
"""

# %% apple-picture
glosses = [text.split() for text in (
    "I love eat apple , it both red and sweet .",
    "kitten loves eat apple , it both red and sweet .",
    "kitten loves eat apple , it both good and lazy .",
)]
figure = plots.attention_arrows(glosses, apple_rows, asking=TA)
plots.show(figure, alt="""Three sentences, glossed in English, with lines from the word it. When it
    is red and sweet, one thick line goes to apple, whoever eats; when it is good and lazy, one
    thick line goes to the kitten.""")

# %% apple-caption [markdown]
r"""
**Figure.** The weights of 它 in three sentences that were not in the training. For 又红又甜 (red
and sweet) it looks at the apple, whoever eats it, and hardly at anything else. For 又乖又懒 (good
and lazy) it looks at the kitten. Nothing in the layer knows English or Chinese, or what a noun is.
It needed examples, and a query that contains something of the rest of the sentence.
"""

# %% end [markdown]
r"""
## What you built, what to remember

- **Attention** is softmax of scores, times values: every row of weights sums to 1, a row for each
  query and a column for each key.
- The **scale** $1/\sqrt{d_k}$ keeps the variance of the scores at 1; without it softmax saturates
  and the gradient dies.
- A **mask** says who may be read. It acts before the softmax; an empty row gives zeros, never NaN.
- It is **self**-attention when queries, keys and values come from one sequence, through $W^Q$,
  $W^K$ and $W^V$. It knows no order.
- Weights are a hint, not a proof: change something and see whether the answer follows.

**Common mistakes seen:** the softmax along the queries; the mask read the wrong way round, or
applied too late; `key.T` in a batch; the scale twice; a mask $(B, 1, 1, T)$ given to a layer
without heads, whose scores have three axes: broadcasting then makes an output of four (take
`mask[:, 0]`).

**Try this** (not graded):

- In `train`, set `d_k` to 1 and train `reader` again. How sharp is the gaze of a query of one
  number?
- Leave the words `it was too tired` where they are and shuffle the rest of the sentence. Does the
  attention of `it` change? Why not?
- Give `mixed` a factor: `x + 0.1 * x.mean(...)`. How little of the sentence is enough for the line
  to move? Look at the weights, not only at what is right.
- In `most_attended`, give the queries without scale a step ten times as large, or ten times as many
  steps. Does that replace the scale?

One layer, one head, one mixture. But *that apple is sweet* and *that apple was founded by Jobs* ask
for different things at the same time. In lesson 05 several heads look at once.
"""
