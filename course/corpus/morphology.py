"""The endings of articles, adjectives and nouns in four cases, pronouns, the forms of haben, sein and the modals."""

from __future__ import annotations

from course.corpus.lexicon import ADJECTIVES, Noun

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
}  # fmt: skip

# ich, du, er, sie (they) of what is irregular in the present; past forms likewise
SEIN = {"ich": "bin", "du": "bist", "er": "ist", "sie": "sind"}
WAR = {"ich": "war", "du": "warst", "er": "war", "sie": "waren"}
HABEN = {"ich": "habe", "du": "hast", "er": "hat", "sie": "haben"}
WIRD = {"ich": "werde", "du": "wirst", "er": "wird", "sie": "werden"}
WURDE = {"ich": "wurde", "du": "wurdest", "er": "wurde", "sie": "wurden"}

# Modal: German forms; English forms before he / otherwise; with to before the verb;
# the word that negation and questions need
MODALS = {
    "can": (("kann", "kannst", "kann", "können"), ("can", "can"), ""),
    "will": (("werde", "wirst", "wird", "werden"), ("will", "will"), ""),
    "should": (("soll", "sollst", "soll", "sollen"), ("should", "should"), ""),
    "may": (("darf", "darfst", "darf", "dürfen"), ("may", "may"), ""),
    "could": (("konnte", "konntest", "konnte", "konnten"), ("could", "could"), ""),
    "want": (("will", "willst", "will", "wollen"), ("wants", "want"), "do"),
    "have": (("muss", "musst", "muss", "müssen"), ("has", "have"), "do"),
    "wanted": (("wollte", "wolltest", "wollte", "wollten"), ("wanted", "wanted"), "did"),
    "had": (("musste", "musstest", "musste", "mussten"), ("had", "had"), "did"),
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
    return ADJECTIVES[name] + DETERMINERS[determiner_name][2][gender][case_index(case)]


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
