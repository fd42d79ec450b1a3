// Pieces: the words of a sentence as the numbers that a model reads, and back.
//
// What course/tokenizer.py does: byte-pair encoding  (Sennrich et al. 2016).

export const START = "\u2581"; // marks where a word begins
const UNKNOWN = 3; // <unk>; <pad>, <bos> and <eos> come before it

/** saved: {merges: [[a, b]], pieces, words}, as the course saves a tokenizer -> the tokenizer. */
export function readTokenizer({ merges, pieces, words }) {
  const halves = new Map([...merges].reverse().map(([a, b]) => [a + b, [a, b]])); // as it was made first
  const numbers = new Map(pieces.map((piece, number) => [piece, number]));
  return { merges, pieces, words: new Set(words), halves, numbers };
}

/** The numbers of a sentence's pieces; a letter that the training text did not have is <unk>. */
export function encode(tokenizer, words) {
  return words.flatMap((word) => split(word, tokenizer.merges).flatMap((piece) => numbersOf(tokenizer, piece)));
}

/** A word's pieces: its start mark and letters, then each merge in its turn. */
function split(word, merges) {
  let pieces = Array.from(START + word);
  for (const [a, b] of merges) {
    const merged = [];
    for (let i = 0; i < pieces.length; i++) {
      const isPair = pieces[i] === a && pieces[i + 1] === b;
      merged.push(isPair ? a + b : pieces[i]);
      if (isPair) i++;
    }
    pieces = merged;
  }
  return pieces;
}

/** The number of a piece, or those of the parts that merging made it of. */
function numbersOf(tokenizer, piece) {
  if (tokenizer.numbers.has(piece)) return [tokenizer.numbers.get(piece)];
  const halves = tokenizer.halves.get(piece);
  return halves ? halves.flatMap((half) => numbersOf(tokenizer, half)) : [UNKNOWN];
}

/** The words of some numbers; <pad>, <bos> and <eos> are left out. */
export function decodeWords(tokenizer, ids) {
  const written = ids.filter((id) => id >= UNKNOWN);
  const pieces = written.map((id) => (id === UNKNOWN ? START : "") + tokenizer.pieces[id]);
  return pieces.join("").split(START).filter(Boolean);
}
