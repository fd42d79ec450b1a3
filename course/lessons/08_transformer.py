# %% question [markdown]
r"""
# 08 · The Transformer

**How does a second stack write the English sentence while it looks back at the French one?** The
encoder of lesson 07 can read. It writes nothing. The second stack writes word by word. It looks at
all that was read, and never at a word that is not written yet.

| | |
|---|---|
| **At its end you have built** | the Transformer of 2017: cross-attention, the decoder, embeddings of the right size, tied weights; you have counted its parameters against the paper's own number, drawn its data flow from the running model, trained it from scratch in seconds, and put a famous bug back to see what the loss says of it |
| **Time** | about 2 hours 45 minutes; after *The whole Transformer* (exercise six) is a good place to pause |
| **It needs** | multi-head attention (lesson 05), positions (lesson 06) and the encoder (lesson 07) |
"""

# %% setup
import math
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from course import plots
from course.checks import check, reveal

# your own parts of lessons 04 to 07 where you have made a package of them, else the course's; how
# it is made stands below, after your Transformer
from course.mine.attention import causal_mask, padding_mask
from course.mine.multi_head import MultiHeadAttention, n_parameters
from course.mine.blocks import BlockConfig, Encoder, FeedForward, LayerNorm, residual
from course.mine.positions import sinusoidal_positions
from course.mine.transformer import TransformerConfig, make_positions

torch.manual_seed(0)
torch.set_num_threads(1)  # small matrices: a second thread would cost more than it brings

# %% map-caption [markdown]
r"""
**Figure.** Where you are. The encoder is built. This lesson adds the decoder, which asks the
encoder through cross-attention, and puts all parts into one model.
"""

# %% map
plots.show_map("08")

# %% story [markdown]
r"""
## Two colleagues and a box of cards

*J'aime le beau jardin* has to become *I love the beautiful garden*. Two colleagues share the work.
The **reader** knows French. She reads the whole sentence, goes over it several times, and leaves a
box of cards, as in lesson 04, one card for each word: not what the dictionary says about *beau*,
but what *beau* means here, next to *jardin*. Then she goes home.

The **writer** never sees the French. He writes English from left to right, and before each word he
does two things: he looks at what he has written so far, and he goes through the box of cards with a
question in mind. After *I love the* his question may be "what kind of thing is it, and what is said
about it?", and the cards of *beau* and *jardin* answer.

The reader is the encoder, the writer is the decoder, the box is the *memory*. Popular texts say
that the encoder squeezes the sentence into one context vector. That was true of the recurrent
models of 2014; here the box holds **one card for each word**, and a longer sentence fills a larger
box.
"""

# %% story-steps
source_words = ["J'aime", "le", "beau", "jardin"]
target_words = ["<bos>", "I", "love", "the", "beautiful", "garden", "<eos>"]

# %% story-picture
figure = plots.decoding_steps(source_words, target_words)
plots.show(figure, alt="Six steps below each other. Each has the same four French words as "
                       "its memory. Step 1 sees only bos and writes I, step 2 sees bos and I and "
                       "writes love, and so on; step 6 sees all English words and writes eos. An "
                       "arrow leads from each written word to the next step.")

# %% story-picture-caption [markdown]
r"""
**Figure.** Read the six steps from the top. The memory on the left is made once, and every step may
look at all of it. In blue stands what the decoder sees at this step: the words that are written,
and no more. The word in the dark frame is what it writes. The short grey arrow takes this word down
to the next step. `<bos>` begins a sentence, `<eos>` ends it.
"""

# %% story-older [markdown]
r"""
Each row is one question to the writer: what he has, and what comes next. In training all rows are
answered at once, since the right beginning of each is known (teacher forcing, lesson 02). When
writing for real, the answer to one row begins the next, and no row can be answered before it.

Reader and writer you know from lesson 02, built of GRUs; its attention, that of Bahdanau et al.
(2015), gave the writer a box of cards. New in 2017 was that *attention alone* brings information
from one word to another. And each half can live alone: GPT is a writer without a box (lesson 11),
BERT a reader without a writer (lesson 12).
"""

# %% cross-why [markdown]
r"""
## The decoder asks, the encoder answers

How does the writer look into the box? With the attention that you have. Only where query, key and
value come from changes:

| | query | key and value |
|---|---|---|
| self-attention | the sentence | the same sentence |
| **cross-attention** | the decoder's $x$ | the encoder's output, the memory |

The key is the title of a card, the value is what stands on it, and both are made from the same
card. The query says what the writer wants to know (Vaswani et al. 2017, section 3.2.3). The two
sentences need not have the same length.
"""

# %% cross-predict [markdown]
r"""
**Predict.** The source has four words. The decoder has `<bos> I love`, three tokens. What is the
shape of the table of weights in one head of the cross-attention?
"""

# %% cross-guess
guess = None  # your guess: (rows, columns)

# %% cross-shape
attention = MultiHeadAttention(d_model=8, n_heads=1)
x, memory = torch.randn(1, 3, 8), torch.randn(1, 4, 8)
reveal(guess, tuple(attention.weights(x, memory).shape[-2:]))

# %% cross-exercise [markdown]
r"""
### Exercise: `cross_attend`

Let the decoder's `x` read the encoder's `memory` with the attention layer that is given:
`attention(query, key, value, mask)`. `memory_mask` says which source tokens are words and not
padding.

Hint: Who asks? That is the query. Who answers? That is the key and the value.

Hint: Worked by hand: a question of zeros matches all cards equally. With cards (2, 4) and (6, 8)
and identity matrices the answer is their mean, (4, 6).

Hint: One line, four arguments; one of them appears twice. Nothing is added to what comes back: the
residual connection waits outside.

Help: I see `gives [[[0, 0]]], expected [[[4, 6]]]`
Your decoder reads itself. A question of zeros that reads zeros finds zeros; the cards lie in
`memory`.

Help: I see an output with one row too many
The number of rows is that of the query. If the memory asks, there is one answer for each source
word.
"""

# %% exercise points=1 difficulty=2 minutes=6
from course.transformer import cross_attend

# %% check
check(cross_attend)

# %% cross-break-why [markdown]
r"""
Break it on purpose: a function that asks itself instead of the memory looks just as good from
outside. Which question tells the two apart?
"""

# %% cross-break
def reads_itself(
    attention: Callable, x: Tensor, memory: Tensor, memory_mask: Tensor | None = None
) -> Tensor:
    """The well-known bug: keys and values from the decoder."""
    return attention(x, x, x, causal_mask(x.shape[1]))


another_memory = torch.randn(1, 4, 8)
notices = {}
for read in (cross_attend, reads_itself):
    name = read.__name__
    one, other = (read(attention, x, source) for source in (memory, another_memory))
    notices[name] = not torch.equal(one, other)
    print(f"{name}: another source sentence gives another answer: {notices[name]}")

# %% cross-break-meaning [markdown]
r"""
The second function has the right shape and raises no error. A model built on it even learns: it
becomes a language model, which knows what English sounds like and has never seen the French. Its
loss would fall, its sentences could be fluent, and they would translate nothing. One question finds
it: *does another source give another output?* That is a law, and `check` will ask it of the decoder
layer, the decoder and the whole Transformer.
"""

# %% embedding-why [markdown]
r"""
## A row for each token, at the right size

Words enter as rows of a table (lesson 03). In this model the table has two jobs. At the entrance it
turns a token into a vector. At the exit the same table will turn a vector into scores for tokens:
the dot product with every row. Each job wants numbers of another size.

At the exit, a vector with features of size 1 meets rows of $d_{model}$ numbers. For scores of size
1 the rows must be drawn from $N(0, 1/d_{model})$. At the entrance such rows are tiny beside the
positions that will be added. The paper multiplies by $\sqrt{d_{model}}$ when it looks a row up
(Vaswani et al. 2017, section 3.4); it gives no reason; this is a likely one.
"""

# %% embedding-predict [markdown]
r"""
**Predict.** $d_{model} = 512$, rows from $N(0, 1/512)$, no scaling. How many times as large as a
word's features are the positions' (sines and cosines)?
"""

# %% embedding-guess
guess = None  # your guess: a number

# %% embedding-sizes
row_size = (torch.randn(1000, 512) / math.sqrt(512)).square().mean().sqrt()
position_size = sinusoidal_positions(100, 512).square().mean().sqrt()
reveal(guess, round((position_size / row_size).item()))
print(f"word without scaling {row_size:.2f}, with scaling {row_size * math.sqrt(512):.1f}; "
      f"position {position_size:.1f}")

# %% embedding-sizes-meaning [markdown]
r"""
Sixteen times: the model would hear where a word stands and hardly which word it is. Training can
still enlarge the rows, so no error need ever appear: the bug is silent. With the scaling words have
size 1, positions 0.7, and both are heard.
"""

# %% embedding-exercise [markdown]
r"""
### Exercise: `TokenEmbedding`

Write the table and the look-up: `table` is an `nn.Parameter` of shape (vocab_size, d_model), drawn
from $N(0, 1/d_{model})$; `forward` looks the tokens up and scales. Not an `nn.Embedding`: the
output layer will need the matrix itself. All rows are alike and learn, that of token 0 too: masks
keep padding out, not the table.

Hint: `torch.randn` draws from $N(0, 1)$. Dividing by $s$ divides the variance by $s^2$; you want
the variance $1/d_{model}$.

Hint: Indexing a table with a tensor of tokens gives a row for each: shape (B, T) becomes (B, T,
d_model).

Hint: The root of $d_{model}$ appears twice, once as a divisor in the constructor and once as a
factor in `forward`.

Help: I see `fresh embeddings are normal numbers with mean 0 and variance 1`
The law looks at what comes out of a new table. Either the draw or the factor is not the root of
`d_model`.

Help: I see `table` is not an nn.Parameter
An `nn.Embedding` is a layer that holds a matrix in its `weight`. Make the matrix yourself.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.transformer import TokenEmbedding

# %% check
check(TokenEmbedding)

# %% positions-why [markdown]
r"""
## A place for each row

To the scaled rows come the sines and cosines of lesson 06, position 0 to the first word of *every*
sentence. One line, and a trap in it. A class from a well-known PyTorch tutorial, copied into many
projects, was written for tensors of shape (T, B, d_model). Give it (B, T, d_model), and it numbers
the *sentences* of the batch instead of the words. Broadcasting makes it fit, and no error is
raised.
"""

# %% positions-break
def numbers_sentences(x: Tensor) -> Tensor:
    """The trap: positions along the first axis, which is the batch."""
    return x + sinusoidal_positions(x.shape[0], x.shape[2])[:, None]


twice = torch.ones(2, 3, 4)  # one sentence twice, three equal words
numbered = numbers_sentences(twice)
print("words of one sentence now differ:     ", not torch.equal(numbered[0, 0], numbered[0, 1]))
print("equal sentences of a batch now differ:", not torch.equal(numbered[0], numbered[1]))

# %% positions-exercise [markdown]
r"""
### Exercise: `SinusoidalPositions`

Add the table `sinusoidal_positions(n_positions, d_model)` of lesson 06 to `x` (B, T, d_model), in
`x`'s own dtype: what comes out for bfloat16 (numbers of 16 bits) is bfloat16.

Hint: How many positions are there? Not B. The last two sizes of `x` are what the function asks for.

Hint: A table (T, d_model) added to a tensor (B, T, d_model) is broadcast over the batch without any
help.

Hint: `.to(x)` gives a tensor the dtype of `x` (and puts its numbers where those of `x` lie).

Help: I see `expected [[[1, 3]], [[5, 6]]]`
At position 0 every sine is 0 and every cosine 1. If your second sentence got something else, or
there are more rows in your answer, then your table has a row for each sentence; it needs T rows,
one for each word.
"""

# %% exercise points=1 difficulty=1 minutes=4
from course.transformer import SinusoidalPositions

# %% check
check(SinusoidalPositions)

# %% layer-why [markdown]
r"""
## The decoder layer

A decoder layer has three sub-layers, each in a residual connection with a norm of its own:

1. **self-attention**: what have I written so far? With a causal mask, for nobody reads what is not
   written yet.
2. **cross-attention**: what do the cards say about it? With the source's padding mask.
3. **feed-forward**: each position thinks about what both have found.

There are two masks, and they look at different sentences: `mask` is about the target and has shape
(T_q, T_q), `memory_mask` is about the source, T_k wide. Confusing them is an error where the
lengths differ and a silent bug where they agree.
"""

# %% layer-masks
written, cards = ["<bos>", "I", "love"], ["J'aime", "le", "beau", "jardin", "<pad>"]
tokens = torch.tensor([[3, 4, 5, 6, 0]])  # 0 is padding
print("mask: each row is one who looks, among", written)
print(causal_mask(len(written)).int())
print("memory_mask: one row for all, among", cards)
print(padding_mask(tokens)[0, 0].int())

# %% layer-picture
mask, memory_mask = causal_mask(len(written)), padding_mask(tokens)[0, 0, 0]
figure = plots.decoder_layer(written, cards, mask, memory_mask)
plots.show(figure, alt="A decoder layer from bottom to top, three parts beside a thick line. "
                       "Self-attention with a mask of three rows: 1 0 0, 1 1 0, 1 1 1. "
                       "Cross-attention, whose query comes from the line, key and value from "
                       "five cards with the mask 1 1 1 1 0. Feed-forward. Each has a norm before "
                       "it, and what it says is added to the line.")

# %% layer-picture-caption [markdown]
r"""
**Figure.** The encoder layer of lesson 07 (pre-norm), with one more part between its two. Read it
from the bottom, along the thick line. The first mask is the causal one; the second only hides the
padding. The memory goes through no norm here. The third part works on each word alone.
"""

# %% layer-exercise [markdown]
r"""
### Exercise: `DecoderLayer`

Build it from your parts. `config.self_attention()` makes the first attention; the second is a plain
`MultiHeadAttention` (rotary or ALiBi would measure distances between words of two languages); the
rest is as in the encoder layer, with the same fields of `config` (`d_model`, `n_heads`, `d_ff`,
`activation`, `dropout`, `norm_first`). Dropout acts on what each of the three says, before it is
added. The docstring names the layers.

Hint: Eight attributes: self_attention, cross_attention, feed_forward, norm_1, norm_2, norm_3,
dropout, norm_first.

Hint: `forward` is three times `residual(x, lambda y: ..., norm, self.norm_first)`, in the order of
the list above, and dropout stands inside each lambda.

Hint: In the second lambda, `y` asks and `memory` answers: your `cross_attend` takes the layer, `y`,
the memory and its mask. The memory is not normalised again: the encoder has done that.

Help: I see `another memory gives another output`
The cross-attention reads `y` instead of `memory`.

Help: I see `The size of tensor a (3) must match the size of tensor b (4)`
`mask` stands where `memory_mask` belongs, or `memory` asks. With 4 first and 3 second,
`memory_mask` stands where `mask` belongs, or the cross-attention reads `y`.
"""

# %% exercise points=4 difficulty=3 minutes=18
from course.transformer import DecoderLayer

# %% check
check(DecoderLayer)

# %% layer-torch-why [markdown]
r"""
Is it PyTorch's layer? We give `nn.TransformerDecoderLayer` the same weights. Mind the masks: there,
True means *blocked*, the opposite of ours.
"""

# %% layer-torch
def copy_attention(ours: MultiHeadAttention, theirs: nn.MultiheadAttention) -> None:
    """torch keeps the three projections in one matrix, w_q above w_k above w_v."""
    three = (ours.w_q, ours.w_k, ours.w_v)
    theirs.in_proj_weight.copy_(torch.cat([linear.weight for linear in three]))
    theirs.in_proj_bias.copy_(torch.cat([linear.bias for linear in three]))
    theirs.out_proj.load_state_dict(ours.w_o.state_dict())


layer = DecoderLayer(BlockConfig(d_model=12, n_heads=3, d_ff=20))
theirs = nn.TransformerDecoderLayer(12, 3, 20, dropout=0.0, batch_first=True, norm_first=True)
with torch.no_grad():
    copy_attention(layer.self_attention, theirs.self_attn)
    copy_attention(layer.cross_attention, theirs.multihead_attn)
theirs.linear1.load_state_dict(layer.feed_forward.w_1.state_dict())
theirs.linear2.load_state_dict(layer.feed_forward.w_2.state_dict())
x, memory, mask = torch.randn(2, 5, 12), torch.randn(2, 7, 12), causal_mask(5)
same_as_torch = torch.allclose(layer(x, memory, mask), theirs(x, memory, tgt_mask=~mask), atol=1e-5)
print("equal to torch's own layer:", same_as_torch)

# %% stack-why [markdown]
r"""
## A stack that looks back

The decoder is $N$ such layers in a row, and a last norm after pre-norm layers, as in the encoder.
One might think that the first encoder layer feeds the first decoder layer, and
the second the second. It is not so: **every decoder layer reads the same memory**, which comes out
at the very top of the encoder (Vaswani et al. 2017, section 3.2.3).

The memory is one, but the keys and values are not. Each decoder layer makes its own from the
memory, with its own $W^K$ and $W^V$, and so does each head (section 3.2.2). So two layers can ask
the same card about different things.
"""

# %% stack-exercise [markdown]
r"""
### Exercise: `Decoder`

Chain `config.n_layers` decoder layers, each with weights of its own; hand the memory and both masks
to each; close with a norm for pre-norm, with `nn.Identity()` for post-norm.

Hint: The constructor is that of your `Encoder`, with another kind of layer.

Hint: In the loop only `x` changes. `memory`, `mask` and `memory_mask` go into every layer as they
came.

Hint: The norm comes once, after the loop.

Help: I see `It also breaks a law: what memory_mask forbids is never read`
A mask gets lost on the way: each layer takes four arguments.
"""

# %% exercise points=2 difficulty=2 minutes=8
from course.transformer import Decoder

# %% check
check(Decoder)

# %% exit-why [markdown]
r"""
## A dictionary read backwards

The decoder gives a vector for each position. You find a word in a dictionary and read what it
means. Now we go the other way: we compare the vector with the row of every word in the table. That
is a linear layer from $d_{model}$ to the vocabulary. The scores are the logits of lesson 02;
softmax turns them into probabilities.

If the exit compares with rows and the entrance looks up rows, why keep two tables? Take one. That
is **weight tying** (Press and Wolf 2017; Vaswani et al. 2017, section 3.4). Try it: from 10,000
words take the row of one, scaled up as at the entrance, and add noise to each of its 512 numbers.
"""

# %% exit-predict [markdown]
r"""
**Predict.** The noise is as large as the vector itself. Does the right word still win against all
the others?
"""

# %% exit-guess
guess = None  # your guess: True or False

# %% exit-run
torch.manual_seed(0)
embedding = TokenEmbedding(vocab_size=10_000, d_model=512)
with torch.no_grad():
    meaning = embedding(torch.tensor([[4711]]))[0, 0]  # features of size 1
    noisy = meaning + torch.randn(512)
    logits = embedding.table @ noisy  # (10_000,): one score for each word
probabilities = logits.softmax(dim=-1)
reveal(guess, logits.argmax().item() == 4711)
plots.show(plots.vector_to_word(noisy, logits, probabilities),
           alt="From left to right: the vector's first numbers; times each row of the table; the "
               "four best logits, word 4711 far ahead of the other three; a softmax; their "
               "probabilities, 1 for word 4711 and 0 for the rest; the answer, word 4711.")

# %% exit-meaning [markdown]
r"""
**Figure.** From a vector to its word; of the 10,000 words the four best are drawn. The right one
wins by far: its score is near $\sqrt{512} \approx 22.6$, for the vector points along its row. In
512 dimensions two random directions are nearly at right angles, so the noise looks like no word in
particular. Tying saves a table, and whatever the exit learns about a word, the entrance knows too.
Does that help? Press and Wolf found it did for words; at the end of this lesson you can try it for
letters. (On the way up, the vector of *this* word has to become that of the *next*: that is what
the layers are for.)
"""

# %% whole-why [markdown]
r"""
## The whole Transformer

Now join reader and writer. The sizes come in one object again, `TransformerConfig`: what a block
needs, and two vocabularies. `tied=True` makes the output layer's matrix the target's table;
`shared=True` makes source and target use one table, as the paper did for German and English, whose
vocabularies it had merged.
"""

# %% whole-config
config = TransformerConfig(
    d_model=16, n_heads=2, d_ff=64, n_layers=2, source_vocab_size=10, target_vocab_size=12
)
print(config)
print(type(make_positions(config)).__name__, "of the course: what make_positions(config) makes")

# %% whole-exercise [markdown]
r"""
### Exercise: `Transformer`

The constructor is given. Write `share_tables` (two conditions, two assignments), `encode`, `decode`
and `forward`. Token 0 is padding on both sides: the encoder must not read it, and neither may the
decoder, in its own sentence or in the source. No target token may see a later one. Dropout acts on
the sum of embedding and position, on both sides. The output is logits, without softmax.

Hint: To tie means to be the same object, not to hold the same numbers: `self.output.weight = ...`
takes another layer's parameter as its own. Share the embeddings first, then tie.

Hint: `encode`: tokens, embedding, positions, dropout, encoder with the source's padding mask.
`decode` begins in the same way with the *target's* embedding.

Hint: In `decode`, a target token may be read if it is not later **and** not padding: `&` combines
two boolean masks, and (T_q, T_q) with (B, 1, 1, T_q) broadcasts to (B, 1, T_q, T_q). The
cross-attention gets the padding mask of the source. `forward` is one `decode` around one `encode`.

Help: I see `the weights cannot be copied in`
One table is there twice, or one too few. With `tied=True` there is no `output.weight` among the
parameters, since it is the target's table.

Help: I see `is out of bounds for dimension 0 with size 9`
Tokens of one language are looked up in the other's table.

Help: I see `no output sees a later target token`
The causal mask is missing, shifted or turned round. Print it for three tokens.
"""

# %% exercise points=5 difficulty=4 minutes=20
from course.transformer import Transformer

# %% check
check(Transformer)

# %% whose-why [markdown]
r"""
(A good place to pause.) So far `make_positions` has put the course's positions into your model;
from here on it puts in yours. And what you wrote in lessons 04 to 07? In a terminal, in the
course's folder, `python -m course mine` checks it and makes a package of it, `mine`. The first cell
of this lesson has imported from `course.mine`: there your parts stand where that package has them,
and the course's where one is missing. What is below says whose they are. After the command, restart
this notebook and run it again.
"""

# %% whose tags=["nbval-ignore-output"] why="whose parts they are depends on who has answered"
from course.mine import parts
from course.mine.transformer import make_positions as other_positions


def make_positions(config: TransformerConfig) -> nn.Module:
    """Your sines and cosines; any other kind from the course."""
    yours = config.positions == "sinusoidal"
    return SinusoidalPositions() if yours else other_positions(config)


in_use = type(Transformer(config).positions)
print("the positions in your model are yours:", in_use is SinusoidalPositions)
print("in its encoder and attention", parts.of("Encoder"))

# %% flow-why [markdown]
r"""
## The data flow, drawn by the model itself

Let us watch *J'aime le beau jardin* go through. PyTorch can call a function of ours whenever a
module has run, a *hook*. We hang one on every module and write down its name, the shape that came
out, and the masks that went in. So the names, their order, shapes and masks below are not how the
model should be, but how it **is**. The lines and arrows are drawn by us: a hook sees what came out
of a module, not where it went. (Read the next cell only if you want to know how.)
"""

# %% flow-trace
def trace(model: nn.Module, *inputs: Tensor) -> list[tuple[str, tuple[int, ...], list[Tensor]]]:
    """Every module that ran, in order: its name, the shape of what it gave, the masks it got."""
    steps, handles = [], []
    for name, module in model.named_modules():
        def hook(module, args, named, output, name=name):
            masks = [x for x in (*args, *named.values()) if getattr(x, "dtype", 0) == torch.bool]
            steps.append((name, tuple(output.shape), masks))
        handles.append(module.register_forward_hook(hook, with_kwargs=True))
    model(*inputs)
    for handle in handles:
        handle.remove()
    return steps


model = Transformer(config)
# <bos> I love the beautiful garden
source, target = torch.tensor([[3, 4, 5, 6]]), torch.tensor([[1, 3, 4, 5, 6, 7]])
steps = trace(model, source, target)
print("about", round(len(steps), -1), "modules ran; the whole model gave", steps[-1][1])

# %% flow-rows [markdown]
r"""
That is too many to draw. We keep the entrances, the sub-layers, each with its norm and its mask,
and the norms at the end; of each sub-layer we show the most telling shape: for attention, how many
look at how many (the lengths of what `w_q` and `w_k` gave), for feed-forward the wide layer inside.
`plots.flow_of` chooses these rows; `plots.data_flow` draws each as it comes, and an arrow for each
link that we name.
"""

# %% flow-picture
french = "J'aime le beau jardin", str(tuple(source.shape))
english = "<bos> I love the ...", str(tuple(target.shape))
left = plots.flow_of(steps, french, "source_embedding", "encoder")
right = plots.flow_of(steps, english, "target_embedding", "decoder")
crosses = [row for row, (name, *_) in enumerate(right) if name == "cross-attention"]
links = [((0, len(left) - 1), (1, row)) for row in crosses]
figure = plots.data_flow([left, right], links)
plots.show(figure, alt="Data flow from bottom to top in two columns. Left, the encoder: "
                       "tokens, embedding, positions, then twice attention and "
                       "feed-forward beside a thick line, each behind a norm; at the end a norm. "
                       "Right, the decoder: the same with cross-attention between, at the top the "
                       "logits. Small tiles show the masks: a triangle at each self-attention of "
                       "the decoder, one open row at all others. Arrows lead from the encoder's "
                       "last norm to both cross-attentions.")

# %% flow-caption [markdown]
r"""
**Figure.** Read from the bottom. Left, the four French tokens become four vectors, which run up the
thick line, the residual stream; each sub-layer reads from the line, through its norm, and adds what
it found ($+$). The small tiles are the masks: one row for all who ask, which hides nothing, as
nothing here is padding; or the decoder's triangle. What leaves the encoder's last norm is the
memory, and the arrows carry it into *every* cross-attention of the decoder: six English positions
look at four French ones. The shapes on the streams never change, (1, 4, 16) on the left and (1, 6,
16) on the right, until the output layer turns each of the six vectors into twelve scores, one for
each English word.

The bridge is narrow: cut those two arrows, and you have a reader to whom nobody listens, beside a
writer without a box.

**Two ways from here.** To see your model learn, jump to *It learns to write backwards* and come
back later; nothing there needs the numbers that now follow. To know first what it costs, read on.
"""

# %% weighs-why [markdown]
r"""
## What it weighs

The paper's base model has $d_{model} = 512$, $d_{ff} = 2048$ and 6 layers on each side, post-norm.
German and English share one vocabulary of about 37,000 tokens, and one table serves as both
entrances and as the exit. Its table 3 says 65 million parameters (Vaswani et al. 2017). Let us
count.

The pieces you know. An attention layer you have counted in lesson 05. A feed-forward network has
two matrices and two biases. A norm has a gain and a bias.
"""

# %% weighs-predict [markdown]
r"""
**Predict.** Which of the three has the most parameters: the table, the encoder or the decoder? (The
answer comes after the exercise.)
"""

# %% weighs-guess
guess = None  # your guess: "embedding", "encoder" or "decoder"

# %% weighs-exercise [markdown]
r"""
### Exercise: `n_parameters_of_base_model`

Give a dictionary with the parts `"embedding"`, `"encoder"` and `"decoder"`. The function
`n_parameters(d_model)` of lesson 05 counts one attention layer, with its biases. The number of
heads does not matter (lesson 05).

Hint: Write three names first: `attention`, `feed_forward`, `norm`, each the count of one such
layer.

Hint: An encoder layer has one attention, one feed-forward network and two norms. What has a decoder
layer?

Hint: With everything of size 1, three tokens and one layer, an attention has 8, a feed-forward
network 4 and a norm 2: that makes 3 for the table, 16 for the encoder and 26 for the decoder.

Help: I see a number that is slightly too small
A bias is missing. The feed-forward network has two, of different lengths; the attention's four are
in `n_parameters`.
"""

# %% exercise points=2 difficulty=2 minutes=10
from course.transformer import n_parameters_of_base_model

# %% check
check(n_parameters_of_base_model)

# %% weighs-count-why [markdown]
r"""
Compare your formula with your `Transformer` at full size (your decoder, your embeddings; the
encoder is the course's). On the device `meta` a tensor has a shape and no numbers.
"""

# %% weighs-count
parts = n_parameters_of_base_model()
reveal(guess, max(parts, key=parts.get))
for part in ("embedding", "encoder", "decoder"):
    print(f"{part:10} {parts[part]:11,}")
print(f"all        {sum(parts.values()):11,}")
sizes = {
    "d_model": 512, "n_heads": 8, "d_ff": 2048, "n_layers": 6,
    "source_vocab_size": 37_000, "target_vocab_size": 37_000,
}
with torch.device("meta"):
    base = Transformer(TransformerConfig(**sizes, norm_first=False, shared=True))
print(f"your model {sum(parameter.numel() for parameter in base.parameters()):11,}")

# %% weighs-doubt [markdown]
r"""
Your formula and your model agree to the last parameter, and they say 63 million, not 65. Who is
wrong? Let us try what else the paper could have meant, and count its *big* model too.
"""

# %% weighs-variants
stacks = parts["encoder"] + parts["decoder"]
for n_tables in (1, 2, 3):
    print(f"{n_tables} table(s): {(stacks + n_tables * parts['embedding']) / 1e6:.0f} M")
big = n_parameters_of_base_model(d_model=1024, d_ff=4096)
big_stacks = big["encoder"] + big["decoder"]
said_base, said_big = 65, 213  # what the paper says, in millions
print(f"big model: {sum(big.values()) / 1e6:.0f} M, where the paper says {said_big} M")
rows_base = (said_base * 1e6 - stacks) / 512
rows_big = (said_big * 1e6 - big_stacks) / 1024
print(f"rows in the table for {said_base} M: about {rows_base:,.0f}; "
      f"for {said_big} M: about {rows_big:,.0f}")

# %% weighs-honest [markdown]
r"""
So the table is shared: two would make 82 million, three 101 million. The rest we cannot settle. The
paper says "about 37000 tokens" and does not show its sum. A base model of 65 million needs a table
of about 40,700 rows; the big model in the same table of results, 213 million, needs about 35,800.
**No single vocabulary gives both numbers, if both were rounded to whole millions**, as most numbers
of that table seem to be. Our count is 3 % below the one and half a percent above the other. A
number in a famous paper is a reason to count, not a result.
"""

# %% costs-why [markdown]
r"""
## What it costs to run

Parameters are what you store. *Floating-point operations* (FLOPs) are what you wait for. A product
of an $(n, m)$ and an $(m, p)$ matrix takes $n\,m\,p$ multiplications and as many additions:
$2\,n\,m\,p$. Beside the products, everything else (norms, softmax, looking up rows) is small
change, and we leave it out.

With $S$ source and $T$ target tokens (the $T_k$ and $T_q$ of the shapes above) there are four kinds
of product: the **projections** $W^Q, W^K, W^V, W^O$; the **attention** itself, that is, the scores
and then weights times values; the **feed-forward** matrices; and the **output** layer.
"""

# %% costs-exercise [markdown]
r"""
### Exercise: `flops`

Count one forward pass over one pair of sentences, by kind. The keys are `"projections"`,
`"attention"`, `"feed_forward"` and `"output"`. All scores are computed, also those that a mask
blocks afterwards.

Hint: A projection over $n$ rows costs $2\,n\,d_{model}^2$. So count rows. Self-attention projects
four times: $4S$ in an encoder layer, $4T$ in a decoder layer. Cross-attention projects four times
too; which two run over the source?

Hint: Scores for $n$ queries and $m$ keys cost $2\,n\,m\,d_{model}$ over all heads together, and the
values as much again. A pair of layers has three attentions: $S$ with $S$, $T$ with $T$, $T$ with
$S$.

Hint: The feed-forward network has two matrices of $d_{model} \cdot d_{ff}$ numbers, over $S + T$
rows. Those three kinds are multiplied by `n_layers`; the output stands once, over $T$ rows. With
everything of size 1, one layer and a vocabulary of 3: for one source and two target words 36, 28,
12 and 12.

Help: I see exactly half of what is expected
Each term of a product is one multiplication *and* one addition.
"""

# %% exercise points=3 difficulty=3 minutes=12
from course.transformer import flops

# %% check
check(flops)

# %% costs-torch-why [markdown]
r"""
PyTorch has a counter of its own, which watches every matrix product as it happens.
"""

# %% costs-torch
from torch.utils.flop_counter import FlopCounterMode

source, target = torch.randint(1, 10, (1, 20)), torch.randint(1, 12, (1, 25))
with FlopCounterMode(display=False) as counter:
    model(source, target)
counted, formula = counter.get_total_flops(), sum(flops(config, 20, 25).values())
print(f"counted by torch {counted:,}, by your formula {formula:,}")

# %% costs-predict [markdown]
r"""
The two agree to the last operation. Three of the four kinds grow in step with the length; attention
grows with its square. **Predict.** For the base model, at which length ($S = T$) does attention
cost as much as projections and feed-forward together: at tens, at hundreds or at thousands of
tokens?
"""

# %% costs-guess
guess = None  # your guess: "tens", "hundreds" or "thousands"

# %% costs-curves
base_config = TransformerConfig(**sizes)
lengths = [2**power for power in range(4, 15)]
kinds = "projections", "attention", "feed_forward", "output"
costs = {kind: [flops(base_config, n, n)[kind] / 1e9 for n in lengths] for kind in kinds}


def attention_leads(n: int) -> bool:
    cost = flops(base_config, n, n)
    return cost["attention"] >= cost["projections"] + cost["feed_forward"]


crossing = next(n for n in range(1, 20_000) if attention_leads(n))
reveal(guess, {2: "tens", 3: "hundreds"}.get(len(str(crossing)), "thousands"))
print("they meet at", crossing, "tokens")
typical = flops(base_config, 25, 25)
share = {kind: 100 * typical[kind] / sum(typical.values()) for kind in kinds}
print("at 25 tokens:", ", ".join(f"{kind} {part:.1f} %" for kind, part in share.items()))

# %% costs-picture
linear = [sum(pair) for pair in zip(costs["projections"], costs["feed_forward"], strict=True)]
shown = {
    "projections and feed-forward": linear,
    "output": costs["output"], "attention": costs["attention"],
}
figure = plots.lines(
    lengths, shown, "tokens on each side", "billion operations", log_x=True, log_y=True
)
axis = figure.axes[0]
axis.axvline(crossing, color="black", linewidth=1, linestyle=":")
axis.text(crossing * 1.1, axis.get_ylim()[0] * 2, f"{crossing} tokens")
plots.show(figure, alt="Operations against the number of tokens, both axes logarithmic. "
                       "Projections with feed-forward, and output, rise as parallel lines; "
                       "attention rises twice as steeply. A dotted line marks 2390 tokens, where "
                       "attention meets projections with feed-forward.")

# %% costs-caption [markdown]
r"""
**Figure.** Both axes are logarithmic. Two parallel lines: twice the length, twice the work.
Attention climbs twice as steeply: twice the length, four times the work. Yet for a sentence of 25
tokens it is below one percent of the whole. It meets projections and feed-forward together only at
the dotted line, at 2390 tokens. "Attention is quadratic, therefore slow" is true of books, not of
sentences.
"""

# %% wait-why [markdown]
r"""
## Who has to wait

Work is not yet time. It also matters how much of the work can be done at once. A GRU (lesson 01)
needs the state of word 5 before it can make the state of word 6: over 1024 words, 1024 products
must wait for each other. In an attention layer only four wait, however long the text: the
projections, the scores, the mixture of the values, $W^O$ (Vaswani et al. 2017, table 1).

You may read that "RNNs and CNNs work step by step". For CNNs it is wrong. A *convolution* mixes
each word with its neighbours, and it does so at all places at once (Gehring et al. 2017). What it
lacks is reach: with neighbours only, two distant words meet after many layers.

Let us measure one forward pass of each layer, on average over a fifth of a second.
"""

# %% wait-run tags=["nbval-ignore-output"] why="times differ from run to run"
def milliseconds(run: Callable, x: Tensor) -> float:
    """The CPU time of one call, on average over a fifth of a second."""
    run(x)  # the first call is slower
    began, n_calls = time.process_time(), 0
    while time.process_time() < began + 0.2:  # the clock of Windows ticks only every 16 ms
        run(x)
        n_calls += 1
    return 1000 * (time.process_time() - began) / n_calls


gru, looks_at_all = nn.GRU(256, 256, batch_first=True), MultiHeadAttention(256, 4)
neighbours = nn.Conv1d(256, 256, kernel_size=3, padding=1)
layers = {"GRU": gru, "attention": lambda x: looks_at_all(x, x, x),
          "convolution": lambda x: neighbours(x.mT)}
n_words = [64, 128, 256, 512, 1024]
with torch.inference_mode():  # as no_grad, and faster
    inputs = [torch.randn(1, n, 256) for n in n_words]
    times = {name: [milliseconds(run, x) for x in inputs] for name, run in layers.items()}

# %% wait-times tags=["nbval-ignore-output"] why="how long it takes depends on the machine"
for name, row in times.items():
    print(f"{name:11}", ", ".join(
        f"{n} words {time:.1f} ms" for n, time in zip(n_words, row, strict=True)))

# %% wait-picture tags=["nbval-ignore-output"] why="times differ from run to run"
waits = {"GRU": n_words, "attention": [4] * 5, "convolution": [1] * 5}
print(n_words, "words; at the last,", {name: row[-1] for name, row in waits.items()}, "wait")
figure, (measured, counted_waits) = plots.canvas(9.2, 3.6, columns=2)
for axis, curves, label, title in (
    (measured, times, "milliseconds", "measured: one thread of a processor"),
    (counted_waits, waits, "products", "counted: products that wait for each other"),
):
    plots.lines(n_words, curves, "words", label, title, axis, log_x=True, log_y=True)
plots.show(figure, alt="Two panels against the number of words, 64 to 1024. Left, measured time: "
                       "the curves of GRU and convolution rise evenly, that of attention begins "
                       "below the GRU's and rises more steeply. Right, products that must wait: "
                       "the GRU's line climbs to 1024, attention stays at 4, convolution at 1.")

# %% wait-caption [markdown]
r"""
**Figure.** Left, the times printed above (yours will differ a little): attention is faster than the
GRU for a short text. Its advantage shrinks, for its work grows with the square of the length, and
at 1024 words it is gone: in the run above attention is by then the slower one. More than this our
measurement cannot show. One thread pays for all the work, whether it could be done at once or not.
On a graphics processor with its thousands of units the right panel counts: what need not wait is
done at once, and the chain of the GRU stays a chain. (The convolution is the cheapest by far, and
each of its words sees three.)

All this is about *reading* and *training*, where all words are known. While it *writes*, a
Transformer too goes word by word; lesson 10 makes each step cheaper.
"""

# %% learn-why [markdown]
r"""
## It learns to write backwards

Does it work? For French we have no text, and the German of lesson 09 takes minutes of training; so
first a small task that needs everything you built: read a word of three to eight letters, write it
backwards, stop. *stressed* becomes *desserts*. The writer must know where he is (positions), look
at the right card (cross-attention), know how far he has come (self-attention), and end in time
(`<eos>`). Words of different lengths share a batch, so padding must not disturb.

The letters are drawn at random, new ones at every step. There are billions of such words (only of
the shortest are there few), so learning by heart does not help.
"""

# %% learn-data
PAD, BOS, EOS, LETTERS = 0, 1, 2, "abcdefghijklmnopqrstuvwxyz"


def encode_words(words: list[str], start: list[int], end: list[int]) -> Tensor:
    """Words as rows of tokens, padded behind; a is 4, b is 5, and so on.

    (3 is kept for unknown pieces, lesson 09.)"""
    numbers = [[LETTERS.index(letter) + 4 for letter in word] for word in words]
    rows = [torch.tensor(start + row + end) for row in numbers]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)


def random_words(n: int, generator: torch.Generator) -> list[str]:
    lengths = torch.randint(3, 9, (n,), generator=generator).tolist()
    drawn = [torch.randint(26, (length,), generator=generator).tolist() for length in lengths]
    return ["".join(LETTERS[i] for i in row) for row in drawn]


print(encode_words(["live", "stressed"], [], []))

# %% learn-train-intro [markdown]
r"""
The model is small, one layer on each side and 32 features. Training is as in lesson 02: the decoder
gets the right beginning, `<bos>` in front, and must say the next letter at every position; the loss
leaves padding out. The learning rate rises over the first 50 steps and then falls to 0 (lesson 09).
"""

# %% learn-practice
SMALL = TransformerConfig(
    d_model=32, n_heads=2, d_ff=128, source_vocab_size=30, target_vocab_size=30, shared=True
)
cross_entropy = nn.functional.cross_entropy


def practice(words: list[str]) -> tuple[Tensor, Tensor, Tensor]:
    """What is read, what the decoder is given, and what it is to say."""
    backwards = [word[::-1] for word in words]
    answers = encode_words(backwards, [], [EOS]).flatten()
    return encode_words(words, [], []), encode_words(backwards, [BOS], []), answers

# %% learn-train
def train(make: Callable, n_steps: int = 700) -> tuple[Transformer, list[float]]:
    torch.manual_seed(0)
    generator, losses = torch.Generator().manual_seed(0), []
    model = make(SMALL)
    # betas as in the paper, section 5.3
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, betas=(0.9, 0.98))
    schedule = LambdaLR(optimizer, lambda step: min((step + 1) / 50, 1 - step / n_steps))
    for _ in range(n_steps):
        source, target, answers = practice(random_words(64, generator))
        loss = cross_entropy(model(source, target).flatten(0, 1), answers, ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return model.eval(), losses

# %% learn-write-intro [markdown]
r"""
Writing for real has no right beginning to lean on. The encoder reads once. Then comes the loop of
lesson 01: decode what is there, take the likeliest next token, append it, and again.
"""

# %% learn-write
@torch.no_grad()
def write(model: Transformer, words: list[str], longest: int = 10) -> list[str]:
    """Greedy decoding of a batch; whatever follows <eos> is cut off."""
    source = encode_words(words, [], [])
    memory, target = model.encode(source), torch.full((len(words), 1), BOS)
    for _ in range(longest):
        next_token = model.decode(target, memory, source)[:, -1].argmax(dim=-1)
        target = torch.cat([target, next_token[:, None]], dim=1)  # (B, t + 1)
    written = [row[1:].tolist() for row in target]
    written = [row[: row.index(EOS)] if EOS in row else row for row in written]
    return ["".join(LETTERS[token - 4] if token >= 4 else "?" for token in row) for row in written]

# %% learn-run-why [markdown]
r"""
Train (some ten seconds), write 500 new words, and count those that are right to the last letter.
Then three words that mean something in both directions.
"""

# %% learn-run tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
def exact(model: Transformer, words: list[str]) -> float:
    """The share of words that come out backwards without a single wrong letter."""
    pairs = zip(write(model, words), words, strict=True)
    return sum(mine == word[::-1] for mine, word in pairs) / len(words)


new_words = random_words(500, torch.Generator().manual_seed(99))
generator = torch.Generator().manual_seed(0)  # draws the words of the training once more
met = {word for _ in range(700) for word in random_words(64, generator)}
print(f"{sum(word in met for word in new_words)} of the {len(new_words)} are in the training too")
reverser, losses = train(Transformer)
shares = {"yours": exact(reverser, new_words)}
size = sum(p.numel() for p in reverser.parameters())
print(f"{size:,} parameters; {100 * shares['yours']:.1f} % of the new words are all right")
some = ["stressed", "live", "drawer"]
for word, mine in zip(some, write(reverser, some), strict=True):
    print(word, "->", mine)

# %% learn-meaning [markdown]
r"""
Words come out backwards, whole, and all but 31 of the 500 were never met before. Where did the
decoder look while it wrote? A hook on the cross-attention tells: `named` holds what was passed by
name.
"""

# %% look
word, seen = "stressed", []


def look(layer: nn.Module, args: tuple, named: dict, output: Tensor) -> None:
    asked = dict(zip(("query", "key"), args, strict=False)) | named
    seen.append(layer.weights(asked["query"], asked["key"]))  # (B, H, T_q, T_k)


handle = reverser.decoder.layers[0].cross_attention.register_forward_hook(look, with_kwargs=True)
with torch.no_grad():
    reverser(encode_words([word], [], []), encode_words([word[::-1]], [BOS], []))
handle.remove()
looks = seen[0][0].mean(dim=0)  # (9, 8), the mean of the heads
plots.show(plots.heatmap(looks, [*word[::-1], "<eos>"], list(word),
                         "row: letter to be written; column: letter read"),
           alt="Weights of the cross-attention. Rows are the letters d, e, s, s, e, r, "
               "t, s and the end; columns the letters of stressed. The bright tiles "
               "run along the other diagonal, from the upper right to the lower left.")

# %% look-caption [markdown]
r"""
**Figure.** The mean of the two heads; each row is labelled with the letter that is *to be written*
there. For the first letter the decoder looks at the last card, for the second at the one before,
and so on down the diagonal. Nobody told it to. Had it asked by letter, the three *s* of *stressed*
would share the weight; at the first *s* of *desserts* one of them has 0.95. It asks by place. Not
every row is sure: at the second *s* it also looks one card too far. And for `<eos>` no card is
left, so that it looks at the first two.
"""

# %% look-inside tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
from course.page import look_inside_letters

look_inside_letters(reverser, SMALL, LETTERS, "stressed",
                    parts=["sentence", "decoder.0.cross", "residual"])

# %% look-inside-caption [markdown]
r"""
**Figure.** Look inside your Transformer: it runs in this cell, and reads what you type. Below the
word stand the cross-attention, head by head and stage by stage, and the residual stream: which
letter would be written if the decoder ended there. **Predict** what it makes of *aaaaaa*, where all
cards have the same letter and only their places differ; then type it. And **find** the sub-layer
after which the right letter is the likeliest. Is it the same one for every letter? (In a notebook
that nobody has run, you see a still.)
"""

# %% leak-why [markdown]
r"""
## The loss proves nothing

Now put the classic bug back: no causal mask. We wrap your decoder in a layer that opens the mask it
is given: what anyone may see, everyone may see. Padding stays hidden, the future does not. The loss
falls much sooner than that of the honest model; in lesson 05 it even fell below what is honestly
possible.
"""

# %% leak-model
class WithoutCausalMask(nn.Module):
    """A decoder whose target mask has been opened: one row for all, True where any row was."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor, memory_mask: Tensor) -> Tensor:
        return self.decoder(x, memory, mask.any(dim=-2, keepdim=True), memory_mask)


def broken_transformer(config: TransformerConfig) -> Transformer:
    model = Transformer(config)
    model.decoder = WithoutCausalMask(model.decoder)
    return model

# %% leak-predict [markdown]
r"""
**Predict.** Same data, same steps, same start, and a lower loss. Of the 500 new words, how many
does the broken one write right at the end?
"""

# %% leak-guess
guess = None  # your guess: a number between 0 and 500

# %% leak-run
broken, broken_losses = train(broken_transformer)
early = {"yours": sum(losses[180:200]) / 20, "broken": sum(broken_losses[180:200]) / 20}
shares["broken"] = exact(broken, new_words)
reveal(guess, round(500 * shares["broken"]))
print("around step 200 the broken one's loss is less than a fifth of yours:",
      5 * early["broken"] < early["yours"])
print("stressed and live, written by the broken one:", write(broken, ["stressed", "live"]))

# %% leak-picture
steps = range(20, len(losses) + 1, 20)
curves = {"yours": losses, "no causal mask": broken_losses}
smooth = {
    name: [sum(some[step - 20 : step]) / 20 for step in steps] for name, some in curves.items()
}
figure = plots.lines(steps, smooth, "step", "loss, mean of twenty steps", log_y=True)
plots.show(figure, alt="Training loss against step, logarithmic. The model without causal "
                       "mask falls earlier and stays below the right one to the end.")

# %% leak-caption [markdown]
r"""
**Figure.** The broken model is ahead from the hundredth step to the last, at step 200 by a factor
of about ten, and it cannot write one word in five hundred. In training it copied each answer from
the next position. When it writes for real there is no next one yet, as at the end of a word in
training; there the answer was `<eos>`, so it ends before the first letter.

A loss on unseen words would not warn either: nearly all words here were new. The law that
`check(Transformer)` asks for, *no output sees a later target token*, finds the bug without any
training.
"""

# %% remember [markdown]
r"""
## What you built, what to remember

- Cross-attention: the decoder asks, the encoder's output answers. Keys and values come from the
  same card. Every decoder layer reads the same memory and makes its own keys and values from it.
- Two masks: no later target token, no padding. They look at different sentences.
- One table, two jobs: rows from $N(0, 1/d_{model})$, times $\sqrt{d_{model}}$ at the entrance, read
  backwards at the exit.
- Count before you quote: the base model has 63 million parameters with 37,000 tokens, and
  attention's square matters for texts of thousands of tokens.
- Attention has no chain from word to word: while reading and in training all words are computed at
  once. While writing, a Transformer goes word by word.
- A lower loss proves nothing. Laws do: no later token is seen, padding changes nothing, another
  source gives another output.

The Transformer is whole. In lesson 09 it learns to translate German.
"""

# %% try [markdown]
r"""
## Try this

- Train `Transformer` on words backwards with `positions="none"` in `SMALL`. Which letters
  does it still get right?
- Write words of twelve letters with the trained model:
  `write(reverser, ["transformers", "abcdefghijkl"], longest=13)`. It has never been that far out;
  remember the extrapolation of lesson 06.
- Put another bug back, K and V from the decoder: use `reads_itself` in your `DecoderLayer`, make a
  new `Transformer` and train. How low does the loss get, and why not lower? (To guess a letter out
  of 26 costs $\ln 26$.)
- In `SMALL`, set `shared=False`, then `tied=False`, then both. How many parameters more, and does
  it learn faster or slower?

<details><summary>What it does to the loss</summary>

With `tied=False`, alone or with the other, the loss is less than a fifth of the loss of the model
above around step 200; `shared=False` alone changes little. With these letters untying helps. Why,
we can only guess: a table with two jobs is a compromise, and no letter is so rare that it needs
what the other job has learned.

</details>
"""
