"""German agreement and word order, by small tables of its own; nothing comes from the grammar that is checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.corpus import words as listed

MASCULINE = (
    "König Prinz Mann Junge Arzt Nachbar Student Freund Hund Vogel Löwe Bus Zug Apfel Kuchen Kaffee Tee Brief "
    "Satz Ball Hut Garten Park Wald Bahnhof Regen Schnee Tag Abend Morgen "
    "Vater Bruder Tisch Name Hunger Durst"
)
FEMININE = (
    "Königin Prinzessin Frau Lehrerin Katze Maus Straßenbahn Banane Pflaume Suppe Milch Zeitung Geschichte "
    "Tür Tasche Blume Krone Straße Schule Stadt Küche Brücke Woche "
    "Mutter Schwester Freundin Zeit Frage Angst Nacht"
)
NEUTER = (
    "Mädchen Kind Pferd Tier Auto Brot Wasser Buch Lied Fenster Bild Kleid Haus Schloss Land "
    "Zimmer Geld Jahr Problem Deutsch Englisch"
)
PLURALS = (
    "Könige Prinzen Männer Jungen Ärzte Nachbarn Studenten Freunde Hunde Vögel Löwen Busse Züge Äpfel Briefe "
    "Sätze Bälle Königinnen Prinzessinnen Frauen Lehrerinnen Katzen Mäuse Straßenbahnen Bananen Pflaumen "
    "Zeitungen Geschichten Taschen Blumen Kinder Pferde Tiere Autos Bücher Lieder Bilder "
    "Mütter Väter Brüder Schwestern Freundinnen Tische Fragen Namen Jahre"
)
OBLIQUE = "Prinzen Jungen Nachbarn Studenten Löwen Namen"  # weak nouns: every case but the nominative
GENITIVES = "Königs Mannes Arztes Freundes Mädchens Kindes Regens Schnees Vaters Bruders Hauses Autos Hundes"
LONG = ("schon", "lange")
LETTER = {"nom": 0, "acc": 1, "dat": 2, "gen": 3}

# which (gender, case) a determiner's ending can stand for
DER = {
    "der": "m.nom f.dat f.gen p.gen",
    "die": "f.nom f.acc p.nom p.acc",
    "das": "n.nom n.acc",
    "den": "m.acc p.dat",
    "dem": "m.dat n.dat",
    "des": "m.gen n.gen",
}
DIESER = {
    "er": "m.nom f.dat f.gen",
    "e": "f.nom f.acc p.nom p.acc",
    "es": "n.nom n.acc m.gen n.gen",
    "en": "m.acc p.dat",
    "em": "m.dat n.dat",
}
EIN = {
    "": "m.nom n.nom n.acc",
    "e": "f.nom f.acc p.nom p.acc",
    "es": "m.gen n.gen",
    "en": "m.acc p.dat",
    "em": "m.dat n.dat",
    "er": "f.dat f.gen",
}
EUER = {"er": "", "re": "e", "ren": "en", "rem": "em", "rer": "er", "res": "es"}  # euer, eure, euren ...
NUMBERS = listed("zwei drei vier fünf sechs sieben acht neun zehn elf zwölf")
MELTED = {
    "im": "m.dat n.dat",
    "am": "m.dat n.dat",
    "vom": "m.dat n.dat",
    "zum": "m.dat n.dat",
    "ins": "n.acc",
    "zur": "f.dat",
}
CASE_AFTER = {
    "mit": {"dat"},
    "von": {"dat"},
    "aus": {"dat"},
    "zu": {"dat"},
    "durch": {"acc"},
    "über": {"acc"},
    "an": {"dat", "acc"},
    "auf": {"dat", "acc"},
    "in": {"dat", "acc"},
    "wegen": {"gen"},
    "trotz": {"gen"},
}
STRONG = {
    "er": "m.nom f.dat f.gen p.gen",
    "e": "f.nom f.acc p.nom p.acc",
    "es": "n.nom n.acc",
    "en": "m.acc m.gen n.gen p.dat",
    "em": "m.dat n.dat",
}
ADJECTIVES = listed("""
    alt jung klug freundlich klein groß schön neu rot frisch kalt lang hungrig gut schlecht warm heiß schnell langsam
    nett lustig schwarz grün blau teur schwierig leicht wichtig süß nächst letzt krank
    müd glücklich traurig
""")
ENDINGS = ("er", "es", "en", "em", "e", "")


def readings(text: str) -> set[tuple[str, str]]:
    """ "m.nom f.dat" -> {("m", "nom"), ("f", "dat")}"""
    return {tuple(item.split(".")) for item in text.split()}


def noun_readings(word: str) -> set[tuple[str, str]]:
    """All genders (p: plural) and cases in which this form of a noun can stand."""
    found = set()
    for gender, names in (("m", MASCULINE), ("f", FEMININE), ("n", NEUTER)):
        if word in names.split():
            weak = gender == "m" and (word + "n" in OBLIQUE.split() or word + "en" in OBLIQUE.split())
            cases = ("nom",) if weak else ("nom", "acc", "dat", "gen") if gender == "f" else ("nom", "acc", "dat")
            found |= {(gender, case) for case in cases}
    if word in OBLIQUE.split():
        found |= {("m", case) for case in ("acc", "dat", "gen")}
    if word in GENITIVES.split():
        found |= {("m", "gen"), ("n", "gen")}
    if word in PLURALS.split():
        found |= {("p", "nom"), ("p", "acc"), ("p", "gen")} | ({("p", "dat")} if word[-1] in "ns" else set())
    if word.endswith("n") and word[:-1] in PLURALS.split():
        found.add(("p", "dat"))
    return found


def determiner(word: str) -> tuple[set[tuple[str, str]], str] | None:
    """What the determiner can stand for, and the kind of adjective that follows it: weak, mixed or strong."""
    if word in DER:
        return readings(DER[word]), "weak"
    if word in MELTED:
        return readings(MELTED[word]), "weak"
    for stem in ("dies", "jed", "welch", "all"):
        if word.startswith(stem) and word[len(stem) :] in DIESER:
            return readings(DIESER[word[len(stem) :]]), "weak"
    for stem in ("kein", "mein", "dein", "sein", "unser", "ihr", "Ihr", "ein"):
        if word.startswith(stem) and word[len(stem) :] in EIN:
            return readings(EIN[word[len(stem) :]]), "mixed"
    if word.startswith("eu") and EUER.get(word[2:]) is not None:
        return readings(EIN[EUER[word[2:]]]), "mixed"
    if word in NUMBERS:
        return {("p", case) for case in LETTER}, "strong"
    if word in ("viele", "vielen"):
        return {("p", "dat")} if word == "vielen" else {("p", "nom"), ("p", "acc")}, "strong"
    return None


def adjective_readings(ending: str, kind: str) -> set[tuple[str, str]]:
    """Where the ending is right after that kind of determiner."""
    if kind == "strong":
        return readings(STRONG.get(ending, ""))
    bare = (
        {"e": "m.nom f.nom f.acc n.nom n.acc", "er": "", "es": ""}
        if kind == "weak"
        else {"er": "m.nom", "es": "n.nom n.acc", "e": "f.nom f.acc"}
    )
    if ending != "en":
        return readings(bare.get(ending, ""))
    everything = {(gender, case) for gender in "mfnp" for case in LETTER}
    return everything - {(g, c) for g, c in everything if g in "fn" and c in ("nom", "acc")} - {("m", "nom")}


def adjective(word: str) -> str | None:
    """The ending of an adjective before a noun, None for another word."""
    return next(
        (word[len(stem) :] for stem in ADJECTIVES if word.startswith(stem) and word[len(stem) :] in ENDINGS), None
    )


def noun_phrases(words: Sequence[str]) -> Iterator[tuple[int, set[tuple[str, str]], str]]:
    """Each noun with what it, its adjective and its determiner can be together, and the word before the phrase."""
    for index, word in enumerate(words):
        possible = noun_readings(word)
        if not possible or (word in ("Woche", "Jahr") and words[index - 1][:5] in ("letzt", "nächs")):
            continue  # a time: das letzte Woche is no noun phrase
        start, ending = index, adjective(words[index - 1]) if index else None
        if tuple(words[max(0, index - 2) : index]) == LONG:
            ending = None  # er lernt schon lange Englisch
        start -= ending is not None
        found = determiner(words[start - 1]) if start else None
        kind = "strong"
        bare = possible & adjective_readings(ending, "strong") if ending is not None else possible
        if found is not None:
            possible, kind, start = possible & found[0], found[1], start - 1
        if ending is not None:
            possible = possible & adjective_readings(ending, kind)
        if not possible and found is not None and pronoun_stands(words, start):
            possible, start = bare, start + 1
        yield index, possible, words[start - 1] if start else ""


def pronoun_stands(words: Sequence[str], place: int) -> bool:
    """ ", das schöne Blumen sieht", "bringt ihr kalten Tee", "dass das Briefe sind": a pronoun, no determiner"""
    after = {"ist", "war", "sind", "waren", "dass", "ob", "weil", "wenn", "obwohl", "sein"}
    those = words[place] == "das" and place > 0 and words[place - 1] in after
    return those or words[place] == "ihr" or (place > 0 and words[place - 1] == ",")


def check_noun_phrases(words: Sequence[str]) -> list[str]:
    """The nouns whose determiner, adjective and form do not agree, or whose case their preposition does not take."""
    wrong = []
    for index, possible, before in noun_phrases(words):
        cases = CASE_AFTER.get(before)
        if cases is None:
            possible = possible - {("p", "gen")}  # wegen der Kinder, and nowhere else
        if not possible or (cases is not None and not {case for _, case in possible} & cases):
            wrong.append(f"{words[index]}: {' '.join(words[max(0, index - 3) : index + 1])}")
    return wrong


# finite forms by their subject; of the weak and strong verbs the endings tell
FINITE = {
    "ich": "bin war habe hatte werde wurde kann soll darf will muss möchte konnte wollte musste weiß "
    "wusste kannte dachte glaubte",
    "du": "bist warst hast hattest wirst wurdest kannst sollst darfst willst musst möchtest konntest wolltest musstest "
    "weißt wusstest kanntest dachtest glaubtest",
    "er": "ist war hat hatte wird wurde kann soll darf will muss möchte konnte wollte musste weiß gibt gab tut "
    "wusste kannte dachte glaubte",
    "sie": "sind waren haben hatten werden wurden können sollen dürfen wollen müssen möchten konnten wollten mussten "
    "wissen wussten kannten dachten glaubten",
    "ihr": "seid wart habt hattet werdet wurdet könnt sollt dürft wollt müsst möchtet konntet wolltet musstet wisst "
    "wusstet kanntet dachtet glaubtet",
}  # fmt: skip
IRREGULAR = {form for forms in FINITE.values() for form in forms.split()}
STEMS = {  # infinitive: du and er form
    "essen": "isst isst",
    "trinken": "trinkst trinkt",
    "lesen": "liest liest",
    "schreiben": "schreibst schreibt",
    "übersetzen": "übersetzt übersetzt",
    "kaufen": "kaufst kauft",
    "finden": "findest findet",
    "suchen": "suchst sucht",
    "sehen": "siehst sieht",
    "lieben": "liebst liebt",
    "kennen": "kennst kennt",
    "besuchen": "besuchst besucht",
    "machen": "machst macht",
    "rufen": "rufst ruft",
    "laden": "lädst lädt",
    "regieren": "regierst regiert",
    "tragen": "trägst trägt",
    "füttern": "fütterst füttert",
    "jagen": "jagst jagt",
    "überqueren": "überquerst überquert",
    "malen": "malst malt",
    "singen": "singst singt",
    "waschen": "wäschst wäscht",
    "reparieren": "reparierst repariert",
    "helfen": "hilfst hilft",
    "gefallen": "gefällst gefällt",
    "geben": "gibst gibt",
    "zeigen": "zeigst zeigt",
    "bringen": "bringst bringt",
    "schlafen": "schläfst schläft",
    "arbeiten": "arbeitest arbeitet",
    "spielen": "spielst spielt",
    "laufen": "läufst läuft",
    "gehen": "gehst geht",
    "fliegen": "fliegst fliegt",
    "fahren": "fährst fährt",
    "kommen": "kommst kommt",
    "wohnen": "wohnst wohnt",
    "versuchen": "versuchst versucht",
    "hoffen": "hoffst hofft",
    "vergessen": "vergisst vergisst",
    "sagen": "sagst sagt",
    "glauben": "glaubst glaubt",
    "regnen": "- regnet",
    "schneien": "- schneit",
    "sprechen": "sprichst spricht",
    "verstehen": "verstehst versteht",
    "brauchen": "brauchst braucht",
    "lernen": "lernst lernt",
    "fragen": "fragst fragt",
    "antworten": "antwortest antwortet",
    "warten": "wartest wartet",
    "bleiben": "bleibst bleibt",
    "sitzen": "sitzt sitzt",
    "stehen": "stehst steht",
    "liegen": "liegst liegt",
    "nehmen": "nimmst nimmt",
    "lachen": "lachst lacht",
    "heißen": "heißt heißt",
    "danken": "dankst dankt",
    "gehören": "gehörst gehört",
    "schmecken": "schmeckst schmeckt",
}
PREFIXES = {"aufmachen": "auf", "zumachen": "zu", "anrufen": "an", "einladen": "ein", "ankommen": "an"}
PARTICIPLES_WITH_SEIN = {"gekommen", "angekommen", "gelaufen", "gegangen", "geflogen", "gefahren", "geblieben"}
PARTICIPLES = (
    set(
        listed("""
    gegessen getrunken gelesen geschrieben übersetzt gekauft gefunden gesucht gesehen geliebt gekannt besucht aufgemacht
    zugemacht angerufen eingeladen regiert getragen gefüttert gejagt überquert gemalt gesungen gewaschen repariert
    geholfen gefallen gegeben gezeigt gebracht geschlafen gearbeitet gespielt gewohnt versucht gehofft vergessen gesagt
    geglaubt geregnet geschneit gesprochen verstanden gebraucht gelernt gefragt geantwortet gewartet gesessen gestanden
    gelegen genommen gelacht gemacht gewusst gedankt gehört geschmeckt
""")
    )
    | PARTICIPLES_WITH_SEIN
)


def you(stem: str) -> str:
    """The form with ihr: seht, arbeitet."""
    return stem + ("et" if stem[-1] in "td" else "t")


def persons(word: str) -> set[str]:
    """The subjects (ich, du, er, sie: they and we, ihr) that this finite form can have; empty for any other word."""
    found = {person for person, forms in FINITE.items() if word in forms.split()}
    for prefix in ("", *PREFIXES.values()):
        for infinitive, forms in STEMS.items():
            if prefix and prefix + infinitive not in PREFIXES:
                continue
            du, er = (prefix + form for form in forms.split())
            stem = infinitive[:-1] if infinitive.endswith("ern") else infinitive[:-2]
            mine, theirs, yours = prefix + stem + "e", prefix + infinitive, prefix + you(stem)
            forms_of = {"ich": mine, "du": du, "er": er, "sie": theirs, "ihr": yours}
            found |= {person for person, form in forms_of.items() if form == word}
    return found
