"""Service messages in plain English, one table for all formats.

A kind has one or more templates, the most telling first; the first one whose fields the message fills in
is taken. `{actor}` is who did it, `{users}` a field of `Action.values` under Telethon's name for it, and
`{?video}` a field that must be true but is not said. `{?self}` is true when what happened to somebody was
done by themselves.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from tobs.core.model import Action
from tobs.core.words import say_clock, say_count, say_list, say_money, say_period

_TEMPLATES: dict[str, tuple[str, ...]] = {
    "boost_apply": ("{actor} boosted the chat {boosts}", "{actor} boosted the chat"),
    "bot_allowed": (
        "{actor} allowed the bot to write by logging in on {domain}",
        "{actor} allowed the bot to write by adding it to the attachment menu{?attach_menu}",
        "{actor} allowed the bot to write on its request{?from_request}",
        "{actor} allowed the bot to write",
    ),
    "change_community": ("{actor} added the chat to a community{?community_id}", "{actor} removed the chat from its community"),
    "change_creator": ("{new_creator_id} is the new owner of the chat", "{actor} changed the owner of the chat"),
    "channel_create": ("“{title}” was created", "The chat was created"),
    "channel_migrate_from": ("The group “{title}” became a supergroup", "The group became a supergroup"),
    "chat_add_user": ("{actor} joined{?self}", "{actor} added {users}", "{actor} joined"),
    "chat_create": (
        "{actor} created the group “{title}” with {users}",
        "{actor} created the group “{title}”",
        "{actor} created the group",
    ),
    "chat_delete_photo": ("{actor} removed the chat's photo",),
    "chat_delete_user": ("{actor} left{?self}", "{actor} removed {user_id}", "{actor} left"),
    "chat_edit_photo": ("{actor} changed the chat's photo",),
    "chat_edit_title": ("{actor} renamed the chat to “{title}”", "{actor} renamed the chat"),
    "chat_joined_by_link": ("{actor} joined by {inviter_id}'s invite link", "{actor} joined by an invite link"),
    "chat_joined_by_request": ("{actor} joined after a request was accepted",),
    "chat_joined_via_community": ("{actor} joined through a community",),
    "chat_migrate_to": ("{actor} turned the group into a supergroup",),
    "conference_call": (
        "{actor} started a group call that was missed{?missed}",
        "{actor} made a group video call with {other_participants} ({duration}){?video}",
        "{actor} made a group call with {other_participants} ({duration})",
        "{actor} made a group call ({duration})",
        "{actor} started a group call with {other_participants}",
        "{actor} started a group call",
    ),
    "contact_sign_up": ("{actor} joined Telegram",),
    "custom_action": ("{message}", "{actor} did something that Telegram did not name"),
    "empty": ("Something that Telegram did not name",),
    "game_score": ("{actor} scored {score} in a game", "{actor} scored nothing in a game"),
    "geo_proximity_reached": (
        "{from_id} came within {distance} of {to_id}",
        "Somebody came near to somebody else",
    ),
    "gift_code": (
        "A Premium gift code for {days} went unclaimed in a giveaway{?unclaimed}",
        "{boost_peer} gave away a Premium gift code for {days}{?via_giveaway}",
        "{actor} gave a Premium gift code for {days}",
        "{actor} gave a Premium gift code",
    ),
    "gift_premium": (
        "{actor} gave Telegram Premium for {days} ({amount})",
        "{actor} gave Telegram Premium for {days}",
        "{actor} gave Telegram Premium",
    ),
    "gift_stars": ("{actor} gave {stars}", "{actor} gave Stars"),
    "gift_ton": ("{actor} gave {crypto_amount}", "{actor} gave TON"),
    "giveaway_launch": ("{actor} started a giveaway of {stars}", "{actor} started a giveaway"),
    "giveaway_results": (
        "The giveaway ended: {winners_count}, {unclaimed_count} left over",
        "The giveaway ended: {winners_count}",
        "The giveaway ended without a winner",
    ),
    "group_call": ("The video chat ended ({duration})", "{actor} started a video chat"),
    "group_call_scheduled": ("{actor} scheduled a video chat for {schedule_date}", "{actor} scheduled a video chat"),
    "history_clear": ("The history was cleared",),
    "invite_to_group_call": ("{actor} invited {users} to the video chat", "{actor} invited somebody to the video chat"),
    "managed_bot_created": ("{actor} created the bot {bot_id}", "{actor} created a bot"),
    "new_creator_pending": ("{new_creator_id} will be the new owner of the chat", "The chat will have a new owner"),
    "no_forwards_request": (
        "{actor} asked to restrict saving and forwarding; the request expired{?expired}{?new_value}",
        "{actor} asked to restrict saving and forwarding{?new_value}",
        "{actor} asked to allow saving and forwarding; the request expired{?expired}",
        "{actor} asked to allow saving and forwarding",
    ),
    "no_forwards_toggle": (
        "{actor} restricted saving and forwarding{?new_value}",
        "{actor} allowed saving and forwarding",
    ),
    "paid_messages_price": ("{actor} set the price of a message to {stars}", "{actor} made messages free"),
    "paid_messages_refunded": ("{actor} gave {stars} back for {count}", "{actor} gave Stars back"),
    "payment_refunded": ("{peer} gave {total_amount} back", "A payment was given back"),
    "payment_sent": ("{actor} paid {total_amount}", "{actor} paid"),
    "payment_sent_me": ("{actor} paid {total_amount}", "{actor} paid"),
    "phone_call": (
        "{actor} made a video call ({duration}){?video}",
        "{actor} made a call ({duration})",
        "{actor} made a video call that was not answered{?video}",
        "{actor} made a call that was not answered",
    ),
    "pin_message": ("{actor} pinned a message",),
    "poll_append_answer": ("{actor} added the answer “{answer}” to the poll", "{actor} added an answer to the poll"),
    "poll_delete_answer": ("{actor} removed the answer “{answer}” from the poll", "{actor} removed an answer from the poll"),
    "prize_stars": (
        "A prize of {stars} went unclaimed in a giveaway{?unclaimed}",
        "{boost_peer} gave away {stars} as a prize",
        "Stars were given away as a prize",
    ),
    "requested_peer": ("{actor} shared {peers} with the bot", "{actor} shared a chat with the bot"),
    "requested_peer_sent_me": ("{actor} shared {peers} with the bot", "{actor} shared a chat with the bot"),
    "screenshot_taken": ("{actor} took a screenshot",),
    "secure_values_sent": ("{actor} sent Telegram Passport data",),
    "secure_values_sent_me": ("{actor} sent Telegram Passport data",),
    "set_chat_theme": ("{actor} changed the chat's theme to {theme}", "{actor} changed the chat's theme"),
    "set_chat_wall_paper": ("{actor} set the same wallpaper{?same}", "{actor} changed the chat's wallpaper"),
    "set_messages_ttl": (
        "{actor} set messages to disappear after {period}",
        "{actor} turned disappearing messages off",
    ),
    "star_gift": (
        "{from_id} sent {to_id} the gift “{gift}”",
        "{from_id} sent {to_id} a gift",
        "{actor} sent the gift “{gift}”",
        "{actor} sent a gift",
    ),
    "star_gift_purchase_offer": (
        "{actor} offered {price} for the gift “{gift}”, and it was accepted{?accepted}",
        "{actor} offered {price} for the gift “{gift}”, and it was declined{?declined}",
        "{actor} offered {price} for the gift “{gift}”",
        "{actor} offered to buy a gift",
    ),
    "star_gift_purchase_offer_declined": (
        "An offer of {price} for the gift “{gift}” expired{?expired}",
        "{actor} declined an offer of {price} for the gift “{gift}”",
        "An offer to buy a gift expired{?expired}",
        "{actor} declined an offer to buy a gift",
    ),
    "star_gift_unique": (
        "{actor} turned a gift into the unique “{gift}”{?upgrade}",
        "{actor} passed the unique gift “{gift}” on{?transferred}",
        "{actor} sent the unique gift “{gift}”",
        "{actor} sent a unique gift",
    ),
    "suggest_birthday": ("{actor} suggested {birthday} as a birthday", "{actor} suggested a birthday"),
    "suggest_profile_photo": ("{actor} suggested a profile photo",),
    "suggested_post_approval": (
        "{actor} rejected the suggested post: “{reject_comment}”{?rejected}",
        "{actor} rejected the suggested post{?rejected}",
        "{actor} could not approve the suggested post: too few Stars{?balance_too_low}",
        "{actor} approved the suggested post for {schedule_date} and {price}",
        "{actor} approved the suggested post for {schedule_date}",
        "{actor} approved the suggested post for {price}",
        "{actor} approved the suggested post",
    ),
    "suggested_post_refund": (
        "The payment for the suggested post was taken back by the payer{?payer_initiated}",
        "The payment for the suggested post was given back",
    ),
    "suggested_post_success": ("The suggested post was paid: {price}", "The suggested post was paid"),
    "todo_append_tasks": ("{actor} added to the to-do list: {list}", "{actor} added tasks to the to-do list"),
    "todo_completions": (
        "{actor} ticked {completed} of the to-do list, and unticked {incompleted}",
        "{actor} ticked {completed} of the to-do list",
        "{actor} unticked {incompleted} of the to-do list",
        "{actor} changed what is done on the to-do list",
    ),
    "topic_create": ("{actor} created the topic “{title}”", "{actor} created the topic"),
    "topic_edit": (
        "{actor} renamed the topic to “{title}”",
        "{actor} closed the topic{?closed}",
        "{actor} opened the topic again{?reopened}",
        "{actor} hid the topic{?hidden}",
        "{actor} showed the topic again{?shown}",
        "{actor} changed the topic",
    ),
    "web_view_data_sent": ("{actor} sent data to the bot by “{text}”", "{actor} sent data to the bot"),
    "web_view_data_sent_me": ("{actor} sent data to the bot by “{text}”", "{actor} sent data to the bot"),
}  # fmt: skip

KINDS = frozenset(_TEMPLATES)
"""The kinds that have words."""

_PEERS = frozenset({
    "boost_peer", "bot_id", "from_id", "inviter_id", "new_creator_id", "other_participants", "peer", "peers",
    "to_id", "user_id", "users",
})  # fmt: skip

_NOUNS = {
    "boosts": ("time", ""), "completed": ("task", ""), "incompleted": ("task", ""), "count": ("message", ""), "days": ("day", ""), "distance": ("metre", ""),
    "score": ("point", ""), "stars": ("Star", ""), "unclaimed_count": ("prize", ""), "winners_count": ("winner", ""),
}  # fmt: skip

_SAID_AS = {
    "reopened": "closed",
    "shown": "hidden",
    "amount": "currency",
    "total_amount": "currency",
    "crypto_amount": "crypto_currency",
}
"""What is looked at beside a field, or in the place of one that Telegram does not have."""

_OURS = frozenset({"actor", "self", "reopened", "shown"})

_FIELD = re.compile(r"\{(\??)(\w+)\}")


class _Template(NamedTuple):
    needed: tuple[str, ...]
    parts: tuple[str, ...]
    """Text and names of fields by turns, text first and last."""


def list_said(kind: str) -> list[str]:
    """Return the fields of a kind that its sentence may say, under Telegram's names."""
    named = {name for text in _TEMPLATES[kind] for _, name in _FIELD.findall(text)}
    return sorted({*named, *(_SAID_AS[each] for each in named if each in _SAID_AS)} - _OURS)


@dataclass(frozen=True, slots=True)
class Speaker:
    """How a format says names and moments: a marked id, and UTC seconds."""

    name: Callable[[int], str]
    moment: Callable[[int], str]


def describe_action(action: Action, *, actor: str, actor_id: int | None, speaker: Speaker) -> str:
    """Return one sentence without a full stop; a kind without words is named as it is."""
    values: dict[str, Any] = {name: _flatten(value) for name, value in action.values.items()}
    values |= {
        "actor": actor,
        "self": _is_own(action, actor_id),
        "reopened": action.values.get("closed") is False,
        "shown": action.values.get("hidden") is False,
    }
    for template in _read_templates(action.kind):
        if all(values.get(each) for each in template.needed):
            said = (
                _say_field(part, values, speaker) if at % 2 else part
                for at, part in enumerate(template.parts)
            )
            return "".join(said) + _say_card(action.kind, values)
    return f"{actor}: something that tobs has no words for yet ({action.kind})"


def _say_card(kind: str, values: dict[str, Any]) -> str:
    """Return what was written on a gift's card."""
    words = values.get("message", "")
    return f": “{words}”" if words and kind != "custom_action" else ""


_NAMES = ("text", "title", "emoticon")
_IDS = ("user_id", "chat_id", "channel_id")


def _flatten(value: Any) -> Any:
    """Return what an object says as words or as the id of somebody; empty when nothing in it can be said."""
    if isinstance(value, list):
        return [_flatten(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("_") in _CURRENCIES:
        return say_money(value.get("amount", 0), _CURRENCIES[value["_"]])
    if "day" in value and "month" in value:
        return f"{value['day']} {month_name[value['month'] % 13]} {value.get('year', '')}".strip()
    return next((_flatten(value[name]) for name in (*_IDS, *_NAMES) if value.get(name)), "")


_CURRENCIES = {"StarsAmount": "XTR", "StarsTonAmount": "TON"}


def _is_own(action: Action, actor_id: int | None) -> bool:
    touched = action.values.get("users") or [action.values.get("user_id")]
    return actor_id is not None and touched == [actor_id]


@cache
def _read_templates(kind: str) -> tuple[_Template, ...]:
    return tuple(_read_template(each) for each in _TEMPLATES.get(kind, ()))


def _read_template(text: str) -> _Template:
    needed = tuple(name for _, name in _FIELD.findall(text))
    said = _FIELD.sub(lambda match: "" if match[1] else match[0], text)
    pieces = _FIELD.split(said)
    del pieces[1::3]
    return _Template(needed, tuple(pieces))


def _say_field(name: str, values: dict[str, Any], speaker: Speaker) -> str:
    value = values[name]
    if name in _PEERS:
        ids = value if isinstance(value, list) else [value]
        return say_list([speaker.name(each) for each in ids if isinstance(each, int)])
    if name in _NOUNS:
        return say_count(len(value) if isinstance(value, list) else value, *_NOUNS[name])
    if name in {"amount", "total_amount"}:
        return say_money(value, values.get("currency", ""))
    if name == "crypto_amount":
        return say_money(value, values.get("crypto_currency", ""))
    return _say_scalar(name, value, speaker)


def _say_scalar(name: str, value: Any, speaker: Speaker) -> str:
    if isinstance(value, list):
        return say_list([f"“{each}”" for each in value])
    if name == "duration":
        return say_clock(value)
    if name == "period":
        return say_period(value)
    if name.endswith("_date"):
        return speaker.moment(value)
    return str(value)
