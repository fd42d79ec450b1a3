"""Plots: what lessons show, charts and drawings, each with its text for the blind."""

from course.plots.attending import attention_arrows, attention_flow, head_arrows, multi_head
from course.plots.charts import (
    COLOURS,
    MARKERS,
    Axes,
    Figure,
    alignment,
    bars,
    broadcast,
    canvas,
    heatmap,
    lines,
    named_points,
    product,
    ranges,
    show,
    write_apart,
)
from course.plots.decoder_only import layers_beside
from course.plots.flow import data_flow, flow_of
from course.plots.layers import (
    encoder_layers,
    norm_steps,
    residual_stream,
    turning,
    two_orders,
)
from course.plots.overview import course_map, show_map
from course.plots.reader_writer import (
    additive_flow,
    forced_and_free,
    looks_back,
    reader_state_writer,
)
from course.plots.recurrent import gates, gru_cell, lstm_cell, rnn_cell, unrolled
from course.plots.sheet import Sheet
from course.plots.timeline import timeline
from course.plots.transformer import decoder_layer, decoding_steps, vector_to_word
from course.plots.words import lookup, patterns

__all__ = [
    "COLOURS",
    "MARKERS",
    "Axes",
    "Figure",
    "Sheet",
    "additive_flow",
    "alignment",
    "attention_arrows",
    "attention_flow",
    "bars",
    "broadcast",
    "canvas",
    "course_map",
    "data_flow",
    "decoder_layer",
    "decoding_steps",
    "encoder_layers",
    "flow_of",
    "forced_and_free",
    "gates",
    "gru_cell",
    "head_arrows",
    "heatmap",
    "layers_beside",
    "lines",
    "looks_back",
    "lookup",
    "lstm_cell",
    "multi_head",
    "named_points",
    "norm_steps",
    "patterns",
    "product",
    "ranges",
    "reader_state_writer",
    "residual_stream",
    "rnn_cell",
    "show",
    "show_map",
    "timeline",
    "turning",
    "two_orders",
    "unrolled",
    "vector_to_word",
    "write_apart",
]
