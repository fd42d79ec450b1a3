"""Fonts: Chinese and Japanese in figures, wherever the computer has a font for them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib
from matplotlib import font_manager

# What Linux, macOS and Windows bring along, the best first; only what is installed is used.
WITH_CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Droid Sans Fallback", "Heiti SC", "Heiti TC", "STHeiti", "SimHei",
    "SimSun", "Noto Sans CJK TC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Serif CJK SC",
    "AR PL UMing CN", "Arial Unicode MS",
)  # fmt: skip


def chinese_font() -> list[str]:
    """The best installed font with Chinese letters, alone in a list; no font, an empty list."""
    installed = set(font_manager.fontManager.get_font_names())
    return [name for name in WITH_CHINESE if name in installed][:1]


def use_chinese_font() -> None:
    """Letters that matplotlib's usual font lacks are taken from chinese_font, in every figure."""
    families = matplotlib.rcParams["font.family"]
    wanted = [name for name in chinese_font() if name not in families]
    matplotlib.rcParams["font.family"] = [*families, *wanted]


@contextmanager
def boxes_without_warning() -> Iterator[None]:
    """Where no font has a letter, a box stands for it, which needs no words on stderr."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        yield
