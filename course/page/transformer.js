// The Transformer, with everything on its way kept: what a part is given, makes of it and hands on.
//
// What is kept is called a trace. A trace of the decoder is a key-value cache, too: who gives it as
// `past` reads on from there.

import { alibi, learned, rotate, sinusoidal } from "./positions.js";
import {
  add, after, each, gelu, layerNorm, linear, mergeHeads, mix, products, relu, row, softmax,
  splitHeads, tensor,
} from "./tensors.js";

const PAD = 0;
const ACTIVATIONS = { relu, gelu };

/** ids of a source -> {ids, positions, rows, embedded, layers, normed, memory}
 *
 *  rows: the embeddings alone; embedded: with what positions add, (T, d_model) like memory;
 *  layers: [{self, feedForward, output}]. options.positionsShift: a number for each source token
 *  that is to stand elsewhere than at its place. RangeError where there is nothing to be read. */
export function readSource(model, ids, options = {}) {
  if (!ids.length) throw new RangeError("There is nothing to be read: the sentence has no token.");
  const { encoder, source_embedding } = model.weights;
  const positions = options.positionsShift ?? ids.map((_, t) => t);
  if (positions.length !== ids.length) {
    const found = positions.length;
    throw new RangeError(`There must be a position for each of ${ids.length} tokens, not ${found}.`);
  }
  const begun = embed(model, source_embedding.table, ids, positions);
  const places = { queries: positions, keys: positions };
  const isOpen = (query, key) => ids[key] !== PAD;
  const layers = [];
  let x = begun.embedded;
  for (const layer of listed(encoder.layers)) {
    const self = residual(model, x, layer.norm_1, (y) => ({
      attention: attention(model, layer.attention, y, y, { isOpen, places }),
    }));
    const feedForward = residual(model, self.output, layer.norm_2, (y) => (
      feed(model, layer.feed_forward, y)
    ));
    x = feedForward.output;
    layers.push({ self, feedForward, output: x });
  }
  const normed = lastNorm(encoder, x);
  return { ids, positions, ...begun, layers, normed, memory: normed };
}

/** ids of a target, beginning with <bos>, and readSource's trace
 *  -> {ids, positions, rows, embedded, layers, normed, logits (T, V)}
 *
 *  layers: [{self, cross, feedForward, output}]. options.past: the trace of what was read before;
 *  then ids are those that follow, and all but keys and values is of these alone.
 *  options.targetPositions: as positionsShift, of all tokens so far. */
export function readTarget(model, ids, memoryTrace, options = {}) {
  const { decoder, target_embedding, output } = model.weights;
  const { past } = options;
  const all = [...(past?.ids ?? []), ...ids];
  const start = all.length - ids.length;
  const positions = options.targetPositions ?? all.map((_, t) => t);
  const begun = embed(model, target_embedding.table, ids, positions.slice(start));
  const places = { queries: positions.slice(start), keys: positions };
  // nobody sees a later one
  const isOpen = (query, key) => key <= start + query && all[key] !== PAD;
  const isOpenSource = (query, key) => memoryTrace.ids[key] !== PAD;
  const layers = [];
  let x = begun.embedded;
  for (const [n, layer] of listed(decoder.layers).entries()) {
    const before = past?.layers[n];
    const self = residual(model, x, layer.norm_1, (y) => ({
      attention: attention(model, layer.self_attention, y, y, {
        isOpen, places, past: before?.self.attention,
      }),
    }));
    const cross = residual(model, self.output, layer.norm_2, (y) => ({
      attention: attention(model, layer.cross_attention, y, memoryTrace.memory, {
        isOpen: isOpenSource, kept: before?.cross.attention,
      }),
    }));
    const feedForward = residual(model, cross.output, layer.norm_3, (y) => (
      feed(model, layer.feed_forward, y)
    ));
    x = feedForward.output;
    layers.push({ self, cross, feedForward, output: x });
  }
  const normed = lastNorm(decoder, x);
  return { ids: all, positions, ...begun, layers, normed, logits: linear(normed, output) };
}

/** What the next word would be if the decoder ended here: last norm and output layer.
 *  x (T, d_model), from anywhere in the decoder's residual stream -> logits (T, V) */
export function lens(model, x) {
  return linear(lastNorm(model.weights.decoder, x), model.weights.output);
}

/** The weights of an attention's trace as they would be if nothing were blocked. */
export function weightsWithoutMask(trace) {
  return softmax(trace.bias ? add(trace.scaled, trace.bias) : trace.scaled);
}

/** {rows, added, embedded}: table rows times sqrt(d_model), what the positions add (null where they
 *  add nothing), and both together, all (T, d_model). */
function embed(model, table, ids, positions) {
  const { d_model } = model.config;
  const scale = Math.sqrt(d_model);
  const rows = tensor([ids.length, d_model]);
  ids.forEach((id, t) => row(rows, t).set(row(table, id).map((number) => number * scale)));
  const schemes = {
    sinusoidal: () => sinusoidal(positions, d_model),
    learned: () => learned(positions, model.weights.positions.table),
  };
  const added = schemes[model.config.positions]?.() ?? null;
  return { rows, added, embedded: added ? add(rows, added) : rows };
}

/** Keep x and add what the sub-layer has to say: {input, normed, ...its own, added, output}.
 *  Pre-norm: x + subLayer(norm(x)), normed is what the sub-layer reads. Post-norm, as in 2017:
 *  norm(x + subLayer(x)), normed is the output. */
function residual(model, x, norm, subLayer) {
  if (model.config.norm_first) {
    const normed = layerNorm(x, norm);
    const own = subLayer(normed);
    const added = (own.attention ?? own).output;
    return { ...own, input: x, normed, added, output: add(x, added) };
  }
  const own = subLayer(x);
  const added = (own.attention ?? own).output;
  const normed = layerNorm(add(x, added), norm);
  return { ...own, input: x, normed, added, output: normed };
}

/** x (T_q, d_model) asks, source (T_k, d_model) answers.
 *
 *  places: the positions of queries and keys where the attention knows any; past: an earlier trace,
 *  whose keys and values come before the new ones; kept: one whose keys and values are these. */
function attention(model, part, x, source, { isOpen, places, past, kept }) {
  const { n_heads, positions: scheme } = model.config;
  const turns = places && scheme === "rotary";
  const heads = (y, w) => splitHeads(linear(y, w), n_heads); // (H, T, d_head)
  const query = heads(x, part.w_q);
  let { key, value } = kept ?? { key: heads(source, part.w_k), value: heads(source, part.w_v) };
  if (past) [key, value] = [after(past.key, key), after(past.value, value)];
  const rotatedQuery = turns ? rotate(query, places.queries) : query;
  const rotatedKey = turns ? rotate(key, places.keys) : key;
  const bias = places && scheme === "alibi" ? alibi(n_heads, places.queries, places.keys) : null;
  const stages = attend(rotatedQuery, rotatedKey, value, isOpen, bias);
  const merged = mergeHeads(stages.mixed); // (T_q, d_model)
  const output = linear(merged, part.w_o);
  return { query, key, value, rotatedQuery, rotatedKey, ...stages, merged, output };
}

/** query (H, T_q, d_head), key and value (H, T_k, d_head): every head's scores, stage by stage, its
 *  weights, and what it reads. isOpen(query, key): whether the one may see the other. */
export function attend(query, key, value, isOpen, bias = null) {
  const raw = products(query, key); // (H, T_q, T_k)
  const scaled = each(raw, (score) => score / Math.sqrt(key.shape[2]));
  const masked = block(bias ? add(scaled, bias) : scaled, isOpen);
  const weights = softmax(masked);
  return { raw, scaled, bias, masked, weights, mixed: mix(weights, value) }; // mixed (H, T_q, d_head)
}

/** scores (H, T_q, T_k) -> the same, -Infinity where the query may not see the key. */
function block(scores, isOpen) {
  const [, n_queries, n_keys] = scores.shape;
  const masked = scores.data.map((score, i) => {
    const [query, key] = [Math.floor(i / n_keys) % n_queries, i % n_keys];
    return isOpen(query, key) ? score : -Infinity;
  });
  return tensor(scores.shape, masked);
}

/** w_2(activation(w_1(x))): {hidden (T, d_ff), active (T, d_ff), output (T, d_model)} */
function feed(model, part, x) {
  const hidden = linear(x, part.w_1);
  const active = each(hidden, ACTIVATIONS[model.config.activation]);
  return { hidden, active, output: linear(active, part.w_2) };
}

/** The norm after pre-norm layers; post-norm layers have had theirs. */
function lastNorm(stack, x) {
  return stack.norm ? layerNorm(x, stack.norm) : x;
}

/** The layers in their order: their names are their numbers. */
function listed(layers) {
  return Object.keys(layers).sort((a, b) => a - b).map((name) => layers[name]);
}
