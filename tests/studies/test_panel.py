"""Labelled outcomes of several policies, and tables that name them."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from sim.scenario.metrics import KNOWN_METRICS, READINGS, Column
from sim.studies.panel import Panel, about, columns_in, labels_of

X, Y, Z = map(Column, "xyz")


def test_a_panel_knows_its_shape_and_names() -> None:
    values = np.arange(24.0).reshape(2, 3, 1, 4)
    panel = Panel(("a", "b"), (X, Y, Z), values)
    assert (panel.draws, panel.replications) == (1, 4)
    assert (panel.difference("b", Y) == 12).all() and (panel.difference("a", Y, "b") == -12).all()
    for bad in (values[:1], values[:, :2], values[0], values[:, :, :, :1]):
        with pytest.raises(ValueError, match=r"shape|spread"):
            Panel(("a", "b"), (X, Y, Z), bad)
    with pytest.raises(ValueError, match="named twice: a"):
        Panel(("a", "a"), (X, Y, Z), values)
    with pytest.raises(ValueError, match="named twice: x true"):
        Panel(("a", "b"), (X, Y, X), values)


def test_a_recorded_metric_is_there_under_each_reading() -> None:
    columns = (X, *KNOWN_METRICS["success_rate"].columns())
    panel = Panel(("a", "b"), columns, np.arange(24.0).reshape(2, 3, 1, 4))
    assert [c.reading for c in columns[1:]] == list(READINGS)
    assert panel.column("success_rate") == columns[1] and panel.column("x") == X


def test_rows_of_a_table_are_found_by_metric_and_reading_also_when_it_was_read_from_a_file() -> None:
    columns = [X, *KNOWN_METRICS["success_rate"].columns()]
    frame = pd.DataFrame([{**labels_of(c), "value": i} for i, c in enumerate(columns) for _ in range(2)])
    read = pd.read_csv(io.StringIO(frame.to_csv(index=False)))
    for one in (frame, read):
        assert columns_in(one) == columns
        assert [about(one, c)["value"].tolist() for c in columns] == [[0, 0], [1, 1], [2, 2]]
    plain = pd.DataFrame({"metric": ["x", "y"], "value": [1, 2]})
    assert columns_in(plain) == [X, Y] and about(plain, Y)["value"].tolist() == [2]
