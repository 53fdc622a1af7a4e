"""The page: one HTML file that needs nothing else, with a policy that lets no request leave it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from sim import __version__
from sim.language import current, tr
from sim.language import shown as in_words
from sim.scenario import terms
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.scenario.policy import Measure, practice
from sim.show.report import labels
from sim.show.report.answer import answer, question
from sim.show.report.assumptions import ranked
from sim.show.report.calibrated import calibrated
from sim.show.report.folder import FigureFile, ResultFolder
from sim.show.report.glyphs import glyphs
from sim.show.report.redraw import in_language
from sim.show.report.replay import Course, ends, replay
from sim.studies.decision import figure
from sim.studies.nation.found import NationRan
from sim.studies.study import COMMAND_LINE

PAGE = Path(__file__).with_name("page")
HTML_LANG = {"en": "en", "zh": "zh-CN"}
ROWS = 200  # of a table in the page; the file has them all
MAIN = {  # tables that are open from the start, by command
    "run": ("summary",),
    "compare": ("effects", "choice"),
    "select": ("policies",),
    "optimise": ("fresh",),
    "before-after": ("changes",),
    "pilot": ("allotment", "contamination"),
    "calibrate": ("targets", "diagnoses"),
    "audit": ("needed", "updated"),
    "sensitivity": ("indices", "information"),
    "predict": ("held_out",),
}


def page_of(folder: ResultFolder, seed: int = 1, with_replay: bool = True) -> str:
    """The report of a folder as HTML."""
    environment = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["tr"] = tr
    places = [(name, place) for name in folder.places if (place := folder.place(name)) is not None]
    replayed = _replay(folder, places, seed) if with_replay else None
    figures = in_language(folder)
    css = (PAGE / "style.css").read_text("utf-8")
    js = (PAGE / "page.js").read_text("utf-8")
    content: dict[str, Any] = {
        "language": HTML_LANG[current()],
        "js": _safe(js),
        "js_hash": _hash(js),
        "question": question(folder),
        "answer": answer(folder),
        "warnings": [in_words(said) for said in folder.warnings],
        "figures": [_figure(f, folder) for f in figures],
        "options_known": bool(folder.run.get(COMMAND_LINE)) or "replications" in folder.manifest,
        "foreign": sorted({f.language for f in figures} - {current()}),
        "tables": [_table(folder.title(t.part), t.name, t.frame, folder.command) for t in folder.readable],
        "assumptions": [(place, ranked(place, folder.path.parent)) for _, place in places],
        "as_table": as_table,
        "calibrations": [calibrated(folder, name) for name, _ in places],
        "places": [place for _, place in places],
        "title": terms.title,
        "short_title": terms.short_title,
        "replay": _json(replayed) if replayed else "",
        "courses": [c["name"] for c in replayed["courses"]] if replayed else [],
        "months": _months(replayed) if replayed else [],
        "part_shown": replayed is not None and len(replayed["townships"]) < replayed["allTownships"],
        "replayed": replayed,
        "provenance": _provenance(folder),
        "reproduce": _reproduce(folder),
        "short": current(),
        "blank": "" if current() == "zh" else " ",
        "version": __version__,
    }
    page = environment.get_template("page.html")
    # Glyphs that a reader's computer may lack: those that the page has, and no others.
    text = page.render(**content, css="", css_hash="")
    css = css.replace("/* font */", glyphs("".join(content["courses"]) + text))
    return page.render(**content, css=_safe(css), css_hash=_hash(css))


def _safe(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)


def _hash(text: str) -> str:
    """For the content security policy. What the browser hashes is the text between the tags."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(data: Any) -> Any:
    """JSON that cannot end the element it stands in."""
    return _safe(json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def _figure(one: FigureFile, folder: ResultFolder) -> dict[str, Any]:
    data = base64.b64encode(_small(one.png)).decode()
    return {
        "name": one.name,
        "part": folder.title(one.part),
        "title": one.title,
        "caption": one.caption,
        "source": f"data:image/png;base64,{data}",
        "width": one.width,
        "height": one.height,
        "lang": "" if one.language == current() else HTML_LANG[one.language],
    }


def _small(png: bytes) -> bytes:
    """The picture with a palette of 255 colours, a third of the bytes, where that is less."""
    with Image.open(io.BytesIO(png)) as image:
        flat = Image.new("RGB", image.size, "white")
        flat.paste(image, mask=image.getchannel("A") if "A" in image.getbands() else None)
    out = io.BytesIO()
    flat.quantize(255, dither=Image.Dither.NONE).save(out, "png", optimize=True)
    return min(png, out.getvalue(), key=len)


def as_table(frame: pd.DataFrame) -> dict[str, Any]:
    """Columns and cells of a table; each cell is its text, and the number to sort by or None."""
    numeric = [pd.api.types.is_numeric_dtype(frame[c]) and frame[c].dtype != bool for c in frame.columns]
    shown = labels.labelled(frame.head(ROWS))
    rows = []
    for values in shown.itertuples(index=False, name=None):
        rows.append([_cell(v, number) for v, number in zip(values, numeric, strict=True)])
    return {
        "columns": [
            (str(c).replace("_", " "), number) for c, number in zip(shown.columns, numeric, strict=True)
        ],
        "rows": rows,
        "more": max(0, len(frame) - ROWS),
        "all": len(frame),
    }


def _cell(value: Any, number: bool) -> tuple[str, float | None]:
    if number:
        x = float(value)
        return (figure(x), x) if math.isfinite(x) else ("–", None)
    return ("" if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)), None


def _table(part: str, name: str, frame: pd.DataFrame, command: str) -> dict[str, Any]:
    title = terms.words(name)
    title = tr("{place}: {what}", place=part, what=title) if part else title
    return {"title": title, "open": name in MAIN.get(command, ()) and len(frame) <= 60, **as_table(frame)}


def _replay(folder: ResultFolder, places: Sequence[tuple[str, Place]], seed: int) -> dict[str, Any] | None:
    """The first place of the folder, under its baseline and the policy that does best or was asked about."""
    if not places or folder.command not in ("run", "compare", "before-after", "select", "optimise"):
        return None
    name, place = places[0]
    courses = [Course(tr("as it is"), practice(place))]
    cells = [c for c in folder.manifest.get("cells", ()) if c["place"] == name]
    if cells:
        by_name = {c["expression"]: tuple(Measure.model_validate(m) for m in c["measures"]) for c in cells}
        baseline = str(folder.manifest["comparison"]["baseline"])
        first = baseline if baseline in by_name else next(iter(by_name))
        part = name if name in folder.parts else ""
        choice = folder.table("choice", part)
        order = list(choice.sort_values("rank")["policy"]) if choice is not None else list(by_name)
        other = next((str(p) for p in order if str(p) in by_name and str(p) != first), None)
        courses = [Course(terms.policy(first), by_name[first])]
        if other is not None:
            courses.append(Course(terms.policy(other), by_name[other]))
    elif folder.command == "before-after":
        asked = folder.manifest["asked"]
        courses = [Course(terms.policy(asked[k]), parse(asked[k], place)) for k in ("baseline", "policy")]
    elif "measures" in folder.manifest:
        courses = [
            Course(tr("as asked"), tuple(Measure.model_validate(m) for m in folder.manifest["measures"]))
        ]
    return replay(place, courses, seed)


def _months(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """The replay as a table: open and ended disputes at the end of each month, for those who cannot see the map."""
    dates = shown["dates"]
    last = [d for d, date in enumerate(dates) if d + 1 == len(dates) or dates[d + 1][:7] != date[:7]]
    words = ends()
    rows = []
    for day in last:
        for course in shown["courses"]:
            at = [_state(d, day) for d in course["disputes"]]
            row = {tr("day"): dates[day], tr("policy"): course["name"]}
            row[tr("open")] = sum(s is not None and s < min(words) for s in at)
            row |= {word: sum(s == state for s in at) for state, word in words.items() if state > min(words)}
            rows.append(row)
    return rows


def _state(dispute: list[int], day: int) -> int | None:
    found = None
    for i in range(1, len(dispute), 2):
        if dispute[i] > day:
            break
        found = dispute[i + 1]
    return found


def _provenance(folder: ResultFolder) -> list[tuple[str, str]]:
    out = [(tr("folder"), folder.path.name), (tr("command"), tr(folder.command))]
    m = folder.manifest
    comparison = m.get("comparison", {})
    for key in ("seed", "replications", "draws", "engine", "trace_digest", "key"):
        value = m.get(key, comparison.get(key))
        if value is not None:
            out.append((terms.words(key), tr(str(value))))
    for key in ("started", "seconds", "engine", "workers", "python"):
        if key in folder.run:
            out.append((tr("{name} (of this run)", name=tr(key)), tr(str(folder.run[key]))))
    out += [(name, str(v)) for name, v in m.get("versions", {}).items()]
    return [*out, (tr("report made with"), f"village-disputes {__version__}")]


def _reproduce(folder: ResultFolder) -> str:
    """The command that makes the numbers again, with every option; without any where the folder does not tell them."""
    words = folder.run.get(COMMAND_LINE)
    if words:
        return shlex.join(["python", "run_sim.py", *map(str, words)])
    m = folder.manifest
    if folder.command in ("run", NationRan.command) and "replications" in m:
        return shlex.join(["python", "run_sim.py", "rerun", f"results/{folder.path.name}/manifest.json"])
    if "comparison" in m:
        c = m["comparison"]
        if c.get("exchange") or len(c["places"]) > 1:
            words = ["run", c["name"], f"--replications={c['replications']}"]
        else:
            draws = [f"--draws={c['draws']}"] if c.get("draws") else ["--posterior=none"]
            policies = c["policies"].values()
            words = ["compare", c["places"][0], *policies, f"--baseline={c['baseline']}", *draws]
            words += [f"--replications={c['replications']}", f"--seed={c['seed']}"]
        return shlex.join(["python", "run_sim.py", *map(str, words)])
    return shlex.join(["python", "run_sim.py", folder.command, *folder.places])
