# %% question [markdown]
r"""
# 12 · BERT

**What can a reader do who never writes?** The writer of lesson 11 sees only what stands before. The
encoder of lesson 07 sees both sides, so it cannot write from left to right. It can fill a hole in
the middle of a text, and that turns out to be a good preparation for judging texts.

| | |
|---|---|
| **At its end you have built** | BERT: holes in a text and their loss, the encoder with its three embeddings, the answer for a whole text; its old opponent, a maximum entropy classifier on bags of words; you have judged film reviews with both, cut attention heads out, and measured what reading without labels is worth |
| **Time** | about 2 hours 15 minutes |
| **It needs** | embeddings (lesson 03), attention and its masks (lesson 04), the encoder (lesson 07), Muon (lesson 09) and GPT (lesson 11) |
"""

# %% setup
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course import corpus, plots
from course.attention import causal_mask, padding_mask
from course.bert import BertConfig, MaskedLanguageModel, fresh
from course.blocks import LayerNorm
from course.checks import check, reveal
from course.gpt import UnscaledEmbedding
from course.positions import LearnedPositions
from course.seq2seq import teacher_forcing_loss
from course.training import evaluating

torch.manual_seed(0)
torch.set_num_threads(1)  # small matrices: a second thread would cost more than it brings

# %% map-caption [markdown]
r"""
**Figure.** Where you are. Lit is BERT. The dashed arrow leads to it from the left half of the
Transformer, the encoder: BERT is that half alone, as GPT is the right one.
"""

# %% map
plots.show_map("12")

# %% sides [markdown]
r"""
## Both sides of a word

Somebody writes about a film: *The film is … , not boring.* You know what kind of word is missing,
and you know it from what comes *after* the hole. Whoever reads from left to right has not seen it
yet.

We shall need many such sentences. A small grammar in `course.corpus.reviews` writes reviews of
films, novels, plays and series. It also knows what each of them calls the work: good or bad. Here
are three.
"""

# %% sides-reviews
from course.corpus.reviews import BAD, GOOD, Review, reviews, seed_review

data = reviews(n_train=12_000, n_test=500)
for one in data.train[:3]:
    print("praise" if one.praise else "blame ", "|", " ".join(one.english), "".join(one.chinese))

# %% sides-predict [markdown]
r"""
Take all reviews that begin like *The film is …* (or novel, play, series), with one word of
judgement in the gap. About half of the words in the gap are good ones. So much for the left side.

**Predict.** Now the right side. Take only those of these reviews that go on with a comma, *not* and
a bad word (*, not boring*). In how many percent of them is the word in the gap a good one?
"""

# %% sides-guess
guess = None  # your guess: a number from 0 to 100

# %% sides-count
from collections import Counter

gaps = Counter()
for one in data.train:
    words = one.english
    if words[2] == "is" and words[3] in GOOD | BAD:
        gaps["only the left side", words[3] in GOOD] += 1
        if words[4:6] == (",", "not") and words[6] in BAD:
            gaps["both sides", words[3] in GOOD] += 1
share = {side: round(100 * gaps[side, True] / (gaps[side, True] + gaps[side, False]))
         for side in ("only the left side", "both sides")}
reveal(guess, share["both sides"])
print("good words in the gap, in percent:", share)

# %% sides-meaning [markdown]
r"""
A language model that is **autoregressive** (lesson 01), such as GPT, predicts each word from those
before it. Here that is a coin toss. **BERT**, *bidirectional encoder representations from
transformers*, predicts from both sides (Devlin et al. 2019). The two differ in one thing that you
can draw: who may look at whom.
"""

# %% masks
some = ["[CLS]", "the", "film", "is", "[MASK]", ",", "not", "boring", "<pad>"]
numbers = torch.tensor([[*range(1, len(some)), 0]])  # 0 is padding
may_look = {"GPT": causal_mask(len(some)) & padding_mask(numbers)[0, 0],
            "BERT": padding_mask(numbers)[0, 0].expand(len(some), -1)}
figure, axes = plots.canvas(9.6, 4.4, columns=2)
for axis, (name, mask) in zip(axes, may_look.items(), strict=True):
    plots.heatmap(mask.int(), some, some, f"{name}: row looks at column", axis, decimals=0)
plots.show(figure, alt="Two masks of nine tokens, rows look at columns. Left, GPT: ones on the "
                       "diagonal and below it, but none in the last column. Right, BERT: ones "
                       "everywhere but in the last column, the padding.")

# %% masks-caption [markdown]
r"""
**Figure.** 1 means: may look. Compare the rows of `[MASK]`. GPT's row ends at the hole itself.
BERT's row reaches *not boring*. Only the padding is hidden from everybody. (A real GPT never sees a
hole: it answers one row higher, at *is*.)

Why then does BERT not write? To write word by word, it would have to predict a word that is not
there yet; but it was trained with the words on the right in view. (One could hang a `[MASK]` on the
end again and again. But where one of its texts stopped at a hole, the answer was a full stop, never
the next word of a sentence that goes on; and as every state looks at every word, each new word
would need the whole computation anew.) It is a reader.
"""

# %% task [markdown]
r"""
## Reviews with a known verdict

The task of this lesson: *does the review call the work good?* The words to go by are few, mild ones
and strong ones. But almost every review holds praise **and** blame: of the work and of a part of
it, one's own opinion and another's, what was expected and what was found. Most also say *not*. What
counts is the verdict about the work, in the reviewer's own opinion.

The grammar knows the verdict, because it chose it before it wrote the sentence. And it lets no rule
about the place of the verdict win. Count how often the verdict is the *last* judgement in the
sentence.
"""

# %% task-last
opposed = [one for one in data.train if len({said.praises for said in one.judgements}) == 2]
last = sum(one.judgements[-1].about == "work" for one in opposed)
print(f"{len(opposed)} of {len(data.train)} reviews hold praise and blame;")
print(f"in {100 * last / len(opposed):.0f} % of these the verdict comes last")
print("praise and blame among all:", sorted(Counter(one.praise for one in data.train).items()))

# %% task-twins-why [markdown]
r"""
Some reviews have a twin: *the same words, in another order*. Look for two twins that contradict
each other.
"""

# %% task-twins
def twins_among(some: list[Review]) -> list[list[Review]]:
    """Reviews with the same words, of which one is praise and one is blame."""
    by_words: dict[tuple, list[Review]] = {}
    for one in some:
        by_words.setdefault(tuple(sorted(one.english)), []).append(one)
    return [alike for alike in by_words.values() if len({one.praise for one in alike}) == 2]


twins = twins_among(data.train)
print(len(twins), "times reviews with the same words have opposite verdicts, such as")
for one in twins[1]:
    said = "praise" if one.praise else "blame "
    print("   ", said, "|", " ".join(one.english), "".join(one.chinese))

# %% task-tests [markdown]
r"""
We keep two tests aside. In **unseen** are new reviews of the same kind. In **combinations** each
review has two words together that training never shows together (it shows both of them with
others): *not at all* with *clumsy*, say, or *witty* and *tedious* in one sentence. Whoever learns
sentences by heart fails here.

Words become numbers as in lesson 03. BERT has some **special tokens** that are no words: `<pad>` 0
fills up, `[CLS]` 1 begins each text, `[SEP]` 2 stands between two texts, `<unk>` 3 is for words
never met, and `[MASK]` 4 is the hole. What `[CLS]` and `[MASK]` are good for you will see when we
need them.
"""

# %% task-tokens
SPECIAL = ["<pad>", "[CLS]", "[SEP]", "<unk>", "[MASK]"]
PAD, CLS, MASK = 0, 1, 4
# with the words that the reviews of the last sections need
pieces = [*data.train, *reviews(300, 2_000, 0, forms="short").unlabelled, seed_review()]
WORDS = [*SPECIAL, *sorted({word for one in pieces for word in one.english})]
NUMBER = {word: number for number, word in enumerate(WORDS)}


def as_tokens(some: list[Review]) -> Tensor:
    """Reviews as rows of numbers, [CLS] in front, padded behind: (B, T)."""
    rows = [torch.tensor([CLS, *(NUMBER[word] for word in one.english)]) for one in some]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)


def as_labels(some: list[Review]) -> Tensor:
    """1 is praise, 0 is blame: (B,)."""
    return torch.tensor([int(one.praise) for one in some])


print(len(WORDS), "tokens;", as_tokens(twins[1])[0].tolist())

# %% bag [markdown]
r"""
## A bag of words

Before neural networks, one threw the words of a text into a bag: how often each word is in it, and
nothing else (Harris 1954 has the name). The order is lost. For many tasks that is enough: whether a
text is about football or about cooking, its words give away.
"""

# %% bag-exercise [markdown]
r"""
### Exercise: `bag_of_words`

Count the words of each text, so that a text of any length becomes one row of `vocab_size` numbers.

Row b, column v says how often word v stands in text b: twice is 2. Padding, token 0, is not
counted, so column 0 holds zeros. The numbers are float32, since they will be multiplied by weights.

Hint: By hand, with seven words in the vocabulary: the text (5, 6, 5, 0) becomes
(0, 0, 0, 0, 0, 2, 1).

Hint: Begin with zeros, one row for each text. Two loops, over texts and over their tokens, are a
right answer; so is one comparison of all tokens with all words at once.

Hint: `tokens[:, :, None] == torch.arange(vocab_size)` has shape (B, T, vocab_size). Summed over the
axis T, it gives the counts. Column 0 has counted the padding: set it to 0.

Help: I see `the output is int64 ... but float32 is asked for`
Sums of booleans are whole numbers: `.float()` makes them float32.
"""

# %% exercise points=1 difficulty=2 minutes=8
from course.max_entropy import bag_of_words

# %% check
check(bag_of_words)

# %% votes [markdown]
r"""
## Votes

Now each word in the bag votes for the classes. A table `weights` has a row for each word and a
column for each class; the score of a class is the sum of all votes, and a softmax makes
probabilities of the scores. That is the **maximum entropy** classifier (Berger et al. 1996), the
workhorse of the years before neural networks. The name says: among all ways to share out the
probabilities that fit the counts of the training texts, it takes the most undecided one (that of
highest *entropy*). For two classes you will also find it as *logistic regression*.
"""

# %% maxent-exercise [markdown]
r"""
### Exercise: `maximum_entropy`

Let the features vote, and turn the sums of their votes into logarithms of probabilities.

`features` (..., n_features) says how much of each feature there is, and `weights` (n_features,
n_classes) how it votes. Return $\ln p$ of each class: the sum of features times weights for that
class, minus $\ln Z$, where $Z$ is the sum of the exponentials over all classes. It must stay
finite however large the sums are.

Hint: By hand: two words, each there once, with the votes $(0, \ln 9)$ and $(\ln 3, 0)$. The sums
are $(\ln 3, \ln 9)$, $Z = 3 + 9 = 12$, and the probabilities are $1/4$ and $3/4$.

Hint: The sums are one matrix product, for any number of texts.

Hint: $\ln Z$ is what `logsumexp(dim=-1, keepdim=True)` of the sums gives: it takes the largest out
first, so that no exponential overflows.

Help: I see `contains NaN`, or `-inf`
$e^{1000}$ is more than a float can hold, and the logarithm of a probability that has become 0 is
$-\infty$. Do not take the softmax first and the logarithm after.
"""

# %% exercise points=1 difficulty=2 minutes=6
from course.max_entropy import maximum_entropy

# %% check
check(maximum_entropy)

# %% votes-predict [markdown]
r"""
Train it: the weights begin at 0, and the loss is the mean of $-\ln p$ of the right class.

**Predict.** What percentage of the reviews in **combinations** will it judge rightly? A coin gets
50.
"""

# %% votes-guess
guess = None  # your guess: a number from 0 to 100

# %% votes-train
tests = {"unseen": data.unseen, "combinations": data.combinations}
train_tokens, labels = as_tokens(data.train), as_labels(data.train)
bags = bag_of_words(train_tokens, len(WORDS))
weights = torch.zeros(len(WORDS), 2, requires_grad=True)
optimizer = torch.optim.AdamW([weights], lr=0.1)
for _ in range(80):
    loss = -maximum_entropy(bags, weights)[torch.arange(len(labels)), labels].mean()
    optimizer.zero_grad(), loss.backward(), optimizer.step()
bag_right = {}
for name, some in (tests | {"trained on": data.train}).items():
    said = maximum_entropy(bag_of_words(as_tokens(some), len(WORDS)), weights.detach())
    bag_right[name] = 100 * (said.argmax(dim=-1) == as_labels(some)).float().mean().item()
reveal(guess, round(bag_right["combinations"]))
print("right, in percent:", {name: round(value) for name, value in bag_right.items()})

# %% votes-meaning [markdown]
r"""
Little better than the coin, even on the reviews that it was trained on. There are two reasons.
Votes only add up: *not* has a vote of its own, but cannot turn round the vote of the word after
it. And even a cleverer reader of bags must fail on twins. They are *one* bag with two verdicts, so
one of the two must be wrong. (That *unseen* is judged better than the reviews it was trained on may
well be chance: with 500 reviews, two or three of a hundred more or less happen.)
"""

# %% votes-twins
for one in twins[1]:
    bag = bag_of_words(as_tokens([one]), len(WORDS))
    praise = maximum_entropy(bag, weights.detach())[0, 1].exp().item()
    print(f"{praise:.3f} praise:", " ".join(one.english))

# %% votes-note [markdown]
r"""
On real reviews a bag of words does far better. Pang et al. (2002) got about four of five film
reviews right with it, noting only whether a word is there: most people who hate a film use more bad
words than good ones. Our grammar takes this help away on purpose: it leaves only what order and
negation say.
"""

# %% holes [markdown]
r"""
## Holes in a text

Labels cost money: somebody must read each review and say what it is. Text is cheap. GPT made
questions of plain text by hiding what comes next. A reader of both sides cannot be asked that: it
would see the answer. So BERT hides words *inside* the text and asks for them. Devlin et al. (2019)
call it a **masked language model**; schoolbooks call it a cloze.

The special token `[MASK]` says "here was a word". The paper asks for 15 % of the words, and treats
them in three ways:

| of the words asked for | the model sees |
|---|---|
| 80 % | `[MASK]` |
| 10 % | another word, drawn at random |
| 10 % | the word itself |

Why not always `[MASK]`? Later, when the model judges reviews, there are no holes. A model that only
ever had to answer at `[MASK]` could leave all other places blank. With the 20 % it never knows
which of the words that it sees are asked for, nor which are wrong; so it must form an opinion about
every place. (The authors found that the exact shares matter little; section C.2 of their paper.)

**Predict.** A text has 100 words, none of them special. In how many places, on average,
does the model see something else than what stood there? (Of a word drawn at random assume that it
is never the same by chance.)
"""

# %% holes-guess
guess = None  # your guess: a number

# %% holes-reveal
reveal(guess, 100 * 0.15 * (0.8 + 0.1))

# %% mask-exercise [markdown]
r"""
### Exercise: `mask_tokens`

Make the holes in a text: the questions that a text without labels asks by itself.

Draw with `generator` and nothing else. Each word is asked for with probability `share`, whatever is
drawn for the words beside it and in the other rows. The tokens in `special` and `mask_token` itself
are never asked for. Of what is asked for, 80 % becomes `mask_token` in `inputs`; 10 % becomes a
word drawn evenly from all numbers below `vocab_size` that are neither special nor `mask_token`; 10
% stays as it is. Where nothing is asked, `inputs` holds what stood there. `answers` holds the word
that stood there before where something is asked, and 0 elsewhere. Leave `tokens` itself as it is. A
`share` of 0 or less, or above 1, raises a `ValueError`.

Hint: `torch.rand(tokens.shape, generator=generator) < share` is True with probability `share`, at
each place alone. `torch.isin(tokens, some)`, `some` a tensor, says where one of them stands.

Hint: A second draw decides what happens to each place that is asked for: below 0.8, from 0.8 to
0.9, above. The first draw cannot do it, since where something is asked it is always below `share`.

Hint: Other words: make a tensor `words` of all that may come (of `torch.arange(vocab_size)` those
that are neither special nor `mask_token`), draw places in it, one for each token, with
`torch.randint(len(words), tokens.shape, generator=generator)`, and take them only where they are
wanted: `torch.where(condition, one, other)`.

Help: I see `gives 'changed' as the tokens afterwards`
`inputs = tokens` is one tensor with two names. `torch.where` and `masked_fill` make a new one.

Help: I see `gives 'MASK in all of them' as the fates of the holes`
The check made holes in a text thirty times, and no word was ever another one or left as it was.
Look whether one draw decides both that a word is asked for and what becomes of it.
"""

# %% exercise points=3 difficulty=3 minutes=18
from course.bert import mask_tokens

# %% check
check(mask_tokens)

# %% holes-look tags=["nbval-ignore-output"] why="every right answer may draw other holes"
generator = torch.Generator().manual_seed(2)
tokens = as_tokens(data.train[:6])
inputs, answers = mask_tokens(tokens, len(WORDS), MASK, generator, special=range(4))
for row, asked in zip(inputs.tolist(), answers.tolist(), strict=True):
    print(" ".join(WORDS[token] for token in row if token != PAD))
    print("    asked:", {place: WORDS[token] for place, token in enumerate(asked) if token})

# %% holes-look-meaning [markdown]
r"""
Places are counted from `[CLS]`, 0. Where a word that is asked for still stands in its line, it is
one of the 10 % that stay. Where another word stands in its place, it is one of the 10 % that are
replaced. Commas and dots count as words. Of so short a text sometimes nothing is asked: with eight
words that happens in more than a quarter of all texts, $0.85^8 = 0.27$.
"""

# %% surprise [markdown]
r"""
## How surprised is it?

The model will give a score to each word at each place, as GPT does. Only the places that were asked
for count: at the others the answer stands in the input, and there is nothing to guess. (In the last
10 % it stands there too. But the model cannot know at which places this is so.)
"""

# %% masked-loss-exercise [markdown]
r"""
### Exercise: `masked_lm_loss`

Measure how surprised the model is by the words that it was asked for, and by no others.

`logits` (B, T, V) are its scores for each word at each place; `answers` (B, T) come from your
`mask_tokens`. Return the mean of $-\ln p$ of the right word over all places of the batch where
`answers` is not 0. If nothing is asked anywhere there is no mean: raise a `ValueError`.

Hint: By hand: four words that all have the logit 0, one question. Each word has $p = 1/4$, the
surprise is $\ln 4 = 1.386$.

Hint: It is the loss of lesson 02, which left padding out: `teacher_forcing_loss` of
`course.seq2seq` takes the same two tensors. What is new is the error.

Hint: Without it: `log_softmax` over V, `gather` the right words, sum where `answers != 0`, divide
by their number.

Help: I see `which it must refuse`
Where nothing is asked a mean is 0 / 0, and torch calls it NaN without any error. Look first, with
`(answers != 0).any()`.
"""

# %% exercise points=1 difficulty=2 minutes=6
from course.bert import masked_lm_loss

# %% check
check(masked_lm_loss)

# %% alone [markdown]
r"""
## The encoder alone

The model behind it is the encoder of lesson 07 with a new entrance. Each token has three vectors,
and they are added:

- its **word**'s row of a table. As in GPT, its rows are *not* multiplied by $\sqrt{d_{model}}$:
  that is `UnscaledEmbedding`. The norm behind the sum brings them to one size;
- its **position**'s row: learned positions (lesson 06), so that there is a longest text;
- its **segment**'s row: BERT can be given two texts at once, a question and a page, say. The first
  is segment 0, the second 1. The paper uses this in a second task of its pre-training: does the
  second text follow the first, or was it picked at random? The answer is read off `[CLS]`. Later
  work did without that task (Liu et al. 2019), and so do we: ours are always one text.

The layers are post-norm, as in 2017. `BertConfig` is given; its `encoder()` makes lesson 07's
`Encoder` with BERT's `eps` and GELU inside.
"""

# %% bert-exercise [markdown]
r"""
### Exercise: `BERT`

Build the reader that sees both sides: an encoder alone, which gives each token a state.

The docstring names the parts, `config` their sizes: `vocab_size`, `d_model`, `n_segments`,
`max_length` (the longest text), `eps`, `dropout`, `pad`, `pooler`. A token's three vectors are
added: its word's row, its segment's row, its position's row. Their sum goes through `norm`, then
through dropout, then through the encoder. Padding, `config.pad`, is never read; nothing else is
hidden. Where no `segments` are given all tokens are in segment 0. `pooler` is not used in
`forward`: it waits for the next exercise, and is `None` where `config.pooler` is False.

Hint: The constructor: `UnscaledEmbedding(config.vocab_size, config.d_model)` is the table of words,
another one with `config.n_segments` rows the table of segments. `LayerNorm` takes `config.eps` as
its second argument. `config.encoder()` makes the encoder.

Hint: A `LearnedPositions` adds its rows to what it is given, and refuses what is too long: give it
words plus segments.

Hint: `forward` ends with `self.encoder(x, mask)`; `padding_mask(tokens, config.pad)` of lesson 04
makes the mask, and `torch.zeros_like(tokens)` are segments of zeros.

Help: I see `the weights cannot be copied in`
A part has another name, another size, or is missing: words, segments, positions, norm, encoder,
pooler.

Help: I see `every word has a say in every state`
There is a causal mask. This model writes nothing, so it has nothing to hide but padding.
"""

# %% exercise points=4 difficulty=3 minutes=18
from course.bert import BERT

# %% check
check(BERT)

# %% alone-law [markdown]
r"""
Hold it to what this lesson began with. Change the *last* token of a text, the full stop: which
states change? In GPT only the last one would.
"""

# %% alone-both
torch.manual_seed(0)
small = BertConfig(d_model=64, n_heads=4, d_ff=128, n_layers=2, vocab_size=len(WORDS),
                   max_length=40)
reader = BERT(small).eval()
text = as_tokens([twins[1][0]])
changed_text = text.clone()
changed_text[0, -1] = NUMBER["boring"]
with torch.no_grad():
    moved = (reader(text) - reader(changed_text)).abs().amax(dim=-1)[0] > 1e-6
print(moved.int().tolist(), "1 = this state has changed")

# %% size [markdown]
r"""
### How large is BERT?

The paper has two: *base*, with 12 layers, 768 features and 12 heads, and *large*, with 24 layers,
1024 features and 16 heads; those that were published for texts without capital letters know 30,522
tokens, 512 positions, two segments. Numbers for its size are quoted that are far off. Count, with
your own class. On the device `meta` a tensor has a shape and no numbers (lesson 08).

**Predict.** How many million parameters does BERT-large have?
"""

# %% size-guess
guess = None  # your guess: a number

# %% size-count
sizes = {"base": (768, 12, 12), "large": (1024, 16, 24)}
counted = {}
for name, (d_model, n_heads, n_layers) in sizes.items():
    config = BertConfig(d_model=d_model, n_heads=n_heads, d_ff=4 * d_model, n_layers=n_layers,
                        vocab_size=30_522)
    with torch.device("meta"):
        parts = dict(BERT(config).named_children())
    counted[name] = {part: sum(p.numel() for p in layer.parameters()) / 1e6
                     for part, layer in parts.items()}
reveal(guess, round(sum(counted["large"].values()), 1))
for name, parts in counted.items():
    some = {part: round(parts[part], 1) for part in ("words", "positions", "encoder", "pooler")}
    print(f"{name}: {sum(parts.values()):.1f} million:", some)

# %% size-meaning [markdown]
r"""
The paper says 110 million and 340 million (Devlin et al. 2019, section 3). We count 109.5 and
335.1: tables, encoder and pooler. The paper does not say what else it counted or how it rounded.
The heads of the pre-training are not in our number. In any case it is a third of a billion, and
GPT-3 is hundreds of times as large (lesson 11).
"""

# %% answer [markdown]
r"""
## One answer for a whole text

BERT gives a state for each token. A review needs *one* answer. Which state should give it? The
paper's way: `[CLS]`, for *classification*, stands in front of each text. It is no word, it means
nothing by itself, and in every layer it may look at all words. So its state is free to become a
summary. The `pooler`, a linear layer with tanh, and a new linear layer, the `head`, make scores of
the classes from it. (This is a head of the whole model. It has nothing to do with the heads of
attention.)
"""

# %% classify-exercise [markdown]
r"""
### Exercise: `classify`

Give one answer for a whole text: read it off the state of its first token, `[CLS]`.

`states` (B, T, d_model) come from your `BERT`. The first state of each text goes through `pooler`,
then tanh, then `head`. Return logits (B, n_classes), without a softmax.

Hint: Which of the T states of each text belongs to `[CLS]`? What shape is left when you take it?

Hint: `states[:, 0]` has shape (B, d_model): of each text the first state.

Hint: `pooler` and `head` are layers that are given: call them. `torch.tanh` comes between.

Help: I see an output with an axis too many
Each text gets one answer, not each word.
"""

# %% exercise points=1 difficulty=1 minutes=4
from course.bert import classify

# %% check
check(classify)

# %% answer-model [markdown]
r"""
Put your parts together: a BERT, and an output layer for two classes.
"""

# %% answer-critic
class Critic(nn.Module):
    """Blame or praise: a BERT, and one answer from its [CLS]."""

    def __init__(self, bert: nn.Module) -> None:
        super().__init__()
        self.bert, self.output = bert, nn.Linear(bert.pooler.weight.shape[0], 2)

    def forward(self, tokens: Tensor) -> Tensor:
        """tokens (B, T) -> logits (B, 2)."""
        return classify(self.bert(tokens), self.bert.pooler, self.output)

# %% answer-train-why [markdown]
r"""
Training is as in lesson 09: Muon for the matrices, a learning rate that rises and falls. A batch
holds texts of one length, so that nothing is computed for padding. The same loop will serve for
both kinds of questions: `loss_of` gets the chosen rows and their tokens. `fresh` starts *your* BERT
with the weights that ours started with, so that its heads will be like those in this text.
"""

# %% answer-train
from collections.abc import Callable, Iterator


def equal_lengths(tokens: Tensor, n_rows: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """For ever: the numbers of n_rows texts of one length, and their tokens without padding."""
    generator, lengths = torch.Generator().manual_seed(seed), (tokens != PAD).sum(dim=1)
    while True:
        length = lengths[torch.randint(len(tokens), (1,), generator=generator)]
        group = (lengths == length).nonzero()[:, 0]
        rows = group[torch.randint(len(group), (n_rows,), generator=generator)]
        yield rows, tokens[rows, :length]

# %% answer-teach
from course.fused import fused
from course.muon import muon_and_adamw
from course.training import warmup_schedule


def teach(model: nn.Module, loss_of: Callable, tokens: Tensor, n_steps: int, n_rows: int = 64,
          rate: float = 6e-3, warm_up: int = 50, seed: int = 0) -> list[float]:
    """Train in place; loss_of(rows, tokens (n_rows, T)) -> one number. Returns all losses."""
    optimizer, losses = muon_and_adamw(fused(model), rate), []
    full, batches = [g["lr"] for g in optimizer.param_groups], equal_lengths(tokens, n_rows, seed)
    for step in range(1, n_steps + 1):
        for group, highest in zip(optimizer.param_groups, full, strict=True):
            group["lr"] = highest * warmup_schedule(step, n_steps, warm_up)
        loss = loss_of(*next(batches))
        optimizer.zero_grad(), loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step(), losses.append(loss.item())
    return losses

# %% answer-predict [markdown]
r"""
**Predict.** The bag of words got hardly more than half of **combinations** right. How many percent
will your encoder get right, of sentences with two words that it has never seen together? (The
training takes about a minute.)
"""

# %% answer-guess
guess = None  # your guess: a number from 0 to 100

# %% answer-run
def right(critic: nn.Module, some: list[Review]) -> float:
    """How many of the reviews it judges rightly, in percent."""
    with evaluating(critic):
        said = critic(as_tokens(some)).argmax(dim=-1)
    return 100 * (said == as_labels(some)).float().mean().item()


critic = Critic(fresh(BERT, small, seed=0))
losses = teach(critic, lambda rows, x: F.cross_entropy(critic(x), labels[rows]), train_tokens, 800)
encoder_right = {name: right(critic, some) for name, some in tests.items()}
reveal(guess, round(encoder_right["combinations"]))
print("at least 97 % right:", {name: value >= 97 for name, value in encoder_right.items()})

# %% answer-beside tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
for name in tests:
    print(f"{name:12} right, in percent: bag of words {bag_right[name]:.0f}, "
          f"encoder {encoder_right[name]:.0f}")

# %% answer-twins-why [markdown]
r"""
Twins again, this time from the two tests: it has seen none of these. We take two pairs of the form
*… not X, but Y* and two of other forms.
"""

# %% answer-twins tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
new_twins = twins_among([*data.unseen, *data.combinations])
with_but = [pair for pair in new_twins if "but" in pair[0].english]
others = [pair for pair in new_twins if pair not in with_but]
with evaluating(critic):
    for pair in [*with_but[:2], *others[:2]]:
        praise = critic(as_tokens(pair)).softmax(dim=-1)[:, 1]
        for one, p in zip(pair, praise.tolist(), strict=True):
            print(f"{p:.2f} praise:", " ".join(one.english))
told_apart = sum(right(critic, pair) == 100 for pair in new_twins)
print(f"told apart: {told_apart} of {len(new_twins)} pairs")

# %% answer-meaning [markdown]
r"""
The same words, and it tells them apart. Would a rule of thumb do? Whoever goes by the first word of
judgement gets the last two pairs right and the first two all wrong; whoever goes by the last word
of judgement, the other way round. And on all new reviews?
"""

# %% answer-rules
for name, place in (("first", 0), ("last", -1)):
    fits = [(one.judgements[place].adjective in GOOD) == one.praise for one in data.unseen]
    print(f"by the {name} word of judgement: {100 * sum(fits) / len(fits):.0f} % of unseen right")

# %% answer-rules-meaning [markdown]
r"""
No better than a coin: *not* turns such a word round, or it is said of a part, or by somebody else
(*my sister says ...*). The encoder judges nearly all of the same reviews rightly. So it uses more
than the words and more than the first or last judgement. On sentences of this grammar it acts as if
it put together *which word is negated* and *what is judged*; how it does so, this does not show.
"""

# %% answer-chinese [markdown]
r"""
The same reviews exist in Chinese, one token a character. In *Try this* you train the same class on
those.
"""

# %% disputed [markdown]
r"""
## Not bad, but not particularly good

Here is a review that the grammar gives no label: praise and blame of the *same* work.

*The film is not bad, but not particularly good.*
这部电影不坏，但也不算特别好。
(*zhè bù diànyǐng bú huài, dàn yě bú suàn tèbié hǎo*)

**Predict.** What do *you* say, mildly positive or mildly negative? Ask somebody else, too. We have
the sentence from readers of a Chinese lecture. One of them calls it slightly negative, since what
follows *but* weighs more, and adds that even people need not understand it rightly. Another says:
slightly negative, but in the main neutral. There is no right answer to reveal.
"""

# %% disputed-guess
yours = None  # "praise" or "blame", and no check will ask for it

# %% disputed-run tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
with evaluating(critic):
    print("your verdict:", yours)
    said = critic(as_tokens([seed_review()])).softmax(dim=-1)[0, 1].item()
    print(f"its verdict: {said:.3f} praise")
    undecided = critic(as_tokens(data.disputed)).softmax(dim=-1)[:, 1]

# %% disputed-many [markdown]
r"""
One sentence is an anecdote. The grammar writes 500 such reviews, each with praise and blame of one
work joined by *but*; training had none of them. How sure is the model, and which half does it go
by?
"""

# %% disputed-count tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
ends_in_praise = torch.tensor([one.judgements[1].praises for one in data.disputed])
by_the_end = (undecided > 0.5) == ends_in_praise
sure = (undecided - 0.5).abs() > 0.45
print(f"sides with what comes last: {100 * by_the_end.float().mean():.0f} %")
print(f"more than 95 % sure: {100 * sure.float().mean():.0f} % of these reviews")

# %% disputed-meaning [markdown]
r"""
It was never taught what such a sentence means, and yet it is mostly sure. Nor has it the rule "what
follows *but* weighs more": it sides with the last half in fewer than half of the cases. Where may
that come from? Over all reviews the verdict comes last as often as first. But those that begin like
these, *the film is …, but …*, and hold praise and blame, go on about a part of the film (*but the
plot is silly*), and there the verdict always comes first. So it may carry over a habit of our
grammar: do not read a judgement about language into it. (With another seed its answer to our
sentence can be the opposite: *Try this*.)
"""

# %% heads [markdown]
r"""
## What do its heads look at?

You will read: "one head looks from *good* to *not*, so it understands negation". Let us measure. In
which head does a word of judgement look at the *not* right before it? A share alone says little:
some heads look at the word before, whatever it is (lesson 06). So we need a **baseline**: the same
head, the same place, another word. *Really* and *particularly* stand there too.
"""

# %% heads-catch-why [markdown]
r"""
The cell hangs a hook (lesson 08) on the attention of each layer, keeps what it was given, and
computes the weights from it once more.
"""

# %% heads-catch
def attention_of(critic: nn.Module, tokens: Tensor) -> Tensor:
    """The weights of all layers and heads: (layers, B, H, T, T)."""
    caught = []

    def catch(layer: nn.Module, args: tuple, named: dict, output: Tensor) -> None:
        asked = dict(zip(("query", "key", "value", "mask"), args, strict=False)) | named
        caught.append(layer.weights(asked["query"], asked["key"], asked.get("mask")))

    handles = [layer.attention.register_forward_hook(catch, with_kwargs=True)
               for layer in critic.bert.encoder.layers]
    with evaluating(critic):
        critic(tokens)
    for handle in handles:
        handle.remove()
    return torch.stack(caught)

# %% heads-places-why [markdown]
r"""
All reviews of *unseen*, and all places in them where a word of judgement has one of these words
right before it. (*Not particularly* is left out: it negates.) The average over the places, for each
head of both layers:
"""

# %% heads-measure
tokens = as_tokens(data.unseen)
looks = attention_of(critic, tokens)  # (layers, B, H, T, T)
judging = torch.isin(tokens, torch.tensor([NUMBER[word] for word in GOOD | BAD]))
shares = {}
for before in (["not"], ["really", "particularly"]):
    found = torch.isin(tokens, torch.tensor([NUMBER[word] for word in before]))
    pairs = judging[:, 1:] & found[:, :-1]  # place t: the word before, at t + 1 the judging word
    pairs[:, 1:] &= tokens[:, :-2] != NUMBER["not"]
    rows, places = pairs.nonzero(as_tuple=True)
    weights_there = looks[:, rows, :, places + 1, places]  # (pairs, layers, H)
    shares["to " + " or ".join(before)] = weights_there.mean(dim=0).flatten()

# %% heads-picture tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
names = [f"layer {layer} head {head}" for layer in range(2) for head in range(4)]
table = torch.stack([*shares.values()])  # (2, layers * H)
figure = plots.heatmap(table, [*shares], names, "attention of a judging word to the word before it")
plots.show(figure, alt="Two rows of eight tiles, one for each head: how much attention a word of "
                       "judgement gives to not right before it, and how much to really or "
                       "particularly right before it.")

# %% heads-caption [markdown]
r"""
**Figure.** Compare the two rows. Layer 0 head 1 looks at *really* far more than at *not*: it is not
after negation. Others look at *not* more than at the other word in the same place, most clearly
heads 0 and 2 of layer 0 and head 3 of layer 1; they are candidates. Without the baseline nobody
could say so. (Clark et al. 2019 measured the heads of the real BERT against such baselines.)

Even the head that looks at *not* most gives it only about an eighth of its attention. (Who looks at
all tokens alike, in a text of a dozen, gives each of them 0.08.) A small share proves nothing: a
small weight can carry a large value, and what *not* has to say may travel by other places, for its
own state may look at the word after it, too.
"""

# %% cut [markdown]
r"""
### Cut it out

A head that looks at *not* need not be the one that matters. Attention says what is read, not what
is done with it; whether it explains anything has been disputed ever since Jain and Wallace (2019)
said no and Wiegreffe and Pinter (2019) said that it depends on what one calls an explanation. There
is a harder test, that of Michel et al. (2019): take the head away, and see what the model can no
longer do. A head's share in the output is a block of rows of $W^O$: in torch's `w_o.weight`, a
slice of columns (lesson 05). Zeros there, and it is silent.

**Predict.** You silence one head of the eight, each in turn. Is the head that looks most at *not*
also the one whose silence loses more *negated* reviews, those with a *not* in their verdict, than
any other's?
"""

# %% cut-guess
guess = None  # your guess: "yes" or "no"

# %% cut-function
from contextlib import contextmanager


@contextmanager
def without_head(critic: nn.Module, layer: int, head: int) -> Iterator[None]:
    """Inside, this head says nothing."""
    w_o = critic.bert.encoder.layers[layer].attention.w_o.weight
    kept, size = w_o.detach().clone(), w_o.shape[1] // 4
    with torch.no_grad():
        w_o[:, head * size : (head + 1) * size] = 0
        try:
            yield
        finally:
            w_o.copy_(kept)

# %% cut-run tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
def negated(one: Review) -> bool:
    return any(said.about == "work" and said.negation for said in one.judgements)


groups = {"negated": [one for one in data.unseen if negated(one)],
          "not negated": [one for one in data.unseen if not negated(one)]}
whole = {kind: round(right(critic, some)) for kind, some in groups.items()}
left = {kind: [] for kind in groups}
for number in range(8):
    with without_head(critic, number // 4, number % 4):
        for kind, some in groups.items():
            left[kind].append(right(critic, some))
to_not = shares["to not"]
looks_most, matters_most = to_not.argmax().item(), left["negated"].index(min(left["negated"]))
reveal(guess, "yes" if looks_most == matters_most else "no")
print("looks most at not:", names[looks_most], "| matters most:", names[matters_most])
print("right with all heads, in percent:", whole)

# %% cut-picture tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
rows = [[whole[kind], *left[kind]] for kind in groups] + [[torch.nan, *(100 * to_not).tolist()]]
figure = plots.heatmap(rows, ["right, negated", "right, not negated", "it looks at not"],
                       ["none", *names], "in percent, one head silent", decimals=0, high=100)
plots.show(figure, alt="Three rows of nine tiles. First for no head, then for each head: how many "
                       "percent of the negated reviews and of the others are still right when "
                       "it is silent, and how much it looks at not.")

# %% cut-caption [markdown]
r"""
**Figure.** The two upper rows say what is still right, the last row is the one you have seen, in
percent. The head that looks most at *not*, layer 0 head 0, can be silenced with little loss:
compare the first column, where no head is silent. Head 3 of layer 1, also a candidate, matters
most, and negated reviews suffer from its silence more than the others. But the others suffer, too:
it is no mere "negation head". (The third candidate, head 2 of layer 0, comes second. Head 2 of
layer 1, no candidate, does something else: its silence harms the reviews whose verdict has no *not*
more.) Attention alone could not tell them apart. That many heads can be cut without loss, Michel et
al. (2019) found of large models.
"""

# %% few [markdown]
r"""
## Read much, then learn from few

So far 12,000 reviews had labels. Who has them? BERT's recipe has two stages. **Pre-training**: fill
holes in very much text that nobody has labelled. **Fine-tuning**: go on training *the same
weights*, with a new output layer, on the few texts that have labels. Whatever the first stage has
found out about the words need not be learned again.

What text shall it read? The course's translation corpus comes to mind. Would it help?
"""

# %% few-corpus
english = [pair.english for pair in corpus.sample(5_000, seed=0)]
there = {word for words in english for word in words}
print("words of judgement in it:", sorted(there & {*GOOD, *BAD}))

# %% few-text [markdown]
r"""
Hardly: of most of our words it would learn nothing. We take reviews without labels. To keep the
time short, they are *short reviews*: one clause, or one word corrected by another (*not dull, but
witty*); in return they have twice as many mild words of judgement. Each has a second sentence,
which says what the reviewer felt or did. The labelled reviews have none, so that no such word can
give the verdict away to the bag or to the encoder.
"""

# %% few-data
short = reviews(n_train=300, n_unlabelled=2_000, n_test=150, seed=0, forms="short")
for one in short.unlabelled[:4]:
    print(" ".join(one.english))
print("\nwith a label:")
for one in short.train[:3]:
    print("praise" if one.praise else "blame ", "|", " ".join(one.english))

# %% few-why [markdown]
r"""
Nobody tells the model that *I enjoyed it* belongs to praise. But to fill a hole there, it must find
out which words go together, and that *not* turns them round. `MaskedLanguageModel` (given) puts an
output on your BERT: a linear layer with GELU, a norm, and then the table of words once more
(*tied*, lesson 08), which gives each word a score at each place. After pre-training this output is
thrown away; your BERT, `model.bert`, is kept. Pre-train: 1000 steps of 64 texts, with your
`mask_tokens` and your loss. The special tokens are never asked for. (Who gives all 87 tokens the
same p is surprised by $\ln 87 = 4.47$. The training takes half a minute.)
"""

# %% few-pretrain tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
tiny = BertConfig(d_model=32, n_heads=4, d_ff=64, n_layers=2, vocab_size=len(WORDS),
                  max_length=40)
model = MaskedLanguageModel(fresh(BERT, tiny, seed=2), tiny)
holes = torch.Generator().manual_seed(2)


def surprise(rows: Tensor, tokens: Tensor) -> Tensor:
    inputs, answers = mask_tokens(tokens, len(WORDS), MASK, holes, special=range(4))
    return masked_lm_loss(model(inputs), answers)


losses = teach(model, surprise, as_tokens(short.unlabelled), 1000, warm_up=100)
early, late = sum(losses[:50]) / 50, sum(losses[-50:]) / 50
print(f"surprise: first 50 steps {early:.2f}, last 50 steps {late:.2f}")

# %% few-fill-why [markdown]
r"""
Let it fill holes in sentences of our own. What stands on the other side of the hole decides.
"""

# %% few-fill tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
def fill(text: str, k: int = 4) -> str:
    """The likeliest words for the [MASK] of a text, with their probabilities."""
    tokens = torch.tensor([[CLS, *(NUMBER[word] for word in text.split())]])
    with evaluating(model):
        p = model(tokens)[0, tokens[0].tolist().index(MASK)].softmax(dim=-1)
    return ", ".join(f"{WORDS[i]} {p[i]:.2f}" for i in p.topk(k).indices.tolist())


for text in ("the film is [MASK] , not boring .", "the film is [MASK] , not witty .",
             "the play is not boring . I [MASK] it .", "the play is boring . I [MASK] it ."):
    print(f"{text:42} {fill(text)}")

# %% few-fill-meaning [markdown]
r"""
It has never seen a label. In the gap before *, not boring* its four likeliest words are all good
ones, before *, not witty* all bad ones. (Which word of a kind it was, nobody could know.) In the
third sentence it leans to the right side, but only by some two to one: *not* turns the balance
round. It is far from sure, and no surer in the fourth, in which no *not* stands.
"""

# %% few-predict [markdown]
r"""
Now fine-tune with 30, 100 and 300 labelled reviews. The opponent is the same model **from
scratch**: same class, same labelled reviews, only that its weights begin at random. Because it has
to begin with nothing it gets twice as many steps with them: 200 of 32 rows, the pre-trained one
100. Each three times, with another new output layer and in another order, and, where there are more
to choose from, with other reviews; for comparison the bag of words.

**Predict.** With 100 labels, how many percent will the model from scratch get right? And with how
many labels (30, 100 or 300) is the pre-trained model at least as good as that? (It takes about a
minute.)
"""

# %% few-guess
guess = None  # your guess: (percent, 30 or 100 or 300)

# %% few-tune
import copy

short_tokens, short_labels = as_tokens(short.train), as_labels(short.train)
short_tests = [*short.unseen, *short.combinations]


def fine_tuned(bert: nn.Module, n: int, seed: int, n_steps: int) -> Critic:
    """A critic taught from n labelled reviews; its BERT begins as a copy of the given one."""
    torch.manual_seed(seed)
    some = torch.randperm(len(short_labels))[:n]
    critic = Critic(copy.deepcopy(bert))
    teach(critic, lambda rows, x: F.cross_entropy(critic(x), short_labels[some[rows]]),
          short_tokens[some], n_steps, n_rows=32, warm_up=10, seed=seed)
    return critic

# %% few-bag
def bag_taught(n: int, seed: int) -> float:
    """The opponent without order: right, in percent, after the same n labelled reviews."""
    torch.manual_seed(seed)
    some = torch.randperm(len(short_labels))[:n]
    bags = bag_of_words(short_tokens[some], len(WORDS))
    weights = torch.zeros(len(WORDS), 2, requires_grad=True)
    optimizer = torch.optim.AdamW([weights], lr=0.1)
    for _ in range(100):
        said = maximum_entropy(bags, weights)[torch.arange(n), short_labels[some]]
        optimizer.zero_grad(), (-said.mean()).backward(), optimizer.step()
    tested = bag_of_words(as_tokens(short_tests), len(WORDS))
    said = maximum_entropy(tested, weights.detach()).argmax(dim=-1)
    return 100 * (said == as_labels(short_tests)).float().mean().item()

# %% few-run
amounts, seeds = [30, 100, 300], range(3)
results = {"pre-trained": {}, "from scratch": {}, "bag of words": {}}
for n in amounts:
    tuned = [fine_tuned(model.bert, n, seed, 100) for seed in seeds]
    untaught = [fresh(BERT, tiny, 100 + seed) for seed in seeds]
    results["pre-trained"][n] = [right(one, short_tests) for one in tuned]
    results["from scratch"][n] = [
        right(fine_tuned(untaught[seed], n, seed, 200), short_tests) for seed in seeds]
    results["bag of words"][n] = [bag_taught(n, seed) for seed in seeds]

# %% few-reveal tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
means = {name: [sum(by[n]) / 3 for n in amounts] for name, by in results.items()}
scratch = means["from scratch"][1]
enough = next(n for n, mean in zip(amounts, means["pre-trained"], strict=True) if mean >= scratch)
reveal(guess, (round(scratch), enough))
for name, row in means.items():
    print(f"{name:13}", {n: round(mean) for n, mean in zip(amounts, row, strict=True)})

# %% few-picture tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
figure, (axis,) = plots.canvas(6.4, 3.8)
plots.lines(amounts, means, "labelled reviews (log scale)", "right, percent", axis=axis, log_x=True)
axis.set_xticks(amounts, [str(n) for n in amounts])
axis.minorticks_off()
for colour, by in zip(plots.COLOURS, results.values(), strict=False):
    low, high = ([pick(by[n]) for n in amounts] for pick in (min, max))
    axis.fill_between(amounts, low, high, color=colour, alpha=0.2, linewidth=0)
plots.show(figure, alt="Share of reviews judged rightly against the number of labelled reviews, "
                       "30 to 300, three curves, each with a band from the worst to the best of "
                       "three runs. The pre-trained model is above the other two.")

# %% few-caption [markdown]
r"""
**Figure.** The lines are means of three runs, the bands reach from the worst to the best. With 30
labels the pre-trained model judges better than the other one with 100. Thirty reviews do not even
hold all words of judgement; whoever has read knows which words go together. With 300 labels the gap
becomes smaller, and the bands overlap. The bag of words stays a coin. Some reviews have their twin;
in the others each word of judgement stands in praise about as often as in blame, because it is
often negated; and as votes only add up, *not* cannot turn one round.

Be fair about the price. The pre-trained model had 1000 steps before, on texts without labels. It is
not the computing that becomes cheap, it is the labels; and the reading is done once, for all tasks
that come after. And our text is kind: its second sentence always fits the verdict, which nobody's
plain text does (*Try this* takes it away). What if the other one trains longer? When this lesson
was made, more than three times as many steps brought it nearly level with 300 labels, and hardly
any further with 30 and with 100: what it lacks there is labels, not steps. (Try it at the end.)
"""

# %% few-again [markdown]
r"""
### The disputed review, once more

These short reviews never join two opposed judgements. What do the three pre-trained models with 300
labels make of *not bad, but not particularly good*? (`tuned` holds those of the last round, 300.)
"""

# %% few-disputed tags=["nbval-ignore-output"] why="training: the last digits differ between machines"
for seed, one in zip(seeds, tuned, strict=True):
    with evaluating(one):
        p = one(as_tokens([seed_review()])).softmax(dim=-1)[0, 1].item()
    print(f"model {seed}: {p:.3f} praise")

# %% few-disputed-meaning [markdown]
r"""
One pre-training, the same labelled reviews in three orders, three new output layers, and they do
not agree with each other. A person can say that it is a close call; none of these does.
"""

# %% load [markdown]
r"""
## Weights that others trained

The BERT that the world uses was trained on 3300 million words (Devlin et al. 2019, section 3.1).
Its weights lie in files with Hugging Face's names. `load_bert` puts them into *your* class. So that
nothing has to be downloaded, we make a file of the same kind, small and with random numbers. (No
exercise follows: who is tired goes on to *GPT and BERT side by side*.)
"""

# %% load-state
from course.pretrained import load_bert

settings = {"model_type": "bert", "hidden_size": 24, "num_attention_heads": 3,
            "intermediate_size": 40, "num_hidden_layers": 2, "vocab_size": 50,
            "max_position_embeddings": 16, "type_vocab_size": 2, "hidden_act": "gelu",
            "layer_norm_eps": 1e-12, "pad_token_id": 0, "hidden_dropout_prob": 0.1}
linear = {"attention.self.query": (24, 24), "attention.self.key": (24, 24),
          "attention.self.value": (24, 24), "attention.output.dense": (24, 24),
          "intermediate.dense": (40, 24), "output.dense": (24, 40)}
shapes = {f"embeddings.{name}_embeddings": (rows, 24)
          for name, rows in (("word", 50), ("position", 16), ("token_type", 2))}
shapes |= {"embeddings.LayerNorm": (24,), "pooler.dense": (24, 24)}
for i in range(2):
    parts = linear | {"attention.output.LayerNorm": (24,), "output.LayerNorm": (24,)}
    shapes |= {f"encoder.layer.{i}.{name}": shape for name, shape in parts.items()}

# %% load-file
generator, state = torch.Generator().manual_seed(0), {}
for name, shape in shapes.items():
    state[f"{name}.weight"] = 0.3 * torch.randn(shape, generator=generator)
    if not name.endswith("_embeddings"):
        state[f"{name}.bias"] = 0.3 * torch.randn(shape[:1], generator=generator)
mine = load_bert(state, settings, build=BERT)
print(len(state), "tensors; the model is of your class:", type(mine) is BERT)

# %% load-torch-why [markdown]
r"""
And is it right? We need somebody else's BERT, made from the same numbers. torch has a whole encoder
layer; its parts get the tensors by their names in the file, with none of your code between. (The
tests of the course compare with the library *transformers* itself.)
"""

# %% load-torch
def torch_layer(at: str) -> nn.Module:
    """torch's own post-norm layer, filled from the file."""
    layer = nn.TransformerEncoderLayer(24, 3, 40, dropout=0.0, activation="gelu", batch_first=True,
                                       layer_norm_eps=1e-12).eval()
    take, attention = {}, [f"attention.self.{name}" for name in ("query", "key", "value")]
    for kind in ("weight", "bias"):
        take[f"self_attn.in_proj_{kind}"] = torch.cat(
            [state[f"{at}.{name}.{kind}"] for name in attention])
        for ours, theirs in (("self_attn.out_proj", "attention.output.dense"),
                             ("linear1", "intermediate.dense"), ("linear2", "output.dense"),
                             ("norm1", "attention.output.LayerNorm"),
                             ("norm2", "output.LayerNorm")):
            take[f"{ours}.{kind}"] = state[f"{at}.{theirs}.{kind}"]
    layer.load_state_dict(take)
    return layer

# %% load-parity
tokens = torch.randint(1, 50, (4, 12), generator=torch.Generator().manual_seed(1))
tokens[0, 9:] = 0  # padding
segments = torch.arange(12).ge(5).long().expand(4, -1)
tables = [state[f"embeddings.{name}_embeddings.weight"] for name in ("word", "token_type")]
with torch.no_grad():
    x = tables[0][tokens] + tables[1][segments]
    x = x + state["embeddings.position_embeddings.weight"][:12]
    norm = (state[f"embeddings.LayerNorm.{kind}"] for kind in ("weight", "bias"))
    x = F.layer_norm(x, (24,), *norm, eps=1e-12)
    for i in range(2):
        x = torch_layer(f"encoder.layer.{i}")(x, src_key_padding_mask=tokens == 0)
    apart = ((mine(tokens, segments) - x)[tokens != 0]).abs().max().item()
print(f"states of size {x.abs().mean():.1f}; at most 1e-5 apart from torch's:", apart < 1e-5)

# %% load-own [markdown]
r"""
If you want to meet the real one, download the folder `bert-base-uncased` of Hugging Face by hand
(the files `config.json`, `model.safetensors` and `vocab.txt`; 440 megabytes), and ask it in a
terminal:

```
python -m course pretrained PATH/bert-base-uncased "The film was not [MASK], but I liked it."
```

It prints the likeliest words for the hole. The tokenizer, WordPiece, cuts words into pieces as byte
pairs do in lesson 09; the course brings it along.
"""

# %% beside [markdown]
r"""
## GPT and BERT side by side

| | GPT (lesson 11) | BERT |
|---|---|---|
| which half | the decoder, without cross-attention | the encoder |
| a token may look at | itself and what is before it | all that is not padding |
| asked in pre-training | the next word, everywhere | hidden words, some 15 %; in the paper also: does text 2 follow text 1? |
| what it gives | a score for each next word | a state for each token, one of them for the text |
| what for | writing, and whatever can be put as writing | judging, tagging, searching: where the whole text is there |
| norm | pre-norm (GPT-2) | post-norm |

BERT learns from 15 % of the places of a text, GPT from all of them. In return BERT's states know
both sides. The large models since 2020 are of GPT's kind, for one that writes can be asked for
anything (lesson 13 goes on with them); where texts are searched or sorted by the million, BERT's
kind is still at work.
"""

# %% remember [markdown]
r"""
## What to remember

- An autoregressive model sees what stands before; BERT sees both sides. The causal mask makes the
  difference: GPT has it, BERT has not. (*Masked* language models are named after their holes.)
- Holes make questions out of plain text: 15 % asked, of these 80 % hidden, 10 % replaced, 10 %
  kept, so that the model must have an opinion about every place.
- A bag of words cannot tell twins apart: the order is gone, and with it which word a *not* belongs
  to.
- Pre-train, then fine-tune: what the first stage has learned from text without labels need not be
  paid for with labels.
- BERT-large has a third of a billion parameters. Count before you quote.
- Attention shows what is read, not what is done with it. Take the head away and measure.
- Where people hesitate, a model still gives an answer, and often a sure one. Sureness is not
  knowledge.

Next: what has changed since 2017, and what came before (lesson 13).
"""

# %% try [markdown]
r"""
## Try this

- Train `Critic` on Chinese: let `as_tokens` read `one.chinese`, and make `WORDS` of all characters.
  Is it as good without any blanks between the words?
- Deal the second sentences of `short.unlabelled` out at random (shuffle them among the reviews),
  and pre-train again. What is left of the gain, and where did it come from?
- Train the `Critic` of *One answer for a whole text* with 700 steps, or with another seed, and ask
  it again about *not bad, but not particularly good*. Does the verdict turn round?
- Give the model from scratch 300 or 700 steps in *Read much, then learn from few*. At which numbers
  of labels does the gain remain?
- Always put `[MASK]`, never another word or the word itself: change it in your `mask_tokens`, and
  pre-train again. Do the fine-tuned models get worse?
- Put a causal mask into your `BERT` and train the `Critic` again. `[CLS]` stands in front: what
  does it see now? What if you read the answer off the last token instead?
"""
