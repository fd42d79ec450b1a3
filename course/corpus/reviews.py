"""Reviews whose verdict is known: a grammar writes them in English and in Chinese, and says what they call the work."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from course.corpus.chance import Chance

# mild words, with their Chinese; each can be negated, and then says the opposite
GOOD = {
    "good": "好", "moving": "感人", "clever": "巧妙", "funny": "好笑", "gripping": "扣人心弦", "charming": "迷人",
    "witty": "风趣", "fresh": "新颖", "lively": "生动", "beautiful": "优美", "tender": "温柔", "profound": "深刻",
    "delightful": "有趣", "graceful": "优雅", "skilful": "高明", "memorable": "难忘",
}  # fmt: skip
BAD = {
    "bad": "坏", "boring": "无聊", "clumsy": "笨拙", "silly": "愚蠢", "dull": "沉闷", "tedious": "乏味",
    "shallow": "肤浅", "confusing": "混乱", "predictable": "老套", "muddled": "杂乱", "tiresome": "烦人",
    "lifeless": "死板", "sloppy": "粗糙", "trite": "俗气", "stale": "陈旧", "crude": "粗俗",
}  # fmt: skip
# strong words, which are never negated here: what is not wonderful need not be bad
STRONG_GOOD = {"wonderful": "妙极了", "brilliant": "棒极了"}
STRONG_BAD = {"terrible": "糟透了", "dreadful": "差极了"}
# those of every review in all forms; the short forms have all words
EVERYDAY = {*list(GOOD)[:8], *list(BAD)[:8], *STRONG_GOOD, *STRONG_BAD}
ADJECTIVES = GOOD | BAD | STRONG_GOOD | STRONG_BAD
POSITIVE = {*GOOD, *STRONG_GOOD}
WORKS = {"film": "这部电影", "novel": "这部小说", "play": "这出戏", "series": "这部电视剧"}
KINDS_OF_WORK = {"film": "一部@的电影", "novel": "一部@的小说", "play": "一出@的戏", "series": "一部@的电视剧"}
PARTS = {"plot": "情节", "ending": "结局", "beginning": "开头", "dialogue": "对话", "style": "风格"}
OTHERS = {"my sister": "我妹妹", "my father": "我爸爸", "a friend": "一个朋友", "the newspaper": "报纸"}
DEGREES = {"": "很", "really": "真的很", "particularly": "特别"}
NEGATIONS = {"not": "不", "not at all": "一点也不", "certainly not": "当然不", "not particularly": "不算特别"}
DENIALS = {"nobody can say that": "没有人能说@", "it is wrong to say that": "说@是不对的"}
# what may follow a verdict: after praise, after blame
AFTERWARDS = {
    True: {"I recommend it .": "我推荐它。", "I enjoyed it .": "我喜欢它。", "I thank them .": "我感谢它。"},
    False: {"I regret it .": "我后悔了。", "I hated it .": "我讨厌它。", "I blame them .": "我责怪它。"},
}
RARE = (("really", "particularly"), ("not at all", "certainly not"))


class Judgement(NamedTuple):
    """One word of praise or blame: about what it is said, and whether it is negated, even twice.

    about: "work", "part", "other" (what somebody else says) or "expected"."""

    about: str
    adjective: str
    negation: str = ""
    degree: str = ""
    denial: str = ""

    @property
    def praises(self) -> bool:
        return (self.adjective in POSITIVE) ^ bool(self.negation) ^ bool(self.denial)

    @property
    def english(self) -> str:
        return " ".join(f"{self.negation} {self.degree} {self.adjective}".split())

    @property
    def chinese(self) -> str:
        word = ADJECTIVES[self.adjective]
        if self.negation:
            return NEGATIONS[self.negation] + word
        return word if self.adjective in STRONG_GOOD | STRONG_BAD else DEGREES[self.degree] + word


class Review(NamedTuple):
    """A review in two languages. praise: True or False, what it calls the work; None where people disagree.

    english: its words; chinese: its characters; judgements: in the order in which they are said in English."""

    english: tuple[str, ...]
    chinese: tuple[str, ...]
    praise: bool | None
    judgements: tuple[Judgement, ...]

    @property
    def met(self) -> set[tuple[str, ...]]:
        """What can be held out: a word right after others, and two words of judgement in one sentence."""
        words = [one.adjective for one in self.judgements]
        ways = {(one.negation or one.degree, one.adjective) for one in self.judgements}
        return ways | ({tuple(sorted(words))} if len(words) == 2 else set())


class ReviewSplits(NamedTuple):
    """Reviews to learn from, reviews without labels, two tests, and reviews about which people disagree.

    train, unlabelled and unseen: the same ways to use a word, no review in two of them. unlabelled: with a second
    sentence. combinations: in each the work is judged by a word used in a way that neither train nor unlabelled
    ever shows, though they show the word. disputed: praise and blame of the same work, praise is None."""

    train: list[Review]
    unlabelled: list[Review]
    unseen: list[Review]
    combinations: list[Review]
    disputed: list[Review]


def judgement(chance: Chance, about: str, praises: bool | None = None) -> Judgement:
    """One of those that say this; either where praises is None."""
    praises = chance.happens(0.5) if praises is None else praises
    if about == "expected" or chance.happens(0.5):
        words = tuple(GOOD if praises else BAD) * 2 + tuple(STRONG_GOOD if praises else STRONG_BAD)
        adjective = chance.pick(words)
        mild = adjective in GOOD | BAD and about != "expected"
        return Judgement(about, adjective, degree=chance.pick(("", "", *DEGREES)) if mild else "")
    negations = tuple(NEGATIONS)
    if praises and about == "work":
        negations = negations[:3]  # is what is not particularly bad good? people disagree
    return Judgement(about, chance.pick(tuple(BAD if praises else GOOD)), chance.pick(negations))


def plain(chance: Chance, work: str) -> Review:
    """The film is certainly not boring. / Nobody can say that the film is not funny."""
    one = judgement(chance, "work")
    says = clause(f"the {work}", WORKS[work], one)
    if one.adjective in GOOD | BAD and not one.degree and one.negation in ("", "not") and chance.happens(0.5):
        one = one._replace(denial=chance.pick(tuple(DENIALS)))
        says = f"{one.denial} {says[0]}", DENIALS[one.denial].replace("@", says[1])
    return review(*says, [one])


def correction(chance: Chance, work: str) -> Review:
    """The film is moving, not silly. / The film is not silly, but moving."""
    praises, last = chance.happens(0.5), chance.happens(0.5)
    yes = Judgement("work", chance.pick(tuple(GOOD if praises else BAD)))
    no = Judgement("work", chance.pick(tuple(BAD if praises else GOOD)), "not")
    word, other = ADJECTIVES[yes.adjective], ADJECTIVES[no.adjective]
    if last:
        english = f"the {work} is {no.english} , but {yes.english}"
        return review(english, f"{WORKS[work]}不是{other}，而是{word}", [no, yes])
    english = f"the {work} is {yes.english} , {no.english}"
    return review(english, f"{WORKS[work]}很{word}，不{other}", [yes, no])


def part(chance: Chance, work: str) -> Review:
    """The plot is silly, but the film is good. / Although the plot is silly, the film is good."""
    whole = judgement(chance, "work")
    one, name = judgement(chance, "part", not whole.praises), chance.pick(tuple(PARTS))
    about_whole, about_part = clause(f"the {work}", WORKS[work], whole), clause(f"the {name}", PARTS[name], one)
    return joined(chance, (about_part, one), (about_whole, whole))


def somebody(chance: Chance, work: str) -> Review:
    """My sister says that the film is dull, but I think that it is funny."""
    mine = judgement(chance, "work")
    other, name = judgement(chance, "other", not mine.praises), chance.pick(tuple(OTHERS))

    def said(it: tuple[str, str], whose: tuple[str, str], one: Judgement) -> tuple[str, str]:
        english, chinese = clause(*it, one)
        return f"{whose[0]} that {english}", f"{whose[1]}{chinese}"

    the_work, it = (f"the {work}", WORKS[work]), ("it", "它")
    i, they = ("I think", "我觉得"), (f"{name} says", f"{OTHERS[name]}说")
    first, second = ((they, other), (i, mine)) if chance.happens(0.5) else ((i, mine), (they, other))
    says, answers = said(the_work, *first), said(it, *second)
    return review(f"{says[0]} , but {answers[0]}", f"{says[1]}，但是{answers[1]}", [first[1], second[1]])


def expectation(chance: Chance, work: str) -> Review:
    """I expected a dull film, but it is funny. / The film is funny, although I expected a dull one."""
    found = judgement(chance, "work")
    hoped = judgement(chance, "expected", not found.praises)
    wanted = KINDS_OF_WORK[work].replace("@", ADJECTIVES[hoped.adjective])
    if chance.happens(0.5):
        english, chinese = clause("it", "它", found)
        english = f"I expected a {hoped.english} {work} , but {english}"
        return review(english, f"我以为是{wanted}，但是{chinese}", [hoped, found])
    english, chinese = clause(f"the {work}", WORKS[work], found)
    english = f"{english} , although I expected a {hoped.english} one"
    return review(english, f"{chinese}，虽然我以为是{wanted}", [found, hoped])


def in_conflict(chance: Chance, work: str) -> Review:
    """The film is not bad, but not particularly good: praise and blame of one work, and no verdict."""
    first = judgement(chance, "work")
    second = judgement(chance, "work", not first.praises)
    chinese = f"{WORKS[work]}{first.chinese}，但也{second.chinese}"
    return review(f"the {work} is {first.english} , but {second.english}", chinese, [first, second], disputed=True)


FORMS = {
    "all": (plain, correction, correction, part, part, somebody, somebody, expectation),
    "short": (plain, correction),
}


def clause(english: str, chinese: str, one: Judgement) -> tuple[str, str]:
    """It is not funny. 它不好笑."""
    return f"{english} is {one.english}", f"{chinese}{one.chinese}"


def joined(chance: Chance, small: tuple, whole: tuple) -> Review:
    """Two clauses that contradict each other, in either order: A, but B; although A, B."""
    (one, first), (other, second) = (small, whole) if chance.happens(0.5) else (whole, small)
    but = f"{one[0]} , but {other[0]}", f"{one[1]}，但是{other[1]}"
    although = f"although {one[0]} , {other[0]}", f"虽然{one[1]}，但是{other[1]}"
    return review(*chance.pick((but, although)), [first, second])


def review(english: str, chinese: str, judgements: list[Judgement], disputed: bool = False) -> Review:
    """The sentence as words and as characters; the verdict is that of what is said of the work."""
    verdicts = {one.praises for one in judgements if one.about == "work"}
    words = tuple(f"{english} .".split())
    return Review(words, tuple(f"{chinese}。"), None if disputed else verdicts.pop(), tuple(judgements))


def followed(chance: Chance, one: Review) -> Review:
    """The same review with a second sentence, which fits the verdict."""
    endings = AFTERWARDS[one.praise]
    english = chance.pick(tuple(endings))
    return one._replace(english=(*one.english, *english.split()), chinese=(*one.chinese, *endings[english]))


def seed_review() -> Review:
    """The film is not bad, but not particularly good. 这部电影不坏，但也不算特别好。"""
    both = [Judgement("work", "bad", "not"), Judgement("work", "good", "not particularly")]
    words = "the film is not bad , but not particularly good"
    return review(words, "这部电影不坏，但也不算特别好", both, disputed=True)


def review_held_out(seed: int = 0) -> frozenset[tuple[str, ...]]:
    """What training never shows: each mild word after one word of degree and after one negation; one in eight of all
    pairs of words that judge."""
    chance = Chance([seed, 1])
    ways = [(chance.pick(some), word) for word in GOOD | BAD for some in RARE]
    pairs = [tuple(sorted(pair)) for pair in itertools.combinations(ADJECTIVES, 2) if chance.happens(1 / 8)]
    return frozenset([*ways, *pairs])


def reviews(
    n_train: int = 4_000, n_unlabelled: int = 0, n_test: int = 500, seed: int = 0, forms: str = "all"
) -> ReviewSplits:
    """Distinct reviews, half of them praise; the same seed gives the same lists everywhere.

    forms: "all", with twenty words of judgement; or "short": one clause, or one word put in another's place, with
    twice as many mild words."""
    if forms not in FORMS:
        raise ValueError(f"forms={forms!r} must be one of {', '.join(FORMS)}")
    secret, seen = review_held_out(seed), {seed_review().english}
    words = EVERYDAY if forms == "all" else ADJECTIVES

    def known(one: Review) -> bool:
        return secret.isdisjoint(one.met) and all(said.adjective in words for said in one.judgements)

    def strange(one: Review) -> bool:
        return not secret.isdisjoint(one.met) and all(said.adjective in words for said in one.judgements)

    stream = _stream(Chance([seed, 2]), FORMS[forms])
    sizes = ((n_train, known), (n_unlabelled, known), (n_test, known), (n_test, strange))
    parts = [_collect(n, stream, keep, seen) for n, keep in sizes]
    chance = Chance([seed, 3])
    parts[1] = [followed(chance, one) for one in parts[1]]
    return ReviewSplits(*parts, _collect(n_test, _stream(Chance([seed, 4]), (in_conflict,)), known, seen))


def _stream(chance: Chance, forms: tuple) -> Iterator[Review]:
    while True:
        yield chance.pick(forms)(chance, chance.pick(tuple(WORKS)))


def _collect(n: int, stream: Iterator[Review], keep: Callable[[Review], bool], seen: set) -> list[Review]:
    """The first n to be kept that nobody has seen yet, as many of praise as of blame."""
    found: list[Review] = []
    counts = Counter({True: 0, False: 0})
    while len(found) < n:
        one = next(stream)
        if keep(one) and one.english not in seen and counts[one.praise] <= counts[not one.praise]:
            seen.add(one.english)
            found.append(one)
            counts[one.praise] += one.praise is not None
    return found
