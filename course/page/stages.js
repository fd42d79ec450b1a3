// Stages: what an attention shows at each stage, from queries and keys to what it adds to the stream.

import { make, matrixOf, namesOf, percent, rowOf, told } from "./elements.js";
import { weightsWithoutMask } from "./engine.js";
import { arrows, heatTable } from "./heat.js";
import { builtIn } from "./lessons.js";
import { oneMerged, oneMixed, oneScore } from "./one_number.js";
import { colours, strips, whose } from "./strips.js";

const says = (...children) => make("p", { class: "says" }, children);
const code = (text) => make("code", {}, text);

// What stands under the stages; each is given the panel's view: {inside, part, trace, sides, at,
// head, stage, title}.
export const STAGES = {
  vectors: (view) => [
    says(...vectorsSay(view), "Choose a query and a key: their product comes next."),
    !view.part.alone &&
      builtIn(view.inside.model, view.part.kind === "cross" ? "cross_attend" : "MultiHeadAttention", "split_heads"),
    vectorTables(view, view.trace.query, view.trace.key),
  ],
  turned: (view) => [
    says(
      "Rotary positions: each pair of numbers is turned by an angle that grows with the word\u2019s place. ",
      "What is turned by the same angle keeps its product, so a score depends on two words and their distance alone.",
    ),
    builtIn(view.inside.model, "rotate", "RotaryAttention"),
    vectorTables(view, view.trace.rotatedQuery, view.trace.rotatedKey),
  ],
  raw: (view) => [
    says("Each query times each key, number by number, added up: how well they match."),
    builtIn(view.inside.model, "attention_scores"),
    scoresBeside(view, view.trace.raw),
  ],
  scaled: (view) => [
    says(
      "Divided by the root of ",
      code("d_head"),
      ` = ${view.trace.query.shape[2]}, `,
      "that is by ",
      told(Math.sqrt(view.trace.query.shape[2])),
      ", else softmax would saturate as vectors grow.",
    ),
    builtIn(view.inside.model, "attention_scores"),
    scoresBeside(view, view.trace.scaled),
  ],
  bias: (view) => [
    says("A bias by distance is added to each score: the farther a word, the lower. Each head has its own slope."),
    builtIn(view.inside.model, "alibi_bias"),
    scoresBeside(view, biasedOf(view.trace)),
  ],
  masked: (view) => [
    says(...maskSays(view)),
    builtIn(view.inside.model, isBlocking(view) || isCausal(view) ? "causal_mask" : "padding_mask", "masked_softmax"),
    unmaskedSwitch(view),
    scoresBeside(view, view.inside.choice.unmasked ? biasedOf(view.trace) : view.trace.masked),
  ],
  weights: (view) => [
    says(
      "Softmax along each row: e to the score, as a share of the row\u2019s sum. ",
      "Each row is how one word divides its attention.",
    ),
    builtIn(view.inside.model, "masked_softmax"),
    unmaskedSwitch(view),
    weightsBeside(view),
  ],
  mixed: (view) => [
    says(
      view.part.alone ? "" : ["Of each word that is read the layer ", code("w_v"), " makes a value. "],
      "The answer to a word: the values of the words that it reads, times its weights, added up.",
    ),
    builtIn(view.inside.model, "scaled_dot_product_attention"),
    mixedTables(view),
  ],
  merged: (view) => [
    says(
      "The heads\u2019 answers, side by side again, ",
      String(view.trace.merged.shape[1]),
      " numbers for each position; times ",
      code("w_o"),
      " they are what this attention adds to the residual stream. A line parts one head from the next.",
    ),
    builtIn(view.inside.model, "merge_heads", "MultiHeadAttention"),
    mergedTables(view),
  ],
};

const isCausal = ({ part }) => part.stack === "decoder" && part.kind === "self";
const isBlocking = ({ trace }) => trace.masked.data.includes(-Infinity);

// An attention that stands alone was given its queries and keys; one of a model makes them.
function vectorsSay({ part, trace }) {
  const width = trace.query.shape[2];
  if (part.alone) {
    return ["A query says what its word asks for, a key what its word is found by, ", `${width} numbers each. `];
  }
  return [
    "Of each position\u2019s vector the linear layer ",
    code("w_q"),
    " makes a query, what it asks for, and ",
    code("w_k"),
    " a key, what it is found by. ",
    part.kind === "cross" ? "The keys come from the encoder\u2019s memory. " : "",
    `Here is this head\u2019s slice of them, ${width} numbers each. `,
  ];
}

export function biasedOf({ scaled, bias }) {
  return bias ? { shape: scaled.shape, data: scaled.data.map((score, i) => score + bias.data[i]) } : scaled;
}

function maskSays(view) {
  const { part, trace, head } = view;
  const { typed } = namesOf(view.inside.model);
  if (!isBlocking(view) && !isCausal(view)) {
    if (part.alone) return ["Nothing is blocked here."];
    return [
      `Nothing is blocked here: the whole ${typed} may be read, and one alone needs no padding. `,
      "The mask works in the decoder\u2019s self-attention.",
    ];
  }
  const scores = matrixOf(trace.masked, head).flat();
  return [
    isCausal(view)
      ? "What is crossed out is not written yet when its row is asked: "
      : "What is crossed out may not be read: ",
    "its score becomes \u2212\u221e, and softmax makes 0 of that. ",
    `Of ${scores.length} cells, ${scores.filter((score) => score === -Infinity).length} are blocked.`,
  ];
}

function unmaskedSwitch(view) {
  if (!isBlocking(view)) return null;
  const { inside } = view;
  return make(
    "label",
    { class: "switch" },
    make("input", {
      type: "checkbox",
      checked: inside.choice.unmasked,
      "data-key": "unmasked",
      onchange: (event) => inside.choose({ unmasked: event.target.checked }),
    }),
    "without the mask",
  );
}

function pairTable(view, numbers, more = {}) {
  const { inside, part, sides, at, trace, head, stage, title } = view;
  const masked = matrixOf(trace.masked, head);
  const shut = (i, j) => masked[i][j] === -Infinity;
  return heatTable({
    name: `pairs-${stage}`,
    caption: `${title}, head ${head + 1}: rows read, columns are read`,
    corner: "reads",
    rows: sides.readers,
    columns: sides.read,
    numbers,
    chosen: at,
    columnName: "reading ",
    pick: (row, column) => inside.choose({ ...inside.asRow(part, row), column }),
    ...more,
    ...(more.crossed ? { blocked: shut } : {}),
  });
}

function scoresBeside(view, tensor) {
  const crossed = view.stage === "masked";
  return [
    pairTable(view, matrixOf(tensor, view.head), { crossed, ghost: crossed && view.inside.choice.unmasked }),
    colours(),
    oneScore({ ...view, unmasked: crossed && isBlocking(view) && view.inside.choice.unmasked }),
  ];
}

function weightsBeside(view) {
  const { inside, trace, head, sides, at } = view;
  const unmasked = isBlocking(view) && inside.choice.unmasked;
  const numbers = unmasked ? matrixOf(weightsWithoutMask(trace), head) : matrixOf(trace.weights, head);
  return [
    make(
      "div",
      { class: "beside" },
      pairTable(view, numbers, { signed: false, crossed: true, ghost: unmasked }),
      make(
        "figure",
        {},
        arrows({
          readers: sides.readers,
          read: sides.read,
          weights: numbers,
          chosen: at,
          readerTitle: "reads",
          readTitle: "is read",
        }),
      ),
    ),
    unmasked ? takenAway(view, numbers) : null,
    oneScore({ ...view, unmasked }),
  ];
}

// What a row would read of the cells that the mask takes away.
function takenAway(view, numbers) {
  const { at, sides, trace, head } = view;
  const scores = rowOf(trace.masked, at.row, head);
  const taken = numbers[at.row].reduce((sum, each, j) => sum + (scores[j] === -Infinity ? each : 0), 0);
  return says(
    `Without the mask, ${sides.readers[at.row]} would give ${percent(taken)} of its attention to `,
    isCausal(view) ? "words after it, which are not there when the translation is written. " : "what it may not read. ",
    "These weights are shown, and not used.",
  );
}

function vectorTables({ inside, part, sides, at, head }, queries, keys) {
  const columns = Array.from({ length: queries.shape[2] }, (_, d) => String(d + 1));
  const table = (name, rows, tensor, row, pick) =>
    make(
      "section",
      { class: "vectors" },
      make("h4", {}, name),
      heatTable({
        name,
        caption: `${name} of head ${head + 1}`,
        rows,
        columns,
        numbers: matrixOf(tensor, head),
        small: true,
        chosen: { row, column: inside.choice.dimension },
        rowPick: true,
        pick,
        columnName: "number ",
      }),
    );
  return [
    table("Queries", sides.readers, queries, at.row, (row, d) =>
      inside.choose({ ...inside.asRow(part, row), dimension: d }),
    ),
    table("Keys", sides.read, keys, at.column, (column, d) => inside.choose({ column, dimension: d })),
  ];
}

function mixedTables(view) {
  const { inside, part, trace, sides, at, head } = view;
  const width = trace.value.shape[2];
  const columns = Array.from({ length: width }, (_, d) => String(d + 1));
  const dimension = Math.min(inside.choice.dimension, width - 1);
  return [
    make("h4", {}, `Values of head ${head + 1}`),
    heatTable({
      name: "Values",
      caption: `Values of head ${head + 1}`,
      rows: sides.read,
      columns,
      numbers: matrixOf(trace.value, head),
      small: true,
      columnName: "number ",
      chosen: { row: at.column, column: dimension },
      pick: (column, d) => inside.choose({ column, dimension: d }),
    }),
    make("h4", {}, "Weights times values"),
    heatTable({
      name: "Mixed",
      caption: `Answers of head ${head + 1}`,
      rows: sides.readers,
      columns,
      small: true,
      numbers: matrixOf(trace.mixed, head),
      columnName: "number ",
      chosen: { row: at.row, column: dimension },
      pick: (row, d) => inside.choose({ ...inside.asRow(part, row), dimension: d }),
    }),
    oneMixed({ ...view, dimension, weights: rowOf(trace.weights, at.row, head) }),
  ];
}

function mergedTables(view) {
  const { inside, part, trace, sides, at } = view;
  const place = Math.min(inside.choice.place, trace.merged.shape[1] - 1);
  const pick = (row, d = place) => inside.choose({ ...inside.asRow(part, row), place: d });
  const table = (name, tensor, groups) =>
    strips({ name, tensor, rows: sides.readers, groups, pick, chosen: { row: at.row, column: place } });
  return [
    whose(sides.readers, at.row, pick),
    table("All heads side by side", trace.merged, trace.query.shape[2]),
    table("What is added to the stream", trace.output),
    oneMerged({ ...view, place }),
  ];
}
