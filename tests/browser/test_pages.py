"""Pages in a real browser, opened from disk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Watched
from browser.site import HOSTILE, PARTY, TRAP

pytestmark = pytest.mark.browser

JANUARY = f"{PARTY.folder}/html/2026-01.html"
INDEX = f"{PARTY.folder}/index.html"

CONTRAST = """(scheme) => {
  document.documentElement.dataset.theme = scheme;
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const read = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((each) => each / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = read(getComputedStyle(each).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((each) => each.nodeType === 3 && each.textContent.trim());
    if (!own || element.closest(".spoiler") || !element.checkVisibility()) continue;
    const pair = [luminance(read(getComputedStyle(element).color)), luminance(behind(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) low.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}: ${element.textContent.slice(0, 40)}`);
  }
  return low;
}"""


def list_pages(root: Path) -> list[str]:
    return sorted(each.relative_to(root).as_posix() for each in root.rglob("*.html"))


def page_with(root: Path, number: int) -> str:
    """Return the page of the party on which a message stands."""
    found = [each for each in list_pages(root) if f'id="m{number}"' in (root / each).read_text()]
    return next(each for each in found if each.startswith(PARTY.folder))


def is_seen(page: Page, anchor: str) -> bool:
    """Tell whether a message is the target, and inside the window below the bar."""
    found: bool = page.evaluate(
        """(anchor) => {
            const target = document.querySelector(":target");
            const bar = document.querySelector(".bar").getBoundingClientRect();
            const box = target && target.getBoundingClientRect();
            return Boolean(target) && target.id === anchor && box.top >= bar.bottom - 1 && box.top < innerHeight;
        }""",
        anchor,
    )
    return found


def search(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)
    page.get_by_role("button", name="Search").click()


def test_every_page_opens_without_a_word_and_fits_its_window(watched: Watched, root: Path) -> None:
    pages = list_pages(root)
    assert len(pages) > 10
    for path in pages:
        page = watched.open(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for landmark in ("banner", "main"):
            expect(page.get_by_role(landmark)).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_what_is_behind_it(watched: Watched, root: Path, scheme: str) -> None:
    for path in list_pages(root):
        assert watched.open(path).evaluate(CONTRAST, scheme) == [], path


def test_a_reply_jumps_to_its_message_also_on_another_page(watched: Watched, root: Path) -> None:
    page = watched.open(page_with(root, 101))
    near, far = page.locator("#m101 .reply a"), page.locator("#m100 .reply a")
    near.click()
    assert is_seen(page, "m99")
    far.click()
    page.wait_for_url(re.compile(r"2026-01\.html#m3$"))
    assert is_seen(page, "m3")
    assert page.evaluate("getComputedStyle(document.querySelector(':target')).animationName") == "flash"


def test_who_wants_less_motion_sees_the_target_without_it(watched: Watched) -> None:
    watched.page.emulate_media(reduced_motion="reduce")
    page = watched.open(JANUARY, "m3")
    assert page.evaluate("getComputedStyle(document.querySelector(':target')).animationName") == "none"


def test_a_search_finds_words_of_all_pages_and_leads_to_them(watched: Watched) -> None:
    page = watched.open(INDEX)
    search(page, "MESSAGE cafe alice")
    status = page.get_by_role("status")
    expect(status).to_contain_text("50 found")
    hits = page.locator("#results li")
    expect(hits.first).to_contain_text("Message 120 about café")
    expect(hits.first.locator("mark").nth(1)).to_have_text("café")
    page.get_by_role("button", name="Go on").click()
    expect(status).to_contain_text("100 found")
    page.get_by_role("button", name="Go on").click()
    expect(status).to_have_text("114 found, all pages searched")
    hits.last.get_by_role("link").click()
    page.wait_for_url(re.compile(r"2026-01\.html#m1$"))
    assert is_seen(page, "m1")
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("MESSAGE cafe alice")
    expect(page.locator("#results li").first).to_be_visible()


def test_a_search_without_a_hit_says_so_and_escape_closes_it(watched: Watched) -> None:
    page = watched.open(JANUARY)
    page.keyboard.press("/")
    page.keyboard.type("nobody said this")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("0 found, all pages searched")
    page.keyboard.press("Escape")
    expect(page.locator("#results")).to_be_hidden()


def test_what_is_under_a_spoiler_is_not_found_in_its_excerpt(watched: Watched) -> None:
    page = watched.open(INDEX)
    search(page, "murderer")
    expect(page.locator("#results li")).to_contain_text("the murderer is the ▒▒▒▒▒▒▒▒")


def test_a_spoiler_opens_for_the_mouse_and_for_the_keyboard(watched: Watched) -> None:
    page = watched.open(JANUARY, "m12")
    spoiler = page.locator("#m12 .spoiler")
    covered = spoiler.evaluate("each => getComputedStyle(each).color")
    spoiler.click()
    assert spoiler.evaluate("each => getComputedStyle(each).color") != covered
    page.locator("h1").click()
    assert spoiler.evaluate("each => getComputedStyle(each).color") == covered
    page.locator("#m12 .time").focus()
    page.keyboard.press("Tab")
    assert spoiler.evaluate("each => getComputedStyle(each).color") != covered


def test_pictures_of_an_album_stand_in_a_grid_and_load_when_they_come_near(
    watched: Watched, root: Path
) -> None:
    page = watched.open(page_with(root, 20))
    pictures = page.locator("#m20 .album img")
    expect(pictures).to_have_count(3)
    assert pictures.evaluate_all("all => all.every(each => each.loading === 'lazy')")
    pictures.first.scroll_into_view_if_needed()
    expect(pictures.first).to_have_js_property("naturalWidth", 320)
    tops = pictures.evaluate_all("all => all.map(each => Math.round(each.getBoundingClientRect().top))")
    assert tops[0] == tops[1]
    assert "blur" in pictures.nth(2).evaluate("each => getComputedStyle(each).filter")


def test_what_a_stranger_typed_is_shown_as_text(watched: Watched) -> None:
    page = watched.open(JANUARY)
    expect(page.locator("#m10 .text")).to_have_text(HOSTILE)
    expect(page.locator("#m1 header b")).to_have_text("Alice <i>Doe</i>")
    expect(page.locator("#m11 .text")).to_have_text(f"press here ({TRAP})")
    assert page.locator("#m11 .text a").count() == 0
    assert page.evaluate("[...document.links].every(each => /^(file|https?|mailto|tg|geo):/.test(each.href))")
    search(page, "document.title")
    expect(page.locator("#results li").first).to_contain_text("<script>")
    assert "owned" not in page.title()


def test_the_policy_stops_a_script_that_would_get_in(browser: Browser, root: Path) -> None:
    page = browser.new_page()
    logged: list[str] = []
    page.on("console", lambda each: logged.append(each.text))
    page.goto((root / JANUARY).as_uri())
    before = page.title()
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'owned'";
        document.body.append(script);
        document.querySelector("h1").insertAdjacentHTML("beforeend", "<a id=trap href=\\"javascript:document.title='owned'\\">x</a><img src=https://example.org/a.png>");
        document.getElementById("trap").click();
    }""")
    assert page.title() == before
    assert sum("Content Security Policy" in each for each in logged) >= 3
    page.close()


def test_dark_and_light_can_be_changed_and_stay_so_on_the_next_page(watched: Watched) -> None:
    def background(page: Page) -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    page = watched.open(INDEX)
    light = background(page)
    page.get_by_role("button", name="Dark").click()
    dark = background(page)
    assert dark != light
    page.get_by_role("link", name="January 2026").click()
    expect(page.get_by_role("button", name="Light")).to_be_visible()
    assert background(page) == dark
    assert page.evaluate("Object.keys(localStorage).length + document.cookie.length") == 0


def test_steps_lead_from_page_to_page_through_the_whole_chat(watched: Watched) -> None:
    page = watched.open(JANUARY)
    expect(page.locator("a[data-step='-1']").first).to_be_hidden()
    seen = [page.url]
    following = page.locator("a[data-step='1']").first
    while page.locator("#m120").count() == 0:
        following.click()
        page.wait_for_url(lambda url: url != seen[-1])
        seen.append(page.url)
    assert len(seen) == len(list_pages(watched.root / PARTY.folder / "html"))
    expect(page.locator("a[data-step='1']").first).to_be_hidden()


def test_without_script_pages_are_there_to_be_read(browser: Browser, root: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((root / INDEX).as_uri())
    expect(page.get_by_role("searchbox")).to_have_count(0)
    page.get_by_role("link", name="January 2026").click()
    expect(page.locator("#m1")).to_be_visible()
    page.get_by_role("link", name="January 2026, page 2").first.click()
    expect(page.locator("#m20")).to_be_visible()
    context.close()
