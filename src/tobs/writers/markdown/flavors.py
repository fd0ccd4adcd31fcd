"""What differs between Obsidian's Markdown and what every reader of CommonMark knows."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from tobs.core.model import Chat
from tobs.core.request import FlavorName
from tobs.core.words import say_count
from tobs.writers.links import Target
from tobs.writers.markdown.addresses import quote_path
from tobs.writers.markdown.escape import escape_alias, escape_name
from tobs.writers.markdown.shape import about_path
from tobs.writers.markdown.spans import COMMONMARK_KINDS, OBSIDIAN_KINDS, Kinds, quote_block
from tobs.writers.scene import Scene

_IMAGES = frozenset({"avif", "bmp", "gif", "jpeg", "jpg", "png", "svg", "webp"})
_PLAYED = frozenset({
    "flac", "m4a", "mp3", "ogg", "wav", "webm", "3gp", "mkv", "mov", "mp4", "ogv", "pdf",
})  # fmt: skip


class Flavor(Protocol):
    """How notes are written for one sort of reader.

    `kinds` are the spans of text that it shows, `embedded` the endings of files that it shows inside a note. `folder`
    is that of the note in which a link stands; what is shown of a link is plain text.
    """

    kinds: Kinds
    embedded: frozenset[str]

    def link_note(self, folder: str, path: str, shown: str) -> str:
        """Return a link to a note of messages; `shown` is empty for its name."""
        ...

    def link_block(self, folder: str, target: Target, shown: str) -> str:
        """Return a link to a message."""
        ...

    def link_own_note(self, folder: str, chat: Chat, shown: str) -> str:
        """Return a link to a chat's own note."""
        ...

    def refer_to(self, chat: Chat) -> str:
        """Return a chat as a property names it."""
        ...

    def mark_place(self, line: str, anchor: str) -> str:
        """Return the first line of a message so that links lead to it."""
        ...

    def strike(self, said: str) -> str:
        """Return a sentence struck through."""
        ...

    def call_out(self, block: str, mark: str, title: str = "") -> str:
        """Return blocks set apart from the text; `mark` is the callout's kind where there are callouts."""
        ...

    def draw_table(self, head: list[str], *rows: list[str]) -> str:
        """Return rows of cells; a head of empty cells is none."""
        ...

    def list_people(self, people: Iterable[tuple[str, int, int]]) -> str:
        """Return (escaped name, marked id, messages sent) of people."""
        ...


class Obsidian:
    """Wikilinks, block ids, callouts, tags, `||spoilers||` and tables (https://help.obsidian.md/obsidian-flavored-markdown)."""

    kinds = OBSIDIAN_KINDS
    embedded = _IMAGES | _PLAYED

    def link_note(self, _folder: str, path: str, shown: str) -> str:
        """Return a link by the note's basename: that is unique in the vault."""
        return f"[[{_name_note(path)}|{escape_alias(shown)}]]" if shown else f"[[{_name_note(path)}]]"

    def link_block(self, _folder: str, target: Target, shown: str) -> str:
        """Return a link to the block of a message."""
        return f"[[{_name_note(target.path)}#^{target.anchor}|{escape_alias(shown)}]]"

    def link_own_note(self, _folder: str, chat: Chat, shown: str) -> str:
        """Return a link with the note's folder.

        A note of the vault around the export folder may have the chat's name too.
        """
        return f"[[{about_path(chat).removesuffix('.md')}|{escape_alias(shown)}]]"

    def refer_to(self, chat: Chat) -> str:
        """Return a link, which Obsidian follows in properties as well."""
        return f"[[{about_path(chat).removesuffix('.md')}|{chat.basename}]]"

    def mark_place(self, line: str, anchor: str) -> str:
        """Return the line with a block id (https://help.obsidian.md/links#Link+to+a+block+in+a+note)."""
        return f"{line} ^{anchor}"

    def strike(self, said: str) -> str:
        """Return a sentence between tildes."""
        return f"~~{said}~~"

    def call_out(self, block: str, mark: str, title: str = "") -> str:
        """Return a callout (https://help.obsidian.md/callouts)."""
        return quote_block(block, f"{mark} {title}".rstrip())

    def draw_table(self, head: list[str], *rows: list[str]) -> str:
        """Return a table."""
        return "\n".join(f"| {' | '.join(each)} |" for each in (head, ["---"] * len(head), *rows))

    def list_people(self, people: Iterable[tuple[str, int, int]]) -> str:
        """Return a table."""
        rows = (f"| {name} | {peer_id} | {count:,} |" for name, peer_id, count in people)
        return "\n".join(["| Name | Id | Messages |", "| --- | ---: | ---: |", *rows])


class Commonmark:
    """Nothing but CommonMark and inline HTML: relative links, and an `<a id>` before each message."""

    kinds = COMMONMARK_KINDS
    embedded = _IMAGES

    def link_note(self, folder: str, path: str, shown: str) -> str:
        """Return a relative link."""
        return _link(folder, path, shown or _name_note(path))

    def link_block(self, folder: str, target: Target, shown: str) -> str:
        """Return a relative link to the anchor of a message."""
        return _link(folder, target.path, shown, f"#{target.anchor}")

    def link_own_note(self, folder: str, chat: Chat, shown: str) -> str:
        """Return a relative link."""
        return _link(folder, about_path(chat), shown)

    def refer_to(self, chat: Chat) -> str:
        """Return the chat's name: links in properties are Obsidian's alone."""
        return chat.basename

    def mark_place(self, line: str, anchor: str) -> str:
        """Return the line behind an empty anchor."""
        return f'<a id="{anchor}"></a>{line}'

    def strike(self, said: str) -> str:
        """Return a sentence in an element: tildes are not part of CommonMark."""
        return f"<s>{said}</s>"

    def call_out(self, block: str, _mark: str, title: str = "") -> str:
        """Return a quote with a title."""
        return quote_block(f"**{title}**\n\n{block}" if title else block)

    def draw_table(self, head: list[str], *rows: list[str]) -> str:
        """Return a list of rows: tables are not part of CommonMark."""
        return "\n".join(f"- {' · '.join(filter(None, each))}" for each in (head, *rows) if any(each))

    def list_people(self, people: Iterable[tuple[str, int, int]]) -> str:
        """Return a list: tables are not part of CommonMark."""
        return "\n".join(
            f"- {name} · {peer_id} · {say_count(count, 'message')}" for name, peer_id, count in people
        )


_FLAVORS: dict[FlavorName, Flavor] = {"obsidian": Obsidian(), "commonmark": Commonmark()}


def flavor_of(scene: Scene) -> Flavor:
    """Return how the notes of a scene are written."""
    return _FLAVORS[scene.projection.flavor]


def _link(folder: str, path: str, shown: str, anchor: str = "") -> str:
    return f"[{escape_name(shown)}]({quote_path(posixpath.relpath(path, folder or '.'))}{anchor})"


@lru_cache(1024)
def _name_note(path: str) -> str:
    return posixpath.basename(path).removesuffix(".md")
