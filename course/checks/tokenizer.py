"""The exercises of lesson 09 about words and their pieces: laws, and the mistakes that people make."""

from __future__ import annotations

from course import tokenizer
from course.checks import tokenizer_cases as given
from course.checks.exercise import Exercise, Law, Mistake

COUNT = """        for word, pieces in words.items():
            for pair in pairwise(pieces):
                frequency[pair] += counts[word]
"""
BEST = "best = min(frequency, key=lambda pair: (-frequency[pair], age[pair[0]], age[pair[1]]))"
JOIN = "        words = {word: merge_pair(pieces, best) for word, pieces in words.items()}\n"
FIRST = "[*{0}[:{1}], ''.join({0}[{1} : {1} + 2]), *{0}[{1} + 2 :]]"  # the pieces with the two at that place joined

byte_pair_merges = Exercise(
    reference=tokenizer.byte_pair_merges,
    see="lesson 09, 'Words as pieces'",
    cases=given.merge_cases,
    laws=(
        Law("the order in which the words are given does not matter",
            lambda case, out, other: out.keys() == other.keys() and all((out[part] == other[part]).all() for part in out)
            if isinstance(out, dict) else len(out) == len(other) == 0, given.reversed_order),
    ),
    mistakes=(
        Mistake("words counted once", (("+= counts[word]", "+= 1"),),
                "each word of the dictionary counts once; a pair in a word that occurs a hundred times has been seen a hundred times."),
        Mistake("a pair counted once a word", (("for pair in pairwise(pieces):", "for pair in dict.fromkeys(pairwise(pieces)):"),),
                "a pair that stands twice in a word, as a-n in banana, counts only once there."),
        Mistake("pairs across words", ((COUNT, "        frequency.update(pairwise(piece for word, pieces in words.items() for piece in pieces * counts[word]))\n"),),
                "the last piece of a word and the first of the next count as a pair; pieces are joined inside a word alone."),
        Mistake("pieces never joined", ((JOIN, ""),), "the words are not changed by the merge, so the same pair wins again and again."),
        Mistake("counted once for all", ((BEST, BEST.replace("best = min", "return sorted") + "[:n_merges]\n        " + BEST),),
                "the most frequent pairs of the beginning are taken all at once; after each merge the pieces are others and must be counted anew."),
        Mistake("old counts kept", (("    while len(merges) < n_merges:\n        frequency: Counter[tuple[str, str]] = Counter()\n",
                                     "    frequency: Counter[tuple[str, str]] = Counter()\n    while len(merges) < n_merges:\n"),),
                "the counts of earlier rounds are still in the sum: begin each round with an empty count."),
        Mistake("ties go to the pair met first", ((BEST, "best = min(frequency, key=lambda pair: -frequency[pair])"),),
                "of equally frequent pairs the one that was met first wins, so the result hangs on the order of the words; the older pieces must win."),
        Mistake("ties in alphabetical order", ((BEST, "best = min(frequency, key=lambda pair: (-frequency[pair], pair))"),),
                "ties are decided by the alphabet alone; a joined piece is younger than every letter, whatever it begins with."),
        Mistake("ties to the end of the alphabet", ((BEST, "best = max(frequency, key=lambda pair: (frequency[pair], pair))"),),
                "of equally frequent pairs the last of the alphabet wins, as max over (frequency, pair) does; the older pieces must win."),
        Mistake("ties to the younger", ((BEST, "best = min(frequency, key=lambda pair: (-frequency[pair], -age[pair[0]], -age[pair[1]]))"),),
                "of equally frequent pairs the one with the younger pieces wins; it is the older that must."),
        Mistake("ages of the joined pieces forgotten", (("        age.setdefault(\"\".join(best), len(age))\n", "        age[\"\".join(best)] = -1\n"),),
                "a joined piece counts as older than the letters; it is as old as the merge that made it."),
        Mistake("the rarest pair", (("-frequency[pair]", "frequency[pair]"),), "the rarest pair is joined; it is the most frequent one that saves most."),
        Mistake("one too many", (("len(merges) < n_merges", "len(merges) <= n_merges"),), "one merge more than n_merges comes out."),
        Mistake("one too few", (("len(merges) < n_merges", "len(merges) < n_merges - 1"),), "one merge is missing."),
        Mistake("stops at pairs seen once", (("        if not frequency:", "        if not frequency or max(frequency.values()) < 2:"),),
                "it stops when every pair is seen only once; n_merges alone says when to stop, or that no pair is left."),
        Mistake("no end", (("        if not frequency:\n            break  # every word is one piece\n", ""),),
                "when every word is one piece there is no pair left to choose from; end the loop then."),
        Mistake("only the first in a word", (("merge_pair(pieces, best) for", f"{FIRST.format('pieces', '[*pairwise(pieces)].index(best)')} if best in pairwise(pieces) else pieces for"),),
                "in each word only the first of the pairs is joined; b-an-an-a has two."),
        Mistake("joined by str.replace", (("merge_pair(pieces, best) for", "\" \".join(pieces).replace(\" \".join(best), \"\".join(best)).split() for"),),
                "replacing in a text of pieces and blanks also meets the end of a longer piece: 'ba n' contains 'a n'; compare whole pieces."),
        Mistake("the joined piece alone", (("merges.append(best)", "merges.append(\"\".join(best))"),),
                "the joined piece comes out instead of the pair; where it was joined could no longer be told."),
    ),
)  # fmt: skip


MERGE = "        for pair in merges:\n            parts = merge_pair(parts, pair)\n"
LONGEST = """        text, known, parts = START + word, {first + second for first, second in merges}, []
        while text:
            parts.append(next((text[:n] for n in range(len(text), 1, -1) if text[:n] in known), text[0]))
            text = text[len(parts[-1]) :]
"""


def put_together(case: given.Case, out: object, _: object) -> bool:
    return given.glued("".join(out)) == "".join(case["words"])


bpe_encode = Exercise(
    reference=tokenizer.bpe_encode,
    see="lesson 09, 'There and back'",
    cases=given.encode_cases,
    laws=(Law("the pieces put together are the words", put_together),),
    mistakes=(
        Mistake("no mark", (("list(START + word)", "list(word)"),), "the start marks are missing; nobody can then tell where a word begins."),
        Mistake("mark at the end", (("list(START + word)", "list(word + START)"),), "the mark stands behind the word; it marks where one begins."),
        Mistake("one mark for the sentence", (("list(START + word)", "list(word if pieces else START + word)"),),
                "only the first word has its mark; every word begins with one."),
        Mistake("mark put on at the end", (("list(START + word)", "list(word)"), ("pieces += parts", "pieces += [START, *parts]")),
                "the mark is put in front when all merges are done, so the merges that join it to the first letters cannot work."),
        Mistake("merges backwards", (("in merges:", "in reversed(merges):"),), "the merges are done from the last to the first; each builds on those before it."),
        Mistake("the longest piece first", ((MERGE, LONGEST),),
                "each time the longest known piece is taken from the left; the merges in their order can cut a word in another way."),
        Mistake("only the first in a word", ((MERGE, MERGE.replace("parts = merge_pair(parts, pair)", f"parts = {FIRST.format('parts', '[*pairwise(parts)].index(pair)')} if pair in pairwise(parts) else parts")),),
                "each merge joins only the first such pair in a word; it must join every one."),
        Mistake("stops after one merge", ((MERGE, MERGE + "            if len(parts) <= len(word):\n                break\n"),),
                "it stops as soon as one merge has joined something; the later merges go on from there."),
        Mistake("a list for each word", (("pieces += parts", "pieces.append(parts)"),), "each word is a list of its own; asked for is one list of pieces, the marks keep the words apart."),
        Mistake("each word once", (("for word in words:", "for word in sorted(set(words)):"),), "the words come out sorted and each once; a sentence keeps its order."),
        Mistake("letters only", ((MERGE, ""),), "no merge is done: every piece is a single character."),
        Mistake("joined from the right", ((MERGE, MERGE.replace("merge_pair(parts, pair)", "[piece[::-1] for piece in merge_pair([p[::-1] for p in parts[::-1]], (pair[1][::-1], pair[0][::-1]))][::-1]")),),
                "the pairs are joined from the right end; of three equal letters the first two belong together."),
    ),
)  # fmt: skip


SPLIT = "[word for word in \"\".join(pieces).split(START) if word]"

bpe_decode = Exercise(
    reference=tokenizer.bpe_decode,
    see="lesson 09, 'There and back'",
    cases=given.decode_cases,
    mistakes=(
        Mistake("marks left in", ((SPLIT, "[START + word for word in \"\".join(pieces).split(START) if word]"),), "the start marks are still in the words."),
        Mistake("empty words kept", ((SPLIT, "\"\".join(pieces).split(START)"),),
                "in front of the first mark there is nothing, and split gives that as an empty word."),
        Mistake("the first word thrown away", ((SPLIT, "\"\".join(pieces).split(START)[1:]"),),
                "whatever stands in front of the first mark is thrown away; a model may forget the mark, and then a word is lost."),
        Mistake("each piece a word", ((SPLIT, "[word for word in \" \".join(pieces).replace(START, \"\").split(\" \") if word]"),),
                "every piece comes out as a word; pieces belong together until the next mark."),
        Mistake("one word", ((SPLIT, "[\"\".join(pieces).replace(START, \"\")]"),), "everything is glued to one word: a mark says that a new one begins."),
        Mistake("one text", ((SPLIT, "\"\".join(pieces).replace(START, \" \").strip()"),), "a text with blanks comes out; asked for is the list of its words."),
        Mistake("blanks in the words", ((SPLIT, "[\" \" + word for word in \"\".join(pieces).split(START) if word]"),), "the words begin with a blank."),
        Mistake("only marks that stand alone", ((SPLIT, "[word for word in \"|\".join(pieces).replace(START + \"|\", START + START).replace(\"|\", \"\").split(START + START) if word]"),),
                "a word seems to begin only where the mark is a piece by itself; most often it is joined to the first letters."),
        Mistake("only pieces with a mark", ((SPLIT, "[piece[1:] for piece in pieces if piece.startswith(START) and len(piece) > 1]"),),
                "only the pieces that begin with a mark are kept, and the rest of each word is lost."),
    ),
)  # fmt: skip
