"""Which tags a word can have where it stands, by tables and neighbours; nothing comes from the grammar itself."""

from __future__ import annotations

from collections.abc import Sequence

from tests.corpus import english_rules, german_rules
from tests.corpus import words as listed

NOUNS = listed("""
    king kings queen queens prince princes princess princesses man men woman women boy boys girl child children doctor
    doctors teacher teachers neighbour neighbours student students friend friends dog dogs cat cats horse horses bird
    birds lion lions mouse mice animal animals car cars bus buses train trains tram trams apple apples banana bananas
    plum plums bread cake soup water milk coffee tea book books letter letters newspaper newspapers sentence sentences
    story stories song songs ball balls door window bag bags flower flowers crown picture pictures hat dress garden
    street house school park city forest kitchen castle bridge country station rain snow yesterday today tomorrow week
    day evening morning mother mothers father fathers brother brothers sister sisters table tables room money time
    question questions name names year years German English Anna Maria Lena Peter Paul Tom Berlin Germany o'clock night
    problem lot wife wives husband husbands days weeks evenings Mother Father
""")
ADJECTIVES = listed("""
    old young clever friendly small big beautiful new red fresh cold hot long hungry tired sick happy sad wide expensive
    sweet difficult easy important last next many good bad warm fast slow right wrong ready nice funny black green blue
    late thirsty afraid sorry fine best much more
""")
ENGLISH = {
    "ADJ": ADJECTIVES,
    "ADP": listed("in into at on over through by with for of despite from up out"),
    "ADV": listed("""
        soon now often always never sometimes where why too very also already still only again either yet unfortunately
        maybe just anymore neither well slowly alone together here there outside how so gladly quickly beautifully long
    """),
    "AUX": listed("been being am be do does did can cannot could will should may would"),
    "CCONJ": listed("and but or"),
    "DET": listed("the a an this these every no any my your his our their which whose all another some"),
    "INTJ": listed("please hello yes no goodbye"),
    "NOUN": NOUNS,
    "NUM": listed("one two three four five six seven eight nine ten eleven twelve"),
    "PART": listed("not 's"),
    "PRON": listed("""
        I you he she it we they me him us them who whom what somebody nobody something nothing everything those
        mine yours ours
    """),
    "PUNCT": listed(", . ? !"),
    "SCONJ": listed("although whether"),
    "VERB": [
        *english_rules.BASE, *english_rules.PAST, *english_rules.PARTICIPLE, *english_rules.THIRD,
        *listed("have has had want wants wanted rained snowed thank excuse see gone"),
    ],
}  # fmt: skip
ENGLISH_TAG = {word: tag for tag, words in ENGLISH.items() for word in words}
BEFORE_VERBS = set(listed("not it will to does did also still already please always never often sometimes"))
ENDING = ("AUX", "PUNCT", "ADV", "ADP", "CCONJ", "VERB")  # what follows "I know that", but no clause begins with
TIMES = {*listed("yesterday today tomorrow this every last next in at as because when although")}
INDEFINITE = {*listed("a an no any many much"), *ENGLISH["NUM"], *ADJECTIVES, *NOUNS} - TIMES
JUDGED = listed("good important bad right funny sad nice happy")
SAID = listed("say says said think thinks thought know knows knew hope hopes hoped")


def english(words: Sequence[str], place: int) -> set[str]:
    """The tags that the word at this place can have."""
    word = words[place]
    before, after = words[place - 1] if place else "", words[place + 1] if place + 1 < len(words) else ""
    match word:
        case "to":
            return {"PART" if after in {*english_rules.BASE, "be", "have", "rain", "snow", "not", "please"} else "ADP"}
        case "is" | "are" | "was" | "were":
            inside = {"AUX"} if {"that", "who", "whom"} & {*words[:place]} else set()  # what you give me there is old
            return ({"VERB"} | inside) if existential(words, place) else {"AUX"}
        case "there":  # there is a dog; the dog is there
            beside = [index for index in (place - 1, place + 1) if 0 <= index < len(words)]
            found = any(words[index] in ("is", "are", "was", "were") and existential(words, index) for index in beside)
            inside = {"ADV"} if {"that", "who", "whom"} & {*words[:place]} else set()
            return ({"PRON"} | inside) if found else {"ADV"}
        case "do" | "does" | "did" | "done" | "doing" | "has" | "have":
            return {"AUX", "VERB"}
        case "being" | "been":
            return {"AUX"}
        case "that":
            if before in JUDGED:  # it is nice that you are here
                return {"SCONJ", "PRON"}
            if before not in SAID or (ENGLISH_TAG.get(after) in ENDING and after not in TIMES):
                return {"PRON"}
            return {"SCONJ", "PRON"} if after in TIMES or after in ("is", "was", "are", "were", "that") else {"SCONJ"}
        case "because":  # denn, weil
            return {"ADP"} if after == "of" else {"SCONJ", "CCONJ"}
        case "when":
            return {"ADV", "SCONJ"}
        case "home":
            return {"NOUN" if before == "at" else "ADV"}
        case "which":
            return {"PRON" if before in {*GERMAN_OF_PLACES} else "DET"}
        case "what":
            return {"DET"} if after == "time" else {"PRON"}
        case "rain" | "snow":
            return {"VERB" if before in BEFORE_VERBS else "NOUN"}
        case "long":
            return {"ADV", "ADJ"}
        case "out":  # out here; out of
            return {"ADV" if after == "here" else "ADP"}
        case "no":
            return {"INTJ", "DET"}
        case "all":
            return {"DET", "PRON"}
        case "like" | "likes" | "lie" | "lies" | "please":
            return {"INTJ"} if word == "please" else {"VERB"}
        case "much":
            return {"ADJ", "ADV"}
        case "a":
            return {"DET"}
        case "fast" | "late" | "well" | "not":
            return {"ADJ", "ADV"} if word != "not" else {"PART"}
        case "as":
            return {"ADV" if words.index("as") == place else "ADP"}
        case "her":  # her fresh apples; brought her fresh apples
            return {"DET", "PRON"} if after in NOUNS + ADJECTIVES else {"PRON"}
    if word.endswith("ing") and word not in ENGLISH_TAG:
        return {"VERB"}
    return {ENGLISH_TAG[word]}


def existential(words: Sequence[str], place: int) -> bool:
    """there is a dog, are there dogs; not: there is the dog, the dog is there"""
    around = words[max(0, place - 1) : place + 2]
    if "there" not in around:
        return False
    if place > 2 and words[place - 1] == "there" and words[place - 3] == "the":
        return False  # the man there is hungry
    last = place + 1 if words[place + 1] == "there" else place
    last += words[last + 1 : last + 2] == ["still"] or words[last + 1 : last + 2] == ("still",)
    follows = words[last + 1] if last + 1 < len(words) else ""
    return follows in INDEFINITE and not follows[0].isupper()


GERMAN_OF_PLACES = ENGLISH["ADP"]
GERMAN = {
    "ADP": listed("in an auf über durch mit von wegen trotz wie im am vom zum zur ins"),
    "ADV": listed("""
        gestern heute morgen bald jetzt gerade oft immer nie manchmal so wo wann warum sehr wohin woher auch schon noch
        nur wieder leider vielleicht gern allein zusammen draußen hier dort da lange schön
    """),
    "CCONJ": listed("und aber oder denn"),
    "INTJ": listed("bitte hallo danke ja nein doch tschüss"),
    "NUM": ["eins", *german_rules.NUMBERS],
    "PART": ["nicht"],
    "PRON": listed("""
        ich du er sie es wir mich dich mir dir ihn ihm uns ihnen denen deren wer wen wem was euch Sie Ihnen jemand
        jemanden jemandem niemand niemanden niemandem etwas nichts alles allem
    """),
    "PUNCT": listed(", . ? !"),
    "SCONJ": listed("weil obwohl wenn dass ob um"),
}
GERMAN_TAG = {word: tag for tag, words in GERMAN.items() for word in words}
NOT_BEFORE_NOUNS = listed("müde traurig glücklich krank heiß breit teuer süß schwierig leicht wichtig richtig falsch")
INFINITIVES = {prefix + verb for verb in german_rules.STEMS for prefix in ("", *german_rules.PREFIXES.values())}
WITH_ZU = {prefix + "zu" + verb.removeprefix(prefix) for verb, prefix in german_rules.PREFIXES.items()}
PAST_FORMS = [stem + end for stem in ("wusste", "kannte", "dachte", "glaubte") for end in ("", "st", "n", "t")]
KNOWING = ("weiß", "weißt", "wissen", "wisst", "tut", *PAST_FORMS)  # irregular, but no auxiliaries
# commands that are no other form
OTHER_VERBS = {*listed("lies iss gib hilf nimm sprich vergiss gewusst hab tut"), *WITH_ZU}
ADJECTIVE_STEMS = (*german_rules.ADJECTIVES, *NOT_BEFORE_NOUNS, "letzt", "nächst", "viel", "fertig", "spät", "leid")
INFLECTED = {stem + ending for stem in ADJECTIVE_STEMS for ending in german_rules.ENDINGS}
COMMANDS = {form for verb in INFINITIVES for form in (verb.removesuffix("n").removesuffix("e"), verb[:-2] + "e")}


def german(words: Sequence[str], place: int) -> set[str]:
    """The tags that the word at this place can have."""
    word, after = words[place], words[place + 1] if place + 1 < len(words) else ""
    noun_comes = after[:1].isupper() or after in INFLECTED
    if word in ("gibt", "gab", "habt", "haben", "habe", "hast", "hat", "hatte", "hattest", "hatten", "hattet"):
        return {"VERB", "AUX"} if word[0] == "h" else {"VERB"}
    if word in ("Sie", "Ihnen"):
        return {"PRON"}
    if word[:3] == "Ihr":
        return {"DET"}
    if word[0].isupper():
        return {"NOUN"}
    if word in german_rules.DER:
        # er sagt, der Mann schläft
        said = any(one[:4] in ("glau", "sage", "sagt", "hoff", "sag") for one in words[:place])
        relative = relative_begins(words, place)
        greeted = place > 1 and words[place - 2] in GREETED
        ordered = words[1] == "Sie" or words[0] in COMMANDS | OTHER_VERBS  # kommen Sie, die Suppe ist fertig
        known = {"DET"} if greeted or said or ordered else set()
        return {"PRON" if relative else "DET"} | known | ({"PRON"} if word == "das" else set())
    match word:
        case "ihr":
            return {"DET", "PRON"} if noun_comes else {"PRON"}
        case "zu":
            return {"PART" if after in INFINITIVES else "ADV" if after in (*ADJECTIVE_STEMS, "lange") else "ADP"}
        case "gut" | "schlecht" | "schnell" | "langsam" | "viel" | "spät" | "schön":
            return {"ADJ", "ADV"}
        case "wie":
            return {"ADP", "ADV"}
        case "um":
            return {"SCONJ", "ADP"}
        case "heiße" | "heißen" | "heißt":  # to be called; hot
            return {"VERB", "ADJ"} if word != "heißt" else {"VERB"}
        case "etwas":
            return {"DET", "PRON"} if noun_comes else {"PRON"}
        case "lange":
            adverb = place and words[place - 1] in ("wie", "schon")
            return {"ADV", "ADJ"} if not noun_comes else {"ADV" if adverb else "ADJ"}
        case "danke":
            return {"INTJ", "VERB"}
        case "mehr":
            return {"ADV"}
        case "wessen":
            return {"DET"}
        case "acht":
            return {"NUM"}
        case "sei" | "seid" | "seien" | "sein":
            return {"AUX", "DET"}
        case "aus" | "nach" | "bis":
            return {"ADP"}
        case "ein" if after == "Uhr":
            return {"NUM"}
        case "ein" | "an" | "auf":
            return {"DET" if word == "ein" and noun_comes else "ADP"}
    if word in GERMAN_TAG:
        return {GERMAN_TAG[word]}
    if word in INFLECTED:
        return {"ADJ"}
    if german_rules.determiner(word) is not None:
        return {"DET"}
    if word in german_rules.IRREGULAR and word not in KNOWING:
        return {"AUX"}
    is_verb = german_rules.persons(word) or word in german_rules.PARTICIPLES or word in OTHER_VERBS
    return {"VERB"} if is_verb or word in INFINITIVES | COMMANDS else set()


GREETED = listed("""
    ja nein hallo danke bitte tschüss Tag Morgen Abend Nacht Dank Entschuldigung Problem leid Wiedersehen Gute gut bald
    morgen gern nichts vielleicht nicht auch Anna Maria Lena Peter Paul Tom Kinder Freunde Jungen Studenten
""")


def relative_begins(words: Sequence[str], place: int) -> bool:
    """, der ... liest: right after the comma, or after a preposition there, and no ", den Satz zu lesen"."""
    start = place - 1 if place and words[place - 1] in german_rules.CASE_AFTER else place
    if not start or words[start - 1] != ",":
        return False
    end = next(index for index in range(place, len(words)) if words[index] in GERMAN["PUNCT"])
    return bool(german_rules.persons(words[end - 1])) and words[end - 2] != "zu" and words[end - 1] not in WITH_ZU


RULES = {"english": english, "german": german}


def wrong_tags(words: Sequence[str], tags: Sequence[str], language: str) -> list[str]:
    """The words whose tag the rules do not allow."""
    allowed = [RULES[language](words, place) for place in range(len(words))]
    return [
        f"{word}/{tag} for {' or '.join(sorted(some)) or 'unknown'} in: {' '.join(words)}"
        for word, tag, some in zip(words, tags, allowed, strict=True) if tag not in some
    ]  # fmt: skip
