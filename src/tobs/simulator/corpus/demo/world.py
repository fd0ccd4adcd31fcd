"""The demo world: half a year of a small town, pleasant to read."""

from datetime import UTC, datetime

from telethon.tl import types

from tobs.core.ids import mark_channel
from tobs.simulator.corpus import chats, people
from tobs.simulator.corpus.demo import aside, friend, gazette, team_daily, team_summer, team_winter
from tobs.simulator.corpus.small import start_topic
from tobs.simulator.corpus.talk import carry_over
from tobs.simulator.model import World
from tobs.simulator.screenplay import Cast, Play, weave
from tobs.simulator.script import Script
from tobs.simulator.stage import Stage

TEAM_ID, GAZETTE_ID, BOOKS_ID, ALLOTMENT_ID = 1_900_000_001, 1_900_000_002, 1_900_000_003, 1_900_000_004
TALK_ID = 1_900_000_005
LUNCH_ID, OLD_BOOKS_ID = 398_000_001, 398_000_002
_BEGIN = datetime(2026, 1, 1, 6, 0, tzinfo=UTC)
_NOW = datetime(2026, 6, 28, 9, 0, tzinfo=UTC)

CAST = Cast(
    {
        "mira": people.OWNER,
        "anna": people.ANNA,
        "ben": people.BEN,
        "chiara": people.CHIARA,
        "emi": people.EMI,
        "greta": people.GRETA,
        "hugo": people.HUGO,
        "ida": people.IDA,
        "jonas": people.JONAS,
        "weather": people.WEATHER_BOT,
        "gazette": mark_channel(GAZETTE_ID),
    }
)


def build_demo(seed: int, messages: int) -> World:
    """Return the demo world; its size is what is written, so `messages` is not used."""
    del messages
    stage = Stage(seed, _NOW)
    team = stage.channel(
        chats.supergroup(TEAM_ID, "Tidewatch", "tidewatch_demo", participants_count=7), _BEGIN, pinned=True
    )
    perform(team, weave(team_winter.PLAY, team_daily.PLAY, team_summer.PLAY))
    _publish(stage)
    perform(stage.private(people.CHIARA, _BEGIN), friend.PLAY)
    _put_on_asides(stage)
    return stage.build()


def _publish(stage: Stage) -> None:
    """Put on the Gazette, and what is said below two of its posts."""
    news = chats.broadcast(
        GAZETTE_ID,
        "Harbour Gazette",
        "harbour_gazette_demo",
        participants_count=9_412,
        signatures=True,
        has_link=True,
    )
    full = {"about": "The town's news, without shouting.", "linked_chat_id": TALK_ID}
    paper = stage.channel(news, _BEGIN, full=full)
    perform(paper, gazette.PLAY)
    group = chats.supergroup(TALK_ID, "Gazette talk", has_link=True)
    talk = stage.channel(group, _BEGIN, full={"linked_chat_id": GAZETTE_ID})
    for words, play in aside.TALK.items():
        [post] = [each for each in paper.drafts if words in (getattr(each.message, "message", "") or "")]
        talk.clock = post.date
        root = carry_over(talk, GAZETTE_ID, post)
        before = len(talk.drafts)
        Play(talk, CAST, {"post": root}).perform(play)
        count = len(talk.drafts) - before
        post.message.replies = types.MessageReplies(count, 1, comments=True, channel_id=TALK_ID)


def _read_books(stage: Stage) -> None:
    """Put on a basic group and the supergroup that it became."""
    readers = [people.OWNER, people.IDA, people.HUGO, people.GRETA]
    moved = types.InputChannel(BOOKS_ID, 0)
    old = chats.group(OLD_BOOKS_ID, "Book club", 0, deactivated=True, migrated_to=moved)
    before = stage.group(old, _BEGIN, listed=False, full={"members": readers})
    perform(before, aside.BOOKS_BEFORE)
    before.act(people.IDA, types.MessageActionChatMigrateTo(BOOKS_ID))
    after = stage.channel(
        chats.supergroup(BOOKS_ID, "Book club"),
        before.clock,
        archived=True,
        full={"migrated_from_chat_id": OLD_BOOKS_ID},
    )
    after.act(mark_channel(BOOKS_ID), types.MessageActionChannelMigrateFrom("Book club", OLD_BOOKS_ID))
    perform(after, aside.BOOKS)


def perform(script: Script, play: str) -> None:
    """Speak a play into a script."""
    Play(script, CAST).perform(play)


def _put_on_asides(stage: Stage) -> None:
    perform(stage.private(people.OWNER, _BEGIN), aside.NOTES)
    perform(stage.group(chats.group(LUNCH_ID, "Sunday lunch", 3), _BEGIN), aside.LUNCH)
    perform(stage.private(people.WEATHER_BOT, _BEGIN), aside.WEATHER)
    _read_books(stage)
    forum = stage.channel(chats.supergroup(ALLOTMENT_ID, "Allotment 14", forum=True), _BEGIN)
    welcome, plan = aside.ALLOTMENT.split("\n= 2026-06-10", 1)
    perform(forum, welcome)
    for title, play in aside.ALLOTMENT_TOPICS.items():
        start_topic(forum, people.IDA, title)
        perform(forum, play)
        forum.topic = None
    perform(forum, "= 2026-06-10" + plan)
