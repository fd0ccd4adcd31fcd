"""`tobs bench search`: how long answers take, and what the index of words costs an export."""

from __future__ import annotations

import asyncio
import shutil
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tobs.archive.connect import archive_path
from tobs.archive.search import ArchiveSearch
from tobs.archive.store import open_archive
from tobs.bench.arms import Arm, ArmsResult, Plan, run_arms
from tobs.bench.prepared import prepared
from tobs.bench.telling import tell_work
from tobs.core.ports.services import Emit
from tobs.core.searching import Order, Scope, parse_query

_SEARCHES = 10
"""How often each process asks the same, on one connection that it opens."""

_INDEXING = "indexing"


class _Question(NamedTuple):
    words: str
    order: Order = "newest"


_QUESTIONS = {
    "reading every text": _Question("*zq*"),
    "a word of most texts": _Question("the"),
    "two words": _Question("harbour AND train"),
    "words in a row": _Question('"the next one"'),
    "words that begin so": _Question("har*"),
    "part of a word": _Question("*arbou*"),
    "the best first": _Question("harbour AND train", "best"),
    "a word that nobody wrote": _Question("xylophone"),
}


async def run_search_bench(messages: int, rounds: int, seed: int, emit: Emit) -> ArmsResult:
    """Ask an archive in each way, in turn with reading every text, and index all of it anew.

    The index is made in the same batches as while an export runs; its share is of the rest of that export's processor time.
    """
    async with prepared(messages, seed, emit) as ready:
        arms = [
            Arm(name, ["-m", "tobs.bench.searches", ready.archive, name], is_telling=True)
            for name in (*_QUESTIONS, _INDEXING)
        ]
        plan = Plan("search", arms, rounds, _SEARCHES, "searches")
        result = await run_arms(plan, ready.environment, ready.pool, emit)
        indexing = result.arms.pop()
        result.ratios.pop()
        asked = {each.name: 1000 * each.seconds / _SEARCHES for each in result.arms[1:]}
        result.figures = {
            "messages": messages,
            "slowest_ms": round(max(asked.values()), 2),
            "every_text_ms": round(1000 * result.arms[0].seconds / _SEARCHES, 2),
            "index_cpu_seconds": indexing.cpu_seconds,
            "index_share_pct": round(
                100 * indexing.cpu_seconds / (ready.first.cpu_seconds - indexing.cpu_seconds), 2
            ),
        }
        return result


def ask_often(path: Path, question: _Question) -> int:
    """Return how many searches were made."""
    query, scope = parse_query([question.words]), Scope(order=question.order)
    with closing(ArchiveSearch(path)) as search:
        for _ in range(_SEARCHES):
            search.find(query, scope)
    return _SEARCHES


async def _index_all(output: Path) -> int:
    archive = await open_archive(output, library="")
    try:
        return await archive.rebuild_index()
    finally:
        await archive.close()


def main(path: Path, name: str) -> None:
    """Do what an arm is about, and print what it took."""
    if name != _INDEXING:
        tell_work(lambda: ask_often(path, _QUESTIONS[name]))
        return
    with TemporaryDirectory(prefix="tobs-bench-") as folder:
        copy = archive_path(Path(folder))
        copy.parent.mkdir()
        shutil.copyfile(path, copy)
        tell_work(lambda: asyncio.run(_index_all(Path(folder))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
