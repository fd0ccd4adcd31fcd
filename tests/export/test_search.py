"""Searches over a chat that is only a set of ids: what matches is stored once, whatever pages are like."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from export.memory import MemoryArchive, MemorySource, NoNotes, NoPool, decode_ids
from tobs._util.clock import ManualClock
from tobs.app.exporting import start_report
from tobs.core.filters import Filter
from tobs.core.report import RunReport
from tobs.core.request import ExportRequest
from tobs.core.span import Limits
from tobs.export.engine import Engine
from tobs.export.pipeline import Bounds, Pipeline

IDS = st.sets(st.integers(1, 900), max_size=300)
KINDS = st.sets(st.sampled_from(["a", "bb", "ccc", "ddddd"]), min_size=1)
"""MemorySource finds the ids that can be divided by the length of the word."""


def search(
    source: MemorySource, archive: MemoryArchive, kinds: set[str], limits: Limits, *, requests: int = 4
) -> RunReport:
    pipeline = Pipeline(
        source=source,
        archive=archive,
        decoder=decode_ids,
        pool=NoPool(),
        clock=ManualClock(),
        emit=lambda _: None,
        bounds=Bounds(2, 2, requests),
    )
    report = start_report(pipeline.clock)
    request = ExportRequest(("chat",), Path(), filter=Filter(kinds=tuple(sorted(kinds))))
    asyncio.run(Engine(pipeline, cast("Any", NoNotes()), limits).run(request, report, asyncio.Event()))
    return report


def matching(ids: set[int], kinds: set[str]) -> list[int]:
    return [each for each in sorted(ids) if any(each % len(kind) == 0 for kind in kinds)]


@given(IDS, KINDS, st.integers(1, 100), st.integers(1, 400), st.integers(0, 600), st.integers(1, 6))
def test_a_search_within_ids_stores_what_matches_and_proves_nothing(
    ids: set[int], kinds: set[str], page_size: int, low: int, size: int, requests: int
) -> None:
    archive = MemoryArchive()
    limits = Limits(low=low, high=low + size)
    report = search(MemorySource(ids, page_size), archive, kinds, limits, requests=requests)
    wanted = [each for each in matching(ids, kinds) if low <= each <= low + size]
    assert sorted(archive.stored) == wanted
    assert (archive.covered, archive.asked) == ([], [])
    assert report.chats[0].searched is not None
    assert (report.chats[0].searched.found, report.chats[0].searched.is_whole) == (len(wanted), True)


@given(IDS, KINDS, st.integers(1, 100), st.integers(1, 250))
def test_the_newest_matches_of_several_searches_are_the_newest_of_all(
    ids: set[int], kinds: set[str], page_size: int, last: int
) -> None:
    archive = MemoryArchive()
    search(MemorySource(ids, page_size), archive, kinds, Limits(last=last))
    assert sorted(archive.stored) == matching(ids, kinds)[-last:]
    assert (archive.covered, archive.asked) == ([], [])
