"""A question with its answer, by ja, nein or doch and a word, a phrase or a clause; and what replaces a thing."""

from __future__ import annotations

from dataclasses import replace

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.clauses import Sides
from course.corpus.everyday_actions import act, at
from course.corpus.everyday_being import AGED, BE, SPEECH, age, pointed, presence, quality, state
from course.corpus.everyday_clauses import Said
from course.corpus.everyday_mood import deniable, deny, without_particle
from course.corpus.everyday_naming import naming, what_name
from course.corpus.everyday_nouns import NEAR, introduced, named, named_for, spouse, suiting
from course.corpus.everyday_often import bare_object, has_done, knew, new_one
from course.corpus.everyday_phrases import REPLIES, phrase
from course.corpus.groups import Numbers
from course.corpus.phrases import Phrase, noun_phrase, pronoun
from course.corpus.simple import joined, word

ANSWERED_BY = {"you": "I", "you polite": "I", "you all": "we", "he": "he", "she": "she"}
ASKED_OF = (quality, quality, state, presence, bare_object, bare_object, act, act, has_done, age)
PLAIN = ("", "a", "the", "no", "not a", "another", "much", "two", "three", "many", "this")
SO_IT_IS = {
    "ja": (*["sehr/ADV=very/ADV"] * 5, "leider/ADV=unfortunately/ADV", "jetzt/ADV=now/ADV",
           "heute/ADV=today/NOUN", "immer/ADV=always/ADV", "manchmal/ADV=sometimes/ADV"),
    "nein": ("noch/ADV=not/PART nicht/PART=yet/ADV", "leider/ADV=unfortunately/ADV nicht/PART=not/PART",
             "nicht/PART=not/PART sehr/ADV=very/ADV", "nie/ADV=never/ADV", "heute/ADV+nicht/PART=not/PART+today/NOUN"),
}  # fmt: skip


def question_and_answer(chance: Chance, numbers: Numbers) -> Sides:
    """A question about him, you or that, and its answer."""
    draw = chance.draw()
    if draw < 0.5:
        question, answer = yes_or_no(chance, numbers)
    elif draw < 0.7:
        question, answer = is_that(chance, numbers)
    elif draw < 0.78:
        return replaced(chance, numbers)
    else:
        question, answer = asked_who(chance, numbers)
    numbers.mark = "."
    return joined(question, word("?", "?", numbers), answer)


def beginning(yes: str, numbers: Numbers) -> Sides:
    """Ja, / Yes,"""
    english = {"ja": "yes", "nein": "no", "doch": "yes"}[yes]
    return joined(word(yes, english, numbers, "INTJ"), word(",", ",", numbers))


def yes_or_no(chance: Chance, numbers: Numbers) -> tuple[Sides, Sides]:
    """Bist du müde? Ja, sehr. Hast du Durst? Nein, ich habe nur Hunger."""
    name, make = chance.pick(("you",) * 5 + ("you all", "you polite", "he", "she")), chance.pick(ASKED_OF)
    said = asked_of(chance, make, pronoun(name))
    question, draw = said.pieces(numbers).question(), chance.draw()
    yes = chance.pick(("ja", "ja", "nein"))
    if draw < 0.45 and said.adjective and not said.measure and not said.negated:
        return question, joined(beginning(yes, numbers), phrase(chance.pick(SO_IT_IS[yes]), numbers))
    if 0.35 < draw < 0.45:
        return question, joined(beginning(yes, numbers), phrase(chance.pick(REPLIES), numbers))
    who = pronoun(ANSWERED_BY[name])
    other = draw > 0.7 or said.negated or (said.accusative is not None and said.accusative.determiner not in PLAIN)
    again = asked_of(chance, make, who) if other else replace(said, subject=who)
    if not other and yes == "nein" and deniable(again) and again.particle is None:
        deny(chance, again, 1.0)
    elif not other:
        yes = "ja"
    if said.negated:
        yes = chance.pick(("doch", "nein"))
    return question, joined(beginning(yes, numbers), again.pieces(numbers).statement())


def asked_of(chance: Chance, make, who: Phrase) -> Said:
    """Something said of somebody, without a small word that opens the sentence."""
    if make in (state, age):
        said = make(chance)
        said.subject = who
    else:
        said = act(chance, "person", subject=who) if make is act else make(chance, subject=who)
    if said.particle in (say.UNFORTUNATELY, say.MAYBE):
        without_particle(said)
    if said.manner is say.TOGETHER and not who.plural:
        said.manner = None
    return said


def is_that(chance: Chance, numbers: Numbers) -> tuple[Sides, Sides]:
    """Ist das dein Bruder? Nein, das ist mein Freund Paul."""
    said, other = pointed(chance), pointed(chance)
    if chance.happens(0.55):
        noun = chance.pick(NEAR)
        said = Said(pronoun("that"), BE, complement=noun_phrase(spouse(noun), chance.pick(("your", "your", "his"))))
        other = Said(pronoun("that"), BE, complement=my_friend(chance))
    question, draw = said.pieces(numbers).question(), chance.draw()
    yes = "nein" if draw < 0.65 else "ja"
    if draw < 0.15:
        other = Said(said.subject, BE, complement=my_friend(chance))
    elif draw > 0.65 and said.complement.determiner not in ("my", "your", "his", "her", "our"):
        other = said
    return question, joined(beginning(yes, numbers), other.pieces(numbers).statement())


def my_friend(chance: Chance) -> Phrase:
    """mein Freund Paul, meine Schwester, Anna"""
    draw, noun = chance.draw(), spouse(chance.pick(NEAR))
    mine = chance.pick(("my", "my", "my", "his", "our"))
    if draw < 0.5:
        return introduced(noun, mine, named_for(chance, noun.gender))
    return named(chance) if draw < 0.65 else noun_phrase(noun, mine)


def replaced(chance: Chance, numbers: Numbers) -> Sides:
    """Mein Auto ist alt. Ich brauche ein neues. / My car is old. I need a new one."""
    noun = chance.pick([noun for noun in say.every("vehicle thing text house garden dog cat") if not noun.mass])
    names = tuple(dict.fromkeys(suiting(noun)))
    old, new = chance.pick(names), chance.pick(("new", "new", *names))
    thing = noun_phrase(noun, chance.pick(("my", "my", "the", "our", "this")))
    start = Said(thing, BE, adjective=old, degree=chance.pick(("", "", "", "very", "too"))).pieces(numbers).statement()
    verb = SPEECH[chance.pick(("need", "need", "have", "look for", "buy"))]
    who = pronoun(chance.pick(("I", "I", "I", "we", "he", "she")))
    said = Said(who, verb, accusative=new_one(noun, new))
    if chance.happens(0.4) and verb.name != "look for":
        said.modal = chance.pick(("want", "would like", "have", "should"))
        said.verb = say.NOTHING if verb.name in ("have", "need") else verb
        said.modal = said.modal if verb.name not in ("have", "need") else "would like"
        said.elided = said.verb is say.NOTHING
    numbers.mark = "."
    return joined(start, word(".", ".", numbers), said.pieces(numbers).statement())


def asked_who(chance: Chance, numbers: Numbers) -> tuple[Sides, Sides]:
    """Wer ist das? Das ist mein Bruder. Wo bist du? Ich bin im Garten. Wie alt bist du? Zehn."""
    draw, you = chance.draw(), pronoun(chance.pick(("you", "you", "you", "you all", "you polite", "he", "she")))
    who = pronoun(ANSWERED_BY[next(name for name in ANSWERED_BY if pronoun(name) is you)])
    if draw < 0.3:
        return who_is_there(chance, numbers)
    if draw < 0.6:
        return where_one_is(chance, numbers, you, who)
    if draw < 0.75:
        years = chance.pick(AGED)
        asked = Said(you, BE, adjective="old", degree="how").pieces(numbers).asks("predicate")
        return asked, Said(who, BE, adjective="old", measure=years).pieces(numbers).statement()
    if draw < 0.85 and not you.plural:
        return what_name(you, numbers), naming(who, named(chance), numbers, "statement")
    said = without_particle(asked_of(chance, act, who))
    said.tense, said.modal, said.meaning, said.time, said.elided, said.gladly = "past", "", None, None, False, False
    said = knew(chance, subject=who) if said.verb is say.NOTHING else said
    asked = Said(you, SPEECH["do"], "past", accusative=pronoun("what")).pieces(numbers).asks("accusative")
    return asked, said.pieces(numbers).statement()


def who_is_there(chance: Chance, numbers: Numbers) -> tuple[Sides, Sides]:
    """Wer ist da? Ich bin es. Wer ist das? Das ist mein Bruder Tom."""
    here = Said(pronoun("who"), BE, whereabouts=chance.pick((say.OVER_THERE, say.OVER_THERE, say.HERE)))
    if chance.happens(0.5):
        here = Said(pronoun("that"), BE, complement=pronoun("who"))
    asked = here.pieces(numbers).asks("subject" if here.complement is None else "complement")
    if chance.happens(0.35):
        return asked, phrase(chance.pick(IT_IS_ME), numbers)
    return asked, Said(pronoun("that"), BE, complement=my_friend(chance)).pieces(numbers).statement()


def where_one_is(chance: Chance, numbers: Numbers, you: Phrase, who: Phrase) -> tuple[Sides, Sides]:
    """Wo wohnst du? In Berlin. Woher kommst du? Ich komme aus Deutschland. Wohin gehst du? Nach Hause."""
    verb, asked, places = chance.pick((
        ("be", say.WHERE, (say.HERE, say.AT_HOME, say.OUTSIDE, say.IN_BERLIN)),
        ("live", say.WHERE, (say.IN_BERLIN, say.IN_GERMANY, say.HERE)),
        ("come", say.WHERE_FROM, (say.FROM_BERLIN, say.FROM_GERMANY)),
        ("walk", say.WHERE_TO, (say.HOME, say.TO_BERLIN)),
    ))  # fmt: skip
    said = Said(you, SPEECH[verb], asked=asked, meaning=("progressive", "") if verb == "walk" else None)
    question, spot = said.pieces(numbers).asks(), chance.pick(places)
    if chance.happens(0.4):
        number = numbers.take(1)
        return question, ([(one, number) for one in spot.german], [(one, number) for one in spot.english])
    answer = Said(who, SPEECH[verb], whereabouts=spot)
    if verb == "be" and chance.happens(0.5):
        answer.whereabouts, answer.place = None, at(chance, chance.pick(("garden", "park", "kitchen", "school", "bus")))
    return question, answer.pieces(numbers).statement()


IT_IS_ME = ("ich/PRON+bin/AUX+es/PRON=it/PRON+is/AUX+me/PRON", "ich/PRON=me/PRON",
            "das/PRON=that/PRON bin/AUX=is/AUX ich/PRON=me/PRON")  # fmt: skip
