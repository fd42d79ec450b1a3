// Whole: the Transformer as a map, encoder left and decoder right, from the bottom to the top.

import { meanThumbnail } from "./attention.js";
import { make } from "./elements.js";

const KINDS = {
  encoder: { self: "Self-attention", feedForward: "Feed-forward" },
  decoder: { self: "Masked self-attention", cross: "Cross-attention", feedForward: "Feed-forward" },
};

// Every part that can be opened: {id, title, crumbs, stack, layer, kind}, in the order in which numbers flow.
export function partsOf({ config }) {
  const layers = (stack) =>
    Array.from({ length: config.n_layers }, (_, layer) =>
      Object.entries(KINDS[stack]).map(([kind, title]) => ({
        id: `${stack}.${layer}.${kind}`,
        stack,
        layer,
        kind,
        title,
        crumbs: [stack === "encoder" ? "Encoder" : "Decoder", `layer ${layer + 1}`, title],
      })),
    ).flat();
  const one = (id, kind, title, ...crumbs) => ({ id, kind, title, crumbs: [...crumbs, title] });
  return [
    one("embedding.source", "embedding", "German words as vectors", "Encoder"),
    one("positions", "positions", "Positions", "Encoder"),
    ...layers("encoder"),
    one("embedding.target", "embedding", "English words as vectors", "Decoder"),
    ...layers("decoder"),
    one("residual", "residual", "Residual stream", "Decoder"),
    one("next", "next", "Next word", "Decoder"),
    one("beam", "beam", "A beam\u2019s tree", "Decoder"),
  ];
}

export function mapOf(inside) {
  const parts = partsOf(inside.model);
  const of = (id) => parts.find((part) => part.id === id);
  const button = (part, more = {}) =>
    make(
      "button",
      {
        type: "button",
        class: `part ${part.kind}`,
        "data-key": `part:${part.id}`,
        "data-part": part.id,
        "aria-pressed": String(inside.choice.part === part.id),
        onclick: () => inside.open(part.id),
        ...more,
      },
      make("span", {}, part.title),
      part.stack && part.kind !== "feedForward" ? meanThumbnail(inside, part) : null,
    );
  const layersOf = (stack) =>
    Array.from({ length: inside.model.config.n_layers }, (_, layer) =>
      make(
        "div",
        { class: "layer", role: "group", "aria-label": `${stack}, layer ${layer + 1}` },
        make("span", { class: "number", "aria-hidden": "true" }, `layer ${layer + 1}`),
        parts.filter((part) => part.stack === stack && part.layer === layer).map((part) => button(part)),
      ),
    );
  const column = (title, ...children) => make("div", { class: "column", role: "group", "aria-label": title }, children);
  const words = (texts) => make("span", { class: "words" }, texts.join(" "));
  const host = make(
    "div",
    { class: "map" },
    column(
      "Encoder",
      words(inside.source),
      button(of("embedding.source")),
      button(of("positions")),
      layersOf("encoder"),
      make("span", { class: "memory" }, "memory"),
      make("h3", {}, "Encoder"),
    ),
    column(
      "Decoder",
      words(inside.target.slice(0, inside.step + 1)),
      button(of("embedding.target")),
      layersOf("decoder"),
      button(of("next")),
      button(of("beam")),
      make("h3", {}, "Decoder"),
    ),
    button(of("residual")),
  );
  return host;
}

// The lines from the memory to every cross-attention, drawn where the browser has put them.
export function drawLines(map) {
  map.querySelector("svg.lines")?.remove();
  const frame = map.getBoundingClientRect();
  const memory = map.querySelector(".memory").getBoundingClientRect();
  if (frame.width === 0) return;
  const from = { x: memory.right - frame.left, y: memory.top + memory.height / 2 - frame.top };
  const lines = [...map.querySelectorAll(".part.cross")].map((button) => {
    const box = button.getBoundingClientRect();
    const to = { x: box.left - frame.left, y: box.top + box.height / 2 - frame.top };
    const middle = (from.x + to.x) / 2;
    return make("path", {
      d: `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x - 7} ${to.y}m-5 -4l6 4l-6 4`,
    });
  });
  map.append(make("svg", { class: "lines", width: frame.width, height: frame.height, "aria-hidden": "true" }, lines));
}
