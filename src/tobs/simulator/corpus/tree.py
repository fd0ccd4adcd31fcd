"""A world of chats that belong together: topics, comments, a migrated group, saved lists, folders, a protected chat."""

from datetime import UTC, datetime

from telethon.tl import types

from tobs.core.ids import mark_channel, mark_group
from tobs.simulator.corpus import chats, files, people
from tobs.simulator.corpus.bench import bulk_chat
from tobs.simulator.corpus.small import start_topic
from tobs.simulator.corpus.talk import carry_over
from tobs.simulator.marks import marked_of, peer_of
from tobs.simulator.model import Folder, World
from tobs.simulator.script import Draft, Script
from tobs.simulator.stage import Stage

WOODS_ID, CHOIR_ID, PAPER_ID, TALK_ID, VAULT_ID, CLOSED_ID = range(2_000_000_071, 2_000_000_077)
OLD_CHOIR_ID = 412_345_681
AUTHOR_HIDDEN = 2_666_000
"""The user under whose id Telegram lists saved messages of authors who hide themselves."""
WOODS_INVITE, CLOSED_INVITE = "WoodsInvite00001", "ClosedInvite0002"
_NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
_BEGIN = datetime(2026, 2, 1, 8, 0, tzinfo=UTC)
_TOPICS = 130
_COMMENTS = {3: 140, 4: 7, 5: 0, 9: 1}  # by the number of the post


def build_tree(seed: int, messages: int) -> World:
    """Return the world, with a supergroup of that many bulk messages (none for 0)."""
    stage = Stage(seed, _NOW)
    stage.peers[AUTHOR_HIDDEN] = people.person(AUTHOR_HIDDEN, "Author Hidden")
    _saved(stage)
    friend = stage.private(people.ANNA, _BEGIN)
    friend.say(people.ANNA, "I have put you into a folder.")
    _woods(stage)
    _choir(stage)
    _paper(stage)
    _vault(stage)
    closed = chats.supergroup(CLOSED_ID, "Walled garden")
    stage.channel(closed, _BEGIN, readers=frozenset(), listed=False).say(people.IDA, "Only for us.")
    if messages:
        peers, bulk = bulk_chat(seed, messages)
        stage.add(bulk, peers)
    world = stage.build()
    _pin_topics(world)
    world.folders = _folders()
    world.invites = {WOODS_INVITE: mark_channel(WOODS_ID), CLOSED_INVITE: mark_channel(CLOSED_ID)}
    return world


def _woods(stage: Stage) -> None:
    """Put on a forum of more topics than a page holds: some share a title, some are closed, one is gone."""
    script = stage.channel(chats.supergroup(WOODS_ID, "Woods", "woods_demo", forum=True), _BEGIN)
    script.act(marked_of(stage.chat_of(script).entity), types.MessageActionChannelCreate("Woods"))
    script.say(people.IDA, "Everything that has no topic of its own stands here.")
    for number in range(_TOPICS):
        script.gap(3 if number == 40 else 0)  # a topic that was deleted with its messages
        title = "Clearing" if number % 50 == 7 else f"Tree {number + 1}"
        topic = start_topic(script, people.IDA, title)
        for answer in range(1 + number % 4):
            script.say(people.GRETA, f"Answer {answer + 1} about {title}")
        if number % 29 == 3:
            script.act(people.IDA, types.MessageActionTopicEdit(closed=True), reply=topic)
        script.later(hours=9)
    script.topic = None
    script.act(people.IDA, types.MessageActionTopicEdit(hidden=True))
    script.say(people.IDA, "The last word in General")


def _pin_topics(world: World) -> None:
    forum = world.chat(mark_channel(WOODS_ID))
    assert forum is not None
    for topic in [*forum.topics.values()][5:8]:
        topic.pinned = True


def _choir(stage: Stage) -> None:
    """Put on a basic group and the supergroup that it became: both are long, and their ids collide."""
    members = [people.OWNER, people.BEN, people.GRETA]
    moved = types.InputChannel(CHOIR_ID, 0)
    old = chats.group(OLD_CHOIR_ID, "Choir", 0, deactivated=True, migrated_to=moved)
    before = stage.group(old, _BEGIN, listed=False, full={"members": members})
    before.act(people.BEN, types.MessageActionChatCreate("Choir", members))
    _sing(before, 150, "before")
    before.act(people.BEN, types.MessageActionChatMigrateTo(CHOIR_ID))
    full = {"migrated_from_chat_id": OLD_CHOIR_ID, "about": "We sing"}
    after = stage.channel(chats.supergroup(CHOIR_ID, "Choir", "choir_demo"), before.clock, full=full)
    after.act(mark_channel(CHOIR_ID), types.MessageActionChannelMigrateFrom("Choir", OLD_CHOIR_ID))
    _sing(after, 160, "after")


def _sing(script: Script, count: int, when: str) -> None:
    for number in range(count):
        script.say(
            (people.BEN, people.GRETA, people.OWNER)[number % 3], f"Song {number + 1}, {when} the move"
        )
        script.later(hours=3)


def _paper(stage: Stage) -> None:
    """Put on a channel and its discussion group, where each post comes first and its comments answer it."""
    full = {"linked_chat_id": TALK_ID}
    paper = stage.channel(chats.broadcast(PAPER_ID, "Paper", "paper_demo", has_link=True), _BEGIN, full=full)
    talk = stage.channel(
        chats.supergroup(TALK_ID, "Paper talk", "paper_talk_demo", has_link=True),
        _BEGIN,
        full={"linked_chat_id": PAPER_ID},
    )
    paper.act(mark_channel(PAPER_ID), types.MessageActionChannelCreate("Paper"), post=True)
    talk.say(people.OWNER, "Below each post is room for what you think of it.")
    for number in range(1, 13):
        count = _COMMENTS.get(number, number % 3)
        replies = types.MessageReplies(count, 1, comments=True, channel_id=TALK_ID)
        words = f"<b>Number {number}</b>\nThe news of week {number}."
        post = paper.say(None, words, post=True, views=500 + number, forwards=0, replies=replies)
        talk.clock = max(talk.clock, paper.clock)
        _comment(talk, carry_over(talk, PAPER_ID, post), count)
        talk.say(people.HUGO, "Something beside the point.")
        paper.later(days=7)
        paper.clock = max(paper.clock, talk.clock)


def _comment(talk: Script, root: Draft, count: int) -> None:
    """Write comments; every fifth answers the one before and names the post as the top of the thread."""
    last = root
    for number in range(count):
        is_nested = number % 5 == 4
        comment = talk.say(
            (people.ANNA, people.BEN, people.OWNER)[number % 3],
            f"Comment {number + 1}",
            reply=last if is_nested else root,
        )
        if is_nested:
            comment.message.reply_to.reply_to_top_id = 0
            comment.links.append((comment.message.reply_to, "reply_to_top_id", root))
        last = comment


def _saved(stage: Stage) -> None:
    """Save notes of one's own and messages of several chats, each of which makes a list."""
    lists = frozenset({people.BEN})
    script = stage.private(people.OWNER, _BEGIN, pinned=True, pinned_lists=lists)
    origins = (people.ANNA, people.BEN, people.DIEGO, mark_channel(PAPER_ID), AUTHOR_HIDDEN, people.OWNER)
    for number in range(60):
        origin = peer_of(origins[number % len(origins)])
        header = None
        if origin != peer_of(people.OWNER):
            header = types.MessageFwdHeader(script.clock, from_id=origin, saved_from_peer=origin)
            header.saved_from_msg_id = number + 1
        script.say(people.OWNER, f"Kept as number {number + 1}", fwd_from=header, saved_peer_id=origin)
        script.later(days=2)


def _vault(stage: Stage) -> None:
    """Put on a channel whose content is protected."""
    entity = chats.broadcast(VAULT_ID, "Vault", "vault_demo", noforwards=True)
    script = stage.channel(entity, _BEGIN)
    for number in range(20):
        media = files.photo_media(f"vault/{number}") if number % 2 else None
        script.say(None, f"Exhibit {number + 1}", post=True, views=7, forwards=0, media=media)
        script.later(days=1)


def _folders() -> list[Folder]:
    paper, talk, woods = (mark_channel(number) for number in (PAPER_ID, TALK_ID, WOODS_ID))
    return [
        Folder(2, "Reading", (paper, talk), pinned=(paper,)),
        Folder(3, "People", (people.ANNA, people.OWNER), excluded=(people.BEN,), flags={"contacts": True}),
        Folder(5, "Groups | all", excluded=(mark_group(OLD_CHOIR_ID),), flags={"groups": True}),
        Folder(6, "Shared", (woods, talk), is_shared=True),
    ]
