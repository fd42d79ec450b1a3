// Attention: one attention as a flow that can be stopped at each stage, beside its other heads.

import { make, matrixOf, namesOf, percent, rowOf } from "./elements.js";
import { thumbnail } from "./heat.js";
import { STAGES } from "./stages.js";

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
  const { weights } = attentionOf(inside, part);
  const { head } = inside.choice;
  const [, n_rows, n_columns] = weights.shape;
  const row = Math.min(inside.rowOf(part), n_rows - 1);
  const shares = Array.from(rowOf(weights, row, head));
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
    !part.alone && { key: "merged", title: "Heads merged", sign: "merge, w_o" },
  ].filter(Boolean);
}

export function attentionPanel(inside, part) {
  const stages = stagesOf(inside, part);
  const stage = stages.find(({ key }) => key === inside.choice.stage) ?? stages.find(({ key }) => key === "weights");
  const trace = attentionOf(inside, part);
  const sides = sidesOf(inside, part);
  const view = {
    inside,
    part,
    trace,
    sides,
    at: placeOf(inside, part),
    head: inside.choice.head,
    stage: stage.key,
    title: stage.title,
  };
  return [
    make("p", { class: "lead" }, leadOf(inside, part)),
    part.alone ? null : headsBar(view),
    stageBar(inside, stages, stage),
    make("div", { class: "stage", "data-stage": stage.key }, STAGES[stage.key](view)),
  ];
}

function leadOf(inside, part) {
  if (part.alone) return "Stop at a stage, and choose a cell to see where its number comes from.";
  const { typed, one } = namesOf(inside.model);
  const last = " Choose a head, stop at a stage, and choose a cell to see where its number comes from.";
  if (part.kind === "cross")
    return `Every ${one} being written asks, and the ${one}s of the ${typed} answer.${last}`;
  if (part.stack === "encoder") return `Every ${one} of the ${typed} reads all of them, itself too.${last}`;
  return `Every ${one} written so far reads those before it, and itself, but none that comes later.${last}`;
}

// Small multiples: what every head of this attention reads; the chosen one is pressed.
function headsBar({ inside, trace, head }) {
  const buttons = Array.from({ length: trace.weights.shape[0] }, (_, h) =>
    make(
      "button",
      {
        type: "button",
        class: "head",
        "aria-pressed": String(h === head),
        "data-key": `head:${h}`,
        onclick: () => inside.choose({ head: h }),
      },
      thumbnail(matrixOf(trace.weights, h)),
      make("span", {}, `Head ${h + 1}`),
      make("small", {}, focusOf(trace, h)),
    ),
  );
  return make("div", { class: "heads", role: "group", "aria-label": "Heads of this attention" }, buttons);
}

// How sharply a head reads: the mean over its rows of the largest weight.
function focusOf(trace, h) {
  const rows = matrixOf(trace.weights, h);
  return `largest ${percent(rows.reduce((sum, row) => sum + Math.max(...row), 0) / rows.length)}`;
}

function stageBar(inside, stages, stage) {
  const place = stages.indexOf(stage);
  const go = (text, to, key) =>
    make(
      "button",
      {
        type: "button",
        class: "step",
        "data-key": key,
        "aria-disabled": stages[to] ? null : "true", // else whoever pressed it would lose the focus
        onclick: () => stages[to] && inside.choose({ stage: stages[to].key }),
      },
      text,
    );
  const buttons = stages.map(({ key, title, sign }, i) =>
    make(
      "li",
      {},
      make(
        "button",
        {
          type: "button",
          "aria-current": i === place ? "step" : null,
          "data-key": `stage:${key}`,
          class: i < place ? "past" : null,
          onclick: () => inside.choose({ stage: key }),
        },
        make("span", {}, title),
        make("small", {}, sign),
      ),
    ),
  );
  return make(
    "div",
    { class: "stages" },
    go("\u2190 Back", place - 1, "stage-back"),
    make("ol", { "aria-label": "Stages of this attention" }, buttons),
    go("Next \u2192", place + 1, "stage-next"),
  );
}

// A picture for the map: the mean over the heads.
export function meanThumbnail(inside, part) {
  const { weights } = attentionOf(inside, part);
  const n = weights.shape[0];
  const rows = matrixOf(weights).map((row, i) =>
    row.map(
      (_, j) => Array.from({ length: n }, (_, h) => rowOf(weights, i, h)[j]).reduce((sum, each) => sum + each, 0) / n,
    ),
  );
  return thumbnail(rows);
}
