"""The numbers of a run in its folder: two long tables in Parquet."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.runs.atomic_files import whole_file
from sim.runs.batch import Batch
from sim.runs.outcomes import Outcomes
from sim.scenario.metrics import RECORDED, SERIES, TRUE
from sim.studies.results import ROW_GROUP, TABLES


def read_tables(batch: Batch) -> tuple[Outcomes, str]:
    """What `write_tables` returns, without writing."""
    found, digest = Outcomes([""], batch.wanted), hashlib.sha256()
    for block in batch.blocks(0, ROW_GROUP):
        found.add(block.rows, block.held)
        digest.update("".join(one.digest for one in block.held).encode())
    return found, digest.hexdigest()


def write_tables(folder: Path, batch: Batch) -> tuple[Outcomes, str]:
    """Write both tables in row groups of `ROW_GROUP` replications, so that no more are ever in memory as rows.

    Returns the outcomes, and one digest for all traces in the order of replications.
    """
    found, digest = Outcomes([""], batch.wanted), hashlib.sha256()
    with contextlib.ExitStack() as stack:
        writers = []
        for name, schema in TABLES.items():
            file = stack.enter_context(whole_file(folder / name))
            writers.append(stack.enter_context(pq.ParquetWriter(file, schema, compression="zstd")))
        for block in batch.blocks(0, ROW_GROUP):
            found.add(block.rows, block.held)
            digest.update("".join(one.digest for one in block.held).encode())
            for writer, layers in zip(writers, ((TRUE, RECORDED), (SERIES,)), strict=True):
                rows = block.rows.filter(pc.is_in(block.rows["layer"], pa.array(layers)))
                writer.write_table(_undefined_as_null(rows.select(writer.schema.names)))
    pa.default_memory_pool().release_unused()
    return found, digest.hexdigest()


def _undefined_as_null(table: pa.Table) -> pa.Table:
    """What is not defined as null, as pandas would write it."""
    for place, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            column = table[field.name]
            table = table.set_column(place, field, pc.if_else(pc.is_nan(column), None, column))
    return table
