// View: the page around a model, from a typed sentence to one number and back.

import { attentionPanel, placeOf, sidesOf } from "./attention.js";
import { make, namesOf, redraw, still } from "./elements.js";
import { encodeText } from "./engine.js";
import { showChosen } from "./heat.js";
import { movedPanel } from "./moved.js";
import { nextWordPanel } from "./next_word.js";
import { residualPanel } from "./residual.js";
import { readSentence, stepSaid, written } from "./sentence.js";
import { treePanel } from "./tree.js";
import { embeddingPanel, feedForwardPanel } from "./vectors.js";
import { drawLines, mapOf, partsOf } from "./whole.js";

const EXAMPLES = [
  "Die Katze schläft.",
  "Der kleine Hund sieht die Katze.",
  "Warum liest du das Buch nicht?",
  "Ich glaube, dass der Lehrer müde ist.",
  "Der Mann gibt dem Kind einen Apfel.",
];
const PANELS = {
  self: attentionPanel,
  cross: attentionPanel,
  feedForward: feedForwardPanel,
  embedding: embeddingPanel,
  positions: movedPanel,
  residual: residualPanel,
  next: nextWordPanel,
  beam: treePanel,
};
const THEMES = ["system", "light", "dark"];

// Puts the page into an element. sentence: what is typed at first. parts: of the page only these, by their ids, such as
// ["decoder.0.cross", "residual"]; "sentence" and "map" are parts, too. theme: "light", "dark", or as the system has it.
// -> {translate(text), remove()}
export function mount(element, model, { sentence, parts = null, theme = "system" } = {}) {
  const page = new Page(model, parts);
  page.root.dataset.theme = theme;
  element.append(page.root);
  page.translate(sentence ?? page.examples[0] ?? "");
  return { translate: (text) => page.translate(text), remove: () => page.remove() };
}

class Page {
  constructor(model, wanted) {
    this.model = model;
    this.wanted = wanted;
    this.parts = partsOf(model);
    this.examples = EXAMPLES.filter((text) => isKnown(model, text));
    this.kept = {}; // what was set in a panel
    const last = this.parts.filter(({ kind }) => kind === "cross").at(-1);
    this.choice = {
      part: last.id,
      head: 0,
      stage: "weights",
      row: 0,
      column: null,
      step: 0,
      dimension: 0,
      place: 0,
      unmasked: false,
    };
    this.build();
    this.watcher = new ResizeObserver(() => this.redrawLines());
    this.watcher.observe(this.map);
  }

  build() {
    this.input = make("input", {
      type: "text",
      lang: "de",
      autocomplete: "off",
      spellcheck: "false",
      "data-key": "sentence",
    });
    this.told = make("div", { class: "told" });
    this.heard = make("p", { class: "translation", role: "status", lang: "en" });
    this.line = make("div", { class: "line" });
    this.map = make("section", { class: "map-frame", "aria-label": "The whole Transformer" });
    this.panel = make("section", { class: "panel", "aria-label": "The chosen part" });
    const shows = (part) => !this.wanted || this.wanted.includes(part);
    this.root = make(
      "div",
      {
        class: "look-inside",
        "data-theme": "system",
        lang: "en",
        "data-lm-suppress-shortcuts": "true", // in a notebook the arrow keys stay here
      },
      this.wanted ? null : this.header(),
      make(
        this.wanted ? "div" : "main",
        {},
        make(
          "section",
          { class: "top", "aria-label": "Sentence and translation" },
          shows("sentence") ? this.form() : null,
          this.told,
          this.heard,
          this.line,
        ),
        make("div", { class: shows("map") ? "looking" : null }, shows("map") ? this.map : null, this.panel),
      ),
    );
  }

  header() {
    const { config } = this.model;
    const n = config.n_layers;
    const theme = make(
      "button",
      { type: "button", class: "theme", "data-key": "theme", onclick: () => this.nextTheme(theme) },
      "Theme: system",
    );
    return make(
      "header",
      {},
      make(
        "div",
        {},
        make("h1", {}, "Look inside"),
        make(
          "p",
          {},
          `A German-English Transformer: ${n} + ${n} layers, ${config.n_heads} heads, ${config.d_model} numbers for each `,
          `word, ${learnedNumbers(this.model.weights).toLocaleString("en")} learned numbers. ${ownParts(this.model)}`,
          "It runs in this page; nothing you type leaves it.",
        ),
      ),
      theme,
    );
  }

  nextTheme(button) {
    const next = THEMES[(THEMES.indexOf(this.root.dataset.theme) + 1) % THEMES.length];
    this.root.dataset.theme = next;
    button.textContent = `Theme: ${next}`;
  }

  form() {
    const submit = (event) => {
      event.preventDefault();
      this.translate(this.input.value);
    };
    const does = this.model.letters ? "Write" : "Translate";
    return make(
      "form",
      { onsubmit: submit },
      make("label", {}, make("span", {}, `A ${namesOf(this.model).typed}`), this.input),
      make("button", { type: "submit", class: "main", "data-key": "translate" }, does),
      this.examples.length > 0 &&
        make(
          "div",
          { class: "examples", role: "group", "aria-label": "Examples" },
          make("span", {}, "Try "),
          this.examples.map((text, i) =>
            make(
              "button",
              { type: "button", lang: "de", "data-key": `example:${i}`, onclick: () => this.translate(text) },
              text,
            ),
          ),
        ),
    );
  }

  // Whatever is typed is answered: with a translation, or with a sentence that says why there is none.
  translate(text) {
    this.input.value = text;
    this.text = text;
    try {
      this.encoded = encodeText(this.model, text);
      this.read = this.encoded.sentences.map((sentence) => readSentence(this.model, sentence));
      this.showTold(this.encoded);
    } catch (error) {
      this.read = [];
      redraw(this.told, make("p", { class: "refused", role: "alert" }, error.message));
    }
    this.heard.textContent = this.read.map((one) => one.text).join(" ");
    this.root.classList.toggle("empty", this.read.length === 0);
    if (this.read.length > 0) this.lookInto(0, true);
    else redraw(this.line);
  }

  showTold({ changes, unknown, note }) {
    const cut = Object.keys(unknown).map((word) => this.unknownWord(word, unknown[word]));
    const unended = this.read.some((one) => !one.written.ended);
    redraw(
      this.told,
      note ? make("p", { class: "refused", role: "alert" }, note) : null,
      changes.length > 0 && make("p", {}, "Mended: ", changes.join("; "), "."),
      cut,
      unended && make("p", {}, "The translation found no end and was stopped."),
    );
  }

  unknownWord(word, suggestions) {
    const put = (better) => this.translate(this.text.replace(wholeWord(word), () => better));
    return make(
      "p",
      { class: "unknown" },
      make("b", { lang: "de" }, word),
      " was never read in training; it is read in parts, and may be translated wrongly. ",
      suggestions.length > 0 && [
        "Did you mean ",
        suggestions.map((better) =>
          make(
            "button",
            { type: "button", lang: "de", "data-key": `mean:${better}`, onclick: () => put(better) },
            `${better}?`,
          ),
        ),
      ],
    );
  }

  // Which of several sentences is looked into.
  lookInto(number, fresh = false) {
    this.sentence = number;
    this.choice = { ...this.choice, row: 0, column: null, step: 0 };
    this.show(fresh);
  }

  // What every panel is given: the model, the sentence with its traces, what is chosen, and how to choose.
  inside() {
    const one = this.read[this.sentence];
    const { choice } = this;
    return {
      ...one,
      model: this.model,
      choice,
      kept: this.kept,
      step: Math.min(choice.step, one.answers.length - 1),
      choose: (patch) => this.choose(patch),
      open: (id) => this.open(id),
      rowOf: (part) => (part.stack === "encoder" ? choice.row : choice.step),
      asRow: (part, row) => (part.stack === "encoder" ? { row } : { step: row }),
    };
  }

  choose(patch) {
    const isSame = Object.entries(patch).every(([name, value]) => this.choice[name] === value);
    if (isSame) return;
    const onlyPanel = !("part" in patch) && (!("step" in patch) || patch.step === this.choice.step);
    this.choice = { ...this.choice, ...patch };
    this.show(false, onlyPanel);
  }

  // A part of the map was chosen: where the panel is out of sight (on a phone) the page goes there.
  open(id) {
    this.choose({ part: id, column: null });
    const { top } = this.panel.getBoundingClientRect();
    if (top > 0.7 * innerHeight) this.panel.scrollIntoView({ behavior: still() ? "auto" : "smooth", block: "start" });
  }

  show(fresh = false, onlyPanel = false) {
    const inside = this.inside();
    if (!onlyPanel) {
      redraw(this.line, this.read.length > 1 && this.sentences(), written(inside, fresh), stepSaid(inside));
      redraw(this.map, mapOf(inside));
      this.redrawLines();
    }
    redraw(this.panel, this.panels(inside));
    showChosen(this.panel);
  }

  sentences() {
    return make(
      "div",
      { class: "sentences", role: "group", "aria-label": "Sentences" },
      this.read.map((one, i) =>
        make(
          "button",
          {
            type: "button",
            "aria-pressed": String(i === this.sentence),
            "data-key": `sentence:${i}`,
            onclick: () => this.lookInto(i),
          },
          one.text,
        ),
      ),
    );
  }

  panels(inside) {
    const ids = this.wanted?.filter((id) => this.parts.some((part) => part.id === id)) ?? [];
    const shown = ids.length > 0 ? ids : [inside.choice.part];
    return shown
      .map((id) => this.parts.find((part) => part.id === id))
      .map((part) =>
        make(
          "article",
          { "data-open": part.id },
          this.crumbs(inside, part),
          make("h2", { tabindex: -1 }, part.title),
          PANELS[part.kind](inside, part),
        ),
      );
  }

  // From the whole to one number; each step of the way leads back.
  crumbs(inside, part) {
    const to = (text, selector, key) =>
      make(
        "li",
        {},
        make("button", { type: "button", class: "plain", "data-key": key, onclick: () => this.goTo(selector) }, text),
      );
    const isAttention = part.kind === "self" || part.kind === "cross";
    const ends = isAttention
      ? [
          to(`Head ${inside.choice.head + 1}`, ".heads [aria-pressed=true]", "crumb:head"),
          to(this.cellName(inside, part), ".one h4, .stage", "crumb:cell"),
        ]
      : [];
    return make(
      "nav",
      { class: "crumbs", "aria-label": "Where you are" },
      make(
        "ol",
        {},
        this.wanted ? null : to("The whole", ".map [aria-pressed=true]", "crumb:whole"),
        part.crumbs.slice(0, -1).map((text) => make("li", {}, text)),
        to(part.title, "h2", "crumb:part"),
        ends,
      ),
    );
  }

  cellName(inside, part) {
    const { readers, read } = sidesOf(inside, part);
    const { row, column } = placeOf(inside, part);
    return `${readers[row]} reads ${read[column]}`;
  }

  goTo(selector) {
    const target = this.panel.querySelector(selector) ?? this.map.querySelector(selector);
    if (!target) return;
    if (target.tabIndex < 0) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ behavior: still() ? "auto" : "smooth", block: "center" });
  }

  redrawLines() {
    const map = this.map.querySelector(".map");
    if (map) drawLines(map);
  }

  remove() {
    this.watcher.disconnect();
    this.root.remove();
  }
}

// The word where it stands alone, and is no part of a longer one.
const wholeWord = (word) => new RegExp(`(?<!\\p{L})${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?!\\p{L})`, "u");

// How many numbers the model has learned; a table that is used twice counts once.
function learnedNumbers(weights) {
  const tensors = (branch) => (branch.data ? [branch.data] : Object.values(branch).flatMap(tensors));
  return [...new Set(tensors(weights))].reduce((sum, data) => sum + data.length, 0);
}

function ownParts({ owners }) {
  const whose = Object.values(owners ?? {});
  const n_own = whose.filter((one) => one === "yours").length;
  return n_own > 0 ? `Of the course\u2019s exercises ${n_own} of ${whose.length} are your own code. ` : "";
}

function isKnown(model, text) {
  const { sentences, unknown } = encodeText(model, text);
  return sentences.length === 1 && Object.keys(unknown).length === 0;
}
