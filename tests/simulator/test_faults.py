"""What goes wrong by script, as an unmodified client meets it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from telethon import TelegramClient, errors
from telethon.tl import functions, types

from simulator.protocol_world import bare_context, connected, logged_in
from simulator.visitors import history, ids_of, visiting
from tobs._util.clock import ManualClock
from tobs.core.ids import mark_channel
from tobs.simulator.bends import Bend
from tobs.simulator.corpus.holes import HOLES_ID
from tobs.simulator.dispatch import open_call
from tobs.simulator.faults import (
    BentPage,
    Delay,
    Drop,
    Fault,
    FaultScript,
    Flood,
    Refusal,
    Revocation,
    Stall,
    TooLong,
)
from tobs.simulator.limits import RateLimit
from tobs.simulator.presets import PRESETS, make_script
from tobs.simulator.server import Simulator
from tobs.simulator.world import WORLDS, World

HISTORY = ("messages.getHistory",)
ME = types.InputPeerSelf()


@pytest.fixture(scope="module")
def small() -> World:
    return WORLDS["small"](1, 0)


@pytest.fixture(scope="module")
def everything() -> World:
    return WORLDS["everything"](1, 0)


async def outcome(client: TelegramClient, request: Any) -> str:
    """The answer's type, or what the error says."""
    try:
        return type(await client._sender.send(request)).__name__
    except errors.RPCError as error:
        return f"{error.code} {type(error).__name__} {getattr(error, 'seconds', '')}".strip()


async def test_floods_come_at_their_counts_and_tell_their_seconds(small: World) -> None:
    script = FaultScript(
        [Flood(17, methods=HISTORY, at=(2,)), Flood(5, is_premium=True, methods=HISTORY, every=3)]
    )
    async with visiting(small, faults=script) as (client, _):
        seen = [await outcome(client, history(ME)) for _ in range(4)]
    assert seen == ["Messages", "420 FloodWaitError 17", "420 FloodPremiumWaitError 5", "Messages"]
    assert script.struck["Flood"] == 2


def test_faults_without_a_method_leave_the_login_alone(small: World) -> None:
    asked = [functions.help.GetConfigRequest(), functions.auth.CheckPasswordRequest(None), history(ME)]
    concerned = [Refusal().concerns(open_call(bare_context(small), request)) for request in asked]
    assert concerned == [False, False, True]
    assert Refusal(methods=("auth.*",)).concerns(open_call(bare_context(small), asked[1]))


async def test_errors_of_the_server_have_their_codes(small: World) -> None:
    script = FaultScript(
        [
            Refusal(500, "INTERNAL", methods=HISTORY, at=(1,)),
            Refusal(-503, "Timeout", methods=HISTORY, at=(2,)),
        ]
    )
    async with visiting(small, faults=script) as (client, _):
        seen = [await outcome(client, history(ME)) for _ in range(3)]
    assert [line.split()[0] for line in seen] == ["500", "503", "Messages"]


async def struck_by_chance(world: World, seed: int) -> list[str]:
    script = FaultScript([Refusal(chance=0.4, methods=HISTORY)], seed=seed)
    async with visiting(world, faults=script) as (client, _):
        asked = [history(ME, offset_id=number) for number in range(1, 25)]
        return [await outcome(client, request) for request in asked]


async def test_chance_is_the_same_for_the_same_seed_and_requests(small: World) -> None:
    first = await struck_by_chance(small, 4)
    assert first == await struck_by_chance(small, 4)
    assert first != await struck_by_chance(small, 5)
    assert 3 < sum(line.startswith("500") for line in first) < 18


async def test_the_fate_of_a_request_does_not_depend_on_the_order_of_others(small: World) -> None:
    fates = []
    for numbers in (range(1, 13), range(12, 0, -1)):
        script = FaultScript([Refusal(chance=0.5, methods=HISTORY)], seed=3)
        async with visiting(small, faults=script) as (client, _):
            fates.append({number: await outcome(client, history(ME, offset_id=number)) for number in numbers})
    assert fates[0] == fates[1]


async def test_a_late_answer_holds_up_nobody(small: World) -> None:
    script = FaultScript([Delay(200, methods=HISTORY, at=(1,))])
    async with visiting(small, faults=script) as (client, _):
        order: list[str] = []

        async def ask(name: str) -> None:
            await client._sender.send(history(ME))
            order.append(name)

        await asyncio.gather(ask("late"), ask("early"), ask("early"))
    assert order == ["early", "early", "late"]


async def test_latency_is_added_to_each_answer_and_not_to_their_sum(small: World) -> None:
    async with visiting(small, faults=FaultScript(latency_ms=100)) as (client, _):
        begin = time.monotonic()
        await asyncio.gather(*[client._sender.send(history(ME)) for _ in range(100)])
        seconds = time.monotonic() - begin
    assert 0.1 <= seconds < 100 * 0.1


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_dropped_connection_loses_one_answer_and_a_reconnect_gets_it(
    small: World, is_late: bool
) -> None:
    script = FaultScript([Drop(is_late=is_late, methods=HISTORY, at=(1,))])
    async with visiting(small, faults=script) as (client, simulator):
        # Telethon reconnects by itself and sends what was not answered again.
        assert ids_of(await client._sender.send(history(ME)))
        assert simulator.counts["messages.getHistory"] == 1
    assert script.struck["Drop"] == 1


async def test_a_stalled_request_is_answered_on_another_connection_only(small: World) -> None:
    script = FaultScript([Stall(methods=HISTORY, at=(1,))])
    async with visiting(small, faults=script) as (client, simulator):
        waiting = client._sender.send(history(ME))
        again = client._sender.send(history(ME))
        other = await client._sender.send(history(ME, limit=1))
        assert len(other.messages) == 1
        assert not waiting.done()
        assert not again.done()
        async with connected(simulator, client.session.save()) as second:
            assert ids_of(await second._sender.send(history(ME)))
        assert not again.done()
        waiting.cancel()
        again.cancel()


async def test_a_connection_that_stalls_as_a_whole_answers_not_even_a_ping(small: World) -> None:
    script = FaultScript([Stall(is_whole=True, methods=HISTORY, at=(1,))])
    async with visiting(small, faults=script) as (client, simulator):
        waiting = client._sender.send(history(ME))
        ping = client._sender.send(functions.PingRequest(1))
        async with connected(simulator, client.session.save()) as second:
            assert ids_of(await second._sender.send(history(ME)))
        assert not waiting.done()
        assert not ping.done()
        waiting.cancel()
        ping.cancel()


async def test_a_session_can_be_revoked_at_a_count(small: World) -> None:
    script = FaultScript([Revocation(methods=HISTORY, at=(2,))])
    async with visiting(small, faults=script) as (client, _):
        seen = [await outcome(client, history(ME)) for _ in range(3)]
    assert seen == ["Messages", *["401 SessionRevokedError"] * 2]


async def test_a_short_page_is_cut_from_below(everything: World) -> None:
    async with visiting(everything, faults=FaultScript([BentPage(Bend(share=0.37))])) as (client, _):
        peer = await client.get_input_entity("holes_demo")
        page = await client(history(peer, offset_id=0))
        following = await client(history(peer, offset_id=page.messages[-1].id))
    ids = list(everything.ids(mark_channel(HOLES_ID)))[::-1]
    assert ids_of(page) == ids[:37]
    assert ids_of(following) == ids[37:74]
    assert page.count == len(ids)


async def test_holes_take_places_until_a_page_is_empty_of_messages(everything: World) -> None:
    async with visiting(everything, faults=FaultScript([BentPage(Bend(has_holes=True))])) as (client, _):
        peer = await client.get_input_entity("holes_demo")
        pages = [await client(history(peer))]
        while pages[-1].messages:
            pages.append(await client(history(peer, offset_id=pages[-1].messages[-1].id)))
    shown = [message for page in pages for message in page.messages]
    real = [message.id for message in shown if isinstance(message, types.Message)]
    marked = mark_channel(HOLES_ID)
    assert real == list(everything.ids(marked))[::-1]
    assert [message.id for message in shown] == list(range(real[0], 0, -1))
    assert any({type(message) for message in page.messages} == {types.MessageEmpty} for page in pages)


async def test_ids_come_twice_within_a_page_and_across(everything: World) -> None:
    faults = [
        BentPage(Bend(doubles=2), at=(1,)),
        BentPage(Bend(returns=1), at=(2,)),
        BentPage(Bend(overlap=1), at=(3,)),
        BentPage(Bend(count_factor=0.5), at=(4,)),
    ]
    async with visiting(everything, faults=FaultScript(faults)) as (client, _):
        peer = await client.get_input_entity("holes_demo")
        ids = list(everything.ids(mark_channel(HOLES_ID)))[::-1]
        assert ids_of(await client(history(peer, limit=4))) == [*ids[:3], ids[2], ids[3], ids[3]]
        assert ids_of(await client(history(peer, limit=3))) == [*ids[:3], ids[0]]
        assert ids_of(await client(history(peer, offset_id=ids[5], limit=3))) == ids[5:8]
        lie = await client(history(peer, limit=3))
    assert (ids_of(lie), lie.count) == (ids[:3], len(ids) // 2)


async def test_a_difference_can_be_refused(small: World) -> None:
    async with visiting(small, faults=FaultScript([TooLong(at=(2,))])) as (client, _):
        # The first one is Telethon's own, right after the login.
        state = await client(functions.updates.GetStateRequest())
        request = functions.updates.GetDifferenceRequest(state.pts, state.date, state.qts)
        answers = [type(await client(request)) for _ in range(2)]
    assert answers == [types.updates.DifferenceTooLong, types.updates.DifferenceEmpty]


async def test_a_limit_is_kept_by_whoever_waits_as_told() -> None:
    clock = ManualClock()
    script = FaultScript(rate=RateLimit(100, burst_seconds=1))
    async with visiting(WORLDS["bench"](1, 3_000), clock=clock, faults=script) as (client, _):
        peer = await client.get_input_entity("bench_bulk")
        begin, lowest, seen = clock.now(), 0, 0
        while seen < 3_000:
            try:
                page = await client(history(peer, offset_id=lowest))
            except errors.FloodWaitError as flood:
                clock.advance(flood.seconds)
                continue
            seen += len(page.messages)
            lowest = page.messages[-1].id
    assert 25 <= clock.now() - begin <= 32
    assert script.struck["RateLimit"] > 20


async def test_every_named_script_can_be_read_through_with_patience() -> None:
    world = WORLDS["bench"](1, 600)
    for name in sorted(PRESETS.keys() - {"stalls"}):
        script = make_script(name, seed=2)
        async with Simulator(world, faults=script) as simulator, connected(simulator) as client:
            client.flood_sleep_threshold = 0
            await logged_in(client, next(iter(world.accounts.values())))
            request = functions.contacts.ResolveUsernameRequest("bench_bulk")
            peer = types.InputPeerChannel(
                2_000_000_001, (await patiently(client, request)).chats[0].access_hash
            )
            seen: set[int] = set()
            lowest = 0
            while page := await patiently(client, history(peer, offset_id=lowest)):
                if not page.messages:
                    break
                seen |= {m.id for m in page.messages if not isinstance(m, types.MessageEmpty)}
                lowest = min(message.id for message in page.messages)
            assert (name, seen) == (name, set(world.ids(mark_channel(2_000_000_001))))


async def patiently(client: TelegramClient, request: Any) -> Any:
    for _ in range(30):
        try:
            return await client._sender.send(request)
        except (errors.RPCError, ConnectionError):
            continue
    raise AssertionError(request)


def test_a_fault_strikes_all_it_concerns_when_nothing_else_is_said() -> None:
    assert Refusal().strikes(1, 0.999)
    assert not Refusal(at=(2,)).strikes(1, 0.0)
    assert Refusal(every=3).strikes(6, 0.9)
    assert Refusal(chance=0.1).strikes(1, 0.05)
    with pytest.raises(TypeError):
        Fault()  # type: ignore[abstract]


def test_no_script_is_made_of_nothing() -> None:
    assert make_script("calm") is None
    assert make_script("calm", latency_ms=80) is not None
