"""Rows of replications as one table that does not depend on how the work was cut up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Rows = Sequence[Mapping[str, Any]]
REPLICATION = "replication"


class RowsDiffer(ValueError):
    """Replications of one job gave rows that do not fit into one table."""


def column(values: Sequence[str] | Sequence[float] | np.ndarray) -> pa.Array:
    """Texts, numbers (float64) or an array of int64 as a column.

    Of bare buffers, since `pa.array` loads pandas, a sixth of what a worker has to load before its first replication.
    """
    if len(values) and isinstance(values[0], str):
        texts = [str(value).encode() for value in values]
        ends = np.zeros(len(texts) + 1, dtype=np.int32)
        np.cumsum([len(text) for text in texts], out=ends[1:])
        return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(b"".join(texts)))
    whole = isinstance(values, np.ndarray) and values.dtype == np.int64
    numbers = np.ascontiguousarray(values, dtype=np.int64 if whole else np.float64)
    kind = pa.int64() if whole else pa.float64()
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(numbers)])


def rows_of(result: Any, replication: int) -> pa.Table:
    """What one replication returned, as a table whose first column is `replication`."""
    table = result if isinstance(result, pa.Table) else _from_rows(result, replication)
    if REPLICATION in table.column_names:
        if any(value != replication for value in table[REPLICATION].unique().to_pylist()):
            raise RowsDiffer(f"replication {replication} returned rows marked as another's")
        table = table.drop_columns([REPLICATION])
    number = column(np.full(table.num_rows, replication, dtype=np.int64))
    return plain(table.add_column(0, REPLICATION, number))


def _from_rows(rows: Rows, replication: int) -> pa.Table:
    """A table from mappings. Arrow would silently keep the columns of the first row only; this refuses."""
    rows = [dict(row) for row in rows]
    for row in rows:
        if row.keys() != rows[0].keys():
            odd = ", ".join(sorted(row.keys() ^ rows[0].keys()))
            raise RowsDiffer(f"the rows of replication {replication} have different columns: {odd}")
    if not rows:
        return pa.table({REPLICATION: pa.array([], pa.int64())})
    return pa.Table.from_pylist(rows)


def plain(table: pa.Table) -> pa.Table:
    """Without dictionaries, metadata and nullability, all of which would tell chunks apart."""
    fields = []
    for field in table.schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        fields.append(pa.field(field.name, kind))
    return table.cast(pa.schema(fields))


def grouped(tables: Iterable[tuple[int, pa.Table]]) -> list[tuple[list[int], pa.Table]]:
    """Tables of single replications, joined as far as their columns and types are the same.

    Kept together, an integer column beside a float one would turn into floats for good, and a later run that asks
    for the first replication alone would find another table than it would have computed.
    """
    groups: dict[pa.Schema, list[tuple[int, pa.Table]]] = {}
    for replication, table in tables:
        groups.setdefault(table.schema, []).append((replication, table))
    return [
        ([number for number, _ in group], joined(table for _, table in group)) for group in groups.values()
    ]


def joined(tables: Iterable[pa.Table]) -> pa.Table:
    """One table sorted by replication, each one's rows in their own order; int and float unite."""
    parts = list(tables)
    # A replication without rows may not know its columns; it must not decide those of the whole.
    full = [part for part in parts if part.num_rows > 0 or part.num_columns > 1] or parts[:1]
    if not full:
        return pa.table({REPLICATION: pa.array([], pa.int64())})
    for part in full[1:]:
        if part.column_names != full[0].column_names:
            odd = sorted(set(part.column_names) ^ set(full[0].column_names)) or ["the same, in another order"]
            raise RowsDiffer(f"replications returned different columns: {', '.join(odd)}")
    # Chunks in the order of their replications need no sorting, which would cost the memory of one more copy.
    full.sort(key=lambda part: part[REPLICATION][0].as_py() if part.num_rows else -1)
    try:
        table = pa.concat_tables(full, promote_options="permissive")
    except pa.ArrowException as error:
        raise RowsDiffer(f"replications returned columns of different types: {error}") from error
    numbers = table[REPLICATION].combine_chunks()
    if not pc.all(pc.less_equal(numbers[:-1], numbers[1:]), min_count=0).as_py():
        table = table.take(pa.array(np.argsort(numbers.to_numpy(), kind="stable")))
    return table.combine_chunks()
