// Spelling: a typed word as the translator knows it, or the words that may have been meant.
//
// What course/corpus/spelling.py does.

const TWO_LETTERS = { "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss" }; // as on a keyboard without umlauts
const NO_DOTS = { "ä": "a", "ö": "o", "ü": "u", "ß": "ss" };
const SHORT = 5; // letters: a word up to this length has one slip at most, and not in its first letter
const N_SUGGESTIONS = 3;

/** text with some letters written as others. */
function written(text, letters) {
  return Array.from(text, (letter) => letters[letter] ?? letter).join("");
}

/** Three tables of the known words: by their letters without capitals, by these in two letters an
 *  umlaut, and by these without dots. */
export function spellings(known) {
  return [{}, TWO_LETTERS, NO_DOTS].map((letters) => {
    const table = new Map();
    for (const word of known) {
      const key = written(word.toLowerCase(), letters);
      table.set(key, [...(table.get(key) ?? []), word]);
    }
    return table;
  });
}

/** The known words that differ from the typed one in capitals alone; failing such, also in ae, oe,
 *  ue, ss; failing such, in dots that were not typed. */
export function spelt(word, [byLetters, byTwo, byBare]) {
  const small = word.toLowerCase();
  let found = byLetters.get(small) ?? byTwo.get(written(small, TWO_LETTERS));
  if (!found && small === written(small, NO_DOTS)) found = byBare.get(small);
  const once = new Map([...(found ?? [])].sort().map((one) => [one.toLowerCase(), one])); // of Sie and sie the latter
  return [...once.values()];
}

/** The known words that are a slip or two away from the typed one, the nearest first. */
export function meant(word, known) {
  const bare = bareOf(word);
  const most = bare.length <= SHORT ? 1 : 2;
  const found = [];
  for (const other of bare.every(isLetter) && bare.length > 1 ? known : []) {
    const candidate = bareOf(other);
    if (!candidate.length || !candidate.every(isLetter) || Math.abs(candidate.length - bare.length) > most) continue;
    if (bare.length <= SHORT && candidate[0] !== bare[0]) continue;
    const slips = distance(bare, candidate);
    if (slips <= most) found.push([slips, -sameStart(bare, candidate), candidate.join(""), other]);
  }
  found.sort(inOrder);
  return [...new Set(found.map(([, , , other]) => other))].slice(0, N_SUGGESTIONS);
}

function bareOf(word) {
  return Array.from(written(word.toLowerCase(), NO_DOTS));
}

function isLetter(letter) {
  return /\p{L}/u.test(letter);
}

/** Lists compared by their first difference, as Python compares tuples. */
function inOrder(one, other) {
  const at = one.findIndex((value, i) => value !== other[i]);
  if (at < 0) return 0;
  return one[at] < other[at] ? -1 : 1;
}

function sameStart(one, other) {
  const shorter = Math.min(one.length, other.length);
  for (let n = 0; n < shorter; n++) if (one[n] !== other[n]) return n;
  return shorter;
}

/** How many slips lead from one to the other: a letter more, less, another, or two that have
 *  changed places; no letter is touched twice. */
export function distance(one, other) {
  const rows = [Array.from({ length: other.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= one.length; i++) {
    const above = rows[i - 1];
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      row.push(Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1)));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
      }
    }
    rows.push(row);
  }
  return rows[one.length][other.length];
}
