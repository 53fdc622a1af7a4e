"""Options of the commands about event logs. No heavy import here, as in parser.py."""

from __future__ import annotations

import argparse
from datetime import date

FORMATS = ("xes", "ocel", "csv", "parquet")


def event_log_options(trace: argparse.ArgumentParser) -> None:
    """Options of `trace` that write an event log."""
    trace.add_argument(
        "--export", metavar="FILE", help="write the replication as an event log instead of a story"
    )
    trace.add_argument("--format", choices=FORMATS, help="of the event log (default: by the suffix of FILE)")
    trace.add_argument(
        "--known-only",
        action="store_true",
        help="leave out what a ledger cannot hold: grievances that nobody learnt of, and all before they did",
    )
    trace.add_argument(
        "--recorded",
        action="store_true",
        help="as --known-only, and only disputes that the place writes down (recording.proportional)",
    )
    trace.add_argument(
        "--warm-up", action="store_true", help="events before the window, too (default: the window only)"
    )
    trace.add_argument("--overwrite", action="store_true", help="replace FILE if it exists")


def fit_options(fit: argparse.ArgumentParser) -> None:
    """Options of `fit`."""
    fit.add_argument(
        "ledger", help="CSV (with a header) or XES: case, activity, time, site, and kind if known"
    )
    fit.add_argument("--out", metavar="FILE", help="place file to write (default: the ledger's name, .yaml)")
    fit.add_argument("--estimates", metavar="FILE", help="write all estimates as CSV, too")
    fit.add_argument("--overwrite", action="store_true", help="replace files that exist")
    fit.add_argument("--name", metavar="NAME", help="name of the place (default: from the file to write)")
    fit.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="COLUMN=HEADER",
        help="the ledger's header for case, activity, time, site, kind or channel (may be repeated)",
    )
    fit.add_argument(
        "--activity",
        action="append",
        default=[],
        metavar="WORD=ACTIVITY",
        help="what an activity of the ledger is in the words of docs/event_logs.md (may be repeated)",
    )
    fit.add_argument(
        "--kind",
        action="append",
        default=[],
        metavar="WORD=KIND",
        help="what a kind of the ledger is: family, neighbour, ... (may be repeated)",
    )
    fit.add_argument("--encoding", default="utf-8", metavar="NAME", help="of a CSV (utf-8; or gb18030)")
    fit.add_argument(
        "--from", type=_day, dest="first", metavar="DATE", help="first day that the ledger covers"
    )
    fit.add_argument("--to", type=_day, dest="last", metavar="DATE", help="last day that it covers")
    fit.add_argument("--persons", type=_count, metavar="N", help="people who live there (else assumed)")
    fit.add_argument("--villages", type=_count, metavar="N", help="villages (default: sites of the ledger)")
    fit.add_argument("--townships", type=_count, metavar="N", help="townships (else assumed)")
    fit.add_argument(
        "--sizes", metavar="FILE", help="CSV with columns site and persons: what a village has per head"
    )
    fit.add_argument(
        "--written-down",
        type=_share,
        default=1.0,
        metavar="SHARE",
        help="share of known disputes that the ledger holds, assumed (1)",
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date; write YYYY-MM-DD") from None


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' must be a whole number of at least 1")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' must be a share above 0 and at most 1")
    return share
