"""A small corpus for all tests of the bench."""

import pytest

from course.bench.material import Material


@pytest.fixture(scope="session")
def material() -> Material:
    return Material.make(n_train=600, n_test=12, seed=3)
