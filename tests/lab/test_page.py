"""The page in a real, headless Chromium: knobs, both languages, two people, a worker that dies, nothing that leaves."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.ledger.registers import rows, write_csv

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
FIRST = 90_000  # milliseconds until a first answer: workers load the program, on a busy machine
NUMBERS = "table.lab-table"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page that runs in a process of its own."""
    command = [sys.executable, str(ROOT / "run_sim.py"), "lab", "--no-browser"]
    process = subprocess.Popen(command, cwd=tmp_path_factory.mktemp("lab"), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        said = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", process.stderr.readline())
        assert said
        yield said[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs Chromium")
    with sync_playwright() as play:
        yield play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])


@pytest.fixture
def chromium(browser: Browser) -> Iterator[Browser]:
    """The same, with every page closed after a test: for a page that stays open the program goes on computing."""
    yield browser
    for context in browser.contexts:
        context.close()


def opened(browser: Browser, address: str, query: str = "", width: int = 1280) -> tuple[Page, list[str]]:
    """A page with its first numbers, and the requests that would leave this computer."""
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    outside: list[str] = []
    page.on(
        "request",
        lambda r: None if re.match(r"(http://127\.0\.0\.1|data:|blob:)", r.url) else outside.append(r.url),
    )
    page.goto(address + query)
    page.wait_for_selector(NUMBERS, timeout=FIRST)
    return page, outside


def test_a_knob_changes_numbers_command_and_address(chromium: Browser, address: str) -> None:
    page, outside = opened(chromium, address)
    page.get_by_role("switch", name="whistle").click()
    expect(page.get_by_text("compare daliu +whistle")).to_be_visible(timeout=FIRST)
    assert page.get_by_text("?place=daliu&add=whistle").count() == 1
    assert any("+whistle: " in text for text in page.locator(".lab-decision").all_inner_texts())
    link = page.get_by_role("link", name="workbook").get_attribute("href")
    assert link
    found = page.request.get(address.split("/?")[0] + link, timeout=FIRST)
    assert found.ok
    assert found.body()[:2] == b"PK"
    assert outside == []


@pytest.mark.parametrize(("query", "width"), [("&lang=en&add=whistle", 1280), ("&lang=zh&add=whistle", 390)])
def test_everybody_can_use_it(chromium: Browser, address: str, query: str, width: int) -> None:
    page, outside = opened(chromium, address, query, width)
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert outside == []


def test_the_same_disputes_are_followed_in_both_worlds(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, address, "&place=jiang&add=judge_liaison")
    worlds = page.get_by_role("region", name="both worlds on one day")
    expect(worlds).to_contain_text("2018-10-25", timeout=FIRST)  # the day after the window
    day = page.get_by_role("slider", name="day of the window")
    day.locator("[tabindex='0']").press("ArrowLeft")  # what the tab key comes to
    expect(worlds).to_contain_text("2018-10-22")  # weeks from its first day


def test_a_register_is_brought_its_words_are_explained_and_it_becomes_a_county(
    chromium: Browser, address: str, tmp_path: Path
) -> None:
    table = rows(220, date(2021, 1, 4))
    for row in table[::20]:
        row[5] = "彩礼风波"
    page = chromium.new_context(viewport={"width": 390, "height": 900}).new_page()
    page.goto(address.replace("/?", "/register?") + "&lang=zh")
    page.get_by_label("台账", exact=True).set_input_files(
        str(write_csv(tmp_path / "r.csv", table)), timeout=FIRST
    )
    page.get_by_label(re.compile("彩礼风波")).click(timeout=FIRST)
    page.get_by_role("option", name="婚姻家庭").first.click()
    page.get_by_role("button", name="确认含义").click()
    expect(page.get_by_text("2024-01-05 未结 22 件")).to_be_visible(timeout=FIRST)
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    link = page.get_by_role("link", name="工作簿：质量").get_attribute("href")
    assert link and page.request.get(address.split("/?")[0] + link, timeout=FIRST).body()[:2] == b"PK"
    page.get_by_role("textbox", name="人", exact=True).fill("4.2万")
    page.get_by_role("button", name="生成该县").click()
    page.wait_for_url(re.compile("place=own"), timeout=FIRST)
    assert "张某" not in page.url


def test_two_people_at_once_and_one_who_leaves(chromium: Browser, address: str) -> None:
    one, _ = opened(chromium, address, "&add=whistle")
    other, _ = opened(chromium, address, "&place=jiang&add=judge_liaison")
    one.close()
    expect(other.get_by_text("compare jiang +judge_liaison")).to_be_visible(timeout=FIRST)
    other.get_by_role("switch", name="whistle").click()
    expect(other.get_by_text("compare jiang +judge_liaison+whistle")).to_be_visible(timeout=FIRST)


def test_what_an_address_says_wrongly_is_said(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, address, "&place=nowhere")
    assert "nowhere" in page.get_by_role("alert").first.inner_text()
