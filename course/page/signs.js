// Signs: the full stop, question mark or comma that a German sentence needs and its writer left out.
//
// What course/corpus/clause_signs.py does; its lists of words come with the page's data, each a Set.

import { isWord } from "./text.js";

/** ? after a question word or a verb that comes first, ! after a command, else a full stop. */
export function finalSign(words, lists) {
  const main = mainPart(words, lists);
  const [first = "", second = ""] = main;
  if (lists.asking.has(first) || (lists.prepositions.has(first) && lists.asking.has(second))) return "?";
  if (isCommand(first === "bitte" ? main.slice(1) : main, lists)) return "!";
  const asks = lists.finite.has(first) || (lists.subjects.has(second) && isVerbLike(first, lists));
  return second && asks ? "?" : ".";
}

/** Without what leads to it: und, a greeting or a name before a comma. */
function mainPart(words, { finite, leading }) {
  const comma = words.indexOf(",");
  let main = comma >= 0 && !words.slice(0, comma).some((word) => finite.has(word)) ? words.slice(comma + 1) : words;
  while (main.length > 1 && leading.has(main[0])) main = main.slice(1);
  return main;
}

/** It begins with an imperative, or asks for something with bitte; but "arbeite ich" asks. */
function isCommand(words, { auxiliaries, imperatives }) {
  const [first = "", second = ""] = words;
  const polite = words.includes("bitte") && second === "Sie" && !auxiliaries.has(first);
  return polite || (imperatives.has(first) && second !== "ich");
}

/** A word before a pronoun: wrote one no verb there, it would be one of these, or a capital. */
function isVerbLike(word, { opening, relative, subjects }) {
  const others = ["als", "bitte", "um", "danke"].includes(word);
  return /^\p{Lowercase}/u.test(word) && !others && ![opening, relative, subjects].some((list) => list.has(word));
}

/** The places of the words before which a comma is missing, in order. */
export function missingCommas(words, lists) {
  const places = new Set([...words.keys()].filter((n) => opens(words, n, lists)));
  const put = (some) => some.forEach((n) => places.add(n));
  if (!words.includes(",")) {
    put(lists.opening.has(words[0]) ? afterFirstClause(words, lists) : aroundRelative(words, lists));
    const question = beforeQuestion(words, lists);
    put(question.length ? question : beforeInfinitive(words, lists));
  }
  return [...places].filter((n) => n > 0 && n < words.length && isWord(words[n - 1])).sort((a, b) => a - b);
}

function opens(words, n, lists) {
  const [word, before, later] = [words[n], words.slice(0, n), words.slice(n + 1)];
  if (!before.length || lists.clingingBefore.has(before.at(-1))) return false;
  if (word === "um") return infinitives(later, lists).length > 0;
  const both = [before, later].every((some) => some.some((one) => lists.surelyFinite.has(one)));
  return lists.opening.has(word) || (["aber", "denn"].includes(word) && both);
}

/** Wenn es regnet, schläft die Katze: between the two verbs. But lesen kann, gelesen hat are one. */
function afterFirstClause(words, { auxiliaries, finite, surelyFinite }) {
  let found = [];
  for (let n = 2; n < words.length - 1; n++) {
    const one = !surelyFinite.has(words[n - 1]) && auxiliaries.has(words[n]);
    if (finite.has(words[n - 1]) && surelyFinite.has(words[n]) && !one) found = [n];
  }
  return found;
}

/** Ich sehe den Hund, der schläft. Der Hund, der schläft, ist müde. */
function aroundRelative(words, { finite, opening, relative, surelyFinite }) {
  if (words.some((word) => opening.has(word))) return [];
  for (let start = 1; start < words.length; start++) {
    if (!relative.has(words[start]) || !/^\p{Uppercase}/u.test(words[start - 1])) continue;
    const ends = [...words.keys()].filter((n) => n > start && surelyFinite.has(words[n]));
    const hasMain = words.slice(0, start).some((word) => finite.has(word));
    if (hasMain && ends.length === 1 && ends[0] === words.length - 1) return [start];
    if (!hasMain && ends.length > 1 && ends[1] === ends[0] + 1) return [start, ends[1]];
  }
  return [];
}

/** Ich weiß nicht, wo er ist. */
function beforeQuestion(words, { asking, knowing, prepositions }) {
  for (let n = 2; n < words.length; n++) {
    const start = ["wem", "wen"].includes(words[n]) && prepositions.has(words[n - 1]) ? n - 1 : n;
    const compared = words[n] === "wie" && words.slice(0, n).includes("so");
    if (asking.has(words[n]) && !compared && words.slice(0, start).some((word) => knowing.has(word))) return [start];
  }
  return [];
}

/** Kannst du mir helfen, den Satz zu übersetzen? Es ist leicht, dir zu helfen. */
function beforeInfinitive(words, lists) {
  const [end = 0] = infinitives(words, lists);
  const starts = [...words.keys()].filter((n) => n < end && lists.beforeInfinitives.has(words[n]));
  if (!starts.length || words.includes("um")) return [];
  let place = starts.at(-1) + 1;
  while (lists.between.has(words[place]) || lists.adverbsAlone.has(words[place])) place++;
  return [place];
}

/** The places of zu before an infinitive, and of those that have it within: anzurufen. */
function infinitives(words, { withZu }) {
  return [...words.keys()].filter((n) => withZu.has(words.slice(n, n + 2).join(" ")) || withZu.has(words[n]));
}
