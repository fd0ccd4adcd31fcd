"""Plays, and the demo world that is written as one."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from telethon.tl import types

from tobs.core.ids import mark_channel
from tobs.simulator.corpus import people
from tobs.simulator.corpus.demo.world import CAST, GAZETTE_ID, TEAM_ID
from tobs.simulator.logs import message_at
from tobs.simulator.screenplay import Play, weave
from tobs.simulator.script import Script, number, tell_ids
from tobs.simulator.world import WORLDS, World


@pytest.fixture(scope="module")
def demo() -> World:
    return WORLDS["demo"](1, 0)


def messages_of(world: World, marked: int) -> list[Any]:
    chat = world.chat(marked)
    assert chat is not None
    return [message_at(chat.log, rank) for rank in range(len(chat.log))]


def performed(play: str) -> list[Any]:
    script = Script(mark_channel(TEAM_ID), people.OWNER, datetime(2026, 1, 1, tzinfo=UTC))
    Play(script, CAST).perform(play)
    number([script])
    tell_ids([script])
    return [draft.message for draft in script.drafts]


def test_lines_answers_and_labels_become_messages_and_replies() -> None:
    first, second, third, fourth = performed(
        "= 2026-02-03 10:00\nanna @tea: Tea?\nben>: Yes\n~ 2\nemi>2: <b>No</b>\n    |\n    Coffee {👍3! ❤️1, edit 2m}\nida>tea fwd=ben: Me"
    )
    assert (first.id, second.id, third.id) == (1, 2, 5)
    assert [m.reply_to.reply_to_msg_id for m in (second, third, fourth)] == [1, 1, 1]
    assert (third.message, type(third.entities[0])) == ("No\n\nCoffee", types.MessageEntityBold)
    assert [(r.reaction.emoticon, r.count, r.chosen_order) for r in third.reactions.results] == [
        ("👍", 3, 0),
        ("❤️", 1, None),
    ]
    assert (third.edit_date - third.date).total_seconds() == 120
    assert fourth.fwd_from.from_id == types.PeerUser(people.BEN)


def test_a_line_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="Anna says hello"):
        performed("Anna says hello")


def test_scenes_are_woven_by_their_dates() -> None:
    assert weave("\n= 2026-02-01 10:00\nb\n", "\n= 2026-01-01 10:00\na\n= 2026-03-01 10:00\nc\n") == (
        "= 2026-01-01 10:00\na\n= 2026-02-01 10:00\nb\n= 2026-03-01 10:00\nc\n"
    )


def test_the_demo_spans_half_a_year_in_three_lively_chats(demo: World) -> None:
    for marked in (mark_channel(TEAM_ID), mark_channel(GAZETTE_ID), people.CHIARA):
        messages = messages_of(demo, marked)
        assert {message.date.month for message in messages} == {1, 2, 3, 4, 5, 6}
        assert all(older.date <= newer.date for older, newer in pairwise(messages))
        assert sum(bool(getattr(message, "media", None)) for message in messages) > 10


def test_no_notation_is_left_in_what_people_read(demo: World) -> None:
    leftover = re.compile(r"</?[bisqu]>|\{[^}]*\}\Z|\[(photo|album|file|poll|place)|^\||\bfwd=", re.MULTILINE)
    texts = [m.message or "" for chat in demo.chats for m in messages_of(demo, chat.marked)]
    assert [text for text in texts if leftover.search(text)] == []


def test_every_answer_in_the_demo_has_what_it_answers(demo: World) -> None:
    for chat in demo.chats:
        ids = set(demo.ids(chat.marked))
        for message in messages_of(demo, chat.marked):
            assert message.reply_to is None or message.reply_to.reply_to_msg_id in ids
