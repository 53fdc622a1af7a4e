"""The font of all figures: it comes with the program, so that Chinese names show where no Chinese font is installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from matplotlib import font_manager

FONT_FILE = Path(__file__).parent / "fonts" / "DisputesSansSC-Regular.otf"


@cache
def family() -> str:
    """The family name, once the font is known to matplotlib. Raises FileNotFoundError if the file is missing."""
    font_manager.fontManager.addfont(str(FONT_FILE))
    return font_manager.get_font(str(FONT_FILE)).family_name
