"""The verbs: their forms in both languages, and the selection: who can do what to whom."""

from __future__ import annotations

from dataclasses import dataclass

from course.corpus.lexicon import Noun, nouns
from course.corpus.tags import Word, tagged


@dataclass(frozen=True, slots=True, eq=False)
class Verb:
    """A verb. english: base, -s, past, participle, -ing, each with its particle ("picks", "up")."""

    name: str
    english: dict[str, tuple[Word, ...]]
    infinitive: str
    prefix: str  # of a separable verb, else ""
    present: dict[str, str]  # ich, du, er, sie (they; also we), ihr (you, plural); without the prefix
    imperative: str
    participle: str
    auxiliary: str  # haben or sein
    lasting: bool  # a state: no progressive, no "every day"
    once: bool  # what is done to one thing once: no "eats the apple every day"

    @property
    def zu(self) -> tuple[Word, ...]:
        """zu lesen, but anzurufen."""
        if self.prefix:
            return (self.word(f"{self.prefix}zu{self.infinitive}"),)
        return tagged("zu", "PART"), self.word(self.infinitive)

    def word(self, form: str) -> Word:
        """One of its forms with its tag: to be is AUX, as a copula too."""
        return tagged(form, "AUX" if self.name == "be" else "VERB")


# English (irregular: past, participle) | German infinitive, du, er, command, participle | flags
VERB_TABLE = """
eat ate eaten | essen isst isst iss gegessen | once
drink drank drunk | trinken trinkst trinkt trink getrunken | once
read read read | lesen liest liest lies gelesen |
write wrote written | schreiben schreibst schreibt schreib geschrieben | once
translate | übersetzen übersetzt übersetzt übersetze übersetzt | once
buy bought bought | kaufen kaufst kauft kauf gekauft | once
find found found | finden findest findet finde gefunden | once
look+for | suchen suchst sucht such gesucht |
see saw seen | sehen siehst sieht sieh gesehen | lasting
love | lieben liebst liebt liebe geliebt | lasting
know knew known | kennen kennst kennt kenne gekannt | lasting
visit | besuchen besuchst besucht besuche besucht |
open | auf.machen machst macht mach aufgemacht |
close | zu.machen machst macht mach zugemacht |
call | an.rufen rufst ruft ruf angerufen |
invite | ein.laden lädst lädt lade eingeladen |
rule | regieren regierst regiert regiere regiert | lasting
wear wore worn | tragen trägst trägt trag getragen |
carry | tragen trägst trägt trag getragen |
feed fed fed | füttern fütterst füttert füttere gefüttert |
chase | jagen jagst jagt jage gejagt |
cross | überqueren überquerst überquert überquere überquert |
paint | malen malst malt male gemalt | once
sing sang sung | singen singst singt sing gesungen |
wash | waschen wäschst wäscht wasch gewaschen |
repair | reparieren reparierst repariert repariere repariert | once
help | helfen hilfst hilft hilf geholfen |
like | gefallen gefällst gefällt gefalle gefallen | lasting
give gave given | geben gibst gibt gib gegeben | once
show showed shown | zeigen zeigst zeigt zeig gezeigt |
bring brought brought | bringen bringst bringt bring gebracht | once
sleep slept slept | schlafen schläfst schläft schlaf geschlafen |
work | arbeiten arbeitest arbeitet arbeite gearbeitet |
play | spielen spielst spielt spiel gespielt |
run ran run | laufen läufst läuft lauf gelaufen | sein
walk | gehen gehst geht geh gegangen | sein
fly flew flown | fliegen fliegst fliegt flieg geflogen | sein
drive drove driven | fahren fährst fährt fahr gefahren | sein
go went gone | fahren fährst fährt fahr gefahren | sein
come came come | kommen kommst kommt komm gekommen | sein
arrive | an.kommen kommst kommt komm angekommen | sein
live | wohnen wohnst wohnt wohne gewohnt | lasting
try | versuchen versuchst versucht versuche versucht |
hope | hoffen hoffst hofft hoffe gehofft | lasting
forget forgot forgotten | vergessen vergisst vergisst vergiss vergessen | once
say said said | sagen sagst sagt sag gesagt | lasting
think thought thought | glauben glaubst glaubt glaube geglaubt | lasting
"""


def third_person(base: str) -> str:
    """go -> goes, carry -> carries, read -> reads, have -> has."""
    if base == "have":
        return "has"
    if base.endswith(("s", "x", "sh", "ch", "o")):
        return base + "es"
    return base[:-1] + "ies" if base[-1] == "y" and base[-2] not in "aeiou" else base + "s"


def _past(base: str) -> str:
    if base[-1] == "e":
        return base + "d"
    return base[:-1] + "ied" if base[-1] == "y" and base[-2] not in "aeiou" else base + "ed"


def _ing(base: str) -> str:
    if base == "lie":
        return "lying"
    if base in ("run", "forget", "sit"):
        return base + base[-1] + "ing"
    return base[:-1] + "ing" if base[-1] == "e" and base[-2] != "e" else base + "ing"


def _english(text: str) -> dict[str, tuple[Word, ...]]:
    """The five forms of "get+up got got": get up, gets up, got up, got up, getting up."""
    first, *irregular = text.split()
    base, *particle = first.split("+")
    past, participle = irregular or (_past(base), _past(base))
    forms = {"base": base, "s": third_person(base), "past": past, "participle": participle, "ing": _ing(base)}
    after = [tagged(word, "ADP") for word in particle]
    return {name: (tagged(form, "VERB"), *after) for name, form in forms.items()}


def read_verb(line: str) -> Verb:
    english, german, flags = (part.strip() for part in line.split("|"))
    full, du, er, command, participle = german.split()
    prefix, _, infinitive = full.rpartition(".")
    stem = infinitive[:-1] if infinitive.endswith("ern") else infinitive[:-2]
    return Verb(
        english.split()[0].replace("+", " "), _english(english), infinitive, prefix,
        {"ich": stem + "e", "du": du, "er": er, "sie": infinitive, "ihr": stem + ("et" if stem[-1] in "td" else "t")},
        command, participle,
        "sein" if "sein" in flags else "haben", "lasting" in flags, "once" in flags,
    )  # fmt: skip


VERBS = {verb.name: verb for verb in map(read_verb, VERB_TABLE.strip().splitlines())}
VERBS["be"] = Verb(
    "be", {"base": (tagged("be", "AUX"),), "participle": (tagged("been", "AUX"),)}, "sein", "", {},
    "sei", "gewesen", "sein", True, False,
)  # fmt: skip
VERBS["know that"] = Verb(
    "know that", _english("know knew known"), "wissen", "",
    {"ich": "weiß", "du": "weißt", "er": "weiß", "sie": "wissen", "ihr": "wisst"},
    "wisse", "gewusst", "haben", True, False,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Who does it to whom, and where. case: of the object. recipients: of verbs of giving."""

    verb: Verb
    subjects: tuple[Noun, ...]
    objects: tuple[Noun, ...] = ()
    case: str = "acc"
    recipients: tuple[Noun, ...] = ()
    places: tuple[str, ...] = ()  # at
    goals: tuple[str, ...] = ()  # to, through, over


LADIES = "queen princess woman girl teacher"
BOUGHT = (
    "apple banana plum bread cake milk coffee tea car book newspaper ball bag flower picture hat dress "
    "dog cat horse house"
)
FOUND = "ball bag flower crown picture hat book letter dog cat mouse bird apple plum"
SOUGHT = "ball bag crown hat book letter picture dog cat horse child boy girl prince princess friend"
SEEN = "people animal car bus train tram flower house bridge castle crown picture street"
LOVED = (
    "people dog cat horse bird apple banana plum cake coffee tea book story song flower garden house "
    "city forest castle country picture dress"
)

# verb | who | to whom or what | where (at) | where to | other
FRAME_TABLE = f"""
eat | people | food | garden park kitchen school |
eat | animal | apple banana plum bread | garden park |
drink | people | drink | garden kitchen school castle |
drink | animal | water milk | garden park |
read | people | book letter newspaper sentence story | garden park kitchen school castle |
write | people | letter sentence story book song | garden park school castle |
translate | people | letter sentence story book song newspaper | school castle house |
buy | people | {BOUGHT} | city |
find | people | {FOUND} | garden park street forest house station |
look for | people | {SOUGHT} | garden park forest city castle |
see | people | {SEEN} | park street city forest station |
see | animal | people animal bus car ball | garden park street forest |
love | people | {LOVED} | |
know | people | people city street castle park bridge school story song book country | |
visit | people | people city castle school garden country station house | |
open | people | door window bag letter book | |
close | people | door window bag book | |
call | people | people | |
invite | people | people | |
rule | ruler | country city | |
wear | ruler | crown | castle garden |
wear | people | hat | garden park school |
wear | {LADIES} | dress | garden park school castle |
carry | people | bag book bread flower picture ball child cat | |
feed | people | animal | garden park forest |
chase | dog | cat mouse bird animal | garden park forest street |
chase | cat | mouse bird | garden park forest street house |
chase | lion | horse animal bird dog | forest park street |
cross | living vehicle | street bridge | |
paint | people | picture flower house garden castle horse bird bridge | garden park school castle |
sing | people | song | garden park school castle |
wash | people | car apple plum dog horse dress window hat bag | |
repair | people | car bus train tram door window bag house bridge | |
help | people | people | garden kitchen school station | | dat
give | people | book letter newspaper apple banana plum bread ball bag flower picture hat coffee tea milk water \
| | | people
give | people | apple bread water milk | | | animal
show | people | picture letter book house garden castle city crown dress dog horse story sentence school | | | people
bring | people | coffee tea milk water soup bread cake apple newspaper letter book bag hat flower | | | people
sleep | people | | garden park house castle |
sleep | animal | | garden park house forest |
work | people | | garden kitchen school castle city station |
play | boy girl child dog cat prince princess friend student | | garden park street house forest |
run | living | | | garden park city forest house school station bridge castle street
walk | living | | | garden park city forest house school station bridge castle kitchen
fly | bird | | | garden park city forest house street bridge castle
drive | vehicle | | | city forest street bridge park
go | people | | | city forest park castle school station
come | people vehicle | | | city park school station castle
come | animal | | | garden park city forest house
arrive | people vehicle | | city station school |
live | people | | city house castle forest country |
"""


def _frame(line: str) -> Frame:
    parts = [part.strip() for part in line.split("|")]
    verb, subjects, objects, places, goals, other = parts + [""] * (6 - len(parts))
    return Frame(
        VERBS[verb], nouns(subjects), nouns(objects), "dat" if other == "dat" else "acc",
        nouns(other) if other != "dat" else (), tuple(places.split()), tuple(goals.split()),
    )  # fmt: skip


FRAMES = tuple(map(_frame, FRAME_TABLE.strip().splitlines()))
LIKED = nouns(
    "people dog cat horse bird car book story song picture letter flower hat dress garden house city park "
    "castle country school bridge"
)
COMMANDED = (
    "eat", "drink", "read", "write", "translate", "buy", "look for", "visit", "open", "close", "call", "invite",
    "feed", "paint", "wash", "repair", "help", "give", "show", "bring", "sing", "come", "walk", "work",
)  # fmt: skip
