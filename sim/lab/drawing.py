"""Figures of studies as SVG for the page, with words for those who cannot see them: runs in workers."""

from __future__ import annotations

import html
import io

from sim.studies.study import Sketch


def svg_of(sketch: Sketch) -> str:
    """A sketch as SVG in the language in use; empty where there is nothing to show."""
    from sim.show.figures.page import lay_out
    from sim.show.figures.painter import drawing_of
    from sim.show.figures.style import style

    with style():
        drawing = drawing_of(sketch)
        if drawing is None:
            return ""
        lay_out(drawing.figure)
        held = io.StringIO()
        drawing.figure.savefig(held, format="svg", metadata={"Date": None})
        svg = held.getvalue()
        label = html.escape(f"{drawing.title}. {drawing.caption}", quote=True)
        return svg[svg.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
