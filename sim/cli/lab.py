"""`lab`: a page to turn knobs on, on this computer only."""

from __future__ import annotations

import argparse
import importlib.util

from sim.cli import INTERRUPTED, OK
from sim.cli.json_answer import answer
from sim.language import Message, current, tr
from sim.scenario.errors import UserError
from sim.show.text.console import console


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    if importlib.util.find_spec("nicegui") is None:
        raise UserError(Message("the page needs NiceGUI: pip install 'village-disputes[lab]'"))
    from sim.lab.server import serve

    err = console(error=True)
    address: list[str] = []

    def told(where: str) -> None:
        address.append(where)
        err.print(tr("The page is at {address}", address=where), soft_wrap=True)
        err.print(tr("It is for this computer only. Ctrl-C ends it."))

    try:
        serve(
            port=args.port, workers=args.workers, browser=not args.no_browser, language=current(), told=told
        )
    except OSError as error:
        said = Message(
            "port {port} cannot be had: {error}", port=args.port or "", error=error.strerror or error
        )
        raise UserError(said) from None
    except KeyboardInterrupt:
        return INTERRUPTED
    answer(args, {"address": address[0]})
    return OK
