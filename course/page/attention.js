// Attention: one attention as a flow that can be stopped at each stage, beside its other heads.

import { make, matrixOf, percent, rowOf, told } from "./elements.js";
import { weightsWithoutMask } from "./engine.js";
import { arrows, heatTable, thumbnail } from "./heat.js";
import { builtIn } from "./lessons.js";
import { oneMerged, oneMixed, oneScore } from "./one_number.js";
import { strips, whose } from "./strips.js";

export function attentionOf(inside, part) {
  const layer = (part.stack === "encoder" ? inside.memory : inside.trace).layers[part.layer];
  return layer[part.kind].attention;
}

// Who reads, and who is read: the labels of rows and columns.
export function sidesOf(inside, part) {
  if (part.stack === "encoder") return { readers: inside.source, read: inside.source };
  return { readers: inside.target, read: part.kind === "cross" ? inside.source : inside.target };
}

const turns = (inside, part) => inside.model.config.positions === "rotary" && part.kind === "self";

// The chosen cell; until one is chosen, what the row reads most.
export function placeOf(inside, part) {
  const { weights } = attentionOf(inside, part), { head } = inside.choice, [, n_rows, n_columns] = weights.shape;
  const row = Math.min(inside.rowOf(part), n_rows - 1), shares = Array.from(rowOf(weights, row, head));
  return { row, column: Math.min(inside.choice.column ?? shares.indexOf(Math.max(...shares)), n_columns - 1) };
}

export function stagesOf(inside, part) {
  const biased = Boolean(attentionOf(inside, part).bias);
  return [
    { key: "vectors", title: "Queries and keys", sign: "q, k" },
    turns(inside, part) && { key: "turned", title: "Turned by position", sign: "q, k turned" },
    { key: "raw", title: "Query \u00b7 key", sign: "q \u00b7 k" },
    { key: "scaled", title: "Scaled", sign: "\u00f7 \u221ad" },
    biased && { key: "bias", title: "Position bias", sign: "+ bias" },
    { key: "masked", title: "Masked", sign: "\u2212\u221e" },
    { key: "weights", title: "Softmax", sign: "e\u02e3 / \u03a3e\u02e3" },
    { key: "mixed", title: "Times values", sign: "\u00d7 v" },
    { key: "merged", title: "Heads merged", sign: "merge, w_o" },
  ].filter(Boolean);
}

export function attentionPanel(inside, part) {
  const stages = stagesOf(inside, part);
  const stage = stages.find(({ key }) => key === inside.choice.stage) ?? stages.find(({ key }) => key === "weights");
  const trace = attentionOf(inside, part), sides = sidesOf(inside, part);
  const view = { inside, part, trace, sides, at: placeOf(inside, part), head: inside.choice.head, stage: stage.key };
  return [
    make("p", { class: "lead" }, leadOf(inside, part)),
    headsBar(view),
    stageBar(inside, stages, stage),
    make("div", { class: "stage", "data-stage": stage.key }, STAGES[stage.key](view)),
  ];
}

function leadOf(inside, part) {
  const last = " Choose a head, stop at a stage, and choose a cell to see where its number comes from.";
  if (part.kind === "cross") return `Every word being written asks, and the words of the German sentence answer.${last}`;
  if (part.stack === "encoder") return `Every word of the German sentence reads all of them, itself too.${last}`;
  return `Every word written so far reads those before it, and itself, but none that comes later.${last}`;
}

// Small multiples: what every head of this attention reads; the chosen one is pressed.
function headsBar({ inside, trace, head }) {
  const buttons = Array.from({ length: trace.weights.shape[0] }, (_, h) => make("button", {
    type: "button", class: "head", "aria-pressed": String(h === head), "data-key": `head:${h}`,
    onclick: () => inside.choose({ head: h }) },
    thumbnail(matrixOf(trace.weights, h), ""), make("span", {}, `Head ${h + 1}`), make("small", {}, focusOf(trace, h))));
  return make("div", { class: "heads", role: "group", "aria-label": "Heads of this attention" }, buttons);
}

// How sharply a head reads: the mean over its rows of the largest weight.
function focusOf(trace, h) {
  const rows = matrixOf(trace.weights, h);
  return `largest weight ${percent(rows.reduce((sum, row) => sum + Math.max(...row), 0) / rows.length)}`;
}

function stageBar(inside, stages, stage) {
  const place = stages.indexOf(stage);
  const go = (text, to, key) => make("button", { type: "button", class: "step", "data-key": key, disabled: !stages[to],
    onclick: () => inside.choose({ stage: stages[to].key }) }, text);
  const buttons = stages.map(({ key, title, sign }, i) => make("li", {}, make("button", {
    type: "button", "aria-current": i === place ? "step" : null, "data-key": `stage:${key}`, class: i < place ? "past" : null,
    onclick: () => inside.choose({ stage: key }) }, make("span", {}, title), make("small", {}, sign))));
  return make("div", { class: "stages" }, go("\u2190 Back", place - 1, "stage-back"),
    make("ol", { "aria-label": "Stages of this attention" }, buttons), go("Next \u2192", place + 1, "stage-next"));
}

const says = (...children) => make("p", { class: "says" }, children);
const code = (text) => make("code", {}, text);

const STAGES = {
  vectors: (view) => [
    says("Each position's vector, times ", code("w_q"), ", is its query, what it asks for; times ", code("w_k"),
      ", its key, what it is found by. Here is this head's slice of them, ", String(view.trace.query.shape[2]), " numbers each. ",
      "Choose a query and a key: their product comes next."),
    builtIn(view.inside.model, view.part.kind === "cross" ? "cross_attend" : "MultiHeadAttention", "split_heads"),
    vectorTables(view, view.trace.query, view.trace.key),
  ],
  turned: (view) => [
    says("Rotary positions: each pair of numbers is turned by an angle that grows with the word's place. ",
      "Two words turned by the same angle keep their product, so a score depends on their distance alone."),
    builtIn(view.inside.model, "rotate", "RotaryAttention"),
    vectorTables(view, view.trace.rotatedQuery, view.trace.rotatedKey),
  ],
  raw: (view) => [
    says("Each query times each key, number by number, added up: how well they match."),
    builtIn(view.inside.model, "attention_scores"), scoresBeside(view, view.trace.raw),
  ],
  scaled: (view) => [
    says("Divided by the root of ", code("d_head"), ` = ${view.trace.query.shape[2]}, `,
      "that is by ", told(Math.sqrt(view.trace.query.shape[2])), ", else softmax would saturate as vectors grow."),
    builtIn(view.inside.model, "attention_scores"), scoresBeside(view, view.trace.scaled),
  ],
  bias: (view) => [
    says("A bias by distance is added to each score: the farther a word, the lower. Each head has its own slope."),
    builtIn(view.inside.model, "alibi_bias"), scoresBeside(view, biasedOf(view.trace)),
  ],
  masked: (view) => [
    says(...maskSays(view)), builtIn(view.inside.model, isCausal(view) ? "causal_mask" : "padding_mask", "masked_softmax"),
    unmaskedSwitch(view), scoresBeside(view, view.inside.choice.unmasked ? biasedOf(view.trace) : view.trace.masked),
  ],
  weights: (view) => [
    says("Softmax along each row: e to the score, as a share of the row's sum. Each row is how one word divides its attention."),
    builtIn(view.inside.model, "masked_softmax"), unmaskedSwitch(view), weightsBeside(view),
  ],
  mixed: (view) => [
    says("Each word's answer: the values of the words that it reads, times the weights, added up."),
    builtIn(view.inside.model, "scaled_dot_product_attention"), mixedTables(view),
  ],
  merged: (view) => [
    says("The heads' answers, side by side again, ", String(view.trace.merged.shape[1]), " numbers for each position; times ",
      code("w_o"), " they are what this attention adds to the residual stream. A line parts one head from the next."),
    builtIn(view.inside.model, "merge_heads", "MultiHeadAttention"), mergedTables(view),
  ],
};

const isCausal = ({ part }) => part.stack === "decoder" && part.kind === "self";

export function biasedOf({ scaled, bias }) {
  return bias ? { shape: scaled.shape, data: scaled.data.map((score, i) => score + bias.data[i]) } : scaled;
}

function maskSays({ part, inside }) {
  if (part.stack === "decoder" && part.kind === "self") {
    const written = inside.target.length;
    return ["What is crossed out is not written yet when its row is asked: its score becomes \u2212\u221e, and softmax makes 0 of that. ",
      `Of ${written * written} cells, ${written * (written - 1) / 2} are blocked.`];
  }
  return ["Nothing is blocked here: the whole German sentence may be read, and one sentence alone needs no padding. ",
    "The mask works in the decoder's self-attention."];
}

function unmaskedSwitch(view) {
  if (!isCausal(view)) return null;
  const { inside } = view;
  return make("label", { class: "switch" }, make("input", { type: "checkbox", checked: inside.choice.unmasked, "data-key": "unmasked",
    onchange: (event) => inside.choose({ unmasked: event.target.checked }) }), "without the mask");
}

function pairTable(view, numbers, more = {}) {
  const { inside, part, sides, at, trace, head, stage } = view;
  const shut = (i, j) => matrixOfMasked(trace, head)[i][j] === -Infinity;
  return heatTable({ name: `pairs-${stage}`, caption: `${stage}, head ${head + 1}: rows read, columns are read`, corner: "reads",
    rows: sides.readers, columns: sides.read, numbers, chosen: at, columnName: "reading ",
    pick: (row, column) => inside.choose({ ...inside.asRow(part, row), column }), ...more, ...(more.crossed ? { blocked: shut } : {}) });
}

const matrixOfMasked = (trace, head) => matrixOf(trace.masked, head);

function scoresBeside(view, tensor) {
  const crossed = view.stage === "masked";
  return [pairTable(view, matrixOf(tensor, view.head), { crossed, ghost: crossed && view.inside.choice.unmasked }),
    oneScore({ ...view, unmasked: crossed && isCausal(view) && view.inside.choice.unmasked })];
}

function weightsBeside(view) {
  const { inside, trace, head, sides, at } = view;
  const unmasked = isCausal(view) && inside.choice.unmasked;
  const numbers = unmasked ? matrixOf(weightsWithoutMask(trace), head) : matrixOf(trace.weights, head);
  return [
    make("div", { class: "beside" },
      pairTable(view, numbers, { signed: false, crossed: isCausal(view), ghost: unmasked }),
      make("figure", {}, arrows({ readers: sides.readers, read: sides.read, weights: numbers, chosen: at,
        readerTitle: "reads", readTitle: "is read" }))),
    unmasked ? lookAhead(view, numbers) : null,
    oneScore({ ...view, unmasked }),
  ];
}

function lookAhead({ at, sides }, numbers) {
  const later = numbers[at.row].slice(at.row + 1).reduce((sum, each) => sum + each, 0);
  return says(`Without the mask, ${sides.readers[at.row]} would give ${percent(later)} of its attention to words after it, `,
    "which are not there when the translation is written. These weights are shown, and not used.");
}

function vectorTables({ inside, part, sides, at, head }, queries, keys) {
  const columns = Array.from({ length: queries.shape[2] }, (_, d) => String(d + 1));
  const table = (name, rows, tensor, row, pick) => make("section", { class: "vectors" }, make("h4", {}, name),
    heatTable({ name, caption: `${name} of head ${head + 1}`, rows, columns, numbers: matrixOf(tensor, head), small: true,
      chosen: { row, column: inside.choice.dimension }, rowPick: true, pick, columnName: "number " }));
  return [
    table("Queries", sides.readers, queries, at.row, (row, d) => inside.choose({ ...inside.asRow(part, row), dimension: d })),
    table("Keys", sides.read, keys, at.column, (column, d) => inside.choose({ column, dimension: d })),
  ];
}

function mixedTables(view) {
  const { inside, part, trace, sides, at, head } = view;
  const width = trace.value.shape[2], columns = Array.from({ length: width }, (_, d) => String(d + 1));
  const dimension = Math.min(inside.choice.dimension, width - 1);
  return [
    make("h4", {}, `Values of head ${head + 1}`),
    heatTable({ name: "Values", caption: `Values of head ${head + 1}`, rows: sides.read, columns, numbers: matrixOf(trace.value, head),
      small: true, columnName: "number ", chosen: { row: at.column, column: dimension },
      pick: (column, d) => inside.choose({ column, dimension: d }) }),
    make("h4", {}, "Weights times values"),
    heatTable({ name: "Mixed", caption: `Answers of head ${head + 1}`, rows: sides.readers, columns, small: true,
      numbers: matrixOf(trace.mixed, head), columnName: "number ", chosen: { row: at.row, column: dimension },
      pick: (row, d) => inside.choose({ ...inside.asRow(part, row), dimension: d }) }),
    oneMixed({ ...view, dimension, weights: rowOf(trace.weights, at.row, head) }),
  ];
}

function mergedTables(view) {
  const { inside, part, trace, sides, at } = view;
  const place = Math.min(inside.choice.place, trace.merged.shape[1] - 1);
  const pick = (row, d = place) => inside.choose({ ...inside.asRow(part, row), place: d });
  const table = (name, tensor, groups) => strips({ name, tensor, rows: sides.readers, groups, pick, chosen: { row: at.row, column: place } });
  return [whose(sides.readers, at.row, pick), table("All heads side by side", trace.merged, trace.query.shape[2]),
    table("What is added to the stream", trace.output), oneMerged({ ...view, place })];
}

// A picture for the map: the mean over the heads.
export function meanThumbnail(inside, part) {
  const { weights } = attentionOf(inside, part), n = weights.shape[0];
  const rows = matrixOf(weights).map((row, i) => row.map((_, j) =>
    Array.from({ length: n }, (_, h) => rowOf(weights, i, h)[j]).reduce((sum, each) => sum + each, 0) / n));
  return thumbnail(rows, "");
}
