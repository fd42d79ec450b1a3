// Words: what is typed becomes the numbers that the model reads; the numbers that it writes, a text.

import { mend } from "./mending.js";
import { decodeWords, encode, readTokenizer } from "./pieces.js";
import { spellings } from "./spelling.js";
import { SPACE, detokenize } from "./text.js";

const MOST_PIECES = 256; // of a sentence: what is longer is no sentence, and would hold the browser up

/** What the page's data says of words: both tokenizers, what mending needs, and whether the words
 *  are letters. */
export function readWords({ german, english, mending, letters = false }) {
  const [source, target] = [german, english].map(readTokenizer);
  const sets = (lists) => Object.fromEntries(Object.entries(lists).map(([name, words]) => [name, new Set(words)]));
  const tables = {
    ...mending,
    lists: sets(mending.lists),
    small: new Set(mending.small),
    english: new Set(mending.english),
    spoken: new Map(Object.entries(mending.spoken)),
    germanOf: new Map(Object.entries(mending.germanOf)),
  };
  const known = source.words;
  const forMending = { known, byLetters: spellings(known), tables };
  return { letters, german: source, english: target, mending: forMending };
}

/** A typed text -> {sentences: [{text, words, pieces, ids}], changes: [said], unknown, note}
 *
 *  Each sentence is mended as course.corpus.mend does it; unknown: {word: those that may have been
 *  meant}; note: a sentence to be shown where something, or nothing, can be translated. */
export function encodeText(model, text) {
  const typed = String(text);
  const read = model.letters ? spelled(model, typed) : mend(typed, model.mending);
  const { sentences, changes, unknown, note } = read;
  const encoded = sentences.map((words) => {
    const ids = encode(model.german, words);
    return { text: together(model, words), words, ids, pieces: ids.map((id) => model.german.pieces[id]) };
  });
  const most = mostPieces(model.config);
  const tooLong = encoded.filter(({ ids }) => ids.length > most).map(
    ({ ids }) => `A sentence of ${ids.length} pieces is too long: here at most ${most} are read.`,
  );
  const notes = [note, ...tooLong].filter(Boolean).join(" ");
  return { sentences: encoded.filter(({ ids }) => ids.length <= most), changes, unknown, note: notes };
}

/** Of a model whose words are letters: each typed word is a sentence, and nothing is mended. */
function spelled({ german }, text) {
  const words = text.toLowerCase().split(new RegExp(`[${SPACE}]+`, "u")).filter(Boolean);
  const sentences = words.map((word) => Array.from(word));
  const isKnown = (letters) => letters.every((letter) => german.words.has(letter));
  const others = sentences.filter((letters) => !isKnown(letters)).map((letters) => letters.join(""));
  const asks = `Type a word of these letters: ${[...german.words].sort().join("")}.`;
  const refused = others.length > 0 ? `${asks} Not read: ${others.join(" ")}.` : "";
  const note = words.length > 0 ? refused : asks;
  return { sentences: sentences.filter(isKnown), changes: [], unknown: {}, note };
}

function together({ letters }, words) {
  return letters ? words.join("") : detokenize(words);
}

/** So many as can be read: a learned table of positions ends somewhere. */
function mostPieces({ positions, max_length }) {
  return positions === "learned" ? Math.min(MOST_PIECES, max_length) : MOST_PIECES;
}

/** The words that the model has written in these numbers. */
export function wordsOf(model, ids) {
  return decodeWords(model.english, Array.from(ids));
}

/** The same as a sentence. */
export function decode(model, ids) {
  return together(model, wordsOf(model, ids));
}
