"""Where the German verbs stand, who agrees with whom, which auxiliary: clause by clause, apart from the grammar."""

from __future__ import annotations

from collections.abc import Sequence

from tests.corpus.german_rules import (
    IRREGULAR,
    PARTICIPLES,
    PARTICIPLES_WITH_SEIN,
    PREFIXES,
    STEMS,
    determiner,
    noun_readings,
    persons,
)

SUBORDINATORS = {"weil", "obwohl", "wenn", "dass", "ob"}
ASKING = {"wer", "was", "wen", "wem", "wo", "wann", "warum"}
RELATIVES = {"der", "die", "das", "den", "dem", "denen"}
LITTLE_PREPOSITIONS = {"in", "an", "auf"}
TIMES = [
    "gestern",
    "letzte Woche",
    "heute",
    "morgen",
    "bald",
    "nächste Woche",
    "jetzt",
    "jeden Tag",
    "jeden Abend",
    "am Morgen",
    "manchmal",
    "trotz des Regens",
    "wegen des Schnees",
]
PRONOUNS = {"ich": "ich", "du": "du", "er": "er", "es": "er", "wir": "sie"}
SEIN = {"bin", "bist", "ist", "sind"}
HABEN = {"habe", "hast", "hat", "haben"}
WAS_AND_KNOWS = {"war", "warst", "waren", "wurde", "wurdest", "wurden", "weiß", "weißt", "wissen", "gibt", "gab"}
MODAL = IRREGULAR - SEIN - HABEN - WAS_AND_KNOWS
ALONE = {  # forms that mean nothing without a prefix
    **dict.fromkeys(("ruft", "rufe", "rufst", "rufen"), ("an",)), **dict.fromkeys(("lädt", "lädst", "laden"), ("ein",)),
    **dict.fromkeys(("macht", "mache", "machst", "machen"), ("auf", "zu")),
}  # fmt: skip
INFINITIVES = set(STEMS) | set(PREFIXES) | {"sein", "wissen"}


def clauses(words: Sequence[str]) -> list[list[str]]:
    """The clauses between commas; "und" between two finite clauses is left inside."""
    parts: list[list[str]] = [[]]
    for word in words[:-1]:
        if word == ",":
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def interrupted(part: list[str], inner: list[str], rest: list[str]) -> bool:
    """A noun at the end of the part, then a relative clause, then what the part still lacks: its verb,
    or its infinitive."""
    if not noun_readings(part[-1]) or inner[0] not in RELATIVES | LITTLE_PREPOSITIONS or part[0] in SUBORDINATORS:
        return False
    return first_constituent(part) >= len(part) or (
        rest[-1] in INFINITIVES | PARTICIPLES and not any(map(persons, rest[:-1]))
    )


def whole(parts: list[list[str]]) -> list[list[str]]:
    """The clauses with each main clause in one piece: the relative clause that stood inside it comes after it."""
    found: list[list[str]] = []
    index = 0
    while index < len(parts):
        part = parts[index]
        if index + 2 < len(parts) and interrupted(part, parts[index + 1], parts[index + 2]):
            found += [part + parts[index + 2], parts[index + 1]]
            index += 3
        else:
            found.append(part)
            index += 1
    return found


def kind(part: Sequence[str], first: bool) -> str:
    """last (the verb), zu or main."""
    if part[0] in SUBORDINATORS or (not first and part[0] in ASKING):
        return "last"
    if part[0] == "um" or any(is_zu(part, index) for index in range(len(part))):
        return "zu"
    starts = part[0] in RELATIVES or (part[0] in LITTLE_PREPOSITIONS and len(part) > 1 and part[1] in RELATIVES)
    return "last" if starts and not first and persons(part[-1]) and not second(part) else "main"


def second(part: Sequence[str]) -> bool:
    """The second constituent is a finite verb: "der Mann liest", against "der das Buch liest"."""
    end = first_constituent(part)
    return end < len(part) - 1 and bool(persons(part[end]))


def is_zu(part: Sequence[str], index: int) -> bool:
    """zu before an infinitive, or inside one: anzurufen."""
    inside = {f"{prefix}zu{full[len(prefix) :]}" for full, prefix in PREFIXES.items()}
    return part[index] in inside or (part[index] == "zu" and index + 1 < len(part) and part[index + 1] in INFINITIVES)


def first_constituent(part: Sequence[str]) -> int:
    """Where the first constituent ends: an adverbial, a place, a pronoun or a noun phrase with its genitive or
    "und"."""
    text = " ".join(part)
    for time in TIMES:
        if text.startswith(time + " "):
            return len(time.split())
    index = 0
    if part[0] in ("im", "am", "in", "an", "auf"):
        index = 1
    elif part[0] in PRONOUNS or part[0] in ("sie", "es"):
        return 1
    while index < len(part) and not noun_readings(part[index]):
        index += 1
    index += 1
    if (
        index < len(part)
        and determiner(part[index])
        and part[index] in ("des", "der", "dieses", "dieser", "meines", "meiner")
    ):
        while index < len(part) and not noun_readings(part[index]):
            index += 1
        index += 1
    return index


def check_last(part: Sequence[str]) -> list[str]:
    """The finite verb stands last and agrees with a subject that stands first."""
    if not persons(part[-1]):
        return [f"no finite verb at the end: {' '.join(part)}"]
    subject = part[1] if part[0] in SUBORDINATORS | ASKING and len(part) > 1 else ""
    wanted = PRONOUNS.get(subject)
    return [f"{subject} {part[-1]}"] if wanted and part[0] != "wer" and wanted not in persons(part[-1]) else []


def check_main(part: Sequence[str], first_place: bool, question: bool) -> list[str]:
    """The finite verb stands second (first in a question, or after a clause), and prefix,
    participle or infinitive last."""
    part = part[1:] if part[0] == "aber" else part
    position = 0 if first_place else 1 if part[0] in ASKING else first_constituent(part)
    if position >= len(part) or not persons(part[position]):
        return [f"no finite verb in place {position}: {' '.join(part)}"]
    return check_tail(part, position) + check_subject(part, position)


def check_subject(part: Sequence[str], position: int) -> list[str]:
    """A pronoun or a noun that can only be the subject agrees with the verb."""
    finite = persons(part[position])
    subject = part[0] if position == 1 and part[0] in PRONOUNS else ""
    if not subject and position + 1 < len(part) and part[position + 1] in ("ich", "du", "er", "wir"):
        subject = part[position + 1]
    if subject and PRONOUNS[subject] not in finite:
        return [f"{subject} with {part[position]}"]
    if position > 1 and determiner(part[0]) and part[0] not in ("im", "am") and not subject and part[0] != "jeden":
        noun = next((word for word in part if noun_readings(word)), "")
        found = determiner(part[0])[0] & noun_readings(noun)
        wanted = {"sie" if gender == "p" else "er" for gender, case in found if case == "nom"}
        if not wanted & finite:
            return [f"{' '.join(part[:position])} with {part[position]}"]
    return []


def check_tail(part: Sequence[str], position: int) -> list[str]:
    """haben or sein with the right participle, a modal with an infinitive, a separable verb with its prefix:
    at the end."""
    finite, last = part[position], part[-1]
    if "und" in part[position:]:
        return []  # the rest belongs to a second clause
    if last in PARTICIPLES and finite in SEIN | HABEN:
        return [] if (last in PARTICIPLES_WITH_SEIN) == (finite in SEIN) else [f"{finite} ... {last}"]
    if finite in MODAL and finite not in ("wird", "werden", "werde", "wirst") and last not in INFINITIVES:
        return [f"{finite} without an infinitive at the end: {' '.join(part)}"]
    if finite in ALONE and last not in ALONE[finite]:
        return [f"{finite} without its prefix: {' '.join(part)}"]
    return []


def check_sentence(words: Sequence[str]) -> list[str]:
    """Everything that is wrong with the order of one German sentence."""
    parts = whole(clauses(words))
    triples = zip(words, words[1:], words[2:], strict=False)  # "lädt ihn nicht ein ." is no "nicht ein"
    a_an = ("ein", "einen", "eine", "einem", "einer")
    wrong = ["nicht ein" for a, b, c in triples if a == "nicht" and b in a_an and c.isalpha()]
    if words[-1] == "!":
        return wrong
    subordinate_before = False
    for index, part in enumerate(parts):
        what = kind(part, index == 0)
        if what == "last":
            wrong += check_last(part)
        elif what == "main" and (index == 0 or part[0] == "aber" or subordinate_before):
            inverted = subordinate_before or (words[-1] == "?" and index == 0 and part[0] not in ASKING)
            wrong += check_main(part, inverted and part[0] != "aber", words[-1] == "?")
        subordinate_before = what == "last" and index == 0
    return wrong
