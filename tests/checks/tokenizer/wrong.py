"""Wrong answers to the exercises of lesson 09 about words and pieces, each a known mistake written independently."""

from collections import Counter
from itertools import pairwise

START = "\N{LOWER ONE EIGHTH BLOCK}"


def joined(pieces, pair):
    out, at = [], 0
    while at < len(pieces):
        if at + 1 < len(pieces) and (pieces[at], pieces[at + 1]) == tuple(pair):
            out.append(pieces[at] + pieces[at + 1])
            at += 2
        else:
            out.append(pieces[at])
            at += 1
    return out


def counted(words):
    pairs = Counter()
    for pieces, count in words:
        for one, two in pairwise(pieces):
            pairs[one, two] += count
    return pairs


def trained(counts, n_merges, pairs_of=counted, choose=None, join=joined, weight=None):
    """Byte-pair merges with one part exchanged."""
    words = [(list(word), weight or count) for word, count in counts.items()]
    age, found = {letter: at for at, letter in enumerate(sorted(set("".join(counts))))}, []
    choose = choose or (lambda pairs, age: min(pairs, key=lambda pair: (-pairs[pair], age[pair[0]], age[pair[1]])))
    while len(found) < n_merges:
        pairs = pairs_of(words)
        if not pairs:
            break
        best = choose(pairs, age)
        words = [(join(pieces, best), count) for pieces, count in words]
        age.setdefault("".join(best), len(age))
        found.append(best)
    return found


def merges_of_types(counts, n_merges):
    return trained(counts, n_merges, weight=1)


def merges_by_most_common(counts, n_merges):
    return trained(counts, n_merges, choose=lambda pairs, age: pairs.most_common(1)[0][0])


def merges_by_max_of_frequency_and_pair(counts, n_merges):
    return trained(counts, n_merges, choose=lambda pairs, age: max((count, pair) for pair, count in pairs.items())[1])


def merges_in_alphabetical_order(counts, n_merges):
    return trained(
        counts, n_merges, choose=lambda pairs, age: sorted((-count, pair) for pair, count in pairs.items())[0][1]
    )


def merges_never_joined(counts, n_merges):
    return trained(counts, n_merges, join=lambda pieces, pair: pieces)


def merges_by_replacing(counts, n_merges):
    def replace(pieces, pair):
        return " ".join(pieces).replace(f"{pair[0]} {pair[1]}", pair[0] + pair[1]).split(" ")

    return trained(counts, n_merges, join=replace)


def merges_of_neighbours_that_do_not_overlap(counts, n_merges):
    def pairs_of(words):
        pairs = Counter()
        for pieces, count in words:
            at = 0
            for run, pair in [(pieces[at : at + 2], tuple(pieces[at : at + 2])) for at in range(len(pieces) - 1)]:
                if pair[0] != pair[1]:
                    pairs[pair] += count
                at += len(run)
            for piece in set(pieces):
                longest = at = 0
                while at < len(pieces):
                    longest = longest + 1 if pieces[at] == piece else 0
                    if longest == 2:
                        pairs[piece, piece] += count
                        longest = 0
                    at += 1
        return pairs

    return trained(counts, n_merges, pairs_of=pairs_of)


def merges_with_an_end_mark(counts, n_merges):
    words = {(*word, "</w>"): count for word, count in counts.items()}
    age, found = {piece: at for at, piece in enumerate(sorted({piece for word in words for piece in word}))}, []
    while len(found) < n_merges and (pairs := counted([(list(word), count) for word, count in words.items()])):
        best = min(pairs, key=lambda pair: (-pairs[pair], age[pair[0]], age[pair[1]]))
        words = {tuple(joined(word, best)): count for word, count in words.items()}
        age.setdefault(best[0] + best[1], len(age))
        found.append(best)
    return found


def merges_across_words(counts, n_merges):
    def pairs_of(words):
        text = []
        for pieces, count in words:
            for _ in range(count):
                text.extend(pieces)
        return Counter(pairwise(text))

    return trained(counts, n_merges, pairs_of=pairs_of)


def encoded(words, merges, begin=START, end=""):
    sentence = []
    for word in words:
        pieces = list(begin + word + end)
        for pair in merges:
            pieces = joined(pieces, pair)
        sentence.extend(pieces)
    return sentence


def encode_without_mark(words, merges):
    return encoded(words, merges, begin="")


def encode_with_mark_behind(words, merges):
    return encoded(words, merges, begin="", end=START)


def encode_backwards(words, merges):
    return encoded(words, list(merges)[::-1])


def encode_longest_first(words, merges):
    known, sentence = {"".join(pair) for pair in merges}, []
    for word in words:
        rest = START + word
        while rest:
            size = max([n for n in range(2, len(rest) + 1) if rest[:n] in known], default=1)
            sentence.append(rest[:size])
            rest = rest[size:]
    return sentence


def encode_the_whole_sentence(words, merges):
    return encoded(["".join(words)], merges)


def encode_nested(words, merges):
    return [encoded([word], merges) for word in words]


def decode_with_an_empty_word(pieces):
    return "".join(pieces).split(START)


def decode_to_a_text(pieces):
    return " ".join("".join(pieces).split(START)).strip()


def decode_to_one_word(pieces):
    return ["".join(piece.strip(START) for piece in pieces)]


def decode_with_blanks_inside(pieces):
    words = [word.strip() for word in " ".join(pieces).split(START)]
    return [word for word in words if word]


def decode_each_piece(pieces):
    return [piece.replace(START, "") for piece in pieces if piece != START]


WRONG = {
    "byte_pair_merges": {
        "words counted once": merges_of_types,
        "ties go to the pair met first": merges_by_most_common,
        "ties to the end of the alphabet": merges_by_max_of_frequency_and_pair,
        "ties in alphabetical order": merges_in_alphabetical_order,
        "pieces never joined": merges_never_joined,
        "joined by str.replace": merges_by_replacing,
        "pairs across words": merges_across_words,
        "pairs that overlap counted once": merges_of_neighbours_that_do_not_overlap,
        "an end mark put on": merges_with_an_end_mark,
    },
    "bpe_encode": {
        "no mark": encode_without_mark,
        "mark at the end": encode_with_mark_behind,
        "merges backwards": encode_backwards,
        "the longest piece first": encode_longest_first,
        "a list for each word": encode_nested,
        "merged over the words": encode_the_whole_sentence,
    },
    "bpe_decode": {
        "empty words kept": decode_with_an_empty_word,
        "one text": decode_to_a_text,
        "one word": decode_to_one_word,
        "each piece a word": decode_each_piece,
        "pieces joined with blanks": decode_with_blanks_inside,
    },
}
