// One number: the numbers that a single score, weight or answer is made of.

import { make, matrixOf, rowOf, told, wideBox } from "./elements.js";
import { dot } from "./engine.js";

function sums(name, heads, rows, closing) {
  const table = make(
    "table",
    { class: "sums", "aria-label": name },
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("td", {}),
        heads.map((head) => make("th", { scope: "col" }, head)),
      ),
    ),
    make(
      "tbody",
      {},
      rows.map(([title, numbers, digits = 2]) =>
        make(
          "tr",
          {},
          make("th", { scope: "row" }, title),
          Array.from(numbers, (number) => make("td", { "data-number": number }, told(number, digits))),
        ),
      ),
    ),
  );
  return make("section", { class: "one", "aria-label": name }, make("h4", {}, name), wideBox(name, table), closing);
}

const step = (lit, ...children) => make("li", { class: lit ? "lit" : null }, children);
const number = (name, value, digits = 3) =>
  make("b", { "data-value": name, "data-number": value }, told(value, digits));

// One cell of the scores: query times key, and what becomes of the sum at each stage.
export function oneScore({ trace, sides, at, head, stage, part, inside, unmasked }) {
  const query = rowOf(trace.rotatedQuery, at.row, head);
  const key = rowOf(trace.rotatedKey, at.column, head);
  const width = query.length;
  const read = (tensor) => rowOf(tensor, at.row, head)[at.column];
  const reader = sides.readers[at.row];
  const other = sides.read[at.column];
  const shut = read(trace.masked) === -Infinity;
  const scores = Array.from(unmasked ? biased(trace, at.row, head) : rowOf(trace.masked, at.row, head));
  const products = Array.from(query, (q, d) => q * key[d]);
  const closing = make(
    "ol",
    { class: "way" },
    step(stage === "raw", `The sum of these ${width} products: `, number("raw", read(trace.raw))),
    step(
      stage === "scaled",
      `divided by \u221a${width} = ${told(Math.sqrt(width))}: `,
      number("scaled", read(trace.scaled)),
    ),
    trace.bias &&
      step(
        stage === "bias",
        `with the bias ${told(read(trace.bias), 3)}: `,
        number("biased", read(trace.scaled) + read(trace.bias)),
      ),
    step(
      stage === "masked",
      !shut ? "open, so it stays: " : unmasked ? "the mask would block it: " : "blocked by the mask: ",
      number("masked", scores[at.column]),
    ),
    weightStep(scores, at.column, stage),
  );
  const turned = inside.model.config.positions === "rotary" && part.kind === "self" ? ", turned" : "";
  return sums(
    `Where the number comes from: ${reader} reads ${other}`,
    Array.from(query, (_, d) => String(d + 1)),
    [
      [`query of ${reader}${turned}`, query],
      [`key of ${other}${turned}`, key],
      ["their products", products],
    ],
    closing,
  );
}

const biased = ({ scaled, bias }, row, head) =>
  rowOf(scaled, row, head).map((score, j) => score + (bias ? rowOf(bias, row, head)[j] : 0));

function weightStep(scores, place, stage) {
  const largest = Math.max(...scores);
  const exps = scores.map((score) => Math.exp(score - largest));
  const total = exps.reduce((sum, each) => sum + each, 0);
  const exp = exps[place];
  return step(
    stage === "weights",
    `e to the power of (it minus the row\u2019s largest, ${told(largest, 3)}) is ${told(exp, 3)}, `,
    `a share of the row\u2019s sum ${told(total, 3)}: `,
    number("weight", exp / total),
  );
}

// One number of an answer: the weights of a row times one column of the values.
export function oneMixed({ trace, sides, at, head, dimension, weights }) {
  const values = matrixOf(trace.value, head).map((row) => row[dimension]);
  const products = values.map((value, j) => value * weights[j]);
  const closing = make(
    "p",
    { class: "way" },
    `The sum of these ${products.length} products: `,
    number("mixed", rowOf(trace.mixed, at.row, head)[dimension]),
  );
  return sums(
    `Number ${dimension + 1} of the answer to ${sides.readers[at.row]}`,
    sides.read,
    [
      ["weight", weights],
      ["value", values],
      ["their products", products, 3],
    ],
    closing,
  );
}

// One number that an attention adds to the stream: what each head brings, through its own columns of w_o, and the bias.
export function oneMerged({ inside, part, trace, sides, at, place }) {
  const width = trace.query.shape[2];
  const head = Math.floor(place / width);
  const dimension = place % width;
  const merged = rowOf(trace.merged, at.row);
  const { weight, bias } = outputOf(inside.model, part);
  const row = rowOf(weight, place);
  const shares = Array.from({ length: trace.query.shape[0] }, (_, h) =>
    dot(row.subarray(h * width, (h + 1) * width), merged.subarray(h * width, (h + 1) * width)),
  );
  const closing = make(
    "ol",
    { class: "way" },
    step(true, "Their sum, which is added to the stream: ", number("output", rowOf(trace.output, at.row)[place])),
    step(
      false,
      `Side by side, before w_o, number ${place + 1} is number ${dimension + 1} of head ${head + 1}: `,
      number("merged", merged[place]),
    ),
  );
  return sums(
    `Number ${place + 1} of what is added at ${sides.readers[at.row]}: what each head brings`,
    [...shares.map((_, h) => `head ${h + 1}`), "bias"],
    [["through w_o", [...shares, bias ? bias.data[place] : 0], 3]],
    closing,
  );
}

function outputOf({ weights }, { stack, layer, kind }) {
  const name = stack === "encoder" ? "attention" : kind === "self" ? "self_attention" : "cross_attention";
  return weights[stack].layers[layer][name].w_o;
}
