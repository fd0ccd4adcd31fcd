"""What formats declare that they show is what they show: each field of each message is drawn with and without it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest

from telegram.made import page
from tobs.archive.codec import read_message
from tobs.core.census import list_paths
from tobs.core.media import Block, Entity, File, Media, Page
from tobs.core.model import Action, Content, Forward, Message, Reply
from tobs.core.patterns import make_pattern, merge_blocks
from tobs.simulator.corpus.every import list_constructors
from tobs.simulator.logs import message_at
from tobs.simulator.world import WORLDS
from tobs.telegram.decode import decode_page
from tobs.writers.registry import FORMATS
from writers.differences import Easel, find_effects, vary
from writers.memory import make_message

SIGHTS = (("channel", ""), ("supergroup", "mp4"), ("supergroup", "bin"))
"""Chats and files in which messages are drawn: not there, shown in the page, linked to."""

BORDERS = {"page.blocks.title.entities.diff_replace"}
"""A span that shows nothing, and whose border parts another span in two."""


def list_rare() -> Iterator[Content]:
    """Yield what formats show in some messages only, and the worlds have no message for."""
    file = File(5, "document", name="name.bin", size_bytes=9)
    yield Content(media=Media("audio", file))
    yield Content(media=Media("sticker", file, 64, 64))
    yield Content(page=Page([Block("cover", blocks=[Block("paragraph", "words")])]))
    yield Content(reply=Reply(7, task_id=3))
    yield Content(reply=Reply(8, poll_option="0a"))
    price = {"_": "StarsTonAmount", "amount": 5}
    yield Content(action=Action("suggested_post_approval", {"price": price}))
    yield Content([Entity("hashtag", 0, 4)])
    yield Content(reply=Reply(origin=Forward(1000, from_id=5)))


@cache
def list_messages() -> tuple[Message, ...]:
    """Return messages of the galleries and one for each constructor: those with a field that none before has."""
    found, seen = [], set[str]()
    worlds = (WORLDS[name](1, 0) for name in ("every", "everything"))
    logs = (chat.log for world in worlds for chat in world.chats)
    sent = (message_at(log, rank) for log in logs for rank in range(len(log)))
    for message in (
        *(make_message(1, 1000, "#tag", content=each) for each in list_rare()),
        *read_messages(sent),
    ):
        if (paths := list_paths(message)) - seen:
            found.append(message)
            seen |= paths
    return tuple(found)


def read_messages(sent: Iterable[Any]) -> Iterator[Message]:
    for each in sent:
        rows = decode_page(page(each), chat_id=-1000000000005, account=77, is_forum=False).rows
        yield from map(read_message, rows)


@cache
def list_occurring() -> frozenset[str]:
    return frozenset().union(*map(list_paths, list_messages()))


def test_all_fields_of_all_messages_are_tried() -> None:
    assert len(list_occurring()) > 1800
    for each in list_messages():
        before = copy.deepcopy(each)
        assert {*vary(each)} - {""} == list_paths(each)
        assert each == before


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_shows_what_it_declares_and_nothing_else(name: str) -> None:
    shown = FORMATS[name].shown
    effects = set[str]()
    for sight in SIGHTS:
        only = [
            each for each in list_messages() if sight is SIGHTS[0] or each.content.media or each.content.page
        ]
        find_effects(Easel(FORMATS[name], *sight), only, effects)
    effective = {*map(merge_blocks, effects)}
    declared = {merge_blocks(each) for each in list_occurring() if shown.holds(each)}
    assert sorted(declared - effective) == []
    assert sorted(effective - declared - BORDERS) == []


@pytest.mark.parametrize("name", FORMATS)
def test_every_pattern_is_about_something(name: str) -> None:
    # Sentences of service messages are declared by their words, objects in them beside that.
    patterns = [each for each in FORMATS[name].shown.patterns if ".values.{" not in each]
    paths = [*map(merge_blocks, list_occurring())]
    for each in patterns:
        matcher = make_pattern([each.removeprefix("!")])
        assert any(map(matcher.fullmatch, paths)), each


def test_no_constructor_of_the_layer_is_lost_in_any_format(request: pytest.FixtureRequest) -> None:
    page = (request.config.rootpath / "docs" / "formats.md").read_text(encoding="utf-8")
    rows = [each.strip("| ").split(" | ") for each in page.splitlines() if each.startswith("| ")]
    cells = {
        name.strip("`"): row[:-1] for row in rows for name in row[-1].split(", ") if name.startswith("`")
    }
    assert set(cells) == {each.__name__ for each in list_constructors()}
    assert {cell for row in cells.values() for cell in row} == {"shown", "in part", "counted", "–"}
    assert all(len(set(row)) == 1 for row in cells.values() if "–" in row)
