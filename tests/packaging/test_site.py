"""The documentation as a site: it builds without a warning, and no page asks another computer for anything."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("material", reason="the extra `docs` is not installed")
    folder = tmp_path_factory.mktemp("site")
    words = (sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder))
    built = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def loaded(page: str) -> Iterator[str]:
    """What a browser fetches with a page: scripts, styles, pictures, fonts."""
    for tag in re.findall(r"<(?:script|img|iframe|link)\b[^>]*>", page):
        if "<link" in tag and not re.search(r'rel="?(?:stylesheet|preload|preconnect|icon)', tag):
            continue
        yield from re.findall(r'(?:src|href)="?([^"\s>]+)', tag)


def test_no_request_leaves(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 40
    asked = {(page.name, what) for page in pages for what in loaded(page.read_text("utf-8"))}
    assert len(asked) > 100
    assert [one for one in asked if re.match(r"(?:https?:)?//", one[1])] == []
    styles = "".join(path.read_text("utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"url\(\s*[\"']?https?:[^)]*|@import[^;]*", styles) == []


def test_every_link_leads_somewhere(site: Path) -> None:
    broken = []
    for page in site.rglob("*.html"):
        if page.name == "404.html":  # its links are those of a server's root
            continue
        for link in re.findall(r'<a\b[^>]*\bhref="?([^"\s>]+)', page.read_text("utf-8")):
            path = unquote(link.partition("#")[0])
            if path and not re.match(r"[a-z]+:", path) and not (page.parent / path).exists():
                broken.append((page.name, link))
    assert broken == []


def test_the_search_is_in_the_site_and_knows_chinese(site: Path) -> None:
    assert (site / "search" / "search_index.js").is_file() or (
        site / "search" / "search_index.json"
    ).is_file()
    index = next((site / "search").glob("search_index.*")).read_text("utf-8")
    assert "吹哨报到" in index or "\\u5439\\u54e8" in index


def test_a_page_that_asks_elsewhere_would_be_found() -> None:
    assert list(loaded('<link rel="stylesheet" href="https://fonts.example/x.css"><a href="https://y">')) == [
        "https://fonts.example/x.css"
    ]


@pytest.mark.browser
def test_the_site_in_a_browser(site: Path) -> None:
    """Opened from the folder: nobody is asked, the search finds words of both languages, axe has no serious finding."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs Chromium")
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with (
        sync_playwright() as play,
        play.chromium.launch(executable_path=path, args=["--no-sandbox"]) as browser,
    ):
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for name in ("index", "zh/tutorial"):
            page.goto((site / f"{name}.html").as_uri())
            found = Axe().run(page).response["violations"]
            assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
        field = page.locator(".md-search__input")
        field.click()
        for word in ("whistle", "调解"):
            field.fill(word)
            field.press("End")
            page.locator(".md-search-result__item").first.wait_for(timeout=20_000)
            field.fill("")
            field.press("End")
        assert len(asked) > 10
        assert [url for url in asked if url.partition(":")[0] not in ("file", "data", "blob", "about")] == []
