"""What a message carries, in result.json: media, buttons and reactions under Desktop's keys."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import to_builtins

from tobs.core.media import Answer, Button, Contact, File, Media, Place, Poll, Task
from tobs.core.model import Content, Counters, PollResult, Reaction, Reactor
from tobs.core.ports.reader import FileState
from tobs.writers.json.media import NOT_INCLUDED, TOO_LARGE, UNAVAILABLE
from writers.corpus import NEWS, TEAM
from writers.memory import MemoryReader, make_message
from writers.result import draw_result, drop_frame, read_message, read_one


def _file(kind: str, **more: Any) -> Media:
    file = File(8, "photo" if kind == "photo" else "document", 2500, "a/b", str(more.pop("name", "")))
    return Media(kind, file=file, **more)


MEDIA: list[tuple[Media, dict[str, Any]]] = [
    (
        _file("photo", width=12, height=9, is_spoiler=True, ttl_seconds=10),
        {"photo": UNAVAILABLE, "photo_file_size": 2500, "width": 12, "height": 9, "media_spoiler": True, "self_destruct_period_seconds": 10},
    ),
    (
        _file("video", name="c.mp4", duration_s=61.5, width=12, height=9),
        {"file": NOT_INCLUDED, "file_name": "c.mp4", "file_size": 2500, "media_type": "video_file", "mime_type": "a/b", "duration_seconds": 61, "width": 12, "height": 9},
    ),
    (_file("round"), {"file": NOT_INCLUDED, "file_size": 2500, "media_type": "video_message", "mime_type": "a/b"}),
    (_file("voice"), {"file": NOT_INCLUDED, "file_size": 2500, "media_type": "voice_message", "mime_type": "a/b"}),
    (_file("animation"), {"file": NOT_INCLUDED, "file_size": 2500, "media_type": "animation", "mime_type": "a/b"}),
    (
        _file("sticker", emoji="😀"),
        {"file": NOT_INCLUDED, "file_size": 2500, "media_type": "sticker", "sticker_emoji": "😀", "mime_type": "a/b"},
    ),
    (
        _file("audio", performer="The Stars", title="Song"),
        {"file": NOT_INCLUDED, "file_size": 2500, "media_type": "audio_file", "performer": "The Stars", "title": "Song", "mime_type": "a/b"},
    ),
    (_file("document", name="a.txt"), {"file": NOT_INCLUDED, "file_name": "a.txt", "file_size": 2500, "mime_type": "a/b"}),
    (Media("expired", title="photo", ttl_seconds=5), {"photo": UNAVAILABLE, "photo_file_size": 0, "self_destruct_period_seconds": 5}),
    (Media("expired", title="voice"), {"file": UNAVAILABLE, "file_size": 0, "media_type": "voice_message"}),
    (Media("expired", title="file"), {"file": UNAVAILABLE, "file_size": 0}),
    (
        Media("contact", contact=Contact("491", "Jane", vcard="BEGIN:VCARD")),
        {
            "contact_information": {"first_name": "Jane", "last_name": "", "phone_number": "491"},
            "contact_vcard": NOT_INCLUDED, "contact_vcard_file_size": 11,
        },
    ),
    (
        Media("geo", place=Place(48.85837, -2.2944817)),
        {"location_information": {"latitude": 48.858370, "longitude": -2.294482}},
    ),
    (Media("geo"), {"location_information": None}),
    (
        Media("live_geo", place=Place(1.5, 2.0, live_seconds=900)),
        {"location_information": {"latitude": 1.5, "longitude": 2.0}, "live_location_period_seconds": 900},
    ),
    (
        Media("venue", place=Place(1, 2, "Tower", "Street 1")),
        {"place_name": "Tower", "address": "Street 1", "location_information": {"latitude": 1.0, "longitude": 2.0}},
    ),
    (Media("venue", title="Tower", description="Street 1"), {"place_name": "Tower", "address": "Street 1"}),
    (Media("game", title="Chess", description="Kings"), {"game_title": "Chess", "game_description": "Kings"}),
    (
        Media("todo", title="Groceries", tasks=[Task(1, "Milk"), Task(3, "Sleep")], other={"others_can_append": True}),
        {
            "todo_list": {
                "title": "Groceries", "others_can_append": True, "others_can_complete": False,
                "answers": [{"text": "Milk", "id": 1}, {"text": "Sleep", "id": 3}],
            }
        },
    ),
    (
        Media(
            "giveaway", value=10, amount=3, currency="months of Premium", description="and a cake", until=1_772_229_600,
            peer_ids=[NEWS], countries=["DE"],
        ),
        {
            "giveaway_information": {
                "quantity": 10, "months": 3, "until_date": "2026-02-27T23:00:00", "channels": [777], "countries": ["DE"],
                "additional_prize": "and a cake", "stars": 0, "is_only_new_subscribers": False,
            }
        },
    ),
    (
        Media(
            "giveaway_results", value=4, amount=500, currency="stars", peer_id=NEWS, until=1_772_229_600, peer_ids=[2],
            other={"launch_msg_id": 5, "unclaimed_count": 1, "refunded": True},
        ),
        {
            "giveaway_results": {
                "channel": 777, "winners": [2], "additional_prize": "", "until_date": "2026-02-27T23:00:00",
                "launch_message_id": 5, "additional_peers_count": 0, "winners_count": 4, "unclaimed_count": 1, "months": 0,
                "stars": 500, "is_refunded": True, "is_only_new_subscribers": False,
            }
        },
    ),
    (Media("paid", amount=50, items=[Media("photo", width=1, height=2)]), {"paid_stars_amount": 50}),
    (Media("dice", emoji="🎲", value=5), {}),
    (Media("story", peer_id=2, value=4), {}),
    (Media("webpage", url="https://example.org"), {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("media", "wanted"), MEDIA, ids=lambda each: each.kind if isinstance(each, Media) else ""
)
def test_media_have_desktops_keys(media: Media, wanted: dict[str, Any]) -> None:
    entry = drop_frame(read_one(Content(media=media)))
    assert list(entry.items()) == [*wanted.items(), ("text", "")]


def test_floats_have_six_decimals() -> None:
    reader = MemoryReader()
    reader.add(TEAM, [make_message(1, 0, content=Content(media=Media("geo", place=Place(48.5, 1e-9))))])
    assert '"latitude": 48.500000,\n' in draw_result(reader, TEAM)
    assert '"longitude": 0.000000\n' in draw_result(reader, TEAM)


def test_an_invoice_is_json_inside_of_a_string() -> None:
    invoice = Media("invoice", title='"T"', description="Black", amount=1299, currency="EUR", receipt_id=3)
    said = read_one(Content(media=invoice))["invoice_information"]
    assert json.loads(said) == {
        "title": '"T"', "description": "Black", "amount": 1299, "currency": "EUR", "receipt_message_id": 3,
    }  # fmt: skip


def test_a_game_is_played_with_its_bot() -> None:
    reader = MemoryReader(usernames={4: "gif"})
    game = Media("game", title="Chess", other={"short_name": "chess"})
    entry = read_message(make_message(7, 0, content=Content(media=game, via_bot_id=4)), reader)
    assert entry["game_link"] == "https://t.me/gif?game=chess"


def test_a_poll_has_its_votes() -> None:
    poll = Poll("Which day?", [Answer("Monday", "01"), Answer("Never", "02")], is_closed=True)
    counters = Counters(voters=3, poll=[PollResult("01", 3, is_own=True, is_correct=True)])
    entry = read_one(Content(media=Media("poll", poll=poll)), counters=counters)
    assert entry["poll"] == {
        "question": "Which day?",
        "closed": True,
        "total_voters": 3,
        "answers": [
            {"text": "Monday", "voters": 3, "chosen": True},
            {"text": "Never", "voters": 0, "chosen": False},
        ],
    }


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (FileState("done", path="Team chat/media/a b.jpg"), "media/a b.jpg"),
        (FileState("wanted"), NOT_INCLUDED),
        (FileState("skipped", "not selected"), NOT_INCLUDED),
        (FileState("skipped", "too large for your limit of 8 MB"), TOO_LARGE),
        (FileState("withheld", "withheld by Telegram"), UNAVAILABLE),
        (FileState("failed"), UNAVAILABLE),
    ],
)
def test_a_file_is_its_path_or_desktops_words_for_why_it_is_not_there(state: FileState, said: str) -> None:
    entry = read_message(
        make_message(7, 0, content=Content(media=_file("photo"))), MemoryReader(files={8: state})
    )
    assert entry["photo"] == said
    [file] = entry["tobs"]["files"]
    assert (file["kind"], file["id"]) == ("photo", 8)
    assert bool(file.get("path")) is not bool(file.get("reason"))


BUTTONS: list[tuple[Button, dict[str, Any]]] = [
    (Button("b", kind="default"), {"type": "default", "text": "b"}),
    (Button("b", kind="disabled"), {"type": "default", "text": "b"}),
    (Button("b", "https://a.org", "url"), {"type": "url", "text": "b", "data": "https://a.org"}),
    (Button("b", "https://a.org", "web_view"), {"type": "web_view", "text": "b", "data": "https://a.org"}),
    (
        Button("b", "https://a.org", "simple_web_view"),
        {"type": "simple_web_view", "text": "b", "data": "https://a.org"},
    ),
    (
        Button("b", "https://a.org", "url_auth", other={"fwd_text": "f", "button_id": 2}),
        {"type": "auth", "text": "b", "data": "https://a.org", "forward_text": "f", "button_id": 2},
    ),
    (
        Button("b", kind="callback", other={"data": "00ff"}),
        {"type": "callback", "text": "b", "dataBase64": "AP8", "data": ""},
    ),
    (
        Button("b", kind="callback", other={"data": "fbff", "requires_password": True}),
        {"type": "callback_with_password", "text": "b", "dataBase64": "-_8", "data": ""},
    ),
    (
        Button("b", kind="switch_inline", other={"query": "q"}),
        {"type": "switch_inline", "text": "b", "data": "q"},
    ),
    (
        Button("b", kind="switch_inline", other={"query": "q", "same_peer": True}),
        {"type": "switch_inline_same", "text": "b", "data": "q"},
    ),
    (
        Button("b", kind="user_profile", other={"user_id": 5}),
        {"type": "user_profile", "text": "b", "data": "5"},
    ),
    (Button("b", kind="copy", other={"copy_text": "c"}), {"type": "copy_text", "text": "b", "data": "c"}),
    (
        Button("b", kind="request_peer", other={"button_id": 2}),
        {"type": "request_peer", "text": "b", "data": "unsupported", "button_id": 2},
    ),
    (Button("b", kind="request_geo_location"), {"type": "request_location", "text": "b"}),
    (Button("b", kind="request_phone"), {"type": "request_phone", "text": "b"}),
    (Button("b", kind="request_poll", other={"quiz": True}), {"type": "request_poll", "text": "b"}),
    (Button("b", kind="game"), {"type": "game", "text": "b"}),
    (Button("b", kind="buy"), {"type": "buy", "text": "b"}),
]


@pytest.mark.parametrize(("button", "wanted"), BUTTONS)
def test_a_button_has_desktops_type_and_payload(button: Button, wanted: dict[str, Any]) -> None:
    [[found]] = read_one(Content(buttons=[[button]]))["inline_bot_buttons"]
    assert list(found.items()) == list(wanted.items())


def test_a_keyboard_is_none_of_the_buttons_below_a_message() -> None:
    entry = read_one(Content(buttons=[[Button("Yes", kind="default")]], keyboard="keyboard"))
    assert "inline_bot_buttons" not in entry
    assert entry["tobs"]["content"]["keyboard"] == "keyboard"


def test_reactions_say_how_often_and_by_whom_lately() -> None:
    reactions = [Reaction("👍", 3), Reaction("custom:53", 2, is_own=True), Reaction("paid", 5)]
    reactors = [Reactor(2, "👍", 1_772_229_600), Reactor(0, "👍"), Reactor(1, "custom:53", 0, is_own=True)]
    entry = read_one(Content(), counters=Counters(reactions=reactions, reactors=reactors, views=9))
    assert entry["reactions"] == [
        {
            "type": "emoji", "count": 3, "emoji": "👍",
            "recent": [{"from": "Bob", "from_id": "user2", "date": "2026-02-27T23:00:00"}],
        },
        {
            "type": "custom_emoji", "count": 2, "document_id": "(unavailable)",
            "recent": [{"from": "Alice Doe", "from_id": "user1", "date": "1970-01-01T01:00:00"}],
        },
        {"type": "paid", "count": 5},
    ]  # fmt: skip
    own = entry["tobs"]["counters"]
    assert own == {"views": 9, "reactions": to_builtins(reactions), "reactors": to_builtins(reactors)}
    assert "tobs" not in read_one(Content(), "liked", counters=Counters(reactions=[Reaction("👍", 3)]))
