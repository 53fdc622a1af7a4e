"""Each place yields what it yielded when its golden summary was made.

A difference is either a mistake or a change of the model that is meant: then make the summaries anew with
`python -m tests.golden.golden`, look at what changed, and tell it in the changelog.
"""

from __future__ import annotations

import pytest

from tests.golden.golden import file, golden, places


@pytest.mark.parametrize("name", places())
def test_golden_summary(name: str) -> None:
    expected = file(name).read_text("utf-8").splitlines()
    found = golden(name)
    differences = [f"{a}  ->  {b}" for a, b in zip(expected, found, strict=False) if a != b]
    shown = "\n".join(differences[:20])
    assert found == expected, f"{len(differences)} lines differ (recorded -> found):\n{shown}"


def test_every_place_has_a_summary_and_every_summary_a_place() -> None:
    assert {path.stem for path in file("x").parent.glob("*.csv")} == set(places())
