# %% question [markdown]
r"""
# 13 · Since 2017

**What came before the Transformer, what has changed in it since, and what of all this made the
difference?** In this last lesson the history runs as code, on one task. Then you rebuild the model
of 2017 into one of today, and load weights as they are published.

| | |
|---|---|
| **At its end you have built** | the best path through a hidden Markov model, a conditional random field, a convolution that reads text; then the norm, the gate and the shared heads of Llama, the whole Llama, and the order of its published weights; you have run seventy years of systems on one task and seen when the newest is not the best |
| **Time** | about 4 hours 15 minutes; after *Who has to wait, and who not* is a good place to pause |
| **It needs** | n-grams and recurrent networks (lesson 01), word vectors (03), rotary positions (06), the encoder (07), the Transformer (08), the KV cache (10), GPT (11), pre-training and maximum entropy (12) |
"""

# %% setup
import math
import time
from collections.abc import Callable
from functools import partial
from statistics import mean

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course import plots
from course.checks import check, reveal
from course.corpus import ambiguous, heard, heard_splits, sample, with_tags

torch.manual_seed(0)
torch.set_num_threads(1)  # small matrices: a second thread would cost more than it brings

# %% map-caption [markdown]
r"""
**Figure.** Where you are. Every part of the map is built but one: Llama. This lesson first goes
back to what came before the map, and then builds it.
"""

# %% map
plots.show_map("13")

# %% history [markdown]
r"""
## The strip of time, as code

In lesson 00 you saw this strip. Much of it you have built since. Two systems on it are left for you
to build (the rules, grey, are given): the hidden Markov model and the conditional random field. A
third is not on the strip and belongs to it: the network of filters.
"""

# %% history-strip
plots.show(plots.timeline(),
           alt="The strip of time of lesson 00: n-grams 1948, rules 1954, hidden Markov models "
               "1976, RNN 1990, maximum entropy 1996, LSTM 1997, CRF 2001, word vectors 2013, "
               "encoder and decoder 2014, attention 2015, Transformer 2017, GPT and BERT 2018. "
               "Below or above most of them stands the lesson that builds it.")

# %% history-caption [markdown]
r"""
**Figure.** The same strip, with the lessons in which each system is built. The sources of all the
years stand in lesson 00. (The years stand in their order, not to scale.) Two dates are still
missing from it: GPT-3 in 2020 (Brown et al. 2020) and Llama in 2023 (Touvron et al. 2023).

One often hears this history as a row of victories: each system beats the one before. Is it so? To
find out, all of them get **one task** and the same sentences.
"""

# %% task [markdown]
r"""
## One task for all of them

The task is an old one: name the **part of speech** of each word. Is it a noun, a verb, a pronoun?
The grammar behind our German sentences knows the answers, so nobody had to label anything by hand.
The names of the tags are those of the project Universal Dependencies.

As German is written, this is too easy: nouns begin with a capital letter, and commas show where a
clause begins. So we take the sentences **as they are heard**: no capitals, no commas. And we give
only a hundred of them, as somebody has who labels by hand.
"""

# %% task-data
data = heard_splits(n_labelled=100, n_more=1000, n_test=400, n_plain=4000, seed=17)
print({name: len(part) for name, part in data._asdict().items()})
for words, tags in data.labelled[2:5]:
    print(" ".join(f"{word}/{name}" for word, name in zip(words, tags, strict=True)))

# %% task-rules [markdown]
r"""
*labelled* is what a system may learn from. *development* is there to choose by: how many neighbours
a system looks at, how long it trains. *test* stays closed until nothing is chosen any more. (The
settings of this lesson, such as rates and numbers of steps, were chosen in the same way, on other
sentences of the grammar.) *more* and *plain* come later.

The twelve tags: NOUN, VERB, ADJ (adjective: *young*), ADV (adverb: *tomorrow*), DET (determiner:
*the*), PRON (pronoun: *it*), NUM (number word: *two*), ADP (preposition: *in*), AUX (helping verb:
*has*, *will*), PART (*not*, and *to* before a verb), CCONJ (*and*), SCONJ (*that*, *because*).

Two things make the task hard: words that were never labelled, and words with several tags.
"""

# %% task-predict [markdown]
r"""
**Predict.** The hundred sentences show some three hundred different words of a language that uses
about six hundred. Of the words in a new text, what percentage did they not show: about 3, 15 or 40?
"""

# %% task-guess
guess = None  # your guess: 3, 15 or 40

# %% task-reveal
known = {word for words, _ in data.labelled for word in words}
new_text = [word for words, _ in data.development for word in words]
unknown_share = sum(word not in known for word in new_text) / len(new_text)
reveal(guess, min((3, 15, 40), key=lambda percent: abs(percent - 100 * unknown_share)))
print(f"{len(known)} words were shown; {100 * unknown_share:.0f} % of a new text is not among them")
several = ambiguous(data.development)
for word in ("die", "morgen", "junge", "zu"):
    print(f"{word:8}", dict(several[word]))

# %% task-meaning [markdown]
r"""
Frequent words were shown, rare ones not: that is why it is not half of the text. And the second
difficulty: *die* is "the" (DET) or "who" (PRON), *morgen* is "tomorrow" (ADV) or "morning" (NOUN),
*junge* is "young" (ADJ) or "boy" (NOUN), *zu* may be three things. Only the neighbours tell which.

Here is how all systems are judged: the share of words that get their right tag.
"""

# %% judged
from course.taggers import FeatureTable, tag, tagged_batches, tagging_accuracy, train_tagger


def share_right(name_all: Callable, part: list = data.development) -> float:
    """name_all: sentences -> a list of tags for each; the percentage that is right."""
    return 100 * tagging_accuracy(name_all(part), part)


scores = {}  # what each system reaches on the development sentences

# %% rules-why [markdown]
r"""
## Rules

The first systems for translating were rules that a linguist wrote (Hutchins 2004 tells how the
first translator of 1954 had six of them). Here are some for our task, written in five minutes:
small words are listed, endings tell the rest.
"""

# %% rules
lists = {
    "DET": "der die das den dem des ein eine einen einem einer kein keine mein dein",
    "PRON": "ich du er sie es wir ihr mich dich ihn uns mir dir ihm ihnen wer was",
    "AUX": "ist sind war waren hat haben wird werden kann können will wollte muss musste",
    "ADP": "in an auf mit zum zur im am bei von für über durch unter neben vor hinter",
    "SCONJ": "dass weil wenn ob obwohl", "CCONJ": "und aber",
    "ADV": "nie oft immer sehr gestern heute morgen jetzt gern zu so",
}
listed = {word: name for name, words in lists.items() for word in words.split()}

# %% rules-run
def by_rules(sentences: list) -> list[list[str]]:
    """Look the word up; else it is a verb if it ends in t or en, an adjective in e, or a noun."""
    endings = {"t": "VERB", "en": "VERB", "e": "ADJ", "": "NOUN"}
    return [
        [listed.get(word) or next(endings[end] for end in endings if word.endswith(end))
         for word in words]
        for words, _ in sentences
    ]


scores["rules"] = share_right(by_rules)
print(f"rules: {scores['rules']:.1f} %")

# %% rules-meaning [markdown]
r"""
Not bad for five minutes and no example at all. Each further rule helps some words and harms others,
and no rule knows when it should give way to its neighbour. That is where rules end, and where
counting begins.
"""

# %% counts-why [markdown]
r"""
## Counting words

The simplest thing to count: which tag has each word most often? For a word that was never seen,
take the commonest tag of all. This is in the spirit of the n-gram of lesson 01, with $n = 1$; only
that it gives a word's tag and not the next word. With $n = 3$ we look up the last three words
together, and fall back to fewer where the three never stood together.
"""

# %% counts-predict [markdown]
r"""
**Predict.** Does looking at three words instead of one bring more than five percentage points, more
than one, or less than one?
"""

# %% counts-guess
guess = None  # your guess: "more than five", "more than one" or "less than one"

# %% counts-run
from course.tagging import ngram_tags, tag_by_ngrams


def by_ngrams(labelled: list, n: int) -> Callable:
    """A system that looks up the last n words."""
    table = ngram_tags(labelled, n)
    return lambda sentences: [tag_by_ngrams(table, words, n) for words, _ in sentences]


for n in (1, 3):
    scores[f"{n}-gram"] = share_right(by_ngrams(data.labelled, n))
    print(f"{n}-gram: {scores[f'{n}-gram']:.1f} %")
gain = scores["3-gram"] - scores["1-gram"]
reveal(guess, "more than five" if gain > 5 else "more than one" if gain > 1 else "less than one")

# %% counts-meaning [markdown]
r"""
Three words that stood together in a hundred sentences hardly ever stand together again (lesson 01
called it sparse). But *tags* stand together again and again: after a determiner comes a noun or an
adjective, in every sentence. Can we count tags beside each other, although we do not see them?
"""

# %% hmm-why [markdown]
r"""
## The best of all sequences of tags

A **hidden Markov model** tells a story of how a sentence comes about (Baum and Petrie 1966; it
became known through speech recognition, Jelinek 1976). Somebody walks from tag to tag, and we do
not see the tags: they are *hidden*. At each tag, a word is spoken, and that is all we hear. So
there are three tables of probabilities. In labelled sentences the tags are known, and all three can
be counted:

$$p(\text{tags}, \text{words}) = p(\text{tag}_1) \prod_{t > 1} p(\text{tag}_t \mid \text{tag}_{t-1})
\prod_t p(\text{word}_t \mid \text{tag}_t)$$

Which tags does a sentence have? Those with the highest probability. We work with logarithms, so the
product becomes a sum: **start** + **transitions** + **emissions** (the words under their tags).
(The numbers below are made up, so that they are easy to add. Logarithms of probabilities would all
be at most 0; for what follows only the sums matter.)
"""

# %% hmm-tiny
tag_names = ["DET", "NOUN", "PRON"]
start = torch.tensor([2.0, 0.0, 1.0])
transition = torch.tensor([[-2.0, 3.0, -2.0], [0.0, 0.0, 1.0], [0.0, 1.0, -1.0]])
emissions = torch.tensor([[0.0, -4.0, 1.5], [-3.0, 0.0, 0.0]])  # two words: die junge
print("PRON NOUN:", (start[2] + emissions[0, 2] + transition[2, 1] + emissions[1, 1]).item())
print("DET NOUN: ", (start[0] + emissions[0, 0] + transition[0, 1] + emissions[1, 1]).item())

# %% hmm-tiny-meaning [markdown]
r"""
For the first word alone, PRON is better: $1 + 1.5 = 2.5$ against $2$ for DET. But DET is so often
followed by a noun ($+3$) that the whole sequence DET NOUN wins. Who decides word by word makes the
mistake; the best *sequence* is wanted. Then we have to try them all:
"""

# %% hmm-predict [markdown]
r"""
**Predict.** Our labelled sentences have a dozen different tags. How many sequences of tags are
there for a sentence of nine words: about a hundred, a million, or five billion?
"""

# %% hmm-guess
guess = None  # your guess: 100, 1e6 or 5e9

# %% hmm-naive
n_tags = len({name for _, tags in data.labelled for name in tags})
reveal(guess, min((100, 1e6, 5e9), key=lambda option: abs(math.log(option / n_tags**9))))
print(f"{n_tags} tags, 9 words: {n_tags**9:,} sequences")

# %% viterbi-why [markdown]
r"""
Nobody can try so many. But the score has a shape that helps: what comes after a tag does not care
how we got there. So of all ways that lead to NOUN at word 5, only the best one can be part of the
best whole. Keep that one and forget the others: $N$ ways for $N$ tags, at every word. This is the
**Viterbi algorithm** (Viterbi 1967). It needs $T \cdot N^2$ steps instead of $N^T$.

By hand, on the two words above. After the first word the best scores are 2 for DET, $-4$ for NOUN,
2.5 for PRON. The second word as NOUN: from DET $2 + 3 = 5$, from NOUN $-4 + 0 = -4$, from PRON
$2.5 + 1 = 3.5$. Keep 5, and remember that it came from DET.
"""

# %% viterbi-picture
figure, (axis,) = plots.canvas(5.6, 2.6)
axis.set(xlim=(-0.5, 1.5), ylim=(-2.4, 0.6))
axis.axis("off")
kept, other = {"color": plots.COLOURS[0], "linewidth": 3, "zorder": 2}, {"color": "lightgray"}
after_die = [2.0, -4.0, 2.5]  # the best score of each tag, by hand
for j, name in enumerate(("DET", "NOUN", "PRON")):
    ways = [after_die[i] + float(transition[i, j]) for i in range(3)]
    for i, score in enumerate(ways):
        axis.plot([0, 1], [-i, -j], **(kept if score == max(ways) else other))
    axis.text(-0.04, -j, f"die, {name}: {after_die[j]:g}", ha="right", va="center")
    after_junge = max(ways) + float(emissions[1, j])
    axis.text(1.04, -j, f"junge, {name}: {after_junge:g}", va="center")
plots.show(figure, alt="Tags of the first word on the left, DET 2, NOUN -4, PRON 2.5, of the "
                       "second on the right, DET -0.5, NOUN 5, PRON 1.5, and nine lines: the "
                       "thick ones lead into NOUN from DET, into DET and PRON from PRON.")

# %% viterbi-picture-caption [markdown]
r"""
**Figure.** Left the best score of each tag after *die*, right after *junge*. Three ways lead into
each tag on the right; only the thick one, the best, is kept, and with the tag's own emission it
makes the score that stands there. At the end take the best, NOUN with 5, and walk back along its
thick line: it came from DET. With a third word the same is done again, from the right column on.
"""

# %% viterbi-task [markdown]
r"""
### Exercise: `viterbi`

Find the best tags without trying all $N^T$ sequences. Go through the words once. For each tag, keep
the best score of a sequence that ends in it, and which tag came before. After the last word, take
the tag with the best score and walk back, tag by tag. Return the tags, a list of int, and their
score, a float.

Hint: At the first word, the best score of each tag is `start + emissions[0]`. At the second word,
tag $j$ can come from any tag $i$: its best score is the largest of best score of $i$ plus
`transition[i, j]`, and then its own emission is added.

Hint: `best[:, None]` is a column. Added to `transition`, it gives a table whose row $i$ belongs to
sequences that come from tag $i$. `.max(dim=0)` of that table gives two tensors: the best scores,
and the tags that they come from.

Hint: Keep the second tensor of each word in a list. For the way back, begin with the best last tag.
Go through the list in reverse: `way[tag]` is the tag before. In the end turn your tags round, and
make the numbers plain ones with `int(...)` and `.item()`.

Help: I see `can only concatenate tuple (not "Tensor") to tuple`
`.max(dim=0)` gives two tensors, the values and where they stood. Give both a name:
`best, way = ...`, and add the emissions to the first one.
"""

# %% exercise points=3 difficulty=3 minutes=15
from course.tagging import viterbi

# %% check
check(viterbi)

# %% viterbi-use
print([tag_names[i] for i in viterbi(emissions, transition, start)[0]])
one_by_one = [start.add(emissions[0]).argmax().item(), emissions[1].argmax().item()]
print("word by word:", [tag_names[i] for i in one_by_one])

# %% hmm-run-why [markdown]
r"""
Now with the real counts. `hmm_tables` counts the three tables and adds a little to every count, so
that nothing is impossible (the smoothing of lesson 01). All words that were met only once share one
number with all unknown words: what comes once tells what a new word may be.
"""

# %% hmm-run
from course.tagging import hmm_tables, hmm_tags, word_numbers


def by_hmm(labelled: list) -> Callable:
    """A hidden Markov model, counted, with your viterbi."""
    numbers = word_numbers(labelled)
    names = sorted({name for _, tags in labelled for name in tags})

    def ids(words: list) -> list[int]:
        return [numbers.get(word, 0) for word in words]

    counted = [(ids(words), [names.index(name) for name in tags]) for words, tags in labelled]
    tables = hmm_tables(counted, len(numbers) + 1, len(names), smoothing=0.01)
    return lambda sentences: [
        [names[i] for i in hmm_tags(tables, ids(words), best=viterbi)] for words, _ in sentences
    ]


scores["HMM"] = share_right(by_hmm(data.labelled))
print(f"hidden Markov model: {scores['HMM']:.1f} %")

# %% features-why [markdown]
r"""
## Whatever may help

Only a point and a half more than counting single words: the hidden Markov model knows one thing
about a word, which word it is, and of an unknown word hardly anything. But *sangen* (sang) ends
like a verb; *schönen* (beautiful) ends so too, and a *die* before it tells that it is no verb.
**Maximum entropy** (lesson 12) can be told all of it: each fact is a *feature*, each feature has a
learned weight for each tag, and the softmax makes probabilities of the sums (Berger et al. 1996;
for tagging Ratnaparkhi 1996).
"""

# %% features-look
from course.taggers import MaximumEntropyTagger, word_features

words = data.labelled[2][0]
print(words)
print(word_features(words, 1, window=1))

# %% features-choose-why [markdown]
r"""
Each word is told of itself, its last letters, whether it is the first, and its neighbours. How many
neighbours on each side? That is a choice, so we ask the development sentences. (One word in ten is
hidden while it trains, so that the last letters learn to speak for unknown words. As heard, nothing
has a capital: that feature is idle here.)
"""

# %% trained
def trained(make: Callable, rate: float, window: int = 0, seed: int = 0,
            labelled: list = data.labelled, n_steps: int = 100) -> Callable:
    """A system that has learned from labelled sentences, in batches of 32."""
    table = FeatureTable.of(labelled, window)
    torch.manual_seed(seed)
    tagger = make(table.n_features, len(table.tags))
    train_tagger(tagger, tagged_batches(table, labelled, 32, seed), n_steps, rate)
    return lambda sentences: tag(tagger, table, sentences)

# %% features-choose
for window in (0, 1, 2):
    name = f"maximum entropy, {window} neighbours on each side"
    scores[name] = share_right(trained(MaximumEntropyTagger, 0.05, window))
    print(f"{name}: {scores[name]:.1f} %")

# %% features-choose-meaning [markdown]
r"""
One neighbour on each side is best here; perhaps because more of them are seen too seldom in a
hundred sentences, so that the weights learn accidents. From here on it is one.

Features lift the score well above the hidden Markov model. But something was lost: every word is
decided alone, and two neighbours may get tags that never stand together. (Ratnaparkhi's own tagger
was also told the tags that it had just given.) Can we have both, the features and the best
sequence?
"""

# %% crf-why [markdown]
r"""
## One distribution for the whole sentence

Take the sum that Viterbi maximises, start + transitions + emissions, and let every number in it be
a learned score instead of a counted probability. The emissions come from the features. One softmax
over **all sequences** makes a probability of it:

$$\ln p(\text{tags} \mid \text{words}) = \text{score}(\text{tags}) - \ln Z, \qquad
Z = \sum_{\text{all sequences}} e^{\text{score}}$$

This is the **conditional random field**, CRF (Lafferty et al. 2001). Maximum entropy has one $Z$
for each word, the CRF has one for the whole sentence. `sequence_score` is given; here it is on the
two words from above, for all nine sequences, of which three are printed:
"""

# %% crf-naive
from itertools import product

from course.tagging import sequence_score

mask = torch.ones(1, 2, dtype=torch.bool)
all_scores = {
    tags: sequence_score(
        emissions[None], torch.tensor([tags]), mask, transition, start).item()
    for tags in product(range(3), repeat=2)
}
ln_z = math.log(sum(math.exp(score) for score in all_scores.values()))
for tags in ((0, 1), (2, 1), (0, 0)):
    print(f"{[tag_names[i] for i in tags]}: score {all_scores[tags]:4.1f}, "
          f"p = {math.exp(all_scores[tags] - ln_z):.3f}")

# %% crf-naive-meaning [markdown]
r"""
Again there are $N^T$ sequences to sum over, and the same trick helps. For each tag, keep the *sum*
over all ways that lead to it where Viterbi keeps the *best* way. It is called the **forward
algorithm**. In logarithms a sum of $e^x$ is a `logsumexp`: `max` becomes `logsumexp`, and nothing
else changes.
"""

# %% crf-task [markdown]
r"""
### Exercise: `crf_log_likelihood`

Write the score of the given tags minus $\ln Z$, for each sentence of a batch. `sequence_score` is
given and gives the first part. For $\ln Z$, go from word to word as in `viterbi`, with logsumexp in
place of the maximum. Where a sentence has ended, its numbers stay as they are. Scores may be in
the thousands, so never take `exp` of them as they are.

Hint: At the first word: `start + emissions[:, 0]`, one row of $N$ numbers for each sentence. You do
not have to keep which tag came before: nobody walks back.

Hint: With a batch axis in front, `alpha[:, :, None] + transition` has the axes sentence, tag
before, tag now. `.logsumexp(dim=1)` adds up over the tag before.

Hint: Compute the new numbers for every sentence, then choose: `torch.where(is_word, new, alpha)`,
where `is_word` is column $t$ of the mask, as a column. After the last word, one more logsumexp,
over the tags.

Help: I see `The size of tensor a (3) must match the size of tensor b (5) at non-singleton`
`mask[:, t]` has one number for each of 3 sentences, your scores have a row of 5 for each. Make the
mask a column with `[:, None]`, so that it fits beside the rows.
"""

# %% exercise points=3 difficulty=4 minutes=20
from course.tagging import crf_log_likelihood

# %% check
check(crf_log_likelihood)

# %% crf-same
tags = torch.tensor([[0, 1]])
yours = crf_log_likelihood(emissions[None], tags, mask, transition, start)
print(f"yours {yours.exp().item():.3f}, by hand {math.exp(all_scores[0, 1] - ln_z):.3f}")

# %% crf-run
from course.taggers import CrfTagger

crf = partial(CrfTagger, likelihood=crf_log_likelihood, best=viterbi)  # both are yours
for window in (0, 1):
    name = f"CRF, {window} neighbours on each side"
    scores[name] = share_right(trained(crf, 0.05, window))
    print(f"{name}: {scores[name]:.1f} %")

# %% crf-break [markdown]
r"""
The CRF needs no neighbours: with none at all it is as good as with one, since the tags beside a
word say much of what the words beside it said. From here on it gets none. What happens if the
transitions are taken away?
"""

# %% crf-break-run
class NoTransitions(CrfTagger):
    """Broken on purpose: whatever it has learned of neighbouring tags is forgotten."""

    def decode(self, features: Tensor, mask: Tensor) -> list[list[int]]:
        self.transition.data.zero_()
        return super().decode(features, mask)


broken = partial(NoTransitions, likelihood=crf_log_likelihood, best=viterbi)
scores["CRF, broken"] = share_right(trained(broken, 0.05))
print(f"CRF, no neighbours, transitions forgotten: {scores['CRF, broken']:.1f} %")

# %% crf-break-meaning [markdown]
r"""
That is what maximum entropy reached without neighbours. The four points that the whole CRF has more
are the work of the transitions.
"""

# %% filters-why [markdown]
r"""
## Filters that slide over the words

Popular histories say that RNNs *and CNNs* read a text step by step. For a **convolution** this is
wrong, as lesson 08 said already. A convolution is a set of *filters*. A filter of width 3 is a
small table of weights for three neighbouring vectors. It is laid on words 0 to 2, on words 1 to 3,
and so on, and each time its products are added up. No place waits for another: all can be computed
at once.

By hand, with one number for each word: the sentence $(1, 0, 5, 2)$ and the filter $(1, -1)$.
"""

# %% filters-tiny
sentence = [1.0, 0.0, 5.0, 2.0, 0.0]  # the last 0: nothing stands there
answers = [1 * sentence[t] - 1 * sentence[t + 1] for t in range(4)]
print("at each place:", answers, " largest:", max(answers))

# %% filters-tiny-meaning [markdown]
r"""
The last window looks past the end: there is a 0. Kim (2014) classifies a sentence with filters of
several widths. Each filter looks for something, at every place, and of all its answers only the
**largest** is kept (*max over time*). So a sentence of any length becomes one vector: what was
found, and how clearly. Below 0 everything is cut off by the ReLU.
"""

# %% text-cnn-task [markdown]
r"""
### Exercise: `text_cnn`

Write the whole of it: let every filter of every width slide over the sentence, cut off what is
below 0, and keep the strongest answer of each filter. Vectors of padding count as zeros, whatever
stands in them, and no window begins at padding. You may use a loop over the places, `unfold`, or
torch's `conv1d`.

Hint: First multiply `x` by the mask, as a column, so that padding is zero. Then
`F.pad(words, (0, 0, 0, n))` puts $n$ rows of zeros behind each sentence. How many does a filter of
a given width need, so that a window can begin at the last word?

Hint: `padded.unfold(1, width, 1)` lays all windows side by side: (B, T, d, width). Multiply by the
weights (n_filters, width, d) and add up over width and d: that is an `einsum` with the letters
btdw and fwd.

Hint: Add the bias, take the relu, multiply by the mask (an answer of 0 wins only where no other is
above it), and take the maximum over time. Do so for each width, and join the results with
`torch.cat` along the last axis.

Help: I see `maximum size for tensor at dimension 1 is 1 but size is 2`
The sentence has 1 place, the filter 2: no window fits. Put width - 1 rows of zeros behind it first.

Help: I see `expected input...to have...channels`
`conv1d` wants the features before the places: give it `.mT` of the words and of the weights.
"""

# %% exercise points=3 difficulty=3 minutes=15
from course.text_cnn import text_cnn

# %% check
check(text_cnn)

# %% filters-question-why [markdown]
r"""
Let it classify. *Is it a question?* Without a question mark, German shows it by the first words:
*hat der mann geschlafen* (has the man slept) is a question, *gestern hat der mann geschlafen*
(yesterday the man has slept) is none. We know the answers from the written sentences.
"""

# %% filters-question-data
answers_known = {}
for said in with_tags(sample(3000, seed=5), "german"):
    answers_known[heard([said])[0][0]] = said[0][-1] == "?"  # words -> is it a question
spoken = list(answers_known)
vocabulary = {word: i for i, word in enumerate(sorted({w for ws in spoken for w in ws}), 1)}
inputs = nn.utils.rnn.pad_sequence(
    [torch.tensor([vocabulary[word] for word in words]) for words in spoken], batch_first=True)
is_question = torch.tensor(list(answers_known.values()))
print(f"{len(spoken)} sentences, {100 * is_question.float().mean():.0f} % are questions")

# %% filters-model
class QuestionFinder(nn.Module):
    """Word vectors, your text_cnn with filters of width 2 and 3, one linear layer."""

    def __init__(self, n_filters: int = 16) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(len(vocabulary) + 2, 16) / 4)
        self.weights = nn.ParameterList(torch.randn(n_filters, w, 16) / 8 for w in (2, 3))
        self.biases = nn.ParameterList(torch.zeros(n_filters) for _ in (2, 3))
        self.output = nn.Linear(2 * n_filters, 2)

    def forward(self, tokens: Tensor) -> Tensor:
        """tokens (B, T), 0 = padding -> scores (B, 2)."""
        filters = list(zip(self.weights, self.biases, strict=True))
        return self.output(text_cnn(self.table[tokens], filters, tokens != 0))

# %% filters-predict [markdown]
r"""
**Predict.** The filters find *hat der* wherever it stands, and max over time keeps how strongly,
not where. A second model gets one extra token before the first word of every sentence. Which of the
two will be better on new sentences: the one without, the one with, or will it make no difference?
"""

# %% filters-guess
guess = None  # your guess: "without", "with" or "no difference"

# %% filters-run
def finds_questions(tokens: Tensor) -> float:
    """Train on all sentences but the last 500, and give the percentage that is right on these."""
    torch.manual_seed(0)
    model, generator = QuestionFinder(), torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(150):
        rows = torch.randint(len(tokens) - 500, (64,), generator=generator)
        loss = F.cross_entropy(model(tokens[rows]), is_question[rows].long())
        optimizer.zero_grad(), loss.backward(), optimizer.step()
    with torch.inference_mode():
        right = model(tokens[-500:]).argmax(dim=-1) == is_question[-500:].long()
    return 100 * right.float().mean().item()


begin = torch.full((len(inputs), 1), len(vocabulary) + 1)  # a number that no word has
questions = {"without": finds_questions(inputs),
             "with": finds_questions(torch.cat([begin, inputs], dim=1))}

# %% filters-reveal
same = abs(questions["with"] - questions["without"]) < 1
reveal(guess, "no difference" if same else max(questions, key=questions.get))
print({name: f"{share:.1f} %" for name, share in questions.items()})
print(f"who never says question: {100 * (~is_question[-500:]).float().mean():.1f} %")

# %% filters-meaning [markdown]
r"""
The one without already finds most of them; many questions begin with a word that gives them away,
such as *was* (what) or *wo* (where). But the filters without the extra token cannot tell the
beginning from the middle. With it, a filter of width 3 can wait for "beginning, then *hat*, then
*der*": where something stands has become a thing that can be found. (Such a token is what `<bos>`
was in lesson 02.)

And how far does a filter see? Exactly its width. If filters are stacked, each layer adds its width
minus one. We measure it: which words' gradients reach the middle word?
"""

# %% reach-predict [markdown]
r"""
**Predict.** Filters of width 3, four layers of them. How many words does the middle word hear of,
itself among them?
"""

# %% reach-guess
guess = None  # your guess: a number

# %% reach
def heard_by_the_middle(n_layers: int, width: int = 3, n_words: int = 41) -> int:
    """The number of words whose vectors change what stands at the middle."""
    layers = [nn.Conv1d(8, 8, width, padding=width // 2) for _ in range(n_layers)]
    x = torch.randn(1, 8, n_words, requires_grad=True)
    middle = nn.Sequential(*layers)(x)[0, :, n_words // 2].sum()
    return int((torch.autograd.grad(middle, x)[0].abs().sum(dim=1) > 0).sum())


reveal(guess, heard_by_the_middle(4))
print("layers: words heard of ", {n: heard_by_the_middle(n) for n in (1, 2, 4, 8, 16)})

# %% reach-meaning [markdown]
r"""
Reach grows by two words a layer. In an attention layer every word hears of every other at once; in
a recurrent network of all words before it (of all others, if it reads from both ends), but through
all the steps between them. For naming tags no maximum is taken: the filters' answers at a word are
its new vector (Collobert et al. 2011). This system is given; its width is chosen on the development
sentences:
"""

# %% filters-width
from course.taggers import ConvolutionTagger

for width in (1, 3, 5):
    name = f"filters of width {width}"
    scores[name] = share_right(trained(partial(ConvolutionTagger, width=width), 0.01))
    print(f"{name}: {scores[name]:.1f} %")

# %% filters-width-meaning [markdown]
r"""
One neighbour on each side helps a little, two harm: perhaps because a weight of its own for each of
five places is much to learn from a hundred sentences. So it gets width 3.
"""

# %% race-why [markdown]
r"""
## Seventy years on one task

Now all of them on the same hundred sentences. RNN, GRU and LSTM are the steps of lesson 01, as
torch has them in one call, and read from both ends. The encoder is that of lesson 07, with two
layers and rotary positions (when this lesson was made, they did better than sinusoids). All that
are trained read the same features of a word; 1-gram and HMM know the word alone. Among those
trained only maximum entropy is told of the neighbour on each side, for the others hear of them in
their own way. Each system that learns does so three times, from three seeds.

Nothing is chosen any more, so now the **test** sentences are opened.
"""

# %% race-predict [markdown]
r"""
**Predict.** Which system will be the best on the test sentences: "HMM", "maximum entropy", "CRF",
"GRU" or "encoder"?
"""

# %% race-guess
guess = None  # your guess: one of the five names

# %% race-encoder
from course.blocks import BlockConfig
from course.fused import fused
from course.taggers import EncoderTagger, RecurrentTagger

sizes = BlockConfig(d_model=32, n_heads=4, d_ff=64, n_layers=2, positions="rotary")


def encoder(n_features: int, n_tags: int) -> nn.Module:
    """Fused as in lesson 09: the same numbers, faster."""
    return fused(EncoderTagger(n_features, n_tags, sizes))

# %% race-systems
counted = {"1-gram": (1948, partial(by_ngrams, n=1)), "HMM": (1976, by_hmm)}
learning = {  # name: year, how to make it, rate, neighbours among the features
    "RNN": (1990, partial(RecurrentTagger, cell=nn.RNN), 0.01, 0),
    "maximum entropy": (1996, MaximumEntropyTagger, 0.05, 1),
    "LSTM": (1997, partial(RecurrentTagger, cell=nn.LSTM), 0.01, 0),
    "CRF": (2001, crf, 0.05, 0),
    "CNN": (2011, partial(ConvolutionTagger, width=3), 0.01, 0),
    "GRU": (2014, partial(RecurrentTagger, cell=nn.GRU), 0.01, 0),
    "encoder": (2017, encoder, 0.005, 0),
}

# %% race-run
on_test = {"rules": [share_right(by_rules, data.test)]}
years, seconds = {"rules": 1954}, {}
for name, (year, make) in counted.items():
    years[name] = year
    began = time.process_time()
    system = make(data.labelled)
    seconds[name] = time.process_time() - began
    on_test[name] = [share_right(system, data.test)]
for name, (year, make, rate, window) in learning.items():
    years[name] = year
    began = time.process_time()
    systems = [trained(make, rate, window, seed) for seed in range(3)]
    seconds[name] = (time.process_time() - began) / 3
    on_test[name] = [share_right(system, data.test) for system in systems]

# %% race-table
for name in sorted(years, key=years.get):
    found = on_test[name]
    print(f"{years[name]}  {name:16} {mean(found):.1f} %  ({min(found):.1f} to {max(found):.1f})")
five = ("HMM", "maximum entropy", "CRF", "GRU", "encoder")
reveal(guess, max(five, key=lambda name: mean(on_test[name])))

# %% race-picture-why [markdown]
r"""
The same as two pictures, without the rules, which lie far below. (The right picture differs a
little from run to run.)
"""

# %% race-picture tags=["nbval-ignore-output"] why="training times differ from run to run"
in_order = sorted(seconds, key=years.get)  # without the rules, which lie far below
figure, (by_year, by_time) = plots.canvas(10.0, 4.0, columns=2)
plots.ranges({f"{years[name]} {name}": on_test[name] for name in in_order},
             "% of the tags right", axis=by_year)
plots.named_points(seconds, on_test, "CPU seconds of training", "% of the tags right", by_time)
plots.show(figure, alt="Two panels of points, one for each system. Left, in the order of the "
                       "years: the points rise from the counts of 1948 to the RNN of 1990 and the "
                       "CRF of 2001; the CNN and the encoder, later, lie lower than these. Right, "
                       "against training time: the CRF is at the top with less time than the "
                       "recurrent networks and the encoder.")

# %% race-caption [markdown]
r"""
**Figure.** A point is the mean of three seeds, its bar reaches from the worst to the best, as
printed above. (Where no bar is seen, the point hides it; 1-gram and HMM count, know no seed, and
have none.) Left: quality does **not** rise with the year. It rises to the
systems of 1990 to 2001; the encoder, the newest, is behind these, and ahead only of those that
count, and of the rules. Right: nor do the seconds decide. Among those that learn, the CRF is at the
top after less time than LSTM and GRU.

Why? A likely reason, which we have not measured: a hundred sentences are little. The CRF was told
what to look at: how a word ends, and which tags stand beside each other. Recurrent networks are
built to expect that near words matter. The encoder expects less: each word may look at every other,
and it has to find in a hundred sentences that mostly the near ones matter. And the CNN? It sees
near words alone, but has much to learn for each place.

(What flatters the old ones: all that learn are trained with Adam of 2015, and our RNN of 1990 reads
from both ends, which came later. And the differences between RNN, LSTM and GRU are hardly larger
than those between two seeds: nobody should crown a winner among them.)
"""

# %% more-why [markdown]
r"""
## What more would bring

First remedy: more labelled sentences. We take three times as many, and then eleven times as many,
with so many more steps that each sentence is read about as often as in the race, 23 to 25 times:
only the number of sentences differs. (The points at 100 are those of the race, each of the others
is one run. The test sentences measure again here and below. Nothing is chosen by what they say.)
"""

# %% more-predict [markdown]
r"""
**Predict.** With eleven times as many labelled sentences, will the encoder be ahead of the hidden
Markov model by more than five percentage points?
"""

# %% more-guess
guess = None  # your guess: "yes" or "no"

# %% more-run
shown = ("HMM", "CRF", "encoder")
amounts = [100, 300, 1100]
by_amount = {name: [mean(on_test[name])] for name in shown}
for amount, n_steps in ((300, 250), (1100, 800)):
    labelled = (data.labelled + data.more)[:amount]
    by_amount["HMM"].append(share_right(by_hmm(labelled), data.test))
    for name in shown[1:]:
        _, make, rate, window = learning[name]
        system = trained(make, rate, window, labelled=labelled, n_steps=n_steps)
        by_amount[name].append(share_right(system, data.test))
ahead = by_amount["encoder"][-1] - by_amount["HMM"][-1]
reveal(guess, "yes" if ahead > 5 else "no")

# %% more-picture
for name, found in by_amount.items():
    print(f"{name:8}", "  ".join(f"{share:.1f} %" for share in found))
figure = plots.lines(amounts, by_amount, "labelled sentences", "% of the tags right", log_x=True)
figure.axes[0].set_xticks(amounts)
plots.show(figure, alt="Three curves against 100, 300 and 1100 labelled sentences. At 100 they are "
                       "some points apart, with the CRF on top; at 1100 all three have met "
                       "just below 100 percent.")

# %% more-caption [markdown]
r"""
**Figure.** With three times the labelled sentences the model of 1976, which only counts, is level
with the encoder; with eleven times, all three meet. So more labels bring all of them close to the
top, and the question of the newest loses its weight. (Our grammar is small. In real text new words
never end, so do not expect the systems to meet there so soon.)

But labels are what nobody has. What everybody has is **plain text**.
"""

# %% plain-why [markdown]
r"""
## Text that nobody labelled

Here lie 4000 further sentences without a single tag. Our counts of tags, rules and features make
nothing of them. (A hidden Markov model can also learn from text without tags: it counts with the
tags that it suspects. We leave that out.) A network can use them in two ways that you know.

**Word vectors** (lesson 03): count which words stand beside which, and let the vectors of words
with like neighbours be alike. A noun that was never labelled then lies beside nouns that were.
Kim's CNN began with such vectors (Kim 2014).

**Pre-training** (lesson 12): hide words, let the whole encoder learn to guess them, and only then
show it the hundred labelled sentences (Devlin et al. 2019).
"""

# %% plain-vectors
from course.embedding import cooccurrence, ppmi, svd_embedding

numbers = {}
ids = [[numbers.setdefault(word, len(numbers)) for word in words] for words in data.plain]
vectors = svd_embedding(ppmi(cooccurrence(ids, len(numbers), window=1)), 32)
vectors = vectors / vectors.std() / math.sqrt(32)  # as large as the rows that they replace
whole_table = FeatureTable.of(data.labelled + [(words, ()) for words in data.plain])

# %% plain-train
def from_plain_text(make: Callable, rate: float, seed: int, prepare: Callable) -> float:
    """Make a system, prepare it by plain text, train it on the labelled: its share on the test."""
    torch.manual_seed(seed)
    tagger = make(whole_table.n_features, len(whole_table.tags))
    prepare(tagger)
    batches = tagged_batches(whole_table, data.labelled, 32, seed)
    train_tagger(tagger, batches, 100, rate)
    return share_right(lambda part: tag(tagger, whole_table, part), data.test)

# %% plain-vectors-run
def put_vectors(tagger: nn.Module) -> None:
    """The rows of the words get their vectors."""
    rows = [whole_table.features[f"word={word}"] for word in numbers]
    with torch.no_grad():
        tagger.table[rows] = vectors


for name in ("CNN", "encoder"):
    _, make, rate, _ = learning[name]
    with_vectors = f"{name}, word vectors"
    on_test[with_vectors] = [from_plain_text(make, rate, seed, put_vectors) for seed in range(3)]
    print(f"{with_vectors}: {mean(on_test[with_vectors]):.1f} %, "
          f"without {mean(on_test[name]):.1f} %")

# %% plain-predict [markdown]
r"""
**Predict.** Now the whole encoder is pre-trained on the plain text (some seconds), and then
trained on the hundred labelled sentences as before. Where will it land: still behind the CRF, equal
to it (within a point), or ahead?
"""

# %% plain-guess
guess = None  # your guess: "behind", "equal" or "ahead"

# %% plain-pretrain
from course.taggers import pretrain

torch.manual_seed(0)
reader = encoder(whole_table.n_features, len(whole_table.tags))
losses = pretrain(reader, whole_table, data.plain, n_steps=800)
learned = {name: value for name, value in reader.state_dict().items() if "output" not in name}
print(f"surprise about a hidden word: {mean(losses[:50]):.1f} at first, "
      f"{mean(losses[-50:]):.1f} at the end")

# %% plain-run
def put_reader(tagger: nn.Module) -> None:
    """All but the last layer comes from the pre-training."""
    tagger.load_state_dict(learned, strict=False)


on_test["encoder, pre-trained"] = [
    from_plain_text(encoder, 0.005, seed, put_reader) for seed in range(3)]
lead = mean(on_test["encoder, pre-trained"]) - mean(on_test["CRF"])
reveal(guess, "equal" if abs(lead) < 1 else "ahead" if lead > 0 else "behind")
for name in ("encoder", "encoder, word vectors", "CRF", "encoder, pre-trained"):
    print(f"{name:22} {mean(on_test[name]):.1f} %")

# %% plain-picture
years |= {"CNN, word vectors": 2014, "encoder, word vectors": 2017, "encoder, pre-trained": 2018}
in_order = [name for name in sorted(years, key=years.get) if name != "rules"]
figure = plots.ranges({f"{years[name]} {name}": on_test[name] for name in in_order},
                      "% of the tags right")
plots.show(figure, alt="The points of all systems in the order of their years, now with three "
                       "more: CNN and encoder with word vectors lie above themselves without, and "
                       "the pre-trained encoder of 2018 is close to the CRF at the top.")

# %% plain-caption [markdown]
r"""
**Figure.** The same encoder with the same hundred labelled sentences has come from behind the
others nearly up to the CRF. What changed is what it had read before.

So is the history a row of victories? On one small task with few labels: no. The CRF of 2001, told
what to look at, is hard to beat. What has changed is that nobody has to tell any more. What a word
is like that was never labelled, and which of its neighbours to look at, could be found in text that
nobody labelled. And there one can go on: we gave it 4000 sentences, while BERT read 3.3 billion
words (Devlin et al. 2019). For that one wants an architecture that expects little and can swallow
much, fast. The Transformer is that architecture. (Whether a recurrent network would have gained as
much from the same reading we have not measured; what speaks for the Transformer here is that it
need not wait, the next section.)

(The pre-training was done once here: the bar of that point knows of three trainings after it, and
nothing of another pre-training. When this lesson was made, of two other seeds one ended as
high, the other a point lower. It takes many times as long as the other trainings; for word vectors,
a fraction of a second of counting was enough.)
"""

# %% waits-why [markdown]
r"""
## Who has to wait, and who not

*Fast*, it said above. In lesson 08 you counted products that wait for each other in one
layer. Now count exactly, in your own systems: while it computes, torch notes which operation needs
the result of which (that is how it finds gradients). The longest path through these notes is the
number of operations that must come **one after another**, however many processors there are.
"""

# %% waits-chain
def chain(result: Tensor) -> int:
    """The longest chain of operations in which each needs the one before."""
    longest, left = {}, [result.grad_fn]
    while left:
        needs = [one for one, _ in left[-1].next_functions if one is not None]
        waiting = [one for one in needs if one not in longest]
        if waiting:
            left += waiting
        else:
            longest[left.pop()] = 1 + max((longest[one] for one in needs), default=0)
    return longest[result.grad_fn]

# %% waits-systems
from course.blocks import Encoder
from course.sequences import gru_step

weights = [torch.randn(*shape) / 6 for shape in ((96, 32), (96, 32), (96,), (96,))]
filters = [(torch.randn(16, width, 32) / 10, torch.zeros(16)) for width in (2, 3)]
stack = Encoder(sizes)


def through_gru(x: Tensor) -> Tensor:
    """Your step of lesson 01, word by word."""
    h = torch.zeros(1, 32)
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, *weights)
    return h.sum()

# %% waits-crf
def through_crf(x: Tensor) -> Tensor:
    """Your likelihood, with 32 tags."""
    tags, real = torch.zeros(x.shape[:2], dtype=torch.long), torch.ones(x.shape[:2]).bool()
    return crf_log_likelihood(x, tags, real, torch.zeros(32, 32), torch.zeros(32)).sum()

# %% waits-predict [markdown]
r"""
**Predict.** The sentence becomes four times as long, from 32 to 128 words. How many times as long
does the longest chain of the encoder become?
"""

# %% waits-guess
guess = None  # your guess: a number

# %% waits-count tags=["nbval-ignore-output"] why="how long a step is depends on how your function is written"
systems = {"CRF": through_crf, "GRU": through_gru, "encoder": lambda x: stack(x).sum(),
           "CNN": lambda x: text_cnn(x, filters, torch.ones(x.shape[:2]).bool()).sum()}
n_words = [8, 32, 128]
chains = {
    name: [chain(run(torch.randn(1, n, 32, requires_grad=True))) for n in n_words]
    for name, run in systems.items()
}
reveal(guess, chains["encoder"][2] / chains["encoder"][1])
for name, row in chains.items():
    print(f"{name:8} with {n_words} words: {row}")

# %% waits-meaning [markdown]
r"""
The chains of the CRF and the GRU grow with the sentence. Those of the encoder and of the filters do
not grow at all. (How many operations one *step* has depends on how your function is written; that
the chain grows, does not. A sum over all words counts as one operation here. If your `text_cnn`
keeps the largest answer so far in a loop over the places, its chain does grow: not because filters
must wait, but because each comparison then waits for the one before. Collect the answers, take one
maximum over all, and it stands still.)

What does it mean for the clock? We run each system forward and backward and compare each with
itself at 32 words:
"""

# %% waits-clock tags=["nbval-ignore-output"] why="times differ from run to run"
def quickest(run: Callable, n: int) -> float:
    """The lesser of two CPU times of one training step, for 16 sentences of n words."""
    found = []
    for _ in range(2):
        x = torch.randn(16, n, 32, requires_grad=True)
        began = time.process_time()
        run(x).backward()
        found.append(time.process_time() - began)
    return min(found)


lengths = [32, 64, 128, 256]
took = {name: [quickest(run, n) for n in lengths] for name, run in systems.items()}
ratios = {name: [one / row[0] for one in row] for name, row in took.items()}

# %% waits-picture tags=["nbval-ignore-output"] why="times differ from run to run"
figure = plots.lines(lengths, ratios, "words", "times as long as with 32", log_x=True, log_y=True)
(axis,) = figure.axes
axis.plot(lengths, [n / 32 for n in lengths], color="gray", linewidth=0.7)  # as the words do
axis.set_yticks([1, 2, 4, 8, 16, 32])
axis.minorticks_off()
plots.show(figure, alt="Four curves of how many times as long a training step takes as with 32 "
                       "words, up to 256 words, and a thin line that grows as the words do. The "
                       "encoder's curve is the steepest at the end and rises above that line; the "
                       "others stay near it or below.")

# %% waits-caption [markdown]
r"""
**Figure.** The thin line grows as the words do. (Where a curve lies below it, the fixed part of
each call still counts.) Measured with one thread, which can do only one thing at a time. So no
chain can be seen here; what is seen is all the work, and the encoder's work grows faster than the
sentence, because every word looks at every other. The counted chain says what happens where
thousands of units compute at once: there the encoder's steps for a long text take about as long as
for a short one, until the units are all busy, and the recurrent network still goes word by word.

Must what is recurrent always wait? Not always. The CRF's steps are products of matrices, with
`logsumexp` as their sum, and products may be **bracketed as one likes**: first each two neighbours,
all pairs at once, then each two of the results. (The next two cells may be skipped.)
"""

# %% fold
def folded_ln_z(emissions: Tensor, transition: Tensor, start: Tensor) -> Tensor:
    """ln Z of emissions (T, N), the steps multiplied two and two: a chain of log2 T products."""
    steps = transition + emissions[1:, None, :]  # (T - 1, N, N): from tag to tag, word by word
    while len(steps) > 1:
        odd = steps[len(steps) // 2 * 2 :]  # the last one, if it has no neighbour
        left, right = steps[0 : len(steps) - len(odd) : 2], steps[1::2][: len(steps) // 2]
        pairs = (left[..., None] + right[:, None]).logsumexp(dim=2)  # all pairs at once
        steps = torch.cat([pairs, odd])
    return ((start + emissions[0])[:, None] + steps[0]).flatten().logsumexp(dim=0)

# %% fold-run tags=["nbval-ignore-output"] why="how long a step is depends on how your function is written"
for n in n_words:
    x = torch.randn(n, 5, requires_grad=True)
    moves, first = torch.randn(5, 5), torch.randn(5)
    given = x[None], torch.zeros(1, n, dtype=torch.long), torch.ones(1, n).bool(), moves, first
    step_by_step = sequence_score(*given) - crf_log_likelihood(*given)  # ln Z
    folded = folded_ln_z(x, moves, first)
    print(f"{n:3} words: the same ln Z {torch.allclose(step_by_step[0], folded, atol=1e-3)}, "
          f"chain {chain(crf_log_likelihood(*given))} before, {chain(folded)} folded")

# %% fold-meaning [markdown]
r"""
The same number, and the chain grows by a fixed amount each time the text doubles. (The price: a
product of two tables costs $N^3$ instead of $N^2$.) A GRU cannot be folded so: between two of its
steps stands a tanh, and there is no product of two GRU steps that is again a GRU step. Recurrent
networks without that bend can, and they are a rival of the Transformer today: Mamba (Gu and Dao
2023) is trained in this way.

(A good place to pause. What follows is the model of today.)
"""

# %% since [markdown]
r"""
## What is different today

The Transformer has been changed many times since 2017, and most changes came to nothing. Narang et
al. (2021) tried dozens of them on equal terms, and found that few help everywhere; RMSNorm and the
gate are among these few. Those that stayed can be seen in Llama (Touvron et al. 2023; Grattafiori
et al. 2024), whose plan nearly all open models of today share. It is your GPT of lesson 11 with
these parts exchanged:

| | 2017 | GPT-2, 2019 | Llama |
|---|---|---|---|
| norm | layer norm, after | layer norm, before | **RMSNorm**, before |
| positions | sines, added | learned, added | rotary, in the attention (lesson 06) |
| feed-forward | ReLU | GELU | **SwiGLU**, a gate |
| heads | each its own keys | each its own keys | **shared keys and values**, in the two largest Llama 2, in all of Llama 3 |
| biases | in feed-forward and norm | in all layers but the output | none |

Three rows are new to you.
"""

# %% since-parts
from course.attention import causal_mask, scaled_dot_product_attention
from course.blocks import LayerNorm, residual
from course.gpt import ActivatedFeedForward, UnscaledEmbedding, language_model_loss
from course.llama import CachedLlama, LlamaConfig
from course.multi_head import MultiHeadAttention, merge_heads, split_heads
from course.positions import LearnedPositions, rotate

# %% rms-why [markdown]
r"""
## A norm without a mean

Layer norm (lesson 07) does two things: it subtracts the mean, and it divides by the size of what is
left. Zhang and Sennrich (2019) asked whether the first is needed, and left it out:

$$\text{RMS}(x) = \sqrt{\tfrac{1}{d} \sum_i x_i^2 + \epsilon}, \qquad
\text{RMSNorm}(x)_i = g_i \, \frac{x_i}{\text{RMS}(x)}$$

It is the *root* of the *mean* of the *squares*, hence the name. By hand, $x = (1, 3, 1, 3)$: the
squares are 1, 9, 1, 9, their mean is 5, and each number is divided by $\sqrt{5} = 2.24$.
"""

# %% rms-predict [markdown]
r"""
**Predict.** Layer norm makes $(-1, 1, -1, 1)$ of this $x$, and the same of $x + 100$. What is the
largest entry of RMSNorm of $x + 100$, that is of $(101, 103, 101, 103)$: about 1, about 1.34 as for
$x$ itself, or about 100?
"""

# %% rms-guess
guess = None  # your guess: 1, 1.34 or 100

# %% rms-numbers
x = torch.tensor([1.0, 3.0, 1.0, 3.0])
divided = [v / v.square().mean().sqrt() for v in (x, x + 100)]
reveal(guess, min((1, 1.34, 100), key=lambda option: abs(option - divided[1].max().item())))
for name, v in zip(("x", "x + 100"), divided, strict=True):
    print(f"{name:8}", [round(one, 2) for one in v.tolist()])

# %% rms-meaning [markdown]
r"""
Layer norm forgets a constant that is added to all features; RMSNorm does not, and a large one
drowns the pattern. So it is a weaker norm. Why take it? It is one pass over the numbers fewer, and
the models learn as well with it. That is all: the authors promise speed and not quality.
"""

# %% rms-norm-task [markdown]
r"""
### Exercise: `RMSNorm`

Write the formula as a layer: each position is divided by its own root mean square. There is one
parameter, `gain`, with $d_{model}$ ones at first.

Hint: Your `LayerNorm` of lesson 07 without two things: nothing is subtracted, and no bias is added.

Hint: The mean square is the mean of `x * x` over the last axis; `keepdim=True` keeps that axis, so
that you can divide by the result.

Hint: $\epsilon$ is added to the mean square, inside the root. `torch.rsqrt` is one over the square
root.

Help: I see `it has no parameter gain`
`self.gain = torch.ones(d_model)` is a plain tensor. Only an `nn.Parameter` is learned, saved and
loaded.
"""

# %% exercise points=1 difficulty=1 minutes=5
from course.llama import RMSNorm

# %% check
check(RMSNorm)

# %% swiglu-why [markdown]
r"""
## A gate in the feed-forward network

The feed-forward network of lesson 07 has two layers with a bend between them. The gated one has
three. One layer **proposes**, another, the **gate**, says how far each proposal passes, and the
third leads back (Shazeer 2020). You know gates from the GRU (lesson 01). There the sigmoid opened
them from 0 to 1; here it is *swish*, $x$ times its own sigmoid:

$$\text{SwiGLU}(x) = W_{down}\big(\text{swish}(W_{gate}\, x) \odot W_{up}\, x\big), \qquad
\text{swish}(x) = x \cdot \sigma(x)$$

By hand: where the gate says 0, nothing passes; where it says 2, $2 \cdot 0.88 = 1.76$ times the
proposal passes. (So the gate may enlarge as well; and a little below 0 it lets a small part through
with the sign turned round.)

Three matrices instead of two would be half as many again. To pay for it, the middle is made
narrower: not $4 d$ wide, but two thirds of it.
"""

# %% swiglu-predict [markdown]
r"""
**Predict.** Two layers of $d \times 4d$ against three of $d \times \tfrac{8}{3} d$: how many times
as many parameters does the gated network have?
"""

# %% swiglu-guess
guess = None  # your guess: a number

# %% swiglu-count
d = 4096
plain_count, gated_count = 2 * d * 4 * d, 3 * d * (8 * d / 3)
reveal(guess, gated_count / plain_count)
print(f"8/3 of {d} is {8 * d / 3:.0f}; Llama of 2023 takes 11008, the next multiple of 256")
print(f"Llama 3 of 8 B does not keep to it: {14336 / d} times {d}")

# %% swiglu-task [markdown]
r"""
### Exercise: `SwiGLU`

Write the layer. `w_up` proposes, swish of `w_gate` opens or closes each proposal, and `w_down`
leads the product back. torch calls swish `F.silu`.

Hint: Three times `nn.Linear(..., bias=False)`. Two of them read the same `x`, the third one reads
$d_{ff}$ features.

Hint: The product is entry by entry, `*` and not `@`: feature $i$ of the gate opens proposal $i$.

Hint: Swish goes around what `w_gate` says, and around nothing else.

Help: I see `mat1 and mat2 shapes cannot be multiplied`
`w_down` takes what the gate lets through, `d_ff` features, and gives `d_model` of them.
"""

# %% exercise points=1 difficulty=2 minutes=6
from course.llama import SwiGLU

# %% check
check(SwiGLU)

# %% swiglu-why-works [markdown]
r"""
Why is it better? The paper tries five gates and ends with a sentence that is famous for its
honesty: it offers no explanation, and thanks *divine benevolence* (Shazeer 2020, section 4). What
can be said: two things that depend on $x$ are multiplied, which a layer with a bend alone cannot
do.
"""

# %% grouped-why [markdown]
r"""
## Heads that share their keys

While a model writes, it keeps the keys and values of all tokens (the KV cache of lesson 10). For
large models and long texts this cache grows larger than the model. What can be left out? The
*queries* are not kept, so they cost nothing there. So let several heads of queries look into
**one** head of keys and values (Ainslie et al. 2023; one for all heads: Shazeer 2019).
"""

# %% grouped-picture
figure, axes = plots.canvas(9.0, 2.4, columns=3)
for axis, (title, n_kv) in zip(axes, {"each its own": 8, "in groups": 2, "one for all": 1}.items(),
                             strict=True):
    axis.set(xlim=(-1, 8), ylim=(-0.5, 1.5), title=title)
    axis.axis("off")
    for head in range(8):
        place = (head * n_kv // 8 + 0.5) * 8 / n_kv - 0.5  # the middle of its group
        axis.plot([head, place], [1, 0], color="gray")
        axis.plot(head, 1, "o", color=plots.COLOURS[0], markersize=9)
        axis.plot(place, 0, "s", color=plots.COLOURS[1], markersize=9)
for y, name in ((1, "queries"), (0, "keys, values")):
    axes[0].text(-1, y, name, ha="right", va="center")
plots.show(figure, alt="Three panels, each with eight circles above, the heads of queries, and "
                       "lines down to squares, the heads of keys and values: eight squares, then "
                       "two squares with four lines each, then one with all eight lines.")

# %% grouped-caption [markdown]
r"""
**Figure.** Circles are heads of queries, squares are heads of keys and values. Left, multi-head
attention. In the middle, grouped queries. Right, all share one.

The Llama 3 of 405 billion parameters has 126 layers, heads of 128 features, 128 heads of queries
and 8 of keys and values (Grattafiori et al. 2024, table 3), and reads up to 131,072 tokens.
"""

# %% grouped-predict [markdown]
r"""
**Predict.** For one full text, keys and values take 2 bytes a number: $2 \cdot n_{layers} \cdot T
\cdot n_{kv} \cdot d_{head}$ numbers, as in lesson 10. How many gigabytes is that with its 8 heads?
"""

# %% grouped-guess
guess = None  # your guess: gigabytes

# %% grouped-cache
def cache_bytes(n_layers: int, n_kv_heads: int, d_head: int, n_tokens: int) -> int:
    """What the keys and values of so many tokens take, at 2 bytes a number."""
    return 2 * 2 * n_layers * n_kv_heads * d_head * n_tokens


published = {  # layers, heads, heads of keys, d_head, tokens
    "Llama 2, 70 B": (80, 64, 8, 128, 4096),
    "Llama 3, 8 B": (32, 32, 8, 128, 131_072),
    "Llama 3, 405 B": (126, 128, 8, 128, 131_072),
}
reveal(guess, round(cache_bytes(126, 8, 128, 131_072) / 1e9))
for name, (layers, heads, shared, d_head, n_tokens) in published.items():
    own = cache_bytes(layers, heads, d_head, n_tokens) / 1e9
    print(f"{name:15} each its own {own:7.1f} GB, shared {own * shared / heads:5.1f} GB")

# %% grouped-cache-meaning [markdown]
r"""
(Sizes of Llama 2: Touvron, Martin, et al. (2023).) Without sharing, the cache of one long
conversation would be larger than the model itself, whose 405 billion numbers take 810 gigabytes.
"""

# %% grouped-task [markdown]
r"""
### Exercise: `GroupedQueryAttention`

Write the constructor and two methods; `forward` is given, and joins them. `project` makes queries,
keys and values, and turns queries and keys by `turn`, from position `start` on. `attend` lets
neighbouring heads of queries share one head of keys and values: with 6 and 2 heads, queries 0, 1, 2
share the first and 3, 4, 5 the second. `n_heads` must be divisible by `n_kv_heads` and, where no
`d_head` is given, `d_model` by `n_heads`; else raise a `ValueError` that shows both numbers.

Hint: `d_head` is `d_model // n_heads` where none was given. The projections have different widths:
`n_heads * d_head` for queries, `n_kv_heads * d_head` for keys and values. Keep `n_heads`,
`n_kv_heads` and `turn` as attributes.

Hint: In `project`, cut each projection with `split_heads`, each with its own number of heads. Then
call `self.turn(..., start)` on queries and keys. What is read, the values, must not turn.

Hint: In `attend`, `repeat_interleave(n, dim=1)` repeats each head $n$ times in a row. Then all is
as in lesson 05: `scaled_dot_product_attention` with the mask, `merge_heads`, `w_o`.

Help: I see `The size of tensor a (6) must match the size of tensor b (2) at non-singleton`
There are 6 heads of queries and 2 of keys. Repeat keys and values until there are 6 of each.
"""

# %% exercise points=4 difficulty=4 minutes=25
from course.llama import GroupedQueryAttention

# %% check
check(GroupedQueryAttention)

# %% grouped-same-why [markdown]
r"""
With as many heads of keys as of queries, and nothing turned, your layer must be the multi-head
attention of lesson 05 without its biases. Is it?
"""

# %% grouped-same
torch.manual_seed(0)
multi = MultiHeadAttention(12, 3, bias=False)
grouped = GroupedQueryAttention(12, 3, 3, turn=lambda x, start: x)
with torch.no_grad():
    for name in ("w_q", "w_k", "w_v", "w_o"):
        getattr(grouped, name).weight.copy_(getattr(multi, name).weight)
x = torch.randn(2, 5, 12)
print("the same:", torch.allclose(multi(x, x, x), grouped(x), atol=1e-6))

# %% llama-why [markdown]
r"""
## The whole Llama

A block is put together as in lesson 11: attention and feed-forward, each in a pre-norm residual. It
is made of your three parts. Positions enter nowhere else: the attention turns queries and keys
(lesson 06). `LlamaConfig` holds the sizes: `d_model`, `n_heads`, `n_kv_heads`, `d_ff`, `n_layers`,
`vocab_size`, `context_length`, and with them `tied`, `eps` and `d_head` (None: `d_model /
n_heads`); its method `turn()` gives the rotation of lesson 06 as the attention wants it.
"""

# %% llama-block
class LlamaBlock(nn.Module):
    """Self-attention, then feed-forward, each in a pre-norm residual, all of your parts."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.attention = GroupedQueryAttention(
            config.d_model, config.n_heads, config.n_kv_heads, config.d_head, config.turn())
        self.feed_forward = SwiGLU(config.d_model, config.d_ff)
        self.norm_1 = RMSNorm(config.d_model, config.eps)
        self.norm_2 = RMSNorm(config.d_model, config.eps)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """x (B, T, d_model), mask as in lesson 05 -> (B, T, d_model)."""
        x = residual(x, lambda y: self.attention(y, mask), self.norm_1)
        return residual(x, self.feed_forward, self.norm_2)

# %% llama-task [markdown]
r"""
### Exercise: `Llama`

Put the parts together: the table's rows go through the blocks under a causal mask, through one last
norm, and through the output layer. No position is added anywhere; the attention turns by it. Where
`config.tied` says so, the output layer has the token table as its weight. `cached` is given, and
the line that keeps the config for it.

Hint: Your `GPT` of lesson 11 with three changes: no table of positions, no dropout, and an
`RMSNorm` in place of the last `LayerNorm`.

Hint: The blocks are `n_layers` different ones in an `nn.ModuleList`; each takes the whole `config`.
The norm wants `config.d_model` and `config.eps`.

Hint: To tie, assign the parameter itself: `self.output.weight` gets `self.embedding.table`. In
`forward`, `causal_mask` wants the number of tokens in a row, and every block gets the mask.

Help: I see `cannot assign 'torch.FloatTensor' as parameter 'weight'`
A copy, or `.data`, is only a tensor. Assign `self.embedding.table`, the parameter itself: both then
learn together.
"""

# %% exercise points=3 difficulty=2 minutes=12
from course.llama import Llama

# %% check
check(Llama)

# %% llama-count-why [markdown]
r"""
How large is a published one? torch can make a model without its numbers: on the device `meta` a
tensor has a shape and nothing in it. So even the giants fit here.
"""

# %% llama-count
llama_3 = {  # d_model, layers, heads, d_ff, of Grattafiori et al. (2024), table 3
    "8 B": (4096, 32, 32, 14336), "70 B": (8192, 80, 64, 28672), "405 B": (16384, 126, 128, 53248),
}
for name, (d_model, n_layers, n_heads, d_ff) in llama_3.items():
    config = LlamaConfig(d_model=d_model, n_layers=n_layers, n_heads=n_heads, n_kv_heads=8,
                         d_ff=d_ff, vocab_size=128_000, context_length=131_072, tied=False)
    with torch.device("meta"):
        giant = Llama(config)
    print(f"Llama 3 of {name:5}: {sum(p.numel() for p in giant.parameters()) / 1e9:.1f} billion")

# %% llama-count-meaning [markdown]
r"""
Your class, with the sizes of the paper's table, has the numbers that the models are named after.
"""

# %% parts-why [markdown]
r"""
## What does each part change?

Now exchange one part after the other in a small GPT. All learn the same: the next word of our plain
German sentences, in 60 steps and with about as many parameters. The GPT learns from four seeds, the
others from the first two of them.
"""

# %% parts-block
class MixedBlock(nn.Module):
    """A GPT's block, in which the parts that are named in `new` are Llama's."""

    def __init__(self, new: set[str], d: int = 32) -> None:
        super().__init__()
        norm = RMSNorm if "norm" in new else LayerNorm
        self.norm_1, self.norm_2 = norm(d), norm(d)
        gated = "gate" in new
        self.feed_forward = SwiGLU(d, 86) if gated else ActivatedFeedForward(d, 128, "gelu_tanh")
        turn = rotate if "rotary" in new else lambda x, start: x
        self.attention = GroupedQueryAttention(d, 4, 2 if "shared" in new else 4, turn=turn)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (B, T, d) -> (B, T, d)."""
        x = residual(x, lambda y: self.attention(y, mask), self.norm_1)
        return residual(x, self.feed_forward, self.norm_2)

# %% parts-model
class MixedModel(nn.Module):
    """Two such blocks between a table and its transpose."""

    def __init__(self, new: set[str], vocab_size: int, d: int = 32) -> None:
        super().__init__()
        self.embedding = UnscaledEmbedding(vocab_size, d)
        self.positions = nn.Identity() if "rotary" in new else LearnedPositions(32, d)
        self.blocks = nn.ModuleList(MixedBlock(new, d) for _ in range(2))
        self.norm = RMSNorm(d) if "norm" in new else LayerNorm(d)

    def forward(self, tokens: Tensor) -> Tensor:
        """tokens (B, T) -> logits (B, T, vocab_size)."""
        x, mask = self.positions(self.embedding(tokens)), causal_mask(tokens.shape[1])
        for layer in self.blocks:
            x = layer(x, mask=mask)
        return self.norm(x) @ self.embedding.table.T

# %% parts-data
ends = [[1, *(3 + number for number in row), 2] for row in ids]  # bos, words, eos; 0 is padding
texts = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in ends], batch_first=True)
texts = texts[(texts != 0).sum(dim=1) <= 10][:, :10]  # short ones: less to compute


def learns(new: set[str], seed: int) -> float:
    """Train on all texts but the last 400, and give the loss on these."""
    torch.manual_seed(seed)
    model, generator = MixedModel(new, len(numbers) + 3), torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for step in range(60):
        optimizer.param_groups[0]["lr"] = 0.02 * min(1, (step + 1) / 20) * (1 - step / 60)
        batch = texts[torch.randint(len(texts) - 400, (32,), generator=generator)]
        optimizer.zero_grad(), language_model_loss(model(batch), batch).backward()
        optimizer.step()
    with torch.inference_mode():
        return language_model_loss(model(texts[-400:]), texts[-400:]).item()

# %% parts-predict [markdown]
r"""
**Predict.** Four parts are exchanged, each alone: the norm, the gate, rotary positions, and keys
shared by two heads each. How many of the four lower the loss on new text by more than the runs of
the same GPT are apart?
"""

# %% parts-guess
guess = None  # your guess: 0 to 4

# %% parts-run
variants = {"GPT": set(), "norm": {"norm"}, "gate": {"gate"}, "rotary": {"rotary"},
            "shared": {"shared"}, "Llama": {"norm", "gate", "rotary", "shared"}}
lost = {name: [learns(new, seed) for seed in range(2 if new else 4)]
        for name, new in variants.items()}
apart_by_chance = max(lost["GPT"]) - min(lost["GPT"])
four = ("norm", "gate", "rotary", "shared")
gains = {name: mean(lost["GPT"]) - mean(lost[name]) for name in four}
reveal(guess, sum(gain > apart_by_chance for gain in gains.values()))
for name, found in lost.items():
    n = sum(p.numel() for p in MixedModel(variants[name], len(numbers) + 3).parameters())
    print(f"{name:7} {n:6} parameters, loss {mean(found):.3f}  "
          f"({min(found):.3f} to {max(found):.3f}, {len(found)} seeds)")

# %% parts-picture
figure, (axis,) = plots.canvas(7.0, 3.0)
for place, found in enumerate(lost.values()):
    axis.plot([place] * len(found), found, "o", color=plots.COLOURS[0], markersize=6)
axis.axhspan(min(lost["GPT"]), max(lost["GPT"]), color=plots.COLOURS[3], alpha=0.3)
axis.set_xticks(range(len(lost)), ["GPT", "+ norm", "+ gate", "+ rotary", "+ shared", "Llama"])
axis.set_ylabel("loss on new text")
plots.show(figure, alt="Four points for the GPT and two for each of five other models: their "
                       "losses. A grey band marks how far apart the runs of the GPT are; nearly "
                       "all other points lie in it.")

# %% parts-caption [markdown]
r"""
**Figure.** Each point is one run; the grey band reaches from the best to the worst run of the plain
GPT. None of the four changes the loss by more than chance does. Whoever stops after two runs of
each sees shared keys fall behind. Do not believe it: the worst run of the same GPT is as far
behind, and with six runs of all (`range(6)` above) shared keys come out ahead, within the band
again. So sixty steps of a tiny model cannot show what these parts are worth: chance is larger than
they are. What is known of them comes from large runs (Shazeer 2020; Narang et al. 2021), and there
too the gains are small: at equal size and with equal data, the Llama of today is the GPT of 2019
with small repairs.
"""

# %% load-why [markdown]
r"""
## Whose rows turn together

Now published weights. The files of Llama that people download (by Hugging Face) are a dictionary:
names and matrices. Theirs fit your model, matrix for matrix, with one trap. You met it in lesson
06: your `rotate` turns **neighbours** together, rows 0 and 1 of a head, 2 and 3. In their files row
$i$ turns with row $i + d_{head}/2$: a head is two **halves**. The numbers are the same (Su et al.
2021 pair neighbours, as you do); only the order of the rows differs, and no error is raised if you
forget it.
"""

# %% halves-task [markdown]
r"""
### Exercise: `halves_to_pairs`

Put the rows in our order, so that `rotate` turns in our model what turns together in theirs. Each
head is reordered in itself: no row moves to another head. For one head of 6 rows a, b, c, d, e, f,
the new order is a, d, b, e, c, f.

Hint: In their order, a head is two halves. Row $i$ of the first half turns with row $i$ of the
second. In ours these two are neighbours.

Hint: See the first axis as three: head, half, place in the half. `weight.unflatten(0, ...)` splits
an axis, and one of the three sizes may be -1.

Hint: Exchange half and place with `.transpose`, and make the three axes one again with `.flatten`.
All other axes of the weight stay as they are.

Help: I see `don't multiply up to the size of dim 0`
The three sizes must multiply to the number of rows: `n_heads`, then 2 for the halves, then what is
left of a head.
"""

# %% exercise points=2 difficulty=3 minutes=8
from course.llama import halves_to_pairs

# %% check
check(halves_to_pairs)

# %% load-state-why [markdown]
r"""
We cannot download 16 gigabytes here. But the format can be met in small: here is a dictionary as
the library `transformers` names it, of a tiny Llama, filled with made-up numbers. (That the numbers
are made up makes the test sharper: in a fresh model all gains are 1, and a forgotten gain is not
noticed.)
"""

# %% load-state
def made_up(name: str, *shape: int) -> Tensor:
    """Numbers between -0.5 and 0.5 that depend on the name alone."""
    n, begin = math.prod(shape), sum(map(ord, name)) % 97
    return (torch.arange(begin, begin + n).double() * 1.3).sin().float().view(shape) / 2


their_config = {
    "model_type": "llama", "hidden_size": 16, "num_attention_heads": 4, "num_key_value_heads": 2,
    "intermediate_size": 24, "num_hidden_layers": 2, "vocab_size": 12, "rms_norm_eps": 1e-5,
    "max_position_embeddings": 64, "tie_word_embeddings": False, "hidden_act": "silu",
}
shapes = {"self_attn.q_proj": (16, 16), "self_attn.k_proj": (8, 16), "self_attn.v_proj": (8, 16),
          "self_attn.o_proj": (16, 16), "mlp.gate_proj": (24, 16), "mlp.up_proj": (24, 16),
          "mlp.down_proj": (16, 24), "input_layernorm": (16,), "post_attention_layernorm": (16,)}
names = {f"model.layers.{i}.{part}": shape for i in range(2) for part, shape in shapes.items()}
names |= {"model.embed_tokens": (12, 16), "model.norm": (16,), "lm_head": (12, 16)}
their_state = {f"{name}.weight": made_up(name, *shape) for name, shape in names.items()}

# %% load-run-why [markdown]
r"""
What should come out? The library `transformers` is not needed for this course, so its answer was
written down: the scores of its own `LlamaForCausalLM`, with these weights, for the token after `3 1
4 1 5`. (A test of the course asks the library again.)
"""

# %% load-run
from course.pretrained import load_llama

llama_said = torch.tensor([
    -0.2973, 0.1597, 0.1789, -0.2923, 0.0378, 0.2643,
    -0.2337, -0.0911, 0.3012, -0.1321, -0.2033, 0.2828,
])
yours = load_llama(their_state, their_config, build=Llama)  # your class
with torch.inference_mode():
    scores_now = yours(torch.tensor([[3, 1, 4, 1, 5]]))[0, -1]
print("a model of your class:", type(yours) is Llama)
print(f"largest difference: {(scores_now - llama_said).abs().max():.4f}")

# %% load-predict [markdown]
r"""
**Predict.** Now leave the rows of queries and keys in their order, without `halves_to_pairs`. Will
there be an error, the same scores, or other scores without an error?
"""

# %% load-guess
guess = None  # your guess: "error", "same" or "other"

# %% load-break
in_your_order = []  # what the loader did with each matrix
with torch.no_grad():
    for i, block in enumerate(yours.blocks):
        for part, n_heads in (("q", 4), ("k", 2)):
            rows = their_state[f"model.layers.{i}.self_attn.{part}_proj.weight"]
            weight = getattr(block.attention, f"w_{part}").weight
            in_your_order.append(weight.equal(halves_to_pairs(rows, n_heads)))
            weight.copy_(rows)  # the bug
    broken_scores = yours(torch.tensor([[3, 1, 4, 1, 5]]))[0, -1]
difference = (broken_scores - llama_said).abs().max().item()
reveal(guess, "other" if difference > 0.001 else "same")
print(f"the loader had used your order: {all(in_your_order)}; without it, {difference:.3f} off")

# %% load-meaning [markdown]
r"""
Other scores, no error. (They differ by little here, since made-up weights look nearly everywhere
alike; trained heads look sharply. And yet it is no rounding: in the right order the difference was
too small to be printed, more than a hundred times smaller. So compare down to the last digit that
is known.) A real model then writes text that may be almost language, which is worse than a crash.
Parity on random weights, as above, is the cheapest protection there is.

`load_llama` refuses what it cannot do: a missing tensor, one of the wrong shape, an option that
your Llama does not have.
"""

# %% marian-why [markdown]
r"""
## Your translator is theirs

(Up to *The whole way* may be skipped.) One more family. The translators named *opus-mt*, more than
a thousand (Tiedemann & Thottingal 2020), were trained with the program Marian (Junczys-Dowmunt et
al. 2018). Their architecture is the Transformer of 2017: post-norm, sines, an encoder, a decoder.
That is the Transformer of **lesson 08**, with the activation swish and a bias on the last layer.
(Here the course's copy of it is filled, not your class.)
"""

# %% marian-config
marian_config = {
    "model_type": "marian", "d_model": 16, "encoder_layers": 1, "decoder_layers": 1,
    "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 20,
    "decoder_ffn_dim": 20, "vocab_size": 14, "max_position_embeddings": 32, "pad_token_id": 13,
    "decoder_start_token_id": 13, "eos_token_id": 0, "activation_function": "swish",
    "scale_embedding": True, "static_position_embeddings": True,
}

# %% marian-state
attention = {f"{part}_proj": (16, 16) for part in ("q", "k", "v", "out")}
layer = {f"self_attn.{part}": shape for part, shape in attention.items()}
layer |= {"fc1": (20, 16), "fc2": (16, 20)}
layer |= {"self_attn_layer_norm": (16,), "final_layer_norm": (16,)}
across = {f"encoder_attn.{part}": shape for part, shape in attention.items()}
across |= {"encoder_attn_layer_norm": (16,)}
parts = {"encoder": layer, "decoder": layer | across}
names = {f"model.{stack}.layers.0.{one}": s for stack in parts for one, s in parts[stack].items()}
marian_state = {f"{name}.weight": made_up(name, *shape) for name, shape in names.items()}
marian_state |= {f"{name}.bias": made_up(name + "b", shape[0]) for name, shape in names.items()}
marian_state |= {"model.shared.weight": made_up("shared", 14, 16),
                 "final_logits_bias": made_up("final", 1, 14)}

# %% marian-run
from course.pretrained import load_marian
from course.transformer import Transformer

marian_said = torch.tensor([
    0.6913, -1.9717, 0.2843, 2.0296, -1.159, -1.1024, 1.383,
    -0.3082, -0.7678, 1.4697, -0.3914, -1.8094, 1.4655, 1.2102,
])
translator = load_marian(marian_state, marian_config)
source = translator.source_numbers.ours[torch.tensor([[5, 7, 2, 0]])]  # in the course's numbers
target = translator.target_numbers.ours[torch.tensor([[4, 9]])]
target = torch.cat([torch.ones(1, 1, dtype=torch.long), target], dim=1)  # <bos> first
with torch.inference_mode():
    logits = translator(source, target)[0, -1]
ours = logits[translator.target_numbers.ours]  # back in Marian's order
print("a Transformer of lesson 08:", isinstance(translator, Transformer))
print(f"largest difference: {(ours - marian_said)[:13].abs().max():.4f}")  # 13 is padding

# %% marian-sines-why [markdown]
r"""
They agree. Is it then right? Look at the sines. The paper's hand $i$ turns by $10000^{-i/(d/2)}$ a
position, and so does `transformers`. The program that *trained* these weights divides by $d/2 - 1$
(it follows Tensor2Tensor; lesson 06 told of it). Here are both, as large as an opus-mt model is:
"""

# %% marian-sines
d, position = 512, torch.arange(100)
turning = {name: position[:, None] * 10_000.0 ** -(torch.arange(d // 2) / below)
           for name, below in (("transformers", d / 2), ("Marian", d / 2 - 1))}
apart = (turning["transformers"].sin() - turning["Marian"].sin()).abs()
for t in (1, 10, 99):
    print(f"position {t:2}: the sines differ by at most {apart[t].max():.3f}, "
          f"on average {apart[t].mean():.3f}")

# %% marian-sines-meaning [markdown]
r"""
Small at first, and growing with the position. So the translators are used today with other
positions than they were trained with, and how much that costs we have not measured. What our test
proves is that the course agrees with the library. An *oracle* is what a test asks for the right
answer. **To agree with it is not to be right.**

At the command line you can run weights that lie in a folder. For GPT-2 or Llama it writes on, for
BERT it fills `[MASK]`, for Marian it translates; sentencepiece, the tokenizer of the opus-mt models
and the first Llamas, is not read, so these take numbers, with `--ids`:

```
python -m course pretrained FOLDER "The animal did not cross the street because"
```
"""

# %% way [markdown]
r"""
## The whole way

You began with a list of numbers. Here is each lesson's question, and what you found.

| Lesson | Its question | Your answer |
|---|---|---|
| 00 | How does this course work, and what is a shape? | Guess, run, write, check. A shape says how many numbers stand along each axis. |
| 01 | How does a model remember what it has read? | In a state that each word changes; gates keep it alive over many steps. |
| 02 | How do two networks translate? | One reads, one writes; a state of fixed size between them loses long sentences, and attention ends that. |
| 03 | How does a word become numbers? | By its neighbours: words in like company get like vectors. |
| 04 | How does a word look at others? | Its query meets their keys; the softmax of the products weighs their values. |
| 05 | Why several heads? | One head makes one mixture; several relations need several. |
| 06 | How does it know the order? | Attention alone does not. Positions are added, or turned into queries and keys. |
| 07 | What lets many layers help? | $x + F(x)$ and a norm: a road that stays open for the gradient. |
| 08 | How does the whole translate? | The decoder writes word by word, and looks into the encoder's memory. |
| 09 | How is it trained, and when is it good? | Subwords, warm-up, patience; a low loss proves nothing, held-out sentences do. |
| 10 | How is the next word chosen? | It depends on what is wanted: one right answer, or many good ones. The cache makes it fast. |
| 11 | What can the decoder alone do? | Predict the next token, and by that learn what nobody labelled. |
| 12 | What can the encoder alone do? | Read both sides; first on plain text, then on a few labels. |
| 13 | What has changed since, and what made the difference? | A lighter norm, a gate, turned positions, shared keys: each a small repair; the shared keys make the cache several times smaller. Plain text made the difference: with it the encoder came nearly up to the CRF. |
"""

# %% left-out [markdown]
r"""
## What was left out

An honest list of what stands between your Llama and an assistant of today:

- **Scale.** The loss falls smoothly with parameters, data and computing (Kaplan et al. 2020), and
  for a given budget model and data should grow together (Hoffmann et al. 2022). No laptop shows it.
- **Mixture of experts.** Many feed-forward networks, of which each token uses a few: more
  parameters for the same work (Shazeer et al. 2017; Fedus et al. 2022).
- **Long context.** Attention computed piece by piece, so that the table of scores is never stored
  (Dao et al. 2022); positions stretched beyond their training (Chen et al. 2023). And to be able to
  read a long text is not yet to use it: what stands in its middle is often missed (Liu et al.
  2024).
- **Alignment by feedback.** A model that continues texts becomes one that follows instructions, by
  examples and by people's judgements (Ouyang et al. 2022), or directly from their preferences
  (Rafailov et al. 2023).
"""

# %% remember [markdown]
r"""
## What to remember

- With little labelled data, the newest architecture need not be the best: the CRF of 2001 and the
  recurrent networks were ahead of the encoder. With eleven times as many, HMM, CRF and encoder
  nearly meet.
- What pre-training brought is the use of text that nobody labelled.
- Viterbi and the forward algorithm: of all ways to a tag keep the best, or the sum. $T \cdot N^2$
  steps instead of $N^T$.
- A convolution does not go step by step; it sees its width, and layers add to it.
- What must wait is a chain of steps with a bend between them; steps that are products can be
  folded.
- Llama is GPT with RMSNorm, SwiGLU, rotary positions and shared keys. Sharing makes the cache small
  and is not there to lower the loss.
- Weights from elsewhere: check the order of rows, and compare numbers with the original.

This is the end of the course. You have written its essential parts yourself. When the next
architecture is announced, ask of it what you asked here: which part is new, what does it change
when all else is equal, and what had it read?
"""

# %% try [markdown]
r"""
## Try this

1. **Your own rules.** Improve `by_rules` for ten minutes, looking at mistakes on the *development*
   sentences only. Can you pass the hidden Markov model? Then look at the test once.
2. **Half of it.** Give 50 labelled sentences instead of 100, in the cell that makes `data`, and run
   the race again. Who suffers most, and who least?
3. **Vectors for the rest.** Give word vectors to the GRU and the LSTM:
   `from_plain_text(make, rate, seed, put_vectors)`, with their own `make` and `rate` from
   `learning`. How much of what pre-training brought do they reach?
4. **One for all.** In `MixedBlock`, let all four heads share one head of keys: 1 where it says
   `2 if "shared" in new`. Does the loss notice? Use four seeds at least.
"""
