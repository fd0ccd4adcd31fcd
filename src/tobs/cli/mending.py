"""What `tobs archive repair` did, in words."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.cli.tables import clean_text
from tobs.core.repair import RepairReport
from tobs.core.words import say_count, say_list

_NAMED = 5
"""How many chats and sentences are told; `--json` has all chats."""


def print_repair(found: RepairReport) -> None:
    """Say what was damaged, and what became of it."""
    for each in _describe(found):
        print(clean_text(each))


def _describe(found: RepairReport) -> Iterator[str]:
    if found.is_sound and found.damaged_copy:
        yield f"The repair that was interrupted is finished; the damaged archive is .tobs/{found.damaged_copy}."
    if found.is_sound:
        yield "The archive is sound: nothing was changed."
        return
    yield f"The archive was damaged: {_say_first(found.damage.first, found.damage.count)}."
    yield ""
    yield f"Read: {_say_rows(found)}; {say_count(found.answers, 'answer')} of Telegram decoded."
    torn = [each.name for each in found.tables if not each.is_whole]
    if torn:
        yield f"Not everything could be read of: {say_list(torn)}."
    if found.messages:
        yield f"Written anew from the answers that they came in: {say_count(found.messages, 'message')}."
    if found.restored_chats:
        yield f"Known only by their messages: {_say_first(found.restored_chats, len(found.restored_chats))}."
    if found.quarantined:
        yield (
            f"Put aside, since nobody can read them: {say_count(len(found.quarantined), 'answer')},"
            f" in .tobs/{found.quarantine}."
        )
    if found.strangers:
        yield (
            f"Put aside, since their chat's number is damaged: {say_count(found.strangers, 'row')},"
            f" in .tobs/{found.quarantine}/rows.jsonl."
        )
    if found.kept:
        yield (
            f"Kept as they were read, without the answer that they came in: {say_count(found.kept, 'message')}."
            " Those that Telegram still has are backed again by the next export."
        )
    if found.uncovered:
        yield f"To be asked for again, which the next `tobs export` of these chats does: {_say_first(found.uncovered, len(found.uncovered))}."
    yield ""
    yield f"The archive is mended. The damaged one is kept as .tobs/{found.damaged_copy} until you delete it."
    yield "`tobs render` draws the notes again, `tobs verify` proves what is there."


def _say_rows(found: RepairReport) -> str:
    rows = {each.name: each.rows for each in found.tables}
    return say_list([say_count(rows["messages"], "message"), say_count(rows["versions"], "earlier version")])


def _say_first(sentences: list[str], count: int) -> str:
    more = f", and {count - _NAMED:,} more" if count > _NAMED else ""
    return "; ".join(each.rstrip(".") for each in sentences[:_NAMED]) + more
