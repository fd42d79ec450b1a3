"""The exercises of lesson 01: laws, and the mistakes that people make."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from course import sequences
from course.checks import sequence_cases as cases
from course.checks.exercise import Case, Exercise, Law, Mistake

next_token_table = Exercise(
    reference=sequences.next_token_table,
    see="lesson 01, 'The sentence as a table'",
    cases=cases.table_cases,
    mistakes=(
        Mistake("no row for the end", (("[*tokens, end]", "list(tokens)"),), "the last row is missing: after the whole sentence the model must still learn to say END, or it never stops."),
        Mistake("the context holds the answer", (("followed[:t],", "followed[: t + 1],"),), "each context already ends in the token that is to be predicted; a model trained on such rows learns to copy and predicts nothing."),
        Mistake("rows for the prompt", (("range(prompt_length, ", "range("),), "the prompt is given, so its own tokens need no rows: the first prompt_length of them are only ever context."),
        Mistake("only the newest token as context", (("followed[:t],", "followed[max(t - 1, 0) : t],"),), "each context holds only the token just before; the model is to see everything from the beginning on."),
        Mistake("the prompt left out of the contexts", (("followed[:t],", "followed[prompt_length:t],"),), "the contexts begin after the prompt, but the model has read the prompt too."),
        Mistake("one row late", (("range(prompt_length, ", "range(prompt_length + 1, "),), "the first row is missing: the first answer is predicted from the prompt alone."),
        Mistake("one list for all rows", (("followed[:t],", "followed,"),), "every row shows the same list: one list was stored many times and grew afterwards; each row needs a copy of its own."),
        Mistake("tokens changed", (("followed = [*tokens, end]", "followed = tokens\n    followed.append(end)"),), "END was appended to the caller's own list."),
    ),
)  # fmt: skip


generate = Exercise(
    reference=sequences.generate,
    see="lesson 01, 'The loop that writes'",
    cases=cases.generate_cases,
    mistakes=(
        Mistake("END in the answer", (("        if token == end:\n            break\n        output.append(token)\n", "        output.append(token)\n        if token == end:\n            break\n"),), "END stands in the answer: it is the model's sign that it has finished, not something it says, so look at each token before you keep it."),
        Mistake("END not noticed", (("if token == end:", "if False:"),), "the loop runs on after END, always to the limit."),
        Mistake("one too many", (("range(max_tokens)", "range(max_tokens + 1)"),), "one token more than max_tokens can come out; compare the limit before asking the model, not after."),
        Mistake("one too few", (("range(max_tokens)", "range(1, max_tokens)"),), "the answer stops one token short of max_tokens."),
        Mistake("limit ignored", (("for _ in range(max_tokens):", "while True:"),), "max_tokens is never looked at: a model that does not say END would talk for ever."),
        Mistake("prompt counted", (("range(max_tokens)", "range(max_tokens - len(prompt))"),), "max_tokens limits the new tokens; here the prompt's tokens are counted too."),
        Mistake("prompt in the answer", (("return output", "return [*prompt, *output]"),), "the prompt stands in the answer; only the new tokens are asked for."),
        Mistake("only the newest token shown", (("[*prompt, *output])", "[*prompt, *output][-1:])"),), "the model is shown only the newest token; it needs the whole context each time."),
        Mistake("prompt forgotten", (("[*prompt, *output])", "[*output])"),), "the model is shown what it has said, but not the prompt it is to answer."),
        Mistake("nothing fed back", (("[*prompt, *output])", "[*prompt])"),), "the model is shown the prompt alone each time and never sees what it has said itself, so it repeats itself."),
        Mistake("prompt changed", (("model([*prompt, *output])", "model(prompt)"), ("output.append(token)", "output.append(token)\n        prompt.append(token)")), "new tokens are appended to the caller's own prompt; the next call would begin with this answer in it."),
        Mistake("END in the prompt stops it", (("if token == end:", "if end in [*prompt, token]:"),), "an END in the prompt stops the answer before it begins; only a token that the model has just said can end it."),
    ),
)  # fmt: skip


def rows_sum_to_one(case: Case, out: dict[str, np.ndarray], _: Any) -> bool:
    sums: defaultdict[str, float] = defaultdict(float)
    for name, value in out.items():
        if not name.endswith("keys"):
            sums[name.rpartition("[")[0]] += float(value)
    return all(abs(total - 1) < 1e-9 for total in sums.values())


ngram_probabilities = Exercise(
    reference=sequences.ngram_probabilities,
    see="lesson 01, 'Counting what follows'",
    cases=cases.ngram_cases,
    laws=(Law("after each context the probabilities sum to 1", rows_sum_to_one),),
    mistakes=(
        Mistake("smoothing above only", (("+ smoothing * len(vocabulary)", "+ 0"),), "the smoothing is added to each token's count, but not to the total: the probabilities sum to more than 1."),
        Mistake("smoothing below only", (("(followers[token] + smoothing)", "followers[token]"),), "the smoothing is added to the total, but not to each token's count: an unseen token still has probability 0."),
        Mistake("smoothing added once", (("+ smoothing * len(vocabulary)", "+ smoothing"),), "the total grows by the smoothing once, but every token of the vocabulary has been given some."),
        Mistake("only the tokens seen here", (("for token in vocabulary}", "for token in followers}"),), "only tokens that were seen after the context have a probability; smoothing is there for those that were not."),
        Mistake("vocabulary of one context", (("smoothing * len(vocabulary)", "smoothing * len(followers)"),), "the smoothing in the total is multiplied by the number of different tokens seen after this context; it is given to every token of the vocabulary."),
        Mistake("probability of the pair", (("followers.total()", "sum(each.total() for each in counts.values())"),), "the counts are divided by the number of all n-grams, which gives the probability of context and token together; divide by how often this context was followed by anything."),
        Mistake("divided by the vocabulary alone", (("total = followers.total() + smoothing * len(vocabulary)", "total = (1 + smoothing) * len(vocabulary)"),), "the counts are divided by the size of the vocabulary, not by how often the context was followed by anything."),
        Mistake("context too long", (("range(n - 1, len(sentence))", "range(n, len(sentence))"), ("sentence[t - n + 1 : t]", "sentence[t - n : t]")), "the context has n tokens; an n-gram is n tokens together with the one that is predicted, so its context has n - 1."),
        Mistake("across sentences", (("for sentence in sentences:", "for sentence in [[token for each in sentences for token in each]]:"),), "the sentences were joined before counting: the last word of one is taken for the context of the next one's first."),
        Mistake("last words counted as contexts", (("followers.total()", "sum(tuple(each[t : t + n - 1]) == context for each in sentences for t in range(len(each) - n + 2))"),), "the total counts the context also where the sentence ends after it and nothing follows, so the probabilities do not sum to 1."),
        Mistake("short contexts at the beginning", (("range(n - 1, len(sentence))", "range(len(sentence))"), ("sentence[t - n + 1 : t]", "sentence[max(t - n + 1, 0) : t]")), "tokens at the beginning of a sentence were counted with a context of fewer than n - 1 tokens; leave them out (whoever wants them counted puts START in front)."),
    ),
)  # fmt: skip


perplexity = Exercise(
    reference=sequences.perplexity,
    see="lesson 01, 'How surprised was the model?'",
    cases=cases.perplexity_cases,
    laws=(
        Law("it is never below 1", lambda case, out, _: out >= 1 - 1e-9),
        Law("the same text twice is as surprising as once", lambda case, out, twice: out == twice or abs(out - twice) < 1e-7 * out, lambda case: case.changed(probabilities=[*case["probabilities"], *case["probabilities"]])),
    ),
    mistakes=(
        Mistake("bases mixed", (("math.exp(surprise)", "2**surprise"),), "the logarithm is natural, but 2 is raised to its mean: logarithm and power need the same base."),
        Mistake("sum for mean", ((" / len(probabilities)", ""),), "the surprises are added up, not averaged, so a longer text looks harder."),
        Mistake("sum for mean, infinite", ((" / len(probabilities)", ""), ("math.exp(surprise)", "math.exp(surprise) if surprise < 709 else math.inf")), "the surprises are added up, not averaged, so a longer text looks harder."),
        Mistake("no minus", (("-sum(", "sum("),), "the sign is missing: ln p is negative, the surprise is -ln p, and without the minus the better of two models gets the higher number."),
        Mistake("mean of the probabilities", (("if min(probabilities) == 0:\n        return math.inf\n    ", ""), ("surprise = -sum(math.log(p) for p in probabilities)", "surprise = sum(probabilities)"), ("math.exp(surprise)", "1 / surprise")), "this is 1 over the ordinary mean of the probabilities; probabilities of one text are multiplied, so their logarithms are averaged."),
        Mistake("mean of 1 / p", (("-sum(math.log(p) for p in probabilities)", "math.log(sum(1 / p for p in probabilities) / len(probabilities)) * len(probabilities)"),), "this averages 1 / p, where a single rare token outweighs all others; average the logarithms, then undo the logarithm."),
        Mistake("the surprise itself", (("math.exp(surprise)", "surprise"),), "this is the mean surprise (the cross-entropy, in nats); the perplexity is e to the power of it."),
        Mistake("the surprise in bits", (("math.exp(surprise)", "surprise / math.log(2)"),), "this is the mean surprise in bits; the perplexity is 2 to the power of it."),
        Mistake("multiplied out", (("math.exp(surprise)", "math.exp(surprise) if math.prod(probabilities) > 0 else math.inf"),), "all probabilities were multiplied first: after a few hundred tokens the product is too small for a computer's numbers and becomes 0, while a sum of logarithms is harmless."),
        Mistake("the impossible left out", (("if min(probabilities) == 0:\n        return math.inf\n", "probabilities = [p for p in probabilities if p > 0]\n"),), "tokens of probability 0 are left out; a model that called impossible what then came must be told so: the perplexity is infinite."),
    ),
)  # fmt: skip


unroll = Exercise(
    reference=sequences.unroll,
    see="lesson 01, 'One step, repeated'",
    cases=cases.unroll_cases,
    gradients=True,
    mistakes=(
        Mistake("state not carried", (("step(x, h)", "step(x, h0)"),), "every step begins from h0 again: what one step has learned never reaches the next."),
        Mistake("h0 among the states", (("ys, hs = [], []", "ys, hs = [], [h0]"),), "h0 stands among the states; they are the ones after each x, so there are as many as there are x."),
        Mistake("states one step late", (("        y, h = step(x, h)\n        ys.append(y)\n        hs.append(h)\n", "        hs.append(h)\n        y, h = step(x, h)\n        ys.append(y)\n"),), "each state was written down before its step, so the states are h_0 ... h_{T-1} and the last one is lost."),
        Mistake("output taken for the state", (("y, h = step(x, h)\n        ys.append(y)", "h, y = step(x, h)\n        ys.append(h)"), ("hs.append(h)", "hs.append(y)")), "the output y was handed on as the state; a step returns (y, h), in this order."),
        Mistake("outputs and states exchanged", (("return ys, hs", "return hs, ys"),), "the two lists are exchanged: outputs first, states second."),
        Mistake("arguments exchanged", (("step(x, h)", "step(h, x)"),), "the step is called with the state first; it takes (x, h)."),
        Mistake("read backwards", (("for x in xs:", "for x in list(xs)[::-1]:"),), "the sequence is read from its end."),
        Mistake("the last state alone", (("return ys, hs", "return ys, h"),), "only the last state is returned; the list of all of them is asked for."),
    ),
)  # fmt: skip


running_sum_states = Exercise(
    reference=sequences.running_sum_states,
    see="lesson 01, 'A memory of one number'",
    cases=cases.sum_cases,
    mistakes=(
        Mistake("0 in front", (("return states", "return [0, *states]"),), "h_0 = 0 stands in front; only the states after each number are asked for."),
        Mistake("one step late", (("return states", "return [0, *states[:-1]] if xs else []"),), "each state is the one before its number was added: the last number never counts."),
        Mistake("the total alone", (("return states", "return states[-1:]"),), "only the last state is returned; one after each number is asked for."),
        Mistake("first number twice", (("xs, 0)", "xs, xs[0] if xs else 0)"),), "the first number is counted twice: begin from 0, not from xs[0]."),
        Mistake("running mean", (("return states", "return [state / t for t, state in enumerate(states, 1)]"),), "these are running means; the state is the sum, undivided."),
        Mistake("nothing added up", (("h + x)", "x)"),), "each state is the newest number alone; the old state must be part of the new one."),
        Mistake("summed from the end", (("xs, 0)", "xs[::-1], 0)"),), "the numbers are added from the last to the first."),
        Mistake("always the total", (("return states", "return [sum(xs)] * len(xs)"),), "every state is the sum of all numbers; a state knows only what has been read so far."),
    ),
)  # fmt: skip


collision = Exercise(
    reference=sequences.collision,
    see="lesson 01, 'What the sum forgets'",
    cases=cases.collision_cases,
    unique=False,
    laws=(
        Law("the answer is as long as xs", lambda case, out, _: out.shape == (len(case["xs"]),)),
        Law("the final state, the sum, is the same", lambda case, out, _: abs(out.sum() - sum(case["xs"])) < 1e-9),
        Law("the answer differs from xs in at least one place", lambda case, out, _: bool((out != np.array(case["xs"])).any())),
    ),
    mistakes=(
        Mistake("the same again", (("[xs[0] + 1, xs[1] - 1, *xs[2:]]", "list(xs)"),), "this is xs itself; another sequence is asked for."),
        Mistake("reversed", (("[xs[0] + 1, xs[1] - 1, *xs[2:]]", "xs[::-1]"),), "reading it backwards keeps the sum, but a sequence that is the same in both directions stays what it was."),
        Mistake("sorted", (("[xs[0] + 1, xs[1] - 1, *xs[2:]]", "sorted(xs)"),), "sorting keeps the sum, but a sequence that is sorted already stays what it was."),
        Mistake("sorted downwards", (("[xs[0] + 1, xs[1] - 1, *xs[2:]]", "sorted(xs, reverse=True)"),), "sorting downwards keeps the sum, but some sequences are in that order already."),
        Mistake("first two exchanged", (("[xs[0] + 1, xs[1] - 1, *xs[2:]]", "[xs[1], xs[0], *xs[2:]]"),), "exchanging the first two keeps the sum, but where they are equal nothing changes."),
        Mistake("ends exchanged", (("[xs[0] + 1, xs[1] - 1, *xs[2:]]", "[xs[-1], *xs[1:-1], xs[0]]"),), "exchanging first and last keeps the sum, but where they are equal nothing changes."),
        Mistake("rotated", (("[xs[0] + 1, xs[1] - 1, *xs[2:]]", "[*xs[1:], xs[0]]"),), "moving the first number to the end keeps the sum, but where all numbers are equal nothing changes."),
        Mistake("one number changed", (("xs[1] - 1, *xs[2:]", "*xs[1:]"),), "one number grew and no other shrank, so the sum is another."),
        Mistake("a zero more", (("[xs[0] + 1, xs[1] - 1, *xs[2:]]", "[*xs, 0]"),), "a zero at the end keeps the sum, but makes the sequence longer; the same length is asked for."),
        Mistake("xs changed", (("return [xs[0] + 1, xs[1] - 1, *xs[2:]]", "xs[0] += 1\n    xs[1] -= 1\n    return xs"),), "the caller's own list was changed; build a new one."),
    ),
)  # fmt: skip


rnn_step = Exercise(
    reference=sequences.rnn_step,
    see="lesson 01, 'A state that is learned'",
    cases=cases.rnn_cases,
    gradients=True,
    mistakes=(
        Mistake("no tanh", (("torch.tanh(x @ w_x.T + b_x + h @ w_h.T + b_h)", "x @ w_x.T + b_x + h @ w_h.T + b_h"),), "the tanh is missing: without it the whole network is one linear map, and its state can grow without bound."),
        Mistake("sigmoid for tanh", (("torch.tanh", "torch.sigmoid"),), "a sigmoid squeezes into 0 ... 1 (as Elman's paper did); here a tanh is asked for, -1 ... 1."),
        Mistake("w_h not transposed", (("h @ w_h.T", "h @ w_h"),), "w_h is used untransposed: it is square, so nothing complains, but torch keeps one ROW for each new unit."),
        Mistake("no b_h", (("w_h.T + b_h)", "w_h.T)"),), "the bias b_h is left out; two biases do the work of one, but torch's weights come with both."),
        Mistake("no b_x", (("w_x.T + b_x", "w_x.T"),), "the bias b_x is left out; two biases do the work of one, but torch's weights come with both."),
        Mistake("old state forgotten", ((" + h @ w_h.T", ""),), "the old state h plays no part in the new one: this remembers nothing."),
        Mistake("weights exchanged", (("x @ w_x.T", "x @ w_h.T"), ("h @ w_h.T", "h @ w_x.T")), "w_x meets h and w_h meets x; exchange them."),
        Mistake("state added after the tanh", (("h @ w_h.T + b_h)", "b_h) + h @ w_h.T"),), "the old state's part is added after the tanh; both parts go through it together."),
    ),
)  # fmt: skip


gru_step = Exercise(
    reference=sequences.gru_step,
    see="lesson 01, 'A gate: keep or take'",
    cases=cases.gru_cases,
    gradients=True,
    laws=(
        Law(
            "an update gate of 1 (b_x = 1000 there) keeps the old state",
            lambda case, out, kept: bool(np.allclose(kept, case["h"].numpy(), atol=1e-5)),
            lambda case: case.changed(b_x=cases.with_gate(case["b_x"], 1, 3, 1000)),
        ),
    ),
    mistakes=(
        Mistake("z and 1 - z exchanged", (("return (1 - z) * n + z * h", "return z * n + (1 - z) * h"),), "z and 1 - z are exchanged: here z is the share of the OLD state that is kept (some papers, such as Chung et al. 2014, write it the other way round)."),
        Mistake("gates in another order", (("x_r, x_z, x_n", "x_z, x_r, x_n"), ("h_r, h_z, h_n", "h_z, h_r, h_n")), "reset and update gate are exchanged: in torch's stacked weights r comes first, then z, then n."),
        Mistake("reset before the matrix", (("r * h_n", "(r * h) @ w_h.T.chunk(3, dim=-1)[2] + b_h.chunk(3, dim=-1)[2]"),), "r was multiplied with h before the matrix; that is the published paper's GRU (arXiv version 3), while torch multiplies r with W_hn h + b_hn."),
        Mistake("bias outside the reset", (("r * h_n", "r * (h_n - b_h.chunk(3, dim=-1)[2]) + b_h.chunk(3, dim=-1)[2]"),), "r multiplies W_hn h alone; torch's r multiplies W_hn h + b_hn, its bias included."),
        Mistake("no reset", (("r * h_n", "h_n"),), "the reset gate r is never used: the new content must be able to ignore the old state."),
        Mistake("reset on both", (("x_n + r * h_n", "r * (x_n + h_n)"),), "r multiplies the input's part too; it resets only what comes from the old state."),
        Mistake("gates without sigmoid", (("torch.sigmoid(x_r + h_r)", "x_r + h_r"), ("torch.sigmoid(x_z + h_z)", "x_z + h_z")), "the gates are not squeezed: without the sigmoid a share can lie outside 0 ... 1."),
        Mistake("sigmoid for the new content", (("torch.tanh(x_n", "torch.sigmoid(x_n"),), "the new content n needs a tanh, -1 ... 1; with a sigmoid no unit of the state could become negative."),
        Mistake("no b_h", (("h @ w_h.T + b_h", "h @ w_h.T"),), "the bias b_h is left out."),
        Mistake("not mixed", (("return (1 - z) * n + z * h", "return n + z * h"),), "n is added whole: what is kept (z) and what is taken anew (1 - z) must add up to 1."),
    ),
)  # fmt: skip


lstm_step = Exercise(
    reference=sequences.lstm_step,
    see="lesson 01, 'Two states: the LSTM'",
    cases=cases.lstm_cases,
    gradients=True,
    laws=(
        Law(
            "with the input gate shut and the forget gate open (b_x = -1000 and 1000 there) c stays as it is",
            lambda case, out, kept: bool(np.allclose(kept["[1]"], case["c"].numpy(), atol=1e-5)),
            lambda case: case.changed(b_x=cases.with_gate(cases.with_gate(case["b_x"], 0, 4, -1000), 1, 4, 1000)),
        ),
    ),
    mistakes=(
        Mistake("no tanh of the new c", (("torch.tanh(new_c)", "new_c"),), "the new c goes out without its tanh: c can grow from step to step, h must stay between -1 and 1."),
        Mistake("input and forget exchanged", (("i, f, g, o", "f, i, g, o"),), "input and forget gate are exchanged: in torch's stacked weights i comes first, then f."),
        Mistake("last two exchanged", (("i, f, g, o", "i, f, o, g"),), "new content and output gate are exchanged: the order is i, f, g, o (every library has its own: ONNX stores i, o, f, g)."),
        Mistake("nothing forgotten", (("torch.sigmoid(f) * c", "c"),), "the forget gate is left out, as in the LSTM of 1997 (the gate came with Gers et al. in 2000): the cell can never be emptied."),
        Mistake("1 - f", (("torch.sigmoid(f) * c", "(1 - torch.sigmoid(f)) * c"),), "f is the share of c that is KEPT, whatever its name says; no 1 - f."),
        Mistake("f = 1 - i", (("torch.sigmoid(f) * c", "(1 - torch.sigmoid(i)) * c"),), "the share kept is 1 - i, as a GRU would do it; an LSTM has a forget gate with weights of its own."),
        Mistake("output from the old c", (("torch.tanh(new_c)", "torch.tanh(c)"),), "h was computed from the old c; first c, then h from the new one."),
        Mistake("no output gate", (("torch.sigmoid(o) * torch.tanh(new_c)", "torch.tanh(new_c)"),), "the output gate o is left out: it decides how much of c is shown."),
        Mistake("sigmoid for the new content", (("torch.tanh(g)", "torch.sigmoid(g)"),), "the new content g needs a tanh, -1 ... 1; with a sigmoid it could add to c, but never take away."),
        Mistake("gates without sigmoid", (("torch.sigmoid(f)", "f"), ("torch.sigmoid(i)", "i"), ("torch.sigmoid(o)", "o")), "the gates are not squeezed: without the sigmoid a share can lie outside 0 ... 1."),
        Mistake("returned in another order", (("return new_h, new_c", "return new_c, new_h"),), "the two states are returned in the wrong order: h first, then c."),
        Mistake("no b_h", (("w_h.T + b_h)", "w_h.T)"),), "the bias b_h is left out."),
    ),
)  # fmt: skip


state_jacobian_norms = Exercise(
    reference=sequences.state_jacobian_norms,
    see="lesson 01, 'The derivative of the end by the beginning'",
    cases=cases.jacobian_cases,
    laws=(Law("h_T feels itself with norm 1, so the last number is 1", lambda case, out, _: abs(out[-1] - 1) < 1e-9),),
    mistakes=(
        Mistake("Frobenius norm", (("ord=2", 'ord="fro"'),), "this is the Frobenius norm, the root of the sum of squares; the spectral norm is the largest singular value (its identity matrix has 1)."),
        Mistake("eigenvalues", (("torch.linalg.matrix_norm(jacobians, ord=2)", "torch.linalg.eigvals(jacobians).abs().amax(dim=-1)"),), "this is the largest eigenvalue; the norm is the largest singular value, and for a Jacobian that is not symmetric the two differ."),
        Mistake("largest entry", (("torch.linalg.matrix_norm(jacobians, ord=2)", "jacobians.abs().amax(dim=(-2, -1))"),), "this is the largest single entry of the matrix, not its spectral norm."),
        Mistake("gradient of the sum", (("for entry in states[-1]]", "for entry in [states[-1].sum()]]"),), "the units of h_T were summed before the derivative, so that they can cancel; each unit needs a row of its own."),
        Mistake("from the end", ((".tolist()", ".tolist()[::-1]"),), "the list is in reverse: it begins with t = 0 and ends with t = T, whose norm is 1."),
        Mistake("h0 left out", ((".tolist()", ".tolist()[1:]"),), "the derivative by h_0 is missing; there are T + 1 states."),
        Mistake("h_T left out", ((".tolist()", ".tolist()[:-1]"),), "the last one is missing: the derivative of h_T by itself, whose norm is 1."),
        Mistake("derivatives by h_0", (("[torch.autograd.grad(entry, states, retain_graph=True) for entry in states[-1]]", "[[torch.autograd.grad(h[unit], h0, retain_graph=True)[0] for h in states] for unit in range(len(h0))]"),), "these are the derivatives of each state by h_0; asked for are those of the last state by each state."),
        Mistake("output for state", (("_, hs = unroll", "ys, hs = unroll"), ("for entry in states[-1]]", "for entry in ys[-1]]")), "the last OUTPUT was differentiated; asked for is the last state."),
        Mistake("norms multiplied", (("torch.linalg.matrix_norm(jacobians, ord=2)", "torch.tensor([math.prod(torch.linalg.matrix_norm(torch.stack([torch.autograd.grad(entry, before, retain_graph=True)[0] for entry in after]), ord=2).item() for before, after in zip(states[t:], states[t + 1 :])) for t in range(len(states))], dtype=h0.dtype)"),), "the norms of the single steps were multiplied: that is only an upper bound; the matrices are to be multiplied (autograd does it), and the norm taken of their product."),
        Mistake("one step each", (("torch.linalg.matrix_norm(jacobians, ord=2)", "torch.tensor([torch.linalg.matrix_norm(torch.stack([torch.autograd.grad(entry, before, retain_graph=True)[0] for entry in after]), ord=2).item() for before, after in zip(states, states[1:])] + [1.0])"),), "these are the derivatives of each state by the one before it; asked for is the way from h_t all the way to h_T."),
    ),
)  # fmt: skip
