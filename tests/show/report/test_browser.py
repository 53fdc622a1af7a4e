"""Reports in a real, headless Chromium: nothing fails, nothing leaves the page, everybody can use it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from sim.studies.results import versions
from tests.cli.terminal import done
from tests.kept import Kept

pytestmark = pytest.mark.browser

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
FIVE_MEGABYTES = 5_000_000
ROWS = 8  # of each table that are looked at
REPORTS = ["run", "compare", "exchange", "chinese"]
# All pages have one stylesheet: each is looked at in one scheme, one in both; all in both when slow tests run.
QUICK = {
    ("run", "dark"),
    ("compare", "light"),
    ("compare", "dark"),
    ("exchange", "light"),
    ("chinese", "light"),
}
AUDITS = [
    pytest.param(name, scheme, marks=() if (name, scheme) in QUICK else pytest.mark.slow)
    for name in REPORTS
    for scheme in ("light", "dark")
]
EXCHANGE = """
schema_version: 1
design: comparison
name: exchange
title: {en: Two places, zh: 两地}
about: A small one.
places: [daliu, jiang]
baseline: practice
exchange: true
draws: 2
replications: 2
seed: 1
metrics: [days_in_conflict_per_1000, filings_per_10000, true_success_rate]
objective: days_in_conflict_per_1000
groups: false
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("no Chromium. Install it (Debian: apt-get install chromium), or leave out -m browser.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=[*QUIET, "--disable-component-update"])
        yield opened
        opened.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The browser, with every page closed after a test."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture(scope="module")
def reports(kept: Kept) -> dict[str, Path]:
    """Reports of a run, a comparison and the exchange as the commands write them, and the comparison in Chinese."""
    folder, _ = kept.made("reports", make_reports)
    where = {"run": "daliu", "compare": "compare-daliu", "exchange": "exchange"}
    found = {name: folder / "results" / one / "report.html" for name, one in where.items()}
    return {**found, "chinese": folder / "chinese.html"}


def make_reports(folder: Path) -> list[str]:
    """Run the commands in a folder."""
    done(folder, "run", "daliu", "--replications", "6")
    done(folder, "compare", "daliu", "+whistle", "-screening", "--replications", "12")
    (folder / "exchange.yaml").write_text(EXCHANGE)
    done(folder, "run", "exchange.yaml")
    for where in ("daliu", "compare-daliu", "exchange"):
        done(folder, "report", f"results/{where}")
    done(folder, "report", "--lang", "zh", "results/compare-daliu", "--out", "chinese.html")
    return []


def opened(browser: Browser, path: Path, **options: Any) -> tuple[Page, list[str], list[str]]:
    """The page with what its console said and which requests it made."""
    page = browser.new_context(**options).new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    return page, said, asked


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_fails_and_nothing_leaves(browser: Browser, reports: dict[str, Path], name: str) -> None:
    assert reports[name].stat().st_size < FIVE_MEGABYTES
    page, said, asked = opened(browser, reports[name])
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [reports[name].as_uri()]
    sizes = page.eval_on_selector_all(
        "img", "all => all.map(i => [i.naturalWidth, i.clientWidth, i.alt.length])"
    )
    assert sizes and all(natural > 100 and shown > 100 and alt > 20 for natural, shown, alt in sizes)


@pytest.mark.parametrize(("name", "scheme"), AUDITS)
def test_nothing_serious_stands_in_anybodys_way(
    browser: Browser, reports: dict[str, Path], name: str, scheme: str
) -> None:
    page, _, _ = opened(browser, reports[name], color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    # Rows of a table are made alike: to look at each of hundreds takes a minute and finds nothing more.
    page.evaluate(
        "n => document.querySelectorAll('tbody').forEach(b => [...b.rows].slice(n).forEach(r => r.remove()))",
        ROWS,
    )
    found = Axe().run(page).response["violations"]
    grave = [
        f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in ("serious", "critical")
    ]
    assert grave == []


@pytest.mark.parametrize("name", REPORTS)
def test_a_phone_need_not_scroll_sideways(browser: Browser, reports: dict[str, Path], name: str) -> None:
    page, _, _ = opened(browser, reports[name], viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_keyboard_moves_the_day_and_the_counts_follow(browser: Browser, reports: dict[str, Path]) -> None:
    page, _, _ = opened(browser, reports["compare"])
    lines = page.locator(".now")
    assert lines.count() == 2
    date, before = page.inner_text("#date"), lines.first.inner_text()
    pixels = "c => c.toDataURL()"
    drawn = page.eval_on_selector("canvas", pixels)
    page.focus("#day")
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    assert page.inner_text("#date") != date
    assert page.get_attribute("#day", "aria-valuetext") == page.inner_text("#date")
    assert lines.first.inner_text() != before
    assert page.eval_on_selector("canvas", pixels) != drawn
    assert page.inner_text("#date") in page.inner_text("#spoken")
    page.focus("#play")
    page.keyboard.press("Enter")
    page.wait_for_function("day => Number(document.getElementById('day').value) > day", arg=105)
    page.keyboard.press("Enter")
    assert page.get_attribute("#play", "aria-pressed") == "false"


def test_a_table_sorts_by_number(browser: Browser, reports: dict[str, Path]) -> None:
    page, _, _ = opened(browser, reports["compare"])
    page.evaluate("document.querySelectorAll('#tables details').forEach(d => d.open = true)")
    table = page.locator("table.sorts").filter(has=page.locator("caption", has_text="effects"))
    button = table.locator("th button").get_by_text("difference", exact=True)

    def column() -> list[float]:
        at = button.evaluate("b => [...b.closest('tr').children].indexOf(b.parentElement)")
        found = table.evaluate("(t, at) => [...t.tBodies[0].rows].map(r => r.cells[at].dataset.x)", at)
        return [float(x) for x in found if x]

    button.focus()
    page.keyboard.press("Enter")
    up = column()
    assert up == sorted(up) and len(set(up)) > 3
    page.keyboard.press("Enter")
    assert column() == up[::-1] or column() == sorted(up, reverse=True)
    assert button.evaluate("b => b.parentElement.getAttribute('aria-sort')") == "descending"


def test_the_button_changes_light_and_dark(browser: Browser, reports: dict[str, Path]) -> None:
    page, _, _ = opened(browser, reports["run"], color_scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.click("#theme")
    assert page.evaluate(background) != light
    assert page.get_attribute("#theme", "aria-pressed") == "true"


def test_print_opens_what_is_closed(browser: Browser, reports: dict[str, Path]) -> None:
    page, _, _ = opened(browser, reports["compare"])
    closed = page.locator("details:not([open])").count()
    assert closed > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() == closed


def test_chinese_names_are_drawn_wherever_it_is_read(browser: Browser, reports: dict[str, Path]) -> None:
    page, _, _ = opened(browser, reports["run"])
    assert page.evaluate("document.fonts.ready.then(() => [...document.fonts].map(f => f.status))") == [
        "loaded"
    ]
    assert page.evaluate("document.fonts.check('16px Report', '柳')")


def test_a_chinese_report_is_chinese(browser: Browser, reports: dict[str, Path]) -> None:
    """Nothing that stands in every report is left in English, and the figures are drawn anew."""
    page, _, _ = opened(browser, reports["chinese"])
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    labels = page.eval_on_selector_all(
        "h1, h2, nav a, button, label, summary, caption, th, li, p, dt, figcaption, #h-answer ~ *",
        "all => all.map(e => e.innerText)",
    )
    for name in ("aria-label", "alt", "data-words", "data-play", "data-pause", "data-seat", "data-township"):
        labels += page.eval_on_selector_all(f"[{name}]", f"all => all.map(e => e.getAttribute('{name}'))")
    loaded = page.locator("table.sorts").filter(has=page.locator("caption", has_text="最忙单位")).inner_text()
    labels.append(loaded)
    assert "乡镇 1" in loaded
    assert len(labels) > 100
    libraries = "|".join(re.escape(name) for name in (*versions(), "village-disputes"))  # in the provenance
    commands = (
        r"python run_sim\.py [a-z -]+|--[a-z-]+|\bcalibrate\b|\bsensitivity daliu\b|\bPython\b|\bdaliu\b"
    )
    latin = re.compile(rf"\{{\w+\}}|{commands}|\b(?:{libraries})\b")
    assert [text for text in labels if re.search("[A-Za-z]{2,}", latin.sub("", text))] == []
    assert all(
        "大柳镇" in text
        for text in page.eval_on_selector_all("figure.card img", "all => all.map(i => i.alt)")
    )
    policies = page.locator("table.sorts").filter(has=page.locator("caption", has_text="效果")).first
    assert "吹哨报到" in policies.inner_text() and "每千人纠纷存续天数" in policies.inner_text()
    assert page.evaluate("document.fonts.ready.then(() => [...document.fonts].map(f => f.status))") == [
        "loaded"
    ]
    page.focus("#day")
    page.keyboard.press("ArrowRight")
    assert re.fullmatch(r"[^A-Za-z]+", page.inner_text("#spoken")) and "未结" in page.inner_text("#spoken")
