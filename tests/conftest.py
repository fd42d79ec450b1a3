"""For every run of the tests: who runs what, in which order, and what need not run again."""

import gc
import os

import pytest

from course.mine.record import VARIABLE
from tests.scheduling import Scheduling, n_workers, rank
from tests.stamps import Stamps

os.environ[VARIABLE] = ""  # whatever lies in mine/, the course is tested


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "run all the lessons, or those changed since their tests passed (all where the variable CI is set)"
    parser.addoption("--hostile", choices=("some", "all"), default="some", help="of the hostile submissions")
    parser.addoption("--lessons", choices=("all", "changed"), help=text)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("lessons"):
        config.pluginmanager.register(Stamps(config))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> object:
    """Without searches for what can be freed: each would look at thousands of tests, of which none can go."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()  # later searches pass over what is there now
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # one of several workers
        items.sort(key=lambda item: rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return n_workers()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log) -> Scheduling | None:
    return Scheduling(config, log) if config.getvalue("dist") == "loadgroup" else None
