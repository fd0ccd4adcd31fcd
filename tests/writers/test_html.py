"""Pages for a browser, read without one: links, escaping, what stands beside a page."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from drawn_entities import entity_lists
from tobs.core.fidelity import Omissions
from tobs.core.media import Entity
from tobs.core.model import Chat, Content, Reply
from tobs.core.ports.reader import FileState, Topic
from tobs.core.request import Projection
from tobs.export.project import list_partitions
from tobs.writers.clean import clean_text
from tobs.writers.html.text import make_link, render_line, render_text
from tobs.writers.registry import make_writer
from writers.changed import make_changed, make_emptied
from writers.corpus import CHANNEL, TEAM, at, make_channel, make_team
from writers.memory import MemoryReader, make_message
from writers.pages import Element, find_dangling, read_page

MONTH = "Team chat/html/2026-03.html"
TEXT_ELEMENTS = {
    "", "strong", "em", "u", "s", "code", "span", "pre", "blockquote", "details", "summary", "a"
}  # fmt: skip
TRAPS = ["javascript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "\x01javascript:x"]  # fmt: skip
KINDS = ["bold", "italic", "underline", "strike", "spoiler", "code", "text_url", "url", "email", "pre", "blockquote", "custom_emoji", "hashtag"]  # fmt: skip

texts = st.lists(
    st.sampled_from([*"ab \n<>&\"'é😀", "</div>", "<script>", "&lt;", "javascript:x", "\u202e"]), max_size=14
).map("".join)


class Page(SingleFileSnapshotExtension):
    file_extension = "html"
    _write_mode = WriteMode.TEXT


@pytest.fixture
def html(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Page)


def draw(reader: MemoryReader, *chats: Chat, zone: str = "Europe/Berlin", **options: Any) -> dict[str, bytes]:
    """Return every file of these chats, and those of no chat."""
    writer = make_writer("html", reader, Projection(zone, **options))
    files = {each.path: each.body for each in writer.list_index()}
    for chat in chats:
        files |= {each.path: each.body for each in writer.list_about(chat, Omissions())}
        for partition in list_partitions(reader, writer, chat):
            for part in writer.list_parts(partition):
                files |= {each.path: each.body for each in writer.render_part(part)}
    return files


def read_call(script: bytes) -> list[Any]:
    """Return what a script hands over."""
    found = re.fullmatch(rb"tobs\.\w+\((.*)\);\n", script, re.DOTALL)
    assert found
    values: list[Any] = msgspec.json.decode(b"[" + found[1] + b"]")
    return values


def hrefs(root: Element) -> list[str]:
    return [each.attributes["href"] for each in root.walk() if each.name == "a" and "href" in each.attributes]


def make_talk(count: int = 30) -> MemoryReader:
    """Return an archive of short messages, two days apart; each answers the first one."""
    reader = MemoryReader(names={1: "Alice"})
    messages = [
        make_message(each, at("2026-03-01 12:00:00") + each * 172_800, f"word {each}", content=Content(reply=Reply(1)))
        for each in range(1, count + 1)
    ]  # fmt: skip
    reader.add(TEAM, messages)
    return reader


def test_a_month_of_a_group_with_every_kind_of_message(html: SnapshotAssertion) -> None:
    assert draw(make_team(), TEAM)[MONTH].decode() == html


def test_a_month_of_a_channel(html: SnapshotAssertion) -> None:
    assert draw(make_channel(), CHANNEL)["News & more/html/2026-03.html"].decode() == html


def test_a_month_with_deleted_messages_and_earlier_versions(html: SnapshotAssertion) -> None:
    assert draw(make_changed(), TEAM, show_edits=True)[MONTH].decode() == html


def test_the_page_of_a_group(html: SnapshotAssertion) -> None:
    assert draw(make_team(), TEAM)["Team chat/index.html"].decode() == html


def test_deleted_messages_can_be_left_out_also_of_the_search() -> None:
    files = draw(make_changed(), TEAM, keep_deleted="hide")
    said = b"".join(files.values())
    assert b"gone with" not in said
    assert b"deleted, noticed" not in said


def test_a_page_of_which_nothing_is_left_is_still_a_page() -> None:
    page = draw(make_emptied(), TEAM, keep_deleted="hide")[MONTH]
    assert "All messages of this page were deleted." in read_page(page).text


@pytest.mark.parametrize("part_size", [7, 4000])
def test_every_link_between_files_leads_somewhere(part_size: int) -> None:
    reader = make_team()
    reader.add(CHANNEL, make_channel().messages(CHANNEL, topic_id=None, start=0, end=2**62))
    files = draw(reader, TEAM, CHANNEL, part_size=part_size)
    media = frozenset(each.path for each in reader.files.values() if each.path)
    assert find_dangling(files, media) == []
    assert find_dangling({**files, "a.html": b'<a href="Chats.html#nowhere"></a><a href="b.html"></a>'}) != []


def test_every_page_has_the_policy_before_all_else_and_nothing_inline() -> None:
    files = draw(make_team(), TEAM, part_size=20)
    pages = [read_page(body) for path, body in files.items() if path.endswith(".html")]
    assert len(pages) > 4
    for page in pages:
        head = next(each for each in page.walk() if each.name == "head")
        first, second, *_ = (each for each in head.children if isinstance(each, Element))
        assert first.attributes == {"charset": "utf-8"}
        assert second.attributes["http-equiv"] == "Content-Security-Policy"
        assert second.attributes["content"].startswith("default-src 'none'; ")
        assert "unsafe" not in second.attributes["content"]
        for each in page.walk():
            assert each.name != "style"
            assert not {name for name in each.attributes if name.startswith("on") or name == "style"}
            assert each.name != "script" or (each.attributes["src"] and not each.text)


def test_pages_ask_for_nothing_outside() -> None:
    for path, body in draw(make_team(), TEAM).items():
        if path.endswith(".html"):
            named = [each.attributes for each in read_page(body).walk() if each.name != "a"]
            assert not [each for each in named if ":" in each.get("src", "") + each.get("href", "")]
        elif not path.endswith("2026-03.js"):
            assert b"://" not in body


@given(texts, st.data())
def test_what_was_typed_is_read_again_and_nothing_else_is_made_of_it(text: str, data: st.DataObject) -> None:
    entities = data.draw(entity_lists(text, KINDS))
    root = read_page(render_text(text, entities))
    assert {each.name for each in root.walk()} <= TEXT_ELEMENTS
    if not any(each.collapsed for each in entities) and "javascript" not in text:
        typed = clean_text(text).replace("\n", "")
        assert root.text.replace("\n", "") == typed
        line = read_page(render_line(text, entities))
        assert line.text == clean_text(text)
        assert not {each.name for each in line.walk()} & {"pre", "blockquote"}


@given(texts, st.sampled_from(TRAPS) | texts, st.sampled_from(["text_url", "url", "email", "mention_name"]))
def test_only_harmless_addresses_become_links(text: str, value: str, kind: str) -> None:
    shown = render_text(text, [Entity(kind, 0, len(text.encode("utf-16-le")) // 2, value)])
    for each in [*hrefs(read_page(shown)), *hrefs(read_page(make_link(text, value)))]:
        assert re.match(r"(https?|mailto|tg|ftp|geo|tel|ton|tonsite|xmpp|magnet):", each)


def test_a_link_that_is_none_shows_where_it_would_lead() -> None:
    root = read_page(render_text("press here", [Entity("text_url", 0, 10, TRAPS[0])]))
    assert (hrefs(root), root.text) == ([], f"press here ({TRAPS[0]})")


def test_names_and_titles_cannot_become_markup() -> None:
    reader = make_talk(3)
    reader.names = {1: "<b onclick='x'>Eve</b>"}
    evil = Chat(0, TEAM.id, "forum", "</title><script>x</script>", "", "Team chat")
    reader.known_chats, reader.known_topics = [evil], {1: Topic(1, "<i>General</i>", "Team chat General")}
    for each in reader.stored[TEAM.key]:
        each.topic_id = 1
    files = draw(reader, evil)
    pages = {path: read_page(body) for path, body in files.items() if path.endswith(".html")}
    assert len(pages) == 3
    assert not [
        each for page in pages.values() for each in page.walk() if each.name in {"i", "script"} and each.text
    ]
    assert "</title><script>x</script>" in pages["Team chat/index.html"].text
    assert "<i>General</i>" in pages["Team chat/html/topics/1/2026-03.html"].text
    assert "<b onclick='x'>Eve</b>" in pages["Team chat/html/topics/1/2026-03.html"].text


def test_a_path_is_never_taken_for_a_scheme_a_query_or_a_fragment() -> None:
    reader = make_team()
    reader.files[8] = FileState("done", "", "Team chat/media/javascript:x?y#z %41 é.jpg")
    page = draw(reader, TEAM)[MONTH]
    assert "../media/javascript%3Ax%3Fy%23z%20%2541%20%C3%A9.jpg" in hrefs(read_page(page))


def test_pictures_of_an_album_stand_in_one_grid() -> None:
    reader = make_team()
    for number in (2, 3):
        reader.files[number] = FileState("done", "", f"Team chat/media/{number}.png")
    page = read_page(draw(reader, TEAM)[MONTH])
    album = page.find(id="m1182").find(class_="album")
    assert [each.attributes["loading"] for each in album.walk() if each.name == "img"] == ["lazy"] * 3


def test_a_page_holds_a_thousand_messages_and_knows_its_neighbours_in_the_month() -> None:
    files = draw(make_talk(15), TEAM, part_size=6)
    pages = [path for path in files if re.search(r"/html/2026-03.*\.html", path)]
    assert pages == [f"Team chat/html/2026-03{each}.html" for each in ("", "_2", "_3")]
    middle = [each for each in hrefs(read_page(files[pages[1]])) if "2026" in each]
    assert {"2026-03.html", "2026-03_3.html", "2026-03.html#m1"} == set(middle)
    reader = make_talk(1)
    reader.add(TEAM, (make_message(each, at("2026-03-02 09:00:00")) for each in range(2, 2002)))
    assert (
        len([path for path in draw(reader, TEAM) if "/html/2026-03" in path and path.endswith(".html")]) == 3
    )


def test_a_month_says_nothing_of_another_one_so_that_a_new_one_leaves_it_alone() -> None:
    one, two = (draw(make_talk(count), TEAM)[MONTH] for count in (15, 40))
    assert one == two


def test_the_words_of_a_page_stand_beside_it_with_spoilers_covered() -> None:
    files = draw(make_team(), TEAM)
    page, names, rows = read_call(files["Team chat/html/2026-03.js"])
    assert page == "2026-03"
    found = {anchor: (names[name], moment, text) for anchor, moment, name, text in rows}
    assert found["m1150"] == ("Alice Doe", "2026-03-14 09:16", "▒▒▒ words")
    assert found["m1182"][2] == "first of three third of three"
    assert found["m1200"][2] == "Which day? Monday *Never*"
    assert found["m1300"][2] == "Alice Doe joined"
    anchors = {each.attributes.get("id") for each in read_page(files[MONTH]).walk()}
    assert {*found} == {each for each in anchors if each and re.match(r"m\d", each)}


def test_the_list_of_pages_names_every_page_in_order() -> None:
    files = draw(make_talk(30), TEAM, part_size=6)
    titles, rows = read_call(files["Team chat/html/pages.js"])
    assert titles == ["Messages"]
    assert {f"Team chat/html/{name}.html" for name, *_ in rows} == {
        path for path in files if "/html/" in path and path.endswith(".html")
    }
    assert [title for _, _, title, _ in rows][:4] == [*(f"March 2026, page {each}" for each in (1, 2, 3)), "April 2026, page 1"]  # fmt: skip


def test_a_rich_message_is_shown_with_all_its_blocks() -> None:
    files = draw(make_team(), TEAM)
    page = read_page(files[MONTH])
    rich = page.find(id="m1230").find(class_="rich")
    shown = {
        name: [each.text for each in rich.walk() if each.name == name]
        for name in ("h3", "ol", "pre", "th", "summary", "hr")
    }
    assert shown["h3"] == ["# The title"]
    assert shown["pre"] == ["print(1)", "const x = 1", "E = mc^2"]
    assert shown["th"] == ["Day", "a|b"]
    assert shown["summary"] == ["Quote", "More [[x]]"]
    assert (shown["hr"], shown["ol"]) == ([""], ["first1. second"])
    assert [each.attributes["colspan"] for each in rich.walk() if "colspan" in each.attributes] == ["2"]
    assert [each.attributes["src"] for each in rich.walk() if each.name == "img"]
    assert "https://example.org/a" in hrefs(rich)
    for words in (
        "done: a *star*",
        "deeper",
        "to be\nor not",
        "Hamlet",
        "folded",
        "their words",
        "Go",
        "hologram",
    ):
        assert words in rich.text
    assert rich.text.endswith("Telegram sent only the beginning of this message")
    assert "or not Hamlet loud" in files[MONTH.replace(".html", ".js")].decode()


def test_styles_of_rich_texts_are_elements() -> None:
    kinds = ["subscript", "superscript", "marked", "math"]
    text = render_text("abcd", [Entity(kind, at, 1) for at, kind in enumerate(kinds)])
    assert str(text) == "<sub>a</sub><sup>b</sup><mark>c</mark><code>d</code>"
    assert hrefs(read_page(render_text("Go", [Entity("button", 0, 2, "https://example.org")])))
    assert not hrefs(read_page(render_text("Go", [Entity("button", 0, 2, TRAPS[0])])))


def test_what_others_added_to_a_message_and_a_story_says_is_shown() -> None:
    page = read_page(draw(make_team(), TEAM)[MONTH])
    story = page.find(id="m1221")
    assert [each.text for each in story.walk() if each.name == "strong"] == ["From"]
    assert "# not a heading" in story.text
    assert "Fact check (DE)It is *not*." in page.find(id="m1224").text.replace("\n", "")
    assert "Suggested post · 5 Stars · accepted" in page.find(id="m1225").text
    assert "Imported from Old friend" in page.find(id="m1229").text
    assert "only in DE, SE" in page.find(id="m1226").text
    assert "deleted by then" in page.find(id="m1222").text
    assert page.find(id="m1219").find(class_="reply").text.endswith(" - sleep")
