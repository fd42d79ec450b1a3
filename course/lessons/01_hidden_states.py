# %% question [markdown]
r"""
# 01 · Hidden states

**Why must whoever writes a sentence remember, what could that memory be, and why is it so hard to
remember for long?** A Transformer is an answer to these questions, so we begin with the questions.

| | |
|---|---|
| **At its end you have built** | `next_token_table` and `generate`, the table and the loop of every language model; a model that counts, and `perplexity`; `rnn_step` and `gru_step` with PyTorch's numbers; a first network trained with your step in it; on a side road `lstm_step`, and a measure of how far back a network feels |
| **Time** | about 4 hours 15 minutes, with pauses after *What the sum forgets* and before *Training finds the bit*; the side road before the end can wait for another day |
| **It needs** | shapes, matrix products and the first tensors (lesson 00), derivatives as an idea; logarithms and probabilities as in school |
"""

# %% setup
import itertools
import math
import random
from collections import Counter
from collections.abc import Callable

import torch
from IPython.display import Markdown
from torch import Tensor, nn

from course import plots
from course.checks import check, reveal

# %% where [markdown]
r"""
**Figure.** The map of the course; the part of this lesson is lit. In lesson 00 you turned scores
into weights and mixed numbers with them. Now come the models that read and wrote text *before* the
Transformer. They show what it has to do, and where they fail is the reason why it was invented.
"""

# %% map
plots.show_map("01")

# %% past-or-not [markdown]
r"""
## The sentence as a table

What you say next depends on what you have said. Our running sentence is Chinese, because there each
character is one small, visible step:

> 今天天气很好，我们去散步吧
>
> *jīntiān tiānqì hěn hǎo, wǒmen qù sànbù ba*: "The weather is very good today, let us
> go for a walk."

今天 is today, 天气 weather, 很好 very good; 我们 we, 去 go, 散步 take a walk, and the 吧 at the end
makes it a proposal. You need no Chinese for what follows: look at the shapes.
"""

# %% sentence
PROMPT = list("今天天气很好，")  # what is given: "The weather is very good today,"
ANSWER = list("我们去散步吧")  # what is to come: "let us go for a walk"
END = "END"
print(len(PROMPT), "characters are given,", len(ANSWER), "are to come")

# %% one-at-a-time [markdown]
r"""
A language model says **one token at a time** (a token is the unit that it reads and writes: here a
character, elsewhere a word or a piece of one). Given the prompt, it must say 我. Given the prompt
and 我, it must say 们. And so on, until nothing is left to say, and that, too, it must say: with a
token of its own, END.

So one sentence is many small questions. How many does ours make, if the seven characters of the
prompt are given?
"""

# %% guess-rows
guess = None  # your guess: how many (context, next token) questions are there?

# %% reveal-rows
reveal(guess, len(ANSWER) + 1)

# %% table-exercise [markdown]
r"""
### Exercise: `next_token_table`

Turn a sentence into the questions that a language model is asked; every model that writes, the
assistants of today included, is trained on such a table.

For `tokens = ["let", "us", "go"]` with `prompt_length = 1`, that is with "let" given, the table is

| context | next token |
|:--|:--|
| `["let"]` | `"us"` |
| `["let", "us"]` | `"go"` |
| `["let", "us", "go"]` | `"END"` |

Return a list of rows `(context, next_token)`; the context is a list of **all** tokens before the
next one. There is one row for each token after the first `prompt_length` ones, and a last row whose
next token is `end`. Leave `tokens` itself as it was.

Hint: First think of the sentence with `end` behind it. Then every row is a cut through that longer
list: what stands before the cut, and the token right after it.

Hint: The cut number `t` gives the context `tokens[:t]`. The first cut is at `prompt_length`; where
is the last?

Hint: `followed = [*tokens, end]` is a new list, so nothing of the caller's changes. For every `t`
from `prompt_length` up to, but not including, `len(followed)` there is a row made of `followed[:t]`
and the token at place `t`.

Help: I see that every row shows the whole sentence
You put one list into all rows and let it grow; a list stored twice is one list with two names. A
slice such as `tokens[:t]` makes a new list each time.

Help: I see `gives [(['let'], 'us'), (['let', 'us'], 'go')]`, and a row more is expected
Each moment needs a row, the last one too: what is to be said after the whole sentence?
"""

# %% exercise points=1 difficulty=1 minutes=6
from course.sequences import next_token_table

# %% check
check(next_token_table)

# %% state-column [markdown]
r"""
Now the same for our sentence, with one column more. At $t_1$ the right answer is 我, one moment
later it is 们. So something inside the model must be different at these two moments. We call it the
**hidden state** and write $h_t$; what it consists of is left open for now.
"""

# %% state-table
table = next_token_table(PROMPT + ANSWER, END, prompt_length=len(PROMPT))
lines = ["| time | context x | state h | next y |", "|:--|:--|:--|:--|"]
for t, (context, token) in enumerate(table, start=1):
    lines.append(f"| $t_{t}$ | {''.join(context)} | $h_{t}$ | {token} |")
Markdown("\n".join(lines))

# %% two-ways [markdown]
r"""
A model can fill in the last column in two ways.

**Read everything again each time.** The model gets the whole context and nothing else:
$\text{Model}(x) \to y$. No memory is needed, but much reading. (Its $h_t$ is made anew from the
whole context each time, and thrown away.)

**Read each token once and carry the state along.** Then $x_t$ is only the newest token, and the
past comes in through the state:

$$\text{Model}(x_t, h_{t-1}) \to (y_t, h_t)$$

Both will come back: the Transformer reads everything again, and in lesson 10 you will save most of
that work. What does it cost here? For the seven rows above, count the characters that each way
reads. (The second reads the prompt once, then each new character.)
"""

# %% guess-reading
guess = None  # your guess: how many characters does the first way read, over all seven rows?

# %% reveal-reading
reveal(guess, sum(len(context) for context, _ in table))
print("reading each character once:", len(PROMPT + ANSWER))

# %% why-past [markdown]
r"""
Is the past really needed? Suppose a model sees only the **newest** character. In our prompt 天
occurs twice: in 今天 (today) it is followed by 天, in 天气 (weather) by 气. Whoever sees only 天
cannot know which of the two it is. Below, a model learns by heart what follows each character;
where two answers fit, the later one wins.
"""

# %% newest-only
moments = next_token_table(PROMPT + ANSWER, END, prompt_length=1)
follows = {context[-1]: token for context, token in moments}
print("after 天 comes", follows["天"])
said = ["今"]
while said[-1] != END:
    said.append(follows[said[-1]])
print("".join(said))

# %% newest-only-lesson [markdown]
r"""
It says 今天气 and has lost a 天: "today" and "weather" have run into each other. One bit of memory
would have saved it, *have I already seen a 天?* But which bit is worth keeping differs from
sentence to sentence, and nobody tells the model. That is the whole difficulty of this lesson.
"""

# %% loop [markdown]
r"""
## The loop that writes

A model answers one question; a sentence needs many. Around every language model, whatever is
inside, there is the same loop: ask, look at the token, keep it, ask again with the longer context.
A model that goes on from its own words in this way is called **autoregressive**.

The loop is short, and yet easy to get wrong. A first sketch says: *while the last token is not END,
ask the model and append what it says.* Let us write down just that. Our model counts: it answers
with the length of its context, and 4 is its END.
"""


# %% sketch
def sketch(model: Callable, context: list, end: int) -> list:
    output = []
    while output[-1] != end:
        output.append(model(context + output))
    return output


try:
    sketch(len, [7, 7], end=4)
except IndexError as error:
    print("IndexError:", error)

# %% sketch-lesson [markdown]
r"""
Before the first token there is no last one: the condition stands in the wrong place. Mend that, and
two faults remain. The loop looks for END only *after* storing it, so the answer ends in a token
that is no part of the answer. And a model that never says END (an untrained one, say) is asked for
ever. The token must be looked at **between** asking and keeping, and there must be a limit.
"""

# %% generate-exercise [markdown]
r"""
### Exercise: `generate`

Write the loop. There is one like it around every language model; in lessons 08 and 10 it stands
around your own Transformer.

`model(context)` takes a list and returns the next token. Begin with `prompt`, show the model **the
whole context** each time (the prompt and everything said since), and return the list of new tokens:
without the prompt and without `end`. Stop when the model says `end`, or when `max_tokens` new
tokens are there, whichever comes first. Asking a large model takes time, so ask once for each
token, and not at all for one that you throw away. The prompt must stay as it was, and an `end` that
stands in the prompt ends nothing.

With the counting model from above, `generate(len, [7, 7], end=4, max_tokens=10)` asks
`len([7, 7])`, which is 2, then `len([7, 7, 2])`, which is 3, then hears 4 and returns `[2, 3]`.

Hint: The limit is known before you start, so a `for` loop says it more safely than a `while`.

Hint: In each round: ask; if the answer is `end`, leave the loop; otherwise keep the token. Return
after the loop, so that both ways of stopping end in the same line.

Hint: `[*prompt, *output]` is a new list that holds the whole context. Ask the model with it,
compare the token with `end`, `break` or `append`.

Help: I see `it changes its input`, or `gives [], expected [2, 3]`
You appended to `prompt`, or to another name for the same list: `context = prompt` copies nothing,
so `prompt` grows too, and nothing is left behind `len(prompt)`. `context = list(prompt)` copies.

Help: I see `items on the case 'the limit comes first'`
This model does not say `end` before the limit. Does your loop count its tokens?

Help: I see `the values are right, but it calls`
A call whose answer is thrown away is one too many. Keep each token in a variable before you compare
it, and leave the loop where nothing more can come.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.sequences import generate

# %% check
check(generate)

# %% counting [markdown]
r"""
## Counting what follows

The simplest of all language models knows the table by heart, whole contexts and all. Of a new
context it knows nothing, and nearly every context is new. The first way out is older than
computers: **forget all but the last few tokens, then count.** Markov counted in 1913 how vowels and
consonants follow each other in *Eugene Onegin*; Shannon drew sentences that look like English from
such counts (1948), with books off the shelf and random numbers in place of a computer. Nobody has
to mark anything by hand: in any text, each word is the right answer to the words before it. An
**n-gram** is a run of $n$ tokens: the last one is predicted, the $n-1$ before it are the context.

$$P(\text{token} \mid \text{context}) = \frac{\text{count}(\text{context, token}) + k}{\text{count}(\text{context, anything}) + k \cdot V}$$

$V$ is the size of the **vocabulary**, the list of all tokens that the model knows. The $k$ is
**smoothing**: every token of the vocabulary is treated as if it had been seen $k$ times more, so
that what was never seen is unlikely, but not impossible. Small numbers first: the sentence `a b a
c`, with $n = 2$.
"""

# %% counting-by-hand
pairs = Counter(zip("abac", "bac", strict=False))
for k in (0, 1):
    # a was followed twice; the vocabulary has 3 words
    after_a = {token: (pairs["a", token] + k) / (2 + k * 3) for token in "abc"}
    print(f"k = {k}:", after_a)

# %% ngram-exercise [markdown]
r"""
### Exercise: `ngram_probabilities`

Build the whole table of probabilities. From Jelinek and Mercer (1980) until neural networks took
over, speech recognition and later translation stood on tables like this.

`sentences` is a list of lists of tokens. Count inside each sentence only: the last word of one is
not the context of the next one's first. Return a dict `{context: {token: probability}}`:

- a context is a **tuple** of $n - 1$ tokens (for $n = 1$ the empty tuple `()`); every context that
  something followed at least once has a row;
- a row has **every** token of `vocabulary`, in the formula above with $k$ = `smoothing`;
- the total in the denominator counts how often the context was *followed by something*. Where a
  sentence ends after it, nothing followed.

Hint: Two stages. First count: for each context a `Counter` of the tokens that came next. Then
divide.

Hint: In a sentence, the token at place `t` has the context `sentence[t - n + 1 : t]`. The first `t`
with a full context is `n - 1`. `counts.setdefault(context, Counter())` finds the counter of a
context, or makes it.

Hint: For one context with the counter `followers`: the total is the sum of its values plus
`smoothing` for each of the `len(vocabulary)` tokens. A token's probability is its count plus
`smoothing`, over that total; a `Counter` gives 0 for what it has not seen.

Help: I see `TypeError: unhashable type: 'list'`
A list cannot be the key of a dict, because it could change. Make it a tuple: `tuple(...)`.

Help: I see `expected {('a',): {`, but a row for a is there
A context is a tuple, also for $n = 2$: `('a',)` and `'a'` are two different keys.

Help: I see `ZeroDivisionError`
A context got a row, and nothing ever followed it.

Help: I see `after each context the probabilities sum to 1`
What is added above the line must also be counted below it, once for every token of the vocabulary.
And is a context at the end of a sentence in your total?
"""

# %% exercise points=3 difficulty=3 minutes=15
from course.sequences import ngram_probabilities

# %% check
check(ngram_probabilities)

# %% surprise [markdown]
r"""
## How surprised was the model?

Is one model better than another? Let it read a new text, and look at the
probability that it had given to each token that then came. The **surprise** about a token is
$-\ln p$: zero for what was certain, large for what was thought unlikely. Average it, and undo the
logarithm:

$$\text{perplexity} = \exp\left(-\frac{1}{T} \sum_{t=1}^{T} \ln p_t\right)$$

The unit is easy to feel: a perplexity of 6 means as uncertain as before the roll of a fair die (the
name and the measure: Jelinek and others, 1977). In the head: two tokens had the probabilities $1/2$
and $1/8$. Multiplied, that is $1/16$, and two tokens with $1/4$ each would give the same product.
So the perplexity is 4, as if there had been four equally likely tokens each time. The mean is one
of logarithms, not of probabilities: the chance of a text is the product of the chances of its
words, and a mean of logarithms follows that product.
"""

# %% perplexity-exercise [markdown]
r"""
### Exercise: `perplexity`

One number for a model and a text. Its logarithm is the loss on which every model that writes is
trained, here and in the lessons to come.

`probabilities` is a list: for each token of a text the probability that the model had given it.
Return the perplexity, a float. The text may have thousands of tokens. If one of the probabilities
is 0, the model called impossible what then happened: the perplexity is `math.inf`.

Hint: The order is: logarithm of each, mean, minus, exponential. `math.log` is the natural
logarithm, so its inverse is `math.exp`.

Hint: Do not multiply all the probabilities first. Try `0.1 ** 400` in a cell: the smallest numbers
of a computer are about $10^{-323}$.

Hint: `math.log(0)` is an error, so look for a zero before you begin. Then the mean surprise is
minus the sum of the logarithms over the length, and the answer is `math.exp` of it.

Help: I see `on the case 'the impossible came', ValueError`
That is the logarithm of 0. Return `math.inf` before you come to it.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.sequences import perplexity

# %% check
check(perplexity)

# %% grammar-why [markdown]
r"""
How many words back should a counting model look? More should be better: more past, more knowledge.
Let us test it on a small language in which the past matters at a known distance. Every sentence has
eight words, such as *the **dog** in the quiet park **is** lovely* or *the **dogs** in the quiet
park **are** lovely*: the verb depends on the noun, five words before it.
"""

# %% grammar
ONE = ["dog", "child", "friend", "bird", "teacher", "horse", "tree", "house"]
MANY = ["dogs", "children", "friends", "birds", "teachers", "horses", "trees", "houses"]
KINDS = ["old", "quiet", "sunny", "small", "green", "busy"]
PLACES = ["garden", "park", "street", "town", "yard", "valley"]
ENDINGS = ["lovely", "here", "big", "old", "quiet", "famous"]


def draw_sentence(rng: random.Random) -> list[str]:
    nouns, verb = rng.choice([(ONE, "is"), (MANY, "are")])
    noun, kind, place, ending = (rng.choice(words) for words in (nouns, KINDS, PLACES, ENDINGS))
    return ["the", noun, "in", "the", kind, place, verb, ending]


rng = random.Random(0)
training, held_out = ([draw_sentence(rng) for _ in range(size)] for size in (200, 300))

# %% padding [markdown]
r"""
To predict also the first words, $n - 1$ START tokens are put in front of each sentence, and END
behind it. A context that never occurred in training has no row; then all we can do is call every
word equally likely.
"""

# %% scoring
vocabulary = [*sorted({word for sentence in training + held_out for word in sentence}), END]
uniform = dict.fromkeys(vocabulary, 1 / len(vocabulary))


def padded(sentence: list[str], n: int) -> list[str]:
    return ["START"] * (n - 1) + sentence + [END]


def beliefs(model: dict, sentence: list[str], n: int) -> list[dict[str, float]]:
    """For each word of the sentence, and END:
    the probabilities that the model had given to all words."""
    words = padded(sentence, n)
    return [model.get(tuple(words[t - n + 1 : t]), uniform) for t in range(n - 1, len(words))]


# %% measures [markdown]
r"""
We measure two things: the perplexity, and, at the place of the verb (the seventh word), how the
model divides its belief between *is* and *are*. A belief of 0.5 is a coin toss.
"""


# %% measures-code
def text_perplexity(model: dict, sentences: list, n: int) -> float:
    words = [word for s in sentences for word in [*s, END]]
    rows = [row for s in sentences for row in beliefs(model, s, n)]
    return perplexity([row[word] for row, word in zip(rows, words, strict=True)])


def verb_belief(model: dict, n: int) -> float:
    rows = [(beliefs(model, s, n)[6], s[6]) for s in held_out]
    return sum(row[verb] / (row["is"] + row["are"]) for row, verb in rows) / len(rows)


# %% guess-n [markdown]
r"""
Trained on 200 sentences with $k = 0.01$, judged on 300 drawn afresh (16 of them happen to be among
the 200: the language is small): which $n$ between 1 and 7 will have the lowest perplexity on the
held-out sentences?
"""

# %% guess-n-cell
guess = None  # your guess: the best n

# %% ngram-experiment
sizes, results = range(1, 8), {"training": [], "held out": [], "right verb": []}
print(" n  training  held out  right verb  contexts")
for n in sizes:
    model = ngram_probabilities([padded(s, n) for s in training], n, vocabulary, smoothing=0.01)
    results["training"].append(text_perplexity(model, training, n))
    results["held out"].append(text_perplexity(model, held_out, n))
    results["right verb"].append(verb_belief(model, n))
    seen, new, verb = (values[-1] for values in results.values())
    print(f"{n:2}  {seen:8.2f}  {new:8.2f}  {verb:10.2f}  {len(model):8}")
reveal(guess, min(sizes, key=lambda n: results["held out"][n - 1]))
long_table = ngram_probabilities([padded(s, 6) for s in training], 6, vocabulary)
known = sum(tuple(s[1:6]) in long_table for s in held_out)
print("held-out sentences whose five words before the verb were seen:", known, "of", len(held_out))
print("held-out sentences that stand in the training too:", sum(s in training for s in held_out))

# %% ngram-figure
figure, (left, right) = plots.canvas(8.0, 3.2, columns=2)
both = {name: results[name][1:] for name in ("training", "held out")}
plots.lines(sizes[1:], both, "n", "perplexity", "how uncertain", left)
left.set_ylim(1.5, 8)
verb = {"": results["right verb"]}
plots.lines(sizes, verb, "n", "belief in the right verb", "is or are?", right)
right.set_ylim(0, 1)
right.axhline(0.5, color="gray", linewidth=0.8)
plots.show(
    figure,
    "Left: perplexity by n from 2 on; on training text it keeps falling, "
    "on held-out text it is lowest at 3 and then rises. "
    "Right: belief in the right verb, one half up to n = 5, a little more from 6 on.",
)

# %% ngram-figure-caption [markdown]
r"""
**Figure.** Left, from $n = 2$ on (a model without any context, $n = 1$, is far above, at 19.4 and
19.8): on the sentences that were counted, a longer context always looks better (down to 2.0). On
new sentences it is best at $n = 3$ (3.1) and then gets worse (7.5 at $n = 6$): ever more contexts
are possible (the table itself grows), and an ever smaller share of those in a new sentence has been
seen. Right: up to $n = 5$ the noun is out of sight, and the verb is a coin toss. From $n = 6$ on
the model could know, but only 88 of the 300 held-out sentences have five words before the verb that
occurred in training (counted above), and it gets no further than 0.64.
"""

# %% no-smoothing [markdown]
r"""
Break it: what does the smoothing do? Without it, a single word that was never seen after its
context makes the whole text impossible.
"""

# %% no-smoothing-run
bare = ngram_probabilities([padded(s, 3) for s in training], 3, vocabulary, smoothing=0)
print(f"perplexity without smoothing, n = 3: {text_perplexity(bare, held_out, 3):.2f}")

# %% writes [markdown]
r"""
Now let the counts write. `counter` makes a model from a table: it looks at the last $n - 1$ words
and draws the next one with the table's probabilities (without smoothing, so that it can only say
what it has seen). Around it stands your `generate`. Three sentences each for $n$ = 2, 3 and 6.
Before you run it: which of the three will get the verbs right, and how?
"""


# %% writes-run
def counter(table: dict, n: int, rng: random.Random) -> Callable:
    """A model for generate: it draws the next word from the table."""

    def next_word(context: list[str]) -> str:
        row = table[tuple(context[len(context) - n + 1 :])]
        return rng.choices(list(row), list(row.values()))[0]

    return next_word


for n in (2, 3, 6):
    counts = ngram_probabilities([padded(s, n) for s in training], n, vocabulary)
    model = counter(counts, n, random.Random(1))
    for _ in range(3):
        print(f"n = {n}:", " ".join(generate(model, ["START"] * (n - 1), END, max_tokens=12)))

# %% writes-lesson [markdown]
r"""
With $n = 2$ only neighbours fit. With $n = 3$ the sentences look right, and the verb is a coin
toss. With $n = 6$ every verb is right, but for a poor reason: a context of five words goes back to
the beginning, so up to the verb each of these sentences is copied from the 200.
"""

# %% counting-lesson [markdown]
r"""
So counting is caught between two walls: a short context does not reach the noun, and a long one has
never been seen before. Adding a constant is the crudest of smoothings (Chen and Goodman compared
far better ones in 1996), but no smoothing brings the noun back into sight.

And how little would have been needed! To get every verb right, a reader must carry **one bit** from
the noun to the fifth word after it: *one or many?* Not the last $n$ words, but a small summary of
all of them. That is what a state is for.
"""

# %% step [markdown]
r"""
## One step, repeated

Here is the idea in its most general form, and it fits into one line. A **step** takes the newest
input and the old state, and gives an output and the new state:

$$\text{step}(x_t, h_{t-1}) \to (y_t, h_t) \qquad t = 1, \dots, T, \quad h_0 \text{ given}$$

The step is the same at every moment; only the state changes. The whole past must pass through it:
whatever $h_{t-1}$ does not hold is gone. ($h_t$ is the state *after* reading $x_t$, and $h_0$ the
one before anything was read.)
"""

# %% unroll-exercise [markdown]
r"""
### Exercise: `unroll`

Walk through a sequence with a step. Every recurrent network in this lesson and the next is this
function with another step in it.

Call `step(x, h)` once for each `x` of `xs`, beginning with the state `h0` and handing each new
state on to the next step. Return two lists, `ys` and `hs`, both as long as `xs`; `h0` itself is not
among the states. States may be of any kind: numbers, strings, tensors, tuples. Hand them on as they
are, so that gradients find their way back through all steps.

Tiny example: `step` gives $h_t = h_{t-1} + x_t$ and $y_t = x_t \cdot h_t$. For `xs = [1, 2, 3]` and
`h0 = 0` the states are 1, 3, 6, and the outputs $1 \cdot 1 = 1$, $2 \cdot 3 = 6$, $3 \cdot 6 = 18$.

Hint: One variable `h` holds the current state. It is `h0` before the loop and is replaced in each
round.

Hint: A step returns two things, the output first: `y, h = step(x, h)` takes the old state in and
puts the new one in its place.

Hint: Two empty lists before the loop; in the loop the step, then one `append` for each list; after
the loop return both, outputs first.

Help: I see `TypeError: unsupported operand type(s) for +`
One of the check's steps has a text for its state. Do you begin with `h0`, and is it the state that
you hand on? The step returns `(y, h)`, in this order.

Help: I see `the gradient that reaches xs is wrong`
Keep the tensors as they are; `.item()`, `.detach()` or `torch.tensor(...)` cut the way back.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.sequences import unroll

# %% check
check(unroll)

# %% one-bit [markdown]
r"""
Now the one-bit reader. Its state is `None` until it meets a noun, then "one" or "many" for the rest
of the sentence; its output is the verb that would fit. It needs no counting and never saw a
training sentence: a person has told it what to remember.
"""


# %% one-bit-run
def agree(word: str, number: str | None) -> tuple[str | None, str | None]:
    if number is None and word in ONE + MANY:
        number = "one" if word in ONE else "many"
    return {"one": "is", "many": "are", None: None}[number], number


print(unroll(agree, held_out[0][:6], None)[1])
right_verbs = sum(unroll(agree, s[:6], None)[0][-1] == s[6] for s in held_out)
print("right verbs:", right_verbs, "of", len(held_out))

# %% one-bit-drawing
read = held_out[0][:6]
outputs, states = unroll(agree, read, None)
named = [number or "?" for number in [None, *states]]
plots.show(
    plots.unrolled(read, named, [verb or "" for verb in outputs]),
    "A row of six equal steps, a word below each: the bird in the sunny valley. Between them the "
    "state: a question mark before the noun, then 'one' after each word, and above it 'is'.",
)

# %% one-bit-lesson [markdown]
r"""
**Figure.** The same step six times, from left to right; such a drawing is called *unrolled*. Each
step takes the state from its left and a word from below, and hands a new state to its right. At the
noun the state changes, and then it only has to be kept.

All 300 verbs are right, with one bit. The open question is who decides what the bit should be;
below you will see a network find out by itself.

A step can be cut in two: one half reads, $\text{encoder}(x_t, h_{t-1}) \to h_t$, and the other half
speaks, $\text{decoder}(h_t) \to y_t$. That cut is the beginning of lesson 02. First we look at what
a state can lose.
"""

# %% one-number [markdown]
r"""
## A memory of one number

Let the state be a single number, and let reading mean adding: $h_t = h_{t-1} + x_t$, from
$h_0 = 0$. For the sequence 0, 3, 4, 2, 1:

| time | context x | state h | next y |
|:--|:--|--:|:--|
| $t_1$ | 0 | 0 | 3 |
| $t_2$ | 0, 3 | 3 | 4 |
| $t_3$ | 0, 3, 4 | 7 | 2 |
| $t_4$ | 0, 3, 4, 2 | 9 | 1 |
| $t_5$ | 0, 3, 4, 2, 1 | 10 | END |
"""

# %% sum-exercise [markdown]
r"""
### Exercise: `running_sum_states`

Write this memory as a recurrence, so that we can see what it keeps.

Return the list of states of the running sum, one after each number of `xs`, starting from $h_0 = 0$
(which is not in the list). For an empty list, return an empty list.

Hint: This is `unroll` with a tiny step. Only the states are wanted; what the step gives as output
does not matter.

Hint: The step takes `(x, h)` and returns two things; the second must be the old state plus `x`. A
`lambda` will do.

Hint: `unroll` returns outputs and states; begin it with the state 0 and return the second list. (A
plain loop or `itertools.accumulate` is just as right.)

Help: I see `it returns None`
`unroll` makes the lists; your function must still `return` the one that is asked for.

Help: I see `gives ([`, two lists in parentheses
`unroll` returns a pair, and here one of the two is asked for.
"""

# %% exercise points=1 difficulty=1 minutes=4
from course.sequences import running_sum_states

# %% check
check(running_sum_states)

# %% forgetting [markdown]
r"""
## What the sum forgets

After five numbers this memory holds 10. What does it still know about them? Take the five numbers
0, 3, 4, 2, 1 and read them in every possible order: there are $5! = 120$ orders. In how
many *different* final states can the memory end?
"""

# %% guess-orders
guess = None  # your guess: how many different final states, from 120 different orders?

# %% reveal-orders
orders = list(itertools.permutations([0, 3, 4, 2, 1]))
reveal(guess, len({running_sum_states(list(order))[-1] for order in orders}))

# %% collision-exercise [markdown]
r"""
### Exercise: `collision`

Prove that the sum forgets: given one sequence, find another that it cannot tell from the first.

`xs` is a list of two or more whole numbers. Return another list, **as long as** `xs`,
that **differs from it in at least one place** and whose running sum **ends in the same state**.
Other numbers are allowed, not only another order. Many answers are right; yours must work
for *every* `xs`, be the same each time, and leave `xs` as it was.

Hint: Turning the list round looks like the answer. Try it on `[1, 2, 4, 2, 1]`.

Hint: No reordering can work for `[2, 2, 2]`: all its orders look the same. So numbers must change,
and the sum must not notice.

Hint: What one place gains, another must lose. Two places are enough, and every list here has at
least two.

Help: I see `the answer differs from xs in at least one place`
For some input your answer is the input itself: palindromes, lists that are sorted already, lists of
equal numbers.

Help: I see `it changes its input`
`ys = xs` is a second name for the same list. Build a new one: `[..., *xs[2:]]` or `list(xs)`.
"""

# %% exercise points=2 difficulty=2 minutes=6
from course.sequences import collision

# %% check
check(collision)

# %% collision-why [markdown]
r"""
After reading a single number nothing is lost; after two or more, countless sequences share each
sum. A cleverer step packs more into its state, but a state of fixed size has only so many values,
and there are more texts than that. What the sum loses is above all the **order**, and in language
the order is much of the meaning: "dog bites man" is no news.

Would a little forgetting help? Let the old state fade by half before each new number is added:
$h_t = \frac{1}{2} h_{t-1} + x_t$. Then an early number counts for less than a late one.
"""


# %% fading
def fading_states(xs: list[float]) -> list[float]:
    return unroll(lambda x, h: (None, h / 2 + x), xs, 0)[1]


print("running sum:", len({running_sum_states(list(order))[-1] for order in orders}), "final state")
print("fading sum: ", len({fading_states(list(order))[-1] for order in orders}), "final states")

# %% states-figure
shown = [[0, 3, 4, 2, 1], [4, 3, 2, 1, 0], [1, 0, 2, 3, 4], [2, 1, 0, 4, 3]]
names = [", ".join(map(str, xs)) for xs in shown]
figure, (left, right) = plots.canvas(8.0, 3.4, columns=2)
sums = {name: [0, *running_sum_states(xs)] for name, xs in zip(names, shown, strict=True)}
faded = {name: [0, *fading_states(xs)] for name, xs in zip(names, shown, strict=True)}
plots.lines(range(6), sums, "t", "state h", "sum: h + x", left)
plots.lines(range(6), faded, "t", "state h", "fading: h / 2 + x", right)
right.get_legend().remove()  # the names are those of the left panel
plots.show(
    figure,
    "Left: the running sums of four different sequences take different ways "
    "and meet in the same final state, 10. "
    "Right: the fading sums of the same sequences end in four different states.",
)

# %% states-figure-caption [markdown]
r"""
**Figure.** The state over time for four sequences. Left: the ways differ, the ends are one: at
$t = 5$ everything that told the sequences apart is gone. Right: with fading, the four end apart.
The 120 orders now have 65 different ends: better, but still many share one. And something new is
lost: the first of the five numbers counts with a weight of $1/16$ at the end, after a hundred steps
it would be $2^{-99}$. Keep this second kind of loss in mind; it comes back under the name of the
vanishing gradient.
"""

# %% pause [markdown]
r"""
**A good place to pause.** What follows: states whose content is *learned*, and the price of
learning them.
"""

# %% learned [markdown]
r"""
## A state that is learned

Nobody will tell a network to remember "one or many". It has to find that out from examples. So its
step is a formula full of numbers, the **weights**, and training changes them. The way of changing
them is the same in the whole course:

1. a **loss** says in one number how bad the answers are (for us: the mean surprise);
2. the **gradient** says for each weight how much the loss would grow if this weight grew a little:
   the slope, the derivative of the loss by this weight;
3. a **step downhill** moves each weight a little *against* its slope. Then all begins again.

Two words have a second meaning from here on: these *weights* are numbers that training changes, not
the shares of lesson 00; and a *step of training* changes them once, while the step of a network
reads one word.

PyTorch computes the slopes, as at the end of lesson 00: `backward()` puts them into `.grad`. (This
part of torch is called *autograd*.) Here with a single weight $w$ and the loss $(w - 2)^2$, whose
slope at $w = 5$ is $2 \cdot (5 - 2) = 6$. Where will one step of 0.1 times the slope bring $w$?
"""

# %% gradient-step
w = torch.tensor(5.0).requires_grad_()
loss = (w - 2) ** 2
loss.backward()
print(f"loss {loss.item():.2f}, slope {w.grad.item():.2f}")
with torch.no_grad():  # the step itself need not be remembered
    w -= 0.1 * w.grad
print(f"after one step: w = {w.item():.2f}, loss {((w - 2) ** 2).item():.2f}")

# %% gradient-lesson [markdown]
r"""
From 5 to 4.4, and the loss fell from 9 to 5.76. The 0.1 is the *learning rate*. With a thousand
weights it is the same: one `backward()` gives a thousand slopes, and each weight takes its own
step.

For the formula of the step we need one thing more. Matrix products alone could let a state grow
without end, so each number of the state (a *unit*) is bent back into a fixed range. Two curves do
that in all of this lesson:

$$\tanh(a) = \frac{e^a - e^{-a}}{e^a + e^{-a}} \quad \text{between } -1 \text{ and } 1, \qquad \sigma(a) = \frac{1}{1 + e^{-a}} \quad \text{between } 0 \text{ and } 1$$

The second is called the sigmoid. How steep are they? Autograd knows.
"""

# %% bent-figure
bends = {"tanh": torch.tanh, "sigmoid": torch.sigmoid}
figure, panels = plots.canvas(8.0, 3.0, columns=2)
for panel, (name, bend) in zip(panels, bends.items(), strict=True):
    a = torch.linspace(-5, 5, 201).requires_grad_()
    curve = bend(a)
    curve.sum().backward()  # the slope of each value by its own a
    curves = {name: curve.detach(), "its slope": a.grad}  # detach: the numbers alone
    plots.lines(a.detach(), curves, "a", "", name, panel, markers=False)
    panel.axhline(0, color="#bbbbbb", linewidth=0.8, zorder=0)
    print(f"{name}: slope {a.grad[100]:.2f} at 0, {a.grad[160]:.3f} at 3, {a.grad[200]:.5f} at 5")
plots.show(
    figure,
    "Left: tanh rises from -1 to 1; its slope is a bell of height 1 around 0. Right: "
    "the sigmoid rises from 0 to 1; its slope is a low bell of height one quarter.",
)

# %% bent-caption [markdown]
r"""
**Figure.** Solid: the two curves; dashed: their slopes. Near 0 they are nearly straight. At both
ends they are flat: at $a = 3$ the slope of tanh is 0.01. A flat place is a dead place for learning,
because there a little more of the weight changes nothing. And no slope is ever above 1, that of the
sigmoid never above $1/4$. Remember this for the end of the lesson.
"""

# %% elman [markdown]
r"""
Now the step. The classic one comes from Elman (1990, *Finding structure in time*); the state is a
vector of $d_h$ numbers:

$$h_t = \tanh(W_x x_t + b_x + W_h h_{t-1} + b_h)$$

$W_x$ says what the input does to the state, $W_h$ what the old state does to the new one; $b_x$ and
$b_h$, the *biases*, are added whatever comes in. (Elman's
units had a sigmoid; tanh is usual today.) By hand, with one unit: $x = 1$, $h = 1$, $W_x = 2$,
$W_h = -4$, $b_x = 1.5$, $b_h = 0.5$ gives $\tanh(2 + 1.5 - 4 + 0.5) = \tanh(0) = 0$.
"""

# %% elman-drawing
x, h = torch.tensor([1.0]), torch.tensor([1.0])
parts = {"x": x, "h": h, "from x": 2 * x + 1.5, "from h": -4 * h + 0.5}
parts["sum"] = parts["from x"] + parts["from h"]
parts["new h"] = torch.tanh(parts["sum"])
print(", ".join(f"{name} {value.item():.1f}" for name, value in parts.items()))
plots.show(
    plots.rnn_cell(parts),
    "The step as a drawing: h = 1 goes through the weights W_h and becomes -3.5, x = 1 through "
    "W_x and becomes 3.5; the two are added to 0, tanh is taken, and the new h is 0.",
)

# %% elman-caption [markdown]
r"""
**Figure.** The calculation above as a flow from left to right: two products, one sum, one bend. The
yellow boxes hold what is learned.
"""

# %% rnn-exercise [markdown]
r"""
### Exercise: `rnn_step`

One step of a recurrent neural network (RNN), with weights laid out as `torch.nn.RNNCell` lays them
out, so that we can compare.

Shapes: `x (..., d_x)`, `h (..., d_h)`; `w_x (d_h, d_x)` and `w_h (d_h, d_h)` have **one row for
each new unit**; `b_x` and `b_h` are `(d_h,)`. Return the new `h (..., d_h)`. The dots stand for any
axes in front, or none: several sequences read side by side, a *batch*. Two biases do the work of
one; torch keeps both, so we do too. Gradients must reach everything that goes in.

Hint: With the vectors as rows, $W_x x$ is written `x @ w_x.T`: (..., d_x) times (d_x, d_h) gives
(..., d_h).

Hint: Both matrices are transposed. For `w_h` nothing would warn you, because it is square.

Hint: Add four things (two products, two biases), then one `torch.tanh` around all of them.

Help: I see `mat1 and mat2 shapes cannot be multiplied`
The last axis of the left factor must equal the first of the right one. `w_x` is (d_h, d_x), so it
is its transpose that fits behind `x`.
"""

# %% exercise points=2 difficulty=2 minutes=6
from course.sequences import rnn_step

# %% check
check(rnn_step)

# %% rnn-orders [markdown]
r"""
Does it notice order? We draw random weights for four units (nothing is trained), read all 120
orders of our five numbers, and count the final states, rounded to six digits. The orders are one
batch, so each step reads 120 numbers at once. In comments, T counts the steps and B the sequences
of a batch.
"""

# %% guess-rnn-orders
guess = None  # your guess: how many different final states, from 120 orders?


# %% rnn-orders-run
def draw(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


w_x, w_h = draw(4, 1, seed=1) / 4, draw(4, 4, seed=2) / 2
b_x, b_h = draw(4, seed=3), draw(4, seed=4)
readings = torch.tensor(orders, dtype=torch.float64).T[..., None]  # (T, B, d_x)
h = torch.zeros(len(orders), 4, dtype=torch.float64)
for x in readings:
    h = rnn_step(x, h, w_x, w_h, b_x, b_h)  # (B, d_h)
final_states = {tuple(state) for state in h.numpy().round(6).tolist()}
reveal(guess, len(final_states))
print(len(final_states), "final states from", len(orders), "orders")

# %% rnn-orders-lesson [markdown]
r"""
Every order leaves its own trace, even with random weights: the matrix $W_h$ turns and mixes the old
state at every step, so it matters when something came in. Such a state does not lose the order, as
the sum did. (It is still a small state: how much finds *room* in one, lesson 02 measures.)

That is the good news. But the same matrix turns and mixes *everything* at *every* step, wanted or
not. To hold one bit unchanged over a hundred steps, a plain RNN must do a hundred matrix products
and a hundred tanh, and come out where it was.
"""

# %% gate [markdown]
r"""
## A gate: keep or take

A better way to keep a thing is to leave it alone. Let a **gate** $z$ between 0 and 1 decide, for
each unit, what share of the old state stays; the rest is taken from new content $n$:

$$h_t = (1 - z) \odot n + z \odot h_{t-1}$$

($\odot$ multiplies entry by entry.) In numbers, with $h_{t-1} = 3$ and $n = 1$, for three gates:
"""

# %% gate-drawing
old, content, z = torch.tensor(3.0), torch.tensor(1.0), torch.tensor([1.0, 0.5, 0.0])
after = (1 - z) * content + z * old
titles = ["z = 1: keep", "z = 1/2: half of each", "z = 0: take"]
plots.show(
    plots.gates([old] * 3, [content] * 3, z, after, titles),
    "Three gates. With z = 1 a thick arrow leads from the old state 3 to the next state 3, and "
    "nothing comes from the new content. With one half both arrows are thinner, and the next "
    "state is 2. With z = 0 only the new content 1 comes through.",
)

# %% gru [markdown]
r"""
**Figure.** A gate is a tap between the old state and new content: the thicker the arrow, the more
comes through. Large $z$ means keep.

The gate looks at input and state itself, through weights of its own and a sigmoid $\sigma$, so the
network can *learn* when to keep. This is the gated recurrent unit, **GRU** (Cho et al. 2014). A
second gate, $r$ for reset, says how much of the old state the new content may look at:

$$\begin{aligned}
r &= \sigma(W_{xr} x_t + b_{xr} + W_{hr} h_{t-1} + b_{hr}) \\
z &= \sigma(W_{xz} x_t + b_{xz} + W_{hz} h_{t-1} + b_{hz}) \\
n &= \tanh(W_{xn} x_t + b_{xn} + r \odot (W_{hn} h_{t-1} + b_{hn}))
\end{aligned}$$
"""

# %% gru-drawing
parts = {"h": old, "r": torch.tensor(1.0), "z": z[1], "n": content, "new h": after[1]}
plots.show(
    plots.gru_cell(parts),
    "A GRU with one unit. The old state 3 goes straight to the right, is multiplied by z = 0.5, "
    "and is added to the new content 1 times one minus z; the new state is 2. Below, what comes "
    "from the old state is multiplied by r = 1, joins what comes from x, and goes through a tanh.",
)

# %% variants [markdown]
r"""
**Figure.** The GRU around the middle gate above (one unit; each $W$ is one number). Upper road: the
old state passes one gate and one sum, no matrix and no tanh. Lower road: new content is made. The
two gates, with dashed arrows, read $x$ and $h$ through weights of their own. (Round numbers, for
the head; a real $n$ stays below 1.)

**A trap on paper**: $z$ and $1 - z$ change places. Cho et al. keep the share $z$ of the old state,
as we do; Chung et al. (2014), three of them the same authors, keep $1 - z$. Neither is better, but
mixing them up turns keeping into forgetting. When you load weights, read the formula.

<details><summary>Which GRU is it? A second trap, for those who will load weights</summary>

Many texts print *another* GRU and do not say so. In the paper's published version (arXiv:1406.1078,
version 3) the reset comes before the matrix, $W_{hn}(r \odot h)$; its first version and PyTorch
have it after, as above. After is faster: all three products with $h$ become one large one. The two
are different functions, and weights trained for one are wrong for the other.

</details>
"""

# %% gru-exercise [markdown]
r"""
### Exercise: `gru_step`

The formulas above, with weights as in `torch.nn.GRUCell`.

The weights of the three parts lie below one another in the order **r, z, n**: `w_x (3 d_h, d_x)`,
`w_h (3 d_h, d_h)`, `b_x` and `b_h (3 d_h,)`. `x (..., d_x)`, `h (..., d_h)`; return the new
`h (..., d_h)`. Gradients must reach everything that goes in.

Hint: Multiply first, cut afterwards: `x @ w_x.T + b_x` holds the input's share of all three parts,
side by side on the last axis.

Hint: `.chunk(3, dim=-1)` cuts a tensor into three equal pieces along its last axis. Do it once for
what comes from `x` and once for what comes from `h`; they must stay apart, because $r$ multiplies
only the second.

Hint: With pieces `x_r, x_z, x_n` and `h_r, h_z, h_n`: each gate is `torch.sigmoid` of two pieces
added; `n` is `torch.tanh` of `x_n` plus `r` times `h_n` (which holds its bias already). Then mix.

Help: I see `an update gate of 1 (b_x = 1000 there) keeps the old state`
Either $z$ and $1 - z$ are exchanged, or the pieces are in another order than r, z, n.

Help: I see `on the case 'one batch', RuntimeError`
`chunk` needs `dim=-1`; without it, it cuts the first axis, which is right only where there is no
batch.
"""

# %% exercise points=3 difficulty=3 minutes=12
from course.sequences import gru_step

# %% check
check(gru_step)

# %% latch [markdown]
r"""
What is a gate good for? Here is a small test of memory. A stream of random values comes in, each
with a flag. *When the flag is 1, remember the value; otherwise ignore what comes.* We set the
weights of a GRU with one unit by hand: $z = \sigma(8 - 16 \cdot \text{flag})$. Without a flag, $z$
is nearly 1: keep. The flag brings $z$ down to nearly 0: take. What is taken is
$n = \tanh(\text{value})$. Beside it a plain RNN, $h_t = \tanh(\text{value} + 0.9 \, h_{t-1})$.
"""

# %% latch-run
T, flagged = 30, [1, 13]
flags = torch.zeros(T, dtype=torch.float64)
flags[flagged] = 1
stream = torch.stack([draw(T, seed=5), flags], dim=1)  # (T, d_x): value, flag
zero, zeros = torch.zeros(1).double(), torch.zeros(3).double()
w_rzn = torch.tensor([[0, 0], [0, -16], [1, 0]]).double()  # rows r, z, n; columns value, flag
b_rzn = torch.tensor([0, 8, 0]).double()
w_value, w_state = torch.tensor([[1, 0]]).double(), torch.tensor([[0.9]]).double()
gru = unroll(lambda x, h: (h, gru_step(x, h, w_rzn, zeros[:, None], b_rzn, zeros)), stream, zero)
rnn = unroll(lambda x, h: (h, rnn_step(x, h, w_value, w_state, zero, zero)), stream, zero)
kept, mixed = torch.cat(gru[1]), torch.cat(rnn[1])
for t in flagged:
    value, later = stream[t, 0].tanh(), t + 10
    print(f"stored {value:.2f}; 10 steps later: GRU {kept[later]:.2f}, RNN {mixed[later]:.2f}")

# %% latch-figure
figure, (axis,) = plots.canvas(8.0, 3.2)
curves = {"tanh(value)": stream[:, 0].tanh(), "GRU": kept, "RNN": mixed}
plots.lines(range(T), curves, "t", "state h", "remember the flagged values", axis)
for t in flagged:
    axis.axvline(t, color="gray", linewidth=0.8)
axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
plots.show(
    figure,
    "A jagged stream of values; the state of the GRU jumps at two marked moments "
    "and stays level after them, the state of the RNN wanders with the stream.",
)

# %% latch-caption [markdown]
r"""
**Figure.** The state over time; the grey lines mark the two flags. The GRU (squares) takes the
value at the flag and then runs level, whatever comes in: each step keeps the share $\sigma(8)
\approx 0.9997$. The RNN (triangles) mixes every input into its state, and ten steps later it holds
something else. (It does not look at the flag. A weight on the flag would not save it: the flag
could only be *added* to the sum; it cannot shut the value out.)
"""

# %% same-as-torch [markdown]
r"""
The moment of truth: take the two cells that PyTorch ships, as they are, and read one batch with
theirs and with yours.
"""

# %% same-as-torch-run
torch.manual_seed(0)
x, h = torch.randn(5, 3), torch.randn(5, 4)
torch_rnn, torch_gru = nn.RNNCell(3, 4), nn.GRUCell(3, 4)
with torch.no_grad():
    pairs_of_states = {
        "RNN": (rnn_step(x, h, *torch_rnn.parameters()), torch_rnn(x, h)),
        "GRU": (gru_step(x, h, *torch_gru.parameters()), torch_gru(x, h)),
    }
for name, (yours, torchs) in pairs_of_states.items():
    print(name, "the same as torch's:", torch.allclose(yours, torchs, atol=1e-6))

# %% bit [markdown]
r"""
## Training finds the bit

**A second place to pause**: the steps are built; what follows is training.

Back to the dogs. The counter believed in the right verb with 0.64, and the hand-made reader carried
one bit that a person had chosen. Now a network reads the same 200 sentences, with *your* steps in
it. Will it find the bit that nobody names?

A network computes with numbers, so each word gets its place in a list, and each sentence becomes a
row of ten such places: START, eight words, END.
"""

# %% bit-numbers
words = ["START", *vocabulary]
place = {word: number for number, word in enumerate(words)}


def numbered(sentences: list[list[str]]) -> Tensor:
    return torch.tensor([[place[word] for word in padded(s, 2)] for s in sentences])


study, exam = numbered(training), numbered(held_out)  # (B, 10)
print(" ".join(padded(training[0], 2)))
print(study[0].tolist(), "of", len(words), "words")
best_counter, sure = min(results["held out"]), max(results["right verb"])
print(f"to learn from: {len(study)} sentences; for the exam: {len(exam)}")
print(f"the counters: best perplexity {best_counter:.2f}, best belief in the right verb {sure:.2f}")

# %% bit-network [markdown]
r"""
The network is a list of six tensors, random at first: one vector of 32 numbers for each word (the
input $x$; lesson 03 is about such vectors), the four weights of a step, and for each word a row
that turns the state into the score of this word as the next one. To read is to `unroll` the step.
(From here on the given cells are longer. Read the text and what they print; the code can wait.)
"""

# %% bit-network-code
size = 32


def draw_network(n_parts: int, seed: int) -> list[Tensor]:
    """Vectors, w_x, w_h, b_x, b_h, rows of the scores; n_parts is 1 for an RNN, 3 for a GRU."""
    rows, rng = n_parts * size, torch.Generator().manual_seed(seed)
    shapes = [(len(words), size), (rows, size), (rows, size), (rows,), (rows,), (len(words), size)]
    # divided, so that a sum of 32 products stays near 1
    weights = [torch.randn(shape, generator=rng) / size**0.5 for shape in shapes]
    return [weight.requires_grad_() for weight in weights]


def states_of(step: Callable, network: list[Tensor], xs: Tensor) -> Tensor:
    """xs (T, B, size) -> the state after each of them, (T, B, size)"""
    start = torch.zeros(xs.shape[1], size)
    return torch.stack(unroll(lambda x, h: (None, step(x, h, *network[1:5])), xs, start)[1])


def scores_of(step: Callable, network: list[Tensor], numbers: Tensor) -> Tensor:
    """numbers (B, T) -> a score for each word as the next one, (T, B, V)"""
    xs = network[0][numbers.T]  # a tensor of places as index: for each place its row
    return states_of(step, network, xs) @ network[5].T


# %% bit-exam [markdown]
r"""
The exam is that of the counters: perplexity on the 300 held-out sentences (with your `perplexity`),
and the belief in the right verb. Softmax turns scores into probabilities, as in lesson 00.
"""


# %% bit-exam-code
def exam_of(step: Callable, network: list[Tensor]) -> tuple[float, float]:
    """Perplexity, and the mean belief in the right verb, on the held-out sentences."""
    with torch.no_grad():
        chances = scores_of(step, network, exam[:, :-1]).softmax(dim=-1)  # (T, B, V)
    # gather picks, at each place, the entry of the word that came
    right = chances.gather(-1, exam.T[1:, :, None])[..., 0]  # (T, B)
    both_verbs = chances[6][:, [place["is"], place["are"]]].sum(dim=-1)
    return perplexity(right.flatten().tolist()), (right[6] / both_verbs).mean().item()


# %% bit-train [markdown]
r"""
And this is a training loop. Every later one looks like it. Line by line:

- `torch.optim.Adam` does the step downhill, with two refinements: it follows a running mean of the
  last slopes, and each weight gets a step length of its own, from the size of the slopes that it
  has seen (Kingma and Ba 2015).
- `scores_of` asks the network for the next word at each place of all 200 sentences at once; the
  right answers are the same sentences, one word later.
- `cross_entropy` takes the softmax of the scores and then the mean surprise $-\ln p$ of the right
  words: the logarithm of the perplexity. This is the loss.
- `zero_grad()` wipes out the slopes of the last round, because `backward()` adds to what is there.
- `backward()` fills in the new slopes, `optimizer.step()` moves all weights.
"""


# %% bit-train-code
def train(step: Callable, n_parts: int, seed: int = 0, n_steps: int = 80) -> tuple[list, list]:
    """A network trained on the 200 sentences, and its exams before every fifth step."""
    network, exams = draw_network(n_parts, seed), []
    optimizer = torch.optim.Adam(network, lr=0.02)
    for number in range(n_steps):
        if number % 5 == 0:
            exams.append(exam_of(step, network))
        scores = scores_of(step, network, study[:, :-1])  # (T, B, V)
        # (T * B, V), a row of scores for each place, and the right words in the same order
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), study.T[1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network, [*exams, exam_of(step, network)]


# %% guess-bit [markdown]
r"""
After 80 such steps: what will be the GRU's mean belief in the right verb of a new sentence? A coin
toss is 0.5, the counter with $n = 6$ had 0.64, certainty is 1.
"""

# %% guess-bit-cell
guess = None  # your guess: a number between 0.5 and 1

# %% bit-run
steps, uncertain, belief = {"RNN": (rnn_step, 1), "GRU": (gru_step, 3)}, {}, {}
trained = {name: train(step, n_parts) for name, (step, n_parts) in steps.items()}
for name, (_, exams) in trained.items():
    uncertain[name], belief[name] = zip(*exams, strict=True)
    lowest, undecided = min(uncertain[name]), sum(one < 0.55 for one in belief[name])
    when = 5 * uncertain[name].index(lowest)
    print(f"{name}: a coin toss up to step {5 * (undecided - 1)};",
          f"best perplexity {lowest:.2f}, at {when}")
    print(f"     in the end, belief in the right verb {belief[name][-1]:.2f}")
reveal(guess, round(belief["GRU"][-1], 2))
least = math.exp((math.log(16) + 3 * math.log(6)) / 9)
print(f"nobody who reads this language can do better than {least:.2f}")

# %% bit-figure
figure, (left, right) = plots.canvas(8.0, 3.2, columns=2)
taken = range(0, 5 * len(belief["GRU"]), 5)
plots.lines(taken, uncertain, "steps", "perplexity", "new sentences", left)
left.set_ylim(2.3, 4)
for name, level, style in (("best counter", best_counter, ":"), ("the language", least, "-")):
    left.axhline(level, color="gray", linestyle=style, linewidth=1)
    left.text(80, level - 0.02, name, ha="right", va="top", fontsize=9)
plots.lines(taken, belief, "steps", "belief in the right verb", "is or are?", right)
right.set_ylim(0, 1.05)
plots.show(
    figure,
    "Left: perplexity on new sentences falls below the dotted line of the best counter, nearly to "
    "that of the language itself, and then rises slowly. Right: the belief in the right verb "
    "stays at one half for a while, for the GRU longer, and then climbs steeply to nearly 1.",
)

# %% bit-caption [markdown]
r"""
**Figure.** Left: both networks beat the best counter (3.06, dotted) and come down to 2.55 and 2.57.
The language itself leaves 2.47 (solid): noun, kind, place and ending are free choices, whoever
reads. Right: the interesting curve. At first the verb is a coin toss, while the networks learn
which words follow which. Then they find the bit, and soon they are sure, on new sentences too. (In
this run the RNN is first. A likely reason: over five steps no gate is needed, and before training a
gate stands half shut, which makes a signal fade a little faster, as you will measure below. What a
gate is good for shows over a longer way.)

Afterwards the perplexity on new sentences rises again. Afterwards the perplexity on new sentences
rises again, though training goes on. That is the usual sign of *overfitting*: with only 200
sentences, a network begins to learn them by heart. To stop in time is a remedy, more text a better
one.
"""

# %% inside [markdown]
r"""
Where is the bit? Read two beginnings that differ in one letter, and measure how far apart the two
states are after each word: as a whole, and unit by unit.
"""

# %% inside-run
gru_network = trained["GRU"][0]


def states_while_reading(beginning: str) -> Tensor:
    """The GRU's state after START and after each word, (T + 1, size)."""
    numbers = torch.tensor([[place[word] for word in ["START", *beginning.split()]]])
    return states_of(gru_step, gru_network, gru_network[0][numbers.T])[:, 0].detach()


beginnings = "the dog in the green yard", "the dogs in the green yard"
one_state, many_state = map(states_while_reading, beginnings)
apart = (many_state - one_state).abs()  # (T + 1, size)
read = ["START", *beginnings[1].split()]
for word, distance in zip(read, apart.norm(dim=-1), strict=True):
    print(f"after {word}: the two states are {distance:.2f} apart")
for state, verb in ((one_state[-1], "is"), (many_state[-1], "are")):
    chance = (state @ gru_network[5].T).softmax(dim=-1)[place[verb]]
    print(f"next word: {verb} with {chance:.2f}")

# %% inside-drawing
figure, (axis,) = plots.canvas(8.0, 2.6)
plots.heatmap(apart, read, [""] * size, axis=axis)
axis.set(xticks=[], xlabel="the 32 units of the state")
print(f"the brightest tile: {apart.max():.2f} apart")
plots.show(
    figure,
    "Seven rows, one for each word read; 32 columns, one for each unit of the state. The rows of "
    "START and the are dark: no difference. From dogs on each row has bright tiles, in every row "
    "others; one column is bright from in to the end.",
)

# %% inside-caption [markdown]
r"""
**Figure.** By how much each unit differs between *dogs* and *dog*, the brighter the more; the
brightest tile stands for the number printed above. Up to the first *the* there is no difference. At
the noun the two states part, and they stay apart to the end, though four equal words come between:
from *in* on one unit stays apart (the bright column), and many others join in and drop out with
every word. Is that one unit enough? In the state of *dog* we give it the value that it has for
*dogs*, and read on.
"""

# %% inside-exchange
bright = apart[3:].amin(dim=0).argmax().item()  # apart from "in" on
with torch.no_grad():
    for t in range(3, len(read)):
        state = one_state[t].clone()
        state[bright] = many_state[t, bright]
        for word in read[t + 1 :]:
            state = gru_step(gru_network[0][place[word]], state, *gru_network[1:5])
        chances = (state @ gru_network[5].T).softmax(dim=-1)
        verbs = ", ".join(f"{verb} {chances[place[verb]]:.2f}" for verb in ("is", "are"))
        print(f"exchanged after {read[t]}: {verbs}")

# %% inside-exchange-meaning [markdown]
r"""
Right after *in* this unit alone is enough: the dog gets *are*. Two words later it is not: it is
still as far apart as before, but the other units, left as they are for *dog*, now outweigh it.
Nobody told a unit what to do. This is what a hidden state is: not a list of words, but whatever
turned out to be worth keeping.
"""

# %% network-writes [markdown]
r"""
And it can write. The loop is your `generate` once more; inside it, this time, is the network. (For
simplicity it reads the whole context again for each word, though a state could be carried along.)
How many verbs are right, and how many beginnings are copied from the 200 sentences?
"""


# %% judged
def judged(sentences: list[list[str]]) -> tuple[int, int, int]:
    """How many of them have a verb in the seventh place, have the right one, are copied so far."""
    known = {tuple(s[:7]) for s in training}
    whole = [s for s in sentences if s[6:7] in (["is"], ["are"]) and s[1] in ONE + MANY]
    right = [s for s in whole if (s[1] in ONE) == (s[6] == "is")]
    return len(whole), len(right), sum(tuple(s[:7]) in known for s in whole)


# %% network-writes-run
def speaker(network: list[Tensor], rng: random.Random) -> Callable:
    """A model for generate: it draws the next word with the probabilities of the GRU."""

    def next_word(context: list[str]) -> str:
        numbers = torch.tensor([[place[word] for word in context]])
        with torch.no_grad():
            chances = scores_of(gru_step, network, numbers)[-1, 0].softmax(dim=-1)
        return rng.choices(words, chances.tolist())[0]

    return next_word


model = speaker(gru_network, random.Random(1))
written = [generate(model, ["START"], END, max_tokens=12) for _ in range(60)]
print(*[" ".join(sentence) for sentence in written[:3]], sep="\n")
print("{} with a verb, {} right, {} copied".format(*judged(written)))
possible = (len(ONE) + len(MANY)) * len(KINDS) * len(PLACES)
by_chance = len(written) * len({tuple(s[:7]) for s in training}) / possible
print(f"copied by chance, of {possible} possible beginnings: {by_chance:.0f}")

# %% network-writes-lesson [markdown]
r"""
Compare this with the counter with $n = 6$, which had every verb right because it copied every
beginning. The network is right as well, and more than half of its beginnings are its own. (25 of 60
are copies; chance alone would make 18.)
"""

# %% long-way [markdown]
r"""
## Why it is hard to remember for long

Five steps are not far. What if the noun is 41 words away? To learn that the noun matters, the
network must notice it: a slightly different noun vector must make a difference at the verb. That
difference has to pass every step between. By the chain rule, the slope of the end by the beginning
is a **product**, one factor for each step. (Read $\partial h_T / \partial h_t$ as: how much $h_T$
changes when $h_t$ changes a little. For a state of one unit it is one number, for more units a
table of slopes; the product holds for both.)

$$\frac{\partial h_T}{\partial h_t} = \frac{\partial h_T}{\partial h_{T-1}} \cdots \frac{\partial h_{t+2}}{\partial h_{t+1}} \, \frac{\partial h_{t+1}}{\partial h_t}$$

If every factor is 0.9, what is the product of a hundred of them? And if every factor is 1.1?
"""

# %% guess-powers
guess = None  # your guess: 0.9 to the power of 100

# %% reveal-powers
reveal(guess, 0.9**100)
print(f"and 1.1 to the power of 100 is {1.1**100:.0f}")

# %% felt [markdown]
r"""
The first is called a **vanishing** gradient, the second an **exploding** one (Hochreiter 1991;
Bengio, Simard and Frasconi 1994). Exploding has a simple remedy: when the gradient is too long,
shorten it (*clipping*, Pascanu, Mikolov and Bengio 2013). Against vanishing there is no such trick:
what is not there cannot be made longer.

Now measure it in real networks, before any training. We put ten phrases between noun and verb, such
as *in the quiet park*, and ask autograd: how strongly does the score of *are* against *is* at the
end feel the vector of each word? Three networks: the RNN, the GRU, and the GRU with one change: 3
is added to the bias of its gate $z$. Since $\sigma(3) \approx 0.95$, that gate begins by keeping.
"""


# %% felt-code
def far_sentences(n_phrases: int, count: int, rng: random.Random) -> tuple[Tensor, Tensor]:
    """Beginnings up to the verb, (count, T), and which of them need "are"."""
    texts = []
    for _ in range(count):
        phrases = [["in", "the", rng.choice(KINDS), rng.choice(PLACES)] for _ in range(n_phrases)]
        texts.append(["the", rng.choice(ONE + MANY), *itertools.chain(*phrases)])
    many = torch.tensor([int(text[1] in MANY) for text in texts])
    return torch.tensor([[place[word] for word in text] for text in texts]), many


def verb_scores(step: Callable, network: list[Tensor], xs: Tensor) -> Tensor:
    """xs (T, B, size) -> the scores of "is" and "are" after the last of them, (B, 2)"""
    return states_of(step, network, xs)[-1] @ network[5][[place["is"], place["are"]]].T


# %% felt-measure
def drawn(name: str, seed: int = 1) -> tuple[Callable, list[Tensor]]:
    """A step, and a network for it as it is before training."""
    step, n_parts = steps[name.split(",")[0]]
    network = draw_network(n_parts, seed)
    if "open" in name:
        # b_x, its second part: z; .data changes it without autograd
        network[3].data[size : 2 * size] += 3
    return step, network


names, felt = ["RNN", "GRU", "GRU, open gate"], {}
numbers, _ = far_sentences(10, 50, random.Random(0))
for name in names:
    step, network = drawn(name)
    xs = network[0][numbers.T].detach().requires_grad_()  # (T, B, size)
    # the sum over the 50 beginnings, which do not touch each other
    is_score, are_score = verb_scores(step, network, xs).sum(dim=0)
    (are_score - is_score).backward()
    felt[name] = xs.grad.norm(dim=-1).mean(dim=-1).flip(0)  # the last word first
    print(f"{name}: gradient at last word {felt[name][0]:.0e}, at the noun {felt[name][40]:.0e}")

# %% felt-figure
figure, (axis,) = plots.canvas(8.0, 3.2)
curves = {name: felt[name][:41] for name in names}
plots.lines(range(1, 42), curves, "words back", "length of the gradient", "", axis, log_y=True)
for name, curve in curves.items():
    left_over = (curve[-1] / curve[0]).item()
    print(f"{name}: {left_over:.2g} is left after 40 steps, {left_over ** (1 / 40):.2f} a step")
plots.show(
    figure,
    "How strongly the verb feels a word, against the distance of the word, log scale. "
    "RNN and GRU fall in nearly straight lines, the GRU with open gate stays high.",
)

# %% felt-caption [markdown]
r"""
**Figure.** The length of the gradient at each word, counted back from the verb; the vertical axis
counts powers of ten. A straight line that falls means: each step takes the same share away. The
plain GRU falls even faster than the RNN (0.73 a step against 0.77): before training its gates stand
near one half, and a gate that is half shut protects nothing. With the gate opened, nearly a fifth
(0.19) of what the last word does still arrives from the noun. (Its curve begins lower: a gate that
keeps lets in little of each new word. Other random weights give other numbers and the same order.)

Now let each of them learn: 40 steps of training, each on 50 new sentences, once with the verb 13
words after the noun and once 41 words after it. Your guess: which of the three will find the bit
over 41 words?
"""

# %% guess-far
guess = None  # your guess: "none", "RNN", "GRU" or "GRU, open gate"


# %% far-code
def learn_far(
    name: str, n_phrases: int, n_steps: int = 40, seed: int = 1
) -> tuple[float, list[Tensor]]:
    """Trained to say the verb after so many phrases: the share of right verbs, of 300 new ones,
    and the network."""
    (step, network), rng = drawn(name, seed), random.Random(0)
    optimizer = torch.optim.Adam(network, lr=0.01)
    for _ in range(n_steps):
        numbers, many = far_sentences(n_phrases, 50, rng)
        loss = nn.functional.cross_entropy(verb_scores(step, network, network[0][numbers.T]), many)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    numbers, many = far_sentences(n_phrases, 300, rng)
    with torch.no_grad():
        said = verb_scores(step, network, network[0][numbers.T]).argmax(dim=-1)
    return (said == many).float().mean().item(), network


# %% far-run
far_shares, far_networks = {}, {}
for name in names:
    near, _ = learn_far(name, 3)
    far_shares[name], far_networks[name] = learn_far(name, 10)
    print(f"{name:15} right verbs 13 words on {near:.2f}, 41 words on {far_shares[name]:.2f}")
reveal(guess, " and ".join(name for name in names if far_shares[name] > 0.9) or "none")

# %% far-inside
numbers = far_sentences(10, 1, random.Random(2))[0].repeat(16, 1)
numbers[:, 1] = torch.tensor([place[noun] for noun in ONE + MANY])  # one text, 16 nouns
network = far_networks["GRU, open gate"]
longer, many = far_sentences(80, 200, random.Random(5))
with torch.no_grad():
    states = states_of(gru_step, network, network[0][numbers.T])  # (T, 16, size)
    verbs = verb_scores(gru_step, network, network[0][longer.T]).argmax(dim=-1)
parted = (states[:, 8:].mean(dim=1) - states[:, :8].mean(dim=1)).abs()  # (T, size)
unit = parted[-1].argmax().item()
bands = {"one": states[:, :8, unit], "many": states[:, 8:, unit]}
for name, band in bands.items():
    print(f"{name}: at the end between {band[-1].min():.2f} and {band[-1].max():.2f}")
print(f"this unit: {parted[1, unit]:.2f} apart after the noun, {parted[-1, unit]:.1f} at the end;",
      f"apart by 0.7 or more: {(parted[-1] > 0.7).sum()} of {size} units")
print(f"{longer.shape[1] - 1} words after the noun: {(verbs == many).sum()} of 200 verbs are right")

# %% far-figure
figure, (axis,) = plots.canvas(8.0, 3.0)
for (name, band), style, color in zip(bands.items(), ("-", "--"), plots.COLOURS, strict=False):
    axis.plot(range(1, 43), band, style, color=color, linewidth=1)
    axis.text(42.5, band[-1].mean(), name, va="center")
axis.set(xlabel="words read", ylabel="state of one unit", xlim=(0, 45))
plots.show(
    figure,
    "Sixteen curves, one for each noun, begin together near 0 and part into two bands: the eight "
    "nouns for one end near -0.9, the eight for many near 0.9.",
)

# %% far-caption [markdown]
r"""
**Figure.** One unit of the network that did find the bit, while it reads one text of 42 words with
each of the 16 nouns in the second place (solid: one, dashed: many). The two kinds part slowly:
right after the noun by 0.03, at the end by 1.8. This time no single unit holds the bit: 31 of the
32 part by 0.7 or more, and the state as a whole tips to one of two sides. And there it stays:
trained on 41 words, the network is right in 200 of 200 sentences over 321. We only opened the gate;
40 steps downhill did the rest.

Over a distance of 13 words all three networks got the verb right. Over 41 only the one with the
open gate did; the other two toss a coin, though the task is the same, and one bit would do. In
these draws hardly anything of their gradient reaches the noun, as measured above, so almost nothing
tells them that it matters.

Would patience help them, more steps? Or luck, other first weights?
"""

# %% far-luck
for name in ("RNN", "GRU"):
    print(f"{name}, 300 steps: right verbs {learn_far(name, 10, n_steps=300)[0]:.2f}")
for name in names:
    luck = [learn_far(name, 10, seed=seed)[0] for seed in range(4)]
    print(f"{name:15} 40 steps from four draws:", *(f"{share:.2f}" for share in luck))

# %% far-answer [markdown]
r"""
Patience does not help: after 300 steps both still toss a coin. Luck may: from the first of the four
draws the RNN does find the bit (0.95). The plain GRU finds it from none of them, the GRU with the
open gate from all.

This answers the third question of the lesson. To *hold* something for long is possible: a gate can
do it. To *find out* that it should be held is hard: learning needs a signal that comes back over
the whole distance, each step takes a share of it, and what arrives must still outweigh all that the
other words do.
"""

# %% shorter-way [markdown]
r"""
There is another way out, and it is the one this course is about. The trouble comes from the *length
of the way*: between two words that are 100 steps apart, the signal passes 100 steps. What if the
later word could look at the earlier one **directly**? Then the way is one step long, whatever the
distance. That is attention: lesson 02 adds it to a recurrent network, and lesson 04 builds a
network of nothing else.
"""

# %% side-road [markdown]
r"""
## Side road: the LSTM, and the gradient in full

**You may skip this.** Two exercises are here, `lstm_step` (10 minutes) and `state_jacobian_norms`
(25 minutes, the hardest of the lesson); they carry points where you have a teacher. The
second measures what you have just seen for *all* directions of a state at once, and asks the LSTM
the same question. No later lesson needs either. Without them you miss what is true of the sentence
"the LSTM solves the vanishing gradient". To go on: [What you built, what to
remember](#What-you-built,-what-to-remember).
"""

# %% lstm [markdown]
r"""
### Two states: the LSTM

The protected memory is older than the GRU: Hochreiter and Schmidhuber's long short-term memory,
**LSTM** (1997). Today's form differs from the GRU in four things. It carries two vectors: the cell
$c$, which is kept, and $h$, which is shown to the world. It has two gates where the GRU has $z$ and
$1 - z$, so it can keep everything *and* add something. A third gate says what is shown. And it has
no reset gate: the new content always sees all of $h$.

$$\begin{aligned}
i, f, o &= \sigma(\dots), \qquad g = \tanh(\dots) \\
c_t &= f \odot c_{t-1} + i \odot g \\
h_t &= o \odot \tanh(c_t)
\end{aligned}$$

Each $\dots$ is $W_x x_t + b_x + W_h h_{t-1} + b_h$ with its own rows of the weights. The forget
gate $f$ is the share of $c$ that is **kept** (the name says the opposite); the input gate $i$ is
the share of the new content $g$ that is added. The LSTM of 1997 had no forget gate, its cell kept
everything; Gers, Schmidhuber and Cummins added it in 2000, and today "LSTM" means theirs. Chung et
al. (2014) found LSTM and GRU about equally good.
"""

# %% lstm-by-hand [markdown]
r"""
By hand, with one unit: let all three gates be $\frac{1}{2}$ and the new content 1, and let the cell
hold $-1$. Then $c_t = \frac{1}{2} \cdot (-1) + \frac{1}{2} \cdot 1 = 0$ and
$h_t = \frac{1}{2} \tanh(0) = 0$.
"""

# %% lstm-drawing
c, g, half = torch.tensor(-1.0), torch.tensor(1.0), torch.tensor(0.5)
parts = {"c": c, "f": half, "i": half, "g": g, "o": half, "new c": half * c + half * g}
parts["new h"] = half * torch.tanh(parts["new c"])
plots.show(
    plots.lstm_cell(parts),
    "An LSTM with one unit. Above, the cell -1 goes to the right, is multiplied by the forget "
    "gate, gets the new content times the input gate added, and becomes 0. From there a way leads "
    "down through a tanh and the output gate to the new h, 0.",
)

# %% lstm-caption [markdown]
r"""
**Figure.** The calculation by hand. (Round numbers again: no tanh gives exactly 1.) The upper road
is the one that matters: the old cell meets no matrix and no tanh. With $f = 1$ and $i = 0$ it stays
as it is, to the last digit, for as long as you like.
"""

# %% lstm-exercise [markdown]
r"""
### Exercise: `lstm_step`

One step of an LSTM, with weights as in `torch.nn.LSTMCell`.

The weights of the four parts lie below one another in the order **i, f, g, o**: `w_x (4 d_h, d_x)`,
`w_h (4 d_h, d_h)`, `b_x` and `b_h (4 d_h,)`. `x (..., d_x)`, `h` and `c (..., d_h)`. Return the two
new states as a tuple, **h first**, then c. Gradients must reach everything that goes in.

Hint: Here nothing stands between the input's part and the state's part, so add the two products and
the two biases first and cut the sum into four.

Hint: Three of the four pieces go through a sigmoid, the piece `g` through a tanh.

Hint: First the new c: forget gate times old c plus input gate times new content. Then the new h
from the *new* c: output gate times its tanh. Return both.

Help: I see `c stays as it is`
The check opened the forget gate and shut the input gate, and still your cell changed. Are the
pieces in the order i, f, g, o? Is there a `1 - f`?

Help: I see `part [0] of the output`, and c (part [1]) is right
Part [0] is h. Does it come from the new c? Has that gone through its tanh?
"""

# %% exercise points=3 difficulty=3 minutes=10
from course.sequences import lstm_step

# %% check
check(lstm_step)

# %% same-lstm-run
torch.manual_seed(0)
x, h, c = torch.randn(5, 3), torch.randn(5, 4), torch.randn(5, 4)
lstm = nn.LSTMCell(3, 4)
with torch.no_grad():
    yours, torchs = lstm_step(x, h, c, *lstm.parameters()), lstm(x, (h, c))
same = all(torch.allclose(*pair, atol=1e-6) for pair in zip(yours, torchs, strict=True))
print("LSTM the same as torch's:", same)

# %% derivative [markdown]
r"""
### The derivative of the end by the beginning

Above, we looked at one score and its slope. A state has many units, so the full answer to "how much
does the last state feel the state at time $t$?" is a table: for each unit of $h_T$ and each unit of
$h_t$ one slope. This table of derivatives is called the **Jacobian**,
$\partial h_T / \partial h_t$. The product above holds for it as well, with matrices for factors.

How large is a matrix? Let it act on all vectors of length 1 and take the longest result. This
largest stretch is the **spectral norm**; it is also called the largest *singular value*. A norm of
one thousandth says: whatever you change in $h_t$, at most a thousandth of it arrives.
"""

# %% jacobian-exercise [markdown]
r"""
### Exercise: `state_jacobian_norms`

Build the instrument: how strongly does the last state feel each state before it?

`step(x, h)` returns `(y, new h)` as in `unroll`; `xs (T, d_x)`; `h0 (d_h,)`. Return a list of
`T + 1` numbers: for $t = 0, 1, \dots, T$ the **spectral norm** of $\partial h_T / \partial h_t$.
The caller's `h0` must stay as it is, and not begin to ask for its gradient.
The last number is always 1: a state feels itself as it is.

Tiny example: with $h_t = \frac{1}{2} h_{t-1} + x_t$ and three steps the four numbers are
$0.5^3 = 0.125$, $0.5^2 = 0.25$, 0.5 and 1.

Hint: Take a copy of `h0` that asks for its gradient, `h0.clone().requires_grad_()`, and `unroll`
from there. All states, this copy first, are then tensors that autograd knows.

Hint: `torch.autograd.grad(one_number, states, retain_graph=True)` gives the derivatives of one
number by every state at once. One unit of $h_T$ gives one row of each Jacobian; so call it for
every unit of the last state.

Hint: Call the result for unit $i$ and state $t$ `rows[i][t]`, of shape (d_h,). Stacked over $i$,
these are the rows of the Jacobian at $t$: `torch.stack(..., dim=...)` until you have (T + 1, d_h,
d_h). `torch.linalg.matrix_norm(..., ord=2)` takes the norm of each, `.tolist()` makes numbers.

Help: I see `element 0 of tensors does not require grad`
Nothing in the graph asks for a gradient. Make the copy of `h0` that asks for it *before* you
unroll, and unroll from the copy.

Help: I see `Trying to backward through the graph a second time`
Each unit needs a pass through the same graph: `retain_graph=True` keeps it.
"""

# %% exercise points=3 difficulty=4 minutes=25
from course.sequences import state_jacobian_norms

# %% check
check(state_jacobian_norms)

# %% radius-setup [markdown]
r"""
Now measure a real RNN: 32 units, 100 steps, random inputs. As recurrent matrix we take a random
matrix that only turns vectors and changes no length (such a matrix is called *orthogonal*), times a
number $\rho$. Each step then stretches every vector by exactly $\rho$. Of any matrix one can ask by
how much a step of it stretches in the long run: that is its **spectral radius**. Two panels:
first without tanh, then with it. The inputs are small, so that tanh stays near its straight middle.
"""

# %% radius-run
T, d_x, d_h = 100, 16, 32
inputs = draw(T, d_x, seed=6)
turn = torch.linalg.qr(draw(d_h, d_h, seed=7)).Q
w_x, no_bias = draw(d_h, d_x, seed=8) / d_x**0.5, torch.zeros(d_h).double()


def rnn_reach(radius: float, tanh: bool, scale: float = 0.1) -> list[float]:
    """Norms of d h_T / d h_(T - k) for k = 0 ... T."""

    def step(x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        straight = x @ w_x.T * scale + h @ (radius * turn).T
        h = rnn_step(x * scale, h, w_x, radius * turn, no_bias, no_bias) if tanh else straight
        return h, h

    return [float(norm) for norm in state_jacobian_norms(step, inputs, no_bias)][::-1]


# %% radius-measure
radii = (0.7, 0.9, 1.0, 1.1, 1.5)
reach = {"without tanh": {}, "with tanh": {}}
for title, curves in reach.items():
    for radius in radii:
        curves[f"radius {radius}"] = rnn_reach(radius, tanh=title == "with tanh")[::10]
    print(f"{title}, 100 steps:", ", ".join(f"{name}: {n[-1]:.0e}" for name, n in curves.items()))

# %% radius-draw [markdown]
r"""
As a picture, with a logarithmic axis:
"""


# %% radius-draw-code
def draw_reach(panels: dict[str, dict[str, list]], limits: list[tuple]) -> plots.Figure:
    figure, axes = plots.canvas(8.4, 3.6, columns=2)
    for axis, (title, curves), ends in zip(axes, panels.items(), limits, strict=True):
        plots.lines(range(0, 101, 10), curves, "steps back", "norm", title, axis, log_y=True)
        axis.axhline(1, color="#cccccc", linewidth=3, zorder=0)
        axis.set_ylim(*ends)
    axes[0].get_legend().remove()  # the names are those of the right panel
    return figure


plots.show(
    draw_reach(reach, [(1e-18, 1e20)] * 2),
    "Norm of the Jacobian against distance, log scale, for five spectral radii. "
    "Without tanh five straight lines: two fall, one is level, two rise. "
    "With tanh the lines of radius above 1 rise far less, that of 1.1 not at all.",
)

# %% radius-caption [markdown]
r"""
**Figure.** How strongly the last state feels the one so many steps before it; the vertical axis
counts powers of ten, the broad light line is 1. Left: straight lines, $\rho^k$: after 100 steps
$3 \cdot 10^{-16}$ for a radius of 0.7 and $3 \cdot 10^{-5}$ for 0.9, but $10^{4}$ for 1.1 and
$4 \cdot 10^{17}$ for 1.5. Right: the slope of tanh is at most 1, so it can only take away: 0.9
falls to $10^{-6}$, 1.1 stays near 1 (0.4 at the end), and 1.5 still grows, to $5 \cdot 10^{3}$.
Without tanh
only a radius very close to 1 neither vanishes nor explodes; with tanh and these inputs it lies a
little above 1, and nothing keeps the weights in that band while they are trained.
"""

# %% saturation [markdown]
r"""
Is a radius of 1.1 then the cure? Break it: let the inputs be ten times as large. Where tanh is
pushed to its flat ends, its slope is nearly 0, and every step multiplies by that.
"""

# %% saturation-run
for radius in (0.9, 1.1):
    small = reach["with tanh"][f"radius {radius}"][-1]
    large = rnn_reach(radius, tanh=True, scale=1.0)[100]
    print(f"radius {radius}: small inputs {small:.0e}, inputs ten times as large {large:.0e}")

# %% theory [markdown]
r"""
The exact statement is more careful than it is usually told (Pascanu, Mikolov and Bengio 2013): a
largest singular value of $W_h$ below 1 is *enough* for the gradient to vanish; one above 1 is
*necessary* for it to explode, not enough. It may still vanish, as you have just seen. (For our
matrix the largest singular value and the spectral radius are one number, $\rho$. For others the
first can be much larger, and it is what bounds a single step.)
"""

# %% gates-question [markdown]
r"""
And the gated networks? You have an LSTM; measure. First with weights as PyTorch draws them (uniform
between $\pm 1/\sqrt{d_h}$, biases too), then once more with 3 added to the biases of the gate that
keeps (the update gate $z$ of the GRU, the forget gate $f$ of the LSTM). The plain RNN has no such
gate. The state of the LSTM is $h$ and $c$ together, one vector of twice the length.

Your guess: over 100 steps, with the weights as they are drawn, does the LSTM's norm stay above a
hundredth?
"""

# %% guess-lstm
guess = None  # your guess: "yes" or "no"


# %% gates-run
def gated_reach(cell: nn.Module, opened: float) -> list[float]:
    """Norms of d h_T / d h_(T - k), k = 0 ... T, for a torch cell's weights,
    its keeping gate opened so far."""
    w_x, w_h, b_x, b_h = (weight.detach().double() for weight in cell.parameters())
    # the second block of rows: z of a GRU, f of an LSTM; an RNN has none
    b_x[d_h : 2 * d_h] += opened

    def step(x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        if isinstance(cell, nn.LSTMCell):
            state = torch.cat(lstm_step(x, *state.chunk(2), w_x, w_h, b_x, b_h))
        else:
            one_step = rnn_step if isinstance(cell, nn.RNNCell) else gru_step
            state = one_step(x, state, w_x, w_h, b_x, b_h)
        return state, state

    start = torch.zeros(2 * d_h if isinstance(cell, nn.LSTMCell) else d_h, dtype=torch.float64)
    return [float(norm) for norm in state_jacobian_norms(step, inputs, start)][::-1]


# %% gates-figure
torch.manual_seed(10)
cells = {"RNN": nn.RNNCell(d_x, d_h), "GRU": nn.GRUCell(d_x, d_h), "LSTM": nn.LSTMCell(d_x, d_h)}
gated = {"weights as torch draws them": {}, "keeping gate opened by 3": {}}
for (title, curves), opened in zip(gated.items(), (0, 3), strict=True):
    for name, cell in cells.items():
        curves[name] = gated_reach(cell, opened)[::10]
    print(f"{title}, 100 steps:", ", ".join(f"{name}: {n[-1]:.0e}" for name, n in curves.items()))
reveal(guess, "yes" if gated["weights as torch draws them"]["LSTM"][-1] > 0.01 else "no")
plots.show(
    draw_reach(gated, [(1e-34, 1e4)] * 2),
    "Norm of the Jacobian against distance, log scale. Left, weights as drawn: "
    "RNN, GRU and LSTM all fall, to 2e-33, 8e-21 and 2e-19. "
    "Right, gate opened: the RNN falls as before, GRU and LSTM stay near 1.",
)

# %% gates-caption [markdown]
r"""
**Figure.** The same for the three networks; the broad light line is 1 again. Left: with weights as
drawn, **all three vanish**, the LSTM too ($2 \cdot 10^{-19}$ after 100 steps). That is a factor of
0.65 for each step: its gates begin around one half, and what $h$ carries beside the cell adds a
little. Right: with the keeping gate nearly open, GRU (0.03) and LSTM (5) carry the signal across
100 steps; the RNN has nothing to open.
"""

# %% gates-lesson [markdown]
r"""
So the honest sentence is: a gated network *can* keep its gradient: one bias per unit, set before
training, is enough. It does not come by itself, and over a long way training may not find it, as
the plain GRU showed above. That is why Gers et al. (2000) started the forget gate open, and why
Jozefowicz, Zaremba and Sutskever (2015) advise a bias of 1. (Other random draws give other powers
of ten, the RNN's most of all, and the same picture: as drawn all three vanish; with the gate
opened, GRU and LSTM do not.)

Why does a small norm hurt? Because all gradients are added. With a radius of 0.9, what comes from
100 steps back is about a millionth of what comes from the last one, and that drowns in what changes
from one set of sentences to the next.
"""

# %% remember [markdown]
r"""
## What you built, what to remember

- A sentence is a table of questions, (context, next token), with a row for END; a loop around the
  model writes, with a stop and a limit.
- Counting n-grams sees only $n - 1$ words, and long contexts are too rare to count. Perplexity says
  among how many equally likely words a model is left to choose.
- A state sums up the past: $\text{step}(x_t, h_{t-1}) \to (y_t, h_t)$. If it is too small,
  different pasts become one; the sum forgets the order.
- Training is loss, `backward`, step, again and again. With your steps in it, a network found the
  bit that nobody had named.
- A gate can leave a memory alone. In the GRU, $z$ near 1 keeps.
- The gradient over $k$ steps is a product of $k$ factors: it vanishes or explodes unless they stay
  close to 1. Open gates help, shorter ways help more.

Next, lesson 02: one network reads a whole German sentence into its last state, another writes
English out of it, and the results show what does not fit into a single state.
"""

# %% try-this [markdown]
r"""
## Try this

Small experiments, not graded; change a cell above and run it again.

1. **A counter that never draws.** Let `counter` return the most probable word in place of a drawn
   one. What does it write, and why always the same?
2. **More data.** Train the n-grams on 2000 sentences in place of 200. Which $n$ is best now? And
   the networks: does their perplexity still rise at the end?
3. **A bit in an RNN.** Find weights for `rnn_step` with one unit that remember a single $+1$ or
   $-1$ for a hundred steps (try $W_h = 2$). How strongly does the end feel the beginning meanwhile?
   Bengio et al. (1994) prove that the two belong together. (With $W_h = 2$ and no other input the
   state rests at $\pm 0.9575$, where one more step changes nothing. There the slope of a step is
   $2 \cdot (1 - 0.9575^2) = 0.17$: it holds fast because it feels little, and so it hardly feels
   the beginning either.)
4. **Other gates.** Open the GRU's gate by 1 and by 5 in place of 3 (function `drawn`), and let it
   learn over 41 words. On the side road the LSTM's norm with open gates is 5, more than 1. Open
   them by 5 in place of 3. Through which way does it grow, if $f$ cannot exceed 1? (There is but
   one other: from $c$ through $o$ into $h$, and with $h$ into the gates and the proposal of the
   next step.)
"""
