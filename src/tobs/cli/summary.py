"""The end of a run in words that fit a screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tobs.cli.fitting import Listing, Page, crop_text
from tobs.cli.metrics import list_short
from tobs.cli.tables import clean_text, say_from
from tobs.core.report import ChatReport, MediaTally, ProcessReport, RenderReport, RunReport
from tobs.core.words import say_count, say_size, say_some
from tobs.errors import EXIT_DONE, EXIT_INCOMPLETE, EXIT_INTERRUPTED

_NAMED = 6
_REASONS = 2
_TITLE, _REASON = 48, 60
"""How many cells of each are shown."""


def print_run(report: RunReport, output: Path) -> None:
    """Say what was exported, what is missing, what to open, and how it went, on one screen."""
    new = sum(chat.new for chat in report.chats)
    found = [chat for chat in report.chats if chat.id]
    where = clean_text(str(output))
    page = Page(extras=list_short(report.metrics))
    page.head.append(
        f"{_judge(report)} after {report.duration_s:.1f} s: {say_count(new, 'new message')} in {say_count(len(found), 'chat')}, "
        f"{say_count(len(report.render.written), 'file')} written in {where}."
    )
    chats = sorted(report.chats, key=_is_fine)
    page.listings += [
        Listing("", [f"{crop_text(chat.title, _TITLE)}: {_describe_chat(chat)}" for chat in chats]),
        _list_also(report),
        *_list_files(report.render),
    ]
    page.tail += _say_processed(report.processed)
    if report.takeout == "used":
        page.tail.append("Fetched through a Telegram takeout.")
    elif report.takeout == "delayed":
        page.tail.append("Telegram did not allow a takeout in time, so this was fetched without one.")
    if report.exit_code == EXIT_INTERRUPTED:
        page.tail.append("Run the same command again to go on.")
    if new:
        index = clean_text(str(output / "Chats.md"))
        begin = "" if "Chats.md" in report.render.foreign else f", or begin with {index}"
        page.tail.append(f"Open {where} as a vault in Obsidian{begin}.")
    page.print()


def _list_also(report: RunReport) -> Listing:
    """Name the chats that this run did not name, and in which Telegram told of changes."""
    changed = report.account.also_changed if report.account else []
    return Listing(
        "In other chats of this folder Telegram told of changes:",
        [f"{each.title}: {each.edited:,} edited, {each.deleted:,} deleted" for each in changed],
    )


def print_render(report: RenderReport, output: Path) -> None:
    """Say which notes were made again."""
    page = Page(listings=[*_list_files(report)])
    page.head.append(
        f"{say_count(len(report.written), 'file')} written, {report.unchanged:,} unchanged, "
        f"{len(report.removed):,} removed in {clean_text(str(output))}."
    )
    page.print()


def _list_files(report: RenderReport) -> Iterator[Listing]:
    """Name the files that tobs left alone."""
    yield Listing("You changed these, so the new version stands beside each as `… (new).md`:", report.kept)
    yield Listing("You changed these, so they stay; tobs draws their messages elsewhere now:", report.left)
    yield Listing(
        "These are not from tobs and stand where it would write; they were left alone:", report.foreign
    )


def _say_processed(processed: ProcessReport | None) -> Iterator[str]:
    """Say what became of pictures and videos, the usual before the rare."""
    if processed is None:
        return
    parts = [f"{processed.made:,} made ({say_size(processed.made_bytes)})"] if processed.made else []
    counts = {"copied from another place": processed.copied, "there before": processed.there}
    parts += [f"{number:,} {what}" for what, number in counts.items() if number]
    for what, reasons in (("left as they are", processed.kept), ("failed", processed.failed)):
        if reasons:
            first = sorted(reasons, key=lambda each: -reasons[each])[:_REASONS]
            named = say_some([crop_text(each, _REASON) for each in first], len(reasons))
            parts.append(f"{sum(reasons.values()):,} {what} ({named})")
    rest = "; the next run goes on from there" if processed.is_interrupted else ""
    yield f"Pictures and videos processed: {', '.join(parts) or 'none'}{rest}."


def _judge(report: RunReport) -> str:
    words = {EXIT_DONE: "Done", EXIT_INCOMPLETE: "Done, with something missing,", EXIT_INTERRUPTED: "Stopped"}
    return words.get(report.exit_code, "Failed")


def _describe_chat(chat: ChatReport) -> str:
    if not chat.id:
        return clean_text(chat.error) or "stopped before it was looked up"
    stored = [] if chat.searched else [f"{chat.tally.stored:,} stored"]
    parts = [f"{chat.new:,} new", *stored, *_describe_range(chat)]
    if chat.edited:
        parts.append(f"{chat.edited:,} edited")
    if chat.deleted:
        parts.append(f"{chat.deleted:,} deleted")
    if chat.changes_known_from and chat.tally.stored > chat.new:
        parts.append(f"changes known {say_from(chat.changes_known_from)}")
    parts += [*_describe_gaps(chat), *_describe_media(chat.media)]
    if chat.error:
        parts.append(clean_text(chat.error))
    elif chat.is_interrupted:
        parts.append(
            "stopped, " + ("a search begins anew" if chat.searched else "the next run goes on from there")
        )
    elif chat.tally.is_complete and chat.media.is_complete and not chat.searched and not chat.left_out:
        parts.append(_say_complete(chat))
    return ", ".join(parts)


def _say_complete(chat: ChatReport) -> str:
    """Return of what it is that nothing is missing: a part, the rest of a chat, or all of it."""
    if chat.asked and chat.asked.is_part:
        return f"{'all else of ' * bool(chat.tally.hidden)}that part complete"
    return "all else complete" if chat.tally.hidden else "complete"


def _describe_media(media: MediaTally) -> Iterator[str]:
    """Yield what became of the files, those that were not chosen included: each of them is named in the notes."""
    if media.done:
        yield f"{say_count(media.done, 'file')} ({say_size(media.done_bytes)})"
    if failed := sum(media.failed.values()):
        reasons = sorted(media.failed, key=lambda each: -media.failed[each])
        yield f"{say_count(failed, 'file')} not to be had ({crop_text(reasons[0], _REASON)}{', …' if len(reasons) > 1 else ''})"
    if media.wanted:
        yield f"{say_count(media.wanted, 'file')} still to come"
    if media.not_selected:
        yield f"{say_count(media.not_selected, 'file')} not selected"
    if media.too_large:
        yield f"{say_count(media.too_large, 'file')} too large for your limit"
    if media.withheld:
        yield f"{say_count(media.withheld, 'file')} withheld by Telegram"


def _describe_gaps(chat: ChatReport) -> Iterator[str]:
    """Yield which of the ids asked for are neither stored nor empty."""
    if chat.tally.unknown:
        yield f"{say_count(chat.tally.unknown, 'id')} still unknown"
    if chat.tally.hidden:
        yield f"{say_count(chat.tally.hidden, 'id')} not visible to this account"
    if chat.tally.unreadable:
        named = say_some([str(each) for each in chat.unreadable[:_NAMED]], chat.tally.unreadable)
        yield f"{say_count(chat.tally.unreadable, 'message')} not readable by this version ({named})"


def _describe_range(chat: ChatReport) -> Iterator[str]:
    """Yield what part of the chat was asked for, unless it is all of it."""
    asked, searched = chat.asked, chat.searched
    if searched:
        what = f" ({', '.join([*searched.kinds, *(f'from {each}' for each in searched.senders)])})"
        yield f"{searched.found:,} found by search{what}, not a complete chat"
    elif chat.left_out:
        yield f"not asked for: {chat.left_out}"
    elif asked is None:
        if not (chat.error or chat.is_interrupted or chat.new or chat.same):
            yield "no message there to ask for"
    elif asked.is_part:
        days = f" from {asked.since}" * bool(asked.since) + f" until {asked.until}" * bool(asked.until)
        ids = f"id {asked.low}" if asked.low == asked.high else f"ids {asked.low} to {asked.high}"
        yield f"asked for {ids}{days}"


def _is_fine(chat: ChatReport) -> bool:
    return not chat.error and not chat.is_interrupted and chat.tally.is_complete and chat.media.is_complete
