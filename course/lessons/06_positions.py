# %% question [markdown]
r"""
# 06 · Positions

**How does a model that looks at all words at once learn where each one stands?** *Cat bites mouse*
and *mouse bites cat* hold the same three words, and for the mouse everything depends on the order.

| | |
|---|---|
| **At its end you have built** | a test that tells whether a layer knows any order at all, and four of the answers that the field has given: sinusoids, a learned table, rotations (RoPE) and a penalty on distance (ALiBi); you have measured which of them still work on texts four times as long as any seen in training |
| **Time** | about 3 hours; after *A table that is learned* (exercise five) is a good place to pause |
| **It needs** | multi-head attention (lesson 05), the causal mask (lesson 04), and sine and cosine from school (radians, addition theorems) |
"""

# %% setup
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from course import plots
from course.attention import attention_scores, causal_mask, masked_softmax
from course.multi_head import MultiHeadAttention, merge_heads, split_heads
from course.checks import check, reveal

torch.manual_seed(0)
torch.set_num_threads(1)  # small matrices: a second thread would cost more than it brings

# %% map-caption [markdown]
r"""
**Figure.** Where you are. Attention (lessons 04 and 05) mixes words, whatever their order. The lit
part stands before it and tells each word where it is. You build it in two ways; two more answers do
without this box and put the place into the attention itself.
"""

# %% map
plots.show_map("06")

# %% words [markdown]
r"""
## The same words in another order

Lesson 04 showed it of one head: without a mask, shuffle the words, and the same rows come out
shuffled. Look again, with the layer of lesson 05: random weights, a random vector for each of three
words, and the sentence both ways round.
"""

# %% sentences
torch.manual_seed(0)
vectors = {word: 2 * torch.randn(8) for word in ("cat", "bites", "mouse")}
attention = MultiHeadAttention(d_model=8, n_heads=2)


def read(sentence: str) -> Tensor:
    """Each word's new vector after it has read the whole sentence: (T, 8)."""
    x = torch.stack([vectors[word] for word in sentence.split()])[None]  # (1, T, 8)
    return attention(x, x, x)[0].detach()

# %% sentences-predict [markdown]
r"""
**Predict.** Average the three rows that come out into one vector for the sentence. Do *cat bites
mouse* and *mouse bites cat* get the same one?
"""

# %% sentences-guess
guess = None  # your guess: "yes" or "no"

# %% sentences-reveal
outputs = {}
for sentence in ("cat bites mouse", "mouse bites cat"):
    outputs[sentence] = dict(zip(sentence.split(), read(sentence), strict=True))
    for word, row in outputs[sentence].items():
        print(f"{word:>6}", " ".join(f"{number:6.2f}" for number in row))
    print()
forward, backward = (torch.stack([*rows.values()]).mean(dim=0) for rows in outputs.values())
reveal(guess, "yes" if torch.allclose(forward, backward, atol=1e-6) else "no")

# %% sentences-why [markdown]
r"""
The same three rows come out, in another order, so they have the same mean. Whoever bites and
whoever is bitten look the same to the layer. (You may read that attention was brought in *because*
a hidden state loses the order. It is the other way round: a recurrent state depends on the order by
itself, as you saw in lesson 01, and attention has to be told.)

The reason stands in the formula. The new vector of a word is a sum over all words,

$$z_t = \sum_s w(t, s)\, v_s ,$$

where the weight $w(t, s)$ is computed from *what* the two words are, and nowhere from *where* they
stand. A sum does not care in which order it is added up. Attention sees a **bag of words**.

Nothing that comes later in an encoder can repair this by itself: a linear layer treats each row
alone, and more attention sees the same bag.
"""

# %% law [markdown]
r"""
## A law, and a test for it

Let a *permutation* be a list that says which row comes next: with `order = [2, 0, 1]`, row 2 comes
first, then row 0, then row 1. Then what we saw is

$$\text{layer}(x[\text{order}]) = \text{layer}(x)[\text{order}] .$$

Move the words first and apply the layer, or apply the layer first and move the rows: it comes to
the same. Such a layer is called **permutation-equivariant**. This is not the same as *invariant*,
which would mean that the output does not change at all; here the rows move along.

A law can be tested. You will need this test again and again, so build it.
"""

# %% law-exercise [markdown]
r"""
### Exercise: `is_permutation_equivariant`

Test any layer, whatever is inside it: does permuting the positions of `x` permute the rows of its
output, and change nothing else?

`layer` is a function (or module) that takes `x` (B, T, d) and gives (B, T, d'). `order` (T,) holds
each of 0 ... T - 1 once, and applies to the positions of every text in the batch. Return `True` or
`False` (a tensor with one truth value will do). Computers round, and another order rounds
otherwise: differences up to `1e-6` do not count, larger ones do, however large the numbers are.

Hint: There are two ways to get the rows in the new order: move, then apply the layer; or apply the
layer, then move. Compute both.

Hint: The positions are axis 1. `x[order]` would move axis 0, whole texts; write a colon for the
axis that is to stay as it is.

Hint: `torch.allclose(one, other, rtol=0, atol=...)` compares all the numbers of two tensors with a
tolerance and answers with a single `True` or `False`. Without `rtol=0` it also forgives each number
a share of its own size.

Help: I see `index 1 is out of bounds for dimension 0`
You are moving the first axis, of length B. The positions are the second.

Help: I see `Boolean value of Tensor with more than one value is ambiguous`
`one == other` gives an answer for each number. You need one answer for all of them, and with a
tolerance.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.positions import is_permutation_equivariant

# %% check
check(is_permutation_equivariant)

# %% layers-predict [markdown]
r"""
Now examine six layers: attention; attention under the causal mask of lesson 04 (a word reads only
itself and the words before it); a linear layer, row by row; the mean of all rows, given to each
place; the running sum of the rows; and attention twice in a row. Nobody has given any of them
positions. **Predict:** a layer that obeys the law is blind to the order. How many of the six are?
"""

# %% layers-guess
guess = None  # your guess: 0 to 6 layers obey the law

# %% layers-reveal
def to_itself(layer: nn.Module, x: Tensor) -> Tensor:
    """The same words as query, key and value."""
    return layer(x, x, x)


layers = {
    "attention": lambda x: to_itself(attention, x),
    "attention, causal mask": lambda x: attention(x, x, x, causal_mask(x.shape[1])),
    "nn.Linear, row by row": nn.Linear(8, 3),
    "mean of all rows": lambda x: x.mean(dim=1, keepdim=True).expand_as(x),
    "running sum": lambda x: x.cumsum(dim=1),
    "attention, twice": lambda x: to_itself(attention, to_itself(attention, x)),
}
x, order = torch.randn(2, 5, 8), torch.tensor([2, 0, 4, 1, 3])
blind = {name: is_permutation_equivariant(layer, x, order) for name, layer in layers.items()}
for name, obeys in blind.items():
    print(f"{name:24} {'obeys: blind to the order' if obeys else 'breaks the law'}")
reveal(guess, int(sum(blind.values())))

# %% layers-why [markdown]
r"""
Stacking blind layers gives a blind stack. But the causal mask breaks the law: the first word reads
one word, the second two, the third three, and so the number of words that one can read tells where
one stands. Decoders trained without any positions do find this out, and learn from it (Haviv et al.
2022). Keep it in mind for the experiment at the end: under a causal mask, *no positions* is not
quite *no order*.

An encoder, which reads both ways, has no such help. It must be told.
"""

# %% marks [markdown]
r"""
## What a mark must be

So give every place a mark: a vector that depends on the position $t$ alone, and add it to the word
that stands there. Which vector? Three first ideas, for a text of eight words: the number $t$
itself; the fraction $t / T$ of the text; the binary digits of $t$.
"""

# %% marks-table
n_words = 8
print("  t    t/T   binary")
for t in range(n_words):
    print(f"{t:3}  {t / n_words:5.3f}   {t:03b}")

# %% marks-why [markdown]
r"""
- **The number** grows without end. A word's features are numbers around 1; deep in a long text the
  mark drowns the word.
- **The fraction** stays small, but the same fraction means another place in a text of another
  length: one step is $1/8$ here and $1/9$ in a text of nine words. Then "the word before me" looks
  different in texts of different lengths.
- **The digits** stay small, and each place has its own. Look at the columns: the last digit flips
  with every step, the one before with every second, the first with every fourth. With a few columns
  at different speeds one can count far. But they jump: from 3 (`011`) to 4 (`100`) all three flip,
  though it is one step like any other.

The third idea is nearly right. Keep the columns and their different speeds, and let them turn
smoothly instead of jumping: not switches, but the **hands of a clock**.
"""

# %% hands [markdown]
r"""
## Clock hands

A vector of $d$ numbers will hold $d / 2$ hands. With each position, hand $i$ turns by

$$\omega_i = \frac{1}{10\,000^{\,2i/d}} \quad\text{radians, so at position } t \text{ it has turned by} \quad t\, \omega_i .$$

Hand 0 turns by 1 radian a step; each hand after it is slower than the one before by the same
factor. (Vaswani et al. 2017, section 3.5, chose the base $10\,000$ and gave no reason.) In small
numbers, with $d = 4$ and the base 100: hand 0 turns by $100^0 = 1$ a step, hand 1 by
$1 / 100^{2/4} = 0.1$. So at positions 0, 1, 2

| position | hand 0 | hand 1 |
|:--|:--|:--|
| 0 | 0 | 0 |
| 1 | 1 | 0.1 |
| 2 | 2 | 0.2 |

The sinusoids and RoPE both begin with this table, so it gets a function of its own.
"""

# %% hands-exercise [markdown]
r"""
### Exercise: `position_angles`

Compute how far each hand has turned at each of the given positions: $t \cdot \text{base}^{-2i/d}$,
one row for each position, one column for each of the `d_model / 2` hands, in radians.

`positions` (T,) holds whole numbers in any order, not always 0, 1, 2. Compute in `torch.float64`
from the first step on: the numbers of a far position have many digits, and float32 keeps only seven
of them.

Hint: A loop says it plainly: for each position t, for each i from 0 to `d_model // 2` - 1, the
number t / base ** (2 * i / d_model).

Hint: `torch.arange(0, d_model, 2, dtype=torch.float64)` is 0, 2, 4 ...: these are the 2i. From them
make one row of frequencies.

Hint: Positions as a column (T, 1) times frequencies as a row (d_model / 2,) is the whole table, by
broadcasting. `positions[:, None]` makes the column.

Help: I see `but float64 is asked for`
Somewhere a tensor was made without `dtype`. A division of whole numbers, and
`torch.arange(...) / d_model`, give float32. Say float64 where the first tensor is made; the rest
follows.

Help: I see an error about the sizes of two tensors
Two rows cannot make a table. One of the two must stand upright: shape (T, 1).
"""

# %% exercise points=2 difficulty=2 minutes=9
from course.positions import position_angles

# %% check
check(position_angles)

# %% dials-show [markdown]
r"""
Here are the four hands of a vector with $d = 8$ and the base $10\,000$, drawn at the positions 0
to 7.
"""

# %% dials
dial_angles = position_angles(torch.arange(8), 8)  # (8, 4)
figure, axes = plots.canvas(11.0, 2.8, columns=4)
around = torch.linspace(0, 2 * math.pi, 100)
for hand, axis in enumerate(axes):
    axis.plot(around.cos(), around.sin(), color=plots.COLOURS[3], linewidth=1)
    for t, angle in enumerate(dial_angles[:, hand].tolist()):
        across, up = math.cos(angle), math.sin(angle)
        axis.plot([0, across], [0, up], "-o", color=plots.COLOURS[0], lw=0.6, markevery=[1], ms=4)
        axis.text(1.2 * across, 1.2 * up, str(t) * (hand < 2), ha="center", va="center", fontsize=8)
    axis.set(aspect="equal", title=f"hand {hand}: {dial_angles[1, hand]:.3g} rad a step")
    axis.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), frame_on=False, xticks=[], yticks=[])
plots.show(figure, alt="Four dials. On the first the hand goes round more than "
                       "once in eight positions, on the second it creeps through "
                       "a small arc, on the third and fourth it hardly moves.")
print("positions for one full turn:", (2 * math.pi / dial_angles[1]).round(decimals=1).tolist())

# %% dials-caption [markdown]
r"""
**Figure.** Each dial is one hand, each line its place at a position 0 ... 7. All hands start at the
right and turn against the clock, as angles do in mathematics. The first hand goes round in 6.3
positions, so it tells neighbours apart, but it comes back to nearly the same place again and again.
The last needs 6283 positions for one turn: it cannot tell neighbours apart (on the last two dials
the numbers would lie on one another), but it tells the beginning of a chapter from its middle.
Together they give every place a reading of its own, as hour, minute and second hand do.
"""

# %% table [markdown]
r"""
## The table of sines and cosines

A hand's tip is a point, and a point has two coordinates. The paper writes the sine, its height,
first, and then the cosine, its distance to the right. Write them side by side for hand after hand,
and the mark of position $t$ is done, a *positional encoding*, hence the letters:

$$PE[t, 2i] = \sin(t\,\omega_i), \qquad PE[t, 2i + 1] = \cos(t\,\omega_i) .$$

At position 0 every hand points to angle 0, so the first row is 0, 1, 0, 1, ... At position 1 hand 0
has turned by one radian: $\sin 1 = 0.84$ and $\cos 1 = 0.54$.

Why both? The sine alone is the same on either side of its highest point. Sine *and* cosine tell the
whole angle.
"""

# %% table-numbers
print(f"sin 1 = {math.sin(1):.2f}, cos 1 = {math.cos(1):.2f}")

# %% table-exercise [markdown]
r"""
### Exercise: `sinusoidal_positions`

Build the table of the paper: one row for each position 0 ... `n_positions - 1`, `d_model` columns,
sines in the even ones and cosines in the odd ones, float32 like the word vectors. With an odd
`d_model` some hand would have a sine and no cosine: raise a `ValueError`.

Hint: First the angles of all positions: your `position_angles` gives (n_positions, d_model / 2).

Hint: Sine and cosine of the same angle are neighbours. `torch.stack([...], dim=-1)` puts two tables
together as pairs, (n_positions, d_model / 2, 2).

Hint: `.flatten(-2)` melts the last two axes into one: sin, cos, sin, cos, ... Or make an empty
table and fill `table[:, 0::2]` and `table[:, 1::2]`. Then `.float()`.

Help: I see that all sines come before all cosines
`torch.cat` puts one table behind the other; `torch.stack` with `dim=-1` puts each sine beside its
cosine.

Help: I see `it accepts the case 'an odd number of columns'`
Test `d_model % 2` first, and raise a `ValueError` that says what is wrong.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.positions import sinusoidal_positions

# %% check
check(sinusoidal_positions)

# %% heatmap-show [markdown]
r"""
There is a well-known picture of this table, 20 positions with 512 columns, which has gone from blog
to blog since 2018 (Alammar, "The Illustrated Transformer"). It is split down the middle, sines on
the left, cosines on the right. Where will the seam be in *your* table? Guess before you look.
"""

# %% heatmap
def stripes(picture: Tensor, title: str):
    """The table as a picture: positions from top to bottom, columns from left to right."""
    figure, (axis,) = plots.canvas(11.6, 2.5)
    look = {"cmap": "cividis", "vmin": -1, "vmax": 1, "aspect": "auto", "interpolation": "nearest"}
    image = axis.imshow(picture.numpy(), **look)
    axis.set(xlabel="column", ylabel="position", title=title, yticks=range(0, 20, 5))
    figure.colorbar(image, ax=axis, pad=0.01)
    return figure


table = sinusoidal_positions(20, 512)
plots.show(stripes(table, "as in the paper: sin, cos, sin, cos, ..."),
           alt="A heatmap of 20 rows and 512 columns: fine vertical stripes "
               "of light and dark over the whole width. On the left waves run "
               "through them, to the right they become straight and regular.")

# %% heatmap-halves [markdown]
r"""
**Figure.** There is no seam: in the paper's formula sine and cosine alternate over the whole width.
In the right half the hands have hardly moved, so that sines near 0 and cosines near 1 stand side by
side as fine stripes.

Now the *same columns*, all the even ones first, then all the odd ones:
"""

# %% heatmap-halves-show
# even columns first, then odd ones
halves = torch.cat([torch.arange(0, 512, 2), torch.arange(1, 512, 2)])
plots.show(stripes(table[:, halves], "the same columns, sines first"),
           alt="The same heatmap with its columns in another order: two halves "
               "side by side. In each, waves on the left; then the left half "
               "fades to one middle tone and the right half to the lightest one.")

# %% heatmap-caption [markdown]
r"""
**Figure.** The famous split picture. Now one sees the waves; the fast hands are on the left of each
half.

Popular texts say that the left half of the vector comes from the sine and the right half from the
cosine, as if that were the paper's formula. The picture was made with the authors' own program,
Tensor2Tensor, which puts all sines first (Alammar added a note on this in 2020). Who is right?
Both: as far as the order goes, it is the same table with its columns in another order, and `halves`
is that order.
"""

# %% columns [markdown]
r"""
Does the order of the columns matter? Not for training: the next step is a matrix product, and a
matrix whose rows are in the same new order gives the same result. But weights that were trained
with one order do not fit the other, and there is no error and no warning, only another answer:
"""

# %% columns-run
weight = torch.randn(512, 16) / math.sqrt(512)
expected = table @ weight
both_permuted = torch.allclose(table[:, halves] @ weight[halves], expected, atol=1e-5)
one_permuted = torch.allclose(table[:, halves] @ weight, expected, atol=1e-5)
print("columns and weights in the other order: same result?", both_permuted)
print("columns alone in the other order:       same result?", one_permuted)

# %% columns-why [markdown]
r"""
Some texts say that these vectors "follow a specific pattern that the model learns". Not one number
of them is learned.

<details><summary>For those who will load published weights (lesson 13)</summary>

The authors' program differs from their formula once more: its exponents are $i / (d/2 - 1)$ where
the formula has $i / (d/2)$ (`get_timing_signal_1d`, Vaswani et al. 2018). So all its hands but the
first are a little slower. The published Marian translators were trained with *both* differences,
two halves and these exponents; the library `transformers`, which runs them today, puts two halves
but has the exponents of the formula. Code that people publish and formulas that they print are two
things. This course follows the formula and tests against the code.

</details>
"""

# %% broken-law [markdown]
r"""
Now add the marks to the words, and break the law. Each word gets the row of its place; positions
run along the axis of the words, never along the batch. (With as many texts as words in each, the
wrong axis would not even crash.)
"""

# %% broken-law-run
def placed_attention(x: Tensor) -> Tensor:
    """Attention on words that carry the mark of their place."""
    placed = x + sinusoidal_positions(x.shape[1], x.shape[2])
    return attention(placed, placed, placed)


words = torch.stack([vectors[word] for word in ("cat", "bites", "mouse")])[None]
forward, backward = placed_attention(words)[0], placed_attention(words.flip(1))[0].flip(0)
moved_by = (forward - backward).abs().amax(dim=-1).tolist()
for word, difference in zip(vectors, moved_by, strict=True):
    print(f"{word:>6}: largest difference between the two sentences {difference:.1f}")
print("permutation-equivariant?", bool(is_permutation_equivariant(placed_attention, x, order)))

# %% broken-law-why [markdown]
r"""
Every word now comes out differently in the two sentences, even *bites*, which stands in the middle
both times: it reads a cat at place 0 in the one and at place 2 in the other.

Is it not harmful to add two things into one vector? In 512 dimensions there is much room, and a
linear layer can learn to read the word from some directions and the place from others. But their
sizes must match: beside marks of size 1, word vectors that are far smaller are hard to hear. That
is the likely reason why lesson 08 scales the embeddings up first (the paper gives none).
"""

# %% shift [markdown]
r"""
## k steps further is always the same turn

Why clock hands and not any other smooth pattern? Because of what happens when one walks. Hand $i$
at position $t$ has turned by $t\,\omega_i$; at position $t + k$ it has turned by $k\,\omega_i$
more. **How much more does not depend on where it started.** For one pair, with $a = t\,\omega_i$
and $b = k\,\omega_i$, the addition theorems say

$$\sin(a + b) = \cos b \, \sin a + \sin b \, \cos a, \qquad \cos(a + b) = -\sin b \, \sin a + \cos b \, \cos a ,$$

$$\text{so} \quad \begin{pmatrix} \sin(a + b) \\ \cos(a + b) \end{pmatrix} = \begin{pmatrix} \cos b & \sin b \\ -\sin b & \cos b \end{pmatrix} \begin{pmatrix} \sin a \\ \cos a \end{pmatrix} .$$

The matrix contains $b$ only: it depends on the step $k$ and not on the position $t$. It is a
rotation. Put one such block for each pair on the diagonal, and you have one matrix $R_k$ that
moves *every* row: $PE[t + k] = R_k\, PE[t]$.

This is what a linear layer can learn: "look at the word that stands three places before me" is one
and the same matrix everywhere in the text. Vaswani et al. (2017, section 3.5) give this as the
reason for their choice.
"""

# %% shift-exercise [markdown]
r"""
### Exercise: `shift_matrix`

Build $R_k$ (d_model, d_model), float32: the matrix with `shift_matrix(k, d_model) @ table[t]` equal
to `table[t + k]` for every `t`. A step may be 0 or go back (negative `k`).

Hint: All positions share the matrix, so there is only one row of angles to compute: those of
position k. `position_angles` wants a tensor of positions; `torch.tensor([k])` is one.

Hint: For pair i, rows and columns 2i and 2i + 1 hold the 2 x 2 block of the formula above, with b
the angle of hand i. Everything else is 0. A loop over the pairs is fine.

Hint: Each block is `[[cos b, sin b], [-sin b, cos b]]`. Write it into a
`torch.zeros(d_model, d_model)`, or make a list of blocks and hand them to
`torch.block_diag(*blocks)`.

Help: I see that it turns the other way
The textbook rotates (cos, sin); in our table the sine comes first, so the minus sign changes its
corner.

Help: I see `but float32 is asked for`
The angles are float64, and so are their sines and cosines. `.float()` turns them, or the finished
matrix, into float32.
"""

# %% exercise points=2 difficulty=3 minutes=12
from course.positions import shift_matrix

# %% check
check(shift_matrix)

# %% shift-see [markdown]
r"""
One matrix for a step of 3, applied to places far apart:
"""

# %% shift-run
narrow = sinusoidal_positions(100, 12)
step_3 = shift_matrix(3, 12)
for t in (0, 10, 90):
    reached = torch.allclose(step_3 @ narrow[t], narrow[t + 3], atol=1e-4)
    print(f"R_3 @ PE[{t}] is PE[{t + 3}]: {reached}")
there_and_back = shift_matrix(-3, 12) @ step_3
print("three steps, then three back, is no step:",
      torch.allclose(there_and_back, torch.eye(12), atol=1e-4))

# %% products-show [markdown]
r"""
Attention compares by dot products, so let us look at those: the mark of one place against the marks
of its neighbours, for three places. By the turning argument the product can depend on the distance
$k$ only: $PE[t] \cdot PE[t + k] = \sum_i \cos(k\,\omega_i)$.
"""

# %% products
table = sinusoidal_positions(100, 64)
distances = torch.arange(-30, 31)
products = {f"t = {t}": table[t] @ table[t + distances].T for t in (30, 45, 60)}
figure = plots.lines(distances, products, "distance k", "PE[t] · PE[t + k]", markers=False)
plots.show(figure, alt="Three curves that lie exactly on one another: a peak "
                       "of 32 at distance 0, falling to both sides with small "
                       "waves, the left side a mirror image of the right.")
print("at distance 0:", round(products["t = 30"][30].item(), 2), " at 5 before and 5 after:",
      round(products["t = 30"][25].item(), 2), round(products["t = 30"][35].item(), 2))

# %% products-caption [markdown]
r"""
**Figure.** Three curves, one for each place; they lie on one another. The product is largest at
distance 0, where it is $d/2 = 32$ (each pair gives $\sin^2 + \cos^2 = 1$), and falls off in waves
to both sides: roughly, the nearer two places, the more alike their marks.

It is symmetric: five before looks exactly like five after. So the bare dot product knows *how far*
but not *in which direction* (Yan et al. 2019 point this out). The matrices $W^Q$ and $W^K$ stand
between the marks and the product, and they can turn: with $W^K$ the identity and $W^Q$ a shift
matrix, the peak moves to any distance on either side. But that has to be learned, from words and
marks mixed together.
"""

# %% learned [markdown]
r"""
## A table that is learned

Why compute the marks at all? Make a table of free numbers, one row for each position, and let the
gradient find good ones, just as for the words of lesson 03. Gehring et al. (2017) did so in a
translator without recurrence, made of windows that slide over the text (*convolutions*); GPT-2 (a
decoder) and BERT (an encoder) do it too (lessons 11 and 12). Vaswani et al. (2017, table 3, row E)
tried both and found nearly the same quality. They kept the sinusoids in the hope that these would
work for texts longer than those seen in training. We shall test that hope.

In small numbers, a table of three rows and a text of two words:
"""

# %% learned-small
rows = torch.tensor([[1, 2], [3, 4], [5, 6]])
two_words = torch.tensor([[10, 20], [30, 40]])
print("word 0:", (two_words[0] + rows[0]).tolist(), " word 1:", (two_words[1] + rows[1]).tolist())

# %% learned-rule [markdown]
r"""
Word 0 gets row 0, word 1 gets row 1, and row 2 waits for a longer text. And a text of four words?
There is no row 3. What should the layer do then? Decide before you read on.
"""

# %% learned-exercise [markdown]
r"""
### Exercise: `LearnedPositions`

Add row t of a learned table to the word at position t. The layer holds `table`, a parameter
(max_length, d_model) that begins with small random numbers, of a variance of 1 or less (lesson 04);
`x` (B, T, d_model) may be shorter than the table, and then the first T rows are used, the same for
every text of the batch. A text longer than the table is refused with a `ValueError` that names both
lengths.

Hint: The constructor makes one thing: `nn.Parameter(...)` around random numbers of the table's
shape (`torch.randn`), divided by the square root of d_model so that they are small.

Hint: How many positions are there? The axis before the last, `x.shape[-2]`; `x.shape[0]` counts the
texts.

Hint: A slice of the first rows, (T, d_model), can be added to (B, T, d_model) at once: broadcasting
repeats it for every text. Before that, compare T with `len(self.table)`.

Help: I see that every word of a text gets the same
A row was given to each text and not to each position. Print the shape of what you add: it must be
(T, d_model) or (1, T, d_model), not (T, 1, d_model) or (B, 1, d_model).

Help: I see `but must raise a ValueError`
Compare the lengths before you add. torch complains about most lengths that do not fit, in words
that help nobody; and one row alone it broadcasts over any number of positions, without a word.

Help: I see `the weights cannot be copied in`
The check gives your layer a table of its own, and looks for it under the name `table`. It may be an
`nn.Parameter`, or an `nn.Embedding` (whose numbers are then called `table.weight`); a bare tensor
is not a parameter and would never learn.
"""

# %% exercise points=2 difficulty=2 minutes=7
from course.positions import LearnedPositions

# %% check
check(LearnedPositions)

# %% learned-past [markdown]
r"""
See what the layer says to a text that is too long:
"""

# %% learned-past-run
small = LearnedPositions(max_length=16, d_model=4)
print("16 words:", tuple(small(torch.zeros(1, 16, 4)).shape))
try:
    small(torch.zeros(1, 17, 4))
except ValueError as error:
    print("17 words:", type(error).__name__)

# %% learned-past-why [markdown]
r"""
An error is the honest answer, and better than what people have written instead: take the last row
again and again, or begin with row 0 again. Both run without complaint, and then two words share one
place. GPT-2's table has 1024 rows, BERT's 512, and there both models end (Radford et al. 2019;
Devlin et al. 2019). Only a learned table has a last row: sinusoids, and the two answers that
follow, can be computed for any length.

Here is a good place to pause. You have the two classic answers, which are both *added to the
words*, once, before the first layer.
"""

# %% rope [markdown]
r"""
## Turn queries and keys

Where do positions matter? In the scores: *who reads whom*. Added marks get there in a roundabout
way. With words $x$ and marks $p$, the score of a query at $t$ and a key at $s$ is a product of
sums,

$$(x_t + p_t)\, W^Q \cdot (x_s + p_s)\, W^K ,$$

which is four terms when multiplied out: word and word, word and place, place and word, place and
place. All we wanted was: *what* are the two words, and *how far* apart are they?

RoPE (rotary position embedding, Su et al. 2021; used by Llama, a family of language models with
public weights (lesson 13), and by most since) puts the clock hands exactly there. Nothing is added
to the words. Instead the query's numbers are taken in pairs, each pair as a point in the plane, and
the pairs are **turned** like the hands: pair $i$ at position $t$ by $t\,\omega_i$. The keys
likewise.

$$\begin{pmatrix} x_{2i} \\ x_{2i+1} \end{pmatrix} \;\to\; \begin{pmatrix} \cos a & -\sin a \\ \sin a & \cos a \end{pmatrix} \begin{pmatrix} x_{2i} \\ x_{2i+1} \end{pmatrix}, \qquad a = t\,\omega_i$$

(counter-clockwise; in `shift_matrix` the minus stood below, because there the sine came first). Now
think of two arrows in the plane. Their dot product depends on their lengths and on the angle
*between* them. Turn the query by $t\,\omega_i$ and the key by $s\,\omega_i$, and the angle between
them changes by $(t - s)\,\omega_i$: by the **distance** alone. In small numbers, one pair with
$\omega = 1$, so that each position turns it by one radian:
"""

# %% rope-small
query, key = torch.tensor([1.0, 0.0]), torch.tensor([0.6, 0.8])


def turned(pair: Tensor, angle: float) -> Tensor:
    """One pair of numbers, turned counter-clockwise."""
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return turn @ pair


for t, s in ((0, 0), (5, 5), (2, 0), (7, 5), (0, 2)):
    score = (turned(query, t) @ turned(key, s)).item()
    print(f"query at {t}, key at {s}, distance {t - s:2}: score {score:.3f}")

# %% rope-dials
at = [(0, 0), (2, 0), (7, 5), (0, 2)]  # positions of query and key
figure = plots.turning(at, [turned(query, t) for t, _ in at], [turned(key, s) for _, s in at])
plots.show(figure, alt="Four dials with two arrows each, query and key. Both at position 0: 53 "
                       "degrees between them. Query at 2, key at 0: 61 degrees. Query at 7, key at "
                       "5: both arrows elsewhere, and again 61 degrees. Query at 0, key at 2: 168.")

# %% rope-small-why [markdown]
r"""
**Figure.** The same query and the same key at four of the five pairs of positions (angles in
degrees). Compare the second dial with
the third: both arrows have turned on by five steps, and the angle between them has stayed. Same
distance, same score, wherever the pair stands in the text. And unlike the bare sinusoids it knows
the direction: on the last dial the key stands two *after* the query, and the score is another one.

(The idea that a score should know the distance is older. Shaw et al. (2018) learned a vector for
each distance; T5 learned a number for each range of distances (Raffel et al. 2020).)
"""

# %% rope-exercise [markdown]
r"""
### Exercise: `rotate`

Turn queries or keys by their positions. `x` (..., T, d) may have any axes in front (batch, heads);
the axis before the last counts the positions. Neighbouring columns 2i and 2i + 1 are a pair, and at
position t the pair turns counter-clockwise by t / base^(2i / d). The result has the shape and dtype
of `x`.

The first row stands at position `start`. When a text is written word by word, only the newest word
has to be turned, and it does not stand at 0 (lesson 10).

Hint: The angles of all rows are `position_angles(torch.arange(start, start + T), d, base)`, of
shape (T, d / 2). Take sine and cosine once; `.to(x)` gives them the dtype of `x`. (Much published
code computes these angles in float32. That passes too, and is less exact far out.)

Hint: `x[..., 0::2]` are the first numbers of all pairs, `x[..., 1::2]` the second ones, each (...,
T, d / 2), so that cosines and sines fit by broadcasting.

Hint: With a first and b second, the new pair is (a cos - b sin, a sin + b cos), both from the *old*
a and b. Stack the two on a new last axis and flatten, as for the table of sinusoids.

Help: I see that it turns the other way
At position 1 the pair (1, 0) must become (cos 1, sin 1), with a plus.

Help: I see an error when the input has heads
Positions are always axis -2. Read both sizes from the end: `x.shape[-2]` and `x.shape[-1]`.
"""

# %% exercise points=3 difficulty=3 minutes=14
from course.positions import rotate

# %% check
check(rotate)

# %% scores-show [markdown]
r"""
What do rotated scores look like against the distance? It depends on the query and the key, and that
is the point. Take one random key (64 numbers) and three queries: equal to the key; the key turned
back by five steps; and another random one. The key stands at each of 61 places in turn, from 0 on;
the query stands at 30.
"""

# %% scores
generator = torch.Generator().manual_seed(1)
one_key, other = torch.randn(1, 64, generator=generator), torch.randn(1, 64, generator=generator)
queries = {"query = key": one_key, "query = key, turned 5 steps": rotate(one_key, start=-5),
           "another query": other}
keys = rotate(one_key.expand(61, 64))  # the same word at 61 places
# key 0 is at distance 30, key 60 at -30: turned round they are in the order of the distances
rope_scores = {name: (rotate(vector, start=30) @ keys.T)[0].flip(0)
               for name, vector in queries.items()}
distances = torch.arange(-30, 31)
label = "distance: query's position - key's position"
figure = plots.lines(distances, rope_scores, label, "score", markers=False)
plots.show(figure, alt="Three curves of rotated scores against distance. Query equal to key "
                       "peaks at distance 0 and is symmetric. The turned query has the same "
                       "shape with its peak at distance 5. Another query stays below 0.")
peaks = {name: distances[curve.argmax()].item() for name, curve in rope_scores.items()}
print("largest at distance:", {name: peaks[name] for name in list(peaks)[:2]})

# %% scores-caption [markdown]
r"""
**Figure.** The same word as key at every distance. A query equal to the key has its peak, 66, at
distance 0. (It is symmetric: a query that *equals* its key cannot tell before from after.) Beside
the peak the score falls to a plateau, and there it stays, in waves between 36 and 51. The same
query, turned back by five steps, has its peak at distance 5: "the word five places before me" is a
turn, and $W^Q$ and $W^K$ can learn it. A query that has nothing to do with the key stays low, here
below 0 at every distance. Its waves are as large as the others': they come from the turning, and
only the level tells how well query and key fit.

One often reads that RoPE's scores decay with distance. What the paper shows (Su et al. 2021) is
that an upper *bound* of their size decays. As you see, a head is free to look five places back and
pass over its neighbours; Barbero et al. (2024) prove that for any distance there is a query and a
key that like it best, and find heads in a trained model that look at exactly the word before.
"""

# %% rotary [markdown]
r"""
## Into the layer

RoPE happens inside the attention layer, in every layer anew, after the projections, head by head:
each head has all the hands, from fast to slow. `MultiHeadAttention` has a method for just that
place: `project` gives queries, keys and values of every head, (B, H, T, d_head), and all else
builds on it.

Two things stay unturned: the values (*what* is read must not depend on where it stood) and the
words between the layers. None of RoPE's numbers is a parameter.
"""

# %% rotary-exercise [markdown]
r"""
### Exercise: `RotaryAttention`

Make the layer of lesson 05 rotary. Only `project` has to be written; constructor, `forward` and
`weights` are inherited.

Hint: `super().project(query, key, value)` gives what the layer of lesson 05 gives: three tensors
(B, H, T, d_head).

Hint: Two of the three are turned. Your `rotate` works along the axis before the last, which is T
here, for all texts and heads at once.

Hint: Return them as three, in the same order. That is two lines.

Help: I see that nothing seems to be turned, although I call `rotate`
`rotate` takes the axis before the last for the positions. In (B, H, T, d_head) that is T; if the
axes were B, T, H, d_head, it would count the heads. And turn *after* the heads are split: before
it, one vector holds all heads, and the hands are dealt out wrongly.
"""

# %% exercise points=2 difficulty=2 minutes=5
from course.positions import RotaryAttention

# %% check
check(RotaryAttention)

# %% alibi [markdown]
r"""
## Say it to the scores

The last answer is the shortest: from the scores, **subtract a little for every step of distance**.
ALiBi (attention with linear biases, Press et al. 2022) has no marks and no turns:

$$\text{score}_h(t, s) = \frac{q_t \cdot k_s}{\sqrt{d_{head}}} \;-\; m_h\, |t - s| , \qquad m_h = 2^{-8h/H}, \quad h = 1 \ldots H .$$

Every head has its own slope $m_h$, fixed and not learned. (The paper's count of heads from 1 is in
the formula, so in this lesson heads begin at 1.) With 4 heads they are $1/4, 1/16, 1/64, 1/256$. A
key three steps away loses $3/4$ in the first head, so beside an equally good key at distance 0 its
weight is multiplied by $e^{-0.75} \approx 0.47$: a short-sighted head. In the last it loses
$3/256$, next to nothing: that head sees far.

The paper has a causal decoder, where keys never come after the query, and the distance is $t - s$.
With $|t - s|$ the same function serves both ways.
"""

# %% alibi-exercise [markdown]
r"""
### Exercise: `alibi_bias`

Compute what is added to the scores: a number for each head, query and key, (n_heads, n_queries,
n_keys), float32, zero where the two stand at the same position and below zero everywhere else.
Queries and keys both begin at position 0.

Hint: The slopes: `2.0 ** (...)` of a tensor of exponents. The first head has the
exponent -8 / n_heads, the last has -8.

Hint: The distances: query positions as a column, key positions as a row, and their difference is a
table (n_queries, n_keys). It must not be negative.

Hint: Slopes of shape (n_heads, 1, 1) times distances of shape (n_queries, n_keys) give all three
axes at once. Mind the sign.

Help: I see that the slopes are those of eight heads
1/2, 1/4, 1/8 ... is right for eight heads only. The number of heads stands in the exponent.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.positions import alibi_bias

# %% check
check(alibi_bias)

# %% bias-picture
bias = alibi_bias(4, 6, 6)
figure, axes = plots.canvas(11.4, 3.9, columns=2)
for axis, head in zip(axes, (0, 2), strict=True):
    rows, columns = ([f"{name} {place}" for place in range(6)] for name in ("query", "key"))
    plots.heatmap(bias[head], rows, columns, f"head {head + 1} of 4", axis, low=-1.25, high=0.0)
plots.show(figure, alt="Two heatmaps of the bias for six queries and six keys. "
                       "Zero on the diagonal, more negative with the distance to "
                       "both sides: steeply in head 1, hardly at all in head 3.")

# %% bias-caption [markdown]
r"""
**Figure.** What is added to the scores, in the steepest head and in a flat one: zero on the
diagonal, darker with the distance. In head 3 you hardly see a difference, and over six words the
head hardly notices one; at distance 64 it loses $64 / 64 = 1$.
"""

# %% alibi-layer [markdown]
r"""
## The bias in the layer

The bias joins the *scaled* scores, before mask and softmax. In `MultiHeadAttention` the scores are
computed inside; so this layer says itself how its weights are made, and `forward` (given) reads
with them.
"""

# %% alibi-layer-exercise [markdown]
r"""
### Exercise: `AlibiAttention`

Write `weights`: from the inputs to who reads whom, (B, H, T_q, T_k). It is what
`MultiHeadAttention` does there, with the bias added.

Hint: Project with `self.w_q` and `self.w_k`, split the heads, and compute `attention_scores`: (B,
H, T_q, T_k), already divided by the square root of d_head.

Hint: The bias needs three numbers: `self.n_heads` and the last two sizes of the scores. Its shape
(H, T_q, T_k) fits (B, H, T_q, T_k) by broadcasting; `.to(scores)` gives it the same dtype.

Hint: `masked_softmax` gets the sum of scores and bias, and the mask as it came.

Help: I see that the weights no longer sum to one
The bias was added after the softmax. It changes scores, and the softmax then turns them into
weights.
"""

# %% exercise points=2 difficulty=3 minutes=8
from course.positions import AlibiAttention

# %% check
check(AlibiAttention)

# %% mirror-predict [markdown]
r"""
Now you have all the answers; put the test of the beginning to them. Two orders: a random one, and
the text read backwards. No mask anywhere.

**Predict.** One of the four schemes still obeys the law for the text read backwards: it cannot tell
a text from its mirror image. Which?
"""

# %% mirror-guess
guess = None  # your guess: "sinusoidal", "learned", "rotary" or "alibi"

# %% mirror-reveal
plain, rotary, alibi = MultiHeadAttention(16, 4), RotaryAttention(16, 4), AlibiAttention(16, 4)
learned, x = LearnedPositions(7, 16), torch.randn(2, 7, 16, generator=generator)
schemes = {
    "none": lambda x: to_itself(plain, x),
    "sinusoidal": lambda x: to_itself(plain, x + sinusoidal_positions(7, 16)),
    "learned": lambda x: to_itself(plain, learned(x)),
    "rotary": lambda x: to_itself(rotary, x),
    "alibi": lambda x: to_itself(alibi, x),
}
orders = {"shuffled": torch.tensor([3, 0, 6, 2, 5, 1, 4]), "backwards": torch.arange(6, -1, -1)}
fooled = {name: [bool(is_permutation_equivariant(layer, x, order)) for order in orders.values()]
          for name, layer in schemes.items()}
for name, (by_shuffling, by_turning) in fooled.items():
    print(f"{name:11} blind to shuffling: {by_shuffling!s:6} blind to turning round: {by_turning}")
reveal(guess, next(name for name in fooled if name != "none" and fooled[name][1]))

# %% mirror-why [markdown]
r"""
ALiBi knows only how far, not in which direction: turn a text round, and all distances stay. To a
decoder that does not matter, since its causal mask already says what is before and what after, and
for decoders it was made. An encoder with this bias reads *cat bites mouse* and *mouse bites cat*
alike again, the verb in the middle, one animal on either side.
"""

# %% extrapolation [markdown]
r"""
## Train short, test long

Which of the answers is best? One honest way to ask: train on short texts, test on longer ones,
where lesson 02 saw attention lose its way. Vaswani et al. (2017, section 3.5) hoped that sinusoids
"may allow the model to extrapolate to sequence lengths longer than the ones encountered during
training" (to *extrapolate* is to go on beyond what was seen). Press et al. (2022) named ALiBi's
paper after the question: "Train short, test long".

Two small tasks, so that no scheme gets only what it is good at. At every position of a text the
model has to say

- **the word before**: which word stood one place back? An exact distance.
- **the last animal**: which animal was named last (this word included)? The nearest of a kind, at
  whatever distance, much as *it* often means the thing named last.
"""

# %% tasks
ANIMALS = ["cat", "mouse", "dog", "fish", "bird", "frog", "bear", "wolf"]
WORDS = [*ANIMALS, "and", "then", "sees", "slept"]
SHORT, LONG, SKIP = 16, 64, -100  # cross_entropy passes over answers of -100


def word_before(n_texts: int, length: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Random words (B, T), and at each position the word before it."""
    texts = torch.randint(len(WORDS), (n_texts, length), generator=generator)
    answers = texts.roll(1, dims=1)
    answers[:, 0] = SKIP
    return texts, answers


def last_animal(n_texts: int, length: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Words (B, T), one in four an animal, and at each position the animal named last."""
    named = torch.rand(n_texts, length, generator=generator) < 0.25
    animals = torch.randint(8, named.shape, generator=generator)
    others = torch.randint(8, 12, named.shape, generator=generator)
    texts = torch.where(named, animals, others)
    # where the latest animal stands: the largest place of an animal so far, -1 before the first
    latest = torch.where(named, torch.arange(length), -1).cummax(dim=1).values
    # the word at that place
    return texts, texts.gather(1, latest.clamp(min=0)).where(latest >= 0, SKIP)

# %% tasks-show [markdown]
r"""
One text of each, the answers below it:
"""

# %% tasks-run
tasks = {"word before": word_before, "last animal": last_animal}
for name, task in tasks.items():
    texts, answers = task(1, 9, torch.Generator().manual_seed(3))
    print(f"{name:12}", " ".join(f"{WORDS[word]:5}" for word in texts[0]))
    print(f"{'':12}", " ".join(f"{WORDS[word] if word >= 0 else '-':5}" for word in answers[0]))

# %% reader [markdown]
r"""
The model is small: word vectors, one attention layer under a causal mask, then two linear layers
that name a word, with a *ReLU* between them (it replaces negative numbers by 0; lesson 07 says what
for). `nn.Sequential` applies its parts one after the other. Only the treatment of positions varies.
All else is equal for all: 32 features, 4 heads, the same texts, the same 600 steps, texts of 16
words.

A table of 16 rows would refuse the longer test at once, with your `ValueError`. To see more than
that, `learned` gets 64 rows here, and trains on texts that use the first 16.
"""

# %% reader-code
class AddSinusoids(nn.Module):
    """x plus the sinusoids of its positions."""

    def forward(self, x: Tensor) -> Tensor:
        return x + sinusoidal_positions(*x.shape[-2:])


class Reader(nn.Module):
    """Names a word at each position of a text (B, T): scores (B, T, words)."""

    def __init__(self, places: nn.Module, attention: nn.Module) -> None:
        super().__init__()
        self.words, self.places, self.attention = nn.Embedding(len(WORDS), 32), places, attention
        self.answer = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, len(WORDS)))

    def forward(self, texts: Tensor) -> Tensor:
        x = self.places(self.words(texts))
        return self.answer(self.attention(x, x, x, causal_mask(texts.shape[1])))

# %% schemes
def make_reader(scheme: str) -> Reader:
    """A fresh model: none, sinusoidal, learned, rotary or alibi."""
    torch.manual_seed(0)
    places = {"sinusoidal": AddSinusoids, "learned": lambda: LearnedPositions(LONG, 32)}
    attention = {"rotary": RotaryAttention, "alibi": AlibiAttention}.get(scheme, MultiHeadAttention)
    return Reader(places.get(scheme, nn.Identity)(), attention(32, 4))

# %% schemes-train
def train(reader: Reader, task: Callable, steps: int = 600) -> Reader:
    generator = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(reader.parameters(), lr=5e-3)
    # the learning rate falls to 0 in a straight line
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    for _ in range(steps):
        texts, answers = task(32, SHORT, generator)
        loss = nn.functional.cross_entropy(reader(texts).flatten(0, 1), answers.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return reader

# %% measure [markdown]
r"""
How to measure? Under a causal mask, what comes later cannot change an answer. So one long text
holds all shorter ones: the share of right answers *at position t* is what a model does when t words
stand before it, and positions 16 to 63 are those that nobody trained.
"""

# %% measure-code
def share_right(reader: Reader, task: Callable) -> Tensor:
    """The share of right answers at each position of 400 new long texts: (LONG,);
    NaN where nothing is asked."""
    texts, answers = task(400, LONG, torch.Generator().manual_seed(1))
    with torch.no_grad():
        right = (reader(texts).argmax(dim=-1) == answers).double()
    return right.masked_fill(answers == SKIP, math.nan).nanmean(dim=0)


def by_fours(numbers: Tensor) -> Tensor:
    """Means of four positions each, and a gap where training ended: there a line breaks off."""
    means = numbers.double().view(-1, 4).nanmean(dim=1)
    return torch.cat([means[: SHORT // 4], torch.tensor([math.nan]), means[SHORT // 4 :]])

# %% extrapolation-predict [markdown]
r"""
**Predict**, before you run it: which scheme is best at *the word before* in texts of twice the
length (positions 16 to 31)? And which at *the last animal* at the far end (32 to 63)? Write down
both. Training five models for each of two tasks takes about a minute.
"""

# %% extrapolation-guess
guess_before = None  # your guess: "none", "sinusoidal", "learned", "rotary" or "alibi"
guess_animal = None  # and here

# %% extrapolation-run
SCHEMES = ("none", "sinusoidal", "learned", "rotary", "alibi")
readers, right = {}, {}
for task_name, task in tasks.items():
    for scheme in SCHEMES:
        readers[task_name, scheme] = train(make_reader(scheme), task)
        right[task_name, scheme] = share_right(readers[task_name, scheme], task)
        print(f"{task_name}: {scheme} is trained")

# %% extrapolation-table tags=["nbval-ignore-output"] why="trained models differ in the second decimal from one processor to another"
spans = {"0-15 (trained)": slice(0, 16), "16-31": slice(16, 32), "32-63": slice(32, 64)}
shares = {run: [right[run][span].nanmean().item() for span in spans.values()] for run in right}
for task_name in tasks:
    print(f"{task_name + ', positions':24}", "   ".join(spans))
    for scheme in SCHEMES:
        print(f"{scheme:>24}", "".join(f"{share:10.2f}" for share in shares[task_name, scheme]))
best_before = max(SCHEMES, key=lambda scheme: shares["word before", scheme][1])
best_animal = max(SCHEMES, key=lambda scheme: shares["last animal", scheme][2])
reveal(guess_before, best_before)
reveal(guess_animal, best_animal)

# %% extrapolation-fours tags=["nbval-ignore-output"] why="trained models differ in the second decimal from one processor to another"
for (task_name, scheme), found in right.items():
    if scheme in ("none", "rotary"):
        fours = found.view(-1, 4).nanmean(dim=1)  # four positions each
        picked = {f"{4 * at}-{4 * at + 3}": fours[at].item() for at in (0, 3, 7, 8, 15)}
        print(f"{task_name}, {scheme:6}", {span: round(share, 2) for span, share in picked.items()})

# %% extrapolation-picture
figure, axes = plots.canvas(11.8, 4.2, columns=2)
drawn = ("rotary", "alibi", "sinusoidal", "none", "learned")
for axis, name in zip(axes, tasks, strict=True):
    means = {scheme: by_fours(right[name, scheme]) for scheme in drawn}
    plots.lines(by_fours(torch.arange(LONG)), means, "position", "share right", name, axis)
    axis.axvline(SHORT - 0.5, color="black", linewidth=0.8)
    axis.axhline(1 / (12 if name == "word before" else 8), color="grey", linewidth=0.8)
    axis.text(SHORT - 1, 0.02, "trained", ha="right", fontsize=8)
    axis.text(SHORT, 0.02, "never seen", fontsize=8)
    axis.set_ylim(0, 1.05)
axes[1].get_legend().remove()
plots.show(figure, alt="""Share of right answers against position; a line where training ended, a
    level one at chance. Word before: sinusoidal and learned fall to chance at once, rotary stays
    at 1 up to twice the length, then falls, alibi sinks early to a middle level. Last animal: alibi
    stays near 1, rotary holds for a while and falls, sinusoidal and learned drop at once.""")

# %% extrapolation-caption [markdown]
r"""
**Figure.** Each mark is the mean over four positions; the vertical line is where training ended,
the level one is chance; the colours on the right are those on the left. In training sinusoids,
learned rows and RoPE are perfect in both tasks: their lines lie on one another at 1. Then they
differ.

- **Sinusoids and learned rows break at once.** Asked for the word before, they soon are at chance.
  At the last animal, too, they fall to about a third at the far end. The hope of 2017 is not borne
  out here: the sinusoids of an unseen position can be *computed*, but no weight has ever met them.
  Press et al. (2022) found the same of sinusoids in language models.
- **RoPE** carries on to twice the length with few errors: in positions 28 to 31 it is right in
  1.00 and 0.96. Only then does it fail, with the four hands that each of these heads has: in the
  last four positions it has 0.09 and 0.34.
- **ALiBi** never collapses. At the last animal it is right almost always, up to four times the
  trained length. At the word before it is not good even in training: its fixed slopes say *nearer*,
  and cannot say *exactly one back*.
- **No positions** is not nothing. It reads an average of all words so far, and an average of a few
  still shows which they are; so it begins well, with 0.64 and 0.96 in the first four positions, and
  has faded to 0.23 and 0.62 where training ends. But it fades gently: at the far end it even beats
  sinusoids and learned rows, in both tasks. Here a mark that was never seen is worse than no mark.
"""

# %% rows [markdown]
r"""
Why does each break? For the **learned** table the answer can be read off the table. Rows that were
never used never got a gradient; they are still the random numbers of the first minute:
"""

# %% rows-run
nothing = torch.zeros(1, LONG, 32)  # added to it, the table shows itself
rows_before = make_reader("learned").places(nothing)[0]  # (LONG, 32)
rows_after = readers["word before", "learned"].places(nothing)[0]
changed = (rows_before != rows_after).any(dim=1)
print("rows changed by training:", changed.nonzero().flatten().tolist())

# %% turns [markdown]
r"""
And **RoPE**? Its scores depend on the distance alone, so why should a far position differ from a
near one? Because in a longer text there are longer *distances*. Look at the hands (each head has 8
features, so 4 hands): how many full turns has each made at the largest distance of training, 15, at
twice the length, and at the end?
"""

# %% turns-run
ends = SHORT - 1, 2 * SHORT - 1, LONG - 1
turns = position_angles(torch.tensor(ends), 8) / (2 * math.pi)  # (3, 4)
for distance, row in zip(ends, turns.tolist(), strict=True):
    print(f"distance {distance}: {[round(turn, 2) for turn in row]} turns")

# %% turns-why [markdown]
r"""
Hand 0 went round more than twice in training. Hand 1 saw only a quarter of its dial (0.24 turns);
at distance 63 it has gone all the way round and stands where it stood for the nearest words. What
the head does with the unseen three quarters of the dial was never trained. (Hands 2 and 3 come to
new angles too. But they make a tenth of a turn at most, and their part of the score hardly changes
on the way.) See the scores themselves: the last word of a long text against all the words before
it, on average over 200 texts, in the reader that was trained on the word before.
"""

# %% tail
reader = readers["word before", "rotary"]
texts, _ = word_before(200, LONG, torch.Generator().manual_seed(3))
with torch.no_grad():
    x = reader.words(texts)
    query, key, _ = reader.attention.project(x, x, x)
    # distance 0, 1, 2, ...
    by_distance = attention_scores(query, key).mean(dim=0)[:, -1].flip(-1)  # (H, LONG)
curves = {f"head {head + 1}": by_distance[head] for head in range(2)}
figure = plots.lines(range(LONG), curves, "distance back", "mean score", markers=False)
figure.axes[0].axvline(SHORT - 0.5, color="black", linewidth=0.8)
plots.show(figure, alt="Mean scores of two rotary heads against distance, in waves. "
                       "Both have their highest point of the trained range at distance "
                       "1; far beyond the trained range the waves rise above it.")
print("largest in training: distance", by_distance[0, :SHORT].argmax().item())
print("somewhere beyond it is larger:", bool(by_distance[0, SHORT:].max() > by_distance[0, 1]))

# %% tail-caption [markdown]
r"""
**Figure.** Two of the four heads; the other two look like these. Up to distance 15, left of the
line, the winner is distance 1, as it was trained: the word before. The waves are hand 0, which
comes back about every 6 steps; the slower hand 1 keeps the later waves down. Far to the right hand
1 has come round and lifts them instead, and words far back outbid the word before. (The top lies
before 63, where hand 1 has made its full turn: at which angle it adds most is learned.)

So the failure is one of *unseen angles*. (That they do no harm from 16 to 31 is luck: nobody
trained it.) Two cures follow: divide the positions so that the longest distance makes no more turns
than before (position interpolation, Chen et al. 2023), or make the hands slower by a larger base;
Llama 3 has $500\,000$ (Grattafiori et al. 2024).

ALiBi has no angles, and no distance at which something new begins.
"""

# %% remember [markdown]
r"""
## What you built, what to remember

- Attention alone is permutation-equivariant: it sees a bag of words. A causal mask breaks that a
  little, positions break it for good, and now you have a test.
- Clock hands at different speeds: *k* steps further is the same turn everywhere. Two halves or
  pairs is a matter of columns, but weights must agree with it (side road below).
- The four answers, side by side:

| | where it enters | learned? | in our test, in longer texts than it was trained on |
|:--|:--|:--|:--|
| sinusoids | added to the words | no | break at once |
| learned table | added to the words | yes | breaks at once: rows never trained are noise |
| RoPE | turns queries and keys, not values | no | here up to twice the length; other heads, other lengths (*Try this*) |
| ALiBi | subtracted from the scores | no | never collapses, but cannot say *exactly one back* |

- "Works on longer texts" is not a property of a formula. It has to be measured.

Your attention now knows what it reads, from several sides, and where. One such layer is not much;
lesson 07 stacks them, and finds out what keeps a deep stack alive.
"""

# %% conventions [markdown]
r"""
## Side road: two silent differences

You need this only when you load weights that others have trained (lesson 13).

**Which columns are a pair?** In Su's paper, and in your function, neighbours: 0 with 1, 2 with 3.
In the published weights of Llama, as the library `transformers` reads them, column $i$ is paired
with column $i + d/2$: again two halves. It is the same permutation as in the picture of the
sinusoids, and again harmless if queries and keys follow it alike, and ruinous if loaded weights
meet the other convention.
"""

# %% conventions-run
def rotate_halves(x: Tensor) -> Tensor:
    """RoPE as transformers has it for Llama: x (T, d), the pairs are columns i and i + d/2."""
    angles = position_angles(torch.arange(len(x)), x.shape[1]).repeat(1, 2).float()  # (T, d)
    first, second = x.chunk(2, dim=-1)
    return x * angles.cos() + torch.cat([-second, first], dim=-1) * angles.sin()


heads = torch.randn(10, 64, generator=generator)
to_halves = torch.cat([torch.arange(0, 64, 2), torch.arange(1, 64, 2)])
print("same numbers?           ", torch.allclose(rotate(heads), rotate_halves(heads), atol=1e-5))
permuted = rotate_halves(heads[:, to_halves])
print("same, columns permuted? ", torch.allclose(rotate(heads)[:, to_halves], permuted, atol=1e-5))

# %% other-way [markdown]
r"""
**Which way do the hands turn?** If queries and keys both turn clockwise, every law still holds:
lengths stay, scores depend on the distance alone, a model trained so works as well. You would never
notice, until you load weights that were trained with the other sense: then every head that learned
to look back looks ahead.
"""

# %% other-way-run
mirror = torch.tensor([1.0, -1.0]).repeat(32)  # the second number of each pair with the other sign


def clockwise(x: Tensor) -> Tensor:
    """RoPE, turned the wrong way: mirrored, turned, mirrored back."""
    return rotate(x * mirror) * mirror


# the same query and the same key at ten places
queries_at, keys_at = one_key.expand(10, 64), other.expand(10, 64)
for name, turn in {"counter-clockwise": rotate, "clockwise": clockwise}.items():
    scores = turn(queries_at) @ turn(keys_at).T
    print(f"{name:18} key 3 before: {scores[8, 5]:6.2f} {scores[4, 1]:6.2f}   "
          f"key 3 after: {scores[5, 8]:6.2f} {scores[1, 4]:6.2f}")

# %% other-way-why [markdown]
r"""
Each line is a function of the distance alone, so each passes the law. But before and after have
changed places. A law catches many mistakes; a published model with its weights catches the rest.
"""

# %% try [markdown]
r"""
## Try this

- In `make_reader`, give `rotary` one head of 32 features, or eight heads of 4. How far does the
  word before carry now, and which hands are to blame?
- Give `make_reader` another seed and train again. What changes in the table, and what does not?
- Ask for the word *three* before: change `roll(1, ...)` and blank the first three answers. Which
  schemes do not care, and which does?
- Let every text begin at a random row: train `learned` with `table[s : s + 16]` for a random s.
  What does it gain, and what can it no longer know?
- Divide the positions by four at test time only, in a copy of `rotate` (position interpolation).
  Does the far end come back without training? And after fifty more steps?
"""
