"""The numbers of a run in little memory: for each metric one array over replications, instead of rows with words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.runs.rows import REPLICATION, RowsDiffer
from sim.scenario.metrics import LABELS, RECORDED, SERIES, TRUE, Column

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

VALUES = (TRUE, RECORDED)
# What the columns hold that a table of one layer, such as series.parquet, leaves out.
LEFT_OUT = {"layer": SERIES, "reading": "", "by": "", "group": ""}


@dataclass
class Series:
    """A curve in each replication: by x, an array over replications; `present` where a replication has any row."""

    present: NDArray[np.bool_]
    points: dict[float, Floats] = field(default_factory=dict)


@dataclass
class Numbers:
    """Outcomes by key, in the order in which keys first appear: arrays of the shape (replications,), NaN for no row.

    `replications` are all that will be added, ascending. Some 8 bytes for each row of the long table.
    """

    replications: Ints
    values: dict[Column, Floats] = field(default_factory=dict)
    series: dict[Column, Series] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.replications)

    def add(self, table: pa.Table) -> None:
        """Take in rows of the long table, in any pieces. Rows of other layers, such as digests, are left out.

        Raises `RowsDiffer` if a replication has two rows of one key (and x), or is not among those expected.
        """
        if "layer" in table.column_names:
            table = table.filter(pc.is_in(table["layer"], pa.array([*VALUES, SERIES])))
        if table.num_rows == 0:
            return
        place = self._places(table[REPLICATION].to_numpy())
        start = int(place.min())
        cells, width = _cells(table), int(place.max()) + 1 - start
        value = np.full((len(cells.keys), width), np.nan)
        given = np.zeros(value.shape, dtype=bool)
        value[cells.of_row, place - start] = table["value"].to_numpy()
        given[cells.of_row, place - start] = True
        if np.count_nonzero(given) < table.num_rows:
            raise RowsDiffer("a replication has several rows for the same metric and group")
        for (key, x), numbers, where in zip(cells.keys, value, given, strict=True):
            self._array(key, x)[start : start + width][where] = numbers[where]
            if key in self.series:
                self.series[key].present[start : start + width] |= where

    def _places(self, numbers: Ints) -> Ints:
        place = np.searchsorted(self.replications, numbers)
        found = self.replications[np.minimum(place, len(self) - 1)] if len(self) else place - 1
        if (found != numbers).any():
            raise RowsDiffer("rows of a replication that was not asked for")
        return place

    def _array(self, key: Column, x: float) -> Floats:
        if key.layer != SERIES:
            if key not in self.values:
                self.values[key] = np.full(len(self), np.nan)
            return self.values[key]
        series = self.series.setdefault(key, Series(np.zeros(len(self), dtype=bool)))
        if x not in series.points:
            series.points[x] = np.full(len(self), np.nan)
        return series.points[x]


@dataclass(frozen=True)
class _Cells:
    """Which numbers a table holds: keys with their x in the order of the rows, and which of them a row is."""

    keys: list[tuple[Column, float]]
    of_row: Ints


def _cells(table: pa.Table) -> _Cells:
    code = np.zeros(table.num_rows, dtype=np.int64)
    words: list[list[str]] = []
    codes: list[Ints] = []
    for name in LABELS:
        if name not in table.column_names:
            words.append([LEFT_OUT[name]])
            codes.append(np.zeros(table.num_rows, dtype=np.int64))
            continue
        column = table[name].combine_chunks().dictionary_encode()
        words.append(column.dictionary.to_pylist())
        codes.append(column.indices.to_numpy().astype(np.int64))
    if "x" in table.column_names:
        xs, x_code = np.unique(table["x"].to_numpy(), return_inverse=True)
    else:
        xs, x_code = np.array([np.nan]), np.zeros(table.num_rows, dtype=np.int64)
    for part, n in zip((*codes, x_code), (*map(len, words), len(xs)), strict=True):
        code = code * n + part
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    keys = []
    for row in first[order].tolist():
        key = Column(*(word[c[row]] for word, c in zip(words, codes, strict=True)))
        keys.append((key, float(xs[x_code[row]])))
    return _Cells(keys, rank[inverse])


def numbers_of(frame: pd.DataFrame) -> Numbers:
    """The numbers in a long frame; replications are all of those in it."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    numbers = Numbers(np.unique(frame[REPLICATION].to_numpy(dtype=np.int64)))
    numbers.add(table)
    return numbers
