"""Exercises of lesson 09, training: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

from course import training
from course.checks.training import cases, steps
from course.judging.exercise import Exercise, Law
from course.judging.mistakes import mistakes_beside

MISTAKES = mistakes_beside(__file__)


batches_by_length = Exercise(
    reference=training.batches_by_length,
    lesson=9,
    section="Batches without waste",
    cases=cases.batch_cases,
    laws=(
        Law("every pair of `order` stands in one batch, once, by its number, and no batch is empty", cases.each_once),
        Law("all sources of a batch are equally long, and all targets", cases.no_padding),
        Law(
            "a batch holds at most n_tokens tokens, sources and targets together, unless it is a single pair",
            cases.within_budget,
        ),
        Law("of each length at most one batch has room for one more pair", cases.well_filled),
        Law("pairs of equal length keep their order", cases.order_kept),
    ),
    mistakes=MISTAKES["batches_by_length"],
)


label_smoothing_loss = Exercise(
    reference=training.label_smoothing_loss,
    lesson=9,
    section="A loss that forgives a little",
    cases=cases.smoothing_cases,
    gradients=True,
    laws=(
        Law(
            "adding one number to all logits changes nothing",
            lambda case, out, other: abs(out - other) < 1e-3 * (1 + abs(out)),
            lambda case: case.changed(logits=case["logits"] + 3),
        ),
    ),
    mistakes=MISTAKES["label_smoothing_loss"],
)


inverse_sqrt_schedule = Exercise(
    reference=training.inverse_sqrt_schedule,
    lesson=9,
    section="Warm up, cool down",
    cases=cases.paper_cases,
    mistakes=MISTAKES["inverse_sqrt_schedule"],
)


warmup_schedule = Exercise(
    reference=training.warmup_schedule,
    lesson=9,
    section="Warm up, cool down",
    cases=cases.line_cases,
    mistakes=MISTAKES["warmup_schedule"],
)


train_step = Exercise(
    reference=training.train_step,
    lesson=9,
    section="One step",
    cases=steps.step_cases,
    trial=steps.two_steps,
    mistakes=MISTAKES["train_step"],
)
