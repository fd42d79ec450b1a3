"""The exercises of lesson 02: laws, and the mistakes that people make."""

from __future__ import annotations

import numpy as np

from course import seq2seq
from course.checks import seq2seq_cases as given
from course.checks.exercise import Case, Exercise, Law, Mistake

END = "    answers[torch.arange(len(target)), lengths] = EOS\n"

shift_right = Exercise(
    reference=seq2seq.shift_right,
    see="lesson 02, 'Given the right beginning'",
    cases=given.shift_cases,
    mistakes=(
        Mistake("<bos> missing", (("F.pad(target, (1, 0), value=BOS)", "F.pad(target, (0, 1), value=PAD)"),),
                "the inputs have no <bos> in front, so each place is given the very word that it is to say."),
        Mistake("<eos> missing", ((END, ""),), "no answer is <eos>: a decoder that is never asked for the end writes on for ever."),
        Mistake("<eos> after the padding", ((END, "    answers[:, -1] = EOS\n"),),
                "<eos> stands in the last column; in a shorter sentence it belongs right behind the last word, before the padding."),
        Mistake("padding became <eos>", ((END, "    answers[answers == PAD] = EOS\n"),),
                "all the padding has become <eos>; each sentence ends once, and what comes after must stay 0 so that the loss can leave it out."),
        Mistake("answers begin with <bos>", (("    return inputs, answers", "    return inputs, inputs"),),
                "inputs and answers are the same, both with <bos> in front; the answer at each place is the word one step later."),
        Mistake("last word over-written", ((END, "    answers[torch.arange(len(target)), lengths - 1] = EOS\n"),),
                "<eos> has replaced the last word; it stands one place behind it."),
        Mistake("inputs and answers exchanged", (("    return inputs, answers", "    return answers, inputs"),),
                "inputs and answers have changed places: the inputs come first."),
        Mistake("shifted the wrong way", (("F.pad(target, (1, 0), value=BOS)", "F.pad(target[:, 1:], (0, 2), value=PAD)"),),
                "the inputs are shifted to the left: at each place the decoder is shown the word after the one that it is to say."),
        Mistake("<eos> in front, <bos> behind", (("value=BOS", "value=EOS"), ("lengths] = EOS", "lengths] = BOS")),
                "the two signs have changed places: <bos> 1 begins the inputs, <eos> 2 ends the answers."),
    ),
)  # fmt: skip


def padded(case: Case) -> Case:
    """The same sentences with two more places of padding, full of numbers."""
    more = case["xs"][:, :1].repeat(1, 2, 1) + 5
    blank = case["mask"].new_zeros(len(case["mask"]), 2)
    return case.changed(xs=given.torch.cat([case["xs"], more], 1), mask=given.torch.cat([case["mask"], blank], 1))


encode_source = Exercise(
    reference=seq2seq.encode_source,
    see="lesson 02, 'The reader'",
    cases=given.encode_cases,
    gradients=True,
    laws=(Law("more padding leaves the last state as it is", lambda case, out, more: np.array_equal(out["[1]"], more["[1]"]), padded),),
    mistakes=(
        Mistake("padding read like words", (("torch.where(mask[:, t, None], new, h)", "new"),),
                "padding is read like words, so the last state of a short sentence depends on how long its neighbours are."),
        Mistake("mask inverted", (("torch.where(mask[:, t, None], new, h)", "torch.where(mask[:, t, None], h, new)"),),
                "the mask is turned round and only padding is read: True means a word."),
        Mistake("state not carried", (("step(xs[:, t], h)", "step(xs[:, t], h0)"),), "every step begins from h0 again, so the last state knows the last word alone."),
        Mistake("state emptied at padding", (("torch.where(mask[:, t, None], new, h)", "new * mask[:, t, None]"),),
                "at padding the state becomes zero, and what was read is lost; it must stay as it is."),
        Mistake("back to the start at padding", (("torch.where(mask[:, t, None], new, h)", "torch.where(mask[:, t, None], new, h0)"),),
                "at padding the state goes back to h0, and what was read is lost; it must stay as it is."),
        Mistake("only the input is masked", (("step(xs[:, t], h)", "step(xs[:, t] * mask[:, t, None], h)"), ("torch.where(mask[:, t, None], new, h)", "new")),
                "at padding an x of zeros is read; that too is a step, and it changes the state."),
        Mistake("read backwards", (("for t in range(xs.shape[1]):", "for t in reversed(range(xs.shape[1])):"), ("torch.stack(states, dim=1)", "torch.stack(states[::-1], dim=1)")),
                "the sentence is read from its end, so the last state is the one at the first word."),
        Mistake("one step late", (("        states.append(h)\n", ""), ("        new = step", "        states.append(h)\n        new = step")),
                "the states begin with h0: the state at each place is the one after reading the word there."),
        Mistake("stacked along the batch", (("torch.stack(states, dim=1)", "torch.stack(states)"),),
                "the states are stacked in front of the batch axis: they come out (T, B, d_h), and wanted is (B, T, d_h)."),
        Mistake("mean of the states", (("dim=1), h", "dim=1), torch.stack(states, dim=1).mean(dim=1)"),),
                "the mean of all states is returned as the last one; the last one has read the whole sentence by itself."),
    ),
)  # fmt: skip


LOG_P, MEAN = "logits.log_softmax(dim=-1)", "(surprise * real).sum() / real.sum()"
SURPRISE = "-log_p.gather(-1, answers[..., None])[..., 0]"

teacher_forcing_loss = Exercise(
    reference=seq2seq.teacher_forcing_loss,
    see="lesson 02, 'What the loss must leave out'",
    cases=given.loss_cases,
    gradients=True,
    laws=(
        Law("adding one number to all logits changes nothing", lambda case, out, other: abs(out - other) < 1e-3 * (1 + abs(out)),
            lambda case: case.changed(logits=case["logits"] + 3)),
    ),
    mistakes=(
        Mistake("padding counted", ((MEAN, "surprise.mean()"),), "padding is counted as if it were words to be learned, so much of the loss is about saying nothing."),
        Mistake("divided by padding too", ((MEAN, "(surprise * real).sum() / real.numel()"),),
                "padding is left out above, but the sum is divided by all places: a batch with more padding seems to have a smaller loss."),
        Mistake("sum for mean", ((MEAN, "(surprise * real).sum()"),), "the surprises are added up, not averaged, so a larger batch takes larger steps."),
        Mistake("mean of the sentences' means", ((MEAN, "((surprise * real).sum(dim=1) / real.sum(dim=1)).mean()"),),
                "first each sentence is averaged, then the sentences: a word of a short sentence then counts for more; every word counts the same."),
        Mistake("softmax over the sentences", ((LOG_P, "logits.log_softmax(dim=0)"),),
                "the softmax runs over the batch: the sentences compete with each other, where the words of the vocabulary should."),
        Mistake("softmax over time", ((LOG_P, "logits.log_softmax(dim=1)"),),
                "the softmax runs over the places of the sentence; it is the words of the vocabulary that compete, the last axis."),
        Mistake("softmax forgotten", ((LOG_P, "logits"),), "the logits are taken for ln p; they become that only by a softmax over the vocabulary and a logarithm."),
        Mistake("no logarithm", ((LOG_P, "logits.softmax(dim=-1)"),), "the probabilities themselves are averaged; it is their logarithms that a loss averages."),
        Mistake("no minus", ((SURPRISE, SURPRISE[1:]),), "the sign is missing: training would make the right answers less and less likely."),
        Mistake("unstable", ((LOG_P, "(logits.exp() / logits.exp().sum(dim=-1, keepdim=True)).log()"),),
                "exp(logits) is computed by itself and overflows for large logits; log_softmax is made so that it does not."),
        Mistake("<eos> left out", (("answers != PAD", "answers > EOS"),), "<eos> is left out of the loss; nobody then teaches the decoder when to stop."),
        Mistake("detached", ((LOG_P, "logits.detach().log_softmax(dim=-1)"),), "the logits are detached: the number is right, but nothing can learn from it."),
    ),
)  # fmt: skip


APPEND = "            sentences[row].append(int(token[row]))\n"

decode_greedy = Exercise(
    reference=seq2seq.decode_greedy,
    see="lesson 02, 'The writer'",
    cases=given.decode_cases,
    mistakes=(
        Mistake("starts from padding", (("(len(state),), BOS)", "(len(state),), PAD)"),), "the first token is 0, padding; the decoder has learned to begin after <bos>."),
        Mistake("starts from <eos>", (("(len(state),), BOS)", "(len(state),), EOS)"),), "the first token is <eos>; the decoder has learned to begin after <bos>."),
        Mistake("always fed <bos>", (("step(token, state)", "step(torch.full((len(state),), BOS), state)"),),
                "the decoder is given <bos> at every step and never hears what it has said itself."),
        Mistake("state not carried", (("logits, state = step", "logits, _ = step"),), "the new state is thrown away, so every step begins at the beginning."),
        Mistake("<eos> kept", (("        ended = ended | (token == EOS)\n        if ended.all():\n            break\n", ""), (APPEND, APPEND + "        ended = ended | (token == EOS)\n        if ended.all():\n            break\n")),
                "<eos> stands in the sentences; it is the sign that one is finished, not a word of it."),
        Mistake("writes after the end", (("ended = ended | (token == EOS)", "ended = token == EOS"),),
                "a sentence that had ended goes on when another word follows its <eos>; once ended, it must stay ended."),
        Mistake("stops with the first", (("if ended.all():", "if ended.any():"),), "all stop as soon as one sentence has ended, and the longer ones are cut off."),
        Mistake("one too many", (("range(max_tokens)", "range(max_tokens + 1)"),), "one token more than max_tokens can come out."),
        Mistake("one too few", (("range(max_tokens)", "range(max_tokens - 1)"),), "the sentences can stop one token short of max_tokens."),
        Mistake("likeliest over the batch", (("token = logits.argmax(dim=-1)  # (B,)", "token = logits.argmax(dim=0)[: len(state)]"),),
                "the largest logit is sought along the batch; each sentence chooses from its own row of the vocabulary."),
        Mistake("the least likely", (("logits.argmax(dim=-1)", "logits.argmin(dim=-1)"),), "the token with the smallest logit is taken."),
        Mistake("<bos> in the sentences", (("[[] for", "[[BOS] for"),), "every sentence begins with <bos>; it was given to the decoder, not said by it."),
    ),
)  # fmt: skip


SCORES, Q, K = "torch.tanh(q + k) @ v", "(query @ w_q.T).unsqueeze(-2)", "(key @ w_k.T).unsqueeze(-3)"

additive_attention = Exercise(
    reference=seq2seq.additive_attention,
    see="lesson 02, 'Look at every state'",
    cases=given.attention_cases,
    gradients=True,
    laws=(
        Law("each row of weights sums to 1", lambda case, out, _: np.allclose(out["[1]"].sum(-1), 1, atol=1e-5)),
    ),
    mistakes=(
        Mistake("tanh missing", ((SCORES, "(q + k) @ v"),), "the tanh is missing: the query then adds the same to every key's score, and the softmax takes it away again."),
        Mistake("tanh after the sum", ((SCORES, "torch.tanh((q + k) @ v)"),), "the tanh is taken of the finished score; it belongs inside, before the dot product with v."),
        Mistake("softmax over the queries", (("scores.softmax(dim=-1)", "scores.softmax(dim=-2)"),),
                "the softmax runs over the queries; for each query the keys compete, so its own row sums to 1."),
        Mistake("mask ignored", (("    if mask is not None:\n        scores = scores.masked_fill(~mask, -torch.inf)\n", ""),), "the mask is not used, so padding is looked at like words."),
        Mistake("mask inverted", (("masked_fill(~mask", "masked_fill(mask"),), "the mask is turned round: True means may attend."),
        Mistake("masked with 0", (("~mask, -torch.inf", "~mask, 0.0"),), "blocked scores are set to 0, and e to the power of 0 is 1: what is blocked still gets weight."),
        Mistake("mask after the softmax", (("        scores = scores.masked_fill(~mask, -torch.inf)\n    weights = scores.softmax(dim=-1)", "        weights = scores.softmax(dim=-1) * mask\n    else:\n        weights = scores.softmax(dim=-1)"),),
                "the mask is applied after the softmax, so the weights that are left sum to less than 1."),
        Mistake("keys read for values", (("weights @ value", "weights @ key"),), "the keys are averaged; they only say where to look, what is read there are the values."),
        Mistake("no softmax", (("scores.softmax(dim=-1)", "scores"),), "the scores themselves are used as weights; a softmax makes them positive, with sum 1."),
        Mistake("scaled like a dot product", ((SCORES, SCORES + " / len(v) ** 0.5"),), "the scores are divided by a root; that belongs to the dot product of lesson 04, here tanh keeps them small."),
        Mistake("v forgotten", ((SCORES, "torch.tanh(q + k).sum(-1)"),), "the features are added up with equal weight; v says how much each of them counts."),
        Mistake("detached", (("weights @ value, weights", "weights.detach() @ value, weights"),), "the weights are detached: the numbers are right, but the summary cannot teach where to look."),
    ),
)  # fmt: skip
