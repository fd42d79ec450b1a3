"""Exercises of lesson 08, the Transformer: what each asks, and the laws that every right answer obeys."""

from __future__ import annotations

import numpy as np

from course import transformer
from course.checks.transformer import cases
from course.judging.exercise import Exercise, Law
from course.judging.mistakes import mistakes_beside

MISTAKES = mistakes_beside(__file__)


cross_attend = Exercise(
    reference=transformer.cross_attend,
    lesson=8,
    section="The decoder asks, the encoder answers",
    cases=cases.cross_cases,
    gradients=True,
    laws=(
        Law(
            "what memory_mask forbids is never read",
            change=cases.change_blocked_memory,
            holds=lambda case, out, changed: np.array_equal(out, changed),
        ),
    ),
    mistakes=MISTAKES["cross_attend"],
)


token_embedding = Exercise(
    reference=transformer.TokenEmbedding,
    lesson=8,
    section="A row for each token, at the right size",
    cases=cases.embedding_cases,
    gradients=True,
    laws=(
        Law(
            "fresh embeddings are normal numbers with mean 0 and variance 1",
            change=cases.fresh_table,
            holds=lambda case, out, fresh: cases.StandardNormal.sees_good(fresh),
        ),
    ),
    mistakes=MISTAKES["TokenEmbedding"],
)


sinusoidal_positions = Exercise(
    reference=transformer.SinusoidalPositions,
    lesson=8,
    section="A place for each row",
    cases=cases.position_cases,
    gradients=True,
    mistakes=MISTAKES["SinusoidalPositions"],
)


NO_LATER = Law(
    "no output sees a later position under a causal mask", holds=cases.all_but_last_equal, change=cases.change_last_word
)
NO_PADDING = Law("what memory_mask forbids is never read", change=cases.change_blocked_memory,
                 holds=lambda case, out, changed: np.array_equal(out, changed))  # fmt: skip
SOURCE_COUNTS = Law("another memory gives another output", change=cases.turn_memory,
                    holds=lambda case, out, changed: not np.allclose(out, changed))  # fmt: skip

decoder_layer = Exercise(
    reference=transformer.DecoderLayer,
    lesson=8,
    section="The decoder layer",
    cases=lambda draw: cases.layer_cases(transformer.DecoderLayer, draw),
    gradients=True,
    laws=(NO_LATER, NO_PADDING, SOURCE_COUNTS),
    mistakes=MISTAKES["DecoderLayer"],
)


decoder = Exercise(
    reference=transformer.Decoder,
    lesson=8,
    section="A stack that looks back",
    cases=lambda draw: cases.layer_cases(transformer.Decoder, draw, n_layers=3),
    gradients=True,
    laws=(NO_LATER, NO_PADDING, SOURCE_COUNTS),
    mistakes=MISTAKES["Decoder"],
)


whole = Exercise(
    reference=transformer.Transformer,
    lesson=8,
    section="The whole Transformer",
    cases=cases.model_cases,
    gradients=True,
    laws=(
        Law("no output sees a later target token", holds=cases.all_but_last_equal, change=cases.change_last_token),
        Law(
            "padding changes nothing",
            change=cases.pad_more,
            holds=lambda case, out, padded: np.allclose(out, padded[:, : out.shape[1]], rtol=1e-9, atol=1e-9),
        ),
        Law(
            "another source gives another output",
            change=cases.change_source,
            holds=lambda case, out, changed: not np.allclose(out, changed),
        ),
    ),
    mistakes=MISTAKES["Transformer"],
)


parameters = Exercise(
    reference=transformer.n_parameters_of_base_model,
    lesson=8,
    section="What it weighs",
    cases=cases.count_cases,
    mistakes=MISTAKES["n_parameters_of_base_model"],
)


work = Exercise(
    reference=transformer.flops,
    lesson=8,
    section="What it costs to run",
    cases=cases.work_cases,
    mistakes=MISTAKES["flops"],
)
