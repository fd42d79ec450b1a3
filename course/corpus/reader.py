"""A learner's own parallel text: two columns in one file, or two files line by line."""

from __future__ import annotations

from pathlib import Path

BOM = "\ufeff"


def read_parallel(path: str | Path, english: str | Path | None = None) -> list[tuple[str, str]]:
    """The (German, English) sentences of a UTF-8 text.

    path alone: one pair a line, German, a tab, English. Two paths: German file, English file, line n belongs to line n.
    ValueError, with file and line, when a column or a line is missing, empty, or no UTF-8."""
    path = Path(path)
    if english is None:
        return [_columns(path, number, line) for number, line in enumerate(_lines(path), 1)]
    english = Path(english)
    left, right = _lines(path), _lines(english)
    if len(left) != len(right):
        raise ValueError(_uneven(path, left, english, right))
    rows = enumerate(zip(left, right, strict=True), 1)
    return [(_filled(path, number, a), _filled(english, number, b)) for number, (a, b) in rows]


def _lines(path: Path) -> list[str]:
    """The lines of a file, without their ends and without a byte order mark."""
    if not path.is_file():
        raise ValueError(f"{path}: no such file; paths count from {Path.cwd()}")
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{path}:{number}: the text must be UTF-8, but has the byte 0x{data[error.start]:02x}; "
            f"it was probably saved in another encoding (Latin-1, Windows-1252, UTF-16): save it again as UTF-8"
        ) from None
    lines = text.removeprefix(BOM).replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    if not lines:
        raise ValueError(f"{path}: the file must hold at least one pair, but it is empty")
    return lines


def _columns(path: Path, number: int, line: str) -> tuple[str, str]:
    rule, cells = f"{path}:{number}: a line must be German, one tab, English", line.split("\t")
    if not line.strip("\r\n ") and len(cells) == 1:
        raise ValueError(f"{rule}, but it is empty; delete the empty line")
    if len(cells) != 2:
        blanks, tabs = (
            "are there blanks where the tab should be?",
            "is there a tab inside a sentence, or a third column?",
        )
        cause = blanks if len(cells) == 1 else tabs
        raise ValueError(f"{rule}, but it has {len(cells)} column(s): {_short(line)}; {cause}")
    return _filled(path, number, cells[0], "German"), _filled(path, number, cells[1], "English")


def _filled(path: Path, number: int, sentence: str, side: str = "") -> str:
    if not sentence.strip():
        what = f"the {side} column" if side else "the line"
        raise ValueError(
            f"{path}:{number}: every sentence needs its translation, but {what} is empty; fill it, or delete the pair"
        )
    return sentence.strip()


def _uneven(path: Path, left: list[str], english: Path, right: list[str]) -> str:
    shorter, count = (path, len(left)) if len(left) < len(right) else (english, len(right))
    rows = enumerate(zip(left, right, strict=False), 1)
    blank = next((number for number, (a, b) in rows if not a.strip() or not b.strip()), None)
    hint = (
        f"line {blank} is empty on one side: does it shift the rest?"
        if blank
        else "is the end missing, or a line broken?"
    )
    return (
        f"{shorter}:{count}: both files must have the same number of lines, "
        f"but {path} has {len(left)} and {english} has {len(right)}; {hint}"
    )


def _short(line: str) -> str:
    return repr(line if len(line) <= 60 else line[:57] + "...")
