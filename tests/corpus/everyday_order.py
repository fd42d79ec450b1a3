"""Where the verb of an everyday sentence stands and with whom it agrees; written from the language, not the grammar."""

from __future__ import annotations

from collections.abc import Sequence

from tests.corpus import words as listed
from tests.corpus.german_order import ALONE, INFINITIVES, is_zu
from tests.corpus.german_rules import (
    ADJECTIVES,
    ENDINGS,
    NUMBERS,
    PARTICIPLES,
    PARTICIPLES_WITH_SEIN,
    determiner,
    noun_readings,
    persons,
)
from tests.corpus.tag_rules import COMMANDS, OTHER_VERBS

SUBORDINATORS = {"weil", "obwohl", "wenn", "dass", "ob"}
PRONOUNS = set(listed("""
    ich du er sie es wir ihr Sie das mich dich ihn uns euch mir dir ihm ihnen Ihnen jemand niemand jemanden niemanden
    jemandem niemandem alles nichts etwas wer was wen wem
"""))  # fmt: skip
ADVERBS = set(listed("gestern heute morgen bald jetzt manchmal hier dort da draußen leider vielleicht wo wann warum"))
ADVERBS |= {"wohin", "woher"}
PHRASES = [text.split() for text in (
    "letzte Woche", "nächste Woche", "gestern Abend", "heute Abend", "morgen Abend", "wie lange", "wie oft",
    "um wie viel Uhr", "wie viel", "wie viele", "jeden Tag", "jeden Abend", "jeden Morgen", "mit wem", "auf wen",
    "von wem", "zu wem", "an wen", "heute Morgen", "schon lange", "noch nie",
)]  # fmt: skip
PREPOSITIONS = set(listed("in im am an auf um zu zum zur mit nach aus wegen trotz"))
BEFORE_NOUNS = {"welch", "wessen", "viel", "viele", "vielen", "etwas"}
AGREE = {"ich": "ich", "du": "du", "er": "er", "es": "er", "wir": "sie", "jemand": "er", "niemand": "er"}
KNOWN_NOUNS = {"Deutsch", "Englisch", "Hause", "Berlin", "Deutschland", "Uhr", "Jahre"}
SAYING = set(listed("""
    verstehe verstehst versteht verstehen weiß weißt wisst wissen sag sagt sagen frag fragst frage fragt fragen gefragt
    vergessen gewusst wusste wusstest wussten wusstet
"""))  # fmt: skip
SEIN, HABEN = set(listed("bin bist ist sind seid")), set(listed("habe hast hat haben habt"))


def decorates(word: str) -> bool:
    """It can stand between a determiner and its noun, or is one: der, zwei, altes, welche."""
    stems = [stem for stem in (*ADJECTIVES, "müd", "krank", "glücklich", "traurig", "breit", "hungrig")
             if word.startswith(stem)]  # fmt: skip
    inflected = any(word[len(stem) :] in ENDINGS for stem in stems)
    return inflected or determiner(word) is not None or word in NUMBERS or word in BEFORE_NOUNS


def noun_phrase(part: Sequence[str], start: int) -> int:
    """Where the noun phrase that begins here ends; `start` when none does."""
    index = start
    while index < len(part) and decorates(part[index]):
        index += 1
    if index >= len(part) or not part[index][0].isupper() or part[index] in ("Sie", "Ihnen"):
        return start
    while index < len(part) and part[index][0].isupper() and part[index] not in ("Sie", "Ihnen"):
        index += 1  # Annas Hund
        if index < len(part) and decorates(part[index]) and not persons(part[index]):
            longer = noun_phrase(part, index)  # der Hund meines Vaters, Annas kleiner Hund
            index = max(index, longer)
        after = part[index + 1 : index + 2]
        if after and part[index] in ("da", "dort") and (persons(after[0]) or after[0] in ("und", "oder")):
            index += 1  # der Mann da ist müde
        if part[index : index + 1] == ["von"]:  # das Auto von Anna
            owner = part[index + 1 : index + 2]
            index = index + 2 if owner and owner[0] in PRONOUNS else max(index, noun_phrase(part, index + 1))
    return index


def constituent(part: Sequence[str], start: int = 0) -> int:
    """Where the constituent that begins here ends."""
    phrase = next((phrase for phrase in PHRASES if list(part[start : start + len(phrase)]) == phrase), None)
    if phrase is not None:
        end = start + len(phrase)
        return noun_phrase(part, end) if phrase[-1] in ("viel", "viele") else end
    if part[start] == "wie":
        bare = start + 1 < len(part) and not persons(part[start + 1])
        return start + 2 if bare else start + 1
    begin = start + (part[start] in PREPOSITIONS or part[start] in ("noch", "so", "schon"))
    end = noun_phrase(part, begin)
    if end == begin and begin < len(part) and part[begin] in PRONOUNS | ADVERBS:
        end = begin + 1
    if part[start] in ("heute", "morgen") and part[start + 1 : start + 2] == ["um"]:
        end = start + 4  # morgen um acht Uhr
    if part[start] == "um" and part[start + 1 : start + 2] and part[start + 1] in NUMBERS and end <= start + 1:
        end = start + 2  # um acht
    if end < len(part) - 1 and part[end] in ("und", "oder") and not persons(part[end + 1]):
        return constituent(part, end + 1)
    return end


def unlisted(words: Sequence[str]) -> list[str]:
    """Brot, Milch und Äpfel -> Brot und Milch und Äpfel: no comma that parts no clauses."""
    found = list(words)
    for place in [index for index, word in enumerate(words[:-1]) if word == "," and words[index - 1][0].isupper()]:
        end = named_end(words, place + 1)
        last = named_end(words, end + 1) if words[end : end + 1] in (["und"], ["oder"]) else 0
        if end == place + 1 or last <= end + 1 or words[place + 1] in ("der", "die", "das", "den", "dem"):
            continue
        part = words[max((n + 1 for n in range(place) if words[n] in ",.!?"), default=0) : place]
        inside = part[0] in SUBORDINATORS or part[0] in PRONOUNS or part[0] in ADVERBS or part[0][0] == "w"
        if not persons(words[last]) or constituent(part) == len(part) or inside:
            found[place] = words[end]
    return found


def named_end(words: Sequence[str], start: int) -> int:
    """Where a noun phrase or a pronoun ends."""
    if words[start] in ("ich", "du", "er", "sie"):
        return start + 1
    return noun_phrase(words, start)


def parts_of(words: Sequence[str]) -> list[list[str]]:
    """What stands between commas, without greetings, names called, ja and nein."""
    found: list[list[str]] = [[]]
    for word in unlisted(words)[:-1]:
        if word == ",":
            found.append([])
        else:
            found[-1].append(word)
    after = [*found[1:], []]
    return [part for part, follows in zip(found, after, strict=True) if verbal(part) or relative_clause(follows, part)]


def verbal(part: Sequence[str]) -> bool:
    """It has a finite verb, or an infinitive with zu."""
    orders = part[0] in ("sag", "frag") or any(is_zu(part, index) for index in range(len(part)))
    return orders or any(persons(word) for word in part)


def check_last(part: Sequence[str]) -> list[str]:
    """The finite verb stands last."""
    return [] if persons(part[-1]) else [f"no finite verb at the end: {' '.join(part)}"]


def check_main(part: Sequence[str], first: bool) -> list[str]:
    """The finite verb stands second, or first; it agrees with a pronoun beside it; its end fits it."""
    position = 0 if first else constituent(part)
    if part[0] in COMMANDS | OTHER_VERBS | {"seien"} and not persons(part[0]):
        return []
    if position >= len(part) or not persons(part[position]):
        return [f"no finite verb in place {position}: {' '.join(part)}"]
    wrong = []
    subject = part[0] if position == 1 else ""
    after = part[position + 1] if position + 1 < len(part) else ""
    if after in ("ich", "du", "er", "wir") and part[position + 2 : position + 3] != ["und"]:
        subject = after
    if subject in AGREE and AGREE[subject] not in persons(part[position]):
        wrong.append(f"{subject} {part[position]}")
    return wrong + check_end(part, part[position])


def check_end(part: Sequence[str], finite: str) -> list[str]:
    """haben or sein with its participle, a separable verb with its prefix: at the end."""
    last = part[-1]
    if "und" in part or "oder" in part:
        return []
    if last in PARTICIPLES and last not in INFINITIVES and finite in SEIN | HABEN:
        return [] if (last in PARTICIPLES_WITH_SEIN) == (finite in SEIN) else [f"{finite} ... {last}"]
    wants = ALONE.get(finite, ()) if not finite.startswith("mach") else ()
    return [] if not wants or last in wants else [f"{finite} without its prefix: {' '.join(part)}"]


def relative_clause(part: Sequence[str], before: Sequence[str]) -> bool:
    """der hier wohnt, after a noun"""
    if not part or not before:
        return False
    after_noun = bool(noun_readings(before[-1])) or before[-1] in KNOWN_NOUNS or before[-2:-1] == ["von"]
    begins = part[1:] if part[0] == "mit" else part
    relative = begins[:1] and begins[0] in ("der", "die", "das", "den", "dem", "denen")
    return after_noun and bool(relative) and bool(persons(part[-1]))


def check_sentence(words: Sequence[str]) -> list[str]:
    """Everything that is wrong with the order of one everyday sentence, its sign included."""
    wrong, parts, opened = [], parts_of(words), False
    for index, part in enumerate(parts):
        before = parts[index - 1] if index else []
        if part[0] in SUBORDINATORS or relative_clause(part, before) or asked_inside(part, before):
            wrong += check_last(part)
            opened = index == 0 or not verbal(before)  # what follows begins with its verb
        elif verbal(part) and not any(is_zu(part, place) for place in range(len(part))):
            part = part[1:] if part[0] in ("aber", "denn", "bitte") else part
            part = part[:-1] if part[-1] == "bitte" else part
            wrong += check_main(part, opened or (words[-1] == "?" and index == 0 and verb_first(part)) or command(part))
            opened = False
    return wrong


def asked_inside(part: Sequence[str], before: Sequence[str]) -> bool:
    """(ich weiß,) wo er ist"""
    asks = (part[0][0] == "w" and part[0] not in ("wir", "wegen")) or part[1:2] in (["wem"], ["wen"])
    return bool(before) and not persons(part[0]) and (asks or part[0] == "um") and not SAYING.isdisjoint(before)


def verb_first(part: Sequence[str]) -> bool:
    """A question without a question word."""
    if "leid" in part:
        return False  # es tut mir leid, hast du Zeit?
    asks = part[0] in {"wer", "was", "wen", "wem", "wo", "wann", "warum", "wohin", "woher", "wie", "wessen"}
    asks = asks or part[0].startswith("welch") or part[1:2] in (["wem"], ["wen"], ["wie"])
    return not asks and bool(persons(part[0]))


def command(part: Sequence[str]) -> bool:
    """It begins with a verb: a command."""
    return bool(persons(part[0])) or part[0] in COMMANDS
