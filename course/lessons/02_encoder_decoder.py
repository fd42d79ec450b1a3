# %% question [markdown]
r"""
# 02 · Encoder and decoder

**How can one network read a German sentence and another write it in English, and what is lost on
the way between them?** The first network turns words into numbers, the second turns numbers into
words. You build both and measure how much gets through. Then you add what the Transformer was later
built from: attention.

| | |
|---|---|
| **At its end you have built** | `shift_right`, `encode_source`, `teacher_forcing_loss` and `decode_greedy`: a whole sequence-to-sequence model; `additive_attention`, the attention of 2015, two years older than the Transformer; and an experiment that shows, length by length, how much of a sentence gets through one state |
| **Time** | about 2 hours 30 minutes; after *The writer* (exercise four) is a good place to pause |
| **It needs** | lesson 00: softmax, the weighted average; lesson 01: states, the GRU, what a gradient is. Four small networks are trained here, in about a minute on a laptop |
"""

# %% setup
from collections import Counter
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR

from course import corpus, plots
from course.checks import check, reveal

PAD, BOS, EOS = 0, 1, 2  # padding, beginning of sentence, end of sentence
torch.manual_seed(0)
torch.set_num_threads(1)  # small matrices: a second thread would cost more than it brings

# %% map-caption [markdown]
r"""
**Figure.** Where you are. Lesson 01 had one network, which kept a state while it read. This lesson
joins two of them and adds a first attention; the attention *between* reader and writer is still
there in the Transformer, in the middle of its decoder.
"""

# %% map
plots.show_map("02")

# %% apple [markdown]
r"""
## You see an apple

Something lies on the table. It has a stem, it is shiny, it smells sweet. You say: *an apple*.
Between the seeing and the saying, what you have in your head is neither a picture nor a word. Call
it a **state** $h$. What made the state out of what you saw is an **encoder**. What made a word out
of the state is a **decoder**:

$$\text{encoder}(x_t, h_{t-1}) \to h_t \qquad\qquad \text{decoder}(h_t) \to y_t$$

Put together, $\text{decoder}(\text{encoder}(x_t, h_{t-1})) \to y_t$, they are the step of lesson 01
again, cut into two. Here is a toy. Its state is the set of what it was told, and its decoder names
the fruit that shares most with the state:
"""

# %% apple-toy
FRUITS = {
    "banana": {"long", "yellow", "sweet"},
    "apple": {"stem", "shiny", "red", "sweet"},
    "kiwi": {"brown", "hairy", "sweet"},
}


def encoder(x: str, h: set) -> set:
    return h | {x}


def decoder(h: set) -> str:
    return max(FRUITS, key=lambda fruit: len(FRUITS[fruit] & h))


h = set()
for x in ("sweet", "shiny", "red"):
    h = encoder(x, h)
    print(f"told {x:7} state {sorted(h)}  says {decoder(h)}")

# %% apple-name [markdown]
r"""
Three things are worth keeping. The decoder never sees the apple, it sees only $h$. What is not in
$h$ cannot be said. And as long as the state holds little, several answers fit: *sweet* alone may be
a banana.

The toy's state is a set of words. In a network the state is a list of numbers, and numbers can be
close to each other: things that look alike get states that lie close together. Then the decoder
easily takes one for the other.

Popular texts say that this arrangement *is called* Transformer. It is not. Reader and writer are
older: Cho et al. (2014) built both with the GRU of lesson 01, to help a translator of an older kind
choose its phrases; Sutskever et al. (2014) let two LSTMs translate alone. The Transformer (2017) is
one way to build the two. Here you build the older one, and see why a newer one was wanted.
"""

# %% verb [markdown]
r"""
## The verb that matters comes last

Our running sentence for all that follows is German, the example of a textbook (Raschka 2024,
chapter 3):

> Kannst du mir helfen, diesen Satz zu übersetzen?
>
> Can you help me to translate this sentence?

German has two places for its verbs. The finite verb, here *kannst* ("can"), stands first in a
question like this one, and second in a statement. But an infinitive, here *übersetzen*
("translate"), waits for the end (Dryer 2013).

Now take a model that says one word for each word it reads, $y_t$ right after $x_t$. It must say its
sixth word, *translate*, when it has only read as far as *diesen* ("this"), the sixth token: the
comma is one too. Write the two sentences one above the other and join each German word to its
English one: *kannst* can, *du* you, *mir* me, *helfen* help, *diesen* this, *Satz* sentence, *zu*
to, *übersetzen* translate, and ? to ?. How many pairs of lines cross?
"""

# %% guess-crossings
guess = None  # your guess: how many pairs of lines cross?

# %% crossings
pair = corpus.running_pair()
crossings = sum(
    (row - other_row) * (column - other_column) < 0
    for at, (row, column) in enumerate(pair.alignment)
    for other_row, other_column in pair.alignment[:at]
)
reveal(guess, crossings)

# %% crossings-figure
plots.show(
    plots.alignment(pair.german, pair.english, pair.alignment),
    alt="The German sentence above, the English one below, a line between each two words "
        "that translate each other. mir and helfen cross; the line from zu and the one "
        "from uebersetzen, at the end, run to the left across those of diesen and Satz.",
)

# %% crossings-caption [markdown]
r"""
**Figure.** *mir helfen* and *help me* change places, and the two words *zu übersetzen* jump over
the two words *diesen Satz*: that makes five crossings. (The comma has no partner.) The sentences do
not even have the same length, ten German tokens and nine English ones.

So reading and writing must be two steps: **first read all, then write all.** The reader's last
state is handed to the writer, and it is everything that the writer will ever know about the German
sentence:

$$h_t = \text{reader}(x_t, h_{t-1}) \qquad s_0 = h_T \qquad s_t = \text{writer}(y_{t-1}, s_{t-1}) \qquad \text{scores for } y_t = W s_t$$

The writer works as in lesson 01: it is given its own last word and says the next, until it says
that it has finished.
"""

# %% reader-writer
plots.show(
    plots.reader_state_writer(pair.german, pair.english),
    alt="Above, the reader: ten boxes h1 to h10, each with a German word below it, each handing "
        "its state to the next. From h10 one thick arrow leads through a single box, one state, "
        "down to the writer: ten boxes s1 to s10. Below each the word that it is given, from "
        "<bos> on, above each the word that it says, up to <eos>.",
)

# %% reader-writer-caption [markdown]
r"""
**Figure.** The whole network, one box for each step. Begin at the upper left: the reader takes one
German word a step. The thick line is the only way to the writer, and one state goes along it. Below
each box of the writer stands the word that it is given, above it the word that it should say.
`<bos>` begins a sentence, `<eos>` ends it.
"""

# %% forcing [markdown]
r"""
## Given the right beginning

How does a writer learn? If it wrote by itself from the first day, then after one wrong word all the
rest would stand in a wrong context. So in training it is always given the **right** beginning, and
asked only for the next word. This is called *teacher forcing* (Williams and Zipser 1989). All
places of a sentence can then be asked at once:

| given | `<bos>` | can | you | help | me |
|:--|:--|:--|:--|:--|:--|
| to be said | can | you | help | me | `<eos>` |

The second row is the first, one place further to the left. `<bos>` ("beginning of sentence", the
START of lesson 01) stands in front, because nothing has been said yet when the first word is asked
for. `<eos>` ("end of sentence", its END) stands at the end, because the writer must learn to stop.

From here on each token is written as its number: 1 is `<bos>`, 2 is `<eos>`, and words begin at 3.
The sentences of one batch have different lengths, so the shorter ones are filled up with 0, the
*padding*, to the length of the longest in this batch.
"""

# %% shift-exercise [markdown]
r"""
### Exercise: `shift_right`

Make the two rows of the table for a whole batch; every model of this course that writes is trained
on such a pair.

`target (B, T)` holds tokens, each row padded at the end with 0. Return `inputs` and `answers`, both
`(B, T + 1)`, whole numbers like the target and padded at the end with 0.

- `inputs`: `<bos>` in front of each row, and no `<eos>`.
- `answers`: the row itself, with one `<eos>` **right behind its last word**, which in a shorter row
  is in the middle of the padding.

For the rows `[7, 8, 9]` and `[5, 0, 0]` the inputs are `[1, 7, 8, 9]` and `[1, 5, 0, 0]`, the
answers `[7, 8, 9, 2]` and `[5, 2, 0, 0]`. The target stays as it is.

Hint: The inputs are a column of ones, whole numbers, and then the target. `torch.cat` along the
second axis, or `F.pad(..., (1, 0), value=...)`, which adds one place in front of the last axis.

Hint: For the answers begin with a column of zeros *behind* the target. How many words has each row?
Count what is not 0: that is also the place where its `<eos>` belongs.

Hint: A tensor can be set at many places at once: `x[rows, columns] = 2` with `rows` = 0, 1, 2, ...
(`torch.arange`) and `columns` = the lengths.

Help: I see `[5, 0, 0, 2]`
You appended `<eos>` to the whole tensor. It belongs behind the last word of each row.

Help: I see `[1, 5, 2, 0]`
That is the sentence from `<bos>` to `<eos>`, without its last place. In a shorter row the last
place is padding, so the `<eos>` is still there.

Help: I see `float32 on the case 'tiny', but int64 is asked for`
`torch.ones` and `torch.zeros` make floats; `torch.full` with a whole number, or `dtype=torch.long`,
makes whole numbers.

Help: I see `it changes its input`
Work on what `F.pad` or `torch.cat` returns, they make new tensors.
"""

# %% exercise points=2 difficulty=2 minutes=10
from course.seq2seq import shift_right

# %% check
check(shift_right)

# %% reader [markdown]
r"""
## The reader

The reader is a recurrent network: one step for each word, the state handed on. Any step will do
that takes $(x, h)$ and returns the new $h$, for instance your GRU of lesson 01 or torch's
`nn.GRUCell`.

What is new is a batch of sentences that are not equally long: they lie in one tensor, the shorter
ones filled up with padding. Sentences of different lengths lie in one tensor, the shorter ones
filled up with padding. And a GRU does not know what padding is: given a padding token, it changes
its state as at any other. Watch a GRU that has not been trained, once with the sentence alone, once
with padding after it. (`nn.Embedding(10, 3)` is a table of vectors, one row of 3 numbers for each
of 10 tokens; lesson 03 is about such tables.)
"""

# %% reader-padding
torch.manual_seed(2)
table, cell = nn.Embedding(10, 3), nn.GRUCell(3, 2)
with torch.no_grad():
    for tokens in ([5, 7], [5, 7, PAD, PAD, PAD]):
        h = torch.zeros(2)
        for token in tokens:
            h = cell(table(torch.tensor(token)), h)
        print(tokens, "->", [round(value, 1) for value in h.tolist()])

# %% reader-padding-lesson [markdown]
r"""
The same sentence, another state: the state would depend on how long the other sentences of the
batch are. Where a sentence has ended, its state must **stay as it is**.
"""

# %% encode-exercise [markdown]
r"""
### Exercise: `encode_source`

Read a batch, word by word, and let no padding into the state.

`step(x, h)` takes `x (B, d_x)` and `h (B, d_h)` and returns the new `h (B, d_h)`. `xs (B, T, d_x)`
holds the words' vectors, `mask (B, T)` is True where there is a word and False at padding,
`h0 (B, d_h)` is the first state. Return all states `(B, T, d_h)`, where at padding the last one is
repeated, and the last state `(B, d_h)`. Gradients must reach `xs` and `h0`.

By hand, with $h_t = h_{t-1} / 2 + x_t$ from $h_0 = 0$: the words 8, 2 give the states 8 and
$8 / 2 + 2 = 6$. The word 6 and then padding give 6 and again 6, whatever number stands at the
padding.

Hint: Loop over `t`. The words at place `t`, one of each sentence, are `xs[:, t]`, of shape (B,
d_x).

Hint: Always compute the new state for all rows, then choose row by row between new and old.
`torch.where(condition, a, b)` chooses; the condition must have a last axis of size 1 to be
broadcast over the state's features.

Hint: Keep a list of the chosen states; `torch.stack(..., dim=1)` lays them along the second axis,
so that the batch stays in front. The last chosen state is the second result.

Help: I see `shape (2, 2, 2) on the case 'tiny', but (2, 2, 1) is asked for`
`mask[:, t]` has shape (B,), the state (B, d_h). Index with one `None` more: `mask[:, t, None]` is
(B, 1).

Help: I see `more padding leaves the last state as it is`
The check appended padding with numbers in it, and your last state noticed. Does the old state
survive where the mask is False?
"""

# %% exercise points=3 difficulty=3 minutes=12
from course.seq2seq import encode_source

# %% check
check(encode_source)

# %% reader-torch [markdown]
r"""
PyTorch has a whole machinery for this, *packed sequences*. Give an `nn.GRUCell` the weights of an
`nn.GRU`, let your `encode_source` run the cell, and read three sentences of length 4, 2 and 1 both
ways:
"""

# %% reader-torch-run
torch.manual_seed(0)
gru, cell, lengths = nn.GRU(3, 5, batch_first=True), nn.GRUCell(3, 5), torch.tensor([4, 2, 1])
with torch.no_grad():
    for mine, theirs in zip(cell.parameters(), gru.parameters(), strict=True):
        mine.copy_(theirs)
xs = torch.randn(3, 4, 3)
_, last = encode_source(cell, xs, torch.arange(4) < lengths[:, None], torch.zeros(3, 5))
_, packed_last = gru(nn.utils.rnn.pack_padded_sequence(xs, lengths, batch_first=True))
same_as_packed = torch.allclose(last, packed_last[0], atol=1e-6)
print("the same last states as torch's packed GRU:", same_as_packed)

# %% reader-states-intro [markdown]
r"""
Now our running sentence. The reader has not been trained, so its numbers mean nothing yet, but they
are real: your `encode_source` computes them, four numbers for each state.
"""

# %% reader-states
torch.manual_seed(0)
table, cell = nn.Embedding(10, 4), nn.GRUCell(4, 4)
with torch.no_grad():
    xs = table(torch.arange(10))[None]  # (1, 10, 4): one sentence of ten words
    states, last = encode_source(cell, xs, torch.ones(1, 10, dtype=torch.bool), torch.zeros(1, 4))
plots.show(
    plots.reader_state_writer(pair.german, pair.english, states[0]),
    alt="The drawing of reader and writer again, now with four numbers in place of each of the "
        "reader's boxes. The numbers of the last state stand once more on the thick line "
        "between reader and writer; those of the other nine states go nowhere.",
)

# %% reader-states-caption [markdown]
r"""
**Figure.** The states of the reader, each a column of four numbers. Look for the last column, under
which the question mark stands: its four numbers come back in the middle, and they are all that is
handed over. A sentence of a hundred words would hand over four numbers too. The nine other columns
are thrown away.
"""

# %% loss [markdown]
r"""
## What the loss must leave out

At each place the writer gives a score (a *logit*) to every word of the vocabulary. A softmax makes
probabilities of them, and the loss is the surprise of lesson 01, $-\ln p(\text{right word})$,
averaged. Averaged over what?

In a batch of many lengths a good part is padding. Count it on purpose: here is a writer that has
learned nothing but to say *padding*, with probability 0.97; it gives each of the other three tokens
0.01. One sentence has two tokens, the other six. Each right token has the probability 0.01, so
without padding the mean surprise is $-\ln 0.01$, about 4.6. Guess: what is the mean when the
padding is counted too?
"""

# %% guess-padding
guess = None  # your guess: a number

# %% loss-padding
silent = torch.tensor([0.97, 0.01, 0.01, 0.01]).log()
answers = torch.tensor([[3, 2, 0, 0, 0, 0], [3, 3, 3, 3, 3, 2]])
surprise = -silent[answers]
with_padding, without = surprise.mean().item(), surprise[answers != PAD].mean().item()
reveal(guess, round(with_padding, 1))
print(f"counted with padding {with_padding:.1f}, without {without:.1f}")

# %% loss-padding-lesson [markdown]
r"""
One third of the loss is gone, although the writer cannot say a single word. Counted like this, a
batch with more padding looks easier, and the network learns to say padding. Note that `<eos>` does
count. To stop at the right place is part of the sentence.
"""

# %% loss-exercise [markdown]
r"""
### Exercise: `teacher_forcing_loss`

The one number that training makes smaller: the mean surprise about the right tokens, padding left
out.

`logits (B, T, V)`, `answers (B, T)` with 0 for padding. Return one number, a tensor from which
gradients find back to the logits: $-\ln p$ of the right token, summed over all places that are not
padding and divided by **how many** they are. Every word counts the same, in whichever sentence it
stands. Large logits must give neither NaN nor infinity.

By hand: if the right tokens had the probabilities $1/4$, $1/4$ and $1/2$, the loss is
$(\ln 4 + \ln 4 + \ln 2) / 3 = 5 \ln 2 / 3$, about 1.16, however much padding there is.

Hint: `logits.log_softmax(...)` gives $\ln p$ for all words of the vocabulary, and does not overflow
for large logits. Along which axis do the words compete?

Hint: From each row pick the entry of the right token: `log_p.gather(-1, index)` wants an index with
as many axes as `log_p`, so give `answers` a last axis of size 1 and take it away again.

Hint: Make a boolean tensor that is True at words. Multiply the surprises by it, or index with it;
then the sum over the number of True.

Help: I see `gives 0.8664, expected 1.155`
Do you divide by `B * T`? Only words belong into the denominator too.

Help: I see `on the case 'very large logits'`
$e^{10000}$ is no number that a computer has. Let `log_softmax` do both steps at once.

Help: I see `Expected target size`
`F.cross_entropy` looks for the words of the vocabulary on axis 1. Give it all places in one row:
logits (B * T, V), answers (B * T,).
"""

# %% exercise points=3 difficulty=3 minutes=12
from course.seq2seq import teacher_forcing_loss

# %% check
check(teacher_forcing_loss)

# %% writer [markdown]
r"""
## The writer

When it writes for real, nobody gives the writer a right beginning. It hears only itself: `<bos>`
first, then each time the word it has just said. If it always says the likeliest word, it decodes
**greedily** (lesson 10 has other ways).

The loop is `generate` of lesson 01, with two differences. A state is carried along, so that each
step reads only the newest word. And a whole batch is written at once, where sentences end at
different times: one that has ended must stay ended, and the others must go on.
"""

# %% decode-exercise [markdown]
r"""
### Exercise: `decode_greedy`

Write a batch of sentences.

`step(token, state)` takes the last tokens `(B,)` and the state `(B, ...)`, and returns
`logits (B, V)` and the new state. `state` is the first state. Begin with `<bos>` (1) in every row;
each time take the likeliest token of each row. Return a list of B lists of whole numbers: what each
row said before its first `<eos>` (2), and at most `max_tokens` tokens of it. Neither `<bos>` nor
`<eos>` stands in them.

Each round is one call of `step` with all B rows, in the same order, those that have ended too: it
may keep something for each row. Ask no more once all have ended.

Hint: `token = torch.full((len(state),), 1)` begins. In each round of a `for` loop: ask, take
`argmax` over the vocabulary, look who has ended, keep the tokens of the others.

Hint: A boolean tensor `ended` (B,), at first False everywhere, becomes True where the token is 2
and never becomes False again: combine old and new with `|`.

Hint: For each row that has not ended, append `int(token[row])` to its list. Leave the loop when
`ended.all()`. Looking at `ended` before appending keeps `<eos>` out.

Help: I see a sentence that is longer than `max_tokens`
A network may never say `<eos>`. Count the rounds: a `for` loop over `range(max_tokens)` cannot run
on.

Help: I see `gives [7] as part [0] of the output, expected [7, 8]`
Does your loop end when the *first* sentence has ended, or when the last one has?

Help: I see `the values are right, but it calls`
When all sentences have ended, nothing that the step says can still count: leave the loop.
"""

# %% exercise points=3 difficulty=3 minutes=15
from course.seq2seq import decode_greedy

# %% check
check(decode_greedy)

# %% forced-free-intro [markdown]
r"""
What is the difference between training and writing? Take a very small writer: a table that says
after each word one next word, whatever its state. It has learned one thing wrong: after *can* it
says *I*. We ask it twice, once with the right beginning at every place (your `shift_right`), once
alone (your `decode_greedy`).
"""

# %% forced-free
follows = {"<bos>": "can", "can": "I", "you": "help", "help": "me", "me": "<eos>", "I": "sleep"}
words = ["<pad>", "<bos>", "<eos>", "can", "you", "help", "me", "I", "sleep"]
says = torch.tensor([words.index(follows.get(word, "<eos>")) for word in words])
inputs, answers = shift_right(torch.tensor([[3, 4, 5, 6]]))  # can you help me
# scores: 1 for the word that it says, 0 for all others
free = decode_greedy(lambda token, state: (F.one_hot(says[token], 9), state), torch.zeros(1), 9)
asked, forced, alone = ([words[token] for token in row]
                        for row in (answers[0], says[inputs[0]], [*free[0], EOS]))
plots.show(
    plots.forced_and_free(asked, forced, alone),
    alt="The same writer twice. Left, given the right words <bos> can you help me, it says can I "
        "help me <eos>: one word is wrong. Right, alone, each word that it says is given to its "
        "next step: it says can I sleep <eos>, and everything after can is wrong.",
)

# %% forced-free-caption [markdown]
r"""
**Figure.** Read each half from left to right; what is wrong stands in a thick frame. In training
the wrong *I* is not given to the next step, *you* is: four places of five are right. Alone, the
writer hears its own *I* (the dashed lines), and nothing after it is right. So a loss under teacher
forcing looks better than the sentences are. That is why we count whole sentences below, written
alone, and not the loss.
"""

# %% bottleneck [markdown]
r"""
## One state for a whole sentence

All parts are there. Before we translate, a cleaner question: **how much fits through the state?**
The task is to recite: read a row of 2 to 12 random numbers out of twenty, then say it again.
Nothing needs to be understood, everything needs to be remembered.

First the network. It is given, made of your functions. `source_words` and `target_words` are tables
of vectors, one for each token. `summary` is what the writer learns of the source at each of its
steps; here it is the reader's last state, the same at every step, as in Cho et al. (2014). That is
one arrow more than in the drawing, where the state goes into the first step only; it is still one
state. From the
writer's state and the summary together, two linear layers (`mix` and `out`) make the scores of the
next word. Under teacher forcing the writer *reads* the right beginning, word by word, so your
`encode_source` runs it too.

The code is a class on top of `nn.Module`, torch's form for a network: it collects the weights of
all its parts, so that `model.parameters()` can hand them to the optimizer, and
`model(source, inputs)` calls its `forward`. `nn.Linear(a, b)` is a *linear layer*: it turns `a`
numbers into `b`, as `x @ w.T + bias`, with a table `w` of shape `(b, a)` that training learns.
"""


# %% network
class Seq2Seq(nn.Module):
    """Reader and writer, two GRU cells. source (B, S), inputs (B, T) -> logits (B, T, V)."""

    def __init__(self, n_source: int, n_target: int, d: int = 64) -> None:
        super().__init__()
        self.source_words, self.target_words = nn.Embedding(n_source, d), nn.Embedding(n_target, d)
        self.reader, self.writer = nn.GRUCell(d, d), nn.GRUCell(d, d)
        self.mix, self.out = nn.Linear(2 * d, d), nn.Linear(d, n_target)

    def summary(self, written: Tensor, read: Tensor, mask: Tensor) -> Tensor:
        return read[:, -1:].expand_as(written)  # the last state, at every step

    def forward(self, source: Tensor, inputs: Tensor) -> Tensor:
        read, last = walk(self.reader, self.source_words, source)
        written, _ = walk(self.writer, self.target_words, inputs, last)
        both = torch.cat([written, self.summary(written, read, source != PAD)], dim=-1)
        return self.out(torch.tanh(self.mix(both)))


# %% network-walk-intro [markdown]
r"""
`walk` looks the tokens up and calls your `encode_source`. `write` is the same network when it
writes alone: it reads once, then lets your `decode_greedy` ask for one word after the other.
"""


# %% network-walk
def walk(
    cell: nn.GRUCell, words: nn.Embedding, tokens: Tensor, h0: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    h0 = torch.zeros(len(tokens), cell.hidden_size) if h0 is None else h0
    return encode_source(cell, words(tokens), tokens != PAD, h0)


@torch.no_grad()
def write(model: Seq2Seq, source: Tensor, longest: int = 20) -> list[list[int]]:
    read, last = walk(model.reader, model.source_words, source)

    def step(token: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        state = model.writer(model.target_words(token), state)
        summary = model.summary(state[:, None], read, source != PAD)[:, 0]
        return model.out(torch.tanh(model.mix(torch.cat([state, summary], dim=-1)))), state

    return decode_greedy(step, last, longest)


# %% train-intro [markdown]
r"""
Training is the same for every network of this lesson. `train` repeats one step many times:

1. `draw_batch` and your `shift_right` make inputs and answers; the model predicts, and your
   `teacher_forcing_loss` says in one number how wrong it is.
2. `zero_grad` forgets the gradient of the step before, and `loss.backward()` computes the new one
   (lesson 01).
3. `clip_grad_norm_` shortens the gradient if it is longer than 1, the clipping of lesson 01.
4. `optimizer.step()` moves each number a little *against* its gradient, so that the loss falls.
   AdamW, a variant of lesson 01's Adam, chooses how far for each number separately, from the
   gradients that it has seen so far.
5. `schedule.step()` sets the learning rate, which all these moves are multiplied by: it rises for
   fewer than 100 steps and then falls evenly to 0.

Lesson 09 looks at the schedule and at AdamW more closely.
"""


# %% train
def train(model: Seq2Seq, draw_batch, n_steps: int) -> Seq2Seq:
    optimizer = torch.optim.AdamW(model.parameters(), lr=7e-3, betas=(0.9, 0.98))
    schedule = LambdaLR(optimizer, lambda step: min((step + 1) / 100, 1 - step / n_steps))
    generator = torch.Generator().manual_seed(0)
    for step in range(1, n_steps + 1):
        source, target = draw_batch(generator)
        inputs, answers = shift_right(target)
        loss = teacher_forcing_loss(model(source, inputs), answers)
        optimizer.zero_grad(), loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step(), schedule.step()
        if step % (n_steps // 4) == 0:
            print(f"step {step} of {n_steps}")
    return model.eval()  # from here on it is used, not trained


# %% recite-data
def rows_of_numbers(n_rows: int, length: int, generator: torch.Generator) -> Tensor:
    return torch.randint(3, 23, (n_rows, length), generator=generator)


def recite_batch(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    rows = rows_of_numbers(64, int(torch.randint(2, 13, (), generator=generator)), generator)
    return rows, rows


def recited(model: Seq2Seq, length: int) -> float:
    """Of 200 new rows of that length, the percentage that comes back without a single error."""
    rows = rows_of_numbers(200, length, torch.Generator().manual_seed(length))
    pairs = zip(write(model, rows), rows.tolist(), strict=True)
    return 100 * sum(mine == row for mine, row in pairs) / len(rows)


# %% recite-predict [markdown]
r"""
The state has 64 numbers, and a row has at most twelve. There should be room enough. **Predict:** of
new rows of twelve, how many percent will come back whole?
"""

# %% guess-recite
guess = None  # your guess: a percentage

# %% recite-train
torch.manual_seed(0)
plain = train(Seq2Seq(23, 23), recite_batch, 600)

# %% recite-measure tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
lengths = list(range(2, 17, 2))
curves = {"last state": [recited(plain, length) for length in lengths]}
reveal(guess, curves["last state"][5])
print("length:    ", lengths)
print("percentage:", [round(share) for share in curves["last state"]])

# %% recite-meaning [markdown]
r"""
Rows of two or four come back nearly always, of rows of ten or more next to none. In principle there
is room for so few numbers. But every word is written into the *same* state, over everything that is
there already.

Cho et al. (2014, "On the properties") measured what you have measured: the longer the sentence, the
worse the translation. Sutskever et al. (2014) had two remedies. One was size, four layers of a
thousand units. The other was a trick: they fed the source sentence *backwards*, so that at least
its beginning stood close to the beginning of the translation.
"""

# %% attention [markdown]
r"""
## Look at every state

The reader has a state after *every* word, and we throw all but the last away. Keep them all. Before
each word, let the writer look through them and make a summary of its own:

$$\text{score}_{ij} = v \cdot \tanh(W_q\, s_i + W_k\, h_j) \qquad \alpha_{ij} = \frac{\exp(\text{score}_{ij})}{\sum_{j'} \exp(\text{score}_{ij'})} \qquad c_i = \sum_j \alpha_{ij}\, h_j$$

Here $i$ counts the words written, $j$ the words read. The first formula is a small network. It
scores how well the reader's state $h_j$ fits what the writer, in its state $s_i$, needs now. The
second is the softmax, which turns the scores of one row into weights. The third is the weighted
average of lesson 00: the summary $c_i$.

This is the attention of Bahdanau, Cho and Bengio (2015), called *additive* because $W_q s$ and
$W_k h$ are added. **Every output step looks at every input state.** The way between two words
no longer grows with their distance: it is one step long.

You know the names from the fruits of lesson 00: the one who asks is the **query**, what it is
compared with is the **key**, what is read there is the **value**. There key and value differed,
tastes and colours; here they are the same, the reader's states. Do not mix up two letters: $v$ is a
vector of weights that training learns, it is *not* a value.
"""

# %% attention-flow-intro [markdown]
r"""
By hand: three keys and one query, two numbers each. $W_q$ and $W_k$ change nothing here, and $v$ is
$(1, 1)$, so that a score is simply the sum of two tanh. Take the first key: $\tanh(1 + 0) +
\tanh(-1 + 1) = 0.76 + 0$.
"""

# %% attention-flow
query = torch.tensor([1.0, -1.0])
keys = torch.tensor([[0.0, 1.0], [2.0, 1.0], [-1.0, 0.0]])
scores = torch.tanh(query + keys).sum(dim=-1)
weights = torch.softmax(scores, dim=0)
print("scores", [round(score, 2) for score in scores.tolist()],
      "weights", [round(weight, 2) for weight in weights.tolist()])
plots.show(
    plots.additive_flow(query, keys, scores, weights, keys),
    alt="One attention from left to right. The query 1, -1 is added to each of three keys; tanh "
        "and v make the scores 0.76, 1.00 and -0.76; a softmax over all three makes the weights "
        "0.40, 0.51 and 0.09; each weight times its value goes into a sum, the summary.",
)

# %% attention-flow-caption [markdown]
r"""
**Figure.** One query, from left to right. Each key has a row of its own, until the softmax: there
the three scores meet, because the weights must sum to 1. On the right each line is as thick as its
weight. The values are the keys once more. The first two have nearly all of the weight, so the
summary lies between them.
"""

# %% attention-tanh [markdown]
r"""
Why the tanh? Try it with and without, by plain numbers: keys 0 and 1, a query of 1 and one of $-1$,
and two units between, $W_q = (2, 2)$, $W_k = (3, -2)$ and $v = (1, 1)$. Without tanh the scores are
sums, and a softmax sees only the differences between scores (lesson 00):
"""

# %% attention-without-tanh
for query in (1.0, -1.0):
    # a row for each key, 0 and 1, and in it a number for each unit
    units = query * torch.tensor([2.0, 2.0]) + torch.tensor([[0.0, 0.0], [3.0, -2.0]])
    straight, bent = (one.sum(dim=1).softmax(dim=0) for one in (units, torch.tanh(units)))
    print(f"query {query:4}: units of the two keys {units.tolist()}")
    print(f"            without tanh {[round(w, 2) for w in straight.tolist()]}, "
          f"with {[round(w, 2) for w in bent.tolist()]}")

# %% attention-tanh-lesson [markdown]
r"""
Without tanh, the query adds the same number to every score, and has no effect: **whatever the
writer asks, it looks at the same place.** tanh is a bend: flat far from 0, steep near it. In a unit
that the query has pushed to where it is flat, the difference between two keys hardly counts any
more. The query 1 leaves the second unit to decide, which is 2 for the first key and only 0 for the
second: so it looks at the first key. The query $-1$ leaves it to the first unit, which is $-2$ for
the first key and 1 for the second, and looks at the second.
"""

# %% attention-exercise [markdown]
r"""
### Exercise: `additive_attention`

Write the three formulas for all queries at once, with any number of batch axes in front.

`query (..., T_q, d_q)`, `key (..., T_k, d_k)`, `value (..., T_k, d_v)`; the weights as in a linear
layer, out before in: `w_q (d, d_q)`, `w_k (d, d_k)`, `v (d,)`. `mask`, boolean, True = may attend,
can be broadcast to `(..., T_q, T_k)`; `None` means that all may be looked at, and each row has at
least one True. Return the summaries `(..., T_q, d_v)` and the weights `(..., T_q, T_k)`. Gradients
must reach everything that goes in.

By hand: two keys with equal scores get the weights 0.5 and 0.5, so the values (10, 0) and (0, 10)
give (5, 5).

Hint: First project: `query @ w_q.T` is (..., T_q, d), `key @ w_k.T` is (..., T_k, d). Every query
must be added to every key, so you want shape (..., T_q, T_k, d): broadcasting, lesson 00.

Hint: Give the projected query a new axis at place $-2$ and the projected key one at place $-3$. The
sum broadcasts. Then tanh, then the product with `v`, which takes the last axis away.

Hint: Where the mask is False, the score becomes $-\infty$ (`masked_fill` with the mask inverted
by `~`) **before** the softmax over the last axis; its weight is then exactly 0. The summaries are
weights times values.

Help: I see `on the case 'no batch', RuntimeError: The size of tensor a`
Print both shapes before you add. One must have a 1 where the other has T_k, and the other a 1 where
the first has T_q.

Help: I see `each row of weights sums to 1`
Is the mask applied after the softmax, or the softmax taken over another axis than the keys?
"""

# %% exercise points=4 difficulty=4 minutes=18
from course.seq2seq import additive_attention

# %% check
check(additive_attention)

# %% attending-intro [markdown]
r"""
Now change one thing in the network, the summary. (In the paper it goes into the writer's next state
as well; we only put it before the choice of the word, as Luong et al. (2015) do, so that a whole
sentence can be computed at once. And the paper's reader reads from both ends, so that each state
knows the words behind it too.) Everything else stays: data, steps, learning rate, width. (One
number was chosen for the attention by trial, the size of its first $v$; the comment in the code
says why.) `nn.Parameter` marks a tensor as one that training changes, a *parameter*. The weights of
the attention are kept, so that we can look at them.
"""


# %% attending
class Attending(Seq2Seq):
    """The same network, but each step makes a summary of its own from all states of the reader."""

    def __init__(self, n_source: int, n_target: int, d: int = 64) -> None:
        super().__init__(n_source, n_target, d)
        self.w_q, self.w_k = (nn.Parameter(torch.randn(d, d) / d**0.5) for _ in range(2))
        # three times as large: with smaller scores at first, long rows are recited worse
        self.v = nn.Parameter(3 * torch.randn(d) / d**0.5)

    def summary(self, written: Tensor, read: Tensor, mask: Tensor) -> Tensor:
        found, self.weights = additive_attention(
            written, read, read, self.w_q, self.w_k, self.v, mask[:, None]
        )
        return found


# %% attending-predict [markdown]
r"""
**Predict.** Rows of twelve again, now with attention. And rows of sixteen, longer than any it has
been trained on?
"""

# %% guess-attending
guess = None  # your guess: (percentage for twelve, percentage for sixteen)

# %% attending-train
torch.manual_seed(0)
attending = train(Attending(23, 23), recite_batch, 600)

# %% attending-measure tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
curves["attention"] = [recited(attending, length) for length in lengths]
reveal(guess, (curves["attention"][5], curves["attention"][7]))
for name, shares in curves.items():
    print(f"{name:11}", [round(share) for share in shares])

# %% attending-figure tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
figure = plots.lines(lengths, curves, "length of the row", "% without an error")
figure.axes[0].axvspan(12.5, 16, color="#eeeeee")
plots.show(figure, alt="Rows recited without an error against their length, 2 to 16. With the "
                       "last state alone the curve falls to 0 by length 12; with attention it "
                       "stays near the top until 12 and falls only in the grey part beyond.")

# %% attending-caption [markdown]
r"""
**Figure.** Rows that come back without an error; in the grey part they are longer than any in the
training. With attention nearly all are right up to ten, and 92 % at twelve, where the last state
has lost every row.

Both can recite rows of two and four, so what differs is what they do with length. The cells, the
data and the number of steps are the same; two matrices and a vector have been added, and nothing
must pass through one state any more. (More training moves the curve of the last state to the right,
but it falls as deep. `more = train(Seq2Seq(23, 23), recite_batch, 5 * 600)` takes half a minute,
and `recited(more, 8)`, then 12 and 14, say: most rows of eight come back, few of twelve and none of
fourteen. *Try this*, 3.)

But look at the grey part. At sixteen 41 % are left: attention has learned where to look in rows as
long as it has met, and length itself has to be learned. Lesson 06 comes back to this.
"""

# %% real [markdown]
r"""
## Real sentences

Now translate. The course's corpus makes German sentences together with their English; we take three
kinds (statements, questions, and sentences with an infinitive, as in the middle of our running
sentence), and of these the sentences whose German words are among the 200 most frequent. 600
sentences are kept for the test; the training never sees them. Each batch holds sentences of one
German length; the English sides have different lengths, and there your padding is at work.
"""

# %% real-data
kinds = ("statement", "question", "infinitive")
drawn = list(dict.fromkeys(corpus.sample(30_000, seed=0, kinds=kinds)))
counts = Counter(word for pair in drawn for word in pair.german)
known = {word for word, _ in counts.most_common(200)} | set(corpus.running_pair().german)
pairs = [pair for pair in drawn if known.issuperset(pair.german)]
german = {word: at for at, word in enumerate(sorted(known), 3)}
english = {word: at for at, word in enumerate(sorted({w for p in pairs for w in p.english}), 3)}
held_out = pairs[:600]
tested = {pair.german for pair in held_out} | {corpus.running_pair().german}
by_length: dict[int, list] = {}
for pair in pairs:
    if pair.german not in tested:
        by_length.setdefault(len(pair.german), []).append(pair)
print(len(german), "German words,", len(english), "English words; for training",
      sum(map(len, by_length.values())), "sentences")


# %% real-batches
def as_tokens(sentences: list, vocabulary: dict[str, int]) -> Tensor:
    rows = [torch.tensor([vocabulary[word] for word in sentence]) for sentence in sentences]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True)


def corpus_batch(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    sizes = torch.tensor([float(len(some)) for some in by_length.values()])
    some = list(by_length.values())[int(torch.multinomial(sizes, 1, generator=generator))]
    chosen = [some[at] for at in torch.randint(len(some), (48,), generator=generator)]
    source = as_tokens([pair.german for pair in chosen], german)
    return source, as_tokens([pair.english for pair in chosen], english)


def translate(model: Seq2Seq, sentences: list) -> list[str]:
    words = ["<pad>", "<bos>", "<eos>", *english]
    written = write(model, as_tokens(sentences, german))
    return [" ".join(words[token] for token in row) for row in written]

# %% real-train-intro [markdown]
r"""
To be fair, both should be equally good where length is no trouble. The network with the last state
learns more slowly, so it gets four times as many steps.
"""

# %% real-train
translators = {}
for name, kind, n_steps in (("last state", Seq2Seq, 2400), ("attention", Attending, 600)):
    print("training with", name)
    torch.manual_seed(0)
    translators[name] = train(kind(len(german) + 3, len(english) + 3), corpus_batch, n_steps)

# %% real-measure-intro [markdown]
r"""
The whole English sentence must be right, to the last word; everything else counts as wrong. We
count by the number of German tokens.
"""


# %% real-count
def translated(model: Seq2Seq, lengths: range) -> float:
    """Of the test's sentences of these lengths, the percentage translated without an error."""
    asked = [pair for pair in held_out if len(pair.german) in lengths]
    written = translate(model, [pair.german for pair in asked])
    pairs = zip(asked, written, strict=True)
    return 100 * sum(" ".join(pair.english) == mine for pair, mine in pairs) / len(asked)


groups = {"4-6": range(4, 7), "7-8": range(7, 9), "9-10": range(9, 11), "11+": range(11, 30)}
for name, some in groups.items():
    print(f"{name:4} tokens: {sum(len(pair.german) in some for pair in held_out)} sentences")

# %% real-predict [markdown]
r"""
**Predict.** Of the sentences of four to six tokens, each of the two networks gets about nine in
ten right. How many percent of those of eleven and more?
"""

# %% guess-real
guess = None  # your guess: (percentage with the last state, percentage with attention)

# %% real-measure tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
exact = {name: [translated(model, some) for some in groups.values()]
         for name, model in translators.items()}
reveal(guess, tuple(round(shares[-1]) for shares in exact.values()))
for name, shares in exact.items():
    print(f"{name:11}", dict(zip(groups, map(round, shares), strict=True)))

# %% real-figure tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
figure = plots.lines(list(groups), exact, "German tokens", "% without an error")
figure.axes[0].set_ylim(0, 100)
plots.show(figure, alt="Sentences translated without an error, by length. Both curves begin at "
                       "nine tenths. With the last state alone the curve falls to a quarter "
                       "at eleven tokens and more, with attention to about four fifths.")

# %% real-caption [markdown]
r"""
**Figure.** New sentences, translated without an error, by their length. On the left the two
networks are equally good, 89 % each. Then one of them falls much faster. Of the 94 sentences of
eleven and more tokens the last state gets 26 % right, attention 79 %. **That is the bottleneck:**
equally good at short sentences, the one network does not lack the words, but it loses more of a
long sentence than of a short one. Attention falls too, a little: its training was short, and a
longer sentence has more words to get wrong. (One run could be luck. Put `torch.manual_seed(1)` into
the cell that trains, or 2, and run from there again, which takes about half a minute: other
percentages, not so exactly equal on the left, and a wide gap on the right each time.)

Now read how the two translate three of the longest.
"""

# %% real-read tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
for pair in [pair for pair in held_out if len(pair.german) in groups["11+"]][:3]:
    print("\n" + " ".join(pair.german))
    print(f"   {'right':11}", " ".join(pair.english))
    for name, model in translators.items():
        print(f"   {name:11}", translate(model, [pair.german])[0])

# %% real-meaning [markdown]
r"""
What the network with the last state writes reads like English, and is often about something else.
In the second sentence the form has come through the state: somebody does something to something at
some time of the day. The neighbours, the horse and the forest have not. Fluency is no evidence that
the source was read. (Attention has all three right. It makes mistakes too, in about one of five
sentences as long as these.)

Is the comparison fair? Besides the attention itself, only the number of steps differs: with equal
steps the network with the last state would be worse at *all* lengths, and you could not tell a
narrow state from a slow learner. It can learn on, and its fall stays: with ten times the steps of
attention it is better than attention at the shortest sentences, and still worse at the longest
(*Try this*, 1).
"""

# %% look-why [markdown]
r"""
Where does it look? Our running sentence was not in the training either. We give the network the
right words one after the other, as in training, and put its weights beside the true alignment that
the corpus knows. **Predict** first: which German word has the largest weight when the network is
about to write *translate*?
"""

# %% guess-look
guess = None  # your guess: a German word

# %% look tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
pair = corpus.running_pair()
source, target = as_tokens([pair.german], german), as_tokens([pair.english], english)
translators["attention"](source, shift_right(target)[0])
# (9, 10); the last row, <eos>, left out
looks = translators["attention"].weights[0, : len(pair.english)].detach()
reveal(guess, pair.german[looks[pair.english.index("translate")].argmax()])
print(translate(translators["attention"], [pair.german])[0])
found = sum((at, row.argmax().item()) in pair.alignment for at, row in enumerate(looks))
print("rows whose largest weight is at a word of the true alignment:", found, "of", len(looks))

# %% look-arrows tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
plots.show(
    plots.looks_back(looks, pair.german, pair.english, "translate"),
    alt="Above, the ten states of the reader with their German words; below, the state of the "
        "writer that is about to write translate. A line leads from each state of the reader "
        "to it; the one from uebersetzen is by far the thickest.",
)

# %% look-arrows-caption [markdown]
r"""
**Figure.** One step of the writer. Each line is as thick as its weight; the smallest weights are
drawn, but not written. Nearly all that goes into the summary comes from the state at *übersetzen*,
at the end of the sentence, where German puts its infinitive. Put another English word in place of
`"translate"` and run the cell again. Then look at all words at once:
"""

# %% look-tables tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
figure, (left, right) = plots.canvas(10.5, 4.2, columns=2)
truth = pair.alignment_matrix()
plots.heatmap(truth, pair.english, pair.german, "true alignment", left, decimals=0)
plots.heatmap(looks, pair.english, pair.german, "where the network looks", right, decimals=1)
for text in (*left.texts, *right.texts):
    text.set_visible(float(text.get_text()) > 0)  # a table of noughts is hard to read
plots.show(figure, alt="Two tables, rows the English words, columns the German ones. Left "
                       "the true alignment, right the weights of the attention: most bright "
                       "tiles on the right lie where those on the left do or beside them.")

# %% look-caption [markdown]
r"""
**Figure.** The same weights for all words; each row is labelled with the word that is about to be
written. Left the truth, right the weights, without the smallest numbers. In seven of the nine rows
the largest weight lies at a word that the truth names too: *help* looks ahead to *helfen*, *me*
back to *mir*, and *translate* ahead to the end.

Nobody showed the network an alignment. It found this out by translating. Still, a weight is not a
proof (Jain and Wallace 2019). What lies at a place is a *state* of the reader, and a state knows
the words before it too. So before *you* it looks most at *kannst*, whose ending *-st* already says
*you*. And before *to* most of the weight lies on the comma, which translates nothing: perhaps
because the state there has just read *helfen*, after which a *zu* must come.
"""

# %% remember [markdown]
r"""
## What you built, what to remember

- $\text{encoder}(x_t, h_{t-1}) \to h_t$, $\text{decoder}(h_t) \to y_t$: reader and writer, joined
  by a state. Older than the Transformer (Cho 2014, Sutskever 2014), which is one way to build the
  two.
- Teacher forcing: the writer is given the right beginning, whatever it said itself. `<bos>` begins
  what is given, `<eos>` ends what is to be said, and padding is neither in the state nor in the
  loss.
- A state of fixed size is a bottleneck. Two networks that are equally good at short sentences are
  not at long ones.
- Attention keeps all states and lets every output step look at every input state: score, softmax,
  weighted average.
- A large weight says where the network looked. That is a good hint at an alignment, not a proof of
  one.

Attention needs vectors that can be compared. Where do a word's numbers come from, and what does it
mean that two of them are alike? That is lesson 03.
"""

# %% try-this [markdown]
r"""
## Try this

Small experiments, not graded; change a cell above and run it again.

1. **Equal steps.** Train both translators with 600 steps. Why does this comparison say less about
   length? Then give the one with the last state `10 * 600` (about a minute and a half). Which of
   its numbers are now above those of attention, and which are still below?
2. **The old trick.** Let the plain network read its rows backwards (`rows.flip(1)` as the source in
   `recite_batch` and in `recited`). Which lengths gain?
3. **More room, more steps.** Give the plain network `d=128`, or `5 * 600` steps. How far does the
   curve move, and what does it cost in time?
4. **Kill the tanh** in your `additive_attention` and train `Attending` again. Which of the two
   curves does it come close to, and why?
5. **No order.** The reader's states know their place because they were made in order. Let the
   attention read the words' own vectors, which know no place: in `Seq2Seq.forward` give `summary`
   `self.source_words(source)` in place of `read`, in `write` `model.source_words(source)`. Run the
   cells from `Seq2Seq` on again. What can it still recite, and how does it do that?
"""
