"""Numbers in the prose of lessons that no cell prints: what computes each, or which source says it.

lesson -> {number as the prose has it, without separators ('0.88', '13%', '10000'):
           a function from the lesson's variables to the exact number, or the source as text (paper, year)}"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from scipy import stats

NUMBERS: dict[str, dict[str, Callable[[dict[str, Any]], float] | str]] = {
    "01": {
        "0.65": lambda lesson: lesson["gated"]["weights as torch draws them"]["LSTM"][-1] ** 0.01,
    },
    "05": {
        "64": lambda lesson: 512 / 8,
        "512": "section 3.2.2 of Vaswani et al. 2017",
        "24": lambda lesson: lesson["n_parameters"](2),
        "200": lambda lesson: lesson["heads_as_sum"](
            torch.tensor([[[[0.0]], [[2.0]]]]), torch.tensor([[10.0, 100.0]])
        ).item(),
    },
    "07": {
        "512": "table 3 of Vaswani et al. 2017",
        "2048": "table 3 of Vaswani et al. 2017",
    },
    "09": {
        "0.25": lambda lesson: lesson["warmup_schedule"](1, 10, 4),
        "0.669": lambda lesson: (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25,
        "120000": lambda lesson: len(lesson["splits"].train),
    },
    "10": {
        "493": lambda lesson: stats.chi2.isf(1e-3, len(lesson["words"]) - 1),
    },
}
