# %% question [markdown]
r"""
# 09 · A translator of your own

**How does a Transformer that knows nothing become one that translates sentences it never saw, on
your laptop, in a few minutes? And how do you know that it really does?**

| | |
|---|---|
| **At its end you have built** | a tokenizer, batches without waste, a loss, a learning rate that rises and falls, and the step that learns; a measure of how good a translation is; of these, and of your parts from earlier lessons, a German-English translator, to which you can type sentences and which says where it is in doubt; and a clinic of fifteen bugs, which shows that a low loss proves nothing |
| **Time** | about 4 hours; *One step* (after exercise seven) is a good place to pause |
| **It needs** | lesson 08 (the Transformer), lesson 02 (teacher forcing, padding, alignment) |
"""

# %% setup
import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise, repeat

import torch
from torch import Tensor, nn

from course import corpus, plots, progress
from course.checks import check, reveal
from course.mine import kept, parts
from course.mine.seq2seq import PAD, shift_right
from course.mine.tokenizer import START, merge_pair
from course.mine.training import TrainingConfig, as_batch, validation_loss
from course.mine.transformer import Transformer, TransformerConfig

torch.set_num_threads(1)  # small matrices: a second thread would cost more than it brings

# %% map-caption [markdown]
r"""
**Figure.** Where you are. The model is whole, but it knows nothing. This lesson cuts text into
tokens, trains the model, and measures how well it translates.
"""

# %% map
plots.show_map("09")

# %% text [markdown]
r"""
## What there is to read

The course's corpus writes German sentences together with their English. 120,000 pairs are for
learning. Three tests are kept apart, because there are three different things a translator may be
asked:

- **unseen sentences**: built like those it learned from, but none of them was among those;
- **unseen pairs**: in each, a verb meets an object with which it never stood in training (both are
  well known, only not together);
- **longer**: more words on either side than any sentence in training has.

To write them takes the computer a quarter of a minute or so.
"""

# %% text-splits
print("writing sentences ...")
splits = corpus.splits()
for name, pairs in splits._asdict().items():
    pair = pairs[1]
    longest = max(one.length for one in pairs)
    print(f"{name:16} {len(pairs):7,} pairs, up to {longest} words, such as")
    print(f"    {corpus.detokenize(pair.german)}\n    {corpus.detokenize(pair.english)}")

# %% text-typed-why [markdown]
r"""
All of these were made by one grammar, so a translator that has the grammar passes all three tests.
A person who types a sentence has never heard of that grammar. So there is a fourth test, **typed**:
written by hand, one sentence after the other, as a stranger would type them into a translator;
where several translations are right, as many stand there as we could think of. Most are built in
ways that the grammar knows, too. Some are built in ways that it never uses, and it is never taught
them: we want to see what a translator does then.
"""

# %% text-typed
typed = {"taught": [], "never met": []}
for one in corpus.typed():
    typed["taught" if one.taught else "never met"].append(one)
for name, some in typed.items():
    constructions = {one.construction for one in some}
    print(f"typed, {name}: {len(some)} sentences of {len(constructions)} constructions, such as")
    print(f"    {some[0].german}\n    {' | '.join(some[0].english)}")

# %% text-guess [markdown]
r"""
**Predict:** 120,000 different German sentences. How many different words do you think they are made
of?
"""

# %% guess-words
guess = None  # your guess: a number of German words

# %% text-words
german_counts = Counter(word for pair in splits.train for word in pair.german)
english_counts = Counter(word for pair in splits.train for word in pair.english)
reveal(guess, len(german_counts))
print("English:", len(english_counts))
print("frequent:", *[word for word, _ in german_counts.most_common(8)])
print("rare:    ", *[f"{word} ({count})" for word, count in german_counts.most_common()[-6:]])

# %% pieces [markdown]
r"""
## Words as pieces

A small world; a real newspaper has hundreds of thousands of words, and tomorrow's has new ones. A
table with a row for each word can never be complete. Letters are few and always suffice, but then a
sentence is five times as long, and attention has to spell. What lies between?

**Begin with letters, and join what often stands together.** Count all neighbours in the text; the
most frequent two become one piece; count again. Philip Gage (1994) compressed files that way, with
bytes, hence the name *byte-pair encoding*; Sennrich et al. (2016) brought it to translation. Take
the four words of their own example, with their frequencies: *low* 5, *lower* 2, *newest* 6,
*widest* 3. Which two letters stand side by side most often?
"""

# %% guess-pair
guess = None  # your guess: two letters, such as "lo"

# %% pieces-count
toy_counts = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
neighbours: Counter = Counter()
for word, count in toy_counts.items():
    for two in pairwise(word):
        neighbours["".join(two)] += count
most = max(neighbours.values())
reveal(guess, *(two for two, count in neighbours.items() if count == most))
print(neighbours.most_common(6))

# %% pieces-tie [markdown]
r"""
*es* and *st* stand there equally often. A rule is needed, or the same text gives different pieces
on two computers. Ours: **the older piece wins**, first of the two first pieces, then of the second
ones. The letters are the oldest, in alphabetical order, so *es* goes before *st*; then come the
joined pieces in the order in which they were made.

Once *e* and *s* are joined, *newest* is `n e w es t`, and *es* meets *t* nine times. This helper
joins a pair wherever it stands in a list of pieces, from left to right:
"""

# %% pieces-merge
print(merge_pair(list("newest"), ("e", "s")))
print(merge_pair(list("banana"), ("a", "n")))

# %% merges-exercise [markdown]
r"""
### Exercise: `byte_pair_merges`

Find out which pieces are worth joining, in which order: that list is all that a tokenizer learns.

`counts` says how often each word occurs. Begin with each word as the list of its characters. At
most `n_merges` times: count every two pieces that stand side by side *inside* a word, as often as
the word occurs; of the most frequent pair join all occurrences (`merge_pair`); note the pair. Stop
early when every word is one piece. Return the list of pairs. Of equally frequent pairs the one
whose first piece is older wins, then the one whose second piece is older.

For the four words above the first three merges are `("e", "s")`, `("es", "t")` and `("l", "o")`.

Hint: Keep a dict from word to its pieces. In each round go through it, and for each two neighbours
(`itertools.pairwise`) add the word's *count*, not 1.

Hint: Keep a second dict: the age of each piece. The characters get 0, 1, 2, ... in sorted order, a
new piece gets the next number, unless it has one already.

Hint: `min(frequency, key=...)` with a tuple as key decides ties: minus the frequency first, then
the age of the first piece, then the age of the second.

Help: I see the right pairs in another order
The rule for ties is not followed. Do you compare the letters themselves? A joined piece is younger
than every letter, however it is spelled.

Help: I see a `ValueError` of `min` or `max`
All words have become one piece, and there is nothing left to count. Then the list is finished, even
if it is shorter than `n_merges`.
"""

# %% exercise points=3 difficulty=4 minutes=25
from course.tokenizer import byte_pair_merges

# %% check
check(byte_pair_merges)

# %% merges-corpus [markdown]
r"""
Now on the corpus. Each word gets a mark in front (`START` in the code; in lesson 01 that name stood
before a sentence), so that a piece knows whether it begins a word (Kudo and Richardson 2018 write
it as a low bar). How many pieces does a German word have on average, and how many different pieces
are there, after so many merges?
"""

# %% merges-curve
german_merges = byte_pair_merges({START + word: n for word, n in german_counts.items()}, 5_000)
steps, per_word, kinds = [0, 100, 200, 400, 600, 800, len(german_merges)], [], []
words, total = {word: list(START + word) for word in german_counts}, german_counts.total()
for step, pair in enumerate([None, *german_merges]):
    words = {word: merge_pair(pieces, pair) for word, pieces in words.items()} if pair else words
    if step in steps:
        per_word.append(sum(len(words[word]) * n for word, n in german_counts.items()) / total)
        kinds.append(len({piece for pieces in words.values() for piece in pieces}))
print("first merges:", german_merges[:6])
print("all merges:", steps[-1], " kinds of pieces at first and at the end:", kinds[0], kinds[-1])
figure, (left, right) = plots.canvas(9, 3.2, columns=2)
plots.lines(steps, {"pieces per word": per_word}, "merges", "pieces per word", axis=left)
plots.lines(steps, {"different pieces": kinds}, "merges", "different pieces", axis=right)
plots.show(figure, alt="""Two curves against the number of merges. Left: pieces per word fall from
    over five to one. Right: the number of different pieces rises, in the end one for each word.""")

# %% merges-caption [markdown]
r"""
**Figure.** Each merge makes sentences shorter and the table of pieces longer. Both have a price: a
longer sentence is more work in every layer (and in long texts attention grows with the square,
lesson 08); a longer table costs parameters, and rare pieces are seldom met, so they are badly
learned. Real systems stop at tens of thousands of pieces (37,000 in Vaswani et al. 2017, 50,257 in
GPT-2), newer ones at more than a hundred thousand.

Our world is small enough to go to the end: after all merges every word of the text is one piece.
Hold on to the middle of the curve all the same: after 400 merges only the most frequent words are
whole, all others lie there in parts. That is how words lie before a real translator.
"""

# %% back [markdown]
r"""
## There and back

To cut a *new* sentence, take each word as characters and apply the merges **in the order in which
they were learned**. Not the longest piece first, not from the left: the order is the tokenizer's
whole knowledge of which pieces are common. And the way back must give the same words again, or the
translator's answers cannot be read.
"""

# %% encode-exercise [markdown]
r"""
### Exercise: `bpe_encode`

Cut a sentence into pieces, with merges learned before.

`words` are the words of a sentence, `merges` a list of pairs. Of each word take the mark `START`
and its characters; for each merge, in order, join that pair wherever it stands (`merge_pair`).
Return the pieces of all words in one list.

With the merges `("l", "o")` and `("lo", "w")` the word *lower* becomes the mark, `low`, `e`, `r`:
four pieces.

Hint: A loop over the words, inside it a loop over the merges.

Hint: `list(START + word)` is where a word begins. Each merge gives a new, shorter list.

Hint: One result list for the sentence; `extend` it (or `+=`) by each word's pieces when all merges
are done.

Help: I see pieces that reach over two words
Merge within each word, not in the joined sentence.

Help: I see that only the first occurrence was joined
`merge_pair` joins all of them; `list.index` finds only the first.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.tokenizer import bpe_encode

# %% check
check(bpe_encode)

# %% decode-exercise [markdown]
r"""
### Exercise: `bpe_decode`

Read pieces as words again.

`pieces` is a list as `bpe_encode` makes it; return the list of words, without the marks. Whatever
the words were: `bpe_decode(bpe_encode(words, merges)) == words`.

Hint: Written one after the other, without anything between them, the pieces are the text, with a
mark wherever a word begins.

Hint: `str.split` cuts a text at a mark. What stands in front of the first one?

Hint: The first part is empty: leave empty parts out.

Help: I see an empty word at the beginning
The text begins with a mark, and `split` returns what is in front of it, too: nothing.
"""

# %% exercise points=1 difficulty=1 minutes=5
from course.tokenizer import bpe_decode

# %% check
check(bpe_decode)

# %% tokenizer [markdown]
r"""
## Words in parts

`Tokenizer` of `course.tokenizer` puts the three together and gives each piece a number; 0 to 3 are
`<pad>`, `<bos>`, `<eos>` and `<unk>`. The three are yours: `parts.here` takes what you wrote in
this notebook, and puts it in the places of the course's. (Whatever you have not written yet stays
the course's. Write it later, and run this cell again.)
"""

# %% tokenizer-run
own = parts.here(byte_pair_merges, bpe_encode, bpe_decode)
german = own.Tokenizer.train((pair.german for pair in splits.train), parts=True)
english = own.Tokenizer.train(pair.english for pair in splits.train)
print(len(german), "German pieces,", len(english), "English pieces")

# %% tokenizer-words-why [markdown]
r"""
With `parts=True` the German tokenizer keeps the pieces that merging made on its way, not only the
last ones, and the single letters. So it can take every word apart again, down to its letters. Here
are some words after 400 merges, then after all of them; two of them never stood in the text.
"""

# %% tokenizer-words
for word in ("nicht", "Hund", "übersetzen", "Bahnhof", "Schulgarten", "Hamster"):
    early = " ".join(bpe_encode([word], german_merges[:400]))
    late = " ".join(german.pieces[token] for token in german.encode([word]))
    print(f"{word:12} {early:24} {late:20} {'unknown' if german.unknown([word]) else ''}")

# %% tokenizer-unknown [markdown]
r"""
A new word falls into pieces that other words have made: any word at all, as long as its letters are
known. That is the whole point of subwords, and with it comes a trap. If every word of the text is
one piece, the model never *reads* any of the parts: their rows of the table stay as they were
drawn, and mean nothing. Provilkov et al. (2020) found the remedy: while it learns, now and then cut
a word that you could have left whole. So one source word in twenty is cut at random here. `chance`
is where the random numbers come from; the words of the tests stay whole.
"""

# %% encoded
chance = random.Random(0)
print([german.pieces[token] for token in german.encode(["übersetzen"], chance, share=1.0)])
encoded = {
    name: [(german.encode(pair.german), english.encode(pair.english)) for pair in pairs]
    for name, pairs in splits._asdict().items()
}
watched = encoded["train"][:200]  # what they are for comes later
whole = encoded["train"][200:]
in_parts = (german.encode(pair.german, chance) for pair in splits.train[200:])
to_train = [(source, target) for source, (_, target) in zip(in_parts, whole, strict=True)]
print(encoded["train"][1])

# %% waste [markdown]
r"""
## Batches without waste

A batch is a rectangle, sentences are not equally long, and the rest is padding. The mask of
lesson 04 keeps padding out of the result, but the computer multiplies it all the same. **Predict:**
take 60 pairs at random. What share of the source rectangle is padding?
"""

# %% guess-waste
guess = None  # your guess: a percentage

# %% waste-run
chosen = random.Random(0).sample(encoded["train"], 6_000)
at_random = [as_batch([source for source, _ in chosen[i : i + 60]]) for i in range(0, 6_000, 60)]
n_padding = sum((batch == PAD).sum().item() for batch in at_random)
padded = n_padding / sum(batch.numel() for batch in at_random)
reveal(guess, round(100 * padded))

# %% waste-idea [markdown]
r"""
Nearly half of the work for nothing. So deal the sentences out like letters into pigeonholes: one
for each pair of lengths (source, target). When a pigeonhole is full, it is a batch. Nothing in
it is padding.

When is it full? Not at a number of sentences: twenty long ones are far more work than twenty short
ones. We count **tokens**, so that every step costs about the same.
"""

# %% batches-exercise [markdown]
r"""
### Exercise: `batches_by_length`

Deal sentence pairs out into batches in which nothing is padding.

`order` are numbers of pairs, in the order in which you deal; `lengths[i]` is the tuple (source
tokens, target tokens) of pair `i`; `n_tokens` is the most that a batch may hold, source and target
together. Put each number into the pigeonhole of its lengths. As soon as one more pair of these
lengths would make the batch larger than `n_tokens`, it is finished and the pigeonhole is empty
again. Return a list of lists: the batches as they were finished; behind them what was left in the
pigeonholes, in ascending order of the lengths. A pair that is longer than `n_tokens` all by itself
is a batch alone.

With `n_tokens=10` and four pairs of lengths (2, 3), (1, 1), (2, 3), (2, 3): the batches are [0, 2],
then what is left: [1], [3].

Hint: A dict from the tuple of lengths to the list that is being filled. `dict.setdefault(key, [])`
makes the list when it is missing.

Hint: After appending, ask about the *next* pair: (number in the batch + 1) times (source + target)
tokens. Above `n_tokens`? Then move the list from the dict to the result: `dict.pop` does both at
once.

Hint: At the end `sorted(the dict)` gives the lengths that are left in ascending order; tuples are
compared by source first, then by target.

Help: I see that pairs are missing
What is still in the pigeonholes at the end belongs to the result too.

Help: I see batches that are larger than `n_tokens`
You ask whether the batch *has* passed the limit. Ask whether one more *would* pass it.
"""

# %% exercise points=3 difficulty=3 minutes=15
from course.training import batches_by_length

# %% check
check(batches_by_length)

# %% batches-run
lengths = [(len(source), len(target)) for source, target in encoded["train"]]
batches = batches_by_length(range(len(lengths)), lengths, n_tokens=1_000)
sources = [as_batch([encoded["train"][i][0] for i in rows]) for rows in batches]
empty_places = sum((source == PAD).sum().item() for source in sources)
print(f"{len(batches):,} batches of {len(lengths) / len(batches):.0f} pairs on average, "
      f"{empty_places} places of padding")

# %% smoothing [markdown]
r"""
## A loss that forgives a little

Teacher forcing asks for the probability of the right token (lesson 02), and its loss, the mean
surprise of lesson 01 (*cross-entropy*), is never content: the probability could always be higher.
To get there, the network makes one score much larger than all others, and becomes very sure, also
where two translations would be right. Szegedy et al. (2016) took the target itself down a little:
the right token shall have $1 - \epsilon$, and $\epsilon$ is shared out among all $V$ tokens alike,
the right one among them.

$$\text{loss} = -(1 - \epsilon) \ln p_{\text{right}} - \frac{\epsilon}{V} \sum_{v} \ln p_v$$

Now a network that is too sure pays: for $p_v \to 0$ the second term goes to infinity. The
Transformer's authors used $\epsilon = 0.1$ and reported worse perplexity, but better translations
(Vaswani et al. 2017, section 5.4). Of four tokens the first is right; how the loss depends on how
sure the network is:
"""

# %% smoothing-curve
sureness = torch.linspace(0.4, 0.999, 60, dtype=torch.float64)
others = ((1 - sureness) / 3).log()  # the other three tokens share what is left
all_four = sureness.log() + 3 * others
curves = {
    f"smoothing {epsilon}": -(1 - epsilon) * sureness.log() - epsilon / 4 * all_four
    for epsilon in (0.0, 0.1)
}
best_sureness = {name: sureness[curve.argmin()].item() for name, curve in curves.items()}
print({name: round(value, 3) for name, value in best_sureness.items()},
      "by the formula", 1 - 0.1 + 0.1 / 4)
figure = plots.lines(sureness, curves, "probability of the right token", "loss", markers=False)
plots.show(figure, alt="The loss against the probability of the right token. "
                       "Without smoothing it falls to the very end; with smoothing "
                       "0.1 it has its lowest point near 0.93 and rises behind it.")

# %% smoothing-caption [markdown]
r"""
**Figure.** Without smoothing the loss falls as long as the probability grows. With it there is a
best place, at $1 - \epsilon + \epsilon / V = 0.925$ (of the sixty points drawn 0.928 comes
nearest), and more is worse. Note that the smoothed loss never comes near zero: its lowest value is
not 0, so you cannot read quality off it.
"""

# %% smoothing-exercise [markdown]
r"""
### Exercise: `label_smoothing_loss`

The loss with which your translator will learn.

`logits (B, T, V)`, `answers (B, T)` with 0 for padding, `smoothing` is $\epsilon$. Return one
number: the formula above, averaged over all places that are not padding. With `smoothing=0` it is
`teacher_forcing_loss` of lesson 02.

By hand: $V = 2$, both tokens have probability 1/2. Whatever $\epsilon$ is, the loss is $\ln 2$.

Hint: `log_softmax` over the vocabulary gives all $\ln p_v$ at once; `gather` picks the right ones,
as in lesson 02.

Hint: $\frac{1}{V} \sum_v \ln p_v$ is a mean over the last axis.

Hint: Both terms have shape (B, T). Put them together there, and only then average over the places
that are words.

Help: I see a value that is slightly too large or too small
Do you share $\epsilon$ among the $V - 1$ wrong tokens? Here the right one gets its share, too (and
so it is in torch).

Help: I see that padding matters
Padding must be in neither of the two terms, nor in the number by which you divide.
"""

# %% exercise points=3 difficulty=3 minutes=15
from course.training import label_smoothing_loss

# %% check
check(label_smoothing_loss)

# %% schedule [markdown]
r"""
## Warm up, cool down

Lesson 07 showed where a fresh network needs small steps at first: deep, post-norm, with a large
rate. Ours is pre-norm and shallow, and a short warm-up costs it little. At the end every network
wants small steps: the gradient of one batch is only roughly right, and with large steps the weights
dance around the good place instead of settling in it. The paper's rule (Vaswani et al. 2017, eq. 3)
rises for `n_warmup` steps and then falls with the square root of the step, for ever:

$$\text{rate} = d_{\text{model}}^{-0.5} \cdot \min(\text{step}^{-0.5},\; \text{step} \cdot n_{\text{warmup}}^{-1.5})$$

It does not know when the training will end. We do, because your time is limited. Then a straight
line down to zero is better: up to the last step there is something to learn, and it ends calm.
"""

# %% paper-exercise [markdown]
r"""
### Exercise: `inverse_sqrt_schedule`

The paper's learning rate, as a function of the step; steps are counted from 1.

Return the number of the formula above. By hand: $d_{\text{model}} = 4$, `n_warmup` $= 4$: at step 4
both sides of the minimum are $1/2$, so the rate is $1/4$; at step 1 it is
$\frac{1}{2} \cdot \frac{1}{8} = \frac{1}{16}$, at step 16
$\frac{1}{2} \cdot \frac{1}{4} = \frac{1}{8}$.

Hint: `**` takes negative and broken exponents.

Hint: While it warms up, the second argument of the minimum is the smaller one; from `n_warmup` on
the first.

Hint: Three factors of the form `x**-0.5` or `x**-1.5`, and a `min`.

Help: I see `n_warmup times too steep`
Look at the exponent of `n_warmup`: at step `n_warmup` both sides of the minimum must be equal, as
in the example by hand.
"""

# %% exercise points=1 difficulty=1 minutes=5
from course.training import inverse_sqrt_schedule

# %% check
check(inverse_sqrt_schedule)

# %% warmup-exercise [markdown]
r"""
### Exercise: `warmup_schedule`

Our schedule: which share of the learning rate is used at step 1, 2, ..., `n_steps`.

A straight line from 0 (at step 0, which is never made) up to 1 at step `n_warmup`, then a straight
line down to 0 at step `n_steps`. With `n_steps=10` and `n_warmup=4`: step 1 gives 0.25, step 4
gives 1, step 7 gives 0.5, step 10 gives 0. With `n_warmup=0` there is only the way down.

Hint: Two cases: up to and including `n_warmup`, and behind it.

Hint: Going down, what is left of the way is `n_steps - step`, and the whole way is ...?

Hint: Each case is one division: steps made (or left) by steps of that part.

Help: I see a jump at `n_warmup`
The way down begins at `n_warmup`, not at 0: it is `n_steps - n_warmup` steps long.

Help: I see `ZeroDivisionError` where `n_warmup=0`
Do not divide by `n_warmup` when there is no warm-up; step 1 is behind it already.
"""

# %% exercise points=1 difficulty=2 minutes=6
from course.training import warmup_schedule

# %% check
check(warmup_schedule)

# %% schedule-picture
steps = range(1, 1_001)
paper = [inverse_sqrt_schedule(step, d_model=64, n_warmup=100) for step in steps]
ours = [warmup_schedule(step, n_steps=1_000, n_warmup=100) for step in steps]
curves = {"inverse square root": [rate / max(paper) for rate in paper], "up and down to 0": ours}
figure = plots.lines(steps, curves, "step", "share of the highest rate", markers=False)
plots.show(figure, alt="Two learning rates against the step. Both rise to 1 at "
                       "step 100. The paper's then falls slowly and is far from "
                       "0 at the last step; ours falls in a straight line to 0.")
print(f"at the last step: {paper[-1] / max(paper):.2f} of the highest rate, and {ours[-1]:.2f}")

# %% schedule-caption [markdown]
r"""
**Figure.** Both rise alike. At the last step the paper's rule still has a third of its highest
rate; a training that ends there ends in the middle of the dance.
"""

# %% step [markdown]
r"""
## One step

Everything is there; a step of learning puts it together. Now and then a batch has a very large
gradient, and one such step can throw away what a thousand have built. So the gradients are clipped,
as in lessons 01 and 02: if the norm of all of them together, taken as one long vector, is above a
limit, all are made shorter by the same factor. The direction stays.
"""

# %% step-exercise [markdown]
r"""
### Exercise: `train_step`

One step downhill; the training is this, some thousand times.

`model(source, inputs)` returns logits; `source (B, T_k)` and `target (B, T)` are padded behind
with 0. Shift the target (`shift_right` of lesson 02 returns inputs and answers), compute
`label_smoothing_loss` with `smoothing`, empty the old gradients, compute the new ones, clip their
norm to `clip` (`nn.utils.clip_grad_norm_`), let the `optimizer` step. Return the loss as a Python
number.

Ask the model once. After the step leave the gradients as they are: a cell further down looks at
them.

Hint: Six lines. The order of the last four: zero the gradients, `backward`, clip, `step`.

Hint: The model is *given* `inputs`, its logits are compared with `answers`. Change them round, and
it learns to repeat its input.

Hint: `loss.item()` is the number; the tensor `loss` would keep the whole computation in memory.

Help: I see `plain numbers are asked for`
The loss is still a tensor. `.item()` gives the number in it.

Help: I see that the second step is wrong although the first one was right
Old gradients are added to new ones unless `optimizer.zero_grad()` has emptied them.

Help: I see that clipping changes nothing
It works on the gradients: after `backward`, before `step`. And the name ends in `_`: it changes
them in place.
"""

# %% exercise points=3 difficulty=3 minutes=15
from course.training import train_step

# %% check
check(train_step)

# %% whose-why [markdown]
r"""
## Made of what you wrote

All parts of a translator are there now. Whose are they? The model comes from `course.mine`: where
`python -m course mine` has taken over your answers of lessons 02 to 08, your attention, your layers
and your decoder stand in it (lesson 08). What you wrote in this notebook needs no command.
`parts.here` puts it into its place, and `train`, `translate` and the tokenizer are made of it:
"""

# %% whose-run tags=["nbval-ignore-output"] why="whose parts they are depends on who has answered"
made = own.here(batches_by_length, label_smoothing_loss, warmup_schedule, train_step)
train, translate = made.train, made.translate
print(made.of("Transformer", "Tokenizer", "train", "translate"))

# %% overfit [markdown]
r"""
## First overfit one batch

Before you spend minutes on training, spend seconds: take **one** batch and learn it by heart. A
model that cannot even do that has a bug. A model that can may have one all the same, so look at
what it writes, not at the loss alone.

`learn` is your whole training in a few lines: take a batch, set the rate, make a step. The
optimizer is the AdamW of lesson 02. Adam (lesson 01) keeps two running means for each parameter, of
its slopes and of their squares; the step is the first divided by the root of the second. `betas`
say how much of each mean stays at every step: 0.9 and 0.98, as in the paper (Vaswani et al. 2017,
section 5.3). The W adds a small pull of every parameter towards 0 (Loshchilov and Hutter 2019).
"""

# %% overfit-learn
def learn(model: nn.Module, batches: Iterable, n_steps: int, rate: float) -> list[float]:
    optimizer, losses = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), fused=True), []
    for step, (source, target) in enumerate(islice(batches, n_steps), 1):
        optimizer.param_groups[0]["lr"] = rate * warmup_schedule(step, n_steps, n_steps // 10)
        losses.append(train_step(model, optimizer, source, target))
    return losses


# %% overfit-run
def fresh(d_model: int = 96, n_layers: int = 2, positions: str = "rotary") -> Transformer:
    torch.manual_seed(0)
    config = TransformerConfig(
        d_model=d_model, n_heads=4, d_ff=2 * d_model, n_layers=n_layers, positions=positions,
        source_vocab_size=len(german), target_vocab_size=len(english),
    )
    return Transformer(config)


def exactly(model: nn.Module, pairs: Sequence) -> float:
    """The share of the pairs, in percent, that it translates without an error."""
    written = translate(model, [source for source, _ in pairs])
    right = sum(words == target for words, (_, target) in zip(written, pairs, strict=True))
    return 100 * right / len(pairs)

# %% overfit-learn-run
few = encoded["train"][:16]
# of many lengths: padding, too
batch = as_batch([source for source, _ in few]), as_batch([target for _, target in few])
by_heart = fresh(d_model=64)
losses = learn(by_heart, repeat(batch), n_steps=100, rate=5e-3)
by_heart_right = exactly(by_heart, few)
print(f"first loss {losses[0]:.1f}, last loss {losses[-1]:.1f}, "
      f"translated without an error: {by_heart_right:.0f} %")

# %% overfit-note [markdown]
r"""
It knows its sixteen sentences. (The loss does not go to 0: that is the smoothing.) Of any other
sentence it knows nothing, but the path from German numbers to English ones is open.
"""

# %% bleu [markdown]
r"""
## A number for quality

How good is a translation? The strictest judge: it is right if it equals the reference, word for
word (**exact match**). In our small world, where most sentences have one translation, that is a
fair judge, if sometimes too strict a one. In the real world a sentence has a hundred good
translations, and exact match is near zero for the best of translators.

Papineni et al. (2002) count what the two have in common: the single words, and every two, three and
four words in a row (the n-grams of lesson 01). Three things must be done right. A translation *the
the the the* must not score because *the* stands in the reference: an n-gram counts **at most as
often as the reference has it**. A translation of one safe word must not score: if all translations
together are **shorter** than the references, there is a penalty. And one sentence is too little to
judge by: counts are added up **over the whole corpus** first.

$$\text{BLEU} = 100 \cdot \underbrace{\min\left(1, e^{1 - r / c}\right)}_{\text{too short?}} \cdot \left( p_1 \, p_2 \, p_3 \, p_4 \right)^{1/4} \qquad p_n = \frac{\text{n-grams that match}}{\text{n-grams written}}$$

with $c$ the number of words written and $r$ the number of words in the references. One pair, by
hand: written *the cat sat on the the mat*, reference *the cat sat on the mat*. **Predict** $p_1$:
how many of the seven words written count?
"""

# %% guess-bleu
guess = None  # your guess: 0 ... 7

# %% bleu-by-hand
written = corpus.tokenize("the cat sat on the the mat")
reference = corpus.tokenize("the cat sat on the mat")
matching = Counter(written) & Counter(reference)  # the smaller of the two counts of each word
reveal(guess, matching.total())
print(dict(matching), "of", len(written))

# %% bleu-exercise [markdown]
r"""
### Exercise: `corpus_bleu`

Judge a whole list of translations.

`translations` and `references` are lists of sentences, each a list of words; sentence `i` belongs
to sentence `i`, and a `ValueError` is raised where one list is longer than the other. Return BLEU
by the formula above, from 0 to 100. If for one of the four $p_n$ nothing matches, BLEU is 0.

By hand: written *a b c d e*, reference *a b c d f*: $p_1 = 4/5$, $p_2 = 3/4$, $p_3 = 2/3$,
$p_4 = 1/2$. Their product is $1/5$, its fourth root 0.669, so BLEU is 66.9.

Hint: Four counts of matches and four of n-grams written, all zero at first. Two loops, over
sentence pairs and over n, add to them.

Hint: `Counter(tuple(words[i : i + n]) for i in range(...))` counts n-grams; how many are there in a
sentence of that length? `a & b` of two Counters takes the smaller of each two counts, `.total()`
adds up.

Hint: Only after both loops come the divisions, the geometric mean (`math.exp` of the mean of the
four `math.log`, or `** 0.25`) and the factor for shortness.

Help: I see 0 for every single short sentence
A sentence of three words has no n-gram of four. That is why the counts are added up over all
sentences before anything is divided.

Help: I see a value above the expected one for long translations
Do you divide by the n-grams of the reference? $p_n$ is a share of what was *written*.
"""

# %% exercise points=3 difficulty=3 minutes=20
from course.bleu import corpus_bleu

# %% check
check(corpus_bleu)

# %% train [markdown]
r"""
## Better steps

AdamW gives each number of a weight matrix a step size of its own. But a matrix is more than its
numbers. Its gradient pulls in many directions at once: in a few of them strongly, in many weakly.
(It is thought that the strong ones come from what is frequent, the weak ones from what is rare.)
(How strongly, say its *singular values*, lesson 03.) **Predict:** the gradient of a weight matrix
64 wide has 64 such directions. How many of them are at least half as strong as the strongest? The
model that knows its sixteen sentences still holds its last gradient.
"""

# %% guess-directions
guess = None  # your guess: 1 ... 64

# %% muon-directions tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
from course.muon import orthogonalized

gradient = by_heart.encoder.layers[0].attention.w_q.weight.grad  # (d_model, d_model)
step = orthogonalized(gradient[None], n_iterations=3)[0]  # it takes a stack of matrices: here one
pulls, steps = torch.linalg.svdvals(gradient), torch.linalg.svdvals(step)
reveal(guess, (pulls > pulls[0] / 2).sum().item())
n_strong = (steps > steps[0] / 2).sum().item()
print("all directions:", len(pulls), " of Muon's step at least half as strong:", n_strong)

# %% muon-caption [markdown]
r"""
**Muon** (Jordan et al. 2024) keeps one running mean of each matrix's gradient, its *momentum*, as
Adam does, and then makes the step about equally long in most directions. Three rounds of a few
products of matrices do that, without a singular value being computed. The hope is that what is rare
then need not wait until all that is frequent has been learned; what we measure is only how fast the
whole is learned. `train` uses it for the matrices of the layers, and AdamW for tables, gains and
biases (`course.muon`).

That sounds good. Is it true? A race: two copies of a small model, the same batches in the same
order, the same 300 steps, all words whole. One takes AdamW's steps, at the rate that suited AdamW
best of those that we tried, the other Muon's. **Predict:** of the watched sentences, which neither
has seen, how many percent does each translate without an error?

One thing more before they start, and it has nothing to do with learning: a laptop spends much of
its time on carrying numbers to and fro. A `LayerNorm` written out is about ten operations, each of
which reads and writes the whole tensor; torch has one that does all of it in one go. `fused` puts
such operations into those parts of a model that are the course's, with the same parameters and the
same results. Where your own stand, it leaves them as you wrote them.
"""

# %% guess-race
guess = None  # your guess: two percentages, AdamW's and Muon's, such as (50, 50)

# %% race-run tags=["nbval-ignore-output"] why="training: times, and the last digits, differ between machines"
from course.mine.fused import fused

short = TrainingConfig(n_steps=300, n_warmup=30)
raced, losses_of = {"AdamW": fused(fresh(64)), "Muon": fused(fresh(64))}, {}
batches = progress.steps(list(islice(made.dealt_batches(whole, short), short.n_steps)), "AdamW")
losses_of["AdamW"] = learn(raced["AdamW"], batches, short.n_steps, rate=5e-3)
losses_of["Muon"] = train(raced["Muon"], whole, short, report=progress.ProgressBar("Muon"))
exact = {name: exactly(model, watched) for name, model in raced.items()}
reveal(guess, tuple(round(share) for share in exact.values()))
smooth = {name: [sum(some[i : i + 15]) / 15 for i in range(0, short.n_steps, 15)]
          for name, some in losses_of.items()}
figure = plots.lines(range(0, short.n_steps, 15), smooth, "step", "loss", markers=False)
plots.show(figure, alt="The loss of two trainings against the step. Muon's falls much sooner and "
                       "ends much lower than AdamW's.")

# %% race-caption [markdown]
r"""
**Figure.** The loss of both. After the same batches Muon's model is a different pupil. (A step of
its costs a little more; `make bench` gives both the same seconds.)

## The real training

Now a wider model and all 120,000 pairs, of which the first two hundred are kept back to watch over
the training (the *validation set*; test sentences are others, and no choice may depend on them).
`train` is your `learn` with batches by length and three things that long trainings need (you can
read it: `train??`). It reports its progress. From time to time it measures the loss on the watched
pairs, and keeps the best weights, also when you press the stop button. And with
`checkpoint=Path("training.pt")` it writes everything to a file, so that after an accident it can go
on to the very same result.

One idea is left. Rotary positions (lesson 06) turn queries and keys by angles, and a longer
sentence has angles that no training sentence had. Must the training sentences be longer, then? Zhu
et al. (2023) pretend: in half of the sentences all positions behind a random place are moved on,
here by up to `max_skip=14`. Words that stand side by side are then told to be far apart, and far
angles are met in short sentences. What that brings we will see further down.

This is the long one: a few minutes on a laptop. While you wait, think about what the exact match
will do while the loss falls.
"""

# %% train-run tags=["nbval-ignore-output"] why="training: times, and the last digits, differ between machines"
translator = fused(fresh())
settings = TrainingConfig(n_steps=7_000, learning_rate=6e-3, max_skip=14)
bar, exact_at = progress.ProgressBar(), {}


def report(training: object, n_tokens: int) -> None:
    bar(training, n_tokens)
    if len(training.losses) % 500 == 0:
        exact_at[len(training.losses)] = exactly(translator, watched)


losses = train(translator, to_train, settings, validation=watched, report=report)
n_parameters = sum(weights.numel() for weights in translator.parameters())
print(f"{n_parameters:,} parameters, last loss {sum(losses[-50:]) / 50:.2f}")

# %% train-curve tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
smooth = [sum(losses[i : i + 25]) / 25 for i in range(0, len(losses), 25)]
print({step: round(share) for step, share in exact_at.items()})
figure, (left, right) = plots.canvas(10, 3.4, columns=2)
plots.lines(range(0, len(losses), 25), {"loss": smooth}, "step", "loss", axis=left, markers=False)
plots.lines(list(exact_at), {"exact": list(exact_at.values())}, "step", "% without an error",
            axis=right)
plots.show(figure, alt="Two curves against the step. Left the training loss: it falls steeply at "
                       "first, then hardly at all. Right the share of the watched sentences "
                       "translated without an error, which goes on rising to the end.")

# %% train-caption [markdown]
r"""
**Figure.** Left the mean loss of every 25 steps, right what it is for: the share of the watched
sentences that come out without an error. Most of the loss's fall is over after a quarter of the
steps, and looking at it alone you might stop there. That would be a mistake: if each word is right
nine times in ten, a sentence of ten words comes out right one time in three.

It is yours, and it has cost you minutes. So it goes into a file, with both tokenizers: lesson 10
decodes *this* translator.
"""

# %% save tags=["nbval-ignore-output"] why="where it is kept depends on the computer"
from course.own_translator import save_translator

place = kept("translator.pt")
if place:
    save_translator(place, translator, german, english)
print(f"kept in {place}" if place else "not kept: this is the course's own run")

# %% tests [markdown]
r"""
## Three tests

The first 500 sentences of each; that is enough to see a percent or two, not less (all thousand, and
more than one training, are in the README: `make bench`). **Predict** before you look: which of the
three tests is the hardest? And what share of its sentences comes out without a single wrong word?
"""

# %% guess-tests
guess = None  # your guess: "unseen_sentences", "unseen_pairs" or "longer"


# %% tests-run tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
def examine(model: nn.Module, name: str) -> tuple[list[list[int]], float, float]:
    asked = encoded[name][:500]
    written = translate(model, [source for source, _ in asked])
    right = sum(words == target for words, (_, target) in zip(written, asked, strict=True))
    answers = [english.decode(tokens) for tokens in written]
    references = [pair.english for pair in getattr(splits, name)[:500]]
    return written, right / len(asked), corpus_bleu(answers, references)


tests = "unseen_sentences", "unseen_pairs", "longer"
results = {name: examine(translator, name) for name in progress.steps(tests, "tests")}
reveal(guess, min(results, key=lambda name: results[name][1]))
for name, (_, right, bleu) in results.items():
    print(f"{name:17} exact {100 * right:5.1f} %   BLEU {bleu:5.1f}")

# %% errors tags=["nbval-ignore-output"] why="training: other sentences may be wrong on another machine"
for name in results:
    answers = map(english.decode, results[name][0])
    pairs = zip(getattr(splits, name), answers, strict=False)
    wrong = [(pair, words) for pair, words in pairs if list(pair.english) != words]
    moved = sum(sorted(pair.english) == sorted(words) for pair, words in wrong)
    print(f"{name}: {len(wrong)} wrong, {moved} of them the right words in another order")
    for pair, words in wrong[:2]:
        print(f"   {' '.join(pair.german)}\n   wanted  {' '.join(pair.english)}\n"
              f"   written {' '.join(words)}")

# %% tests-note [markdown]
r"""
Nearly all unseen sentences come out word for word, and as many of those in which a verb meets a new
object: it did not learn sentences by heart, it learned what words do. Where it still errs, it has
often left something out or said something twice, or taken the wrong one of two meanings.

Longer sentences are another matter. Hardly anything in them is new, neither word nor construction,
only their length; and yet more of them are wrong. Look at the two errors above: what is wrong is a
place or a word, seldom the whole. (The right words in another order, *last week she slept* for *she
slept last week*, exact match, the strict judge, would call wrong as well.) And look at BLEU: it is
higher than exact match, because most of such a sentence is right.

## What people type

Now the fourth test, which no grammar made. Each sentence is asked for twice: as it was typed, and
without the sign at its end, which many people leave out. **Predict** the percentages: for ways of
building a sentence that the translator was taught, and for ways that it never met.
"""

# %% guess-typed
guess = None  # your guess: two percentages, such as (50, 50)


# %% typed-run tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
def answered(name: str, sign: bool = True) -> list[tuple[list[str], bool]]:
    """What it writes of each typed sentence, and whether that is one of the right translations.

    Without a sign at the end, the end of what is written is nobody's mistake."""
    left_out = "" if sign else ".?!"
    texts = [one.german.rstrip(left_out) for one in typed[name]]
    written = [english.decode(row) for row in translate(translator, numbered(texts))]
    wanted = [{corpus.detokenize(corpus.tokenize(text)).rstrip(left_out) for text in one.english}
              for one in typed[name]]
    said = [corpus.detokenize(words).rstrip(left_out) for words in written]
    return [(row, text in right) for row, text, right in zip(written, said, wanted, strict=True)]


def numbered(texts: Iterable[str]) -> list[list[int]]:
    return [german.encode(corpus.tokenize(text)) for text in texts]


typed_right = {
    (name, sign): 100 * sum(right for _, right in answered(name, sign)) / len(typed[name])
    for name in typed for sign in (True, False)
}
reveal(guess, tuple(round(typed_right[name, True]) for name in typed))

# %% typed-table tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
for name in typed:
    print(f"typed, {name:10} exact {typed_right[name, True]:5.1f} %   "
          f"without the final sign {typed_right[name, False]:5.1f} %")
for name, n_shown in (("taught", 2), ("never met", 5)):
    both = zip(typed[name], answered(name), strict=True)
    wrong = [(one, words) for one, (words, right) in both if not right]
    print(f"\nwrong, {name}:")
    for one, words in wrong[:n_shown]:
        print(f"   {one.german}  ({one.construction})\n      {corpus.detokenize(words)}")

# %% typed-note [markdown]
r"""
Read the wrong ones aloud. Where a construction was taught, most come out right, though fewer than
of the unseen sentences: a stranger puts words and constructions together in ways that the grammar
seldom does, or never. (The grammar was written, and mended, without anybody having read these
sentences.) Where it never met a construction, it writes the nearest thing that it has learned to
say (and in most of these sentences stands a word, too, that it never read, such as *hätte* or
*bevor*; in the others every word is known): sometimes good English, sometimes not even that, nearly
always wrong. It has no way to answer "I was never shown this". That is not a fault of our small
model. What a network does far from all that it has read, nobody has told it; and a test made by the
same hand as the training text will never show it. Whoever tells you that a model is nearly always
right should be asked: on what, and who wrote that?

## Doubt

It cannot say that it does not know. But it gives a probability to each word that it writes, and we
have thrown these away. **Predict:** mark each word whose probability is below one half (and a word
that stands there twice running). Of the typed sentences that came out wrong, what share has a mark
in it?
"""

# %% guess-doubt
guess = None  # your guess: a percentage

# %% doubt-run tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
from course.doubt import doubt_figures, doubtful, translate_with_doubt, word_probabilities

all_typed = [one for some in typed.values() for one in some]
sources = numbered(one.german for one in all_typed)
wanted = [[list(corpus.tokenize(text)) for text in one.english] for one in all_typed]
doubted = [word_probabilities(english, one) for one in translate_with_doubt(translator, sources)]
by_sentence, by_word = doubt_figures(doubted, wanted)
reveal(guess, round(100 * by_sentence.recall))
print(f"sentences with a mark: {by_sentence.doubted}, of these wrong: {by_sentence.both}, "
      f"precision {by_sentence.precision:.2f}, recall {by_sentence.recall:.2f}")
for one, pairs in list(zip(all_typed, doubted, strict=True))[-8:]:
    marks = doubtful(pairs)
    said = [f"[{word}?]" if mark else word for (word, _), mark in zip(pairs, marks, strict=True)]
    print(f"   {one.german}\n      {' '.join(said)}")

# %% doubt-note [markdown]
r"""
*Precision*: of the sentences with a mark, how many are wrong; *recall*: of the wrong ones, how many
have a mark. Neither is 1. A mark is no proof of an error, and a sentence without one is no proof
that all is well: a network can be sure and wrong. Still, a translator that marks its doubts is
worth more than one that is a little better and never does.
"""

# %% positions [markdown]
r"""
## Other positions

Lesson 06 measured four ways to tell a model the order of its words, and none at all, on toy tasks;
on longer texts only ALiBi never collapsed. Now on a real task. Neither rotary positions nor ALiBi
have any parameters, so your translator's weights fit both. We put them into a Transformer with
ALiBi. **Predict:** what share of the unseen sentences does it translate without an error, before it
has learned anything new?
"""

# %% guess-positions
guess = None  # your guess: a percentage

# %% positions-swap tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
with_alibi = fused(fresh(positions="alibi"))
with_alibi.load_state_dict(translator.state_dict())
right_when_swapped = exactly(with_alibi, encoded["unseen_sentences"][:200])
reveal(guess, round(right_when_swapped))

# %% positions-swapped [markdown]
r"""
Queries and keys have grown up with their positions: where each word used to find *the one before*
by an angle, there is no angle any more. So each scheme needs a training of its own, and for three
long ones we have no time. But the race has left us a small rotary model. Two more like it, with as
few steps: rotary with positions that skip, and ALiBi. None of them is done with learning, so exact
match would be too strict a judge; we ask for the mean surprise about the right words, as the
validation does. **Predict:** which of the three is surprised most by sentences that are longer than
any in training?
"""

# %% guess-alibi
guess = None  # your guess: "rotary", "rotary, skips" or "ALiBi"

# %% positions-run tags=["nbval-ignore-output"] why="training: times, and the last digits, differ between machines"
schemes = {"rotary": raced["Muon"]}
for name, positions, max_skip in (("rotary, skips", "rotary", 14), ("ALiBi", "alibi", 0)):
    schemes[name] = fused(fresh(64, positions=positions))
    settings = TrainingConfig(n_steps=300, n_warmup=30, max_skip=max_skip)
    train(schemes[name], whole, settings, report=progress.ProgressBar(name))
surprise = {
    name: {test: validation_loss(model, encoded[test][:300]) for test in tests}
    for name, model in schemes.items()
}
reveal(guess, max(surprise, key=lambda name: surprise[name]["longer"]))
for name, of_test in surprise.items():
    print(f"{name:14}", *[f"{test} {nats:.2f}  " for test, nats in of_test.items()])

# %% positions-groups
ends = [1, 6, 11, 16, 18, 20, 23, corpus.LONGEST]
n_words = [f"{begin + 1}-{end}" for begin, end in pairwise(ends)]
all_lengths = encoded["unseen_sentences"][:600] + encoded["longer"]
groups = [[pair for pair in all_lengths if begin < len(pair[0]) <= end]
          for begin, end in pairwise(ends)]
print({name: len(pairs) for name, pairs in zip(n_words, groups, strict=True)})

# %% positions-lengths tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
curves = {
    name: [validation_loss(model, pairs[:80]) for pairs in groups]
    for name, model in schemes.items()
}
by_length = [exactly(translator, pairs[:50]) for pairs in progress.steps(groups, "lengths")]
print("yours, without an error:", dict(zip(n_words, map(round, by_length), strict=True)))
figure, (left, right) = plots.canvas(11, 3.6, columns=2)
plots.lines(n_words, curves, "German words", "surprise, small models", axis=left)
plots.lines(n_words, {"yours": by_length}, "German words", "% without an error", axis=right)
plots.show(figure, alt="Left the surprise of three small models against the length of a sentence: "
                       "much alike up to 16 words; behind them rotary without skips rises most, "
                       "rotary with skips and ALiBi less. Right your translator's share of "
                       "sentences without an error: high at first, falling at the end.")

# %% positions-note [markdown]
r"""
**Figure.** Left the three small models, right your translator, by the length of the sentence. In
training no sentence had more than 16 words. Up to there the two rotary models are alike, and ALiBi
is a little behind. Beyond, all are more surprised with every word: length alone is hard. Rotary
with skips, which has met the far angles in short sentences, stays lowest, for a few lines of code
and not one longer sentence. ALiBi, which never collapsed in lesson 06, gains nothing here. Skips
are no cure: on the right your translator, which learned with them, gets most sentences right up to
23 words, and few behind.

What does each pay? A scheme that is steady far away is hardly ever the best nearby: ALiBi can only
prefer *the word before*, which a rotary head can ask for exactly, and an ALiBi encoder cannot even
tell left from right, except by what stands there; and who has to learn with skips has more to
learn. These differences are small, and three trainings as short as ours prove little about them.

(`make bench` gives rotary with skips and ALiBi the same seconds; the README has the figures.) Which
one you take depends on what you will be asked.
"""

# %% own [markdown]
r"""
## Your own sentence

Here is the sentence of all lessons, translated, with the attention of the last decoder layer. A row
is labelled with the piece that is about to be **written**; the next section but one says why that
matters.
"""

# %% own-translated
from course.alignment import word_weights
from course.plots.text_box import Translated, text_box


def translated(words: Sequence[str]) -> Translated:
    """A sentence's translation, its doubtful words, and what the last decoder layer looked at."""
    source = german.encode(words)
    (answer,) = translate_with_doubt(translator, [source])
    pairs = word_probabilities(english, answer)
    (weights,) = word_weights(translator, [(source, answer.tokens)]) if answer.tokens else [None]
    rows, columns = (
        [side.pieces[token].strip(START) for token in tokens]
        for side, tokens in ((english, answer.tokens), (german, source))
    )
    return Translated([word for word, _ in pairs], doubtful(pairs), weights, rows, columns)


# %% own-run tags=["nbval-ignore-output"] why="training: weights differ in their digits between machines"
my_sentence = "Kannst du mir helfen, diesen Satz zu übersetzen?"  # write your own here
shown = translated(corpus.tokenize(my_sentence))
running_translation = list(shown.words)
title = corpus.detokenize(running_translation)
figure = plots.heatmap(shown.weights, shown.rows, shown.columns, title, decimals=1)
plots.show(figure, alt=f"Weights of the last decoder layer. Rows: {' '.join(shown.rows)}. "
                       f"Columns: {' '.join(shown.columns)}.")

# %% own-caption [markdown]
r"""
**Figure.** The mean over the heads of the last decoder layer. Nearly each English word looks at the
German word that it translates: *translate* jumps to the end, where the German infinitive stands.
The running sentence was in none of the training pairs.

And now you. Type German into the box, and press Enter. A word that the translator does not know is
asked about, a missing sign or a small letter is mended and said, and doubtful words are marked. You
know no German? Open the list of words, or take a sentence by chance. (In a notebook that nobody has
run, the picture shows what the box looks like.)
"""

# %% own-box tags=["nbval-ignore-output"] why="the ids of the box are new in each run"
text_box(
    translated,
    mend=lambda text: corpus.mend(text, german.words),
    join=corpus.detokenize,
    glosses=corpus.glossary(),
    draw=lambda: corpus.detokenize(random.choice(splits.unseen_sentences).german),
    sentence="Der Hund schläft, weil er müde ist.",
)

# %% own-inside tags=["nbval-ignore-output"] why="training: weights differ in their digits between machines"
from course.page import look_inside, write_page

look_inside(translator, german, english, "Der Hund schläft, weil er müde ist.")

# %% own-inside-caption [markdown]
r"""
**Figure.** Look inside: the whole Transformer that you built in lessons 03 to 08, with the weights
that you trained. Choose a word of the translation, then a part: it opens, down to the single
products. **Predict** where the last decoder layer looks while it writes *tired*, then see it head
by head; and **find** in the residual stream the layer at which *tired* becomes the likeliest.

And it can travel. The next cell writes it as a page: one file, in which the model runs.
"""

# %% own-page tags=["nbval-ignore-output"] why="where it is kept depends on the computer"
from course.own_translator import Translator

page = kept("my-translator.html")
if page:
    write_page(Translator(translator, german, english), page)
    print(f"written: {page}, {page.stat().st_size / 1e6:.1f} MB")
else:
    print("not written: this is the course's own run")

# %% own-page-note [markdown]
r"""
Send that file to a friend as you send a photograph: any browser opens it, without Python and
without a network, and your friend types German and looks inside *your* translator. (In a terminal,
`python -m course page` and the name of the saved translator writes the same page, and says on it
whose code each part is.)
"""

# %% hamster-why [markdown]
r"""
## Five sentences of a hamster's owner

The text has no hamster. Somebody keeps one, and wants it translated. Must all begin anew? The
tokenizer cuts *Hamster* into pieces that it knows, so the word can be read, it only means nothing
yet; and to write *hamster* the translator must learn to spell. Take a copy of it, and let it learn
five sentences, mixed with a few thousand of the old ones so that it does not forget those.
**Predict:** how many of the five does it get right after 250 steps? And *Wo ist mein Hamster?*,
which is not among them?
"""

# %% guess-hamster
guess = None  # your guess: 0 ... 5

# %% hamster-text
from copy import deepcopy

hamster = {
    "Der Hamster schläft.": "The hamster is sleeping.",
    "Ich habe einen Hamster.": "I have a hamster.",
    "Mein Hamster ist klein.": "My hamster is small.",
    "Der Hamster mag Brot.": "The hamster likes bread.",
    "Wo ist der Hamster?": "Where is the hamster?",
}
five = [(german.encode(corpus.tokenize(one)), english.encode(corpus.tokenize(other)))
        for one, other in hamster.items()]

# %% hamster-run tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
keeper, some = deepcopy(translator), to_train[:5_000]
before = exactly(keeper, watched)
settings = TrainingConfig(n_steps=250, n_warmup=20, learning_rate=5e-3)
train(keeper, five * 400 + some, settings, report=progress.ProgressBar("hamster"))
by_heart_too = exactly(keeper, five)
(new,) = translate(keeper, numbered(["Wo ist mein Hamster?"]))
reveal(guess, round(by_heart_too * len(five) / 100))
print(corpus.detokenize(english.decode(new)))
print(f"watched sentences: before {before:.0f} %, after it {exactly(keeper, watched):.0f} %")

# %% hamster-note [markdown]
r"""
That is *fine-tuning*, which most of the models that people use have gone through: a short training
with few sentences, upon a long one with many. It has a price: of the watched sentences it now gets
a few fewer right, and the old ones in the mixture have not kept everything. Write your own five. (A
whole file of yours is read by `corpus.read_parallel`, see below.)
"""

# %% gold [markdown]
r"""
## Where it looks

The grammar knows which word translates which. So we can ask of every layer and every head: in what
share of the English words does the largest weight lie on a German word that the truth names?

Beware of the oldest mistake here. The decoder's row $t$ is *given* word $t - 1$ and **predicts**
word $t$. Whoever labels the rows with the input words is off by one everywhere.
`cross_attention_weights` labels them with what is predicted. **Predict:** if you shift the labels
by one, what becomes of the accuracy?
"""

# %% guess-shifted
guess = None  # your guess: a percentage

# %% gold-run tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
from course.alignment import (
    alignment_accuracy, alignment_error_rate, cross_attention_weights, heaviest_links,
)

pairs, numbers = splits.unseen_sentences[:300], encoded["unseen_sentences"][:300]
gold = [torch.from_numpy(pair.alignment_matrix()) for pair in pairs]
links = [heaviest_links(weights) for weights in word_weights(translator, numbers)]
accuracy, error_rate = alignment_accuracy(links, gold), alignment_error_rate(links, gold)
shifted_accuracy = alignment_accuracy([each[1:] for each in links], [each[:-1] for each in gold])
reveal(guess, round(100 * shifted_accuracy))
print(f"last layer, mean of the heads: accuracy {accuracy:.2f}, "
      f"alignment error rate {error_rate:.2f}")

# %% gold-heads tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
by_head = torch.zeros(2, 4)
for (source, target), truth in zip(numbers, gold, strict=True):
    one = as_batch([source]), as_batch([target])
    weights = cross_attention_weights(translator, *one)[:, 0, :, :-1]  # (layers, H, T, T_k)
    hits = truth[torch.arange(len(target)), weights.argmax(dim=-1)]  # (layers, H, T)
    by_head += hits.float().sum(dim=-1)
by_head /= sum(int(truth.any(dim=1).sum()) for truth in gold)
print("layer 0, head by head:", [round(share, 2) for share in by_head[0].tolist()])
print("layer 1, head by head:", [round(share, 2) for share in by_head[1].tolist()])
heads = ["head 0", "head 1", "head 2", "head 3"]
figure = plots.heatmap(by_head, ["layer 0", "layer 1"], heads, high=1.0)
plots.show(figure, alt="Share of English words whose largest weight lies on "
                       "the right German word, for two layers and four heads "
                       "each: high in the last layer, lower in the first.")

# %% gold-caption [markdown]
r"""
**Figure.** Share of the English words whose heaviest German word is a right one, by layer and head.
In the last layer every head is right about nine times in ten, in the first five to seven times: the
layer below looks around, the one above knows what it wants. Nobody taught it any alignment. The
measure in print is the *alignment error rate* (Och and Ney 2003): the links found against the links
that are true, 0 where they agree.
"""

# %% history [markdown]
r"""
## The same lesson for three pupils

Is it the Transformer, or would any network do? Two others take the lessons of the small model that
won the race, in the same order, with the same optimizers. One is a pair of GRUs: the writer starts
from the reader's last state, and is shown it again at every step (Cho et al. 2014). The other is
the same, with as many parameters as the first, but at every step it reads *all* the reader's
states, by dot products (Luong et al. 2015, the batch-friendly cousin of your `additive_attention`).
Both have `encode` and `decode` like your Transformer, so everything above works with them.
"""

# %% history-recurrent
class Recurrent(nn.Module):
    def __init__(self, d_model: int = 96) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(len(side), d_model) for side in (german, english))
        self.reader, self.writer = (nn.GRU(d_model, d_model, batch_first=True) for _ in range(2))
        self.output = nn.Linear(2 * d_model, len(english))

    def encode(self, source: Tensor) -> Tensor:
        # (B, T_k, d): batches of one length, nothing is padding
        return self.reader(self.tables[0](source))[0]

    def decode(self, target: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        # states (B, T_q, d)
        states, _ = self.writer(self.tables[1](target), memory[:, -1].contiguous()[None])
        return self.output(torch.cat([states, self.look_up(states, memory)], dim=-1))

    def look_up(self, states: Tensor, memory: Tensor) -> Tensor:
        return memory[:, -1:].expand_as(states)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        return self.decode(target, self.encode(source), source)


# %% history-attending
class Attending(Recurrent):
    def look_up(self, states: Tensor, memory: Tensor) -> Tensor:
        weights = (states @ memory.transpose(1, 2)).softmax(dim=-1)  # (B, T_q, T_k)
        return weights @ memory


asked = encoded["unseen_sentences"][:400] + encoded["longer"][:100]
groups = {"2-5": range(2, 6), "6-9": range(6, 10), "10-16": range(10, 17), "17+": range(17, 31)}
places = [
    [i for i, (source, _) in enumerate(asked) if len(source) in some] for some in groups.values()
]

# %% history-run tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
pupils = {"GRU": Recurrent, "GRU + attention": Attending, "Transformer": None}
for name, make in pupils.items():
    torch.manual_seed(0)
    model = make() if make else raced["Muon"]
    if make:
        train(model, whole, short, report=progress.ProgressBar(name))
    written = translate(model, [source for source, _ in asked])
    right = [words == target for words, (_, target) in zip(written, asked, strict=True)]
    pupils[name] = [100 * sum(right[i] for i in rows) / len(rows) for rows in places]
    n_parameters = sum(one.numel() for one in model.parameters())
    print(f"{name:16} {n_parameters:7,} parameters, exact {[round(one) for one in pupils[name]]}")
figure = plots.lines(list(groups), pupils, "German words", "% without an error")
plots.show(figure, alt="Sentences without an error against their length, "
                       "for GRU, GRU with attention and Transformer.")

# %% history-caption [markdown]
r"""
**Figure.** Sentences without an error, by the number of German words, after the same 300 steps.
With one state for everything even short sentences seldom come out, and long ones never: the
bottleneck of lesson 02. With attention the GRU learns where to look; the Transformer learns it
sooner, at every length that it has met. None of the three has finished learning (your translator
had more than ten times as many steps), and behind the trained lengths, at the right end, none of
them gets more than one in a hundred right.
"""

# %% clinic [markdown]
r"""
## The bug clinic

Back to a promise of lesson 00: a network whose training looks fine while its translations are
wrong. Below are fifteen patients: the same small Transformer on short sentences, each
with one bug of those that your checks of lessons 04 to 09 knew by name. None of them raises an
error. All of them train. **Predict:** how many of the fifteen end with a loss as low as the healthy
one's, or lower, and yet cannot translate a single sentence?
"""

# %% guess-clinic
guess = None  # your guess: 0 ... 15

# %% clinic-how [markdown]
r"""
Each bug is one function put in the place of the right one, under its name in `course`, for as long
as the patient lives. (`patch`, of Python's own library, does that, and afterwards puts the right
one back. The patients are made of the course's parts; yours stay well.) Can you see what is wrong
with each?
"""

# %% clinic-masks
from unittest.mock import patch

from course.mine.attention import masked_softmax

IN_ATTENTION, IN_BLOCKS, IN_MODEL = "course.attention.", "course.blocks.", "course.transformer."
SOFTMAX, SPLIT = IN_ATTENTION + "masked_softmax", "course.multi_head.split_heads"
bugs = {
    "healthy": {},
    "no causal mask": {IN_MODEL + "causal_mask": lambda n: torch.ones(n, n, dtype=torch.bool)},
    "no padding mask": {IN_MODEL + "padding_mask": lambda tokens: (tokens >= 0)[:, None, None]},
    "mask inverted": {SOFTMAX: lambda scores, mask: masked_softmax(scores, ~mask)},
    "mask after the softmax": {SOFTMAX: lambda scores, mask: masked_softmax(scores) * mask},
    "softmax over the queries":
        {SOFTMAX: lambda scores, mask: masked_softmax(scores.mT, mask.mT).mT},
    "scores not scaled": {IN_ATTENTION + "attention_scores": lambda query, key: query @ key.mT},
    "heads scrambled": {SPLIT: lambda x, n_heads: x.reshape(len(x), n_heads, x.shape[1], -1)},
}

# %% clinic-blocks
def lost(x: Tensor, sublayer: Callable, norm: Callable, norm_first: bool) -> Tensor:
    return sublayer(norm(x))


def only_the_normalised(x: Tensor, sublayer: Callable, norm: Callable, norm_first: bool) -> Tensor:
    return norm(x) + sublayer(norm(x))


def other_norm(norm: nn.Module, x: Tensor) -> Tensor:
    standardised = (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + norm.eps)
    return standardised * norm.gain + norm.bias


# %% clinic-model
def not_shifted(self, source: Tensor, inputs: Tensor) -> Tensor:
    return self.decode(inputs.roll(-1, 1), self.encode(source), source)


CROSS = IN_MODEL + "cross_attend"
RESIDUALS = IN_BLOCKS + "residual", IN_MODEL + "residual"
bugs |= {
    "no residual": dict.fromkeys(RESIDUALS, lost),
    "normalised x added": dict.fromkeys(RESIDUALS, only_the_normalised),
    "unbiased variance": {IN_BLOCKS + "LayerNorm.forward": other_norm},
    "no activation": {IN_BLOCKS + "FeedForward.forward": lambda self, x: self.w_2(self.w_1(x))},
    "no positions": {IN_MODEL + "SinusoidalPositions.forward": lambda self, x: x},
    "K and V from the decoder": {CROSS: lambda attention, x, memory, mask: attention(x, x, x)},
    "source never read":
        {CROSS: lambda attention, x, memory, mask: attention(x, 0 * memory, 0 * memory, mask)},
    "target not shifted": {IN_MODEL + "Transformer.forward": not_shifted},
}

# %% clinic-patients
from course.mine.translation import translate_batch
from course.transformer import Transformer as TheirTransformer

counts = Counter(token for source, _ in encoded["train"] for token in source)
frequent = {token for token, _ in counts.most_common(110)}
simple = [
    (source, target) for source, target in encoded["train"]
    if len(source) <= 7 and frequent.issuperset(source)
]
to_learn, (asked, wanted) = simple[100:], zip(*simple[:100], strict=True)
print(len(to_learn), "pairs to learn from,", len(asked), "others to be translated")


def mixed(pairs: list, n_pairs: int, seed: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches as most people make them: any sentences together, with padding."""
    chance = random.Random(seed)
    while True:
        some = chance.sample(pairs, n_pairs)
        yield as_batch([source for source, _ in some]), as_batch([target for _, target in some])

# %% clinic-ward tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
from contextlib import ExitStack

sizes = fresh(d_model=48, n_layers=1, positions="sinusoidal").config
ward = {}
for name, bug in progress.steps(list(bugs.items()), "patients"):
    with ExitStack() as bed:
        for place, wrong in bug.items():
            bed.enter_context(patch(place, wrong))
        torch.manual_seed(0)
        patient = TheirTransformer(sizes)
        by_step = learn(patient, mixed(to_learn, 48), n_steps=300, rate=1e-2)
        written = translate_batch(patient.eval(), as_batch(asked), max_tokens=12)
    right = sum(words == target for words, target in zip(written, wanted, strict=True)) / len(asked)
    ward[name] = sum(by_step[-20:]) / 20, 100 * right, written

# %% clinic-table tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
by_loss = sorted(ward, key=lambda name: ward[name][0])
healthy = ward["healthy"][2]
row = next((i for i, words in enumerate(healthy) if words == wanted[i]), 0)  # it gets it right
print("to be translated:", *german.decode(asked[row]), "|", *english.decode(wanted[row]), "\n")
for name in by_loss:
    loss, right, written = ward[name]
    print(f"{name:24} loss {loss:.2f}  exact {right:3.0f} %  ", *english.decode(written[row]))
as_low = [name for name in ward if ward[name][0] < ward["healthy"][0] + 0.05]
reveal(guess, sum(ward[name][1] == 0 for name in as_low))

# %% clinic-note [markdown]
r"""
Read the table slowly, a patient at a time; the lowest loss comes first.

**A lower loss than the healthy one's, and not one sentence right.** In training the target stands
there as a whole, and most of these have found a way to look at it. *Target not shifted*: the
decoder is given what it is to say. *No causal mask*: each place sees the word that comes next.
*Mask inverted*: it sees only later words, and of the source only the padding. *K and V from the
decoder*: cross-attention reads the target instead of the source, without a causal mask. *Mask after
the softmax*: the blocked words have no weight, but they have taken their share from the others, and
how much they took tells what they are. *Softmax over the queries*: each word divides its attention
among those who ask, so the later ones tell the earlier ones something. When such a model has to
write by itself, nothing is there to be copied.

**Higher, but not suspiciously so, and hardly a sentence right.** *Heads scrambled*: `view` or
`reshape` instead of a transpose (lesson 05). Every head gets pieces of several words, and through
them, too, the future leaks past the mask.

**High.** *Source never read*: it writes good English, about something else. Of all who translate
nothing this is the one whose output, read without the German, would pass. *No residual*: it learns
slowly, and lags far behind.

**As good as healthy, or nearly.** *No padding mask*, *no activation*, *normalised x
added*, *unbiased variance*, *scores not scaled*, and even *no positions*: on short sentences, with
one layer, they come as far as the healthy one, or nearly. (A few sentences more or less out of a
hundred are chance; none of them is a cure.) Deeper models and longer texts will make you pay
(lessons 06 and 07), and on that day you will look everywhere but here.

So: never judge a Transformer by its loss. Judge it by what it writes, on sentences that it has not
seen; and where even that shows nothing, check its parts one by one, with laws that only a right one
obeys. That is what your checks did.
"""

# %% clinic-figure tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
figure, (axis,) = plots.canvas(11, 6)
at_the_end = {name: loss for name, (loss, _, _) in ward.items()}
plots.named_points(at_the_end, {name: [ward[name][1]] for name in ward}, "loss at the end",
                   "% of new sentences without an error", axis=axis)
loss, right, _ = ward["healthy"]
axis.plot(loss, right, "*", color=plots.COLOURS[1], markersize=16, zorder=0)
axis.xaxis.set_minor_formatter("{x:.2g}")
plots.show(figure, alt="One named point for each patient: its loss across, the share of right "
                       "translations up. The healthy one, with a star, stands at the top, some "
                       "patients beside it. To its left, at lower losses, and just below it, "
                       "stand patients at zero; those with high losses stand at zero as well.")

# %% clinic-caption [markdown]
r"""
**Figure.** The ward: the loss across, the share of new sentences translated without an error up;
the star is the healthy one. If the loss told how well a model translates, the points would lie on
one falling line. Look at the ground floor instead, left of the star: the best losses of all, and
hardly a sentence right.
"""

# %% remember [markdown]
r"""
## What you built, what to remember

- A tokenizer learns an ordered list of merges; applied in that order, they cut any word into known
  pieces. What a piece means, the model learns only where it reads it.
- Batches of equal lengths waste nothing; batches are measured in tokens.
- Label smoothing keeps a network from being too sure; warm-up and a rate that ends at zero let it
  settle; clipping survives the one bad batch.
- First overfit one batch. Then train. Then test on what it never saw, in several senses of *never
  saw*.
- BLEU counts common n-grams over the whole corpus. Exact match is stricter, and fair only where
  there is one right answer.
- The nearest tests are made by the same hand as the training text. Ask how it does on sentences
  that somebody else has typed, and have it say where it is in doubt.
- A low loss proves nothing.

Your translator always says its likeliest word. Is that the best sentence? And must it read
everything again for each new word? That is lesson 10.
"""

# %% try-this [markdown]
r"""
## Try this

Small experiments, not graded; change a cell above and run it again.

1. **Patience.** Train with `n_steps=10_000`. How many of the wrong sentences are left? And how many
   of the longer ones, and of the typed ones that it was never taught?
2. **Positions.** Train `fused(fresh(64, positions="sinusoidal"))` or `"none"` as well: where do
   they stand between rotary and ALiBi, on which test? Sines can skip, too.
3. **Nothing but subwords.** Put `n_merges=400` into the cell in which the tokenizers are made, and
   train again. What does it cost in tokens, in minutes, in right sentences?
4. **Your own text.** `corpus.read_parallel("mine.tsv")` reads a German and an English column with a
   tab between them (or two files, line by line). `corpus.tokenize` cuts each sentence into words;
   from there on everything goes as with the hamster.
5. **A patient of your own.** Think of a bug, put it into `bugs`, and say before you run the ward
   where in the table it will stand. Or take two layers and three times the steps: which of those
   who seemed healthy do not stay so?
"""
