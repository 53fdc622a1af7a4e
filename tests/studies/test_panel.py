"""Labelled outcomes of several policies."""

from __future__ import annotations

import numpy as np
import pytest

from sim.studies.panel import Panel


def test_a_panel_knows_its_shape_and_names() -> None:
    values = np.arange(24.0).reshape(2, 3, 1, 4)
    panel = Panel(("a", "b"), ("x", "y", "z"), {"x": "", "y": "", "z": ""}, values)
    assert (panel.draws, panel.replications) == (1, 4)
    assert (panel.difference("b", "y") == 12).all() and (panel.difference("a", "y", "b") == -12).all()
    for bad in (values[:1], values[:, :2], values[0], values[:, :, :, :1]):
        with pytest.raises(ValueError, match=r"shape|spread"):
            Panel(("a", "b"), ("x", "y", "z"), {}, bad)
    with pytest.raises(ValueError, match="named twice: a"):
        Panel(("a", "a"), ("x", "y", "z"), {}, values)
