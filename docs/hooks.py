"""For `mkdocs build`: the site asks no other computer, and names files of the repository that it does not have."""

from __future__ import annotations

import posixpath
import re
from typing import Any

# What the theme loads from elsewhere for its search to work without a server; a copy lies in docs/assets.
ELSEWHERE, HERE = "https://unpkg.com/iframe-worker/shim", "assets/iframe-worker.js"
_LINK = re.compile(r"\[([^\]]+)\]\((\.\./[^)\s]+)\)")


def on_page_markdown(markdown: str, *, page: Any, **_: object) -> str:
    """The page with such links written out: `[speed](../benchmarks/RESULTS.md)` as speed (`benchmarks/RESULTS.md`)."""
    here = posixpath.dirname(page.file.src_uri)

    def named(found: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(here, found[2].partition("#")[0]))
        if not path.startswith("../"):
            return found[0]
        file = path.removeprefix("../")
        return found[1] if file in found[1] else f"{found[1]} (`{file}`)"

    return _LINK.sub(named, markdown)


def on_post_page(output: str, *, page: Any, **_: object) -> str:
    """The page with the copy in place of what is elsewhere, and a name for the search, which the theme leaves out."""
    told = output.replace(ELSEWHERE, "../" * page.url.count("/") + HERE)
    return told.replace('role="dialog"', 'role="dialog" aria-label="Search"')


def on_post_template(output_content: str, **_: object) -> str:
    """The same for the page that a server shows in place of a missing one."""
    return output_content.replace(ELSEWHERE, f"/{HERE}")
