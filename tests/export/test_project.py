"""What is drawn again, and what of the owner's is left alone."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from archive.rows import commit, peer, row
from e2e.stage import read_tree
from export.workshop import Workshop, WorldSource, open_workshop
from tobs.core.ids import mark_channel
from tobs.core.model import Chat, MessageRow, RootRow
from tobs.core.ranges import Range
from tobs.export.place import beside_path
from tobs.simulator.corpus import people
from tobs.simulator.corpus.tree import CHOIR_ID
from tobs.simulator.world import WORLDS
from tobs.writers.markdown.owner import REGION

CHOIR = mark_channel(CHOIR_ID)
DAY = 86_400
MARCH = 1_772_400_000  # 2026-03-01, about noon in Berlin
TEAM = Chat(0, -1000000000005, "supergroup", "Team chat", "team")


def said(
    number: int, day: int, text: str = "hello", *, sender: int = 42, reply_to: int | None = None
) -> MessageRow:
    """Return a message of a day, counted from the first of March."""
    return row(number, text, date=MARCH + day * DAY + number, sender_id=sender, reply_to_id=reply_to)


async def fill(workshop: Workshop, *rows: MessageRow) -> Chat:
    """Store messages of the team chat."""
    chat = await workshop.archive.add_chat(TEAM)
    ids = [each.id for each in rows]
    people = [peer(42, "Alice Doe"), peer(43, "Bob")]
    await commit(workshop.archive, chat, rows, covers=Range(min(ids), max(ids)), peers=people)
    return chat


MARCH_NOTE = "Team chat/2026/Team chat 2026-03.md"
APRIL_NOTE = "Team chat/2026/Team chat 2026-04.md"
ABOUT_NOTE = "Team chat/Team chat.md"


async def test_a_note_that_its_owner_changed_stays_and_the_new_one_goes_beside(tmp_path: Path) -> None:
    note, beside = tmp_path / MARCH_NOTE, tmp_path / beside_path(MARCH_NOTE)
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1, 0))
        await workshop.draw()
        mine = note.read_bytes() + b"\nMy own words.\n"
        note.write_bytes(mine)
        await fill(workshop, said(2, 1, "news"))
        report = await workshop.draw()
        assert (note.read_bytes(), report.kept) == (mine, [MARCH_NOTE])
        assert b"news" in beside.read_bytes()
        await fill(workshop, said(3, 2, "more news"))
        await workshop.draw()
        assert note.read_bytes() == mine
        assert b"more news" in beside.read_bytes()


async def test_the_note_beside_goes_when_the_owner_takes_the_new_one(tmp_path: Path) -> None:
    note, beside = tmp_path / MARCH_NOTE, tmp_path / beside_path(MARCH_NOTE)
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1, 0))
        await workshop.draw()
        note.write_bytes(note.read_bytes() + b"\nMy own words.\n")
        await fill(workshop, said(2, 1))
        await workshop.draw()
        note.write_bytes(beside.read_bytes())
        report = await workshop.draw(redraw=True)
        assert report.removed == [beside_path(MARCH_NOTE)]
        assert (beside.exists(), report.kept) == (False, [])


async def test_overwrite_replaces_what_the_owner_changed(tmp_path: Path) -> None:
    note = tmp_path / MARCH_NOTE
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1, 0))
        await workshop.draw()
        drawn = note.read_bytes()
        note.write_bytes(drawn + b"\nMy own words.\n")
        await workshop.draw(redraw=True)
        report = await workshop.draw(overwrite=True)
        assert note.read_bytes() == drawn
        assert report.removed == [beside_path(MARCH_NOTE)]


async def test_a_missing_note_is_written_again(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1, 0))
        await workshop.draw()
        before = read_tree(tmp_path)
        for name in (MARCH_NOTE, ABOUT_NOTE, "Chats.md"):
            (tmp_path / name).unlink()
            assert (await workshop.draw()).written == [name]
        assert read_tree(tmp_path) == before


async def test_a_file_that_tobs_did_not_write_is_never_touched(tmp_path: Path) -> None:
    note = tmp_path / MARCH_NOTE
    note.parent.mkdir(parents=True)
    note.write_text("mine since ever")
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1, 0))
        assert (await workshop.draw()).foreign == [MARCH_NOTE]
        assert (await workshop.draw(overwrite=True)).foreign == [MARCH_NOTE]
        assert note.read_text() == "mine since ever"


async def test_the_owners_properties_are_carried_over(tmp_path: Path) -> None:
    note = tmp_path / MARCH_NOTE
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1, 0))
        await workshop.draw()
        text = note.read_text()
        note.write_text(text.replace("---\n", "---\nmood: sunny\n", 1))
        await fill(workshop, said(2, 1, "news"))
        report = await workshop.draw()
        assert (report.kept, MARCH_NOTE in report.written) == ([], True)
        assert "mood: sunny" in note.read_text()
        assert "news" in note.read_text()


def write_words(note: Path) -> None:
    """Write something into the owner's region of a chat's own note."""
    text = note.read_text()
    assert text.count(f"\n\n{REGION}\n\n") == 1
    note.write_text(text.replace(REGION, REGION.replace("\n\n", "\n\nMy own words.\n\n")))


async def test_the_owners_words_stay_in_a_chats_own_note_whatever_is_drawn_around_them(
    tmp_path: Path,
) -> None:
    note = tmp_path / ABOUT_NOTE
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1, 0))
        await workshop.draw()
        write_words(note)
        assert (await workshop.draw(redraw=True)).written == []
        await fill(workshop, said(2, 31))
        report = await workshop.draw()
        assert (report.kept, ABOUT_NOTE in report.written) == ([], True)
        assert "My own words." in note.read_text()
        assert "[[Team chat 2026-04]]" in note.read_text()
        note.write_text(note.read_text() + "\nand words elsewhere\n")
        await workshop.draw(overwrite=True)
        assert "My own words." in note.read_text()
        assert "elsewhere" not in note.read_text()


async def test_a_note_that_would_go_stays_when_it_holds_the_owners_words(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1, 0))
        await workshop.draw()
        write_words(tmp_path / ABOUT_NOTE)
        markdown = workshop.projection
        workshop.projection = await workshop.archive.set_projection(replace(markdown, formats=("jsonl",)))
        report = await workshop.draw()
        assert (report.left, sorted(report.removed)) == ([ABOUT_NOTE], ["Chats.md", MARCH_NOTE])
        workshop.projection = await workshop.archive.set_projection(markdown)
        report = await workshop.draw()
        assert (report.kept, report.left) == ([], [])
        assert "My own words." in (tmp_path / ABOUT_NOTE).read_text()


async def test_a_kill_between_promise_and_file_is_mended(tmp_path: Path) -> None:
    note = tmp_path / MARCH_NOTE
    async with open_workshop(tmp_path) as workshop:
        chat = await fill(workshop, said(1, 0))
        await workshop.draw()
        await fill(workshop, said(2, 1, "news"))
        for placed in await workshop.archive.ledger.placed(chat):
            if placed.path == MARCH_NOTE:
                placed.pending = "what was about to be written"
                await workshop.archive.ledger.expect_file(placed)
        report = await workshop.draw()
        assert (report.kept, MARCH_NOTE in report.written) == ([], True)
        assert "news" in note.read_text()


async def test_a_kill_between_file_and_confirmation_is_mended(tmp_path: Path) -> None:
    note = tmp_path / MARCH_NOTE
    async with open_workshop(tmp_path) as workshop:
        chat = await fill(workshop, said(1, 0))
        await workshop.draw()
        old = {each.path: each for each in await workshop.archive.ledger.placed(chat)}[MARCH_NOTE]
        await fill(workshop, said(2, 1, "news"))
        await workshop.draw()
        new = {each.path: each for each in await workshop.archive.ledger.placed(chat)}[MARCH_NOTE]
        body = note.read_bytes()
        new.on_disk = old.on_disk
        await workshop.archive.ledger.expect_file(new)
        report = await workshop.draw(redraw=True)
        assert (report.kept, report.foreign, note.read_bytes()) == ([], [], body)
        assert not (tmp_path / beside_path(MARCH_NOTE)).exists()


async def test_a_new_name_redraws_only_what_shows_it(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        chat = await fill(workshop, said(1, 0, sender=42), said(2, 40, sender=43))
        await workshop.draw()
        await commit(workshop.archive, chat, [], peers=[peer(43, "Robert")])
        report = await workshop.draw()
        assert APRIL_NOTE in report.written
        assert MARCH_NOTE not in report.written
        assert "Robert" in (tmp_path / APRIL_NOTE).read_text()


async def test_an_edited_message_redraws_the_notes_that_answer_it(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1, 0, "first words"), said(2, 40, "an answer", reply_to=1), said(3, 80))
        await workshop.draw()
        await fill(workshop, said(1, 0, "other words"))
        report = await workshop.draw()
        assert {MARCH_NOTE, APRIL_NOTE} <= set(report.written)
        assert "other words" in (tmp_path / APRIL_NOTE).read_text()
        assert not any("2026-05" in path for path in report.written)


async def test_parts_that_move_redraw_the_notes_that_link_into_them(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, part_size=2) as workshop:
        await fill(workshop, said(2, 1), said(4, 3, "target"), said(9, 40, "an answer", reply_to=4))
        await workshop.draw()
        assert "2026-03 (2)" not in (tmp_path / APRIL_NOTE).read_text()
        await fill(workshop, said(3, 2))
        report = await workshop.draw()
        second = "Team chat/2026/Team chat 2026-03 (2).md"
        assert second in report.written
        assert "2026-03 (2)" in (tmp_path / APRIL_NOTE).read_text()


async def test_what_was_drawn_is_not_drawn_again(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1, 0), said(2, 40))
        assert len((await workshop.draw()).written) == 4
        report = await workshop.draw()
        assert (report.written, report.unchanged) == ([], 0)
        report = await workshop.draw(redraw=True)
        assert (report.written, report.unchanged) == ([], 4)


GROUP = Chat(77, -412, "group", "Team chat")


async def fill_group(workshop: Workshop, *rows: MessageRow) -> Chat:
    """Store messages of the group that the team chat was."""
    await workshop.archive.add_chat(TEAM, group=GROUP)
    group, _ = await workshop.archive.halves(TEAM)
    ids = [each.id for each in rows]
    await commit(workshop.archive, group, rows, covers=Range(min(ids), max(ids)))
    return group


def across(number: int, day: int, target: int) -> MessageRow:
    """Return a message of the supergroup that answers one of the group."""
    return said(number, day)._replace(content=f'{{"reply":{{"to_id":{target},"chat_id":{GROUP.id}}}}}')


async def test_parts_are_counted_through_a_group_and_its_supergroup(tmp_path: Path) -> None:
    async with open_workshop(tmp_path / "out", part_size=3) as workshop:
        await fill_group(workshop, *(said(each, 0) for each in range(1, 6)))
        await fill(workshop, *(said(each, 1) for each in range(1, 6)))
        await workshop.draw()
    notes = [f"Team chat/2026/Team chat 2026-03{part}.md" for part in ("", " (2)", " (3)", " (4)")]
    found = [
        re.findall(r"\^([gm]\d)$", (tmp_path / "out" / each).read_text(), re.MULTILINE) for each in notes
    ]
    assert found == [["g1", "g2", "g3"], ["g4", "g5", "m1"], ["m2", "m3", "m4"], ["m5"]]
    assert "(4)]] · 10 messages" in (tmp_path / "out" / ABOUT_NOTE).read_text()


async def test_parts_that_a_group_moves_are_found_by_every_link(tmp_path: Path) -> None:
    """What comes to the group later moves the supergroup's messages too, and links to both follow."""
    group = [said(each, 0) for each in range(1, 6)]
    late = [said(each, 31, reply_to=each - 3) for each in (6, 7)]
    # Each kind of link stands in a month of its own, where nothing else has it drawn again.
    team = [across(1, 1, 5), said(2, 1, reply_to=1), across(3, 65, 4), said(4, 100, reply_to=2)]
    for name, rounds in (
        ("whole", [(group, late, team)]),
        ("later", [(group[:2], late, team[:2]), (group, late, team[2:])]),
        ("group", [([], late, team), (group[2:], [], []), (group[:2], [], [])]),
        ("team", [(group, late, []), ([], [], team[2:]), ([], [], team[:2])]),
    ):
        async with open_workshop(tmp_path / name, part_size=2) as workshop:
            await workshop.archive.add_chat(TEAM, group=GROUP)
            half, head = await workshop.archive.halves(TEAM)
            for rows in rounds:
                everything = Range(1, 9)
                await commit(workshop.archive, half, [*rows[0], *rows[1]], covers=everything)
                await commit(workshop.archive, head, rows[2], covers=everything)
                await workshop.archive.note_asked(half, everything)
                await workshop.archive.note_asked(head, everything)
                await workshop.draw()
            await workshop.draw()
        assert read_tree(tmp_path / name) == read_tree(tmp_path / "whole"), name


async def test_ids_that_a_group_shares_with_its_supergroup_are_no_posts_of_a_channel(tmp_path: Path) -> None:
    """A discussion group that was a basic group has two messages with the id of each root, and one repeats a post."""
    news = Chat(0, -1000000000009, "channel", "News", "news")
    async with open_workshop(tmp_path) as workshop:
        await workshop.archive.add_chat(news)
        await workshop.archive.link_discussion(news, TEAM)
        await workshop.archive.add_chat(TEAM, group=GROUP)
        half, head = await workshop.archive.halves(TEAM)
        assert (head.folder, half.basename) == ("News/comments", "")
        await commit(workshop.archive, news, [said(3, 0, "The post.")], covers=Range(1, 9))
        old = [said(1, 0, "Before the channel."), said(2, 0, "An answer.", reply_to=1)]
        await commit(workshop.archive, half, old, covers=Range(1, 9))
        repeated = [said(1, 1, "The post."), said(2, 1, "A comment.", reply_to=1)]
        await commit(workshop.archive, head, repeated, covers=Range(1, 9), roots=[RootRow(1, news.id, 3)])
        await workshop.draw()
    text = (tmp_path / "News/comments/News comments 2026-03.md").read_text()
    before, after = text.split("## 2026-03-02")
    assert "^g1\n\nBefore the channel." in before
    assert "> [[News comments 2026-03#^g1|" in before
    assert "[[News 2026-03#^m3|" not in before
    assert after.count("> [[News 2026-03#^m3|User 42]]: The post.") == 2


async def test_the_end_of_a_group_and_the_beginning_of_its_supergroup_find_each_other(tmp_path: Path) -> None:
    """They may stand in notes of two months, and come in two runs."""
    end = said(7, 30)._replace(
        kind="service",
        content=f'{{"action":{{"kind":"chat_migrate_to","values":{{"channel_id":{TEAM.id}}}}}}}',
    )
    begin = said(1, 31)._replace(
        kind="service",
        content=f'{{"action":{{"kind":"channel_migrate_from","values":{{"chat_id":{GROUP.id}}}}}}}',
    )
    for is_group_first in (True, False):
        root = tmp_path / f"{is_group_first}"
        async with open_workshop(root) as workshop:
            await workshop.archive.add_chat(TEAM, group=GROUP)
            half, head = await workshop.archive.halves(TEAM)
            pages = [(half, end), (head, begin)]
            for chat, message in pages if is_group_first else reversed(pages):
                await commit(workshop.archive, chat, [message], covers=Range(1, 9))
                await workshop.draw()
        assert "[[Team chat 2026-04#^m1|its first message]]" in (root / MARCH_NOTE).read_text()
        assert "[[Team chat 2026-03#^g7|the last message before]]" in (root / APRIL_NOTE).read_text()


async def test_a_forum_that_was_a_group_has_its_messages_in_general(tmp_path: Path) -> None:
    async with open_workshop(tmp_path / "later") as workshop:
        await fill_group(workshop, said(1, 0))
        await fill(workshop, said(1, 1))
        await workshop.draw()
        assert (tmp_path / "later" / MARCH_NOTE).is_file()
        await workshop.archive.add_chat(Chat(*TEAM.key, "forum", TEAM.title, TEAM.username))
        report = await workshop.draw()
        assert report.removed == [MARCH_NOTE]
    async with open_workshop(tmp_path / "first") as workshop:
        forum = Chat(*TEAM.key, "forum", TEAM.title, TEAM.username)
        await workshop.archive.add_chat(forum, group=GROUP)
        group, head = await workshop.archive.halves(forum)
        await commit(workshop.archive, group, [said(1, 0)], covers=Range(1, 1))
        people = [peer(42, "Alice Doe"), peer(43, "Bob")]
        await commit(
            workshop.archive, head, [said(1, 1)._replace(topic_id=1)], covers=Range(1, 1), peers=people
        )
        await workshop.draw()
    note = "Team chat/topics/1 General/Team chat General 2026-03.md"
    shown = (tmp_path / "first" / note).read_text()
    assert re.findall(r"\^([gm]\d)$", shown, re.MULTILINE) == ["g1", "m1"]
    assert "messages: 2\n" in (tmp_path / "first" / ABOUT_NOTE).read_text()
    assert read_tree(tmp_path / "later") == read_tree(tmp_path / "first")


async def test_the_group_of_another_account_is_left_as_it_is(tmp_path: Path) -> None:
    world = WORLDS["tree"](1, 0)
    async with open_workshop(tmp_path) as workshop:
        source = WorldSource(world)
        await workshop.export(source, str(CHOIR))
        tree = read_tree(tmp_path)
        other = WorldSource(world)
        other.account_id = people.ANNA
        report = await workshop.export(other, str(CHOIR))
        assert [each.id for each in report.chats] == [CHOIR]
        assert read_tree(tmp_path) == tree
