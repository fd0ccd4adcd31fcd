"""Service messages in result.json: every action that Telegram has, under Desktop's name and keys."""

from __future__ import annotations

from typing import Any

import pytest

from tobs.core.actions import KINDS
from tobs.core.model import Action, Content, Reply
from tobs.writers.json.media import NOT_INCLUDED
from writers.result import drop_frame, read_one

BOB, GROUP, CHANNEL = 2, -5, -1_000_000_000_777
TEXT = {"_": "TextWithEntities", "text": "Enjoy!", "entities": []}

ACTIONS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("boost_apply", {"boosts": 4}, {"action": "boost_apply", "boosts": 4}),
    ("bot_allowed", {"attach_menu": True}, {"action": "attach_menu_bot_allowed"}),
    ("bot_allowed", {"from_request": True}, {"action": "web_app_bot_allowed"}),
    ("bot_allowed", {"domain": "a.org"}, {"action": "allow_sending_messages", "reason_domain": "a.org"}),
    (
        "bot_allowed",
        {"app": {"_": "BotApp", "id": 3, "title": "Tide"}},
        {"action": "allow_sending_messages", "reason_app_id": 3, "reason_app_name": "Tide"},
    ),
    ("change_community", {"community_id": 9}, {"action": "change_community"}),
    ("change_creator", {"new_creator_id": BOB}, {"action": "change_creator", "new_creator": "Bob"}),
    ("channel_create", {"title": "T"}, {"action": "create_channel", "title": "T"}),
    ("channel_migrate_from", {"title": "T", "chat_id": GROUP}, {"action": "migrate_from_group", "title": "T"}),
    ("chat_add_user", {"users": [1, BOB]}, {"action": "invite_members", "members": ["Alice Doe", "Bob"]}),
    ("chat_create", {"title": "T", "users": [1]}, {"action": "create_group", "title": "T", "members": ["Alice Doe"]}),
    ("chat_delete_photo", {}, {"action": "delete_group_photo"}),
    ("chat_delete_user", {"user_id": BOB}, {"action": "remove_members", "members": ["Bob"]}),
    ("chat_edit_photo", {}, {"action": "edit_group_photo", "photo": NOT_INCLUDED, "photo_file_size": 0}),
    ("chat_edit_title", {"title": "T"}, {"action": "edit_group_title", "title": "T"}),
    ("chat_joined_by_link", {"inviter_id": BOB}, {"action": "join_group_by_link", "inviter": "Bob"}),
    ("chat_joined_by_link", {}, {"action": "join_group_by_link", "inviter": None}),
    ("chat_joined_by_request", {}, {"action": "join_group_by_request"}),
    ("chat_joined_via_community", {"community_id": 9}, {"action": "join_group_via_community", "community_id": 9}),
    ("chat_migrate_to", {"channel_id": CHANNEL}, {"action": "migrate_to_supergroup"}),
    ("conference_call", {"missed": True}, {"action": "conference_call", "is_active": False, "is_missed": True}),
    (
        "conference_call",
        {"duration": 9},
        {"action": "conference_call", "duration_seconds": 9, "is_active": False, "is_missed": False},
    ),
    ("contact_sign_up", {}, {"action": "joined_telegram"}),
    ("custom_action", {"message": "Something"}, {"information_text": "Something"}),
    ("empty", {}, {}),
    ("game_score", {"score": 4}, {"action": "score_in_game", "score": 4}),
    (
        "geo_proximity_reached",
        {"from_id": BOB, "to_id": 1, "distance": 120},
        {"action": "proximity_reached", "to": "Alice Doe", "to_id": "user1", "distance": 120},
    ),
    (
        "gift_code",
        {"days": 30, "slug": "s", "via_giveaway": True, "boost_peer": CHANNEL},
        {
            "action": "gift_code_prize", "gift_code": "s", "boost_peer_id": "channel777", "days": 30, "unclaimed": False,
            "via_giveaway": True,
        },
    ),
    (
        "gift_premium",
        {"days": 90, "currency": "EUR", "amount": 1199, "message": TEXT},
        {"action": "send_premium_gift", "cost": "11.99 EUR", "days": 90},
    ),
    ("gift_stars", {"stars": 250}, {"action": "send_stars_gift", "amount_whole": 250, "amount_nano": 0}),
    (
        "gift_ton",
        {"crypto_amount": 2_500_000_000},
        {"action": "send_ton_gift", "amount_whole": 2, "amount_nano": 500_000_000},
    ),
    ("giveaway_launch", {"stars": 5}, {"action": "giveaway_launch"}),
    (
        "giveaway_results",
        {"winners_count": 10, "unclaimed_count": 2},
        {"action": "giveaway_results", "winners": 10, "unclaimed": 2, "stars": False},
    ),
    ("group_call", {}, {"action": "group_call"}),
    ("group_call", {"duration": 5}, {"action": "group_call", "duration": 5}),
    ("group_call_scheduled", {"schedule_date": 99}, {"action": "group_call_scheduled", "schedule_date": 99}),
    ("history_clear", {}, {"action": "clear_history"}),
    ("invite_to_group_call", {"users": [BOB]}, {"action": "invite_to_group_call", "members": ["Bob"]}),
    ("managed_bot_created", {"bot_id": BOB}, {"action": "managed_bot_created", "bot": "Bob"}),
    ("new_creator_pending", {"new_creator_id": BOB}, {"action": "new_creator_pending", "new_creator": "Bob"}),
    ("no_forwards_request", {"expired": True}, {"action": "no_forwards_request", "expired": True, "new_value": False}),
    ("no_forwards_toggle", {"new_value": True}, {"action": "no_forwards_toggle", "new_value": True}),
    (
        "paid_messages_price",
        {"stars": 10},
        {"action": "paid_messages_price_change", "price_stars": 10, "is_broadcast_messages_allowed": False},
    ),
    (
        "paid_messages_refunded",
        {"count": 3, "stars": 30},
        {"action": "paid_messages_refund", "messages_count": 3, "stars_count": 30},
    ),
    (
        "payment_refunded",
        {"peer": BOB, "currency": "XTR", "total_amount": 50, "charge": {"_": "PaymentCharge", "id": "c"}},
        {
            "action": "refunded_payment", "amount": 50, "currency": "XTR", "peer_name": "Bob", "peer_id": "user2",
            "charge_id": "c",
        },
    ),
    (
        "payment_sent",
        {"currency": "EUR", "total_amount": 50, "recurring_used": True},
        {"action": "send_payment", "amount": 50, "currency": "EUR", "recurring": "used"},
    ),
    ("payment_sent_me", {"currency": "EUR"}, {"action": "send_payment", "amount": 0, "currency": "EUR"}),
    ("phone_call", {"reason": {"_": "PhoneCallDiscardReasonMissed"}}, {"action": "phone_call", "discard_reason": "missed"}),
    (
        "phone_call",
        {"duration": 9, "reason": {"_": "PhoneCallDiscardReasonMigrateConferenceCall"}},
        {"action": "phone_call", "duration_seconds": 9, "discard_reason": "migrate_conference_all"},
    ),
    ("pin_message", {}, {"action": "pin_message"}),
    (
        "poll_append_answer",
        {"answer": {"_": "PollAnswer", "text": TEXT, "option": "33"}},
        {"action": "poll_append_answer", "option": "Enjoy!"},
    ),
    ("poll_delete_answer", {}, {"action": "poll_delete_answer"}),
    (
        "prize_stars",
        {"stars": 5, "boost_peer": CHANNEL, "giveaway_msg_id": 7, "transaction_id": "t"},
        {
            "action": "stars_prize", "boost_peer_id": "channel777", "boost_peer_name": "user -1000000000777", "stars": 5,
            "is_unclaimed": False, "giveaway_msg_id": 7, "transaction_id": "t",
        },
    ),
    (
        "requested_peer",
        {"button_id": 1, "peers": [BOB, GROUP, CHANNEL]},
        {"action": "requested_peer", "button_id": 1, "peers": f"[2,{5 + 2**48},{777 + 2**49}]"},
    ),
    (
        "requested_peer_sent_me",
        {"button_id": 1, "peers": [{"_": "RequestedPeerChat", "chat_id": GROUP}]},
        {"action": "requested_peer", "button_id": 1, "peers": f"[{5 + 2**48}]"},
    ),
    ("screenshot_taken", {}, {"action": "take_screenshot"}),
    (
        "secure_values_sent",
        {"types": [{"_": "SecureValueTypePersonalDetails"}, {"_": "SecureValueTypePhone"}]},
        {"action": "send_passport_values", "values": ["personal_details", "phone_number"]},
    ),
    (
        "secure_values_sent_me",
        {"values": [{"_": "SecureValue", "type": {"_": "SecureValueTypeAddress"}}]},
        {"action": "send_passport_values", "values": ["address_information"]},
    ),
    ("set_chat_theme", {}, {"action": "edit_chat_theme"}),
    ("set_chat_theme", {"theme": {"_": "ChatTheme", "emoticon": "🐥"}}, {"action": "edit_chat_theme", "emoticon": "🐥"}),
    ("set_chat_wall_paper", {"for_both": True}, {"action": "set_chat_wallpaper"}),
    ("set_chat_wall_paper", {"same": True}, {"action": "set_same_chat_wallpaper"}),
    ("set_messages_ttl", {}, {"action": "set_messages_ttl", "period": 0}),
    (
        "star_gift",
        {"gift": {"_": "StarGift", "id": 5, "stars": 50, "limited": True}, "message": TEXT},
        {
            "action": "send_star_gift", "gift_id": 5, "stars": 50, "is_limited": True, "is_anonymous": False,
            "gift_text": "Enjoy!",
        },
    ),
    (
        "star_gift_unique",
        {"gift": {"_": "StarGiftUnique", "id": 91, "gift_id": 5}, "transferred": True},
        {"action": "send_star_gift", "gift_id": 5, "is_limited": False, "is_anonymous": False, "gift_text": ""},
    ),
    ("star_gift_purchase_offer", {"price": 3}, {"action": "star_gift_purchase_offer"}),
    ("star_gift_purchase_offer_declined", {}, {"action": "star_gift_purchase_offer_declined"}),
    (
        "suggest_birthday",
        {"birthday": {"_": "Birthday", "day": 29, "month": 2}},
        {"action": "suggest_birthday", "day": 29, "month": 2},
    ),
    ("suggest_profile_photo", {}, {"action": "suggest_profile_photo", "photo": NOT_INCLUDED, "photo_file_size": 0}),
    (
        "suggested_post_approval",
        {"rejected": True, "reject_comment": "Not now"},
        {"action": "process_suggested_post", "rejected": True, "comment": "Not now"},
    ),
    (
        "suggested_post_approval",
        {"price": {"_": "StarsTonAmount", "amount": 2_500_000_000}, "schedule_date": 9},
        {
            "action": "process_suggested_post", "price_amount_whole": "2", "price_amount_nano": "500000000",
            "price_currency": "TON", "scheduled_date": 9,
        },
    ),
    (
        "suggested_post_success",
        {"price": {"_": "StarsAmount", "amount": 250, "nanos": 7}},
        {
            "action": "suggested_post_success", "price_amount_whole": "250", "price_amount_nano": "7",
            "price_currency": "Stars",
        },
    ),
    ("suggested_post_refund", {}, {"action": "suggested_post_refund", "user_initiated": False}),
    (
        "todo_append_tasks",
        {"list": [{"_": "TodoItem", "id": 4, "title": TEXT}]},
        {"action": "todo_append_tasks", "items": [{"text": "Enjoy!", "id": 4}]},
    ),
    ("todo_completions", {"completed": [1]}, {"action": "todo_completions", "completed": [1], "incompleted": []}),
    ("topic_create", {"title": "Ideas"}, {"action": "topic_created", "title": "Ideas"}),
    ("topic_edit", {"closed": True}, {"action": "topic_edit", "new_icon_emoji_id": 0}),
    (
        "topic_edit",
        {"title": "T", "icon_emoji_id": 9},
        {"action": "topic_edit", "new_title": "T", "new_icon_emoji_id": 9},
    ),
    ("web_view_data_sent", {"text": "Open"}, {"action": "send_webview_data", "text": "Open"}),
    ("web_view_data_sent_me", {"text": "Open"}, {"action": "send_webview_data", "text": "Open"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "values", "wanted"), ACTIONS)
def test_an_action_has_desktops_name_and_keys_in_order(
    kind: str, values: dict[str, Any], wanted: dict[str, Any]
) -> None:
    entry = read_one(Content(action=Action(kind, values)))
    found = drop_frame(entry)
    assert list(found.items()) == list((wanted if "text" in wanted else {**wanted, "text": ""}).items())
    is_told = kind == "empty"
    assert (entry["type"], "actor" in entry) == ("message" if is_told else "service", not is_told)
    assert entry["tobs"]["content"]["action"] == (
        {"kind": kind, "values": values} if values else {"kind": kind}
    )


def test_every_action_that_has_words_is_among_these() -> None:
    assert {kind for kind, _, _ in ACTIONS} == KINDS


def test_an_action_that_desktop_has_no_name_for_keeps_its_own() -> None:
    entry = read_one(Content(action=Action("teleport", {"to": 5})))
    assert (entry["type"], entry["action"]) == ("service", "teleport")


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("pin_message", "message_id"),
        ("game_score", "game_message_id"),
        ("payment_sent", "invoice_message_id"),
        ("set_chat_wall_paper", "message_id"),
    ],
)
def test_an_action_names_the_message_that_it_is_about(kind: str, key: str) -> None:
    here = read_one(Content(action=Action(kind), reply=Reply(3)))
    elsewhere = read_one(Content(action=Action(kind), reply=Reply(3, chat_id=GROUP)))
    assert (here[key], here.get("reply_to_peer_id")) == (3, None)
    assert (elsewhere[key], elsewhere["reply_to_peer_id"]) == (3, "chat5")
