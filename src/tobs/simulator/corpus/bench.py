"""The world of `tobs bench`: one supergroup as large as wanted, and the saved messages."""

from datetime import UTC, datetime

from tobs.simulator.corpus import chats, people
from tobs.simulator.corpus.bulk import TemplateWriter
from tobs.simulator.logs import BulkLog, Calendar, WrittenLog
from tobs.simulator.marks import marked_of
from tobs.simulator.model import Chat, Kind, World
from tobs.simulator.script import Script, number, write_log

BULK_USERNAME = "bench_bulk"
_BEGIN = datetime(2023, 2, 1, 6, 0, tzinfo=UTC)
_NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_THREE_YEARS = 3 * 365 * 86_400
_TEMPLATES = 499
_SPEAKERS = 40


def bulk_chat(seed: int, messages: int) -> tuple[list[object], Chat]:
    """Return the peers and the chat of one bulk supergroup: dense ids, a few single gaps and two longer holes."""
    speakers = [people.person(5_200_000_000 + n, f"Member {n}", None, None) for n in range(1, _SPEAKERS)]
    entity = chats.supergroup(2_000_000_001, "Bench bulk", BULK_USERNAME, participants_count=_SPEAKERS)
    news = chats.broadcast(2_000_000_002, "Bench news", "bench_news")
    ids = [people.OWNER, *(user.id for user in speakers)]
    templates = TemplateWriter(seed, marked_of(entity), people.OWNER, ids, marked_of(news)).write(_TEMPLATES)
    calendar = Calendar(
        int(_BEGIN.timestamp()),
        _THREE_YEARS,
        runs=((messages * 2 // 5, 150), (messages * 3 // 4, 40)) if messages >= 20_000 else (),
    )
    log = BulkLog(templates, messages, calendar)
    return [*speakers, news], Chat(Kind.SUPERGROUP, entity, log, pts=2 * messages + 1)


def build_bench(seed: int, messages: int) -> World:
    """Return a world with one supergroup of that many messages over three years."""
    accounts = people.accounts()
    saved = Script(people.OWNER, people.OWNER, _NOW)
    saved.say(people.OWNER, "A note to myself.")
    number([saved])
    peers, bulk = bulk_chat(seed, messages)
    own = Chat(Kind.SELF, accounts[0].user, write_log(saved), owner=people.OWNER)
    news = Chat(Kind.CHANNEL, peers[-1], WrittenLog([]), listed=False)
    users = [account.user for account in accounts]
    return World(seed, int(_NOW.timestamp()) + 86_400, accounts, [*users, *peers], [own, bulk, news])
