"""The demo world: half a year of a small town, pleasant to read."""

from datetime import UTC, datetime

from tobs.core.ids import mark_channel
from tobs.simulator.corpus import chats, people
from tobs.simulator.corpus.demo import aside, friend, gazette, team_daily, team_summer, team_winter
from tobs.simulator.corpus.small import start_topic
from tobs.simulator.model import World
from tobs.simulator.screenplay import Cast, Play, weave
from tobs.simulator.script import Script
from tobs.simulator.stage import Stage

TEAM_ID, GAZETTE_ID, BOOKS_ID, ALLOTMENT_ID = 1_900_000_001, 1_900_000_002, 1_900_000_003, 1_900_000_004
LUNCH_ID = 398_000_001
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
    news = chats.broadcast(
        GAZETTE_ID, "Harbour Gazette", "harbour_gazette_demo", participants_count=9_412, signatures=True
    )
    perform(stage.channel(news, _BEGIN, full={"about": "The town's news, without shouting."}), gazette.PLAY)
    perform(stage.private(people.CHIARA, _BEGIN), friend.PLAY)
    _put_on_asides(stage)
    return stage.build()


def perform(script: Script, play: str) -> None:
    """Speak a play into a script."""
    Play(script, CAST).perform(play)


def _put_on_asides(stage: Stage) -> None:
    perform(stage.private(people.OWNER, _BEGIN), aside.NOTES)
    perform(stage.group(chats.group(LUNCH_ID, "Sunday lunch", 3), _BEGIN), aside.LUNCH)
    perform(stage.private(people.WEATHER_BOT, _BEGIN), aside.WEATHER)
    perform(stage.channel(chats.supergroup(BOOKS_ID, "Book club"), _BEGIN, archived=True), aside.BOOKS)
    forum = stage.channel(chats.supergroup(ALLOTMENT_ID, "Allotment 14", forum=True), _BEGIN)
    welcome, plan = aside.ALLOTMENT.split("\n= 2026-06-10", 1)
    perform(forum, welcome)
    for title, play in aside.ALLOTMENT_TOPICS.items():
        start_topic(forum, people.IDA, title)
        perform(forum, play)
        forum.topic = None
    perform(forum, "= 2026-06-10" + plan)
