"""Right answers to the exercises of lesson 09 about words and pieces, each written in its own way."""

import heapq
import re
from collections import defaultdict
from itertools import pairwise

START = "\N{LOWER ONE EIGHTH BLOCK}"


def joined(pieces, first, second):
    out = []
    for piece in pieces:
        if out and out[-1] == first and piece == second:
            out[-1:] = [first + second, None]  # None: what was joined is not joined again
        else:
            out.append(piece)
    return [piece for piece in out if piece is not None]


def joined_by_regex(pieces, first, second):
    text = " " + "  ".join(pieces) + " "
    text = re.sub(f" {re.escape(first)}  {re.escape(second)} ", lambda _: f" {first}{second} ", text)
    return text.split()


def merges_by_loops(counts, n_merges):
    rank, words, found = {}, [[list(word), count] for word, count in counts.items()], []
    for letter in sorted({letter for word in counts for letter in word}):
        rank[letter] = len(rank)
    for _ in range(n_merges):
        pairs = {}
        for pieces, count in words:
            for at in range(1, len(pieces)):
                pair = pieces[at - 1], pieces[at]
                pairs[pair] = pairs.get(pair, 0) + count
        if not pairs:
            return found
        first, second = sorted(pairs, key=lambda pair: (pairs[pair], -rank[pair[0]], -rank[pair[1]]))[-1]
        for word in words:
            word[0] = joined(word[0], first, second)
        if first + second not in rank:
            rank[first + second] = len(rank)
        found.append((first, second))
    return found


def merges_by_a_heap(counts, n_merges):
    names, words = sorted({letter for word in counts for letter in word}), []
    number = {name: at for at, name in enumerate(names)}
    words = [([number[letter] for letter in word], count) for word, count in counts.items()]
    found = []
    while len(found) != n_merges:
        seen = defaultdict(int)
        for pieces, count in words:
            for pair in pairwise(pieces):
                seen[pair] += count
        heap = [(-count, *pair) for pair, count in seen.items()]
        heapq.heapify(heap)
        if not heap:
            break
        _, one, two = heapq.heappop(heap)
        text = names[one] + names[two]
        if text not in number:
            number[text] = len(names)
            names.append(text)
        for pieces, _ in words:
            at = 0
            while at < len(pieces) - 1:
                if pieces[at] == one and pieces[at + 1] == two:
                    pieces[at : at + 2] = [number[text]]
                at += 1
        found.append((names[one], names[two]))
    return found


def merges_with_counts_kept_up(counts, n_merges):
    """The pairs are counted once; after a merge only the words that have it are counted again."""
    words = {word: list(word) for word in counts}
    age = {letter: at for at, letter in enumerate(sorted({letter for word in words for letter in word}))}
    pairs, found = defaultdict(int), []

    def count(word, sign):
        pieces = words[word]
        for pair in pairwise(pieces):
            pairs[pair] += sign * counts[word]

    for word in words:
        count(word, 1)
    while len(found) < n_merges and any(pairs.values()):
        best = max(pairs, key=lambda pair: (pairs[pair], -age[pair[0]], -age[pair[1]]))
        for word, pieces in words.items():
            if any(pieces[at : at + 2] == list(best) for at in range(len(pieces))):
                count(word, -1)
                words[word] = joined_by_regex(pieces, *best)
                count(word, 1)
        age.setdefault(best[0] + best[1], len(age))
        found.append(best)
    return found


def encode_by_rank(words, merges):
    rank, sentence = {tuple(pair): at for at, pair in enumerate(merges)}, []
    for word in words:
        pieces = [START, *word]
        while True:
            known = [pair for pair in pairwise(pieces) if pair in rank]
            if not known:
                break
            pieces = joined_by_regex(pieces, *min(known, key=rank.get))
        sentence.extend(pieces)
    return sentence


def encode_by_loops(words, merges):
    sentence = []
    for word in words:
        pieces = list(START + word)
        for first, second in merges:
            at = 0
            while at + 1 < len(pieces):
                if (pieces[at], pieces[at + 1]) == (first, second):
                    pieces[at] = first + second
                    del pieces[at + 1]
                at += 1
        sentence += pieces
    return sentence


def encode_all_words_together(words, merges):
    pieces = list("".join(START + word for word in words))
    for first, second in merges:
        pieces = joined_by_regex(pieces, first, second)
    return pieces


def decode_piece_by_piece(pieces):
    words = [""]
    for piece in pieces:
        if piece.startswith(START):
            words.append("")
        words[-1] += piece.lstrip(START)
    return [word for word in words if word]


def decode_behind_the_first_mark(pieces):
    return "".join(pieces).split(START)[1:]


def decode_by_a_loop(pieces):
    words = []
    for piece in pieces:
        if piece.startswith(START):
            words.append(piece[1:])
        else:
            words[-1] += piece
    return words


def decode_by_blanks(pieces):
    return "".join(pieces).replace(START, " ").split()


def decode_by_regex(pieces):
    return re.findall(f"[^{START}]+", "".join(pieces))


RIGHT = {
    "byte_pair_merges": [merges_by_loops, merges_by_a_heap, merges_with_counts_kept_up],
    "bpe_encode": [encode_by_rank, encode_by_loops, encode_all_words_together],
    "bpe_decode": [
        decode_piece_by_piece, decode_behind_the_first_mark, decode_by_a_loop, decode_by_blanks, decode_by_regex,
    ],
}  # fmt: skip
