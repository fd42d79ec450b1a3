// Decoding: a score for every possible next token; how does that become a sentence?

import { logSoftmax, row, softmax, tensor } from "./tensors.js";
import { readSource, readTarget } from "./transformer.js";

export const BOS = 1;
export const EOS = 2;

/** Which number is the largest; of equal ones the first. */
export function argmax(numbers) {
  let best = 0;
  for (let i = 1; i < numbers.length; i++) if (numbers[i] > numbers[best]) best = i;
  return best;
}

/** The source's sentence word by word, each the likeliest: yields {id, probability, trace, ended}.
 *
 *  trace: readTarget's of the newest position, whose logits said it. <eos> comes as the last. */
export function* writing(model, ids, { maxTokens = 50, memory = null } = {}) {
  if (!ids.length) return; // of an empty sentence an empty one
  const source = memory ?? readSource(model, ids);
  let [newest, past] = [BOS, undefined];
  for (let n = 0; n < maxTokens; n++) {
    past = readTarget(model, [newest], source, { past });
    newest = argmax(past.logits.data);
    const probability = softmax(past.logits).data[newest];
    yield { id: newest, probability, trace: past, ended: newest === EOS };
    if (newest === EOS) return;
  }
}

/** Greedy decoding: {ids, probabilities}, without <eos>; ended: whether <eos> came in time.
 *  onToken({id, probability, trace, ended}) hears of every token when it is written. */
export function translate(model, ids, { maxTokens = 50, onToken = () => {}, memory = null } = {}) {
  const written = { ids: [], probabilities: [], ended: !ids.length };
  for (const step of writing(model, ids, { maxTokens, memory })) {
    onToken(step);
    written.ended = step.ended;
    if (step.ended) break;
    written.ids.push(step.id);
    written.probabilities.push(step.probability);
  }
  return written;
}

/** logits / temperature -> top-k -> softmax -> top-p: logits (V,) -> probabilities (V,), 0 where
 *  one is left out. What ties with the k-th stays; top-p keeps the fewest tokens that together have
 *  probability topP. RangeError where a setting makes no sense. */
export function distribution(logits, { temperature = 1, topK = null, topP = 1 } = {}) {
  if (!(temperature > 0)) {
    throw new RangeError(
      `The temperature ${temperature} must be above 0; ` +
        "to take the likeliest token always, decode greedily.",
    );
  }
  if (topK !== null && !(topK >= 1)) {
    throw new RangeError(`top-k ${topK} must be at least 1: some token has to be left.`);
  }
  if (!(topP > 0 && topP <= 1)) {
    throw new RangeError(
      `top-p ${topP} must be above 0 and at most 1: it is a share of the probability.`,
    );
  }
  let scaled = numbersOf(logits).map((logit) => logit / temperature);
  if (topK !== null) scaled = onlyLargest(scaled, topK);
  return nucleus(softmax(tensor([scaled.length], scaled)).data, topP);
}

/** The k largest as they are, all others -Infinity; what ties with the k-th stays. */
function onlyLargest(logits, k) {
  const falling = logits.slice().sort().reverse();
  const least = falling[Math.min(k, falling.length) - 1];
  return logits.map((logit) => (logit < least ? -Infinity : logit));
}

/** The fewest tokens that together have probability p; they share the 1 anew. */
function nucleus(probabilities, p) {
  const compared = (a, b) => probabilities[a] - probabilities[b] || a - b;
  const rising = Array.from(probabilities.keys()).sort(compared);
  const kept = probabilities.slice();
  let tail = 0; // a token's own probability and that of all less likely ones
  for (const id of rising.slice(0, -1)) {
    tail += probabilities[id];
    if (tail <= 1 - p) kept[id] = 0;
  }
  const total = kept.reduce((a, b) => a + b, 0);
  return kept.map((share) => share / total);
}

/** A token drawn from the distribution: laid end to end from 0 to 1, the one on whose stretch
 *  random() falls. logits (V,) -> id; random: as Math.random, or seededRandom(seed). */
export function sample(model, logits, { random = Math.random, ...settings } = {}) {
  const probabilities = distribution(logits, settings);
  const place = random() * probabilities.reduce((a, b) => a + b, 0);
  let end = 0;
  for (let id = 0; id < probabilities.length; id++) {
    end += probabilities[id];
    if (end > place) return id;
  }
  return argmax(probabilities); // rounding left the end a little below
}

/** Numbers in [0, 1) that are the same for the same seed (the generator called mulberry32). */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Keep the `width` most probable beginnings  (Graves 2012; Wu et al. 2016).
 *
 *  -> {best: {ids, score}, steps: [{alive, finished, dropped}]}, each of these a list of
 *  {ids, token, probability, sum, score, parent}: ids without <bos> and <eos>, sum: of ln p,
 *  score: sum / number of tokens ** lengthPenalty, <eos> among them, parent: the place in the step
 *  before's alive. alive go on; finished have ended, or are cut off by maxTokens; dropped were
 *  among the 2 width best, and are not followed. */
export function beam(model, ids, options = {}) {
  const { width = 4, lengthPenalty = 1, maxTokens = 50, memory = null } = options;
  if (!(width >= 1)) {
    throw new RangeError(`The width ${width} must be at least 1: somebody has to go on.`);
  }
  let best = { ids: [], score: -Infinity };
  if (!ids.length) return { best, steps: [] };
  const source = memory ?? readSource(model, ids);
  const steps = [];
  let alive = [{ ids: [], token: BOS, sum: 0, past: undefined }];
  for (let length = 1; length <= maxTokens && alive.length; length++) {
    const grown = alive.map((one) => (
      { ...one, past: readTarget(model, [one.token], source, { past: one.past }) }
    ));
    const candidates = likeliest(grown, 2 * width, length, lengthPenalty);
    const isDone = (one) => one.token === EOS || length === maxTokens;
    const finished = candidates.slice(0, width).filter(isDone);
    alive = candidates.filter((one) => !isDone(one) && one.sum > -Infinity).slice(0, width);
    const dropped = candidates.filter((one) => !finished.includes(one) && !alive.includes(one));
    for (const { ids, score } of finished) if (score > best.score) best = { ids, score };
    steps.push({ alive, finished, dropped });
    const mostThatCanBe = alive.length ? alive[0].sum / maxTokens ** lengthPenalty : -Infinity;
    if (mostThatCanBe <= best.score) break; // ln p <= 0
  }
  return { best, steps };
}

/** The n best ways to go on from some beginnings by one token, the best first. */
function likeliest(beginnings, n, length, lengthPenalty) {
  const found = beginnings.flatMap((one, parent) => {
    const log_p = logSoftmax(one.past.logits.data);
    return Array.from(log_p, (log, token) => ({ parent, token, sum: one.sum + log, log_p: log }));
  });
  found.sort((a, b) => b.sum - a.sum);
  return found.slice(0, n).map(({ parent, token, sum, log_p }) => ({
    ids: token === EOS ? beginnings[parent].ids : [...beginnings[parent].ids, token],
    token, parent, sum, probability: Math.exp(log_p), score: sum / length ** lengthPenalty,
    past: beginnings[parent].past,
  }));
}

/** The numbers of a vector, or of a tensor's last row. */
function numbersOf(logits) {
  if (!logits.shape) return logits;
  const n = logits.shape[logits.shape.length - 1];
  return row(logits, logits.data.length / n - 1);
}
