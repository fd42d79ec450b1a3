// Sentence: what the model makes of one sentence, with all that can be looked into.

import { label, make, percent, probabilitiesOf } from "./elements.js";
import { decode, readSource, readTarget, row, translate } from "./engine.js";

const BOS = 1;
const EOS = 2;
const MOST = 50; // tokens of a translation
export const DOUBTFUL = 0.5; // a piece of a lower probability is marked

// {text, source, target, answers, ids, memory, trace, written, probabilities}: labels of what is read (source)
// and of the decoder's rows (target), and for each row the piece that is written there (answers).
export function readSentence(model, { ids, pieces }) {
  const memory = readSource(model, ids);
  const written = translate(model, ids, { maxTokens: mostTokens(model), memory });
  const answers = written.ended ? [...written.ids, EOS] : written.ids;
  const rows = [BOS, ...written.ids].slice(0, answers.length);
  const trace = readTarget(model, rows, memory);
  return {
    ids,
    memory,
    trace,
    written,
    answers,
    text: decode(model, written.ids),
    source: pieces.map(label),
    target: rows.map((id) => label(model.english.pieces[id])),
    probabilities: answers.map((id, i) => probabilitiesOf(row(trace.logits, i))[id]),
  };
}

// A learned table of positions ends somewhere; the translation ends with it.
export function mostTokens({ config }) {
  return config.positions === "learned" ? Math.min(MOST, config.max_length - 1) : MOST;
}

// The translation, piece by piece: each is a button that chooses the step to look into.
export function written(inside, fresh) {
  const { pieces } = inside.model.english;
  const one = (id, i) => {
    const p = inside.probabilities[i];
    const doubtful = p < DOUBTFUL;
    return make(
      "li",
      { style: fresh ? `--turn:${i}` : null },
      make(
        "button",
        {
          type: "button",
          class: doubtful ? "doubtful" : null,
          "data-key": `step:${i}`,
          "data-number": p,
          "aria-pressed": String(i === inside.step),
          "aria-label": `${label(pieces[id])}, ${percent(p)}${doubtful ? ", doubtful" : ""}: look into this step`,
          onclick: () => inside.choose({ step: i, column: null }),
        },
        make("span", {}, label(pieces[id]), doubtful ? " (?)" : ""),
        make("small", {}, percent(p)),
        make("i", { style: `--share:${p.toFixed(3)}` }),
      ),
    );
  };
  return make(
    "ol",
    { class: `written${fresh ? " fresh" : ""}`, "aria-label": "The translation, piece by piece" },
    inside.answers.map(one),
  );
}

export function stepSaid(inside) {
  const words = (texts) => make("b", { lang: "en" }, texts.join(" "));
  return make(
    "p",
    { class: "step-said" },
    "Looked into: the step that writes ",
    words([label(inside.model.english.pieces[inside.answers[inside.step]])]),
    " after ",
    words(inside.target.slice(0, inside.step + 1)),
    ". Choose another word to look into its step.",
  );
}
