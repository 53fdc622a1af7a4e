"""The font of all figures: it comes with the program, so that Chinese names show where no Chinese font is installed.

It has the 6,700 characters of the common tables. Rarer ones, as in 鄠邑, 浉河 or 埇桥, are taken from a font of the
computer that has them.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.language import tr

log = logging.getLogger(__name__)

FONT_FILE = Path(__file__).parent / "fonts" / "DisputesSansSC-Regular.otf"
LAST = "DejaVu Sans"  # comes with matplotlib
LARGE = (  # fonts with rare Chinese characters, by what they are called on Linux, Windows and macOS
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC"),
    *(
        "Noto Serif CJK SC",
        "WenQuanYi Zen Hei",
        "WenQuanYi Micro Hei",
        "Droid Sans Fallback",
        "AR PL UMing CN",
    ),
    *("Microsoft YaHei", "SimHei", "SimSun", "PingFang SC", "Heiti SC", "Songti SC", "Arial Unicode MS"),
)
_said: set[str] = set()


@cache
def family() -> str:
    """The family name, once the font is known to matplotlib. Raises FileNotFoundError if the file is missing."""
    font_manager.fontManager.addfont(str(FONT_FILE))
    return font_manager.get_font(str(FONT_FILE)).family_name


@cache
def families() -> tuple[str, ...]:
    """The font of the figures, and those of this computer that characters are taken from which it lacks."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return (family(), *(name for name in LARGE if name in installed), LAST)


@cache
def _characters(name: str) -> frozenset[int]:
    path = font_manager.findfont(name)
    return frozenset(font_manager.get_font(path).get_charmap())


def missing(text: str) -> list[str]:
    """The characters of a text that no font of `families` has, each once."""
    known = [_characters(name) for name in families()]
    wanted = dict.fromkeys(c for c in text if not c.isspace() and c.isprintable())
    return [c for c in wanted if not any(ord(c) in there for there in known)]


def say_missing(figure: Figure) -> None:
    """Say, once for each character, that a figure shows it as a box."""
    said = [artist.get_text() for artist in figure.findobj(Text) if isinstance(artist, Text)]
    new = [c for c in missing("".join(said)) if c not in _said]
    if new:
        _said.update(new)
        log.warning(
            "%s",
            tr(
                "no font of this computer has {list}: figures show a box there. Install one, such as Noto Sans CJK SC.",
                list=new,
            ),
        )
