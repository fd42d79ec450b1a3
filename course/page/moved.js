// Moved: what a position scheme does to the scores when words stand elsewhere.

import { biasedOf } from "./stages.js";
import { largestOf, make, matrixOf, redraw, slider, told } from "./elements.js";
import { decode, readSource, translate } from "./engine.js";
import { heatTable, showChosen } from "./heat.js";
import { builtIn, SCHEMES } from "./lessons.js";
import { mostTokens } from "./sentence.js";

const FARTHEST = 20;

const WHY = {
  rotary:
    "A score depends only on how far apart the two words are. Move all of them and every distance stays: " +
    "no score changes. Move one, and the scores in its row and its column change; in later layers the rest follows, " +
    "since its vector has changed.",
  alibi:
    "The bias depends only on how far apart two words are. Move all of them and every distance stays: " +
    "no score changes. " +
    "Move one, and its row and its column change.",
  sinusoidal:
    "The place is added to the embedding before the first layer, so every query and every key knows where it stands. " +
    "Move all the words, and the scores change, though every distance is the same.",
  learned:
    "Each place has a learned vector of its own, which is added to the embedding. Move all the words, and they get " +
    "vectors that were learned for other places: the scores change.",
  none: "This model does not know where a word stands: move what you like, no score changes.",
};

// The panel is built once for a sentence; its sliders and choices redraw the table alone.
export function movedPanel(inside) {
  const { config } = inside.model;
  const kind = SCHEMES[config.positions];
  const wanted = {
    who: "all",
    by: 5,
    layer: 0,
    head: Math.min(inside.choice.head, config.n_heads - 1),
    row: 0,
    column: 0,
  };
  const host = make("div", { class: "moved", "aria-live": "off" });
  const said = make("p", { class: "says", role: "status" });
  const show = () => {
    redraw(host, movedTables(inside, wanted, said, show));
    showChosen(host);
  };
  const change = (name) => (value) => {
    wanted[name] = value;
    show();
  };
  const options = (names, chosen) =>
    names.map((name, i) => make("option", { value: String(i), selected: i === chosen }, name));
  const select = (text, key, names, chosen, pick) =>
    make(
      "label",
      {},
      make("span", {}, text),
      make(
        "select",
        {
          "data-key": key,
          onchange: (event) => pick(Number(event.target.value)),
        },
        options(names, chosen),
      ),
    );
  const counted = (name, n) => Array.from({ length: n }, (_, i) => `${name} ${i + 1}`);
  const controls = make(
    "div",
    { class: "controls" },
    select("Move", "who", ["all words", ...inside.source.map((word, i) => `${word} (place ${i})`)], 0, (i) =>
      change("who")(i === 0 ? "all" : i - 1),
    ),
    slider("by", {
      min: 0,
      max: farthest(inside),
      value: Math.min(wanted.by, farthest(inside)),
      key: "by",
      change: change("by"),
      says: (n) => `${n} ${n === 1 ? "place" : "places"}`,
    }),
    select("in", "moved-layer", counted("encoder layer", config.n_layers), 0, change("layer")),
    select("of", "moved-head", counted("head", config.n_heads), wanted.head, change("head")),
  );
  wanted.by = Math.min(wanted.by, farthest(inside));
  show();
  return [
    make("p", { class: "lead" }, "This model has ", make("b", {}, kind.name), ". ", WHY[config.positions]),
    builtIn(inside.model, ...kind.built),
    controls,
    said,
    host,
  ];
}

// A learned table ends somewhere.
function farthest(inside) {
  const { positions, max_length } = inside.model.config;
  return positions === "learned" ? Math.max(0, Math.min(FARTHEST, max_length - inside.ids.length)) : FARTHEST;
}

// What the decoder makes of a source that was read with its words elsewhere.
function translationOf(inside, memory) {
  const { ids } = translate(inside.model, inside.ids, { memory, maxTokens: mostTokens(inside.model) });
  const text = decode(inside.model, ids);
  const said = (words) => make("b", { lang: "en" }, words || "no word");
  if (text === inside.text) return ["The translation stays ", said(text)];
  return ["The translation becomes ", said(text), " Before, it was ", said(inside.text)];
}

function movedTables(inside, wanted, said, show) {
  const positions = inside.ids.map((_, i) => (wanted.who === "all" || wanted.who === i ? i + wanted.by : i));
  const moved = readSource(inside.model, inside.ids, { positionsShift: positions });
  const scores = (memory) => matrixOf(biasedOf(memory.layers[wanted.layer].self.attention), wanted.head);
  const before = scores(inside.memory);
  const after = scores(moved);
  const difference = after.map((row, i) => row.map((score, j) => score - before[i][j]));
  const most = largestOf(difference);
  const same = most < 5e-7;
  redraw(
    said,
    same ? "No score has changed: " : "The largest change of a score: ",
    make(
      "b",
      { "data-value": "largest", "data-number": most },
      same ? "the largest difference is 0.0000" : told(most, 4),
    ),
    ". ",
    translationOf(inside, moved),
  );
  const pick = (row, column) => {
    Object.assign(wanted, { row, column });
    show();
  };
  const table = (name, numbers, places = positions) =>
    make(
      "section",
      {},
      make("h4", {}, name),
      heatTable({
        name,
        caption: name,
        rows: inside.source.map((word, i) => `${word} at ${places[i]}`),
        columns: inside.source,
        numbers,
        chosen: wanted,
        pick,
        columnName: "reading ",
        corner: "reads",
      }),
    );
  return make(
    "div",
    { class: "side-by-side" },
    table("What has changed", same ? difference.map((row) => row.map(() => 0)) : difference),
    table("Scores when moved", after),
    table(
      "Scores as they were",
      before,
      inside.ids.map((_, i) => i),
    ),
  );
}
