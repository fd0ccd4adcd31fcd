"""The people, bots and accounts of the worlds. All names, numbers and addresses are invented."""

from typing import Any

from telethon.tl import types

from tobs.simulator.model import Account

OWNER = 5_100_000_001
SECOND = 5_100_000_002
TELEGRAM = 777_000

ANNA, BEN, CHIARA, DIEGO, EMI = range(5_100_000_011, 5_100_000_016)
FARID, GRETA, HUGO, IDA, JONAS = range(5_100_000_016, 5_100_000_021)
DELETED = 5_100_000_031
NAMELESS = 5_100_000_032
TWIN_LOWER, TWIN_UPPER = 5_100_000_033, 5_100_000_034
HOSTILE = 5_100_000_035
POLL_BOT = 5_100_000_041
WEATHER_BOT = 5_100_000_042


def person(
    user_id: int, first: str, last: str | None = None, username: str | None = None, **fields: Any
) -> types.User:
    """Return a user; the world gives the access hash."""
    return types.User(user_id, first_name=first, last_name=last, username=username, access_hash=0, **fields)


def owner() -> types.User:
    """Return the user of the first account."""
    return person(
        OWNER, "Mira", "Lindqvist", "mira_lindqvist", phone="15550100001", contact=True, is_self=True
    )


def accounts() -> list[Account]:
    """Return the accounts that can log in: the owner by code, the second one with a password as well."""
    second = person(SECOND, "Otto", "Brandt", "otto_brandt", phone="15550100002")
    return [
        Account(OWNER, "15550100001", "12345", None, owner()),
        Account(SECOND, "15550100002", "54321", "correct horse battery staple", second),
    ]


def friends() -> list[types.User]:
    """Return the people that the conversations are among."""
    known = {"contact": True, "mutual_contact": True}
    return [
        person(ANNA, "Anna", "Kowalska", "anna_kw", phone="15550100011", **known),
        person(BEN, "Ben", "Okafor", "benokafor", **known),
        person(CHIARA, "Chiara", "Moretti", None, **known),
        person(DIEGO, "Diego", "Vargas", "diego_v", premium=True),
        person(EMI, "Emi 恵美", "Sato", "emisato"),
        person(FARID, "فرید", "رضایی", "farid_r"),
        person(GRETA, "Greta", None, None),
        person(HUGO, "Hugo", "Bergström", "hugob"),
        person(IDA, "Ida 🌿", "Holm", "idaholm"),
        person(JONAS, "Jonas", "Weber", "jonasweber", **known),
    ]


def oddities() -> list[types.User]:
    """Return users that exporters trip over."""
    return [
        types.User(DELETED, deleted=True, access_hash=0),
        person(NAMELESS, "\u2063", None, None),
        person(TWIN_LOWER, "sam", "doe", "sam_low"),
        person(TWIN_UPPER, "Sam", "Doe", "sam_up"),
        person(HOSTILE, "[[Eve]] **x** <b>", "../|#^\u202egnp.exe", "eve_hostile"),
    ]


def bots() -> list[types.User]:
    """Return the bots, and Telegram's own service account."""
    return [
        person(POLL_BOT, "Poll Helper", None, "poll_helper_bot", bot=True, bot_info_version=1),
        person(
            WEATHER_BOT, "Weather", None, "weather_demo_bot", bot=True, bot_info_version=2, bot_nochats=True
        ),
        person(TELEGRAM, "Telegram", None, None, phone="42777", support=True, verified=True),
    ]


def everybody() -> list[types.User]:
    """Return all users of the hand-made worlds."""
    return [*(account.user for account in accounts()), *friends(), *oddities(), *bots()]
