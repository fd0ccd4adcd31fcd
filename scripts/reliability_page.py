"""docs/reliability.md, made from tests/reliability.py and from the tests that pytest collects."""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from reliability import Row

TESTS = Path(__file__).parent.parent / "tests"

_INTRO = """# What goes wrong, and what becomes of it

This page is made from the tests that show it; the exit codes are those of [Scripts](scripting.md#exit-codes). *Lost* is what
the export folder does not have after the next run without the fault. Each row was tried in as many ways as stand in the
last columns: with every change of the code (*always*), and by hand before a version (*long*, `nox -s long`).
"""


class _Counter:
    """Counts the cases of each test function, apart for those that are marked as long."""

    def __init__(self) -> None:
        self.cases: Counter[tuple[str, bool]] = Counter()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Take each test in."""
        for each in items:
            name = each.nodeid.partition("[")[0].removeprefix("tests/")
            self.cases[name, each.get_closest_marker("long") is not None] += 1


def write_reliability_page() -> str:
    """Return the page. Raises AssertionError when a row names a test that does not exist."""
    sys.path.insert(0, str(TESTS))
    from reliability import SECTIONS

    names = {each for rows in SECTIONS.values() for row in rows for each in row.tests}
    files = sorted({str(TESTS / name.partition("::")[0]) for name in names})
    counter = _Counter()
    with redirect_stdout(io.StringIO()):
        code = pytest.main(
            [
                "--collect-only",
                "-q",
                "-W",
                "ignore",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:xdist",
                "-m",
                "",
                *files,
            ],
            plugins=[counter],
        )
    assert code == 0, "the tests cannot be collected"
    unknown = names - {name for name, _ in counter.cases}
    assert not unknown, f"tests/reliability.py names tests that do not exist: {sorted(unknown)}"
    lines = [_INTRO]
    for title, rows in SECTIONS.items():
        lines += [f"## {title}", "", "| what happens | what tobs does | exit code | lost | always | long |"]
        lines += ["|---|---|---|---|---|---|", *_write_rows(rows, counter.cases), ""]
    return "\n".join(lines)


def _write_rows(rows: tuple[Row, ...], cases: Counter[tuple[str, bool]]) -> Iterator[str]:
    for row in rows:
        short = sum(cases[name, False] for name in row.tests) * row.tries
        long = sum(cases[name, True] for name in row.tests) * row.long_tries
        cells = (row.fault, row.does, row.code, row.lost, f"{short:,}", f"{long:,}" if long else "")
        yield f"| {' | '.join(cells)} |"
