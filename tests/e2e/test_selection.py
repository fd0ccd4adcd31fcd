"""Chats chosen from the list, and every form in which one can be named, at a real server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from telethon import functions

from e2e.changes import chat_called, refusing
from e2e.connected import open_directory
from e2e.stage import Stage, open_stage
from tobs.core.events import Failed, Said
from tobs.core.ids import mark_channel
from tobs.core.report import RunReport
from tobs.core.request import ExportRequest, Selection
from tobs.errors import ChatNotFound, NoAccess
from tobs.simulator.corpus import people
from tobs.simulator.corpus.small import GROUP_ID, NEWS_ID
from tobs.simulator.corpus.tree import CLOSED_INVITE, PAPER_ID, TALK_ID, WOODS_ID, WOODS_INVITE
from tobs.simulator.dispatch import RpcError
from tobs.simulator.faults import FaultScript, StrangeTypes
from tobs.simulator.model import Folder
from tobs.simulator.world import WORLDS, World
from tobs.telegram import dialogs

CLUB, NEWS = "@rowing_club_demo", "@harbour_news_demo"
PAPER, TALK, WOODS = (mark_channel(each) for each in (PAPER_ID, TALK_ID, WOODS_ID))


def make_small() -> World:
    return WORLDS["small"](1, 0)


def make_tree() -> World:
    return WORLDS["tree"](1, 0)


def listed_ids(world: World, *kinds: str) -> list[int]:
    """Return the chats in the list's order: pinned ones first, the newest first, archived ones last."""
    shown = [each for each in world.chats if each.listed and each.top]
    shown = [each for each in shown if not kinds or each.kind in kinds]
    shown.sort(key=lambda each: (each.pinned, each.top_date, each.top, each.marked), reverse=True)
    return [each.marked for each in sorted(shown, key=lambda each: each.archived)]


def strange_tops(world: World, share: int) -> StrangeTypes:
    """Return a fault that hides what the newest message of every chat is, or of every so many."""
    tops = [each.top for each in world.chats if each.listed and each.top]
    return StrangeTypes(messages={*tops[::share]}, methods=("messages.getDialogs",))


@pytest.mark.parametrize("page", [100, 3])
@pytest.mark.parametrize("share", [1, 2, 5])
@pytest.mark.parametrize("is_whole", [False, True], ids=["a part", "the message"])
async def test_chats_are_listed_whatever_their_newest_messages_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, page: int, share: int, is_whole: bool
) -> None:
    monkeypatch.setattr(dialogs, "DIALOGS_PER_PAGE", page)
    world = make_tree()
    strange = strange_tops(world, share)
    if not is_whole:
        strange = replace(strange, messages=frozenset(), parts=strange.messages)
    script = FaultScript([strange])
    async with open_stage(world, tmp_path, faults=script) as stage, open_directory(stage) as (directory, _):
        listed = await directory.read_list()
        assert [each.dialog.id for each in listed] == listed_ids(world)
        assert script.struck["StrangeTypes"] >= 2
        last = listed[-1].dialog
        assert await directory.find(last.title) == last


async def choose(stage: Stage, *names: str, output: Path, selection: Selection) -> RunReport:
    request = ExportRequest(names, output, selection=selection)
    return await stage.run(request)


def exported_ids(report: RunReport) -> list[int]:
    """Return the chats of a run, without the groups that supergroups were."""
    return [each.id for each in report.chats if "before it became" not in each.title]


async def test_all_exports_every_chat_of_the_list_in_its_order_with_one_pass(tmp_path: Path) -> None:
    async with open_stage(make_small(), tmp_path) as stage:
        report = await choose(stage, output=tmp_path / "out", selection=Selection(is_all=True))
        assert report.exit_code == 0
        assert exported_ids(report) == listed_ids(stage.world)
        assert {each.title for each in report.chats} >= {"Saved Messages", "Kitchen", "Harbour News"}
        assert report.requests["messages.getDialogs"] == 2
        lookups = {"contacts.resolveUsername", "messages.getDialogFilters", "account.getNotifySettings"}
        assert not lookups & report.requests.keys()


async def test_named_chats_come_first_and_none_comes_twice(tmp_path: Path) -> None:
    async with open_stage(make_small(), tmp_path) as stage:
        selection = Selection(types=("channel", "group"), excluded=("Kitchen",))
        report = await choose(stage, CLUB, NEWS, output=tmp_path / "out", selection=selection)
        assert [each.title for each in report.chats[-2:]] == ["Rowing Club", "Harbour News"]
        assert report.requests["messages.getDialogs"] == 2
        assert "contacts.resolveUsername" not in report.requests


async def test_types_choose_from_the_whole_list(tmp_path: Path) -> None:
    async with open_stage(make_small(), tmp_path) as stage:
        report = await choose(stage, output=tmp_path / "out", selection=Selection(types=("bot", "forum")))
        assert exported_ids(report) == listed_ids(stage.world, "bot", "forum")
        assert len(report.chats) == 2
        saved = await choose(stage, output=tmp_path / "saved", selection=Selection(types=("saved",)))
        assert exported_ids(saved) == [people.OWNER]


async def test_a_chat_that_fails_leaves_the_rest_of_the_list_whole(tmp_path: Path) -> None:
    async with open_stage(make_small(), tmp_path) as stage:
        with refusing(functions.messages.GetHistoryRequest, RpcError(400, "CHANNEL_PRIVATE")):
            selection = Selection(types=("channel", "forum", "supergroup"))
            report = await choose(stage, output=tmp_path / "out", selection=selection)
        assert report.exit_code == 3
        first, *others = report.chats
        assert (first.exit_code, first.error.startswith("This account may not read")) == (4, True)
        assert all(each.tally.is_complete and each.tally.stored for each in others)


async def test_folders_hold_what_was_put_in_and_what_their_rules_let_in(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        names = {
            "Reading": {PAPER, TALK},
            "people": {people.ANNA, people.OWNER},
            "Groups | all": set(listed_ids(stage.world, "group", "supergroup", "forum")),
            "Shared": {WOODS, TALK},
        }
        for name, ids in names.items():
            done = await stage.tobs("chats", "--folder", name, "--json")
            assert done.code == 0, done.err
            assert {each["id"] for each in done.documents} == ids, name
        done = await stage.tobs(
            "chats", "--folder", "Reading", "--folder", "Shared", "--type", "supergroup", "--json"
        )
        assert [each["title"] for each in done.documents] == ["Paper talk"]


async def test_two_folders_and_a_name_are_one_run_with_one_question_for_the_folders(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        selection = Selection(folders=("Reading", "Shared"), excluded=(str(WOODS),))
        report = await choose(stage, "Anna Kowalska", output=tmp_path / "out", selection=selection)
        assert report.exit_code == 0
        listed = [each for each in listed_ids(stage.world) if each in {PAPER, TALK}]
        assert exported_ids(report) == [people.ANNA, *listed]
        assert report.requests["messages.getDialogFilters"] == 1
        assert report.requests["messages.getDialogs"] == 2


async def test_rules_leave_out_what_is_muted_read_or_archived_but_never_a_mention(tmp_path: Path) -> None:
    world = make_small()
    news, club, forum = (
        chat_called(world, each) for each in ("Harbour News", "Rowing Club", "Allotment Forum")
    )
    kitchen, loud = chat_called(world, "Kitchen"), chat_called(world, "BOOK CLUB")
    news.muted_until, news.unread = 2**31 - 1, 3
    club.muted_until, club.mentions = 2**31 - 1, 1
    forum.muted_until, forum.unread = 1_000_000_000, 1
    kitchen.archived, kitchen.unread = True, 5
    loud.unread = 2
    everything = {"groups": True, "broadcasts": True}
    world.folders = [
        Folder(2, "Loud", flags={**everything, "exclude_muted": True}),
        Folder(3, "New", flags={**everything, "exclude_read": True}),
        Folder(4, "Here", flags={**everything, "exclude_archived": True}),
        Folder(
            5, "By hand", (news.marked,), excluded=(club.marked,), flags={**everything, "exclude_muted": True}
        ),
    ]
    world.muted_kinds = {"chats"}
    async with open_stage(world, tmp_path) as stage:
        assert await titles_in(stage, "Loud") == {"Rowing Club", "Allotment Forum"}
        assert stage.simulator.counts["account.getNotifySettings"] == 1
        assert await titles_in(stage, "New") == {
            "Harbour News",
            "Rowing Club",
            "Allotment Forum",
            "Kitchen",
            "BOOK CLUB",
        }
        assert "Kitchen" not in await titles_in(stage, "Here")
        assert await titles_in(stage, "By hand") == {"Harbour News", "Allotment Forum"}


async def test_bots_strangers_and_contacts_are_let_in_by_rules_of_their_own(tmp_path: Path) -> None:
    world = make_small()
    world.folders = [
        Folder(number, rule, flags={rule: True})
        for number, rule in enumerate(("bots", "contacts", "non_contacts"), start=2)
    ]
    async with open_stage(world, tmp_path) as stage:
        assert await titles_in(stage, "bots") == {"Weather"}
        assert await titles_in(stage, "contacts") == {"Saved Messages", "Anna Kowalska", "Chiara Moretti"}
        assert "Deleted Account" in await titles_in(stage, "non_contacts")


async def titles_in(stage: Stage, folder: str) -> set[str]:
    done = await stage.tobs("chats", "--folder", folder, "--json")
    assert done.code == 0, done.err
    return {each["title"] for each in done.documents}


async def test_the_archive_is_chosen_like_a_folder(tmp_path: Path) -> None:
    async with open_stage(make_small(), tmp_path) as stage:
        report = await choose(stage, output=tmp_path / "out", selection=Selection(folders=("archive",)))
        assert exported_ids(report) == [people.HOSTILE]


async def test_a_folder_that_does_not_exist_is_told_and_the_others_are_exported(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        selection = Selection(folders=("Readin", "Shared"))
        report = await choose(stage, output=tmp_path / "out", selection=selection)
        assert report.exit_code == 3
        [failed] = [each for each in stage.events if isinstance(each, Failed)]
        assert failed.text == "This account has no folder 'Readin'."
        assert "'Reading'" in failed.hint
        done = await stage.tobs("chats", "--folder", "Readin")
        assert (done.code, "no folder 'Readin'" in done.err) == (4, True)
        alone = await choose(stage, output=tmp_path / "two", selection=Selection(folders=("Readin",)))
        assert alone.exit_code == 4
        assert "messages.getDialogs" not in alone.requests


async def test_a_chat_of_a_folder_that_vanished_from_the_list_is_a_sentence(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        chat_called(stage.world, "Paper talk").listed = False
        report = await choose(stage, output=tmp_path / "out", selection=Selection(folders=("Reading",)))
        assert (report.exit_code, exported_ids(report)) == (0, [PAPER])
        said = [each.text for each in stage.events if isinstance(each, Said)]
        assert f"The folder Reading has a chat that is not in your list any more (id {TALK})." in said


async def test_a_selection_that_holds_nothing_is_said(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        report = await choose(stage, output=tmp_path / "out", selection=Selection(types=("bot",)))
        assert (report.exit_code, report.error) == (4, "No chat of your list is of that folder and type.")
        selection = Selection(excluded=("@paper_demo",))
        report = await choose(stage, "Paper", output=tmp_path / "out", selection=selection)
        assert (report.exit_code, report.error) == (4, "No chat is left.")


async def test_an_unknown_chat_to_leave_out_ends_the_run_before_anything_is_fetched(tmp_path: Path) -> None:
    async with open_stage(make_small(), tmp_path) as stage:
        selection = Selection(is_all=True, excluded=("Kitchn",))
        report = await choose(stage, output=tmp_path / "out", selection=selection)
        assert report.exit_code == 2
        assert report.error == "What to leave out is not clear: This account has no chat 'Kitchn'."
        assert "messages.getHistory" not in report.requests


async def test_chats_are_left_out_by_any_form_of_name(tmp_path: Path) -> None:
    async with open_stage(make_small(), tmp_path) as stage:
        excluded = (
            "me",
            CLUB,
            "https://t.me/harbour_news_demo",
            str(-GROUP_ID),
            "Allotment Forum",
            "+15550100011",
        )
        left = set(listed_ids(stage.world)) - {people.OWNER, mark_channel(NEWS_ID), -GROUP_ID, people.ANNA}
        arguments = [each for name in excluded for each in ("--exclude", name)]
        done = await stage.tobs("export", "--all", *arguments, "-o", "out", "-q")
        assert done.code == 0, done.out + done.err
        assert stage.simulator.counts["contacts.resolveUsername"] == 0
        assert stage.simulator.counts["contacts.resolvePhone"] == 0
        notes = {each.name for each in (tmp_path / "out").iterdir() if each.is_dir()} - {".tobs"}
        assert len(notes) == len(left) - 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "No chat is named."),
        (("--exclude", "me"), "No chat is named."),
        (("--all", "--folder", "Work"), "--all and --folder contradict each other."),
        (("--type", "person"), "There is no type 'person' of chat."),
        (("--all", "--exclude", "t.me/c/123/4"), "Say -1000000000123."),
        (("--every",), "There is no option --every."),
    ],
)
async def test_a_command_line_that_chooses_nothing_clear_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    async with open_stage(make_small(), tmp_path, login=False) as stage:
        done = await stage.tobs("export", *arguments)
        assert (done.code, words in done.err) == (2, True), done.err


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("+1 555 0100011", "contacts.resolvePhone"),
        ("tg://resolve?domain=anna_kw", "contacts.resolveUsername"),
        (f"tg://openmessage?user_id={people.ANNA}", "messages.getDialogs"),
    ],
)
async def test_a_person_is_found_by_number_and_by_link_and_asked_for_once(
    tmp_path: Path, name: str, method: str
) -> None:
    async with open_stage(make_small(), tmp_path) as stage, open_directory(stage) as (directory, _):
        assert (await directory.find(name)).id == people.ANNA
        asked = stage.simulator.total_answers
        assert stage.simulator.counts[method]
        assert (await directory.find(name)).title == "Anna Kowalska"
        assert stage.simulator.total_answers == asked


async def test_a_number_that_hides_from_strangers_is_found_among_the_contacts(tmp_path: Path) -> None:
    async with open_stage(make_small(), tmp_path) as stage, open_directory(stage) as (directory, _):
        with refusing(functions.contacts.ResolvePhoneRequest, RpcError(400, "PHONE_NOT_OCCUPIED")):
            assert (await directory.find("+15550100011")).id == people.ANNA
        with pytest.raises(ChatNotFound, match="finds nobody for you by the phone number"):
            await directory.find("+15550199999")


async def test_a_number_in_the_list_of_chats_needs_no_request(tmp_path: Path) -> None:
    async with open_stage(make_small(), tmp_path) as stage, open_directory(stage) as (directory, _):
        await directory.read_list()
        asked = stage.simulator.total_answers
        assert (await directory.find("+15550100011")).id == people.ANNA
        assert (await directory.find("@ROWING_CLUB_DEMO")).title == "Rowing Club"
        assert stage.simulator.total_answers == asked


async def test_a_private_link_names_its_chat(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage, open_directory(stage) as (directory, _):
        assert (await directory.find(f"https://t.me/c/{WOODS_ID}")).title == "Woods"
        with pytest.raises(ChatNotFound, match="has no chat"):
            await directory.find("https://t.me/c/123")


async def test_an_invite_link_opens_a_chat_only_for_its_members(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage, open_directory(stage) as (directory, _):
        assert (await directory.find(f"https://t.me/+{WOODS_INVITE}")).id == WOODS
        assert (await directory.find(f"t.me/joinchat/{WOODS_INVITE}")).id == WOODS
        assert stage.simulator.counts["messages.checkChatInvite"] == 1
        with pytest.raises(NoAccess, match="not in Walled garden, and tobs never joins a chat"):
            await directory.find(f"https://t.me/+{CLOSED_INVITE}")
        with pytest.raises(ChatNotFound, match="leads nowhere"):
            await directory.find("https://t.me/+NoSuchInvite")


async def test_a_link_to_a_post_names_its_chat(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage, open_directory(stage) as (directory, _):
        assert (await directory.find("https://t.me/paper_demo/5?comment=12")).id == PAPER


async def test_a_list_longer_than_the_cache_is_exported_whole(tmp_path: Path) -> None:
    async with open_stage(make_small(), tmp_path) as stage:
        request = ExportRequest((), tmp_path / "out", selection=Selection(is_all=True))
        report = await stage.run(request, input_peer_cache_size=2)
        assert report.exit_code == 0
        assert exported_ids(report) == listed_ids(stage.world)
