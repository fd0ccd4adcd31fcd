"""Reads pages as a browser would: elements, attributes, links, and the text of one message."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote

VOID = frozenset({"img", "link", "meta", "input", "br", "hr"})


@dataclass
class Element:
    """An element with what is in it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(each if isinstance(each, str) else each.text for each in self.children)

    def walk(self) -> Iterator[Element]:
        yield self
        for each in self.children:
            if isinstance(each, Element):
                yield from each.walk()

    def find(self, **attributes: str) -> Element:
        """Return the first element with these attributes; `class_` stands for `class`."""
        wanted = {key.rstrip("_"): value for key, value in attributes.items()}
        return next(each for each in self.walk() if wanted.items() <= each.attributes.items())


class _Reader(HTMLParser):
    """Builds a tree; an end without its beginning, or a beginning without its end, is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.opened[-1].children.append(element)
        if tag not in VOID:
            self.opened.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop().name == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.opened[-1].children.append(data)


def read_page(page: str | bytes) -> Element:
    """Return the tree of a page, or of a piece of one."""
    reader = _Reader()
    reader.feed(page if isinstance(page, str) else page.decode())
    reader.close()
    [root] = reader.opened
    return root


def list_links(root: Element) -> Iterator[str]:
    """Yield every address that a page names."""
    for each in root.walk():
        yield from (each.attributes[name] for name in ("href", "src") if name in each.attributes)


def find_dangling(files: Mapping[str, bytes], outside: frozenset[str] = frozenset()) -> list[str]:
    """Return the relative links that lead to no file, or to no place in it."""
    pages = {path: read_page(body) for path, body in files.items() if path.endswith(".html")}
    ids = {path: {each.attributes.get("id") for each in root.walk()} for path, root in pages.items()}
    found = []
    for path, root in pages.items():
        for link in list_links(root):
            name, _, anchor = link.partition("#")
            if ":" in name:
                continue
            target = (
                posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(name))) if name else path
            )
            if (target not in files and target not in outside) or (anchor and anchor not in ids[target]):
                found.append(f"{path}: {link}")
    return found
