"""The exercises of lesson 10: laws, and the mistakes that people make."""

from __future__ import annotations

import numpy as np

from course import decoding
from course.checks import decoding_cases as given
from course.checks.exercise import Exercise, Law, Mistake
from course.kv_cache import KVCache

temperature = Exercise(
    reference=decoding.temperature,
    see="lesson 10, 'Colder, hotter'",
    cases=given.temperature_cases,
    mistakes=(
        Mistake("multiplied", (("logits / tau", "logits * tau"),), "the logits are multiplied: a low temperature would then flatten the choice instead of sharpening it."),
        Mistake("temperature ignored", (("logits / tau", "logits"),), "the logits come back as they were, whatever the temperature."),
        Mistake("softmax inside", (("logits / tau", "(logits / tau).softmax(dim=-1)"),), "these are probabilities already; logits are asked for, since top-k and the softmax come after."),
        Mistake("probabilities divided", (("logits / tau", "logits.softmax(dim=-1) / tau"),), "the probabilities were divided: that scales them all alike and changes no choice; divide before the softmax."),
        Mistake("divided by the square", (("logits / tau", "logits / tau**2"),), "the logits are divided by the square of tau."),
        Mistake("divided by the root", (("logits / tau", "logits / tau**0.5"),), "the logits are divided by the root of tau; the root belongs to attention's sqrt(d_k)."),
        Mistake("subtracted", (("logits / tau", "logits - tau"),), "tau is subtracted, and a softmax does not notice what is added to all logits alike."),
        Mistake("zero accepted", (("if tau <= 0", "if tau < 0"),), "tau = 0 is not refused: it divides by zero, and what comes out is infinite or no number."),
        Mistake("below zero accepted", (("if tau <= 0", "if tau == 0"),), "a negative tau is not refused: it turns the order round and prefers the least likely token."),
    ),
)  # fmt: skip


KEPT, FILL = "logits.topk(min(k, logits.shape[-1]), dim=-1).values", "logits.masked_fill(logits < kept[..., -1:], -math.inf)"

top_k = Exercise(
    reference=decoding.top_k,
    see="lesson 10, 'Only the best k'",
    cases=given.top_k_cases,
    mistakes=(
        Mistake("zeros instead of -inf", (("-math.inf", "0.0"),), "what is left out gets the logit 0, and e to the power of 0 is 1: it stays possible, and may even gain; its logit must become -inf."),
        Mistake("the k-th is lost", (("logits < kept", "logits <= kept"),), "the k-th largest is left out too, so one too few is kept."),
        Mistake("one too many", (("min(k, ", "min(k + 1, "),), "k + 1 tokens are kept."),
        Mistake("the smallest kept", (("dim=-1).values", "dim=-1, largest=False).values"), ("logits < kept", "logits > kept")), "the k smallest logits are kept; the largest are the likeliest."),
        Mistake("one threshold for all rows", ((KEPT, "logits.flatten().topk(min(k, logits.shape[-1])).values"),), "one threshold was taken for the whole batch; each row has a k-th largest of its own."),
        Mistake("chosen along the batch", ((KEPT, "logits.topk(min(k, logits.shape[0]), dim=0).values.transpose(0, -1)"), ("kept[..., -1:]", "kept.transpose(0, -1)[-1:]")), "the k largest are sought along the batch; the tokens of the vocabulary compete, the last axis."),
        Mistake("ties cut", ((FILL, "torch.full_like(logits, -math.inf).scatter(-1, logits.topk(min(k, logits.shape[-1])).indices, kept)"),), "of the tokens that tie with the k-th only some are kept, and chance decides which; all of them stay."),
        Mistake("values alone", ((FILL, "kept"),), "only the k values come back: nobody knows any more which tokens they belong to; the shape stays (..., V)."),
        Mistake("k beyond V", (("min(k, logits.shape[-1])", "k"),), "a k larger than the vocabulary raises an error; it keeps everything."),
        Mistake("zero accepted", (("    if k < 1:", "    if k < 0:"), (FILL, "logits.masked_fill(logits < kept[..., -1:], -math.inf) if k else torch.full_like(logits, -math.inf)")), "k = 0 is not refused, and then no token is left at all."),
    ),
)  # fmt: skip


LEFT_OUT, SHARE_ANEW = "tails <= 1 - p", "shares / shares.sum(dim=-1, keepdim=True)"

top_p = Exercise(
    reference=decoding.top_p,
    see="lesson 10, 'As many as it takes'",
    cases=given.top_p_cases,
    laws=(
        Law("the probabilities that are left sum to 1", lambda case, out, _: np.allclose(out.sum(-1), 1, atol=1e-5)),
    ),
    mistakes=(
        Mistake("not shared anew", ((SHARE_ANEW, "shares"),), "what is left sums to less than 1; divide by its sum, so that it is a distribution again."),
        Mistake("softmax again", ((SHARE_ANEW, "shares.softmax(dim=-1)"),), "a softmax of probabilities is taken: it flattens them and gives a share even to what was left out; dividing by the sum is enough."),
        Mistake("one too few", ((LEFT_OUT, "tails - rising < 1 - p"),), "the token with which the sum passes p is left out, so what is kept has less than p; the fewest that REACH p are asked for."),
        Mistake("one too many", ((LEFT_OUT, "tails + rising <= 1 - p"),), "one token too many stays: those kept before it have reached p already."),
        Mistake("a threshold", ((LEFT_OUT, "rising < p"),), "every token is compared with p by itself; it is the sum of the likeliest that must reach p."),
        Mistake("p and 1 - p exchanged", ((LEFT_OUT, "tails <= p"),), "p of the probability is thrown away; p is what is kept."),
        Mistake("the likeliest left out", (("stable=True)", "stable=True, descending=True)"),), "the sum begins at the wrong end: the likeliest tokens are left out, and what is kept is the tail."),
        Mistake("left in sorted order", (("torch.zeros_like(rising).scatter(-1, order, rising.masked_fill(left_out, 0.0))", "rising.masked_fill(left_out, 0.0)"),), "the probabilities are still in sorted order: each must go back to its own token."),
        Mistake("nothing left", (("    left_out[..., -1] = False  # the likeliest\n", ""),), "for a tiny p rounding leaves no token at all, and 0 / 0 is no number; the likeliest always stays."),
        Mistake("zero accepted", (("not 0 < p <= 1", "not 0 <= p <= 1"),), "p = 0 is not refused: no token is needed to reach nothing."),
        Mistake("above one accepted", (("not 0 < p <= 1", "not 0 < p"),), "a p above 1 is not refused, and no number of tokens can reach it."),
    ),
)  # fmt: skip


CHAIN = "top_p(logits.softmax(dim=-1), p)"

next_probabilities = Exercise(
    reference=decoding.next_probabilities,
    see="lesson 10, 'The chain'",
    cases=given.chain_cases,
    laws=(
        Law("the probabilities sum to 1", lambda case, out, _: np.allclose(out.sum(-1), 1, atol=1e-5)),
    ),
    mistakes=(
        Mistake("temperature forgotten", (("logits = temperature(logits, tau)", "logits = temperature(logits, 1.0)"),), "the temperature is never used."),
        Mistake("top-k forgotten", (("logits = top_k(logits, k)", "pass"),), "top-k is never used."),
        Mistake("top-p forgotten", ((CHAIN, "logits.softmax(dim=-1)"),), "top-p is never used."),
        Mistake("temperature at the end", (("logits = temperature(logits, tau)", "raw = logits"), (CHAIN, "temperature(top_p(logits.softmax(dim=-1), p).log(), tau).softmax(dim=-1)")),
                "the temperature comes after top-p, which has then chosen among other probabilities than those that are drawn from."),
        Mistake("temperature on probabilities", (("logits = temperature(logits, tau)", "raw = logits"), (CHAIN, "top_p(temperature(logits.softmax(dim=-1), tau), p)")),
                "the probabilities are divided by the temperature; it divides the logits, before the softmax."),
        Mistake("top-p before top-k", (("    if k is not None:\n        logits = top_k(logits, k)\n", ""), (CHAIN, "top_k(top_p(logits.softmax(dim=-1), p).log(), k or 10**6).softmax(dim=-1)")),
                "top-p comes before top-k: it then measures its p on tokens that are left out afterwards."),
        Mistake("logarithms", ((CHAIN, CHAIN + ".log()"),), "these are the logarithms of the probabilities."),
        Mistake("softmax twice", (("logits.softmax(dim=-1)", "logits.softmax(dim=-1).softmax(dim=-1)"),), "the softmax is taken twice: everything becomes nearly equally likely, and top-k's zeros come back to life."),
    ),
)  # fmt: skip


sample = Exercise(
    reference=decoding.sample,
    see="lesson 10, 'Rolling the dice'",
    cases=given.sample_cases,
    mistakes=(
        Mistake("the likeliest always", (("(ends <= place).sum(dim=-1)", "probabilities.argmax(dim=-1)"),), "u plays no part: always the likeliest token is taken, and that is greedy decoding, not sampling."),
        Mistake("one too far", (("(ends <= place).sum(dim=-1)", "(ends <= place).sum(dim=-1) + 1"),), "the token after the one on whose stretch u falls is taken."),
        Mistake("a token with no probability", (("ends <= place", "ends < place"),), "where u is exactly the beginning of a stretch, a token in front of it is taken, and its probability can be 0."),
        Mistake("out of range", ((" * ends[..., -1:]", ""),), "rounding can leave the last end below u, and then a token comes out that does not exist or has no probability."),
        Mistake("not laid end to end", (("probabilities.cumsum(dim=-1)", "probabilities"),), "u is compared with the probabilities themselves; they must lie end to end first, each beginning where the one before it ends."),
        Mistake("counted from above", (("ends <= place", "ends > place"),), "the stretches above u are counted; those that end below it say how many tokens lie before."),
        Mistake("u turned round", (("u[..., None]", "(1 - u[..., None])"),), "u is measured from the other end: no less random, but another token than the one on whose stretch u falls."),
        Mistake("laid along the batch", (("probabilities.cumsum(dim=-1)", "probabilities.cumsum(dim=0)"),), "the probabilities of different texts are laid end to end; those of one row belong together."),
    ),
)  # fmt: skip


greedy = Exercise(
    reference=decoding.greedy,
    see="lesson 10, 'Always the likeliest'",
    cases=given.greedy_cases,
    mistakes=(
        Mistake("only the newest token read", (("next_logits(tokens)", "next_logits(tokens[:, -1:])"),), "the model is shown the newest token alone; it continues the whole text, prompt included."),
        Mistake("prompt in the answer", (("tokens[:, prompt_length:]", "tokens"),), "the prompt stands in the answer; only the new tokens are asked for."),
        Mistake("end kept", (("before(end, row) for", "before(end, row) + [end] * (end in row) for"),), "the end sign stands in the answer; it says that the text is finished, and is no part of it."),
        Mistake("writes after the end", (("[before(end, row) for row in tokens[:, prompt_length:].tolist()]", "[[token for token in row if token != end] for row in tokens[:, prompt_length:].tolist()]"),), "a text that had ended goes on with what came after its end sign; cut there."),
        Mistake("stops with the first", (("if ended.all()", "if ended.any()"),), "all stop as soon as one row has ended, and the others are cut off."),
        Mistake("one too many", (("range(max_tokens)", "range(max_tokens + 1)"),), "one token more than max_tokens can come out."),
        Mistake("one too few", (("range(max_tokens)", "range(max_tokens - 1)"),), "the texts can stop one token short of max_tokens."),
        Mistake("the least likely", (("argmax", "argmin"),), "the token with the smallest logit is taken."),
        Mistake("always the same end sign", (("(chosen == end)", "(chosen == EOS)"), ("before(end, row)", "before(EOS, row)")), "the argument `end` is not used; a text of another model may end with another token."),
        Mistake("prompt searched for the end", (("[before(end, row) for row in tokens[:, prompt_length:].tolist()]", "[before(end, row)[prompt_length:] for row in tokens.tolist()]"),), "an end sign inside the prompt cuts the answer off; only what is new is searched."),
    ),
)  # fmt: skip


PENALISED, SAID = "torch.where(logits > 0, logits / penalty, logits * penalty)", "torch.zeros_like(logits, dtype=torch.bool).scatter(-1, tokens, True)"

repetition_penalty = Exercise(
    reference=decoding.repetition_penalty,
    see="lesson 10, 'Stuck'",
    cases=given.penalty_cases,
    mistakes=(
        Mistake("divided in any case", ((PENALISED, "logits / penalty"),), "a negative logit is divided too: that brings it nearer to 0 and makes the token MORE likely, as in the formula of Keskar et al. (2019)."),
        Mistake("multiplied in any case", ((PENALISED, "logits * penalty"),), "a positive logit is multiplied too, and so what was said becomes more likely still."),
        Mistake("signs exchanged", (("logits > 0", "logits < 0"),), "positive logits are multiplied and negative ones divided: what was said is rewarded."),
        Mistake("once for each time", ((PENALISED, "torch.where(logits > 0, logits / penalty**torch.zeros_like(logits).scatter_add(-1, tokens, torch.ones_like(tokens, dtype=logits.dtype)), logits * penalty**torch.zeros_like(logits).scatter_add(-1, tokens, torch.ones_like(tokens, dtype=logits.dtype)))"),), "a token said three times is punished three times; said is said, once."),
        Mistake("everything punished", (("torch.where(said, penalised, logits)", "penalised"),), "all tokens are punished, also those that have not been said."),
        Mistake("what was not said punished", (("torch.where(said, penalised, logits)", "torch.where(said, logits, penalised)"),), "exactly the tokens that have NOT been said are punished."),
        Mistake("only the newest", (("scatter(-1, tokens, True)", "scatter(-1, tokens[:, -1:], True)"),), "only the newest token is punished; a loop of three words goes on undisturbed."),
        Mistake("what others said", ((SAID, SAID + ".any(dim=0, keepdim=True)"),), "what one text of the batch has said is held against all of them."),
        Mistake("subtracted", ((PENALISED, "logits - penalty"),), "the penalty is subtracted (that is another rule, OpenAI's presence penalty); here it divides or multiplies."),
        Mistake("forbidden", ((PENALISED, "torch.full_like(logits, -math.inf)"),), "what was said is forbidden outright; a penalty only makes it less likely."),
    ),
)  # fmt: skip


LOG_P, TOTALS, SCORE = "next_logits(tokens).log_softmax(dim=-1)", "(sums[:, None] + log_p).flatten()", "sums[row].item() / length**alpha"
STOP = "len(alive) == 0 or sums[0].item() / max_tokens**alpha <= best[1]"

beam_search = Exercise(
    reference=decoding.beam_search,
    see="lesson 10, 'Keep several beginnings'",
    cases=given.beam_cases,
    mistakes=(
        Mistake("sums not carried", ((TOTALS, "log_p.flatten()"), (STOP, "len(alive) == 0")), "only the newest token's ln p counts, so a beam forgets how unlikely its beginning was."),
        Mistake("logits added", ((LOG_P, "next_logits(tokens)"), (STOP, "len(alive) == 0")), "the logits themselves are added up; each row of logits has a zero point of its own, and only ln p can be compared between beams."),
        Mistake("probabilities added", ((LOG_P, "next_logits(tokens).softmax(dim=-1)"), (STOP, "len(alive) == 0")), "probabilities are added; those of a sentence are multiplied, so it is their logarithms that add up."),
        Mistake("no length normalisation", ((SCORE, "sums[row].item()"), (STOP, "len(alive) == 0 or sums[0].item() <= best[1]")), "the sums are not divided by the length: each further word costs something, so short sentences win whatever alpha is."),
        Mistake("prompt counted", (("/ length**alpha", "/ (length + prompt_length) ** alpha"), ("/ max_tokens**alpha", "/ (max_tokens + prompt_length) ** alpha")), "the prompt is counted in the length; its tokens were given and have no ln p in the sum."),
        Mistake("end not counted", (("/ length**alpha", "/ max(length - (chosen[row].item() == end), 1) ** alpha"),), "the end sign is not counted in the length, though its ln p is in the sum."),
        Mistake("stops at the first sentence", ((STOP, "best[1] > -math.inf"),), "the search stops with the first finished sentence; a beam that still runs can beat it."),
        Mistake("beginnings mixed up", (("tokens[rows]", "tokens[torch.arange(len(rows)) % len(tokens)]"),), "a token is put behind another beginning than the one whose row it was chosen in."),
        Mistake("only n candidates", (("2 * n_beams, len(totals)", "n_beams, len(totals)"),), "only n_beams candidates are looked at, so each that ends takes a place from those that could go on; look at twice as many."),
        Mistake("all ends count", (("finished[:n_beams].nonzero()", "finished.nonzero()"),), "a sentence that ends but is not among the n_beams best counts as finished; the second half is there only to fill the places of those that ended."),
        Mistake("cut sentences lost", (("(chosen == end) | (length == max_tokens)", "chosen == end"),), "what has not ended at max_tokens is forgotten; it is compared with the finished ones."),
        Mistake("end kept", (("before(end, tokens[row, prompt_length:].tolist())", "tokens[row, prompt_length:].tolist()"),), "the end sign stands in the sentence."),
        Mistake("prompt in the sentence", (("tokens[row, prompt_length:]", "tokens[row]"),), "the prompt stands in the sentence; only the new tokens are asked for."),
        Mistake("the first for the best", (("best = max(best, (before(end, tokens[row, prompt_length:].tolist()), score), key=lambda one: one[1])", "best = (before(end, tokens[row, prompt_length:].tolist()), score)"),), "a finished sentence replaces the one before it also when its score is worse."),
        Mistake("always the same end sign", (("chosen == end", "chosen == EOS"), ("before(end,", "before(EOS,")), "the argument `end` is not used."),
    ),
)  # fmt: skip


kv_cache = Exercise(
    reference=KVCache,
    see="lesson 10, 'Keep what was computed'",
    cases=given.cache_cases,
    trial=given.play,
    mistakes=(
        Mistake("length not advanced", (("        self.length = stop\n", ""),), "the length stays where it was, so every piece is written over the one before it."),
        Mistake("one position at a time", (("self.length = stop", "self.length = start + 1"),), "the length grows by one whatever the piece's length; a prompt brings many positions at once."),
        Mistake("the newest alone", (("return self.keys[:, :, :stop], self.values[:, :, :stop]", "return key, value"),), "only the newest keys and values come back; the query wants to look at all positions so far."),
        Mistake("the whole room", (("return self.keys[:, :, :stop], self.values[:, :, :stop]", "return torch.nn.functional.pad(self.keys[:, :, :stop], (0, 0, 0, self.max_length - stop)), torch.nn.functional.pad(self.values[:, :, :stop], (0, 0, 0, self.max_length - stop))"),), "the empty places behind are returned too, and attention would look at keys that nobody has computed."),
        Mistake("keys not reordered", (("self.keys[rows], self.values[rows]", "self.keys[torch.arange(len(rows)) % len(self.keys)], self.values[rows]"),), "the values follow the new order, the keys do not: a beam then finds what it looks for in another one's past."),
        Mistake("not reordered", (("self.keys[rows], self.values[rows]", "self.keys[torch.arange(len(rows)) % len(self.keys)], self.values[torch.arange(len(rows)) % len(self.keys)]"),), "the rows stay where they were, so a beam that goes on from another one's beginning remembers the wrong past."),
        Mistake("reordered backwards", (("self.keys[rows], self.values[rows]", "self.keys[torch.argsort(rows)], self.values[torch.argsort(rows)]"),), "row rows[r] was given the past of row r; it is the other way round, and one row may be wanted twice."),
        Mistake("keys and values exchanged", (("return self.keys[:, :, :stop], self.values[:, :, :stop]", "return self.values[:, :, :stop], self.keys[:, :, :stop]"),), "keys and values come back in the wrong order."),
        Mistake("room of float32", (("key.new_empty(", "torch.empty("), ("value.new_empty(", "torch.empty(")), "the room is float32 whatever comes; make it in the dtype of the keys and values."),
        Mistake("too much accepted", (("        if stop > self.max_length:\n            raise ValueError(f\"position {stop - 1} does not fit: max_length={self.max_length}\")\n", ""), ("self.max_length, key.shape[-1]", "3 * self.max_length, key.shape[-1]"), ("self.max_length, value.shape[-1]", "3 * self.max_length, value.shape[-1]")), "more positions than there is room for are not refused."),
        Mistake("newest in front", (("self.keys[:, :, start:stop] = key", "self.keys[:, :, :stop] = torch.cat([key, self.keys[:, :, :start]], dim=2)"), ("self.values[:, :, start:stop] = value", "self.values[:, :, :stop] = torch.cat([value, self.values[:, :, :start]], dim=2)")), "the newest positions stand in front; they come behind, in the order of the text."),
    ),
)  # fmt: skip
