"""Notes for readers that know CommonMark and inline HTML, and nothing else."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from syrupy.assertion import SnapshotAssertion

from drawn_entities import entity_lists
from tobs.core.fidelity import Omissions
from tobs.core.media import Entity
from tobs.core.model import Chat, Content, Message, Reply
from tobs.core.request import LayoutName, Projection
from tobs.export.project import list_partitions
from tobs.writers.markdown.spans import COMMONMARK_KINDS, render_line, render_text
from tobs.writers.registry import make_writer
from writers.changed import make_changed
from writers.corpus import TEAM, at, make_channel, make_team
from writers.dialect import read_marked
from writers.memory import MemoryReader, make_message
from writers.test_notes import GROUP, keep_albums_together, layouts, messages
from writers.test_snapshots import MarkdownNote
from writers.test_spans import STYLES, expect, texts, visible

PURE = MarkdownIt("commonmark")
ANCHOR = re.compile(r'^<a id="([gm]\d+)"></a>', re.MULTILINE)


def draw(
    reader: MemoryReader, chat: Chat = TEAM, layout: LayoutName = "month", **options: object
) -> dict[str, str]:
    """Return all files by path."""
    projection = Projection("Europe/Berlin", layout=layout, flavor="commonmark", **options)  # type: ignore[arg-type]
    writer = make_writer("markdown", reader, projection)
    drawn = [
        each
        for partition in list_partitions(reader, writer, chat)
        for part in writer.list_parts(partition)
        for each in writer.render_part(part)
    ]
    return {
        each.path: each.body.decode()
        for each in [*drawn, *writer.list_about(chat, Omissions()), *writer.list_index()]
    }


def list_links(files: dict[str, str]) -> set[tuple[str, str]]:
    """Return where relative links lead to, as (path, anchor)."""
    found = set()
    for path, body in files.items():
        for token in PURE.parse(body.split("---\n", 2)[2]):
            for child in token.children or []:
                href = str(child.attrGet("href") or "") if child.type == "link_open" else ""
                if href and not re.match(r"[a-z]+:", href):
                    target, _, anchor = href.partition("#")
                    found.add(
                        (posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(target))), anchor)
                    )
    return found


@given(texts, st.data())
def test_styles_come_back_as_they_were_typed(text: str, data: st.DataObject) -> None:
    entities = data.draw(entity_lists(text, [*STYLES, "text_url"]))
    source = render_text(text, entities, COMMONMARK_KINDS)
    assert visible(read_marked(source, PURE)) == visible(expect(text, entities)), source


@given(texts, st.data())
def test_blocks_come_back_as_they_were_typed(text: str, data: st.DataObject) -> None:
    entities = data.draw(entity_lists(text, ["bold", "spoiler", "code", "pre", "blockquote"]))
    source = render_text(text, entities, COMMONMARK_KINDS)
    assert visible(read_marked(source, PURE)) == visible(expect(text, entities)), source


@given(texts, st.data())
def test_one_line_forms_hold_the_same_text(text: str, data: st.DataObject) -> None:
    entities = data.draw(entity_lists(text, [*STYLES, "pre", "blockquote", "text_url", "hashtag"]))
    line = render_line(text, entities, COMMONMARK_KINDS)
    assert "\n" not in line
    seen = [char for char, _ in visible(read_marked(line, PURE))]
    assert seen == [char for char, _ in visible([(char, frozenset()) for char in text])], line


@pytest.mark.parametrize(
    ("text", "entity", "source"),
    [
        ("a", Entity("strike", 0, 1), "<s>a</s>"),
        ("a", Entity("spoiler", 0, 1), '<span class="spoiler">a</span>'),
        ("#tag", Entity("hashtag", 0, 4), "\\#tag"),
        ("q", Entity("blockquote", 0, 1, collapsed=True), "> q"),
        ("a", Entity("bold", 0, 1), "**a**"),
    ],
)
def test_what_only_obsidian_knows_is_written_otherwise(text: str, entity: Entity, source: str) -> None:
    assert render_text(text, [entity], COMMONMARK_KINDS) == source


@settings(max_examples=40)
@given(
    st.lists(messages, max_size=12, unique_by=lambda each: each.id),
    st.lists(messages, max_size=12, unique_by=lambda each: each.id),
    layouts,
)
def test_every_link_leads_to_a_file_and_an_anchor_in_it(
    before: list[Message], after: list[Message], layout: LayoutName
) -> None:
    reader = MemoryReader(names={1: "[A] (b) *c*"})
    for chat, found in ((GROUP, before), (TEAM, after)):
        keep_albums_together(found)
        reader.add(chat, found)
    files = draw(reader, layout=layout)
    there = {(path, anchor) for path, body in files.items() for anchor in ["", *ANCHOR.findall(body)]}
    assert list_links(files) <= there
    linked = {path for path, _ in list_links(files)}
    assert {*files} >= linked
    assert ("Team chat/Team chat.md" in linked) is bool(before or after)  # nothing stored: nothing to link to


def test_an_answer_leads_into_the_note_of_another_folder() -> None:
    chat = Chat(0, -5, "group", "C# (50%)", "", "C (50 ) & co")
    reader = MemoryReader(names={1: "[A](b)"})
    reader.add(chat, [
        make_message(7, at("2025-12-31 10:00:00"), "one"),
        make_message(8, at("2026-03-14 10:00:00"), "two", content=Content(reply=Reply(7))),
    ])  # fmt: skip
    files = draw(reader, chat)
    assert (
        r"> [\[A\](b)](../2025/C%20%2850%20%29%20%26%20co%202025-12.md#m7): one"
        in files[f"{chat.folder}/2026/C (50 ) & co 2026-03.md"]
    )
    assert (
        r"- [C (50 ) & co 2025-12](2025/C%20%2850%20%29%20%26%20co%202025-12.md)"
        in files[f"{chat.folder}/{chat.basename}.md"]
    )
    assert "(C%20%2850%20%29%20%26%20co/C%20%2850%20%29%20%26%20co.md)" in files["Chats.md"]


@pytest.mark.parametrize("show_edits", [False, True])
def test_nothing_of_obsidian_is_left(show_edits: bool) -> None:
    for reader in (make_team(), make_channel(), make_changed()):
        for body in draw(reader, reader.known_chats[0], show_edits=show_edits).values():
            prose = re.sub(r"^(`{3,}).*?^\1", "", body, flags=re.MULTILINE | re.DOTALL)
            assert not re.search(
                r"(?<!\\)\[\[|(?<!\\)\|\||(?<!\\)~~| \^[gm]\d+$|\[!\w+\]|^\| ", prose, re.MULTILINE
            )
            tokens = {each.type for each in PURE.parse(body.split("---\n", 2)[2])}
            assert not tokens & {"code_block", "hr"}


@pytest.fixture
def note(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(MarkdownNote)


def test_a_month_of_a_group_with_every_kind_of_message(note: SnapshotAssertion) -> None:
    assert draw(make_team())["Team chat/2026/Team chat 2026-03.md"] == note


def test_the_note_of_a_group(note: SnapshotAssertion) -> None:
    assert draw(make_team())["Team chat/Team chat.md"] == note


def test_a_month_with_earlier_versions(note: SnapshotAssertion) -> None:
    assert draw(make_changed(), show_edits=True)["Team chat/2026/Team chat 2026-03.md"] == note
