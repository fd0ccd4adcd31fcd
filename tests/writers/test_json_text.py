"""Texts in result.json: flat parts that are the whole text, however Telegram's spans lie."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn_entities import entity_lists, mark_units
from tobs.core.media import Entity
from tobs.core.model import Content
from tobs.core.ports.reader import FileState
from writers.memory import MemoryReader, make_message
from writers.result import read_message, read_one

KINDS = {
    "bank_card": "bank_card", "blockquote": "blockquote", "bold": "bold", "bot_command": "bot_command",
    "cashtag": "cashtag", "code": "code", "custom_emoji": "custom_emoji", "email": "email", "formatted_date": "unknown",
    "hashtag": "hashtag", "italic": "italic", "mention": "mention", "mention_name": "mention_name", "phone": "phone",
    "pre": "pre", "spoiler": "spoiler", "strike": "strikethrough", "text_url": "text_link", "underline": "underline",
    "url": "link",
}  # fmt: skip

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("ab \n😀\u2028"), max_size=30)


def read_parts(text: str, *entities: Entity) -> list[dict[str, Any]]:
    entry = read_one(Content(list(entities)), text)
    parts: list[dict[str, Any]] = entry["text_entities"]
    if parts and not (len(parts) == 1 and parts[0]["type"] == "plain"):
        assert entry["text"] == [each["text"] if each["type"] == "plain" else each for each in parts]
    else:
        assert entry["text"] == text
    return parts


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_desktops_name_and_arguments(kind: str) -> None:
    value = (
        "12"
        if kind in {"mention_name", "custom_emoji", "formatted_date"}
        else "x"
        if kind in {"pre", "text_url"}
        else ""
    )
    plain, part = read_parts("see this", Entity(kind, 4, 4, value))
    assert plain == {"type": "plain", "text": "see "}
    extras: dict[str, dict[str, object]] = {
        "text_url": {"href": "x"}, "mention_name": {"user_id": 12}, "pre": {"language": "x"}, "blockquote": {"collapsed": False},
        "custom_emoji": {"document_id": "(unavailable)"},
    }  # fmt: skip
    assert part == {"type": KINDS[kind], "text": "this", **extras.get(kind, {})}


def test_a_custom_emoji_that_is_there_is_a_path() -> None:
    reader = MemoryReader(files={12: FileState("done", path="Team chat/media/e.webp")})
    message = make_message(7, 0, "😀", content=Content([Entity("custom_emoji", 0, 2, "12")]))
    entry = read_message(message, reader)
    assert entry["text"] == [{"type": "custom_emoji", "text": "😀", "document_id": "media/e.webp"}]
    assert entry["tobs"]["content"]["entities"][0]["value"] == "12"


def test_what_says_most_wins_where_spans_lie_in_each_other() -> None:
    link = Entity("text_url", 2, 2, "https://example.org")
    quoted = [
        (each["type"], each["text"])
        for each in read_parts("a bc d", Entity("blockquote", 0, 6), Entity("bold", 0, 4), link)
    ]
    assert quoted == [("bold", "a "), ("text_link", "bc"), ("blockquote", " d")]
    same = [
        (each["type"], each["text"])
        for each in read_parts("bc", Entity("text_url", 0, 2, "x"), Entity("bold", 0, 2))
    ]
    assert same == [("text_link", "bc")]
    inside = [
        (each["type"], each["text"])
        for each in read_parts("abcd", Entity("text_url", 0, 4, "x"), Entity("bold", 1, 2))
    ]
    assert inside == [("text_link", "abcd")]


def test_spans_that_the_parts_say_in_full_are_not_told_twice() -> None:
    flat = [Entity("bold", 0, 2), Entity("text_url", 3, 1, "x"), Entity("pre", 4, 1, "py")]
    assert "tobs" not in read_one(Content(flat), "😀 abc")
    for nested in (
        [Entity("bold", 0, 3), Entity("italic", 0, 1)],
        [Entity("bold", 0, 9)],
        [Entity("bold", 1, 2)],
        [Entity("formatted_date", 0, 3, "1")],
    ):
        entry = read_one(Content(nested), "😀 abc")
        assert len(entry["tobs"]["content"]["entities"]) == len(nested), nested


@given(st.data())
def test_the_parts_are_the_whole_text_and_each_is_one_of_the_spans_over_it(data: st.DataObject) -> None:
    text = data.draw(TEXTS)
    entities = data.draw(entity_lists(text, sorted(KINDS)))
    parts = read_parts(text, *entities)
    assert "".join(each["text"] for each in parts) == text
    marks = mark_units(text, entities)
    at = 0
    for part in parts:
        assert part["text"]
        for kinds in marks[at : at + len(part["text"])]:
            # A quote is never inside of another span, so that a span may be parted from its kind (core/richtext.py).
            names = {KINDS[each] for each in kinds} or {"plain"}
            assert part["type"] in names or (part["type"] == "plain" and kinds)
        at += len(part["text"])
