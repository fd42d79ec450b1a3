// Mending: what anybody types, as sentences in the words that a translator knows, and what was
// changed on the way.
//
// What course/corpus/mending.py does; its lists of words come with the page's data.

import { finalSign, missingCommas } from "./signs.js";
import { meant, spelt } from "./spelling.js";
import { isTitle, isWord, SPACE, strip, tokenize, withCapital, WORDLIKE } from "./text.js";

const SENTENCE = /(?:\p{Nd}[.,]\p{Nd}|[^.?!\u2026])+[.?!\u2026]*/gu;
// a new line that begins with a capital begins a sentence
const BREAK = new RegExp(`[${SPACE}]*\\n[${SPACE}]*(?=(?![a-z\u00e4\u00f6\u00fc\u00df])[${WORDLIKE}])`, "u");
const DIGIT = new RegExp( // Python's isdigit: raised and ringed ones, too
  "[\\p{Nd}\\u{b2}\\u{b3}\\u{b9}\\u{1369}-\\u{1371}\\u{19da}\\u{2070}\\u{2074}-\\u{2079}\\u{2080}-\\u{2089}" +
    "\\u{2460}-\\u{2468}\\u{2474}-\\u{247c}\\u{2488}-\\u{2490}\\u{24ea}\\u{24f5}-\\u{24fd}\\u{24ff}" +
    "\\u{2776}-\\u{277e}\\u{2780}-\\u{2788}\\u{278a}-\\u{2792}\\u{10a40}-\\u{10a43}\\u{10e60}-\\u{10e68}" +
    "\\u{11052}-\\u{1105a}\\u{1f100}-\\u{1f10a}]",
  "u",
);
const AS_COMMA = new Set([";", ":"]);
const MOST_FOREIGN = 0.5; // the share of unknown English words from which on the text is taken for English

/** text -> {sentences: [words], changes: [said], unknown: {word: [suggestions]}, note}
 *
 *  known: a Set of the translator's words; byLetters: their spellings; tables: the corpus's lists. */
export function mend(text, { known, byLetters, tables }) {
  const typed = text.replace(/[\u2019\u2018\u00b4`\u201b]/g, "'").normalize("NFC").replace(/\p{Cf}/gu, "");
  const note = refusal(typed, tables);
  if (note) return { sentences: [], changes: [], unknown: {}, note };
  const mending = new Mending(known, byLetters, tables);
  for (const sentence of cut(typed)) mending.add(sentence);
  return mending.done();
}

/** Why there is nothing German in the text, or "". */
function refusal(text, { example, scripts }) {
  const letters = text.match(/\p{L}/gu) ?? [];
  if (!strip(text)) return `Type a German sentence, for instance: ${example}`;
  if (!letters.length && !DIGIT.test(text)) {
    return `There is no word in it. Type a German sentence, for instance: ${example}`;
  }
  const counts = new Map();
  for (const letter of letters) {
    const script = scriptOf(letter, scripts);
    counts.set(script, (counts.get(script) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  const [script = "LATIN"] = [...counts.keys()].filter((name) => counts.get(name) === most);
  if (script === "LATIN") return "";
  const name = script === "CJK" ? script : withCapital(script.toLowerCase());
  return `These are ${name} letters: the translator reads German, which is written in Latin ones.`;
}

/** The first word of a letter's name. scripts: [first code of a run, name], in order. */
function scriptOf(letter, scripts) {
  const code = letter.codePointAt(0);
  return scripts.filter(([first]) => first <= code).at(-1)?.[1] ?? "unknown";
}

/** The sentences of a text, each with its signs; what has no word goes. A line may end one, too. */
function cut(text) {
  const parts = text.split(BREAK).flatMap((line) => line.match(SENTENCE) ?? []);
  return parts.filter(isWord).map(strip);
}

/** Sentences mended one after the other, and what there is to say of them. */
class Mending {
  constructor(known, byLetters, tables) {
    Object.assign(this, { known, byLetters, tables });
    Object.assign(this, { sentences: [], changes: [], unknown: {}, notes: [] });
  }

  add(sentence) {
    const { longest, mostSentences } = this.tables;
    const ended = this.signTyped(sentence);
    const typed = tokenize(sentence, this.tables.small).filter((word) => ![".", "?", "!", "\u2026"].includes(word));
    let words = this.spell(typed);
    if (!words.some(isWord)) return;
    words = this.withCommas(words);
    if (words.length >= longest) {
      this.notes.push(
        `A sentence of ${words.filter(isWord).length} words is too long: ` +
          `the longest that the translator was tried on have ${longest - 1}. Cut it with full stops.`,
      );
    } else if (this.sentences.length < mostSentences) {
      this.sentences.push([...words, ...this.ending(words, ended)]);
    } else {
      this.notes.push(`Only the first ${mostSentences} sentences are translated.`);
    }
  }

  /** The one sign for all that stand at the end; "" where there is none. */
  signTyped(sentence) {
    const [run] = sentence.match(/[.?!\u2026]*$/u);
    const sign = ["?", "!"].find((one) => run.includes(one)) ?? (run ? "." : "");
    if (run !== sign) this.changes.push(`${run} is written ${sign}`);
    return sign;
  }

  /** The sign at the end: as typed, else the one that the sentence needs. */
  ending(words, ended) {
    const sign = ended || finalSign(words, this.tables.lists);
    if (!ended && this.known.has(sign)) this.changes.push(`${this.tables.names[sign]} put at the end`);
    return this.known.has(sign) ? [sign] : [];
  }

  /** The words as they are known; those that are not stay as they were typed, and are noted. */
  spell(typed) {
    const words = [];
    typed.forEach((word, place) => {
      const spelled = () => this.knownAs(this.withCapital(word, words, typed[place + 1] ?? ""), words);
      words.push(...(isWord(word) ? spelled() : this.sign(word, words)));
    });
    while (words.length && !isWord(words.at(-1))) this.changes.push(`${words.pop()} left out at the end`);
    return words;
  }

  /** A sign within the sentence; what the translator does not know is left out. */
  sign(sign, before) {
    const wanted = AS_COMMA.has(sign) ? "," : sign;
    if (this.known.has(wanted) && before.length && isWord(before.at(-1))) {
      if (wanted !== sign) this.changes.push(`${sign} is written ${wanted}`);
      return [wanted];
    }
    this.changes.push(`${sign} left out`);
    return [];
  }

  /** Morgen and Junge, typed small, where they cannot be tomorrow or young. */
  withCapital(word, before, later) {
    const { beforeMorgen, beforeJunge } = this.tables.lists;
    const last = before.at(-1) ?? "";
    let noun = word === "morgen" && beforeMorgen.has(last);
    if (["junge", "jungen"].includes(word) && before.slice(-2).some((one) => beforeJunge.has(one)) && !isTitle(last)) {
      noun = !spelt(later, this.byLetters).some(isTitle);
    }
    if (!noun || !this.known.has(withCapital(word))) return word;
    this.changes.push(`${word} is written ${withCapital(word)}`);
    return withCapital(word);
  }

  /** The word, or the words, that the translator knows for a typed one. */
  knownAs(word, before) {
    const small = word.toLowerCase();
    if (!before.length && isTitle(word) && this.known.has(small)) return [small]; // a first word's capital is right
    const found = this.mended(word);
    if (!found) {
      const meanings = (this.tables.germanOf.get(small) ?? []).filter((german) => this.known.has(german));
      this.unknown[word] = [...new Set([...meanings, ...meant(word, this.known)])].slice(0, 3);
      return [word];
    }
    if (found.join(" ") !== word) {
      this.changes.push(found.length ? `${word} is written ${found.join(" ")}` : `${word} left out`);
    }
    return found;
  }

  /** As it is spelt; null where no known word has its letters. */
  mended(word) {
    if (this.known.has(word)) return [word];
    if (word === "'s" && this.known.has("es")) return ["es"];
    const alike = spelt(word, this.byLetters);
    if (alike.length === 1) return alike;
    const spoken = this.tables.spoken.get(word.toLowerCase())?.split(" ");
    return spoken?.every((part) => this.known.has(part)) ? spoken : null;
  }

  /** With the commas that its clauses need. */
  withCommas(words) {
    const places = this.known.has(",") ? missingCommas(words, this.tables.lists) : [];
    this.changes.push(...places.map((place) => `a comma put before ${words[place]}`));
    return words.flatMap((word, place) => (places.includes(place) ? [",", word] : [word]));
  }

  /** All of it; an English text is refused. */
  done() {
    const { unknown } = this;
    const said = this.sentences.flat().filter(isWord);
    const isEnglish = (word) => Object.hasOwn(unknown, word) && this.tables.english.has(word.toLowerCase());
    if (said.length > 1 && said.filter(isEnglish).length >= MOST_FOREIGN * said.length) {
      const note = "This looks like English: the translator reads German.";
      return { sentences: [], changes: [], unknown, note };
    }
    const [changes, notes] = [this.changes, this.notes].map((said) => [...new Set(said)]);
    return { sentences: this.sentences, changes, unknown, note: notes.join(" ") };
  }
}
