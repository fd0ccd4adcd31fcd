"""Every field that a message has is named by a path, and none that it has not."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from tobs.core.census import Census, Verdict, list_paths
from tobs.core.media import Answer, Block, Button, Entity, File, Media, Page, Poll
from tobs.core.model import Action, Content, Counters, Message, Reaction, Reply


def make(content: Content | None = None, counters: Counters | None = None) -> Message:
    return Message(
        7, 1000, None, 42, None, None, None, "text", "words", content or Content(), counters or Counters()
    )


def test_a_plain_text_has_no_paths() -> None:
    assert list_paths(make()) == frozenset()


@pytest.mark.parametrize(
    ("content", "paths"),
    [
        (Content(is_silent=True), {"is_silent"}),
        (Content(other={"effect": 5}), {"other.effect"}),
        (Content([Entity("bold", 0, 4), Entity("bold", 5, 1)]), {"entities.bold"}),
        (
            Content([Entity("formatted_date", 0, 4, "99", other={"relative": True})]),
            {"entities.formatted_date", "entities.formatted_date.value", "entities.formatted_date.other.relative"},
        ),
        (Content(reply=Reply(5, quote="x")), {"reply", "reply.to_id", "reply.quote"}),
        (Content(reply=Reply()), {"reply"}),
        (
            Content(media=Media("poll", poll=Poll("?", [], close_date=9))),
            {"media.poll", "media.poll.poll", "media.poll.poll.close_date"},
        ),
        (
            Content(media=Media("photo", file=File(1, "photo", other={"has_stickers": True}))),
            {"media.photo", "media.photo.file.photo", "media.photo.file.photo.other.has_stickers"},
        ),
        (
            Content(action=Action("star_gift", {"gift": {"_": "StarGift", "stars": 5}, "to_id": 3})),
            {
                "action.star_gift",
                "action.star_gift.values.gift.StarGift",
                "action.star_gift.values.gift.StarGift.stars",
                "action.star_gift.values.to_id",
            },
        ),
        (Content(buttons=[[Button("a", "b:c")], [Button("d")]]), {"buttons", "buttons.url"}),
        (
            Content(page=Page([Block("table", title=Block("title", "x"))], is_part=True)),
            {"page", "page.blocks.table", "page.blocks.table.title.title", "page.blocks.table.title.title.text",
             "page.is_part"},
        ),
    ],
)  # fmt: skip
def test_each_field_that_is_set_has_a_path(content: Content, paths: set[str]) -> None:
    assert list_paths(make(content)) == paths


def test_a_list_that_a_record_always_has_is_looked_into() -> None:
    poll = Poll("?", [Answer("Yes", "00"), Answer("No", "01", added_by=5)])
    assert list_paths(make(Content(media=Media("poll", poll=poll)))) == {
        "media.poll", "media.poll.poll", "media.poll.poll.answers", "media.poll.poll.answers.added_by",
    }  # fmt: skip


def test_a_census_names_what_its_judge_wants() -> None:
    verdicts = {"media.photo": Verdict.ENTER, "media.photo.file.photo": Verdict.STOP, "reply": Verdict.SKIP}
    census = Census(lambda path: verdicts.get(path, Verdict.ENTER))
    file = File(1, "photo", mime="x", other={"a": 1})
    assert census.list_paths(make(Content(media=Media("photo", file, 3, 4), reply=Reply(quote="x")))) == {
        "media.photo.file.photo"
    }


def test_what_moves_stands_under_counters() -> None:
    counters = Counters(views=3, reactions=[Reaction("x", 1)], other={"media": {"story": {"views": 4}}})
    assert list_paths(make(counters=counters)) == {
        "counters.views",
        "counters.reactions",
        "counters.other.media.story.views",
    }


def test_objects_in_lists_are_named_by_their_constructors() -> None:
    other = {"attributes": [{"_": "A", "x": 1}, {"_": "B"}], "numbers": [1, 2]}
    assert list_paths(make(Content(other=other))) == {
        "other.attributes.A",
        "other.attributes.A.x",
        "other.attributes.B",
        "other.numbers",
    }


def list_calls(message: Message) -> list[str]:
    """Return the functions that are called to list the paths of a message."""
    called: list[str] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            called.append(frame.f_code.co_name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        list_paths(message)
    finally:
        sys.setprofile(before)
    return called


def test_a_plain_text_costs_next_to_nothing() -> None:
    assert list_calls(make()) == ["list_paths", "list_paths", "_add_fields", "_add_fields"]
    assert len(list_calls(make(Content([Entity("bold", 0, 4)], media=Media("photo"))))) > 5
