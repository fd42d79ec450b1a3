// Vectors: words as rows of numbers before the first layer, and what a feed-forward network makes of each alone.

import { label, largestPlaces, make, normOf, rowOf, told } from "./elements.js";
import { dot, row as vectorOf } from "./engine.js";
import { builtIn, SCHEMES } from "./lessons.js";
import { colours, strips, whose } from "./strips.js";

const NEAREST = 5;

// How a panel makes its tables: of one word, which can be changed, and of one place.
function tables(inside, part, rows) {
  const row = Math.min(inside.rowOf(part), rows.length - 1);
  const pick = (i, place = inside.choice.place) => inside.choose({ ...inside.asRow(part, i), place });
  const table = (name, tensor) =>
    strips({ name, tensor, rows, pick, chosen: { row, column: Math.min(inside.choice.place, tensor.shape[1] - 1) } });
  return { row, table, whose: whose(rows, row, pick) };
}

// Which other pieces have the rows most alike, by the cosine of their angle.
function neighbours({ weights, german, english }, isSource, word, id) {
  const { table } = isSource ? weights.source_embedding : weights.target_embedding;
  const { pieces } = isSource ? german : english;
  const own = vectorOf(table, id);
  const cosines = pieces.map(
    (_, other) => dot(own, vectorOf(table, other)) / (normOf(own) * normOf(vectorOf(table, other))),
  );
  const nearest = largestPlaces(cosines, NEAREST + 1).filter((other) => other !== id);
  const items = nearest
    .slice(0, NEAREST)
    .map((other, i) => [
      i > 0 && ", ",
      make("b", {}, label(pieces[other])),
      " ",
      make("span", { "data-number": cosines[other] }, told(cosines[other])),
    ]);
  return make("p", { class: "says neighbours" }, `Nearest to ${word}, by cosine: `, items, ".");
}

export function embeddingPanel(inside, part) {
  const isSource = part.id === "embedding.source";
  const [trace, rows, ids] = isSource
    ? [inside.memory, inside.source, inside.ids]
    : [inside.trace, inside.target, inside.trace.ids];
  const { config } = inside.model;
  const side = { ...part, stack: isSource ? "encoder" : "decoder" };
  const { row, table, whose } = tables(inside, side, rows);
  return [
    make(
      "p",
      { class: "lead" },
      "Each piece of a word has a number, and each number a learned row ",
      `of ${config.d_model} numbers, times the root of `,
      make("code", {}, "d_model"),
      ` = ${config.d_model}. What is used alike has come to lie close.`,
    ),
    builtIn(inside.model, "TokenEmbedding", "bpe_encode", "nearest", "cosine_similarity"),
    make(
      "p",
      { class: "pieces" },
      rows.map((word, i) => make("span", {}, make("b", {}, word), ` ${ids[i]}`)),
    ),
    whose,
    neighbours(inside.model, isSource, rows[row], ids[row]),
    colours(),
    trace.added
      ? [
          table("Rows of the table", trace.rows),
          table("What the positions add", trace.added),
          table("Both together", trace.embedded),
          builtIn(inside.model, ...SCHEMES[config.positions].built),
        ]
      : [
          table("What enters the first layer", trace.embedded),
          make(
            "p",
            { class: "note" },
            `Nothing is added for the place: this model has ${SCHEMES[config.positions].name}.`,
          ),
        ],
  ];
}

export function feedForwardPanel(inside, part) {
  const layer = (part.stack === "encoder" ? inside.memory : inside.trace).layers[part.layer];
  const { normed, hidden, active, input, added } = layer.feedForward;
  const { config } = inside.model;
  const rows = part.stack === "encoder" ? inside.source : inside.target;
  const { row, table, whose } = tables(inside, part, rows);
  const numbers = Array.from(rowOf(active, row));
  const open = numbers.filter((number) => number > 0).length;
  return [
    make(
      "p",
      { class: "lead" },
      `The same small network on each position alone: ${config.d_model} numbers become ${config.d_ff}, `,
      make("code", {}, config.activation),
      ` lets through what is above 0, and ${config.d_ff} become ${config.d_model} again, `,
      "which are added to the stream.",
    ),
    builtIn(inside.model, "FeedForward", "residual", part.stack === "encoder" ? "EncoderLayer" : "DecoderLayer"),
    make(
      "p",
      { class: "says" },
      `For ${rows[row]} ${open} of ${config.d_ff} hidden numbers are above 0. `,
      `What is added has length ${told(normOf(rowOf(added, row)))}, `,
      `the stream before it had ${told(normOf(rowOf(input, row)))}.`,
    ),
    whose,
    colours(),
    table(config.norm_first ? "What it reads, normed" : "What it reads", config.norm_first ? normed : input),
    table("Hidden, before " + config.activation, hidden),
    table("Hidden, after " + config.activation, active),
    table("What is added to the stream", added),
  ];
}
