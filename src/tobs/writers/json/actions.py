"""Service messages under Desktop's names and keys.

`_ACTIONS` says for each kind what Desktop calls it and which keys follow; a kind that Desktop has no name for keeps
Telegram's own (core/actions.py), without keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tobs.core.media import Values
from tobs.core.model import Message
from tobs.core.words import say_money
from tobs.writers.json.ids import name_peer_id, number_peer
from tobs.writers.json.keys import (
    Deed,
    Keys,
    give_flag,
    give_inside,
    give_known,
    give_members,
    give_number,
    give_person,
    give_target,
    give_text,
    read_name,
    read_words,
)  # fmt: skip
from tobs.writers.json.media import NOT_INCLUDED, encode_text
from tobs.writers.scene import Scene

NANO = 1_000_000_000


def list_action(scene: Scene, message: Message) -> Iterator[tuple[str, Any]]:
    """Yield the name of what a service message did, and the keys that belong to it."""
    action = message.content.action
    if action is None:
        return
    deed = Deed(scene, message, action.values)
    name, *keys = _ACTIONS.get(action.kind, (action.kind,))
    if said := name(action.values) if callable(name) else name:
        yield "action", said
    for each in keys:
        yield from each(deed)


def _name_reason(value: Any) -> str:
    name = read_name("PhoneCallDiscardReason", value)
    return "migrate_conference_all" if name == "migrate_conference_call" else name


_SECURE = {"address": "address_information", "phone": "phone_number"}


def _list_secure(deed: Deed) -> Iterator[tuple[str, Any]]:
    sent = [each["type"] for each in deed.values.get("values", [])]  # as bots are told
    names = [read_name("SecureValueType", each) for each in deed.values.get("types", sent)]
    yield "values", [_SECURE.get(each, each) for each in names]


def _list_photo(_deed: Deed) -> Iterator[tuple[str, Any]]:
    yield from (("photo", NOT_INCLUDED), ("photo_file_size", 0))


def _list_cost(deed: Deed) -> Iterator[tuple[str, Any]]:
    if amount := deed.values.get("amount"):
        yield "cost", say_money(amount, deed.values.get("currency", ""))


def _list_amount(name: str, unit: int, deed: Deed) -> Iterator[tuple[str, Any]]:
    amount = deed.values.get(name, 0)
    yield from (("amount_whole", amount // unit), ("amount_nano", amount % unit * (NANO // unit)))


def _list_recurring(deed: Deed) -> Iterator[tuple[str, Any]]:
    for each in ("used", "init"):
        if deed.values.get(f"recurring_{each}"):
            yield "recurring", each


def _list_refund(deed: Deed) -> Iterator[tuple[str, Any]]:
    if isinstance(peer := deed.values.get("peer"), int):
        yield from (("peer_name", deed.scene.people.plain(peer)), ("peer_id", name_peer_id(peer)))


def _list_approach(deed: Deed) -> Iterator[tuple[str, Any]]:
    for each in ("from", "to"):
        if isinstance(peer := deed.values.get(f"{each}_id"), int):
            yield from ((each, deed.scene.people.plain(peer)), (f"{each}_id", name_peer_id(peer)))


def _list_peers(deed: Deed) -> Iterator[tuple[str, Any]]:
    peers = [_find_peer(each) for each in deed.values.get("peers", [])]
    yield "peers", encode_text([number_peer(each) for each in peers if each])


def _find_peer(value: Any) -> int:
    """Return the marked id of a peer, or of what bots are told of one."""
    if isinstance(value, dict):
        value = next((value[name] for name in ("user_id", "chat_id", "channel_id") if name in value), 0)
    return int(value)


def _list_price(deed: Deed) -> Iterator[tuple[str, Any]]:
    price = deed.values.get("price")
    if price is None:
        return
    is_ton = price["_"] == "StarsTonAmount"
    amount = price.get("amount", 0)
    whole, nano = divmod(amount, NANO) if is_ton else (amount, price.get("nanos", 0))
    yield "price_amount_whole", str(whole)
    yield "price_amount_nano", str(nano)
    yield "price_currency", "TON" if is_ton else "Stars"


def _list_approval(deed: Deed) -> Iterator[tuple[str, Any]]:
    if deed.values.get("rejected") or deed.values.get("balance_too_low"):
        yield "rejected", True
        if comment := deed.values.get("reject_comment"):
            yield "comment", comment
        return
    yield from _list_price(deed)
    yield "scheduled_date", deed.values.get("schedule_date", 0)


def _list_items(deed: Deed) -> Iterator[tuple[str, Any]]:
    listed = deed.values.get("list", [])
    yield "items", [{"text": read_words(each), "id": each.get("id", 0)} for each in listed]


def _list_ticks(deed: Deed) -> Iterator[tuple[str, Any]]:
    yield from ((each, deed.values.get(each, [])) for each in ("completed", "incompleted"))


def _list_permission(deed: Deed) -> Iterator[tuple[str, Any]]:
    if app := deed.values.get("app"):
        yield "reason_app_id", app.get("id", 0)
        yield "reason_app_name", read_words(app)
    if domain := deed.values.get("domain"):
        yield "reason_domain", domain


def _name_permission(values: Values) -> str:
    if values.get("attach_menu"):
        return "attach_menu_bot_allowed"
    return "web_app_bot_allowed" if values.get("from_request") else "allow_sending_messages"


def _name_wallpaper(values: Values) -> str:
    return "set_same_chat_wallpaper" if values.get("same") else "set_chat_wallpaper"


_GIFT: tuple[str | Keys, ...] = (
    "send_star_gift",
    give_known("gift_id", "gift", lambda gift: gift.get("gift_id", gift.get("id"))),
    give_inside("stars", "gift", "stars"),
    give_known("is_limited", "gift", lambda gift: bool(gift.get("limited"))),
    give_flag("is_anonymous", "name_hidden"),
    give_text("gift_text", "message"),
)
_PASSPORT: tuple[str | Keys, ...] = ("send_passport_values", _list_secure)
_PAYMENT: tuple[str | Keys, ...] = (
    "send_payment", give_number("amount", "total_amount"), give_text("currency"), give_target("invoice_message_id"), _list_recurring,
)  # fmt: skip
_REQUESTED: tuple[str | Keys, ...] = ("requested_peer", give_number("button_id"), _list_peers)

_ACTIONS: dict[str, tuple[Any, ...]] = {
    "boost_apply": ("boost_apply", give_number("boosts")),
    "bot_allowed": (_name_permission, _list_permission),
    "change_creator": ("change_creator", give_person("new_creator", "new_creator_id")),
    "channel_create": ("create_channel", give_text("title")),
    "channel_migrate_from": ("migrate_from_group", give_text("title")),
    "chat_add_user": ("invite_members", give_members("members", "users")),
    "chat_create": ("create_group", give_text("title"), give_members("members", "users")),
    "chat_delete_photo": ("delete_group_photo",),
    "chat_delete_user": ("remove_members", give_members("members", "user_id")),
    "chat_edit_photo": ("edit_group_photo", _list_photo),
    "chat_edit_title": ("edit_group_title", give_text("title")),
    "chat_joined_by_link": ("join_group_by_link", give_person("inviter", "inviter_id")),
    "chat_joined_by_request": ("join_group_by_request",),
    "chat_joined_via_community": ("join_group_via_community", give_number("community_id")),
    "chat_migrate_to": ("migrate_to_supergroup",),
    "conference_call": (
        "conference_call", give_known("duration_seconds", "duration"), give_flag("is_active", "active"), give_flag("is_missed", "missed"),
    ),
    "contact_sign_up": ("joined_telegram",),
    "custom_action": ("", give_known("information_text", "message")),
    "game_score": ("score_in_game", give_target("game_message_id"), give_number("score")),
    "geo_proximity_reached": ("proximity_reached", _list_approach, give_number("distance")),
    "gift_code": (
        "gift_code_prize", give_known("gift_code", "slug"), give_known("boost_peer_id", "boost_peer", name_peer_id), give_number("days"),
        give_flag("unclaimed"), give_flag("via_giveaway"),
    ),
    "gift_premium": ("send_premium_gift", _list_cost, give_known("days")),
    "gift_stars": ("send_stars_gift", _list_cost, partial(_list_amount, "stars", 1)),
    "gift_ton": ("send_ton_gift", _list_cost, partial(_list_amount, "crypto_amount", NANO)),
    "giveaway_launch": ("giveaway_launch",),
    "giveaway_results": (
        "giveaway_results", give_number("winners", "winners_count"), give_number("unclaimed", "unclaimed_count"), give_flag("stars"),
    ),
    "group_call": ("group_call", give_known("duration")),
    "group_call_scheduled": ("group_call_scheduled", give_number("schedule_date")),
    "history_clear": ("clear_history",),
    "invite_to_group_call": ("invite_to_group_call", give_members("members", "users")),
    "managed_bot_created": ("managed_bot_created", give_person("bot", "bot_id")),
    "new_creator_pending": ("new_creator_pending", give_person("new_creator", "new_creator_id")),
    "no_forwards_request": ("no_forwards_request", give_flag("expired"), give_flag("new_value")),
    "no_forwards_toggle": ("no_forwards_toggle", give_flag("new_value")),
    "paid_messages_price": (
        "paid_messages_price_change", give_number("price_stars", "stars"),
        give_flag("is_broadcast_messages_allowed", "broadcast_messages_allowed"),
    ),
    "paid_messages_refunded": ("paid_messages_refund", give_number("messages_count", "count"), give_number("stars_count", "stars")),
    "payment_refunded": (
        "refunded_payment", give_number("amount", "total_amount"), give_text("currency"), _list_refund,
        give_inside("charge_id", "charge", "id"),
    ),
    "payment_sent": _PAYMENT,
    "payment_sent_me": _PAYMENT,
    "phone_call": (
        "phone_call", give_known("duration_seconds", "duration"), give_known("discard_reason", "reason", _name_reason),
    ),
    "pin_message": ("pin_message", give_target("message_id")),
    "poll_append_answer": ("poll_append_answer", give_known("option", "answer", read_words)),
    "poll_delete_answer": ("poll_delete_answer", give_known("option", "answer", read_words)),
    "prize_stars": (
        "stars_prize", give_known("boost_peer_id", "boost_peer", name_peer_id), give_person("boost_peer_name", "boost_peer"),
        give_number("stars"), give_flag("is_unclaimed", "unclaimed"), give_number("giveaway_msg_id"), give_known("transaction_id"),
    ),
    "requested_peer": _REQUESTED,
    "requested_peer_sent_me": _REQUESTED,
    "screenshot_taken": ("take_screenshot",),
    "secure_values_sent": _PASSPORT,
    "secure_values_sent_me": _PASSPORT,
    "set_chat_theme": ("edit_chat_theme", give_inside("emoticon", "theme", "emoticon")),
    "set_chat_wall_paper": (_name_wallpaper, give_target("message_id")),
    "set_messages_ttl": ("set_messages_ttl", give_number("period")),
    "star_gift": _GIFT,
    "star_gift_unique": _GIFT,
    "suggest_birthday": (
        "suggest_birthday", give_inside("day", "birthday", "day"), give_inside("month", "birthday", "month"),
        give_inside("year", "birthday", "year"),
    ),
    "suggest_profile_photo": ("suggest_profile_photo", _list_photo),
    "suggested_post_approval": ("process_suggested_post", _list_approval),
    "suggested_post_refund": ("suggested_post_refund", give_flag("user_initiated", "payer_initiated")),
    "suggested_post_success": ("suggested_post_success", _list_price),
    "todo_append_tasks": ("todo_append_tasks", _list_items),
    "todo_completions": ("todo_completions", _list_ticks),
    "topic_create": ("topic_created", give_text("title")),
    "topic_edit": ("topic_edit", give_known("new_title", "title"), give_number("new_icon_emoji_id", "icon_emoji_id")),
    "web_view_data_sent": ("send_webview_data", give_text("text")),
    "web_view_data_sent_me": ("send_webview_data", give_text("text")),
}  # fmt: skip
"""By kind: Desktop's name, or what chooses it, and its keys in order."""
