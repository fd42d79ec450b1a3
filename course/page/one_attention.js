// One attention: the flow of a single head that was given as queries, keys, values and a mask, with no model around it.

import { attentionPanel } from "./attention.js";
import { make, redraw } from "./elements.js";
import { tensor } from "./tensors.js";
import { attend } from "./transformer.js";

const PART = { id: "attention", stack: "encoder", layer: 0, kind: "self", alone: true };
const MODEL = { config: { positions: "none" } };

// query (T, d_k), key (T, d_k), value (T, d_v) as rows; mask (T, T) as rows of booleans, true where it may be read;
// words: a label of each -> {remove()}
export function mountAttention(element, { query, key, value, mask, words }) {
  const [queries, keys, values] = [query, key, value].map(oneHead);
  const stages = attend(queries, keys, values, (i, j) => mask[i][j]);
  const attention = { query: queries, key: keys, value: values, rotatedQuery: queries, rotatedKey: keys, ...stages };
  const panel = make("section", { class: "panel", "aria-label": "One attention" });
  const root = make("div", { class: "look-inside", "data-theme": "system", lang: "en" }, panel);
  let choice = { head: 0, stage: "raw", row: 0, column: null, dimension: 0, unmasked: false };
  const draw = () => {
    const inside = {
      model: MODEL,
      source: words,
      memory: { layers: [{ self: { attention } }] },
      choice,
      rowOf: () => choice.row,
      asRow: (_, row) => ({ row }),
      choose: (patch) => {
        choice = { ...choice, ...patch };
        draw();
      },
    };
    redraw(panel, make("article", {}, attentionPanel(inside, PART)));
  };
  draw();
  element.append(root);
  return { remove: () => root.remove() };
}

const oneHead = (rows) => tensor([1, rows.length, rows[0].length], Float64Array.from(rows.flat()));
