"""A basic group and the supergroup that it became, exported as one tree."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from telethon import functions
from telethon.tl import types

from e2e.changes import refusing
from e2e.stage import Stage, open_stage, query, read_tree
from e2e.test_crash import count_answers, kill_at_answer, kill_at_line, rows_of
from seeds import often
from tobs.core.events import Said
from tobs.core.ids import mark_channel
from tobs.core.report import RunReport
from tobs.core.request import ExportRequest, Selection
from tobs.core.span import parse_span
from tobs.simulator.corpus import chats, people
from tobs.simulator.corpus.small import GROUP_ID
from tobs.simulator.corpus.tree import CHOIR_ID, OLD_CHOIR_ID
from tobs.simulator.dispatch import RpcError
from tobs.simulator.migration import migrate_group
from tobs.simulator.world import WORLDS, World

CHOIR, OLD, KITCHEN = mark_channel(CHOIR_ID), -OLD_CHOIR_ID, -GROUP_ID
GROUP_LABEL = "Choir (before it became a supergroup)"
NEW_KITCHEN = 2_000_000_200
ANCHOR = re.compile(r" \^([gm]\d+)$", re.MULTILINE)
LINK = re.compile(r"\[\[([^\]|#]+)#\^([gm]\d+)\|")


def make_tree() -> World:
    return WORLDS["tree"](1, 0)


def titles(report: RunReport) -> list[str]:
    return [each.title for each in report.chats]


def read_notes(output: Path) -> dict[str, str]:
    """Return every note by its basename."""
    return {each.stem: each.read_text() for each in sorted(output.rglob("*.md"))}


def dangling(output: Path) -> list[tuple[str, str]]:
    """Return the links between messages that lead nowhere."""
    notes = read_notes(output)
    anchors = {(name, each) for name, text in notes.items() for each in ANCHOR.findall(text)}
    return [link for text in notes.values() for link in LINK.findall(text) if link not in anchors]


def warnings(stage: Stage) -> list[str]:
    return [each.text for each in stage.events if isinstance(each, Said) and each.level == "warning"]


async def test_the_group_comes_first_in_the_notes_of_its_supergroup(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        report = await stage.export("@choir_demo", output=tmp_path / "out")
        assert (report.exit_code, titles(report)) == (0, [GROUP_LABEL, "Choir"])
        assert report.requests["channels.getFullChannel"] == 1
        old, new = ([*stage.world.ids(each)] for each in (OLD, CHOIR))
    assert sorted(read_tree(tmp_path / "out")) == [
        "Chats.md",
        "Choir/2026/Choir 2026-02.md",
        "Choir/2026/Choir 2026-03.md",
        "Choir/Choir.md",
    ]
    notes = read_notes(tmp_path / "out")
    found = [each for name in ("Choir 2026-02", "Choir 2026-03") for each in ANCHOR.findall(notes[name])]
    assert found == [*(f"g{each}" for each in old), *(f"m{each}" for each in new)]
    assert f"messages: {len(old) + len(new)}\n" in notes["Choir"]
    assert f"migrated_from: {OLD}\n" in notes["Choir"]
    assert f"; {len(old)} of them from before it was a supergroup  \n" in notes["Choir"]
    assert "chats: 1\n" in notes["Chats"]
    move = f"a supergroup* [[Choir 2026-02#^m1|its first message]] · 03:44:26 ^g{old[-1]}\n"
    assert move in notes["Choir 2026-02"]
    assert f"[[Choir 2026-02#^g{old[-1]}|the last message before]]" in notes["Choir 2026-02"]
    assert dangling(tmp_path / "out") == []


async def test_a_second_run_does_not_ask_again_what_a_supergroup_was(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        names = ("@choir_demo", "@woods_demo", "@paper_talk_demo")
        first = await stage.export(*names, output=tmp_path / "out")
        assert first.requests["channels.getFullChannel"] == 3
        tree = read_tree(tmp_path / "out")
        again = await stage.export(*names, output=tmp_path / "out", refresh_window="0")
        assert "channels.getFullChannel" not in again.requests
        assert again.requests["messages.getHistory"] == 4
        assert (read_tree(tmp_path / "out"), again.render.written) == (tree, [])


async def test_both_names_lead_to_the_same_tree(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        await stage.export("@choir_demo", output=tmp_path / "whole")
        for number, names in enumerate(([str(OLD)], [str(OLD), "@choir_demo"], ["@choir_demo", str(OLD)])):
            report = await stage.export(*names, output=tmp_path / f"{number}")
            assert titles(report) == [GROUP_LABEL, "Choir"]
            assert read_tree(tmp_path / f"{number}") == read_tree(tmp_path / "whole")


async def test_all_lists_neither_of_them_twice(tmp_path: Path) -> None:
    world = make_tree()
    group = world.chat(OLD)
    assert group is not None
    group.listed = True
    async with open_stage(world, tmp_path) as stage:
        listed = (await stage.tobs("chats", "--json")).documents
        assert [each["id"] for each in listed if each["title"] == "Choir"] == [CHOIR]
        request = ExportRequest((), tmp_path / "out", selection=Selection(types=("group", "supergroup")))
        report = await stage.run(request)
        assert sorted(titles(report)) == ["Choir", GROUP_LABEL, "Paper talk"]
        named = await stage.export("Choir", output=tmp_path / "named")
        assert titles(named) == [GROUP_LABEL, "Choir"]


async def test_the_group_alone_can_be_left_out(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        selection = Selection(excluded=(str(OLD),))
        report = await stage.run(ExportRequest(("@choir_demo",), tmp_path / "out", selection=selection))
        assert (report.exit_code, titles(report)) == (0, ["Choir"])
        assert (
            "; those from before it was a supergroup are not in this archive  \n"
            in (read_notes(tmp_path / "out")["Choir"])
        )


async def test_a_group_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    world = make_tree()
    group = world.chat(OLD)
    assert group is not None
    async with open_stage(world, tmp_path) as stage:
        await stage.export("@choir_demo", output=tmp_path / "whole")
        group.readers = frozenset()
        report = await stage.export("@choir_demo", output=tmp_path / "out")
        assert report.exit_code == 0
        sentence = (
            f"cannot read the basic group that Choir was before (id {OLD}), so its messages are left out"
        )
        assert warnings(stage) == [f"This account {sentence}."]
        assert (report.chats[0].exit_code, report.chats[0].error) == (0, f"this account {sentence}")
        assert report.chats[1].tally.stored == world.count(CHOIR)
        assert {each[0] for each in ANCHOR.findall("".join(read_notes(tmp_path / "out").values()))} == {"m"}
        assert (await stage.tobs("verify", "--online", "-o", "out")).code == 0
        # What somebody may read again is fetched and put in front.
        group.readers = None
        await stage.export("@choir_demo", output=tmp_path / "out")
        assert read_tree(tmp_path / "out") == read_tree(tmp_path / "whole")


async def test_an_answer_that_fails_costs_the_group_only_until_the_next_run(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        await stage.export("@choir_demo", output=tmp_path / "whole")
        with refusing(functions.channels.GetFullChannelRequest, RpcError(400, "CHAT_INVALID")):
            report = await stage.export("@choir_demo", output=tmp_path / "out")
        assert (report.exit_code, titles(report)) == (0, ["Choir"])
        assert warnings(stage)[-1].startswith("Which group Choir was before is not known: ")
        assert titles(await stage.export("@choir_demo", output=tmp_path / "out")) == [GROUP_LABEL, "Choir"]
        assert read_tree(tmp_path / "out") == read_tree(tmp_path / "whole")


@pytest.mark.parametrize("point", often(range(1, 8), 2, 5))
async def test_a_killed_export_of_both_resumes_to_the_same_bytes(tmp_path: Path, point: int) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        names = ["@choir_demo"]
        answers = await count_answers(stage, names, tmp_path / "whole")
        await kill_at_answer(stage, names, tmp_path / "killed", answers - 7 + point)
        await stage.export(*names, output=tmp_path / "killed")
        assert read_tree(tmp_path / "killed") == read_tree(tmp_path / "whole")
        assert rows_of(tmp_path / "killed") == rows_of(tmp_path / "whole")


async def test_an_export_of_both_stopped_between_them_is_completed(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        await stage.export("@choir_demo", output=tmp_path / "whole")
        with refusing(
            functions.messages.GetHistoryRequest, *[None] * 2, *[RpcError(400, "CHANNEL_PRIVATE")] * 9
        ):
            part = await stage.export("@choir_demo", output=tmp_path / "out")
        assert [each.exit_code for each in part.chats] == [0, 4]
        assert dangling(tmp_path / "out") == []
        await stage.export("@choir_demo", output=tmp_path / "out")
        assert read_tree(tmp_path / "out") == read_tree(tmp_path / "whole")


async def test_an_answer_to_the_group_is_linked_and_follows_its_edits(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        first, second, *_ = [*stage.world.ids(OLD)][5:]
        for target in (first, second):
            header = types.MessageReplyHeader(
                reply_to_msg_id=target, reply_to_peer_id=types.PeerChat(OLD_CHOIR_ID)
            )
            stage.world.add_message(
                CHOIR, "As I said then", sender=people.BEN, reply_to=header.reply_to_msg_id
            )
            stage.world.edit_message(CHOIR, [*stage.world.ids(CHOIR)][-1], reply_to=header)
        await stage.export("@choir_demo", output=tmp_path / "out")
        # The answers are months later, in a note of their own.
        shown = read_notes(tmp_path / "out")["Choir 2026-09"]
        assert f"> [[Choir 2026-02#^g{first}|" in shown
        assert "Song 5, before the move" in shown
        stage.world.edit_message(OLD, first, "Another song")
        stage.world.delete_message(OLD, second)
        await stage.export("@choir_demo", output=tmp_path / "out")
        assert "Another song" in read_notes(tmp_path / "out")["Choir 2026-09"]
        hidden = await stage.tobs("render", "--keep-deleted", "hide", "-o", str(tmp_path / "out"))
        assert hidden.code == 0, hidden.err
        assert "*A deleted message*" in read_notes(tmp_path / "out")["Choir 2026-09"]
        assert dangling(tmp_path / "out") == []


async def test_verify_proves_both_halves_and_looks_at_the_notes_once(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        out = tmp_path / "out"
        await stage.export("@choir_demo", output=out)
        done = await stage.tobs("verify", "@choir_demo", "-v", "-o", str(out))
        assert done.code == 0, done.err
        assert f"{GROUP_LABEL} (group, {OLD})" in done.out
        assert f"notes     among those of the supergroup that it became ({CHOIR})" in done.out
        assert "notes     3 as the archive has them" in done.out
        note = out / "Choir" / "2026" / "Choir 2026-02.md"
        note.unlink()
        assert (await stage.tobs("verify", "-o", str(out))).code == 3
        assert (await stage.tobs("render", "-o", str(out))).code == 0
        assert (await stage.tobs("verify", "-o", str(out))).code == 0
        info = await stage.tobs("archive", "info", "-o", str(out))
        assert GROUP_LABEL in info.out
        labels = query(out, "SELECT title FROM chat_list")
        assert labels == [(GROUP_LABEL,), ("Choir",)]


def count_days(world: World, chat: int, first: str, last: str) -> int:
    """Count the messages of some local days."""
    zone = ZoneInfo("Europe/Berlin")
    days = (world.message(chat, each).date.astimezone(zone).date().isoformat() for each in world.ids(chat))
    return sum(first <= each <= last for each in days)


async def test_limits_hold_for_both_as_one_chat(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        new = stage.world.count(CHOIR)
        reasons: list[str] = []

        async def stored(name: str, **limits: object) -> list[int]:
            span = parse_span(**limits)  # type: ignore[arg-type]  # what the options are
            report = await stage.export("@choir_demo", output=tmp_path / name, span=span)
            assert report.exit_code == 0
            reasons.append(report.chats[0].left_out)
            assert not report.chats[1].left_out
            return [each.tally.stored for each in report.chats]

        assert await stored("few", last=5) == [0, 5]
        assert await stored("more", last=new + 5) == [5, new]
        assert await stored("ids", low=3, high=9) == [0, 7]
        days = await stored("days", since="2026-02-19", until="2026-02-20")
        assert days == [count_days(stage.world, each, "2026-02-19", "2026-02-20") for each in (OLD, CHOIR)]
        assert all(days)
        assert reasons == [
            "the supergroup alone has as many messages as --last wants",
            "",
            "--from-id and --to-id are ids of the supergroup",
            "",
        ]


async def migrate_kitchen(stage: Stage) -> None:
    migrate_group(stage.world, KITCHEN, chats.supergroup(NEW_KITCHEN, "Kitchen"), people.BEN)
    stage.world.add_message(mark_channel(NEW_KITCHEN), "Now we are super.", sender=people.BEN)


async def test_a_group_that_was_exported_before_it_migrated_goes_on_in_its_folder(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        out = tmp_path / "out"
        await stage.export(str(KITCHEN), "me", output=out)
        [first, second] = sorted((out / "Kitchen" / "2026").iterdir())
        first.write_text(first.read_text() + "\nMy own words.\n")
        mine = first.read_bytes()
        await migrate_kitchen(stage)
        report = await stage.export(str(KITCHEN), output=out)
        assert titles(report) == ["Kitchen (before it became a supergroup)", "Kitchen"]
        await stage.export("me", "Kitchen", output=tmp_path / "whole")
        kept, whole = read_tree(out), read_tree(tmp_path / "whole")
        name = str(first.relative_to(out))
        beside = f"{name.removesuffix('.md')} (new).md"
        assert (first.read_bytes(), report.render.kept) == (mine, [name])
        assert kept.pop(beside) == whole.pop(name)
        del kept[name], kept["Chats.md"], whole["Chats.md"]
        assert kept == whole
        assert "^g" in second.read_text()
        assert query(out, "SELECT DISTINCT account, chat_id FROM rendered WHERE path LIKE 'Kitchen/%'") == [
            (0, mark_channel(NEW_KITCHEN))
        ]


async def test_notes_of_a_group_whose_supergroup_has_a_folder_move_there(tmp_path: Path) -> None:
    world = make_tree()
    group, supergroup = world.chat(OLD), world.chat(CHOIR)
    assert group is not None
    assert supergroup is not None
    async with open_stage(world, tmp_path) as stage:
        out = tmp_path / "out"
        group.listed, supergroup.listed, supergroup.readers = True, False, frozenset()
        alone = await stage.run(ExportRequest((), out, selection=Selection(types=("group",))))
        assert titles(alone) == ["Choir"]
        mine = out / "Choir" / "Choir.md"
        mine.write_text(mine.read_text().replace("152 messages", "My choir"))
        supergroup.readers = None
        world._views.clear()
        with refusing(functions.channels.GetFullChannelRequest, RpcError(400, "CHAT_INVALID")):
            await stage.export("@choir_demo", output=out)
        assert (out / f"Choir ({CHOIR})").is_dir()
        report = await stage.export("@choir_demo", output=out)
        assert (report.render.removed, report.render.left) == (
            ["Choir/2026/Choir 2026-02.md"],
            ["Choir/Choir.md"],
        )
        assert sorted(each.name for each in (out / "Choir").iterdir()) == ["Choir.md"]
        assert dangling(out) == []
        done = await stage.tobs("verify", "-o", str(out))
        assert (done.code, "1 changed by you" in done.out) == (0, True), done.out
        shown = (await stage.tobs("render", "-o", str(out))).out
        assert "so they stay; tobs draws their messages elsewhere now:\n  Choir/Choir.md" in shown


@pytest.mark.parametrize("point", often(range(1, 4), 2))
async def test_a_move_killed_while_it_draws_ends_with_the_same_bytes(tmp_path: Path, point: int) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        for name in ("whole", "killed"):
            await stage.export(str(KITCHEN), output=tmp_path / name)
        await migrate_kitchen(stage)
        await stage.export(str(KITCHEN), output=tmp_path / "whole")
        await kill_at_line(stage, [str(KITCHEN)], tmp_path / "killed", "render", point)
        await stage.export(str(KITCHEN), output=tmp_path / "killed")
        assert read_tree(tmp_path / "killed") == read_tree(tmp_path / "whole")
