"""What was found, as HTML: every text is escaped here, once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from sim.lab.computing import Effect, Seen
from sim.lab.further import Day, Replay, Trial
from sim.lab.registers import Ahead, Read
from sim.language import tr

WIDTH, HEIGHT, PAD = 220, 26, 8  # of an interval's picture, in pixels

STYLE = """
:root { --ink:#1b2a38; --quiet:#52606d; --line:#c5d0da; --good:#1b6e4b; --bad:#9c2f1f; --open:#44546a; }
@font-face { font-family: "Disputes Sans SC"; src: url("/font.otf"); unicode-range: U+2E80-9FFF, U+FF00-FFEF; }
body, .q-btn, .q-field { color: var(--ink);
  font-family: Roboto, -apple-system, "Segoe UI", "Disputes Sans SC", sans-serif; }
h1 { font-size: 1.7rem; line-height: 2.2rem; font-weight: 600; }
h2 { font-size: 1.2rem; line-height: 1.8rem; font-weight: 600; margin-top: .6rem; }
.lab-decision { font-size: 1.15rem; line-height: 1.55; max-width: 46rem; margin: .3rem 0; }
.lab-note { color: var(--quiet); max-width: 46rem; margin: .2rem 0; }
.lab-table { border-collapse: collapse; margin: .6rem 0; }
.lab-table th { text-align: left; font-weight: 600;
  border-bottom: 1px solid var(--line); padding: .3rem .7rem .3rem 0; }
.lab-table td { border-bottom: 1px solid #e8edf2; padding: .3rem .7rem .3rem 0; vertical-align: middle; }
.lab-table td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.lab-unit { color: var(--quiet); font-size: .85rem; display: block; }
.lab-scroll { overflow-x: auto; }
.nicegui-link, .nicegui-link:visited { color: #0b4a80; text-decoration: underline; }
.lab-code { background: #f2f5f8; padding: .5rem .7rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.lab-figure svg { width: 100%; height: auto; max-width: 60rem; }
"""


def decision(seen: Seen) -> str:
    """The answer in words."""
    lines = "".join(f'<p class="lab-decision">{escape(line)}</p>' for line in seen.decision)
    return lines + "".join(f'<p class="lab-note">{escape(line)}</p>' for line in seen.warnings)


def effects(seen: Seen) -> str:
    """Effects, a row an outcome, with a picture of the interval."""
    heads = (
        tr("outcome"),
        tr("without"),
        tr("change"),
        tr("90 %: {interval}", interval=seen.interval),
        "",
        tr("better"),
        "",
    )
    body = "".join(_effect(effect) for effect in seen.effects)
    return _table(tr("effects"), heads, body)


def _effect(effect: Effect) -> str:
    name = f'{escape(effect.label)}<span class="lab-unit">{escape(effect.unit)}</span>'
    interval = tr("{low} to {high}", low=number(effect.low, True), high=number(effect.high, True))
    sure = "" if effect.better != effect.better else f"{effect.better:.0%}"
    cells = (number(effect.baseline), number(effect.difference, True), interval)
    middle = "".join(f'<td class="n">{escape(cell)}</td>' for cell in cells)
    return (
        f'<tr><th scope="row">{name}</th>{middle}<td>{picture(effect)}</td>'
        f'<td class="n">{sure}</td><td>{escape(effect.verdict)}</td></tr>'
    )


def picture(effect: Effect) -> str:
    """An interval around nothing, beside the numbers that say the same: hidden from those who hear the page."""
    if not all(map(_finite, (effect.low, effect.difference, effect.high))):
        return ""
    reach = max(abs(effect.low), abs(effect.high), 1e-12)
    middle, scale = WIDTH / 2, (WIDTH / 2 - PAD) / reach

    def x(value: float) -> str:
        return f"{middle + scale * value:.1f}"

    colour = (
        "var(--good)" if effect.better >= 0.8 else "var(--bad)" if effect.better <= 0.2 else "var(--open)"
    )
    if effect.low == effect.high == 0:
        colour = "var(--open)"
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">'
        f'<line x1="{middle}" x2="{middle}" y1="2" y2="{HEIGHT - 2}" stroke="#9aa8b5" stroke-dasharray="2 2"/>'
        f'<line x1="{x(effect.low)}" x2="{x(effect.high)}" y1="{HEIGHT / 2}" y2="{HEIGHT / 2}" '
        f'style="stroke:{colour}" stroke-width="3"/>'
        f'<circle cx="{x(effect.difference)}" cy="{HEIGHT / 2}" r="5" style="fill:{colour}"/></svg>'
    )


def costs(seen: Seen) -> str:
    """What it takes."""
    rows = (f'<tr><th scope="row">{escape(a)}</th><td>{escape(b)}</td></tr>' for a, b in seen.costs)
    return _table(tr("costs"), (), "".join(rows))


def load(seen: Seen) -> str:
    """Who is how busy, without and with."""
    rows = "".join(
        f'<tr><th scope="row">{escape(staff)}</th><td>{escape(unit)}</td>'
        f'<td class="n">{without:.0%}</td><td class="n">{with_it:.0%}</td></tr>'
        for staff, unit, without, with_it in seen.loaded
    )
    return (
        _table(tr("load of staff"), (tr("staff"), tr("where"), tr("busy without"), tr("busy with")), rows)
        if rows
        else ""
    )


def short(seen: Seen) -> str:
    """Where hands are short: the two groups of staff that are busiest without the policy."""
    busiest = sorted((row for row in seen.loaded if row[2] == row[2]), key=lambda row: -row[2])[:2]
    told = (
        tr("{staff} ({where}): {busy:.0%} of their hours", staff=staff, where=where, busy=without)
        for staff, where, without, _ in busiest
    )
    said = tr("Where are hands short? Busiest: {list}.", list=tr("; ").join(told))
    return lines([said] if busiest else [])


def to_study(seen: Seen) -> str:
    """What it would be worth to know more before the choice; empty before there are enough draws to say so."""
    if not seen.known:
        return ""
    rows = [(k.label, number(k.worth), k.unit, "", _chance(k.told)) for k in seen.known]
    rows += [
        (s.label, number(s.worth), s.unit, f"{number(s.cost)} {s.cost_unit}", _chance(s.told))
        for s in seen.studies
    ]
    heads = (tr("to know or do before the choice"), tr("worth"), tr("unit"), tr("cost"), tr("beyond chance"))
    said = tr(
        "Worth: how much better the choice would be on average, over the window, if this were known first."
    )
    return (
        heading(tr("What a study would tell"))
        + lines([said])
        + _grid(tr("what a study would tell"), heads, rows)
    )


def _chance(told: bool) -> str:
    return tr("yes") if told else tr("no")


def ahead(found: Ahead) -> str:
    """Open today, and what is foretold."""
    table = _grid(tr("forecast"), ("", *found.horizons), found.rows)
    return f'<p class="lab-decision">{escape(found.today)}</p>{table}{lines(found.notes)}'


def quality(found: Read) -> str:
    """Findings of a register by group, and what was noticed."""
    heads = (tr("value"), tr("share"), tr("of"), tr("by chance"), tr("note"))
    tables = (_grid(title, (title, *heads), rows) for title, rows in found.groups)
    note = tr("This is about how the register was written. It rates no village and no committee.")
    return "".join(tables) + lines([*found.notices, note])


def trial(found: Trial) -> str:
    """Which trial would show an effect."""
    said = "".join(f'<p class="lab-decision">{escape(line)}</p>' for line in found.words)
    return said + lines(found.beside)


def day(replay: Replay, number_of: int) -> str:
    """One day in both worlds: a row a state with two bars, and what differs in words."""
    now = replay.days[number_of]
    most = max(1, *(max(d.without + d.with_it) for d in replay.days))
    rows = "".join(
        f'<tr><th scope="row">{escape(state)}</th>'
        f'<td class="n">{a:,}</td><td>{_bar(a, most, "var(--open)")}</td>'
        f'<td class="n">{b:,}</td><td>{_bar(b, most, "var(--good)")}</td></tr>'
        for state, a, b in zip(replay.states, now.without, now.with_it, strict=True)
    )
    heads = (tr("disputes on {day}", day=now.date), tr("without"), "", tr("with"), "")
    return _table(tr("both worlds on one day"), heads, rows) + lines([differs(now), *now.paths])


def differs(now: Day) -> str:
    """What is different on a day, in a sentence."""
    return tr(
        "{day}: {a:,} open without, {b:,} with; {n:,} of the same disputes stand elsewhere.",
        day=now.date,
        a=now.open[0],
        b=now.open[1],
        n=now.elsewhere,
    )


def _bar(count: int, most: int, colour: str) -> str:
    wide = round(160 * count / most)
    return (
        f'<svg width="160" height="14" viewBox="0 0 160 14" aria-hidden="true">'
        f'<rect width="{wide}" height="14" style="fill:{colour}"/></svg>'
    )


def _grid(label: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of texts; the first cell of a row says what it is about."""
    body = (
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(c)}</td>" for c in row[1:])
        + "</tr>"
        for row in rows
    )
    return _table(label, heads, "".join(body))


def _table(label: str, heads: Sequence[str], body: str) -> str:
    head = "".join(f'<th scope="col">{escape(text)}</th>' if text else "<td></td>" for text in heads)
    table = f'<table class="lab-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="lab-scroll" tabindex="0" role="region" aria-label="{escape(label)}">{table}</div>'


def number(value: float, signed: bool = False) -> str:
    """A number with three digits; with its sign where it is a difference."""
    if not _finite(value):
        return "–"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:{'+' if signed else ''},.{digits}f}".replace("-", "−")


def _finite(value: float) -> bool:
    return value == value and abs(value) != float("inf")


def lines(texts: Iterable[str]) -> str:
    """Paragraphs."""
    return "".join(f'<p class="lab-note">{escape(text)}</p>' for text in texts)


def code(text: str, label: str) -> str:
    """A text as it is typed."""
    return f'<pre class="lab-code" aria-label="{escape(label)}">{escape(text)}</pre>'


def heading(text: str) -> str:
    """A heading of a part of the page."""
    return f"<h2>{escape(text)}</h2>"


def labelled(text: str) -> str:
    """The property of a part of the page that says what it is to those who hear it."""
    return f'aria-label="{escape(text)}"'
