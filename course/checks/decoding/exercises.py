"""Exercises of lesson 10, decoding: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

import numpy as np

from course import decoding
from course.checks.decoding import cases
from course.judging.exercise import Exercise, Law
from course.judging.mistakes import mistakes_beside

MISTAKES = mistakes_beside(__file__)

temperature = Exercise(
    reference=decoding.temperature,
    lesson=10,
    section="Colder, hotter",
    cases=cases.temperature_cases,
    mistakes=MISTAKES["temperature"],
)


top_k = Exercise(
    reference=decoding.top_k,
    lesson=10,
    section="Only the best k",
    cases=cases.top_k_cases,
    mistakes=MISTAKES["top_k"],
)


top_p = Exercise(
    reference=decoding.top_p,
    lesson=10,
    section="As many as it takes",
    cases=cases.top_p_cases,
    laws=(
        Law("the probabilities that are left sum to 1", lambda case, out, _: np.allclose(out.sum(-1), 1, atol=1e-5)),
    ),
    mistakes=MISTAKES["top_p"],
)


next_probabilities = Exercise(
    reference=decoding.next_probabilities,
    lesson=10,
    section="The chain",
    cases=cases.chain_cases,
    laws=(Law("the probabilities sum to 1", lambda case, out, _: np.allclose(out.sum(-1), 1, atol=1e-5)),),
    mistakes=MISTAKES["next_probabilities"],
)


sample = Exercise(
    reference=decoding.sample,
    lesson=10,
    section="Rolling the dice",
    cases=cases.sample_cases,
    mistakes=MISTAKES["sample"],
)


greedy = Exercise(
    reference=decoding.greedy,
    lesson=10,
    section="Always the likeliest",
    cases=cases.greedy_cases,
    mistakes=MISTAKES["greedy"],
)


repetition_penalty = Exercise(
    reference=decoding.repetition_penalty,
    lesson=10,
    section="Stuck",
    cases=cases.penalty_cases,
    mistakes=MISTAKES["repetition_penalty"],
)


beam_search = Exercise(
    reference=decoding.beam_search,
    lesson=10,
    section="Keep several beginnings",
    cases=cases.beam_cases,
    mistakes=MISTAKES["beam_search"],
)
