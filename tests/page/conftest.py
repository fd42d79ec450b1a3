"""Fixtures of the tests of the page: small models on their pages, in one browser."""

import pytest

from tests.page.look import opened_looks


@pytest.fixture(scope="module")
def looks(tmp_path_factory):
    with opened_looks(tmp_path_factory.mktemp("pages")) as looks:
        yield looks


@pytest.fixture
def look(looks):
    return looks("rotary").open()
