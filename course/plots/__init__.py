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
from course.plots.recurrent import gates, gru_cell, lstm_cell, rnn_cell, unrolled
from course.plots.sheet import Sheet

__all__ = [
    "COLOURS",
    "MARKERS",
    "Axes",
    "Figure",
    "Sheet",
    "alignment",
    "bars",
    "broadcast",
    "canvas",
    "course_map",
    "data_flow",
    "gates",
    "gru_cell",
    "heatmap",
    "lines",
    "lstm_cell",
    "product",
    "rnn_cell",
    "show",
    "show_map",
    "unrolled",
]
