"""One connection under all requests: what breaks is mended once, and given up once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from telethon import errors as tg
from telethon import functions
from telethon import types as tl
from telethon.errors import PeerIdInvalidError, UsernameNotOccupiedError

from e2e.changes import refusing, serving_instead
from e2e.stage import API_HASH, Stage, open_stage
from tobs._util.clock import ManualClock
from tobs.core.events import Waiting
from tobs.errors import (
    GaveUpWaiting,
    NetworkError,
    NoAccess,
    ServerError,
    SessionRevoked,
    TobsError,
    UsageError,
)
from tobs.simulator.corpus.people import OWNER
from tobs.simulator.dispatch import RpcError
from tobs.simulator.faults import Drop, FaultScript
from tobs.simulator.world import WORLDS
from tobs.telegram.client import Client
from tobs.telegram.connection import RECONNECT_PAUSES, Identity, Server
from tobs.telegram.faults import MOST_BREAKS, RETRIES, Failures
from tobs.telegram.flood import FloodGate
from tobs.telegram.session import AccountFolder

HISTORY = functions.messages.GetHistoryRequest
CONFIG = functions.help.GetConfigRequest
METHOD = "messages.getHistory"
PATIENT = 60.0


def ask(limit: int = 3) -> Any:
    """Return a request for the newest saved messages."""
    return HISTORY(tl.InputPeerSelf(), 0, None, 0, limit, 0, 0, 0)


@asynccontextmanager
async def talking(
    folder: Path, *, faults: FaultScript | None = None, timeout_seconds: float = PATIENT
) -> AsyncIterator[tuple[Client, Stage, ManualClock]]:
    """Connect an account; between two tries no time passes but on the clock."""
    async with open_stage(WORLDS["small"](1, 0), folder, faults=faults) as stage:
        Server(stage.simulator.address, stage.simulator.public_key_pem).trust_key()
        clock = ManualClock()
        gate = FloodGate(clock, stage.events.append, max_wait_seconds=3600)
        session = AccountFolder(stage.account_folder).open_session()
        client = Client(session, Identity(1, API_HASH), gate, clock, timeout_seconds=timeout_seconds)
        async with client:
            yield client, stage, clock


@contextmanager
def hanging(first: int) -> Iterator[asyncio.Queue[Any]]:
    """Leave the first requests without an answer; they are told as they come in."""
    seen: asyncio.Queue[Any] = asyncio.Queue()
    left = first

    async def serve(_context: object, request: Any, answer: Any) -> Any:
        nonlocal left
        seen.put_nowait(request)
        left -= 1
        if left >= 0:
            await asyncio.Event().wait()
        return answer()

    with serving_instead(HISTORY, serve, is_async=True):
        yield seen


async def test_an_answer_as_bytes_is_the_answer_as_an_object(tmp_path: Path) -> None:
    async with talking(tmp_path) as (client, _, _clock):
        whole = await client.send(ask(), "messages")
        raw = await client.send_raw(ask(), "messages")
    assert raw.raw.startswith(bytes(whole))
    assert len(raw.raw) - len(bytes(whole)) <= 1024  # the padding of MTProto
    assert (raw.told_waits, raw.sent_at, raw.latency_seconds) == (0, 0, 0)


async def test_what_was_answered_is_counted_by_method(tmp_path: Path) -> None:
    async with talking(tmp_path) as (client, _, _clock):
        assert client.counts == {"help.getConfig": 1}
        with refusing(HISTORY, RpcError(500, "RPC_CALL_FAIL"), None):
            await client.send(ask(), "messages")
        await client.send(functions.users.GetUsersRequest([tl.InputUserSelf()]), "the account")
    assert client.counts == {"help.getConfig": 1, METHOD: 1, "users.getUsers": 1}


@pytest.mark.parametrize("error", [RpcError(500, "RPC_CALL_FAIL"), RpcError(-503, "Timeout")])
async def test_a_fault_of_the_server_is_asked_again_a_little_later_each_time(
    tmp_path: Path, error: RpcError
) -> None:
    async with talking(tmp_path) as (client, _, clock):
        with refusing(HISTORY, *[error] * RETRIES) as seen:
            assert (await client.send(ask(2), "messages")).messages
        assert len(seen) == RETRIES + 1
        assert clock.monotonic() == sum(range(1, RETRIES + 1))
        assert client.counts["help.getConfig"] == 1  # the connection was not what failed


async def test_a_fault_of_the_server_that_stays_is_given_up(tmp_path: Path) -> None:
    async with talking(tmp_path) as (client, _, _clock):
        with refusing(HISTORY, *[RpcError(500, "INTERNAL")] * 50) as seen:
            with pytest.raises(ServerError, match="Telegram refused messages of me"):
                await client.send(ask(), "messages of me")
            assert len(seen) == RETRIES + 1
        assert (await client.send(ask(), "messages")).messages


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (RpcError(401, "AUTH_KEY_UNREGISTERED"), SessionRevoked, "has ended this session"),
        (RpcError(401, "SESSION_REVOKED"), SessionRevoked, "has ended this session"),
        (RpcError(401, "USER_DEACTIVATED_BAN"), SessionRevoked, "banned or deleted"),
        (RpcError(400, "CHANNEL_PRIVATE"), NoAccess, "may not read the club"),
        (RpcError(403, "CHAT_ADMIN_REQUIRED"), NoAccess, "may not read the club"),
        (RpcError(400, "MSG_ID_INVALID"), ServerError, "refused the club"),
        (RpcError(400, "NEVER_SEEN_BEFORE"), ServerError, "NEVER_SEEN_BEFORE"),
        (RpcError(420, "FLOOD_WAIT_3601"), GaveUpWaiting, "wait 3601 s before messages.getHistory"),
    ],
)
async def test_a_refusal_is_said_in_our_words_and_not_repeated(
    tmp_path: Path, error: RpcError, kind: type[TobsError], words: str
) -> None:
    async with talking(tmp_path) as (client, _, _clock):
        with refusing(HISTORY, error) as seen, pytest.raises(kind, match=words):
            await client.send(ask(), "the club")
        assert len(seen) == 1
        assert client.counts[METHOD] == 0


@pytest.mark.parametrize(
    ("text", "kind"),
    [("PEER_ID_INVALID", PeerIdInvalidError), ("USERNAME_NOT_OCCUPIED", UsernameNotOccupiedError)],
)
async def test_an_answer_to_the_callers_own_question_is_left_to_the_caller(
    tmp_path: Path, text: str, kind: type[Exception]
) -> None:
    async with talking(tmp_path) as (client, _, _clock):
        with refusing(HISTORY, RpcError(400, text)), pytest.raises(kind):
            await client.send(ask(), "messages")


async def test_a_told_wait_is_obeyed_and_stands_in_the_answer(tmp_path: Path) -> None:
    async with talking(tmp_path) as (client, stage, clock):
        with refusing(HISTORY, RpcError(420, "FLOOD_WAIT_30"), RpcError(420, "FLOOD_WAIT_12")):
            answer = await client.send_raw(ask(), "messages")
        assert (answer.told_waits, answer.sent_at, clock.monotonic()) == (2, 42, 42)
        assert next(each.seconds for each in stage.events if isinstance(each, Waiting)) == 30


async def test_waits_do_not_use_up_the_retries(tmp_path: Path) -> None:
    async with talking(tmp_path) as (client, _, _clock):
        with refusing(HISTORY, *[RpcError(420, "FLOOD_WAIT_1")] * (3 * RETRIES)):
            assert (await client.send_raw(ask(), "messages")).told_waits == 3 * RETRIES


async def test_a_connection_that_breaks_is_made_anew_once_for_all(tmp_path: Path) -> None:
    faults = FaultScript([Drop(methods=(METHOD,), at=(4,))])
    async with talking(tmp_path, faults=faults) as (client, stage, _clock):
        answers = await asyncio.gather(*(client.send(ask(1), "messages") for _ in range(8)))
        assert [len(each.messages) for each in answers] == [1] * 8
        assert client.counts["help.getConfig"] == 2
        assert client.counts[METHOD] == 8
        assert stage.simulator.counts[METHOD] >= 8


async def test_a_connection_that_always_breaks_is_given_up(tmp_path: Path) -> None:
    faults = FaultScript([Drop(methods=(METHOD,))])
    async with talking(tmp_path, faults=faults) as (client, _, _clock):
        with pytest.raises(NetworkError, match="failed while asking for messages of me"):
            await client.send(ask(), "messages of me")
        assert client.counts == {"help.getConfig": 1 + RETRIES}


async def test_a_line_that_often_breaks_under_many_requests_loses_none(tmp_path: Path) -> None:
    # Of sixteen in flight each one breaks it for all: a single one is sent far more often than it fails itself.
    faults = FaultScript([Drop(methods=(METHOD,), chance=0.18)], seed=3)
    async with talking(tmp_path, faults=faults) as (client, _, _clock):
        waiting = iter(range(100))

        async def work() -> list[int]:
            return [len((await client.send(ask(1), "messages")).messages) for _ in waiting]

        done = await asyncio.gather(*(work() for _ in range(16)))
        assert [each for some in done for each in some] == [1] * 100


def test_a_request_is_given_up_when_nothing_is_answered_any_more() -> None:
    failures = Failures()
    assert [failures.note(EOFError(), answers=7) for _ in range(RETRIES + 1)] == [True] * RETRIES + [False]


def test_a_request_that_breaks_every_connection_is_given_up_although_others_are_answered() -> None:
    failures = Failures()
    said = [failures.note(EOFError(), answers=each) for each in range(MOST_BREAKS + 1)]
    assert said == [True] * MOST_BREAKS + [False]


def test_what_the_server_refuses_does_not_become_better_by_answers_to_others() -> None:
    failures = Failures()
    said = [failures.note(tg.RpcCallFailError(None), answers=each) for each in range(RETRIES + 1)]
    assert said == [True] * RETRIES + [False]


async def test_a_request_without_an_answer_is_sent_again_on_another_connection(tmp_path: Path) -> None:
    async with talking(tmp_path, timeout_seconds=0.05) as (client, _, _clock):
        with hanging(1) as seen:
            assert (await client.send(ask(), "messages")).messages
            assert seen.qsize() == 2
        assert client.counts == {"help.getConfig": 2, METHOD: 1}


async def test_a_caller_that_is_cancelled_leaves_the_connection_to_the_others(tmp_path: Path) -> None:
    async with talking(tmp_path) as (client, _, _clock):
        with hanging(1) as seen:
            waiting = asyncio.ensure_future(client.send(ask(), "messages"))
            await seen.get()
            waiting.cancel()
            await asyncio.wait([waiting])
            assert (await client.send(ask(), "messages")).messages
        assert waiting.cancelled()
        assert client.counts == {"help.getConfig": 1, METHOD: 1}


async def test_a_server_that_is_gone_fails_all_who_wait_after_one_round_of_tries(tmp_path: Path) -> None:
    async with talking(tmp_path) as (client, stage, clock):
        with hanging(100) as seen:
            waiting = [asyncio.ensure_future(client.send(ask(), "messages")) for _ in range(6)]
            for _ in waiting:
                await seen.get()
            await stage.simulator.__aexit__(None, None, None)
            found = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(each) for each in found} == {NetworkError}
        assert {str(each) for each in found} == {f"Cannot reach {stage.simulator.address}."}
        assert clock.monotonic() == sum(RECONNECT_PAUSES)
        with pytest.raises(NetworkError, match="Cannot reach"):
            await client.send(ask(), "messages")
        assert clock.monotonic() == sum(RECONNECT_PAUSES)


async def test_a_session_that_ends_while_requests_wait_ends_all_of_them(tmp_path: Path) -> None:
    async with talking(tmp_path) as (client, stage, _clock):
        stage.simulator.revoke(OWNER)
        found = await asyncio.gather(
            *(client.send(ask(), "messages") for _ in range(3)), return_exceptions=True
        )
    assert {type(each) for each in found} == {SessionRevoked}


async def test_a_server_that_refuses_to_be_introduced_to_is_tried_again(tmp_path: Path) -> None:
    faults = FaultScript([Drop(methods=(METHOD,), at=(1,))])
    async with talking(tmp_path, faults=faults) as (client, _, clock):
        with refusing(CONFIG, RpcError(420, "FLOOD_WAIT_5"), RpcError(500, "INTERNAL"), None) as seen:
            assert (await client.send(ask(), "messages")).messages
        assert (len(seen), clock.monotonic()) == (3, sum(RECONNECT_PAUSES[:3]))


@pytest.mark.parametrize(
    ("address", "endpoint"),
    [
        ("127.0.0.1:443", ("127.0.0.1", 443)),
        ("box.example:8443", ("box.example", 8443)),
        ("[::1]:80", ("::1", 80)),
    ],
)
def test_a_server_is_a_host_and_a_port(address: str, endpoint: tuple[str, int]) -> None:
    assert Server(address).endpoint == endpoint


@pytest.mark.parametrize("address", ["localhost", ":443", "host:", "host:http", "host:-1", "host:4.5"])
def test_another_form_of_address_is_refused_with_what_was_said(address: str) -> None:
    with pytest.raises(UsageError, match=r"TOBS_SERVER must be host:port, not "):
        _ = Server(address).endpoint


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END"])
def test_what_is_no_key_is_not_trusted(key: str) -> None:
    with pytest.raises(UsageError, match="TOBS_SERVER_KEY"):
        Server("127.0.0.1:1", key).trust_key()
