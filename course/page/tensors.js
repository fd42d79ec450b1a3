// Tensors: a shape, and its numbers row after row; and what a Transformer does to them.
//
// {shape, data}: data is a Float64Array. T positions, H heads, as in the course; no batch axis.

export function tensor(shape, data) {
  return { shape, data: data ?? new Float64Array(shape.reduce((a, b) => a * b, 1)) };
}

/** Row t of x (T, d), as a view: it copies nothing. */
export function row(x, t) {
  const d = x.shape[x.shape.length - 1];
  return x.data.subarray(t * d, (t + 1) * d);
}

/** The sum of products of two vectors. */
export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** x (T, d) + y (T, d) -> (T, d) */
export function add(x, y) {
  return tensor(x.shape, x.data.map((number, i) => number + y.data[i]));
}

/** f of each number. */
export function each(x, f) {
  return tensor(x.shape, x.data.map(f));
}

/** x @ weight^T + bias: x (T, d_in), weight (d_out, d_in), bias (d_out,) or none -> (T, d_out) */
export function linear(x, { weight, bias }) {
  const [n, d_in] = x.shape;
  const d_out = weight.shape[0];
  const y = tensor([n, d_out]);
  for (let t = 0; t < n; t++) {
    for (let o = 0; o < d_out; o++) {
      let sum = bias ? bias.data[o] : 0;
      for (let i = 0; i < d_in; i++) sum += x.data[t * d_in + i] * weight.data[o * d_in + i];
      y.data[t * d_out + o] = sum;
    }
  }
  return y;
}

/** Each row at mean 0 and variance 1, times a gain, plus a bias  (Ba et al. 2016). */
export function layerNorm(x, { gain, bias }, eps = 1e-5) {
  const y = tensor(x.shape);
  const d = gain.data.length;
  for (let t = 0; t < x.shape[0]; t++) {
    const numbers = row(x, t);
    const mean = numbers.reduce((a, b) => a + b, 0) / d;
    const variance = numbers.reduce((a, b) => a + (b - mean) ** 2, 0) / d;
    const out = row(y, t);
    for (let i = 0; i < d; i++) {
      out[i] = ((numbers[i] - mean) / Math.sqrt(variance + eps)) * gain.data[i] + bias.data[i];
    }
  }
  return y;
}

export function relu(x) {
  return Math.max(x, 0);
}

/** x times the probability that a standard normal number is below x  (Hendrycks & Gimpel 2016). */
export function gelu(x) {
  return x * 0.5 * (1 + erf(x / Math.SQRT2));
}

/** 2 / sqrt(pi) e^(-x^2) (x + 2 x^3 / 3 + 4 x^5 / (3 5) + ...): no term takes from another. */
export function erf(x) {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** softmax over the last axis; a row in which all are -Infinity gives zeros. */
export function softmax(scores) {
  const weights = tensor(scores.shape);
  const n = scores.shape[scores.shape.length - 1];
  for (let start = 0; start < scores.data.length; start += n) {
    const some = scores.data.subarray(start, start + n);
    // not -Infinity, else -Infinity - -Infinity in an empty row
    const largest = some.reduce((a, b) => Math.max(a, b), -Number.MAX_VALUE);
    let total = 0;
    for (let i = 0; i < n; i++) total += weights.data[start + i] = Math.exp(some[i] - largest);
    for (let i = 0; i < n; i++) weights.data[start + i] /= total || 1;
  }
  return weights;
}

/** The logarithm of the probability of each of some logits (V,) -> (V,) */
export function logSoftmax(logits) {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Number.MAX_VALUE);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  return logits.map((logit) => logit - largest - Math.log(total));
}

/** Each position's vector cut into heads: (T, d_model) -> (H, T, d_head). */
export function splitHeads(x, n_heads) {
  const [n, d_model] = x.shape;
  const d_head = d_model / n_heads;
  const heads = tensor([n_heads, n, d_head]);
  for (let h = 0; h < n_heads; h++) {
    for (let t = 0; t < n; t++) {
      heads.data.set(row(x, t).subarray(h * d_head, (h + 1) * d_head), (h * n + t) * d_head);
    }
  }
  return heads;
}

/** The heads side by side again: (H, T, d_head) -> (T, d_model). */
export function mergeHeads(heads) {
  const [n_heads, n, d_head] = heads.shape;
  const merged = tensor([n, n_heads * d_head]);
  for (let h = 0; h < n_heads; h++) {
    for (let t = 0; t < n; t++) merged.data.set(row(heads, h * n + t), (t * n_heads + h) * d_head);
  }
  return merged;
}

/** Each query against each key: (H, T_q, d_head), (H, T_k, d_head) -> (H, T_q, T_k). */
export function products(query, key) {
  const [n_heads, n_queries] = query.shape;
  const n_keys = key.shape[1];
  const raw = tensor([n_heads, n_queries, n_keys]);
  for (let h = 0; h < n_heads; h++) {
    for (let q = 0; q < n_queries; q++) {
      for (let k = 0; k < n_keys; k++) {
        const product = dot(row(query, h * n_queries + q), row(key, h * n_keys + k));
        raw.data[(h * n_queries + q) * n_keys + k] = product;
      }
    }
  }
  return raw;
}

/** weights @ value: (H, T_q, T_k), (H, T_k, d_head) -> (H, T_q, d_head). */
export function mix(weights, value) {
  const [n_heads, n_queries, n_keys] = weights.shape;
  const d_head = value.shape[2];
  const mixed = tensor([n_heads, n_queries, d_head]);
  for (let h = 0; h < n_heads; h++) {
    for (let q = 0; q < n_queries; q++) {
      const out = row(mixed, h * n_queries + q);
      const shares = row(weights, h * n_queries + q);
      for (let k = 0; k < n_keys; k++) {
        const numbers = row(value, h * n_keys + k);
        for (let i = 0; i < d_head; i++) out[i] += shares[k] * numbers[i];
      }
    }
  }
  return mixed;
}

/** Two tensors of heads, one after the other in time: (H, T, d), (H, T', d) -> (H, T + T', d). */
export function after(earlier, later) {
  const [n_heads, n, d] = earlier.shape;
  const m = later.shape[1];
  const both = tensor([n_heads, n + m, d]);
  for (let h = 0; h < n_heads; h++) {
    both.data.set(earlier.data.subarray(h * n * d, (h + 1) * n * d), h * (n + m) * d);
    both.data.set(later.data.subarray(h * m * d, (h + 1) * m * d), (h * (n + m) + n) * d);
  }
  return both;
}
