// Positions: what each scheme of the course adds to the embeddings, does to queries and keys, or
// adds to the scores. A position is any number, so that a page can move a word.

import { row, tensor } from "./tensors.js";

/** How far hand i of d / 2 has turned at a position: position * 10000^(-2 i / d). */
export function angle(position, i, d) {
  return position * 10_000 ** ((-2 * i) / d);
}

/** Sines and cosines in turns: positions -> (T, d_model)  (Vaswani et al. 2017, section 3.5). */
export function sinusoidal(positions, d_model) {
  const vectors = tensor([positions.length, d_model]);
  positions.forEach((position, t) => {
    const vector = row(vectors, t);
    for (let i = 0; i < d_model / 2; i++) {
      vector[2 * i] = Math.sin(angle(position, i, d_model));
      vector[2 * i + 1] = Math.cos(angle(position, i, d_model));
    }
  });
  return vectors;
}

/** The table's row of each position; RangeError where it has none. */
export function learned(positions, table) {
  const [max_length, d_model] = table.shape;
  const vectors = tensor([positions.length, d_model]);
  positions.forEach((position, t) => {
    if (!Number.isInteger(position) || position < 0 || position >= max_length) {
      throw new RangeError(
        `There is no position ${position}: this model has learned a vector for each of ` +
          `0 to ${max_length - 1}, and for no other.`,
      );
    }
    row(vectors, t).set(row(table, position));
  });
  return vectors;
}

/** RoPE: each pair of numbers of (H, T, d_head) turned by its position  (Su et al. 2021). */
export function rotate(x, positions) {
  const [n_heads, n, d_head] = x.shape;
  const turned = tensor(x.shape);
  for (let place = 0; place < n_heads * n; place++) {
    const [from, to] = [row(x, place), row(turned, place)];
    for (let i = 0; i < d_head / 2; i++) {
      const turn = angle(positions[place % n], i, d_head);
      const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
      to[2 * i] = from[2 * i] * cos - from[2 * i + 1] * sin;
      to[2 * i + 1] = from[2 * i] * sin + from[2 * i + 1] * cos;
    }
  }
  return turned;
}

/** ALiBi: minus the distance of query and key, in each head times its slope  (Press et al. 2022).
 *  -> (H, T_q, T_k) */
export function alibi(n_heads, queryPositions, keyPositions) {
  const [n_queries, n_keys] = [queryPositions.length, keyPositions.length];
  const bias = tensor([n_heads, n_queries, n_keys]);
  for (let h = 0; h < n_heads; h++) {
    const slope = 2 ** ((-8 * (h + 1)) / n_heads);
    for (let q = 0; q < n_queries; q++) {
      const out = row(bias, h * n_queries + q);
      keyPositions.forEach((position, k) => {
        out[k] = -slope * Math.abs(queryPositions[q] - position);
      });
    }
  }
  return bias;
}
