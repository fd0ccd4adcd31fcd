"""`tobs export --dry-run`: what an export would take, as tables, one JSON document, or an event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tobs.cli.ask import unlock
from tobs.cli.screen import find_mode, open_screen
from tobs.cli.start import run_gracefully
from tobs.cli.stream import JsonLines
from tobs.cli.tables import clean_text, print_json, print_table
from tobs.core.forecast import ChatForecast, Forecast, KindForecast
from tobs.core.words import say_count, say_size

if TYPE_CHECKING:
    from tobs.core.request import ExportRequest
    from tobs.settings import Settings


def forecast(settings: Settings, request: ExportRequest, *, as_json: bool) -> int:
    """Ask Telegram, print what the export would take, and return the exit code."""
    from tobs.app import forecasting

    with open_screen(find_mode(settings), is_stream=not as_json) as screen:
        settings = unlock(settings)
        found = run_gracefully(lambda stop: forecasting.run_forecast(settings, request, screen.emit, stop))
    if as_json:
        print_json(found)
    elif not isinstance(screen, JsonLines):
        print_forecast(found)
    return found.exit_code


def print_forecast(found: Forecast) -> None:
    """Print a line for each chat, one for each kind of files, and the sums."""
    counted = [each for each in found.chats if not each.error]
    if counted:
        header = ("chat", "messages", "stored", "to fetch", "requests", "time", "with takeout", "media")
        print_table(header, [_describe_chat(each) for each in counted])
    if rows := [_describe_kind(chat, kind) for chat in counted for kind in chat.kinds]:
        print()
        print_table(("chat", "kind", "files", "size", "estimated from"), rows)
    print()
    for line in (*sum_up(found), *found.notes, *_list_notes(found)):
        print(clean_text(line))


def _describe_chat(chat: ChatForecast) -> tuple[str, ...]:
    counts = (chat.messages, chat.stored, chat.to_fetch, chat.requests)
    times = (say_about(chat.seconds), say_about(chat.seconds_takeout))
    media = "withheld" if chat.is_withheld else say_size(chat.media_bytes)
    return chat.title, *(f"{each:,}" for each in counts), *times, media


def _describe_kind(chat: ChatForecast, kind: KindForecast) -> tuple[str, ...]:
    files = f"{kind.files:,}" if kind.is_counted else f"~{kind.files:,}"
    if chat.is_withheld:
        return chat.title, kind.kind, files, "withheld", "the chat is protected"
    if not kind.sampled:
        return chat.title, kind.kind, files, "unknown", ""
    margin = f" ± {say_size(kind.margin_bytes)}" if kind.margin_bytes else ""
    sample = f"the newest {kind.sampled:,}" if kind.sampled < kind.files else "all of them"
    return chat.title, kind.kind, files, f"{say_size(kind.size_bytes)}{margin}", sample


def sum_up(found: Forecast) -> Iterator[str]:
    """Yield how many messages, how long and how much room all chats take, in sentences."""
    yield (
        f"To fetch: {say_count(found.to_fetch, 'message')} by {say_count(found.requests, 'request')}, about "
        f"{say_about(found.seconds)}; under takeout about {say_about(found.seconds_takeout)}, once Telegram allows it."
    )
    media = f" and {say_size(found.media_bytes)} for media" if found.media_bytes else ""
    yield (
        f"Disk: about {say_size(found.disk_bytes)} for archive and notes{media}; "
        f"{say_size(found.free_bytes)} free for {found.output}."
    )
    if found.disk_bytes > found.free_bytes:
        yield "That is more than is free."
    elif found.disk_bytes + found.media_bytes > found.free_bytes:
        yield "With all media that would be more than is free."
    yield "Counts are Telegram's own; sizes and times are estimates."


def _list_notes(found: Forecast) -> Iterator[str]:
    for chat in found.chats:
        for note in (*chat.notes, *([chat.error] if chat.error else ())):
            yield f"{chat.title}: {note}"


def say_about(seconds: int) -> str:
    """Return a duration with its one or two largest units: `45 s`, `12 min`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds} s"
    hours, rest = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{rest} min"
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"
