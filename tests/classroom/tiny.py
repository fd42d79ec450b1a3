"""A tiny lesson with two exercises, for tests of what is made from a lesson file."""

NAME = "90_tiny"

TEXT = '''# %% question [markdown]
r"""
# 90 · Tiny

How alike are two vectors?
"""

# %% setup
import math

import torch
from torch import Tensor

from course.checks import check

# %% scores [markdown]
r"""
### Exercise: `attention_scores`

Every query against every key.

Hint: first

Hint: second

Help: I see `RuntimeError: mat1`
You forgot the transpose.
"""

# %% exercise points=2 difficulty=2 minutes=5
from course.attention import attention_scores

# %% check
check(attention_scores)

# %% try-it
attention_scores(torch.eye(2), torch.eye(2)).shape

# %% mask [markdown]
r"""
### Exercise: `causal_mask`

Who may look where.
"""

# %% exercise points=3 difficulty=1 minutes=4
from course.attention import causal_mask

# %% check
check(causal_mask)
'''
