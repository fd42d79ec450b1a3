# %% question [markdown]
r"""
# 05 · Multi-head attention

**Can one average answer several questions?** One attention head gives each word one average over
the sentence. But a word stands in several relations at once: who did it, to whom, which adjective
belongs here. The Transformer asks such questions in several heads, side by side (Vaswani et al.
2017).

| | |
|---|---|
| **At its end you have built** | `split_heads`, `merge_heads`, the layer `MultiHeadAttention`, equal to PyTorch's own, `n_parameters` and `heads_as_sum`; and you have trained heads that share the work, and cut them out to see who is needed |
| **Time** | about 1 hour 45 minutes; a good place to pause is after the layer, before *What a head costs* |
| **It needs** | self-attention: scores, weights, masks (lesson 04) |
"""

# %% setup
import copy
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

# %% map-caption [markdown]
r"""
**Figure.** The same part of the map is lit as in lesson 04. There you built attention with one
head: one set of queries, keys and values. This lesson puts several heads side by side. The layer
that you write here stands in the encoder and in the decoder, from lesson 07 on.
"""

# %% map
plots.show_map("05")

# %% apple [markdown]
r"""
## Two questions about one apple

Read this sentence: 那个苹果很甜，是乔布斯创立的公司。 "That apple is very sweet; it is the company
that Jobs founded."

| 那个 | 苹果 | 很甜 | ， | 是 | 乔布斯 | 创立 | 的 | 公司 | 。 |
|---|---|---|---|---|---|---|---|---|---|
| nà ge | píngguǒ | hěn tián | , | shì | Qiáobùsī | chuànglì | de | gōngsī | . |
| that | apple | very sweet | , | is | Jobs | founded | (that) | company | . |

It is odd on purpose: in the first half the apple is a fruit, in the second it is a firm. A reader
of *apple* must look at *very sweet* for one reason, and at *Jobs* for another.

One head has one row of weights for *apple*. The row sums to one and gives one mixture of everything
it looks at. In a mixture nobody can tell which word answered which question. So let us ask each
question in a head of its own. Here are seven of these words with four features, made by hand.
*founded* has a little of *firm* in it, since it is firms that are founded:
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
Head 0 lets a *fruit* ask for a *taste*; head 1 lets a *firm* ask for a *person* (we count heads
from 0, as the code does). We set both questions by hand: in head 0 the score of *apple* for *very
sweet* is 5, for each of the six other words 0. **Predict:** how much of its attention does *apple*
give to *very sweet*?
"""

# %% apple-guess
guess = None  # your guess: a number between 0 and 1

# %% apple-heads
asks = {
    "head 0: fruit asks for taste": ("fruit", "taste"),
    "head 1: firm asks for person": ("firm", "person"),
}
by_hand = {}
for name, (asking, answering) in asks.items():
    # one feature for one question; times 5, so that softmax decides clearly (try 1)
    query = 5 * vectors[:, [features.index(asking)]]  # (7, 1)
    key = vectors[:, [features.index(answering)]]
    by_hand[name] = masked_softmax(attention_scores(query, key))  # (7, 7)
both = masked_softmax(attention_scores(5 * vectors[:, [0, 2]], vectors[:, [1, 3]]))
reveal(guess, round(by_hand["head 0: fruit asks for taste"][1, 2].item(), 2))
print("one head that asks both questions:", [round(weight, 2) for weight in both[1].tolist()])

# %% apple-picture
figure, axes = plots.canvas(11.4, 3.9, columns=2)
for axis, (name, weights) in zip(axes, by_hand.items(), strict=True):
    plots.heatmap(weights, words, words, name, axis=axis)
plots.show(figure, alt="Two heatmaps of attention weights over the same seven words. In the "
                       "first, the row apple is bright at very sweet. In the second, the rows "
                       "apple and company are bright at Jobs, and the row founded is a little "
                       "brighter there. All other rows are even.")

# %% apple-caption [markdown]
r"""
**Figure.** Rows ask, columns answer. The row *apple* has two different answers, one in each head:
*very sweet* on the left, *Jobs* on the right. *founded*, with its little of *firm*, asks for a
person too, but not as clearly. A row without a question spreads its weight evenly. And one head
that asks both questions gives 0.47 to each answer: half sweet, half Jobs, in one vector.

Readers sometimes believe that each word becomes a head. It does not: there are seven words and two
heads, and **each head holds a whole table of every word's attention to every word**. You choose the
number of heads. It has nothing to do with the length of the sentence.
"""

# %% split-why [markdown]
r"""
## Cut the vector into heads

By hand we gave each head one feature. A model learns what each head asks. Think of $H$ layers from
lesson 04 side by side. Each has matrices of its own, from $d_{model}$ numbers to $d_k = d_v$
numbers, and the answer of each has $d_v$ numbers. In the paper $d_{model} = 512$, there are 8
heads, and $d_k = d_v = 64$ (Vaswani et al. 2017, section 3.2.2). That fits: $8 \cdot 64 = 512$, so
the eight answers side by side are as wide as $x$ again.

In the code the eight small matrices lie side by side in one large one, from 512 numbers to 512. It
makes the queries of all heads at once; the same is done for keys and for values. Then each result
is cut into $H$ blocks of neighbouring features, one for each head:

$$d_{head} = d_{model} / H \qquad (B, T, d_{model}) \;\to\; (B, H, T, d_{head})$$

Here $d_{head}$ is what lesson 04 called $d_k$ and $d_v$; the two are equal now. The axis of the
heads stands in front, as the axis of a batch does, and your attention of lesson 04 treats each
head alone. Take one sentence of two positions with four features, $(1, 2, 3, 4)$ and
$(5, 6, 7, 8)$, and two heads. Head 0 gets $(1, 2)$ and $(5, 6)$, head 1 gets $(3, 4)$ and $(7, 8)$.

Is something lost by the cut? One head sees only $d_{head}$ numbers of each position. But all heads
together have as many numbers as $x$, so nothing need be lost.
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

Why so much care about an order of axes? Because the wrong one gives no error. Reshaping straight to
(B, H, T, d_head) gives the right shape, and the model trains. Under a causal mask, where no
position may know a later one, its loss is even *lower* than it should be. Both versions merge with
your `merge_heads`; only the split is wrong in one of them.
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

# %% scramble-rows
words_of = torch.arange(6).repeat_interleave(8).reshape(1, 6, 8)  # each number says: my word
print("scrambled: from which words each head's rows 0 to 5 are cut")
for head, cut_from in enumerate(scrambled(words_of, 4)[0, :, :, 0].tolist()):
    print(f"head {head}: {cut_from}")

# %% scramble-why-loss [markdown]
r"""
With your split only the last position notices, as it must. With the scrambled one, earlier
positions notice too: they **saw the future**. The table shows how. Row 2 of a head should be cut
from word 2; in the scrambled head 3, rows 2 to 5 are pieces of word 5. The mask blocks later
*rows*: position 2 may read row 2, and in row 2 stands word 5.

What does training make of that? Here is a small model that is to say the next token, out of 8. But
the tokens are drawn at random! The lowest loss that an honest model can reach is $\ln 8$ (each
token gets 1/8, and the loss is the mean of $-\ln(1/8)$). **Predict** the loss of the model with
the scrambled split.
"""

# %% scramble-guess
guess = None  # your guess: a number between 0 and 3

# %% scramble-train
class NextToken(nn.Module):
    """Four heads that read the tokens so far; scores for the next one."""

    def __init__(self, split) -> None:
        super().__init__()
        self.split, self.embed = split, nn.Embedding(8, 32)
        self.project, self.out = nn.Linear(32, 96), nn.Linear(32, 8)

    def forward(self, tokens: Tensor) -> Tensor:
        projected = self.project(self.embed(tokens)).chunk(3, dim=-1)  # three of (B, T, 32)
        heads = [self.split(part, 4) for part in projected]  # query, key, value
        mask = causal_mask(tokens.shape[1])
        return self.out(merge_heads(scaled_dot_product_attention(*heads, mask)))  # (B, T, 8)

# %% scramble-loss
def final_loss(split, steps: int = 200) -> float:
    """The mean loss of the last 50 steps, on random tokens."""
    torch.manual_seed(0)
    model, losses = NextToken(split), []
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(steps):
        tokens = torch.randint(8, (32, 7))
        scores, following = model(tokens[:, :-1]), tokens[:, 1:]
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), following.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses[-50:]) / 50

# %% scramble-compare
loss_with = {"scrambled": final_loss(scrambled), "yours": final_loss(split_heads)}
reveal(guess, round(loss_with["scrambled"], 1))
print({name: round(loss, 1) for name, loss in loss_with.items()}, " ln 8 =", round(math.log(8), 1))

# %% scramble-meaning [markdown]
r"""
The model with the bug gets down to half of what an honest model can reach. It has learned to copy
the next token from where the scrambled split lets it see it. It does not get to 0: at two of the
six positions, 1 and 5, the next token stands in no row that it may read. Even the best guess costs
$2 \cdot 2.1 / 6 = 0.7$ there; the rest comes from places where the word can be seen and is not
always found. When it has to write, the next token is not there yet, and it can say nothing. So a
low loss proves little. A law does: change the future, and see that the past stays as it is.
"""

# %% layer-why [markdown]
r"""
## The layer

Now put it together. The layer has four **projections** (lesson 04; each is one `nn.Linear`), each
from $d_{model}$ numbers to $d_{model}$. Three make $Q = \text{query}\, W^Q$, $K = \text{key}\, W^K$
and $V = \text{value}\, W^V$ (in the code `w_q`, `w_k`, `w_v`), the fourth, $W^O$ or `w_o`, comes at
the end:

$$\text{head}_h = \text{Attention}(Q_h, K_h, V_h), \qquad \text{MultiHead} = \text{Concat}(\text{head}_1, \ldots, \text{head}_H)\, W^O$$

$Q_h$ is head $h$'s block of $Q$ (the paper counts heads from 1). *Concat* lays the heads' answers
side by side; that is your `merge_heads`. Each head scales by $\sqrt{d_{head}}$, the width in which
its dot products are taken; your function of lesson 04 sees only that width. The three inputs are
the same tensor in self-attention. In lesson 08 a decoder will ask (`query`) and an encoder will
answer (`key` and `value`), with another number of positions. Write the layer so that it works for
both.

What is the last projection $W^O$ for? In the merged vector each feature comes from one head alone.
$W^O$ mixes them: each feature of the output is a weighted sum over the answers of all heads.

The paper's formulas have no *bias* (lesson 02). PyTorch's own layer has one in each of the four
projections, unless it is told `bias=False`; yours does the same, so that both can be compared.
"""

# %% layer-exercise [markdown]
r"""
### Exercise: `MultiHeadAttention`

Write the constructor, `project` and `forward`. The constructor makes four `nn.Linear`, `w_q`,
`w_k`, `w_v` and `w_o`, and hands its argument `bias` on to all of them. `project` gives queries,
keys and values, in this order, already cut into heads. The method `weights` is given; it is for the
pictures, and calls your `project`. A mask is boolean, True = may attend, and broadcasts to
(B, H, T_q, T_k); hand it on as it is. A query that may attend to nothing gets zeros from every
head, as in lesson 04.

Hint: `project` returns three tensors of shape (B, H, T, d_head): project, then split, for each of
the three inputs with its own matrix.

Hint: `scaled_dot_product_attention` works on the last two axes and does not mind how many stand in
front. It scales by the width it sees, $d_{head}$.

Hint: `forward` is: project, attend, merge, `w_o`. Nothing in it should mention a number of
positions.

Help: I see `is invalid for input of size`, or `Expected size for first two dimensions`
You cut or reshape with the number of keys where the number of queries belongs. They are equal in
self-attention, and differ where a decoder asks and an encoder answers.

Help: I see `the weights cannot be copied in`
The check copies its own numbers into your layers, by name. There must be `w_q`, `w_k`, `w_v` and
`w_o`, one of each for all heads together, each with a bias or each without, as `bias` says, and
nothing else with parameters.
"""

# %% exercise points=4 difficulty=3 minutes=20
from course.multi_head import MultiHeadAttention

# %% check
check(MultiHeadAttention)

# %% torch-compare-why [markdown]
r"""
The same weights in PyTorch's own layer, which keeps the first three matrices in one. If both give
the same, weights that others trained in PyTorch's layer will run in yours.
"""

# %% torch-compare
layer, theirs = MultiHeadAttention(8, 2), nn.MultiheadAttention(8, 2, batch_first=True)
with torch.no_grad():
    theirs.in_proj_weight.copy_(torch.cat([layer.w_q.weight, layer.w_k.weight, layer.w_v.weight]))
    theirs.in_proj_bias.copy_(torch.cat([layer.w_q.bias, layer.w_k.bias, layer.w_v.bias]))
    theirs.out_proj.load_state_dict(layer.w_o.state_dict())
x = torch.randn(3, 5, 8)
print("equal to torch's own layer:", torch.allclose(layer(x, x, x), theirs(x, x, x)[0], atol=1e-6))

# %% inside-why [markdown]
r"""
Look inside. A layer of two heads with $d_{model} = 4$, without bias and with random matrices, reads
three random vectors, called by words of our sentence. All numbers come from your `project`,
attention, `merge_heads` and `forward`.
"""

# %% inside-picture
torch.manual_seed(2773)
small, x = MultiHeadAttention(4, 2, bias=False), 3 * torch.randn(1, 3, 4)
with torch.no_grad():
    parts = dict(zip(("query", "key", "value"), small.project(x, x, x), strict=True))
    answers = scaled_dot_product_attention(*parts.values())  # (1, 2, 3, 2)
    parts |= {"x": x, "weights": small.weights(x, x), "answers": answers,
              "merged": merge_heads(answers), "output": small(x, x, x)}
inside = {name: part[0] for name, part in parts.items()}  # the only sentence of the batch
inside["w_o"] = small.w_o.weight.detach().T  # (in, out), as in the formula
figure = plots.multi_head(["apple", "is", "sweet"], inside)
plots.show(figure, alt="""A layer of two heads in numbers, from left to right: x with three words
    and four features; its projections query, key and value, the first two columns of each for head
    0, the last two for head 1; in each head a table of weights, three by three, and an answer,
    three by two; both answers side by side; w_o, turned, four by four, its upper two rows for head
    0, its lower two for head 1; and below it the output, three by four like x.""")

# %% inside-caption [markdown]
r"""
**Figure.** From left to right. **1** Three projections of $x$, each cut in the middle: the left two
columns belong to head 0, the right two to head 1. **2** Each head attends with its own columns. It
has a table of weights for all pairs of words (softmax of query · key / √2), and an answer with
$d_{head} = 2$ numbers for each word. **3** The answers side by side: find the numbers of both heads
again. **4** $W^O$ mixes them: a row of the merged answers, times a column of $W^O$, gives the
number of that row below that column. What comes out has the shape of what went in. (In the tables
of weights rows ask and columns answer, both in the order *apple*, *is*, *sweet*. Nothing here has
been learned: who looks at whom comes from random numbers.)
"""

# %% cost-why [markdown]
r"""
## What a head costs

**Predict.** A layer of width 512 with one head becomes a layer with eight heads. Does the number of
its **parameters**, the numbers that training changes, grow eightfold, stay the same, or shrink?
(Your constructor knows.)
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
It stays the same. More heads are narrower heads: the same matrices, cut into more blocks. The work
of the dot products stays the same too: eight tables of $T \cdot T$ products of width 64, or one
table of width 512. Only what is done with the tables themselves grows eightfold: their memory, and
the softmax over them. So you choose between many narrow questions and few wide ones.
"""

# %% cost-exercise [markdown]
r"""
### Exercise: `n_parameters`

Count by formula what the cell above counted by looking: the parameters of a layer of width
`d_model`, with or without biases.

Hint: How many projections does the layer have?

Hint: A matrix from $d$ to $d$ features has $d \cdot d$ numbers; its bias has one for each output
feature.

Hint: For width 2 without bias it is 16; with bias 24.

Help: I see a number that is three quarters of the expected one
Somebody forgot $W^O$.
"""

# %% exercise points=1 difficulty=1 minutes=4
from course.multi_head import n_parameters

# %% check
check(n_parameters)

# %% binding [markdown]
r"""
## One head blends, two heads tell apart

Equal price; is there a gain? Here is a task that needs two answers at once. Four names stand in a
row. One is marked as *giver*, one as *taker*. A query asks: who gives, **and** who takes? Any name
can have any role, so it is not enough to know which names stand there. What counts is who has which
role.

The roles are the keys and the names are the values, as in a dictionary. One head has one row of
weights. If it looks at both marked words, their values are added, and a sum does not tell who gave
and who took. If it looks at one, it misses the other.
"""

# %% binding-data
def sentences(n: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Names (n, 4) out of six, roles (n, 4): 1 = giver, 2 = taker, 0 = neither;
    answers (n, 2): the two names."""
    # argsort of random numbers: a random order; scatter writes at places, gather picks by place
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
def train(n_heads: int, seed: int, width: int = 16) -> WhoGivesWhom:
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = WhoGivesWhom(n_heads, width)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(300):
        names, roles, answers = sentences(64, generator)
        loss = nn.functional.cross_entropy(model(names, roles).flatten(0, 1), answers.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model

# %% binding-predict [markdown]
r"""
**Predict.** One head looks at one of the two, say at the giver, and always gets that name right. In
which share of new sentences are *both* names right? (Eighteen trainings follow: about half a
minute.)
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
    if n_heads == 1:
        reveal(guess, round(both_right[1][0], 1))
    size = sum(p.numel() for p in models[n_heads][0].parameters())
    shares = "  ".join(f"{share:.1f}" for share in both_right[n_heads])
    print(f"heads: {n_heads}, parameters: {size}, both right: ", shares, flush=True)

# %% binding-looks tags=["nbval-ignore-output"] why="which run finds what differs between machines"
def looked_at(model: WhoGivesWhom) -> str:
    """For each head the role at which it looks most."""
    each = model.role(torch.arange(3))[None]  # a word of each role: neither, giver, taker
    weights = model.attention.weights(model.question, each)[0, :, 0]  # (heads, 3)
    return " + ".join(("neither", "giver", "taker")[at] for at in weights.argmax(dim=-1))


for n_heads in (1, 2):
    print(f"heads: {n_heads}, looking at", ", ".join(map(looked_at, models[n_heads])))

# %% binding-meaning [markdown]
r"""
Six runs each, from six random starts. One head gets 0.2 every time: one of the two names, and one
guess in five for the other. Two heads *can* do it, and in four runs they do. In the two runs that
stay at 0.2, the third and the fourth, both heads have learned to look at the same role. Some texts
say that different weights guarantee different views. That is not true: nothing forces two heads
apart. With four heads there are some to spare, and every run succeeds. All at the same number of
parameters.

<details><summary>Why one head cannot, however long it trains</summary>

What follows shows: no weights of the model get both names right in every sentence. The attention
depends on the roles alone: some $\alpha$ on the giver's name, some $\beta$ on the taker's, both
positive, since softmax gives nothing else. (The two unmarked names and the biases add the same to
both conditions below, with opposite signs, and drop out.) The scores for the taker are linear in
the blend. When $a$ gives to $b$, the score of $b$ must beat that of $a$; when $b$ gives to $a$, it
is the other way round. Add the two conditions: what remains is $(\beta - \alpha)\, m_{ab} > 0$,
with a number $m_{ab}$ that depends on the two names only. Now compare $b$ with a name $c$ that is
not in the sentence, and $c$ with $b$ where they change places. The same addition leaves
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
    rows += [f"{n_heads} head{'s' if n_heads > 1 else ''}: head {h}" for h in range(n_heads)]
    table += seen.tolist()
columns = [{0: "-", 1: "giver", 2: "taker"}[role] for role in roles[0].tolist()]
plots.show(plots.heatmap(table, rows, columns, "where the question looks"),
           alt="Attention weights of the question over four words. The "
               "single head looks at one of the two marked words; of the two "
               "heads, one looks at the giver and the other at the taker.")

# %% binding-caption [markdown]
r"""
**Figure.** First row, the only head of a one-head model: it looks at one of the two roles (here at
the taker; in four of the six runs printed above at the giver) and leaves the other. Second and
third row: of two heads each takes one role, and both names come out. Nobody told them to share the
work. (A dash marks a name with neither role.)

This is what heads are for: two names that are asked for in two heads are never averaged.
"""

# %% sum-why [markdown]
r"""
## Side by side, then projected, is a sum

Laying the heads side by side and multiplying by $W^O$ sounds like one step. But each head meets a
block of $W^O$ of its own. Cut $W^O$ into these blocks, and it is a **sum**:

$$\text{Concat}(\text{head}_1, \ldots, \text{head}_H)\, W^O = \sum_h \text{head}_h W^O_h$$

In the picture of the layer the blue columns of *merged* meet only the blue rows of `w_o`, the
yellow ones only the yellow rows. So each head adds its own part to one vector of width $d_{model}$
(the bias of `w_o`, where there is one, is added once, to the sum). People who study trained models
ask which head added what (Elhage et al. 2021, "A mathematical framework for transformer circuits").

<details><summary>Are the blocks rows or columns?</summary>

In the formula the vector stands on the left of $W^O$, so feature 1 of the merged vector meets row 1
of $W^O$: the blocks are blocks of **rows**. `nn.Linear` keeps the matrix turned, out before in, and
computes `x @ weight.T`: in `w_o.weight` the same blocks are blocks of **columns**. The numbers are
the same.

</details>
"""

# %% sum-exercise [markdown]
r"""
### Exercise: `heads_as_sum`

Compute the output (B, T, d_model) as a sum over heads, not by merging them, from the heads' answers
(B, H, T, d_head) and the matrix `w_o` as `nn.Linear` holds it: (d_model, H · d_head), out before
in. (The check sees numbers and cannot tell the two ways apart; the sum is the point.)

Hint: Which columns of `w_o` does head $h$ meet? A block of d_head neighbouring ones.
`w_o.chunk(H, dim=-1)` gives the blocks.

Hint: `nn.Linear` computes `x @ weight.T`. So one head's share is the head times its block,
transposed.

Hint: Check with small numbers: one position, two heads of one feature each; head 0 answers 1, head
1 answers 2. With `w_o` = [[10, 100], [1, 0]] the output is (1 · 10 + 2 · 100, 1 · 1 + 2 · 0) =
(210, 1).

Help: I see `Expected size for first two dimensions of batch2 tensor`
The inner sizes of a product do not agree. The block has shape (d_model, d_head); it has to be
transposed before the multiplication.
"""

# %% exercise points=2 difficulty=3 minutes=12
from course.multi_head import heads_as_sum

# %% check
check(heads_as_sum)

# %% rank-why [markdown]
r"""
## Cut a head out

Now we can ask of each trained head of `WhoGivesWhom` whether it is needed. In the sum, a head whose
block of $W^O$ is zero adds nothing. So set the block to zero, leave everything else as it is, and
count which names are still right.
"""

# %% rank-cut
def without_head(model: WhoGivesWhom, n_heads: int, head: int) -> list[float]:
    """How often the giver and how often the taker are right when this head adds nothing."""
    model = copy.deepcopy(model)
    with torch.no_grad():
        blocks = model.attention.w_o.weight.unflatten(1, (n_heads, -1))  # (out, head, d_head)
        blocks[:, head] = 0
        answered = model(test_names, test_roles).argmax(-1)  # (2000, 2)
    return (answered == test_answers).double().mean(dim=0).tolist()

# %% rank-predict [markdown]
r"""
Take the two-head model of the figure above: head 0 looks at the giver, head 1 at the taker. We cut
head 0 out. **Predict:** how often is the *taker* still right?
"""

# %% rank-guess
guess = None  # your guess: a number between 0 and 1

# %% rank-run
without = {
    n_heads: [[without_head(model, n_heads, head) for head in range(n_heads)]
              for model in models[n_heads]]
    for n_heads in (2, 4)
}
reveal(guess, round(without[2][0][0][1], 1))
for head, (giver, taker) in enumerate(without[2][0]):
    print(f"two heads, without head {head}:  giver {giver:.1f}  taker {taker:.1f}")
spare = sum(min(shares) > 0.99 for run in without[4] for shares in run)
print(f"four heads, six runs: {spare} of {6 * 4} heads can be cut out alone,",
      "and every answer stays right")

# %% rank-picture
model = models[4][0]
seen = model.attention.weights(model.question, model.role(roles))[0, :, 0].detach()  # (4, 4)
names_of_heads = [
    f"head {head}\nwithout it: giver {giver:.1f}, taker {taker:.1f}"
    for head, (giver, taker) in enumerate(without[4][0])
]
figure = plots.head_arrows("question", columns, seen, names_of_heads)
plots.show(figure, alt="""Four heads of one trained model, each with lines from the question to four
    words. Heads 0 and 1 look at the giver, heads 2 and 3 at the taker. Above each head stands how
    often giver and taker are right without it: without one head of each pair nothing changes.""")

# %% rank-caption [markdown]
r"""
**Figure.** The first model with four heads. The width of a line is a weight; above each head stands
what is still right without it. Two heads look at the giver (head 0 a little at the taker too), two
at the taker. Of each pair, one can be cut out and nothing is lost. The other one's work is missed,
in part.

In this model with two heads the division of labour is complete: without head 0 the giver is guessed
(one in five), without head 1 the taker. With four heads about half of them (11 of 24) can be cut
out, one at a time. Large models are similar: from a trained translator many heads can be cut out,
one at a time, and it translates almost as well (Michel et al. 2019). Many heads help a training to
find the roles; afterwards it does not need them all.
"""

# %% remember [markdown]
r"""
## What you built, what to remember

- One head is one average. Two questions whose answers must not be blended need two heads.
- Heads are blocks of features, not words; each head holds a whole T by T table. More heads cost no
  parameters.
- Split: reshape **and** transpose. Reshape alone scrambles positions; under a causal mask it lets
  the future in, and the loss gets lower than it honestly can be.
- Concat then $W^O$ is a sum of what each head adds. A picture of its weights shows where a head
  looks; only cutting it out shows whether the model needs it.
- Nothing forces heads to be different. Some look at the same word, and then often, not always, one
  of them can go.

Without a mask all this treats a sentence as a bag of words: shuffle them, and the outputs are
shuffled along. Lesson 06 gives each word its place. The heads of a real translator, one that you
have trained, you meet in lesson 09.
"""

# %% try [markdown]
r"""
## Try this

- `train(1, seed=0, width=64)`: do more features help a head that blends?
- Give `sentences` a third role, a witness (three places, the roles 1, 2, 3), and the model four
  roles, six scores more and `.view(-1, 3, 6)`. How many heads does it take now? For three heads
  take a width that 3 divides, such as 12. Try several seeds.
- Cut heads out of `models[2][2]`, in which both heads look at the same role. What is left?
- Cut *two* heads at once out of a model with four; `head` may be a list. Which two can go together?
"""
