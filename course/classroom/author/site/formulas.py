"""Formulas: TeX as MathML, which browsers draw by themselves, without a script."""

from __future__ import annotations

import functools
import re

from docutils.core import publish_parts
from docutils.utils import SystemMessage
from docutils.writers.html5_polyglot import Writer

# What MathJax understands and docutils calls otherwise; of `aligned` it needs the rows alone.
SAID_OTHERWISE = {
    r"\\dots\b|\.\.\.": r"\\ldots ",
    r"\\big(?=[(\[])": r"\\bigl",
    r"\\big(?=[)\]])": r"\\bigr",
    r"\\(?:begin|end)\{aligned\}": "",
}
# What TeX sets otherwise: a thin space in `ln p`, none in `ln(p)`; what is said under a brace stands in its middle.
SET_OTHERWISE = {
    r"(<mo>(?:&ApplyFunction;|\u2061)</mo>)(?!(?:<mrow>)?<mo[^>]*>[(\[])": r'\1<mspace width="0.1667em"></mspace>',
    r"<msub>(<munder>(?:(?!<msub>).)*\u23df</mo></munder><mtext>[^<]*</mtext>)</msub>": r"<munder>\1</munder>",
}
SETTINGS = {"math_output": "MathML", "report_level": 5, "halt_level": 3, "_disable_config": True}


class FormulaError(ValueError):
    """Something in a formula is not understood; the text says the formula, and what."""


@functools.cache
def mathml(tex: str, block: bool = False) -> str:
    """The formula as <math>...</math>, in a line of its own or in a text. FormulaError where it is not understood."""
    said = tex
    for ours, theirs in SAID_OTHERWISE.items():
        said = re.sub(ours, theirs, said)
    said = " ".join(said.split())
    source = f".. math::\n\n   {said}" if block else f":math:`{said}`"
    try:
        page = publish_parts(source, writer=Writer(), settings_overrides=SETTINGS)["fragment"]
    except SystemMessage as error:
        raise FormulaError(f"no MathML for the formula {tex!r}: {error}") from None
    made = re.search(r"<math\b.*</math>", page, re.DOTALL)
    if made is None:
        raise FormulaError(f"no MathML for the formula {tex!r}: docutils does not understand it")
    found = re.sub(r' xmlns="[^"]*"', "", re.sub(r">\s+<", "><", made[0]))  # in HTML <math> needs none
    for theirs, ours in SET_OTHERWISE.items():
        found = re.sub(theirs, ours, found)
    return found
