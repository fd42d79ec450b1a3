# %% question [markdown]
r"""
# 07 · Residuals

**What has to stand around a layer so that many of them help?** Attention lets words talk to each
other. It seems that one could put twenty such layers on top of each other and be done. But a plain
stack of eight layers cannot even learn to sort eight digits.

| | |
|---|---|
| **At its end you have built** | layer norm, the feed-forward network, the residual connection in both of its orders, the encoder layer and the whole encoder; you have seen deep stacks with and without them learn, stand still, and blow up |
| **Time** | about 2 hours; after *The encoder layer* is a good place to pause |
| **It needs** | multi-head attention (lesson 05) and positions (lesson 06) |
"""

# %% setup
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from course import plots
from course.multi_head import MultiHeadAttention
from course.blocks import BlockConfig
from course.checks import check, reveal
from course.positions import sinusoidal_positions

torch.manual_seed(0)
torch.set_num_threads(1)  # small matrices: a second thread would cost more than it brings

# %% map-caption [markdown]
r"""
**Figure.** Where you are. You have attention and positions. The lit parts are new: the feed-forward
network, and what stands around each part. With them, layers can be stacked.
"""

# %% map
plots.show_map("07")

# %% dish [markdown]
r"""
## Keep the dish, add the sauce

You have cooked a dish, and it lacks something. You could cook it again from nothing, with
everything a little different. Or you keep the dish and add a spoon of sauce. The second cook risks
less: whatever the sauce is like, the dish is still there.

A plain layer is the first cook: it replaces $x$ by $F(x)$, so $F$ must carry everything through
that is worth keeping. A **residual connection** is the second: it gives $x + F(x)$, and $F$ only
has to find what is missing (He et al. 2015, "Deep residual learning for image recognition"). What
is missing is called the *residual*, hence the name.

Now follow a gradient backwards. Through a plain layer it is multiplied by $F'(x)$; through a
residual one by $1 + F'(x)$.
"""

# %% dish-predict [markdown]
r"""
**Predict.** Twenty-four plain layers stand in a row, and each has the slope $F' = 0.5$. A gradient
of 1 enters at the end. What arrives at the first layer: about a half, a thousandth, or less than a
millionth?
"""

# %% dish-guess
guess = None  # your guess: 0.5, 0.001 or 1e-7

# %% dish-reveal
slope, depth = 0.5, 24
options = (0.5, 0.001, 1e-7)
reveal(guess, min(options, key=lambda option: abs(math.log(option / slope**depth))))
print(f"plain:     {slope**depth:.1e} arrives")
print(f"residual:  {(1 + slope) ** depth:.1e} arrives")
print(f"residual, slope -0.02:  {(1 - 0.02) ** depth:.2f} arrives")

# %% dish-meaning [markdown]
r"""
Through plain layers nothing arrives: the early layers are never told what to do better. (It is the
vanishing gradient of lesson 01, over layers in place of time steps. The cure is related too: there
a gate let the old state pass, here a plus does.) Through residual layers the 1 in $1 + F'$ keeps a
road open, unless $F$ undoes it ($F' = -1$). But look at the second line: a road that only ever adds
can also grow without end. So the residual connection needs a companion that keeps the numbers in
bounds: *layer norm*. (The third line: where $F'$ is small, nearly everything arrives, even through
24 layers.)

The plan of the lesson: first what stands inside a layer, GELU and the feed-forward network; then
layer norm and the residual connection; then all of them together, and measured.
"""

# %% gelu-why [markdown]
r"""
## A bend that is not a corner: GELU

Between two linear layers there must be something that is not linear; you will see why in the next
section. The Transformer of 2017 used ReLU, $\max(0, x)$: it has a corner at 0, and below it the
slope is 0, so a feature that has fallen there gets no gradient at all. GPT and BERT use GELU
instead (Hendrycks and Gimpel 2016):

$$\text{gelu}(x) = x \cdot \Phi(x), \qquad \Phi(x) = \tfrac{1}{2}\left(1 + \text{erf}\!\left(\tfrac{x}{\sqrt{2}}\right)\right)$$

$\Phi(x)$ is the share of standard normal numbers below $x$: a gate between 0 and 1 that opens as
$x$ grows. The *error function* erf has no simpler formula; `torch.erf` computes it.
"""

# %% gelu-numbers
for x in (-1.0, 0.0, 1.0, 2.0):
    share = (torch.randn(100_000) < x).double().mean().item()
    print(f"x = {x:4.1f}:  about {share:.1f} of normal numbers are below, "
          f"so gelu(x) is about {x * share:.1f}")

# %% gelu-exercise [markdown]
r"""
### Exercise: `gelu`

Turn the formula into code: the exact form, with erf. It takes a tensor of any shape and gives one
of the same shape.

Hint: Work from the inside out. First $x / \sqrt{2}$, then erf of it.

Hint: erf runs from -1 to 1. Adding 1 and halving makes it run from 0 to 1, as a share must.

Hint: The last step multiplies that share by `x` itself, entry by entry.

Help: I see `only one element tensors can be converted to Python scalars`
`math.erf` takes one number. `torch.erf` takes a whole tensor, and gradients flow through it.
"""

# %% exercise points=1 difficulty=1 minutes=5
from course.blocks import gelu

# %% check
check(gelu)

# %% gelu-picture
grid = torch.linspace(-4, 4, 161, requires_grad=True)
relu_slope = torch.autograd.grad(torch.relu(grid).sum(), grid)[0]
gelu_slope = torch.autograd.grad(gelu(grid).sum(), grid)[0]
x_axis = grid.detach()
outputs = {"ReLU": torch.relu(x_axis), "GELU": gelu(x_axis)}
slopes = {"ReLU": relu_slope, "GELU": gelu_slope}
figure, (left, right) = plots.canvas(8.4, 3.2, columns=2)
plots.lines(x_axis, outputs, "x", "output", axis=left, markers=False)
plots.lines(x_axis, slopes, "x", "slope", axis=right, markers=False)
plots.show(figure, alt="Two panels. Left: ReLU and GELU against x, nearly equal far "
                       "from 0. Right: their slopes; ReLU jumps from 0 to 1 at 0, GELU "
                       "rises smoothly, dips below 0 on the left and overshoots 1.")

# %% gelu-caption [markdown]
r"""
**Figure.** Left, far from 0 the two agree: everything passes on the right, nothing on the left.
Right, the difference is in the slope. ReLU's slope switches from 0 to 1 at once. GELU's slope
changes smoothly, and a little below 0 it is still positive: a feature that has fallen there can
learn its way back. (At about $x = -0.75$ the slope is 0, and further left it is a little below 0:
a gradient still arrives there, but it pushes the other way.)
"""

# %% feed-forward-why [markdown]
r"""
## Each position thinks for itself

After attention has let the words talk, each word thinks about what it heard. That is the
feed-forward network: two linear layers with a bend between them, ReLU or GELU, called the
*activation*, applied to every position alone and with the same weights (Vaswani et al. 2017,
section 3.3):

$$\text{FFN}(x) = W_2\, \text{act}(W_1 x + b_1) + b_2$$

The layer in the middle is wider, $d_{ff} = 4\, d_{model}$ in the paper: 512 in, 2048 in the middle,
512 out. And what if the activation is forgotten? Then $W_2 (W_1 x)$ is $(W_2 W_1)\,x$: two matrices
in a row are one matrix, and all the width in the middle was for nothing.
"""

# %% feed-forward-collapse
generator = torch.Generator().manual_seed(1)
w_1, w_2 = torch.randn(8, 2, generator=generator), torch.randn(2, 8, generator=generator)
x = torch.randn(5, 2, generator=generator)
two_layers = x @ w_1.T @ w_2.T
one_layer = x @ (w_2 @ w_1).T
print("without activation, two layers equal one:", torch.allclose(two_layers, one_layer, atol=1e-5))
with_relu = torch.relu(x @ w_1.T) @ w_2.T
print("with ReLU between them:                  ", torch.allclose(with_relu, one_layer, atol=1e-5))

# %% feed-forward-exercise [markdown]
r"""
### Exercise: `FeedForward`

Write the layer: `w_1`, then the activation, then `w_2`. The constructor gets the activation by
name: `"relu"` means `torch.relu`, `"gelu"` means the function that you have just written, and any
other name is refused with a `ValueError` that shows the name and what is allowed.

Hint: `nn.Linear(d_model, d_ff)` makes a layer from $d_{model}$ to $d_{ff}$ features; you need one
there and one back.

Hint: A dictionary turns a name into a function. Keep the function as an attribute, so that
`forward` can call it.

Hint: `forward` is one line, three calls inside each other. No loop over positions: `nn.Linear`
works on the last axis and leaves the others alone.

Help: I see `its parameter w_2.weight has shape`
The second layer must take what the first one gives: `d_ff` features in, `d_model` out.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.blocks import FeedForward

# %% check
check(FeedForward)

# %% feed-forward-law
feed_forward = FeedForward(d_model=4, d_ff=16)
sentence = torch.randn(1, 5, 4)
changed = sentence.clone()
changed[0, 2] += 1.0  # another word at position 2
differs = (feed_forward(sentence) != feed_forward(changed)).any(dim=-1)[0]
print("positions whose output changed:", [t for t in range(5) if differs[t]])

# %% feed-forward-law-meaning [markdown]
r"""
Only position 2 noticed. In a Transformer, words meet in attention and nowhere else; everything else
works on each position alone. That is a law, and it is why the feed-forward network can run over all
positions at once.
"""

# %% norm-why [markdown]
r"""
## Layer norm, by hand

Now the companion of the residual connection. **Layer norm** (Ba et al. 2016) takes one position's
vector and gives it mean 0 and variance 1; then it multiplies each feature by a learned *gain* and
adds a learned *bias*, so that the model can choose again how loud each feature is:

$$\text{LN}(x)_i = g_i \, \frac{x_i - \mu}{\sqrt{\sigma^2 + \epsilon}} + b_i, \qquad
\mu = \tfrac{1}{d} \sum_i x_i, \quad \sigma^2 = \tfrac{1}{d} \sum_i (x_i - \mu)^2$$

Take $x = (1, 3, 1, 3)$. The mean is 2, the distances from it are $-1, 1, -1, 1$, their squares have
the mean 1, and so the result is $(-1, 1, -1, 1)$. The $\epsilon$ keeps a vector of equal numbers
from dividing by zero.
"""

# %% norm-predict [markdown]
r"""
**Predict.** `x.var()` of torch gives the variance of $(1, 3, 1, 3)$. We just found 1. Will torch
agree?
"""

# %% norm-guess
guess = None  # your guess: a number

# %% norm-numbers
x = torch.tensor([1.0, 3.0, 1.0, 3.0])
reveal(guess, round(x.var().item(), 4))
print(f"mean {x.mean():.0f}, variance over d {((x - x.mean()) ** 2).mean():.0f}, "
      f"torch's var over d - 1 {x.var():.4f}")
print(f"with torch's var every output is {100 * (1 - (1 / x.var().sqrt())):.0f} % too small")

# %% norm-bessel [markdown]
r"""
It does not. By default torch's `var` divides by $d - 1$ instead of $d$, the *unbiased* estimate of
statistics: right for guessing the spread of a population from a sample, wrong here. At $d = 4$ it
makes every output 13 % too small; at $d = 512$ it is a thousandth: nobody would see it in the loss,
and yet with a published model's weights no number comes out as published. This has happened: the
`LayerNorm` of *The Annotated Transformer* divides by torch's `std`, which is the root of this same
`var` (Rush 2018).
"""

# %% norm-exercise [markdown]
r"""
### Exercise: `LayerNorm`

Write the formula as a layer. `gain` and `bias` are `nn.Parameter` of $d_{model}$ numbers, 1 and 0
at first. Mean and variance run over the last axis: each position of each sentence has its own.

Hint: `x.mean(dim=-1, keepdim=True)` keeps an axis of length 1, so that subtracting it from `x`
works for any number of axes.

Hint: The variance is the mean of the squared distances from the mean. You have those distances
already.

Hint: $\epsilon$ goes inside the root, next to the variance. The gain multiplies the normalised
vector; the bias is added at the very end.

Help: I see `The size of tensor a (5) must match the size of tensor b (3)`
The mean lost its axis: `keepdim=True` is missing somewhere.

Help: I see `it has no parameter bias, gain`
`self.gain = torch.ones(d_model)` is a plain tensor; only an `nn.Parameter` (or a layer) is learned,
saved and loaded.
"""

# %% exercise points=2 difficulty=2 minutes=10
from course.blocks import LayerNorm

# %% check
check(LayerNorm)

# %% norm-picture
loud = torch.tensor([
    [1.0, 3.0, 1.0, 3.0],
    [10.0, 30.0, 10.0, 30.0],
    [101.0, 103.0, 101.0, 103.0],
    [0.0, 0.0, 0.0, 8.0],
])
normalised = LayerNorm(4)(loud).detach()
names, features = ["x", "10 x", "x + 100", "one spike"], ["1", "2", "3", "4"]
figure, (left, right) = plots.canvas(8.0, 2.8, columns=2)
plots.heatmap(loud, names, features, "before", axis=left, decimals=0, by_row=True)
plots.heatmap(normalised, names, features, "after layer norm", axis=right, by_row=True)
plots.show(figure, alt="Two heatmaps of four vectors with four features, coloured row by row, and "
                       "their colours are the same. Before, the numbers differ widely. After layer "
                       "norm the first three rows are all -1, 1, -1, 1; the spike is three times "
                       "the same negative number, then a large one.")

# %% norm-caption [markdown]
r"""
**Figure.** The colours run from the least number of each row to its greatest, and they stay as they
were: layer norm keeps the pattern of a vector and forgets how loud it is. So three vectors that
differ only in loudness or in a constant are the same after it.

Here is the last row once more, step by step:
"""

# %% norm-steps
spike = loud[3]
centred = spike - spike.mean()
steps_of_the_norm = {
    "x": spike, "minus the mean": centred, "divided by √variance": normalised[3]
}
plots.show(plots.norm_steps(steps_of_the_norm),
           alt="The vector 0, 0, 0, 8 has mean 2 and variance 12. Minus the mean it is "
               "-2, -2, -2, 6: mean 0, variance 12. Divided by the root of the variance it "
               "is -0.58, -0.58, -0.58, 1.73: mean 0, variance 1.")

# %% norm-steps-caption [markdown]
r"""
**Figure.** One vector on its way through layer norm. The first step moves its mean to 0, the second
makes its variance 1. No other position is asked.
"""

# %% order-why [markdown]
r"""
## Before or after: where the norm stands

A sub-layer (attention or feed-forward), a residual connection, a norm: there are two ways to put
them together:

$$\text{post-norm (2017):}\quad \text{LN}(x + F(x)) \qquad\qquad \text{pre-norm (today):}\quad x + F(\text{LN}(x))$$

The paper of 2017 normalises the sum. GPT-2 (Radford et al. 2019) and most large language models
since normalise what goes into the sub-layer, and leave the sum alone. Then nothing stands in the
way of $x$: from the first layer to the last runs a straight road, the *residual stream*, and every
layer reads a normalised copy of it and adds what it found. At the end of this lesson you will see
what the difference costs.
"""

# %% order-numbers [markdown]
r"""
Small numbers tell the orders apart. Let $x = 4$, the sub-layer square its input, and the "norm"
halve it (a toy, so that you can follow it). Pre-norm: $4 + (4 / 2)^2 = 8$. Post-norm:
$(4 + 4^2) / 2 = 10$.
"""

# %% order-picture
figure = plots.two_orders(4, lambda x: x * x, lambda x: x / 2, ("square", "halve"))
plots.show(figure, alt="Two drawings. Pre-norm: 4 goes straight on to a plus; a branch halves it "
                       "to 2 and squares that to 4; the sum is 8. Post-norm: 4 goes on to a "
                       "plus; a branch squares it to 16; the sum, 20, is halved to 10.")

# %% order-caption [markdown]
r"""
**Figure.** Follow the broad line: it is what is kept. In pre-norm the 4 goes from the left end to
the plus as it is; the norm stands on the branch. In post-norm the norm stands on the broad line, so
that $x$ itself is changed in each layer.
"""

# %% order-exercise [markdown]
r"""
### Exercise: `residual`

Write both orders. `sublayer` and `norm` are functions of one tensor; `norm_first` says which order
it is to be. Each of the two is called once.

Hint: In both orders the thing that is added to is `x` itself.

Hint: Pre-norm: who gets the normalised copy? Only the sub-layer.

Hint: Check yourself with the toy numbers above: 8 and 10.

Help: I see `gives [6], expected [8]`
You add the normalised copy instead of `x`. The straight road is cut: published code has had this
bug, and in a stack of few layers the loss does not betray it.
"""

# %% exercise points=2 difficulty=2 minutes=6
from course.blocks import residual

# %% check
check(residual)

# %% layer-why [markdown]
r"""
## The encoder layer

Everything is there but one small thing, dropout. An encoder layer is attention in a residual, then
a feed-forward network in a residual; the words talk, then each one thinks.
"""

# %% layer-picture
plots.show(plots.encoder_layers(),
           alt="Two encoder layers, from bottom to top. Pre-norm: a broad line runs straight up; "
               "two branches leave it, each through norm, attention or feed-forward, and "
               "dropout, and come back at a plus. Post-norm: the branches have no norm; after "
               "each plus a norm stands on the broad line itself.")

# %% layer-picture-caption [markdown]
r"""
**Figure.** The same parts in both orders, from bottom to top. A branch leaves the broad line, goes
through a sub-layer, and comes back at a plus. Dropout is the last thing on each branch.

**Dropout** (Srivastava et al. 2014) sets a random share of the numbers to zero while the model is
training, so that no part can rely on one number alone. What is left is made larger to make up for
it: with a share of one half it is doubled. So the sum is the same as before on average, though
rarely in one draw. When the model is used, dropout does nothing. Here it is at work on eight ones:
"""

# %% dropout-run
torch.manual_seed(0)
dropout = nn.Dropout(0.5)
print("training:", dropout(torch.ones(8)).tolist())
print("again:   ", dropout(torch.ones(8)).tolist())
dropout.eval()
print("in use:  ", dropout(torch.ones(8)).tolist())

# %% layer-config-why [markdown]
r"""
A layer needs many sizes and choices. They come in one object with names, `BlockConfig`, so that
nobody confuses them. Its field `positions` names one of the answers of lesson 06; rotary and ALiBi
live inside attention, and this is why the config itself makes the attention layer:
"""

# %% layer-config
config = BlockConfig(d_model=12, n_heads=3, d_ff=48)
print(config)
print(type(config.self_attention()).__name__,
      "is what config.self_attention() makes: a fresh attention layer of that size")

# %% layer-exercise [markdown]
r"""
### Exercise: `EncoderLayer`

Build it from your parts. `config.self_attention()` makes the attention layer; `config.d_ff`,
`config.activation`, `config.dropout` and `config.norm_first` say the rest. Dropout acts on what
each sub-layer says, before it is added, and only while the layer is training. The docstring names
the layers.

Hint: Six attributes: attention, feed_forward, norm_1, norm_2, dropout, norm_first.
`nn.Dropout(config.dropout)` is one of them.

Hint: In self-attention, query, key and value are the same tensor. As `residual` wants a function of
one argument, give it a `lambda y: ...` that passes `y` three times, and the mask.

Hint: `forward` has two lines: `x = residual(x, ..., self.norm_1, self.norm_first)`, and the same
for the feed-forward network with `norm_2`. Dropout goes around what the sub-layer returns, inside
the lambda.

Help: I see `two equal calls give two different answers`
`nn.functional.dropout` is always on unless told otherwise. An `nn.Dropout` layer switches itself
off with `eval()`.
"""

# %% exercise points=3 difficulty=3 minutes=20
from course.blocks import EncoderLayer

# %% check
check(EncoderLayer)

# %% stream-why [markdown]
r"""
Look into your layer. Three words, each a vector of four numbers, go through it. The cell calls the
parts of the layer one by one, and adds what they say:
"""

# %% stream-run
torch.manual_seed(42)
layer, words = EncoderLayer(BlockConfig(d_model=4, n_heads=2, d_ff=16)), torch.randn(1, 3, 4)
with torch.no_grad():
    first_read = layer.norm_1(words)
    heard = layer.attention(first_read, first_read, first_read)
    between = words + heard
    second_read = layer.norm_2(between)
    thought = layer.feed_forward(second_read)
    after = between + thought
    print("your layer gives the same:", torch.allclose(layer(words), after, atol=1e-5))

# %% stream-picture
stages, reads, says = (torch.cat(parts)[:, 1] for parts in (
    (words, between, after), (first_read, second_read), (heard, thought)
))
plots.show(plots.residual_stream("bites", stages, reads, says),
           alt="One word's vector of four numbers runs along a broad line. Below the line "
               "attention reads a normalised copy and says four numbers, which are added; then the "
               "feed-forward network does the same.")

# %% stream-caption [markdown]
r"""
**Figure.** The residual stream of one word, the second of *cat bites mouse*, with the numbers of
your layer. Each part does three things: it **reads** a normalised copy, **computes**, and **adds**
its answer to the stream. Add the white numbers below a plus to the blue ones on its left, and you
get the blue ones on its right (they are rounded, so a last digit may be one off). Attention also
reads the copies of the other two words, which are not drawn; the feed-forward network reads this
one only.

And if a part has nothing to say? Set the last matrix of both parts to zero, in each of the two
orders:
"""

# %% layer-identity
x = torch.randn(2, 5, 12)
print("the sub-layers say nothing. Is the output the input, bit for bit?")
for name, norm_first in (("pre-norm", True), ("post-norm", False)):
    layer = EncoderLayer(BlockConfig(d_model=12, n_heads=3, d_ff=48, norm_first=norm_first))
    with torch.no_grad():
        for last in (layer.attention.w_o, layer.feed_forward.w_2):  # each sub-layer's last matrix
            last.weight.zero_(), last.bias.zero_()
    print(f"{name:9}", torch.equal(layer(x), x))

# %% layer-identity-meaning [markdown]
r"""
This is one reason why residual stacks can be deep: a pre-norm layer that has nothing to add can do
nothing, with the last weights of its sub-layers at zero. (A post-norm layer cannot: its norms stand
on the stream, and they change $x$ even when nothing is added.) A plain layer would have to learn to
copy its input, which is hard. So a deeper pre-norm stack can always compute what a shallower one
computes. Whether training finds it is another question, and you will test it below.
"""

# %% stack-why [markdown]
r"""
## A stack of layers

(A good place to pause.) The encoder is $N$ such layers in a row; the paper has 6, GPT-3 has 96
(Brown et al. 2020). After a pre-norm stack comes one last norm, because the residual stream itself
was never normalised. After a post-norm stack there is none: its last step was a norm already.

A stack is what *it* needed in lesson 04: a layer below that mixes the sentence into each word, and
a layer above that asks. There we wrote the lower one by hand; a stack can learn it.
"""

# %% stack-exercise [markdown]
r"""
### Exercise: `Encoder`

Chain `config.n_layers` layers, each with weights of its own, and, for pre-norm, close with a norm.
For post-norm, `nn.Identity()` does nothing in its place. Every layer gets the mask.

Hint: A Python list of layers would hide their parameters from torch. `nn.ModuleList` shows them.

Hint: Every layer must be a new one: make them in a loop or a comprehension, not with `[layer] * n`.

Hint: `forward`: give `x` and the mask to the first layer, its output and the mask to the next, and
so on; the norm once, at the end.

Help: I see `the weights cannot be copied in`
Compare the names that are missing, or that the exercise does not ask for, with yours:
`layers.0.attention...` must be there for each layer, and `norm.gain` only for pre-norm.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.blocks import Encoder

# %% check
check(Encoder)

# %% gradient-why [markdown]
r"""
## Does the gradient arrive?

Now to the claims. Five kinds of stacks, each of growing depth: plain layers ($F(x)$ alone), layers
with a norm but no residual, residual layers without any norm, post-norm, and pre-norm. The first
three need a layer of their own; the last two are your encoder.
"""

# %% plain-layer
class PlainLayer(nn.Module):
    """Attention and feed-forward, each with one thing around it or nothing:
    keep=1.0 adds its input, keep=0.0 does not; norm makes layer norms or nn.Identity."""

    def __init__(self, config: BlockConfig, keep: float, norm: type) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.feed_forward = FeedForward(config.d_model, config.d_ff)
        self.norm_1, self.norm_2, self.keep = norm(config.d_model), norm(config.d_model), keep

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        normed = self.norm_1(x)
        x = self.keep * x + self.attention(normed, normed, normed, mask)
        return self.keep * x + self.feed_forward(self.norm_2(x))

# %% four-stacks
def make_stack(kind: str, n_layers: int) -> nn.Module:
    """A stack of one of five kinds, width 32, four heads."""
    config = BlockConfig(
        d_model=32, n_heads=4, d_ff=64, n_layers=n_layers, norm_first=kind == "pre-norm"
    )
    stack = Encoder(config)
    around = {"plain": (0.0, nn.Identity), "norm, no residual": (0.0, LayerNorm),
              "residual, no norm": (1.0, nn.Identity)}
    if kind in around:
        stack.layers = nn.ModuleList(PlainLayer(config, *around[kind]) for _ in range(n_layers))
        stack.norm = nn.Identity()
    return stack

# %% gradient-predict [markdown]
r"""
We draw every matrix from $N(0, 1/d_{in})$ (normal numbers with mean 0 and variance $1/d_{in}$,
where $d_{in}$ numbers go in), so that each alone keeps the size of its input; send one batch
through; and measure how large the gradient of a squared error is in the **first** layer. All of it
in `float64` (`.double()`): where numbers explode, the usual `float32` would show its own rounding
errors. **Predict:** with 24 layers, how many of the five have a gradient between 0.01 and 100?
"""

# %% gradient-guess
guess = None  # your guess: 0 to 5

# %% gradient-by-depth
def first_gradient(kind: str, n_layers: int) -> float:
    """Norm of the loss's gradient with respect to the first layer's parameters."""
    torch.manual_seed(0)
    stack = make_stack(kind, n_layers).double()
    for parameter in stack.parameters():
        if parameter.ndim == 2:
            nn.init.normal_(parameter, std=parameter.shape[1] ** -0.5)
    x, target = torch.randn(2, 16, 8, 32, dtype=torch.float64)
    loss = nn.functional.mse_loss(stack(x), target)
    grads = torch.autograd.grad(loss, list(stack.layers[0].parameters()))
    return math.sqrt(sum(grad.square().sum().item() for grad in grads))

# %% gradient-measured
depths = [2, 4, 8, 16, 24]
kinds = ["pre-norm", "post-norm", "norm, no residual", "residual, no norm", "plain"]
gradients = {kind: [first_gradient(kind, n_layers) for n_layers in depths] for kind in kinds}
healthy = [kind for kind in kinds if 0.01 < gradients[kind][-1] < 100]
reveal(guess, len(healthy))
print("healthy:", "; ".join(healthy))
print(f"{'layers':18}", "  ".join(f"{n_layers:8}" for n_layers in depths))
for kind in kinds:
    print(f"{kind:18}", "  ".join(f"10^{math.log10(norm):5.1f}" for norm in gradients[kind]))

# %% gradient-picture
figure = plots.lines(depths, gradients, "layers", "gradient norm in the first layer", log_y=True)
plots.show(figure, alt="Gradient norm in the first layer against depth, logarithmic. "
                       "Plain falls by four powers of ten, residual without norm rises by "
                       "fourteen, norm without residual falls by one, post-norm and pre-norm "
                       "stay level at about a quarter.")

# %% gradient-caption [markdown]
r"""
**Figure.** Each step upwards on the axis is several powers of ten. Plain layers lose the gradient,
bare residual connections blow it up. A norm alone lets it fall only slowly, and with a residual
connection *and* a norm it stays level at every depth. (How fast a gradient grows or fades hangs on
the start. The trainings below begin with torch's own, smaller weights; from there, too, a plain
stack loses it, and a norm keeps it alive.) Is a healthy gradient enough to learn? That is measured
next.
"""

# %% degradation-why [markdown]
r"""
## Does depth help?

He et al. (2015) saw something odd: deeper plain networks were worse, not only on new data but on
the *training* data. So it was not the overfitting of lesson 01: who overfits is *good* on the
training data. A deeper network could copy the shallow one and do nothing in the rest. It does not
find the way there. They called it **degradation**. Let us see it: a stack reads eight digits and
must say them in order, sorted.
"""

# %% sorter
def train_sorter(
    stack: nn.Module, learning_rate: float, n_warm_up: int = 1, n_steps: int = 200
) -> list[float]:
    """Losses of a model that learns to sort eight digits: a new batch of 64 at every step."""
    generator, losses = torch.Generator().manual_seed(0), []
    embedding, output = nn.Embedding(10, 32), nn.Linear(32, 10)
    parameters = [*stack.parameters(), *embedding.parameters(), *output.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=learning_rate)
    warm_up = LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / n_warm_up))
    for _ in range(n_steps):
        digits = torch.randint(0, 10, (64, 8), generator=generator)
        logits = output(stack(embedding(digits) + sinusoidal_positions(8, 32)))
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), digits.sort().values.flatten())
        optimizer.zero_grad(), loss.backward(), optimizer.step(), warm_up.step()
        losses.append(loss.item())
    return losses

# %% degradation-run
def final_loss(losses: list[float]) -> float:
    """The mean of the last twenty."""
    return sum(losses[-20:]) / 20


depths_trained = [1, 4, 8]
sorted_losses = {"plain": [], "norm, no residual": [], "pre-norm": []}
for kind, found in sorted_losses.items():
    for n_layers in depths_trained:
        torch.manual_seed(0)
        found.append(final_loss(train_sorter(make_stack(kind, n_layers), learning_rate=1e-3)))
        print(f"{kind:17}  {n_layers} layers: loss {found[-1]:.1f}", flush=True)
print(f"guessing blindly: loss {math.log(10):.1f}")

# %% degradation-picture
figure, axes = plots.canvas(9.6, 3.0, columns=3)
for axis, (kind, found) in zip(axes, sorted_losses.items(), strict=True):
    plots.bars(["1 layer", "4 layers", "8 layers"], found, "", kind, axis)
    axis.set_ylim(0, 2.6)
axes[0].set_ylabel("loss after 200 steps")
plots.show(figure, alt="Three panels with bars for 1, 4 and 8 layers. The plain stack goes from "
                       "0.3 up to 2.3, which is chance; the stack with a norm but no residual does "
                       "nearly the same. The pre-norm stack goes down from 0.6 to 0.1 with four "
                       "layers, and is no higher with eight.")

# %% degradation-caption [markdown]
r"""
**Figure.** With one layer the plain stack is even ahead, 0.3 against 0.6. With four it hardly
learns, and with eight not at all: at a loss of 2.3 it knows nothing, since ten equally likely
digits cost $\ln 10 = 2.3$. A norm alone changes little, although its gradient was healthy: so it is
not the size of the gradient alone that decides. With residual connections and norms, four layers
bring the loss down to about 0.1, and eight a little lower still. Depth helps a stack whose layers
are free to do nothing.

(The plain networks of He et al. (2015) had norms, and their gradients did not vanish. So their case
is our *norm, no residual*.)
"""

# %% warm-up-why [markdown]
r"""
## What post-norm costs: warm-up

In the *first* layer, the one we measured above, post-norm and pre-norm had equally healthy
gradients. So why did the field change the order? Twelve layers of either kind, and first a small
learning rate, 0.001:
"""

# %% warm-up-small
for kind in ("pre-norm", "post-norm"):
    torch.manual_seed(0)
    losses = train_sorter(make_stack(kind, 12), learning_rate=1e-3)
    print(f"{kind:9}  rate 0.001: loss {final_loss(losses):.2f}", flush=True)

# %% warm-up-large [markdown]
r"""
Both learn. Now train them with a large rate, 0.01, and see. Vaswani et al. (2017) raise the
learning rate slowly over the first 4000 steps, and call it *warm-up*. Xiong et al. (2020) showed
that with large rates post-norm needs it and pre-norm does not: in post-norm the gradients of the
*last* layers are large at the start.
"""

# %% warm-up-run
runs = {
    "pre-norm": ("pre-norm", 1),
    "post-norm": ("post-norm", 1),
    "post-norm, warm-up": ("post-norm", 100),
}
curves = {}
for name, (kind, n_warm_up) in runs.items():
    torch.manual_seed(0)
    curves[name] = train_sorter(make_stack(kind, 12), learning_rate=1e-2, n_warm_up=n_warm_up)
    verdict = "stuck at chance" if final_loss(curves[name]) > 2.0 else "learned to sort"
    print(f"{name:18}  {verdict}", flush=True)

# %% warm-up-picture
steps = range(10, 201, 10)
smooth = {
    name: [sum(losses[step - 10 : step]) / 10 for step in steps]
    for name, losses in curves.items()
}
figure = plots.lines(steps, smooth, "step", "loss, mean of ten steps")
plots.show(figure, alt="Loss against step for twelve layers. Post-norm without warm-up "
                       "falls a little and ends at 2.3; post-norm with warm-up falls far below it "
                       "by the end; pre-norm without warm-up falls fastest, to nearly 0. Both "
                       "curves that learn have small humps on their way.")

# %% warm-up-caption [markdown]
r"""
**Figure.** Twelve layers, learning rate 0.01. The loss of post-norm without warm-up falls a little,
and then climbs back to chance. With 100 steps of warm-up it learns. Pre-norm learns without, and
faster. (The humps are probably steps that were too large; both curves recover.) If you rebuild the
model of 2017 as it was written and it does not learn, look at the warm-up first.
"""

# %% remember [markdown]
r"""
## What you built, what to remember

- $x + F(x)$: keep what is there, add what is missing. The 1 in $1 + F'$ keeps a road open for the
  gradient, unless $F$ undoes it.
- Layer norm: mean 0 and variance 1 for each position alone; divide by $d$, not $d - 1$; $\epsilon$
  inside the root.
- With a residual connection alone the gradient grows with depth, from large starting weights
  without bound; with neither it vanishes; with residual *and* norm it stays level at every depth
  that we tried. A norm alone keeps the gradient alive, and yet a deep stack does not learn.
- Feed-forward works on each position alone; without its activation it collapses into one matrix.
- Pre-norm keeps the residual stream free; with a large learning rate post-norm (2017) trains deep
  stacks only with warm-up.

Your encoder can read a sentence. In lesson 08 a decoder learns to look at it, and the Transformer
is whole.
"""

# %% try [markdown]
r"""
## Try this

- Put a bug into your `residual`: in pre-norm, add `norm(x)` instead of `x`. Then train eight layers
  to sort: `final_loss(train_sorter(make_stack("pre-norm", 8), learning_rate=1e-3))`. They learn as
  well as without the bug! Now take twelve layers and a learning rate of 0.01, as in the last
  picture: they learn nothing. What does that say of bugs that "do no harm"?
- Train the plain stack of four layers with a tenth of the learning rate and four times the steps:
  `train_sorter(make_stack("plain", 4), 1e-4, n_steps=800)`. Does patience help?
- Take `x.var(dim=-1, keepdim=True)` in your `LayerNorm` and run everything again. Can you see the
  bug in any loss curve?
"""
