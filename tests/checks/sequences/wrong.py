"""Wrong answers to the exercises of sequences, written without the reference at hand."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import accumulate, chain

import numpy as np

from tests.checks.sequences.slips import SLIPS as SLIPS
from tests.checks.sequences.wrong_steps import WRONG_STEPS


def table_without_end(tokens, end, prompt_length=0):
    rows = []
    for cut in range(prompt_length, len(tokens)):
        rows.append((tokens[:cut], tokens[cut]))
    return rows


def table_with_the_answer_inside(tokens, end, prompt_length=0):
    context, rows = tokens[:prompt_length], []
    for token in [*tokens[prompt_length:], end]:
        context = [*context, token]
        rows.append((context, token))
    return rows


def table_of_the_prompt_too(tokens, end, prompt_length=0):
    return [(tokens[:cut], token) for cut, token in enumerate([*tokens, end])]


def table_of_one_list(tokens, end, prompt_length=0):
    context, rows = list(tokens[:prompt_length]), []
    for token in [*tokens[prompt_length:], end]:
        rows.append((context, token))
        context.append(token)
    return rows


def table_of_pairs(tokens, end, prompt_length=0):
    followed = tokens + [end]  # noqa: RUF005
    return [(followed[:cut][-1:], followed[cut]) for cut in range(prompt_length, len(followed))]


def generate_keeping_end(model, prompt, end, max_tokens):
    said = []
    while len(said) < max_tokens and (not said or said[-1] != end):
        said.append(model(prompt + said))
    return said


def generate_one_too_many(model, prompt, end, max_tokens):
    said = []
    while len(said) <= max_tokens:
        token = model(prompt + said)
        if token == end:
            return said
        said.append(token)
    return said


def generate_in_the_prompt(model, prompt, end, max_tokens):
    context, said = prompt, []
    for _ in range(max_tokens):
        token = model(context)
        if token == end:
            break
        context += [token]
        said.append(token)
    return said


def generate_behind_the_prompt(model, prompt, end, max_tokens):
    context = prompt
    for _ in range(max_tokens):
        said = model(context)
        if said == end:
            break
        context += [said]
    return context[len(prompt) :]


def generate_from_one_token(model, prompt, end, max_tokens):
    said, newest = [], prompt[-1:]
    for _ in range(max_tokens):
        token = model(newest)
        if token == end:
            break
        said.append(token)
        newest = [token]
    return said


def generate_with_the_prompt(model, prompt, end, max_tokens):
    context = list(prompt)
    for _ in range(max_tokens):
        token = model(context)
        if token == end:
            break
        context.append(token)
    return context


def generate_for_ever(model, prompt, end, max_tokens):
    said = []
    while (token := model([*prompt, *said])) != end:
        said.append(token)
    return said


def generate_asking_twice(model, prompt, end, max_tokens):
    said = []
    while len(said) < max_tokens and model(prompt + said) != end:
        said.append(model(prompt + said))
    return said


def generate_and_cut(model, prompt, end, max_tokens):
    context = list(prompt)
    for _ in range(max_tokens):
        context.append(model(context))
    said = context[len(prompt) :]
    return said[: said.index(end)] if end in said else said


def generate_with_is(model, prompt, end, max_tokens):
    said = []
    for _ in range(max_tokens):
        token = model([*prompt, *said])
        if token is end:
            return said
        said.append(token)
    return said


def count_ngrams(sentences, n):
    counts = defaultdict(Counter)
    for sentence in sentences:
        for start in range(len(sentence) - n + 1):
            counts[tuple(sentence[start : start + n - 1])][sentence[start + n - 1]] += 1
    return counts


def ngrams_smoothed_above(sentences, n, vocabulary, smoothing=0.0):
    counts = count_ngrams(sentences, n)
    return {c: {t: (row[t] + smoothing) / sum(row.values()) for t in vocabulary} for c, row in counts.items()}


def ngrams_over_the_vocabulary_alone(sentences, n, vocabulary, smoothing=0.0):
    size = len(vocabulary)
    return {
        c: {t: (row[t] + smoothing) / (size + smoothing * size) for t in vocabulary}
        for c, row in count_ngrams(sentences, n).items()
    }


def ngrams_of_one_long_text(sentences, n, vocabulary, smoothing=0.0):
    counts = count_ngrams([list(chain(*sentences))], n)
    total = {c: sum(row.values()) + smoothing * len(vocabulary) for c, row in counts.items()}
    return {c: {t: (row[t] + smoothing) / total[c] for t in vocabulary} for c, row in counts.items()}


def ngrams_with_n_before(sentences, n, vocabulary, smoothing=0.0):
    counts = count_ngrams(sentences, n + 1)
    total = {c: sum(row.values()) + smoothing * len(vocabulary) for c, row in counts.items()}
    return {c: {t: (row[t] + smoothing) / total[c] for t in vocabulary} for c, row in counts.items()}


def ngrams_over_all_places(sentences, n, vocabulary, smoothing=0.0):
    places = Counter(tuple(s[i : i + n - 1]) for s in sentences for i in range(len(s) - (n - 1) + 1))
    counts = count_ngrams(sentences, n)
    total = {c: places[c] + smoothing * len(vocabulary) for c in counts}
    return {c: {t: (row[t] + smoothing) / total[c] for t in vocabulary} for c, row in counts.items()}


def ngrams_unsmoothed(sentences, n, vocabulary, smoothing=0.0):
    return {
        context: {token: row[token] / sum(row.values()) for token in vocabulary}
        for context, row in count_ngrams(sentences, n).items()
    }


def ngrams_keyed_by_tokens(sentences, n, vocabulary, smoothing=0.0):
    table = {}
    for context, row in count_ngrams(sentences, n).items():
        total = sum(row.values()) + smoothing * len(vocabulary)
        key = context[0] if len(context) == 1 else context
        table[key] = {token: (row[token] + smoothing) / total for token in vocabulary}
    return table


def perplexity_unprepared(probabilities):
    return math.prod([math.exp(-math.log(p) / len(probabilities)) for p in probabilities])


def perplexity_of_two_bases(probabilities):
    return 2 ** -np.log(np.array(probabilities)).mean()


def perplexity_summed(probabilities):
    return np.exp(-np.log(np.array(probabilities)).sum())


def perplexity_of_the_mean(probabilities):
    return 1 / np.mean(probabilities)


def perplexity_as_cross_entropy(probabilities):
    return -np.mean(np.log(probabilities))


def perplexity_of_the_product(probabilities):
    return np.prod(probabilities) ** (-1 / len(probabilities))


def unroll_forgetting(step, xs, h0):
    pairs = [step(x, h0) for x in xs]
    return [y for y, _ in pairs], [h for _, h in pairs]


def unroll_with_the_start(step, xs, h0):
    ys, hs = [], [h0]
    for x in xs:
        y, h = step(x, hs[-1])
        ys.append(y)
        hs.append(h)
    return ys, hs


def unroll_exchanged(step, xs, h0):
    ys, hs, h = [], [], h0
    for x in xs:
        y, h = step(x, h)
        hs += [h]
        ys += [y]
    return hs, ys


def unroll_from_the_end(step, xs, h0):
    ys, hs, h = [], [], h0
    for t in range(len(xs) - 1, -1, -1):
        y, h = step(xs[t], h)
        ys.append(y)
        hs.append(h)
    return ys, hs


def unroll_in_one_list(step, xs, h0):
    outputs = states = []
    h = h0
    for x in xs:
        y, h = step(x, h)
        outputs.append(y)
        states.append(h)
    return outputs, states


def unroll_the_first(step, xs, h0):
    outputs, states, h = [], [], h0
    for x in xs:
        y, h = step(x, h)
        outputs.append(y)
        states.append(h)
        return outputs, states


def unroll_asking_twice(step, xs, h0):
    states = [h0]
    for x in xs:
        states.append(step(x, states[-1])[1])
    return [step(x, h)[0] for x, h in zip(xs, states, strict=False)], states[1:]


def unroll_from_the_state_on(step, xs, h0):
    outputs, states, h = [], [], h0
    for x in xs:
        h, y = step(x, h)
        outputs.append(y)
        states.append(h)
    return outputs, states


def sum_with_outputs(xs):
    outputs, states, h = [], [], 0
    for x in xs:
        h = h + x
        outputs.append(x)
        states.append(h)
    return outputs, states


def sum_from_the_first(xs):
    states = xs[:1]
    for x in xs[1:]:
        states.append(states[-1] + x)
    if not xs:
        raise IndexError
    return states


def sum_from_zero(xs):
    return list(accumulate(xs, initial=0))


def sum_before(xs):
    return [sum(xs[:t]) for t in range(len(xs))]


def sum_averaged(xs):
    return [np.mean(xs[: t + 1]) for t in range(len(xs))]


def collision_backwards(xs):
    return list(reversed(xs))


def collision_swapped(xs):
    first, second, *rest = xs
    return [second, first, *rest]


def collision_longer(xs):
    ys = xs.copy()
    ys.append(0)
    return ys


def collision_in_place(xs):
    xs[0], xs[1] = xs[0] + 1, xs[1] - 1
    return xs


def collision_in_one_place(xs):
    ys = [0 for _ in xs]
    ys[0] = sum(xs)
    return ys


WRONG = {
    "next_token_table": {
        "no row for the end": table_without_end,
        "the context holds the answer": table_with_the_answer_inside,
        "rows for the prompt": table_of_the_prompt_too,
        "one list for all rows": table_of_one_list,
        "only the newest token as context": table_of_pairs,
    },
    "generate": {
        "END in the answer": generate_keeping_end,
        "one too many": generate_one_too_many,
        "prompt changed": generate_in_the_prompt,
        "a second name for the prompt": generate_behind_the_prompt,
        "only the newest token shown": generate_from_one_token,
        "prompt in the answer": generate_with_the_prompt,
        "limit ignored": generate_for_ever,
        "asked twice": generate_asking_twice,
        "asked on after the end": generate_and_cut,
        "is for ==": generate_with_is,
    },
    "ngram_probabilities": {
        "smoothing above only": ngrams_smoothed_above,
        "divided by the vocabulary alone": ngrams_over_the_vocabulary_alone,
        "across sentences": ngrams_of_one_long_text,
        "context too long": ngrams_with_n_before,
        "last words counted as contexts": ngrams_over_all_places,
        "smoothing ignored": ngrams_unsmoothed,
        "a bare token for a context": ngrams_keyed_by_tokens,
    },
    "perplexity": {
        "bases mixed": perplexity_of_two_bases,
        "sum for mean, infinite": perplexity_summed,
        "mean of the probabilities": perplexity_of_the_mean,
        "the surprise itself": perplexity_as_cross_entropy,
        "multiplied out": perplexity_of_the_product,
        "no thought of 0": perplexity_unprepared,
    },
    "unroll": {
        "state not carried": unroll_forgetting,
        "h0 among the states": unroll_with_the_start,
        "outputs and states exchanged": unroll_exchanged,
        "read backwards": unroll_from_the_end,
        "one list for both": unroll_in_one_list,
        "return in the loop": unroll_the_first,
        "asked twice": unroll_asking_twice,
        "names of the pair exchanged": unroll_from_the_state_on,
    },
    "running_sum_states": {
        "0 in front": sum_from_zero,
        "one step late": sum_before,
        "running mean": sum_averaged,
        "both lists": sum_with_outputs,
        "no thought of the empty list": sum_from_the_first,
    },
    "collision": {
        "reversed": collision_backwards,
        "first two exchanged": collision_swapped,
        "a zero more": collision_longer,
        "xs changed": collision_in_place,
        "everything in one place": collision_in_one_place,
    },
    **WRONG_STEPS,
}  # fmt: skip
