// Strips: many numbers for each word, first all as colours, then those of one word.

import { largestOf, make, matrixOf } from "./elements.js";
import { heatTable } from "./heat.js";

const LEVELS = 6; // of colour, on either side of 0
const LINE = 15; // pixels

// tensor (T, d): a picture of it all, and the numbers of the chosen row. chosen: {row, column}; pick(row, column);
// groups: after how many columns a line is drawn.
export function strips({ name, tensor, rows, chosen, pick, groups = 0 }) {
  const numbers = matrixOf(tensor);
  const width = tensor.shape[1];
  const columns = Array.from({ length: width }, (_, i) => String(i + 1));
  return make(
    "section",
    { class: "strips" },
    make("h4", {}, name),
    make(
      "div",
      { class: "strip" },
      make(
        "div",
        { class: "words", "aria-hidden": "true" },
        rows.map((word, i) => make("span", { class: i === chosen.row ? "lit" : null }, word)),
      ),
      picture({ name, numbers, width, chosen, pick, groups }),
    ),
    heatTable({
      name,
      caption: `${name}: ${rows[chosen.row]}`,
      rows: [rows[chosen.row]],
      columns,
      numbers: [numbers[chosen.row]],
      small: true,
      chosen: { row: 0, column: chosen.column },
      groups,
      columnName: "number ",
      pick: (_, column) => pick(chosen.row, column),
    }),
  );
}

function picture({ name, numbers, width, chosen, pick, groups }) {
  const most = largestOf(numbers) || 1;
  const paths = new Map();
  numbers.forEach((row, i) =>
    row.forEach((number, j) => {
      const level = Math.round((LEVELS * number) / most);
      if (level !== 0) paths.set(level, `${paths.get(level) ?? ""}M${j} ${i + 0.04}h1v.92h-1z`);
    }),
  );
  const edges = groups ? Array.from({ length: Math.floor(width / groups) - 1 }, (_, i) => (i + 1) * groups) : [];
  const svg = make(
    "svg",
    {
      viewBox: `0 0 ${width} ${numbers.length}`,
      preserveAspectRatio: "none",
      height: LINE * numbers.length,
      role: "img",
      "aria-label": `${name}: ${numbers.length} words, ${width} numbers each, as colours; below, one word.`,
    },
    [...paths].map(([level, d]) =>
      make("path", {
        d,
        class: level < 0 ? "negative" : "positive",
        "fill-opacity": (Math.abs(level) / LEVELS).toFixed(2),
      }),
    ),
    edges.map((x) => make("line", { x1: x, x2: x, y1: 0, y2: numbers.length, class: "edge" })),
    make("rect", { x: chosen.column, y: chosen.row, width: 1, height: 1, class: "here" }),
  );
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    const place = (share, n) => Math.min(n - 1, Math.max(0, Math.floor(share * n)));
    pick(
      place((event.clientY - box.top) / box.height, numbers.length),
      place((event.clientX - box.left) / box.width, width),
    );
  });
  return svg;
}

// What the colours of signed numbers mean.
export function colours() {
  return make("p", { class: "note" }, "Ochre is above 0, blue below; the stronger, the farther from 0 in its table.");
}

// For the keyboard: whose numbers the tables show.
export function whose(rows, chosen, pick) {
  return make(
    "label",
    { class: "whose" },
    make("span", {}, "Numbers of "),
    make(
      "select",
      { "data-key": "whose", onchange: (event) => pick(Number(event.target.value)) },
      rows.map((word, i) => make("option", { value: String(i), selected: i === chosen }, `${i + 1}. ${word}`)),
    ),
  );
}
