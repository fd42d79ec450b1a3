"""Exercises of lesson 10, the key-value cache: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

from course import kv_cache as reference
from course.checks.kv_cache import cases
from course.judging.exercise import Exercise
from course.judging.mistakes import mistakes_beside

MISTAKES = mistakes_beside(__file__)

kv_cache = Exercise(
    reference=reference.KVCache,
    lesson=10,
    section="Keep what was computed",
    cases=cases.cache_cases,
    trial=cases.play,
    watched=("keys", "values", "length"),
    mistakes=MISTAKES["KVCache"],
)


attend_to_cache = Exercise(
    reference=reference.attend_to_cache,
    lesson=10,
    section="One layer, the newest positions",
    cases=cases.attention_cases,
    trial=cases.attended,
    mistakes=MISTAKES["attend_to_cache"],
)


decoder_step = Exercise(
    reference=reference.decoder_step,
    lesson=10,
    section="One step of the decoder",
    cases=cases.step_cases,
    trial=cases.stepped,
    mistakes=MISTAKES["decoder_step"],
)
