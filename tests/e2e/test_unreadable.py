"""A message that this version cannot read costs itself and nothing else, is named, and is read when it can be."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from telethon import functions
from telethon.tl import types

from e2e.changes import Answer, chat_called, never_migrated, serving_instead
from e2e.stage import Finished, Stage, open_stage, query, read_tree
from tobs.core.report import ChatReport
from tobs.core.span import Span
from tobs.simulator.dispatch import Context
from tobs.simulator.faults import FaultScript, StrangeTypes
from tobs.simulator.model import Chat
from tobs.simulator.overlay import PickedLog
from tobs.simulator.presets import PRESETS
from tobs.simulator.world import BENCH_CHAT, WORLDS

CLUB = "Rowing Club"
"""A supergroup of 131 messages, with holes."""

GROWTH = 7
"""How many pages it takes to come back to full ones."""

MOST_PROBES = 62
"""How many requests find an id that nothing is known of."""


@dataclass
class Strange:
    """What the server says in types of a later layer, until it is taken back."""

    parts: set[int] = field(default_factory=set)
    messages: set[int] = field(default_factory=set)
    peers: set[int] = field(default_factory=set)

    @property
    def ids(self) -> list[int]:
        return sorted(self.parts | self.messages)

    def become_known(self) -> None:
        for each in (self.parts, self.messages, self.peers):
            each.clear()


@asynccontextmanager
async def strange_stage(folder: Path, world: str = "small") -> AsyncIterator[tuple[Stage, Strange]]:
    strange = Strange()
    fault = StrangeTypes(parts=strange.parts, messages=strange.messages, peers=strange.peers)
    async with open_stage(never_migrated(WORLDS[world](1, 0)), folder, faults=FaultScript([fault])) as stage:
        yield stage, strange


async def export_one(stage: Stage, chat: Chat, output: Path, code: int, **settings: Any) -> ChatReport:
    report = await stage.export(str(chat.marked), output=output, **settings)
    assert (report.exit_code, report.error) == (code, ""), report
    return report.chats[0]


async def verify(stage: Stage, output: Path, *arguments: str) -> dict[str, Any]:
    done: Finished = await stage.tobs("verify", "-o", str(output), "--json", *arguments)
    found: dict[str, Any] = json.loads(done.out)
    assert found["exit_code"] == done.code
    return found


def stored_ids(output: Path) -> list[int]:
    return [number for (number,) in query(output, "SELECT id FROM messages ORDER BY id")]


def marked_ids(output: Path) -> list[int]:
    return [number for (number,) in query(output, "SELECT id FROM unreadable ORDER BY id")]


def ids_of(chat: Chat) -> list[int]:
    return [chat.log.id_at(rank) for rank in range(len(chat.log))]


Pick = Callable[[list[int]], list[int]]

PLACES: dict[str, Pick] = {
    "one": lambda ids: [ids[-40]],
    "several of one page": lambda ids: [ids[-10], ids[-40], ids[-70]],
    "neighbours": lambda ids: ids[-43:-38],
    "the newest": lambda ids: ids[-1:],
    "the newest ones": lambda ids: ids[-3:],
    "the oldest": lambda ids: ids[:1],
    "a whole page": lambda ids: ids[-100:],
    "all": lambda ids: ids,
    "at the border of two pages": lambda ids: [ids[-101], ids[-100]],
}


@pytest.mark.parametrize("pick", PLACES.values(), ids=PLACES.keys())
@pytest.mark.parametrize("is_whole", [False, True], ids=["a part", "the message"])
async def test_unreadable_messages_cost_only_themselves(tmp_path: Path, pick: Pick, is_whole: bool) -> None:
    output = tmp_path / "out"
    async with strange_stage(tmp_path) as (stage, strange):
        chat = chat_called(stage.world, CLUB)
        ids = ids_of(chat)
        (strange.messages if is_whole else strange.parts).update(pick(ids))
        report = await export_one(stage, chat, output, 3)
        readable = sorted({*ids} - {*strange.ids})
        assert (stored_ids(output), marked_ids(output)) == (readable, strange.ids)
        tally = report.tally
        assert (tally.stored, tally.unreadable, tally.unknown) == (len(readable), len(strange.ids), 0)
        assert tally.stored + tally.unreadable + tally.empty == ids[-1]
        assert report.unreadable == strange.ids[:20]

        widest = max(high - low for low, high in pairwise(ids)).bit_length()
        each = 1 + GROWTH + is_whole * (2 + 2 * widest)
        most = 1 + -(-ids[-1] // 100) + each * len(strange.ids)
        assert stage.simulator.counts["messages.getHistory"] <= most + is_whole * MOST_PROBES

        found = await verify(stage, output)
        [account] = [each["account"] for each in found["chats"]]
        assert (found["exit_code"], account["unreadable"]) == (3, strange.ids[:20])
        assert (found["damage"]["count"], found["chats"][0]["damage"]["count"], account["holes"]) == (
            0,
            0,
            [],
        )


@pytest.mark.parametrize("is_whole", [False, True], ids=["a part", "the message"])
async def test_a_later_version_reads_what_an_earlier_one_could_not(tmp_path: Path, is_whole: bool) -> None:
    output, whole = tmp_path / "out", tmp_path / "whole"
    async with strange_stage(tmp_path) as (stage, strange):
        chat = chat_called(stage.world, CLUB)
        strange_ids = strange.messages if is_whole else strange.parts
        strange_ids.update(ids_of(chat)[-30:-10:2], ids_of(chat)[:1])
        await export_one(stage, chat, output, 3)
        again = await export_one(stage, chat, output, 3)
        assert (again.new, again.tally.unreadable) == (0, 11)
        strange.become_known()
        before = stage.simulator.counts["channels.getMessages"]
        last = await export_one(stage, chat, output, 0, refresh_window="0")
        assert (last.new, last.tally.unreadable, marked_ids(output)) == (11, 0, [])
        assert stage.simulator.counts["channels.getMessages"] == before + 1
        assert (await verify(stage, output))["exit_code"] == 0
        await export_one(stage, chat, whole, 0)
        assert read_tree(output) == read_tree(whole)


async def test_what_still_cannot_be_read_is_asked_for_in_few_requests(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with strange_stage(tmp_path) as (stage, strange):
        chat = chat_called(stage.world, CLUB)
        strange.parts.update(ids_of(chat)[:100])
        await export_one(stage, chat, output, 3)
        answers = query(output, "SELECT count(*) FROM responses")
        before = stage.simulator.counts["channels.getMessages"]
        await export_one(stage, chat, output, 3, refresh_window="0")
        assert stage.simulator.counts["channels.getMessages"] <= before + 7
        assert query(output, "SELECT count(*) FROM responses") == answers


async def test_a_chat_without_such_messages_is_asked_as_before(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(never_migrated(WORLDS["small"](1, 0)), tmp_path) as stage:
        chat = chat_called(stage.world, CLUB)
        await export_one(stage, chat, output, 0)
        await export_one(stage, chat, output, 0, refresh_window="0")
        assert stage.simulator.counts["messages.getHistory"] <= 2 + -(-chat.top // 100)
        assert stage.simulator.counts["channels.getMessages"] == 0


async def test_a_service_message_can_be_unreadable(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with strange_stage(tmp_path) as (stage, strange):
        chat = chat_called(stage.world, CLUB)
        services = [
            each
            for each in ids_of(chat)
            if isinstance(stage.world.message(chat.marked, each), types.MessageService)
        ]
        strange.parts.update(services)
        await export_one(stage, chat, output, 3)
        assert marked_ids(output) == services


@pytest.mark.parametrize("is_whole", [False, True], ids=["a part", "the message"])
async def test_chats_that_share_their_ids_name_just_their_own(tmp_path: Path, is_whole: bool) -> None:
    output = tmp_path / "out"
    async with strange_stage(tmp_path) as (stage, strange):
        chats = [each for each in stage.world.chats if each.listed and each.owner and each.count > 5]
        for chat in chats:
            (strange.messages if is_whole else strange.parts).update(ids_of(chat)[-2:], ids_of(chat)[1:2])
        report = await stage.export(*(str(each.marked) for each in chats), output=output)
        assert report.exit_code == 3
        for chat, said in zip(chats, report.chats, strict=True):
            assert said.unreadable == sorted({*ids_of(chat)[-2:], *ids_of(chat)[1:2]})
            assert (said.tally.stored, said.tally.unknown) == (chat.count - 3, 0)
        assert not (await verify(stage, output))["damage"]["count"]


async def test_a_person_who_cannot_be_read_costs_no_message(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with strange_stage(tmp_path) as (stage, strange):
        chat = chat_called(stage.world, CLUB)
        people = sorted(each for each in chat.log.peers(0, len(chat.log)) if each > 0)
        strange.peers.add(people[1])
        report = await export_one(stage, chat, output, 0)
        assert report.tally.stored == chat.count
        assert stage.simulator.counts["messages.getHistory"] <= 1 + -(-chat.top // 100)
        names = {number for (number,) in query(output, "SELECT id FROM peers")}
        assert people[0] in names
        assert people[1] not in names
        assert (await verify(stage, output))["exit_code"] == 0
        strange.become_known()
        await export_one(stage, chat, output, 0)
        assert {*people} <= {number for (number,) in query(output, "SELECT id FROM peers")}


async def test_an_edit_that_cannot_be_read_is_no_secret(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with strange_stage(tmp_path) as (stage, strange):
        chat = chat_called(stage.world, CLUB)
        edited = ids_of(chat)[-5]
        await export_one(stage, chat, output, 0)
        stage.world.edit_message(chat.marked, edited, "in words that nobody knows")
        strange.parts.add(edited)
        report = await export_one(stage, chat, output, 3)
        assert (report.unreadable, report.tally.stored, report.deleted) == ([edited], chat.count - 1, 0)
        assert edited in stored_ids(output)
        assert (await verify(stage, output))["exit_code"] == 3
        strange.become_known()
        report = await export_one(stage, chat, output, 0)
        assert (report.edited, report.tally.stored) == (1, chat.count)


async def test_an_unreadable_message_that_is_deleted_is_an_empty_id(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with strange_stage(tmp_path) as (stage, strange):
        chat = chat_called(stage.world, CLUB)
        gone, left = ids_of(chat)[-6], ids_of(chat)[5]
        strange.parts.update((gone, left))
        first = await export_one(stage, chat, output, 3)
        stage.world.delete_messages(chat.marked, [gone])
        second = await export_one(stage, chat, output, 3)
        assert (second.unreadable, second.tally.empty) == ([left], first.tally.empty + 1)


async def test_a_range_meets_unreadable_messages_too(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with strange_stage(tmp_path) as (stage, strange):
        chat = chat_called(stage.world, CLUB)
        ids = ids_of(chat)
        strange.parts.update((ids[-1], ids[-7]))
        strange.messages.update((ids[-3], ids[-20], ids[-21], ids[-40]))
        low, high = ids[-22], ids[-2]
        report = await export_one(stage, chat, output, 3, span=Span(low=low, high=high))
        assert report.tally.unreadable == 4
        assert stored_ids(output) == [each for each in ids if low <= each <= high and each not in strange.ids]
        last = await export_one(stage, chat, tmp_path / "last", 3, span=Span(last=30))
        assert (last.tally.unreadable, last.tally.unknown) == (5, 0)


async def test_a_probe_finds_an_unreadable_message_that_was_left_out(tmp_path: Path) -> None:
    output = tmp_path / "out"
    hidden: list[int] = []

    def leave_out(_context: Context, _request: Any, answer: Answer) -> Any:
        """Answer as if these messages did not exist, as a list may that a look by id contradicts."""
        removed = chat.log
        chat.log = PickedLog(
            removed, [each for each, number in enumerate(ids_of(chat)) if number not in hidden]
        )
        try:
            return answer()
        finally:
            chat.log = removed

    async with strange_stage(tmp_path) as (stage, strange):
        chat = chat_called(stage.world, CLUB)
        ids = ids_of(chat)
        hidden += [ids[-3], ids[-4], ids[9]]
        with serving_instead(functions.messages.GetHistoryRequest, leave_out):
            before = await export_one(stage, chat, output, 0)
        strange.parts.update(hidden[:1])
        strange.messages.update(hidden[1:])
        found = await verify(stage, output, "--probe")
        [account] = [each["account"] for each in found["chats"]]
        assert (found["exit_code"], account["unreadable"]) == (3, sorted(hidden))
        assert account["tally"]["stored"] == before.tally.stored == chat.count - 3
        assert found["chats"][0]["asked_server"]["found"] == []
        assert not found["chats"][0]["notes"]["outdated"]


@pytest.mark.parametrize("seed", [1, 2])
async def test_pages_that_are_bent_as_well_change_nothing(tmp_path: Path, seed: int) -> None:
    output, world = tmp_path / "out", WORLDS["bench"](1, 900)
    [chat] = [each for each in world.chats if f"@{each.username}" == BENCH_CHAT]
    ids = ids_of(chat)
    parts, whole = {*ids[7::60], ids[-1]}, {*ids[40:43], ids[-2]}
    faults = [*PRESETS["pages"](), StrangeTypes(parts=parts, messages=whole)]
    async with open_stage(world, tmp_path, faults=FaultScript(faults, seed=seed)) as stage:
        report = await export_one(stage, chat, output, 3)
        assert marked_ids(output) == sorted(parts | whole)
        assert stored_ids(output) == sorted({*ids} - parts - whole)
        assert report.tally.unknown == 0


async def test_they_are_named_where_a_person_looks(tmp_path: Path) -> None:
    async with strange_stage(tmp_path) as (stage, strange):
        chat = chat_called(stage.world, CLUB)
        strange.parts.update(ids_of(chat)[4:6])
        one, two = strange.ids
        done = await stage.tobs("export", str(chat.marked), "-o", "out")
        assert (done.code, "Traceback" in done.err) == (3, False)
        [note] = (tmp_path / "out").glob(f"{CLUB}/{CLUB}.md")
        text = note.read_text()
        assert f"2 messages cannot be read by this version of tobs: {one}, {two}" in text
        assert "ids_unreadable: 2" in text
        said = await stage.tobs("verify", "-o", "out")
        assert said.out.startswith("INCOMPLETE")
        assert f"unreadable {one}, {two}; kept as Telegram sent them" in said.out
        run = json.loads(next((tmp_path / "out" / ".tobs" / "runs").glob("*.json")).read_text())
        assert run["chats"][0]["unreadable"] == [one, two]


async def test_a_garbled_answer_is_no_matter_of_layers(tmp_path: Path) -> None:
    async with open_stage(never_migrated(WORLDS["small"](1, 0)), tmp_path) as stage:
        chat = chat_called(stage.world, CLUB)
        spoilt: list[int] = []

        def spoil(most: int) -> Callable[[Context, Any, Answer], Any]:
            def serve(_context: Context, request: Any, answer: Answer) -> Any:
                whole = bytes(answer())
                if request.offset_id and len(spoilt) < most:
                    spoilt.append(request.offset_id)
                    return b"none" + whole[4:]
                return whole

            return serve

        with serving_instead(functions.messages.GetHistoryRequest, spoil(2)):
            await export_one(stage, chat, tmp_path / "out", 0)
        assert len(spoilt) == 2
        spoilt.clear()
        with serving_instead(functions.messages.GetHistoryRequest, spoil(1000)):
            report = await stage.export(str(chat.marked), output=tmp_path / "two")
        assert (report.exit_code, report.chats[0].tally.unreadable) == (12, 0)
        assert max(map(spoilt.count, spoilt)) == 3
        assert report.chats[0].tally.stored == 100
