# %% question [markdown]
r"""
# 10 · Decoding

**Who decides which text comes out of a model?** A model gives a score to every word that could come
next. It does not write. Somebody must choose a word, then the next one, and then the next. The same
model can so write dull, lively or senseless texts. In the end, what you build here decodes the
translator that you trained in lesson 09.

| | |
|---|---|
| **At its end you have built** | every common way of deciding: temperature, top-k, top-p, drawing, greedy decoding, the repetition penalty and beam search; and the KV cache, with the decoder step that uses it, which makes a Transformer write several times as fast without changing one letter |
| **Time** | about 4 hours 15 minutes; after *Stuck* (exercise seven) is a good place to pause |
| **It needs** | n-grams (lesson 01), the Transformer (lesson 08) and its training (lesson 09) |
"""

# %% setup
import itertools
import math
import time
from collections.abc import Callable, Sequence
from operator import eq

import torch
from torch import Tensor, nn

from course import corpus, plots
from course.checks import check, reveal
from course.decoding import before
from course.mine.sequences import ngram_probabilities

NextLogits = Callable[[Tensor], Tensor]  # tokens so far (B, T) -> logits of the next token (B, V)
EOS = 2  # the end of a sentence
torch.manual_seed(0)
torch.set_num_threads(1)  # small matrices: a second thread would cost more than it brings

# %% map-caption [markdown]
r"""
**Figure.** Where you are. The model gives a probability to every next word. Lit is the last step:
one of these words is chosen, written, and read again: the autoregressive loop of lesson 01, in
which 我 was written after 今天天气很好， and then read.
"""

# %% map
plots.show_map("10")

# %% model-why [markdown]
r"""
## Scores are not words

Everything in this lesson is about one kind of function: it takes the tokens written so far, shape
(B, T), and returns the logits of the next token, shape (B, V). We call it `next_logits`. What is
inside does not matter to the one who decodes.

So we begin with the simplest inside there is, the n-gram of lesson 01 with $n = 2$, called a
*bigram*, counted in one long text: six thousand English sentences of the course's corpus, one after
the other. It is made in an instant, and it has what every language model has: a few words that fit,
and a long tail of words that hardly ever do.
"""

# %% model
text = [word for pair in corpus.sample(6000, seed=0) for word in pair.english]
words = sorted(set(text))
number = {word: token for token, word in enumerate(words)}
table = ngram_probabilities([text], 2, words, smoothing=0.01)
rows = [[table[(word,)][other] for other in words] for word in words]
# no two words are exactly equally likely: no top-p has to choose between equals
log_p = torch.tensor(rows, dtype=torch.float64).log() + 1e-9 * torch.arange(len(words))


def bigram(tokens: Tensor) -> Tensor:
    """next_logits of the bigram: ln p of each word after the newest one."""
    return log_p[tokens[:, -1]]


because = bigram(torch.tensor([[number["because"]]]))[0]  # the logits after "because"
for p, token in zip(*because.softmax(dim=-1).topk(8), strict=True):
    print(f"{words[token]:6} {p:.3f}")
print("and", len(words) - 8, "others of", len(words))

# %% model-meaning [markdown]
r"""
After *because* the model hesitates between *it* and *of*, and of the 401 words of the text, any one
is possible. The logits here are logarithms of probabilities. In general they are that up to a
constant, which the softmax takes away again.

Two things can go wrong from here. Always take the best word, and the text goes round in circles.
Draw by chance, and sooner or later a word comes from the tail. The first half of this lesson bends
the distribution so that chance may be trusted; the second half looks for the best text as a whole.
"""

# %% temperature-why [markdown]
r"""
## Colder, hotter

The first screw turns all logits at once. It is the temperature $\tau$ of the soft lookup (lesson
03), here for the choice of a word:

$$p_i = \frac{e^{z_i / \tau}}{\sum_j e^{z_j / \tau}}$$

Where $\tau < 1$ the differences between logits grow, and the likely words become likelier. Where
$\tau > 1$ they shrink. The name is physics: hot molecules try everything, cold ones settle in the
lowest place (the Boltzmann machine of Ackley, Hinton and Sejnowski 1985 has it in this form).

**Predict.** After *because*, the word *it* has probability 0.217. What has it at $\tau = 0.5$?
"""

# %% temperature-guess
guess = None  # your guess: a number

# %% temperature-reveal
halved = {tau: (because / tau).softmax(dim=-1)[number["it"]].item() for tau in (0.5, 1.0, 2.0)}
reveal(guess, halved[0.5])
print({tau: round(p, 3) for tau, p in halved.items()})

# %% temperature-exercise [markdown]
r"""
### Exercise: `temperature`

Turn the screw: `logits` (..., V) and `tau` in, logits of the same shape out. The softmax comes
later.

By hand: (1, 2, 4) at $\tau = 2$ becomes (0.5, 1, 2). A $\tau$ that is not above 0 raises a
`ValueError`.

Hint: It is the formula's exponent, without the $e$.

Hint: Check `tau` first. Zero would divide by zero; a negative one would prefer the worst word.

Hint: One `if` that raises, one `return` with a division.

Help: I see `these are probabilities already`
Your function takes the softmax as well. Leave it out: top-k still wants to see logits.
"""

# %% exercise points=1 difficulty=1 minutes=4
from course.decoding import temperature

# %% check
check(temperature)

# %% temperature-cold [markdown]
r"""
Towards 0 the choice freezes: the likeliest word takes everything. **Greedy decoding is sampling at
temperature 0**, the limit that your function refuses to divide by. Towards infinity all words
become alike. The number that says among how many words the model hesitates is the perplexity of
lesson 01, here of the distribution itself:
"""

# %% temperature-table
def hesitates(probabilities: Tensor) -> float:
    """Among how many equally likely words the choice would be as open: exp of the mean surprise,

    which is called entropy."""
    return torch.special.entr(probabilities).sum().exp().item()


choices = {
    tau: hesitates(temperature(because, tau).softmax(dim=-1)) for tau in (0.1, 0.5, 1.0, 2.0, 10.0)
}
for tau, n_words in choices.items():
    print(f"tau {tau:4}: as open as among {n_words:5.1f} words")
follow = {other for one, other in itertools.pairwise(text) if one == "because"}
print("in the text because is followed by", len(follow), "different words")

# %% temperature-lesson [markdown]
r"""
At $\tau = 2$ the model hesitates among 76 words, though in the whole text only 19 ever follow
*because*. A temperature cannot tell good from bad words. It lifts all that is low, and most
of what is low deserves to be. So the tail has to be cut off.
"""

# %% topk-why [markdown]
r"""
## Only the best k

Keep the $k$ likeliest words, forget all others, share the probability anew among those that are
left (Fan et al. 2018). In logits: all others become $-\infty$, since $e^{-\infty} = 0$.

By hand: of the logits (2, 7, 1, 5) and $k = 2$ there stay 7 and 5, at their places:
$(-\infty, 7, -\infty, 5)$.

And if several logits tie with the $k$-th? There is no reason to prefer one of them, so all stay. It
is also the rule of `transformers`, the library in which most published models are run.
"""

# %% topk-exercise [markdown]
r"""
### Exercise: `top_k`

Cut off the tail: `logits` (..., V) and `k` in, the same shape out, $-\infty$ wherever a logit is
below the $k$-th largest of its row.

A `k` beyond the vocabulary keeps everything; a `k` below 1 raises a `ValueError`. Do not change the
logits that you were given.

Hint: `torch.topk(k, dim=-1)` gives the k largest of each row, in falling order. Which of them is
the threshold?

Hint: Keep the last axis with `[..., -1:]`, so that the threshold of each row can be compared with
the row.

Hint: `masked_fill` with the comparison "smaller than the threshold", and `-math.inf`. For large `k`
use the smaller of `k` and V.

Help: I see `selected index k out of range`
`k` is larger than the vocabulary. Take the minimum of the two.

Help: I see `the k-th largest is left out too`
Compare with `<`, not with `<=`: the threshold itself belongs to those that stay.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.decoding import top_k

# %% check
check(top_k)

# %% topk-predict [markdown]
r"""
**Predict.** With $k = 10$: how much of the probability do the ten likeliest words have together,
after *because* and after *the*?
"""

# %% topk-guess
guess = None  # your guess: (percent after "because", percent after "the")

# %% topk-shares
def after(word: str) -> Tensor:
    """The bigram's probabilities after that word (V,)."""
    return bigram(torch.tensor([[number[word]]]))[0].softmax(dim=-1)


kept = {word: round(100 * after(word).topk(10).values.sum().item()) for word in ("because", "the")}
reveal(guess, (kept["because"], kept["the"]))

# %% topk-lesson [markdown]
r"""
After *because* ten words are nearly all there is: 95 %. After *the*, where any noun and any
adjective may come, they are 28 %, and nearly three quarters of what the model knows are thrown
away. No single $k$ is right for both.
"""

# %% topp-why [markdown]
r"""
## As many as it takes

So do not fix the number of words, fix their share. Go down from the likeliest word and stop as soon
as the words so far have at least the probability $p$ **together**. They are called the *nucleus*,
and the method *top-p* (Holtzman et al. 2020).

By hand, $p = 0.8$ and the probabilities (0.1, 0.6, 0.05, 0.25): 0.6 is not enough,
0.6 + 0.25 = 0.85 is. Two words stay, and they share the 1 anew: 0.6 / 0.85 = 0.706 and
0.25 / 0.85 = 0.294.

Mind two edges. The word with which the sum passes $p$ belongs to it. And the likeliest word always
stays, even if it has more than $p$ all alone. Where several words at the edge are exactly equally
likely, it is left open which of them stay, or whether all do.
"""

# %% topp-exercise [markdown]
r"""
### Exercise: `top_p`

Keep the nucleus: `probabilities` (..., V) and `p` in, the same shape out, 0 for what is left out,
and each row summing to 1 again.

A `p` outside of $0 < p \le 1$ raises a `ValueError`.

Hint: Sort each row (`sort` gives values and `order`), and add up with `cumsum`. A word goes if
those before it have reached `p` already, that is, if "sum so far, without me" is at least `p`.

Hint: With very many words it is more exact to begin at the small end: a word goes if it and all
less likely ones have at most $1 - p$ together. Both ways are right; in the second, rescue the
likeliest by hand.

Hint: Fill what goes with 0, bring everything back to its place with
`torch.zeros_like(...).scatter(-1, order, ...)`, and divide by the sum over the last axis,
`keepdim=True`.

Help: I see `the probabilities are still in sorted order`
After sorting, place 0 is the largest, not word 0. `scatter` with `order` undoes it.

Help: I see `contains NaN`
In some row nothing was left, and 0 / 0 is no number. Does the likeliest word stay whatever `p` is?
"""

# %% exercise points=3 difficulty=3 minutes=12
from course.decoding import top_p

# %% check
check(top_p)

# %% topp-sizes
nuclei = {word: int((top_p(after(word), 0.9) > 0).sum()) for word in ("because", "that", "the")}
print("words in the nucleus of 0.9:", nuclei)

# %% topp-lesson [markdown]
r"""
The nucleus breathes: 8 words after *because*, 72 after *the*. Where the model is sure it is strict,
where the language is open it lets many in.
"""

# %% chain-why [markdown]
r"""
## The chain

Put the three together. The usual order is

$$\text{logits} \;\to\; \div\,\tau \;\to\; \text{top-}k \;\to\; \text{softmax} \;\to\; \text{top-}p \;\to\; \text{draw}$$

Why does top-k stand before the softmax and top-p behind it? **Top-k needs only the order** of the
words, and $e^x$ keeps the order: cut before or after, the same words stay, and sharing anew gives
the same numbers. Cutting before is cheaper. **Top-p needs the probabilities themselves**, since it
adds them up, and logits cannot be added up in any sense: their sum changes with the constant that
the softmax takes away. See both:
"""

# %% chain-order
early = top_k(because, 4).softmax(dim=-1)
late = because.softmax(dim=-1) * (top_k(because, 4) > -math.inf)
print("top-k before or after the softmax, the same:", torch.allclose(early, late / late.sum()))
shifted = because + 100
print("100 more on every logit, the same probabilities:",
      torch.allclose(shifted.softmax(dim=-1), because.softmax(dim=-1)))
print(f"but the best two logits add up to {because.topk(2).values.sum():.1f} "
      f"or {shifted.topk(2).values.sum():.1f}")

# %% chain-order-temperature [markdown]
r"""
Does it matter where the temperature stands? For top-k it does not, since dividing keeps the order
as well. For top-p it does: it measures its $p$ on the distribution that it is given. Heat first,
and the nucleus grows; heat afterwards, and it stays as it was.
"""

# %% chain-order-nucleus
heated_first = top_p(temperature(because, 2.0).softmax(dim=-1), 0.9)
heated_after = temperature(top_p(because.softmax(dim=-1), 0.9).log(), 2.0).softmax(dim=-1)
nucleus = {
    "heated first": int((heated_first > 0).sum()),
    "heated after": int((heated_after > 0).sum()),
}
print("words left at temperature 2 and p = 0.9:", nucleus)

# %% chain-exercise [markdown]
r"""
### Exercise: `next_probabilities`

Link the chain: `logits` (..., V) in, probabilities out, ready to draw from. `k=None` means no
top-k, and nothing else does: a `k` of 0 raises the `ValueError` of `top_k`. `tau=1.0` and `p=1.0`
change nothing.

By hand: logits (4, 4, 2, 0), $\tau = 2$, $k = 2$, $p = 0.9$. Halved: (2, 2, 1, 0). Two are kept and
have one half each; 0.5 is not yet 0.9, so both stay: (0.5, 0.5, 0, 0).

Hint: Three of your functions and a softmax, in the order of the arrows.

Hint: `top_k` only if `k is not None`. The softmax runs over the vocabulary, the last axis.

Hint: `temperature`, then perhaps `top_k`, then `.softmax(dim=-1)`, then `top_p`: each gets what the
one before gave.

Help: I see `not supported between instances of 'NoneType' and 'int'`
`top_k` was called with `k=None`. Ask first.
"""

# %% exercise points=2 difficulty=2 minutes=6
from course.decoding import next_probabilities

# %% check
check(next_probabilities)

# %% shapes-why [markdown]
r"""
Now look at it. The function below draws what the chain makes of the twelve likeliest words
after *because*: full bars are what is left to draw from, the dotted outlines what the temperature
alone would give.
"""


# %% shapes-draw
def draw_chain(axis: plots.Axes, tau: float, k: int | None, p: float) -> None:
    """Bars of next_probabilities for the twelve likeliest words,
    over the outlines of the softmax at tau."""
    likeliest = because.argsort(descending=True)[:12]
    heated, left = (
        next_probabilities(because, tau, *rest)[likeliest].tolist() for rest in ((), (k, p))
    )
    axis.bar(range(12), heated, facecolor="none", edgecolor="gray", linestyle=":", linewidth=1.2)
    axis.bar(range(12), left, color=plots.COLOURS[0], width=0.6)
    axis.set_xticks(range(12), [words[token] for token in likeliest], rotation=90, fontsize=8)
    n_left = int((next_probabilities(because, tau, k, p) > 0).sum())
    axis.set_title(f"tau {tau:g}, k {k or 'all'}, p {p:g}: {n_left} left", fontsize=9)


# %% shapes-figure
figure, _ = plots.canvas(10, 7)
figure.clear()
grid = figure.subplots(3, 3, sharex=True, sharey="row")
for row, tau in zip(grid, (0.5, 1.0, 2.0), strict=True):
    for axis, (k, p) in zip(row, ((None, 1.0), (4, 1.0), (None, 0.75)), strict=True):
        draw_chain(axis, tau, k, p)
plots.show(figure, alt="Nine small bar charts of the twelve likeliest words after because. Rows: "
                       "temperature 0.5, 1 and 2, from steep to flat. Columns: everything, the "
                       "best 4, and p = 0.75. In the middle column four bars are always left; in "
                       "the right column the number of bars grows with the temperature.")
left = {tau: int((next_probabilities(because, tau, p=0.75) > 0).sum()) for tau in (0.5, 1.0, 2.0)}
print("words left at p = 0.75:", left)

# %% shapes-caption [markdown]
r"""
**Figure.** The chain after *because*. From top to bottom it gets hotter and the bars get flatter.
In the middle column top-k always leaves four words, whatever the temperature. In the right column
top-p leaves as many as it needs: 3 words at $\tau = 0.5$, 5 at 1, and 97 at 2, of which the picture
shows twelve. A hot distribution has a heavy tail, and 0.75 of it reaches far down.
"""

# %% sample-why [markdown]
r"""
## Rolling the dice

The end of the chain is a draw: a word with probability 0.3 shall come in three of ten cases. A
computer has only a number $u$ that is equally likely anywhere between 0 and 1. That is enough. Lay
the probabilities end to end on a line from 0 to 1, and take the word on whose stretch $u$ falls.
Long stretches are hit often.

By hand: probabilities (0.5, 0.3, 0.2). The stretches end at 0.5, 0.8 and 1. So $u = 0.1$ gives word
0, $u = 0.6$ word 1, and $u = 0.95$ word 2.
"""

# %% sample-figure
figure, (axis,) = plots.canvas(7.5, 1.6)
start = 0.0
for token, (p, hatch) in enumerate(zip((0.5, 0.3, 0.2), ("", "//", ".."), strict=True)):
    axis.barh(0, p, left=start, facecolor="white", edgecolor="black", hatch=hatch)
    axis.text(start + p / 2, 0.62, f"word {token}", ha="center")
    start += p
for u in (0.1, 0.6, 0.95):
    axis.annotate(f"u = {u}", (u, -0.4), (u, -1.15), ha="center", arrowprops={"arrowstyle": "->"})
axis.set(xlim=(0, 1), ylim=(-1.3, 1.0), yticks=[], xticks=[0, 0.5, 0.8, 1])
axis.spines["left"].set_visible(False)
plots.show(figure, alt="A line from 0 to 1 cut at 0.5 and 0.8 into three stretches, "
                       "word 0, 1 and 2; arrows at 0.1, 0.6 and 0.95 hit one each.")

# %% sample-caption [markdown]
r"""
**Figure.** Three words as stretches of a line. Each arrow is a $u$; the word above it is drawn.
"""

# %% sample-exercise [markdown]
r"""
### Exercise: `sample`

Find the stretch: `probabilities` (..., V) and `u` (...) in, the tokens (...) out.

A word with probability 0 must never come, not even for $u = 0$; and since rounding can leave the
last end a little below 1, no $u$ may fall beyond it.

Hint: `cumsum` over the last axis gives the place where each stretch ends. How many stretches end at
or before `u`? As many words lie in front of the one that is hit.

Hint: Give `u` a last axis of 1 (`u[..., None]`), compare it with the ends, and add up the Trues
over the last axis.

Hint: "At or before", `<=`: at $u = 0$ it passes over the words whose stretch has no length. And
against rounding, measure `u` on the line as long as it really is: multiply it by the last end.

Help: I see `a token comes out that does not exist`
Ten times 0.1 adds up to less than 1 on a computer. The last end is your 1.

Help: I see `two equal calls give two different answers`
Your function draws by itself. Here the chance is in `u`, so that a draw can be repeated.
"""

# %% exercise points=3 difficulty=3 minutes=10
from course.decoding import sample

# %% check
check(sample)

# %% sample-test-why [markdown]
r"""
Is the draw fair? Draw 100,000 words after *because* and count. The chi-square statistic sums
(counted − expected)² / expected over the words. For a fair draw it is about as large as the number
of words less one; with 401 words, a fair draw is above 493 only once in a thousand times.
"""

# %% sample-test
generator = torch.Generator().manual_seed(0)
p = after("because")
drawn = sample(p.expand(100_000, -1), torch.rand(100_000, generator=generator, dtype=torch.float64))
expected = 100_000 * p
chi_square = ((torch.bincount(drawn, minlength=len(p)) - expected) ** 2 / expected).sum().item()
print(f"{len(p)} words, chi-square {chi_square:.0f}")

# %% greedy-why [markdown]
r"""
## Always the likeliest

Now to whole texts. The loop is that of lesson 01: ask, choose, write down, ask again.
With *choose* = "the likeliest" it is called **greedy**: it takes the best of each moment and never
looks back.

It is the loop of your `decode_greedy` (lesson 02) with one change: no state is carried along, the
model is shown the whole text each time. As there, texts end at different places: those that have
ended are carried along until all have, and cut afterwards.
`before(end, row)` does the cutting; it is given: `before(2, [7, 8, 2, 9])` is `[7, 8]`.
"""

# %% greedy-exercise [markdown]
r"""
### Exercise: `greedy`

Write: `next_logits` takes tokens (B, T) and gives logits (B, V); `tokens` (B, T) are the prompts.
Return B lists of numbers, the new tokens of each row, without the prompt, without `end` and what
follows it.

All B rows go on together, those that have ended too: a model may hold a source sentence for each
row. So each round is one call of `next_logits`, which gives every row its next token. Stop when
every row has said `end`, or after `max_tokens`, and ask no more.

Hint: In each round: call `next_logits` with ALL tokens so far, take the `argmax` over the
vocabulary, and put it behind with `torch.cat([tokens, chosen[:, None]], dim=1)`.

Hint: Keep a boolean tensor `ended` (B,). After each round, `ended = ended | (chosen == end)`; when
`ended.all()`, leave the loop.

Hint: Note the prompt's length before the loop. At the end, take the columns behind it, `.tolist()`,
and cut each row with `before`.

Help: I see `the model is shown the newest token alone`
`next_logits(tokens[:, -1:])` hides the text from the model. For the bigram it makes no difference,
for a Transformer it is everything. Speed comes later, with the cache.

Help: I see that rows are cut off
The loop stopped with `ended.any()`: the first to end took the others with it.

Help: I see that the model is called too often
The loop goes on when all rows have ended, or there is a loop over the rows. Rows need not end in
the same round: remember who has ended.
"""

# %% exercise points=3 difficulty=3 minutes=12
from course.decoding import greedy

# %% check
check(greedy)

# %% greedy-dice-why [markdown]
r"""
How does the same loop roll the dice? It takes the largest logit. So hand it a model whose only
logit above $-\infty$ stands at a word that has been drawn. `sampled` makes such a model out of any
other: it puts the chain and your `sample` between the model and the loop.
"""


# %% greedy-dice
def sampled(next_logits: NextLogits, generator: torch.Generator, **shape: float) -> NextLogits:
    """The same model, made to roll dice; shape: tau, k, p."""

    def drawn(tokens: Tensor) -> Tensor:
        probabilities = next_probabilities(next_logits(tokens), **shape)
        chosen = sample(probabilities, torch.rand(len(probabilities), generator=generator))
        return torch.full_like(probabilities, -math.inf).scatter(-1, chosen[:, None], 0.0)

    return drawn


def text_of(tokens: list[int]) -> str:
    return " ".join(words[token] for token in tokens)


# a sentence begins after a full stop and ends with one
stop, starts = number["."], torch.full((400, 1), number["."])

# %% speaker-why [markdown]
r"""
## A model that speaks

You want to hear what the screws do, and a bigram, which forgets all but one word, says nothing
worth hearing. So count the same text once more, now with a memory of five words: a 6-gram. Where it
has never met the five, it asks its memory of four, of three, and so on down to none. And wherever
it has counted, it keeps a twentieth of the probability for what it has *not* seen, and lets the
shorter memory share that out. So this model, too, has a long tail.
"""

# %% speaker-count
from collections import Counter
from functools import cache as remembered

MEMORY = 5
counts: dict[tuple, Counter] = {}  # context of up to five words -> what followed it how often
for n in range(1, MEMORY + 2):
    for place in range(len(text) - n + 1):
        *context, word = text[place : place + n]
        counts.setdefault((*context,), Counter())[number[word]] += 1
print(f"{len(counts):,} contexts")


# %% speaker
@remembered
def spoken(context: tuple[str, ...]) -> Tensor:
    """The probability of each word after this context (V,)."""
    shorter = spoken(context[1:]) if context else torch.full((len(words),), 1 / len(words))
    if context not in counts:
        return shorter
    found, p = counts[context], torch.zeros(len(words), dtype=torch.float64)
    p[list(found)] = torch.tensor(list(found.values()), dtype=torch.float64) / found.total()
    return 0.95 * p + 0.05 * shorter


def speaker(tokens: Tensor) -> Tensor:
    """next_logits of the 6-gram."""
    contexts = [tuple(words[token] for token in row[-MEMORY:]) for row in tokens.tolist()]
    return torch.stack([spoken(context).log() for context in contexts])

# %% speaker-predict [markdown]
r"""
**Predict** before you run the next cell: which of these settings will write the best English, and
which none at all? Each begins three sentences with the same dice.
"""


# %% speaker-sentences
def three_sentences(dice: int, **shape: float) -> list[str]:
    """What the 6-gram says at this place of the screws; another `dice`, another draw."""
    model = sampled(speaker, torch.Generator().manual_seed(dice), **shape)
    return [text_of(row) for row in greedy(model, starts[:3], 16, end=stop)]


hot = {"tau": 2.0}
settings = ({"tau": 0.05}, {"tau": 0.5}, {}, hot, hot | {"k": 3}, hot | {"p": 0.5})
said = {str(shape or "as it is"): three_sentences(3, **shape) for shape in settings}
for shape, sentences in said.items():
    print(shape, *sentences, sep="\n    ")

# %% speaker-heard [markdown]
r"""
Nearly cold, every sentence begins with the likeliest first word. The good English up to here is
mostly not the model's own: five words of memory seldom leave a choice, and it recites what was
counted. As it is, the model now and then takes a word from the tail, and must go on from a
beginning that it has never seen, with what it knows of one word or of none. At $\tau = 2$ hardly a
sentence stays whole: one begins with a comma, one in the middle, one falls apart. The last two
settings are what the cut is for: without the tail, even a hot model keeps to words that fit; part
of what it says is recited, part put together of pieces of the text.

Now turn the screws yourself (this needs a running notebook; without one, the nine pictures and the
sentences above say the same). Above, the bigram's words after *because*; below, what the 6-gram
says at the same place. Which setting leaves exactly *it*, *of* and *they*? Can you find two?
"""


# %% sliders-turn
import ipywidgets as widgets


def turn(tau: float, k: int, p: float, dice: int) -> None:
    """One picture and three sentences for one place of the sliders."""
    figure, (axis,) = plots.canvas(7.5, 3.2)
    draw_chain(axis, tau, k, p)
    axis.set_ylim(0, max(0.5, axis.get_ylim()[1]))  # so that flat looks flat
    plots.show(figure, alt=f"Bar chart of the words left after because "
                           f"at temperature {tau:.1f}, k {k} and p {p:.2f}")
    print(*three_sentences(dice, tau=tau, k=k, p=p), sep="\n")

# %% shapes-sliders tags=["nbval-ignore-output"] why="the sliders' ids are new in each run"
look = {"continuous_update": False, "style": {"description_width": "90px"},
        "layout": widgets.Layout(width="480px")}
sliders = {
    "tau": widgets.FloatSlider(1.0, min=0.1, max=3.0, step=0.1, description="temperature", **look),
    "k": widgets.IntSlider(20, min=1, max=40, description="top-k", **look),
    "p": widgets.FloatSlider(0.9, min=0.05, max=1.0, step=0.05, description="top-p", **look),
    "dice": widgets.IntSlider(0, min=0, max=30, description="dice", **look),
}
widgets.VBox([*sliders.values(), widgets.interactive_output(turn, sliders)])

# %% sliders-caption [markdown]
r"""
**Figure.** What is left to draw from, at the place of the first three sliders, and three sentences
written there with the dice of the fourth. Full bars: the words that may come; dotted outlines: what
the temperature alone would give.
"""

# %% chatbot-why [markdown]
r"""
## Why does a chatbot answer differently each time?

Because it rolls dice, and nobody keeps the dice still. The model computes the same probabilities
for the same question; only the $u$ of each draw is new. **Predict** what the three lines below say:
the same dice twice, other dice, and no dice at all.
"""

# %% chatbot
twice = [three_sentences(7) for _ in range(2)]
print("the same dice, the same answer:", twice[0] == twice[1])
print("other dice, the same answer:", three_sentences(8) == twice[0])
cold = [greedy(speaker, starts[:3], 16, end=stop) for _ in range(2)]
print("without dice, the same answer:", cold[0] == cold[1])
print("0.1 + 0.2 + 0.3 is 0.3 + 0.2 + 0.1:", 0.1 + 0.2 + 0.3 == 0.3 + 0.2 + 0.1)

# %% chatbot-meaning [markdown]
r"""
So it is not a mood, and the model has not learned anything in between. Whoever keeps the seed, or
decodes greedily, gets the same answer again. Nearly: the last line is the small print. A computer
rounds, so the order in which numbers are added changes the last digits; where that order is not
fixed (other hardware, other work at the same time), two logits that are almost equal may change
places, and one other word is enough for another text.

Back to the tail, where the sentences were lost. How often does it come?
"""

# %% tail-why [markdown]
r"""
Return to the bigram, of which we can say exactly what it has seen: *pairs* of neighbours. Some
words cannot stand together in any English sentence. Where do such pairs come from? There are 382
words that never once follow *because* in the text; the smoothing gives each of them a probability
below 0.00002. That seems harmless.

**Predict.** Draw 400 sentences with the probabilities as they are. In how many percent of them
stands at least one pair that the model never saw?
"""

# %% tail-guess
guess = None  # your guess: percent

# %% tail-count
seen = torch.zeros(len(words), len(words), dtype=torch.bool)
for one, other in itertools.pairwise(text):
    seen[number[one], number[other]] = True


def quality(**shape: float) -> tuple[float, int]:
    """Of 400 sentences: percent with a pair never seen; how many different ones there are."""
    rows = greedy(sampled(bigram, torch.Generator().manual_seed(0), **shape), starts, 20, end=stop)
    slips = [
        any(not seen[one, other] for one, other in itertools.pairwise([stop, *row]))
        for row in rows
    ]
    return 100 * sum(slips) / len(rows), len(set(map(tuple, rows)))


unseen = after("because")[~seen[number["because"]]]
print(f"never after because: {len(unseen)} words, each below {unseen.max():.5f}, "
      f"together {100 * unseen.sum():.1f} %")
reveal(guess, round(quality()[0]))

# %% tail-weight
told = greedy(sampled(bigram, torch.Generator().manual_seed(0)), starts, 20, end=stop)
# the word before each word that was drawn, and what the pairs never seen weigh after it
befores = torch.tensor([word for row in told for word in [stop, *row][:-1]])
tails = (bigram(befores[:, None]).softmax(dim=-1) * ~seen[befores]).sum(dim=-1)
print(f"{len(befores) / len(told):.0f} words a sentence; before each, the pairs never seen weigh "
      f"{100 * tails.mean():.1f} % on average, at most {100 * tails.max():.0f} %")

# %% tail-figure
shares = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0]
measured = [quality(p=share) for share in shares]
curves = {
    "with a pair never seen": [slips for slips, _ in measured],
    "said before": [100 - n / 4 for _, n in measured],
}
figure = plots.lines(shares, curves, "p of top-p", "% of 400 sentences")
plots.show(figure, alt="Two curves against p of top-p from 0.5 to 1. The share of "
                       "sentences that were said before falls from 12 percent to almost "
                       "none. The share of sentences with a pair never seen stays near 0 "
                       "until 0.9 and shoots up to 23 percent at 1.")
for share, (slips, n_different) in zip(shares, measured, strict=True):
    print(f"p {share:4}: {slips:4.1f} % with a pair never seen, {n_different} of 400 different")

# %% tail-caption [markdown]
r"""
**Figure.** Right end: with the whole distribution, nearly one sentence in four (23 %) contains a
pair that the model has never seen. Each single word of the tail is next to impossible, but the tail
has hundreds of them. After words of which little was counted it weighs far more than after
*because*: 2.4 % on average, not 0.7. And a sentence draws eleven times: $1 - 0.976^{11} \approx
0.23$. At $p = 0.9$ it is 2 %, and 390 of the 400 sentences are
still different from one another. Cutting the tail costs almost no variety; only far to the left the
model begins to repeat itself.

This is what Holtzman et al. (2020) found for GPT-2: drawn from as it is, its text loses the thread,
and they put it down to the unreliable tail. **The tail is where a model knows least, and every draw
may fall into it.**
"""

# %% stuck-why [markdown]
r"""
## Stuck

The other extreme draws nothing. Let the bigram write greedily, for 24 words, without stopping at a
full stop. **Predict** what happens before you run it.
"""

# %% stuck
looped = greedy(bigram, starts[:1], 24, end=-1)[0]
print(text_of(looped))

# %% stuck-meaning [markdown]
r"""
A circle: after the full stop the likeliest word is *the*, and after four words we are at the full
stop again. For a bigram this had to come: its memory is one word, and whoever stands in the same
place twice walks the same way twice. Larger models remember more, and still they loop. Once a
phrase stands in the text several times, its next occurrence becomes more and more likely (Holtzman
et al. 2020 drew that curve for GPT-2; lesson 11 shows you heads that do it).

A remedy is the **repetition penalty** (Keskar et al. 2019, in the model CTRL): weaken the logits of
all words that stand in the text already. The paper divides them by a number $\theta$ a little
above 1. Now a trap: **the paper's formula divides whatever the sign**. A logit of $-4$ divided by 2
is $-2$, and the word has become *likelier*. So implementations divide positive logits
and *multiply* negative ones. All our bigram's logits are negative, since they are logarithms of
probabilities. Try the paper's formula on it:
"""


# %% stuck-paper
def as_in_the_paper(tokens: Tensor) -> Tensor:
    logits = bigram(tokens)
    said = (tokens[:, :, None] == torch.arange(len(words))).any(dim=1)  # (B, V)
    return torch.where(said, logits / 1.5, logits)


worse = greedy(as_in_the_paper, starts[:1], 24, end=-1)[0]
print(text_of(worse))
print("different words: without a penalty", len(set(looped)),
      ", with the paper's formula", len(set(worse)))

# %% stuck-exercise [markdown]
r"""
### Exercise: `repetition_penalty`

Punish what was said, on both sides of zero: `logits` (B, V), `tokens` (B, T), those written so far,
`penalty`. For each token that stands in its row: a positive logit is divided by the penalty, a
negative one multiplied by it. All others stay.

By hand: logits (3, 2, −2, −4), said were tokens 0 and 2, penalty 2. Then (1.5, 2, −4, −4). A token
said three times is punished once.

Hint: `torch.where(logits > 0, a, b)` takes from `a` where the condition holds and from `b`
elsewhere.

Hint: Who was said? A boolean (B, V) of Falses, in which `scatter(-1, tokens, True)` writes a True
for each token, however often it comes.

Hint: Two `torch.where`: one makes the punished logits of all tokens, the other chooses between
punished and plain by "was said".

Help: I see `a token said three times is punished three times`
A loop over all tokens punishes a token as often as it occurs. Go over each only once (a set), or
mark first and punish after.

Help: I see `to be no larger than self`
`scatter` writes along the last axis: the tokens (B, T) are the indices, the thing written into is
(B, V).
"""

# %% exercise points=2 difficulty=3 minutes=10
from course.decoding import repetition_penalty

# %% check
check(repetition_penalty)

# %% stuck-penalised
def penalised(next_logits: NextLogits, penalty: float) -> NextLogits:
    """The same model with a repetition penalty on everything in its tokens."""
    return lambda tokens: repetition_penalty(next_logits(tokens), tokens, penalty)


freed = {}
for penalty in (1.0, 1.1, 1.5, 10.0):
    freed[penalty] = greedy(penalised(bigram, penalty), starts[:1], 40, end=-1)[0]
    print(f"penalty {penalty:4}: {len(set(freed[penalty])):2} different words: "
          f"{text_of(freed[penalty][:22])} ...")

# %% stuck-breaks [markdown]
r"""
At 1.1 the circle is bent once and closes again. At 1.5 it is open, and *the* still comes again and
again. It is no good English for that: *is not know* stands nowhere in the text that was counted,
but a bigram sees only pairs, and both pairs stand there. At 10 every one of the forty words is new,
and that is no cure: *the* and the full stop may come only once, so there are no articles and no
ends of sentences any more. **A language needs repetition**; the penalty cannot tell a circle from
an article.

One more thing is odd about it. Adding a constant to all logits changes no probability. But it moves
zero, and the penalty asks on which side of zero a logit lies:
"""

# %% stuck-shift
raised = greedy(penalised(lambda tokens: bigram(tokens) + 12, 1.5), starts[:1], 40, end=-1)[0]
print("the same model, 12 more on every logit, penalty 1.5:", len(set(raised)), "different words")

# %% stuck-lesson [markdown]
r"""
The same model, the same penalty, another text. So a good value found for one model says nothing
about another. Use penalties with care, and prefer a model that does not need them.
"""

# %% beam-why [markdown]
r"""
## Keep several beginnings

Greedy decoding has a deeper fault: it cannot take anything back. The best first word need not begin
the best sentence. Here is a small language in which it does not; each row says what may follow,
with its probability.
"""

# %% fork
names = ["<pad>", "<bos>", "<eos>", "a", "the", "my", "dog", "cat", "bird", "sun", "moon",
         "barks", "sleeps", "shines", "sets"]
rules = {
    "<bos>": {"a": 0.5, "the": 0.4, "my": 0.1}, "a": {"dog": 0.4, "cat": 0.35, "bird": 0.25},
    "the": {"sun": 0.9, "moon": 0.1}, "my": {"dog": 1.0}, "dog": {"barks": 0.6, "sleeps": 0.4},
    "sun": {"shines": 0.8, "sets": 0.2},
}
followers = torch.zeros(len(names), len(names), dtype=torch.float64)
for name in names:
    only = {"sleeps": 1.0} if name in ("cat", "bird", "moon") else {"<eos>": 1.0}
    for other, p in rules.get(name, only).items():
        followers[names.index(name), names.index(other)] = p
begin = torch.tensor([[1]])


def fork(tokens: Tensor) -> Tensor:
    return followers.log()[tokens[:, -1]]


# %% fork-greedy
def probability(sentence: list[int]) -> float:
    """Of the whole sentence, its end included."""
    path = [1, *sentence, EOS]
    return math.prod(followers[one, other].item() for one, other in itertools.pairwise(path))


first = greedy(fork, begin, 10)[0]
every = [[a, b, c] for a in range(3, 6) for b in range(6, 11) for c in range(11, 15)]
best = max(every, key=probability)
for name, sentence in {"greedy": first, "best of all": best}.items():
    phrase = " ".join(names[token] for token in sentence)
    print(f"{name:12} {phrase:16} {probability(sentence):.3f}")

# %% beam-idea [markdown]
r"""
Greedy takes *a*, since 0.5 is more than 0.4, and ends with a sentence of probability 0.120. The
sentence that begins with the second best word has 0.288.

One could try all sentences. There are $V^T$ of them: here that was easy, with a thousand words and
ten places it is $10^{30}$. **Beam search** is the compromise: keep not one beginning but the $n$
best, continue each by every word, and keep the best $n$ of all these continuations (Lowerre 1976
for speech recognition; Graves 2012 and Sutskever et al. 2014 for networks that write).

The probability of a text is a product; products of many small numbers run out of digits, so we add
logarithms: $\ln p(\text{text}) = \sum_t \ln p_t$.
"""

# %% beam-tree-why [markdown]
r"""
The rules, exactly, with $n$ beams:

1. Continue every beam by every token. A continuation's sum is the beam's sum plus the token's
   $\ln p$.
2. Look at the $2n$ best continuations. (At most $n$ of them can end, one for each beam; so at least
   $n$ are left to go on.)
3. Those that say `<eos>` and are among the $n$ best are **finished**. The $n$ best of those that do
   not say it are the next beams.
4. Go on until no beam is left or none can win any more, at most for `max_tokens` tokens; what
   `max_tokens` cuts off counts as finished. Of all finished sentences, the best score wins.

These are the rules of `transformers`' `generate` with `early_stopping="never"`, and this lesson's
code is tested against it.
"""

# %% beam-length [markdown]
r"""
What is the score? Not the sum alone. Every further word makes the sum smaller, since $\ln p < 0$,
so **short sentences win**. Wu et al. (2016) divide by a power of the length; in the simplest form

$$\text{score} = \frac{\sum_t \ln p_t}{\text{length}^{\alpha}}$$

where the length counts the new tokens with `<eos>`. With $\alpha = 0$ it is the sum, with
$\alpha = 1$ the mean for each token. (Their paper's own formula is
$((5 + \text{length}) / 6)^\alpha$; `transformers` has the simple one, and so have we.)
"""

# %% beam-length-numbers
short, long = [-1.2, -0.1], [-0.25] * 8  # ln p of each token
for alpha in (0.0, 0.6, 1.0):
    scores = [sum(some) / len(some) ** alpha for some in (short, long)]
    print(f"alpha {alpha}: two tokens {scores[0]:.2f}, eight tokens {scores[1]:.2f}")

# %% beam-exercise [markdown]
r"""
### Exercise: `beam_search`

Search: `next_logits` as before, `tokens` (1, T), one prompt. Return the best finished sentence (a
list of new tokens, without `end`) and its score.

Follow the four rules above. The beams are the rows: at first one, then up to `n_beams`; every call
of `next_logits` continues all of them at once. A continuation of probability 0 ($\ln p = -\infty$)
is never a beam. No beam can win any more when even the best sum among them, divided by `max_tokens`
to the power of $\alpha$, is not above the best score so far, for a sum only falls: then ask no
more.

Hint: Carry `tokens` (n, T) and `sums` (n,). Per round: the `log_softmax` of the logits is (n, V);
add `sums[:, None]`, then `flatten()`, and `topk` of `2 * n_beams` (or fewer, if there are fewer).

Hint: An index into the flattened (n * V) tells both: divided by V (`//`) it is the beam it came
from, the rest (`%`) is the token. New tokens: the rows of those beams, with the token behind.

Hint: `finished` = token is `end`, or this is the last round. Among the first `n_beams` candidates,
score the finished ones (sum / round ** alpha) and remember the best with `before(end, ...)`. Then
keep the first `n_beams` candidates that are not finished and whose sum is above `-math.inf`: index
`tokens` and `sums` with them. Stop when none is left, or when the first of them, the best, can no
longer win.

Help: I see `selected index k out of range`
In the first round there is one beam: V candidates, perhaps fewer than `2 * n_beams`. Take the
smaller number.

Help: I see `a token is put behind another beginning`
Beam number 0 of the next round need not continue beam number 0 of this one. Use `tokens[rows]`.

Help: I see that the model is called too often
There is a loop over the beams, which one call continues all together; or the search goes on though
no beam is left that can win.

Help: I see `short sentences win whatever alpha is`
The sum must be divided by the number of new tokens (with `end`) to the power of alpha, before it is
compared.
"""

# %% exercise points=5 difficulty=5 minutes=45
from course.decoding import beam_search

# %% check
check(beam_search)

# %% tree-why [markdown]
r"""
Watch it work. We only listen at the model's door: the rows that it is asked about are the beams.
"""


# %% tree-listen
def search_tree(n_beams: int) -> tuple[dict[tuple, float], list[tuple], list[int]]:
    """Every continuation that was looked at, with its probability;
    the beginnings that lived on; the sentence found."""
    lived, looked_at = [], {(): 1.0}

    def listened(tokens: Tensor) -> Tensor:
        lived.extend(map(tuple, tokens[:, 1:].tolist()))
        return fork(tokens)

    found, _ = beam_search(listened, begin, n_beams, 6, alpha=0.0)
    for path in sorted(lived, key=len):
        # 0 where your search lets live on what is impossible
        row = looked_at.get(path, 0.0) * followers[path[-1] if path else 1]
        for token in row.nonzero()[:, 0].tolist():
            looked_at[(*path, token)] = row[token].item()
    return looked_at, lived, found


trees = {n_beams: search_tree(n_beams) for n_beams in (1, 2)}
for n_beams, (looked_at, _, found) in trees.items():
    print(f"{n_beams} beam(s): {len(looked_at) - 1:2} continuations looked at; "
          f"found: {' '.join(names[token] for token in found)}")


# %% tree-draw
def draw_tree(axis: plots.Axes, looked_at: dict, lived: list, found: list[int]) -> None:
    """From left to right; thick: lived on, thin and dotted: dropped; boxed: the sentence found."""
    leaves, height = sorted(set(looked_at) - {path[:-1] for path in looked_at if path}), {}
    for path in sorted(looked_at, key=len, reverse=True):
        below = [height[other] for other in looked_at if other and other[:-1] == path]
        height[path] = sum(below) / len(below) if below else -float(leaves.index(path))
    won = [tuple([*found, EOS][:n]) for n in range(len(found) + 2)]
    thick, thin = {"color": plots.COLOURS[0], "linewidth": 2.2}, {"color": "gray", "linestyle": ":"}
    for path, p in looked_at.items():
        if path:
            edge = [len(path) - 0.75, len(path) - 0.28], [height[path[:-1]], height[path]]
            axis.plot(*edge, **(thick if path in lived + won else thin))
        box = {"facecolor": "#f3d789" if path in won else "white", "edgecolor": "none", "pad": 1.5}
        label = f"{names[path[-1]]} {p:.2f}" if path else "<bos>"
        axis.text(len(path), height[path], label, ha="center", va="center", fontsize=8, bbox=box)
    axis.set(xlim=(-0.4, 4.4), ylim=(0.3 - len(leaves), 0.7), frame_on=False, xticks=[], yticks=[])


# %% tree-figure
figure, axes = plots.canvas(11, 4.6, columns=2)
for axis, (n_beams, tree) in zip(axes, trees.items(), strict=True):
    draw_tree(axis, *tree)
    axis.set_title(f"{n_beams} beam" + "s" * (n_beams > 1), fontsize=10)
plots.show(figure, alt="Two trees of beginnings from left to right, each with its "
                       "probability. With one beam only a, then a dog, then a dog barks "
                       "lives on and ends at 0.12. With two beams the beginning the, at "
                       "0.40, survives beside a, and the sun shines wins with 0.29.")

# %% tree-caption [markdown]
r"""
**Figure.** Each word ends a beginning and carries its probability. Thick lines lead to the
beginnings that lived on, dotted ones to those that were dropped or, at the end, beaten; the
sentence found is marked. Left, with one beam: *the* is dropped at the first step, and nothing later
can bring it back. Right, with two beams: *the* survives as second best, and one step later it
leads. The two beams need not be continued evenly: after the second step, *a cat* is dropped in
favour of *a dog* and *the sun*.
"""

# %% beam-wide-why [markdown]
r"""
So wider is better? A beam that is wide enough finds the most probable text of all; one of the cases
of your check was as wide as that. Let the bigram say its most probable sentence, with more and more
beams. **Predict:** what is the most probable English sentence?
"""

# %% beam-wide
print(f"mean length of a sentence in the text: {len(text) / 6000:.1f} tokens")
wider = {}
for alpha in (0.0, 1.0):
    for n_beams in (1, 10, 100):
        wider[alpha, n_beams] = beam_search(bigram, starts[:1], n_beams, 20, alpha, end=stop)
        sentence, score = wider[alpha, n_beams]
        print(f"alpha {alpha}, {n_beams:3} beams: score {score:6.2f}: {text_of(sentence)}")

# %% beam-wide-meaning [markdown]
r"""
Without the division by length, a hundred beams find a better and better score, and in the end a
"sentence" of one word. With it, the score rewards a long run of easy words, and long runs of easy
words win, which come again. **Nothing is wrong with the search. It found what we asked for.** The
most probable text is not a typical text: where a thousand different long sentences share most of
the probability, each has less than a thousandth of it, and one silly short sentence may have more.

It is no weakness of bigrams. In a large neural translator, Stahlberg and Byrne (2019) searched
exactly and found that for more than half of the sentences the most probable translation is the
EMPTY one. In Koehn and Knowles (2017) quality falls again beyond a width that lies between 4 and
30, depending on the languages. Beam search works well partly *because* it does not find the
optimum.
"""

# %% translator-why [markdown]
r"""
## Your translator

And on a real model? Take your own: the translator of lesson 09, which that lesson has left on your
desk, opened as a model of your own parts where `python -m course mine` has accepted them. If there
is none, a small one is trained here, as in lesson 09 but for a few seconds only. (Give it the time
of lesson 09 and come back: then all that follows speaks of yours.)
"""

# %% translator-load tags=["nbval-ignore-output"] why="whose translator it is depends on who has trained one"
from course.mine import kept as left_on_desk
from course.mine import parts

saved = left_on_desk("translator.pt")
own = parts.load_translator(saved) if saved and saved.exists() else None
print(f"your translator, {saved.name}" if own else "no translator here: a small one is trained")
print("in it,", parts.of("Transformer"))

# %% translator-data
from course.mine.tokenizer import Tokenizer
from course.mine.training import TrainingConfig, train
from course.mine.transformer import Transformer, TransformerConfig
from course.progress import ProgressBar, steps

data = corpus.splits(n_test=150)  # those of lesson 09: a quarter of a minute or so
few = data.train[:12_000]
german, english = (own.german, own.english) if own else (
    Tokenizer.train([pair.german for pair in few]),
    Tokenizer.train([pair.english for pair in few]),
)
asked = [torch.tensor([german.encode(pair.german)]) for pair in data.unseen_sentences]
wanted = [english.encode(pair.english) for pair in data.unseen_sentences]
print(len(asked), "sentences for the test, in nobody's training")


# %% translator-train tags=["nbval-ignore-output"] why="a learner's own translator is not trained here"
def small_translator() -> Transformer:
    """Trained for so short a time that it is unsure of itself."""
    torch.manual_seed(0)
    sizes = {"d_model": 64, "n_heads": 4, "d_ff": 128, "n_layers": 2, "positions": "rotary"}
    vocabularies = {"source_vocab_size": len(german), "target_vocab_size": len(english)}
    model = Transformer(TransformerConfig(**sizes, **vocabularies))
    pairs = [(german.encode(pair.german), english.encode(pair.english)) for pair in few]
    train(model, pairs, TrainingConfig(n_steps=400), report=ProgressBar("a small translator"))
    return model


translator = (own.model if own else small_translator()).eval()
print(f"{sum(part.numel() for part in translator.parameters()):,} parameters")

# %% translator-dice-why [markdown]
r"""
`reads(source)` is a `next_logits`: the encoder reads once, the decoder answers for the last
position. So all that you have built works on it as it is. First a single sentence, five times each
at the temperatures 0.2, 1 and 1.5 (equal translations are shown once): **predict** how many
different ones you will see at each.
"""


# %% translator-dice tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
def reads(source: Tensor) -> NextLogits:
    """next_logits of the translator that has read the source sentence (1, T_k)."""
    memory = translator.encode(source)
    return lambda tokens: translator.decode(tokens, memory, source)[:, -1]


shown = max(range(len(wanted[:10])), key=lambda row: len(wanted[row]))  # the longest of ten
print(" ".join(data.unseen_sentences[shown].german))
with torch.inference_mode():
    for tau in (0.2, 1.0, 1.5):
        dice = torch.Generator().manual_seed(0)
        rows = greedy(sampled(reads(asked[shown]), dice, tau=tau), begin.expand(5, -1), 30)
        for row in dict.fromkeys(map(tuple, rows)):
            print(f"   tau {tau}", " ".join(english.decode(row)))

# %% translator-decode-why [markdown]
r"""
Hot, one German sentence has many translations. (The small model may get this one wrong when cold,
too.) What does the heat itself cost? The same 150 unseen sentences, decoded in five ways; exactly
right or not. **Predict** the order of the five.
"""

# %% translator-decode tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
generator = torch.Generator().manual_seed(0)
ways = {
    "greedy": lambda model: greedy(model, begin, 30)[0],
    "beam 4": lambda model: beam_search(model, begin, 4, 30)[0],
    "tau 0.5": lambda model: greedy(sampled(model, generator, tau=0.5), begin, 30)[0],
    "p 0.9": lambda model: greedy(sampled(model, generator, p=0.9), begin, 30)[0],
    "as it is": lambda model: greedy(sampled(model, generator), begin, 30)[0],
}
with torch.inference_mode():
    models = [reads(source) for source in asked]
    written = {name: list(map(way, steps(models, name))) for name, way in ways.items()}
exact = {name: 100 * sum(map(eq, rows, wanted)) / 150 for name, rows in written.items()}
print({name: round(share) for name, share in exact.items()}, "% exactly right")

# %% translator-figure tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
figure = plots.bars(list(exact), [round(share) for share in exact.values()], "% exactly right")
for label in figure.axes[0].texts:
    label.set_text(label.get_text().removesuffix(".00"))
plots.show(figure, alt="Bars for five ways of decoding 150 sentences: greedy and beam 4 are "
                       "the highest, temperature 0.5 is lower, p = 0.9 far lower, "
                       "and drawing from the plain distribution is the lowest.")
print(f"ten words, each right with probability 0.9: {0.9 ** 10:.2f}")
differ = [row for row in range(len(asked)) if written["greedy"][row] != written["beam 4"][row]]
for row in differ[:3]:
    print("\n" + " ".join(data.unseen_sentences[row].german))
    for name in ("greedy", "beam 4", "as it is"):
        print(f"   {name:9}", " ".join(english.decode(written[name][row])))

# %% translator-caption [markdown]
r"""
**Figure.** The same model, the same sentences, five ways to decide. Drawing is a bad translator: of
ten words, each of which goes astray now and then, few sentences come home. The less is left to
chance, the better; best are the two that draw nothing. Below the bars stand the first sentences
about which greedy and beam 4 disagree, if there are any.

With a translator trained as in lesson 09 (put yours on the desk and see) all are higher. The last
one cannot be expected to come much beyond one in three, and that is no accident: label smoothing
(lesson 09) asks the model to keep a tenth of the probability for the other words, at every step. So
much tail is there by order, and whoever draws from all of it gets ten words right in about
$0.9^{10}$ of all cases, which is one in three.

A model that is still unsure gains some sentences by four beams. **The better the model, the less a
beam can add**: where every step is nearly certain, the greedy sentence *is* the most probable one.
When we tried it on four hundred sentences with a translator trained as in lesson 09, four beams
wrote three of them in another way: one was mended, none was spoilt. That is why we had to build a
language for a tree in which greedy goes wrong.

So what is right? It depends on what is wanted. One right answer (a translation, a sum): greedy or a
few beams. Many good answers (a story, a chat): draw, with the tail cut off.
"""

# %% translator-inside tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
from course.page import look_inside

look_inside(translator, german, english, corpus.detokenize(data.unseen_sentences[shown].german),
            parts=["sentence", "beam", "next"])

# %% translator-inside-caption [markdown]
r"""
**Figure.** Look inside: a sentence, the tree of its beams as it grows, and the next word with the
sliders of this lesson. **Predict** whether a second beam writes another translation than greedy
decoding, whose way is marked; then set the width. And **find** a step at which top-p leaves more
than one word: choose it among the written ones, and draw. (In a notebook that nobody has run, you
see a still.)
"""

# %% cache-why [markdown]
r"""
## Keep what was computed

Now to speed. To write token 100, `reads` sends all hundred tokens through the decoder, and one
token later all hundred and one. Yet of the hundred answers only the last is used. How much of the
work is new?

In a causal decoder, nothing about the old positions changes: position 5 sees the positions up to 5,
and what comes after cannot reach it. In an encoder it is otherwise: there everything looks at
everything. Check both on the translator:
"""

# %% cache-exact
source = asked[shown]
target = torch.tensor([[1, *wanted[shown]]])
with torch.inference_mode():
    memory = translator.encode(source)
    shorter, longer = (
        translator.decode(target[:, :length], memory, source)[:, :4] for length in (4, 6)
    )
    few, more = (translator.encode(source[:, :length])[:, :4] for length in (4, 5))
print("decoder: the first four positions stay the same:",
      torch.allclose(shorter, longer, atol=1e-5))
print("encoder: the first four positions stay the same:",
      torch.allclose(few, more, atol=1e-5))

# %% cache-idea [markdown]
r"""
So for each new token compute only the new position, in every layer. What does it need of the
others? Its query looks at their **keys** and takes of their **values**; nothing else of them. Keep
these, and you have the **KV cache**. Queries need not be kept: an old position never asks again.
The cross-attention is even simpler: its keys and values come from the memory, which does not change
at all, so they are made once.

A step then costs one row instead of $t$ rows. A text of $T$ tokens costs $T$ rows through the
layers instead of $1 + 2 + \dots + T$. A single new position needs no mask: it may look at all there
are. Only where several new ones are read together, such as those of a prompt, must each of them be
kept from looking at the later ones.
"""

# %% cache-rows
for n_tokens in (64, 256, 512):
    rows = n_tokens * (n_tokens + 1) // 2
    print(f"{n_tokens} tokens: {rows} rows without a cache, {n_tokens} with it")

# %% cache-memory-why [markdown]
r"""
Nothing is free: the cache takes memory, a key and a value of $d_{model}$ numbers for each token in
each layer, $2 \cdot n_{layers} \cdot T \cdot d_{model}$ numbers. **Predict:** GPT-3 has 96 layers,
$d_{model} = 12\,288$ and reads 2048 tokens (Brown et al. 2020). With 2 bytes a number, how many
gigabytes does ONE full text keep?
"""

# %% cache-memory-guess
guess = None  # your guess: gigabytes

# %% cache-memory
n_bytes = 2 * 2 * 96 * 2048 * 12288
reveal(guess, round(n_bytes / 1e9, 1))
print(f"for each token {n_bytes / 2048 / 1e6:.1f} MB")

# %% cache-memory-meaning [markdown]
r"""
Almost ten gigabytes for a single conversation, 4.7 MB a token. It is why later models share keys
and values among their heads (grouped queries, lesson 13).

How is it kept? Putting each new row behind the others with `torch.cat` copies everything at every
token. Better: **make the room once**, for `max_length` positions, and write each new row into its
place. What is returned is the filled part, which is a view and costs nothing. With beams one more
thing is needed: when beam 0 is dropped and two beams go on from beam 1, the rows of the cache must
follow.
"""

# %% cache-exercise [markdown]
r"""
### Exercise: `KVCache`

Build it: called with the keys and values (B, H, n, d_head) of the n newest positions, the cache
stores them and returns all so far; `reorder(rows)` makes row r continue what row `rows[r]` had.

The room is made once, in the first call, for then B, H, d_head and the dtype are known. Keys and
values may have different widths. More than `max_length` positions raise a `ValueError`.

Hint: The constructor remembers `max_length`, `length = 0`, and that there are no `keys` and
`values` yet (None). Begin with `super().__init__()`.

Hint: In `forward`, the new positions stand at `length` up to `length + n`.
`key.new_empty(B, H, max_length, d_head)` makes room in the right dtype; assign to the slice, move
`length`, return the slices up to it.

Hint: `reorder` is indexing with a tensor of rows, for both: `x[rows]` takes row `rows[0]`, then row
`rows[1]`, and so on; it may take one twice.

Help: I see `every piece is written over the one before it`
All landed on the same place. `length` grows by n, and n is 1 only for a single new token: a
prompt brings many.

Help: I see `was a number type fixed on the way?`
`torch.zeros(...)` makes float32. Let the key decide: `key.new_empty(...)`.
"""

# %% exercise points=4 difficulty=4 minutes=20
from course.kv_cache import KVCache

# %% check
check(KVCache)

# %% attend-why [markdown]
r"""
## One layer, the newest positions

Now fill it. A self-attention layer is given the newest positions alone: one, as a rule, or several
where a prompt is read. What is it to do otherwise than in lesson 05? It makes queries, keys and
values of these few; puts keys and values into the cache; and lets the queries look at all that the
cache gives back.

Two things must be minded, and both are about *where the newest stand*. **Who may look where**: the
first of n new positions must not see the second. With `start` positions read before, the rows of
the causal mask that count are those from `start` on, each with a column for every position so far.
By hand, two read and two new:

| | 0 | 1 | 2 | 3 |
|---|---|---|---|---|
| position 2 sees | yes | yes | yes | no |
| position 3 sees | yes | yes | yes | yes |

**What position is it?** Your translator has rotary positions: queries and keys are turned by their
place in the text. The first of the newest stands at `start`, not at 0; for this your `rotate` of
lesson 06 has an argument of that name. A cache that turns each new token as if it stood at 0 is a
well-known mistake, which no shape betrays.
"""

# %% attend-parts
from course.mine.attention import causal_mask, scaled_dot_product_attention
from course.mine.multi_head import MultiHeadAttention, merge_heads, split_heads
from course.mine.positions import rotate

print("rows from 2 on of the mask of 4:", causal_mask(4)[2:].tolist())

# %% attend-exercise [markdown]
r"""
### Exercise: `attend_to_cache`

Let the newest positions look back: `attention` is a layer of lesson 05, `x` (B, n, d_model) the n
newest positions, and `cache` a `KVCache` that has read `cache.length` positions before these. Keep
the keys and values of x in it, and return what the layer gives for x, (B, n, d_model).

Each of the new positions sees all that were read before, those of the new ones that stand before
it, and itself. With `rotary`, queries and keys are turned by their positions, head by head; without
it they are not. Do not use `project`: that of a rotary layer turns from position 0 on.

By hand: one head of width 2, `w_q` is 0, so that all keys are worth the same, `w_v` changes
nothing, `w_o` is times 10. First comes (4, 0) and gives (40, 0). Then (8, 2) comes: the mean of
both is (6, 1), so it gives (60, 10).

Hint: Queries, keys and values are `attention.w_q(x)`, `attention.w_k(x)` and `attention.w_v(x)`,
each through `split_heads`. Read `cache.length` before you call the cache, for the call moves it.

Hint: `cache(key, value)` returns keys and values of all T positions so far, and
`scaled_dot_product_attention` takes few queries and many keys as they are. The mask is (n, T): the
last n rows of the causal mask of T.

Hint: `start = cache.length`; the three pieces; `if rotary:` query and key through
`rotate(..., start)`; the cache; `causal_mask(start + n)[start:]`; the attention; `merge_heads`, and
`attention.w_o`.

Help: I see `The size of tensor a`
The mask does not fit the scores. Its rows are the newest positions, its columns all positions so
far: print the shapes of the mask and of the keys that the cache gave back.

Help: I see that only rotary cases are wrong
By which position is the first of the new ones turned? By the length that the cache had before it
was called. And are the heads split before they are turned?
"""

# %% exercise points=3 difficulty=3 minutes=15
from course.kv_cache import attend_to_cache

# %% check
check(attend_to_cache)

# %% step-why [markdown]
r"""
## One step of the decoder

A decoder layer also looks at the memory. Its keys and values never change, so they need no cache
that grows: `project` makes them once, before the first word is written, in every layer. What is
left of the cross-attention at each step is short, and given:
"""

# %% step-parts
import functools
import inspect

from course.kv_cache import attend_to_memory
from course.mine.blocks import residual
from course.mine.transformer import Decoder

print(inspect.getsource(attend_to_memory))

# %% step-exercise [markdown]
r"""
### Exercise: `decoder_step`

Run the newest positions `x` (B, n, d_model) through the whole decoder of lesson 08, and nothing
else: return its output for them, (B, n, d_model).

Each layer has its own cache in `caches`, and in `memories` its own pair, the keys and values of the
memory. In every layer come self-attention over the cache, cross-attention to the memory,
feed-forward; each in a `residual` with its own norm, before or after as `layer.norm_first` says;
behind all layers `decoder.norm`. Hand `rotary` on to your `attend_to_cache`.

By hand: one pre-norm layer whose sub-layers say the same whatever they hear, the first (1, 4, −4,
−1), the others (0, 1, −1, 0) each. Then x = (0, 1, −1, 0) becomes (1, 7, −7, −1), which the last
norm makes (0.2, 1.4, −1.4, −0.2).

Hint: It is `DecoderLayer.forward` of lesson 08 in a loop over three lists at once:
`for layer, cache, (keys, values) in zip(decoder.layers, caches, memories)`.

Hint: `residual(x, sublayer, norm, norm_first)` wants a function of one argument. For the
self-attention it is `lambda y: attend_to_cache(layer.self_attention, y, cache, rotary)`.

Hint: Three lines in the loop, each `x = residual(x, ..., layer.norm_1, layer.norm_first)` with the
norm of its number; the third sub-layer is `layer.feed_forward` itself. After the loop
`return decoder.norm(x)`.

Help: I see `all layers write into the first cache`
Which cache does the loop hand on? Go over `decoder.layers`, `caches` and `memories` with one `zip`.

Help: I see that only post-norm is wrong
`residual` takes pre-norm unless told otherwise: give it `layer.norm_first` as its fourth argument.
"""

# %% exercise points=4 difficulty=4 minutes=15
from course.kv_cache import decoder_step

# %% check
check(decoder_step)

# %% cache-use-why [markdown]
r"""
Together, these are a cached Transformer, and all of it is yours. `SteppingTransformer` (given) only
does the housekeeping. It is a `next_logits` like any other: it takes all tokens (B, T), sees which
of them it has read, embeds the rest and hands them to your `decoder_step`. Beams need no special
care: it recognises each row by its tokens and calls your `reorder`.

First the promise: **the same text, to the last token**, for all 150 sentences, greedy and with four
beams.
"""

# %% cache-same tags=["nbval-ignore-output"] why="after a training, a tie can fall otherwise on another machine"
from course.kv_cache import SteppingTransformer


def steps_through(source: Tensor, cache: type = KVCache) -> NextLogits:
    """The translator that has read the source, by your step."""
    return SteppingTransformer(translator, source, 31, cache, decoder_step)


cached = {
    name: [ways[name](steps_through(source)) for source in steps(asked, f"{name}, cached")]
    for name in ("greedy", "beam 4")
}
same = {name: sum(map(eq, cached[name], written[name])) for name in cached}
print("sentences that are the same with and without the cache:", same, "of", len(asked))

# %% cache-same-logits
quick, slow = steps_through(asked[shown]), reads(asked[shown])
with torch.inference_mode():
    lengths = range(1, target.shape[1] + 1)
    largest = max((quick(target[:, :t]) - slow(target[:, :t])).abs().max().item() for t in lengths)
print("largest difference of a logit is below 0.0001:", largest < 1e-4)

# %% cache-break-why [markdown]
r"""
Now break it. A cache that forgets to reorder raises no error: every shape fits. Each beam goes on
with the past of another. How would one notice? `beam_search` says a score; the model, asked without
any cache, can say the true one.
"""


# %% cache-break
class Forgetful(KVCache):
    """The well-known bug: the rows stay where they were."""

    def forward(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        self.n_rows = len(key)
        return super().forward(key, value)

    def reorder(self, rows: Tensor) -> None:
        super().reorder(torch.arange(len(rows)) % self.n_rows)


def true_score(source: Tensor, sentence: list[int]) -> float:
    """The mean ln p of the sentence and its end, computed at once."""
    answers = [*sentence, EOS][:30]  # 30 tokens are written at most
    log_p = translator(source, torch.tensor([[1, *sentence]])).log_softmax(dim=-1)[0]  # (T, V)
    return log_p[range(len(answers)), answers].mean().item()


# %% cache-broken tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
wrong = {}
for name, cache in {"your cache": KVCache, "without reorder": Forgetful}.items():
    models = [steps_through(source, cache) for source in steps(asked, name)]
    found = [beam_search(model, begin, 4, 30) for model in models]
    with torch.inference_mode():
        true = [
            true_score(source, sentence)
            for source, (sentence, _) in zip(asked, found, strict=True)
        ]
    scores = [score for _, score in found]
    wrong[name] = sum(abs(score - right) > 0.001 for score, right in zip(scores, true, strict=True))
print("scores that are wrong, of", len(asked), ":", wrong)
forgetful = ways["greedy"](steps_through(asked[0], Forgetful))
print("with one beam nothing is noticed:", forgetful == cached["greedy"][0])

# %% cache-break-meaning [markdown]
r"""
Greedy decoding notices nothing, since its rows never change places, and beam search computes with
scores that are wrong. Test a cache with beams that change places, or you have not tested it.

And the speed? The clock must compare like with like. Two things can make decoding faster: that old
positions are not computed again, and that what is computed takes fewer, larger operations. So there
are three competitors. The first is the plain decoder without a cache. The second is your cache and
your step, made of the same plain parts: what it wins is the cache's. The third, `CachedTransformer`
(given), has your cache too, but joins the three projections into one product and calls torch's own
norm and attention: what it wins beyond the second has nothing to do with caching.
"""

# %% cache-speed-why [markdown]
r"""
Take a larger decoder, 4 layers of width 128. (Its weights are random, which changes nothing for the
clock.) Let each of the three write 256 tokens, and look at the clock at every token; it counts the
processor's seconds, not those on the wall. **Predict** the shape of the three curves.
"""

# %% cache-large
sizes = {"d_model": 128, "n_heads": 4, "d_ff": 512, "n_layers": 4,
         "source_vocab_size": 600, "target_vocab_size": 600}
large, source = Transformer(TransformerConfig(**sizes)).eval(), torch.randint(3, 600, (1, 16))
memory = large.encode(source)
print(f"{sum(part.numel() for part in large.parameters()):,} parameters")

# %% cache-speed tags=["nbval-ignore-output"] why="times differ from run to run"
from course.kv_cache import CachedTransformer

models = {
    "without a cache": lambda tokens: large.decode(tokens, memory, source)[:, -1],
    "your cache and step": SteppingTransformer(large, source, 257, KVCache, decoder_step),
    "cache, fused operations": CachedTransformer(large, source, 257, KVCache),
}
clocks, texts = {name: [] for name in models}, {}
for name, model in steps(list(models.items()), "three ways"):
    def watched(tokens: Tensor, name: str = name, model: NextLogits = model) -> Tensor:
        clocks[name].append(time.process_time())
        return model(tokens)

    with torch.inference_mode():
        texts[name] = greedy(watched, begin, 256, end=-1)

# %% cache-figure tags=["nbval-ignore-output"] why="times differ from run to run"
ends = list(range(16, 256, 16))
per_token = {
    name: [1000 * (times[end] - times[end - 16]) / 16 for end in ends]
    for name, times in clocks.items()
}
total = {name: times[-1] - times[0] for name, times in clocks.items()}
print("the same text:", all(text == texts["without a cache"] for text in texts.values()))
for name in list(models)[1:]:
    print(f"{name}: {total['without a cache'] / total[name]:.1f} times as fast as without")
figure = plots.lines(ends, per_token, "tokens written", "milliseconds for one token")
figure.axes[0].set_ylim(bottom=0)
plots.show(figure, alt="Milliseconds for one token against the number of tokens "
                       "written, up to 256. Without a cache the curve climbs "
                       "steadily; with the cache, in plain parts or fused, it stays "
                       "flat, far below, and fused operations lie lower still.")

# %% cache-caption [markdown]
r"""
**Figure.** Without a cache every token is dearer than the one before. With it, a token costs about
the same at the end as at the beginning, and much of that is probably the calls of Python into torch
rather than arithmetic. (Attention to the past still grows with the length, but one row against a
few hundred keys is nothing.) So fewer calls help, and the lowest curve is lower for this reason,
not because of the cache: only the flatness is the cache's. For the first few tokens, where there is
hardly a past to save, the plain decoder and your step are still close. The text is identical: the
cache changes when something is computed, not what. And the longer the text, the larger the gain,
since the left-out work grows with the square of the length.
"""

# %% remember [markdown]
r"""
## What you built, what to remember

- The chain: logits / temperature, top-k, softmax, top-p, draw. Top-k needs only the order, top-p
  the probabilities, and it measures them after the temperature.
- The long tail: every word in it is next to impossible, all together they spoiled nearly one
  sentence in four. Cut it off before you draw.
- Greedy is temperature 0. It loops, it cannot take anything back, and for a good model with one
  right answer it is what you want.
- Beam search keeps $n$ beginnings and needs a rule for lengths. A wider beam finds more probable
  texts, which are not better ones: the most probable text is not a typical one.
- A chatbot's answers differ because it draws; the model and its probabilities stay the same.
- The KV cache is exact, since in a causal decoder the past never changes. It costs
  $2 \cdot n_{layers} \cdot T \cdot d_{model}$ numbers; with beams it must be reordered, and new
  positions must know where they stand.

Everything here works on any `next_logits`. In lesson 11 you build the most famous one: a
decoder that needs no encoder, GPT.
"""

# %% try-this [markdown]
r"""
## Try this

Small experiments, not graded; change a cell above and run it again.

1. **Two memories.** Count a trigram (`ngram_probabilities` with `n=3`) and let it write greedily.
   How long is its circle, and why must it come to one too?
2. **Noise instead of dice.** Add $-\ln(-\ln u)$ with a fresh uniform $u$ to every logit and decode
   greedily. Count what comes after *because*: it is sampling again (the Gumbel-max trick). Can you
   see why?
3. **A fourth screw.** Keep the words whose probability is at least a tenth of the likeliest's
   (*min-p*, Nguyen et al. 2024). How many stay after *because*, and how many after *the*? Compare
   with top-p.
4. **Longer.** Let the large decoder write 512 tokens with and without the cache. By how much does
   the gain grow?
5. **A well-known mistake.** Turn every new token as if it stood at position 0 (`rotate(query)`
   and `rotate(key)`), and count again how many of the sentences stay the same. And does the check
   find it?
"""
