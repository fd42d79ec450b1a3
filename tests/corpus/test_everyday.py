"""Everyday sentences: constructions by hand, the rules of two languages, one translation each, older kinds as ever."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict

import pytest

from course.corpus import EVERYDAY_KINDS, KINDS, detokenize, heard_splits, sample, splits, tagged_splits, tokenize
from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.everyday import EVERYDAY, signs
from course.corpus.everyday_actions import ACTIONS, act
from course.corpus.everyday_asked import WHO
from course.corpus.everyday_being import IT, STATES
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_compound import meaning_it
from course.corpus.everyday_mood import deny, without_particle
from course.corpus.everyday_naming import naming, what_name
from course.corpus.everyday_nouns import definite_somebody, own
from course.corpus.everyday_phrases import PHRASES, phrase
from course.corpus.everyday_questions import what_time
from course.corpus.everyday_rows import common
from course.corpus.everyday_simple import fronts
from course.corpus.groups import Numbers
from course.corpus.phrases import Place, noun_phrase, pronoun
from course.corpus.splits import spoken
from tests.corpus import english_rules, everyday_order, sentences
from tests.corpus import words as listed
from tests.corpus.german_rules import check_noun_phrases
from tests.corpus.tag_rules import wrong_tags

SPEECH = say.SPEECH


@pytest.fixture(scope="module")
def pairs():
    return sample(8_000, seed=321, kinds=EVERYDAY_KINDS)


def fingerprint(thing) -> str:
    return hashlib.sha256(repr(thing).encode()).hexdigest()[:16]


def test_the_older_kinds_give_exactly_the_pairs_they_gave_before_there_were_everyday_ones():
    """Other lessons' stored outputs stand on them; the fingerprints were taken before."""
    parts = [(p.german, p.english, p.alignment, p.kind, p.met, p.german_tags, p.english_tags) for p in sample(2000)]
    assert fingerprint(parts) == "670fa5ed1554b6cd"
    assert fingerprint(tagged_splits(500, 100)) == "06ad5b98122f4a11"
    assert fingerprint(tagged_splits(500, 100, language="german")) == "0eddae041ce5e1b7"
    assert fingerprint(heard_splits(50, 50, 50, 100)) == "ce011c3b8cba36fb"
    assert set(KINDS).isdisjoint(EVERYDAY_KINDS)


def en(name, determiner="the", adjective="", plural=False):
    return noun_phrase(say.every(name)[0], determiner, adjective, plural)


def said(subject, verb, accusative=None, **more) -> Said:
    who = pronoun(subject) if isinstance(subject, str) else subject
    return Said(who, SPEECH[verb], accusative=accusative, **more)


def told(sides, mark=".") -> tuple[str, str]:
    return tuple(detokenize([word for word, _ in side] + [mark]) for side in sides)


A_DOG = en("dog", "a")
NOW, TODAY, TOMORROW = say.TIMES["now"][0], say.TIMES["today"][0], say.TIMES["future"][0]
BE = {"verb": "be"}
STATEMENTS = [
    (said("I", "have", A_DOG), "", "Ich habe einen Hund.", "I have a dog."),
    (said("we", "have", en("cat", "not a"), negated=True), "", "Wir haben keine Katze.", "We do not have a cat."),
    (said("we", "have", en("time", "no")), "", "Wir haben keine Zeit.", "We have no time."),
    (said("he", "have", say.much(say.every("money")[0], "a lot of")), "", "Er hat viel Geld.",
     "He has a lot of money."),
    (said("you all", "be", adjective="tired"), "", "Ihr seid müde.", "You are tired."),
    (said("you", "be", adjective="ready", particle=say.YET, negated=True), "", "Du bist noch nicht fertig.",
     "You are not ready yet."),
    (said("we", "be", whereabouts=say.AT_HOME), "", "Wir sind zu Hause.", "We are at home."),
    (said("that", "be", complement=en("house", "my")), "", "Das ist mein Haus.", "That is my house."),
    (said("those", "be", complement=en("child", "my", "", True)), "", "Das sind meine Kinder.",
     "Those are my children."),
    (said("I", "be", complement=en("child", "not a"), negated=True), "", "Ich bin kein Kind.", "I am not a child."),
    (said(en("father", "my"), "be", complement=en("doctor", "profession")), "", "Mein Vater ist Arzt.",
     "My father is a doctor."),
    (said("I", "be", adjective="old", measure=en("year", "ten", "", True)), "", "Ich bin zehn Jahre alt.",
     "I am ten years old."),
    (said("I", "have", state=STATES[0], english_verb=SPEECH["be"]), "", "Ich habe Hunger.", "I am hungry."),
    (said("she", "have", state=STATES[2], english_verb=SPEECH["be"], negated=True), "", "Sie hat keine Angst.",
     "She is not afraid."),
    (said(IT, "be", dative=pronoun("I"), adjective="cold", experiencer=True), "dative", "Mir ist kalt.", "I am cold."),
    (said(en("book"), "like", dative=pronoun("I")), "dative", "Mir gefällt das Buch.", "I like the book."),
    (said("I", "drink", en("coffee", ""), gladly=True), "", "Ich trinke gern Kaffee.", "I like to drink coffee."),
    (said("he", "sing", gladly=True, negated=True), "", "Er singt nicht gern.", "He does not like to sing."),
    (Said(pronoun("I"), say.NOTHING, modal="would like", accusative=en("ball", "a"), elided=True), "",
     "Ich möchte einen Ball.", "I would like a ball."),
    (said("I", "walk", modal="have", whereabouts=say.HOME, elided=True), "", "Ich muss nach Hause.",
     "I have to go home."),
    (said("I", "see", en("dog"), negated=True), "accusative", "Den Hund sehe ich nicht.", "I do not see the dog."),
    (said("I", "help", dative=en("man")), "dative", "Dem Mann helfe ich.", "I help the man."),
    (said("I", "live", whereabouts=say.HERE), "whereabouts", "Hier wohne ich.", "I live here."),
    (said("we", "go", whereabouts=say.TO_BERLIN, time=TOMORROW, meaning=("present", "will")), "time",
     "Morgen fahren wir nach Berlin.", "Tomorrow we will go to Berlin."),
    (said("I", "have", en("time", "no"), particle=say.UNFORTUNATELY), "particle", "Leider habe ich keine Zeit.",
     "Unfortunately I have no time."),
    (said(say.together(say.CALLED["Anna"], say.CALLED["Paul"]), "live", whereabouts=say.IN_BERLIN), "",
     "Anna und Paul wohnen in Berlin.", "Anna and Paul live in Berlin."),
    (said(say.together(en("brother", "my"), pronoun("I")), "laugh"), "", "Mein Bruder und ich lachen.",
     "My brother and I laugh."),
    (said("nobody", "sleep"), "", "Niemand schläft.", "Nobody sleeps."),
    (said(say.of_name(say.CALLED["Anna"], en("dog", "", "small")), "sleep"), "", "Annas kleiner Hund schläft.",
     "Anna's small dog sleeps."),
    (said("I", "wait", place=Place("auf", "acc", "for", en("bus"))), "", "Ich warte auf den Bus.",
     "I wait for the bus."),
    (said("he", "stay", tense="past", whereabouts=say.HERE), "", "Er ist hier geblieben.", "He stayed here."),
    (said("she", "have", A_DOG, tense="past"), "", "Sie hatte einen Hund.", "She had a dog."),
    (said(IT, "rain", meaning=("progressive", "")), "", "Es regnet.", "It is raining."),
]  # fmt: skip


@pytest.mark.parametrize(("clause", "front", "german", "english"), STATEMENTS, ids=[row[2] for row in STATEMENTS])
def test_statements(clause, front, german, english):
    assert told(clause.pieces(Numbers()).statement(front)) == (german, english)


QUESTIONS = [
    (said("you polite", "have", en("child", "", "", True)), "", "Haben Sie Kinder?", "Do you have children?"),
    (said("you", "drink", en("milk", ""), gladly=True), "", "Trinkst du gern Milch?", "Do you like to drink milk?"),
    (said("you polite", "help", modal="can", dative=pronoun("I"), particle=say.PLEASE), "",
     "Können Sie mir bitte helfen?", "Can you please help me?"),
    (said(en("picture"), "like", dative=pronoun("you")), "", "Gefällt dir das Bild?", "Do you like the picture?"),
    (said(en("dog"), "be", asked=say.WHERE), "asked", "Wo ist der Hund?", "Where is the dog?"),
    (said("you", "come", asked=say.WHERE_FROM), "asked", "Woher kommst du?", "Where do you come from?"),
    (said("you all", "stay", asked=say.HOW_LONG), "asked", "Wie lange bleibt ihr?", "How long do you stay?"),
    (said("that", "be", complement=pronoun("who")), "complement", "Wer ist das?", "Who is that?"),
    (said("who", "come", time=TODAY, meaning=("progressive", "")), "subject", "Wer kommt heute?",
     "Who is coming today?"),
    (said("you", "see", pronoun("who"), tense="past"), "accusative", "Wen hast du gesehen?", "Whom did you see?"),
    (said("you", "be", adjective="old", degree="how"), "predicate", "Wie alt bist du?", "How old are you?"),
    (said("you polite", "have", say.much(say.every("child")[0], "how many")), "accusative",
     "Wie viele Kinder haben Sie?",
     "How many children do you have?"),
    (said("you", "read", en("book", "which")), "accusative", "Welches Buch liest du?", "Which book do you read?"),
    (said("that", "be", complement=en("dog", "whose")), "complement", "Wessen Hund ist das?", "Whose dog is that?"),
    (said("you", "play", company=Place("mit", "dat", "with", WHO)), "company", "Mit wem spielst du?",
     "Who do you play with?"),
    (said(IT, "walk", dative=pronoun("you"), asked=say.HOW, experiencer=True, english_verb=SPEECH["be"]), "asked",
     "Wie geht es dir?", "How are you?"),
]  # fmt: skip


@pytest.mark.parametrize(("clause", "role", "german", "english"), QUESTIONS, ids=[row[2] for row in QUESTIONS])
def test_questions(clause, role, german, english):
    parts = clause.pieces(Numbers())
    assert told(parts.asks(role) if role else parts.question(), "?") == (german, english)


COMMANDS = [
    (said("you", "help", dative=pronoun("I")), "du", "Hilf mir!", "Help me!"),
    (said("you all", "come", particle=say.PLEASE), "ihr", "Kommt bitte!", "Please come!"),
    (said("you polite", "wait", whereabouts=say.HERE), "sie", "Warten Sie hier!", "Wait here!"),
    (said("you", "be", adjective="sad", negated=True), "du", "Sei nicht traurig!", "Do not be sad!"),
    (said("you", "close", en("door")), "du", "Mach die Tür zu!", "Close the door!"),
    (said("you", "have", state=STATES[2], english_verb=SPEECH["be"], negated=True), "du", "Hab keine Angst!",
     "Do not be afraid!"),
]  # fmt: skip


@pytest.mark.parametrize(("clause", "person", "german", "english"), COMMANDS, ids=[row[2] for row in COMMANDS])
def test_commands(clause, person, german, english):
    assert told(clause.pieces(Numbers()).commanded(person), "!") == (german, english)


def test_names_and_hours():
    you, anna = pronoun("you"), say.CALLED["Anna"]
    assert told(naming(pronoun("I"), anna, Numbers(), "statement")) == ("Ich heiße Anna.", "My name is Anna.")
    assert told(naming(you, anna, Numbers(), "question"), "?") == ("Heißt du Anna?", "Is your name Anna?")
    assert told(what_name(you, Numbers()), "?") == ("Wie heißt du?", "What is your name?")
    brother = what_name(en("brother", "your"), Numbers())
    assert told(brother, "?") == ("Wie heißt dein Bruder?", "What is your brother's name?")
    assert told(what_time(Numbers()), "?") == ("Wie spät ist es?", "What time is it?")
    assert {told(phrase(text, Numbers())) for text in PHRASES} >= {("Gute Nacht.", "Good night.")}


def test_inside_another_clause_the_verb_stands_last():
    parts = said("he", "be", asked=say.WHERE).pieces(Numbers())
    assert told(parts.asks_inside()) == ("Wo er ist.", "Where he is.")
    parts = said("I", "call", pronoun("you"), tense="past").pieces(Numbers())
    assert told((parts.verb_last(), parts.english())) == ("Ich dich angerufen habe.", "I called you.")


def test_the_gold_alignment_of_a_sentence_known_by_hand():
    """Gefällt dir das Bild? Do you like the picture?: gefällt-do, like; dir-you; das-the; Bild-picture."""
    german, english = said(en("picture"), "like", dative=pronoun("you")).pieces(Numbers()).question()
    places = defaultdict(set)
    for index, (_, number) in enumerate(german):
        places[number].add(index)
    links = {(row, column) for row, (_, number) in enumerate(english) for column in places[number]}
    assert links == {(0, 0), (1, 1), (2, 0), (3, 2), (4, 3)}


def rows(pair, side):
    return sentences(getattr(pair, side), pair.english[-1])


def test_noun_phrases_agree(pairs):
    wrong = [fault for pair in pairs for row in rows(pair, "german") for fault in check_noun_phrases(row)]
    assert wrong[:5] == []


def test_verbs_stand_where_they_must_and_agree(pairs):
    whole = [pair for pair in pairs if pair.kind not in ("phrase", "answer")]
    wrong = [fault for pair in whole for row in rows(pair, "german") for fault in everyday_order.check_sentence(row)]
    assert wrong[:5] == []


def test_english_agrees(pairs):
    wrong = [fault for pair in pairs for row in rows(pair, "english") for fault in english_rules.check_sentence(row)]
    assert wrong[:5] == []


@pytest.mark.parametrize("language", ["german", "english"])
def test_tags(pairs, language):
    wrong = []
    for pair in pairs:
        words, tags = getattr(pair, language), getattr(pair, f"{language}_tags")
        assert len(words) == len(tags)
        if words[-1] not in ".?!":
            words, tags = (*words, "."), (*tags, "PUNCT")
        wrong += wrong_tags(words, tags, language)
    assert wrong[:5] == []


@pytest.mark.parametrize(
    "text",
    [
        "heute ich schlafe .", "wo der Hund ist ?", "ich weiß nicht , wo ist er .", "du hat einen Hund .",
        "er ist geschlafen .", "ich bleibe hier , weil ich bin müde .", "den Hund ich sehe .", "wir bin zu Hause .",
        "du einen Hund hast ?",
    ],
)  # fmt: skip
def test_the_rules_see_a_verb_in_the_wrong_place(text):
    assert everyday_order.check_sentence(text.split())


DENIALS = frozenset(listed("""
    nicht nie kein keine keinen keinem keiner niemand niemanden niemandem nichts nein not no never cannot nobody nothing
    neither
"""))  # fmt: skip


def test_what_one_side_denies_the_other_denies_too(pairs):
    wrong = [pair for pair in pairs if len(DENIALS & {*pair.german}) > 0 and not DENIALS & {*pair.english}]
    wrong += [pair for pair in pairs if DENIALS & {*pair.english} and not {*pair.german} & {*DENIALS, "schlecht"}]
    assert [pair.german for pair in wrong][:5] == []
    assert sum(bool(DENIALS & {*pair.german}) for pair in pairs) > 1_000


def test_a_sentence_has_one_translation_in_all_kinds_together():
    english = defaultdict(set)
    for pair in (*sample(30_000, seed=5, kinds=EVERYDAY_KINDS), *map(spoken, sample(15_000, seed=6))):
        english[pair.german].add(pair.english)
    assert [german for german, found in english.items() if len(found) > 1] == []


def test_every_pair_survives_the_round_trip(pairs):
    for pair in pairs:
        assert tokenize(detokenize(pair.german)) == pair.german
        assert tokenize(detokenize(pair.english)) == pair.english


def test_alignment_leaves_no_content_unlinked(pairs):
    free = Counter()
    for pair in pairs:
        linked = {column for _, column in pair.alignment}
        free.update(word for index, word in enumerate(pair.german) if index not in linked)
    # es geht mir gut; kommen Sie; das Haus meines Vaters: my father's house
    assert set(free) <= {",", "es", "Sie", "der", "die", "das", "den", "dem"}
    assert sum(free[article] for article in ("der", "die", "das", "den", "dem")) < len(pairs) / 50


def test_people_type_short_sentences_often_without_the_sign(pairs):
    lengths = Counter(len([word for word in pair.german if word not in ".?!,"]) for pair in pairs)
    assert sum(lengths[n] for n in range(2, 9)) / len(pairs) > 0.8
    assert 0.15 < sum(pair.german[-1] not in ".?!" for pair in pairs) / len(pairs) < 0.3
    assert all(pair.english[-1] in ".?!" for pair in pairs)


def test_a_sign_is_kept_where_it_tells():
    numbers, chance = Numbers(), Chance(1)
    numbers.mark = "?"
    assert {signs(chance, numbers, False) for _ in range(200)} == {("", "?"), ("?", "?")}
    assert {signs(chance, numbers, True) for _ in range(200)} == {("?", "?")}
    polite = [p for p in sample(3_000, seed=1, kinds=("everyday command",)) if p.german[1:2] == ("Sie",)]
    assert len(polite) > 300
    assert {pair.german[-1] for pair in polite} <= {".", "!"}


def test_polite_words_keep_their_capital_inside_and_open_no_sentence(pairs):
    texts = [row for pair in pairs for row in rows(pair, "german")]
    assert not {"Sie", "Ihnen", "Ihr", "Ihre"} & {row[0] for row in texts}
    assert sum("Sie" in row for row in texts) > 200


def test_what_is_said_most_often_comes_often():
    chance, found = Chance(3), Counter()
    for _ in range(400):
        found[told(common(chance, Numbers()), "?")] += 1
    assert found["Was machst du?", "What are you doing?"] >= 1
    assert found["Wie spät ist es?", "What time is it?"] >= 20


def test_every_kind_has_its_rule():
    assert set(EVERYDAY) == set(EVERYDAY_KINDS) == {pair.kind for pair in sample(3_000, seed=2, kinds=EVERYDAY_KINDS)}


def test_a_denial_suits_what_it_denies():
    def denied(clause):
        deny(Chance(0), clause, 1.0)
        return told(clause.pieces(Numbers()).statement())

    assert denied(said("I", "have", en("time", ""))) == ("Ich habe keine Zeit.", "I have no time.")
    assert denied(said("I", "see", A_DOG)) == ("Ich sehe keinen Hund.", "I do not see a dog.")
    assert denied(said("I", "be", adjective="tired", particle=say.ALSO)) == (
        "Ich bin auch nicht müde.", "I am not tired either.")  # fmt: skip
    assert denied(said("nobody", "sleep")) == ("Niemand schläft.", "Nobody sleeps.")


def test_words_that_belong_together():
    still = said("he", "sleep", particle=say.STILL, meaning=("progressive", ""))
    assert without_particle(still).meaning is None
    lion = said("he", "be", adjective="tired")
    meaning_it(lion, en("lion"))
    assert lion.subject is pronoun("it m")
    assert [own(pronoun(name)) for name in ("I", "you all", "you polite", "she")] == ["my", "your p", "your P", "her"]
    assert "accusative" not in fronts(said(en("woman"), "see", en("child")))
    assert "accusative" in fronts(said("I", "see", en("child")))
    chance = Chance(4)
    assert not {definite_somebody(chance).determiner for _ in range(300)} & {"no", "some", "every"}
    assert {act(chance, "animal").subject.living for _ in range(50)} == {True}
    assert {action.verb.name for action in ACTIONS} >= {"have", "wait", "lie", "know that"}


@pytest.fixture(scope="module")
def parts():
    return splits()


VOCABULARY = """
    ihr euch euer eure Sie Ihnen Ihr Ihre Ihren jemand niemand etwas nichts alles hier dort da draußen allein
    zusammen auch
    eins schon noch nur wieder gern viel gut schnell langsam leider vielleicht hallo danke bitte ja nein tschüss
    Wiedersehen
    Nacht Dank Entschuldigung Problem Gute leid Anna Maria Lena Peter Paul Tom Annas Berlin Deutschland Deutsch Englisch
    Mutter Vater Bruder Brüder Schwester Freundin Tisch Zimmer Geld Zeit Frage Fragen Name Jahre Uhr Hunger Durst Angst
    Recht heiße heißt spreche sprichst spricht sprechen versteht verstanden brauche lernen frage antworte warte wartet
    bleibe geblieben sitzt steht liegt nimmt genommen möchte möchtest möchten möchtet lachst vergisst hatte hatten habt
    seid wart könnt müsst wollt sollt dürft wisst geht war waren aus nach mit auf wohin woher wessen welche welcher
    zwei drei vier fünf sechs sieben acht neun zehn elf zwölf sei hab lustig nett fertig falsch richtig grün blau
    schwarz
    gute guten schlecht warm langsame oder denn
"""


def test_every_word_stands_in_training(parts):
    words = {word for pair in parts.train for word in pair.german}
    assert set(listed(VOCABULARY)) - words == set()


def test_six_of_ten_are_everyday_and_each_test_has_them(parts):
    shares = [sum(pair.kind in EVERYDAY_KINDS for pair in part) / len(part) for part in parts]
    assert 0.55 < shares[0] < 0.67
    assert 0.5 < shares[1] < 0.7
    assert shares[2] > 0.15
    assert {pair.kind for pair in parts.train} == {*KINDS, *EVERYDAY_KINDS}


def test_no_sentence_of_a_test_is_one_of_training_with_another_sign(parts):
    def bare(words):
        return words[:-1] if words[-1] in ".?!" else words

    german = Counter(bare(pair.german) for part in parts[1:] for pair in part)
    assert max(german.values()) == 1
    assert german.keys().isdisjoint({bare(pair.german) for pair in parts.train})
    assert {pair.english for part in parts[1:] for pair in part}.isdisjoint({pair.english for pair in parts.train})
    assert max(Counter(pair.german for pair in parts.train).values()) == 1


def test_without_everyday_the_lists_hold_the_older_kinds_alone():
    older = splits(500, 10, everyday=False)
    assert {pair.kind for part in older for pair in part} <= set(KINDS)
    assert any("walk" in pair.english or "walked" in pair.english for pair in splits(5_000, 0, everyday=False).train)
    assert not any("walk" in pair.english or "walked" in pair.english for pair in splits(5_000, 0).train)
