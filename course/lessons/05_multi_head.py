# %% question [markdown]
r"""
# 05 · Multi-head attention

**The question.** One attention head gives each word one average over the sentence. But a word
stands in several relations at once: who did it, to whom, which adjective belongs here. Can one
average answer several questions?

**At the end you will have built** multi-head attention, equal to PyTorch's own to the last digits
with the same weights, and you will have seen a task that one head cannot do and two heads can,
without a single parameter more.

**Time:** about 80 minutes. **It needs** self-attention (lesson 04).
"""

# %% setup
import math

import torch
from torch import Tensor, nn

from course import plots
from course.attention import (
    attention_scores, causal_mask, masked_softmax, scaled_dot_product_attention,
)
from course.checks import check, reveal

torch.manual_seed(0)
torch.set_num_threads(1)  # small matrices: a second thread would cost more than it brings

# %% apple [markdown]
r"""
## Two questions about one apple

Read this sentence: 那只苹果很甜，是乔布斯创立的公司。 "That apple is very sweet; it is the company
that Jobs founded." It is odd on purpose: for the first half 苹果 is a fruit, for the second it is a
firm. Whoever wants to understand 苹果 must look at 很甜 (very sweet) for one reason and at 乔布斯
(Jobs) and 公司 (company) for another.

One head has one row of weights for 苹果. The row sums to one and gives one blend of everything it
looks at, and in a blend nobody can tell which word answered which question. So let us ask each
question in a head of its own. Here are seven words with four features, made by hand:
"""

# %% apple-words
words = ["that", "apple", "very sweet", "is", "Jobs", "founded", "company"]
features = ["fruit", "taste", "firm", "person"]
vectors = torch.tensor([
    [0.0, 0.0, 0.0, 0.0],  # that
    [1.0, 0.0, 1.0, 0.0],  # apple: a fruit and a firm
    [0.0, 1.0, 0.0, 0.0],  # very sweet
    [0.0, 0.0, 0.0, 0.0],  # is
    [0.0, 0.0, 0.0, 1.0],  # Jobs
    [0.0, 0.0, 0.3, 0.0],  # founded
    [0.0, 0.0, 1.0, 0.0],  # company
])

# %% apple-predict [markdown]
r"""
Head 1 lets a *fruit* ask for a *taste*; head 2 lets a *firm* ask for a *person*. We set both
questions by hand. **Predict:** how much of its attention does *apple* give to *very sweet* in head
1: less than a half, or more?
"""

# %% apple-guess
guess = None  # your guess: a number between 0 and 1

# %% apple-heads
asks = {
    "head 1: fruit asks for taste": ("fruit", "taste"),
    "head 2: firm asks for person": ("firm", "person"),
}
by_hand = {}
for name, (asking, answering) in asks.items():
    # one feature is enough for one question
    query = 5 * vectors[:, [features.index(asking)]]  # (7, 1)
    key = vectors[:, [features.index(answering)]]
    by_hand[name] = masked_softmax(attention_scores(query, key))  # (7, 7)
reveal(guess, round(by_hand["head 1: fruit asks for taste"][1, 2].item(), 2))

# %% apple-picture
figure, axes = plots.canvas(11.4, 3.9, columns=2)
for axis, (name, weights) in zip(axes, by_hand.items(), strict=True):
    plots.heatmap(weights, words, words, name, axis=axis)
plots.show(figure, alt="Two heatmaps of attention weights over the same seven words. In the "
                       "first, the row apple is bright at very sweet. In the second, the rows "
                       "apple and company are bright at Jobs. All other rows are nearly even.")

# %% apple-caption [markdown]
r"""
**Figure.** Rows ask, columns answer. The row *apple* has two different answers, one in each
head: *very sweet* on the left, *Jobs* on the right. A row without a question spreads its weight
evenly.

Popular texts sometimes say that each word becomes a head. It does not: seven words, two heads,
and **each head holds a whole table of every word's attention to every word**. The number of heads
is chosen by you and has nothing to do with the length of the sentence.
"""

# %% split-why [markdown]
r"""
## Cut the vector into heads

By hand we gave each head one feature. A model learns what each head asks. It projects $x$ to
queries, keys and values of width $d_{model}$, as in lesson 04, and cuts each of them into $H$
blocks of neighbouring features, one for each head (Vaswani et al. 2017, section 3.2.2):

$$d_{head} = d_{model} / H \qquad (B, T, d_{model}) \;\to\; (B, H, T, d_{head})$$

Then the heads stand where a batch stands, in front, and your attention of lesson 04 treats each of
them alone without knowing of it. Take one sentence of two positions with four features,
$(1, 2, 3, 4)$ and $(5, 6, 7, 8)$, and two heads. Head 0 gets $(1, 2)$ and $(5, 6)$, head 1 gets
$(3, 4)$ and $(7, 8)$.
"""

# %% split-exercise [markdown]
r"""
### Exercise: `split_heads`

Cut and move: `x` (B, T, d_model) becomes (B, H, T, d_head), where each head has a block of
neighbouring features, head 0 the first. A width that the heads do not divide is refused with a
`ValueError` that shows both numbers.

Hint: First give the last axis two: (B, T, H, d_head). `x.unflatten(-1, (...))` or `x.view(...)`
does it without moving any number.

Hint: Now the axes are in the order B, T, H, d_head, and you want B, H, T, d_head: two of them
change places.

Hint: `transpose` moves axes. `view` or `reshape` to the final shape would not: it only cuts the
same row of numbers elsewhere.

Help: I see `gives [[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]], expected`
You reshaped straight to (B, H, T, d_head). The shape is right and the content is not: each "head"
now holds one position, not one block of features.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.multi_head import split_heads

# %% check
check(split_heads)

# %% merge-why [markdown]
r"""
After attention each head has its own answer for each position, (B, H, T, d_head). To go on, each
position needs one vector again: the heads' answers side by side.
"""

# %% merge-exercise [markdown]
r"""
### Exercise: `merge_heads`

Undo the split: (B, H, T, d_head) becomes (B, T, H · d_head), head 0 first.

Hint: Do the two steps of `split_heads` backwards: first move, then melt.

Hint: After the move the axes are B, T, H, d_head; the last two become one.

Hint: `x.flatten(-2)` melts the last two axes into one.

Help: I see `view size is not compatible with input tensor's size and stride`
After a `transpose` the numbers lie in memory in another order than the axes say, and `view`
refuses. `reshape` or `flatten` copies when it must.
"""

# %% exercise points=1 difficulty=2 minutes=5
from course.multi_head import merge_heads

# %% check
check(merge_heads)

# %% scramble-why [markdown]
r"""
## The bug that lowers the loss

Why so much care about an order of axes? Because the wrong one does not crash. Reshaping straight to
(B, H, T, d_head) gives the right shape, the model trains, and its loss is even *lower* than it
should be. See what such a model can do under a causal mask, where no position may know a later one.
"""

# %% scramble-run
def scrambled(x: Tensor, n_heads: int) -> Tensor:
    """The well-known bug: the right shape, the wrong numbers."""
    return x.reshape(x.shape[0], n_heads, x.shape[1], -1)


sentence = torch.randn(1, 6, 8)
changed = sentence.clone()
changed[:, -1] += 1.0  # another last word
seen_by = {}
for name, split in {"scrambled": scrambled, "yours": split_heads}.items():
    before, after = (
        scaled_dot_product_attention(*[split(x, 4)] * 3, causal_mask(6))
        for x in (sentence, changed)
    )
    moved = (merge_heads(before) != merge_heads(after)).any(dim=-1)[0]
    seen_by[name] = [t for t in range(6) if moved[t]]
    print(f"{name}: changing the word at position 5 changes the outputs at {seen_by[name]}")

# %% scramble-meaning [markdown]
r"""
With your split only the last position notices, as it must. With the scrambled one, earlier
positions notice too: they **saw the future**. A language model trained so copies the next word
instead of predicting it, so its loss is low and its text is worthless. A falling loss proves
nothing; laws such as this one do.
"""

# %% layer-why [markdown]
r"""
## The layer

Now put it together. Four projections, each `nn.Linear` from $d_{model}$ to $d_{model}$:

$$\text{head}_h = \text{Attention}(Q_h, K_h, V_h), \qquad \text{MultiHead} = \text{Concat}(\text{head}_1, \ldots, \text{head}_H)\, W_o$$

$Q$, $K$, $V$ are the projections of `query`, `key` and `value`, cut into heads. The three inputs
are the same tensor in self-attention. In lesson 08 a decoder will ask (`query`) and an encoder will
answer (`key` and `value`), with another number of positions; write the layer so that it does not
care. The last projection $W_o$ lets the heads' answers meet: before it, head 1's features and head
2's have never been in one sum.
"""

# %% layer-exercise [markdown]
r"""
### Exercise: `MultiHeadAttention`

Write the constructor, `project` and `forward`. The constructor makes four `nn.Linear`, `w_q`,
`w_k`, `w_v` and `w_o`, and hands its argument `bias` on to all of them: in lesson 04 there was no
bias, here there is one in each unless `bias=False` is said. `project` gives queries, keys and
values, in this order, already cut into heads. The method `weights` is given; it is for the
pictures, and calls your `project`. A mask is boolean, True = may attend, and broadcasts to
(B, H, T_q, T_k); hand it on as it is. A query that may attend to nothing gets zeros from every
head, as in lesson 04.

Hint: `project` returns three tensors of shape (B, H, T, d_head): project, then split, for each of
the three inputs with its own matrix.

Hint: `scaled_dot_product_attention` works on the last two axes and does not mind how many stand in
front. It scales by the width it sees, $d_{head}$.

Hint: `forward` is: project, attend, merge, `w_o`. Nothing in it should mention a number of
positions.

Help: I see `is invalid for input of size`, but not in every case
You reshape with the number of keys where the number of queries belongs. They are equal in
self-attention and differ in cross-attention.

Help: I see `the weights cannot be copied in`
The check copies its own numbers into your layers, by name. There must be `w_q`, `w_k`, `w_v` and
`w_o`, each with a bias or each without, as `bias` says, and nothing else with parameters.
"""

# %% exercise points=4 difficulty=3 minutes=20
from course.multi_head import MultiHeadAttention

# %% check
check(MultiHeadAttention)

# %% torch-compare
layer, theirs = MultiHeadAttention(8, 2), nn.MultiheadAttention(8, 2, batch_first=True)
with torch.no_grad():
    theirs.in_proj_weight.copy_(torch.cat([layer.w_q.weight, layer.w_k.weight, layer.w_v.weight]))
    theirs.in_proj_bias.copy_(torch.cat([layer.w_q.bias, layer.w_k.bias, layer.w_v.bias]))
    theirs.out_proj.load_state_dict(layer.w_o.state_dict())
x = torch.randn(3, 5, 8)
print("equal to torch's own layer:", torch.allclose(layer(x, x, x), theirs(x, x, x)[0], atol=1e-6))

# %% cost-why [markdown]
r"""
## What a head costs

**Predict.** A layer of width 512 with one head becomes a layer with eight heads. Does its number of
parameters grow eightfold, stay the same, or shrink?
"""

# %% cost-guess
guess = None  # your guess: the number for eight heads divided by the number for one

# %% cost-count
counts = {
    n_heads: sum(p.numel() for p in MultiHeadAttention(512, n_heads).parameters())
    for n_heads in (1, 2, 8)
}
reveal(guess, counts[8] / counts[1])
print(counts)

# %% cost-meaning [markdown]
r"""
It stays the same. More heads are narrower heads: the same matrices, cut finer. What changes is the
width in which each question is asked, 64 features instead of 512. So the number of heads is a
choice between many narrow questions and few wide ones, at one price.
"""

# %% cost-exercise [markdown]
r"""
### Exercise: `n_parameters`

Count by formula what the cell above counted by looking: the numbers that a layer of width `d_model`
learns, with or without biases.

Hint: How many projections does the layer have?

Hint: A matrix from $d$ to $d$ features has $d \cdot d$ numbers; its bias has one for each output
feature.

Hint: For width 2 without bias it is 16; with bias 24.

Help: I see a number that is three quarters of the expected one
Somebody forgot $W_o$.
"""

# %% exercise points=1 difficulty=1 minutes=4
from course.multi_head import n_parameters

# %% check
check(n_parameters)

# %% binding [markdown]
r"""
## One head blends, two heads tell apart

Equal price; is there a gain? Here is a task that needs two answers at once. Four names stand in a
row; one is marked as *giver*, one as *taker*, as Latin or German mark them by case. A query asks:
who gives, **and** who takes? Any name can stand in any role, so it does not help to know which
names were seen; what counts is who was what.

As in a dictionary, the roles are the keys and the names are the values. One head has one row of
weights. If it looks at both marked words, their values are added, and a sum does not know who was
who. If it looks at one, it misses the other.
"""

# %% binding-data
def sentences(n: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Names (n, 4) out of six, roles (n, 4): 1 = giver, 2 = taker, 0 = neither;
    answers (n, 2): the two names."""
    names = torch.rand(n, 6, generator=generator).argsort()[:, :4]
    places = torch.rand(n, 4, generator=generator).argsort()[:, :2]  # where giver and taker stand
    giver_and_taker = torch.tensor([1, 2]).expand(n, 2)
    roles = torch.zeros(n, 4, dtype=torch.long).scatter(1, places, giver_and_taker)
    return names, roles, names.gather(1, places)


names, roles, answers = sentences(1, torch.Generator().manual_seed(0))
print("names  ", names[0].tolist())
print("roles  ", roles[0].tolist())
print("answers", answers[0].tolist())

# %% binding-model
class WhoGivesWhom(nn.Module):
    """One attention layer, asked once for each sentence; the number of heads is all that varies."""

    def __init__(self, n_heads: int, width: int = 16) -> None:
        super().__init__()
        self.name, self.role = nn.Embedding(6, width), nn.Embedding(3, width)
        self.question = nn.Parameter(torch.randn(1, 1, width))
        self.attention = MultiHeadAttention(width, n_heads)
        self.answer = nn.Linear(width, 12)

    def forward(self, names: Tensor, roles: Tensor) -> Tensor:
        question = self.question.expand(len(names), -1, -1)
        read = self.attention(query=question, key=self.role(roles), value=self.name(names))
        return self.answer(read).view(-1, 2, 6)  # a score for each name, twice

# %% binding-train
def train(n_heads: int, seed: int) -> WhoGivesWhom:
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = WhoGivesWhom(n_heads)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(300):
        names, roles, answers = sentences(64, generator)
        loss = nn.functional.cross_entropy(model(names, roles).flatten(0, 1), answers.flatten())
        optimizer.zero_grad(), loss.backward(), optimizer.step()
    return model

# %% binding-predict [markdown]
r"""
**Predict.** One head looks at the giver and always gets that name right. The taker is one of the
five others, and it has to guess. In which share of new sentences are *both* names right?
"""

# %% binding-guess
guess = None  # your guess for one head, between 0 and 1

# %% binding-run
test_names, test_roles, test_answers = sentences(2000, torch.Generator().manual_seed(99))
models, both_right = {}, {}
for n_heads in (1, 2, 4):
    models[n_heads] = [train(n_heads, seed) for seed in range(6)]
    answered = [model(test_names, test_roles).argmax(-1) for model in models[n_heads]]
    right = [(answer == test_answers).all(dim=-1) for answer in answered]
    both_right[n_heads] = [run.double().mean().item() for run in right]
    size = sum(p.numel() for p in models[n_heads][0].parameters())
    shares = "  ".join(f"{share:.1f}" for share in both_right[n_heads])
    print(f"{n_heads} head(s), {size} parameters: ", shares, flush=True)
reveal(guess, round(both_right[1][0], 1))

# %% binding-meaning [markdown]
r"""
Six runs each, from six random starts. One head gets 0.2 every time: the giver, and one guess in
five. Two heads *can* do it and mostly do; in the runs that stay at 0.2 both heads fell for the same
role and never parted. With four heads there are spare ones, and every run succeeds. All at the same
number of parameters.

<details><summary>Why one head cannot, however long it trains</summary>

The weights depend on the roles alone: some $\alpha$ on the giver's name, some $\beta$ on the
taker's, both positive, since softmax gives nothing else. The scores for the taker are linear in the
blend. When $a$ gives to $b$, the score of $b$ must beat that of $a$; when $b$ gives to $a$, it is
the other way round. Add the two conditions: what remains is $(\beta - \alpha)\, m_{ab} > 0$, with a
number $m_{ab}$ that depends on the two names only. Now compare $b$ with a name $c$ that is not in
the sentence, and $c$ with $b$ where they change places. The same addition leaves
$\beta\, m_{bc} > 0$, so every $m$ is positive, and hence $\beta > \alpha$: whoever wants to read
off the taker must look at the taker more. In the same way, reading off the giver needs
$\alpha > \beta$. One row of weights cannot have both; two rows can.

</details>
"""

# %% binding-picture
rows, table = [], []
for n_heads in (1, 2):
    model = models[n_heads][0]
    seen = model.attention.weights(model.question, model.role(roles))[0, :, 0]
    rows += [f"{n_heads} head{'s' if n_heads > 1 else ''}: head {h + 1}" for h in range(n_heads)]
    table += seen.tolist()
columns = [{0: "-", 1: "giver", 2: "taker"}[role] for role in roles[0].tolist()]
plots.show(plots.heatmap(table, rows, columns, "where the question looks"),
           alt="Attention weights of the question over four words. The "
               "single head looks at one of the two marked words; of the two "
               "heads, one looks at the giver and the other at the taker.")

# %% binding-caption [markdown]
r"""
**Figure.** First row, the only head of a one-head model: it has settled for one of the two roles.
Second and third row: of two heads each takes one role, and both names come out. Nobody told them to
share the work.

This is what heads are for: an average cannot keep apart what it has blended, so keep it
apart *before* averaging.
"""

# %% rank-why [markdown]
r"""
## One head sees a shadow, all heads see everything

Each head reads a projection of $x$ onto $d_{head}$ features, fewer than $x$ has. What is lost?
Project $x$ (24 features) to 24 and cut it into four heads of 6. Then try to get $x$ back by linear
least squares, from one head alone, from two, from three, from all four.
"""

# %% rank-predict [markdown]
r"""
**Predict.** How much of $x$'s variance is lost if you keep one head of the four? And with all four?
"""

# %% rank-guess
guess = None  # your guess for one head: a share between 0 and 1

# %% rank-run
generator = torch.Generator().manual_seed(0)
x = torch.randn(4000, 24, generator=generator, dtype=torch.float64)
w_v = torch.randn(24, 24, generator=generator, dtype=torch.float64) / math.sqrt(24)
projected = split_heads((x @ w_v.T)[None], 4)[0]  # (4, 4000, 6)
lost = []
for n_heads in (1, 2, 3, 4):
    kept = projected[:n_heads].transpose(0, 1).flatten(1)  # (4000, 6 * n_heads)
    recovered = kept @ torch.linalg.lstsq(kept, x).solution
    lost.append(((recovered - x).square().sum() / x.square().sum()).item())
    print(f"{n_heads} of 4 heads: rank {torch.linalg.matrix_rank(kept)}, "
          f"{100 * lost[-1]:.0f} % of the variance lost")
reveal(guess, round(lost[0], 2))

# %% rank-picture
figure = plots.bars(["1 head", "2 heads", "3 heads", "4 heads"], lost, "share of the variance lost")
plots.show(figure, alt="Bars of the share of variance that cannot be recovered: three quarters "
                       "with one head, a half with two, a quarter with three, nothing with four.")

# %% rank-caption [markdown]
r"""
**Figure.** One head of four keeps a quarter of what was there: it is a projection of rank 6 out of
24, a shadow. All four together keep everything, because a random 24 by 24 matrix can be inverted;
$x$ comes back exactly. So cutting into heads need not lose information; it only decides who may
look at what together.
"""

# %% sum-why [markdown]
r"""
## Side by side, then projected, is a sum

A last look at $W_o$. Concatenating the heads and multiplying by $W_o$ sounds like one act. Cut
$W_o$ into blocks of columns, one for each head, and it is a **sum**:

$$\text{Concat}(\text{head}_1, \ldots, \text{head}_H)\, W_o = \sum_h \text{head}_h W_o^{(h)}$$

Each head writes its own contribution into the same vector of width $d_{model}$. This view is how
people read trained models today: which head wrote what (Elhage et al. 2021, "A mathematical
framework for transformer circuits").
"""

# %% sum-exercise [markdown]
r"""
### Exercise: `heads_as_sum`

Compute the output (B, T, d_model) as a sum over heads, from the heads' answers (B, H, T, d_head)
and the matrix `w_o` as `nn.Linear` holds it: (d_model, H · d_head), out before in.

Hint: Which columns of `w_o` does head $h$ meet? A block of d_head neighbouring ones.
`w_o.chunk(H, dim=-1)` gives the blocks.

Hint: `nn.Linear` computes `x @ weight.T`. So one head's share is the head times its block,
transposed.

Hint: Check with small numbers: heads 1 and 2 (one feature each) and `w_o` = [[10, 100], [1, 0]]
give 10 + 200 and 1 + 0.

Help: I see `Expected size for first two dimensions of batch2 tensor`
The inner sizes of a product do not agree. The block has shape (d_model, d_head); it has to be
transposed before the multiplication.
"""

# %% exercise points=2 difficulty=3 minutes=12
from course.multi_head import heads_as_sum

# %% check
check(heads_as_sum)

# %% remember [markdown]
r"""
## What to remember

- One head is one average. Two questions whose answers must not be blended need two heads.
- Heads are blocks of features, not words; each head holds a whole T by T table. More heads cost no
  parameters.
- Split: reshape **and** transpose. Reshape alone scrambles positions and lets the future in, and
  the loss gets lower.
- Scale by $\sqrt{d_{head}}$, the width in which the dot product is taken.
- Concat then $W_o$ is a sum of what each head writes.

Everything so far treats a sentence as a set: shuffle the words, and the outputs are shuffled along.
Lesson 06 gives each word its place.
"""

# %% try [markdown]
r"""
## Try this

- Train `WhoGivesWhom` with one head and a width of 64. Do more features help a head that blends?
- Give `sentences` a third role (a witness), and the answer a third name. How many heads does it
  take now?
- In the two-head model set one head's columns of `w_o` to zero. Which name goes wrong?
"""
