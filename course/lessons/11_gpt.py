# %% question [markdown]
r"""
# 11 · GPT

**What is left of the Transformer when there is nothing to translate?** The writer of lesson 08
looked into a box of cards that a reader had left for him. Take the box away, and he still writes:
he goes on with whatever he is given. Such a writer alone is what a chatbot is made of.

| | |
|---|---|
| **At its end you have built** | GPT: its loss, its block, the whole model, the loop that writes, a measure for heads that copy, and the door through which the published weights of GPT-2 enter your model; you have taught it to add and to write, watched it learn to copy, and asked it what it cannot know |
| **Time** | about 3 hours |
| **It needs** | the causal mask (lesson 04), layers and learned positions (lessons 06 and 07), the Transformer and its training (lessons 08 and 09), greedy decoding and the cache (lesson 10). Six small models are trained here, each in half a minute at most |
"""

# %% setup
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course import corpus, plots
from course.attention import causal_mask
from course.blocks import BlockConfig, EncoderLayer, LayerNorm, residual
from course.checks import check, reveal
from course.decoding import NextLogits, greedy
from course.gpt import ActivatedFeedForward, CachedGPT, GPTConfig, UnscaledEmbedding
from course.multi_head import MultiHeadAttention
from course.positions import LearnedPositions
from course.seq2seq import EOS, teacher_forcing_loss
from course.training import evaluating

torch.manual_seed(0)
torch.set_num_threads(1)  # small matrices: a second thread would cost more than it brings

# %% map-caption [markdown]
r"""
**Figure.** Where you are. The dashed arrow leads from the right half of the Transformer, the
writer, to what became of it: GPT is the writer alone, without the encoder, and without the
cross-attention that led to it.
"""

# %% map
plots.show_map("11")

# %% predicts [markdown]
r"""
## The text predicts itself

To teach the translator of lesson 09, somebody had to give it many thousand German sentences *with
their English answers*. It is the answers that cost money. A **language model**, which says what
comes next, needs none: in any text, each word is the answer to the question that all words before
it ask. Your first one was the table of lesson 01, where you counted what follows. The running
sentence of that lesson, character by character:
"""

# %% predicts-table
# the weather is very good today, let us go for a walk
weather = corpus.words_of("今天天气很好，我们去散步吧")
for place in range(1, 5):
    print("read:", "".join(weather[:place]).ljust(8, "　"), "asked:", weather[place])

# %% predicts-predict [markdown]
r"""
**Predict.** The sentence has 13 characters. How many such questions does it ask in all?
"""

# %% predicts-guess
guess = None  # your guess: a number

# %% predicts-reveal
questions = [(weather[:place], weather[place]) for place in range(1, len(weather))]
reveal(guess, len(questions))

# %% predicts-meaning [markdown]
r"""
One fewer than characters: nothing stands before the first, and what comes after the last is not
written. A page of a book asks hundreds of them, and answers them. So all that was ever written
becomes material to learn from. To learn from it in this way, before anybody knows what the model
will be used for, is called **pre-training**; the P of GPT, *generative pre-trained Transformer*,
stands for it (Radford et al. 2018). What comes after it, *fine-tuning* on a task, you will do in
lesson 12.

Thanks to the causal mask all questions of a text are asked at once, as in lesson 08: place $t$ of
the output speaks of token $t + 1$. The loss is the mean surprise, $-\ln p$ of the right answer:

$$\text{loss} = -\frac{1}{T-1} \sum_{t=1}^{T-1} \ln p(\text{token}_{t+1} \mid \text{token}_1 \dots \text{token}_t)$$

By hand: a text of three tokens asks two questions. Where the right answers get p = 1/2 and 1/4, the
surprises are 0.69 and 1.39, and the loss is (0.69 + 1.39) / 2 = 1.04.
"""

# %% loss-exercise [markdown]
r"""
### Exercise: `language_model_loss`

Write the loss of a language model. `logits` (B, T, V) are what the model said at each place of
`tokens` (B, T): the logits at place $t$ speak of token $t + 1$. So the first token is nobody's
answer, and what is said at the last place has no answer. Padding (token 0) is not asked for. Return
the mean of $-\ln p$ over all answers of the batch.

Hint: Write five tokens in a row and below them their answers, one step to the left. How many pairs
are there? One fewer than tokens.

Hint: `logits[:, :-1]` are the guesses that have an answer, `tokens[:, 1:]` are the answers.

Hint: The rest is the loss of lesson 02: `teacher_forcing_loss` takes guesses and answers, leaves
padding out, and gives the mean over all answers that are left.

Help: I see `gives 0.9242, expected 1.386`
Guesses and answers stand at the same places: the model is asked for the token that it has just
read. Move one against the other.

Help: I see `Size does not match at dimension 1`
`tokens` went in whole, all T of them. The answers are what is left without the first.
"""

# %% exercise points=1 difficulty=2 minutes=6
from course.gpt import language_model_loss

# %% check
check(language_model_loss)

# %% loss-break-why [markdown]
r"""
Now break it on purpose. Somebody forgets to move the answers by one place. Here is a "model" that
understands nothing: at each place it is quite sure of the token that it has just read.
"""

# %% loss-break
some_tokens = torch.randint(1, 50, (4, 20), generator=torch.Generator().manual_seed(0))
parrot = 20.0 * F.one_hot(some_tokens, 50)  # logits: 20 for the token just read, 0 for the others
print(f"answers not moved: loss {teacher_forcing_loss(parrot, some_tokens):.2f}")
print(f"answers moved:     loss {language_model_loss(parrot, some_tokens):.2f}")

# %% loss-break-meaning [markdown]
r"""
With the bug, a parrot is perfect. (Without it the loss is a little below 20, since now and then a
token happens to stand twice in a row.) A loss that falls to 0 within seconds is no good news: ask
first whether the model can see the answer. It can also see it where a mask is missing; that comes
next.
"""

# %% source [markdown]
r"""
## A decoder without a source

The decoder layer of lesson 08 had three parts. It read what is written so far (self-attention), it
asked the cards of the source (cross-attention), and it thought (feed-forward). Without a source
there are no cards. What remains has two parts, and so had another layer that you have built.
"""

# %% source-picture
full, causal = torch.ones(4, 4), causal_mask(4).int()
parts = ("self-attention", "cross-attention", "feed-forward")
figure = plots.layers_beside([
    ("decoder layer (lesson 08)", parts, causal),
    ("encoder layer (lesson 07)", (parts[0], parts[2]), full),
    ("GPT's block", (parts[0], parts[2]), causal),
], parts)
plots.show(figure, alt="Three layers side by side, each with a thick line upwards and its parts on "
                       "the right of it. The decoder layer has self-attention, cross-attention and "
                       "feed-forward; the encoder layer and the block of GPT have no "
                       "cross-attention. Beside each self-attention its mask: a triangle, all "
                       "open, a triangle.")

# %% source-caption [markdown]
r"""
**Figure.** Three layers, from bottom to top; norms are not drawn. Small tiles: the mask of the
self-attention, a row for each word that looks, 1 where it may. GPT's block is the decoder layer
without the middle part (dashed). A model of such blocks alone is called **decoder-only**.
"""

# %% source-predict [markdown]
r"""
**Predict.** You will write this block now. Then it gets the weights of an encoder layer of lesson
07 (pre-norm, with ReLU), and both are given the causal mask. How much will their outputs differ: a
lot, a little, or by nothing?
"""

# %% source-guess
guess = None  # your guess: "a lot", "a little" or "nothing"

# %% block-exercise [markdown]
r"""
### Exercise: `GPTBlock`

Build it from your parts: the decoder layer of lesson 08 without the part that looks across. The
norms come first, always. `ActivatedFeedForward(d_model, d_ff, activation)` is given; the norms take
`config.eps`. Dropout acts on what each of the two says, before it is added. The block makes no mask
of its own: whoever calls it hands one in.

Hint: Five attributes: attention, feed_forward, norm_1, norm_2, dropout. The fields of `config` are
`d_model`, `n_heads`, `d_ff`, `activation`, `dropout` and `eps`.

Hint: `forward` is two times `residual(x, lambda y: ..., norm)`: attention with `norm_1`, then
feed-forward with `norm_2`. Dropout stands inside each lambda.

Hint: In the first lambda, `y` is query, key and value, and the mask is the fourth argument. The
second starts from the `x` that the first gave back.

Help: I see `the weights cannot be copied in`
A part has another name, or is missing. The docstring names the four that hold weights.
"""

# %% exercise points=3 difficulty=2 minutes=10
from course.gpt import GPTBlock

# %% check
check(GPTBlock)

# %% source-reveal
sizes = {"d_model": 12, "n_heads": 3, "d_ff": 48}
layer = EncoderLayer(BlockConfig(**sizes, norm_first=True))
block = GPTBlock(
    GPTConfig(**sizes, n_layers=1, vocab_size=9, context_length=8, activation="relu")
)
block.load_state_dict(layer.state_dict())  # the same names, the same shapes
x = torch.randn(2, 8, 12)
difference = (block(x, causal_mask(8)) - layer(x, causal_mask(8))).abs().max().item()
reveal(guess, "nothing" if difference == 0 else "a little" if difference < 0.01 else "a lot")

# %% source-meaning [markdown]
r"""
The same, bit for bit. Without a source, the encoder's layer and the decoder's are the same layer;
**the mask makes the difference**. What does it do, exactly? Change the last of eight words, and see
who notices:
"""

# %% source-mask
changed = x.clone()
changed[:, -1] *= -1.0  # turned round; a norm takes away what is added to all features alike
for name, mask in (("causal mask", causal_mask(8)), ("no mask", None)):
    differs = (block(x, mask) != block(changed, mask)).any(dim=-1)[0]
    print(f"{name:12} places that notice: {[t for t in range(8) if differs[t]]}")

# %% source-mask-meaning [markdown]
r"""
Without the mask, every place knows the last word, also the place that is to predict it. It would
learn to read the answer instead of predicting it, with a wonderful loss; and when it writes for
real there is no answer yet to be read. (In lesson 08 you have seen what such a model says.)
"""

# %% whole [markdown]
r"""
## The whole GPT

Around the blocks everything is as you know it, with four choices:

- the table of tokens is used as it is, not multiplied by $\sqrt{d_{model}}$ (lesson 08);
- positions are *learned*, one row for each place (lesson 06). The table has
  `context_length` rows, and the model can look at no longer text. This number is a model's
  **context length**;
- a norm closes the stack, as in every pre-norm stack (lesson 07);
- the output layer may be the table of tokens again, *tied* as in lesson 08.

(This is GPT-2, of Radford et al. 2019. The first GPT was post-norm, the order of 2017.)
"""

# %% model-exercise [markdown]
r"""
### Exercise: `GPT`

Write the rest of the constructor, and `forward`; `cached` is given (it makes the fast writer of
lesson 10). `UnscaledEmbedding(vocab_size, d_model)` is given: your `TokenEmbedding` of lesson 08
without the factor. `config.context_length` rows of learned positions, `config.n_layers` blocks with
weights of their own, one last norm (it takes `config.eps`), and an output layer without bias. With
`config.tied` the output layer uses the embedding's table, otherwise it has a weight of its own.
Dropout acts on the sum of embedding and position. No token may see a later one. There is no mask
for padding: it stands at the end, and the causal mask hides it from all before it. So token 0 is a
token like any other here. The output is logits, without softmax. A text longer than
`context_length` raises a `ValueError`.

Hint: Six attributes: embedding, positions, dropout, blocks, norm, output. The vocabulary's size is
`config.vocab_size`. Layers in a plain list are not seen by torch: `nn.ModuleList`.

Hint: Tied means one object, not two equal ones, as in your Transformer of lesson 08: assign
`self.embedding.table` itself to `self.output.weight`.

Hint: `forward`: embedding, positions, dropout; a causal mask for T tokens; each block in turn with
that mask; norm; output. `LearnedPositions` refuses a text that is too long by itself.

Help: I see `no output sees a later token`
The mask does not arrive in the blocks, or is not the causal one. Print `causal_mask(3)`.

Help: I see `it has output.weight, which the exercise does not ask for`
With `tied=True` the output's weight is the table itself, so torch counts it once. Assign the
parameter, do not copy its numbers.
"""

# %% exercise points=4 difficulty=3 minutes=15
from course.gpt import GPT

# %% check
check(GPT)

# %% whole-count [markdown]
r"""
Your class is that of the famous models; only the sizes are larger. So let it count them. On
torch's device *meta* a tensor has a shape and no numbers: the largest of these models would need
about 700 gigabytes, but its shapes fit on any laptop.
"""

# %% whole-sizes
published = {
    "GPT-1": {"n_layers": 12, "d_model": 768, "n_heads": 12, "context_length": 512},
    "GPT-2, smallest": {"n_layers": 12, "d_model": 768, "n_heads": 12, "context_length": 1024},
    "GPT-2, largest": {"n_layers": 48, "d_model": 1600, "n_heads": 25, "context_length": 1024},
    "GPT-3": {"n_layers": 96, "d_model": 12288, "n_heads": 96, "context_length": 2048},
}
vocab_sizes = {"GPT-1": 40_478}  # all others: 50,257
counted = {}
for name, sizes in published.items():
    vocab_size = vocab_sizes.get(name, 50_257)
    with torch.device("meta"):
        model = GPT(GPTConfig(**sizes, d_ff=4 * sizes["d_model"], vocab_size=vocab_size))
    counted[name] = sum(parameter.numel() for parameter in model.parameters())
    print(f"{name:16} {sizes['n_layers']} layers of {sizes['d_model']}: {counted[name]:,}")

# %% whole-counted [markdown]
r"""
| | year | layers | width | heads | context length | parameters, the paper says | source |
|---|---|---|---|---|---|---|---|
| GPT-1 | 2018 | 12 | 768 | 12 | 512 | not said | Radford et al. (2018) |
| GPT-2, smallest | 2019 | 12 | 768 | 12 | 1024 | 117 M | Radford et al. (2019) |
| GPT-2, largest | 2019 | 48 | 1600 | 25 | 1024 | 1542 M | Radford et al. (2019) |
| GPT-3 | 2020 | 96 | 12288 | 96 | 2048 | 175 B | Brown et al. (2020) |

Compare with what your class has counted. GPT-3 fits. The smallest GPT-2 does not: the weights that
were published have 124 million numbers, as you have counted, and the paper says 117 million, which
is what GPT-1 has. The largest has 1558 million where the paper says 1542. A number in a paper is a
claim; your class can check it. (GPT-1 has no norm at the end, so it has 1536 fewer than your count.
And every other layer of GPT-3 looks only at tokens nearby, which changes no parameter.)

GPT-3 read 300 billion tokens in training (Brown et al. 2020). At one question a second, you would
be asked for more than nine thousand years.
"""

# %% whole-predict [markdown]
r"""
**Predict.** In the smallest GPT-2, the table of tokens (50,257 rows of 768) is 31 % of all
parameters. What is its share in GPT-3?
"""

# %% whole-guess
guess = None  # your guess in percent

# %% whole-reveal
table_shares = {
    name: 100 * 50_257 * published[name]["d_model"] / counted[name]
    for name in ("GPT-2, smallest", "GPT-3")
}
reveal(guess, round(table_shares["GPT-3"], 2))
print({name: f"{share:.2f} %" for name, share in table_shares.items()})

# %% whole-share-meaning [markdown]
r"""
The table grows with the width, the blocks grow with its square and with the number of layers: as
models grow, nearly all of them is blocks.
"""

# %% window [markdown]
r"""
## A window on the text

The table of positions has `context_length` rows. What if the text grows longer while the model
writes? Then it must be shown a part of it: the last `context_length` tokens, as through a window
that moves along. What has left the window is gone. A chatbot that forgets how the conversation
began may have lost it in this way.
"""

# %% window-exercise [markdown]
r"""
### Exercise: `continue_text`

Let a model write. Each prompt of `tokens` (B, T) goes on by the likeliest token, again and again,
until every row has said `end` or `max_tokens` are written. The model sees no more than the last
`model.config.context_length` tokens; when the text is longer, prompt included, the oldest are
dropped. Return B lists of new tokens, as `greedy` of lesson 10 does. While it writes, the model is
in eval mode; afterwards it is in the mode in which it came.

Hint: You have the loop: `greedy` of lesson 10 asks for a function from tokens (B, T) to the logits
(B, V) of the next one. Your model gives logits for every place.

Hint: `text[:, -n:]` are the last n columns of a text, or all of them where there are fewer. Of the
model's logits (B, T, V) only those of the last place count.

Hint: Write the function inside: cut the text, ask the model, take the last place. Then `with
evaluating(model):` (of `course.training`: eval mode inside, the former mode afterwards) and in it
one `return greedy(...)`.

Help: I see `4 positions, but the table has rows for max_length=3 only`
The model was given the whole text. Cut it before each call, the first one too: the prompt may
already be too long.

Help: I see `Tensors must have same number of dimensions`
`greedy` got logits for every place, (B, T, V). It asks for those of the next token, (B, V).

Help: I see that the text is right for some tokens and then not
Up to there it fitted into the window. Drop the oldest tokens, not the newest, and one at a time.
"""

# %% exercise points=2 difficulty=3 minutes=12
from course.gpt import continue_text

# %% check
check(continue_text)

# %% window-predict [markdown]
r"""
**Predict.** A model with context length 6 has read ten tokens. You change one of the first four.
How many of the next five tokens that it writes can change?
"""

# %% window-guess
guess = None  # your guess: 0 to 5

# %% window-reveal
from course.gpt import fresh

tiny = fresh(GPT, GPTConfig(
    d_model=16, n_heads=2, d_ff=64, n_layers=2, vocab_size=40, context_length=6, tied=False
), seed=0)
prompt, changes = torch.randint(4, 40, (1, 10)), []
for place in range(10):
    other = prompt.clone()
    other[0, place] = 4 if prompt[0, place] != 4 else 5
    texts = [continue_text(tiny, one, max_tokens=5)[0] for one in (prompt, other)]
    changes.append(sum(a != b for a, b in zip(*texts, strict=True)))
reveal(guess, max(changes[:4]))
print("new tokens that change with each of the ten:", changes)

# %% window-meaning [markdown]
r"""
None: the model cannot see what has left the window, so it cannot heed it, however important it was.
(It is not that the model heeds nothing: of the six tokens that it does see, most make a
difference.) `fresh` makes a model with start weights that do not depend on how you wrote your
class.

`continue_text` computes the whole window again for every token. Where the text fits into the
window, the KV cache of lesson 10 saves that; `generate` in `course/gpt.py` is the same loop with
the cache.
"""

# %% window-cache
from course.gpt import generate

print("the same text:", generate(tiny, prompt[:, :3], 3) == continue_text(tiny, prompt[:, :3], 3))

# %% sums [markdown]
r"""
## Learning to add

What can a model learn that does nothing but go on with a text? Let us give it texts of one kind,
such as `085+050=5310`: two numbers with three digits, and their sum, 0135, **written backwards**,
from the last digit to the first. (Why backwards, you will measure.) Nobody tells it what `+` means.
There are a million such sums. It will see fewer than one in twenty of them. Three thousand others
come in no batch (the same two numbers the other way round may): one thousand, `watched`, decide
when the training ends, and two thousand, `kept`, are looked at only when the training has ended.
"""

# %% sums-data
from course.addition import Addition, as_text, as_tokens

addition = Addition(n_digits=3)
watched, kept = addition.unseen().split([1000, 2000])
for text in watched[:3]:
    print(as_text(text), "  the loss asks for:", as_text(addition.answers(text[None])[0]))

# %% sums-asked [markdown]
r"""
The question itself, `085+050=`, need not be predicted: its digits are drawn at random, its signs
are always the same. So the loss should not ask for it. Your loss leaves out *token* 0, padding (the
*digit* 0 is token 4); hence `answers` writes that token (here: `_`) over the question, in the
answers only. The model still reads it.

`pretrain` is the loop of lesson 09: batch, loss, gradients, step, with Muon and a learning rate
that rises and falls. It trains **to a target**, not for a fixed time: after every 20 steps it asks
whether the model is good enough. `fresh` gives your GPT the start weights that ours had, so that
your runs will be like those in this text. `fused` of lesson 09 computes the same numbers faster.
"""

# %% sums-recipe
from course.fused import fused
from course.pretraining import pretrain


def adder(task: Addition) -> GPT:
    """A new GPT for sums: two blocks of width 64."""
    config = GPTConfig(
        d_model=64, n_heads=8, d_ff=256, n_layers=2, vocab_size=16,
        context_length=task.length, tied=False, activation="relu",
    )
    return fused(fresh(GPT, config, seed=0))


def loss_of(task: Addition):
    """The loss of the answers of these sums."""
    return lambda logits, tokens: language_model_loss(logits, task.answers(tokens))

# %% sums-predict [markdown]
r"""
**Predict.** The answer has four digits. The model writes them from the last (the units) to the
first. For each we measure how often it is right when the digits before it are given, and call it
learned at 90 %. Which of them will it learn first: units, tens, hundreds or thousands?
"""

# %% sums-guess
guess = None  # your guess: "units", "tens", "hundreds" or "thousands"

# %% sums-train
def learn_to_add(task: Addition, target: float = 0.999) -> tuple[GPT, list[Tensor]]:
    """Train until that share of the watched sums is right -> model, right digits, time by time."""
    model, history = adder(task), []

    def good_enough() -> bool:
        history.append(task.right_digits(model, task.unseen()[:1000]))  # (1000, 4)
        return history[-1].all(dim=1).double().mean().item() >= target

    pretrain(model, task.batches(128), loss_of(task), 400, 3e-2, good_enough)
    return model, history


model, history = learn_to_add(addition)
steps = 20 * torch.arange(1, len(history) + 1)
print(f"{steps[-1]} steps of 128 sums; right of the kept ones: {addition.exact(model, kept):.2%}")

# %% sums-reveal
names = ["units", "tens", "hundreds", "thousands"]
by_digit = {
    name: [right[:, place].double().mean().item() for right in history]
    for place, name in enumerate(names)
}
learned_at = {name: int(steps[[share > 0.9 for share in found].index(True)])
              for name, found in by_digit.items()}
reveal(guess, min(names, key=learned_at.get))
print("steps until 90 % are right:", learned_at)

# %% sums-picture
figure = plots.lines(steps, by_digit, "step", "share of right digits")
plots.show(figure, alt="Share of right digits against training step, one curve for each digit. "
                       "Thousands are all right from the first measurement on. Units, "
                       "hundreds and tens stay at a tenth for a while, and then "
                       "rise to nearly 1, each in its own time.")

# %% sums-caption [markdown]
r"""
**Figure.** Each digit is measured with the right digits before it already written. The thousands
are right from the first measurement on, after 20 steps: they are 0 or 1, and whoever has just
written the hundreds need only compare. A 9 and a 7 above a 6: that went past ten. No table is
needed for it. The other three digits need one, of all pairs of digits. For sixty steps (for the
tens, a hundred) hardly anything seems to happen; then they are learned, each in its own time: that
the table is the same in every column, nobody has told the model. (Which of the three comes first is
chance, and may differ in your run.)
"""

# %% sums-by-hand [markdown]
r"""
The target is reached: of a thousand sums that it never saw, at most one is wrong. Of the two
thousand that had no part in it, a few are. Now let it write. (These three sums it may
have met.) `generate` gets a question, and what comes back is turned around.
"""

# %% sums-write
def ask(a: int, b: int) -> str:
    """What the model writes after a+b=, from its first digit to its last."""
    question = torch.tensor([as_tokens(f"{a:03}+{b:03}=")])
    return as_text(generate(model, question, 4)[0])[::-1]


for a, b in ((85, 50), (999, 1), (457, 543)):
    print(f"{a} + {b} = {ask(a, b)}")

# %% order-why [markdown]
r"""
### The order of the digits

In 457 + 543 every column gives a **carry**, a one for the column on its left. Written forwards, the
answer begins with its 1, and to know that 1, one has to add up all columns in the head. Written
backwards, the units come first, and each next digit needs its own column, the column on its right,
and the digit just written there: a 6 under a 9 and a 7 says that one is carried, a 6 under a 2 and
a 4 that none is.

So we train the same model in the same way on sums written forwards (`085+050=0135`), stop it at the
step at which the first run stopped, and measure both on the way. **Predict.** Which order has more
of the watched sums right after 100 steps, and which at the end?
"""

# %% order-guess
guess = None  # your guess, such as ("forwards", "forwards")

# %% order-run
forwards = Addition(n_digits=3, reverse=False)
forward_model, forward_history = adder(forwards), []


def watch() -> bool:
    """Write down the share of right sums; stop where the first run stopped."""
    forward_history.append(forwards.exact(forward_model, forwards.unseen()[:1000]))
    return len(forward_history) == len(history)


pretrain(forward_model, forwards.batches(128), loss_of(forwards), 400, 3e-2, watch)
shares = [right.all(dim=1).double().mean().item() for right in history]
curves = {"backwards": shares, "forwards": forward_history}
reveal(guess, tuple(max(curves, key=lambda name: curves[name][at]) for at in (4, -1)))
print({name: f"{found[4]:.0%}, then {found[-1]:.2%}" for name, found in curves.items()})

# %% order-picture
figure = plots.lines(steps, curves, "step", "share of right sums")
plots.show(figure, alt="Share of right sums against step. Forwards rises first and is far ahead at "
                       "step 100; then backwards passes it, and reaches 1. Forwards bends and "
                       "goes up and down a little, and is still below 1 at the end.")

# %% order-caption [markdown]
r"""
**Figure.** A surprise, and then the expected: in this run forwards starts sooner, but in the same
number of steps it does not get there. (When this lesson was made, three other seeds ended in the
same way. But after 100 steps the two orders were level in one of them: four runs are too few to say
whether forwards always starts sooner.)

What are these last sums, which it does not get? We look at one digit, the hundreds, and at the
column on its right, the tens: what the two digits of that column add up to, from 0 to 18.
"""

# %% order-nine-predict [markdown]
r"""
**Predict.** For which sum of the tens' column is the digit of the hundreds wrong most often, when
the sum is written forwards?
"""

# %% order-nine-guess
guess = None  # your guess: a number from 0 to 18

# %% order-nine
# what the two digits of each pair's units add up to, and those of its tens
units, column = ((addition.unseen_pairs() // place % 10).sum(dim=1) for place in (1, 10))
hundreds = {
    "backwards": addition.right_digits(model, addition.unseen())[:, 2],
    "forwards": forwards.right_digits(forward_model, forwards.unseen())[:, 1],
}
right_by_column = {
    name: [right[column == total].double().mean().item() for total in range(19)]
    for name, right in hundreds.items()
}
reveal(guess, min(range(19), key=lambda total: right_by_column["forwards"][total]))
print(f"tens 9: {1 - right_by_column['forwards'][9]:.0%} wrong; "
      f"the units carry in {(units[column == 9] > 9).double().mean():.0%}")

# %% order-nine-picture
figure = plots.lines(
    range(19), right_by_column, "sum of the two tens", "share of right hundreds"
)
figure.axes[0].set_xticks(range(0, 19, 3))
figure.axes[0].set_ylim(0, 1.03)
plots.show(figure, alt="Share of right hundreds against the sum of the two tens. Backwards is at "
                       "or near 1 everywhere. Forwards is at or near 1 everywhere but at one sum, "
                       "9, where it falls by a fifth.")

# %% order-nine-caption [markdown]
r"""
**Figure.** Forwards, it stumbles at one place. Up to 8 the tens give no carry, from 10 on they give
one: one look to the right is enough. But in a tenth of all columns the two digits add up to 9,
which says nothing: there the column after it decides, and if that is a 9 too, the next. Just there
the model is wrong about once in five times (20 %). Who never looked further would have to say there
always the same, and the better choice, never to carry, is wrong in 43 %. So it has begun to look
further, and is not sure of it yet. Backwards,
the digit that it has just written has told it already.

(In minGPT, Karpathy (2020) asked as an exercise whether writing backwards helps; the later addition
demo of minGPT does so. `python -m course bench addition` trains its recipe and ours to the same
target.)
"""

# %% write [markdown]
r"""
## It writes

A sum is a text of one kind. Now a language: the English side of the course's sentences, twenty
thousand of them, with some four hundred different words. Nobody says what a verb is, or which words
are animals. Your GPT reads, and each time is asked for the next word; nothing else.
"""

# %% write-data
from collections.abc import Iterator

read = [("<bos>", *pair.english, "<eos>") for pair in corpus.sample(20_000, seed=1)]
ENGLISH = ["<pad>", "<bos>", "<eos>", *sorted({word for words in read for word in words[1:-1]})]
NUMBER = {word: number for number, word in enumerate(ENGLISH)}
rows = [torch.tensor([NUMBER[word] for word in words]) for words in read if len(words) <= 18]
rows = nn.utils.rnn.pad_sequence(rows, batch_first=True)  # (n, 18), padding is 0


def some_sentences(n: int, seed: int) -> Iterator[Tensor]:
    """For ever, n sentences (n, T), no longer than the longest of them."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        some = rows[torch.randint(len(rows), (n,), generator=generator)]
        yield some[:, : (some != 0).any(dim=0).sum()]

# %% write-train tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
config = GPTConfig(
    d_model=64, n_heads=4, d_ff=256, n_layers=2, vocab_size=len(ENGLISH), context_length=30
)
writer = fused(fresh(GPT, config, seed=0))
losses = pretrain(writer, some_sentences(64, seed=0), language_model_loss, 300)
print(f"{len(ENGLISH)} tokens; surprise in the first step {losses[0]:.1f}, "
      f"in the last twenty {sum(losses[-20:]) / 20:.1f}")

# %% write-predict [markdown]
r"""
None of these sentences begins like the sentence of this course, *the animal did not cross the
street because it was too tired*, for more than a few words. We give its beginning, and leave out
the last word.

**Predict.** Which word does it give the highest p? (*it* may be the animal or the street: lesson 04
told of it.)
"""

# %% write-guess
guess = None  # your guess: a word

# %% write-reveal tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
beginning = "the animal did not cross the street because it was too"
asked = ("<bos>", *beginning.split())
question = torch.tensor([[NUMBER[word] for word in asked]])
with evaluating(writer):
    p = writer(question)[0, -1].softmax(dim=-1)
after_too = {one[i + 1] for one in read for i, word in enumerate(one) if word == "too"}
reveal(guess, ENGLISH[p.argmax()])
print(", ".join(f"{ENGLISH[i]} {p[i]:.2f}" for i in p.topk(6).indices.tolist()))
print(f"p of all {len(after_too)} words that it has read after too: "
      f"{sum(p[NUMBER[word]] for word in after_too):.2f}")
begins = {words[:n] for words in read for n in range(1, len(asked) + 1)}
shared = max(n for n in range(1, len(asked) + 1) if asked[:n] in begins) - 1  # without <bos>
print(f"of the {len(asked) - 1} words of the question, no sentence that it has read begins with "
      f"more than {shared}")

# %% write-reveal-meaning [markdown]
r"""
A property, and mostly one that an animal or a street can have. Now it gets nothing but `<bos>`, and
chance decides as in lesson 10 (sampling at temperature 1; `wrap` lets `generate` draw instead of
taking the likeliest token):
"""

# %% write-draw tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
import functools

from course.decoding import sampled

dice = functools.partial(sampled, generator=torch.Generator().manual_seed(0))
written = [
    tuple(ENGLISH[token] for token in row)
    for row in generate(writer, torch.full((200, 1), NUMBER["<bos>"]), 29, wrap=dice)
]
print(*(" ".join(words) for words in written[:8]), sep="\n")
known = {words[1:-1] for words in read}
copies = sum(words in known for words in written)
print(f"of {len(written)} sentences {copies} stand in what it has read")

# %% write-meaning [markdown]
r"""
It writes. Hardly any of these sentences is a copy: they are new, and most of them are English. Some
are not; it has read for less than half a minute. What it says is nobody's opinion: it goes on with
a text in the way in which such texts go on. It does not answer, either. How a model that goes on
becomes one that answers (alignment by feedback) is not built in this course; lesson 13 names the
works.
"""

# %% heads [markdown]
r"""
## A score for each head

Read this: 7 13 9 4 21 30 16 7 13 9. What comes next? You say 4, and yet you have never seen this
row before: you looked back for the earlier 9, and read what came after it. No table of pairs that
were learned can do that, as the row is new.

A Transformer can do it. Olsson et al. (2022) describe how, with heads in two layers: a head of the
first tells each token which token stands *before* it. A head of the second then asks "what came
after one like me?", and reads that token. They call the second an **induction head**.
"""

# %% heads-texts [markdown]
r"""
Let us see some appear. The texts are rows of random tokens that repeat themselves: 6 to 14
different tokens of 32, and then the same again and again. The length of the repeated piece changes
from text to text, so counting places is not enough. The models are your GPT without feed-forward
networks, nothing but attention, once with one layer and once with two.
"""

# %% heads-data
def repeated_texts(n: int, seed: int) -> Iterator[Tensor]:
    """For ever, n texts (n, 32): a piece of 6 to 14 different tokens of 32, again and again."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        pieces = 4 + torch.rand(n, 32, generator=generator).argsort(dim=1)
        lengths = torch.randint(6, 15, (n, 1), generator=generator)
        yield pieces.gather(1, torch.arange(32) % lengths)


class Silent(nn.Module):
    """Stands where a feed-forward network was, and says nothing."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x)

# %% heads-train
def attention_only(n_layers: int) -> GPT:
    """Your GPT without feed-forward, after 250 steps on repeated texts."""
    config = GPTConfig(
        d_model=64, n_heads=4, d_ff=64, n_layers=n_layers, vocab_size=36, context_length=32,
        tied=False,
    )
    model = fresh(GPT, config, seed=1)
    for block in model.blocks:
        block.feed_forward = Silent()
    pretrain(model, repeated_texts(64, seed=1), language_model_loss, 250, 1e-2)
    return model.eval()


copiers = {n_layers: attention_only(n_layers) for n_layers in (1, 2)}

# %% heads-predict [markdown]
r"""
Ask them at those places where the text repeats itself: is the right token the likeliest?
**Predict.** Guessing blindly, 3 % would be right. How many are right with one layer, how many with
two?
"""

# %% heads-guess
guess = None  # your guess: (percent with one layer, percent with two)

# %% heads-measure
tests = next(repeated_texts(500, seed=2))
told = torch.tensor([[token in row[:place] for place, token in enumerate(row)]  # it came before
                     for row in tests.tolist()])


@torch.no_grad()
def copied(model: GPT) -> float:
    """The share of right guesses after a token that has come before."""
    right = model(tests)[:, :-1].argmax(dim=-1) == tests[:, 1:]
    return right[told[:, :-1]].double().mean().item()


found = {n_layers: copied(model) for n_layers, model in copiers.items()}
reveal(guess, tuple(round(100 * share) for share in found.values()))

# %% heads-measured [markdown]
r"""
Two layers copy, practically without a mistake. One layer is better than blind, but it does not
copy. A head of the first layer sees tokens and their places; what stands *before* a token is
nothing that it could ask for. (But it can tell which tokens have been read, and how long ago; and
in a text that repeats itself the next token is the one that has not come for longest. That may be
where its third comes from.)
"""

# %% induction-exercise [markdown]
r"""
### Exercise: `induction_score`

How much does each head look where an induction head looks? Stand at a token that has come before.
Its place of interest is the one right after the earlier occurrence. `weights` (B, H, T, T) is what
each head reads: row $i$ holds how much place $i$ reads of every place. Take what is read at the
places of interest; of several earlier occurrences, the sum. (After 4 4, the place of interest of
the second 4 is its own.) The score of a head is the mean over all tokens of the batch that have
come before in their row. If no row has such a token, raise a `ValueError`.

Hint: By hand: in the tokens 5 6 5 6, place 2 has come before at place 0, so its place of interest
is 1. And place 3? Two numbers of `weights`, and their mean.

Hint: `tokens[:, :, None] == tokens[:, None, :]` (B, T, T) says where token $i$ and token $j$ are
equal. Earlier means $j < i$: `tril(-1)` keeps what lies below the diagonal. Loops over B, i and j
are right too.

Hint: The place of interest is one further right than the occurrence: a table of False like
`earlier`, whose columns `1:` are the columns `:-1` of `earlier`. Multiply it with the weights (an
axis for the heads is missing), sum over B, i and j, divide by the number of rows of `earlier` that
hold a True.

Help: I see that my score is too large for rows with many repetitions
Each token counts once in the mean, however often it came before. Count tokens, not pairs.

Help: I see `the output is float32`
`torch.zeros(H)` is float32, whatever the weights are: `torch.zeros(H, dtype=weights.dtype)`.

Help: I see a score of nan
Nothing was repeated, and you divided by zero: this is the case to refuse.
"""

# %% exercise points=3 difficulty=4 minutes=20
from course.gpt import induction_score

# %% check
check(induction_score)

# %% heads-weights
def heads_read(model: GPT, tokens: Tensor) -> list[Tensor]:
    """What the heads of each block read, tokens (B, T) -> for each block (B, H, T, T)."""
    x, read = model.positions(model.embedding(tokens)), []
    earlier = causal_mask(len(tokens[0]))
    for block in model.blocks:
        normed = block.norm_1(x)
        read.append(block.attention.weights(normed, normed, earlier))
        x = block(x, earlier)
    return read


with torch.no_grad():
    scores = torch.stack([induction_score(read, tests) for read in heads_read(copiers[2], tests)])

# %% heads-scores
rows = ["layer 0", "layer 1"]
figure = plots.heatmap(scores, rows, [f"head {h}" for h in range(4)], "induction score", high=1.0)
plots.show(figure, alt="Two rows of four tiles. All heads of layer 0 have less than 0.1. In layer "
                       "1 two heads have about 0.9, one about 0.5, one about 0.2.")

# %% heads-scores-caption [markdown]
r"""
**Figure.** The score of each head, by your function. In the first layer nobody looks there. In the
second, two heads do hardly anything else where there is something to find. So look through the eyes
of the best of them, at the row that you have read above:
"""

# %% heads-look
best = int(scores[1].argmax())
row = torch.tensor([[7, 13, 9, 4, 21, 30, 16]]).repeat(1, 2)
with torch.no_grad():
    weights = heads_read(copiers[2], row)[1][0, best]
names = [str(token) for token in row[0].tolist()]
figure = plots.heatmap(weights, names, names, f"layer 1, head {best}", high=1.0)
plots.show(figure, alt="Who reads whom, 14 tokens against 14. In the first seven rows nearly all "
                       "weight is on the first token. From the eighth row on a bright diagonal: "
                       "the second 7 reads the first 13, the second 13 reads the 9, and so "
                       "on; in the last two rows half of the weight is still on the first "
                       "token.")

# %% heads-look-caption [markdown]
r"""
**Figure.** Each row is a token that reads. In the first half there is nothing to be found, and the
head rests on the first token, which has no meaning for it. From the second 7 on, the bright tiles
form a diagonal: the second 7 reads the 13 that came *after* the first 7, the second 13 reads 9,
and so on. (In the last two rows it is less decided; remember that there is a second such head.)

And the first layer? What its heads read, n places back, in the mean over all places of the tests:
"""

# %% heads-first
with torch.no_grad():
    first = heads_read(copiers[2], tests)[0]  # (500, H, T, T)
back = torch.stack([first.diagonal(-n, 2, 3).mean(dim=(0, 2)) for n in range(5)], dim=1)  # (H, 5)
names = [f"{n} back" for n in range(5)]
figure = plots.heatmap(back, [f"head {h}" for h in range(4)], names, "layer 0")
plots.show(figure, alt="Four heads against 0 to 4 places back. Heads 0 and 2 read themselves most, "
                       "heads 1 and 3 the token one place before; all weights are below 0.3.")

# %% heads-first-caption [markdown]
r"""
**Figure.** The first layer. (The colours are stretched: even the brightest tile is small.) Heads 1
and 3 read the token *before* most, heads 0 and 2 the token itself. The work is not divided as
cleanly as Olsson et al. describe it, but what stood before a token can be written down here.
"""

# %% heads-cut-why [markdown]
r"""
A high score says where a head looks. Does the copying come from there? Cut heads out, and see. What
head $h$ says goes through its own columns of $W_o$ (lesson 05); with zeros there it is silent.

**Predict.** The best head is cut out. How many percent are still copied?
"""

# %% heads-cut-guess
guess = None  # your guess in percent

# %% heads-cut
size = copiers[2].config.d_model // 4  # of a head: 16 features


def without(model: GPT, layer: int, heads: list[int]) -> float:
    """The copying that is left when these heads of a layer are silent."""
    w_o = model.blocks[layer].attention.w_o.weight
    kept = w_o.detach().clone()
    with torch.no_grad():
        for head in heads:
            w_o[:, size * head : size * (head + 1)] = 0.0
        left = copied(model)
        w_o.copy_(kept)
    return left


ranked = scores[1].argsort(descending=True).tolist()
cuts = {"nobody": (1, []), "the best head": (1, ranked[:1]), "the best two": (1, ranked[:2]),
        "the best three": (1, ranked[:3]), "the other two": (1, ranked[2:]),
        "all of layer 0": (0, [0, 1, 2, 3])}

# %% heads-cut-run
left = {name: without(copiers[2], layer, heads) for name, (layer, heads) in cuts.items()}
reveal(guess, round(100 * left["the best head"]))
for name, share in left.items():
    print(f"{name:15} silent: {share:4.0%} copied")

# %% heads-cut-meaning [markdown]
r"""
Without the best head a tenth of the copying is lost, no more, since the second does the same work.
(That little is missing without a head does not prove that it did little.) Without both, most of it
is gone; the third takes away a little more, and the other two together are not missed at all. And
without the first layer, whose scores are near 0, hardly anything works either: what the second
layer looks for is most likely what the first has written down for it.
"""

# %% heads-loss-why [markdown]
r"""
What does it look like from outside, where no heads are seen? Take the test texts whose piece has 12
tokens, and measure the surprise at each place.
"""

# %% heads-loss
comes_again = torch.stack([(tests[:, n:] == tests[:, :-n]).all(dim=1) for n in range(6, 15)])
twelve = tests[comes_again.int().argmax(dim=0) == 6]  # the shortest period is 6 + 6
with torch.no_grad():
    surprise = {
        f"{n_layers} layer{'s' * (n_layers > 1)}": F.cross_entropy(
            model(twelve)[:, :-1].transpose(1, 2), twelve[:, 1:], reduction="none"
        ).mean(dim=0)
        for n_layers, model in copiers.items()
    }

# %% heads-loss-picture
figure = plots.lines(range(2, 33), surprise, "place in the text", "surprise, -ln p")
plots.show(figure, alt="Surprise against the place in the text. Both models are at 3.5 or above up "
                       "to place 12. At place 14 the curve of two layers falls to 0 and stays "
                       "there; with one layer it stays at about 1.")

# %% heads-loss-caption [markdown]
r"""
**Figure.** In the first round there is little to know: $\ln 32 = 3.5$. From place 7 on the piece
could begin again; both models give that some of their p, are wrong here, and so are more surprised
than that. At place 13 it does begin again. From place 14 on, two layers are not surprised any more.
One layer is as surprised as somebody who guesses among three or four, in the third round (from
place 25 on) among two or three. A loss that falls *within* a text means that the model learns from
the text while it reads, without any change of its weights. Brown et al. (2020) made this the point
of GPT-3 and called it **in-context learning**: show it three translations, and it translates the
fourth. Olsson et al. (2022) argue that induction heads are a large part of it.
"""

# %% facts [markdown]
r"""
## Asked what it never read

Language models state things that are not so, in the tone of those that are. It is called
**hallucination** (Ji et al. 2023). To see where it comes from, one needs a world of which one knows
exactly what was told. Here is one: a hundred lands that do not exist, each with a capital and a
river.
"""

# %% facts-world
from course.corpus.world import WORDS, Fact, World, numbered

world = World.make(seed=0)
print(len(world.stated), "facts are stated, such as: ", *world.stated[0].text[1:-1])
print(len(world.never_stated), "are stated nowhere, such as:", *world.never_stated[0].question[1:])
print(len(world.no_such_land), "ask about no land at all:   ", *world.no_such_land[0].question[1:])

# %% facts-kinds [markdown]
r"""
Names have two syllables, which are two tokens. Of half of the lands everything is stated. Of the
others one of the two facts is missing, the capital or the river, and the other one is stated: so
the model has met the name. A third kind of questions asks about lands that no text names.

The model reads the stated facts again and again, until it knows them by heart.
"""

# %% facts-train
def facts_in_batches(seed: int) -> Iterator[Tensor]:
    """Batches of 64 stated facts, drawn again and again (64, 11)."""
    texts = torch.tensor(numbered(fact.text for fact in world.stated))
    generator = torch.Generator().manual_seed(seed)
    while True:
        yield texts[torch.randint(0, len(texts), (64,), generator=generator)]


config = GPTConfig(
    d_model=64, n_heads=4, d_ff=256, n_layers=2, vocab_size=len(WORDS), context_length=11
)
knowing = fresh(GPT, config, seed=0)
losses = pretrain(knowing, facts_in_batches(1), language_model_loss, 250)

# %% facts-ask
@torch.no_grad()
def answered(facts: list[Fact]) -> tuple[list[tuple], Tensor]:
    """The likeliest two syllables after each question, and the probability that both got (n,)."""
    tokens = torch.tensor(numbered(fact.question for fact in facts))
    sure = torch.ones(len(tokens))
    for _ in range(2):
        p, token = knowing(tokens)[:, -1].softmax(dim=-1).max(dim=-1)
        sure, tokens = sure * p, torch.cat([tokens, token[:, None]], dim=1)
    return [tuple(WORDS[t] for t in row) for row in tokens[:, -2:].tolist()], sure


knowing.eval()
asked = {"stated": world.stated, "never stated": world.never_stated,
         "no such land": world.no_such_land}
answers = {kind: answered(facts) for kind, facts in asked.items()}

# %% facts-predict [markdown]
r"""
**Predict.** Stated facts it knows: all its answers are right, with p near 1. There are 256 possible
names. How sure is it, in the median, of its answers about what was *never* stated?
"""

# %% facts-guess
guess = None  # your guess: a number from 0 to 1

# %% facts-reveal
medians = {kind: sure.median().item() for kind, (_, sure) in answers.items()}
reveal(guess, round(medians["never stated"], 2))
for kind, (names, sure) in answers.items():
    right = sum(name == fact.name for name, fact in zip(names, asked[kind], strict=True))
    print(f"{kind:13} median p {medians[kind]:.2f}, above 0.95: {(sure > 0.95).sum():3}, "
          f"right: {right:3} of {len(names)}")

# %% facts-picture
figure, axes = plots.canvas(9.6, 2.8, columns=3)
for axis, (kind, (_, sure)) in zip(axes, answers.items(), strict=True):
    axis.hist(sure, bins=20, range=(0, 1), color=plots.COLOURS[0], edgecolor="white")
    axis.set(title=kind, xlabel="p of its answer", ylabel="questions")
plots.show(figure, alt="Three histograms of the probability that the model gives to its answer. "
                       "Stated facts: all at 1. Never stated and no such land: spread from low "
                       "values to 1, with many on the right, some as sure as stated facts.")

# %% facts-caption [markdown]
r"""
**Figure.** (The scales differ: left there are 150 questions, in the middle and on the right 50
each.) Left, what it has read: sure, and right. Middle and right, what it has never read: it gives a
name all the same, mostly with p above 0.5, and sometimes above 0.95. Not one answer is right (and
in a land that there is not, none could be). It also makes little difference whether the land
exists.
"""

# %% facts-why [markdown]
r"""
Why does it not say that it does not know? Because nothing has ever asked it to. The softmax shares
out the whole of 1 among the names, whatever the question. The loss asked about stated facts only,
and rewarded being sure. For all other questions the weights do *something*: what they do for
similar names. And there is no token that means "I have not read that".

A model is **calibrated** if of its answers with p = 0.8 eight in ten are right (Guo et al. 2017).
How is it here?
"""

# %% facts-calibration
sure = torch.cat([sure for _, sure in answers.values()])
is_right = torch.tensor([
    name == fact.name
    for kind, (names, _) in answers.items()
    for name, fact in zip(names, asked[kind], strict=True)
])
for low, high in ((0.0, 0.5), (0.5, 0.9), (0.9, 0.99), (0.99, 1.0)):
    inside = (sure > low) & (sure <= high)
    print(f"p from {low:.2f} to {high:.2f}: {inside.sum():3} answers, mean p "
          f"{sure[inside].mean():.2f}, right {is_right[inside].double().mean():.0%}")

# %% facts-calibration-meaning [markdown]
r"""
Of the answers with p between 0.5 and 0.9 seven in ten should be right, and none is. Of those
between 0.9 and 0.99 nineteen in twenty should be, and none is. (How many answers stand in each
line depends on how many questions nobody can answer we mixed in.) To mend that, one needs what
pre-training does not have: questions *to which the model does not know the answer*, and somebody
who can tell. With them one could choose a threshold below which it keeps silent (here 0.99 would do
nearly, which you only know because you know the world), or go on training with texts in which
"nobody has told" is the right answer. Larger models are better calibrated, if asked in the right
form (Kadavath et al. 2022), and they still invent.
"""

# %% facts-again-predict [markdown]
r"""
**Predict.** Ask each of two questions eight times, one about a stated fact and one about a fact
that was never stated, of whose answer it is half sure (p near 0.5). Let chance decide as in lesson
10 (sampling at temperature 1). How many different answers do you get to each?
"""

# %% facts-again-guess
guess = None  # your guess: (different answers to the stated, to the never stated)

# %% facts-again
def eight_times(fact: Fact) -> list[str]:
    """Eight sampled answers to one question."""
    question = torch.tensor(numbered([fact.question])).repeat(8, 1)
    dice = functools.partial(sampled, generator=torch.Generator().manual_seed(3))
    return ["".join(WORDS[t] for t in row) for row in generate(knowing, question, 2, wrap=dice)]


unsure = int((answers["never stated"][1] - 0.5).abs().argmin())
several = [eight_times(world.stated[0]), eight_times(world.never_stated[unsure])]
reveal(guess, tuple(len(set(names)) for names in several))
print(*several, sep="\n")

# %% facts-again-meaning [markdown]
r"""
This is why a chatbot gives two people different answers to the same question: the answer is drawn,
and where the model does not know, several are in the draw. Asking again is a cheap test: what
changes from time to time, and not in its wording alone, was probably not known. What stays the same
may still be wrong: in the middle and the right histogram some answers are near 1. (Greedy decoding
always gives the same answer. It is no more true.)
"""

# %% loading [markdown]
r"""
## Weights that others trained

Your class is GPT-2 up to the names. The weights that OpenAI published in 2019 are kept in files
with the names of another program, Hugging Face's *transformers*, with which most of the world runs
them. If these numbers get into your model, each at its place, then it *is* GPT-2. What belongs
where?
"""

# %% loading-parts
import itertools
from collections.abc import Mapping

from course.gpt import GPT2_PARTS

for theirs, ours in GPT2_PARTS.items():
    print(f"h.0.{theirs:12} -> {', '.join(f'blocks.0.{name}' for name in ours)}")

# %% state-exercise [markdown]
r"""
### Exercise: `gpt2_state`

Rename GPT-2. `tensors` is its state dict: name -> tensor, as the transformers library stores it.
Return the state dict of *your* GPT: your names, your shapes. `GPT2_PARTS` gives the names within a
block: their part, and yours. Outside the blocks `wte` is the table of tokens, `wpe` that of
positions, `ln_f` the last norm and `lm_head` the output. Mind five things:

- all names but `lm_head.weight` may begin with `transformer.`; in some files they do not;
- a block is called `h.0`, yours `blocks.0`; a norm's weight is your `gain`;
- a linear layer's weight lies transposed, (in, out) where yours is (out, in);
- `attn.c_attn` holds queries, keys and values side by side, in this order;
- some files hold masks too (`attn.bias`, `attn.masked_bias`): leave them out.

Without a `lm_head.weight` the output is tied: your `output.weight` is then the table of tokens.

Hint: First take the prefix off, once, for all names: `name.removeprefix("transformer.")`. Then the
five tensors outside the blocks (two tables, the norm's gain and bias, the output), one after the
other: `print(*tiny.state_dict(), sep="\n")` shows your names, if `tiny` is the model of the window.

Hint: Read, do not search: go through the blocks and, in each, through `GPT2_PARTS`, and *ask* for
`f"h.{i}.{part}.weight"` and `.bias`. Masks are then never asked for. How many blocks? Look which
numbers stand behind `h.`.

Hint: For a linear layer, `weight.T.chunk(n)` cuts the rows of the transposed weight into n equal
pieces, `bias.chunk(n)` the bias; n is the number of your names, 3 or 1. `zip` them.

Help: I see that `blocks.0.attention.w_o.weight` is wrong, but its shape is right
A square matrix fits either way round. This one still lies as theirs did.

Help: I see `KeyError: 'attn'`, or `has 'blocks.0.attention.bias'`
That is the mask of a block, not a weight: leave it out before you look names up. And beware:
`attn.c_attn.bias` ends in `attn.bias` as well, and it is a weight.
"""

# %% exercise points=4 difficulty=4 minutes=20
from course.gpt import gpt2_state

# %% check
check(gpt2_state)

# %% loading-theirs [markdown]
r"""
Is it right? This lesson downloads nothing. So we take a GPT-2 that is small and has random weights,
in their names and shapes. Beside your model we need theirs: below is the computation of GPT-2
straight from their names, in torch's own functions and without any of your parts. (The tests of the
course compare with transformers itself.)
"""

# %% loading-small
def small_gpt2(d: int = 24, n_layers: int = 2, vocab_size: int = 50) -> dict[str, Tensor]:
    """A state dict in GPT-2's names and shapes; all numbers are random, gains and biases too."""
    generator = torch.Generator().manual_seed(0)
    shapes = {"wte.weight": (vocab_size, d), "wpe.weight": (16, d), "ln_f.weight": (d,),
              "ln_f.bias": (d,)}
    layer = {"attn.c_attn": (d, 3 * d), "attn.c_proj": (d, d), "mlp.c_fc": (d, 4 * d),
             "mlp.c_proj": (4 * d, d), "ln_1": (d,), "ln_2": (d,)}
    for i, (part, shape) in itertools.product(range(n_layers), layer.items()):
        shapes |= {f"h.{i}.{part}.weight": shape, f"h.{i}.{part}.bias": shape[-1:]}
    return {name: 0.3 * torch.randn(shape, generator=generator) for name, shape in shapes.items()}

# %% loading-reference
def gpt2_by_torch(t: dict[str, Tensor], tokens: Tensor, n_heads: int) -> Tensor:
    """GPT-2's logits from its own names, by torch's functions."""
    B, T, d = *tokens.shape, t["wte.weight"].shape[1]
    x = t["wte.weight"][tokens] + t["wpe.weight"][:T]
    for i in range(len([name for name in t if name.endswith("ln_1.bias")])):
        at = {name.removeprefix(f"h.{i}."): one for name, one in t.items()}
        y = F.layer_norm(x, (d,), at["ln_1.weight"], at["ln_1.bias"])
        qkv = (y @ at["attn.c_attn.weight"] + at["attn.c_attn.bias"]).split(d, dim=-1)
        heads = [one.view(B, T, n_heads, -1).transpose(1, 2) for one in qkv]
        said = F.scaled_dot_product_attention(*heads, is_causal=True).transpose(1, 2).flatten(2)
        x = x + said @ at["attn.c_proj.weight"] + at["attn.c_proj.bias"]
        y = F.layer_norm(x, (d,), at["ln_2.weight"], at["ln_2.bias"])
        y = F.gelu(y @ at["mlp.c_fc.weight"] + at["mlp.c_fc.bias"], approximate="tanh")
        x = x + y @ at["mlp.c_proj.weight"] + at["mlp.c_proj.bias"]
    return F.layer_norm(x, (d,), t["ln_f.weight"], t["ln_f.bias"]) @ t["wte.weight"].T

# %% loading-parity
tensors = small_gpt2()
config = GPTConfig(
    d_model=24, n_heads=4, d_ff=96, n_layers=2, vocab_size=50, context_length=16
)
mine = GPT(config)
# whatever else your class keeps in its state dict, such as a mask, stays
mine.load_state_dict(mine.state_dict() | gpt2_state(tensors))
tokens = torch.randint(0, 50, (3, 12), generator=torch.Generator().manual_seed(1))
with torch.no_grad():
    theirs = gpt2_by_torch(tensors, tokens, n_heads=4)
    apart = (mine(tokens) - theirs).abs().max().item()
print(f"logits of size {theirs.abs().mean():.1f}; yours and theirs at most {apart:.0e} apart")

# %% loading-break-predict [markdown]
r"""
The same numbers, up to rounding. Now three ways to be nearly right:

1. $W_o$ is not transposed: it is square, and fits either way;
2. queries and keys change places when `c_attn` is cut;
3. the exact GELU of lesson 07, instead of the approximation with tanh with which GPT-2 was trained.

**Predict.** None of them raises an error. Which of them leave every logit where it was, up to less
than a hundredth? (A logit here is about 0.5 in size, as printed above.)
"""

# %% loading-break-guess
guess = None  # your guess: a set such as {1, 2}

# %% loading-break
from dataclasses import replace


def moved_by(state: dict[str, Tensor], activation: str = "gelu_tanh") -> float:
    """The largest difference of the logits from theirs."""
    model = GPT(replace(config, activation=activation))
    model.load_state_dict(model.state_dict() | state)
    with torch.no_grad():
        return (model(tokens) - theirs).abs().max().item()


right, bugs, other = gpt2_state(tensors), {}, {"w_q": "w_k", "w_k": "w_q"}
bugs[1] = moved_by({name: one.T if "w_o.w" in name else one for name, one in right.items()})
bugs[2] = moved_by({".".join(other.get(part, part) for part in name.split(".")): one
                    for name, one in right.items()})
bugs[3] = moved_by(right, "gelu")
reveal(guess, {bug for bug, size in bugs.items() if size < 0.01})
print({bug: f"{size:.4f}" for bug, size in bugs.items()})

# %% loading-break-meaning [markdown]
r"""
The first moves a logit by up to 0.86, more than most of them are large, the second by up to 0.13,
and neither raises an error: a model with such a bug writes words without sense, and nothing says
why. (Queries and keys seem to be interchangeable, as $q \cdot k$ is; but then each token asks with
its label, and row and column of the scores change places.) The third is nearly harmless. That is
why one compares logits with the original, and does not read the text and find it plausible.
"""

# %% loading-folder
from course.pretrained import load_gpt2

settings = {
    "model_type": "gpt2", "n_embd": 24, "n_head": 4, "n_layer": 2, "vocab_size": 50,
    "n_positions": 16, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5,
}
loaded = load_gpt2(tensors, settings, build=GPT)
with torch.no_grad():
    print("load_gpt2, the same logits:", torch.equal(loaded(tokens), mine(tokens)))

# %% loading-own [markdown]
r"""
`load_gpt2` does what you wrote, for a folder as well, and tells what is wrong with a file that is
not as it should be. With `build=GPT` the numbers go into *your* class. If you want to meet the real
GPT-2, download its folder by hand (the files `config.json`, `model.safetensors`, `vocab.json` and
`merges.txt` of `gpt2` at Hugging Face; half a gigabyte), and ask it in a terminal:

```
python -m course pretrained PATH/gpt2 "The animal didn't cross the street because"
```

The tokenizer that this needs, byte-level byte pairs, is lesson 09's with bytes for letters; the
course brings it along.
"""

# %% remember [markdown]
r"""
## What to remember

- A text asks and answers its own questions: `language_model_loss` moves the answers by one place.
  Learning so from everything there is, is pre-training.
- GPT is the decoder without a source. Its layer is the encoder's; the causal mask makes the
  difference. The context length is the number of rows of its table of positions.
- The smallest GPT-2 has 124 million parameters, GPT-3 has 175 billion and 96 layers; your class
  counts both.
- It learned to add: sums that it never saw, all but a few in a thousand right. In which order
  the answer is written decides where it stumbles.
- Two layers of attention learn to copy; one, trained in the same way, does not. A score finds the
  heads, cutting them out shows what depends on them.
- A model also answers what it has never read, and sometimes nearly as surely as what it knows. Its
  p is no promise of being right.

In lesson 12 the other half lives alone: BERT, a reader that sees both sides of each word.
"""

# %% try [markdown]
r"""
## Try this

- Train `learn_to_add(Addition(n_digits=2))`. There are only a hundred times a hundred sums: does it
  get there, and in how many steps?
- Let `attention_only` begin with `fresh(GPT, config, seed=0)`, and run the section again. It copies
  as well, but look at the scores. Which places do its heads read instead? Draw them.
- Give the facts to a smaller model (`d_model=16`): does it know them by heart as well? Is it as
  sure of what it never read?
- Leave the mask away in your `GPT` (give the blocks `None`) and train the adder again. What does
  the share of right digits say while it trains, and what does it write? (Put `continue_text` for
  `generate` into `ask`: `generate`'s cache has a mask of its own.)
"""

