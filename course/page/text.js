// Sentences as text and as words: tokenize takes apart what detokenize puts together.
//
// What course/corpus/text.py does, to the letter. JavaScript's \w and \s are others than Python's,
// so they are said in full.

const CHARACTER = "\\u2e80-\\u2fff\\u3001-\\u9fff\\uf900-\\ufaff\\uff00-\\uffef"; // Chinese and Japanese
export const WORDLIKE = "\\p{L}\\p{N}_"; // Python's \w
export const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"; // its \s
const LETTERS = `(?:(?![${CHARACTER}])[\\p{L}\\p{Nl}\\p{No}])+`;
const APART = `'s(?![${WORDLIKE}])`; // the English 's
const WORD = new RegExp(
  `[${CHARACTER}]|${APART}|${LETTERS}(?:[-'](?!s(?![${WORDLIKE}]))${LETTERS})*|\\p{Nd}+(?:[.,]\\p{Nd}+)*` +
    `|[^${WORDLIKE}${SPACE}]|_`,
  "gu",
);
const ENDS = new Set([".", "?", "!"]);
const CLINGING = new Set([".", ",", "?", "!", ":", ";", ")", "'s"]);
const BETWEEN_CHARACTERS = new RegExp(`(?<=[${CHARACTER}]) (?=[${CHARACTER}])`, "gu");
const OUTER_SPACE = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "gu");

/** The words and signs of a text. small: the words that lose their capital where a sentence begins. */
export function tokenize(text, small) {
  const words = text.replaceAll("\u2019", "'").match(WORD) ?? [];
  words.forEach((word, place) => {
    const begins = place === 0 || ENDS.has(words[place - 1]);
    if (begins && word !== "I" && small.has(word.toLowerCase())) words[place] = word.toLowerCase();
  });
  return words;
}

/** The words as a sentence: no blank before a sign, a capital at the start and after its end. */
export function detokenize(words) {
  const shown = words.map((word, place) => (place && ENDS.has(words[place - 1]) ? withCapital(word) : word));
  const text = strip(shown.map((word) => (CLINGING.has(word) ? word : ` ${word}`)).join(""));
  return withCapital(text.replace(BETWEEN_CHARACTERS, ""));
}

/** The first letter large. */
export function withCapital(text) {
  const [first = ""] = text;
  return first.toUpperCase() + text.slice(first.length);
}

/** The first letter large and nothing else, at the beginning of every part that has letters. */
export function isTitle(word) {
  let [inside, found] = [false, false];
  for (const letter of word) {
    const isLarge = /[\p{Uppercase}\p{Lt}]/u.test(letter);
    const isSmall = /\p{Lowercase}/u.test(letter);
    if ((isLarge && inside) || (isSmall && !inside)) return false;
    inside = isLarge || isSmall;
    found ||= inside;
  }
  return found;
}

/** Without the blanks around it. */
export function strip(text) {
  return text.replace(OUTER_SPACE, "");
}

/** It has a letter or a digit, unlike a sign. */
export function isWord(token) {
  return /[\p{L}\p{N}]/u.test(token);
}
