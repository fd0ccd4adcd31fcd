"""The rules of core.telegram.org/api/offsets, as cases written from its text.

"Internally, such methods work with a list sorted by id in descending order. offset_id says where to start: the slice
holds the messages after (older than) it. add_offset is added to that position and may be negative. max_id and min_id
filter the slice that was cut, and do not move it."
"""

from dataclasses import dataclass

import pytest

from tobs.simulator.logs import Entry, WrittenLog
from tobs.simulator.pages import Window, cut, hash_ids

EMPTY = frozenset[int]()


def log_of(ids: list[int]) -> WrittenLog:
    """A log in which message n was sent at second 10 * n."""
    return WrittenLog([Entry(number, number * 10, b"", EMPTY) for number in ids])


def shown(log: WrittenLog, window: Window) -> list[int]:
    low, high = cut(log, window)
    return [log.id_at(rank) for rank in range(high - 1, low - 1, -1)]


TEN = log_of(list(range(1, 11)))
HOLEY = log_of([3, 4, 8, 20, 21, 22, 400])


@dataclass(frozen=True)
class Case:
    says: str
    window: Window
    expected: list[int]


CASES = [
    Case("no offset starts at the top", Window(limit=3), [10, 9, 8]),
    Case("offset_id itself is not shown", Window(offset_id=8, limit=3), [7, 6, 5]),
    Case("an offset above the top is the top", Window(offset_id=11, limit=2), [10, 9]),
    Case("far above the top too", Window(offset_id=2**31 - 1, limit=2), [10, 9]),
    Case("the end of the chat cuts the page", Window(offset_id=3, limit=5), [2, 1]),
    Case("nothing is older than the first", Window(offset_id=1, limit=5), []),
    Case("add_offset skips older ones", Window(offset_id=8, add_offset=2, limit=3), [5, 4, 3]),
    Case("add_offset works from the top", Window(add_offset=4, limit=3), [6, 5, 4]),
    Case("beyond the end there is nothing", Window(add_offset=10, limit=3), []),
    Case(
        "minus limit gives the newer ones with the offset",
        Window(offset_id=5, add_offset=-3, limit=3),
        [7, 6, 5],
    ),
    Case(
        "minus limit minus one leaves the offset out", Window(offset_id=5, add_offset=-4, limit=3), [8, 7, 6]
    ),
    Case(
        "half of limit puts the offset in the middle",
        Window(offset_id=5, add_offset=-2, limit=4),
        [6, 5, 4, 3],
    ),
    Case("places before the top stay empty", Window(offset_id=10, add_offset=-3, limit=4), [10, 9]),
    Case("wholly before the top is nothing", Window(offset_id=11, add_offset=-5, limit=5), []),
    Case("the oldest ones, from below", Window(offset_id=1, add_offset=-4, limit=4), [4, 3, 2, 1]),
    Case("one above the top, up to and with it", Window(offset_id=11, limit=100), list(range(10, 0, -1))),
    Case("offset_date is exclusive", Window(offset_date=50, limit=2), [4, 3]),
    Case("between two dates", Window(offset_date=55, limit=2), [5, 4]),
    Case("a date before all", Window(offset_date=10, limit=2), []),
    Case("a date after all", Window(offset_date=101, limit=2), [10, 9]),
    Case(
        "with date and add_offset, the newer ones", Window(offset_date=50, add_offset=-3, limit=3), [7, 6, 5]
    ),
    Case("an id counts before a newer date", Window(offset_id=3, offset_date=90, limit=2), [2, 1]),
    Case("an id counts before an older date", Window(offset_id=9, offset_date=30, limit=2), [8, 7]),
    Case("max_id is exclusive", Window(limit=100, max_id=3), [2, 1]),
    Case("min_id is exclusive", Window(limit=100, min_id=8), [10, 9]),
    Case("max_id filters after the cut", Window(limit=3, max_id=9), [8]),
    Case("max_id may leave nothing of the page", Window(limit=3, max_id=8), []),
    Case("min_id filters after the cut", Window(offset_id=6, limit=3, min_id=4), [5]),
    Case("min_id above the page leaves nothing", Window(offset_id=6, limit=3, min_id=9), []),
    Case("both filters", Window(limit=100, max_id=8, min_id=5), [7, 6]),
    Case("both filters that exclude each other", Window(limit=100, max_id=4, min_id=6), []),
    Case("a limit of 0 counts as 1", Window(limit=0), [10]),
    Case("a negative limit counts as 1", Window(limit=-5), [10]),
]

HOLEY_CASES = [
    Case("an offset in a hole starts below it", Window(offset_id=19, limit=2), [8, 4]),
    Case("add_offset counts messages, not ids", Window(offset_id=22, add_offset=1, limit=2), [20, 8]),
    Case("newer ones over a hole", Window(offset_id=22, add_offset=-2, limit=2), [400, 22]),
    Case("filters inside holes", Window(limit=100, max_id=399, min_id=5), [22, 21, 20, 8]),
    Case("nothing below a hole at the start", Window(offset_id=3), []),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_a_dense_chat_pages_by_the_documentation(case: Case) -> None:
    assert shown(TEN, case.window) == case.expected


@pytest.mark.parametrize("case", HOLEY_CASES, ids=lambda case: case.says)
def test_holes_in_the_ids_do_not_take_places_in_a_page(case: Case) -> None:
    assert shown(HOLEY, case.window) == case.expected


def test_a_page_has_at_most_a_hundred_messages() -> None:
    assert shown(log_of(list(range(1, 300))), Window(limit=10_000)) == list(range(299, 199, -1))


def test_an_empty_chat_has_empty_pages() -> None:
    assert shown(log_of([]), Window(offset_id=5, add_offset=-3)) == []


def test_messages_of_one_second_stay_together_at_a_date_offset() -> None:
    log = WrittenLog(
        [Entry(number, date, b"", EMPTY) for number, date in ((1, 5), (2, 9), (3, 9), (4, 9), (5, 11))]
    )
    assert shown(log, Window(offset_date=9)) == [1]
    assert shown(log, Window(offset_date=10)) == [4, 3, 2, 1]


def test_following_the_lowest_id_of_each_page_visits_every_message_once() -> None:
    log = log_of([number for number in range(1, 1000) if number % 7])
    seen: list[int] = []
    while page := shown(log, Window(offset_id=seen[-1] if seen else 0, limit=37)):
        seen += page
    assert seen == sorted(log.id_at(rank) for rank in range(len(log)))[::-1]


def test_the_hash_of_ids_follows_the_documented_steps() -> None:
    # Worked by hand: 0 -> +5; then 5 ^ 5<<35 = 0x2800000005, ^ >>4 = 0x2A80000005, +3.
    assert hash_ids([]) == 0
    assert hash_ids([5]) == 5
    assert hash_ids([5, 3]) == 0x2A80000008
    assert 0 <= hash_ids(range(10**6, 10**6 + 100)) < 2**64
