"""A small world with a chat of every kind, for tests that need variety but no volume."""

from collections.abc import Callable
from datetime import UTC, datetime

from telethon.tl import types

from tobs.simulator.corpus import chats, files, people
from tobs.simulator.corpus.bench import bulk_chat
from tobs.simulator.marks import marked_of
from tobs.simulator.model import World
from tobs.simulator.script import Draft, Script
from tobs.simulator.stage import Stage

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
NEWS_ID, FORUM_ID, CLUB_ID, OLD_GROUP_ID = 2_000_000_011, 2_000_000_012, 2_000_000_013, 412_345_678
CLOSED_ID, TWIN_A_ID, TWIN_B_ID, TWIN_C_ID = 2_000_000_014, 2_000_000_015, 2_000_000_016, 2_000_000_017
GROUP_ID = 412_345_679


def build_small(seed: int, messages: int) -> World:
    """Return a world with one chat of each kind, and a supergroup of that many bulk messages (none for 0)."""
    stage = Stage(seed, NOW)
    put_on_chats(stage)
    if messages:
        peers, bulk = bulk_chat(seed, messages)
        stage.add(bulk, peers)
    return stage.build()


def put_on_chats(stage: Stage) -> None:
    """Put on one chat of each kind, among them those with the same title, and one that is closed to the account."""
    stage.skip_ids(7)
    for scene in _SCENES:
        scene(stage)


def _saved(stage: Stage) -> None:
    script = stage.private(people.OWNER, pinned=True)
    script.say(people.OWNER, "Passport number is in the blue folder.")
    script.say(people.OWNER, "https://example.org/recipes/leek-soup")
    script.later(days=90)
    origin = types.MessageFwdHeader(
        script.clock,
        from_id=types.PeerUser(people.ANNA),
        saved_from_peer=types.PeerUser(people.ANNA),
        saved_from_msg_id=11,
    )
    script.say(
        people.OWNER,
        "Remind me of this in summer.",
        fwd_from=origin,
        saved_peer_id=types.PeerUser(people.ANNA),
    )


def _friend(stage: Stage) -> None:
    script = stage.private(people.ANNA)
    hello = script.say(people.ANNA, "Hi Mira! Are you coming on <b>Saturday</b>?")
    script.say(people.OWNER, "Yes, I bring the bread 🥖", reply=hello)
    script.gap(3)
    script.later(days=20, hours=5)
    script.say(people.ANNA, "The oven, as promised", media=files.photo_media("small/oven"))
    late = script.say(people.OWNER, "It looks <i>huge</i>")
    script.edit(late, 40)
    # The night in which the clocks of Europe go forward, and the border of two months.
    script.at(2026, 3, 29, 0, 59, 50)
    script.say(people.ANNA, "One minute before the clocks change")
    script.at(2026, 3, 29, 1, 0, 1)
    script.say(people.OWNER, "And one second after")
    script.at(2026, 3, 31, 23, 59, 59)
    script.say(people.ANNA, "Last second of March (UTC)")
    script.at(2026, 4, 1, 0, 0, 0)
    script.say(people.OWNER, "First second of April (UTC)")


def _strangers(stage: Stage) -> None:
    for user_id, words in (
        (people.CHIARA, "I have no username, is that a problem?"),
        (people.DELETED, "This account will be gone tomorrow."),
        (people.NAMELESS, "My name is an invisible character."),
        (people.TWIN_LOWER, "I am sam doe."),
        (people.TWIN_UPPER, "I am Sam Doe."),
        (people.HOSTILE, "Mind my name."),
        (people.FARID, "سلام! <b>خوش آمدی</b> به گروه."),
    ):
        script = stage.private(user_id, archived=user_id == people.HOSTILE)
        script.say(user_id, words)
        script.say(people.OWNER, "Ok")


def _bot(stage: Stage) -> None:
    script = stage.private(people.WEATHER_BOT)
    script.say(people.OWNER, "/start")
    rows = [
        types.KeyboardInlineButtonRow(
            [types.KeyboardInlineButton("Open", types.InlineButtonTypeUrl("https://example.org"))]
        )
    ]
    script.say(people.WEATHER_BOT, "Tell me your city.", reply_markup=types.ReplyInlineMarkup(rows))


def _group(stage: Stage) -> None:
    members = [people.OWNER, people.ANNA, people.BEN]
    script = stage.group(
        chats.group(GROUP_ID, "Kitchen", 3), full={"members": members, "about": "Our kitchen"}
    )
    script.act(people.OWNER, types.MessageActionChatCreate("Kitchen", members))
    script.say(people.BEN, "Who took the big pan?")
    script.later(days=40)
    script.say(people.OWNER, "It is at my place, sorry!")


def _supergroup(stage: Stage) -> None:
    entity = chats.supergroup(CLUB_ID, "Rowing Club", "rowing_club_demo")
    old = chats.group(
        OLD_GROUP_ID, "Rowing Club", 0, deactivated=True, migrated_to=types.InputChannel(CLUB_ID, 0)
    )
    before = stage.group(old, listed=False, full={"members": [people.OWNER, people.BEN, people.GRETA]})
    before.act(
        people.BEN, types.MessageActionChatCreate("Rowing Club", [people.OWNER, people.BEN, people.GRETA])
    )
    before.say(people.BEN, "Let us keep this group small.")
    before.later(days=3)
    before.act(people.BEN, types.MessageActionChatMigrateTo(CLUB_ID))
    full = {"migrated_from_chat_id": OLD_GROUP_ID, "about": "Water, wind and early hours"}
    script = stage.channel(entity, before.clock, full=full)
    script.act(marked_of(entity), types.MessageActionChannelMigrateFrom("Rowing Club", OLD_GROUP_ID))
    for number in range(130):
        script.gap(1 if number % 17 == 5 else 120 if number == 60 else 0)
        who = (people.BEN, people.GRETA, people.OWNER, people.HUGO)[number % 4]
        script.say(who, f"Boat {number % 7 + 1} went out at {6 + number % 5}:30.")
        script.later(hours=19)


def _channel(stage: Stage) -> None:
    script = stage.channel(chats.broadcast(NEWS_ID, "Harbour News", "harbour_news_demo"))
    script.act(
        marked_of(stage.chat_of(script).entity), types.MessageActionChannelCreate("Harbour News"), post=True
    )
    for number in range(24):
        script.say(
            None,
            f"<b>Issue {number + 1}</b>\nThe ferry is on time.",
            post=True,
            views=900 + number,
            forwards=number,
        )
        script.later(days=6)


def _forum(stage: Stage) -> None:
    script = stage.channel(chats.supergroup(FORUM_ID, "Allotment Forum", "allotment_demo", forum=True))
    script.act(marked_of(stage.chat_of(script).entity), types.MessageActionChannelCreate("Allotment Forum"))
    script.say(people.IDA, "Hello in General")
    for title in ("Seeds", "Tools", "Tools", "../../[[etc]]/passwd | #1"):
        topic = start_topic(script, people.IDA, title)
        words = script.say(people.GRETA, f"First words in {title}")
        script.say(people.IDA, "An answer", reply=words)
        if title == "Seeds":
            script.act(people.IDA, types.MessageActionTopicEdit(title="Seeds & bulbs"), reply=topic)
        script.later(days=30)
    script.topic = None
    script.say(people.JONAS, "Back in General")


def start_topic(script: Script, who: int, title: str, color: int = 0x6FB9F0) -> Draft:
    """Create a topic; what follows is said in it."""
    script.topic = None
    script.topic = script.act(who, types.MessageActionTopicCreate(title, color))
    return script.topic


def _twins(stage: Stage) -> None:
    for channel_id, title in ((TWIN_A_ID, "Book club"), (TWIN_B_ID, "Book club"), (TWIN_C_ID, "BOOK CLUB")):
        script = stage.channel(chats.supergroup(channel_id, title))
        script.say(people.IDA, f"We are the one with the number {channel_id}.")


def _closed(stage: Stage) -> None:
    entity = chats.broadcast(CLOSED_ID, "Members only", "members_only_demo")
    script = stage.channel(entity, readers=frozenset(), listed=False)
    script.say(None, "You should not be able to read this.", post=True, views=1, forwards=0)


_SCENES: tuple[Callable[[Stage], None], ...] = (
    _saved,
    _friend,
    _strangers,
    _bot,
    _group,
    _supergroup,
    _channel,
    _forum,
    _twins,
    _closed,
)
