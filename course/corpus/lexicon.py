"""The words: nouns with gender and plural, adjectives, adverbs, prepositions; an entry is one idea in two languages."""

from __future__ import annotations

from dataclasses import dataclass

from course.corpus.tags import Word, adverbial


@dataclass(frozen=True, slots=True, eq=False)
class Noun:
    """A noun. An empty plural: it is used in the singular only (its plural looks the same, or it is a mass)."""

    name: str
    english_plural: str
    german: str
    gender: str  # m, f, n
    german_plural: str
    genitive: str
    weak: bool  # der Junge, den Jungen
    kind: str
    owned: bool  # one can say "my ..." of it
    adjectives: tuple[str, ...]

    @property
    def mass(self) -> bool:
        """Milk and bread: no plural and no "a"."""
        return self.name in MASSES


MASSES = frozenset(["bread", "soup", "water", "milk", "coffee", "tea", "rain", "snow", "money", "time"])

# English, its plural | German, gender, plural, genitive ("weak": as the plural) | kind, owned | adjectives that suit it
NOUN_TABLE = """
king kings           | König m Könige Königs               | ruler -   | old young clever friendly
queen queens         | Königin f Königinnen Königin        | ruler -   | old young clever friendly beautiful
prince princes       | Prinz m Prinzen weak                | ruler -   | young clever friendly
princess princesses  | Prinzessin f Prinzessinnen Prinzessin | ruler - | young clever friendly beautiful
man men              | Mann m Männer Mannes                | person -  | old young clever friendly
woman women          | Frau f Frauen Frau                  | person -  | old young clever friendly
boy boys             | Junge m Jungen weak                 | person -  | small clever friendly hungry
girl -               | Mädchen n - Mädchens                | person -  | small clever friendly hungry
child children       | Kind n Kinder Kindes                | person +  | small clever friendly hungry
doctor doctors       | Arzt m Ärzte Arztes                 | person +  | old young clever friendly
teacher teachers     | Lehrerin f Lehrerinnen Lehrerin     | person +  | old young clever friendly
neighbour neighbours | Nachbar m Nachbarn weak             | person +  | old young friendly
student students     | Student m Studenten weak            | person -  | young clever friendly
friend friends       | Freund m Freunde Freundes           | person +  | old clever
dog dogs             | Hund m Hunde -                      | animal +  | old young big small hungry
cat cats             | Katze f Katzen -                    | animal +  | old young small hungry
horse horses         | Pferd n Pferde -                    | animal +  | old young big beautiful
bird birds           | Vogel m Vögel -                     | animal +  | young small hungry beautiful
lion lions           | Löwe m Löwen weak                   | animal -  | old young big hungry
mouse mice           | Maus f Mäuse -                      | animal -  | young small hungry
animal animals       | Tier n Tiere -                      | animal -  | old young big small hungry
car cars             | Auto n Autos -                      | vehicle + | new old red
bus buses            | Bus m Busse -                       | vehicle - | new old red
train trains         | Zug m Züge -                        | vehicle - | new old long
tram trams           | Straßenbahn f Straßenbahnen -       | vehicle - | new old red
apple apples         | Apfel m Äpfel -                     | fruit -   | red fresh big small
banana bananas       | Banane f Bananen -                  | fruit -   | fresh big small
plum plums           | Pflaume f Pflaumen -                | fruit -   | fresh big small
bread -              | Brot n - -                          | food -    | fresh
cake -               | Kuchen m - -                        | food -    | fresh big small
soup -               | Suppe f - -                         | food -    | cold
water -              | Wasser n - -                        | drink -   | cold fresh
milk -               | Milch f - -                         | drink -   | cold fresh
coffee -             | Kaffee m - -                        | drink -   | cold
tea -                | Tee m - -                           | drink -   | cold
book books           | Buch n Bücher -                     | text +    | new old long
letter letters       | Brief m Briefe -                    | text +    | long old
newspaper newspapers | Zeitung f Zeitungen -               | text +    | new old
sentence sentences   | Satz m Sätze -                      | text +    | long new
story stories        | Geschichte f Geschichten -          | text +    | long old beautiful
song songs           | Lied n Lieder -                     | text +    | new old beautiful
ball balls           | Ball m Bälle -                      | thing +   | new red small
door -               | Tür f - -                           | thing -   | big red new old
window -             | Fenster n - -                       | thing -   | big small
bag bags             | Tasche f Taschen -                  | thing +   | new old red small big
flower flowers       | Blume f Blumen -                    | thing -   | red beautiful fresh
crown -              | Krone f - -                         | thing -   | old beautiful new
picture pictures     | Bild n Bilder -                     | thing +   | new old beautiful small
hat -                | Hut m - -                           | thing +   | new old red
dress -              | Kleid n - -                         | thing -   | new red beautiful
garden -             | Garten m - -                        | place +   | big small beautiful
street -             | Straße f - -                        | place -   | long old
house -              | Haus n - -                          | place +   | big small old new
school -             | Schule f - -                        | place +   | big small new old
park -               | Park m - -                          | place -   | big small beautiful
city -               | Stadt f - -                         | place +   | big old beautiful
forest -             | Wald m - -                          | place -   | big old
kitchen -            | Küche f - -                         | place +   | big small new
castle -             | Schloss n - -                       | place -   | big old beautiful
bridge -             | Brücke f - -                        | place -   | old new long
country -            | Land n - -                          | place +   | big small beautiful
station -            | Bahnhof m - -                       | place -   | new old
rain -               | Regen m - Regens                    | weather - |
snow -               | Schnee m - Schnees                  | weather - |
"""

ADJECTIVES = {
    "old": "alt", "young": "jung", "clever": "klug", "friendly": "freundlich", "small": "klein", "big": "groß",
    "beautiful": "schön", "new": "neu", "red": "rot", "fresh": "frisch", "cold": "kalt", "hot": "heiß", "long": "lang",
    "hungry": "hungrig", "tired": "müde", "sick": "krank", "happy": "glücklich", "sad": "traurig",
    "wide": "breit", "expensive": "teuer", "sweet": "süß", "difficult": "schwierig", "easy": "leicht",
    "important": "wichtig",
}  # fmt: skip

EVERYDAY_ADJECTIVES = {
    "good": "gut", "bad": "schlecht", "warm": "warm", "fast": "schnell", "slow": "langsam", "right": "richtig",
    "wrong": "falsch", "ready": "fertig", "nice": "nett", "funny": "lustig", "black": "schwarz", "green": "grün",
    "blue": "blau", "late": "spät",
}  # fmt: skip
BARE = ADJECTIVES | EVERYDAY_ADJECTIVES  # as they stand after "is"
# as they stand before an ending: das teure Auto, der nächste Bus
STEMS = BARE | {"tired": "müd", "expensive": "teur", "next": "nächst", "last": "letzt"}


def read_noun(line: str) -> Noun:
    english, german, kind, adjectives = (part.split() for part in line.split("|"))
    genitive = german[3]
    return Noun(
        english[0], english[1].strip("-"), german[0], german[1], german[2].strip("-"),
        (german[2] if genitive == "weak" else genitive).strip("-"), genitive == "weak",
        kind[0], kind[1] == "+", tuple(adjectives),
    )  # fmt: skip


NOUNS = {noun.name: noun for noun in map(read_noun, NOUN_TABLE.strip().splitlines())}

GROUPS = {
    "people": ("ruler", "person"), "living": ("ruler", "person", "animal"), "ruler": ("ruler",), "animal": ("animal",),
    "vehicle": ("vehicle",), "food": ("fruit", "food"), "drink": ("drink",), "text": ("text",), "place": ("place",),
}  # fmt: skip


def nouns(names: str) -> tuple[Noun, ...]:
    """The nouns that a list of names and groups stands for: "ruler dog" -> king, queen, prince, princess, dog."""
    chosen: list[Noun] = []
    for name in names.split():
        kinds = GROUPS.get(name)
        chosen += [NOUNS[name]] if kinds is None else [noun for noun in NOUNS.values() if noun.kind in kinds]
    return tuple(dict.fromkeys(chosen))


@dataclass(frozen=True, slots=True, eq=False)
class Adverb:
    """An adverbial of one or more words. where: its English place, "end" or "middle" (before the verb)."""

    german: tuple[Word, ...]
    english: tuple[Word, ...]
    where: str = "end"
    fronts: bool = True  # it may open the sentence


def _adverb(line: str) -> Adverb:
    german, english, *flags = (part.strip() for part in line.split("|"))
    flags = flags[0].split() if flags else []
    where = "middle" if "middle" in flags else "end"
    return Adverb(adverbial(german), adverbial(english), where, "stays" not in flags)


# "right now" has no English word of its own: gerade only turns "reads" into "is reading"
ADVERBS = {
    " ".join(adverb.english or adverb.german): adverb
    for adverb in map(_adverb, """
        gestern | yesterday
        letzte Woche | last week
        heute | today
        morgen | tomorrow
        bald | soon
        nächste Woche | next week
        jetzt | now
        gerade | | stays
        jeden Tag | every day
        jeden Abend | every evening
        am Morgen | in the morning
        oft | often | middle stays
        immer | always | middle stays
        nie | never | middle stays
        manchmal | sometimes | middle
        trotz des Regens | despite the rain
        wegen des Schnees | because of the snow
    """.strip().splitlines())
}  # fmt: skip

# Where one is: German preposition (with the dative), English one. Where one goes: preposition, case, English one.
AT = {
    "garden": ("in", "in"), "park": ("in", "in"), "house": ("in", "in"), "city": ("in", "in"), "forest": ("in", "in"),
    "kitchen": ("in", "in"), "castle": ("in", "in"), "school": ("in", "at"), "station": ("an", "at"),
    "street": ("auf", "in"), "bridge": ("auf", "on"), "country": ("in", "in"),
}  # fmt: skip
TO = {
    "garden": ("in", "acc", "into"), "park": ("in", "acc", "into"), "house": ("in", "acc", "into"),
    "city": ("in", "acc", "into"), "forest": ("in", "acc", "into"), "kitchen": ("in", "acc", "into"),
    "castle": ("zu", "dat", "to"), "school": ("zu", "dat", "to"), "station": ("zu", "dat", "to"),
    "bridge": ("zu", "dat", "to"),
}  # fmt: skip
THROUGH = ("garden", "park", "city", "forest", "street")
CONTRACTIONS = {
    ("in", "dem"): "im", ("in", "das"): "ins", ("an", "dem"): "am", ("zu", "dem"): "zum", ("zu", "der"): "zur",
    ("von", "dem"): "vom",
}  # fmt: skip
