"""The ranges that Telegram tells, whatever order and borders they come with."""

from __future__ import annotations

from telethon.tl import types as tl

from tobs.telegram.splits import list_splits


def bounds(*ranges: tuple[int, int]) -> list[tuple[int, int]]:
    return [(each.low, each.high) for each in list_splits([tl.MessageRange(*each) for each in ranges])]


def test_every_id_lies_in_one_range_whatever_the_server_leaves_between_them() -> None:
    found = bounds((501, 900), (3, 400), (1_000, 2_000))
    assert [low for low, _ in found] == [901, 401, 1]
    assert [high for _, high in found[1:]] == [900, 400]
    assert found[0][1] > 2**32


def test_one_range_is_everything_and_none_is_none() -> None:
    [(low, high)] = bounds((5, 6))
    assert low == 1
    assert high > 2**32
    assert bounds() == []
