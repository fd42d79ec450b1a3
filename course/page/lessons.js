// Lessons: in which one the learner built a part, as text, and as a link where the page stands beside the lessons.

import { make } from "./elements.js";

export const BUILT = {
  cosine_similarity: "03",
  nearest: "03",
  attention_scores: "04",
  causal_mask: "04",
  masked_softmax: "04",
  scaled_dot_product_attention: "04",
  padding_mask: "04",
  split_heads: "05",
  merge_heads: "05",
  MultiHeadAttention: "05",
  sinusoidal_positions: "06",
  LearnedPositions: "06",
  rotate: "06",
  RotaryAttention: "06",
  alibi_bias: "06",
  AlibiAttention: "06",
  is_permutation_equivariant: "06",
  FeedForward: "07",
  LayerNorm: "07",
  residual: "07",
  EncoderLayer: "07",
  cross_attend: "08",
  TokenEmbedding: "08",
  SinusoidalPositions: "08",
  DecoderLayer: "08",
  Decoder: "08",
  Transformer: "08",
  bpe_encode: "09",
  next_probabilities: "10",
  sample: "10",
  greedy: "10",
  beam_search: "10",
};

// "Built in lesson 04: attention_scores", with whose code it is, where that is known.
export function builtIn(model, ...exercises) {
  const lessons = [...new Set(exercises.map((name) => BUILT[name]))].sort();
  const items = lessons.map((lesson, i) => [
    i > 0 ? ", and in " : "Built in ",
    `lesson ${lesson}: `,
    exercises.filter((name) => BUILT[name] === lesson).map((name, j) => [j > 0 && ", ", exerciseOf(model, name)]),
  ]);
  return make("p", { class: "built" }, items);
}

function exerciseOf(model, name) {
  const { cell } = model.lessons?.[name] ?? {};
  const owner = model.owners?.[name];
  const said = make("code", {}, name);
  return [cell ? make("a", { href: cell }, said) : said, owner ? ` (${owner})` : null];
}

export const SCHEMES = {
  sinusoidal: {
    name: "sines and cosines, added to the embeddings",
    built: ["sinusoidal_positions", "SinusoidalPositions"],
  },
  learned: { name: "a learned table, added to the embeddings", built: ["LearnedPositions"] },
  rotary: {
    name: "rotary positions: queries and keys are turned by their places",
    built: ["rotate", "RotaryAttention"],
  },
  alibi: { name: "ALiBi: each score falls with the distance", built: ["alibi_bias", "AlibiAttention"] },
  none: { name: "no positions at all", built: ["is_permutation_equivariant"] },
};
