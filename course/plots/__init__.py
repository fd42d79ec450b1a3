"""Plots: what lessons show, charts and drawings, each with its text for the blind."""

from course.plots.charts import (
    COLOURS,
    MARKERS,
    Axes,
    Figure,
    alignment,
    bars,
    broadcast,
    canvas,
    data_flow,
    heatmap,
    lines,
    product,
    show,
)
from course.plots.overview import course_map, show_map
from course.plots.reader_writer import (
    attention_arrows,
    attention_flow,
    forced_and_free,
    reader_state_writer,
)
from course.plots.sheet import Sheet

__all__ = [
    "COLOURS",
    "MARKERS",
    "Axes",
    "Figure",
    "Sheet",
    "alignment",
    "attention_arrows",
    "attention_flow",
    "bars",
    "broadcast",
    "canvas",
    "course_map",
    "data_flow",
    "forced_and_free",
    "heatmap",
    "lines",
    "product",
    "reader_state_writer",
    "show",
    "show_map",
]
