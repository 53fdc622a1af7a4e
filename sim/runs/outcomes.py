"""Outcomes: one labelled container for what replications gave, numpy inside.

A row is a replication of a case and is known by its policy (the name of the case), draw and replication. A column is a
number that replications have, and is known by metric, layer, reading, by and group. Nobody needs to know where in a
table either stands. What a replication does not have is NaN.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.scenario.metrics import LABELS, RECORDED, SERIES, TRUE, Column

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Pair = tuple[int, int]  # draw, replication


class RowsDiffer(ValueError):
    """Rows of replications that do not fit together."""


class Held(NamedTuple):
    """A replication that has been simulated: the digest of its trace if kept, and why it is impossible if it is."""

    draw: int
    replication: int
    digest: str = ""
    reason: str = ""


@dataclass
class Curve:
    """A curve in each replication: by x, an array over replications; `present` where a replication has any point."""

    present: Flags
    points: dict[float, Floats] = field(default_factory=dict)


def text(values: Sequence[str]) -> pa.Array:
    """Texts as a column, of bare buffers: `pa.array` loads pandas, a sixth of what a worker loads before it starts."""
    encoded = [str(value).encode() for value in values]
    ends = np.zeros(len(encoded) + 1, dtype=np.int32)
    np.cumsum([len(each) for each in encoded], out=ends[1:])
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded)))


def numeric(values: Sequence[float] | NDArray[Any]) -> pa.Array:
    """Numbers as a column, of bare buffers: int64 if they are an array of that, else float64."""
    whole = isinstance(values, np.ndarray) and values.dtype == np.int64
    numbers = np.ascontiguousarray(values, dtype=np.int64 if whole else np.float64)
    return pa.Array.from_buffers(
        pa.int64() if whole else pa.float64(), len(numbers), [None, pa.py_buffer(numbers)]
    )


def whole_numbers(column: pa.ChunkedArray) -> Ints:
    """A column of int64 without gaps as an array; `to_numpy` loads pandas."""
    one = column.combine_chunks()
    return np.frombuffer(one.buffers()[1], dtype=np.int64, count=len(one), offset=8 * one.offset)


@lru_cache(maxsize=8)
def _labels(columns: tuple[Column, ...]) -> dict[str, pa.Array]:
    """The labels of rows: most replications of a case have the same."""
    parts = list(zip(*columns, strict=True)) or [()] * 6
    named = {name: text(part) for name, part in zip(LABELS, parts[:5], strict=True)}
    return {**named, "x": numeric([np.nan if x is None else x for x in parts[5]])}


def rows_of(columns: Iterable[Column], values: Sequence[float] | NDArray[Any]) -> pa.Table:
    """The rows of one replication: what each number is, and the number."""
    return pa.table({**_labels(tuple(columns)), "value": numeric(values)})


class Outcomes:
    """Numbers of the replications that are wanted of each case; `add` takes in rows in any pieces.

    `case`, `draw` and `replication` have shape (rows,), cases one after the other and each in the order wanted;
    `reasons` says why a row is impossible, empty where it is not; `digests` are those of traces.
    """

    def __init__(self, cases: Sequence[str], wanted: Sequence[Sequence[Pair]]) -> None:
        self.cases = tuple(cases)
        self.case = np.repeat(np.arange(len(wanted)), [len(pairs) for pairs in wanted])
        every = np.array([pair for pairs in wanted for pair in pairs], dtype=np.int64).reshape(-1, 2)
        self.draw, self.replication = every[:, 0].copy(), every[:, 1].copy()
        self.reasons = np.full(len(self.case), "", dtype=object)
        self.digests = np.full(len(self.case), "", dtype=object)
        self._values: dict[Column, Floats] = {}
        self._curves: dict[Column, Curve] = {}
        self._of_case: dict[Column, set[int]] = {}  # the cases that have a column, if only as NaN
        self._row: list[dict[Pair, int]] = []
        start = 0
        for pairs in wanted:
            self._row.append({pair: start + i for i, pair in enumerate(pairs)})
            start += len(pairs)

    def __len__(self) -> int:
        return len(self.case)

    # --- taking in ---------------------------------------------------------------------------------------------------

    def add(
        self,
        table: pa.Table,
        held: Iterable[Held] = (),
        case: int = 0,
        columns: Container[Column] | None = None,
    ) -> None:
        """Take in rows of a case, with its replications; of `columns` only, if that is given.

        Raises `RowsDiffer` if a replication has two rows of one column, or is not among those wanted.
        """
        for each in held:
            at = self._row_of(case, (each.draw, each.replication))
            self.reasons[at], self.digests[at] = each.reason, each.digest
        if table.num_rows == 0:
            return
        row = self._rows(table, case)
        start, width = int(row.min()), int(row.max()) + 1 - int(row.min())
        cells = _cells(table)
        value = np.full((len(cells.columns), width), np.nan)
        given = np.zeros(value.shape, dtype=bool)
        value[cells.of_row, row - start] = table["value"].to_numpy()
        given[cells.of_row, row - start] = True
        if np.count_nonzero(given) < table.num_rows:
            raise RowsDiffer("a replication has several rows of one column")
        for column, numbers, where in zip(cells.columns, value, given, strict=True):
            if columns is not None and column not in columns:
                continue
            plain = column if column.x is None else column._replace(x=None)
            self._of_case.setdefault(plain, set()).add(case)
            self._array(column)[start : start + width][where] = numbers[where]
            if column.x is not None:
                self._curves[plain].present[start : start + width] |= where

    def _row_of(self, case: int, pair: Pair) -> int:
        try:
            return self._row[case][pair]
        except KeyError:
            raise RowsDiffer("rows of a replication that was not asked for") from None

    def _rows(self, table: pa.Table, case: int) -> Ints:
        """The row of the container that each row of a table belongs to; those of one replication lie together."""
        draw, replication = whole_numbers(table["draw"]), whole_numbers(table["replication"])
        change = np.flatnonzero((np.diff(draw) != 0) | (np.diff(replication) != 0)) + 1
        starts = np.concatenate([[0], change])
        rows = [self._row_of(case, (int(draw[s]), int(replication[s]))) for s in starts]
        return np.repeat(np.array(rows, dtype=np.int64), np.diff(np.append(starts, table.num_rows)))

    def _array(self, column: Column) -> Floats:
        if column.x is None:
            if column not in self._values:
                self._values[column] = np.full(len(self), np.nan)
            return self._values[column]
        curve = self._curves.setdefault(column._replace(x=None), Curve(np.zeros(len(self), dtype=bool)))
        if column.x not in curve.points:
            curve.points[column.x] = np.full(len(self), np.nan)
        return curve.points[column.x]

    # --- asking ------------------------------------------------------------------------------------------------------

    @property
    def columns(self) -> list[Column]:
        """The columns in the order in which they first appeared, curves apart."""
        return list(self._values)

    @property
    def curves(self) -> dict[Column, Curve]:
        """The curves."""
        return self._curves

    def __contains__(self, column: Column) -> bool:
        return column in self._values

    def __getitem__(self, column: Column) -> Floats:
        """A column, shape (rows,); NaN throughout where no replication has it."""
        found = self._values.get(column)
        return np.full(len(self), np.nan) if found is None else found

    def has(self, column: Column, case: int) -> bool:
        """Whether any replication of a case has a column, be it NaN."""
        return case in self._of_case.get(column, ())

    def items(self) -> Iterator[tuple[Column, Floats]]:
        """Columns with their numbers."""
        return iter(self._values.items())

    def values(self, column: Column, case: int) -> Floats:
        """A column of one case, in the order of its rows."""
        return self[column][slice(*np.searchsorted(self.case, [case, case + 1]).tolist())]

    @property
    def possible(self) -> Flags:
        """Which rows have no reason why they cannot be, shape (rows,)."""
        return np.asarray(self.reasons == "", dtype=bool)

    def of(self, case: str | int) -> Outcomes:
        """The rows and columns of one case, without a copy of the numbers."""
        number = case if isinstance(case, int) else self.cases.index(case)
        rows = slice(*np.searchsorted(self.case, [number, number + 1]).tolist())
        pairs = list(zip(self.draw[rows].tolist(), self.replication[rows].tolist(), strict=True))
        out = Outcomes([self.cases[number]], [pairs])
        out.reasons, out.digests = self.reasons[rows], self.digests[rows]
        mine = {column for column, cases in self._of_case.items() if number in cases}
        out._values = {column: x[rows] for column, x in self._values.items() if column in mine}
        out._curves = {
            column: Curve(curve.present[rows], {x: y[rows] for x, y in curve.points.items()})
            for column, curve in self._curves.items()
            if column in mine
        }
        out._of_case = {column: {0} for column in mine}
        return out

    def where(self, rows: Flags) -> Outcomes:
        """Some rows of one case, shape (rows,), with all of its columns; in the order in which they are."""
        pairs = list(zip(self.draw[rows].tolist(), self.replication[rows].tolist(), strict=True))
        out = Outcomes(self.cases, [pairs])
        out.reasons, out.digests = self.reasons[rows], self.digests[rows]
        out._values = {column: x[rows] for column, x in self._values.items()}
        out._curves = {
            column: Curve(curve.present[rows], {x: y[rows] for x, y in curve.points.items()})
            for column, curve in self._curves.items()
        }
        out._of_case = {column: {0} for column in self._of_case}
        return out

    def kept(self, cases: Sequence[int], out: Flags | None = None) -> Outcomes:
        """These cases only, with NaN in the rows of the draws that are `out`, one entry for each draw of a case."""
        some = [self.of(number) for number in cases]
        pairs = [list(one._row[0]) for one in some]
        found = Outcomes([self.cases[number] for number in cases], pairs)
        for name in ("reasons", "digests"):
            setattr(found, name, np.concatenate([getattr(one, name) for one in some]))
        gone = np.zeros(len(found), dtype=bool)
        if out is not None:
            gone = np.concatenate([out[np.unique(one.draw, return_inverse=True)[1]] for one in some])
        for number, one in enumerate(some):
            for column in one._values:
                found._of_case.setdefault(column, set()).add(number)
        for column in self._values:
            if column in found._of_case:
                values = np.concatenate([one[column] for one in some])
                found._values[column] = np.where(gone, np.nan, values)
        return found

    def grid(self, columns: Sequence[Column]) -> Floats:
        """Columns as an array (cases, columns, draws, replications). All cases must have as many of each draw."""
        draws = len(np.unique(self.draw))
        flat = np.array([self[column] for column in columns]).reshape(
            len(columns), len(self.cases), draws, -1
        )
        return np.ascontiguousarray(flat.transpose(1, 0, 2, 3))

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> Outcomes:
        """The numbers of one case in a long frame with the columns of `outcomes.parquet` and `series.parquet`.

        Replications are all of those in it, in draw 0 where the frame has no draws.
        """
        given: dict[str, Any] = {"draw": 0, "reading": "", "by": "", "group": "", "x": np.nan}
        full = frame.assign(**{name: value for name, value in given.items() if name not in frame.columns})
        full = full[full["layer"].isin([TRUE, RECORDED]) | ((full["layer"] == SERIES) & full["x"].notna())]
        full = full.sort_values(["draw", "replication"], kind="stable")
        pairs = full[["draw", "replication"]].drop_duplicates().itertuples(index=False, name=None)
        found = cls([""], [[(int(draw), int(replication)) for draw, replication in pairs]])
        columns = ["draw", "replication", *LABELS, "x", "value"]
        found.add(pa.Table.from_pandas(full[columns], preserve_index=False))
        return found

    # --- to others ---------------------------------------------------------------------------------------------------

    def frame(self) -> pd.DataFrame:
        """One row per number that is not NaN, curves included: policy, draw, replication, the labels, x, value."""
        import pandas as pd

        parts = []
        every = [*self._values.items()]
        every += [(c._replace(x=x), y) for c, curve in self._curves.items() for x, y in curve.points.items()]
        for column, values in every:
            there = np.flatnonzero(~np.isnan(values))
            named = {
                "policy": np.array(self.cases, dtype=object)[self.case[there]],
                "draw": self.draw[there],
                "replication": self.replication[there],
            }
            labels = {**column._asdict(), "x": np.nan if column.x is None else column.x}
            parts.append(pd.DataFrame({**named, **labels, "value": values[there]}))
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def wide(self) -> pd.DataFrame:
        """A row per replication (index: policy, draw, replication), a column per number, curves apart."""
        import pandas as pd

        names = [np.array(self.cases, dtype=object)[self.case], self.draw, self.replication]
        index = pd.MultiIndex.from_arrays(names, names=["policy", "draw", "replication"])
        columns = pd.MultiIndex.from_tuples([c[:5] for c in self._values], names=LABELS)
        values = np.array(list(self._values.values())).reshape(len(self._values), len(self)).T
        return pd.DataFrame(values, index=index, columns=columns)

    def xarray(self) -> xr.DataArray:
        """An array with the dimensions policy, draw, replication and column, which has the labels as coordinates.

        Needs the package xarray. Replications that a case does not have are NaN.
        """
        import xarray as xr

        draws, replications = np.unique(self.draw), np.unique(self.replication)
        values = np.full((len(self.cases), len(draws), len(replications), len(self._values)), np.nan)
        at = (
            self.case,
            np.searchsorted(draws, self.draw),
            np.searchsorted(replications, self.replication),
        )
        values[at] = np.array(list(self._values.values())).reshape(len(self._values), len(self)).T
        labels = {
            name: ("column", np.array([column[i] for column in self._values], dtype=object))
            for i, name in enumerate(LABELS)
        }
        return xr.DataArray(
            values,
            dims=("policy", "draw", "replication", "column"),
            coords={"policy": list(self.cases), "draw": draws, "replication": replications, **labels},
        )


@dataclass(frozen=True)
class _Cells:
    """Which numbers a table holds, in the order of its rows, and which of them a row is."""

    columns: list[Column]
    of_row: Ints


def _cells(table: pa.Table) -> _Cells:
    code = np.zeros(table.num_rows, dtype=np.int64)
    words: list[list[str]] = []
    codes: list[Ints] = []
    for name in LABELS:
        column = table[name].combine_chunks().dictionary_encode()
        words.append(column.dictionary.to_pylist())
        codes.append(column.indices.to_numpy().astype(np.int64))
    xs, x_code = np.unique(table["x"].to_numpy(), return_inverse=True)
    for part, n in zip((*codes, x_code), (*map(len, words), len(xs)), strict=True):
        code = code * n + part
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    columns = []
    for row in first[order].tolist():
        metric, layer, reading, by, group = (word[c[row]] for word, c in zip(words, codes, strict=True))
        x = float(xs[x_code[row]])
        columns.append(Column(metric, layer, reading, by, group, None if np.isnan(x) else x))
    return _Cells(columns, rank[inverse])
