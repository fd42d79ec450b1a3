"""The numbers that a lesson's prose and alt texts claim, and those that its cells hold or print."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from course.checks import SEEN_SEED
from course.checks.registry import EXERCISES
from course.classroom.author.lesson import Lesson
from course.judging.exercise import Draw, Exercise
from course.judging.observation import Value
from course.judging.observe import observe_all
from tests.lessons.arithmetic import agrees, calculations
from tests.lessons.rules import alt_text, calls, headings

FREE = 12  # whole numbers up to this one need no source: they count, name or index something
NUMBER = re.compile(
    r"(?<![A-Za-z][-–])(?<![\w.])[-−]?(?P<digits>[1-9]\d{0,2}(?:[ ,\u00a0\u2009\u202f]\d{3})+(?!\d|,\d)|\d+)"
    r"(?P<rest>\.\d+)?"
    r"(?:\s*(?P<unit>%|million\b|billion\b|thousand\b|M\b|B\b))?(?![\w^])"
)
UNITS = {"%": 1e-2, "thousand": 1e3, "million": 1e6, "M": 1e6, "billion": 1e9, "B": 1e9}
ABBREVIATIONS = re.compile(r"\b(al|eq|Eq|Fig|fig|vs|e\.g|i\.e|ca|cf)\.")
YEAR = r"(?:1[89]\d\d|20[0-3]\d)"
CITATION = re.compile(rf"\([^()]*\b{YEAR}\b[^()]*\)|\b{YEAR}\)")
LABELS = re.compile(
    r"\b(lessons?|sections?|chapters?|figures?|tables?|eqs?|pages?|versions?) \d[\d.]*((, | and | to |-|–)\d[\d.]*)*"
    r"|arxiv:\S+|\d[\d.]*([-–]| to )?\d*[\s-]*(minutes?|hours?|min)\b|(?<![\d.])\d+/\d+(?!\d|\.\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Claim:
    """A number as the prose writes it ('0.88', '13%', '10000'), the cell where it stands, and its sentence."""

    text: str
    cell: str
    sentence: str
    about: bool = False

    @property
    def decimals(self) -> int:
        return len(self.text.rstrip("%BMbilontusad").partition(".")[2])

    @property
    def number(self) -> float:
        return float(re.match(r"[\d.]+", self.text)[0])

    @property
    def unit(self) -> float:
        return UNITS.get(re.sub(r"[\d.]", "", self.text), 1.0)

    def fits(self, value: float) -> bool:
        """Whether value, rounded to the digits given, is this number; its sign and its unit may stand in words."""
        step = 10.0**-self.decimals
        if self.about and not self.decimals:  # about 300: the last zeros are not meant
            step = 10.0 ** (len(self.text) - len(self.text.rstrip("0")))
        return any(
            abs(abs(value) / unit - self.number) <= step / 2 * (1 + 1e-9)
            for unit in {1.0, self.unit}
            if math.isfinite(value)
        )


def claims(lesson: Lesson) -> Iterator[Claim]:
    """The numbers of the prose and of the alt texts that something must bear out.

    Not those in code spans, years and the sentences that cite a source, lesson and section numbers, times to work,
    subscripts, exponents, names such as GPT-2, and whole numbers up to twelve."""
    for cell in lesson.cells:
        pieces = [cell.source] if cell.kind == "markdown" else []
        if cell.kind == "code":
            pieces = [alt_text(call) for call in calls(cell, "plots.show")]
        for sentence in (sentence for piece in pieces for sentence in sentences(piece)):
            if not CITATION.search(sentence):
                yield from numbers_in(sentence, cell.id)


def sentences(text: str) -> list[str]:
    """The text without code and LaTeX commands, cut into sentences."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"`[^`]*`|<[^>]+>|\]\([^)]*\)", " ", text)
    text = re.sub(r"^#+ \d\d · |^ *\d+\. ", "", text, flags=re.MULTILINE)
    text = ABBREVIATIONS.sub(r"\1", text)
    text = re.sub(r"\n(?!\s*\n|[-*|#>])", " ", text)
    return [plain_latex(part) for part in re.split(r"(?<=[.!?])[*_)]*\s|\n", text) if part.strip()]


def plain_latex(text: str) -> str:
    """Without thin spaces, subscripts, exponents and commands; their arguments stay."""
    text = re.sub(r"\\[td]?frac\{(\d+)\}\{(\d+)\}", r"\1/\2", re.sub(r"(?<=\d)\\,(?=\d{3})", "", text))
    text = re.sub(r"\\[,;!: ]|~", " ", text).replace(r"\%", "%").replace(r"\approx", "≈")
    text = re.sub(r"_(\{[^{}]*\}|\w)|\^(\{[^{}]*\}|-?\w)", lambda found: " " if found[0][0] == "_" else "^", text)
    return re.sub(r"\\[A-Za-z]+|[{}$]", " ", text)


def numbers_in(sentence: str, cell: str) -> Iterator[Claim]:
    """The numbers of one sentence that need a source."""
    cut = LABELS.sub("", sentence)
    for found in NUMBER.finditer(cut):
        digits, rest = re.sub(r"\D", "", found["digits"]), found["rest"] or ""
        if not rest and not found["unit"] and (int(digits) <= FREE or re.fullmatch(YEAR, found["digits"])):
            continue
        about = bool(
            re.search(r"(about|nearly|almost|roughly|some|around|≈|over|under|than)\s*$", cut[: found.start()])
        )
        yield Claim(digits + rest + (found["unit"] or ""), cell, " ".join(sentence.split()), about)


def sections(lesson: Lesson) -> dict[str, int]:
    """Cell id -> the number of its H2 section."""
    found, number = {}, 0
    for cell in lesson.cells:
        number += cell.kind == "markdown" and any(level == 2 for level, _ in headings(cell))
        found[cell.id] = number
    return found


def evidence(lesson: Lesson, solved: NotebookNode) -> dict[int, set[float]]:
    """Section -> the numbers in its code, outputs, true calculations and tiny cases, and in those of the section
    before.

    What comes before the first section and what the last two remember and propose may speak of the whole lesson."""
    section = sections(lesson)
    last, own = max(section.values()), {number: set() for number in section.values()}
    for cell in solved.cells:
        if cell.cell_type == "code" and cell.id in section:
            own[section[cell.id]] |= literals(cell.source) | {
                value for text in output_texts(cell) for value in printed(text)
            }
    for cell in lesson.cells:
        if cell.names in EXERCISES:
            own[section[cell.id]] |= tiny_numbers(EXERCISES[cell.names])
    for cell_id, left, right in calculations(lesson):
        if agrees(left, right):
            own[section[cell_id]] |= {float(number) for number in re.findall(r"\d+(?:\.\d+)?", f"{left} {right}")}
    whole = set().union(*own.values())
    return {number: whole if number in (0, last - 1, last) else own[number - 1] | own[number] for number in own}


def tiny_numbers(exercise: Exercise) -> set[float]:
    """The inputs and outputs of the case whose answer can be worked out in the head."""
    tiny = next(iter(exercise.cases(Draw(SEEN_SEED))))
    (observed,) = observe_all(exercise, exercise.reference, [tiny])
    values = [observed.output or Value(), *observed.inputs.values()]
    arrays = [array for value in values for array in value.arrays.values() if array.dtype.kind in "iuf"]
    return {abs(float(number)) for array in arrays for number in array.ravel()[:50]}


def output_texts(cell: NotebookNode) -> Iterator[str]:
    """What a cell printed or showed, pictures apart."""
    for output in cell.outputs:
        shown = output.get("data", {})
        yield from (
            output.get("text", ""),
            shown.get("text/plain", ""),
            re.sub(r"<[^>]*>", " ", shown.get("text/html", "")),
        )


def literals(source: str) -> set[float]:
    """The numbers written in code; not those inside its texts."""
    constants = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return {float(value) for value in constants if type(value) in (int, float)}


def printed(text: str) -> Iterator[float]:
    """The numbers in an output, 1e-05 and 10,000 among them."""
    for digits in re.findall(r"(?<![A-Za-z_])\d[\d_,]*(?:\.\d+)?(?:e[-+]?\d+)?", text.replace(" 000", "000")):
        yield float(re.sub("[_,]", "", digits))


def unproved(lesson: Lesson, solved: NotebookNode, registered: dict) -> list[str]:
    """The claims that nothing nearby bears out, no literal and no output, nor a registered computation."""
    values, section = evidence(lesson, solved), sections(lesson)
    return [
        f"cell {claim.cell!r}: {claim.text} in {claim.sentence!r}"
        for claim in claims(lesson)
        if claim.text not in registered and not any(map(claim.fits, values[section[claim.cell]]))
    ]
