"""Exchange: is all that students own collected, nothing that is another's, and does nobody's trouble stop the rest?"""

import logging
import os
import pwd
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from nbgrader.exchange.default import ExchangeCollect
from traitlets.config import Config, PyFileConfigLoader

from course.classroom.teacher.exchange import Collect, ReleaseFeedback
from course.classroom.teacher.inbox import SECRET
from tests.classroom import tiny
from tests.classroom.school import School

ME = pwd.getpwuid(os.getuid()).pw_name
NOW = "2999-01-01 10:00:00.000000 UTC"


class Exchange:
    """One with the tiny lesson in it, and the course that it belongs to."""

    def __init__(self, course: School, root: Path, caplog: pytest.LogCaptureFixture) -> None:
        self.course, self.root, self.caplog = course, root / "exchange", caplog
        for place in ("inbound", "outbound", "feedback"):
            (self.root / "transformer" / place).mkdir(parents=True)

    def submit(self, student: str, when: str = NOW, text: str = "{}", lesson: str = tiny.NAME) -> Path:
        """What nbgrader's own submit leaves."""
        place = self.root / "transformer" / "inbound" / f"{student}+{lesson}+{when}+random"
        place.mkdir()
        (place / f"{tiny.NAME}.ipynb").write_text(text)
        (place / "timestamp.txt").write_text(when)
        (place / SECRET).write_text(f"secret of {student}")
        return place

    def made(self, kind: str, **settings: bool) -> object:
        config: Config = PyFileConfigLoader("nbgrader_config.py", path=str(self.course.root)).load_config()
        config.CourseDirectory.assignment_id = tiny.NAME
        config.Exchange.root = str(self.root)
        config.ExchangeCollect.update(settings)
        folders = CourseDirectory(config=config)
        make = getattr(ExchangeFactory(config=config), kind)
        return make(coursedir=folders, config=config, log=logging.getLogger("exchange"))

    def collect(self, **settings: bool) -> str:
        """Collect -> what was said."""
        self.caplog.clear()
        self.made("Collect", **settings).start()
        return self.caplog.text

    def submitted(self, student: str = ME) -> dict[str, str]:
        place = self.course.root / "submitted" / student / tiny.NAME
        return {path.relative_to(place).as_posix(): path.read_text() for path in place.rglob("*") if path.is_file()}


@pytest.fixture
def exchange(course: School, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Exchange:
    return Exchange(course, tmp_path, caplog)


def test_the_course_collects_and_releases_by_these(exchange):
    assert isinstance(exchange.made("Collect"), Collect)
    assert isinstance(exchange.made("ReleaseFeedback"), ReleaseFeedback)


def test_what_was_handed_in_arrives_whole_and_silently(exchange):
    place = exchange.submit(ME, text="mine")
    (place / "data").mkdir()
    (place / "data" / "words.txt").write_text("words")
    assert exchange.collect() == ""
    assert exchange.submitted() == {
        f"{tiny.NAME}.ipynb": "mine", "timestamp.txt": NOW, SECRET: f"secret of {ME}", "data/words.txt": "words",
    }  # fmt: skip


def test_the_newest_comes_and_a_newer_one_only_when_asked_for(exchange):
    exchange.submit(ME, "2999-01-01 09:00:00 UTC", "old")
    exchange.submit(ME, "2999-01-01 10:00:00 UTC", "new")
    exchange.collect()
    assert exchange.submitted()[f"{tiny.NAME}.ipynb"] == "new"
    exchange.submit(ME, "2999-01-01 11:00:00 UTC", "newer")
    exchange.collect()
    assert exchange.submitted()[f"{tiny.NAME}.ipynb"] == "new"
    exchange.collect(update=True)
    assert exchange.submitted()[f"{tiny.NAME}.ipynb"] == "newer"


def test_a_name_is_not_believed_except_where_all_share_an_account(exchange):
    exchange.submit("bob", text="by somebody else")
    assert f"was not collected: it belongs to {ME}" in exchange.collect()
    assert exchange.submitted("bob") == {}
    exchange.collect(check_owner=False)
    assert exchange.submitted("bob")[f"{tiny.NAME}.ipynb"] == "by somebody else"


def test_a_time_before_the_last_change_is_said(exchange):
    exchange.submit(ME, "2000-01-01 10:00:00 UTC")
    assert "was last changed at " in exchange.collect()
    assert f"{tiny.NAME}.ipynb" in exchange.submitted()


def test_links_and_pipes_are_left_out_and_said(exchange, tmp_path):
    (tmp_path / "private").write_text("the teacher's own")
    place = exchange.submit(ME, text="mine")
    (place / "mine.txt").symlink_to(tmp_path / "private")
    (place / "folder").symlink_to(tmp_path)
    os.mkfifo(place / "pipe")
    said = exchange.collect()
    assert all(f"{ME}: left out '{name}'" in said for name in ("mine.txt", "folder", "pipe"))
    assert set(exchange.submitted()) == {f"{tiny.NAME}.ipynb", "timestamp.txt", SECRET}


def test_what_is_no_submission_stops_nobody(exchange, tmp_path):
    inbound = exchange.root / "transformer" / "inbound"
    for name in (f"x+{tiny.NAME}+yesterday", f"x+{tiny.NAME}+", f"+{tiny.NAME}+{NOW}+r"):
        (inbound / name).mkdir()
    (inbound / f"{ME}+{tiny.NAME}+2999-01-02 10:00:00 UTC+link").symlink_to(tmp_path)
    exchange.submit(ME, text="mine")
    exchange.collect()
    assert sorted(path.name for path in (exchange.course.root / "submitted").iterdir()) == [ME]


def test_whoever_is_interrupted_leaves_nothing_half(exchange, monkeypatch):
    exchange.submit(ME, text="mine")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError("no space left")))
        with pytest.raises(OSError, match="no space left"):
            exchange.collect()
    assert exchange.submitted() == {}
    exchange.collect()
    assert exchange.submitted()[f"{tiny.NAME}.ipynb"] == "mine"
    assert [path.name for path in (exchange.course.root / "submitted" / ME).iterdir()] == [tiny.NAME]


def test_feedback_goes_to_those_who_came_through_the_exchange(exchange):
    for student, secret in {"ann": "known to ann", "by,mail": ""}.items():
        place = exchange.course.root / "feedback" / student / tiny.NAME
        place.mkdir(parents=True)
        (place / f"{tiny.NAME}.html").write_text(f"for {student}")
        (place / "timestamp.txt").write_text(NOW)
        if secret:
            (place / SECRET).write_text(secret)
    exchange.made("ReleaseFeedback").start()
    assert "by,mail did not submit through the exchange" in exchange.caplog.text
    pages = list((exchange.root / "transformer" / "feedback").iterdir())
    assert [page.read_text() for page in pages] == ["for ann"]


def test_nbgraders_own_would_follow_a_link(exchange, tmp_path):
    """The reason for ours."""
    (tmp_path / "private").write_text("the teacher's own")
    (exchange.submit(ME) / "mine.txt").symlink_to(tmp_path / "private")
    ours = exchange.made("Collect")
    ExchangeCollect(coursedir=ours.coursedir, config=ours.config).start()
    assert exchange.submitted()["mine.txt"] == "the teacher's own"
