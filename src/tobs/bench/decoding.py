"""`tobs bench decode`: answers of the server from bytes to rows, beside what Telethon takes to read the same bytes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from telethon.extensions import BinaryReader

from tobs.archive.checks import ArchiveChecks
from tobs.bench.arms import Arm, ArmsResult, Plan, run_arms
from tobs.bench.prepared import prepared
from tobs.bench.telling import tell_work
from tobs.core.ports.proof import StoredAnswer
from tobs.core.ports.services import Emit
from tobs.telegram.decode import decode_page
from tobs.telegram.reader import PageReader

_PAGES = 50
"""How many answers are taken from the archive at once."""


async def run_decode_bench(messages: int, rounds: int, seed: int, emit: Emit) -> ArmsResult:
    """Decode every answer that an export kept, each way in one process and one thread.

    Telethon makes its objects of them; tobs makes the same objects by parsers of its own, and rows of those.
    """
    async with prepared(messages, seed, emit) as ready:
        arms = [
            Arm(name, ["-m", "tobs.bench.decoding", ready.archive, name], is_telling=True) for name in _WAYS
        ]
        plan = Plan("decode", arms, rounds, messages, "messages")
        return await run_arms(plan, ready.environment, ready.pool, emit)


def _read_by_telethon(answer: StoredAnswer) -> int:
    return len(BinaryReader(answer.raw).tgread_object().messages)


def _read_by_tobs(answer: StoredAnswer) -> int:
    return len(PageReader(answer.raw).tgread_object().messages)


def _decode_rows(answer: StoredAnswer) -> int:
    account, chat_id = answer.chat_key
    return len(decode_page(answer.raw, chat_id=chat_id, account=account, is_forum=False).rows)


_WAYS: dict[str, Callable[[StoredAnswer], int]] = {
    "objects by Telethon": _read_by_telethon,
    "objects by tobs": _read_by_tobs,
    "rows by tobs": _decode_rows,
}


def decode_all(path: Path, name: str) -> int:
    """Return how many messages the answers of an archive have, each decoded in that way."""
    return sum(map(_WAYS[name], _list_answers(path)))


def _list_answers(path: Path) -> Iterator[StoredAnswer]:
    checks = ArchiveChecks(path)
    try:
        after = 0
        while found := checks.answers(checks.chats(), after=after, limit=_PAGES):
            yield from found
            after = found[-1].id
    finally:
        checks.close()


if __name__ == "__main__":
    tell_work(lambda: decode_all(Path(sys.argv[1]), sys.argv[2]))
