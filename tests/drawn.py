"""What every drawing must keep: nothing cut off, no text on another, arrows that end at a part."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
from matplotlib.figure import Figure

from course import plots

WIDEST = 12.2  # inches, 976 pixels: the widest figure of the lessons
REACH = 0.12  # inches between the tip of an arrow and the part that it points to


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def patches(figure: Figure, kind: type) -> list:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, kind)]


def assert_readable(figure: Figure) -> None:
    """Each text lies inside the figure, and none on another; the box of slanted words is larger than they are."""
    width, height = figure.get_size_inches()
    assert width <= WIDEST
    figure.canvas.draw()
    written = [text for text in figure.axes[0].texts if text.get_text()]
    boxes = [(text, text.get_window_extent().transformed(figure.dpi_scale_trans.inverted())) for text in written]
    for number, (text, box) in enumerate(boxes):
        assert 0 <= box.x0 < box.x1 <= width, text.get_text()
        assert 0 <= box.y0 < box.y1 <= height, text.get_text()
        below = [] if text.get_rotation() else boxes[:number]
        on_it = [one.get_text() for one, place in below if box.overlaps(place) and not one.get_rotation()]
        assert on_it == [], text.get_text()


def assert_arrows_meet_parts(module: ModuleType, draw: Callable[[], Figure], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each arrow that has a head ends at something that was drawn."""
    places, ends = [], []

    class Watched(plots.Sheet):
        def arrow(self, start, end, *rest, head=True, **style):
            ends.extend([end] if head else [])
            super().arrow(start, end, *rest, head=head, **style)

    for method in ("box", "numbers", "circle", "text"):

        def watched(self, *rest, method=method, **style):
            place = getattr(plots.Sheet, method)(self, *rest, **style)
            places.append(place)
            return place

        setattr(Watched, method, watched)
    monkeypatch.setattr(module, "Sheet", Watched)
    draw()
    assert ends
    for x, y in ends:
        reach = min(max(abs(x - one.x) - one.width / 2, abs(y - one.y) - one.height / 2) for one in places)
        assert reach <= REACH, (x, y)
