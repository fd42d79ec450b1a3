// Residual: the stream from the embedding to the last layer, what each part adds, and which word it speaks for so far.

import { label, largestPlaces, make, normOf, percent, probabilitiesOf, rowOf, told, wideBox } from "./elements.js";
import { lens, row } from "./engine.js";
import { builtIn } from "./lessons.js";

const SHOWN = 3;
const NAMES = { self: "self-attention", cross: "cross-attention", feedForward: "feed-forward" };

// The stages of the decoder's stream: [{name, stream, added}], of one row.
export function streamOf(inside, at) {
  const { trace } = inside;
  const begun = { name: "embedding", part: "embedding.target", stream: rowOf(trace.embedded, at), added: null };
  return [
    begun,
    ...trace.layers.flatMap((layer, i) =>
      ["self", "cross", "feedForward"].map((kind) => ({
        name: `layer ${i + 1}, ${NAMES[kind]}`,
        part: `decoder.${i}.${kind}`,
        stream: rowOf(layer[kind].output, at),
        added: rowOf(layer[kind].added, at),
      })),
    ),
  ];
}

export function wordsAfter(inside, stream) {
  const logits = lens(inside.model, { shape: [1, stream.length], data: stream });
  return probabilitiesOf(row(logits, 0));
}

export function residualPanel(inside) {
  const at = inside.step;
  const stages = streamOf(inside, at);
  const answer = inside.answers[at];
  const heads = [
    "After",
    `p(${label(inside.model.english.pieces[answer])})`,
    "likeliest words, if the decoder ended here",
    "adds",
    "stream",
  ];
  return [
    make(
      "p",
      { class: "lead" },
      "Every part reads the stream and adds to it; nothing is overwritten. If the decoder ended after this part, ",
      "with the last norm and the output layer, which word would come next? Followed here: the place of ",
      make("b", {}, inside.target[at]),
      ", where ",
      make("b", {}, label(inside.model.english.pieces[answer])),
      " is written. ",
      "Choose another word of the translation above to follow that.",
    ),
    builtIn(inside.model, "residual", "LayerNorm", "Decoder", "Transformer"),
    wideBox(
      "stream",
      make(
        "table",
        { class: "stream", "aria-label": "The residual stream, part by part" },
        make(
          "thead",
          {},
          make(
            "tr",
            {},
            heads.map((head) => make("th", { scope: "col" }, head)),
          ),
        ),
        make(
          "tbody",
          {},
          stages.map((stage) => stageRow(inside, stage, answer)),
        ),
      ),
    ),
    make(
      "p",
      { class: "note" },
      "adds: the length (norm) of the vector that the part adds; stream: the length of the stream after it. ",
      inside.model.config.norm_first
        ? ""
        : "This model norms after each addition (post-norm), so the stream keeps its length. ",
    ),
  ];
}

function stageRow(inside, { name, part, stream, added }, answer) {
  const probabilities = wordsAfter(inside, stream);
  const { pieces } = inside.model.english;
  const words = largestPlaces(probabilities, SHOWN).map((id) =>
    make(
      "li",
      { class: id === answer ? "answer" : null, style: `--share:${probabilities[id].toFixed(3)}` },
      make("span", {}, label(pieces[id])),
      make("small", {}, percent(probabilities[id])),
    ),
  );
  const opens = make(
    "button",
    { type: "button", class: "plain", "data-key": `stream:${part}`, onclick: () => inside.open(part) },
    name,
  );
  return make(
    "tr",
    { "data-stage": name },
    make("th", { scope: "row" }, opens),
    make(
      "td",
      { class: "bar", "data-number": probabilities[answer], style: `--share:${probabilities[answer].toFixed(3)}` },
      percent(probabilities[answer]),
    ),
    make("td", {}, make("ol", { class: "likeliest" }, words)),
    make("td", { "data-number": added ? normOf(added) : null }, added ? told(normOf(added)) : "\u2013"),
    make("td", { "data-number": normOf(stream) }, told(normOf(stream))),
  );
}
