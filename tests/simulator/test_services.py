"""What an unmodified client gets from the worlds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from telethon import TelegramClient, errors, utils
from telethon.tl import functions, types

from simulator.protocol_world import connected, logged_in
from tobs.core.ids import mark_channel
from tobs.simulator.corpus import people
from tobs.simulator.corpus.every import EVERY_ID
from tobs.simulator.corpus.everything import MEDIA_ID
from tobs.simulator.corpus.holes import ALBUMS_ID, HOLES_ID
from tobs.simulator.corpus.small import CLUB_ID, FORUM_ID, GROUP_ID, NEWS_ID, OLD_GROUP_ID
from tobs.simulator.crypto import PUBLIC_KEY_PEM
from tobs.simulator.server import Simulator
from tobs.simulator.world import WORLDS, World


@asynccontextmanager
async def visiting(world: World, account: int = 0) -> AsyncIterator[TelegramClient]:
    """A logged-in client in a world."""
    from telethon.crypto import rsa

    rsa.add_key(PUBLIC_KEY_PEM, old=False)
    async with Simulator(world) as simulator, connected(simulator) as client:
        await logged_in(client, list(world.accounts.values())[account])
        yield client


@pytest.fixture(scope="module")
def everything() -> World:
    return WORLDS["everything"](1, 500)


async def page_of(client: TelegramClient, peer: Any, **window: Any) -> Any:
    fields = {
        "offset_id": 0,
        "offset_date": None,
        "add_offset": 0,
        "limit": 100,
        "max_id": 0,
        "min_id": 0,
        "hash": 0,
    }
    return await client(functions.messages.GetHistoryRequest(peer, **{**fields, **window}))


async def test_an_unmodified_client_reads_a_message_of_every_constructor() -> None:
    world = WORLDS["every"](1, 0)
    async with visiting(world) as client:
        messages = [message async for message in client.iter_messages("gallery_every", wait_time=0)]
    assert {message.id for message in messages} == set(world.ids(mark_channel(EVERY_ID)))


async def test_every_message_of_every_listed_chat_arrives_as_it_is(everything: World) -> None:
    async with visiting(everything) as client:
        seen = 0
        async for dialog in client.iter_dialogs():
            messages = [message async for message in client.iter_messages(dialog.entity, wait_time=0)]
            assert [message.id for message in messages] == list(everything.ids(dialog.id))[::-1]
            for message in messages:
                # Telethon itself calls what one sent to oneself outgoing; the service does not.
                message.out = message.out and dialog.id != everything.owner
            changed = [m.id for m in messages if bytes(m) != bytes(everything.message(dialog.id, m.id))]
            assert (dialog.name, changed) == (dialog.name, [])
            seen += 1
    assert seen == len(
        [chat for chat in everything.chats if chat.listed and chat.owner in {0, everything.owner}]
    )


async def test_reading_from_the_oldest_message_up_visits_all(everything: World) -> None:
    async with visiting(everything) as client:
        async for _ in client.iter_dialogs():
            pass
        marked = mark_channel(HOLES_ID)
        ids = [message.id async for message in client.iter_messages(marked, reverse=True, wait_time=0)]
    assert ids == list(everything.ids(marked))


async def test_the_answer_type_tells_the_kind_of_chat_and_whether_all_is_there(everything: World) -> None:
    async with visiting(everything) as client:
        group = await page_of(client, types.InputPeerChat(GROUP_ID))
        part = await page_of(client, types.InputPeerChat(GROUP_ID), limit=2)
        club = await page_of(client, await client.get_input_entity("rowing_club_demo"))
    assert (type(group), len(group.messages)) == (types.messages.Messages, 3)
    assert (type(part), part.count, len(part.messages)) == (types.messages.MessagesSlice, 3, 2)
    assert (type(club), club.count, club.pts > 1) == (types.messages.ChannelMessages, 131, True)


async def test_a_page_describes_everybody_in_it(everything: World) -> None:
    async with visiting(everything) as client:
        peer = await client.get_input_entity("gallery_envelopes")
        page = await page_of(client, peer)
    known = {user.id for user in page.users} | {utils.get_peer_id(chat) for chat in page.chats}
    senders = {message.sender_id for message in page.messages if message.sender_id}
    forwarded = {
        utils.get_peer_id(m.fwd_from.from_id) for m in page.messages if m.fwd_from and m.fwd_from.from_id
    }
    # One sender and one origin are strangers on purpose.
    assert (senders | forwarded) - known == {999_999, mark_channel(2_999_999_999)}
    assert any(user.min for user in page.users)
    assert not any(user.min for user in page.users if user.contact)


async def test_a_min_user_cannot_be_addressed_but_by_its_message(everything: World) -> None:
    async with visiting(everything) as client:
        peer = await client.get_input_entity("gallery_envelopes")
        page = await page_of(client, peer)
        user = next(user for user in page.users if user.min)
        spoken = next(
            m for m in page.messages if isinstance(m.from_id, types.PeerUser) and m.from_id.user_id == user.id
        )
        with pytest.raises(errors.PeerIdInvalidError):
            await page_of(client, types.InputPeerUser(user.id, user.access_hash))
        there = types.InputPeerUserFromMessage(peer, spoken.id, user.id)
        assert (await page_of(client, there)).messages == []


async def test_a_search_refuses_a_min_user_but_takes_its_message(everything: World) -> None:
    async with visiting(everything) as client:
        peer = await client.get_input_entity("gallery_envelopes")
        page = await page_of(client, peer)
        user = next(user for user in page.users if user.min)
        spoken = [m.id for m in page.messages if m.from_id == types.PeerUser(user.id)]
        other = next(m.id for m in page.messages if str(user.id) not in m.stringify())

        async def search(sender: Any) -> list[int]:
            fields = {"q": "", "min_date": None, "max_date": None, "offset_id": 0, "add_offset": 0, "hash": 0}
            limits = {"limit": 100, "max_id": 0, "min_id": 0, "filter": types.InputMessagesFilterEmpty()}
            request = functions.messages.SearchRequest(peer, **fields, **limits, from_id=sender)
            return [message.id for message in (await client(request)).messages]

        with pytest.raises(errors.FromPeerInvalidError):
            await search(types.InputPeerUser(user.id, user.access_hash))
        with pytest.raises(errors.FromPeerInvalidError):
            await search(types.InputPeerUserFromMessage(peer, other, user.id))
        with pytest.raises(errors.FromPeerInvalidError):
            await search(types.InputPeerChannel(NEWS_ID, 1))
        with pytest.raises(errors.MsgIdInvalidError):
            await search(types.InputPeerUserFromMessage(peer, 999_999, user.id))
        assert await search(types.InputPeerUserFromMessage(peer, spoken[0], user.id)) == spoken


async def test_members_of_a_supergroup_are_found_by_how_their_names_begin(everything: World) -> None:
    async with visiting(everything) as client:
        peer = await client.get_input_entity("gallery_envelopes")

        async def find(words: str, where: Any = peer, **fields: Any) -> Any:
            wanted = types.ChannelParticipantsSearch(words)
            limits = {"offset": 0, "limit": 200, "hash": 0, **fields}
            return await client(functions.channels.GetParticipantsRequest(where, wanted, **limits))

        everybody = await find("")
        assert everybody.count == len(everybody.participants) > 3
        assert not any(user.min for user in everybody.users)
        rest = await find("", offset=1, limit=2)
        assert [each.user_id for each in rest.participants] == [
            each.user_id for each in everybody.participants[1:3]
        ]
        [hugo] = (await find("berg hu")).users
        assert (hugo.id, hugo.access_hash) == (people.HUGO, everything.access_hash(people.HUGO, people.OWNER))
        with pytest.raises(errors.ChatAdminRequiredError):
            await find("", await client.get_input_entity("harbour_news_demo"))


async def test_the_page_that_a_client_has_is_not_sent_again(everything: World) -> None:
    async with visiting(everything) as client:
        peer = await client.get_input_entity("harbour_news_demo")
        page = await page_of(client, peer)
        value = 0
        for message in page.messages:
            value ^= value >> 21
            value ^= (value << 35) % 2**64
            value ^= value >> 4
            value = (value + message.id) % 2**64
        again = await page_of(client, peer, hash=value - 2**64 if value >= 2**63 else value)
    assert (type(again), again.count) == (types.messages.MessagesNotModified, page.count)


async def test_dates_bound_a_page_from_above(everything: World) -> None:
    async with visiting(everything) as client:
        peer = await client.get_input_entity("calendar_demo")
        page = await page_of(client, peer, offset_date=datetime(2025, 1, 1, tzinfo=UTC), limit=2)
    assert [message.date for message in page.messages] == [datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC)] * 2


async def test_holes_are_empty_messages_when_asked_for_by_id(everything: World) -> None:
    async with visiting(everything) as client:
        peer = await client.get_input_entity("holes_demo")
        wanted = [types.InputMessageID(number) for number in (301, 1, 302, 9_999)]
        answer = await client(functions.channels.GetMessagesRequest(peer, wanted))
    assert [(type(message), message.id) for message in answer.messages] == [
        (types.Message, 301),
        (types.MessageEmpty, 1),
        (types.Message, 302),
        (types.MessageEmpty, 9_999),
    ]


async def test_private_chats_and_basic_groups_share_their_ids(everything: World) -> None:
    friend = list(everything.ids(people.ANNA))
    group = list(everything.ids(-GROUP_ID))
    assert not set(friend) & set(group)
    async with visiting(everything) as client:
        wanted = [types.InputMessageID(number) for number in (group[0], friend[0], 1)]
        answer = await client(functions.messages.GetMessagesRequest(wanted))
    assert [message.peer_id for message in answer.messages] == [
        types.PeerChat(GROUP_ID),
        types.PeerUser(people.ANNA),
        None,
    ]


async def test_more_than_a_hundred_ids_are_refused(everything: World) -> None:
    async with visiting(everything) as client:
        peer = await client.get_input_entity("holes_demo")
        with pytest.raises(errors.MsgIdInvalidError):
            await client(functions.channels.GetMessagesRequest(peer, [types.InputMessageID(1)] * 101))


async def test_albums_lie_across_the_borders_of_pages(everything: World) -> None:
    async with visiting(everything) as client:
        peer = await client.get_input_entity("albums_demo")
        first = await page_of(client, peer)
        second = await page_of(client, peer, offset_id=first.messages[-1].id)
    assert first.messages[-1].grouped_id == second.messages[0].grouped_id is not None
    assert everything.count(mark_channel(ALBUMS_ID)) == 300


async def test_forum_pages_bring_their_topics(everything: World) -> None:
    async with visiting(everything) as client:
        peer = await client.get_input_entity("allotment_demo")
        page = await page_of(client, peer)
    titles = [topic.title for topic in page.topics]
    assert titles == ["Seeds & bulbs", "Tools", "Tools", "../../[[etc]]/passwd | #1"]
    answer = next(message for message in page.messages if message.message == "An answer")
    assert answer.reply_to.forum_topic
    assert answer.reply_to.reply_to_top_id < answer.reply_to.reply_to_msg_id


@pytest.mark.parametrize(
    ("peer", "error"),
    [
        (types.InputPeerChannel(CLUB_ID, 1), errors.ChannelInvalidError),
        (types.InputPeerChannel(77, 1), errors.ChannelInvalidError),
        (types.InputPeerUser(people.ANNA, 1), errors.PeerIdInvalidError),
        (types.InputPeerChat(77), errors.ChatIdInvalidError),
        (types.InputPeerEmpty(), errors.PeerIdInvalidError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, types.InputPeerChat) else str(value)[:40],
)
async def test_a_wrong_access_hash_opens_nothing(
    everything: World, peer: Any, error: type[Exception]
) -> None:
    async with visiting(everything) as client:
        with pytest.raises(error):
            await page_of(client, peer)


async def test_a_private_channel_is_named_but_not_read(everything: World) -> None:
    async with visiting(everything) as client:
        peer = await client.get_input_entity("members_only_demo")
        with pytest.raises(errors.ChannelPrivateError):
            await page_of(client, peer)
        (seen,) = (await client(functions.channels.GetChannelsRequest([peer]))).chats
    assert (type(seen), seen.title) == (types.ChannelForbidden, "Members only")


async def test_public_names_are_found_without_regard_to_case(everything: World) -> None:
    async with visiting(everything) as client:
        found = await client(functions.contacts.ResolveUsernameRequest("Harbour_NEWS_demo"))
        assert found.peer == types.PeerChannel(NEWS_ID)
        with pytest.raises(errors.UsernameNotOccupiedError):
            await client(functions.contacts.ResolveUsernameRequest("nobody_has_this"))
        with pytest.raises(errors.UsernameInvalidError):
            await client(functions.contacts.ResolveUsernameRequest("no spaces!"))


async def test_dialogs_page_by_their_triple_and_keep_the_pinned_ones_first(everything: World) -> None:
    async with visiting(everything) as client:
        dialogs = [dialog async for dialog in client.iter_dialogs()]
        first = await dialog_page(client, limit=4)
        collected, page = list(first.dialogs), first
        while page.dialogs:
            last = page.messages[-1]
            page = await dialog_page(
                client, last.date, last.id, await client.get_input_entity(page.dialogs[-1].peer), limit=4
            )
            collected += page.dialogs
    assert (type(first), first.count) == (types.messages.DialogsSlice, len(dialogs))
    assert [utils.get_peer_id(dialog.peer) for dialog in collected] == [dialog.id for dialog in dialogs]
    assert [dialog.pinned for dialog in dialogs] == [True] + [False] * (len(dialogs) - 1)
    dates = [dialog.date for dialog in dialogs[1:]]
    assert dates == sorted(dates, reverse=True)


async def dialog_page(
    client: TelegramClient,
    date: Any = None,
    number: int = 0,
    peer: Any = None,
    *,
    limit: int,
    folder: int | None = None,
) -> Any:
    offset = peer or types.InputPeerEmpty()
    return await client(
        functions.messages.GetDialogsRequest(date, number, offset, limit, 0, folder_id=folder)
    )


async def test_the_archive_is_a_folder_of_its_own(everything: World) -> None:
    async with visiting(everything) as client:
        archived = await dialog_page(client, limit=100, folder=1)
        main = await dialog_page(client, limit=100, folder=0)
    assert [dialog.peer for dialog in archived.dialogs] == [types.PeerUser(people.HOSTILE)]
    assert types.PeerUser(people.HOSTILE) not in [dialog.peer for dialog in main.dialogs]


async def test_a_migrated_group_is_found_from_its_successor(everything: World) -> None:
    async with visiting(everything) as client:
        answer = await client(functions.channels.GetFullChannelRequest("rowing_club_demo"))
        full = answer.full_chat
        old = await client(functions.messages.GetFullChatRequest(full.migrated_from_chat_id))
        page = await page_of(client, types.InputPeerChat(full.migrated_from_chat_id))
    assert full.migrated_from_chat_id == OLD_GROUP_ID
    assert page.messages[0].id == full.migrated_from_max_id
    migrated = next(chat for chat in old.chats if chat.id == OLD_GROUP_ID).migrated_to
    assert migrated.access_hash == everything.access_hash(mark_channel(CLUB_ID), everything.owner)


async def test_the_second_account_sees_what_is_public_with_its_own_access_hashes(everything: World) -> None:
    async with visiting(everything, account=1) as client:
        me = await client.get_me()
        peer = await client.get_input_entity("gallery_media")
        page = await page_of(client, peer)
        saved = await page_of(client, types.InputPeerSelf())
    assert (me.id, me.is_self) == (people.SECOND, True)
    assert peer.access_hash != everything.access_hash(mark_channel(MEDIA_ID), everything.owner)
    assert page.count == everything.count(mark_channel(MEDIA_ID))
    assert not any(user.is_self or user.phone for user in page.users)
    assert saved.messages == []


async def test_people_and_states_answer(everything: World) -> None:
    async with visiting(everything) as client:
        full = await client(functions.users.GetFullUserRequest("anna_kw"))
        contacts = await client(functions.contacts.GetContactsRequest(0))
        found = await client(functions.contacts.SearchRequest("book club", 10))
        state = await client(functions.updates.GetStateRequest())
        difference = await client(functions.updates.GetDifferenceRequest(state.pts, state.date, state.qts))
        pinned = await client(functions.messages.GetPinnedDialogsRequest(0))
        forum = types.InputDialogPeer(await client.get_input_entity("allotment_demo"))
        dialogs = await client(functions.messages.GetPeerDialogsRequest([forum]))
    assert full.users[0].first_name == "Anna"
    assert people.ANNA in {contact.user_id for contact in contacts.contacts}
    assert len(found.my_results) == 3
    assert isinstance(difference, types.updates.DifferenceEmpty)
    assert [dialog.peer for dialog in pinned.dialogs] == [types.PeerUser(everything.owner)]
    assert dialogs.dialogs[0].top_message == max(everything.ids(mark_channel(FORUM_ID)))
