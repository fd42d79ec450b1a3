# %% question [markdown]
r"""
# 03 · Embeddings

**How can a machine find what is alike, and not only what is equal?** `fruits["apple"]` finds the
apple, and nothing but the apple. Ask the same dictionary *what fruit is red?* and it raises an
error. And how could it know that a king is more like a queen than like a car? For this, words have
to become numbers that say something about them.

| | |
|---|---|
| **At its end you have built** | `one_hot`, `embed`, `cosine_similarity`, `nearest`, `soft_lookup`, and word vectors out of nothing but counting: `cooccurrence`, `ppmi`, `svd_embedding`; with them the machine finds out what an invented word means |
| **Time** | about 2 hours 45 minutes; after *Soft lookup* (exercise five) is a good place to pause |
| **It needs** | shapes, broadcasting, `@` and softmax (lesson 00); for its last section a training loop (lesson 01) |
"""

# %% setup
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course import corpus, plots
from course.checks import check, reveal

torch.set_num_threads(1)  # small tables: a second thread would cost more than it brings

# %% map-caption [markdown]
r"""
**Figure.** Where you are. Networks compute with numbers, so each word has to become a list of
numbers, a *vector*. The lit part does that, at the very beginning of the encoder and of the
decoder.
"""

# %% map
plots.show_map("03")

# %% tensors [markdown]
r"""
As in lessons 01 and 02 the arrays are torch's, called *tensors*. In short, for those who begin
here: what you know from NumPy holds (shapes, axes, broadcasting, `@`). An axis is called `dim`
instead of `axis`, keeping it is `keepdim=True`, and torch can also compute gradients: how much a
result would change with each number that went into it.

## A dictionary finds only what it knows

Here are four fruits, as a dictionary. In the words of lessons 00 and 02: the word that you hand in
is the query, the words on the left are the keys, and what comes back is the value of the key that
is *equal* to the query.
"""

# %% dictionary
fruits = {
    "apple": "a red, sweet fruit",
    "banana": "a yellow, sweet fruit",
    "kiwi": "a green, sour and sweet fruit",
    "plum": "a purple, sour fruit",
}
print(fruits["apple"])
try:
    print(fruits["what fruit is red?"])
except KeyError as error:
    print("KeyError:", error)

# %% dictionary-limits [markdown]
r"""
A key is equal to the query or it is not; there is no "nearly". For anything softer the machine
needs to know how much two things are *alike*, and for that words have to become numbers.
"""

# %% rows [markdown]
r"""
## A word is a row

The first idea is to number the words. Five words are enough for now:
"""

# %% numbering
few_words = ["the", "king", "queen", "car", "sees"]
place_of = {word: number for number, word in enumerate(few_words)}
words = ["the", "king", "sees", "the", "queen"]
sentence = torch.tensor([place_of[word] for word in words])  # (T,)
print(words)
print(sentence.tolist())

# %% numbering-wrong [markdown]
r"""
These numbers are names, and must not be taken for amounts: `car` is not three times `king`, and
`queen` does not lie in the middle between the two. But a network would take them so, because it
multiplies and adds. So each word gets an axis of its own instead: a row of zeros with a single 1 at
its place. Such a row is called **one-hot**. `queen` has the number 2, counted from 0, so it is

$$(0,\; 0,\; 1,\; 0,\; 0)$$
"""

# %% one-hot-exercise [markdown]
r"""
### Exercise: `one_hot`

Turn numbers that are names into rows that a network can multiply.

`indices` holds whole numbers from 0 to `vocab_size - 1` and has any shape: one sentence `(T,)`, a
batch of sentences `(B, T)`, or a single number. The result has one axis more, the last one, of size
`vocab_size`, with a 1 at the place that the index names and 0 everywhere else. It is `float32`,
torch's usual type for decimals.

Hint: Compare every index with all the places 0, 1, 2, ... at once. Where the two are equal there
belongs a 1.

Hint: `torch.arange(vocab_size)` is a row of all the places. For broadcasting, each index has to
stand alone on a last axis of size 1, as in lesson 00, where `None` made a new axis.

Hint: `indices[..., None]` has shape `(..., 1)`, whatever the dots stand for. Compared by `==` with
the row of places it gives a table of True and False, and `.float()` makes numbers of them.

Help: I see `the output is int64` or `the output is bool`
The places are right, the type is not. A comparison gives True and False,
`torch.nn.functional.one_hot` gives whole numbers; both need `.float()`.

Help: I see that my loop works for a sentence and fails for a batch
`for index in indices` walks along the first axis, and in a batch that gives whole sentences. Let
broadcasting do it: it works for any number of axes.
"""

# %% exercise points=1 difficulty=1 minutes=5
from course.embedding import one_hot

# %% check
check(one_hot)

# %% one-hot-figure-prose [markdown]
r"""
Our sentence, as your function writes it:
"""

# %% one-hot-figure
rows = one_hot(sentence, len(few_words))  # (T, V)
plots.show(plots.heatmap(rows, words, few_words, decimals=0),
           alt="Five rows for the words the, king, sees, the, queen; each "
               "row is 0 but for a single 1 in the column of its word.")

# %% one-hot-caption [markdown]
r"""
**Figure.** A row is a word of the sentence, a column a word of the vocabulary. Both `the` have the
same row; the column `car` is empty, because the sentence has no car.

How alike are two words now? The dot product of lesson 00 is large where two rows
agree. **Predict:** is it larger for `king` and `queen`, or for `king` and `car`?
"""

# %% one-hot-guess
guess = None  # your guess: "king and queen", "king and car", or "the same"

# %% one-hot-reveal
every_word = one_hot(torch.arange(len(few_words)), len(few_words))  # (V, V)
king, queen, car = (every_word[place_of[word]] for word in ("king", "queen", "car"))
with_queen, with_car = (king @ queen).item(), (king @ car).item()
print("king . queen =", with_queen, "   king . car =", with_car,
      "   king . king =", (king @ king).item())
larger = "king and queen" if with_queen > with_car else "king and car"
reveal(guess, "the same" if with_queen == with_car else larger)

# %% one-hot-limits [markdown]
r"""
The same: 0. Between one-hot rows no word is more like one word than like another. This has a good
side: the numbers claim nothing false, such as an order of the words. It also has a bad side:
whatever a network learns about `king` tells it nothing about `queen`. And each row is as long as
the vocabulary.
"""

# %% lookup [markdown]
r"""
## A table of short rows

So give every word a short row of decimals, in which words *can* be alike. All these rows together
are a table $E$ of shape $(V, d_{model})$: $V$ words, each with $d_{model}$ numbers, its
**features** (in a recurrent state they were called units; $d_{model}$ is the width of the model
that will use them). The row is the word's **embedding**. In the smallest example there are five
words with three features each, and the numbers mean nothing yet.
"""

# %% table
table = torch.tensor([
    [1.0, 2.0, 3.0],  # the
    [4.0, 5.0, 6.0],  # king
    [7.0, 8.0, 9.0],  # queen
    [0.5, 0.1, 0.2],  # car
    [6.0, 4.0, 2.0],  # sees
])
print("one-hot rows", tuple(rows.shape), "  table", tuple(table.shape))

# %% lookup-predict [markdown]
r"""
The inner sizes agree, so `rows @ table` has shape `(5, 3)`: a row for each word of *the king sees
the queen*. Each number in it is a one-hot row against a column of the table, pair by pair, and then
summed. **Predict** the fourth row.
"""

# %% lookup-guess
guess = None  # your guess: three numbers, such as [0.5, 0.5, 0.5]

# %% lookup-reveal
by_loops = []
for feature in range(3):
    by_loops.append(sum((rows[3, word] * table[word, feature]).item() for word in range(5)))
reveal(guess, by_loops)
print("by @:", (rows @ table)[3].tolist())

# %% lookup-meaning [markdown]
r"""
It is the row of `the`, unchanged, as the kiwi alone was in lesson 00: a one-hot row is a row of
weights of which one entry has them all. Here is another row of the product, that of `king`:
"""

# %% lookup-drawing
figure = plots.lookup(few_words, rows[1], table, called="one-hot row")
plots.show(figure, alt="The one-hot row 0 1 0 0 0 times the table of five rows and three columns. "
                       "The row of king, 4 5 6, is taken once, all others 0 times; "
                       "the result is 4 5 6.")

# %% lookup-drawing-caption [markdown]
r"""
**Figure.** Each number of the one-hot row says how many times a row of the table is taken: `king`
once, all the others 0 times. So to multiply a one-hot row with a table **is to look up a row**, and
nobody needs to multiply at all. (Later in this lesson the 1 and the zeros become shares.)

How much does that save? The smallest GPT-2 has 50,257 tokens with 768 features each (Radford et al.
2019):
"""

# %% lookup-cost
by_product, by_lookup = 50_257 * 768, 768
print(f"one word by multiplying: {by_product:,} multiplications")
print(f"one word by lookup:      {by_lookup} numbers copied")

# %% embed-exercise [markdown]
r"""
### Exercise: `embed`

The first layer of every Transformer: from word numbers to word vectors.

`indices` holds whole numbers, of any shape `(...)`; `table` has shape `(V, d_model)`. The result
has shape `(..., d_model)`: for each index its row of the table, in the table's own type. Gradients
have to reach the table.

Hint: You know two ways: a product with one-hot rows, or picking out rows. The second is shorter.

Hint: In lesson 00 `stars[2, 1]` took one number. With a single number in the brackets you get a
row; and in place of that number there may be a whole tensor of numbers.

Hint: Square brackets behind `table`, and in them all the indices at once; torch keeps their shape
and puts the features behind it.

Help: I see `expected m1 and m2 to have the same dtype`
The one-hot rows are float32 and the table is float64. Picking rows has no such trouble; or convert
by `.to(table.dtype)`.

Help: I see `'int' object is not iterable`, or `iteration over a 0-d tensor`
Your loop goes along an axis, and a single index has none. The brackets take a whole tensor of
indices, of any shape.

Help: I see `no gradient reaches table`
Somewhere on the way the numbers left torch: by `.tolist()`, `.item()`, `.detach()`, NumPy, or
`torch.tensor(...)` around a tensor.
"""

# %% exercise points=1 difficulty=1 minutes=4
from course.embedding import embed

# %% check
check(embed)

# %% table-gradient-prose [markdown]
r"""
The table is learned like every other weight: training computes how the error would change with each
number in it, the gradient, and moves the numbers against it. Let the "error" be the sum of all
features of all words in our sentence, *the king sees the queen*. Then the gradient simply counts
how often each number of the table was used. **Predict** it, one number for each of the five rows:
the, king, queen, car, sees.
"""

# %% table-gradient-guess
guess = None  # your guess: five numbers, such as [1, 1, 1, 1, 1]

# %% table-gradient
learned = table.clone().requires_grad_()
embed(sentence, learned).sum().backward()
reveal(guess, learned.grad[:, 0].int().tolist())
layer = nn.Embedding.from_pretrained(table, freeze=False)
layer(sentence).sum().backward()
print("torch's nn.Embedding, same vectors: ", torch.equal(layer(sentence), embed(sentence, table)))
print("torch's nn.Embedding, same gradient:", torch.equal(layer.weight.grad, learned.grad))

# %% table-gradient-meaning [markdown]
r"""
(torch has this layer ready: `nn.Embedding`, to which the cell compares yours.) `the` was used twice
and has twice the gradient, `car` was not used and learns nothing. A word that never occurs in the
training learns nothing, however long it lasts.

So a lookup is ready; what is missing is good numbers. There are two sources. One is training on a
task, as the Transformer does it. The other is older, needs no network and lets you watch the
meaning arise: counting. But first, what would good numbers look like? Let us write a few by hand.
"""

# %% angle [markdown]
r"""
## The angle between two vectors

Describe a fruit by five numbers: how much red, green and blue light it sends back, on the scale
from 0 to 255 that screens use, and how sweet and how sour it tastes, from 0 to 1. A lemon joins the
four fruits that you know.
"""

# %% fruit-vectors
fruit_names = ["apple", "banana", "kiwi", "plum", "lemon"]
features = ["red", "green", "blue", "sweet", "sour"]
fruit_vectors = torch.tensor([
    [255, 0, 0, 0.8, 0.2],  # apple
    [255, 255, 0, 1.0, 0.0],  # banana: red and green light together are yellow
    [0, 255, 0, 0.5, 0.5],  # kiwi
    [255, 0, 255, 0.2, 0.8],  # plum: red and blue light together are purple
    [255, 255, 0, 0.0, 1.0],  # lemon: as yellow as the banana
])

# %% angle-rule [markdown]
r"""
A fruit is now an arrow from the origin to a point in a space of five dimensions. Two fruits are
alike if their arrows point the same way, and the measure for this is the **cosine** of the angle
between them:

$$\cos(a, b) = \frac{a \cdot b}{\lVert a \rVert \, \lVert b \rVert}, \qquad \lVert a \rVert = \sqrt{a_1^2 + a_2^2 + \dots + a_d^2}$$

It is 1 for the same direction, 0 for a right angle, and -1 for opposite directions. The division by
both lengths takes care that only the direction counts: $(3, 4)$ and $(6, 8)$ have the cosine 1.

By hand: $a = (3, 4)$ and $b = (4, 3)$. The dot product is $3 \cdot 4 + 4 \cdot 3 = 24$, and
both have the length $\sqrt{3^2 + 4^2} = 5$. So the cosine is $24 / (5 \cdot 5) = 0.96$: nearly the
same direction.
"""

# %% angle-by-loops
a, b = [3.0, 4.0], [4.0, 3.0]
dot = sum(x * y for x, y in zip(a, b, strict=True))
length_a, length_b = math.sqrt(sum(x * x for x in a)), math.sqrt(sum(y * y for y in b))
print("dot product", dot, "  lengths", length_a, length_b, "  cosine", dot / (length_a * length_b))

# %% cosine-exercise [markdown]
r"""
### Exercise: `cosine_similarity`

One number for how alike two vectors are; you will use it in all the rest of this lesson.

`a` and `b` have shape `(..., d)` and are broadcast against each other; the result has the shape of
the dots. So a pair of vectors gives a single number, one vector `(d,)` against a table `(V, d)`
gives `(V,)`, and `(n, 1, d)` against `(1, m, d)` gives `(n, m)`. A vector of zeros has no
direction; by convention its similarity with everything is 0, and never NaN. Gradients reach `a` and
`b`, by way of the lengths too, and they are never NaN either.

Hint: Three parts: the dot products, the lengths, one division. Each of the first two is a sum along
the last axis, which is dim -1.

Hint: The dot product of rows is `a * b`, summed along the last axis; broadcasting happens in the
product. `a.norm(dim=-1)` is the length, the root included.

Hint: Where the product of the lengths is 0, the dot product is 0 too. Replace that denominator by
any number that is not 0, for example with `masked_fill(lengths == 0, 1.0)` or `clamp` with a tiny
minimum, and leave all the others as they are.

Help: I see `the output contains NaN`
0 / 0 is NaN. The third hint has the cure. Adding a small number to *every* denominator is none: it
changes the other results as well.

Help: I see `the gradient of a contains NaN`
The result is mended too late, or a root is written by hand: at 0 its slope is infinite. Mend the
denominator, before the division; and `norm` has no such trouble.

Help: I see `gives 24, expected 0.96`
You have the dot product, and have not divided by the lengths.

Help: I see a shape that is too small
You summed along too many axes, or the first in place of the last. `dim=-1` means the features,
however many axes stand in front.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.embedding import cosine_similarity

# %% check
check(cosine_similarity)

# %% drowned [markdown]
r"""
## What is most like a lemon?

The lemon is as yellow as the banana, and sour, as the plum is. The kiwi shares a part with it:
green light, which is a part of yellow, and half of the sourness. **Predict:** which of the other
four has the largest cosine with the lemon?
"""

# %% drowned-guess
guess = None  # your guess: "apple", "banana", "kiwi" or "plum"

# %% drowned-reveal
lemon = fruit_vectors[4]
alike = cosine_similarity(lemon, fruit_vectors[:4])  # (4,)
reveal(guess, fruit_names[alike.argmax()])
for name, likeness in zip(fruit_names[:4], alike.tolist(), strict=True):
    print(f"lemon and {name:7}{likeness:.3f}")

# %% drowned-why [markdown]
r"""
The banana, and at 1.000 the machine sees no difference at all between the sweetest of the fruits
and the sourest. Something is wrong, and it is not your function. Look at the units: colour goes up
to 255, taste to 1. In the squares that make up a length, colour weighs 65,025 against 1. Taste is
there, but it changes almost nothing.

The numbers of a feature depend on its unit, and the unit is an accident. So bring the columns to
one scale first. Divide each by its largest value:
"""

# %% scale
print("largest of each column:", fruit_vectors.amax(dim=0).tolist(), "  255 squared:", 255**2)
scaled = fruit_vectors / fruit_vectors.amax(dim=0)  # (5, 5) / (5,)
likenesses = cosine_similarity(scaled[4], scaled[:4])
for name, likeness in zip(fruit_names[:4], likenesses.tolist(), strict=True):
    print(f"lemon and {name:7}{likeness:.2f}")

# %% scale-figure-prose [markdown]
r"""
All the pairs at once, before and after. One call of your function does it: the fruits as
`(5, 1, 5)` against the fruits as `(1, 5, 5)`.
"""

# %% scale-figure
fruit_cosines = {
    title: cosine_similarity(rows[:, None], rows[None, :])  # (5, 1, 5) and (1, 5, 5) -> (5, 5)
    for title, rows in (("colour up to 255", fruit_vectors), ("columns scaled", scaled))
}
figure, pair_of_axes = plots.canvas(9.6, 3.4, columns=2)
for axis, (title, cosines) in zip(pair_of_axes, fruit_cosines.items(), strict=True):
    plots.heatmap(cosines, fruit_names, fruit_names, title, axis=axis, high=1.0)
plots.show(figure, alt="Two heatmaps of cosines between five fruits. Without scaling, "
                       "lemon and banana have 1.00. With scaled columns they have "
                       "0.67, and the lemon's largest cosine is 0.71, with the kiwi.")

# %% scale-caption [markdown]
r"""
**Figure.** On the left the rows of banana and lemon are the same in every digit: only colour
counts. On the right taste has a say. The lemon is now most like the kiwi (0.71), which shares a
part of its colour and a part of its taste, and then like the banana (0.67).

That is worth remembering beyond fruit: **a cosine is only as sensible as the scale of its
columns.** Scaling makes all columns equally important, and that too is a choice. Colour, with three
columns, still counts for more than taste, with two.
"""

# %% neighbours [markdown]
r"""
## Nearest neighbours

With a measure of likeness a dictionary can be asked for *the most similar* entries. That is how
people look into the vectors of a trained model: they take a word and list its neighbours.
"""

# %% nearest-exercise [markdown]
r"""
### Exercise: `nearest`

Who points most nearly the same way?

`word` is the number of a row in `vectors`, which has shape `(V, d)`. Give back the numbers of the
`k` rows that have the largest cosine with it, the largest first, as a tensor of shape `(k,)`. The
word itself is not among them, also where another row has the very same direction. `k` is smaller
than V. `vectors` stays as it is.

Hint: Your `cosine_similarity` takes one vector against a whole table. That gives V numbers at once.

Hint: The word itself has cosine 1 and would always win. Give it a value that cannot win:
`-math.inf`. (0 could win, where all others point away.)

Hint: `topk(k)` of a tensor finds the k largest, the largest first; it returns `.values` and
`.indices`. Which of the two are words?

Help: I see that the word itself comes first
It was not taken out before the search. To drop the first one afterwards is not enough: where
another row has the same direction, that row may come first.

Help: I see `the output is float64` where `int64` is asked for
You return the similarities; asked for are the row numbers that have them.

Help: I see the right words in the wrong order
`sort` puts the smallest first unless `descending=True`; and sorting the numbers of the rows puts
them in the order of the table.
"""

# %% exercise points=2 difficulty=2 minutes=7
from course.embedding import nearest

# %% check
check(nearest)

# %% fruit-neighbours-prose [markdown]
r"""
The two nearest neighbours of every fruit, with the scaled columns:
"""

# %% fruit-neighbours
for number, name in enumerate(fruit_names):
    found = nearest(number, scaled, k=2)
    print(f"{name:7} is most like {' and '.join(fruit_names[one] for one in found)}")

# %% soft [markdown]
r"""
To be a neighbour is not mutual: the plum has the lemon first, but the lemon has two others before
the plum.

## Soft lookup

Now to the question that the dictionary could not answer. *What fruit is red, and how does something
red taste?* You have done such a thing at the end of lesson 00: there you asked for a taste and got
a colour. Now we ask for a colour and get a taste. The **keys** are the colours of the fruits, the
**values** their tastes, and each key gets a **score**, its dot product with the query. Three things
are new: how long the keys may be, why weights have to sum to 1, and the *temperature*.

Red is the query $(1, 0, 0)$. **Predict:** which fruits get the highest score?
"""

# %% red-guess
guess = None  # your guess: a list of fruits, such as ["apple"]

# %% red-reveal
colours, tastes = scaled[:, :3], scaled[:, 3:]  # (5, 3) and (5, 2)
red = torch.tensor([[1.0, 0.0, 0.0]])  # (1, 3): one query
scores = red @ colours.T  # (1, 5)
print("scores:", dict(zip(fruit_names, scores[0].tolist(), strict=True)))
best = (scores[0] == scores.max()).nonzero().flatten().tolist()
reveal(guess, {fruit_names[one] for one in best})

# %% red-why [markdown]
r"""
Four fruits share the first place. Red light is a part of yellow and of purple, and the dot product
does not ask what else a fruit sends back. The arrows of banana, plum and lemon are longer than that
of the apple, and a long arrow gets large scores. So we cut all keys to length 1; then the score is
the cosine with the query's direction.
"""

# %% unit-keys
keys = colours / colours.norm(dim=-1, keepdim=True)  # (5, 3), each of length 1
scores = red @ keys.T
rounded = [round(score, 2) for score in scores[0].tolist()]
print("scores:", dict(zip(fruit_names, rounded, strict=True)))

# %% soft-rule [markdown]
r"""
Now the apple is ahead. A dictionary would return the value of the winner and nothing else. A **soft
lookup** returns an average of *all* values. Softmax (lesson 00) turns the scores $s$ into the
**weights** $w$: the better a key fits, the larger the weight of its value $v$. New is only the
number by which the scores are divided:

$$w_k = \frac{e^{s_k / \tau}}{\sum_j e^{s_j / \tau}}, \qquad \text{answer} = \sum_k w_k \, v_k$$

$\tau$ (tau) is called the **temperature**, a name from physics. A low temperature makes the
differences large and the choice sharp; a high one makes all weights nearly equal. In lesson 00 you
multiplied the scores by 4: that was a temperature of one quarter.
"""

# %% shares [markdown]
r"""
First the weights. Why must they sum to 1? A popular explanation compares this to a library: you
give "100 % of your attention to one book and 50 % to another". Try it: 100 % apple and 50 % banana.
How sweet is the mixture?
"""

# %% shares-broken
broken = torch.tensor([[1.0, 0.5, 0.0, 0.0, 0.0]])
sweetness = (broken @ tastes)[0, 0].item()
print(f"sweetness of the mixture: {sweetness:.1f}")
print(f"sweetest fruit of all:    {tastes[:, 0].max().item():.1f}")

# %% shares-repair [markdown]
r"""
Sweeter than the sweetest fruit: $1 \cdot 0.8 + 0.5 \cdot 1 = 1.3$. That is no mixture of anything.
You have one attention to give away: what one entry gets, the others cannot have.

**Repair it.** The apple shall still count twice as much as the banana, and the others nothing.
Which five weights say this, and sum to 1?
"""

# %% shares-guess
guess = None  # your guess: five weights that sum to 1

# %% shares-reveal
repaired = broken / broken.sum()
if guess is not None:
    print("yours sum to", round(sum(guess), 2))
reveal(guess, [round(share, 2) for share in repaired[0].tolist()])
print(f"sweetness of the mixture: {(repaired @ tastes)[0, 0].item():.2f}")

# %% shares-meaning [markdown]
r"""
Two thirds and one third; the sweetness is 0.87, between the two fruits, as it should be. Dividing
by the sum works as long as no number is negative. Scores can be, so softmax takes exp of them
first.
"""

# %% soft-exercise [markdown]
r"""
### Exercise: `soft_lookup`

The dictionary that answers every question: the attention of lesson 00, with a temperature.

`query` has shape $(T_q, d_k)$, several questions at once; `keys` has $(T_k, d_k)$ and `values`
$(T_k, d_v)$, one of each for every entry. The answer has shape $(T_q, d_v)$: for each query the
average of the values, weighted by the softmax of its scores divided by `temperature`. The scores
are plain dot products; whoever wants cosines hands in vectors of length 1. Even at a temperature
close to 0 there is no NaN. Gradients reach all three tensors.

Hint: Two matrix products with a softmax between them. The first compares queries with keys and
gives the shape $(T_q, T_k)$, the second mixes the values.

Hint: For the first product the keys have to be turned, so that the inner sizes agree. Each query
shares out its own weights over the keys: along which axis does each row sum to 1?

Hint: torch has softmax built in, stable already: `x.softmax(dim=...)`. Divide the scores by the
temperature before it, and multiply the weights with the values after it.

Help: I see `mat1 and mat2 shapes cannot be multiplied`
Both tables have their features on the last axis. `keys.T` turns one of them.

Help: I see `contains NaN on the case 'very cold'`
You wrote softmax by hand, and exp overflowed. Subtract the largest score of each row first, as in
lesson 00, or use torch's own.

Help: I see values that are right in one row only
The softmax runs along the wrong axis. With a single query, `dim=0` gives every entry the weight 1.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.embedding import soft_lookup

# %% check
check(soft_lookup)

# %% red-answer-prose [markdown]
r"""
So how does something red taste?
"""

# %% red-answer
for temperature in (1.0, 0.1):
    sweet, sour = soft_lookup(red, keys, tastes, temperature)[0].tolist()
    print(f"temperature {temperature}: something red is {sweet:.2f} sweet and {sour:.2f} sour")

# %% cold-predict [markdown]
r"""
At temperature 1 the answer is a mixture of everything. At 0.1 the apple, (0.8, 0.2), begins to
prevail. **Predict:** what comes out at a temperature of 0.01? And what at 1000?
"""

# %% cold-guess
guess = None  # your guess for 0.01: two numbers, such as [0.5, 0.5]

# %% cold-reveal
coldest, hottest = (
    soft_lookup(red, keys, tastes, temperature)[0] for temperature in (0.01, 1000.0)
)
reveal(guess, [round(number, 4) for number in coldest.tolist()])
print("at 1000:          ", [round(number, 2) for number in hottest.tolist()])
print("the plain mean:   ", [round(number, 2) for number in tastes.mean(dim=0).tolist()])
print("the apple exactly:", torch.equal(coldest, tastes[0]))

# %% temperature-figure-prose [markdown]
r"""
What happens between the two ends? To see the weights themselves, let the values be one-hot rows:
their average *is* the weights.
"""

# %% temperature-figure
temperatures = torch.logspace(1, -2, 13)  # from 10 down to 0.01
everything = torch.eye(len(fruit_names))  # (5, 5), one-hot rows
weights = torch.cat([soft_lookup(red, keys, everything, tau) for tau in temperatures])  # (13, 5)
figure, (left, right) = plots.canvas(10.2, 3.5, columns=2)
cool = soft_lookup(red, keys, everything, 0.2)[0]
print("at 0.2:", dict(zip(fruit_names, [round(w, 2) for w in cool.tolist()], strict=True)))
plots.bars(fruit_names, cool, "weight", "red, temperature 0.2", axis=left)
curves = {name: weights[:, fruit_names.index(name)] for name in ("apple", "banana", "kiwi")}
plots.lines(temperatures, curves, "temperature", "weight", "from hot to cold", axis=right)
right.set(xscale="log", xticks=[10, 1, 0.1, 0.01], xticklabels=["10", "1", "0.1", "0.01"])
right.invert_xaxis()
plots.show(figure, alt="Left: bars of the weights for the query red at temperature 0.2: "
                       "apple 0.59, banana, plum and lemon 0.14 each, kiwi 0.00. Right: "
                       "weights of apple, banana and kiwi against the temperature, all "
                       "near 0.2 at 10; at 0.01 the apple has 1, the others 0.")

# %% temperature-caption [markdown]
r"""
**Figure.** Left, the weights at temperature 0.2: the apple gets 0.59; banana, plum and lemon, which
are partly red, get 0.14 each; the green kiwi gets next to nothing. Right, the same query from hot
to cold: at 10 each fruit has about a fifth, and at 0.01 the apple has it all. (Plum and lemon have
the same curve as the banana.)

Now the picture of the lookup again, with these weights in place of the 1 and the zeros:
"""

# %% soft-drawing
print("answer:", [round(number, 2) for number in (cool @ tastes).tolist()])
figure = plots.lookup(fruit_names, cool, tastes, features[3:])
plots.show(figure, alt="The weights 0.59, 0.14, 0.00, 0.14, 0.14 times the table of tastes, sweet "
                       "and sour. 0.59 of the apple's row, 0.14 of the rows of banana, plum and "
                       "lemon and next to nothing of the kiwi's give the result 0.64 sweet, "
                       "0.36 sour.")

# %% soft-drawing-caption [markdown]
r"""
**Figure.** A soft lookup takes a share of each row. It is the same product as before: a row of
weights times a table. **As the temperature goes to 0, the soft lookup becomes a dictionary** that
takes the best key: its weight becomes 1, and the answer is its value, to the last digit. (And where
two are equally good? *Try this* asks.) At the hot end is the plain mean of all values.

Why soft, then? Between the two ends the answer changes smoothly with the query and the keys, so
gradients can flow through it and it can be *learned*. That is why attention is soft.
"""

# %% company [markdown]
r"""
## A word and its company

For fruits we wrote the features by hand. Nobody can do this for all words; who would know the
numbers of *although*? Let us see how you do it yourself when you meet a word for the first time:

- *The wug chases the mouse.*
- *The wug drinks the cold milk.*
- *Our hungry wug is small.*

**Predict:** what is a wug?
"""

# %% wug-guess
wug_guess = None  # your guess: one word, without "a"; the machine will look for it too

# %% company-idea [markdown]
r"""
You judged the word by its neighbours. "You shall know a word by the company it keeps" (Firth 1957);
Harris (1954) had the same thought: words that occur in the same surroundings have similar meanings.
So a word's features can be *how often each other word stands near it*, and those can be counted.
(The word *wug* is from Berko 1958, who asked children for its plural.)

Near means: at most `window` places to the left or right, in the same sentence. Take *the king sees
the queen*. With a window of 2, **predict** how many neighbours `sees` has, and how many the first
`the` has.
"""

# %% window-guess
guess = None  # your guess: two numbers, such as (2, 2)

# %% window-reveal
found = []
for place in (2, 0):
    before, after = words[max(0, place - 2) : place], words[place + 1 : place + 3]
    print(f"{words[place]}: left {before}, right {after}")
    found.append(len(before) + len(after))
reveal(guess, tuple(found))

# %% cooccurrence-exercise [markdown]
r"""
### Exercise: `cooccurrence`

Count who keeps company with whom, in a whole text.

`sentences` is a list of sentences, each a list of word numbers from 0 to `vocab_size - 1`. The
result is a float32 tensor of shape `(vocab_size, vocab_size)`: row $i$, column $j$ says how many
times the word $j$ stood at most `window` places to the left or right of the word $i$. A place is
not its own neighbour; but if the same word stands near by a second time, that counts. No window
reaches into another sentence.

Hint: Three loops, one inside the other: over the sentences, over the places of a sentence, over the
places in the window around it.

Hint: The window of place $p$ begins at $p$ minus `window`, but not before 0, and ends at $p$ plus
`window`, but not behind the last word. Remember that `range` stops before its second number. Leave
out $p$ itself: compare places, not words.

Hint: Adding 1 at one place of a tensor is slow, in a list it is quick. Begin with a list of
`vocab_size` lists, made by a comprehension, each with `vocab_size` times `0.0`; make a tensor of it
at the end.

Help: I see counts that are the same in all rows
`[[0.0] * n] * n` is n times the very same inner list. Make each one anew:
`[[0.0] * n for _ in range(n)]`.

Help: I see `It also breaks a law: the table is its own transpose`
If `king` is near `queen`, then `queen` is near `king`. One side of your window is missing or
shorter than the other.

Help: I see that the last words count as neighbours of the first
A negative place such as `sentence[-1]` is no error in Python: it counts from the end. (And a slice
that begins there, `sentence[-1:2]`, comes out empty: the first words then lose neighbours.)
"""

# %% exercise points=2 difficulty=2 minutes=10
from course.embedding import cooccurrence

# %% check
check(cooccurrence)

# %% corpus-prose [markdown]
r"""
Now for a text. The course has its own, made by a grammar: small sentences about people, animals,
food and streets, in German and English; you will translate between them in lesson 09. Here we take
20,000 English ones (full stop and comma count as words).

And we hide something in them. In every second sentence the word *cat* is replaced by *wug*. Nobody
tells the machine.
"""

# %% corpus
pairs = corpus.sample(20_000, seed=0)
text = [
    ["wug" if word == "cat" and number % 2 else word for word in pair.english]
    for number, pair in enumerate(pairs)
]
vocabulary = sorted({word for one in text for word in one})
index = {word: number for number, word in enumerate(vocabulary)}
numbered = [[index[word] for word in one] for one in text]
for one in text[:3]:
    print(" ".join(one))
print(sum(map(len, text)) // 1000, "thousand words,", len(vocabulary), "different ones")

# %% count-prose [markdown]
r"""
First a helper for the cosine of two words; then your function counts the neighbours.
"""

# %% count
def cosine(one: str, other: str, vectors: Tensor) -> float:
    """How alike two words are in a table of vectors."""
    return round(cosine_similarity(vectors[index[one]], vectors[index[other]]).item(), 2)


# float64: more digits for the SVD
counts = cooccurrence(numbered, len(vocabulary), window=4).double()  # (V, V)
print("counted pairs:", round(counts.sum().item() / 1e6, 1), "million")

# %% raw-predict [markdown]
r"""
Each row of `counts` is a vector for a word: its company. **Predict:** from these rows, how alike
are `king` and `queen`, and how alike are `king` and `car`?
"""

# %% raw-guess
guess = None  # your guess: two cosines, such as (0.9, 0.1)

# %% raw-reveal
reveal(guess, (cosine("king", "queen", counts), cosine("king", "car", counts)))

# %% raw-figure-prose [markdown]
r"""
1.00 and 0.88: by these numbers a king is nearly as much like a car as like a queen. Why? Look at a
few rows and columns of the table, as the cosine sees them, each row cut to length 1.
"""

# %% raw-figure
some_words = ["king", "queen", "car", "bus", "apple", "plum"]
some_company = ["the", "this", "clever", "drive", "repair", "fresh", "eat", "wear"]
at = (torch.tensor([index[word] for word in some_words]),
      torch.tensor([index[word] for word in some_company]))
some_counts = (counts / counts.norm(dim=1, keepdim=True))[at[0]][:, at[1]]  # (6, 8)
plots.show(plots.heatmap(some_counts, some_words, some_company,
                         "how often near each other, rows cut to length 1"),
           alt="Counts of eight neighbours near six words, each row cut to length 1. The column "
               "the is bright in all six rows, from 0.70 to 0.89; the columns drive, repair, "
               "fresh, eat and wear hold small numbers, of which 0.22 is the largest.")

# %% raw-caption [markdown]
r"""
**Figure.** Of these eight columns, that of `the` is by far the largest in every row; the full stop,
not shown, comes next. A bus is driven and repaired, a plum is fresh and eaten, and this can be read
in the figure, but in numbers so small that they vanish beside `the`. So `king` and `car` come out
as nearly the same: both stand near `the`, and near the few other words that stand everywhere.

You have seen this before. Colour drowned taste, because its numbers were large; here the frequent
words drown the telling ones. Again the columns have to be brought to one scale.
"""

# %% chance [markdown]
r"""
## More often than by chance

How often would two words meet if words did not care about their neighbours? Suppose the table holds
1000 pairs; `the` takes part in 200 of them, `king` in 50. Of the 50 pairs of `king`, a share of
200/1000 would have `the` as the other one by chance alone:

$$\frac{50 \cdot 200}{1000} = 10$$

If they really met 10 times, that means nothing. If `king` and `wear`, which has 20 pairs, met 5
times, by chance there would be $50 \cdot 20 / 1000 = 1$; five times as many is news. The logarithm
of this ratio is called **pointwise mutual information** (Church and Hanks 1990):

$$\text{PMI}_{ij} = \log \frac{n_{ij} \, N}{n_i \, n_j}$$

$n_{ij}$ is the count, $n_i$ the sum of its row, $n_j$ the sum of its column, $N$ the sum of
everything. Zero means as often as by chance, $\log 5 \approx 1.61$ five times as often.
"""

# %% chance-numbers
cases = ("king, the", 10, 200), ("king, wear", 5, 20), ("king, eat", 1, 80), ("king, drive", 0, 30)
for pair, met, column_sum in cases:
    by_chance = 50 * column_sum / 1000
    pmi = math.log(met / by_chance) if met else -math.inf
    print(f"{pair:12} met {met:2}, by chance {by_chance:4.1f}, PMI {pmi:5.2f}")

# %% chance-negative [markdown]
r"""
Values below zero cannot be trusted. Whether two words met once or never is often an accident of the
text, and yet it makes all the difference: where chance would give 4, once is -1.39, and never is
minus infinity. (Where chance would give far less than one, a single accident gives a large number;
we come back to it.) So one keeps only what is positive, **PPMI**, and writes 0 for everything else:
*more often than by chance* is kept, *less often or never* is not. In a comparison of many measures,
PPMI together with the cosine did best (Bullinaria and Levy 2007).
"""

# %% ppmi-exercise [markdown]
r"""
### Exercise: `ppmi`

Turn counts into news.

`counts` has shape `(n, m)`, with `n` words as rows and `m` neighbours as columns, which need not be
equally many. The result has the same shape and type, and holds $\max(0, \text{PMI}_{ij})$ with the
natural logarithm. Where the count is 0 the result is 0, also in a row or column that is empty
altogether; no `nan`, no `-inf`.

Hint: First the table of what chance alone would give. It takes three sums: of each row, of each
column, of everything.

Hint: Keep the summed axis, with `keepdim=True`. Then the row sums have shape `(n, 1)`, the column
sums `(1, m)`, and their product is broadcast to `(n, m)`. Divide it by the total.

Hint: The ratio of count and chance is 0 / 0 in an empty row.
`torch.where(condition, this, otherwise)` can put a harmless number wherever the count is 0: which
number has the logarithm 0? After the logarithm, `clamp(min=0)` cuts off what is negative.

Help: I see `contains NaN`
An empty row: its chance is 0, and 0 / 0 is NaN, which survives logarithm and clamp. Treat a count
of 0 before you take the logarithm.

Help: I see 0 everywhere
You divide by row sum times column sum and forget the total. The product alone is far larger than
any count.

Help: I see `gives [[1, 0], [0, 1]], expected [[0.6931, 0], [0, 0.6931]]`
0.6931 is the natural logarithm of 2, `torch.log`. With `torch.log2` it would be 1.
"""

# %% exercise points=2 difficulty=3 minutes=10
from course.embedding import ppmi

# %% check
check(ppmi)

# %% ppmi-figure-prose [markdown]
r"""
The whole table of counts becomes a table of news, and we look at the same corner of it as before.
"""

# %% ppmi-figure
information = ppmi(counts)  # (V, V)
some_information = information[at[0]][:, at[1]]
plots.show(plots.heatmap(some_information, some_words, some_company, "PPMI", decimals=1),
           alt="PPMI of the same six words and eight neighbours. The column the is "
               "nowhere bright now; car and bus are bright at drive and repair, apple "
               "and plum at fresh and eat; king and queen have small values only.")

# %% ppmi-caption [markdown]
r"""
**Figure.** The same pairs of words. `the` no longer outshines the rest: beside the vehicles it is
dark, and beside the king it is no brighter than `wear`. The telling neighbours are bright now:
vehicles are driven and repaired, fruits are fresh and eaten. King and queen, who share their
company with all other people, have small values only.

And the cosines?
"""

# %% ppmi-cosines
for other in ("queen", "prince", "dog", "apple", "car"):
    print(f"king and {other:7} counts {cosine('king', other, counts):.2f}   "
          f"PPMI {cosine('king', other, information):.2f}")

# %% svd [markdown]
r"""
## Four hundred numbers become thirty-two

In the counts everything was alike. Now a king is near a queen and far from a car. But a word has as
many numbers as there are words, most of them 0, and `drive` and `drove` are two columns that know
nothing of each other. Can it be shorter?

Words that behave alike have rows that are nearly copies of each other. So the table says the same
thing many times, and it could say it once, as a **pattern**. A pattern is two lists and one number.
The list $u$ says how much each word takes part in it, the list $v$ how much each neighbour does,
and the number $\sigma$ (sigma; not the sigmoid of lesson 01) says how strong it is. Multiply each
number of $u$ with each number of $v$, as in a multiplication table, and all with $\sigma$: that
gives a whole table, written $\sigma \, u v^{\top}$. All its rows are the same row, only stronger or
weaker.

The **singular value decomposition** (SVD) writes any table as a sum of patterns, the strongest
first:

$$M = \sigma_1 \, u_1 v_1^{\top} + \sigma_2 \, u_2 v_2^{\top} + \dots$$

Here are four words and four neighbours out of your own table:
"""

# %% svd-small
small_words, small_company = ["car", "bus", "apple", "plum"], ["drive", "drove", "eat", "ate"]
small = information[[index[word] for word in small_words]]
small = small[:, [index[word] for word in small_company]]  # (4, 4)
left, sizes, right = torch.linalg.svd(small)  # u_k in the columns of left, v_k in the rows of right
print("strengths:", [round(size, 2) for size in sizes.tolist()])
figure = plots.patterns(small_words, small_company, small, (left, sizes, right))
plots.show(figure, alt="A table of four words and four neighbours is the sum of two patterns and a "
                       "rest. Pattern 1 holds car and bus at drive and drove, pattern 2 apple and "
                       "plum at eat and ate; no number of the rest is larger than 0.1.")

# %% svd-small-guess-prose [markdown]
r"""
**Figure.** Your table is pattern 1 plus pattern 2 plus a rest. The list $u$ of a pattern stands
upright, its list $v$ lies above it, and its strength stands in the corner between them. The first
number of pattern 1, for example, is $5.76 \cdot 0.58 \cdot 0.71 \approx 2.4$: the strength, times
the car in $u_1$, times `drive` in $v_1$. Pattern 1 is what is driven, pattern 2 what is eaten.
Nobody told the machine that `drive` and `drove` belong together: they are one pattern since the
same words have both. In the rest nothing is larger than 0.1.

The strengths $\sigma_1, \sigma_2, \dots$ are the **singular values** of the table, the lists $u_k$
its left and the lists $v_k$ its right **singular vectors**. As an arrow, each list has length 1
(its squares sum to 1: $0.58^2 + 0.81^2 \approx 1$), so all the strength is in $\sigma$. And the
lists $u_1, u_2, \dots$ stand at right angles to each other (their dot products are 0), and so do
$v_1, v_2, \dots$: no pattern repeats what another has said.

How many numbers does it take? The table has 4 times 4. **Predict:** how many have the two
patterns, each with its two lists and its strength?
"""

# %% svd-small-guess
guess = None  # your guess: a number

# %% svd-small-reveal
two_patterns = left[:, :2], sizes[:2], right[:2]
reveal(guess, sum(part.numel() for part in two_patterns))
n_words = len(vocabulary)
print(f"the whole table: {n_words * n_words:,} numbers;",
      f"its 32 strongest patterns: {32 * (n_words + n_words + 1):,}")

# %% svd-small-meaning [markdown]
r"""
18: two more than the table has. Nothing is saved with four words. With four hundred words, 32
patterns take about a sixth of the numbers. And they are the best choice that there is: no other sum
of 32 patterns comes nearer to the table, by the squares of what is missing (Eckart and Young 1936).

**From patterns to vectors.** Each pattern gives a word one number, that in $u_k$. The two patterns
of the figure give the car 0.58 and 0: this is a short vector for the word. One thing is missing: a
strong pattern has to count more than a weak one. So we multiply each $u_k$ by $\sqrt{\sigma_k}$.
Why the root? The strength belongs to both sides, to words and to neighbours, and the root gives
each side an equal part: $\sqrt{\sigma_k} \cdot \sqrt{\sigma_k} = \sigma_k$. Levy, Goldberg and
Dagan (2015) tried other shares: the whole $\sigma_k$ does worse, the root and none at all do well.
The idea is older than it looks: Deerwester et al. (1990) made such vectors by an SVD, from a table
of words and the documents in which they stand.

**Which sign?** One thing is left open. As $(-2) \cdot (-3)$ is $2 \cdot 3$, so a pattern stays the
same when all signs of $u_k$ and all signs of $v_k$ are turned. Try it:
"""

# %% svd-signs
one_way = sizes[0] * torch.outer(left[:, 0], right[0])
other_way = sizes[0] * torch.outer(-left[:, 0], -right[0])
print("the same pattern:", torch.equal(one_way, other_way))

# %% svd-signs-rule [markdown]
r"""
So there are two right answers for each pattern, and two computers may give different ones. (In the
figure we have turned them to be positive.) For distances and cosines it makes no difference. But a
picture would be mirrored, and a check needs one answer. So let us agree on a rule: **in each
column, the number that is farthest from 0 is positive.** That is, look in each column for the
number that is largest when its sign is left out. If it is negative, turn the signs of the whole
column. The column $(2, -9, 4)$ becomes $(-2, 9, -4)$; the column $(8, -5, 1)$ stays as it is.
"""

# %% svd-exercise [markdown]
r"""
### Exercise: `svd_embedding`

Short vectors for long rows.

`matrix` has shape `(n, m)`. The result has shape `(n, n_features)`: column $k$ is
$u_k \sqrt{\sigma_k}$, the largest singular value first, its sign chosen so that the number farthest
from 0 is positive. `n_features` is at most the smaller of `n` and `m`.

Hint: `torch.linalg.svd(matrix, full_matrices=False)` returns three things, as in the small example
above (`full_matrices=False` leaves out columns that no pattern uses). The words are the rows of the
matrix: which of the three belongs to rows?

Hint: Keep the first `n_features` columns and as many singular values, and multiply. Shapes
`(n, n_features)` and `(n_features,)` fit as they are. Then the signs: find out for each column
whether it has to be turned.

Hint: `x.abs().argmax(dim=0)` says in which row each column is farthest from 0. Read the numbers at
these places with `gather`, or with a loop over the columns, and multiply each column by the
`sign()` of its number.

Help: I see that only the sign differs
The SVD has no sign of its own; the rule in the text says which one is asked for.

Help: I see a shape with the number of columns in it
You took the third part of the SVD. It describes the columns of the matrix.

Help: I see numbers right in the first column and too large in the others, or the other way round
Look at the root: it is the root of the *singular values*, and each column has its own.
"""

# %% exercise points=2 difficulty=3 minutes=10
from course.embedding import svd_embedding

# %% check
check(svd_embedding)

# %% vectors-prose [markdown]
r"""
Now every word of the text gets 32 numbers. And who is near whom?
"""

# %% vectors
vectors = svd_embedding(information, 32)  # (V, 32)
print("before:", tuple(information.shape), "  after:", tuple(vectors.shape))
neighbours = {
    word: [vocabulary[one] for one in nearest(index[word], vectors, 4)]
    for word in ("king", "car", "apple", "book")
}
for word, found in neighbours.items():
    print(f"{word:6} {', '.join(found)}")

# %% wug-prose [markdown]
r"""
Nobody told the machine what a car is. It has counted. And now to the word that we have hidden:
"""

# %% wug
wug = [vocabulary[one] for one in nearest(index["wug"], vectors, 4)]
reveal(wug_guess, wug[0])
print("wug:", ", ".join(wug))

# %% king-predict [markdown]
r"""
*wug* and *cat* never met, for no sentence has both. They were recognised by the company that they
share.

**Predict** the cosines of `king` with `queen` and with `car`, in the 32 numbers.
"""

# %% king-guess
guess = None  # your guess: two cosines, such as (0.5, 0.5)

# %% king-reveal
others = ["queen", "prince", "woman", "dog", "apple", "car"]
by_table = {"counts": counts, "PPMI": information, "SVD of PPMI": vectors}
king_cosines = {
    name: [cosine("king", other, one) for other in others] for name, one in by_table.items()
}
reveal(guess, (cosine("king", "queen", vectors), cosine("king", "car", vectors)))
for verb in ("sings", "finds"):
    for noun in ("king", "queen"):
        here = index[noun], index[verb]
        print(f"{noun} with {verb}: counted {counts[here]:.0f}, PPMI {information[here]:.1f}")

# %% king-figure
plots.show(plots.heatmap(list(king_cosines.values()), list(king_cosines), others,
                         "cosine with king", high=1.0),
           alt="Cosines of king with six words in three tables. By counts all are close to 1. By "
               "PPMI and by the SVD, queen, prince and woman are clearly above dog, apple and car.")

# %% king-caption [markdown]
r"""
**Figure.** Three tables of the same text. By bare counts a king is like everything. PPMI separates
the people from the rest, and the SVD makes the gap wider: queen, prince and woman move up. The
lines printed above show what keeps king and queen apart in PPMI: `sings` stands once near the king
and never near the queen, and `finds` the other way round. PPMI takes such accidents for news; the
32 strongest patterns leave most of them out.

There are limits: this text is made by a grammar, in which kings do what other people do, so `king`
and `woman` are nearly as alike as `king` and `queen`. Real word vectors are made from far more
text: one published GloVe table from 6 billion words, with 400,000 rows (Pennington, Socher and
Manning 2014).
"""

# %% dimensions-prose [markdown]
r"""
Why 32 numbers? You may read: the more dimensions, the more exact the meaning. Your table can test
it. All the patterns are there; we only keep fewer or more of them.
"""

# %% dimensions
all_patterns = svd_embedding(information, len(vocabulary))  # (V, V)
for size in (2, 8, 32, 128, len(vocabulary)):
    few = all_patterns[:, :size]
    near_king = ", ".join(vocabulary[one] for one in nearest(index["king"], few, 3))
    near_wug = ", ".join(vocabulary[one] for one in nearest(index["wug"], few, 3))
    print(f"{size:3} numbers: king and queen {cosine('king', 'queen', few):.2f}   "
          f"king: {near_king:27} wug: {near_wug}")
strengths = all_patterns.square().sum(dim=0)  # a column has the length of the root of its strength
print(f"strengths: the first {strengths[0]:.0f}, the 301st {strengths[300]:.1f},",
      f"times {strengths[0] / strengths[300]:.0f}; roots: times",
      f"{(strengths[0] / strengths[300]).sqrt():.0f}")

# %% dimensions-meaning [markdown]
r"""
There is no such law. Two numbers are too few: the neighbours are nonsense. With 8 the wug has found
the cat. With all 402 it still has, but king and queen are nearly strangers (0.20), less alike than
in the table of PPMI itself. Why? In the table the strongest pattern (80) counts for 37 times as
much as the 301st (2.2). With the root it is only six times as much. So the weak patterns, full of
accidents such as `sings` and `finds`, gain weight, and in them king and queen differ. More numbers
can hold more, but not only what you look for. With real word vectors, too, little was gained beyond
some 200 numbers (Pennington, Socher and Manning 2014), and too many can make vectors worse (Yin and
Shen 2018).
"""

# %% plane-prose [markdown]
r"""
To see many words at once, we need two numbers for each. Take the vectors of some words, cut them to
length 1, subtract their mean (else the first pattern would mostly be what they all share), and let
the SVD find the two strongest patterns in what is left. We choose the words, but not their places.
One of the words is the wug.
"""

# %% plane
kinds = {
    "people": ["king", "queen", "prince", "woman"],
    "animals": ["dog", "cat", "horse", "lion", "wug"],
    "vehicles": ["car", "bus", "train", "tram"],
    "food": ["apple", "plum", "banana", "bread"],
}
chosen = torch.tensor([index[word] for some in kinds.values() for word in some])
directions = vectors[chosen] / vectors[chosen].norm(dim=1, keepdim=True)
plane = svd_embedding(directions - directions.mean(dim=0), 2)  # (17, 2)
points_of = dict(zip(kinds, plane.split([len(some) for some in kinds.values()]), strict=True))

# %% plane-figure
figure, (axis,) = plots.canvas(7.6, 5.2)
for n, (kind, points) in enumerate(points_of.items()):
    axis.scatter(*points.T, s=14, label=kind, color=plots.COLOURS[n], marker=plots.MARKERS[n])
last_animal = points_of["animals"][-1]
axis.scatter(*last_animal, s=90, facecolors="none", edgecolors="black", label="the wug")
axis.set(xlabel="first pattern", ylabel="second pattern", xmargin=0.15, ymargin=0.15)
axis.legend(frameon=False)
named = [word for some in kinds.values() for word in some]
plots.write_apart(axis, dict(zip(named, plane.tolist(), strict=True)))
plots.show(figure, alt="Words as points in a plane, each kind with its own colour and marker. "
                       "People, animals, vehicles and food form four groups apart from each "
                       "other; the wug, in a ring, lies in the group of the animals.")

# %% plane-caption [markdown]
r"""
**Figure.** Four kinds, four groups, although no number anywhere says what kind a word is. The wug,
in the ring, is an animal. A flat map of 32 dimensions always hides something: with more kinds, some
groups come to lie on each other. So trust the neighbours more than the map.
"""

# %% arithmetic [markdown]
r"""
## What about king - man + woman?

You may have read that word vectors can do sums: `king` minus `man` plus `woman` gives `queen`
(Mikolov, Yih and Zweig 2013). **Predict** which word is nearest to this sum in our vectors.
"""

# %% arithmetic-guess
guess = None  # your guess: a word

# %% arithmetic-reveal
def words_near(vector: Tensor, k: int = 3) -> list[str]:
    """The k words nearest to any vector."""
    return [vocabulary[one] for one in cosine_similarity(vector, vectors).topk(k).indices]


king_sum = words_near(vectors[index["king"]] - vectors[index["man"]] + vectors[index["woman"]])
dogs_sum = words_near(vectors[index["dogs"]] - vectors[index["dog"]] + vectors[index["apple"]])
reveal(guess, king_sum[0])
print("king - man + woman: ", ", ".join(king_sum))
print("dogs - dog + apple: ", ", ".join(dogs_sum))

# %% arithmetic-meaning [markdown]
r"""
One of the three words that went in. What popular texts leave out: in the published test these three
are **not allowed as answers**. Without that rule the nearest word is very often one of them, with
vectors from large texts too (Linzen 2016; Rogers, Drozd and Li 2017). With it, ours would be
*prince*, and the sum often says no more than that king, queen, man and woman are near each other
anyway.

The second sum comes out better: the step from one dog to many dogs, added to an apple, leads to
fruits in the plural. So this difference, one or many, is in the vectors.
"""

# %% word2vec [markdown]
r"""
## What Word2Vec learns

In 2013 word vectors became famous by another way, without any table of counts: **Word2Vec**
(Mikolov et al. 2013: two papers; drawn pairs come from the second). A small model reads the text
pair by pair, a word and a neighbour (its *context*). Each word of the vocabulary has two vectors,
$w$ for when it is the word and $c$ for when it is the neighbour. The model is asked: is this a true
pair from the text, or did I draw the neighbour by chance? Its answer is a probability: the sigmoid,
now written $\sigma(x) = 1 / (1 + e^{-x})$, of the dot product $x = w \cdot c$, near 1 where $x$ is
large, near 0 where it is far below 0. For each true pair it is shown $k$ drawn ones ($k$ is now
this number; below it is 5). Its loss is $-\log$ of the probability of the right answer (the natural
one, as before): $-\log \sigma(w \cdot c)$ for a true pair, $-\log \sigma(-w \cdot c)$ for a drawn
one (`F.logsigmoid` is $\log \sigma$). Gradients move the vectors until it is as small as possible.

That seems to be a quite different way. But to answer well, the model has to know how much more
often a pair is true than drawn by chance, and you know that number. Levy and Goldberg (2014)
proved: with enough dimensions, the training ends where

$$w \cdot c = \text{PMI}(w, c) - \log k$$

So Word2Vec, too, takes a table of PMI apart into short vectors, without ever writing it down. Let
us see whether it is true. We show the model all pairs at once, weighted by how often they occur,
instead of one by one.
"""

# %% word2vec-loss
frequency = counts.sum(dim=0) / counts.sum()  # (V,)
true_pairs = counts / counts.sum()
n_drawn = 5
drawn_pairs = n_drawn * torch.outer(frequency, frequency)


def word2vec_loss(word_vectors: Tensor, context_vectors: Tensor) -> Tensor:
    """How badly it tells true pairs from drawn ones:
    what a true pair and its five drawn ones cost together, on average."""
    dots = word_vectors @ context_vectors.T  # (V, V)
    return -(true_pairs * F.logsigmoid(dots) + drawn_pairs * F.logsigmoid(-dots)).sum()

# %% word2vec-train
generator = torch.Generator().manual_seed(0)
shape = (2, len(vocabulary), 64)  # words and contexts, 64 features each
both = (torch.randn(shape, generator=generator, dtype=torch.float64) / 8).requires_grad_()
optimizer = torch.optim.Adam([both], lr=0.05)
for step in range(1, 401):
    loss = word2vec_loss(both[0], both[1])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step in (1, 100, 400):
        print(f"step {step:3}: loss {loss.item():.3f}", flush=True)
word_vectors, context_vectors = both.detach()
# sigma(PMI - log 5) is this share; for pairs that never met it is 0
share = true_pairs / (true_pairs + drawn_pairs)
# xlogy(a, b) is a * log(b), and 0 where a is 0
ideal = -(torch.xlogy(true_pairs, share) + torch.xlogy(drawn_pairs, 1 - share)).sum()
print(f"if every dot product were PMI - log 5: {ideal.item():.3f}")

# %% word2vec-compare
often = counts >= 20  # a small count makes PMI an accident; of 0 it is minus infinity
dots = (word_vectors @ context_vectors.T)[often]
shifted_pmi = (true_pairs / torch.outer(frequency, frequency))[often].log() - math.log(n_drawn)
correlation = torch.corrcoef(torch.stack([dots, shifted_pmi]))[0, 1].item()
print(f"{len(dots) // 1000} thousand pairs of words, correlation {correlation:.2f}")
print("king:", ", ".join(vocabulary[one] for one in nearest(index["king"], word_vectors, 4)))
print("wug: ", ", ".join(vocabulary[one] for one in nearest(index["wug"], word_vectors, 4)))

# %% word2vec-figure
figure, (axis,) = plots.canvas(4.8, 4.2)
axis.scatter(shifted_pmi[::4], dots[::4], s=4, alpha=0.3, color=plots.COLOURS[0])
axis.axline((0, 0), slope=1, color=plots.COLOURS[1], linestyle="--", label="equal")
axis.set(xlabel="PMI - log 5, counted", ylabel="w . c, learned")
axis.annotate("she, she", (-1.3, -2.9), (-0.9, -3.1), fontsize=8)
axis.legend(frameon=False)
plots.show(figure, alt="Learned dot products against counted PMI minus log "
                       "5, thousands of points; they lie in a narrow band "
                       "around the dashed line on which the two are equal.")

# %% word2vec-caption [markdown]
r"""
**Figure.** Each point is a pair of words that met at least 20 times. To the right what you have
counted, upwards what the model has learned by gradients, without having seen a table of PMI. The
points lie along the dashed line, on which the two are equal: a *correlation* of 0.99 (1 would mean:
all points exactly on one rising line). (Every fourth pair is drawn. The one point far below it is
the word *she* beside itself.) The loss began as that of a guesser, six answers at $\log 2$ each,
and came near the least that there is.

In some details the real Word2Vec differs from this small one: it draws frequent words less often
than they occur, and it leaves out many of them in the text. **GloVe** (Pennington, Socher and
Manning 2014) sits between the two: it counts, as you did, and then fits $w \cdot c$ plus two
numbers, one for the word and one for its neighbour, to the logarithm of the count. You may read
that Word2Vec and GloVe are deep networks. They are not: Word2Vec has nothing but two tables of
vectors, with no layer between them, and GloVe is fitted as a line is to points. Three roads, one
idea: *a word is its company*.
"""

# %% remember [markdown]
r"""
## What you built, what to remember

- One-hot: every word an axis of its own; all words equally foreign. Times a table, it is a **lookup
  of a row**: `embed`, the first layer of every Transformer.
- The cosine compares directions. It is only as sensible as the scale of the columns: colour drowned
  taste, and `the` drowned everything else.
- A soft lookup averages all values by weights that **sum to 1**. Cold, it is the dictionary; hot,
  the plain mean; in between it can be learned.
- Counts, then PPMI, then SVD (a table as a sum of patterns): meaning out of company alone. So the
  machine found that a wug is a cat. Word2Vec arrives at the same table by gradients.

One thing such a table can never do. It has *one* row for each word, the same in every sentence; but
*it* may stand for an animal in one sentence and for a street in the next. In lesson 04 the words of
a sentence look each other up, softly, with queries and keys that are learned: *self*-attention.
"""

# %% try [markdown]
r"""
## Try this

- Ask the soft lookup for yellow, `[[1.0, 1.0, 0.0]]`, and let it get as cold as you like. Two
  fruits share the answer for ever: which, and why? And what does a temperature of 0 give?
- Count with `window=1` and with `window=10`, and look at the neighbours of `eat`. In which of the
  two are they words that could stand in its place, and in which forms of itself?
- Leave out PPMI and give the bare counts to `svd_embedding`. List the five nearest to `apple` and
  to `car`. What has come in that is no fruit, and cannot be driven?
- With 2 features the wug does not find the cat, with 8 it does. How few are enough?
"""
