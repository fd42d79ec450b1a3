"""What is said without a verb: greetings, thanks, short answers, a noun phrase alone; and the time of day."""

from __future__ import annotations

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.clauses import Sides, placed
from course.corpus.everyday_actions import at, goal
from course.corpus.everyday_nouns import NEAR, PEOPLE, THINGS, named, other_person, thing_of
from course.corpus.groups import Numbers
from course.corpus.lexicon import BARE
from course.corpus.phrases import noun_phrase, pronoun
from course.corpus.simple import joined, word
from course.corpus.tags import tagged

# German=English, concept by concept; + joins the words of one
GREETINGS = (
    "hallo/INTJ=hello/INTJ", "guten/ADJ=good/ADJ Morgen/NOUN=morning/NOUN", "guten/ADJ=good/ADJ Tag/NOUN=day/NOUN",
    "guten/ADJ=good/ADJ Abend/NOUN=evening/NOUN", "Entschuldigung/NOUN=excuse/VERB+me/PRON",
    "danke/INTJ=thank/VERB+you/PRON",
)  # fmt: skip
NOT_NOW = (
    ("heute", "today/NOUN"),
    ("heute", "today/NOUN"),
    ("jetzt", "now/ADV"),
    ("morgen", "tomorrow/NOUN"),
    ("hier", "here/ADV"),
)
REPLIES = (
    "noch/ADV=not/PART nicht/PART=yet/ADV",
    "leider/ADV=unfortunately/ADV nicht/PART=not/PART",
    *(f"{one}/ADV+nicht/PART=not/PART+{other}" for one, other in NOT_NOW),
    *(f"nicht/PART=not/PART {one}/ADV={other}" for one, other in NOT_NOW),
    "ich/PRON=I/PRON weiß/VERB=know/VERB",
    "ich/PRON=I/PRON verstehe/VERB=understand/VERB",
    "ich/PRON=I/PRON weiß/VERB+nicht/PART=do/AUX+not/PART+know/VERB",
    "ich/PRON=I/PRON weiß/VERB+es/PRON+nicht/PART=do/AUX+not/PART+know/VERB+it/PRON",
    "ich/PRON=I/PRON glaube/VERB+nicht/PART=do/AUX+not/PART+think/VERB+so/ADV",
    "ich/PRON=I/PRON glaube/VERB+schon/ADV=think/VERB+so/ADV",
    "ich/PRON=I/PRON hoffe/VERB=hope/VERB es/PRON=so/ADV",
    "ich/PRON=I/PRON hoffe/VERB=hope/VERB nicht/PART=not/PART",
    "sehr/ADV+gern/ADV=gladly/ADV",
    "gern/ADV=gladly/ADV",
    "ich/PRON=me/PRON auch/ADV=too/ADV",
    "ich/PRON=me/PRON auch/ADV+nicht/PART=neither/ADV",
    "mir/PRON=me/PRON auch/ADV=too/ADV",
    "du/PRON=you/PRON auch/ADV=too/ADV",
    "dir/PRON=you/PRON auch/ADV=too/ADV",
    "das/PRON=that/PRON bin/AUX=is/AUX ich/PRON=me/PRON",
    "noch/ADV+nie/ADV=never/ADV",
    "nicht/PART=not/PART so/ADV=so/ADV gut/ADJ=good/ADJ",
    "nicht/PART=not/PART schlecht/ADJ=bad/ADJ",
)
PHRASES = (
    *GREETINGS, *GREETINGS, *REPLIES, "gute/ADJ=good/ADJ Nacht/NOUN=night/NOUN",
    "vielen/ADJ+Dank/NOUN=thank/VERB+you/PRON+very/ADV+much/ADV", "tschüss/INTJ=goodbye/INTJ",
    "auf/ADP+Wiedersehen/NOUN=goodbye/INTJ", "bis/ADP=see/VERB+you/PRON morgen/ADV=tomorrow/NOUN",
    "bis/ADP=see/VERB+you/PRON bald/ADV=soon/ADV", "kein/DET=no/DET Problem/NOUN=problem/NOUN",
    "alles/PRON+Gute/NOUN=all/PRON+the/DET+best/ADJ", "ja/INTJ=yes/INTJ", "nein/INTJ=no/INTJ", "bitte/INTJ=please/INTJ",
    "sehr/ADV=very/ADV gut/ADJ=good/ADJ", "ich/PRON=me/PRON auch/ADV=too/ADV", "noch/ADV=not/PART nicht/PART=yet/ADV",
    "leider/ADV=unfortunately/ADV nicht/PART=not/PART", "ja/INTJ=yes/INTJ ,/PUNCT=,/PUNCT bitte/INTJ=please/INTJ",
    "nein/INTJ=no/INTJ ,/PUNCT=,/PUNCT danke/INTJ=thank/VERB+you/PRON",
    "ja/INTJ=yes/INTJ ,/PUNCT=,/PUNCT danke/INTJ=thank/VERB+you/PRON",
    "ja/INTJ=yes/INTJ ,/PUNCT=,/PUNCT gern/ADV=gladly/ADV", "nichts/PRON=nothing/PRON",
    "wie/ADV=how/ADV schön/ADJ=nice/ADJ", "wie/ADV=how/ADV nett/ADJ=nice/ADJ",
    "danke/INTJ+schön/ADV=thank/VERB+you/PRON+very/ADV+much/ADV",
    "bis/ADP=see/VERB+you/PRON heute/ADV+Abend/NOUN=this/DET+evening/NOUN",
    "bis/ADP=see/VERB+you/PRON nächste/ADJ=next/ADJ Woche/NOUN=week/NOUN",
    "tut/VERB+mir/PRON=I/PRON+am/AUX leid/ADJ=sorry/ADJ", "vielleicht/ADV=maybe/ADV",
    "gut/ADJ=fine/ADJ ,/PUNCT=,/PUNCT danke/INTJ=thank/VERB+you/PRON",
    "danke/INTJ=thank/VERB+you/PRON ,/PUNCT=,/PUNCT gut/ADJ=fine/ADJ",
)  # fmt: skip
CALLING = ("hello", "good", "goodbye", "thank")  # Hallo Anna
PARTING = (
    "bis/ADP=see/VERB+you/PRON morgen/ADV=tomorrow/NOUN", "bis/ADP=see/VERB+you/PRON bald/ADV=soon/ADV",
    "alles/PRON+Gute/NOUN=all/PRON+the/DET+best/ADJ", "gute/ADJ=good/ADJ Nacht/NOUN=night/NOUN",
    "auf/ADP+Wiedersehen/NOUN=goodbye/INTJ", "vielen/ADJ+Dank/NOUN=thank/VERB+you/PRON+very/ADV+much/ADV",
)  # fmt: skip
ASKED_BACK = ("und/CCONJ=and/CCONJ du/PRON=you/PRON", "und/CCONJ=and/CCONJ dir/PRON=you/PRON",
              "und/CCONJ=and/CCONJ Ihnen/PRON=you/PRON", "und/CCONJ=and/CCONJ euch/PRON=you/PRON",
              "wie/ADV=what/DET spät/ADJ=time/NOUN ist/AUX=is/AUX es/PRON=it/PRON",
              "und/CCONJ=and/CCONJ Sie/PRON=you/PRON", "und/CCONJ=and/CCONJ ihr/PRON=you/PRON",
              "warum/ADV=why/ADV nicht/PART=not/PART", "wer/PRON=who/PRON", "was/PRON=what/PRON", "wo/ADV=where/ADV",
              "wann/ADV=when/ADV", "warum/ADV=why/ADV", "wie/ADV=how/ADV")  # fmt: skip
ANSWERS = (
    say.HERE, say.THERE, say.AT_HOME, say.HOME, say.OUTSIDE, say.IN_BERLIN, say.FROM_BERLIN, say.FROM_GERMANY,
    say.TO_BERLIN,
    *say.TIMES["past"], *say.TIMES["future"], *say.TIMES["habit"], say.TIMES["now"][0], *say.TIMES["today"], *say.CLOCK,
    say.ALONE, say.TOGETHER, say.MAYBE,
)  # fmt: skip


def phrase(text: str, numbers: Numbers) -> Sides:
    """guten Morgen / good morning"""
    german, english = [], []
    for pair in text.split():
        number = numbers.take(1)
        for side, words in zip((german, english), pair.split("="), strict=True):
            side += [(tagged(*one.split("/")), number) for one in words.split("+")]
    return german, english


def greeting(chance: Chance, numbers: Numbers) -> Sides:
    """Guten Morgen, Anna! Vielen Dank! Nein, danke. Und dir?"""
    draw = chance.draw()
    if draw < 0.2:
        numbers.mark = "?"
        return phrase(chance.pick(ASKED_BACK), numbers)
    numbers.mark = chance.pick((".", "!"))
    sides = phrase(chance.pick(PHRASES), numbers)
    if draw < 0.7:
        name = named(chance).german["nom"][0][0]
        if chance.happens(0.1):
            sides = joined(sides, word("und", "and", numbers), phrase(chance.pick(GREETINGS), numbers))
        if draw < 0.4 and str(sides[1][0][0]) in CALLING:
            return joined(sides, word(name, name, numbers, "NOUN"))
        sides = joined(sides, word(",", ",", numbers), word(name, name, numbers, "NOUN"))
        if draw > 0.6:  # Tschüss, Peter, bis bald!
            return joined(sides, word(",", ",", numbers), phrase(chance.pick(PARTING), numbers))
    elif draw > 0.9:
        return joined(sides, word(",", ",", numbers), phrase(chance.pick(PARTING), numbers))
    return sides


def answer(chance: Chance, numbers: Numbers) -> Sides:
    """Ein kleiner Hund. Im Garten. Morgen. Nach Hause. Einen Kaffee, bitte. Mit meinem Bruder."""
    numbers.mark = chance.pick((".", ".", ".", "!", "?"))
    draw = chance.draw()
    if draw < 0.24:
        return (ordered if draw < 0.13 else described)(chance, numbers)
    if draw < 0.33:
        adverb, number = chance.pick(ANSWERS), numbers.take(1)
        sides = [(word, number) for word in adverb.german], [(word, number) for word in adverb.english]
    elif draw < 0.43:
        sides = place_alone(chance, numbers)
    elif draw < 0.48:
        sides = placed(pronoun(chance.pick(SUBJECTS)), "nom", numbers)
    else:
        noun = chance.pick((*PEOPLE, *NEAR, *THINGS, *say.every("animal place vehicle question money")))
        thing = thing_of(chance, noun, chance.pick(("known", "object", "subject", "had")), "", 0.55)
        sides = placed(thing, "nom", numbers)
    if chance.happens(0.12):
        start = chance.pick((("ja", "yes"), ("nein", "no")))
        return joined(word(*start, numbers, "INTJ"), word(",", ",", numbers), sides)
    return sides


def described(chance: Chance, numbers: Numbers) -> Sides:
    """Sehr gut. Zu teuer! Nicht so schwierig. Rot und groß."""
    name, draw = chance.pick(DESCRIBING), chance.draw()
    whole = word(BARE[name], name, numbers, "ADJ")
    if draw < 0.6:
        whole = joined(word(*chance.pick((("sehr", "very"), ("zu", "too"), ("so", "so"))), numbers, "ADV"), whole)
    if draw < 0.1 or draw > 0.85:
        whole = joined(word("nicht", "not", numbers), whole)
    other = chance.pick(DESCRIBING)
    if 0.6 < draw < 0.7 and other != name:
        return joined(whole, word("und", "and", numbers), word(BARE[other], other, numbers, "ADJ"))
    return whole


DESCRIBING = (
    "good", "good", "bad", "expensive", "beautiful", "difficult", "easy", "important", "right", "wrong", "funny",
    "nice", "late", "cold", "warm", "hot", "tired", "hungry", "sad", "happy", "sick", "ready", "old", "new", "big",
    "small", "red", "blue", "green", "black", "fast", "slow", "sweet", "fresh", "long",
)  # fmt: skip
SUBJECTS = ("I", "you", "he", "she", "we", "that", "nobody", "nothing", "everything", "somebody")


def ordered(chance: Chance, numbers: Numbers) -> Sides:
    """Einen Kaffee, bitte. / A coffee, please."""
    noun, case = chance.pick(say.every("fruit food drink newspaper bag hat")), chance.pick(("nom", "acc"))
    thing = noun_phrase(noun, "") if noun.mass and chance.happens(0.3) else noun_phrase(noun, "a")
    if noun.mass and thing.determiner == "a":
        thing = say.one_of(noun)
    if chance.happens(0.2):
        thing = say.another(noun)
    return joined(_whole(thing, case, numbers), word(",", ",", numbers), word("bitte", "please", numbers))


def _whole(thing, case: str, numbers: Numbers) -> Sides:
    base = numbers.take(thing.size)
    return [(word, base + number) for word, number in thing.german[case]], [
        (word, base + number) for word, number in thing.english
    ]


SPOTS = ("garden", "park", "house", "room", "kitchen", "school", "city", "station", "table", "bag", "car", "train")
GOALS = ("garden", "park", "city", "school", "station", "castle", "doctor", "mother")


def place_alone(chance: Chance, numbers: Numbers) -> Sides:
    """im Garten, zum Bahnhof, mit dir"""
    draw = chance.draw()
    if draw < 0.5:
        place = at(chance, chance.pick(SPOTS))
    elif draw < 0.75:
        place = goal(chance, chance.pick(GOALS), pronoun("I"))
    else:
        with_whom = other_person(chance, pronoun("that")) if chance.happens(0.5) else named(chance)
        place = say.Place("mit", "dat", "with", with_whom)
    base = numbers.take(place.phrase.size + 1)
    german, english = place.words()
    return [(word, base + number) for word, number in german], [(word, base + number) for word, number in english]


def clock(chance: Chance, numbers: Numbers) -> Sides:
    """Es ist drei Uhr. / It is three o'clock. Ist es schon acht Uhr?"""
    german, english = chance.pick(say.HOURS)
    es, ist = word("es", "it", numbers), word("ist", "is", numbers, "AUX")
    already = word("schon", "already", numbers, "ADV") if chance.happens(0.3) else ([], [])
    not_yet = chance.happens(0.12) and not already[0]
    hour = joined(word(german, english, numbers, "NUM"), word("Uhr", "o'clock", numbers, "NOUN"))
    if chance.happens(0.2):
        hour = word("eins" if german == "ein" else german, english, numbers, "NUM")
    if not_yet:
        no, yet = numbers.take(1), numbers.take(1)
        return (
            [*es[0], *ist[0], (tagged("noch", "ADV"), yet), (tagged("nicht", "PART"), no), *hour[0]],
            [*es[1], *ist[1], (tagged("not", "PART"), no), *hour[1], (tagged("yet", "ADV"), yet)],
        )
    if chance.happens(0.3):
        numbers.mark = "?"
        return joined(ist, es, already, hour)
    return joined(es, ist, already, hour)
