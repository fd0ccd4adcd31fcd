"""A certificate as one page of text: what a person reads in 20 seconds, and may hand on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from tobs.cli.tables import clean_text, say_from
from tobs.core.certificate import (
    Certificate,
    Changes,
    ChatCertificate,
    Findings,
    MediaFound,
    NotesFound,
    ProcessedFound,
)
from tobs.core.coverage import Extent
from tobs.core.ranges import Range, count_ids
from tobs.core.words import say_count, say_list, say_size, say_some

_CHATS = 12
"""How many chats are shown; those with something to tell come first."""

_NAMED = 6

_EXTENTS: dict[Extent, str] = {
    "part": "asked for only in part",
    "search": "only searched",
    "none": "not asked for at all",
}


def print_certificate(found: Certificate, *, is_verbose: bool = False) -> None:
    """Print the certificate: the verdict, then each chat, then what was checked and when.

    Without `is_verbose` a chat of which nothing is to be told has one line.
    """
    print(_say_verdict(found))
    chats = sorted(found.chats, key=_is_sound)
    shown = chats[:_CHATS]
    short = [] if is_verbose else [each for each in shown if _is_plain(each)]
    for chat in shown:
        if chat not in short:
            print()
            _print_lines(_describe_chat(chat))
    print()
    _print_lines(map(_sum_up, short))
    if rest := chats[_CHATS:]:
        sound = sum(map(_is_sound, rest))
        print(f"… and {say_count(len(rest), 'more chat')}, {sound:,} of them sound; --json has them all")
    if short:
        print("More of each with -v.")
    _print_lines(_describe_archive(found))


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(clean_text(line))


def _is_sound(chat: ChatCertificate) -> bool:
    notes = chat.notes
    found = bool(chat.asked_server and chat.asked_server.found)
    is_lacking = found or bool(notes.missing or notes.outdated) or not chat.media.is_complete
    is_lacking = is_lacking or bool(chat.account.unbacked)
    return chat.account.tally.is_complete and not chat.damage.count and not is_lacking


def _is_plain(chat: ChatCertificate) -> bool:
    """Tell whether a chat is sound and whole, and Telegram was not asked about it."""
    notes, account = chat.notes, chat.account
    is_whole = account.extent == "whole" and not account.tally.hidden and not chat.checked.skipped
    made = chat.media.processed
    is_ours = not (notes.changed or notes.foreign or made.changed.count or made.missing.count)
    return _is_sound(chat) and is_whole and is_ours and chat.asked_server is None


def _sum_up(chat: ChatCertificate) -> str:
    """Return one line about a chat of which nothing is to be told."""
    parts = [say_count(chat.account.messages, "message"), say_count(chat.notes.intact, "note")]
    if chat.media.intact:
        parts.append(f"{say_count(chat.media.intact, 'file')} ({say_size(chat.media.size_bytes)})")
    return f"{chat.title or '(no name)'} ({chat.kind}, {chat.id}): {', '.join(parts)}, all sound"


def _say_verdict(found: Certificate) -> str:
    if found.is_damaged:
        return (
            "DAMAGED: something stored is not what it was. Delete a medium that is damaged, and `tobs export` brings it"
            " again; `tobs archive repair` mends the archive."
        )
    if not found.is_complete:
        return "INCOMPLETE: what is stored is intact, but something is missing."
    if found.extent == "whole" and not found.hidden:
        return "COMPLETE: every id is accounted for, and everything stored is intact."
    return _say_extent(found)


def _say_extent(found: Certificate) -> str:
    """Return what is to be said of a folder in which nothing is missing, though not all was asked for."""
    messages = say_count(sum(each.account.messages for each in found.chats), "message")
    if found.extent == "none":
        return "NOTHING ASKED FOR: no id of these chats was ever asked for, and no message is stored."
    if found.extent == "search":
        return f"ONLY SEARCH RESULTS ({messages}): nothing was asked for in full, so nothing is known of the rest."
    if len(found.chats) == 1 and not found.hidden:
        where = _say_asked(found.chats[0])
        return f"IN PART: complete {where}; the rest of the chat was not asked for."
    counts = Counter(each.account.extent for each in found.chats)
    words = [
        f"{counts[extent]:,} {'was' if counts[extent] == 1 else 'were'} {_EXTENTS[extent]}"
        for extent in _EXTENTS
        if counts[extent]
    ]
    parts = [f"of {say_count(len(found.chats), 'chat')} {say_list(words)}"] if words else []
    if found.hidden:
        parts.append(f"{say_count(found.hidden, 'id')} cannot be seen by the account that was used last")
    return f"IN PART: nothing is missing of what was asked for, and it is intact; but {', and '.join(parts)}."


def _say_asked(chat: ChatCertificate) -> str:
    """Return where a chat is complete that was asked for in part."""
    account = chat.account
    if account.threads:
        return f"in {_name_threads(chat)} and all else that was asked for"
    return f"from id {_say_ranges(account.asked)}"


def _name_threads(chat: ChatCertificate) -> str:
    threads = chat.account.threads
    noun = "topic" if chat.kind == "forum" else "thread"
    return f"{noun} {_say_first(map(str, threads), len(threads))}"


def _describe_chat(chat: ChatCertificate) -> Iterator[str]:
    account = chat.account
    yield f"{chat.title or '(no name)'} ({chat.kind}, {chat.id})"
    if account.extent == "search":
        yield f"  ids       none asked for: {say_count(account.messages, 'message')} found by search"
    elif account.extent == "none":
        yield "  ids       none asked for, and no message is stored"
    else:
        yield from _describe_ids(chat)
    if account.first_date is not None and account.last_date is not None:
        yield f"  dates     {_say_day(account.first_date)} to {_say_day(account.last_date)} (UTC)"
    yield f"  changes   {_say_changes(chat.changes)}"
    yield f"  checked   {_say_checked(chat)}"
    if chat.migrated_to:
        yield f"  notes     among those of the supergroup that it became ({chat.migrated_to})"
    else:
        yield from _describe_notes("  notes     ", chat.notes)
    yield from _describe_media("  media     ", chat.media)
    yield from _describe_asked(chat)
    yield from _describe_damage("  DAMAGED   ", chat.damage)


def _describe_ids(chat: ChatCertificate) -> Iterator[str]:
    account, tally = chat.account, chat.account.tally
    yield f"  ids       {_say_ranges(account.asked)}: {count_ids(account.asked):,} asked for"
    yield (
        f"            {tally.stored:,} stored, {tally.empty:,} empty{_say_proofs(chat)}, "
        f"{tally.unknown:,} unknown, {tally.unreadable:,} unreadable"
    )
    if account.extent == "part":
        only = f"; of the ids above only {_name_threads(chat)}, or a range" if account.threads else ""
        yield f"  in part   the rest of the chat was not asked for{only}"
    if tally.hidden:
        yield f"  hidden    {say_count(tally.hidden, 'id')} up to {account.hidden_to}, not visible to the account that was used last"
    if account.unbacked:
        yield f"  unbacked  {say_count(account.unbacked, 'message')} kept by a repair without the answer they came in; `tobs export` backs those that Telegram still has"
    if account.hole_count:
        yield f"  unknown   {_say_first(map(_say_range, account.holes), account.hole_count)}; `tobs export` fetches them"
    if tally.unreadable:
        named = _say_first(map(str, account.unreadable), tally.unreadable)
        yield f"  unreadable {named}; kept as Telegram sent them, a newer tobs asks for them again"


def _say_proofs(chat: ChatCertificate) -> str:
    empty, looked_up = chat.account.tally.empty, chat.account.empty_looked_up
    if not empty:
        return ""
    return f" ({empty - looked_up:,} left out of Telegram's lists, {looked_up:,} looked up by id)"


def _say_changes(changes: Changes) -> str:
    counts = f"{changes.edited:,} edited, {changes.deleted:,} deleted"
    if changes.known_from is None:
        return f"{counts} are known; down to where all are, no run has found out"
    return f"{counts}; known {say_from(changes.known_from)} as of {_say_moment(changes.known_at)}"


def _say_checked(chat: ChatCertificate) -> str:
    checked = chat.checked
    skipped = f"; {say_count(checked.skipped, 'answer')} of another layer skipped" if checked.skipped else ""
    return (
        f"{say_count(checked.messages, 'message')} and {say_count(checked.versions, 'earlier version')} "
        f"against {say_count(checked.answers, 'answer')} of Telegram{skipped}"
    )


def _describe_notes(head: str, notes: NotesFound) -> Iterator[str]:
    yield f"{head}{notes.intact:,} as the archive has them, {len(notes.changed):,} changed by you"
    for what, paths in (
        ("changed by you", notes.changed),
        ("missing, `tobs render` brings back", notes.missing),
        ("outdated, `tobs render` redraws", notes.outdated),
        ("not from tobs", notes.foreign),
    ):
        if paths:
            yield f"            {what}: {_say_first(paths, len(paths))}"


def _describe_media(head: str, media: MediaFound) -> Iterator[str]:
    missing, tally = media.missing, media.tally
    if media.intact or missing.count:
        yield f"{head}{say_count(media.intact, 'file')} as downloaded ({say_size(media.size_bytes)}), {missing.count:,} missing"
    if missing.count:
        yield f"            missing, `tobs export` brings back: {_say_first(missing.first, missing.count)}"
    yield from _describe_processed(" " * len(head), media.processed)
    if tally and not tally.is_complete:
        failed = sum(tally.failed.values())
        yield f"            not here yet, `tobs export` downloads: {tally.wanted:,} wanted, {failed:,} failed"


def _describe_processed(head: str, found: ProcessedFound) -> Iterator[str]:
    if found.intact or found.missing.count or found.changed.count:
        yield f"{head}{say_count(found.intact, 'processed file')} as made ({say_size(found.size_bytes)})"
    for what, which in (
        ("not as made", found.changed),
        ("missing, `tobs export --process` brings back", found.missing),
    ):
        if which.count:
            yield f"{head}{what}: {_say_first(which.first, which.count)}"


def _describe_asked(chat: ChatCertificate) -> Iterator[str]:
    asked = chat.asked_server
    if asked is None:
        return
    yield f"  Telegram  counts {say_count(asked.server_count or 0, 'message')} now; {chat.account.tally.stored:,} are stored"
    if asked.probed:
        yield f"  probed    {say_count(asked.probed, 'id')} by id, {asked.unprobed:,} empty ones left"
    if asked.found:
        yield f"  found     {_say_first(map(str, asked.found), len(asked.found))}: left out of Telegram's lists, stored now"


def _describe_damage(head: str, damage: Findings) -> Iterator[str]:
    for sentence in damage.first[:_NAMED]:
        yield f"{head}{sentence}"
    if damage.count > _NAMED:
        yield f"{head}and {damage.count - _NAMED:,} more"


def _describe_archive(found: Certificate) -> Iterator[str]:
    yield from _describe_damage("DAMAGED ", found.damage)
    for layer, library in sorted(found.other_layers.items()):
        yield f"Answers of layer {layer} were not checked: {library or 'another client'} reads them."
    index = found.index
    for what, paths in (("is missing", index.missing), ("is outdated", index.outdated)):
        if paths:
            yield f"{say_list(paths)} {what}; `tobs render` draws it."
    for what, paths in (("was changed by you", index.changed), ("is not from tobs", index.foreign)):
        if paths:
            yield f"{say_list(paths)} {what}."
    yield from _describe_media("Shared media: ", found.media)
    ran = f"last run {_say_moment(found.last_run)}" if found.last_run else "no run recorded"
    yield f"Verified by tobs {found.tobs_version} at {_say_moment(found.verified_at)}; {ran}."


def _say_ranges(ranges: Sequence[Range]) -> str:
    return _say_first(map(_say_range, ranges), len(ranges)) if ranges else "none"


def _say_range(span: Range) -> str:
    low, high = span
    return f"{low}" if low == high else f"{low} to {high}"


def _say_first(names: Iterable[str], count: int) -> str:
    return say_some(list(islice(names, _NAMED)), count)


def _say_day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _say_moment(moment: str) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC"
