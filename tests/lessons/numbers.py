"""Numbers in the prose of lessons that no cell prints: what computes each, or which source says it.

lesson -> {number as the prose has it, without separators ('0.88', '13%', '10000'):
           a function from the lesson's variables to the exact number, or the source as text (paper, year)}"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import torch
from scipy import optimize, stats


def degrees_between(lesson: dict[str, Any], t: int, s: int) -> float:
    """The angle between the small query of lesson 06 at position t and its key at position s."""
    query, key = lesson["turned"](torch.tensor([1.0, 0.0]), t), lesson["turned"](torch.tensor([0.6, 0.8]), s)
    return math.degrees(math.acos((query @ key).item()))


def beside_the_peak(lesson: dict[str, Any]) -> torch.Tensor:
    """Lesson 06: the scores of a query that equals its key, at distances from 3 on."""
    return lesson["rope_scores"]["query = key"][lesson["distances"].abs() >= 3]


NUMBERS: dict[str, dict[str, Callable[[dict[str, Any]], float] | str]] = {
    "00": {
        "0.99": lambda lesson: lesson["wish_weights"][1].round(2).sum(),
    },
    "01": {
        "0.9575": lambda lesson: optimize.brentq(lambda h: h - math.tanh(2 * h), 0.5, 1),
        "0.17": lambda lesson: 2 * (1 - optimize.brentq(lambda h: h - math.tanh(2 * h), 0.5, 1) ** 2),
        "0.65": lambda lesson: lesson["gated"]["weights as torch draws them"]["LSTM"][-1] ** 0.01,
    },
    "03": {
        "0.70": lambda lesson: lesson["some_counts"][:, 0].min().item(),
        "0.89": lambda lesson: lesson["some_counts"][:, 0].max().item(),
        "0.22": lambda lesson: lesson["some_counts"][:, 3:].max().item(),
    },
    "04": {
        "710": lambda lesson: math.log(sys.float_info.max),
        "0.8808": lambda lesson: lesson["w1"],
        "0.665": lambda lesson: lesson["steps"]["weights"][2, 0].item(),
        "0.245": lambda lesson: lesson["steps"]["weights"][2, 2].item(),
    },
    "05": {
        "64": lambda lesson: 512 / 8,
        "512": "section 3.2.2 of Vaswani et al. 2017",
        "24": lambda lesson: lesson["n_parameters"](2),
        "210": lambda lesson: lesson["heads_as_sum"](
            torch.tensor([[[[1.0]], [[2.0]]]]), torch.tensor([[10.0, 100.0]])
        ).item(),
    },
    "06": {
        "53": lambda lesson: degrees_between(lesson, 0, 0),
        "168": lambda lesson: degrees_between(lesson, 0, 2),
        "66": lambda lesson: lesson["rope_scores"]["query = key"].max().item(),
        "36": lambda lesson: beside_the_peak(lesson).min().item(),
        "51": lambda lesson: beside_the_peak(lesson).max().item(),
    },
    "07": {
        "0.75": lambda lesson: -optimize.brentq(lambda x: stats.norm.cdf(x) + x * stats.norm.pdf(x), -1, 0),
        "0.58": lambda lesson: -lesson["normalised"][3, 0].item(),
        "1.73": lambda lesson: lesson["normalised"][3, 3].item(),
        "16": lambda lesson: 4**2,
        "20": lambda lesson: 4 + 4**2,
        "512": "table 3 of Vaswani et al. 2017",
        "2048": "table 3 of Vaswani et al. 2017",
    },
    "08": {
        "0.95": lambda lesson: lesson["looks"][2].max().item(),
    },
    "09": {
        "0.25": lambda lesson: lesson["warmup_schedule"](1, 10, 4),
        "0.669": lambda lesson: (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25,
        "120000": lambda lesson: len(lesson["splits"].train),
    },
    "10": {
        "493": lambda lesson: stats.chi2.isf(1e-3, len(lesson["words"]) - 1),
    },
    "11": {
        "0.69": lambda lesson: -math.log(0.5),
        "1.39": lambda lesson: -math.log(0.25),
        "1.04": lambda lesson: -(math.log(0.5) + math.log(0.25)) / 2,
        "13": lambda lesson: len(lesson["weather"]),
        "700": lambda lesson: 4 * lesson["counted"]["GPT-3"] / 1e9,
        "1536": lambda lesson: 2 * 768,
        "1542": "table 2 of Radford et al. 2019",
        "18": lambda lesson: 9 + 9,
        "14": lambda lesson: lesson["row"].shape[1],
        "3.5": lambda lesson: math.log(32),
        "25": lambda lesson: 12 + 12 + 1,  # where the third round of a piece of twelve begins
    },
    "12": {
        "50": lambda lesson: 100 / 2,
        "20%": lambda lesson: 10 + 10,
        "512": lambda lesson: lesson["BertConfig"].max_length,
        "500": lambda lesson: len(lesson["data"].disputed),
        "12000": lambda lesson: len(lesson["data"].train),
        "440": "the file of the smaller BERT of Devlin et al. 2019",
        "15%": "section 3.1 of Devlin et al. 2019",
        "700": lambda lesson: 7 * 100,  # a number that Try this asks for
        "0.27": lambda lesson: 0.85**8,
        "0.08": lambda lesson: 1 / 12,
        "4.47": lambda lesson: math.log(len(lesson["WORDS"])),
    },
    "13": {
        "4000": lambda lesson: len(lesson["data"].plain),
        "101": lambda lesson: 1 + 100,
        "103": lambda lesson: 3 + 100,
        "810": lambda lesson: 2 * 405,
        "23": lambda lesson: 800 / math.ceil(1100 / 32),
        "25": lambda lesson: 100 / math.ceil(100 / 32),
    },
}
