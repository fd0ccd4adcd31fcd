"""Numbers and service messages in words."""

from __future__ import annotations

import inspect
import re

import pytest
from telethon.tl import types as tl

from tobs.core.actions import KINDS, Speaker, describe_action
from tobs.core.media import Values
from tobs.core.model import Action
from tobs.core.words import say_clock, say_count, say_list, say_money, say_period, say_size

SPEAKER = Speaker(lambda peer: {2: "Bob", 3: "Carol"}.get(peer, f"<{peer}>"), lambda seconds: f"@{seconds}")
ACTIONS = [
    each for each in vars(tl).values() if inspect.isclass(each) and each.__name__.startswith("MessageAction")
]


def snake(constructor: type) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", constructor.__name__.removeprefix("MessageAction")).lower()


def say(kind: str, **values: object) -> str:
    return describe_action(Action(kind, values), actor="Alice", actor_id=1, speaker=SPEAKER)


def test_every_service_message_of_this_layer_has_words() -> None:
    assert {snake(each) for each in ACTIONS} == KINDS


@pytest.mark.parametrize("action", ACTIONS, ids=snake)
def test_words_need_only_fields_that_telegram_sends(action: type) -> None:
    """Whatever of its fields a message fills in, none or all, a sentence comes out."""
    fields = list(inspect.signature(action).parameters)
    full: Values = {
        name: [2, 3] if name in {"users", "peers", "other_participants"} else 7 for name in fields
    }
    for name in ("title", "message", "domain", "text", "reject_comment"):
        if name in full:
            full[name] = "words"
    if "list" in full:
        full["list"] = ["words"]
    for values in ({}, full, *({name: value} for name, value in full.items())):
        sentence = describe_action(Action(snake(action), values), actor="Alice", actor_id=1, speaker=SPEAKER)
        assert sentence
        assert "{" not in sentence
        assert "no words" not in sentence


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        (say("chat_create", title="Team", users=[2, 3]), "Alice created the group “Team” with Bob and Carol"),
        (say("chat_add_user", users=[1]), "Alice joined"),
        (say("chat_add_user", users=[2]), "Alice added Bob"),
        (say("chat_delete_user", user_id=1), "Alice left"),
        (say("chat_delete_user", user_id=2), "Alice removed Bob"),
        (say("phone_call", duration=61, video=True), "Alice made a video call (1:01)"),
        (say("phone_call", reason="missed"), "Alice made a call that was not answered"),
        (say("set_messages_ttl", period=86_400), "Alice set messages to disappear after 1 day"),
        (say("set_messages_ttl"), "Alice turned disappearing messages off"),
        (say("topic_edit", closed=True), "Alice closed the topic"),
        (say("gift_premium", days=90, amount=1199, currency="USD", message="Enjoy!"), "Alice gave Telegram Premium for 90 days (11.99 USD): “Enjoy!”"),
        (say("todo_append_tasks", list=["milk", "bread"]), "Alice added to the to-do list: “milk” and “bread”"),
        (say("geo_proximity_reached", from_id=2, to_id=3, distance=1), "Bob came within 1 metre of Carol"),
        (say("group_call_scheduled", schedule_date=5), "Alice scheduled a video chat for @5"),
        (say("teleported"), "Alice: something that tobs has no words for yet (teleported)"),
    ],
)  # fmt: skip
def test_service_messages_are_sentences(sentence: str, said: str) -> None:
    assert sentence == said


def test_numbers_read_as_people_say_them() -> None:
    assert [say_count(1, "message"), say_count(1234, "message"), say_count(0, "story", "stories")] == [
        "1 message",
        "1,234 messages",
        "0 stories",
    ]
    assert [say_size(1), say_size(999), say_size(1000), say_size(245_000), say_size(1_300_000_000)] == [
        "1 byte",
        "999 bytes",
        "1.0 kB",
        "245 kB",
        "1.3 GB",
    ]
    assert [say_clock(7.4), say_clock(61), say_clock(3723)] == ["0:07", "1:01", "1:02:03"]
    assert [say_period(15), say_period(5400), say_period(604_800)] == ["15 seconds", "90 minutes", "1 week"]
    assert [say_money(1299, "EUR"), say_money(50, "JPY"), say_money(-5, "USD"), say_money(1, "XTR")] == [
        "12.99 EUR",
        "50 JPY",
        "-0.05 USD",
        "1 Star",
    ]
    assert say_money(1_500_000_000, "TON") == "1.50 TON"
    assert [say_list([]), say_list(["A"]), say_list(["A", "B"]), say_list(["A", "B", "C"])] == [
        "",
        "A",
        "A and B",
        "A, B and C",
    ]
