"""The fast reader reads what Telethon's own reads, byte for byte."""

from __future__ import annotations

import gzip
import inspect
import struct
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import types as tl
from telethon.tl.core import GzipPacked
from telethon.tl.tlobject import TLObject

from telegram.made import DATE, constructors, make, message, page, read_parameters, service
from tobs.errors import Damaged
from tobs.simulator.model import Chat, World
from tobs.simulator.pages import Window, cut, encode_page
from tobs.simulator.raw import Encoded
from tobs.simulator.world import WORLDS
from tobs.telegram.decode import UNREADABLE, decode_page
from tobs.telegram.reader import PageReader, PlainEmpty, PlainMessage, PlainService

PLAIN = {PlainMessage: tl.Message, PlainService: tl.MessageService, PlainEmpty: tl.MessageEmpty}
EVERYTHING = WORLDS["everything"](1, 0)
FILLED = [
    (world, chat)
    for world in (EVERYTHING, WORLDS["small"](1, 0), WORLDS["demo"](1, 0), WORLDS["bench"](1, 250))
    for chat in world.chats
    if len(chat.log)
]
# What is not a constructor of its own: unions, and bases of the module.
MADE = [
    each
    for each in constructors("")
    if inspect.isclass(each) and issubclass(each, TLObject) and each is not TLObject
]


def simplify(value: Any) -> Any:
    """Return anything that was read as values that can be compared, whichever reader it comes from."""
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, list):
        return [simplify(each) for each in value]
    if isinstance(value, TLObject) or type(value) in PLAIN:
        kind = PLAIN.get(type(value), type(value))
        fields = {name: simplify(getattr(value, name, None)) for name in read_parameters(kind)}
        # The comfortable message fills some fields in that were not sent.
        return kind.__name__, {name: each for name, each in fields.items() if each not in (None, False)}
    return value


def raw_pages(world: World, chat: Chat) -> list[bytes]:
    """Return the whole history of a chat as a server hands it out."""
    tops = [chat.log.id_at(rank) for rank in range(len(chat.log) - 1, -1, -100)]
    windows = [cut(chat.log, Window(offset_id=top + 1)) for top in tops]
    return [encode_page(world, world.owner, chat, *window) for window in windows]


def read_both(raw: bytes) -> tuple[Any, Any]:
    """Return what the two readers make of the same bytes; both must have come equally far."""
    ours, theirs = PageReader(raw), BinaryReader(raw)
    pair = simplify(ours.tgread_object()), simplify(theirs.tgread_object())
    assert ours.tell_position() == theirs.tell_position()
    return pair


@pytest.mark.parametrize(("world", "chat"), FILLED, ids=lambda each: str(getattr(each, "marked", "")))
def test_every_page_of_every_world_reads_as_with_telethon(world: World, chat: Chat) -> None:
    for raw in raw_pages(world, chat):
        ours, theirs = read_both(raw)
        assert ours == theirs


@pytest.mark.parametrize("is_full", [False, True], ids=["few", "all"])
def test_every_constructor_of_the_layer_reads_as_with_telethon(is_full: bool) -> None:
    count = 0
    for constructor in MADE:
        try:
            raw = bytes(make(constructor, is_full=is_full))
        except (TypeError, AttributeError, ValueError, RecursionError):
            continue  # it needs what only a client can give, or itself
        count += 1
        ours, theirs = read_both(raw)
        assert ours == theirs, constructor.__name__
    assert count > 800


def list_optional(constructor: Any) -> list[str]:
    """Return the fields that may be left out."""
    return [name for name, each in read_parameters(constructor).items() if each.default is None]


def test_every_optional_field_reads_as_with_telethon_when_no_other_one_was_sent() -> None:
    count = 0
    for constructor in MADE:
        for name in list_optional(constructor):
            try:
                thing = make(constructor, is_full=True)
                for each in list_optional(constructor):
                    if each != name:
                        setattr(thing, each, None)
                raw = bytes(thing)
            except (TypeError, AttributeError, ValueError, RecursionError, AssertionError, struct.error):
                continue  # as above, or some fields come only together
            count += 1
            ours, theirs = read_both(raw)
            assert ours == theirs, (constructor.__name__, name)
    assert count > 1500


@settings(deadline=None)
@given(st.binary(max_size=600))
def test_bytes_of_any_length_read_as_with_telethon(data: bytes) -> None:
    raw = TLObject.serialize_bytes(data)
    ours, theirs = PageReader(raw), BinaryReader(raw)
    assert ours.tgread_bytes() == theirs.tgread_bytes() == data
    assert ours.tell_position() == theirs.tell_position() == len(raw)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 252, 253, 254, 255, 256, 257, 65_535, 65_536, 70_001])
def test_lengths_around_the_long_form_keep_their_padding(size: int) -> None:
    raw = TLObject.serialize_bytes(b"x" * size) + TLObject.serialize_bytes(b"next")
    reader = PageReader(raw)
    assert len(reader.tgread_bytes()) == size
    assert reader.tgread_bytes() == b"next"


@settings(deadline=None)
@given(st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1), st.booleans())
def test_numbers_read_as_with_telethon(number: int, long: int, is_true: bool) -> None:
    raw = number.to_bytes(4, "little", signed=True) + long.to_bytes(8, "little", signed=True)
    for signed in (True, False):
        ours, theirs = PageReader(raw), BinaryReader(raw)
        assert ours.read_int(signed=signed) == theirs.read_int(signed=signed)
        assert ours.read_long(signed=signed) == theirs.read_long(signed=signed)
    assert PageReader(raw).tgread_date() == number
    flag = (0x997275B5 if is_true else 0xBC799737).to_bytes(4, "little")
    assert PageReader(flag).tgread_object() is is_true


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_a_text_that_is_no_utf8_is_still_a_text(data: bytes) -> None:
    raw = TLObject.serialize_bytes(data)
    assert PageReader(raw).tgread_string() == BinaryReader(raw).tgread_string()


def test_a_date_before_1970_stays_a_number() -> None:
    raw = bytes(message()).replace(int(DATE.timestamp()).to_bytes(4, "little"), b"\xff\xff\xff\xff")
    assert PageReader(raw).tgread_object().date == -1


def test_an_unknown_constructor_is_named_and_nothing_of_it_is_eaten() -> None:
    reader = PageReader(b"\x0d\xf0\xad\x0b" + b"rest")
    with pytest.raises(TypeNotFoundError, match="0badf00d"):
        reader.tgread_object()
    assert reader.tell_position() == 0


def test_what_wraps_answers_is_nothing_inside_of_one() -> None:
    packed = struct.pack("<I", GzipPacked.CONSTRUCTOR_ID) + TLObject.serialize_bytes(
        gzip.compress(bytes(tl.UserEmpty(5)))
    )
    with pytest.raises(TypeNotFoundError):
        PageReader(packed).tgread_object()
    bomb = bytes(tl.messages.Messages([], topics=[], chats=[], users=[Encoded(packed)]))
    assert decode_page(bomb, chat_id=-1000000000005, account=1, is_forum=False).rows == []


def test_a_field_that_was_not_read_is_not_there() -> None:
    read = PageReader(bytes(message())).tgread_object()
    assert (read.message, read.media, read.silent) == ("words", None, False)
    assert vars(read).keys() == {"id", "peer_id", "date", "message", "from_id"}
    with pytest.raises(AttributeError, match="sender"):
        _ = read.sender


WHOLE = page(message(1, media=make(tl.MessageMediaPoll, is_full=True)), service(tl.MessageActionPinMessage()))
PAGES = [WHOLE, raw_pages(*FILLED[0])[0][:4000], page(message(3), tl.MessageEmpty(2, None))]


@pytest.mark.parametrize("end", range(0, len(WHOLE), 4))
def test_a_page_cut_off_anywhere_is_unreadable_and_nothing_else(end: int) -> None:
    with pytest.raises(UNREADABLE):
        PageReader(WHOLE[:end]).tgread_object()
    with pytest.raises(Damaged):
        decode_page(WHOLE[:end], chat_id=-1, account=1, is_forum=False)


@settings(deadline=None)
@given(st.sampled_from(PAGES), st.data())
def test_bytes_that_changed_on_the_way_are_read_or_damaged_and_nothing_else(
    raw: bytes, data: st.DataObject
) -> None:
    spoilt = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 4))):
        spoilt[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = decode_page(bytes(spoilt), chat_id=-1000000000005, account=1, is_forum=True)
    except Damaged:
        return
    assert all(isinstance(each.id, int) for each in found.rows)


def test_an_object_of_another_kind_than_the_schema_says_is_damage() -> None:
    poll = make(tl.MessageMediaPoll, is_full=True)
    poll.results = tl.PeerUser(5)
    with pytest.raises(Damaged, match="solution"):
        decode_page(page(message(1, media=poll)), chat_id=-1000000000005, account=1, is_forum=False)


def test_a_photo_that_names_no_size_is_still_a_photo() -> None:
    sizes = [tl.PhotoSizeProgressive("y", 1280, 720, [])]
    photo = tl.Photo(7, 8, b"", DATE, sizes, 2)
    media = tl.MessageMediaPhoto(photo=photo)
    [row] = decode_page(page(message(1, media=media)), chat_id=-1000000000005, account=1, is_forum=False).rows
    assert row.kind == "photo"


@pytest.mark.parametrize("stranger", [tl.PeerUser(5), tl.UserEmpty(5), tl.InputPeerSelf()])
def test_what_is_no_message_among_messages_is_damage(stranger: Any) -> None:
    with pytest.raises(Damaged):
        decode_page(page(stranger), chat_id=-1000000000005, account=1, is_forum=False)


def test_what_is_no_person_among_people_is_damage() -> None:
    raw = bytes(tl.messages.Messages([message()], topics=[], chats=[], users=[tl.PeerUser(5)]))
    with pytest.raises(Damaged):
        decode_page(raw, chat_id=-1000000000005, account=1, is_forum=False)
