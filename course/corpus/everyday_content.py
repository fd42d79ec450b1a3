"""What everyday clauses are about: who, what, when, where and how, drawn by chance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.content import OWN
from course.corpus.everyday_clauses import SOME, Said
from course.corpus.lexicon import Adverb, Noun
from course.corpus.phrases import Phrase, Place, noun_phrase, owned, pronoun
from course.corpus.verbs import Verb

# Determiners, as in content.OPTIONS; ~ stands for a blank, "your~P" is the polite Ihr
OPTIONS = {
    "subject": "the*9 my*6 your*4 his*2 her*2 our*3 your~p this*3 a every no the+*3 my+*2 your+ his+ our+ this+ two+ "
    "three+ many+ all+",
    "object": "the*6 a*7 my*5 your*3 his her our your~p your~P this*2 the+*2 +*3 my+ your+ two+ three+ four+ many+*2 "
    "all+ this+ bound*3",
    "known": "the*8 my*6 your*3 his her our*2 your~p your~P this*2 the+ my+ a bound*2",
    "had": "a*10 +*3 two+*2 three+*2 four+ five+ six+ seven+ eight+ nine+ ten+ eleven+ twelve+ many+*3 the*2 my your "
    "his",
    "pointed": "a*6 my*6 your*4 his*2 her*2 our*2 your~p*2 your~P*2 the*4 my+*2 your+*2 our+ the+ +",
}  # fmt: skip
BARE_OR_THE = ("the", "this", "", "my", "your", "no", "our", "his", "her")
SUITS = {
    "ruler": "nice good", "person": "nice funny good", "animal": "funny black nice fast", "text": "good bad funny",
    "vehicle": "black green blue fast slow expensive", "fruit": "green good sweet", "food": "good warm fresh",
    "drink": "warm hot good", "thing": "black green blue red new", "place": "nice beautiful",
}  # fmt: skip
FEELINGS = ("tired", "sick", "happy", "sad", "hungry", "ready")
BEING = {
    "person": (*FEELINGS, *FEELINGS, "nice", "funny", "old", "young", "big", "small", "clever", "friendly", "beautiful",
               "important", "late"),
    "animal": ("tired", "sick", "hungry", "old", "young", "big", "small", "beautiful", "funny", "black", "fast"),
    "that": ("good", "bad", "right", "wrong", "expensive", "beautiful", "difficult", "easy", "important", "funny",
             "new", "nice"),
    "it": ("cold", "warm", "hot", "late", "good", "easy", "difficult", "important", "wrong", "beautiful"),
}  # fmt: skip
EXTRA = {
    "vehicle": "expensive", "fruit": "sweet", "food": "sweet hot", "text": "difficult easy important right wrong",
    "thing": "expensive", "place": "wide far", "drink": "hot", "money": "important", "time": "important",
}  # fmt: skip
SPEAKERS = ("I",) * 6 + ("you",) * 5 + ("he", "she", "we") * 3 + ("they", "you all") * 2
POLITE = (*SPEAKERS, *("you polite",) * 4)
PERSONS = ("me", "you", "him", "her", "us", "them", "you all", "you polite")
ALIKE = ({"I", "we"}, {"you", "you all", "you polite"})
OBJECTS = {"me": "I", "you": "you", "him": "he", "her": "she", "us": "we", "them": "they"}
VAGUE = ("that",) * 4 + ("it n",) * 2 + ("something", "nothing", "everything") * 2
PEOPLE, ANIMALS = say.every("people"), say.every("animal")
NEAR = say.every(f"{say.FAMILY} {say.FAMILY} friend friend child child man woman boy girl neighbour doctor teacher student")
THINGS = say.every("vehicle fruit food drink text thing place")


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
eat | animal | apple banana bread plum | | garden kitchen | |
drink | person | drink | | kitchen garden room | | it gern
drink | animal | water milk | | kitchen garden | |
read | person | text | | garden kitchen room train school park | | it gern
write | person | letter story book sentence song question | people | room school garden | | gern
translate | person | letter sentence story song book | | school | | it
buy | person | fruit food drink vehicle text thing house dog cat horse | people | city | | it gern
find | person | thing text money dog cat bird apple car street station house | | garden street park house | | it them
look for | person | thing text money people dog cat station street school car | | garden house city kitchen | | it them
see | person | people animal vehicle thing place text | | park street garden city window | | it them
see | animal | people animal ball bird | | garden park | |
love | person | people animal fruit text cake coffee tea flower garden house city forest country picture | | | | it them
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
sleep | person animal | | | garden park house room castle | | gern
work | person | | | garden kitchen school castle city station house | | gern with
play | person animal | | | garden park house room street school | | gern with
run | person animal | | | | garden park city forest house school station room | gern
walk | person animal | | | | garden park city forest house school station room kitchen doctor mother neighbour friend | gern with
fly | animal | | | | garden park city forest house bridge |
fly | person | | | | | gern
go | person vehicle | | | | city forest park castle school station mother doctor brother | gern with
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
forget | person | people text thing name money question | | | | it them
"""


def _action(line: str) -> tuple[Action, ...]:
    verb, who, objects, recipients, places, goals, *flags = (part.strip() for part in (line + " |").split("|"))
    this = Action(
        say.SPEECH[verb], who, say.every(objects), say.every(recipients), tuple(places.split()), tuple(goals.split()),
        frozenset(" ".join(flags).split()),
    )  # fmt: skip
    return (this,) * min(5, 2 + len(this.objects) // 6)  # what goes with much comes often


ACTIONS = tuple(action for line in ACTION_TABLE.strip().splitlines() for action in _action(line))
BY_WHO = {who: tuple(action for action in ACTIONS if who in action.who) for who in ("person", "animal", "thing")}
BY_WHO["vehicle"] = tuple(action for action in ACTIONS if "vehicle" in action.who)
WITH_OBJECT = tuple(action for action in ACTIONS if action.objects and action.who == "person")
HOW = {
    "sing": (say.WELL,), "play": (say.WELL, say.TOGETHER), "sleep": (say.WELL, say.ALONE), "run": (say.FAST, say.SLOWLY),
    "walk": (say.SLOWLY, say.ALONE), "go": (say.FAST, say.SLOWLY, say.TOGETHER), "eat": (say.FAST, say.MUCH, say.ALONE),
    "speak": (say.WELL, say.FAST, say.SLOWLY, say.MUCH), "work": (say.MUCH, say.ALONE, say.TOGETHER, say.WELL),
    "learn": (say.MUCH, say.FAST, say.TOGETHER), "laugh": (say.MUCH,), "live": (say.ALONE, say.TOGETHER),
    "read": (say.MUCH, say.WELL), "understand": (say.WELL,), "write": (say.WELL, say.MUCH), "drink": (say.MUCH,),
    "come": (say.FAST, say.TOGETHER, say.ALONE), "help": (), "paint": (say.WELL,), "know": (say.WELL,),
}  # fmt: skip
SPOTS = (say.HERE, say.HERE, say.THERE, say.OVER_THERE, say.OUTSIDE, say.AT_HOME, say.AT_HOME, say.IN_BERLIN, say.IN_GERMANY)
GOING = ("walk", "go", "come", "run", "fly")
WAYS = (say.HOME, say.HOME, say.TO_BERLIN, say.TO_GERMANY)
PRESENT_MODALS = ("can",) * 4 + ("want",) * 4 + ("have",) * 4 + ("would like",) * 4 + ("should",) * 2 + ("may", "will")
PAST_MODALS = ("could", "wanted", "had")
NOW = ("now", "now", "today", "today")


@cache
def options(noun: Noun, name: str, bound: str) -> tuple[tuple[str, bool], ...]:
    """The determiners of that list that suit the noun, each with whether it is the plural, as often as listed."""
    found = []
    for entry in OPTIONS[name].split():
        text, _, times = entry.replace("~", " ").partition("*")
        plural, determiner = text.endswith("+"), text.rstrip("+")
        if noun.mass and determiner == "a":
            determiner = ""
        if determiner == "bound":
            determiner = bound or "my"
        if (plural and not noun.german_plural) or (noun.mass and (plural or determiner not in BARE_OR_THE)):
            continue
        if (determiner == "every" and noun.kind != "person") or (determiner == "her" and bound == "their"):
            continue  # ihr Hund after "they": theirs
        found += [(determiner, plural)] * int(times or 1)
    return tuple(found)


@cache
def suiting(noun: Noun) -> tuple[str, ...]:
    """The adjectives before the noun."""
    return (*noun.adjectives, *SUITS.get(noun.kind, "").split())


def named(chance: Chance) -> Phrase:
    """Somebody by name."""
    return say.CALLED[chance.pick(tuple(say.CALLED))]


def thing_of(chance: Chance, noun: Noun, name: str, bound: str = "", decorate: float = 0.2) -> Phrase:
    """The noun with a determiner of the list of that name, perhaps with an adjective or with whose it is."""
    if chance.happens(0.04) and name != "had" and not noun.mass and noun.kind not in ("name", "time"):
        return whose(chance, noun)
    determiner, plural = chance.pick(options(noun, name, bound))
    adjectives = suiting(noun) if chance.happens(decorate) else ()
    return noun_phrase(noun, determiner, chance.pick(adjectives) if adjectives else "", plural)


OWNERS = tuple(noun for noun in NEAR if noun.genitive)


def whose(chance: Chance, noun: Noun) -> Phrase:
    """Annas Hund / Anna's dog; der Hund meines Vaters / my father's dog."""
    adjective = chance.pick(suiting(noun)) if suiting(noun) and chance.happens(0.15) else ""
    if chance.happens(0.6):
        return say.of_name(named(chance), noun_phrase(noun, "", adjective))
    owner = chance.pick(OWNERS)
    while owner is noun:
        owner = chance.pick(OWNERS)
    return owned(noun_phrase(owner, chance.pick(("the", "my", "my", "your", "his", "our"))), noun, adjective)


def somebody(chance: Chance, polite: bool = False) -> Phrase:
    """A person as the subject: mostly a pronoun. polite: it may be Sie, which is told from sie within a sentence."""
    draw = chance.draw()
    if draw < 0.5:
        return pronoun(chance.pick(POLITE if polite else SPEAKERS))
    if draw < 0.64:
        return named(chance)
    if draw < 0.69:
        return pronoun(chance.pick(("somebody", "nobody")))
    if draw < 0.75:
        return two_persons(chance)
    return thing_of(chance, chance.pick(NEAR if chance.happens(0.6) else PEOPLE), "subject")


def two_persons(chance: Chance) -> Phrase:
    """Anna und Paul, mein Bruder und ich, der Mann und die Frau."""
    draw = chance.draw()
    if draw < 0.35:
        first, second = named(chance), named(chance)
    elif draw < 0.6:
        first = named(chance) if chance.happens(0.5) else thing_of(chance, chance.pick(NEAR), "subject", decorate=0)
        second = pronoun(chance.pick(("I", "I", "you")))
    elif draw < 0.7:
        first, second = pronoun(chance.pick(("you", "he", "she"))), pronoun("I")
    else:
        first, second = (thing_of(chance, chance.pick(NEAR), "subject", decorate=0.1) for _ in range(2))
    same = first is second or (first.noun is not None and first.noun is second.noun)
    odd = {"every", "no", "all", "many"} & {first.determiner, second.determiner}
    return two_persons(chance) if same or odd else say.together(first, second)


def doer(chance: Chance, who: str, polite: bool = False) -> Phrase:
    """A person, an animal, a vehicle or a thing as the subject."""
    if who == "person":
        return somebody(chance, polite)
    if who == "animal":
        first = thing_of(chance, chance.pick(ANIMALS), "subject")
        if chance.happens(0.1) and first.determiner not in ("no", "every", "all", "many"):
            second = thing_of(chance, chance.pick(ANIMALS), "subject", decorate=0)
            if second.noun is not first.noun and second.determiner not in ("no", "every", "all", "many"):
                return say.together(first, second)
        return first
    return thing_of(chance, chance.pick(say.every({"thing": "thing text"}.get(who, who))), "subject")


def own(subject: Phrase) -> str:
    """The possessive that points back to the subject; "" where there is none."""
    if subject.determiner == "both":
        return {"ihr": "your p"}.get(subject.person, "their" if subject.english[-1][0] not in ("I", "you") else "our")
    if subject.pronoun:
        special = {"ihr": "your p"}.get(subject.person) or {"Sie": "your P"}.get(subject.german["nom"][0][0])
        return special or OWN.get((subject.person, subject.gender), "")
    if subject.noun.kind not in ("person", "ruler"):
        return ""
    return OWN.get((subject.person, subject.gender), "")


def other_person(chance: Chance, subject: Phrase) -> Phrase:
    """A pronoun for somebody who is not the subject."""
    while True:
        name = chance.pick(PERSONS)
        found = pronoun(OBJECTS.get(name, name))
        mine = {subject.english[0][0], subject.english[-1][0]} if subject.pronoun or subject.determiner == "both" else set()
        who = {found.english[0][0].plain}
        if not any(group & who and group & {str(word) for word in mine} for group in ({"I", "we"}, {"you"})):
            return found


def person_object(chance: Chance, subject: Phrase, nouns: tuple[Noun, ...]) -> Phrase:
    """Somebody else as the object: a pronoun, a name, a noun."""
    draw = chance.draw()
    if draw < 0.45:
        return other_person(chance, subject)
    if draw < 0.65:
        found = named(chance)
        return found if found is not subject else pronoun("it n" if subject.determiner == "both" else "he")
    if draw < 0.7:
        return pronoun("nobody" if chance.happens(0.4) else "somebody")
    return noun_object(chance, subject, nouns, "known")


def noun_object(chance: Chance, subject: Phrase, nouns: tuple[Noun, ...], name: str) -> Phrase:
    """A noun that is not the subject's; sometimes two."""
    noun = chance.pick(nouns)
    while noun is subject.noun:
        noun = chance.pick(nouns)
    found = thing_of(chance, noun, name, own(subject))
    if chance.happens(0.05) and len(nouns) > 3:
        other = chance.pick(nouns)
        second = thing_of(chance, other, name, own(subject), 0)
        if other not in (noun, subject.noun) and {"no", "many", "all"}.isdisjoint({found.determiner, second.determiner}):
            return say.together(found, second, "oder" if chance.happens(0.15) else "und")
    return found


def when(chance: Chance, said: Said) -> None:
    """Tense, modal, time and gern, by what is likely for its verb."""
    draw, lasting = chance.draw(), said.verb.lasting
    progressive = None if lasting else ("progressive", "")
    if draw < 0.36:
        said.time = chance.pick(say.CLOCK) if chance.happens(0.04) and not lasting else None
    elif draw < 0.56:
        said.tense = "past"
        said.time = chance.pick(say.TIMES["past"]) if chance.happens(0.35) else None
    elif draw < 0.6:
        said.tense = "past"
        said.time = chance.pick((*say.TIMES["today"], *say.TIMES["habit"][5:]))
    elif draw < 0.66:
        said.time = chance.pick(say.TIMES["habit"][5:] if lasting else say.TIMES["habit"])
    elif draw < 0.73:
        said.time = chance.pick(say.TIMES[chance.pick(NOW)])
        said.meaning = progressive
        if lasting and not said.time.english:
            said.time = None
    elif draw < 0.78:
        said.time, said.meaning = chance.pick(say.TIMES["future"]), ("present", "will")
    elif draw < 0.95:
        modal(chance, said)
    elif "past" != said.tense and not lasting:
        said.gladly = True


def modal(chance: Chance, said: Said) -> None:
    """A modal with the times that suit it."""
    if chance.happens(0.13):
        said.modal, said.tense = chance.pick(PAST_MODALS), "past"
        said.time = chance.pick(say.TIMES["past"]) if chance.happens(0.25) else None
        return
    said.modal = chance.pick(PRESENT_MODALS)
    if chance.happens(0.3):
        said.time = chance.pick((*say.TIMES["future"], say.TIMES["now"][0], *say.TIMES["today"], chance.pick(say.CLOCK)))


def particle(chance: Chance, said: Said, probability: float = 0.14) -> None:
    """Perhaps auch, schon, noch, nur, wieder, leider or vielleicht, with what each means in English."""
    if not chance.happens(probability) or said.subject.determiner in ("no", "every") or _nobody(said):
        return
    plain = said.tense == "present" and not said.modal and not said.gladly and said.meaning is None and said.time is None
    choices = [say.ALSO, say.ALSO, say.UNFORTUNATELY, say.MAYBE]
    if said.tense == "past" and not said.modal:
        choices += [say.ALREADY, say.AGAIN]
    if plain and said.verb.name not in ("do", "say", "love"):
        choices += [say.STILL, say.ALREADY, say.AGAIN]
    thing = said.accusative
    if thing is not None and thing.determiner in ("a", "", "two", "three") and said.time is None:
        choices.append(say.ONLY)
    said.particle = chance.pick(choices)
    if plain and said.particle in (say.STILL, say.ALREADY, say.AGAIN) and not said.verb.lasting:
        said.meaning = ("progressive", "")


def _nobody(said: Said) -> bool:
    """It denies by a pronoun already."""
    things = (said.subject, said.accusative, said.dative)
    return any(thing is pronoun("nobody") or thing is pronoun("nothing") for thing in things)


def deniable(said: Said) -> bool:
    """It can be denied by nicht or kein, with one reading."""
    thing, time = said.accusative, said.time
    if said.subject.determiner in ("no", "every", "all", "many", "two", "three") or said.subject in VAGUE_ONES:
        return False
    if said.subject is pronoun("somebody") or said.particle in (say.ALREADY, say.ONLY, say.AGAIN):
        return False
    if time is not None and (time.where == "middle" or time in say.CLOCK or time in say.TIMES["habit"] or not time.english):
        return False
    if thing is not None and (thing.determiner in FIXED or (thing.determiner == SOME and thing is not pronoun("it n"))):
        return False
    return said.dative is None or said.dative.determiner not in (*FIXED, "a", "", SOME)


VAGUE_ONES = tuple(pronoun(name) for name in ("nobody", "nothing", "everything", "something"))
FIXED = ("no", "many", "all", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
         "twelve", "both", "not a")  # fmt: skip


def deny(chance: Chance, said: Said, probability: float = 0.2) -> None:
    """Perhaps say that it is not so: kein for "a", nicht otherwise; noch nicht: not yet; auch nicht: not either."""
    if not chance.happens(probability) or not deniable(said):
        return
    if said.accusative is not None and said.accusative.determiner == "much":
        said.accusative, said.negated = say.much(said.accusative.noun, "much"), True
        return
    for role in ("accusative", "complement"):
        thing = getattr(said, role)
        if thing is not None and thing.noun and thing.determiner in ("a", "", "profession") and thing.noun.kind != "language":
            adjective = next((word.plain for word, _ in thing.english if word.tag == "ADJ"), "")
            bare = role == "accusative" and said.verb.name in ("have", "need") and (thing.plural or thing.noun.mass)
            setattr(said, role, noun_phrase(thing.noun, "no" if bare else "not a", adjective, thing.plural))
            said.negated = not bare
            break
    else:
        said.negated = True
        if said.place is not None and said.accusative is not None:
            said.place = None
    if said.negated:
        said.particle = {say.STILL: say.YET, say.ALSO: say.EITHER}.get(said.particle, said.particle)
        said.manner = NOT_MUCH if said.manner is say.MUCH else said.manner
    elif said.particle is say.STILL:
        said.particle = None


NOT_MUCH = say.small("viel/ADV", "much/ADV")


def surroundings(chance: Chance, said: Said, action: Action) -> None:
    """Where, where to, with whom, how."""
    name = said.verb.name
    if name in GOING and (action.goals or name == "fly"):
        if chance.happens(0.4) or not action.goals:
            said.whereabouts = chance.pick(WAYS if "person" in action.who else (say.HOME,))
        elif chance.happens(0.75):
            said.place = goal(chance, chance.pick(action.goals), said.subject)
        if name == "come" and chance.happens(0.15):
            said.place, said.whereabouts = None, chance.pick((say.FROM_BERLIN, say.FROM_GERMANY, say.HOME))
    elif name in ("live", "stay", "sit", "stand", "lie", "wait") or chance.happens(0.12 if action.objects else 0.3):
        spot(chance, said, action)
    if name == "speak" and chance.happens(0.55):
        said.accusative = say.language(chance.pick(("German", "English")))
    if name == "wait" and chance.happens(0.55):
        said.whereabouts, said.place = None, Place("auf", "acc", "for", awaited(chance, said.subject))
    if "with" in action.flags and said.place is None and chance.happens(0.25 if name != "speak" else 0.4):
        said.company = Place("mit", "dat", "with", person_object(chance, said.subject, NEAR))
    if name in HOW and HOW[name] and chance.happens(0.16) and not said.company and not said.gladly:
        manner(chance, said)


def manner(chance: Chance, said: Said) -> None:
    """How it is done; "zusammen" takes several."""
    how = chance.pick(HOW[said.verb.name])
    if how is say.MUCH and (said.accusative is not None or said.whereabouts or said.place):
        return
    if how is say.TOGETHER and (not said.subject.plural or said.whereabouts):
        return
    said.manner = how


def awaited(chance: Chance, subject: Phrase) -> Phrase:
    """Whom or what one waits for."""
    if chance.happens(0.35):
        return noun_phrase(chance.pick(say.every("bus train tram")), chance.pick(("the", "the", "my")))
    return person_object(chance, subject, NEAR)


def spot(chance: Chance, said: Said, action: Action) -> None:
    """Where it is done."""
    if chance.happens(0.45) or not action.places:
        said.whereabouts = chance.pick(SPOTS if "person" in action.who else SPOTS[:6])
    else:
        said.place = at(chance, chance.pick(action.places))


def at(chance: Chance, name: str) -> Place:
    """im Garten, auf dem Tisch, in meinem Zimmer."""
    determiner = chance.pick(("the",) * 8 + ("my", "my", "your", "our", "this", "a"))
    return say.place(say.WHERE_AT, name, noun_phrase(say.every(name)[0], determiner))


def goal(chance: Chance, name: str, subject: Phrase) -> Place:
    """in den Garten, zum Bahnhof, zu meiner Mutter."""
    noun = say.every(name)[0]
    person = noun.kind == "person"
    mine = own(subject) if person and name != "doctor" else ""
    determiner = chance.pick(("the", mine or "my", "my", "your")) if person else chance.pick(("the",) * 9 + ("my", "this"))
    return say.place(say.WHERE_GOING, name, noun_phrase(noun, determiner))


def patient(chance: Chance, said: Said, action: Action) -> None:
    """To what or whom, for whom it is done."""
    if not action.objects and "it" not in action.flags:
        return
    if "it" in action.flags and (not action.objects or chance.happens(0.16)):
        thing = pronoun(chance.pick(VAGUE))
    elif "them" in action.flags and chance.happens(0.5):
        thing = person_object(chance, said.subject, NEAR)
    elif "them" in action.flags and "dat" in action.flags:
        thing = noun_object(chance, said.subject, action.objects, "known")
    else:
        thing = noun_object(chance, said.subject, action.objects, "had" if said.verb.name == "have" else "object")
    if "dat" in action.flags:
        said.dative = thing
        return
    if said.verb.name in ("have", "need") and thing.noun is not None and thing.noun.mass and chance.happens(0.3):
        thing = say.much(thing.noun, "a lot of")
    said.accusative = thing
    giving = said.verb.name in ("give", "show", "bring")
    if action.recipients and (chance.happens(0.85) if giving else chance.happens(0.2)):
        said.dative = person_object(chance, said.subject, NEAR)


BARE_VERBS = ("eat", "drink", "read", "write", "sing", "paint", "learn", "ask", "answer", "help", "wash", "buy")
LEFT_OUT = frozenset((*BARE_VERBS, "call", "understand", "forget"))  # they need no object: ich lese


def act(chance: Chance, who: str = "", polite: bool = False, subject: Phrase | None = None) -> Said:
    """Somebody does something."""
    who = who or chance.pick(("person",) * 8 + ("animal", "vehicle"))
    action = chance.pick(BY_WHO[who])
    said = Said(subject or doer(chance, who, polite), action.verb)
    when(chance, said)
    if action.verb.name in LEFT_OUT and chance.happens(0.14):
        if chance.happens(0.3):
            spot(chance, said, action)
    else:
        patient(chance, said, action)
        surroundings(chance, said, action)
    settle(chance, said, action)
    return said


def settle(chance: Chance, said: Said, action: Action) -> None:
    """What must fit: gern, an infinitive left out, particles, denial."""
    name, thing = said.verb.name, said.accusative
    if said.gladly and ("gern" not in action.flags or (thing is not None and thing.determiner not in ("", "the", "my", "both"))):
        said.gladly = False
    if said.modal and name in ("walk", "go") and (said.place or said.whereabouts) and not said.company and chance.happens(0.35):
        said.elided = said.modal not in ("could", "will")
    if said.modal == "can" and thing is not None and (
        (name == "speak" and not said.company) or (name == "do" and thing is pronoun("that"))
    ):
        said.elided = chance.happens(0.5)
    if name == "have" and said.modal in ("want", "would like", "wanted") and thing.determiner != "no":
        said.verb, said.elided = say.NOTHING, True
    if name == "have" and said.modal in ("may", "should", "could", "had"):
        said.modal, said.tense = "", "present"
        said.time = None
    if not said.gladly:
        particle(chance, said)
    deny(chance, said)
