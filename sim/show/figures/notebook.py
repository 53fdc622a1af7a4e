"""Figures in a notebook."""

from __future__ import annotations

import sys

from matplotlib.figure import Figure


def in_notebook(figure: Figure) -> Figure:
    """A figure that a notebook draws: only those of pyplot are known to it by themselves."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        from IPython.core.pylabtools import select_figure_formats

        select_figure_formats(shell, {"png"})  # type: ignore[no-untyped-call]
    return figure
