"""A browser that notes whatever a page should not do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from browser.site import draw_site

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass
class Watched:
    """A page, and what it logged, asked for outside of the disk, or could not load."""

    page: Page
    root: Path
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda each: self.faults.append(f"{each.type}: {each.text}"))
        self.page.on("pageerror", lambda each: self.faults.append(f"error: {each}"))
        self.page.on("request", self._look_at)
        self.page.on("requestfailed", lambda each: self.faults.append(f"failed: {each.url}"))

    def _look_at(self, request: Request) -> None:
        if not request.url.startswith("file:"):
            self.faults.append(f"outside: {request.url}")

    def open(self, path: str, anchor: str = "") -> Page:
        """Open a file below the export folder."""
        self.page.goto((self.root / path).as_uri() + (f"#{anchor}" if anchor else ""))
        return self.page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("No Chromium on this computer: install one, such as Debian's package “chromium”.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an export folder with pages of two chats."""
    folder = tmp_path_factory.mktemp("site")
    draw_site(folder)
    return folder


@pytest.fixture(params=[(1000, 800), (360, 640)], ids=["desk", "phone"])
def watched(request: pytest.FixtureRequest, browser: Browser, root: Path) -> Iterator[Watched]:
    """Open a browser window, of a desk's or a telephone's size; nothing that it notes is expected."""
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
    seen = Watched(context.new_page(), root)
    yield seen
    context.close()
    assert seen.faults == []
