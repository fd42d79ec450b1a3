"""The words of everyday sentences beside those of the lexicon: family, names, verbs and the small words."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from course.corpus.lexicon import ADVERBS, AT, NOUNS, TO, Adverb, Noun, nouns, read_noun
from course.corpus.morphology import article
from course.corpus.phrases import Phrase, Place, Words, noun_phrase
from course.corpus.tags import Word, tagged
from course.corpus.verbs import VERBS, Verb, read_verb

# as in the lexicon's table; a German noun whose English is there already is named by its German
NOUN_TABLE = """
mother mothers   | Mutter f Mütter -         | person +  | old young friendly
father fathers   | Vater m Väter Vaters      | person +  | old young friendly
brother brothers | Bruder m Brüder Bruders   | person +  | old small clever
sister sisters   | Schwester f Schwestern Schwester | person + | old small clever
friend friends   | Freundin f Freundinnen Freundin  | person + | old clever
table tables     | Tisch m Tische Tisches    | thing +   | big small old new
room -           | Zimmer n - Zimmers        | place +   | big small warm cold
money -          | Geld n - Geldes           | money +   |
time -           | Zeit f - Zeit             | time +    |
question questions | Frage f Fragen Frage    | text +    | good important difficult easy
name names       | Name m Namen weak         | name +    | beautiful long
year years       | Jahr n Jahre Jahres       | time -    | long good
day days         | Tag m Tage Tages          | day +     | beautiful good bad long warm cold
evening -        | Abend m - Abends          | day +     | beautiful good bad long warm cold
week weeks       | Woche f Wochen Woche      | day +     | good bad long
husband husbands | Mann m Männer Mannes      | person +  | old young
wife wives       | Frau f Frauen Frau        | person +  | old young
"""
MORE_NOUNS = {
    (noun.german if noun.name in NOUNS else noun.name): noun for noun in map(read_noun, NOUN_TABLE.strip().splitlines())
}
FAMILY = "mother father brother sister Freundin"
GROUPS = {
    "people": f"people {FAMILY}", "place": "place room", "fruit": "apple banana plum", "thing": (
        "ball bag flower picture hat dress crown door window table"
    ),
}  # fmt: skip


@cache
def every(names: str) -> tuple[Noun, ...]:
    """The nouns that a list of names and groups stands for, those of everyday among them."""
    found: list[Noun] = []
    for name in " ".join(GROUPS.get(name, name) for name in names.split()).split():
        found += [MORE_NOUNS[name]] if name in MORE_NOUNS else nouns(name)
    return tuple(dict.fromkeys(found))


def marked(text: str) -> tuple[Word, ...]:
    """Words that bring their tags: "at/ADP home/NOUN"."""
    return tuple(tagged(*word.split("/")) for word in text.split())


def small(german: str, english: str, where: str = "end", fronts: bool = True) -> Adverb:
    """An adverbial of tagged words; where: its English place, "front", "middle" or "end"."""
    return Adverb(marked(german), marked(english), where, fronts)


# When: which time of the verb each goes with
TIMES = {
    "past": (
        small("gestern/ADV", "yesterday/NOUN"), small("letzte/ADJ Woche/NOUN", "last/ADJ week/NOUN"),
        small("gestern/ADV Abend/NOUN", "yesterday/NOUN evening/NOUN"),
        small("heute/ADV Morgen/NOUN", "this/DET morning/NOUN"), small("letztes/ADJ Jahr/NOUN", "last/ADJ year/NOUN"),
    ),
    "future": (
        small("morgen/ADV", "tomorrow/NOUN"), small("bald/ADV", "soon/ADV"),
        small("nächste/ADJ Woche/NOUN", "next/ADJ week/NOUN"),
        small("morgen/ADV Abend/NOUN", "tomorrow/NOUN evening/NOUN"),
        small("heute/ADV Abend/NOUN", "this/DET evening/NOUN"),
        small("nächstes/ADJ Jahr/NOUN", "next/ADJ year/NOUN"),
    ),
    "now": (small("jetzt/ADV", "now/ADV"), small("gerade/ADV", "", "end", False)),
    "today": (small("heute/ADV", "today/NOUN"), small("heute/ADV", "today/NOUN"),
              small("diese/DET Woche/NOUN", "this/DET week/NOUN"), small("dieses/DET Jahr/NOUN", "this/DET year/NOUN")),
    "rounds": (
        small("jede/DET Woche/NOUN", "every/DET week/NOUN"), small("jedes/DET Jahr/NOUN", "every/DET year/NOUN"),
        small("in/ADP der/DET Nacht/NOUN", "at/ADP night/NOUN"),
    ),
    "habit": (
        small("jeden/DET Tag/NOUN", "every/DET day/NOUN"), small("jeden/DET Abend/NOUN", "every/DET evening/NOUN"),
        small("jeden/DET Morgen/NOUN", "every/DET morning/NOUN"),
        small("am/ADP Morgen/NOUN", "in/ADP the/DET morning/NOUN"),
        small("am/ADP Abend/NOUN", "in/ADP the/DET evening/NOUN"),
        small("oft/ADV", "often/ADV", "middle", False), small("immer/ADV", "always/ADV", "middle", False),
        small("nie/ADV", "never/ADV", "middle", False), small("manchmal/ADV", "sometimes/ADV", "middle"),
        small("sehr/ADV oft/ADV", "very/ADV often/ADV", "end", False),
    ),
}  # fmt: skip
HOURS = tuple(zip(
    ["ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"],
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], strict=True,
))  # fmt: skip
REASONS = tuple(
    small(f"{de}/ADP {german}", f"{en} {english}")
    for de, en in (("wegen", "because/ADP of/ADP"), ("trotz", "despite/ADP"))
    for german, english in (
        ("des/DET Regens/NOUN", "the/DET rain/NOUN"), ("des/DET Schnees/NOUN", "the/DET snow/NOUN"),
        ("des/DET Regens/NOUN", "the/DET rain/NOUN"), ("des/DET Schnees/NOUN", "the/DET snow/NOUN"),
        ("des/DET Hundes/NOUN", "the/DET dog/NOUN"), ("des/DET Kindes/NOUN", "the/DET child/NOUN"),
        ("des/DET Mannes/NOUN", "the/DET man/NOUN"), ("der/DET Schule/NOUN", "the/DET school/NOUN"),
        ("der/DET Kinder/NOUN", "the/DET children/NOUN"),
        ("meiner/DET Mutter/NOUN", "my/DET mother/NOUN"), ("meines/DET Bruders/NOUN", "my/DET brother/NOUN"),
    )
)  # fmt: skip
CLOCK = tuple(small(f"um/ADP {german}/NUM Uhr/NOUN", f"at/ADP {english}/NUM o'clock/NOUN") for german, english in HOURS)
CLOCK_DAYS = tuple(
    small(f"{day}/ADV um/ADP {german}/NUM Uhr/NOUN", f"{daily}/NOUN at/ADP {english}/NUM o'clock/NOUN")
    for german, english in HOURS for day, daily in (("heute", "today"), ("morgen", "tomorrow"))
)  # fmt: skip
BARE_HOURS = tuple(small(f"um/ADP {german}/NUM", f"at/ADP {english}/NUM") for german, english in HOURS[1:])
# With the present, of what has gone on until now: ich warte schon lange, I have been waiting for a long time
SINCE = (small("schon/ADV lange/ADV", "for/ADP a/DET long/ADJ time/NOUN"),) * 6 + tuple(
    small(f"schon/ADV {number}/NUM {german}/NOUN", f"for/ADP {named}/NUM {english}/NOUN")
    for (number, named), (german, english) in zip(
        HOURS[1:], (("Jahre", "years"), ("Tage", "days"), ("Wochen", "weeks")) * 4, strict=False)
)  # fmt: skip
NICE = small("schön/ADJ", "nice/ADJ")  # es ist schön, dich zu sehen
NEVER_YET = small("noch/ADV nie/ADV", "never/ADV", "middle", False)
JUST = small("gerade/ADV", "just/ADV", "middle", False)  # with the perfect

# Particles: before nicht and the objects; the first two and bitte even before the time
UNFORTUNATELY = small("leider/ADV", "unfortunately/ADV", "front")
MAYBE = small("vielleicht/ADV", "maybe/ADV", "front")
PLEASE = small("bitte/INTJ", "please/INTJ", "middle")
ALSO, ALREADY = small("auch/ADV", "too/ADV"), small("schon/ADV", "already/ADV", "middle")
UNTIL_NOW = small("schon/ADV", "")  # wie lange wartest du schon: how long have you been waiting
ANYMORE = small("mehr/ADV", "anymore/ADV")  # after nicht
STILL, ONLY = small("noch/ADV", "still/ADV", "middle"), small("nur/ADV", "only/ADV", "middle")
AGAIN = small("wieder/ADV", "again/ADV")
ONCE_MORE = small("schon/ADV wieder/ADV", "again/ADV")  # es regnet schon wieder
EITHER, YET = small("auch/ADV", "either/ADV"), small("noch/ADV", "yet/ADV")  # beside nicht
PLEASE_LAST = small("bitte/INTJ", ",/PUNCT please/INTJ")  # ich möchte bitte einen Kaffee
EARLY = (UNFORTUNATELY, MAYBE, PLEASE, PLEASE_LAST)
# How
WELL, FAST, SLOWLY = small("gut/ADV", "well/ADV"), small("schnell/ADV", "fast/ADV"), small("langsam/ADV", "slowly/ADV")
MUCH, ALONE = small("viel/ADV", "a/DET lot/NOUN"), small("allein/ADV", "alone/ADV")
TOGETHER = small("zusammen/ADV", "together/ADV")
QUICKLY, BEAUTIFULLY = small("schnell/ADV", "quickly/ADV"), small("schön/ADV", "beautifully/ADV")
MUCH_TOGETHER = small("zusammen/ADV viel/ADV", "a/DET lot/NOUN together/ADV")
VERY_MUCH, LONG = small("sehr/ADV", "very/ADV much/ADV"), small("lange/ADV", "long/ADV")
FOR_LONG = small("lange/ADV", "for/ADP a/DET long/ADJ time/NOUN")  # denied it is long: not stay long
TOO_MUCH, SO_MUCH = small("zu/ADV viel/ADV", "too/ADV much/ADV"), small("so/ADV viel/ADV", "so/ADV much/ADV")


@cache
def degree(how: Adverb, name: str) -> Adverb:
    """sehr gut / very well, zu schnell / too fast, so lange / so long."""
    german, english = {"very": ("sehr", "very"), "too": ("zu", "too"), "so": ("so", "so")}[name]
    return Adverb((tagged(german, "ADV"), *how.german), (tagged(english, "ADV"), *how.english))


# Where
HERE, THERE, OVER_THERE = small("hier/ADV", "here/ADV"), small("dort/ADV", "there/ADV"), small("da/ADV", "there/ADV")
OUTSIDE, AT_HOME = small("draußen/ADV", "outside/ADV"), small("zu/ADP Hause/NOUN", "at/ADP home/NOUN")
OUT_HERE = small("hier/ADV draußen/ADV", "out/ADV here/ADV")
HOME = small("nach/ADP Hause/NOUN", "home/ADV")
IN_BERLIN, IN_GERMANY = (
    small(f"in/ADP {de}/NOUN", f"in/ADP {en}/NOUN") for de, en in (("Berlin", "Berlin"), ("Deutschland", "Germany"))
)
TO_BERLIN, TO_GERMANY = (
    small(f"nach/ADP {de}/NOUN", f"to/ADP {en}/NOUN") for de, en in (("Berlin", "Berlin"), ("Deutschland", "Germany"))
)
FROM_BERLIN, FROM_GERMANY = (
    small(f"aus/ADP {de}/NOUN", f"from/ADP {en}/NOUN") for de, en in (("Berlin", "Berlin"), ("Deutschland", "Germany"))
)
BEEN_TO = tuple(
    small(f"in/ADP {de}/NOUN", f"to/ADP {en}/NOUN") for de, en in (("Berlin", "Berlin"), ("Deutschland", "Germany"))
)  # noch nie in Berlin gewesen: never been to Berlin
# Question words: with a second English part that stays behind
WHERE, WHEN, WHY, HOW = (
    small(f"{de}/ADV", f"{en}/ADV") for de, en in (("wo", "where"), ("wann", "when"), ("warum", "why"), ("wie", "how"))
)
WHERE_TO = small("wohin/ADV", "where/ADV")
HOW_LONG, HOW_OFTEN = small("wie/ADV lange/ADV", "how/ADV long/ADV"), small("wie/ADV oft/ADV", "how/ADV often/ADV")
AT_WHAT_TIME = small("um/ADP wie/ADV viel/ADJ Uhr/NOUN", "at/ADP what/DET time/NOUN")
WHERE_FROM = small("woher/ADV", "where/ADV from/ADP")

VERB_TABLE = """
have had had | haben hast hat hab gehabt | lasting
walk went gone | gehen gehst geht geh gegangen | sein
speak spoke spoken | sprechen sprichst spricht sprich gesprochen |
understand understood understood | verstehen verstehst versteht versteh verstanden | lasting
need | brauchen brauchst braucht brauch gebraucht | lasting
learn | lernen lernst lernt lern gelernt |
ask | fragen fragst fragt frag gefragt |
make made made | machen machst macht mach gemacht |
tell told told | sagen sagst sagt sag gesagt |
answer | antworten antwortest antwortet antworte geantwortet |
wait | warten wartest wartet warte gewartet |
stay | bleiben bleibst bleibt bleib geblieben | sein
sit sat sat | sitzen sitzt sitzt sitz gesessen |
stand stood stood | stehen stehst steht steh gestanden |
lie lay lain | liegen liegst liegt lieg gelegen |
take took taken | nehmen nimmst nimmt nimm genommen |
laugh | lachen lachst lacht lach gelacht |
do did done | machen machst macht mach gemacht |
believe | glauben glaubst glaubt glaub geglaubt | lasting
thank | danken dankst dankt dank gedankt | lasting
belong+to | gehören gehörst gehört gehöre gehört | lasting
drive went gone | fahren fährst fährt fahr gefahren | sein
get got got | kommen kommst kommt komm gekommen | sein
taste | schmecken schmeckst schmeckt schmeck geschmeckt | lasting
steer drove driven | fahren fährst fährt fahr gefahren | sein
rain | regnen - regnet - geregnet |
snow | schneien - schneit - geschneit |
"""
SPEECH = {**VERBS, **{verb.name: verb for verb in map(read_verb, VERB_TABLE.strip().splitlines())}}
SPEECH["have"].present.update(ich="habe", er="hat", ihr="habt")
for _name in ("walk", "drive"):  # gehen, and fahren of a bus: what one says is "go"
    SPEECH[_name].english.update(SPEECH["go"].english)
# Der Kuchen schmeckt mir: I like the cake
TASTE_GOOD = replace(
    SPEECH["like"],
    infinitive="schmecken",
    present=SPEECH["taste"].present,
    participle="geschmeckt",
    imperative="schmeck",
)
NOTHING = Verb("want", {"base": ()}, "", "", {}, "", "", "haben", True, False)  # ich will (trinken) einen Kaffee
BE_SORRY = Verb("be sorry", {}, "tun", "", {"er": "tut"}, "", "getan", "haben", True, False)

NAMES = {"Anna": "f", "Maria": "f", "Lena": "f", "Peter": "m", "Paul": "m", "Tom": "m"}


def _name(name: str, gender: str) -> Phrase:
    """A person's name: the same in all cases but the genitive."""
    word = ((tagged(name, "NOUN"), 0),)
    german = {"nom": word, "acc": word, "dat": word, "gen": ((tagged(name + "s", "NOUN"), 0),)}
    noun = Noun(name, "", name, gender, "", name + "s", False, "person", False, ())
    return Phrase(german, word, word, "er", False, 1, gender, noun, "name")


CALLED = {name: _name(name, gender) for name, gender in NAMES.items()}


@cache
def spot(german: str, english: str) -> Phrase:
    """Berlin; Deutschland / Germany"""
    word = ((tagged(german, "NOUN"), 0),)
    noun = Noun(english, "", german, "n", "", "", False, "place", False, ("beautiful", "big"))
    name = ((tagged(english, "NOUN"), 0),)
    return Phrase(dict.fromkeys(("nom", "acc", "dat"), word), name, name, "er", False, 1, "n", noun, "spot")


SPOTS_NAMED = (spot("Berlin", "Berlin"), spot("Deutschland", "Germany"))

# Wie ist dein Name? What is your name?
WHAT_NAME = Phrase({"nom": ((tagged("wie", "ADV"), 0),)}, *[((tagged("what", "PRON"), 0),)] * 2, "er", False, 1)


@cache
def language(name: str) -> Phrase:
    """Deutsch / German, Englisch / English."""
    german = ((tagged({"German": "Deutsch", "English": "Englisch"}[name], "NOUN"), 0),)
    english = ((tagged(name, "NOUN"), 0),)
    noun = Noun(name, "", german[0][0].plain, "n", "", "", False, "language", False, ())
    return Phrase(dict.fromkeys(("nom", "acc", "dat"), german), english, english, "er", False, 1, "n", noun, "")


@cache
def much(noun: Noun, english: str) -> Phrase:
    """viel Geld / a lot of money, much money, how much money; wie viele Kinder / how many children."""
    plural = english in ("how many",)
    gender = "p" if plural else noun.gender
    start = {
        "a lot of": "viel/ADJ", "much": "viel/ADJ", "how much": "wie/ADV viel/ADJ", "how many": "wie/ADV viele/ADJ",
        "some": "etwas/DET", "too much": "zu/ADV viel/ADJ", "so much": "so/ADV viel/ADJ",
    }  # fmt: skip
    tags = {"a": "DET", "lot": "NOUN", "of": "ADP", "much": "ADJ", "how": "ADV", "many": "ADJ", "some": "DET"}
    tags |= {"too": "ADV", "so": "ADV"}
    base = noun_phrase(noun, "", "", plural)
    before = tuple((word, 0) for word in marked(start[english]))
    after = tuple((tagged(word, tags[word]), 0) for word in english.split())
    german = {case: before + base.german[case] for case in ("nom", "acc")}
    whole = after + base.english
    return Phrase(german, whole, whole, "sie" if plural else "er", plural, 3, gender, noun, "much")


@cache
def one_of(noun: Noun) -> Phrase:
    """ein Kaffee / a coffee: a cup, a piece of what has no plural"""
    german = noun_phrase(noun, "a").german
    english = (tagged(article(noun.name), "DET"), 0), (tagged(noun.name, "NOUN"), 2)
    return Phrase(german, english, english, "er", False, 3, noun.gender, noun, "a")


@cache
def another(noun: Noun) -> Phrase:
    """noch ein Hund / another dog, noch einen Kaffee / another coffee"""
    base = noun_phrase(noun, "a")
    german = {case: ((tagged("noch", "ADV"), 0), *base.german[case]) for case in ("nom", "acc", "dat")}
    english = (tagged("another", "DET"), 0), (tagged(noun.name, "NOUN"), 2)
    return Phrase(german, english, english, "er", False, 3, noun.gender, noun, "another")


@cache
def part_of(whole: Noun, thing: Noun, adjective: str = "") -> Phrase:
    """das Fenster der Küche / the window of the kitchen"""
    owner, base = noun_phrase(whole, "the"), noun_phrase(thing, "the", adjective)

    def after(words: Words) -> Words:
        return tuple((word, number + 4) for word, number in words)

    german = {case: (*base.german[case], *after(owner.german["gen"])) for case in ("nom", "acc", "dat")}
    english = (*base.english, (tagged("of", "ADP"), 4), *after(owner.english))
    return Phrase(german, english, english, "er", False, 7, thing.gender, thing, "'s")


def of_name(owner: Phrase, thing: Phrase) -> Phrase:
    """Annas kleiner Hund / Anna's small dog; the thing is a phrase without a determiner."""

    def after(words: Words) -> Words:
        return tuple((word, number + 1) for word, number in words)

    german = {case: owner.german["gen"] + after(thing.german[case]) for case in ("nom", "acc", "dat")}
    english = (*owner.english, (tagged("'s", "PART"), 0), *after(thing.english))
    return Phrase(german, english, english, thing.person, thing.plural, 4, thing.gender, thing.noun, "'s")


def together(first: Phrase, second: Phrase, link: str = "und") -> Phrase:
    """Two as one: Anna und ich / Anna and I, einen Hund oder eine Katze / a dog or a cat."""
    size = first.size
    word = (tagged(link, "CCONJ"), size), (tagged({"und": "and", "oder": "or"}[link], "CCONJ"), size)

    def after(words: Words) -> Words:
        return tuple((word, number + size + 1) for word, number in words)

    german = {case: (*first.german[case], word[0], *after(second.german[case])) for case in ("nom", "acc", "dat")}
    english = (*first.english, word[1], *after(second.english))
    others = (*first.english_object, word[1], *after(second.english_object))
    persons = {first.person if not first.plural else "", second.person if not second.plural else ""}
    person = "sie" if "ich" in persons else "ihr" if "du" in persons else "sie"
    found = () if second.noun is None else (second.noun,)
    return Phrase(german, english, others, person, True, size + 1 + second.size, "p", first.noun, "both", None, found)


def listed(first: Phrase, rest: Phrase) -> Phrase:
    """A third before two: Brot, Milch und Äpfel / bread, milk and apples."""
    size = first.size
    comma = (tagged(",", "PUNCT"), size)

    def before(start: Words, words: Words) -> Words:
        return (*start, comma, *((word, number + size + 1) for word, number in words))

    german = {case: before(first.german[case], rest.german[case]) for case in ("nom", "acc", "dat")}
    mine = "ich" if not first.plural else ""
    return replace(
        rest, german=german, english=before(first.english, rest.english), size=size + 1 + rest.size, noun=first.noun,
        english_object=before(first.english_object, rest.english_object), also=(rest.noun, *rest.also),
        person="ihr" if first.person == "du" and mine else rest.person,
    )  # fmt: skip


WHERE_AT = {
    **{name: (german, "dat", english) for name, (german, english) in AT.items()},
    "table": ("auf", "dat", "on"), "room": ("in", "dat", "in"), "bag": ("in", "dat", "in"), "bus": ("in", "dat", "on"),
    "train": ("in", "dat", "on"), "car": ("in", "dat", "in"), "window": ("an", "dat", "at"),
    "door": ("an", "dat", "at"),
}  # fmt: skip
WHERE_GOING = {**TO, **dict.fromkeys(("park", "city"), ("in", "acc", "to")), "room": ("in", "acc", "into")}
WHERE_GOING |= dict.fromkeys(("bus", "train", "car", "street"), ("zu", "dat", "to"))
WHERE_GOING |= {"doctor": ("zu", "dat", "to"), "friend": ("zu", "dat", "to")}
WHERE_GOING |= dict.fromkeys(("mother", "father", "brother", "sister", "neighbour", "teacher"), ("zu", "dat", "to"))


def place(table: dict, name: str, phrase: Phrase) -> Place:
    """im Zimmer / in the room; zum Arzt / to the doctor."""
    german, case, english = table[name]
    return Place(german, case, english, phrase)


def adverbials() -> list[Adverb]:
    """All adverbials of everyday and of the lexicon."""
    here = [thing for thing in globals().values() if isinstance(thing, Adverb)]
    return [
        *here,
        *ADVERBS.values(),
        *CLOCK,
        *CLOCK_DAYS,
        *SINCE,
        *REASONS,
        *(adverb for some in TIMES.values() for adverb in some),
    ]
