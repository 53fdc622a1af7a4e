"""The Chinese characters of a page as a font within it, so that they are no boxes where the reader has no such font."""

from __future__ import annotations

import base64
import io

from fontTools import subset
from fontTools.ttLib import TTFont

from sim.show.figures.typeface import FONT_FILE

FIRST = 0x2E80  # what comes before, every computer can draw


def glyphs(text: str) -> str:
    """A CSS rule with the characters of the text that the shipped font has; empty where there is none."""
    wanted = {ord(c) for c in text if ord(c) >= FIRST}
    font = TTFont(FONT_FILE, lazy=True, recalcTimestamp=False)  # or two pages would differ
    there = wanted & set(font.getBestCmap())
    if not there:
        return ""
    options = subset.Options()
    options.flavor, options.hinting, options.layout_features = "woff", False, []
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=there)
    subsetter.subset(font)
    font.flavor = "woff"
    out = io.BytesIO()
    font.save(out)
    data = base64.b64encode(out.getvalue()).decode()
    ranges = ",".join(f"U+{code:X}" for code in sorted(there))
    source = f"url(data:font/woff;base64,{data}) format('woff')"
    return f"@font-face{{font-family:Report;src:{source};unicode-range:{ranges}}}"
