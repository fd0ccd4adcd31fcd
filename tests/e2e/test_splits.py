"""Private chats and basic groups under takeout come range by range: all there, once, and every id accounted for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from e2e.stage import open_stage
from e2e.takeouts import ANNA, CHIARA, GROUP, HISTORY, Watch, scattered_world
from e2e.test_weather import assert_same_as_world
from tobs.core.ids import is_channel
from tobs.core.span import parse_span

OWN = (ANNA, CHIARA, GROUP)


async def test_every_message_arrives_once_and_every_id_is_accounted_for(tmp_path: Path) -> None:
    watch = Watch()
    async with open_stage(scattered_world(), tmp_path, faults=watch) as stage:
        chats = [chat.marked for chat in stage.world.chats if chat.listed and chat.top]
        report = await stage.export(*map(str, chats), output=tmp_path / "out", takeout="always")
        assert report.exit_code == 0
        assert_same_as_world(stage, tmp_path / "out", chats)
        for chat in report.chats:
            assert (chat.new, chat.tally.unknown) == (len(list(stage.world.ids(chat.id))), 0)
            assert chat.same <= 0.2 * chat.new  # a page may reach a little below its block
        proved = await stage.tobs("verify", "-o", str(tmp_path / "out"), "--json")
        assert proved.code == 0
        assert all(not each["account"]["tally"]["unknown"] for each in json.loads(proved.out)["chats"])
        for each in watch.asked(HISTORY):
            is_own = not hasattr(each.request.peer, "channel_id")
            assert (each.messages_range is not None) == is_own
        assert report.requests["messages.getSplitRanges"] == 1


@pytest.mark.parametrize("chat", OWN)
async def test_an_empty_range_costs_one_request(tmp_path: Path, chat: int) -> None:
    watch = Watch()
    async with open_stage(scattered_world(), tmp_path, faults=watch) as stage:
        report = await stage.export(str(chat), output=tmp_path / "out", takeout="always", refresh_window="0")
        assert report.exit_code == 0
        ids = list(stage.world.ids(chat))
        asked = [each.messages_range for each in watch.asked(HISTORY)]
        assert None not in asked
        low = {each for each in asked if each}
        empty = [each for each in low if not any(each[0] <= number <= each[1] for number in ids)]
        assert all(asked.count(each) == 1 for each in empty)
        # At most a page more in each range, and at most as many for blocks that hold less than a page.
        assert len(asked) <= 2 * (len(ids) / 100 + len(low)) + 1


async def test_parts_of_a_chat_are_found_in_whichever_range_they_lie(tmp_path: Path) -> None:
    async with open_stage(scattered_world(), tmp_path) as stage:
        for chat in OWN:
            ids = list(stage.world.ids(chat))
            assert not is_channel(chat)
            output = tmp_path / str(chat)
            last = await stage.export(
                str(chat), output=output, takeout="always", span=parse_span(last=min(130, len(ids)))
            )
            assert last.exit_code == 0
            assert last.chats[0].tally.stored == min(130, len(ids))
            rest = await stage.export(str(chat), output=output, takeout="always")
            assert (rest.chats[0].tally.stored, rest.chats[0].tally.unknown) == (len(ids), 0)
            day = stage.world.message(chat, ids[len(ids) // 2]).date.date().isoformat()
            some = await stage.export(
                str(chat), output=tmp_path / f"{chat} day", takeout="always", span=parse_span(since=day)
            )
            assert some.exit_code == 0
            assert some.chats[0].tally.stored >= len(ids) - len(ids) // 2


async def test_with_and_without_takeout_the_archives_agree(tmp_path: Path) -> None:
    async with open_stage(scattered_world(), tmp_path) as stage:
        for mode in ("never", "always"):
            await stage.export(str(ANNA), str(GROUP), output=tmp_path / mode, takeout=mode)
            assert_same_as_world(stage, tmp_path / mode, [ANNA, GROUP])
        report = await stage.export(str(ANNA), str(GROUP), output=tmp_path / "never", takeout="always")
        assert [(each.new, each.edited, each.deleted) for each in report.chats] == [(0, 0, 0)] * 2
