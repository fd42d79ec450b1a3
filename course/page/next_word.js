// Next word: from logits to one drawn word, with temperature, top-k and top-p to be moved.

import { label, largestPlaces, make, percent, probabilitiesOf, redraw, rowOf, slider, told } from "./elements.js";
import { distribution, sample, seededRandom } from "./engine.js";
import { builtIn } from "./lessons.js";

const SHOWN = 12;
const MANY = 100;

export function nextWordPanel(inside) {
  const logits = rowOf(inside.trace.logits, inside.step);
  const { pieces } = inside.model.english;
  const set = (inside.kept.next ??= { temperature: 1, topK: null, topP: 1 });
  const n_words = logits.length;
  const bars = make("ol", { class: "bars" });
  const said = make("p", { class: "says", role: "status" });
  const drawn = drawing(inside, logits, set);
  const show = () => {
    showBars(bars, said, { logits, set, pieces });
    drawn.forget();
  };
  const change = (name) => (value) => {
    set[name] = value;
    show();
  };
  // the slider's last place is "all"
  const ks = [1, 2, 3, 4, 5, 8, 10, 15, 20, 30, 50, 100].filter((k) => k < n_words);
  const controls = make(
    "div",
    { class: "controls" },
    slider("temperature", {
      min: 0.1,
      max: 3,
      step: 0.1,
      value: set.temperature,
      says: (t) => t.toFixed(1),
      key: "temperature",
      change: change("temperature"),
    }),
    slider("top-k", {
      min: 0,
      max: ks.length,
      value: set.topK ? ks.indexOf(set.topK) : ks.length,
      says: (place) => (place < ks.length ? String(ks[place]) : "all"),
      key: "top-k",
      change: (place) => change("topK")(ks[place] ?? null),
    }),
    slider("top-p", {
      min: 0.05,
      max: 1,
      step: 0.05,
      value: set.topP,
      says: (p) => p.toFixed(2),
      key: "top-p",
      change: change("topP"),
    }),
  );
  show();
  return [
    make(
      "p",
      { class: "lead" },
      "After ",
      make("b", {}, inside.target.slice(0, inside.step + 1).join(" ")),
      ` the decoder gives a score, a logit, to each of its ${n_words} pieces of words. `,
      "Temperature divides the scores, ",
      "top-k keeps the k best, softmax makes probabilities of them, top-p keeps the fewest that together have ",
      "probability p. Then one is drawn.",
    ),
    builtIn(inside.model, "next_probabilities", "sample"),
    controls,
    said,
    bars,
    drawn.element,
  ];
}

function showBars(bars, said, { logits, set, pieces }) {
  const shares = distribution(logits, set);
  const before = probabilitiesOf(logits);
  const kept = shares.reduce((n, share) => n + (share > 0 ? 1 : 0), 0);
  redraw(
    said,
    `${kept} of ${logits.length} can still be drawn; what is cut is crossed out. `,
    "A thin line is the probability at temperature 1 with nothing cut.",
  );
  redraw(
    bars,
    largestPlaces(logits, SHOWN).map((id) =>
      make(
        "li",
        {
          class: shares[id] > 0 ? null : "cut",
          "data-id": id,
          "data-number": shares[id],
          style: `--share:${shares[id].toFixed(4)};--before:${before[id].toFixed(4)}`,
        },
        make("span", { class: "word" }, label(pieces[id])),
        make("span", { class: "logit" }, told(logits[id])),
        make("span", { class: "bar" }),
        make("span", { class: "p" }, shares[id] > 0 ? percent(shares[id]) : "cut"),
      ),
    ),
  );
}

// The button that draws, always the same words for the same seed.
function drawing(inside, logits, set) {
  const seed = make("input", { type: "number", value: "1", min: "0", max: "999999", step: "1", "data-key": "seed" });
  const out = make("p", { class: "says", role: "status" });
  let random = null;
  const forget = () => {
    random = null;
    out.textContent = "";
  };
  const one = () => {
    random ??= seededRandom(Math.trunc(Number(seed.value)) || 0);
    return label(inside.model.english.pieces[sample(inside.model, logits, { ...set, random })]);
  };
  const drawMany = () => {
    const counts = new Map();
    for (let i = 0; i < MANY; i++) {
      const word = one();
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    const told = [...counts].sort((a, b) => b[1] - a[1]).map(([word, n]) => `${word} ${n}`);
    const others = told.length > SHOWN ? `, and ${told.length - SHOWN} others` : "";
    out.textContent = `Of ${MANY} draws: ${told.slice(0, SHOWN).join(", ")}${others}.`;
  };
  seed.addEventListener("input", forget);
  const button = (text, key, onclick) => make("button", { type: "button", "data-key": key, onclick }, text);
  return {
    forget,
    element: make(
      "div",
      { class: "draw" },
      make("label", {}, make("span", {}, "seed"), seed),
      button("Draw one word", "draw", () => {
        out.textContent = `Drawn: ${one()}`;
      }),
      button(`Draw ${MANY}`, "draw-many", drawMany),
      out,
    ),
  };
}
