"""What cannot be read is told from what can, id by id, in few requests."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from export.memory import CHAT, MemoryArchive, MemorySource, decode_ids
from export.test_engine import walk
from export.test_span import walk as walk_span
from tobs.core.model import Chat, Decoded
from tobs.core.ports.source import RawPage
from tobs.core.ranges import Range
from tobs.core.span import Limits
from tobs.errors import Damaged
from tobs.export.isolate import HIGHEST, find_unreadable, list_rest, thin_out
from tobs.export.plan import cover_page

TOP = 400
IDS = st.sets(st.integers(1, TOP), min_size=1, max_size=160)
MOST_PROBES = 62
GROWTH = 7
"""From one message to a full page by doubling."""


def draw_source(ids: set[int], strange: set[int], blind: set[int], page_size: int = 100) -> MemorySource:
    there = ids & strange
    return MemorySource(ids, page_size, unreadable=frozenset(there - blind), blind=frozenset(there & blind))


@given(
    IDS, st.sets(st.integers(1, TOP)), st.sets(st.integers(1, TOP)), st.integers(1, 100), st.integers(1, 6)
)
def test_every_id_is_stored_unreadable_or_empty(
    ids: set[int], strange: set[int], blind: set[int], page_size: int, requests: int
) -> None:
    source = draw_source(ids, strange, blind, page_size)
    archive = MemoryArchive()
    report = asyncio.run(walk(source, archive, requests=requests))
    assert report.error == ""
    assert archive.covered == [Range(1, max(ids))]
    assert set(archive.unreadable) == ids & strange
    assert set(archive.stored) == ids - strange


@example({1, 396}, {1}, {1})
@given(IDS, st.sets(st.integers(1, TOP)), st.sets(st.integers(1, TOP)))
def test_unreadable_messages_cost_a_bounded_number_of_requests(
    ids: set[int], strange: set[int], blind: set[int]
) -> None:
    source = draw_source(ids, strange, blind)
    asyncio.run(walk(source, MemoryArchive()))
    plain = MemorySource(ids)
    asyncio.run(walk(plain, MemoryArchive()))
    known, unknown = len(source.unreadable), len(source.blind)
    # The newest message may be anywhere, and so may the oldest, below which nothing is; the others are near to the one above.
    gaps = [high - low for low, high in pairwise(sorted({*ids, max(ids) + 1}))]
    near = 2 + 2 * max(gaps).bit_length()
    bound = plain.requests + (1 + GROWTH) * known + (3 + GROWTH + near) * unknown
    ends = {min(ids), max(ids)} & set(source.blind)
    assert source.requests <= bound + (MOST_PROBES if ends else 0)


def test_a_chat_of_nothing_but_unreadable_messages_is_not_read_over_and_over() -> None:
    ids = set(range(1, 301))
    source = MemorySource(ids, unreadable=frozenset(ids))
    archive = MemoryArchive()
    asyncio.run(walk(source, archive))
    assert set(archive.unreadable) == ids
    assert source.requests == len(ids)
    assert sum(map(len, source.served)) < 100 + len(ids) + 5


def test_where_all_can_be_read_nothing_more_is_asked_for() -> None:
    source = MemorySource(range(1, 1001))
    asyncio.run(walk(source, MemoryArchive()))
    assert source.requests == 10


@given(st.integers(1, HIGHEST), st.integers(1, HIGHEST), st.integers(1, HIGHEST))
def test_the_id_of_an_unreadable_message_is_found_wherever_it_is(one: int, two: int, three: int) -> None:
    floor, there, high = sorted((one, two, three))
    probes = []

    async def probe(low: int) -> Decoded:
        probes.append(low)
        return decode_ids(b'[""]' if there >= low else b"[]", chat_id=1, account=1, is_forum=False)

    assert asyncio.run(find_unreadable(probe, high=high, floor=floor)) == there
    assert len(probes) <= min(MOST_PROBES, 2 * (high - there + 1).bit_length())


@pytest.mark.parametrize("answer", [b"[]", b"[5]", b'["5"]'])
def test_a_message_that_went_away_meanwhile_is_not_found(answer: bytes) -> None:
    async def probe(_low: int) -> Decoded:
        return decode_ids(answer, chat_id=1, account=1, is_forum=False)

    assert asyncio.run(find_unreadable(probe, high=9, floor=1)) is None


@given(IDS, st.sets(st.integers(1, TOP)), st.sets(st.integers(1, TOP)), st.booleans())
def test_a_look_by_id_accounts_for_every_id(
    ids: set[int], strange: set[int], blind: set[int], has_new_layer: bool
) -> None:
    source = draw_source(ids, strange, blind)
    archive = MemoryArchive(covered=[Range(1, TOP)], unreadable=dict.fromkeys(ids, 1))
    source.layer = 2 if has_new_layer else 1
    asyncio.run(walk(source, archive))
    if has_new_layer:
        assert set(archive.stored) == ids - strange
        assert {archive.unreadable[each] for each in ids & strange} <= {2}
    assert set(archive.unreadable) >= ids & strange
    assert set(archive.unreadable).isdisjoint(archive.stored)
    assert set(archive.unreadable) | set(archive.stored) == ids


def test_what_can_still_not_be_read_costs_few_requests_in_the_same_layer() -> None:
    ids = set(range(1, 1001))
    source = MemorySource(ids, unreadable=frozenset(ids))
    asyncio.run(walk(source, MemoryArchive(covered=[Range(1, 1000)], unreadable=dict.fromkeys(ids, 1))))
    assert source.requests <= 1 + 10 * 7


def test_what_can_be_read_now_costs_one_request_for_a_hundred() -> None:
    ids = set(range(1, 1001))
    source = MemorySource(ids)
    archive = MemoryArchive(covered=[Range(1, 1000)], unreadable=dict.fromkeys(ids, 1))
    asyncio.run(walk(source, archive))
    assert source.requests == 1 + ceil((1000 - 100) / 100) + 1
    assert archive.unreadable == {}


@pytest.mark.parametrize(
    ("answer", "rest"),
    [
        (b"[9, -8, 7]", []),
        (b'[9, "8", 7]', [[7]]),
        (b'[9, ""]', [[8], [7]]),
        (b'[""]', [[9, 8], [7]]),
        (b'["4"]', [[9, 8], [7]]),
        (b'[9, -8, "7"]', []),
    ],
)
def test_what_is_left_of_a_look_by_id(answer: bytes, rest: list[list[int]]) -> None:
    decoded = decode_ids(answer, chat_id=CHAT.id, account=1, is_forum=False)
    assert list_rest([9, 8, 7], decoded) == rest


def test_a_look_for_one_id_leaves_nothing() -> None:
    assert list_rest([9], decode_ids(b'[""]', chat_id=1, account=1, is_forum=False)) == []


def test_a_new_layer_is_tried_on_all_that_the_old_one_could_not_read() -> None:
    assert thin_out([5, 4, 3, 2, 1], {5: 1, 4: 2, 3: 1, 2: 1, 1: 1}, 2) == [5, 3, 2, 1]
    assert thin_out([5, 4, 3, 2, 1], dict.fromkeys(range(1, 6), 1), 1) == [2, 1]
    assert thin_out([1], {1: 1}, 1) == []


class Garbling(MemorySource):
    """Answers with bytes that are no answer, the first times that a place is asked for."""

    garbled = 0

    async def fetch_history(
        self, chat: Chat, *, top: int, low: int, floor: int = 1, limit: int = 100, thread: int = 0
    ) -> RawPage:
        page = await super().fetch_history(chat, top=top, low=low, floor=floor, limit=limit, thread=thread)
        if top and self.garbled:
            self.garbled -= 1
            page.raw = b"garbled"
        return page


@pytest.mark.parametrize(("garbled", "code", "stored"), [(2, 0, 250), (3, Damaged.exit_code, 100)])
def test_a_garbled_answer_is_asked_for_again_but_not_for_ever(garbled: int, code: int, stored: int) -> None:
    source = Garbling(range(1, 251))
    source.garbled = garbled
    archive = MemoryArchive()
    assert asyncio.run(walk(source, archive)).exit_code == code
    assert len(archive.stored) == stored
    assert archive.unreadable == {}


def test_an_answer_that_breaks_off_accounts_for_nothing_below() -> None:
    decoded = Decoded([], [], [], [], None, None, None, 0, is_cut=True)
    assert cover_page(Range(1, 90), decoded) is None
    decoded.unreadable = decoded.lowest = decoded.highest = 80
    assert cover_page(Range(1, 90), decoded) == Range(80, 90)


def test_a_range_of_a_chat_whose_top_nobody_can_name_is_refused() -> None:
    source = MemorySource(range(1, 201), blind=frozenset({200, 199}))
    archive = MemoryArchive()
    report = asyncio.run(walk_span(source, archive, Limits(start=100)))
    assert (archive.asked, archive.stored) == ([], {})
    assert "newest message" in report.chats[0].error


def test_a_range_is_found_past_what_cannot_be_read() -> None:
    source = MemorySource(range(1, 201), unreadable=frozenset({200, 150}), blind=frozenset({101, 100}))
    archive = MemoryArchive()
    asyncio.run(walk_span(source, archive, Limits(start=100, end=181)))
    assert archive.asked == [Range(102, 180)]
    assert set(archive.unreadable) == {150}
    assert set(archive.stored) == set(range(102, 181)) - {150}
