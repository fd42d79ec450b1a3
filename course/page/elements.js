// Elements: how an HTML or SVG element is made, how a number is written, how a tensor is read.

import { row, softmax } from "./engine.js";

const SVG_TAGS = new Set(["svg", "g", "path", "line", "rect", "text", "circle", "title", "defs", "marker", "polyline"]);
const AS_PROPERTY = new Set(["value", "checked", "disabled", "selected", "min", "max", "step"]);

// One element. Attributes that begin with "on" are listeners; null, undefined and false are left out.
export function make(tag, attributes = {}, ...children) {
  const space = SVG_TAGS.has(tag) ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml";
  const element = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (!AS_PROPERTY.has(name)) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  // after the children: a select has its value only once it has its options; a range its value after its limits
  for (const name of ["min", "max", "step", "value", "checked", "disabled", "selected"]) {
    if (name in attributes && attributes[name] !== null && attributes[name] !== undefined)
      element[name] = attributes[name];
  }
  return element;
}

// New children in a host. Whoever had the focus has it again (by data-key), and boxes stay scrolled as they were.
export function redraw(host, ...children) {
  const active = host.getRootNode().activeElement;
  const key = active && host.contains(active) ? active.dataset.key : null;
  const scrolled = [...host.querySelectorAll("[data-box]")].map((box) => [box.dataset.box, box.scrollLeft]);
  host.replaceChildren(...children.flat(Infinity).filter(Boolean));
  for (const [name, left] of scrolled) {
    const box = host.querySelector(`[data-box="${CSS.escape(name)}"]`);
    if (box) box.scrollLeft = left;
  }
  if (key) host.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

// A box of its own for what may be wider than the page. Where it has nothing to scroll, Tab passes it by.
export function wideBox(name, ...children) {
  return make("div", { class: "wide-box", "data-box": name }, ...children);
}

// A number as it is read: a real minus sign, and infinity as a sign.
export function told(number, digits = 2) {
  if (number === -Infinity) return "\u2212\u221e";
  const text = Math.abs(number).toFixed(digits);
  return (number < 0 && Number(text) !== 0 ? "\u2212" : "") + text;
}

// A probability in per cent; what is not quite 0 or 1 is not said to be.
export function percent(p) {
  if (p > 0 && p < 0.001) return "<0.1 %";
  if (p > 1 - 1e-12) return "100 %";
  if (p > 0.999) return ">99.9 %";
  return `${(100 * p).toFixed(p < 0.1 || p > 0.99 ? 1 : 0)} %`;
}

// A piece of a word as a label: where it does not begin a word, a dot in front says so.
export function label(piece) {
  if (/^<.*>$/.test(piece)) return piece;
  if (!piece.startsWith("\u2581")) return `\u00b7${piece}`;
  return piece.slice(1) || "\u2423";
}

// What is typed, and what it is made of, as the page calls them: lesson 08's model reads words letter by letter.
export function namesOf({ letters }) {
  return letters ? { typed: "word", one: "letter" } : { typed: "German sentence", one: "word" };
}

// Row i of a tensor's last two axes, of head h where there are three.
export function rowOf(tensor, i, h = 0) {
  return row(tensor, h * tensor.shape.at(-2) + i);
}

// A matrix (of head h) as rows.
export function matrixOf(tensor, h = 0) {
  return Array.from({ length: tensor.shape.at(-2) }, (_, i) => Array.from(rowOf(tensor, i, h)));
}

// The probabilities of some logits (V,).
export function probabilitiesOf(logits) {
  return softmax({ shape: [logits.length], data: logits }).data;
}

export function normOf(vector) {
  return Math.sqrt(vector.reduce((sum, each) => sum + each * each, 0));
}

export function largestOf(rows) {
  return rows.flat().reduce((most, each) => (Number.isFinite(each) ? Math.max(most, Math.abs(each)) : most), 0);
}

// The places of the n largest numbers, the largest first.
export function largestPlaces(numbers, n) {
  return Array.from(numbers, (_, place) => place)
    .sort((a, b) => numbers[b] - numbers[a])
    .slice(0, n);
}

export function still() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// A labelled slider, with its value beside it; says(value) is how the value is read.
export function slider(text, { min, max, step = 1, value, says = String, key, change }) {
  const shown = make("output", {}, says(value));
  const input = make("input", { type: "range", min, max, step, value, "data-key": key, "aria-valuetext": says(value) });
  input.addEventListener("input", () => {
    shown.textContent = says(Number(input.value));
    input.setAttribute("aria-valuetext", shown.textContent);
    change(Number(input.value));
  });
  return make("label", { class: "slider" }, make("span", {}, text), input, shown);
}
