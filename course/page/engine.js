// The engine: a translator of the course, read from a page's data, and all that can be asked of it.
//
// This file is the face of the modules beside it; none of them knows a page or a browser's DOM.

import { tensor } from "./tensors.js";
import { readWords } from "./words.js";

export { beam, distribution, sample, seededRandom, translate, writing } from "./decoding.js";
export { dot, row, softmax } from "./tensors.js";
export { lens, readSource, readTarget, weightsWithoutMask } from "./transformer.js";
export { decode, encodeText, wordsOf } from "./words.js";

const EDITION = 1;
const BITS = 8; // what is left of 32 when a number takes three bytes

/** data, as model_data.py writes it -> {config, weights, german, english, mending, edition, lessons, owners}
 *
 *  weights: tensors under the names of the course, weights.encoder.layers[0].attention.w_q.weight.
 *  Error, in a sentence, where the data is something else. */
export function readModel(data) {
  if (data?.kind !== "translator of the course on a page") {
    throw new Error("There is no translator in this page: write it again with python -m course page.");
  }
  if (data.edition !== EDITION) {
    throw new Error(`This translator is of edition ${data.edition}, but ${EDITION} can be read: write the page again.`);
  }
  const { config, edition, lessons = {}, owners = {} } = data;
  return { config, edition, lessons, owners, weights: readWeights(data.weights), ...readWords(data) };
}

/** {name: {shape, step, numbers}} or {name: {same: name}} -> a tree along the dots of the names. */
function readWeights(saved) {
  const tensors = {};
  const tree = {};
  for (const [name, one] of Object.entries(saved)) {
    tensors[name] = one.same ? tensors[one.same] : tensor(one.shape, readNumbers(one));
    const path = name.split(".");
    const last = path.pop();
    let branch = tree;
    for (const step of path) branch = branch[step] ??= {};
    branch[last] = tensors[name];
  }
  return tree;
}

/** Whole numbers of three bytes, the lowest first, in base64; each times `step`. */
function readNumbers({ step, numbers }) {
  const bytes = atob(numbers);
  const read = new Float64Array(bytes.length / 3);
  for (let i = 0, at = 0; i < read.length; i++, at += 3) {
    const whole = bytes.charCodeAt(at) | (bytes.charCodeAt(at + 1) << 8) | (bytes.charCodeAt(at + 2) << 16);
    read[i] = ((whole << BITS) >> BITS) * step; // the highest bit is the sign
  }
  return read;
}
