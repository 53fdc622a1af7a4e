"""Event logs as tables: one row per event, as CSV and as Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from sim.export.cells import inert
from sim.export.log import EventLog

COLUMNS = (
    *("case", "activity", "time", "site", "kind", "township", "stage", "channel", "lifecycle", "resource"),
    *("working_minutes", "departments", "minority_language"),
)
SEVERITY = "severity"  # a last column, of logs that show what nobody sees
BATCH = 1 << 16  # rows of a row group


def columns(log: EventLog) -> tuple[str, ...]:
    """Names of the columns of a log."""
    return COLUMNS if log.known_only else (*COLUMNS, SEVERITY)


def table_rows(log: EventLog) -> Iterator[tuple[Any, ...]]:
    """One tuple per event, as `columns`; None where nothing applies, times as datetimes with their zone."""
    for i, case in enumerate(log.cases):
        number = str(case.number)
        severity = () if log.known_only else (case.severity,)
        for event in log.events(i):
            yield (
                *(number, event.activity, log.moment(event.minute), case.site, case.kind, case.township),
                *(event.stage or None, event.channel or None, event.lifecycle),
                *(log.pool_name(event.pool) or None, None if event.minutes < 0 else event.minutes),
                *(case.departments, case.language),
                *severity,
            )


def write_csv(log: EventLog, file: BinaryIO) -> None:
    """Write a log as CSV in UTF-8: a header, times in ISO 8601 with `+08:00`, empty cells for what does not apply."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns(log))
    for row in table_rows(log):
        writer.writerow([_plain(x) for x in row])
    text.detach()


def _plain(x: object) -> object:
    if isinstance(x, datetime):
        return x.isoformat(timespec="minutes")
    if isinstance(x, bool):
        return str(x).lower()
    return "" if x is None else inert(x)


def write_parquet(log: EventLog, file: BinaryIO) -> None:
    """Write a log as Parquet in row groups; title, origin and window are in the metadata of the schema."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text, number = pa.dictionary(pa.int32(), pa.string()), pa.int32()
    types = {
        "case": pa.string(),
        "time": pa.timestamp("ms", tz="+08:00"),
        "working_minutes": number,
        "departments": pa.bool_(),
        "minority_language": pa.bool_(),
        SEVERITY: pa.float64(),
    }
    names = columns(log)
    schema = pa.schema(
        [pa.field(n, types.get(n, text)) for n in names],
        metadata={
            "title": log.title,
            "origin": log.origin,
            "window_start": log.window[0].isoformat(),
            "window_end": log.window[1].isoformat(),
        },
    )
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in _batches(table_rows(log)):
            by_column = list(zip(*batch, strict=True))
            arrays = [
                pa.array(values, type=field.type) for values, field in zip(by_column, schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    batch: list[tuple[Any, ...]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
