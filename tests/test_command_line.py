"""The command line: does help tell all, is nothing abbreviated, and is misuse named as it was typed?"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest

from course.__main__ import COMMANDS, main
from course.bench import command as bench
from course.classroom import ROOT
from course.classroom.author import build, exercises, picture
from course.classroom.command_line import Command, Misuse, argument, command, misuse, run
from course.classroom.learner import lab

FLAGS = [(one.run.__name__, flag) for one in COMMANDS for flags, _ in one.arguments for flag in flags]
OPTIONS = [(name, flag) for name, flag in FLAGS if flag.startswith("--") and name != "lab"]
LESSON_00 = "solutions/00_start_here/00_start_here.ipynb"

MISUSE = {  # what is typed -> what is said of it
    "": "the following arguments are required: COMMAND",
    "bild": "invalid choice: 'bild'",
    "build 99": "there is no lesson '99'; there are 00_start_here, 01_hidden_states",
    "build --check 99": "there is no lesson '99'; there are 00_start_here, 01_hidden_states",
    "build 04 self": "there is no lesson 'self'",
    "build --chekc": "unrecognized arguments: --chekc",
    "exercises sofmax": "there is no lesson or exercise 'sofmax'; close to it: softmax",
    "exercises 99": "there is no lesson or exercise '99'; the lessons are 00_start_here",
    "exercises --frehs": "unrecognized arguments: --frehs",
    "picture missing.ipynb lesson.png": "NOTEBOOK must be an .ipynb file that exists, not missing.ipynb",
    "picture README.md lesson.png": "NOTEBOOK must be an .ipynb file that exists, not README.md",
    f"picture {LESSON_00} lesson.txt": "PICTURE must be a .png file in a folder that exists, not lesson.txt",
    f"picture {LESSON_00} no/lesson.png": "PICTURE must be a .png file in a folder that exists, not no/lesson.png",
    "pretrained nowhere hello": "PATH must be a folder that exists, not nowhere",
    "pretrained README.md hello": "PATH must be a folder that exists, not README.md",
    "pretrained tests": "the following arguments are required: PROMPT",
    "pretrained tests hello --max-tokens 0": "--max-tokens must be at least 1, not 0",
    "pretrained tests hello --max-tokens many": "--max-tokens: invalid int value: 'many'",
    "pretrained tests hello --beams -1": "--beams must be at least 1, not -1",
    "page nowhere.pt": "TRANSLATOR must be a file that exists, not nowhere.pt",
    "page tests": "TRANSLATOR must be a file that exists, not tests",
    "page README.md -o page.pdf": "FILE must be an .html file in a folder that exists, not page.pdf",
    "page README.md --output no/page.html": "FILE must be an .html file in a folder that exists, not no/page.html",
    "page README.md --lessons no": "--lessons must be a folder that exists, not no",
    "bench nothing": "there is no part nothing; there are decoding, speed",
    "bench --seeds 0": "--seeds must be at least 1, not 0",
    "bench --seeds many": "--seeds: invalid int value: 'many'",
    "bench --seconds 0": "--seconds must be a number above 0, not 0",
    "bench --seconds nan": "--seconds must be a number above 0, not nan",
    "bench --seconds inf": "--seconds must be a number above 0, not inf",
}


def refused(capsys: pytest.CaptureFixture, arguments: list[str], commands: tuple[Command, ...] = COMMANDS) -> list[str]:
    """The lines on stderr when it ends with 2, the last of them unbroken; nothing is on stdout."""
    with pytest.raises(SystemExit) as stopped:
        run(commands, arguments)
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


def helped(capsys: pytest.CaptureFixture, *arguments: str) -> str:
    """What it says when it ends with 0, without line breaks."""
    with pytest.raises(SystemExit) as stopped:
        main([*arguments])
    assert stopped.value.code == 0
    return re.sub(r"\s+", " ", capsys.readouterr().out)


@pytest.fixture(autouse=True)
def _nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Misuse that is not noticed fails a test; it builds, draws and measures nothing."""
    work = {build: ("build", "stale", "oracles"), exercises: ("survey",), picture: ("draw",), bench: ("bench",)}
    for module, name in [(module, name) for module, names in work.items() for name in names]:
        monkeypatch.setattr(module, name, lambda *arguments, **options: [])


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list:
    """With what the lab was started, which returns 3."""
    calls: list = []
    monkeypatch.setattr(lab, "lab", lambda further, say, teacher: calls.append((further, teacher)) or 3)
    return calls


@pytest.mark.parametrize("typed", MISUSE)
def test_misuse_is_named_as_typed_below_the_usage_of_its_command(capsys, monkeypatch, typed):
    monkeypatch.chdir(ROOT)
    lines = refused(capsys, typed.split())
    names = {one.run.__name__ for one in COMMANDS}
    program = " ".join(["python -m course", *[word for word in typed.split()[:1] if word in names]])
    assert lines[0].startswith(f"usage: {program} [")
    assert lines[-1].startswith(f"{program}: error: ")
    assert MISUSE[typed] in lines[-1]


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_no_option_is_abbreviated(capsys, name, option):
    (one,) = [one for one in COMMANDS if one.run.__name__ == name]
    needed = [flags[0] for flags, settings in one.arguments if flags[0][0] != "-" and "nargs" not in settings]
    assert refused(capsys, [name, *needed, option[:-1]])[-1].endswith(f"unrecognized arguments: {option[:-1]}")
    assert "unrecognized" in refused(capsys, ["--vers", name, *needed])[-1]


def test_a_value_error_is_misuse_only_while_what_was_typed_is_read(capsys):
    @command(argument("--ours", action="store_true"))
    def fail(options):
        """Fail."""
        if options.ours:
            raise ValueError("an error of ours")
        with misuse():
            raise ValueError("nobody can mean that")

    assert refused(capsys, ["fail"], (fail,))[-1] == "python -m course fail: error: nobody can mean that"
    with pytest.raises(ValueError, match="an error of ours"):
        run((fail,), ["fail", "--ours"])
    assert not issubclass(Misuse, ValueError), "else misuse inside of misuse would be told twice"


@pytest.mark.parametrize("one", COMMANDS, ids=lambda one: one.run.__name__)
def test_help_says_in_a_sentence_what_a_command_does_and_what_each_argument_is_for(capsys, one):
    sentence = one.run.__doc__.partition("\n")[0]
    assert sentence.endswith((".", "?"))
    assert sentence in helped(capsys, "--help")
    text = helped(capsys, one.run.__name__, "--help")
    assert sentence in text
    for flags, settings in one.arguments:
        assert settings["help"] in text
        assert settings.get("metavar", flags[0]) in text


def test_help_of_the_lab_tells_of_teachers_and_of_the_options_that_go_to_jupyterlab(capsys):
    text = helped(capsys, "lab", "--help")
    assert text.startswith("usage: python -m course lab [-h] [--teacher] [JUPYTERLAB_OPTION ...] ")
    assert "python -m course lab --no-browser --port=8899" in text
    assert "python -m course lab --teacher --browser=firefox" in text


def test_lab_passes_on_what_it_does_not_know_in_its_order_and_returns_its_exit_code(started):
    further = ["--no-browser", "--port", "8899", "--ServerApp.root_dir=x", "--help-all", "--version", "--teach", "a"]
    assert main(["lab", *further]) == 3
    assert main(["lab", *further[:3], "--teacher", *further[3:]]) == 3
    assert started == [(further, False), (further, True)]


def test_lab_that_ends_without_a_code_ended_well(monkeypatch):
    monkeypatch.setattr(lab, "lab", lambda further, say, teacher: None)
    assert main(["lab"]) == 0


def test_version_is_that_of_the_package(capsys):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert helped(capsys, "--version") == f"{project['name']} {project['version']} "


def test_a_slip_is_told_before_anything_slow_is_imported():
    script = "import sys; from course.__main__ import main\n"
    script += "try: main(sys.argv[1:])\nexcept SystemExit as end: print(end)\n"
    script += "print({'torch', 'nbformat', 'nbgrader', 'jupytext', 'jupyterlab'} & set(sys.modules))"
    slips = [["build", "99"], ["build", "--force", "--n"], ["picture", "missing.ipynb", "lesson.png"]]
    for arguments in [*slips, ["pretrained", "nowhere", "hello"], ["page", "nowhere.pt"]]:
        done = subprocess.run([sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True)
        assert done.stdout.split() == ["2", "set()"], done.stderr


@pytest.mark.parametrize(("test", "code"), [("def test_it(): pass", 0), ("def test_it(): raise ValueError", 1)])
def test_a_build_of_a_lesson_says_whether_its_references_are_right(monkeypatch, tmp_path, capsys, test, code):
    """A broken one agrees with itself: only the tests that hold it to somebody else's can tell."""
    path = tmp_path / "test_reference.py"
    path.write_text(test, encoding="utf-8")
    monkeypatch.setattr(build, "oracles", lambda names: [path])
    assert main(["build", "4"]) == code
    assert ("what they have one write is not right" in capsys.readouterr().err) == bool(code)
