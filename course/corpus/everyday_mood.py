"""When, whether and how likely: the tense, modal, small words and denial of an everyday clause."""

from __future__ import annotations

from course.corpus import everyday_words as say
from course.corpus.chance import Chance
from course.corpus.everyday_clauses import SOME, Said
from course.corpus.phrases import Phrase, noun_phrase, pronoun

PRESENT_MODALS = ("can",) * 4 + ("want",) * 4 + ("have",) * 4 + ("would like",) * 4 + ("should",) * 2 + ("may", "will")
PAST_MODALS = ("could", "wanted", "had")
NOW = ("now", "now", "today", "today")


def when(chance: Chance, said: Said) -> None:
    """Tense, modal, time and gern, by what is likely for its verb."""
    draw, lasting = chance.draw(), said.verb.lasting
    if draw < 0.42:
        hour = say.CLOCK if chance.happens(0.8) else (*say.CLOCK_DAYS, *say.BARE_HOURS)
        said.time = chance.pick(hour) if chance.happens(0.07) and not lasting else None
    elif draw < 0.63:
        when_past(chance, said, draw > 0.6)
    elif draw < 0.685:
        habits = say.TIMES["habit"] if chance.happens(0.85) else say.TIMES["rounds"]
        said.time = chance.pick(say.REASONS if draw > 0.665 else say.TIMES["habit"][5:] if lasting else habits)
    elif draw < 0.745:
        time = chance.pick(say.TIMES[chance.pick(NOW)])
        said.time = time if time.english or not lasting else None  # gerade: only of what goes on
        said.meaning = None if lasting else ("progressive", "")
    elif draw < 0.79:
        said.time, said.meaning = chance.pick(say.TIMES["future"]), ("present", "will")
    elif draw < 0.93:
        modal(chance, said)
    else:
        said.gladly = not lasting


def when_past(chance: Chance, said: Said, often: bool) -> None:
    """gestern, oft; noch nie and gerade, with which English has the perfect"""
    said.tense = "past"
    times = (*say.TIMES["today"], *say.TIMES["habit"][5:]) if often else say.TIMES["past"]
    said.time = chance.pick(times) if often or chance.happens(0.35) else None
    if said.time is None and chance.happens(0.13) and said.verb.name != "have":
        said.time, said.meaning = chance.pick((say.NEVER_YET, say.JUST)), PERFECT


def modal(chance: Chance, said: Said) -> None:
    """A modal with the times that suit it."""
    if chance.happens(0.13):
        said.modal, said.tense = chance.pick(PAST_MODALS), "past"
        said.time = chance.pick(say.TIMES["past"]) if chance.happens(0.25) else None
        return
    said.modal = chance.pick(PRESENT_MODALS)
    if chance.happens(0.3):
        said.time = chance.pick(
            (*say.TIMES["future"], say.TIMES["now"][0], *say.TIMES["today"], chance.pick(say.CLOCK),
             chance.pick(say.CLOCK_DAYS), *say.TIMES["habit"][6:8])
        )  # fmt: skip


PERFECT = ("perfect", "")  # has eaten: English beside schon, noch nicht, noch nie


def lasting_until_now(verb) -> tuple[str, str]:
    """Ich warte schon lange: I have been waiting; ich kenne ihn schon lange: I have known him."""
    return PERFECT if verb.name == "be" or (verb.lasting and verb.name != "live") else ("lasting", "")


def particle(chance: Chance, said: Said, probability: float = 0.17) -> None:
    """Perhaps auch, schon, noch, nur, wieder, leider or vielleicht, with what each means in English."""
    if not chance.happens(probability) or said.subject.determiner in ("no", "every") or _nobody(said):
        return
    plain = (
        said.tense == "present" and not said.modal and not said.gladly and said.meaning is None and said.time is None
    )
    choices = [say.ALSO, say.ALSO, say.UNFORTUNATELY, say.MAYBE]
    if said.tense == "past" and not said.modal:
        choices += [say.ALREADY] if said.time is None or said.time in say.TIMES["today"] else []
        choices += [say.ALREADY, say.AGAIN] if said.time is None else [say.AGAIN]
    if plain and said.verb.name not in ("do", "say"):
        choices += [say.STILL, say.ALREADY, say.AGAIN]
    if said.tense == "present" and said.modal and said.modal != "will":
        choices += [say.STILL, say.ALREADY]
    thing = said.accusative
    if thing is not None and thing.determiner in ("a", "", "two", "three") and said.time is None:
        choices.append(say.ONLY)
    said.particle = chance.pick(choices) if said.meaning != PERFECT else None
    if said.particle is say.ALREADY and said.tense == "past" and said.verb.name != "have":
        said.meaning = PERFECT
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
    if said.subject is pronoun("somebody") or said.particle in (say.ALREADY, say.ONLY, say.AGAIN, say.ONCE_MORE):
        return False
    if time is not None and (
        time.where == "middle"
        or time in say.CLOCK
        or time in say.CLOCK_DAYS
        or time in say.TIMES["rounds"]
        or time in say.TIMES["habit"]
        or not time.english
    ):
        return False
    if thing is not None and thing.determiner == "much" and thing.english[0][0] != "a":
        return False  # etwas Milch, zu viel Geld
    if thing is not None and (thing.determiner in FIXED or (thing.determiner == SOME and thing is not pronoun("it n"))):
        return False
    return said.dative is None or said.dative.determiner not in (*FIXED, "a", "", SOME)


VAGUE_ONES = tuple(pronoun(name) for name in ("nobody", "nothing", "everything", "something"))
FIXED = ("no", "many", "all", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
         "twelve", "both", "not a", "another")  # fmt: skip


def deny(chance: Chance, said: Said, probability: float = 0.2) -> None:
    """Perhaps say that it is not so: kein for "a", nicht otherwise; noch nicht: not yet; auch nicht: not either."""
    if not chance.happens(probability) or not deniable(said):
        return
    said.negated = True
    not_yet(chance, said)
    said.degree = said.degree if said.state is None else ""  # großer Hunger, or none
    if said.accusative is not None and said.accusative.determiner == "much":
        said.accusative = say.much(said.accusative.noun, "much")
        return
    role = next((role for role in ("accusative", "complement") if indefinite(getattr(said, role))), "")
    if role:
        none_of(said, role)
    elif said.accusative is not None:
        said.place = None
    here = {say.STILL: say.YET, say.ALSO: say.EITHER} if said.negated else {say.STILL: None}
    said.particle = here.get(said.particle, said.particle)
    said.manner = {say.MUCH: NOT_MUCH, say.FOR_LONG: say.LONG}.get(said.manner, said.manner)


def none_of(said: Said, role: str) -> None:
    """kein: keine Zeit, no time; keinen Hund, not a dog"""
    thing = getattr(said, role)
    adjective = next((word.plain for word, _ in thing.english if word.tag == "ADJ"), "")
    bare = role == "accusative" and said.verb.name in ("have", "need") and (thing.plural or thing.noun.mass)
    setattr(said, role, noun_phrase(thing.noun, "no" if bare else "not a", adjective, thing.plural))
    said.negated = not bare


def not_yet(chance: Chance, said: Said) -> None:
    """Perhaps noch nicht of what was not done, nicht mehr of what is not."""
    if said.particle is not None or said.modal or said.gladly or said.elided or said.verb.name in ("rain", "snow"):
        return
    if said.tense == "past" and said.verb.name not in ("have", "need", "be") and chance.happens(0.3):
        recent = said.time is None or said.time in say.TIMES["today"]
        said.particle, said.meaning = (say.STILL, PERFECT) if recent else (None, said.meaning)
        return
    now = said.tense == "present" and said.time is None
    things = (said.dative, said.state, said.complement)
    if now and chance.happens(0.12) and things == (None, None, None) and not indefinite(said.accusative):
        said.particle = say.ANYMORE


def indefinite(thing: Phrase | None) -> bool:
    """kein denies it: a dog, milk, a doctor; but not German."""
    named = thing is not None and thing.noun is not None
    return named and thing.determiner in ("a", "", "profession") and thing.noun.kind != "language"


def unopened(said: Said) -> Said:
    """Without leider and vielleicht, which open an English sentence."""
    return without_particle(said) if said.particle in (say.UNFORTUNATELY, say.MAYBE) else said


def without_particle(said: Said) -> Said:
    """Without the small word, and without what it meant for the verb."""
    said.particle = None
    if said.meaning == PERFECT or (said.time is None and said.verb.name not in ("rain", "snow")):
        kept = said.time in (say.NEVER_YET, say.JUST) or said.time in say.SINCE
        said.meaning = said.meaning if kept else None
    return said


NOT_MUCH = say.small("viel/ADV", "much/ADV")
