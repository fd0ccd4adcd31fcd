"""What one note holds, and what it is called, in each layout."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from tobs.core.model import Chat, Content, Reply
from tobs.core.ports.reader import Topic
from tobs.core.request import LayoutName
from tobs.writers.markdown.frontmatter import split_note
from writers.corpus import TEAM, at
from writers.memory import MemoryReader, make_message
from writers.test_notes import FORUM, GROUP, draw, team

COMMENTS = Chat(0, -1_000_000_000_043, "supergroup", "Talk", "", "Paper comments", parent="Paper")


def make_talk() -> MemoryReader:
    """Two messages of one day, an album over midnight, and an answer to it a year later."""
    return team(
        make_message(7, at("2025-12-31 10:00:00"), "one"),
        make_message(8, at("2025-12-31 10:00:01"), "two", sender_id=None),
        make_message(9, at("2025-12-31 23:59:59"), "album", album_id=5),
        make_message(10, at("2026-01-01 00:00:00"), "its rest", album_id=5),
        make_message(11, at("2026-03-14 09:01:12"), "an answer", content=Content(reply=Reply(10))),
    )


def properties(body: bytes) -> dict[str, Any]:
    found = split_note(body.decode())
    assert found
    return found[0]


@pytest.mark.parametrize(
    ("layout", "paths", "link"),
    [
        ("day", ["2025/Team chat 2025-12-31", "2026/Team chat 2026-03-14"], "Team chat 2025-12-31#^m9"),
        ("month", ["2025/Team chat 2025-12", "2026/Team chat 2026-03"], "Team chat 2025-12#^m9"),
        ("year", ["Team chat 2025", "Team chat 2026"], "Team chat 2025#^m9"),
        ("single", ["Team chat all"], "Team chat all#^m9"),
        (
            "post",
            [
                "2025/Team chat 2025-12-31 7",
                "2025/Team chat 2025-12-31 8",
                "2025/Team chat 2025-12-31 9",
                "2026/Team chat 2026-03-14 11",
            ],
            "Team chat 2025-12-31 9#^m9",
        ),
    ],
)
def test_each_layout_has_its_notes_and_links_lead_into_them(
    layout: LayoutName, paths: list[str], link: str
) -> None:
    files = draw(make_talk(), layout=layout)
    assert list(files) == [f"Team chat/{each}.md" for each in [*paths, "Team chat"]]
    assert f"> [[{link}|Alice]]: its rest" in [*files.values()][-2].body.decode()


@pytest.mark.parametrize(
    ("layout", "first", "about"),
    [
        (
            "day",
            {"day": date(2025, 12, 31), "messages": 4},
            "## Days\n\n- 2025-12: [[Team chat 2025-12-31|31]] · 3 messages\n- 2026-03: [[Team chat 2026-03-14|14]] · 1 message\n",
        ),
        ("month", {"month": "2025-12", "messages": 4}, "## Months\n\n- [[Team chat 2025-12]] · 3 messages\n"),
        ("year", {"year": 2025, "messages": 4}, "## Years\n\n- [[Team chat 2025]] · 3 messages\n"),
        ("single", {"messages": 5}, "## All messages\n\n- [[Team chat all]] · 5 messages\n"),
        (
            "post",
            {
                "date": datetime.fromisoformat("2025-12-31T10:00:00"),
                "from": "Alice",
                "message_id": 7,
                "messages": 1,
            },
            "## Posts\n\n- 2025-12: [[Team chat 2025-12-31 7|7]] to [[Team chat 2025-12-31 9|9]] · 3 messages\n- 2026-03",
        ),
    ],
)
def test_properties_have_the_type_that_obsidian_knows_and_the_chats_note_lists_what_there_is(
    layout: LayoutName, first: dict[str, object], about: str
) -> None:
    [note, *_, last] = draw(make_talk(), layout=layout).values()
    chat = {"chat": "[[Team chat/Team chat|Team chat]]"}
    assert properties(note.body) == chat | first | {"timezone": "UTC"}
    assert about in last.body.decode()


def test_a_moment_is_written_as_obsidian_writes_it() -> None:
    [note, *_] = draw(make_talk(), layout="post").values()
    assert b"\ndate: 2025-12-31T10:00:00\n" in note.body


def test_parts_of_a_day_are_named_in_its_line() -> None:
    found = [make_message(each, at("2026-03-14 10:00:00") + each, "x") for each in range(1, 6)]
    files = draw(team(*found), layout="day", size=2)
    line = "- 2026-03: [[Team chat 2026-03-14|14]], [[Team chat 2026-03-14 (2)|14 (2)]], [[Team chat 2026-03-14 (3)|14 (3)]]"
    assert f"{line} · 5 messages" in files["Team chat/Team chat.md"].body.decode()
    assert b"day: 2026-03-14\npart: 2\n" in files["Team chat/2026/Team chat 2026-03-14 (2).md"].body


def test_a_message_that_comes_in_between_leaves_the_other_posts_as_they_are() -> None:
    before = draw(make_talk(), layout="post")
    reader = make_talk()
    reader.add(TEAM, [make_message(6, at("2025-12-31 09:00:00"), "earlier")])
    after = draw(reader, layout="post")
    assert {*after} - {*before} == {"Team chat/2025/Team chat 2025-12-31 6.md"}
    assert all(after[path] == file for path, file in before.items() if path != "Team chat/Team chat.md")


def test_posts_of_a_group_and_its_supergroup_have_names_of_their_own() -> None:
    reader = MemoryReader(names={1: "Alice"})
    reader.add(GROUP, [make_message(5, at("2026-03-14 08:00:00"), "before")])
    reader.add(TEAM, [make_message(5, at("2026-03-14 09:00:00"), "after")])
    files = draw(reader, layout="post")
    assert list(files)[:2] == [
        "Team chat/2026/Team chat 2026-03-14 g5.md",
        "Team chat/2026/Team chat 2026-03-14 5.md",
    ]
    about = files["Team chat/Team chat.md"].body.decode()
    assert "- 2026-03: [[Team chat 2026-03-14 g5|g5]] to [[Team chat 2026-03-14 5|5]] · 2 messages" in about


@pytest.mark.parametrize(
    ("layout", "ending"),
    [("day", "2026-03-14"), ("year", "2026"), ("single", "all"), ("post", "2026-03-14 9")],
)
def test_topics_and_comments_keep_their_folders(layout: LayoutName, ending: str) -> None:
    found = [make_message(9, at("2026-03-14 08:00:00"), "words", topic_id=5)]
    forum = MemoryReader(names={1: "Alice"}, known_topics={5: Topic(5, "News", "Forum News")})
    forum.add(FORUM, found)
    files = draw(forum, FORUM, layout=layout)
    assert next(iter(files)) == f"Forum/topics/5 News/Forum News {ending}.md"
    assert "### News\n\n- " in files["Forum/Forum.md"].body.decode()
    talk = MemoryReader(names={1: "Alice"})
    talk.add(COMMENTS, found)
    assert next(iter(draw(talk, COMMENTS, layout=layout))) == f"{COMMENTS.folder}/Paper comments {ending}.md"
