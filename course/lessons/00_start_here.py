# %% question [markdown]
r"""
# 00 · Start here

**How does a list of scores become an answer?** A machine that translates gives every word of a
sentence a score, turns the scores into weights, and mixes what the words mean in the proportion of
the weights. These steps are the heart of the Transformer (Vaswani et al. 2017). You write them in
this lesson, with four fruits in place of words, and on the way you learn how the course works: run,
predict, write, check.

| | |
|---|---|
| **At its end you have built** | `row_means`, `matmul`, `weighted_average` and `softmax`, and with them a first small attention |
| **Time** | about 100 minutes |
| **It needs** | Python: functions, lists and loops. No NumPy, no Jupyter, and no mathematics beyond a mean, a power and the slope of a curve |
"""

# %% cells [markdown]
r"""
## Run: cells and the kernel

This page is a *notebook*, a column of *cells*. The one you are reading holds text; the next one
holds Python. Click on it, hold **Shift** and press **Enter**: the cell runs, its result appears
below it, and the cell after it is selected. So you can go through a whole lesson with Shift+Enter
alone.
"""

# %% hello
2 + 3

# %% counter [markdown]
r"""
The 5 is the value of the cell's last line. On the left, `[ ]` has become `[1]`: this was the first
cell to run. While a cell is still at work, `[*]` stands there.

The work is done by the *kernel*, a Python program behind the page. It remembers every name that a
cell has defined, for all the cells that run later. The next cell defines a name, the one after it
uses it. Run both.
"""

# %% best
best = "apple"

# %% use-best
f"The best fruit is the {best}."

# %% memory [markdown]
r"""
Now a small experiment. Change `"apple"` to `"plum"` in the first of these two cells, do **not** run
it, and run the second one again. It still says apple: the kernel knows what was last *run*, not
what stands on the page. Run the first cell, then the second, and the plum arrives.

Most riddles in notebooks come from here. The folds below say how to get out of them; a click opens
one. You can come back to them from any lesson.

Help: I see `NameError: name 'best' is not defined`
The cell that defines the name has not run since the kernel started. A kernel that was started or
restarted a moment ago remembers nothing, although the old results still stand on the page. In the
menu, **Run → Run All Above Selected Cell** runs everything that comes before.

Help: I changed a cell, but the results stay as they were
A change counts only when its cell has run, and then every cell that depends on it has to run again.
When you are no longer sure what the kernel remembers, choose **Kernel → Restart Kernel and Run up
to Selected Cell**: it forgets everything and runs the page from the top, in order.

Help: it worked yesterday, and today it does not
Then it leaned on something that only yesterday's kernel remembered: a cell that you have deleted
since, or cells run in another order than they stand. **Kernel → Restart Kernel and Run All Cells**
shows where. Do this before you call a notebook finished.

Help: `[*]` does not go away
The cell is still running, perhaps in a loop that never ends. The square button ■ above the notebook
interrupts it; the kernel keeps its memory. If that does not help, **Kernel → Restart Kernel**.

Help: a text cell suddenly shows raw text with stars and hashes
You have double-clicked on it, which opens it for editing. Shift+Enter closes it again.
"""

# %% tools [markdown]
r"""
The next cell fetches the tools of this lesson: NumPy, which computes with tables of numbers and is
called `np` everywhere; the course's pictures; and two helpers, `reveal` and `check`, that you meet
in a moment. It takes a few seconds. After every restart of the kernel it has to run first.

Help: I see `ModuleNotFoundError: No module named 'course'`
JupyterLab was started by another Python than the course's. Close it, open a terminal in the
course's folder, and start it with `make lab` (Windows: `.venv\Scripts\python -m course lab`).
"""

# %% setup
import math

import numpy as np

from course import plots
from course.checks import check, reveal

# %% map-caption [markdown]
r"""
## The map

**Figure.** The whole Transformer, as you will have built it at the end. You need not understand any
box yet; three things are enough.

- Two towers: on the left the *encoder*, the reader, takes in a sentence; on the right the
  *decoder*, the writer, says another one, word by word.
- In both, words enter at the bottom as numbers and climb from box to box. (× N: such a layer
  several times over. The loops beside the boxes are short cuts, lesson 07.) At the far right each
  word that was written goes back to the bottom, and the next one is asked for.
- Around them stands what came before (at the left, and above it the training) and what came after
  (at the top). Dashed arrows lead into the Transformer or out of it.

The small numbers are those of the lessons. Each lesson begins with this map and lights the part
that it builds; this one builds the softmax, on the right.
"""

# %% map
plots.show_map("00")

# %% table [markdown]
r"""
## Predict: what shape comes out?

Three tasters gave four fruits between 0 and 5 stars. An *array* is such a table: numbers of one
type, in rows and columns. Here a row is a fruit and a column is a taster.

The *shape* of an array says how many there are along each *axis*. Axis 0 counts the rows, axis 1
the columns. As everywhere in Python, counting begins at 0, so `stars[2, 1]` is what taster 1 gave
the kiwi.
"""

# %% stars
fruits = ["apple", "banana", "kiwi", "plum"]
tasters = ["taster 0", "taster 1", "taster 2"]
stars = np.array([
    [5, 4, 3],  # apple
    [3, 2, 1],  # banana
    [0, 5, 4],  # kiwi
    [2, 1, 0],  # plum
])
print("shape:", stars.shape)
print("kiwi, taster 1:", stars[2, 1])

# %% stars-figure [markdown]
r"""
The same table as a picture, with the names of its two axes. You will see many tables drawn like
this: the brighter a tile, the larger its number.
"""

# %% draw-stars
figure = plots.heatmap(stars, fruits, tasters, decimals=0)
figure.axes[0].set(xlabel="axis 1 (columns)", ylabel="axis 0 (rows)")
plots.show(figure, alt="""Table of stars: four fruits down axis 0, three tasters along axis 1.
    Apple 5, 4, 3; banana 3, 2, 1; kiwi 0, 5, 4; plum 2, 1, 0.""")

# %% predict [markdown]
r"""
**Figure.** Down axis 0 the fruit changes, along axis 1 the taster. The tasters disagree most about
the kiwi: 0, 5 and 4 stars.

Now a question. `stars.mean(axis=0)` takes means along axis 0. Which shape has its result, `(4,)` or
`(3,)`? (The comma is how Python writes a shape with one axis only.) Write your guess in place of
`None` and run both cells. Guesses are not graded. They are here because a guess before the answer
makes the answer stay, even when the guess is wrong (Kornell, Hays and Bjork 2009).
"""

# %% guess-axis
guess = None  # your guess: (4,) or (3,)

# %% reveal-axis
reveal(guess, stars.mean(axis=0).shape)

# %% axis-rule [markdown]
r"""
The rule: **the axis you name is the axis that disappears.** Axis 0 has size 4, so from `(4, 3)` the
4 goes and `(3,)` remains: one mean for each taster, taken over the fruits. The loops below do the
same step by step. The inner loop walks along axis 0.
"""

# %% axis-loops
by_loops = []
for taster in range(3):
    total = 0
    for fruit in range(4):  # along axis 0
        total = total + stars[fruit, taster]
    by_loops.append(float(total / 4))

taster_means = stars.mean(axis=0)
print("by loops:", by_loops)
print("by NumPy:", taster_means)
print("without an axis:", stars.mean())

# %% types [markdown]
r"""
Without an axis, NumPy takes them all and one number is left.

One more property before you write something yourself. All numbers of an array have one *type*, its
`dtype`, and `stars` holds whole numbers, `int64`. What happens when somebody gives 4.9 stars? The
next cell tries it on purpose, on a copy.
"""

# %% cut
whole = stars.copy()
whole[0, 0] = 4.9
print("into whole numbers:  ", whole[0, 0])

decimal = stars.astype(float)
decimal[0, 0] = 4.9
print("into decimal numbers:", decimal[0, 0])

# %% types-matter [markdown]
r"""
The 4.9 became 4, and nobody complained. An array keeps its type, and what does not fit is cut off.
So results that may have decimals need an array of decimal numbers: `float64`, or `float32`, which
is less exact and takes half the memory. Our networks use `float32`; large ones are trained largely
with numbers of 16 bits (Micikevicius et al. 2018). `np.zeros((4, 3))` makes a 4 by 3
table of `float64`, full of zeros, for you to fill.
"""

# %% write-and-check [markdown]
r"""
## Write and check: your first exercise

An exercise is a pair of cells. In the first you write; the second checks what you wrote. `check`
tries your function on many inputs, small and large, ordinary and odd, and compares it with what is
right. Before you write anything, see it fail: the next cell holds a wrong `row_means`, which should
give the mean of each row. (The lines around `check` print its message and let the notebook go on.)
"""

# %% wrong-on-purpose
def row_means(table):
    return table.mean(axis=0)  # wrong on purpose


try:
    check(row_means)
except Exception as message:
    print(message)

# %% read-message [markdown]
r"""
That is what a failed check looks like. It is nothing bad: you will see many, and each says how to
go on.

- **What** says what happened: on which input, what came out, and what is expected. Here the answer
  has the wrong shape. The inputs have names: *tiny* is small enough to work out in your head.
- **Why** says which mistake behaves exactly like this. It is there when the mistake is one that the
  course knows.
- **Look** names the heading to read again.

A message may show which numbers are expected, but never how to write the function. And failing
costs nothing: a check can run as often as you like.
"""

# %% row-means-exercise [markdown]
r"""
### Exercise: `row_means`

The mean of each row, so that every fruit gets one number.

1. Run the two cells below as they are. The check says that nothing is written yet.
2. In the first cell, replace `# YOUR CODE HERE` and the line below it by your answer, four spaces
   from the left, and run it.
3. Run the check again. Right or not, read what it says; mend; repeat.

The function is given a `table` of shape `(rows, columns)` and returns an array of shape `(rows,)`.
It should work for every table, not for `stars` alone. If you are stuck, open the hints one after
another: each tells more than the one before.

Hint: The axis you name disappears. Which of the two has to go so that one number is left for each
row?

Hint: The rows have to stay, so the columns have to go, and those are axis 1. Compare with the wrong
answer above.

Hint: Give back, with `return`, what `mean` makes of the table when it is told to go along axis 1.
Loops are as good: go through the rows, collect each row's sum divided by its length in a list, and
give back `np.array` of that list.

Help: I see `it is not written yet`, but I have written it
The line `raise NotImplementedError()` still stands in the cell: delete it. And run your cell before
you run the check.

Help: I see `it returns None`
The function computes something but does not hand it back. Its last line begins with `return`.

Help: I see `IndentationError`
The lines inside a function all begin with the same four spaces.
"""

# %% exercise points=1 difficulty=1 minutes=3
from course.arrays import row_means

# %% check
check(row_means)

# %% row-means-right [markdown]
r"""
When all is well, the check says in one line what it has tried. A *law* is something that holds for
every right answer, whatever the numbers: the mean of a row, for example, does not care about the
order of the columns.

From here on the lesson uses your function. If a cell below says `NotImplementedError`, the exercise
above it is still open.

Help: I want to go on, and come back to an exercise later
Below its check add a cell (press Esc, then B) that borrows the course's own function:
`from course.arrays import row_means`. When you come back, take the cell away again. In other
lessons another name stands in place of `arrays`: 01 `sequences`, 02 `seq2seq`, 03 `embedding`, 04
`attention`, 05 `multi_head`, 06 `positions`, 07 `blocks`, 08 `transformer`, 09 `tokenizer`,
`training` or `bleu`, 10 `decoding` or `kv_cache`, 11 `gpt`, 12 `max_entropy` or `bert`, and in
lesson 13 `tagging`, `text_cnn` or `llama`.
"""

# %% fruit-means
fruit_means = row_means(stars)
for row in range(4):
    print(f"{fruits[row]:<7}{fruit_means[row]:.1f}")

# %% broadcasting [markdown]
r"""
## Broadcasting: small arrays stretch

Taster 1 is generous, with 3 stars on average. So how much did each taster like each fruit, compared
with what this taster usually gives? From every row of `stars`, shape `(4, 3)`, we have to subtract
`taster_means`, shape `(3,)`. First with loops:
"""

# %% relative-loops
relative = np.zeros((4, 3))
for fruit in range(4):
    for taster in range(3):
        relative[fruit, taster] = stars[fruit, taster] - taster_means[taster]
print(relative)

# %% guess-broadcast-prose [markdown]
r"""
Without loops one would like to write `stars - taster_means`, but the shapes differ. Is this an
error, or is there a result, and of which shape?
"""

# %% guess-broadcast
guess = None  # your guess: "error", or a shape such as (3, 4)

# %% reveal-broadcast
reveal(guess, (stars - taster_means).shape)
print("the same as the loops:", bool(np.all(stars - taster_means == relative)))

# %% broadcast-rule [markdown]
r"""
It works, and it is called *broadcasting*. Write the two shapes one above the other, **aligned on
the right**:

```
stars          4  3
taster_means      3
result         4  3
```

In every column the sizes must be equal, or one of them is 1 or missing. An axis of size 1, or a
missing one, is read again and again, as often as the other array needs it. So each of the four rows
meets the same three means.

Next, compare each fruit with its own mean: `stars - fruit_means`, shapes `(4, 3)` and `(4,)`. Use
the rule before you run it.
"""

# %% guess-misaligned
guess = None  # your guess: "error", or a shape such as (4, 3)

# %% reveal-misaligned
try:
    outcome = (stars - fruit_means).shape
except ValueError as error:
    outcome = "error"
    print(error)
reveal(guess, outcome)

# %% keepdims [markdown]
r"""
On the right a 3 stands above a 4, and that does not fit. The 4 means have to stand *upright*, as a
table of 4 rows and one column: shape `(4, 1)`. There are two ways. `fruit_means[:, None]` puts a
new axis of size 1 where `None` stands. And `keepdims=True` lets the axis that would disappear stay,
with size 1. You need this in two exercises below.
"""

# %% upright
print("fruit_means:           ", fruit_means.shape)
print("fruit_means[:, None]:  ", fruit_means[:, None].shape)
print("mean with keepdims:    ", stars.mean(axis=1, keepdims=True).shape)
print(stars - stars.mean(axis=1, keepdims=True))

# %% broadcast-figure-prose [markdown]
r"""
Both arrays may stretch at once. Suppose you know only the mean of each fruit and by how much each
taster is above or below the overall mean of 2.5. Then fruit plus taster is a fair guess at the
whole table of stars: `(4, 1)` plus `(1, 3)` gives `(4, 3)`.
"""

# %% broadcast-figure
upright = fruit_means[:, None]  # (4, 1)
flat = (taster_means - stars.mean())[None, :]  # (1, 3)
guessed_stars = upright + flat  # (4, 3)
figure = plots.broadcast(upright, flat, guessed_stars)
plots.show(figure, alt="""A column of 4 numbers is copied to the right, a row of 3 downwards;
    their sum is a table of 4 by 3.""")
print("stars minus the sum:")
print(stars - guessed_stars)

# %% square-trap [markdown]
r"""
**Figure.** White tiles are the numbers that exist; dotted grey ones are copies, which NumPy reads
but never stores. The column stretches to the right, the row downwards, until both are 4 by 3.
The last table says how far each guess is off. It is half a star or one; only in the kiwi's row it
is up to 3, and that is the fruit over which the tasters disagree.

Now break it. An error as above is the good case. With three fruits and three tasters the table is
square, and `(3, 3)` meets `(3,)`: everything fits, even where it should not. Each row minus its own
mean should have the mean 0.
"""

# %% square-trap-code
square = stars[:3]  # (3, 3)
mistaken = square - square.mean(axis=1)  # (3, 3) - (3,)
correct = square - square.mean(axis=1, keepdims=True)  # (3, 3) - (3, 1)
print("row means without keepdims:", mistaken.mean(axis=1))
print("row means with keepdims:   ", correct.mean(axis=1))

# %% square-moral [markdown]
r"""
No error, and wrong numbers: each mean was subtracted from a *column*. A network with such a bug may
still train, and in lesson 09 you will see one whose training looks fine while its translations are
wrong. That is why the checks of this course, after a first small case, draw shapes in which no two
sizes are equal, and why its code says the shape in a comment where it changes.
"""

# %% product [markdown]
r"""
## The matrix product: inner sizes agree

Each fruit has a colour, given as light: how much red, green and blue. And there are two fruit
salads, in which we count the fruits. Which colour is a salad? The first step is to count its light:
how much red comes from all its fruits together, how much green, how much blue.
"""

# %% salads
colours = np.array([
    [1.0, 0.0, 0.0],  # apple: red
    [1.0, 1.0, 0.0],  # banana: red and green light together are yellow
    [0.0, 1.0, 0.0],  # kiwi: green
    [1.0, 0.0, 1.0],  # plum: red and blue light together are a pinkish purple
])
recipes = np.array([
    [2.0, 0.0, 1.0, 1.0],  # salad 0: two apples, a kiwi, a plum
    [1.0, 2.0, 5.0, 0.0],  # salad 1: an apple, two bananas, five kiwis
])
print("recipes", recipes.shape, " colours", colours.shape)

# %% guess-green-prose [markdown]
r"""
How much green is in salad 1? Take its recipe, a row of `recipes`, and the green of each fruit, a
column of `colours`. Multiply them pair by pair, fruit with fruit, and add up. You can do it in your
head.
"""

# %% guess-green
guess = None  # your guess: a number

# %% reveal-green
green = 0.0
for fruit in range(4):
    green = green + recipes[1, fruit] * colours[fruit, 1]
reveal(guess, green)

# %% product-rule [markdown]
r"""
A row against a column, multiplied pair by pair and added up: that is a *dot product*. Doing it for
every row of $A$ and every column of $B$ is the *matrix product*, in Python `A @ B`:

$$(AB)_{ij} = \sum_k A_{ik}\, B_{kj}$$

($\sum_k$ says: add up over all $k$.) The row needs as many numbers as the column, so **the inner
sizes must agree, and they disappear**: `(2, 4) @ (4, 3)` gives `(2, 3)`. The 4 fruits are summed
away; 2 salads and 3 colours remain.
"""

# %% product-figure
left = (("salads", 2), ("fruits", 4))
right = (("fruits", 4), ("colours", 3))
names = ("recipes", "colours", "recipes @ colours")
figure = plots.product(left, right, names, tile=(1, 1), matrices=(recipes, colours))
plots.show(figure, alt="""A 2 by 4 table times a 4 by 3 table is a 2 by 3 table. The row of
    salad 1, with the numbers 1, 2, 5, 0, and the column of green, 0, 1, 1, 0, are marked,
    and the one tile that they give, 7.""")

# %% product-caption [markdown]
r"""
**Figure.** The row of salad 1 and the column of green, hatched, give the one hatched tile of the
result: $1 \cdot 0 + 2 \cdot 1 + 5 \cdot 1 + 0 \cdot 0 = 7$, as you just found. Row and column are
equally long: 4 fruits. The next figure tries to multiply tables that do not fit.
"""

# %% misfit-figure
figure = plots.product((("n", 2), ("m", 4)), (("m", 3), ("p", 5)))
plots.show(figure, alt="""A 2 by 4 table and a 3 by 5 table have no product,
    because a row of 4 cannot meet a column of 3.""")

# %% misfit-caption [markdown]
r"""
**Figure.** Both inner sizes are called m, because they would have to be equal; here they are 4 and
3, and one of the row's numbers has no partner. NumPy says so in words that you will meet often. In
the next cell salads and colours are in the wrong order. Read the end of its message first: it names
the two sizes that should agree, here 2 salads and 3 colours.
"""

# %% misfit-message
try:
    colours @ recipes  # (4, 3) @ (2, 4)
except ValueError as error:
    print(error)

# %% matmul-exercise [markdown]
r"""
### Exercise: `matmul`

Write the matrix product with three loops, once in your life; after that, no product of matrices is
a mystery.

`a` has shape `(n, m)` and `b` has shape `(m, p)`; give back an array of shape `(n, p)`. Its number
in row `i` and column `j` is the sum, over all `k`, of `a[i, k]` times `b[k, j]`. (The check would
accept `a @ b` as well. You would gain the points and lose the exercise.)

Hint: Begin with a result full of zeros, made by `np.zeros((n, p))`. You find the three sizes in
`a.shape` and `b.shape`.

Hint: Three loops, one inside the other: `i` counts the rows of `a`, `j` the columns of `b`, `k` the
pairs that meet.

Hint: In the innermost loop, one product is added to what already stands in the result at `[i, j]`;
`+=` adds to a place. All three loops begin at 0, as `range` does. The `return` stands outside of
all loops, four spaces from the left.

Help: I see `IndexError: index 2 is out of bounds`
A letter counts along the wrong axis. `i` runs to `n`, `j` to `p`, `k` to `m`; in `a` the order is
`i, k`, in `b` it is `k, j`.

Help: I see `TypeError: 'tuple' object cannot be interpreted as an integer`
`a.shape` is a pair. Take it apart: `n, m = a.shape`.

Help: I see `Cannot interpret '3' as a data type`
In `np.zeros(n, p)` the shape is one thing, a pair, so it has its own parentheses:
`np.zeros((n, p))`.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.arrays import matmul

# %% check
check(matmul)

# %% matmul-right [markdown]
r"""
The light of both salads, from your loops and from `@`; `np.allclose` says whether two arrays are
equal up to rounding. From here on the course writes `@`, which does the same in compiled code.
"""

# %% light
light = matmul(recipes, colours)
print(light)
print("the same as @:", bool(np.allclose(light, recipes @ colours)))

# %% stacks [markdown]
r"""
A Transformer works on many sentences at once, so its tables come in stacks. For `@`, the **last two
axes** are the matrices; all axes before them only count matrices, and they broadcast. Suppose five
kitchens have two recipes each: an array of shape `(5, 2, 4)`. Which shape has this array times
`colours`?
"""

# %% guess-stack
guess = None  # your guess: a shape

# %% reveal-stack
kitchens = np.ones((5, 2, 4))
reveal(guess, (kitchens @ colours).shape)

# %% einsum [markdown]
r"""
## Einsum: call the axes by name

With three and more axes it gets hard to remember which is which. `np.einsum` lets you name each
axis by a letter: one group of letters for each input, and after the arrow the letters of the
result. **A letter that is missing after the arrow is summed away.** Leaving out the sign for the
sum was Einstein's idea (Einstein 1916); hence the name.

Let s be the salads, f the fruits and c the colours. Then `"sf,fc->sc"` is the matrix product: f is
in both inputs and not in the result. Which shapes do `"sf,fc->cs"` and `"sf,fc->sfc"` give?
"""

# %% guess-einsum
guess = None  # your guess: two shapes, such as ((2, 3), (2, 3))

# %% reveal-einsum
turned = np.einsum("sf,fc->cs", recipes, colours)
unsummed = np.einsum("sf,fc->sfc", recipes, colours)
reveal(guess, (turned.shape, unsummed.shape))

# %% einsum-table [markdown]
r"""
The first asks for the colours before the salads, so the product comes out *transposed*: rows and
columns swapped, as `.T` would do it. The second keeps f, so nothing is summed: it says how much
light of each colour each fruit brings to each salad. Sum it over the fruits and you have the matrix
product again.

| einsum | what it does |
|---|---|
| `"sf->s"` | sum of each row |
| `"sf->fs"` | transpose |
| `"sf,fc->sc"` | matrix product, `recipes @ colours` |
| `"bsf,fc->bsc"` | a stack of products: `kitchens @ colours`, where b counts the kitchens |
"""

# %% einsum-check
print("summed over the fruits:", bool(np.allclose(unsummed.sum(axis=1), light)))
print("turned back:           ", bool(np.allclose(turned.T, light)))
print("fruits in each salad:  ", np.einsum("sf->s", recipes))

# %% average [markdown]
r"""
## The weighted average: mix in proportion

Salad 1 has more light than salad 0, because it has more fruit: 8 against 4. But make twice as much
of a salad and its colour stays the same. So the light has to be divided by how many fruits there
are:

$$\text{average}_q = \frac{\sum_k w_{qk}\, v_k}{\sum_k w_{qk}}$$

This is a *weighted average*. $v_k$ are the *values*, here the colours of the fruits, and $w_{qk}$
are the *weights*: how much fruit $k$ counts in salad $q$. Where all weights are equal it is the
mean that you know. Here it is for one salad, with a loop:
"""

# %% average-loop
mixture = np.zeros(3)
for fruit in range(4):
    mixture = mixture + recipes[0, fruit] * colours[fruit]  # a number times a row of three
print("light:  ", mixture)
print("average:", mixture / recipes[0].sum())

# %% average-exercise [markdown]
r"""
### Exercise: `weighted_average`

All the averages at once: one for each row of weights. (The function takes the values first.)

`weights` has shape `(..., T_q, T_k)`, `values` has shape `(..., T_k, d)`, and the result has shape
`(..., T_q, d)`. These names stay the same through the course: $T_k$ things are averaged, each made
of $d$ numbers, and there are $T_q$ averages. (q and k are *query* and *key*; you meet both below.)
The three dots mean: any number of axes in front, or none; where `values` has fewer of them, one
table of values serves a whole stack of weights. For the salads, $T_q$ is 2, $T_k$ is 4 and $d$ is
3. The weights need not sum to 1, so each row's sum has to be divided out.

Hint: There are two parts: the light of all salads, which you have seen above in one product, and
the total of each row of weights.

Hint: Which shape must the totals have, so that each row of `(T_q, d)` is divided by its own total?
The section on broadcasting has the tool for it.

Hint: Multiply `weights` and `values` with `@`, which takes care of the three dots. Sum the weights
along their last axis, which is axis -1, and let that axis stay, with size 1. Divide the one by the
other.

Help: I see `operands could not be broadcast together`
The totals have lost an axis. Print the shapes of both sides of the division, and align them on the
right.

Help: I see `mismatch in its core dimension 0`
The inner sizes of `@` do not agree. The size in the middle must be `T_k` on both sides, so
`weights` comes first.

Help: I see `float32 is asked for`
`np.zeros` always makes `float64`. Compute the result from the arrays that you are given, instead of
filling one of zeros.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.arrays import weighted_average

# %% check
check(weighted_average)

# %% mix-figure-prose [markdown]
r"""
Now you can see what you have mixed. The picture shows the colour of every fruit and of both salads,
computed by your function. It mixes light, as a screen does; paint would behave otherwise.
"""

# %% mix-figure
salad_colours = weighted_average(colours, recipes)  # (2, 3)
print(salad_colours)
patches = np.concatenate([colours, salad_colours])  # (6, 3)
figure, (axis,) = plots.canvas(6.4, 1.5)
axis.imshow(patches[None, :, :])
axis.spines[:].set_visible(False)
axis.set_xticks(range(6), [*fruits, "salad 0", "salad 1"])
axis.set_yticks([])
for place, patch in enumerate(patches):
    text = f"red {patch[0]:.2f}\ngreen {patch[1]:.2f}\nblue {patch[2]:.2f}"
    axis.text(place, 0, text, ha="center", va="center", fontsize=8, backgroundcolor="white")
axis.axvline(3.5, color="black", linewidth=2)
plots.show(figure, alt="""Six colour patches with their numbers: the four fruits, then the salads.
    Salad 0: red 0.75, green 0.25, blue 0.25. Salad 1: red 0.38, green 0.88, blue 0.00.""")

# %% lookup [markdown]
r"""
**Figure.** Left of the line the four values, right of it two averages. Salad 0 is a dull red, three
parts red to one of green and one of blue. Salad 1 is mostly kiwi, and so mostly green. An average
never leaves the range of its values.

Two recipes at the extremes are worth remembering. If every fruit counts the same, you get the plain
mean. If one fruit has all the weight, you get the row of that fruit, unchanged: **a lookup in a
table is a weighted average**. In between lie all the soft lookups, and attention is one of them.
"""

# %% extremes
everything = np.array([[1.0, 1.0, 1.0, 1.0]])
kiwi_alone = np.array([[0.0, 0.0, 1.0, 0.0]])
print("all the same:", weighted_average(colours, everything)[0])
print("kiwi alone:  ", weighted_average(colours, kiwi_alone)[0])

# %% scores-to-weights [markdown]
r"""
## Softmax: scores become weights

Where do weights come from, if nobody counts fruits? A network produces *scores*: numbers of any
size and sign. The means of the stars could be such scores: 4 for the apple, 2, 3, and 1 for the
plum. How much should each fruit count?

The first idea is to divide by the sum, as above. The next cell tries it on scores that a network
might well give.
"""

# %% plain-division
some_scores = np.array([3.0, -1.0, -1.5])
print(some_scores / some_scores.sum())

# %% exp [markdown]
r"""
Weights of 6 and of -3: useless. We want weights that are **positive**, **sum to 1**, and
are **larger for a larger score**. The exponential function does the first and the last: $e^0 = 1$,
and with every step of 1 upwards the result is multiplied by $e \approx 2.718$, downwards divided by
it, so it never gets to 0. Then divide by the sum:

$$\operatorname{softmax}(s)_k = \frac{e^{s_k}}{\sum_j e^{s_j}}$$

A case to work out in your head: the scores 0, 0.693 and 1.609 have the exponentials 1, 2 and 5.
Their sum is 8. So the weights are 1/8, 2/8 and 5/8.
"""

# %% softmax-by-lists
tiny_scores = [0.0, 0.693, 1.609]
exps = [math.exp(score) for score in tiny_scores]
print("exponentials:", [round(each, 2) for each in exps])
print("weights:     ", [round(each / sum(exps), 3) for each in exps])
print("e:           ", round(math.e, 3))

# %% softmax-name [markdown]
r"""
The formula comes from physics, where it says how likely a gas is to be in a state of given energy
(Boltzmann 1868). Its name is from Bridle (1990), and it misleads: many texts take softmax for a
soft version of *max*. But max gives the largest *number*, and softmax gives weights that
say *where* it is. It is a soft version of *argmax* (Goodfellow et al. 2016, section 6.2.2.3).

Now guess: the stars 4, 2, 3 and 1 are the scores of the fruits. Divided by their sum, the apple
would get 4/10 of the weight. Which share does softmax give it?
"""

# %% guess-share
guess = None  # your guess: a number between 0 and 1

# %% reveal-share
exps = [math.exp(score) for score in [4, 2, 3, 1]]
reveal(guess, round(exps[0] / sum(exps), 3))

# %% shift-prose [markdown]
r"""
Nearly two thirds. Softmax favours the best, and a fruit with one star more than another gets 2.718
times the other's weight.

Second guess. All tasters become friendlier and give every fruit 100 stars more: 104, 102, 103
and 101. What is the share of the apple now?
"""

# %% guess-shift
guess = None  # your guess: a number between 0 and 1

# %% reveal-shift
friendlier = [score + 100 for score in [4, 2, 3, 1]]
print("scores:", friendlier)
exps = [math.exp(score) for score in friendlier]
reveal(guess, round(exps[0] / sum(exps), 3))

# %% overflow-prose [markdown]
r"""
The same. Every exponential is multiplied by $e^{100}$, the sum too, and so it cancels: **only the
differences of the scores count**. You need this in a moment. First we break softmax: we give not
100 stars more, but 1000.
"""

# %% overflow
large = 1000 + np.array([4.0, 2.0, 3.0, 1.0])
with np.errstate(over="ignore", invalid="ignore"):  # NumPy would warn us
    exps = np.exp(large)
    print("exponentials:", exps)
    print("weights:     ", exps / exps.sum())
    print("exp(709):", f"{np.exp(709.0):.1e}", "  exp(710):", np.exp(710.0))
print("the largest float64:", f"{np.finfo(np.float64).max:.1e}")

# %% overflow-why [markdown]
r"""
The largest number that `float64` can hold is `1.8e+308`, where `e+308` means times $10^{308}$.
Beyond it everything is `inf`, infinity, and infinity divided by infinity is `nan`, *not a number*.
One `nan` in a network makes nearly everything after it `nan`.

You know the cure: only differences count, so a fixed number may be subtracted from all scores
first. Which one? It has to be so large that afterwards no score stands far above 0. A score far
below 0 does no harm: its exponential is rounded to 0, and that is as good as right. But one number
for a whole table is not enough: where one row lies far below another, all its exponentials would
become 0, and 0/0 is `nan` too.
"""

# %% softmax-exercise [markdown]
r"""
### Exercise: `softmax`

Every attention weight and every next word of this course goes through this formula, so it has to
stand up to anything.

`scores` has any shape; the result has the same one. The weights sum to 1 along `axis`: with
`axis=-1`, the last one, each row of a table sums to 1; with `axis=0` each column does. Large scores
must not give `nan`. A score of `-inf` gets the weight 0 (at least one score along the axis is
finite), which you need in lessons 02 and 04 to forbid a place. And the array that you are given
must stay as it is, because the caller still needs it.

Hint: First write the formula for a single row, with `np.exp` and one sum. Run the check and read
it. Then go on to the axis, then to the large scores.

Hint: Sums and maxima along an axis lose that axis. Keep it with size 1, as you did in
`weighted_average`; then broadcasting works for every `axis`.

Hint: Three lines. The largest score along the axis, with the axis kept. The exponentials of the
scores minus that largest score. These exponentials divided by their sum along the same axis, with
the axis kept.

Help: I see `the output contains NaN`
Somewhere infinity was divided by infinity, or 0 by 0. Is the largest score of *its own row*
subtracted before `np.exp`?

Help: I see `operands could not be broadcast together`
A maximum or a sum has lost its axis. Print the shapes of both sides, and align them on the right.

Help: I see `it changes its input`
`scores -= ...` writes into the array that the caller gave you. `shifted = scores - ...` makes a new
one.

Help: I see `float32 is asked for`
`np.zeros` always makes `float64`. Compute the weights from the scores, instead of filling an array
of zeros.
"""

# %% exercise points=3 difficulty=3 minutes=12
from course.arrays import softmax

# %% check
check(softmax)

# %% sharpness-prose [markdown]
r"""
So the apple gets most of the weight, and no fruit gets none (where 0.00 is printed, it is rounded).
What changes if all scores are multiplied by a number? Their differences grow or shrink with it. The
picture shows the same four scores multiplied by 0.25, by 1 and by 4.
"""

# %% sharpness
factors = np.array([0.25, 1.0, 4.0])
shares = softmax(factors[:, None] * fruit_means)  # (3, 1) times (4,) -> (3, 4); each row sums to 1
figure, axes = plots.canvas(8.4, 2.8, columns=3)
for factor, row, axis in zip(factors, shares, axes, strict=True):
    plots.bars(fruits, row, "weight", title=f"scores x {factor:g}", axis=axis)
    axis.set_ylim(0, 1.1)
print(shares.round(2))
plots.show(figure, alt="""Three bar charts of the weights of apple, banana, kiwi and plum.
    Scores times 0.25: 0.35, 0.21, 0.27, 0.17. Scores times 1: 0.64, 0.09, 0.24, 0.03.
    Scores times 4: 0.98, 0.00, 0.02, 0.00.""")

# %% sharpness-caption [markdown]
r"""
**Figure.** Small differences: the weights move towards a plain mean. Large differences: almost a
lookup of the winner. The order is always the same; only how sharply softmax chooses changes. Lesson
04 shows what goes wrong when it chooses too sharply. Lesson 03 makes a control of it, the
*temperature*, and in lesson 10 that decides how boldly a model writes.

Your last two functions fit together. Softmax weights already sum to 1, so in `weighted_average`
they are divided by 1. And bare exponentials, without softmax's division, give the same average,
since `weighted_average` divides by their sum itself:
"""

# %% same-average
scores = fruit_means[None, :]  # (1, 4)
print("softmax:     ", weighted_average(colours, softmax(scores))[0].round(3))
print("exponentials:", weighted_average(colours, np.exp(scores))[0].round(3))

# %% attention [markdown]
r"""
## A first look at attention

Put it all together. Each fruit has a taste: how sweet, how sour. You do not name a fruit; you ask
for a taste, and want to know **which colour something of this taste has**. For most tastes no fruit
fits exactly, but similar fruits can answer together. So:

1. **scores**: the dot product of your wish with the taste of each fruit, large where both agree;
2. **weights**: softmax of the scores;
3. **answer**: the average of the colours, by these weights.

The tastes, as (sweet, sour): apple (0.8, 0.2), banana (1, 0), kiwi (0.5, 0.5), plum (0.2, 0.8).
The wish "very sweet" is (5, 0), "very sour" is (0, 5). (The 5 says how firmly you insist: larger
scores, sharper weights.) Work out the four scores of "very sweet" in your head. Which fruit will
count most?
"""

# %% guess-fruit
guess = None  # your guess: "apple", "banana", "kiwi" or "plum"

# %% first-attention
tastes = np.array([[0.8, 0.2], [1.0, 0.0], [0.5, 0.5], [0.2, 0.8]])  # (4, 2): sweet, sour
wishes = np.array([[5.0, 0.0], [0.0, 5.0]])  # (2, 2): very sweet, very sour

wish_scores = wishes @ tastes.T  # (2, 2) @ (2, 4) -> (2, 4)
wish_weights = softmax(wish_scores)  # (2, 4)
answers = weighted_average(colours, wish_weights)  # (2, 4) with (4, 3) -> (2, 3)

reveal(guess, fruits[wish_weights[0].argmax()])
print("scores of very sweet:", wish_scores[0])
print("answers:")
print(answers.round(2))
print("weights:")
print(wish_weights.round(2))

# %% first-attention-figure-prose [markdown]
r"""
The first answer has much red and green and hardly any blue: yellow, with a touch of orange. The
second has much red and blue: a pinkish purple. That is what these four fruits say. The weights tell
how that came about; here they are as a picture, and beside them the two answers as colours.
"""

# %% first-attention-figure
figure, (left, right) = plots.canvas(6.2, 1.9, columns=2)
plots.heatmap(wish_weights, ["very sweet", "very sour"], fruits, axis=left, high=1.0)
right.imshow(answers[:, None, :], aspect="auto")  # (2, 1, 3): a patch for each answer
for row, wish in enumerate(("very sweet", "very sour")):
    right.text(0, row, wish, ha="center", va="center")
right.set(title="the answer")
right.axis("off")
plots.show(figure, alt="""Weights of the four fruits, and beside them the colour of each answer.
    Very sweet: apple 0.25, banana 0.68, kiwi 0.06, plum 0.01; an orange yellow.
    Very sour: apple 0.04, banana 0.01, kiwi 0.17, plum 0.77; a pinkish purple.""")

# %% first-attention-caption [markdown]
r"""
**Figure.** Each row is a wish and sums to 1 (as rounded, the second one to 0.99). "Very sweet"
looks at the banana with two thirds of its weight and at the apple with a quarter; "very sour" looks
mostly at the plum. This is attention: a *query* (the wish) is compared with *keys* (the tastes),
and the *values* (the colours) are averaged. Here every number was written down by hand. In the
lessons to come, the machine learns them.
"""

# %% timeline-caption [markdown]
r"""
## Where it came from

**Figure.** The ideas before and after. Blue and gold is what this course builds, grey is only named
(the years are not to scale). Most of them live on in the models of today; if you are curious, open
the list.

<details><summary>The twelve, one by one</summary>

- *n-grams*, Shannon (1948): guess the next word from the words before it. The task is still the
  same.
- *rules*, as in the first public machine translation of 1954 (Hutchins 2004): neural translators
  need none. Our practice text in lesson 09 is made by rules, so that we know what is right.
- *hidden Markov models*, as Jelinek (1976) used them to recognise speech: a state that nobody sees
  stands behind the words.
- *recurrent networks* (RNN), Elman (1990), and *LSTM*, Hochreiter and Schmidhuber (1997): a state
  that is learned.
- *maximum entropy*, Berger et al. (1996), and *conditional random fields* (CRF), Lafferty et al.
  (2001): each hint in the text (an ending, a neighbour) gets a score, and your softmax turns the
  scores into probabilities.
- *word vectors*, Mikolov et al. (2013): words of like meaning get like numbers.
- *encoder and decoder*, Sutskever et al. (2014), and *attention*, Bahdanau et al. (2015): one
  network reads, another writes and looks back.
- *Transformer*, Vaswani et al. (2017): attention in place of recurrence; no state is carried from
  word to word. *GPT*, Radford et al. (2018), is its decoder without the look at the encoder,
  *BERT*, Devlin et al. (2019, first shown in 2018), its encoder. Both first learn from masses of
  plain text (*pre-training*), then from the far fewer examples of one task (*fine-tuning*). The
  assistants of today are such decoders, larger by far.

</details>
"""

# %% timeline
plots.show(plots.timeline(), alt="A strip of time with twelve events: 1948 n-grams, 1954 rules, "
                                 "1976 hidden Markov models, 1990 RNN, 1996 maximum entropy, 1997 "
                                 "LSTM, 2001 CRF, 2013 word vectors, 2014 encoder and decoder, "
                                 "2015 attention, 2017 Transformer, 2018 GPT and BERT.")

# %% torch-why [markdown]
r"""
## The same in torch, and one thing more

From the next lesson on the arrays are those of PyTorch, imported as `torch`, and they are called
*tensors*. You know them already. Only some words are others: `axis` is called `dim`, and `keepdims`
is `keepdim`.
"""

# %% torch-same
import torch

tensor = torch.tensor(stars, dtype=torch.float64)
print(tensor.shape)
print(tensor.mean(dim=1, keepdim=True))  # NumPy: stars.mean(axis=1, keepdims=True)

# %% torch-guess-prose [markdown]
r"""
Why a second library? Because a tensor can remember how it was computed. Ask it with
`requires_grad_()` (an underscore at the end: this very tensor is changed), compute something, and
call `backward()` on the result. Then `.grad` holds one slope for each number that went in: if that
number grows by a tiny step, the result grows by so many times that step. All these slopes together
are called the *gradient*.

**Predict.** The result is $y = 3 a + b^2$ with $a = 2$ and $b = 5$. If $b$ grows by a tiny step,
how many times that step does $y$ grow?
"""

# %% torch-guess
guess = None  # your guess, a number

# %% torch-gradient
a, b = torch.tensor(2.0).requires_grad_(), torch.tensor(5.0).requires_grad_()
y = 3 * a + b**2
y.backward()
reveal(guess, b.grad.item())
print("a:", a.grad.item(), " b:", b.grad.item())
print("from 5 to 5.001 the square grows by", round(5.001**2 - 5**2, 6))

# %% torch-meaning [markdown]
r"""
For $a$ it is 3, whatever $a$ is. For $b$ it is $2b = 10$, as in school, and the last line agrees:
when $b$ grows by a little, the square grows by about ten times as much. Nobody wrote down a
derivative: torch followed the computation backwards. A network learns by this alone. One number is
computed that says how wrong the network is; then every number inside the network moves a small step
*against* its slope, and the network is a little less wrong.
"""

# %% hand-in [markdown]
r"""
## Save, validate, hand in

**Save** with Ctrl+S (on a Mac ⌘S). Before you call a lesson finished, choose **Kernel → Restart
Kernel and Run All Cells**, then **Validate**, a button above the notebook: it tries your answers in
a fresh kernel and says of each exercise whether it is right, and for how many points. You may add
cells wherever you like (Esc, then B).

Help: I have a teacher and want to hand in
Hand in one file, under its own name: `work/00_start_here/00_start_here.ipynb` in the course's
folder. Your answers and their results are all in it. The grader runs the same checks on other
numbers and other shapes, and each right exercise brings the points that stand below its heading.
Leave the names of the functions and the locked cells with `check` as they are, and do not copy
those cells: the grader knows them by a mark that is not shown.

Help: I am on my own and want to see a finished lesson
The checks are your teacher, and there is nothing to hand in. When you have tried an exercise, its
last fold says how to see the course's own. The finished lessons are on your disk, in the folder
`solutions`; JupyterLab lists your folder `work` alone. So copy a file over, outside of JupyterLab:
`solutions/00_start_here/00_start_here.ipynb`, say, to `work/solved_00.ipynb`. Then it is in the
list on the left.

Help: Validate finds an exercise not right that is right when I run it
Something that your answer needs exists in your kernel, but not in a fresh one: a name from a
deleted cell, or an import in a cell further down. **Kernel → Restart Kernel and Run All Cells**
stops at the place.

Help: I want to begin a notebook again
In a terminal, in the course's folder: `python -m course fresh 00`. Your file is put aside, with the
date in its name, and a new one is laid out; with `--keep` behind it, with your answers in it.

Help: I do not know any more where I was
The page `index.md` in the list on the left says which exercises are right, tried and open, and
leads to where to go on. It is written anew whenever you save.
"""

# %% end [markdown]
r"""
## What you built, what to remember

- `row_means`: the axis you name disappears.
- `matmul`: a row meets a column; the inner sizes agree and disappear.
- `weighted_average`: values mixed in the proportion of weights; a lookup and a mean are its
  extremes.
- `softmax`: scores become positive weights that sum to 1; only differences count, so the largest
  score may be subtracted first.
- Broadcasting aligns shapes on the right and stretches axes of size 1. In square tables it hides
  mistakes.

**Common mistakes seen:** in `softmax`, `axis` forgotten, so that a whole table sums to 1;
`keepdims` forgotten, so that rows are divided by the totals of other rows; one maximum for a whole
table. Elsewhere a result written into an array of whole numbers.

**Try this** (not graded):

- Which wishes make the weights of all four fruits equal? Try it, and explain why the answer is then
  the mean of the colours.
- Multiply `wishes` by 10, then by 0.1. Which extremes do you reach?
- Write the product inside `weighted_average` with `np.einsum`; `...` may stand before the letters.
- Take `keepdims` out of a copy of your `softmax` and give it a table of 4 rows and 4 columns. No
  error: but do the rows sum to 1?

So far the order of things played no role: four fruits are four fruits. In a sentence order is
everything, and in lesson 01 you build machines that read one word after the other and remember.
"""
