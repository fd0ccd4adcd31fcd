"""Takes the pictures of docs/images anew, of the demo and of the world of everything: for `nox -s pictures`."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from markdown_it import MarkdownIt
from playwright.sync_api import Browser, sync_playwright

from browser.conftest import CHROMIUM
from e2e.changes import listed_names
from e2e.stage import open_stage
from tobs.simulator.world import WORLDS

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"
NOTE = "Tidewatch/2026/Tidewatch 2026-02"
STYLE = """body { margin: 20px auto; max-width: 700px; font: 16px/1.5 sans-serif; color: #222; background: #fff }
h2 { border-bottom: 1px solid #ccc } hr { display: none } blockquote { margin: 0; padding-left: 12px; border-left: 3px solid #bbb; color: #555 }
pre { font: 14px/1.45 monospace; white-space: pre-wrap } img { max-width: 300px; display: block }"""


@dataclass(frozen=True)
class Picture:
    """A window over a page of an export folder, and what is typed into its search."""

    name: str
    page: str
    size: tuple[int, int] = (900, 700)
    scheme: Literal["light", "dark"] = "light"
    words: str = ""


PHONE = (360, 700)
DEMO = (
    Picture("html-light", "Tidewatch/html/2026-02.html"),
    Picture("html-dark", "Harbour Gazette/html/2026-02.html", scheme="dark"),
    Picture("html-phone", "Tidewatch/html/2026-03.html", PHONE),
    Picture("html-search", "Tidewatch/index.html", (900, 500), words="box"),
    Picture("note-text", "note-text.html"),
    Picture("note-drawn", "note-drawn.html"),
)
EVERYTHING = (
    Picture("html-everything-phone", "Gallery of actions/html/2026-03.html", PHONE, "dark"),
    Picture("html-everything-dark", "Gallery of texts/html/2026-03.html", (900, 800), "dark"),
    Picture("html-everything-light", "Gallery of media/html/2026-04.html", (900, 800)),
)


def export_demo(folder: Path) -> Path:
    """Export the demo with pages, and put beside them a note: as it stands there, and as CommonMark readers draw it."""
    variables = {**os.environ, "TOBS_TIMEZONE": "UTC", "TOBS_HOME": str(folder / "home")}
    out, plain = folder / "demo", folder / "plain"

    def run(*words: str) -> None:
        subprocess.run([sys.executable, "-m", "tobs", *words, "-o", str(out)], env=variables, check=True)

    run("demo")
    run("render", "-f", "markdown,html")
    run("render", "--to", str(plain), "-f", "markdown", "--flavor", "commonmark")
    text = (out / f"{NOTE}.md").read_text(encoding="utf-8")
    drawn = MarkdownIt().render((plain / f"{NOTE}.md").read_text(encoding="utf-8").split("---\n", 2)[2])
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    for name, body in (("note-text", f"<pre>{escaped}</pre>"), ("note-drawn", drawn)):
        page = f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}"
        (out / f"{name}.html").write_text(page, encoding="utf-8")
    return out


async def export_everything(folder: Path) -> Path:
    async with open_stage(WORLDS["everything"](1, 0), folder) as stage:
        report = await stage.export(*listed_names(stage.world), output=folder / "out", format=("html",))
        assert report.exit_code == 0, report
    return folder / "out"


def take(browser: Browser, root: Path, picture: Picture) -> None:
    width, height = picture.size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=picture.scheme)
    page = context.new_page()
    page.goto((root / picture.page).as_uri())
    if picture.words:
        page.get_by_role("searchbox").fill(picture.words)
        page.keyboard.press("Enter")
        page.get_by_text("all pages searched").wait_for()
    page.screenshot(path=IMAGES / f"{picture.name}.png")
    context.close()


def main() -> None:
    assert CHROMIUM, "No Chromium on this computer: install one, such as Debian's package “chromium”."
    with tempfile.TemporaryDirectory() as made:
        folders = {DEMO: export_demo(Path(made)), EVERYTHING: asyncio.run(export_everything(Path(made)))}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM)
            for pictures, root in folders.items():
                for each in pictures:
                    take(browser, root, each)
            browser.close()


if __name__ == "__main__":
    main()
