"""What `validate` prints: every fault, and how many files of each kind are valid."""

from __future__ import annotations

from sim.language import shown, tr
from sim.show.text.console import say
from sim.studies.validate import Validation


def print_validation(study: Validation) -> None:
    """Faults on the error stream, counts on the standard output."""
    for fault in study.faults:
        say(fault.said(), error=True)
    for note in study.notes:
        say(shown(note), error=True)
    checked, valid = study.checked, study.valid
    counted = []
    if checked["places"] or not (checked["experiments"] or checked["policies"]):
        counted.append(tr("{n} of {m} place(s) valid", n=valid["places"], m=checked["places"]))
    if checked["experiments"]:
        counted.append(tr("{n} of {m} experiment(s) valid", n=valid["experiments"], m=checked["experiments"]))
    if checked["policies"]:
        counted.append(tr("{n} of {m} policies valid", n=valid["policies"], m=checked["policies"]))
    if checked["shared_files"]:
        counted.append(tr("{n} shared file(s) read", n=checked["shared_files"]))
    if study.faults:
        counted.append(tr("{n} fault(s) found", n=len(study.faults)))
    say(tr(", ").join(counted))
