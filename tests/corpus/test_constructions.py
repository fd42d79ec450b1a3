"""Each construction against sentences written by hand: content is given, both sides are known from grammar books."""

from __future__ import annotations

import pytest

from course.corpus import detokenize
from course.corpus.clauses import Clause, Pieces, Relative, relative
from course.corpus.compound import subordinate
from course.corpus.groups import Numbers
from course.corpus.lexicon import ADVERBS, NOUNS
from course.corpus.phrases import Place, noun, owned, pronoun
from course.corpus.verbs import VERBS


def clause(subject, verb, accusative=None, dative=None, tense="present", **more) -> Clause:
    if isinstance(more.get("time"), str):
        more["time"] = ADVERBS[more["time"]]
    return Clause(subject, VERBS[verb], tense, accusative=accusative, dative=dative, **more)


def text(items, mark) -> str:
    return detokenize([word for word, _ in items] + [mark])


def both(sides, mark=".") -> tuple[str, str]:
    return text(sides[0], mark), text(sides[1], mark)


def statement(this: Clause) -> tuple[str, str]:
    pieces = Pieces(this, Numbers())
    return both((pieces.verb_second(), pieces.english()))


def fronted(this: Clause) -> tuple[str, str]:
    pieces = Pieces(this, Numbers())
    return both((pieces.inverted(), pieces.english(fronted=True)))


def question(this: Clause) -> tuple[str, str]:
    pieces = Pieces(this, Numbers())
    return both((pieces.verb_first(), pieces.english(question=True)), "?")


def command(this: Clause) -> tuple[str, str]:
    return both(Pieces(this, Numbers()).command(), "!")


STATEMENTS = [
    # present, three genders, weak, strong and mixed adjectives
    (
        clause(noun("king", "the", "old"), "love", noun("queen", "the", "young")),
        "Der alte König liebt die junge Königin.",
        "The old king loves the young queen.",
    ),
    (
        clause(noun("child", "a", "small"), "see", noun("dog", "a", "big")),
        "Ein kleines Kind sieht einen großen Hund.",
        "A small child sees a big dog.",
    ),
    (
        clause(noun("man"), "drink", noun("water", "", "cold"), time="every day"),
        "Der Mann trinkt jeden Tag kaltes Wasser.",
        "The man drinks cold water every day.",
    ),
    (
        clause(pronoun("we"), "drink", noun("coffee", "", "cold"), time="often"),
        "Wir trinken oft kalten Kaffee.",
        "We often drink cold coffee.",
    ),
    # weak nouns
    (clause(noun("boy"), "know", noun("prince")), "Der Junge kennt den Prinzen.", "The boy knows the prince."),
    (
        clause(noun("lion", "a"), "see", noun("student", "this")),
        "Ein Löwe sieht diesen Studenten.",
        "A lion sees this student.",
    ),
    # four cases
    (
        clause(noun("woman"), "help", dative=noun("neighbour", "my", "old"), time="never"),
        "Die Frau hilft nie meinem alten Nachbarn.",
        "The woman never helps my old neighbour.",
    ),
    (
        clause(noun("princess"), "show", noun("castle"), noun("child", "the", "", True), "past"),
        "Die Prinzessin hat den Kindern das Schloss gezeigt.",
        "The princess showed the children the castle.",
    ),
    (
        clause(owned(noun("king"), NOUNS["car"], "old"), "be", adjective="red"),
        "Das alte Auto des Königs ist rot.",
        "The king's old car is red.",
    ),
    (
        clause(owned(noun("boy", "this"), NOUNS["dog"]), "be", adjective="tired", degree="very"),
        "Der Hund dieses Jungen ist sehr müde.",
        "This boy's dog is very tired.",
    ),
    # plural
    (
        clause(noun("mouse", "two", "hungry", True), "eat", noun("bread"), tense="past"),
        "Zwei hungrige Mäuse haben das Brot gegessen.",
        "Two hungry mice ate the bread.",
    ),
    (
        clause(noun("child", "many", "", True), "visit", noun("friend", "their", "old", True), tense="past"),
        "Viele Kinder haben ihre alten Freunde besucht.",
        "Many children visited their old friends.",
    ),
    # perfect with sein; separable verbs; contraction
    (
        clause(noun("train"), "arrive", tense="past", place=Place("an", "dat", "at", noun("station"))),
        "Der Zug ist am Bahnhof angekommen.",
        "The train arrived at the station.",
    ),
    (
        clause(
            noun("train"), "arrive", tense="progressive", time="gerade", place=Place("an", "dat", "at", noun("station"))
        ),
        "Der Zug kommt gerade am Bahnhof an.",
        "The train is arriving at the station.",
    ),
    (
        clause(pronoun("I"), "call", pronoun("you"), time="tomorrow", modal="will"),
        "Ich werde dich morgen anrufen.",
        "I will call you tomorrow.",
    ),
    (
        clause(noun("bird"), "fly", tense="past", place=Place("in", "acc", "into", noun("house"))),
        "Der Vogel ist ins Haus geflogen.",
        "The bird flew into the house.",
    ),
    # modals
    (
        clause(noun("girl"), "sing", noun("song", "a"), modal="want"),
        "Das Mädchen will ein Lied singen.",
        "The girl wants to sing a song.",
    ),
    (
        clause(noun("doctor", "every"), "work", modal="had", time="today"),
        "Jeder Arzt musste heute arbeiten.",
        "Every doctor had to work today.",
    ),
    # negation
    (
        clause(noun("man"), "buy", noun("apple", "not a"), tense="past", negated=True),
        "Der Mann hat keinen Apfel gekauft.",
        "The man did not buy an apple.",
    ),
    (
        clause(noun("woman"), "read", noun("book"), time="today", tense="progressive", negated=True),
        "Die Frau liest das Buch heute nicht.",
        "The woman is not reading the book today.",
    ),
    (
        clause(noun("cat"), "drink", noun("milk", "not a"), modal="can", negated=True),
        "Die Katze kann keine Milch trinken.",
        "The cat cannot drink any milk.",
    ),
    (
        clause(noun("boy"), "come", modal="have", negated=True),
        "Der Junge muss nicht kommen.",
        "The boy does not have to come.",
    ),
    (
        clause(noun("queen"), "see", noun("bus", "not a", "red"), negated=True),
        "Die Königin sieht keinen roten Bus.",
        "The queen does not see a red bus.",
    ),
    # to like turns the sentence round; wear or carry by the object
    (clause(noun("dress"), "like", dative=pronoun("I")), "Das Kleid gefällt mir.", "I like the dress."),
    (
        clause(noun("story", "this", "", True), "like", dative=noun("teacher"), negated=True),
        "Diese Geschichten gefallen der Lehrerin nicht.",
        "The teacher does not like these stories.",
    ),
    (clause(noun("king"), "wear", noun("crown")), "Der König trägt die Krone.", "The king wears the crown."),
    (clause(noun("king"), "carry", noun("bag")), "Der König trägt die Tasche.", "The king carries the bag."),
    # pronouns before nouns, accusative before dative
    (
        clause(noun("woman"), "give", pronoun("it m"), noun("man"), "past"),
        "Die Frau hat ihn dem Mann gegeben.",
        "The woman gave it to the man.",
    ),
    (
        clause(noun("woman"), "give", noun("apple", "the"), pronoun("he"), "past", time="yesterday"),
        "Die Frau hat ihm gestern den Apfel gegeben.",
        "The woman gave him the apple yesterday.",
    ),
    # passive
    (
        clause(noun("letter"), "write", tense="past", passive=True, company=Place("von", "dat", "by", noun("prince"))),
        "Der Brief wurde vom Prinzen geschrieben.",
        "The letter was written by the prince.",
    ),
    (
        clause(noun("door", "the", "red"), "open", passive=True, time="every day"),
        "Die rote Tür wird jeden Tag aufgemacht.",
        "The red door is opened every day.",
    ),
]


@pytest.mark.parametrize(("this", "german", "english"), STATEMENTS, ids=[case[2] for case in STATEMENTS])
def test_statement(this, german, english):
    assert statement(this) == (german, english)


FRONTED = [
    (
        clause(noun("child"), "feed", noun("cat"), time="yesterday", tense="past"),
        "Gestern hat das Kind die Katze gefüttert.",
        "Yesterday the child fed the cat.",
    ),
    (
        clause(noun("princess"), "invite", noun("man"), time="now", tense="progressive"),
        "Jetzt lädt die Prinzessin den Mann ein.",
        "Now the princess is inviting the man.",
    ),
    (
        clause(noun("boy"), "walk", time="sometimes", place=Place("zu", "dat", "to", noun("school"))),
        "Manchmal geht der Junge zur Schule.",
        "Sometimes the boy walks to the school.",
    ),
    (
        clause(noun("dog", "no"), "sleep", time="last week", tense="past"),
        "Letzte Woche hat kein Hund geschlafen.",
        "Last week no dog slept.",
    ),
]


@pytest.mark.parametrize(("this", "german", "english"), FRONTED)
def test_an_adverb_in_first_place_turns_subject_and_verb_round(this, german, english):
    assert fronted(this) == (german, english)


QUESTIONS = [
    (clause(pronoun("you"), "see", noun("bird", "the", "", True)), "Siehst du die Vögel?", "Do you see the birds?"),
    (
        clause(pronoun("he"), "call", noun("doctor"), tense="past"),
        "Hat er den Arzt angerufen?",
        "Did he call the doctor?",
    ),
    (
        clause(noun("queen"), "close", noun("window"), tense="progressive", time="gerade"),
        "Macht die Königin gerade das Fenster zu?",
        "Is the queen closing the window?",
    ),
    (
        clause(noun("street", "this"), "be", tense="past", adjective="wide"),
        "War diese Straße breit?",
        "Was this street wide?",
    ),
    (
        clause(
            pronoun("they"), "go", modal="want", place=Place("in", "acc", "into", noun("city")), means=ADVERBS["today"]
        ),
        "Wollen sie heute in die Stadt fahren?",
        "Do they want to go into the city today?",
    ),
]


@pytest.mark.parametrize(("this", "german", "english"), QUESTIONS)
def test_question(this, german, english):
    assert question(this) == (german, english)


COMMANDS = [
    (clause(pronoun("you"), "eat", noun("soup")), "Iss die Suppe!", "Eat the soup!"),
    (clause(pronoun("you"), "close", noun("door"), negated=True), "Mach die Tür nicht zu!", "Do not close the door!"),
    (clause(pronoun("you"), "help", dative=pronoun("I")), "Hilf mir!", "Help me!"),
    (
        clause(pronoun("you"), "buy", noun("banana", "not a", "", True), negated=True),
        "Kauf keine Bananen!",
        "Do not buy any bananas!",
    ),
]


@pytest.mark.parametrize(("this", "german", "english"), COMMANDS)
def test_command(this, german, english):
    assert command(this) == (german, english)


ASLEEP = clause(noun("dog"), "sleep", tense="past")
SUBORDINATE = [
    (
        ("weil", "because"),
        ASLEEP,
        clause(pronoun("it m"), "be", tense="past", adjective="tired"),
        False,
        "Der Hund hat geschlafen, weil er müde war.",
        "The dog slept because it was tired.",
    ),
    (
        ("obwohl", "although"),
        ASLEEP,
        clause(noun("woman"), "call", pronoun("he"), tense="past"),
        True,
        "Obwohl die Frau ihn angerufen hat, hat der Hund geschlafen.",
        "Although the woman called him, the dog slept.",
    ),
    (
        ("wenn", "when"),
        clause(noun("child"), "play", modal="may"),
        clause(noun("bus"), "arrive"),
        True,
        "Wenn der Bus ankommt, darf das Kind spielen.",
        "When the bus arrives, the child may play.",
    ),
    (
        ("dass", "that"),
        clause(pronoun("she"), "know that"),
        clause(noun("king"), "rule", noun("country")),
        False,
        "Sie weiß, dass der König das Land regiert.",
        "She knows that the king rules the country.",
    ),
    (
        ("ob", "whether"),
        clause(pronoun("I"), "know that", negated=True),
        clause(noun("man"), "come", modal="want"),
        False,
        "Ich weiß nicht, ob der Mann kommen will.",
        "I do not know whether the man wants to come.",
    ),
]


@pytest.mark.parametrize(("conjunction", "main", "inner", "first", "german", "english"), SUBORDINATE)
def test_subordinate_clause(conjunction, main, inner, first, german, english):
    assert both(subordinate(conjunction, main, inner, first, Numbers())) == (german, english)


def test_er_and_sie_by_what_they_stand_for():
    main = clause(noun("animal"), "cross", noun("street"), tense="past", negated=True)
    tired = clause(pronoun("it n"), "be", tense="past", adjective="tired", degree="too")
    wide = clause(pronoun("it f"), "be", tense="past", adjective="wide", degree="too")
    assert both(subordinate(("weil", "because"), main, tired, False, Numbers())) == (
        "Das Tier hat die Straße nicht überquert, weil es zu müde war.",
        "The animal did not cross the street because it was too tired.",
    )
    assert both(subordinate(("weil", "because"), main, wide, False, Numbers())) == (
        "Das Tier hat die Straße nicht überquert, weil sie zu breit war.",
        "The animal did not cross the street because it was too wide.",
    )


RELATIVES = [
    (
        noun("man"),
        clause(noun("man"), "read", noun("book"), tense="past"),
        "subject",
        ", der das Buch gelesen hat,",
        "who read the book",
    ),
    (
        noun("apple"),
        clause(noun("child"), "eat", noun("apple"), tense="past"),
        "accusative",
        ", den das Kind gegessen hat,",
        "that the child ate",
    ),
    (
        noun("queen"),
        clause(noun("prince"), "help", dative=noun("queen"), tense="past"),
        "dative",
        ", der der Prinz geholfen hat,",
        "whom the prince helped",
    ),
    (
        noun("boy", "the", "", True),
        clause(noun("prince"), "help", dative=noun("boy", "the", "", True)),
        "dative",
        ", denen der Prinz hilft,",
        "whom the prince helps",
    ),
    (
        noun("house"),
        clause(noun("woman"), "live", place=Place("in", "dat", "in", noun("house"))),
        "place",
        ", in dem die Frau wohnt,",
        "in which the woman lives",
    ),
]


@pytest.mark.parametrize(("head", "inner", "gap", "german", "english"), RELATIVES)
def test_relative_clause(head, inner, gap, german, english):
    left, right = relative(head, Relative(inner, gap), Numbers())
    assert " ".join(word for word, _ in left).replace(" ,", ",") == german
    assert " ".join(word for word, _ in right) == english


def test_infinitive_with_zu():
    def said(this):
        left, right = Pieces(this, Numbers()).infinitive()
        return " ".join(word for word, _ in left), " ".join(word for word, _ in right)

    you = pronoun("you")
    assert said(clause(you, "translate", noun("sentence", "this"))) == (
        "diesen Satz zu übersetzen",
        "to translate this sentence",
    )
    assert said(clause(you, "call", noun("friend", "the", "", True))) == (
        "die Freunde anzurufen",
        "to call the friends",
    )
    assert said(clause(you, "open", noun("door"), time="tomorrow")) == (
        "morgen die Tür aufzumachen",
        "to open the door tomorrow",
    )
