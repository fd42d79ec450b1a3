"""Laws: when two outputs count as equal."""

from __future__ import annotations

from typing import Any

import numpy as np


def close(one: np.ndarray, other: np.ndarray) -> bool:
    """Equal up to rounding in the precision of the first; NaN is equal to nothing."""
    return bool(np.all(abs(one - other) <= (1e-9 if one.dtype == np.float64 else 1e-4)))


def roughly(one: Any, other: Any) -> bool:
    """Equal up to rounding in float32, whatever their own precision is."""
    return np.allclose(one, other, rtol=1e-4, atol=1e-5)
