// Heat: a table of numbers with colours behind them, walked through with the arrow keys.

import { largestOf, make, told, wideBox } from "./elements.js";

// rows, columns: labels; numbers: rows of numbers; chosen: {row, column} or null; pick(row, column): a cell was chosen.
// blocked(row, column): the cell is crossed out; ghost: the same, but its number stays readable.
// groups: after how many columns a line is drawn; small: one digit, narrow cells.
export function heatTable({
  name,
  caption,
  rows,
  columns,
  numbers,
  chosen,
  pick,
  blocked,
  ghost,
  signed = true,
  groups = 0,
  small = false,
  corner = "",
  digits = small ? 1 : 2,
  columnName = "",
  rowPick = false,
}) {
  const most = signed ? largestOf(numbers) || 1 : 1;
  const at = {
    row: Math.min(chosen?.row ?? 0, rows.length - 1),
    column: Math.min(chosen?.column ?? 0, columns.length - 1),
  };
  const body = numbers.map((row, i) =>
    make(
      "tr",
      { class: chosen?.row === i ? "chosen-row" : null },
      make("th", { scope: "row" }, rows[i]),
      row.map((number, j) => {
        const isChosen = !rowPick && chosen?.row === i && chosen?.column === j;
        const isLine = rowPick && chosen?.row === i;
        return heatCell({
          number,
          most,
          digits,
          isChosen,
          isLine,
          focusable: at.row === i && at.column === j,
          shut: Boolean(blocked?.(i, j)),
          ghost,
          edge: groups > 0 && j > 0 && j % groups === 0,
          key: `${name}:${i}:${j}`,
          says: `${rows[i]}, ${columnName}${columns[j]}`,
        });
      }),
    ),
  );
  const head = make(
    "tr",
    {},
    corner ? make("th", { scope: "col", class: "corner" }, corner) : make("td", {}),
    columns.map((text, j) =>
      make("th", { scope: "col", class: chosen && !rowPick && chosen.column === j ? "chosen-column" : null }, text),
    ),
  );
  const table = make(
    "table",
    { class: `heat${small ? " small" : ""}`, role: "grid", "aria-label": caption, "data-name": name },
    make("thead", {}, head),
    make("tbody", {}, body),
  );
  listen(table, pick);
  return wideBox(name, table);
}

function heatCell({ number, most, digits, isChosen, isLine, focusable, shut, ghost, edge, key, says }) {
  const share = Number.isFinite(number) ? Math.min(1, Math.abs(number) / most) : 0;
  const classes = [
    number < 0 ? "negative" : "positive",
    isChosen && "chosen",
    isLine && "chosen-line",
    !shut && Math.abs(number) < 0.5 * 10 ** -digits && "faint",
    shut && "blocked",
    shut && ghost && "ghost",
    edge && "edge",
  ]
    .filter(Boolean)
    .join(" ");
  const text = shut && !ghost ? "\u00d7" : told(number, digits);
  const spoken = `${says}: ${shut && !ghost ? "blocked" : told(number, 3)}${shut && ghost ? ", behind the mask" : ""}`;
  return make(
    "td",
    {
      class: classes,
      role: "gridcell",
      tabindex: focusable ? 0 : -1,
      style: `--share:${share.toFixed(3)}`,
      "data-key": key,
      "data-number": number,
      "aria-label": spoken,
      "aria-selected": isChosen || isLine ? "true" : "false",
    },
    text,
  );
}

// Scrolls each table's own box, and nothing else, until its chosen cell can be seen.
export function showChosen(host) {
  for (const cell of host.querySelectorAll(".heat .chosen")) {
    const box = cell.closest(".wide-box");
    const seen = box.getBoundingClientRect();
    const place = cell.getBoundingClientRect();
    const headed = seen.left + cell.parentElement.cells[0].offsetWidth; // the words at the left stay
    if (place.right > seen.right - 4) box.scrollLeft += place.right - seen.right + 4;
    else if (place.left < headed) box.scrollLeft -= headed - place.left;
  }
}

const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

function listen(table, pick) {
  const place = (cell) => [cell.parentElement.rowIndex - 1, cell.cellIndex - 1];
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("[role=gridcell]");
    if (cell) choose(table, cell, place(cell), pick);
  });
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[role=gridcell]");
    if (!cell) return;
    let [row, column] = place(cell);
    if (MOVES[event.key]) [row, column] = [row + MOVES[event.key][0], column + MOVES[event.key][1]];
    else if (event.key === "Home") column = 0;
    else if (event.key === "End") column = cell.parentElement.cells.length - 2;
    else if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    const next = table.tBodies[0].rows[row]?.cells[column + 1];
    if (next) choose(table, next, [row, column], pick);
  });
}

function choose(table, cell, [row, column], pick) {
  table.querySelector("[role=gridcell][tabindex='0']")?.setAttribute("tabindex", "-1");
  cell.setAttribute("tabindex", "0");
  cell.focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  pick?.(row, column);
}

// A picture of a matrix of weights without numbers: for a button, or for the map.
export function thumbnail(numbers) {
  const height = numbers.length;
  const width = numbers[0].length;
  const cells = numbers.flatMap((row, i) =>
    row.map(
      (number, j) =>
        number > 0.02 &&
        make("rect", { x: j, y: i, width: 1.02, height: 1.02, "fill-opacity": Math.min(1, number).toFixed(2) }),
    ),
  );
  return make(
    "svg",
    {
      class: "thumbnail",
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    },
    cells,
  );
}

// Lines from each reading token to the tokens that it reads, as thick as the weight.
export function arrows({ readers, read, weights, chosen, readerTitle, readTitle }) {
  const below = read.length > 7;
  const gap = below ? 26 : 34;
  const top = 38;
  const width = below ? 460 : 300;
  const left = 96;
  const right = width - 96;
  const height = top + gap * Math.max(readers.length, read.length);
  const y = (i) => top + gap * i + 8;
  const lines = weights.flatMap((row, i) =>
    row.map(
      (weight, j) =>
        weight > 0.02 &&
        make("line", {
          class: chosen.row === i ? "lit" : null,
          x1: left + 6,
          y1: y(i),
          x2: right - 6,
          y2: y(j),
          "stroke-width": (0.4 + 7 * weight).toFixed(2),
        }),
    ),
  );
  const words = (texts, x, anchor, at) =>
    texts.map((text, i) =>
      make(
        "text",
        { x, y: y(i) + 4, "text-anchor": anchor, class: at === i ? "lit" : null },
        text.length > 12 ? `${text.slice(0, 11)}\u2026` : text,
      ),
    );
  const strongest = weights.map(
    (row, i) => `${readers[i]} reads ${read[row.indexOf(Math.max(...row))]} most, ${told(Math.max(...row))}`,
  );
  return make(
    "svg",
    {
      class: "arrows",
      width,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": `Lines from who reads to what is read: ${strongest.join("; ")}.`,
    },
    make("text", { x: left, y: 14, "text-anchor": "end", class: "title" }, readerTitle),
    make("text", { x: right, y: 14, class: "title" }, readTitle),
    lines.filter(Boolean).sort((a, b) => a.classList.contains("lit") - b.classList.contains("lit")),
    words(readers, left, "end", chosen.row),
    words(read, right, "start", chosen.column),
  );
}
