"""The endings of articles, adjectives and nouns in four cases, pronouns, the forms of haben, sein and the modals."""

from __future__ import annotations

from course.corpus.lexicon import STEMS, Noun

CASES = ("nom", "acc", "dat", "gen")

# One row for each gender (p: plural), one column for each case.
ARTICLE = {
    "m": ("der", "den", "dem", "des"), "f": ("die", "die", "der", "der"),
    "n": ("das", "das", "dem", "des"), "p": ("die", "die", "den", "der"),
}  # fmt: skip
RELATIVE = {**ARTICLE, "p": ("die", "die", "denen", "deren")}
THIS = {
    "m": ("er", "en", "em", "es"), "f": ("e", "e", "er", "er"), "n": ("es", "es", "em", "es"), "p": ("e", "e",
    "en", "er"),
}  # fmt: skip
INDEFINITE = {
    "m": ("", "en", "em", "es"), "f": ("e", "e", "er", "er"), "n": ("", "", "em", "es"), "p": ("e", "e", "en", "er"),
}  # fmt: skip
WEAK = {
    "m": ("e", "en", "en", "en"), "f": ("e", "e", "en", "en"), "n": ("e", "e", "en", "en"), "p": ("en", "en",
    "en", "en"),
}  # fmt: skip
EUER = {gender: tuple("r" + ending if ending else "er" for ending in row) for gender, row in INDEFINITE.items()}
MIXED = {
    "m": ("er", "en", "en", "en"), "f": ("e", "e", "en", "en"), "n": ("es", "es", "en", "en"), "p": ("en",
    "en", "en", "en"),
}  # fmt: skip
STRONG = {
    "m": ("er", "en", "em", "en"), "f": ("e", "e", "er", "er"), "n": ("es", "es", "em", "en"), "p": ("e", "e",
    "en", "er"),
}  # fmt: skip

# Determiner: German stem, its endings, the endings of the adjective after it, English singular, English plural
DETERMINERS = {
    "the": ("", ARTICLE, WEAK, "the", "the"),
    "this": ("dies", THIS, WEAK, "this", "these"),
    "every": ("jed", THIS, WEAK, "every", ""),
    "a": ("ein", INDEFINITE, MIXED, "a", ""),
    "no": ("kein", INDEFINITE, MIXED, "no", "no"),
    "not a": ("kein", INDEFINITE, MIXED, "a", "any"),
    "my": ("mein", INDEFINITE, MIXED, "my", "my"),
    "your": ("dein", INDEFINITE, MIXED, "your", "your"),
    "our": ("unser", INDEFINITE, MIXED, "our", "our"),
    "his": ("sein", INDEFINITE, MIXED, "his", "his"),
    "her": ("ihr", INDEFINITE, MIXED, "her", "her"),
    "their": ("ihr", INDEFINITE, MIXED, "their", "their"),
    "two": ("zwei", None, STRONG, "", "two"),
    "three": ("drei", None, STRONG, "", "three"),
    "many": ("viel", THIS, STRONG, "", "many"),
    "": ("", None, STRONG, "", ""),
    # of everyday sentences alone
    "your p": ("eu", EUER, MIXED, "your", "your"),
    "your P": ("Ihr", INDEFINITE, MIXED, "your", "your"),
    "which": ("welch", THIS, WEAK, "which", "which"),
    "whose": ("wessen", None, STRONG, "whose", "whose"),
    "all": ("all", THIS, WEAK, "all", "all"),
    "much": ("viel", None, STRONG, "much", ""),
    "profession": ("", None, STRONG, "a", ""),  # er ist Arzt: he is a doctor
    "four": ("vier", None, STRONG, "", "four"),
    "five": ("fünf", None, STRONG, "", "five"),
    "six": ("sechs", None, STRONG, "", "six"),
    "seven": ("sieben", None, STRONG, "", "seven"),
    "eight": ("acht", None, STRONG, "", "eight"),
    "nine": ("neun", None, STRONG, "", "nine"),
    "ten": ("zehn", None, STRONG, "", "ten"),
    "eleven": ("elf", None, STRONG, "", "eleven"),
    "twelve": ("zwölf", None, STRONG, "", "twelve"),
}

# Pronoun: nominative, accusative, dative | English subject, object | person, plural
PRONOUNS = {
    "I": (("ich", "mich", "mir"), ("I", "me"), "ich", False), "you": (("du", "dich", "dir"), ("you", "you"),
    "du", False),
    "we": (("wir", "uns", "uns"), ("we", "us"), "sie", True), "they": (("sie", "sie", "ihnen"), ("they",
    "them"), "sie", True),
    "he": (("er", "ihn", "ihm"), ("he", "him"), "er", False), "she": (("sie", "sie", "ihr"), ("she", "her"),
    "er", False),
    "it m": (("er", "ihn", "ihm"), ("it", "it"), "er", False), "it f": (("sie", "sie", "ihr"), ("it", "it"),
    "er", False),
    "it n": (("es", "es", "ihm"), ("it", "it"), "er", False),
    # of everyday sentences alone
    "you all": (("ihr", "euch", "euch"), ("you", "you"), "ihr", True),
    "you polite": (("Sie", "Sie", "Ihnen"), ("you", "you"), "sie", True),
    "that": (("das", "das", "dem"), ("that", "that"), "er", False),
    "those": (("das", "das", "dem"), ("those", "those"), "sie", True),
    "somebody": (("jemand", "jemanden", "jemandem"), ("somebody", "somebody"), "er", False),
    "nobody": (("niemand", "niemanden", "niemandem"), ("nobody", "nobody"), "er", False),
    "everything": (("alles", "alles", "allem"), ("everything", "everything"), "er", False),
    "something": (("etwas", "etwas", "etwas"), ("something", "something"), "er", False),
    "nothing": (("nichts", "nichts", "nichts"), ("nothing", "nothing"), "er", False),
    "who": (("wer", "wen", "wem"), ("who", "whom"), "er", False),
    "what": (("was", "was", "was"), ("what", "what"), "er", False),
}  # fmt: skip

# ich, du, er, sie (they), ihr (you, plural) of what is irregular in the present; past forms likewise
SEIN = {"ich": "bin", "du": "bist", "er": "ist", "sie": "sind", "ihr": "seid"}
WAR = {"ich": "war", "du": "warst", "er": "war", "sie": "waren", "ihr": "wart"}
HABEN = {"ich": "habe", "du": "hast", "er": "hat", "sie": "haben", "ihr": "habt"}
HATTE = {"ich": "hatte", "du": "hattest", "er": "hatte", "sie": "hatten", "ihr": "hattet"}
WIRD = {"ich": "werde", "du": "wirst", "er": "wird", "sie": "werden", "ihr": "werdet"}
WURDE = {"ich": "wurde", "du": "wurdest", "er": "wurde", "sie": "wurden", "ihr": "wurdet"}

# Modal: German forms; English forms before he / otherwise; with to before the verb;
# the word that negation and questions need
MODALS = {
    "can": (("kann", "kannst", "kann", "können", "könnt"), ("can", "can"), ""),
    "will": (("werde", "wirst", "wird", "werden", "werdet"), ("will", "will"), ""),
    "should": (("soll", "sollst", "soll", "sollen", "sollt"), ("should", "should"), ""),
    "may": (("darf", "darfst", "darf", "dürfen", "dürft"), ("may", "may"), ""),
    "could": (("konnte", "konntest", "konnte", "konnten", "konntet"), ("could", "could"), ""),
    "want": (("will", "willst", "will", "wollen", "wollt"), ("wants", "want"), "do"),
    "have": (("muss", "musst", "muss", "müssen", "müsst"), ("has", "have"), "do"),
    "wanted": (("wollte", "wolltest", "wollte", "wollten", "wolltet"), ("wanted", "wanted"), "did"),
    "had": (("musste", "musstest", "musste", "mussten", "musstet"), ("had", "had"), "did"),
    # of everyday sentences alone; gern is an adverb in German
    "would like": (("möchte", "möchtest", "möchte", "möchten", "möchtet"), ("like", "like"), "would"),
    "gern": ((), ("likes", "like"), "do"),
}


def case_index(case: str) -> int:
    """The column of a case in the tables."""
    return CASES.index(case)


def determiner(name: str, gender: str, case: str) -> str:
    """der, einem, keinen ...; "" when there is none."""
    stem, endings, *_ = DETERMINERS[name]
    return stem + endings[gender][case_index(case)] if endings else stem


def adjective(name: str, determiner_name: str, gender: str, case: str) -> str:
    """The adjective with the ending that determiner, gender and case ask for."""
    return STEMS[name] + DETERMINERS[determiner_name][2][gender][case_index(case)]


def noun_form(noun: Noun, plural: bool, case: str) -> str:
    """König, Königs, Könige, Königen; der Junge, den Jungen."""
    if plural:
        form = noun.german_plural
        return form + "n" if case == "dat" and form[-1] not in "ns" else form
    if case == "gen":
        return noun.genitive
    return noun.german_plural if noun.weak and case != "nom" else noun.german


def article(word: str) -> str:
    """a or an."""
    return "an" if word[0] in "aeiou" else "a"
