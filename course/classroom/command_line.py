"""Command line: functions become commands; what may be typed stands above each, its help is its docstring."""

from __future__ import annotations

import argparse
import contextlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGE = "transformer-course"
Argument = tuple[tuple[str, ...], dict[str, Any]]


class Misuse(Exception):
    """What was typed asks for something that there is not; the text says what, and what there is."""


@dataclass(frozen=True)
class Command:
    """run(options) -> the exit code: 0 all is well, 1 something is not.

    further: how the help calls options that the command does not know and finds in options.further; '' refuses them."""

    run: Callable[[argparse.Namespace], int]
    arguments: tuple[Argument, ...] = ()
    further: str = ""

    def add_to(self, commands: argparse._SubParsersAction) -> None:
        text = inspect.getdoc(self.run) or ""
        parser = commands.add_parser(
            self.run.__name__, help=text.partition("\n")[0], description=text, allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        for flags, settings in self.arguments:
            parser.add_argument(*flags, **settings)
        if self.further:
            parser.usage = f"{parser.format_usage().removeprefix('usage: ').rstrip()} [{self.further} ...]"
        parser.set_defaults(command=self, parser=parser)


def command(*arguments: Argument, further: str = "") -> Callable[[Callable], Command]:
    """The function below becomes a command of its name."""
    return lambda run: Command(run, arguments, further)


def argument(*flags: str, **settings: Any) -> Argument:
    """What argparse's add_argument takes."""
    return flags, settings


@contextlib.contextmanager
def misuse() -> Iterator[None]:
    """What was typed is read inside: a ValueError there is misuse, anywhere else it is an error of ours."""
    try:
        yield
    except ValueError as error:
        raise Misuse(error) from None


def folder_called(name: str, argument: str = "PATH") -> Path:
    """The folder of that name; ValueError where there is none."""
    if not (folder := Path(name)).is_dir():
        raise ValueError(f"{argument} must be a folder that exists, not {name}")
    return folder


def file_called(name: str, argument: str) -> Path:
    """The file of that name; ValueError where there is none."""
    if not (file := Path(name)).is_file():
        raise ValueError(f"{argument} must be a file that exists, not {name}")
    return file


def new_page_called(name: str, argument: str) -> Path:
    """The page to be written; ValueError where its name or its folder cannot be meant."""
    if (page := Path(name)).suffix != ".html" or not page.parent.is_dir():
        raise ValueError(f"{argument} must be an .html file in a folder that exists, not {name}")
    return page


def at_least_one(option: str, number: int) -> None:
    """ValueError where there would be none."""
    if number < 1:
        raise ValueError(f"{option} must be at least 1, not {number}")


def run(commands: Sequence[Command], arguments: Sequence[str] | None = None) -> int:
    """Do what was typed -> the exit code. Misuse is said below the usage of its command; the exit code is then 2."""
    options, further = parser_of(commands).parse_known_args(arguments)
    if further and not options.command.further:
        options.parser.error(f"unrecognized arguments: {' '.join(further)}")
    options.further = further
    try:
        return options.command.run(options)
    except Misuse as error:
        options.parser.error(str(error))


def parser_of(commands: Sequence[Command]) -> argparse.ArgumentParser:
    """Options are spelled out: an abbreviation of --force would be half a word that destroys work."""
    parser = argparse.ArgumentParser(
        prog="python -m course", description="Build the Transformer step by step.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"{PACKAGE} {version()}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for one in commands:
        one.add_to(subparsers)
    return parser


def version() -> str:
    """The package's, which pyproject.toml says."""
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        return "(not installed)"
