// Tree: a beam search growing, step by step, with greedy's way marked.

import { label, make, percent, redraw, slider, still, told } from "./elements.js";
import { beam, decode } from "./engine.js";
import { builtIn } from "./lessons.js";
import { mostTokens } from "./sentence.js";

const EOS = 2;
const COLUMN = 122;
const BOX = 94;
const ROW = 40;
const TOP = 30;
const PACE = 600; // milliseconds a step

export function treePanel(inside) {
  const set = (inside.kept.tree ??= { width: 3, lengthPenalty: 1 });
  const host = make("div", { class: "tree" });
  let found,
    shown,
    timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    grow.textContent = "Let it grow";
  };
  const steps = slider("steps shown", {
    min: 1,
    max: 1,
    value: 1,
    key: "tree-steps",
    change: (n) => {
      stop();
      shown = n;
      show();
    },
  });
  const range = steps.querySelector("input");
  const output = steps.querySelector("output");
  const show = () => {
    range.max = found.steps.length;
    range.value = shown;
    output.textContent = `${shown} of ${found.steps.length}`;
    range.setAttribute("aria-valuetext", output.textContent);
    redraw(host, treeOf(inside, found, shown));
    const box = host.querySelector("[data-box]");
    if (timer) box.scrollLeft = box.scrollWidth; // what has just grown
  };
  const search = () => {
    stop();
    found = beam(inside.model, inside.ids, { ...set, memory: inside.memory, maxTokens: mostTokens(inside.model) });
    shown = found.steps.length;
    show();
  };
  const tick = () => {
    if (!host.isConnected || shown >= found.steps.length) stop();
    else {
      shown += 1;
      show();
    }
  };
  const grow = make(
    "button",
    {
      type: "button",
      "data-key": "grow",
      onclick: () => {
        if (timer) return stop();
        shown = still() ? found.steps.length : 1;
        show();
        if (!still()) {
          timer = setInterval(tick, PACE);
          grow.textContent = "Stop";
        }
      },
    },
    "Let it grow",
  );
  search();
  const change = (name) => (value) => {
    set[name] = value;
    search();
  };
  return [
    make(
      "p",
      { class: "lead" },
      "Beam search keeps the few most probable beginnings, not the single likeliest word. A score is the sum of ln p, ",
      "divided by the number of tokens to the power of the length penalty.",
    ),
    builtIn(inside.model, "beam_search", "greedy"),
    make(
      "div",
      { class: "controls" },
      slider("width", { min: 1, max: 8, value: set.width, key: "width", change: change("width") }),
      slider("length penalty", {
        min: 0,
        max: 2,
        step: 0.1,
        value: set.lengthPenalty,
        says: (a) => a.toFixed(1),
        key: "penalty",
        change: change("lengthPenalty"),
      }),
      steps,
      grow,
    ),
    host,
  ];
}

// Whether greedy decoding begins so.
function isGreedy({ answers }, { ids, token }) {
  const said = token === EOS ? [...ids, EOS] : ids;
  return said.every((id, i) => id === answers[i]);
}

// Where each beam of the steps shown stands, and whose child it is.
function nodesOf(inside, found, shown) {
  const nodes = [];
  let before = [{ column: 0, place: 0, ids: [], greedy: true, text: "<bos>" }];
  nodes.push(...before);
  found.steps.slice(0, shown).forEach(({ alive, finished, dropped }, i) => {
    const kinds = [
      [alive, "alive"],
      [finished, "finished"],
      [dropped, "dropped"],
    ];
    const all = kinds.flatMap(([list, kind]) => list.map((one) => ({ ...one, kind }))).sort((a, b) => b.sum - a.sum);
    const made = all.map((one, place) => ({
      ...one,
      place,
      column: i + 1,
      parent: before[one.parent],
      greedy: isGreedy(inside, one),
      text: label(inside.model.english.pieces[one.token]),
    }));
    nodes.push(...made);
    before = alive.map((one) =>
      made.find((node) => node.kind === "alive" && node.token === one.token && node.ids.join() === one.ids.join()),
    );
  });
  return nodes;
}

function curve(x, y, toX, toY) {
  return `M${x} ${y}C${toX - 8} ${y} ${x + 8} ${toY} ${toX} ${toY}`;
}

function treeOf(inside, found, shown) {
  const nodes = nodesOf(inside, found, shown);
  const rows = Math.max(...nodes.map(({ place }) => place)) + 1;
  const width = COLUMN * (shown + 1);
  const height = TOP + ROW * rows;
  const x = ({ column }) => COLUMN * column + 8;
  const y = ({ place }) => TOP + ROW * place;
  const wayTo = (node) =>
    make("path", {
      class: `way ${node.kind}${node.greedy ? " greedy" : ""}`,
      d: curve(x(node.parent) + BOX, y(node.parent) + 12, x(node), y(node) + 12),
    });
  const isBest = (node) =>
    node.kind === "finished" && node.score === found.best.score && node.ids.join() === found.best.ids.join();
  const box = (node) =>
    make(
      "g",
      { class: `${node.kind ?? "begun"}${node.greedy ? " greedy" : ""}${isBest(node) ? " best" : ""}` },
      make("rect", { x: x(node), y: y(node) - 3, width: BOX, height: 30, rx: 5 }),
      make("text", { x: x(node) + BOX / 2, y: y(node) + 9, class: "word" }, node.text),
      node.parent &&
        make(
          "text",
          { x: x(node) + BOX / 2, y: y(node) + 22, class: "score" },
          `${told(node.score)} \u00b7 ${percent(node.probability)}`,
        ),
    );
  const drawing = make(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-label": `The tree of a beam search after ${shown} steps; the lists below say the same.`,
    },
    make(
      "text",
      { x: 8, y: 14, class: "score left" },
      "in a box: the word, its beginning\u2019s score, the word\u2019s own probability",
    ),
    nodes.filter(({ parent }) => parent).map(wayTo),
    nodes.map(box),
  );
  return [
    legend(),
    make(
      "div",
      {
        class: "wide-box",
        "data-box": "tree",
        tabindex: 0,
        role: "region",
        "aria-label": "The tree",
        "data-key": "tree-box",
      },
      drawing,
    ),
    listsOf(inside, found, shown),
  ];
}

function legend() {
  const items = [
    ["alive", "goes on"],
    ["finished", "has ended"],
    ["best", "the best that has ended"],
    ["dropped", "not followed"],
    ["greedy", "greedy\u2019s way"],
  ];
  return make(
    "ul",
    { class: "legend" },
    items.map(([kind, text]) => make("li", { class: kind }, text)),
  );
}

function listsOf(inside, found, shown) {
  const ended = found.steps
    .slice(0, shown)
    .flatMap(({ finished }) => finished)
    .sort((a, b) => b.score - a.score);
  const list = (title, ones, none) =>
    make(
      "section",
      {},
      make("h4", {}, title),
      ones.length
        ? make(
            "ol",
            {},
            ones.map((one) =>
              make(
                "li",
                { "data-number": one.score },
                make("b", {}, told(one.score, 3)),
                " ",
                decode(inside.model, one.ids) || "(no word)",
              ),
            ),
          )
        : make("p", {}, none),
    );
  return make(
    "div",
    { class: "side-by-side" },
    list(
      `Goes on after step ${shown}`,
      shown === found.steps.length ? [] : found.steps[shown - 1].alive,
      "Nobody: no beginning can still win.",
    ),
    list("Has ended", ended, "None so far."),
  );
}
