"""Signs: the full stop, question mark or comma that a German sentence needs and its writer left out."""

from __future__ import annotations

from functools import cache

from course.corpus.everyday_words import SPEECH, adverbials
from course.corpus.lexicon import BARE
from course.corpus.morphology import HABEN, MODALS, SEIN, WAR, WIRD, WURDE


def word_set(text: str) -> frozenset[str]:
    """The words of a list, as a set."""
    return frozenset(text.split())


ASKING = word_set(
    "wer was wen wem wessen wo wohin woher wann warum wieso weshalb wie welche welcher welches welchen welchem"
)
PREPOSITIONS = word_set("auf an mit von für um aus zu bei seit bis")
SUBJECTS = word_set("ich du er sie es wir ihr Sie man")
LEADING = word_set("und aber oder denn also ja nein ach hallo")  # what may stand before the question itself
OPENING = word_set("dass weil wenn ob obwohl")  # a comma stands before them
CLINGING_BEFORE = word_set("und oder aber auch nur selbst sogar als außer")  # "und weil": none between
RELATIVE = word_set("der die das den dem denen")
MORE_FINITE = word_set("gibt gab regnet schneit hatte hattest hatten hattet habt seid wart möchte möchtest")
# "wo ..." follows them
KNOWING = word_set(
    "weiß weißt wissen wisst gewusst frage fragst fragt fragen frag verstehe verstehst versteht verstehen vergessen "
    "sag sagt sagen"
)
GOVERNING = word_set("helfen versuchen hoffen vergessen")  # an infinitive with zu follows them
ADVERBS_ALONE = frozenset(adverb.german[0] for adverb in adverbials() if len(adverb.german) == 1)
BETWEEN = word_set("nicht mir dir ihm ihr ihnen uns euch Ihnen")  # what may stand between these and it
Words = list[str]


def final_sign(words: Words) -> str:
    """? after a question word or a verb that comes first, ! after a command, else a full stop."""
    main = main_part(words)
    first, second = [*main, "", ""][:2]
    if first in ASKING or (first in PREPOSITIONS and second in ASKING):
        return "?"
    if is_command(main[1:] if first == "bitte" else main):
        return "!"
    asks = first in finite_verbs() or (second in SUBJECTS and is_verb_like(first))
    return "?" if second and asks else "."


def main_part(words: Words) -> Words:
    """Without what leads to it: und, a greeting or a name before a comma."""
    if "," in words and not finite_verbs() & set(words[: words.index(",")]):
        words = words[words.index(",") + 1 :]
    while len(words) > 1 and words[0] in LEADING:
        words = words[1:]
    return words


def is_command(words: Words) -> bool:
    """It begins with an imperative, or asks for something with bitte; but "arbeite ich" asks."""
    first, second = [*words, "", ""][:2]
    polite = "bitte" in words and second == "Sie" and first not in auxiliaries()
    return polite or (first in {verb.imperative for verb in SPEECH.values()} and second != "ich")


def is_verb_like(word: str) -> bool:
    """A word before a pronoun: wrote one no verb there, it would be one of these, or a capital."""
    return word[:1].islower() and word not in OPENING | RELATIVE | SUBJECTS | {"als", "bitte", "um", "danke"}


@cache
def finite_verbs() -> frozenset[str]:
    """Forms that agree with a subject; some of them look like infinitives."""
    forms = {form for verb in SPEECH.values() for form in verb.present.values()}
    forms |= {verb.prefix + form for verb in SPEECH.values() for form in verb.present.values()}
    return frozenset(forms | auxiliaries() | MORE_FINITE) - {"danke"}  # danke schön asks nothing


@cache
def auxiliaries() -> frozenset[str]:
    """Forms of haben, sein, werden and the modals."""
    forms = {form for table in (SEIN, WAR, HABEN, WIRD, WURDE) for form in table.values()}
    return frozenset(forms | {form for modal, *_ in MODALS.values() for form in modal})


@cache
def surely_finite() -> frozenset[str]:
    """Those that are neither an infinitive nor a participle."""
    others = {verb.prefix + verb.infinitive for verb in SPEECH.values()} | {verb.infinitive for verb in SPEECH.values()}
    return finite_verbs() - others - {verb.participle for verb in SPEECH.values()}


def missing_commas(words: Words) -> list[int]:
    """The places of the words before which a comma is missing, in order."""
    places = {n for n, word in enumerate(words) if _opens(words, n, word)}
    if "," not in words:
        places |= _after_first_clause(words) if words[0] in OPENING else _around_relative(words)
        places |= _before_question(words) or _before_infinitive(words)
    return sorted(n for n in places if 0 < n < len(words) and is_word(words[n - 1]))


def is_word(token: str) -> bool:
    """It has a letter or a digit, unlike a sign."""
    return any(map(str.isalnum, token))


def _opens(words: Words, n: int, word: str) -> bool:
    before, after = words[:n], words[n + 1 :]
    if not before or before[-1] in CLINGING_BEFORE:
        return False
    if word == "um":
        return bool(infinitives(after))
    both = surely_finite() & set(before) and surely_finite() & set(after)
    return word in OPENING or (word in ("aber", "denn") and bool(both))


def _after_first_clause(words: Words) -> set[int]:
    """Wenn es regnet, schläft die Katze: between the two verbs. But lesen kann, gelesen hat are one."""
    found = set()
    for n in range(2, len(words) - 1):
        one = words[n - 1] not in surely_finite() and words[n] in auxiliaries()
        if words[n - 1] in finite_verbs() and words[n] in surely_finite() and not one:
            found = {n}
    return found


def _around_relative(words: Words) -> set[int]:
    """Ich sehe den Hund, der schläft. Der Hund, der schläft, ist müde."""
    sure = surely_finite()
    starts = [n for n in range(1, len(words)) if words[n] in RELATIVE and words[n - 1][:1].isupper()]
    for start in [] if OPENING & set(words) else starts:
        ends = [n for n in range(start + 1, len(words)) if words[n] in sure]
        main = any(word in finite_verbs() for word in words[:start])
        if main and ends == [len(words) - 1]:
            return {start}
        if not main and ends[1:2] == [ends[0] + 1] if ends else False:
            return {start, ends[1]}
    return set()


def _before_question(words: Words) -> set[int]:
    """Ich weiß nicht, wo er ist. Kannst du mir sagen, auf wen er wartet?"""
    for n in range(2, len(words)):
        start = n - (words[n] in ("wem", "wen") and words[n - 1] in PREPOSITIONS)
        compared = words[n] == "wie" and "so" in words[:n]
        if words[n] in ASKING and not compared and not KNOWING.isdisjoint(words[:start]):
            return {start}
    return set()


def _before_infinitive(words: Words) -> set[int]:
    """Kannst du mir helfen, den Satz zu übersetzen? Es ist leicht, dir zu helfen."""
    ends = infinitives(words)
    starts = [n for n in range(ends[0] if ends else 0) if words[n] in before_infinitives()]
    if not starts or "um" in words:
        return set()
    place = starts[-1] + 1
    while words[place] in BETWEEN or words[place] in ADVERBS_ALONE:
        place += 1
    return {place}


@cache
def before_infinitives() -> frozenset[str]:
    """The verbs that govern one, in all their forms, and adjectives: es ist leicht."""
    verbs = [verb for verb in SPEECH.values() if verb.infinitive in GOVERNING]
    forms = {form for verb in verbs for form in (*verb.present.values(), verb.participle, verb.imperative)}
    return frozenset(forms | set(BARE.values()))


def infinitives(words: Words) -> list[int]:
    """The places of zu before an infinitive, and of those that have it within: anzurufen."""
    places = range(len(words))
    return [n for n in places if tuple(words[n : n + 2]) in with_zu() or tuple(words[n : n + 1]) in with_zu()]


@cache
def with_zu() -> frozenset[tuple[str, ...]]:
    """The infinitives with zu, in words."""
    return frozenset(tuple(map(str, verb.zu)) for verb in SPEECH.values())
