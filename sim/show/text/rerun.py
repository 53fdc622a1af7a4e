"""What `rerun` prints: the answer again, and whether it is the same."""

from __future__ import annotations

from sim.language import marked, shown, tr
from sim.show.text.console import console, say
from sim.show.text.study import print_study
from sim.studies.rerun import Rerun


def print_rerun(study: Rerun) -> None:
    """The tables of the command, and the verdict on traces and tables."""
    print_study(study.again)
    if study.other_question:
        console(error=True).print(shown(study.messages()[0]))
    if study.traces:
        say(tr("The traces are identical to those of the manifest."))
    elif study.traces is False:
        said = marked(
            "The traces differ from those of the manifest (digest {one} against {other}): it was made by another "
            "version of the program or of its libraries."
        )
        one, other = str(study.again.manifest()["trace_digest"]), str(study.first["trace_digest"])
        say(tr(said, one=one[:12], other=other[:12]), error=True)
    if study.differing:
        said = marked("Tables that are not the same bytes as those of the manifest: {list}")
        say(tr(said, list=", ".join(study.differing)), error=True)
    else:
        say(tr("The tables are identical to those of the manifest, byte for byte."))
