"""Everyday clauses in which somebody does something: to what, for whom, where, with whom, how."""

from __future__ import annotations

from dataclasses import dataclass

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.events import MEANS
from course.corpus.everyday_clauses import GOING, Said
from course.corpus.everyday_mood import deny, particle, when
from course.corpus.everyday_nouns import NEAR, VAGUE, across, doer, noun_object, own, person_object
from course.corpus.everyday_often import in_general, no_still
from course.corpus.lexicon import Noun
from course.corpus.phrases import Phrase, Place, noun_phrase, pronoun
from course.corpus.verbs import Verb


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """What somebody does: a verb with who does it, to what, where, where to. flags: "them", "it": the object may be a
    person's pronoun, a vague one; "dat": it is a dative; "gern": one can like to do it; "with": with somebody."""

    verb: Verb
    who: str
    objects: tuple[Noun, ...]
    recipients: tuple[Noun, ...]
    places: tuple[str, ...]
    goals: tuple[str, ...]
    flags: frozenset[str]


# verb | who (person, animal, vehicle) | to what | for whom | where | where to | flags
ACTION_TABLE = """
eat | person | fruit food | | kitchen garden room park | | it gern
eat | animal | apple banana bread plum | | garden kitchen | | gern
drink | person | drink | | kitchen garden room | | it gern
drink | animal | water milk | | kitchen garden | | gern
read | person | text | | garden kitchen room train school park | | it gern
write | person | letter story book sentence song question | people | room school garden | | gern
translate | person | letter sentence story song book | | school | | it
buy | person | fruit food drink vehicle text thing house dog cat horse | people | city | | it gern
find | person | thing text money dog cat bird apple car street station house | | garden street park house | | it them
look for | person | thing text money people dog cat station street school car | | garden house city kitchen | | it them
see | person | people animal vehicle thing place text rain snow | | park street garden city window | | it them
see | animal | people animal ball bird | | garden park | |
love | person | people animal fruit text cake coffee tea rain snow flower garden house city picture | | | | it them
know | person | people city street castle park bridge school story song book country place | | | | it them
visit | person | people city castle school garden country | | | | them gern
open | person | door window bag letter book | | | |
close | person | door window bag book | | | |
call | person | people | | | | them
invite | person | people | | | | them gern
wear | person | hat dress crown | | school city | | gern
carry | person | bag book ball child cat picture flower table | | | | it
feed | person | animal | | garden park forest | | gern
chase | animal | cat mouse bird animal | | garden street house | |
cross | person vehicle | street bridge | | | |
paint | person | picture flower house garden horse bird bridge | | garden room school | | gern
sing | person | song | | garden school kitchen | | gern
wash | person | car apple plum dog horse dress window hat bag | | garden kitchen | | it
repair | person | car bus train window door house bridge table | | street garden | | it
help | person | people | | garden kitchen school station | | dat them gern
give | person | text thing fruit drink money bread | people | | | it
show | person | text thing place people dog horse | people | | | it
bring | person | drink food fruit text thing | people | | | it
bring | person | people | | | station station school city park house doctor | them
sleep | person animal | | | garden park house room castle | | gern
work | person | | | garden kitchen school castle city station house | | gern with
play | person animal | | | garden park house room street school | | gern with
run | person animal | | | | garden park city forest house school station room | gern
walk | person animal | | | | garden park city forest house school station room doctor mother friend | gern with
fly | animal | | | | garden park city forest house bridge |
fly | person | | | | | gern
drive | vehicle | | | | city park station bridge |
go | person | | | | city forest park castle school station mother doctor brother | gern with
come | person vehicle | | | | city park school station castle house garden | with
arrive | person vehicle | | | city station school | |
live | person | | | city house castle forest country street | | gern with
have | person | people animal vehicle text thing fruit drink money time garden house room question | | | |
have | person | time money question child Freundin friend dog cat car brother sister | | | |
speak | person | | | school | | with gern
understand | person | people question sentence story book letter | | | | it them
need | person | money time bag book car friend table people thing drink vehicle letter | | | | it them
learn | person | song sentence | | school house room | | gern with
ask | person | people | | | | them
answer | person | people | | | | dat them
believe | person | people | | | | dat them
believe | person | | | | | it
thank | person | people | | | | dat them
wait | person animal | | | garden park station street house room door school | |
stay | person animal | | | house garden room city school castle | | gern
sit | person animal | | | garden park kitchen room table bus train window | | gern
stand | person animal vehicle | | | garden park street station door window bridge room | |
lie | animal thing | | | garden street table bag room kitchen house | |
take | person | thing vehicle money text fruit | | | | it
laugh | person | | | school garden | | gern with
do | person | | | | | it
say | person | | | | | it
know that | person | | | | | it
tell | person | | people | | | it
make | person | cake soup coffee tea bread picture | people | kitchen house | | gern
have | person | time money time money question | | | |
forget | person | people text thing name money question | | | | it them
"""


def _action(line: str) -> tuple[Action, ...]:
    verb, who, objects, recipients, places, goals, *flags = (part.strip() for part in (line + " |").split("|"))
    this = Action(
        say.SPEECH[verb], who, say.every(objects), say.every(recipients), tuple(places.split()), tuple(goals.split()),
        frozenset(" ".join(flags).split()),
    )  # fmt: skip
    return (this,) * min(5, 3 + len(this.objects) // 9 if this.objects else 5)  # people mostly say what they do


ACTIONS = tuple(action for line in ACTION_TABLE.strip().splitlines() for action in _action(line))
BY_WHO = {who: tuple(action for action in ACTIONS if who in action.who) for who in ("person", "animal", "thing")}
BY_WHO["vehicle"] = tuple(action for action in ACTIONS if "vehicle" in action.who)
WITH_OBJECT = tuple(action for action in ACTIONS if action.objects and action.who == "person")
HOW = {
    "sing": (say.WELL, say.BEAUTIFULLY), "play": (say.WELL, say.TOGETHER), "sleep": (say.WELL, say.ALONE, say.LONG),
    "run": (say.FAST, say.SLOWLY), "walk": (say.SLOWLY, say.ALONE, say.TOGETHER),
    "go": (say.FAST, say.SLOWLY, say.TOGETHER), "eat": (say.QUICKLY, say.MUCH, say.TOGETHER, say.SLOWLY),
    "speak": (say.WELL, say.FAST, say.SLOWLY, say.MUCH), "work": (say.MUCH, say.ALONE, say.TOGETHER, say.WELL),
    "learn": (say.MUCH, say.QUICKLY, say.TOGETHER, say.WELL), "laugh": (say.MUCH, say.MUCH, say.TOGETHER),
    "live": (say.ALONE, say.TOGETHER),
    "read": (say.MUCH, say.TOGETHER, say.SLOWLY), "understand": (say.WELL,),
    "write": (say.WELL, say.MUCH, say.BEAUTIFULLY),
    "drink": (say.MUCH, say.TOGETHER), "buy": (say.TOGETHER,), "make": (say.TOGETHER,),
    "come": (say.QUICKLY, say.QUICKLY, say.TOGETHER, say.ALONE),
    "help": (say.QUICKLY,), "paint": (say.WELL, say.BEAUTIFULLY), "know": (say.WELL,), "love": (say.VERY_MUCH,),
    "stay": (say.LONG, say.ALONE, say.TOGETHER), "wait": (say.LONG, say.ALONE, say.TOGETHER), "drive": (say.FAST,),
    "answer": (say.QUICKLY,), "fly": (say.BEAUTIFULLY, say.FAST),
}  # fmt: skip
GRADED = (say.WELL, say.FAST, say.SLOWLY, say.QUICKLY, say.BEAUTIFULLY, say.LONG)
SPOTS = (say.HERE, say.HERE, say.THERE, say.OVER_THERE, say.OUTSIDE, say.OUT_HERE, say.AT_HOME, say.AT_HOME,
         say.IN_BERLIN, say.IN_GERMANY)  # fmt: skip
WAYS = (say.HOME, say.HOME, say.TO_BERLIN, say.TO_GERMANY)


def where_to(chance: Chance, said: Said, action: Action) -> None:
    """nach Hause, in die Stadt, durch den Wald; or one just goes"""
    if "vehicle" in action.who and chance.happens(0.5):
        return
    if chance.happens(0.1) and action.goals:
        said.way = across(chance, None)
    elif chance.happens(0.4) or not action.goals:
        said.whereabouts = chance.pick(WAYS if "person" in action.who else (say.HOME,))
    elif chance.happens(0.75):
        said.place = goal(chance, chance.pick(action.goals), said.subject)


def surroundings(chance: Chance, said: Said, action: Action) -> None:
    """Where, where to, with whom, how."""
    name = said.verb.name
    if name in GOING and (action.goals or name == "fly"):
        where_to(chance, said, action)
    elif name == "bring" and action.goals:
        said.whereabouts = chance.pick((say.HOME, say.TO_BERLIN)) if chance.happens(0.3) else None
        said.place = None if said.whereabouts else goal(chance, chance.pick(action.goals), said.subject)
    elif name in ("live", "stay", "sit", "stand", "lie", "wait") or chance.happens(0.17 if action.objects else 0.3):
        spot(chance, said, action)
    particular(chance, said)
    if "with" in action.flags and (name in GOING or said.place is None):
        company(chance, said)
    if name in HOW and chance.happens(0.32) and not said.company:
        manner(chance, said)
    if said.gladly and said.manner not in (None, say.TOGETHER, say.ALONE):
        said.manner = None


def company(chance: Chance, said: Said) -> None:
    """With whom: mit dir, mit meinem Bruder, mit dem Hund, mit Kindern."""
    draw = chance.draw()
    if draw < (0.2 if said.verb.name != "speak" else 0.35):
        said.company = Place("mit", "dat", "with", person_object(chance, said.subject, NEAR))
    elif draw < 0.28 and said.verb.name in ("play", "walk", "come"):
        noun = chance.pick(say.every("dog dog cat child horse"))
        if noun is not said.subject.noun:
            several = chance.happens(0.35)
            determiner = chance.pick(("", "my", "the") if several else ("the", "the", "my", "a"))
            said.company = Place("mit", "dat", "with", noun_phrase(noun, determiner, "", several))
    elif draw < 0.34 and said.verb.name == "play":
        said.company = Place("mit", "dat", "with", noun_phrase(say.every("ball")[0], chance.pick(("the", "a", "my"))))


def particular(chance: Chance, said: Said) -> None:
    """What a verb has of its own: aus Berlin kommen, mit dem Bus fahren, Deutsch sprechen, auf den Bus warten."""
    name = said.verb.name
    if name == "come" and chance.happens(0.15):
        said.place, said.whereabouts = None, chance.pick((say.FROM_BERLIN, say.FROM_GERMANY, say.HOME))
    if name == "go" and (chance.happens(0.3) or (said.place is None and said.whereabouts is None)):
        said.means = chance.pick(MEANS)
    if said.place is not None and name in ("walk", "go", "run") and chance.happens(0.12):
        said.way = across(chance, said.place)
    if name in ("speak", "understand", "learn") and chance.happens(0.55 if name == "speak" else 0.25):
        said.accusative = say.language(chance.pick(("German", "English")))
        if chance.happens(0.2):
            said.accusative = say.together(say.language("German"), say.language("English"))
            said.early = said.place is not None and chance.happens(0.6)
    if name == "wait" and chance.happens(0.55):
        said.whereabouts, said.place = None, Place("auf", "acc", "for", awaited(chance, said.subject))


def manner(chance: Chance, said: Said) -> None:
    """How it is done; "zusammen" takes several."""
    how = chance.pick(HOW[said.verb.name])
    if how is say.MUCH and (said.accusative is not None or said.whereabouts or said.place):
        return
    if how is say.MUCH and said.subject.plural and said.meaning is None and chance.happens(0.2):
        how = say.MUCH_TOGETHER
    if how is say.TOGETHER and (not said.subject.plural or said.whereabouts):
        return
    if how is say.LONG and said.meaning is not None:
        return
    if how is say.MUCH and chance.happens(0.6):
        how = chance.pick((say.TOO_MUCH, say.TOO_MUCH, say.SO_MUCH))
    elif how in GRADED and chance.happens(0.45):
        how = say.degree(how, chance.pick(("very", "very", "too", "so")))
    said.manner = say.FOR_LONG if how is say.LONG else how


def awaited(chance: Chance, subject: Phrase) -> Phrase:
    """Whom or what one waits for."""
    if chance.happens(0.35):
        return noun_phrase(chance.pick(say.every("bus train tram")), chance.pick(("the", "the", "my")))
    who = person_object(chance, subject, NEAR)
    return pronoun("she") if who is pronoun("they") else who


def spot(chance: Chance, said: Said, action: Action) -> None:
    """Where it is done."""
    if chance.happens(0.45) or not action.places:
        said.whereabouts = chance.pick(SPOTS if "person" in action.who else SPOTS[:6])
    else:
        said.place = at(chance, chance.pick(action.places))
        said.early = chance.happens(0.4)


def at(chance: Chance, name: str) -> Place:
    """im Garten, auf dem Tisch, in meinem Zimmer."""
    determiner = chance.pick(("the",) * 8 + ("my", "my", "your", "our", "this", "a"))
    return say.place(say.WHERE_AT, name, noun_phrase(say.every(name)[0], determiner))


def goal(chance: Chance, name: str, subject: Phrase) -> Place:
    """in den Garten, zum Bahnhof, zu meiner Mutter."""
    noun = say.every(name)[0]
    person = noun.kind == "person"
    if name == "school" and chance.happens(0.5):
        return Place("in", "acc", "to", noun_phrase(noun, chance.pick(("the", "the", "my"))))
    mine = own(subject) if person and name != "doctor" else ""
    determiner = (
        chance.pick(("the", mine or "my", "my", "your")) if person else chance.pick(("the",) * 9 + ("my", "this"))
    )
    return say.place(say.WHERE_GOING, name, noun_phrase(noun, determiner))


def whom_or_what(chance: Chance, said: Said, action: Action) -> Phrase:
    """Something vague, a person by a pronoun or name, a noun."""
    if "it" in action.flags and (not action.objects or chance.happens(0.16)):
        return pronoun(chance.pick(VAGUE))
    if "them" in action.flags and chance.happens(0.5):
        return person_object(chance, said.subject, NEAR)
    which = "known" if "dat" in action.flags else "had" if said.verb.name == "have" else "object"
    return noun_object(chance, said.subject, action.objects, which)


def patient(chance: Chance, said: Said, action: Action) -> None:
    """To what or whom, for whom it is done."""
    if not action.objects and "it" not in action.flags:
        return
    thing = whom_or_what(chance, said, action)
    if "dat" in action.flags:
        said.dative = thing
        return
    if said.verb.name in ("have", "need") and thing.noun is not None and thing.noun.mass and chance.happens(0.3):
        thing = say.much(thing.noun, "a lot of")
    elif thing.noun is not None and thing.noun.mass and thing.determiner == "" and chance.happens(0.4):
        amounts = ("some", "some", "some", "a lot of", "too much", "so much")
        thing = say.much(thing.noun, chance.pick(amounts)) if len(thing.english) == 1 else thing
    said.accusative = pronoun("she") if thing is pronoun("they") else thing  # the accusative sie: let it be her
    if said.verb.name == "ask" and chance.happens(0.15):
        said.complement = pronoun("something")  # ich frage dich etwas: a second accusative
    giving, tell = said.verb.name in ("give", "show", "bring"), said.verb.name == "tell"
    if action.recipients and (tell or chance.happens(0.85 if giving else 0.2)):
        said.dative = person_object(chance, said.subject, NEAR)


BARE_VERBS = ("eat", "drink", "read", "write", "sing", "paint", "learn", "ask", "answer", "help", "wash", "buy")
ALONE = frozenset(("sleep", "work", "play", "run", "walk", "fly", "come", "arrive", "stay", "wait", "laugh", "learn",
                   "speak", "sit", "stand"))  # fmt: skip
LEFT_OUT = frozenset((*BARE_VERBS, "call", "understand", "forget", "know that"))  # they need no object: ich lese


def act(chance: Chance, who: str = "", polite: bool = False, subject: Phrase | None = None) -> Said:
    """Somebody does something."""
    if not who and subject is None and chance.happens(0.22):
        return doing_now(chance, polite)
    who = who or chance.pick(("person",) * 8 + ("animal", "vehicle"))
    action = chance.pick(BY_WHO[who])
    said = Said(subject or doer(chance, who, polite), action.verb)
    when(chance, said)
    if action.verb.name in ALONE and chance.happens(0.3):
        said.time = said.meaning = None  # wir schlafen; komm!
    elif action.verb.name in LEFT_OUT and chance.happens(0.3 if action.verb.name in ("call", "know that") else 0.14):
        if chance.happens(0.3):
            spot(chance, said, action)
    else:
        patient(chance, said, action)
        surroundings(chance, said, action)
    settle(chance, said, action)
    return said


def doing_now(chance: Chance, polite: bool) -> Said:
    """Ich schlafe. Spielst du? Wir lernen Deutsch: every verb in the present, equally often, with every pronoun."""
    action, forms = chance.pick(EACH), ("I", "I", "you", "you", "we", "you all", "he", "she", "they")
    said = Said(pronoun(chance.pick((*forms, "you polite") if polite else forms)), action.verb)
    if chance.happens(0.35):
        when(chance, said)
    if said.tense == "past":
        said.tense, said.modal, said.time, said.meaning = "present", "", None, None
    if action.verb.name not in ALONE | LEFT_OUT or chance.happens(0.6):
        patient(chance, said, action)
        if chance.happens(0.6):
            surroundings(chance, said, action)
    settle(chance, said, action)
    return said


EACH = tuple(
    {action.verb.name: action for action in ACTIONS if action.who == "person" or "person" in action.who}.values()
)


def settle(chance: Chance, said: Said, action: Action) -> None:
    """What must fit: gern, an infinitive left out, particles, denial."""
    name, thing = said.verb.name, in_general(said, "gern" in action.flags)
    if said.gladly and (
        "gern" not in action.flags or (thing is not None and thing.determiner not in ("", "the", "my", "both"))
    ):
        said.gladly = False
    leave_out(chance, said)
    bare = thing is not None and not said.place and not said.whereabouts and not said.manner
    if name in ("eat", "drink", "buy") and said.modal in ("want", "would like") and bare and chance.happens(0.5):
        said.verb, said.elided = say.NOTHING, True
    if name == "have":
        had(said)
    if asks_for(said) and chance.happens(0.6):
        said.particle = say.PLEASE_LAST
        return
    if not said.gladly:
        particle(chance, said)
    deny(chance, said)
    no_still(said)
    if name == "drive" and said.negated and not (said.modal or said.place or said.whereabouts):
        not_running(said)


def not_running(said: Said) -> None:
    """Der Bus fährt nicht: the bus is not running."""
    said.english_verb = say.SPEECH["run"]
    said.meaning = said.meaning or (("progressive", "") if said.tense == "present" else None)


def had(said: Said) -> None:
    """Ich will (haben) einen Hund; and no "may have"."""
    if said.modal in ("want", "would like", "wanted") and said.accusative.determiner != "no":
        said.verb, said.elided = say.NOTHING, True
    if said.modal in ("may", "should", "could", "had"):
        said.modal, said.tense, said.time = "", "present", None


def leave_out(chance: Chance, said: Said) -> None:
    """Ich muss nach Hause; er kann Deutsch: an infinitive that goes without saying."""
    name, thing = said.verb.name, said.accusative
    if (
        said.modal
        and name in ("walk", "go")
        and (said.place or said.whereabouts)
        and not said.company
        and chance.happens(0.35)
    ):
        said.elided = said.modal not in ("could", "will")
    if (
        said.modal == "can"
        and thing is not None
        and ((name == "speak" and not said.company) or (name == "do" and thing is pronoun("that")))
    ):
        said.elided = chance.happens(0.5)


def asks_for(said: Said) -> bool:
    """Ich möchte einen Kaffee: one can add bitte."""
    return said.verb is say.NOTHING and said.modal == "would like" and said.subject.person == "ich"
