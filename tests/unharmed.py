"""What exported files consist of, held against what tobs itself writes: whatever a stranger typed is only text in them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import yaml
from markdown_it import MarkdownIt

from tobs.writers.markdown.code import LANGUAGES
from tobs.writers.markdown.frontmatter import POST_KEYS

SCHEMES = {"https", "http", "mailto", "tel", "tg", "geo", "ton"}
ELEMENTS = {
    *["html", "head", "meta", "title", "link", "script", "body", "main", "header", "nav", "section", "article", "div", "span", "p", "a", "b", "bdi", "h1", "h2", "h3", "h4", "h5", "h6"],
    *["ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "caption", "hr", "br", "time", "form", "input", "button", "details", "summary"],
    *["blockquote", "strong", "em", "u", "s", "ins", "del", "sub", "sup", "mark", "code", "pre", "img", "video", "audio", "meter", "figure", "figcaption"],
}  # fmt: skip
ATTRIBUTES = {
    *["lang", "charset", "http-equiv", "content", "name", "rel", "href", "src", "class", "id", "title", "alt", "hidden", "type", "role", "tabindex", "dir"],
    *["placeholder", "autocomplete", "datetime", "min", "max", "value", "scope", "colspan", "rowspan", "loading", "decoding", "controls", "preload"],
    *["width", "height", "open", "start", "loop", "muted", "playsinline", "checked", "disabled", "reversed"],
}  # fmt: skip
INLINE = re.compile(
    r'</?(?:code|u|s|i|b|ins|del|sub|sup|mark)>|<span class="spoiler">|</span>|<a id="m\d+">|</a>'
)
DANGEROUS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe]")


class Pages(HTMLParser):
    """Notes every element, attribute and address of pages, and what stands in scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.odd: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs if not name.startswith(("aria-", "data-"))}
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in {"script", "style"}:
            self.odd.append(data)

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)

    def handle_pi(self, data: str) -> None:
        self.odd.append(data)


def list_drawn(output: Path, suffix: str) -> Iterator[Path]:
    """Yield the files that tobs drew, and not what somebody sent."""
    for each in sorted(output.rglob(f"*{suffix}")):
        below = each.relative_to(output).parts
        if each.is_file() and "media" not in below[1:] and ".tobs" not in below:
            yield each


def check_address(page: Path, address: str, output: Path) -> None:
    """Fail unless an address has a harmless scheme, or leads to a file of the folder."""
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", address)
    if scheme:
        assert scheme[1].lower() in SCHEMES, (page, address)
        return
    path = unquote(address.partition("#")[0].partition("?")[0])
    target = (page.parent / path).resolve() if path else page
    assert target.is_relative_to(output.resolve()), (page, address)
    assert target.exists(), (page, address)


def check_names(output: Path) -> None:
    seen: set[tuple[Path, str]] = set()
    for each in output.rglob("*"):
        name = each.name
        if ".tobs" in each.relative_to(output).parts:
            continue
        assert not each.is_symlink()
        assert len(name.encode()) <= 143
        assert name == unicodedata.normalize("NFC", name) == name.strip().rstrip(".")
        assert not re.search(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]', name), name
        assert name[0] not in ".-", name
        assert not re.match(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", name, re.IGNORECASE), name
        folded = each.parent, unicodedata.normalize("NFC", name.casefold())
        assert folded not in seen, name
        seen.add(folded)


def check_pages(output: Path) -> None:
    pages = list(list_drawn(output, ".html"))
    assert pages
    for page in pages:
        text = page.read_text()
        found = Pages()
        found.feed(text)
        found.close()
        assert found.elements <= ELEMENTS, (page, found.elements - ELEMENTS)
        assert found.attributes <= ATTRIBUTES, (page, found.attributes - ATTRIBUTES)
        assert found.odd == [], page
        assert not DANGEROUS.search(text), page
        for address in found.addresses:
            check_address(page, address, output)
    for script in list_drawn(output, ".js"):
        if script.name[0].isdigit():
            words = re.fullmatch(r"tobs\.words\((.*)\);\n", script.read_text(), re.DOTALL)
            assert words
            json.loads(f"[{words[1]}]")


def check_notes(output: Path, reader: MarkdownIt) -> None:
    notes = list(list_drawn(output, ".md"))
    known = {each.stem for each in notes} | {str(each.relative_to(output))[:-3] for each in notes}
    for note in notes:
        text = note.read_text()
        assert not DANGEROUS.search(text), note
        assert "<%" not in text, note
        _, head, body = text.split("---\n", 2)
        assert {*yaml.safe_load(head)} <= POST_KEYS, note
        for target in check_blocks(note, body, reader, output):
            assert target in known, (note, target)


def check_blocks(note: Path, body: str, reader: MarkdownIt, output: Path) -> Iterator[str]:
    """Fail where a note has what no writer of ours writes; yield which notes it links to by name."""
    for token in reader.parse(body):
        if token.type == "html_block":
            assert token.content.startswith(("<!-- Yours from here", "<!-- Yours up to here")), (
                note,
                token.content,
            )
        if token.type == "fence":
            assert token.info in {"", *LANGUAGES} or token.info.startswith("x-"), (note, token.info)
        for child in token.children or []:
            if child.type == "html_inline":
                assert INLINE.fullmatch(child.content), (note, child.content)
            elif child.type == "code_inline":
                assert not re.match(r"\s*\$?=", child.content), (note, child.content)
            elif child.type in {"link_open", "image"}:
                check_address(note, str(child.attrGet("href") or child.attrGet("src")), output)
            elif child.type == "wikilink":
                yield re.split(r"[|#]", child.content[2:-2])[0]
            else:
                assert child.type not in {"pair_comment", "math_inline", "footnote_ref"}, (
                    note,
                    token.content,
                )


def check_lines(output: Path) -> None:
    """Check the formats for programs: the words of a stranger are in them as they were typed."""
    for path in list_drawn(output, "result.json"):
        found = json.loads(path.read_text())
        assert {"name", "type", "id", "messages"} <= {*found}
    for path in list_drawn(output, "messages.jsonl"):
        *lines, last = path.read_bytes().split(b"\n")
        assert last == b""
        assert all(isinstance(json.loads(line), dict) for line in lines)
